"""Signs that cannot be seen in a text: which they are, their names, and texts without them."""

from __future__ import annotations

import re
import unicodedata

# Signs that end a line, as a vertical tab in a text from Word.
_LINE_ENDS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_FORMAT = (  # the category Cf of Unicode, and signs that look like nothing
    "\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0001-\U000e007f"
)
_INVISIBLE = re.compile(rf"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f{_FORMAT}]")
# A joiner between two signs of another script or an emoji is a part of what is seen.
_UNNAMED = re.compile(r"(?<=[^\x00-\x7f])[\u200c\u200d](?=[^\x00-\x7f])")
_APOSTROPHES = "'’"  # the first one marks a text in Excel; typed twice, it stays in the cell


def strip_control_characters(text: str) -> str:
    """Return the text without invisible characters that no office program keeps.

    Those that end a line, as a vertical tab does, become line breaks.
    """
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))


def strip_invisible(text: str) -> str:
    """Return the text as it is seen, without characters that show nothing."""
    return _INVISIBLE.sub("", text)


def name_invisible(text: str) -> str:
    """Return a text for a quote: "3" with a zero-width space after it becomes 3⟨U+200B⟩."""
    if text.isprintable():
        return text
    kept = {found.start() for found in _UNNAMED.finditer(text)}
    return _INVISIBLE.sub(
        lambda found: found[0] if found.start() in kept else f"⟨U+{ord(found[0]):04X}⟩", text
    )


def as_typed(text: str) -> str:
    """Return a text as it was meant: a number, a day or a word of a list.

    Invisible characters, white space around it, an apostrophe before it and full-width forms are
    put aside. A raised or a circled digit is none of these: it stays as it is.
    """
    seen = "".join(
        sign if unicodedata.category(sign) == "No" else unicodedata.normalize("NFKC", sign)
        for sign in strip_invisible(text).strip()
    )
    return seen[1:].strip() if seen[:1] in _APOSTROPHES else seen.strip()
