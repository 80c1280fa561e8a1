"""Show what cannot be seen: control characters and bytes that are no text, as escapes.

A file name may hold an escape sequence that repaints a terminal, an override of the writing
direction that hides the true suffix, or bytes that are not UTF-8. It is shown escaped wherever
people or programs read it; the file itself is opened by its own name.
"""

from __future__ import annotations

import os
import unicodedata

_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))  # categories of Unicode
_JOINERS = "\u200c\u200d"  # parts of words in some scripts, and of emoji


def visible(text: str, kept: str = "") -> str:
    r"""Return the text with an escape such as `\x1b` for each character that cannot be seen.

    Characters in `kept` stay, as line ends do in a text of several lines.
    """
    if text.isascii() and text.isprintable():
        return text
    if any("\ud800" <= character <= "\udfff" for character in text):
        text = _decoded(text)
    kept += _JOINERS
    return "".join(
        character
        if character in kept or unicodedata.category(character) not in _UNSEEN
        else _escape(character)
        for character in text
    )


def visible_path(path: os.PathLike[str]) -> str:
    """Return a path as it is shown."""
    return visible(os.fspath(path))


def _decoded(text: str) -> str:
    """Return a name again from its bytes: as UTF-8, with escapes for bytes that are not.

    Python reads names with the encoding of the locale, which may know fewer characters.
    """
    try:
        return os.fsencode(text).decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # half of a character that no file name can have
        return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _escape(character: str) -> str:
    """Return the escape of Python, of two, four or eight hexadecimal digits."""
    return character.encode("unicode_escape").decode("ascii")


def shortened(text: str, limit: int) -> str:
    """Return the text, cut after a whole word to so many characters, with an ellipsis."""
    if len(text) <= limit:
        return text
    words = text[: limit - 1].rpartition(" ")[0].rstrip()
    return f"{words} …" if len(words) > limit // 2 else text[: limit - 1] + "…"
