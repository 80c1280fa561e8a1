"""The width of text and the lines it takes in a cell, without a font at run time.

The advance widths are those of Arial (Liberation Sans has the same), in thousandths of the letters'
size. Excel wraps at spaces, hyphens and dashes; a cell loses 7 pixels to its padding and a little
more to rounding.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import accumulate

# fmt: off
_WIDTHS = {
    191: "'", 222: "ijl‘’", 260: "|", 278: " !,./:;I[\\]ft\xa0·ÌÍÎÏìíîï", 333: "()-`r“”", 334: "{}",
    350: "•", 355: '"', 389: "*", 400: "°", 469: "^", 500: "Jckśsvxyzçýÿž",
    556: "#$0123456789?L_abdeghnopqu§«»àáâãäåèéêëðñòóôõöøùúûüł–€",
    584: "+<=>~−×", 611: "FTZßŽ", 667: "&ABEKPSVXYÀÁÂÃÄÅÈÉÊËÝŠ", 722: "CDHNRUwÇÐÙÚÛÜ",
    778: "GOQÒÓÔÕÖØ", 833: "Mm", 889: "%æ", 944: "W", 1000: "ÆŒ—…", 1015: "@",
}
# fmt: on
_DEFAULT_ADVANCE = 611  # of a letter that is not in the table
_WIDEST = 1015
_SPACE = 278
_BOLD = 1.07  # bold Arial over Norwegian text is 5-7 % wider
_SAFETY = 0.97  # of a column's width is used
_PIECE = re.compile(r"[^ \-–]*[\-–]+|[^ \-–]+| +")
_MOST_WORDS, _MOST_HEIGHTS = 65_536, 1_024  # kept in a cache

Measure = Callable[[str], float]
LINE = 12.75  # points from one line of Arial 10 to the next, in Excel
TALLEST = 409.0  # points that Excel allows a row


class _Advances(dict[str, int]):
    """The advance widths of letters."""

    def __missing__(self, char: str) -> int:
        return _DEFAULT_ADVANCE


_ADVANCE = _Advances({char: width for width, chars in _WIDTHS.items() for char in chars})


def line_count(text: str, width: float, *, points: float = 10, bold: bool = False) -> int:
    """Return the lines that a text takes in a column; `width` is in characters."""
    return _line_count(text, _room(width, points, bold))


def row_height(text: str, width: float, *, points: float = 10, bold: bool = False) -> float:
    """Return the height in points of a row with this text."""
    return row_height_function(width, points, bold)(text)


@lru_cache(maxsize=256)
def row_height_function(width: float, points: float, bold: bool) -> Measure:  # noqa: FBT001 - a cached function takes its parameters by position
    """Return the function from a text to its row's height in points, for one kind of column."""
    return _Heights(_room(width, points, bold), LINE * points / 10).__getitem__


def wrap_text(text: str, width: float, *, points: float = 10) -> Iterator[str]:
    """Yield the lines of a text that is written over several rows."""
    yield from _wrap(text, _room(width, points, False))  # noqa: FBT003 - bold


def split_paragraph(paragraph: str, width: float, *, points: float = 10) -> Iterator[str]:
    """Yield a paragraph in lines of at most `width`; `" ".join(lines)` restores it.

    A word that is wider than a line is not split.
    """
    room = _room(width, points, False)  # noqa: FBT003 - bold
    line, used = list[str](), 0
    for word in paragraph.split(" "):
        if line and word and any(line) and used + _WORD_WIDTHS[word] - _SPACE > room:
            yield " ".join(line)
            line, used = [], 0
        line.append(word)
        used += _WORD_WIDTHS[word]
    yield " ".join(line)


def text_width(text: str, points: float) -> float:
    """Return the width of a line in the unit of `points`, the size of its letters."""
    return sum(map(_ADVANCE.__getitem__, text)) * points / 1000


