"""The cells of a sheet by its markup as text, where that is as programs usually write it; ten times as fast as expat.

Nothing is believed: rows that hold anything that is not known to be right are left to `sheets`, which asks expat for
every element; and expat has to find well formed what stands around them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from xltiltak.errors import DamagedWorkbook
from xltiltak.workbook.markup import UTF_8, is_sound, unescaped, walk

FAR = 1 << 14  # a column no spreadsheet has
_LETTERS = ["", *(chr(65 + i) for i in range(26))]
COLUMNS = {a + b: n for n, (a, b) in enumerate(((a, b) for a in _LETTERS for b in _LETTERS[1:]), 1)}

_TAGS = re.compile(
    r'<row r="([1-9][0-9]{0,8})"((?: [a-zA-Z][a-zA-Z0-9:]*="[^<>"]*")*)(/?)>|</row>|'
    r'<c r="([A-Z]+)([1-9][0-9]{0,8})"(?: s="([0-9]+)")?(?: t="([a-zA-Z]+)")?(/?)>(?:<f>([^<]+)</f>)?'
)
_NAMES = re.compile(r' ([a-zA-Z0-9:]+)="')
_BEGIN, _END = b"<sheetData>", b"</sheetData>"
_CELLS = (b"<row ", b"<row>", b"<c ", b"<c>")
_MARK = "\1"  # a sign that no sound markup has
_INLINE = (  # around a text that stands in its cell; marked, so that what begins so has to end so
    ('<is><t xml:space="preserve">', f"<v>{_MARK}"), ("<is><t>", f"<v>{_MARK}"), ("</t></is></c>", f"{_MARK}<v>"),
)  # fmt: skip
_LONGEST = 1_000  # letters of a gap that is remembered


Head = tuple[int, str, int, str | None, str | None, str | None]
"""What a cell says before its value: row, letters of its column (empty without), its number, style, type, formula."""

Written = tuple[Head, str | None]
"""A cell that holds something, and its value as it is written; None where it has a formula alone."""

_Gap = tuple[bool, bool, int, int, int, Head | None]
"""What stands between two values: whether it begins and ends within a row, the row that its first cells name, the
first and the last row that begin in it (0 for none), and the head of the cell that the next value stands in; None
after the last."""


class _Unknown(Exception):
    """Markup that only expat can tell."""


def scan(part: bytes) -> list[Written] | None:
    """The cells that hold something; None where it cannot be proved that all of them are seen.

    Proof: no value has a "<", and between two of them stand known tags in their order and nothing else.
    """
    start, end = part.find(_BEGIN) + len(_BEGIN), part.find(_END)
    if not part.startswith(UTF_8) or not len(_BEGIN) < start <= end or b"<!" in part[:start] or b"<?" in part[1:start]:
        return None  # the first rows may be none
    data, around = part[start:end], part[:start] + part[end:]
    if any(tag in around for tag in _CELLS):
        return None  # cells where none belong
    try:
        cells = _cells(data.decode()) if is_sound(data) else None
        walk(around, None, root="worksheet")
    except (_Unknown, UnicodeDecodeError, DamagedWorkbook):
        return None  # expat tells what is wrong, and where
    return cells


def _cells(data: str) -> list[Written]:
    """The cells of some rows. Raises _Unknown."""
    inline = "<is>" in data
    for tags, told in _INLINE if inline else ():
        data = data.replace(tags, told)
    pieces = data.replace("</v></c>", "<v>").split("<v>")
    values = [*map(_unmarked, pieces[1::2])] if inline else pieces[1::2]
    if len(pieces) == 2 * len(values) or "<" in "".join(values):
        raise _Unknown
    cells: list[Written] = []
    row, within = 0, False
    for (begins, ends, before, first, last, head), value in zip(_gaps(pieces[::2]), [*values, None], strict=True):
        if begins != within or (before and before != row) or (first and first <= row) or (not head) != (value is None):
            raise _Unknown
        row, within = last or row, ends
        if head and (value or head[-1]):
            cells.append((head, (unescaped(value) if "&" in value else value) if value else None))
    if within:
        raise _Unknown
    return cells


def _unmarked(value: str) -> str:
    """A value as it is written; it has both marks or none. Raises _Unknown."""
    if value.count(_MARK) == 1:
        raise _Unknown
    return value.strip(_MARK)


def _gaps(pieces: list[str]) -> list[_Gap]:
    """What stands between the values. Forms of one sending are alike in nearly all of it, so it is remembered."""
    known = _gap if len(max(pieces, key=len)) <= _LONGEST else _gap.__wrapped__
    return [*map(known, pieces)]


@lru_cache(maxsize=4096)
def _gap(piece: str) -> _Gap:
    """Rows that end and begin, empty cells, and last a cell that is still open. Raises _Unknown."""
    before = first = last = 0
    head = None
    tags = _TAGS.findall(piece)
    begins = within = bool(tags) and not tags[0][0]
    if _TAGS.sub("", piece).strip(" \t\n"):
        raise _Unknown
    for number, looks, closed, letters, at, style, kind, empty, formula in tags:
        row = int(number or at or 0)
        if head or within == bool(number) or (empty and formula):
            raise _Unknown
        if number:
            names = ["r", *_NAMES.findall(looks)]
            if row <= last or len(set(names)) < len(names):
                raise _Unknown
            first, last, within = first or row, row, not closed
        elif letters:
            if row != (last or before or row):
                raise _Unknown
            before = before if last else row
            if not empty:
                col = COLUMNS.get(letters, FAR)
                head = (row, letters, col, style or None, kind or None, unescaped(formula) or None)
        else:
            within = False
    return begins, within, before, first, last, head
