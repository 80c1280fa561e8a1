"""Blocks of rows and ranges of cells: what the writer formats, validates or counts together.

Rows and columns are counted from 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple, TypeVar

from xltiltak.layout.sheet_rows import CellSpec, SheetRow
from xltiltak.xlsx.row_writer import range_name

Key = TypeVar("Key")


class CellRange(NamedTuple):
    """Cells below and beside each other without a gap."""

    first: int
    last: int
    left: int
    right: int

    @property
    def name(self) -> str:
        """Return the range as formulas write it: `D14:E40`."""
        return range_name(self.first, self.left, self.last, self.right)


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Rows below each other with the same cells; `first` is the number of the first row."""

    first: int
    rows: Sequence[SheetRow]

    @property
    def last(self) -> int:
        """Return the number of the last row."""
        return self.first + len(self.rows) - 1

    @property
    def specs(self) -> tuple[CellSpec, ...]:
        """Return the cells of each row."""
        return self.rows[0].specs

    def range_of(self, col: int) -> CellRange:
        """Return the block's cells in one column."""
        return CellRange(self.first, self.last, col, col)


def split_into_blocks(rows: Sequence[SheetRow]) -> Iterator[RowBlock]:
    """Yield the rows in blocks; a row with cells but about no node is a block of its own."""
    first = 1
    for number, row in enumerate(rows, 1):
        is_alone = row.specs and not row.refs
        if is_alone or number == len(rows) or rows[number].specs is not row.specs:
            yield RowBlock(first, rows[first - 1 : number])
            first = number + 1


def append_run(runs: list[CellRange], cells: CellRange) -> None:
    """Add cells of one column below the others: extend the last range if there is no gap."""
    if runs and runs[-1].last == cells.first - 1 and runs[-1].left == cells.left:
        runs[-1] = runs[-1]._replace(last=cells.last)
    else:
        runs.append(cells)


def merge_ranges(cells: Iterable[tuple[CellRange, Key]]) -> list[tuple[CellRange, Key]]:
    """Return the fewest ranges that cover these cells, sorted; a range has cells of one key only.

    The cells of each column come from top to bottom. They are joined with those below them first,
    then with those to their right.
    """
    columns: dict[tuple[int, Key], list[CellRange]] = defaultdict(list)
    for cell_range, key in cells:
        append_run(columns[cell_range.left, key], cell_range)
    runs = [(run, key) for (_, key), runs in columns.items() for run in runs]
    merged: list[tuple[CellRange, Key]] = []
    for run, key in sorted(runs, key=itemgetter(0)):
        if merged:
            before, before_key = merged[-1]
            is_beside = (before.first, before.last, before.right + 1) == run[:3]
            if is_beside and before_key == key:
                merged[-1] = (before._replace(right=run.right), key)
                continue
        merged.append((run, key))
    return merged
