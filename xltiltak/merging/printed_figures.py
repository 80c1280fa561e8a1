"""Printed counts and means against what the rows give, and how a wrong one came about where that can be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from itertools import zip_longest

from xltiltak.merging.registry import rule
from xltiltak.model.field_types import Value
from xltiltak.model.finding import ANYWHERE, About, Finding
from xltiltak.model.language import decimal_text
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import TOTAL, decimals_of, measure_nodes, rounded

_NONE = "–"
_OFF = 6  # so many rows more or fewer are tried as a divisor


Way = dict[str, object]


@dataclass(frozen=True, slots=True)
class PrintedFigures:
    """The figures printed for an area (TOTAL's ref for all): its count, and for each date a mean and the answers."""

    ref: str
    name: str
    count: str = ""
    means: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CountedRows:
    """The answers of an area's rows that count, a list a date; None is a blank."""

    values: tuple[tuple[Value | None, ...], ...]
    decimals: int

    @property
    def count(self) -> int:
        """How many rows there are at the last date."""
        return len(self.values[-1]) if self.values else 0

    def means(self) -> tuple[Decimal | None, ...]:
        """The mean of each date over its answers."""
        return tuple(rounded(total / n, self.decimals) if n else None for total, n in self.sums())

    def sums(self) -> list[tuple[Decimal, int]]:
        """For each date the sum of the answers and how many there are."""
        held = [[v for v in values if isinstance(v, int | Decimal)] for values in self.values]
        return [(Decimal(sum(numbers)), len(numbers)) for numbers in held]


@rule("A101")
def printed_figure_differs(report: Report, printed: Iterable[PrintedFigures]) -> Iterator[Finding]:
    """A printed count or mean is another than the rows give. One finding an area, with all its figures."""
    for figures in printed:
        rows = rows_of(report, figures.ref)
        if rows is None:
            continue
        yield from _answered_otherwise(figures, rows)
        if not _differs(figures, rows):
            continue
        language = report.head.language
        means = [_text(mean, language) for mean in rows.means()]
        said = " · ".join([figures.count or _NONE, *(figures.means or ())])
        why = explanation(figures, rows, report.head.dates)
        computed = " · ".join([str(rows.count), *means])
        about = About(area=figures.ref, what=figures.name)
        yield Finding.create("A101", ANYWHERE, about, printed=said, computed=computed, **why)


def _answered_otherwise(figures: PrintedFigures, rows: CountedRows) -> Iterator[Finding]:
    answered = [count for _, count in rows.sums()]
    if any(
        text and parse_figure(text) != count
        for text, count in zip_longest(figures.answered, answered)
    ):
        said, computed = (" · ".join(map(str, counts)) for counts in (figures.answered, answered))
        yield Finding.create(
            "A101",
            ANYWHERE,
            About(area=figures.ref, what=figures.name),
            printed=said,
            computed=computed,
        )


def rows_of(report: Report, ref: str) -> CountedRows | None:
    """The answers of an area; None where the template asks for no means."""
    field, area_of = report.template.mean_field(), report.area_of
    if field is None:
        return None
    nodes = [n for n in measure_nodes(report) if ref in (TOTAL, area_of[n.ref])]
    held = (
        tuple(report.values.get(Slot(n.ref, field.id, day)) for n in nodes if n.is_active_on(day))
        for day in report.head.dates
    )
    return CountedRows(tuple(held), decimals_of(report))


def explanation(printed: PrintedFigures, rows: CountedRows, dates: Sequence[date]) -> Way:
    """How the printed figures came about, where exactly one way gives all of them; empty otherwise.

    `reason` names the phrase that says it, the other values fill it.
    """
    ways = [*_divided(printed, rows), *_left_out(printed, rows)]
    ways += [*_truncated(printed, rows), *_kept(printed, rows, dates)]
    return ways[0] if len(ways) == 1 else {}


def _differs(printed: PrintedFigures, rows: CountedRows) -> bool:
    wrong_count = bool(printed.count) and parse_figure(printed.count) != rows.count
    return wrong_count or _means_differ(printed, rows)


def _means_differ(printed: PrintedFigures, rows: CountedRows) -> bool:
    pairs = zip_longest(printed.means, rows.means())
    return any(text and parse_figure(text) != mean for text, mean in pairs)


def _gives(printed: PrintedFigures, count: int, means: Sequence[Decimal | None]) -> bool:
    """Whether these figures would be printed so."""
    pairs = zip_longest(printed.means, means)
    return (not printed.count or parse_figure(printed.count) == count) and all(
        parse_figure(t) == mean for t, mean in pairs if t
    )


def _divided(printed: PrintedFigures, rows: CountedRows) -> Iterator[Way]:
    """The sums of all rows divided by another number of rows: the one printed, or one near.

    A wrong count alone says nothing of how the means were worked out.
    """
    said = parse_figure(printed.count)
    near = range(max(1, rows.count - _OFF), rows.count + _OFF + 1)
    tried = near if said is None or said == rows.count else [int(said)]
    for n in (n for n in tried if n > 0 and _means_differ(printed, rows)):
        means = [
            rounded(total / n, rows.decimals) if answered else None
            for total, answered in rows.sums()
        ]
        if _gives(printed, n if said != rows.count else rows.count, means):
            yield {"reason": "divided", "rows": rows.count, "by": n}


def _left_out(printed: PrintedFigures, rows: CountedRows) -> Iterator[Way]:
    """One row is missing from the printed figures."""
    if len({len(values) for values in rows.values}) > 1:
        return  # rows that come and go cannot be told apart by their place
    for k in range(rows.count):
        if _gives(printed, rows.count - 1, _without(rows, k).means()):
            yield {"reason": "left_out", "row": k + 1}


def _without(rows: CountedRows, k: int) -> CountedRows:
    return CountedRows(tuple(values[:k] + values[k + 1 :] for values in rows.values), rows.decimals)


def _truncated(printed: PrintedFigures, rows: CountedRows) -> Iterator[Way]:
    """The means were cut off after the last decimal and not rounded."""
    unit = Decimal(1).scaleb(-rows.decimals)
    means = [(total / n).quantize(unit, ROUND_DOWN) if n else None for total, n in rows.sums()]
    if _gives(printed, rows.count, means):
        yield {"reason": "truncated"}


def _kept(printed: PrintedFigures, rows: CountedRows, dates: Sequence[date]) -> Iterator[Way]:
    """A date still has the figure of the date before it, and all others are right."""
    means = rows.means()
    for k in range(1, min(len(means), len(printed.means))):
        if means[k] != means[k - 1] and _gives(
            printed, rows.count, [*means[:k], means[k - 1], *means[k + 1 :]]
        ):
            yield {
                "reason": "kept",
                "date": f"{dates[k]:%d.%m.%Y}",
                "before": f"{dates[k - 1]:%d.%m.%Y}",
            }


def parse_figure(text: str) -> Decimal | None:
    """A printed figure as a number; None for one that is none."""
    try:
        figure = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return figure if figure.is_finite() else None


def _text(mean: Decimal | None, language: str) -> str:
    return _NONE if mean is None else decimal_text(mean, language)
