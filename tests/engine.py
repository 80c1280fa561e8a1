"""Run the code of the buttons without Excel, on a workbook in openpyxl or in a running LibreOffice.

This is an engine for xlwings, written against its open source part. It has what the buttons use;
anything else raises. It behaves like Excel where that matters to them: a text that begins with "="
becomes a formula, one that looks like a number, a date or a boolean becomes that, an apostrophe
before a text keeps it a text, and a locked cell of a protected sheet refuses a new value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import openpyxl
import xlwings
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import coordinate_to_tuple
from xlwings import base_classes

from tests.office import Document

_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?")
_DAY = re.compile(r"(\d\d?)\.(\d\d?)\.(\d{4})")
_BOOLEANS = {"TRUE": 1.0, "FALSE": 0.0}
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - the dates of a spreadsheet have no zone
_TEXT = "@"
_FIRST_DATE = 30_000  # a smaller number is never a date
_DATE_FORMATS = 6  # com.sun.star.util.NumberFormat.DATE and TIME
_CONTENT = 23  # com.sun.star.sheet.CellFlags: values, dates, texts and formulas


class Refused(Exception):
    """The error of Excel for a locked cell on a protected sheet, or for a text that it refuses."""


class Grid(Protocol):
    """The cells of an open workbook. Rows and columns are counted from 1."""

    fullname: str
    chosen: tuple[str, str]  # the sheet in front, and the cells that are selected in it

    def names(self) -> list[str]: ...
    def size(self, sheet: str) -> tuple[int, int]: ...
    def read(self, sheet: str, row: int, col: int, rows: int, columns: int) -> list[list[Any]]: ...
    def put(self, sheet: str, row: int, col: int, value: Any) -> None: ...
    def clear(self, sheet: str, row: int, col: int, rows: int, columns: int) -> None: ...
    def hide(self, sheet: str, first: int, last: int, *, rows: bool, hidden: bool) -> None: ...
    def fit(self, sheet: str, first: int, last: int) -> None: ...
    def save(self) -> None: ...
    def close(self) -> None: ...


def entered_value(value: Any, *, text: bool) -> tuple[str, Any]:
    """Return what Excel makes of a value that is written to a cell: its kind, and the value.

    The kind is "nothing", "day", "number", "text" or "formula". `text` is True for a cell whose
    format is text.
    """
    if value is None or value == "":
        return "nothing", None
    if isinstance(value, date):
        return "day", datetime(value.year, value.month, value.day, *_time(value))  # noqa: DTZ001 - as above
    if not isinstance(value, str):
        return "number", float(value)
    return ("text", value) if text else _parse_entry(value)


def _parse_entry(value: str) -> tuple[str, Any]:
    """Return what Excel makes of a text that is typed into a cell without a format."""
    plain = value.strip()
    if value.startswith("'"):
        return "text", value[1:]
    if value.startswith("@"):
        raise Refused(f"That function isn't valid: {value}")  # the message of Excel
    if value.startswith("=") or (value[0] in "+-" and not _NUMBER.fullmatch(plain)):
        return "formula", value
    if found := _DAY.fullmatch(plain):
        day, month, year = map(int, found.groups())
        with suppress(ValueError):
            return "day", datetime(year, month, day)  # noqa: DTZ001 - as above
    if plain.upper() in _BOOLEANS:
        return "number", _BOOLEANS[plain.upper()]
    if _NUMBER.fullmatch(plain):
        return "number", float(plain.replace(",", "."))
    return "text", value


def _time(value: date) -> tuple[int, int, int]:
    return (value.hour, value.minute, value.second) if isinstance(value, datetime) else (0, 0, 0)


class OpenpyxlGrid:
    """The cells of a workbook in openpyxl. Formulas have no results."""

    def __init__(self, path: Path, fullname: str = "") -> None:
        self.fullname = fullname or str(path)
        self.Saved = True  # as Excel names it
        self.workbook = openpyxl.load_workbook(path, keep_vba=path.suffix == ".xlsm")
        self.chosen = (self.workbook.sheetnames[0], "$A$1")

    def names(self) -> list[str]:
        return list(self.workbook.sheetnames)

    def size(self, sheet: str) -> tuple[int, int]:
        used = [at for at, cell in self.workbook[sheet]._cells.items() if cell.value is not None]
        return max((row for row, _ in used), default=1), max((col for _, col in used), default=1)

    def read(self, sheet: str, row: int, col: int, rows: int, columns: int) -> list[list[Any]]:
        # Through `_cells`, because reading a cell through the sheet would create it.
        values = {at: cell.value for at, cell in self.workbook[sheet]._cells.items()}
        return [
            [values.get((r, c)) for c in range(col, col + columns)] for r in range(row, row + rows)
        ]

    def put(self, sheet: str, row: int, col: int, value: Any) -> None:
        page = self.workbook[sheet]
        cell = page.cell(row, col)
        if isinstance(cell, MergedCell):
            return
        assert isinstance(cell, Cell)
        if page.protection.sheet and cell.protection.locked:
            raise Refused(f"{sheet}!{cell.coordinate}")
        kind, content = entered_value(value, text=cell.number_format == _TEXT)
        self.Saved = False
        cell.value = content
        if kind == "text":
            cell.data_type = "s"

    def clear(self, sheet: str, row: int, col: int, rows: int, columns: int) -> None:
        for r, c in list(self.workbook[sheet]._cells):
            if row <= r < row + rows and col <= c < col + columns:
                self.put(sheet, r, c, None)

    def hide(self, sheet: str, first: int, last: int, *, rows: bool, hidden: bool) -> None:
        page = self.workbook[sheet]
        for n in range(first, last + 1):
            if rows:
                page.row_dimensions[n].hidden = hidden
            else:
                page.column_dimensions[get_column_letter(n)].hidden = hidden

    def fit(self, sheet: str, first: int, last: int) -> None:
        for row in range(first, last + 1):
            self.workbook[sheet].row_dimensions[row].height = None

    def save(self) -> None:
        self.workbook.save(self.fullname)
        self.Saved = True

    def close(self) -> None:
        self.workbook.close()


class OfficeGrid:
    """The cells of a document that is open in LibreOffice, with the results of formulas."""

    def __init__(self, document: Document, fullname: str) -> None:
        self.document, self.fullname = document, fullname
        # LibreOffice counts a workbook with charts as changed once it has drawn them.
        self.Saved = True  # as Excel names it
        self._protected: dict[str, bool] = {}
        self._formats: dict[int, Any] = {}
        self._sheets: dict[str, Any] = {}  # each question to LibreOffice takes its time

    @property
    def chosen(self) -> tuple[str, str]:
        controller = self.document.model.CurrentController
        cells = controller.getSelection().AbsoluteName.rpartition(".")[2]
        return controller.ActiveSheet.Name, cells

    @chosen.setter
    def chosen(self, value: tuple[str, str]) -> None:
        self.document.select(*value)

    def names(self) -> list[str]:
        return self.document.sheet_names

    def size(self, sheet: str) -> tuple[int, int]:
        cursor = self.document.sheet(sheet).createCursor()
        cursor.gotoEndOfUsedArea(False)  # noqa: FBT003 - UNO takes no names
        return cursor.RangeAddress.EndRow + 1, cursor.RangeAddress.EndColumn + 1

    def read(self, sheet: str, row: int, col: int, rows: int, columns: int) -> list[list[Any]]:
        cells = self._cells(sheet, row, col, rows, columns)
        values = [
            [None if value == "" else value for value in line] for line in cells.getDataArray()
        ]
        for r, line in enumerate(values):
            for c, value in enumerate(line):
                if (
                    isinstance(value, float)
                    and value > _FIRST_DATE
                    and self._shows_date(cells.getCellByPosition(c, r))
                ):
                    line[c] = _EPOCH + timedelta(days=value)
        return values

    def put(self, sheet: str, row: int, col: int, value: Any) -> None:
        self.Saved = False
        cell = self._sheet(sheet).getCellByPosition(col - 1, row - 1)
        if self._is_protected(sheet) and cell.CellProtection.IsLocked:
            raise Refused(f"{sheet} R{row}C{col}")
        kind, content = entered_value(
            value, text=isinstance(value, str) and self._format(cell).FormatString == _TEXT
        )
        match kind:
            case "nothing":
                cell.setFormula("")
            case "formula":
                cell.setFormula(_with_semicolons(content))
            case "text":
                cell.setString(content)
            case "day":
                cell.setValue((content - _EPOCH) / timedelta(days=1))
            case _:
                cell.setValue(content)

    def clear(self, sheet: str, row: int, col: int, rows: int, columns: int) -> None:
        assert not self._is_protected(sheet), "the coordinator's sheets are not protected"
        self._cells(sheet, row, col, rows, columns).clearContents(_CONTENT)

    def hide(self, sheet: str, first: int, last: int, *, rows: bool, hidden: bool) -> None:
        if rows:
            self._cells(sheet, first, 1, last - first + 1, 1).Rows.IsVisible = not hidden
        else:
            self._cells(sheet, 1, first, 1, last - first + 1).Columns.IsVisible = not hidden

    def fit(self, sheet: str, first: int, last: int) -> None:
        self._cells(sheet, first, 1, last - first + 1, 1).Rows.OptimalHeight = True

    def save(self) -> None:
        self.document.save(Path(self.fullname))
        self.Saved = True

    def close(self) -> None:
        self.document.close()

    def _cells(self, sheet: str, row: int, col: int, rows: int, columns: int) -> Any:
        return self._sheet(sheet).getCellRangeByPosition(
            col - 1, row - 1, col + columns - 2, row + rows - 2
        )

    def _sheet(self, name: str) -> Any:
        if name not in self._sheets:
            self._sheets[name] = self.document.sheet(name)
        return self._sheets[name]

    def _is_protected(self, sheet: str) -> bool:
        if sheet not in self._protected:
            self._protected[sheet] = self.document.is_protected(sheet)
        return self._protected[sheet]

    def _format(self, cell: Any) -> Any:
        number = cell.NumberFormat
        if number not in self._formats:
            self._formats[number] = self.document.model.NumberFormats.getByKey(number)
        return self._formats[number]

    def _shows_date(self, cell: Any) -> bool:
        return bool(self._format(cell).Type & _DATE_FORMATS)


def _with_semicolons(formula: str) -> str:
    """Return a formula with semicolons between arguments, as LibreOffice reads it."""
    return "".join(
        part if n % 2 else part.replace(",", ";")
        for n, part in enumerate(re.split(r'("[^"]*")', formula))
    )


class Engine:
    """The engine of xlwings for this stand-in."""

    type = "desktop"  # so that values are converted as for Excel

    def __init__(self, name: str) -> None:
        self.name, self.apps = name, Apps(self)

    @staticmethod
    def prepare_xl_data_element(value: Any, options: Any) -> Any:  # noqa: ARG004 - as xlwings calls it
        return value

    @staticmethod
    def clean_value_data(
        data: list[list[Any]], datetime_builder: Any, empty_as: Any, *_: Any
    ) -> list[list[Any]]:
        """Return cells as Excel gives them: every number is a float."""

        def one(value: Any) -> Any:
            if value is None or value == "":
                return empty_as
            if isinstance(value, datetime):
                parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
                return datetime_builder(
                    **{part: getattr(value, part) for part in parts}, tzinfo=None
                )
            return (
                float(value)
                if isinstance(value, int | float) and not isinstance(value, bool)
                else value
            )

        return [[one(value) for value in row] for row in data]


class Apps:
    """The running programs: one. Its window has the number 1."""

    def __init__(self, engine: Engine) -> None:
        self.app = App(engine)

    def __iter__(self) -> Iterator[App]:
        yield self.app

    def __len__(self) -> int:
        return 1

    def __getitem__(self, pid: int) -> App:
        return self.app


class App:
    """The program. `alerts` are the message boxes, `statuses` the texts of the status bar."""

    pid, hwnd, screen_updating, display_alerts = 1, 1, True, True
    api: Any = None

    def __init__(self, engine: Engine) -> None:
        self.engine, self.books = engine, Books(self)
        self.alerts: list[str] = []
        self.answer = "ok"  # which button of a message box the user presses
        self.statuses: list[Any] = []

    def activate(self, steal_focus: bool = False) -> None:  # noqa: FBT001, FBT002 - xlwings'
        """Bring the program to the front, where it is."""

    @property
    def selection(self) -> Range:
        sheet = self.books.active.sheets.active
        return sheet.range(sheet.book.chosen[1])

    @property
    def status_bar(self) -> Any:
        return self.statuses[-1] if self.statuses else False

    @status_bar.setter
    def status_bar(self, value: Any) -> None:
        self.statuses.append(value)

    def alert(self, prompt: str, title: str, buttons: str, mode: str, callback: Any) -> str:  # noqa: ARG002 - xlwings'
        self.alerts.append(prompt)
        return self.answer


class Books:
    """The open workbooks; the last one is active. `grid_of` opens another one."""

    def __init__(self, app: App) -> None:
        self.app, self.books = app, list[Book]()
        self.grid_of: Callable[[Path], Grid] = OpenpyxlGrid

    @property
    def active(self) -> Book:
        return self.books[-1]

    def open(self, fullname: str, *_: Any) -> Book:
        self.books.append(Book(self.app, self.grid_of(Path(fullname))))
        return self.active

    def __iter__(self) -> Iterator[Book]:
        return iter(self.books)

    def __len__(self) -> int:
        return len(self.books)

    def __call__(self, name: str) -> Book:
        for book in self.books:
            if book.name.casefold() == name.casefold():
                return book
        raise KeyError(name)


class Book:
    """An open workbook."""

    def __init__(self, app: App, grid: Grid) -> None:
        self.app, self.grid, self.api = app, grid, grid

    @property
    def chosen(self) -> tuple[str, str]:
        return self.grid.chosen

    @chosen.setter
    def chosen(self, value: tuple[str, str]) -> None:
        self.grid.chosen = value

    def activate(self) -> None:
        self.app.books.books.remove(self)
        self.app.books.books.append(self)

    def close(self) -> None:
        self.grid.close()
        self.app.books.books.remove(self)

    def save(self, path: str | None = None, password: str | None = None) -> None:
        assert path is password is None, "it is saved where it is"
        self.grid.save()

    @property
    def fullname(self) -> str:
        return self.grid.fullname

    @property
    def name(self) -> str:
        return re.split(r"[\\/]", self.fullname)[-1]

    @property
    def sheets(self) -> Sheets:
        return Sheets(self)


class Sheets:
    """The sheets of a workbook."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def __iter__(self) -> Iterator[Sheet]:
        return (Sheet(self.book, name) for name in self.book.grid.names())

    def __len__(self) -> int:
        return len(self.book.grid.names())

    def __call__(self, key: str | int) -> Sheet:
        names = self.book.grid.names()
        return Sheet(self.book, names[key - 1] if isinstance(key, int) else key)

    @property
    def active(self) -> Sheet:
        return Sheet(self.book, self.book.chosen[0])


