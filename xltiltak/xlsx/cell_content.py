"""Make the value of a cell from what is written in its element.

A cell that no spreadsheet would write gives an ErrorValue with what is written: it is quoted, and
the other cells are read.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from xltiltak.model.cell_values import CellValue, ErrorValue
from xltiltak.xlsx.number_formats import GENERAL
from xltiltak.xlsx.number_rendering import shown_value
from xltiltak.xlsx.parts import WorkbookParts
from xltiltak.xlsx.rich_text import decode_escapes

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_MOST_DIGITS = 308  # of a number that a sheet can hold: the largest is 1.8E+308
_LARGEST_EXACT, _LARGEST_WITH_DIGITS = 1e15, 1e21
_TEXT_TYPES = ("str", "inlineStr")
_LONGEST_QUOTE = 200  # characters of a value that cannot be read
_TRUTH_VALUES = {"1": True, "true": True, "0": False, "false": False}


def cell_value(
    kind: str | None, style: str | None, text: str | None, book: WorkbookParts
) -> CellValue:
    """Return the value of a cell of this type; None for an empty cell."""
    if text is None or (kind not in _TEXT_TYPES and not text.strip()):
        return None
    if kind in _TEXT_TYPES:
        return decode_escapes(text)
    value: CellValue = None
    if kind is None or kind == "n":
        value = _number_value(text, book.styles.formats.get(style, GENERAL), book)
    elif kind == "s":
        value = book.texts.by_number.get(text.strip(), ErrorValue(f"<v>{text}</v>"))
    elif kind == "b":
        value = _TRUTH_VALUES.get(text.strip())
    elif kind == "d":
        value = _iso_value(text.strip())
    return ErrorValue(decode_escapes(text)[:_LONGEST_QUOTE]) if value is None else value


def _number_value(text: str, code: str, book: WorkbookParts) -> CellValue:
    number = stored_number(text.strip())
    return None if number is None else shown_value(number, code, from_1904=book.counts_from_1904)


def stored_number(text: str) -> int | float | None:
    """Return a number as files write it, or None. No digit of a long whole number is lost."""
    if len(text) > _MOST_DIGITS or not _NUMBER.fullmatch(text):
        return None  # Python reads "1_000", "nan" and "١" as numbers, spreadsheets do not
    if text.isdecimal():
        return int(text)
    number = float(text) + 0.0  # "-0" is 0
    if number in (float("inf"), float("-inf")):
        return None
    has_digits = _LARGEST_EXACT <= abs(number) < _LARGEST_WITH_DIGITS
    return int(Decimal(text)) if has_digits and number.is_integer() else number


def _iso_value(text: str) -> CellValue:
    """Return a date, a date with its time of day, or a time; None if the text is none of them."""
    with suppress(ValueError):
        return date.fromisoformat(text)
    with suppress(ValueError, OverflowError):  # there is no day after the last
        moment = datetime.fromisoformat(text).replace(tzinfo=None) + timedelta(microseconds=500_000)
        moment = moment.replace(microsecond=0)
        return moment.date() if moment.time() == time.min else moment
    with suppress(ValueError):
        clock = time.fromisoformat(text)
        seconds = (clock.hour * 60 + clock.minute) * 60 + clock.second
        code = "hh:mm:ss" if clock.second else "hh:mm"
        return shown_value(seconds / 86_400, code)
    return None
