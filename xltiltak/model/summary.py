"""Counts and means of a report, as they are printed: exact sums, rounded half up, as Excel does it.

A blank counts in n, not in the mean; a measure counts only at the dates between its first and last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import wraps
from typing import Literal, NamedTuple, TypeVar

from xltiltak.model.field_types import Value
from xltiltak.model.language import decimal_text, translate
from xltiltak.model.report import Node, Report, Slot
from xltiltak.model.template import Field, Stat, Step, Template

Made = TypeVar("Made")
TOTAL = ""  # stands for the whole report where an area's ref could
NO_MEAN = "–"  # a mean where nobody answered


@dataclass(slots=True)
class AnswerCounts:
    """What is counted over some measures at one date: `count` of them, and how often each value was answered."""

    count: int = 0
    distribution: dict[Value, int] = field(default_factory=dict)

    def add(self, value: Value | None) -> None:
        """One measure more, with its value or None."""
        self.count += 1
        if value is not None:
            self.distribution[value] = self.distribution.get(value, 0) + 1

    def join(self, other: AnswerCounts) -> None:
        """All measures of another one more."""
        self.count += other.count
        for value, count in other.distribution.items():
            self.distribution[value] = self.distribution.get(value, 0) + count

    @property
    def answered(self) -> int:
        """How many of the measures have a value."""
        return sum(self.distribution.values())

    @property
    def sum(self) -> Decimal:
        """All values together; texts and days count as nothing."""
        total = Decimal(0)
        for value, count in self.distribution.items():
            total += value * count if isinstance(value, int | Decimal) else 0
        return total

    def mean(self, decimals: int = 1) -> Decimal | None:
        """None where nobody answered, else the mean over the answers, rounded half up to so many decimals."""
        answered = self.answered
        return rounded(self.sum / answered, decimals) if answered else None


def rounded(number: Decimal, decimals: int = 1) -> Decimal:
    """A number as it is printed: half away from zero, as Excel does."""
    return number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def decimals_of(report: Report) -> int:
    """How many decimals the template gives its means."""
    return next((s.decimals for s in report.template.summaries if s.stat == "mean"), 1)


AreaStatistics = Mapping[tuple[str, date], AnswerCounts]  # of every area's ref, and of TOTAL


def _once(work: Callable[[Report], Made]) -> Callable[[Report], Made]:
    """What is worked out of a report once: it stays with the report, as its cached properties do."""

    @wraps(work)
    def known(report: Report) -> Made:
        kept: dict[str, Made] = vars(report)
        if work.__name__ not in kept:
            kept[work.__name__] = work(report)
        return kept[work.__name__]

    return known


@_once
def area_statistics(report: Report) -> AreaStatistics:
    """The figures of every area, and of all together under TOTAL, at every date; empty for a template without means."""
    scored, days = report.template.mean_field(), report.head.dates
    if scored is None:
        return {}
    counted = {(ref, day): AnswerCounts() for ref in (*report.area_refs, TOTAL) for day in days}
    area_of, nodes = report.area_of, list(measure_nodes(report))
    answers = report.value_table.select(
        (node.ref for node in nodes), [(scored.id, day) for day in days]
    )
    held: dict[str, list[tuple[Node, Sequence[Value | None]]]] = {
        ref: [] for ref in report.area_refs
    }
    for node, values in zip(nodes, answers, strict=True):
        held[area_of[node.ref]].append((node, values))
    for ref, rows in held.items():
        lifelong = all(node.first is None and node.last is None for node, _ in rows)
        for n, day in enumerate(days):
            found = Counter(
                [values[n] for node, values in rows if lifelong or node.is_active_on(day)]
            )
            count = found.total()
            del found[None]
            counted[ref, day] = AnswerCounts(count, found)  # type: ignore[arg-type]
            counted[TOTAL, day].join(counted[ref, day])
    return counted


def measure_nodes(report: Report) -> Iterable[Node]:
    """The measures of a report, in order."""
    leaf = report.template.leaf.id
    return (node for node in report.nodes if node.level == leaf)


@_once
def node_counts(report: Report) -> dict[str, dict[str, int]]:
    """How many nodes of each level each area has, and all together under TOTAL."""
    levels = [level.id for level in report.template.levels]
    found = {ref: dict.fromkeys(levels, 0) for ref in (*report.area_refs, TOTAL)}
    area_of = report.area_of
    for node in report.nodes:
        found[area_of[node.ref]][node.level] += 1
        found[TOTAL][node.level] += 1
    return found


class Statistic(NamedTuple):
    """What the summaries ask of one field; without a field, only how many nodes of `level` there are."""

    level: str  # of the nodes that are counted
    field: Field | None = None
    stats: tuple[Stat, ...] = ("count",)
    decimals: int = 0

    @property
    def name(self) -> str:
        """The field's id; empty without a field."""
        return self.field.id if self.field else ""


class StatisticValue(NamedTuple):
    """One figure as readers see it, "Med resultat: 11". `step` is the one whose answers a share counts."""

    label: str
    stat: Literal["count", "answered", "missing", "mean", "share"]
    statistic: Statistic
    date: date | None
    value: int | Decimal | None
    step: Step | None = None

    @property
    def key(self) -> tuple[str, str, str, Value | None]:
        """What it counts: the same for every group of a level."""
        return (
            self.statistic.level,
            self.statistic.name,
            self.stat,
            self.step.value if self.step else None,
        )

    def text(self, language: str) -> str:
        """The figure as it is written in a language."""
        if self.value is None:
            return NO_MEAN
        return (
            decimal_text(self.value, language)
            if isinstance(self.value, Decimal)
            else str(self.value)
        )


