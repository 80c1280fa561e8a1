"""What people mean by what stands in a cell, where there is one reading only.

Nothing is guessed: "3,0" is 3 and "3 - Godt i gang" the step of that number and word; "3,5" or "3 or 4" is neither.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow

from xltiltak.model.template import Step

CellValue = str | int | float | bool | date | None
_JOINTS = re.compile(r"[-–:.()\s]+")
_DAY = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)|(?P<d>\d\d?)\.(?P<m>\d\d?)\.(?P<y>\d{4})"
)
_WITHOUT = tuple(  # how people write on a keyboard that lacks our letters
    str.maketrans({"æ": "ae", "ø": o, "å": a, "ä": ae, "ö": o})
    for a, ae, o in (("a", "a", "o"), ("aa", "ae", "oe"))
)
# What a number may be: as many digits as we calculate with, and no larger than a spreadsheet's largest.
_NUMBERS = Context(prec=28, Emin=-308, Emax=308, traps=[Inexact, InvalidOperation, Overflow])
_BETWEEN = "\0"
_LONG_WORD, _ALIKE = (
    8,
    0.9,
)  # letters of a word in which a slip can be told, and how much of it must be right
_EPOCH, _LAST_DAY = date(1899, 12, 30), 2_958_465


class ErrorValue(str):
    """An error cell, such as #DIV/0!: never a text, never blank."""

    __slots__ = ()


def normalize(text: str) -> str:
    """Text reduced to what people mean by "the same": full-width forms, case and spaces set aside."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def normalize_all(texts: Sequence[str]) -> list[str]:
    """Each of these texts reduced, all at once: what stands between them holds no blank and joins no letter."""
    reduced = normalize(_BETWEEN.join(texts)).split(_BETWEEN)
    return (
        [text.strip(" ") for text in reduced]
        if len(reduced) == len(texts)
        else [normalize(text) for text in texts]
    )


def is_blank(cell: CellValue) -> bool:
    """Does nothing stand there, or nothing that can be seen?"""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def display(cell: CellValue) -> str:
    """The cell as text, as a person would have typed it."""
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y}"
    return f"{cell:.15g}" if type(cell) is float else str(cell)


def parse_number(cell: CellValue) -> Decimal | None:
    """Return the number that a cell holds or spells, in its one form: equal numbers have the same digits.

    None when it is no number, or one that cannot be kept exactly (`_NUMBERS`).
    """
    if cell is None or isinstance(cell, bool | date | ErrorValue):
        return None
    try:
        number = _NUMBERS.create_decimal(normalize(str(cell)).replace(",", "."))
    except DecimalException:
        return None
    if not number.is_finite():
        return None
    # 400.0 and 4E+2 become 400; the sum has no sign before a zero.
    return Decimal(f"{(_NUMBERS.normalize(number) + 0):f}")


def parse_date(cell: CellValue) -> date | None:
    """Return the day that a cell holds or spells, without a time of day; None when it is none."""
    if isinstance(cell, date):
        return date(cell.year, cell.month, cell.day)
    number = parse_number(cell) if type(cell) in (int, float) else None
    if number is not None:
        return _EPOCH + timedelta(days=int(number)) if 0 < number <= _LAST_DAY else None
    found = _DAY.fullmatch(str(cell).strip())
    if found is None or isinstance(cell, ErrorValue):
        return None
    year, month, day = (
        found[a] or found[b] for a, b in (("year", "y"), ("month", "m"), ("day", "d"))
    )
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def parse_step(steps: Sequence[Step], cell: CellValue) -> Step | None:
    """The step a cell names in words, alone or after its number; a slip of the pen where it fits that one only."""
    if isinstance(cell, ErrorValue) or not isinstance(cell, str):
        return None
    said = _JOINTS.sub(" ", normalize(cell)).strip()
    found = [s for s in steps if said in set(_names(s))]
    found = found or [
        s
        for s in steps
        if said in {name.translate(keys) for name in _names(s) for keys in _WITHOUT}
    ]
    found = found or [s for s in steps if any(_is_slip(said, name) for name in _names(s))]
    return found[0] if len(found) == 1 else None


def _is_slip(said: str, name: str) -> bool:
    """Is it a long word but for a letter or a space? Not at its ends, where a "not" or a "?" would stand."""
    if len(name) < _LONG_WORD or said[:1] != name[:1] or said[-1:] != name[-1:]:
        return False
    from difflib import SequenceMatcher

    return SequenceMatcher(None, said, name).ratio() >= _ALIKE


def _names(step: Step) -> list[str]:
    words = [_JOINTS.sub(" ", normalize(word)).strip() for word in (step.label, *step.aliases)]
    return [*words, *(f"{normalize(str(step.value))} {word}" for word in words)]


_USUAL = "p|br|b|strong|i|em|u|s|ul|ol|li|div|span|a|font|h[1-6]|table|tbody|thead|tr|td|th|sub|sup"
_ALSO = "html|head|body|title|meta|link|img|hr|pre|code|blockquote|small|center|col|colgroup|o:p"
_UNSHOWN = (
    r"!--[^<>]*-->|(?P<unshown>script|style)\b[^<>]*>[^<]*</(?P=unshown)|/(?:script|style)\s*>"
)
_TAGS = re.compile(rf"</?(?:{_USUAL}|script|style)\b[^<>]*>", re.IGNORECASE)
_BLOCK_ENDS = r"(?i)<br\b[^<>]*>|</(?:p|div|li|h[1-6]|tr|ul|ol|table)\s*>"  # compiled, by `re`, where there are tags
_CELL_ENDS = r"(?i)</t[dh]\s*>"
_BARE = rf"(?i)<(?!/?(?:{_USUAL}|{_ALSO})\b[^<>]*>|{_UNSHOWN})"
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def strip_markup(text: str) -> str:
    """Pasted HTML as the paragraphs it shows; a text without a known tag is kept to the letter.

    A "<" that begins no tag of HTML is no markup: nh3 alone would take away what follows it.
    """
    if not _TAGS.search(text):
        return text
    import html

    import nh3

    lines = re.sub(_BARE, "&lt;", re.sub(_CELL_ENDS, " ", re.sub(_BLOCK_ENDS, "\n", text)))
    shown = html.unescape(nh3.clean(lines, tags=set(), attributes={})).replace("\xa0", " ")
    return "\n".join(
        line for line in (" ".join(part.split()) for part in shown.split("\n")) if line
    )


def strip_control_characters(text: str) -> str:
    """The text without characters that cannot be seen and no office program keeps."""
    return _CONTROLS.sub("", text)
