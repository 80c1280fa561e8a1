"""What readers can select on the web page: questions whose parts make the whole, and addresses."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from tests.pages import page_of
from tests.publishing.test_html import Page
from tests.sources import SCORED, TEMPLATES, demo, report_of
from xltiltak.model.language import LANGUAGES, catalogue, translate
from xltiltak.model.register import Register
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import CATEGORIES, TOTAL, standings
from xltiltak.publishing.filters import Filters, measure_filters
from xltiltak.publishing.public_view import public_view

PARTS = (*CATEGORIES, "ended")


def filters_of(report: Report) -> Filters:
    """Return what the web page of a report is filtered by."""
    return measure_filters(public_view(Register(report)))


def count(filters: Filters, key: str) -> int:
    """Return how many measures a question selects."""
    return sum(key in tags.answers for tags in filters.tags.values())


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_measure_on_the_page_can_be_filtered(template: str) -> None:
    report = report_of(template)
    tagged = [a for _, a in Page(page_of(report)).elements if "data-answers" in a]
    filters = filters_of(report)
    assert {a["id"] for a in tagged} == set(filters.tags)
    areas = {str(a["data-area"]) for a in tagged}
    assert areas <= {ref for ref, _ in filters.areas} or areas == {""}
    assert {a["data-step"] for a in tagged} - {""} == {value for value, _ in filters.steps}


def test_the_link_of_a_measure_is_named_by_its_number_and_title() -> None:
    report = demo()
    links = [a for _, a in Page(page_of(report)).elements if a.get("class") == "pilcrow"]
    spoken = {str(a["href"])[1:]: a["aria-label"] for a in links}
    for node in report.nodes:
        if node.level == report.template.leaf.id:
            number, title = (report.values[Slot(node.ref, name)] for name in ("no", "name"))
            assert spoken.pop(node.ref) == f"Lenke til {number} {title}"
    assert not spoken


@pytest.mark.parametrize("template", ["handlingsplan", "tiltaksstatus"])
def test_a_step_that_was_carried_on_is_selected_as_any_other(template: str) -> None:
    report = report_of(template)
    assert filters_of(replace(report, carried=frozenset(report.values))) == filters_of(report)


def test_the_categories_are_those_of_the_figures_and_sum_to_all_measures() -> None:
    report = demo()
    filters, total = filters_of(report), standings(report)[TOTAL]
    counts = {question.key: question.count for question in filters.questions}
    for category, number in total.categories.items():
        assert counts[category] == number
    assert sum(counts.get(part, 0) for part in PARTS) == len(filters.tags) == total.measures
    assert counts["newly_finished"] == total.newly_finished
    assert counts["finished"] == total.finished
    assert all(question.count == count(filters, question.key) for question in filters.questions)


def test_a_measure_stands_still_at_the_third_date_with_the_same_value() -> None:
    report, ref = demo(), "ORG-001"
    for values, expected in (((3, 3, 3), 1), ((2, 3, 3), 0), ((None, 3, 3), 0), ((5, 5, 5), 0)):
        slots = [Slot(ref, "status", day) for day in report.head.dates]
        edited = {**report.values, **dict(zip(slots, values, strict=True))}
        given = {slot: value for slot, value in edited.items() if value is not None}
        tags = filters_of(replace(report, values=given)).tags[ref]
        assert tags.answers.count("standing") == expected, values


def test_a_measure_that_has_ended_is_no_part_of_the_categories() -> None:
    report, ref = demo(), "ORG-001"
    nodes = tuple(
        node._replace(last=date(2020, 8, 31)) if node.ref == ref else node for node in report.nodes
    )
    filters = filters_of(replace(report, nodes=nodes))
    assert filters.tags[ref].answers == ("ended",)
    assert filters.tags[ref].step == ""
    assert sum(q.count for q in filters.questions if q.key in PARTS) == len(filters.tags)


def test_questions_that_tell_nothing_apart_are_left_out() -> None:
    report = demo()
    none = {slot: value for slot, value in report.values.items() if slot.field != "status"}
    assert filters_of(replace(report, values=none)).questions == ()


def test_a_list_names_the_measure_that_each_row_leads_to() -> None:
    page = Page(page_of(demo()))
    mentions = Counter(a["data-of"] for a in page.all("tr") if "data-of" in a)
    assert set(mentions) <= set(filters_of(demo()).tags)
    fallen = [ref for ref, tags in filters_of(demo()).tags.items() if "down" in tags.answers]
    assert set(fallen) <= set(mentions)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_an_address_are_plain_and_tell_the_questions_apart(language: str) -> None:
    texts = catalogue(language)
    words = {k.split(".")[-1]: text for k, text in texts.items() if k.startswith("html.address.")}
    assert all(re.fullmatch("[a-z]+(-[a-z]+)*", word) for word in words.values())
    fields = [words.pop(key) for key in ("answer", "area", "step", "text")]
    assert len(set(fields)) == len(fields)
    assert len(set(words.values())) == len(words)
    page = page_of(demo(), language).decode()
    question = translate("html.address.down", language)
    field = translate("html.address.answer", language)
    assert f'name="{field}" value="{question}"' in page
    assert demo().template.id == SCORED
