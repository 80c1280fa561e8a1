"""The composed document: by the template, in the reader's language, and without internal texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.reports import reports, templates
from tests.sources import SCORED, TEMPLATES, demo, report_of, small
from xltiltak.demo.template_trial import trial_report
from xltiltak.model.language import LANGUAGES, day_text, translate
from xltiltak.model.register import Register
from xltiltak.model.report import Area, Report, Slot
from xltiltak.model.summary import TOTAL, area_statistics, measure_nodes, measure_states
from xltiltak.publishing.compose import compose
from xltiltak.publishing.document import (
    AnchorLink,
    Bars,
    Block,
    CardBlock,
    Chart,
    Document,
    Excerpt,
    FactList,
    Figure,
    History,
    MeasureList,
    Move,
    Section,
    StepLabel,
    Table,
    Trend,
    links,
    texts,
)
from xltiltak.publishing.public_view import public_view
from xltiltak.templates import catalogue

PLANTED = "HEMMELIG"


def sections(parts: tuple[Section, ...]) -> Iterator[Section]:
    """Yield all sections in reading order."""
    for part in parts:
        yield part
        yield from sections(part.sections)


def blocks(document: Document) -> Iterator[Block]:
    """Yield all blocks in reading order."""
    yield from document.front
    for section in sections((*document.news, *document.sections)):
        yield from section.blocks


def section(document: Document, anchor: str) -> Section:
    """Return the section with this anchor."""
    parts = sections((*document.news, *document.sections))
    return next(part for part in parts if part.anchor == anchor)


def as_text(content: Any) -> str:
    """Return a cell as plain text."""
    found: str | None = None
    match content:
        case StepLabel(value, word):
            found = f"{value} {word}".strip()
        case Trend(_, words) | Figure(_, words):
            found = words
        case AnchorLink(text) | Excerpt(text):
            found = text
        case History(steps):
            found = " ".join(step.value for step in steps)
        case Move():
            found = f"{content.before.value} {content.now.value} {content.trend.words}"
        case Bars():
            found = content.text
    if found is None:
        found = content if isinstance(content, str) else "\n".join(texts(content))
    return found


def rows(table: Table) -> list[list[str]]:
    """Return the cells of a table as plain texts."""
    return [[as_text(cell) for cell in row.cells] for row in table.rows]


def table_in(part: Section) -> Table:
    """Return the first table of a section."""
    return next(block for block in part.blocks if isinstance(block, Table))


def published(report: Report, language: str = "") -> Document:
    """Return the document of a report without returned forms."""
    return compose(public_view(Register(report), language))


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_public_value_is_in_the_document(template: str) -> None:
    report = report_of(template)
    document_text = "\n".join(texts(published(report)))
    fields = {slot: field for slot, field, _ in report.slots()}
    missing = [
        line
        for slot, value in report.values.items()
        if fields[slot].audience == "all"
        for line in (value if isinstance(value, tuple) else str(value).split("\n"))
        if not fields[slot].scale and str(line).strip() not in document_text
    ]
    assert not missing


@pytest.mark.parametrize("template", TEMPLATES)
def test_anchors_are_unique_and_the_columns_of_a_table_fill_its_width(template: str) -> None:
    document = published(report_of(template))
    parts = [part for b in blocks(document) for part in (b.rows if isinstance(b, Table) else (b,))]
    found = (*sections((*document.news, *document.sections)), *parts)
    anchors = [str(getattr(part, "anchor", "")) for part in found]
    anchors = [anchor for anchor in anchors if anchor]
    assert len(set(anchors)) == len(anchors)
    for table in (block for block in blocks(document) if isinstance(block, Table)):
        assert {len(row.cells) for row in table.rows if not row.heading} == {len(table.columns)}
        assert sum(column.share for column in table.columns) == pytest.approx(1)
        assert sum(column.head for column in table.columns) == 1


def test_the_figures_are_the_statistics_of_the_report() -> None:
    report, document = demo(), published(demo())
    statistics, days = area_statistics(report), report.head.dates
    table = rows(table_in(section(document, "figures")))
    for row, ref in zip(table, (*report.area_refs, TOTAL), strict=True):
        means = [statistics[ref, day].mean() for day in days]
        assert row[1:] == [str(mean).replace(".", ",") for mean in means]


def test_the_movement_compares_the_two_last_values_of_every_measure() -> None:
    report = demo()
    before, now = report.head.dates[-2:]
    pairs = [
        tuple(report.values.get(Slot(n.ref, "status", d)) for d in (before, now))
        for n in measure_nodes(report)
    ]
    both = [(a, b) for a, b in pairs if isinstance(a, int) and isinstance(b, int)]
    total = rows(table_in(section(published(report), "summary")))[-1]
    assert list(map(int, total[2:-1])) == [
        sum(a < b for a, b in both),
        sum(a > b for a, b in both),
        sum(a == b != 5 for a, b in both),
        sum(a == b == 5 for a, b in both),
        sum(not isinstance(b, int) for _, b in pairs),
        len(pairs),
    ]


def lists(document: Document, anchor: str) -> list[MeasureList]:
    """Return the lists of a section."""
    return [block for block in section(document, anchor).blocks if isinstance(block, MeasureList)]


def test_good_news_is_listed_by_area() -> None:
    document, report = published(demo()), demo()
    states = [s for s in measure_states(report) if s.is_newly_finished]
    found = lists(document, "finished")
    assert section(document, "finished").count == len(states) == sum(one.count for one in found)
    assert [len(one.items) for one in found] == [one.count for one in found]
    assert not any(one.left for one in found)


def test_a_long_list_of_good_news_is_cut_by_area_and_says_how_many_are_left_out() -> None:
    report = demo()
    before, now = report.head.dates[-2:]
    slots = [slot for slot in report.values if slot.field == "status"]
    finished = {slot: 5 if slot.date == now else 3 for slot in slots if slot.date in (before, now)}
    document = published(replace(report, values={**report.values, **finished}))
    for one in lists(document, "finished"):
        left = one.count - len(one.items)
        assert len(one.items) == 5 or not left
        assert one.left == (
            f"{left} til er utelatt her, og står i kapitlet om området." * bool(left)
        )
    assert section(document, "finished").count == len(measure_states(report))


def test_everything_that_fell_is_listed_largest_first_with_reason_and_link() -> None:
    report, document = demo(), published(demo())
    table = table_in(section(document, "fell"))
    fallen = [state for state in measure_states(report) if state.category == "down"]
    assert len(table.rows) == len(fallen) == section(document, "fell").count
    assert len(fallen) > 12
    by_target = {state.node.ref: state for state in fallen}
    order = [by_target[link.target] for row in table.rows for link in links(row)]
    falls = [(-state.change, state.before) for state in order]
    assert falls == sorted(falls, key=lambda fall: (-fall[0], -int(str(fall[1]))))
    for state, row in zip(order, table.rows, strict=True):
        remark = " ".join(str(report.values.get(Slot(state.node.ref, "remark"), "")).split())
        moved, link, reason = row.cells
        assert as_text(moved) == f"{state.before} {state.now} ned {-state.change}"
        assert isinstance(link, AnchorLink)
        assert report.area_name(state.area) in link.note
        words = as_text(reason)
        assert words == "ingen begrunnelse" or remark.startswith(words.removesuffix(" …"))
        assert len(words) <= 180


def test_a_measure_that_stands_still_is_listed_under_its_step_from_the_third_date() -> None:
    report, document = demo(), published(demo())
    days = report.head.dates[-3:]
    values = {
        node.ref: [report.values.get(Slot(node.ref, "status", day)) for day in days]
        for node in measure_nodes(report)
    }
    still = {ref: v[0] for ref, v in values.items() if len({*v}) == 1 and v[0] not in (5, None)}
    listed = {
        item.link.target: int(one.steps[0].value)
        for one in lists(document, "stands")
        for item in one.items
    }
    assert listed == still
    assert [one.steps[0].value for one in lists(document, "stands")] == sorted(
        {str(step) for step in still.values()}
    )


@pytest.mark.parametrize(
    ("steps", "change"),
    [
        ((3, 3, 2), ("down", "ned 1", "")),
        ((2, 5, 1), ("down", "ned 4", "")),
        ((1, 3, 5), ("up", "opp 2", "blitt ferdig")),
        ((1, 2, 4), ("up", "opp 2", "")),
        ((4, 3, 3), ("same", "uendret", "")),
        ((1, 1, 1), ("same", "uendret", "3. gang på rad")),
        ((4, 5, 5), ("finished", "ferdig før", "")),
        ((5, 5, 4), ("down", "ned 1", "")),
        ((3, 3, None), ("unanswered", "ikke besvart", "")),
        ((2, None, 4), ("", "opp 2", "siden 30.04.2020")),
        ((None, None, 4), ("", "første svar", "")),
    ],
)
def test_the_change_of_a_measure_in_words(
    steps: tuple[int | None, ...], change: tuple[str, str, str]
) -> None:
    report = demo()
    ref = next(node.ref for node in measure_nodes(report))
    slots = [Slot(ref, "status", day) for day in report.head.dates]
    values = {slot: value for slot, value in report.values.items() if slot not in slots}
    values |= {slot: step for slot, step in zip(slots, steps, strict=True) if step}
    document = published(replace(report, values=values))
    table = table_in(section(document, report.area_of[ref]))
    row = next(row for row in table.rows if row.anchor == ref)
    history, trend = row.cells[2:4]
    assert as_text(history) == " ".join("–" if step is None else str(step) for step in steps)
    assert isinstance(history, History)
    assert history.text.startswith("30.04.2020: ")
    assert isinstance(trend, Trend)
    assert (trend.direction, trend.words, trend.note) == change


def test_a_measure_that_begins_later_has_no_earlier_dates() -> None:
    report = demo()
    first = next(measure_nodes(report).__iter__())
    new = tuple(n._replace(first=report.head.dates[-1]) if n is first else n for n in report.nodes)
    slots = {slot: v for slot, v in report.values.items() if slot.ref != first.ref or not slot.date}
    values = {**slots, Slot(first.ref, "status", report.head.dates[-1]): 2}
    document = published(replace(report, nodes=new, values=values))
    table = table_in(section(document, report.area_of[first.ref]))
    row = next(row for row in table.rows if row.anchor == first.ref)
    assert [as_text(cell) for cell in row.cells[2:4]] == ["2", "ny"]


def test_measures_that_fell_are_listed_by_name_from_and_to() -> None:
    report = demo()
    last, ref = report.head.dates[-1], next(measure_nodes(report).__iter__()).ref
    edited = replace(
        report,
        values={
            **report.values,
            Slot(ref, "status", last): 1,
            Slot(ref, "status", report.head.dates[-2]): 4,
        },
    )
    fell = rows(table_in(section(published(edited), "fell")))
    name = " ".join(str(report.values[Slot(ref, "name")]).split())
    assert any(row[1].startswith(name) and row[0] == "4 1 ned 3" for row in fell)


def test_an_ended_measure_is_marked_and_not_counted() -> None:
    report = demo()
    first = next(measure_nodes(report).__iter__())
    ended = tuple(n._replace(last=report.head.dates[0]) if n is first else n for n in report.nodes)
    document = published(replace(report, nodes=ended))
    area = table_in(section(document, report.area_of[first.ref]))
    row = next(row for row in area.rows if row.anchor == first.ref)
    steps, change = (as_text(cell) for cell in row.cells[2:4])
    assert (len(steps), change) == (1, "utgått")  # only the date at which it was in force
    assert rows(table_in(section(document, "summary")))[0][-2] == str(len(area.rows) - 1)


def test_an_area_without_an_answer_is_marked_everywhere() -> None:
    report = demo().with_open_date(demo().head.dates[-1])
    document = published(report)
    assert rows(table_in(section(document, "summary")))[0][-1] == "ikke levert"
    assert "ikke levert – det som står, er fra før" in texts(section(document, report.area_refs[0]))
    assert any(report.area_name(report.area_refs[0]) in text for text in texts(document.front))
    assert not any("ikke levert" in text for text in texts(published(demo())))


def test_nothing_internal_is_published() -> None:
    template = catalogue.find(SCORED)
    hidden = tuple(
        replace(f, audience="internal") if f.id == "remark" else f for f in template.fields
    )
    report = demo()
    values = {s: f"{PLANTED} {v}" if s.field == "remark" else v for s, v in report.values.items()}
    areas = {ref: Area(PLANTED, PLANTED, f"{PLANTED}@example.com") for ref in report.area_refs}
    head = replace(report.head, contact=PLANTED)
    planted = replace(
        report, template=replace(template, fields=hidden), values=values, areas=areas, head=head
    )
    document = published(planted)
    assert not [
        text for text in texts(document) if PLANTED in text or "Oppdaterte merknader" in text
    ]
    assert [
        text for text in texts(published(replace(planted, template=template))) if PLANTED in text
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_fixed_words_and_numbers_follow_the_language_but_not_the_templates_words(
    language: str,
) -> None:
    document = published(demo(), language)
    shown = list(texts(document))
    assert translate("term.change", language) in shown
    day = day_text(demo().head.dates[-1], language)
    others = {day_text(demo().head.dates[-1], other) for other in LANGUAGES} - {day}
    assert any(day in text for text in shown)
    assert not any(other in text for text in shown for other in others)
    assert not any(re.search(r"\b\d\d[01]\d20\b", text) for text in shown)
    assert any(("3.0" if language == "en" else "3,0") in text for text in shown)
    assert document.language == "nb-NO"
    assert document.label_language == language


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
    for facts in (block for block in document.front if isinstance(block, FactList)):
        assert facts.items[0] == (template.leaf.label, str(count))
    assert any(str(count) in text for text in texts(document.front))


def _last(report: Report) -> date | None:
    answered = {slot.date for slot in report.values if slot.date}
    return report.head.current or max(answered, default=max(report.head.dates, default=None))


@pytest.mark.parametrize("template", TEMPLATES)
def test_charts_have_their_numbers_in_words(template: str) -> None:
    for chart in (
        block
        for block in blocks(published(small(catalogue.find(template))))
        if isinstance(block, Chart)
    ):
        assert all(len(series.values) == len(chart.categories) for series in chart.series)
        assert all(name in chart.description for name in chart.categories)
        for series in chart.series:
            assert all(
                value is None or str(value).replace(".", ",") in chart.description
                for value in series.values
            )


def test_cards_have_their_step_beside_the_title_and_the_labels_of_their_group() -> None:
    template = catalogue.find("programstatus")
    report = small(template)
    cards = [block for block in blocks(published(report)) if isinstance(block, CardBlock)]
    assert cards
    assert {len(card.steps) for card in cards} == {1}
    groups = template.levels[1].groups
    assert {card.rows[-1][0] for card in cards} == {"Kort status"}
    ended = replace(
        report,
        nodes=tuple(n._replace(group=groups[-1].id if n.group else None) for n in report.nodes),
    )
    assert {b.rows[-1][0] for b in blocks(published(ended)) if isinstance(b, CardBlock)} == {
        "Hva er gjennomført"
    }


def with_costs(*costs: str) -> Report:
    """Return a small report with these texts in its first cost fields."""
    template = next(t for t in map(catalogue.find, TEMPLATES) if any(f.amounts for f in t.fields))
    report = small(template)
    cost = next(field for field in template.fields if field.amounts)
    slots = [slot for slot, field, _ in report.slots() if field is cost]
    values = {slot: (text,) for slot, text in zip(slots, costs, strict=False)}
    return replace(report, values={**report.values, **values})


def amounts(report: Report) -> list[list[str]]:
    """Return the rows of the list of amounts."""
    return rows(table_in(section(published(report), "amounts")))


def test_amounts_are_listed_as_written_and_in_kroner() -> None:
    listed = amounts(with_costs("kr 45 000,- i året", "1,5 mill. kroner"))
    assert [row[2:4] for row in listed] == [
        ["kr 45 000,-", "45\u00a0000"],
        ["1,5 mill. kroner", "1\u00a0500\u00a0000"],
    ]


def test_an_amount_is_listed_once_for_a_measure() -> None:
    written = "kr 45 000 i år, altså 45 000 kroner, og kr 12 000 til kurs"
    assert [row[3] for row in amounts(with_costs(written))] == ["45\u00a0000", "12\u00a0000"]


def test_a_reference_is_no_amount() -> None:
    report = with_costs("Budsjettiltak 12, kr 45 000")
    document = published(report)
    assert [row[2] for row in amounts(report)] == ["kr 45 000"]
    references = rows(table_in(section(document, "reference")))
    assert [row[2] for row in references] == ["Budsjettiltak 12"]


def test_amounts_are_listed_only_if_the_template_asks() -> None:
    asks = {t: any(f.amounts or f.references for f in catalogue.find(t).fields) for t in TEMPLATES}
    assert set(asks.values()) == {True, False}
    for template in (name for name, requested in asks.items() if not requested):
        document = published(report_of(template))
        assert "amounts" not in [part.anchor for part in sections(document.sections)]


def test_an_amount_in_kroner_is_exact() -> None:
    ((*_, kroner, _),) = [
        row for row in amounts(with_costs("kr 200 000")) if row[2] == "kr 200 000"
    ]
    assert Decimal(kroner.replace("\u00a0", "")) == Decimal(200_000)


def test_columns_of_numbers_leave_the_width_they_do_not_need_to_texts(tmp_path: Path) -> None:
    """Test a table of many numbers in a template that says nothing of widths."""
    numbers = "".join(f'{{ label = "Tall {n}", kind = "integer" }},' for n in range(8))
    (tmp_path / "template.toml").write_text(
        f'language = "nb"\ntitle = "Tall {{year}}"\nlevels = ["Sektor", "Nøkkeltall"]\n'
        f'fields = ["Nr", {numbers} {{ label = "Merknad", role = "input" }}]\n',
        "utf-8",
    )
    document = compose(public_view(Register(trial_report(catalogue.load(tmp_path)))))
    tables = [block for block in blocks(document) if isinstance(block, Table) and not block.quiet]
    assert tables
    for table in tables:
        _, title, *figures, remark = (column.share for column in table.columns)
        assert len(figures) == 8
        assert max(figures) < 0.07 < remark < title
