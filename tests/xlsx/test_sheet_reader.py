"""What changes the meaning of a cell is read with it: strike-through, merges, links, fills."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.raw import parts_of, zipped
from xltiltak.model.cell_values import CellValue, ErrorValue, FormattedNumber, display
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.shared_formulas import shifted
from xltiltak.xlsx.sheet_reader import CellLink, Sheet, SheetRange, read_sheets

PART = "xl/worksheets/sheet1.xml"
STYLES = (
    "<numFmts><numFmt numFmtId='164' formatCode='0 %'/>"
    "<numFmt numFmtId='165' formatCode='mmmm'/></numFmts>"
    "<fonts><font/><font><strike/></font><font><strike val='0'/></font></fonts>"
    "<fills><fill><patternFill patternType='none'/></fill>"
    "<fill><patternFill patternType='gray125'/></fill>"
    "<fill><patternFill patternType='solid'><fgColor rgb='FF92D050'/><bgColor indexed='64'/>"
    "</patternFill></fill>"
    "<fill><patternFill patternType='solid'><fgColor theme='9' tint='0.4'/></patternFill></fill>"
    "<fill><patternFill patternType='solid'><fgColor indexed='10'/></patternFill></fill>"
    "<fill><patternFill patternType='solid'><fgColor rgb='FFFFFFFF'/></patternFill></fill>"
    "<fill><patternFill patternType='solid'><fgColor theme='0' tint='-0.15'/></patternFill></fill>"
    "</fills>"
    "<cellXfs><xf/><xf fontId='1'/><xf numFmtId='164'/><xf numFmtId='165'/><xf numFmtId='14'/>"
    + "".join(f"<xf fillId='{n}'/>" for n in range(7))
    + "<xf fontId='2'/></cellXfs>"
    "<dxfs><dxf><font><strike/></font><numFmt numFmtId='0' formatCode='0 %'/></dxf></dxfs>"
)
STRUCK, PERCENT, MONTH, DAY, FIRST_FILL, NOT_STRUCK = 1, 2, 3, 4, 5, 12
OLD = "<r><rPr><strike/></rPr><t>Vi rakk det ikke.</t></r>"
RAISED = "<r><rPr><vertAlign val='superscript'/></rPr><t>3</t></r>"
A = "<r><rPr><strike/></rPr><t>a</t></r>"
NEW = "<r><rPr><b/></rPr><t xml:space='preserve'> Alt er ferdig.</t></r>"


def read(cells: str, after: str = "", **parts: Any) -> Sheet:
    """Return the first sheet of a workbook with these cells in row 1, and more after its rows."""
    made = parts_of(f"<row r='1'>{cells}</row>", styles=STYLES, **parts)
    made[PART] = str(made[PART]).replace("</worksheet>", f"{after}</worksheet>")
    return next(read_sheets(Package(zipped(made))))


def value(cell: str, **parts: Any) -> CellValue:
    """Return the value of one cell."""
    return read(cell, **parts).rows[1][1]


# Strike-through


@pytest.mark.parametrize(
    ("runs", "standing", "struck"),
    [
        (OLD + NEW, "Alt er ferdig.", "Vi rakk det ikke."),
        (NEW + OLD, "Alt er ferdig.", "Vi rakk det ikke."),
        ("<r><rPr><strike/></rPr><t>3</t></r><r><t>4</t></r>", "4", "3"),
        ("<r><t>stopp</t></r><r><rPr><strike val='1'/></rPr><t>et</t></r>", "stopp", "et"),
        ("<r><t>a </t></r><r><rPr><strike/></rPr><t>b</t></r><r><t> c</t></r>", "a c", "b"),
        (f"<r><t>10</t></r>{RAISED}{A}", "10³", "a"),
        (f"{A}<r><t> b </t></r>{A}", "b", "a … a"),
        ("<r><rPr><strike/></rPr><t>a</t></r><r><rPr><b/><strike/></rPr><t>b</t></r>", "ab", "ab"),
    ],
)  # fmt: skip
def test_struck_words_are_set_apart(runs: str, standing: str, struck: str) -> None:
    shared = read("<c r='A1' t='s'><v>0</v></c>", texts=f"<si>{runs}</si>")
    inline = read(f"<c r='A1' t='inlineStr'><is>{runs}</is></c>")
    for sheet in (shared, inline):
        assert (sheet.rows[1][1], sheet.struck) == (standing, {(1, 1): struck})
        assert sheet.struck_cells == ({(1, 1)} if standing == struck else set())


@pytest.mark.parametrize("run", ["<r><t>x</t></r>", "<r><rPr><strike val='0'/></rPr><t>x</t></r>"])
def test_runs_without_strike_through_are_a_text(run: str) -> None:
    sheet = read("<c r='A1' t='s'><v>0</v></c>", texts=f"<si>{run}</si>")
    assert (sheet.rows[1][1], sheet.struck, sheet.struck_cells) == ("x", {}, set())


@pytest.mark.parametrize(
    ("cell", "found", "words"),
    [
        ("<c r='A1' s='1' t='s'><v>0</v></c>", "ja", "ja"),
        ("<c r='A1' s='1'><v>4</v></c>", 4, "4"),
        ("<c r='A1' s='1' t='str'><f>B1</f><v>x</v></c>", "x", "x"),
        ("<c r='A1' s='1' t='e'><v>#N/A</v></c>", ErrorValue("#N/A"), "#N/A"),
    ],
)
def test_a_struck_cell_keeps_its_value(cell: str, found: CellValue, words: str) -> None:
    sheet = read(cell, texts="<si><t>ja</t></si>")
    assert (sheet.rows[1][1], sheet.struck) == (found, {(1, 1): words})
    assert sheet.struck_cells == {(1, 1)}


def test_an_empty_struck_cell_and_a_conditional_strike_say_nothing() -> None:
    sheet = read(f"<c r='A1' s='{STRUCK}'/><c r='B1' s='{NOT_STRUCK}'><v>1</v></c>")
    assert (sheet.struck, sheet.struck_cells) == ({}, set())


def test_a_conditional_format_strikes_out_cells_without_an_address_too() -> None:
    rule = "<cfRule type='expression' dxfId='0' priority='1'><formula>TRUE</formula></cfRule>"
    after = f"<conditionalFormatting sqref='B1:C1'>{rule}</conditionalFormatting>"
    assert read("<c><v>1</v></c><c/><c><v>3</v></c>", after).struck_cells == {(1, 3)}


@pytest.mark.parametrize("sign", ["iconSet", "dataBar"])
@pytest.mark.parametrize(("shows_value", "pale"), [("0", {(1, 1)}), ("1", set())])
def test_a_number_behind_an_icon_or_a_bar_is_hardly_seen(
    sign: str, shows_value: str, pale: set[tuple[int, int]]
) -> None:
    rule = f"<cfRule type='{sign}' priority='1'><{sign} showValue='{shows_value}'/></cfRule>"
    after = f"<conditionalFormatting sqref='A1:B1'>{rule}</conditionalFormatting>"
    cells = "<c r='A1'><v>1</v></c><c r='B1' t='inlineStr'><is><t>ferdig</t></is></c>"
    assert read(cells, after).pale_cells == pale


def test_a_cell_without_an_address_has_a_colour_too() -> None:
    assert [*read(f"<c><v>1</v></c><c s='{FIRST_FILL + 2}'/>").fills] == [(1, 2)]


def test_the_first_thousand_ranges_of_conditional_formats_are_read() -> None:
    rule = "<cfRule type='expression' dxfId='0' priority='1'><formula>TRUE</formula></cfRule>"
    cells = " ".join(f"A{row}" for row in range(1, 1_001))
    after = f"<conditionalFormatting sqref='{cells}'>{rule * 2}</conditionalFormatting>"
    far = f"<conditionalFormatting sqref='B1 {cells}'>{rule}</conditionalFormatting>"
    sheet = read("<c r='A1'><v>1</v></c><c r='B1'><v>2</v></c>", after + far)
    assert sheet.struck_cells == {(1, 1)}


def test_runs_with_a_format_of_their_own_stand_in_a_struck_cell() -> None:
    runs = "<r><t>a</t></r><r><rPr><b/></rPr><t>b</t></r>"
    sheet = read(f"<c r='A1' s='{STRUCK}' t='s'><v>0</v></c>", texts=f"<si>{runs}</si>")
    assert (sheet.rows[1][1], sheet.struck) == ("b", {(1, 1): "a"})


# Number formats, days and times


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (f"s='{PERCENT}'><v>0.85</v>", FormattedNumber(0.85, "percent", "85 %")),
        (f"s='{MONTH}'><v>44166</v>", FormattedNumber(44166, "date", "desember")),
        (f"s='{DAY}'><v>44196.75</v>", datetime(2020, 12, 31, 18)),  # noqa: DTZ001
        (f"s='{DAY}'><v>44196</v>", date(2020, 12, 31)),
        ("t='d'><v>14:30:00</v>", FormattedNumber(0.6041666666666666, "time", "14:30")),
        ("t='d'><v>14:30:05</v>", FormattedNumber(0.6042245370370371, "time", "14:30:05")),
        ("t='d'><v>2020-12-31T23:00Z</v>", datetime(2020, 12, 31, 23)),  # noqa: DTZ001
        ("t='d'><v>2020-12-31T00:00:00.000Z</v>", date(2020, 12, 31)),
        ("t='d'><v>2020-12-31T13:59:59.9999</v>", datetime(2020, 12, 31, 14)),  # noqa: DTZ001
        ("><v>123456789012345678</v>", 123456789012345678),
        ("><v>1.23456789012346E+17</v>", 123456789012346000),
        ("><v>1E+30</v>", 1e30),
        ("><v>-0</v>", 0.0),
    ],
)
def test_a_number_or_a_time_is_what_a_person_saw(cell: str, found: CellValue) -> None:
    assert value(f"<c r='A1' {cell}</c>") == found


def test_a_formula_can_have_the_empty_text_as_its_value() -> None:
    cells = (
        "<c r='A1' t='str'><f>B1</f><v></v></c><c r='B1'><f>C1</f><v></v></c>"
        "<c r='C1'><f>D1</f></c>"
    )
    assert read(cells).rows[1] == {1: "", 2: None, 3: None}


_NUMBERS = ["0", "-0", "1e308", "9" * 308, "9" * 309, "1E-400", "-1", "0.5", "60", "44196.5"]
_DAYS = ["2958465.999999999", "2958466", "14:30", "24:00", "9999-12-31T23:59:59.9", "0001-01-01"]
ODD_CELLS = st.sampled_from([*_NUMBERS, *_DAYS, "", " ", "ja", "true", "_xD83D_"])
KINDS = st.sampled_from(["", *(f" t='{kind}'" for kind in ("n", "s", "b", "d", "e", "str", "x"))])


@settings(max_examples=examples(800), deadline=None)
@given(st.lists(st.tuples(ODD_CELLS, KINDS, st.integers(0, 13)), max_size=6))
def test_any_cell_is_read_and_shown(cells: list[tuple[str, str, int]]) -> None:
    made = "".join(f"<c{kind} s='{style}'><v>{text}</v></c>" for text, kind, style in cells)
    sheet = read(made, texts="<si><t>a</t></si>")
    assert all(isinstance(display(found), str) for found in sheet.rows.get(1, {}).values())


# Formulas


@pytest.mark.parametrize(
    ("formula", "rows", "columns", "moved"),
    [
        ("D13+1", 1, 0, "D14+1"),
        ("D13+1", 0, 2, "F13+1"),
        ("$D$13+D$13+$D13", 2, 1, "$D$13+E$13+$D15"),
        ("SUM(A1:B2)", 1, 1, "SUM(B2:C3)"),
        ("SUM(A:A)+SUM(1:1)", 1, 1, "SUM(B:B)+SUM(2:2)"),
        ("Ark1!A1+'Ark A1'!A1", 1, 0, "Ark1!A2+'Ark A1'!A2"),
        ('"A1"&A1', 1, 0, '"A1"&A2'),
        ("LOG10(A1)+Tabell1[A1]", 1, 0, "LOG10(A2)+Tabell1[A1]"),
        ("A1.B+x_A1+1E3", 1, 0, "A1.B+x_A1+1E3"),
        ("A1", -1, 0, "#REF!"),
        ("A1:B2", 0, -1, "#REF!:A2"),
        ("XFD1", 0, 1, "#REF!"),
        ('IF(A1="","",A1*2)', 3, 0, 'IF(A4="","",A4*2)'),
    ],
)
def test_a_shared_formula_moves_its_relative_references(
    formula: str, rows: int, columns: int, moved: str
) -> None:
    assert shifted(formula, rows, columns) == moved


def test_each_cell_has_its_whole_formula() -> None:
    cells = (
        "<c r='A1'><f t='shared' ref='A1:C1' si='0'>A2+1</f><v>1</v></c>"
        "<c r='B1'><f t='shared' si='0'/><v>2</v></c><c r='C1'><f t='shared' si='0'/></c>"
        "<c r='D1'><f t='array' ref='D1:F1'>A2:C2*2</f><v>1</v></c><c r='E1'><v>2</v></c>"
        "<c r='G1'><f t='dataTable' ref='G1' r1='A1' r2='A2'/><v>3</v></c>"
        "<c r='H1'><f t='shared' si='9'/><v>3</v></c>"
    )
    assert read(cells).formulas == {
        (1, 1): "A2+1",
        (1, 2): "B2+1",
        (1, 3): "C2+1",
        (1, 4): "A2:C2*2",
        (1, 5): "A2:C2*2",
        (1, 7): "TABLE(A1,A2)",
        (1, 8): "…",
    }


# What a person sees


@pytest.mark.parametrize("kind", ["inline", "shared"])
@pytest.mark.parametrize(
    ("runs", "seen"),
    [
        (f"<r><t>10</t></r>{RAISED}", "10³"),
        ("<r><t>CO</t></r><r><rPr><vertAlign val='subscript'/></rPr><t>2</t></r>", "CO₂"),
        ("<r><t>1</t></r><r><rPr><vertAlign val='baseline'/></rPr><t>3</t></r>", "13"),
    ],
)
def test_a_raised_digit_is_no_usual_digit(runs: str, seen: str, kind: str) -> None:
    if kind == "inline":
        assert value(f"<c r='A1' t='inlineStr'><is>{runs}</is></c>") == seen
    else:
        assert value("<c r='A1' t='s'><v>0</v></c>", texts=f"<si>{runs}</si>") == seen


# Around the cells


def test_merged_ranges_and_page_texts_are_read() -> None:
    sheet = read(
        "",
        "<mergeCells><mergeCell ref='F13:F15'/><mergeCell ref='$B$2:C3'/><mergeCell ref='A1'/>"
        "<mergeCell ref='tull'/></mergeCells><headerFooter><oddHeader>&amp;CIKKE GODKJENT"
        "</oddHeader><oddFooter></oddFooter><firstFooter>s. &amp;P</firstFooter></headerFooter>",
    )
    assert sheet.merged == [SheetRange(13, 6, 15, 6), SheetRange(2, 2, 3, 3)]
    assert sheet.page_texts == [("oddHeader", "&CIKKE GODKJENT"), ("firstFooter", "s. &P")]


def test_links_have_their_targets_as_written() -> None:
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    made = parts_of("<row r='1'><c r='A1' t='inlineStr'><is><t>Se sak</t></is></c></row>")
    links = (
        "<hyperlinks><hyperlink ref='A1' r:id='rId1'/><hyperlink ref='B2:C3' location='Ark!A1'/>"
        "<hyperlink ref='A2' r:id='rId1' location='del'/><hyperlink ref='A3' r:id='rId9'/>"
        "</hyperlinks>"
    )
    made[PART] = (
        str(made[PART])
        .replace("</worksheet>", f"{links}</worksheet>")
        .replace("<worksheet ", f"<worksheet xmlns:r='{office}' ", 1)
    )
    made["xl/worksheets/_rels/sheet1.xml.rels"] = (
        f"<Relationships><Relationship Id='rId1' Type='{office}/hyperlink' "
        "Target='https://example.org/a/../b?c=1' TargetMode='External'/></Relationships>"
    )
    (sheet,) = read_sheets(Package(zipped(made)))
    address = "https://example.org/a/../b?c=1"
    assert sheet.links == [
        CellLink(SheetRange(1, 1, 1, 1), address),
        CellLink(SheetRange(2, 2, 3, 3), "#Ark!A1"),
        CellLink(SheetRange(2, 1, 2, 1), f"{address}#del"),
    ]


def test_fills_are_named_also_of_empty_cells() -> None:
    sheet = read("".join(f"<c r='{c}1' s='{FIRST_FILL + n}'/>" for n, c in enumerate("ABCDEFG")))
    assert dict(sheet.fills) == {
        (1, 3): "92D050",
        (1, 4): "accent6",
        (1, 5): "FF0000",
        (1, 7): "D9D9D9",
    }
    assert sheet.rows == {}


def test_hidden_rows_columns_and_sheets_are_told() -> None:
    made = parts_of("<row r='2' hidden='1'/><row r='3' hidden='0'/>", sheets=2)
    columns = "<cols><col min='3' max='9999' hidden='1'/><col min='1' max='1'/></cols>"
    made[PART] = str(made[PART]).replace("<sheetData>", f"{columns}<sheetData>")
    made["xl/workbook.xml"] = str(made["xl/workbook.xml"]).replace(
        'sheetId="2"', 'sheetId="2" state="veryHidden"'
    )
    first, second = read_sheets(Package(zipped(made)))
    assert (first.hidden_rows, first.hidden_columns) == ([2], [(3, 64)])
    assert (first.is_hidden, second.is_hidden) == (False, True)


def test_parts_with_backslashes_are_opened() -> None:
    made = parts_of("<row r='1'><c r='A1'><v>1</v></c></row>")
    content = zipped({name.replace("/", "\\"): part for name, part in made.items()})
    assert next(read_sheets(Package(content))).rows == {1: {1: 1}}


# Markup that nobody expects: nothing in it is passed over.


@pytest.mark.parametrize(
    "cell",
    [
        "<c r='A1'><!-- 7 --><v>1</v></c>",
        "<c r='A1'><v><![CDATA[1]]></v></c>",
        "<c r='A1'><v>&#49;</v></c>",
        "<c s='0' r='A1' cm='1'>\n<v>1</v>\n</c>",
        "<x:wrap xmlns:x='y'><c r='A1'><v>1</v></c></x:wrap>",
        "<c r='A1'><extLst><ext/></extLst><v>1</v></c>",
    ],
)
def test_unusual_markup_of_a_cell_is_read(cell: str) -> None:
    assert read(cell).rows == {1: {1: 1}}


def test_a_text_in_several_pieces_is_whole() -> None:
    long = "æ" * 20_000
    assert value(f"<c r='A1' t='inlineStr'><is><t>a&amp;{long}</t></is></c>") == f"a&{long}"
    assert (
        value("<c r='A1' t='s'><v>0</v></c>", texts=f"<si><t>{long}&lt;b</t></si>") == f"{long}<b"
    )


@pytest.mark.parametrize(
    ("cell", "shown", "second"),
    [
        ("<c r='A1' t='inlineStr'><is><t>Grønn</t></is><v>Rød</v></c>", "Grønn", ["Rød"]),
        ("<c r='A1' t='inlineStr'><v>Rød</v><is><t>Grønn</t></is></c>", "Grønn", ["Rød"]),
        (
            "<c r='A1' t='inlineStr'><is><r><t>Grø</t></r><r><t>nn</t></r></is><v>4</v></c>",
            "Grønn",
            ["4"],
        ),
        ("<c r='A1' t='inlineStr'><is><t>Grønn</t></is><v>Grønn</v></c>", "Grønn", []),
        ("<c r='A1' t='inlineStr'><is><t>Grønn</t></is><v/></c>", "Grønn", []),
        ("<c r='A1'><v>4</v><is><t>Grønn</t></is></c>", 4, ["Grønn"]),
        ("<c r='A1' t='str'><v>Rød</v><is><r><t>Grønn</t></r></is></c>", "Rød", ["Grønn"]),
        ("<c r='A1' t='inlineStr'><v>Rød</v></c>", "Rød", []),
    ],
)
def test_of_two_values_of_a_cell_the_one_that_excel_shows_is_read(
    cell: str, shown: CellValue, second: list[str]
) -> None:
    sheet = read(cell)
    assert sheet.rows == {1: {1: shown}}
    assert sheet.second_values == [("A1", text) for text in second]
