"""Fixtures: the demo, and the coordinator's workbook open in a stand-in for Excel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.button_workbook import DAY, PLAN, ButtonWorkbook, GridFactory, open_workbook
from tests.engine import OfficeGrid, OpenpyxlGrid
from tests.office import Office
from xltiltak.demo.scenario import run_demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Play the demo once, and return its folder. Tests must not change it."""
    folder = tmp_path_factory.mktemp("demonstrasjon") / "demo"
    run_demo(folder, "nb")
    return folder


@pytest.fixture
def workbook(demo: Path, tmp_path: Path) -> Iterator[ButtonWorkbook]:
    """Open a new workbook in openpyxl; no setting is filled in."""
    with open_workbook(tmp_path, demo) as opened:
        yield opened


@pytest.fixture
def sent_workbook(workbook: ButtonWorkbook) -> ButtonWorkbook:
    """Send the forms out from the workbook."""
    workbook.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    assert workbook.click("split").startswith("✔")
    return workbook


@pytest.fixture(params=["openpyxl", pytest.param("office", marks=pytest.mark.office)])
def grid_of(request: pytest.FixtureRequest) -> Iterator[GridFactory]:
    """Return a function that opens a workbook, in openpyxl and in LibreOffice."""
    if request.param == "openpyxl":
        yield OpenpyxlGrid
        return
    office: Office = request.getfixturevalue("office")
    opened: list[OfficeGrid] = []

    def in_office(path: Path) -> OfficeGrid:
        opened.append(OfficeGrid(office.open(path), str(path)))
        return opened[-1]

    yield in_office
    for grid in opened:
        with suppress(Exception):  # the test may have closed it
            grid.close()
