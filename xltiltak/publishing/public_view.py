"""The public part of a report: which dates, fields and measures readers see, and in which words.

Everything that readers get is derived from a `PublicView`, which holds nothing internal: no output
can publish what it never gets. Start with `public_view`.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from xltiltak.layout.geometry import Geometry, geometry_of
from xltiltak.model.field_types import DateType, FieldType, IntegerType, Value
from xltiltak.model.language import Count, day_text, decimal_text, quantity_text, translate
from xltiltak.model.register import Register, Untaken
from xltiltak.model.report import Area, Node, Report, Slot
from xltiltak.model.summary import (
    TOTAL,
    AnswerCounts,
    Category,
    MeasureState,
    Standing,
    StatisticValue,
    answer_fields,
    area_statistics,
    coloured_steps,
    decimals_of,
    group_statistics,
    measure_states,
    shown_categories,
    standings,
)
from xltiltak.model.template import Field, Step, Template
from xltiltak.publishing.document import BulletList, Content, Paragraphs, StepLabel, Trend

_NOT_ACTIVE = "–"
_MOST_COLUMNS_IN_PORTRAIT = 4
_LONGEST_TITLE = 120  # characters of a name that can be a heading


def public_view(register: Register, language: str = "") -> PublicView:
    """Return what of a register is public; an empty `language` means that of the report.

    Left out are internal fields, leaders and contacts, dates after the report's date, and measures
    that start after it.
    """
    report = register.valid_report
    is_open = report.head.current is not None
    unanswered = tuple(ref for ref in report.area_refs if ref not in register.answered_areas)
    public = _public_report(report)
    return PublicView(
        public,
        language or report.head.language,
        unanswered if is_open else (),
        untaken_answers=_public_answers(public, register.untaken_answers),
    )


def _public_answers(report: Report, answers: Mapping[Slot, Untaken]) -> Mapping[Slot, Untaken]:
    """Return those of the answers that were not taken whose slots are public."""
    public = {(f.of or report.template.leaf.id, f.id) for f in report.template.fields}
    return {
        slot: why
        for slot, why in answers.items()
        if slot.ref in report.by_ref and (report.by_ref[slot.ref].level, slot.field) in public
    }


def _public_report(report: Report) -> Report:
    """Return the report without everything that is not for its readers."""
    head, template = report.head, _public_template(report.template)
    last = report.report_date
    days = tuple(day for day in head.dates if last and day <= last)
    nodes = tuple(node for node in report.nodes if not (node.first and last and node.first > last))
    fields = {node.ref: {f.id for f in template.fields_of(node.level)} for node in nodes}
    values = {
        slot: value
        for slot, value in report.values.items()
        if slot.field in fields.get(slot.ref, ()) and (slot.date is None or slot.date in days)
    }
    areas = {r: Area(intro=a.intro, language=a.language) for r, a in report.areas.items()}
    public_head = replace(head, dates=days, contact="", deadline=None)
    public = replace(
        report, template=template, head=public_head, nodes=nodes, values=values, areas=areas
    )
    return public.at_date(last)


def _public_template(template: Template) -> Template:
    """Return the template without internal fields and the summaries of them."""
    public = [field for field in template.fields if field.audience == "all"]
    fields = tuple(_without_internal(field, public, template) for field in public)
    names = {field.id for field in fields}
    summaries = tuple(
        summary
        for summary in template.summaries
        if names.issuperset(filter(None, (summary.field, summary.weight)))
        and (summary.where is None or summary.where.field in names)
    )
    return replace(template, fields=fields, summaries=summaries)


def _without_internal(field: Field, public: Sequence[Field], template: Template) -> Field:
    """Return a public field; one that follows from internal ones only keeps its values."""
    leaf = template.leaf.id
    known = {one.id for one in public if (one.of or leaf) == (field.of or leaf)}
    field = _without_internal_condition(field, known)
    if all(operand in known for operand in field.operands if isinstance(operand, str)):
        return field
    return replace(field, compute=(), compare=None)


def _without_internal_condition(field: Field, known: Collection[str]) -> Field:
    """Return a public field; nobody is told that an internal one makes it required."""
    when = field.required_when
    return replace(field, required_when=None) if when and when.field not in known else field


@dataclass(frozen=True)
class PublicView:
    """The public part of a report.

    `report` holds only what is public. `language` is that of the fixed words, numbers and dates.
    `unanswered_areas` are the areas that have not answered; none if no date is open.
    `untaken_answers` are the slots whose answer was not taken, and why; they have no value.
    `forced_landscape` is the orientation that a style asks for, None for the default.
    """

    report: Report
    language: str
    unanswered_areas: tuple[str, ...] = ()
    untaken_answers: Mapping[Slot, Untaken] = dataclasses.field(default_factory=dict)
    forced_landscape: bool | None = None

    @property
    def landscape(self) -> bool:
        """True if the pages are landscape; by default only for tables with many columns."""
        if self.forced_landscape is not None:
            return self.forced_landscape
        return self.geometry.is_table and len(self.shown_columns) > _MOST_COLUMNS_IN_PORTRAIT

    @cached_property
    def shown_columns(self) -> tuple[tuple[str, str], ...]:
        """The columns of the tables of measures, whatever their date: level and field."""
        levels = self.report.template.levels
        table = {level.id for level in levels if not self.geometry.has_title_line(level)}
        shown = ((level, field) for level, field, _ in self.filled_columns if level in table)
        return tuple(sorted(set(shown)))

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
        return self.report.report_date

    @property
    def previous_date(self) -> date | None:
        """The date since which changes are counted. None at the first date."""
        return self.report.previous_date

    @cached_property
    def scored(self) -> Field | None:
        """The field of which means are computed. None if there is none or it is internal."""
        field = self.report.template.mean_field()
        return field if field and field.audience == "all" else None

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the scored field, lowest first; empty if it is a plain number."""
        scales = self.report.template.scales
        return coloured_steps(scales.get(self.scored.scale, ())) if self.scored else ()

    @cached_property
    def unit(self) -> str:
        """The unit of the scored field, as "%"; empty for none, and for steps."""
        leaf = self.report.template.leaf.id
        return self.geometry.field_types[leaf, self.scored.id].unit if self.scored else ""

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
        return answer_fields(self.report.template)

    @cached_property
    def states(self) -> Mapping[str, MeasureState]:
        """The state of each active measure at the report's date, by its ref, in order."""
        return {state.node.ref: state for state in measure_states(self.report)}

    @cached_property
    def standings(self) -> Mapping[str, Standing]:
        """How many measures each area has, and how they have moved; TOTAL for all."""
        return standings(self.report)

    @cached_property
    def categories(self) -> tuple[Category, ...]:
        """The categories that are shown: those with measures, and always the five main ones."""
        return shown_categories(self.standings[TOTAL])

    @cached_property
    def outside_scale(self) -> Mapping[tuple[str, date], int]:
        """The measures in force at a date that the scored field does not apply to, by area."""
        scored, area_of = self.scored, self.report.area_of
        if scored is None or not scored.only:
            return {}
        counts = Counter[tuple[str, date]]()
        for node, groups in self.report.walk():
            if node.level == self.report.template.leaf.id and not scored.applies(groups):
                for day in filter(node.is_active_on, self.days):
                    counts.update([(area_of[node.ref], day), (TOTAL, day)])
        return counts

    @cached_property
    def has_answers(self) -> bool:
        """True if any measure is answered at the report's date, or nothing is to be answered."""
        return not self.answer_fields or self.standings[TOTAL].answered > 0

    @cached_property
    def has_history(self) -> bool:
        """True if any measure has an answer to the scored field, taken or not, at some date."""
        asked = self.scored.id if self.scored else ""
        leaf = self.report.template.leaf.id
        return any(
            slot.field == asked and self.report.by_ref[slot.ref].level == leaf
            for slot in (*self.report.values, *self.untaken_answers)
        )

    @cached_property
    def filled_columns(self) -> frozenset[tuple[str, str, date | None]]:
        """The fields with something to show: level, id and date of each."""
        levels = {node.ref: node.level for node in self.report.nodes}
        slots = (*self.report.values, *self.untaken_answers)
        required = {
            (level.id, field.id, day)
            for level in self.report.template.levels
            for field in self.fields(level.id)
            if field.role == "input" and field.required
            for day in (self.days if field.per_checkpoint else (None,))
        }
        filled = {(levels[slot.ref], slot.field, slot.date) for slot in slots}
        return frozenset(required | filled)

    @cached_property
    def longest_numbers(self) -> dict[tuple[str, str, date | None], str]:
        """Return the longest text of each column of numbers or dates: by level, field and date."""
        found: dict[tuple[str, str, date | None], str] = {}
        for level in self.report.template.levels:
            nodes = [node for node in self.report.nodes if node.level == level.id]
            for field in self.fields(level.id):
                kind = self.geometry.field_types[level.id, field.id]
                is_number = isinstance(kind, IntegerType) and not (kind.steps or kind.bands)
                for day in self.geometry.dates_of(field):
                    if is_number or isinstance(kind, DateType):
                        shown = (self.text(node, field, day) for node in nodes)
                        found[level.id, field.id, day] = max(shown, key=len, default="")
        return found

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

    def fields(self, level_id: str) -> tuple[Field, ...]:
        """Return the public fields of a level."""
        return tuple(f for f in self.report.template.fields_of(level_id) if f.audience == "all")

    def value(self, node: Node, field: Field, day: date | None = None) -> Value | None:
        """Return the value of a slot; None if it is empty."""
        return self.report.values.get(Slot(node.ref, field.id, day))

    def field_type(self, node: Node, field: Field) -> FieldType:
        """Return the type of a node's field, with the unit in its row."""
        field_type = self.geometry.field_types[node.level, field.id]
        return self.report.type_in_row(field_type, field, node.ref)

    def content(self, node: Node, field: Field, day: date | None = None) -> Content:
        """Return the value of a slot as content; an empty text if it is empty."""
        value, field_type = self.value(node, field, day), self.field_type(node, field)
        if value is None:
            return ""
        if field_type.steps:
            label = self.step_label(field_type.steps, value)
            return self.marked(label, Slot(node.ref, field.id, day))
        if isinstance(field_type, IntegerType) and (band := field_type.band_of(value)):
            number = field_type.number_text(value, self.language)
            return StepLabel(number, band.label, band.symbol, band.fill, band.ink)
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

        A required input without a value is marked as unanswered, an answer that was not taken as
        not valid. A measure that is not active at the date has a dash. A field that
        does not apply to the node's group is empty.
        """
        if not field.applies(self.groups[node.ref]):
            return ""
        if not node.is_active_on(day):
            return _NOT_ACTIVE
        content = self.content(node, field, day)
        untaken = self.untaken_answers.get(Slot(node.ref, field.id, day))
        if untaken:
            key = "report.refused" if untaken == "refused" else "report.disputed"
            return translate(key, self.language)
        is_asked = content == "" and field.role == "input"
        missing = is_asked and self.report.requires(field, Slot(node.ref, field.id, day))
        return translate("report.unanswered", self.language) if missing else content

    def label(self, node: Node, field: Field) -> str:
        """Return the label of a node's field."""
        return field.label_for(None, self.groups[node.ref])

    def named(self, node: Node, field: Field, day: date | None) -> str:
        """Return the label of a node's field with its date as readers write it."""
        return self.dated_label(field, day) if day else self.label(node, field)

    def dated_label(self, field: Field, day: date | None) -> str:
        """Return a field's label with its date as readers write it."""
        return field.in_language(self.language).named(day)

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

    def marked(self, label: StepLabel, slot: Slot) -> StepLabel:
        """Return the step of a slot, which says so if it was carried on."""
        is_carried = slot in self.report.carried
        return replace(label, word=self.carried_text(label.word)) if is_carried else label

    def carried_text(self, text: str) -> str:
        """Return the text of a step that was carried on: "5 Fullført · ferdig før"."""
        return " · ".join(filter(None, (text, translate("term.carried", self.language))))

    def step_labels(self, steps: tuple[Step, ...]) -> tuple[StepLabel, ...]:
        """Return all steps of a scale, in its order."""
        return tuple(self.step_label(steps, step.value) for step in steps)

    def trend(self, change: Decimal) -> Trend:
        """Return a change in words."""
        if not change:
            return Trend("same", translate("term.same", self.language), by=change)
        size = self._change_size(abs(change))
        if change > 0:
            return Trend("up", translate("term.rise", self.language, by=size), by=change)
        return Trend("down", translate("term.fall", self.language, by=size), by=change)

    def _change_size(self, size: Decimal) -> str:
        """Return the size of a change with its unit; percentages change by percentage points."""
        if self.unit != "%":
            return self.scored_text(size)
        shown = Count(size, decimal_text(size, self.language))
        return translate("term.points", self.language, n=shown)

    def mean(self, ref: str, day: date) -> Decimal | None:
        """Return the mean of an area at a date, rounded as printed; None if nobody answered."""
        return self.figures[ref, day].mean(decimals_of(self.report))

    def scored_text(self, number: int | Decimal) -> str:
        """Return a value or mean of the scored field as readers write it, with its unit."""
        if not self.unit:
            return self.number_text(number)
        return quantity_text(Decimal(number), self.unit, self.language)

    def date_text(self, day: date) -> str:
        """Return a date as readers write it."""
        return day_text(day, self.language)

    def number_text(self, number: object) -> str:
        """Return a number as readers write it."""
        return decimal_text(number, self.language)

    def figure_text(self, figure: StatisticValue) -> str:
        """Return a figure as readers write it: a sum with its unit, and thousands set apart."""
        field = figure.statistic.field
        if figure.stat != "sum" or field is None or figure.value is None:
            return figure.text(self.language)
        kind = self.geometry.field_types[figure.statistic.level, field.id]
        return (
            kind.number_text(figure.value, self.language) if isinstance(kind, IntegerType) else ""
        )

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
