"""Text copied out of a PDF or a Word document: a line with tabs is a row of a table, any other a paragraph."""

from __future__ import annotations

from collections.abc import Iterator

from xltiltak.importers.source_lines import SourceCell, SourceLine, SourcePage
from xltiltak.model.finding import Place
from xltiltak.model.language import translate


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
