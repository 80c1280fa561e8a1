"""Counts and means of a report, as they are printed everywhere.

`measure_states` says of each measure whether it is answered and how it has moved; `standings` sums
that for each area. `count_answers` counts the values of a field. From it follow the means of the
areas at every date (`area_statistics`), and the figures of every group that the template has
summaries for (`group_statistics`). Sums are exact; means are rounded half away from zero, as Excel
does. An empty slot counts in the number of nodes, but not in the mean. A node only counts at the
reporting dates between its first and its last.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import wraps
from typing import Literal, NamedTuple, TypeVar, get_args

from xltiltak.model.colours import fills_of_steps, ink_on
from xltiltak.model.field_types import Value, field_type_of
from xltiltak.model.language import decimal_text, translate
from xltiltak.model.report import Node, Report
from xltiltak.model.template import Field, Stat, Step, Template, Where
from xltiltak.model.written_numbers import stored_number

TOTAL = ""  # the key of the whole report, beside the refs of its groups
NO_MEAN = "–"  # printed for a mean without answers
LEAST_ANSWERED = 80  # percent; below, the change of a mean says nothing about the whole

Category = Literal[
    "up", "down", "unchanged", "finished_before", "first_answer", "outside_scale", "unanswered"
]
"""How a measure has moved since the date before. Each measure is in exactly one category.

`first_answer` has no answer to compare with; the scale does not apply to `outside_scale`.
"""
CATEGORIES: tuple[Category, ...] = get_args(Category)
# Whether a measure is asked, answered and finished, and its category.
_Judgement = tuple[bool, bool, bool, Category | None]
# The same, with the values of the field with a mean at the two last dates.
_OutcomeValues = tuple[bool, bool, bool, Category | None, Value | None, Value | None]
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a measure has come to at the report's date.

    `is_asked` is True if it has a field to be answered. `category` is None if the template has no
    field with a mean. `before` and `now` are the values of that field at the two last dates.
    """

    is_asked: bool
    is_answered: bool
    is_finished: bool
    category: Category | None
    before: Value | None
    now: Value | None

    @property
    def is_compared(self) -> bool:
        """True if the change of the mean includes the measure: it is answered at both dates."""
        return self.category in ("up", "down", "unchanged", "finished_before") and (
            self.before is not None and self.now is not None
        )

    @property
    def is_newly_finished(self) -> bool:
        """True if the measure was finished since the date before; then it has moved up."""
        return self.category == "up" and self.is_finished

    @property
    def change(self) -> Decimal:
        """How far the value has moved; 0 if the measure is not compared."""
        if not isinstance(self.before, int | Decimal) or not isinstance(self.now, int | Decimal):
            return Decimal(0)
        return Decimal(self.now) - Decimal(self.before) if self.is_compared else Decimal(0)


