"""The first sheet of the appendix: the live figures of all areas, and two charts of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, Literal, NamedTuple

from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from xltiltak.layout import metrics
from xltiltak.layout.geometry import Purpose, geometry_of
from xltiltak.layout.sheet_rows import FigureSpec
from xltiltak.model.language import Count, day_text, translate
from xltiltak.model.report import Report
from xltiltak.model.summary import (
    LEAST_ANSWERED,
    TOTAL,
    AnswerCounts,
    AreaStatistics,
    coloured_steps,
    decimals_of,
    mean_number_format,
    node_counts,
    shown_categories,
    standings,
)
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
from xltiltak.sheets.formula_parts import fits
from xltiltak.sheets.page_setup import MOST_FROZEN
from xltiltak.sheets.summary_formulas import SummaryColumns
from xltiltak.sheets.to_do import ALARM_HEIGHT, GRADES, ToDo, ToDoWriter
from xltiltak.sheets.workbook import A4, WorkbookWriter, quoted_sheet_name
from xltiltak.xlsx.excel_limits import cut
from xltiltak.xlsx.row_workbook import CellSheet

_NAME_COL, _TO_DO_COL = 0, 1
_NAME_WIDTH, _WIDEST_NAME, _WIDTH = 38, 64, 13  # characters
_CHANGE_WIDTH = 20  # characters; it may say "106 of 127 answered"
_LEAST_COLUMNS = 8  # the room that two charts beside each other need
_IN_VIEW = 11  # columns that a window of 1,366 pixels shows
_CHART_ROWS = 20
_ALARM_ROW = 2
_TITLE_HEIGHT = metrics.row_height("", 1, points=style.POINTS["title"])
_PAGE_ROWS = 60  # the most rows that are legible on one page
_CHART_GAP = 24  # pixels
_DEFAULT_HEIGHT = 15.0  # points of a row without a height of its own
_LONGEST_LINK_TEXT = 255  # characters


class FigureCell(NamedTuple):
    """A live figure in an area's row of the table."""

    col: int
    date: date
    stat: Literal["count", "answered", "mean"]

    def value(self, counts: AnswerCounts, decimals: int) -> Any:
        """Return the figure of these counts; "" for a mean without answers."""
        if self.stat != "mean":
            return counts.count if self.stat == "count" else counts.answered
        mean = counts.mean(decimals)
        return "" if mean is None else float(mean)


