"""Write the control sheet of the coordinator's workbook: settings, buttons and the table of areas.

`CoordinatorSheets` is shared by all sheets of the workbook; `write_control_sheet` fills the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from xltiltak.coordinator import model
from xltiltak.model.cell_values import CellValue
from xltiltak.model.errors import ExcelError
from xltiltak.model.language import day_number_format, translate
from xltiltak.sheets import style
from xltiltak.sheets.workbook import WorkbookWriter

COLUMN_WIDTHS = {
    "control": (32, 32, 16, 16, 13, 7, 11, 46),
    "findings": (12, 8, 26, 32, 60, 44, 34, 22, 8),
    "log": (20, 16, 12, 110),
}  # characters
_SETTINGS_ROW, _BUTTONS_ROW, _STATUS_ROW, _AREAS_ROW = 5, 13, 16, 18  # counted from 0
_LAST_VALUE_COLUMN, _PICK_COLUMN = 5, 6  # the value of a setting is in columns 2 to 5
# A button begins where a column begins: programs differ in the width of an offset into a column.
_BUTTON_COLUMNS = (1, 2, 3, 5, 8)
_BUTTON_SIZE = {"width": 217, "height": 38}  # pixels
_CENTRED_COLUMNS = (3, 4, 5, 6, 7)  # of the table of areas
_RETURNED_FILL = "#E3F1E4"
LINK_STYLE = {"font_color": style.BLUE, "underline": 1}
Rules = Mapping[str, dict[str, Any]]  # a formula for the first cell: the format where it is true


class CoordinatorSheets:
    """The sheets of a new workbook, by the names in `model.SHEETS`.

    `macros` are the macros of the buttons, in the order in which the buttons were drawn.
    """

    def __init__(self, workbook: Workbook, language: str) -> None:
        """Add the sheets to XlsxWriter's workbook."""
        self.workbook, self.language = workbook, language
        self.book = WorkbookWriter(workbook)
        self.macros: list[str] = []
        self.sheets = {key: self._add_sheet(key) for key in model.SHEETS}

    def word(self, key: str, **values: object) -> str:
        """Return a text in the language of the workbook."""
        return translate(f"coordinator.{key}", self.language, **values)

    def _add_sheet(self, key: str) -> Worksheet:
        is_configuration = key == model.CONFIGURATION
        name = key if is_configuration else self.book.sheet_name(self.word(f"sheet_{key}"))
        sheet = self.workbook.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        if not is_configuration:
            sheet.set_column(0, 0, 12, None, {"hidden": True})
            sheet.write_string(0, 0, f"@{key}|{model.FORMAT}|{self.language}")
        for col, width in enumerate(COLUMN_WIDTHS.get(key, ()), 1):
            sheet.set_column(col, col, width)
        return sheet

    def write_labels(
        self, key: str, row: int, columns: Sequence[str], centred: Sequence[int] = ()
    ) -> None:
        """Write the labels of a table, with the marker of the row."""
        self.sheets[key].write_string(row, 0, "@head")
        for col, name in enumerate(columns, 1):
            look = self.book.format("head", centred=col in centred)
            self.sheets[key].write_string(row, col, self.word(f"col_{name}"), look)

    def draw_button(
        self, row: int, col: int, name: str, caption: str, description: str, **options: Any
    ) -> None:
        """Draw a button on the control sheet, for the action with this name.

        It is a text box, because XlsxWriter cannot colour a button. `options` are those of
        `insert_textbox`; they replace the defaults.
        """
        self.macros.append(macro_name(name))
        font = {"name": "Arial", "bold": True, "size": 11, "color": "#FFFFFF"}
        defaults = {
            "fill": {"color": style.BLUE},
            "line": {"none": True},
            "object_position": 2,
            "align": {"horizontal": "center", "vertical": "middle"},
            "description": description,
        }
        options = {**defaults, **options, "font": {**font, **options.get("font", {})}}
        self.sheets["control"].insert_textbox(row, col, caption, options)

    def format_cells(self, key: str, cells: tuple[int, int, int, int], rules: Rules) -> None:
        """Add conditional formats for rows that are filled in later.

        `cells` are the first row and column, then the last ones.
        """
        for formula, look in rules.items():
            rule = {
                "type": "formula",
                "criteria": formula,
                "format": self.workbook.add_format(look),
            }
            self.sheets[key].conditional_format(*cells, rule)


