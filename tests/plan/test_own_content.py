"""Columns and sheets of the coordinator's own are kept; what cannot be kept is told."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests import small
from tests.forms import book_of, rows_of, saved
from tests.plan.test_plan import edited, plan, row_of
from tests.sources import TEMPLATES
from tests.sources import small as small_plan
from xltiltak import flows
from xltiltak.model.cell_values import CellValue
from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.plan.own_cells import is_note
from xltiltak.plan.plan_changes import plan_changes
from xltiltak.plan.plan_reader import read_appendix
from xltiltak.sheets.appendix import write_appendix
from xltiltak.templates import catalogue

__all__ = ["plan"]  # the fixture

NAME = 3  # column of the names
# What is typed in a row below the table, by column; is it a note and not a measure?
NOTES: list[tuple[dict[int, CellValue], bool]] = [
    ({3: "Svømmekurs for alle"}, False),
    ({3: "Husk: ring Siv"}, True),
    ({3: "HUSK! Ring Siv"}, True),
    ({3: "OBS – ikke vedtatt"}, True),
    ({3: "Husk å ringe"}, False),
    ({3: "Huskestuer i parken: bygge fire"}, False),
    ({3: "Notat: til møtet"}, True),
    ({3: "Kom ihåg: ring Siv"}, True),
    ({3: "Note: call Siv"}, True),
    ({3: "* Vedtatt i mai"}, True),
    ({3: "Sum"}, True),
    ({3: "Sum:"}, True),
    ({3: "Summere budsjettet"}, False),
    ({3: "Gjennomsnitt"}, True),
    ({2: "Se vedtak 12/20"}, True),
    ({2: 9}, True),
    ({7: "Ring Siv om dette"}, True),
    ({2: 4, 3: "Husk: ring Siv"}, False),
    ({3: "Nytt tiltak", 7: "Vedtatt i mai"}, False),
    ({}, False),
]


@pytest.mark.parametrize(("cells", "expected"), NOTES)
def test_a_note_below_a_table_is_told_apart_from_a_measure(
    cells: dict[int, CellValue], *, expected: bool
) -> None:
    assert is_note(cells, {NAME}) == expected


def test_a_note_is_quoted_and_is_no_measure(plan: Report) -> None:
    def edit(book: Any) -> None:
        sheet = book["Oppvekst"]
        sheet.cell(sheet.max_row + 3, NAME, "Husk: ring Siv")

    register = edited(plan, edit)
    assert register.report == plan
    assert [(f.code, f.values["reason"], f.values["value"]) for f in register.findings] == [
        ("S119", "plan_note", "Husk: ring Siv")
    ]


def with_own_content(book: Any) -> None:
    """Add two own columns, one with a formula, and a sheet."""
    sheet = book["Oppvekst"]
    head, first, third = (row_of(sheet, key) for key in ("@head", "OPP-001", "OPP-003"))
    sheet.cell(head, 12, "Budsjett")
    sheet.cell(first, 12, 250)
    sheet.cell(third, 12, 0.85).number_format = "0 %"
    sheet.cell(head, 13, "Avtalt")
    sheet.cell(third, 13, datetime(2020, 5, 4))  # noqa: DTZ001
    notes = book.create_sheet("Mine notater")
    notes["B2"] = "Avtalt med rådmannen"
    notes["C4"] = 12.5


def own_cells(content: bytes) -> list[tuple[str, str, Any]]:
    """Return the row key, heading and value of the own cells on a plan's first area sheet."""
    sheet = book_of(content)["Oppvekst"]
    head = rows_of(sheet)["@head"]
    labels = {cell.column: cell.value for cell in sheet[head]}
    return [
        (str(sheet.cell(cell.row, 1).value), str(labels[cell.column]), cell.value)
        for row in sheet.iter_rows(min_row=head + 1)
        for cell in row
        if labels.get(cell.column) in ("Budsjett", "Avtalt") and cell.value is not None
    ]


OWN = [
    ("OPP-001", "Budsjett", 250),
    ("OPP-003", "Budsjett", 0.85),
    ("OPP-003", "Avtalt", datetime(2020, 5, 4)),  # noqa: DTZ001
]


def test_own_columns_and_sheets_come_back_with_the_same_bytes(plan: Report) -> None:
    register = edited(plan, with_own_content)
    assert register.report == plan
    assert not register.findings
    written = write_appendix(register)
    assert own_cells(written) == OWN
    notes = book_of(written)["Mine notater"]
    assert (notes["B2"].value, notes["C4"].value) == ("Avtalt med rådmannen", 12.5)
    again = read_appendix(written)
    assert again.own == register.own
    assert write_appendix(again) == written
    resaved = read_appendix(saved(book_of(written)))
    assert (resaved.own, resaved.findings) == (register.own, ())
    assert write_appendix(resaved) == written


def test_new_own_columns_and_sheets_are_listed_once(plan: Report) -> None:
    register = edited(plan, with_own_content)
    found = plan_changes(register.written, register)
    assert [(change.kind, change.what) for change in found] == [
        ("own_column", "Budsjett"),
        ("own_column", "Avtalt"),
        ("own_sheet", "Mine notater"),
    ]
    resaved = read_appendix(saved(book_of(write_appendix(register))))
    assert plan_changes(resaved.written, resaved) == ()


