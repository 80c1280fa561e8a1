"""Join the parts of a long report to one PDF, with their tags, links and page numbers.

The first part has an empty page for each page of the later parts, so that its list of contents and
its bookmarks lead to the right pages. Start with `join`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pikepdf import Object, Page, Pdf

_TABLE_CELLS = ("/TH", "/TD")
_ABOVE_PLACE = 10.0  # points that are shown above the place that a link leads to


@dataclass(frozen=True, slots=True)
class PagePlace:
    """A place on a page. Pages count from 1; `x` and `y` are points from the upper left corner."""

    page: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PrintedPart:
    """A part as PDF, with the number of its pages, and what links lead to on them."""

    content: bytes
    pages: int
    anchors: Mapping[str, PagePlace]


def join(parts: Sequence[PrintedPart], running: bytes, on_page: str) -> bytes:
    """Return one PDF of all parts.

    After its own pages the first part has an empty one for each page of the others, to which its
    bookmarks lead. `running` has the header and the footer of each page. A link between parts has
    "#" and an anchor as address; `on_page` describes it for readers who cannot see it, such as
    "side {page}".
    """
    import pikepdf

    first, *later = parts
    with (
        pikepdf.open(io.BytesIO(first.content)) as pdf,
        pikepdf.open(io.BytesIO(running)) as frames,
    ):
        empty = [page.obj for page in pdf.pages]
        starts = [*accumulate((part.pages for part in parts), initial=0)]
        for number, (part, start) in enumerate(zip(later, starts[1:], strict=False), 1):
            _add_part(pdf, part, start, number)
        _sort_ids(pdf.Root.StructTreeRoot)
        pages = {old.objgen: page.obj for old, page in zip(empty, pdf.pages, strict=True)}
        for destination in _destinations(pdf):  # some have it in common
            destination[0] = pages.get(destination[0].objgen, destination[0])
        places = {
            anchor: replace(place, page=start + place.page)
            for part, start in zip(parts, starts, strict=False)
            for anchor, place in part.anchors.items()
        }
        _set_links(pdf, places, on_page)
        for page, frame in zip(pdf.pages, frames.pages, strict=True):
            _add_frame(page, pdf.copy_foreign(frame.as_form_xobject()))
        target = io.BytesIO()
        compressed = pikepdf.ObjectStreamMode.generate
        pdf.save(target, deterministic_id=True, object_stream_mode=compressed)
        return target.getvalue()


def _add_part(pdf: Pdf, part: PrintedPart, start: int, number: int) -> None:
    """Put the pages of a part in place of the empty ones, and its tags after those before it.

    The part is not closed, because its pages are read when all is saved; its tags need memory no
    longer than here.
    """
    import pikepdf

    tags = pdf.Root.StructTreeRoot
    source = pikepdf.open(io.BytesIO(part.content))
    _rename_table_heads(source, number)
    _shift_parents(source, int(tags.ParentTreeNextKey))
    for n, page in enumerate(source.pages, start):
        pdf.pages[n] = page
    _add_tags(tags, pdf.copy_foreign(source.make_indirect(source.Root.StructTreeRoot)))


def _add_frame(page: Page, frame: Object) -> None:
    """Draw the header and the footer of a page after its own content."""
    import pikepdf

    name = pikepdf.Name("/Running")  # `add_overlay` would make up a name, another one each time
    page.add_resource(frame, pikepdf.Name.XObject, name)
    page.contents_add(b"q", prepend=True)
    page.contents_add(f"Q {name} Do".encode())


def _rename_table_heads(source: Pdf, number: int) -> None:
    """Give the table heads of a part ids that no other part has."""
    import pikepdf

    def renamed(name: object) -> pikepdf.String:
        return pikepdf.String(f"{number}-{name}")

    for element in source.objects:
        if not isinstance(element, pikepdf.Dictionary) or element.get("/S") not in _TABLE_CELLS:
            continue
        if "/ID" in element:
            element.ID = renamed(element.ID)
        for attributes in element.get("/A", ()):
            if "/Headers" in attributes:
                attributes.Headers = pikepdf.Array(map(renamed, attributes.Headers))
    names = _id_list(source.Root.StructTreeRoot)
    for n in range(0, len(names), 2):
        names[n] = renamed(names[n])


def _shift_parents(source: Pdf, by: int) -> None:
    """Add to all numbers by which pages and links find their elements in the tag tree."""
    for page in source.pages:
        page.obj.StructParents = int(page.obj.StructParents) + by
        for link in page.obj.get("/Annots", ()):
            link.StructParent = int(link.StructParent) + by
    tags = source.Root.StructTreeRoot
    tags.ParentTreeNextKey = int(tags.ParentTreeNextKey) + by
    numbers = tags.ParentTree.Nums
    for n in range(0, len(numbers), 2):
        numbers[n] = int(numbers[n]) + by


def _add_tags(tags: Object, later: Object) -> None:
    """Add the tags of a later part to those before it. Its title stands in the first part."""
    document = tags.K[0]
    for element in later.K[0].K:
        if element.S != "/H1":
            element.P = document
            document.K.append(element)
    tags.ParentTree.Nums.extend(later.ParentTree.Nums)
    tags.ParentTreeNextKey = later.ParentTreeNextKey
    _id_list(tags).extend(_id_list(later))


def _id_list(tags: Object) -> Object:
    """Return the ids of elements, each with its element after it."""
    import pikepdf

    if "/IDTree" not in tags:
        tags.IDTree = pikepdf.Dictionary(Names=pikepdf.Array())
    return tags.IDTree.Names


def _sort_ids(tags: Object) -> None:
    """Sort the ids of elements, as readers expect them."""
    import pikepdf

    names = [*_id_list(tags)]
    pairs = sorted(zip(names[::2], names[1::2], strict=True), key=lambda pair: bytes(pair[0]))
    tags.IDTree.Names = pikepdf.Array(part for pair in pairs for part in pair)


def _destinations(pdf: Pdf) -> Iterator[Object]:
    """Yield where bookmarks, named places and links lead to: a page, and a place on it."""
    import pikepdf

    yield from _bookmarks(pdf.Root.Outlines)
    if "/Names" in pdf.Root:
        yield from list(pdf.Root.Names.Dests.Names)[1::2]
    for page in pdf.pages:
        for link in page.obj.get("/Annots", ()):
            if "/Dest" in link and not isinstance(link.Dest, pikepdf.String):
                yield link.Dest


def _bookmarks(above: Object) -> Iterator[Object]:
    """Yield the destinations of the bookmarks below another, and of those below them."""
    bookmark = above.get("/First")
    while bookmark is not None:
        yield bookmark.Dest
        yield from _bookmarks(bookmark)
        bookmark = bookmark.get("/Next")


def _set_links(pdf: Pdf, places: Mapping[str, PagePlace], on_page: str) -> None:
    """Let the links of later parts lead to their places."""
    import pikepdf

    for page in pdf.pages:
        for link in page.obj.get("/Annots", ()):
            address = bytes(link.A.URI).decode() if "/A" in link else ""  # as Typst writes it
            if not address.startswith("#"):
                continue
            place = places[address.removeprefix("#")]
            target = pdf.pages[place.page - 1]
            top = float(target.mediabox[3]) - max(place.y - _ABOVE_PLACE, 0)
            link.Dest = pikepdf.Array([target.obj, pikepdf.Name.XYZ, place.x, top, 0])
            link.Contents = pikepdf.String(on_page.format(page=place.page))
            del link.A
