"""What is said about a sheet's cells and not in them: comments, threaded comments, and words in boxes drawn on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from xltiltak.xlsx.markup import parse_xml
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.parts import decode_escapes, has_links, links

_COMMENTS, _THREADS, _DRAWING = "/comments", "/threadedComment", "/drawing"
_PIECES = {"t", "text"}  # the elements that hold words


class Note(NamedTuple):
    """Something said beside the cells: the cell it hangs on, empty where it floats, and its words."""

    cell: str
    text: str


def read_notes(package: Package, part: str) -> list[Note]:
    """Everything that is said beside the cells of a sheet, in the order it stands in the file."""
    if not has_links(package, part):
        return []
    linked = [(kind, to) for kind, to in links(package, part).values() if to in package]
    threads = [
        note
        for kind, to in linked
        if kind.endswith(_THREADS)
        for note in _read(package, to, "threadedComment")
    ]
    comments = [
        note
        for kind, to in linked
        if kind.endswith(_COMMENTS)
        for note in _read(package, to, "comment")
    ]
    boxes = [
        note
        for kind, to in linked
        if kind.endswith(_DRAWING)
        for note in _read(package, to, "txBody")
    ]
    threaded = {
        note.cell for note in threads
    }  # beside a thread stands a comment for older programs
    return [*threads, *(note for note in comments if note.cell not in threaded), *boxes]


def _read(package: Package, part: str, wanted: str) -> Iterator[Note]:
    found = _NoteCollector(wanted)
    parse_xml(package.read(part), found.start, found.end, found.chars)
    yield from found.notes


class _NoteCollector:
    """The notes of a part, gathered while expat walks it."""

    def __init__(self, wanted: str) -> None:
        self.wanted, self.notes = wanted, list[Note]()
        self.inside: list[str] = []
        self.cell, self.pieces = "", list[str]()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """The start of an element, its prefix aside."""
        bare = name.rpartition(":")[2]
        if bare == self.wanted:
            self.cell = attributes.get("ref", "")
        elif bare == "p" and self.pieces:
            self.pieces.append("\n")
        self.inside.append(bare)

    def chars(self, text: str) -> None:
        """Words, where an element holds some."""
        if self.wanted in self.inside and self.inside[-1] in _PIECES:
            self.pieces.append(text)

    def end(self, name: str) -> None:
        """The end of an element."""
        self.inside.pop()
        if name.rpartition(":")[2] == self.wanted:
            text = decode_escapes("".join(self.pieces)).strip()
            self.notes += [Note(self.cell, text)] if text else []
            self.pieces.clear()
