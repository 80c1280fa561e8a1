"""The XML of rows that are written at once is the XML that XlsxWriter itself writes."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from datetime import date
from io import BytesIO
from zipfile import ZipFile

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook

from xltiltak.model.report import Head
from xltiltak.sheets.workbook import new_workbook
from xltiltak.snapshot.hidden_sheet import plain_json
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.row_writer import CellContent, Formula, RowSheet, TextSheet
from xltiltak.xlsx.sheet_reader import read_sheet

HEAD = Head("TES", "Testby", "Rapport", 2020, "nb")
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


def ours(values: Sequence[CellContent]) -> bytes:
    """Return a workbook with one row, written at once."""
    target = BytesIO()
    with new_workbook(target, HEAD) as book:
        sheet: RowSheet = book.workbook.add_worksheet("Ark", RowSheet)
        plain = book.format("given")
        sheet.put_row(
            1,
            sheet.row_pattern([(col, plain) for col in range(1, len(values) + 1)], grows=False),
            values,
            30.0,
        )
    return target.getvalue()


def theirs(values: Sequence[CellContent]) -> bytes:
    """Return a workbook with the same row, written by XlsxWriter cell by cell."""
    target = BytesIO()
    with Workbook(target, {"in_memory": True, "default_row_height": 17}) as workbook:
        sheet, plain = (
            workbook.add_worksheet("Ark"),
            workbook.add_format({"text_wrap": True, "border": 1}),
        )
        sheet.set_row(0, 30.0)
        for col, value in enumerate(values):
            if isinstance(value, Formula):
                sheet.write_formula(0, col, value.text, plain, value.value)
            elif isinstance(value, str):
                sheet.write_string(0, col, value, plain)
            elif isinstance(value, date):
                sheet.write_datetime(0, col, value, plain)
            elif value is None:
                sheet.write_blank(0, col, None, plain)
            else:
                sheet.write_number(0, col, value, plain)
    return target.getvalue()


def data_of(book: bytes) -> str:
    """Return the XML of the rows of the first sheet, without spans and style numbers."""
    part = ZipFile(BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    rows = part[part.index("<sheetData>") : part.index("</sheetData>")]
    return re.sub(r' (?:spans|s)="[^"]*"', "", rows)


def dimension(book: bytes) -> str:
    """Return the <dimension> of the first sheet."""
    part = ZipFile(BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    return str(re.findall(r"<dimension[^>]*>", part)[0])


def test_every_content_is_written_as_xlsxwriter_writes_it() -> None:
    assert data_of(ours(ROW)) == data_of(theirs(ROW))
    assert dimension(ours(ROW)) == dimension(theirs(ROW))


def test_a_growing_row_has_a_height_that_is_not_fixed_and_a_hidden_one_is_hidden() -> None:
    target = BytesIO()
    with new_workbook(target, HEAD) as book:
        sheet: RowSheet = book.workbook.add_worksheet("Ark", RowSheet)
        given = [(1, book.format("given"))]
        sheet.put_row(1, sheet.row_pattern(given), ["a"], 18.0)
        sheet.put_row(2, sheet.row_pattern(given, grows=False, hidden=True), ["b"], 18.0)
    rows = re.findall(r"<row [^>]*>", data_of(target.getvalue()))
    assert rows == ['<row r="1" ht="18">', '<row r="2" ht="18" hidden="1" customHeight="1">']


def with_text_sheet(*rows: Sequence[str], shared: Collection[str] = ()) -> bytes:
    """Return a workbook with rows of inline texts."""
    target = BytesIO()
    with new_workbook(target, HEAD) as book:
        sheet: TextSheet = book.workbook.add_worksheet("Ark", TextSheet)
        sheet.set_rows(rows, shared)
    return target.getvalue()


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(st.sampled_from("abc"), TEXTS)), shared=st.sets(st.sampled_from("abc"))
)
def test_rows_shared_with_other_sheets_are_compressed_to_the_same_bytes(
    rows: list[tuple[str, str]], shared: set[str]
) -> None:
    rows = [(name, plain_json(text)) for name, text in rows]
    once, again = (with_text_sheet(*rows, shared=shared) for _ in range(2))
    assert once == again == with_text_sheet(*rows)


@settings(deadline=None)
@given(text=TEXTS)
def test_any_text_is_read_back_shared_or_inline(text: str) -> None:
    sheet = read_sheet(Package(ours(["første", text])), "Ark")
    inline = read_sheet(Package(with_text_sheet(["a", plain_json(text)])), "Ark")
    assert sheet is not None
    assert inline is not None
    assert sheet.rows[1].get(2, "") == text
    assert json.loads(str(inline.rows[1][2])) == text


def test_a_text_that_looks_like_xml_stays_text() -> None:
    for text in ("<r>rik</r>", "<r><t>x</t></r>", "&lt;", "_x000D_", "<si>"):
        shared, inline = (
            openpyxl.load_workbook(BytesIO(b))["Ark"]["A1"]
            for b in (ours([text]), with_text_sheet([plain_json(text)]))
        )
        # openpyxl does not replace the escape
        assert str(shared.value).replace("_x005F_", "_") == text
        assert json.loads(str(inline.value)) == text


def test_a_written_cell_can_be_a_link() -> None:
    target = BytesIO()
    with new_workbook(target, HEAD) as book:
        sheet: RowSheet = book.workbook.add_worksheet("Ark", RowSheet)
        sheet.put_row(1, sheet.row_pattern([(1, book.format("link"))]), ["Dit"], 18.0)
        sheet.add_link(1, 1, "internal:'Ark'!B2")
    cell = openpyxl.load_workbook(BytesIO(target.getvalue()))["Ark"]["A1"]
    assert (cell.value, cell.hyperlink.location) == ("Dit", "'Ark'!B2")
