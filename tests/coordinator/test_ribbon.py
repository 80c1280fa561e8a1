"""Press the buttons of the ribbon on a plan that is open alone, on the engine of `tests.engine`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from tests.button_workbook import PLAN, copy_returned_files
from tests.engine import App, Book, OpenpyxlGrid, running
from xltiltak.cli import main as cli
from xltiltak.coordinator import ribbon

DAY = "2020-12-31"
DESK, SENT = "Koordinator.xlsx", f"Plan for året 2020 sendt {DAY}.xlsx"


@dataclass
class OpenExcel:
    """Excel with workbooks of a folder open."""

    folder: Path
    app: App

    def press(self, verb: str) -> str:
        """Press a button, and return the last message box; empty without one."""
        before = len(self.app.alerts)
        assert ribbon.run_ribbon(verb, 1) == 0
        return self.app.alerts[-1] if len(self.app.alerts) > before else ""

    def open(self, name: str) -> Book:
        """Open a workbook of the folder and bring it to the front."""
        return self.app.books.open(str(self.folder / name))

    @property
    def names(self) -> list[str]:
        """Return the names of the open workbooks; the active one is last."""
        return [book.name for book in self.app.books]


def command(*words: object) -> int:
    """Run a command and return its exit code."""
    return cli.run([str(word) for word in words])


@pytest.fixture(autouse=True)
def _bokmaal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")
    monkeypatch.setattr(ribbon, "open_folder", lambda _: None)


@pytest.fixture
def excel(demo: Path, tmp_path: Path) -> Iterator[OpenExcel]:
    """Open the plan of the demo, alone, in a folder with the signs that people use."""
    folder = tmp_path / "rund æøå & co"
    folder.mkdir()
    shutil.copy(demo / PLAN, folder / PLAN)
    with running(OpenpyxlGrid(folder / PLAN)) as app:
        yield OpenExcel(folder, app)


def test_the_round_is_the_same_as_by_the_command_line(
    excel: OpenExcel, demo: Path, tmp_path: Path
) -> None:
    assert excel.press("split").startswith("Laget 4 skjema for 31.12.2020")
    assert excel.names == [DESK, PLAN]
    copy_returned_files(demo, excel.folder / "Svar")
    assert "4 av 4 områder har levert" in excel.press("check")
    assert "Vedlegg 2020-12-31.xlsx er skrevet" in excel.press("merge")
    assert excel.names[-1] == "Vedlegg 2020-12-31.xlsx"
    assert excel.app.books.active.chosen[0] == "Funn"
    assert excel.press("report").startswith("Skrev")
    assert excel.press("remind")

    other = tmp_path / "kommando"
    other.mkdir()
    shutil.copy(demo / PLAN, other / PLAN)
    copy_returned_files(demo, other / "Svar")
    sent, appendix = other / "Sendt ut", other / "Vedlegg 2020-12-31.xlsx"
    assert command("split", other / PLAN, "--to", sent, "--date", DAY, "--mail") == 0
    assert command("merge", other / "Svar", "--plan", other / SENT, "-o", appendix) == 1
    for path in (other / SENT, appendix, *sent.iterdir()):
        assert (excel.folder / path.relative_to(other)).read_bytes() == path.read_bytes(), path.name


def test_an_open_plan_is_saved_after_one_question_and_opened_at_the_same_cell(
    excel: OpenExcel,
) -> None:
    plan = excel.app.books.active
    name = plan.grid.names()[2]
    plan.chosen = (name, "$D$12")
    plan.grid.put(name, 40, 3, "Et tiltak til")
    excel.app.answer = "yes"
    excel.press("split")
    assert excel.app.alerts[0] == f"Lagre {PLAN} først?"
    assert len(excel.app.alerts) == 2
    assert excel.app.books.active.name == PLAN
    assert excel.app.books.active.chosen == (name, "$D$12")
    assert openpyxl.load_workbook(excel.folder / PLAN)[name].cell(40, 3).value == "Et tiltak til"


def test_nothing_is_done_when_the_plan_may_not_be_saved(excel: OpenExcel) -> None:
    excel.app.books.active.grid.put(excel.app.books.active.grid.names()[2], 40, 3, "Et tiltak til")
    excel.app.answer = "no"
    assert excel.press("split") == f"Ingenting er gjort: {PLAN} må lagres først."
    assert not (excel.folder / "Sendt ut").exists()
    assert PLAN in excel.names


def test_a_form_says_which_plan_it_belongs_to(excel: OpenExcel) -> None:
    excel.press("split")
    form = next((excel.folder / "Sendt ut").glob("*.xlsx"))
    excel.open(f"Sendt ut/{form.name}")
    message = excel.press("merge")
    assert message.startswith(f"{form.name} er et skjema fra en leder")
    assert "Gjennomføring av tiltak" in message or "Plan" in message
    assert not list(excel.folder.glob("Vedlegg*"))


@pytest.mark.parametrize("verb", ["desk", "split", "check", "merge", "report", "remind"])
def test_any_other_workbook_is_a_sentence(verb: str, tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "budsjett.xlsx")
    with running(OpenpyxlGrid(tmp_path / "budsjett.xlsx")) as app:
        assert OpenExcel(tmp_path, app).press(verb).startswith("Åpne planen eller vedlegget først")
    assert [path.name for path in tmp_path.iterdir()] == ["budsjett.xlsx"]


def test_no_workbook_is_a_sentence() -> None:
    with running() as app:
        assert OpenExcel(Path(), app).press("merge").startswith("Åpne planen eller vedlegget først")


@pytest.mark.parametrize(
    ("fullname", "sentence"),
    [
        ("Bok1", "Bok1 er ikke lagret ennå"),
        ("https://kommune.sharepoint.com/Plan.xlsx", "Arbeidsboken ligger i OneDrive"),
    ],
)
def test_a_workbook_without_a_folder_is_a_sentence(
    fullname: str, sentence: str, excel: OpenExcel
) -> None:
    excel.app.books.active.grid.fullname = fullname
    assert excel.press("split").startswith(sentence)


def test_a_button_is_refused_while_another_one_works(excel: OpenExcel) -> None:
    excel.app.status_bar = "xltiltak: 3 · HEL.xlsx"
    assert excel.press("merge").startswith("xltiltak holder på med en knapp fra før")


@pytest.mark.usefixtures("excel")
def test_a_message_that_excel_does_not_show_ends_with_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(App, "alert", lambda *_: 1 / 0)
    assert ribbon.run_ribbon("check", 1) == 1
    assert "mapp" in capsys.readouterr().err.casefold()


@pytest.mark.parametrize("name", ["xltiltak.conf", "xlwings.conf", "xltiltak"])
def test_no_setting_is_read_from_the_active_workbook(excel: OpenExcel, name: str) -> None:
    """A form that came by mail must not choose what a click starts, or where it writes."""
    book = openpyxl.load_workbook(excel.folder / PLAN)
    sheet = book.create_sheet(name)
    for row in (
        ("INTERPRETER_WIN", "calc.exe"),
        ("@plan", None, "ond.xlsx"),
        ("@sent", None, "ond"),
    ):
        sheet.append(row)
    book.save(excel.folder / "med ark.xlsx")
    excel.app.books.active.close()
    excel.open("med ark.xlsx")
    assert excel.press("split").startswith("Laget 4 skjema")
    assert (excel.folder / "Sendt ut").is_dir()


def test_a_plan_of_another_report_has_a_desk_of_its_own(excel: OpenExcel, demo: Path) -> None:
    excel.press("desk")
    assert excel.names[-1] == DESK
    content = BytesIO((demo / PLAN).read_bytes())
    book = openpyxl.load_workbook(content)
    (year,) = (row[2] for sheet in book for row in sheet.iter_rows() if row[0].value == "head|year")
    year.value = 2021
    book.save(excel.folder / "Neste.xlsx")
    excel.open("Neste.xlsx")
    excel.press("desk")
    assert excel.names[-1] == "Koordinator Neste.xlsx"


def test_help_opens_a_page_of_its_own(excel: OpenExcel, monkeypatch: pytest.MonkeyPatch) -> None:
    pages: list[str] = []
    monkeypatch.setattr("webbrowser.open", pages.append)
    assert excel.press("help") == ""
    assert pages[0].startswith("file://")


def test_troubleshooting_says_that_the_addin_is_missing(excel: OpenExcel) -> None:
    assert "xltiltak addin install" in excel.press("doctor")


def test_an_error_of_the_program_is_a_sentence_that_names_its_log(
    excel: OpenExcel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(ribbon, "_find_desk", lambda *_: 1 / 0)
    message = excel.press("merge")
    assert "ZeroDivisionError" in message
    (log,) = (tmp_path / "state").rglob("*.log")
    assert str(log) in message
    assert "_find_desk" in log.read_text("utf-8")
