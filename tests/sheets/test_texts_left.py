"""What a form shows as left from the date before: texts without a date, until they are changed."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.utils.cell import range_boundaries

from tests import small
from tests.forms import book_of, forms_of, places, saved
from tests.running import OPP, SENT, answer, round_in
from tests.sources import TEMPLATES, report_of
from xltiltak import flows
from xltiltak.intake.form_reader import RegisterForms
from xltiltak.intake.returned_file import Options, parse_return
from xltiltak.model.carried import texts_left
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.model.register import Register
from xltiltak.snapshot.hidden_sheet import SHEET_NAME

LEFT = {"Tomten er kjøpt.", "Holdt i mars."}
pytestmark = pytest.mark.usefixtures("bokmaal")


def shown_as_left(book: Workbook) -> dict[str, set[str]]:
    """Return the texts that the first sheet of a form shows in grey italics, by cell."""
    (sheet, *_), found = book.worksheets, dict[str, set[str]]()
    for cells in sheet.conditional_formatting:
        for rule in cells.rules:
            place = re.search(r"INDIRECT\(\"'(\w+)'!([^\"]+)\"\)=(\w+)\)", "".join(rule.formula))
            if place:
                left, first, right, last = range_boundaries(place[2])
                listed = book[place[1]].iter_rows(first, last, left, right, values_only=True)
                texts = {str(text) for row in listed for text in row if text is not None}
                assert rule.dxf.font.i
                assert str(cells.sqref).split(":")[0] == place[3]  # relative to the first cell
                left, first, right, last = range_boundaries(str(cells.sqref))
                for row in sheet.iter_rows(first, last, left, right):
                    found |= {cell.coordinate: texts for cell in row}
    return found


def says_so(book: Workbook, language: str = "nb") -> bool:
    """Return True if the instructions of a form say what grey italics are."""
    text = translate("sheet.left", language)
    return any(text in str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row)


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_text_that_is_left_is_shown_so(template: str) -> None:
    report = report_of(template)
    report = report.with_open_date(report.head.dates[-1]) if report.head.dates else report
    for area, form in forms_of(report).items():
        part, book = report.parts()[area], book_of(form)
        sheet, shown = book.worksheets[0], shown_as_left(book)
        cells = [sheet.cell(*at) for slot in texts_left(part) for at in places(part)[slot]]
        filled = [cell for cell in cells if cell.value is not None]
        assert all(cell.value in shown[cell.coordinate] for cell in filled)
        assert says_so(book) or not filled


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_the_instructions_say_it_in_the_language_of_the_form(tmp_path: Path, spoken: str) -> None:
    report = small.report(tmp_path)
    report = replace(report, head=replace(report.head, language=spoken))
    assert says_so(book_of(forms_of(report)["OPP"]), spoken)


def test_nothing_is_left_at_the_first_date(tmp_path: Path) -> None:
    report = small.report(tmp_path).with_open_date(small.DATES[0])
    book = book_of(forms_of(report)["OPP"])
    assert not shown_as_left(book)
    assert not says_so(book)


def test_an_answer_of_this_date_is_not_left_when_the_form_goes_out_again(tmp_path: Path) -> None:
    folder = round_in(tmp_path)
    assert set.union(*shown_as_left(book_of((folder / OPP).read_bytes())).values()) == LEFT
    answer(folder, "OPP-001", "Muren er reist.", heading=small.REMARK)
    flows.merge([folder / OPP], folder / "vedlegg.xlsx", plan=folder / SENT)
    flows.split(folder / "vedlegg.xlsx", folder / "på nytt")
    again = book_of((folder / "på nytt" / Path(OPP).name).read_bytes())
    assert set.union(*shown_as_left(again).values()) == LEFT - {"Tomten er kjøpt."}


def test_an_answer_of_this_date_is_not_left_in_a_correction_form(tmp_path: Path) -> None:
    folder = round_in(tmp_path)
    answer(folder, "OPP-001", "Muren er reist.", heading=small.REMARK)
    answer(folder, "OPP-002", 7)
    options = Options(corrections_folder=folder / "rettes")
    flows.check([folder / OPP], plan=folder / SENT, options=options)
    (correction,) = (folder / "rettes").iterdir()
    book = book_of(correction.read_bytes())
    book.move_sheet(book["Oppvekst"], -len(book.worksheets))
    assert set.union(*shown_as_left(book).values()) == LEFT - {"Tomten er kjøpt."}


def test_the_instructions_are_ours_also_to_a_plan_without_the_texts(tmp_path: Path) -> None:
    report = small.report(tmp_path)
    book = book_of(forms_of(report)["OPP"])
    del book[SHEET_NAME]
    emptied = {slot: value for slot, value in report.values.items() if slot.field != "remark"}
    plan = RegisterForms(Register(replace(report, values=emptied)))
    read = parse_return("svar.xlsx", saved(book), plan)
    assert [found.code for found in read.all_findings()] == []
