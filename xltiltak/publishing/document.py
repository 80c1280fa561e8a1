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
Direction = Literal["", "up", "down", "same", "finished", "unanswered"]
"""What the sign before some words means: ▲ up, ▼ down, ■ same, ● finished before, ○ unanswered."""
BarLabels = Literal["", "dates", "words"]
SIGNS: Mapping[str, str] = {"up": "▲", "down": "▼", "same": "■", "finished": "●", "unanswered": "○"}
MOST_CHIPS = 4  # dates; the steps at more dates are drawn as a line
WHOLE_ROWS = 10  # a table of figures with at most this many rows is kept on one page
_POINTS = 8.5  # size of the text in table heads
_BOLD = 1.09  # how much wider bold text is
_PADDING = 13  # points to the left and right of a text, and for the mark of a sorted column
_WORD_PARTS = re.compile(r"[^ \t\n/-]+[/-]?")  # a line may break after "/" and "-"


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
    `ink` are "#RRGGBB"; both are empty if the template sets no colours. A `missing` one stands for
    an answer that is not there; its edge is dashed, its part of a bar hatched.
    """

    value: str
    word: str
    symbol: str = ""
    fill: str = ""
    ink: str = ""
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Trend:
    """A change since the previous date: a sign, words that need no sign ("opp 1"), and a note.

    `by` is the change as a number, by which readers sort; None for none.
    """

    direction: Direction
    words: str
    note: str = ""
    by: Decimal | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The steps of a measure at all dates, the oldest first; `text` names each date and step.

    `levels` has how high each step is on its scale, from 0 to `top`; None for a missing answer.
    """

    steps: tuple[StepLabel, ...]
    levels: tuple[int | None, ...]
    top: int
    text: str


@dataclass(frozen=True, slots=True)
class Move:
    """From which step to which a measure has moved, and the change in words."""

    before: StepLabel
    now: StepLabel
    trend: Trend

    @property
    def words(self) -> str:
        """The words of both steps; empty for numbers without words."""
        first, last = self.before.word, self.now.word
        return f"{first} → {uncapitalised(last)}" if first and last else ""


@dataclass(frozen=True, slots=True)
class AnchorLink:
    """A name that leads to the row, card or section with this anchor, and a note below it.

    With `paged`, formats that have pages name the page that the link leads to.
    """

    text: str
    target: str
    note: str = ""
    paged: bool = False


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The beginning of a text. With `more`, the words of a link to the whole text at `target`."""

    text: str
    target: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with words beside it and a note below; in a dense table `short` replaces it."""

    value: str
    words: str = ""
    note: str = ""
    short: str = ""


@dataclass(frozen=True, slots=True)
class BarPart:
    """How many measures are on a step."""

    step: StepLabel
    count: int


