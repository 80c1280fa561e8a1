"""The pages of a document in Word: what stands in each section, and the lists of what stands where."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING, Any

from xltiltak.model.language import translate
from xltiltak.publishing import docx_markup, drawing, paged, pdf
from xltiltak.publishing.document import (
    Block,
    BulletList,
    CardBlock,
    Chart,
    Document,
    FactList,
    Legend,
    Paragraphs,
    Section,
    Table,
)

if TYPE_CHECKING:
    from docx.document import Document as File
    from docx.section import Section as FileSection

_TWIP = 635  # EMU in a twentieth of a point
_LABEL = 1900  # twentieths of a point for a card's labels
_LOGO = 45 * 20 * _TWIP
_PPI, _LINES = 190, 0.5  # of a chart; how much of the width lines take
_LISTED = 40  # entries of the contents before its finest levels are left out
_DEEPEST = 9  # levels of headings that Word knows


@dataclass
class Pages:
    """A file while it is written: what stands in it, and the places that its lists lead to."""

    file: File
    document: Document
    own: bool
    listed: dict[str, list[tuple[int, str, int]]] = field(default_factory=lambda: defaultdict(list))
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    lists_at: Any = None

    @cached_property
    def shapes(self) -> Iterator[int]:
        """Numbers for pictures, after those that a letterhead has."""
        return count(self.file.part.next_id)

    @property
    def look(self) -> docx_markup.Look:
        """The colours of tables."""
        return docx_markup.Look(
            self.document.style.accent.lstrip("#"), self.document.style.head.lstrip("#")
        )

    def named(self, style: str) -> str:
        """The id of a style, which is another in every language of Word."""
        return str(self.file.styles[style].style_id)

    @cached_property
    def across(self) -> int:
        """Twentieths of a point between the margins, once the pages lie as they shall; all sections are alike."""
        last = self.file.sections[-1]
        return (
            int((last.page_width or 0) - (last.left_margin or 0) - (last.right_margin or 0))
            // _TWIP
        )

    def front(self) -> None:
        """The title and what stands below it; the lists of contents come there when all is written."""
        document = self.document
        first = self.file.sections[-1]
        _turn(first, lying=document.landscape)
        if self.own:
            self._running(first.header, self._head(""))
            self._running(first.footer, self._foot())
        if document.style.logo:
            self._logo()
        if document.organisation:
            self.put(
                docx_markup.paragraph(docx_markup.text(document.organisation), docx_markup.TEXT)
            )
        self.put(docx_markup.paragraph(docx_markup.text(document.title), self.named("Title")))
        if document.subtitle:
            self.put(
                docx_markup.paragraph(docx_markup.text(document.subtitle), self.named("Subtitle"))
            )
        for block in document.front:
            self.block(block, 1)
        self.lists_at = self.put(docx_markup.paragraph(""))
        self.put(docx_markup.paragraph("", "xltiltak-air"))  # may come to end the section

    def section(self, section: Section, level: int) -> None:
        """A heading with what stands below it; one with a page of its own is a section of the file."""
        alone = len(self.document.sections) == 1
        if section.page and level == 1 and not alone:
            self._new_section(section.title)
        self._heading(section.title, level)
        for block in section.blocks:
            self.block(block, level + 1)
        for part in section.sections:
            self.section(part, level + 1)

    def block(self, block: Block, level: int) -> None:
        """One block, by its kind."""
        match block:
            case Paragraphs() | BulletList():
                self.put(docx_markup.content(block, docx_markup.TEXT))
            case FactList():
                self.put(_facts(block))
            case Legend():
                words = docx_markup.text(f"{block.label}  ", bold=True) if block.label else ""
                self.put(docx_markup.paragraph(words + docx_markup.badges(block.marks), keep=True))
            case Table():
                self._caption(
                    "Table", translate("docx.table", self.document.label_language), block.caption
                )
                self.put(
                    docx_markup.table(block, self.across, self.look)
                    + docx_markup.paragraph("", "xltiltak-air")
                )
            case Chart():
                self._chart(block)
            case CardBlock():
                self._card(block, level)

    def put(self, markup: str) -> Any:
        """Markup at the end of the file; the last element of it."""
        return _before(self.file.element.body.sectPr, markup)

    def finish(self) -> None:
        """The lists of contents, of tables and of figures, where the front left room for them."""
        words = self.document.words
        depth = paged.contents(self.document.sections, _LISTED)[0] - 1
        headings = [entry for entry in self.listed["TOC"] if entry[0] <= depth]
        lists = [(words.contents, f'TOC \\o "1-{depth}" \\h \\z \\u', "toc {}", headings)]
        lists += [
            (words.tables, 'TOC \\h \\z \\c "Table"', "table of figures", self.listed["Table"])
        ]
        lists += [
            (words.figures, 'TOC \\h \\z \\c "Figure"', "table of figures", self.listed["Figure"])
        ]
        for title, code, style, found in lists:
            if found:
                heading = docx_markup.paragraph(
                    docx_markup.text(title), "xltiltak-contents", keep=True
                )
                entries = [
                    (self.named(style.format(level)), said, place) for level, said, place in found
                ]
                _before(self.lists_at, heading + docx_markup.listing(code, entries))
        self.lists_at.getparent().remove(self.lists_at)

    def _heading(self, title: str, level: int) -> None:
        number, level = next(self.numbers), min(level, _DEEPEST)
        self.listed["TOC"].append((level, title, number))
        self.put(
            docx_markup.paragraph(
                docx_markup.marked(number, docx_markup.text(title)), self.named(f"Heading {level}")
            )
        )

    def _caption(self, kind: str, label: str, words: str) -> None:
        """What a table or a figure is called, above it, with its number; `kind` is what Word counts."""
        place = next(self.numbers)
        known = self.listed[kind]
        known.append((1, f"{label} {len(known) + 1}: {words}", place))
        numbered = docx_markup.text(f"{label} ") + docx_markup.field(
            f"SEQ {kind} \\* ARABIC", str(len(known))
        )
        called = docx_markup.marked(place, numbered + docx_markup.text(f": {words}"))
        self.put(docx_markup.paragraph(called, self.named("Caption"), keep=True))

    def _chart(self, chart: Chart) -> None:
        share = _LINES if chart.kind == "lines" else 1.0
        across = self.across * share
        svg = drawing.draw(chart, self.document.label_language, int(across / 20 / paged.CHART))
        self._caption("Figure", translate("docx.figure", self.document.label_language), chart.title)
        self._picture(pdf.picture(svg, _PPI), chart.description, width=int(across * _TWIP))

    def _picture(
        self, png: bytes, told: str, *, width: int | None = None, height: int | None = None
    ) -> None:
        """A picture in a paragraph of its own, with its words."""
        from docx.oxml.shape import CT_Inline
        from docx.shared import Emu

        place, image = self.file.part.get_or_add_image(BytesIO(png))
        size = image.scaled_dimensions(
            Emu(width) if width else None, Emu(height) if height else None
        )
        inline = CT_Inline.new_pic_inline(next(self.shapes), place, image.filename, *size)
        inline.docPr.set("descr", docx_markup.clean(told))
        run = self.put(docx_markup.paragraph("<w:r/>")).r_lst[0]
        run.add_drawing(inline)

    def _logo(self) -> None:
        """The logo of a style; python-docx takes neither drawings nor every kind of JPEG."""
        from docx.image.exceptions import UnrecognizedImageError

        style = self.document.style
        told = style.logo_text or self.document.organisation
        try:
            self._picture(style.logo, told, height=_LOGO)
        except UnrecognizedImageError:
            self._picture(pdf.raster(style.logo), told, height=_LOGO)

    def _card(self, card: CardBlock, level: int) -> None:
        if card.title:
            self._heading(card.title, level)
        if card.marks:
            self.put(docx_markup.paragraph(docx_markup.badges(card.marks), keep=True))
        if card.rows:
            made = docx_markup.labelled(
                card.title or self.document.title, card.rows, self.across, _LABEL
            )
            self.put(made + docx_markup.paragraph("", "xltiltak-air"))

    def _new_section(self, title: str) -> None:
        """The pages of an area, with its name in their head; a letterhead of the town's own stays as it is."""
        from docx.enum.section import WD_SECTION

        made = self.file.add_section(WD_SECTION.NEW_PAGE)
        made.different_first_page_header_footer = False
        _joined(self.file.element.body)
        if self.own:
            self._running(made.header, self._head(title))

    def _head(self, right: str) -> str:
        """The head of a section's pages: what the report is called, and what the section is."""
        title = self.document.title if right else ""
        return _sides(title, docx_markup.text(right), self.across, self.named("Header"))

    def _foot(self) -> str:
        """The foot of all pages: whose report it is, and the number of the page."""
        page = re.split(r"(\{page\}|\{pages\})", self.document.words.page)
        codes = {
            "{page}": docx_markup.field("PAGE", "1"),
            "{pages}": docx_markup.field("NUMPAGES", "1"),
        }
        numbered = "".join(codes.get(part) or docx_markup.text(part) for part in page)
        return _sides(self.document.organisation, numbered, self.across, self.named("Footer"))

    def _running(self, part: Any, markup: str) -> None:
        """Put a line at the head or the foot of a section's pages."""
        part.is_linked_to_previous = False
        (old,) = part.paragraphs
        _before(old._p, markup)  # noqa: SLF001 - python-docx has no other way to the element
        old._p.getparent().remove(old._p)  # noqa: SLF001


