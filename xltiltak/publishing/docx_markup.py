"""Content as WordprocessingML: runs, paragraphs, fields, tables and cells, with all text escaped.

Element and attribute names: ECMA-376 part 1, chapter 17. Widths are in twentieths of a point.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from xml.sax.saxutils import escape, quoteattr

from xltiltak.model.colours import edge_of
from xltiltak.publishing.document import (
    MOST_CHIPS,
    SIGNS,
    AnchorLink,
    Bars,
    BulletList,
    Content,
    Excerpt,
    Figure,
    History,
    LeadPart,
    Move,
    Paragraphs,
    StepLabel,
    Table,
    TableColumn,
    TableRow,
    Trend,
)
from xltiltak.publishing.published_text import xml_text
from xltiltak.publishing.web_links import text_parts

NAMESPACES = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TEXT_STYLE, CELL_STYLE, LIST_STYLE = "xltiltak-text", "xltiltak-cell", "xltiltak-list"
LEAD_STYLE = "xltiltak-lead"
SPACER_STYLE, CONTENTS_STYLE = "xltiltak-air", "xltiltak-contents"
_PARAGRAPH_GAP = '<w:spacing w:after="60"/>'  # between the paragraphs of a cell
_BORDER, _MISSING_EDGE, _MUTED = "C9D1DA", "6B7682", "4A5560"
_AFTER_NUMBER_OR_SIGN = re.compile(r"(?<=[\d\W]) ")
_FALL, _RISE, _LINK = "A3260F", "1D5C3A", "0A4A8F"
_SIDES = ("top", "left", "bottom", "right")
_LINES = ("top", "bottom", "insideH")  # between rows only
_CELL_MARGINS = (40, 80, 40, 80)  # top, left, bottom, right
_FIELD_END = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'


def run(
    content: str,
    *,
    bold: bool = False,
    ink: str = "",
    fill: str = "",
    edge: str = "",
    halves: int = 0,
) -> str:
    """Return a text as a run. Line breaks and tabs are kept.

    `edge` is a colour, or "dashed"; `halves` is the size in half points, 0 for that of the style.
    """
    look = "<w:b/>" if bold else ""
    look += f'<w:color w:val="{ink}"/>' if ink else ""
    look += f'<w:sz w:val="{halves}"/><w:szCs w:val="{halves}"/>' if halves else ""
    if edge:
        kind, colour = ("dashed", _MISSING_EDGE) if edge == "dashed" else ("single", edge)
        look += f'<w:bdr w:val="{kind}" w:sz="4" w:space="0" w:color="{colour}"/>'
    look += f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    properties = f"<w:rPr>{look}</w:rPr>" if look else ""
    lines = "<w:br/>".join(map(_line, content.split("\n")))
    return f"<w:r>{properties}{lines}</w:r>"


def paragraph(
    runs: str, style: str = TEXT_STYLE, *, keep: bool = False, properties: str = ""
) -> str:
    """Return a paragraph. With `keep` it stays on the page of the next paragraph."""
    keep_next = "<w:keepNext/>" if keep else ""
    style_id = f'<w:pStyle w:val="{style}"/>'
    return f"<w:p><w:pPr>{style_id}{keep_next}{properties}</w:pPr>{runs}</w:p>"


def in_language(paragraphs: str, tag: str) -> str:
    """Return paragraphs whose runs are marked with their language."""
    look = f'<w:lang w:val="{tag}"/>'
    marked = paragraphs.replace("</w:rPr>", f"{look}</w:rPr>")
    return re.sub(r"<w:r>(?!<w:rPr>)", f"<w:r><w:rPr>{look}</w:rPr>", marked)


def field(code: str, shown: str) -> str:
    """Return a field; `shown` is its text until Word updates it."""
    return _field_start(code) + run(shown) + _FIELD_END


def _field_start(code: str) -> str:
    """Return the part of a field before its text."""
    instruction = f'<w:instrText xml:space="preserve"> {escape(code)} </w:instrText>'
    begin = '<w:fldChar w:fldCharType="begin"/>'
    separate = '<w:fldChar w:fldCharType="separate"/>'
    return "".join(f"<w:r>{part}</w:r>" for part in (begin, instruction, separate))


def bookmark(number: int, runs: str) -> str:
    """Return runs inside a bookmark that an entry of a contents list can link to."""
    start = f'<w:bookmarkStart w:id="{number}" w:name="{bookmark_name(number)}"/>'
    return f'{start}{runs}<w:bookmarkEnd w:id="{number}"/>'


def bookmark_name(number: int) -> str:
    """Return the name of a bookmark."""
    return f"_Toc{number:06d}"


def anchor_bookmark(anchor: str, number: int, paragraphs: str) -> str:
    """Return paragraphs of which the first begins with a bookmark that links can lead to."""
    start = f'<w:bookmarkStart w:id="{number}" w:name="{_anchor_name(anchor)}"/>'
    mark = f'{start}<w:bookmarkEnd w:id="{number}"/>'
    return paragraphs.replace("</w:pPr>", f"</w:pPr>{mark}", 1)


def _anchor_name(anchor: str) -> str:
    """Return the name of an anchor's bookmark; Word takes letters, digits and 40 characters."""
    return f"_Ref{sha256(anchor.encode()).hexdigest()[:16]}"


