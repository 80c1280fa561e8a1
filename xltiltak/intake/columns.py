"""Find where the columns of an area sheet are now. People insert, move, rename and delete them."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property

from xltiltak.layout.geometry import CARD_VALUE_COL, KEY_COL, LABEL_COL, Column, Geometry
from xltiltak.model.cell_values import is_blank
from xltiltak.model.normalize import normalize
from xltiltak.xlsx.sheet_reader import Sheet

RECOVERED_COL = 1_000  # holds row keys recovered from texts; no sheet is read this far out
SEARCHED_ROWS = 60  # rows from the top in which a sheet's own rows are looked for
_CARD_SHARE = 0.25  # share of the rows of cards that shows where their column is
_LABEL_SHARE = 0.5  # share of the table's labels that makes a row its label row


def find_key_column(sheet: Sheet) -> int:
    """Return the column of the row keys; 0 if somebody has deleted it."""
    for number, row in sheet.rows.items():
        if number <= SEARCHED_ROWS:
            for col, text in row.items():
                if text in ("@title", "@code", "@head"):
                    return col
    return 0


class ColumnMap:
    """The columns of one sheet: where each was sent, and where it is now."""

    def __init__(self, sheet: Sheet, geometry: Geometry) -> None:
        self.sheet, self.geometry = sheet, geometry

    @cached_property
    def key_column(self) -> int:
        """Return the column of the row keys; 0 if somebody has deleted it."""
        return find_key_column(self.sheet)

    @cached_property
    def label_row(self) -> int:
        """Return the row of the table's labels; 0 if there is none, as on cards."""
        if not self.geometry.table_columns:
            return 0
        with_key = (
            number
            for number, row in self.sheet.rows.items()
            if self.key_column and row.get(self.key_column) == "@head"
        )
        return next(with_key, 0) or self._most_similar_row()

    @cached_property
    def position_of(self) -> dict[int, int]:
        """Map each column as sent to its column now, by its label, or else by its neighbours."""
        found = (
            {**self._positions_by_neighbours, **self._positions_by_label}
            if self.geometry.is_table
            else {**self._positions_on_cards, **self._positions_by_label}
        )
        return {
            col: found.get(col) or col + self._shift
            for col in range(1, max(self.geometry.widths) + 1)
        }

    @cached_property
    def of_level(self) -> dict[str, list[tuple[int, Column]]]:
        """Map each level to the columns of its nodes, each with its position now.

        Columns that were deleted are left out.
        """
        deleted = {col for col, position in self._positions_by_neighbours.items() if position == 0}
        return {
            level: [(self.position_of[c.col], c) for c in columns if c.col not in deleted]
            for level, columns in self.geometry.columns.items()
        }

    @cached_property
    def relabelled(self) -> list[tuple[str, int]]:
        """Return the label and the position of each column that has another label now."""
        if not self.label_row:
            return []
        return [
            (column.label, self.position_of[column.col])
            for column in self.geometry.table_columns
            if column.col not in self._positions_by_label
        ]

    @cached_property
    def _positions_by_label(self) -> dict[int, int]:
        """Return the positions of columns whose label, or an alias of it, is in the label row.

        Columns with the same label are taken from left to right, or not at all if one is missing.
        """
        table = self.geometry.table_columns
        as_sent = {KEY_COL: "@head", **{column.col: column.label for column in table}}
        if self.label_row and self.sheet.rows[self.label_row] == as_sent:
            return {column.col: column.col for column in table}
        cols_by_text: dict[str, list[int]] = defaultdict(list)
        for col, text in sorted(self.sheet.rows.get(self.label_row, {}).items()):
            if col != self.key_column:
                cols_by_text[normalize(str(text))].append(col)
        columns_by_label: dict[str, list[Column]] = defaultdict(list)
        for column in table:
            columns_by_label[normalize(column.label)].append(column)
        positions: dict[int, int] = {}
        for label, columns in columns_by_label.items():
            aliases = (normalize(a) for c in columns for a in c.field.aliases if not c.date)
            cols = next((cols_by_text[n] for n in (label, *aliases) if n in cols_by_text), [])
            if self.key_column and len(columns) == 1 and len(cols) > 1:
                # Several columns have its label: take the one in its own place.
                own = columns[0].col + self.key_column - KEY_COL
                cols = [own] if own in cols else []
            if len(cols) >= len(columns):
                positions.update({c.col: col for c, col in zip(columns, cols, strict=False)})
        return positions

    @cached_property
    def _positions_by_neighbours(self) -> dict[int, int]:
        """Return the positions of the table's columns without their label; 0 for a deleted one.

        Such a column stands beside the nearest column that has its label.
        """
        positions: dict[int, int] = {}
        if not self._positions_by_label:
            return positions
        taken = {self.key_column, *self._positions_by_label.values()}
        for column in self.geometry.table_columns:
            if column.col in self._positions_by_label:
                continue
            nearest = sorted(
                self._positions_by_label.items(), key=lambda item: abs(item[0] - column.col)
            )
            candidates = (column.col + now - was for was, now in nearest)
            free = (col for col in candidates if col not in taken and self._is_used(col))
            positions[column.col] = next(free, 0)
            taken.add(positions[column.col])
        return positions

    def _is_used(self, col: int) -> bool:
        """Return True if a column has content in the table."""
        return any(
            not is_blank(row.get(col)) for n, row in self.sheet.rows.items() if n >= self.label_row
        )

    @cached_property
    def _positions_on_cards(self) -> dict[int, int]:
        """Return the positions of the labels and the values of cards, if a column came or went.

        Cards have no label row. Given texts fill the column of values. If it is empty, the values
        are in the column with the most texts.
        """
        rows = [
            row
            for row in self.sheet.rows.values()
            if self.key_column and "|" in str(row.get(self.key_column))
        ]
        labels, values = Counter[int](), Counter[int]()
        fixed, symbols = self.geometry.fixed_texts, self.geometry.card_symbols
        for row in rows:
            for col, value in row.items():
                if col == self.key_column or is_blank(value):
                    continue
                if value not in fixed:
                    values[col] += 1
                elif value not in symbols:
                    labels[col] += 1
        positions = {}
        for col, counts in ((LABEL_COL, labels), (CARD_VALUE_COL, values)):
            best, count = counts.most_common(1)[0] if counts else (0, 0)
            if not counts[col + self._shift] and count >= _CARD_SHARE * len(rows):
                positions[col] = best
        return positions

    @cached_property
    def _shift(self) -> int:
        """Return by how many columns the sheet's first columns have moved to the right."""
        first = min(self._positions_by_label, default=0)
        if self.key_column == RECOVERED_COL:
            return -KEY_COL
        if first and not self.key_column:
            return self._positions_by_label[first] - first
        return self.key_column - KEY_COL

    def _most_similar_row(self) -> int:
        """Return the row with the most of the table's labels; 0 if no row has enough of them."""
        labels = {normalize(column.label) for column in self.geometry.table_columns}
        counts = (
            (sum(normalize(str(v)) in labels for v in row.values() if not is_blank(v)), -number)
            for number, row in self.sheet.rows.items()
            if number <= SEARCHED_ROWS
        )
        count, number = max(counts, default=(0, 0))
        return -number if count >= max(1, _LABEL_SHARE * len(labels)) else 0
