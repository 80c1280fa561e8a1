"""The buttons of the coordinator's workbook, over the demo's round, in openpyxl and in a running LibreOffice."""

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

from tests.desks import (
    BOARD,
    CONTROL,
    DAY,
    FOUND,
    LOG,
    PLAN,
    Desk,
    Opening,
    at_desk,
    plain,
    returned,
    sent,
    told,
)
from tests.engine import OfficeGrid, OpenpyxlGrid
from xltiltak import flows
from xltiltak.model.summary import area_statistics

STEPS = ["1 Ikke påbegynt", "2 Såvidt startet", "3 Godt i gang", "4 Snart ferdig", "5 Fullført"]
NONE = (None, None)
BUTTONS = ("Send ut", "Kontroller", "Konsolider", "Lag rapport", "Purr")
__all__ = ["plain", "sent", "told"]
pytestmark = pytest.mark.usefixtures("bokmaal")
BACKENDS = ["openpyxl", pytest.param("office", marks=pytest.mark.office)]


@pytest.fixture(params=BACKENDS)
def opening(request: pytest.FixtureRequest) -> Iterator[Opening]:
    """How her workbook is opened."""
    if request.param == "openpyxl":
        yield OpenpyxlGrid
        return
    office, opened = request.getfixturevalue("office"), []

    def in_office(path: Path) -> OfficeGrid:
        opened.append(office.open(path))
        return OfficeGrid(opened[-1], str(path))

    yield in_office
    for document in opened:
        document.close()


@pytest.fixture
def desk(opening: Opening, told: Path, tmp_path: Path) -> Iterator[Desk]:
    """Her workbook, open; nothing is chosen yet."""
    with at_desk(tmp_path, told, opening) as known:
        yield known


def test_a_round_shows_what_the_command_line_finds(desk: Desk, told: Path) -> None:
    desk.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    assert "4 skjema" in desk.click("split")
    forms = [f"{area}-2020-12-31" for area in ("HEL", "OPP", "ORG", "SAM")]
    made_ = {path.name for path in (desk.folder / "Sendt ut").iterdir()}
    assert made_ == {f"{form}.{kind}" for form in forms for kind in ("xlsx", "eml")}
    assert desk.setting("plan") == "Plan for året 2020 sendt 2020-12-31.xlsx"
    assert desk.setting("appendix") == "Vedlegg 2020-12-31.xlsx"
    assert [row[2:4] for row in desk.areas()] == [["sendt", "ikke levert"]] * 4 + [
        ["4 av 4", "0 av 4"]
    ]

    returned(told, desk.folder / "Svar")
    known = flows.check([desk.folder / "Svar"], plan=desk.folder / desk.setting("plan"))
    assert "4 av 4 områder har levert" in desk.click("check")
    assert len(desk.findings()) == len(known.findings) > 10
    assert not (desk.folder / "Vedlegg 2020-12-31.xlsx").exists()

    assert desk.click("merge").startswith("✔ Vedlegg 2020-12-31.xlsx er skrevet.")
    rows = {row[0]: row[1:] for row in desk.areas()}
    errors = [f for f in known.findings if f.severity == "error"]
    assert rows["Alle områder"][4:6] == [
        len(errors),
        sum(f.severity == "warning" for f in known.findings),
    ]
    assert rows["Oppvekst og læring"][1:6] == ["sendt", "levert", "46 av 50", 4, 2]
    assert "Oppvekst ferdig (2).xlsx" in rows["Oppvekst og læring"][6]
    assert (desk.folder / "Vedlegg 2020-12-31.xlsx").exists()
    assert desk.click("report").startswith("✔ Skrevet: Rapport 2020-12-31.html")
    made_ = {path.name for path in desk.folder.glob("Rapport 2020-12-31.*")}
    assert made_ == {f"Rapport 2020-12-31{end}" for end in (".html", ".docx", ".pdf", ".xlsx")}
    assert {row[0]: row[1:4] for row in desk.areas()} == {
        area: row[:3] for area, row in rows.items()
    }

    owing = flows.remind(desk.folder / "Vedlegg 2020-12-31.xlsx", [desk.folder / "Svar"]).reminders
    partly = [reminder.area for reminder in owing if reminder.state == "partly"]
    assert desk.click("remind").startswith(
        f"✔ Områder som ikke har svart: 0. Mangler noe: {len(partly)}."
    )
    drafts = [path.name for path in (desk.folder / "Purringer").iterdir()]
    assert [name.partition("-")[0] for name in sorted(drafts)] == sorted(partly) != []
    assert not desk.app.told
    assert [
        said for said in desk.app.statuses if re.fullmatch(r"xltiltak: 3 · .+\.xlsx", str(said))
    ]
    assert desk.app.status_bar is False
    outcomes = [row[1:3] for row in desk.table(LOG, 4)]
    assert outcomes == [
        [button, "i orden"]
        for button in ("Send ut", "Kontroller", "Konsolider", "Lag rapport", "Purr")
    ]


