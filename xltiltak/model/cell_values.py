"""The values of cells, as a person saw them.

A value that is shown otherwise than it is stored keeps both: a date with its time of day is a
`datetime`, a number in a format such as 0 % is a `FormattedNumber`. `display` is what was seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from xltiltak.model.language import day_text, decimal_text
from xltiltak.model.typed_text import strip_invisible

NumberClass = Literal[
    "general", "number", "percent", "date", "time", "datetime", "fraction", "scientific", "other"
]
"""What a number format makes of a number. "other" has words of its own, as in `# ##0 "tkr"`."""


class ErrorValue(str):
    """An error cell, such as #DIV/0!. It is not a text, and not blank."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class FormattedNumber:
    """A number that is shown otherwise than Python or the format General would write it.

    `kind` is the class of its number format, `shown` what the sheet shows, with the decimal comma
    and the spaces that Nordic programs use: 0.85 with the format 0 % is "85 %".
    """

    number: int | float
    kind: NumberClass
    shown: str


PlainValue = str | int | float | bool | date | None
CellValue = PlainValue | FormattedNumber
_ALL_DIGITS, _SCIENTIFIC = 1e15, 1e21  # between them, "g" would leave digits out
_TRUTH_VALUES = {  # as spreadsheets show them
    "nb": ("SANN", "USANN"),
    "nn": ("SANN", "USANN"),
    "sv": ("SANT", "FALSKT"),
    "en": ("TRUE", "FALSE"),
}


def is_blank(cell: CellValue) -> bool:
    """Return True if a cell is empty, or only has white space and signs that show nothing."""
    if not isinstance(cell, str):
        return cell is None
    text = cell.strip()
    return not text or (not text.isprintable() and not strip_invisible(text).strip())


def display(cell: CellValue, language: str = "nb") -> str:
    """Return the cell as text, as a person saw it. A large number keeps its digits."""
    if isinstance(cell, FormattedNumber):
        return cell.shown
    if isinstance(cell, bool):
        return _TRUTH_VALUES.get(language, _TRUTH_VALUES["en"])[not cell]
    if isinstance(cell, datetime):
        clock = f"{cell:%H:%M:%S}" if cell.second else f"{cell:%H:%M}"
        return f"{day_text(cell, language)} {clock}"
    if isinstance(cell, date):
        return day_text(cell, language)
    if type(cell) is not float:
        return str(cell)
    text = f"{cell:.0f}" if _ALL_DIGITS <= abs(cell) < _SCIENTIFIC else f"{cell + 0:.15G}"
    return decimal_text(text, language)
