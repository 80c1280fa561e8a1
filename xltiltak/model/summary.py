"""Counts and means of a report, as they are printed.

`count_answers` is the only computation. From it follow the figures of the areas
(`area_statistics`), and the figures of every group that the template has summaries for
(`group_statistics`). Sums are exact; means are rounded half away from zero, as Excel does. An empty
slot counts in the number of nodes, but not in the mean. A node only counts at the reporting dates
between its first and its last.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from xltiltak.model.field_types import Value
from xltiltak.model.language import decimal_text, translate
from xltiltak.model.report import Node, Report
from xltiltak.model.template import Field, Stat, Step, Template

TOTAL = ""  # the key of the whole report, beside the refs of its groups
NO_MEAN = "–"  # printed for a mean without answers


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    """How many nodes were counted at one date, and how many of them have each value."""

    count: int = 0
    distribution: Mapping[Value, int] = field(default_factory=dict)

    def __add__(self, other: AnswerCounts) -> AnswerCounts:
        distribution = Counter(self.distribution) + Counter(other.distribution)
        return AnswerCounts(self.count + other.count, distribution)

    @property
    def answered(self) -> int:
        """Return how many of the nodes have a value."""
        return sum(self.distribution.values())

    @property
    def sum(self) -> Decimal:
        """Return the sum of all values; texts and days count as 0."""
        total = Decimal(0)
        for value, count in self.distribution.items():
            total += value * count if isinstance(value, int | Decimal) else 0
        return total

    def mean(self, decimals: int = 1) -> Decimal | None:
        """Return the mean of the values, rounded to so many decimals; None without values."""
        answered = self.answered
        return rounded(self.sum / answered, decimals) if answered else None


AreaStatistics = Mapping[tuple[str, date], AnswerCounts]  # by ref of an area, or TOTAL, and date


@dataclass(frozen=True, slots=True)
class Statistic:
    """What the summaries of a template ask about one field of the nodes of `level`.

    Without a field only the nodes themselves are counted.
    """

    level: str
    field: Field | None = None
    stats: tuple[Stat, ...] = ("count",)
    decimals: int = 0

    @property
    def name(self) -> str:
        """Return the field's id; empty without a field."""
        return self.field.id if self.field else ""


@dataclass(frozen=True, slots=True)
class StatisticValue:
    """One figure with its label, as "Med resultat: 11".

    `value` is None for a mean without answers. `step` is the step that a share counts.
    """

    label: str
    stat: Literal["count", "answered", "missing", "mean", "share"]
    statistic: Statistic
    date: date | None
    value: int | Decimal | None
    step: Step | None = None

    @property
    def key(self) -> tuple[str, str, str, Value | None]:
        """Return what is counted, apart from the date: equal for all groups of a level."""
        step = self.step.value if self.step else None
        return (self.statistic.level, self.statistic.name, self.stat, step)

    def text(self, language: str) -> str:
        """Return the figure as text, with the decimal sign of the language."""
        if self.value is None:
            return NO_MEAN
        is_decimal = isinstance(self.value, Decimal)
        return decimal_text(self.value, language) if is_decimal else str(self.value)


def area_statistics(report: Report) -> AreaStatistics:
    """Return the counts of the field with a mean, for every area and TOTAL, at every date.

    All measures of an area are counted, also those that the field does not apply to. The mapping is
    empty if no summary of the template is a mean.
    """
    mean_field = report.template.mean_field()
    if mean_field is None:
        return {}
    leaf, found = report.template.leaf.id, {}
    for day in report.head.dates:
        counts = count_answers(report, leaf, mean_field, day, report.area_of, count_all=True)
        for ref in report.area_refs:
            found[ref, day] = counts.get(ref, AnswerCounts())
        found[TOTAL, day] = sum(counts.values(), AnswerCounts())
    refs = (*report.area_refs, TOTAL)
    return {(ref, day): found[ref, day] for ref in refs for day in report.head.dates}


def group_statistics(report: Report) -> Mapping[str, tuple[StatisticValue, ...]]:
    """Return the figures that the template's summaries ask for, by the ref of each group or TOTAL.

    They are in the order of the template, for a dated field at every date, with labels in the
    language of the report. Groups whose level has no summary are not in the mapping; measures never
    are.
    """
    template, found = report.template, dict[str, tuple[StatisticValue, ...]]()
    levels = dict.fromkeys(s.level for s in template.summaries if s.level != template.leaf.id)
    for level in (*levels, TOTAL):
        refs = [TOTAL] if level == TOTAL else [n.ref for n in report.nodes if n.level == level]
        group_of = _groups_at(report, level)
        figures: dict[str, list[StatisticValue]] = {ref: [] for ref in refs}
        for statistic in requested_statistics(template, level):
            field = statistic.field
            for day in report.head.dates if field and field.per_checkpoint else (None,):
                counts = count_answers(report, statistic.level, field, day, group_of)
                for ref in refs:
                    of_group = counts.get(ref, AnswerCounts())
                    figures[ref] += _statistic_values(report, statistic, day, of_group)
        found |= {ref: tuple(of_group) for ref, of_group in figures.items()}
    return found


