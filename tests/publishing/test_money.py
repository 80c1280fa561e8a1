"""Amounts and references that stand in texts are listed where the template asks for it, and never summed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tests.publishing.test_compose import published, rows, section, sections, table_in
from tests.sources import TEMPLATES, report_of, small
from xltiltak.model.report import Report, Slot
from xltiltak.templates import catalogue


def with_costs(*texts: str) -> Report:
    """A small report whose first costs are these."""
    template = next(t for t in map(catalogue.find, TEMPLATES) if any(f.amounts for f in t.fields))
    report = small(template)
    cost = next(f for f in template.fields if f.amounts)
    slots = [slot for slot, known, _ in report.slots() if known is cost]
    return replace(
        report, values={**report.values, **{s: (t,) for s, t in zip(slots, texts, strict=False)}}
    )


def test_each_amount_stands_as_it_was_written_and_in_kroner() -> None:
    listed = rows(
        table_in(
            section(published(with_costs("kr 45 000,- i året", "1,5 mill. kroner")), "amounts")
        )
    )
    assert [row[2:4] for row in listed] == [
        ["kr 45 000,-", "45\u00a0000"],
        ["1,5 mill. kroner", "1\u00a0500\u00a0000"],
    ]


def test_nothing_is_listed_where_the_template_does_not_ask() -> None:
    asked = {t: any(f.amounts or f.references for f in catalogue.find(t).fields) for t in TEMPLATES}
    assert set(asked.values()) == {True, False}
    for template in (name for name, wanted in asked.items() if not wanted):
        assert "amounts" not in [
            part.anchor for part in sections(published(report_of(template)).sections)
        ]


def test_the_value_is_exact() -> None:
    report = with_costs("kr 200 000")
    slot = next(slot for slot, value in report.values.items() if value == ("kr 200 000",))
    assert isinstance(slot, Slot)
    assert Decimal(
        rows(table_in(section(published(report), "amounts")))[0][3].replace("\u00a0", "")
    ) == Decimal(200_000)
