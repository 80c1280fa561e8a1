"""The public part of a report: which dates, fields and measures readers see, and in which words.

Everything that readers get is derived from a `PublicView`, which holds nothing internal: no output
can publish what it never gets. Start with `public_view`.
"""

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
from xltiltak.publishing.document import BulletList, Content, Paragraphs, StepLabel, Trend

_NOT_ACTIVE = "–"
_LONGEST_TITLE = 120  # characters of a name that can be a heading


def public_view(register: Register, language: str = "") -> PublicView:
    """Return what of a register is public; an empty `language` means that of the report.

    Left out are internal fields, leaders and contacts, dates after the report's date, and measures
    that start after it.
    """
    report = register.report
    is_open = report.head.current is not None
    unanswered = tuple(ref for ref in report.area_refs if ref not in register.answered_areas)
    return PublicView(
        _public_report(report),
        language or report.head.language,
        unanswered if is_open else (),
    )


def _public_report(report: Report) -> Report:
    """Return the report without everything that is not for its readers."""
    head, template = report.head, _public_template(report.template)
    last = _report_date(report)
    days = tuple(day for day in head.dates if last and day <= last)
    nodes = tuple(node for node in report.nodes if not (node.first and last and node.first > last))
    fields = {node.ref: {f.id for f in template.fields_of(node.level)} for node in nodes}
    values = {
        slot: value
        for slot, value in report.values.items()
        if slot.field in fields.get(slot.ref, ()) and (slot.date is None or slot.date in days)
    }
    areas = {ref: Area(intro=area.intro) for ref, area in report.areas.items()}
    public_head = replace(head, dates=days, contact="", deadline=None)
    return replace(
        report, template=template, head=public_head, nodes=nodes, values=values, areas=areas
    )


def _report_date(report: Report) -> date | None:
    """Return the date of a report: the open one, else the last answered one, else the last one."""
    dates = report.head.dates
    answered = {slot.date for slot in report.values if slot.date}.intersection(dates)
    return report.head.current or max(answered, default=max(dates, default=None))


def _public_template(template: Template) -> Template:
    """Return the template without internal fields and the summaries of them."""
    fields = tuple(field for field in template.fields if field.audience == "all")
    names = {field.id for field in fields}
    summaries = tuple(
        summary for summary in template.summaries if not summary.field or summary.field in names
    )
    return replace(template, fields=fields, summaries=summaries)


