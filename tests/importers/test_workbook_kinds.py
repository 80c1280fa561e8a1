"""What a sheet of a source shows is in the plan or quoted by a finding."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart
from openpyxl.comments import Comment
from openpyxl.styles import Color, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from tests.small import LAST, TEMPLATE
from xltiltak.importers.import_flow import import_source
from xltiltak.importers.report_builder import ImportResult
from xltiltak.model.report import Slot

HEADERS: list[Any] = ["Nr", "Tiltak", "Status 31.12.2020", "Merknader"]
Rows = list[list[Any]]


@pytest.fixture(autouse=True)
def _in_bokmaal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")


def imported(
    folder: Path, rows: Rows, edit: Callable[[Worksheet], object] = lambda _: None
) -> ImportResult:
    """Import a workbook with one sheet of these rows below the headers."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Havn"
    for row in [HEADERS, *rows]:
        sheet.append(row)
    edit(sheet)
    path = folder / "Vedlegg 2020.xlsx"
    book.save(path)
    return import_source(path, TEMPLATE)


def told(done: ImportResult) -> list[tuple[str, str]]:
    """Return the cells and words that are struck out."""
    return [(f.place.cell, f.values["value"]) for f in done.findings if f.code == "I112"]


class CellKind(NamedTuple):
    """A kind: how a word gets into a cell, and whether it is taken; else a code tells it."""

    name: str
    put: Callable[[Any, str], object]
    code: str = ""


def _struck(cell: Any, word: str) -> None:
    cell.value, cell.font = word, Font(strike=True)


def _partly_struck(cell: Any, word: str) -> None:
    cell.value = CellRichText(TextBlock(InlineFont(strike=True), word), " Nå: i gang")


def _linked(cell: Any, word: str) -> None:
    cell.value, cell.hyperlink = "Se saken", f"https://example.org/{word}"


def _link_shown(cell: Any, word: str) -> None:
    cell.value, cell.hyperlink = f"example.org/{word}", f"https://example.org/{word}"


def _linked_to_sheet(cell: Any, word: str) -> None:
    cell.value, cell.hyperlink = word, "#Havn!A1"


def _commented(cell: Any, word: str) -> None:
    cell.value, cell.comment = "Tekst", Comment(word, "Kari")


def _chart(cell: Any, word: str) -> None:
    chart = BarChart()
    chart.title = word
    cell.parent.add_chart(chart, cell.coordinate)


def _covered(cell: Any, word: str) -> None:
    sheet = cell.parent
    beside = f"{cell.column_letter}{cell.row}:F{cell.row}"
    sheet.cell(cell.row, 6).value = word
    sheet.merge_cells(beside)
    hidden = sheet._cells[cell.row, 6] = Cell(sheet, row=cell.row, column=6)
    hidden.value = word


def _printed(cell: Any, word: str) -> None:
    cell.parent.oddFooter.left.text = word


def _far_right(cell: Any, word: str) -> None:
    cell.parent.cell(cell.row, 9).value = word


def _plain(cell: Any, word: str) -> None:
    cell.value = word


KINDS = (
    CellKind("plain", _plain),
    CellKind("struck", _struck, "I112"),
    CellKind("partly struck", _partly_struck, "I112"),
    CellKind("linked", _linked, "I114"),
    CellKind("link that shows its address", _link_shown),
    CellKind("link to a sheet", _linked_to_sheet),
    CellKind("comment", _commented, "I101"),
    CellKind("chart", _chart, "I113"),
    CellKind("covered", _covered, "I101"),
    CellKind("printed below", _printed, "I101"),
    CellKind("without a heading", _far_right, "I101"),
)


def check(done: ImportResult, kind: CellKind, word: str) -> None:
    """Check that a word is taken, or told with the code of its kind, and not both."""
    taken = any(word in str(value) for value in done.report.values.values())
    codes = {f.code for f in done.findings if word in f.message("nb")}
    assert taken == (not kind.code)
    assert codes == ({kind.code} if kind.code else set())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_is_taken_or_told(kind: CellKind, tmp_path: Path) -> None:
    rows = [["1", "Dekke kaien", 3, None]]
    done = imported(tmp_path, rows, lambda sheet: kind.put(sheet["D2"], "ordet1tegn"))
    check(done, kind, "ordet1tegn")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(KINDS), min_size=1, max_size=10))
def test_kinds_together_are_each_taken_or_told(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[CellKind]
) -> None:
    kinds = [k for n, k in enumerate(kinds) if k.name != "printed below" or k not in kinds[:n]]
    words = [f"ordet{n}tegn" for n in range(len(kinds))]

    def edit(sheet: Worksheet) -> None:
        for row, (kind, word) in enumerate(zip(kinds, words, strict=True), 2):
            kind.put(sheet.cell(row, 4), word)

    rows: Rows = [[n, f"Oppgave {n}", 3, None] for n in range(len(kinds))]
    done = imported(tmp_path_factory.mktemp("ark"), rows, edit)
    for kind, word in zip(kinds, words, strict=True):
        check(done, kind, word)


