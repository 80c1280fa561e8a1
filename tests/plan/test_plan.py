"""The coordinator edits the plan in Excel: visible cells count, nothing is lost or guessed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests import small
from xltiltak import flows
from xltiltak.model.errors import PlanError
from xltiltak.model.register import Register
from xltiltak.model.report import Node, Report, Slot
from xltiltak.model.template import Group, Level, Summary
from xltiltak.plan.plan_reader import read_appendix
from xltiltak.sheets.appendix import write_appendix


@pytest.fixture
def plan(tmp_path: Path) -> Report:
    """Return a plan of two areas and five measures, with no open date."""
    report = small.report(tmp_path)
    return replace(report, head=replace(report.head, current=None))


def edited(report: Report, edit: Callable[[Any], object]) -> Register:
    """Return the register read from a plan that was edited and saved with openpyxl."""
    book = openpyxl.load_workbook(BytesIO(write_appendix(Register(report))))
    edit(book)
    target = BytesIO()
    book.save(target)
    return read_appendix(target.getvalue())


def row_of(sheet: Any, key: str) -> int:
    """Return the number of the first row with this row key."""
    return rows_of(sheet, key)[0]


def rows_of(sheet: Any, key: str) -> list[int]:
    """Return the numbers of all rows with this row key."""
    return [cell.row for cell in sheet["A"] if cell.value == key]


def test_a_plan_saved_by_another_program_is_the_same_plan(plan: Report) -> None:
    register = edited(plan, lambda _: None)
    assert register.report == plan
    assert (register.findings, register.rows_without_ref, register.overridden_slots) == (
        (),
        (),
        frozenset(),
    )


def test_a_measure_typed_below_the_last_one_is_new_and_gets_the_next_ref(plan: Report) -> None:
    def add(book: Any) -> None:
        sheet = book["Oppvekst"]
        sheet.cell(sheet.max_row + 1, 3, "Svømmekurs for alle")

    register = edited(plan, add)
    node = register.report.by_ref["OPP-004"]
    assert (node.parent, register.report.values[Slot("OPP-004", "name")]) == (
        "OPP",
        "Svømmekurs for alle",
    )
    assert [f.values["value"] for f in register.rows_without_ref] == ["Svømmekurs for alle"]
    assert register.report.areas["OPP"].highest == 4


def test_a_ref_is_never_used_again(plan: Report) -> None:
    def replace_last(book: Any) -> None:
        sheet = book["Oppvekst"]
        row = row_of(sheet, "OPP-003")
        sheet.delete_rows(row)
        sheet.cell(row, 3, "Et helt annet tiltak")

    register = edited(plan, replace_last)
    assert [n.ref for n in register.report.nodes if n.parent == "OPP"] == [
        "OPP-001",
        "OPP-002",
        "OPP-004",
    ]


def test_a_copied_row_is_a_new_measure(plan: Report) -> None:
    def copy(book: Any) -> None:
        sheet = book["Oppvekst"]
        row, end = row_of(sheet, "OPP-001"), sheet.max_row + 1
        for column in range(1, 8):
            sheet.cell(end, column, sheet.cell(row, column).value)
        sheet.cell(end, 3, "Bygge enda en barnehage")

    register = edited(plan, copy)
    assert register.report.values[Slot("OPP-001", "name")] == "Bygge ny barnehage på Øra"
    assert register.report.values[Slot("OPP-004", "name")] == "Bygge enda en barnehage"


def test_a_new_measure_stops_a_merge_and_gets_a_form_at_the_next_split(
    plan: Report, tmp_path: Path
) -> None:
    path = tmp_path / "plan.xlsx"
    book = openpyxl.load_workbook(BytesIO(write_appendix(Register(plan))))
    book["Oppvekst"].cell(book["Oppvekst"].max_row + 1, 3, "Svømmekurs for alle")
    book.save(path)
    (tmp_path / "svar.xlsx").write_bytes(small.forms(plan.with_open_date(small.LAST))["OPP"])
    with pytest.raises(PlanError, match="Svømmekurs for alle"):
        flows.merge([tmp_path / "svar.xlsx"], tmp_path / "vedlegg.xlsx", plan=path)
    assert not (tmp_path / "vedlegg.xlsx").exists()
    split = flows.split(path, tmp_path / "ut", day=small.LAST)
    assert Slot("OPP-004", "name") in split.register.report.values
    assert flows.read_plan(split.written[-1]).report == split.register.report


def test_a_retired_measure_keeps_its_earlier_figures(plan: Report) -> None:
    def retire(book: Any) -> None:
        sheet = book["Oppvekst"]
        column = next(c.column for c in sheet[row_of(sheet, "@head")] if c.value == "Siste dato")
        last_date = datetime(2020, 8, 31)  # noqa: DTZ001 - Excel has no time zones
        sheet.cell(row_of(sheet, "OPP-003"), column, last_date)

    register = edited(plan, retire)
    assert register.report.by_ref["OPP-003"].last == date(2020, 8, 31)
    assert register.report.values[Slot("OPP-003", "status", small.DATES[1])] == 5


def test_the_details_of_the_report_are_edited_in_their_own_list(plan: Report) -> None:
    def edit(book: Any) -> None:
        sheet = book["Rapporten"]
        deadline = datetime(2021, 1, 15)  # noqa: DTZ001 - as above
        sheet.cell(row_of(sheet, "head|deadline"), 3, deadline)
        sheet.cell(row_of(sheet, "head|case_number"), 3, "20/00077")
        sheet.cell(rows_of(sheet, "head|date")[3], 3, "31.12.2021")
        sheet.cell(row_of(sheet, "area|TEK"), 4, "Kommunalsjef teknikk")

    report = edited(plan, edit).report
    assert (report.head.deadline, report.head.case_number) == (date(2021, 1, 15), "20/00077")
    assert report.head.dates == (*small.DATES, date(2021, 12, 31))
    assert report.areas["TEK"].leader == "Kommunalsjef teknikk"


def test_a_detail_that_cannot_be_read_is_reported_and_keeps_its_value(plan: Report) -> None:
    def spoil(book: Any) -> None:
        sheet = book["Rapporten"]
        sheet.cell(row_of(sheet, "head|year"), 3, "i fjor")
        sheet.cell(row_of(sheet, "head|language"), 3, "norsk")
        sheet.cell(row_of(sheet, "head|deadline"), 3, "snart")

    register = edited(plan, spoil)
    assert register.report.head == plan.head
    assert [(f.code, f.values["value"]) for f in register.findings] == [
        ("V103", "i fjor"),
        ("V101", "norsk"),
        ("V104", "snart"),
    ]


@pytest.mark.parametrize(
    ("typed", "code", "deadline"),
    [
        (date(2021, 1, 15), "", date(2021, 1, 15)),
        ("15. januar 2021", "", date(2021, 1, 15)),
        (date(1905, 7, 13), "V113", None),
        (datetime(2021, 1, 14, 23), "V113", None),  # noqa: DTZ001
    ],
)
def test_a_deadline_with_two_readings_is_told(
    plan: Report, typed: Any, code: str, deadline: date | None
) -> None:
    def edit(book: Any) -> None:
        sheet = book["Rapporten"]
        sheet.cell(row_of(sheet, "head|deadline"), 3, typed)

    register = edited(plan, edit)
    assert [f.code for f in register.findings] == ([code] if code else [])
    assert register.report.head.deadline == (deadline or plan.head.deadline)


def test_a_reporting_date_that_a_program_has_shifted_stays(plan: Report) -> None:
    def edit(book: Any) -> None:
        sheet = book["Rapporten"]
        cell = sheet.cell(row_of(sheet, "head|date"), 3)
        cell.value = datetime.combine(cell.value, time()) - timedelta(hours=1)

    assert edited(plan, edit).report.head.dates == plan.head.dates


def test_an_area_is_renamed_in_its_heading_or_in_the_list(plan: Report) -> None:
    def in_heading(book: Any) -> None:
        sheet = book["Oppvekst"]
        sheet.cell(row_of(sheet, "OPP"), 2, "Kommunalområdet Oppvekst og kultur")

    def in_list(book: Any) -> None:
        book["Rapporten"].cell(row_of(book["Rapporten"], "area|OPP"), 3, "Oppvekst og kultur")

    assert edited(plan, in_heading).report.area_name("OPP") == "Oppvekst og kultur"
    assert edited(plan, in_list).report.area_name("OPP") == "Oppvekst og kultur"


def test_an_area_typed_into_the_list_is_new(plan: Report) -> None:
    def add(book: Any) -> None:
        sheet = book["Rapporten"]
        row = row_of(sheet, "area|")
        sheet.cell(row, 3, "Helse")
        sheet.cell(row, 4, "Kommunalsjef helse")

    report = edited(plan, add).report
    assert report.area_refs == ("OPP", "TEK", "HEL")
    assert (report.area_name("HEL"), report.areas["HEL"].leader) == ("Helse", "Kommunalsjef helse")


def test_an_impossible_status_is_reported_and_keeps_its_value(plan: Report) -> None:
    def spoil(book: Any) -> None:
        sheet = book["Oppvekst"]
        sheet.cell(row_of(sheet, "OPP-001"), 4, 7)

    register = edited(plan, spoil)
    assert register.report.values[Slot("OPP-001", "status", small.DATES[0])] == 1
    assert [(f.code, f.place.sheet, f.values["value"]) for f in register.findings] == [
        ("V101", "Oppvekst", "7")
    ]


def test_a_formula_without_a_value_is_reported_and_the_cell_keeps_its_value(plan: Report) -> None:
    def compute(book: Any) -> None:
        sheet = book["Oppvekst"]
        sheet.cell(row_of(sheet, "OPP-001"), 3, '="Bygge "&"ny skole"')

    register = edited(plan, compute)  # openpyxl computes nothing
    assert register.report.values[Slot("OPP-001", "name")] == plan.values[Slot("OPP-001", "name")]
    (finding,) = register.findings
    assert (finding.code, finding.severity, finding.values["value"]) == (
        "V106",
        "error",
        '="Bygge "&"ny skole"',
    )


def test_a_measure_moved_to_another_sheet_belongs_there(plan: Report) -> None:
    def move(book: Any) -> None:
        source, target = book["Oppvekst"], book["Teknikk"]
        row, end = row_of(source, "OPP-002"), target.max_row + 1
        for column in range(1, 8):
            target.cell(end, column, source.cell(row, column).value)
        source.delete_rows(row)

    report = edited(plan, move).report
    assert report.by_ref["OPP-002"].parent == "TEK"
    assert report.area_of["OPP-002"] == "TEK"


def test_checking_a_plan_reports_its_new_measures(plan: Report, tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    book = openpyxl.load_workbook(BytesIO(write_appendix(Register(plan))))
    book["Oppvekst"].cell(book["Oppvekst"].max_row + 1, 3, "Svømmekurs for alle")
    book.save(path)
    findings = [f for f in flows.check([path]).findings if f.code == "M106"]
    assert [(f.place.file, f.place.sheet, f.values["value"]) for f in findings] == [
        ("plan.xlsx", "Oppvekst", "Svømmekurs for alle")
    ]


def with_groups(plan: Report) -> Report:
    """Return the plan with a group in each area, which has a line that sums up its measures."""
    group = Level("group", "Gruppe", "{name}", groups=(Group("all", "Alle"),))
    area, measure = plan.template.levels
    template = replace(
        plan.template, levels=(area, group, measure), summaries=(Summary("group", "count"),)
    )
    nodes: list[Node] = []
    for node in plan.nodes:
        nodes.append(node if node.parent is None else node._replace(parent=f"{node.parent}-900"))
        nodes += [Node(f"{node.ref}-900", "group", node.ref, "all")] if node.parent is None else []
    return replace(plan, template=template, nodes=tuple(nodes))


def test_the_line_that_sums_up_a_group_is_not_a_measure(plan: Report) -> None:
    register = edited(with_groups(plan), lambda _: None)
    assert register.report == with_groups(plan)
    assert register.rows_without_ref == ()


def test_a_copy_of_that_line_that_was_typed_over_is_a_new_measure(plan: Report) -> None:
    def copy(book: Any) -> None:
        sheet = book["Oppvekst"]
        row = sheet.max_row + 1
        sheet.cell(row, 1, "@sum")
        sheet.cell(row, 3, "Svømmekurs for alle")

    register = edited(with_groups(plan), copy)
    assert [f.values["value"] for f in register.rows_without_ref] == ["Svømmekurs for alle"]


def copy_of(book: Any, area: str, *, before: bool) -> Any:
    """Copy an area's sheet to the place before or after its original. Return the copy."""
    sheet = book.copy_worksheet(book[area])
    book.move_sheet(sheet, 1 - len(book.sheetnames) if before else 0)
    return sheet


