"""Test the commands `xltiltak coordinator` and `xltiltak excel`."""

from __future__ import annotations

import re
import shutil
import sys
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from tests import small
from tests.button_workbook import DAY, PLAN, ButtonWorkbook, copy_returned_files
from tests.running import Run, bokmaal, round_in, run
from xltiltak.cli.commands.coordinator import COMMANDS, configuration
from xltiltak.coordinator import model
from xltiltak.coordinator.workbook_reader import CoordinatorWorkbook, read_coordinator_workbook
from xltiltak.model.language import LANGUAGES, translate

__all__ = ["bokmaal", "run"]
pytestmark = pytest.mark.usefixtures("bokmaal")


def read(path: Path) -> CoordinatorWorkbook:
    """Read a coordinator's workbook."""
    return read_coordinator_workbook(path.read_bytes(), path.name)


def test_a_new_workbook_names_this_python_and_the_version_of_its_macros(
    run: Run, tmp_path: Path
) -> None:
    result = run("coordinator", tmp_path / "koordinator.xlsm")
    assert (result.code, result.err) == (0, "")
    assert f"Skrevet: {tmp_path / 'koordinator.xlsm'}" in result.out
    assert "Aktiver innhold" in result.out
    workbook = read(tmp_path / "koordinator.xlsm")
    assert sys.executable in workbook.configuration.values()
    assert workbook.configuration[model.MACROS_FOR_XLWINGS] == model.XLWINGS_VERSION
    assert workbook.project == model.vba_project()


def test_two_workbooks_are_equal_byte_for_byte(run: Run, tmp_path: Path) -> None:
    for name in ("a.xlsm", "b.xlsm"):
        assert run("coordinator", tmp_path / name).code == 0
    assert (tmp_path / "a.xlsm").read_bytes() == (tmp_path / "b.xlsm").read_bytes()


def test_a_workbook_without_macros_says_how_it_is_used(run: Run, tmp_path: Path) -> None:
    result = run("coordinator", tmp_path / "koordinator.xlsx")
    assert "xltiltak excel" in result.out
    assert read(tmp_path / "koordinator.xlsx").project is None


@pytest.mark.parametrize("name", ["koordinator", "koordinator.xls", "koordinator.xlam", "k.2020"])
def test_another_suffix_than_xlsm_or_xlsx_is_refused(name: str, run: Run, tmp_path: Path) -> None:
    result = run("coordinator", tmp_path / name)
    assert result.code == 3
    assert ".xlsm (med knapper) eller .xlsx (uten makroer)" in result.err
    assert list(tmp_path.iterdir()) == []


def test_a_plan_sets_its_date_deadline_and_folders(run: Run, tmp_path: Path) -> None:
    folder = round_in(tmp_path, small.HEAD + "deadline = 2021-01-15\n")
    assert run("coordinator", folder / "k.xlsm", "--plan", folder / "plan.xlsx").code == 0
    assert read(folder / "k.xlsm").settings == {
        "plan": "plan.xlsx",
        "sent": "Sendt ut",
        "returned": "Svar",
        "day": small.LAST,
        "deadline": date(2021, 1, 15),
        "per": "hvert område",
    }


def test_a_plan_in_another_folder_is_named_by_its_full_path(run: Run, tmp_path: Path) -> None:
    folder = round_in(tmp_path)
    (tmp_path / "hos meg").mkdir()
    assert (
        run("coordinator", tmp_path / "hos meg" / "k.xlsm", "--plan", folder / "plan.xlsx").code
        == 0
    )
    assert read(tmp_path / "hos meg" / "k.xlsm").settings["plan"] == str(folder / "plan.xlsx")


@pytest.mark.parametrize("plan", ["borte.xlsx", "tiltak.csv"])
def test_a_plan_that_cannot_be_read_is_reported_and_nothing_is_written(
    plan: str, run: Run, tmp_path: Path
) -> None:
    small.source(tmp_path)
    result = run("coordinator", tmp_path / "k.xlsm", "--plan", tmp_path / plan)
    assert result.code == 3
    assert plan in result.err
    assert not (tmp_path / "k.xlsm").exists()


