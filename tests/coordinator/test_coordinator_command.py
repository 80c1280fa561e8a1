"""`xltiltak coordinator` and `xltiltak excel`: what is written, kept and refused, and how a button ends."""

from __future__ import annotations

import re
import shutil
import sys
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from tests import small
from tests.desks import DAY, PLAN, Desk, plain, returned, sent, told
from tests.running import Run, bokmaal, round_in, run
from xltiltak.cli.commands.coordinator import COMMANDS, configuration
from xltiltak.coordinator import macros, model
from xltiltak.coordinator.workbook_reader import CoordinatorWorkbook, read_coordinator_workbook
from xltiltak.model.language import LANGUAGES, translate

__all__ = ["bokmaal", "plain", "run", "sent", "told"]
pytestmark = pytest.mark.usefixtures("bokmaal")


def held(path: Path) -> CoordinatorWorkbook:
    """What a coordinator's workbook holds."""
    return read_coordinator_workbook(path.read_bytes(), path.name)


def test_a_new_workbook_knows_this_python_and_whose_macros_it_has(run: Run, tmp_path: Path) -> None:
    said = run("coordinator", tmp_path / "koordinator.xlsm")
    assert (said.code, said.err) == (0, "")
    assert f"Skrevet: {tmp_path / 'koordinator.xlsm'}" in said.out
    assert "Aktiver innhold" in said.out
    known = held(tmp_path / "koordinator.xlsm")
    assert sys.executable in known.configuration.values()
    assert known.configuration[model.MACROS_FOR_XLWINGS] == macros.XLWINGS_VERSION
    assert known.project == macros.project()


def test_two_workbooks_are_equal_byte_for_byte(run: Run, tmp_path: Path) -> None:
    for name in ("a.xlsm", "b.xlsm"):
        assert run("coordinator", tmp_path / name).code == 0
    assert (tmp_path / "a.xlsm").read_bytes() == (tmp_path / "b.xlsm").read_bytes()


def test_a_workbook_without_macros_says_how_it_is_used(run: Run, tmp_path: Path) -> None:
    said = run("coordinator", tmp_path / "koordinator.xlsx")
    assert "xltiltak excel" in said.out
    assert held(tmp_path / "koordinator.xlsx").project is None


@pytest.mark.parametrize("name", ["koordinator", "koordinator.xls", "koordinator.xlam", "k.2020"])
def test_a_name_that_excel_would_not_open_is_refused(name: str, run: Run, tmp_path: Path) -> None:
    said = run("coordinator", tmp_path / name)
    assert said.code == 3
    assert ".xlsm (med knapper) eller .xlsx (uten makroer)" in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_plan_comes_with_its_date_deadline_and_folders(run: Run, tmp_path: Path) -> None:
    folder = round_in(tmp_path, small.HEAD + "deadline = 2021-01-15\n")
    assert run("coordinator", folder / "k.xlsm", "--plan", folder / "plan.xlsx").code == 0
    assert held(folder / "k.xlsm").settings == {
        "plan": "plan.xlsx",
        "sent": "Sendt ut",
        "returned": "Svar",
        "day": small.LAST,
        "deadline": date(2021, 1, 15),
        "per": "hvert område",
    }


def test_a_plan_somewhere_else_stands_with_its_whole_path(run: Run, tmp_path: Path) -> None:
    folder = round_in(tmp_path)
    (tmp_path / "hos meg").mkdir()
    assert (
        run("coordinator", tmp_path / "hos meg" / "k.xlsm", "--plan", folder / "plan.xlsx").code
        == 0
    )
    assert held(tmp_path / "hos meg" / "k.xlsm").settings["plan"] == str(folder / "plan.xlsx")


@pytest.mark.parametrize("plan", ["borte.xlsx", "tiltak.csv"])
def test_a_plan_that_is_none_is_told_and_nothing_is_written(
    plan: str, run: Run, tmp_path: Path
) -> None:
    small.source(tmp_path)
    said = run("coordinator", tmp_path / "k.xlsm", "--plan", tmp_path / plan)
    assert said.code == 3
    assert plan in said.err
    assert not (tmp_path / "k.xlsm").exists()


