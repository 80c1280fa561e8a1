"""Test the next year's plan: refs stay, answers are removed, and so are finished measures."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import reports, small
from tests.examples import examples
from xltiltak.model.errors import PlanError
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import area_statistics, measure_nodes
from xltiltak.years.year_flows import Year, roll

DATES = (date(2021, 4, 30), date(2021, 8, 31), date(2021, 12, 31))
YEAR = Year(2021, DATES)
SHAPES = st.sampled_from(reports.SHAPES)


def coming(report: Report, **more: object) -> Year:
    """Return a year that begins after the report's."""
    first = max(report.head.dates, default=date(2020, 12, 31)) + timedelta(days=30)
    return Year(first.year, (first, first + timedelta(days=100)), **more)  # type: ignore[arg-type]


@settings(max_examples=examples(40), deadline=None)
@given(SHAPES.flatmap(reports.reports_of), st.sampled_from(("leave", "mark")))
def test_refs_live_on_and_answers_are_cleared(report: Report, finished: str) -> None:
    rolled = roll(report, coming(report, finished=finished))
    assert [n.ref for n in report.nodes if n.ref in rolled.by_ref] == [n.ref for n in rolled.nodes]
    start = min(rolled.head.dates)
    for slot, field, node in rolled.slots():
        value = rolled.values.get(slot)
        if field.is_derived:
            continue
        if field.per_checkpoint:
            assert value == (report.values.get(slot) if slot.date == start else None)
        else:
            assert value == (report.values.get(slot) if field.role == "given" else None)
        assert node.ref in report.by_ref


@settings(max_examples=examples(40), deadline=None)
@given(SHAPES.flatmap(reports.reports_of))
def test_the_year_begins_with_the_figures_of_what_goes_on(report: Report) -> None:
    rolled = roll(report, coming(report))
    start = min(rolled.head.dates)
    if report.template.mean_field() is None or start not in report.head.dates:
        return
    going_on = [n for n in report.nodes if n.ref in rolled.by_ref]
    kept = {slot: value for slot, value in report.values.items() if slot.ref in rolled.by_ref}
    before = area_statistics(replace(report, nodes=tuple(going_on), values=kept))
    assert {k: v for k, v in area_statistics(rolled).items() if k[1] == start} == {
        k: v for k, v in before.items() if k[1] == start
    }


def test_finished_measures_are_left_behind_or_marked(tmp_path: Path) -> None:
    report = _answered(small.report(tmp_path), 5)
    assert not list(measure_nodes(roll(report, YEAR)))
    marked = roll(report, replace(YEAR, finished="mark"))
    assert len(list(measure_nodes(marked))) == len(small.ROWS)
    assert {n.last for n in measure_nodes(marked)} == {small.LAST}
    assert all(f.count == 0 for (_, day), f in area_statistics(marked).items() if day > small.LAST)


def test_an_area_gets_a_new_code_and_keeps_its_predecessor(tmp_path: Path) -> None:
    report = _answered(small.report(tmp_path), 3)
    rolled = roll(report, replace(YEAR, codes={"OPP": "BUF"}))
    assert rolled.area_refs == ("BUF", "TEK")
    assert rolled.areas["BUF"].predecessor == "OPP"
    assert [n.ref for n in measure_nodes(rolled)] == [n.ref for n in measure_nodes(report)]
    assert {rolled.area_of[n.ref] for n in measure_nodes(rolled)} == {"BUF", "TEK"}
    assert rolled.area_name("BUF") == report.area_name("OPP")


@pytest.mark.parametrize("code", ["TEK", "buf", "B F", "Ø"])
def test_a_code_that_cannot_be_used_is_refused(tmp_path: Path, code: str) -> None:
    with pytest.raises(PlanError, match=code):
        roll(small.report(tmp_path), replace(YEAR, codes={"OPP": code}))


def test_dates_of_the_old_year_are_refused(tmp_path: Path) -> None:
    report = _answered(small.report(tmp_path), 3)
    with pytest.raises(PlanError, match="2020-12-31"):
        roll(report, replace(YEAR, dates=(date(2020, 12, 31), *DATES)))


def test_the_title_gets_the_new_year(tmp_path: Path) -> None:
    assert roll(small.report(tmp_path), YEAR).head.title == "Gjennomføring av tiltak 2021"
    assert roll(small.report(tmp_path), replace(YEAR, title="Noe annet")).head.title == "Noe annet"


def _answered(report: Report, status: int) -> Report:
    """Every measure with this status at the last date."""
    answers = {Slot(node.ref, "status", small.LAST): status for node in measure_nodes(report)}
    return replace(report, values={**report.values, **answers})
