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
