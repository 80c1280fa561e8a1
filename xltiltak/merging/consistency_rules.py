"""Rules about figures of a report that do not agree.

C101–C104 compare a status with the status before it, and with its remarks. They look at the open
date, in the areas that have answered.

A101 is about printed counts and means that do not follow from the rows. If exactly one common
mistake gives all the printed figures of an area, the finding says which.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from itertools import repeat, zip_longest
from typing import NamedTuple

from xltiltak.merging.registry import rule
from xltiltak.model.field_types import Value, field_type_of
from xltiltak.model.finding import ANYWHERE, About, Finding
from xltiltak.model.language import decimal_text, grouped_number
from xltiltak.model.normalize import normalize, normalize_all
from xltiltak.model.register import Register
from xltiltak.model.report import Node, Report, Slot
from xltiltak.model.summary import (
    NO_MEAN,
    TOTAL,
    decimals_of,
    final_values,
    measure_nodes,
    neutral_values,
    rounded,
)
from xltiltak.model.template import Field

_STANDSTILL_DATES = 3  # the same status at so many dates in a row is a standstill
_MAX_DIFFERENCE = 6  # divisors that differ so much from the number of rows are tried
_PER_CENT = re.compile(r"%|\b(?:prosent|procent|percent|per cent|pst)\b", re.IGNORECASE)

Explanation = dict[str, object]  # `reason` is the key of a phrase, the other values fill it


class StatusHistory(NamedTuple):
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
    report, field = register.shown_report, register.report.template.mean_field()
    yield from remark_says_otherwise(report, register.returned_refs)
    yield from share_among_percentages(report)
    if report.head.current is not None:
        yield from deadline_passed(report)
    if field is None or report.head.current is None:
        return
    days = [day for day in report.head.dates if day <= report.head.current]
    nodes = _answered_measures(report, register.returned_refs)
    remark_fields = report.template.remark_fields()
    remark_ids = {remark.id for remark in remark_fields}
    refs_with_new_remark = {
        ref for ref, name, day in register.previous_values if name in remark_ids and day is None
    }
    keys = [(field.id, day) for day in days]
    neutral = neutral_values(report.template, field)
    statuses = report.value_table.select((node.ref for node in nodes), keys)
    for node, row in zip(nodes, statuses, strict=True):
        values = [None if value in neutral else value for value in row] if neutral else row
        has_new_remark = node.ref in refs_with_new_remark
        if _may_have_finding(values, has_new_remark=has_new_remark):
            history = StatusHistory(register, field, node, values, remark_fields, has_new_remark)
            yield from status_fell(history)
            yield from remark_unchanged(history)
            yield from standstill(history)


def _may_have_finding(values: Sequence[Value | None], *, has_new_remark: bool) -> bool:
    """Return False for the usual cases: a status that rose or is as before, with a new remark.

    This is only for speed.
    """
    before, now = values[-2:] if len(values) > 1 else (None, None)
    if now == before:
        is_standstill = values[-_STANDSTILL_DATES:].count(now) == _STANDSTILL_DATES
        return now is not None and (is_standstill or not has_new_remark)
    has_risen = isinstance(before, int) and isinstance(now, int) and now > before
    return not (has_new_remark and has_risen)


@rule("C109")
def deadline_passed(report: Report) -> Iterator[Finding]:
    """Yield C109 for every measure whose deadline has passed, and that is not finished."""
    for slot in report.overdue.values():
        day = report.values[slot]
        if isinstance(day, date):
            yield _finding(report, "C109", slot, value=day)


@rule("C101")
def status_fell(history: StatusHistory) -> Iterator[Finding]:
    """Yield C101 if the status fell, and no remark is new and filled in."""
    before, now = history.before, history.now
    has_fallen = isinstance(before, int) and isinstance(now, int) and now < before
    if has_fallen and not (history.has_new_remark and history.has_remark):
        yield history.finding("C101", before=before, after=now)


@rule("C103")
def remark_unchanged(history: StatusHistory) -> Iterator[Finding]:
    """Yield C103 if a remark is left from the date before, and would be published again.

    A status that fell without a new remark is C101. A finished measure need not be told of again.
    """
    before, now = history.before, history.now
    if not (isinstance(before, int) and isinstance(now, int)) or now < before:
        return
    is_finished = now in final_values(history.register.report.template, history.field)
    if history.has_new_remark or not history.has_remark or (now == before and is_finished):
        return
    if now > before:
        yield history.finding("C103", reason="status_rose", before=before, after=now)
    else:
        yield history.finding("C103")


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
def remark_says_otherwise(report: Report, answered_refs: Collection[str]) -> Iterator[Finding]:
    """Yield C102 if an input beside a status has a word that contradicts it.

    The template lists such words of a step, as "postponed" for "done".
    """
    inputs = [f for f in report.template.fields_of(report.template.leaf.id) if f.role == "input"]
    remark_fields = [field for field in inputs if not field.scale]
    nodes = _answered_measures(report, answered_refs)
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


@rule("C110")
def share_among_percentages(report: Report) -> Iterator[Finding]:
    """Yield C110 for numbers below 1 in a column of per cent that also has numbers above 1.

    The label or the unit of the field says that it is in per cent. The kind `percent` needs no such
    rule: it refuses a number below 1 without a percent sign.
    """
    day, language = report.head.current, report.head.language
    nodes = [node for node in measure_nodes(report) if node.is_active_on(day)]
    for field in report.template.fields_of(report.template.leaf.id):
        is_counted = field.kind == "decimal" and not field.is_derived
        if not (is_counted and _PER_CENT.search(f"{field.label} {field.unit}")):
            continue
        key = (field.id, day if field.per_checkpoint else None)
        rows = report.value_table.select((node.ref for node in nodes), [key])
        pairs = zip(nodes, rows, strict=True)
        numbers = [(node.ref, value) for node, (value,) in pairs if isinstance(value, Decimal)]
        largest = max((number for _, number in numbers), key=abs, default=Decimal(0))
        for ref, number in numbers:
            if abs(largest) > 1 > abs(number) > 0:
                texts = [grouped_number(n, language) for n in (number, number * 100, largest)]
                words = dict(zip(("value", "after", "like"), texts, strict=True))
                yield _finding(report, "C110", Slot(ref, *key), **words)


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


def _answered_measures(report: Report, answered_refs: Collection[str]) -> list[Node]:
    """Return the measures that are active at the open date, and whose form has come back."""
    day = report.head.current
    return [
        node
        for node in measure_nodes(report)
        if node.ref in answered_refs and node.is_active_on(day)
    ]


def _finding(report: Report, code: str, slot: Slot, **values: object) -> Finding:
    """Return a finding about a slot of a report."""
    about = About(report.area_of[slot.ref], *slot, report.describe_in_area(slot))
    return Finding.create(code, ANYWHERE, about, **values)


@dataclass(frozen=True, slots=True)
class PrintedFigures:
    """The texts printed for an area, or for the whole report: `ref` is then TOTAL.

    They are its count, and for each date a mean and the number of answers.
    """

    ref: str
    name: str
    count: str = ""
    means: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CountedRows:
    """The values of an area's active rows, a tuple for each date; None is an empty slot."""

    values: tuple[tuple[Value | None, ...], ...]
    decimals: int

    @property
    def count(self) -> int:
        """Return how many rows there are at the last date."""
        return len(self.values[-1]) if self.values else 0

    def means(self) -> tuple[Decimal | None, ...]:
        """Return for each date the mean of the answers; None without answers."""
        return self.means_by([count for _, count in self.sums()])

    def means_by(self, divisors: Sequence[int]) -> tuple[Decimal | None, ...]:
        """Return for each date the sum of the answers over a divisor; None for the divisor 0."""
        return tuple(
            rounded(total / divisor, self.decimals) if divisor else None
            for (total, _), divisor in zip(self.sums(), divisors, strict=True)
        )

    def sums(self) -> list[tuple[Decimal, int]]:
        """Return for each date the sum of the answers, and how many there are."""
        numbers = [[v for v in values if isinstance(v, int | Decimal)] for values in self.values]
        return [(Decimal(sum(of_date)), len(of_date)) for of_date in numbers]