class Sheet:
    """A sheet."""

    def __init__(self, book: Book, name: str) -> None:
        self.book, self.name, self.api = book, name, book.grid

    def activate(self) -> None:
        self.book.chosen = (self.name, "$A$1")

    def range(self, first: Any, last: Any = None) -> Range:
        (row, col), (end_row, end_col) = _corner(first), _corner(first if last is None else last)
        return Range(self, row, col, end_row - row + 1, end_col - col + 1)

    @property
    def used_range(self) -> Range:
        return Range(self, 1, 1, *self.book.grid.size(self.name))


def _corner(address: Any) -> tuple[int, int]:
    if isinstance(address, Range):
        return address.row, address.column
    if isinstance(address, tuple):
        return address
    row, col = coordinate_to_tuple(address.replace("$", ""))
    return int(row), int(col)


class Range(base_classes.Range):
    """Cells of a sheet."""

    row = column = 0  # replace properties of xlwings that cannot be set
    shape = (0, 0)
    sheet: Any = None
    has_array = False

    def __init__(self, sheet: Sheet, row: int, column: int, rows: int, columns: int) -> None:
        self.sheet, self.row, self.column, self.shape = sheet, row, column, (rows, columns)
        self.grid = sheet.book.grid

    @property
    def api(self) -> Grid:
        return self.grid

    @property
    def address(self) -> str:
        rows, columns = self.shape
        last = f"${get_column_letter(self.column + columns - 1)}${self.row + rows - 1}"
        first = f"${get_column_letter(self.column)}${self.row}"
        return first if first == last else f"{first}:{last}"

    def select(self) -> None:
        self.sheet.book.chosen = (self.sheet.name, self.address)

    @property
    def coords(self) -> tuple[str, int, int, int, int]:
        return self.sheet.name, self.row, self.column, *self.shape

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def __call__(self, arg1: Any, arg2: Any = None) -> Range:
        assert arg2 is not None, "a cell by its row and column"
        return Range(self.sheet, self.row + arg1 - 1, self.column + arg2 - 1, 1, 1)

    @property
    def raw_value(self) -> list[list[Any]]:
        return self.grid.read(*self.coords)

    @raw_value.setter
    def raw_value(self, value: Any) -> None:
        self._write(value if isinstance(value, list | tuple) else [[value]])

    @property
    def formula(self) -> Any:
        raise NotImplementedError

    @formula.setter
    def formula(self, value: Any) -> None:
        self._write(value if isinstance(value, list | tuple) else [[value]])

    def clear_contents(self) -> None:
        self.grid.clear(*self.coords)

    @property
    def row_hidden(self) -> bool:
        raise NotImplementedError

    @row_hidden.setter
    def row_hidden(self, value: bool) -> None:
        self.grid.hide(
            self.sheet.name, self.row, self.row + self.shape[0] - 1, rows=True, hidden=value
        )

    @property
    def column_hidden(self) -> bool:
        raise NotImplementedError

    @column_hidden.setter
    def column_hidden(self, value: bool) -> None:
        self.grid.hide(
            self.sheet.name, self.column, self.column + self.shape[1] - 1, rows=False, hidden=value
        )

    def autofit(self, axis: str | None = None) -> None:
        assert axis == "r", "only rows are fitted to their texts"
        self.grid.fit(self.sheet.name, self.row, self.row + self.shape[0] - 1)

    def _write(self, rows: Sequence[Sequence[Any]]) -> None:
        for row, values in enumerate(rows, self.row):
            for col, value in enumerate(values, self.column):
                self.grid.put(self.sheet.name, row, col, value)


@contextmanager
def running(*grids: Grid) -> Iterator[App]:
    """Run the stand-in with these workbooks open.

    The last one is active, and the one whose buttons are clicked.
    """
    before = xlwings.engines.active
    impl = Engine("tests")
    impl.apps.app.books.books = [Book(impl.apps.app, grid) for grid in grids]
    engine = xlwings.Engine(impl=impl)
    xlwings.engines.add(engine)
    engine.activate()
    if grids:
        xlwings.Book(impl=impl.apps.app.books.active).set_mock_caller()
    try:
        yield impl.apps.app
    finally:
        xlwings.engines.active = before
        xlwings.engines.engines.remove(engine)
        xlwings.engines.engines_by_name.pop(impl.name, None)  # a nested engine has the same name
        if hasattr(xlwings.Book, "_mock_caller"):
            delattr(xlwings.Book, "_mock_caller")  # an attribute of the class
