"""Splitting XML as text gives the same cells as expat, or None."""

from __future__ import annotations

from io import BytesIO

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from xltiltak.model.errors import DamagedWorkbook
from xltiltak.xlsx import sheet_reader
from xltiltak.xlsx.markup import parse_xml
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.parts import _plain_texts, _rich_texts
from xltiltak.xlsx.scan import WrittenCell, cells_of, scan
from xltiltak.xlsx.sheet_reader import _CellCollector, read_sheets

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="m"><sheetData>'
USUAL = (
    '<row r="1"><c r="A1" s="1" t="s"><v>0</v></c></row>',
    (
        '<row r="2" ht="5" customHeight="1"/>'
        '<row r="3"><c r="B3" s="4"/><c r="C3"><v>2.5</v></c></row>'
    ),
    '<row r="4"><c r="A4" t="inlineStr"><is><t>ja &amp; nei – &amp;lt;</t></is></c></row>',
    (
        '<row r="5"><c r="A5"><f>IF(A1&gt;0,"x","")</f><v></v></c>'
        '<c r="B5" t="str"><f>A1</f><v> x </v></c></row>'
    ),
    '<row r="6"><c r="AB6" t="e"><v>#DIV/0!</v></c></row>',
    '<row r="7"/>\n<row r="8" ht="5"/>\n',
)
UNUSUAL = (
    '<row r="1"><c r="A1" t="inlineStr"><is><r><t>ri</t></r><r><t>k</t></r></is></c></row>',
    '<row r="1"><c r="A1"><v><![CDATA[1]]></v></c></row>',
    '<row r="1"><c r="A1" t="inlineStr"><is><t>ja &#8211; &#x26;lt;</t></is></c></row>',
    '<row r="1"><!-- x --><c r="A1"><v>1</v></c></row>',
    '<row r="1"><c s="1" r="A1"><v>1</v></c></row>',
    '<row r="1"><c r="A1" cm="1"><v>1</v></c></row>',
    "<row><c><v>1</v></c></row>",
    '<row r="1"><c r="A1"><v>1</v></c></row><row><c r="A2"><v>2</v></c></row>',
    '<row r="1" a=">"><c r="A1"><v>1</v></c></row>',
    '<row r="1"><c r="A1" t="str"><v>a\r\nb</v></c></row>',
    '<row r="1"><c r="A1"><f t="shared" si="0">A2</f><v>1</v></c></row>',
)


def part(rows: str) -> bytes:
    """Return the part of a sheet with these rows."""
    return f"{HEAD}{rows}</sheetData></worksheet>".encode()


def by_scan(content: bytes) -> list[WrittenCell] | None:
    """Return the cells of a part as `scan` reads them."""
    rows = scan(content)
    return None if rows is None else [cell for row in rows for cell in cells_of(row)]


def by_expat(content: bytes) -> object:
    """Return the cells of a part as expat reads them."""
    collector = _CellCollector("Ark")
    parse_xml(content, collector.start, collector.end, collector.chars, root="worksheet")
    return collector.cells


@pytest.mark.parametrize("rows", [*USUAL, "".join(USUAL)])
def test_usual_xml_is_read_as_expat_reads_it(rows: str) -> None:
    assert by_scan(part(rows)) == by_expat(part(rows))


@pytest.mark.parametrize("rows", UNUSUAL)
def test_unusual_xml_is_left_to_expat(rows: str) -> None:
    assert scan(part(rows)) is None
    assert by_expat(part(rows))


