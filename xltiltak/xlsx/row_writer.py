"""A worksheet that is given whole rows.

XlsxWriter keeps an object and several attributes a cell and turns each to markup on its own; our sheets are long and
plain, so their rows are markup at once. All else stays XlsxWriter's.

It leans on a few inner names of XlsxWriter (`str_table`, `_get_xf_index`, `_write_rows`); `tests/test_rows.py` holds
its output against what XlsxWriter itself writes, so that a new version cannot change it unnoticed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from io import StringIO
from itertools import islice
from typing import Any, NamedTuple

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from xltiltak.xlsx.cell_names import column_letters
from xltiltak.xlsx.packing import Packer
from xltiltak.xlsx.plain_sheet import PlainSheet

_EPOCH = date(1899, 12, 30).toordinal()
_SIGNS = b"&<>" + bytes({*range(32)} - {*b"\t\n"})  # what must be spelt out in markup
_YES = '"1"'
_AT_ONCE = 256  # texts or rows that become markup together


class Formula(NamedTuple):
    """A formula with the value it has before a program computes it."""

    text: str
    value: str | float


CellContent = str | int | float | date | Formula | None


class RowPattern(dict[tuple[type, ...], str]):
    """What alike rows are made from: for the types of their values a pattern, so that a row is made at one stroke.

    A pattern has places for the row's height and for what each value that is not None holds, and `#` for its number.
    """

    def __init__(self, cells: Sequence[tuple[str, str, int]], *, grows: bool, hidden: bool) -> None:
        super().__init__()
        self.cells = (
            cells  # what each begins with, before and after the row's number, and its column
        )
        self.row = (
            f"{' hidden=' + _YES if hidden else ''}{'' if grows else ' customHeight=' + _YES}"
        )

    def __missing__(self, types: tuple[type, ...]) -> str:
        cells = [
            f"{at}#{look}{_place(of)}" for (at, look, _), of in zip(self.cells, types, strict=True)
        ]
        self[types] = pattern = f'<row r="#" ht="%g"{self.row}>{"".join(cells)}</row>'
        return pattern


def _place(of: type) -> str:
    """The rest of a cell, with the place of its value: a shared text's number, a number, or ready markup."""
    if of is type(None):
        return "/>"
    return (
        ' t="s"><v>%d</v></c>' if issubclass(of, str) else "><v>%d</v></c>" if of is int else "%s"
    )


class SharedStrings(dict[str, int]):
    """The texts that the cells of a workbook share, each with its number."""

    def __missing__(self, text: str) -> int:
        self[text] = number = len(self)
        return number

    @property
    def count(self) -> int:
        """How many there are; XlsxWriter makes their part where there is one."""
        return len(self)

    def markup(self) -> Iterator[str]:
        """Their part, in pieces."""
        head = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        yield '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        yield f'<sst xmlns="{head}" uniqueCount="{len(self)}">'
        texts = iter(self)
        while some := list(islice(texts, _AT_ONCE)):
            yield _shared(some) or "".join(map(_shared_text, some))
        yield "</sst>"

    def _get_shared_string_index(self, text: str) -> int:
        return self[text]

    def _sort_string_data(self) -> None:
        self._ordered = list(self)

    def _get_shared_string(self, number: int) -> str:
        return self._ordered[number]


def _shared(texts: list[str]) -> str:
    """The markup of texts that stand in it as they are; empty where any does not."""
    joined = "\0".join(texts)
    if not _is_plain(joined.replace("\0", "")) or [*map(str.strip, texts)] != joined.split("\0"):
        return ""
    return f"<si><t>{joined.replace(chr(0), '</t></si><si><t>')}</t></si>"


def _shared_text(text: str) -> str:
    space = "" if text.strip() == text else ' xml:space="preserve"'
    return f"<si><t{space}>{_escaped(text)}</t></si>"


