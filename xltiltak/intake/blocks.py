"""Compare the answers of a returned area sheet with what was sent.

Rows with the same slots form a block.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from xltiltak.intake.boilerplate import is_derived_formula
from xltiltak.intake.columns import ColumnMap
from xltiltak.intake.returned_sheet import CellChange, ReturnedAreaSheet
from xltiltak.layout.geometry import Column
from xltiltak.layout.row_templates import ended_word
from xltiltak.model.cell_values import CellValue, ErrorValue, is_blank
from xltiltak.model.field_types import FieldType, Value
from xltiltak.model.report import Slot
from xltiltak.model.template import Field
from xltiltak.xlsx.sheet_reader import Sheet


class AnswerColumn(NamedTuple):
    """One column of a block.

    `node` says which of the row's nodes the slot belongs to, counted from 0. `col` is the position
    of the column now.
    """

    node: int
    field: str
    date: date | None
    col: int
    column: Column


class BlockRow(NamedTuple):
    """A row's number, its cells by column, and the refs of its nodes."""

    number: int
    cells: dict[int, CellValue]
    refs: list[str]


class AnswerBlock(NamedTuple):
    """Rows with the same slots: their columns, all positions that these take, and the rows."""

    columns: list[AnswerColumn]
    taken: set[int]
    rows: list[BlockRow]


class AnswerBlocks:
    """The rows of an area sheet's nodes, by the levels and groups of these.

    `compare` adds the changes to the ReturnedAreaSheet.
    """

    def __init__(self, sheet: Sheet, columns: ColumnMap, found: ReturnedAreaSheet) -> None:
        self.sheet, self.columns, self.found, self.sent = sheet, columns, found, found.sent
        self.level_and_groups = {
            node.ref: (node.level, groups) for node, groups in self.sent.walk()
        }
        self.blocks: dict[tuple[object, ...], AnswerBlock] = {}

    def block_of(self, refs: list[str]) -> AnswerBlock:
        """Return the block that a row of these nodes belongs to."""
        key = tuple(map(self.level_and_groups.__getitem__, refs))
        if key not in self.blocks:
            columns = [
                AnswerColumn(n, column.field.id, column.date, col, column)
                for n, (level, groups) in enumerate(key)
                for col, column in self.columns.of_level[level]
                if column.field.applies(groups)
            ]
            taken = {answer.col for answer in columns}
            if self.columns.key_column is not None:
                taken.add(self.columns.key_column)
            self.blocks[key] = AnswerBlock(columns, taken, [])
        return self.blocks[key]

    def compare(self) -> None:
        """Compare all blocks with what was sent, and sort the changes by row."""
        language = self.sent.head.language
        for columns, _, rows in self.blocks.values():
            for row in rows:
                for answer in columns:
                    slot = Slot(row.refs[answer.node], answer.field, answer.date)
                    field_type = answer.column.field_type
                    value = self.value_in(row.cells.get(answer.col), answer, slot.ref)
                    values = (answer.column.extract_value(value, language),)
                    self.compare_slot(
                        slot,
                        answer.column.field,
                        field_type,
                        self.sent.values.get(slot),
                        values,
                        ((row.number, answer.col),),
                    )
        self.found.changes.sort(key=lambda change: change.cells[0][0])

    def value_in(self, cell: CellValue, answer: AnswerColumn, ref: str) -> CellValue:
        """Return what was typed in a cell: not the word that a measure has ended, which is ours."""
        if type(cell) is not str or self.sent.by_ref[ref].last is None:
            return cell
        node, geometry = self.sent.by_ref[ref], self.columns.geometry
        return None if cell == ended_word(geometry, self.sent, node, answer.column) else cell

    def compare_slot(
        self,
        slot: Slot,
        field: Field,
        field_type: FieldType,
        sent: Value | None,
        values: tuple[CellValue, ...],
        cells: tuple[tuple[int, int], ...],
    ) -> None:
        """Add a change, unless the slot's only cell has no formula and exactly what was sent."""
        if self.is_as_sent(field_type, sent, values, cells):
            return
        formulas = self.sheet.formulas
        if field.is_derived and self._are_derived(values, cells):
            return
        typed = tuple((cell, formulas[cell]) for cell in cells if cell in formulas)
        node = self.sent.by_ref[slot.ref]
        self.found.changes.append(
            CellChange(slot, field, field_type, node, sent, values, cells, typed)
        )

    def _are_derived(self, values: Sequence[CellValue], cells: Sequence[tuple[int, int]]) -> bool:
        """Return True if cells hold nothing but formulas of derived fields."""
        formulas, ours = self.sheet.formulas, self.columns.geometry.derived_formulas
        return all(
            is_derived_formula(formulas[cell], ours) if cell in formulas else is_blank(value)
            for value, cell in zip(values, cells, strict=True)
        )

    def is_as_sent(
        self,
        field_type: FieldType,
        sent: Value | None,
        values: tuple[CellValue, ...],
        cells: tuple[tuple[int, int], ...],
    ) -> bool:
        """Return True if a slot's only cell has no formula and exactly what was sent."""
        if len(values) != 1 or cells[0] in self.sheet.formulas:
            return False
        if type(values[0]) in (bool, ErrorValue):  # True equals 1, and a text that does not show
            return False
        return is_blank(values[0]) if sent is None else values == field_type.to_cells(sent)
