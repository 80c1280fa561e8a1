"""A document as PDF, set by Typst: PDF/UA-1 and PDF/A-2a in one file, for readers of any kind and for the archive."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from xltiltak.render import drawing, glyphs
from xltiltak.render.document import (
    Bullets,
    Chart,
    Column,
    Content,
    Document,
    Mark,
    Paragraphs,
    Row,
    Section,
    Table,
)

_LAYOUT = Path(__file__).with_name("report.typ")
_MADE = datetime(1980, 1, 1, tzinfo=UTC)  # a file must name a time; this is the same in all that we write
_LONG, _SHORT = 841.9, 595.3  # points: an A4 page
_MARGIN, _HEAD_AND_FOOT, _LABEL, _INSET, _LETTER = 40.0, 105.0, 96.0, 8.0, 4.4  # points; a letter is an ordinary one
_CHART = 0.72  # points of paper for a px of a chart
_WHOLE = 12  # lines; a longer row may be broken between pages
_LISTED = 60  # entries of a contents list before its finest levels are left out


class Sheet(NamedTuple):
    """What the parts of a document are set on: points between the margins, and the language of its numbers."""

    across: float
    spoken: str


def render(document: Document) -> bytes:
    """The file. Characters that no font has are shown as a box; `lacking` tells which."""
    told: bytes = compiler().compile(
        _LAYOUT.read_bytes(),
        format="pdf",
        sys_inputs={"document": json.dumps(_document(document), ensure_ascii=False)},
        pdf_standards=["ua-1", "a-2a"],
        timestamp=_MADE,
    )
    return told


def lacking(document: Document) -> Counter[str]:
    """The characters of a document that a page cannot show, and how many of each."""
    return glyphs.lacking(_texts(document))


def picture(svg: str, ppi: float) -> bytes:
    """A drawing as PNG, in the fonts of the pages."""
    source = b'#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg), format: "svg")'
    png: bytes = compiler().compile(source, format="png", ppi=ppi, sys_inputs={"svg": glyphs.printable(svg)})
    return png


@cache
def compiler() -> Any:
    """Typst with the fonts that travel with us, and no others."""
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(glyphs.FOLDER)])
    return typst.Compiler(font_paths=fonts)


def _document(document: Document) -> dict[str, Any]:
    """All that the layout is told."""
    wide, tall = (_LONG, _SHORT) if document.landscape else (_SHORT, _LONG)
    spoken, _, region = document.language.lower().partition("-")
    paper = {"margin": _MARGIN, "label": _LABEL, "tallest": tall - _HEAD_AND_FOOT, "fonts": glyphs.FAMILIES}
    place = {"language": spoken, "region": region or None, "depth": _depth(document.sections)}
    return {**_plain(document, Sheet(wide - 2 * _MARGIN, document.spoken)), **paper, **place}


def _plain(value: object, sheet: Sheet) -> Any:
    """A part of the document in what JSON has; every part says what it is."""
    if isinstance(value, str):
        return glyphs.printable(value)
    if isinstance(value, tuple):
        return [_plain(part, sheet) for part in value]
    if not is_dataclass(value):
        return str(value) if isinstance(value, Decimal) else list(value) if isinstance(value, bytes) else value
    told = {field.name: _plain(getattr(value, field.name), sheet) for field in fields(value)}
    return {"is": type(value).__name__.lower(), **told, **_also(value, sheet)}


def _also(value: object, sheet: Sheet) -> dict[str, Any]:
    """What the layout needs beside what stands in a part itself."""
    if isinstance(value, Mark):
        return {"quarters": drawing.QUARTERS.get(value.symbol)}
    if isinstance(value, Chart):
        most = int(sheet.across / _CHART)
        width = most if value.kind == "shares" else min(drawing.WIDTH, most)
        svg = glyphs.printable(drawing.draw(value, sheet.spoken, width))
        return {"drawing": svg, "width": width * _CHART, "series": None}
    if isinstance(value, Table):
        rows = [{**_plain(row, sheet), "whole": _is_short(row, value.columns, sheet)} for row in value.rows]
        return {"rows": rows}
    return {}


def _is_short(row: Row, columns: Sequence[Column], sheet: Sheet) -> bool:
    """Whether a row is to stand whole on a page, by a rough count of its lines."""
    rooms = [column.share * sheet.across - _INSET for column in columns]
    cells = zip(row.cells, rooms, strict=False)
    return all(_line_count(content, max(room, _LETTER)) <= _WHOLE for content, room in cells)


def _line_count(content: Content, room: float) -> float:
    texts = content.texts if isinstance(content, Paragraphs) else content.items if isinstance(content, Bullets) else ()
    return sum(len(text) * _LETTER / room + 1 for text in (texts or (content if isinstance(content, str) else "",)))


def _depth(sections: Sequence[Section]) -> int:
    """The levels of headings in the contents list: as many as leave it short, below the title."""
    level, depth = list(sections), 2
    entries = len(level)
    while (level := [part for section in level for part in section.sections]) and entries + len(level) <= _LISTED:
        depth, entries = depth + 1, entries + len(level)
    return depth


def _texts(value: object) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts(part)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))
