"""What people made, before anybody knows what it means: pages of lines of cells, each cell with its place.

Every reader of a source gives this, whatever the source is: a sheet, a document, a pasted text, a table. A paragraph
is a line of one cell. `importers.walk` alone says what the lines mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from xltiltak.model.finding import About, Finding, Place
from xltiltak.model.normalize import CellValue, display, is_blank, normalize

Copied = Literal[
    "", "across", "down"
]  # of a merged cell, which of its places it is: its own, beside it, below it


class SourceCell(NamedTuple):
    """One cell: what stands in it, and where."""

    raw: CellValue
    place: Place
    copied: Copied = ""

    @property
    def text(self) -> str:
        """What it shows, without space around it."""
        return "" if is_blank(self.raw) else display(self.raw).strip()


@dataclass(frozen=True, slots=True)
class SourceLine:
    """The filled cells of one line, by column counted from 0; copies of merged cells are among them.

    `rank` is 1 and more for a heading, 0 for other text. `table` numbers the tables of a source, 0 outside of them.
    `width` is how many cells the line has, filled or not. `close` says that it follows the last without a blank line.
    """

    cells: Mapping[int, SourceCell] = field(default_factory=dict)
    rank: int = 0
    table: int = 0
    width: int = 1
    close: bool = False

    def own(self) -> dict[int, SourceCell]:
        """The filled cells that were written here, without what merging repeats."""
        return {
            col: cell
            for col, cell in self.cells.items()
            if not cell.copied and not is_blank(cell.raw)
        }

    @property
    def alone(self) -> SourceCell | None:
        """The one cell that is filled; None where there are more or none."""
        own = list(self.own().values())
        return own[0] if len(own) == 1 else None

    @property
    def place(self) -> Place:
        """Where it begins."""
        return next((cell.place for cell in self.own().values()), Place())

    @property
    def text(self) -> str:
        """All that stands in it."""
        return " · ".join(cell.text for cell in self.own().values())


@dataclass(frozen=True, slots=True)
class SourcePage:
    """One sheet, or the whole of a document. `findings` tell what the reader could not give as lines.

    `printed`: was it copied out of a printed document, so that words may be broken at the ends of lines?
    """

    lines: tuple[SourceLine, ...]
    name: str = ""
    findings: tuple[Finding, ...] = ()
    printed: bool = False


def filled(lines: Iterator[SourceLine]) -> Iterator[SourceLine]:
    """The lines that have something in them."""
    return (line for line in lines if line.own())


PAGE_MARK = re.compile(
    r"(?i)(?:(?:side|page|sida|sid|s)\.?\s*)?[-–]?\s*\d{1,4}\s*(?:(?:av|of|/)\s*\d{1,4})?\s*[-–]?"
)


def not_placed(line: SourceLine) -> Finding:
    """A line that stands outside all tables and cards."""
    if line.alone and PAGE_MARK.fullmatch(line.text):
        return Finding.create("I101", line.place, About(), value=line.text, reason="page_mark")
    return Finding.create("I101", line.place, About(), value=line.text, reason="outside")


def alone_in_table(line: SourceLine) -> Finding:
    """A text that stands alone on a row of a table."""
    return Finding.create(
        "I101", line.place, About(), value=line.text, reason="row_alone"
    ).with_severity("warning")


def outside_columns(place: Place, text: str, label: str) -> Finding:
    """A cell of a measure's row in a column that nobody knows."""
    return Finding.create(
        "I101", place, About(), value=text, reason="column", label=label
    ).with_severity("warning")


def introduces(line: SourceLine) -> bool:
    """Can a line right below an area's heading be what introduces it?"""
    return line.table == 0 and line.alone is not None and not PAGE_MARK.fullmatch(line.text)


def of_introduction(lines: Iterable[SourceLine], intro: str, taken: list[str]) -> Iterator[Finding]:
    """What is told of the lines below an area's heading; without an `intro` in the head they are taken as one."""
    for line in lines:
        if not introduces(line):
            yield not_placed(line)
        elif not intro:
            taken.append(line.text)
            yield Finding.create("I105", line.place, value=line.text)
        elif normalize(line.text) not in normalize(intro):
            yield not_placed(line)
