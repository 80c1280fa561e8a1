"""The rules that compare an appendix with the last published one (C106–C108)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from xltiltak.merging.registry import rule
from xltiltak.model.field_types import Value, field_type_of
from xltiltak.model.finding import ANYWHERE, About, Finding, Place
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import measure_nodes
from xltiltak.model.template import Field
from xltiltak.years.comparison import match_nodes


@dataclass(frozen=True, slots=True)
class StatusPair:
    """A status of a measure in the published appendix, and the one to compare with it now.

    `slot` and `place` are those of the status now.
    """

    report: Report
    field: Field
    slot: Slot
    before: Value
    now: Value | None
    place: Place

    def finding(self, code: str) -> Finding:
        """Return a finding about the status now, with both statuses as a reader sees them."""
        area, what = self.report.area_of[self.slot.ref], self.report.describe_in_area(self.slot)
        about = About(area, *self.slot, what)
        before, after = self._display(self.before), self._display(self.now)
        return Finding.create(code, self.place, about, before=before, after=after)

    def _display(self, value: Value | None) -> str:
        if value is None:
            return ""
        field_type = field_type_of(self.field, self.report.template)
        return field_type.display(value, self.report.head.language)


def check_since_published(
    old: Report, new: Report, places: Mapping[Slot, Place]
) -> Iterator[Finding]:
    """Yield the findings about statuses that changed since the published appendix `old`.

    None if no field of the template has a mean. `places` are the cells of slots, if known.
    """
    field = new.template.mean_field()
    if field is None:
        return
    old_refs = match_nodes(old, new)
    for node in measure_nodes(new):
        if old_ref := old_refs.get(node.ref):
            before = _statuses(old, old_ref, field)
            yield from _check_measure(before, new, field, node.ref, places)


def _check_measure(
    before: Mapping[date, Value],
    report: Report,
    field: Field,
    ref: str,
    places: Mapping[Slot, Place],
) -> Iterator[Finding]:
    """Yield the findings about one measure. `before` has its published statuses by date."""
    now = _statuses(report, ref, field)

    def pair(day_before: date, day: date) -> StatusPair:
        slot = Slot(ref, field.id, day)
        place = places.get(slot, ANYWHERE)
        return StatusPair(report, field, slot, before[day_before], now.get(day), place)

    for day in before:
        if day in report.head.dates:
            yield from rewritten(pair(day, day))
    if before and now and max(now) > max(before):
        latest = pair(max(before), max(now))
        yield from fell_since(latest)
        yield from stood_since(latest)


def _statuses(report: Report, ref: str, field: Field) -> dict[date, Value]:
    """Return the statuses of a measure by date, in order; empty slots are left out."""
    values = ((day, report.values.get(Slot(ref, field.id, day))) for day in report.head.dates)
    return {day: value for day, value in sorted(values) if value is not None}


@rule("C106")
def fell_since(pair: StatusPair) -> Iterator[Finding]:
    """Yield C106 if a status is lower than in the published appendix."""
    if isinstance(pair.before, int) and isinstance(pair.now, int) and pair.now < pair.before:
        yield pair.finding("C106")


@rule("C107")
def stood_since(pair: StatusPair) -> Iterator[Finding]:
    """Yield C107 if a status is as in the published appendix, and not the highest step."""
    steps = pair.report.template.scales.get(pair.field.scale, ())
    highest = max((s.value for s in steps if isinstance(s.value, int)), default=None)
    if pair.now == pair.before and pair.now != highest:
        yield pair.finding("C107")


@rule("C108")
def rewritten(pair: StatusPair) -> Iterator[Finding]:
    """Yield C108 if a status that was published is another one now."""
    if pair.now != pair.before:
        yield pair.finding("C108")
