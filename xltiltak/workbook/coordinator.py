"""The coordinator's workbook: settings and buttons, her areas, findings, a dashboard and a log, all empty.

The same settings give the same bytes. The buttons are shapes: XlsxWriter draws them, and the macro that each one runs
is named afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from xlsxwriter.worksheet import Worksheet

from xltiltak import desk, language
from xltiltak.repair import Raw
from xltiltak.report import Head
from xltiltak.workbook import style
from xltiltak.workbook.book import Book, new_book
from xltiltak.workbook.dashboard import write_dashboard

MODULE = "XltiltakButtons"
_YEAR = 1980  # of the file's own date, the first that a zip knows: no clock in what we write
_WIDTHS = {
    "control": (32, 30, 17, 17, 15, 8, 11, 46),
    "findings": (12, 8, 26, 32, 60, 44, 34, 22, 8),
    "log": (20, 16, 12, 110),
}
_SETTINGS_ROW, _BUTTONS_ROW, _STATUS_ROW, _AREAS_ROW = 5, 12, 15, 17  # counted from 0
_LAST_OF_VALUE, _CHOICE = 5, 6  # columns: a setting's value reaches to the first, its button stands in the second
_BUTTON = {"width": 138, "height": 38, "gap": 12}  # pixels
_CENTRED = (3, 4, 5, 6, 7)  # columns of the areas
_FINE = "#E3F1E4"  # the fill of what has come back
_HEAD_ROW = 2  # of the lists
_DRAWING = re.compile(r"xl/drawings/drawing\d+\.xml")


class _Desk:
    """The workbook in the making; `macros` are those of its buttons, in the order they were drawn."""

    def __init__(self, book: Book, spoken: str) -> None:
        self.book, self.spoken = book, spoken
        self.macros: list[str] = []
        self.sheets = {key: self._sheet(key) for key in desk.SHEETS}

    def word(self, key: str, **values: object) -> str:
        """A phrase of this workbook."""
        return language.word(f"coordinator.{key}", self.spoken, **values)

    def _sheet(self, key: str) -> Worksheet:
        name = key if key == desk.CONFIGURATION else self.book.sheet_name(self.word(f"sheet_{key}"))
        sheet = self.book.workbook.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        if key != desk.CONFIGURATION:
            sheet.set_column(0, 0, 12, None, {"hidden": True})
            sheet.write_string(0, 0, f"@{key}|{desk.FORMAT}|{self.spoken}")
        for col, width in enumerate(_WIDTHS.get(key, ()), 1):
            sheet.set_column(col, col, width)
        return sheet

    def head(self, key: str, row: int, columns: Sequence[str], centred: Sequence[int] = ()) -> None:
        """The labels of a table, with its mark."""
        self.sheets[key].write_string(row, 0, "@head")
        for col, name in enumerate(columns, 1):
            look = self.book.format("head", centred=col in centred)
            self.sheets[key].write_string(row, col, self.word(f"col_{name}"), look)

    def button(self, row: int, col: int, macro: str, caption: str, told: str, **look: Any) -> None:
        """A shape that runs a macro."""
        self.macros.append(macro)
        font = {"name": "Arial", "bold": True, "size": 11, "color": "#FFFFFF", **look.pop("font", {})}
        options = {"fill": {"color": style.BLUE}, "line": {"none": True}, "font": font, "object_position": 2}
        options |= {"align": {"horizontal": "center", "vertical": "middle"}, "description": told, **look}
        self.sheets["control"].insert_textbox(row, col, caption, options)

    def colours(self, key: str, cells: tuple[int, int, int, int], rules: Mapping[str, dict[str, Any]]) -> None:
        """Looks of rows that are filled in later, by formulas for the first cell."""
        for formula, look in rules.items():
            shown = self.book.workbook.add_format(look)
            self.sheets[key].conditional_format(*cells, {"type": "formula", "criteria": formula, "format": shown})


def write_coordinator(
    spoken: str, values: Mapping[str, Raw], configuration: Mapping[str, str], project: bytes | None
) -> bytes:
    """The workbook with her settings; `project` is the VBA project, None for a workbook without macros."""
    target = BytesIO()
    head = Head("", "", language.word("coordinator.title", spoken), _YEAR, spoken)
    with new_book(target, head) as book:
        made = _Desk(book, spoken)
        _write_control(made, values, buttons=project is not None)
        _write_findings(made)
        write_dashboard(book, made.sheets["dashboard"], spoken)
        _write_log(made)
        _write_configuration(made, configuration)
        if project is not None:
            book.workbook.add_vba_project(BytesIO(project), is_stream=True)
            book.workbook.set_vba_name("ThisWorkbook")
            for number, sheet in enumerate(made.sheets.values(), 1):
                sheet.set_vba_name(f"Sheet{number}")
        made.sheets["control"].activate()
    return _clickable(target.getvalue(), made.macros)


def macro(button: str) -> str:
    """The macro of a button: XltiltakChoosePlan for "choose_plan"."""
    return "Xltiltak" + "".join(part.capitalize() for part in button.split("_"))


def _write_control(made: _Desk, values: Mapping[str, Raw], *, buttons: bool) -> None:
    sheet, look = made.sheets["control"], made.book.format
    sheet.set_row(0, 30)
    sheet.write_string(0, 1, made.word("title"), look("title"))
    sheet.write_string(1, 0, "@report")
    sheet.write_string(1, 1, made.word("no_plan"), look("heading"))
    sheet.write_string(2, 1, made.word("steps"), look("note"))
    for row, name in enumerate(desk.SETTINGS, _SETTINGS_ROW):
        _write_setting(made, row, name, values.get(name))
        if buttons and name in desk.CHOICES:
            small = {"width": 84, "height": 18, "y_offset": 2, "x_offset": 6, "font": {"size": 9, "color": style.BLUE}}
            line = {"fill": {"color": style.PALE}, "line": {"color": style.BLUE, "width": 0.75}}
            told = f"{made.word('choose')} {made.word(f'set_{name}')}"
            made.button(row, _CHOICE, macro(f"choose_{name}"), made.word("choose"), told, **small, **line)
    _write_buttons(made, buttons=buttons)
    sheet.write_string(_STATUS_ROW, 0, "@status")
    sheet.write_string(_STATUS_ROW, 1, made.word("nothing_yet"), look("heading"))
    _write_areas(made)
    sheet.freeze_panes(_AREAS_ROW + 1, 0)
    sheet.repeat_rows(_AREAS_ROW)


def _write_setting(made: _Desk, row: int, name: str, value: Raw) -> None:
    sheet, day = made.sheets["control"], name in ("day", "deadline")
    sheet.set_row(row, 18)
    sheet.write_string(row, 0, f"@{name}")
    middle = {"valign": "vcenter", "text_wrap": False}
    label = made.book.workbook.add_format({**style.look("label"), **middle})
    sheet.write_string(row, 1, made.word(f"set_{name}"), label)
    shown = style.look("entry", "dd.mm.yyyy" if day else "@")
    look = made.book.workbook.add_format({**shown, **middle, "indent": 1})
    sheet.merge_range(row, 2, row, _LAST_OF_VALUE, "", look)
    if value is not None:
        (sheet.write_datetime if day else sheet.write_string)(row, 2, value, look)
    if day or name == "appendix":
        beside = made.book.workbook.add_format({**style.look("note"), "indent": 1, "valign": "vcenter"})
        sheet.write_string(row, _CHOICE, made.word(f"help_{name}"), beside)


def _write_buttons(made: _Desk, *, buttons: bool) -> None:
    """The buttons and, below, what to do where they do nothing; without macros the commands that do the same."""
    sheet, note = made.sheets["control"], made.book.format("note")
    sheet.set_row(_BUTTONS_ROW, 36)
    for n, name in enumerate(desk.BUTTONS):
        caption = made.word(f"button_{name}")
        if buttons:
            place = {"x_offset": n * (_BUTTON["width"] + _BUTTON["gap"]), "y_offset": 4}
            size = {"width": _BUTTON["width"], "height": _BUTTON["height"]}
            made.button(_BUTTONS_ROW, 1, macro(name), caption, made.word(f"does_{name}"), **size, **place)
    if not buttons:
        sheet.write_string(_BUTTONS_ROW, 1, made.word("commands"), made.book.format("filled"))
    sheet.write_string(_BUTTONS_ROW + 1, 1, made.word("blocked" if buttons else "without_macros"), note)


def _write_areas(made: _Desk) -> None:
    """The table of areas, empty: its rows get their looks with what they say."""
    sheet, first, columns = made.sheets["control"], _AREAS_ROW + 1, range(1, len(desk.AREAS) + 1)
    made.head("control", _AREAS_ROW, desk.AREAS, centred=_CENTRED)
    looks = {col: style.look("plain", wrap=True, centred=col in _CENTRED) for col in columns}
    formats = {col: made.book.workbook.add_format(look) for col, look in looks.items()}
    for row in range(first, first + desk.MOST_AREAS + 1):
        for col in columns:
            sheet.write_blank(row, col, None, formats[col])
    top, last = first + 1, first + desk.MOST_AREAS  # the first row as formulas count
    error, warning, fine = _fill(style.ERROR, bold=True), _fill(style.WARNING), _fill(_FINE)
    states = {
        3: {f'=$D{top}="{made.word("not_sent")}"': warning},
        4: {f'=$E{top}="{made.word("not_returned")}"': warning, f'=$E{top}="{made.word("is_returned")}"': fine},
        6: {f"=AND(ISNUMBER($G{top}),$G{top}>0)": error},
        7: {f"=AND(ISNUMBER($H{top}),$H{top}>0)": warning},
    }
    total = {f'=$B{top}="{made.word("all")}"': {"bold": True, "bg_color": style.PALE, **_frame()}}
    for col in columns:  # a column each: where rules overlap, not every program takes both
        rules = {**states.get(col, {}), **total, f'=$B{top}<>""': _frame()}
        made.colours("control", (first, col, last, col), rules)


def _write_findings(made: _Desk) -> None:
    _list(made, "findings", desk.FINDINGS)
    words = {severity: language.word(f"book.{severity}", made.spoken) for severity in ("error", "warning", "note")}
    looks = (_fill(style.ERROR, bold=True), _fill(style.WARNING), _fill(style.NOTE))
    top = _HEAD_ROW + 2
    rules = {f'=$B{top}="{word}"': look for word, look in zip(words.values(), looks, strict=True)}
    made.colours("findings", (top - 1, 1, top - 1 + desk.MOST_FINDINGS, 1), rules)


def _write_log(made: _Desk) -> None:
    _list(made, "log", desk.LOG)
    made.sheets["log"].set_column(1, 1, _WIDTHS["log"][0], made.book.format("plain", "dd.mm.yyyy hh:mm:ss"))


def _list(made: _Desk, key: str, columns: Sequence[str]) -> None:
    """A sheet with a title and a table that is filled later; its rows wrap, and get a frame with their content."""
    sheet = made.sheets[key]
    plain = made.book.workbook.add_format(style.look("plain", wrap=True))
    for col, width in enumerate(_WIDTHS[key], 1):
        sheet.set_column(col, col, width, plain)
    sheet.set_row(0, 26)
    sheet.write_string(0, 1, made.word(f"sheet_{key}"), made.book.format("title"))
    made.head(key, _HEAD_ROW, columns)
    sheet.freeze_panes(_HEAD_ROW + 1, 0)
    sheet.repeat_rows(_HEAD_ROW)
    sheet.autofilter(_HEAD_ROW, 1, _HEAD_ROW + desk.MOST_FINDINGS, len(columns))
    first, last = _HEAD_ROW + 1, _HEAD_ROW + 1 + desk.MOST_FINDINGS
    framed = 2 if key == "findings" else 1  # the severity has its own rules
    made.colours(key, (first, framed, last, len(columns)), {f'=$E{first + 1}<>""': _frame()})


def _write_configuration(made: _Desk, configuration: Mapping[str, str]) -> None:
    """What `RunPython` reads: key and value, without a gap."""
    sheet = made.sheets[desk.CONFIGURATION]
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 90)
    for row, (key, value) in enumerate(configuration.items()):
        sheet.write_string(row, 0, key)
        sheet.write_string(row, 1, value)
    sheet.hide()


def _frame() -> dict[str, Any]:
    return {"border": 1, "border_color": style.LINE}


def _fill(colour: str, *, bold: bool = False) -> dict[str, Any]:
    return {"bg_color": colour, "bold": bold, **_frame()}


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
