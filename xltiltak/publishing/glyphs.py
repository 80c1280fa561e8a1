"""Which characters the fonts that travel with us can show, so that none stops the setting of a page.

Liberation Sans for text, Noto Sans Symbols 2 and Noto Emoji for what it lacks; all under the SIL Open Font License 1.1
(`fonts/`). No font of the machine is used: the same report gives the same pages everywhere.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "fonts"
SIGNS = "Noto Sans Symbols 2"
FAMILIES = ("Liberation Sans", SIGNS, "Noto Emoji")
LACKING = "□"
_FILES = ("LiberationSans-Regular.ttf", "NotoSansSymbols2-Regular.ttf", "NotoEmoji-Regular.ttf")
# Spaces, breaks and joiners: they need no glyph. Directions are left out, for some fonts want one for them.
_UNSEEN = "\t\n\v\f\r\x85\xad\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufe00-\ufe0f"


def printable(text: str) -> str:
    """The text with a box for each character that no font has; control characters, which show nothing, are left out."""
    return _lacking().sub(lambda found: "" if _is_control(found[0]) else LACKING, text)


def lacking(texts: Iterable[str]) -> Counter[str]:
    """The characters that would be boxes, and how many of each."""
    pattern = _lacking()
    return Counter(
        char for text in texts for char in pattern.findall(text) if not _is_control(char)
    )


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf")


@cache
def _lacking() -> re.Pattern[str]:
    """What finds a character that cannot be shown. The planes for private use are not for others to read."""
    known = {code for file in _FILES for code in _covered((FOLDER / file).read_bytes())}
    shown = (
        code for code in sorted(known) if unicodedata.category(chr(code)) not in ("Cc", "Cf", "Co")
    )
    return re.compile(f"[^{_UNSEEN}{''.join(f'{chr(a)}-{chr(b)}' for a, b in _ranges(shown))}]")


def _ranges(codes: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = -1
    for code in codes:
        if code != last + 1:
            if first >= 0:
                yield first, last
            first = code
        last = code
    yield first, last


def _covered(font: bytes) -> Iterator[int]:
    """The characters of a TrueType font, by its character map (OpenType, cmap formats 4 and 12)."""
    count = struct.unpack_from(">H", font, 4)[0]
    tables = {
        font[at : at + 4]: struct.unpack_from(">I", font, at + 8)[0]
        for at in range(12, 12 + 16 * count, 16)
    }
    cmap = tables[b"cmap"]
    for n in range(struct.unpack_from(">H", font, cmap + 2)[0]):
        at = cmap + struct.unpack_from(">I", font, cmap + 8 + 8 * n)[0]
        form = struct.unpack_from(">H", font, at)[0]
        yield from _format_4(font, at) if form == 4 else _format_12(font, at) if form == 12 else ()


def _format_4(font: bytes, at: int) -> Iterator[int]:
    """Segments of the first plane. A glyph of 0 is none: segments of these fonts that look glyphs up may hold some."""
    count = struct.unpack_from(">H", font, at + 6)[0] // 2
    ends, starts = (struct.unpack_from(f">{count}H", font, at + 14 + k) for k in (0, 2 * count + 2))
    deltas = struct.unpack_from(f">{count}h", font, at + 16 + 4 * count)
    offsets = struct.unpack_from(f">{count}H", font, at + 16 + 6 * count)
    for n, (start, end) in enumerate(zip(starts, ends, strict=True)):
        place = at + 16 + 6 * count + 2 * n + offsets[n]
        for code in range(start, min(end, 0xFFFE) + 1):
            glyph = (
                struct.unpack_from(">H", font, place + 2 * (code - start))[0]
                if offsets[n]
                else code + deltas[n]
            )
            if glyph & 0xFFFF:
                yield code


def _format_12(font: bytes, at: int) -> Iterator[int]:
    """Groups of any plane."""
    for n in range(struct.unpack_from(">I", font, at + 12)[0]):
        first, last, _ = struct.unpack_from(">III", font, at + 16 + 12 * n)
        yield from range(first, last + 1)
