"""Rules over what is to be published: personal data, and characters that a format cannot show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from xltiltak.merging.registry import rule
from xltiltak.model.finding import ANYWHERE, About, Finding
from xltiltak.model.report import Report, Slot
from xltiltak.publishing import characters
from xltiltak.publishing.document import Document, texts

_NORWEGIAN_ID = re.compile(r"(?<!\d)(\d{6})[ -]?(\d{5})(?!\d)")
_SWEDISH_ID = re.compile(r"(?<!\d)(?:19|20)?(\d{6})[-+]?(\d{4})(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.\w{2,}")
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
    for char, count in sorted(characters.missing_glyphs(texts(document)).items()):
        value = char if char.isprintable() else characters.MISSING_GLYPH
        number = f"U+{ord(char):04X}"
        yield Finding.create("P102", ANYWHERE, value=value, number=number, count=count)


@rule("P103")
def unwritable(document: Document) -> Iterator[Finding]:
    """Report each code point that is no character; U+FFFD replaces it."""
    for char, count in sorted(characters.noncharacters(texts(document)).items()):
        value, number = characters.REPLACEMENT, f"U+{ord(char):04X}"
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
