"""Write small letters above or below the line as the signs that Unicode has for them.

"10" with a small "6" above the line is not 106, and "3" with the mark of a note is not 31.
"""

from __future__ import annotations

_PLAIN = "0123456789+-=()"
_RAISED = str.maketrans(_PLAIN + "ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans(_PLAIN, "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_TABLES = {"superscript": _RAISED, "subscript": _LOWERED}


def in_small_signs(text: str, position: str) -> str:
    """Return a text in small signs; as it is if the position is another or a sign has no such.

    `position` is "superscript" or "subscript", as files name it. The length stays the same.
    """
    table = _TABLES.get(position, {})
    has_signs = all(ord(sign) in table or sign.isspace() for sign in text)
    return text.translate(table) if table and has_signs else text
