"""Open the coordinator's workbook in a stand-in for Excel, with the plan and returns of the demo.

`ButtonWorkbook` clicks its buttons and reads its sheets. The stand-in is in `tests.engine`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from tests.engine import App, Grid, OpenpyxlGrid, running
from xltiltak import excel
from xltiltak.coordinator import model
from xltiltak.coordinator.model import AREA_TABLE_COLUMNS, FINDING_TABLE_COLUMNS
from xltiltak.coordinator.workbook_writer import write_coordinator_workbook
from xltiltak.demo.scenario import Scenario

PLAN = "Plan for året 2020.xlsx"
DAY = datetime(2020, 12, 31)  # noqa: DTZ001 - a date in a cell
CONTROL, FINDINGS, DASHBOARD, LOG = "Koordinator", "Funn", "Oversikt", "Logg"
_MARKER_ROWS, _TABLE_ROWS = 60, 400
GridFactory = Callable[[Path], Grid]


class ButtonWorkbook:
    """The open workbook `book` in Norwegian; `folder` is where it and the plan are."""

    def __init__(self, folder: Path, book: Path, grid: Grid, app: App) -> None:
        """Take the workbook that is open in `app`, with its cells in `grid`."""
        self.folder, self.book, self.grid, self.app = folder, book, grid, app

    def click(self, button: str) -> str:
        """Click a button, and return the message."""
        getattr(excel, button)()
        return self.message

    @property
    def message(self) -> str:
        """Return the message above the areas."""
        return str(self.cell(CONTROL, self.row("@status"), 2))

    def row(self, marker: str, sheet: str = CONTROL) -> int:
        """Return the row of a marker."""
        markers = [line[0] for line in self.grid.read(sheet, 1, 1, _MARKER_ROWS, 1)]
        return 1 + markers.index(marker)

    def cell(self, sheet: str, row: int, col: int) -> Any:
        """Return the value of a cell."""
        return self.grid.read(sheet, row, col, 1, 1)[0][0]

    def setting(self, name: str) -> Any:
        """Return the value of a setting."""
        return self.cell(CONTROL, self.row(f"@{name}"), 3)

    def choose(self, **settings: Any) -> None:
        """Type settings into their cells."""
        for name, value in settings.items():
            self.grid.put(CONTROL, self.row(f"@{name}"), 3, value)

    def areas(self) -> list[list[Any]]:
        """Return the table of areas; its last row is for all areas."""
        return self.table(CONTROL, len(AREA_TABLE_COLUMNS))

    def findings(self) -> list[list[Any]]:
        """Return the table of findings."""
        return self.table(FINDINGS, len(FINDING_TABLE_COLUMNS))

    def table(self, sheet: str, columns: int) -> list[list[Any]]:
        """Return the rows of a table that are not empty."""
        top = self.row("@head", sheet) + 1
        rows = self.grid.read(sheet, top, 2, _TABLE_ROWS, columns)
        return [row for row in rows if any(cell not in (None, "") for cell in row)]

    def cells(self) -> dict[tuple[str, int, int], Any]:
        """Return all cells by sheet, row and column, without the log, which grows at each click."""
        cells: dict[tuple[str, int, int], Any] = {}
        for sheet in self.grid.names():
            rows, columns = self.grid.size(sheet) if sheet != LOG else (0, 0)
            lines = self.grid.read(sheet, 1, 1, rows, columns) if rows else []
            for row, line in enumerate(lines, 1):
                cells |= {(sheet, row, col): value for col, value in enumerate(line, 1)}
        return {at: value for at, value in cells.items() if value not in (None, "")}

    def files(self) -> dict[str, bytes]:
        """Return the content of every file in the folder."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }


def new_workbook(path: Path, *, language: str = "nb") -> Path:
    """Write a new coordinator's workbook."""
    path.write_bytes(_new_workbook(language))
    return path


@cache
def _new_workbook(language: str) -> bytes:
    configuration = {"INTERPRETER_WIN": "python"}
    return write_coordinator_workbook(language, {}, configuration, model.vba_project())


@contextmanager
def open_workbook(
    folder: Path, demo: Path, grid_of: GridFactory = OpenpyxlGrid
) -> Iterator[ButtonWorkbook]:
    """Open a new workbook beside the plan of the demo; no setting is filled in."""
    shutil.copy(demo / PLAN, folder / PLAN)
    book = new_workbook(folder / "koordinator.xlsm")
    grid = grid_of(book)
    with running(grid) as app:
        yield ButtonWorkbook(folder, book, grid, app)


def copy_returned_files(demo: Path, folder: Path) -> None:
    """Copy the returned files of the demo into a folder."""
    folder.mkdir(exist_ok=True)
    for file in Scenario.load("nb", demo).returned.iterdir():
        shutil.copy(file, folder / file.name)
