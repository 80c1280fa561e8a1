"""Parts of a document as WordprocessingML: paragraphs, fields, tables and cells, with all text escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from xltiltak.publishing.characters import readable
from xltiltak.publishing.document import (
    BulletList,
    Content,
    Mark,
    Paragraphs,
    Table,
    TableColumn,
    TableRow,
    Trend,
)

NAMESPACES = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TEXT, CELL, LIST = "xltiltak-text", "xltiltak-cell", "xltiltak-list"  # ids of paragraph styles
_APART = '<w:spacing w:after="60"/>'  # twentieths of a point, between the paragraphs of a cell
_EDGE, _PLAIN_INK = "767676", "000000"
_ENDED = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
_ARROWS = {"up": "▲", "down": "▼", "same": "■"}


class Look(NamedTuple):
    """Colours as Word writes them, without the #: rules and headings, and the heads of tables."""

    accent: str
    head: str


def text(said: str, *, bold: bool = False, ink: str = "", fill: str = "") -> str:
    """A run; a line break within it stays."""
    look = "<w:b/>" if bold else ""
    look += f'<w:color w:val="{ink}"/>' if ink else ""
    look += f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    properties = f"<w:rPr>{look}</w:rPr>" if look else ""
    lines = "<w:br/>".join(map(_lined, said.split("\n")))
    return f"<w:r>{properties}{lines}</w:r>"


def paragraph(runs: str, style: str = TEXT, *, keep: bool = False, more: str = "") -> str:
    """A paragraph of a style; `keep` holds it on the page of the next one, `more` are further properties of it."""
    kept = "<w:keepNext/>" if keep else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{kept}{more}</w:pPr>{runs}</w:p>'


def field(code: str, shown: str) -> str:
    """A field that Word works out anew, and what it shows until then."""
    return _begun(code) + text(shown) + _ENDED


def _begun(code: str) -> str:
    """The beginning of a field, up to what it shows."""
    told = f'<w:instrText xml:space="preserve"> {escape(code)} </w:instrText>'
    parts = ('<w:fldChar w:fldCharType="begin"/>', told, '<w:fldChar w:fldCharType="separate"/>')
    return "".join(f"<w:r>{part}</w:r>" for part in parts)


def marked(number: int, inside: str) -> str:
    """A place that the contents lead to."""
    return f'<w:bookmarkStart w:id="{number}" w:name="{place(number)}"/>{inside}<w:bookmarkEnd w:id="{number}"/>'


def place(number: int) -> str:
    """The name of a marked place."""
    return f"_Toc{number:06d}"


def listing(code: str, entries: Sequence[tuple[str, str, int]]) -> str:
    """A list of contents as a field that is filled already: style, words and place of each entry."""
    last = len(entries) - 1
    return "".join(
        paragraph(
            (_begun(code) if k == 0 else "")
            + f'<w:hyperlink w:anchor="{place(number)}" w:history="1">{text(words)}</w:hyperlink>'
            + (_ENDED if k == last else ""),
            style,
        )
        for k, (style, words, number) in enumerate(entries)
    )


def mark(step: Mark) -> str:
    """A step on one line: symbol, number and word."""
    return text(_step(step), bold=True, ink=_hex(step.ink) or _PLAIN_INK)


def badges(steps: Iterable[Mark]) -> str:
    """Steps beside each other, each on its own fill."""
    return text(" ").join(
        text(
            f"\u00a0{_step(step).replace(' ', chr(160))}\u00a0",
            bold=True,
            ink=_hex(step.ink),
            fill=_hex(step.fill),
        )
        for step in steps
    )


def content(said: Content, style: str = CELL, *, bold: bool = False, keep: bool = False) -> str:
    """What one cell holds, as paragraphs; there is always one."""
    if isinstance(said, BulletList):
        return "".join(paragraph(text(item), LIST, keep=keep) for item in said.items) or paragraph(
            "", style
        )
    if isinstance(said, Paragraphs):
        *first, last = said.texts or ("",)
        apart = "".join(paragraph(text(t, bold=bold), style, keep=keep, more=_APART) for t in first)
        return apart + paragraph(text(last, bold=bold) if last else "", style, keep=keep)
    if isinstance(said, Mark):
        return paragraph(mark(said), style, keep=keep)
    words = f"{_ARROWS[said.direction]} {said.words}" if isinstance(said, Trend) else said
    return paragraph(text(words, bold=bold) if words else "", style, keep=keep)


