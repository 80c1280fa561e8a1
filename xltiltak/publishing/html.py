"""The document as one web page that needs nothing from outside: it is read without a script, and filtered with one."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xltiltak.model.language import decimal_text, translate
from xltiltak.publishing.characters import readable
from xltiltak.publishing.document import (
    CardBlock,
    Chart,
    Content,
    Document,
    Mark,
    Section,
    Style,
    Table,
    TableColumn,
    TableRow,
    inside,
)
from xltiltak.publishing.drawing import QUARTERS, arrow, draw, symbol

if TYPE_CHECKING:
    from jinja2 import Environment

_PAGE = Path(__file__).parent / "page"
_WIDE, _NARROW = 720, 288  # px of a chart on a screen and on a phone
_NARROWEST = 8  # halves of a per cent that a column takes: a short label and the sign that it can be sorted by
_LONG = 60  # characters; on a phone a longer text stands below its label
_OUTER = re.compile(r"^<svg[^>]*>|</svg>$")
_LOGOS = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_WORDS = ("filter", "text", "step", "area", "all", "clear", "count", "numbers")
_ARROWS = ("up", "down", "same")


def render(document: Document) -> bytes:
    """The page, in UTF-8. Characters that no page may hold stand as U+FFFD; `characters.lacking` tells which."""
    looks = tuple(dict.fromkeys((mark.fill, mark.ink) for mark in _marks(document) if mark.fill))
    known = _Page(document, {look: f"s{k}" for k, look in enumerate(looks)})
    page = (
        _environment()
        .get_template("page.html")
        .render(
            page=known,
            document=document,
            style=_style(document.style),
            css=_read("page.css"),
            script=_read("page.js"),
        )
    )
    return readable(page).encode()


@dataclass(frozen=True)
class _Page:
    """What the page's template asks of a document besides its own parts."""

    document: Document
    looks: dict[tuple[str, str], str]

    @property
    def words(self) -> dict[str, str]:
        """The phrases of the web page."""
        return {key: translate(f"html.{key}", self.document.label_language) for key in _WORDS}

    def look(self, mark: Mark) -> str:
        """The class that gives a step its colours; empty where the template gives none."""
        return self.looks.get((mark.fill, mark.ink), "")

    def wide(self, column: TableColumn) -> str:
        """The class that gives a column its width."""
        return f"w{_halves(column)}"

    def widths(self) -> list[int]:
        """Every width of a column, in halves of a per cent."""
        return sorted({_halves(column) for column in _columns(self.document)})

    def sign(self, mark: Mark) -> str:
        """The name of the shape that a step's sign is drawn as; empty for a sign that is a letter like others."""
        return f"q{QUARTERS[mark.symbol]}" if mark.symbol in QUARTERS else ""

    def shapes(self) -> Iterator[tuple[str, Any]]:
        """Every shape that the page draws more than once, by its name."""
        for name, quarters in QUARTERS.items():
            yield f"q{quarters}", _trusted(_OUTER.sub("", symbol(name, "currentColor")))
        for name in _ARROWS:
            yield f"t-{name}", _trusted(_OUTER.sub("", arrow(name, "currentColor")))

    def drawn(self, chart: Chart) -> tuple[tuple[str, Any], ...]:
        """A chart for a screen and for a phone; the page shows one of them."""
        sizes = (("wide", _WIDE), ("narrow", _NARROW))
        return tuple(
            (name, _trusted(draw(chart, self.document.label_language, width)))
            for name, width in sizes
        )

    def classes(self, kind: str, content: Content, column: TableColumn) -> str:
        """The classes of a table's cell, as its tag has them."""
        found = ["number"] if column.numeric else []
        if isinstance(content, Mark) and (look := self.look(content)):
            found.append(f"step {look}")
        if kind in ("paragraphs", "bulletlist") or (
            isinstance(content, str) and len(content) > _LONG
        ):
            found.append("long")
        return _trusted(f' class="{" ".join(found)}"') if found else ""

    def number(self, value: object) -> str:
        """A number of a chart; a dash where nobody answered."""
        return "–" if value is None else decimal_text(value, self.document.label_language)

    def step(self, part: TableRow | CardBlock) -> str:
        """The last step that a row or card shows, by which readers choose among them; empty where there is none."""
        return next((_said(mark) for mark in reversed([*_marks(part)])), "")

    def steps(self) -> list[str]:
        """Every step that readers can choose, in the order of their numbers."""
        found = dict.fromkeys(self.step(part) for part in _chosen(self.document))
        return sorted(filter(None, found))


def _chosen(part: object) -> Iterator[TableRow | CardBlock]:
    """The rows and cards of the chapters: those that can be linked to."""
    if not isinstance(part, TableRow | CardBlock):
        for inner in inside(part):
            yield from _chosen(inner)
    elif part.anchor:
        yield part


def _marks(part: object) -> Iterator[Mark]:
    """Every step that is shown in a part, in order."""
    if isinstance(part, Mark):
        yield part
    elif not isinstance(part, str):
        for inner in inside(part):
            yield from _marks(inner)


def _columns(part: object) -> Iterator[TableColumn]:
    """Every column of the tables of a part."""
    if isinstance(part, Table):
        yield from part.columns
    elif isinstance(part, Document | Section | tuple):
        for inner in inside(part):
            yield from _columns(inner)


def _halves(column: TableColumn) -> int:
    return max(round(column.share * 200), _NARROWEST)


def _said(mark: Mark) -> str:
    return " ".join(filter(None, (mark.value, mark.word)))


def _style(style: Style) -> dict[str, str]:
    """The look as the page's style sheet names it; a logo as text in the page itself."""
    kind = next(
        (kind for start, kind in _LOGOS.items() if style.logo.startswith(start)), "image/svg+xml"
    )
    logo = f"data:{kind};base64,{b64encode(style.logo).decode()}" if style.logo else ""
    known = {
        "accent": style.accent,
        "ink": style.ink,
        "head": style.head,
        "logo": logo,
        "logo_text": style.logo_text,
    }
    return known | {
        "font": _family(style.font),
        "heading_font": _family(style.heading_font or style.font),
    }


def _family(font: str) -> str:
    """A font's name as a style sheet quotes it, and what stands in for it."""
    named = re.sub(r'["\\<>{};]', "", font)
    return ", ".join(
        [
            *([f'"{named}"'] if named else []),
            '"Segoe UI"',
            "Arial",
            '"Liberation Sans"',
            "sans-serif",
        ]
    )


def _trusted(markup: str) -> Any:
    """Markup of our own making."""
    from markupsafe import Markup

    return Markup(markup)  # noqa: S704 - drawn by us, its texts escaped there


@cache
def _read(name: str) -> Any:
    return _trusted((_PAGE / name).read_text("utf-8"))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(_PAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["kind"] = lambda part: type(part).__name__.lower()
    made.filters["trusted"] = _trusted
    return made
