"""What the coordinator marks on a plan's area sheets is told, because the next file lacks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from tests.forms import book_of, rows_of, saved, typed
from tests.merging.test_merge import FIRST, REPORT, SAM, SECOND, merged, remark, status
from xltiltak.model.register import Register
from xltiltak.plan.plan_reader import read_appendix
from xltiltak.sheets.appendix import write_appendix

REMARKS = "Oppdaterte merknader"


def reread(edit: Callable[[Worksheet, int], object]) -> Register:
    """Return the register of a plan after an edit of a sheet, which gets the column of remarks."""
    book = book_of(write_appendix(Register(REPORT)))
    sheet = next(s for s in book.worksheets if FIRST in rows_of(s))
    labels = [cell.value for cell in sheet[rows_of(sheet)["@head"]]]
    edit(sheet, labels.index(REMARKS) + 1)
    return read_appendix(saved(book))


def facts(register: Register) -> list[tuple[str, str, str]]:
    return [(f.code, f.values.get("reason", ""), f.values["value"]) for f in register.findings]


def test_a_plan_as_it_was_written_has_nothing_to_tell() -> None:
    assert facts(reread(lambda sheet, _: sheet.cell(1, 1))) == []


def test_struck_words_are_left_out_and_told() -> None:
    text = CellRichText(TextBlock(InlineFont(strike=True), "Utsatt."), " I gang.")

    def edit(sheet: Worksheet, col: int) -> None:
        sheet.cell(rows_of(sheet)[FIRST], col).value = text

    register = reread(edit)
    assert register.report.values[remark()] == "I gang."
    assert facts(register) == [("V112", "struck_words", "Utsatt.")]


def test_a_struck_cell_still_counts_and_is_told() -> None:
    def edit(sheet: Worksheet, col: int) -> None:
        sheet.cell(rows_of(sheet)[FIRST], col).font = Font(strike=True)

    register = reread(edit)
    assert register.report.values[remark()] == "Tomt kjøpt"
    assert facts(register) == [("V112", "struck_in_plan", "Tomt kjøpt")]


def test_links_and_pictures_are_told() -> None:
    def edit(sheet: Worksheet, col: int) -> None:
        sheet.cell(rows_of(sheet)[FIRST], col).hyperlink = "https://example.org/sak/7"
        sheet.cell(rows_of(sheet)[SECOND], col).hyperlink = Hyperlink(ref="", location="Ark!A1")
        chart = BarChart()
        chart.title = "Framdrift"
        sheet.add_chart(chart, "K5")

    assert facts(reread(edit)) == [
        ("S111", "object_chart_named", "Framdrift"),
        ("S112", "", "https://example.org/sak/7"),
    ]


def test_merged_cells_are_told() -> None:
    def edit(sheet: Worksheet, col: int) -> None:
        rows = rows_of(sheet)
        sheet.merge_cells(None, rows[FIRST], col, rows[SECOND], col)

    assert facts(reread(edit)) == [("S113", "merged_in_plan", "Tomt kjøpt")]


@pytest.mark.parametrize("row_key", [FIRST, "@head"])
def test_comments_are_quoted(row_key: str) -> None:
    def edit(sheet: Worksheet, col: int) -> None:
        sheet.cell(rows_of(sheet)[row_key], col).comment = Comment("Spør Kari", "Ola")

    assert facts(reread(edit)) == [("S108", "", "Spør Kari")]


def test_links_and_page_headers_are_told() -> None:
    def edit(sheet: Worksheet, col: int) -> None:
        cell = sheet.cell(rows_of(sheet)[FIRST], col)
        cell.hyperlink = "https://example.org/sak"
        cell.value = "Tomt kjøpt"
        cell.font = Font(underline="single")
        header: Any = sheet.oddHeader
        header.center.text = "Ikke vedtatt"

    assert facts(reread(edit)) == [
        ("S112", "", "https://example.org/sak"),
        ("S115", "", "Ikke vedtatt"),
    ]


def test_objects_are_told() -> None:
    def edit(sheet: Worksheet, _: int) -> None:
        chart = BarChart()
        chart.title = "Fremdrift"
        chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3))
        sheet.add_chart(chart, "M2")

    assert [code for code, _, _ in facts(reread(edit))] == ["S111"]


def test_a_hidden_value_is_quoted() -> None:
    def edit(sheet: Worksheet, col: int) -> None:
        sheet.cell(rows_of(sheet)[FIRST], col).number_format = ";;;"

    assert [(code, value) for code, _, value in facts(reread(edit))] == [("V106", "Tomt kjøpt")]


def test_the_key_of_a_struck_row_is_not_told() -> None:
    def edit(sheet: Worksheet, _: int) -> None:
        for cell in sheet[rows_of(sheet)[FIRST]]:
            cell.font = Font(strike=True)

    found = [value for code, _, value in facts(reread(edit)) if code == "V112"]
    assert found
    assert FIRST not in found


@pytest.mark.parametrize(("words", "is_told"), [("", False), ("\nRing Siv om dette", True)])
def test_the_notes_that_the_appendix_was_written_with_are_not_told(
    words: str, *, is_told: bool
) -> None:
    """Each is about a finding. Words that the coordinator has added to one are quoted with it."""
    register = merged(typed(SAM, {status(): 3}))
    book = book_of(write_appendix(register))
    sheet = next(s for s in book.worksheets if FIRST in rows_of(s))
    notes = [(c, c.comment.text) for row in sheet.iter_rows() for c in row if c.comment]
    cell, text = notes[0]
    cell.comment = Comment(f"{text}{words}", "")
    quoted = [value for code, _, value in facts(read_appendix(saved(book))) if code == "S108"]
    assert bool(quoted) == is_told
    assert all("Ring Siv" in value for value in quoted)
