"""Test the check for faults that no validator finds: break a valid workbook in each way."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest
import xlsxwriter

from tests.excel_rules import problems

SHEET, TABLE, BOOK, STRINGS = (
    "xl/worksheets/sheet1.xml",
    "xl/tables/table1.xml",
    "xl/workbook.xml",
    "xl/sharedStrings.xml",
)
LONG = "x" * 32_768
FORMULA = """=IF('Ark (1)'!E1="(","a ""b"" (",SUM(Tabell[Status]))"""


def valid_workbook() -> bytes:
    """Return a workbook with a table, a list, a formula, a conditional format and a name."""
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Ark (1)")
        sheet.write_string("E1", "x" * 32_767)
        sheet.write_string("E2", "_x000D_ (")
        sheet.write_formula("F1", FORMULA, None, 3)
        sheet.data_validation("B2", {"validate": "list", "source": ["1", "2"]})
        sheet.data_validation("B3", {"validate": "list", "source": "=$E$1:$E$2"})
        sheet.conditional_format(
            "B2", {"type": "formula", "criteria": '=(B2=")")', "format": book.add_format()}
        )
        columns = [{"header": "Tiltak"}, {"header": "Status"}, {"header": "Merknad\nfra leder"}]
        rows = [["Bygge", 3, "ja"], ["Rive", 3, None]]
        sheet.add_table("A1:C3", {"name": "Tabell", "columns": columns, "data": rows})
        sheet.repeat_rows(0)
        book.define_name("Rapport_æ.dato", "='Ark (1)'!$E$1")
    return target.getvalue()


def edited(content: bytes, part: str, old: str, new: str) -> bytes:
    """Return a workbook with the first `old` in one part replaced by `new`."""
    target = BytesIO()
    with ZipFile(BytesIO(content)) as source, ZipFile(target, "w") as copy:
        for name in source.namelist():
            text = source.read(name).decode("utf-8")
            assert name != part or old in text
            copy.writestr(name, text.replace(old, new, 1) if name == part else text)
    return target.getvalue()


def test_valid_workbook_has_no_problems() -> None:
    assert problems(valid_workbook()) == []


def test_empty_workbook_has_no_problems() -> None:
    target = BytesIO()
    with xlsxwriter.Workbook(target) as book:
        book.add_worksheet()
    assert problems(target.getvalue()) == []


@pytest.mark.parametrize(
    ("part", "old", "new", "problem"),
    [
        (
            SHEET,
            '"1,2"',
            f'"{"1," * 128}"',
            f"{SHEET}: B2: a list of 256 characters, Excel holds 255",
        ),
        (
            TABLE,
            'name="Tiltak"',
            'name="Prosjekt"',
            "the column 'Prosjekt' has 'Tiltak' in its heading cell",
        ),
        (
            STRINGS,
            "<t>Status</t>",
            "<t>Status </t>",
            "the column 'Status' has 'Status ' in its heading cell",
        ),
        (TABLE, 'name="Status"', 'name="tiltak"', "two columns are called 'tiltak'"),
        (TABLE, 'ref="A1:C3"', 'ref="A1:B3"', "A1:B3 is 2 columns wide, its columns are 3"),
        (
            SHEET,
            '<c r="B2"><v>3</v></c>',
            '<c r="B2"><v>3</v></c><c r="B2"/>',
            f"{SHEET}: B2: the cell stands 2 times",
        ),
        (SHEET, "SUM(Tabell", "SUM((Tabell", "unbalanced formula: IF("),
        (SHEET, 'b""', 'b"', "unbalanced formula: IF("),
        (SHEET, '(B2=")")', '(B2=")"))', 'unbalanced formula: (B2=")"))'),
        (
            STRINGS,
            "x" * 32_767,
            LONG,
            f"{SHEET}: R1C5: a text of 32768 characters, Excel holds 32767",
        ),
        (STRINGS, "x" * 32_767, "x" * 32_766 + "😀", "a text of 32768 characters"),
        (
            BOOK,
            "Rapport_æ.dato",
            "Rapport dato",
            f"{BOOK}: 'Rapport dato' cannot be a defined name",
        ),
    ],
)
def test_each_fault_of_a_workbook_is_found(part: str, old: str, new: str, problem: str) -> None:
    found = problems(edited(valid_workbook(), part, old, new))
    assert any(problem in line for line in found), found


def test_length_of_an_inline_text_is_checked_too() -> None:
    inline = (
        f'</row><row r="9"><c r="G9" t="inlineStr"><is><t>{LONG}</t></is></c></row></sheetData>'
    )
    found = problems(edited(valid_workbook(), SHEET, "</row></sheetData>", inline))
    assert found == [f"{SHEET}: R9C7: a text of 32768 characters, Excel holds 32767"]


# A second workbook with faults that the Open XML SDK does not find, or not all.

RELATED, STYLES, TYPES_PART, CHART = (
    "xl/worksheets/_rels/sheet1.xml.rels",
    "xl/styles.xml",
    "[Content_Types].xml",
    "xl/charts/chart1.xml",
)
DRAWING, OTHER, COMMENTS, CORE, TABLE_TYPE = (
    "xl/drawings/drawing1.xml",
    "xl/worksheets/sheet2.xml",
    "xl/comments1.xml",
    "docProps/core.xml",
    "[Content_Types].xml",
)
TWICE = '<numFmt numFmtId="164" formatCode="0"/>'
NOTE = '<comment ref="A1" authorId="0"><text><t>Et</t></text></comment>'
MANY = ",".join(f"A{n}" for n in range(1, 258))


def rich_workbook() -> bytes:
    """Return a workbook with one of everything that the rules are about."""
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet, other = book.add_worksheet("Ark"), book.add_worksheet("Havn")
        look = book.add_format({"num_format": '0" nr"', "bold": True})
        other.write_string("A1", "a")
        sheet.write_string("A1", "En")
        sheet.write_number("A2", 7, look)
        sheet.write_formula("B1", "=SUM(Havn!A1:A9)", None, 0)
        sheet.write_formula("B2", '=IF(A2=1,"ja","nei")', None, "nei")
        sheet.write_formula("B3", "=_xlfn.IFNA(A2,0)", None, 7)
        sheet.merge_range("A5:B5", "")
        sheet.merge_range("A7:B7", "")
        sheet.write_url("A9", "internal:'Havn'!A1")
        sheet.write_url("A10", "https://example.com")
        sheet.set_column(0, 0, 20)
        sheet.set_column(1, 1, 30)
        sheet.set_row(3, 20)
        sheet.set_header("&Ltittel")
        sheet.freeze_panes(1, 0)
        sheet.set_h_pagebreaks([20, 40])
        help_text = {"input_title": "Velg", "input_message": "En", "error_message": "Nei"}
        sheet.data_validation("C2", {"validate": "list", "source": ["1", "2"], **help_text})
        whole = {"validate": "integer", "criteria": ">", "value": 3}
        sheet.data_validation("C3", whole)
        rule = {"type": "formula", "criteria": "=A2=1", "format": look}
        sheet.conditional_format("C2:C9", rule)
        sheet.autofilter("A1:B3")
        sheet.write_comment("A1", "Et notat")
        sheet.repeat_rows(0)
        book.define_name("Navn", "=Havn!$A$1")
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=Havn!$A$1:$A$2"})
        other.insert_chart("C3", chart)
    return target.getvalue()


def test_a_valid_workbook_with_one_of_everything_has_no_problems() -> None:
    assert problems(rich_workbook()) == []


PLANTED = [
    (BOOK, 'name="Ark"', 'name="Ark\'"', "Excel refuses the sheet name"),
    (BOOK, 'name="Ark"', f'name="{"😀" * 16}"', "a sheet name of 32 characters"),
    (BOOK, 'name="Ark"', 'name="_x0041_ Ark"', "a character code in the sheet name"),
    (BOOK, 'name="Ark"', 'name="History"', "Excel refuses the sheet name"),
    (BOOK, 'name="Ark"', 'name="havn"', "2 sheets are called havn"),
    (BOOK, 'name="Ark" sheetId="1"', 'name="Ark" sheetId="1" state="hidden"', "is hidden"),
    (BOOK, ">Havn!$A$1<", ">Hav!$A$1<", "the sheet Hav of a formula is not there"),
    (BOOK, 'name="Navn"', 'name="AB12"', "cannot be a defined name"),
    (BOOK, 'name="Navn"', 'name="_xlnm.Print_Titles" localSheetId="0"', "is defined 2 times"),
    (SHEET, "SUM(Havn!A1:A9)", "1+" * 4_200 + "1", "a formula of 8401 characters"),
    (SHEET, "SUM(Havn!A1:A9)", f"SUM({MANY})", "with 257 arguments"),
    (SHEET, "SUM(Havn!A1:A9)", "(" * 66 + "1" + ")" * 66, "66 levels deep"),
    (SHEET, "SUM(Havn!A1:A9)", "SUM(Hav!A1:A9)", "the sheet Hav of a formula is not there"),
    (SHEET, "SUM(Havn!A1:A9)", "SUM(Havn!A1;A9)", "a semicolon in a formula"),
    (SHEET, "SUM(Havn!A1:A9)", "=SUM(Havn!A1:A9)", "begins with ="),
    (SHEET, '"ja"', f'"{"j" * 256}"', "a text of 256 characters in a formula"),
    (SHEET, "_xlfn.IFNA", "IFNA", "needs the prefix _xlfn."),
    (SHEET, ' t="str"><f>', "><f>", "is no number"),
    (SHEET, "<v>7</v>", "<v>nan</v>", "is no number"),
    (SHEET, 't="s"><v>1</v>', 't="s"><v>99</v>', "the shared text 99 is not there"),
    (SHEET, ' s="1"', ' s="99"', "style 99 is not there"),
    (SHEET, '<row r="3"', '<row r="2"', "row 2 comes after row 2"),
    (SHEET, 'ht="20.25"', 'ht="420"', "row 4 is 420 points high"),
    (SHEET, 'min="2"', 'min="1"', "columns 1 to 2 overlap"),
    (SHEET, 'ref="A7:B7"', 'ref="B5:C5"', "two merges overlap"),
    (SHEET, 'ref="A7:B7"', 'ref="A7"', "a merge of one cell"),
    (SHEET, 'mergeCells count="2"', 'mergeCells count="3"', "mergeCells: 3, but there are 2"),
    (SHEET, 'prompt="En"', f'prompt="{"😀" * 128}"', "prompt has 256 characters"),
    (SHEET, 'promptTitle="Velg"', f'promptTitle="{"V" * 33}"', "promptTitle has 33 characters"),
    (SHEET, 'sqref="C3"', 'sqref="C2:C3"', "two validations have a cell in common"),
    (SHEET, 'dxfId="0"', 'dxfId="9"', "the style 9 of a format is not there"),
    (SHEET, "<formula>A2=1</formula>", "", "a conditional format without formula"),
    (SHEET, "&amp;Ltittel", "&amp;L" + "😀" * 127, "a header or footer of 256 characters"),
    (SHEET, 'topLeftCell="A2"', 'topLeftCell="A1"', "A1 is within the frozen rows"),
    (SHEET, "'Havn'!A1\"", "'Hav'!A1\"", "the sheet Hav of a formula is not there"),
    (SHEET, 'legacyDrawing r:id="rId2"', 'legacyDrawing r:id="rId9"', "the relation rId9 is not"),
    (SHEET, "<pageMargins", "<mergeCells/><pageMargins", "the elements are not in order"),
    (RELATED, "../comments1.xml", "../comments2.xml", "../comments2.xml is not there"),
    (RELATED, "https://example.com", "https://a.no/" + "a" * 2_079, "an address of 2092"),
    (STYLES, "0&quot; nr&quot;", "0&quot;" + "n" * 254 + "&quot;", "the number format"),
    (STYLES, '<fonts count="4">', '<fonts count="5">', "fonts: 5, but there are 4"),
    (TYPES_PART, "/xl/comments1.xml", "/xl/comments3.xml", "comments3.xml, which is there twice"),
    (CHART, "Havn!$A$1", "Hav!$A$1", "the sheet Hav of a formula is not there"),
    (CHART, '<c:catAx><c:axId val="', '<c:catAx><c:axId val="9', "is not defined"),
    (DRAWING, "<xdr:cNvPr ", '<xdr:cNvPr id="2"/><xdr:cNvPr ', "2 shapes have the number 2"),
    (BOOK, 'sheetId="2"', 'sheetId="1"', "2 sheets have the number 1"),
    (BOOK, "<sheets>", "<calcPr/><sheets>", "the elements of the workbook are not in order"),
    (BOOK, "Ark!$1:$1", "Ark!$A$1", "the rows to repeat are Ark!$A$1"),
    (OTHER, "<sheetView ", '<sheetView tabSelected="1" ', "2 sheets are selected"),
    (SHEET, "<sheetView ", '<sheetView zoomScale="500" ', "shown at 500 %"),
    (SHEET, 'activePane="bottomLeft"', 'activePane="topRight"', "the pane topRight is active"),
    (SHEET, 'ySplit="1"', 'ySplit="0.5"', "a part of a row or column is frozen"),
    (SHEET, 'width="30.7109375"', 'width="256"', "are too wide"),
    (SHEET, 'max="2"', 'max="2" style="99"', "style 99 is not there"),
    (SHEET, '<row r="4"', '<row r="4" s="99"', "row 4 is"),
    (SHEET, "<f>SUM(Havn!A1:A9)</f>", "<f/>", "B1: an empty formula"),
    (SHEET, "<v>0</v>", "<v>1e999</v>", "is no number"),
    (SHEET, 'operator="greaterThan"', 'operator="between"', "with one limit"),
    (SHEET, '<formula1>"1,2"<', '<formula1>"1","2"<', "a list with a quote that ends it"),
    (SHEET, "<formula1>3</formula1>", "", "a validation of kind whole without formula"),
    (SHEET, "<formula1>3<", f"<formula1>1{'+1' * 130}<", "a formula of 261 characters in a"),
    (SHEET, 'type="expression"', 'type="cellIs"', "without comparison"),
    (SHEET, "<pageMargins", '<pageSetup scale="5"/><pageMargins', "printed at 5 %"),
    (SHEET, "&amp;Ltittel", "&amp;L&amp;x", "the command & of a header or footer"),
    (SHEET, 'ref="A10"', 'ref="A9"', "A9: the cell has 2 links"),
    (SHEET, '<legacyDrawing r:id="rId2"/>', "", "notes without their boxes"),
    (STYLES, '<cellXfs count="3">', '<cellXfs count="3"><xf xfId="9"/>', "xfId 9 is not there"),
    (STYLES, '<xf numFmtId="164"', '<xf numFmtId="165"', "number format 165 is not there"),
    (STYLES, "<dxf>", "<dxf><fill/>", "the parts of a conditional style are not in order"),
    (STYLES, "<dxf><font><b/>", '<dxf><font><color rgb="red"/>', "red is no colour"),
    (STYLES, '<numFmts count="1">', f'<numFmts count="2">{TWICE}', "two number formats have one"),
    (COMMENTS, 'authorId="0"', 'authorId="5"', "is too long or of nobody"),
    (COMMENTS, "Et notat", LONG, "is too long or of nobody"),
    (COMMENTS, "<commentList>", f"<commentList>{NOTE}", "A1 has 2 notes"),
    (CORE, 'W3CDTF">20', 'W3CDTF">i 20', "is no day"),
    (TABLE_TYPE, "<Types", "<!DOCTYPE Types><Types", "a document type in the part"),
]


@pytest.mark.parametrize(("part", "old", "new", "problem"), PLANTED)
def test_faults_that_no_validator_finds_are_found(
    part: str, old: str, new: str, problem: str
) -> None:
    found = problems(edited(rich_workbook(), part, old, new))
    assert any(problem in line for line in found), found
