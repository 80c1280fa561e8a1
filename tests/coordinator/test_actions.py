"""What each button does by her settings, without any Excel: a small round of two areas in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from tests import small
from xltiltak import flows
from xltiltak.cli import main as cli
from xltiltak.coordinator import actions, send_actions
from xltiltak.coordinator.actions import ActionResult
from xltiltak.coordinator.model import Settings
from xltiltak.model.errors import ExcelError
from xltiltak.model.language import LANGUAGES

LAST, LATER = small.LAST, date(2021, 4, 30)
LEADERS = """deadline = 2021-01-15

[[areas]]
name = "Oppvekst"
leader = "Kari"
email = "kari@proveby.example"

[[areas]]
name = "Teknikk"
leader = "{leader}"
email = "{email}"
"""
HERS, HIS, NOBODYS = ("Kari", "Kari@proveby.example"), ("Ola", "ola@proveby.example"), ("Ola", "")
pytestmark = pytest.mark.usefixtures("bokmaal")


def desk_in(folder: Path, leader: tuple[str, str] = HIS) -> Settings:
    """Her settings beside a new plan; `leader` answers for the second area, Kari for the first."""
    head = small.HEAD + LEADERS.format(leader=leader[0], email=leader[1])
    small.source(folder, head=head)
    assert (
        cli.run(
            [
                "import",
                f"{folder}/tiltak.csv",
                "-o",
                f"{folder}/plan.xlsx",
                "--template",
                "tiltaksstatus",
            ]
        )
        == 0
    )
    return actions.choose_plan(Settings(plan=folder / "plan.xlsx", folder=folder), "nb").settings


def sent_in(folder: Path, leader: tuple[str, str] = HIS, per: str = "area") -> Settings:
    """Her settings after the forms went out."""
    return send_actions.split(replace(desk_in(folder, leader), per=per), "nb").settings


def answered(settings: Settings, answers: Mapping[str, object], name: str = "svar.xlsx") -> None:
    """The form of an area comes back with these statuses, by ref."""
    assert settings.sent
    assert settings.returned
    (area,) = {ref.partition("-")[0] for ref in answers}
    form = (settings.sent / f"{area}-{LAST}.xlsx").read_bytes()
    (settings.returned / name).write_bytes(small.filled(form, dict(answers)))


def files(folder: Path) -> dict[str, bytes]:
    """Every file with its content."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def refused(key: str) -> pytest.RaisesExc[ExcelError]:
    """The error with this key."""
    return pytest.RaisesExc(ExcelError, check=lambda error: error.key == key)


def states(done: ActionResult) -> dict[str, int]:
    """How often each area was sent."""
    assert done.register
    report = done.register.report
    return {ref: report.areas[ref].sent for ref in report.area_refs}


def test_a_chosen_plan_gives_its_date_deadline_and_folders(tmp_path: Path) -> None:
    settings = desk_in(tmp_path)
    assert (settings.day, settings.deadline) == (LAST, date(2021, 1, 15))
    assert (settings.sent, settings.returned) == (tmp_path / "Sendt ut", tmp_path / "Svar")


def test_a_chosen_plan_takes_no_folder_that_is_chosen_already(tmp_path: Path) -> None:
    settings = replace(desk_in(tmp_path), sent=tmp_path / "mine")
    assert actions.choose_plan(settings, "nb").settings.sent == tmp_path / "mine"


@pytest.mark.parametrize(
    ("per", "leader", "made"),
    [
        ("area", HERS, {"OPP", "TEK"}),
        ("leader", HERS, {"OPP+TEK"}),  # an address is the same however it is written
        ("leader", HIS, {"OPP", "TEK"}),
    ],
)
def test_a_form_goes_to_every_area_or_to_every_leader(
    per: str, leader: tuple[str, str], made: set[str], tmp_path: Path
) -> None:
    done = send_actions.split(replace(desk_in(tmp_path, leader), per=per), "nb")
    settings = done.settings
    assert settings.sent
    assert done.values["count"] == len(made)
    forms = {path.name for path in settings.sent.glob("*.xlsx")}
    assert forms == {f"{name}-{LAST}.xlsx" for name in made}
    letters = 1 if leader == HERS else 2
    assert len(list(settings.sent.glob("*.eml"))) == letters


@pytest.mark.parametrize("per", ["area", "leader"])
def test_sending_again_changes_nothing(per: str, tmp_path: Path) -> None:
    settings = sent_in(tmp_path, HERS, per)
    before = files(tmp_path)
    done = send_actions.split(settings, "nb")
    assert (done.said, done.settings, done.written) == ("already_sent", settings, ())
    assert files(tmp_path) == before
    assert states(done) == {"OPP": 1, "TEK": 1}