def test_other_encodings_than_utf_8_are_left_to_expat() -> None:
    text = part(USUAL[0]).decode()
    assert scan(text.replace("UTF-8", "UTF-16").encode("utf-16")) is None
    assert scan(text.replace("UTF-8", "ISO-8859-1").encode("latin-1")) is None


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>&amp</v></c></row>',
        '<row r="1"><c r="A1"><v>&x;</v></c></row>',
        '<row r="1"><c r="A1"><v>&#0;</v></c></row>',
        '<row r="1"><c r="A1"><v>a]]>b</v></c></row>',
        '<row r="1"><c r="A1"><v>a\x01b</v></c></row>',
        '<row r="1"><c r="A1"><v>a\uffffb</v></c></row>',
        '<row r="1" ht="1" ht="2"><c r="A1"><v>1</v></c></row>',
        '<row r="1" r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="1" a="&x;"><c r="A1"><v>1</v></c></row>',
        '<row r="1" a=1><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c>',
        '<row r="1"><c r="A1"><v>1</v></c></row></row>',
        '<row r="1"/><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></row>',
        '<row r="1"><c r="A1"><f>A1</v></c></row>',
        '<row r="1"><c r="A1"/><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a</v></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t></v></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1"><v>5</t></is></c></row>',
        '<row r="1"><c r="A1"><v>1<v><c r="B1"><v>2</v></c></row>',
        '<row r="1"><c r="A1"><v>1<v><c r="B1"></v></c>2</v></c></row>',
        (
            '<row r="1"><c r="A1" t="inlineStr"><is><t>a<is><t><c r="B1"></t></is></c>'
            "b</t></is></c></row>"
        ),
        '<row r="1"><c r="A1"><v>1</v></c><row r="2"></row>',
        '<row r="1"/></row><row r="2"><c r="A2"><v>1</v></c></row>',
    ],
)
def test_broken_xml_is_left_to_expat_which_refuses_it(rows: str) -> None:
    assert scan(part(rows)) is None
    with pytest.raises(DamagedWorkbook):
        by_expat(part(rows))


def test_bytes_that_are_not_utf_8_are_left_to_expat_which_refuses_them() -> None:
    for wrong in (b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xe6"):
        content = part(USUAL[4]).replace(b"#DIV", wrong)
        assert scan(content) is None
        with pytest.raises(DamagedWorkbook):
            by_expat(content)


@pytest.mark.parametrize("tag", ["sheetData", "x"])
def test_cells_outside_the_rows_are_left_to_expat(tag: str) -> None:
    more = f'<{tag}><row r="99"><c r="A99"><v>1</v></c></row></{tag}>'.encode()
    content = part(USUAL[0])
    for other in (
        content.replace(b"<sheetData>", more + b"<sheetData>"),
        content.replace(b"</sheetData>", b"</sheetData>" + more),
    ):
        assert scan(other) is None


@pytest.mark.parametrize(
    ("found", "instead"), [(b"</sheetData>", b"</sheetData><x>"), (b"worksheet", b"chartsheet")]
)
def test_xml_around_the_rows_is_checked_too(found: bytes, instead: bytes) -> None:
    content = part(USUAL[0]).replace(found, instead)
    assert scan(content) is None
    with pytest.raises(DamagedWorkbook):
        by_expat(content)


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="2"/><row r="2"/>',
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="1"/>',
        '<row r="2"><c r="A2"><v>1</v></c><c r="B3"><v>1</v></c></row>',
        '<row r="2"><c r="A3"/></row>',
        '<row r="2"><c r="A2"><v>1</v></c><c r="B3"/></row>',
        '<row r="0"/>',
    ],
)
def test_rows_out_of_order_are_left_to_expat_which_names_them(rows: str) -> None:
    assert scan(part(rows)) is None
    with pytest.raises(DamagedWorkbook, match="row"):
        by_expat(part(rows))


NAMES = st.sampled_from(["row", "c", "c", "c", "v", "v", "f", "is", "t", "rPh"])
ATTRIBUTES = st.sampled_from(
    [
        "",
        "",
        ' r="1"',
        ' r="2"',
        ' r="A1"',
        ' r="B1"',
        ' r="A2"',
        ' r="B2" s="1" t="s"',
        ' t="str"',
        ' a="&gt;"',
    ]
)
TEXTS = st.sampled_from(["", "", "1", " ", "x", "&amp;", ">", "a&#10;b"])
TREES = st.recursive(
    TEXTS,
    lambda inner: st.builds(
        lambda name, attributes, content: (
            f"<{name}{attributes}>{''.join(content)}</{name}>"
            if content
            else f"<{name}{attributes}/>"
        ),
        NAMES,
        ATTRIBUTES,
        st.lists(inner, max_size=4),
    ),
    max_leaves=6,
)
CELLS = st.sampled_from(
    [
        '<c r="A1"><v>1</v></c>',
        '<c r="B1" s="2"/>',
        '<c r="B1" t="str"><f>A1</f><v>x</v></c>',
        '<c r="C1"><is><t>ja</t></is></c>',
        '<row r="2"><c r="A2"><v>&lt;</v></c></row>',
        '<row r="3" ht="5"/>',
    ]
)


