"""Render a document as a Word file: real headings, described tables, filled contents lists.

A letterhead, which is a Word template of the municipality, keeps its headers, footers, headings and
fonts. Start with `render`.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from io import BytesIO
from itertools import count, zip_longest
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from xltiltak.model.errors import PlanError
from xltiltak.model.language import translate
from xltiltak.publishing import docx_markup as markup
from xltiltak.publishing import drawing, pdf
from xltiltak.publishing.document import (
    SIGNS,
    Bars,
    Block,
    BulletList,
    CardBlock,
    Chart,
    Document,
    FactList,
    Lead,
    Legend,
    MeasureList,
    Paragraphs,
    Section,
    Table,
    links,
    texts,
)
from xltiltak.publishing.docx_pages import CELL, TEXT, PageCounter, drawing_height
from xltiltak.publishing.docx_styles import HEADING_LOOKS, add_styles
from xltiltak.publishing.pdf_data import MOST_LOOSE_ROWS, POINTS_PER_PIXEL, contents_depth

if TYPE_CHECKING:
    from docx.document import Document as WordFile
    from docx.section import Section as WordSection

# Other package parts, such as docProps/app.xml, name a company, a manager and the template's path.
_KEPT_RELATIONS = ("officeDocument", "core-properties")
_LONGEST_PROPERTY = 255  # characters
_TIMESTAMP = datetime(1980, 1, 1)  # noqa: DTZ001 - the earliest day of a zip file; no clock is read
_EMU = 635  # EMU in a twentieth of a point
_LABEL_WIDTH = 1900  # of a card's labels, in twentieths of a point
_LOGO_HEIGHT = 45 * 20 * _EMU
_CHART_PPI = 190
_WIDEST_CHART = 10_400  # of a line chart, in twentieths of a point
_CELL_PADDING = 240  # left and right of a cell, in twentieths of a point
_MOST_CONTENTS = 40  # entries of the contents list; the deepest levels that exceed it are left out
_CONTENTS_HEADING, _CONTENTS_LINE = 28.0, 11.5  # points of the lists of contents
_SHORT = 400  # characters; a longer introduction may be on the page before the bars below it
_HEADING_SPACE = {1: 22.0, 2: 16.0}  # points around a heading, by its level
_DEEPEST_HEADING = 9  # Word has no deeper level


def render(document: Document, letterhead: bytes = b"") -> bytes:
    """Return a Word file. `letterhead` is the content of a Word template, empty for none.

    Raises PlanError if the letterhead is not a Word file.
    """
    file = _open(letterhead)
    add_styles(file, document, own=not letterhead)
    _set_properties(file, document)
    writer = _WordWriter(file, document, own=not letterhead)
    writer.write_front()
    for section in document.news:
        writer.write_section(section, 1)
    writer.leave_place_for_contents()
    for section in document.sections:
        writer.write_section(section, 1)
    writer.write_contents_lists()
    return _to_bytes(file)


def _open(letterhead: bytes) -> WordFile:
    """Open a letterhead without the empty paragraphs at its end, or an empty file."""
    import docx
    from docx.opc.exceptions import OpcError

    try:
        file = docx.Document(BytesIO(letterhead)) if letterhead else docx.Document()
        # python-docx reads a file lazily: touch everything that the writer relies on.
        _ = file.sections[-1], file.styles["Normal"], file.paragraphs, file.core_properties.title
        if letterhead:
            file.save(BytesIO())  # parts that nobody reads can be damaged too
    except (
        OpcError,
        BadZipFile,
        zlib.error,
        ValueError,
        LookupError,
        SyntaxError,
        AttributeError,
        TypeError,
    ) as error:
        raise PlanError("no_letterhead") from error
    body = file.element.body
    for element in reversed(body.xpath("./w:p")):
        if len(element.xpath("./*[not(self::w:pPr)] | .//w:sectPr")):
            break
        body.remove(element)
    return file


def _set_properties(file: WordFile, document: Document) -> None:
    """Set the file's properties: no person, no clock, nothing about the origin of a letterhead."""
    relations = file.part.package.rels
    for name, relation in list(relations.items()):
        if relation.reltype.rpartition("/")[2] not in _KEPT_RELATIONS:
            del relations[name]
    properties = file.core_properties
    properties.title = markup.clean(document.title)[:_LONGEST_PROPERTY]
    properties.author = markup.clean(document.organisation)[:_LONGEST_PROPERTY]
    properties.subject = markup.clean(document.subtitle)[:_LONGEST_PROPERTY]
    properties.language = document.language
    properties.comments, properties.keywords = "", ""
    properties.category, properties.content_status = "", ""
    properties.identifier, properties.version = "", ""
    properties.last_modified_by, properties.revision = "", 1
    properties.created = properties.modified = _TIMESTAMP


