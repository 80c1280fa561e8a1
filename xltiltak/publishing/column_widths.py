"""How wide the columns of a table are: as they are wished for, but no word is divided where there is room for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from xltiltak.layout import metrics

LYING, STANDING = 762.0, 515.0  # points between the margins of an A4 page
WHOLE_ROWS = 10  # a table of figures with no more of them stands on one page
_POINTS, _BOLD, _AIR = 8.5, 1.09, 9.5  # of letters in a head; how much wider they are; beside them
_PARTS = re.compile(r"[^\s/-]+[/-]?")


class Wish(NamedTuple):
    """A column: how wide beside the others, and the texts whose words are to stand whole."""

    width: float
    texts: tuple[str, ...]


def shares(wishes: Sequence[Wish], *, landscape: bool) -> tuple[float, ...]:
    """The part of the width that each column takes. What their longest words need comes first, where it fits."""
    across = LYING if landscape else STANDING
    needs = [longest(wish.texts) for wish in wishes]
    total = sum(wish.width for wish in wishes) or 1.0
    if sum(needs) > across:
        return tuple(wish.width / total for wish in wishes)
    held: dict[int, float] = {}
    while True:
        left = sum(wish.width for n, wish in enumerate(wishes) if n not in held) or 1.0
        scale = (across - sum(held.values())) / left
        more = {
            n: needs[n]
            for n, wish in enumerate(wishes)
            if n not in held and wish.width * scale < needs[n]
        }
        if not more:
            return tuple(held.get(n, wish.width * scale) / across for n, wish in enumerate(wishes))
        held |= more


def longest(texts: Iterable[str]) -> float:
    """The room in points that the longest word takes, in bold."""
    words = (word for text in texts for word in _PARTS.findall(text))
    return max((metrics.text_width(word, _POINTS) * _BOLD for word in words), default=0.0) + _AIR
