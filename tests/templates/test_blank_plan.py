"""Test that what a coordinator types into an empty plan becomes forms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from runpy import run_path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest

from tests.forms import book_of
from xltiltak import flows
from xltiltak.model.register import Register
from xltiltak.model.report import Report, Slot
from xltiltak.model.template import Template
from xltiltak.plan.plan_reader import read_appendix
from xltiltak.sheets.appendix import write_appendix
from xltiltak.templates import catalogue, template_tools

ROOT = Path(__file__).parents[2]
SHIPPED = catalogue.folders()
TEXTS = ("text", "paragraphs", "bullets")
IN_ROWS = [name for name in SHIPPED if catalogue.find(name).layout == "rows"]
DAY = date(2027, 6, 30)


def row_of(sheet: Any, mark: str) -> int:
    """Return the row with this key."""
    return int(next(cell.row for cell in sheet["A"] if cell.value == mark))


def column_of(sheet: Any, heading: str) -> int:
    """Return the column below a heading of the table."""
    return int(next(cell.column for cell in sheet[row_of(sheet, "@head")] if cell.value == heading))


def typed(template: Template, edit: Callable[[Any], object]) -> bytes:
    """Return the empty plan after typing into it and saving it in another program."""
    book = openpyxl.load_workbook(
        BytesIO(write_appendix(Register(template_tools.blank_report(template, 2026))))
    )
    edit(book)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def texts(report: Report, level: str, field: str = "name") -> list[Any]:
    """Return the names of the nodes of a level, in order."""
    return [
        report.values.get(Slot(node.ref, field)) for node in report.nodes if node.level == level
    ]


def unpacked(path: Path) -> list[tuple[str, bytes]]:
    """Return the bytes of every part of a workbook, in order; versions of zlib pack differently."""
    with ZipFile(path) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_empty_plan_beside_a_template_is_what_the_script_writes_now(
    name: str, tmp_path: Path
) -> None:
    script = run_path(str(ROOT / "docs" / "blank_plans.py"))
    made = template_tools.write_blank_plan(
        catalogue.load(SHIPPED[name]), script["YEAR"], tmp_path / "ny.xlsx", is_shipped=True
    )
    beside = SHIPPED[name] / template_tools.BLANK_PLAN
    assert unpacked(beside) == unpacked(made), "python docs/blank_plans.py writes it"


@pytest.mark.parametrize("name", SHIPPED)
def test_an_empty_plan_reads_back_and_says_nothing(name: str) -> None:
    report = template_tools.blank_report(catalogue.find(name), 2026)
    content = typed(report.template, lambda _: None)
    register = read_appendix(content)
    assert register.report == report
    assert (register.findings, register.rows_without_ref) == ((), ())


@pytest.mark.parametrize("name", SHIPPED)
def test_an_empty_plan_has_a_place_for_every_field(name: str) -> None:
    """Also a group's own, and those of a card."""
    template = catalogue.find(name)
    sheet = book_of(
        write_appendix(Register(template_tools.blank_report(template, 2026)))
    ).worksheets[1]
    shown = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value}
    below = [
        field
        for level in template.levels
        for field in template.fields_of(level.id)
        if field.id not in ("no", "name")
    ]
    lacking = {
        field.label_for()
        for field in below
        if not any(text.startswith(field.label_for()) for text in shown)
    }
    assert not lacking


@pytest.mark.parametrize("name", IN_ROWS)
def test_measures_typed_below_the_headings_become_forms(name: str, tmp_path: Path) -> None:
    template = catalogue.find(name)
    name_field = [field for field in template.fields if field.id == "name"][-1]
    remark = [f for f in template.fields if f.role == "input" and f.kind in TEXTS][-1]

    def edit(book: Any) -> None:
        sheet = book.worksheets[1]
        at, column = (
            sheet.max_row + 1,
            column_of(sheet, remark.label_for()),
        )
        named = column_of(sheet, name_field.label)
        sheet.cell(
            row_of(sheet, next(c.value for c in sheet["A"] if c.value and len(c.value) == 2)),
            2,
            "Vei og vann",
        )
        for n, text in enumerate(("Bygge bro", "Rydde grøfter")):
            sheet.cell(at + n, named, text)
            sheet.cell(at + n, column, "Står her fra før") if n else None
        head = next(sheet for sheet in book if any(c.value == "head|date" for c in sheet["A"]))
        head.cell(row_of(head, "head|organisation"), 3, "Prøveby")
        head.cell(row_of(head, "head|date"), 3, datetime(2027, 6, 30))  # noqa: DTZ001 - a day, as Excel has it

    plan = tmp_path / "plan.xlsx"
    plan.write_bytes(typed(template, edit))
    done = flows.split(plan, tmp_path / "ut", day=DAY)
    report = done.register.report
    assert report.area_name(report.area_refs[0]).endswith("Vei og vann")
    assert (report.head.organisation, report.head.dates) == ("Prøveby", (DAY,))
    assert {"Bygge bro", "Rydde grøfter"} <= set(report.values.values())
    assert "Står her fra før" in str(report.values)
    form = book_of(done.written[0].read_bytes()).worksheets[0]
    assert "Bygge bro" in [cell.value for row in form.iter_rows() for cell in row]
    assert flows.read_plan(done.written[-1]).report == report


