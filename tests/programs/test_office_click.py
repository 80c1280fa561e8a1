"""Click the buttons in LibreOffice: VBA runs, starts a new Python, and the document changes."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.button_workbook import CONTROL, DAY, LOG, PLAN, ButtonWorkbook, copy_returned_files
from tests.coordinator.test_workbook_writer import builder
from tests.engine import App, Engine, OfficeGrid
from tests.office import Document, Office, missing
from tests.parts import demand
from xltiltak.coordinator.model import SHEETS
from xltiltak.coordinator.workbook_writer import write_coordinator_workbook
from xltiltak.demo.scenario import run_demo

ROOT = Path(__file__).parents[2]
SECONDS = 120
pytestmark = pytest.mark.office


@pytest.fixture
def done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set up the process that a click starts, and return the file for its outcome."""
    monkeypatch.setenv("XLTILTAK_PYTHON", sys.executable)
    monkeypatch.setenv("XLTILTAK_DONE", str(tmp_path / "done.txt"))
    monkeypatch.setenv("XLTILTAK_LANG", "nb")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path / "done.txt"


@pytest.fixture
def clicking(done: Path) -> Iterator[tuple[ButtonWorkbook, Document]]:
    """Open the coordinator's workbook beside the demo's plan, in an office that runs macros."""
    tmp_path = done.parent
    demand("LibreOffice over UNO", missing())
    run_demo(tmp_path / "demo", "nb")
    shutil.copy(tmp_path / "demo" / PLAN, tmp_path / PLAN)
    script = builder()
    stub = (ROOT / "tests" / "RunPythonOffice.bas").read_text("utf-8")
    project = script.project(
        {"RunPythonOffice": stub, **script.module_of_ours("XltiltakButtons")}, SHEETS
    )
    book = tmp_path / "koordinator.xlsm"
    book.write_bytes(write_coordinator_workbook("nb", {}, {}, project))
    office = Office(macros=True)
    try:
        document = office.open(book)
        yield (
            ButtonWorkbook(tmp_path, book, OfficeGrid(document, str(book)), App(Engine("none"))),
            document,
        )
    finally:
        office.kill()
        office.close()


def test_clicks_report_what_is_missing_send_the_forms_out_and_write_the_appendix(
    clicking: tuple[ButtonWorkbook, Document], done: Path
) -> None:
    workbook, document = clicking
    document.click(CONTROL, "XltiltakCheck")
    assert wait_for(done) == "done"
    assert workbook.message.startswith("✖ Ingen plan er valgt")

    workbook.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    document.click(CONTROL, "XltiltakSplit")
    assert wait_for(done) == "done"
    assert len(list((workbook.folder / "Sendt ut").glob("*.xlsx"))) == 4
    assert workbook.message.startswith("✔ Laget 4 skjema for 31.12.2020")
    assert [row[2] for row in workbook.areas()] == ["sendt"] * 4 + ["4 av 4"]

    copy_returned_files(workbook.folder / "demo", workbook.folder / "Svar")
    document.click(CONTROL, "XltiltakMerge")
    assert wait_for(done) == "done"
    assert workbook.message.startswith(
        "✔ Vedlegg 2020-12-31.xlsx er skrevet. 4 av 4 områder har levert."
    )
    assert (workbook.folder / "Vedlegg 2020-12-31.xlsx").is_file()
    assert [row[1:3] for row in workbook.table(LOG, 4)] == [
        ["Kontroller", "stoppet"],
        ["Send ut", "i orden"],
        ["Konsolider", "i orden"],
    ]


def wait_for(path: Path) -> str:
    """Return the content of a file as soon as it exists, and delete the file.

    LibreOffice does not wait for the process that it starts.
    """
    deadline = time.monotonic() + SECONDS
    while not path.exists():
        assert time.monotonic() < deadline, f"the click had no outcome within {SECONDS} s"
        time.sleep(0.1)
    content = path.read_text("utf-8")
    path.unlink()
    return content