@pytest.mark.parametrize("before", [True, False])
def test_a_sheet_that_was_copied_and_renamed_is_a_new_area(plan: Report, *, before: bool) -> None:
    def copy(book: Any) -> None:
        sheet = copy_of(book, "Oppvekst", before=before)
        sheet.cell(row_of(sheet, "OPP"), 2, "Kommunalområdet Kultur")
        sheet.cell(row_of(sheet, "OPP-001"), 3, "Bygge kulturhus")

    report = edited(plan, copy).report
    assert report.area_refs == ("OPP", "TEK", "KUL")
    new_measures = [node.ref for node in report.nodes if node.parent == "KUL"]
    assert {ref: report.values[Slot(ref, "name")] for ref in new_measures} == {
        "KUL-001": "Bygge kulturhus",
        "KUL-002": "Leseløft i småskolen",
        "KUL-003": "Kurs i førstehjelp",
    }
    assert report.parts()["OPP"] == plan.parts()["OPP"]


@pytest.mark.parametrize("before", [True, False])
def test_a_sheet_that_was_copied_and_not_renamed_is_quoted(plan: Report, *, before: bool) -> None:
    def copy(book: Any) -> None:
        copy_of(book, "Oppvekst", before=before)

    register = edited(plan, copy)
    assert register.report == plan
    assert [(f.code, f.area) for f in register.findings] == [("S103", "OPP")]
    assert "Leseløft i småskolen" in register.findings[0].values["value"]
    assert "@" not in register.findings[0].values["value"]
