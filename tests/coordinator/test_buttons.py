"""Click the buttons through a round of the demo, in openpyxl and in a running LibreOffice."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
import xlwings
from openpyxl.utils.cell import coordinate_to_tuple

from tests.button_workbook import (
    CONTROL,
    DASHBOARD,
    DAY,
    FINDINGS,
    LOG,
    PLAN,
    ButtonWorkbook,
    GridFactory,
    copy_returned_files,
    open_workbook,
)
from tests.examples import sampled
from tests.rounds.test_settled import handle
from xltiltak import flows
from xltiltak.model.summary import area_statistics

STEPS = ["1 Ikke påbegynt", "2 Såvidt startet", "3 Godt i gang", "4 Snart ferdig", "5 Fullført"]
NONE = (None, None)
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("bokmaal")]


@pytest.fixture
def live(grid_of: GridFactory, demo: Path, tmp_path: Path) -> Iterator[ButtonWorkbook]:
    """Open a new workbook in each backend; no setting is filled in."""
    with open_workbook(tmp_path, demo, grid_of) as workbook:
        yield workbook


def test_a_round_shows_what_the_command_line_finds(live: ButtonWorkbook, demo: Path) -> None:
    live.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    assert "4 skjema" in live.click("split")
    forms = [f"{row[0]} – 2020-12-31" for row in live.areas()[:-1]]
    names = {path.name for path in (live.folder / "Sendt ut").iterdir()}
    assert names == {f"{form}.{suffix}" for form in forms for suffix in ("xlsx", "eml")}
    assert live.setting("plan") == "Plan for året 2020 sendt 2020-12-31.xlsx"
    assert live.setting("appendix") == "Vedlegg 2020-12-31.xlsx"
    assert [row[2:4] for row in live.areas()] == [
        *([["sendt", "ikke levert"]] * 4),
        ["4 av 4", "0 av 4"],
    ]

    copy_returned_files(demo, live.folder / "Svar")
    checked = flows.check([live.folder / "Svar"], plan=live.folder / live.setting("plan"))
    assert "4 av 4 områder har levert" in live.click("check")
    assert len(live.findings()) == len(checked.findings) > 10
    assert not (live.folder / "Vedlegg 2020-12-31.xlsx").exists()

    assert live.click("merge").startswith("✔ Vedlegg 2020-12-31.xlsx er skrevet.")
    rows = {row[0]: row[1:] for row in live.areas()}
    severities = [finding.severity for finding in checked.findings]
    totals = [severities.count("error"), severities.count("warning")]
    assert rows["Alle områder"][4:6] == totals
    assert rows["Oppvekst og læring"][1:6] == ["sendt", "levert", "46 av 50", 4, 2]
    assert "Oppvekst ferdig (2).xlsx" in rows["Oppvekst og læring"][6]
    assert (live.folder / "Vedlegg 2020-12-31.xlsx").exists()

    assert live.click("report").startswith("✔ Skrevet: Rapport 2020-12-31.html")
    names = {path.name for path in live.folder.glob("Rapport 2020-12-31.*")}
    assert names == {f"Rapport 2020-12-31{end}" for end in (".html", ".docx", ".pdf", ".xlsx")}
    assert {row[0]: row[1:4] for row in live.areas()} == {
        area: row[:3] for area, row in rows.items()
    }

    reminders = flows.remind(
        live.folder / "Vedlegg 2020-12-31.xlsx", [live.folder / "Svar"]
    ).reminders
    partly = [reminder.area for reminder in reminders if reminder.state == "partly"]
    assert live.click("remind").startswith(
        f"✔ Områder som ikke har svart: 0. Mangler noe: {len(partly)}."
    )
    drafts = [path.name for path in (live.folder / "Purringer").iterdir()]
    report = flows.read_plan(live.folder / "Vedlegg 2020-12-31.xlsx").report
    asked = {report.area_name(area) for area in partly}
    assert {name.partition(" – ")[0] for name in drafts} == asked != set()
    assert not live.app.alerts
    counting = re.compile(r"xltiltak: 3 · .+\.xlsx")
    assert [status for status in live.app.statuses if counting.fullmatch(str(status))]
    assert live.app.status_bar is False
    assert [row[1:3] for row in live.table(LOG, 4)] == [
        [button, "i orden"]
        for button in ("Send ut", "Kontroller", "Konsolider", "Lag rapport", "Purr")
    ]


def test_a_round_with_decisions_gives_the_bytes_of_the_command_line(
    live: ButtonWorkbook, demo: Path
) -> None:
    live.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    live.click("split")
    copy_returned_files(demo, live.folder / "Svar")
    sent, other = live.folder / str(live.setting("plan")), live.folder / "kommandolinjen"
    appendix = live.folder / str(live.setting("appendix"))
    same = other / appendix.name
    flows.merge([live.folder / "Svar"], same, plan=sent)
    assert live.click("merge").startswith("✔")
    assert appendix.read_bytes() == same.read_bytes()

    assert handle(appendix, "Avklart med lederne") > 1
    shutil.copy(appendix, same)
    flows.merge([live.folder / "Svar"], same, plan=sent)
    for _ in range(2):
        assert "Feil: 0." in live.click("merge")
        assert appendix.read_bytes() == same.read_bytes()


def is_address(value: object) -> bool:
    """Return True for an e-mail address."""
    return bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.example", str(value)))


def test_a_form_for_a_leader_comes_back_to_all_their_areas(live: ButtonWorkbook) -> None:
    plan = openpyxl.load_workbook(live.folder / PLAN)
    addresses = [
        cell for page in plan for row in page.iter_rows() for cell in row if is_address(cell.value)
    ]
    assert len(addresses) >= 4
    for cell in addresses:
        cell.value = "en@fjordvik.example"
    plan.save(live.folder / PLAN)
    live.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY, per="hver leder")
    assert live.click("split").startswith("✔ Laget 1 skjema")
    (form,) = (live.folder / "Sendt ut").glob("*.xlsx")
    areas = "Organisasjon og digitalisering + Samfunn og miljø + Oppvekst og læring + 1"
    assert form.name == f"{areas} – 2020-12-31.xlsx"
    shutil.copy(form, live.folder / "Svar" / "svar.xlsx")
    assert live.click("merge").startswith(
        "✔ Vedlegg 2020-12-31.xlsx er skrevet. 4 av 4 områder har levert."
    )
    assert [row[2:4] for row in live.areas()] == [["sendt", "levert"]] * 4 + [["4 av 4", "4 av 4"]]
    assert "alt i" in live.click("split")


@pytest.mark.parametrize("button", sampled(["split", "check", "merge", "report", "remind"]))
def test_a_second_click_changes_nothing(live: ButtonWorkbook, demo: Path, button: str) -> None:
    live.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    live.click("split")
    copy_returned_files(demo, live.folder / "Svar")
    if button == "report":
        live.click("merge")
    live.click(button)
    if button in ("split", "merge"):  # the second click has another message: nothing is new
        live.click(button)
    before = live.cells(), live.files()
    live.click(button)
    assert (live.cells(), live.files()) == before
    assert not live.app.alerts


def test_the_dashboard_shows_the_numbers_of_the_appendix(live: ButtonWorkbook, demo: Path) -> None:
    live.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    live.click("split")
    copy_returned_files(demo, live.folder / "Svar")
    assert not live.table(DASHBOARD, 12)
    live.click("merge")
    top = live.row("@head", DASHBOARD)
    labels = [live.cell(DASHBOARD, top, col) or "" for col in range(3, 14)]
    assert labels == ["", "30.04.2020", "31.08.2020", "31.12.2020", *STEPS, "", ""]
    report = flows.read_plan(live.folder / "Vedlegg 2020-12-31.xlsx").shown_report
    statistics, dates = area_statistics(report), report.head.dates
    for row, area in zip(live.table(DASHBOARD, 12), report.area_refs, strict=True):
        means = [float(str(statistics[area, day].mean())) for day in dates]
        answers = [statistics[area, dates[-1]].distribution.get(step, 0) for step in range(1, 6)]
        assert [cell or None for cell in row] == [
            report.area_name(area),
            None,
            *means,
            *(number or None for number in answers),
            *NONE,
        ]


def test_unused_rows_and_columns_of_the_dashboard_are_hidden(
    workbook: ButtonWorkbook, demo: Path
) -> None:
    workbook.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    workbook.click("split")
    copy_returned_files(demo, workbook.folder / "Svar")
    workbook.click("merge")
    page = workbook.grid.workbook[DASHBOARD]  # type: ignore[attr-defined]
    top = workbook.row("@head", DASHBOARD)
    rows = [row - top for row in range(top + 1, top + 41) if not page.row_dimensions[row].hidden]
    assert rows == [1, 2, 3, 4]
    columns = [letter for letter in "CDEFGHIJKLM" if not page.column_dimensions[letter].hidden]
    assert columns == list("DEFGHIJK")


def test_a_finding_links_to_its_file_and_its_cell(
    sent_workbook: ButtonWorkbook, demo: Path
) -> None:
    copy_returned_files(demo, sent_workbook.folder / "Svar")
    sent_workbook.click("check")
    links = {row[1]: row[6:] for row in sent_workbook.findings()}
    file = sent_workbook.folder / "Svar" / "Oppvekst ferdig (2).xlsx"
    assert links["V101"][0] == f'=HYPERLINK("{file}","{file.name}")'
    match = re.fullmatch(
        rf'=HYPERLINK\("{re.escape(str(file))}#\'(.*)\'!(\w+)","\2"\)', links["V101"][2]
    )
    assert match
    sheet, cell = match.groups()
    assert openpyxl.load_workbook(file)[sheet].cell(*coordinate_to_tuple(cell)).value in (7, "3,5")


def test_a_text_from_a_leader_never_becomes_a_formula(sent_workbook: ButtonWorkbook) -> None:
    folder = sent_workbook.folder
    book = openpyxl.load_workbook(folder / "Sendt ut" / "Helse og mestring – 2020-12-31.xlsx")
    page = book[book.sheetnames[0]]
    page["H2"] = '=HYPERLINK("http://example.org","+1")'
    page["H2"].data_type = "s"
    book.save(folder / "Svar" / "=1+1.xlsx")
    sent_workbook.click("check")

    page = sent_workbook.grid.workbook[FINDINGS]  # type: ignore[attr-defined]
    formulas = [cell.value for row in page.iter_rows() for cell in row if cell.data_type == "f"]
    assert formulas
    assert all(str(formula).startswith(f'=HYPERLINK("{folder}') for formula in formulas)
    control = sent_workbook.grid.workbook[CONTROL]  # type: ignore[attr-defined]
    (link,) = [cell.value for row in control.iter_rows() for cell in row if cell.data_type == "f"]
    assert link == f'=HYPERLINK("{folder}/Svar/=1+1.xlsx","=1+1.xlsx")'


def test_a_deleted_form_is_written_again(sent_workbook: ButtonWorkbook) -> None:
    (sent_workbook.folder / "Sendt ut" / "Helse og mestring – 2020-12-31.xlsx").unlink()
    assert sent_workbook.click("split").startswith("✔ Laget 1 skjema")
    rows = {row[0]: row[2] for row in sent_workbook.areas()}
    assert rows["Helse og mestring"] == "sendt 2 ganger"


def test_a_decision_in_the_appendix_survives_the_next_click(
    sent_workbook: ButtonWorkbook, demo: Path
) -> None:
    copy_returned_files(demo, sent_workbook.folder / "Svar")
    sent_workbook.click("merge")
    path = sent_workbook.folder / "Vedlegg 2020-12-31.xlsx"
    before = flows.read_plan(path)
    book = openpyxl.load_workbook(path)
    day = before.report.head.current
    slot = next(
        slot
        for slot, value in before.report.values.items()
        if slot.field == "status" and slot.date == day and value == 3
    )
    page, row = next((p, cell.row) for p in book for cell in p["A"] if cell.value == slot.ref)
    (col,) = {
        cell.column
        for line in page.iter_rows()
        for cell in line
        if cell.value == "Status 31.12.2020"
    }
    page.cell(row, col).value = 5
    book.save(path)
    assert sent_workbook.click("merge").startswith("✔")
    after = flows.read_plan(path)
    assert [after.report.values[slot] for slot in after.overridden_slots] == [5]


def test_the_next_date_gets_its_own_folder_and_appendix(
    sent_workbook: ButtonWorkbook, demo: Path
) -> None:
    copy_returned_files(demo, sent_workbook.folder / "Svar")
    sent_workbook.click("merge")
    next_day = datetime(2021, 4, 30)  # noqa: DTZ001 - a date in a cell
    sent_workbook.choose(plan="Vedlegg 2020-12-31.xlsx", day=next_day)
    assert sent_workbook.click("split").startswith("✔ Laget 4 skjema for 30.04.2021")
    assert sent_workbook.setting("returned") == "Svar 2021-04-30"
    assert sent_workbook.setting("appendix") == "Vedlegg 2021-04-30.xlsx"


def test_reminders_to_leaders_who_have_answered_since_are_deleted(
    sent_workbook: ButtonWorkbook, demo: Path
) -> None:
    assert sent_workbook.click("remind").startswith("✔ Områder som ikke har svart: 4.")
    assert len(list((sent_workbook.folder / "Purringer").glob("*.eml"))) == 4
    copy_returned_files(demo, sent_workbook.folder / "Svar")
    assert sent_workbook.click("remind").startswith("✔ Områder som ikke har svart: 0.")
    assert 0 < len(list((sent_workbook.folder / "Purringer").glob("*.eml"))) < 4


def test_the_engine_raises_for_what_it_does_not_support(workbook: ButtonWorkbook) -> None:
    sheet = xlwings.Book.caller().sheets[0]
    with pytest.raises(NotImplementedError):
        sheet.range("A1").formula  # noqa: B018 - reading it raises
    with pytest.raises((AttributeError, NotImplementedError)):
        sheet.range("A1").merge()
    assert workbook.app.alerts == []
