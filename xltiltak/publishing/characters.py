"""Characters that a page or a Word file cannot hold: what shows nothing is left out, what is none is replaced."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

REPLACED = "\ufffd"
_SILENT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]")
_ENDS = (
    plane << 16 | last for plane in range(17) for last in (0xFFFE, 0xFFFF)
)  # of each plane, set aside for ever
_NONE = re.compile("[\ud800-\udfff\ufdd0-\ufdef" + "".join(map(chr, _ENDS)) + "]")


def readable(text: str) -> str:
    """The text as every program can read it."""
    return text if text.isprintable() else _NONE.sub(REPLACED, _SILENT.sub("", text))


def lacking(texts: Iterable[str]) -> Counter[str]:
    """What would be replaced, and how many of each."""
    return Counter(char for text in texts if not text.isprintable() for char in _NONE.findall(text))
