"""The rows of an area sheet as data: their cells and values, and how they look.

A row has one specification a cell, and the values of the cells. `make_row` builds it; the other
functions draw rows as cards, or across a table.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from xltiltak.layout import metrics
from xltiltak.layout.geometry import BULLET_COL, CARD_VALUE_COL, LABEL_COL, TICK_COL
from xltiltak.model.cell_values import CellValue, PlainValue, display
from xltiltak.model.field_types import FieldType
from xltiltak.model.report import Slot
from xltiltak.model.template import Field

# Row keys of the empty row below a card, and of the rows of the overview.
GAP_KEY, OVERVIEW_KEY = "@gap", "@toc"
PROPOSAL_KEY = "@new"  # the row key of a row in which a leader may propose a measure
SUM_KEY = "@sum"  # the row key of the line with a group's summary, which is a formula
_HEADING_LOOKS = ("outermost", "outer", "inner")  # of the headings above the cards
_INDENT = 2.0  # characters
_SEPARATORS = {"+": " ", "^": "\n"}  # by the last character of a row key
Stat = Literal["count", "answered", "unanswered", "mean", "share"]


class FigureSpec(NamedTuple):
    """A live formula over the cells of one field at one date; `step` is the one a share counts."""

    stat: Stat
    field: str
    date: date | None
    step: int | str | None = None


@dataclass(frozen=True, slots=True)
class CellSpec:
    """One cell of a row: fixed text, a figure, or with `field` a slot.

    `style` says what the cell is for ("input", "given", "label" …); `look` is the cell style that
    it is drawn in, if that is another one. A slot belongs to the node `refs[node_index]` of its
    row. Rows that are alike share one tuple of specifications, so that the writer prepares their
    formats and validations once.
    """

    col: int
    style: str
    field_type: FieldType | None = dataclasses.field(default=None, hash=False)
    field: Field | None = dataclasses.field(default=None, hash=False)
    date: date | None = None
    node_index: int = 0
    figure: FigureSpec | None = None
    look: str = ""

    @property
    def cell_style(self) -> str:
        """Return the name of the cell style that the cell is drawn in."""
        return self.look or self.style

    @property
    def is_derived(self) -> bool:
        """Return True if the value of the cell follows from others."""
        return bool(self.field and self.field.is_derived)

    def with_look(self, look: str) -> CellSpec:
        """Return the same cell drawn in another cell style."""
        return CellSpec(
            self.col,
            self.style,
            self.field_type,
            self.field,
            self.date,
            self.node_index,
            self.figure,
            look,
        )


SpecAndValue = tuple[CellSpec, PlainValue]


class SheetRow(NamedTuple):
    """One row: its row key, its cells, their values, and the refs of the nodes it is about.

    A row without cells is empty; its key may be empty too.
    """

    key: str
    specs: tuple[CellSpec, ...] = ()
    values: tuple[PlainValue, ...] = ()
    refs: tuple[str, ...] = ()

    def slot_at(self, spec: CellSpec) -> Slot | None:
        """Return the slot in one of the row's cells; None without a field, or of no node yet."""
        if spec.field is None or not self.refs:
            return None
        return Slot(self.refs[spec.node_index], spec.field.id, spec.date)


def make_row(key: str, *cells: SpecAndValue, refs: tuple[str, ...] = ()) -> SheetRow:
    """Return a row of these cells, each with its value."""
    specs = tuple(spec for spec, _ in cells)
    return SheetRow(key, specs, tuple(value for _, value in cells), refs)


# Cards
#
# A card has a title band, bullets, and frames around its inputs. On a form each open slot has a
# tick beside it, and an overview of all cards stands at the top.

_TICK = CellSpec(TICK_COL, "tick")
_OVERVIEW_SPECS = (CellSpec(LABEL_COL, "toc"), CellSpec(CARD_VALUE_COL, "toc_name"), _TICK)


def card_overview_rows(heading: str, titles: Iterable[SheetRow]) -> Iterator[SheetRow]:
    """Yield a heading, and a row for each card and each group of cards.

    `titles` are the title rows of the cards and of the groups.
    """
    empty = [
        (CellSpec(col, "plain", look="toc_head"), None)
        for col in (BULLET_COL, CARD_VALUE_COL, TICK_COL)
    ]
    yield make_row(OVERVIEW_KEY, (CellSpec(LABEL_COL, "toc_head"), heading), *empty)
    for title in titles:
        values = {spec.col: value for spec, value in zip(title.specs, title.values, strict=True)}
        if all(spec.look not in ("band", "name") for spec in title.specs):
            group = CellSpec(LABEL_COL, "toc_group"), values.get(LABEL_COL)
            yield make_row(OVERVIEW_KEY, group, refs=title.refs)
            continue
        texts = (values.get(LABEL_COL), values.get(CARD_VALUE_COL), None)
        yield SheetRow(OVERVIEW_KEY, _OVERVIEW_SPECS, texts, title.refs)


def card_group_heading(spec: CellSpec, depth: int) -> CellSpec:
    """Return a cell of a group's title row; `depth` is the number of levels outside the group."""
    if spec.style != "heading":
        return spec
    return spec.with_look(_HEADING_LOOKS[min(depth, len(_HEADING_LOOKS) - 1)])


