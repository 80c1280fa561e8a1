"""The document model: sections of paragraphs, tables, cards and charts, for any output format.

`compose` builds one `Document` from a report. Each renderer (`html`, `docx`, `pdf`) renders that
same document; no renderer reads the output of another. All texts are plain text: a renderer must
escape them. A document holds only what everybody may read. `column_shares` divides the width of a
table among its columns, so that no word is broken if there is room.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from xltiltak.layout import metrics

LANDSCAPE_WIDTH, PORTRAIT_WIDTH = 762.0, 515.0  # points between the margins of an A4 page
UNANSWERED_FILL, UNANSWERED_INK = "#EEF0F2", "#1B2430"  # of what is not answered
WHOLE_ROWS = 10  # a table of figures with at most this many rows is kept on one page
_POINTS = 8.5  # size of the text in table heads
_BOLD = 1.09  # how much wider bold text is
_PADDING = 9.5  # points to the left and right of a text
_WORD_PARTS = re.compile(r"[^\s/-]+[/-]?")  # a line may break after "/" and "-"


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """Paragraphs of text. A line break within a paragraph is kept."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BulletList:
    """A bullet list, one text for each item."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepLabel:
    """A step of a scale or of a list of choices: number, word, symbol and colours.

    `value` is the number as text, empty for a choice. `symbol` is one character, empty for none;
    those in `drawing.QUARTERS` are drawn as shapes, because few fonts have them all. `fill` and
    `ink` are "#RRGGBB"; both are empty if the template sets no colours.
    """

    value: str
    word: str
    symbol: str = ""
    fill: str = ""
    ink: str = ""


@dataclass(frozen=True, slots=True)
class Trend:
    """A change since the previous date: a direction, and words that need no arrow ("opp 1")."""

    direction: Literal["up", "down", "same"]
    words: str


@dataclass(frozen=True, slots=True)
class AnchorLink:
    """A name that leads to the row or card of the document with this anchor."""

    text: str
    target: str


Content = str | Paragraphs | BulletList | StepLabel | Trend | AnchorLink
"""The content of one cell. An empty string is an empty cell."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table.

    `share` is its part of the table's width; the shares of a table sum to 1. The cells of the
    column with `head` are the headings of their rows. The cells of a `numeric` column are aligned
    to the right.
    """

    label: str
    share: float
    head: bool = False
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table.

    `anchor` is the id that links to the row use, empty for none. A `total` row is emphasised. A
    `heading` row has one cell, which spans all columns and introduces the rows below it.
    """

    cells: tuple[Content, ...]
    anchor: str = ""
    total: bool = False
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `caption` is shown above it; `description` is for readers who cannot see the table.

    With `filters`, renderers that can do so let the reader filter and sort the rows. With `whole`,
    the table is short and is kept on one page.
    """

    caption: str
    description: str
    columns: tuple[TableColumn, ...]
    rows: tuple[TableRow, ...]
    filters: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Legend:
    """The steps of a scale after a label."""

    label: str
    steps: tuple[StepLabel, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart, or one part of each of its bars.

    A value is None if nobody answered. `fill` is empty for a colour that the renderer chooses.
    A `hatched` part stands for what is not answered.
    """

    name: str
    values: tuple[Decimal | None, ...]
    fill: str = ""
    ink: str = ""
    hatched: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A line chart over `categories`, or a stacked bar of shares for each category.

    `description` gives the numbers in words. `axis_range` is the lowest and highest value of the
    axis, for example the ends of a scale; None derives it from the values. `legend_above` is True
    if a legend above the chart already explains its colours.
    """

    kind: Literal["lines", "shares"]
    title: str
    description: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    axis_range: tuple[Decimal, Decimal] | None = None
    legend_above: bool = False


@dataclass(frozen=True, slots=True)
class CardBlock:
    """One measure as labels and values, with `steps` beside its title.

    `title` is a heading one level below that of the section; without one there is no heading.
    """

    title: str
    rows: tuple[tuple[str, Content], ...]
    steps: tuple[StepLabel, ...] = ()
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class FactList:
    """A few labels with values, for one line: "Tiltak 44 · Besvart 43 · Gjennomsnitt 3,2"."""

    items: tuple[tuple[str, str], ...]


Block = Paragraphs | BulletList | Table | Legend | Chart | CardBlock | FactList


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with blocks and subsections. The sections of a document have level 1.

    With `page`, the section starts on a new page and its title is in the page header, in formats
    that have pages.
    """

    title: str
    anchor: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    page: bool = False


