"""Check a coordinator's workbook as `--doctor` does: each fault, and a workbook without faults."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xlwings

from tests.coordinator.test_doctor_windows import (
    CHILDREN,
    GUARD,
    MACHINE,
    SECURITY,
    USER,
    Registry,
    location,
    registry,
)
from xltiltak import __version__
from xltiltak.cli.commands.coordinator import configuration
from xltiltak.coordinator import doctor, model
from xltiltak.coordinator.doctor import check_setup
from xltiltak.coordinator.workbook_writer import write_coordinator_workbook
from xltiltak.model.cell_values import CellValue
from xltiltak.model.errors import ExcelError
from xltiltak.model.language import LANGUAGES

__all__ = ["registry"]
CONFIGURATION = configuration(sys.executable, {}, "linux")
PASSED = ["format_good", "macros_good", "xlwings_good", "python_good", "no_plan"]
pytestmark = pytest.mark.usefixtures("bokmaal")


@cache
def run_once(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command once in a test session."""
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", errors="replace", timeout=60, check=False
    )


@pytest.fixture(autouse=True)
def python_answers_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask this Python which libraries it has once: it gives every test the same answer."""

    def run(command: Sequence[str], **options: Any) -> Any:
        if command[0] == sys.executable:
            return run_once(*command)
        return subprocess.run(command, **options)  # noqa: PLW1510 - the options say

    stand_in = SimpleNamespace(run=run, TimeoutExpired=subprocess.TimeoutExpired)
    monkeypatch.setattr(doctor, "subprocess", stand_in)


def book(
    folder: Path,
    settings: Mapping[str, CellValue] | None = None,
    conf: Mapping[str, str] | None = None,
    project: bytes | None = b"",
) -> Path:
    """Write a coordinator's workbook. An empty `project` is the one that ships with the program."""
    path = folder / "koordinator.xlsm"
    project = model.vba_project() if project == b"" else project
    configuration_ = {**CONFIGURATION, **(conf or {})}
    path.write_bytes(write_coordinator_workbook("nb", settings or {}, configuration_, project))
    return path


def results(path: Path, platform: str = "linux") -> dict[str, tuple[bool, str]]:
    """Return all results, by their keys: whether the check passed, and its message."""
    return {
        result.key: (result.passed, result.message("nb")) for result in check_setup(path, platform)
    }


def failures(path: Path, platform: str = "linux") -> dict[str, str]:
    """Return the messages of the checks that failed, by their keys."""
    return {key: text for key, (passed, text) in results(path, platform).items() if not passed}


def test_a_new_workbook_passes_all_checks(tmp_path: Path) -> None:
    assert list(results(book(tmp_path))) == PASSED
    assert not failures(book(tmp_path))
    text = results(book(tmp_path))["python_good"][1]
    assert f"{__version__} + xlwings {xlwings.__version__}" in text
    assert sys.executable in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_exists_in_every_language(language: str, tmp_path: Path) -> None:
    path = book(tmp_path, {"plan": "borte.xlsx"}, {"INTERPRETER_WIN": "borte"}, b"another project")
    messages = [result.message(language) for result in check_setup(path)]
    assert len(messages) == 5
    assert all(message and "{" not in message for message in messages)


def test_a_python_that_is_missing_is_named_with_its_row(tmp_path: Path) -> None:
    path = book(tmp_path, conf={"INTERPRETER_WIN": str(tmp_path / "borte" / "python.exe")})
    (text,) = failures(path).values()
    assert f"Finner ikke Python: {tmp_path / 'borte' / 'python.exe'} (arket xlwings.conf" in text
    assert "raden INTERPRETER_WIN)" in text
    assert "--force" in text
    assert sys.executable in text


def test_an_empty_row_is_a_missing_python(tmp_path: Path) -> None:
    assert list(failures(book(tmp_path, conf={"INTERPRETER_WIN": ""}))) == ["python_missing"]


def test_a_mac_has_its_own_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    path = book(tmp_path, conf={"INTERPRETER_MAC": "/borte"})
    failed = failures(path, "darwin")
    assert "raden INTERPRETER_MAC" in failed["python_missing"]
    assert "Kjør én gang: xlwings runpython install" in failed["script_missing"]
    script = (
        tmp_path
        / "Library/Application Scripts/com.microsoft.Excel"
        / f"xlwings-{model.XLWINGS_VERSION}.applescript"
    )
    script.parent.mkdir(parents=True)
    script.touch()
    assert "script_good" in results(path, "darwin")


