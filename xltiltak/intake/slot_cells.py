"""Find the slot of each cell of an area sheet, for the rules about marked cells."""

from __future__ import annotations

from collections.abc import Iterator

from xltiltak.intake.row_reader import RowReader
from xltiltak.intake.sheet_look import Cell
from xltiltak.model.report import Slot


def slots_by_cell(reader: RowReader) -> dict[Cell, Slot]:
    """Return the slot of each cell in the rows that were read."""
    return dict(_slots_of_blocks(reader)) | {
        cell: slot for slot, rows in reader.lists.rows.items() for _, cell in rows
    }


def _slots_of_blocks(reader: RowReader) -> Iterator[tuple[Cell, Slot]]:
    for block in reader.blocks.blocks.values():
        for row in block.rows:
            for answer in block.columns:
                slot = Slot(row.refs[answer.node], answer.field, answer.date)
                yield (row.number, answer.col), slot
