"""The overview's columns for the template's other summaries: a live figure for each area, and one for all."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from xltiltak.layout.geometry import Geometry
from xltiltak.layout.sheet_layout import statistics_below_heading
from xltiltak.model.report import Report
from xltiltak.model.summary import TOTAL, StatisticValue, group_statistics
from xltiltak.sheets.lists import quoted
from xltiltak.sheets.summary_formulas import SummaryFormulas
from xltiltak.sheets.workbook import WorkbookWriter


class TotalFormulas:
    """The columns, from `first` on; the count of measures has one already."""

    def __init__(
        self, book: WorkbookWriter, report: Report, geometry: Geometry, first: int
    ) -> None:
        self.book, self.report, self.first = book, report, first
        self.day = report.head.current or max(report.head.dates, default=None)
        level = report.template.area_level.id if report.template.area_level else TOTAL
        self.asked = {
            (one.level, one.name) for one in statistics_below_heading(geometry, level) if one.field
        }
        self.facts = group_statistics(report) if self.asked else {TOTAL: ()}
        self.shown = self._shown(TOTAL)

    @property
    def labels(self) -> list[str]:
        """What stands above them."""
        return [fact.label for fact in self.shown]

    def formulas(self, ref: str, sums: SummaryFormulas, name: str) -> list[str]:
        """What takes the figures of one area from its sheet, one each; empty where it has none."""
        return [sums.number(ref, fact, quoted(name)) if fact else "" for fact in self._of_area(ref)]

    def area(self, sheet: Worksheet, row: int, ref: str, formulas: Sequence[str]) -> None:
        """The figures of one area."""
        for col, (fact, formula) in enumerate(
            zip(self._of_area(ref), formulas, strict=True), self.first
        ):
            if fact:
                self._put(sheet, (row, col), formula, fact)

    def _of_area(self, ref: str) -> list[StatisticValue | None]:
        held = {
            fact.key: fact
            for fact in self._shown(ref if self.report.template.area_level else TOTAL)
        }
        return [held.get(fact.key) for fact in self.shown]

    def total(self, sheet: Worksheet, row: int, first: int) -> None:
        """The figures of all areas, which stand from the row `first` on. The mean of means would be none of all."""
        for col, fact in enumerate(self.shown, self.first):
            fixed = "" if fact.value is None else str(fact.value)
            of_all = fixed if fact.stat == "mean" else f"SUM({xl_range(first, col, row - 1, col)})"
            self._put(sheet, (row, col), of_all, fact, total=True)

    def _put(
        self,
        sheet: Worksheet,
        at: tuple[int, int],
        formula: str,
        fact: StatisticValue,
        *,
        total: bool = False,
    ) -> None:
        mean = fact.stat == "mean"
        shown = "0." + "0" * fact.statistic.decimals if mean and fact.statistic.decimals else "0"
        look = self.book.format("count" if total else "share", shown)
        value = "" if fact.value is None else float(fact.value) if mean else int(fact.value)
        sheet.write_formula(
            *at, f'=IFERROR({formula or 0},"")' if mean else f"={formula}", look, value
        )

    def _shown(self, ref: str) -> tuple[StatisticValue, ...]:
        found = self.facts.get(ref, ())
        return tuple(
            f
            for f in found
            if (f.statistic.level, f.statistic.name) in self.asked and f.date in (None, self.day)
        )
