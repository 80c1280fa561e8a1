"""The dashboard of the coordinator's workbook: two native charts over a table that is filled in at every merge.

The charts are as large as the table can become. Rows and columns without content are hidden with the first merge, and
what is hidden is not drawn; so they show as many areas, dates and steps as there are. In a new workbook the rows are
not hidden: LibreOffice takes the data away from a chart whose rows are all hidden when it opens the file.
"""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from xltiltak.coordinator import model
from xltiltak.model.language import translate
from xltiltak.model.template import Step
from xltiltak.sheets import style
from xltiltak.sheets.charts import (
    CHART_SIZE,
    ChartData,
    distribution_chart,
    means_bar_chart,
    title_options,
)
from xltiltak.sheets.workbook import WorkbookWriter

_NAME_WIDTH, _WIDTH = 34, 13  # characters
_CHARTS_ROW, _TABLE_ROW = 3, 30  # counted from 0
_GAP = 24  # pixels between the charts
_HEIGHT = 1.35  # of the charts against those of the appendix: more areas may stand in them
# The steps by their place, from the worst to the best; the last two are for scales that are longer.
_STEPS = (
    ("#A33B00", "#FFFFFF"),
    ("#F2B276", "#000000"),
    ("#F4F0DA", "#000000"),
    ("#8DBDE0", "#000000"),
    ("#0B4A8F", "#FFFFFF"),
    ("#5B6675", "#FFFFFF"),
    ("#2E7D6B", "#FFFFFF"),
)


def write_dashboard(book: WorkbookWriter, sheet: Worksheet, language: str) -> None:
    """Title, charts, and the table they draw, with nothing in it yet."""
    last = model.MOST_DATES + model.MOST_STEPS + 1
    sheet.set_column(1, 1, _NAME_WIDTH)
    sheet.set_column(2, last, _WIDTH, None, {"hidden": True})
    sheet.set_row(0, 26)
    sheet.write_string(0, 1, _word("sheet_dashboard", language), book.format("title"))
    sheet.write_string(1, 0, "@title")
    sheet.write_string(1, 1, _word("no_answers", language), book.format("heading"))
    sheet.write_string(_TABLE_ROW, 0, "@head")
    sheet.write_string(_TABLE_ROW, 1, _word("col_area", language), book.format("head"))
    for col in range(2, last + 1):
        sheet.write_blank(_TABLE_ROW, col, None, book.format("head", "@", centred=True))
    first, end = _TABLE_ROW + 1, _TABLE_ROW + model.MOST_IN_CHARTS
    for row in range(first, end + 1):
        for col in range(1, last + 1):
            kind = "given" if col == 1 else "mean" if col < 2 + model.MOST_DATES else "share"
            look = {
                **style.format_properties(kind),
                "border": 0,
            }  # its frame comes with what it says
            sheet.write_blank(row, col, None, book.workbook.add_format(look))
    framed = book.workbook.add_format({"border": 1, "border_color": style.LINE})
    rule = {"type": "formula", "criteria": f'=$B{first + 1}<>""', "format": framed}
    sheet.conditional_format(first, 1, end, last, rule)
    _charts(book, sheet, language)
    sheet.freeze_panes(2, 0)


def _charts(book: WorkbookWriter, sheet: Worksheet, language: str) -> None:
    name, steps = (
        sheet.get_name(),
        [Step(n, "", fill=fill, ink=ink) for n, (fill, ink) in enumerate(_STEPS)],
    )
    means = ChartData(name, _TABLE_ROW, 2, model.MOST_IN_CHARTS, model.MOST_DATES, names=1)
    spread = ChartData(
        name, _TABLE_ROW, 2 + model.MOST_DATES, model.MOST_IN_CHARTS, model.MOST_STEPS, names=1
    )
    drawn = (
        (means_bar_chart(book.workbook, means), "means"),
        (distribution_chart(book.workbook, spread, steps), "distribution"),
    )
    for n, (chart, key) in enumerate(drawn):
        chart.set_title(title_options(_word(f"{key}_title", language)))
        chart.set_size({**CHART_SIZE, "height": int(CHART_SIZE["height"] * _HEIGHT)})
        place = {"x_offset": n * (CHART_SIZE["width"] + _GAP), "object_position": 3}
        sheet.insert_chart(
            _CHARTS_ROW, 1, chart, {"description": _word(f"{key}_text", language), **place}
        )


def _word(key: str, language: str) -> str:
    return translate(f"coordinator.{key}", language)
