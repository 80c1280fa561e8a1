"""Render a document as PDF with Typst: PDF/UA-1 and PDF/A-2a in one file.

`report.typ` is the layout of the pages. It gets the document as JSON (`_layout_data`): every part
with its fields, and what Typst cannot work out itself, such as whether a table row is short.
Lengths are in points. Start with `render`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from xltiltak.model.colours import edge_of
from xltiltak.publishing import drawing, published_text
from xltiltak.publishing.document import (
    KINDS,
    MOST_CHIPS,
    AnchorLink,
    Bars,
    BulletList,
    CardBlock,
    Chart,
    Content,
    Document,
    Excerpt,
    Figure,
    History,
    Move,
    Paragraphs,
    Section,
    StepLabel,
    Table,
    TableRow,
    children,
    field_names,
    links,
    longest_word,
    texts,
)

_LAYOUT = Path(__file__).with_name("report.typ")
_STANDARDS = ["ua-1", "a-2a"]
_TIMESTAMP = datetime(1980, 1, 1, tzinfo=UTC)  # a PDF must have a time; no clock is read
_LOGO_PPI = 400  # for a logo 16 mm high
POINTS_PER_PIXEL = 0.72  # of a chart on paper

_LONG_SIDE, _SHORT_SIDE = 841.9, 595.3  # A4
_MARGIN = 40.0
_HEADER_AND_FOOTER = 105.0
_LABEL_WIDTH = 96.0  # of a card's labels
_CELL_PADDING = 8.0
_LETTER_WIDTH = 4.4  # of an average letter
_LINE_HEIGHT = 12.0
MOST_LOOSE_ROWS = 12  # a table of figures with more rows is set more densely
_WHOLE_PART_OF_PAGE = 0.6  # a row that is taller than this part of a page goes on in another row
_PIECE_PART_OF_PAGE = 0.3  # what such a row has in each piece
_MOST_STICKY_LINES = 6  # a longer text need not stay with what follows it
_WIDEST_WORD = 130.0  # no word is wider, except those that get extra line breaks
_LONGEST_FOOTER = 110  # characters
_MOST_CONTENTS = 80  # entries of the contents list; the deepest levels that exceed it are left out
# A cell below one column head, in the tag tree as Typst writes it.
_DATA_CELL = re.compile(
    rb"/S/TD(?P<parent>/P \d+ 0 R/A\[<<)/O/Table/Headers\[\(U(?P<table>\d+)x(?P<column>\d+)y0\)\]"
)
_LONG_WORD = re.compile(r"[^\s/\u00ad-]{41,}")
_LONG_WORD_PIECE = re.compile(".{1,10}")
_LINE_BREAK_HERE, _UNBROKEN_SPACE = "\u200b", "\u00a0"


def render(document: Document) -> bytes:
    """Return a PDF. Characters that no font has become a box; `published_text` reports them."""
    style = document.style
    data = json.dumps(_layout_data(document), ensure_ascii=False)
    content: bytes = _compiler(system_fonts=bool(style.font or style.heading_font)).compile(
        _LAYOUT.read_bytes(),
        format="pdf",
        sys_inputs={"document": data},
        pdf_standards=_STANDARDS,
        timestamp=_TIMESTAMP,
    )
    return _with_row_headers(content, [_head_column(table) for table in _tables(document)])


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


def _head_column(table: Table) -> int:
    """Return the number of the column with the headings of the rows; the first if none has them."""
    return next((n for n, column in enumerate(table.columns) if column.head), 0)


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
def _compiler(*, system_fonts: bool = False) -> Any:
    """Return Typst with our fonts; with those of the machine only if a style names a font."""
    import typst

    fonts = typst.Fonts(
        include_system_fonts=system_fonts,
        include_embedded_fonts=False,
        font_paths=[str(published_text.FONT_FOLDER)],
    )
    return typst.Compiler(font_paths=fonts)


@dataclass(frozen=True, slots=True)
class _PageFormat:
    """The format of the pages. `width` and `height` are between the margins.

    `targets` are the anchors of the document that links lead to. `steps` gets every step of the
    document with its number in the list of all steps.
    """

    width: float
    height: float
    document: Document
    targets: frozenset[str]
    steps: dict[StepLabel, int] = field(default_factory=dict)


def _layout_data(document: Document) -> dict[str, Any]:
    """Return all that `report.typ` needs: the document and the measures of the page."""
    page_width, page_height = (
        (_LONG_SIDE, _SHORT_SIDE) if document.landscape else (_SHORT_SIDE, _LONG_SIDE)
    )
    page = _PageFormat(
        page_width - 2 * _MARGIN,
        page_height - _HEADER_AND_FOOTER,
        document,
        frozenset(link.target for link in links(document)) & frozenset(_anchors(document)),
    )
    language, _, region = document.language.lower().partition("-")
    depth, entries = contents_depth((*document.news, *document.sections), _MOST_CONTENTS)
    style = document.style
    data = _part_data(document, page)
    running = " · ".join(filter(None, (document.organisation, document.title, document.subtitle)))
    if len(running) > _LONGEST_FOOTER:
        running = f"{running[:_LONGEST_FOOTER]} …"
    return {
        **data,
        "running": published_text.printable(running),
        "steps": [_step_data(step) for step in page.steps],
        "margin": _MARGIN,
        "label": _LABEL_WIDTH,
        "tallest": page.height,
        "fonts": _font_list(style.font),
        "heading-fonts": _font_list(style.heading_font or style.font),
        "signs": published_text.SYMBOL_FONT,
        "language": language,
        "region": region or None,
        "depth": depth,
        "entries": entries,
    }


def _font_list(font: str) -> list[str]:
    """Return the fonts in which to look for a letter: that of the style if any, then ours."""
    return [*([font] if font else []), *published_text.FONT_FAMILIES]


def _step_data(step: StepLabel) -> dict[str, Any]:
    """Return a step of the list of all steps; cells refer to it by its number in the list."""
    edge = drawing.UNANSWERED_EDGE if step.missing else edge_of(step.fill or "#FFFFFF")
    texts = {name: published_text.printable(getattr(step, name)) for name in ("value", "word")}
    quarters = drawing.QUARTERS.get(step.symbol)
    looks = {"fill": step.fill, "ink": step.ink, "missing": step.missing}
    return {**texts, **looks, "edge": edge, "quarters": quarters}


def _part_data(value: object, page: _PageFormat) -> Any:
    """Return a part of the document as JSON values; `is` names the kind of content and blocks."""
    match value:
        case str():
            return published_text.printable(_LONG_WORD.sub(_with_line_breaks, value))
        case tuple():
            return [_part_data(part, page) for part in value]
        case StepLabel():
            return page.steps.setdefault(value, len(page.steps))
        case bytes():
            return list(value)
    names = field_names(value)
    if not names:
        return str(value) if isinstance(value, Decimal) else value
    extra = _extra_data(value, page)
    fields = {name: _part_data(getattr(value, name), page) for name in names if name not in extra}
    kind = KINDS.get(type(value))
    return {**({"is": kind} if kind else {}), **fields, **extra}


def _with_line_breaks(word: re.Match[str]) -> str:
    """Return a word that may be wider than a column, with places where a line may end."""
    return _LINE_BREAK_HERE.join(_LONG_WORD_PIECE.findall(word[0]))


def _extra_data(value: object, page: _PageFormat) -> dict[str, Any]:
    """Return what the layout needs in addition to the fields of a part, or instead of some."""
    extra: dict[str, Any] = {}
    match value:
        case Paragraphs() | BulletList():
            extra = {"short": _line_count(value, page.width) <= _MOST_STICKY_LINES}
        case Chart():
            extra = _chart_data(value, page)
        case Bars():
            sizes = drawing.LARGE if value.labels == "words" else drawing.MEDIUM
            extra = _bars_data(value, page.width, sizes)
        case Section():
            extra = {"anchor": _target(value.anchor, page)}
            extra["full-title"] = _part_data(value.full_title, page)
        case Table():
            extra = _table_data(value, page)
        case TableRow() | CardBlock():
            extra = {"anchor": _target(value.anchor, page)}
        case AnchorLink():
            extra = {"target": _target(value.target, page)}
        case Move():
            extra = {"words": _part_data(value.words, page)}
        case History():
            is_line = len(value.steps) > MOST_CHIPS and value.top > 0
            extra = {"drawing": drawing.draw_history(value) if is_line else None, "levels": None}
    return extra


def _anchors(part: object) -> Iterator[str]:
    """Yield the anchors of the sections, rows and cards in a part of a document."""
    if isinstance(part, Section | TableRow | CardBlock):
        yield part.anchor
    if isinstance(part, Document | Section | Table | tuple):
        for inner in children(part):
            yield from _anchors(inner)


def _target(anchor: str, page: _PageFormat) -> str:
    """Return an anchor that links lead to; empty for others, for which Typst needs no label."""
    return anchor if anchor in page.targets else ""


def _table_data(table: Table, page: _PageFormat) -> dict[str, Any]:
    """Return rows and columns, with what decides about page breaks and hyphenation."""
    is_dense = table.quiet and len(table.rows) > MOST_LOOSE_ROWS
    rows = [
        {**_row_data(row, table, page, is_dense=is_dense), "whole": _is_short(row, table, page)}
        for whole in table.rows
        for row in _in_pieces(whole, table, page)
    ]
    columns = [
        {**_part_data(column, page), **_hyphenation(table, n, page)}
        for n, column in enumerate(table.columns)
    ]
    return {"rows": rows, "columns": columns, "dense": is_dense, "description": None}


def _row_data(row: TableRow, table: Table, page: _PageFormat, *, is_dense: bool) -> dict[str, Any]:
    """Return a row; the bars in its cells are as wide as their columns."""
    data: dict[str, Any] = _part_data(row, page)
    for n, content in enumerate(row.cells):
        if isinstance(content, Bars):
            width = table.columns[n].share * page.width - _CELL_PADDING
            sizes = drawing.TINY if is_dense else drawing.SMALL
            data["cells"][n] = {"is": "bars", **_bars_data(content, width, sizes)}
        if isinstance(content, Figure):
            short = data["cells"][n]["short"].replace(" ", _UNBROKEN_SPACE)
            data["cells"][n] |= {"dense": is_dense, "short": short}
        if isinstance(content, AnchorLink) and is_dense and not content.paged:
            data["cells"][n]["note"] = ""
    return data


def _bars_data(bars: Bars, width: float, sizes: drawing.BarSizes) -> dict[str, Any]:
    """Return bars as SVG, drawn for a width in points."""
    svg = drawing.draw_bars(bars, width / POINTS_PER_PIXEL, sizes)
    drawn = published_text.printable(svg)
    return {"drawing": drawn, "bars": None, "text": published_text.printable(bars.text)}


def _in_pieces(row: TableRow, table: Table, page: _PageFormat) -> Iterator[TableRow]:
    """Yield a row; one that fills most of a page in pieces, each with the number and the name.

    Only long texts go on in the next piece.
    """
    most = int(page.height / _LINE_HEIGHT)
    widths = [column.share * page.width - _CELL_PADDING for column in table.columns]
    if row.heading or _row_lines(row, widths) <= most * _WHOLE_PART_OF_PAGE:
        yield row
        return
    per_piece = int(most * _PIECE_PART_OF_PAGE)
    pieces = [
        _content_pieces(content, width, per_piece)
        for content, width in zip(row.cells, widths, strict=True)
    ]
    yield replace(row, cells=tuple(parts[0] for parts in pieces))
    head = _head_column(table)
    for n in range(1, max(map(len, pieces))):
        cells: list[Content] = [parts[n] if n < len(parts) else "" for parts in pieces]
        for k in range(head + 1):  # number and name
            cells[k] = cells[k] or row.cells[k]
        cells[head] = page.document.labels.continued.format(name=row.cells[head])
        yield TableRow(tuple(cells))


def _content_pieces(content: Content, width: float, most: int) -> list[Content]:
    """Return a long text in pieces of at most so many lines; other content is one piece."""
    match content:
        case Paragraphs(found):
            return [Paragraphs(tuple(piece)) for piece in _grouped(found, width, most)]
        case BulletList(found):
            return [BulletList(tuple(piece)) for piece in _grouped(found, width, most)]
        case str() if _line_count(content, width) > most:
            return ["\n".join(piece) for piece in _grouped(content.split("\n"), width, most)]
    return [content]


def _grouped(found: Sequence[str], width: float, most: int) -> list[list[str]]:
    """Return texts in groups of at most so many lines; a text that is longer itself is cut."""
    groups: list[list[str]] = [[]]
    used = 0.0
    letters = max(1, int((most - 1) * width / _LETTER_WIDTH))
    for text in found:
        for piece in _cut_at_words(text, letters):
            lines = _line_count(piece, width)
            if groups[-1] and used + lines > most:
                groups.append([])
                used = 0.0
            groups[-1].append(piece)
            used += lines
    return groups


def _cut_at_words(text: str, letters: int) -> list[str]:
    """Return a text in pieces of at most so many letters, cut after a space where there is one."""
    pieces = []
    while len(text) > letters:
        end = text.rfind(" ", 1, letters) + 1 or letters
        pieces.append(text[:end].rstrip(" "))
        text = text[end:]
    return [*pieces, text]


def _hyphenation(table: Table, n: int, page: _PageFormat) -> dict[str, bool]:
    """Return whether words are divided in the cells (`narrow`) and the head (`divided`).

    They are divided if one of them is wider than the column.
    """
    width = table.columns[n].share * page.width
    cells: tuple[Content, ...] = ()
    if width < _WIDEST_WORD:
        cells = tuple(row.cells[n] for row in table.rows if not row.heading)
    return {
        "narrow": longest_word(texts(cells)) > width,
        "divided": longest_word((table.columns[n].label,)) > width,
    }


def _chart_data(chart: Chart, page: _PageFormat) -> dict[str, Any]:
    """Return a chart as SVG, no wider than it needs."""
    width = min(drawing.DEFAULT_WIDTH, int(page.width / POINTS_PER_PIXEL))
    language = page.document.label_language
    svg = published_text.printable(drawing.draw_chart(chart, language, width))
    return {"drawing": svg, "width": width * POINTS_PER_PIXEL, "series": None}


def _is_short(row: TableRow, table: Table, page: _PageFormat) -> bool:
    """Return True if a row is kept on one page, by an estimate of its lines."""
    widths = [column.share * page.width - _CELL_PADDING for column in table.columns]
    return _row_lines(row, widths) <= page.height / _LINE_HEIGHT * _WHOLE_PART_OF_PAGE


def _row_lines(row: TableRow, widths: Sequence[float]) -> float:
    """Estimate the lines of the longest cell of a row."""
    cells = zip(row.cells, widths, strict=False)  # a heading row has only one cell
    return max(_line_count(content, max(width, _LETTER_WIDTH)) for content, width in cells)


def _line_count(content: Content, width: float) -> float:
    """Estimate the lines that a content needs in a width."""
    match content:
        case Paragraphs(paragraphs) if paragraphs:
            parts = paragraphs
        case BulletList(items) if items:
            parts = items
        case str():
            parts = tuple(content.split("\n"))
        case Excerpt() | AnchorLink():
            parts = (content.text, "")
        case _:
            parts = ("",)
    return sum(len(part) * _LETTER_WIDTH / width + 1 for part in parts)


def contents_depth(sections: Sequence[Section], most: int) -> tuple[int, int]:
    """Return the deepest level of headings in a contents list, and the number of its entries.

    The title of the document has level 1; sections, with level 2, are always listed. Each deeper
    level is included as long as the list has at most `most` entries.
    """
    counts = Counter(level for section in sections for level in _heading_levels(section, 2))
    entries, depth = counts[2], 2
    while counts[depth + 1] and entries + counts[depth + 1] <= most:
        depth += 1
        entries += counts[depth]
    return depth, entries


def _heading_levels(section: Section, level: int) -> Iterator[int]:
    """Yield the level of each heading in a section, its own first."""
    yield level
    for block in section.blocks:
        if isinstance(block, CardBlock) and block.title:
            yield level + 1
    for part in section.sections:
        yield from _heading_levels(part, level + 1)
