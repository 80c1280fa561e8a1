"""Read the texts of a sheet that are not in cells: comments, threaded comments, and text boxes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xltiltak.xlsx.markup import parse_xml
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.parts import has_relationships, relationships
from xltiltak.xlsx.rich_text import decode_escapes

_COMMENTS, _THREADS, _DRAWING = "/comments", "/threadedComment", "/drawing"
_TEXT_ELEMENTS = {"t", "text"}


@dataclass(frozen=True, slots=True)
class Note:
    """A text beside the cells, with the address of its cell; empty for a text box."""

    cell: str
    text: str


def read_notes(package: Package, part: str) -> list[Note]:
    """Return the notes of a sheet: threads, comments, then text boxes, each in file order.

    The comment that Excel adds to each thread for older programs is left out.
    """
    if not has_relationships(package, part):
        return []
    linked = [(kind, to) for kind, to in relationships(package, part).values() if to in package]

    def read_all(link_type: str, element: str) -> list[Note]:
        parts = [to for kind, to in linked if kind.endswith(link_type)]
        return [note for to in parts for note in _read_part(package, to, element)]

    threads = read_all(_THREADS, "threadedComment")
    comments = read_all(_COMMENTS, "comment")
    boxes = read_all(_DRAWING, "txBody")
    cells_with_thread = {note.cell for note in threads}
    comments = [note for note in comments if note.cell not in cells_with_thread]
    return [*threads, *comments, *boxes]


def _read_part(package: Package, part: str, element: str) -> Iterator[Note]:
    collector = _NoteCollector(element)
    parse_xml(package.read(part), collector.start, collector.end, collector.chars)
    yield from collector.notes


class _NoteCollector:
    """Collects the notes of a part while expat parses it; each is an element of one name."""

    def __init__(self, element: str) -> None:
        self.element, self.notes = element, list[Note]()
        self.open_elements: list[str] = []
        self.cell, self.pieces = "", list[str]()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element. Paragraphs after the first begin a new line."""
        bare = name.rpartition(":")[2]
        if bare == self.element:
            self.cell = attributes.get("ref", "")
        elif bare == "p" and self.pieces:
            self.pieces.append("\n")
        self.open_elements.append(bare)

    def chars(self, text: str) -> None:
        """Collect text of a note."""
        if self.element in self.open_elements and self.open_elements[-1] in _TEXT_ELEMENTS:
            self.pieces.append(text)

    def end(self, name: str) -> None:
        """Handle the end of an element. A note without text is left out."""
        self.open_elements.pop()
        if name.rpartition(":")[2] == self.element:
            text = decode_escapes("".join(self.pieces)).strip()
            self.notes += [Note(self.cell, text)] if text else []
            self.pieces.clear()
