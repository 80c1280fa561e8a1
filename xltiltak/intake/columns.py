"""Where the marks and columns of an area sheet have gone: people insert, move, rename and delete them."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property

from xltiltak.layout.geometry import CARD_VALUE_COL, KEY_COL, LABEL_COL, Column, Geometry
from xltiltak.model.normalize import is_blank, normalize
from xltiltak.xlsx.sheet_reader import Sheet

RECOVERED = 1_000  # the column of marks that were told from the texts: no sheet is read so far out
OPENING = 60  # rows in which a sheet's own lines are looked for
_MANY = 0.25  # so many of the rows of cards say where their column has gone
_ENOUGH = 0.5  # so much of the table's labels make a row its head


class ColumnMap:
    """The columns of one sheet as they stand now."""

    def __init__(self, sheet: Sheet, geometry: Geometry) -> None:
        self.sheet, self.geometry = sheet, geometry

    @cached_property
    def key_column(self) -> int:
        """The column of the marks; 0 when somebody has deleted it."""
        rows = (row for n, row in self.sheet.rows.items() if n <= OPENING)
        return next(
            (
                col
                for row in rows
                for col, text in row.items()
                if text in ("@title", "@code", "@head")
            ),
            0,
        )

    @cached_property
    def label_row(self) -> int:
        """The row of the table's labels; 0 when there is none, as on cards."""
        if not self.geometry.table_columns:
            return 0
        marked = (
            n
            for n, row in self.sheet.rows.items()
            if self.key_column and row.get(self.key_column) == "@head"
        )
        return next(marked, 0) or self._labelled

    @cached_property
    def position_of(self) -> dict[int, int]:
        """For each of our columns, the one it stands in now: by its label, without one by its place."""
        ours = (
            {**self._placed, **self._found}
            if self.geometry.is_table
            else {**self._on_cards, **self._found}
        )
        return {
            col: ours.get(col) or col + self._shift
            for col in range(1, max(self.geometry.widths) + 1)
        }

    @cached_property
    def of_level(self) -> dict[str, list[tuple[int, Column]]]:
        """For each level, the columns of its nodes' rows, and where they stand now."""
        columns = self.geometry.columns.items()
        return {
            level: [(self.position_of[c.col], c) for c in found if self._placed.get(c.col) != 0]
            for level, found in columns
        }

    @cached_property
    def relabelled(self) -> list[tuple[str, int]]:
        """Columns whose label is another one now: the label, its column."""
        lost = (
            (c for c in self.geometry.table_columns if c.col not in self._found)
            if self.label_row
            else ()
        )
        return [(c.label, self.position_of[c.col]) for c in lost]

    @cached_property
    def _on_cards(self) -> dict[int, int]:
        """Where the labels and the values of cards stand, which have no labels above them, after a column came or went.

        Given texts fill the column of values, so when that is empty it has moved: to the one that is filled most.
        """
        rows = [
            row
            for row in self.sheet.rows.values()
            if self.key_column and "|" in str(row.get(self.key_column))
        ]
        labels, values, known = Counter[int](), Counter[int](), self.geometry.fixed_texts
        for row in rows:
            texts = [
                (col, raw)
                for col, raw in row.items()
                if col != self.key_column and not is_blank(raw)
            ]
            labels.update(
                col for col, raw in texts if raw in known and raw not in self.geometry.card_symbols
            )
            values.update(col for col, raw in texts if raw not in known)
        found = {}
        for col, counted in ((LABEL_COL, labels), (CARD_VALUE_COL, values)):
            best, times = counted.most_common(1)[0] if counted else (0, 0)
            if not counted[col + self._shift] and times >= _MANY * len(rows):
                found[col] = best
        return found

    @cached_property
    def _shift(self) -> int:
        """How far the sheet's first columns have gone to the right."""
        first = min(self._found, default=0)
        if self.key_column == RECOVERED:
            return -KEY_COL
        return (
            self._found[first] - first
            if first and not self.key_column
            else self.key_column - KEY_COL
        )

    @cached_property
    def _placed(self) -> dict[int, int]:
        """Where our columns without their label stand, beside the nearest that have one; 0 for one that is gone."""
        held, near = {self.key_column, *self._found.values()}, self._found.items()
        found: dict[int, int] = {}
        for column in self.geometry.table_columns if self._found else ():
            if column.col not in self._found:
                places = [
                    column.col + now - was
                    for was, now in sorted(near, key=lambda n: abs(n[0] - column.col))
                ]
                found[column.col] = next(
                    (p for p in places if p not in held and self._is_used(p)), 0
                )
                held.add(found[column.col])
        return found

    def _is_used(self, col: int) -> bool:
        """Does anything stand in a column of the table?"""
        return any(
            not is_blank(row.get(col)) for n, row in self.sheet.rows.items() if n >= self.label_row
        )

    @cached_property
    def _found(self) -> dict[int, int]:
        """Our columns whose label stands above one of the sheet's; alike labels from left to right, or not at all."""
        ours = {
            KEY_COL: "@head",
            **{column.col: column.label for column in self.geometry.table_columns},
        }
        if self.label_row and self.sheet.rows[self.label_row] == ours:
            return {
                column.col: column.col for column in self.geometry.table_columns
            }  # as they were sent
        where, alike, found = defaultdict(list), defaultdict(list), {}
        for col, text in sorted(self.sheet.rows.get(self.label_row, {}).items()):
            if col != self.key_column:
                where[normalize(str(text))].append(col)
        for column in self.geometry.table_columns:
            alike[normalize(column.label)].append(column)
        for label, columns in alike.items():
            names = [label, *(normalize(a) for c in columns for a in c.field.aliases if not c.date)]
            now = next((where[name] for name in names if name in where), [])
            own = columns[0].col + self.key_column - KEY_COL
            if self.key_column and len(columns) == 1 and len(now) > 1:
                now = (
                    [own] if own in now else []
                )  # of several with its label, the one that stands in its place
            if len(now) >= len(columns):
                found.update({c.col: col for c, col in zip(columns, now, strict=False)})
        return found

    @property
    def _labelled(self) -> int:
        """The row that looks most like the table's labels, where its mark is gone."""
        labels = {normalize(c.label) for c in self.geometry.table_columns}
        best, row = max(
            ((self._hits(n, labels), -n) for n in self.sheet.rows if n <= OPENING), default=(0, 0)
        )
        return -row if best >= max(1, _ENOUGH * len(labels)) else 0

    def _hits(self, number: int, labels: set[str]) -> int:
        return sum(
            normalize(str(text)) in labels
            for text in self.sheet.rows[number].values()
            if not is_blank(text)
        )
