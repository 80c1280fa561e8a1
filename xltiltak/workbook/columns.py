"""Where the marks and columns of an area sheet have gone: people insert, move, rename and delete them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from xltiltak.geometry import MARKS, Column, Geometry
from xltiltak.repair import Raw, is_blank, plain
from xltiltak.workbook.sheets import Sheet

OPENING = 60  # rows in which a sheet's own lines are looked for
_ENOUGH = 0.5  # so much of the table's labels make a row its head


@dataclass(frozen=True)
class Columns:
    """The columns of one sheet as they stand now."""

    sheet: Sheet
    geometry: Geometry

    @cached_property
    def marks(self) -> int:
        """The column of the marks; 0 when somebody has deleted it."""
        rows = (row for n, row in self.sheet.rows.items() if n <= OPENING)
        return next((col for row in rows for col, text in row.items() if text in ("@title", "@code", "@head")), 0)

    @cached_property
    def head(self) -> int:
        """The row of the table's labels; 0 when there is none, as on cards."""
        if not self.geometry.table:
            return 0
        marked = (n for n, row in self.sheet.rows.items() if self.marks and row.get(self.marks) == "@head")
        return next(marked, 0) or self._labelled

    @cached_property
    def now(self) -> dict[int, int]:
        """For each of our columns, the one it stands in now: by its label, without one by its place."""
        shift = self.marks - MARKS
        ours = {c.col: self._found.get(c.col, c.col + shift) for c in self.geometry.table}
        return {col: ours.get(col, col + shift) for col in range(1, max(self.geometry.widths) + 1)}

    @cached_property
    def of_level(self) -> dict[str, list[tuple[int, Column]]]:
        """For each level, the columns of its nodes' rows, and where they stand now."""
        return {level: [(self.now[c.col], c) for c in found] for level, found in self.geometry.columns.items()}

    @cached_property
    def relabelled(self) -> list[tuple[str, Raw, int]]:
        """Columns whose label is another one now: the label, what stands there, its column."""
        held = self.sheet.rows.get(self.head, {})
        lost = (c for c in self.geometry.table if c.col not in self._found) if self.head else ()
        return [(c.label, held.get(self.now[c.col]), self.now[c.col]) for c in lost]

    @cached_property
    def _found(self) -> dict[int, int]:
        """Our columns whose label stands above one of the sheet's; alike labels from left to right, or not at all."""
        where, alike, found = defaultdict(list), defaultdict(list), {}
        for col, text in sorted(self.sheet.rows.get(self.head, {}).items()):
            if col != self.marks:
                where[plain(str(text))].append(col)
        for column in self.geometry.table:
            alike[plain(column.label)].append(column)
        for label, columns in alike.items():
            names = [label, *(plain(a) for c in columns for a in c.field.aliases if not c.date)]
            now = next((where[name] for name in names if name in where), [])
            if len(now) >= len(columns):
                found.update({c.col: col for c, col in zip(columns, now, strict=False)})
        return found

    @property
    def _labelled(self) -> int:
        """The row that looks most like the table's labels, where its mark is gone."""
        labels = {plain(c.label) for c in self.geometry.table}
        best, row = max(((self._hits(n, labels), -n) for n in self.sheet.rows if n <= OPENING), default=(0, 0))
        return -row if best >= max(1, _ENOUGH * len(labels)) else 0

    def _hits(self, number: int, labels: set[str]) -> int:
        return sum(plain(str(text)) in labels for text in self.sheet.rows[number].values() if not is_blank(text))


def cell_name(row: int, col: int) -> str:
    """`F15` for row 15, column 6."""
    letters = ""
    while col:
        col, rest = divmod(col - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"
