"""What should not be read by everybody: personal data in the texts that are to be published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from xltiltak.merging.registry import rule
from xltiltak.model.finding import ANYWHERE, About, Finding
from xltiltak.model.report import Report, Slot
from xltiltak.publishing.document import Document, texts

_NORWEGIAN = re.compile(r"(?<!\d)(\d{6})[ -]?(\d{5})(?!\d)")
_SWEDISH = re.compile(r"(?<!\d)(?:19|20)?(\d{6})[-+]?(\d{4})(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.\w{2,}")
_PHONE = re.compile(
    r"(?<![\d.,/-])(?:"
    r"(?:\+|00)\d{2}[ -]?\d{1,3}(?:[ -]?\d{2,3}){2,4}"  # +47 22 33 44 55, +46 70-123 45 67
    r"|[2-9]\d \d{2} \d{2} \d{2}|[489]\d{2} \d{2} \d{3}"  # 22 33 44 55, 912 34 567
    r"|0\d{1,3}-\d{2,3}(?: \d{2,3}){1,3}"  # 070-123 45 67
    r")(?![\d/]|[.,]\d)"
)
_SAID = re.compile(
    r"(?i)\b(?:tlf|telefon|telefonnummer|mobil|mob|phone|ring)\b[.: ]*(?:nr\.? ?)?(\d(?: ?\d){7,9})(?!\d)"
)
_FIRST, _SECOND = (
    (3, 7, 6, 1, 8, 9, 4, 5, 2),
    (5, 4, 3, 2, 7, 6, 5, 4, 3, 2),
)  # the weights of the control digits
_SHOWN = 2  # characters of what is quoted


class Private(NamedTuple):
    """Personal data in a text: what it is, and where it stands in it."""

    reason: str
    start: int
    end: int


def private_in(text: str) -> tuple[Private, ...]:
    """All personal data in a text, in order; a number that can be several things is told once."""
    taken: list[Private] = []
    for reason, start, end in _candidates(text):
        if all(end <= other.start or start >= other.end for other in taken):
            taken.append(Private(reason, start, end))
    return tuple(sorted(taken, key=lambda one: one.start))


def masked(text: str) -> str:
    """The text with its personal data dotted out but for the first two characters."""
    for _, start, end in reversed(private_in(text)):
        text = text[: start + _SHOWN] + "•" * min(end - start - _SHOWN, 9) + text[end:]
    return text


@rule("P101")
def personal_data(report: Report) -> Iterator[Finding]:
    """A text that is to be published holds a national identity number, an e-mail address or a phone number."""
    for about, text in _texts(report):
        for reason, start, end in private_in(text):
            shown = masked(text[start:end])
            yield Finding.create(
                "P101",
                ANYWHERE,
                about._replace(what=masked(about.what)),
                reason=reason,
                value=shown,
            )


@rule("P102")
def unprintable(document: Document) -> Iterator[Finding]:
    """A character that no font of the PDF has is to be published, and will stand as a box."""
    from xltiltak.publishing import glyphs, pdf

    for char, count in sorted(pdf.lacking(document).items()):
        shown = char if char.isprintable() else glyphs.LACKING
        yield Finding.create(
            "P102", ANYWHERE, value=shown, number=f"U+{ord(char):04X}", count=count
        )


@rule("P103")
def unwritable(document: Document) -> Iterator[Finding]:
    """Something that is no character at all is to be published, and will stand as U+FFFD."""
    from xltiltak.publishing import characters

    for char, count in sorted(characters.lacking(texts(document)).items()):
        yield Finding.create(
            "P103", ANYWHERE, value=characters.REPLACED, number=f"U+{ord(char):04X}", count=count
        )


def _texts(report: Report) -> Iterator[tuple[About, str]]:
    """Every text of a report that readers get, and where it stands."""
    head = report.head
    yield from (
        (About(what=head.title), text)
        for text in (head.organisation, head.title, head.intro, head.case_number)
    )
    for ref in report.area_refs:
        if ref in report.areas:
            yield About(area=ref, what=report.area_name(ref)), report.areas[ref].intro
    for slot, value in report.values.items():
        for text in (
            value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()
        ):
            yield _about(report, slot), text


def _about(report: Report, slot: Slot) -> About:
    return About(report.area_of.get(slot.ref, ""), *slot, report.describe_in_area(slot))


def _candidates(text: str) -> Iterator[Private]:
    """What can be personal data, the surest first."""
    for match in _NORWEGIAN.finditer(text):
        if _is_norwegian(match[1] + match[2]):
            yield Private(reason="personal_number", start=match.start(), end=match.end())
    for match in _SWEDISH.finditer(text):
        if _is_swedish(match[1] + match[2]):
            yield Private(reason="personal_number", start=match.start(), end=match.end())
    yield from (
        Private(reason="email_address", start=match.start(), end=match.end())
        for match in _EMAIL.finditer(text)
    )
    yield from (
        Private(reason="phone_number", start=match.start(), end=match.end())
        for match in _PHONE.finditer(text)
    )
    yield from (
        Private(reason="phone_number", start=match.start(1), end=match.end(1))
        for match in _SAID.finditer(text)
    )


def _is_norwegian(digits: str) -> bool:
    """Eleven digits with a possible day and month, and two control digits by modulus 11 (Skatteetaten).

    A D-number has 40 added to the day; synthetic numbers have 40, 65 or 80 added to the month.
    """
    day, month = int(digits[:2]), int(digits[2:4])
    months = {m + shift for shift in (0, 40, 65, 80) for m in range(1, 13)}
    if not (1 <= day <= 31 or 41 <= day <= 71) or month not in months:
        return False
    return all(
        _control(digits[: len(weights)], weights) == digits[len(weights)]
        for weights in (_FIRST, _SECOND)
    )


def _control(digits: str, weights: tuple[int, ...]) -> str:
    """The control digit by modulus 11; "10" is none, and equals no digit."""
    return str(
        -sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
    )


def _is_swedish(digits: str) -> bool:
    """Ten digits with a possible day, and a control digit by Luhn (Skatteverket); 60 is added to a coordination day."""
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