def count_answers(
    report: Report,
    level: str,
    field: Field | None,
    day: date | None,
    group_of: Mapping[str, str],
    *,
    count_all: bool = False,
) -> Mapping[str, AnswerCounts]:
    """Count the nodes of a level and their values in a field at a date, for each group.

    `group_of` has the group of every node, by ref; a group without such nodes is not in the result.
    Without a field the nodes are counted, without values. `day` is None for a field without dates;
    then those nodes count that are active at the open date, or else at the last one.

    A node that the field does not apply to is left out, unless a finished group implies its step
    (`implied_step`): then it counts as that step. With `count_all` it counts as a node without a
    value.
    """
    active_on = day or report.head.current or max(report.head.dates, default=None)
    nodes = [
        (node, groups)
        for node, groups in report.walk()
        if node.level == level and node.is_active_on(active_on)
    ]
    key = (field.id if field else "", day)
    answers = report.value_table.select([node.ref for node, _ in nodes], [key])
    values_of: dict[str, list[Value | None]] = defaultdict(list)
    for (node, groups), (answer,) in zip(nodes, answers, strict=True):
        value = answer
        if field and not count_all and not field.applies(groups):
            step = implied_step(report.template, field, groups) if value is None else None
            if step is None:
                continue
            value = step.value
        values_of[group_of[node.ref]].append(value)
    counts = {}
    for ref, values in values_of.items():
        distribution = Counter(values)
        del distribution[None]
        counts[ref] = AnswerCounts(len(values), distribution)  # type: ignore[arg-type]
    return counts


def _groups_at(report: Report, level: str) -> Mapping[str, str]:
    """Return for every node the ref of the group of this level around it; TOTAL if there is none.

    A node of the level is its own group.
    """
    group_of: dict[str | None, str] = {None: TOTAL}
    for node in report.nodes:
        group_of[node.ref] = node.ref if node.level == level else group_of[node.parent]
    return {ref: group for ref, group in group_of.items() if ref is not None}


def requested_statistics(template: Template, level: str = TOTAL) -> tuple[Statistic, ...]:
    """Return what the summaries ask about the groups of a level, or with TOTAL about the whole.

    Summaries of the same field are one statistic, at the place of the first.
    """
    found: dict[tuple[str, str], Statistic] = {}
    for summary in template.summaries:
        if level in (TOTAL, summary.level):
            counted_level, field = template.counted_level_and_field(summary)
            key = (counted_level, field.id if field else "")
            before = found.get(key, Statistic(counted_level, field, ()))
            stats = tuple(dict.fromkeys((*before.stats, summary.stat)))
            decimals = max(before.decimals, summary.decimals)
            found[key] = Statistic(counted_level, field, stats, decimals)
    return tuple(found.values())


def implied_step(template: Template, field: Field, groups: Iterable[str]) -> Step | None:
    """Return the step of measures that do not have the field because their group is finished.

    `groups` are the closed groups around a measure. None if the field applies in them, if none of
    them is finished, or if the scale has no finishing step.
    """
    if field.applies(groups):
        return None
    finished = {group.id for level in template.levels for group in level.groups if group.done}
    return None if finished.isdisjoint(groups) else finishing_step(template, field)


def finishing_step(template: Template, field: Field) -> Step | None:
    """Return the first step of a field that means "finished"; None if there is none."""
    return next((step for step in template.scales.get(field.scale, ()) if step.done), None)


def node_counts(report: Report) -> dict[str, dict[str, int]]:
    """Return how many nodes of each level every area has; under TOTAL, how many the report has."""
    levels = [level.id for level in report.template.levels]
    counts = {ref: dict.fromkeys(levels, 0) for ref in (*report.area_refs, TOTAL)}
    area_of = report.area_of
    for node in report.nodes:
        counts[area_of[node.ref]][node.level] += 1
        counts[TOTAL][node.level] += 1
    return counts


def measure_nodes(report: Report) -> Iterable[Node]:
    """Return the measures of a report, in order."""
    leaf = report.template.leaf.id
    return (node for node in report.nodes if node.level == leaf)


def rounded(number: Decimal, decimals: int = 1) -> Decimal:
    """Return a number rounded half away from zero, as Excel does."""
    return number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def decimals_of(report: Report) -> int:
    """Return how many decimals the template gives its means."""
    return next((s.decimals for s in report.template.summaries if s.stat == "mean"), 1)


def _statistic_values(
    report: Report, statistic: Statistic, day: date | None, counts: AnswerCounts
) -> Iterator[StatisticValue]:
    """Yield the figures of one statistic of a group at one date, with their labels."""
    template, language = report.template, report.head.language
    field, stats = statistic.field, statistic.stats
    if "count" in stats:
        label = template.level(statistic.level).label
        label = f"{label}, {field.label_for(day)}" if field and day else label
        yield StatisticValue(label, "count", statistic, day, counts.count)
    if field is None:
        return
    title = field.label_for(day)
    inside_sentence = title if title[1:2].isupper() else title[:1].lower() + title[1:]
    if "mean" in stats:
        label = translate("figures.mean", language, label=title)
        mean = counts.mean(statistic.decimals)
        yield StatisticValue(label, "mean", statistic, day, mean)
    if "answered" in stats:
        label = translate("figures.answered", language, label=inside_sentence)
        yield StatisticValue(label, "answered", statistic, day, counts.answered)
    if "distribution" in stats:
        for step in template.scales.get(field.scale, ()):
            share = counts.distribution.get(step.value, 0)
            yield StatisticValue(step.label, "share", statistic, day, share, step)
    if "answered" in stats or "distribution" in stats:
        label = translate("figures.missing", language, label=inside_sentence)
        missing = counts.count - counts.answered
        yield StatisticValue(label, "missing", statistic, day, missing)
