"""Test that a merge over an appendix continues it: decisions stand, edits of the plan are taken."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests import small
from tests.running import OPP, SENT, TEK, Run, answer, round_in
from xltiltak import flows
from xltiltak.model.finding import Finding
from xltiltak.model.report import Report, Slot

STATUS = Slot("OPP-001", "status", small.LAST)
TITLE = Slot("OPP-003", "name")


pytestmark = pytest.mark.usefixtures("bokmaal")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a round whose forms have an answer, an error and a proposal."""
    round_in(tmp_path)
    answer(tmp_path, "OPP-001", "4 - nesten")
    answer(tmp_path, "OPP-002", 4)
    answer(tmp_path, "TEK-001", 2)
    return tmp_path


def merged(
    folder: Path, *, plan: bool = True, force: bool = False, fresh: bool = False
) -> flows.Result:
    """Merge the forms into the appendix of the folder."""
    sent, target = folder / SENT if plan else None, folder / "vedlegg.xlsx"
    return flows.merge([folder / "ut"], target, plan=sent, force=force, fresh=fresh)


def content(folder: Path) -> bytes:
    """Return the appendix of the folder."""
    return (folder / "vedlegg.xlsx").read_bytes()


def edited(path: Path, edit: Callable[[Any], object]) -> None:
    """Edit a workbook with openpyxl."""
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)


def retype(path: Path, ref: str, heading: str, typed: object, sheet: str = "Oppvekst") -> None:
    """Type a value over another one in a plan or an appendix."""

    def edit(book: Any) -> None:
        small.cell_of(book[sheet], ref, heading).value = typed

    edited(path, edit)


def new_row(path: Path, above: str, title: str) -> None:
    """Type a new measure below another one."""

    def edit(book: Any) -> None:
        sheet = book["Oppvekst"]
        row = next(cell.row for cell in sheet["A"] if cell.value == above)
        sheet.insert_rows(row + 1)
        sheet.cell(row + 1, small.cell_of(sheet, above, small.NAME).column).value = title

    edited(path, edit)


def listed(result: flows.Result, code: str) -> list[Finding]:
    """Return the findings with this code."""
    return [finding for finding in result.findings if finding.code == code]


def titles(report: Report, area: str = "OPP") -> list[object]:
    """Return the titles of an area's measures."""
    return [report.values.get(Slot(n.ref, "name")) for n in report.nodes if n.parent == area]


@pytest.mark.parametrize("sent", [SENT, None])
def test_merging_again_gives_the_same_bytes(folder: Path, sent: str | None) -> None:
    plan = sent is not None
    merged(folder, plan=plan)
    first = content(folder)
    for force, fresh in ((False, False), (True, False), (False, True)):
        merged(folder, plan=plan, force=force, fresh=fresh)
        assert content(folder) == first


def test_an_appendix_needs_its_plan_no_more(folder: Path) -> None:
    merged(folder)
    first = content(folder)
    merged(folder, plan=False)
    assert content(folder) == first


def test_a_plan_that_was_only_saved_again_changes_nothing(folder: Path) -> None:
    merged(folder)
    first = content(folder)
    edited(folder / SENT, lambda _: None)
    assert not merged(folder).plan_changes
    assert content(folder) == first


def test_decisions_stand_and_the_second_merge_is_the_last_that_changes(folder: Path) -> None:
    merged(folder)
    appendix = folder / "vedlegg.xlsx"
    retype(appendix, "OPP-001", small.STATUS, 4)
    retype(appendix, "OPP-002", small.STATUS, 5)
    retype(appendix, "OPP-003", small.NAME, "Kurs i hjertestans")
    new_row(appendix, "OPP-003", "Nytt kurs")
    result = merged(folder)
    assert len(result.plan_changes) == 4
    values = result.register.report.values
    assert [values[STATUS], values[Slot("OPP-002", "status", small.LAST)]] == [4, 5]
    assert values[TITLE] == "Kurs i hjertestans"
    assert values[Slot("OPP-004", "name")] == "Nytt kurs"
    second = content(folder)
    for force in (False, True):
        merged(folder, force=force)
        assert content(folder) == second
    dropped = merged(folder, fresh=True)
    refs = {finding.ref for finding in listed(dropped, "M111")}
    assert refs == {"OPP-001", "OPP-002", "OPP-003", "OPP-004"}
    assert dropped.register.report.values[TITLE] == "Kurs i førstehjelp"


