"""Test what a report computes from its nodes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests import small
from xltiltak.model.report import Report, Slot

FIRST, SECOND, THIRD = date(2020, 4, 30), date(2020, 8, 31), date(2020, 12, 31)


@pytest.mark.parametrize(
    ("answers", "finished"),
    [
        ({}, False),
        ({FIRST: 5}, True),
        ({FIRST: 4, SECOND: 5}, True),
        ({FIRST: 5, SECOND: 3}, False),
        ({FIRST: 3, THIRD: 5}, True),
        ({FIRST: 5, THIRD: 1}, False),
    ],
)
def test_a_measure_is_finished_when_its_last_answer_says_so(
    tmp_path: Path, answers: dict[date, int], finished: object
) -> None:
    report = small.report(tmp_path)
    scored = report.template.mean_field()
    measure = next(node for node in report.nodes if node.level == report.template.leaf.id)
    assert scored
    values = {
        slot: value
        for slot, value in report.values.items()
        if (slot.ref, slot.field) != (measure.ref, scored.id)
    }
    answered_values = {Slot(measure.ref, scored.id, day): value for day, value in answers.items()}
    assert (
        measure.ref in replace(report, values=values | answered_values).finished_refs
    ) is finished


def test_what_stands_in_a_finished_group_is_finished() -> None:
    report = _projects()
    groups = dict(node_and_groups for node_and_groups in report.walk())
    leaf = report.template.leaf.id
    inside = {n.ref for n, within in groups.items() if n.level == leaf and "finished" in within}
    assert inside
    assert inside <= report.finished_refs < {n.ref for n in groups if n.level == leaf}


def _projects() -> Report:
    from xltiltak.templates import catalogue
    from xltiltak.templates.template_tools import blank_report

    found = catalogue.find("programstatus", Path.cwd())
    return blank_report(found, 2020)
