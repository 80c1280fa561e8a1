"""Click the buttons of the ribbon: its VBA runs as it stands, and starts a real Python.

`tests.vba` plays Office. The Python that is started finds the engine of `tests.engine` in place of
Excel, with a plan open.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from tests.button_workbook import PLAN
from tests.vba import HWND, click
from xltiltak.coordinator import addin
from xltiltak.model.language import LANGUAGES, translate

ROOT = Path(__file__).parents[2]
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


def python_in(folder: Path) -> Path:
    """Return a Python in a new folder."""
    python = folder / "python.exe"
    folder.mkdir()
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', "utf-8")
    python.chmod(0o755)
    return python


@pytest.mark.slow
def test_a_click_on_windows_runs_the_button_and_says_nothing_more(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """Windows and sh quote differently; the signs here are read alike by both."""
    python = python_in(tmp_path / "Åse & Bø")
    environment["LOCALAPPDATA"] = str(python.parent)
    content = addin.build_addin("nb", r"%LOCALAPPDATA%/python.exe", "")
    done = click(content, "split", environment)
    assert done.commands == [f'"{python}" -m xltiltak ribbon split --hwnd {HWND}']
    assert (done.codes, done.messages) == ([0], [])
    message = Path(environment["XLT_MESSAGE"]).read_text("utf-8")
    assert message.startswith("Laget 4 skjema for 31.12.2020")


@pytest.mark.slow
def test_a_click_on_a_mac_runs_the_button(environment: dict[str, str], tmp_path: Path) -> None:
    python = python_in(tmp_path / "Åse & Bø's $HOME")
    content = addin.build_addin("nb", "", str(python))
    done = click(content, "check", environment, on_mac=True)
    assert done.commands == [f"{shlex.quote(str(python))} -m xltiltak ribbon check"]
    assert (done.codes, done.messages) == ([0], [])
    assert "Svar" in Path(environment["XLT_MESSAGE"]).read_text("utf-8")


@pytest.mark.parametrize("verb", addin.VERBS)
def test_each_button_starts_its_own_verb(verb: str) -> None:
    content = addin.build_addin("nb", shutil.which("true") or "", "")
    (command,) = click(content, verb, os.environ).commands
    assert command.endswith(f" -m xltiltak ribbon {verb} --hwnd {HWND}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_python_that_is_gone_is_a_sentence(language: str, tmp_path: Path) -> None:
    python = str(tmp_path / "borte" / "python.exe")
    done = click(addin.build_addin(language, python, ""), "split", os.environ)
    assert done.commands == []
    assert done.messages == [translate("addin.python_missing", language) + f"\r\n{python}"]


def test_a_python_without_the_program_is_a_sentence(tmp_path: Path) -> None:
    python = tmp_path / "python.exe"
    python.write_text("#!/bin/sh\necho No module named xltiltak >&2\nexit 1\n", "utf-8")
    python.chmod(0o755)
    done = click(addin.build_addin("nb", str(python), ""), "split", os.environ)
    assert done.codes == [1]
    assert done.messages == [translate("addin.ended", "nb") + " (1)"]


@pytest.mark.parametrize("on_mac", [False, True])
def test_a_system_that_lets_office_start_nothing_is_a_sentence(*, on_mac: bool) -> None:
    content = addin.build_addin("nb", sys.executable, sys.executable)
    done = click(content, "split", os.environ, on_mac=on_mac, may_start=False)
    (message,) = done.messages
    assert message.startswith(translate("addin.blocked", "nb"))
