"""A template: a report format as data, with its levels, fields, scales and summaries.

The fields of these classes are the keys of a template file. `templates.catalogue` loads and checks
such files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Literal

from xltiltak.model.language import day_text, short_day_text

Role = Literal["given", "input"]
Layout = Literal["rows", "cards"]
Operand = str | int  # the id of a field, or a number
Stat = Literal["count", "answered", "mean", "distribution", "sum"]
Language = Literal["nb", "nn", "sv", "en"]
_DATED = re.compile(r"\{(?:date|period)[^}]*\}")
YEAR_IN_LABEL = re.compile(r"\{year([-+][0-9])?\}")


class TemplatePart:
    """The base of all parts of a template. An unknown key in a template file is a problem."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Step(TemplatePart):
    """One step of a scale, or one choice of a list.

    A measure at a step with `done` is finished. A step that does not count, such as "not relevant",
    is an answer, but outside means and changes. `against` are words of a remark that contradict
    the step.
    """

    value: int | str
    label: str
    aliases: tuple[str, ...] = ()
    fill: str = ""
    ink: str = ""
    symbol: str = ""
    done: bool = False
    counts: bool = True
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group(TemplatePart):
    """One group of a closed level. All measures in a group with `done` are finished."""

    id: str
    label: str
    aliases: tuple[str, ...] = ()
    done: bool = False


@dataclass(frozen=True, slots=True)
class Level(TemplatePart):
    """One level of nodes. The levels are ordered from the outermost; the last is the measure.

    `heading` is the pattern of the title of its nodes. Nodes of a level without one are written
    into the row of their first child. A level with `groups` is closed: its nodes are these groups.
    """

    id: str
    label: str
    heading: str = ""
    optional: bool = False
    groups: tuple[Group, ...] = ()

    def group(self, group_id: str | None) -> Group | None:
        """Return the closed group with this id; None if there is none."""
        return next((g for g in self.groups if g.id == group_id), None)


@dataclass(frozen=True, slots=True)
class Compare(TemplatePart):
    """What a field compares: a value with its target.

    The first step of the field's scale is that the target is reached, the last that it is not.
    Between them may stand one for a value that is at least as good as `accept`.
    """

    value: str
    target: Operand
    accept: Operand = ""
    better: Literal["high", "low"] = "high"

    @property
    def operands(self) -> tuple[Operand, ...]:
        """Return what is compared: the value first."""
        return (self.value, self.target, *([self.accept] if self.accept != "" else []))


@dataclass(frozen=True, slots=True)
class RequiredWhen(TemplatePart):
    """When a field has to be answered: another one has one of these values, or so high a number."""

    field: str
    values: tuple[int | str, ...] = ()
    at_least: int | None = None


@dataclass(frozen=True, slots=True)
class Field(TemplatePart):
    """One field of the nodes of one level.

    `of` is the id of the level, empty for the measure. `only` are the ids of the closed groups that
    have the field, empty for all. With `per_checkpoint` it has a value at every reporting date.
    With `key` it identifies a row. With `amounts` the amounts of money in its text are listed, with
    `references` also the numbers after these words. A number is shown with its `unit`, or
    with the one in the field `unit_from` of its row. With
    `carry_done` a step that means "finished" is carried on to the next date.

    A field with `compute` or `compare` is derived from others: nobody types it. `bands` is the
    scale that a number is shown with; the value of each step is the least number of its band. With
    `due` a date is a deadline: measures that pass it unfinished are told. `required_when` says when
    an answer is required that is not always so. A form goes to each `recipient` that is named.
    """

    id: str
    label: str
    kind: str = "text"
    role: Role = "given"
    of: str = ""
    scale: str = ""
    per_checkpoint: bool = False
    required: bool = False
    key: bool = False
    width: int = 20
    labels: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    audience: Literal["all", "internal"] = "all"
    amounts: bool = False
    references: tuple[str, ...] = ()
    unit: str = ""
    carry_done: bool = False
    compute: tuple[Operand, ...] = ()
    compare: Compare | None = None
    bands: str = ""
    due: bool = False
    required_when: RequiredWhen | None = None
    recipient: bool = False
    unit_from: str = ""

    @property
    def is_derived(self) -> bool:
        """Return True if the value follows from other fields of the node."""
        return bool(self.compute) or self.compare is not None

    @property
    def operands(self) -> tuple[Operand, ...]:
        """Return what a derived field follows from: ids of fields, and numbers."""
        return (*self.compute[::2], *(self.compare.operands if self.compare else ()))

    @property
    def is_identifying(self) -> bool:
        """Return True if the value is part of the text that identifies a row.

        Values that leaders type, and values with dates, change, so they cannot identify a row.
        """
        return self.key and self.role == "given" and not self.per_checkpoint

    def label_for(self, day: date | None = None, groups: Iterable[str] = ()) -> str:
        """Return the label at a reporting date, and in these closed groups."""
        label = next((self.labels[g] for g in groups if g in self.labels), self.label)
        return self.filled(label, day) if day else self.filled(_DATED.split(label)[0]).strip()

    def filled(self, label: str, day: date | None = None) -> str:
        """Return a label with the year, and with a date or the name of its period."""
        if "{" not in label:
            return label
        text = self._with_year(label, day)
        if day is None:
            return text
        return text.replace("{date}", self.written(day)).format(
            date=day, period=self.period_of(day)
        )

    def named(self, day: date | None = None) -> str:
        """Return the label for a sentence: with its reporting date as people write it."""
        if day is None:
            return self.label_for()
        if self.shows_period:
            return self.label_for(day)
        label, written = self._with_year(self.label, day), self.written(day)
        before, *others = _DATED.split(label)
        if len(others) > 1:  # a date in parts
            return self.label_for(day)
        return written.join((before, *others)) if others else f"{label} {written}"

    @property
    def shows_period(self) -> bool:
        """Return True if the label has the name of a period."""
        return "{period" in self.label

    def _with_year(self, label: str, day: date | None) -> str:
        year = self.year_of(day)
        return YEAR_IN_LABEL.sub(
            lambda found: str(year + int(found[1] or 0)) if year else "", label
        )

    def year_of(self, day: date | None) -> int | None:
        """Return the year of a report that is not known: that of the date."""
        return day.year if day else None

    def period_of(self, day: date) -> str:
        """Return the name of the period that a date closes: the date itself."""
        return self.written(day)

    def written(self, day: date, *, is_short: bool = False) -> str:
        """Return a day as people write it, or `is_short` without its year.

        It is as in Norwegian if the report is not known.
        """
        return (short_day_text if is_short else day_text)(day, self.language_of_days)

    @property
    def language_of_days(self) -> str:
        """Return the language that writes the days."""
        return "nb"

    def in_language(self, language: str) -> Field:
        """Return the field with days in its labels as a language writes them."""
        return ReportField(**_values_of(self), language=language)

    def applies(self, groups: Iterable[str]) -> bool:
        """Return True if nodes in these closed groups have the field."""
        return not self.only or not set(self.only).isdisjoint(groups)


