"""Named reporting periods in headings: read with their days and names, and no other words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.importers.test_own_reports import KINDS, assert_read_back, published
from tests.importers.test_source import bare
from tests.sources import small
from xltiltak.importers.details_file import ImportOptions, load_details
from xltiltak.importers.import_flow import import_plan, import_source
from xltiltak.importers.periods import period_end
from xltiltak.model.report import Slot
from xltiltak.templates import catalogue

ROWS = """Priority;Ref;Action;Owner;Due date;RAG {one};RAG {two};Commentary
Homes;1;Insulate lofts;A;2024-12-31;Green;Amber;x
"""


@pytest.mark.parametrize(
    ("name", "year", "expected"),
    [
        ("Q2 2024", 0, date(2024, 6, 30)),
        ("2024 Q4", 0, date(2024, 12, 31)),
        ("q1", 2024, date(2024, 3, 31)),
        ("Q2-2024", 0, date(2024, 6, 30)),
        ("1st quarter 2024", 0, date(2024, 3, 31)),
        ("1. tertial 2024", 0, date(2024, 4, 30)),
        ("Tertial 2", 2024, date(2024, 8, 31)),
        ("3. kvartal 2024", 0, date(2024, 9, 30)),
        ("2. halvår 2024", 0, date(2024, 12, 31)),
        ("H1 2024", 0, date(2024, 6, 30)),
        ("Q2", 0, None),  # of no year
        ("Q5 2024", 0, None),
        ("T4 2024", 0, None),
        ("Q2 24", 0, None),  # a year or a day
        ("2024", 0, None),
        ("Quality 2", 2024, None),
        ("", 2024, None),
    ],
)
def test_a_name_means_the_last_day_of_its_period(
    name: str, year: int, expected: date | None
) -> None:
    assert period_end(name, year) == expected


@pytest.mark.parametrize(
    ("one", "two", "options", "days"),
    [
        ("Q1 2024", "Q2 2024", ImportOptions(), (date(2024, 3, 31), date(2024, 6, 30))),
        ("Q1", "Q2", ImportOptions(year=2024), (date(2024, 3, 31), date(2024, 6, 30))),
        ("H1 2024", "H2 2024", ImportOptions(), (date(2024, 6, 30), date(2024, 12, 31))),
    ],
)
def test_periods_in_headings_become_named_dates_of_the_plan(
    one: str, two: str, options: ImportOptions, days: tuple[date, date], tmp_path: Path
) -> None:
    source = tmp_path / "actions.csv"
    source.write_text(ROWS.format(one=one, two=two), "utf-8")
    template = catalogue.find("rag-action-plan")
    import_plan(source, template, tmp_path / "plan.xlsx", options=options)
    done = import_source(source, template)  # with the file of details that stands beside it now
    (ref,) = {slot.ref for slot in done.report.values if slot.field == "rag"}
    assert done.findings == ()
    assert done.report.head.dates == days
    assert [done.report.values[Slot(ref, "rag", day)] for day in days] == ["Green", "Amber"]
    assert list(load_details(source.with_suffix(".toml")).to_head().periods.values()) == [one, two]


def test_dates_that_are_given_are_those_of_the_periods(tmp_path: Path) -> None:
    source = tmp_path / "actions.csv"
    source.write_text(ROWS.format(one="Q1 2024", two="Q2 2024"), "utf-8")
    days = (date(2024, 3, 31), date(2024, 6, 30))
    done = import_source(
        source, catalogue.find("rag-action-plan"), options=ImportOptions(dates=days)
    )
    assert done.report.head.dates == days
    assert len([slot for slot in done.report.values if slot.field == "rag"]) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_with_named_periods_is_read_back(kind: str, tmp_path: Path) -> None:
    days = (date(2020, 3, 31), date(2020, 6, 30))
    report = bare(small(catalogue.find("rag-action-plan"), days))
    named = dict(zip(days, ("Q1 2020", "Q2 2020"), strict=True))
    report = replace(report, head=replace(report.head, periods=named))
    done = import_source(published(report, kind, tmp_path), report.template)
    assert_read_back(done, report)
    assert done.report.head.periods == named
