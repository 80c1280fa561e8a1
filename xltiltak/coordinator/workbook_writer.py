"""The coordinator's workbook: settings and buttons, her areas, findings, a dashboard and a log, all empty.

The same settings give the same bytes. The buttons are shapes: XlsxWriter draws them, and the macro that each one runs
is named afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from zipfile import ZipFile

from xlsxwriter.utility import xl_col_to_name

from xltiltak.coordinator import model
from xltiltak.coordinator.control_sheet import (
    LINK,
    WIDTHS,
    ControlSheetWriter,
    frame,
    shade,
    write_control,
)
from xltiltak.coordinator.dashboard import write_dashboard
from xltiltak.model.language import translate
from xltiltak.model.normalize import CellValue
from xltiltak.model.report import Head
from xltiltak.sheets import style
from xltiltak.sheets.workbook import new_workbook

MODULE = "XltiltakButtons"
_YEAR = 1980  # of the file's own date, the first that a zip knows: no clock in what we write
_HEAD_ROW = 2  # of the lists
_DRAWING = re.compile(r"xl/drawings/drawing\d+\.xml")


def write_coordinator_workbook(
    language: str,
    values: Mapping[str, CellValue],
    configuration: Mapping[str, str],
    project: bytes | None,
) -> bytes:
    """The workbook with her settings; `project` is the VBA project, None for a workbook without macros."""
    target = BytesIO()
    head = Head("", "", translate("coordinator.title", language), _YEAR, language)
    with new_workbook(target, head) as book:
        made = ControlSheetWriter(book, language)
        write_control(made, values, buttons=project is not None)
        _write_findings(made)
        write_dashboard(book, made.sheets["dashboard"], language)
        _write_log(made)
        _write_configuration(made, configuration)
        if project is not None:
            book.workbook.add_vba_project(BytesIO(project), is_stream=True)
            book.workbook.set_vba_name("ThisWorkbook")
            for number, sheet in enumerate(made.sheets.values(), 1):
                sheet.set_vba_name(f"Sheet{number}")
        made.sheets["control"].activate()
    return _clickable(target.getvalue(), made.macros)


def _write_findings(made: ControlSheetWriter) -> None:
    _list(made, "findings", model.FINDING_TABLE_COLUMNS)
    words = {
        severity: translate(f"book.{severity}", made.language)
        for severity in ("error", "warning", "note")
    }
    looks = (shade(style.ERROR, bold=True), shade(style.WARNING), shade(style.NOTE))
    top = _HEAD_ROW + 2
    rules = {f'=$B{top}="{word}"': look for word, look in zip(words.values(), looks, strict=True)}
    made.colours("findings", (top - 1, 1, top - 1 + model.MOST_FINDINGS, 1), rules)
    for n, name in enumerate(
        model.FINDING_TABLE_COLUMNS[1:], 2
    ):  # a column each: where rules overlap, not every program takes both
        framed = {f'=$F{top}<>""': frame()}
        linked = {f"=_xlfn.ISFORMULA({xl_col_to_name(n)}{top})": {**LINK, **frame()}, **framed}
        rules = linked if name in ("in_file", "cell") else framed
        made.colours("findings", (top - 1, n, top - 1 + model.MOST_FINDINGS, n), rules)


def _write_log(made: ControlSheetWriter) -> None:
    _list(made, "log", model.LOG_COLUMNS)
    time = made.book.workbook.add_format(
        {**style.format_properties("plain", "dd.mm.yyyy hh:mm:ss"), "align": "left"}
    )
    made.sheets["log"].set_column(1, 1, WIDTHS["log"][0], time)
    top = _HEAD_ROW + 2
    made.colours(
        "log",
        (top - 1, 1, top - 1 + model.MOST_FINDINGS, len(model.LOG_COLUMNS)),
        {f'=$E{top}<>""': frame()},
    )


def _list(made: ControlSheetWriter, key: str, columns: Sequence[str]) -> None:
    """A sheet with a title and a table that is filled later; its rows wrap."""
    sheet = made.sheets[key]
    plain = made.book.workbook.add_format(style.format_properties("plain", wrap=True))
    for col, width in enumerate(WIDTHS[key], 1):
        sheet.set_column(col, col, width, plain)
    sheet.set_row(0, 26)
    sheet.write_string(0, 1, made.word(f"sheet_{key}"), made.book.format("title"))
    made.head(key, _HEAD_ROW, columns)
    sheet.freeze_panes(_HEAD_ROW + 1, 0)
    sheet.repeat_rows(_HEAD_ROW)
    sheet.autofilter(_HEAD_ROW, 1, _HEAD_ROW + model.MOST_FINDINGS, len(columns))


def _write_configuration(made: ControlSheetWriter, configuration: Mapping[str, str]) -> None:
    """What `RunPython` reads: key and value, without a gap."""
    sheet = made.sheets[model.CONFIGURATION]
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 90)
    for row, (key, value) in enumerate(configuration.items()):
        sheet.write_string(row, 0, key)
        sheet.write_string(row, 1, value)
    sheet.hide()


def _clickable(content: bytes, macros: Sequence[str]) -> bytes:
    """The workbook with the macro of every button, and its corners rounded."""
    target, wanted = BytesIO(), iter(macros)
    with ZipFile(BytesIO(content)) as source, ZipFile(target, "w") as made:
        for entry in source.infolist():
            part = source.read(entry)
            if _DRAWING.fullmatch(entry.filename) and b"<xdr:sp " in part:
                part = "".join(_named(part.decode(), wanted)).encode()
            made.writestr(entry, part)
    return target.getvalue()


def _named(drawing: str, macros: Iterator[str]) -> Iterator[str]:
    before, *shapes = drawing.split('<xdr:sp macro=""')
    yield before
    for shape in shapes:
        name = next(macros)
        called = re.sub(r'name="TextBox \d+"', f'name="{name}"', shape, count=1)
        yield f'<xdr:sp macro="[0]!{name}"' + called.replace('prst="rect"', 'prst="roundRect"', 1)
