"""Worksheets of XlsxWriter without the work for content that our sheets do not have.

They use private names of XlsxWriter. `tests/xlsx/test_plain_sheet.py` compares their output with
that of XlsxWriter itself.
"""

from __future__ import annotations

from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell_fast
from xlsxwriter.worksheet import CellFormulaTuple, CellStringTuple, Worksheet


class PlainSheet(Worksheet):  # type: ignore[misc]
    """A worksheet that escapes only texts; XlsxWriter catches an error for each number."""

    def _escape_attributes(self, attribute: object) -> object:
        return super()._escape_attributes(attribute) if isinstance(attribute, str) else attribute


class PlainFormulaSheet(PlainSheet):
    """A worksheet whose formulas use only functions of Excel 2007.

    XlsxWriter searches every formula twice for about fifty newer functions.
    """

    def _write_formula(
        self, row: int, col: int, formula: str, cell_format: Format, value: str | float = 0
    ) -> int:
        out_of_bounds: int = self._check_dimensions(row, col)
        if not out_of_bounds:
            self.table[row][col] = CellFormulaTuple(formula.removeprefix("="), cell_format, value)
        return out_of_bounds

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        """Write a text or a number with a format, like nearly all cells; others by XlsxWriter."""
        content = self._content_markup(cell) if cell.format else ""
        if content:
            style = cell.format._get_xf_index()  # noqa: SLF001 - of the same library
            self.fh.write(f'<c r="{xl_rowcol_to_cell_fast(row, col)}" s="{style}"{content}')
        else:
            super()._write_cell(row, col, cell)

    def _content_markup(self, cell: Any) -> str:
        """Return the markup of a cell after its style; "" if it is not a text or a number."""
        if isinstance(cell, CellStringTuple):
            return f' t="s"><v>{cell.string}</v></c>'
        if isinstance(cell, CellFormulaTuple) and type(cell.value) in (int, float):
            return f"><f>{self._escape_data(cell.formula)}</f><v>{cell.value}</v></c>"
        return ""
