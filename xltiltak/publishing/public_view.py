"""A report on its way to its readers: which dates and fields are shown, and how a value reads in their language."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from xltiltak.layout.geometry import Geometry, geometry_of
from xltiltak.model.field_types import FieldType, Value
from xltiltak.model.language import day_text, decimal_text, translate
from xltiltak.model.register import Register
from xltiltak.model.report import Area, Node, Report, Slot
from xltiltak.model.summary import (
    TOTAL,
    AnswerCounts,
    StatisticValue,
    area_statistics,
    decimals_of,
    group_statistics,
    measure_nodes,
)
from xltiltak.model.template import Field, Step, Template
from xltiltak.publishing.document import BulletList, Content, Mark, Paragraphs, Trend

_NOT_ASKED = "–"
_LONGEST_TITLE = 120  # characters of a name that can be a heading


def public_view(register: Register, language: str = "") -> PublicView:
    """What of a register is for all, in a language; the report's own when that is empty.

    Left out are fields for internal use, who leads and who is asked, dates after the one it is about, and measures
    that begin after it.
    """
    report = register.report
    asked = report.head.current is not None
    silent = tuple(ref for ref in report.area_refs if asked and ref not in register.answered_areas)
    return PublicView(
        _published(report, _date_of(report)), language or report.head.language, silent
    )


def _date_of(report: Report) -> date | None:
    """The date a report is about: the open one, else the last that anybody answered, else the last there is."""
    answered = {slot.date for slot in report.values if slot.date}
    dates = report.head.dates
    return report.head.current or max(
        answered.intersection(dates), default=max(dates, default=None)
    )


def _for_all(template: Template) -> Template:
    """The template without the fields for internal use, and without the sums of them."""
    fields = tuple(field for field in template.fields if field.audience == "all")
    names = {field.id for field in fields}
    summed = tuple(
        summary for summary in template.summaries if not summary.field or summary.field in names
    )
    return replace(template, fields=fields, summaries=summed)


def _published(report: Report, shown: date | None) -> Report:
    """The report without all that is not for its readers."""
    head, template = report.head, _for_all(report.template)
    days = tuple(day for day in head.dates if shown and day <= shown)
    nodes = tuple(
        node for node in report.nodes if not (node.first and shown and node.first > shown)
    )
    known = {n.ref: {f.id for f in template.fields_of(n.level)} for n in nodes}
    values = {
        slot: value
        for slot, value in report.values.items()
        if slot.field in known.get(slot.ref, ()) and (slot.date is None or slot.date in days)
    }
    areas = {ref: Area(intro=area.intro) for ref, area in report.areas.items()}
    bare = replace(head, dates=days, contact="", deadline=None)
    return replace(report, template=template, head=bare, nodes=nodes, values=values, areas=areas)


@dataclass(frozen=True)
class PublicView:
    """What readers get of a report; `language` is the language of the fixed words, the numbers and the dates.

    The report holds only what is for all of them: `edition_of` has taken the rest away. `silent` are the areas that
    have not answered, none where nobody is asked.
    """

    report: Report
    language: str
    silent: tuple[str, ...] = ()
    lying: bool | None = None

    @property
    def landscape(self) -> bool:
        """Do its pages lie? Those of rows do, where `lying` says nothing else."""
        return self.report.template.layout == "rows" if self.lying is None else self.lying

    @property
    def asked(self) -> bool:
        """Is a date open for answers?"""
        return self.report.head.current is not None

    @property
    def days(self) -> tuple[date, ...]:
        """The dates that are shown."""
        return self.report.head.dates

    @property
    def shown(self) -> date | None:
        """The date it is about: the last that is shown."""
        return self.days[-1] if self.days else None

    @property
    def before(self) -> date | None:
        """The date that changes are told since; None at the first."""
        return self.days[-2] if len(self.days) > 1 else None

    @cached_property
    def scored(self) -> Field | None:
        """The field that is summed up by a mean, where readers may see it."""
        known = self.report.template.mean_field()
        return known if known and known.audience == "all" else None

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the scored field, lowest first; none where it is a plain number."""
        return tuple(self.report.template.scales.get(self.scored.scale, ())) if self.scored else ()

    @cached_property
    def figures(self) -> Mapping[tuple[str, date], AnswerCounts]:
        """Counts and means of each area and of all, at every date."""
        return area_statistics(self.report)

    @cached_property
    def facts(self) -> Mapping[str, tuple[StatisticValue, ...]]:
        """What the template's summaries give for every group of their level, and for all, in the readers' language."""
        return group_statistics(
            replace(self.report, head=replace(self.report.head, language=self.language))
        )

    @cached_property
    def geometry(self) -> Geometry:
        """Which fields stand in the table, and the kinds of all."""
        return geometry_of(self.report.template, self.days, self.language)

    @cached_property
    def below(self) -> Mapping[str | None, tuple[Node, ...]]:
        """The nodes that stand in each one, None at the top."""
        found: dict[str | None, list[Node]] = defaultdict(list)
        for node in self.report.nodes:
            found[node.parent].append(node)
        return {ref: tuple(nodes) for ref, nodes in found.items()}

    @cached_property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """The closed groups that each node stands in."""
        return {node.ref: groups for node, groups in self.report.walk()}

    @cached_property
    def asked_for(self) -> tuple[Field, ...]:
        """The fields of a measure that an answer is asked for: what is scored, else all that are required."""
        inputs = [
            f for f in self.fields(self.report.template.leaf.id) if f.role == "input" and f.required
        ]
        return (self.scored,) if self.scored else tuple(inputs)

    @property
    def ends(self) -> bool:
        """Does the template say what is finished?"""
        template = self.report.template
        steps = (step for steps in template.scales.values() for step in steps)
        return any(step.done for step in steps) or any(
            g.done for level in template.levels for g in level.groups
        )

    def wants(self, stat: str) -> bool:
        """Does the template ask for this figure?"""
        return any(summary.stat == stat for summary in self.report.template.summaries)

    @cached_property
    def counted(self) -> Mapping[str, tuple[Node, ...]]:
        """The measures that are counted at the date it is about, of each area; TOTAL for all."""
        found: dict[str, list[Node]] = {ref: [] for ref in (*self.report.area_refs, TOTAL)}
        area_of = self.report.area_of
        for node in measure_nodes(self.report):
            if node.is_active_on(self.shown):
                found[area_of[node.ref]].append(node)
                found[TOTAL].append(node)
        return {ref: tuple(nodes) for ref, nodes in found.items()}

    def count(self, ref: str) -> int:
        """How many measures an area has; TOTAL for all."""
        return len(self.counted[ref])

    def answered(self, ref: str) -> int:
        """How many of them have an answer to all that is asked for."""
        return sum(map(self._is_answered, self.counted[ref]))

    def done(self, ref: str) -> int:
        """How many of them are finished."""
        done = self.report.finished_refs
        return sum(node.ref in done for node in self.counted[ref])

    def _is_answered(self, node: Node) -> bool:
        asked = [f for f in self.asked_for if f.applies(self.groups[node.ref])]
        return all(
            self.value(node, f, self.shown if f.per_checkpoint else None) is not None for f in asked
        )

    def fields(self, level_id: str) -> tuple[Field, ...]:
        """The fields of a level that are for all."""
        return tuple(f for f in self.report.template.fields_of(level_id) if f.audience == "all")

    def value(self, node: Node, field: Field, day: date | None = None) -> Value | None:
        """What a slot holds; None where it is empty."""
        return self.report.values.get(Slot(node.ref, field.id, day))

    def kind(self, node: Node, field: Field) -> FieldType:
        """The kind of a node's field."""
        return self.geometry.field_types[node.level, field.id]

    def content(self, node: Node, field: Field, day: date | None = None) -> Content:
        """What a slot holds, as it is set; an empty text where it holds nothing."""
        value, kind = self.value(node, field, day), self.kind(node, field)
        if value is None:
            return ""
        if kind.steps:
            return self.mark(kind.steps, value)
        if isinstance(value, tuple) and len(value) > 1:
            return BulletList(value) if kind.bullet else Paragraphs(value)
        lines = tuple(line for line in self.text(node, field, day).split("\n") if line.strip())
        return Paragraphs(lines) if len(lines) > 1 else "".join(lines)

    def text(self, node: Node, field: Field, day: date | None = None) -> str:
        """The same as plain text."""
        value = self.value(node, field, day)
        if value is None:
            return ""
        return (
            self.day(value)
            if isinstance(value, date)
            else self.kind(node, field).display(value, self.language)
        )

    def answer(self, node: Node, field: Field, day: date | None = None) -> Content:
        """The same, but what was asked for and not answered says so, and what is not asked for at a date has a dash."""
        if not field.applies(self.groups[node.ref]):
            return ""
        if not node.is_active_on(day):
            return _NOT_ASKED
        content = self.content(node, field, day)
        missing = content == "" and field.role == "input" and field.required
        return translate("report.unanswered", self.language) if missing else content

    def label(self, node: Node, field: Field, day: date | None = None) -> str:
        """What stands before a field of a node."""
        return field.label_for(day, self.groups[node.ref])

    @cached_property
    def short_names(self) -> frozenset[str]:
        """The levels whose nodes all have names that can stand in a heading."""
        long = {
            slot.ref
            for slot, value in self.report.values.items()
            if slot.field == "name" and not _is_short(str(value))
        }
        return frozenset(v.id for v in self.report.template.levels) - {
            self.report.by_ref[ref].level for ref in long
        }

    def mark(self, steps: Sequence[Step], value: Value) -> Mark:
        """A step as it is shown; its number stands before its word, and a choice has none."""
        step = next((s for s in steps if s.value == value), Step(0, str(value)))
        number = str(value) if isinstance(value, int) else ""
        return Mark(number, step.label, step.symbol, step.fill, step.ink)

    def marks(self, steps: tuple[Step, ...]) -> tuple[Mark, ...]:
        """All steps, lowest first."""
        return tuple(self.mark(steps, step.value) for step in steps)

    def trend(self, by: Decimal) -> Trend:
        """A change with its words."""
        if not by:
            return Trend("same", translate("report.same", self.language))
        key = "report.up" if by > 0 else "report.down"
        return Trend(
            "up" if by > 0 else "down", translate(key, self.language, by=self.number(abs(by)))
        )

    def mean(self, ref: str, day: date) -> Decimal | None:
        """The mean of an area at a date, as it is printed; None where nobody answered."""
        return self.figures[ref, day].mean(decimals_of(self.report))

    def day(self, day: date) -> str:
        """A date as readers write it."""
        return day_text(day, self.language)

    def number(self, number: object) -> str:
        """A number as readers write it."""
        return decimal_text(number, self.language)

    def called(self, node: Node) -> str:
        """What a node is called: its name, without one its number or what stands in its heading."""
        known = (f for name in ("name", "no") for f in self.fields(node.level) if f.id == name)
        texts = (" ".join(self.text(node, field).split()) for field in known)
        group = self.report.template.level(node.level).group(node.group)
        return next(filter(None, texts), group.label if group else node.ref)

    @staticmethod
    def anchor(ref: str) -> str:
        """Where a link to a node leads."""
        return re.sub(r"[^\w-]", "-", ref)


def _is_short(name: str) -> bool:
    return len(name) <= _LONGEST_TITLE and "\n" not in name