@dataclass(frozen=True, slots=True)
class MeasureState(Outcome):
    """The outcome of one measure. `area` is the ref of its area."""

    node: Node
    area: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How many measures an area has, and how many are answered, finished, and moved which way.

    `measures` are those in force at the report's date, `asked` those of them with a field to be
    answered. The numbers of the `categories` sum to `measures`; there are none without a field with
    a mean. `change` is the sum of the changes of the `compared` measures.
    """

    measures: int = 0
    asked: int = 0
    answered: int = 0
    finished: int = 0
    newly_finished: int = 0
    compared: int = 0
    change: Decimal = Decimal(0)
    categories: Mapping[Category, int] = field(default_factory=dict)

    @property
    def is_mostly_answered(self) -> bool:
        """True if enough is answered to compare the mean with that of the date before."""
        return self.answered * 100 >= self.asked * LEAST_ANSWERED

    def mean_change(self, decimals: int = 1) -> Decimal | None:
        """Return the change of the mean over the measures answered at both dates; None for none."""
        return rounded(self.change / self.compared, decimals) if self.compared else None


def shown_categories(
    total: Standing, *, first_answer: bool = False, outside_scale: bool = False
) -> tuple[Category, ...]:
    """Return the categories to show: the five main ones, and the others if they have measures.

    With `first_answer` or `outside_scale`, that category is shown in any case.
    """
    shown = {"first_answer": first_answer, "outside_scale": outside_scale}
    return tuple(c for c in CATEGORIES if shown.get(c, True) or total.categories.get(c))


def shares(
    template: Template, field: Field, distribution: Mapping[Value, int]
) -> Iterator[tuple[Step, int]]:
    """Yield each step of a field, or each band of a number, with how many values it has."""
    for step in template.scales.get(field.scale, ()):
        yield step, distribution.get(step.value, 0)
    bands = template.scales.get(field.bands, ())
    for step, above in zip(bands, (*bands[1:], None), strict=True) if bands else ():
        inside = (
            count
            for value, count in distribution.items()
            if value >= step.value and (above is None or value < above.value)  # type: ignore[operator]
        )
        yield step, sum(inside)


def final_values(template: Template, field: Field) -> frozenset[Value]:
    """Return the values of a field that mean "finished"."""
    return frozenset(step.value for step in template.scales.get(field.scale, ()) if step.done)


def neutral_values(template: Template, field: Field | None) -> frozenset[Value]:
    """Return the values of a field that are answers, but outside means and changes."""
    steps = template.scales.get(field.scale, ()) if field else ()
    return frozenset(step.value for step in steps if not step.counts)


def change_object(standing: Standing, decimals: int) -> dict[str, int | str | None]:
    """Return what has changed since the date before, for JSON: categories, and change of the mean.

    The change is None where too few are answered, or none at both dates.
    """
    change = standing.mean_change(decimals) if standing.is_mostly_answered else None
    return {
        **{category: standing.categories.get(category, 0) for category in CATEGORIES},
        "newly_finished": standing.newly_finished,
        "answered_both": standing.compared,
        "mean": None if change is None else str(change),
    }


def kept_in_report(compute: Callable[[Report], Found]) -> Callable[[Report], Found]:
    """Return the function that computes its result once for a report, as a cached property does."""

    @wraps(compute)
    def kept(report: Report) -> Found:
        known = vars(report)
        if compute.__name__ not in known:
            known[compute.__name__] = compute(report)
        found: Found = known[compute.__name__]
        return found

    return kept


@kept_in_report
def standings(report: Report) -> Mapping[str, Standing]:
    """Return the standing of each area at the report's date, and of all areas under TOTAL."""
    counts: dict[str, Counter[_OutcomeValues]] = {ref: Counter() for ref in report.area_refs}
    area_of, total = report.area_of, Counter[_OutcomeValues]()
    for node, outcome in _outcomes(report):
        counts[area_of[node.ref]][outcome] += 1
    for of_area in counts.values():
        total.update(of_area)
    return {ref: _standing(of_area) for ref, of_area in {**counts, TOTAL: total}.items()}


def _standing(counts: Mapping[_OutcomeValues, int]) -> Standing:
    """Return the sums of some measures, from the number of those with each outcome."""
    outcomes = [(Outcome(*values), count) for values, count in counts.items()]
    categories = Counter[Category]()
    for outcome, count in outcomes:
        if outcome.category:
            categories[outcome.category] += count
    return Standing(
        measures=sum(count for _, count in outcomes),
        asked=sum(count for outcome, count in outcomes if outcome.is_asked),
        answered=sum(count for outcome, count in outcomes if outcome.is_answered),
        finished=sum(count for outcome, count in outcomes if outcome.is_finished),
        newly_finished=sum(count for outcome, count in outcomes if outcome.is_newly_finished),
        compared=sum(count for outcome, count in outcomes if outcome.is_compared),
        change=sum((outcome.change * count for outcome, count in outcomes), Decimal(0)),
        categories=categories,
    )


def measure_states(report: Report) -> tuple[MeasureState, ...]:
    """Return the measures in force at the report's date, in order."""
    area_of = report.area_of
    return tuple(
        MeasureState(*outcome, node, area_of[node.ref]) for node, outcome in _outcomes(report)
    )


def _outcomes(report: Report) -> Iterator[tuple[Node, _OutcomeValues]]:
    """Yield the measures in force at the report's date with the values of their outcomes.

    Measures in the same groups with the same values are judged once.
    """
    template, day, before = report.template, report.report_date, report.previous_date
    scored, judge = template.mean_field(), _Judge(template)
    keys = [(f.id, day if f.per_checkpoint else None) for f in judge.fields]
    if scored:
        keys += [(scored.id, before), (scored.id, day)]
    nodes = [
        (node, groups)
        for node, groups in report.walk()
        if node.level == template.leaf.id and node.is_active_on(day)
    ]
    rows = report.value_table.select([node.ref for node, _ in nodes], keys)
    known: dict[object, _Judgement] = {}
    for (node, groups), row in zip(nodes, rows, strict=True):
        earlier = row[-2] if scored and before and node.is_active_on(before) else None
        key = groups, tuple(row), earlier
        if key not in known:
            known[key] = judge.judge(groups, row, earlier)
        yield node, (*known[key], earlier, row[-1] if scored else None)


