"""What the summaries say of a group, as formulas over the rows below its heading.

The rows are told apart by their marks, so that headings and lists between them do not count, and a line put in or
taken out changes nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from xlsxwriter.utility import xl_range_abs

from xltiltak.layout.cards import GAP_KEY
from xltiltak.layout.geometry import KEY_COL, Geometry
from xltiltak.layout.sheet_layout import group_level, statistics_below_heading
from xltiltak.layout.sheet_rows import SheetRow
from xltiltak.model.report import Node, Report, Slot
from xltiltak.model.row_keys import slot_key
from xltiltak.model.summary import (
    TOTAL,
    StatisticValue,
    finishing_step,
    group_statistics,
    implied_step,
)
from xltiltak.xlsx.row_writer import Formula

_LONGEST = 8_000  # characters of a formula; Excel takes 8,192
_LONGEST_TEXT = 250  # characters of a text within one; Excel takes 255
_BETWEEN = " · "
_WILD = str.maketrans({"~": "~~", "*": "~*", "?": "~?"})  # what a criterion reads as its own
_NOWHERE = (0, "", "")

Ranges = Iterator[tuple[str, str]]  # of the marks and of the values of rows below each other


class SummaryFormulas:
    """The summaries of one area sheet; `lines` are its own, `geometry` the coordinator's."""

    def __init__(self, part: Report, lines: Sequence[SheetRow], geometry: Geometry) -> None:
        self.part, self.lines, self.geometry = part, lines, geometry
        self.template = part.template
        self.day = part.head.current or max(part.head.dates, default=None)

    @cached_property
    def facts(self) -> Mapping[str, tuple[StatisticValue, ...]]:
        """The figures as they are now."""
        return group_statistics(self.part)

    def known(self, ref: str) -> tuple[StatisticValue, ...]:
        """The figures that a group's line tells, of the open date or the last one."""
        level = group_level(self.part, ref)
        wanted, found = (
            statistics_below_heading(self.geometry, level),
            self.facts[ref if level != TOTAL else TOTAL],
        )
        return tuple(
            fact for fact in found if fact.statistic in wanted and fact.date in (None, self.day)
        )

    def line(self, ref: str) -> Formula:
        """All figures of a group, with their labels."""
        known, language = self.known(ref), self.part.head.language
        labels = [f"{_BETWEEN * (n > 0)}{fact.label}: " for n, fact in enumerate(known)]
        now = "".join(
            f"{label}{fact.text(language)}" for label, fact in zip(labels, known, strict=True)
        )
        pieces = (
            f"{_text(label)}&{self._shown(ref, fact)}"
            for label, fact in zip(labels, known, strict=True)
        )
        formula = "&".join(pieces)
        return Formula(formula if len(formula) <= _LONGEST else _text(now), now)

    def number(self, ref: str, fact: StatisticValue, sheet: str = "") -> str:
        """One figure of a group, as a formula without its sign; from another sheet by the name of this one.

        The figure itself where the cells do not stand in the measures' rows, or would make it too long.
        """
        formula = self._formula(ref, fact, f"{sheet}!" if sheet else "")
        fixed = '""' if fact.value is None else str(fact.value)
        return formula if formula and len(formula) <= _LONGEST else fixed

    def _shown(self, ref: str, fact: StatisticValue) -> str:
        number = self.number(ref, fact)
        return (
            f'IFERROR(FIXED({number},{fact.statistic.decimals},TRUE),"–")'
            if fact.stat == "mean"
            else f"({number})"
        )

    def _formula(self, ref: str, fact: StatisticValue, sheet: str) -> str:
        """Empty where no row holds both a counted node's mark and its value."""
        col, counted, held = self._criteria(fact)
        if not counted:
            return ""
        rows, lacking = (
            list(self._ranges(self._rows(ref, fact, is_so), col, sheet)) for is_so in (_has, _lacks)
        )
        count = _sum(f"COUNTIF({marks},{counted})" for marks, _ in rows)
        answered = _sum(f'COUNTIFS({marks},{held},{values},"<>")' for marks, values in rows)
        if fact.stat == "missing":
            return f"{count}-({answered})"
        if fact.stat == "mean":
            total = _sum(f"SUMIFS({values},{marks},{held})" for marks, values in rows)
            return f"ROUND(({total})/({answered}),{fact.statistic.decimals})"
        if fact.step:
            answered = _sum(
                f"COUNTIFS({marks},{held},{values},{self._answer(fact)})" for marks, values in rows
            )
        also = (
            lacking
            if fact.statistic.field
            and fact.step in (None, finishing_step(self.template, fact.statistic.field))
            else []
        )
        found = count if fact.stat == "count" else answered
        return "+".join([found, *(f"COUNTIF({marks},{counted})" for marks, _ in also)])

    def _criteria(self, fact: StatisticValue) -> tuple[int, str, str]:
        """The column of the value, and what the marks look like of rows that are counted and of those that hold it."""
        level, known = fact.statistic.level, fact.statistic.field
        held = {(c.field.id, c.date): c.col for c in self.geometry.columns[level]}
        if self.geometry.is_table:
            if self.geometry.has_title_line(self.template.level(level)):
                return _NOWHERE
            nodes = len(self.template.levels) - [v.id for v in self.template.levels].index(level)
            pattern = (
                '"?*"' if nodes == 1 else f'"{"*/" * (nodes - 1)}*"'
            )  # so many nodes share the row
            return (held[known.id, fact.date] if known else KEY_COL), pattern, pattern
        if level != self.template.leaf.id or (known and (known.id, fact.date) in held):
            return _NOWHERE
        first = f'"*|{slot_key(Slot("", known.id, fact.date))}|1"' if known else ""
        return self.geometry.value_col, f'"{GAP_KEY}"', first  # a card has one line of air

    def _answer(self, fact: StatisticValue) -> str:
        """What the cell of a step holds, as a criterion."""
        kind = self.geometry.field_types[
            fact.statistic.level, fact.statistic.field.id if fact.statistic.field else ""
        ]
        (said,) = kind.to_cells(fact.step.value if fact.step else None)
        return _text(f"={said.translate(_WILD)}") if isinstance(said, str) else str(said)

    def _rows(
        self,
        ref: str,
        fact: StatisticValue,
        is_so: Callable[[SummaryFormulas, StatisticValue, Node], bool],
    ) -> Iterator[int]:
        """The rows below a group of the nodes of which something is so."""
        whole, day = ref not in self.part.by_ref, fact.date or self.day
        for row, node in self._owners[fact.statistic.level]:
            if (
                (whole or ref in self._around[node.ref])
                and node.is_active_on(day)
                and is_so(self, fact, node)
            ):
                yield row

    @cached_property
    def _owners(self) -> Mapping[str, Sequence[tuple[int, Node]]]:
        """The rows of the measures, each with the node of a level that it is about; of a card all, with its air."""
        found: dict[str, list[tuple[int, Node]]] = {level.id: [] for level in self.template.levels}
        held: dict[str, Node] = {}
        for row, line in enumerate(self.lines, 1):
            if line.key != GAP_KEY:
                held = {
                    self.part.by_ref[ref].level: self.part.by_ref[ref]
                    for ref in line.refs
                    if ref in self.part.by_ref
                }
            if leaf := held.get(self.template.leaf.id):
                for level, rows in found.items():
                    rows.append((row, held.get(level, leaf)))
        return found

    @cached_property
    def _around(self) -> Mapping[str, frozenset[str]]:
        """The groups that each node stands in, itself too."""
        found: dict[str | None, frozenset[str]] = {None: frozenset()}
        for node in self.part.nodes:
            found[node.ref] = found.get(node.parent, frozenset()) | {node.ref}
        return {ref: around for ref, around in found.items() if ref}

    @cached_property
    def closed(self) -> Mapping[str, tuple[str, ...]]:
        """The closed groups that each node stands in."""
        return {node.ref: groups for node, groups in self.part.walk()}

    @staticmethod
    def _ranges(rows: Iterable[int], col: int, sheet: str) -> Ranges:
        """Rows below each other without a gap, as their cells in the column of marks and in another."""
        for first, last in _runs(rows):
            marks, values = (
                xl_range_abs(first - 1, at - 1, last - 1, at - 1) for at in (KEY_COL, col)
            )
            yield f"{sheet}{marks}", f"{sheet}{values}"


def _has(sums: SummaryFormulas, fact: StatisticValue, node: Node) -> bool:
    return fact.statistic.field is None or fact.statistic.field.applies(sums.closed[node.ref])


def _lacks(sums: SummaryFormulas, fact: StatisticValue, node: Node) -> bool:
    known = fact.statistic.field
    return (
        known is not None and implied_step(sums.template, known, sums.closed[node.ref]) is not None
    )


def _runs(rows: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = 0
    for row in rows:
        if row != last + 1:
            if first:
                yield first, last
            first = row
        last = row
    if first:
        yield first, last


def _sum(pieces: Iterable[str]) -> str:
    return "+".join(pieces) or "0"


def _text(text: str) -> str:
    """A text within a formula, cut where Excel takes no more."""
    doubled = text[:_LONGEST_TEXT].replace('"', '""')
    return f'"{doubled}"'
