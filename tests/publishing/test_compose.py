"""What readers get of a report: by its template, in their language, and nothing that is not for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.reports import reports, templates
from tests.sources import SCORED, TEMPLATES, demo, report_of, small
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.model.register import Register
from xltiltak.model.report import Area, Report, Slot
from xltiltak.model.summary import TOTAL, area_statistics, measure_nodes
from xltiltak.publishing.compose import compose
from xltiltak.publishing.document import (
    Block,
    CardBlock,
    Chart,
    Document,
    FactList,
    Mark,
    Section,
    Table,
    Trend,
    texts,
)
from xltiltak.templates import catalogue

PLANTED = "HEMMELIG"


def sections(parts: tuple[Section, ...]) -> Iterator[Section]:
    """All sections, in the order they are read."""
    for part in parts:
        yield part
        yield from sections(part.sections)


def blocks(document: Document) -> Iterator[Block]:
    """All blocks, in the order they are read."""
    yield from document.front
    for section in sections(document.sections):
        yield from section.blocks


def section(document: Document, anchor: str) -> Section:
    """The section a link leads to."""
    return next(part for part in sections(document.sections) if part.anchor == anchor)


def told(content: Any) -> str:
    """A cell as somebody would read it out."""
    match content:
        case Mark(value, word):
            return f"{value} {word}".strip()
        case Trend(_, words):
            return words
    return content if isinstance(content, str) else "\n".join(texts(content))


def rows(table: Table) -> list[list[str]]:
    """The cells of a table as they are read out."""
    return [[told(cell) for cell in row.cells] for row in table.rows]


def table_in(part: Section) -> Table:
    """The first table of a section."""
    return next(block for block in part.blocks if isinstance(block, Table))


def published(report: Report, spoken: str = "") -> Document:
    """The document of a report that nobody has returned a form for."""
    return compose(Register(report), spoken)


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_measure_and_every_published_value_stands_in_the_document(template: str) -> None:
    report = report_of(template)
    said = "\n".join(texts(published(report)))
    known = {slot: field for slot, field, _ in report.slots()}
    lost = [
        line
        for slot, value in report.values.items()
        if known[slot].audience == "all"
        for line in (value if isinstance(value, tuple) else str(value).split("\n"))
        if not known[slot].scale and str(line).strip() and str(line).strip() not in said
    ]
    assert not lost


@pytest.mark.parametrize("template", TEMPLATES)
def test_anchors_are_unique_and_tables_are_as_wide_as_their_columns(template: str) -> None:
    document = published(report_of(template))
    held = [part for b in blocks(document) for part in (b.rows if isinstance(b, Table) else (b,))]
    anchors = [str(getattr(part, "anchor", "")) for part in (*sections(document.sections), *held)]
    anchors = [anchor for anchor in anchors if anchor]
    assert len(set(anchors)) == len(anchors)
    for table in (block for block in blocks(document) if isinstance(block, Table)):
        assert {len(row.cells) for row in table.rows} == {len(table.columns)}
        assert sum(column.share for column in table.columns) == pytest.approx(1)
        assert sum(column.head for column in table.columns) == 1


def test_the_figures_are_those_of_the_summary() -> None:
    report, document = demo(), published(demo())
    known = area_statistics(report)
    for row, ref in zip(
        rows(table_in(section(document, "figures"))), (*report.area_refs, TOTAL), strict=True
    ):
        means = [known[ref, day].mean() for day in report.head.dates]
        assert row[1:3] == [
            str(known[ref, report.head.dates[-1]].count),
            str(known[ref, report.head.dates[-1]].answered),
        ]
        assert row[3:6] == [str(mean).replace(".", ",") for mean in means]


def test_the_movement_counts_every_measure_by_its_two_last_values() -> None:
    report = demo()
    before, now = report.head.dates[-2:]
    pairs = [
        tuple(report.values.get(Slot(n.ref, "status", d)) for d in (before, now))
        for n in measure_nodes(report)
    ]
    both = [(a, b) for a, b in pairs if isinstance(a, int) and isinstance(b, int)]
    total = rows(table_in(section(published(report), "summary")))[-1]
    assert total[1:5] == [
        str(sum(a < b for a, b in both)),
        str(sum(a > b for a, b in both)),
        str(sum(a == b != 5 for a, b in both)),
        str(sum(b == 5 for _, b in pairs)),
    ]


def test_a_list_of_the_summary_says_how_many_it_leaves_out() -> None:
    document = published(demo())
    for part in section(document, "summary").sections:
        (table,) = part.blocks
        assert isinstance(table, Table)
        assert table.caption.startswith(f"{part.title} – Tiltak: {len(table.rows)}")
        assert (len(table.rows) == 12) == (" av " in table.caption)


def test_what_fell_back_is_told_by_name() -> None:
    report = demo()
    last, ref = report.head.dates[-1], next(measure_nodes(report).__iter__()).ref
    fallen = replace(
        report,
        values={
            **report.values,
            Slot(ref, "status", last): 1,
            Slot(ref, "status", report.head.dates[-2]): 4,
        },
    )
    fell = rows(table_in(section(published(fallen), "fell")))
    name = " ".join(str(report.values[Slot(ref, "name")]).split())
    assert any(row[0] == name and row[-1] == "ned 3" for row in fell)


def test_a_measure_that_ended_counts_no_more_and_says_so() -> None:
    report = demo()
    first = next(measure_nodes(report).__iter__())
    ended = tuple(n._replace(last=report.head.dates[0]) if n is first else n for n in report.nodes)
    document = published(replace(report, nodes=ended))
    area = table_in(section(document, report.area_of[first.ref]))
    row = next(row for row in area.rows if row.anchor == first.ref)
    assert [told(cell) for cell in row.cells][3:6] == ["–", "–", "utgått"]
    assert rows(table_in(section(document, "figures")))[0][1] == str(len(area.rows) - 1)


def test_an_area_that_has_not_answered_is_marked_everywhere() -> None:
    report = demo().with_open_date(demo().head.dates[-1])
    document = published(report)
    assert rows(table_in(section(document, "figures")))[0][-1] == "ikke levert"
    assert "ikke levert – det som står, er fra før" in texts(section(document, report.area_refs[0]))
    assert any(report.area_name(report.area_refs[0]) in text for text in texts(document.front))
    assert not any("ikke levert" in text for text in texts(published(demo())))


def test_nothing_that_is_for_the_coordinator_is_published() -> None:
    template = catalogue.find(SCORED)
    hidden = tuple(
        replace(f, audience="internal") if f.id == "remark" else f for f in template.fields
    )
    report = demo()
    values = {s: f"{PLANTED} {v}" if s.field == "remark" else v for s, v in report.values.items()}
    areas = {ref: Area(PLANTED, PLANTED, f"{PLANTED}@example.com") for ref in report.area_refs}
    head = replace(report.head, contact=PLANTED)
    kept = replace(
        report, template=replace(template, fields=hidden), values=values, areas=areas, head=head
    )
    document = published(kept)
    assert not [
        text for text in texts(document) if PLANTED in text or "Oppdaterte merknader" in text
    ]
    assert [text for text in texts(published(replace(kept, template=template))) if PLANTED in text]


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_the_fixed_words_and_numbers_follow_the_language_and_the_templates_stay(
    spoken: str,
) -> None:
    document = published(demo(), spoken)
    said = list(texts(document))
    assert translate("report.change", spoken) in said
    assert any("Status 311220" in text for text in said)
    assert any(("3.0" if spoken == "en" else "3,0") in text for text in said)
    assert document.language == "nb-NO"
    assert document.label_language == spoken


@settings(
    max_examples=examples(30),
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(
    st.sampled_from([(layout, depth) for layout in ("rows", "cards") for depth in (1, 2, 3)]),
    st.data(),
)
def test_any_report_can_be_composed(shape: tuple[Any, int], data: st.DataObject) -> None:
    template = data.draw(templates(shape))
    report = data.draw(reports(template))
    document = published(report)
    count = sum(node.is_active_on(_last(report)) for node in measure_nodes(report))
    *_, facts = (block for block in document.front if isinstance(block, FactList))
    assert facts.items[0] == (template.leaf.label, str(count))


def _last(report: Report) -> date | None:
    answered = {slot.date for slot in report.values if slot.date}
    return report.head.current or max(answered, default=max(report.head.dates, default=None))


@pytest.mark.parametrize("template", TEMPLATES)
def test_charts_say_their_numbers(template: str) -> None:
    for chart in (
        block
        for block in blocks(published(small(catalogue.find(template))))
        if isinstance(block, Chart)
    ):
        assert all(len(series.values) == len(chart.categories) for series in chart.series)
        assert all(name in chart.description for name in chart.categories)
        for series in chart.series:
            assert all(
                value in (None, Decimal(0)) or str(value).replace(".", ",") in chart.description
                for value in series.values
            )


def test_cards_carry_their_choice_beside_the_title_and_the_labels_of_their_group() -> None:
    template = catalogue.find("programstatus")
    report = small(template)
    cards = [block for block in blocks(published(report)) if isinstance(block, CardBlock)]
    assert cards
    assert {len(card.marks) for card in cards} == {1}
    groups = template.levels[1].groups
    assert {card.rows[-1][0] for card in cards} == {"Kort status"}
    ended = replace(
        report,
        nodes=tuple(n._replace(group=groups[-1].id if n.group else None) for n in report.nodes),
    )
    assert {b.rows[-1][0] for b in blocks(published(ended)) if isinstance(b, CardBlock)} == {
        "Hva er gjennomført"
    }