def group_statistics(report: Report) -> Mapping[str, tuple[StatisticValue, ...]]:
    """What the template's summaries give for every group of their level, by its ref, and for the whole under TOTAL.

    In the order of the template, at every date where a field has one; labels are in the report's language. Where a
    closed group that says it is finished has no such field, its measures count as the step that says so.
    """
    template, shown = report.template, {}
    for level, wanted in _wanted(template).items():
        counted = [
            (asked, day, _counted(report, level, asked, day))
            for asked in wanted
            for day in _days(report, asked)
        ]
        refs = (
            [TOTAL]
            if level == TOTAL
            else [node.ref for node in report.nodes if node.level == level]
        )
        for ref in refs:
            known = ((asked, day, found.get(ref, AnswerCounts())) for asked, day, found in counted)
            shown[ref] = tuple(fact for one in known for fact in _facts(report, *one))
    return shown


def requested_statistics(template: Template, level: str = TOTAL) -> tuple[Statistic, ...]:
    """What the summaries ask of the groups of one level, or of the whole: a field at a time, in their order."""
    found: dict[tuple[str, str], Statistic] = {}
    for summary in template.summaries:
        if level in (TOTAL, summary.level):
            of, known = template.counted_level_and_field(summary)
            key = (of, known.id if known else "")
            before = found.get(key, Statistic(of, known, ()))
            stats = (
                (*before.stats, summary.stat) if summary.stat not in before.stats else before.stats
            )
            found[key] = Statistic(of, known, stats, max(before.decimals, summary.decimals))
    return tuple(found.values())


def implied_step(template: Template, known: Field, groups: Iterable[str]) -> Step | None:
    """The step that measures in these closed groups count as although they lack the field; None for most."""
    around = {group.id: group.done for level in template.levels for group in level.groups}
    finished = not known.applies(groups) and any(around[group] for group in groups)
    return finishing_step(template, known) if finished else None


def finishing_step(template: Template, known: Field) -> Step | None:
    """The first step of a field that says that what has come so far is finished."""
    return next((step for step in template.scales.get(known.scale, ()) if step.done), None)


def _wanted(template: Template) -> dict[str, tuple[Statistic, ...]]:
    """What is asked of the groups of each level, and of the whole; the measures themselves are not summed up."""
    outer = dict.fromkeys(s.level for s in template.summaries if s.level != template.leaf.id)
    return {level: requested_statistics(template, level) for level in (*outer, TOTAL)}


def _days(report: Report, asked: Statistic) -> tuple[date | None, ...]:
    return report.head.dates if asked.field and asked.field.per_checkpoint else (None,)


def _counted(
    report: Report, level: str, asked: Statistic, day: date | None
) -> Mapping[str, AnswerCounts]:
    """The figures of one field at one date, by the group of that level that the nodes stand in."""
    found: dict[str, AnswerCounts] = {}
    within: dict[str | None, str] = {None: TOTAL}
    at = day or report.head.current or max(report.head.dates, default=None)
    for node, groups in report.walk():
        within[node.ref] = node.ref if node.level == level else within[node.parent]
        if node.level == asked.level and node.is_active_on(at):
            value = report.values.get(Slot(node.ref, asked.field.id, day)) if asked.field else None
            step = (
                implied_step(report.template, asked.field, groups)
                if asked.field and value is None
                else None
            )
            if step or asked.field is None or asked.field.applies(groups):
                found.setdefault(within[node.ref], AnswerCounts()).add(
                    step.value if step else value
                )
    return found


def _facts(
    report: Report, asked: Statistic, day: date | None, figures: AnswerCounts
) -> Iterator[StatisticValue]:
    """The figures of one field at one date with their labels."""
    language, known = report.head.language, asked.field
    if "count" in asked.stats:
        label = report.template.level(asked.level).label
        yield StatisticValue(
            f"{label}, {known.label_for(day)}" if known and day else label,
            "count",
            asked,
            day,
            figures.count,
        )
    if known is None:
        return
    named = _within_a_sentence(known.label_for(day))
    if "mean" in asked.stats:
        label = translate("figures.mean", language, label=known.label_for(day))
        yield StatisticValue(label, "mean", asked, day, figures.mean(asked.decimals))
    if "answered" in asked.stats:
        yield StatisticValue(
            translate("figures.answered", language, label=named),
            "answered",
            asked,
            day,
            figures.answered,
        )
    for step in (
        report.template.scales.get(known.scale, ()) if "distribution" in asked.stats else ()
    ):
        yield StatisticValue(
            step.label, "share", asked, day, figures.distribution.get(step.value, 0), step
        )
    if {"answered", "distribution"} & set(asked.stats):
        without = figures.count - figures.answered
        yield StatisticValue(
            translate("figures.missing", language, label=named), "missing", asked, day, without
        )


def _within_a_sentence(label: str) -> str:
    """A label without its capital; one that begins with several is an abbreviation."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
