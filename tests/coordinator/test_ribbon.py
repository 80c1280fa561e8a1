"""Press the buttons of the ribbon on a plan that is open alone, in openpyxl and in LibreOffice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
import xlwings

from tests.button_workbook import PLAN, GridFactory, copy_returned_files
from tests.engine import App, Book, Books, OpenpyxlGrid, running
from xltiltak.cli import main as cli
from xltiltak.coordinator import ribbon

DAY = "2020-12-31"
DESK, SENT = "Koordinator.xlsx", f"Plan for året 2020 sendt {DAY}.xlsx"
APPENDIX = f"Vedlegg {DAY}.xlsx"


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


@contextmanager
def opened(demo: Path, tmp_path: Path, grid_of: GridFactory) -> Iterator[OpenExcel]:
    """Open the plan of the demo, alone, in a folder with the signs that people use."""
    folder = tmp_path / "rund æøå & co"
    folder.mkdir()
    shutil.copy(demo / PLAN, folder / PLAN)
    with running(grid_of(folder / PLAN)) as app:
        app.books.grid_of = grid_of
        yield OpenExcel(folder, app)


@pytest.fixture
def excel(demo: Path, tmp_path: Path) -> Iterator[OpenExcel]:
    """Open the plan in openpyxl."""
    with opened(demo, tmp_path, OpenpyxlGrid) as found:
        yield found


@pytest.fixture
def live(demo: Path, tmp_path: Path, grid_of: GridFactory) -> Iterator[OpenExcel]:
    """Open the plan in openpyxl, and in a running LibreOffice."""
    with opened(demo, tmp_path, grid_of) as found:
        yield found


def test_the_round_is_the_same_as_by_the_command_line(
    live: OpenExcel, demo: Path, tmp_path: Path
) -> None:
    assert live.press("split").startswith("Laget 4 skjema for 31.12.2020")
    assert live.names == [DESK, PLAN]
    copy_returned_files(demo, live.folder / "Svar")
    assert "4 av 4 områder har levert" in live.press("check")
    assert f"{APPENDIX} er skrevet" in live.press("merge")
    assert live.names[-1] == APPENDIX
    assert live.app.books.active.chosen[0] == "Funn"
    assert live.press("report").startswith("Skrev")
    assert live.press("remind")
    assert live.names.count(APPENDIX) == 1  # it was closed and opened again
    run_by_commands(demo, tmp_path / "kommando")
    assert files_of(live.folder) == files_of(tmp_path / "kommando")


def run_by_commands(demo: Path, folder: Path) -> None:
    """Do the round of the buttons on the command line, with the names that they give."""
    folder.mkdir()
    shutil.copy(demo / PLAN, folder / PLAN)
    copy_returned_files(demo, folder / "Svar")
    appendix = folder / APPENDIX
    report = [folder / f"Rapport {DAY}{suffix}" for suffix in (".html", ".docx", ".pdf", ".xlsx")]
    outputs = [word for path in report for word in ("-o", path)]
    sent, letters = folder / "Sendt ut", folder / "Purringer"
    assert command("split", folder / PLAN, "--to", sent, "--date", DAY, "--mail") == 0
    assert command("merge", folder / "Svar", "--plan", folder / SENT, "-o", appendix) == 1
    assert command("report", appendix, *outputs) == 1
    assert command("remind", folder / SENT, folder / "Svar", "--to", letters) == 1


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files in a folder but the coordinator's workbook, which only buttons make."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("[!.]*")
        if path.is_file() and path.name != DESK
    }


def test_an_open_plan_is_saved_after_one_question_and_opened_at_the_same_cell(
    live: OpenExcel,
) -> None:
    plan = live.app.books.active
    name = plan.grid.names()[2]
    plan.chosen = (name, "$D$12")
    plan.grid.put(name, 40, 3, "Et tiltak til")
    live.app.answer = "yes"
    live.press("split")
    assert live.app.alerts[0] == f"Lagre {PLAN} først?"
    assert len(live.app.alerts) == 2
    assert live.app.books.active.name == PLAN
    assert live.app.books.active.chosen == (name, "$D$12")
    assert openpyxl.load_workbook(live.folder / PLAN)[name].cell(40, 3).value == "Et tiltak til"


def test_nothing_is_done_when_the_plan_may_not_be_saved(excel: OpenExcel) -> None:
    excel.app.books.active.grid.put(excel.app.books.active.grid.names()[2], 40, 3, "Et tiltak til")
    excel.app.answer = "no"
    assert excel.press("split") == f"Ingenting er gjort: {PLAN} må lagres først."
    assert not (excel.folder / "Sendt ut").exists()
    assert PLAN in excel.names


def test_a_form_says_which_plan_it_belongs_to(live: OpenExcel) -> None:
    live.press("split")
    form = next((live.folder / "Sendt ut").glob("*.xlsx"))
    live.open(f"Sendt ut/{form.name}")
    message = live.press("merge")
    assert message.startswith(f"{form.name} er et skjema fra en leder")
    assert "Gjennomføring av tiltak" in message or "Plan" in message
    assert not list(live.folder.glob("Vedlegg*"))


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


def test_a_plan_in_protected_view_is_a_sentence(excel: OpenExcel) -> None:
    window = SimpleNamespace(SourceName="Plan fra e-post.xlsx")
    excel.app.api = SimpleNamespace(ActiveProtectedViewWindow=window)
    assert excel.press("split").startswith("Plan fra e-post.xlsx er åpen i beskyttet visning")
    assert not (excel.folder / "Sendt ut").exists()


def test_a_changed_plan_that_is_read_only_is_a_sentence(excel: OpenExcel) -> None:
    plan = excel.app.books.active
    plan.grid.put(plan.grid.names()[2], 40, 3, "Et tiltak til")
    plan.api = SimpleNamespace(Saved=False, ReadOnly=True)
    excel.app.answer = "yes"
    assert excel.press("split").startswith(f"{PLAN} lar seg ikke lagre. Er den skrivebeskyttet")
    assert not (excel.folder / "Sendt ut").exists()
    assert PLAN in excel.names


class TwoExcels:
    """Two Excels. That with the window 1 has several workbooks: its active window is another."""

    def __init__(self, app: App) -> None:
        self.clicked = xlwings.App(impl=app)
        app.api = SimpleNamespace(Hwnd=7)
        self.active = SimpleNamespace(hwnd=2, api=SimpleNamespace(Hwnd=2))

    def __iter__(self) -> Iterator[Any]:
        yield from (self.active, self.clicked)


@pytest.mark.parametrize("hwnd", [1, 7])
def test_of_two_excels_the_one_that_was_clicked_is_used(
    hwnd: int, excel: OpenExcel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlwings, "apps", TwoExcels(excel.app))
    assert ribbon.run_ribbon("split", hwnd) == 0
    assert excel.app.alerts[-1].startswith("Laget 4 skjema")


def test_two_excels_without_the_clicked_one_are_a_sentence(
    excel: OpenExcel, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(xlwings, "apps", TwoExcels(excel.app))
    assert ribbon.run_ribbon("split", 99) == 1
    assert capsys.readouterr().err.startswith("Flere Excel er åpne samtidig")
    assert not (excel.folder / "Sendt ut").exists()


def test_troubleshooting_needs_no_excel(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(xlwings, "apps", [])
    assert ribbon.run_ribbon("doctor", 1) == 1
    assert "xltiltak addin install" in capsys.readouterr().err
    assert ribbon.run_ribbon("new", 1) == 1
    assert capsys.readouterr().err.startswith("xltiltak finner ikke Excel-vinduet")


def test_a_hidden_workbook_is_not_a_plan(excel: OpenExcel, monkeypatch: pytest.MonkeyPatch) -> None:
    """The personal macro workbook counts as open, but none is active."""
    monkeypatch.setattr(Books, "active", None)
    assert excel.press("merge").startswith("Åpne planen eller vedlegget først")


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


def test_a_form_with_the_name_of_the_plan_changes_nothing(excel: OpenExcel) -> None:
    """It came by mail, and lies in a folder of its own."""
    excel.press("split")
    form = next((excel.folder / "Sendt ut").glob("*.xlsx"))
    (excel.folder / "Returnert").mkdir(exist_ok=True)
    shutil.copy(form, excel.folder / "Returnert" / PLAN)
    excel.app.books.active.close()
    before = {path: path.read_bytes() for path in excel.folder.rglob("*.xlsx")}
    excel.open(f"Returnert/{PLAN}")
    for verb in ("split", "check", "merge", "report", "remind"):
        assert excel.press(verb).startswith(f"{PLAN} er et skjema fra en leder")
    assert {path: path.read_bytes() for path in excel.folder.rglob("*.xlsx")} == before


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
