"""The texts that a user reads. `words/<language>.json` has them for each language.

All catalogues have the same keys, and each text has the same `{places}` in all of them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from xltiltak.model.visible_text import visible_path

if TYPE_CHECKING:  # not loaded at run time, so that `--help` is quick
    from datetime import date
    from decimal import Decimal

LANGUAGES = ("nb", "nn", "sv", "en")
_TAGS = {"nb": "nb-NO", "nn": "nn-NO", "sv": "sv-SE", "en": "en-GB"}
_DATE_FORMATS = {"sv": "%Y-%m-%d", "en": "%d/%m/%Y"}
_NO_BREAK = "\u00a0"
_QUOTES = {"sv": "”{}”", "en": "“{}”"}
# Not a Path: importing pathlib would delay `--help`.
_FOLDER = os.path.join(os.path.dirname(__file__), "words")  # noqa: PTH118, PTH120
_LOCALE_NAMES = {
    "no": "nb",
    "norsk": "nb",
    "norwegian": "nb",
    "norwegian bokmål": "nb",
    "norwegian nynorsk": "nn",
    "svenska": "sv",
    "swedish": "sv",
}


class Count:
    """A number in a text whose words agree with it, as `{n} {n:is|are} answered`.

    `shown` is the text of the number, by default its digits.
    """

    def __init__(self, number: int | Decimal, shown: str = "") -> None:
        self.number, self.shown = number, shown or str(number)

    def __str__(self) -> str:
        return self.shown

    def __format__(self, forms: str) -> str:
        """Return the number, or the form for one or for any other number."""
        one, _, many = forms.partition("|")
        return (one if self.number == 1 else many) if forms else self.shown


def translate(key: str, language: str, **values: object) -> str:
    """Return the text of a dotted key, as `form.code`, filled with these values.

    An unknown language falls back to English. A path is shown with its control characters escaped,
    a day as the language writes it, and a tuple of days with commas.
    """
    text = catalogue(language if language in LANGUAGES else "en")[key]
    if not values:
        return text
    return text.format(**{name: _shown(value, language) for name, value in values.items()})


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: str) -> dict[str, str]:
    """Return all texts of one language by their dotted keys."""
    with open(f"{_FOLDER}{os.sep}{language}.json", encoding="utf-8") as file:  # noqa: PTH123
        return dict(_flat(json.load(file)))


def preferred_language() -> str:
    """Return the language of the user's computer, for messages before a report is read."""
    for name in ("XLTILTAK_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return _language_of_locale(value)
    import locale

    return _language_of_locale(locale.getlocale()[0] or "en")


def decimal_text(number: object, language: str) -> str:
    """Return a number with a decimal comma, in English with a point."""
    return str(number) if language == "en" else str(number).replace(".", ",")


def grouped_number(number: Decimal, language: str) -> str:
    """Return an amount with its thousands grouped: by no-break spaces, in English by commas."""
    return _grouped(number.normalize(), language)


def quantity_text(number: Decimal, unit: str, language: str) -> str:
    """Return a number with all its decimals, its thousands grouped, and its unit."""
    is_close = unit == "%" and language == "en"
    return f"{_grouped(number, language)}{'' if is_close else _NO_BREAK}{unit}"


def _grouped(number: Decimal, language: str) -> str:
    parts = f"{number:,f}"
    return parts if language == "en" else parts.replace(",", _NO_BREAK).replace(".", ",")


def day_text(day: date, language: str) -> str:
    """Return a day as it is written in a language, in Norwegian 31.12.2020."""
    return f"{day:{_day_format(language)}}"


def short_day_text(day: date, language: str) -> str:
    """Return a day without its year, for a narrow column: in Norwegian 31.12"""
    return f"{day:{_day_format(language).replace('%Y', '').strip('./-')}}"


def day_number_format(language: str) -> str:
    """Return the number format of cells that shows a day as `day_text` writes it."""
    written = _day_format(language)
    return written.replace("%d", "dd").replace("%m", "mm").replace("%Y", "yyyy")


def quoted(text: str, language: str) -> str:
    """Return a text between the quotation marks of a language."""
    return _QUOTES.get(language, "«{}»").format(text)


def bcp47(language: str) -> str:
    """Return the language tag for documents (BCP 47), as nb-NO."""
    return _TAGS[language if language in LANGUAGES else "en"]


def _day_format(language: str) -> str:
    """Return the pattern that writes a day in a language."""
    return _DATE_FORMATS.get(language, "%d.%m.%Y")


def _shown(value: object, language: str) -> object:
    """Return a value as a sentence in a language shows it."""
    if hasattr(value, "__fspath__"):
        return visible_path(value)
    if isinstance(value, tuple):
        return ", ".join(str(_shown(each, language)) for each in value)
    # Not isinstance: importing datetime would delay `--help`.
    return day_text(cast("date", value), language) if hasattr(value, "strftime") else value


def _language_of_locale(locale_name: str) -> str:
    """Return the language of a locale such as nb_NO.UTF-8; English if it is another language."""
    tag = locale_name.replace("-", "_").split("_")[0].split(".")[0].lower()
    language = _LOCALE_NAMES.get(tag, tag)
    return language if language in LANGUAGES else "en"


def _flat(content: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a nested catalogue with its dotted key."""
    for key, value in content.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
