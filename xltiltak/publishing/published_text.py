"""Check texts to be published: characters that a format cannot show, and personal data.

XML cannot hold every character, and our fonts do not have them all. Fonts: Liberation Sans for
text, Noto Sans Symbols 2 and Noto Emoji for what it lacks, all under the SIL Open Font License 1.1
(`fonts/`). A PDF uses no font of the machine, so that the same report gives the same pages
everywhere. `personal_data`, `unprintable` and `unwritable` are the rules.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from xltiltak.merging.registry import rule
from xltiltak.model.finding import ANYWHERE, About, Finding
from xltiltak.model.report import Report, Slot
from xltiltak.publishing.document import Document, texts

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
_NORWEGIAN_ID = re.compile(r"(?<!\d)(\d{6})[ -]?(\d{5})(?!\d)")
_SWEDISH_ID = re.compile(r"(?<!\d)(?:19|20)?(\d{6})[-+]?(\d{4})(?!\d)")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.\w{2,}")
_PHONE = re.compile(
    r"(?<![\d.,/-])(?:"
    r"(?:\+|00)\d{2}[ -]?\d{1,3}(?:[ -]?\d{2,3}){2,4}"  # +47 22 33 44 55, +46 70-123 45 67
    r"|[2-9]\d \d{2} \d{2} \d{2}|[489]\d{2} \d{2} \d{3}"  # 22 33 44 55, 912 34 567
    r"|0\d{1,3}-\d{2,3}(?: \d{2,3}){1,3}"  # 070-123 45 67
    r")(?![\d/]|[.,]\d)"
)
_PHONE_AFTER_WORD = re.compile(
    r"(?i)\b(?:tlf|telefon|telefonnummer|mobil|mob|phone|ring)\b[.: ]*(?:nr\.? ?)?"
    r"(\d(?: ?\d){7,9})(?!\d)"
)
_FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2)  # of the first control digit (modulus 11)
_SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_UNMASKED = 2  # characters that are shown of personal data
_MOST_DOTS = 9


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


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Personal data in a text: what kind it is (`reason`), and its first and last position."""

    reason: str
    start: int
    end: int


def find_personal_data(text: str) -> tuple[PersonalData, ...]:
    """Return the personal data in a text, in order.

    If several readings of a number overlap, the most certain one is returned.
    """
    found: list[PersonalData] = []
    for candidate in _candidates(text):
        if all(candidate.end <= other.start or candidate.start >= other.end for other in found):
            found.append(candidate)
    return tuple(sorted(found, key=lambda item: item.start))


def masked(text: str) -> str:
    """Return the text with its personal data as dots, except the first two characters."""
    for found in reversed(find_personal_data(text)):
        dots = "•" * min(found.end - found.start - _UNMASKED, _MOST_DOTS)
        text = text[: found.start + _UNMASKED] + dots + text[found.end :]
    return text


@rule("P101")
def personal_data(report: Report) -> Iterator[Finding]:
    """Report each identity number, e-mail address or phone number in a text to be published."""
    for about, text in _texts(report):
        place = about._replace(what=masked(about.what))
        for found in find_personal_data(text):
            value = masked(text[found.start : found.end])
            yield Finding.create("P101", ANYWHERE, place, reason=found.reason, value=value)


@rule("P102")
def unprintable(document: Document) -> Iterator[Finding]:
    """Report each character that no font of the PDF has; a box replaces it."""
    for char, count in sorted(missing_glyphs(texts(document)).items()):
        value = char if char.isprintable() else MISSING_GLYPH
        number = f"U+{ord(char):04X}"
        yield Finding.create("P102", ANYWHERE, value=value, number=number, count=count)


@rule("P103")
def unwritable(document: Document) -> Iterator[Finding]:
    """Report each code point that is no character; U+FFFD replaces it."""
    for char, count in sorted(noncharacters(texts(document)).items()):
        value, number = REPLACEMENT, f"U+{ord(char):04X}"
        yield Finding.create("P103", ANYWHERE, value=value, number=number, count=count)


def _texts(report: Report) -> Iterator[tuple[About, str]]:
    """Yield every text that readers get, and where it is in the report."""
    head = report.head
    for text in (head.organisation, head.title, head.intro, head.case_number):
        yield About(what=head.title), text
    for ref in report.area_refs:
        if ref in report.areas:
            yield About(area=ref, what=report.area_name(ref)), report.areas[ref].intro
    for slot, value in report.values.items():
        if isinstance(value, str):
            yield _about(report, slot), value
        elif isinstance(value, tuple):
            for text in value:
                yield _about(report, slot), text


def _about(report: Report, slot: Slot) -> About:
    return About(report.area_of.get(slot.ref, ""), *slot, report.describe_in_area(slot))


def _candidates(text: str) -> Iterator[PersonalData]:
    """Yield what may be personal data, the most certain kinds first."""
    for match in _NORWEGIAN_ID.finditer(text):
        if _is_norwegian_id(match[1] + match[2]):
            yield PersonalData(reason="personal_number", start=match.start(), end=match.end())
    for match in _SWEDISH_ID.finditer(text):
        if _is_swedish_id(match[1] + match[2]):
            yield PersonalData(reason="personal_number", start=match.start(), end=match.end())
    for match in _EMAIL.finditer(text):
        yield PersonalData(reason="email_address", start=match.start(), end=match.end())
    for match in _PHONE.finditer(text):
        yield PersonalData(reason="phone_number", start=match.start(), end=match.end())
    for match in _PHONE_AFTER_WORD.finditer(text):
        yield PersonalData(reason="phone_number", start=match.start(1), end=match.end(1))


def _is_norwegian_id(digits: str) -> bool:
    """Return True for eleven digits with a possible date and two right control digits.

    Rule: Skatteetaten, modulus 11. A D-number has 40 added to the day; synthetic numbers have 40,
    65 or 80 added to the month.
    """
    day, month = int(digits[:2]), int(digits[2:4])
    months = {m + shift for shift in (0, 40, 65, 80) for m in range(1, 13)}
    if not (1 <= day <= 31 or 41 <= day <= 71) or month not in months:
        return False
    return all(
        _control_digit(digits[: len(weights)], weights) == digits[len(weights)]
        for weights in (_FIRST_WEIGHTS, _SECOND_WEIGHTS)
    )


def _control_digit(digits: str, weights: tuple[int, ...]) -> str:
    """Return the control digit by modulus 11; "10", which equals no digit, if there is none."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
    return str(-total % 11)


def _is_swedish_id(digits: str) -> bool:
    """Return True for ten digits with a possible date and the right control digit.

    Rule: Skatteverket, Luhn. A coordination number has 60 added to the day.
    """
    month, day = int(digits[2:4]), int(digits[4:6])
    if not _is_day(month, day - 60 if day > 60 else day):
        return False
    doubled = (int(digit) * (2 - k % 2) for k, digit in enumerate(digits))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def _is_day(month: int, day: int) -> bool:
    try:
        date(2000, month, day)
    except ValueError:
        return False
    return True