class _Judge:
    """Judges measures of a template by the values of `fields`: answered, finished, moved."""

    def __init__(self, template: Template) -> None:
        self._template, self._scored = template, template.mean_field()
        self._asked, self._finishing = answer_fields(template), _finishing_values(template)
        names = {*(f.id for f in self._asked), *self._finishing}
        self.fields = [f for f in template.fields_of(template.leaf.id) if f.id in names]

    def judge(
        self, groups: Sequence[str], row: Sequence[Value | None], before: Value | None
    ) -> _Judgement:
        """Return if a measure is asked, answered and finished, and its category.

        The row has the values of the fields, and last that of the field with a mean.
        """
        values = {f.id: v for f, v in zip(self.fields, row, strict=False) if f.applies(groups)}
        asked = [f.id for f in self._asked if f.applies(groups)]
        is_finished = _is_in_finished_group(self._template, groups) or any(
            values.get(name) in final for name, final in self._finishing.items()
        )
        scored, category = self._scored, None
        if scored:
            category = _category(self._template, scored, groups, before, row[-1])
        is_answered = bool(asked) and all(values[name] is not None for name in asked)
        return bool(asked), is_answered, is_finished, category


def answer_fields(template: Template) -> tuple[Field, ...]:
    """Return the fields that make a measure answered: the one with a mean, else required inputs.

    Internal fields are none of them, so that the coordinator and the readers get one count.
    """
    scored = template.mean_field()
    if scored and scored.audience == "all":
        return (scored,)
    return tuple(
        field
        for field in template.fields_of(template.leaf.id)
        if field.role == "input" and field.required and field.audience == "all"
    )


def counted_inputs(template: Template) -> frozenset[tuple[str, str]]:
    """Return `of` and `id` of the inputs that are counted while somebody fills in a form.

    They are the required ones. If none is, those with steps; without such ones all.
    """
    inputs = [field for field in template.fields if field.role == "input"]
    required = [field for field in inputs if field.required]
    stepped = [field for field in inputs if field.scale]
    return frozenset((field.of, field.id) for field in required or stepped or inputs)


def _finishing_values(template: Template) -> dict[str, frozenset[Value]]:
    """Return the values that mean "finished", by the id of the measure's field.

    Where measures are compared, only the field with a mean says that one is finished.
    """
    scored = template.mean_field()
    fields = [scored] if scored else template.fields_of(template.leaf.id)
    return {field.id: final for field in fields if (final := final_values(template, field))}


def _is_in_finished_group(template: Template, groups: Iterable[str]) -> bool:
    finished = {group.id for level in template.levels for group in level.groups if group.done}
    return not finished.isdisjoint(groups)


def _category(
    template: Template,
    scored: Field,
    groups: Sequence[str],
    before: Value | None,
    now: Value | None,
) -> Category:
    """Return how a measure has moved from the value `before` to the value `now`.

    To finish is to move up and to be taken up again is to fall back, whatever the numbers say.
    """
    if not scored.applies(groups):
        finished = _is_in_finished_group(template, groups)
        return "finished_before" if finished else "outside_scale"
    neutral = neutral_values(template, scored)
    if not isinstance(now, int | Decimal):
        return "unanswered"
    if now in neutral:
        return "outside_scale"
    if not isinstance(before, int | Decimal) or before in neutral:
        return "first_answer"
    return _direction(before, now, final_values(template, scored))


