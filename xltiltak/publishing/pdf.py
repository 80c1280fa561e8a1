"""Render a document as PDF with Typst: PDF/UA-1 and PDF/A-2a in one file.

`report.typ` is the layout of the pages, `pdf_data` makes its data. Typst needs more than 300 MiB
for 1,000 measures that it lays out together, so a long report is laid out in parts, which
`pdf_join` joins. Start with `render`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from xltiltak.publishing import published_text
from xltiltak.publishing.document import CardBlock, Document, Section, Table, children
from xltiltak.publishing.pdf_data import (
    TOP_MARGIN,
    PageFormat,
    Part,
    PartKind,
    StandIn,
    head_column,
    headings,
    layout_data,
    page_format,
)
from xltiltak.publishing.pdf_join import PagePlace, PrintedPart, join

MOST_ROWS = 600  # rows of tables and cards that are laid out together, if chapters can be divided
_LEAST_OF_LAST_PAGE = 0.2  # a part whose last page has less on it gets the next chapter as well
_LAYOUT = Path(__file__).with_name("report.typ")
_STANDARDS = ["ua-1", "a-2a"]
_TIMESTAMP = datetime(1980, 1, 1, tzinfo=UTC)  # a PDF must have a time; no clock is read
_MOST_TRIES = 3  # to find page numbers that fit in the lines where they stand
_LOGO_PPI = 400  # for a logo 16 mm high
_RUNS_UNTIL_FORGOTTEN = 11  # Typst keeps what it has laid out for ten more runs
# A cell below one column head, in the tag tree as Typst writes it.
_DATA_CELL = re.compile(
    rb"/S/TD(?P<parent>/P \d+ 0 R/A\[<<)/O/Table/Headers\[\(U(?P<table>\d+)x(?P<column>\d+)y0\)\]"
)


def render(document: Document, most_rows: int = MOST_ROWS) -> bytes:
    """Return a PDF. Characters that no font has become a box; `published_text` reports them.

    Chapters with more rows than `most_rows` together are laid out in several parts, each of which
    begins on a new page.
    """
    page = page_format(document)
    if _row_count((document.news, document.sections)) <= most_rows:
        return _Layout(page, Part(document.sections)).print()
    return _render_in_parts(page, most_rows)


def _render_in_parts(page: PageFormat, most_rows: int) -> bytes:
    """Return a PDF that is laid out in parts.

    The first part has what stands before the chapters, with a list of contents and links, which
    need the pages of all parts. So it is laid out twice: first without them, to know which
    chapters it has room for.
    """
    sections = page.document.sections
    end, first = _fill(page, 0, most_rows - _row_count(page.document.news), "first")
    if end == len(sections):
        return _Layout(page, Part(sections)).print()
    later: list[_LaidOut] = []
    while end < len(sections):
        end, layout = _fill(page, end, most_rows, "later")
        later.append(layout.laid_out())
    front = _first_part(page, first, later)
    parts = [front, *later]
    running = _Layout(page, Part(kind="running", titles=_titles(parts))).print()
    return join(parts, running, published_text.printable(page.document.labels.on_page))


def _fill(page: PageFormat, start: int, most_rows: int, kind: PartKind) -> tuple[int, _Layout]:
    """Return the number of the section after a part, and the part with the sections before it.

    The part has so many rows or a little more, so that its last page is not nearly empty.
    """
    sections = page.document.sections
    end = start if kind == "first" else start + 1
    while end < len(sections) and _row_count(sections[start : end + 1]) <= most_rows:
        end += 1
    while True:
        later = headings(sections[end:]) if kind == "first" else ()
        unplaced = tuple(StandIn(0, 0, section, depth) for depth, section in later)
        layout = _Layout(page, Part(sections[start:end], kind, (unplaced,) if unplaced else ()))
        if end == len(sections) or layout.filled >= _LEAST_OF_LAST_PAGE:
            return end, layout
        end += 1


def _first_part(page: PageFormat, first: _Layout, later: Sequence[_LaidOut]) -> _LaidOut:
    """Return the first part with the places of all headings and anchors of the later ones."""
    stand_ins = tuple(part_page for part in later for part_page in _stand_ins(part))
    pages, anchors = first.end.page, first.anchors
    for _ in range(_MOST_TRIES):
        numbers = {anchor: place.page for anchor, place in anchors.items()}
        start = pages
        for part in later:
            numbers |= {anchor: start + place.page for anchor, place in part.anchors.items()}
            start += part.pages
        layout = _Layout(page, replace(first.part, later_pages=stand_ins, page_numbers=numbers))
        if layout.end.page == pages:  # else the numbers have moved a line to another page
            break
        pages, anchors = layout.end.page, layout.anchors
    return layout.laid_out()


def _stand_ins(part: _LaidOut) -> Iterator[tuple[StandIn, ...]]:
    """Yield for each page of a part what stands for its headings in the first part."""
    for page in range(1, part.pages + 1):
        here = (heading for heading in part.headings if heading.place.page == page)
        yield tuple(StandIn(it.place.x, it.place.y, it.section, it.depth) for it in here)


def _titles(parts: Sequence[_LaidOut]) -> tuple[str, ...]:
    """Return what the header of each page names: the last chapter; nothing on the first page."""
    titles = [""]
    for part in parts:
        for page in range(1, part.pages + 1):
            begun = [
                heading.section.title
                for heading in part.headings
                if heading.section.chapter and heading.place.page <= page
            ]
            titles.append(begun[-1] if begun else titles[-1])
    return ("", *titles[2:])


@dataclass(frozen=True, slots=True)
class _Heading:
    """A heading in a part, with its level in the document and its place."""

    depth: int
    section: Section
    place: PagePlace


@dataclass(frozen=True, slots=True)
class _LaidOut(PrintedPart):
    """A part as PDF, with its headings."""

    headings: tuple[_Heading, ...]


class _Layout:
    """A part of a document on its pages, as Typst lays it out."""

    def __init__(self, page: PageFormat, part: Part) -> None:
        """Prepare the layout of a part."""
        import typst

        if part.kind != "whole":
            _forget_layouts()
        style = page.document.style
        data = layout_data(page, part)
        is_first = part.kind in ("whole", "first")
        self.part = part
        self._front = page.document.front if is_first else ()
        self._sections = (*(page.document.news if is_first else ()), *part.sections)
        self._height = page.height
        self._anchors: list[str] = data["anchors"]
        self._compiler: Any = typst.Compiler(
            input=str(_LAYOUT),
            font_paths=_fonts(system_fonts=bool(style.font or style.heading_font)),
            sys_inputs={"document": json.dumps(data, ensure_ascii=False)},
        )

    @cached_property
    def _places(self) -> dict[str, Any]:
        places: dict[str, Any] = json.loads(
            self._compiler.query("<places>", field="value", one=True)
        )
        return places

    @property
    def end(self) -> PagePlace:
        """The place where the text of the part ends."""
        return PagePlace(**self._places["end"])

    @property
    def filled(self) -> float:
        """How much of the part's last page is filled, from 0 to 1."""
        return (self.end.y - TOP_MARGIN) / self._height

    @property
    def anchors(self) -> dict[str, PagePlace]:
        """The places of the part that links of the document lead to, by their anchors."""
        places = (PagePlace(**place) for place in self._places["anchors"])
        return dict(zip(self._anchors, places, strict=True))

    def print(self) -> bytes:
        """Return the pages as PDF."""
        content: bytes = self._compiler.compile(
            format="pdf", pdf_standards=_STANDARDS, timestamp=_TIMESTAMP
        )
        return _with_row_headers(
            content, [head_column(table) for table in _tables((self._front, self._sections))]
        )

    def laid_out(self) -> _LaidOut:
        """Return the pages as PDF, with the places on them."""
        places = (PagePlace(**place) for place in self._places["headings"])
        # In the first part those of the later parts come after its own.
        found = zip(headings(self._sections), places, strict=False)
        titles = tuple(_Heading(depth, section, place) for (depth, section), place in found)
        return _LaidOut(self.print(), self.end.page, self.anchors, titles)