def is_address(value: object) -> bool:
    """Is it an e-mail address?"""
    return bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.example", str(value)))


def test_a_form_to_every_leader_comes_back_to_all_her_areas(desk: Desk) -> None:
    plan = openpyxl.load_workbook(desk.folder / PLAN)
    addresses = [
        cell for page in plan for row in page.iter_rows() for cell in row if is_address(cell.value)
    ]
    assert len(addresses) >= 4
    for cell in addresses:
        cell.value = "en@fjordvik.example"
    plan.save(desk.folder / PLAN)
    desk.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY, per="hver leder")
    assert desk.click("split").startswith("✔ Laget 1 skjema")
    (form,) = (desk.folder / "Sendt ut").glob("*.xlsx")
    assert form.name == "ORG+SAM+OPP+HEL-2020-12-31.xlsx"
    shutil.copy(form, desk.folder / "Svar" / "svar.xlsx")
    assert desk.click("merge").startswith(
        "✔ Vedlegg 2020-12-31.xlsx er skrevet. 4 av 4 områder har levert."
    )
    assert [row[2:4] for row in desk.areas()] == [["sendt", "levert"]] * 4 + [["4 av 4", "4 av 4"]]
    assert "alt i" in desk.click("split")


@pytest.mark.parametrize("button", ["split", "check", "merge", "report", "remind"])
def test_a_second_click_changes_nothing(desk: Desk, told: Path, button: str) -> None:
    desk.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    desk.click("split")
    returned(told, desk.folder / "Svar")
    if button == "report":
        desk.click("merge")
    desk.click(button)
    if button == "split":  # from the second click on it says that it has been done
        desk.click(button)
    before = desk.everything(), desk.files()
    desk.click(button)
    assert (desk.everything(), desk.files()) == before
    assert not desk.app.told


def test_the_dashboard_shows_what_the_appendix_says(desk: Desk, told: Path) -> None:
    desk.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    desk.click("split")
    returned(told, desk.folder / "Svar")
    assert not desk.table(BOARD, 12)
    desk.click("merge")
    top = desk.row("@head", BOARD)
    labels = [desk.cell(BOARD, top, col) or "" for col in range(3, 14)]
    assert labels == ["", "30.04.20", "31.08.20", "31.12.20", *STEPS, "", ""]
    report = flows.read_plan(desk.folder / "Vedlegg 2020-12-31.xlsx").report
    known = area_statistics(report)
    for row, area in zip(desk.table(BOARD, 12), report.area_refs, strict=True):
        means = [float(str(known[area, day].mean())) for day in report.head.dates]
        spread = [
            known[area, report.head.dates[-1]].distribution.get(step, 0) for step in range(1, 6)
        ]
        assert [cell or None for cell in row] == [
            report.area_name(area),
            None,
            *means,
            *(n or None for n in spread),
            *NONE,
        ]


def test_what_is_not_there_is_not_drawn(plain: Desk, told: Path) -> None:
    plain.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
    plain.click("split")
    returned(told, plain.folder / "Svar")
    plain.click("merge")
    page, top = plain.grid.workbook[BOARD], plain.row("@head", BOARD)  # type: ignore[attr-defined]
    assert [n - top for n in range(top + 1, top + 41) if not page.row_dimensions[n].hidden] == [
        1,
        2,
        3,
        4,
    ]
    shown = [letter for letter in "CDEFGHIJKLM" if not page.column_dimensions[letter].hidden]
    assert shown == list("DEFGHIJK")


