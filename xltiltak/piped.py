"""A table where no terminal shows it: letter for letter as rich lays it out, which need not be loaded."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, zip_longest
from typing import NamedTuple

_ONE_WIDE = frozenset(
    map(chr, (0x0A, *range(0x20, 0x7F), *range(0xA0, 0xAD), *range(0xAE, 0x300)))
) | set("–—‘’“”„•…")
_RULED = ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")  # who sets one of these asks rich
_USUAL = 80  # columns where a terminal, or rich, does not know
_PAGE = 110  # columns where nobody says how wide the page is
_EDGES = 2  # a blank at both sides of every cell; none at the first and last


class Column(NamedTuple):
    """A column by its heading: `right` where its texts stand to the right, `whole` where none is broken over lines."""

    label: str
    right: bool = False
    whole: bool = False


def room() -> int | None:
    """How many columns a page has; None where standard output is a terminal, or is to be taken for one."""
    plain = (sys.stdout.encoding or "").lower().startswith("utf")
    if not plain or sys.stdout.isatty() or any(name in os.environ for name in _RULED):
        return None
    said = os.environ.get("COLUMNS", "")
    width = int(said) if said.isdigit() else next(_terminals(), _USUAL)
    return _PAGE if width in (0, _USUAL) else width


def _terminals() -> Iterator[int]:
    """How wide the terminals are that standard input, output or error still go to."""
    for stream in range(3):
        try:
            yield os.get_terminal_size(stream).columns
        except (OSError, ValueError):
            continue


def drawn(columns: Sequence[Column], rows: Iterable[Sequence[str]], page: int) -> str | None:
    """The table on a page of so many columns.

    None where a character may be wider or narrower than a letter, or a column gets no room: that is left to rich.
    """
    texts = [[column.label for column in columns], *rows]
    if not all(map(_ONE_WIDE.issuperset, chain.from_iterable(texts))):
        return None
    space, edges = page - len(columns) - 1, [_EDGES] * len(columns)
    edges[0] -= 1
    edges[-1] -= 1
    longest = (
        max(len(line) for text in column for line in text.split("\n"))
        for column in zip(*texts, strict=True)
    )
    wanted = [min(length + edge, space) for length, edge in zip(longest, edges, strict=True)]
    widths = [
        width - edge for width, edge in zip(_narrowed(wanted, columns, space), edges, strict=True)
    ]
    if min(widths) < 1 or sum(widths) + sum(edges) > space:
        return None
    head, *body = ([*_cells(columns, row, widths)] for row in texts)
    high = max(map(len, head))
    above = _across([[""] * (high - len(cell)) + cell for cell in head], widths)
    rule = "─" * (sum(widths) + sum(edges) + len(columns) - 1)
    below = chain.from_iterable(_across(row, widths) for row in body)
    blank = " " * len(rule)
    return "".join(f" {line} \n" for line in (blank, *above, rule, *below, blank))


def _narrowed(widths: list[int], columns: Sequence[Column], space: int) -> list[int]:
    """Widths for this space: the widest of the columns that may be broken give way together, down to the next."""
    breaking = [n for n, column in enumerate(columns) if not column.whole]
    while (excess := sum(widths) - space) > 0 and (
        widest := max((widths[n] for n in breaking), default=0)
    ):
        wide = [n for n in breaking if widths[n] == widest]
        most = min(excess, widest - max((widths[n] for n in breaking if n not in wide), default=0))
        for left, n in zip(range(len(wide), 0, -1), wide, strict=True):
            less = min(most, round(excess / left))
            widths[n] -= less
            excess -= less
    return widths


def _cells(
    columns: Sequence[Column], row: Sequence[str], widths: Sequence[int]
) -> Iterator[list[str]]:
    """The lines of every cell of a row, each as wide as its column lets it be."""
    for column, text, width in zip(columns, row, widths, strict=True):
        parts = [
            part
            for line in text.split("\n")
            for part in ([line] if column.whole else _broken(line, width))
        ]
        kept = [part.rstrip() for part in parts] if column.right else parts
        cut = (part if len(part) <= width else f"{part[: width - 1]}…" for part in kept)
        yield [part.rjust(width) if column.right else part for part in cut]


def _broken(line: str, width: int) -> Iterator[str]:
    """A line in parts, each beginning with a word; blanks that reach over the width are dropped."""
    begins, used = [0], 0
    for word in re.finditer(r"\s*\S+\s*", line):
        if used + len(word[0].rstrip()) > width:
            begins += [word.start()] if word.start() else []
            used = 0
        used += len(word[0])
    for begin, end in zip(begins, [*begins[1:], len(line)], strict=True):
        part = line[begin:end]
        yield part[: max(width, len(part.rstrip()))]


def _across(cells: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    """The lines of a row, whose cells stand beside each other."""
    for parts in zip_longest(*cells, fillvalue=""):
        yield "   ".join(part.ljust(width) for part, width in zip(parts, widths, strict=True))