def _direction(
    before: int | Decimal, now: int | Decimal, final: frozenset[Value]
) -> Literal["up", "down", "unchanged", "finished_before"]:
    """Return how a measure has moved that is answered at both dates."""
    if before in final:
        return "finished_before" if now in final else "down"
    if now in final or now > before:
        return "up"
    return "down" if now < before else "unchanged"


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    """How many nodes were counted at one date, and how many of them have each value.

    The `neutral` values are answers, but outside the mean. `weighted` is the sum of the values
    times their weights, `weights` that of the weights; both are 0 if the values have none.
    """

    count: int = 0
    distribution: Mapping[Value, int] = field(default_factory=dict)
    neutral: frozenset[Value] = frozenset()
    weighted: Decimal = Decimal(0)
    weights: Decimal = Decimal(0)

    def __add__(self, other: AnswerCounts) -> AnswerCounts:
        distribution = Counter(self.distribution) + Counter(other.distribution)
        neutral = self.neutral | other.neutral
        weighted, weights = self.weighted + other.weighted, self.weights + other.weights
        return AnswerCounts(self.count + other.count, distribution, neutral, weighted, weights)

    @property
    def answered(self) -> int:
        """Return how many of the nodes have a value."""
        return sum(self.distribution.values())

    @property
    def sum(self) -> Decimal:
        """Return the sum of all values; texts, days and neutral values count as 0."""
        total = Decimal(0)
        for value, count in self.distribution.items():
            is_number = isinstance(value, int | Decimal) and value not in self.neutral
            total += value * count if is_number else 0  # type: ignore[operator]
        return total

    def mean(self, decimals: int = 1) -> Decimal | None:
        """Return the mean of the values, rounded to so many decimals; None without values."""
        counted = self.answered - sum(self.distribution.get(value, 0) for value in self.neutral)
        return rounded(self.sum / counted, decimals) if counted else None

    def weighted_mean(self, decimals: int = 1) -> Decimal | None:
        """Return the weighted mean of the values, rounded; None without weights."""
        return rounded(self.weighted / self.weights, decimals) if self.weights else None


AreaStatistics = Mapping[tuple[str, date], AnswerCounts]  # by ref of an area, or TOTAL, and date


class Statistic(NamedTuple):
    """What the summaries of a template ask about one field of the nodes of `level`.

    Without a field only the nodes themselves are counted. `where`, `weight` and `caption` are those
    of the summary.
    """

    level: str
    field: Field | None = None
    stats: tuple[Stat, ...] = ("count",)
    decimals: int = 0
    where: Where | None = None
    weight: str = ""
    caption: str = ""

    @property
    def key(self) -> tuple[str, str, Where | None, str, str]:
        """Return what tells it from other statistics of the template."""
        return (self.level, self.name, self.where, self.weight, self.caption)

    @property
    def is_plain(self) -> bool:
        """Return True if it counts all nodes, none more than another."""
        return self.where is None and not self.weight

    @property
    def name(self) -> str:
        """Return the field's id; empty without a field."""
        return self.field.id if self.field else ""