def contents_list(code: str, entries: Sequence[tuple[str, str, int, int]], width: int) -> str:
    """Return a list of contents: a field that already holds its entries.

    Each entry is a paragraph style, a text, the number of a bookmark and its page.
    """
    last = len(entries) - 1
    tab = f'<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="{width}"/></w:tabs>'
    paragraphs = []
    for k, (style, text, number, page) in enumerate(entries):
        target = f'w:anchor="{bookmark_name(number)}" w:history="1"'
        at = field(f"PAGEREF {bookmark_name(number)} \\h", str(page))
        runs = f"<w:hyperlink {target}>{run(text)}<w:r><w:tab/></w:r>{at}</w:hyperlink>"
        start = _field_start(code) if k == 0 else ""
        end = _FIELD_END if k == last else ""
        paragraphs.append(paragraph(start + runs + end, style, properties=tab))
    return "".join(paragraphs)


def badges(steps: Iterable[StepLabel]) -> str:
    """Return steps beside each other, each on its own fill."""
    return run(" ").join(_chip(step, _step_text(step)) for step in steps)


def chips(steps: Iterable[StepLabel], between: str = " ") -> str:
    """Return the numbers of steps beside each other; the word of a step without a number."""
    return run(between).join(_chip(step, step.value or step.word) for step in steps)


def _chip(step: StepLabel, text: str) -> str:
    """Return a text on the fill of a step. A line may break between its words only."""
    edge = "dashed" if step.missing else _hex(edge_of(step.fill or "#FFFFFF"))
    shown = f"\u00a0{_AFTER_NUMBER_OR_SIGN.sub(chr(160), text)}\u00a0"
    return run(shown, bold=True, ink=_hex(step.ink), fill=_hex(step.fill), edge=edge)


def lead(parts: Iterable[LeadPart], style: str) -> str:
    """Return a sentence in which the numbers stand out."""
    runs = "".join(
        run(part.text, bold=part.tone != "", ink=_FALL if part.tone == "fall" else "")
        for part in parts
    )
    return paragraph(runs, style, keep=True)


def _trend(trend: Trend, *, bold: bool = False) -> str:
    """Return a change: its sign and its words."""
    ink = {"up": _RISE, "down": _FALL}.get(trend.direction, "")
    sign = SIGNS.get(trend.direction, "")
    words = f"{sign}\u00a0{trend.words}" if sign else trend.words
    return run(words, bold=bold or bool(ink), ink=ink)


def note(text: str) -> str:
    """Return some words that stand below or beside others, small and grey."""
    return run(text, ink=_MUTED, halves=15)


def words(content: str, *, bold: bool = False) -> str:
    """Return a text as runs, in which the addresses of web pages can be followed."""
    return "".join(
        _web_link(part.address, bold=bold) if part.address else run(part.text, bold=bold)
        for part in text_parts(content)
    )


