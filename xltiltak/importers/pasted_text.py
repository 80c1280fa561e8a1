"""Text that was copied out of a PDF: its lines, and rows and words that a line end has broken.

A line with tabs is a row of a table, any other line a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from xltiltak.importers.labels import HeadingStack
from xltiltak.importers.records import fits_columns, is_measure
from xltiltak.importers.source_lines import SourceCell, SourceLine, SourcePage
from xltiltak.importers.table_parts import TableHeader, header_in, is_scale_step
from xltiltak.model.finding import Finding, Place
from xltiltak.model.language import translate

# In Norwegian and Swedish a compound with a joining s has no hyphen behind the s.
_BROKEN_WORD = re.compile(r"\b[^\W\d_]{3,}s-[^\W\d_]{4,}\b")


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


def continues_row(
    row: SourceLine, line: SourceLine, header: TableHeader, headings: HeadingStack
) -> bool:
    """Return True if a line only continues the row before it, which a line end has broken.

    A paragraph continues a measure. A row continues a row that lacks cells, if it is no measure
    itself and the two together are no wider than the header.
    """
    labels = headings.labels
    if not row.table or not line.close or headings.read(line):
        return False
    if header_in(row, labels) or header_in(line, labels):
        return False
    if line.table:
        is_complete = fits_columns(dict(header.read(line)), labels)
        joined_width = row.width + line.width - 1
        return not is_complete and joined_width <= header.width and row.width < header.width
    return (
        row.width <= header.width
        and not line.is_page_number()
        and is_measure(dict(header.read(row)), labels)
        and not is_scale_step(row, labels)
    )


def join_rows(row: SourceLine, line: SourceLine) -> SourceLine:
    """Return a row with the line that continues it.

    The last cell of the row continues in the first cell of the line.
    """
    at = row.width - 1
    last, first = row.cells.get(at), line.cells.get(0)
    between = "" if last and last.text.endswith("-") else " "
    text = between.join(cell.text for cell in (last, first) if cell and cell.text)
    joined = SourceCell(text, last.place if last else line.place)
    moved = {at + col: cell for col, cell in line.cells.items() if col}
    cells = {**row.cells, at: joined, **moved}
    return SourceLine(cells, 0, row.table, at + line.width, row.close)


def broken_words(line: SourceLine) -> Iterator[Finding]:
    """Yield a finding for each word that a line end has probably broken; it is kept as printed."""
    for cell in line.own_cells().values():
        for word in _BROKEN_WORD.findall(cell.text):
            yield Finding.create("I106", cell.place, value=word)