class Overview:
    """The overview. Its sheet is created first, so that it comes first, and written last.

    `returned` are the areas that have answered the open date, `news` are sentences on what has
    happened since the date before. `to_do` is what the coordinator has to decide, None for readers.
    """

    def __init__(
        self,
        book: WorkbookWriter,
        report: Report,
        returned: frozenset[str],
        news: Sequence[str] = (),
        *,
        purpose: Purpose = Purpose.APPENDIX,
        to_do: ToDo | None = None,
    ) -> None:
        self.book, self.report, self.returned, self.news = book, report, returned, news
        self.language, self.decimals = report.head.language, decimals_of(report)
        name = book.sheet_name(self._text("overview"))
        self.sheet = book.workbook.add_worksheet(name, CellSheet)
        self.name = self.sheet.get_name()
        # Readers of a published report see who has answered only while a date is open.
        self.shows_returned = purpose is Purpose.APPENDIX or report.head.current is not None
        geometry = geometry_of(report.template, report.head.dates, self.language, purpose)
        columns = geometry.scored_columns if geometry.has_figures else ()
        self.scored = {column.date: column for column in columns if column.date}
        self.steps = coloured_steps(columns[0].field_type.steps) if self.scored else ()
        self.current = report.report_date
        # The date of the counts; without means there is none.
        self.count_date = max(self.scored, default=date.min)
        if self.current in self.scored:
            self.count_date = self.current
        self.standings = standings(report)
        has_change = report.template.mean_field() and report.previous_date
        # In the coordinator's workbook any figure may change while it is open.
        is_live = purpose is Purpose.APPENDIX
        shown = shown_categories(
            self.standings[TOTAL],
            first_answer=is_live,
            outside_scale=is_live and any(not step.counts for step in self.steps),
        )
        self.categories = shown if has_change else ()
        self.has_to_do = to_do is not None and to_do.is_shown
        self._count_col = _TO_DO_COL + len(GRADES) * self.has_to_do
        self._means_col = self._count_col + 2
        self._change_col = self._count_col + (2 + len(self.scored) if self.scored else 1)
        first = self._change_col + (2 + len(self.categories) if has_change else 0)
        self.totals = SummaryColumns(book, report, geometry, first)

    def _term(self, key: str, **values: object) -> str:
        """Return a word that all outputs share."""
        return translate(f"term.{key}", self.language, **values)

    def _date_text(self, day: date) -> str:
        return day_text(day, self.language)

    def _text(self, key: str, **values: object) -> str:
        """Return a phrase of the coordinator's workbook."""
        return translate(f"book.{key}", self.language, **values)

    def write(
        self,
        sheets: Mapping[str, FinishedSheet],
        statistics: AreaStatistics,
        to_do: ToDoWriter | None = None,
    ) -> None:
        """Write the sheet: title, what to do, table of areas, method, distributions, charts."""
        self._write_title()
        first = self._write_intro(2) + 1  # the first area's row in the table
        total, row = first + len(sheets), first + len(sheets) + 2
        if to_do and self.has_to_do:
            to_do.write_alarm(_ALARM_ROW)
            total = self._write_to_do(to_do, first, sheets)
            last_col = min(self._column_count, _IN_VIEW) - 1
            widths = self._name_width, _WIDTH * (last_col - 2)
            row = to_do.write_list(total + 2, last_col, widths)
            self.sheet.set_h_pagebreaks([row])
        method = self._term("method", decimals=Count(self.decimals), percent=LEAST_ANSWERED)
        lines = list(metrics.wrap_text(method, self._width)) if self.scored else []
        # The row with the labels of each date's distribution.
        rows_each = len(sheets) + 3
        top = row + len(lines) + 1
        self.shares = {day: top + n * rows_each for n, day in enumerate(self.scored)}
        self._write_table(first - 1, total, sheets, statistics)
        for number, line in enumerate(lines, row):
            self.sheet.write_string(number, 0, line, self.book.format("note"))
        for day in self.scored:
            self._write_distribution(day, sheets, statistics)
        bottom = top + len(self.scored) * rows_each
        if self.steps and len(sheets) <= MOST_IN_CHART:
            self._draw_charts(first, bottom, statistics)
        self._set_up_page(first - 1, bottom - 1 + _CHART_ROWS * bool(self.scored))

    def _write_to_do(
        self, to_do: ToDoWriter, first: int, sheets: Mapping[str, FinishedSheet]
    ) -> int:
        """Write how much has to be decided in each area, from row `first`; return the total's."""
        row = first
        for row, ref in enumerate(sheets, first):
            to_do.write_area(row, _TO_DO_COL, ref)
        row += 1
        if to_do.to_do.has_items_without_area:
            to_do.write_without_area(row, _TO_DO_COL, first)
            row += 1
        to_do.write_total(row, _TO_DO_COL, first)
        return row

    def _write_title(self) -> None:
        """Write the report's title, its organisation and case number, and set the columns."""
        head = self.report.head
        self.sheet.set_column(_NAME_COL, _NAME_COL, self._name_width)
        self.sheet.set_column(_TO_DO_COL, self._count_col + 20, _WIDTH)
        if self.categories:
            self.sheet.set_column(self._change_col, self._change_col, _CHANGE_WIDTH)
        self.sheet.write_string(0, 0, head.title, self.book.format("title"))
        self.sheet.set_row(0, _TITLE_HEIGHT)
        case = f"{self._text('case_number')} {head.case_number}" if head.case_number else ""
        line = " · ".join(text for text in (head.organisation, case) if text)
        self.sheet.write_string(1, 0, line, self.book.format("note"))

    def _write_intro(self, row: int) -> int:
        """Write introduction and news, as wide as the table; return the row after an empty one.

        Above them is room for what has to be decided.
        """
        row += 2 if self.has_to_do else 0
        for text in filter(None, (self.report.head.intro, *self.news)):
            for line in metrics.wrap_text(text, self._width):
                self.sheet.write_string(row, 0, line, self.book.format("plain"))
                row += 1
        return row + 1

    @property
    def _width(self) -> int:
        """Return the characters in which the texts above and below the table are broken."""
        return self._name_width + _WIDTH * (self._column_count - 1)

    @cached_property
    def _name_width(self) -> int:
        """Return the characters that the areas' names need on one line, up to a limit."""
        names = [self.report.area_name(ref) for ref in self.report.area_refs]
        for width in range(_NAME_WIDTH, _WIDEST_NAME):
            if all(metrics.line_count(name, width) == 1 for name in names):
                return width
        return _WIDEST_NAME

    @property
    def _last_col(self) -> int:
        """Return the table's last column: whether an area has answered, if that is shown."""
        return self.totals.first + len(self.totals.totals) - (not self.shows_returned)

    @property
    def _column_count(self) -> int:
        """Return the columns of the table, or as many as a line of text needs to be legible."""
        return max(self._last_col + 1, _LEAST_COLUMNS)

    # The table of areas

    def _write_table(
        self,
        row: int,
        total: int,
        sheets: Mapping[str, FinishedSheet],
        statistics: AreaStatistics,
    ) -> None:
        """Write the labels in this row, a row for each area, and one for all in row `total`."""
        labels = [self._text("area")]
        if self.has_to_do:
            labels += [translate(f"to_do.{grade}s", self.language).capitalize() for grade in GRADES]
        labels.append(self.report.template.leaf.label)
        if self.scored:
            means = [self._term("mean_at", date=self._date_text(day)) for day in self.scored]
            labels += [self._term("answered"), *means]
        if self.categories:
            labels += [self._term("change"), translate("report.compared_head", self.language)]
            labels += [self._term(category) for category in self.categories]
        labels += self.totals.labels
        last_centred = len(labels) - 1
        if self.shows_returned:
            labels.append(self._term("submitted"))
        for col, label in enumerate(labels):
            look = self.book.format("head", centred=0 < col <= last_centred)
            self.sheet.write_string(row, col, label, look)
        self._head_height = max(metrics.row_height(label, _WIDTH) for label in labels[1:])
        self.sheet.set_row(row, self._head_height)
        counts, first = node_counts(self.report), row + 1
        leaf = self.report.template.leaf.id
        for number, (ref, sheet) in enumerate(sheets.items(), first):
            self._write_area(number, ref, sheet, statistics)
            if not self.scored:
                self._write_count(number, counts[ref][leaf])
        self._write_total(total, first, statistics, sheets)
        if not self.scored:
            self._write_count(total, counts[TOTAL][leaf])

    def _write_count(self, row: int, count: int) -> None:
        """Write the number of measures where there are no live figures."""
        self.sheet.write_number(row, self._count_col, count, self.book.format("count"))

    def _write_area(
        self, row: int, ref: str, sheet: FinishedSheet, statistics: AreaStatistics
    ) -> None:
        """Write one area's row; its figures are links to the figures on its own sheet."""
        name, sheet_name = self.report.area_name(ref), quoted_sheet_name(sheet.name)
        link = self.book.format("link")
        text = cut(name, _LONGEST_LINK_TEXT)
        self.sheet.write_url(row, _NAME_COL, f"internal:{sheet_name}!A1", link, text)
        self.sheet.set_row(row, metrics.row_height(text, self._name_width))
        self.totals.write_area(self.sheet, row, ref, sheet.totals)
        if self.shows_returned:
            self._write_returned(row, ref)
        self._write_movement(row, ref, sheet.movement)
        if not self.scored:
            return
        for cell in self._figure_cells():
            figure = FigureSpec(cell.stat, self.scored[cell.date].field.id, cell.date)
            address = sheet.figures.get(figure)
            value = cell.value(statistics.get((ref, cell.date), AnswerCounts()), self.decimals)
            formula = f"={sheet_name}!{address}" if address else f"={value or 0}"
            look = self.book.format("share")
            if cell.stat == "mean":
                look = self.book.format("mean", mean_number_format(self.report.template))
            self.sheet.write_formula(row, cell.col, formula, look, value)

    def _figure_cells(self) -> list[FigureCell]:
        """Return the live figures of a row."""
        means = [FigureCell(self._means_col + n, day, "mean") for n, day in enumerate(self.scored)]
        return [
            FigureCell(self._count_col, self.count_date, "count"),
            FigureCell(self._count_col + 1, self.count_date, "answered"),
            *means,
        ]

    def _write_movement(self, row: int, ref: str, formulas: Mapping[str, str]) -> None:
        """Write how the mean and the measures have moved since the date before.

        The change of the mean is a number that its format puts in words. Where there is no formula,
        the number of today is written.
        """
        if not self.categories:
            return
        standing, is_total = self.standings[ref], ref == TOTAL
        counts = {"compared": standing.compared}
        counts |= {str(category): count for category, count in standing.categories.items()}
        for col, key in enumerate(("compared", *self.categories), self._change_col + 1):
            count = counts.get(key, 0)
            look = self.book.format("count" if is_total else "share")
            self.sheet.write_formula(row, col, f"={formulas.get(key, count)}", look, count)
        change, shown = standing.mean_change(self.decimals), ""
        if change is not None:
            shown = self._few_answered(str(standing.answered), str(standing.asked))
        value = float(change) if change is not None and standing.is_mostly_answered else shown
        look = self.book.format("count" if is_total else "mean", self._change_format())
        formula = self._change_formula(row, formulas["change"]) if "change" in formulas else ""
        if formula:
            self.sheet.write_formula(row, self._change_col, f"={formula}", look, value)
        else:
            self.sheet.write(row, self._change_col, value, look)

    def _total_movement(
        self, row: int, first: int, sheets: Mapping[str, FinishedSheet]
    ) -> dict[str, str]:
        """Return the formulas of the row for all areas: sums of the rows above."""
        found = {}
        for col, key in enumerate(("compared", *self.categories), self._change_col + 1):
            found[key] = f"SUM({xl_range(first, col, row - 1, col)})"
        changes = [sheet.movement.get("change", "") for sheet in sheets.values()]
        if changes and all(changes):
            found["change"] = "+".join(changes)
            if not self._change_formula(row, found["change"]):
                found["change"] = self._write_changes(row, first, sheets)
        return found

    def _write_changes(self, row: int, first: int, sheets: Mapping[str, FinishedSheet]) -> str:
        """Write the sum of the changes of each area into a hidden column; return their sum.

        The sum over many areas would be too long for one formula.
        """
        col, look = self._last_col + 1, self.book.format("share")
        for number, (ref, sheet) in enumerate(sheets.items(), first):
            formula, change = sheet.movement["change"], float(self.standings[ref].change)
            self.sheet.write_formula(number, col, f"={formula}", look, change)
        self.sheet.set_column(col, col, _WIDTH, None, {"hidden": True})
        return f"SUM({xl_range(first, col, row - 1, col)})"

    def _few_answered(self, answered: str, asked: str) -> str:
        return self._term("few_answered", n=answered, total=asked)

    def _change_formula(self, row: int, moved: str) -> str:
        """Return the formula of the change, where `moved` is the sum of the measures' changes."""
        first = self._change_col + 1
        columns = (self._count_col, first, first + 1 + self.categories.index("unanswered"))
        count, compared, unanswered = (xl_rowcol_to_cell(row, col) for col in columns)
        answered = f"({count}-{unanswered})"
        few = '"' + self._few_answered(f'"&{answered}&"', f'"&{count}&"') + '"'
        change = f"ROUND(({moved})/{compared},{self.decimals})"
        enough = f"{answered}*100>={count}*{LEAST_ANSWERED}"
        formula = f'IF({compared}=0,"",IF({enough},{change},{few}))'
        return formula if fits(formula) else ""

    def _change_format(self) -> str:
        """Return the number format that puts a change in words: up, down, unchanged."""
        digits, _, unit = mean_number_format(self.report.template).partition('"')
        by = "{by}" + unit.removesuffix('"')
        if unit == ' %"':
            by = self._term("points", n=Count(0, "{by}"))
        rise, fall, same = (self._term(key, by=by) for key in ("rise", "fall", "same"))
        signs = (f"▲ {rise}", f"▼ {fall}", f"■ {same}")
        return ";".join(f'"{text}"'.replace("{by}", f'"{digits}"') for text in signs).replace(
            '""', ""
        )

    def _write_returned(self, row: int, ref: str) -> None:
        """Write whether an area has answered; nobody is asked while no date is open."""
        if ref in self.returned:
            key = "yes"
        else:
            key = "not_asked" if self.report.head.current is None else "no"
        look = self.book.format("warning" if key == "no" else "given")
        self.sheet.write_string(row, self._last_col, self._text(key), look)

    def _write_total(
        self,
        row: int,
        first: int,
        statistics: AreaStatistics,
        sheets: Mapping[str, FinishedSheet],
    ) -> None:
        """Write the row for all areas, whose rows begin with `first`."""
        self.sheet.write_string(row, _NAME_COL, self._term("total"), self.book.format("total"))
        self.totals.write_total(self.sheet, row, first)
        self._write_movement(row, TOTAL, self._total_movement(row, first, sheets))
        self._write_returned_total(row)
        if not self.scored:
            return
        for cell in self._figure_cells():
            value = cell.value(statistics[TOTAL, cell.date], self.decimals)
            formula = f"=SUM({xl_range(first, cell.col, row - 1, cell.col)})"
            if cell.stat == "mean":
                fixed = '=""' if value == "" else f"={value}"
                formula = self._mean_of_all(cell.date, sheets) or fixed
            look = self.book.format("count")
            if cell.stat == "mean":
                look = self.book.format("mean", mean_number_format(self.report.template))
            self.sheet.write_formula(row, cell.col, formula, look, value)

    def _write_returned_total(self, row: int) -> None:
        """Write how many areas have answered."""
        if self.report.head.current:
            refs = self.report.area_refs
            returned = len(self.returned.intersection(refs))
            text = self._term("of", n=returned, total=len(refs))
            self.sheet.write_string(row, self._last_col, text, self.book.format("total"))

    def _mean_of_all(self, day: date, sheets: Mapping[str, FinishedSheet]) -> str:
        """Return the formula of the mean over all answers; "" if it is too long for Excel.

        It is computed from the distribution on the steps, or from the sums of the areas. A mean of
        the areas' means would give small areas too much weight.
        """
        if not self.steps:
            pairs = [sheet.sums[day] for sheet in sheets.values() if day in sheet.sums]
            sums, counts = ("+".join(terms) for terms in zip(("0", "0"), *pairs, strict=True))
            formula = f'=IFERROR(ROUND(({sums})/({counts}),{self.decimals}),"")'
            return formula if fits(formula) else ""
        row = self.shares[day] + len(self.report.area_refs) + 1
        cells = [
            (step.value, xl_rowcol_to_cell(row, col))
            for col, step in enumerate(self.steps, 1)
            if step.counts
        ]
        terms = "+".join(f"{value}*{cell}" for value, cell in cells)
        answers = "+".join(cell for _, cell in cells)
        return f'=IFERROR(ROUND(({terms})/({answers}),{self.decimals}),"")'

    # Distributions and charts

    def _write_distribution(
        self, day: date, sheets: Mapping[str, FinishedSheet], statistics: AreaStatistics
    ) -> None:
        """Write how often each step was answered at a date, in each area and in all."""
        row, field = self.shares[day], self.scored[day].field
        labels = [self._text("distribution", date=self._date_text(day))]
        labels += [f"{step.value} {step.label}" for step in self.steps]
        labels.append(self._term("unanswered"))
        for col, label in enumerate(labels):
            self.sheet.write_string(row, col, label, self.book.format("head", centred=col > 0))
        self.sheet.set_row(row, max(metrics.row_height(label, _WIDTH) for label in labels[1:]))
        for number, (ref, sheet) in enumerate(sheets.items(), row + 1):
            name, sheet_name = self.report.area_name(ref), quoted_sheet_name(sheet.name)
            self.sheet.write_string(number, 0, name, self.book.format("given"))
            self.sheet.set_row(number, metrics.row_height(name, self._name_width))
            for col, step in enumerate(self.steps, 1):
                address = sheet.figures[FigureSpec("share", field.id, day, step.value)]
                value = statistics[ref, day].distribution.get(step.value, 0)
                formula, look = f"={sheet_name}!{address}", self.book.format("share")
                self.sheet.write_formula(number, col, formula, look, value)
            self._write_unanswered(number, statistics[ref, day], sheet.unanswered.get(day, ""))
        last = row + len(sheets) + 1
        self.sheet.write_string(last, 0, self._term("total"), self.book.format("total"))
        for col, step in enumerate(self.steps, 1):
            value = statistics[TOTAL, day].distribution.get(step.value, 0)
            formula = f"=SUM({xl_range(row + 1, col, last - 1, col)})"
            self.sheet.write_formula(last, col, formula, self.book.format("count"), value)
        col = len(self.steps) + 1
        formula = f"SUM({xl_range(row + 1, col, last - 1, col)})"
        self._write_unanswered(last, statistics[TOTAL, day], formula, "count")

    def _write_unanswered(
        self, row: int, counts: AnswerCounts, formula: str, style: str = "share"
    ) -> None:
        """Write how many measures are not answered, after the steps of a distribution."""
        value = counts.count - counts.answered
        look = self.book.format(style)
        self.sheet.write_formula(row, len(self.steps) + 1, f"={formula or value}", look, value)

    def _draw_charts(self, first: int, row: int, statistics: AreaStatistics) -> None:
        """Draw the means over time and the latest distribution; `first` is the first area's row."""
        count = len(self.report.area_refs)
        means = ChartData(self.name, first - 1, self._means_col, count, len(self.scored))
        refs = (*self.report.area_refs, TOTAL) if count > 1 else self.report.area_refs
        answered = [self._answered_dates(ref, statistics) for ref in refs]
        # A date without answers would have no bars.
        day = list(self.scored)[self._answered_dates(TOTAL, statistics) - 1]
        shares = ChartData(self.name, self.shares[day], 1, count, len(self.steps) + 1)
        workbook = self.book.workbook
        charts = [
            ("means", "", means_chart(workbook, means, self.steps, answered)),
            (
                "distribution",
                self._date_text(day),
                distribution_chart(workbook, shares, self.steps),
            ),
        ]
        for number, (key, date_text, chart) in enumerate(charts):
            chart.set_title(title_options(self._text(f"{key}_title", date=date_text)))
            placement = {
                "description": self._text(f"{key}_text"),
                "x_offset": number * (CHART_SIZE["width"] + _CHART_GAP),
                "object_position": 2,
            }
            self.sheet.insert_chart(row, 0, chart, placement)

    def _answered_dates(self, ref: str, statistics: AreaStatistics) -> int:
        """Return the number of dates up to the last one with an answer, at least one."""
        days = enumerate(self.scored, 1)
        return max((n for n, day in days if statistics[ref, day].answered), default=1)

    def _set_up_page(self, head: int, bottom: int) -> None:
        """Set paper and frozen rows; `head` is the row of the table's labels."""
        self.sheet.print_area(0, 0, bottom, self._column_count - 1)
        self.sheet.set_landscape()
        self.sheet.set_paper(A4)
        self.sheet.fit_to_pages(1, int(bottom <= _PAGE_ROWS))
        self.sheet.hide_gridlines(2)
        special = {0: _TITLE_HEIGHT, head: self._head_height}
        if self.has_to_do:
            special[_ALARM_ROW] = ALARM_HEIGHT
        heights = (special.get(row, _DEFAULT_HEIGHT) for row in range(head + 1))
        if sum(heights) <= MOST_FROZEN:
            self.sheet.freeze_panes(head + 1, 0)
        pages = translate("sheet.page", self.language, page="&P", pages="&N")
        self.sheet.set_footer(f"&R&9{pages}")
        self.sheet.activate()
