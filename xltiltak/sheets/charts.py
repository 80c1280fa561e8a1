"""The native charts of the overview. Series differ in marker, dash and colour; bars carry their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from xlsxwriter import Workbook

from xltiltak.layout.geometry import LABEL_COL
from xltiltak.model.template import Step
from xltiltak.sheets import style

MOST_IN_CHART = 12  # areas in one chart; more cannot be told apart
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
_DATES = ("#E6EDF5", "#B9D0E8", "#6FA0D0", "#0B4A8F")  # from the first date to the last
CHART_SIZE = {"width": 530, "height": 320}  # pixels


class ChartData(NamedTuple):
    """The numbers of a chart: the row of their labels, the first column of numbers, so many areas and columns.

    The areas' names stand in the column `names`.
    """

    sheet: str
    top: int
    left: int
    areas: int
    columns: int
    names: int = 0


def means_chart(
    workbook: Workbook, block: ChartData, steps: Sequence[Step], reach: Sequence[int]
) -> Any:
    """A line for each area, over so many of the dates (`reach`): a cell that shows nothing would be drawn as 0."""
    chart, right = workbook.add_chart({"type": "line"}), block.left + block.columns - 1
    for n, columns in enumerate(reach):
        row, colour = block.top + 1 + n, _COLOURS[n % len(_COLOURS)]
        painted = {"fill": {"color": colour}, "border": {"color": colour}}
        chart.add_series(
            {
                "name": [block.sheet, row, block.names],
                "categories": [block.sheet, block.top, block.left, block.top, right],
                "values": [block.sheet, row, block.left, row, block.left + columns - 1],
                "line": {"color": colour, "width": 2, "dash_type": _DASHES[n % len(_DASHES)]},
                "marker": {"type": _MARKERS[n % len(_MARKERS)], "size": 8, **painted},
            }
        )
    values = [step.value for step in steps if isinstance(step.value, int)]
    if values:
        chart.set_y_axis(
            {"min": min(values), "max": max(values), "major_unit": 1, "num_format": "0"}
        )
    return _finished(chart)


def distribution_chart(workbook: Workbook, block: ChartData, steps: Sequence[Step]) -> Any:
    """A bar for each area, with the number of measures at each step in it."""
    top, bottom = block.top, block.top + block.areas
    cells = (
        {"name": [block.sheet, top, col], "categories": [block.sheet, top + 1, block.names, bottom, block.names],
         "values": [block.sheet, top + 1, col, bottom, col]}
        for col in range(block.left, block.left + len(steps))
    )  # fmt: skip
    return _bars(workbook, zip(steps, cells, strict=True))


def shares_chart(workbook: Workbook, block: ChartData, steps: Sequence[Step]) -> Any:
    """A bar for each date of one area, from its table of the scale: a row for each step, its word before the dates."""
    left, right, first = block.left, block.left + block.columns - 1, block.top + 1
    cells = (
        {"name": [block.sheet, row, LABEL_COL], "categories": [block.sheet, block.top, left, block.top, right],
         "values": [block.sheet, row, left, row, right]}
        for row in range(first, first + len(steps))
    )  # fmt: skip
    return _bars(workbook, zip(steps, cells, strict=True))


def _bars(workbook: Workbook, series: Iterable[tuple[Step, dict[str, Any]]]) -> Any:
    """Stacked bars, which carry their numbers."""
    chart = workbook.add_chart({"type": "bar", "subtype": "percent_stacked"})
    for step, cells in series:
        label = {
            "value": True,
            "num_format": "0;;",
            "font": {"color": step.ink or style.INK, "bold": True},
        }
        filled = {
            "fill": {"color": step.fill or style.PALE},
            "border": {"color": "#333333"},
            "gap": 60,
        }
        chart.add_series({**cells, **filled, "data_labels": label})
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    return _finished(chart)


def means_bar_chart(workbook: Workbook, block: ChartData) -> Any:
    """A group of bars for each area, one for every date; the latest is the darkest."""
    chart, bottom = workbook.add_chart({"type": "bar"}), block.top + block.areas
    for n, col in enumerate(range(block.left, block.left + block.columns)):
        colour = _DATES[n % len(_DATES)]
        chart.add_series(
            {
                "name": [block.sheet, block.top, col],
                "categories": [block.sheet, block.top + 1, block.names, bottom, block.names],
                "values": [block.sheet, block.top + 1, col, bottom, col],
                "fill": {"color": colour},
                "border": {"color": style.BLUE},
                "data_labels": {
                    "value": True,
                    "num_format": "0.0",
                    "font": {"size": 8, "color": style.INK},
                },
                "gap": 60,
            }
        )
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"visible": False, "min": 0, "major_gridlines": {"visible": False}})
    return _finished(chart)


def title_options(title: str) -> dict[str, Any]:
    """A chart's title as XlsxWriter takes it."""
    return {"name": title, "name_font": {"name": "Arial", "size": 12, "color": style.BLUE}}


def _finished(chart: Any) -> Any:
    chart.set_legend({"position": "bottom"})
    chart.set_size(CHART_SIZE)
    return chart
