"""Find the addresses of web pages in texts, so that they can be followed in a report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# What ends a sentence, a quotation or a bracket around an address is no part of it.
_ADDRESS = re.compile(r"https?://[^\s<>\"'«»“”\\]*[^\s<>\"'«»“”\\.,;:!?)\]]", re.IGNORECASE)


class TextPart(NamedTuple):
    """A part of a text; `address` is the same text if it is the address of a web page, else ""."""

    text: str
    address: str = ""


def text_parts(text: str) -> Iterator[TextPart]:
    """Yield the parts of a text, each address of a web page as a part of its own."""
    at = 0
    for found in _ADDRESS.finditer(text):
        if found.start() > at:
            yield TextPart(text[at : found.start()])
        yield TextPart(found[0], found[0])
        at = found.end()
    if at < len(text) or not text:
        yield TextPart(text[at:])
