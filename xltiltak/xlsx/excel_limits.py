"""The limits of Excel, and texts cut to them.

Excel counts the characters of a text in UTF-16 units: most letters are one, an emoji is two. A file
that is over a limit is repaired or refused when it is opened.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

CELL_TEXT = 32_767
FORMULA = 8_192
FORMULA_TEXT = 255  # a text within a formula
FORMULA_ARGUMENTS = 255  # of one function
LIST = 255  # the choices of a cell, with the commas between them
MESSAGE, MESSAGE_TITLE = 255, 32  # of a validation
MARGIN_TEXT = 255  # a header or footer, with its commands
SHEET_NAME = 31
NUMBER_FORMAT = 255
CUT_MARK = "…"  # at the end of a text that was cut


def length_in_excel(text: str) -> int:
    """Return the length of a text as Excel counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, most: int, mark: str = CUT_MARK) -> str:
    """Return a text of at most `most` units; one that is longer ends with the mark.

    No character is split.
    """
    if length_in_excel(text) <= most:
        return text
    room = max(0, most - len(mark))
    kept = text.encode("utf-16-le", "surrogatepass")[: 2 * room].decode("utf-16-le", "ignore")
    return kept.rstrip() + mark


def cut_at_word(text: str, most: int) -> str:
    """Return a text of at most `most` units; one that is longer ends with a whole word and a mark.

    A word that is longer than all the room is cut.
    """
    short = cut(text, most)
    if short == text:
        return text
    kept = short.removesuffix(CUT_MARK)
    if not text[len(kept) :][:1].isspace() and " " in kept:
        kept = kept[: kept.rindex(" ")]
    return kept.rstrip() + CUT_MARK


def cut_lines(text: str, most: int) -> str:
    """Return a text of at most `most` units: its longest lines are cut, so that each line stays."""
    lines, longest = text.split("\n"), most
    while length_in_excel("\n".join(lines)) > most and longest > len(CUT_MARK):
        longest -= 1
        lines = [cut(line, longest) for line in text.split("\n")]
    return cut("\n".join(lines), most)


class RefusedByExcel(Exception):
    """Content that Excel would refuse. The code that writes it has to measure it first."""


def check_length(text: str, most: int, what: str) -> None:
    """Raise RefusedByExcel for a text that is over a limit."""
    if 2 * len(text) > most and length_in_excel(text) > most:
        raise RefusedByExcel(f"{what} of {length_in_excel(text)} characters, of at most {most}")


def check_result(result: object, what: str) -> None:
    """Raise RefusedByExcel if a method of XlsxWriter has refused a call: it returns -1 or -2."""
    if isinstance(result, int) and result < 0:
        raise RefusedByExcel(f"{what}: {result}")


@contextmanager
def refusals_raised() -> Iterator[None]:
    """Raise RefusedByExcel for what XlsxWriter leaves out in the block; it only warns."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", category=UserWarning, module="xlsxwriter")
        try:
            yield
        except UserWarning as warning:
            raise RefusedByExcel(str(warning)) from warning
