"""The statistics of groups as formulas: on the area sheets, and in the overview's columns.

A formula counts the rows of the measures below a group's heading. It finds them by their row keys
in the hidden column, so that headings and lists between them do not count, and rows that somebody
inserts or deletes change nothing else. Three kinds of rows matter:

- rows of the table: key and value of a measure are in the same row;
- the gap below a card: there is one for each card, so the gaps count the cards;
- the first row of a slot below a card's title: it holds the value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from functools import cached_property, partial
from typing import NamedTuple

from xlsxwriter.utility import xl_range, xl_range_abs

from xltiltak.layout.geometry import KEY_COL, Geometry
from xltiltak.layout.sheet_layout import group_level, statistics_below_heading
from xltiltak.layout.sheet_rows import GAP_KEY, SheetRow
from xltiltak.model.cell_values import CellValue
from xltiltak.model.report import Node, Report, Slot
from xltiltak.model.row_keys import slot_key
from xltiltak.model.summary import (
    TOTAL,
    StatisticValue,
    finishing_step,
    group_statistics,
    implied_step,
    neutral_values,
)
from xltiltak.model.template import Field
from xltiltak.model.values import SlotKey
from xltiltak.sheets.formula_parts import (
    WILDCARDS,
    bridged_runs,
    first_that_fits,
    lazily,
    may_be_filled,
    minus,
    quoted,
    quoted_in_pieces,
    total,
)
from xltiltak.sheets.workbook import WorkbookWriter, quoted_sheet_name
from xltiltak.xlsx.excel_limits import FORMULA_TEXT, cut, length_in_excel
from xltiltak.xlsx.row_workbook import CellSheet
from xltiltak.xlsx.row_writer import Formula

_DAY_ZERO = date(1899, 12, 30)  # day 0 of Excel, for days after February 1900
_SEPARATOR = " · "
_DECIMALS_OF_SUM = 6  # as many as people write; sums of floating numbers have more


class _Criteria(NamedTuple):
    """Which rows of a range count, as criteria on their row keys.

    `counted` is true for one row of each measure, `holding` for the row with its value, which is
    in the column `value_col`. `filter_col` is the column of the field that says which nodes count,
    `weight_col` that of their weights; 0 without.
    """

    value_col: int
    counted: str
    holding: str
    filter_col: int = 0
    weight_col: int = 0


class _Range(NamedTuple):
    """Rows below each other, as the addresses of their keys, and of their values in columns."""

    keys: str
    values: str
    filters: str
    weights: str


class SummaryFormulas:
    """The statistics of one area sheet; `rows` are its rows, `geometry` the coordinator's."""

    def __init__(self, part: Report, rows: Sequence[SheetRow], geometry: Geometry) -> None:
        self.part, self.rows, self.geometry = part, rows, geometry
        self.template = part.template
        self.day = part.report_date

    def line(self, ref: str) -> Formula:
        """Return the line below a group's heading: all its statistics with their labels.

        If the formula is too long for Excel, the line is a fixed text.
        """
        labels = [
            cut(f"{_SEPARATOR if number else ''}{value.label}: ", FORMULA_TEXT)
            for number, value in enumerate(self._values_in_line(ref))
        ]
        language, values = self.part.head.language, self._values_in_line(ref)
        text = "".join(f"{k}{v.text(language)}" for k, v in zip(labels, values, strict=True))

        def formula(*, is_bridged: bool) -> str:
            figures = [self._figure_in_line(ref, value, is_bridged=is_bridged) for value in values]
            return "&".join(f"{quoted(k)}&{f}" for k, f in zip(labels, figures, strict=True))

        variants = lazily(
            lambda: formula(is_bridged=False),
            lambda: formula(is_bridged=True),
            lambda: quoted_in_pieces(text),
        )
        return Formula(first_that_fits(variants) or '""', text)

    def _figure_in_line(self, ref: str, value: StatisticValue, *, is_bridged: bool) -> str:
        """Return the formula of a statistic as a text."""
        number = self._formula(ref, value, "", is_bridged=is_bridged) or _fixed(value)
        if value.stat == "mean":
            return f'IFERROR(FIXED({number},{value.statistic.decimals},TRUE),"–")'
        if value.unit_after:
            return f"({number})&{quoted(value.unit_after)}"
        return f"({number})"

    def number(self, ref: str, value: StatisticValue, sheet_name: str = "") -> str:
        """Return one statistic of a group as a formula without "="; `sheet_name` for other sheets.

        If the cells are not in the measures' own rows, or if the formula would be too long for
        Excel, return the number itself.
        """
        prefix = f"{quoted_sheet_name(sheet_name)}!" if sheet_name else ""
        variants = lazily(
            lambda: self._formula(ref, value, prefix),
            lambda: self._formula(ref, value, prefix, is_bridged=True),
        )
        return first_that_fits(variants) or _fixed(value)

    def _values_in_line(self, ref: str) -> list[StatisticValue]:
        """Return the statistics in a group's line, at the open date or the last one."""
        level = group_level(self.part, ref)
        shown = statistics_below_heading(self.geometry, level)
        values = self._statistics[ref if level != TOTAL else TOTAL]
        return [v for v in values if v.statistic in shown and v.date in (None, self.day)]

    @cached_property
    def _statistics(self) -> Mapping[str, tuple[StatisticValue, ...]]:
        """Return the values now, by the group's ref."""
        return group_statistics(self.part)

    def _formula(
        self, ref: str, value: StatisticValue, prefix: str, *, is_bridged: bool = False
    ) -> str:
        """Return the formula; "" if no row has both the key of a measure and its value.

        With `is_bridged` it has fewer ranges, which go on over rows that cannot count.
        """
        criteria, field = self._criteria(value), value.statistic.field
        if criteria is None or (is_bridged and not value.statistic.is_plain):
            return ""

        def numbers_of(counts: Callable[[tuple[str, ...]], bool]) -> list[int]:
            rows = self._rows_below(ref, value)
            return [number for number, node in rows if counts(self._closed_groups[node.ref])]

        numbers, others = numbers_of(lambda groups: field is None or field.applies(groups)), 0
        if is_bridged:
            own = set(numbers)
            runs = bridged_runs(self.rows, numbers, partial(_may_count, criteria=criteria))
            numbers = [n for first, last in runs for n in range(first, last + 1)]
            others = sum(
                n not in own and _matches(self.rows[n - 1], criteria.counted) for n in numbers
            )
        ranges = list(_ranges(numbers, criteria, prefix))
        formula = self._formula_over(ranges, others, value, criteria)
        if field is None or value.stat in ("missing", "mean", "sum"):
            return formula
        if value.step not in (None, finishing_step(self.template, field)):
            return formula
        # Measures in a finished group lack the field; they count as if they had its last step.
        implied = numbers_of(lambda groups: implied_step(self.template, field, groups) is not None)
        of_groups = _ranges(implied, criteria, prefix)
        return "+".join([formula, *(self._counted(r, criteria, value) for r in of_groups)])

    def _formula_over(
        self, ranges: Sequence[_Range], others: int, value: StatisticValue, criteria: _Criteria
    ) -> str:
        """Return the formula over some ranges, which have `others` rows that do not count."""
        holding, statistic = criteria.holding, value.statistic
        count = minus(total(self._counted(r, criteria, value) for r in ranges), others)
        filtered = [(r, f"{r.keys},{holding}{f}") for r in ranges for f in self._filters(r, value)]
        answered = total(_answered(r, rows, statistic.field) for r, rows in filtered)
        if value.stat == "missing":
            return f"{count}-({answered})"
        in_all = total(f"SUMIFS({r.values},{rows})" for r, rows in filtered)
        if value.stat == "sum":
            return f"ROUND({in_all},{_DECIMALS_OF_SUM})"
        if value.stat == "mean" and statistic.weight:
            return self._weighted_mean(ranges, value)
        if value.stat == "mean":
            for step in neutral_values(self.template, statistic.field):
                outside = total(f"COUNTIFS({rows},{r.values},{step})" for r, rows in filtered)
                in_all, answered = f"{in_all}-{step}*({outside})", f"{answered}-({outside})"
            return f"ROUND(({in_all})/({answered}),{statistic.decimals})"
        if value.stat == "share":
            return total(self._share(r, rows, value) for r, rows in filtered)
        return count if value.stat == "count" else answered

    def _counted(self, cells: _Range, criteria: _Criteria, value: StatisticValue) -> str:
        """Return how many nodes a range has, or how many of them the filter lets through."""
        if value.statistic.where is None:
            return f"COUNTIF({cells.keys},{criteria.counted})"
        rows = f"{cells.keys},{criteria.counted}"
        return total(f"COUNTIFS({rows}{one})" for one in self._filters(cells, value))

    def _filters(self, cells: _Range, value: StatisticValue) -> list[str]:
        """Return the criteria of the filter on a range, one for each way through it; "" for all."""
        where = value.statistic.where
        if where is None:
            return [""]
        if where.values:
            field_type = self.geometry.field_types[value.statistic.level, where.field]
            criteria = [criterion(*field_type.to_cells(step)) for step in where.values]
            return [f",{cells.filters},{criterion}" for criterion in criteria]
        limits = [(">=", where.at_least), ("<", where.below)]
        today = value.date or self.day
        if where.day and today:
            limits = [("<" if where.day == "before" else ">", _serial(today))]
        return ["".join(f',{cells.filters},"{sign}{n}"' for sign, n in limits if n is not None)]

    def _weighted_mean(self, ranges: Sequence[_Range], value: StatisticValue) -> str:
        """Return the mean of the values, each as often as its weight says."""
        both = {r: self._weighing(r, value) for r in ranges}
        above = total(f"SUMPRODUCT({is_one},{r.values},{r.weights})" for r, is_one in both.items())
        below = total(f"SUMPRODUCT({is_one},{r.weights})" for r, is_one in both.items())
        return f"ROUND(({above})/({below}),{value.statistic.decimals})"

    def _weighing(self, cells: _Range, value: StatisticValue) -> str:
        """Return 1 for each row that counts in a weighted mean, and 0 for the others."""
        where, today = value.statistic.where, value.date or self.day
        tests = [f'({cells.keys}<>"")', f"ISNUMBER({cells.values})", f"ISNUMBER({cells.weights})"]
        neutral = sorted(map(str, neutral_values(self.template, value.statistic.field)))
        tests += [f"({cells.values}<>{step})" for step in neutral]
        if where and where.values:
            field_type = self.geometry.field_types[value.statistic.level, where.field]
            steps = [field_type.to_cells(step)[0] for step in where.values]
            texts = [quoted(step) if isinstance(step, str) else str(step) for step in steps]
            tests.append(f"({total(f'({cells.filters}={text})' for text in texts)})")
        elif where:
            limits = [(">=", where.at_least), ("<", where.below)]
            if where.day and today:
                limits = [("<" if where.day == "before" else ">", _serial(today))]
            tests.append(f"ISNUMBER({cells.filters})")
            tests += [f"({cells.filters}{sign}{n})" for sign, n in limits if n is not None]
        return "*".join(tests)

    def _share(self, cells: _Range, rows: str, value: StatisticValue) -> str:
        """Return how many cells of a range hold a step, or a number of a band."""
        field, step = value.statistic.field, value.step
        bands = self.template.scales.get(field.bands, ()) if field and not field.scale else ()
        if step is None or step not in bands:
            criteria = f"{cells.values},{self._answer_criterion(value)}"
        else:
            criteria = f'{cells.values},">={step.value}"'
            above = next((one for one in bands if one.value > step.value), None)  # type: ignore[operator]
            criteria += f',{cells.values},"<{above.value}"' if above else ""
        return f"COUNTIFS({rows},{criteria})"

    def _criteria(self, value: StatisticValue) -> _Criteria | None:
        """Return which rows count; None if no row has both a measure's key and its value."""
        level_id, field = value.statistic.level, value.statistic.field
        columns = {(c.field.id, c.date): c.col for c in self.geometry.columns[level_id]}
        chosen = self._slot_of(value, value.statistic.where.field if value.statistic.where else "")
        if self.geometry.is_table:
            level = self.template.level(level_id)
            if self.geometry.has_title_line(level):
                return None
            nodes_in_row = len(self.template.levels) - self.template.levels.index(level)
            pattern = '"?*"' if nodes_in_row == 1 else f'"{"*/" * (nodes_in_row - 1)}*"'
            col = columns[field.id, value.date] if field else KEY_COL
            weight = columns.get(self._slot_of(value, value.statistic.weight), 0)
            return _Criteria(col, pattern, pattern, columns.get(chosen, 0), weight)
        if value.statistic.where:
            return self._criteria_on_cards(value, chosen, columns)
        if level_id != self.template.leaf.id or (field and (field.id, value.date) in columns):
            return None
        first_row = f'"*|{slot_key(Slot("", field.id, value.date))}|1"' if field else ""
        return _Criteria(self.geometry.value_col, f'"{GAP_KEY}"', first_row)

    def _criteria_on_cards(
        self, value: StatisticValue, chosen: SlotKey, columns: Collection[SlotKey]
    ) -> _Criteria | None:
        """Return which rows count of cards: the first row of the field that is filtered by."""
        if value.statistic.level != self.template.leaf.id or chosen in columns:
            return None
        first_row, col = f'"*|{slot_key(Slot("", *chosen))}|1"', self.geometry.value_col
        return _Criteria(col, first_row, first_row, col)

    def _slot_of(self, value: StatisticValue, field_id: str) -> SlotKey:
        """Return id and date of a field that a statistic also reads, at its date."""
        field = self.template.field_of(value.statistic.level, field_id)
        is_dated = field is not None and field.per_checkpoint
        return (field_id, (value.date or self.day) if is_dated else None)

    def _answer_criterion(self, value: StatisticValue) -> str:
        """Return what the cell of a step holds, as a criterion."""
        field_id = value.statistic.field.id if value.statistic.field else ""
        field_type = self.geometry.field_types[value.statistic.level, field_id]
        return criterion(*field_type.to_cells(value.step.value if value.step else None))

    def _rows_below(self, ref: str, value: StatisticValue) -> Iterator[tuple[int, Node]]:
        """Yield the numbered rows of the measures below a group that are active at the date."""
        is_whole, day = ref not in self.part.by_ref, value.date or self.day
        for number, node in self._measure_rows[value.statistic.level]:
            if (is_whole or ref in self._groups_around[node.ref]) and node.is_active_on(day):
                yield number, node

    @cached_property
    def _measure_rows(self) -> Mapping[str, Sequence[tuple[int, Node]]]:
        """Return the numbered rows of the measures, for each level with the row's node of it.

        A card has all its rows, with the gap below it.
        """
        found: dict[str, list[tuple[int, Node]]] = {level.id: [] for level in self.template.levels}
        nodes: dict[str, Node] = {}
        for number, row in enumerate(self.rows, 1):
            if row.key != GAP_KEY:
                of_row = [self.part.by_ref[ref] for ref in row.refs if ref in self.part.by_ref]
                nodes = {node.level: node for node in of_row}
            if measure := nodes.get(self.template.leaf.id):
                for level, rows in found.items():
                    rows.append((number, nodes.get(level, measure)))
        return found

    @cached_property
    def _groups_around(self) -> Mapping[str, frozenset[str]]:
        """Return the refs of the groups that each node is in, with its own."""
        found: dict[str, frozenset[str]] = {}
        for node in self.part.nodes:
            outside = found.get(node.parent or "", frozenset())
            found[node.ref] = outside | {node.ref}
        return found

    @cached_property
    def _closed_groups(self) -> Mapping[str, tuple[str, ...]]:
        """Return the ids of the closed groups that each node is in."""
        return {node.ref: groups for node, groups in self.part.walk()}


