"""A worksheet that is given whole rows. XlsxWriter keeps an object and several attributes a cell and turns each to
markup on its own; our sheets are long and plain, so their rows are markup at once. All else stays XlsxWriter's.

It leans on three inner names of XlsxWriter (`str_table`, `_get_xf_index`, `_write_rows`); `tests/test_rows.py` holds
its output against what XlsxWriter itself writes, so that a new version cannot change it unnoticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

_EPOCH = date(1899, 12, 30).toordinal()
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class Formula(NamedTuple):
    """A formula with the value it has before a program computes it."""

    text: str
    value: str | float


Content = str | int | float | date | Formula | None


class RowSheet(Worksheet):  # type: ignore[misc]
    """A worksheet whose rows are put down one after the other. Rows and columns are counted from 1."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[str] = []
        self.ignore_write_string = True  # a link's text stands in its row already

    def put(
        self,
        row: int,
        cells: Sequence[tuple[int, Content, Format]],
        height: float,
        *,
        grows: bool,
        hidden: bool = False,
    ) -> None:
        """One row, its cells from left to right. One that `grows` has a height now and another when somebody types."""
        if cells:
            self._check_dimensions(row - 1, cells[0][0] - 1)
            self._check_dimensions(row - 1, cells[-1][0] - 1)
        fixed = "" if grows else ' customHeight="1"'
        shown = ' hidden="1"' if hidden else ""
        inner = "".join([self._cell(row, *cell) for cell in cells])
        self._rows.append(f'<row r="{row}" ht="{height:g}"{shown}{fixed}>{inner}</row>')

    def link(self, row: int, col: int, target: str) -> None:
        """Make a cell that was put down lead somewhere, as `internal:'Samfunn'!D14`."""
        self.write_url(row - 1, col - 1, target)

    def _cell(self, row: int, col: int, content: Content, look: Format) -> str:
        at = f'<c r="{_letters(col)}{row}" s="{look._get_xf_index()}"'  # noqa: SLF001 - a subclass's own family
        if content is None:
            return at + "/>"
        if isinstance(content, str):
            return self._text(at, content)
        if isinstance(content, Formula):
            kind = ' t="str"' if isinstance(content.value, str) and content.value else ""
            formula, value = content.text.translate(_ESCAPES), str(content.value).translate(_ESCAPES)
            return f"{at}{kind}><f>{formula}</f><v>{value}</v></c>"
        number = content.toordinal() - _EPOCH if isinstance(content, date) else content
        return f"{at}><v>{number!r}</v></c>"

    def _text(self, at: str, text: str) -> str:
        if text.startswith("<r>") and text.endswith("</r>"):  # XlsxWriter would take it for markup of its own
            shown = self._escape_control_characters(text).translate(_ESCAPES)
            return f'{at} t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'
        return f'{at} t="s"><v>{self.str_table._get_shared_string_index(text)}</v></c>'  # noqa: SLF001

    def _write_rows(self) -> None:
        self.fh.write("".join(self._rows))


@lru_cache(maxsize=512)
def _letters(col: int) -> str:
    return str(xl_col_to_name(col - 1))
