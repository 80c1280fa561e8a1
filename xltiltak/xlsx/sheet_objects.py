"""The things on a sheet that are not cells: what each is, where it stands, and its words."""

from __future__ import annotations

from typing import Literal, NamedTuple

ObjectKind = Literal[
    "comment",
    "text",  # a text box, or a shape with words
    "picture",
    "page_picture",  # in the header or footer of the printed page
    "background",
    "chart",
    "diagram",
    "shape",  # without words
    "ink",
    "model",
    "media",
    "embedded",
    "filter",  # a slicer or timeline
    "link",  # of an object, not of a cell
    "ticked",
    "unticked",
    "half_ticked",
    "chosen",  # an option button
    "not_chosen",
    "control",
    "unreadable",  # a part that is not valid XML
    "missing",  # a relationship to a part that is not in the file
    "unreached",  # a part that no relationship leads to
    "unknown",
]
CONTROLS = frozenset(("ticked", "unticked", "half_ticked", "chosen", "not_chosen", "control"))


class SheetObject(NamedTuple):
    """Something on a sheet that is not a cell.

    `cell` is the address of the cell that it stands on, empty if it has none. `text` are its words:
    what stands in it, its title, its alternative text, or the name of a part that is not known.
    """

    kind: ObjectKind
    cell: str = ""
    text: str = ""


def join_lines(pieces: list[str]) -> str:
    """Return the pieces of a text as its lines, each stripped, without empty ones."""
    lines = "".join(pieces).replace("\r", "\n").split("\n")
    return "\n".join(stripped for line in lines if (stripped := " ".join(line.split())))