class StatisticValue(NamedTuple):
    """One figure with its label, as "Med resultat: 11".

    `value` is None for a mean without answers. `step` is the step that a share counts.
    """

    label: str
    stat: Literal["count", "answered", "missing", "mean", "share", "sum"]
    statistic: Statistic
    date: date | None
    value: int | Decimal | None
    step: Step | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Return what is counted, apart from the date: equal for all groups of a level."""
        return (*self.statistic.key, self.stat, self.step.value if self.step else None)

    @property
    def unit_after(self) -> str:
        """Return the unit of a sum, as it stands after the number; empty without one."""
        field = self.statistic.field
        return f" {field.unit}" if self.stat == "sum" and field and field.unit else ""

    def text(self, language: str) -> str:
        """Return the figure as text, with the decimal sign of the language; a sum with its unit."""
        if self.value is None:
            return NO_MEAN
        if self.stat == "sum":
            return f"{decimal_text(self.value, language)}{self.unit_after}"
        is_decimal = isinstance(self.value, Decimal)
        return decimal_text(self.value, language) if is_decimal else str(self.value)


@kept_in_report
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
                counts = count_answers(
                    report, statistic.level, field, day, group_of, asked=statistic
                )
                sums = _weighted(report, statistic, day, group_of) if statistic.weight else {}
                for ref in refs:
                    of_group = counts.get(ref, AnswerCounts())
                    if ref in sums:
                        weighted, weights = sums[ref]
                        of_group = replace(of_group, weighted=weighted, weights=weights)
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
    asked: Statistic | None = None,
) -> Mapping[str, AnswerCounts]:
    """Count the nodes of a level and their values in a field at a date, for each group.

    `group_of` has the group of every node, by ref; a group without such nodes is not in the result.
    Without a field the nodes are counted, without values. `day` is None for a field without dates;
    then those nodes count that are active at the report's date.

    A node that the field does not apply to is left out, unless a finished group implies its step
    (`implied_step`): then it counts as that step. With `count_all` it counts as a node without a
    value. `asked` says which nodes count, and how much each weighs.
    """
    active_on = day or report.report_date
    nodes = [
        (node, groups)
        for node, groups in report.walk()
        if node.level == level and node.is_active_on(active_on)
    ]
    if asked and asked.where:
        nodes = _selected(report, nodes, asked.where, active_on)
    key = (field.id if field else "", day)
    answers = report.value_table.select([node.ref for node, _ in nodes], [key])
    values_of: dict[str, list[Value | None]] = defaultdict(list)
    for (node, groups), (answer,) in zip(nodes, answers, strict=True):
        value = answer
        if field and not field.applies(groups):
            step = implied_step(report.template, field, groups) if value is None else None
            if step is None and not count_all:
                continue
            value = step.value if step and not count_all else None
        values_of[group_of[node.ref]].append(value)
    counts, neutral = {}, neutral_values(report.template, field)
    for ref, values in values_of.items():
        distribution = Counter(values)
        del distribution[None]
        counts[ref] = AnswerCounts(len(values), distribution, neutral)  # type: ignore[arg-type]
    return counts


def _selected(
    report: Report,
    nodes: Sequence[tuple[Node, tuple[str, ...]]],
    where: Where,
    today: date | None,
) -> list[tuple[Node, tuple[str, ...]]]:
    """Return the nodes of one level that a filter lets through at a date."""
    level = nodes[0][0].level if nodes else report.template.leaf.id
    chosen = report.template.field_of(level, where.field)
    key = (where.field, today if chosen and chosen.per_checkpoint else None)
    rows = report.value_table.select([node.ref for node, _ in nodes], [key])
    return [
        (node, groups)
        for (node, groups), (value,) in zip(nodes, rows, strict=True)
        if chosen and chosen.applies(groups) and where.selects(value, today)
    ]


def _weighted(
    report: Report, asked: Statistic, day: date | None, group_of: Mapping[str, str]
) -> Mapping[str, tuple[Decimal, Decimal]]:
    """Return by group the sum of the values times their weights, and that of the weights."""
    field, today = asked.field, day or report.report_date
    weight = report.template.field_of(asked.level, asked.weight)
    if field is None or weight is None:
        return {}
    nodes = [
        (node, groups)
        for node, groups in report.walk()
        if node.level == asked.level and node.is_active_on(today) and field.applies(groups)
    ]
    nodes = _selected(report, nodes, asked.where, today) if asked.where else nodes
    keys = [(field.id, day), (weight.id, today if weight.per_checkpoint else None)]
    rows = report.value_table.select([node.ref for node, _ in nodes], keys)
    found, neutral = dict[str, tuple[Decimal, Decimal]](), neutral_values(report.template, field)
    for (node, _), (value, by) in zip(nodes, rows, strict=True):
        if isinstance(value, int | Decimal) and isinstance(by, int | Decimal):
            before = found.get(group_of[node.ref], (Decimal(0), Decimal(0)))
            if value not in neutral:
                found[group_of[node.ref]] = (before[0] + Decimal(value) * by, before[1] + by)
    return found


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

    Summaries of the same field are one statistic, at the place of the first, if they count the same
    nodes under one caption.
    """
    found: dict[object, Statistic] = {}
    for summary in template.summaries:
        if level in (TOTAL, summary.level):
            counted_level, field = template.counted_level_and_field(summary)
            how = (summary.where, summary.weight, summary.caption)
            one = Statistic(counted_level, field, (), 0, *how)
            before = found.get(one.key, one)
            stats = tuple(dict.fromkeys((*before.stats, summary.stat)))
            decimals = max(before.decimals, summary.decimals)
            found[one.key] = Statistic(counted_level, field, stats, decimals, *how)
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
    """Return how many nodes of each level every area has; under TOTAL, how many the report has.

    Only nodes that are active at the report's date count.
    """
    levels, day = [level.id for level in report.template.levels], report.report_date
    counts = {ref: dict.fromkeys(levels, 0) for ref in (*report.area_refs, TOTAL)}
    area_of = report.area_of
    for node in report.nodes:
        if node.is_active_on(day):
            counts[area_of[node.ref]][node.level] += 1
            counts[TOTAL][node.level] += 1
    return counts


def inactive_count(report: Report) -> int:
    """Return how many measures do not count at the report's date: ended, or not begun."""
    day = report.report_date
    return sum(not node.is_active_on(day) for node in measure_nodes(report))


def measure_nodes(report: Report) -> Iterable[Node]:
    """Return the measures of a report, in order."""
    leaf = report.template.leaf.id
    return (node for node in report.nodes if node.level == leaf)


