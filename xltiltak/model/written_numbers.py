"""Read numbers as people write them. Nothing is guessed: a text may have several readings.

"1 250,5" has one. "1.250" has two in every language, "1,250" has two in English, "88 %" has two.
A number has as many digits as a spreadsheet keeps; one with more is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow

from xltiltak.model.cell_values import CellValue, ErrorValue, FormattedNumber
from xltiltak.model.typed_text import as_typed

_DIGITS = 15  # that a spreadsheet keeps and shows
TOO_LARGE = 10**_DIGITS  # from here on a spreadsheet drops the last digits of a whole number
_EXACT = Context(prec=_DIGITS, Emin=-308, Emax=308, traps=[Inexact, InvalidOperation, Overflow])
# What earlier versions took: their records must stay readable.
_STORED = Context(prec=28, Emin=-308, Emax=308, traps=[Inexact, InvalidOperation, Overflow])
_STORED_DIGITS = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")

_SIGN = r"(?P<sign>[-+−–‐]?) ?"
_GROUPED_BY_SPACES = (
    r"(?P<whole>[1-9][0-9]{0,2}(?: [0-9]{3})+|[0-9]*)(?:[.,](?P<rest>[0-9]*))?"
    r"(?P<power>e[-+]?[0-9]{1,3})?"
)
_GROUPED_BY_POINTS = r"(?P<whole>[1-9][0-9]{0,2}(?:\.[0-9]{3})+)(?:,(?P<rest>[0-9]+))?"
_GROUPED_BY_COMMAS = r"(?P<whole>[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.(?P<rest>[0-9]+))?"
# Where the comma is the decimal sign, only these cannot be read otherwise.
_NOT_DECIMAL = r"(?![0-9]+,[0-9]+$)"
_FORMS = [
    re.compile(_SIGN + form)
    for form in (_GROUPED_BY_SPACES, _GROUPED_BY_POINTS, _NOT_DECIMAL + _GROUPED_BY_COMMAS)
]
_ENGLISH_FORMS = [*_FORMS[:2], re.compile(_SIGN + _GROUPED_BY_COMMAS)]

_FACTORS = {  # what a word beside a number may multiply it with
    **dict.fromkeys(("kr", "kroner", "kronor", "kronar", "nok", "sek"), Decimal(1)),
    **dict.fromkeys(("tkr", "kkr", "tnok", "tsek", "tusen", "thousand"), Decimal(1_000)),
    **dict.fromkeys(("mill", "million", "millioner", "millionar", "millions"), Decimal(1_000_000)),
    **dict.fromkeys(("milj", "miljon", "miljoner", "mio", "mn"), Decimal(1_000_000)),
    **dict.fromkeys(("mkr", "mnok", "msek", "mnkr"), Decimal(1_000_000)),
    **dict.fromkeys(("mrd", "md", "mdkr", "milliard", "milliarder"), Decimal(1_000_000_000)),
    **dict.fromkeys(("milliardar", "miljard", "miljarder"), Decimal(1_000_000_000)),
    **dict.fromkeys(("billion", "billions"), Decimal(1_000_000_000)),
    "%": Decimal("0.01"),
    "‰": Decimal("0.001"),
}
_CURRENCY_BEFORE = re.compile(r"\A(?:kr\.?|nok|sek) ?(?=[-+−–‐]? ?[0-9])")
_DASH_AFTER = re.compile(r"(?<=[0-9])[,.:] ?[-–—]$")  # "1200,-" is an amount without øre
_WORD = r"[^\W\d_]+\.?"
_UNITS_AFTER = re.compile(rf"(?P<number>.*[0-9][.,]?) ?(?P<units>%|‰|{_WORD}(?: {_WORD})?)")
_RAISED = str.maketrans("²³", "23")
_UNIT_WORDS = re.compile(r"[^\W\d_]+(?:[23](?![ .,]?\d))?|[%‰€£$]")  # "kr", "m2"
_BETWEEN_DIGITS = re.compile(r"[0-9](?:.*[0-9])?")


def number_readings(cell: CellValue, language: str) -> tuple[Decimal, ...]:
    """Return the numbers that a cell may mean in a language, without repetition.

    None for a cell that is no number, and for a number that no spreadsheet keeps exactly. The
    readings of a formatted number are those of its text (see `agrees`).
    """
    if cell is None or isinstance(cell, bool | date | ErrorValue):
        return ()
    if isinstance(cell, int | float):
        number = exact_number(cell)
        return () if number is None else (number,)
    text = as_typed(cell.shown if isinstance(cell, FormattedNumber) else cell).casefold()
    return tuple(dict.fromkeys(_readings(text, language)))


def parse_number(cell: CellValue, language: str) -> Decimal | None:
    """Return the number in a cell, also if it is typed as text; None if it has not one reading.

    Equal numbers have equal digits.
    """
    readings = number_readings(cell, language)
    return readings[0] if len(readings) == 1 else None


def exact_number(number: float) -> Decimal | None:
    """Return the number that a cell stores, as a spreadsheet shows it: with 15 digits at most.

    None for a number that is too large for these, and for a whole number with more digits.
    """
    return _canonical(str(number) if isinstance(number, int) else f"{number:.{_DIGITS}g}")


def stored_number(digits: str) -> Decimal:
    """Return the number of the digits in a record. Raise ValueError for anything else."""
    if not _STORED_DIGITS.fullmatch(digits):
        raise ValueError(f"{digits!r:.60} is not a number")
    try:
        return _one_form(_STORED.create_decimal(digits))
    except DecimalException as error:
        raise ValueError(f"{digits!r:.60} is not a number") from error


def has_other_unit(text: str, unit: str) -> bool:
    """Return True if the word beside a number is another unit than this one.

    Names of one currency are the same unit, and "kr" is that of "kr per innb.".
    """
    typed, own = (_UNIT_WORDS.findall(t.casefold().translate(_RAISED)) for t in (text, unit))
    if not typed or not own or typed[0] == own[0]:
        return False
    factor = _FACTORS.get(typed[0])
    return factor is None or factor != _FACTORS.get(own[0])


def agrees(cell: FormattedNumber) -> bool:
    """Return True if the number that is shown is the stored one, perhaps rounded.

    Words beside it do not matter: 85 is shown as "85 %" by some formats. If 0.85 is, False.
    """
    number = exact_number(cell.number)
    if number is None or cell.kind in ("date", "time", "datetime"):
        return False
    if cell.kind in ("fraction", "scientific"):
        return True  # other digits, but the same number
    return any(_rounds_to(number, shown) for shown in _shown_numbers(cell))


def shows_all_digits(cell: FormattedNumber) -> bool:
    """Return True if the number that is shown is exactly the stored one, digit by digit."""
    return cell.kind != "scientific" and exact_number(cell.number) in _shown_numbers(cell)


def _shown_numbers(cell: FormattedNumber) -> list[Decimal]:
    """Return the readings of the only number in the text that is shown; none of "12:30"."""
    text = as_typed(cell.shown).casefold()
    found = _BETWEEN_DIGITS.search(text)
    if found is None:
        return []
    before = text[: found.start()]
    is_negative = any(sign in before for sign in "-−–(")
    readings = _readings_without_units(found[0], "en")
    return [-number if is_negative else number for number in readings]


def _rounds_to(number: Decimal, shown: Decimal) -> bool:
    """Return True if a number becomes the shown one when it is rounded to its decimals."""
    unit = Decimal((0, (1,), int(shown.as_tuple().exponent)))
    return abs(number - shown) <= unit / 2


def _readings(text: str, language: str) -> Iterator[Decimal]:
    """Yield the readings of a text with or without units, such as "1,5 mill. kr"."""
    text = _DASH_AFTER.sub(" kr", _CURRENCY_BEFORE.sub("", text, count=1))
    found = _UNITS_AFTER.fullmatch(text)
    factors = [_FACTORS.get(unit.rstrip(".")) for unit in found["units"].split()] if found else []
    digits = found["number"] if found else text
    if None in factors:
        return
    for number in _readings_without_units(digits, language):
        yield number
        for factor in factors:
            if factor is not None and (larger := _canonical(f"{number * factor}")) is not None:
                yield larger


def _readings_without_units(text: str, language: str) -> Iterator[Decimal]:
    for form in _ENGLISH_FORMS if language == "en" else _FORMS:
        if found := form.fullmatch(text):
            parts = found.groupdict("")
            whole = re.sub(r"[ .,]", "", parts["whole"])
            sign = "-" if parts["sign"] in tuple("-−–‐") else ""
            digits = f"{sign}{whole}.{parts['rest']}{parts.get('power', '')}"
            number = _canonical(digits)
            if number is not None:
                yield number


def _canonical(digits: str) -> Decimal | None:
    """Return the number of these digits in its one form; None if it cannot be kept exactly."""
    try:
        number = _EXACT.create_decimal(digits)
    except DecimalException:
        return None
    is_kept = number.is_finite() and abs(number) < TOO_LARGE
    return _one_form(number) if is_kept else None


def _one_form(number: Decimal) -> Decimal:
    """Return a number with the digits that equal numbers have: 400.0 and 4E+2 become 400.

    Adding 0 removes the sign of a negative zero.
    """
    return Decimal(f"{number.normalize(_STORED) + 0:f}")
