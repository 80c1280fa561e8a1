"""A new workbook: the same options, fonts and properties in all that we write, and no clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import count
from typing import Any, BinaryIO

from xltiltak.model.report import Head
from xltiltak.model.template import Step
from xltiltak.sheets import style
from xltiltak.snapshot import hidden_sheet
from xltiltak.xlsx.cell_names import column_letters
from xltiltak.xlsx.excel_limits import NUMBER_FORMAT, cut, length_in_excel
from xltiltak.xlsx.row_workbook import CellFormat, RowWorkbook, TextSheet
from xltiltak.xlsx.sheet_names import legal_sheet_name

# Arial 10: its digits are 7 pixels wide, the unit of column widths.
_DEFAULT_FONT = {"font_name": "Arial", "font_size": 10, "font_scheme": False}
_DEFAULT_ROW_HEIGHT = 17  # pixels
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_row_height": _DEFAULT_ROW_HEIGHT,
}
_LONGEST_LABEL = NUMBER_FORMAT - 30  # of a step's label in a number format, with a symbol
A4 = 9  # Excel's number of the paper size


class WorkbookWriter:
    """A workbook with its formats and sheet names."""

    def __init__(self, workbook: RowWorkbook) -> None:
        self.workbook = workbook
        self._formats: dict[tuple[Any, ...], CellFormat] = {}
        self._names: set[str] = {hidden_sheet.SHEET_NAME}
        self._lists: dict[tuple[int | str, ...], int] = {}  # with their rows on the hidden sheet

    def format(
        self,
        name: str,
        number_format: str = "",
        centred: bool = False,  # noqa: FBT001, FBT002 - called with a style's properties in order
        wrap: bool = False,  # noqa: FBT001, FBT002
    ) -> CellFormat:
        """Return the format of a cell style, created once."""
        key = (name, number_format, centred, wrap)
        if key not in self._formats:
            properties = style.format_properties(name, number_format, centred=centred, wrap=wrap)
            self._formats[key] = self.workbook.add_format(properties)
        return self._formats[key]

    def step_format(self, step: Step, *, word: bool, symbol: bool = False) -> CellFormat:
        """Return the conditional format of a scale's number.

        With `word` the cell shows the step's label too, and with `symbol` its symbol, while it
        holds the number only.
        """
        sign = f'"{_in_quotes(step.symbol)} "' if symbol and step.symbol else ""
        label = f'" {_in_quotes(cut(step.label, _LONGEST_LABEL))}"' if word and step.label else ""
        return self._conditional_format(**_colours(step), num_format=f"{sign}0{label}")

    def band_format(self, step: Step, number_format: str, *, symbol: bool) -> CellFormat:
        """Return the conditional format of a number in a band, which shows the band's label too."""
        sign = f'"{_in_quotes(step.symbol)} "' if symbol and step.symbol else ""
        label = _in_quotes(cut(step.label, _LONGEST_LABEL - length_in_excel(number_format)))
        shown = f'{sign}{number_format}" {label}"'
        return self._conditional_format(**_colours(step), num_format=shown)

    def number_format(self, shown: str) -> CellFormat:
        """Return the conditional format that shows a number in another number format."""
        return self._conditional_format(num_format=shown)

    def choice_format(self, step: Step, *, symbol: bool) -> CellFormat:
        """Return the conditional format of a step that is a word, with its `symbol` before it."""
        sign = f'"{_in_quotes(step.symbol)} "' if symbol and step.symbol else ""
        return self._conditional_format(**_colours(step), num_format=f"{sign}@")

    def carried_format(self, step: Step, words: str) -> CellFormat:
        """Return the conditional format of a step that was carried on, with words after it."""
        ending = f'" · {_in_quotes(words)}"'
        label = _in_quotes(cut(step.label, _LONGEST_LABEL - length_in_excel(words)))
        of_text = f"@{ending}"  # a text may be the label after its number
        shown = f'0" {label}"{ending};;;{of_text}' if isinstance(step.value, int) else of_text
        return self._conditional_format(
            bg_color=style.CARRIED, font_color=style.GREY, num_format=shown
        )

    def left_format(self) -> CellFormat:
        """Return the conditional format of a text that is left from the last date."""
        return self._conditional_format(font_color=style.GREY, italic=True)

    def unexplained_format(self) -> CellFormat:
        """Return the conditional format of a remark that has to say why a status has fallen."""
        return self._conditional_format(bg_color=style.UNEXPLAINED)

    def done_format(self) -> CellFormat:
        """Return the conditional format of a tick for what is filled in."""
        return self._conditional_format(font_color=style.DONE)

    def late_format(self) -> CellFormat:
        """Return the conditional format of a deadline that has passed."""
        return self._conditional_format(font_color=style.ALARM, bold=True)

    def missing_format(self) -> CellFormat:
        """Return the conditional format of an empty cell that has to be filled in."""
        return self._conditional_format(
            bg_color=style.WRONG, border=1, border_color=style.WRONG_LINE
        )

    def _conditional_format(self, **properties: Any) -> CellFormat:
        """Return a conditional format, created once."""
        key = tuple(properties.items())
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format(properties)
        return self._formats[key]

    def sheet_name(self, title: str) -> str:
        """Return a name that Excel accepts and that no sheet of this workbook has; reserve it."""
        for number in count(1):
            name = legal_sheet_name(title, number)
            if name.casefold() not in self._names:
                break
        self._names.add(name.casefold())
        return name

    def hidden_cells(self, values: Iterable[int | str], *, at_least: int = 1) -> str:
        """Return a reference to cells of the hidden sheet that hold these values.

        There are `at_least` so many; those behind the values are empty.
        """
        key = (hidden_sheet.LIST_ROW, *values)
        row = self._lists.setdefault(key, len(self._lists) + 2)
        last = column_letters(max(len(key), at_least + 1))
        return f"{quoted_sheet_name(hidden_sheet.SHEET_NAME)}!$B${row}:${last}${row}"

    def add_hidden_sheet(self, rows: Iterable[Sequence[str]]) -> None:
        """Add the snapshot, on a sheet that Excel's menus do not show.

        The lists that the cells refer to are below its first row, which says what the sheet is.
        """
        hidden = self.workbook.add_worksheet(hidden_sheet.SHEET_NAME, TextSheet)
        hidden.texts, hidden.lists = rows, self._lists.keys()
        hidden.very_hidden()


