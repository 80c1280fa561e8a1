"""Read with openpyxl what a workbook looks like: drop-down lists, conditional colours, open cells.

`source_lines` has texts and fills of cells. This is what only the settings of the sheet say, for
the proposal of a template.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

from xltiltak.model.normalize import normalize

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_MOST_COLUMNS, _MOST_ROWS = 256, 2_000  # that are looked at
# What openpyxl raises on workbooks that other programs open:
_UNREADABLE = (KeyError, ValueError, TypeError, AttributeError, IndexError)


@dataclass
class ColumnLook:
    """The look of a column of a sheet, counted from 0.

    `listed` are the words of its drop-down list, `fills` the colour ("#RRGGBB") that a rule gives a
    cell with a text (normalized). `is_open` is True if its cells are open in a protected sheet.
    `width` is in characters, 0 if nobody has set it.
    """

    listed: list[str] = field(default_factory=list)
    fills: dict[str, str] = field(default_factory=dict)
    is_open: bool = False
    width: int = 0


SheetLooks = Mapping[int, ColumnLook]


def workbook_looks(content: bytes) -> dict[str, SheetLooks]:
    """Return the look of each sheet's columns, by the name of the sheet.

    A workbook that openpyxl cannot read has none: its texts are enough for a proposal.
    """
    import openpyxl

    try:
        book = openpyxl.load_workbook(BytesIO(content), data_only=True)
        return {sheet.title: _looks_of(sheet, book) for sheet in book.worksheets}
    except _UNREADABLE:
        return {}


def _looks_of(sheet: Worksheet, book: Workbook) -> SheetLooks:
    """Return the look of each column of a sheet that has one."""
    looks: dict[int, ColumnLook] = defaultdict(ColumnLook)
    for rule in sheet.data_validations.dataValidation:
        words = _listed(rule.formula1 or "", sheet, book) if rule.type == "list" else []
        for col in _columns(rule.sqref.ranges) if words else ():
            looks[col].listed = words
    for area in sheet.conditional_formatting:
        texts = ((text, _fill_of(rule)) for rule in area.rules for text in _texts_of(rule))
        for text, fill in texts:
            for col in _columns(area.sqref.ranges):
                looks[col].fills.setdefault(text, fill)
    for letter, dimension in sheet.column_dimensions.items():
        if dimension.width and dimension.customWidth:
            looks[_column(letter)].width = round(dimension.width)
    for col in _open_columns(sheet) if sheet.protection.sheet else ():
        looks[col].is_open = True
    return looks


def _open_columns(sheet: Worksheet) -> set[int]:
    """Return the columns that have a cell which is not locked."""
    rows = sheet.iter_rows(max_row=_MOST_ROWS, max_col=_MOST_COLUMNS)
    cells = (cell for row in rows for cell in row if not cell.protection.locked)
    return {int(cell.column or 1) - 1 for cell in cells}


def _columns(ranges: Iterable[Any]) -> list[int]:
    """Return the columns of some ranges, from 0; a range over all of them is no column's."""
    return [
        col - 1
        for each in ranges
        if each.max_col - each.min_col < _MOST_COLUMNS
        for col in range(each.min_col, each.max_col + 1)
    ]


def _column(letters: str) -> int:
    from openpyxl.utils import column_index_from_string

    return column_index_from_string(letters) - 1


def _listed(formula: str, sheet: Worksheet, book: Workbook) -> list[str]:
    """Return the words of a drop-down list: those in its formula, or in the cells it refers to."""
    if formula.startswith('"'):
        return [word.strip() for word in formula.strip('"').split(",") if word.strip()]
    name = formula.lstrip("=")
    if name in book.defined_names:
        name = book.defined_names[name].attr_text or ""
    on, _, cells = name.rpartition("!")
    title = on.strip("'").replace("''", "'")
    if on and title not in book.sheetnames:
        return []
    found = (book[title] if on else sheet)[cells.replace("$", "")]
    rows = found if isinstance(found, tuple) else ((found,),)
    return [str(cell.value).strip() for row in rows for cell in row if cell.value is not None]


def _texts_of(rule: Any) -> list[str]:
    """Return the texts that a conditional format colours, normalized."""
    if not _fill_of(rule):
        return []
    if rule.type == "cellIs" and rule.operator == "equal":
        return [normalize(str(formula).strip('"')) for formula in rule.formula]
    if rule.type in ("containsText", "beginsWith") and rule.text:
        return [normalize(rule.text)]
    return []


def _fill_of(rule: Any) -> str:
    """Return the colour of a conditional format as #RRGGBB; "" for none, or one of a theme."""
    fill = rule.dxf.fill if rule.dxf else None
    colours = (fill.bgColor, fill.fgColor) if fill else ()
    rgb = next((c.rgb for c in colours if c is not None and isinstance(c.rgb, str)), "")
    return f"#{rgb[-6:]}" if len(rgb) == 8 and rgb != "00000000" else ""