def criterion(cell: CellValue) -> str:
    """Return a criterion for cells with this value."""
    if not isinstance(cell, str):
        return str(cell)
    text = f"={cell.translate(WILDCARDS)}"
    if length_in_excel(text) > FORMULA_TEXT:  # what follows is not compared
        text = cut(text, FORMULA_TEXT, mark="").rstrip("~")[:-1] + "*"
    return quoted(text)


def _serial(day: date) -> int:
    """Return the number that a date is in Excel."""
    return (day - _DAY_ZERO).days


def _answered(cells: _Range, rows: str, field: Field | None) -> str:
    """Return how many cells of a range are answered; a formula without a value is a text."""
    if field and field.is_derived:
        return f'(COUNTIFS({rows})-COUNTIFS({rows},{cells.values},""))'
    return f'COUNTIFS({rows},{cells.values},"<>")'


class SummaryColumns:
    """The overview's columns of statistics, from the column `first` (from 0) on.

    The number of measures is not among them; the overview has a column for it already.
    """

    def __init__(
        self, book: WorkbookWriter, report: Report, geometry: Geometry, first: int
    ) -> None:
        self.book, self.report, self.first = book, report, first
        self._day = report.report_date
        area_level = report.template.area_level
        shown = statistics_below_heading(geometry, area_level.id if area_level else TOTAL)
        self._requested = {s.key for s in shown if s.field or not s.is_plain}
        self._statistics: Mapping[str, tuple[StatisticValue, ...]] = {TOTAL: ()}
        if self._requested:
            self._statistics = group_statistics(report)
        self.totals = self._values(TOTAL)

    @property
    def labels(self) -> list[str]:
        """Return the labels of the columns."""
        return [value.label for value in self.totals]

    def formulas(self, ref: str, summaries: SummaryFormulas, sheet_name: str) -> list[str]:
        """Return the formulas of one area's statistics; "" for those it does not have."""
        return [
            summaries.number(ref, value, sheet_name) if value else ""
            for value in self._values_of_area(ref)
        ]

    def write_area(self, sheet: CellSheet, row: int, ref: str, formulas: Sequence[str]) -> None:
        """Write the statistics of one area."""
        values = zip(self._values_of_area(ref), formulas, strict=True)
        for col, (value, formula) in enumerate(values, self.first):
            if value:
                self._write(sheet, (row, col), formula, value, style="share")

    def write_total(self, sheet: CellSheet, row: int, first: int) -> None:
        """Write the statistics of all areas, whose rows begin with `first`.

        A mean over all measures is written as a number: it cannot be computed from the areas'.
        """
        for col, value in enumerate(self.totals, self.first):
            formula = f"SUM({xl_range(first, col, row - 1, col)})"
            if value.stat == "mean":
                formula = "" if value.value is None else str(value.value)
            self._write(sheet, (row, col), formula, value, style="count")

    def _write(
        self,
        sheet: CellSheet,
        cell: tuple[int, int],
        formula: str,
        value: StatisticValue,
        *,
        style: str,
    ) -> None:
        """Write one statistic as a formula with its value now."""
        decimals = value.statistic.decimals if value.stat == "mean" else 0
        number_format = "0." + "0" * decimals if decimals else "0"
        if value.stat == "sum":
            number_format = f'General"{value.unit_after}"' if value.unit_after else "General"
        look = self.book.format(style, number_format)
        shown: str | float = "" if value.value is None else int(value.value)
        if value.stat in ("mean", "sum") and value.value is not None:
            shown = float(value.value)
        nothing = '""'
        text = f'=IFERROR({formula or nothing},"")' if value.stat == "mean" else f"={formula}"
        sheet.write_formula(*cell, text, look, shown)

    def _values_of_area(self, ref: str) -> list[StatisticValue | None]:
        """Return an area's value for each column; None where it has none."""
        values = self._values(ref if self.report.template.area_level else TOTAL)
        by_key = {value.key: value for value in values}
        return [by_key.get(value.key) for value in self.totals]

    def _values(self, ref: str) -> list[StatisticValue]:
        """Return a group's values that have a column, at the open date or the last one."""
        return [
            value
            for value in self._statistics.get(ref, ())
            if value.statistic.key in self._requested and value.date in (None, self._day)
        ]


