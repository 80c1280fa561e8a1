"""Shortcuts in a Start menu of a test, and buttons on files that were dropped on them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.button_workbook import PLAN, copy_returned_files
from xltiltak.cli import main as cli
from xltiltak.coordinator import shortcuts
from xltiltak.coordinator.addin_setup import Machine

SENT, APPENDIX = "Plan for året 2020 sendt 2020-12-31.xlsx", "Vedlegg 2020-12-31.xlsx"


@pytest.fixture(autouse=True)
def _bokmaal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")


@pytest.fixture
def windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Return a Windows whose shortcuts are texts in a folder of the test."""

    def create(path: str) -> Any:
        one = SimpleNamespace()
        one.Save = lambda: Path(path).write_text(f"{one.TargetPath} {one.Arguments}", "utf-8")
        return one

    module = ModuleType("win32com.client")
    module.__dict__["Dispatch"] = lambda _: SimpleNamespace(CreateShortcut=create)
    monkeypatch.setitem(sys.modules, "win32com", ModuleType("win32com"))
    monkeypatch.setitem(sys.modules, "win32com.client", module)
    monkeypatch.setattr(sys, "executable", r"C:\Program Files\Python312\python.exe")
    return Machine("win32", {"APPDATA": str(tmp_path)}, tmp_path)


def test_each_button_gets_a_shortcut_that_opens_no_black_window(windows: Machine) -> None:
    paths = shortcuts.create_shortcuts("nb", windows)
    assert [path.stem for path in paths] == [
        f"{name} (xltiltak)"
        for name in ("Send ut", "Kontroller", "Konsolider", "Lag rapport", "Purr")
    ]
    commands = [path.read_text("utf-8") for path in paths]
    python = r"C:\Program Files\Python312\pythonw.exe"
    assert commands[2] == rf"{python} -m xltiltak ribbon merge"


def test_another_language_replaces_them_and_all_can_be_taken_out(windows: Machine) -> None:
    shortcuts.create_shortcuts("nb", windows)
    paths = shortcuts.create_shortcuts("en", windows)
    folder = paths[0].parent
    assert sorted(folder.iterdir()) == sorted(paths)
    (folder / "hers.lnk").write_text("", "utf-8")
    assert shortcuts.remove_shortcuts(windows) == paths
    assert [path.name for path in folder.iterdir()] == ["hers.lnk"]
    assert shortcuts.remove_shortcuts(windows) == []


def test_without_a_start_menu_there_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["excel", "--shortcuts"]) == 3
    assert "Start-menyen finnes bare i Windows" in capsys.readouterr().err


class Dropping:
    """A folder with the demonstration's plan, and the messages of what is dropped."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys

    def drop(self, verb: str, *names: str) -> str:
        """Drop files on a shortcut. Here no box can be shown, so the sentence is printed."""
        self.capsys.readouterr()
        assert cli.run(["ribbon", verb, *(str(self.folder / name) for name in names)]) == 1
        return self.capsys.readouterr().err


@pytest.fixture
def dropping(demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Dropping:
    """Copy the plan into a folder with the signs that people use."""
    folder = tmp_path / "rund æøå & co"
    folder.mkdir()
    shutil.copy(demo / PLAN, folder / PLAN)
    return Dropping(folder, capsys)


def test_a_round_by_dropped_files(dropping: Dropping, demo: Path) -> None:
    folder = dropping.folder
    assert dropping.drop("split", PLAN).startswith("Laget 4 skjema")
    copy_returned_files(demo, folder / "Svar")
    assert "4 av 4 områder" in dropping.drop("check", SENT, "Svar")
    assert APPENDIX in dropping.drop("merge", SENT, "Svar")
    assert (folder / APPENDIX).exists()
    assert "Rapport 2020-12-31.html" in dropping.drop("report", APPENDIX)
    assert "Purringer" in dropping.drop("remind", APPENDIX)


def test_answers_alone_need_the_settings_beside_them(dropping: Dropping, demo: Path) -> None:
    dropping.drop("split", PLAN)
    copy_returned_files(demo, dropping.folder / "Svar")
    assert dropping.drop("merge", "Svar").startswith("Ingen plan er valgt")
    desk = dropping.folder / "Koordinator.xlsx"
    assert cli.run(["coordinator", str(desk), "--plan", str(dropping.folder / SENT)]) == 0
    assert APPENDIX in dropping.drop("merge", "Svar")


def test_two_plans_at_once_are_refused(dropping: Dropping) -> None:
    dropping.drop("split", PLAN)
    assert dropping.drop("merge", PLAN, SENT).startswith("Slipp én plan")
