"""The native Excel charts of the overview and of the coordinator's dashboard.

No chart relies on colour alone: lines differ in marker and dash too, and bars carry their numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from xlsxwriter import Workbook

from xltiltak.layout.geometry import LABEL_COL
from xltiltak.model.template import Step
from xltiltak.sheets import style

MOST_IN_CHART = 12  # areas in one chart; more cannot be told apart
CHART_SIZE = {"width": 530, "height": 320}  # pixels
_MARKERS = (
    "circle",
    "square",
    "diamond",
    "triangle",
    "x",
    "plus",
    "star",
    "short_dash",
    "long_dash",
)
_DASHES = ("solid", "dash", "round_dot", "dash_dot", "long_dash", "square_dot")
_COLOURS = ("#0B4A8F", "#A33B00", "#5B6675", "#2E7D6B", "#7A4FA3", "#8A6D1F")
_TOTAL = "#000000"
_DATE_COLOURS = ("#E6EDF5", "#B9D0E8", "#6FA0D0", "#0B4A8F")  # from the first date to the last
_BAR_BORDER = "#333333"
_UNANSWERED_BORDER = {"color": "#6B7682", "dash_type": "dash"}
_UNANSWERED_PATTERN = {
    "pattern": "light_upward_diagonal",
    "fg_color": "#9AA3AE",
    "bg_color": "#FFFFFF",
}
_BAR_GAP = 60  # percent of a bar's width


class ChartData(NamedTuple):
    """The cells of a chart's numbers, counted from 0.

    `top` is the row of the labels, with the areas below; `left` is the first column of numbers.
    `areas` and `columns` are their counts, `names` is the column of the areas' names.
    """

    sheet: str
    top: int
    left: int
    areas: int
    columns: int
    names: int = 0

    def cells(self, first_row: int, first_col: int, last_row: int, last_col: int) -> list[Any]:
        """Return a range of the sheet as XlsxWriter takes it."""
        return [self.sheet, first_row, first_col, last_row, last_col]

    def column_series(self, col: int) -> dict[str, Any]:
        """Return a series of one column: a number for each area."""
        first, last = self.top + 1, self.top + self.areas
        return {
            "name": [self.sheet, self.top, col],
            "categories": self.cells(first, self.names, last, self.names),
            "values": self.cells(first, col, last, col),
        }


def means_chart(
    workbook: Workbook, data: ChartData, steps: Sequence[Step], answered_dates: Sequence[int]
) -> Any:
    """Return a line for each area, over the number of dates that is given for it.

    One number more is that of the row below the areas: all of them, in thick black. A cell without
    a mean would be drawn as 0; therefore a line ends with its last answer.
    """
    chart = workbook.add_chart({"type": "line"})
    dates = data.cells(data.top, data.left, data.top, data.left + data.columns - 1)
    for n, count in enumerate(answered_dates):
        is_total = n == data.areas
        row, colour = data.top + 1 + n, _TOTAL if is_total else _COLOURS[n % len(_COLOURS)]
        dash = "solid" if is_total else _DASHES[n % len(_DASHES)]
        line = {"color": colour, "width": 3.5 if is_total else 1.5, "dash_type": dash}
        marker = {
            "type": "circle" if is_total else _MARKERS[n % len(_MARKERS)],
            "size": 6,
            "fill": {"color": colour},
            "border": {"color": colour},
        }
        chart.add_series(
            {
                "name": [data.sheet, row, data.names],
                "categories": dates,
                "values": data.cells(row, data.left, row, data.left + count - 1),
                "line": line,
                "marker": marker,
            }
        )
    values = [step.value for step in steps if isinstance(step.value, int) and step.counts]
    if values:
        scale = {"min": min(values), "max": max(values), "major_unit": 1, "num_format": "0"}
        chart.set_y_axis(scale)
    return _with_legend(chart)


def distribution_chart(workbook: Workbook, data: ChartData, steps: Sequence[Step]) -> Any:
    """Return a bar for each area, with its number of measures at each step, and of those without.

    A column after those of the steps is what is not answered.
    """
    columns = range(data.left, data.left + data.columns)
    series = [data.column_series(col) for col in columns]
    return _stacked_bars(workbook, zip((*steps, None), series, strict=False))


def shares_chart(workbook: Workbook, data: ChartData, steps: Sequence[Step]) -> Any:
    """Return a bar for each date of one area.

    The numbers come from the table of the scale, which has a row for each step with its label, and
    one for what is not answered.
    """
    left, right = data.left, data.left + data.columns - 1
    series = [
        {
            "name": [data.sheet, row, LABEL_COL],
            "categories": data.cells(data.top, left, data.top, right),
            "values": data.cells(row, left, row, right),
        }
        for row in range(data.top + 1, data.top + 2 + len(steps))
    ]
    return _stacked_bars(workbook, zip((*steps, None), series, strict=True))


def means_bar_chart(workbook: Workbook, data: ChartData) -> Any:
    """Return a group of bars for each area, one bar a date; the latest is the darkest."""
    chart = workbook.add_chart({"type": "bar"})
    for n in range(data.columns):
        font = {"size": 8, "color": style.INK}
        bars = {
            "fill": {"color": _DATE_COLOURS[n % len(_DATE_COLOURS)]},
            "border": {"color": style.BLUE},
            "data_labels": {"value": True, "num_format": "0.0", "font": font},
            "gap": _BAR_GAP,
        }
        chart.add_series(data.column_series(data.left + n) | bars)
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"visible": False, "min": 0, "major_gridlines": {"visible": False}})
    return _with_legend(chart)


def title_options(title: str) -> dict[str, Any]:
    """Return a chart's title as XlsxWriter takes it."""
    return {"name": title, "name_font": {"name": "Arial", "size": 12, "color": style.BLUE}}


def _stacked_bars(workbook: Workbook, series: Iterable[tuple[Step | None, dict[str, Any]]]) -> Any:
    """Return stacked bars with their numbers, each step in its own colour.

    Without a step the part is what is not answered: hatched, with a dashed edge.
    """
    chart = workbook.add_chart({"type": "bar", "subtype": "percent_stacked"})
    for step, cells in series:
        font = {"color": (step and step.ink) or style.INK, "bold": True}
        bars = {
            "border": {"color": _BAR_BORDER} if step else _UNANSWERED_BORDER,
            "gap": _BAR_GAP,
            "data_labels": {"value": True, "num_format": "0;;", "font": font},
        }
        if step:
            bars["fill"] = {"color": step.fill or style.PALE}
        else:
            bars["pattern"] = _UNANSWERED_PATTERN
        chart.add_series(cells | bars)
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    return _with_legend(chart)


def _with_legend(chart: Any) -> Any:
    """Return the chart with its legend and size."""
    chart.set_legend({"position": "bottom"})
    chart.set_size(CHART_SIZE)
    return chart
