"""Struck, merged and coloured cells: what does not stand is not taken, and is always told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.colors import Color
from openpyxl.worksheet.worksheet import Worksheet

from tests.conservation import ROUNDS, answered
from tests.forms import book_of, forms_of, message_to, places, retyped, saved, sent_in, typed
from tests.merging.test_merge import (
    APRIL,
    FIRST,
    REPORT,
    ROWS,
    SAM,
    SECOND,
    THIRD,
    merged,
    remark,
    reread,
    status,
    told,
)
from tests.raw import zipped
from tests.sources import TEMPLATES
from xltiltak.intake.returned_file import parse_return
from xltiltak.layout.geometry import FILLS
from xltiltak.merging.merge import merge
from xltiltak.model.colours import colour_name
from xltiltak.model.finding import Finding
from xltiltak.model.register import Register
from xltiltak.model.report import Slot
from xltiltak.model.template import Field, Step
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.sheet_reader import read_sheets

STATUS, REMARK = 5, 6  # columns
STRUCK = InlineFont(strike=True)
Edit = Callable[[Worksheet], object]


def edited(*edits: Edit, content: bytes = SAM) -> bytes:
    """Return a form after some edits of its sheet."""
    with retyped(content) as (sheet, target):
        for edit in edits:
            edit(sheet)
    return target.getvalue()


def typing(ref: str, col: int, raw: Any, **looks: Any) -> Edit:
    """Return an edit that types into a cell of a measure and gives the cell these looks."""

    def edit(sheet: Worksheet) -> None:
        cell: Any = sheet.cell(ROWS[ref], col)
        cell.value = raw
        for name, look in looks.items():
            setattr(cell, name, look)

    return edit


def striking(ref: str, *cols: int) -> Edit:
    """Return an edit that strikes out cells as they are."""

    def edit(sheet: Worksheet) -> None:
        for col in cols:
            sheet.cell(ROWS[ref], col).font = Font(strike=True)

    return edit


def merging(first: str, first_col: int, last: str, last_col: int) -> Edit:
    """Return an edit that merges cells; what the others had is gone, as in Excel."""
    return lambda sheet: sheet.merge_cells(None, ROWS[first], first_col, ROWS[last], last_col)


def cell(ref: str, col: int) -> str:
    return f"{'ABCDEFGH'[col - 1]}{ROWS[ref]}"


def facts(findings: Sequence[Finding]) -> list[tuple[str, str, str, str]]:
    """Return of each finding the cell, the severity, the reason and what it quotes."""
    return [
        (f.place.cell, f.severity, f.values.get("reason", ""), f.values.get("value", ""))
        for f in findings
    ]


# Struck out


def test_struck_words_are_not_taken_and_are_quoted() -> None:
    text = CellRichText(TextBlock(STRUCK, "Vi rakk det ikke."), " Alt er ferdig.")
    register = merged(edited(typing(FIRST, REMARK, text)))
    assert register.report.values[remark()] == "Alt er ferdig."
    at = cell(FIRST, REMARK)
    assert facts(told(register, "V112")) == [(at, "warning", "struck_words", "Vi rakk det ikke.")]


def test_a_status_with_a_struck_digit_is_the_other_one() -> None:
    register = merged(edited(typing(FIRST, STATUS, CellRichText(TextBlock(STRUCK, "3"), "4"))))
    assert register.report.values[status()] == 4
    assert facts(told(register, "V112")) == [(cell(FIRST, STATUS), "note", "struck_words", "3")]


@pytest.mark.parametrize(
    ("col", "raw", "slot"), [(STATUS, 4, status()), (REMARK, "Ferdig i mai", remark())]
)
def test_a_struck_answer_is_an_error_and_what_was_sent_stays(
    col: int, raw: object, slot: Slot
) -> None:
    register = merged(edited(typing(FIRST, col, raw, font=Font(strike=True))))
    assert register.report.values.get(slot) == REPORT.values.get(slot)
    assert facts(told(register, "V112")) == [(cell(FIRST, col), "error", "struck_answer", str(raw))]
    assert slot not in {Slot(f.ref, f.field, f.date) for f in told(register, "V102")}


def test_a_text_that_is_struck_as_it_was_sent_is_an_error_too() -> None:
    register = merged(edited(striking(FIRST, REMARK)))
    assert register.report.values[remark()] == "Tomt kjøpt"
    at = cell(FIRST, REMARK)
    assert facts(told(register, "V112")) == [(at, "error", "struck_answer", "Tomt kjøpt")]


def test_a_struck_answer_can_be_settled_by_another_form() -> None:
    struck = edited(typing(FIRST, STATUS, 4, font=Font(strike=True)))
    register = merged(struck, edited(typing(FIRST, STATUS, 5)))
    assert register.report.values[status()] == 5
    assert [finding.severity for finding in told(register, "V112")] == ["note"]


def test_a_struck_measure_is_told_once_and_its_answers_are_not_taken() -> None:
    register = merged(
        edited(typing(SECOND, STATUS, 4), striking(SECOND, 2, 3, 4, STATUS)),
    )
    assert status(SECOND) not in register.report.values
    row = "2 · Rydde parken ved elva · 3"
    assert facts(told(register, "V112")) == [
        (cell(SECOND, STATUS), "error", "struck_answer", "4"),
        (cell(SECOND, 3), "warning", "struck_row", row),
    ]


def test_a_struck_earlier_status_is_told_as_a_locked_text() -> None:
    register = merged(edited(striking(FIRST, 4)))
    assert facts(told(register, "V112")) == [(cell(FIRST, 4), "warning", "struck_beside", "2")]
    assert register.report.values[status(day=APRIL)] == 2


def test_struck_words_beside_the_fields_are_told_with_what_stands() -> None:
    beside = CellRichText("Ring ", TextBlock(STRUCK, "meg"))
    register = merged(edited(typing(FIRST, 9, beside)))
    assert [finding.values["value"] for finding in told(register, "S108")] == ["Ring"]
    assert facts(told(register, "V112")) == [(f"I{ROWS[FIRST]}", "note", "struck_beside", "meg")]


def test_struck_words_of_a_message_are_told() -> None:
    content = typed(SAM, {message_to(SAM): "Takk"})
    (at,) = places(sent_in(SAM))[message_to(SAM)]
    with retyped(content) as (sheet, target):
        sheet.cell(*at).font = Font(strike=True)
    register = merged(target.getvalue())
    assert [finding.values["value"] for finding in told(register, "M107")] == ["Takk"]
    assert [finding.values["value"] for finding in told(register, "V112")] == ["Takk"]


def test_a_struck_new_measure_is_told_and_its_struck_values_are_not_proposed() -> None:
    def edit(sheet: Worksheet) -> None:
        below = sheet.max_row + 1
        for col, raw in ((3, "Et nytt tiltak"), (STATUS, 4)):
            sheet.cell(below, col).value = raw
        sheet.cell(below, STATUS).font = Font(strike=True)

    received = parse_return("a.xlsx", edited(edit))
    proposals = [p for s in received.submissions for p in s.proposals]
    assert [value for p in proposals for _, _, value in p.values] == ["Et nytt tiltak"]
    codes = [finding.code for finding in received.all_findings()]
    assert {"S104", "V112"} <= {*codes}


# Merged


def test_a_merged_remark_counts_for_the_first_measure_and_names_the_others() -> None:
    register = merged(
        edited(typing(FIRST, REMARK, "Gjelder alle"), merging(FIRST, REMARK, THIRD, REMARK))
    )
    assert register.report.values[remark()] == "Gjelder alle"
    (finding,) = told(register, "S113")
    assert facts([finding]) == [(cell(FIRST, REMARK), "warning", "merged_shown", "Gjelder alle")]
    assert finding.values["merged"] == f"F{ROWS[FIRST]}:F{ROWS[THIRD]}"
    assert "Tiltak 2" in finding.values["others"]
    assert "Tiltak 3" in finding.values["others"]


def test_what_a_merge_has_covered_keeps_the_sent_value() -> None:
    register = merged(edited(merging(FIRST, STATUS, FIRST, REMARK)))
    assert register.report.values[remark()] == "Tomt kjøpt"
    assert told(register, "V111") == []
    assert [finding.values["reason"] for finding in told(register, "S113")] == ["merged_blank"]


def test_an_empty_status_below_a_merge_says_so() -> None:
    register = merged(edited(typing(FIRST, STATUS, 4), merging(FIRST, STATUS, SECOND, STATUS)))
    (empty,) = (f for f in told(register, "V102") if f.ref == SECOND)
    assert empty.values["reason"] == "merged_empty"
    assert empty.place == ("a.xlsx", "Samfunn", cell(SECOND, STATUS))


def hidden(sheet: Worksheet) -> None:
    """Merge two cells of which the second has an answer, as LibreOffice can."""
    sheet.merge_cells(None, ROWS[FIRST], STATUS, ROWS[FIRST], REMARK)
    raw: Any = sheet._cells
    raw[ROWS[FIRST], REMARK] = Cell(sheet, ROWS[FIRST], REMARK, "Ingen ser dette")


def test_an_answer_that_nobody_sees_is_not_taken() -> None:
    register = merged(edited(hidden))
    assert register.report.values[remark()] == "Tomt kjøpt"
    (finding,) = told(register, "S113")
    at = cell(FIRST, REMARK)
    assert facts([finding]) == [(at, "error", "merged_hidden", "Ingen ser dette")]


def test_a_merge_that_covers_no_answer_is_not_told() -> None:
    register = merged(edited(lambda sheet: sheet.merge_cells("B1:D1"), merging(FIRST, 8, THIRD, 9)))
    assert told(register, "S113") == []


def test_ranges_without_end_take_no_time() -> None:
    markup = "<mergeCells>" + '<mergeCell ref="B1:XFD1048576"/>' * 3 + "</mergeCells><pageMargins"
    with ZipFile(BytesIO(SAM)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace(b"<pageMargins", markup.encode(), 1)
    assert told(merged(zipped(parts)), "S113")


def test_a_merge_over_given_texts_names_them() -> None:
    register = merged(edited(merging(FIRST, 3, SECOND, 3)))
    (finding,) = told(register, "S113")
    assert "Tiltak 2 Rydde parken ved elva · Tiltak" in finding.values["others"]
    assert finding.values["value"] == "Bygge ny skole på Nes"


# Coloured


@pytest.mark.parametrize(
    ("fill", "name"),
    [
        ("FF0000", "red"),
        ("FFC7CE", "red"),
        ("C00000", "red"),
        ("FFC000", "yellow"),
        ("F4B084", "orange"),
        ("833C0B", "brown"),
        ("FFFF00", "yellow"),
        ("FFEB9C", "yellow"),
        ("00B050", "green"),
        ("92D050", "green"),
        ("C6EFCE", "green"),
        ("00B0F0", "blue"),
        ("0070C0", "blue"),
        ("BDD7EE", "blue"),
        ("7030A0", "purple"),
        ("FF00FF", "pink"),
        ("808080", "grey"),
        ("D9D9D9", "grey"),
        ("000000", "black"),
        ("accent6", "other"),
    ],
)
def test_a_colour_has_its_usual_name(fill: str, name: str) -> None:
    assert colour_name(fill) == name


def fill(colour: str) -> PatternFill:
    return PatternFill("solid", fgColor=colour)


def test_an_empty_status_that_is_coloured_says_so() -> None:
    register = merged(edited(typing(FIRST, STATUS, None, fill=fill("FF00B050"))))
    (empty,) = (f for f in told(register, "V102") if f.ref == FIRST)
    assert "farget grønn" in empty.message("nb")
    assert empty.place.cell == cell(FIRST, STATUS)
    assert status() not in register.report.values


def test_an_empty_step_that_is_coloured_is_told_also_if_it_need_not_be_chosen() -> None:
    steps = (Step("rask", "Raskt"), Step("sein", "Seint"))
    field = Field("tempo", "Tempo", "choice", scale="tempo", role="input")
    scales = {**REPORT.template.scales, "tempo": steps}
    template = replace(REPORT.template, fields=(*REPORT.template.fields, field), scales=scales)
    plan = replace(REPORT, template=template)
    form, tempo = forms_of(plan)["SAM"], Slot(FIRST, "tempo")
    at = places(sent_in(form))[tempo][0]
    with retyped(form) as (sheet, target):
        sheet.cell(at.row, at.col).fill = fill("FF00B050")
    register = merge(Register(plan), [parse_return("a.xlsx", target.getvalue())])
    (told_of,) = [f for f in register.findings if f.field == "tempo"]
    assert (told_of.code, told_of.severity) == ("V102", "note")
    assert told_of.values["reason"] == "coloured_green"


def test_the_hidden_row_keys_are_not_told_as_struck() -> None:
    found = parse_return("a.xlsx", edited(striking(FIRST, 1, 3))).all_findings()
    (row,) = [finding for finding in found if finding.code == "V112"]
    assert FIRST not in row.values["value"]


def test_a_colour_of_the_theme_has_a_name() -> None:
    green = PatternFill("solid", fgColor=Color(theme=6, tint=0.4))  # accent3 of the theme we write
    register = merged(edited(typing(FIRST, STATUS, None, fill=green)))
    (empty,) = (f for f in told(register, "V102") if f.ref == FIRST)
    assert empty.values["reason"] == "coloured_green"


def test_a_coloured_cell_with_an_answer_is_not_told() -> None:
    register = merged(edited(typing(FIRST, STATUS, 4, fill=fill("FF00B050"))))
    assert FIRST not in {finding.ref for finding in told(register, "V102")}
    assert register.report.values[status()] == 4


def test_a_colour_is_not_told_when_another_form_has_the_answer() -> None:
    coloured = edited(typing(FIRST, STATUS, None, fill=fill("FF00B050")))
    register = merged(coloured, edited(typing(FIRST, STATUS, 4)))
    assert FIRST not in {finding.ref for finding in told(register, "V102")}
    again = merge(reread(merged(coloured)), [])
    assert told(again, "V102") == told(merged(coloured), "V102")


# All templates


@pytest.mark.parametrize("template", TEMPLATES)
def test_struck_answers_are_never_taken(template: str) -> None:
    plan, answers = ROUNDS[template]
    book = book_of(answered(template))
    sheet = book.worksheets[0]
    for slot, cells in places(plan).items():
        if slot in answers:
            for at in cells:
                sheet.cell(*at).font = Font(strike=True)
    register = merge(Register(plan), [parse_return("a.xlsx", saved(book))])
    assert not any(register.report.values.get(slot) for slot in answers)
    about = {Slot(f.ref, f.field, f.date) for f in told(register, "V112")}
    assert {slot for slot, value in answers.items() if value not in ("", ())} <= about


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_form_as_it_was_sent_has_no_marks(template: str) -> None:
    plan, _ = ROUNDS[template]
    for form in forms_of(plan).values():
        codes = {finding.code for finding in parse_return("a.xlsx", form).all_findings()}
        assert not codes & {"S111", "S112", "S113", "S114", "S115", "V112"}
        colours = next(read_sheets(Package(form))).fill_colours
        assert {f"#{colour}" for colour in colours} <= {*FILLS}


def test_a_comment_that_is_struck_beside_is_still_quoted() -> None:
    register = merged(edited(typing(FIRST, REMARK, "Ferdig", comment=Comment("Ring", "Kari"))))
    assert [finding.values["value"] for finding in told(register, "S108")] == ["Ring"]