def coloured_steps(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps of a scale with numbers; with common colours if it has none of its own."""
    if any(step.fill for step in steps) or not all(isinstance(s.value, int) for s in steps):
        return tuple(steps)
    fills = fills_of_steps([step.counts for step in steps])
    return tuple(
        replace(step, fill=fill, ink=ink_on(fill)) if fill else step
        for step, fill in zip(steps, fills, strict=True)
    )


def rounded(number: Decimal, decimals: int = 1) -> Decimal:
    """Return a number rounded half away from zero, as Excel does."""
    return number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def decimals_of(report: Report) -> int:
    """Return how many decimals the template gives its means."""
    return _decimals_of_means(report.template)


def mean_number_format(template: Template) -> str:
    """Return the number format of cells with means: the template's decimals, and the unit."""
    decimals, field = _decimals_of_means(template), template.mean_field()
    unit = field_type_of(field, template).unit if field else ""
    return f"0{'.' if decimals else ''}{'0' * decimals}" + (f'" {unit}"' if unit else "")


def _decimals_of_means(template: Template) -> int:
    """Return how many decimals a template gives its means."""
    means = (s for s in template.summaries if s.stat == "mean" and s.is_plain)
    return next((s.decimals for s in means), 1)


def _filter_text(report: Report, statistic: Statistic, day: date | None) -> str:
    """Return which nodes a statistic counts: " (Frist før 30.06.2026)"; "" if all."""
    where, today = statistic.where, day or report.report_date
    field = report.template.field_of(statistic.level, where.field) if where else None
    if where is None or field is None:
        return ""
    label = field.label_for(today if field.per_checkpoint else None)
    if where.day:
        key = "figures.before" if where.day == "before" else "figures.after"
        language = report.head.language
        return f" ({translate(key, language, label=label, date=today or '–')})"
    display = field_type_of(field, report.template).display
    steps = [display(value, report.head.language) for value in where.values]
    limits = ((">=", where.at_least), ("<", where.below))
    numbers = [f"{sign.replace('>=', '≥')} {n}" for sign, n in limits if n is not None]
    return f" ({label}{': ' if steps else ' '}{', '.join(steps or numbers)})"


def _weight(report: Report, statistic: Statistic) -> str:
    """Return the label of the field that a mean is weighted by, as within a sentence."""
    field = report.template.field_of(statistic.level, statistic.weight)
    label = field.label_for() if field else statistic.weight
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _statistic_values(
    report: Report, statistic: Statistic, day: date | None, counts: AnswerCounts
) -> Iterator[StatisticValue]:
    """Yield the figures of one statistic of a group at one date, with their labels."""
    template, language = report.template, report.head.language
    field, stats = statistic.field, statistic.stats
    filtered, caption = _filter_text(report, statistic, day), statistic.caption
    if "count" in stats:
        label = template.level(statistic.level).label
        label = f"{label}, {field.label_for(day)}" if field and day else label
        label = caption or f"{label}{filtered}"
        yield StatisticValue(label, "count", statistic, day, counts.count)
    if field is None:
        return
    title = caption or f"{field.label_for(day)}{filtered}"
    inside_sentence = title if title[1:2].isupper() else title[:1].lower() + title[1:]
    if "mean" in stats:
        label = caption or translate("figures.mean", language, label=title)
        if statistic.weight and not caption:
            weight = _weight(report, statistic)
            label = translate("figures.weighted", language, label=label, weight=weight)
        mean = counts.mean(statistic.decimals)
        mean = counts.weighted_mean(statistic.decimals) if statistic.weight else mean
        yield StatisticValue(label, "mean", statistic, day, mean)
    if "sum" in stats:
        label = caption or translate("figures.sum", language, label=title)
        yield StatisticValue(label, "sum", statistic, day, stored_number(f"{counts.sum:f}"))
    if "answered" in stats:
        label = translate("figures.answered", language, label=inside_sentence)
        yield StatisticValue(label, "answered", statistic, day, counts.answered)
    if "distribution" in stats:
        for step, share in shares(template, field, counts.distribution):
            label = step.label if statistic.is_plain else f"{step.label}{filtered}"
            yield StatisticValue(label, "share", statistic, day, share, step)
    if "answered" in stats or "distribution" in stats:
        label = translate("figures.missing", language, label=inside_sentence)
        missing = counts.count - counts.answered
        yield StatisticValue(label, "missing", statistic, day, missing)