@contextmanager
def new_workbook(target: BinaryIO, head: Head) -> Iterator[WorkbookWriter]:
    """Yield a new workbook; it is written to `target` when the block ends.

    It is not calculated again when it is opened: all its values are right, and who only looks at
    it is not asked to save.

    The same content gives the same bytes: the date of creation is the report's own.
    """
    workbook = RowWorkbook(workbook_options(), document_properties(head))
    yield WorkbookWriter(workbook)
    workbook.save(target)


def workbook_options() -> dict[str, Any]:
    """Return the options of all our workbooks, as XlsxWriter takes them."""
    return {**_OPTIONS, "default_format_properties": dict(_DEFAULT_FONT)}


def document_properties(head: Head) -> dict[str, Any]:
    """Return the properties of a report's workbook, as XlsxWriter takes them."""
    day = head.current or max(head.dates, default=date(head.year, 12, 31))
    created = datetime.combine(day, time())
    return {"title": head.title, "author": head.organisation, "created": created}


def quoted_sheet_name(name: str) -> str:
    """Return a sheet's name as formulas and links write it."""
    doubled = name.replace("'", "''")
    return f"'{doubled}'"


def _colours(step: Step) -> dict[str, str]:
    """Return the colours of a step, as XlsxWriter takes them."""
    colours = {"bg_color": step.fill, "font_color": step.ink}
    return {name: colour for name, colour in colours.items() if colour}


def _in_quotes(label: str) -> str:
    """Return a label that can stand between the quotes of a number format."""
    return label.replace('"', "”")