@pytest.mark.skipif(sys.platform == "win32", reason="the programs here are scripts of sh")
@pytest.mark.parametrize(
    ("does", "key", "text"),
    [
        ("echo 0.0.1 9.9", "python_other", "med xltiltak 0.0.1 + xlwings 9.9. Her kjører"),
        (
            "echo No module named xltiltak >&2; exit 1",
            "python_empty",
            "finnes, men xltiltak er ikke installert der",
        ),
        ("kill -9 $$", "python_empty", "xltiltak er ikke installert"),
    ],
)
def test_a_python_with_other_versions_or_without_xltiltak_is_reported(
    does: str, key: str, text: str, tmp_path: Path
) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{does}\n", "utf-8")
    program.chmod(0o755)
    found = failures(book(tmp_path, conf={"INTERPRETER_WIN": str(program)}))
    assert list(found) == [key]
    assert text in found[key]


def test_a_python_that_never_answers_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep = shutil.which("sleep")
    if sleep is None:
        pytest.skip("no program here that waits")
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\nexec {sleep} 600\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(doctor, "_TIMEOUT", 0.2)
    assert list(failures(book(tmp_path, conf={"INTERPRETER_WIN": str(program)}))) == [
        "python_empty"
    ]


def test_a_python_without_a_folder_is_searched_for_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    named = Path(sys.executable).name
    assert "python_good" in results(book(tmp_path, conf={"INTERPRETER_WIN": named}))


def test_macros_for_another_xlwings_are_reported_with_both_versions(tmp_path: Path) -> None:
    path = book(
        tmp_path, conf={model.MACROS_FOR_XLWINGS: "0.30.1"}, project=b"as another version had it"
    )
    (text,) = failures(path).values()
    assert f"laget for xlwings 0.30.1, og denne versjonen bruker {model.XLWINGS_VERSION}" in text


def test_macros_that_excel_has_saved_again_pass(tmp_path: Path) -> None:
    path = book(tmp_path, project=b"as Excel writes them")
    assert not failures(path)
    assert "macros_saved" in results(path)


def test_an_xlwings_that_does_not_fit_the_macros_is_reported_with_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "version", lambda _: "9.9.9")
    text = failures(book(tmp_path))["xlwings_other"]
    assert text.startswith("xlwings 9.9.9 er installert")
    assert text.endswith(f"python -m pip install xlwings=={model.XLWINGS_VERSION}")


def test_a_workbook_of_another_format_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = book(tmp_path)
    monkeypatch.setattr(model, "FORMAT", model.FORMAT + 1)
    (text,) = failures(path).values()
    assert "laget av en annen versjon av xltiltak" in text
    assert "--force" in text


def test_a_workbook_without_macros_needs_none(tmp_path: Path) -> None:
    path = book(tmp_path, project=None)
    assert not failures(path, "win32" if sys.platform == "win32" else "linux")
    assert "xltiltak excel" in results(path)["no_macros"][1]


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"plan": "borte.xlsx"}, "borte.xlsx finnes ikke"),
        ({"plan": "https://kommune.sharepoint.com/p.xlsx"}, "er en nettadresse"),
        ({"plan": "p.xlsx", "per": "begge"}, "«begge» er ikke et valg"),
    ],
)
def test_wrong_settings_are_reported(
    settings: Mapping[str, CellValue], text: str, tmp_path: Path
) -> None:
    (found,) = failures(book(tmp_path, settings)).values()
    assert text in found


def test_a_plan_that_exists_is_named(tmp_path: Path) -> None:
    (tmp_path / "Plan æøå.xlsx").touch()
    assert results(book(tmp_path, {"plan": "Plan æøå"}))["plan_good"] == (
        True,
        "Planen er Plan æøå.xlsx.",
    )


def test_a_synchronised_folder_passes_with_advice(tmp_path: Path) -> None:
    folder = tmp_path / "OneDrive - Kommunen"
    folder.mkdir()
    passed, text = results(book(folder))["cloud"]
    assert passed
    assert "hele stien" in text


def test_windows_settings_that_stop_macros_are_reported(
    tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = book(tmp_path)
    assert "not_trusted" in results(path, "win32")
    registry[USER, SECURITY, "VBAWarnings"] = 4
    registry[MACHINE, GUARD, CHILDREN] = "1"
    monkeypatch.setattr("xltiltak.coordinator.doctor.is_from_the_web", lambda _: True)
    failed = failures(path, "win32")
    assert list(failed) == ["from_the_web", "macros_off", "programs_blocked"]
    assert "Fjern blokkering" in failed["from_the_web"]
    assert f"Be IT gjøre {path.resolve().parent} til en klarert plassering" in failed["macros_off"]
    assert "xltiltak excel" in failed["programs_blocked"]
    registry[USER, location(1), "Path"] = str(path.resolve().parent)
    monkeypatch.setattr("xltiltak.coordinator.doctor.PureWindowsPath", Path)
    assert "macros_off" not in failures(path, "win32")
    assert "trusted" in results(path, "win32")


def test_another_workbook_is_refused(tmp_path: Path) -> None:
    import openpyxl

    openpyxl.Workbook().save(tmp_path / "annen.xlsx")
    with pytest.raises(ExcelError, match=r"annen\.xlsx er ikke koordinatorens arbeidsbok"):
        list(check_setup(tmp_path / "annen.xlsx"))
