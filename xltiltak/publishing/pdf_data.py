"""Turn a document into the data of `report.typ`: every part with its fields, as JSON values.

It adds what Typst cannot work out itself, such as whether a table row is short. Lengths are in
points. Start with `layout_data`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

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

POINTS_PER_PIXEL = 0.72  # of a chart on paper

_LONG_SIDE, _SHORT_SIDE = 841.9, 595.3  # A4
_MARGIN = 40.0
TOP_MARGIN = 48.2
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
_LONG_WORD = re.compile(r"[^\s/\u00ad-]{41,}")
_LONG_WORD_PIECE = re.compile(".{1,10}")
_LINE_BREAK_HERE, _UNBROKEN_SPACE = "\u200b", "\u00a0"


PartKind = Literal["whole", "first", "later", "running"]


@dataclass(frozen=True, slots=True)
class StandIn:
    """Stands in the first part of a report for a heading of a later part.

    `x` and `y` are where it is on its page, from the upper left corner. `section` has no blocks;
    `depth` is the level of the heading.
    """

    x: float
    y: float
    section: Section
    depth: int


@dataclass(frozen=True, slots=True)
class Part:
    """What of a document is laid out together: the "whole", or a part of a long one.

    The "first" part has all that stands before the chapters. `later_pages` has the headings on
    each page of the parts after it, `page_numbers` the pages of the anchors that links lead to.
    What is "running" are the headers and footers of all pages, with the `titles` in the headers.
    """

    sections: tuple[Section, ...] = ()
    kind: PartKind = "whole"
    later_pages: tuple[tuple[StandIn, ...], ...] = ()
    page_numbers: Mapping[str, int] = field(default_factory=dict)
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageFormat:
    """The format of the pages. `width` and `height` are between the margins.

    `targets` are the anchors of the document that links lead to. `steps` gets every step of a part
    with its number in the list of all steps.
    """

    width: float
    height: float
    document: Document
    targets: frozenset[str]
    steps: dict[StepLabel, int] = field(default_factory=dict)


def page_format(document: Document) -> PageFormat:
    """Return the format of the pages of a document."""
    page_width, page_height = (
        (_LONG_SIDE, _SHORT_SIDE) if document.landscape else (_SHORT_SIDE, _LONG_SIDE)
    )
    return PageFormat(
        page_width - 2 * _MARGIN,
        page_height - _HEADER_AND_FOOTER,
        document,
        frozenset(link.target for link in links(document)) & frozenset(anchors(document)),
    )


def layout_data(page: PageFormat, part: Part) -> dict[str, Any]:
    """Return all that `report.typ` needs: a part of the document and the measures of the page."""
    document, page = page.document, replace(page, steps={})
    language, _, region = document.language.lower().partition("-")
    depth, entries = contents_depth((*document.news, *document.sections), _MOST_CONTENTS)
    style = document.style
    shown = replace(document, sections=part.sections)
    if part.kind in ("later", "running"):
        shown = replace(shown, front=(), news=())
    data = _part_data(shown, page)
    running = " · ".join(filter(None, (document.organisation, document.title, document.subtitle)))
    if len(running) > _LONGEST_FOOTER:
        running = f"{running[:_LONGEST_FOOTER]} …"
    return {
        **data,
        "kind": part.kind,
        "later-pages": _part_data(part.later_pages, page),
        "page-numbers": {anchor: str(number) for anchor, number in part.page_numbers.items()},
        "titles": _part_data(part.titles, page),
        "anchors": [anchor for anchor in anchors(shown) if anchor in page.targets],
        "running": published_text.printable(running),
        "steps": [_step_data(step) for step in page.steps],
        "margin": _MARGIN,
        "top": TOP_MARGIN,
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


def headings(sections: Sequence[Section], depth: int = 2) -> Iterator[tuple[int, Section]]:
    """Yield the headings of sections and of their cards, each with its depth, without blocks."""
    for section in sections:
        yield depth, replace(section, blocks=(), sections=())
        for block in section.blocks:
            if isinstance(block, CardBlock) and block.title:
                yield depth + 1, Section(block.title, "")
        yield from headings(section.sections, depth + 1)


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


def _part_data(value: object, page: PageFormat) -> Any:
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


def _extra_data(value: object, page: PageFormat) -> dict[str, Any]:
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


def anchors(part: object) -> Iterator[str]:
    """Yield the anchors of the sections, rows and cards in a part of a document."""
    if isinstance(part, Section | TableRow | CardBlock):
        yield part.anchor
    if isinstance(part, Document | Section | Table | tuple):
        for inner in children(part):
            yield from anchors(inner)


def _target(anchor: str, page: PageFormat) -> str:
    """Return an anchor that links lead to; empty for others, for which Typst needs no label."""
    return anchor if anchor in page.targets else ""


def _table_data(table: Table, page: PageFormat) -> dict[str, Any]:
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


def _row_data(row: TableRow, table: Table, page: PageFormat, *, is_dense: bool) -> dict[str, Any]:
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


def _in_pieces(row: TableRow, table: Table, page: PageFormat) -> Iterator[TableRow]:
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
    head = head_column(table)
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


def head_column(table: Table) -> int:
    """Return the number of the column with the headings of the rows; the first if none has them."""
    return next((n for n, column in enumerate(table.columns) if column.head), 0)


def _hyphenation(table: Table, n: int, page: PageFormat) -> dict[str, bool]:
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


def _chart_data(chart: Chart, page: PageFormat) -> dict[str, Any]:
    """Return a chart as SVG, no wider than it needs."""
    width = min(drawing.DEFAULT_WIDTH, int(page.width / POINTS_PER_PIXEL))
    language = page.document.label_language
    svg = published_text.printable(drawing.draw_chart(chart, language, width))
    return {"drawing": svg, "width": width * POINTS_PER_PIXEL, "series": None}


def _is_short(row: TableRow, table: Table, page: PageFormat) -> bool:
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
    counts = Counter(level for level, _ in headings(sections))
    entries, depth = counts[2], 2
    while counts[depth + 1] and entries + counts[depth + 1] <= most:
        depth += 1
        entries += counts[depth]
    return depth, entries
