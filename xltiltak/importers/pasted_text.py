"""What the ends of lines and pages have parted in a printed document: rows, and perhaps words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from xltiltak.importers.headings import HeadingStack
from xltiltak.importers.labels import Labels
from xltiltak.importers.records import fits, is_measure
from xltiltak.importers.source_lines import PAGE_MARK, SourceCell, SourceLine, SourcePage
from xltiltak.importers.summary_lines import is_step
from xltiltak.importers.table_header import TableHeader, header_in
from xltiltak.model.finding import Finding, Place
from xltiltak.model.language import translate

_FROM_PRINT = re.compile(
    r"\b[^\W\d_]{3,}s-[^\W\d_]{4,}\b"
)  # a compound's joining s needs no hyphen behind it


class ParserState(Protocol):
    """What a walk knows when it comes to a line."""

    labels: Labels
    headings: HeadingStack
    header: TableHeader | None
    findings: list[Finding]


def rejoin_rows(lines: Iterator[SourceLine], walk: ParserState) -> Iterator[SourceLine]:
    """Rows of a printed table that were broken over lines, put together where only one way gives a whole row."""
    held: SourceLine | None = None
    for line in lines:
        header = walk.header
        if held and header and _goes_on(held, line, header, walk):
            held = _one(held, line)
            walk.findings.append(Finding.create("I104", line.place, value=line.text))
            continue
        if held:
            yield held
        held = line
    if held:
        yield held


def _goes_on(held: SourceLine, line: SourceLine, header: TableHeader, walk: ParserState) -> bool:
    """Does a line only continue the row before it?"""
    if not held.table or not line.close or walk.headings.read(line):
        return False
    if any(header_in(either, walk.labels) for either in (held, line)):
        return False
    if line.table == 0:
        return (
            held.width <= header.width
            and not PAGE_MARK.fullmatch(line.text)
            and _is_measure(held, header, walk)
        )
    begins = fits(dict(header.read(line)), walk.labels)
    return not begins and held.width + line.width - 1 <= header.width and held.width < header.width


def _is_measure(line: SourceLine, header: TableHeader, walk: ParserState) -> bool:
    return is_measure(dict(header.read(line)), walk.labels) and not is_step(line.own(), walk.labels)


def _one(held: SourceLine, line: SourceLine) -> SourceLine:
    """Two lines as one: the last cell of the first goes on in the first of the second."""
    at = held.width - 1
    last, first = held.cells.get(at), line.cells.get(0)
    joint = "" if last and last.text.endswith("-") else " "
    text = joint.join(cell.text for cell in (last, first) if cell and cell.text)
    place = last.place if last else line.place
    moved = {at + col: cell for col, cell in line.cells.items() if col}
    return SourceLine(
        {**held.cells, at: SourceCell(text, place), **moved},
        0,
        held.table,
        at + line.width,
        held.close,
    )


def hyphens(line: SourceLine) -> Iterator[Finding]:
    """Words that a line end in the printed document has probably broken; they stay as they are printed."""
    for cell in line.own().values():
        for word in _FROM_PRINT.findall(cell.text):
            yield Finding.create("I106", cell.place, value=word)


def text_pages(text: str, file: str, language: str) -> tuple[SourcePage, ...]:
    """The one page of a text. A form feed is a page's end, and like a blank line."""
    return (SourcePage(tuple(_lines(text, file, language)), printed=True),)


def _lines(text: str, file: str, language: str) -> Iterator[SourceLine]:
    table, in_table, close = 0, False, False
    for number, written in enumerate(text.replace("\f", "\n").splitlines(), 1):
        if not written.strip():
            close = False
            continue
        place = Place(file, "", translate("import.line", language, number=number))
        parts = written.split("\t")
        table += int(len(parts) > 1 and not in_table)
        in_table = len(parts) > 1
        cells = {col: SourceCell(part, place) for col, part in enumerate(parts) if part.strip()}
        yield SourceLine(cells, 0, table if in_table else 0, len(parts), close)
        close = True
