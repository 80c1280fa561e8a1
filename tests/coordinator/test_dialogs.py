"""Pick a file or a folder in Excel's dialog, and in that of a Mac."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from xltiltak.coordinator import buttons
from xltiltak.model.errors import ExcelError

PICK = {"file": buttons.pick_file, "folder": buttons.pick_folder}


class Dialog:
    """Excel's dialog, in which the user picks `picked`, or cancels if it is None."""

    Title, AllowMultiSelect = "", True

    def __init__(self, picked: str | None) -> None:
        self.picked = picked

    def Show(self) -> int:  # noqa: N802 - Excel's name
        return 0 if self.picked is None else -1

    def SelectedItems(self, n: int) -> str:  # noqa: N802 - Excel's name
        assert n == 1
        assert self.picked is not None
        return self.picked


class Excel:
    """The COM object of Excel with one dialog; `kind` is the type that was requested."""

    def __init__(self, picked: str | None) -> None:
        self.dialog, self.kind = Dialog(picked), 0

    def FileDialog(self, kind: int) -> Dialog:  # noqa: N802 - Excel's name
        self.kind = kind
        return self.dialog


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the program believe that it runs on Windows."""
    monkeypatch.setattr(sys, "platform", "win32")


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize(("noun", "kind"), [("file", 3), ("folder", 4)])
def test_excel_shows_its_dialog_with_a_title(noun: str, kind: int, tmp_path: Path) -> None:
    excel = Excel(str(tmp_path))
    assert PICK[noun](excel, "Velg planen") == tmp_path
    assert excel.kind == kind
    assert (excel.dialog.Title, excel.dialog.AllowMultiSelect) == ("Velg planen", False)


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("noun", PICK)
def test_a_cancelled_dialog_gives_no_path(noun: str) -> None:
    assert PICK[noun](Excel(None), "Velg") is None


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("noun", PICK)
def test_a_web_address_is_refused(noun: str) -> None:
    with pytest.raises(ExcelError, match=r"sharepoint\.com"):
        PICK[noun](Excel("https://kommune.sharepoint.com/plan"), "Velg")


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("noun", PICK)
def test_a_program_without_dialogs_is_reported(noun: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")
    with pytest.raises(ExcelError, match="ingen dialog å velge i"):
        PICK[noun](None, "Velg")


def on_a_mac(monkeypatch: pytest.MonkeyPatch, code: int, output: str) -> list[list[str]]:
    """Act as a Mac whose script ends with this code and output; return its commands."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, code, output)

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(subprocess, "run", run)
    return commands


@pytest.mark.parametrize("noun", PICK)
def test_the_script_of_a_mac_gets_the_title_as_an_argument(
    noun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = on_a_mac(monkeypatch, 0, "/Users/åse/Planen 2020/\n")
    title = 'Velg" & (do shell script "x") & "'
    assert PICK[noun](None, title) == Path("/Users/åse/Planen 2020")
    (command,) = commands
    assert command[-1] == title
    script = [word for before, word in pairwise(command) if before == "-e"]
    assert script == [
        "on run argv",
        f"POSIX path of (choose {noun} with prompt (item 1 of argv))",
        "end run",
    ]


@pytest.mark.parametrize(("code", "output"), [(1, ""), (1, "/Users/x"), (0, "\n")])
def test_a_cancelled_dialog_on_a_mac_gives_no_path(
    code: int, output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_mac(monkeypatch, code, output)
    assert buttons.pick_file(None, "Velg") is None