def _ranges(numbers: Iterable[int], criteria: _Criteria, prefix: str) -> Iterator[_Range]:
    """Yield row numbers as ranges, one for all rows below each other without a gap."""
    cols = (KEY_COL, criteria.value_col, criteria.filter_col, criteria.weight_col)
    for first, last in _runs(numbers):
        addresses = (
            f"{prefix}{xl_range_abs(first - 1, col - 1, last - 1, col - 1)}" if col else ""
            for col in cols
        )
        yield _Range(*addresses)


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield increasing numbers as first and last of those that follow each other."""
    first = last = 0
    for number in numbers:
        if number != last + 1:
            if first:
                yield first, last
            first = number
        last = number
    if first:
        yield first, last


def _may_count(row: SheetRow, criteria: _Criteria) -> bool:
    """Return True if a row can hold a value that the criteria would count."""
    return _matches(row, criteria.holding) and may_be_filled(row, criteria.value_col)


def _fixed(value: StatisticValue) -> str:
    """Return a statistic's value now, in place of a formula."""
    return '""' if value.value is None else str(value.value)


def _matches(row: SheetRow, pattern: str) -> bool:
    """Return True if a row's key matches a criterion, which is in quotes: `"*|status|1"`."""
    return bool(pattern) and fnmatchcase(row.key, pattern.strip('"'))