@dataclass(frozen=True, slots=True)
class ReportField(Field):
    """A field of the template of a report.

    Its labels show the `year` and names of periods of the report, and days as its `language` writes
    them.
    """

    year: int = 0
    periods: Mapping[date, str] = field(default_factory=dict)
    language: str = "nb"

    def year_of(self, day: date | None) -> int | None:
        """Return the year of the report, whatever the date."""
        return self.year or Field.year_of(self, day)

    def period_of(self, day: date) -> str:
        """Return the name of the period that a date closes; the date itself without one."""
        return self.periods.get(day) or Field.period_of(self, day)

    @property
    def language_of_days(self) -> str:
        """Return the language of the report."""
        return self.language

    def in_language(self, language: str) -> Field:
        """Return the field with days in its labels as a language writes them."""
        return replace(self, language=language)


@dataclass(frozen=True, slots=True)
class Where(TemplatePart):
    """Which nodes a summary counts, by their value in a field.

    It is one of `values`, a number from `at_least` on or `below`, or a day before or after the
    reporting date.
    """

    field: str
    values: tuple[int | str, ...] = ()
    at_least: int | None = None
    below: int | None = None
    day: Literal["", "before", "after"] = ""

    def selects(self, value: object, today: date | None) -> bool:
        """Return True if a node with this value counts at a reporting date."""
        if self.values:
            return value in self.values
        if self.day:
            if not isinstance(value, date) or today is None:
                return False
            return value < today if self.day == "before" else value > today
        return isinstance(value, int | Decimal) and (
            (self.at_least is None or value >= self.at_least)
            and (self.below is None or value < self.below)
        )


@dataclass(frozen=True, slots=True)
class Summary(TemplatePart):
    """A figure that is computed for each node of a level, and for the whole report.

    With `where` it counts some of the nodes. A mean is weighted by the field `weight`. `caption` is
    its label, if not the usual one.
    """

    level: str
    stat: Stat
    field: str = ""
    decimals: int = 1
    where: Where | None = None
    weight: str = ""
    caption: str = ""

    @property
    def is_plain(self) -> bool:
        """Return True if it counts all nodes, none more than another."""
        return self.where is None and not self.weight


