"""Names of sheets that spreadsheets accept."""

from __future__ import annotations

import re

_LONGEST = 31  # characters of a sheet's name
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_MADE_BY_PROGRAMS = re.compile(
    r"(?:ark|sheet|blad|tabelle|feuil\w*|hoja|tabell|taul\w*|diagram|chart|worksheet)[ _-]?\d*",
    re.IGNORECASE,
)


def legal_sheet_name(title: str, number: int = 1) -> str:
    """Return a title as the name of a sheet, numbered if it is not the first with this title."""
    clean = _FORBIDDEN.sub(" ", title).strip().strip("'").strip() or "–"
    suffix = f" {number}" if number > 1 else ""
    return _cut(clean, _LONGEST - len(suffix)).rstrip() + suffix


def is_name_of_program(name: str) -> bool:
    """Return True if a program has given this name to a new sheet: nobody typed it."""
    return _MADE_BY_PROGRAMS.fullmatch(name) is not None


def _cut(text: str, most: int) -> str:
    """Return at most so many characters as Excel counts them: UTF-16 units, two for an emoji."""
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")
