"""Write out the formulas that several cells share: each cell gets its own, as programs show it."""

from __future__ import annotations

import re
from functools import lru_cache

from xltiltak.xlsx.cell_names import column_letters, column_number

_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_NO_CELL = "#REF!"
_PIECE = re.compile(
    r"""
    "(?:[^"]|"")*" | '(?:[^']|'')*' | \[[^\]]*\]  # texts, names of sheets, columns of tables
    | (?<![\w.$]) (?P<column>\$?[A-Z]{1,3})(?P<row>\$?[1-9][0-9]{0,6}) (?![\w.(!\[])
    | (?<![\w.$]) (?P<first>\$?[A-Z]{1,3}):(?P<last>\$?[A-Z]{1,3}) (?![\w.(!\[])
    | (?<![\w.$:]) (?P<top>\$?[1-9][0-9]{0,6}):(?P<bottom>\$?[1-9][0-9]{0,6}) (?![\w.(!:])
    """,
    re.VERBOSE,
)


@lru_cache(maxsize=1024)
def shifted(formula: str, rows: int, columns: int) -> str:
    """Return a formula as it stands so many rows below and columns right of where it was written.

    Only relative references change; one that leaves the sheet becomes #REF!.
    """

    def shift(found: re.Match[str]) -> str:
        if found["column"]:
            column, row = _column(found["column"], columns), _row(found["row"], rows)
            return column + row if column and row else _NO_CELL
        if found["first"]:
            return _range(_column(found["first"], columns), _column(found["last"], columns))
        if found["top"]:
            return _range(_row(found["top"], rows), _row(found["bottom"], rows))
        return found[0]

    return _PIECE.sub(shift, formula)


def _range(first: str, last: str) -> str:
    return f"{first}:{last}" if first and last else _NO_CELL


def _row(text: str, rows: int) -> str:
    """Return a row moved down; "" outside the sheet."""
    if text.startswith("$"):
        return text
    number = int(text) + rows
    return str(number) if 1 <= number <= _LAST_ROW else ""


def _column(text: str, columns: int) -> str:
    """Return a column moved right; "" outside the sheet."""
    if text.startswith("$"):
        return text
    number = column_number(text) + columns
    return column_letters(number) if 1 <= number <= _LAST_COLUMN else ""