@pytest.mark.parametrize(
    ("per", "again"), [("area", {"OPP": 2, "TEK": 1}), ("leader", {"OPP": 2, "TEK": 2})]
)
def test_a_form_that_is_taken_away_is_made_again_with_all_its_areas(
    per: str, again: dict[str, int], tmp_path: Path
) -> None:
    settings = sent_in(tmp_path, HERS, per)
    assert settings.sent
    name = "OPP+TEK" if per == "leader" else "OPP"
    (settings.sent / f"{name}-{LAST}.xlsx").unlink()
    done = send_actions.split(settings, "nb")
    assert (done.said, states(done)) == ("sent_out", again)
    assert (settings.sent / f"{name}-{LAST}.xlsx").exists()


def test_forms_of_a_leader_come_back_to_both_her_areas(tmp_path: Path) -> None:
    settings = sent_in(tmp_path, HERS, "leader")
    assert settings.sent
    assert settings.returned
    book = openpyxl.load_workbook(settings.sent / f"OPP+TEK-{LAST}.xlsx")
    for sheet, ref in zip((s for s in book if s["A1"].value), ("OPP-001", "TEK-001"), strict=False):
        small.cell_of(sheet, ref, small.STATUS).value = 4
    book.save(settings.returned / "svar fra Kari.xlsx")
    done = actions.check(settings, "nb")
    assert done.register
    assert done.register.answered_areas == {"OPP", "TEK"}
    assert done.values["returned"] == 2


def test_an_area_without_an_address_is_told_at_every_click(tmp_path: Path) -> None:
    first = send_actions.split(desk_in(tmp_path, NOBODYS), "nb")
    again = send_actions.split(first.settings, "nb")
    for done in (first, again):
        assert done.register
        assert [(f.code, f.area) for f in done.register.findings] == [("M108", "TEK")]


def test_after_sending_she_goes_on_with_the_plan_as_it_was_sent(tmp_path: Path) -> None:
    settings = sent_in(tmp_path)
    assert settings.plan == tmp_path / f"plan sendt {LAST}.xlsx"
    assert settings.appendix == tmp_path / f"Vedlegg {LAST}.xlsx"
    assert settings.returned == tmp_path / "Svar"
    assert settings.returned.is_dir()


def test_a_new_date_gets_an_empty_folder_and_another_appendix(tmp_path: Path) -> None:
    settings = sent_in(tmp_path)
    answered(settings, {"OPP-001": 3})
    merged = actions.merge(settings, "nb").settings
    after = send_actions.split(replace(merged, plan=merged.appendix, day=LATER), "nb").settings
    assert after.returned == tmp_path / f"Svar {LATER}"
    assert after.appendix == tmp_path / f"Vedlegg {LATER}.xlsx"
    assert after.plan == tmp_path / f"Vedlegg {LAST} sendt {LATER}.xlsx"


@pytest.mark.parametrize("day", [date(1901, 1, 1), date(2020, 12, 30), date(2002, 12, 31)])
def test_a_date_before_the_last_of_the_plan_that_it_does_not_have_is_refused(
    day: date, tmp_path: Path
) -> None:
    settings = replace(desk_in(tmp_path), day=day)
    before = files(tmp_path)
    with refused("no_such_date"):
        send_actions.split(settings, "nb")
    assert files(tmp_path) == before


def test_a_later_date_is_a_new_one(tmp_path: Path) -> None:
    assert (
        send_actions.split(replace(desk_in(tmp_path), day=LATER, deadline=None), "nb").settings.day
        == LATER
    )


def test_a_plan_is_not_sent_twice_for_a_date(tmp_path: Path) -> None:
    settings = sent_in(tmp_path)
    with refused("sent_before"):
        send_actions.split(replace(settings, plan=tmp_path / "plan.xlsx"), "nb")
    (tmp_path / f"plan sendt {LAST}.xlsx").unlink()
    with refused("forms_there"):
        send_actions.split(replace(settings, plan=tmp_path / "plan.xlsx"), "nb")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    settings = desk_in(tmp_path)
    with refused("not_a_folder"):
        send_actions.split(replace(settings, sent=settings.plan), "nb")
    with refused("not_a_folder"):
        actions.check(replace(settings, returned=tmp_path / "tiltak.csv"), "nb")


def test_answers_have_a_folder_of_their_own(tmp_path: Path) -> None:
    settings = sent_in(tmp_path)
    answered(settings, {"OPP-001": 3})
    for button in (actions.check, actions.merge):
        with refused("among_answers"):
            button(replace(settings, returned=tmp_path), "nb")
        with refused("same_folder"):
            button(replace(settings, returned=settings.sent), "nb")
        with refused("folder_missing"):
            button(replace(settings, returned=tmp_path / "borte"), "nb")
    assert settings.returned
    with refused("among_answers"):
        actions.merge(replace(settings, appendix=settings.returned / "V.xlsx"), "nb")
    with refused("among_answers"):
        actions.remind(replace(settings, returned=tmp_path), "nb")