@dataclass(frozen=True, slots=True)
class Bar:
    """All measures at one date, by their steps; `label` is the date."""

    label: str
    parts: tuple[BarPart, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """The measures now as a thick bar, above those at the date before as a thin one.

    `text` gives the numbers in words. `labels` says what stands beside the bars: the word of each
    step ("words"), only the dates ("dates"), or nothing.
    """

    bars: tuple[Bar, ...]
    text: str
    labels: BarLabels = ""


Content = (
    str
    | Paragraphs
    | BulletList
    | StepLabel
    | Trend
    | History
    | Move
    | AnchorLink
    | Excerpt
    | Figure
    | Bars
)
"""The content of one cell. An empty string is an empty cell."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table.

    `share` is its part of the table's width; the shares of a table sum to 1. The cells of the
    column with `head` are the headings of their rows. The cells of a `numeric` column are aligned
    to the right. `sign` stands above the label, `note` below it.
    """

    label: str
    share: float
    head: bool = False
    numeric: bool = False
    sign: Direction = ""
    note: str = ""


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
    the table is short and is kept on one page. The caption of a `quiet` one is only read aloud,
    because the heading above says the same; it has lines between its rows only.
    """

    caption: str
    description: str
    columns: tuple[TableColumn, ...]
    rows: tuple[TableRow, ...]
    filters: bool = False
    whole: bool = False
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Legend:
    """The steps of a scale after a label."""

    label: str
    steps: tuple[StepLabel, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart. A value is None if nobody answered. The `total` is drawn thick."""

    name: str
    values: tuple[Decimal | None, ...]
    total: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A line chart over `categories`.

    `description` gives the numbers in words. `axis_range` is the lowest and highest value of the
    axis, for example the ends of a scale; None derives it from the values. `unit` is that of the
    values.
    """

    title: str
    description: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    axis_range: tuple[Decimal, Decimal] | None = None
    unit: str = ""


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


@dataclass(frozen=True, slots=True)
class LeadPart:
    """Some words of a sentence: plain, a number ("strong"), or the number of falls ("fall")."""

    text: str
    tone: Literal["", "strong", "fall"] = ""


@dataclass(frozen=True, slots=True)
class Lead:
    """The sentence that says the most; its numbers stand out. The report has one `main` one."""

    parts: tuple[LeadPart, ...]
    main: bool = False


@dataclass(frozen=True, slots=True)
class MeasureItem:
    """A measure of a list, and how it has moved if the heading does not say it."""

    link: AnchorLink
    move: Move | None = None


@dataclass(frozen=True, slots=True)
class MeasureList:
    """Measures under a heading with their number; `steps` stand before the heading.

    `left` says how many measures are left out, empty for none.
    """

    title: str
    count: int
    items: tuple[MeasureItem, ...]
    steps: tuple[StepLabel, ...] = ()
    left: str = ""


Block = (
    Paragraphs
    | BulletList
    | Table
    | Legend
    | Chart
    | CardBlock
    | FactList
    | Lead
    | Bars
    | MeasureList
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with blocks and subsections. The sections of a document have level 1.

    A `chapter` is about one area; its title is in the page header, in formats that have pages.
    `sign` and `count` stand before and after the title. `language` is the BCP 47 tag of its texts,
    empty for that of the document.
    """

    title: str
    anchor: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    chapter: bool = False
    sign: Direction = ""
    count: int | None = None
    language: str = ""

    @property
    def full_title(self) -> str:
        """The title with its count."""
        return self.title if self.count is None else f"{self.title}: {self.count}"


@dataclass(frozen=True, slots=True)
class DocumentLabels:
    """The fixed words that a renderer needs, in the reader's language.

    `page` is a pattern such as "Side {page} av {pages}", `on_page` such as "side {page}",
    `continued` such as "{name} (forts.)". `figures` and `tables` are the headings of the lists of
    figures and tables.
    """

    contents: str
    skip: str
    page: str
    on_page: str
    continued: str
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

    `front` and `news` are what comes first; the list of contents stands between them and
    `sections`.

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
    news: tuple[Section, ...] = ()
    landscape: bool = False
    label_language: str = "nb"
    style: Style = Style()


KINDS: Mapping[type, str] = {
    str: "str",
    Paragraphs: "paragraphs",
    BulletList: "bulletlist",
    StepLabel: "step",
    Trend: "trend",
    History: "history",
    Move: "move",
    AnchorLink: "link",
    Excerpt: "excerpt",
    Figure: "figure",
    Bars: "bars",
    Table: "table",
    Legend: "legend",
    Chart: "chart",
    CardBlock: "cardblock",
    FactList: "factlist",
    Lead: "lead",
    MeasureList: "measurelist",
}
"""The names of content and blocks in the page templates `report.typ` and `page/parts.html`."""


def uncapitalised(word: str) -> str:
    """Return a word as it stands inside a sentence; a name in capitals is kept."""
    return word if word[1:2].isupper() else word[:1].lower() + word[1:]


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
