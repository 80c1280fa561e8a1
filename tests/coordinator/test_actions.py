"""Run the actions of the buttons without Excel, in a small round of two areas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests import small
from tests.examples import sampled
from xltiltak import flows
from xltiltak.cli import main as cli
from xltiltak.coordinator import actions
from xltiltak.coordinator.actions import ActionResult
from xltiltak.coordinator.model import Settings
from xltiltak.intake import form_reader, returned_file
from xltiltak.intake.returned_sheet import ReturnedWorkbook
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
SAME_LEADER = ("Kari", "Kari@proveby.example")
OTHER_LEADER = ("Ola", "ola@proveby.example")
NAMES = {"OPP": "Oppvekst", "TEK": "Teknikk"}
NO_ADDRESS = ("Ola", "")
pytestmark = pytest.mark.usefixtures("bokmaal")


def settings_with_plan(folder: Path, leader: tuple[str, str] = OTHER_LEADER) -> Settings:
    """Write a plan, and return the settings with it.

    Kari is the leader of the first area, `leader` (name and address) that of the second.
    """
    head = small.HEAD + LEADERS.format(leader=leader[0], email=leader[1])
    small.source(folder, head=head)
    plan = folder / "plan.xlsx"
    command = ["import", str(folder / "tiltak.csv"), "-o", str(plan), "--template", "tiltaksstatus"]
    assert cli.run(command) == 0
    return actions.choose_plan(Settings(plan=plan, folder=folder), "nb").settings


def settings_after_split(
    folder: Path, leader: tuple[str, str] = OTHER_LEADER, per: str = "area"
) -> Settings:
    """Return the settings after the forms were sent out."""
    return actions.split(replace(settings_with_plan(folder, leader), per=per), "nb").settings


def return_form(settings: Settings, answers: Mapping[str, object], name: str = "svar.xlsx") -> None:
    """Return the form of an area with these statuses, by ref."""
    assert settings.sent
    assert settings.returned
    (area,) = {ref.partition("-")[0] for ref in answers}
    form = (settings.sent / f"{NAMES[area]} – {LAST}.xlsx").read_bytes()
    (settings.returned / name).write_bytes(small.filled(form, dict(answers)))


def files(folder: Path) -> dict[str, bytes]:
    """Return the content of every file."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def refused(key: str) -> pytest.RaisesExc[ExcelError]:
    """Expect the error with this key."""
    return pytest.RaisesExc(ExcelError, check=lambda error: error.key == key)


def times_sent(result: ActionResult) -> dict[str, int]:
    """Return how many times each area was sent."""
    assert result.register
    report = result.register.report
    return {ref: report.areas[ref].sent for ref in report.area_refs}


def test_a_chosen_plan_sets_its_date_deadline_and_folders(tmp_path: Path) -> None:
    settings = settings_with_plan(tmp_path)
    assert (settings.day, settings.deadline) == (LAST, date(2021, 1, 15))
    assert (settings.sent, settings.returned) == (tmp_path / "Sendt ut", tmp_path / "Svar")


def test_a_chosen_plan_keeps_a_folder_that_is_set(tmp_path: Path) -> None:
    settings = replace(settings_with_plan(tmp_path), sent=tmp_path / "mine")
    assert actions.choose_plan(settings, "nb").settings.sent == tmp_path / "mine"


@pytest.mark.parametrize(
    ("per", "leader", "names"),
    [
        ("area", SAME_LEADER, {"Oppvekst", "Teknikk"}),
        ("leader", SAME_LEADER, {"Kari"}),  # case does not matter in an address
        ("leader", OTHER_LEADER, {"Oppvekst", "Teknikk"}),
    ],
)
def test_there_is_a_form_for_each_area_or_for_each_leader(
    per: str, leader: tuple[str, str], names: set[str], tmp_path: Path
) -> None:
    result = actions.split(replace(settings_with_plan(tmp_path, leader), per=per), "nb")
    settings = result.settings
    assert settings.sent
    assert result.values["count"] == len(names)
    forms = {path.name for path in settings.sent.glob("*.xlsx")}
    assert forms == {f"{name} – {LAST}.xlsx" for name in names}
    letters = 1 if leader == SAME_LEADER else 2
    assert len(list(settings.sent.glob("*.eml"))) == letters


@pytest.mark.parametrize("per", ["area", "leader"])
def test_a_second_split_changes_nothing(per: str, tmp_path: Path) -> None:
    settings = settings_after_split(tmp_path, SAME_LEADER, per)
    before = files(tmp_path)
    result = actions.split(settings, "nb")
    assert (result.message_key, result.settings, result.written) == ("already_sent", settings, ())
    assert files(tmp_path) == before
    assert times_sent(result) == {"OPP": 1, "TEK": 1}


@pytest.mark.parametrize(
    ("per", "again"), [("area", {"OPP": 2, "TEK": 1}), ("leader", {"OPP": 2, "TEK": 2})]
)
def test_a_deleted_form_is_written_again_with_all_its_areas(
    per: str, again: dict[str, int], tmp_path: Path
) -> None:
    settings = settings_after_split(tmp_path, SAME_LEADER, per)
    assert settings.sent
    name = "Kari" if per == "leader" else "Oppvekst"
    (settings.sent / f"{name} – {LAST}.xlsx").unlink()
    result = actions.split(settings, "nb")
    assert (result.message_key, times_sent(result)) == ("sent_out", again)
    assert (settings.sent / f"{name} – {LAST}.xlsx").exists()


