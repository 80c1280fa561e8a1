"""Read a workbook that somebody made as pages of lines; no other module opens such a workbook.

The reader of returned files reads the sheets, within the same bounds, and the inventory what is not
in cells. This module says what a merged, hidden, struck-out or coloured cell means in a source.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from xltiltak.importers.shown_text import (
    NoteKind,
    ShownLink,
    ShownObject,
    ShownText,
    hidden_text,
    link_finding,
    note_finding,
    object_finding,
    row_findings,
)
from xltiltak.importers.source_lines import RowKind, SourceCell, SourceLine, SourcePage
from xltiltak.intake.object_rules import page_texts
from xltiltak.layout.geometry import KEY_COL
from xltiltak.model.cell_values import CellValue, display, is_blank
from xltiltak.model.errors import OverLimit
from xltiltak.model.finding import Finding, Place
from xltiltak.xlsx.cell_names import cell_name, column_letters
from xltiltak.xlsx.cell_pictures import pictures_in_cells
from xltiltak.xlsx.inventory import take_inventory
from xltiltak.xlsx.package import MIB, Bounds, Package
from xltiltak.xlsx.sheet_objects import ObjectKind, SheetObject
from xltiltak.xlsx.sheet_reader import CellLink, Sheet, SheetRange, read_sheets

SOURCE_BOUNDS = Bounds(file=64 * MIB, entry=64 * MIB, rows=20_000, columns=256)
_MAX_MERGED_RANGES = 5_000
_MAX_MERGED_CELLS = 200_000  # in all ranges
_TITLE_KEY = "@title"  # the row key of a sheet's first line, in workbooks from here
_QUOTED: dict[ObjectKind, NoteKind] = {"comment": "comment", "text": "text_box"}  # with words
_LINK_FORMULA = re.compile(r'\bHYPERLINK\(\s*"((?:[^"]|"")*)"', re.IGNORECASE)
_BULLETS = ("•", "▪", "●", "◦", "‣", "–", "-")
_WHITE = "FFFFFF"  # a fill that nobody sees

Address = tuple[int, int]  # row and column, counted from 1


@dataclass
class SourceSheet:
    """A sheet of a source, with the things that stand on it and the pictures in its cells."""

    sheet: Sheet
    file: str
    objects: tuple[SheetObject, ...] = ()
    pictures: dict[Address, str] = field(default_factory=dict)

    def place(self, row: int, col: int) -> Place:
        """Return the place of a cell."""
        return Place(self.file, self.sheet.name, cell_name(row, col))

    def filled_cells(self) -> Iterator[tuple[int, int, CellValue]]:
        """Yield row, column and value of each cell that is not blank and shows no picture."""
        for row, cells in self.sheet.rows.items():
            for col, raw in cells.items():
                if not is_blank(raw) and (row, col) not in self.pictures:
                    yield row, col, raw


def workbook_pages(content: bytes, file: str) -> tuple[SourcePage, ...]:
    """Return the sheets of a workbook, in order.

    A hidden sheet gives no lines, only a finding. Raises WorkbookError.
    """
    package = Package(content, SOURCE_BOUNDS)
    inventory = take_inventory(package)
    pages: list[SourcePage] = []
    for sheet in read_sheets(package):
        pictures = pictures_in_cells(package, sheet)
        source = SourceSheet(sheet, file, inventory.on(sheet.part), pictures)
        pages.append(_hidden_page(source) if sheet.is_hidden else _page(source))
    findings = list(_active_content(package, file))
    for name, thing in inventory.beside_worksheets():
        findings += _told(thing, Place(file, name, thing.cell))
    return (*pages, SourcePage((), findings=tuple(findings))) if findings else tuple(pages)


def _page(source: SourceSheet) -> SourcePage:
    """Return a sheet as lines; a merged cell is copied to its whole range.

    A row that is one text across several columns is a heading of rank 1.
    """
    findings = [*_hidden_cells(source), *_formulas_without_value(source.sheet, source.file)]
    findings += [*_beside_cells(source), *_out_of_bounds(source)]
    merged = _merged_cells(source.sheet)
    rows = _standing_cells(source, merged, findings)
    wide_rows = _copy_merged(rows, merged)
    width = max((col + 1 for cells in rows.values() for col in cells), default=1)
    filled = set(rows)
    _add_fills(source, rows, width)
    has_keys = _key_column(source) > 0
    lines: list[SourceLine] = []
    for row in sorted(filled):
        cells = dict(sorted(rows[row].items()))
        key = str(source.sheet.rows[row].get(KEY_COL) or "") if has_keys else ""
        if key.endswith("+") and lines:
            lines[-1] = _continued(lines[-1], cells)
            continue
        kind: RowKind = "part" if "|" in key else "node" if key[:1] not in ("", "@") else ""
        line = SourceLine(cells, 0, 1, width, close=row - 1 in filled, key=kind)
        is_heading = row in wide_rows and line.only_cell is not None
        lines.append(replace(line, rank=1) if is_heading else line)
    name = source.sheet.name
    return SourcePage(tuple(lines), name, tuple(findings), has_row_keys=has_keys)


def _continued(line: SourceLine, cells: dict[int, SourceCell]) -> SourceLine:
    """Return a line with the texts of the row below, which its row key says continue them."""
    joined = {
        col: replace(above, raw=f"{above.text} {cells[col].text}")
        for col, above in line.cells.items()
        if col in cells and cells[col].text
    }
    return replace(line, cells={**cells, **line.cells, **joined})


def _standing_cells(
    source: SourceSheet, merged: dict[Address, list[Address]], findings: list[Finding]
) -> dict[int, dict[int, SourceCell]]:
    """Return the cells that stand, by row and column counted from 0; report all others."""
    covered = {address for addresses in merged.values() for address in addresses}
    key_col, sheet = _key_column(source), source.sheet
    rows: dict[int, dict[int, SourceCell]] = defaultdict(dict)
    shown_rows: dict[int, list[tuple[Place, ShownText]]] = defaultdict(list)
    for row, col, raw in source.filled_cells():
        place = source.place(row, col)
        if col == key_col or _is_bullet(sheet, row, col):
            continue
        if (row, col) in covered:
            findings.append(note_finding(place, "covered", display(raw)))
            continue
        if hidden := sheet.unseen.get((row, col)):
            if hidden != "0":  # a blank instead of 0 hides nothing
                shown_rows[row].append((place, ShownText(hidden=hidden)))
            continue
        is_struck = (row, col) in sheet.struck_cells
        text, struck = ("", display(raw)) if is_struck else (display(raw), "")
        pale = text if (row, col) in sheet.pale_cells else ""
        shown = ShownText(text, struck=struck or sheet.struck.get((row, col), ""), pale=pale)
        shown_rows[row].append((place, shown))
        if not is_struck:
            rows[row][col - 1] = SourceCell(raw, place)
    for row, col in sheet.struck.keys() - {(row, col) for row, col, _ in source.filled_cells()}:
        place = source.place(row, col)
        shown_rows[row].append((place, ShownText(struck=sheet.struck[row, col])))
    for shown_row in shown_rows.values():
        findings += row_findings(shown_row)
    return rows


def _is_bullet(sheet: Sheet, row: int, col: int) -> bool:
    """Return True if a cell has nothing but the sign before an item of a list beside it."""
    cells = sheet.rows[row]
    return cells[col] in _BULLETS and not is_blank(cells.get(col + 1))


def _copy_merged(
    rows: dict[int, dict[int, SourceCell]], merged: dict[Address, list[Address]]
) -> set[int]:
    """Copy the first cell of each merged range to its others; return the rows of wide ranges."""
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
    return wide_rows


def _add_fills(source: SourceSheet, rows: dict[int, dict[int, SourceCell]], width: int) -> None:
    """Give the cells of filled rows their colours; an empty one gets a cell for its colour."""
    for (row, col), fill in source.sheet.fills.items():
        if row in rows and col <= width and fill != _WHITE:
            cell = rows[row].get(col - 1, SourceCell(None, source.place(row, col)))
            rows[row][col - 1] = cell if cell.copied else replace(cell, fill=fill)


def _beside_cells(source: SourceSheet) -> Iterator[Finding]:
    """Yield what stands on a sheet beside the texts of its cells."""
    sheet, file = source.sheet, source.file
    for thing in source.objects:
        yield from _told(thing, Place(file, sheet.name, thing.cell))
    for (row, col), text in source.pictures.items():
        shown = ShownObject("cell_picture", text)
        yield object_finding(source.place(row, col), shown, in_table=True)
    for cell, text in sheet.second_values:
        yield hidden_text(Place(file, sheet.name, cell), text)
    for link in (*sheet.links, *_links_in_formulas(sheet)):
        yield from _link(source, link)
    for found in page_texts(sheet, ()):
        yield note_finding(Place(file, sheet.name), "page_text", found.values["value"])


def _told(thing: SheetObject, place: Place) -> Iterator[Finding]:
    """Yield the finding about a thing that is no cell."""
    if thing.kind in _QUOTED:
        yield note_finding(place, _QUOTED[thing.kind], thing.text)
    elif thing.kind == "link":
        yield link_finding(place, ShownLink("", thing.text))
    else:
        yield object_finding(place, ShownObject(thing.kind, thing.text), in_table=True)


def _link(source: SourceSheet, link: CellLink) -> Iterator[Finding]:
    """Yield the link of a cell or a range, unless its text is the address.

    A link to a place in the workbook has no address: that place is read too.
    """
    row, col = link.cells.first_row, link.cells.first_col
    raw = source.sheet.rows.get(row, {}).get(col)
    shown = ShownLink("" if is_blank(raw) else display(raw), link.target)
    last = cell_name(link.cells.last_row, link.cells.last_col)
    place = source.place(row, col)
    if place.cell != last:
        place = place._replace(cell=f"{place.cell}:{last}")
    if not shown.shows_address and not link.target.startswith("#"):
        yield link_finding(place, shown)


def _links_in_formulas(sheet: Sheet) -> Iterator[CellLink]:
    """Yield the links that formulas make of an address that stands in them."""
    for (row, col), formula in sheet.formulas.items():
        if found := _LINK_FORMULA.search(formula):
            yield CellLink(SheetRange(row, col, row, col), found[1].replace('""', '"'))


def _out_of_bounds(source: SourceSheet) -> Iterator[Finding]:
    """Yield that a sheet has more cells than are read."""
    if cell := source.sheet.first_out_of_bounds:
        place = Place(source.file, source.sheet.name, cell)
        yield Finding.create("F007", place, reason="beyond", cell=cell)


def _hidden_page(source: SourceSheet) -> SourcePage:
    """Return a page without lines, with findings that quote a hidden sheet.

    The coordinator decides whether it belongs to the report.
    """
    findings = list(_beside_cells(source))
    if texts := [display(raw) for _, _, raw in source.filled_cells()]:
        place = Place(source.file, source.sheet.name)
        value, count = " · ".join(texts), len(texts)
        found = Finding.create("I110", place, reason="hidden_sheet", value=value, count=count)
        findings.append(found.with_severity("warning"))
    return SourcePage((), findings=tuple(findings))


def _key_column(source: SourceSheet) -> int:
    """Return the hidden column of row keys in an appendix published from here, else 0."""
    has_keys = any(row.get(KEY_COL) == _TITLE_KEY for row in source.sheet.rows.values())
    return KEY_COL if has_keys and KEY_COL in _hidden_column_numbers(source.sheet) else 0


def _hidden_column_numbers(sheet: Sheet) -> list[int]:
    """Return the numbers of the hidden columns that are read."""
    most = SOURCE_BOUNDS.columns
    ranges = ((first, min(last, most)) for first, last in sheet.hidden_columns)
    return [col for first, last in ranges for col in range(first, last + 1)]


def _hidden_cells(source: SourceSheet) -> Iterator[Finding]:
    """Yield the hidden rows and columns with content; they are read like the others."""
    place, key_col = Place(source.file, source.sheet.name), _key_column(source)
    used_rows = {row for row, _, _ in source.filled_cells()}
    if rows := [str(row) for row in source.sheet.hidden_rows if row in used_rows]:
        yield Finding.create("I110", place, reason="hidden_rows", value=", ".join(rows))
    used_columns = {col for _, col, _ in source.filled_cells() if col != key_col}
    hidden = [col for col in _hidden_column_numbers(source.sheet) if col in used_columns]
    if columns := [column_letters(col) for col in hidden]:
        found = Finding.create("I110", place, reason="hidden_columns", value=", ".join(columns))
        yield found.with_severity("warning")  # a filter hides rows, but no columns


def _formulas_without_value(sheet: Sheet, file: str) -> Iterator[Finding]:
    """Yield formulas that were saved without a value, as some programs do; none is a blank."""
    for (row, col), formula in sheet.formulas.items():
        if sheet.rows.get(row, {}).get(col) is None:
            place = Place(file, sheet.name, cell_name(row, col))
            yield Finding.create("V106", place, value=f"={formula}")


def _merged_cells(sheet: Sheet) -> dict[Address, list[Address]]:
    """Return the other cells of each merged range, by its first cell. Raises OverLimit."""
    ranges = sheet.merged
    size = sum((r2 - r1 + 1) * (c2 - c1 + 1) for r1, c1, r2, c2 in ranges)
    if len(ranges) > _MAX_MERGED_RANGES or size > _MAX_MERGED_CELLS:
        raise OverLimit("merged", met=size, bound=_MAX_MERGED_CELLS, sheet=sheet.name)
    merged: dict[Address, list[Address]] = {}
    for r1, c1, r2, c2 in ranges:
        cells = [(row, col) for row in range(r1, r2 + 1) for col in range(c1, c2 + 1)]
        merged[r1, c1] = [cell for cell in cells if cell != (r1, c1)]
    return merged


def _active_content(package: Package, file: str) -> Iterator[Finding]:
    """Yield a finding about macros and other content that could run."""
    if package.active_parts:
        yield Finding.create("F008", Place(file), value=", ".join(package.active_parts))
