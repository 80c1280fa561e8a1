"""The lines of an area sheet, from top to bottom, each with its mark and its cells.

The mark stands hidden in column A and says which slots the cells hold (`marks`); in which columns, `geometry` says.
So writing puts the lines down in order, and reading finds them again wherever rows and columns have gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import groupby, repeat
from operator import itemgetter
from typing import Any

from xltiltak.layout import cards, metrics, spanning_text
from xltiltak.layout.geometry import (
    FIRST_DATE_FIELD,
    LABEL_COL,
    LAST_DATE_FIELD,
    Column,
    Geometry,
    geometry_of,
)
from xltiltak.layout.guidance import Guidance
from xltiltak.layout.sheet_rows import SUM_KEY, CellSpec, SheetRow, fixed
from xltiltak.model.field_types import FieldType, Value
from xltiltak.model.normalize import CellValue
from xltiltak.model.report import BLANK_AREA, Node, Report, Slot
from xltiltak.model.row_keys import shared_row_key, slot_row_key
from xltiltak.model.summary import TOTAL, Statistic, requested_statistics
from xltiltak.model.template import Field, Level
from xltiltak.model.values import EMPTY_ROW, SlotKey, ValueRow, ValueTable

_ALIKE = itemgetter(
    slice(1, None)
)  # all of a node but its ref: siblings that count at the same dates are alike
FEWEST_ROWS = 3  # an open list shows at least so many
_NOTE = 9  # points of a note's letters
_SUMMED_UP = CellSpec(LABEL_COL, "sum")


def layout_sheet(
    report: Report, area: str, *, plan: bool = False, public: bool = False
) -> Iterator[SheetRow]:
    """Every line of one area's sheet, of a part of a report: a form, or with `plan` a sheet of the appendix.

    With `public` too it is a sheet of the published appendix.
    """
    sheet = _SheetLayout(report, area, plan=plan, public=public)
    yield from sheet.opening()
    nodes = list(report.walk())
    if report.template.area_level:
        (first, groups), *nodes = nodes
        yield sheet.row((first,), groups)
        yield from sheet.below(first, groups)
    yield from sheet.intro()
    yield from sheet.above.lines()
    yield from sheet.sums(area)
    yield from sheet.overview(nodes)
    yield SheetRow("")  # air above the table
    yield from sheet.table_head()
    yield from sheet.lines(nodes)


def group_nodes_by_row(geometry: Geometry, nodes: Iterable[Node]) -> Iterator[tuple[Node, ...]]:
    """The nodes of each row: one, or with it the outer ones that waited for their first child."""
    waiting: tuple[Node, ...] = ()
    shares = {level.id: geometry.shares_child_row(level) for level in geometry.template.levels}
    if not any(shares.values()):
        yield from ((node,) for node in nodes)
        return
    for node in nodes:
        if waiting and node.parent != waiting[-1].ref:
            yield waiting
            waiting = ()
        waiting = (*waiting, node)
        if not shares[node.level]:
            yield waiting
            waiting = ()
    if waiting:
        yield waiting


def level_of(part: Report, ref: str) -> str:
    """The level of a group, TOTAL's for the area of a report without levels."""
    return part.by_ref[ref].level if ref in part.by_ref else TOTAL


def group_statistics_line(geometry: Geometry, level: str) -> tuple[Statistic, ...]:
    """What the line below a heading of that level tells: not what the figures over the table tell already."""
    key = ("told", level)
    if key not in geometry.frames:
        geometry.frames[key] = tuple(_group_statistics_text(geometry, level))
    found: tuple[Statistic, ...] = geometry.frames[key]
    return found


def _group_statistics_text(geometry: Geometry, level: str) -> Iterable[Statistic]:
    template = geometry.template
    if level == template.leaf.id:
        return ()
    over = (
        geometry.has_figures and template.area_level is not None and level == template.area_level.id
    )
    shown = {"", geometry.scored_columns[0].field.id} if over else set()
    found = (one for one in requested_statistics(template, level) if one.name not in shown)
    return (
        one
        for one in found
        if not (geometry.public and one.field and one.field.audience == "internal")
    )


# What stands somewhere: the node's number and slot, the column where the value is packed in it, a text without slot.
Origin = tuple[int, str, date | None, Column | None, CellValue]


