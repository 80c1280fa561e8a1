"""Test the web page in Chromium: accessibility (axe), no horizontal scrolling, filters, sorting."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.parts import Browser
from tests.publishing.test_compose import published
from tests.sources import SCORED, TEMPLATES, demo, report_of
from xltiltak.model.report import Slot
from xltiltak.model.summary import TOTAL, area_statistics, measure_nodes
from xltiltak.publishing.html import render


@pytest.fixture(params=TEMPLATES)
def page(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return the page of each shipped template, in a file whose name has æ, ø and å."""
    path = tmp_path / "Rapport æøå.html"
    path.write_bytes(render(published(report_of(request.param))))
    return path


def test_the_page_is_accessible_and_loads_nothing_else(page: Path, browser: Browser) -> None:
    seen = browser.look(page, 1280, 320)
    for view in seen["views"]:
        assert view["violations"] == []
        assert view["wrong"] == []
        assert view["scroll"] <= view["width"]
        assert len(view["asked"]) == 1, "the page requests another resource"
    assert not seen["unscripted"]["filter"]
    assert seen["used"]["again"] == seen["used"]["all"]
    by_area = seen["used"]["byArea"].values()
    assert sorted(ref for refs in by_area for ref in refs) == sorted(seen["used"]["all"])


def test_the_page_is_valid_html(page: Path, browser: Browser) -> None:
    assert browser.faults(page) == []


def test_filters_and_sorting_show_the_measures_of_the_report(
    tmp_path: Path, browser: Browser
) -> None:
    report = demo()
    path = tmp_path / "demo.html"
    path.write_bytes(render(published(report)))
    seen = browser.look(path)
    last, steps = report.head.dates[-1], report.template.scales["progress"]
    for step in steps:
        expected = [
            n.ref
            for n in measure_nodes(report)
            if report.values.get(Slot(n.ref, "status", last)) == step.value
        ]
        assert seen["used"]["byStep"].get(f"{step.value} {step.label}", []) == expected
    assert {area: len(refs) for area, refs in seen["used"]["byArea"].items()} == {
        ref: area_statistics(report)[ref, last].count for ref in report.area_refs
    }
    up, down = seen["used"]["sorted"]
    assert up == sorted(up, key=int)
    assert down == up[::-1]
    mean = area_statistics(report)[TOTAL, last].mean()
    assert str(mean).replace(".", ",") in seen["unscripted"]["text"]
    assert report.template.id == SCORED