def _web_link(address: str, *, bold: bool) -> str:
    """Return the address of a web page as a field that leads to it."""
    shown = run(address, bold=bold, ink=_LINK)
    return _field_start(f'HYPERLINK "{clean(address)}"') + shown + _FIELD_END


def hyperlink(link: AnchorLink, *, bold: bool = False) -> str:
    """Return the name of a link; it leads to a bookmark of this document."""
    target = f'w:anchor="{_anchor_name(link.target)}" w:history="1"'
    return f"<w:hyperlink {target}>{run(link.text, bold=bold, ink=_LINK)}</w:hyperlink>"


def _lines_of(content: Content, *, bold: bool) -> list[str]:
    """Return the lines of a content that has no paragraphs of its own, each as runs."""
    line = below = ""
    match content:
        case StepLabel():
            line = badges((content,))
        case Trend():
            line, below = _trend(content, bold=bold), content.note
        case History(steps):
            line = chips(steps, "→" if len(steps) <= MOST_CHIPS else " ")
            below = steps[-1].word if steps[-1].value else ""
        case Move(before, now, trend):
            line = f"{chips((before, now), '→')}{run('  ')}{_trend(trend)}"
            below = content.words
        case AnchorLink():
            line, below = hyperlink(content, bold=bold), content.note
        case Excerpt(text):
            line = run(text, bold=bold)
        case Figure(value, words, below):
            line = run(value, bold=True) + (run(f" {words}", bold=bold) if words else "")
    return [part for part in (line, note(below) if below else "") if part]


def content_paragraphs(
    content: Content, style: str = CELL_STYLE, *, bold: bool = False, keep: bool = False
) -> str:
    """Return the content of a cell as one or more paragraphs, as a cell needs at least one."""
    if lines := _lines_of(content, bold=bold):
        return "".join(paragraph(line, style, keep=keep) for line in lines)
    match content:
        case BulletList(items) if items:
            return "".join(paragraph(words(item), LIST_STYLE, keep=keep) for item in items)
        case Paragraphs(texts) if texts:
            last = len(texts) - 1
            return "".join(
                paragraph(
                    words(text, bold=bold) if text or n < last else "",
                    style,
                    keep=keep,
                    properties=_PARAGRAPH_GAP if n < last else "",
                )
                for n, text in enumerate(texts)
            )
        case str() if content:
            runs = words(content, bold=bold)
        case _:
            runs = ""
    return paragraph(runs, style, keep=keep)


def table(
    source: Table,
    width: int,
    head_fill: str,
    bookmarks: Mapping[str, int],
    pictures: Mapping[Bars, str],
) -> str:
    """Return a table. Its head is repeated on each page, and no row is broken between pages.

    `head_fill` is the colour of heads and totals, written without "#". `bookmarks` has the numbers
    of the anchors that links lead to, `pictures` the bars in cells as runs.
    """
    widths = [round(column.share * width) for column in source.columns]
    head_cells = "".join(
        _cell(_head_paragraphs(column), column_width, fill=head_fill)
        for column, column_width in zip(source.columns, widths, strict=True)
    )
    head = f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{head_cells}</w:tr>"
    last, rows = len(source.rows) - 1, []
    for n, row in enumerate(source.rows):
        keep = (source.whole or n == 0) and n < last
        cells = _row(row, source.columns, widths, head_fill, pictures, keep=keep)
        number = bookmarks.get(row.anchor)
        rows.append(anchor_bookmark(row.anchor, number, cells) if number else cells)
    properties = _table_properties(
        source.caption, source.description, width, ("firstRow", "firstColumn")
    )
    return f"<w:tbl>{properties}{_grid(widths)}{head}{''.join(rows)}</w:tbl>"


def label_table(
    title: str, rows: Sequence[tuple[str, Content]], width: int, label_width: int
) -> str:
    """Return labels and values as a table without borders, kept on one page."""
    widths = [label_width, width - label_width]
    last = len(rows) - 1
    lines = "".join(
        "<w:tr><w:trPr><w:cantSplit/></w:trPr>"
        + _cell(paragraph(run(label, bold=True), CELL_STYLE, keep=k < last), widths[0])
        + _cell(content_paragraphs(value, keep=k < last), widths[1])
        + "</w:tr>"
        for k, (label, value) in enumerate(rows)
    )
    properties = _table_properties(title, "", width, ("firstColumn",), borders=False)
    return f"<w:tbl>{properties}{_grid(widths)}{lines}</w:tbl>"


