"""Read days as people write them: the day before the month, as in all our languages.

A day that is written the other way round is refused where it can be known: "12/31/2020".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from xltiltak.model.cell_values import CellValue, ErrorValue, FormattedNumber
from xltiltak.model.typed_text import as_typed

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a cell has no zone
_FIRST_DATE, _LAST_DATE = 61, 2_958_465
_MONTHS = (
    "januar|januari|january|jan",
    "februar|februari|february|feb",
    "mars|march|mar",
    "april|apr",
    "mai|maj|may",
    "juni|june|jun",
    "juli|july|jul",
    "august|augusti|aug",
    "september|sept|sep",
    "oktober|october|okt|oct",
    "november|nov",
    "desember|december|des|dec",
)
_ISO = re.compile(r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)")
_POINTS = re.compile(r"(?P<d>\d\d?)\. ?(?P<m>\d\d?)\. ?(?P<y>\d{4}|\d\d)")
_SLASHES = re.compile(r"(?P<d>\d\d?)/(?P<m>\d\d?)(?: ?[-–] ?|/)(?P<y>\d{4}|\d\d)")
_HYPHENS = re.compile(r"(?P<d>\d\d?)-(?P<m>\d\d?)-(?P<y>\d{4})")
_WORDS = re.compile(r"(?P<d>\d\d?)(?:\.|st|nd|rd|th)? ?(?P<month>[^\W\d]+)\.?,? (?P<y>\d{4})")
_MONTH_FIRST = re.compile(r"(?P<month>[^\W\d]+)\.? (?P<d>\d\d?)(?:st|nd|rd|th)?,? (?P<y>\d{4})")
_CLOCK = re.compile(  # "31.12.2020 23:00", "2020-12-31T23:00:00Z", "31.12.2020 kl. 14.30"
    r"(?:(?:,? |t)(?P<hour>\d\d?):\d\d(?::\d\d(?:[.,]\d+)?)?z?|,? kl\.? ?(?P<h>\d\d?)[:.]\d\d)\Z"
)
# Besides 31.12.2020, and not in names of our files: "Havn – 2020-12-31.xlsx".
_WRITTEN = re.compile(
    r"(?<!\d)(?<!– )(?:(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)"
    r"|(?P<day>\d\d)/(?P<month>\d\d)/(?P<year>\d{4}))(?!\d)"
)
_LAST_SHORT_YEAR = 49  # "50" to "99" may be of the century before
_FIRST_SHIFTED_HOUR = 22  # midnight in Norway and Sweden is 22:00 or 23:00 of the day before in UTC
_YEARS_AROUND = 50  # how far from a report's year a date may be


def date_readings(cell: CellValue, language: str) -> tuple[date, ...]:
    """Return the days that a cell may mean in a language; none for a cell that is no day.

    A time of day is left out. Late in the evening the next day may be meant too, because some
    programs store a day as its midnight in another time zone.
    """
    if isinstance(cell, str):
        return () if isinstance(cell, ErrorValue) else _days_in(as_typed(cell).casefold(), language)
    moment = moment_of(cell)
    return _days_at(moment.date(), moment.hour) if moment else ()


def parse_date(cell: CellValue, language: str) -> date | None:
    """Return the day in a cell, without its time, also if it is typed as text or as a number.

    None if the cell does not have one reading.
    """
    days = date_readings(cell, language)
    return days[0] if len(days) == 1 else None


def moment_of(cell: CellValue) -> datetime | None:
    """Return the day and the time of a cell that is a date, or a number that stands for one."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001
    if isinstance(cell, FormattedNumber):
        return _moment(cell.number) if cell.kind in ("date", "datetime") else None
    return _moment(cell) if type(cell) in (int, float) else None


def typed_year(day: date, around: Sequence[int]) -> int | None:
    """Return the year that was probably typed into a cell for dates: 2020 becomes 12.07.1905.

    None if the day is not far from the years of the report, or its number is no year near them.
    """
    if not around:
        return None
    year = day.toordinal() - _EPOCH.toordinal()
    first, last = min(around) - _YEARS_AROUND, max(around) + _YEARS_AROUND
    return year if first <= year <= last and not first <= day.year <= last else None


def with_days_alike(text: str) -> str:
    """Return a text with days as 31.12.2020, to compare what is written in any of our languages.

    Workbooks of earlier versions have all days so.
    """
    return _WRITTEN.sub(_with_points, text)


def _with_points(day: re.Match[str]) -> str:
    parts = day.group("d", "m", "y") if day["y"] else day.group("day", "month", "year")
    return ".".join(parts)


def _moment(number: float | CellValue) -> datetime | None:
    """Return the day and the time of a number, to the second.

    None for a day before March 1900: programs do not agree about these.
    """
    if not isinstance(number, int | float) or not _FIRST_DATE <= number < _LAST_DATE + 1:
        return None
    return _EPOCH + timedelta(seconds=round(number * 86_400))


def _days_at(day: date, hour: int) -> tuple[date, ...]:
    """Return the day of a time, late in the evening the next day too."""
    if hour < _FIRST_SHIFTED_HOUR or day == date.max:
        return (day,)
    return day, day + timedelta(days=1)


def _days_in(text: str, language: str) -> tuple[date, ...]:
    """Return the days that a text may mean; none if it is no day."""
    text, hour = re.sub(" +", " ", text), 0
    if clock := _CLOCK.search(text):
        text, hour = text[: clock.start()], int(clock["hour"] or clock["h"])
    for form in (_ISO, _POINTS, _SLASHES, _HYPHENS, _WORDS, _MONTH_FIRST):
        if found := form.fullmatch(text):
            parts = found.groupdict()
            month = parts["m"] if "m" in parts else _month_number(parts["month"])
            days = _existing((parts["y"], month, parts["d"]), language)
            return _days_at(days[0], hour) if days and hour < 24 else ()
    return ()


def _month_number(word: str) -> str:
    """Return the number of a month from its name in any of our languages; "0" for other words."""
    return str(next((n for n, names in enumerate(_MONTHS, 1) if word in names.split("|")), 0))


def _existing(parts: tuple[str, str, str], language: str) -> tuple[date, ...]:
    """Return the day with this year, month and day; none if it does not exist.

    A year of two digits is of this century. In Swedish such a day may begin with the year.
    """
    year, month, day = map(int, parts)
    if len(parts[0]) == 2:
        if language == "sv" or year > _LAST_SHORT_YEAR:
            return ()
        year += 2_000
    try:
        return (date(year, month, day),)
    except ValueError:
        return ()