class RowTemplate:
    """What stands where in the row of such nodes. `keys` are the slots of a row of one node without other texts."""

    def __init__(self, spots: tuple[CellSpec, ...], origins: tuple[Origin, ...]) -> None:
        self.spots, self.origins = spots, origins
        plain = all(
            k == 0 and column is None and fixed is None for k, _, _, column, fixed in origins
        )
        self.keys = [(name, day) for _, name, day, _, _ in origins] if plain else None

    def values(
        self, rows: Sequence[tuple[str, ...]], known: ValueTable
    ) -> Iterator[tuple[CellValue, ...]]:
        """What stands in each of these rows, by the refs of its nodes."""
        if self.keys is not None:
            plain: Iterator[Sequence[Any]] = known.select([refs[0] for refs in rows], self.keys)
            return map(tuple, plain)
        return (self._packed([known.rows.get(ref, EMPTY_ROW) for ref in refs]) for refs in rows)

    def _packed(self, held: Sequence[ValueRow]) -> tuple[CellValue, ...]:
        return tuple(
            [
                _value(held[k], (name, day), column, fixed)
                for k, name, day, column, fixed in self.origins
            ]
        )


class _SheetLayout:
    """One area's lines in the making. `groups` are the closed groups that a node stands in."""

    def __init__(self, part: Report, area: str, *, plan: bool, public: bool) -> None:
        self.part, self.area = part, area
        self.geometry = geometry_of(
            part.template, part.head.dates, part.head.language, plan, public
        )
        self.above = Guidance(self.geometry, part, area)
        self.values = part.value_table

    def opening(self) -> Iterator[SheetRow]:
        """The title."""
        yield fixed("@title", (CellSpec(LABEL_COL, "title"), self.part.head.title))

    def intro(self) -> Iterator[SheetRow]:
        """What is said of the area in front, in lines as wide as the sheet; it is edited in the table of areas."""
        said = self.part.areas.get(self.area, BLANK_AREA).intro
        own = {c.col for c in self.geometry.active_period_columns}
        width = sum(w for col, w in self.geometry.widths.items() if col not in own)
        for text in metrics.wrap_text(said, width, points=_NOTE) if said else ():
            yield fixed("@intro", (CellSpec(LABEL_COL, "note", look="intro"), text))
        if said and not self.geometry.plan:
            yield SheetRow("")

    def sums(self, ref: str) -> Iterator[SheetRow]:
        """What the template's summaries say of a group, below its heading."""
        if self.geometry.plan and group_statistics_line(self.geometry, level_of(self.part, ref)):
            yield SheetRow(SUM_KEY, (_SUMMED_UP,), (None,), (ref,))

    def overview(self, nodes: Iterable[tuple[Node, tuple[str, ...]]]) -> Iterator[SheetRow]:
        """On a form of cards, a line for each."""
        if not self.geometry.is_table and not self.geometry.plan:
            leaf = self.part.template.leaf.id
            titles = (self.row((node,), groups) for node, groups in nodes if node.level == leaf)
            yield from self.above.overview(titles)

    def table_head(self) -> Iterator[SheetRow]:
        """The labels above the table."""
        yield from self.above.alike("labels", self._labels)

    def _labels(self) -> Iterator[SheetRow]:
        if self.geometry.table_columns:
            heads = (
                (CellSpec(c.col, "head", look="head_centred" if c.field_type.is_centred else ""), c)
                for c in self.geometry.table_columns
            )
            yield fixed("@head", *((spot, column.label) for spot, column in heads))

    def lines(self, nodes: Sequence[tuple[Node, tuple[str, ...]]]) -> Iterator[SheetRow]:
        """The rows of the nodes, each below what it stands in."""
        groups_of = {node.ref: groups for node, groups in nodes}
        alone = {level.id for level in self.part.template.levels if self._is_alone(level)}
        rows = group_nodes_by_row(self.geometry, [node for node, _ in nodes])
        for _, run in groupby(rows, lambda together: [*map(_ALIKE, together)]):
            alike = [*run]
            last = alike[0][-1]
            groups = groups_of[last.ref]
            if last.level in alone:
                yield from self.rows(alike, groups)
                continue
            for together in alike:
                yield self.row(together, groups)
                yield from self.below(together[-1], groups)
                yield from self._on_band(self.sums(together[-1].ref))
                yield from self.gap(together[-1])

    def _is_alone(self, level: Level) -> bool:
        """Does nothing stand below the row of a node of this level but other nodes' rows?"""
        if self.geometry.shares_child_row(level):
            return True
        summed_up = self.geometry.plan and group_statistics_line(self.geometry, level.id)
        return (
            self.geometry.is_table and not self.geometry.fields_below_title(level) and not summed_up
        )

    def gap(self, node: Node) -> Iterator[SheetRow]:
        """Air below a card: with it all cards are as long, and one can be copied as a block."""
        if not self.geometry.is_table and node.level == self.part.template.leaf.id:
            yield SheetRow(cards.GAP_KEY)

    def row(self, nodes: tuple[Node, ...], groups: tuple[str, ...]) -> SheetRow:
        """The row of a node, or of a node and the outer ones that waited for their first child."""
        return next(self.rows([nodes], groups))

    def rows(
        self, alike: Sequence[tuple[Node, ...]], groups: tuple[str, ...]
    ) -> Iterator[SheetRow]:
        """The rows of nodes that differ in their refs alone."""
        frame, refs = (
            self._frame(alike[0], groups),
            [tuple([node.ref for node in nodes]) for nodes in alike],
        )
        return map(
            SheetRow,
            map(shared_row_key, alike),
            repeat(frame.spots),
            frame.values(refs, self.values),
            refs,
        )

    def below(self, node: Node, groups: tuple[str, ...]) -> Iterator[SheetRow]:
        """The rows of the slots that do not stand in the node's own row."""
        level, above = self.part.template.level(node.level), ""
        for known in self.geometry.fields_below_title(level):
            for day in self.geometry.dates_of(known) if known.applies(groups) else ():
                kind = self.geometry.field_types[node.level, known.id]
                left, col = self.geometry.label_and_value_cols(node.level, known.id)
                spot = CellSpec(col, self._style(known, day, node), kind, known, day)
                title = known.label_for(day, groups)
                labels = (
                    [(CellSpec(left, "label"), None if title == level.heading else title)]
                    if left < col
                    else []
                )
                least = int(
                    self.geometry.plan
                    and (node.level == self.part.template.leaf.id or self._is_plan)
                )
                rows = _own_rows(
                    labels, spot, Slot(node.ref, known.id, day), self.part.values, least
                )
                if spot.style == "input" and above == "given":
                    yield SheetRow("")
                yield from self._drawn(rows, node, spot)
                above = spot.style

    def _drawn(self, rows: Iterator[SheetRow], node: Node, spot: CellSpec) -> Iterator[SheetRow]:
        """The rows of one slot on a card, or across a table; there what is asked for stays in its column."""
        if not self.geometry.is_table:
            yield from cards.drawn(rows, ticked=not self.geometry.plan)
        elif spot.field and spot.field.role == "input":
            yield from rows
        else:
            own = {c.col for c in self.geometry.active_period_columns}
            room = sum(
                w for col, w in self.geometry.widths.items() if col >= spot.col and col not in own
            )
            is_area = (
                self.part.template.area_level is not None
                and node.level == self.part.template.area_level.id
            )
            yield from spanning_text.told(rows, () if is_area else self._all_columns, room)

    @cached_property
    def _all_columns(self) -> tuple[int, ...]:
        return tuple(c.col for c in self.geometry.table_columns)

    def _on_band(self, sums: Iterator[SheetRow]) -> Iterator[SheetRow]:
        """The line that sums a group up, below its heading in a table."""
        yield from (
            (spanning_text.summed(line, self._all_columns) for line in sums)
            if self.geometry.is_table
            else sums
        )

    @property
    def _is_plan(self) -> bool:
        """Is nothing asked for yet? Then everything can still be typed in, also what a group lacks."""
        return self.part.head.current is None and not self.geometry.public

    def _frame(self, nodes: tuple[Node, ...], groups: tuple[str, ...]) -> RowTemplate:
        """What stands where in the row of such nodes; nodes that count at the same dates share it."""
        key = (
            self.part.head.current,
            groups,
            *[(n.level, n.group, n.first, n.last) for n in nodes],
        )
        frames: dict[tuple[object, ...], RowTemplate] = self.geometry.frames
        if key not in frames:
            found = [
                (spot, _origin(k, column, fixed))
                for k, node in enumerate(nodes)
                for spot, column, fixed in (*self._heading(node), *self._columns(k, node, groups))
            ]
            found = (
                self._across(nodes[-1], found)
                if self.geometry.is_table
                else self._on_card(nodes[-1], found)
            )
            found.sort(key=lambda item: item[0].col)
            frames[key] = RowTemplate(
                tuple(spot for spot, _ in found), tuple(source for _, source in found)
            )
        return frames[key]

    def _across(
        self, node: Node, found: list[tuple[CellSpec, Origin]]
    ) -> list[tuple[CellSpec, Origin]]:
        """A row of the table; a heading in it is a band."""
        level = self.part.template.level(node.level)
        if level is self.part.template.area_level or not self.geometry.has_title_line(level):
            return found
        return _filled(found, spanning_text.headed([spot for spot, _ in found], self._all_columns))

    def _on_card(
        self, node: Node, found: list[tuple[CellSpec, Origin]]
    ) -> list[tuple[CellSpec, Origin]]:
        """The title line of a card, or a heading above some, as it is drawn."""
        levels = [level.id for level in self.part.template.levels]
        if node.level != levels[-1]:
            return [
                (cards.headed(spot, levels.index(node.level)), origin) for spot, origin in found
            ]
        return _filled(found, cards.band((spot for spot, _ in found), plan=self.geometry.plan))

    def _heading(self, node: Node) -> Iterator[tuple[CellSpec, Column | None, CellValue]]:
        """A heading without a slot: a fixed text, or the name of a closed group."""
        level = self.part.template.level(node.level)
        if level.heading and all(c.col != LABEL_COL for c in self.geometry.columns[level.id]):
            yield CellSpec(LABEL_COL, "heading"), None, _heading_text(level, node)

    def _columns(
        self, k: int, node: Node, groups: tuple[str, ...]
    ) -> Iterator[tuple[CellSpec, Column | None, CellValue]]:
        titled = self.geometry.has_title_line(self.part.template.level(node.level))
        for column in self.geometry.columns[node.level]:
            if not column.field.applies(groups):
                yield CellSpec(column.col, "none"), None, None
                continue
            style = self._style(column.field, column.date, node)
            shown = "heading" if titled and style == "given" else style
            own = (
                {FIRST_DATE_FIELD: node.first, LAST_DATE_FIELD: node.last}.get(column.field.id)
                if self.geometry.plan
                else None
            )
            yield (
                CellSpec(column.col, shown, column.field_type, column.field, column.date, k),
                column,
                own,
            )

    def _style(self, known: Field, day: date | None, node: Node) -> str:
        """How a slot looks: in a form the open ones are to be filled in, in the appendix all are alike."""
        if not node.is_active_on(day):
            return "none"
        if self.geometry.plan:
            return "own" if known.id in (FIRST_DATE_FIELD, LAST_DATE_FIELD) else "given"
        return "input" if self.part.is_open(known, day, node) else "given"


