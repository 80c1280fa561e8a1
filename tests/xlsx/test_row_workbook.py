"""Workbooks written row by row are those that XlsxWriter writes cell by cell."""

from __future__ import annotations

import doctest
import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_range

import xltiltak.xlsx
from tests import small
from xltiltak.model.register import Register
from xltiltak.model.report import Head
from xltiltak.sheets.appendix import write_appendix
from xltiltak.sheets.workbook import new_workbook
from xltiltak.snapshot.hidden_sheet import plain_json
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.row_workbook import CellSheet, RowSheet, RowWorkbook, TextSheet
from xltiltak.xlsx.row_writer import CellContent, Formula, escape
from xltiltak.xlsx.sheet_reader import read_sheet, read_sheets

PROPERTIES = {"created": datetime(2020, 1, 1)}  # noqa: DTZ001 - as XlsxWriter takes it
FORMAT = {"text_wrap": True, "border": 1}
ROW: Sequence[CellContent] = (
    "Tekst & <tegn>",
    "=1+1",
    4,
    2.5,
    date(2020, 12, 31),
    None,
    Formula("SUM(C1:D1)", 6.5),
    Formula('IF(C1>0,"ja <&>","")', "ja <&>"),
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=60)
NUMBERS = st.integers(-9, 10**9) | st.sampled_from([0.5, -2.25, 1e-9, 1 / 3])
CONTENTS = (
    st.text("aæ<&", min_size=1, max_size=9) | NUMBERS | st.builds(Formula, st.just("1"), NUMBERS)
)
SHEET = "xl/worksheets/sheet{}.xml"


def written(*fillings: Callable[[RowWorkbook, Any], None], kind: type = RowSheet) -> bytes:
    """Return a workbook with a sheet for each function that fills it."""
    target, book = BytesIO(), RowWorkbook({}, PROPERTIES)
    for number, fill in enumerate(fillings, 1):
        fill(book, book.add_worksheet(f"Ark {number}", kind))
    book.save(target)
    return target.getvalue()


def with_row(values: Sequence[CellContent]) -> bytes:
    """Return a workbook with one row."""

    def fill(book: RowWorkbook, sheet: RowSheet) -> None:
        cells = [(col, book.add_format(FORMAT)) for col in range(1, len(values) + 1)]
        sheet.put_row(1, sheet.row_pattern(cells, grows=False), values, 30.0)

    return written(fill)


def with_texts(*rows: Sequence[str]) -> bytes:
    """Return a workbook with rows of inline texts."""

    def fill(_: RowWorkbook, sheet: TextSheet) -> None:
        sheet.texts = rows

    return written(fill, kind=TextSheet)


def by_xlsxwriter(
    *fillings: Callable[[Workbook, Any], None], options: dict[str, Any] | None = None
) -> bytes:
    """Return a workbook that XlsxWriter has written alone."""
    target = BytesIO()
    with Workbook(target, {"in_memory": True, **(options or {})}) as book:
        book.set_properties(PROPERTIES)
        for number, fill in enumerate(fillings, 1):
            fill(book, book.add_worksheet(f"Ark {number}"))
    return target.getvalue()


def part(content: bytes, name: str) -> str:
    """Return a part of a workbook."""
    with ZipFile(BytesIO(content)) as archive:
        return archive.read(name).decode()


def without_rows(content: bytes, number: int) -> str:
    """Return a sheet without its rows and their range."""
    text = part(content, SHEET.format(number))
    rows = re.compile(r"<sheetData/>|<sheetData>.*</sheetData>|<dimension[^>]*>", re.DOTALL)
    return rows.sub("", text)


def rows_of(content: bytes) -> str:
    """Return the rows of the first sheet and their range, without spans and style numbers."""
    text = part(content, SHEET.format(1))
    rows = text[text.index("<sheetData") : text.index("<pageMargins")]
    return re.sub(r' (?:spans|s)="[^"]*"', "", rows + text[: text.index("<sheetViews>")])


# Rows and cells


def test_every_content_is_written_as_xlsxwriter_writes_it() -> None:
    def fill(book: Workbook, sheet: Any) -> None:
        look = book.add_format(FORMAT)
        sheet.set_row(0, 30.0)
        for col, value in enumerate(ROW):
            if isinstance(value, Formula):
                sheet.write_formula(0, col, value.text, look, value.value)
            elif isinstance(value, str):
                sheet.write_string(0, col, value, look)
            elif isinstance(value, date):
                sheet.write_datetime(0, col, value, look)
            else:
                sheet.write(0, col, value, look)

    assert rows_of(with_row(ROW)) == rows_of(by_xlsxwriter(fill))


