"""Every set-up that is wrong, each by its effect: a sentence in the sheet and in a box, and nothing done."""

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

from tests.desks import (
    BOARD,
    CONTROL,
    DAY,
    FOUND,
    LOG,
    PLAN,
    Desk,
    at_desk,
    plain,
    returned,
    sent,
    told,
)
from tests.engine import OpenpyxlGrid, Refused, running
from xltiltak.coordinator import buttons
from xltiltak.coordinator import model as desk_
from xltiltak.model.errors import ExcelError
from xltiltak.model.language import catalogue

ROOT = Path(__file__).parents[2]
__all__ = ["plain", "sent", "told"]
pytestmark = pytest.mark.usefixtures("bokmaal")


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
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
    "a truth for a plan": ({"plan": True}, "check", ".xlsx finnes ikke"),
    "a folder for a plan": ({"plan": "."}, "check", "finnes ikke"),
    "lines in a path": ({"plan": "a\nb"}, "check", "a b.xlsx finnes ikke"),
    "far too long a path": ({"plan": "x" * 5_000}, "check", "Får ikke tilgang til "),
    "far too long a folder": (
        {"plan": PLAN, "returned": "y" * 300},
        "merge",
        "Får ikke tilgang til ",
    ),
    "a file for a folder": (
        {"plan": PLAN, "sent": PLAN, "day": DAY},
        "split",
        "er en fil, ikke en mappe",
    ),
    "answers beside the plan": (
        {"plan": PLAN, "returned": "."},
        "merge",
        "Velg en egen mappe for svarene",
    ),
    "a day that never was": (
        {"plan": PLAN, "sent": "ut", "day": "31.02.2020"},
        "split",
        "«31.02.2020» er ikke en dato",
    ),
    "a day long ago": (
        {"plan": PLAN, "sent": "ut", "day": "01.01.1901"},
        "split",
        "er ikke en av planens",
    ),
    "a number for a day": ({"plan": PLAN, "day": -4.0}, "split", "«-4» er ikke en dato"),
    "no deadline": (
        {"plan": PLAN, "sent": "ut", "deadline": "snart"},
        "split",
        "«snart» er ikke en dato",
    ),
    "no choice": ({"plan": PLAN, "per": "begge"}, "split", "«begge» er ikke et valg her"),
    "a file that is local and yet a web address": (
        {"plan": "file:///C:/plan.xlsx"},
        "check",
        "er en nettadresse",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_a_sentence_in_the_sheet_and_a_box(case: str, plain: Desk) -> None:
    settings, button, said = WRONG[case]
    if case == "not a plan":
        (plain.folder / "ut").mkdir()
        (plain.folder / "ut" / "svar.xlsx").write_bytes(b"%PDF-1.7")
    plain.choose(**settings)
    assert plain.click(button).startswith("✖")
    assert said in plain.said
    assert [plain.said.removeprefix("✖ ")] == [box.replace("\n", " ") for box in plain.app.told]
    assert "Traceback" not in plain.said
    assert [row[2] for row in plain.table(LOG, 4)] == ["stoppet"]


def test_an_empty_folder_is_a_sentence(sent: Desk) -> None:
    assert "er tom. Lagre svarene fra lederne der" in sent.click("check")


def test_a_plan_that_was_sent_before_is_a_sentence(sent: Desk) -> None:
    sent.choose(plan=PLAN)
    assert "alt sendt ut for 31.12.2020" in sent.click("split")


def test_a_file_that_is_open_elsewhere_is_a_sentence_and_untouched(sent: Desk, told: Path) -> None:
    returned(told, sent.folder / "Svar")
    sent.click("merge")
    (sent.folder / "~$Vedlegg 2020-12-31.xlsx").touch()
    before = (sent.folder / "Vedlegg 2020-12-31.xlsx").read_bytes()
    assert "Vedlegg 2020-12-31.xlsx er åpen i Excel hos deg eller en annen" in sent.click("merge")
    assert (sent.folder / "Vedlegg 2020-12-31.xlsx").read_bytes() == before


def test_a_workbook_on_the_web_is_a_sentence(told: Path, tmp_path: Path) -> None:
    address = "https://kommune.sharepoint.com/sites/plan/koordinator.xlsm"
    with at_desk(tmp_path, told, lambda path: OpenpyxlGrid(path, address)) as desk:
        desk.choose(plan=PLAN)
        assert "ligger i OneDrive eller SharePoint" in desk.click("check")


def test_a_plan_that_is_open_in_this_excel_is_a_sentence(told: Path, tmp_path: Path) -> None:
    with at_desk(tmp_path, told) as desk, running(OpenpyxlGrid(tmp_path / PLAN), desk.grid):
        desk.choose(plan=PLAN)
        assert f"{PLAN} er åpen i Excel. Lagre og lukk" in desk.click("check")


def test_a_workbook_of_another_format_is_a_sentence(plain: Desk) -> None:
    plain.grid.put(CONTROL, 1, 1, "'@control|0|nb")
    buttons.check()
    assert "er laget av en annen versjon av xltiltak (format 0" in plain.app.told[0]


@pytest.mark.parametrize("sheet", [CONTROL, FOUND, BOARD, LOG])
def test_a_protected_sheet_stops_the_button_before_anything_is_done(
    sheet: str, plain: Desk
) -> None:
    plain.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    page = plain.grid.workbook[sheet]  # type: ignore[attr-defined]
    page.protection.enable()
    with pytest.raises(Refused):
        plain.grid.put(sheet, 1, 2, "x")
    before = plain.files()
    buttons.split()
    assert f"Arket «{sheet}» tar ikke imot noe: det er beskyttet" in plain.app.told[0]
    assert plain.files() == before


Edit = Callable[[Any], object]


def _without_row(mark: str) -> Edit:
    return lambda book: book[CONTROL].delete_rows(
        1 + [cell.value for cell in book[CONTROL]["A"]].index(mark)
    )


def _without_mark(book: Any) -> None:
    book[FOUND]["A1"] = None


def _remove(name: str, book: Any) -> None:
    book.remove(book[name])


MARKS = ("@plan", "@per", "@status", "@report", "@head")
BROKEN: dict[str, tuple[Edit, str]] = {
    **{
        f"without {name}": (partial(_remove, name), "mangler et ark")
        for name in (FOUND, BOARD, LOG)
    },
    **{f"without {mark}": (_without_row(mark), "eller en rad") for mark in MARKS},
    "without a mark": (_without_mark, "mangler et ark"),
    "a column before": (lambda book: book[CONTROL].insert_cols(1), "mangler et ark"),
    "a copied sheet": (
        lambda book: book.copy_worksheet(book[FOUND]),
        "kopier av hverandre: Funn, Funn Copy",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_workbook_that_was_taken_apart_is_a_sentence_before_anything_is_done(
    case: str, plain: Desk
) -> None:
    edit, said = BROKEN[case]
    plain.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    edit(plain.grid.workbook)  # type: ignore[attr-defined]
    before = plain.files()
    buttons.split()
    (box,) = plain.app.told
    assert said in box
    assert plain.files() == before


def test_sheets_may_be_renamed_and_moved_rows_put_in_and_the_set_up_taken_away(plain: Desk) -> None:
    plain.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    book = plain.grid.workbook  # type: ignore[attr-defined]
    book[FOUND].title, book[LOG].title = "Mine funn", "L'ogg æ"
    book.move_sheet("Mine funn", -1)
    book[CONTROL].insert_rows(3)
    book.remove(book[desk_.CONFIGURATION])
    assert plain.click("split").startswith("✔ Laget 4 skjema")


@pytest.mark.parametrize(
    ("fullname", "said"),
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
def test_a_workbook_without_a_folder_of_its_own_is_a_sentence(
    fullname: str, said: str, plain: Desk
) -> None:
    plain.choose(plan=PLAN, sent="ut", returned="inn", day=DAY)
    plain.grid.fullname = fullname
    assert said in plain.click("split")
    assert not (plain.folder / "ut").exists()


@pytest.mark.parametrize("name", ["Åse Øst & Co's [x] 100% =a", "mellom rom", "a#b"])
def test_an_odd_folder_is_a_folder(name: str, told: Path, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with at_desk(folder, told) as desk:
        desk.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
        assert desk.click("split").startswith("✔ Laget 4 skjema")
        returned(told, folder / "Svar")
        assert desk.click("merge").startswith("✔ Vedlegg")
        links = [
            cell for row in desk.findings() for cell in row if str(cell).startswith("=HYPERLINK")
        ]
        assert bool(links) is (
            "#" not in name
        )  # Excel takes what follows one for a place in the file


def test_macros_of_another_xlwings_stop_the_button_and_not_the_command(plain: Desk) -> None:
    page = plain.grid.workbook[desk_.CONFIGURATION]  # type: ignore[attr-defined]
    page.append([desk_.MACROS_FOR_XLWINGS, "0.30.1"])
    said = plain.click("check")
    assert f"er laget for xlwings 0.30.1, men {xlwings.__version__} er installert" in said
    assert "--force" in said
    assert "Ingen plan er valgt" in buttons.run_action("check").message


def test_a_click_from_a_workbook_that_is_gone_ends_with_a_sentence() -> None:
    with pytest.raises(SystemExit, match="finner ikke arbeidsboken som knappen ble trykket i"):
        buttons.check()


def test_what_nobody_has_thought_of_is_a_sentence_and_the_log_has_the_rest(
    plain: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("ingen ventet dette")

    monkeypatch.setattr("xltiltak.coordinator.actions.check", broken)
    assert "Noe gikk galt (ZeroDivisionError: ingen ventet dette)" in plain.click("check")
    (entry,) = plain.table(LOG, 4)
    assert "Traceback" in entry[3]
    assert "Traceback" not in plain.app.told[0]


def test_excel_that_answers_nothing_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, plain: Desk
) -> None:
    def rejected(*_: object) -> None:
        raise OSError("Call was rejected by callee")

    monkeypatch.setattr("xltiltak.coordinator.live_workbook.LiveWorkbook._marked", rejected)
    buttons.check()
    assert "Noe gikk galt (OSError: Call was rejected by callee)" in plain.app.told[0]


def test_excel_that_is_busy_while_files_are_read_stops_nothing(
    sent: Desk, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rejected(*_: object) -> None:
        raise OSError("Call was rejected by callee")

    returned(told, sent.folder / "Svar")
    monkeypatch.setattr(type(sent.app), "status_bar", property(lambda _: None, rejected))
    assert sent.click("check").startswith("✔ 4 av 4 områder har levert")


def test_a_box_that_excel_does_not_show_is_said_by_the_macro(
    plain: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rejected(*_: object, **__: object) -> None:
        raise OSError("Call was rejected by callee")

    monkeypatch.setattr(type(plain.app), "alert", rejected)
    with pytest.raises(SystemExit, match="Ingen plan er valgt"):
        buttons.check()
    assert plain.said.startswith("✖ Ingen plan er valgt")


def test_an_entry_stands_below_the_last_one_whatever_excel_calls_used(
    plain: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain.grid, "size", lambda _: (5_003, 12))
    for _ in range(2):
        plain.click("check")
    top = plain.row("@head", LOG)
    assert [plain.cell(LOG, row, 3) for row in range(top + 1, top + 4)] == [
        "Kontroller",
        "Kontroller",
        None,
    ]


PICKED: dict[str, str] = {"plan": "Plan for året 2020.xlsx", "sent": "ut æ", "returned": "inn"}


@pytest.mark.parametrize("name", PICKED)
def test_what_is_picked_in_a_dialog_stands_in_its_cell(
    name: str, plain: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def picks(_: object, title: str) -> Path:
        asked.append(title)
        return plain.folder / PICKED[name]

    monkeypatch.setattr(
        "xltiltak.coordinator.dialogs.file"
        if name == "plan"
        else "xltiltak.coordinator.dialogs.folder",
        picks,
    )
    assert plain.click(f"choose_{name}").startswith("✔")
    assert plain.setting(name) == PICKED[name]
    assert asked == [
        {"plan": "Planen", "sent": "Mappe for skjemaer ut", "returned": "Mappe for svar"}[name]
    ]
    if name == "plan":
        assert plain.setting("day") == DAY
        assert [row[2] for row in plain.areas()] == ["ikke sendt"] * 4 + ["0 av 4"]


def test_what_is_wrong_in_the_cells_can_be_chosen_anew_and_the_rest_stays(
    plain: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain.choose(
        plan="https://kommune.sharepoint.com/p.xlsx",
        sent="https://x/ut",
        day="i morgen",
        per="begge",
    )
    monkeypatch.setattr("xltiltak.coordinator.dialogs.file", lambda *_: plain.folder / PLAN)
    assert plain.click("choose_plan").startswith("✔")
    assert (plain.setting("plan"), plain.setting("day")) == (PLAN, DAY)
    assert (plain.setting("sent"), plain.setting("per")) == ("Sendt ut", "begge")
    assert "«begge» er ikke et valg her" in plain.click("split")


@pytest.mark.parametrize("name", PICKED)
def test_a_dialog_that_is_given_up_changes_nothing(
    name: str, plain: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "xltiltak.coordinator.dialogs.file"
        if name == "plan"
        else "xltiltak.coordinator.dialogs.folder",
        lambda *_: None,
    )
    before = plain.files()
    assert "Ingenting er valgt, og ingenting er endret" in plain.click(f"choose_{name}")
    assert plain.setting(name) is None
    assert plain.files() == before


def test_without_the_workbook_the_commands_say_so(tmp_path: Path) -> None:
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


def test_without_any_excel_running_the_commands_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlwings, "apps", [])
    with pytest.raises(ExcelError, match="Finner ikke Excel"):
        buttons.run_action("check")


def test_a_workbook_that_cannot_be_asked_is_nobodys(
    plain: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Any = xlwings.Book.sheets

    def asked(book: xlwings.Book) -> object:
        if book.name == "opptatt.xlsx":
            raise OSError("Call was rejected by callee")
        return real.fget(book)

    openpyxl.Workbook().save(plain.folder / "opptatt.xlsx")
    monkeypatch.setattr(xlwings.Book, "sheets", property(asked))
    with running(plain.grid, OpenpyxlGrid(plain.folder / "opptatt.xlsx")):
        assert "Ingen plan er valgt" in buttons.run_action("check").message


def test_an_address_that_xlwings_cannot_turn_into_a_folder_is_a_sentence(
    plain: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(_: object) -> str:
        raise ValueError("Couldn't find the local OneDrive folder")

    plain.choose(plan=PLAN)
    monkeypatch.setattr(xlwings.Book, "fullname", property(unknown))
    assert "ligger i OneDrive eller SharePoint" in plain.click("check")


def test_a_workbook_in_protected_view_is_told_by_its_name() -> None:
    with running() as app:
        app.api = SimpleNamespace(
            ProtectedViewWindows=[SimpleNamespace(SourceName="koordinator.xlsm")]
        )
        with pytest.raises(
            ExcelError, match=r"koordinator\.xlsm er åpen i beskyttet visning.*Aktiver redigering"
        ):
            buttons.run_action("check")


def test_the_command_finds_her_workbook_among_others(plain: Desk, tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "annen.xlsx")
    with running(plain.grid, OpenpyxlGrid(tmp_path / "annen.xlsx")):
        assert "Ingen plan er valgt" in buttons.run_action("check").message


def test_what_the_manual_quotes_is_what_is_said() -> None:
    manual = (ROOT / "docs" / "koordinator.md").read_text("utf-8")
    rows = [
        line.split("|")[1]
        for line in manual.split("| det du ser |")[1].split("\n\n")[0].splitlines()[2:]
    ]
    quoted = [quote for row in rows for quote in re.findall("«([^»]+)»", row)]
    vba = (Path(xlwings.__file__).parent / "xlwings.bas").read_text("utf-8")
    said = "\n".join((*catalogue("nb").values(), vba))
    assert len(quoted) > 15
    assert not [quote for quote in quoted if quote not in said]
    told = {key: text for key, text in catalogue("nb").items() if key.startswith("excel.")}
    unnamed = {key for key, text in told.items() if not any(quote in text for quote in quoted)}
    assert unnamed <= PLAIN


# These say all there is to say.
PLAIN = {
    f"excel.{key}"
    for key in (
        *(
            "appendix_is_plan",
            "folder_missing",
            "forms_there",
            "no_book",
            "no_caller",
            "no_date",
            "no_dialog",
            "no_excel",
        ),
        *(
            "no_plan",
            "no_returned_folder",
            "no_sent_folder",
            "no_such_ending",
            "not_a_choice",
            "not_a_date",
        ),
        *("not_a_folder", "not_merged", "nothing_chosen", "other_appendix", "sent_before"),
    )
}
