"""Write a new workbook for the coordinator: the control sheet, findings, a dashboard and a log.

The tables are empty, and the same settings give the same bytes. XlsxWriter cannot give a text box a
macro, so the buttons are connected to their macros in the finished file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from zipfile import ZipFile

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from xltiltak.coordinator import model
from xltiltak.coordinator.control_sheet import (
    COLUMN_WIDTHS,
    LINK_STYLE,
    CoordinatorSheets,
    filled,
    frame,
    write_control_sheet,
)
from xltiltak.coordinator.dashboard import AREA_ROWS, DATE_COLUMNS, STEP_COLOURS, STEP_COLUMNS
from xltiltak.model.cell_values import CellValue
from xltiltak.model.language import day_number_format, translate
from xltiltak.model.report import Head
from xltiltak.model.template import Step
from xltiltak.sheets import style
from xltiltak.sheets.charts import (
    CHART_SIZE,
    ChartData,
    distribution_chart,
    means_bar_chart,
)
from xltiltak.sheets.workbook import document_properties, workbook_options
from xltiltak.xlsx.excel_limits import refusals_raised

_YEAR = 1980  # of the creation date in the file; a fixed one, so that equal workbooks are equal
_LABEL_ROW = 2  # of findings and log, counted from 0
_CHARTS_ROW, _TABLE_ROW = 3, 30  # of the dashboard, counted from 0
_NAME_WIDTH, _NUMBER_WIDTH = 34, 13  # characters
_CHART_GAP = 24  # pixels
_CHART_HEIGHT = 1.35  # relative to a chart of the appendix, as there may be more areas
_DRAWING = re.compile(r"xl/drawings/drawing\d+\.xml")


def write_coordinator_workbook(
    language: str,
    values: Mapping[str, CellValue],
    configuration: Mapping[str, str],
    project: bytes | None,
) -> bytes:
    """Return the workbook.

    `values` are the cells of the settings, by the names in `model.SETTINGS`. `configuration` is
    what RunPython reads. `project` is the VBA project; None gives a workbook without macros.
    """
    target = BytesIO()
    head = Head("", "", translate("coordinator.title", language), _YEAR, language)
    options = {**workbook_options(), "in_memory": True}
    with refusals_raised(), Workbook(target, options) as workbook:
        workbook.set_properties(document_properties(head))
        writer = CoordinatorSheets(workbook, language)
        write_control_sheet(writer, values, buttons=project is not None)
        _write_findings(writer)
        _write_dashboard(writer)
        _write_log(writer)
        _write_configuration(writer, configuration)
        if project is not None:
            workbook.add_vba_project(BytesIO(project), is_stream=True)
            workbook.set_vba_name("ThisWorkbook")
            for number, sheet in enumerate(writer.sheets.values(), 1):
                sheet.set_vba_name(f"Sheet{number}")
        writer.sheets["control"].activate()
    return _with_macros(target.getvalue(), writer.macros)


def _write_findings(writer: CoordinatorSheets) -> None:
    """Write the sheet of findings; a row that is filled in gets the colour of its severity."""
    _write_empty_table(writer, "findings", model.FINDING_TABLE_COLUMNS)
    top, last = _LABEL_ROW + 2, _LABEL_ROW + 1 + model.MAX_FINDINGS
    severities = {
        "error": filled(style.ERROR, bold=True),
        "warning": filled(style.WARNING),
        "note": filled(style.NOTE),
    }
    rules = {
        f'=$B{top}="{translate(f"book.{severity}", writer.language)}"': look
        for severity, look in severities.items()
    }
    writer.format_cells("findings", (top - 1, 1, last, 1), rules)
    # Rules for one column at a time: where ranges overlap, some programs ignore one of two rules.
    for col, name in enumerate(model.FINDING_TABLE_COLUMNS[1:], 2):
        rules = {f'=$F{top}<>""': frame()}
        if name in ("in_file", "cell"):
            is_link = f"=_xlfn.ISFORMULA({xl_col_to_name(col)}{top})"
            rules = {is_link: {**LINK_STYLE, **frame()}, **rules}
        writer.format_cells("findings", (top - 1, col, last, col), rules)


def _write_log(writer: CoordinatorSheets) -> None:
    """Write the sheet of the log, whose first column has a date with a time."""
    _write_empty_table(writer, "log", model.LOG_COLUMNS)
    moment = f"{day_number_format(writer.language)} hh:mm:ss"
    look = {**style.format_properties("plain", moment), "align": "left"}
    time = writer.workbook.add_format(look)
    writer.sheets["log"].set_column(1, 1, COLUMN_WIDTHS["log"][0], time)
    top, last = _LABEL_ROW + 2, _LABEL_ROW + 1 + model.MAX_FINDINGS
    cells = (top - 1, 1, last, len(model.LOG_COLUMNS))
    writer.format_cells("log", cells, {f'=$E{top}<>""': frame()})


def _write_empty_table(writer: CoordinatorSheets, key: str, columns: Sequence[str]) -> None:
    """Write a sheet with a title and the labels of a table, whose cells wrap their text."""
    sheet = writer.sheets[key]
    plain = writer.workbook.add_format(style.format_properties("plain", wrap=True))
    for col, width in enumerate(COLUMN_WIDTHS[key], 1):
        sheet.set_column(col, col, width, plain)
    sheet.set_row(0, 26)
    sheet.write_string(0, 1, writer.word(f"sheet_{key}"), writer.book.format("title"))
    writer.write_labels(key, _LABEL_ROW, columns)
    sheet.freeze_panes(_LABEL_ROW + 1, 0)
    sheet.repeat_rows(_LABEL_ROW)
    sheet.autofilter(_LABEL_ROW, 1, _LABEL_ROW + model.MAX_FINDINGS, len(columns))


def _write_dashboard(writer: CoordinatorSheets) -> None:
    """Write the dashboard: a title, two charts, and the empty table behind them (see `dashboard`).

    The rows of the new table are not hidden: LibreOffice removes the data of a chart whose rows are
    all hidden when it opens the file. The first merge hides what is not used.
    """
    sheet, book = writer.sheets["dashboard"], writer.book
    first_date, first_step = 2, 2 + DATE_COLUMNS
    last_col = 1 + DATE_COLUMNS + STEP_COLUMNS
    first_row, last_row = _TABLE_ROW + 1, _TABLE_ROW + AREA_ROWS
    sheet.set_column(1, 1, _NAME_WIDTH)
    sheet.set_column(first_date, last_col, _NUMBER_WIDTH, None, {"hidden": True})
    sheet.set_row(0, 26)
    sheet.write_string(0, 1, writer.word("sheet_dashboard"), book.format("title"))
    sheet.write_string(1, 0, "@title")
    sheet.write_string(1, 1, writer.word("no_answers"), book.format("heading"))

    sheet.write_string(_TABLE_ROW, 0, "@head")
    sheet.write_string(_TABLE_ROW, 1, writer.word("col_area"), book.format("head"))
    for col in range(first_date, last_col + 1):
        sheet.write_blank(_TABLE_ROW, col, None, book.format("head", "@", centred=True))
    for row in range(first_row, last_row + 1):
        for col in range(1, last_col + 1):
            kind = "given" if col < first_date else "mean" if col < first_step else "share"
            # a row that is filled in gets its frame
            look = {**style.format_properties(kind), "border": 0}
            sheet.write_blank(row, col, None, writer.workbook.add_format(look))
    has_area = f'=$B{first_row + 1}<>""'
    writer.format_cells("dashboard", (first_row, 1, last_row, last_col), {has_area: frame()})
    _insert_charts(writer, first_date, first_step)
    sheet.freeze_panes(2, 0)


def _insert_charts(writer: CoordinatorSheets, first_date: int, first_step: int) -> None:
    """Insert the charts of means and answers side by side; their columns begin at these.

    Without figures nothing of them is seen: no border, axis or title. A merge writes above them
    what they show.
    """
    sheet = writer.sheets["dashboard"]
    name = sheet.get_name()
    means = ChartData(name, _TABLE_ROW, first_date, AREA_ROWS, DATE_COLUMNS, names=1)
    answers = ChartData(name, _TABLE_ROW, first_step, AREA_ROWS, STEP_COLUMNS, names=1)
    steps = [Step(n, "", fill=fill, ink=ink) for n, (fill, ink) in enumerate(STEP_COLOURS)]
    charts = {
        "means": means_bar_chart(writer.workbook, means),
        "distribution": distribution_chart(writer.workbook, answers, steps),
    }
    for n, (key, chart) in enumerate(charts.items()):
        chart.set_title({"none": True})
        chart.set_chartarea({"border": {"none": True}})
        chart.set_y_axis({"reverse": True, "line": {"none": True}, "major_tick_mark": "none"})
        chart.set_size({**CHART_SIZE, "height": int(CHART_SIZE["height"] * _CHART_HEIGHT)})
        options = {
            "description": translate(f"coordinator.{key}_text", writer.language),
            "x_offset": n * (CHART_SIZE["width"] + _CHART_GAP),
            "object_position": 3,
        }
        sheet.insert_chart(_CHARTS_ROW, 1, chart, options)


def _write_configuration(writer: CoordinatorSheets, configuration: Mapping[str, str]) -> None:
    """Write the hidden sheet that RunPython reads: a key and a value in each row, no blank rows."""
    sheet = writer.sheets[model.CONFIGURATION]
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 90)
    for row, (key, value) in enumerate(configuration.items()):
        sheet.write_string(row, 0, key)
        sheet.write_string(row, 1, value)
    sheet.hide()


def _with_macros(content: bytes, macros: Sequence[str]) -> bytes:
    """Return the workbook with each button connected to its macro, and with round corners."""
    target, remaining = BytesIO(), iter(macros)
    with ZipFile(BytesIO(content)) as source, ZipFile(target, "w") as archive:
        for entry in source.infolist():
            part = source.read(entry)
            if _DRAWING.fullmatch(entry.filename) and b"<xdr:sp " in part:
                part = "".join(_connected(part.decode(), remaining)).encode()
            archive.writestr(entry, part)
    return target.getvalue()


def _connected(drawing: str, macros: Iterator[str]) -> Iterator[str]:
    """Yield the XML of a drawing in pieces, each shape with the name of its macro."""
    before, *shapes = drawing.split('<xdr:sp macro=""')
    yield before
    for shape in shapes:
        name = next(macros)
        named = re.sub(r'name="TextBox \d+"', f'name="{name}"', shape, count=1)
        yield f'<xdr:sp macro="[0]!{name}"' + named.replace('prst="rect"', 'prst="roundRect"', 1)