@dataclass(frozen=True, slots=True)
class DocumentLabels:
    """The fixed words that a renderer needs, in the reader's language.

    `page` is a pattern such as "Side {page} av {pages}". `figures` and `tables` are the headings
    of the lists of figures and tables.
    """

    contents: str
    skip: str
    page: str
    figures: str
    tables: str


@dataclass(frozen=True, slots=True)
class Style:
    """The look of a document. Colours are "#RRGGBB" on white paper.

    `accent` is the colour of headings and rules, `ink` that of text, `head` the fill of table
    heads. An empty font means the renderer's own. `logo` is the content of a PNG, JPEG or SVG
    file, empty for none; `logo_text` describes it. `landscape` is None for the template's default.
    """

    accent: str = "#0B4A8F"
    ink: str = "#1F2A37"
    head: str = "#E6ECF2"
    font: str = ""
    heading_font: str = ""
    logo: bytes = b""
    logo_text: str = ""
    landscape: bool | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document. `subtitle` and `organisation` may be empty.

    `language` is the BCP 47 tag of the language that most of the text is written in.
    `label_language` is the language of the fixed words and the numbers, as the catalogue names it.
    `landscape` is the orientation of the pages.
    """

    title: str
    subtitle: str
    organisation: str
    language: str
    labels: DocumentLabels
    front: tuple[Block, ...]
    sections: tuple[Section, ...]
    landscape: bool = True
    label_language: str = "nb"
    style: Style = Style()


KINDS: Mapping[type, str] = {
    str: "str",
    Paragraphs: "paragraphs",
    BulletList: "bulletlist",
    StepLabel: "step",
    Trend: "trend",
    AnchorLink: "link",
    Table: "table",
    Legend: "legend",
    Chart: "chart",
    CardBlock: "cardblock",
    FactList: "factlist",
}
"""The names of content and blocks in the page templates `report.typ` and `page/parts.html`."""


def texts(part: object) -> Iterator[str]:
    """Yield every text in a part of a document, at any depth."""
    if isinstance(part, str):
        yield part
    else:
        for inner in children(part):
            yield from texts(inner)


def links(part: object) -> Iterator[AnchorLink]:
    """Yield the links in a part of a document, in order."""
    if isinstance(part, AnchorLink):
        yield part
    elif not isinstance(part, str):
        for inner in children(part):
            yield from links(inner)


def children(part: object) -> Iterable[object]:
    """Return the parts of a part, in order; none for a value that is no part of a document."""
    if isinstance(part, tuple):
        return part
    return [getattr(part, name) for name in field_names(part)]


def field_names(part: object) -> tuple[str, ...]:
    """Return the field names of a part; none for a value that is no part of a document.

    Called for every cell: `__match_args__` is much faster than `dataclasses.fields`.
    """
    return getattr(part, "__match_args__", ())


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column's relative width, and the texts whose words should not be broken."""

    width: float
    texts: tuple[str, ...]


def column_shares(columns: Sequence[ColumnSpec], *, landscape: bool) -> tuple[float, ...]:
    """Return the part of the table's width that each column gets; the parts sum to 1.

    A column is at least as wide as its longest word; the others share the rest by their relative
    widths. If the longest words together do not fit, only the relative widths count.
    """
    available = LANDSCAPE_WIDTH if landscape else PORTRAIT_WIDTH
    needs = [longest_word(column.texts) for column in columns]
    total = sum(column.width for column in columns) or 1.0
    if sum(needs) > available:
        return tuple(column.width / total for column in columns)
    fixed: dict[int, float] = {}  # columns that get what their longest word needs
    while True:
        flexible = {n: column.width for n, column in enumerate(columns) if n not in fixed}
        scale = (available - sum(fixed.values())) / (sum(flexible.values()) or 1.0)
        too_narrow = {n: needs[n] for n, width in flexible.items() if width * scale < needs[n]}
        if not too_narrow:
            widths = (fixed.get(n, column.width * scale) for n, column in enumerate(columns))
            return tuple(width / available for width in widths)
        fixed |= too_narrow


def longest_word(texts: Iterable[str]) -> float:
    """Return the points that the longest word of some texts needs in bold, padding included."""
    words = (word for text in texts for word in _WORD_PARTS.findall(text))
    widest = max((metrics.text_width(word, _POINTS) * _BOLD for word in words), default=0.0)
    return widest + _PADDING
