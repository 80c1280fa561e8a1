"""The web page in a real browser: nothing axe objects to, no sideways scroll, filters that find what they say."""

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
    """The page of each shipped template, in a folder with a name as people have them."""
    path = tmp_path / "Rapport æøå.html"
    path.write_bytes(render(published(report_of(request.param))))
    return path


def test_everybody_can_read_it(page: Path, browser: Browser) -> None:
    told = browser.look(page, 1280, 320)
    for view in told["views"]:
        assert view["violations"] == []
        assert view["wrong"] == []
        assert view["scroll"] <= view["width"]
        assert len(view["asked"]) == 1, "the page asks for something besides itself"
    assert not told["unscripted"]["filter"]
    assert told["used"]["again"] == told["used"]["all"]
    by_area = told["used"]["byArea"].values()
    assert sorted(ref for refs in by_area for ref in refs) == sorted(told["used"]["all"])


def test_it_is_valid_html(page: Path, browser: Browser) -> None:
    assert browser.faults(page) == []


def test_filters_and_sorting_find_what_they_say(tmp_path: Path, browser: Browser) -> None:
    report = demo()
    path = tmp_path / "demo.html"
    path.write_bytes(render(published(report)))
    told = browser.look(path)
    last, steps = report.head.dates[-1], report.template.scales["progress"]
    for step in steps:
        held = [
            n.ref
            for n in measure_nodes(report)
            if report.values.get(Slot(n.ref, "status", last)) == step.value
        ]
        assert told["used"]["byStep"].get(f"{step.value} {step.label}", []) == held
    assert {area: len(refs) for area, refs in told["used"]["byArea"].items()} == {
        ref: area_statistics(report)[ref, last].count for ref in report.area_refs
    }
    up, down = told["used"]["sorted"]
    assert up == sorted(up, key=int)
    assert down == up[::-1]
    mean = area_statistics(report)[TOTAL, last].mean()
    assert str(mean).replace(".", ",") in told["unscripted"]["text"]
    assert report.template.id == SCORED
