"""Import a table with one row a measure (.csv), with a file of report details beside it.

Columns are known by the labels and aliases of the template; a group begins where its text changes.
Such a table is kept for this program, so nothing in it is skipped: an unknown column stops the
import with its name.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from xltiltak.importers.details_file import load_details
from xltiltak.importers.labels import Labels, suggest_label
from xltiltak.importers.report_builder import ImportResult, ReportBuilder, finish_import
from xltiltak.importers.source_lines import SourceCell, SourceLine
from xltiltak.importers.table_parts import TableHeader, header_of_first_row
from xltiltak.model.errors import PlanError
from xltiltak.model.files import decode_text, read
from xltiltak.model.finding import Place
from xltiltak.model.template import Template
from xltiltak.model.visible_text import visible
from xltiltak.xlsx.cell_names import cell_name

_DELIMITERS = ";\t,"


def import_table(table: Path, template: Template, head: Path | None = None) -> ImportResult:
    """Return the report in a .csv file.

    `head` is the file with the report details, by default the .toml beside the table. Raises
    PlanError.
    """
    lines = list(table_lines(table))
    details = load_details(head or table.with_suffix(".toml"))
    if not lines[1:]:
        raise PlanError("empty_table", file=visible(table.name))
    report_head = details.to_head()
    labels = Labels(template, report_head.dates)
    header = _checked_header(visible(table.name), lines[0], labels)
    builder = ReportBuilder(visible(table.name), template, details, report_head, strict=True)
    builder.source_labels = header.labels_in_source()
    for line in lines[1:]:
        _refuse_extra_cells(visible(table.name), line, lines[0].width)
        builder.add(dict(header.read(line)))
    return finish_import(builder, report_head.dates, tables=(header.reading("", labels),))


def table_lines(table: Path) -> Iterator[SourceLine]:
    """Yield the rows of a table that are not empty, each at least as wide as the first.

    The place of a cell is its address in a spreadsheet. Raises PlanError.
    """
    width = 0
    for number, row in csv_rows(table):
        width = width or len(row)
        texts = [*row, *[""] * (width - len(row))]
        cells = {
            col: SourceCell(text, Place(visible(table.name), "", cell_name(number, col + 1)))
            for col, text in enumerate(texts)
        }
        yield SourceLine(cells, table=1, width=len(row))


def csv_rows(table: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a table that are not empty, each after its number in a spreadsheet.

    Raises PlanError if the file cannot be read or is no table.
    """
    text = decode_text(read(table), visible(table.name))
    rows = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        yield from ((n, row) for n, row in enumerate(rows, 1) if any(cell.strip() for cell in row))
    except csv.Error as error:
        raise PlanError(
            "not_a_table", file=visible(table.name), line=rows.line_num, error=error
        ) from error


def _delimiter(text: str) -> str:
    """Return the delimiter that is most frequent in the first line, outside quotes."""
    first = re.sub(r'"[^"]*"', "", text.lstrip("\r\n").split("\n", 1)[0])
    return max(_DELIMITERS, key=first.count)


def _checked_header(file: str, line: SourceLine, labels: Labels) -> TableHeader:
    """Return the header in the first row.

    Raises PlanError with all columns that are unknown, missing or duplicate.
    """
    header = header_of_first_row(line, labels)
    if duplicates := header.duplicate_names():
        names = ", ".join(f"«{name}»" for name in duplicates)
        raise PlanError("column_twice", file=file, columns=names)
    unknown = [cell.text for cell in header.unknown.values()]
    missing = list(labels.missing(header.field_columns()))
    if unknown or missing:
        known = labels.all_labels()
        named = ", ".join(f"«{label}»{suggest_label(label, known)}" for label in unknown)
        lacking = ", ".join(f"«{label}»{suggest_label(label, unknown)}" for label in missing)
        raise PlanError("columns", file=file, unknown=named or "–", missing=lacking or "–")
    return header


def _refuse_extra_cells(file: str, line: SourceLine, columns: int) -> None:
    """Raise PlanError for a row with more cells than columns: a cell has lost its quotes."""
    extra = [cell for col, cell in line.cells.items() if col >= columns]
    if any(cell.text for cell in extra):
        row = extra[0].place.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        raise PlanError("too_many_cells", file=file, row=row, count=line.width, columns=columns)
