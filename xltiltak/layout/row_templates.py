"""The own rows of nodes: title lines, rows of the table, and rows that several nodes share.

Nodes that differ in nothing but their ref have the same cells. A `RowTemplate` describes them
once; `RowTemplates` builds and keeps the templates of one sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from xltiltak.layout.geometry import (
    FIRST_DATE_FIELD,
    FIRST_LAYOUT,
    LABEL_COL,
    LAST_DATE_FIELD,
    Column,
    Geometry,
)
from xltiltak.layout.sheet_rows import CellSpec, card_group_heading, card_title_band, heading_band
from xltiltak.model.cell_values import PlainValue
from xltiltak.model.field_types import Value
from xltiltak.model.language import translate
from xltiltak.model.report import Node, Report
from xltiltak.model.template import Field
from xltiltak.model.values import EMPTY_ROW, SlotKey, ValueRow, ValueTable


class CellSource(NamedTuple):
    """Where the value of one cell comes from: the value of node `node_index` under `key`.

    `column` is given if the value has to be fitted into the cell: a list, or a text around it.
    `text` is shown if there is no value. No node has a value under the default key.
    """

    node_index: int = 0
    key: SlotKey = ("", None)
    column: Column | None = None
    text: PlainValue = None

    @property
    def is_plain(self) -> bool:
        """Return True for the bare value of the row's first node."""
        return self.node_index == 0 and self.column is None and self.text is None

    def read(self, rows: Sequence[ValueRow]) -> Any:
        """Return what the cell shows; `rows` are the values of the row's nodes."""
        row = rows[self.node_index]
        place = row[0].get(self.key)
        value = row[place] if place else None
        if self.column is not None:
            return _in_one_cell(self.column, value)
        return self.text if value is None else value


class RowTemplate:
    """The cells of a row, and where their values come from."""

    def __init__(self, cells: Sequence[tuple[CellSpec, CellSource]]) -> None:
        self.specs = tuple(spec for spec, _ in cells)
        self.sources = [source for _, source in cells]
        self._is_plain = all(source.is_plain for source in self.sources)

    def values(
        self, refs_of_rows: Sequence[tuple[str, ...]], table: ValueTable
    ) -> Iterator[tuple[PlainValue, ...]]:
        """Yield the values of each row, given the refs of its nodes."""
        if self._is_plain:  # nearly all rows: many at once
            keys = [source.key for source in self.sources]
            selected: Iterator[Any] = table.select([refs[0] for refs in refs_of_rows], keys)
            yield from map(tuple, selected)
            return
        for refs in refs_of_rows:
            rows = [table.rows.get(ref, EMPTY_ROW) for ref in refs]
            yield tuple([source.read(rows) for source in self.sources])


class RowTemplates:
    """The row templates of one area sheet, built when they are first needed."""

    def __init__(self, geometry: Geometry, part: Report) -> None:
        self.geometry, self.part = geometry, part
        self._templates: dict[tuple[object, ...], RowTemplate] = {}

    def template_for(self, nodes: tuple[Node, ...], groups: tuple[str, ...]) -> RowTemplate:
        """Return the template of the row of these nodes, which are in these closed groups.

        Nodes of one level and group that are active at the same dates share a template.
        """
        key = (groups, *[(node.level, node.group, node.first, node.last) for node in nodes])
        if key not in self._templates:
            self._templates[key] = self._build(nodes, groups)
        return self._templates[key]

    def _build(self, nodes: tuple[Node, ...], groups: tuple[str, ...]) -> RowTemplate:
        """Return a new template: the nodes' cells, drawn as a table row or as a card's title."""
        cells: dict[int, tuple[CellSpec, CellSource]] = {}
        for node_index, node in enumerate(nodes):
            for spec, source in self._cells_of(node_index, node, groups):
                cells[spec.col] = spec, source
        node = nodes[-1]
        level = self.part.template.level(node.level)
        specs: Iterable[CellSpec] = [spec for spec, _ in cells.values()]
        if not self.geometry.is_table:
            levels = self.part.template.levels
            if level is self.part.template.leaf:
                specs = card_title_band(specs, has_tick=self.geometry.is_form)
            else:
                specs = [card_group_heading(spec, levels.index(level)) for spec in specs]
        elif level is not self.part.template.area_level and self.geometry.has_title_line(level):
            specs = heading_band(list(specs), self.table_cols)
        empty = CellSource()
        drawn = [(spec, cells[spec.col][1] if spec.col in cells else empty) for spec in specs]
        return RowTemplate(sorted(drawn, key=lambda cell: cell[0].col))

    @cached_property
    def table_cols(self) -> tuple[int, ...]:
        """Return the columns of the table."""
        return tuple(column.col for column in self.geometry.table_columns)

    def _cells_of(
        self, node_index: int, node: Node, groups: tuple[str, ...]
    ) -> Iterator[tuple[CellSpec, CellSource]]:
        """Yield the cells of one node: its heading, and its slots that have a column."""
        level = self.part.template.level(node.level)
        columns = self.geometry.columns[level.id]
        if level.heading and all(column.col != LABEL_COL for column in columns):
            group = level.group(node.group)
            heading = level.heading.format(name=group.label if group else "")
            yield CellSpec(LABEL_COL, "heading"), CellSource(text=heading)
        has_title_line = self.geometry.has_title_line(level)
        dates: dict[str, date | None] = {}
        if not self.geometry.is_form:
            dates = {FIRST_DATE_FIELD: node.first, LAST_DATE_FIELD: node.last}
        for column in columns:
            field = column.field
            if not field.applies(groups):
                yield CellSpec(column.col, "none"), CellSource()
                continue
            style = self.style_of(field, column.date, node)
            if has_title_line and style == "given":
                style = "heading"
            spec = CellSpec(column.col, style, column.field_type, field, column.date, node_index)
            key, fitted = (field.id, column.date), None if column.is_plain else column
            text = dates.get(field.id) or ended_word(self.geometry, self.part, node, column)
            yield spec, CellSource(node_index, key, fitted, text)

    def style_of(self, field: Field, day: date | None, node: Node) -> str:
        """Return the style of a slot; only a form shows open slots as inputs."""
        if not node.is_active_on(day):
            return "none"
        if not self.geometry.is_form:
            return "own" if field.id in (FIRST_DATE_FIELD, LAST_DATE_FIELD) else "given"
        return "input" if self.part.is_open(field, day, node) else "given"


def ended_word(geometry: Geometry, part: Report, node: Node, column: Column) -> str | None:
    """Return what a form says in the cell for the answer of a measure that has ended; else None."""
    current = part.head.current
    has_ended = current and node.last and node.last < current
    is_answer = column.date == current and column.field.role == "input"
    if not has_ended or not is_answer or not geometry.is_form or geometry.layout == FIRST_LAYOUT:
        return None
    return translate("sheet.retired", part.head.language)


def _in_one_cell(column: Column, value: Value | None) -> PlainValue:
    """Return a value as one cell: a list as lines, a title with the text around it."""
    if value is None:
        return None
    cells = column.field_type.to_cells(value)
    if len(cells) > 1:
        return "\n".join(map(str, cells))
    if not cells or column.pattern == "{}":
        return cells[0] if cells else None
    return column.pattern.format(cells[0])