def table(made: Table, across: int, look: Look) -> str:
    """A table so wide, in twentieths of a point; its head stands on every page, its rows stand whole."""
    widths = [round(column.share * across) for column in made.columns]
    head = "".join(
        _cell(paragraph(text(column.label, bold=True), CELL, keep=True), width, fill=look.head)
        for column, width in zip(made.columns, widths, strict=True)
    )
    last = len(made.rows) - 1
    rows = "".join(
        _row(row, made.columns, widths, look, keep=made.whole and n < last)
        for n, row in enumerate(made.rows)
    )
    first = f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{head}</w:tr>"
    about = _properties(made.caption, made.description, across, "firstRow")
    return f"<w:tbl>{about}{_grid(widths)}{first}{rows}</w:tbl>"


def labelled(title: str, rows: Sequence[tuple[str, Content]], across: int, label: int) -> str:
    """Labels and values as a table without lines, kept on one page."""
    widths = [label, across - label]
    last = len(rows) - 1
    lines = "".join(
        "<w:tr><w:trPr><w:cantSplit/></w:trPr>"
        + _cell(paragraph(text(name, bold=True), CELL, keep=k < last), label)
        + _cell(content(said, keep=k < last), widths[1])
        + "</w:tr>"
        for k, (name, said) in enumerate(rows)
    )
    look = _properties(title, "", across, "firstColumn", lines=False)
    return f"<w:tbl>{look}{_grid(widths)}{lines}</w:tbl>"


def _row(
    row: TableRow, columns: Sequence[TableColumn], widths: Sequence[int], look: Look, *, keep: bool
) -> str:
    kept = "<w:tr><w:trPr><w:cantSplit/></w:trPr>"
    if row.heading:
        only = content(row.cells[0], bold=True, keep=True)
        return f"{kept}{_cell(only, sum(widths), fill=look.head, span=len(widths))}</w:tr>"
    cells = (
        _cell(
            _aligned(content(said, bold=column.head or row.total, keep=keep), right=column.numeric),
            width,
            fill=_fill(said) or (look.head if row.total else ""),
        )
        for said, column, width in zip(row.cells, columns, widths, strict=True)
    )
    return f"{kept}{''.join(cells)}</w:tr>"


def _cell(inside: str, width: int, *, fill: str = "", span: int = 1) -> str:
    look = f'<w:tcW w:w="{width}" w:type="dxa"/>'
    look += f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    look += f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    return f"<w:tc><w:tcPr>{look}</w:tcPr>{inside}</w:tc>"


def _properties(title: str, told: str, across: int, first: str, *, lines: bool = True) -> str:
    """What a table is, to the eye and to those who hear it."""
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="{_EDGE}"/>' for side in sides
    )
    air = "".join(
        f'<w:{side} w:w="{w}" w:type="dxa"/>'
        for side, w in zip(sides[:4], (40, 80, 40, 80), strict=True)
    )
    look = f'<w:tblLook w:val="0000" w:{first}="1"/>'
    borders = f"<w:tblBorders>{edges}</w:tblBorders>" if lines else ""
    described = f"<w:tblDescription w:val={quoteattr(clean(told))}/>" if told else ""
    return (
        f'<w:tblPr><w:tblW w:w="{across}" w:type="dxa"/>{borders}'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{air}</w:tblCellMar>{look}'
        f"<w:tblCaption w:val={quoteattr(clean(title))}/>{described}</w:tblPr>"
    )


def _grid(widths: Iterable[int]) -> str:
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return f"<w:tblGrid>{columns}</w:tblGrid>"


def _aligned(paragraphs: str, *, right: bool) -> str:
    return paragraphs.replace("</w:pPr>", '<w:jc w:val="right"/></w:pPr>') if right else paragraphs


def _fill(said: Content) -> str:
    return _hex(said.fill) if isinstance(said, Mark) else ""


def _step(step: Mark) -> str:
    return " ".join(part for part in (step.symbol, step.value, step.word) if part)


def _hex(colour: str) -> str:
    return colour.lstrip("#")


def _lined(line: str) -> str:
    tabbed = (f'<w:t xml:space="preserve">{escape(clean(part))}</w:t>' for part in line.split("\t"))
    return "<w:tab/>".join(tabbed)


def clean(said: str) -> str:
    """Text as XML may hold it."""
    return readable(said).replace("\r", "")
