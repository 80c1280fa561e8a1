"""Run the command lines by which the pinned version of xlwings starts Python from Excel.

They are compared with the VBA and AppleScript of xlwings, filled in as there, and run in a shell
with the engine of `tests.engine` in place of Excel. An xlwings with other lines does not pass.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import xlwings

from tests.button_workbook import PLAN, new_workbook
from tests.coordinator.test_workbook_writer import CALLS
from xltiltak.coordinator import model

ROOT = Path(__file__).parents[2]
XLWINGS = Path(xlwings.__file__).parent
WINDOWS = (
    'RunCommand = CondaCmd & PythonInterpreter & " -B -c ""import xlwings.utils;'
    'xlwings.utils.prepare_sys_path(\\""" & PYTHONPATH & "\\""); " & PythonCommand & """ "'
)
TAIL = '" --wb=" & """" & ThisWorkbook.Name & """ --from_xl=1" & " --app="'
MAC = (
    'set ShellCommand to PythonInterpreter & " -B -u -W ignore -c \\"import xlwings.utils;'
    "xlwings.utils.prepare_sys_path('\" & PYTHONPATH & \"');"
)
# Python runs this before the command: it puts an engine in place of Excel, and at the end it writes
# the message of the sheet to a file.
BEFORE = """
import atexit, os
from pathlib import Path
from tests.button_workbook import ButtonWorkbook
from tests.engine import OpenpyxlGrid, running
book = Path(os.environ["XLT_BOOK"])
grid = OpenpyxlGrid(book)
engine = running(grid)
app = engine.__enter__()
workbook = ButtonWorkbook(book.parent, book, grid, app)
workbook.choose(plan=os.environ["XLT_PLAN"], sent="Sendt ut", returned="Svar", day="31.12.2020")
atexit.register(lambda: Path(os.environ["XLT_MESSAGE"]).write_text(workbook.message, "utf-8"))
"""


def test_xlwings_has_the_same_command_lines() -> None:
    vba = re.sub(
        r" _\n\s*", " ", (XLWINGS / "xlwings.bas").read_text("utf-8").replace("\r\n", "\n")
    )
    assert WINDOWS in vba
    assert TAIL in vba
    assert MAC in (XLWINGS / f"xlwings-{model.XLWINGS_VERSION}.applescript").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="the quotes are those of sh")
@pytest.mark.parametrize("system", ["windows", "mac"])
def test_the_command_line_runs_the_action(system: str, demo: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(demo, tmp_path / "demo"))
    book = new_workbook(folder / "koordinator.xlsm")
    (tmp_path / "sitecustomize.py").write_text(BEFORE, "utf-8")
    message = tmp_path / "message.txt"
    environment = {
        **os.environ,
        "XLT_BOOK": str(book),
        "XLT_PLAN": PLAN,
        "XLT_MESSAGE": str(message),
        "XLTILTAK_LANG": "nb",
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]),
    }
    line = command_line(system, book, CALLS["XltiltakSplit"])
    process = subprocess.run(  # noqa: S602 - the command line is what is tested
        line, shell=True, capture_output=True, text=True, env=environment, check=False
    )
    assert (process.returncode, process.stderr) == (0, "")
    # The demo has sent its forms, so that this is the message of `split` and of no other action.
    assert "alt sendt ut" in message.read_text("utf-8")


def command_line(system: str, book: Path, call: str) -> str:
    """Return the command line, filled in as VBA or AppleScript do it."""
    arguments = f"False;{book};{book};;;;"
    if system == "windows":
        start, quoted, end = f'"{sys.executable}" -B', f'\\"{arguments}\\"', ""
    else:
        start, quoted = f"{sys.executable} -B -u -W ignore", f"'{arguments}'"
        end = " > /dev/null"
    command = f'{start} -c "import xlwings.utils;xlwings.utils.prepare_sys_path({quoted}); {call}"'
    return f'{command} --wb="{book.name}" --from_xl=1 --app="Excel" --hwnd="1"{end}'
