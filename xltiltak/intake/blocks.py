"""The rows of a returned area sheet held against what was sent: alike rows together, a column at a time."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from operator import itemgetter, methodcaller
from typing import NamedTuple

from xltiltak.intake.columns import ColumnMap
from xltiltak.intake.returned_sheet import CellChange, ReturnedAreaSheet
from xltiltak.layout.geometry import Column
from xltiltak.model.field_types import FieldType, Value
from xltiltak.model.normalize import CellValue, is_blank
from xltiltak.model.report import Slot
from xltiltak.model.template import Field
from xltiltak.xlsx.sheet_reader import Sheet

# The number of a row's node and its slot, whether the value stands there as it is, the column now, and as it was made.
Held = tuple[int, str, date | None, bool, int, Column]

Cells = tuple[tuple[int, int], ...]  # row and column of each
Raws = tuple[CellValue, ...]  # what stands in a column now
Values = tuple[Value | None, ...]  # what was sent in it
Line = tuple[int, dict[int, CellValue], list[str]]
"""A row's number, its cells by column, and the refs of its nodes."""

_new = (
    tuple.__new__
)  # what the call of a NamedTuple comes to, at a fifth of its cost: there are hundreds in a form


class AnswerBlock(NamedTuple):
    """Rows that hold alike slots: what stands in which column, all columns that are taken, and the rows."""

    columns: list[Held]
    taken: set[int]
    rows: list[Line]


class AnswerBlocks:
    """The rows of an area sheet's nodes, in blocks of alike ones; `compare` finds the entries of an AreaSheet."""

    def __init__(self, sheet: Sheet, columns: ColumnMap, found: ReturnedAreaSheet) -> None:
        self.sheet, self.columns, self.found, self.sent = sheet, columns, found, found.sent
        self.within = {node.ref: (node.level, groups) for node, groups in self.sent.walk()}
        self.blocks: dict[tuple[object, ...], AnswerBlock] = {}

    def compare(self) -> None:
        """The cells of all such rows with what was sent, a column at a time, since in most of them nothing differs."""
        sent = self.sent.value_table
        for columns, _, rows in self.blocks.values():
            computed, cells = self._computed(rows), [row for _, row, _ in rows]
            for k, of_node in groupby(columns, key=itemgetter(0)):
                asked = [*of_node]
                keys = [(name, day) for _, name, day, *_ in asked]
                was = zip(*sent.select([refs[k] for _, _, refs in rows], keys), strict=True)
                for held, values in zip(
                    asked, was, strict=False
                ):  # none of them where there are no rows
                    col = held[4]
                    now = tuple(map(methodcaller("get", col), cells))
                    if not held[3] or col in computed or bool in map(type, now):
                        self._compare_each(held, rows, now, values)
                    elif now != values:
                        self._compare_column(held, rows, now, values)
        self.found.changes.sort(key=lambda entry: entry.cells[0][0])

    def _computed(self, rows: list[Line]) -> set[int]:
        """The columns in which formulas stand in these rows."""
        numbers = {number for number, _, _ in rows}
        return {col for number, col in self.sheet.formulas if number in numbers}

    def _compare_column(self, held: Held, rows: list[Line], now: Raws, was: Values) -> None:
        """The cells of a column at once: one to a slot, each without a formula and with its value as it is."""
        k, name, day, _, col, column = held
        of, (field, kind) = self.sent.by_ref, (column.field, column.field_type)
        self.found.changes += [
            _new(
                CellChange,
                (
                    _new(Slot, (ref, name, day)),
                    field,
                    kind,
                    of[ref],
                    value,
                    (raw,),
                    ((number, col),),
                    (),
                ),
            )
            for (number, ref), raw, value in zip(
                [(number, refs[k]) for number, _, refs in rows], now, was, strict=True
            )
            if raw != value
            and (not is_blank(raw) if value is None else (raw,) != kind.to_cells(value))
        ]

    def _compare_each(self, held: Held, rows: list[Line], now: Raws, was: Values) -> None:
        """The cells of a column one by one."""
        k, name, day, as_is, col, column = held
        for (number, _, refs), raw, value in zip(rows, now, was, strict=True):
            same = as_is and raw == value and type(raw) is not bool
            if not same or (raw is None and (number, col) in self.sheet.formulas):
                slot = _new(Slot, (refs[k], name, day))
                raws = (raw if as_is else column.extract_value(raw),)
                self.entry(slot, column.field, column.field_type, value, raws, ((number, col),))

    def of(self, refs: list[str]) -> AnswerBlock:
        """The block that a row of such nodes belongs to."""
        key = tuple(map(self.within.__getitem__, refs))
        if key not in self.blocks:
            columns = [
                (k, column.field.id, column.date, column.is_plain, col, column)
                for k, (level, groups) in enumerate(key)
                for col, column in self.columns.of_level[level]
                if column.field.applies(groups)
            ]
            self.blocks[key] = AnswerBlock(
                columns, {self.columns.key_column, *(held[4] for held in columns)}, []
            )
        return self.blocks[key]

    def entry(
        self, slot: Slot, known: Field, kind: FieldType, sent: Value | None, raws: Raws, at: Cells
    ) -> None:
        """One slot: nothing to say when its only cell holds just what was sent."""
        formulas = self.sheet.formulas
        asked = len(raws) == 1 and type(raws[0]) is not bool and at[0] not in formulas
        if asked and (raws == kind.to_cells(sent) if sent is not None else is_blank(raws[0])):
            return
        typed = tuple([formulas[a] for a in at if a in formulas]) if formulas else ()
        self.found.changes.append(
            _new(CellChange, (slot, known, kind, self.sent.by_ref[slot.ref], sent, raws, at, typed))
        )
