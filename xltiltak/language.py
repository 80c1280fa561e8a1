"""The words a user reads, in the report's language: `words/<language>.toml`, all with the same keys."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

LANGUAGES = ("nb", "nn", "sv", "en")
_FOLDER = Path(__file__).parent / "words"
_SPOKEN = {
    "no": "nb", "norsk": "nb", "norwegian": "nb", "norwegian bokmål": "nb", "norwegian nynorsk": "nn",
    "svenska": "sv", "swedish": "sv",
}  # fmt: skip


def word(key: str, language: str, **values: object) -> str:
    """One phrase by its dotted key, as `form.code`. An unknown language falls back to English."""
    text = catalogue(language if language in LANGUAGES else "en")[key]
    return text.format(**values) if values else text


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: str) -> dict[str, str]:
    """Every phrase of one language by its dotted key."""
    content = tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8"))
    return dict(_flat(content))


def preferred() -> str:
    """The language of the user's own machine, for what is said before a report is known."""
    for name in ("XLTILTAK_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if said := os.environ.get(name):
            return _of_locale(said)
    import locale

    return _of_locale(locale.getlocale()[0] or "en")


def decimal_text(number: object, language: str) -> str:
    """A number as people write it: with a comma, except in English."""
    return str(number) if language == "en" else str(number).replace(".", ",")


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
