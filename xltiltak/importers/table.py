"""Read a table (.csv) as a page of lines, in any way that programs save it: a line is a row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from xltiltak.importers.source_lines import SourceCell, SourceLine, SourcePage
from xltiltak.model.cell_values import is_blank
from xltiltak.model.errors import PlanError
from xltiltak.model.files import decode_text, read
from xltiltak.model.finding import Place
from xltiltak.model.visible_text import visible
from xltiltak.xlsx.cell_names import cell_name

_DELIMITERS = ";\t,"
_SAMPLE = 10  # lines in which the delimiter is looked for
_NAMED_DELIMITER = re.compile(r"sep=([;,\t|])\r?\n")  # the first line that Excel writes or reads


def table_pages(table: Path) -> tuple[SourcePage, ...]:
    """Return a table as one page. Raises PlanError if it cannot be read or has no rows.

    The place of a cell is its address in a spreadsheet.
    """
    lines: list[SourceLine] = []
    last = 0
    for number, row in csv_rows(table):
        cells = {
            col: SourceCell(text, Place(visible(table.name), "", cell_name(number, col + 1)))
            for col, text in enumerate(row)
            if not is_blank(text)
        }
        lines.append(SourceLine(cells, table=1, width=len(row), close=number == last + 1 > 1))
        last = number
    if not lines[1:]:
        raise PlanError("empty_table", file=visible(table.name))
    return (SourcePage(tuple(lines), delimited=True),)


def csv_rows(table: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a table that are not empty, each after its number in a spreadsheet.

    Raises PlanError if the file cannot be read or is no table.
    """
    text = decode_text(read(table), visible(table.name))
    named = _NAMED_DELIMITER.match(text)
    first, text = (2, text[named.end() :]) if named else (1, text)
    delimiter = named[1] if named else _delimiter(text)
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from (
            (n, row) for n, row in enumerate(rows, first) if any(cell.strip() for cell in row)
        )
    except csv.Error as error:
        raise PlanError(
            "not_a_table", file=visible(table.name), line=rows.line_num, error=error
        ) from error


def _delimiter(text: str) -> str:
    """Return the delimiter that most of the first lines have outside quotes."""
    lines = re.sub(r'"[^"]*"', "", text.lstrip("\r\n")).split("\n", _SAMPLE)[:_SAMPLE]
    return max(_DELIMITERS, key=lambda delimiter: sum(delimiter in line for line in lines))