def _heading_text(level: Level, node: Node) -> str:
    group = level.group(node.group)
    return level.heading.format(name=group.label if group else "")


def _own_rows(
    labels: Sequence[tuple[CellSpec, CellValue]],
    spot: CellSpec,
    slot: Slot,
    values: Mapping[Slot, Value],
    least: int,
) -> Iterator[SheetRow]:
    """One row an item, and where the slot is open empty ones to write in; a given slot without value has `least`."""
    kind, value, opened = spot.kind or FieldType(), values.get(slot), spot.style == "input"
    cells = kind.to_cells(value) if value is not None else ()
    count = (
        max(len(cells) + kind.spare_rows, FEWEST_ROWS if kind.spare_rows else 1)
        if opened
        else max(len(cells), least)
    )
    for k in range(count):
        held = (spot, cells[k] if k < len(cells) else None)
        yield fixed(slot_row_key(slot, k + 1), *(labels if k == 0 else []), held, refs=(slot.ref,))
    if opened:
        yield SheetRow("")  # a long paste stops here before it reaches the next field


def _filled(
    found: Iterable[tuple[CellSpec, Origin]], drawn: Iterable[CellSpec]
) -> list[tuple[CellSpec, Origin]]:
    """The spots as they are drawn, each with what was found for its column, or nothing."""
    origins = {spot.col: origin for spot, origin in found}
    return [(spot, origins.get(spot.col, _origin(0, None, None))) for spot in drawn]


def _origin(k: int, column: Column | None, fixed: CellValue) -> Origin:
    """A column without words around its value needs no packing."""
    if column is None:
        return k, "", None, None, fixed
    return k, column.field.id, column.date, None if column.is_plain else column, fixed


def _value(row: ValueRow, key: SlotKey, column: Column | None, fixed: CellValue) -> Any:
    """What a slot holds, as it stands in its cell, or the text that stands where nothing is held."""
    place = row[0].get(key)
    value = row[place] if place else None
    if column is not None:
        return _packed(column, value)
    return fixed if value is None else value


def _packed(column: Column, value: Value | None) -> CellValue:
    """A value in a single cell: list items on a line each, the heading's words around it."""
    if value is None:
        return None
    cells = column.field_type.to_cells(value)
    if len(cells) > 1:
        return "\n".join(map(str, cells))
    if not cells or column.pattern == "{}":
        return cells[0] if cells else None
    return column.pattern.format(cells[0])
