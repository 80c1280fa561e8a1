"""Compare texts, find the step that a text names, and turn pasted HTML into text.

Nothing is guessed. "3 - Godt i gang" is the step with that number and label. "3 or 4" is not one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from xltiltak.model.cell_values import CellValue, ErrorValue
from xltiltak.model.template import Step
from xltiltak.model.typed_text import as_typed

_JOINTS = re.compile(r"[-–:.()\s]+")  # between the words of a label
_TRANSLITERATIONS = tuple(  # how our letters are typed on a keyboard that lacks them
    str.maketrans({"æ": "ae", "ø": o, "å": a, "ä": ae, "ö": o})
    for a, ae, o in (("a", "a", "o"), ("aa", "ae", "oe"))
)
_SEPARATOR = "\0"
_MIN_TYPO_LENGTH = 8  # letters; in a shorter word a typo can give another word
_MIN_TYPO_RATIO = 0.9  # similarity of a word with a typo


def normalize(text: str) -> str:
    """Return a text for comparison: without case, full-width forms and extra white space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def normalize_all(texts: Sequence[str]) -> list[str]:
    """Return each text normalized. Joining the texts with NUL makes it one call, which is faster.

    A NUL is not white space, and does not combine with the letters beside it.
    """
    normalized = normalize(_SEPARATOR.join(texts)).split(_SEPARATOR)
    if len(normalized) != len(texts):  # a text has a NUL itself
        return [normalize(text) for text in texts]
    return [text.strip(" ") for text in normalized]


def parse_step(steps: Sequence[Step], cell: CellValue) -> Step | None:
    """Return the step whose label or alias is in a cell, alone or after its number.

    If no step matches exactly, letters that many keyboards lack may be replaced ("ae" for "æ"); if
    there is none either, one typo is accepted. None if no step or several steps match.
    """
    if isinstance(cell, ErrorValue) or not isinstance(cell, str):
        return None
    text = _JOINTS.sub(" ", normalize(as_typed(cell))).strip()
    found = [step for step in steps if text in _names(step)]
    if not found:
        found = [
            step
            for step in steps
            if any(
                text == name.translate(keys) for name in _names(step) for keys in _TRANSLITERATIONS
            )
        ]
    if not found:
        found = [step for step in steps if any(_is_typo(text, name) for name in _names(step))]
    return found[0] if len(found) == 1 else None


def _is_typo(text: str, name: str) -> bool:
    """Return True if a text is a long name but for a letter or a space.

    The first and the last letter must be right, because "not" or "?" at an end changes the meaning.
    """
    if len(name) < _MIN_TYPO_LENGTH or text[:1] != name[:1] or text[-1:] != name[-1:]:
        return False
    from difflib import SequenceMatcher

    return SequenceMatcher(None, text, name).ratio() >= _MIN_TYPO_RATIO


def _names(step: Step) -> list[str]:
    """Return label and aliases of a step, normalized: each alone and after its value.

    Our reports have the symbol of the step before that.
    """
    words = [_JOINTS.sub(" ", normalize(word)).strip() for word in (step.label, *step.aliases)]
    words += [f"{normalize(str(step.value))} {word}" for word in words]
    symbol = normalize(step.symbol)
    return [*words, *(f"{symbol} {word}" for word in words if symbol)]


_COMMON_TAGS = (
    "p|br|b|strong|i|em|u|s|ul|ol|li|div|span|a|font|h[1-6]|table|tbody|thead|tr|td|th|sub|sup"
)
_OTHER_TAGS = (
    "html|head|body|title|meta|link|img|hr|pre|code|blockquote|small|center|col|colgroup|o:p"
)
_HIDDEN = (
    r"!--[^<>]*-->|(?P<unshown>script|style)\b[^<>]*>[^<]*</(?P=unshown)|/(?:script|style)\s*>"
)
_TAGS = re.compile(rf"</?(?:{_COMMON_TAGS}|script|style)\b[^<>]*>", re.IGNORECASE)
# The next three are compiled, and cached, by `re` if a text has tags.
_BLOCK_ENDS = r"(?i)<br\b[^<>]*>|</(?:p|div|li|h[1-6]|tr|ul|ol|table)\s*>"
_CELL_ENDS = r"(?i)</t[dh]\s*>"
_BARE = rf"(?i)<(?!/?(?:{_COMMON_TAGS}|{_OTHER_TAGS})\b[^<>]*>|{_HIDDEN})"


def strip_markup(text: str) -> str:
    """Return pasted HTML as plain text with a line for each paragraph.

    A text without HTML tags is not changed. A "<" that does not begin a tag is kept; nh3 alone
    would remove the text after it.
    """
    if not _TAGS.search(text):
        return text
    import html

    import nh3

    lines = re.sub(_BARE, "&lt;", re.sub(_CELL_ENDS, " ", re.sub(_BLOCK_ENDS, "\n", text)))
    plain = html.unescape(nh3.clean(lines, tags=set(), attributes={})).replace("\xa0", " ")
    stripped = (" ".join(line.split()) for line in plain.split("\n"))
    return "\n".join(line for line in stripped if line)