def macro_name(button: str) -> str:
    """Return the macro of a button: XltiltakChoosePlan for "choose_plan"."""
    return "Xltiltak" + "".join(part.capitalize() for part in button.split("_"))


def write_control_sheet(
    writer: CoordinatorSheets, values: Mapping[str, CellValue], *, buttons: bool
) -> None:
    """Write settings, buttons and the empty table of areas.

    Without `buttons` the sheet names the commands that do the same.
    """
    sheet, look = writer.sheets["control"], writer.book.format
    sheet.set_row(0, 30)
    sheet.write_string(0, 1, writer.word("title"), look("title"))
    sheet.write_string(1, 0, "@report")
    heading = writer.word("plan_set" if values.get("plan") else "no_plan")
    sheet.write_string(1, 1, heading, look("heading"))
    sheet.write_string(2, 1, writer.word("steps"), look("note"))
    for row, name in enumerate(model.SETTINGS, _SETTINGS_ROW):
        _write_setting(writer, row, name, values.get(name))
        if buttons and name in model.PICKED_SETTINGS:
            _draw_pick_button(writer, row, name)
    _write_buttons(writer, buttons=buttons)
    _write_status(writer)
    _write_areas(writer)
    sheet.repeat_rows(_AREAS_ROW)


def _write_setting(writer: CoordinatorSheets, row: int, name: str, value: CellValue) -> None:
    """Write a setting: its marker, label, value and a note."""
    sheet, workbook = writer.sheets["control"], writer.workbook
    is_date = name in ("day", "deadline")
    middle = {"valign": "vcenter", "text_wrap": False}
    sheet.set_row(row, 18)
    sheet.write_string(row, 0, f"@{name}")
    label = workbook.add_format({**style.format_properties("label"), **middle})
    sheet.write_string(row, 1, writer.word(f"set_{name}"), label)

    entry = style.format_properties("entry", day_number_format(writer.language) if is_date else "@")
    look = workbook.add_format({**entry, **middle, "indent": 1})
    sheet.merge_range(row, 2, row, _LAST_VALUE_COLUMN, "", look)
    if name == "per":
        value = _write_recipient_list(writer, row, value)
    if value is not None:
        write = sheet.write_datetime if is_date else sheet.write_string
        write(row, 2, value, look)
    if is_date or name in ("appendix", "per"):
        note = workbook.add_format(
            {**style.format_properties("note"), "indent": 1, "valign": "vcenter"}
        )
        sheet.write_string(row, _PICK_COLUMN, writer.word(f"help_{name}"), note)


def _write_recipient_list(writer: CoordinatorSheets, row: int, value: CellValue) -> CellValue:
    """Add the drop-down list, and return the value in the language of this workbook.

    A value that is not in the list of any language is returned as it is.
    """
    words = {name: writer.word(f"per_{name}") for name in model.FORM_RECIPIENTS}
    rule = {"validate": "list", "source": list(words.values()), "ignore_blank": True}
    writer.sheets["control"].data_validation(row, 2, row, 2, rule)
    with suppress(ExcelError):
        return words[model.read_recipient(value)]
    return value


def _draw_pick_button(writer: CoordinatorSheets, row: int, name: str) -> None:
    """Draw the small button that opens a dialog for a path."""
    caption = writer.word("choose")
    writer.draw_button(
        row,
        _PICK_COLUMN,
        f"choose_{name}",
        caption,
        f"{caption} {writer.word(f'set_{name}')}",
        width=84,
        height=18,
        y_offset=2,
        x_offset=6,
        font={"size": 9, "color": style.BLUE},
        fill={"color": style.PALE},
        line={"color": style.BLUE, "width": 0.75},
    )


