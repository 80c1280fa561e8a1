"""The cells of a sheet by one pattern, where its markup is as programs usually write it; that is three times as fast.

Nothing is believed: a part that holds any markup the pattern does not know is left to `sheets`, which asks expat for
every element; and expat has to find every part well formed.
"""

from __future__ import annotations

import re
from functools import lru_cache

from xltiltak.errors import DamagedWorkbook
from xltiltak.workbook.markup import UTF_8, unescaped, walk

Written = tuple[int, str, int, str | None, str | None, str | None, str | None]
"""Row, letters of the column (empty without), cells before it, style, type, text, formula."""

_FOUND = re.compile(
    r'<row r="([0-9]{1,9})"[^<>]*?(/?)>|<c r="([A-Z]+[0-9]{1,9})"([^<>/]*)'
    r'(?:/>|>(?:<f>([^<]+)</f>)?(?:(<v>[^<]*)</v>|<is><t(?: xml:space="preserve")?>([^<]+)</t></is>)</c>)'
)
_LOOK = re.compile(r'(?: s="([0-9]+)")?(?: t="([a-zA-Z]+)")?')
_BEGIN, _END = b"<sheetData>", b"</sheetData>"


def scan(part: bytes, sheet: str) -> list[Written] | None:
    """The cells that hold something, as they are written; None where the pattern cannot prove to have seen them all.

    Proof: every "<" between the rows belongs to something the pattern has found, and every ">" ends one of them.
    """
    start, end = part.find(_BEGIN), part.find(_END)
    if not part.startswith(UTF_8) or not 0 < start < end:
        return None
    data = part[start + len(_BEGIN) : end]
    signs = data.count(b"<")
    if data.count(b">") != signs or b"\r" in data or b"<!" in part or part.count(b"<?") > 1:
        return None
    walk(part, None, root="worksheet")
    found = _FOUND.findall(data.decode())
    cells, seen = _gathered(found, sheet, plain=b"&" not in data)
    return cells if seen == signs else None


def _gathered(found: list[tuple[str, ...]], sheet: str, *, plain: bool) -> tuple[list[Written], int]:
    """The cells, and how many tags they have with their rows; in a `plain` sheet nothing is spelt out."""
    cells: list[Written] = []
    row = seen = digits = 0
    at = ""
    for number, closed, ref, look, formula, value, inline in found:
        if number:
            seen += 1 if closed else 2
            if int(number) <= row:
                raise DamagedWorkbook("row", row=int(number), sheet=sheet)
            row, at, digits = int(number), number, len(number)
            continue
        style, kind, signs = _looked(look)
        seen += signs + (3 if value else 5 if inline else 0) + (2 if formula else 0)
        if not ref.endswith(at) or not ref[:-digits].isalpha():
            return [], -1  # in a row without a number, or damaged: expat tells which
        if (shown := value[3:] or inline) or formula:
            text, typed = shown or None, formula or None
            if not plain:
                text, typed = text and unescaped(text), typed and unescaped(typed)
            cells.append((row, ref[:-digits], 0, style, kind, text, typed))
    return cells, seen


@lru_cache(maxsize=1024)
def _looked(look: str) -> tuple[str | None, str | None, int]:
    """The style and the type among a cell's attributes, and its one sign; none where the pattern does not know them."""
    known = _LOOK.fullmatch(look)
    return (*known.groups(), 1) if known else (None, None, 0)  # type: ignore[return-value]
