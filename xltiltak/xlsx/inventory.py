"""Account for every part and relationship of a workbook: each is read, quoted, counted or named.

The walk begins at the root and follows all relationships. What is in the cells is read elsewhere.
What stands beside the cells becomes a `SheetObject`. The lists below say which parts show nothing
on a sheet; a part or relationship of any other type is told by its name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, TypeVar

from xltiltak.model.errors import DamagedWorkbook
from xltiltak.xlsx.markup import element_attributes
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.parts import Relationship, has_relationships, part_relationships
from xltiltak.xlsx.sheet_objects import CONTROLS, ObjectKind, SheetObject

# Types of relationships, as the end of their names in lower case. Their parts show nothing that is
# not in the cells too …
_SILENT = frozenset(
    (
        # properties of the file, labels of secrecy, signatures, and data that programs keep
        *("core-properties", "extended-properties", "custom-properties", "thumbnail"),
        *("classificationlabels", "origin", "signature", "certificate"),
        *("customxml", "customxmlprops", "customproperty", "xmlmaps", "person", "documenttasks"),
        *("usernames", "revisionheaders", "revisionlog", "revision"),
        # how the program looks and prints
        *("theme", "themeoverride", "printersettings", "extensibility", "ui", "taskpanes"),
        *("webextensiontaskpanes", "webextension", "chartstyle", "chartcolorstyle"),
        *("diagramlayout", "diagramquickstyle", "diagramcolors", "diagramdrawing"),
        # the order of calculation, and values that are shown in cells
        *("calcchain", "volatiledependencies", "sheetmetadata", "table", "tablesinglecells"),
        *("querytable", "pivottable", "pivotcachedefinition", "pivotcacherecords"),
        *(
            "rdrichvalue",
            "rdrichvaluestructure",
            "rdrichvaluetypes",
            "rdarray",
            "rdrichvaluewebimage",
        ),
        *("rdsupportingpropertybag", "rdsupportingpropertybagstructure", "richstyles"),
        *(
            "richvaluerel",
            "cellimage",
            "featurepropertybag",
            "namedsheetview",
            "threadedcommentmetadata",
        ),
        # filters, which are drawn: the drawing has their names
        *("slicer", "slicercache", "timeline", "timelinecache"),
    )
)
_READ = frozenset(("officedocument", "sharedstrings", "styles"))  # … are read for the cells
_CHART_SHEETS = frozenset(("chartsheet", "dialogsheet", "xlmacrosheet", "xlintlmacrosheet"))
_SHEETS = _CHART_SHEETS | {"worksheet"}
_EMBEDDED = frozenset(("oleobject", "package", "control"))
_MEDIA: dict[str, ObjectKind] = {"audio": "media", "video": "media", "media": "media"}
_MEDIA |= {"model3d": "model", "ink": "ink"}
# Names of parts that a file may hold although nothing refers to them.
_NAMES = re.compile(
    r"\[content_types\]\.xml|.*/|(?:.*/)?_rels/.*\.rels|docprops/.*|docmetadata/.*|customxml/.*"
    r"|xl/(?:theme/.*|calcchain\.xml|metadata\.xml|printersettings/.*|styles\.xml)"
    r"|(?:.*/)?(?:\.ds_store|thumbs\.db)|__macosx/.*"
)
_BACKGROUND = re.compile(rb"<(?:\w+:)?picture\s")
_FIRST = ("vmldrawing", "threadedcomment")
_ORDER = {"comment": 0, "text": 1}  # comments first, then texts, then all other things
T = TypeVar("T")


class _Link(NamedTuple):
    """A relationship. `kind` is the end of its type in lower case, `target` a part or address."""

    id: str
    kind: str
    target: str
    is_external: bool


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a workbook holds besides cells.

    `by_sheet` has the things on each sheet by the sheet's part; those of no sheet stand under "".
    `chart_sheets` are the names and parts of the sheets that have no cells.
    """

    chart_sheets: tuple[tuple[str, str], ...] = ()
    by_sheet: Mapping[str, tuple[SheetObject, ...]] = field(default_factory=dict)

    def on(self, part: str) -> tuple[SheetObject, ...]:
        """Return the things on the sheet of a part."""
        return self.by_sheet.get(part, ())

    def beside_worksheets(self) -> Iterator[tuple[str, SheetObject]]:
        """Yield each thing that is on no worksheet, with the name of its sheet; "" without one."""
        for name, part in (("", ""), *self.chart_sheets):
            for thing in self.on(part):
                yield name, thing


def take_inventory(package: Package) -> Inventory:
    """Return what a workbook holds besides cells. Raises WorkbookError."""
    return _Walk(package).inventory()


