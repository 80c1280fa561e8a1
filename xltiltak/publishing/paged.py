"""What the layout of the pages (`report.typ`) is told of a document: its parts as JSON has them, and how they fit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from xltiltak.publishing import column_widths, drawing, glyphs
from xltiltak.publishing.document import (
    Block,
    BulletList,
    CardBlock,
    Chart,
    Content,
    Document,
    Legend,
    Mark,
    Paragraphs,
    Section,
    Table,
    TableColumn,
    TableRow,
    named,
    texts,
)

_LONG, _SHORT = 841.9, 595.3  # points: an A4 page
_MARGIN, _HEAD_AND_FOOT, _LABEL, _INSET, _LETTER = (
    40.0,
    105.0,
    96.0,
    8.0,
    4.4,
)  # points; a letter is an ordinary one
CHART = 0.72  # points of paper for a px of a chart
_ENDLESS, _PIECE, _BREAK = re.compile(r"[^\s/\u00ad-]{41,}"), re.compile(".{1,10}"), "\u200b"
_WHOLE = 12  # lines; a longer row may be broken between pages
_NARROW = 130.0  # points; no word is wider than that
_TOGETHER = 6  # lines; a longer text need not stay with what follows it
_LISTED = 80  # entries of a contents list before its finest levels are left out


class PageFormat(NamedTuple):
    """What parts are set on: points between the margins, the language of numbers, whether it lies."""

    across: float
    language: str
    landscape: bool


def told(document: Document) -> dict[str, Any]:
    """All that the layout is told."""
    wide, tall = (_LONG, _SHORT) if document.landscape else (_SHORT, _LONG)
    language, _, region = document.language.lower().partition("-")
    sheet = PageFormat(wide - 2 * _MARGIN, document.label_language, document.landscape)
    depth, entries = contents(document.sections, _LISTED)
    paper = {
        "margin": _MARGIN,
        "label": _LABEL,
        "tallest": tall - _HEAD_AND_FOOT,
        "fonts": _fonts(document.style.font),
    }
    fonts = {
        "heading-fonts": _fonts(document.style.heading_font or document.style.font),
        "signs": glyphs.SIGNS,
    }
    place = {"language": language, "region": region or None, "depth": depth, "entries": entries}
    whole = {**_plain(document, sheet), **paper, **fonts, **place}
    if len(document.sections) == 1:  # what stands alone needs no page of its own
        whole["sections"][0]["page"] = False
    return whole


def _in_pieces(word: re.Match[str]) -> str:
    """A word that may be wider than any column, with places where a line can end."""
    return _BREAK.join(_PIECE.findall(word[0]))


def _fonts(wanted: str) -> list[str]:
    """The fonts to look for a letter in: the one asked for, where the machine has it, then ours."""
    return [*([wanted] if wanted else []), *glyphs.FAMILIES]


def _plain(value: object, sheet: PageFormat) -> Any:
    """A part of the document in what JSON has; every part says what it is."""
    if isinstance(value, str):
        return glyphs.printable(_ENDLESS.sub(_in_pieces, value))
    if isinstance(value, tuple):
        return [_plain(part, sheet) for part in value]
    names = named(value)
    if not names:
        return (
            str(value)
            if isinstance(value, Decimal)
            else list(value)
            if isinstance(value, bytes)
            else value
        )
    also = _also(value, sheet)
    told = {name: _plain(getattr(value, name), sheet) for name in names if name not in also}
    return {"is": type(value).__name__.lower(), **told, **also}


def _also(value: object, sheet: PageFormat) -> dict[str, Any]:
    """What the layout needs beside what stands in a part itself, or instead of it."""
    match value:
        case Mark():
            also: dict[str, Any] = {"quarters": drawing.QUARTERS.get(value.symbol)}
        case Paragraphs() | BulletList():
            also = {"short": _line_count(value, sheet.across) <= _TOGETHER}
        case Chart():
            also = _drawn(value, sheet)
        case Section():
            also = {"blocks": _blocks(value.blocks, sheet)}
        case Document():
            also = {"front": _blocks(value.front, sheet)}
        case Table():
            rows = [
                {**_plain(row, sheet), "whole": _is_short(row, value.columns, sheet)}
                for row in value.rows
            ]
            columns = [
                _plain(column, sheet) | _divided(value, n, sheet)
                for n, column in enumerate(value.columns)
            ]
            also = {"rows": rows, "columns": columns}
        case _:
            also = {}
    return also


def _divided(table: Table, n: int, sheet: PageFormat) -> dict[str, bool]:
    """Whether words are divided in a column, and in its head: where one of them is wider than the column."""
    room = table.columns[n].share * sheet.across
    held = (
        texts(tuple(row.cells[n] for row in table.rows if not row.heading))
        if room < _NARROW
        else ()
    )
    return {
        "narrow": column_widths.longest(held) > room,
        "divided": column_widths.longest((table.columns[n].label,)) > room,
    }


def _drawn(chart: Chart, sheet: PageFormat) -> dict[str, Any]:
    """A chart as it is drawn: bars as wide as the page, lines no wider than they need."""
    most = int(sheet.across / CHART)
    width = most if chart.kind == "shares" else min(drawing.WIDTH, most)
    svg = glyphs.printable(drawing.draw(chart, sheet.language, width))
    return {"drawing": svg, "width": width * CHART, "series": None}


def _blocks(blocks: Sequence[Block], sheet: PageFormat) -> list[Any]:
    """The blocks of a section. Two charts that follow each other stand side by side where the page is wide."""
    told, rest = [], list(blocks)
    while rest:
        side = _second(rest) if sheet.landscape and isinstance(rest[0], Chart) else 0
        if side:
            half = sheet._replace(across=sheet.across / 2 - _INSET)
            sides = [_plain((rest[0],), half), _plain(tuple(rest[1:side]), half)]
            told.append({"is": "pair", "sides": sides})
        else:
            told.append(_plain(rest[0], sheet))
        rest = rest[max(side, 1) :]
    return told


def _second(blocks: Sequence[Block]) -> int:
    """How many blocks two charts take, with the legend between them; 0 where the first is followed by no second."""
    legend = len(blocks) > 1 and isinstance(blocks[1], Legend)
    after = 2 if legend else 1
    return after + 1 if len(blocks) > after and isinstance(blocks[after], Chart) else 0


def _is_short(row: TableRow, columns: Sequence[TableColumn], sheet: PageFormat) -> bool:
    """Whether a row is to stand whole on a page, by a rough count of its lines."""
    rooms = [column.share * sheet.across - _INSET for column in columns]
    cells = zip(row.cells, rooms, strict=False)
    return all(_line_count(content, max(room, _LETTER)) <= _WHOLE for content, room in cells)


def _line_count(content: Content, room: float) -> float:
    texts = (
        content.texts
        if isinstance(content, Paragraphs)
        else content.items
        if isinstance(content, BulletList)
        else ()
    )
    return sum(
        len(text) * _LETTER / room + 1
        for text in (texts or (content if isinstance(content, str) else "",))
    )


def contents(sections: Sequence[Section], most: int) -> tuple[int, int]:
    """The levels of headings in the contents list, and its entries: as many as leave it short, below the title."""
    counts = Counter(level for section in sections for level in _levels(section, 2))
    entries, depth = counts[2], 2
    while counts[depth + 1] and entries + counts[depth + 1] <= most:
        depth += 1
        entries += counts[depth]
    return depth, entries


def _levels(section: Section, level: int) -> Iterator[int]:
    """The level of each heading in a section, its own first."""
    yield level
    yield from (
        level + 1 for block in section.blocks if isinstance(block, CardBlock) and block.title
    )
    for part in section.sections:
        yield from _levels(part, level + 1)
