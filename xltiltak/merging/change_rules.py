"""What a status says beside the status before it and the words beside it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice, repeat
from typing import NamedTuple

from xltiltak.merging.registry import rule
from xltiltak.model.field_types import Value, field_type_of
from xltiltak.model.finding import ANYWHERE, About, Finding
from xltiltak.model.normalize import normalize, normalize_all
from xltiltak.model.register import Register
from xltiltak.model.report import Node, Report, Slot
from xltiltak.model.summary import measure_nodes
from xltiltak.model.template import Field, Step

Sought = tuple[str, str]  # a word, and as plain text
_STANDING = 3  # so many dates with the same status are a standstill


class Course(NamedTuple):
    """A measure's statuses at the dates up to the current one, oldest first.

    `words` are the fields that a leader explains them in; did they come with the last status (`anew`)?
    """

    register: Register
    field: Field
    node: Node
    values: Sequence[Value | None]
    words: tuple[Field, ...]
    anew: bool

    @property
    def said(self) -> bool:
        """Do words stand beside the last status?"""
        return any(
            (self.node.ref, known.id, None) in self.register.report.values for known in self.words
        )

    def tell(self, code: str, **values: object) -> Finding:
        """A finding about the last status."""
        report = self.register.report
        slot = Slot(self.node.ref, self.field.id, report.head.current)
        about = About(report.area_of[self.node.ref], *slot, report.describe_in_area(slot))
        return Finding.create(code, ANYWHERE, about, **values)


def check_changes(register: Register) -> Iterator[Finding]:
    """Every finding about how statuses moved, in the areas that have answered."""
    yield from remark_says_otherwise(register.report, register.answered_areas)
    report, field = register.report, register.report.template.mean_field()
    if field is None or report.head.current is None:
        return
    days = tuple(day for day in report.head.dates if day <= report.head.current)
    words, nodes = _words(report), _answered(report, register.answered_areas)
    language = {known.id for known in words}
    anew = {ref for ref, name, day in register.previous_values if name in language and day is None}
    statuses = report.value_table.select(
        (node.ref for node in nodes), [(field.id, day) for day in days]
    )
    for node, values in zip(nodes, statuses, strict=True):
        if _stirs(values, anew=node.ref in anew):
            course = Course(register, field, node, values, words, node.ref in anew)
            yield from (*status_fell(course), *remark_unchanged(course), *standstill(course))


def _stirs(values: Sequence[Value | None], *, anew: bool) -> bool:
    """Is there anything to ask of a course? Not where the last status rose with new words, nor where it just stands."""
    before, now = values[-2:] if len(values) > 1 else (None, None)
    if now == before:
        return values[-_STANDING:].count(now) == _STANDING
    return not (anew and isinstance(before, int) and isinstance(now, int) and now > before)


@rule("C102")
def remark_says_otherwise(report: Report, answered: Collection[str]) -> Iterator[Finding]:
    """A status stands beside words that the template says contradict it, as "done" beside "postponed".

    It is looked for at the date that is open, in the areas that have answered.
    """
    fields = [f for f in report.template.fields_of(report.template.leaf.id) if f.role == "input"]
    nodes, words = _answered(report, answered), [f for f in fields if not f.scale]
    for field in fields:
        steps = (step for step in report.template.scales.get(field.scale, ()) if step.against)
        doubted: dict[Value | None, tuple[str, list[Sought]]] = {
            s.value: (s.label, _looked_for(s)) for s in steps
        }
        day = report.head.current if field.per_checkpoint else None
        answers = (
            report.value_table.select([node.ref for node in nodes], [(field.id, day)])
            if doubted
            else ()
        )
        found_ = [
            (node, *doubted[value])
            for node, (value,) in zip(nodes, answers, strict=False)
            if value in doubted
        ]
        said_by = _said(report, [node for node, *_ in found_], words)
        for (node, label, sought), said in zip(found_, said_by, strict=True):
            words_in = (
                word
                for text in said
                for word, known in sought
                if known in text and _is_whole(known, text)
            )
            for word in islice(words_in, 1):
                slot = Slot(node.ref, field.id, day)
                about = About(report.area_of[node.ref], *slot, report.describe_in_area(slot))
                yield Finding.create("C102", ANYWHERE, about, value=label, word=word)


def _answered(report: Report, answered: Collection[str]) -> list[Node]:
    """The measures that are reported on now, in the areas that have answered."""
    area_of, day = report.area_of, report.head.current
    return [
        node
        for node in measure_nodes(report)
        if area_of[node.ref] in answered and node.is_active_on(day)
    ]


def _looked_for(step: Step) -> list[Sought]:
    """The words that contradict a step."""
    return [(word, normalize(word)) for word in step.against]


def _is_whole(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _said(
    report: Report, nodes: Sequence[Node], fields: Sequence[Field]
) -> Iterator[Sequence[str]]:
    """What stands in these fields of each node now, as plain text; empty where nothing does."""
    day, language = report.head.current, report.head.language
    held = report.value_table.select(
        [node.ref for node in nodes], [(f.id, day if f.per_checkpoint else None) for f in fields]
    )
    columns = []
    for field, values in zip(fields, zip(*held, strict=True), strict=False):
        kind = field_type_of(field, report.template)
        columns.append(
            normalize_all(
                ["" if value is None else kind.display(value, language) for value in values]
            )
        )
    return zip(*columns, strict=True) if columns else repeat((), len(nodes))


def _words(report: Report) -> tuple[Field, ...]:
    """The fields a leader explains a status in: the measure's inputs without dates."""
    leaf = report.template.leaf.id
    return tuple(
        f
        for f in report.template.fields_of(leaf)
        if f.role == "input" and not f.per_checkpoint and not f.scale
    )


@rule("C101")
def status_fell(course: Course) -> Iterator[Finding]:
    """A status went back, and the words beside it are missing or those of the last date."""
    before, now = _last_two(course)
    if (
        isinstance(before, int)
        and isinstance(now, int)
        and now < before
        and not (course.anew and course.said)
    ):
        yield course.tell("C101", before=before, after=now)


@rule("C103")
def remark_unchanged(course: Course) -> Iterator[Finding]:
    """A status moved on, but the words beside it are still those of the last date."""
    before, now = _last_two(course)
    if (
        isinstance(before, int)
        and isinstance(now, int)
        and now > before
        and not course.anew
        and course.said
    ):
        yield course.tell("C103", before=before, after=now)


@rule("C104")
def standstill(course: Course) -> Iterator[Finding]:
    """The same status at three dates in a row, short of the last step."""
    held = course.values[-_STANDING:]
    if (
        len(held) == _STANDING
        and len(set(held)) == 1
        and held[0] is not None
        and held[0] != _highest(course)
    ):
        report = course.register.report
        kind = field_type_of(course.field, report.template)
        yield course.tell(
            "C104", value=kind.display(held[0], report.head.language), count=_STANDING
        )


def _highest(course: Course) -> Value | None:
    steps = course.register.report.template.scales.get(course.field.scale, ())
    return max((s.value for s in steps if isinstance(s.value, int)), default=None)


def _last_two(course: Course) -> tuple[Value | None, Value | None]:
    return (course.values[-2], course.values[-1]) if len(course.values) > 1 else (None, None)