def test_what_she_has_chosen_is_kept_when_it_is_made_again(run: Run, tmp_path: Path) -> None:
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
    assert run("coordinator", path).code == 3  # not without being asked
    assert run("coordinator", path, "--force").code == 0
    known = held(path)
    chosen = {"plan": "Planen.xlsx", "returned": "in æ", "day": DAY.date(), "per": "varje chef"}
    assert (known.language, known.settings) == ("sv", chosen)
    assert run("coordinator", path, "--force", "--lang", "en").code == 0
    assert held(path).settings == {**chosen, "per": "every leader"}


def test_another_workbook_is_never_written_over(run: Run, tmp_path: Path) -> None:
    folder = round_in(tmp_path)
    before = (folder / "plan.xlsx").read_bytes()
    said = run("coordinator", folder / "plan.xlsx", "--force")
    assert said.code == 3
    assert "plan.xlsx er ikke koordinatorens arbeidsbok" in said.err
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
def test_a_python_of_the_users_own_stands_by_the_name_of_its_folder(
    python: str, platform: str, windows: str, mac: str
) -> None:
    known = {"LOCALAPPDATA": r"C:\Users\Åse\AppData\Local", "USERPROFILE": r"C:\Users\Åse"}
    made = configuration(python, known, platform)
    assert (made["INTERPRETER_WIN"], made["INTERPRETER_MAC"]) == (windows, mac)
    assert made["ADD_WORKBOOK_TO_PYTHONPATH"] == "False"  # its folder may be a web address


def test_the_doctor_ends_well_or_with_what_is_wrong(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "k.xlsm"
    run("coordinator", path)
    said = run("coordinator", path, "--doctor")
    assert said.code == 0
    assert all(line.startswith("✔ ") for line in said.out.splitlines())
    book = openpyxl.load_workbook(path, keep_vba=True)
    book[model.CONFIGURATION]["B1"] = str(tmp_path / "borte")
    book.save(path)
    said = run("coordinator", path, "--doctor")
    assert said.code == 1
    assert [line for line in said.out.splitlines() if line.startswith("✖ Finner ikke Python: ")]
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


def test_the_doctor_of_nothing_is_a_sentence(run: Run, tmp_path: Path) -> None:
    said = run("coordinator", tmp_path / "borte.xlsm", "--doctor")
    assert said.code == 3
    assert "borte.xlsm finnes ikke" in said.err


def test_every_button_has_a_command() -> None:
    assert {name for name in COMMANDS if name.startswith("excel ")} == {
        f"excel {button}" for button in model.BUTTONS
    }


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_a_workbook_without_macros_names_every_command(spoken: str) -> None:
    said = translate("coordinator.commands", spoken)
    assert re.findall(r"\w+", said.removeprefix("xltiltak excel")) == list(model.BUTTONS)


@pytest.mark.parametrize("button", model.BUTTONS)
def test_without_excel_a_command_says_so(button: str, run: Run) -> None:
    said = run("excel", button)
    assert (said.code, said.out) == (3, "")
    assert said.err.startswith("Finner ikke Excel.")
    assert run("excel", button, "--json").object["error"].startswith("Finner ikke Excel.")


def test_the_commands_press_the_buttons_of_the_open_workbook(
    run: Run, plain: Desk, told: Path
) -> None:
    plain.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    said = run("excel", "split", "--json")
    assert said.code == 0
    written = [Path(path) for path in said.object["written"]]
    assert len([path for path in written if path.suffix == ".xlsx"]) == 5
    assert all(path.is_file() for path in written)
    returned(told, plain.folder / "Svar")
    said = run("excel", "merge")
    assert said.code == 1  # it is written, with findings that are errors
    assert said.out.strip() == plain.said.removeprefix("✔ ")
    assert (plain.folder / "Vedlegg 2020-12-31.xlsx").exists()
    assert run("excel", "report").code == 1
    assert run("excel", "remind").out.startswith("Områder som ikke har svart: 0.")


def test_a_command_that_stops_says_why_there_and_in_the_sheet_and_asks_for_no_click(
    run: Run, sent: Desk
) -> None:
    shutil.rmtree(sent.folder / "Svar")
    said = run("excel", "check")
    assert (said.code, said.out) == (3, "")
    assert said.err.strip() == sent.said.removeprefix("✖ ")
    assert "finnes ikke. Lag den" in said.err
    assert sent.app.told == []
    assert "finnes ikke. Lag den" in run("excel", "check", "--json").object["error"]
