"""Find where the columns of an area sheet are now. People insert, move, rename and delete them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import islice
from operator import methodcaller
from typing import NamedTuple

from xltiltak.layout.geometry import CARD_VALUE_COL, KEY_COL, LABEL_COL, Column, Geometry
from xltiltak.model.cell_values import CellValue, display, is_blank
from xltiltak.model.normalize import normalize
from xltiltak.xlsx.sheet_reader import Sheet

SEARCHED_ROWS = 200  # rows from the top in which a sheet's own rows are looked for
_CARD_SHARE = 0.25  # share of the rows of cards that shows where their column is
_LABEL_SHARE = 0.5  # share of the table's labels that makes a row its label row

RowKeys = Mapping[int, CellValue]
"""What the key column has in each row, by row number; None in a row without a key."""


class ColumnMap(NamedTuple):
    """The columns of one sheet: where each was sent, and where it is now.

    `key_column` is the column of the row keys, `label_row` the row of the table's labels; each is
    None if somebody has deleted it, and cards have no label row. `position_of` maps each column as
    sent to its column now; a deleted one is not in it. `of_level` has the columns of each level's
    nodes that are still there, each with its position now. `relabelled` has the columns whose
    label is another one now, each with its position, None for a deleted one.
    """

    geometry: Geometry
    key_column: int | None
    label_row: int | None
    position_of: Mapping[int, int]
    of_level: Mapping[str, list[tuple[int, Column]]]
    relabelled: tuple[tuple[Column, int | None], ...]

    def is_below_labels(self, number: int) -> bool:
        """Return True if a row is below the row of the labels, so that it may be of the table."""
        return self.label_row is not None and number > self.label_row

    def read_row_keys(self, sheet: Sheet) -> RowKeys:
        """Return the row keys of the sheet; none if the key column is gone."""
        if self.key_column is None:
            return {}
        keys = map(methodcaller("get", self.key_column), sheet.rows.values())
        return dict(zip(sheet.rows, keys, strict=True))


def find_key_column(sheet: Sheet) -> int | None:
    """Return the column of the row keys; None if somebody has deleted it.

    It is the first one with one of our own keys: what people write may look like a key too.
    """
    keys = ("@title", "@code", "@head", "@filled", "@due", "@contact")
    rows = (row for number, row in sheet.rows.items() if number <= SEARCHED_ROWS)
    return min((col for row in rows for col, text in row.items() if text in keys), default=None)


def map_columns(sheet: Sheet, geometry: Geometry) -> ColumnMap:
    """Return where the columns of a sheet are: by their labels, or else by their neighbours.

    Where neither is known, as on cards, all columns have moved as far as the first ones. Position 0
    is left of the sheet: nothing stands there.
    """
    key_column = find_key_column(sheet)
    label_row = _find_label_row(sheet, geometry, key_column)
    by_label = {} if label_row is None else _by_label(sheet, geometry, key_column, label_row)
    shift = _shift(key_column, by_label)
    sent = range(1, max(geometry.widths) + 1)
    found: dict[int, int | None] = {col: max(col + shift, 0) for col in sent}
    if geometry.is_table:
        found |= _by_neighbours(sheet, geometry, key_column, label_row, by_label)
    else:
        found |= _on_cards(sheet, geometry, key_column, shift)
    found |= by_label
    position_of = {col: position for col, position in found.items() if position is not None}
    return ColumnMap(
        geometry,
        key_column,
        label_row,
        position_of,
        {
            level: [(position_of[c.col], c) for c in columns if c.col in position_of]
            for level, columns in geometry.columns.items()
        },
        tuple(
            (column, found[column.col])
            for column in geometry.table_columns
            if label_row is not None and column.col not in by_label
        ),
    )


def _find_label_row(sheet: Sheet, geometry: Geometry, key_column: int | None) -> int | None:
    """Return the row of the table's labels: by its row key, or else the one with most labels."""
    if not geometry.table_columns:
        return None
    if key_column is not None:
        for number, row in sheet.rows.items():
            if row.get(key_column) == "@head":
                return number
    headings = map(geometry.headings_of, geometry.table_columns)
    labels = {normalize(heading) for of_column in headings for heading in of_column}
    counts = {
        number: sum(normalize(str(v)) in labels for v in row.values() if not is_blank(v))
        for number, row in sheet.rows.items()
        if number <= SEARCHED_ROWS
    }
    best = max(counts, key=counts.__getitem__, default=0)
    fewest = max(1, _LABEL_SHARE * len(geometry.table_columns))
    return best if best and counts[best] >= fewest else None