def test_the_form_of_a_leader_is_returned_for_all_their_areas(tmp_path: Path) -> None:
    settings = settings_after_split(tmp_path, SAME_LEADER, "leader")
    assert settings.sent
    assert settings.returned
    book = openpyxl.load_workbook(settings.sent / f"{'Kari'} – {LAST}.xlsx")
    for sheet, ref in zip((s for s in book if s["A1"].value), ("OPP-001", "TEK-001"), strict=False):
        small.cell_of(sheet, ref, small.STATUS).value = 4
    book.save(settings.returned / "svar fra Kari.xlsx")
    result = actions.check(settings, "nb")
    assert result.register
    assert result.register.answered_areas == {"OPP", "TEK"}
    assert result.values["returned"] == 2


def test_an_area_without_an_address_is_reported_at_every_split(tmp_path: Path) -> None:
    first = actions.split(settings_with_plan(tmp_path, NO_ADDRESS), "nb")
    again = actions.split(first.settings, "nb")
    for result in (first, again):
        assert result.register
        assert [(f.code, f.area) for f in result.register.findings] == [("M108", "TEK")]


def test_after_a_split_the_settings_have_the_plan_as_sent(tmp_path: Path) -> None:
    settings = settings_after_split(tmp_path)
    assert settings.plan == tmp_path / f"plan sendt {LAST}.xlsx"
    assert settings.appendix == tmp_path / f"Vedlegg {LAST}.xlsx"
    assert settings.returned == tmp_path / "Svar"
    assert settings.returned.is_dir()


def test_a_new_date_gets_an_empty_folder_and_a_new_appendix(tmp_path: Path) -> None:
    settings = settings_after_split(tmp_path)
    return_form(settings, {"OPP-001": 3})
    merged = actions.merge(settings, "nb").settings
    later = replace(merged, plan=merged.appendix, day=LATER)
    after = actions.split(later, "nb", new_date=True).settings
    assert after.returned == tmp_path / f"Svar {LATER}"
    assert after.appendix == tmp_path / f"Vedlegg {LATER}.xlsx"
    assert after.plan == tmp_path / f"Vedlegg {LAST} sendt {LATER}.xlsx"


@pytest.mark.parametrize("day", [date(1901, 1, 1), date(2020, 12, 30), date(2002, 12, 31)])
def test_an_earlier_date_that_the_plan_does_not_have_is_refused(day: date, tmp_path: Path) -> None:
    settings = replace(settings_with_plan(tmp_path), day=day)
    before = files(tmp_path)
    with refused("no_such_date"):
        actions.split(settings, "nb")
    assert files(tmp_path) == before


def test_a_later_date_is_added_to_the_plan_if_it_is_said_to_be_new(tmp_path: Path) -> None:
    settings = replace(settings_with_plan(tmp_path), day=LATER, deadline=None)
    before = files(tmp_path)
    with refused("new_date"):
        actions.split(settings, "nb")
    assert files(tmp_path) == before
    assert actions.split(settings, "nb", new_date=True).settings.day == LATER


def test_a_plan_is_not_sent_twice_for_the_same_date(tmp_path: Path) -> None:
    settings = settings_after_split(tmp_path)
    with refused("sent_before"):
        actions.split(replace(settings, plan=tmp_path / "plan.xlsx"), "nb")
    (tmp_path / f"plan sendt {LAST}.xlsx").unlink()
    with refused("forms_there"):
        actions.split(replace(settings, plan=tmp_path / "plan.xlsx"), "nb")


def test_a_file_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    settings = settings_with_plan(tmp_path)
    with refused("not_a_folder"):
        actions.split(replace(settings, sent=settings.plan), "nb")
    with refused("not_a_folder"):
        actions.check(replace(settings, returned=tmp_path / "tiltak.csv"), "nb")


def test_returned_files_need_their_own_folder(tmp_path: Path) -> None:
    settings = settings_after_split(tmp_path)
    return_form(settings, {"OPP-001": 3})
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


def test_the_plan_is_refused_as_the_appendix(tmp_path: Path) -> None:
    settings = settings_after_split(tmp_path)
    return_form(settings, {"OPP-001": 3})
    before = files(tmp_path)
    with refused("appendix_is_plan"):
        actions.merge(replace(settings, appendix=settings.plan), "nb")
    assert files(tmp_path) == before


def test_an_appendix_of_another_date_is_refused(tmp_path: Path) -> None:
    settings = settings_after_split(tmp_path)
    return_form(settings, {"OPP-001": 3})
    merged = actions.merge(settings, "nb").settings
    with refused("other_appendix"):
        actions.check(replace(merged, day=LATER), "nb")