def _write_buttons(writer: CoordinatorSheets, *, buttons: bool) -> None:
    """Draw the buttons, and write below what to do if they do not work.

    Without buttons write the commands.
    """
    sheet, look = writer.sheets["control"], writer.book.format
    sheet.set_row(_BUTTONS_ROW, 36)
    if buttons:
        for col, name in zip(_BUTTON_COLUMNS, model.BUTTONS, strict=True):
            caption, description = writer.word(f"button_{name}"), writer.word(f"does_{name}")
            writer.draw_button(
                _BUTTONS_ROW, col, name, caption, description, **_BUTTON_SIZE, y_offset=4
            )
    else:
        sheet.write_string(_BUTTONS_ROW, 1, writer.word("commands"), look("filled"))
    note = writer.word("blocked" if buttons else "without_macros")
    sheet.write_string(_BUTTONS_ROW + 1, 1, note, look("note"))


def _write_status(writer: CoordinatorSheets) -> None:
    """Write the row for the message of the last action: two lines high, coloured after an error."""
    sheet = writer.sheets["control"]
    sheet.set_row(_STATUS_ROW, 34)
    sheet.write_string(_STATUS_ROW, 0, "@status")
    look = {**style.format_properties("heading", wrap=True), "align": "left"}
    text = writer.word("nothing_yet")
    last_col = len(model.AREA_TABLE_COLUMNS)
    text_format = writer.workbook.add_format(look)
    sheet.merge_range(_STATUS_ROW, 1, _STATUS_ROW, last_col, text, text_format)
    has_failed = f'=LEFT($B${_STATUS_ROW + 1},1)="{model.FAILED}"'
    cell = (_STATUS_ROW, 1, _STATUS_ROW, 1)
    writer.format_cells("control", cell, {has_failed: {"font_color": style.WRONG_LINE}})


def _write_areas(writer: CoordinatorSheets) -> None:
    """Write the table of areas with empty rows; a row that is filled in gets its frame and fill."""
    sheet, first = writer.sheets["control"], _AREAS_ROW + 1
    columns = range(1, len(model.AREA_TABLE_COLUMNS) + 1)
    writer.write_labels("control", _AREAS_ROW, model.AREA_TABLE_COLUMNS, centred=_CENTRED_COLUMNS)
    looks = {
        col: style.format_properties("plain", wrap=True, centred=col in _CENTRED_COLUMNS)
        for col in columns
    }
    formats = {col: writer.workbook.add_format(look) for col, look in looks.items()}
    for row in range(first, first + model.MAX_AREAS + 1):
        for col in columns:
            sheet.write_blank(row, col, None, formats[col])

    top, last = first + 1, first + model.MAX_AREAS  # `top` is the first row as formulas count
    error, warning = filled(style.ERROR, bold=True), filled(style.WARNING)
    returned = filled(_RETURNED_FILL)
    rules_of_column: dict[int, Rules] = {
        3: {f'=$D{top}="{writer.word("not_sent")}"': warning},
        4: {
            f'=$E{top}="{writer.word("not_returned")}"': warning,
            f'=$E{top}="{writer.word("is_returned")}"': returned,
        },
        6: {f"=AND(ISNUMBER($G{top}),$G{top}>0)": error},
        7: {f"=AND(ISNUMBER($H{top}),$H{top}>0)": warning},
        8: {f"=_xlfn.ISFORMULA($I{top})": {**LINK_STYLE, **frame()}},
    }
    total = {"bold": True, "bg_color": style.PALE, **frame()}
    rules_of_row = {
        f'=$B{top}="{writer.word("all")}"': total,
        f'=$B{top}<>""': frame(),
    }
    # Rules for one column at a time: where ranges overlap, some programs ignore one of two rules.
    for col in columns:
        rules = {**rules_of_column.get(col, {}), **rules_of_row}
        writer.format_cells("control", (first, col, last, col), rules)


def frame() -> dict[str, Any]:
    """Return the format of the lines around a cell."""
    return {"border": 1, "border_color": style.LINE}


def filled(colour: str, *, bold: bool = False) -> dict[str, Any]:
    """Return the format of a cell with a fill and a frame."""
    return {"bg_color": colour, "bold": bold, **frame()}