class _Walk:
    """The way from the root along all relationships; each part is visited once."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.chart_sheets: list[tuple[str, str]] = []
        self.found: dict[str, list[SheetObject]] = defaultdict(list)
        self.reached: set[str] = set()
        self.active = tuple(package.active_parts)  # told as active content
        self.twins: set[str] = set()  # ids of the VML shapes on the sheet, and words of controls
        self.threads: set[str] = set()  # cells of the sheet with threads
        self.readers: dict[str, Callable[[_Link, str, str], None]] = {
            "comments": self._comments,
            "threadedcomment": self._comments,
            "drawing": self._drawing,
            "chartusershapes": self._drawing,
            "vmldrawing": self._vml,
            "chart": self._chart,
            "chartex": self._chart,
            "diagramdata": self._diagram,
        }

    def inventory(self) -> Inventory:
        """Walk, then add the parts that were not reached."""
        for link in self._links(""):
            self._root(link)
        for name in self.package.names():
            is_known = name in self.reached or name.startswith(self.active)
            if not is_known and not _NAMES.fullmatch(name):
                self._add("", "unreached", text=name)
        by_sheet = {part: tuple(_in_order(things)) for part, things in self.found.items()}
        return Inventory(tuple(self.chart_sheets), by_sheet)

    def _root(self, link: _Link) -> None:
        if link.kind != "officedocument":
            self._follow(link, "", "")
            return
        self.reached.add(link.target.lower())
        links = self._links(link.target)
        others = {one.id: one.target for one in links if one.kind in _CHART_SHEETS}
        if others:
            self.chart_sheets += self._named(link.target, others)
        for one in links:
            if one.kind in _SHEETS and not one.is_external:
                self._sheet(one)
            else:
                self._follow(one, "", "")

    def _named(self, book: str, parts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Yield the names of sheets with their parts, which are given by relationship."""
        for entry in element_attributes(self.package.read(book), "sheet"):
            ids = (value for key, value in entry.items() if key.endswith(":id"))
            if part := parts.get(next(ids, "")):
                yield entry.get("name", ""), part

    def _sheet(self, link: _Link) -> None:
        """Visit a sheet. Two kinds of parts come first, because others repeat them."""
        part = link.target
        self.reached.add(part.lower())
        self.twins, self.threads = set(), set()
        links = self._links(part)
        for one in sorted(links, key=lambda one: one.kind not in _FIRST):
            if one.kind == "image":
                self._sheet_image(one, part)
            elif one.kind == "ctrlprop" or one.kind in _EMBEDDED:
                self.reached.add(one.target.lower())
            elif one.kind != "hyperlink":  # the reader of the cells has the links of cells
                self._follow(one, part, "")
        self._add_unplaced(links, part)

    def _sheet_image(self, link: _Link, part: str) -> None:
        """Count a background picture; other images of a sheet show embedded objects."""
        self.reached.add(link.target.lower())
        if _BACKGROUND.search(self.package.read(part)):
            self._add(part, "background")

    def _add_unplaced(self, links: Sequence[_Link], part: str) -> None:
        """Add controls and embedded objects without a shape that says where they are."""
        kinds = [thing.kind for thing in self.found[part]]
        embedded = [link for link in links if link.kind in _EMBEDDED]
        for link in embedded[kinds.count("embedded") :]:
            self._add(part, "embedded", text=link.target.rpartition("/")[2])
        if CONTROLS.isdisjoint(kinds):
            for link in links:
                if link.kind == "ctrlprop" and link.target in self.package:
                    self._control(link, part)

    def _control(self, link: _Link, part: str) -> None:
        for found in self._read(link, part, _control_properties) or ():
            kind = found.get("objectType", "")
            state = found.get("checked", "")
            if kind == "CheckBox":
                ticks: dict[str, ObjectKind] = {"Checked": "ticked", "Mixed": "half_ticked"}
                self._add(part, ticks.get(state, "unticked"))
            elif kind == "Radio":
                self._add(part, "chosen" if state == "Checked" else "not_chosen")
            else:
                self._add(part, "control", text=kind)

    # Relationships

    def _links(self, source: str) -> tuple[_Link, ...]:
        """Return the relationships of a part."""
        if source and not has_relationships(self.package, source):
            return ()
        return _as_links(tuple(part_relationships(self.package, source).items()))

    def _follow(self, link: _Link, sheet: str, cell: str) -> None:
        """Account for a relationship and its part."""
        if link.is_external:
            self._external(link, sheet, cell)
        elif link.target.lower().startswith(self.active) or link.kind in _SILENT | _READ:
            self._reach_all(link.target)
        elif link.target not in self.package:
            self._add(sheet, "missing", cell, link.target)
        elif link.target.lower() not in self.reached:
            self._visit(link, sheet, cell)

    def _external(self, link: _Link, sheet: str, cell: str) -> None:
        if link.kind not in _SILENT and not link.kind.startswith("externallink"):
            self._add(sheet, "link", cell, link.target)

    def _visit(self, link: _Link, sheet: str, cell: str) -> None:
        """Visit a part for the first time."""
        self.reached.add(link.target.lower())
        if link.kind in self.readers:
            self.readers[link.kind](link, sheet, cell)
        elif link.kind in _MEDIA:
            self._add(sheet, _MEDIA[link.kind], cell)
        elif link.kind == "image":
            self._add(sheet, "picture", cell)
        elif link.kind in _EMBEDDED:
            self._add(sheet, "embedded", cell, link.target.rpartition("/")[2])
        else:
            self._add(sheet, "unknown", cell, link.target)
            self._reach_all(link.target)

    def _reach_all(self, part: str) -> None:
        """Mark a part and all that only it needs."""
        self.reached.add(part.lower())
        if part in self.package:
            for link in self._links(part):
                if not link.is_external and link.target.lower() not in self.reached:
                    self._reach_all(link.target)

    # Parts

    def _add(self, sheet: str, kind: ObjectKind, cell: str = "", text: str = "") -> None:
        self.found[sheet].append(SheetObject(kind, cell, text))

    def _read(self, link: _Link, sheet: str, read: Callable[[bytes], T]) -> T | None:
        """Return what a part says; a part that is not XML is told, and the answers still count.

        Excel offers to repair such a workbook, and shows it without the part.
        """
        part = self.package.read(link.target)  # a wrong checksum makes the whole file unreadable
        try:
            return read(part)
        except DamagedWorkbook:
            self._add(sheet, "unreadable", text=link.target)
            return None

    def _comments(self, link: _Link, sheet: str, _: str) -> None:
        """Add comments; Excel adds one to each thread for older programs, which is left out."""
        from xltiltak.xlsx.comments import read_comments

        is_thread = link.kind == "threadedcomment"
        comments = self._read(link, sheet, lambda part: read_comments(part, is_thread=is_thread))
        if is_thread:
            self.threads |= {comment.cell for comment in comments or ()}
            self.found[sheet] += comments or ()
        else:
            new = [one for one in comments or () if one.cell not in self.threads]
            self.found[sheet] += new

    def _vml(self, link: _Link, sheet: str, _: str) -> None:
        from xltiltak.xlsx.vml import read_vml

        drawing = self._read(link, sheet, read_vml)
        if drawing:
            controls = {one.text for one in drawing.objects if one.kind in CONTROLS and one.text}
            self.twins |= drawing.ids | controls
            self.found[sheet] += drawing.objects
        self._reach_all(link.target)  # its pictures are in its shapes

    def _drawing(self, link: _Link, sheet: str, cell: str) -> None:
        from xltiltak.xlsx.drawings import Drawing

        drawing = self._read(link, sheet, lambda part: Drawing(part, cell))
        if drawing is None:
            self._reach_all(link.target)
            return
        links = self._links(link.target)
        framed = {
            one.id for one in links if one.kind in self.readers and one.target in self.package
        }
        for drawn in drawing.drawn:
            thing = drawn.sheet_object()
            is_twin = bool({drawn.twin, thing.text} & self.twins)  # LibreOffice gives no id
            if not is_twin and framed.isdisjoint(drawn.ids):
                self.found[sheet].append(thing)
            elif not is_twin and drawn.alt:
                self._add(sheet, "text", drawn.cell, drawn.alt)
        for one in links:
            if one.kind == "image" and one.id in drawing.ids:
                self.reached.add(one.target.lower())  # counted where it is drawn
            else:
                self._follow(one, sheet, drawing.place_of(one.id) or cell)

    def _chart(self, link: _Link, sheet: str, cell: str) -> None:
        from xltiltak.xlsx.drawings import chart_text

        text = self._read(link, sheet, chart_text)
        if text is not None:
            self._add(sheet, "chart", cell, text)
        self._follow_all(link, sheet, cell)

    def _diagram(self, link: _Link, sheet: str, cell: str) -> None:
        from xltiltak.xlsx.drawings import diagram_text

        text = self._read(link, sheet, diagram_text)
        if text is not None:
            self._add(sheet, "diagram", cell, text)
        self._follow_all(link, sheet, cell)

    def _follow_all(self, link: _Link, sheet: str, cell: str) -> None:
        for one in self._links(link.target):
            self._follow(one, sheet, cell)


@lru_cache(maxsize=64)  # many workbooks have the same relationships
def _as_links(entries: tuple[tuple[str, Relationship], ...]) -> tuple[_Link, ...]:
    found = []
    for id_, one in entries:
        kind = one.kind.rstrip("/").rpartition("/")[2].lower()
        is_outside = one.is_external or kind == "hyperlink"
        found.append(_Link(id_, kind, one.target if is_outside else one.part, is_outside))
    return tuple(found)


def _control_properties(part: bytes) -> list[dict[str, str]]:
    return element_attributes(part, "formControlPr")


def _in_order(things: list[SheetObject]) -> list[SheetObject]:
    return sorted(things, key=lambda thing: _ORDER.get(thing.kind, 2))