def _before(place: Any, markup: str) -> Any:
    """Markup as elements before another; the last of them."""
    from docx.oxml import parse_xml

    made = list(parse_xml(f"<w:body {docx_markup.NAMESPACES}>{markup}</w:body>"))
    for element in made:
        place.addprevious(element)
    return made[-1]


def _joined(body: Any) -> None:
    """End a section in its last paragraph: one more, empty, could be all that stands on a page."""
    ending = body.sectPr.getprevious()
    before = ending.getprevious()
    if before.tag == ending.tag:
        before.get_or_add_pPr().append(ending.pPr.sectPr)
        body.remove(ending)


def _facts(facts: FactList) -> str:
    """Labels with their values on one line."""
    said = (
        docx_markup.text(f"{label}: ") + docx_markup.text(value, bold=True)
        for label, value in facts.items
    )
    return docx_markup.paragraph(docx_markup.text("  ·  ").join(said), keep=True)


def _sides(left: str, right: str, across: int, style: str) -> str:
    """A line of text at the left and runs at the right."""
    tabs = f'<w:tabs><w:tab w:val="right" w:pos="{across}"/></w:tabs>'
    return docx_markup.paragraph(
        docx_markup.text(left) + "<w:r><w:tab/></w:r>" + right, style, more=tabs
    )


def _turn(section: FileSection, *, lying: bool) -> None:
    """Lay the pages of a section down, or stand them up."""
    from docx.enum.section import WD_ORIENT

    wide, tall = section.page_width, section.page_height
    if wide and tall and (wide > tall) != lying:
        section.page_width, section.page_height = tall, wide
    section.orientation = WD_ORIENT.LANDSCAPE if lying else WD_ORIENT.PORTRAIT