@dataclass(frozen=True, slots=True)
class Template(TemplatePart):
    """Everything that xltiltak knows about a report format."""

    id: str
    version: int
    language: Language
    title: str
    levels: tuple[Level, ...]
    fields: tuple[Field, ...]
    description: str = ""
    layout: Layout = "rows"
    scales: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    summaries: tuple[Summary, ...] = ()

    @property
    def leaf(self) -> Level:
        """Return the innermost level, the measure."""
        return self.levels[-1]

    @property
    def area_level(self) -> Level | None:
        """Return the level of the areas, whose nodes get a sheet each.

        None if the template has one level only; then the whole report is one area.
        """
        return self.levels[0] if len(self.levels) > 1 else None

    def level(self, level_id: str) -> Level:
        """Return the level with this id. Raise StopIteration if there is none."""
        return next(level for level in self.levels if level.id == level_id)

    def fields_of(self, level_id: str) -> tuple[Field, ...]:
        """Return the fields of a level, in order."""
        return tuple(f for f in self.fields if (f.of or self.leaf.id) == level_id)

    def derived_fields_of(self, level_id: str) -> tuple[Field, ...]:
        """Return the fields of a level that follow from others, which come first."""
        return tuple(f for f in self.fields_of(level_id) if f.is_derived)

    def field_of(self, level_id: str, field_id: str) -> Field | None:
        """Return the field of a level with this id; None if there is none."""
        return next((f for f in self.fields_of(level_id) if f.id == field_id), None)

    def counted_level_and_field(self, summary: Summary) -> tuple[str, Field | None]:
        """Return the level whose nodes a summary counts, and the field that it counts.

        The field is the innermost one with the summary's field id, at its level or below. If there
        is none, the measures are counted, and the field is None.
        """
        outermost = [level.id for level in self.levels].index(summary.level)
        for level in reversed(self.levels[outermost:]):
            if field := self.field_of(level.id, summary.field):
                return level.id, field
        return self.leaf.id, None

    @property
    def recipient_field(self) -> Field | None:
        """Return the field that names who a form goes to; None if it goes to an area's leader."""
        return next((field for field in self.fields if field.recipient), None)

    def for_report(self, year: int, periods: Mapping[date, str], language: str) -> Template:
        """Return the template of a report: labels show its year, periods and days as it does."""
        wanted = year, periods, language
        shows = [f for f in self.fields if _shows_report(f)]
        if all(
            isinstance(f, ReportField) and (f.year, f.periods, f.language) == wanted for f in shows
        ):
            return self
        for template, known, found in _recent:
            if template is self and known == wanted:
                return found
        fields = tuple(
            ReportField(**_values_of(f), year=year, periods=periods, language=language)
            if f in shows
            else f
            for f in self.fields
        )
        found = replace(self, fields=fields)
        _recent.append((self, wanted, found))
        del _recent[:-_MOST_RECENT]
        return found

    def without_report(self) -> Template:
        """Return the template as it is in its file."""
        fields = tuple(Field(**_values_of(f)) for f in self.fields)
        return replace(self, fields=fields) if self.fields != fields else self

    def mean_field(self) -> Field | None:
        """Return the measure's field that has a value at every date and a mean in a summary.

        None if there is no such field.
        """
        means = [s.field for s in self.summaries if s.stat == "mean" and s.is_plain]
        fields = (f for f in self.fields_of(self.leaf.id) if f.id in means and f.per_checkpoint)
        return next(fields, None)

    def remark_fields(self) -> tuple[Field, ...]:
        """Return the fields that explain a status: the measure's inputs without dates and steps."""
        return tuple(
            f
            for f in self.fields_of(self.leaf.id)
            if f.role == "input" and not f.per_checkpoint and not f.scale
        )

    def explained_field(self) -> Field | None:
        """Return the scale whose falls the leader explains in remarks; None if there is none."""
        scored = self.mean_field()
        has_steps = scored is not None and scored.role == "input" and bool(scored.scale)
        return scored if has_steps and self.remark_fields() else None


_recent: list[tuple[Template, tuple[int, Mapping[date, str], str], Template]] = []  # has no hash
_MOST_RECENT = 8


def _shows_report(part: Field) -> bool:
    """Return True if a label of a field shows the year, a period or a day of its report."""
    return any("{" in label for label in (part.label, *part.labels.values()))


def _values_of(part: Field) -> dict[str, Any]:
    """Return the keys of a field in a template file."""
    return {key.name: getattr(part, key.name) for key in fields(Field)}


def _with_values(part: type[Any], keys: Mapping[str, Any] | None) -> Any:
    """Return a part that may have a list of values; None without keys."""
    return part(**{**keys, "values": tuple(keys.get("values", ()))}) if keys else None


def build(data: Mapping[str, Any]) -> Template:
    """Return the template of data that `templates.catalogue` has checked before.

    Every form has its template in its hidden record. Building it without a check is faster, because
    pydantic need not be imported.
    """

    def parts(part: type[Any], items: Iterable[Mapping[str, Any]]) -> tuple[Any, ...]:
        """Return each item as this part, with tuples for its lists."""
        return tuple(
            part(**{k: tuple(v) if isinstance(v, list) else v for k, v in i.items()}) for i in items
        )

    levels = (
        {**level, "groups": parts(Group, level.get("groups", ()))} for level in data["levels"]
    )
    fields = (
        {
            **f,
            "compare": Compare(**f["compare"]) if f.get("compare") else None,
            "required_when": _with_values(RequiredWhen, f.get("required_when")),
        }
        for f in data["fields"]
    )
    summaries = (
        {**summary, "where": _with_values(Where, summary.get("where"))}
        for summary in data.get("summaries", ())
    )
    nested = {
        "levels": parts(Level, levels),
        "fields": parts(Field, fields),
        "scales": {name: parts(Step, steps) for name, steps in data.get("scales", {}).items()},
        "summaries": parts(Summary, summaries),
    }
    return Template(**{**data, **nested})