def test_what_shares_a_row_with_a_measure_is_typed_there_too() -> None:
    def edit(book: Any) -> None:
        sheet = book.worksheets[1]
        at, no, name, form = (
            sheet.max_row + 1,
            *(column_of(sheet, h) for h in ("Nr", "Tiltak", "Aktivitet / arbeidsform")),
        )
        for n, (number, text, activity) in enumerate(
            [(1, "Tiltak en", "a"), (None, None, "b"), (2, "Tiltak to", "c")]
        ):
            (
                sheet.cell(at + n, no, number),
                sheet.cell(at + n, name, text),
                sheet.cell(at + n, form, activity),
            )
        sheet.cell(at + 3, name, "Uten aktivitet")

    report = read_appendix(typed(catalogue.find("handlingsplan"), edit)).report
    assert texts(report, "measure") == ["Tiltak en", "Tiltak to", "Uten aktivitet"]
    assert texts(report, "activity", "form") == [("a",), ("b",), ("c",)]
    parents = [
        report.values.get(Slot(n.parent or "", "name"))
        for n in report.nodes
        if n.level == "activity"
    ]
    assert parents == ["Tiltak en", "Tiltak en", "Tiltak to"]


def copied(sheet: Any, first: int, count: int, to: int) -> None:
    """Copy whole rows, hidden column and all, as Excel does."""
    for n in range(count):
        for column in range(1, sheet.max_column + 1):
            sheet.cell(to + n, column, sheet.cell(first + n, column).value)


def test_a_group_that_was_copied_with_its_rows_is_a_new_one() -> None:
    def edit(book: Any) -> None:
        sheet = book.worksheets[1]
        goal = row_of(sheet, "T1-001")
        copied(sheet, goal, 2, goal + 3)
        sheet.cell(goal + 1, column_of(sheet, "Opphav"), "Friskere vann\nRenere luft")
        sheet.cell(goal + 2, column_of(sheet, "Tiltak"), "Måle vannet")
        sheet.cell(
            goal + 4, column_of(sheet, "Resultat"), "Tryggere vei"
        )  # any column of the line will do
        sheet.cell(goal + 5, column_of(sheet, "Tiltak"), "Bygge gangvei")

    report = read_appendix(typed(catalogue.find("maaloppnaaelse"), edit)).report
    assert texts(report, "goal", "goals")[:2] == [
        ("Friskere vann", "Renere luft"),
        ("Tryggere vei",),
    ]
    parents = [
        report.values.get(Slot(n.parent or "", "goals"))
        for n in report.nodes
        if n.level == "measure"
    ]
    assert parents == [("Friskere vann", "Renere luft"), ("Tryggere vei",)]
    assert len({node.ref for node in report.nodes}) == len(report.nodes)


def test_a_card_is_filled_where_it_stands_and_copied_for_more() -> None:
    def edit(book: Any) -> None:
        sheet = book.worksheets[1]
        first, second = row_of(sheet, "ORG-001"), row_of(sheet, "ORG-002")
        sheet.cell(first, 4, "Trygg skola")
        sheet.cell(first + 1, 4, "Läsprojekt")
        copied(sheet, first, second - first, end := sheet.max_row + 1)
        (
            sheet.cell(end, 2, "Mål 4"),
            sheet.cell(end, 4, "Grön stad"),
            sheet.cell(end + 1, 4, "Plantera träd"),
        )
        sheet.delete_rows(second, 2 * (second - first))

    report = read_appendix(typed(catalogue.find("verksamhetsberattelse"), edit)).report
    assert texts(report, "goal") == ["Trygg skola", "Grön stad"]
    assert texts(report, "goal", "no") == [1, 4]
    assert texts(report, "goal", "activities") == [("Läsprojekt",), ("Plantera träd",)]
    assert [node.ref for node in report.nodes] == ["ORG-001", "ORG-004"]


def test_a_sheet_that_is_not_needed_is_deleted() -> None:
    report = read_appendix(
        typed(catalogue.find("tiltaksstatus"), lambda book: book.remove(book.worksheets[3]))
    ).report
    assert report.area_refs == ("K1", "K2")


def test_as_many_areas_as_are_asked_for() -> None:
    assert len(template_tools.blank_report(catalogue.find("tiltaksstatus"), 2026, 7).area_refs) == 7
