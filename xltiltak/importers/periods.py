"""Read the names that people give reporting periods: "Q2 2024", "1. tertial", "2nd half 2024".

A name means the last day of its period. The words of each kind of period are in the catalogue, in
all languages at once.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from functools import cache

from xltiltak.model.language import LANGUAGES, translate
from xltiltak.model.normalize import normalize

_PERIODS = {"quarter": 4, "third": 3, "half": 2}  # how many a year has
_YEAR = r"(?:19|20)\d\d"
_ORDINAL = r"(?:\.|st|nd|rd|th|:a|:e)?"
_MONTHS = 12


def period_end(name: str, year: int = 0) -> date | None:
    """Return the last day of a named period; None for a text that names none.

    `year` is that of a name without one; such a name means nothing if it is 0.
    """
    for number_of_periods, pattern in _patterns():
        found = pattern.fullmatch(normalize(name))
        number = int(found["before"] or found["after"]) if found else 0
        if found and 1 <= number <= number_of_periods:
            in_name = next((y for y in (found["first"], found["year"]) if y), "")
            month = _MONTHS // number_of_periods * number
            named = int(in_name or year)
            return date(named, month, monthrange(named, month)[1]) if named else None
    return None


@cache
def _patterns() -> tuple[tuple[int, re.Pattern[str]], ...]:
    """Return for each kind of period how many a year has, and how its names are written."""
    found = []
    for kind, number in _PERIODS.items():
        phrases = (
            translate(f"import.period.{kind}", language).split("|") for language in LANGUAGES
        )
        words = sorted({normalize(word) for words in phrases for word in words}, key=len)
        word = "|".join(map(re.escape, reversed(words)))
        before, after = rf"(?P<before>\d){_ORDINAL}\s*(?:{word})", rf"(?:{word})\.?\s*(?P<after>\d)"
        pattern = (
            rf"(?:(?P<first>{_YEAR})[\s/-]*)?(?:{before}|{after})(?:[\s/-]*(?P<year>{_YEAR}))?"
        )
        found.append((number, re.compile(pattern)))
    return tuple(found)