def card_title_band(specs: Iterable[CellSpec], *, has_tick: bool) -> Iterator[CellSpec]:
    """Yield the title row of a card from side to side, with empty cells in the free columns."""
    by_col = {spec.col: spec for spec in specs}
    band = {LABEL_COL, BULLET_COL, CARD_VALUE_COL} | ({TICK_COL} if has_tick else set())
    for col in sorted(band | by_col.keys()):
        spec = by_col.get(col)
        if spec is None:
            yield CellSpec(col, "plain", look="band")
        elif spec.style == "heading":
            yield spec.with_look("name" if col == CARD_VALUE_COL else "band")
        else:
            yield spec


def card_slot_rows(rows: Iterable[SheetRow], *, has_tick: bool) -> Iterator[SheetRow]:
    """Yield the rows of one slot as a card shows them.

    A list item has a bullet, pale where nothing is written yet. An input has one frame around all
    its rows, and with `has_tick` a tick in the first one. Rows without a key stay as they are.
    """
    listed = list(rows)
    last = sum(bool(row.key) for row in listed) - 1
    for number, row in enumerate(listed):
        if not row.key:
            yield row
            continue
        *labels, (spec, value) = zip(row.specs, row.values, strict=True)
        cells: list[SpecAndValue] = [*labels]
        if spec.field_type and spec.field_type.bullet:
            look = "pale_bullet" if value is None else "bullet"
            cells.append((CellSpec(BULLET_COL, "plain", look=look), spec.field_type.bullet))
        cells.append((_with_frame(spec, number, last), value))
        if has_tick and number == 0 and spec.style == "input":
            cells.append((_TICK, None))
        yield make_row(row.key, *cells, refs=row.refs)


def _with_frame(spec: CellSpec, number: int, last: int) -> CellSpec:
    """Return the value's cell in row `number` (from 0) of rows up to `last`."""
    if spec.style != "input":
        return spec.with_look("value") if spec.style == "given" else spec
    if last == 0:
        return spec.with_look("only")
    if number == 0:
        return spec.with_look("first")
    return spec.with_look("last" if number == last else "middle")


# Texts across a table
#
# A group's heading stands on a band, and below it the group's own texts. A text runs on over the
# empty cells to its right, so no cells are merged. A text wider than the table is split into
# several rows. The last character of such a row's key says which character was removed at the
# split: "+" a space, "^" a line break.


def heading_band(specs: Sequence[CellSpec], columns: Iterable[int]) -> Iterator[CellSpec]:
    """Yield a heading's row from side to side of the table."""
    yield from (spec.with_look("over") for spec in specs)
    yield from _background(specs, columns, "under")


def spread_rows(
    rows: Iterable[SheetRow], columns: Sequence[int], width: float
) -> Iterator[SheetRow]:
    """Yield the rows of a group's locked text, split to `width` characters.

    Without `columns` there is no band behind the text.
    """
    look = "across" if columns else "along"
    for row in rows:
        *label_specs, spec = row.specs
        *labels, value = row.values
        if isinstance(value, str):
            pieces = list(_split_text(value, width - _INDENT))
        else:
            pieces = [("", value)]
        for number, (suffix, piece) in enumerate(pieces):
            is_last = number == len(pieces) - 1
            specs = [] if suffix else [label.with_look("aside") for label in label_specs]
            specs.append(spec.with_look(look if is_last else f"{look}_on"))
            specs += _background(specs, columns, "ground")
            values = [piece] if suffix else [*labels, piece]
            values += [None] * (len(specs) - len(values))
            drawn = sorted(zip(specs, values, strict=True), key=lambda cell: cell[0].col)
            in_order, its_values = zip(*drawn, strict=True)
            yield SheetRow(row.key + suffix, in_order, its_values, row.refs)


def summary_band(row: SheetRow, columns: Iterable[int]) -> SheetRow:
    """Return the row of a group's summary with a band behind it."""
    empty = list(_background(row.specs, columns, "ground"))
    specs = (*(spec.with_look("sum_on_band") for spec in row.specs), *empty)
    return row._replace(specs=specs, values=(*row.values, *[None] * len(empty)))


def separator_before(row_key: str) -> str:
    """Return the character removed before a row's text; "" for a row that begins a text."""
    return _SEPARATORS.get(row_key[-1:], "") if "|" in row_key else ""


def join_pieces(before: CellValue, separator: str, piece: CellValue, language: str) -> str:
    """Return the text of two rows as it was before the split."""
    pieces = ("" if value is None else display(value, language) for value in (before, piece))
    return separator.join(pieces)


def _background(specs: Iterable[CellSpec], columns: Iterable[int], look: str) -> list[CellSpec]:
    """Return empty cells for the columns that have none."""
    taken = {spec.col for spec in specs}
    return [CellSpec(col, "plain", look=look) for col in columns if col not in taken]


def _split_text(text: str, width: float) -> Iterator[tuple[str, PlainValue]]:
    """Yield pieces that fit the width, each with its suffix of the row key; None if empty."""
    for paragraph_number, paragraph in enumerate(text.split("\n")):
        for piece_number, piece in enumerate(metrics.split_paragraph(paragraph, width)):
            suffix = "+" if piece_number else "^" if paragraph_number else ""
            yield suffix, piece or None
