"""Compute the table behind the charts of the dashboard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests import small, sources
from xltiltak.coordinator.dashboard import (
    DATE_COLUMNS,
    STEP_COLOURS,
    STEP_COLUMNS,
    dashboard_data,
)
from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.model.template import Step
from xltiltak.templates import catalogue


def with_scale(report: Report, size: int) -> Report:
    """Return the report with a scale of this many steps for its mean."""
    field = report.template.mean_field()
    assert field
    assert field.scale
    steps = tuple(Step(number, f"trinn {number}") for number in range(1, size + 1))
    scales = {**report.template.scales, field.scale: steps}
    return replace(report, template=replace(report.template, scales=scales))


@pytest.mark.parametrize(
    "template", ["handlingsplan", "verksamhetsberattelse", "maaloppnaaelse", "programstatus"]
)
def test_a_report_without_a_mean_has_an_empty_dashboard(template: str) -> None:
    report = sources.small(catalogue.load(catalogue.shipped() / template))
    data = dashboard_data(Register(report), "nb")
    assert data.title == "Denne malen har ingen gjennomsnitt."
    assert data.rows == []
    assert set(data.labels) == {None}


def test_the_last_date_with_answers_is_in_the_last_date_column(tmp_path: Path) -> None:
    data = dashboard_data(Register(small.report(tmp_path)), "nb")
    assert data.title.endswith("31.08.2020")  # the current date has no answers yet
    assert data.labels[:DATE_COLUMNS] == [None, None, "30.04.2020", "31.08.2020"]


def test_each_row_has_the_means_and_the_answers_of_its_area(tmp_path: Path) -> None:
    data = dashboard_data(Register(small.report(tmp_path)), "nb")
    assert data.rows == [
        ["Oppvekst", None, None, 2.7, 3.3, 0, 1, 1, 0, 1, None, None],
        ["Teknikk", None, None, 1.0, 1.5, 1, 1, 0, 0, 0, None, None],
    ]


@pytest.mark.parametrize("size", range(1, STEP_COLUMNS + 1))
def test_each_step_of_a_scale_has_its_own_column_in_order(size: int, tmp_path: Path) -> None:
    report = with_scale(small.report(tmp_path), size)
    labels = dashboard_data(Register(report), "nb").labels[DATE_COLUMNS:]
    assert len(labels) == STEP_COLUMNS == len(STEP_COLOURS)
    steps = [label for label in labels if label is not None]
    assert steps == [f"{number} trinn {number}" for number in range(1, size + 1)]


@pytest.mark.parametrize("size", [2, 3, 4, 5])
def test_a_short_scale_has_the_colours_of_the_worst_and_of_the_best_step(
    size: int, tmp_path: Path
) -> None:
    report = with_scale(small.report(tmp_path), size)
    worst, *_, best = dashboard_data(Register(report), "nb").labels[DATE_COLUMNS:][:5]
    assert (worst, best) == ("1 trinn 1", f"{size} trinn {size}")


def test_a_scale_with_more_steps_than_columns_is_not_drawn(tmp_path: Path) -> None:
    report = with_scale(small.report(tmp_path), STEP_COLUMNS + 1)
    data = dashboard_data(Register(report), "nb")
    assert set(data.labels[DATE_COLUMNS:]) == {None}
    assert data.labels[DATE_COLUMNS - 1] == "31.08.2020"
