"""Test counts and means: exact, rounded half up, with blanks, at a measure's own dates only."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.reports import SHAPES, reports, reports_of
from xltiltak.model.field_types import Value
from xltiltak.model.report import Head, Node, Report, Slot
from xltiltak.model.summary import (
    TOTAL,
    StatisticValue,
    area_statistics,
    group_statistics,
    measure_nodes,
    node_counts,
    rounded,
)
from xltiltak.model.template import Field, Group, Level, Stat, Step, Summary, Template
from xltiltak.templates import catalogue

APRIL, AUGUST = date(2020, 4, 30), date(2020, 8, 31)
TEMPLATE = catalogue.find("tiltaksstatus")


def report_of(*areas: list[int | None], **ends: date) -> Report:
    """Return a report of areas with these statuses in August.

    `ends` are the first and last date of every measure.
    """
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
    [
        ("2.25", "2.3"),
        ("2.249", "2.2"),
        ("2.35", "2.4"),
        ("-2.25", "-2.3"),
        ("2", "2.0"),
        ("0.05", "0.1"),
    ],
)
def test_numbers_are_rounded_half_away_from_zero(number: str, printed: str) -> None:
    assert str(rounded(Decimal(number))) == printed


def test_a_mean_of_two_and_a_quarter_is_printed_as_two_point_three() -> None:
    assert area_statistics(report_of([2, 2, 2, 3]))["A0", AUGUST].mean() == Decimal("2.3")


def test_a_blank_counts_in_n_but_not_in_the_mean() -> None:
    counted = area_statistics(report_of([5, None, 4, None]))["A0", AUGUST]
    assert (counted.count, counted.answered, counted.mean()) == (4, 2, Decimal("4.5"))
    assert counted.distribution == {5: 1, 4: 1}


def test_where_nobody_answered_there_is_no_mean() -> None:
    counted = area_statistics(report_of([None, None], []))
    assert (counted["A0", AUGUST].count, counted["A0", AUGUST].mean()) == (2, None)
    assert (counted["A1", AUGUST].count, counted["A1", AUGUST].mean()) == (0, None)


def test_the_total_is_the_mean_of_all_answers_not_of_the_areas_means() -> None:
    counted = area_statistics(report_of([5], [1, 1, 1]))
    assert counted[TOTAL, AUGUST].mean() == Decimal("2.0")
    assert counted[TOTAL, AUGUST].count == 4


def test_a_measure_counts_only_between_its_first_and_last_date() -> None:
    assert area_statistics(report_of([3], first=AUGUST))["A0", APRIL].count == 0
    assert area_statistics(report_of([3], first=AUGUST))["A0", AUGUST].count == 1
    assert area_statistics(report_of([3], last=APRIL))["A0", APRIL].count == 1
    retired = area_statistics(report_of([3], last=APRIL))["A0", AUGUST]
    assert (retired.count, retired.answered, retired.mean()) == (0, 0, None)


def test_figures_are_the_same_each_time_and_those_of_their_own_report() -> None:
    report = report_of([5, None, 4, None])
    assert area_statistics(report) == area_statistics(report)
    assert node_counts(report) == node_counts(report)
    emptied = replace(report, nodes=(), values={})
    assert area_statistics(emptied)[TOTAL, AUGUST].count == 0
    assert node_counts(emptied) != node_counts(report)


def test_a_template_without_means_has_no_figures() -> None:
    report = report_of([3])
    assert area_statistics(replace(report, template=replace(TEMPLATE, summaries=()))) == {}


def test_nodes_are_counted_by_level_for_each_area_and_all() -> None:
    counts = node_counts(report_of([1, 2], [3]))
    assert counts["A0"] == {"area": 1, "measure": 2}
    assert counts[TOTAL] == {"area": 2, "measure": 3}


@settings(
    max_examples=examples(25),
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.one_of(reports(TEMPLATE), *map(reports_of, SHAPES)))
def test_figures_equal_a_naive_computation(report: Report) -> None:
    scored, found = report.template.mean_field(), area_statistics(report)
    for area in (*report.area_refs, TOTAL) if scored else ():
        for day in report.head.dates:
            inside = [
                node for node in measure_nodes(report) if area in (TOTAL, report.area_of[node.ref])
            ]
            active = [n for n in inside if (n.first or day) <= day <= (n.last or day)]
            values = [
                report.values.get(Slot(n.ref, scored.id if scored else "", day)) for n in active
            ]
            answers = [Decimal(str(value)) for value in values if value is not None]
            counted = found[area, day]
            assert (counted.count, counted.answered) == (len(active), len(answers))
            assert counted.distribution == Counter(value for value in values if value is not None)
            exact = sum(answers, Decimal(0)) / len(answers) if answers else None
            assert counted.mean() == (
                exact.quantize(Decimal("0.1"), ROUND_HALF_UP) if exact is not None else None
            )


STEPS = (Step("yes", "Ja*"), Step("no", '"Nei"? ~', done=True))


def grouped(layout: str) -> Report:
    """Return cases in two closed groups of two areas; the last is finished, without the field."""
    levels = (
        Level("area", "Område", "{name}"),
        Level(
            "group",
            "Gruppe",
            "{name}",
            groups=(Group("open", "Åpne"), Group("shut", "Lukkede", done=True)),
        ),
        Level("case", "Sak", "Sak {no}"),
    )
    fields = (
        Field("name", "Område", of="area", key=True),
        Field("no", "Nr", kind="integer"),
        Field("title", "Sak", key=True),
        Field("answer", "Svar", kind="choice", scale="answers", role="input", only=("open",)),
        Field("points", "Poeng", kind="decimal", role="input"),
    )
    requested: list[tuple[Stat, str, int]] = [
        ("count", "", 0),
        ("distribution", "answer", 0),
        ("mean", "points", 2),
        ("answered", "title", 0),
    ]
    summaries = tuple(Summary("area", stat, name, n) for stat, name, n in requested[:3])
    summaries += tuple(
        Summary("group", stat, name, n) for stat, name, n in (requested[0], requested[3])
    )
    template = Template(
        "t",
        1,
        "nb",
        "Saker {year}",
        levels,
        fields,
        layout=layout,  # type: ignore[arg-type]
        scales={"answers": STEPS},
        summaries=summaries,
    )
    nodes = [Node("O", "area"), Node("O-1", "group", "O", "open")]
    nodes += [Node(f"P-{n}", "case", "O-1") for n in (1, 2, 3)]
    nodes += [Node("O-2", "group", "O", "shut"), Node("P-4", "case", "O-2"), Node("V", "area")]
    values: dict[Slot, Value] = {
        Slot("O", "name"): "Øst",
        Slot("V", "name"): "Vest",
        Slot("P-2", "answer"): "yes",
    }
    values |= {Slot(f"P-{n}", "title"): f"Sak {n}" for n in (1, 3, 4)}
    values |= {Slot("P-1", "points"): Decimal("1.5"), Slot("P-4", "points"): Decimal(3)}
    return Report(template, Head("T", "T", "T", 2020, "nb"), tuple(nodes), values)


def figures_text(report: Report, ref: str) -> str:
    """Return the figures of a group as text."""
    return " · ".join(f"{fact.label}: {fact.text('nb')}" for fact in group_statistics(report)[ref])


def test_groups_are_summed_up_as_the_template_asks() -> None:
    report = grouped("cards")
    assert figures_text(report, "O-1") == "Sak: 3 · Med sak: 2 · Uten sak: 1"
    assert figures_text(report, "O-2") == "Sak: 1 · Med sak: 1 · Uten sak: 0"
    assert (
        figures_text(report, "V")
        == 'Sak: 0 · Ja*: 0 · "Nei"? ~: 0 · Uten svar: 0 · Poeng, gjennomsnitt: –'
    )


def test_what_stands_in_a_finished_group_counts_as_finished_where_nobody_is_asked() -> None:
    assert (
        figures_text(grouped("rows"), "O")
        == 'Sak: 4 · Ja*: 1 · "Nei"? ~: 1 · Uten svar: 2 · Poeng, gjennomsnitt: 2,25'
    )
    everywhere = replace(report := grouped("rows"), template=_everywhere(report.template))
    assert (
        figures_text(everywhere, "O")
        == 'Sak: 4 · Ja*: 1 · "Nei"? ~: 0 · Uten svar: 3 · Poeng, gjennomsnitt: 2,25'
    )


def test_the_whole_is_summed_up_by_every_summary_once() -> None:
    text = figures_text(grouped("cards"), TOTAL)
    assert text.startswith("Sak: 4 · Ja*: 1 · ")
    assert text.endswith(" · Med sak: 3 · Uten sak: 1")
    assert text.count("Sak: 4") == 1


def test_what_is_retired_is_not_summed_up() -> None:
    report = grouped("rows")
    nodes = tuple(n._replace(last=APRIL) if n.ref == "P-2" else n for n in report.nodes)
    later = replace(
        report, nodes=nodes, head=replace(report.head, dates=(APRIL, AUGUST), current=AUGUST)
    )
    assert figures_text(later, "O-1") == "Sak: 2 · Med sak: 2 · Uten sak: 0"


def test_a_dated_field_is_summed_up_at_every_date() -> None:
    found = group_statistics(report_of([5, None, 4]))["A0"]
    means = [(fact.date, fact.text("nb")) for fact in found if fact.stat == "mean"]
    assert means == [(APRIL, "–"), (AUGUST, "4,5")]
    shares = {
        fact.label: fact.value for fact in found if fact.stat == "share" and fact.date == AUGUST
    }
    assert shares == {
        "Ikke påbegynt": 0,
        "Såvidt startet": 0,
        "Godt i gang": 0,
        "Snart ferdig": 1,
        "Fullført": 1,
    }


@settings(
    max_examples=examples(25),
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.one_of(reports(TEMPLATE), *map(reports_of, SHAPES)))
def test_the_whole_is_the_sum_of_its_areas(report: Report) -> None:
    found, summaries = group_statistics(report), report.template.summaries
    for fact in (
        found[TOTAL] if all(s.level == report.template.levels[0].id for s in summaries) else ()
    ):
        parts = [
            other.value
            for ref in report.area_refs
            for other in found.get(ref, ())
            if _same(other, fact)
        ]
        if fact.stat != "mean" and report.template.area_level:
            assert fact.value == sum(value for value in parts if value is not None)


def _same(fact: StatisticValue, other: StatisticValue) -> bool:
    return (fact.key, fact.date) == (other.key, other.date)


def _everywhere(template: Template) -> Template:
    """Return the template with every field in every group."""
    return replace(template, fields=tuple(replace(f, only=()) for f in template.fields))


def filtered(**keys: Any) -> dict[str, str]:
    """Return the figures of one summary of three measures, by label; the date is 30.04.2020."""
    fields = [
        {"id": "kr", "label": "Beløp", "unit": "kr"},
        {"id": "pst", "label": "Grad", "kind": "percent"},
        {"id": "frist", "label": "Frist", "kind": "date"},
        {"id": "svar", "label": "Svar", "choices": ["Ja", "Nei"]},
    ]
    data = {"language": "nb", "title": "T", "levels": ["Område", "Sak"], "fields": fields}
    template, problems = catalogue.validate_file({**data, "summaries": [keys]}, "t")
    assert template, problems
    rows = (
        (100, 50, date(2020, 4, 29), "Ja"),
        (300, 90, APRIL, "Nei"),
        (None, 10, date(2020, 5, 1), None),
    )
    values: dict[Slot, Value] = {
        Slot(f"A-{n}", name): value
        for n, row in enumerate(rows)
        for name, value in zip(("kr", "pst", "frist", "svar"), row, strict=True)
        if value is not None
    }
    area, leaf = (level.id for level in template.levels)
    nodes = [Node("A", area), *(Node(f"A-{n}", leaf, "A") for n in range(3))]
    head = Head("X", "K", "T", 2020, "nb", (APRIL,), APRIL)
    report = Report(template, head, tuple(nodes), values)
    return {value.label: value.text("nb") for value in group_statistics(report)["A"]}


@pytest.mark.parametrize(
    ("keys", "label", "shown"),
    [
        ({"where": {"field": "frist", "day": "before"}}, "Sak (Frist før 30.04.2020)", "1"),
        ({"where": {"field": "frist", "day": "after"}}, "Sak (Frist etter 30.04.2020)", "1"),
        ({"where": {"field": "svar", "values": ["Ja", "Nei"]}}, "Sak (Svar: Ja, Nei)", "2"),
        (
            {"where": {"field": "kr", "at_least": 9, "below": 300}},
            "Sak (Beløp ≥ 9, < 300)",
            "1",
        ),
        ({"where": {"field": "svar", "values": ["Ja"]}, "caption": "Ja-svar"}, "Ja-svar", "1"),
        (
            {"stat": "sum", "field": "kr", "where": {"field": "svar", "values": ["Nei"]}},
            "Beløp (Svar: Nei), sum",
            "300 kr",
        ),
        (
            {"stat": "mean", "field": "pst", "weight": "kr", "decimals": 1},
            "Grad, gjennomsnitt, vektet med beløp",
            "80,0",
        ),
    ],
)
def test_a_summary_of_some_of_the_nodes(keys: dict[str, Any], label: str, shown: str) -> None:
    assert filtered(**{"stat": "count", **keys}) == {label: shown}


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"where": {"field": "x", "values": ["Ja"]}}, "where"),
        ({"where": {"field": "svar", "values": ["Kanskje"]}}, "where"),
        ({"where": {"field": "kr", "day": "before"}}, "where"),
        ({"where": {"field": "kr"}}, "where"),
        ({"stat": "mean", "field": "kr", "weight": "svar"}, "weight"),
        ({"stat": "sum", "field": "kr", "weight": "kr"}, "weight"),
    ],
)
def test_what_no_summary_can_count_is_told(keys: dict[str, Any], key: str) -> None:
    fields = [
        {"id": "kr", "label": "Beløp", "unit": "kr"},
        {"id": "svar", "label": "Svar", "choices": ["Ja", "Nei"]},
    ]
    data = {"language": "nb", "title": "T", "levels": ["Område", "Sak"], "fields": fields}
    summary = {"stat": "count", **keys}
    _, problems = catalogue.validate_file({**data, "summaries": [summary]}, "t")
    assert [where for where, _ in problems] == [f"summaries.0.{key}"]
