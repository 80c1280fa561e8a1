"""Counts and means of a report, as they are printed: exact sums, rounded half up, as Excel does it.

A blank counts in n, not in the mean; a measure counts only at the dates between its first and last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from xltiltak.kinds import Value
from xltiltak.report import Node, Report, Slot

TOTAL = ""  # stands for the whole report where an area's ref could


@dataclass(slots=True)
class Figures:
    """What is counted over some measures at one date: `count` of them, and how often each value was answered."""

    count: int = 0
    distribution: dict[Value, int] = field(default_factory=dict)

    def add(self, value: Value | None) -> None:
        """One measure more, with its value or None."""
        self.count += 1
        if value is not None:
            self.distribution[value] = self.distribution.get(value, 0) + 1

    def join(self, other: Figures) -> None:
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


def figures(report: Report) -> Mapping[tuple[str, date], Figures]:
    """The figures of every area, and of all together under TOTAL, at every date; empty for a template without means."""
    scored, days = report.template.scored(), report.head.dates
    if scored is None:
        return {}
    areas, area_of, values = report.area_refs, report.area_of, report.values
    counted = {(ref, day): Figures() for ref in (*areas, TOTAL) for day in days}
    for node in leaves(report):
        for day in days:
            if node.counts_at(day):
                counted[area_of[node.ref], day].add(values.get(Slot(node.ref, scored.id, day)))
    for day in days:
        for ref in areas:
            counted[TOTAL, day].join(counted[ref, day])
    return counted


def leaves(report: Report) -> Iterable[Node]:
    """The measures of a report, in order."""
    leaf = report.template.leaf.id
    return (node for node in report.nodes if node.level == leaf)


def node_counts(report: Report) -> dict[str, dict[str, int]]:
    """How many nodes of each level each area has, and all together under TOTAL."""
    levels = [level.id for level in report.template.levels]
    found = {ref: dict.fromkeys(levels, 0) for ref in (*report.area_refs, TOTAL)}
    area_of = report.area_of
    for node in report.nodes:
        found[area_of[node.ref]][node.level] += 1
        found[TOTAL][node.level] += 1
    return found
