"""The sheets of the coordinator's workbook in the making, and the first of them: settings, buttons and her areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from xlsxwriter.worksheet import Worksheet

from xltiltak.coordinator import model
from xltiltak.model.errors import ExcelError
from xltiltak.model.language import translate
from xltiltak.model.normalize import CellValue
from xltiltak.sheets import style
from xltiltak.sheets.workbook import WorkbookWriter

WIDTHS = {
    "control": (32, 32, 16, 16, 13, 7, 11, 46),
    "findings": (12, 8, 26, 32, 60, 44, 34, 22, 8),
    "log": (20, 16, 12, 110),
}  # characters
_SETTINGS_ROW, _BUTTONS_ROW, _STATUS_ROW, _AREAS_ROW = 5, 13, 16, 18  # counted from 0
_LAST_OF_VALUE, _CHOICE = (
    5,
    6,
)  # columns: a setting's value reaches to the first, its button stands in the second
_BUTTON_COLUMNS = (
    1,
    2,
    3,
    5,
    8,
)  # each begins where a column does: only that is one place in every program
_BUTTON = {"width": 217, "height": 38}  # pixels
_CENTRED = (3, 4, 5, 6, 7)  # columns of the areas
_FINE = "#E3F1E4"  # the fill of what has come back
LINK = {"font_color": style.BLUE, "underline": 1}


class ControlSheetWriter:
    """The workbook in the making; `macros` are those of its buttons, in the order they were drawn."""

    def __init__(self, book: WorkbookWriter, language: str) -> None:
        self.book, self.language = book, language
        self.macros: list[str] = []
        self.sheets = {key: self._sheet(key) for key in model.SHEETS}

    def word(self, key: str, **values: object) -> str:
        """A phrase of this workbook."""
        return translate(f"coordinator.{key}", self.language, **values)

    def _sheet(self, key: str) -> Worksheet:
        name = (
            key if key == model.CONFIGURATION else self.book.sheet_name(self.word(f"sheet_{key}"))
        )
        sheet = self.book.workbook.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        if key != model.CONFIGURATION:
            sheet.set_column(0, 0, 12, None, {"hidden": True})
            sheet.write_string(0, 0, f"@{key}|{model.FORMAT}|{self.language}")
        for col, width in enumerate(WIDTHS.get(key, ()), 1):
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
        font = {
            "name": "Arial",
            "bold": True,
            "size": 11,
            "color": "#FFFFFF",
            **look.pop("font", {}),
        }
        options = {
            "fill": {"color": style.BLUE},
            "line": {"none": True},
            "font": font,
            "object_position": 2,
        }
        options |= {
            "align": {"horizontal": "center", "vertical": "middle"},
            "description": told,
            **look,
        }
        self.sheets["control"].insert_textbox(row, col, caption, options)

    def colours(
        self, key: str, cells: tuple[int, int, int, int], rules: Mapping[str, dict[str, Any]]
    ) -> None:
        """Looks of rows that are filled in later, by formulas for the first cell."""
        for formula, look in rules.items():
            shown = self.book.workbook.add_format(look)
            self.sheets[key].conditional_format(
                *cells, {"type": "formula", "criteria": formula, "format": shown}
            )


def macro(button: str) -> str:
    """The macro of a button: XltiltakChoosePlan for "choose_plan"."""
    return "Xltiltak" + "".join(part.capitalize() for part in button.split("_"))


def write_control(
    made: ControlSheetWriter, values: Mapping[str, CellValue], *, buttons: bool
) -> None:
    """Settings, buttons and the table of areas; without buttons the commands that do the same."""
    sheet, look = made.sheets["control"], made.book.format
    sheet.set_row(0, 30)
    sheet.write_string(0, 1, made.word("title"), look("title"))
    sheet.write_string(1, 0, "@report")
    sheet.write_string(
        1, 1, made.word("plan_set" if values.get("plan") else "no_plan"), look("heading")
    )
    sheet.write_string(2, 1, made.word("steps"), look("note"))
    for row, name in enumerate(model.SETTINGS, _SETTINGS_ROW):
        _write_setting(made, row, name, values.get(name))
        if buttons and name in model.PICKED_SETTINGS:
            small = {
                "width": 84,
                "height": 18,
                "y_offset": 2,
                "x_offset": 6,
                "font": {"size": 9, "color": style.BLUE},
            }
            line = {"fill": {"color": style.PALE}, "line": {"color": style.BLUE, "width": 0.75}}
            told = f"{made.word('choose')} {made.word(f'set_{name}')}"
            made.button(
                row, _CHOICE, macro(f"choose_{name}"), made.word("choose"), told, **small, **line
            )
    _write_buttons(made, buttons=buttons)
    _write_status(made)
    _write_areas(made)
    sheet.repeat_rows(_AREAS_ROW)


def _write_setting(made: ControlSheetWriter, row: int, name: str, value: CellValue) -> None:
    sheet, day = made.sheets["control"], name in ("day", "deadline")
    sheet.set_row(row, 18)
    sheet.write_string(row, 0, f"@{name}")
    middle = {"valign": "vcenter", "text_wrap": False}
    label = made.book.workbook.add_format({**style.format_properties("label"), **middle})
    sheet.write_string(row, 1, made.word(f"set_{name}"), label)
    shown = style.format_properties("entry", "dd.mm.yyyy" if day else "@")
    look = made.book.workbook.add_format({**shown, **middle, "indent": 1})
    sheet.merge_range(row, 2, row, _LAST_OF_VALUE, "", look)
    if name == "per":
        value = _choice(made, sheet, row, value)
    if value is not None:
        (sheet.write_datetime if day else sheet.write_string)(row, 2, value, look)
    if day or name in ("appendix", "per"):
        beside = made.book.workbook.add_format(
            {**style.format_properties("note"), "indent": 1, "valign": "vcenter"}
        )
        sheet.write_string(row, _CHOICE, made.word(f"help_{name}"), beside)


def _write_status(made: ControlSheetWriter) -> None:
    """The line that says how it went: two lines high, across the table, in another colour where it went wrong."""
    sheet, look = (
        made.sheets["control"],
        {**style.format_properties("heading", wrap=True), "align": "left"},
    )
    sheet.set_row(_STATUS_ROW, 34)
    sheet.write_string(_STATUS_ROW, 0, "@status")
    shown = made.book.workbook.add_format(look)
    sheet.merge_range(
        _STATUS_ROW, 1, _STATUS_ROW, len(model.AREA_TABLE_COLUMNS), made.word("nothing_yet"), shown
    )
    cell = (_STATUS_ROW, 1, _STATUS_ROW, 1)
    made.colours(
        "control",
        cell,
        {f'=LEFT($B${_STATUS_ROW + 1},1)="{model.FAILED}"': {"font_color": style.WRONG_LINE}},
    )


def _choice(made: ControlSheetWriter, sheet: Worksheet, row: int, value: CellValue) -> CellValue:
    """The list of what can be chosen; what was chosen in another language is said in this one."""
    words = {name: made.word(f"per_{name}") for name in model.FORM_RECIPIENTS}
    sheet.data_validation(
        row, 2, row, 2, {"validate": "list", "source": list(words.values()), "ignore_blank": True}
    )
    with suppress(ExcelError):
        return words[model.per_in(value)]
    return value


def _write_buttons(made: ControlSheetWriter, *, buttons: bool) -> None:
    """The buttons and, below, what to do where they do nothing; without macros the commands that do the same."""
    sheet, note = made.sheets["control"], made.book.format("note")
    sheet.set_row(_BUTTONS_ROW, 36)
    for col, name in zip(_BUTTON_COLUMNS, model.BUTTONS if buttons else (), strict=buttons):
        caption, told = made.word(f"button_{name}"), made.word(f"does_{name}")
        made.button(_BUTTONS_ROW, col, macro(name), caption, told, **_BUTTON, y_offset=4)
    if not buttons:
        sheet.write_string(_BUTTONS_ROW, 1, made.word("commands"), made.book.format("filled"))
    sheet.write_string(
        _BUTTONS_ROW + 1, 1, made.word("blocked" if buttons else "without_macros"), note
    )


def _write_areas(made: ControlSheetWriter) -> None:
    """The table of areas, empty: its rows get their looks with what they say."""
    sheet, first, columns = (
        made.sheets["control"],
        _AREAS_ROW + 1,
        range(1, len(model.AREA_TABLE_COLUMNS) + 1),
    )
    made.head("control", _AREAS_ROW, model.AREA_TABLE_COLUMNS, centred=_CENTRED)
    looks = {
        col: style.format_properties("plain", wrap=True, centred=col in _CENTRED) for col in columns
    }
    formats = {col: made.book.workbook.add_format(look) for col, look in looks.items()}
    for row in range(first, first + model.MOST_AREAS + 1):
        for col in columns:
            sheet.write_blank(row, col, None, formats[col])
    top, last = first + 1, first + model.MOST_AREAS  # the first row as formulas count
    error, warning, fine = shade(style.ERROR, bold=True), shade(style.WARNING), shade(_FINE)
    states = {
        3: {f'=$D{top}="{made.word("not_sent")}"': warning},
        4: {
            f'=$E{top}="{made.word("not_returned")}"': warning,
            f'=$E{top}="{made.word("is_returned")}"': fine,
        },
        6: {f"=AND(ISNUMBER($G{top}),$G{top}>0)": error},
        7: {f"=AND(ISNUMBER($H{top}),$H{top}>0)": warning},
        8: {f"=_xlfn.ISFORMULA($I{top})": {**LINK, **frame()}},
    }
    total = {f'=$B{top}="{made.word("all")}"': {"bold": True, "bg_color": style.PALE, **frame()}}
    for col in columns:  # a column each: where rules overlap, not every program takes both
        rules = {**states.get(col, {}), **total, f'=$B{top}<>""': frame()}
        made.colours("control", (first, col, last, col), rules)


def frame() -> dict[str, Any]:
    """The lines round a cell."""
    return {"border": 1, "border_color": style.LINE}


def shade(colour: str, *, bold: bool = False) -> dict[str, Any]:
    """A fill with its frame."""
    return {"bg_color": colour, "bold": bold, **frame()}