@dataclass(frozen=True)
class PublicView:
    """The public part of a report.

    `report` holds only what is public. `language` is that of the fixed words, numbers and dates.
    `unanswered_areas` are the areas that have not answered; none if no date is open.
    `forced_landscape` is the orientation that a style asks for, None for the default.
    """

    report: Report
    language: str
    unanswered_areas: tuple[str, ...] = ()
    forced_landscape: bool | None = None

    @property
    def landscape(self) -> bool:
        """True if the pages are landscape; the default is landscape for tables of measures."""
        if self.forced_landscape is not None:
            return self.forced_landscape
        return self.report.template.layout == "rows"

    @property
    def is_open(self) -> bool:
        """True if a date is open for answers."""
        return self.report.head.current is not None

    @property
    def days(self) -> tuple[date, ...]:
        """The dates that are shown."""
        return self.report.head.dates

    @property
    def report_date(self) -> date | None:
        """The date of the report: the last one shown. None if there are no dates."""
        return self.days[-1] if self.days else None

    @property
    def previous_date(self) -> date | None:
        """The date since which changes are counted. None at the first date."""
        return self.days[-2] if len(self.days) > 1 else None

    @cached_property
    def scored(self) -> Field | None:
        """The field of which means are computed. None if there is none or it is internal."""
        field = self.report.template.mean_field()
        return field if field and field.audience == "all" else None

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the scored field, lowest first; empty if it is a plain number."""
        return tuple(self.report.template.scales.get(self.scored.scale, ())) if self.scored else ()

    @cached_property
    def figures(self) -> Mapping[tuple[str, date], AnswerCounts]:
        """Counts and means of each area, and of all areas (TOTAL), at every date."""
        return area_statistics(self.report)

    @cached_property
    def group_figures(self) -> Mapping[str, tuple[StatisticValue, ...]]:
        """The template's summaries of each group and of all areas (TOTAL), with their labels."""
        head = replace(self.report.head, language=self.language)
        return group_statistics(replace(self.report, head=head))

    @cached_property
    def geometry(self) -> Geometry:
        """The layout: which fields are columns of the table, and the types of all fields."""
        return geometry_of(self.report.template, self.days, self.language)

    @cached_property
    def children(self) -> Mapping[str | None, tuple[Node, ...]]:
        """The nodes below each node, by its ref; the top nodes by None."""
        found: dict[str | None, list[Node]] = defaultdict(list)
        for node in self.report.nodes:
            found[node.parent].append(node)
        return {ref: tuple(nodes) for ref, nodes in found.items()}

    @cached_property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """The closed groups of each node, by ref."""
        return {node.ref: groups for node, groups in self.report.walk()}

    @cached_property
    def answer_fields(self) -> tuple[Field, ...]:
        """The fields that make a measure answered: the scored one, else all required inputs."""
        if self.scored:
            return (self.scored,)
        fields = self.fields(self.report.template.leaf.id)
        return tuple(field for field in fields if field.role == "input" and field.required)

    @property
    def defines_done(self) -> bool:
        """True if the template defines when a measure is finished."""
        template = self.report.template
        steps = (step for scale in template.scales.values() for step in scale)
        groups = (group for level in template.levels for group in level.groups)
        return any(step.done for step in steps) or any(group.done for group in groups)

    def has_summary(self, stat: str) -> bool:
        """Return True if the template asks for this statistic."""
        return any(summary.stat == stat for summary in self.report.template.summaries)

    @cached_property
    def active_measures(self) -> Mapping[str, tuple[Node, ...]]:
        """The measures that are active at the report's date, by area; TOTAL for all."""
        found: dict[str, list[Node]] = {ref: [] for ref in (*self.report.area_refs, TOTAL)}
        area_of = self.report.area_of
        for node in measure_nodes(self.report):
            if node.is_active_on(self.report_date):
                found[area_of[node.ref]].append(node)
                found[TOTAL].append(node)
        return {ref: tuple(nodes) for ref, nodes in found.items()}

    def count(self, ref: str) -> int:
        """Return how many active measures an area has; TOTAL for all."""
        return len(self.active_measures[ref])

    def answered(self, ref: str) -> int:
        """Return how many of them have a value in all `answer_fields`."""
        return sum(map(self._is_answered, self.active_measures[ref]))

    def done(self, ref: str) -> int:
        """Return how many of them are finished."""
        done = self.report.finished_refs
        return sum(node.ref in done for node in self.active_measures[ref])

    def _is_answered(self, node: Node) -> bool:
        return all(
            self.value(node, field, self.report_date if field.per_checkpoint else None) is not None
            for field in self.answer_fields
            if field.applies(self.groups[node.ref])
        )

    def fields(self, level_id: str) -> tuple[Field, ...]:
        """Return the public fields of a level."""
        return tuple(f for f in self.report.template.fields_of(level_id) if f.audience == "all")

    def value(self, node: Node, field: Field, day: date | None = None) -> Value | None:
        """Return the value of a slot; None if it is empty."""
        return self.report.values.get(Slot(node.ref, field.id, day))

    def field_type(self, node: Node, field: Field) -> FieldType:
        """Return the type of a node's field."""
        return self.geometry.field_types[node.level, field.id]

    def content(self, node: Node, field: Field, day: date | None = None) -> Content:
        """Return the value of a slot as content; an empty text if it is empty."""
        value, field_type = self.value(node, field, day), self.field_type(node, field)
        if value is None:
            return ""
        if field_type.steps:
            return self.step_label(field_type.steps, value)
        if isinstance(value, tuple) and len(value) > 1:
            return BulletList(value) if field_type.bullet else Paragraphs(value)
        lines = tuple(line for line in self.text(node, field, day).split("\n") if line.strip())
        return Paragraphs(lines) if len(lines) > 1 else "".join(lines)

    def text(self, node: Node, field: Field, day: date | None = None) -> str:
        """Return the value of a slot as plain text; empty if it is empty."""
        value = self.value(node, field, day)
        if value is None:
            return ""
        if isinstance(value, date):
            return self.date_text(value)
        return self.field_type(node, field).display(value, self.language)

    def answer(self, node: Node, field: Field, day: date | None = None) -> Content:
        """Return the content of a slot; a dash or a note if it has none.

        A required input without a value is marked as unanswered. A measure that is not active at
        the date has a dash. A field that does not apply to the node's group is empty.
        """
        if not field.applies(self.groups[node.ref]):
            return ""
        if not node.is_active_on(day):
            return _NOT_ACTIVE
        content = self.content(node, field, day)
        missing = content == "" and field.role == "input" and field.required
        return translate("report.unanswered", self.language) if missing else content

    def label(self, node: Node, field: Field, day: date | None = None) -> str:
        """Return the label of a node's field."""
        return field.label_for(day, self.groups[node.ref])

    @cached_property
    def short_name_levels(self) -> frozenset[str]:
        """The levels on which every name is short enough for a heading."""
        long_names = {
            slot.ref
            for slot, value in self.report.values.items()
            if slot.field == "name" and (len(str(value)) > _LONGEST_TITLE or "\n" in str(value))
        }
        levels = frozenset(level.id for level in self.report.template.levels)
        return levels - {self.report.by_ref[ref].level for ref in long_names}

    def step_label(self, steps: Sequence[Step], value: Value) -> StepLabel:
        """Return the step that a value chooses; a choice has no number."""
        step = next((s for s in steps if s.value == value), Step(0, str(value)))
        number = str(value) if isinstance(value, int) else ""
        return StepLabel(number, step.label, step.symbol, step.fill, step.ink)

    def step_labels(self, steps: tuple[Step, ...]) -> tuple[StepLabel, ...]:
        """Return all steps of a scale, in its order."""
        return tuple(self.step_label(steps, step.value) for step in steps)

    def trend(self, change: Decimal) -> Trend:
        """Return a change in words."""
        if not change:
            return Trend("same", translate("report.same", self.language))
        size = self.number_text(abs(change))
        if change > 0:
            return Trend("up", translate("report.up", self.language, by=size))
        return Trend("down", translate("report.down", self.language, by=size))

    def mean(self, ref: str, day: date) -> Decimal | None:
        """Return the mean of an area at a date, rounded as printed; None if nobody answered."""
        return self.figures[ref, day].mean(decimals_of(self.report))

    def date_text(self, day: date) -> str:
        """Return a date as readers write it."""
        return day_text(day, self.language)

    def number_text(self, number: object) -> str:
        """Return a number as readers write it."""
        return decimal_text(number, self.language)

    def name(self, node: Node) -> str:
        """Return the name of a node; without one its number, its closed group or its ref."""
        fields = {field.id: field for field in self.fields(node.level)}
        for field_id in ("name", "no"):
            if field_id in fields:
                text = " ".join(self.text(node, fields[field_id]).split())
                if text:
                    return text
        group = self.report.template.level(node.level).group(node.group)
        return group.label if group else node.ref

    @staticmethod
    def anchor(ref: str) -> str:
        """Return the id by which links find a node."""
        return re.sub(r"[^\w-]", "-", ref)
