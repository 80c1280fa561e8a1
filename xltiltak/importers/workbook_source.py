"""A workbook that people made, as pages of lines: the one place where one that is none of ours is opened.

Its cells are read by the reader of returned files, within the same bounds; merged cells, what is hidden and comments
are added to them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from xltiltak.importers.source_lines import SourceCell, SourceLine, SourcePage
from xltiltak.layout.geometry import KEY_COL
from xltiltak.model.errors import OverLimit
from xltiltak.model.finding import Finding, Place
from xltiltak.model.normalize import CellValue, display, is_blank
from xltiltak.xlsx.cell_names import cell_name, column_letters
from xltiltak.xlsx.markup import element_attributes, parse_xml
from xltiltak.xlsx.package import MIB, Bounds, Package
from xltiltak.xlsx.parts import decode_escapes, read_workbook_parts
from xltiltak.xlsx.sheet_reader import Sheet, read_sheets

PEOPLES = Bounds(file=64 * MIB, entry=64 * MIB, rows=20_000, columns=256)
_MERGED = 5_000  # ranges; and so many cells in them all
_COVERED = 200_000
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?")
_COMMENTS = re.compile(r"xl/(?:threadedcomments/.*|comments[^/]*|comments/.*)\.xml")

_TITLE = "@title"  # the mark of a sheet's first line

Range = tuple[int, int, int, int]  # first row and column, last row and column


@dataclass
class _Shape:
    """What a sheet's part says of rows and columns, besides their cells."""

    merged: list[Range] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    columns: list[tuple[int, int]] = field(default_factory=list)


def workbook_pages(content: bytes, file: str) -> tuple[SourcePage, ...]:
    """The sheets of a workbook, in order; one that is hidden gives no lines, but is told. Raises WorkbookError."""
    package = Package(content, PEOPLES)
    book, hidden = read_workbook_parts(package), _hidden_sheets(package)
    parts = dict(book.sheets)

    def page(sheet: Sheet) -> SourcePage:
        """One sheet as lines."""
        if sheet.name in hidden:
            return _hidden_page(sheet, file)
        return _page(sheet, _shape(package.read(parts[sheet.name])), file)

    pages = tuple(page(sheet) for sheet in read_sheets(package))
    aside = (*_active(package, file), *_comments(package, file))
    return (*pages, SourcePage((), findings=aside)) if aside else pages


def _page(sheet: Sheet, shape: _Shape, file: str) -> SourcePage:
    merged, marks = _merged(shape, sheet.name), _marks(sheet, shape)
    findings = [*_hidden(sheet, shape, file, marks), *_formulas(sheet, file)]
    if sheet.first_out_of_bounds:
        findings.append(
            Finding.create(
                "F007",
                Place(file, sheet.name, sheet.first_out_of_bounds),
                reason="beyond",
                cell=sheet.first_out_of_bounds,
            )
        )
    covered = {(row, col): at for at, cells in merged.items() for row, col in cells}
    rows: dict[int, dict[int, SourceCell]] = defaultdict(dict)
    for row, col, raw in _cells(sheet):
        if col == marks:
            continue
        place = Place(file, sheet.name, cell_name(row, col))
        if (row, col) in covered:
            findings.append(Finding.create("I101", place, value=display(raw), reason="covered"))
        else:
            rows[row][col - 1] = SourceCell(raw, place)
    wide: set[int] = set()
    for (row, col), cells in merged.items():
        if held := rows.get(row, {}).get(col - 1):
            for r, c in cells:
                rows[r][c - 1] = held._replace(copied="across" if c != col else "down")
            wide |= {row} if any(c != col for _, c in cells) else set()
    width = max((col + 1 for cells in rows.values() for col in cells), default=1)
    lines = tuple(
        _line(rows[row], width, across=row in wide, close=row - 1 in rows) for row in sorted(rows)
    )
    return SourcePage(lines, sheet.name, tuple(findings))


def _line(cells: Mapping[int, SourceCell], width: int, *, across: bool, close: bool) -> SourceLine:
    """A row. What is alone on it and runs across columns is a heading."""
    line = SourceLine(dict(sorted(cells.items())), 0, 1, width, close)
    return replace(line, rank=1) if across and line.alone else line


def _cells(sheet: Sheet) -> Iterator[tuple[int, int, CellValue]]:
    for row, cells in sheet.rows.items():
        yield from ((row, col, raw) for col, raw in cells.items() if not is_blank(raw))


def _hidden_page(sheet: Sheet, file: str) -> SourcePage:
    """A hidden sheet is not read as part of the report: what is in it is told, and the coordinator decides."""
    texts = [display(raw) for _, _, raw in _cells(sheet)]
    place = Place(file, sheet.name)
    told = Finding.create(
        "I110", place, reason="hidden_sheet", value=" · ".join(texts), count=len(texts)
    )
    return SourcePage((), "", (told.with_severity("warning"),) if texts else ())