def test_edits_of_the_plan_are_taken_and_listed_once(folder: Path) -> None:
    merged(folder)

    def edit(book: Any) -> None:
        head, sheet = book["Rapporten"], book["Oppvekst"]
        head.cell(row_of(head, "area|OPP"), 4).value = "Ny leder"
        head.cell(row_of(head, "head|contact"), 3).value = "Ring Per"
        delete_row(sheet, "OPP-002")
        small.cell_of(sheet, "OPP-003", small.NAME).value = "Kurs i hjertestans"

    edited(folder / SENT, edit)
    result = merged(folder)
    report, changes = result.register.report, result.plan_changes
    assert titles(report) == ["Bygge ny barnehage på Øra", "Kurs i hjertestans"]
    assert (report.areas["OPP"].leader, report.head.contact) == ("Ny leder", "Ring Per")
    kinds = [change.kind for change in changes]
    assert kinds == ["details", "area_details", "removed", "renamed"]
    again = content(folder)
    assert not merged(folder).plan_changes
    assert content(folder) == again


def delete_row(sheet: Any, key: str) -> None:
    """Delete the row with a row key."""
    sheet.delete_rows(row_of(sheet, key))


def row_of(sheet: Any, key: str) -> int:
    """Return the row with a row key."""
    return int(next(cell.row for cell in sheet["A"] if cell.value == key))


def test_a_new_row_of_the_plan_comes_where_it_stands_there(folder: Path) -> None:
    merged(folder)
    new_row(folder / SENT, "OPP-001", "Ny sykkelvei")
    flows.split(folder / SENT, folder / "ut2", force=True)
    sent = flows.read_plan(folder / SENT).report
    assert titles(merged(folder).register.report) == titles(sent)


def test_where_both_were_changed_the_appendix_stands_and_is_told_until_they_agree(
    folder: Path,
) -> None:
    merged(folder)
    appendix, plan = folder / "vedlegg.xlsx", folder / SENT
    retype(plan, "OPP-003", small.NAME, "Kurs i planen")
    retype(appendix, "OPP-003", small.NAME, "Kurs i vedlegget")
    result = merged(folder)
    (told,) = listed(result, "M110")
    assert (told.values["value"], told.values["held"]) == ("Kurs i planen", "Kurs i vedlegget")
    assert result.register.report.values[TITLE] == "Kurs i vedlegget"
    before = content(folder)
    assert listed(merged(folder), "M110")
    assert content(folder) == before
    retype(appendix, "OPP-003", small.NAME, "Kurs i planen")
    assert not listed(merged(folder), "M110")
    assert not listed(merged(folder), "M110")


def test_a_row_that_the_plan_lacks_now_stays_if_something_was_decided_about_it(
    folder: Path,
) -> None:
    merged(folder)
    retype(folder / "vedlegg.xlsx", "OPP-003", small.NAME, "Kurs i vedlegget")
    edited(folder / SENT, lambda book: delete_row(book["Oppvekst"], "OPP-003"))
    (told,) = listed(merged(folder), "M110")
    assert told.values["reason"] == "plan_lacks"
    assert "Kurs i vedlegget" in titles(flows.read_plan(folder / "vedlegg.xlsx").report)


def test_new_rows_of_one_ref_are_told_as_an_error(folder: Path) -> None:
    merged(folder)
    new_row(folder / "vedlegg.xlsx", "OPP-003", "Ny i vedlegget")
    new_row(folder / SENT, "OPP-003", "Ny i planen")
    flows.split(folder / SENT, folder / "ut2", force=True)
    (told,) = listed(merged(folder), "M110")
    assert (told.severity, told.ref) == ("error", "OPP-004")
    assert "Ny i vedlegget" in titles(flows.read_plan(folder / "vedlegg.xlsx").report)


