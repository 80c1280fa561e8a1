"""The words a user reads, in the report's language: `words/<language>.json`, all with the same keys and {places}."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # who only asks for help need not load them
    from datetime import date
    from decimal import Decimal

LANGUAGES = ("nb", "nn", "sv", "en")
_TAGS = {"nb": "nb-NO", "nn": "nn-NO", "sv": "sv-SE", "en": "en-GB"}
_DAYS = {"sv": "%Y-%m-%d", "en": "%d/%m/%Y"}
_QUOTED = {"sv": "”{}”", "en": "“{}”"}
_FOLDER = os.path.join(os.path.dirname(__file__), "words")  # noqa: PTH118, PTH120 - help need not wait for pathlib
_SPOKEN = {
    "no": "nb", "norsk": "nb", "norwegian": "nb", "norwegian bokmål": "nb", "norwegian nynorsk": "nn",
    "svenska": "sv", "swedish": "sv",
}  # fmt: skip


def translate(key: str, language: str, **values: object) -> str:
    """One phrase by its dotted key, as `form.code`. An unknown language falls back to English."""
    text = catalogue(language if language in LANGUAGES else "en")[key]
    return text.format(**values) if values else text


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: str) -> dict[str, str]:
    """Every phrase of one language by its dotted key."""
    with open(f"{_FOLDER}{os.sep}{language}.json", encoding="utf-8") as file:  # noqa: PTH123 - as above
        return dict(_flat(json.load(file)))


def preferred_language() -> str:
    """The language of the user's own machine, for what is said before a report is known."""
    for name in ("XLTILTAK_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if said := os.environ.get(name):
            return _of_locale(said)
    import locale

    return _of_locale(locale.getlocale()[0] or "en")


def decimal_text(number: object, language: str) -> str:
    """A number as people write it: with a comma, except in English."""
    return str(number) if language == "en" else str(number).replace(".", ",")


def grouped_number(number: Decimal, language: str) -> str:
    """An amount as people write it: its thousands set apart, by a space that does not break or an English comma."""
    parts = f"{number.normalize():,f}"
    return parts if language == "en" else parts.replace(",", "\u00a0").replace(".", ",")


def day_text(day: date, language: str) -> str:
    """A day as people write it."""
    return f"{day:{_DAYS.get(language, '%d.%m.%Y')}}"


def quoted(text: str, language: str) -> str:
    """Return a text between the quotation marks of a language."""
    return _QUOTED.get(language, "«{}»").format(text)


def bcp47(language: str) -> str:
    """The language as documents name it."""
    return _TAGS[language if language in LANGUAGES else "en"]


def _of_locale(said: str) -> str:
    tag = said.replace("-", "_").split("_")[0].split(".")[0].lower()
    known = _SPOKEN.get(tag, tag)
    return known if known in LANGUAGES else "en"


def _flat(content: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key, value in content.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield before + key, value
