"""A real click: the script is read from the button, VBA runs, a new Python starts, the live document changes."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.coordinator.test_coordinator import builder
from tests.desks import CONTROL, DAY, LOG, PLAN, Desk, returned
from tests.engine import App, Engine, OfficeGrid
from tests.office import Document, Office, missing
from tests.parts import demand
from xltiltak.coordinator.workbook_writer import write_coordinator_workbook
from xltiltak.demo.scenario import run_demo

ROOT = Path(__file__).parents[2]
SECONDS = 120
pytestmark = pytest.mark.office


@pytest.fixture
def done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the process that a click starts says how it went."""
    monkeypatch.setenv("XLTILTAK_PYTHON", sys.executable)
    monkeypatch.setenv("XLTILTAK_DONE", str(tmp_path / "done.txt"))
    monkeypatch.setenv("XLTILTAK_LANG", "nb")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path / "done.txt"


@pytest.fixture
def clicking(done: Path) -> Iterator[tuple[Desk, Document]]:
    """Her workbook, open in an office whose macros run, beside the plan of the demo."""
    tmp_path = done.parent
    demand("LibreOffice over UNO", missing())
    run_demo(tmp_path / "demo", "nb")
    shutil.copy(tmp_path / "demo" / PLAN, tmp_path / PLAN)
    script = builder()
    stub = (ROOT / "tests" / "RunPythonOffice.bas").read_text("utf-8")
    project = script.project({"RunPythonOffice": stub, **script.modules_of_ours()})
    book = tmp_path / "koordinator.xlsm"
    book.write_bytes(write_coordinator_workbook("nb", {}, {}, project))
    office = Office(macros=True)
    try:
        document = office.open(book)
        yield Desk(tmp_path, book, OfficeGrid(document, str(book)), App(Engine("none"))), document
    finally:
        office.kill()
        office.close()


def test_clicks_say_what_is_missing_send_the_forms_out_and_make_the_appendix(
    clicking: tuple[Desk, Document], done: Path
) -> None:
    desk, document = clicking
    document.click(CONTROL, "XltiltakCheck")
    assert awaited(done) == "done"
    assert desk.said.startswith("✖ Ingen plan er valgt")

    desk.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    document.click(CONTROL, "XltiltakSplit")
    assert awaited(done) == "done"
    assert len(list((desk.folder / "Sendt ut").glob("*.xlsx"))) == 4
    assert desk.said.startswith("✔ Laget 4 skjema for 31.12.2020")
    assert [row[2] for row in desk.areas()] == ["sendt"] * 4 + ["4 av 4"]

    returned(desk.folder / "demo", desk.folder / "Svar")
    document.click(CONTROL, "XltiltakMerge")
    assert awaited(done) == "done"
    assert desk.said.startswith("✔ Vedlegg 2020-12-31.xlsx er skrevet. 4 av 4 områder har levert.")
    assert (desk.folder / "Vedlegg 2020-12-31.xlsx").is_file()
    assert [row[1:3] for row in desk.table(LOG, 4)] == [
        ["Kontroller", "stoppet"],
        ["Send ut", "i orden"],
        ["Konsolider", "i orden"],
    ]


def awaited(path: Path) -> str:
    """What a file says once it is there, which is then taken away; LibreOffice does not wait for what it starts."""
    deadline = time.monotonic() + SECONDS
    while not path.exists():
        assert time.monotonic() < deadline, f"nothing came of the click within {SECONDS} s"
        time.sleep(0.1)
    said = path.read_text("utf-8")
    path.unlink()
    return said
