"""Test that a table of values is the same mapping as one dictionary of slots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tests.sources import demo
from xltiltak.model.field_types import Value
from xltiltak.model.report import Report, Slot
from xltiltak.model.values import ValueTable, ValueTableBuilder, build_value_table

LEVELS = {"A": "area", "A-1": "measure", "A-2": "measure", "B": "area", "B-1": "measure"}
DAYS = st.sampled_from([None, date(2020, 4, 30), date(2020, 8, 31)])
SLOTS = st.builds(
    Slot, st.sampled_from([*LEVELS, "gone"]), st.sampled_from(["name", "status", "remark"]), DAYS
)
VALUES: st.SearchStrategy[Value] = st.one_of(st.integers(0, 5), st.sampled_from(["", "x"]))
HELD = st.dictionaries(SLOTS, VALUES)


def changed(values: ValueTable, changes: Mapping[Slot, Value | None]) -> ValueTable:
    """Return the table with these values changed."""
    builder = ValueTableBuilder(values)
    for slot, value in changes.items():
        builder[slot] = value
    return builder.build()


@given(values_by_slot=HELD, slot=SLOTS)
def test_they_hold_what_a_dictionary_holds(values_by_slot: dict[Slot, Value], slot: Slot) -> None:
    values = build_value_table(LEVELS, values_by_slot)
    assert values == values_by_slot
    assert dict(values.items()) == values_by_slot == {key: values[key] for key in values}
    assert len(values) == len(values_by_slot)
    assert (slot in values) is (slot in values_by_slot)
    assert values.get(slot, "none") == values_by_slot.get(slot, "none")


@given(values_by_slot=HELD, changes=st.dictionaries(SLOTS, st.none() | VALUES))
def test_changed_they_hold_what_a_dictionary_would(
    values_by_slot: dict[Slot, Value], changes: dict[Slot, Value | None]
) -> None:
    values = build_value_table(LEVELS, values_by_slot)
    expected = {
        slot: value for slot, value in {**values_by_slot, **changes}.items() if value is not None
    }
    assert changed(values, changes) == expected
    assert changed(changed(values, changes), values_by_slot) == {**expected, **values_by_slot}
    assert values == values_by_slot  # nothing is changed in place
    rows = changed(values, changes).rows
    assert (
        rows["A-1"][0] is rows["A-2"][0] is rows["B-1"][0]
    )  # one level's nodes share their places
    assert all(len(row) == len(row[0]) + 1 for row in rows.values())


@given(
    values_by_slot=HELD,
    refs=st.lists(st.sampled_from([*LEVELS, "gone", "never"]), max_size=4),
    keys=st.lists(st.tuples(st.sampled_from(["name", "status", "other"]), DAYS), max_size=3),
)
def test_what_each_node_holds_under_some_keys(
    values_by_slot: dict[Slot, Value], refs: list[str], keys: list[tuple[str, date | None]]
) -> None:
    rows = [list(values) for values in build_value_table(LEVELS, values_by_slot).select(refs, keys)]
    assert rows == [[values_by_slot.get(Slot(ref, *key)) for key in keys] for ref in refs]


def test_areas_get_the_same_parts_of_them() -> None:
    report = demo()
    kept = _node_by_node(report)
    assert kept.parts() == report.parts()
    assert all(
        part.value_table is part.values for part in kept.parts().values()
    )  # sheets take them a row at a time


def test_what_follows_from_the_nodes_is_kept_where_only_values_change() -> None:
    report = demo()
    kept = report.with_same_nodes(values={})
    assert (kept.nodes, kept.values, kept.head) == (report.nodes, {}, report.head)
    assert report.area_of is report.with_same_nodes(values={}).area_of
    assert report.with_open_date(date(2031, 1, 1)).area_refs == replace(report).area_refs


def test_what_is_lacking_is_every_open_slot_that_holds_nothing() -> None:
    whole = demo()
    for day in (None, *whole.head.dates):
        report = replace(whole, head=replace(whole.head, current=day))
        ended = tuple(
            n._replace(last=whole.head.dates[0]) if i % 5 == 0 else n
            for i, n in enumerate(report.nodes)
        )
        values = {slot: value for i, (slot, value) in enumerate(report.values.items()) if i % 3}
        for one in (
            report,
            replace(report, nodes=ended, values=values),
            replace(report, values={}),
        ):
            for include in (lambda field: field.required, lambda _: True):
                open_slots = (
                    (slot, node)
                    for slot, field, node in one.slots(include)
                    if one.is_open(field, slot.date, node)
                )
                assert [*one.empty_inputs(include)] == [
                    (slot, node) for slot, node in open_slots if slot not in one.values
                ]


def _node_by_node(report: Report) -> Report:
    return replace(
        report,
        values=build_value_table({node.ref: node.level for node in report.nodes}, report.values),
    )
