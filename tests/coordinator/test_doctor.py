"""What `--doctor` says of each set-up that is wrong, and of one that is right."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import xlwings

from tests.coordinator.test_trust import (
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
from xltiltak.coordinator import doctor, macros, model
from xltiltak.coordinator.doctor import check_setup
from xltiltak.coordinator.workbook_writer import write_coordinator_workbook
from xltiltak.model.errors import ExcelError
from xltiltak.model.language import LANGUAGES
from xltiltak.model.normalize import CellValue

__all__ = ["registry"]
HERE = configuration(sys.executable, {}, "linux")
FINE = ["format_good", "macros_good", "xlwings_good", "python_good", "no_plan"]
pytestmark = pytest.mark.usefixtures("bokmaal")


def book(
    folder: Path,
    settings: Mapping[str, CellValue] | None = None,
    conf: Mapping[str, str] | None = None,
    project: bytes | None = b"",
) -> Path:
    """A coordinator's workbook with these settings and this set-up; `project` empty is the shipped one."""
    path = folder / "koordinator.xlsm"
    bytes_ = macros.project() if project == b"" else project
    path.write_bytes(
        write_coordinator_workbook(
            "nb", settings or {}, HERE if conf is None else {**HERE, **conf}, bytes_
        )
    )
    return path


def said(path: Path, platform: str = "linux") -> dict[str, tuple[bool, str]]:
    """All lines, by their keys."""
    return {line.key: (line.passed, line.message("nb")) for line in check_setup(path, platform)}


def bad(path: Path, platform: str = "linux") -> dict[str, str]:
    """The sentences about what is not in order."""
    return {key: told for key, (good, told) in said(path, platform).items() if not good}


def test_a_new_workbook_is_in_order(tmp_path: Path) -> None:
    assert list(said(book(tmp_path))) == FINE
    assert not bad(book(tmp_path))
    told = said(book(tmp_path))["python_good"][1]
    assert f"{__version__} + xlwings {xlwings.__version__}" in told
    assert sys.executable in told


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_every_line_can_be_said_in_every_language(spoken: str, tmp_path: Path) -> None:
    path = book(tmp_path, {"plan": "borte.xlsx"}, {"INTERPRETER_WIN": "borte"}, b"another project")
    told = [line.message(spoken) for line in check_setup(path)]
    assert len(told) == 5
    assert all(text and "{" not in text for text in told)


def test_a_python_that_is_gone_is_named_with_its_row(tmp_path: Path) -> None:
    path = book(tmp_path, conf={"INTERPRETER_WIN": str(tmp_path / "borte" / "python.exe")})
    (told,) = bad(path).values()
    assert (
        f"Finner ikke Python: {tmp_path / 'borte' / 'python.exe'} (arket xlwings.conf, raden INTERPRETER_WIN)"
        in told
    )
    assert "--force" in told
    assert sys.executable in told


def test_an_empty_row_is_no_python(tmp_path: Path) -> None:
    assert list(bad(book(tmp_path, conf={"INTERPRETER_WIN": ""}))) == ["python_missing"]


def test_a_mac_has_a_row_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    path = book(tmp_path, conf={"INTERPRETER_MAC": "/borte"})
    told = bad(path, "darwin")
    assert "raden INTERPRETER_MAC" in told["python_missing"]
    assert "Kjør én gang: xlwings runpython install" in told["script_missing"]
    script = (
        tmp_path
        / "Library/Application Scripts/com.microsoft.Excel"
        / f"xlwings-{macros.XLWINGS_VERSION}.applescript"
    )
    script.parent.mkdir(parents=True)
    script.touch()
    assert "script_good" in said(path, "darwin")


