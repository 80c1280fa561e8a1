"""The header of a table: the row, or two rows, of labels that say what each column holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from xltiltak.importers.labels import FieldColumn, Labels, normalize_label
from xltiltak.importers.source_lines import SourceCell, SourceLine
from xltiltak.model.language import LANGUAGES, translate

_MIN_LABELS = 2  # a header has at least so many known labels


class TableReading(NamedTuple):
    """How one table of a source was understood, for the user to confirm.

    `where` is the place of its header. `columns` has for each column the label in the source and
    the template's label of the field it was read as, "" if unknown.
    """

    where: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TableHeader:
    """What the columns of a table hold, by column counted from 0.

    `columns` are those with a known label. `unknown` are those whose label is not in the template.
    `names` are the labels as the source has them. `computed` are columns that repeat what other
    columns say; they are not read. `table` and `width` are those of the line with the labels.
    """

    columns: Mapping[int, tuple[FieldColumn, ...]]
    unknown: Mapping[int, SourceCell]
    names: Mapping[int, str]
    table: int
    width: int
    computed: frozenset[int] = frozenset()

    def field_columns(self) -> list[FieldColumn]:
        """Return everything that some column holds."""
        return [column for columns in self.columns.values() for column in columns]

    def labels_in_source(self) -> dict[FieldColumn, str]:
        """Return for each field the label that the source gives it."""
        return {
            column: self.names[col] for col, columns in self.columns.items() for column in columns
        }

    def duplicate_names(self) -> list[str]:
        """Return the labels of columns that hold the same field as another column."""
        counts = Counter(self.field_columns())
        return [
            self.names[col]
            for col, columns in self.columns.items()
            if any(counts[column] > 1 for column in columns)
        ]

    def without_duplicates(self) -> TableHeader:
        """Return the header without the columns that hold the same field as another column.

        Which of them is meant is not guessed.
        """
        counts = Counter(self.field_columns())
        unique = {
            col: columns
            for col, columns in self.columns.items()
            if all(counts[column] == 1 for column in columns)
        }
        return replace(self, columns=unique)

    def read(self, line: SourceLine) -> Iterator[tuple[FieldColumn, SourceCell]]:
        """Yield the fields of a row with their cells.

        A merged cell counts in the rows below its first one, but not in the columns beside it.
        """
        for col, columns in self.columns.items():
            cell = line.cells.get(col)
            if cell and cell.copied != "across":
                yield from ((column, cell) for column in columns)

    def unread_cells(self, line: SourceLine) -> Iterator[tuple[str, SourceCell]]:
        """Yield the cells of a row that stand in no known column, each with the column's label."""
        for col, cell in line.own_cells().items():
            if col not in self.columns and col not in self.computed:
                yield self.names.get(col, ""), cell

    def reading(self, where: str, labels: Labels) -> TableReading:
        """Return how the header was understood; `where` is its place."""
        columns = []
        for col, name in sorted(self.names.items()):
            titles = (labels.title_of(column) for column in self.columns.get(col, ()))
            columns.append((name, ", ".join(titles)))
        return TableReading(where, tuple(columns))


def header_in(
    line: SourceLine, labels: Labels, above: SourceLine | None = None
) -> TableHeader | None:
    """Return the header that a line is; None for any other line.

    `above` is the line before it. If it is in the same table and both rows together name more
    fields than this row alone, the header is made of both.
    """
    own = {col: cell for col, cell in line.cells.items() if not cell.copied}
    single = _header(line, own, labels)
    if above is None or above.table != line.table:
        return single
    double = _header(line, _join_label_rows(above, line), labels)
    if double and (not single or len(double.field_columns()) > len(single.field_columns())):
        return double
    return single


def header_of_first_row(line: SourceLine, labels: Labels) -> TableHeader:
    """Return the header that the first row of a table is, even if no label is known."""
    cells = {col: cell for col, cell in line.cells.items() if cell.text}
    columns = {col: found for col, cell in cells.items() if (found := labels.columns_of(cell.raw))}
    unknown = {col: cell for col, cell in cells.items() if col not in columns}
    names = {col: cell.text for col, cell in cells.items()}
    return TableHeader(columns, unknown, names, line.table, line.width)


def _header(
    line: SourceLine, cells: Mapping[int, SourceCell], labels: Labels
) -> TableHeader | None:
    """Return the header with these cells as labels; None if they do not look like one.

    A header has two known labels or more, one of them of a field that identifies a measure, and
    more known labels than unknown ones.
    """
    header = header_of_first_row(replace(line, cells=cells), labels)
    computed = frozenset(
        col for col, cell in cells.items() if normalize_label(cell.text) in _computed_labels()
    )
    unknown = {col: cell for col, cell in header.unknown.items() if col not in computed}
    enough = len(header.columns) >= _MIN_LABELS and len(header.columns) > len(unknown)
    if not enough or labels.measure_keys.isdisjoint(header.field_columns()):
        return None
    return replace(header, unknown=unknown, computed=computed)


@cache
def _computed_labels() -> frozenset[str]:
    """Return the label of the change since the last date, in each language.

    An appendix computes that column from two others.
    """
    return frozenset(normalize_label(translate("book.change", language)) for language in LANGUAGES)


def _join_label_rows(above: SourceLine, line: SourceLine) -> dict[int, SourceCell]:
    """Return two rows of labels as one: "Status" above three dates becomes three labels.

    A label in one of the two rows only is taken as it is.
    """
    joined: dict[int, SourceCell] = {}
    for col in sorted({*above.cells, *line.cells}):
        upper, lower = above.cells.get(col), line.cells.get(col)
        if upper is None or not upper.text or (lower and lower.copied == "down"):
            joined[col] = lower or SourceCell(None, above.place)
        elif lower is None or not lower.text:
            if upper.copied != "across":
                joined[col] = upper
        else:
            joined[col] = SourceCell(f"{upper.text} {lower.text}", lower.place)
    return joined
