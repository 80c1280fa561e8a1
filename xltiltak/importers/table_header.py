"""The row of labels above a table of measures: which column holds what, and what its rows say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from xltiltak.importers.labels import FieldColumn, Labels, named
from xltiltak.importers.source_lines import SourceCell, SourceLine
from xltiltak.model.language import LANGUAGES, translate

_LEAST = 2  # so many labels, of which one is a key's, make a row a head


class TableReading(NamedTuple):
    """One table of a source as it was read: where, and for each column what it says and what that is, "" if unknown."""

    where: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TableHeader:
    """What the columns of a table hold. `unknown` are those with a label that the template does not know.

    `derived` are those that only say what others say; they are worked out anew.
    """

    columns: Mapping[int, tuple[FieldColumn, ...]]
    unknown: Mapping[int, SourceCell]
    names: Mapping[int, str]
    table: int
    width: int
    derived: frozenset[int] = frozenset()

    def spots(self) -> list[FieldColumn]:
        """Everything that stands in some column."""
        return [spot for spots in self.columns.values() for spot in spots]

    def twice(self) -> list[str]:
        """The labels of columns that hold the same."""
        held = Counter(self.spots())
        return [
            self.names[col]
            for col, spots in self.columns.items()
            if any(held[spot] > 1 for spot in spots)
        ]

    def read(self, line: SourceLine) -> Iterator[tuple[FieldColumn, SourceCell]]:
        """What a row says, spot by spot; of a merged cell what it repeats below, never what it covers beside it."""
        for col, spots in self.columns.items():
            if (cell := line.cells.get(col)) and cell.copied != "across":
                yield from ((spot, cell) for spot in spots)

    def outside(self, line: SourceLine) -> Iterator[tuple[str, SourceCell]]:
        """The cells of a row that stand in no column that is known, with the label above them."""
        for col, cell in line.own().items():
            if col not in self.columns and col not in self.derived:
                yield self.names.get(col, ""), cell

    def once(self) -> TableHeader:
        """The same without the columns of which two hold the same: which of them is meant is not guessed."""
        held = Counter(self.spots())
        return replace(
            self,
            columns={c: s for c, s in self.columns.items() if all(held[spot] == 1 for spot in s)},
        )

    def understood(self, where: str, labels: Labels) -> TableReading:
        """The account of it that is shown before it is believed."""
        cells = sorted(self.names.items())
        said = (
            ", ".join(labels.title_of(spot) for spot in self.columns.get(col, ()))
            for col, _ in cells
        )
        return TableReading(where, tuple(zip((name for _, name in cells), said, strict=True)))


def header_in(
    line: SourceLine, labels: Labels, above: SourceLine | None = None
) -> TableHeader | None:
    """The head that a line is, with the line above it where the two make one; None for any other line."""
    alone = _header(
        line, {col: cell for col, cell in line.cells.items() if not cell.copied}, labels
    )
    if above is None or above.table != line.table:
        return alone
    both = _header(line, _united(above, line), labels)
    if both is None or (alone and len(both.spots()) <= len(alone.spots())):
        return alone
    return both


def first_row(line: SourceLine, labels: Labels) -> TableHeader:
    """The head that a first line is said to be, whatever it holds."""
    cells = {col: cell for col, cell in line.cells.items() if cell.text}
    known = {col: spots for col, cell in cells.items() if (spots := labels.of(cell.raw))}
    unknown = {col: cell for col, cell in cells.items() if col not in known}
    return TableHeader(
        known, unknown, {col: cell.text for col, cell in cells.items()}, line.table, line.width
    )


def _header(
    line: SourceLine, cells: Mapping[int, SourceCell], labels: Labels
) -> TableHeader | None:
    known = {
        col: spots for col, cell in cells.items() if cell.text and (spots := labels.of(cell.raw))
    }
    unknown = {
        col: cell
        for col, cell in cells.items()
        if cell.text and col not in known and not derived(cell)
    }
    spots_there = {spot for held in known.values() for spot in held}
    if (
        len(known) < _LEAST
        or len(unknown) >= len(known)
        or spots_there.isdisjoint(labels.leaf_keys)
    ):
        return None
    names = {col: cell.text for col, cell in cells.items() if cell.text}
    worked_out = frozenset(col for col, cell in cells.items() if derived(cell))
    return TableHeader(known, unknown, names, line.table, line.width, worked_out)


def derived(cell: SourceCell) -> bool:
    """Is it the label of a column that an appendix works out from the others?"""
    said = named(cell.text)
    return any(said == named(translate("book.change", language)) for language in LANGUAGES)


def _united(above: SourceLine, line: SourceLine) -> dict[int, SourceCell]:
    """Two rows of labels as one: "Status" over three dates is three columns, a label beside both rows is one."""
    found: dict[int, SourceCell] = {}
    for col in sorted({*above.cells, *line.cells}):
        upper, lower = above.cells.get(col), line.cells.get(col)
        if upper is None or not upper.text or (lower and lower.copied == "down"):
            found[col] = lower or SourceCell(None, above.place)
        elif lower is None or not lower.text:
            if upper.copied != "across":
                found[col] = upper
        else:
            found[col] = SourceCell(f"{upper.text} {lower.text}", lower.place)
    return found