def test_an_appendix_is_not_the_plan(tmp_path: Path) -> None:
    settings = sent_in(tmp_path)
    answered(settings, {"OPP-001": 3})
    before = files(tmp_path)
    with refused("appendix_is_plan"):
        actions.merge(replace(settings, appendix=settings.plan), "nb")
    assert files(tmp_path) == before


def test_an_appendix_of_another_date_is_refused(tmp_path: Path) -> None:
    settings = sent_in(tmp_path)
    answered(settings, {"OPP-001": 3})
    merged = actions.merge(settings, "nb").settings
    with refused("other_appendix"):
        actions.check(replace(merged, day=LATER), "nb")


def test_an_emptied_field_does_not_forget_what_she_decided(tmp_path: Path) -> None:
    settings = sent_in(tmp_path)
    answered(settings, {"OPP-001": 3})
    path = actions.merge(settings, "nb").settings.appendix
    assert path
    book = openpyxl.load_workbook(path)
    (sheet,) = [page for page in book if "OPP-001" in [cell.value for cell in page["A"]]]
    small.cell_of(sheet, "OPP-001", small.STATUS).value = 5
    book.save(path)
    done = actions.merge(replace(settings, appendix=None), "nb")
    assert done.settings.appendix == path
    after = flows.read_plan(path)
    assert [(slot.ref, after.report.values[slot]) for slot in after.overridden_slots] == [
        ("OPP-001", 5)
    ]


def test_an_appendix_without_a_date_has_none_in_its_name(tmp_path: Path) -> None:
    settings = replace(desk_in(tmp_path), day=None)
    (tmp_path / "Svar").mkdir()
    (tmp_path / "Svar" / "notat.txt").write_text("ingen", "utf-8")
    assert actions.merge(settings, "nb").settings.appendix == tmp_path / "Vedlegg.xlsx"


def test_the_report_is_made_beside_the_appendix_and_the_same_again(tmp_path: Path) -> None:
    settings = sent_in(tmp_path)
    with refused("not_merged"):
        actions.report(settings, "nb")
    answered(settings, {"OPP-001": 3})
    settings = actions.merge(settings, "nb").settings
    done = actions.report(settings, "nb")
    assert {path.name for path in done.written} == {
        f"Rapport {LAST}{end}" for end in (".html", ".docx", ".pdf", ".xlsx")
    }
    before = files(tmp_path)
    actions.report(replace(settings, appendix=None), "nb")
    assert files(tmp_path) == before


@pytest.mark.parametrize("name", [f"Rapport {LAST}.docx", f"Vedlegg {LAST}.xlsx"])
def test_a_file_that_somebody_has_open_is_told_by_its_name(name: str, tmp_path: Path) -> None:
    settings = sent_in(tmp_path)
    answered(settings, {"OPP-001": 3})
    settings = actions.merge(settings, "nb").settings
    actions.report(settings, "nb")
    (tmp_path / f"~${name}").touch()
    before = files(tmp_path)
    button = actions.report if name.startswith("Rapport") else actions.merge
    with refused("open_elsewhere") as told:
        button(settings, "nb")
    assert told.value.values == {"file": name, "lock": f"~${name}"}
    assert files(tmp_path) == before


def test_reminders_are_the_last_ones_and_what_is_hers_is_left(tmp_path: Path) -> None:
    settings = sent_in(tmp_path)
    done = actions.remind(settings, "nb")
    assert (done.values["waiting"], done.values["count"]) == (2, 2)
    folder = tmp_path / "Purringer"
    (folder / "min egen.eml").write_text("hei", "utf-8")
    answered(settings, {"OPP-001": 3, "OPP-002": 3, "OPP-003": 3})
    done = actions.remind(settings, "nb")
    assert (done.said, done.values["waiting"], done.values["partly"]) == ("reminded", 1, 0)
    assert {path.name for path in folder.glob("*.eml")} == {f"TEK-{LAST}.eml", "min egen.eml"}
    answered(settings, {"TEK-001": 3, "TEK-002": 3}, "svar fra teknikk.xlsx")
    assert actions.remind(settings, "nb").said == "nobody_owes"
    assert {path.name for path in folder.glob("*.eml")} == {"min egen.eml"}


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_every_button_says_what_it_did_in_every_language(spoken: str, tmp_path: Path) -> None:
    sent = send_actions.split(desk_in(tmp_path), spoken)
    answered(sent.settings, {"OPP-001": 3})
    merged = actions.merge(sent.settings, spoken)
    others = (
        send_actions.split(sent.settings, spoken),
        actions.check(sent.settings, spoken),
        actions.report(merged.settings, spoken),
        actions.remind(sent.settings, spoken),
        actions.choose_plan(sent.settings, spoken),
        actions.choose_folder(sent.settings),
    )
    said = [done.sentence(spoken) for done in (sent, merged, *others)]
    assert len(set(said)) == len(said)
    assert not [text for text in said if "{" in text or not text.endswith(".")]
