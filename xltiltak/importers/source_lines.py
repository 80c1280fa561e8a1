"""The common form of every source: pages of lines of cells, each cell with its place.

A reader of a file format (`table`, `workbook_source`, `word`, `text_pages`) returns this and knows
nothing of reports. `source_parser` decides what the lines mean and knows nothing of file formats.
A paragraph is a line with one cell. `text_pages`, the shortest reader, is here: it reads text that
was copied out of a PDF, where a line with tabs is a row of a table, any other line a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from xltiltak.model.cell_values import CellValue, display, is_blank
from xltiltak.model.finding import Finding, Place
from xltiltak.model.language import translate

# Which cell of a merged range this is: the first one, one beside it, or one below it.
MergedPart = Literal["", "across", "down"]
# What begins or stands in a row of a workbook from here.
RowKind = Literal["", "node", "part"]

# The names that spreadsheet programs give new sheets.
_DEFAULT_SHEET_NAME = re.compile(
    r"(?i)(?:ark|sheet|blad|tabell?e?|table|regneark|arbeidsark)\s*\d*(?:\s*\(\d+\))?"
)
PAGE_NUMBER = re.compile(
    r"(?i)(?:(?:side|page|sida|sid|s)\.?\s*)?[-–]?\s*\d{1,4}\s*(?:(?:av|of|/)\s*\d{1,4})?\s*[-–]?"
)


@dataclass(frozen=True, slots=True)
class SourceCell:
    """One cell: its value and its place.

    `copied` is set if the cell repeats the first cell of its merged range. `fill` is its colour,
    "" for none. `number` is what a list puts before a heading; it is no part of the value.
    """

    raw: CellValue
    place: Place
    copied: MergedPart = ""
    fill: str = ""
    number: str = ""

    @property
    def text(self) -> str:
        """Return the text that the cell shows, without surrounding spaces."""
        return "" if is_blank(self.raw) else display(self.raw).strip()


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line: its filled cells by column, counted from 0, with the copies that merging makes.

    `rank` is 1 or more for a heading, 0 for other text. `table` numbers the tables of a source; it
    is 0 outside tables. `width` counts the cells, filled or not. `close` is True if no blank line
    separates this line from the one before. `is_caption` is True for the caption of a table or
    picture, which is no text of the report. `key` is what the row key says, in a workbook from
    here.
    """

    cells: Mapping[int, SourceCell] = field(default_factory=dict)
    rank: int = 0
    table: int = 0
    width: int = 1
    close: bool = False
    is_caption: bool = False
    key: RowKind = ""

    def own_cells(self) -> dict[int, SourceCell]:
        """Return the filled cells, without the copies that merging makes."""
        return {
            col: cell
            for col, cell in self.cells.items()
            if not cell.copied and not is_blank(cell.raw)
        }

    @property
    def only_cell(self) -> SourceCell | None:
        """Return the cell if exactly one is filled, else None."""
        own = list(self.own_cells().values())
        return own[0] if len(own) == 1 else None

    @property
    def place(self) -> Place:
        """Return the place of the first filled cell."""
        return next((cell.place for cell in self.own_cells().values()), Place())

    @property
    def text(self) -> str:
        """Return the texts of all cells as they are seen, separated by dots."""
        own = self.own_cells().values()
        return " · ".join(f"{cell.number} {cell.text}".strip() for cell in own)

    def is_page_number(self) -> bool:
        """Return True if the line holds a page number and nothing else, as "Side 2 av 14"."""
        return self.only_cell is not None and PAGE_NUMBER.fullmatch(self.text) is not None

    def not_placed(self) -> Finding:
        """Return the finding for a line that has no place in the report."""
        return Finding.create(
            "I101",
            self.place,
            value=self.text,
            reason="page_mark" if self.is_page_number() else "outside",
        )


@dataclass(frozen=True, slots=True)
class SourcePage:
    """One sheet of a workbook, or a whole document.

    `findings` report what the reader could not turn into lines. `printed` is True for text that was
    copied out of a printed document, where line ends may break rows and words. `delimited` is True
    for a table in which a delimiter between the cells makes a row wider than it should be.
    `has_row_keys` is True for the sheet of an area in a workbook that was published from here.
    """

    lines: tuple[SourceLine, ...]
    name: str = ""
    findings: tuple[Finding, ...] = ()
    printed: bool = False
    delimited: bool = False
    has_row_keys: bool = False

    @property
    def has_own_name(self) -> bool:
        """Return True if a sheet has a name that somebody gave it."""
        return bool(self.name) and not _DEFAULT_SHEET_NAME.fullmatch(self.name)

    def filled_lines(self) -> list[SourceLine]:
        """Return the lines that are not empty."""
        return [line for line in self.lines if line.own_cells()]


def text_pages(text: str, file: str, language: str) -> tuple[SourcePage, ...]:
    """Return a text as one page. A form feed ends a page and counts as a blank line.

    The place of a line is its number, in words of `language`.
    """
    lines: list[SourceLine] = []
    table, was_row, close = 0, False, False
    for number, written in enumerate(text.replace("\f", "\n").splitlines(), 1):
        if not written.strip():
            close = False
            continue
        place = Place(file, "", translate("import.line", language, number=number))
        parts = written.split("\t")
        is_row = len(parts) > 1
        table += int(is_row and not was_row)
        cells = {col: SourceCell(part, place) for col, part in enumerate(parts) if part.strip()}
        lines.append(SourceLine(cells, 0, table if is_row else 0, len(parts), close))
        was_row, close = is_row, True
    return (SourcePage(tuple(lines), printed=True),)
