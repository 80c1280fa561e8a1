"""Asking for a file or a folder: what Excel's dialog is told and gives back, and what the script of a Mac does."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from xltiltak.coordinator import dialogs
from xltiltak.model.errors import ExcelError

ASK = {"file": dialogs.file, "folder": dialogs.folder}


class Dialog:
    """Excel's own dialog, in which somebody picks `picked`, or gives up."""

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
    """Excel's own object, with one dialog; `kind` is the one that was asked for."""

    def __init__(self, picked: str | None) -> None:
        self.dialog, self.kind = Dialog(picked), 0

    def FileDialog(self, kind: int) -> Dialog:  # noqa: N802 - Excel's name
        self.kind = kind
        return self.dialog


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if on Windows."""
    monkeypatch.setattr(sys, "platform", "win32")


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize(("noun", "kind"), [("file", 3), ("folder", 4)])
def test_excel_is_asked_for_one_with_a_title(noun: str, kind: int, tmp_path: Path) -> None:
    excel = Excel(str(tmp_path))
    assert ASK[noun](excel, "Velg planen") == tmp_path
    assert excel.kind == kind
    assert (excel.dialog.Title, excel.dialog.AllowMultiSelect) == ("Velg planen", False)


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("noun", ASK)
def test_who_gives_up_has_chosen_nothing(noun: str) -> None:
    assert ASK[noun](Excel(None), "Velg") is None


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("noun", ASK)
def test_what_lies_on_the_web_is_a_sentence(noun: str) -> None:
    with pytest.raises(ExcelError, match=r"sharepoint\.com"):
        ASK[noun](Excel("https://kommune.sharepoint.com/plan"), "Velg")


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("noun", ASK)
def test_a_program_without_dialogs_is_a_sentence(
    noun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")
    with pytest.raises(ExcelError, match="ingen dialog å velge i"):
        ASK[noun](None, "Velg")


def on_a_mac(monkeypatch: pytest.MonkeyPatch, code: int, said: str) -> list[list[str]]:
    """As if on a Mac, whose script ends like this; the commands it gets."""
    asked: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, code, said)

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(subprocess, "run", run)
    return asked


@pytest.mark.parametrize("noun", ASK)
def test_a_mac_is_asked_by_a_script_that_never_holds_the_title(
    noun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = on_a_mac(monkeypatch, 0, "/Users/åse/Planen 2020/\n")
    title = 'Velg" & (do shell script "x") & "'
    assert ASK[noun](None, title) == Path("/Users/åse/Planen 2020")
    (command,) = asked
    assert command[-1] == title
    script = [word for before, word in pairwise(command) if before == "-e"]
    assert script == [
        "on run argv",
        f"POSIX path of (choose {noun} with prompt (item 1 of argv))",
        "end run",
    ]


@pytest.mark.parametrize(("code", "said"), [(1, ""), (1, "/Users/x"), (0, "\n")])
def test_who_gives_up_on_a_mac_has_chosen_nothing(
    code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_mac(monkeypatch, code, said)
    assert dialogs.file(None, "Velg") is None
