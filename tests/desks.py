"""A round at the coordinator's desk: her workbook, open in what takes Excel's place, and the answers of the demo."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.engine import App, Grid, OpenpyxlGrid, running
from xltiltak import excel
from xltiltak.coordinator import macros
from xltiltak.coordinator.model import AREA_TABLE_COLUMNS, FINDING_TABLE_COLUMNS
from xltiltak.coordinator.workbook_writer import write_coordinator_workbook
from xltiltak.demo.scenario import Scenario, run_demo

PLAN, DAY = "Plan for året 2020.xlsx", datetime(2020, 12, 31)  # noqa: DTZ001 - a day of a spreadsheet
CONTROL, FOUND, BOARD, LOG = "Koordinator", "Funn", "Oversikt", "Logg"
_MARKED, _MOST = 60, 400  # rows with marks, and of a table
Opening = Callable[[Path], Grid]


class Desk:
    """Her workbook `book`, open; `folder` is where it and everything else lies."""

    def __init__(self, folder: Path, book: Path, grid: Grid, app: App) -> None:
        self.folder, self.book, self.grid, self.app = folder, book, grid, app

    def click(self, button: str) -> str:
        """Click, and what is said of it above the areas."""
        getattr(excel, button)()
        return self.said

    @property
    def said(self) -> str:
        """The sentence above the areas."""
        return str(self.cell(CONTROL, self.row("@status"), 2))

    def row(self, mark: str, sheet: str = CONTROL) -> int:
        """The row of a mark."""
        return 1 + [line[0] for line in self.grid.read(sheet, 1, 1, _MARKED, 1)].index(mark)

    def cell(self, sheet: str, row: int, col: int) -> Any:
        """What a cell holds."""
        return self.grid.read(sheet, row, col, 1, 1)[0][0]

    def setting(self, name: str) -> Any:
        """What stands beside a setting."""
        return self.cell(CONTROL, self.row(f"@{name}"), 3)

    def choose(self, **settings: Any) -> None:
        """Type into the yellow cells."""
        for name, value in settings.items():
            self.grid.put(CONTROL, self.row(f"@{name}"), 3, value)

    def areas(self) -> list[list[Any]]:
        """The table of areas, the last row for all of them."""
        return self.table(CONTROL, len(AREA_TABLE_COLUMNS))

    def findings(self) -> list[list[Any]]:
        """The findings as they stand in their sheet."""
        return self.table(FOUND, len(FINDING_TABLE_COLUMNS))

    def table(self, sheet: str, columns: int) -> list[list[Any]]:
        """The rows of a table, as far as they go."""
        top = self.row("@head", sheet) + 1
        rows = self.grid.read(sheet, top, 2, _MOST, columns)
        return [row for row in rows if any(cell not in (None, "") for cell in row)]

    def everything(self) -> dict[tuple[str, int, int], Any]:
        """All cells of all sheets but the log, which is another after every click."""
        found: dict[tuple[str, int, int], Any] = {}
        for sheet in self.grid.names():
            rows, columns = self.grid.size(sheet) if sheet != LOG else (0, 0)
            for row, line in enumerate(
                self.grid.read(sheet, 1, 1, rows, columns) if rows else (), 1
            ):
                found |= {(sheet, row, col): value for col, value in enumerate(line, 1)}
        return {at: value for at, value in found.items() if value not in (None, "")}

    def files(self) -> dict[str, bytes]:
        """Every file in the folder with its content."""
        return {
            str(p.relative_to(self.folder)): p.read_bytes()
            for p in self.folder.rglob("*")
            if p.is_file()
        }


def made(path: Path, *, spoken: str = "nb") -> Path:
    """A new coordinator's workbook."""
    path.write_bytes(
        write_coordinator_workbook(spoken, {}, {"INTERPRETER_WIN": "python"}, macros.project())
    )
    return path


@contextmanager
def at_desk(folder: Path, told: Path, opening: Opening = OpenpyxlGrid) -> Iterator[Desk]:
    """Her workbook beside the demo's plan, opened; nothing is chosen yet."""
    shutil.copy(told / PLAN, folder / PLAN)
    book = made(folder / "koordinator.xlsm")
    grid = opening(book)
    with running(grid) as app:
        yield Desk(folder, book, grid, app)


def returned(told: Path, folder: Path) -> None:
    """The demo's answers, put where she keeps them."""
    folder.mkdir(exist_ok=True)
    for file in Scenario.load("nb", told).returned.iterdir():
        shutil.copy(file, folder / file.name)


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, told once."""
    folder = tmp_path_factory.mktemp("fortalt") / "demo"
    run_demo(folder, "nb")
    return folder


@pytest.fixture
def plain(told: Path, tmp_path: Path) -> Iterator[Desk]:
    """The same in openpyxl alone, for what has nothing to do with the program."""
    with at_desk(tmp_path, told) as known:
        yield known


@pytest.fixture
def sent(plain: Desk) -> Desk:
    """The forms are out."""
    plain.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    assert plain.click("split").startswith("✔")
    return plain