def test_own_values_follow_their_measure(plan: Report) -> None:
    """The visible columns are sorted, and a measure is added and another removed."""

    def edit(book: Any) -> None:
        with_own_content(book)
        sheet = book["Oppvekst"]
        first, third = row_of(sheet, "OPP-001"), row_of(sheet, "OPP-003")
        cells = [[cell.value for cell in sheet[row]] for row in (first, third)]
        for row, values in ((first, cells[1]), (third, cells[0])):
            for col, value in enumerate(values[1:], 2):
                sheet.cell(row, col).value = value
        end = sheet.max_row + 1
        sheet.cell(end, NAME, "Svømmekurs for alle")
        sheet.cell(end, 12, 900)
        sheet.delete_rows(row_of(sheet, "OPP-002"))

    written = write_appendix(edited(plan, edit))
    assert {(key, heading) for key, heading, _ in own_cells(written)} == {
        ("OPP-001", "Budsjett"),
        ("OPP-003", "Budsjett"),
        ("OPP-003", "Avtalt"),
        ("OPP-004", "Budsjett"),
    }


def test_own_content_is_in_no_form_letter_or_report(plan: Report, tmp_path: Path) -> None:
    from xltiltak.publishing import publication

    book = openpyxl.load_workbook(BytesIO(write_appendix(Register(plan))))
    with_own_content(book)
    book["Oppvekst"].cell(row_of(book["Oppvekst"], "OPP-002"), 12, "hemmelig-ord")
    book["Mine notater"]["A9"] = "hemmelig-ark"
    path = tmp_path / "p.xlsx"
    book.save(path)
    sent = flows.split(path, tmp_path / "ut", day=small.LAST, mail=True)
    merged = flows.merge([tmp_path / "ut"], tmp_path / "v.xlsx", plan=sent.written[-1])
    targets = [tmp_path / f"r.{end}" for end in ("html", "xlsx", "json", "csv", "docx")]
    publication.publish(publication.prepare(merged.written[0], targets=targets), targets)
    kept = {sent.written[-1], merged.written[0]}
    for file in {*sent.written, *merged.written, *targets}:
        words = _words(file)
        assert ("hemmelig-ord" in words) == (file in kept), file
        assert ("hemmelig-ark" in words) == (file in kept), file


def _words(file: Path) -> str:
    """Return everything in a file, of a zip everything in its parts."""
    from zipfile import ZipFile, is_zipfile

    if not is_zipfile(file):
        return file.read_bytes().decode("utf-8", "replace")
    with ZipFile(file) as parts:
        return "\n".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())


def test_own_formulas_are_kept_as_values_and_told(plan: Report) -> None:
    def edit(book: Any) -> None:
        with_own_content(book)
        sheet = book["Oppvekst"]
        sheet.cell(row_of(sheet, "OPP-002"), 12, "=L14*2")  # saved without a value

    found = edited(plan, edit).findings
    assert {(f.code, f.values["value"].rpartition(" ")[2]) for f in found} == {("S119", "=L14*2")}


@pytest.mark.parametrize(
    ("key", "col", "is_told"), [("@title", 6, True), ("@head", 3, True), ("@head", 12, False)]
)
def test_words_outside_the_fields_are_quoted(
    plan: Report, key: str, col: int, *, is_told: bool
) -> None:
    def edit(book: Any) -> None:
        book["Oppvekst"].cell(row_of(book["Oppvekst"], key), col, "Mine ord")

    found = [f.values["value"] for f in edited(plan, edit).findings if f.code == "S119"]
    assert found == (["Mine ord"] if is_told else [])


def test_a_renamed_tab_and_hidden_rows_are_told(plan: Report) -> None:
    def edit(book: Any) -> None:
        sheet = book["Oppvekst"]
        sheet.title = "Oppvekst (Per)"
        sheet.row_dimensions[row_of(sheet, "OPP-002")].hidden = True

    register = edited(plan, edit)
    assert register.report == plan
    assert [(f.severity, f.values["reason"]) for f in register.findings] == [
        ("note", "plan_tab"),
        ("note", "plan_hidden"),
    ]


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_plan_of_any_template_has_nothing_lost_when_it_is_saved_again(template: str) -> None:
    report = small_plan(catalogue.find(template))
    for one in (report, report.with_open_date(max(report.head.dates))):
        register = read_appendix(saved(book_of(write_appendix(Register(one)))))
        assert [f for f in register.findings if f.code == "S119"] == []
        assert not register.own.columns
        assert not register.own.sheets


@pytest.mark.parametrize("template", TEMPLATES)
def test_an_own_column_is_kept_on_tables_and_cards(template: str) -> None:
    report = small_plan(catalogue.find(template))

    def type_beside(sheet: Worksheet) -> int:
        """Type a text beside every row with a key, and return how many."""
        texts = 0
        for key, row in rows_of(sheet).items():
            if key.split("|")[0].split("/")[-1] in report.by_ref:
                sheet.cell(row, 30, f"mitt-{key}")
                texts += 1
        return texts

    book = book_of(write_appendix(Register(report)))
    sheet = next(s for s in book if "@code" in rows_of(s))
    count = type_beside(sheet)
    register = read_appendix(saved(book))
    written = book_of(write_appendix(register))
    own = [
        (row[0].value, cell.value)
        for sheet in written
        if sheet.sheet_state == "visible"
        for row in sheet.iter_rows()
        for cell in row
        if str(cell.value).startswith("mitt-")
    ]
    assert len(own) == count
    assert all(value == f"mitt-{key}" for key, value in own)
    assert register.report.values == report.values
