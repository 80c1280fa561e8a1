"""Read the rows that xltiltak wrote without slots, and what people have written beside them."""

from __future__ import annotations

from xltiltak.intake.boilerplate import Boilerplate, is_our_formula
from xltiltak.intake.columns import ColumnMap
from xltiltak.intake.returned_sheet import ReturnedAreaSheet, UnexpectedCell, filled_cells
from xltiltak.layout.guidance import FILLED_BY_KEY, MESSAGE_KEY
from xltiltak.model.cell_values import CellValue
from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.sheet_reader import Sheet

Row = dict[int, CellValue]  # values by column


class OwnRowReader:
    """Reads our own rows of one area sheet into a ReturnedAreaSheet.

    The filled cells that are neither ours nor of a slot are unexpected, in rows of any kind.
    """

    def __init__(self, sheet: Sheet, columns: ColumnMap, found: ReturnedAreaSheet) -> None:
        self.sheet, self.columns, self.found = sheet, columns, found
        self.boilerplate = Boilerplate(columns, found.sent, found.area)
        # Beside slots, cards have formulas of ours; without row keys, any row may be ours.
        self.may_have_formulas = not columns.geometry.is_table or columns.key_column is None

    def read(self, number: int, row: Row, key: str) -> None:
        """Read a row of ours: only what somebody has written there."""
        taken = set[int]()
        if key in self.boilerplate.has_formulas and self.columns.key_column is not None:
            taken.add(self.columns.key_column)
        if key in (MESSAGE_KEY, FILLED_BY_KEY):
            taken |= self._read_own_text(number, key)
        elif number == self.columns.label_row:
            taken |= self._read_labels(number)
        self.add_unexpected(number, row, taken)

    def _read_own_text(self, number: int, key: str) -> set[int]:
        """Read what the leader says of the sheet as a whole; return its column."""
        is_message = key == MESSAGE_KEY
        col = self.columns.position_of.get(self.columns.geometry.value_col)
        value = None if col is None else dict(filled_cells(self.sheet, number)).get(col)
        known = self.found.message if is_message else self.found.filled_by
        if col is None or value is None or known:
            return set()
        text = UnexpectedCell(cell_name(number, col), value)
        if is_message:
            self.found.message = text
        else:
            self.found.filled_by = text
        return {col}

    def _read_labels(self, number: int) -> set[int]:
        """Read the labels that are others now; return their columns."""
        filled = dict(filled_cells(self.sheet, number))
        for column, col in self.columns.relabelled:
            value = None if col is None else filled.get(col)
            if value not in self.columns.geometry.headings_of(column):
                cell = "" if col is None else cell_name(number, col)
                label = self.boilerplate.heading_of(column)
                self.found.relabelled.append((label, value, cell))
        return {col for _, col in self.columns.relabelled if col is not None}

    def add_unexpected(self, number: int, row: Row, taken: set[int]) -> None:
        """Add the filled cells of a row that are neither taken nor ours."""
        if len(row) <= len(taken) and row.keys() <= taken:
            return
        key = self.sheet.rows[number].get(self.columns.key_column or 0)
        has_formulas = self.may_have_formulas or self.boilerplate.has_formulas.get(str(key))
        for col, value in filled_cells(self.sheet, number):
            if col in taken or self.boilerplate.contains(value):
                continue
            if has_formulas and self._has_our_formula(number, col):
                continue
            self.found.unexpected_cells.append(UnexpectedCell(cell_name(number, col), value))

    def _has_our_formula(self, number: int, col: int) -> bool:
        """Return True if a cell has one of the formulas that a form is sent with."""
        formula = self.sheet.formulas.get((number, col), "")
        return bool(formula) and is_our_formula(formula)