def test_a_value_that_cannot_be_read_in_the_appendix_is_told_until_another_is_typed(
    folder: Path,
) -> None:
    appendix = folder / "vedlegg.xlsx"
    merged(folder)
    retype(appendix, "OPP-002", small.STATUS, "snart")
    for _ in range(2):
        told = [f for f in merged(folder).findings if f.place.file == "vedlegg.xlsx"]
        assert [(f.code, f.ref) for f in told] == [("V101", "OPP-002")]
    retype(appendix, "OPP-002", small.STATUS, 3)
    assert not [f for f in merged(folder).findings if f.place.file == "vedlegg.xlsx"]


def test_a_finding_about_the_plan_is_gone_when_the_plan_is_put_right(folder: Path) -> None:
    retype(folder / SENT, "OPP-003", "Status 30.04.2020", "snart")
    for _ in range(2):
        assert [f.ref for f in listed(merged(folder), "V101") if f.place.file == SENT] == [
            "OPP-003"
        ]
    retype(folder / SENT, "OPP-003", "Status 30.04.2020", 4)
    assert not [f for f in merged(folder).findings if f.place.file == SENT]


def test_to_begin_again_from_the_appendix_itself_is_refused(folder: Path, run: Run) -> None:
    merged(folder)
    appendix = folder / "vedlegg.xlsx"
    done = run("merge", folder / "ut", "--plan", appendix, "-o", appendix, "--fresh")
    assert (done.code, "både planen og vedlegget" in done.err) == (3, True)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ("plan.xlsx", "er en plan"),
        (SENT, "er en plan"),
        (OPP, "ikke et vedlegg"),
        ("annet.xlsx", "ikke et vedlegg"),
    ],
)
def test_what_is_no_appendix_is_not_overwritten(
    folder: Path, run: Run, other: str, words: str
) -> None:
    (folder / "annet.xlsx").write_bytes(b"noe annet")
    before = (folder / other).read_bytes()
    form = folder / TEK
    done = run("merge", form, "--plan", folder / SENT, "-o", folder / other)
    assert done.code == 3
    assert words in done.err
    assert (folder / other).read_bytes() == before


def test_an_appendix_of_another_date_or_report_is_refused_and_with_force_listed(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, run: Run
) -> None:
    merged(folder)
    retype(folder / "vedlegg.xlsx", "OPP-001", small.STATUS, 4)
    other = tmp_path_factory.mktemp("annen")
    round_in(other, small.HEAD.replace("year = 2020", "year = 2021"))
    shutil.copy(folder / "vedlegg.xlsx", other / "vedlegg.xlsx")
    flows.split(folder / SENT, folder / "ut2", day=small.DATES[1])
    words = ("merge", other / "ut", "--plan", other / SENT, "-o", other / "vedlegg.xlsx")
    assert "annen rapport" in run(*words).err
    forced = run(*words, "--force", "--json")
    assert "M111" in forced.codes
    august = folder / "plan sendt 2020-08-31.xlsx"
    done = run("merge", folder / "ut2", "--plan", august, "-o", folder / "vedlegg.xlsx")
    assert (done.code, "gjelder 31.12.2020, ikke 31.08.2020" in done.err) == (3, True)


def test_files_that_left_the_folder_still_count(folder: Path) -> None:
    first = merged(folder).register
    (folder / TEK).rename(folder / "TEK.xlsx")
    second = merged(folder).register
    assert (second.report, second.returned_files) == (first.report, first.returned_files)
    appendix = content(folder)
    merged(folder)
    assert content(folder) == appendix


def test_an_appendix_of_an_earlier_version_stands_where_the_plan_says_otherwise(
    tmp_path: Path,
) -> None:
    older = Path(__file__).parents[1] / "older" / "0.1.0"
    for name in ("appendix.xlsx", "sent.xlsx", "form-OPP.xlsx"):
        shutil.copy(older / name, tmp_path / name)
    retype(tmp_path / "sent.xlsx", "OPP-003", small.NAME, "Kurs i planen")
    for _ in range(2):
        result = flows.merge(
            [tmp_path / "form-OPP.xlsx"], tmp_path / "appendix.xlsx", plan=tmp_path / "sent.xlsx"
        )
        assert [finding.ref for finding in listed(result, "M110")] == ["OPP-003"]
        assert result.register.report.values[TITLE] == "Kurs i førstehjelp"