def _by_label(
    sheet: Sheet, geometry: Geometry, key_column: int | None, label_row: int
) -> dict[int, int]:
    """Return the positions of columns whose label, or an alias of it, is in the label row.

    Columns that have the same label there are taken from left to right, or not at all if one is
    missing.
    """
    cols_by_text: dict[str, list[int]] = defaultdict(list)
    for col, value in sorted(sheet.rows[label_row].items()):
        if col != key_column and not is_blank(value):
            cols_by_text[normalize(display(value))].append(col)
    columns_by_text: dict[str, list[Column]] = defaultdict(list)
    for column in geometry.table_columns:
        names = [*geometry.headings_of(column), *(() if column.date else column.field.aliases)]
        known = (text for text in map(normalize, names) if text in cols_by_text)
        for text in islice(known, 1):
            columns_by_text[text].append(column)
    positions: dict[int, int] = {}
    for text, columns in columns_by_text.items():
        cols = cols_by_text[text]
        if key_column is not None and len(columns) == 1 and len(cols) > 1:
            # Several columns have its label: take the one in its own place.
            own = columns[0].col + key_column - KEY_COL
            cols = [own] if own in cols else []
        if len(cols) >= len(columns):
            positions.update({c.col: col for c, col in zip(columns, cols, strict=False)})
    return positions


def _shift(key_column: int | None, by_label: Mapping[int, int]) -> int:
    """Return by how many columns the sheet's first columns have moved to the right."""
    if key_column is not None:
        return key_column - KEY_COL
    first = min(by_label, default=None)
    return -KEY_COL if first is None else by_label[first] - first


def _by_neighbours(
    sheet: Sheet,
    geometry: Geometry,
    key_column: int | None,
    label_row: int | None,
    by_label: Mapping[int, int],
) -> dict[int, int | None]:
    """Return the positions of the table's columns without their label; None for a deleted one.

    Such a column stands beside the nearest column that has its label.
    """
    positions: dict[int, int | None] = {}
    if not by_label:
        return positions
    taken = {key_column, *by_label.values()}
    for column in geometry.table_columns:
        if column.col in by_label:
            continue
        nearest = sorted(by_label.items(), key=lambda item: abs(item[0] - column.col))
        candidates = (column.col + now - was for was, now in nearest)
        free = (c for c in candidates if c not in taken and _is_used(sheet, c, label_row or 0))
        positions[column.col] = next(free, None)
        taken.add(positions[column.col])
    return positions


def _is_used(sheet: Sheet, col: int, first_row: int) -> bool:
    """Return True if a column has content in a row from `first_row` on."""
    return any(not is_blank(row.get(col)) for n, row in sheet.rows.items() if n >= first_row)


def _on_cards(
    sheet: Sheet, geometry: Geometry, key_column: int | None, shift: int
) -> dict[int, int]:
    """Return the positions of the labels and the values of cards, if a column came or went.

    Cards have no label row. Given texts fill the column of values. If it is empty, the values are
    in the column with the most texts.
    """
    if key_column is None:
        return {}
    rows = [row for row in sheet.rows.values() if "|" in str(row.get(key_column))]
    labels, values = Counter[int](), Counter[int]()
    fixed, symbols = geometry.fixed_texts, geometry.card_symbols
    for row in rows:
        for col, value in row.items():
            if col == key_column or is_blank(value):
                continue
            if value not in fixed:
                values[col] += 1
            elif value not in symbols:
                labels[col] += 1
    positions = {}
    for col, counts in ((LABEL_COL, labels), (CARD_VALUE_COL, values)):
        best, count = counts.most_common(1)[0] if counts else (0, 0)
        if count and not counts[col + shift] and count >= _CARD_SHARE * len(rows):
            positions[col] = best
    return positions
