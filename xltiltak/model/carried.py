"""What the form of a date has from the date before: finished steps, and texts without a date.

A measure that was finished is not asked again as if nothing were known: in a field with
`carry_done`, a form proposes the step at which it was finished. The leader leaves it, clears it, or
chooses another one. A step that was left counts as the answer, but it is derived here each time and
never stored: an appendix without answers at a date stays a plan.

A text without a date, such as a remark, stays in its cell. The form shows that it is from before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from xltiltak.model.field_types import Value
from xltiltak.model.report import Node, Report, Slot
from xltiltak.model.template import Field
from xltiltak.model.values import ValueTableBuilder

_TEXT_KINDS = ("text", "paragraphs", "bullets")


def carried_steps(report: Report) -> dict[Slot, Value]:
    """Return the steps that a form proposes at the open date, by slot.

    They are those of the open slots that are empty and not asked again, and whose last earlier
    value means "finished".
    """
    current = report.head.current
    days = sorted((day for day in report.head.dates if current and day < current), reverse=True)
    fields = [field for field in report.template.fields if field.carry_done]
    if not (fields and days and current):
        return {}
    return {
        slot: value
        for field in fields
        for node, value in _finished_nodes(report, field, current, days)
        if (slot := Slot(node.ref, field.id, current)) not in report.asked_again
    }


def _finished_nodes(
    report: Report, field: Field, current: date, days: list[date]
) -> Iterator[tuple[Node, Value]]:
    """Yield the nodes whose slot of a field is empty and was finished before, with the step.

    `days` are the earlier dates, the latest first.
    """
    level = field.of or report.template.leaf.id
    done = {step.value for step in report.template.scales[field.scale] if step.done}
    nodes = [
        node
        for node, groups in report.walk()
        if node.level == level and node.is_active_on(current) and field.applies(groups)
    ]
    keys = [(field.id, day) for day in (current, *days)]
    rows = report.value_table.select([node.ref for node in nodes], keys)
    for node, (now, *earlier) in zip(nodes, rows, strict=True):
        last = next((value for value in earlier if value is not None), None)
        if now is None and last is not None and last in done:
            yield node, last


def may_have_texts_left(report: Report) -> bool:
    """Return True if texts may be left from an earlier date in open cells."""
    current = report.head.current
    is_later = any(current and day < current for day in report.head.dates)
    return is_later and any(map(_is_open_text, report.template.fields))


def texts_left(report: Report) -> Iterator[Slot]:
    """Yield the open slots with a text that is left from an earlier date."""
    if may_have_texts_left(report):
        for slot, field, node in report.slots(_is_open_text):
            if report.is_open(field, None, node) and slot in report.values:
                yield slot


def _is_open_text(field: Field) -> bool:
    return field.role == "input" and not field.per_checkpoint and field.kind in _TEXT_KINDS


def with_steps(report: Report, steps: Mapping[Slot, Value]) -> Report:
    """Return the report with these steps carried on; the same report if there are none."""
    if not steps:
        return report
    values = ValueTableBuilder(report.value_table)
    for slot, value in steps.items():
        values[slot] = value
    return report.with_same_nodes(values=values.build(), carried=frozenset(steps))