@pytest.mark.skipif(sys.platform == "win32", reason="the programs here are scripts of sh")
@pytest.mark.parametrize(
    ("does", "key", "told"),
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
def test_a_python_with_something_else_in_it(does: str, key: str, told: str, tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{does}\n", "utf-8")
    program.chmod(0o755)
    found = bad(book(tmp_path, conf={"INTERPRETER_WIN": str(program)}))
    assert list(found) == [key]
    assert told in found[key]


def test_a_python_that_never_answers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep = shutil.which("sleep")
    if sleep is None:
        pytest.skip("no program here that waits")
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\nexec {sleep} 600\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(doctor, "_SECONDS", 0.2)
    assert list(bad(book(tmp_path, conf={"INTERPRETER_WIN": str(program)}))) == ["python_empty"]


def test_a_python_by_its_name_alone_is_looked_for_as_windows_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    named = Path(sys.executable).name
    assert "python_good" in said(book(tmp_path, conf={"INTERPRETER_WIN": named}))


def test_macros_for_another_xlwings_are_told_with_both_versions(tmp_path: Path) -> None:
    path = book(
        tmp_path, conf={model.MACROS_FOR_XLWINGS: "0.30.1"}, project=b"as another version had it"
    )
    (told,) = bad(path).values()
    assert f"laget for xlwings 0.30.1, og denne versjonen bruker {macros.XLWINGS_VERSION}" in told


def test_macros_that_excel_has_saved_anew_are_in_order(tmp_path: Path) -> None:
    path = book(tmp_path, project=b"as Excel writes them")
    assert not bad(path)
    assert "macros_saved" in said(path)


def test_another_xlwings_than_the_macros_are_for_is_told_with_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "version", lambda _: "9.9.9")
    told = bad(book(tmp_path))["xlwings_other"]
    assert told.startswith("xlwings 9.9.9 er installert")
    assert told.endswith(f"python -m pip install xlwings=={macros.XLWINGS_VERSION}")


def test_a_workbook_of_another_format_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = book(tmp_path)
    monkeypatch.setattr(model, "FORMAT", model.FORMAT + 1)
    (told,) = bad(path).values()
    assert "laget av en annen versjon av xltiltak" in told
    assert "--force" in told


def test_a_workbook_without_macros_needs_none(tmp_path: Path) -> None:
    path = book(tmp_path, project=None)
    assert not bad(path, "win32" if sys.platform == "win32" else "linux")
    assert "xltiltak excel" in said(path)["no_macros"][1]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"plan": "borte.xlsx"}, "borte.xlsx finnes ikke"),
        ({"plan": "https://kommune.sharepoint.com/p.xlsx"}, "er en nettadresse"),
        ({"plan": "p.xlsx", "per": "begge"}, "«begge» er ikke et valg"),
    ],
)
def test_settings_that_are_wrong_are_told(
    settings: Mapping[str, CellValue], told: str, tmp_path: Path
) -> None:
    (found,) = bad(book(tmp_path, settings)).values()
    assert told in found


def test_a_plan_that_is_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "Plan æøå.xlsx").touch()
    assert said(book(tmp_path, {"plan": "Plan æøå"}))["plan_good"] == (
        True,
        "Planen er Plan æøå.xlsx.",
    )


def test_a_synced_folder_gets_advice_and_no_blame(tmp_path: Path) -> None:
    folder = tmp_path / "OneDrive - Kommunen"
    folder.mkdir()
    good, told = said(book(folder))["cloud"]
    assert good
    assert "hele stien" in told


def test_windows_says_what_it_stops_and_what_it_lets_through(
    tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = book(tmp_path)
    assert "not_trusted" in said(path, "win32")
    registry[USER, SECURITY, "VBAWarnings"] = 4
    registry[MACHINE, GUARD, CHILDREN] = "1"
    monkeypatch.setattr("xltiltak.coordinator.trust.from_the_web", lambda _: True)
    told = bad(path, "win32")
    assert list(told) == ["from_the_web", "macros_off", "programs_blocked"]
    assert "Fjern blokkering" in told["from_the_web"]
    assert f"Be IT gjøre {path.resolve().parent} til en klarert plassering" in told["macros_off"]
    assert "xltiltak excel" in told["programs_blocked"]
    registry[USER, location(1), "Path"] = str(path.resolve().parent)
    monkeypatch.setattr("xltiltak.coordinator.trust.PureWindowsPath", Path)
    assert "macros_off" not in bad(path, "win32")
    assert "trusted" in said(path, "win32")


def test_another_workbook_is_no_coordinators(tmp_path: Path) -> None:
    import openpyxl

    openpyxl.Workbook().save(tmp_path / "annen.xlsx")
    with pytest.raises(ExcelError, match=r"annen\.xlsx er ikke koordinatorens arbeidsbok"):
        list(check_setup(tmp_path / "annen.xlsx"))