def _marks(sheet: Sheet, shape: _Shape) -> int:
    """The hidden column of marks, in an appendix that was published from here; 0 where there is none."""
    hidden = {col for first, last in shape.columns for col in range(first, last + 1)}
    return (
        KEY_COL
        if KEY_COL in hidden and any(row.get(KEY_COL) == _TITLE for row in sheet.rows.values())
        else 0
    )


def _hidden(sheet: Sheet, shape: _Shape, file: str, marks: int) -> Iterator[Finding]:
    """Rows and columns nobody sees are read like the others, and named."""
    used = {row for row, _, _ in _cells(sheet)}
    if rows := [str(row) for row in shape.rows if row in used]:
        yield Finding.create(
            "I110", Place(file, sheet.name), reason="hidden_rows", value=", ".join(rows)
        )
    filled = {col for _, col, _ in _cells(sheet) if col != marks}
    unseen = [
        col for first, last in shape.columns for col in range(first, last + 1) if col in filled
    ]
    if columns := [column_letters(col) for col in unseen]:
        yield Finding.create(
            "I110", Place(file, sheet.name), reason="hidden_columns", value=", ".join(columns)
        )


def _formulas(sheet: Sheet, file: str) -> Iterator[Finding]:
    """A formula that was saved without its value, as some programs do, is never read as blank."""
    for (row, col), formula in sheet.formulas.items():
        if sheet.rows.get(row, {}).get(col) is None:
            yield Finding.create(
                "V106", Place(file, sheet.name, cell_name(row, col)), value=f"={formula}"
            )


def _merged(shape: _Shape, sheet: str) -> Mapping[tuple[int, int], list[tuple[int, int]]]:
    """For the first cell of each merged range, the others. Raises OverLimit."""
    covered = sum((r2 - r1 + 1) * (c2 - c1 + 1) for r1, c1, r2, c2 in shape.merged)
    if len(shape.merged) > _MERGED or covered > _COVERED:
        raise OverLimit("merged", met=covered, bound=_COVERED, sheet=sheet)
    return {
        (r1, c1): [
            (r, c) for r in range(r1, r2 + 1) for c in range(c1, c2 + 1) if (r, c) != (r1, c1)
        ]
        for r1, c1, r2, c2 in shape.merged
    }


def _shape(part: bytes) -> _Shape:
    shape = _Shape()

    def start(name: str, given: dict[str, str]) -> None:
        """Takes merged ranges, hidden rows and hidden columns."""
        if name == "mergeCell" and (ends := _RANGE.fullmatch(given.get("ref", ""))) and ends[3]:
            shape.merged.append((int(ends[2]), _column(ends[1]), int(ends[4]), _column(ends[3])))
        elif name == "row" and _true(given.get("hidden")):
            shape.rows.append(int(given["r"]) if given.get("r", "").isdecimal() else 0)
        elif name == "col" and _true(given.get("hidden")):
            first, last = (int(given.get(key, "0")) for key in ("min", "max"))
            shape.columns.append((first, min(last, PEOPLES.columns)))

    parse_xml(part, start)
    return shape


def _hidden_sheets(package: Package) -> set[str]:
    book = next((name for name in ("xl/workbook.xml", "workbook.xml") if name in package), "")
    entries = element_attributes(package.read(book), "sheet") if book else []
    return {e.get("name", "") for e in entries if e.get("state", "visible") != "visible"}


def _active(package: Package, file: str) -> Iterator[Finding]:
    if package.active_parts:
        yield Finding.create("F008", Place(file), value=", ".join(package.active_parts))


def _comments(package: Package, file: str) -> Iterator[Finding]:
    """What people wrote beside the cells."""
    for name in package.names():
        if _COMMENTS.fullmatch(name):
            for cell, text in _notes(package.read(name)):
                yield Finding.create("I101", Place(file, "", cell), value=text, reason="comment")


def _notes(part: bytes) -> list[tuple[str, str]]:
    notes: list[tuple[str, str]] = []

    def start(name: str, given: dict[str, str]) -> None:
        """A note begins."""
        if name in ("comment", "threadedComment"):
            notes.append((given.get("ref", ""), ""))

    def chars(text: str) -> None:
        """Its words, in pieces."""
        if notes:
            notes[-1] = (notes[-1][0], notes[-1][1] + text)

    parse_xml(part, start, None, chars)
    return [(cell, decode_escapes(text).strip()) for cell, text in notes if text.strip()]


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _true(said: str | None) -> bool:
    return said in ("1", "true")
