"""Test the comparison of two appendices: each single change is found, and no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import reports, small
from tests.examples import examples
from xltiltak.model.report import Node, Report, Slot
from xltiltak.years.comparison import ReportChange, compare

SHAPES = st.sampled_from(reports.SHAPES)


def sorts(changes: tuple[ReportChange, ...]) -> list[str]:
    """Return the kinds of changes, without figures, which follow from the others."""
    return [change.sort for change in changes if change.sort != "figure"]


@settings(max_examples=examples(30), deadline=None)
@given(SHAPES.flatmap(reports.reports_of))
def test_a_report_does_not_differ_from_itself(report: Report) -> None:
    assert compare(report, report) == ()


@settings(max_examples=examples(30), deadline=None)
@given(SHAPES.flatmap(reports.reports_of), st.data())
def test_one_value_taken_away_is_one_change_there_and_back(
    report: Report, data: st.DataObject
) -> None:
    named = {f.id for f in report.template.fields if f.is_identifying}
    derived = {f.id for f in report.template.fields if f.is_derived}
    slots = [
        slot
        for slot in report.values
        if slot.field not in named | derived and slot.ref in report.by_ref
    ]
    if not slots:
        return
    slot = data.draw(st.sampled_from(slots))
    poorer = replace(report, values={k: v for k, v in report.values.items() if k != slot})
    apart = {"figure", *derived}
    (away,) = (c for c in compare(report, poorer) if apart.isdisjoint((c.sort, c.field)))
    (back,) = (c for c in compare(poorer, report) if apart.isdisjoint((c.sort, c.field)))
    level = report.by_ref[slot.ref].level
    field = report.template.field_of(level, slot.field)
    assert field
    is_text = field.kind in ("text", "paragraphs", "bullets")
    assert (away.ref, away.field, away.date) == slot
    assert away.sort == ("text" if is_text else "changed")
    assert back.sort == ("answered" if field.role == "input" else away.sort)
    assert (away.before, away.after) == (back.after, back.before)
    assert away.before
    assert not away.after


def test_what_came_went_and_moved(tmp_path: Path) -> None:
    old = small.report(tmp_path)
    first, *rest = [n for n in old.nodes if n.level == old.template.leaf.id]
    moved = first._replace(parent=rest[-1].parent)
    gone = rest[0]
    new_one = Node("OPP-099", first.level, first.parent)
    nodes = (*(moved if n is first else n for n in old.nodes if n is not gone), new_one)
    values = {slot: v for slot, v in old.values.items() if slot.ref != gone.ref}
    new = replace(old, nodes=nodes, values={**values, Slot("OPP-099", "name"): "Nytt svømmeanlegg"})
    found = compare(old, new)
    assert sorted(sorts(found)) == ["added", "moved", "retired"]
    assert {c.sort: c.ref for c in found if c.sort != "figure"} == {
        "added": "OPP-099",
        "moved": first.ref,
        "retired": gone.ref,
    }
    assert any(c.sort == "figure" and c.area == "Oppvekst" for c in found)


def test_a_last_date_is_told_as_taken_out(tmp_path: Path) -> None:
    old = small.report(tmp_path)
    leaf = next(n for n in old.nodes if n.level == old.template.leaf.id)
    ended = leaf._replace(last=date(2020, 8, 31))
    (change,) = (
        c
        for c in compare(old, replace(old, nodes=_swapped(old, leaf, ended)))
        if c.sort != "figure"
    )
    assert (change.sort, change.ref, change.after) == ("retired", leaf.ref, "31.08.2020")


def test_measures_of_another_numbering_are_known_by_their_text(tmp_path: Path) -> None:
    """As in an appendix made by hand: a measure put in front gives all below it another number."""
    old = small.report(tmp_path)
    rows = (("Oppvekst", "9", "Ny fritidsklubb", "1", "", "", ""), *small.ROWS)
    new = small.report(tmp_path, rows)
    added = [c for c in compare(old, new) if c.sort in ("added", "retired", "moved")]
    assert [(c.sort, c.after) for c in added] == [("added", "Ny fritidsklubb")]


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (lambda head: replace(head, title="Ny tittel"), "title"),
        (lambda head: replace(head, dates=head.dates[:-1]), "dates"),
        (lambda head: replace(head, case_number="20/1"), "case_number"),
    ],
)
def test_the_head_is_compared(tmp_path: Path, edit: Callable[..., object], field: str) -> None:
    old = small.report(tmp_path)
    new = replace(old, head=edit(old.head))  # type: ignore[arg-type]
    assert [c.field for c in compare(old, new) if c.sort == "head"] == [field]


def _swapped(report: Report, node: Node, other: Node) -> tuple[Node, ...]:
    return tuple(other if n is node else n for n in report.nodes)
