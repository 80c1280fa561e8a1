"""The first sheet of the appendix: every area's figures beside each other, live, and two charts of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from xltiltak.layout import metrics
from xltiltak.layout.geometry import Purpose, geometry_of
from xltiltak.layout.sheet_rows import FigureSpec
from xltiltak.model.language import decimal_text, translate
from xltiltak.model.report import Report
from xltiltak.model.summary import TOTAL, AnswerCounts, AreaStatistics, decimals_of, node_counts
from xltiltak.model.template import Step
from xltiltak.sheets import style
from xltiltak.sheets.area_sheet import FinishedSheet
from xltiltak.sheets.charts import (
    CHART_SIZE,
    MOST_IN_CHART,
    ChartData,
    distribution_chart,
    means_chart,
    title_options,
)
from xltiltak.sheets.lists import quoted
from xltiltak.sheets.totals import TotalFormulas
from xltiltak.sheets.workbook import WorkbookWriter
from xltiltak.xlsx.plain_sheet import PlainFormulaSheet

_NAME_COL, _COUNT_COL, _ANSWERED_COL, _MEANS_COL = 0, 1, 2, 3
_NAME_WIDTH, _WIDEST_NAME, _WIDTH = 38, 64, 16  # characters
_LEAST_COLUMNS = 8  # what two charts beside each other need
_CHART_ROWS = 20
_PAGE_ROWS = 60  # so many are still legible on one page
_GAP = 24  # pixels between the charts
_LONG_INTRO = 12  # lines; more would leave no room below them if they stayed while one scrolls


class Overview:
    """The overview in the making; the sheet is made first, so that it stands first.

    `returned` are the areas that have answered the open date, `said` is what has happened, a sentence each.
    """

    def __init__(
        self,
        book: WorkbookWriter,
        report: Report,
        returned: frozenset[str],
        said: Sequence[str] = (),
        *,
        purpose: Purpose = Purpose.APPENDIX,
    ) -> None:
        self.book, self.report, self.returned, self.said = book, report, returned, said
        self.language = self.report.head.language
        self.sheet = book.workbook.add_worksheet(
            book.sheet_name(self.word("overview")), PlainFormulaSheet
        )
        self.name = self.sheet.get_name()
        self.days = self.report.head.dates
        self.told = (
            purpose is Purpose.APPENDIX or report.head.current is not None
        )  # readers are told who has answered, if any was asked
        geometry = geometry_of(
            self.report.template, self.days, self.language, purpose
        )
        self.scored = {
            c.date: c for c in geometry.scored_columns if c.date and geometry.has_figures
        }
        self.current = self.report.head.current or max(self.days, default=None)
        known = self.current if self.current in self.scored else max(self.scored, default=None)
        self.shown = (
            known or date.min
        )  # the date whose figures stand beside each other; none without means
        self.totals = TotalFormulas(
            book, self.report, geometry, _MEANS_COL + len(self.scored) + 1 if self.scored else 2
        )
        self.steps: tuple[Step, ...] = (
            tuple(next(iter(self.scored.values())).field_type.steps) if self.scored else ()
        )

    def word(self, key: str, **values: object) -> str:
        """A phrase of the coordinator's workbook."""
        return translate(f"book.{key}", self.language, **values)

    def write(self, sheets: Mapping[str, FinishedSheet], figures: AreaStatistics) -> None:
        """Title, the table of areas, the distribution, the charts, and how the figures were worked out."""
        head = self.report.head
        self._columns()
        self.sheet.write_string(0, 0, head.title, self.book.format("title"))
        self.sheet.set_row(0, metrics.row_height("", 1, points=style.POINTS["title"]))
        known = (
            head.organisation,
            head.case_number and f"{self.word('case_number')} {head.case_number}",
        )
        self.sheet.write_string(
            1, 0, " · ".join(part for part in known if part), self.book.format("note")
        )
        row = self._intro(2)
        last = row + len(sheets) + 2
        step = len(sheets) + 3
        self.shares = {day: last + 3 + n * step for n, day in enumerate(self.scored)}
        areas = self._table(row, sheets, figures)
        if self.scored:
            self.sheet.write_string(
                last + 1,
                0,
                self.word("method", decimals=decimals_of(self.report)),
                self.book.format("note"),
            )
            for day in self.scored:
                self._distribution(day, sheets, figures)
            if self.steps and len(sheets) <= MOST_IN_CHART:
                self._charts(areas, last + 3 + len(self.scored) * step, figures)
        bottom = last + 2 + len(self.scored) * step + (_CHART_ROWS if self.scored else 0)
        self._paper(row, bottom)

    def _columns(self) -> None:
        self.sheet.set_column(_NAME_COL, _NAME_COL, self.name_width)
        self.sheet.set_column(_COUNT_COL, _COUNT_COL + 20, _WIDTH)

    @cached_property
    def name_width(self) -> int:
        """Characters that the names of the areas take on one line, as far as there is room."""
        names = [self.report.area_name(ref) for ref in self.report.area_refs]
        wide = range(_NAME_WIDTH, _WIDEST_NAME)
        return next(
            (w for w in wide if all(metrics.line_count(name, w) == 1 for name in names)),
            _WIDEST_NAME,
        )

    @property
    def _wide(self) -> int:
        """The columns of the table of areas, or so many that a line of text is easily read."""
        return max(self._last_col + 1, _LEAST_COLUMNS)

    @property
    def _last_col(self) -> int:
        """The last column: the one that says whether somebody has answered, where there is one."""
        return self.totals.first + len(self.totals.shown) - (not self.told)

    def _intro(self, row: int) -> int:
        """The report's own introduction and what has happened, in as many rows as the table is wide."""
        width = self.name_width + _WIDTH * (self._wide - 1)
        for text in filter(None, (self.report.head.intro, *self.said)):
            for line in metrics.wrap_text(text, width):
                self.sheet.write_string(row, 0, line, self.book.format("plain"))
                row += 1
        return row + 1

    def _table(self, row: int, sheets: Mapping[str, FinishedSheet], figures: AreaStatistics) -> int:
        """A row for each area and one for all; gives the row of the first area."""
        means = [self.word("mean", date=f"{day:%d.%m.%y}") for day in self.scored]
        extra = [self.word("answered"), *means, self.word("change")] if self.scored else []
        extra += self.totals.labels
        labels = [self.word("area"), self.report.template.leaf.label, *extra]
        for col, label in enumerate([*labels, self.word("submitted")] if self.told else labels):
            self.sheet.write_string(
                row, col, label, self.book.format("head", centred=0 < col < len(labels))
            )
        counts, first = node_counts(self.report), row + 1
        for n, (ref, sheet) in enumerate(sheets.items(), first):
            self._area(n, ref, sheet, figures, counts[ref])
        self._total(first + len(sheets), first, figures, counts[TOTAL])
        return first

    def _area(
        self,
        row: int,
        ref: str,
        sheet: FinishedSheet,
        figures: AreaStatistics,
        counts: Mapping[str, int],
    ) -> None:
        link = f"internal:{quoted(sheet.name)}!A1"
        name = self.report.area_name(ref)[:255]
        self.sheet.write_url(row, _NAME_COL, link, self.book.format("link"), name)
        self.sheet.set_row(row, metrics.row_height(name, self.name_width))
        self.totals.area(self.sheet, row, ref, sheet.totals)
        if self.told:
            self._submitted(row, self._last_col, ref)
        if not self.scored:
            self.sheet.write_number(
                row, _COUNT_COL, counts[self.report.template.leaf.id], self.book.format("count")
            )
            return
        for col, day, stat in self._cells():
            figure = FigureSpec(stat, self.scored[day].field.id, day)  # type: ignore[arg-type]
            cell = sheet.figures.get(figure)
            known = figures.get((ref, day), AnswerCounts())
            look = self.book.format("mean" if stat == "mean" else "share")
            value = self._value(known, stat)
            formula = f"={quoted(sheet.name)}!{cell}" if cell else f"={value or 0}"
            self.sheet.write_formula(row, col, formula, look, value)
        self._change(row, ref, figures)

    def _cells(self) -> list[tuple[int, date, str]]:
        """Column, date and statistic of the live figures of a row."""
        means = [(_MEANS_COL + n, day, "mean") for n, day in enumerate(self.scored)]
        return [(_COUNT_COL, self.shown, "count"), (_ANSWERED_COL, self.shown, "answered"), *means]

    def _value(self, known: AnswerCounts, stat: str) -> Any:
        if stat != "mean":
            return known.count if stat == "count" else known.answered
        mean = known.mean(decimals_of(self.report))
        return "" if mean is None else float(mean)

    def _change(self, row: int, ref: str, figures: AreaStatistics) -> None:
        """How far the mean has moved since the date before, with a symbol and a word."""
        days = [day for day in self.scored if self.current and day <= self.current][-2:]
        means = [figures[ref, day].mean(decimals_of(self.report)) for day in days]
        text = ""
        if len(means) == len(days) == 2 and means[0] is not None and means[1] is not None:
            text = self._moved(means[1] - means[0])
        self.sheet.write_string(row, _MEANS_COL + len(self.scored), text, self.book.format("given"))

    def _moved(self, by: Decimal) -> str:
        if not by:
            return self.word("same")
        return self.word("up" if by > 0 else "down", by=decimal_text(abs(by), self.language))

    def _submitted(self, row: int, col: int, ref: str) -> None:
        """Has somebody answered? Nobody is asked while no date is open."""
        asked = self.report.head.current is not None
        known = "yes" if ref in self.returned else "no" if asked else "not_asked"
        look = "warning" if known == "no" else "given"
        self.sheet.write_string(row, col, self.word(known), self.book.format(look))

    def _total(
        self, row: int, first: int, figures: AreaStatistics, counts: Mapping[str, int]
    ) -> None:
        self.sheet.write_string(row, _NAME_COL, self.word("total"), self.book.format("total"))
        self.totals.total(self.sheet, row, first)
        if not self.scored:
            self.sheet.write_number(
                row, _COUNT_COL, counts[self.report.template.leaf.id], self.book.format("count")
            )
            return
        for col, day, stat in self._cells():
            value = self._value(figures[TOTAL, day], stat)
            formula = (
                self._total_mean(day)
                if stat == "mean"
                else f"=SUM({xl_range(first, col, row - 1, col)})"
            )
            self.sheet.write_formula(
                row, col, formula, self.book.format(stat if stat == "mean" else "count"), value
            )
        self._change(row, TOTAL, figures)
        if self.report.head.current:
            refs = self.report.area_refs
            text = self.word(
                "submitted_of", n=len(self.returned.intersection(refs)), total=len(refs)
            )
            self.sheet.write_string(row, self._last_col, text, self.book.format("total"))

    def _total_mean(self, day: date) -> str:
        """The mean over all answers, from the distribution: a mean of means would weigh small areas as large ones."""
        row = self.shares[day] + len(self.report.area_refs) + 1
        cells = [
            (step.value, xl_rowcol_to_cell(row, col)) for col, step in enumerate(self.steps, 1)
        ]
        total = xl_range(row, 1, row, len(cells))
        sum_ = "+".join(f"{value}*{cell}" for value, cell in cells)
        return f'=IFERROR(ROUND(({sum_})/SUM({total}),{decimals_of(self.report)}),"")'

    def _distribution(
        self, day: date, sheets: Mapping[str, FinishedSheet], figures: AreaStatistics
    ) -> None:
        """How often each step was answered at a date, in each area and in all."""
        row = self.shares[day]
        labels = [
            self.word("distribution", date=f"{day:%d.%m.%y}"),
            *(f"{s.value} {s.label}" for s in self.steps),
        ]
        for col, label in enumerate(labels):
            self.sheet.write_string(row, col, label, self.book.format("head", centred=col > 0))
        for n, (ref, sheet) in enumerate(sheets.items(), row + 1):
            name = self.report.area_name(ref)
            self.sheet.write_string(n, 0, name, self.book.format("given"))
            self.sheet.set_row(n, metrics.row_height(name, self.name_width))
            for col, step in enumerate(self.steps, 1):
                cell = sheet.figures[
                    FigureSpec("share", self.scored[day].field.id, day, step.value)
                ]
                value = figures[ref, day].distribution.get(step.value, 0)
                self.sheet.write_formula(
                    n, col, f"={quoted(sheet.name)}!{cell}", self.book.format("share"), value
                )
        last = row + len(sheets) + 1
        self.sheet.write_string(last, 0, self.word("total"), self.book.format("total"))
        for col, step in enumerate(self.steps, 1):
            value = figures[TOTAL, day].distribution.get(step.value, 0)
            formula = f"=SUM({xl_range(row + 1, col, last - 1, col)})"
            self.sheet.write_formula(last, col, formula, self.book.format("count"), value)

    def _reach(self, ref: str, figures: AreaStatistics) -> int:
        """The dates up to the last that somebody answered, at least one."""
        return max(
            (n for n, day in enumerate(self.scored, 1) if figures[ref, day].answered), default=1
        )

    def _charts(self, areas: int, row: int, figures: AreaStatistics) -> None:
        """The means over time and the distribution now; their numbers stand in the tables above."""
        count = len(self.report.area_refs)
        means = ChartData(self.name, areas - 1, _MEANS_COL, count, len(self.scored))
        reach = [self._reach(ref, figures) for ref in self.report.area_refs]
        last = list(self.scored)[
            self._reach(TOTAL, figures) - 1
        ]  # a date without answers has no bars
        shares = ChartData(self.name, self.shares[last], 1, count, len(self.steps))
        drawn = [
            (means_chart(self.book.workbook, means, self.steps, reach), "means", ""),
            (
                distribution_chart(self.book.workbook, shares, self.steps),
                "distribution",
                f"{last:%d.%m.%y}",
            ),
        ]
        for n, (chart, key, date_) in enumerate(drawn):
            chart.set_title(title_options(self.word(f"{key}_title", date=date_)))
            text = self.word(f"{key}_text")
            place = {"x_offset": n * (CHART_SIZE["width"] + _GAP), "object_position": 2}
            self.sheet.insert_chart(row, 0, chart, {"description": text, **place})

    def _paper(self, head: int, bottom: int) -> None:
        self.sheet.print_area(0, 0, bottom, self._wide - 1)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, int(bottom <= _PAGE_ROWS))
        self.sheet.hide_gridlines(2)
        if head <= _LONG_INTRO:
            self.sheet.freeze_panes(head + 1, 0)
        pages = translate("sheet.page", self.language, page="&P", pages="&N")
        self.sheet.set_footer(f"&R&9{pages}")
        self.sheet.activate()
