"""Render a document as one self-contained web page. Only filtering needs its script.

The page is built from `page/page.html` and `page/parts.html` (Jinja), which call the methods of
`_PageContext`. Start with `render`.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xltiltak.model.language import decimal_text, translate
from xltiltak.publishing.document import (
    KINDS,
    CardBlock,
    Chart,
    Content,
    Document,
    Section,
    StepLabel,
    Style,
    Table,
    TableColumn,
    TableRow,
    children,
)
from xltiltak.publishing.drawing import QUARTERS, arrow, draw_chart, symbol
from xltiltak.publishing.published_text import xml_text

if TYPE_CHECKING:
    from jinja2 import Environment

_PAGE = Path(__file__).parent / "page"
_CHART_WIDTHS = (("wide", 720), ("narrow", 288))  # px, on a screen and on a phone
_NARROWEST = 8  # halves of a per cent: room for a short label and the sort button
_LONG_TEXT = 60  # characters; on a phone a longer text is placed below its label
_SVG_TAGS = re.compile(r"^<svg[^>]*>|</svg>$")
_LOGO_TYPES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_PHRASES = ("filter", "text", "step", "area", "all", "clear", "count", "numbers")


def render(document: Document) -> bytes:
    """Return the page in UTF-8. Code points that HTML forbids become U+FFFD."""
    steps = (step for step in _steps(document) if step.fill)
    colours = dict.fromkeys((step.fill, step.ink) for step in steps)
    context = _PageContext(document, {pair: f"s{k}" for k, pair in enumerate(colours)})
    template = _environment().get_template("page.html")
    page = template.render(
        page=context,
        document=document,
        style=_style_values(document.style),
        css=_page_file("page.css"),
        script=_page_file("page.js"),
    )
    return xml_text(page).encode()


@dataclass(frozen=True, slots=True)
class _PageContext:
    """What the templates need in addition to the document's own fields.

    `colour_classes` maps each pair of fill and ink to a CSS class.
    """

    document: Document
    colour_classes: dict[tuple[str, str], str]

    @property
    def phrases(self) -> dict[str, str]:
        """The phrases of the web page, by key."""
        return {key: translate(f"html.{key}", self.document.label_language) for key in _PHRASES}

    def colour_class(self, step: StepLabel) -> str:
        """Return the CSS class with the colours of a step; empty for a step without colours."""
        return self.colour_classes.get((step.fill, step.ink), "")

    def width_class(self, column: TableColumn) -> str:
        """Return the CSS class with the width of a column."""
        return f"w{_half_percents(column)}"

    def widths(self) -> list[int]:
        """Return the widths of all columns, each once, in halves of a per cent."""
        return sorted({_half_percents(column) for column in _columns(self.document)})

    def shape(self, step: StepLabel) -> str:
        """Return the id of the shape that replaces a step's symbol; empty for other symbols."""
        return f"q{QUARTERS[step.symbol]}" if step.symbol in QUARTERS else ""

    def shapes(self) -> Iterator[tuple[str, Any]]:
        """Yield the id and the SVG content of each shape that the page uses."""
        for name, quarters in QUARTERS.items():
            yield f"q{quarters}", _trusted(_SVG_TAGS.sub("", symbol(name, "currentColor")))
        for name in ("up", "down", "same"):
            yield f"t-{name}", _trusted(_SVG_TAGS.sub("", arrow(name, "currentColor")))

    def drawings(self, chart: Chart) -> tuple[tuple[str, Any], ...]:
        """Return a chart for a screen and for a phone; CSS shows one of them."""
        language = self.document.label_language
        return tuple(
            (name, _trusted(draw_chart(chart, language, width))) for name, width in _CHART_WIDTHS
        )

    def class_attribute(self, kind: str, content: Content, column: TableColumn) -> str:
        """Return the class attribute of a table cell; empty for a cell without classes."""
        classes = ["number"] if column.numeric else []
        if isinstance(content, StepLabel) and (colours := self.colour_class(content)):
            classes.append(f"step {colours}")
        is_long = isinstance(content, str) and len(content) > _LONG_TEXT
        if kind in ("paragraphs", "bulletlist") or is_long:
            classes.append("long")
        return _trusted(f' class="{" ".join(classes)}"') if classes else ""

    def number(self, value: object) -> str:
        """Return a number of a chart; a dash if nobody answered."""
        return "–" if value is None else decimal_text(value, self.document.label_language)

    def step(self, part: TableRow | CardBlock) -> str:
        """Return the last step of a row or card, by which readers filter; empty for none."""
        steps = list(_steps(part))
        return " ".join(filter(None, (steps[-1].value, steps[-1].word))) if steps else ""

    def steps(self) -> list[str]:
        """Return the steps that readers can filter by, in the order of their numbers."""
        return sorted({self.step(part) for part in _linked(self.document)} - {""})


def _linked(part: object) -> Iterator[TableRow | CardBlock]:
    """Yield the rows and cards of a part that have an anchor: those of the chapters."""
    if not isinstance(part, TableRow | CardBlock):
        for inner in children(part):
            yield from _linked(inner)
    elif part.anchor:
        yield part


def _steps(part: object) -> Iterator[StepLabel]:
    """Yield every step in a part, in order."""
    if isinstance(part, StepLabel):
        yield part
    elif not isinstance(part, str):
        for inner in children(part):
            yield from _steps(inner)


def _columns(part: object) -> Iterator[TableColumn]:
    """Yield every table column in a part."""
    if isinstance(part, Table):
        yield from part.columns
    elif isinstance(part, Document | Section | tuple):
        for inner in children(part):
            yield from _columns(inner)


def _half_percents(column: TableColumn) -> int:
    return max(round(column.share * 200), _NARROWEST)


def _style_values(style: Style) -> dict[str, str]:
    """Return the values of the style sheet; the logo as a data URL."""
    logo = ""
    if style.logo:
        types = (mime for start, mime in _LOGO_TYPES.items() if style.logo.startswith(start))
        mime_type = next(types, "image/svg+xml")
        logo = f"data:{mime_type};base64,{b64encode(style.logo).decode()}"
    return {
        "accent": style.accent,
        "ink": style.ink,
        "head": style.head,
        "logo": logo,
        "logo_text": style.logo_text,
        "font": _font_family(style.font),
        "heading_font": _font_family(style.heading_font or style.font),
    }


def _font_family(font: str) -> str:
    """Return a CSS font-family: the font of the style if any, then common ones."""
    name = re.sub(r'["\\<>{};]', "", font)
    families = [f'"{name}"'] if name else []
    return ", ".join([*families, '"Segoe UI"', "Arial", '"Liberation Sans"', "sans-serif"])


def _trusted(markup: str) -> Any:
    """Mark markup as safe. Only for markup of this package, in which texts are escaped already."""
    from markupsafe import Markup

    return Markup(markup)  # noqa: S704 - see the docstring


@cache
def _page_file(name: str) -> Any:
    return _trusted((_PAGE / name).read_text("utf-8"))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_PAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["kind"] = lambda part: KINDS[type(part)]
    environment.filters["trusted"] = _trusted
    return environment
