"""XlsxWriter's worksheet, less what it does for content that ours do not have.

It leans on inner names of XlsxWriter; `tests/test_plain.py` holds its output against what XlsxWriter itself writes.
"""

from __future__ import annotations

from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell_fast
from xlsxwriter.worksheet import CellFormulaTuple, CellStringTuple, Worksheet


class PlainSheet(Worksheet):  # type: ignore[misc]
    """A worksheet that looks for markup in texts only: XlsxWriter raises and catches an error for each number."""

    def _escape_attributes(self, attribute: object) -> object:
        return super()._escape_attributes(attribute) if isinstance(attribute, str) else attribute


class PlainFormulaSheet(PlainSheet):
    """A worksheet whose formulas use no function of later Excel versions: XlsxWriter looks for fifty in each, twice."""

    def _write_formula(
        self, row: int, col: int, formula: str, look: Format, value: str | float = 0
    ) -> int:
        beyond: int = self._check_dimensions(row, col)
        if not beyond:
            self.table[row][col] = CellFormulaTuple(formula.removeprefix("="), look, value)
        return beyond

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        """A text or a figure at one stroke, as nearly all cells are; any other as XlsxWriter writes it."""
        known = self._rest_of(cell) if cell.format else ""
        if known:
            look = cell.format._get_xf_index()  # noqa: SLF001 - a subclass's own family
            self.fh.write(f'<c r="{xl_rowcol_to_cell_fast(row, col)}" s="{look}"{known}')
        else:
            super()._write_cell(row, col, cell)

    def _rest_of(self, cell: Any) -> str:
        """The rest of a cell after its place and look; empty where it is neither."""
        if isinstance(cell, CellStringTuple):
            return f' t="s"><v>{cell.string}</v></c>'
        if isinstance(cell, CellFormulaTuple) and type(cell.value) in (int, float):
            return f"><f>{self._escape_data(cell.formula)}</f><v>{cell.value}</v></c>"
        return ""