def test_settings_are_kept_when_the_workbook_is_written_again(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "k.xlsm"
    run("coordinator", path, "--lang", "sv")
    book = openpyxl.load_workbook(path, keep_vba=True)
    rows = {cell.value: cell.row for cell in book["Samordnare"]["A"]}
    for mark, value in (
        ("plan", "Planen.xlsx"),
        ("returned", "in æ"),
        ("day", DAY),
        ("per", "varje chef"),
    ):
        book["Samordnare"].cell(rows[f"@{mark}"], 3, value)
    book.save(path)
    assert run("coordinator", path).code == 3  # only with --force
    assert run("coordinator", path, "--force").code == 0
    workbook = read(path)
    chosen = {"plan": "Planen.xlsx", "returned": "in æ", "day": DAY.date(), "per": "varje chef"}
    assert (workbook.language, workbook.settings) == ("sv", chosen)
    assert run("coordinator", path, "--force", "--lang", "en").code == 0
    assert read(path).settings == {**chosen, "per": "every leader"}


def test_another_workbook_is_never_overwritten(run: Run, tmp_path: Path) -> None:
    folder = round_in(tmp_path)
    before = (folder / "plan.xlsx").read_bytes()
    result = run("coordinator", folder / "plan.xlsx", "--force")
    assert result.code == 3
    assert "plan.xlsx er ikke koordinatorens arbeidsbok" in result.err
    assert (folder / "plan.xlsx").read_bytes() == before


@pytest.mark.parametrize(
    ("python", "platform", "windows", "mac"),
    [
        (r"C:\Users\Åse\AppData\Local\P\python.exe", "win32", r"%LOCALAPPDATA%\P\python.exe", ""),
        (r"C:\Users\Åse\p\python.exe", "win32", r"%USERPROFILE%\p\python.exe", ""),
        (r"C:\Users\Åsen\p\python.exe", "win32", r"C:\Users\Åsen\p\python.exe", ""),
        (r"D:\python.exe", "win32", r"D:\python.exe", ""),
        ("/opt/python3", "darwin", "", "/opt/python3"),
        ("/opt/python3", "linux", "/opt/python3", "/opt/python3"),
    ],
)
def test_a_python_in_a_folder_of_the_user_is_named_by_the_variable_of_the_folder(
    python: str, platform: str, windows: str, mac: str
) -> None:
    environment = {"LOCALAPPDATA": r"C:\Users\Åse\AppData\Local", "USERPROFILE": r"C:\Users\Åse"}
    values = configuration(python, environment, platform)
    assert (values["INTERPRETER_WIN"], values["INTERPRETER_MAC"]) == (windows, mac)
    # The folder of the workbook may be a web address.
    assert values["ADD_WORKBOOK_TO_PYTHONPATH"] == "False"


def test_the_doctor_lists_what_is_wrong_and_exits_with_1(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "k.xlsm"
    run("coordinator", path)
    result = run("coordinator", path, "--doctor")
    assert result.code == 0
    assert all(line.startswith("✔ ") for line in result.out.splitlines())
    book = openpyxl.load_workbook(path, keep_vba=True)
    book[model.CONFIGURATION]["B1"] = str(tmp_path / "borte")
    book.save(path)
    result = run("coordinator", path, "--doctor")
    assert result.code == 1
    assert [line for line in result.out.splitlines() if line.startswith("✖ Finner ikke Python: ")]
    checks = run("coordinator", path, "--doctor", "--json", "--lang", "en").object["checks"]
    (bad,) = [check for check in checks if not check["good"]]
    assert bad["name"] == "python_missing"
    assert bad["message"].startswith("Python was not found: ")


def test_the_doctor_changes_nothing(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "k.xlsm"
    run("coordinator", path)
    before = path.read_bytes()
    run("coordinator", path, "--doctor")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_doctor_reports_a_missing_file(run: Run, tmp_path: Path) -> None:
    result = run("coordinator", tmp_path / "borte.xlsm", "--doctor")
    assert result.code == 3
    assert "borte.xlsm finnes ikke" in result.err


def test_every_button_has_a_command() -> None:
    assert {name for name in COMMANDS if re.match(r"excel \w", name)} == {
        f"excel {button}" for button in model.BUTTONS
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_workbook_without_macros_names_every_command(language: str) -> None:
    text = translate("coordinator.commands", language)
    assert re.findall(r"\w+", text.removeprefix("xltiltak excel")) == list(model.BUTTONS)


@pytest.mark.parametrize("button", model.BUTTONS)
def test_a_command_without_excel_is_reported(button: str, run: Run) -> None:
    result = run("excel", button)
    assert (result.code, result.out) == (3, "")
    assert result.err.startswith("Finner ikke Excel.")
    assert run("excel", button, "--json").object["error"].startswith("Finner ikke Excel.")


def test_the_commands_run_the_actions_of_the_open_workbook(
    run: Run, workbook: ButtonWorkbook, demo: Path
) -> None:
    workbook.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    result = run("excel", "split", "--json")
    assert result.code == 0
    written = [Path(path) for path in result.object["written"]]
    assert len([path for path in written if path.suffix == ".xlsx"]) == 5
    assert all(path.is_file() for path in written)
    copy_returned_files(demo, workbook.folder / "Svar")
    result = run("excel", "merge")
    assert result.code == 1  # the appendix is written, but findings are errors
    assert result.out.strip() == workbook.message.removeprefix("✔ ")
    assert (workbook.folder / "Vedlegg 2020-12-31.xlsx").exists()
    assert run("excel", "report").code == 1
    assert run("excel", "remind").out.startswith("Områder som ikke har svart: 0.")


def test_an_error_of_a_command_is_printed_and_shown_in_the_sheet_without_a_box(
    run: Run, sent_workbook: ButtonWorkbook
) -> None:
    shutil.rmtree(sent_workbook.folder / "Svar")
    result = run("excel", "check")
    assert (result.code, result.out) == (3, "")
    assert result.err.strip() == sent_workbook.message.removeprefix("✖ ")
    assert "finnes ikke. Lag den" in result.err
    assert sent_workbook.app.alerts == []
    assert "finnes ikke. Lag den" in run("excel", "check", "--json").object["error"]
