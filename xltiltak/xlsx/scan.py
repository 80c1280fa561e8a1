"""The cells of a sheet by its markup as text, where that is as programs usually write it; ten times as fast as expat.

Nothing is believed: rows that hold anything that is not known to be right are left to `sheets`, which asks expat for
every element; and expat has to find well formed what stands around them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from xltiltak.model.errors import DamagedWorkbook
from xltiltak.xlsx.markup import UTF_8, is_sound, parse_xml, unescaped

FAR = 1 << 14  # a column no spreadsheet has
_LETTERS = ["", *(chr(65 + i) for i in range(26))]
COLUMNS = {a + b: n for n, (a, b) in enumerate(((a, b) for a in _LETTERS for b in _LETTERS[1:]), 1)}

_OPENED, _CLOSED = (
    "<v>",
    "\2",
)  # how a value begins, and what its end becomes: a sign that no sound markup has
_TAGS = re.compile(
    r'<row r="([1-9][0-9]{0,8})"((?: [a-zA-Z][a-zA-Z0-9:]*="[^<>"]*")*)(/?)>|'
    r'<c r="([A-Z]+)([1-9][0-9]{0,8})"(?: s="([0-9]+)")?(?: t="([a-zA-Z]+)")?'
    rf"(?:/>|>(?:<f>([^<]+)</f>)?{_OPENED}({_CLOSED}))"
)
_NAMES = re.compile(r' ([a-zA-Z0-9:]+)="')
_BEGIN, _END = b"<sheetData>", b"</sheetData>"
_CELLS = (b"<row ", b"<row>", b"<c ", b"<c>")
_MARK = (
    "\1"  # another such sign, around a text that stands in its cell: what begins so has to end so
)
_INLINE = (
    ('<is><t xml:space="preserve">', f"{_OPENED}{_MARK}"),
    ("<is><t>", f"{_OPENED}{_MARK}"),
    ("</t></is></c>", f"{_MARK}{_OPENED}{_CLOSED}"),
)
_LAST = '<row r="999999999">'  # where rows without cells stand last, the row that they stand above
_LONGEST = 2_000  # letters of a frame that is remembered


Head = tuple[int, str, int, str | None, str | None, str | None]
"""What a cell says before its value: row, letters of its column (empty without), its number, style, type, formula."""

Written = tuple[Head, str | None]
"""A cell that holds something, and its value as it is written; None where it has a formula alone."""


class RowFrame(NamedTuple):
    """What stands around the values of a row: its number, and the heads of the cells that have one.

    `first` is the first of the rows without cells above it, else itself. Where every cell says only that it holds a
    shared text or a number, each in a column of its own, `columns` are these, `kinds` which of both (the type a cell
    says), `widest` is the last column, and `styles` are those of the numbers; else there are no `columns`.
    """

    first: int
    number: int
    heads: tuple[Head, ...]
    columns: tuple[int, ...]
    kinds: tuple[str | None, ...]
    widest: int
    styles: frozenset[str | None]


ScannedRow = tuple[RowFrame, list[str]]
"""A row, and its values as they are written."""


class _Unknown(Exception):
    """Markup that only expat can tell."""


def scan(part: bytes) -> list[ScannedRow] | None:
    """The rows that hold something; None where it cannot be proved that all of it is seen.

    Proof: no value has a "<", between two of them stand known tags in their order and nothing else, and all are sound.
    """
    start, end = part.find(_BEGIN) + len(_BEGIN), part.rfind(_END)
    if (
        not part.startswith(UTF_8)
        or not len(_BEGIN) < start <= end
        or b"<!" in part[:start]
        or b"<?" in part[1:start]
    ):
        return None  # the first rows may be none
    around = part[:start] + part[end:]
    if any(tag in around for tag in _CELLS):
        return None  # cells where none belong
    try:
        lines = _lines(part[start:end].decode())
        parse_xml(around, None, root="worksheet")
    except (_Unknown, UnicodeDecodeError, DamagedWorkbook):
        return None  # expat tells what is wrong, and where
    return lines


def cells_of(line: ScannedRow) -> list[Written]:
    """The cells of a row that hold something."""
    frame, values = line
    return [
        (head, value or None)
        for head, value in zip(frame.heads, values, strict=True)
        if value or head[-1]
    ]


def _lines(data: str) -> list[ScannedRow]:
    """Some rows. Raises _Unknown."""
    if _MARK in data or _CLOSED in data:
        raise _Unknown
    inline = "<is>" in data
    for tags, told in _INLINE if inline else ():
        data = data.replace(tags, told)
    *rows, rest = data.replace("</v></c>", _OPENED + _CLOSED).split("</row>")
    pieces = [
        row.split(_OPENED) for row in ([*rows, rest + _LAST] if rest.strip(" \t\n") else rows)
    ]
    frames = _frames([_OPENED.join(of[::2]) for of in pieces])
    held = [[*map(_unmarked, of[1::2])] if inline else of[1::2] for of in pieces]
    said = "\n".join(
        ["\n".join(values) for values in held]
    )  # what is sound so is sound piece by piece
    if (
        [len(frame.heads) for frame in frames] != [*map(len, held)]
        or "<" in said
        or not is_sound(said.encode())
    ):
        raise _Unknown
    return [
        *zip(
            frames,
            [[*map(unescaped, values)] for values in held] if "&" in said else held,
            strict=True,
        )
    ]


def _unmarked(value: str) -> str:
    """A value as it is written; one that has not both marks stays as it is, and no sound one has any."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == _MARK else value


def _frames(texts: list[str]) -> list[RowFrame]:
    """What stands around the values, row by row. Raises _Unknown.

    Forms of one sending are alike in nearly all of it, so it is remembered.
    """
    known = _frame if max(map(len, texts), default=0) <= _LONGEST else _frame.__wrapped__
    frames = [*map(known, texts)]
    if any(below.first <= above.number for above, below in pairwise(frames)):
        raise _Unknown
    return frames


@lru_cache(maxsize=4096)
def _frame(text: str) -> RowFrame:
    """Rows without cells, and last one that is still open, with its cells. Raises _Unknown."""
    if _TAGS.sub("", text).strip(" \t\n") or not is_sound(text.replace(_CLOSED, "").encode()):
        raise _Unknown
    first = number = 0
    heads, is_open = list[Head](), False
    for row, looks, closed, letters, at, style, kind, formula, ended in _TAGS.findall(text):
        if row:
            names = ["r", *_NAMES.findall(looks)]
            if is_open or int(row) <= number or len(set(names)) < len(names):
                raise _Unknown
            first, number, is_open = first or int(row), int(row), not closed
        elif not is_open or int(at) != number:
            raise _Unknown
        elif ended:
            col = COLUMNS.get(letters, FAR)
            heads.append(
                (number, letters, col, style or None, kind or None, unescaped(formula) or None)
            )
    if not is_open:
        raise _Unknown
    return _framed(first, number, tuple(heads))


def _framed(first: int, number: int, heads: tuple[Head, ...]) -> RowFrame:
    """With what is to be known where all cells are plain."""
    plain = {
        col: kind for _, _, col, _, kind, formula in heads if kind in (None, "s") and not formula
    }
    columns = tuple(plain) if len(plain) == len(heads) else ()
    styles = frozenset(style for _, _, _, style, kind, _ in heads if kind is None)
    return RowFrame(
        first, number, heads, columns, tuple(plain.values()), max(plain, default=0), styles
    )