def test_an_empty_appendix_setting_keeps_the_decisions_in_the_appendix(tmp_path: Path) -> None:
    settings = settings_after_split(tmp_path)
    return_form(settings, {"OPP-001": 3})
    path = actions.merge(settings, "nb").settings.appendix
    assert path
    book = openpyxl.load_workbook(path)
    (sheet,) = [page for page in book if "OPP-001" in [cell.value for cell in page["A"]]]
    small.cell_of(sheet, "OPP-001", small.STATUS).value = 5
    book.save(path)
    result = actions.merge(replace(settings, appendix=None), "nb")
    assert result.settings.appendix == path
    after = flows.read_plan(path)
    decisions = [(slot.ref, after.report.values[slot]) for slot in after.overridden_slots]
    assert decisions == [("OPP-001", 5)]


def test_an_appendix_without_a_date_has_none_in_its_name(tmp_path: Path) -> None:
    settings = replace(settings_with_plan(tmp_path), day=None)
    (tmp_path / "Svar").mkdir()
    (tmp_path / "Svar" / "notat.txt").write_text("ingen", "utf-8")
    assert actions.merge(settings, "nb").settings.appendix == tmp_path / "Vedlegg.xlsx"


def test_the_report_is_written_beside_the_appendix_and_is_repeatable(tmp_path: Path) -> None:
    settings = settings_after_split(tmp_path)
    with refused("not_merged"):
        actions.report(settings, "nb")
    return_form(settings, {"OPP-001": 3})
    settings = actions.merge(settings, "nb").settings
    result = actions.report(settings, "nb")
    assert {path.name for path in result.written} == {
        f"Rapport {LAST}{end}" for end in (".html", ".docx", ".pdf", ".xlsx")
    }
    before = files(tmp_path)
    actions.report(replace(settings, appendix=None), "nb")
    assert files(tmp_path) == before


@pytest.mark.parametrize("name", [f"Rapport {LAST}.docx", f"Vedlegg {LAST}.xlsx"])
def test_a_file_that_is_open_in_excel_is_refused_by_its_name(name: str, tmp_path: Path) -> None:
    settings = settings_after_split(tmp_path)
    return_form(settings, {"OPP-001": 3})
    settings = actions.merge(settings, "nb").settings
    actions.report(settings, "nb")
    (tmp_path / f"~${name}").touch()
    before = files(tmp_path)
    button = actions.report if name.startswith("Rapport") else actions.merge
    with refused("open_elsewhere") as raised:
        button(settings, "nb")
    assert raised.value.values == {"file": name, "lock": f"~${name}"}
    assert files(tmp_path) == before


def test_old_reminders_are_deleted_but_not_other_drafts(tmp_path: Path) -> None:
    settings = settings_after_split(tmp_path)
    result = actions.remind(settings, "nb")
    assert (result.values["waiting"], result.values["count"]) == (2, 2)
    folder = tmp_path / "Purringer"
    (folder / "min egen.eml").write_text("hei", "utf-8")
    return_form(settings, {"OPP-001": 3, "OPP-002": 3, "OPP-003": 3})
    result = actions.remind(settings, "nb")
    assert result.message_key == "reminded"
    assert (result.values["waiting"], result.values["partly"]) == (1, 0)
    assert {path.name for path in folder.glob("*.eml")} == {f"Teknikk – {LAST}.eml", "min egen.eml"}
    return_form(settings, {"TEK-001": 3, "TEK-002": 3}, "svar fra teknikk.xlsx")
    assert actions.remind(settings, "nb").message_key == "nobody_owes"
    assert {path.name for path in folder.glob("*.eml")} == {"min egen.eml"}


@pytest.mark.parametrize("language", sampled(LANGUAGES))
def test_each_action_has_its_own_message_in_every_language(language: str, tmp_path: Path) -> None:
    sent = actions.split(settings_with_plan(tmp_path), language)
    return_form(sent.settings, {"OPP-001": 3})
    merged = actions.merge(sent.settings, language)
    others = (
        actions.split(sent.settings, language),
        actions.check(sent.settings, language),
        actions.report(merged.settings, language),
        actions.remind(sent.settings, language),
        actions.choose_plan(sent.settings, language),
        actions.choose_folder(sent.settings),
    )
    messages = [result.message(language) for result in (sent, merged, *others)]
    assert len(set(messages)) == len(messages)
    assert not [text for text in messages if "{" in text or not text.endswith(".")]


def test_a_file_that_an_error_of_ours_stops_is_named_and_the_rest_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_after_split(tmp_path)
    return_form(settings, {"OPP-001": 4}, "a.xlsx")
    return_form(settings, {"TEK-001": 4}, "b.xlsx")
    read, errors = form_reader.read_form, [KeyError("navn")]

    def failing(*arguments: Any) -> ReturnedWorkbook:
        if errors:
            raise errors.pop()
        return read(*arguments)

    monkeypatch.setattr(returned_file, "read_form", failing)
    done = actions.merge(settings, "nb")
    assert done.register
    assert [f.place.file for f in done.register.findings if f.code == "F010"] == ["a.xlsx"]
    assert done.written
    assert done.message("nb").startswith("Feil i xltiltak, 1 i alt (F010")
    assert "KeyError" in done.traces[0]
