"""The fast worksheets write the same XML as XlsxWriter's own."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from xltiltak.xlsx.plain_sheet import PlainFormulaSheet

TEXTS = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=20
)
NUMBERS = st.integers(-9, 10**9) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = NUMBERS | st.booleans() | st.sampled_from(["", "#N/A", "<b>"]) | TEXTS
FORMULAS = st.tuples(TEXTS.map(lambda text: f"='{text}'!$B$5"), VALUES)
CELLS = st.lists(TEXTS | NUMBERS | FORMULAS | st.none(), max_size=8)


def written(of: type[Worksheet], rows: list[list[object]], width: float) -> bytes:
    """Return the XML of a sheet with these cells, every other one with a format.

    A pair is a formula and its value.
    """
    target = BytesIO()
    with Workbook(target, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Ark", of)
        bold = workbook.add_format({"bold": True})
        sheet.set_column(0, 3, width)
        for row, cells in enumerate(rows):
            sheet.set_row(row, width)
            for col, cell in enumerate(cells):
                cell_format = bold if col % 2 else None
                if isinstance(cell, tuple):
                    sheet.write_formula(row, col, cell[0], cell_format, cell[1])
                elif isinstance(cell, str):
                    sheet.write_string(row, col, cell, cell_format)
                elif cell is None:
                    sheet.write_blank(row, col, None, cell_format)
                else:
                    sheet.write_number(row, col, cell, cell_format)
    with ZipFile(target) as package:
        return package.read("xl/worksheets/sheet1.xml")


@settings(deadline=None)
@given(rows=st.lists(CELLS, max_size=20), width=st.floats(1, 60))
def test_a_sheet_has_the_same_xml_as_xlsxwriters(rows: list[list[object]], width: float) -> None:
    assert written(PlainFormulaSheet, rows, width) == written(Worksheet, rows, width)