@rule("A101")
def printed_figure_differs(report: Report, printed: Iterable[PrintedFigures]) -> Iterator[Finding]:
    """Yield A101 for every area whose printed count or means differ from those of its rows.

    Printed numbers of answers that differ are a finding of their own.
    """
    language = report.head.language
    for figures in printed:
        rows = counted_rows(report, figures.ref)
        if rows is None:
            continue
        about = About(area=figures.ref, what=figures.name)
        answered = [count for _, count in rows.sums()]
        if not _agrees(figures.answered, answered):
            yield Finding.create(
                "A101",
                ANYWHERE,
                about,
                printed=" · ".join(figures.answered),
                computed=" · ".join(map(str, answered)),
            )
        is_count_wrong = bool(figures.count) and parse_figure(figures.count) != rows.count
        if is_count_wrong or not _agrees(figures.means, rows.means()):
            means = [NO_MEAN if m is None else decimal_text(m, language) for m in rows.means()]
            yield Finding.create(
                "A101",
                ANYWHERE,
                about,
                printed=" · ".join([figures.count or NO_MEAN, *figures.means]),
                computed=" · ".join([str(rows.count), *means]),
                **explain(figures, rows, report.head.dates),
            )


def counted_rows(report: Report, ref: str) -> CountedRows | None:
    """Return the values of an area, or with TOTAL of the report; None if no field has a mean."""
    field, area_of = report.template.mean_field(), report.area_of
    if field is None:
        return None
    nodes = [n for n in measure_nodes(report) if ref in (TOTAL, area_of[n.ref])]
    neutral = neutral_values(report.template, field)
    answers = (
        tuple(report.values.get(Slot(n.ref, field.id, day)) for n in nodes if n.is_active_on(day))
        for day in report.head.dates
    )
    values = (tuple(None if v in neutral else v for v in of_date) for of_date in answers)
    return CountedRows(tuple(values), decimals_of(report))


