"""Which characters each format can show: those that XML can hold, and those that our fonts have.

Fonts: Liberation Sans for text, Noto Sans Symbols 2 and Noto Emoji for what it lacks, all under the
SIL Open Font License 1.1 (`fonts/`). A PDF uses no font of the machine, so that the same report
gives the same pages everywhere.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

FONT_FOLDER = Path(__file__).parent / "fonts"
SYMBOL_FONT = "Noto Sans Symbols 2"
FONT_FAMILIES = ("Liberation Sans", SYMBOL_FONT, "Noto Emoji")
MISSING_GLYPH = "□"
REPLACEMENT = "\ufffd"
_FONT_FILES = (
    "LiberationSans-Regular.ttf",
    "NotoSansSymbols2-Regular.ttf",
    "NotoEmoji-Regular.ttf",
)
# Spaces, breaks and joiners need no glyph. Direction marks are not in the list, because some fonts
# need a glyph for them.
_NO_GLYPH_NEEDED = (
    "\t\n\v\f\r\x85\xad\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufe00-\ufe0f"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]")
# The last two code points of each plane are noncharacters (Unicode 23.7).
_PLANE_ENDS = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_NONCHARACTER = re.compile(f"[\ud800-\udfff\ufdd0-\ufdef{_PLANE_ENDS}]")


def xml_text(text: str) -> str:
    """Return a text that a web page and a Word file can hold.

    Control characters are removed; surrogates and noncharacters are replaced by U+FFFD.
    """
    return text if text.isprintable() else _NONCHARACTER.sub(REPLACEMENT, _CONTROL.sub("", text))


def noncharacters(texts: Iterable[str]) -> Counter[str]:
    """Count the characters that `xml_text` replaces."""
    odd = (text for text in texts if not text.isprintable())
    return Counter(char for text in odd for char in _NONCHARACTER.findall(text))


def printable(text: str) -> str:
    """Return a text that our fonts can show.

    Each character that no font has becomes a box; control characters are removed.
    """
    return _without_glyph().sub(lambda m: "" if _is_control(m[0]) else MISSING_GLYPH, text)


def missing_glyphs(texts: Iterable[str]) -> Counter[str]:
    """Count the characters that `printable` replaces by a box."""
    found = (char for text in texts for char in _without_glyph().findall(text))
    return Counter(char for char in found if not _is_control(char))


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf")


@cache
def _without_glyph() -> re.Pattern[str]:
    """Return a pattern for the characters that no font has.

    Control characters and the private use areas always match, whatever the fonts have there.
    """
    codes = {code for file in _FONT_FILES for code in _covered((FONT_FOLDER / file).read_bytes())}
    hidden = ("Cc", "Cf", "Co")
    shown = (code for code in sorted(codes) if unicodedata.category(chr(code)) not in hidden)
    ranges = "".join(f"{chr(first)}-{chr(last)}" for first, last in _ranges(shown))
    return re.compile(f"[^{_NO_GLYPH_NEEDED}{ranges}]")


def _ranges(codes: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last code of each run of consecutive codes."""
    first = last = -1
    for code in codes:
        if code != last + 1:
            if first >= 0:
                yield first, last
            first = code
        last = code
    yield first, last


def _covered(font: bytes) -> Iterator[int]:
    """Yield the code points of a TrueType font (OpenType: table cmap, formats 4 and 12)."""
    count = struct.unpack_from(">H", font, 4)[0]
    tables = {
        font[at : at + 4]: struct.unpack_from(">I", font, at + 8)[0]
        for at in range(12, 12 + 16 * count, 16)
    }
    cmap = tables[b"cmap"]
    for n in range(struct.unpack_from(">H", font, cmap + 2)[0]):
        at = cmap + struct.unpack_from(">I", font, cmap + 8 + 8 * n)[0]
        table_format = struct.unpack_from(">H", font, at)[0]
        if table_format == 4:
            yield from _format_4(font, at)
        elif table_format == 12:
            yield from _format_12(font, at)


def _format_4(font: bytes, at: int) -> Iterator[int]:
    """Yield the code points of a format 4 table: segments of the first plane.

    Glyph 0 means that the font lacks the character; a segment with a glyph table may hold it.
    """
    count = struct.unpack_from(">H", font, at + 6)[0] // 2
    ends, starts = (struct.unpack_from(f">{count}H", font, at + 14 + k) for k in (0, 2 * count + 2))
    deltas = struct.unpack_from(f">{count}h", font, at + 16 + 4 * count)
    offsets = struct.unpack_from(f">{count}H", font, at + 16 + 6 * count)
    for n, (start, end) in enumerate(zip(starts, ends, strict=True)):
        glyphs_at = at + 16 + 6 * count + 2 * n + offsets[n]
        for code in range(start, min(end, 0xFFFE) + 1):
            if offsets[n]:
                glyph = struct.unpack_from(">H", font, glyphs_at + 2 * (code - start))[0]
            else:
                glyph = code + deltas[n]
            if glyph & 0xFFFF:
                yield code


def _format_12(font: bytes, at: int) -> Iterator[int]:
    """Yield the code points of a format 12 table: groups of any plane."""
    for n in range(struct.unpack_from(">I", font, at + 12)[0]):
        first, last, _ = struct.unpack_from(">III", font, at + 16 + 12 * n)
        yield from range(first, last + 1)
