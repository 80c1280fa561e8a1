"""The names of cells, as spreadsheets write them. Rows and columns are counted from 1."""

from __future__ import annotations

from functools import lru_cache

UNKNOWN_COLUMN = (1 << 14) + 1  # above the last column of a spreadsheet, XFD
_LONGEST_LETTERS = 3


@lru_cache(maxsize=1024)
def column_letters(col: int) -> str:
    """Return the letters of a column: `A` for 1, `AB` for 28; "" for a number below 1."""
    letters = ""
    while col > 0:
        col, rest = divmod(col - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """Return the number of a column: 28 for `AB`; UNKNOWN_COLUMN if there is none."""
    if not 0 < len(letters) <= _LONGEST_LETTERS or letters.strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        return UNKNOWN_COLUMN
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return min(number, UNKNOWN_COLUMN)


@lru_cache(maxsize=8192)  # every form names the same cells
def cell_name(row: int, col: int) -> str:
    """Return the name of a cell: `F15` for row 15, column 6."""
    return f"{column_letters(col)}{row}"


@lru_cache(maxsize=8192)
def cell_place(name: str) -> tuple[int, int]:
    """Return the row and column of a cell's name; row 0 if it does not end with a number."""
    letters = name.rstrip("0123456789")
    digits = name[len(letters) :]
    return int(digits) if digits and digits[0] != "0" else 0, column_number(letters)