def explain(printed: PrintedFigures, rows: CountedRows, dates: Sequence[date]) -> Explanation:
    """Return the mistake that gives all printed figures; empty if none or several do."""
    explanations = [
        *_divided_by_wrong_number(printed, rows),
        *_row_left_out(printed, rows),
        *_truncated(printed, rows),
        *_kept_from_date_before(printed, rows, dates),
    ]
    return explanations[0] if len(explanations) == 1 else {}


def _divided_by_wrong_number(printed: PrintedFigures, rows: CountedRows) -> Iterator[Explanation]:
    """Yield an explanation if the sums were divided by a number that is not the number of answers.

    Tried is the printed count if it is wrong; else the numbers near the right one. A wrong count
    with right means does not tell how the means were computed.
    """
    if _agrees(printed.means, rows.means()):
        return
    count = parse_figure(printed.count)
    if count is None or count == rows.count:
        first = max(1, rows.count - _MAX_DIFFERENCE)
        divisors = [*range(first, rows.count + _MAX_DIFFERENCE + 1)]
    else:
        divisors = [int(count)] if count >= 1 else []
    for divisor in divisors:
        means = rows.means_by([divisor if answered else 0 for _, answered in rows.sums()])
        if _would_print(printed, rows.count if count == rows.count else divisor, means):
            yield {"reason": "divided", "rows": rows.count, "by": divisor}


def _row_left_out(printed: PrintedFigures, rows: CountedRows) -> Iterator[Explanation]:
    """Yield an explanation if one row is missing from the printed figures.

    Not tried if the number of rows changes, since then rows cannot be identified by their position.
    """
    if len({len(values) for values in rows.values}) > 1:
        return
    for k in range(rows.count):
        others = tuple(values[:k] + values[k + 1 :] for values in rows.values)
        if _would_print(printed, rows.count - 1, CountedRows(others, rows.decimals).means()):
            yield {"reason": "left_out", "row": k + 1}


def _truncated(printed: PrintedFigures, rows: CountedRows) -> Iterator[Explanation]:
    """Yield an explanation if the means were cut off after the last decimal, not rounded."""
    unit = Decimal(1).scaleb(-rows.decimals)
    means = [(total / n).quantize(unit, ROUND_DOWN) if n else None for total, n in rows.sums()]
    if _would_print(printed, rows.count, means):
        yield {"reason": "truncated"}


def _kept_from_date_before(
    printed: PrintedFigures, rows: CountedRows, dates: Sequence[date]
) -> Iterator[Explanation]:
    """Yield an explanation if one date has the mean of the date before, and all else is right."""
    means = rows.means()
    for k in range(1, min(len(means), len(printed.means))):
        kept = [*means[:k], means[k - 1], *means[k + 1 :]]
        if means[k] != means[k - 1] and _would_print(printed, rows.count, kept):
            before, day = dates[k - 1 : k + 1]
            yield {"reason": "kept", "date": day, "before": before}


def _would_print(printed: PrintedFigures, count: int, means: Sequence[Decimal | None]) -> bool:
    """Return True if this count and these means would be printed as they are."""
    is_count_right = not printed.count or parse_figure(printed.count) == count
    return is_count_right and _agrees(printed.means, means)


def _agrees(texts: Sequence[str], figures: Sequence[Decimal | int | None]) -> bool:
    """Return True if every printed text is its figure; missing texts agree with all figures."""
    pairs = zip_longest(texts, figures)
    return all(parse_figure(text) == figure for text, figure in pairs if text)


def parse_figure(text: str) -> Decimal | None:
    """Return a printed figure as a number; None for other texts."""
    try:
        figure = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return figure if figure.is_finite() else None
