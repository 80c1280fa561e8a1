"""An appendix against the last one that was published: what fell, stood still, or was written over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from xltiltak.merging.registry import rule
from xltiltak.model.field_types import Value, field_type_of
from xltiltak.model.finding import ANYWHERE, About, Finding, Place
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import measure_nodes
from xltiltak.model.template import Field
from xltiltak.years.comparison import paired


class Since(NamedTuple):
    """A measure's last statuses in two appendices, and how to tell of it."""

    report: Report
    field: Field
    slot: Slot
    before: Value
    now: Value
    place: Place

    def tell(self, code: str, **values: object) -> Finding:
        """A finding about the later status, with both in people's words."""
        about = About(
            self.report.area_of[self.slot.ref], *self.slot, self.report.describe_in_area(self.slot)
        )
        return Finding.create(
            code,
            self.place,
            about,
            before=self.said(self.before),
            after=self.said(self.now),
            **values,
        )

    def said(self, value: Value) -> str:
        """A status as people read it."""
        return field_type_of(self.field, self.report.template).display(
            value, self.report.head.language
        )


def check_since_published(
    old: Report, new: Report, places: Mapping[Slot, Place]
) -> Iterator[Finding]:
    """Every finding about what changed since the old appendix; nothing where the template has no statuses."""
    field, was = new.template.mean_field(), paired(old, new)
    if field is None:
        return
    for node in measure_nodes(new):
        if before := was.get(node.ref):
            yield from _of_measure(old, new, field, (before, node.ref), places)


def _of_measure(
    old: Report, new: Report, field: Field, refs: tuple[str, str], places: Mapping[Slot, Place]
) -> Iterator[Finding]:
    before = {day: old.values.get(Slot(refs[0], field.id, day)) for day in old.head.dates}
    now = {day: new.values.get(Slot(refs[1], field.id, day)) for day in new.head.dates}
    for day in sorted(before.keys() & now.keys()):
        yield from rewritten(_since(new, field, refs[1], day, (before[day], now[day]), places))
    last, latest = _last(before), _last(now)
    if last and latest and latest[0] > last[0]:
        since = _since(new, field, refs[1], latest[0], (last[1], latest[1]), places)
        yield from (*fell_since(since), *stood_since(since))


def _since(
    new: Report,
    field: Field,
    ref: str,
    day: date,
    values: tuple[Value | None, Value | None],
    places: Mapping[Slot, Place],
) -> Since:
    slot = Slot(ref, field.id, day)
    before, now = ("" if value is None else value for value in values)
    return Since(new, field, slot, before, now, places.get(slot, ANYWHERE))


@rule("C106")
def fell_since(since: Since) -> Iterator[Finding]:
    """A status is lower than in the last published appendix."""
    if isinstance(since.before, int) and isinstance(since.now, int) and since.now < since.before:
        yield since.tell("C106")


@rule("C107")
def stood_since(since: Since) -> Iterator[Finding]:
    """A status is what it was in the last published appendix, short of the last step."""
    steps = since.report.template.scales.get(since.field.scale, ())
    highest = max((s.value for s in steps if isinstance(s.value, int)), default=None)
    if since.now == since.before and since.now != highest:
        yield since.tell("C107")


@rule("C108")
def rewritten(since: Since) -> Iterator[Finding]:
    """A status that was published is another now: the past was written over."""
    if since.before not in ("", since.now):
        yield since.tell("C108")


def _last(values: Mapping[date, Value | None]) -> tuple[date, Value] | None:
    """The last status there is, with its date."""
    held = [(day, value) for day, value in sorted(values.items()) if value is not None]
    return held[-1] if held else None
