"""Write a table as plain text, for pipes and files; a terminal gets its tables from rich."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

_GAP = "  "
_WIDEST = 40  # characters of a line in a cell; a single longer word is not broken


class TextColumn(NamedTuple):
    """A column: its heading, whether it is aligned to the right, whether rich keeps its lines."""

    label: str
    right: bool = False
    no_wrap: bool = False


def text_table(columns: Sequence[TextColumn], rows: Sequence[Sequence[str]], width: int) -> str:
    """Return the table as lines: the headings, a rule, the rows.

    A long text continues on the next line of its cell. The last column gets what is left of
    `width` characters. Words are never broken, so that they can be searched for and copied;
    a line with a long file name may therefore be wider than `width`.
    """
    wrapped: list[list[list[str]]] = []
    widths: list[int] = []
    for n, column in enumerate(columns):
        left = width - sum(widths) - len(_GAP) * n
        longest = max(_WIDEST, left) if n == len(columns) - 1 else _WIDEST
        cells = [wrap(text, longest) for text in (column.label, *(row[n] for row in rows))]
        widths.append(max(display_width(line) for cell in cells for line in cell))
        wrapped.append(cells)
    heading, *body = zip(*wrapped, strict=True)
    rule = [["-" * used] for used in widths]
    return "".join(_lines(columns, widths, row) for row in (heading, rule, *body))


def _lines(
    columns: Sequence[TextColumn], widths: Sequence[int], row: Sequence[Sequence[str]]
) -> str:
    """Return the lines of one row. Each cell is a list of lines."""
    lines = []
    for parts in zip_longest(*row, fillvalue=""):
        padded = []
        for column, width, part in zip(columns, widths, parts, strict=True):
            blanks = " " * (width - display_width(part))
            padded.append(blanks + part if column.right else part + blanks)
        lines.append(_GAP.join(padded).rstrip(" ") + "\n")
    return "".join(lines)


def wrap(text: str, width: int) -> list[str]:
    """Return the lines of a text, broken at spaces. A word wider than `width` gets its own line."""
    lines = []
    printable = text if text.isprintable() else "".join(map(_printable, text))
    for paragraph in printable.split("\n"):
        begin, used = 0, -1
        words = paragraph.split(" ")
        for n, word in enumerate(words):
            needed = display_width(word)
            if used + 1 + needed > width and n > begin:
                lines.append(" ".join(words[begin:n]))
                begin, used = n, -1
            used += 1 + needed
        lines.append(" ".join(words[begin:]))
    return lines


def display_width(text: str) -> int:
    """Return how many columns a terminal needs for a text: East Asian characters need two."""
    if not text or max(text) < "\u0300":
        return len(text)
    marks = sum(unicodedata.category(character) in ("Mn", "Me", "Cf") for character in text)
    return (
        len(text)
        - marks
        + sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    )


def _printable(character: str) -> str:
    """Return a space for a control character: a terminal would obey it when the file is shown."""
    return " " if character != "\n" and unicodedata.category(character) == "Cc" else character
