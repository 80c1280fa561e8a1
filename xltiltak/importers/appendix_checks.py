"""What the rows of an appendix say against each other: blanks, numbers, remarks that are copies."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from xltiltak.merging.change_rules import remark_says_otherwise
from xltiltak.merging.registry import rule
from xltiltak.model.field_types import field_type_of
from xltiltak.model.finding import ANYWHERE, About, Finding, Place
from xltiltak.model.normalize import normalize
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import measure_nodes
from xltiltak.model.template import Field

Places = Mapping[Slot, Place]
_TELLING = 20  # characters of a remark that is more than a word everybody uses


def check_appendix_rows(report: Report, places: Places) -> Iterator[Finding]:
    """Every finding about the rows of an appendix."""
    yield from status_missing(report, places)
    yield from number_repeated(report, places)
    yield from number_missing(report)
    yield from remark_repeated(report, places)
    yield from words_against_status(report, places)


def status_missing(report: Report, places: Places) -> Iterator[Finding]:
    """A measure has no status at a date that others were answered at: it counts, but not in the mean."""
    field = report.template.mean_field()
    if field is None:
        return
    for day in _answered(report, field):
        for node in measure_nodes(report):
            slot = Slot(node.ref, field.id, day)
            if node.is_active_on(day) and slot not in report.values:
                yield Finding.create("V102", _row_of(node.ref, places), _about(report, slot))


@rule("A102")
def number_repeated(report: Report, places: Places) -> Iterator[Finding]:
    """Two measures side by side have one number."""
    for slots in _numbered(report).values():
        counts = Counter(report.values[slot] for slot in slots)
        for slot in slots:
            if counts[report.values[slot]] > 1:
                value = report.values[slot]
                about = _about(report, slot)
                yield Finding.create(
                    "A102", places.get(slot, ANYWHERE), about, value=value, count=counts[value]
                )


@rule("A103")
def number_missing(report: Report) -> Iterator[Finding]:
    """Between the numbers of measures side by side some are left out."""
    for parent, slots in _numbered(report).items():
        used = {value for slot in slots if isinstance(value := report.values[slot], int)}
        if gaps := [n for n in range(min(used, default=1), max(used, default=0)) if n not in used]:
            area = report.area_of.get(parent, parent)
            what = report.area_name(area) if area in report.area_refs else ""
            yield Finding.create(
                "A103", ANYWHERE, About(area=area, what=what), value=", ".join(map(str, gaps))
            )


@rule("C105")
def remark_repeated(report: Report, places: Places) -> Iterator[Finding]:
    """Measures share one remark, word for word."""
    for field in _remarks(report):
        alike: dict[str, list[Slot]] = defaultdict(list)
        for node in measure_nodes(report):
            slot = Slot(node.ref, field.id)
            said = normalize(str(report.values.get(slot, "")))
            if len(said) >= _TELLING:
                alike[said].append(slot)
        for slots in alike.values():
            if len(slots) > 1:
                others = ", ".join(report.describe_node(slot.ref) for slot in slots[1:])
                value = report.values[slots[0]]
                place = places.get(slots[0], ANYWHERE)
                yield Finding.create(
                    "C105", place, _about(report, slots[0]), value=value, others=others
                )


def words_against_status(report: Report, places: Places) -> Iterator[Finding]:
    """C102, at the last date that somebody answered: a status beside words that contradict it."""
    field = report.template.mean_field()
    day = max(_answered(report, field), default=None) if field else None
    asked = replace(report, head=replace(report.head, current=day))
    for finding in remark_says_otherwise(asked, report.area_refs):
        slot = Slot(finding.ref, finding.field, finding.date)
        yield replace(finding, place=places.get(slot, ANYWHERE))


def _answered(report: Report, field: Field) -> list[date]:
    """The dates that somebody has answered."""
    return [
        day
        for day in report.head.dates
        if any(s.date == day and s.field == field.id for s in report.values)
    ]


def _numbered(report: Report) -> dict[str, list[Slot]]:
    """The numbers of nodes, by the node or report they stand side by side in."""
    found_: dict[str, list[Slot]] = defaultdict(list)
    for node in report.nodes:
        slot = Slot(node.ref, "no")
        if slot in report.values and node.level != (
            report.template.area_level.id if report.template.area_level else ""
        ):
            found_[node.parent or report.head.code].append(slot)
    return found_


def _remarks(report: Report) -> Iterator[Field]:
    """The free texts that are asked for of a measure."""
    for field in report.template.fields_of(report.template.leaf.id):
        kind = field_type_of(field, report.template)
        if (
            field.role == "input"
            and not field.per_checkpoint
            and not field.scale
            and kind.free_text(("x",))
        ):
            yield field


def _row_of(ref: str, places: Places) -> Place:
    """Where a measure begins."""
    return next((place for slot, place in places.items() if slot.ref == ref), ANYWHERE)


def _about(report: Report, slot: Slot) -> About:
    return About(report.area_of[slot.ref], *slot, report.describe_in_area(slot))
