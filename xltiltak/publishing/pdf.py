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
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from xltiltak.publishing import drawing, published_text
from xltiltak.publishing.document import (
    KINDS,
    Block,
    BulletList,
    CardBlock,
    Chart,
    Content,
    Document,
    Legend,
    Paragraphs,
    Section,
    StepLabel,
    Table,
    TableColumn,
    TableRow,
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
_MOST_ROW_LINES = 12  # a table row with more lines may be broken between pages
_MOST_STICKY_LINES = 6  # a longer text need not stay with what follows it
_WIDEST_WORD = 130.0  # no word is wider, except those that get extra line breaks
_MOST_CONTENTS = 80  # entries of the contents list; the deepest levels that exceed it are left out
_LONG_WORD = re.compile(r"[^\s/\u00ad-]{41,}")
_LONG_WORD_PIECE = re.compile(".{1,10}")
_LINE_BREAK_HERE = "\u200b"


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
    return content


def svg_to_png(svg: str, ppi: float) -> bytes:
    """Return a drawing as PNG, with the fonts of the PDF."""
    source = (
        b"#set page(width: auto, height: auto, margin: 0pt)\n"
        b'#image(bytes(sys.inputs.svg), format: "svg")'
    )
    inputs = {"svg": published_text.printable(svg)}
    png: bytes = _compiler().compile(source, format="png", ppi=ppi, sys_inputs=inputs)
    return png


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
    """The format of the pages. `width` is between the margins, `language` that of the numbers.

    `targets` are the anchors that links lead to.
    """

    width: float
    language: str
    landscape: bool
    targets: frozenset[str]


def _layout_data(document: Document) -> dict[str, Any]:
    """Return all that `report.typ` needs: the document and the measures of the page."""
    page_width, page_height = (
        (_LONG_SIDE, _SHORT_SIDE) if document.landscape else (_SHORT_SIDE, _LONG_SIDE)
    )
    page = _PageFormat(
        page_width - 2 * _MARGIN,
        document.label_language,
        document.landscape,
        frozenset(link.target for link in links(document)),
    )
    language, _, region = document.language.lower().partition("-")
    depth, entries = contents_depth(document.sections, _MOST_CONTENTS)
    style = document.style
    data = {
        **_part_data(document, page),
        "margin": _MARGIN,
        "label": _LABEL_WIDTH,
        "tallest": page_height - _HEADER_AND_FOOTER,
        "fonts": _font_list(style.font),
        "heading-fonts": _font_list(style.heading_font or style.font),
        "signs": published_text.SYMBOL_FONT,
        "language": language,
        "region": region or None,
        "depth": depth,
        "entries": entries,
    }
    if len(document.sections) == 1:  # a single section needs no page of its own
        data["sections"][0]["page"] = False
    return data


def _font_list(font: str) -> list[str]:
    """Return the fonts in which to look for a letter: that of the style if any, then ours."""
    return [*([font] if font else []), *published_text.FONT_FAMILIES]


def _part_data(value: object, page: _PageFormat) -> Any:
    """Return a part of the document as JSON values; `is` names the kind of content and blocks."""
    match value:
        case str():
            return published_text.printable(_LONG_WORD.sub(_with_line_breaks, value))
        case tuple():
            return [_part_data(part, page) for part in value]
        case Decimal():
            return str(value)
        case bytes():
            return list(value)
    names = field_names(value)
    if not names:
        return value
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
        case StepLabel():
            extra = {"quarters": drawing.QUARTERS.get(value.symbol)}
        case Paragraphs() | BulletList():
            extra = {"short": _line_count(value, page.width) <= _MOST_STICKY_LINES}
        case Chart():
            extra = _chart_data(value, page)
        case Section():
            extra = {"blocks": _blocks_data(value.blocks, page)}
        case Document():
            extra = {"front": _blocks_data(value.front, page)}
        case Table():
            extra = _table_data(value, page)
        case TableRow() | CardBlock():
            extra = {"anchor": value.anchor if value.anchor in page.targets else ""}
    return extra


def _table_data(table: Table, page: _PageFormat) -> dict[str, Any]:
    """Return rows and columns, with what decides about page breaks and hyphenation."""
    rows = [
        {**_part_data(row, page), "whole": _is_short(row, table.columns, page)}
        for row in table.rows
    ]
    columns = [
        {**_part_data(column, page), **_hyphenation(table, n, page)}
        for n, column in enumerate(table.columns)
    ]
    return {"rows": rows, "columns": columns}


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
    """Return a chart as SVG: bars as wide as the page, lines no wider than they need."""
    width = int(page.width / POINTS_PER_PIXEL)
    if chart.kind == "lines":
        width = min(drawing.DEFAULT_WIDTH, width)
    svg = published_text.printable(drawing.draw_chart(chart, page.language, width))
    return {"drawing": svg, "width": width * POINTS_PER_PIXEL, "series": None}


def _blocks_data(blocks: Sequence[Block], page: _PageFormat) -> list[Any]:
    """Return blocks. On landscape pages two charts that follow each other stand side by side."""
    data: list[Any] = []
    rest = list(blocks)
    while rest:
        count = _paired_blocks(rest) if page.landscape else 0
        if count:
            half = replace(page, width=page.width / 2 - _CELL_PADDING)
            sides = [_part_data((rest[0],), half), _part_data(tuple(rest[1:count]), half)]
            data.append({"is": "pair", "sides": sides})
        else:
            data.append(_part_data(rest[0], page))
        rest = rest[max(count, 1) :]
    return data


def _paired_blocks(blocks: Sequence[Block]) -> int:
    """Return how many blocks form a pair of charts: two, three with a legend between, or 0."""
    match blocks:
        case [Chart(), Chart(), *_]:
            return 2
        case [Chart(), Legend(), Chart(), *_]:
            return 3
    return 0


def _is_short(row: TableRow, columns: Sequence[TableColumn], page: _PageFormat) -> bool:
    """Return True if a row should be kept on one page, by an estimate of its lines."""
    widths = [column.share * page.width - _CELL_PADDING for column in columns]
    cells = zip(row.cells, widths, strict=False)  # a heading row has only one cell
    return all(
        _line_count(content, max(width, _LETTER_WIDTH)) <= _MOST_ROW_LINES
        for content, width in cells
    )


def _line_count(content: Content, width: float) -> float:
    """Estimate the lines that a content needs in a width."""
    match content:
        case Paragraphs(paragraphs) if paragraphs:
            parts = paragraphs
        case BulletList(items) if items:
            parts = items
        case str():
            parts = (content,)
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
