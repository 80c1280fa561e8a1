"""Test workbooks at the limits of Excel: long names, hostile texts, many areas and groups."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from tests.at_limits import DATES, grouped_rows, many
from tests.excel_rules import problems
from tests.sources import SCORED, TEMPLATES
from xltiltak import flows
from xltiltak.model.errors import PlanError
from xltiltak.model.register import Register
from xltiltak.sheets.appendix import write_appendix
from xltiltak.templates import catalogue

CALCULATES = b"fullCalcOnLoad"


def written(folder: Path, **shape: object) -> list[bytes]:
    """Return plan, published workbook and forms of a report with hostile texts."""
    template = shape.pop("template")
    report = many(template, **shape)  # type: ignore[arg-type]
    plan = folder / "Plan.xlsx"
    plan.write_bytes(write_appendix(Register(report)))
    forms = flows.split(plan, folder / "ut", day=max(report.head.dates)).written
    return [plan.read_bytes(), *(form.read_bytes() for form in forms)]


@pytest.mark.parametrize("name", TEMPLATES)
def test_hostile_texts_give_workbooks_that_excel_opens(name: str, tmp_path: Path) -> None:
    template = catalogue.find(name)
    title = "&A 😀" * 60
    for content in written(tmp_path, template=template, measures=40, areas=2, title=title):
        assert problems(content) == []


@pytest.mark.parametrize(
    ("name", "measures", "areas", "dates"),
    [
        ("", 5_000, 1, 2),
        ("", 120, 60, 12),
        (SCORED, 5_000, 1, 2),
        (SCORED, 60, 60, 12),
        ("programstatus", 345, 1, 2),
        ("verksamhetsberattelse", 345, 1, 2),
        ("handlingsplan", 1_500, 1, 2),
        ("maaloppnaaelse", 1_500, 1, 2),
    ],
)
@pytest.mark.slow
def test_workbooks_of_any_size_are_within_the_limits(
    name: str, measures: int, areas: int, dates: int, tmp_path: Path
) -> None:
    template = catalogue.find(name) if name else grouped_rows()
    shape = {"measures": measures, "areas": areas, "dates": DATES[:dates]}
    for content in written(tmp_path, template=template, **shape)[:4]:
        assert problems(content) == []


def test_names_of_steps_of_any_length_are_read_back(tmp_path: Path) -> None:
    """What passes `template check` never fails later."""
    template = catalogue.find(SCORED)
    scales = {
        name: tuple(
            replace(step, label=f"{step.label} 😀 {'lang ' * 200}".strip()) for step in steps
        )
        for name, steps in template.scales.items()
    }
    written(tmp_path, template=replace(template, scales=scales), measures=4)
    assert flows.read_plan(tmp_path / "Plan.xlsx").report.template.scales == scales


def test_the_change_over_sixty_areas_is_a_live_formula() -> None:
    content = write_appendix(Register(many(grouped_rows(), 120, areas=60)))
    with ZipFile(BytesIO(content)) as archive:
        overview = archive.read("xl/worksheets/sheet1.xml").decode()
    assert re.search(r"ROUND\(\(SUM\([A-Z]+[0-9]+:[A-Z]+[0-9]+\)\)/", overview)


def test_a_plan_with_a_text_that_excel_cannot_hold_is_refused(tmp_path: Path) -> None:
    plan, *_ = written(tmp_path, template=catalogue.find(SCORED), measures=4)
    book = openpyxl.load_workbook(BytesIO(plan))
    sheet = book.worksheets[1]
    number = next(cell.row for cell in sheet["A"] if cell.value == "A1-2")
    cell = sheet.cell(number, 3)
    cell.value = "😀" * 16_384
    path = tmp_path / "Lang.xlsx"
    book.save(path)
    with pytest.raises(PlanError) as refused:
        flows.read_plan(path)
    assert (
        f"Lang.xlsx ({sheet.title} C{number}): the text has 32768 characters"
        in refused.value.message("en")
    )


def test_no_workbook_is_calculated_again_when_it_is_opened(tmp_path: Path) -> None:
    """Who only looks at it is not asked to save, and the ribbon does not ask at every click."""
    for content in written(tmp_path, template=catalogue.find(SCORED), measures=4):
        with ZipFile(BytesIO(content)) as archive:
            book = archive.read("xl/workbook.xml")
        assert CALCULATES not in book
        assert b'<calcPr calcId="191029"/>' in book
