"""A new area: a sheet that was copied, a row in the table of areas, or both, in any order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests import small
from tests.plan.test_plan import row_of
from tests.running import Run, round_in
from xltiltak import flows
from xltiltak.flows import open_round, read_plan
from xltiltak.model.errors import PlanError
from xltiltak.model.register import Register
from xltiltak.model.report import Area

AUGUST, DECEMBER = small.DATES[1:]
Edit = Callable[[Any], None]
pytestmark = pytest.mark.usefixtures("bokmaal")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return round_in(tmp_path)


def read_edited(folder: Path, *edits: Edit) -> Register:
    """Return the plan after these edits in the workbook."""
    plan = folder / "plan.xlsx"
    book = openpyxl.load_workbook(plan)
    for edit in edits:
        edit(book)
    book.save(plan)
    return read_plan(plan)


def sheet(title: str = "Kommunalområdet Kultur", tab: str = "Kultur", *, before: bool) -> Edit:
    """Copy an area's sheet, give its tab a name, and its title another unless it is empty."""

    def edit(book: Any) -> None:
        copied = book.copy_worksheet(book["Oppvekst"])
        copied.title = tab
        book.move_sheet(copied, 1 - len(book.sheetnames) if before else 0)
        if title:
            copied["B1"] = title
        copied.cell(row_of(copied, "OPP-001"), 3, "Bygge kulturhus")

    return edit


def row(name: str = "Kultur", code: str = "", where: str = "spare") -> Edit:
    """Type an area into the table: in a spare row, an inserted one, below all, or over a copy."""

    def edit(book: Any) -> None:
        table = book["Rapporten"]
        at = row_of(table, "area|")
        if where == "inserted":
            at = row_of(table, "area|TEK")
            table.insert_rows(at)
        elif where == "below":
            at += 2
        elif where == "copied":
            at = row_of(table, "area|TEK")
            table.insert_rows(at)
            table.cell(at, 1, "area|TEK")
        for col, text in ((2, code), (3, name), (4, "Kari"), (6, "kari@proveby.example")):
            table.cell(at, col, text)

    return edit


def new_area(register: Register) -> tuple[str, str, Area, int]:
    """Return code, name and details of the third area, and how many measures it has."""
    report = register.report
    old = {"OPP", "TEK"}
    (ref,) = [ref for ref in report.area_refs if ref not in old]
    measures = sum(node.parent == ref for node in report.nodes)
    return ref, report.area_name(ref), report.areas[ref], measures


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("where", ["spare", "inserted", "below", "copied"])
@pytest.mark.parametrize(
    ("title", "name", "called"),
    [
        ("Kommunalområdet Kultur", "Kultur", "Kultur"),
        ("Kommunalområdet Kultur", " kultur ", "Kultur"),
        ("", "Kultur", "Kultur"),  # only the tab has the new name
    ],
)
def test_a_sheet_and_a_row_are_one_area(
    folder: Path, title: str, name: str, called: str, where: str, *, before: bool
) -> None:
    register = read_edited(folder, sheet(title, before=before), row(name, where=where))
    ref, shown, details, measures = new_area(register)
    assert (ref, shown, measures) == ("KUL", called, 3)
    assert (details.leader, details.email) == ("Kari", "kari@proveby.example")
    assert [f.code for f in register.findings] == []
    assert register.report.areas["TEK"].leader == ""
    assert register.report.area_name("TEK") == "Teknikk"


@pytest.mark.parametrize(
    ("typed", "code"),
    [("KLT", "KLT"), ("klt", "KLT"), (" k l t ", "KLT"), ("Kø1", "KO1"), ("", "KUL"),
     ("OPP", "KUL"), ("opp", "KUL"), ("K-1", "KUL"), ("?", "KUL")],
)  # fmt: skip
def test_a_typed_code_is_taken_in_any_spelling_if_it_is_free(
    folder: Path, typed: str, code: str
) -> None:
    register = read_edited(folder, sheet(before=False), row(code=typed))
    assert new_area(register)[0] == code
    assert f"{code}-001" in register.report.by_ref


def test_a_row_alone_is_told_before_it_is_sent(run: Run, folder: Path) -> None:
    read_edited(folder, row())
    for words in (("check", folder / "plan.xlsx"), split_words(folder)):
        done = run(*words, "--json")
        (finding,) = [f for f in done.object["findings"] if f["code"] == "M122"]
        assert (finding["area"], finding["severity"]) == ("KUL", "warning")
        assert "celle B1" in finding["fix"]


