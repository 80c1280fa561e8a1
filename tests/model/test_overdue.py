"""Test deadlines: which measures have passed theirs, and where that is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.model.test_derived import DAY, LATER, template
from xltiltak.merging.consistency_rules import deadline_passed
from xltiltak.model.register import Register
from xltiltak.model.report import Head, Node, Report, Slot
from xltiltak.model.template import Template
from xltiltak.publishing.compose import compose
from xltiltak.publishing.filters import measure_filters
from xltiltak.publishing.public_view import public_view
from xltiltak.publishing.publication import render_csv, render_json

BEFORE = date(2020, 8, 30)
DUE: dict[str, Any] = {"id": "due", "label": "Frist", "kind": "date", "due": True}
STATE: dict[str, Any] = {
    "id": "state",
    "label": "Status",
    "role": "input",
    "choices": ["I gang", {"label": "Ferdig", "done": True}],
}


def report(of: Template, **values: Any) -> Report:
    """Return a report with two measures; the first has these values, the second none."""
    head = Head("P", "P", "P", 2020, "nb", (DAY, LATER), DAY)
    nodes = (Node("O", "område"), Node("O-001", "sak", "O"), Node("O-002", "sak", "O"))
    slots = {Slot("O-001", name): value for name, value in values.items()}
    return Report(of, head, nodes, slots)


@pytest.mark.parametrize(
    ("values", "is_late"),
    [
        ({"due": BEFORE}, True),
        ({"due": DAY}, False),
        ({"due": BEFORE, "state": "I gang"}, True),
        ({"due": BEFORE, "state": "Ferdig"}, False),
        ({"state": "I gang"}, False),
    ],
)
def test_a_measure_is_late_when_its_deadline_is_before_the_date_of_the_report(
    values: dict[str, Any], *, is_late: bool
) -> None:
    found = report(template(DUE, STATE), **values)
    assert [*found.overdue] == (["O-001"] if is_late else [])
    assert [f.ref for f in deadline_passed(found)] == [*found.overdue]
    view = public_view(Register(found))
    questions = {question.key: question.count for question in measure_filters(view).questions}
    assert questions.get("late") == (1 if is_late else None)
    assert ("late" in {section.anchor for section in compose(view).news}) == is_late
    data = json.loads(render_json(view))
    assert data["total"]["late"] == data["areas"][0]["late"] == is_late
    assert [node.get("late") for node in data["nodes"]] == [None, "due" if is_late else None, None]
    rows = [line.split(";") for line in render_csv(view).decode("utf-8-sig").splitlines()]
    marked = [row[5] for row in rows[1:] if row[rows[0].index("late")] == "1"]
    assert marked == (["due"] if is_late else [])


def test_a_measure_that_is_not_in_force_is_not_late() -> None:
    found = report(template(DUE, STATE), due=BEFORE)
    ended = tuple(node._replace(last=BEFORE) for node in found.nodes)
    assert not replace(found, nodes=ended).overdue


def test_nothing_is_late_in_a_plan_that_has_not_begun() -> None:
    found = report(template(DUE, STATE), due=BEFORE)
    closed = replace(found, head=replace(found.head, current=None))
    assert not closed.overdue


def test_only_a_date_of_a_measure_can_be_a_deadline() -> None:
    with pytest.raises(AssertionError, match='kind = "date"'):
        template({**DUE, "kind": "text"})
