"""The cells of a workbook, as plain values. One pass of expat over each part, nothing of it trusted.

Error cells come as Fault and are never blank; formulas come with their last value; a value beyond the bounds is
reported, not dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from operator import getitem

from xltiltak.model.errors import DamagedWorkbook, OverLimit
from xltiltak.model.normalize import CellValue, ErrorValue
from xltiltak.xlsx.markup import parse_xml
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.parts import WorkbookParts, decode_escapes, read_workbook_parts, small_numbers
from xltiltak.xlsx.scan import COLUMNS, FAR, ScannedRow, Written, cells_of, scan

_MOST_FAR = 200  # values outside the bounds that are kept to be quoted
_LAST_DAY = 2_958_465  # 31 December 9999, the last day Excel knows


@dataclass(slots=True)
class Sheet:
    """One sheet: its cells by row and column, counted from 1; `beyond` is the first value outside the bounds.

    `far` are the first values out there with their cells.
    """

    name: str
    part: str = ""
    rows: dict[int, dict[int, CellValue]] = field(default_factory=dict)
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    first_out_of_bounds: str | None = None
    out_of_bounds: list[tuple[str, CellValue]] = field(default_factory=list)


def read_sheets(package: Package) -> Iterator[Sheet]:
    """Every sheet of a workbook, hidden ones too. Raises WorkbookError."""
    bounds = package.bounds
    book = read_workbook_parts(package)
    if len(book.sheets) > bounds.sheets:
        raise OverLimit("sheets", bound=bounds.sheets, met=len(book.sheets))
    for name, part in book.sheets:
        yield _read(name, part, book)


def read_sheet(package: Package, wanted: str) -> Sheet | None:
    """The sheet of that name alone; None when there is none. Raises WorkbookError."""
    book = read_workbook_parts(package)
    return next((_read(name, part, book) for name, part in book.sheets if name == wanted), None)


def _read(name: str, part: str, book: WorkbookParts) -> Sheet:
    content = book.package.read(part)
    lines, sheet = scan(content), Sheet(name, part)
    try:
        if lines is None:
            _interpret(sheet, _collected(name, content), book)
        else:
            _take(sheet, lines, book)
    except (ValueError, LookupError) as error:
        raise DamagedWorkbook("cell", sheet=name, error=error) from error
    return sheet


def _collected(name: str, content: bytes) -> list[Written]:
    """The cells as expat finds them."""
    found = _CellCollector(name)
    parse_xml(content, found.start, found.end, found.chars, root="worksheet")
    if not found.data:
        raise DamagedWorkbook("part", part=f"{name}: sheetData")
    return found.cells


class _CellCollector:
    """The cells of one sheet as they are written, gathered while expat walks it; empty ones are passed over."""

    __slots__ = (
        "attributes",
        "cells",
        "col",
        "data",
        "formula",
        "inside",
        "muted",
        "name",
        "row",
        "text",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.cells: list[Written] = []
        self.row = self.col = 0
        self.data = False  # has the element that holds the rows been met?
        self.attributes: dict[str, str] = {}
        self.text: str | None = None
        self.formula: str | None = None
        self.inside = ""  # the element whose text is being gathered
        self.muted = False  # within how a text is pronounced, not what it says

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """The start of an element of the sheet."""
        if name == "c":
            self.attributes, self.text, self.formula = attributes, None, None
            self._placed(attributes.get("r", ""))
        elif name == "v" or name == "t":  # noqa: PLR1714 - asked for every element
            self.inside = name
        elif name == "f":
            self.inside, self.formula = name, ""
        elif name == "rPh":
            self.muted = True
        elif name == "sheetData":
            self.data = True
        elif name == "row":
            row = int(attributes.get("r", self.row + 1))
            if row <= self.row:
                raise DamagedWorkbook("row", row=row, sheet=self.name)
            self.row, self.col = row, 0

    def _placed(self, ref: str) -> None:
        """The column of a cell: its own, without one the next. A cell that names another row is damaged."""
        letters = ref.rstrip("0123456789")
        if ref and ref[len(letters) :] != str(self.row):
            raise DamagedWorkbook("row", row=ref, sheet=self.name)
        self.col = COLUMNS.get(letters, FAR) if ref else self.col + 1

    def chars(self, text: str) -> None:
        """Text, of whichever element is open."""
        if self.inside == "f":
            self.formula = (self.formula or "") + text
        elif self.inside and not self.muted:
            self.text = text if self.text is None else self.text + text

    def end(self, name: str) -> None:
        """The end of an element."""
        if name == "c":
            if self.text is not None or self.formula is not None:
                get = self.attributes.get
                letters = get("r", "").rstrip("0123456789")
                head = (self.row, letters, self.col, get("s"), get("t"), self.formula)
                self.cells.append((head, self.text))
        elif name == self.inside:
            self.inside = ""
        elif name == "rPh":
            self.muted = False


def _take(sheet: Sheet, lines: list[ScannedRow], book: WorkbookParts) -> None:
    """Row by row. Nearly always each cell holds a shared text or a small number, and then a row is taken at once."""
    bounds, days = book.package.bounds, book.day_styles
    known: dict[
        tuple[str | None, ...], list[Mapping[str, CellValue]]
    ] = {}  # of rows with the same kinds of cells
    for line in lines:
        (_, number, _, columns, kinds, widest, styles), texts = line
        if (
            columns
            and widest <= bounds.columns
            and number <= bounds.rows
            and styles.isdisjoint(days)
        ):
            if kinds not in known:
                known[kinds] = [book.texts_by_number if kind else small_numbers() for kind in kinds]
            try:
                sheet.rows[number] = dict(
                    zip(columns, map(getitem, known[kinds], texts), strict=True)
                )
                continue
            except KeyError:
                pass  # a cell without a value, or one that is not so plain
        _interpret(sheet, cells_of(line), book)


def _interpret(sheet: Sheet, cells: list[Written], book: WorkbookParts) -> None:
    """Cells in their places and as values."""
    held: dict[int, CellValue] = {}
    most, lowest = book.package.bounds.columns, book.package.bounds.rows
    last = 0
    for (row, letters, col, style, kind, formula), text in cells:
        if col > most or row > lowest:
            shown = f"={formula}" if text is None else _value(kind, style, text, book)
            _met_far(sheet, f"{letters}{row}" if letters else f"row {row}", shown)
            continue
        if row != last:
            held = sheet.rows[row] = {}
            last = row
        if col in held:
            raise DamagedWorkbook("twice", cell=f"{letters}{row}", sheet=sheet.name)
        held[col] = _value(kind, style, text, book) if text is not None else None
        if formula is not None:
            sheet.formulas[row, col] = formula


def _met_far(sheet: Sheet, cell: str, raw: CellValue) -> None:
    """A value outside the bounds."""
    sheet.first_out_of_bounds = sheet.first_out_of_bounds or cell
    if len(sheet.out_of_bounds) < _MOST_FAR:
        sheet.out_of_bounds.append((cell, raw))


def _value(kind: str | None, style: str | None, text: str, book: WorkbookParts) -> CellValue:
    if kind == "s":
        if not text.isdecimal():
            raise LookupError(text)  # no number of a text
        return book.texts[int(text)]
    if kind is None or kind == "n":
        number = (
            int(text) if text.isdecimal() else float(text.replace("_", "?"))
        )  # Python reads 1_000, no one else
        shows_day = style in book.day_styles and 0 < number <= _LAST_DAY
        return book.day(int(number)) if shows_day else number
    if kind == "b":
        return text in ("1", "true")
    if kind == "d":
        return date.fromisoformat(text[:10])
    return ErrorValue(text) if kind == "e" else decode_escapes(text)