def test_a_sheet_alone_is_told_to_have_no_row(folder: Path) -> None:
    register = read_edited(folder, sheet(before=True))
    assert [(f.code, f.area) for f in register.findings] == [("M123", "KUL")]
    assert read_edited(folder, row()).findings == ()


def test_a_copy_without_a_new_name_is_told_where_to_write_it(folder: Path) -> None:
    (finding,) = read_edited(folder, sheet("", before=True)).findings
    assert finding.code == "S103"
    assert "skriv det nye navnet i tittelen (B1)" in finding.fix("nb")
    assert "Bygge kulturhus" in finding.message("nb")


def split_words(folder: Path) -> tuple[object, ...]:
    """Return the command that sends the plan out."""
    return "split", folder / "plan.xlsx", "--to", folder / "x", "--date", "2020-08-31"


@pytest.mark.parametrize("name", ["Teknikk", " teknikk", "TEKNIKK"])
def test_two_areas_of_one_name_are_refused(run: Run, folder: Path, name: str) -> None:
    register = read_edited(folder, row(name))
    assert len(register.report.area_refs) == 3
    done = run(*split_words(folder))
    assert (done.code, (folder / "x").exists()) == (3, False)
    assert "Teknikk (TEK" in done.err
    assert "M125" in run("check", folder / "plan.xlsx", "--json").codes


def test_a_plan_without_measures_is_not_sent(run: Run, tmp_path: Path) -> None:
    plan = tmp_path / "plan.xlsx"
    run("template", "plan", "tiltaksstatus", "--areas", "3", "-o", plan)
    done = run("split", plan, "--to", tmp_path / "ut", "--date", "2020-12-31")
    assert (done.code, (tmp_path / "ut").exists()) == (3, False)
    assert "ingenting å svare på" in done.err
    assert run("check", plan, "--json").codes.count("M122") == 3


def with_deadline(folder: Path, deadline: date | None) -> Register:
    """Return the plan of the open round of August, with a deadline that was sent."""
    flows.split(folder / "plan.xlsx", folder / "x", day=AUGUST, deadline=deadline)
    return read_plan(folder / "plan sendt 2020-08-31.xlsx")


@pytest.mark.parametrize(
    ("sent", "day", "asked", "kept", "reason"),
    [
        (date(2020, 8, 31), AUGUST, None, date(2020, 8, 31), ""),
        (date(2020, 9, 20), AUGUST, None, date(2020, 9, 20), ""),
        (date(2020, 9, 20), DECEMBER, None, None, "deadline_before"),
        (date(2020, 9, 20), DECEMBER, date(2020, 12, 30), None, "deadline_before"),
        (date(2020, 9, 20), DECEMBER, date(2020, 12, 31), date(2020, 12, 31), ""),
        (date(2021, 1, 10), DECEMBER, None, None, "deadline_used"),
        (date(2021, 1, 10), DECEMBER, date(2021, 1, 10), date(2021, 1, 10), ""),
        (None, DECEMBER, None, None, ""),
    ],
)
def test_a_deadline_that_cannot_be_right_is_not_sent(
    folder: Path,
    sent: date | None,
    day: date,
    asked: date | None,
    kept: date | None,
    reason: str,
) -> None:
    opened = open_round(with_deadline(folder, sent), day, (), asked)
    assert opened.report.head.deadline == kept
    reasons = [f.values["reason"] for f in opened.findings if f.code == "M124"]
    assert reasons == [reason] * bool(reason)


def test_a_deadline_that_was_typed_for_the_new_date_is_sent(folder: Path) -> None:
    with_deadline(folder, date(2021, 1, 10))
    plan = folder / "plan sendt 2020-08-31.xlsx"
    book = openpyxl.load_workbook(plan)
    table = book["Rapporten"]
    cell = table.cell(row_of(table, "head|deadline"), 3)
    for deadline, kept in ((date(2021, 1, 12), date(2021, 1, 12)), (date(2021, 1, 10), None)):
        cell.value = deadline
        book.save(plan)
        assert open_round(read_plan(plan), DECEMBER).report.head.deadline == kept


def test_areas_of_one_name_raise_before_anything_is_written(folder: Path) -> None:
    read_edited(folder, row("Oppvekst"))
    with pytest.raises(PlanError) as refused:
        flows.split(folder / "plan.xlsx", folder / "x", day=AUGUST)
    assert refused.value.key == "areas_alike"