def _to_bytes(file: WordFile) -> bytes:
    """Return the file with the same timestamp on every part."""
    saved, packed = BytesIO(), BytesIO()
    file.save(saved)
    with ZipFile(saved) as source, ZipFile(packed, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = ZipInfo(name, _TIMESTAMP.timetuple()[:6])
            part.compress_type = ZIP_DEFLATED
            target.writestr(part, source.read(name))
    return packed.getvalue()


@dataclass
class _WordWriter:
    """Writes a document at the end of a Word file.

    `own` is False for a letterhead. `listed` holds the entries of the contents lists ("TOC",
    "Table", "Figure"): level, text and number of a bookmark.
    """

    file: WordFile
    document: Document
    own: bool
    listed: dict[str, list[tuple[int, str, int]]] = field(default_factory=lambda: defaultdict(list))
    bookmarks: Iterator[int] = field(default_factory=lambda: count(1))
    language: str = ""  # of the section that is written, empty for that of the document
    contents_at: Any = None  # the paragraph before which the contents lists are inserted

    @cached_property
    def link_targets(self) -> dict[str, int]:
        """The anchors that links of the document lead to, each with the number of its bookmark."""
        targets = dict.fromkeys(link.target for link in links(self.document))
        return {target: next(self.bookmarks) for target in targets}

    @cached_property
    def picture_ids(self) -> Iterator[int]:
        """Ids for pictures, after those that a letterhead uses."""
        return count(self.file.part.next_id)

    @cached_property
    def width(self) -> int:
        """Twentieths of a point between the margins.

        Valid once the orientation is set; all sections have the same width.
        """
        last = self.file.sections[-1]
        margins = (last.left_margin or 0) + (last.right_margin or 0)
        return int((last.page_width or 0) - margins) // _EMU

    @cached_property
    def pages(self) -> PageCounter:
        """Where the pages of the file probably end. Valid once the orientation is set."""
        last = self.file.sections[-1]
        margins = (last.top_margin or 0) + (last.bottom_margin or 0)
        height = int((last.page_height or 0) - margins) / _EMU / 20
        return PageCounter(self.width / 20, height)

    def write_front(self) -> None:
        """Write the title and what is below it, and leave a place for the contents lists."""
        document = self.document
        section = self.file.sections[-1]
        _set_orientation(section, landscape=document.landscape)
        if self.own:
            self._set_header_or_footer(section.header, self._header_line())
            self._set_header_or_footer(section.footer, self._footer_line())
        if document.style.logo:
            self._write_logo()
        if document.organisation:
            self._append(markup.paragraph(markup.run(document.organisation)))
            self.pages.add_text(document.organisation, TEXT, 6)
        self._append(markup.paragraph(markup.run(document.title), self._style_id("Title")))
        self.pages.add_text(document.title, 22, 6)
        if document.subtitle:
            self.pages.add_text(document.subtitle, 11, 6)
            subtitle = markup.run(document.subtitle)
            self._append(markup.paragraph(subtitle, self._style_id("Subtitle")))
        for block in document.front:
            self._write_block(block, 1)

    def leave_place_for_contents(self) -> None:
        """Leave a place for the contents lists, which are written last."""
        self.contents_at = self._append(markup.paragraph(""))
        sections = (*self.document.news, *self.document.sections)
        entries = contents_depth(sections, _MOST_CONTENTS)[1]
        tables, charts = _count(self.document, Table), _count(self.document, Chart)
        for count_ in (entries, tables, charts):
            if count_:
                self.pages.add(_CONTENTS_HEADING, keep=True)
            for _ in range(count_):
                self.pages.add(_CONTENTS_LINE)

    def write_section(self, section: Section, level: int) -> None:
        """Write a heading with its blocks and subsections."""
        self.language = section.language or self.language
        sign = f"{SIGNS.get(section.sign, '')} ".lstrip()
        self._write_heading(f"{sign}{section.full_title}", level, section.anchor)
        for block, following in zip_longest(section.blocks, section.blocks[1:]):
            self._write_block(block, level + 1, before_bars=isinstance(following, Bars))
        for part in section.sections:
            self.write_section(part, level + 1)
        if level == 1:
            self.language = ""

    def write_contents_lists(self) -> None:
        """Insert the lists of contents, tables and figures after the front."""
        labels = self.document.labels
        sections = (*self.document.news, *self.document.sections)
        depth = contents_depth(sections, _MOST_CONTENTS)[0] - 1
        headings = [entry for entry in self.listed["TOC"] if entry[0] <= depth]
        figure_list = "table of figures"
        lists = [
            (labels.contents, f'TOC \\o "1-{depth}" \\h \\z \\u', "toc {}", headings),
            (labels.tables, 'TOC \\h \\z \\c "Table"', figure_list, self.listed["Table"]),
            (labels.figures, 'TOC \\h \\z \\c "Figure"', figure_list, self.listed["Figure"]),
        ]
        for title, code, style, found in lists:
            if not found:
                continue
            heading = markup.paragraph(markup.run(title), markup.CONTENTS_STYLE, keep=True)
            pages = self.pages.headings
            entries = [
                (self._style_id(style.format(level)), text, bookmark, pages[bookmark])
                for level, text, bookmark in found
            ]
            listed = markup.contents_list(code, entries, self.width)
            _insert_before(self.contents_at, heading + listed)
        self.contents_at.getparent().remove(self.contents_at)

    def _write_block(self, block: Block, level: int, *, before_bars: bool = False) -> None:
        match block:
            case Paragraphs() | BulletList() | Lead():
                is_short = sum(map(len, texts(block))) <= _SHORT
                self._write_text(block, keep=before_bars and is_short)
            case Bars():
                picture, height = self._pictures((block,), self.width)[block]
                self._append(markup.paragraph(picture, keep=True))
                self.pages.add(height + 6, keep=True)
            case MeasureList():
                self._append(_measure_list(block))
                self._count_measure_list(block)
            case FactList(facts):
                self._append(_facts(block))
                line = "  ·  ".join(f"{label}: {value}" for label, value in facts)
                self.pages.add_text(line, TEXT, 6, keep=True)
            case Legend():
                self._write_legend(block)
            case Table():
                self._write_table(block)
            case Chart():
                self._write_chart(block)
            case CardBlock():
                self._write_card(block, level)

    def _write_text(self, block: Paragraphs | BulletList | Lead, *, keep: bool) -> None:
        """Write a text. With `keep` it stays on the page of the next block."""
        if isinstance(block, Lead):
            style = markup.LEAD_STYLE if block.main else markup.TEXT_STYLE
            self._append(markup.lead(block.parts, style))
            text = "".join(part.text for part in block.parts)
            self.pages.add_text(text, 12.5 if block.main else TEXT, 6, keep=True)
            return
        self._append(markup.content_paragraphs(block, markup.TEXT_STYLE, keep=keep))
        for text in block.texts if isinstance(block, Paragraphs) else block.items:
            self.pages.add_text(text, TEXT, 6, keep=keep)

    def _write_legend(self, block: Legend) -> None:
        label = markup.run(f"{block.label}  ", bold=True) if block.label else ""
        self._append(markup.paragraph(label + markup.badges(block.steps), keep=True))
        words = "   ".join(f" {step.value} {step.word} " for step in block.steps)
        self.pages.add_text(f"{block.label}  {words}", TEXT, 6, keep=True)

    def _write_heading(self, title: str, level: int, anchor: str = "") -> None:
        number, level = next(self.bookmarks), min(level, _DEEPEST_HEADING)
        self.listed["TOC"].append((level, title, number))
        size, around = HEADING_LOOKS.get(level, HEADING_LOOKS[4])[0], _HEADING_SPACE.get(level, 12)
        self.pages.add_heading(number, title, size, around)
        runs = markup.bookmark(number, markup.run(title))
        heading = markup.paragraph(runs, self._style_id(f"Heading {level}"))
        if anchor in self.link_targets:
            heading = markup.anchor_bookmark(anchor, self.link_targets[anchor], heading)
        self._append(heading)

    def _write_table(self, table: Table) -> None:
        if not table.quiet:
            self._write_caption("Table", "docx.table", table.caption)
        head_fill = self.document.style.head.lstrip("#")
        spacer = markup.paragraph("", markup.SPACER_STYLE)
        shares = (
            (column.share, [row.cells[n] for row in table.rows if not row.heading])
            for n, column in enumerate(table.columns)
        )
        pictures: dict[Bars, tuple[str, float]] = {}
        for share, cells in shares:
            found = [cell for cell in cells if isinstance(cell, Bars)]
            if found:
                pictures = self._pictures(found, round(share * self.width) - _CELL_PADDING)
        drawn = {bars: run for bars, (run, _) in pictures.items()}
        content = markup.table(table, self.width, head_fill, self.link_targets, drawn)
        rows = ([c for c in row.cells if isinstance(c, Bars)] for row in table.rows)
        heights = [max((pictures[bars][1] for bars in found), default=0.0) for found in rows]
        self.pages.add_table(table, heights if pictures else ())
        self._append(content + spacer)

    def _write_chart(self, chart: Chart) -> None:
        width = min(self.width, _WIDEST_CHART)
        pixels = int(width / 20 / POINTS_PER_PIXEL)
        svg = drawing.draw_chart(chart, self.document.label_language, pixels)
        self._write_caption("Figure", "docx.figure", chart.title)
        (png,) = pdf.svgs_to_pngs([svg], _CHART_PPI)
        self._write_picture(png, chart.description, width=int(width * _EMU))
        self.pages.add(drawing_height(svg, width / 20) + 6)

    def _pictures(self, found: Sequence[Bars], width: int) -> dict[Bars, tuple[str, float]]:
        """Return bars of one width, in twentieths of a point, as runs with a picture.

        Each comes with the height of the picture in points.
        """
        pixels = width / 20 / POINTS_PER_PIXEL
        is_dense = len(found) > MOST_LOOSE_ROWS
        small = drawing.TINY if is_dense else drawing.SMALL
        sizes = {"words": drawing.LARGE, "dates": drawing.MEDIUM, "": small}
        svgs = [drawing.draw_bars(bars, pixels, sizes[bars.labels]) for bars in found]
        pngs = pdf.svgs_to_pngs(svgs, _CHART_PPI)
        return {
            bars: (
                self._picture_run(png, bars.text, width=width * _EMU),
                drawing_height(svg, width / 20),
            )
            for bars, png, svg in zip(found, pngs, svgs, strict=True)
        }

    def _count_measure_list(self, block: MeasureList) -> None:
        """Count the lines of a list of measures."""
        self.pages.add_text(block.title, TEXT, 6, keep=True)
        for item in block.items:
            moved = "  1 → 1   " if item.move else ""
            self.pages.add_text(f"{moved}{item.link.text}  {item.link.note}", CELL)
        self.pages.add(4 * 1.15 + 6)

    def _write_card(self, card: CardBlock, level: int) -> None:
        if card.title:
            self._write_heading(card.title, level, card.anchor)
        if card.steps:
            self._append(markup.paragraph(markup.badges(card.steps), keep=True))
            self.pages.add_text("x", TEXT, 6, keep=True)
        if card.rows:
            title = card.title or self.document.title
            table = markup.label_table(title, card.rows, self.width, _LABEL_WIDTH)
            self.pages.add_rows(card.rows, _LABEL_WIDTH / 20)
            self._append(table + markup.paragraph("", markup.SPACER_STYLE))

    def _write_caption(self, sequence: str, label_key: str, text: str) -> None:
        """Write a numbered caption. `sequence` is Word's name of the counter: "Table", "Figure"."""
        label = translate(label_key, self.document.label_language)
        bookmark = next(self.bookmarks)
        listed = self.listed[sequence]
        number = len(listed) + 1
        listed.append((1, f"{label} {number}: {text}", bookmark))
        self.pages.add_heading(bookmark, f"{label} {number}: {text}", 9, 9)
        counter = markup.field(f"SEQ {sequence} \\* ARABIC", str(number))
        runs = markup.run(f"{label} ") + counter + markup.run(f": {text}")
        caption = markup.bookmark(bookmark, runs)
        self._append(markup.paragraph(caption, self._style_id("Caption"), keep=True))

    def _write_picture(
        self, png: bytes, description: str, *, width: int | None = None, height: int | None = None
    ) -> None:
        """Write a picture in a paragraph of its own. Width and height are in EMU."""
        run = self._picture_run(png, description, width=width, height=height)
        self._append(markup.paragraph(run))

    def _picture_run(
        self, png: bytes, description: str, *, width: int | None = None, height: int | None = None
    ) -> str:
        """Return a picture as a run. Width and height are in EMU."""
        from docx.oxml.shape import CT_Inline
        from docx.shared import Emu

        relation, image = self.file.part.get_or_add_image(BytesIO(png))
        size = image.scaled_dimensions(
            Emu(width) if width else None, Emu(height) if height else None
        )
        inline = CT_Inline.new_pic_inline(next(self.picture_ids), relation, image.filename, *size)
        inline.docPr.set("descr", markup.clean(description))
        for side in "TBLR":  # LibreOffice takes a missing distance for an eighth of an inch
            inline.set(f"dist{side}", "0")
        return f"<w:r><w:drawing>{inline.xml}</w:drawing></w:r>"

    def _write_logo(self) -> None:
        """Write the logo; SVG files and some JPEG files, which python-docx cannot read, as PNG."""
        from docx.image.exceptions import UnrecognizedImageError

        style = self.document.style
        description = style.logo_text or self.document.organisation
        try:
            self._write_picture(style.logo, description, height=_LOGO_HEIGHT)
        except UnrecognizedImageError:
            self._write_picture(pdf.logo_to_png(style.logo), description, height=_LOGO_HEIGHT)

    def _header_line(self) -> str:
        """Return the page header: the title of the document, and of the chapter as a field."""
        chapter = markup.field('STYLEREF "Heading 1"', "")
        return self._split_line(self.document.title, chapter, "Header")

    def _footer_line(self) -> str:
        """Return the page footer: the organisation, and page number and count as fields."""
        parts = re.split(r"(\{page\}|\{pages\})", self.document.labels.page)
        fields = {"{page}": markup.field("PAGE", "1"), "{pages}": markup.field("NUMPAGES", "1")}
        page = "".join(fields.get(part) or markup.run(part) for part in parts)
        return self._split_line(self.document.organisation, page, "Footer")

    def _split_line(self, left: str, right_runs: str, style: str) -> str:
        """Return a paragraph with a text at the left and runs at the right margin."""
        tabs = f'<w:tabs><w:tab w:val="right" w:pos="{self.width}"/></w:tabs>'
        runs = f"{markup.run(left)}<w:r><w:tab/></w:r>{right_runs}"
        return markup.paragraph(runs, self._style_id(style), properties=tabs)

    def _set_header_or_footer(self, part: Any, paragraph: str) -> None:
        part.is_linked_to_previous = False
        root = part.part.element
        (old,) = root.xpath("./w:p")
        _insert_before(old, paragraph)
        root.remove(old)

    def _style_id(self, name: str) -> str:
        """Return the id of a style, which differs between the language versions of Word."""
        return str(self.file.styles[name].style_id)

    def _append(self, paragraphs: str) -> Any:
        """Append markup to the file; return its last element."""
        if self.language:
            paragraphs = markup.in_language(paragraphs, self.language)
        return _insert_before(self.file.element.body.sectPr, paragraphs)


def _insert_before(place: Any, paragraphs: str) -> Any:
    """Insert markup before an element; return the last inserted element."""
    from docx.oxml import parse_xml

    elements = list(parse_xml(f"<w:body {markup.NAMESPACES}>{paragraphs}</w:body>"))
    for element in elements:
        place.addprevious(element)
    return elements[-1]


def _count(document: Document, kind: type) -> int:
    """Return how many blocks of a kind the list of tables or of figures names."""

    def blocks(sections: Sequence[Section]) -> Iterator[Block]:
        for section in sections:
            yield from section.blocks
            yield from blocks(section.sections)

    found = (b for b in blocks((*document.news, *document.sections)) if isinstance(b, kind))
    return sum(not (isinstance(block, Table) and block.quiet) for block in found)


def _measure_list(block: MeasureList) -> str:
    """Return the heading of a list of measures, and each of them in a paragraph."""
    before = markup.chips(block.steps) + markup.run("  ") if block.steps else ""
    title = markup.run(f"{block.title}: {block.count}", bold=True)
    paragraphs = [markup.paragraph(before + title, keep=True)]
    for n, item in enumerate(block.items):
        moved = ""
        if item.move:
            moved = markup.chips((item.move.before, item.move.now), "→") + markup.run("  ")
        beside = markup.note(f"  {item.link.note}") if item.link.note else ""
        runs = moved + markup.hyperlink(item.link) + beside
        paragraphs.append(markup.paragraph(runs, markup.CELL_STYLE, keep=n == 0))
    left = markup.note(block.left) if block.left else ""
    return "".join([*paragraphs, markup.paragraph(left, markup.SPACER_STYLE)])


def _facts(facts: FactList) -> str:
    """Return labels with their values on one line."""
    items = (
        markup.run(f"{label}: ") + markup.run(value, bold=True) for label, value in facts.items
    )
    return markup.paragraph(markup.run("  ·  ").join(items), keep=True)


def _set_orientation(section: WordSection, *, landscape: bool) -> None:
    from docx.enum.section import WD_ORIENT

    width, height = section.page_width, section.page_height
    if width and height and (width > height) != landscape:
        section.page_width, section.page_height = height, width
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
