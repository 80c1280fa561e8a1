"""Calls of a worksheet of XlsxWriter, recorded and made later.

Two sheets whose calls are equal but for the numbers of rows can share what XlsxWriter makes of
them. So the calls are made with numbers that stand for rows, which no sheet has; afterwards each
sheet's own rows are put in their place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import Any

from xlsxwriter.worksheet import Worksheet

from xltiltak.xlsx.excel_limits import check_result

# Calls that change only the part of their sheet, with the positions of row numbers, from 0 …
_OF_SHEET: dict[str, tuple[int, ...]] = {
    "conditional_format": (0, 2),
    "data_validation": (0, 2),
    "fit_to_pages": (),
    "freeze_panes": (0,),
    "hide_gridlines": (),
    "ignore_errors": (),
    "protect": (),
    "set_column": (),
    "set_footer": (),
    "set_h_pagebreaks": (),
    "set_header": (),
    "set_landscape": (),
    "set_margins": (),
    "set_paper": (),
    "set_print_scale": (),
    "set_selection": (0,),
}
# … calls that define names in the workbook, and one that hides the sheet there.
_OF_NAMES: dict[str, tuple[int, ...]] = {
    "autofilter": (0, 2),
    "print_area": (0, 2),
    "repeat_rows": (0, 1),
}
_OF_WORKBOOK = {**_OF_NAMES, "very_hidden": ()}
_KNOWN = {**_OF_SHEET, **_OF_WORKBOOK}
_WITH_LISTS = {"ignore_errors", "set_h_pagebreaks"}  # of rows, or of ranges
_WITHOUT_ROWS = {name for name in _KNOWN if not _KNOWN[name]} - _WITH_LISTS
# A row is 1,000,000, 1,000,010 and so on, so that the last digit is free for a number one higher.
_FIRST, _STEP, _MOST = 1_000_000, 10, 4_800
_PATTERN = r"(?<![\d.])10([0-4]\d{3})(\d)(?!\d)"
_STAND_IN, _STAND_IN_BYTES = re.compile(_PATTERN), re.compile(_PATTERN.encode())
_ROW_IN_RANGE = re.compile(r"(?<=[A-Z])\d+")

Arguments = tuple[Any, ...]


class RecordedCalls:
    """Calls of one worksheet, in order."""

    def __init__(self) -> None:
        self._calls: list[tuple[str, Arguments, dict[str, Any]]] = []

    def add(self, name: str, *arguments: Any, **options: Any) -> None:
        """Record a call."""
        self._calls.append((name, arguments, options))

    def has(self, name: str) -> bool:
        """Return True if a method is called."""
        return any(called == name for called, _, _ in self._calls)

    @property
    def define_names(self) -> bool:
        """Return True if one of the calls defines a name in the workbook."""
        return any(name in _OF_NAMES for name, _, _ in self._calls)

    def replay(
        self, worksheet: Worksheet, convert: Callable[[Any], Any], *, only_workbook: bool
    ) -> None:
        """Make the calls; with `only_workbook` those that also change the workbook.

        `convert` returns an argument as XlsxWriter takes it.
        """
        calls = self._abstract if self.shape else self._calls
        for name, arguments, options in calls:
            if not only_workbook or name in _OF_WORKBOOK:
                result = getattr(worksheet, name)(*map(convert, arguments), **options)
                check_result(result, name)

    @cached_property
    def shape(self) -> str:
        """Return a text that is equal for calls that differ only in row numbers; "" if unsure."""
        if not all(name in _KNOWN for name, _, _ in self._calls) or len(self._rows) > _MOST:
            return ""
        shape = repr(self._abstract)
        # a text that looks like one of the numbers must stay as it is
        return shape if len(_STAND_IN.findall(shape)) == len(self._used_rows) else ""

    @cached_property
    def _used_rows(self) -> list[int]:
        """Return the numbers of rows in the calls, from 0, each as often as it is used."""
        return [row for name, arguments, _ in self._calls for row in _rows_in(name, arguments)]

    @cached_property
    def _rows(self) -> list[int]:
        """Return the numbers of rows, sorted."""
        return sorted(set(self._used_rows))

    @cached_property
    def _abstract(self) -> list[tuple[str, Arguments, dict[str, Any]]]:
        """Return the calls with numbers that stand for rows."""
        stand_in = {row: _FIRST + _STEP * n for n, row in enumerate(self._rows)}
        return [
            (name, _with_rows(name, arguments, stand_in.__getitem__), options)
            for name, arguments, options in self._calls
        ]

    def with_own_rows(self, markup: bytes) -> bytes:
        """Return markup that XlsxWriter has made of the calls, with the numbers of the rows."""
        return _STAND_IN_BYTES.sub(self._own_row, markup) if self.shape else markup

    def _own_row(self, found: re.Match[bytes]) -> bytes:
        return b"%d" % (self._rows[int(found[1])] + int(found[2]))


def _rows_in(name: str, arguments: Arguments) -> list[int]:
    """Return the numbers of rows in a call."""
    rows: list[int] = []

    def note(row: int) -> int:
        rows.append(row)
        return row

    _with_rows(name, arguments, note)
    return rows


def _with_rows(name: str, arguments: Arguments, change: Callable[[int], int]) -> Arguments:
    """Return the arguments of a call with other numbers of rows; row 0 is the same in all."""
    if name in _WITHOUT_ROWS:
        return arguments
    if name == "set_h_pagebreaks":
        return ([change(row) for row in arguments[0]],)
    if name == "ignore_errors":
        return (
            {kind: _with_rows_in_ranges(cells, change) for kind, cells in arguments[0].items()},
        )
    changed = list(arguments)
    for n in _KNOWN.get(name, ()):
        if n < len(changed) and type(changed[n]) is int and changed[n]:
            changed[n] = change(changed[n])
    return tuple(changed)


def _with_rows_in_ranges(cells: str, change: Callable[[int], int]) -> str:
    """Return ranges such as "D14:E40 F2" with other rows; these count from 1."""
    return _ROW_IN_RANGE.sub(lambda found: f"{change(int(found[0]) - 1) + 1}", cells)
