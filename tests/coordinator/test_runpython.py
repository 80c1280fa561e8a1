"""The command lines by which xlwings starts Python from Excel, as its pinned version has them, run by a shell.

There is no Excel here: the lines are read from xlwings' own VBA and AppleScript, filled as those fill them, and run
with an engine in Excel's place. An xlwings that calls otherwise does not pass.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import xlwings

from tests.coordinator.test_coordinator import CALLS
from tests.desks import PLAN, made
from xltiltak.coordinator import macros
from xltiltak.demo.scenario import run_demo

ROOT = Path(__file__).parents[2]
XLWINGS = Path(xlwings.__file__).parent
WINDOWS = (
    'RunCommand = CondaCmd & PythonInterpreter & " -B -c ""import xlwings.utils;xlwings.utils.prepare_sys_path('
    '\\""" & PYTHONPATH & "\\""); " & PythonCommand & """ "'
)
TAIL = '" --wb=" & """" & ThisWorkbook.Name & """ --from_xl=1" & " --app="'
MAC = (
    'set ShellCommand to PythonInterpreter & " -B -u -W ignore -c \\"import xlwings.utils;'
    "xlwings.utils.prepare_sys_path('\" & PYTHONPATH & \"');"
)
# Python reads this before the command: it puts an engine where Excel would be, and writes down what the sheet says.
BEFORE = """
import atexit, os
from pathlib import Path
from tests.desks import Desk
from tests.engine import OpenpyxlGrid, running
book = Path(os.environ["XLT_BOOK"])
grid = OpenpyxlGrid(book)
engine = running(grid)
app = engine.__enter__()
desk = Desk(book.parent, book, grid, app)
desk.choose(plan=os.environ["XLT_PLAN"], sent="Sendt ut", returned="Svar", day="31.12.2020")
atexit.register(lambda: Path(os.environ["XLT_SAID"]).write_text(desk.said, "utf-8"))
"""


def test_xlwings_still_calls_as_it_did() -> None:
    vba = re.sub(
        r" _\n\s*", " ", (XLWINGS / "xlwings.bas").read_text("utf-8").replace("\r\n", "\n")
    )
    assert WINDOWS in vba
    assert TAIL in vba
    assert MAC in (XLWINGS / f"xlwings-{macros.XLWINGS_VERSION}.applescript").read_text("utf-8")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, told once."""
    folder = tmp_path_factory.mktemp("fortalt") / "demo"
    run_demo(folder, "nb")
    return folder


@pytest.mark.skipif(os.name == "nt", reason="the quotes are those of sh")
@pytest.mark.parametrize("system", ["windows", "mac"])
def test_the_command_line_presses_the_button(system: str, told: Path, tmp_path: Path) -> None:
    book = made(told / "koordinator.xlsm")
    (tmp_path / "sitecustomize.py").write_text(BEFORE, "utf-8")
    said = tmp_path / "said.txt"
    names = {"XLT_BOOK": str(book), "XLT_PLAN": PLAN, "XLT_SAID": str(said), "XLTILTAK_LANG": "nb"}
    searched = os.pathsep.join([str(tmp_path), str(ROOT)])
    line = _line(system, book, CALLS["XltiltakSplit"])
    environment = {**os.environ, **names, "PYTHONPATH": searched}
    done = subprocess.run(
        line, shell=True, capture_output=True, text=True, env=environment, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "alt sendt ut" in said.read_text(
        "utf-8"
    )  # the demo has sent it: so the button's own sentence comes back


def _line(system: str, book: Path, call: str) -> str:
    """The command line, with the parts filled as VBA or AppleScript fill them."""
    searched = f"False;{book};{book};;;;"
    start = f'"{sys.executable}" -B' if system == "windows" else f"{sys.executable} -B -u -W ignore"
    end = "" if system == "windows" else " > /dev/null"
    quoted = f'\\"{searched}\\"' if system == "windows" else f"'{searched}'"
    command = f'{start} -c "import xlwings.utils;xlwings.utils.prepare_sys_path({quoted}); {call}"'
    return f'{command} --wb="{book.name}" --from_xl=1 --app="Excel" --hwnd="1"{end}'