class RowSheet(PlainSheet):
    """A worksheet whose rows are put down one after the other. Rows and columns are counted from 1."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[str] = []
        self._last: RowPattern | None = None  # the frame of the last row
        self._guards: list[str] = []
        self._steps: list[str] = []
        self.ignore_write_string = True  # a link's text stands in its row already

    def row_pattern(
        self, looks: Sequence[tuple[int, Format]], *, grows: bool = True, hidden: bool = False
    ) -> RowPattern:
        """What alike rows are made from, by their columns and looks.

        Rows that grow get another height when somebody types.
        """
        cells = [
            (f'<c r="{column_letters(col)}', f'" s="{look._get_xf_index()}"', col)
            for col, look in looks
        ]  # noqa: SLF001 - a subclass's own family
        return RowPattern(cells, grows=grows, hidden=hidden)

    def put_row(
        self, row: int, frame: RowPattern, values: Sequence[CellContent], height: float
    ) -> None:
        """One row, its values in the order of the frame."""
        if frame is self._last:
            self.dim_rowmax = row - 1
        elif frame.cells:
            self._last = frame
            self._check_dimensions(row - 1, frame.cells[0][2] - 1)
            self._check_dimensions(row - 1, frame.cells[-1][2] - 1)
        number, content, pattern = self.str_table, self._content, frame[(*map(type, values),)]
        held = [
            number[v] if isinstance(v, str) else v if type(v) is int else content(v)
            for v in values
            if v is not None
        ]
        self._rows.append(pattern.replace("#", str(row)) % (height, *held))

    def add_validation_markup(self, cells: str, validation: tuple[str, str]) -> None:
        """Guard a range by markup from `validation_markup`."""
        self._guards.append(cells.join(validation))

    def add_value_formats(self, cells: str, steps: Iterable[tuple[int | str, Format]]) -> None:
        """Let each cell of a range that holds one of these values look so."""
        rules = []
        for value, look in steps:
            said = f'dxfId="{look._get_dxf_index()}" priority="{self.dxf_priority}"'  # noqa: SLF001 - as above
            formula = _spelt(str(value))
            rules.append(
                f'<cfRule type="cellIs" {said} operator="equal"><formula>{formula}</formula></cfRule>'
            )
            self.dxf_priority += 1
        if rules:
            markup = "".join(rules)
            self._steps.append(
                f'<conditionalFormatting sqref="{cells}">{markup}</conditionalFormatting>'
            )

    def _write_conditional_formats(self) -> None:
        self.fh.write("".join(self._steps))
        super()._write_conditional_formats()

    def _write_data_validations(self) -> None:
        if not self._guards:
            super()._write_data_validations()
            return
        self.fh.write(
            f'<dataValidations count="{len(self._guards)}">{"".join(self._guards)}</dataValidations>'
        )

    def let_go(self) -> None:
        """Of what is packed, nothing is asked any more."""
        self._guards, self._steps, self._last = [], [], None
        self.col_info.clear()
        self.filter_cells.clear()

    def add_link(self, row: int, col: int, target: str) -> None:
        """Make a cell that was put down lead somewhere, as `internal:'Samfunn'!D14`."""
        self.write_url(row - 1, col - 1, target)

    def _content(self, content: CellContent) -> str:
        """The rest of a cell after its place and look."""
        if isinstance(content, Formula):
            kind = ' t="str"' if isinstance(content.value, str) and content.value else ""
            return f"{kind}><f>{_spelt(content.text)}</f><v>{_spelt(str(content.value))}</v></c>"
        number = content.toordinal() - _EPOCH if isinstance(content, date) else content
        return f"><v>{number!r}</v></c>"

    def _write_rows(self) -> None:
        rows = iter(self._rows)
        while some := list(islice(rows, _AT_ONCE)):
            self.fh.write("".join(some))
        self._rows.clear()  # a large workbook need not hold what is packed


class TextSheet(PlainSheet):
    """A worksheet of few long texts that nobody looks at, each in its own cell, not among the shared ones.

    They stand in markup as they are: whoever gives them has spelt them so, as `snapshot.plain_json` does.
    They are asked for row by row when the sheet is packed, so that they are never there all at once.
    """

    def set_rows(self, rows: Iterable[Sequence[str]], common: Collection[str] = ()) -> None:
        """What stands in it, from its first cell on; rows that begin with a `common` name begin many such sheets."""
        self._texts, self._common = rows, common
        self._check_dimensions(0, 0)

    def _write_rows(self) -> None:
        common: list[tuple[int, Sequence[str]]] = []
        for row, texts in enumerate(self._texts, 1):
            if texts[0] in self._common:
                common.append((row, texts))
            else:
                self._begin(common)
                self.fh.write(_text_row(row, texts))
        self._begin(common)

    def _begin(self, common: list[tuple[int, Sequence[str]]]) -> None:
        """The rows that other sheets have too, if there are any."""
        if common:
            self.fh.write(_text_rows(tuple(common)))
            common.clear()
            if isinstance(self.fh, Packer):
                self.fh.begun()


@lru_cache(maxsize=4)
def _text_rows(rows: tuple[tuple[int, Sequence[str]], ...]) -> str:
    return "".join(_text_row(row, texts) for row, texts in rows)


def _text_row(row: int, texts: Sequence[str]) -> str:
    before, after = ' t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"
    cells = (
        f'<c r="{column_letters(col)}{row}"{before}{text}{after}'
        for col, text in enumerate(texts, 1)
    )
    return f'<row r="{row}">{"".join(cells)}</row>'


def validation_markup(rule: dict[str, Any]) -> tuple[str, str]:
    """What XlsxWriter makes of a validation, before and after the range of its cells; empty where it makes nothing."""
    sheet, made = Worksheet(), StringIO()
    sheet.data_validation(0, 0, 0, 0, rule)
    sheet._set_filehandle(made)  # noqa: SLF001 - as above
    for validation in sheet.validations:
        sheet._write_data_validation(validation)  # noqa: SLF001
    before, _, after = made.getvalue().partition('sqref="A1"')
    return (f'{before}sqref="', f'"{after}') if after else ("", "")


def range_name(first: int, left: int, last: int, right: int) -> str:
    """`D14:E40`, a single cell as `D14`; rows and columns counted from 1."""
    start, end = f"{column_letters(left)}{first}", f"{column_letters(right)}{last}"
    return start if start == end else f"{start}:{end}"


def _escaped(text: str) -> str:
    """A text within markup; what no markup can hold is spelt as Excel does, _x0007_."""
    if _is_plain(text):
        return text
    return _spelt(RowSheet._escape_control_characters(text))  # noqa: SLF001


def _spelt(text: str) -> str:
    """A text with the three signs of markup spelt out; where there is none, looking is all it costs."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _is_plain(text: str) -> bool:
    """Does it stand in markup as it is? Bytes are looked through ten times as fast as by a pattern."""
    held = text.encode("utf-8", "surrogatepass")
    return len(held.translate(None, _SIGNS)) == len(held) and "_x" not in text