def test_a_growing_row_has_a_height_that_is_not_fixed_and_a_hidden_one_is_hidden() -> None:
    def fill(book: RowWorkbook, sheet: RowSheet) -> None:
        cells = [(1, book.add_format(FORMAT))]
        sheet.put_row(1, sheet.row_pattern(cells), ["a"], 18.0)
        sheet.put_row(2, sheet.row_pattern(cells, grows=False, hidden=True), ["b"], 18.0)
        sheet.put_row(3, sheet.row_pattern(cells), ["c"])

    assert re.findall(r"<row [^>]*>", rows_of(written(fill))) == [
        '<row r="1" ht="18">',
        '<row r="2" ht="18" hidden="1" customHeight="1">',
        '<row r="3">',
    ]


@settings(deadline=None)
@given(text=TEXTS)
def test_any_text_is_read_back_shared_or_inline(text: str) -> None:
    sheet = read_sheet(Package(with_row(["første", text])), "Ark 1")
    inline = read_sheet(Package(with_texts(["a", plain_json(text)])), "Ark 1")
    assert sheet is not None
    assert inline is not None
    assert sheet.rows[1].get(2, "") == text
    assert json.loads(str(inline.rows[1][2])) == text


@pytest.mark.parametrize(
    ("text", "xml"),
    [
        ("\ufffe", "_xFFFE_"),
        ("\x07 \ud83d", "_x0007_ _xD83D_"),
        ("_x0007_", "_x005F_x0007_"),
        ("_x00", "_x00"),
        ("힣 ﬁ", "힣 ﬁ"),
    ],
)
def test_characters_that_xml_cannot_have_are_escaped_as_excel_does(text: str, xml: str) -> None:
    assert f"<t>{xml}</t>" in part(with_row([text]), "xl/sharedStrings.xml")


def test_a_text_that_looks_like_xml_stays_text() -> None:
    for text in ("<r>rik</r>", "<r><t>x</t></r>", "&lt;", "_x000D_", "<si>"):
        shared, inline = (
            openpyxl.load_workbook(BytesIO(b))["Ark 1"]["A1"]
            for b in (with_row([text]), with_texts([plain_json(text)]))
        )
        # openpyxl does not replace the escape
        assert str(shared.value).replace("_x005F_", "_") == text
        assert json.loads(str(inline.value)) == text


def test_a_written_cell_can_be_a_link() -> None:
    def fill(book: RowWorkbook, sheet: RowSheet) -> None:
        sheet.put_row(1, sheet.row_pattern([(1, book.add_format(FORMAT))]), ["Dit"], 18.0)
        sheet.add_link(1, 1, "internal:'Ark 1'!B2")

    cell = openpyxl.load_workbook(BytesIO(written(fill)))["Ark 1"]["A1"]
    assert (cell.value, cell.hyperlink.location) == ("Dit", "'Ark 1'!B2")


@settings(deadline=None)
@given(
    cells=st.dictionaries(
        st.tuples(st.integers(0, 20), st.integers(0, 8)),
        st.text("aæ<& ", min_size=1, max_size=9)
        | NUMBERS
        | st.builds(Formula, st.just("1"), NUMBERS),
        max_size=20,
    ),
    heights=st.dictionaries(st.integers(0, 20), st.integers(25, 40), max_size=5),
    chart=st.booleans(),
)
def test_cells_in_any_order_are_those_of_xlsxwriter(
    *, cells: dict[tuple[int, int], CellContent], heights: dict[int, int], chart: bool
) -> None:
    def fill(book: Any, sheet: Any) -> None:
        look = book.add_format(FORMAT)
        for row, height in heights.items():
            if any(row == at for at, _ in cells):
                sheet.set_row(row, height * 0.75)
        for (row, col), content in cells.items():
            if isinstance(content, Formula):
                sheet.write_formula(row, col, f"={content.text}", look, content.value)
            elif isinstance(content, str):
                sheet.write_string(row, col, content, look)
            else:
                sheet.write_number(row, col, content, look)
        if chart:
            drawn = book.add_chart({"type": "line"})
            drawn.add_series({"values": ["Ark 1", 1, 1, 20, 1]})
            sheet.insert_chart(0, 9, drawn)

    ours, theirs = written(fill, kind=CellSheet), by_xlsxwriter(fill)
    (sheet,), (other) = read_sheets(Package(ours)), read_sheet(Package(theirs), "Ark 1")
    assert other is not None
    assert sheet.rows == other.rows
    heights_of = re.compile(r'<row r="(\d+)"[^>]* ht="([^"]*)"')
    assert heights_of.findall(rows_of(ours)) == heights_of.findall(rows_of(theirs))
    if chart:  # with the copies of the numbers
        name = "xl/charts/chart1.xml"
        assert part(ours, name) == part(theirs, name)


# Skeletons

CALLS = st.lists(
    st.tuples(st.sampled_from("vcabrfeip"), st.integers(0, 40), st.integers(0, 40)), max_size=8
)


