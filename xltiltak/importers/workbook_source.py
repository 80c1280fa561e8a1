"""Read a workbook that somebody made as pages of lines; no other module opens such a workbook.

The reader of returned files reads the cells, within the same bounds. This module adds merged cells,
hidden rows, columns and sheets, and comments.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from xltiltak.importers.source_lines import SourceCell, SourceLine, SourcePage
from xltiltak.layout.geometry import KEY_COL
from xltiltak.model.cell_values import CellValue, display, is_blank
from xltiltak.model.errors import OverLimit
from xltiltak.model.finding import Finding, Place
from xltiltak.xlsx.cell_names import cell_name, column_letters
from xltiltak.xlsx.markup import element_attributes, parse_xml
from xltiltak.xlsx.package import MIB, Bounds, Package
from xltiltak.xlsx.parts import read_workbook_parts
from xltiltak.xlsx.rich_text import decode_escapes
from xltiltak.xlsx.sheet_reader import Sheet, read_sheets

SOURCE_BOUNDS = Bounds(file=64 * MIB, entry=64 * MIB, rows=20_000, columns=256)
_MAX_MERGED_RANGES = 5_000
_MAX_MERGED_CELLS = 200_000  # in all ranges
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?")
_COMMENT_PARTS = re.compile(r"xl/(?:threadedcomments/.*|comments[^/]*|comments/.*)\.xml")
_TITLE_KEY = "@title"  # the row key of a sheet's first line, in workbooks from here

Address = tuple[int, int]  # row and column, counted from 1


@dataclass
class SheetShape:
    """The merged ranges, hidden rows and hidden columns of a sheet.

    A merged range is first row, first column, last row, last column. Hidden columns are ranges too.
    """

    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)

    def hidden_column_numbers(self) -> list[int]:
        """Return the numbers of the hidden columns."""
        return [col for first, last in self.hidden_columns for col in range(first, last + 1)]


def workbook_pages(content: bytes, file: str) -> tuple[SourcePage, ...]:
    """Return the sheets of a workbook, in order.

    A hidden sheet gives no lines, only a finding. Raises WorkbookError.
    """
    package = Package(content, SOURCE_BOUNDS)
    parts, hidden = dict(read_workbook_parts(package).sheets), _hidden_sheets(package)
    pages: list[SourcePage] = []
    for sheet in read_sheets(package):
        if sheet.name in hidden:
            pages.append(_hidden_page(sheet, file))
        else:
            pages.append(_page(sheet, _read_shape(package.read(parts[sheet.name])), file))
    findings = [*_active_content(package, file), *_comments(package, file)]
    return (*pages, SourcePage((), findings=tuple(findings))) if findings else tuple(pages)


def _page(sheet: Sheet, shape: SheetShape, file: str) -> SourcePage:
    """Return a sheet as lines; a merged cell is copied to its whole range.

    A row that is one text across several columns is a heading of rank 1.
    """
    merged, key_col = _merged_cells(shape, sheet.name), _key_column(sheet, shape)
    findings = [*_hidden_cells(sheet, shape, file, key_col), *_formulas_without_value(sheet, file)]
    if cell := sheet.first_out_of_bounds:
        place = Place(file, sheet.name, cell)
        findings.append(Finding.create("F007", place, reason="beyond", cell=cell))
    covered = {address for addresses in merged.values() for address in addresses}
    rows: dict[int, dict[int, SourceCell]] = defaultdict(dict)
    for row, col, raw in _filled_cells(sheet):
        if col == key_col:
            continue
        place = Place(file, sheet.name, cell_name(row, col))
        if (row, col) in covered:
            findings.append(Finding.create("I101", place, value=display(raw), reason="covered"))
        else:
            rows[row][col - 1] = SourceCell(raw, place)
    wide_rows: set[int] = set()
    for (row, col), addresses in merged.items():
        first = rows.get(row, {}).get(col - 1)
        if first is None:
            continue
        for other_row, other_col in addresses:
            part = replace(first, copied="across" if other_col != col else "down")
            rows[other_row][other_col - 1] = part
            if other_col != col:
                wide_rows.add(row)
    width = max((col + 1 for cells in rows.values() for col in cells), default=1)
    lines: list[SourceLine] = []
    for row in sorted(rows):
        line = SourceLine(dict(sorted(rows[row].items())), 0, 1, width, close=row - 1 in rows)
        is_heading = row in wide_rows and line.only_cell is not None
        lines.append(replace(line, rank=1) if is_heading else line)
    return SourcePage(tuple(lines), sheet.name, tuple(findings))


def _filled_cells(sheet: Sheet) -> Iterator[tuple[int, int, CellValue]]:
    """Yield row, column and value of each cell that is not blank."""
    for row, cells in sheet.rows.items():
        yield from ((row, col, raw) for col, raw in cells.items() if not is_blank(raw))


def _hidden_page(sheet: Sheet, file: str) -> SourcePage:
    """Return a page without lines, with a finding that quotes a hidden sheet.

    The coordinator decides whether it belongs to the report.
    """
    texts = [display(raw) for _, _, raw in _filled_cells(sheet)]
    if not texts:
        return SourcePage(())
    finding = Finding.create(
        "I110",
        Place(file, sheet.name),
        reason="hidden_sheet",
        value=" · ".join(texts),
        count=len(texts),
    )
    return SourcePage((), findings=(finding.with_severity("warning"),))


def _key_column(sheet: Sheet, shape: SheetShape) -> int:
    """Return the hidden column of row keys in an appendix published from here, else 0."""
    has_keys = any(row.get(KEY_COL) == _TITLE_KEY for row in sheet.rows.values())
    return KEY_COL if has_keys and KEY_COL in shape.hidden_column_numbers() else 0


def _hidden_cells(sheet: Sheet, shape: SheetShape, file: str, key_col: int) -> Iterator[Finding]:
    """Yield the hidden rows and columns with content; they are read like the others."""
    place = Place(file, sheet.name)
    used_rows = {row for row, _, _ in _filled_cells(sheet)}
    if rows := [str(row) for row in shape.hidden_rows if row in used_rows]:
        yield Finding.create("I110", place, reason="hidden_rows", value=", ".join(rows))
    used_columns = {col for _, col, _ in _filled_cells(sheet) if col != key_col}
    hidden = [col for col in shape.hidden_column_numbers() if col in used_columns]
    if columns := [column_letters(col) for col in hidden]:
        yield Finding.create("I110", place, reason="hidden_columns", value=", ".join(columns))


def _formulas_without_value(sheet: Sheet, file: str) -> Iterator[Finding]:
    """Yield formulas that were saved without a value, as some programs do; none is a blank."""
    for (row, col), formula in sheet.formulas.items():
        if sheet.rows.get(row, {}).get(col) is None:
            place = Place(file, sheet.name, cell_name(row, col))
            yield Finding.create("V106", place, value=f"={formula}")


def _merged_cells(shape: SheetShape, sheet: str) -> dict[Address, list[Address]]:
    """Return the other cells of each merged range, by its first cell. Raises OverLimit."""
    size = sum((r2 - r1 + 1) * (c2 - c1 + 1) for r1, c1, r2, c2 in shape.merged)
    if len(shape.merged) > _MAX_MERGED_RANGES or size > _MAX_MERGED_CELLS:
        raise OverLimit("merged", met=size, bound=_MAX_MERGED_CELLS, sheet=sheet)
    merged: dict[Address, list[Address]] = {}
    for r1, c1, r2, c2 in shape.merged:
        cells = [(row, col) for row in range(r1, r2 + 1) for col in range(c1, c2 + 1)]
        merged[r1, c1] = [cell for cell in cells if cell != (r1, c1)]
    return merged


def _read_shape(part: bytes) -> SheetShape:
    """Return the shape of a sheet, from its part."""
    shape = SheetShape()

    def start(name: str, attributes: dict[str, str]) -> None:
        """Add a merged range, a hidden row or hidden columns."""
        is_hidden = attributes.get("hidden") in ("1", "true")
        if name == "mergeCell":
            ends = _RANGE.fullmatch(attributes.get("ref", ""))
            if ends and ends[3]:
                first, last = _column_number(ends[1]), _column_number(ends[3])
                shape.merged.append((int(ends[2]), first, int(ends[4]), last))
        elif name == "row" and is_hidden:
            number = attributes.get("r", "")
            shape.hidden_rows.append(int(number) if number.isdecimal() else 0)
        elif name == "col" and is_hidden:
            first, last = (int(attributes.get(key, "0")) for key in ("min", "max"))
            shape.hidden_columns.append((first, min(last, SOURCE_BOUNDS.columns)))

    parse_xml(part, start)
    return shape


def _hidden_sheets(package: Package) -> set[str]:
    """Return the names of the hidden sheets."""
    book = next((name for name in ("xl/workbook.xml", "workbook.xml") if name in package), "")
    sheets = element_attributes(package.read(book), "sheet") if book else []
    return {sheet.get("name", "") for sheet in sheets if sheet.get("state", "visible") != "visible"}


def _active_content(package: Package, file: str) -> Iterator[Finding]:
    """Yield a finding about macros and other content that could run."""
    if package.active_parts:
        yield Finding.create("F008", Place(file), value=", ".join(package.active_parts))


def _comments(package: Package, file: str) -> Iterator[Finding]:
    """Yield the comments beside cells, each with its cell."""
    for name in package.names():
        if _COMMENT_PARTS.fullmatch(name):
            for cell, text in _comment_texts(package.read(name)):
                yield Finding.create("I101", Place(file, "", cell), value=text, reason="comment")


def _comment_texts(part: bytes) -> list[tuple[str, str]]:
    """Return the address and text of each comment in a part."""
    comments: list[tuple[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        """Begin a comment."""
        if name in ("comment", "threadedComment"):
            comments.append((attributes.get("ref", ""), ""))

    def chars(text: str) -> None:
        """Add text to the last comment; the parser hands it out in pieces."""
        if comments:
            cell, before = comments[-1]
            comments[-1] = (cell, before + text)

    parse_xml(part, start, None, chars)
    return [(cell, decode_escapes(text).strip()) for cell, text in comments if text.strip()]


def _column_number(letters: str) -> int:
    """Return the number of a column, counted from 1, by its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
