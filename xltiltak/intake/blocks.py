"""Compare the answers of a returned area sheet with what was sent.

Rows with the same slots form a block. A block is compared column by column, because in most columns
nothing differs.
"""

from __future__ import annotations

from datetime import date
from itertools import groupby
from operator import attrgetter, methodcaller
from typing import NamedTuple

from xltiltak.intake.columns import ColumnMap
from xltiltak.intake.returned_sheet import CellChange, ReturnedAreaSheet
from xltiltak.layout.geometry import Column
from xltiltak.model.cell_values import CellValue, is_blank
from xltiltak.model.field_types import FieldType, Value
from xltiltak.model.report import Slot
from xltiltak.model.template import Field
from xltiltak.xlsx.sheet_reader import Sheet


class AnswerColumn(NamedTuple):
    """One column of a block.

    `node` says which of the row's nodes the slot belongs to, counted from 0. `col` is the position
    of the column now. With `is_plain`, a cell holds its value unchanged.
    """

    node: int
    field: str
    date: date | None
    is_plain: bool
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
                AnswerColumn(n, column.field.id, column.date, column.is_plain, col, column)
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
        """Compare all blocks with what was sent; sort the changes by row."""
        for columns, _, rows in self.blocks.values():
            with_formulas = self._columns_with_formulas(rows)
            cells = [row.cells for row in rows]
            for node, of_node in groupby(columns, key=attrgetter("node")):
                answers = list(of_node)
                selected = self.sent.value_table.select(
                    [row.refs[node] for row in rows],
                    [(answer.field, answer.date) for answer in answers],
                )
                # Without rows there are no columns of values: this zip is not strict.
                for answer, sent in zip(answers, zip(*selected, strict=True), strict=False):
                    returned = tuple(map(methodcaller("get", answer.col), cells))
                    if (
                        not answer.is_plain
                        or answer.col in with_formulas
                        or bool in map(type, returned)  # True == 1
                    ):
                        self._compare_cells(answer, rows, returned, sent)
                    elif returned != sent:
                        self._compare_plain_cells(answer, rows, returned, sent)
        self.found.changes.sort(key=lambda change: change.cells[0][0])

    def _columns_with_formulas(self, rows: list[BlockRow]) -> set[int]:
        """Return the columns that have formulas in these rows."""
        numbers = {row.number for row in rows}
        return {col for number, col in self.sheet.formulas if number in numbers}

    def _compare_plain_cells(
        self,
        answer: AnswerColumn,
        rows: list[BlockRow],
        returned: tuple[CellValue, ...],
        sent: tuple[Value | None, ...],
    ) -> None:
        """Compare a plain column without formulas."""
        nodes, (field, field_type) = (
            self.sent.by_ref,
            (answer.column.field, answer.column.field_type),
        )
        for row, value, sent_value in zip(rows, returned, sent, strict=True):
            if value == sent_value:
                continue
            is_same = (
                is_blank(value)
                if sent_value is None
                else (value,) == field_type.to_cells(sent_value)
            )
            if not is_same:
                ref = row.refs[answer.node]
                slot, cell = Slot(ref, answer.field, answer.date), (row.number, answer.col)
                self.found.changes.append(
                    CellChange(slot, field, field_type, nodes[ref], sent_value, (value,), (cell,))
                )

    def _compare_cells(
        self,
        answer: AnswerColumn,
        rows: list[BlockRow],
        returned: tuple[CellValue, ...],
        sent: tuple[Value | None, ...],
    ) -> None:
        """Compare a column cell by cell: its values are not plain, or it has formulas."""
        column = answer.column
        for row, value, sent_value in zip(rows, returned, sent, strict=True):
            cell = (row.number, answer.col)
            is_same = answer.is_plain and value == sent_value and type(value) is not bool
            if not is_same or (value is None and cell in self.sheet.formulas):
                slot = Slot(row.refs[answer.node], answer.field, answer.date)
                values = (value if answer.is_plain else self._extract(column, value),)
                self.compare_slot(
                    slot, column.field, column.field_type, sent_value, values, (cell,)
                )

    def _extract(self, column: Column, value: CellValue) -> CellValue:
        return column.extract_value(value, self.sent.head.language)

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
        typed = tuple((cell, formulas[cell]) for cell in cells if cell in formulas)
        node = self.sent.by_ref[slot.ref]
        self.found.changes.append(
            CellChange(slot, field, field_type, node, sent, values, cells, typed)
        )

    def is_as_sent(
        self,
        field_type: FieldType,
        sent: Value | None,
        values: tuple[CellValue, ...],
        cells: tuple[tuple[int, int], ...],
    ) -> bool:
        """Return True if a slot's only cell has no formula and exactly what was sent."""
        if len(values) != 1 or type(values[0]) is bool or cells[0] in self.sheet.formulas:
            return False
        return is_blank(values[0]) if sent is None else values == field_type.to_cells(sent)
