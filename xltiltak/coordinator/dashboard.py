"""Compute the table behind the two charts of the dashboard.

The charts are drawn once, when the workbook is written, over a table of a fixed size: a row for
each area, DATE_COLUMNS columns with the mean at a date, and STEP_COLUMNS columns with the number of
answers at a step of the scale. Each merge fills the table in and hides the rows and columns that
are not used; Excel does not draw what is hidden.

A column keeps its colour in the chart, whatever the scale is. A scale therefore uses the columns
whose colours suit its number of steps.
"""

from __future__ import annotations

from dataclasses import dataclass

from xltiltak.coordinator.model import TableRow, shorten
from xltiltak.model.language import day_text, translate
from xltiltak.model.register import Register
from xltiltak.model.summary import TOTAL, area_statistics, decimals_of

AREA_ROWS, DATE_COLUMNS, STEP_COLUMNS = 40, 4, 7
# Fill and text colour of each step column: five from the worst step to the best, then two more for
# longer scales.
STEP_COLOURS = (
    ("#FBE0CC", "#1B2430"),
    ("#E9BC82", "#1B2430"),
    ("#79AAA3", "#1B2430"),
    ("#32709F", "#FFFFFF"),
    ("#0C3464", "#FFFFFF"),
    ("#5B6675", "#FFFFFF"),
    ("#2E7D6B", "#FFFFFF"),
)
# By the number of steps of the scale: the column of each step. A longer scale is not drawn.
_COLUMNS_OF_SCALE = {
    1: (4,),
    2: (0, 4),
    3: (0, 2, 4),
    4: (0, 1, 3, 4),
    5: (0, 1, 2, 3, 4),
    6: (0, 1, 2, 3, 4, 5),
    7: (0, 1, 2, 3, 4, 5, 6),
}


@dataclass(frozen=True, slots=True)
class DashboardData:
    """The table of the dashboard. `note` says what the charts show; it is empty without figures.

    `labels` has a label for each date and step column, None for a column that is not used. A row
    begins with the name of the area and has None in these columns.
    """

    title: str
    labels: list[str | None]
    rows: list[TableRow]
    note: str = ""


def dashboard_data(register: Register, language: str) -> DashboardData:
    """Return the means at the last dates, and the distribution of the answers at one of them.

    That date is the current one, or the last with answers if the current one has none yet.
    """
    report = register.shown_report
    mean_field = report.template.mean_field()
    if mean_field is None:
        unused: list[str | None] = [None] * (DATE_COLUMNS + STEP_COLUMNS)
        return DashboardData(_word("no_figures", language), unused, [])

    statistics, decimals = area_statistics(report), decimals_of(report)
    answered = [day for day in report.head.dates if statistics[TOTAL, day].answered]
    dates = answered[-DATE_COLUMNS:]
    shown = report.head.current if report.head.current in dates else max(dates, default=None)
    steps = report.template.scales.get(mean_field.scale, ())
    step_by_column = dict(zip(_COLUMNS_OF_SCALE.get(len(steps), ()), steps, strict=False))
    step_columns = [step_by_column.get(column) for column in range(STEP_COLUMNS)]
    unused_dates = [None] * (DATE_COLUMNS - len(dates))  # the last date is in the last column

    labels: list[str | None] = [
        *unused_dates,
        *(day_text(day, language) for day in dates),
        *(f"{step.value} {step.label}" if step else None for step in step_columns),
    ]
    rows: list[TableRow] = []
    for ref in report.area_refs[:AREA_ROWS]:
        means = [statistics[ref, day].mean(decimals) for day in dates]
        answers = statistics[ref, shown].distribution if shown else {}
        rows.append(
            [
                shorten(report.area_name(ref)),
                *unused_dates,
                *(None if mean is None else float(mean) for mean in means),
                *(answers.get(step.value, 0) if step else None for step in step_columns),
            ]
        )
    title = _word("figures_of", language, date=shown) if shown else _word("no_answers", language)
    return DashboardData(title, labels, rows, _word("charts_note", language) if shown else "")


def _word(key: str, language: str, **values: object) -> str:
    return translate(f"coordinator.{key}", language, **values)
