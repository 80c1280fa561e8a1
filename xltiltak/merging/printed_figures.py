"""The rule about printed counts and means that do not follow from the rows (A101).

If exactly one common mistake gives all the printed figures of an area, the finding says which.
"""

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
from xltiltak.model.summary import NO_MEAN, TOTAL, decimals_of, measure_nodes, rounded

_MAX_DIFFERENCE = 6  # divisors that differ so much from the number of rows are tried

Explanation = dict[str, object]  # `reason` is the key of a phrase, the other values fill it


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
    values = (
        tuple(report.values.get(Slot(n.ref, field.id, day)) for n in nodes if n.is_active_on(day))
        for day in report.head.dates
    )
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
            before, day = (f"{day:%d.%m.%Y}" for day in dates[k - 1 : k + 1])
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
