"""The rules about a status beside the status before it, and beside its remarks (C101–C104).

They look at the open date, in the areas that have answered.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

from xltiltak.merging.registry import rule
from xltiltak.model.field_types import Value, field_type_of
from xltiltak.model.finding import ANYWHERE, About, Finding
from xltiltak.model.normalize import normalize, normalize_all
from xltiltak.model.register import Register
from xltiltak.model.report import Node, Report, Slot
from xltiltak.model.summary import measure_nodes
from xltiltak.model.template import Field

_STANDSTILL_DATES = 3  # the same status at so many dates in a row is a standstill


@dataclass(frozen=True, slots=True)
class StatusHistory:
    """The statuses of a measure at the dates up to the open one, oldest first.

    `remark_fields` are the fields in which the leader explains them. `has_new_remark` is true if
    one of these was changed by the returns.
    """

    register: Register
    field: Field
    node: Node
    values: Sequence[Value | None]
    remark_fields: tuple[Field, ...]
    has_new_remark: bool

    @property
    def before(self) -> Value | None:
        """Return the status at the date before the open one; None without one."""
        return self.values[-2] if len(self.values) > 1 else None

    @property
    def now(self) -> Value | None:
        """Return the status at the open date; None without one, or without a date before it."""
        return self.values[-1] if len(self.values) > 1 else None

    @property
    def has_remark(self) -> bool:
        """Return True if one of the remarks is filled in."""
        values = self.register.report.values
        return any((self.node.ref, field.id, None) in values for field in self.remark_fields)

    def finding(self, code: str, **values: object) -> Finding:
        """Return a finding about the status at the open date."""
        slot = Slot(self.node.ref, self.field.id, self.register.report.head.current)
        return _finding(self.register.report, code, slot, **values)


def check_changes(register: Register) -> Iterator[Finding]:
    """Yield the findings about changed statuses, in the areas that have answered."""
    report, field = register.report, register.report.template.mean_field()
    yield from remark_says_otherwise(report, register.answered_areas)
    if field is None or report.head.current is None:
        return
    days = [day for day in report.head.dates if day <= report.head.current]
    nodes = _answered_measures(report, register.answered_areas)
    remark_fields = _remark_fields(report)
    remark_ids = {remark.id for remark in remark_fields}
    refs_with_new_remark = {
        ref for ref, name, day in register.previous_values if name in remark_ids and day is None
    }
    keys = [(field.id, day) for day in days]
    statuses = report.value_table.select((node.ref for node in nodes), keys)
    for node, values in zip(nodes, statuses, strict=True):
        has_new_remark = node.ref in refs_with_new_remark
        if _may_have_finding(values, has_new_remark=has_new_remark):
            history = StatusHistory(register, field, node, values, remark_fields, has_new_remark)
            yield from status_fell(history)
            yield from remark_unchanged(history)
            yield from standstill(history)


def _may_have_finding(values: Sequence[Value | None], *, has_new_remark: bool) -> bool:
    """Return False for the two usual cases: a status that rose with a new remark, or is as before.

    This is only for speed.
    """
    before, now = values[-2:] if len(values) > 1 else (None, None)
    if now == before:
        return values[-_STANDSTILL_DATES:].count(now) == _STANDSTILL_DATES
    has_risen = isinstance(before, int) and isinstance(now, int) and now > before
    return not (has_new_remark and has_risen)


@rule("C101")
def status_fell(history: StatusHistory) -> Iterator[Finding]:
    """Yield C101 if the status fell, and no remark is new and filled in."""
    before, now = history.before, history.now
    has_fallen = isinstance(before, int) and isinstance(now, int) and now < before
    if has_fallen and not (history.has_new_remark and history.has_remark):
        yield history.finding("C101", before=before, after=now)


@rule("C103")
def remark_unchanged(history: StatusHistory) -> Iterator[Finding]:
    """Yield C103 if the status rose, but the remark is still that of the date before."""
    before, now = history.before, history.now
    has_risen = isinstance(before, int) and isinstance(now, int) and now > before
    if has_risen and not history.has_new_remark and history.has_remark:
        yield history.finding("C103", before=before, after=now)


@rule("C104")
def standstill(history: StatusHistory) -> Iterator[Finding]:
    """Yield C104 if the status is the same at three dates in a row, and not the highest step."""
    template, language = history.register.report.template, history.register.report.head.language
    last = history.values[-_STANDSTILL_DATES:]
    steps = template.scales.get(history.field.scale, ())
    highest = max((step.value for step in steps if isinstance(step.value, int)), default=None)
    is_same = len(last) == _STANDSTILL_DATES and len(set(last)) == 1
    if is_same and last[0] is not None and last[0] != highest:
        value = field_type_of(history.field, template).display(last[0], language)
        yield history.finding("C104", value=value, count=_STANDSTILL_DATES)


@rule("C102")
def remark_says_otherwise(report: Report, answered_areas: Collection[str]) -> Iterator[Finding]:
    """Yield C102 if an input beside a status has a word that contradicts it.

    The template lists such words of a step, as "postponed" for "done".
    """
    inputs = [f for f in report.template.fields_of(report.template.leaf.id) if f.role == "input"]
    remark_fields = [field for field in inputs if not field.scale]
    nodes = _answered_measures(report, answered_areas)
    for field in inputs:
        steps = report.template.scales.get(field.scale, ())
        contradictions: dict[Value | None, tuple[str, list[tuple[str, str]]]] = {
            step.value: (step.label, [(word, normalize(word)) for word in step.against])
            for step in steps
            if step.against
        }
        if not contradictions:
            continue
        day = report.head.current if field.per_checkpoint else None
        statuses = report.value_table.select([node.ref for node in nodes], [(field.id, day)])
        candidates = [
            (node, *contradictions[value])
            for node, (value,) in zip(nodes, statuses, strict=True)
            if value in contradictions
        ]
        texts_of = _normalized_texts(report, [node for node, *_ in candidates], remark_fields)
        for (node, label, words), texts in zip(candidates, texts_of, strict=True):
            found = (
                word for text in texts for word, normalized in words if _has_word(text, normalized)
            )
            if word := next(found, None):
                slot = Slot(node.ref, field.id, day)
                yield _finding(report, "C102", slot, value=label, word=word)


def _has_word(text: str, word: str) -> bool:
    """Return True if a text has this word or phrase as whole words; both are normalized."""
    return word in text and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _normalized_texts(
    report: Report, nodes: Sequence[Node], fields: Sequence[Field]
) -> Iterator[Sequence[str]]:
    """Yield for each node the normalized texts of these fields now, empty for empty slots."""
    day, language = report.head.current, report.head.language
    keys = [(field.id, day if field.per_checkpoint else None) for field in fields]
    rows = report.value_table.select([node.ref for node in nodes], keys)
    columns = []
    for field, values in zip(fields, zip(*rows, strict=True), strict=False):
        display = field_type_of(field, report.template).display
        texts = ["" if value is None else display(value, language) for value in values]
        columns.append(normalize_all(texts))
    return zip(*columns, strict=True) if columns else repeat((), len(nodes))


def _answered_measures(report: Report, answered_areas: Collection[str]) -> list[Node]:
    """Return the measures that are active at the open date, in the areas that have answered."""
    area_of, day = report.area_of, report.head.current
    return [
        node
        for node in measure_nodes(report)
        if area_of[node.ref] in answered_areas and node.is_active_on(day)
    ]


def _remark_fields(report: Report) -> tuple[Field, ...]:
    """Return the fields that explain a status: the measure's inputs without dates and steps."""
    fields = report.template.fields_of(report.template.leaf.id)
    return tuple(f for f in fields if f.role == "input" and not f.per_checkpoint and not f.scale)


def _finding(report: Report, code: str, slot: Slot, **values: object) -> Finding:
    """Return a finding about a slot of a report."""
    about = About(report.area_of[slot.ref], *slot, report.describe_in_area(slot))
    return Finding.create(code, ANYWHERE, about, **values)