def _forget_layouts() -> None:
    """Make Typst forget what it has laid out, as it does after some more runs."""
    import typst

    compiler = typst.Compiler(input=b"")
    for _ in range(_RUNS_UNTIL_FORGOTTEN):
        compiler.compile(b"")


def _with_row_headers(content: bytes, heads: Sequence[int]) -> bytes:
    """Return a PDF in which the cells of the head column of each table are headers of their rows.

    `heads` has the number of this column in each table, in the order of the document. Typst marks
    the heads of columns only. What is written has the length of what it replaces, so that every
    offset in the file is still right.
    """

    def as_header(cell: re.Match[bytes]) -> bytes:
        if int(cell["column"]) != heads[int(cell["table"]) - 1]:
            return cell[0]
        header = b"/S/TH" + cell["parent"] + b"/O/Table/Scope/Row"
        return header.ljust(len(cell[0]))

    return _DATA_CELL.sub(as_header, content)


def _tables(part: object) -> Iterator[Table]:
    """Yield the tables in a part of a document, in order."""
    if isinstance(part, Table):
        yield part
    elif isinstance(part, Document | Section | tuple):
        for inner in children(part):
            yield from _tables(inner)


def _row_count(part: object) -> int:
    """Return the number of rows of the tables and cards in a part of a document."""
    if isinstance(part, Table | CardBlock):
        return len(part.rows)
    if isinstance(part, Section | tuple):
        return sum(map(_row_count, children(part)))
    return 0


