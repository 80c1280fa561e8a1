"""Run the command lines by which the ribbon's VBA and AppleScript start Python, as they stand.

A small parser reads the line of the VBA for Windows and that of the script for a Mac, and a shell
runs the result with the engine of `tests.engine` in place of Excel.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.button_workbook import PLAN
from xltiltak.coordinator import addin_setup, model

ROOT = Path(__file__).parents[2]
SOURCE = (model.shipped_folder("macros") / "XltiltakAddin.bas").read_text("utf-8")
# Python runs this before the command: it opens the plan in an engine in place of Excel, and at the
# end writes the message boxes to a file.
BEFORE = """
import atexit, os
from pathlib import Path
from tests.engine import OpenpyxlGrid, running
engine = running(OpenpyxlGrid(Path(os.environ["XLT_PLAN"])))
app = engine.__enter__()
atexit.register(lambda: Path(os.environ["XLT_MESSAGE"]).write_text("|".join(app.alerts), "utf-8"))
"""


def windows_command(python: str, verb: str, hwnd: int) -> str:
    """Return the first argument of `shell.Run` in the VBA, with its expressions worked out."""
    (expression,) = re.findall(r"shell\.Run\((.*), HIDDEN_WINDOW, WAIT_FOR_END\)", SOURCE)
    values = {"Chr(34)": '"', "python": python, "verb": verb, "Application.Hwnd": str(hwnd)}
    parts = re.split(r" & (?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", expression)
    return "".join(part[1:-1] if part.startswith('"') else values[part] for part in parts)


def mac_command(python: str, verb: str) -> str:
    """Return what `do shell script` of the installed AppleScript runs, in front and not behind."""
    text = (addin_setup.MAC_SCRIPT_TEXT).replace("\\\n", "")
    (expression,) = re.findall(r"do shell script (.*)", text)
    values = {
        "quoted form of python": shlex.quote(python),
        "quoted form of verb": shlex.quote(verb),
    }
    parts = [part.strip() for part in expression.split(" & ")]
    command = "".join(part[1:-1] if part.startswith('"') else values[part] for part in parts)
    assert command.endswith(" > /dev/null 2>&1 &")
    return command.removesuffix(" > /dev/null 2>&1 &")


@pytest.fixture
def environment(demo: Path, tmp_path: Path) -> dict[str, str]:
    """Return the variables of a process in which a plan is open in a folder with odd signs."""
    folder = tmp_path / "rund æøå & co"
    folder.mkdir()
    shutil.copy(demo / PLAN, folder / PLAN)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(BEFORE, "utf-8")
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), str(ROOT)]),
        "XLTILTAK_LANG": "nb",
        "XLT_PLAN": str(folder / PLAN),
        "XLT_MESSAGE": str(tmp_path / "message.txt"),
    }


def run(command: str, environment: dict[str, str]) -> int:
    """Run a command line in a shell, and return its exit code."""
    return subprocess.run(["/bin/sh", "-c", command], env=environment, check=False).returncode


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="the command line is read by sh")
def test_the_line_of_the_vba_runs_a_button_and_ends_with_nothing(
    environment: dict[str, str],
) -> None:
    command = windows_command(sys.executable, "split", 1)
    assert command == f'"{sys.executable}" -m xltiltak ribbon split --hwnd 1'
    assert run(command, environment) == 0
    message = Path(environment["XLT_MESSAGE"]).read_text("utf-8")
    assert message.startswith("Laget 4 skjema for 31.12.2020")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="the command line is read by sh")
def test_the_line_of_the_script_runs_a_button(environment: dict[str, str]) -> None:
    assert run(mac_command(sys.executable, "check"), environment) == 0
    message = Path(environment["XLT_MESSAGE"]).read_text("utf-8")
    assert "Svar" in message


@pytest.mark.skipif(os.name == "nt", reason="the command line is read by sh")
def test_a_python_without_the_program_does_not_end_with_nothing(
    environment: dict[str, str],
) -> None:
    """The macro then shows its own sentence."""
    environment = {**environment, "PYTHONPATH": "", "PYTHONSAFEPATH": "1"}
    command = windows_command(sys.executable, "split", 1).replace("xltiltak ribbon", "borte ribbon")
    assert run(command, environment) != 0


def test_every_other_end_is_a_sentence_of_the_macro() -> None:
    assert "If exitCode <> 0 Then MsgBox" in SOURCE
    assert SOURCE.count("MsgBox Setting(") == 3
    assert "On Error GoTo Blocked" in SOURCE
    assert "FileExists(python)" in SOURCE