SHOWN: dict[str, tuple[Any, str, str]] = {  # a remark: value, number format, and what is shown
    "percent": (0.85, "0 %", "85 %"),
    "time of day": (time(10, 30), "h:mm", "10:30"),
    "leading zeros": (42, "0000", "0042"),
    "date": (date(2020, 8, 31), "dd.mm.yyyy", "31.08.2020"),
    "date with a time": (
        datetime.combine(date(2020, 8, 31), time(14, 30)),
        "dd.mm.yyyy hh:mm",
        "31.08.2020 14:30",
    ),
    "month": (date(2020, 12, 1), "mmmm", "desember"),
    "line break": ("Rutine\x0bOpplæring", "General", "Rutine\nOpplæring"),
    "truth value": (True, "General", "SANN"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_remark_is_taken_as_it_is_shown(name: str, tmp_path: Path) -> None:
    value, number_format, shown = SHOWN[name]
    value = value.replace("\x0b", "_x000B_") if isinstance(value, str) else value

    def edit(sheet: Worksheet) -> None:
        sheet["D2"].value, sheet["D2"].number_format = value, number_format

    done = imported(tmp_path, [[1, "Dekke kaien", 3, None]], edit)
    assert done.report.values[Slot("HAV-001", "remark")] == shown


def test_a_row_that_is_struck_out_is_told_once_and_is_no_measure(tmp_path: Path) -> None:
    def edit(sheet: Worksheet) -> None:
        for cell in sheet[3]:
            cell.font = Font(strike=True)

    rows = [[1, "Dekke kaien", 3, None], [2, "Male fyret", 4, "Snart"]]
    done = imported(tmp_path, rows, edit)
    assert len(done.report.nodes) == 2
    assert told(done) == [("A3", "2 · Male fyret · 4 · Snart")]


def test_a_status_that_is_struck_out_is_empty(tmp_path: Path) -> None:
    def edit(sheet: Worksheet) -> None:
        sheet["C2"].font = Font(strike=True)

    done = imported(tmp_path, [[1, "Dekke kaien", 3, None]], edit)
    assert Slot("HAV-001", "status", LAST) not in done.report.values
    assert told(done) == [("C2", "3")]


def test_a_month_as_a_heading_is_quoted_as_it_is_shown(tmp_path: Path) -> None:
    def edit(sheet: Worksheet) -> None:
        sheet["E1"].value, sheet["E1"].number_format = date(2020, 4, 30), "mmmm"

    done = imported(tmp_path, [[1, "Dekke kaien", 3, None, 2]], edit)
    assert [f.values["value"] for f in done.findings if f.code == "I102"] == ["april"]


GREEN, RED, GREY = "00B050", "C00000", "D9D9D9"
COLOURED: dict[str, tuple[list[Any], dict[str, str], list[str]]] = {
    # the statuses of four measures, the colours of cells, and the cells or columns that are told
    "one answer": ([None, 2, 3, 4], {"C2": GREEN}, ["C2"]),
    "every answer": ([None] * 4, {"C2": GREEN, "C3": RED, "C4": GREEN, "C5": RED}, ["column"]),
    "every answer alike": ([None] * 4, {f"C{n}": GREEN for n in range(2, 6)}, ["column"]),
    "a shaded column": ([None, 2, 3, 4], {f"C{n}": GREY for n in range(1, 6)}, []),
    "striped rows": (
        [None, 2, None, 4],
        {f"{col}{row}": GREY for col in "ABCD" for row in (2, 4)},
        [],
    ),
    "coloured rows": (
        [None, 2, 3, None],
        {f"{col}{row}": fill for col in "ABCD" for row, fill in ((2, GREEN), (5, RED))},
        ["C2", "C5"],
    ),
    "white": ([None, 2, 3, 4], {"C2": "FFFFFF"}, []),
    "a shaded remark": ([1, 2, 3, 4], {"D2": GREEN}, []),
}


@pytest.mark.parametrize("name", COLOURED)
def test_colours_that_are_answers_are_told(name: str, tmp_path: Path) -> None:
    statuses, fills, places = COLOURED[name]

    def edit(sheet: Worksheet) -> None:
        for cell, fill in fills.items():
            sheet[cell].fill = PatternFill("solid", fgColor=fill)

    rows = [[n, f"Oppgave {n}", status, None] for n, status in enumerate(statuses, 1)]
    done = imported(tmp_path, rows, edit)
    found = [f for f in done.findings if f.code == "I115"]
    reasons = {"coloured_column": "column"}
    assert [reasons.get(f.values["reason"], f.place.cell) for f in found] == places
    if name == "every answer":
        assert found[0].severity == "error"
        assert "grønn (00B050): C2, C4 · rød (C00000): C3, C5" in found[0].message("nb")


# Text that a person does not see, or sees otherwise than it is stored


def _in_format(code: str, value: str | int) -> Callable[[Worksheet], object]:
    def edit(sheet: Worksheet) -> None:
        sheet["D2"] = value
        sheet["D2"].number_format = code

    return edit


def _in_font(font: Font, fill: str = "") -> Callable[[Worksheet], object]:
    def edit(sheet: Worksheet) -> None:
        sheet["D2"].font = font
        if fill:
            sheet["D2"].fill = PatternFill("solid", fgColor=fill)

    return edit


@pytest.mark.parametrize(
    ("edit", "remark", "codes"),
    [
        (_in_format(";;;", "ord"), "", {"I110"}),
        (_in_format("0;-0;0;", "ord"), "", {"I110"}),
        (_in_format(";;;", 3), "", {"I110"}),
        (_in_format('@" (utkast)"', "ord"), "ord (utkast)", set()),
        (_in_format('0;-0;0;"se sak"', "ord"), "", {"I110"}),
        (_in_format("@", "ord"), "ord", set()),
        (_in_format('_-* #,##0_-;-* #,##0_-;_-* "-"_-;_-@_-', "ord"), "ord", set()),
        (_in_font(Font(color="FFFFFFFF")), "ord", {"I110"}),
        (_in_font(Font(color=Color(theme=0))), "ord", {"I110"}),
        (_in_font(Font(color="FFC00000"), "FFC00000"), "ord", {"I110"}),
        (_in_font(Font(size=1)), "ord", {"I110"}),
        (_in_font(Font(color="FFFFFFFF"), "FFC00000"), "ord", set()),
        (_in_font(Font(color=Color(theme=1))), "ord", set()),
        (_in_font(Font(color="FF000000", size=8)), "ord", set()),
    ],
)
def test_text_that_is_not_seen_is_told(
    edit: Callable[[Worksheet], object], remark: str, codes: set[str], tmp_path: Path
) -> None:
    done = imported(tmp_path, [[1, "Kjøpe båt", 3, "ord"]], edit)
    assert str(done.report.values.get(Slot("HAV-001", "remark"), "")) == remark
    told_here = [f for f in done.findings if f.place.cell == "D2"]
    assert {f.code for f in told_here} == codes


def test_small_signs_stay_small(tmp_path: Path) -> None:
    small = TextBlock(InlineFont(vertAlign="superscript"), "2")
    status = CellRichText("3", TextBlock(InlineFont(vertAlign="superscript"), "1)"))
    rows: Rows = [[1, "Kjøpe båt", status, CellRichText("10 m", small)]]
    done = imported(tmp_path, rows)
    assert done.report.values[Slot("HAV-001", "remark")] == "10 m²"
    assert ["3¹⁾" in f.message("nb") for f in done.findings if f.code == "V101"] == [True]


def test_an_answer_merged_over_measures_is_told_for_each(tmp_path: Path) -> None:
    rows: Rows = [[1, "Kjøpe båt", 3, "felles"], [2, "Male", 2, None], [3, "Rydde", 4, None]]
    done = imported(tmp_path, rows, lambda sheet: sheet.merge_cells("D2:D4"))
    found = [f for f in done.findings if f.values.get("reason") == "merged_answer"]
    assert [(f.severity, f.place.cell, f.values["name"]) for f in found] == [
        ("warning", "D2", "2 · Male · 2"),
        ("warning", "D2", "3 · Rydde · 4"),
    ]


def test_a_column_too_narrow_to_show_a_letter_is_hidden(tmp_path: Path) -> None:
    def narrow(sheet: Worksheet) -> None:
        sheet.column_dimensions["D"].width = 0.1

    done = imported(tmp_path, [[1, "Kjøpe båt", 3, "ord"]], narrow)
    assert "I110" in {finding.code for finding in done.findings}


@pytest.mark.parametrize(
    ("formula", "address"),
    [
        ('HYPERLINK("https://example.org/sak","Se saken")', "https://example.org/sak"),
        ('IF(A2>0,HYPERLINK("https://example.org/sak"),"")', "https://example.org/sak"),
        ('HYPERLINK("#Havn!A1","Se saken")', ""),
    ],
)
def test_the_link_of_a_formula_is_told(formula: str, address: str, tmp_path: Path) -> None:
    def edit(sheet: Worksheet) -> None:
        sheet["D2"] = f"={formula}"

    done = imported(tmp_path, [[1, "Kjøpe båt", 3, ""]], edit)
    found = [f.values["address"] for f in done.findings if f.code == "I114"]
    assert found == ([address] if address else [])


def test_a_measure_of_two_rows_has_its_merged_cells_once(tmp_path: Path) -> None:
    def edit(sheet: Worksheet) -> None:
        for column in "ABC":
            sheet.merge_cells(f"{column}2:{column}3")

    rows: Rows = [[1, "Kjøpe båt", 3, "Kontrakt skrevet."], [None, None, None, "Levert."]]
    done = imported(tmp_path, [*rows, [2, "Male", 2, ""]], edit)
    values = {slot.field: str(v) for slot, v in done.report.values.items() if slot.ref == "HAV-001"}
    assert values == {
        "no": "1",
        "name": "Kjøpe båt",
        "status": "3",
        "remark": "Kontrakt skrevet. Levert.",
    }
