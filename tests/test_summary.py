"""Counts and means as they are printed: exact, rounded half up, blanks counted, only at a measure's own dates."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reports import SHAPES, reports, reports_of
from xltiltak import catalogue
from xltiltak.report import Head, Node, Report, Slot
from xltiltak.summary import TOTAL, figures, leaves, node_counts, rounded

APRIL, AUGUST = date(2020, 4, 30), date(2020, 8, 31)
TEMPLATE = catalogue.find("tiltaksstatus")


def report_of(*areas: list[int | None], **ends: date) -> Report:
    """A report of areas with these statuses in August; `ends` are the first and last date of every measure."""
    nodes: list[Node] = []
    values: dict[Slot, int] = {}
    for a, statuses in enumerate(areas):
        nodes.append(Node(f"A{a}", "area"))
        for n, status in enumerate(statuses):
            nodes.append(Node(f"A{a}-{n}", "measure", f"A{a}", None, **ends))
            values.update({} if status is None else {Slot(f"A{a}-{n}", "status", AUGUST): status})
    head = Head("TES", "Testby", "Rapport", 2020, "nb", (APRIL, AUGUST), AUGUST)
    return Report(TEMPLATE, head, tuple(nodes), values)


@pytest.mark.parametrize(
    ("number", "printed"),
    [("2.25", "2.3"), ("2.249", "2.2"), ("2.35", "2.4"), ("-2.25", "-2.3"), ("2", "2.0"), ("0.05", "0.1")],
)
def test_numbers_are_rounded_half_away_from_zero(number: str, printed: str) -> None:
    assert str(rounded(Decimal(number))) == printed


def test_a_mean_of_two_and_a_quarter_is_printed_as_two_point_three() -> None:
    assert figures(report_of([2, 2, 2, 3]))["A0", AUGUST].mean() == Decimal("2.3")


def test_a_blank_counts_in_n_but_not_in_the_mean() -> None:
    counted = figures(report_of([5, None, 4, None]))["A0", AUGUST]
    assert (counted.count, counted.answered, counted.mean()) == (4, 2, Decimal("4.5"))
    assert counted.distribution == {5: 1, 4: 1}


def test_where_nobody_answered_there_is_no_mean() -> None:
    counted = figures(report_of([None, None], []))
    assert (counted["A0", AUGUST].count, counted["A0", AUGUST].mean()) == (2, None)
    assert (counted["A1", AUGUST].count, counted["A1", AUGUST].mean()) == (0, None)


def test_the_total_is_the_mean_of_all_answers_not_of_the_areas_means() -> None:
    counted = figures(report_of([5], [1, 1, 1]))
    assert counted[TOTAL, AUGUST].mean() == Decimal("2.0")
    assert counted[TOTAL, AUGUST].count == 4


def test_a_measure_counts_only_between_its_first_and_last_date() -> None:
    assert figures(report_of([3], first=AUGUST))["A0", APRIL].count == 0
    assert figures(report_of([3], first=AUGUST))["A0", AUGUST].count == 1
    assert figures(report_of([3], last=APRIL))["A0", APRIL].count == 1
    retired = figures(report_of([3], last=APRIL))["A0", AUGUST]
    assert (retired.count, retired.answered, retired.mean()) == (0, 0, None)


def test_a_template_without_means_has_no_figures() -> None:
    report = report_of([3])
    assert figures(replace(report, template=replace(TEMPLATE, summaries=()))) == {}


def test_nodes_are_counted_by_level_for_each_area_and_all() -> None:
    counts = node_counts(report_of([1, 2], [3]))
    assert counts["A0"] == {"area": 1, "measure": 2}
    assert counts[TOTAL] == {"area": 2, "measure": 3}


@settings(max_examples=25, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(reports(TEMPLATE), *map(reports_of, SHAPES)))
def test_figures_equal_a_naive_computation(report: Report) -> None:
    scored, found = report.template.scored(), figures(report)
    for area in (*report.area_refs, TOTAL) if scored else ():
        for day in report.head.dates:
            inside = [node for node in leaves(report) if area in (TOTAL, report.area_of[node.ref])]
            asked = [n for n in inside if (n.first or day) <= day <= (n.last or day)]
            held = [report.values.get(Slot(n.ref, scored.id if scored else "", day)) for n in asked]
            answers = [Decimal(str(value)) for value in held if value is not None]
            counted = found[area, day]
            assert (counted.count, counted.answered) == (len(asked), len(answers))
            assert counted.distribution == Counter(value for value in held if value is not None)
            exact = sum(answers, Decimal(0)) / len(answers) if answers else None
            assert counted.mean() == (exact.quantize(Decimal("0.1"), ROUND_HALF_UP) if exact is not None else None)