@settings(max_examples=examples(600), deadline=None)
@given(elements=st.lists(st.one_of(CELLS, CELLS, TREES), max_size=6), in_row=st.booleans())
def test_any_nested_elements_are_read_as_expat_reads_them_or_left_to_it(
    *, elements: list[str], in_row: bool
) -> None:
    rows = "".join(elements)
    content = part(f'<row r="1">{rows}</row>' if in_row else rows)
    found = by_scan(content)
    assert found is None or found == by_expat(content)


VALUES = st.one_of(
    st.integers(0, 1_200),
    st.sampled_from(["", "0", "ja", " nei\n"]),
    st.floats(-1, 40),
    st.booleans(),
    st.just("=1+1"),
)


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 5_002), st.integers(0, 66), VALUES, st.booleans()), max_size=12
    )
)
def test_rows_read_at_once_are_the_same_as_cell_by_cell(
    cells: list[tuple[int, int, int | str | float, bool]],
) -> None:
    written = BytesIO()
    with xlsxwriter.Workbook(written) as workbook:
        sheet, day = workbook.add_worksheet(), workbook.add_format({"num_format": "dd.mm.yyyy"})
        for row, col, value, is_day in cells:
            sheet.write(row, col, value, day if is_day else None)
    (quick,) = read_sheets(Package(written.getvalue()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheet_reader, "scan", lambda _: None)
        assert [quick] == [*read_sheets(Package(written.getvalue()))]


PIECES = st.one_of(
    st.sampled_from(
        [
            "<",
            ">",
            '"',
            "&",
            "&amp;",
            "&#0;",
            "]]>",
            "<!--",
            "\x01",
            "\uffff",
            " ",
            "\r",
            "/",
            "</c>",
            "</row>",
            "<row>",
        ]
    ),
    st.sampled_from(
        [
            '<row r="9">',
            '<c r="B3">',
            "<v>",
            "</v>",
            "<v>9</v>",
            ' a="1"',
            ' r="A1"',
            "<f>1</f>",
            "1",
            "é",
        ]
    ),
    st.sampled_from(
        [
            "<is><t>",
            '<is><t xml:space="preserve">',
            "</t></is></c>",
            "</v></c>",
            "<is><t>a</t></is></c>",
        ]
    ),
)


@settings(max_examples=examples(600), deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), PIECES), min_size=1, max_size=3))
def test_after_any_edit_nothing_is_read_that_expat_refuses(
    edits: list[tuple[float, int, str]],
) -> None:
    rows = "".join(USUAL)
    for start, length, piece in edits:
        at = int(start * len(rows))
        rows = rows[:at] + piece + rows[at + length * (length > 6) :]
    found = by_scan(part(rows))
    assert found is None or found == by_expat(part(rows))


SHARED = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<sst count="3" uniqueCount="3">{}</sst>'
)
PLAIN = (
    '<si><t>ja</t></si><si><t xml:space="preserve"> a_x000D_\nb &amp; c</t></si><si><t></t></si>'
)


def test_shared_texts_without_formats_are_read_without_expat() -> None:
    assert _plain_texts(SHARED.format(PLAIN).encode()) == _rich_texts(SHARED.format(PLAIN).encode())


@settings(max_examples=examples(600), deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.one_of(PIECES, TREES)), max_size=3)
)
def test_shared_texts_after_any_edit_are_read_as_expat_reads_them(
    edits: list[tuple[float, int, str]],
) -> None:
    texts = PLAIN
    for start, length, piece in edits:
        at = int(start * len(texts))
        texts = texts[:at] + piece + texts[at + length * (length > 6) :]
    content = SHARED.format(texts).encode()
    found = _plain_texts(content)
    assert found is None or found == _rich_texts(content)
