"""Rules over the rows of an appendix: missing statuses, numbers, copied remarks, contradictions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from xltiltak.merging.consistency_rules import remark_says_otherwise
from xltiltak.merging.registry import rule
from xltiltak.model.field_types import field_type_of
from xltiltak.model.finding import ANYWHERE, About, Finding, Place
from xltiltak.model.normalize import normalize
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import measure_nodes
from xltiltak.model.template import Field

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
                names = ", ".join(report.describe_node(slot.ref) for slot in others)
                place, about = places.get(first, ANYWHERE), _about(report, first)
                value = report.values[first]
                yield Finding.create("C105", place, about, value=value, others=names)


def words_against_status(report: Report, places: PlaceOfSlot) -> Iterator[Finding]:
    """Yield remarks that contradict the status of the last date with an answer (C102)."""
    day = max(_answered_dates(report, report.template.mean_field()), default=None)
    opened = replace(report, head=replace(report.head, current=day))
    for finding in remark_says_otherwise(opened, report.area_refs):
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
