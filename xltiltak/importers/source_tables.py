"""Find the tables of a source whose format nobody knows yet, for the proposal of a template.

The header of a table is its first row of short texts with rows of more than one cell below. Tables
with the same header are one table, as when each area has its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from xltiltak.importers.labels import is_only_date, normalize_label
from xltiltak.importers.source_lines import SourceCell, SourceLine, SourcePage
from xltiltak.importers.table_parts import (
    TableHeader,
    is_below_labels,
    is_scale_word,
    is_total_row,
)

_BROKEN = re.compile(r"(?<=\d)\s+(?=\d)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_LONGEST_LABEL = 80  # characters
_LEAST_FILLED = 0.6  # of the cells that the rows below have
_LOOK_AHEAD = 6  # rows below a header


@dataclass
class SourceTable:
    """One table: its labels by column, its rows with more than one cell, and the lone texts.

    `titles` are the lines above it that are one text, since the table before. `groups` has each
    lone text among the rows, with the number of rows above it.
    """

    page: SourcePage
    labels: Mapping[int, SourceCell]
    number: int
    titles: list[SourceLine]
    rows: list[SourceLine] = field(default_factory=list)
    groups: list[tuple[int, SourceLine]] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, ...]:
        """Return the labels as they are compared."""
        return _key_of(self.labels)

    def add(self, line: SourceLine) -> None:
        """Add a row; rows of figures, totals, units or column numbers are no rows of the table."""
        names = {col: cell.text for col, cell in self.labels.items()}
        header = TableHeader({}, {}, names, self.number, line.width)
        if line.only_cell:
            self.groups.append((len(self.rows), line))
        elif (
            _has_words(line)
            and not is_total_row(line)
            and (self.rows or not is_below_labels(line, header))
        ):
            self.rows.append(line)


def main_tables(pages: Sequence[SourcePage]) -> list[SourceTable]:
    """Return the tables with the header that has most cells below it, in order."""
    tables = [table for page in pages for table in _tables_of(page) if table.rows]
    sizes: dict[tuple[str, ...], int] = {}
    for table in tables:
        sizes[table.key] = sizes.get(table.key, 0) + sum(len(r.own_cells()) for r in table.rows)
    best = max(sizes, key=sizes.__getitem__, default=())
    return [table for table in tables if table.key == best]


def _tables_of(page: SourcePage) -> Iterator[SourceTable]:
    """Yield the tables of a page."""
    lines = page.filled_lines()
    titles: list[SourceLine] = []
    table: SourceTable | None = None
    second_row: SourceLine | None = None
    for number, line in enumerate(lines):
        if line is second_row:
            continue
        in_table = table is not None and line.table == table.number
        labels = _same_labels(line, table) if in_table else {}
        if not in_table:
            labels, second_row = _labels_in(lines[number:])
        if labels:
            if table and in_table and table.groups and table.groups[-1][0] == len(table.rows):
                titles = [table.groups.pop()[1]]
            if table:
                yield table
            table, titles = SourceTable(page, labels, line.table, titles), []
        elif table and in_table:
            table.add(line)
        elif line.only_cell and not line.is_caption and not is_scale_word(line.only_cell):
            titles.append(line)
    if table:
        yield table


def _same_labels(line: SourceLine, table: SourceTable | None) -> Mapping[int, SourceCell]:
    """Return the labels of an open table if a row repeats them all."""
    return table.labels if table and _key_of(line.own_cells()) == table.key else {}


def _key_of(labels: Mapping[int, SourceCell]) -> tuple[str, ...]:
    """Return labels as they are compared; a line end may have broken a date in one."""
    return tuple(_BROKEN.sub("", normalize_label(cell.text)) for cell in labels.values())


def _has_words(line: SourceLine) -> bool:
    return any(sign.isalpha() for sign in line.text)


def _labels_in(
    lines: Sequence[SourceLine],
) -> tuple[Mapping[int, SourceCell], SourceLine | None]:
    """Return the labels in the first of these lines, and the line if it is a second row of them.

    Return no labels if the line is no header.
    """
    line = lines[0]
    below = [each for each in lines[1 : 1 + _LOOK_AHEAD] if each.table == line.table]
    if not line.table or not below:
        return {}, None
    labels, second = dict(line.own_cells()), None
    if _is_upper_row(line, below[0]):
        labels, second, below = _joined(line, below[0]), below[0], below[1:]
    rows = [len(each.own_cells()) for each in below if each.only_cell is None]
    texts = [cell.text for cell in labels.values()]
    is_header = (
        len(texts) > 1
        and bool(rows)
        and len(texts) >= _LEAST_FILLED * max(rows)
        and len(set(map(normalize_label, texts))) == len(texts)
        and (second is not None or _are_labels(line))
    )
    return (labels, second) if is_header else ({}, None)


def _is_upper_row(line: SourceLine, below: SourceLine) -> bool:
    """Return True if a cell reaches over several of the labels below; over all, it is a title."""
    reaches = any(cell.copied == "across" for cell in line.cells.values())
    is_title = line.only_cell is not None and below.own_cells().keys() <= line.cells.keys()
    return reaches and not is_title and _are_labels(below)


def _are_labels(line: SourceLine) -> bool:
    """Return True if all cells of a row are short texts, years or dates, and one has letters."""
    cells = list(line.own_cells().values())
    words = [
        cell.text for cell in cells if not (is_only_date(cell.raw) or _YEAR.fullmatch(cell.text))
    ]
    short = all(len(text) <= _LONGEST_LABEL and not text[:1].isdigit() for text in words)
    are_words = short and len(words) * 2 >= len(cells)
    return bool(cells) and (are_words or not words)


def _joined(above: SourceLine, line: SourceLine) -> dict[int, SourceCell]:
    """Return two rows of labels as one; the upper one may reach over several columns."""
    labels: dict[int, SourceCell] = {}
    for col in sorted({*above.cells, *line.cells}):
        upper, lower = above.cells.get(col), line.cells.get(col)
        if upper and upper.text and lower and lower.text and lower.copied != "down":
            labels[col] = SourceCell(f"{upper.text} {lower.text}", lower.place)
        elif (only := lower if lower and lower.text else upper) and only.text:
            labels[col] = only
    return labels