def call(sheet: Any, book: Any, kind: str, first: int, last: int) -> None:
    """Make one call of XlsxWriter's worksheet about rows."""
    first, last = sorted((first, last))
    match kind:
        case "v":
            sheet.data_validation(first, 1, last, 2, {"validate": "list", "source": ["1", "2"]})
        case "c":
            look = book.add_format({"bold": True})
            rule = {"type": "cell", "criteria": "==", "value": 5, "format": look}
            sheet.conditional_format(first, 3, last, 3, rule)
        case "a":
            sheet.autofilter(first, 0, last, 4)
        case "b":
            sheet.set_h_pagebreaks([first + 1, last + 2])
        case "r":
            sheet.repeat_rows(first, last)
        case "f":
            sheet.freeze_panes(first, 1)
        case "e":
            sheet.ignore_errors({"number_stored_as_text": f"{xl_range(first, 1, last, 1)} F9"})
        case "i":
            sheet.set_header(f"&L{first} & {last}")
        case "p":
            sheet.print_area(first, 1, last, 4)


@settings(deadline=None)
def as_calculated(book: str) -> str:
    """Return XlsxWriter's description of a workbook without its order to calculate it anew."""
    order = '<calcPr calcId="124519" fullCalcOnLoad="1"/>'
    return book.replace(order, '<calcPr calcId="191029"/>')


@given(sheets=st.lists(CALLS, min_size=1, max_size=3))
def test_what_sheets_share_is_what_xlsxwriter_writes_for_each(sheets: list[Any]) -> None:
    def filling(calls: Iterable[tuple[str, int, int]]) -> Callable[[Any, Any], None]:
        def fill(book: Any, sheet: Any) -> None:
            for kind, first, last in calls:
                call(sheet, book, kind, first, last)
            sheet.set_footer("&R1000010")  # looks like a number that stands for a row
            sheet.set_footer("&R&P")

        return fill

    fillings = [filling(calls) for calls in sheets]
    ours, theirs = written(*fillings), by_xlsxwriter(*fillings)
    for number in range(1, len(sheets) + 1):
        assert without_rows(ours, number) == without_rows(theirs, number)
    assert part(ours, "xl/workbook.xml") == as_calculated(part(theirs, "xl/workbook.xml"))
    for fill in fillings:
        ours, theirs = written(fill), by_xlsxwriter(fill)
        assert without_rows(ours, 1) == without_rows(theirs, 1)
        assert part(ours, "xl/workbook.xml") == as_calculated(part(theirs, "xl/workbook.xml"))


@pytest.mark.parametrize("name", ["Ark", "O'Brien & Co", 'Si "ja"', "Kost $1000011", "\ue001 0"])
@pytest.mark.parametrize("footer", ["&C&P", "&L1000010 kr", "&L10000101"])
def test_names_and_texts_of_one_workbook_do_not_go_into_the_next(name: str, footer: str) -> None:
    def filled(name: str, header: str, last: int) -> bytes:
        target, book = BytesIO(), RowWorkbook({}, PROPERTIES)
        sheet = book.add_worksheet(name, RowSheet)
        sheet.set_header(f"&L{header}")
        sheet.set_footer(footer)
        sheet.print_area(1, 0, last, 3)
        sheet.put_row(1, sheet.row_pattern([(1, book.add_format({"bold": True}))]), [name], 15.0)
        book.save(target)
        return target.getvalue()

    filled("Første", "én", 7)
    content = filled(name, "to <&&>", 30)
    sheet = openpyxl.load_workbook(BytesIO(content))[name]
    assert sheet["A1"].value == name
    assert sheet.print_area.rpartition("!")[2] == "$A$2:$D$31"
    text = part(content, SHEET.format(1))
    assert f"<oddHeader>&amp;L{escape('to <&&>')}</oddHeader>" in text
    assert f"<oddFooter>{escape(footer)}</oddFooter>" in text


def test_two_formats_that_xlsxwriter_takes_for_one_look_the_same() -> None:
    bold: dict[str, Any] = {"bold": True}
    looks = [bold, {**bold, "num_format": "General"}, {"num_format": "0.00"}]

    def fill(book: RowWorkbook, sheet: RowSheet) -> None:
        cells = [(col, book.add_format(look)) for col, look in enumerate(looks, 1)]
        sheet.put_row(1, sheet.row_pattern(cells), [1, 2, 3.5], 15.0)

    sheet = openpyxl.load_workbook(BytesIO(written(fill, fill)))["Ark 2"]
    found = [(cell.font.bold, cell.number_format) for cell in sheet[1]]
    assert found == [(True, "General"), (True, "General"), (False, "0.00")]


def test_a_workbook_has_the_same_bytes_whatever_was_written_before(tmp_path: Path) -> None:
    plan = write_appendix(Register(small.report(tmp_path)))
    for n in range(100):
        with new_workbook(BytesIO(), Head("TES", "Testby", f"Rapport {n}", 2020, "nb")) as book:
            book.workbook.add_worksheet("Ark", RowSheet)
    assert write_appendix(Register(small.report(tmp_path))) == plan


def test_the_examples_of_the_package_work() -> None:
    assert doctest.testmod(xltiltak.xlsx).failed == 0