def wrap_to_width(text: str, width: float, points: float) -> Iterator[str]:
    """Yield the lines of a text that is drawn; `width` is in the unit of `points`."""
    yield from _wrap(text, width * 1000 / points)


def _wrap(text: str, room: float) -> Iterator[str]:
    """Yield the lines of a text; `room` is in thousandths of its letters' size."""
    for paragraph in text.split("\n"):
        line, used = "", 0.0
        for piece in _fitting_pieces(paragraph, room):
            size = _width(piece)
            if line and used + size > room and not piece.isspace():
                yield line.rstrip()
                line, used = "", 0.0
            line, used = line + piece, used + size
        yield line.rstrip()


def _fitting_pieces(paragraph: str, room: float) -> Iterator[str]:
    """Yield the words of a paragraph; a word wider than the line in several pieces."""
    for word in _PIECE.findall(paragraph):
        begin = used = 0
        for n, char in enumerate(word if _width(word) > room else ""):
            used += _width(char)
            if used > room and n > begin:
                yield word[begin:n]
                begin, used = n, _width(char)
        yield word[begin:]


def _width(piece: str) -> int:
    """Return the width of a piece, in thousandths of its letters' size."""
    return _WORD_WIDTHS[piece] - _SPACE


@lru_cache(maxsize=256)
def _room(width: float, points: float, bold: bool) -> float:  # noqa: FBT001 - a cached function takes its parameters by position
    """Return what a column has room for, in thousandths of the letters' size."""
    pixels = int(width * 7 + 5.5) - 7
    return pixels * 0.75 * _SAFETY * 1000 / points / (_BOLD if bold else 1)


def _line_count(text: str, room: float) -> int:
    """Return the lines of a text; short paragraphs are not measured."""
    if "\n" in text:
        return sum(_line_count(paragraph, room) for paragraph in text.split("\n"))
    if len(text) * _WIDEST <= room:
        return 1
    if "-" in text or "–" in text or "  " in text:
        return _count_by_pieces(text, room)
    return _count_by_words(text, room)


def _count_by_words(paragraph: str, room: float) -> int:
    """Return the lines of a paragraph that breaks at single spaces only, as most do."""
    with_space = room + _SPACE
    words = paragraph.rstrip(" ").split(" ")
    ends = list(accumulate(map(_WORD_WIDTHS.__getitem__, words)))
    count, fits = 1, bisect_right(ends, with_space)
    while fits < len(ends):
        start = ends[fits - 1] if fits else 0
        before, fits = fits, bisect_right(ends, start + with_space)
        if before == fits:  # a word is wider than the column
            return _count_by_pieces(paragraph, room)
        count += 1
    return count


def _count_by_pieces(paragraph: str, room: float) -> int:
    """Return the lines of any paragraph."""
    count, used = 1, 0.0
    for piece in _PIECE.findall(paragraph):
        size: float = _width(piece)
        if used + size > room and not piece.isspace():
            count, used = count + (used > 0), 0.0
            overflow = int((size - 1) // room)  # a word wider than the column is broken
            count, size = count + overflow, size - overflow * room
        used += size
    return count


class _Heights(dict[str, float]):
    """A cache of row heights by text, for one room; a form and the plan have the same texts."""

    def __init__(self, room: float, line: float) -> None:
        super().__init__()
        self.room, self.line = room, line

    def __missing__(self, text: str) -> float:
        if len(self) >= _MOST_HEIGHTS:
            self.clear()
        count = _line_count(text, self.room)
        self[text] = height = min(TALLEST, self.line * count + (5 if count == 1 else 6))
        return height


class _WordWidths(dict[str, int]):
    """A cache of the widths of words with a space after them."""

    def __missing__(self, piece: str) -> int:
        if len(self) >= _MOST_WORDS:
            self.clear()
        self[piece] = size = sum(map(_ADVANCE.__getitem__, piece)) + _SPACE
        return size


_WORD_WIDTHS = _WordWidths()
