"""Divide the width of a table among its columns, so that no word is broken if there is room."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xltiltak.layout import metrics

LANDSCAPE_WIDTH, PORTRAIT_WIDTH = 762.0, 515.0  # points between the margins of an A4 page
WHOLE_ROWS = 10  # a table of figures with at most this many rows is kept on one page
_POINTS = 8.5  # size of the text in table heads
_BOLD = 1.09  # how much wider bold text is
_PADDING = 9.5  # points to the left and right of a text
_WORD_PARTS = re.compile(r"[^\s/-]+[/-]?")  # a line may break after "/" and "-"


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column's relative width, and the texts whose words should not be broken."""

    width: float
    texts: tuple[str, ...]


def column_shares(columns: Sequence[ColumnSpec], *, landscape: bool) -> tuple[float, ...]:
    """Return the part of the table's width that each column gets; the parts sum to 1.

    A column is at least as wide as its longest word; the others share the rest by their relative
    widths. If the longest words together do not fit, only the relative widths count.
    """
    available = LANDSCAPE_WIDTH if landscape else PORTRAIT_WIDTH
    needs = [longest_word(column.texts) for column in columns]
    total = sum(column.width for column in columns) or 1.0
    if sum(needs) > available:
        return tuple(column.width / total for column in columns)
    fixed: dict[int, float] = {}  # columns that get what their longest word needs
    while True:
        flexible = {n: column.width for n, column in enumerate(columns) if n not in fixed}
        scale = (available - sum(fixed.values())) / (sum(flexible.values()) or 1.0)
        too_narrow = {n: needs[n] for n, width in flexible.items() if width * scale < needs[n]}
        if not too_narrow:
            widths = (fixed.get(n, column.width * scale) for n, column in enumerate(columns))
            return tuple(width / available for width in widths)
        fixed |= too_narrow


def longest_word(texts: Iterable[str]) -> float:
    """Return the points that the longest word of some texts needs in bold, padding included."""
    words = (word for text in texts for word in _WORD_PARTS.findall(text))
    widest = max((metrics.text_width(word, _POINTS) * _BOLD for word in words), default=0.0)
    return widest + _PADDING
