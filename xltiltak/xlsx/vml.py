"""Read the shapes of a VML part: form controls, text boxes and pictures of older programs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from xltiltak.model.errors import DamagedWorkbook
from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.markup import parse_xml
from xltiltak.xlsx.sheet_objects import ObjectKind, SheetObject, join_lines

_SHAPES = {f"v:{name}" for name in ("shape", "rect", "oval", "roundrect", "line", "polyline")}
_SHAPES |= {"v:arc", "v:curve", "v:image"}
_BREAKS = {"div", "br", "p", "tr", "li"}
_NOTE = "Note"  # the frame of a comment, whose text is in a part of its own
_PAGE_PARTS = {f"{side}{part}" for side in "LCR" for part in ("H", "F")}  # ids of page pictures
_TICKS: dict[str, ObjectKind] = {"1": "ticked", "2": "half_ticked"}
_CONTROLS = {"Button", "Drop", "Edit", "List", "Scroll", "Spin", "Dialog", "EditBox"}
_EMBEDDED = "Pict"


@dataclass(slots=True)
class _Shape:
    """A shape while it is read; `data` are the texts of its client data by element."""

    id: str
    alt: str
    kind: str = ""  # empty for a shape without client data
    pieces: list[str] = field(default_factory=list)
    data: dict[str, str] = field(default_factory=lambda: defaultdict(str))


def read_vml(part: bytes) -> VmlDrawing:
    """Return the things of a part, also of one with line breaks as in HTML, which Excel writes.

    Raises WorkbookError.
    """
    try:
        return VmlDrawing(part)
    except DamagedWorkbook:
        return VmlDrawing(part.replace(b"<br>", b"<br/>"))


class VmlDrawing:
    """The things of a VML part, and the ids of their shapes. Frames of comments are left out."""

    def __init__(self, part: bytes) -> None:
        self.objects: list[SheetObject] = []
        self.ids: set[str] = set()
        self._current: list[_Shape] = []
        self._open: list[str] = []
        parse_xml(part, self._start, self._end, self._chars)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        get = attributes.get
        self._open.append(name.rpartition(":")[2])
        if name in _SHAPES:
            self._current.append(_Shape(get("id", ""), get("alt", "") or get("title", "")))
        elif self._current:
            shape = self._current[-1]
            if name.endswith("ClientData"):
                shape.kind = get("ObjectType", "")
            elif name.endswith("imagedata"):
                shape.alt = shape.alt or get("o:title", "")
                shape.data["image"] = "yes"
            elif self._open[-1] in _BREAKS:
                shape.pieces.append("\n")

    def _chars(self, text: str) -> None:
        if not self._current:
            return
        if "textbox" in self._open:
            self._current[-1].pieces.append(text.replace("\n", " "))
        elif "ClientData" in self._open:
            self._current[-1].data[self._open[-1]] += text.strip()
        elif self._open[-1] == "textpath":
            self._current[-1].pieces.append(text)

    def _end(self, name: str) -> None:
        self._open.pop()
        if name in _SHAPES:
            shape = self._current.pop()
            if shape.kind != _NOTE:
                self.ids.add(shape.id)
                self.objects.append(_sheet_object(shape))


def _sheet_object(shape: _Shape) -> SheetObject:
    text = join_lines(shape.pieces)
    words = "\n".join(filter(None, (text, shape.alt if shape.alt not in text else "")))
    kind = _kind(shape, text)
    if kind == "control" and (state := shape.data["Sel"] or shape.data["Val"]):
        words = f"{words} = {state}".strip()
    return SheetObject(kind, _cell(shape.data["Anchor"]), words)


def _kind(shape: _Shape, text: str) -> ObjectKind:
    if shape.kind == "Checkbox":
        return _TICKS.get(shape.data["Checked"], "unticked")
    if shape.kind == "Radio":
        return "chosen" if shape.data["Checked"] == "1" else "not_chosen"
    if shape.kind in _CONTROLS or shape.kind == _EMBEDDED:
        return "embedded" if shape.kind == _EMBEDDED else "control"
    if shape.id[:2] in _PAGE_PARTS and not shape.kind:
        return "page_picture"
    if text:
        return "text"
    return "picture" if shape.data["image"] else "shape"


def _cell(anchor: str) -> str:
    """Return the cell of an anchor: column, offset, row, offset, then the same of the other end."""
    numbers = [number.strip() for number in anchor.split(",")]
    if len(numbers) < 3 or not (numbers[0].isdecimal() and numbers[2].isdecimal()):
        return ""
    return cell_name(int(numbers[2]) + 1, int(numbers[0]) + 1)
