"""A table with one row a measure, as coordinators keep it (.csv), with a head beside it.

Headings are known by the labels and aliases of the template; groups begin where their text changes. It is kept for
this program, so nothing is passed over: a column that is not understood stops the import and is named.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path

from xltiltak.importers.head import load_head
from xltiltak.importers.imported import ImportResult, concluded
from xltiltak.importers.labels import Labels, near
from xltiltak.importers.report_builder import ReportBuilder
from xltiltak.importers.source_lines import SourceCell, SourceLine
from xltiltak.importers.table_header import TableHeader, first_row
from xltiltak.model.errors import PlanError
from xltiltak.model.finding import Place
from xltiltak.model.template import Template
from xltiltak.xlsx.cell_names import cell_name

_DELIMITERS = ";\t,"


def import_table(table: Path, template: Template, head: Path | None = None) -> ImportResult:
    """The report of a .csv and of the head beside it. Raises PlanError."""
    lines = list(table_lines(table))
    said = load_head(head or table.with_suffix(".toml"))
    if not lines[1:]:
        raise PlanError("empty_table", file=table.name)
    labels = Labels(template, said.head().dates)
    header = _header(table.name, lines[0], labels)
    grower = ReportBuilder(table.name, template, said, said.head(), strict=True)
    grower.labels = {
        spot: header.names[col] for col, spots in header.columns.items() for spot in spots
    }
    for line in lines[1:]:
        _refuse_more_cells(table.name, line, lines[0].width)
        grower.take(
            {spot: line.cells[col] for col, spots in header.columns.items() for spot in spots}
        )
    understood = header.understood("", labels)
    return concluded(grower, said.head().dates, tables=(understood,))


def table_lines(table: Path) -> Iterator[SourceLine]:
    """The rows of a table that have something in them, with empty cells up to the width of its first. Raises PlanError.

    A cell's place is its own in a spreadsheet.
    """
    width = 0
    for number, row in csv_rows(table):
        width = width or len(row)
        cells = [*row, *[""] * (width - len(row))]
        placed = {
            col: SourceCell(text, Place(table.name, "", cell_name(number, col + 1)))
            for col, text in enumerate(cells)
        }
        yield SourceLine(placed, table=1, width=len(row))


def csv_rows(table: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table that have something in them, each with its number in a spreadsheet. Raises PlanError."""
    try:
        content = table.read_bytes()
    except OSError as error:
        raise PlanError("cannot_read", file=table.name, error=error.strerror) from error
    text = decoded(content, table.name)
    rows = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        yield from ((n, row) for n, row in enumerate(rows, 1) if any(cell.strip() for cell in row))
    except csv.Error as error:
        raise PlanError("not_a_table", file=table.name, line=rows.line_num, error=error) from error


def decoded(content: bytes, file: str) -> str:
    """UTF-8 with or without its mark, UTF-16 with one, else what Windows wrote before: cp1252. Raises PlanError."""
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise PlanError("encoding", file=file) from error


def _delimiter(text: str) -> str:
    """The sign that parts the headings: the one that the first line has most of, outside quotes."""
    first = re.sub(r'"[^"]*"', "", text.lstrip("\r\n").split("\n", 1)[0])
    return max(_DELIMITERS, key=first.count)


def _header(file: str, line: SourceLine, labels: Labels) -> TableHeader:
    """What the columns hold. Raises PlanError with every column that is unknown, missing or there twice."""
    header = first_row(line, labels)
    unknown = [cell.text for cell in header.unknown.values()]
    missing = list(labels.missing(header.spots()))
    if twice := header.twice():
        raise PlanError("column_twice", file=file, columns=", ".join(f"«{name}»" for name in twice))
    if unknown or missing:
        named = [f"«{heading}»{near(heading, labels.known())}" for heading in unknown]
        lacking = [f"«{label}»{near(label, unknown)}" for label in missing]
        raise PlanError(
            "columns", file=file, unknown=", ".join(named) or "–", missing=", ".join(lacking) or "–"
        )
    return header


def _refuse_more_cells(file: str, line: SourceLine, columns: int) -> None:
    """Raises PlanError for a row with more cells than there are columns: one of them has lost its quotes."""
    beyond: Sequence[SourceCell] = [cell for col, cell in line.cells.items() if col >= columns]
    if any(cell.text for cell in beyond):
        row = beyond[0].place.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        raise PlanError("too_many_cells", file=file, row=row, count=line.width, columns=columns)
