"""Write numbers as a spreadsheet shows them to a Nordic user, and say when that is another value.

Decimals stand after a comma, thousands are set apart by spaces, and months are in Bokmål unless
the format names a language. `shown_value` is the value of a cell: a number that is shown as itself
stays a number, and a day becomes a date.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from itertools import takewhile

from xltiltak.model.cell_values import CellValue, ErrorValue, FormattedNumber
from xltiltak.xlsx.number_formats import FormatSection, NumberFormat, Token, parse_format

_END_OF_DAYS = 2_958_465.99999  # the last second of 31 December 9999, the last day in Excel
_NO_DAY_1900 = 60  # Excel counts a 29 February 1900, which did not exist
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - the times of a sheet have no zone
_SECONDS = 86_400  # in a day
_NO_DAY = "########"  # a day before the first or after the last
_DIGITS = 400  # more than any number that a sheet can hold
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}
_NORWEGIAN_MONTHS = "januar februar mars april mai juni juli august september oktober november"
_MONTHS = {
    "nb": f"{_NORWEGIAN_MONTHS} desember",
    "nn": f"{_NORWEGIAN_MONTHS} desember",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "en": "January February March April May June July August September October November December",
}
_WEEKDAYS = {
    "nb": "mandag tirsdag onsdag torsdag fredag lørdag søndag",
    "nn": "måndag tysdag onsdag torsdag fredag laurdag søndag",
    "sv": "måndag tisdag onsdag torsdag fredag lördag söndag",
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
}


class _Unreadable(ValueError):
    """A format that is not known here."""


@lru_cache(maxsize=4096, typed=True)  # every form has the same small numbers and days
def shown_value(number: float, code: str, *, from_1904: bool = False) -> CellValue:
    """Return the value of a number cell: a number, a date, or a FormattedNumber.

    The number of a FormattedNumber that shows a day counts from 1900. A number that is not shown is
    an ErrorValue.
    """
    number_format = parse_format(code)
    section, _ = section_for(number_format, number)
    if section.kind in ("date", "datetime"):
        return _day_value(number + 1462 if from_1904 else number, number_format, section)
    if section.kind == "general":
        return number
    shown = render(number, code)
    if section.kind in ("number", "fraction", "scientific") and _is_same(number, shown):
        return number
    return _formatted(number, section, shown)


def _formatted(number: float, section: FormatSection, shown: str) -> CellValue:
    """Return a number with what is shown; an error value if that is nothing of the number."""
    if shown in ("", _NO_DAY):
        return ErrorValue(general_text(number))
    return FormattedNumber(number, section.kind, shown)


def render(number: float, code: str) -> str:
    """Return what a sheet shows for a number; the number and the code if the code is not known."""
    number_format = parse_format(code)
    section, is_negative = section_for(number_format, number)
    try:
        if section.kind in ("date", "time", "datetime"):
            return _time_text(section, number)
        with localcontext() as context:
            context.prec = _DIGITS
            text = _number_text(section, abs(_decimal(number)))
    except _Unreadable:
        return f"{general_text(number)} [{code}]"
    has_value = any(character in "123456789" for character in text)
    return f"-{text}" if is_negative and (has_value or section.kind != "number") else text


def shown_text(text: str, section: FormatSection) -> str:
    """Return what a section for texts shows; an error value if that is nothing of the text."""
    if all(token.kind != "text" for token in section.tokens):
        return ErrorValue(text)
    pieces = (text if token.kind == "text" else token.text for token in section.tokens)
    return "".join(pieces).strip()


def general_text(number: float) -> str:
    """Return a number as the format General shows it in a wide column."""
    return (f"{number:.15G}" if isinstance(number, float) else str(number)).replace(".", ",")


def section_for(number_format: NumberFormat, number: float) -> tuple[FormatSection, bool]:
    """Return the section that shows a number, and whether a minus sign stands before it."""
    sections = number_format.sections
    for n, section in enumerate(sections):
        if section.condition and len(sections) > 1:
            sign, limit = section.condition
            if sign in _COMPARISONS and _COMPARISONS[sign](number, limit):
                return section, number < 0 and not (sign[0] == "<" and limit <= 0)
        elif any(other.condition for other in sections[:n]):
            return section, number < 0
    if len(sections) > 2 and number == 0:
        return sections[2], False
    if len(sections) > 1 and number < 0:
        return sections[1], False
    return sections[0], number < 0


def _is_same(number: float, shown: str) -> bool:
    """Return True if a person reads the number, to 15 digits, without zeros in front."""
    text = "".join(shown.split()).replace(",", ".")
    digits = text.removeprefix("-")
    if digits[:1] == "0" and digits[1:2].isdigit():
        return False
    try:
        return f"{float(text):.15g}" == f"{number:.15g}" and "e" not in text.lower()
    except ValueError:
        return False


def _decimal(number: float) -> Decimal:
    return Decimal(f"{number:.15g}" if isinstance(number, float) else number)


# Numbers


def _number_text(section: FormatSection, value: Decimal) -> str:
    tokens = section.tokens
    kinds = [token.kind for token in tokens]
    if "unknown" in kinds:
        raise _Unreadable
    if "slash" in kinds and section.kind == "fraction":
        return _fraction_text(tokens, value)
    if "exponent" in kinds:
        return _scientific_text(tokens, value)
    return _decimal_text(tokens, value * 100 ** kinds.count("percent")).strip()


def _decimal_text(tokens: tuple[Token, ...], value: Decimal) -> str:
    """Return a number by its digits, point, commas and literals."""
    kinds = [token.kind for token in tokens]
    point = kinds.index("point") if "point" in kinds else len(kinds)
    digits = [n for n, kind in enumerate(kinds) if kind == "digit"]
    whole, decimals = [n for n in digits if n < point], [n for n in digits if n > point]
    commas = [n for n, kind in enumerate(kinds) if kind == "comma"]
    scales = [n for n in commas if digits and _ends_digits(kinds, n)]
    rounded = _rounded(value / 1000 ** len(scales), len(decimals))
    integer, _, part = f"{rounded:f}".partition(".")
    is_grouped = any(whole and whole[0] < n < whole[-1] for n in commas)
    texts = _whole_digits([tokens[n].text for n in whole], integer.lstrip("0"), grouped=is_grouped)
    shown = dict(zip(whole, texts, strict=True))
    shown |= zip(decimals, _decimal_digits([tokens[n].text for n in decimals], part), strict=True)
    if point < len(kinds):
        shown[point] = "," if whole else f"{integer.lstrip('0')},"
    return "".join(
        shown[n] if n in shown else _other_text(token, value) for n, token in enumerate(tokens)
    )


def _ends_digits(kinds: Sequence[str], comma: int) -> bool:
    """Return True if a comma stands right after the last digit before the point, or after all."""
    after = next((kind for kind in kinds[comma + 1 :] if kind != "comma"), "")
    before = next((kind for kind in reversed(kinds[:comma]) if kind != "comma"), "")
    return before == "digit" and after != "digit"


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _other_text(token: Token, value: Decimal) -> str:
    """Return the text of a token that is not a digit."""
    if token.kind == "truth":
        return "TRUE" if value else "FALSE"
    if token.kind in ("general", "text"):
        return general_text(int(value) if value == int(value) else float(value))
    return "" if token.kind == "comma" else token.text


def _whole_digits(places: list[str], digits: str, *, grouped: bool) -> list[str]:
    """Return the text at each place before the point; the first has all digits without a place."""
    width = max(len(places), len(digits))
    surplus = len(digits) - len(places)
    texts = [""] * len(places)
    for n in range(width):
        place = max(0, n - max(0, surplus))
        missing = {"0": "0", "?": " "}.get(places[place], "") if places else ""
        digit = digits[n - width + len(digits)] if n >= width - len(digits) else missing
        left = width - 1 - n
        is_break = grouped and left and left % 3 == 0 and digit.isdigit()
        if places:
            texts[place] += digit + " " * bool(is_break)
    return texts


def _decimal_digits(places: list[str], digits: str) -> list[str]:
    """Return the text at each place after the point; zeros at the end only where they are due."""
    used = len(digits.rstrip("0"))
    return [
        digit if n < used or place == "0" else " " * (place == "?")
        for n, (place, digit) in enumerate(zip(places, digits, strict=True))
    ]


def _scientific_text(tokens: tuple[Token, ...], value: Decimal) -> str:
    """Return a number with an exponent: 2,00E+03."""
    at = next(n for n, token in enumerate(tokens) if token.kind == "exponent")
    before, after = tokens[:at], tokens[at + 1 :]
    step = sum(t.kind == "digit" for t in takewhile(lambda t: t.kind != "point", before)) or 1
    point = next((n for n, t in enumerate(before) if t.kind == "point"), len(before))
    decimals = sum(t.kind == "digit" for t in before[point:])
    exponent = 0
    if value:
        exponent = value.adjusted() // step * step
        if _rounded(value.scaleb(-exponent), decimals) >= Decimal(10) ** step:
            exponent += step
    mantissa = _decimal_text(before, value.scaleb(-exponent))
    sign = "-" if exponent < 0 else "+" if tokens[at].text == "e+" else ""
    return f"{mantissa}E{sign}{_decimal_text(after, Decimal(abs(exponent)))}".strip()


def _fraction_text(tokens: tuple[Token, ...], value: Decimal) -> str:
    """Return a number as a whole number and a fraction: 1 1/2."""
    slash = next(n for n, token in enumerate(tokens) if token.kind == "slash")
    start = slash
    while start and tokens[start - 1].kind == "digit":
        start -= 1
    end = slash + 1
    while end < len(tokens) and (tokens[end].kind == "digit" or tokens[end].text.isdigit()):
        end += 1
    below = "".join(token.text for token in tokens[slash + 1 : end])
    has_whole = any(token.kind == "digit" for token in tokens[:start])
    whole = Decimal(int(value)) if has_whole else Decimal(0)
    top, bottom = _nearest(value - whole, below)
    if has_whole and top == bottom:
        whole, top = whole + 1, 0
    text = f"{top}/{bottom}" if top or not has_whole else ""
    if has_whole and (whole or not top):
        text = f"{_decimal_text(tokens[:start], whole).strip() or '0'} {text}"
    return (text.strip() + "".join(t.text for t in tokens[end:] if t.kind == "literal")).strip()


def _nearest(value: Decimal, below: str) -> tuple[int, int]:
    """Return the fraction that is nearest: with a bottom of so many digits, or with this one."""
    if below.strip("?#0"):
        bottom = int(below.replace("?", "0").replace("#", "0")) or 1
        return int(_rounded(value * bottom, 0)), bottom
    nearest = Fraction(value).limit_denominator(10 ** min(len(below) or 1, 7) - 1)
    return nearest.numerator, nearest.denominator


# Days and times


def _day_value(number: float, number_format: NumberFormat, section: FormatSection) -> CellValue:
    """Return a date; with a time of day a datetime.

    Formats that show no day, or words beside it, are kept. So is 29 February 1900.
    """
    is_day = 1 <= number < _END_OF_DAYS and math.floor(number) != _NO_DAY_1900
    if not (is_day and _shows_only_a_day(section)):
        return _formatted(number, section, render(number, number_format.code))
    moment = day_and_time(number)
    return moment.date() if moment.time() == datetime.min.time() else moment


def _shows_only_a_day(section: FormatSection) -> bool:
    """Return True if a section shows a day and a month, and no words beside a day.

    It is False if the number of the month comes first: 3 December is then shown as 12.03.2020.
    """
    pieces = [token.text for token in section.tokens if token.kind == "date"]
    first = next((text for text in pieces if text[0] in "ymd"), "")
    has_day = any(text[0] == "d" and len(text) < 3 for text in pieces)
    words = "".join(token.text for token in section.tokens if token.kind == "literal")
    has_words = section.kind == "date" and any(map(str.isalpha, words))
    has_month = any(text[0] == "m" for text in pieces) and first not in ("m", "mm")
    return has_day and has_month and not has_words


def day_and_time(number: float) -> datetime:
    """Return the day and time of a number, to the second."""
    day = math.floor(number)
    seconds = round((number - day) * _SECONDS)
    return _EPOCH + timedelta(days=day + (day <= _NO_DAY_1900), seconds=seconds)


def _time_text(section: FormatSection, number: float) -> str:
    """Return a day, a time, or both."""
    if not 0 <= number < _END_OF_DAYS:
        return _NO_DAY
    places = max((len(t.text) - 1 for t in section.tokens if t.kind == "seconds_part"), default=0)
    with localcontext() as context:
        context.prec = _DIGITS
        seconds = _rounded(_decimal(number) * _SECONDS, min(places, 3))
    is_half = any(token.kind == "half" for token in section.tokens)
    pieces = [_time_piece(token, section, seconds, is_half=is_half) for token in section.tokens]
    return "".join(pieces).strip()


def _time_piece(token: Token, section: FormatSection, seconds: Decimal, *, is_half: bool) -> str:
    """Return the text of one token."""
    if token.kind == "unknown":
        raise _Unreadable
    minutes = int(seconds) // 60
    if token.kind == "elapsed":
        passed = {"h": minutes // 60, "n": minutes, "s": int(seconds)}[token.text[0]]
        return str(passed).zfill(len(token.text))
    hour = minutes // 60 % 24
    if token.kind == "half":
        halves = ("AM", "PM") if len(token.text) > 3 else ("A", "P")
        return halves[hour >= 12]
    if token.kind == "seconds_part":
        return f",{str(seconds % 1)[2:].ljust(len(token.text) - 1, '0')}"
    if token.kind == "date" and token.text[0] in "hns":
        shown_hour = (hour - 1) % 12 + 1 if is_half else hour
        value = {"h": shown_hour, "n": minutes % 60, "s": int(seconds) % 60}[token.text[0]]
        return str(value).zfill(min(len(token.text), 2))
    if token.kind == "date":
        return _day_piece(token.text, int(seconds) // _SECONDS, section.language or "nb")
    return "." if token.kind == "slash" else "," if token.kind == "comma" else token.text


def _day_piece(text: str, number: int, language: str) -> str:
    """Return the text of a run of y, m or d."""
    day = day_and_time(max(number, 1))
    letter, length = text[0], len(text)
    if number == _NO_DAY_1900 and length < 3:
        return {"d": "29", "m": "2".zfill(length), "y": "00"}[letter]
    if letter == "y":
        return f"{day.year % 100:02}" if length < 3 else str(day.year)
    if length < 3:
        return str(day.month if letter == "m" else day.day if number else 0).zfill(length)
    if letter == "m":
        name = _MONTHS[language].split()[day.month - 1]
        return name[0].upper() if length == 5 else name if length > 3 else name[:3]
    name = _WEEKDAYS[language].split()[day.weekday()]
    return name if length > 3 else name[:3]
