"""Read the comments of a sheet: those beside cells, and those with answers (threads)."""

from __future__ import annotations

from xltiltak.xlsx.markup import parse_xml
from xltiltak.xlsx.rich_text import decode_escapes
from xltiltak.xlsx.sheet_objects import SheetObject

_TEXT_ELEMENTS = {"t", "text"}


def read_comments(part: bytes, *, is_thread: bool) -> list[SheetObject]:
    """Return the comments of a part, each at its cell. Raises WorkbookError."""
    collector = _CommentCollector("threadedComment" if is_thread else "comment")
    parse_xml(part, collector.start, collector.end, collector.chars)
    return collector.comments


class _CommentCollector:
    """Collects the comments of a part while expat parses it; each is an element of one name."""

    def __init__(self, element: str) -> None:
        self.element, self.comments = element, list[SheetObject]()
        self.open_elements: list[str] = []
        self.cell, self.pieces = "", list[str]()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
        bare = name.rpartition(":")[2]
        if bare == self.element:
            self.cell = attributes.get("ref", "")
        self.open_elements.append(bare)

    def chars(self, text: str) -> None:
        """Collect text of a comment."""
        if self.element in self.open_elements and self.open_elements[-1] in _TEXT_ELEMENTS:
            self.pieces.append(text)

    def end(self, name: str) -> None:
        """Handle the end of an element. A comment without text is left out."""
        self.open_elements.pop()
        if name.rpartition(":")[2] == self.element:
            text = decode_escapes("".join(self.pieces)).strip()
            self.comments += [SheetObject("comment", self.cell, text)] if text else []
            self.pieces.clear()
