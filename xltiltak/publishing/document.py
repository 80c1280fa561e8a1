"""A report as its readers meet it: sections of paragraphs, tables, cards and charts, with no format in mind.

`compose` makes one of a report; each renderer (`html`, `docx`, `pdf`) sets the same one, none reads another's output.
All text is plain: a renderer escapes it. What stands in a document is for the public.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """Text in paragraphs; a line break within one stays."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BulletList:
    """A list, an item a line."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A step of a scale or of a list as it is shown: number, word, symbol and fill, never the colour alone.

    `value` is empty for a step that has no number. `fill` and `ink` are "#RRGGBB"; both are empty where the template
    gives no colours. `symbol` is a sign, empty where there is none; those that `drawing.QUARTERS` knows are drawn as a
    shape, for few fonts have them all.
    """

    value: str
    word: str
    symbol: str = ""
    fill: str = ""
    ink: str = ""


@dataclass(frozen=True, slots=True)
class Trend:
    """A change since the last date: a direction, and the words that say it without the arrow ("opp 1", "uendret")."""

    direction: Literal["up", "down", "same"]
    words: str


Content = str | Paragraphs | BulletList | Mark | Trend
"""What one cell holds. An empty string is an empty cell."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table. `share` is its part of the width; the shares of a table sum to 1. `head` names the row."""

    label: str
    share: float
    head: bool = False
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table. `total` sets it apart; `anchor` is where a link to it leads, empty where there is none.

    A row with one cell and `heading` is a heading over the rows below it, across all columns.
    """

    cells: tuple[Content, ...]
    anchor: str = ""
    total: bool = False
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `caption` is shown above it, `description` is what somebody who does not see it is told.

    `filters` says that a reader may want to filter and sort its rows, where the medium can; `whole` that it is short,
    and stands on one page.
    """

    caption: str
    description: str
    columns: tuple[TableColumn, ...]
    rows: tuple[TableRow, ...]
    filters: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Legend:
    """The steps of a scale with their words."""

    label: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one part of every bar. A value is None where nobody answered. `fill` is empty for the renderer's."""

    name: str
    values: tuple[Decimal | None, ...]
    fill: str = ""
    ink: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over `categories`, or a stacked bar of shares for each. `description` says its numbers in words.

    `reach` is the least and the most that a line can be, as the ends of a scale; None lets the values decide. `keyed`
    says that a legend above it tells what its colours mean.
    """

    kind: Literal["lines", "shares"]
    title: str
    description: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    reach: tuple[Decimal, Decimal] | None = None
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class CardBlock:
    """One measure set as labels and values; `marks` stand beside its title.

    `title` is a heading, one level below that of the section it stands in; without one it is labels and values alone.
    """

    title: str
    rows: tuple[tuple[str, Content], ...]
    marks: tuple[Mark, ...] = ()
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class FactList:
    """A few labels with their values, on one line or below each other: "Tiltak 44 · Besvart 43 · Gjennomsnitt 3,2"."""

    items: tuple[tuple[str, str], ...]


Block = Paragraphs | BulletList | Table | Legend | Chart | CardBlock | FactList


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it. Sections directly in a document are of level 1, those within one level more.

    `page` says that it begins on a new page, where there are pages, with its title in their head.
    """

    title: str
    anchor: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    page: bool = False


@dataclass(frozen=True, slots=True)
class DocumentLabels:
    """The fixed words that a renderer needs, in the document's language."""

    contents: str
    skip: str
    page: str  # "Side {page} av {pages}"
    figures: str  # heading of the list of figures
    tables: str  # heading of the list of tables


@dataclass(frozen=True, slots=True)
class Style:
    """How a document looks. Colours are "#RRGGBB", `paper` is white; a font is empty for the renderer's own.

    `accent` is for headings and rules, `ink` for text, `head` fills the heads of tables. `logo` is a PNG, JPEG or SVG
    file, empty where there is none; `logo_text` says what it shows. `landscape` is None for the template's own choice.
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
    """The whole. `language` is a BCP 47 tag, of what most of its text is written in; `landscape` is how its pages lie.

    `language` is the language of the fixed words and the numbers, as the catalogue names it. `subtitle` and
    `organisation` are empty where there is nothing to say.
    """

    title: str
    subtitle: str
    organisation: str
    language: str
    words: DocumentLabels
    front: tuple[Block, ...]
    sections: tuple[Section, ...]
    landscape: bool = True
    label_language: str = "nb"
    style: Style = Style()


def texts(part: object) -> Iterator[str]:
    """Every text in a part of a document, however deep."""
    if isinstance(part, str):
        yield part
    else:
        for inner in inside(part):
            yield from texts(inner)


def inside(part: object) -> Iterable[object]:
    """The parts that a part is made of, in order; none of what is no part of a document."""
    return part if isinstance(part, tuple) else [getattr(part, name) for name in named(part)]


def named(part: object) -> tuple[str, ...]:
    """What the parts of a part are called; it is asked of every cell, and `dataclasses.fields` is slow."""
    return getattr(part, "__match_args__", ())
