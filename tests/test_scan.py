"""The pattern reads a sheet as expat does, or says that it cannot."""

from __future__ import annotations

import pytest

from xltiltak.errors import DamagedWorkbook
from xltiltak.workbook.markup import walk
from xltiltak.workbook.scan import scan
from xltiltak.workbook.sheets import _Collector

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="m"><sheetData>'
USUAL = (
    '<row r="1"><c r="A1" s="1" t="s"><v>0</v></c></row>',
    '<row r="2" ht="5" customHeight="1"/><row r="3"><c r="B3" s="4"/><c r="C3"><v>2.5</v></c></row>',
    '<row r="4"><c r="A4" t="inlineStr"><is><t>ja &amp; nei &#8211; &#x26;lt;</t></is></c></row>',
    '<row r="5"><c r="A5"><f>IF(A1&gt;0,"x","")</f><v></v></c><c r="B5" t="str"><f>A1</f><v> x </v></c></row>',
    '<row r="6"><c r="AB6" t="e"><v>#DIV/0!</v></c></row>',
)
UNUSUAL = (
    '<row r="1"><c r="A1" t="inlineStr"><is><r><t>ri</t></r><r><t>k</t></r></is></c></row>',
    '<row r="1"><c r="A1"><v><![CDATA[1]]></v></c></row>',
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
    """A sheet with these rows."""
    return f"{HEAD}{rows}</sheetData></worksheet>".encode()


def by_expat(content: bytes) -> object:
    """Its cells, element by element."""
    found = _Collector("Ark")
    walk(content, found.start, found.end, found.chars, root="worksheet")
    return [(row, letters, *rest) for row, letters, _, *rest in found.cells]


def by_pattern(content: bytes) -> object:
    """Its cells by the pattern; None where it cannot tell."""
    cells = scan(content, "Ark")
    return cells and [(row, letters, *rest) for row, letters, _, *rest in cells]


@pytest.mark.parametrize("rows", [*USUAL, "".join(USUAL)])
def test_usual_markup_is_read_as_expat_reads_it(rows: str) -> None:
    assert (by_pattern(part(rows)) or []) == by_expat(part(rows))
    assert scan(part(rows), "Ark") is not None


@pytest.mark.parametrize("rows", UNUSUAL)
def test_any_other_markup_is_left_to_expat(rows: str) -> None:
    assert scan(part(rows), "Ark") is None
    assert by_expat(part(rows))


def test_other_letters_than_utf_8_are_left_to_expat() -> None:
    text = part(USUAL[0]).decode()
    assert scan(text.replace("UTF-8", "UTF-16").encode("utf-16"), "Ark") is None
    assert scan(text.replace("UTF-8", "ISO-8859-1").encode("latin-1"), "Ark") is None


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>&amp</v></c></row>',
        '<row r="2"/><row r="2"/>',
        '<row r="1"><c r="A1"><v>&x;</v></c></row>',
    ],
)
def test_what_is_broken_is_refused_by_both(rows: str) -> None:
    with pytest.raises(DamagedWorkbook):
        by_expat(part(rows))
    with pytest.raises(DamagedWorkbook):
        scan(part(rows), "Ark")
