"""The names of cells, as spreadsheets write them. Rows and columns are counted from 1."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=1024)
def column_letters(col: int) -> str:
    """Return the letters of a column: `A` for 1, `AB` for 28."""
    letters = ""
    while col:
        col, rest = divmod(col - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@lru_cache(maxsize=8192)  # every form names the same cells
def cell_name(row: int, col: int) -> str:
    """Return the name of a cell: `F15` for row 15, column 6."""
    return f"{column_letters(col)}{row}"