def svgs_to_pngs(svgs: Sequence[str], ppi: float) -> list[bytes]:
    """Return drawings as PNG, with the fonts of the PDF."""
    source = b"""#set page(width: auto, height: auto, margin: 0pt)
#for svg in json(bytes(sys.inputs.svgs)) { page(image(bytes(svg), format: "svg")) }"""
    inputs = {"svgs": json.dumps([published_text.printable(svg) for svg in svgs])}
    pngs = _compiler().compile(source, format="png", ppi=ppi, sys_inputs=inputs)
    return [pngs] if isinstance(pngs, bytes) else [*pngs]


def can_show_logo(logo: bytes) -> bool:
    """Return True if a PDF can hold this picture."""
    import typst

    try:
        _logo_page(logo, format="pdf", pdf_standards=_STANDARDS, timestamp=_TIMESTAMP)
    except typst.TypstError:
        return False
    return True


def logo_to_png(logo: bytes) -> bytes:
    """Return a logo of any supported format as PNG, fine enough for print."""
    return _logo_page(logo, format="png", ppi=_LOGO_PPI)


def _logo_page(logo: bytes, **options: Any) -> bytes:
    """Return a page that holds only a logo, at the height it has in a report."""
    source = b"""#set page(width: auto, height: auto, margin: 0pt)
#set document(title: "Logo")
#image(bytes(json(bytes(sys.inputs.logo))), height: 16mm, alt: "Logo")"""
    inputs = {"logo": json.dumps([*logo])}
    content: bytes = _compiler().compile(source, sys_inputs=inputs, **options)
    return content


@cache
def _compiler() -> Any:
    """Return Typst with our fonts only."""
    import typst

    return typst.Compiler(font_paths=_fonts())


@cache
def _fonts(*, system_fonts: bool = False) -> Any:
    """Return our fonts; with those of the machine only if a style names a font."""
    import typst

    return typst.Fonts(
        include_system_fonts=system_fonts,
        include_embedded_fonts=False,
        font_paths=[str(published_text.FONT_FOLDER)],
    )