def _row(
    row: TableRow,
    columns: Sequence[TableColumn],
    widths: Sequence[int],
    head_fill: str,
    pictures: Mapping[Bars, str],
    *,
    keep: bool,
) -> str:
    """Return a row of a table; a heading row is one cell across all columns."""
    start = "<w:tr><w:trPr><w:cantSplit/></w:trPr>"
    if row.heading:
        inner = content_paragraphs(row.cells[0], bold=True, keep=True)
        cell = _cell(inner, sum(widths), fill=head_fill, span=len(widths))
        return f"{start}{cell}</w:tr>"
    cells = []
    for content, column, width in zip(row.cells, columns, widths, strict=True):
        if isinstance(content, Bars):
            inner = paragraph(pictures[content], CELL_STYLE, keep=keep)
        else:
            inner = content_paragraphs(content, bold=column.head or row.total, keep=keep)
        if column.numeric:
            inner = inner.replace("</w:pPr>", '<w:jc w:val="right"/></w:pPr>')
        cells.append(_cell(inner, width, fill=head_fill if row.total else ""))
    return f"{start}{''.join(cells)}</w:tr>"


def _head_paragraphs(column: TableColumn) -> str:
    """Return the head of a column: its sign, its label, and the note below it."""
    sign = f"{SIGNS.get(column.sign, '')} ".lstrip()
    lines = [run(f"{sign}{column.label}", bold=True)]
    if column.note:
        lines.append(note(column.note))
    paragraphs = "".join(paragraph(line, CELL_STYLE, keep=True) for line in lines)
    if column.numeric:
        return paragraphs.replace("</w:pPr>", '<w:jc w:val="right"/></w:pPr>')
    return paragraphs


def _cell(paragraphs: str, width: int, *, fill: str = "", span: int = 1) -> str:
    properties = f'<w:tcW w:w="{width}" w:type="dxa"/>'
    properties += f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    properties += f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraphs}</w:tc>"


def _table_properties(
    title: str, description: str, width: int, headers: Iterable[str], *, borders: bool = True
) -> str:
    """Return the properties of a table.

    `headers` are "firstRow" and "firstColumn": which cells screen readers announce as headings.
    `title` and `description` are its alternative text.
    """
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="{_BORDER}"/>' for side in _LINES
    )
    margins = "".join(
        f'<w:{side} w:w="{margin}" w:type="dxa"/>'
        for side, margin in zip(_SIDES, _CELL_MARGINS, strict=True)
    )
    border = f"<w:tblBorders>{edges}</w:tblBorders>" if borders else ""
    marked = " ".join(f'w:{name}="1"' for name in headers)
    described = f"<w:tblDescription w:val={quoteattr(clean(description))}/>" if description else ""
    return (
        f'<w:tblPr><w:tblW w:w="{width}" w:type="dxa"/>{border}'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar>'
        f"<w:tblLook {marked}/>"
        f"<w:tblCaption w:val={quoteattr(clean(title))}/>{described}</w:tblPr>"
    )


def _grid(widths: Iterable[int]) -> str:
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return f"<w:tblGrid>{columns}</w:tblGrid>"


def _step_text(step: StepLabel) -> str:
    """Return symbol, number and word of a step."""
    return " ".join(part for part in (step.symbol, step.value, step.word) if part)


def _hex(colour: str) -> str:
    """Return a colour as Word writes it: "#RRGGBB" without "#"."""
    return colour.lstrip("#")


def _line(line: str) -> str:
    """Return one line of a text, its tabs as elements."""
    parts = (f'<w:t xml:space="preserve">{escape(clean(part))}</w:t>' for part in line.split("\t"))
    return "<w:tab/>".join(parts)


def clean(text: str) -> str:
    """Return a text as XML can hold it, without carriage returns."""
    return xml_text(text).replace("\r", "")
