"""Read the cells of a workbook as plain values.

An error cell gives an ErrorValue, never a blank. A formula gives its last computed value. A value
outside the bounds is kept to be quoted. A sheet in an unusual form is parsed with expat.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from operator import getitem
from typing import NamedTuple

from xltiltak.model.cell_values import CellValue, ErrorValue
from xltiltak.model.errors import DamagedWorkbook, OverLimit
from xltiltak.xlsx.markup import parse_xml
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.parts import (
    WorkbookParts,
    decode_escapes,
    numbers_below_1000,
    read_workbook_parts,
)
from xltiltak.xlsx.scan import COLUMNS, UNKNOWN_COLUMN, ScannedRow, WrittenCell, cells_of, scan

_MOST_OUT_OF_BOUNDS = 200  # values that are kept to be quoted
_LAST_DATE = 2_958_465  # 31 December 9999, the last date in Excel


class SheetRange(NamedTuple):
    """A range of merged or linked cells; rows and columns are counted from 1, all inclusive."""

    first_row: int
    first_col: int
    last_row: int
    last_col: int


class CellLink(NamedTuple):
    """The link of a cell or a range: `target` is a web address, a file or a place in the book."""

    cells: SheetRange
    target: str


@dataclass(slots=True)
class Sheet:
    """One sheet: its cells by row and column, and its formulas by position; both counted from 1.

    `part` is the name of its part. `first_out_of_bounds` is the address of the first value outside
    the bounds, None without one; `out_of_bounds` are the first 200 of them with their addresses.
    `struck` are the words of a cell that are struck out: they are left out of the value in `rows`,
    unless the whole cell is struck out; then the value stays and its cell is in `struck_cells`.
    `merged` are its merged ranges, `links` the links of cells. `fills` has the colour of cells with
    a solid fill, as RRGGBB or the name of a theme colour, `page_texts` the headers and footers of
    the printed pages as name ("oddHeader") and text.
    """

    name: str
    part: str = ""
    rows: dict[int, dict[int, CellValue]] = field(default_factory=dict)
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    first_out_of_bounds: str | None = None
    out_of_bounds: list[tuple[str, CellValue]] = field(default_factory=list)
    struck: dict[tuple[int, int], str] = field(default_factory=dict)
    struck_cells: set[tuple[int, int]] = field(default_factory=set)
    merged: list[SheetRange] = field(default_factory=list)
    links: list[CellLink] = field(default_factory=list)
    fills: dict[tuple[int, int], str] = field(default_factory=dict)
    page_texts: list[tuple[str, str]] = field(default_factory=list)
    is_hidden: bool = False


def read_sheets(package: Package) -> Iterator[Sheet]:
    """Yield every sheet of a workbook, hidden ones too. Raises WorkbookError."""
    bounds = package.bounds
    book = read_workbook_parts(package)
    if len(book.sheets) > bounds.sheets:
        raise OverLimit("sheets", bound=bounds.sheets, met=len(book.sheets))
    for name, part in book.sheets:
        yield _read(name, part, book)


def read_sheet(package: Package, sheet_name: str) -> Sheet | None:
    """Return only the sheet of that name; None if there is none. Raises WorkbookError."""
    book = read_workbook_parts(package)
    return next((_read(name, part, book) for name, part in book.sheets if name == sheet_name), None)


def _read(name: str, part: str, book: WorkbookParts) -> Sheet:
    content = book.package.read(part)
    rows, sheet = scan(content), Sheet(name, part)
    try:
        if rows is None:
            _add_cells(sheet, _parse_cells(name, content), book)
        else:
            _add_rows(sheet, rows, book)
    except (ValueError, LookupError) as error:
        raise DamagedWorkbook("cell", sheet=name, error=error) from error
    return sheet


def _parse_cells(name: str, content: bytes) -> list[WrittenCell]:
    """Return the cells of a sheet, parsed with expat."""
    collector = _CellCollector(name)
    parse_xml(content, collector.start, collector.end, collector.chars, root="worksheet")
    if not collector.has_data:
        raise DamagedWorkbook("part", part=f"{name}: sheetData")
    return collector.cells


class _CellCollector:
    """Collects the cells of a sheet as written while expat parses it; empty ones are left out."""

    __slots__ = (
        "attributes",
        "cells",
        "col",
        "formula",
        "has_data",
        "in_phonetic",
        "name",
        "open_element",
        "row",
        "text",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.cells: list[WrittenCell] = []
        self.row = self.col = 0
        self.has_data = False  # True after the start of <sheetData>
        self.attributes: dict[str, str] = {}
        self.text: str | None = None
        self.formula: str | None = None
        self.open_element = ""  # the element whose text is collected
        self.in_phonetic = False  # inside the phonetic text of a cell, which is left out

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
        if name == "c":
            self.attributes, self.text, self.formula = attributes, None, None
            self._set_column(attributes.get("r", ""))
        elif name == "v" or name == "t":  # noqa: PLR1714 - faster
            self.open_element = name
        elif name == "f":
            self.open_element, self.formula = name, ""
        elif name == "rPh":
            self.in_phonetic = True
        elif name == "sheetData":
            self.has_data = True
        elif name == "row":
            row = int(attributes.get("r", self.row + 1))
            if row <= self.row:
                raise DamagedWorkbook("row", row=row, sheet=self.name)
            self.row, self.col = row, 0

    def _set_column(self, ref: str) -> None:
        """Set the column of a cell: that of its address, without one the next.

        Raises DamagedWorkbook if the address is in another row.
        """
        letters = ref.rstrip("0123456789")
        if ref and ref[len(letters) :] != str(self.row):
            raise DamagedWorkbook("row", row=ref, sheet=self.name)
        self.col = COLUMNS.get(letters, UNKNOWN_COLUMN) if ref else self.col + 1

    def chars(self, text: str) -> None:
        """Collect text of the open element."""
        if self.open_element == "f":
            self.formula = (self.formula or "") + text
        elif self.open_element and not self.in_phonetic:
            self.text = text if self.text is None else self.text + text

    def end(self, name: str) -> None:
        """Handle the end of an element."""
        if name == "c":
            if self.text is not None or self.formula is not None:
                get = self.attributes.get
                letters = get("r", "").rstrip("0123456789")
                head = (self.row, letters, self.col, get("s"), get("t"), self.formula)
                self.cells.append((head, self.text))
        elif name == self.open_element:
            self.open_element = ""
        elif name == "rPh":
            self.in_phonetic = False


def _add_rows(sheet: Sheet, rows: list[ScannedRow], book: WorkbookParts) -> None:
    """Add scanned rows to the sheet.

    Nearly always all cells of a row are shared texts or small numbers. Then the values of the whole
    row are looked up at once: for each cell in the dictionary for its type.
    """
    bounds, date_styles = book.package.bounds, book.date_styles
    lookups: dict[tuple[str | None, ...], list[Mapping[str, CellValue]]] = {}  # by types of cells
    for row in rows:
        (_, number, _, columns, types, last_column, styles), texts = row
        if (
            columns
            and last_column <= bounds.columns
            and number <= bounds.rows
            and styles.isdisjoint(date_styles)
        ):
            if types not in lookups:
                lookups[types] = [
                    book.texts_by_number if kind else numbers_below_1000() for kind in types
                ]
            try:
                values = map(getitem, lookups[types], texts)
                sheet.rows[number] = dict(zip(columns, values, strict=True))
                continue
            except KeyError:
                pass  # a cell without a value, or another number
        _add_cells(sheet, cells_of(row), book)


def _add_cells(sheet: Sheet, cells: list[WrittenCell], book: WorkbookParts) -> None:
    """Add cells one by one to the sheet. Raises DamagedWorkbook if an address occurs twice."""
    current_row: dict[int, CellValue] = {}
    bounds = book.package.bounds
    last_row, last_column = bounds.rows, bounds.columns
    current = 0
    for (row, letters, col, style, kind, formula), text in cells:
        if col > last_column or row > last_row:
            value = f"={formula}" if text is None else _value(kind, style, text, book)
            _add_out_of_bounds(sheet, f"{letters}{row}" if letters else f"row {row}", value)
            continue
        if row != current:
            current_row = sheet.rows[row] = {}
            current = row
        if col in current_row:
            raise DamagedWorkbook("twice", cell=f"{letters}{row}", sheet=sheet.name)
        current_row[col] = _value(kind, style, text, book) if text is not None else None
        if formula is not None:
            sheet.formulas[row, col] = formula


def _add_out_of_bounds(sheet: Sheet, cell: str, value: CellValue) -> None:
    sheet.first_out_of_bounds = sheet.first_out_of_bounds or cell
    if len(sheet.out_of_bounds) < _MOST_OUT_OF_BOUNDS:
        sheet.out_of_bounds.append((cell, value))


def _value(kind: str | None, style: str | None, text: str, book: WorkbookParts) -> CellValue:
    """Return the value of a cell by its type. Raises ValueError or LookupError if it is wrong."""
    if kind == "s":
        if not text.isdecimal():
            raise LookupError(text)
        return book.texts[int(text)]
    if kind is None or kind == "n":
        # Python reads "1_000" as a number, spreadsheets do not
        number = int(text) if text.isdecimal() else float(text.replace("_", "?"))
        is_date = style in book.date_styles and 0 < number <= _LAST_DATE
        return book.date_of(int(number)) if is_date else number
    if kind == "b":
        return text in ("1", "true")
    if kind == "d":
        return date.fromisoformat(text[:10])
    return ErrorValue(text) if kind == "e" else decode_escapes(text)
