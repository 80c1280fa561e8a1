"""What a status says beside the status before it and the words beside it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

from xltiltak.finding import ANYWHERE, About, Finding, found
from xltiltak.kinds import Value, kind_of
from xltiltak.register import Register
from xltiltak.repair import plain
from xltiltak.report import Node, Report, Slot
from xltiltak.rules.registry import rule
from xltiltak.summary import leaves
from xltiltak.template import Field, Step

_STANDING = 3  # so many dates with the same status are a standstill


class Course(NamedTuple):
    """A measure's statuses at the dates up to the current one, oldest first, and whether words came with the last."""

    report: Report
    field: Field
    node: Node
    area: str
    values: tuple[Value | None, ...]
    said: bool
    anew: bool

    def tell(self, code: str, **values: object) -> Finding:
        """A finding about the last status."""
        slot = Slot(self.node.ref, self.field.id, self.report.head.current)
        return found(code, ANYWHERE, About(self.area, *slot, self.report.describe_in_area(slot)), **values)


def told_of_changes(register: Register) -> Iterator[Finding]:
    """Every finding about how statuses moved, in the areas that have answered."""
    yield from remark_says_otherwise(register.report, register.returned)
    report, field = register.report, register.report.template.scored()
    if field is None or report.head.current is None:
        return
    area_of = report.area_of
    days = tuple(day for day in report.head.dates if day <= report.head.current)
    words = _words(report)
    for node in leaves(report):
        if area_of[node.ref] in register.returned and node.counts_at(report.head.current):
            course = _course(register, field, node, area_of[node.ref], days, words)
            yield from (*status_fell(course), *remark_unchanged(course), *standstill(course))


@rule("C102")
def remark_says_otherwise(report: Report, answered: Collection[str]) -> Iterator[Finding]:
    """A status stands beside words that the template says contradict it, as "done" beside "postponed".

    It is looked for at the date that is open, in the areas that have answered.
    """
    area_of = report.area_of
    doubted = {name: [s for s in steps if s.against] for name, steps in report.template.scales.items()}
    fields = [f for f in report.template.fields_of(report.template.leaf.id) if f.role == "input"]
    for field in (f for f in fields if doubted.get(f.scale)):
        day = report.head.current if field.per_checkpoint else None
        for node in leaves(report):
            slot = Slot(node.ref, field.id, day)
            step = next((s for s in doubted[field.scale] if s.value == report.values.get(slot)), None)
            if step and area_of[node.ref] in answered and node.counts_at(report.head.current):
                about = About(area_of[node.ref], *slot, report.describe_in_area(slot))
                said = (word for other in fields if not other.scale for word in _against(step, report, node, other))
                yield from (found("C102", ANYWHERE, about, value=step.label, word=word) for word in [*said][:1])


def _against(step: Step, report: Report, node: Node, field: Field) -> Iterator[str]:
    """The words in a text that contradict a step, whole words in any case."""
    day = report.head.current if field.per_checkpoint else None
    value = report.values.get(Slot(node.ref, field.id, day))
    text = plain(kind_of(field, report.template).text(value, report.head.language)) if value is not None else ""
    yield from (word for word in step.against if re.search(rf"(?<!\w){re.escape(plain(word))}(?!\w)", text))


def _words(report: Report) -> tuple[Field, ...]:
    """The fields a leader explains a status in: the measure's inputs without dates."""
    leaf = report.template.leaf.id
    return tuple(
        f for f in report.template.fields_of(leaf) if f.role == "input" and not f.per_checkpoint and not f.scale
    )


def _course(
    register: Register, field: Field, node: Node, area: str, days: tuple[date, ...], words: tuple[Field, ...]
) -> Course:
    report = register.report
    slots = [Slot(node.ref, known.id) for known in words]
    values = tuple(report.values.get(Slot(node.ref, field.id, day)) for day in days)
    said = any(slot in report.values for slot in slots)
    return Course(report, field, node, area, values, said, any(slot in register.base for slot in slots))


@rule("C101")
def status_fell(course: Course) -> Iterator[Finding]:
    """A status went back, and the words beside it are missing or those of the last date."""
    before, now = _last_two(course)
    if isinstance(before, int) and isinstance(now, int) and now < before and not (course.said and course.anew):
        yield course.tell("C101", before=before, after=now)


@rule("C103")
def remark_unchanged(course: Course) -> Iterator[Finding]:
    """A status moved on, but the words beside it are still those of the last date."""
    before, now = _last_two(course)
    if isinstance(before, int) and isinstance(now, int) and now > before and course.said and not course.anew:
        yield course.tell("C103", before=before, after=now)


@rule("C104")
def standstill(course: Course) -> Iterator[Finding]:
    """The same status at three dates in a row, short of the last step."""
    held = course.values[-_STANDING:]
    if len(held) == _STANDING and len(set(held)) == 1 and held[0] is not None and held[0] != _highest(course):
        kind = kind_of(course.field, course.report.template)
        yield course.tell("C104", value=kind.text(held[0], course.report.head.language), count=_STANDING)


def _highest(course: Course) -> Value | None:
    steps = course.report.template.scales.get(course.field.scale, ())
    return max((s.value for s in steps if isinstance(s.value, int)), default=None)


def _last_two(course: Course) -> tuple[Value | None, Value | None]:
    return (course.values[-2], course.values[-1]) if len(course.values) > 1 else (None, None)
