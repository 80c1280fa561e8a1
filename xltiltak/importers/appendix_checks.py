"""Rules over an appendix: its rows with each other, and with the last published appendix.

The rows may lack a status or a number, repeat a number or a remark, or contradict themselves.
C106–C108 compare the statuses with those that were published.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from xltiltak.merging.consistency_rules import remark_says_otherwise
from xltiltak.merging.registry import rule
from xltiltak.model.field_types import Value, field_type_of
from xltiltak.model.finding import ANYWHERE, About, Finding, Place
from xltiltak.model.normalize import normalize
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import measure_nodes
from xltiltak.model.template import Field
from xltiltak.years.comparison import match_nodes

PlaceOfSlot = Mapping[Slot, Place]
_MIN_REMARK = 20  # characters; shorter remarks may be alike by chance


def check_appendix_rows(report: Report, places: PlaceOfSlot) -> Iterator[Finding]:
    """Yield every finding about the rows of an appendix; `places` has the place of each value."""
    yield from status_missing(report, places)
    yield from number_repeated(report, places)
    yield from number_missing(report)
    yield from remark_repeated(report, places)
    yield from words_against_status(report, places)


def status_missing(report: Report, places: PlaceOfSlot) -> Iterator[Finding]:
    """Yield measures without a status at a date when other measures have one (V102).

    Such a measure counts, but is not in the mean.
    """
    field = report.template.mean_field()
    if field is None:
        return
    for day in _answered_dates(report, field):
        for node in measure_nodes(report):
            slot = Slot(node.ref, field.id, day)
            if node.is_active_on(day) and slot not in report.values:
                row = (place for other, place in places.items() if other.ref == node.ref)
                yield Finding.create("V102", next(row, ANYWHERE), _about(report, slot))


@rule("A102")
def number_repeated(report: Report, places: PlaceOfSlot) -> Iterator[Finding]:
    """Yield measures of one group that have the same number."""
    for slots in _numbers_by_parent(report).values():
        counts = Counter(report.values[slot] for slot in slots)
        for slot in slots:
            value, place = report.values[slot], places.get(slot, ANYWHERE)
            if counts[value] > 1:
                about = _about(report, slot)
                yield Finding.create("A102", place, about, value=value, count=counts[value])


@rule("A103")
def number_missing(report: Report) -> Iterator[Finding]:
    """Yield the numbers that are left out between those of the measures of one group."""
    for parent, slots in _numbers_by_parent(report).items():
        used = {value for slot in slots if isinstance(value := report.values[slot], int)}
        between = range(min(used, default=1), max(used, default=0))
        if gaps := [str(number) for number in between if number not in used]:
            area = report.area_of.get(parent, parent)
            what = report.area_name(area) if area in report.area_refs else ""
            about = About(area=area, what=what)
            yield Finding.create("A103", ANYWHERE, about, value=", ".join(gaps))


@rule("C105")
def remark_repeated(report: Report, places: PlaceOfSlot) -> Iterator[Finding]:
    """Yield remarks that several measures have word for word."""
    for field in _remark_fields(report):
        same: dict[str, list[Slot]] = defaultdict(list)
        for node in measure_nodes(report):
            slot = Slot(node.ref, field.id)
            text = normalize(str(report.values.get(slot, "")))
            if len(text) >= _MIN_REMARK:
                same[text].append(slot)
        for first, *others in same.values():
            if others:
                names = "; ".join(report.describe_node(slot.ref) for slot in others)
                place, about = places.get(first, ANYWHERE), _about(report, first)
                value = report.values[first]
                yield Finding.create("C105", place, about, value=value, others=names)


def words_against_status(report: Report, places: PlaceOfSlot) -> Iterator[Finding]:
    """Yield remarks that contradict the status of the last date with an answer (C102)."""
    day = max(_answered_dates(report, report.template.mean_field()), default=None)
    opened = replace(report, head=replace(report.head, current=day))
    for finding in remark_says_otherwise(opened, report.by_ref):
        slot = Slot(finding.ref, finding.field, finding.date)
        yield replace(finding, place=places.get(slot, ANYWHERE))


def _answered_dates(report: Report, field: Field | None) -> list[date]:
    """Return the reporting dates at which a measure has an answer in a field; none for None."""
    answered = {slot.date for slot in report.values if field and slot.field == field.id}
    return [day for day in report.head.dates if day in answered]


def _numbers_by_parent(report: Report) -> dict[str, list[Slot]]:
    """Return the numbers of all nodes but areas, by the ref of the parent or of the report."""
    area_level = report.template.area_level
    numbers: dict[str, list[Slot]] = defaultdict(list)
    for node in report.nodes:
        slot = Slot(node.ref, "no")
        if slot in report.values and not (area_level and node.level == area_level.id):
            numbers[node.parent or report.head.code].append(slot)
    return numbers


def _remark_fields(report: Report) -> Iterator[Field]:
    """Yield the fields of a measure that leaders fill in with free text."""
    template = report.template
    for field in template.fields_of(template.leaf.id):
        is_undated_input = field.role == "input" and not field.per_checkpoint and not field.scale
        if is_undated_input and field_type_of(field, template).free_text(("x",)):
            yield field


def _about(report: Report, slot: Slot) -> About:
    """Return what a finding about a slot names."""
    return About(report.area_of[slot.ref], *slot, report.describe_in_area(slot))


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
