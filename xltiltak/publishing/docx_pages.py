"""Work out on which page each heading of a Word file stands, for the list of contents.

Only Word knows the pages, and it counts them when the reader updates the list. Until then the list
shows what is worked out here from the width of the texts, the heights of the rows, and what is kept
together. Lengths are in points. Start with `PageCounter`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from xltiltak.layout import metrics
from xltiltak.publishing.document import (
    AnchorLink,
    BulletList,
    Content,
    Excerpt,
    Figure,
    History,
    Move,
    Paragraphs,
    StepLabel,
    Table,
    Trend,
)

TEXT, CELL, NOTE = 9.5, 8.5, 7.5  # sizes of letters
_LINE = 1.15  # height of a line of Arial, in sizes of its letters
_CELL_PADDING = 8.0  # left and right of a cell
_ROW_PADDING = 4.5  # above and below a row, with its line
_BOLD = 1.07
_HEIGHT = re.compile(r'height="([\d.]+)"')


def text_height(text: str, width: float, points: float, *, bold: bool = False) -> float:
    """Return the height of a text in a width; a line break begins a new line."""
    room = max(width, points) / (_BOLD if bold else 1)
    lines = sum(
        max(1, sum(1 for _ in metrics.wrap_to_width(line, room, points)))
        for line in text.split("\n")
    )
    return lines * points * _LINE


def content_height(content: Content, width: float, *, bold: bool = False) -> float:
    """Return the height of what a cell holds, without pictures."""
    line, below = "", ""
    match content:
        case Paragraphs(found):
            return sum(text_height(text, width, CELL) + 3 for text in found) - 3
        case BulletList(found):
            return sum(text_height(text, width - 9, CELL) for text in found)
        case str() | Excerpt():
            line = content if isinstance(content, str) else content.text
        case StepLabel():
            line = f"{content.value} {content.word}"
        case Trend():
            line, below = content.words, content.note
        case History(steps):
            line, below = "→".join(f" {step.value} " for step in steps), steps[-1].word
        case Move():
            line, below = content.trend.words, content.words
        case AnchorLink():
            line, below = content.text, content.note
        case Figure():
            line, below = f"{content.value} {content.words}", content.note
    height = text_height(line, width, CELL, bold=bold)
    return height + (text_height(below, width, NOTE) if below else 0)


def drawing_height(svg: str, width: float) -> float:
    """Return the height of a drawing that is as wide as `width`."""
    wide = re.search(r'width="([\d.]+)"', svg)
    high = _HEIGHT.search(svg)
    return float(high[1]) * width / float(wide[1]) if wide and high else 0.0


@dataclass
class PageCounter:
    """Counts pages while blocks are written one after another.

    `width` and `height` are between the margins. `used` is what the page is filled to, `kept` the
    height of what has to stay with the block after it. `headings` has the page of each heading, and
    of each caption, by the number of its bookmark; `waiting` those that stay with the next block.
    """

    width: float
    height: float
    page: int = 1
    used: float = 0.0
    kept: float = 0.0
    headings: dict[int, int] = field(default_factory=dict)
    waiting: list[int] = field(default_factory=list)

    def add(self, height: float, *, keep: bool = False) -> None:
        """Add a block that is not divided. With `keep` it stays on the page of the next block."""
        if self.used + height > self.height and self.used > self.kept:
            self.page += 1
            self.used = self.kept
        self.headings.update(dict.fromkeys(self.waiting, self.page))
        self.used += height
        self.kept = self.kept + height if keep else 0.0
        self.waiting = self.waiting if keep else []

    def add_heading(self, bookmark: int, text: str, points: float, around: float) -> None:
        """Add a heading or caption with the space around it; it stays with the next block."""
        self.waiting.append(bookmark)
        self.add(text_height(text, self.width, points, bold=True) + around, keep=True)

    def add_text(self, text: str, points: float, after: float = 0.0, *, keep: bool = False) -> None:
        """Add a paragraph."""
        self.add(text_height(text, self.width, points) + after, keep=keep)

    def add_table(self, table: Table, drawn: Sequence[float]) -> None:
        """Add a table, whose head is repeated. `drawn` has the heights of pictures by row."""
        widths = [column.share * self.width - _CELL_PADDING for column in table.columns]
        heads = (
            content_height(AnchorLink(column.label, "", column.note), width, bold=True)
            for column, width in zip(table.columns, widths, strict=True)
        )
        head = max(heads) + _ROW_PADDING
        self.add(head, keep=True)
        for n, row in enumerate(table.rows):
            cells = zip(row.cells, widths, table.columns, strict=False)
            heights = (content_height(c, w, bold=column.head) for c, w, column in cells)
            height = max([*heights, drawn[n] if n < len(drawn) else 0.0]) + _ROW_PADDING
            before = self.page
            self.add(height, keep=table.whole and n < len(table.rows) - 1)
            self.used += head if self.page > before and n else 0.0
        self.add(4 * _LINE + 6)

    def add_rows(self, rows: Iterable[tuple[str, Content]], label_width: float) -> None:
        """Add labels with values, which are kept on one page."""
        room = self.width - label_width - _CELL_PADDING
        height = sum(
            max(
                text_height(label, label_width - _CELL_PADDING, CELL, bold=True),
                content_height(content, room),
            )
            + _ROW_PADDING
            for label, content in rows
        )
        self.add(height + 4 * _LINE + 6)
