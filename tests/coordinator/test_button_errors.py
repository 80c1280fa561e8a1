"""Report every error as a message in the sheet and in a message box, and change no file."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
import xlwings

from tests.button_workbook import (
    CONTROL,
    DASHBOARD,
    DAY,
    FINDINGS,
    LOG,
    PLAN,
    ButtonWorkbook,
    copy_returned_files,
    open_workbook,
)
from tests.engine import OpenpyxlGrid, Refused, running
from tests.examples import sampled
from xltiltak.coordinator import buttons, model
from xltiltak.model.errors import ExcelError
from xltiltak.model.language import catalogue

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("bokmaal")]

# Settings, the button that is clicked, and a part of the message.
WRONG_SETTINGS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no plan": ({}, "check", "Ingen plan er valgt"),
    "plan missing": ({"plan": "borte.xlsx"}, "check", "borte.xlsx finnes ikke"),
    "folder missing": ({"plan": PLAN, "returned": "ingen"}, "check", "ingen finnes ikke. Lag den"),
    "no folder": ({"plan": PLAN}, "merge", "Ingen mappe er valgt for svarene"),
    "same folder": ({"plan": PLAN, "sent": "ut", "returned": "ut"}, "check", "samme mappe"),
    "no date": ({"plan": PLAN, "sent": "ut"}, "split", "Ingen dato er valgt"),
    "not a date": ({"plan": PLAN, "day": "i morgen"}, "split", "«i morgen» er ikke en dato"),
    "web address": ({"plan": "https://x.sharepoint.com/plan.xlsx"}, "check", "er en nettadresse"),
    "not a plan": ({"plan": "ut/svar.xlsx", "returned": "ut"}, "check", "[F001]"),
    "not merged": ({"plan": PLAN, "appendix": "V.xlsx"}, "report", "Trykk Konsolider først"),
    "no dialog": ({}, "choose_plan", "ingen dialog"),
    "no folder for forms": (
        {"plan": PLAN, "day": DAY},
        "split",
        "Ingen mappe er valgt for skjemaene",
    ),
    "a number for a plan": ({"plan": 123.0}, "check", "123.xlsx finnes ikke"),
    "a boolean for a plan": ({"plan": True}, "check", ".xlsx finnes ikke"),
    "a folder for a plan": ({"plan": "."}, "check", "finnes ikke"),
    "a line break in a path": ({"plan": "a\nb"}, "check", r"a\nb.xlsx finnes ikke"),
    "a path that is too long": ({"plan": "x" * 5_000}, "check", "Får ikke tilgang til "),
    "a folder name that is too long": (
        {"plan": PLAN, "returned": "y" * 300},
        "merge",
        "Får ikke tilgang til ",
    ),
    "a file for a folder": (
        {"plan": PLAN, "sent": PLAN, "day": DAY},
        "split",
        "er en fil, ikke en mappe",
    ),
    "returned files beside the plan": (
        {"plan": PLAN, "returned": "."},
        "merge",
        "Velg en egen mappe for svarene",
    ),
    "a date that does not exist": (
        {"plan": PLAN, "sent": "ut", "day": "31.02.2020"},
        "split",
        "«31.02.2020» er ikke en dato",
    ),
    "a date before those of the plan": (
        {"plan": PLAN, "sent": "ut", "day": "01.01.1901"},
        "split",
        "er ikke en av planens",
    ),
    "a number for a date": ({"plan": PLAN, "day": -4.0}, "split", "«-4» er ikke en dato"),
    "a text for a deadline": (
        {"plan": PLAN, "sent": "ut", "deadline": "snart"},
        "split",
        "«snart» er ikke en dato",
    ),
    "unknown recipient": ({"plan": PLAN, "per": "begge"}, "split", "«begge» er ikke et valg her"),
    "a file: address": (
        {"plan": "file:///C:/plan.xlsx"},
        "check",
        "er en nettadresse",
    ),
}


@pytest.mark.parametrize("case", sampled(WRONG_SETTINGS))
def test_a_wrong_setting_is_reported_in_the_sheet_and_in_a_box(
    case: str, workbook: ButtonWorkbook
) -> None:
    settings, button, text = WRONG_SETTINGS[case]
    if case == "not a plan":
        (workbook.folder / "ut").mkdir()
        (workbook.folder / "ut" / "svar.xlsx").write_bytes(b"%PDF-1.7")
    workbook.choose(**settings)
    assert workbook.click(button).startswith("✖")
    assert text in workbook.message
    boxes = [box.replace("\n", " ") for box in workbook.app.alerts]
    assert boxes == [workbook.message.removeprefix("✖ ")]
    assert "Traceback" not in workbook.message
    assert [row[2] for row in workbook.table(LOG, 4)] == ["stoppet"]


def test_an_empty_folder_is_reported(sent_workbook: ButtonWorkbook) -> None:
    assert "er tom. Lagre svarene fra lederne der" in sent_workbook.click("check")


@pytest.mark.parametrize("answer", ["ok", "cancel"])
def test_a_later_date_that_the_plan_does_not_have_is_asked_about(
    answer: str, workbook: ButtonWorkbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions: list[str] = []

    def alert(_: object, prompt: str, *others: object) -> str:  # noqa: ARG001 - as in xlwings
        questions.append(prompt)
        return answer

    monkeypatch.setattr(type(workbook.app), "alert", alert)
    workbook.choose(plan=PLAN, sent="ut", returned="Svar", day="31.01.2022")
    message = workbook.click("split")
    assert "Skal 31.01.2022 være en ny rapporteringsdato?" in questions[0]
    assert message.startswith("✔" if answer == "ok" else "✖")
    assert ("Ingenting er sendt ut" in message) == (answer == "cancel")
    assert (workbook.folder / "ut").exists() == (answer == "ok")


def test_the_log_lists_what_was_changed_in_the_plan(workbook: ButtonWorkbook) -> None:
    path = workbook.folder / PLAN
    book = openpyxl.load_workbook(path)
    sheet = next(s for s in book if any(cell.value == "HEL-001" for cell in s["A"]))
    sheet.delete_rows(next(cell.row for cell in sheet["A"] if cell.value == "HEL-001"))
    book.save(path)
    workbook.choose(plan=PLAN, sent="ut", returned="Svar", day=DAY)
    assert "Endret i planen siden den ble skrevet: FJERNET: Tiltak 1" in workbook.click("split")
    log = workbook.table(LOG, 4)[-1][3]
    assert "· FJERNET · Tiltak 1" in log


def test_a_plan_that_was_sent_before_is_reported(sent_workbook: ButtonWorkbook) -> None:
    sent_workbook.choose(plan=PLAN)
    assert "alt sendt ut for 31.12.2020" in sent_workbook.click("split")


def test_an_appendix_that_is_open_elsewhere_is_reported_and_not_changed(
    sent_workbook: ButtonWorkbook, demo: Path
) -> None:
    name = "Vedlegg 2020-12-31.xlsx"
    copy_returned_files(demo, sent_workbook.folder / "Svar")
    sent_workbook.click("merge")
    (sent_workbook.folder / f"~${name}").touch()
    before = (sent_workbook.folder / name).read_bytes()
    assert f"{name} er åpen i Excel hos deg eller en annen" in sent_workbook.click("merge")
    assert (sent_workbook.folder / name).read_bytes() == before


def test_a_workbook_on_the_web_is_reported(demo: Path, tmp_path: Path) -> None:
    address = "https://kommune.sharepoint.com/sites/plan/koordinator.xlsm"
    with open_workbook(tmp_path, demo, lambda path: OpenpyxlGrid(path, address)) as workbook:
        workbook.choose(plan=PLAN)
        assert "ligger i OneDrive eller SharePoint" in workbook.click("check")


def test_a_plan_that_is_open_in_this_excel_is_reported(demo: Path, tmp_path: Path) -> None:
    with (
        open_workbook(tmp_path, demo) as workbook,
        running(OpenpyxlGrid(tmp_path / PLAN), workbook.grid),
    ):
        workbook.choose(plan=PLAN)
        assert f"{PLAN} er åpen i Excel. Lagre og lukk" in workbook.click("check")


def test_a_workbook_of_another_format_is_reported(workbook: ButtonWorkbook) -> None:
    workbook.grid.put(CONTROL, 1, 1, "'@control|0|nb")
    buttons.check()
    assert "er laget av en annen versjon av xltiltak (format 0" in workbook.app.alerts[0]


@pytest.mark.parametrize("sheet", [CONTROL, FINDINGS, DASHBOARD, LOG])
def test_a_protected_sheet_stops_the_action_before_it_begins(
    sheet: str, workbook: ButtonWorkbook
) -> None:
    workbook.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    page = workbook.grid.workbook[sheet]  # type: ignore[attr-defined]
    page.protection.enable()
    with pytest.raises(Refused):
        workbook.grid.put(sheet, 1, 2, "x")
    before = workbook.files()
    buttons.split()
    assert f"Arket «{sheet}» tar ikke imot noe: det er beskyttet" in workbook.app.alerts[0]
    assert workbook.files() == before


Edit = Callable[[Any], object]


def _delete_row(marker: str) -> Edit:
    return lambda book: book[CONTROL].delete_rows(
        1 + [cell.value for cell in book[CONTROL]["A"]].index(marker)
    )


def _delete_sheet_marker(book: Any) -> None:
    book[FINDINGS]["A1"] = None


def _delete_sheet(name: str, book: Any) -> None:
    book.remove(book[name])


MARKERS = ("@plan", "@per", "@status", "@report", "@head")
DAMAGED: dict[str, tuple[Edit, str]] = {
    **{
        f"without {name}": (partial(_delete_sheet, name), "mangler et ark")
        for name in (FINDINGS, DASHBOARD, LOG)
    },
    **{f"without {marker}": (_delete_row(marker), "eller en rad") for marker in MARKERS},
    "without the marker of a sheet": (_delete_sheet_marker, "mangler et ark"),
    "with a new first column": (lambda book: book[CONTROL].insert_cols(1), "mangler et ark"),
    "with a copied sheet": (
        lambda book: book.copy_worksheet(book[FINDINGS]),
        "kopier av hverandre: Funn, Funn Copy",
    ),
}


@pytest.mark.parametrize("case", sampled(DAMAGED))
def test_a_damaged_workbook_is_reported_before_the_action_begins(
    case: str, workbook: ButtonWorkbook
) -> None:
    edit, text = DAMAGED[case]
    workbook.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    edit(workbook.grid.workbook)  # type: ignore[attr-defined]
    before = workbook.files()
    buttons.split()
    (box,) = workbook.app.alerts
    assert text in box
    assert workbook.files() == before


def test_sheets_may_be_renamed_and_moved_rows_inserted_and_the_configuration_deleted(
    workbook: ButtonWorkbook,
) -> None:
    workbook.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    book = workbook.grid.workbook  # type: ignore[attr-defined]
    book[FINDINGS].title, book[LOG].title = "Mine funn", "L'ogg æ"
    book.move_sheet("Mine funn", -1)
    book[CONTROL].insert_rows(3)
    book.remove(book[model.CONFIGURATION])
    assert workbook.click("split").startswith("✔ Laget 4 skjema")


@pytest.mark.parametrize(
    ("fullname", "text"),
    [
        ("Mappe1", "Mappe1 er ikke lagret ennå"),
        (
            r"C:\Users\å\AppData\Local\Microsoft\Windows\INetCache\Content.Outlook\A1\k.xlsm",
            "åpnet fra en e-post eller et arkiv",
        ),
        (
            r"C:\Users\å\AppData\Local\Temp\Temp1_runde.zip\k.xlsm",
            "åpnet fra en e-post eller et arkiv",
        ),
        (
            "/Users/å/Library/Containers/com.microsoft.Outlook/Data/tmp/Outlook Temp/k.xlsm",
            "e-post eller et arkiv",
        ),
        ("https://kommune.sharepoint.com/sites/plan/k.xlsm", "ligger i OneDrive eller SharePoint"),
    ],
)
def test_a_workbook_without_a_lasting_folder_is_reported(
    fullname: str, text: str, workbook: ButtonWorkbook
) -> None:
    workbook.choose(plan=PLAN, sent="ut", returned="inn", day=DAY)
    workbook.grid.fullname = fullname
    assert text in workbook.click("split")
    assert not (workbook.folder / "ut").exists()


@pytest.mark.parametrize("name", ["Åse Øst & Co's [x] 100% =a", "mellom rom", "a#b"])
def test_a_folder_may_have_an_unusual_name(name: str, demo: Path, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with open_workbook(folder, demo) as workbook:
        workbook.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
        assert workbook.click("split").startswith("✔ Laget 4 skjema")
        copy_returned_files(demo, folder / "Svar")
        assert workbook.click("merge").startswith("✔ Vedlegg")
        cells = [str(cell) for row in workbook.findings() for cell in row]
        has_links = any(cell.startswith("=HYPERLINK") for cell in cells)
        # Excel takes what follows a "#" for a place in the file.
        assert has_links is ("#" not in name)


def test_macros_for_another_xlwings_stop_a_click_but_not_a_command(
    workbook: ButtonWorkbook,
) -> None:
    page = workbook.grid.workbook[model.CONFIGURATION]  # type: ignore[attr-defined]
    page.append([model.MACROS_FOR_XLWINGS, "0.30.1"])
    message = workbook.click("check")
    assert f"er laget for xlwings 0.30.1, men {xlwings.__version__} er installert" in message
    assert "--force" in message
    assert "Ingen plan er valgt" in buttons.run_action("check").message


def test_a_click_in_a_workbook_that_is_closed_ends_with_a_message() -> None:
    with pytest.raises(SystemExit, match="finner ikke arbeidsboken som knappen ble trykket i"):
        buttons.check()


def test_an_unexpected_error_is_reported_with_its_details_in_the_log(
    workbook: ButtonWorkbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("ingen ventet dette")

    monkeypatch.setattr("xltiltak.coordinator.actions.check", fail)
    assert "Noe gikk galt (ZeroDivisionError: ingen ventet dette)" in workbook.click("check")
    (entry,) = workbook.table(LOG, 4)
    assert "Traceback" in entry[3]
    assert "Traceback" not in workbook.app.alerts[0]


def test_excel_that_rejects_a_call_is_reported(
    monkeypatch: pytest.MonkeyPatch, workbook: ButtonWorkbook
) -> None:
    def reject(*_: object) -> None:
        raise OSError("Call was rejected by callee")

    monkeypatch.setattr("xltiltak.coordinator.live_workbook.LiveWorkbook._read_control", reject)
    buttons.check()
    assert "Noe gikk galt (OSError: Call was rejected by callee)" in workbook.app.alerts[0]


def test_excel_that_is_busy_while_files_are_read_stops_no_action(
    sent_workbook: ButtonWorkbook, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reject(*_: object) -> None:
        raise OSError("Call was rejected by callee")

    copy_returned_files(demo, sent_workbook.folder / "Svar")
    monkeypatch.setattr(type(sent_workbook.app), "status_bar", property(lambda _: None, reject))
    assert sent_workbook.click("check").startswith("✔ 4 av 4 områder har levert")


def test_a_message_that_excel_does_not_show_is_left_to_the_macro(
    workbook: ButtonWorkbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reject(*_: object, **__: object) -> None:
        raise OSError("Call was rejected by callee")

    monkeypatch.setattr(type(workbook.app), "alert", reject)
    with pytest.raises(SystemExit, match="Ingen plan er valgt"):
        buttons.check()
    assert workbook.message.startswith("✖ Ingen plan er valgt")


def test_a_log_entry_is_below_the_last_one_even_if_excel_counts_more_rows_as_used(
    workbook: ButtonWorkbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook.grid, "size", lambda _: (5_003, 12))
    for _ in range(2):
        workbook.click("check")
    top = workbook.row("@head", LOG)
    cells = [workbook.cell(LOG, row, 3) for row in range(top + 1, top + 4)]
    assert cells == ["Kontroller", "Kontroller", None]


PICKED: dict[str, str] = {"plan": "Plan for året 2020.xlsx", "sent": "ut æ", "returned": "inn"}
TITLES = {"plan": "Planen", "sent": "Mappe for skjemaer ut", "returned": "Mappe for svar"}


def dialog(name: str) -> str:
    """Return the path of the function that shows the dialog for a setting."""
    function = "pick_file" if name == "plan" else "pick_folder"
    return f"xltiltak.coordinator.buttons.{function}"


@pytest.mark.parametrize("name", PICKED)
def test_a_picked_path_is_written_to_its_cell(
    name: str, workbook: ButtonWorkbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    titles: list[str] = []

    def pick(_: object, title: str) -> Path:
        titles.append(title)
        return workbook.folder / PICKED[name]

    monkeypatch.setattr(dialog(name), pick)
    assert workbook.click(f"choose_{name}").startswith("✔")
    assert workbook.setting(name) == PICKED[name]
    assert titles == [TITLES[name]]
    if name == "plan":
        assert workbook.setting("day") == DAY
        assert [row[2] for row in workbook.areas()] == ["ikke sendt"] * 4 + ["0 av 4"]


def test_a_wrong_setting_can_be_picked_again_and_the_others_stay(
    workbook: ButtonWorkbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbook.choose(
        plan="https://kommune.sharepoint.com/p.xlsx",
        sent="https://x/ut",
        day="i morgen",
        per="begge",
    )
    monkeypatch.setattr(dialog("plan"), lambda *_: workbook.folder / PLAN)
    assert workbook.click("choose_plan").startswith("✔")
    assert (workbook.setting("plan"), workbook.setting("day")) == (PLAN, DAY)
    assert (workbook.setting("sent"), workbook.setting("per")) == ("Sendt ut", "begge")
    assert "«begge» er ikke et valg her" in workbook.click("split")


@pytest.mark.parametrize("name", PICKED)
def test_a_cancelled_dialog_changes_nothing(
    name: str, workbook: ButtonWorkbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialog(name), lambda *_: None)
    before = workbook.files()
    assert "Ingenting er valgt, og ingenting er endret" in workbook.click(f"choose_{name}")
    assert workbook.setting(name) is None
    assert workbook.files() == before


def test_a_command_without_the_open_workbook_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ExcelError, match="Finner ikke Excel"):
        buttons.run_action("check")
    openpyxl.Workbook().save(tmp_path / "annen.xlsx")
    with (
        running(OpenpyxlGrid(tmp_path / "annen.xlsx")),
        pytest.raises(ExcelError, match="ikke åpen i Excel"),
    ):
        buttons.run_action("check")
    with running(), pytest.raises(ExcelError, match="ikke åpen i Excel"):
        buttons.run_action("check")


def test_a_command_without_a_running_excel_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlwings, "apps", [])
    with pytest.raises(ExcelError, match="Finner ikke Excel"):
        buttons.run_action("check")


def test_a_workbook_that_does_not_answer_is_skipped(
    workbook: ButtonWorkbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets: Any = xlwings.Book.sheets

    def answer(book: xlwings.Book) -> object:
        if book.name == "opptatt.xlsx":
            raise OSError("Call was rejected by callee")
        return sheets.fget(book)

    openpyxl.Workbook().save(workbook.folder / "opptatt.xlsx")
    monkeypatch.setattr(xlwings.Book, "sheets", property(answer))
    with running(workbook.grid, OpenpyxlGrid(workbook.folder / "opptatt.xlsx")):
        assert "Ingen plan er valgt" in buttons.run_action("check").message


def test_a_web_address_without_a_local_folder_is_reported(
    workbook: ButtonWorkbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(_: object) -> str:
        raise ValueError("Couldn't find the local OneDrive folder")

    workbook.choose(plan=PLAN)
    monkeypatch.setattr(xlwings.Book, "fullname", property(unknown))
    assert "ligger i OneDrive eller SharePoint" in workbook.click("check")


def test_a_workbook_in_protected_view_is_named() -> None:
    with running() as app:
        app.api = SimpleNamespace(
            ProtectedViewWindows=[SimpleNamespace(SourceName="koordinator.xlsm")]
        )
        with pytest.raises(
            ExcelError, match=r"koordinator\.xlsm er åpen i beskyttet visning.*Aktiver redigering"
        ):
            buttons.run_action("check")


def test_a_command_finds_the_coordinators_workbook_among_others(
    workbook: ButtonWorkbook, tmp_path: Path
) -> None:
    openpyxl.Workbook().save(tmp_path / "annen.xlsx")
    with running(workbook.grid, OpenpyxlGrid(tmp_path / "annen.xlsx")):
        assert "Ingen plan er valgt" in buttons.run_action("check").message


# Messages that say what to do; the manual need not explain them.
SELF_EXPLAINING = {
    *("excel.addin_no_excel", "excel.addin_refused", "excel.at_work", "excel.cannot_save"),
    *("excel.drop_one", "excel.form_active", "excel.no_desk", "excel.no_files_here"),
    *("excel.no_plan_active", "excel.no_plan_dropped", "excel.no_start_menu"),
    "excel.not_saved_first",
    "excel.appendix_is_plan",
    "excel.folder_missing",
    "excel.forms_there",
    "excel.no_book",
    "excel.no_caller",
    "excel.no_date",
    "excel.no_dialog",
    "excel.no_excel",
    "excel.no_plan",
    "excel.no_returned_folder",
    "excel.no_window",
    "excel.several_excels",
    "excel.no_sent_folder",
    "excel.no_such_ending",
    "excel.not_a_choice",
    "excel.not_a_date",
    "excel.not_a_folder",
    "excel.not_merged",
    "excel.nothing_chosen",
    "excel.other_appendix",
    "excel.sent_before",
}


def test_the_manual_quotes_the_messages_as_they_are() -> None:
    manual = (ROOT / "docs" / "koordinator.md").read_text("utf-8")
    rows = [
        line.split("|")[1]
        for line in manual.split("| det du ser |")[1].split("\n\n")[0].splitlines()[2:]
    ]
    quotes = [quote for row in rows for quote in re.findall("«([^»]+)»", row)]
    vba = (Path(xlwings.__file__).parent / "xlwings.bas").read_text("utf-8")
    texts = "\n".join((*catalogue("nb").values(), vba))
    assert len(quotes) > 15
    assert not [quote for quote in quotes if quote not in texts]
    messages = {key: text for key, text in catalogue("nb").items() if key.startswith("excel.")}
    missing = {key for key, text in messages.items() if not any(quote in text for quote in quotes)}
    assert missing <= SELF_EXPLAINING
