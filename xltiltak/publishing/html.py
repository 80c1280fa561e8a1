"""Render a document as one self-contained web page. Only filtering needs its script.

The page is built from `page/page.html` and `page/parts.html` (Jinja), which call the methods of
`_PageContext`. Start with `render`.

The script `page/page.js` relies on this markup:

- `main` holds `.front` (the bar of all measures), `section` with the heading `#summary` (the table
  of areas), `search.filter`, the sections `#fell`, `#stands` and `#finished`, then the others. A
  `section.chapter` is an area; its `aria-labelledby` is the anchor of the area.
- A measure is a `tr` or `article.card` with its own `id` in a chapter. `data-answers` has the
  questions that select it, in the words of the address, `data-area` the anchor of its chapter and
  `data-step` its step. A `tr` or `li` of a list has in `data-of` the id of the measure it names.
- Tables with sortable rows have the class `filters`. A cell whose text does not sort as it should
  has the number to sort by in `data-sort`.
- `.note` is what stands below the words of a cell, `.told` what is only read aloud.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xltiltak.model.colours import edge_of
from xltiltak.model.language import translate
from xltiltak.publishing.document import (
    KINDS,
    MOST_CHIPS,
    SIGNS,
    AnchorLink,
    Bar,
    Bars,
    Block,
    BulletList,
    CardBlock,
    Chart,
    Content,
    Document,
    Excerpt,
    Figure,
    History,
    Lead,
    Paragraphs,
    Section,
    StepLabel,
    Style,
    Table,
    TableColumn,
    TableRow,
    Trend,
    children,
    links,
    texts,
)
from xltiltak.publishing.drawing import (
    QUARTERS,
    PlacedLabel,
    arrow,
    bar_word,
    draw_chart,
    draw_history,
    place_labels,
    symbol,
)
from xltiltak.publishing.filters import NO_FILTERS, Filters
from xltiltak.publishing.published_text import xml_text
from xltiltak.publishing.web_links import text_parts

if TYPE_CHECKING:
    from jinja2 import Environment

_PAGE = Path(__file__).parent / "page"
_CHART_WIDTHS = (("wide", 720), ("narrow", 288))  # px, on a screen and on a phone
_NARROWEST = 8  # halves of a per cent: room for a short label and the sort button
_LONG_TEXT = 60  # characters; on a phone a longer text is placed below its label
_SVG_TAGS = re.compile(r"^<svg[^>]*>|</svg>$")
_LOGO_TYPES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_NARROW_BAR, _LABEL_POINTS = 860.0, 14.0  # px: the bar of all measures on a page 1,000 px wide
_LEAST_SHARE, _LEAST_SHARE_IN_CELL = 0.06, 0.16  # of a bar: room for the step beside the count
_MOST_COLUMNS = 6  # of a table in a window between a phone and a wide one
_LONGEST_NUMBER = 12  # characters of a measure's number
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
_NUMBER = re.compile(r"\d[\d\s.,]*%?")
_QUESTION_SIGNS = {  # the shapes of the questions
    "up": "t-up",
    "down": "t-down",
    "unchanged": "t-same",
    "finished_before": "t-finished",
    "unanswered": "t-unanswered",
}


def render(document: Document, filters: Filters = NO_FILTERS) -> bytes:
    """Return the page in UTF-8. Code points that HTML forbids become U+FFFD.

    Readers select the measures of the document by `filters`.
    """
    steps = (step for step in _steps(document) if step.fill)
    colours = dict.fromkeys((step.fill, step.ink) for step in steps)
    context = _PageContext(document, filters, {pair: f"s{k}" for k, pair in enumerate(colours)})
    template = _environment().get_template("page.html")
    page = template.render(
        page=context,
        document=document,
        filters=filters,
        style=_style_values(document.style),
        css=_page_file("page.css") + _page_file("controls.css"),
        script=_page_file("page.js"),
    )
    return xml_text(page).encode()


@dataclass(frozen=True, slots=True)
class _WordLabels:
    """The words above a bar: how many rows they need, and each with its place."""

    rows: int
    placed: list[dict[str, str]]


def _left_edge(label: PlacedLabel) -> str:
    """Return the left edge of a word above a bar of any width: as far from its part everywhere."""
    before = max(0.0, label.part - label.left)
    return f"calc({label.part / _NARROW_BAR:.2%} - {before:.0f}px)"


@dataclass(frozen=True, slots=True)
class _PageContext:
    """What the templates need in addition to the document's own fields.

    `colour_classes` maps each pair of fill and ink to a CSS class.
    """

    document: Document
    filters: Filters
    colour_classes: dict[tuple[str, str], str]

    def phrase(self, key: str, **values: object) -> str:
        """Return a phrase of the web page."""
        return translate(f"html.{key}", self.document.label_language, **values)

    @property
    def page_number(self) -> str:
        """The number of a printed page, as CSS content; browsers that cannot count omit it."""
        counters = {"page": '" counter(page) "', "pages": '" counter(pages) "'}
        return f'"{self.document.labels.page.format(**counters)}"'

    @property
    def part_pattern(self) -> str:
        """The pattern of a part of a whole, as "{n} av {total}"."""
        return translate("term.of", self.document.label_language, n="{n}", total="{total}")

    def address(self, key: str) -> str:
        """Return the word that stands for a field or a question in the page's address."""
        return self.phrase(f"address.{key}")

    @staticmethod
    def question_sign(question: str) -> str:
        """Return the id of the shape of a question; empty for none."""
        return _QUESTION_SIGNS.get(question, "")

    def tag_attributes(self, part: TableRow | CardBlock) -> Any:
        """Return the attributes by which the script finds and filters a measure, or a mention."""
        tags = self.filters.tags.get(part.anchor)
        if tags:
            answers = " ".join(map(self.address, tags.answers))
            attributes = {"id": part.anchor, "data-answers": answers}
            attributes |= {"data-area": tags.area, "data-step": tags.step}
        else:
            mentioned = (link.target for link in links(part) if link.target in self.filters.tags)
            attributes = {"id": part.anchor, "data-of": next(mentioned, "")}
        filled = attributes.items() if tags else [item for item in attributes.items() if item[1]]
        return _trusted("".join(f' {name}="{escape(text)}"' for name, text in filled))

    @staticmethod
    def kind(table: Table, n: int) -> str:
        """Return how the script sorts a column: as numbers, dates or texts."""
        cells = [row.cells[n] for row in table.rows if not row.heading]
        texts_of = [cell for cell in cells if isinstance(cell, str) and cell[:1].isdigit()]
        if any(isinstance(cell, StepLabel | Trend | History | Figure) for cell in cells):
            return "number"
        if texts_of and all(map(_DATE.fullmatch, texts_of)):
            return "date"
        is_number = table.columns[n].numeric or (texts_of and all(map(_NUMBER.fullmatch, texts_of)))
        return "number" if is_number else "text"

    @property
    def leads(self) -> tuple[Block, ...]:
        """The blocks of the front that belong to the title: the sentences."""
        return tuple(b for b in self.document.front if isinstance(b, Lead) and b.main)

    @property
    def front(self) -> tuple[Block, ...]:
        """The other blocks of the front."""
        return tuple(b for b in self.document.front if not (isinstance(b, Lead) and b.main))

    @property
    def back(self) -> str:
        """The words of the link from a chapter to the table of areas; empty if it has no links."""
        has_links = any(isinstance(cell, AnchorLink) for cell in _first_cells(self.document))
        return translate("term.total", self.document.label_language) if has_links else ""

    def listed_sections(self) -> list[Section]:
        """Return the sections to list at the top; the table of areas leads to the chapters."""
        sections = (*self.document.news, *self.document.sections)
        return [s for s in sections if not s.chapter or not self.back]

    def colour_class(self, step: StepLabel) -> str:
        """Return the CSS class with the colours of a step; empty for a step without colours."""
        if step.missing:
            return "missing"
        return self.colour_classes.get((step.fill, step.ink), "")

    def edge(self, fill: str) -> str:
        """Return the colour of the edge around a fill."""
        return edge_of(fill)

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
        for name in SIGNS:
            yield f"t-{name}", _trusted(_SVG_TAGS.sub("", arrow(name, "currentColor")))

    def drawings(self, chart: Chart) -> tuple[tuple[str, Any], ...]:
        """Return a chart for a screen and for a phone; CSS shows one of them."""
        language = self.document.label_language
        return tuple(
            (name, _trusted(draw_chart(chart, language, width))) for name, width in _CHART_WIDTHS
        )

    def is_line(self, history: History) -> bool:
        """Return True if a history has too many dates for chips, and a scale to draw a line on."""
        return len(history.steps) > MOST_CHIPS and history.top > 0

    def history_line(self, history: History) -> Any:
        """Return the line of a history; the element around it has its text."""
        return _trusted(draw_history(history))

    def labels(self, bars: Bars) -> _WordLabels:
        """Return where the words of the steps stand above the widest bar."""
        placed = place_labels(bars.bars[0], _NARROW_BAR, _LABEL_POINTS)
        rows = 1 + max((label.row for label in placed), default=0)
        return _WordLabels(
            rows,
            [
                {
                    "left": _left_edge(label),
                    "row": str(label.row),
                    "word": bar_word(label.step),
                    "line": f"{label.point / _NARROW_BAR:.2%}" if label.has_line else "",
                }
                for label in placed
            ],
        )

    def bar_parts(self, bar: Bar, bars: Bars) -> Iterator[dict[str, object]]:
        """Yield the class, the count and the step of each part; the step where there is room."""
        total = sum(part.count for part in bar.parts)
        least = _LEAST_SHARE if bars.labels else _LEAST_SHARE_IN_CELL
        for part in bar.parts:
            is_shown = bar is bars.bars[0] and bars.labels != "words"
            step = part.step.value if is_shown and part.count >= total * least else ""
            look = self.colour_class(part.step) or "plain"
            shown = "" if part.step.missing else step
            yield {"look": look, "count": part.count, "step": shown}

    def steps_of(self, bars: Bars) -> list[StepLabel]:
        """Return the steps of some bars, each once; what is not answered is the last."""
        steps = dict.fromkeys(part.step for bar in bars.bars for part in bar.parts)
        return sorted(steps, key=lambda step: step.missing)

    def row_name(self, row: TableRow, columns: Sequence[TableColumn]) -> str:
        """Return the number of a row and its name, by which a link to it is read aloud."""
        head = next(n for n, column in enumerate(columns) if column.head)
        short = (c for c in row.cells[:head] if isinstance(c, str) and len(c) <= _LONGEST_NUMBER)
        return " ".join([*filter(None, short), *texts(row.cells[head])])

    def table_classes(self, table: Table) -> Any:
        """Return the class attribute of a table; empty for none."""
        names = [name for name in ("filters", "quiet") if getattr(table, name)]
        has_bars = any(isinstance(cell, Bars) for row in table.rows for cell in row.cells)
        if has_bars or len(table.columns) > _MOST_COLUMNS:
            names.append("many" if table.filters else "stacked")
        return _trusted(f' class="{" ".join(names)}"') if names else ""

    def class_attribute(self, content: Content, column: TableColumn) -> Any:
        """Return the class attribute of a table cell; empty for a cell without classes."""
        classes = ["number"] if column.numeric else []
        if column.sign and content == "0":
            classes.append("none")
        elif column.sign == "down":
            classes.append("fall")
        is_long = isinstance(content, str | Excerpt) and len("".join(texts(content))) > _LONG_TEXT
        if isinstance(content, Paragraphs | BulletList | Bars) or is_long:
            classes.append("long")
        return _trusted(f' class="{" ".join(classes)}"') if classes else ""

    def sort_attribute(self, content: Content) -> Any:
        """Return the number by which readers sort a cell, if it is not the text of the cell."""
        number: object = None
        match content:
            case Trend():
                number = content.by
            case History():
                number = next((lv for lv in reversed(content.levels) if lv is not None), None)
            case Figure():
                number = content.value.replace(",", ".")
        return "" if number is None else _trusted(f' data-sort="{escape(str(number))}"')


def _first_cells(document: Document) -> Iterator[Content]:
    """Yield the first cells of the tables of the first section of the news."""
    for section in document.news[:1]:
        for block in section.blocks:
            if isinstance(block, Table):
                yield from (row.cells[0] for row in block.rows)


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
    environment.filters["parts"] = text_parts
    return environment