def test_a_finding_leads_to_its_file_and_its_cell(sent: Desk, told: Path) -> None:
    returned(told, sent.folder / "Svar")
    sent.click("check")
    links = {row[1]: row[6:] for row in sent.findings()}
    assert links["V101"][0].startswith("=HYPERLINK(")
    file = sent.folder / "Svar" / "Oppvekst ferdig (2).xlsx"
    assert links["V101"][0] == f'=HYPERLINK("{file}","{file.name}")'
    sheet, cell = re.fullmatch(
        rf'=HYPERLINK\("{re.escape(str(file))}#\'(.*)\'!(\w+)","\2"\)', links["V101"][2]
    ).groups()  # type: ignore[union-attr]
    assert openpyxl.load_workbook(file)[sheet].cell(*coordinate_to_tuple(cell)).value in (7, "3,5")


def test_what_leaders_wrote_never_becomes_a_formula(sent: Desk) -> None:
    form = sent.folder / "Sendt ut" / "HEL-2020-12-31.xlsx"
    book = openpyxl.load_workbook(form)
    page = book[book.sheetnames[0]]
    page["H2"] = '=HYPERLINK("http://example.org","+1")'
    page["H2"].data_type = "s"
    book.save(sent.folder / "Svar" / "=1+1.xlsx")
    sent.click("check")
    page = sent.grid.workbook[FOUND]  # type: ignore[attr-defined]
    formulas = [cell.value for row in page.iter_rows() for cell in row if cell.data_type == "f"]
    assert formulas
    assert all(str(formula).startswith(f'=HYPERLINK("{sent.folder}') for formula in formulas)
    control = sent.grid.workbook[CONTROL]  # type: ignore[attr-defined]
    (link,) = [cell.value for row in control.iter_rows() for cell in row if cell.data_type == "f"]
    assert link == f'=HYPERLINK("{sent.folder}/Svar/=1+1.xlsx","=1+1.xlsx")'


def test_a_form_that_is_taken_away_is_made_again(sent: Desk) -> None:
    (sent.folder / "Sendt ut" / "HEL-2020-12-31.xlsx").unlink()
    assert sent.click("split").startswith("✔ Laget 1 skjema")
    assert {row[0]: row[2] for row in sent.areas()}["Helse og mestring"] == "sendt 2 ganger"


def test_what_she_decided_in_the_appendix_survives_the_next_click(sent: Desk, told: Path) -> None:
    returned(told, sent.folder / "Svar")
    sent.click("merge")
    path = sent.folder / "Vedlegg 2020-12-31.xlsx"
    before = flows.read_plan(path)
    book = openpyxl.load_workbook(path)
    day = before.report.head.current
    slot = next(
        s
        for s, value in before.report.values.items()
        if s.field == "status" and s.date == day and value == 3
    )
    page, row = next((p, cell.row) for p in book for cell in p["A"] if cell.value == slot.ref)
    (col,) = {
        cell.column for line in page.iter_rows() for cell in line if cell.value == "Status 311220"
    }
    page.cell(row, col).value = 5
    book.save(path)
    assert sent.click("merge").startswith("✔")
    after = flows.read_plan(path)
    assert [after.report.values[s] for s in after.overridden_slots] == [5]


def test_the_next_date_gets_a_folder_and_an_appendix_of_its_own(sent: Desk, told: Path) -> None:
    returned(told, sent.folder / "Svar")
    sent.click("merge")
    sent.choose(plan="Vedlegg 2020-12-31.xlsx", day=datetime(2021, 4, 30))  # noqa: DTZ001 - a day of a spreadsheet
    assert sent.click("split").startswith("✔ Laget 4 skjema for 30.04.2021")
    assert sent.setting("returned") == "Svar 2021-04-30"
    assert sent.setting("appendix") == "Vedlegg 2021-04-30.xlsx"


def test_reminders_to_those_who_have_answered_since_are_taken_away(sent: Desk, told: Path) -> None:
    assert sent.click("remind").startswith("✔ Områder som ikke har svart: 4.")
    assert len(list((sent.folder / "Purringer").glob("*.eml"))) == 4
    returned(told, sent.folder / "Svar")
    assert sent.click("remind").startswith("✔ Områder som ikke har svart: 0.")
    assert 0 < len(list((sent.folder / "Purringer").glob("*.eml"))) < 4


def test_the_engine_raises_on_what_it_does_not_have(plain: Desk) -> None:
    sheet = xlwings.Book.caller().sheets[0]
    with pytest.raises(NotImplementedError):
        sheet.range("A1").formula  # noqa: B018 - asking is what raises
    with pytest.raises((AttributeError, NotImplementedError)):
        sheet.range("A1").merge()
    assert plain.app.told == []
