"""Names of sheets that spreadsheets accept."""

from __future__ import annotations

import re

from xltiltak.xlsx.excel_limits import SHEET_NAME, cut, length_in_excel

_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
# Programs take this for the code of a character: `_x0041_` would be A.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_EDGES = re.compile(r"^[\s']+|[\s']+$")
_RESERVED = "history"  # a name that Excel keeps for itself
_MADE_BY_PROGRAMS = re.compile(
    r"(?:ark|sheet|blad|tabelle|feuil\w*|hoja|tabell|taul\w*|diagram|chart|worksheet)[ _-]?\d*",
    re.IGNORECASE,
)


def legal_sheet_name(title: str, number: int = 1) -> str:
    """Return a title as the name of a sheet, numbered if it is not the first with this title.

    A name may not begin or end with an apostrophe, also where it was cut.
    """
    clean = _EDGES.sub("", _ESCAPE.sub(" ", _FORBIDDEN.sub(" ", title))) or "–"
    suffix = f" {number}" if number > 1 else ""
    name = _EDGES.sub("", cut(clean, SHEET_NAME - len(suffix), mark="")) + suffix
    return f"{name} –" if name.casefold() == _RESERVED else name


def is_legal_sheet_name(name: str) -> bool:
    """Return True if Excel accepts a name."""
    return (
        0 < length_in_excel(name) <= SHEET_NAME
        and name == name.strip("'")
        and name.casefold() != _RESERVED
        and not _FORBIDDEN.search(name)
        and not _ESCAPE.search(name)
    )


def is_name_of_program(name: str) -> bool:
    """Return True if a program has given this name to a new sheet: nobody typed it."""
    return _MADE_BY_PROGRAMS.fullmatch(name) is not None
