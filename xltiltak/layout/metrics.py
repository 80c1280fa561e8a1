"""How wide text is and how many lines it takes, without a font at run time.

Advance widths of Arial (its metric twin Liberation Sans) in thousandths of an em. Excel wraps at spaces, hyphens and
dashes; a cell loses 7 pixels to its padding and a little more to rounding.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import accumulate

_WIDTHS = {
    191: "'", 222: "ijl‘’", 260: "|", 278: " !,./:;I[\\]ft\xa0·ÌÍÎÏìíîï", 333: "()-`r“”", 334: "{}", 350: "•", 355: '"',
    389: "*", 400: "°", 469: "^", 500: "Jckśsvxyzçýÿž", 556: "#$0123456789?L_abdeghnopqu§«»àáâãäåèéêëðñòóôõöøùúûüł–€",
    584: "+<=>~−×", 611: "FTZßŽ", 667: "&ABEKPSVXYÀÁÂÃÄÅÈÉÊËÝŠ", 722: "CDHNRUwÇÐÙÚÛÜ", 778: "GOQÒÓÔÕÖØ", 833: "Mm",
    889: "%æ", 944: "W", 1000: "ÆŒ—…", 1015: "@",
}  # fmt: skip
_ADVANCE = {char: width for width, chars in _WIDTHS.items() for char in chars}
_WIDEST_USUAL = 611
_BOLD = 1.07  # bold Arial over Norwegian text runs 5-7 % wider
_PIECE = re.compile(r"[^ \-–]*[\-–]+|[^ \-–]+| +")
_SPACE, _MOST_KNOWN, _MOST_HEIGHTS = 278, 65_536, 1_024
_SAFE = 0.97

Measure = Callable[[str], float]
LINE = 12.75  # points from one line of Arial 10 to the next, in Excel
TALLEST = 409.0  # points Excel allows a row


def line_count(text: str, width: float, *, points: float = 10, bold: bool = False) -> int:
    """How many lines text takes in a column of this width in characters."""
    return _lines(text, _room(width, points, bold))


def row_height(text: str, width: float, *, points: float = 10, bold: bool = False) -> float:
    """The height in points of a row with this text."""
    return row_height_function(width, points, bold)(text)


@lru_cache(maxsize=256)
def row_height_function(width: float, points: float, bold: bool) -> Measure:  # noqa: FBT001 - cached by place
    """What gives the height in points of a row with a text in such a column."""
    return _Heights(_room(width, points, bold), LINE * points / 10).__getitem__


def wrap_text(text: str, width: float, *, points: float = 10) -> Iterator[str]:
    """The text in lines that fit the width, for what is written over several rows."""
    yield from _broken(text, _room(width, points, False))  # noqa: FBT003 - as bold


def split_paragraph(paragraph: str, width: float, *, points: float = 10) -> Iterator[str]:
    """A paragraph in pieces that fit the width; joined by a space they are the paragraph again."""
    room, line, used = _room(width, points, False), list[str](), 0  # noqa: FBT003 - as bold
    for word in paragraph.split(" "):
        if line and word and any(line) and used + _SIZES[word] - _SPACE > room:
            yield " ".join(line)
            line, used = [], 0
        line.append(word)
        used += _SIZES[word]
    yield " ".join(line)


def _broken(text: str, room: float) -> Iterator[str]:
    for paragraph in text.split("\n"):
        line, used = "", 0.0
        for piece in _fitting(paragraph, room):
            size = _size(piece)
            if line and used + size > room and not piece.isspace():
                yield line.rstrip()
                line, used = "", 0.0
            line, used = line + piece, used + size
        yield line.rstrip()


def text_width(text: str, points: float) -> float:
    """How wide a line of text is, in the unit its letters are measured in."""
    return sum(_ADVANCE.get(char, _WIDEST_USUAL) for char in text) * points / 1000


def wrap_to_width(text: str, room: float, points: float) -> Iterator[str]:
    """The text in lines no wider than this, in the unit its letters are measured in, for what is drawn."""
    yield from _broken(text, room * 1000 / points)


def _fitting(paragraph: str, room: float) -> Iterator[str]:
    """The words of a paragraph; one wider than the line in pieces that fit."""
    for word in _PIECE.findall(paragraph):
        rest = word
        while _size(rest) > room and len(rest) > 1:
            most = next(n for n in range(len(rest) - 1, 0, -1) if n == 1 or _size(rest[:n]) <= room)
            yield rest[:most]
            rest = rest[most:]
        yield rest


def _size(piece: str) -> float:
    """How wide a piece is alone, in thousandths of its letters' height."""
    return _SIZES[piece] - _SPACE


@lru_cache(maxsize=256)
def _room(width: float, points: float, bold: bool) -> float:  # noqa: FBT001 - cached by place
    return (int(width * 7 + 5.5) - 7) * 0.75 * _SAFE * 1000 / points / (_BOLD if bold else 1)


def _lines(text: str, room: float) -> int:
    """The lines in so much room. A short paragraph is never measured: no letter is wider than 1,015."""
    if "\n" in text:
        return sum(_lines(paragraph, room) for paragraph in text.split("\n"))
    if len(text) * 1015 <= room:
        return 1
    if "-" in text or "–" in text or "  " in text:
        return _count(text, room)
    return _count_words(text, room)


def _count_words(paragraph: str, room: float) -> int:
    """The lines of a paragraph that breaks at single spaces only: most do, and need no pattern."""
    room += _SPACE
    ends = list(accumulate(map(_SIZES.__getitem__, paragraph.rstrip(" ").split(" "))))
    count, fits = 1, bisect_right(ends, room)
    while fits < len(ends):
        start = ends[fits - 1] if fits else 0
        before, fits = fits, bisect_right(ends, start + room)
        if before == fits:
            return _count(paragraph, room - _SPACE)  # a word is wider than the column
        count += 1
    return count


def _count(paragraph: str, room: float) -> int:
    """The lines of one paragraph."""
    count, used = 1, 0.0
    for piece in _PIECE.findall(paragraph):
        size = float(_SIZES[piece] - _SPACE)
        if used + size > room and not piece.isspace():
            count, used = count + (used > 0), 0.0
            overflow = int((size - 1) // room)  # one word wider than the column is broken
            count, size = count + overflow, size - overflow * room
        used += size
    return count


class _Heights(dict[str, float]):
    """The heights of rows with these texts, in so much room: a form and the plan hold the same ones."""

    def __init__(self, room: float, line: float) -> None:
        super().__init__()
        self.room, self.line = room, line

    def __missing__(self, text: str) -> float:
        if len(self) >= _MOST_HEIGHTS:
            self.clear()
        count = _lines(text, self.room)
        self[text] = height = min(TALLEST, self.line * count + (5 if count == 1 else 6))
        return height


class _Sizes(dict[str, int]):
    """The widths of words, each with a space after it; the same ones come again and again."""

    def __missing__(self, piece: str) -> int:
        if len(self) >= _MOST_KNOWN:
            self.clear()
        self[piece] = size = sum(_ADVANCE.get(char, _WIDEST_USUAL) for char in piece) + _SPACE
        return size


_SIZES = _Sizes()
