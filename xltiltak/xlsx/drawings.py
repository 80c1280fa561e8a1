"""Read what is drawn on a sheet, or in a chart: pictures, shapes, frames of charts, ink.

A program may write a thing twice, for new and for older programs (`mc:AlternateContent`): the first
one with something in it is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.markup import parse_xml
from xltiltak.xlsx.rich_text import decode_escapes
from xltiltak.xlsx.sheet_objects import ObjectKind, SheetObject, join_lines

_KINDS: dict[str, ObjectKind] = {
    "sp": "shape",
    "cxnSp": "shape",
    "pic": "picture",
    "graphicFrame": "unknown",  # until its `graphicData` says what it is
    "contentPart": "ink",
}
_FRAMES: dict[str, ObjectKind] = {  # by the end of the type in a frame
    "chart": "chart",
    "chartex": "chart",
    "diagram": "diagram",
    "slicer": "filter",
    "timeslicer": "filter",
    "model3d": "model",
}
_ANCHORS = ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor")


@dataclass(slots=True)
class Drawn:
    """One drawn thing.

    `alt` is its alternative text, `ids` are the relationships that it uses. `twin` is the id of
    the VML shape that older programs show in its place.
    """

    kind: ObjectKind
    cell: str
    pieces: list[str] = field(default_factory=list)
    alt: str = ""
    ids: set[str] = field(default_factory=set)
    twin: str = ""

    def sheet_object(self) -> SheetObject:
        """Return it with its words."""
        text = join_lines(self.pieces)
        if text and self.kind == "shape":
            kind: ObjectKind = "text"
        else:
            kind = self.kind
        alt = "" if self.alt in text else self.alt
        return SheetObject(kind, self.cell, "\n".join(filter(None, (text, alt))))


class Drawing:
    """The drawn things of a part, and the relationships that any of them uses."""

    def __init__(self, part: bytes, cell: str = "") -> None:
        """Read a part. `cell` is the place of things without an anchor. Raises WorkbookError."""
        self.drawn: list[Drawn] = []
        self.ids: set[str] = set()
        self._cell = self._outside = cell
        self._at = {"col": 0, "row": 0}
        self._open: list[str] = []
        self._current: list[Drawn] = []
        self._seen = 0  # things and pieces of text so far
        self._seen_before: list[int] = []  # at the start of each open AlternateContent
        self._skipped = 0  # depth inside a copy for other programs, which is left out
        parse_xml(part, self._start, self._end, self._chars)

    def place_of(self, link: str) -> str:
        """Return the cell of the thing that uses a relationship; empty if none does."""
        return next((one.cell for one in self.drawn if link in one.ids), "")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        bare = name.rpartition(":")[2]
        links = {value for key, value in attributes.items() if ":" in key}
        self.ids |= links
        if self._skipped or (bare in ("Choice", "Fallback") and self._is_copy()):
            self._skipped += 1
            return
        self._open.append(bare)
        if bare == "AlternateContent":
            self._seen_before.append(self._seen)
        elif bare in _ANCHORS:
            self._cell = self._outside
        elif bare in _KINDS:
            self._seen += 1
            self._current.append(Drawn(_KINDS[bare], self._cell))
        if self._current:
            self._current[-1].ids |= links
            self._describe(self._current[-1], bare, attributes)

    def _is_copy(self) -> bool:
        return bool(self._seen_before) and self._seen > self._seen_before[-1]

    def _describe(self, drawn: Drawn, bare: str, attributes: dict[str, str]) -> None:
        """Note what an element says about the thing that it is in."""
        get = attributes.get
        if bare == "cNvPr":
            drawn.alt = decode_escapes(get("descr") or get("title") or "").strip()
        elif bare == "graphicData":
            uri = get("uri", "").lower()
            drawn.kind = _FRAMES.get(uri.rpartition("/")[2], "unknown")
            drawn.alt = drawn.alt or (uri if drawn.kind == "unknown" else "")
        elif bare in ("slicer", "timeslicer"):
            drawn.pieces.append(get("name", ""))
        elif bare == "compatExt":
            drawn.twin = get("spid", "")
        elif bare == "blip" and drawn.kind == "shape":
            drawn.kind = "picture"
        elif bare in ("p", "br") and drawn.pieces:
            drawn.pieces.append("\n")

    def _chars(self, text: str) -> None:
        if self._skipped:
            return
        if self._open[-1] == "t" and self._current:
            self._seen += 1
            self._current[-1].pieces.append(decode_escapes(text))
        elif self._open[-1] in self._at and self._open[-2:-1] == ["from"] and text.isdecimal():
            self._at[self._open[-1]] = int(text)

    def _end(self, _: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        bare = self._open.pop()
        if bare == "from" and self._open[-1:] and self._open[-1] in _ANCHORS:
            self._cell = cell_name(self._at["row"] + 1, self._at["col"] + 1)
        elif bare == "AlternateContent":
            self._seen_before.pop()
        elif bare in _KINDS:
            self.drawn.append(self._current.pop())


def chart_text(part: bytes) -> str:
    """Return what is typed in a chart: titles, labels, names that do not come from cells."""
    return _text(part, is_chart=True)


def diagram_text(part: bytes) -> str:
    """Return the text of a diagram, one line for each paragraph."""
    return _text(part, is_chart=False)


def _text(part: bytes, *, is_chart: bool) -> str:
    pieces: list[str] = []
    inside: list[str] = []

    def start(name: str, _: dict[str, str]) -> None:
        """Begin a new line with each paragraph, title or name."""
        inside.append(name.rpartition(":")[2])
        if inside[-1] in ("p", "pt", "tx", "br") and pieces:
            pieces.append("\n")

    def chars(text: str) -> None:
        """Collect typed text; in a chart, values of titles and literal names too."""
        is_value = is_chart and inside[-1] == "v"
        if (
            inside[-1] == "t"
            or (is_value and {"title", "strLit"} & {*inside})
            or (is_value and inside[-2:-1] == ["tx"])
        ):
            pieces.append(decode_escapes(text))

    parse_xml(part, start, lambda _: inside.pop(), chars)
    return join_lines(pieces)
