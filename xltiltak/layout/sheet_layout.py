"""The rows of an area sheet from top to bottom, each with its row key and its cells.

The row key is hidden in column A and says which slots the cells hold (`model.row_keys`); the
geometry says in which columns. The writer writes the rows in this order. The reader finds them
again by their keys, wherever rows and columns have been moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, repeat
from types import MappingProxyType

from xltiltak.layout import metrics
from xltiltak.layout.first_guidance import FirstGuidance
from xltiltak.layout.geometry import (
    FIRST_LAYOUT,
    LABEL_COL,
    LAYOUT,
    Column,
    Geometry,
    Purpose,
    geometry_of,
)
from xltiltak.layout.guidance import HEADING_POINTS, Guidance, fitting_look
from xltiltak.layout.row_templates import RowTemplates
from xltiltak.layout.sheet_rows import (
    GAP_KEY,
    SUM_KEY,
    CellSpec,
    SheetRow,
    SpecAndValue,
    card_slot_rows,
    make_row,
    spread_rows,
    summary_band,
)
from xltiltak.model.field_types import FieldType
from xltiltak.model.report import BLANK_AREA, Node, Report, Slot
from xltiltak.model.row_keys import shared_row_key, slot_row_key
from xltiltak.model.summary import TOTAL, Statistic, requested_statistics
from xltiltak.model.template import Field, Level

NO_NAMES: Mapping[str, str] = MappingProxyType({})
FEWEST_ROWS = 3  # of an open list
_NOTE_POINTS = 9  # size of a note's letters
_SUMMARY = CellSpec(LABEL_COL, "sum")
_EMPTY_ROW = SheetRow("")

NodeAndGroups = tuple[Node, tuple[str, ...]]  # a node, and the ids of the closed groups it is in


def layout_sheet(
    report: Report,
    area: str,
    purpose: Purpose = Purpose.FORM,
    layout: int = LAYOUT,
    names: Mapping[str, str] = NO_NAMES,
) -> Iterator[SheetRow]:
    """Yield every row of one area's sheet; `report` is the part of the report for that area.

    `layout` is the number of the layout. Only the present one is written, all are read. `names` are
    those of all areas in the same form, by ref; the first sheet of several lists them.
    """
    sheet = _SheetLayout(report, area, purpose, layout)
    sheet.guidance.names = names
    nodes = list(report.walk())
    opening = sheet.first_rows if sheet.is_first else sheet.opening_rows
    if report.template.area_level:
        area_node, *nodes = nodes
        yield from opening(nodes, *area_node)
    else:
        yield from opening(nodes)
    yield from sheet.node_rows(nodes)
    if not sheet.is_first:
        yield from sheet.closing_rows()


def group_nodes_by_row(geometry: Geometry, nodes: Iterable[Node]) -> Iterator[tuple[Node, ...]]:
    """Yield the nodes of each row.

    A row has one node, or with it the outer nodes that are written in the row of their first child.
    """
    shares = {level.id: geometry.shares_child_row(level) for level in geometry.template.levels}
    if not any(shares.values()):
        yield from ((node,) for node in nodes)
        return
    waiting: tuple[Node, ...] = ()
    for node in nodes:
        if waiting and node.parent != waiting[-1].ref:  # an outer node without children
            yield waiting
            waiting = ()
        waiting = (*waiting, node)
        if not shares[node.level]:
            yield waiting
            waiting = ()
    if waiting:
        yield waiting


def group_level(part: Report, ref: str) -> str:
    """Return the level of a group; TOTAL for the area of a report without levels."""
    return part.by_ref[ref].level if ref in part.by_ref else TOTAL


def statistics_below_heading(geometry: Geometry, level_id: str) -> tuple[Statistic, ...]:
    """Return the statistics in the line below a heading of that level.

    Statistics that are shown above the table already are left out; so are internal fields in a
    published workbook.
    """
    template = geometry.template
    if level_id == template.leaf.id:
        return ()
    area_level = template.area_level
    shown_above = set()
    if geometry.has_figures and area_level is not None and level_id == area_level.id:
        shown_above = {"", geometry.scored_columns[0].field.id}
    return tuple(
        statistic
        for statistic in requested_statistics(template, level_id)
        if not (statistic.is_plain and statistic.name in shown_above)
        and not (geometry.is_published and _is_internal(statistic.field))
    )


def _is_internal(field: Field | None) -> bool:
    """Return True for a field that the public may not see."""
    return field is not None and field.audience == "internal"


class _SheetLayout:
    """The rows of one area's sheet. `groups` are the ids of the closed groups that a node is in."""

    def __init__(self, part: Report, area: str, purpose: Purpose, layout: int) -> None:
        self.part, self.area, self.template = part, area, part.template
        head = part.head
        self.geometry = geometry_of(part.template, head.dates, head.language, purpose, layout)
        self.is_first = layout == FIRST_LAYOUT
        self.guidance = Guidance(self.geometry, part, area)
        self.templates = RowTemplates(self.geometry, part)
        # A plan without an open date can still be edited everywhere, also where a value is missing.
        self.is_plan = part.head.current is None and not self.geometry.is_published
        self.summarised: set[str] = set()  # levels with a line of statistics below their headings
        if not self.geometry.is_form:
            levels = (*(level.id for level in self.template.levels), TOTAL)
            self.summarised = {v for v in levels if statistics_below_heading(self.geometry, v)}

    def opening_rows(
        self,
        nodes: Sequence[NodeAndGroups],
        area_node: Node | None = None,
        groups: tuple[str, ...] = (),
    ) -> Iterator[SheetRow]:
        """Yield the title, the table's head, and what stands between it and the measures.

        `area_node` is the area, in these closed groups; None without a level of areas.
        """
        title = make_row("@title", (CellSpec(LABEL_COL, "title"), self.part.head.title))
        if area_node:
            (title,) = self.title_rows([(area_node,)], groups)
        yield from self.guidance.title_rows(title)
        yield from self.header_rows()
        yield from self.guidance.chart_rows()
        yield from self.guidance.sheet_rows()
        if area_node:
            yield from self.rows_below_title(area_node, groups)
        yield from self.guidance.instruction_rows()
        if not self.has_closing:
            yield from self._report_rows()
        yield from self.overview_rows(nodes)
        if not self.geometry.is_table or self.geometry.is_form:
            yield _EMPTY_ROW

    @property
    def has_closing(self) -> bool:
        """Return True if what is said of the report stands below the measures: in a table."""
        return self.geometry.is_table and not self.geometry.is_form

    def closing_rows(self) -> Iterator[SheetRow]:
        """Yield what stands below a table.

        These are the proposals on a form, the figures, and else all that is said of the report.
        """
        if not self.geometry.is_table:
            return
        yield _EMPTY_ROW
        if self.geometry.is_form:
            yield from self.guidance.proposal_rows()
            yield _EMPTY_ROW
        yield from self.guidance.figure_rows()
        yield from self.summary_rows(self.area)
        if self.has_closing:
            yield _EMPTY_ROW
            yield from self._report_rows()

    def _report_rows(self) -> Iterator[SheetRow]:
        """Yield what is said of the report and the area as a whole."""
        yield from self.guidance.report_rows()
        yield from self.intro_rows()
        if not self.geometry.is_table:
            yield from self.summary_rows(self.area)

    def first_rows(
        self,
        nodes: Sequence[NodeAndGroups],
        area_node: Node | None = None,
        groups: tuple[str, ...] = (),
    ) -> Iterator[SheetRow]:
        """Yield all rows above the measures in the first layout, which version 0.1 wrote."""
        yield make_row("@title", (CellSpec(LABEL_COL, "title"), self.part.head.title))
        if area_node:
            yield from self.title_rows([(area_node,)], groups)
            yield from self.rows_below_title(area_node, groups)
        yield from self.intro_rows()
        yield from FirstGuidance(self.geometry, self.part, self.area).opening_rows()
        yield from self.summary_rows(self.area)
        yield from self.overview_rows(nodes)
        yield _EMPTY_ROW
        yield from self.header_rows()

    def intro_rows(self) -> Iterator[SheetRow]:
        """Yield the area's introduction, in lines as wide as the sheet.

        It is not read back from here; the coordinator edits it in the table of areas.
        """
        text = self.part.areas.get(self.area, BLANK_AREA).intro
        if not text:
            return
        for line in metrics.wrap_text(text, self._width_from(LABEL_COL), points=_NOTE_POINTS):
            yield make_row("@intro", (CellSpec(LABEL_COL, "note", look="intro"), line))
        if self.geometry.is_form:
            yield _EMPTY_ROW

    def summary_rows(self, ref: str) -> Iterator[SheetRow]:
        """Yield the line of statistics of a group, if its level has one."""
        if group_level(self.part, ref) in self.summarised:
            yield SheetRow(SUM_KEY, (_SUMMARY,), (None,), (ref,))

    def overview_rows(self, nodes: Iterable[NodeAndGroups]) -> Iterator[SheetRow]:
        """Yield the overview of the cards on a form; nothing on other sheets."""
        if self.geometry.is_table or not self.geometry.is_form:
            return
        leaf = self.template.leaf.id
        titles = (
            row
            for node, groups in nodes
            if node.level == leaf or not self.is_first
            for row in self.title_rows([(node,)], groups)
        )
        yield from self.guidance.overview_rows(titles)

    def header_rows(self) -> Iterator[SheetRow]:
        """Yield the labels above the table; in cards those of the active period, if any."""
        columns, current = self.geometry.table_columns, self.part.head.current
        if not columns:
            return
        headings = [self.geometry.heading_of(column, current) for column in columns]
        specs = [CellSpec(column.col, "head", look=self._head_look(column)) for column in columns]
        yield make_row("@head", *zip(specs, headings, strict=True))

    def _head_look(self, column: Column) -> str:
        """Return how a label looks; on a form those above open cells look different."""
        if not self.geometry.is_form:
            return "head_centred" if column.field_type.is_centred and not column.date else ""
        is_open = column.field.role == "input"
        is_open = is_open and column.date in (None, self.part.head.current)
        return "open_head" if is_open else "form_head"

    def node_rows(self, nodes: Sequence[NodeAndGroups]) -> Iterator[SheetRow]:
        """Yield the rows of the nodes in order, each with the rows below its title."""
        groups_of = {node.ref: groups for node, groups in nodes}
        rows_alone = {level.id for level in self.template.levels if self._has_only_title(level)}
        by_row = group_nodes_by_row(self.geometry, [node for node, _ in nodes])
        for _, run in groupby(by_row, _without_refs):
            alike = list(run)
            last = alike[0][-1]
            groups = groups_of[last.ref]
            if last.level in rows_alone:
                yield from self.title_rows(alike, groups)
                continue
            for row_nodes in alike:
                node = row_nodes[-1]
                yield from self.title_rows([row_nodes], groups)
                yield from self.rows_below_title(node, groups)
                for row in self.summary_rows(node.ref):
                    on_band = self.geometry.is_table
                    yield summary_band(row, self._table_cols) if on_band else row
                if not self.geometry.is_table and node.level == self.template.leaf.id:
                    yield SheetRow(GAP_KEY)  # part of the card: it is copied with it

    def _has_only_title(self, level: Level) -> bool:
        """Return True if nodes of this level have no rows below their own one."""
        if self.geometry.shares_child_row(level):
            return True
        has_rows_below = self.geometry.fields_below_title(level) or level.id in self.summarised
        return self.geometry.is_table and not has_rows_below

    def title_rows(
        self, alike: Sequence[tuple[Node, ...]], groups: tuple[str, ...]
    ) -> Iterator[SheetRow]:
        """Yield the own rows of nodes that differ in nothing but their refs."""
        template = self.templates.template_for(alike[0], groups)
        refs = [tuple([node.ref for node in nodes]) for nodes in alike]
        values = template.values(refs, self.part.value_table)
        rows = map(SheetRow, map(shared_row_key, alike), repeat(template.specs), values, refs)
        is_group = alike[0][-1].level != self.template.leaf.id
        return map(self._fitted, rows) if is_group and not self.is_first else rows

    def _fitted(self, row: SheetRow) -> SheetRow:
        """Return the title of a group of cards in letters small enough for one line."""
        look = row.specs[0].look if row.specs else ""  # a group may have no heading
        if look not in HEADING_POINTS:
            return row
        smaller = dict(list(HEADING_POINTS.items())[[*HEADING_POINTS].index(look) :])
        look = fitting_look(str(row.values[0] or ""), self._width_from(LABEL_COL), smaller)
        first, *others = row.specs
        return row if look == first.look else row._replace(specs=(first.with_look(look), *others))

    def rows_below_title(self, node: Node, groups: tuple[str, ...]) -> Iterator[SheetRow]:
        """Yield the rows of the slots without a column."""
        level = self.template.level(node.level)
        style_above = ""
        for field in self.geometry.fields_below_title(level):
            for day in self.geometry.dates_of(field) if field.applies(groups) else ():
                style = self.templates.style_of(field, day, node)
                if style == "input" and style_above == "given":
                    yield _EMPTY_ROW
                yield from self._slot_rows(level, field, day, node, groups)
                style_above = style

    def _slot_rows(
        self, level: Level, field: Field, day: date | None, node: Node, groups: tuple[str, ...]
    ) -> Iterator[SheetRow]:
        """Yield the rows of one slot, as a card or a table shows them."""
        label_col, value_col = self.geometry.label_and_value_cols(level.id, field.id)
        field_type = self.geometry.field_types[level.id, field.id]
        style = self.templates.style_of(field, day, node)
        spec = CellSpec(value_col, style, field_type, field, day)
        label: list[SpecAndValue] = []
        if label_col < value_col:
            text = field.label_for(day, groups)  # not repeated if it is the heading
            # above a narrow column of a table the label of an input runs over to the left
            look = "asking" if self.geometry.is_table and field.role == "input" else ""
            shown = None if text == level.heading else text
            label = [(CellSpec(label_col, "label", look=look), shown)]
        is_leaf = level is self.template.leaf
        fewest = int(not self.geometry.is_form and (is_leaf or self.is_plan))
        rows = self._item_rows(label, spec, Slot(node.ref, field.id, day), fewest)
        if not self.geometry.is_table:
            yield from card_slot_rows(rows, has_tick=self.geometry.is_form)
        elif field.role == "input":
            yield from rows
        else:
            columns = () if level is self.template.area_level else self._table_cols
            yield from spread_rows(rows, columns, self._width_from(value_col))

    def _item_rows(
        self, label: Sequence[SpecAndValue], spec: CellSpec, slot: Slot, fewest: int
    ) -> Iterator[SheetRow]:
        """Yield one row an item; the label is in the first one.

        An open slot has empty rows to write in and one to end it; a locked one at least `fewest`.
        """
        field_type, is_open = spec.field_type or FieldType(), spec.style == "input"
        value = self.part.values.get(slot)
        cells = field_type.to_cells(value) if value is not None else ()
        count = max(len(cells), fewest)
        if is_open:
            spare = field_type.spare_rows
            count = max(len(cells) + spare, FEWEST_ROWS if spare else 1)
        for number in range(count):
            item = (spec, cells[number] if number < len(cells) else None)
            key = slot_row_key(slot, number + 1)
            yield make_row(key, *(label if number == 0 else []), item, refs=(slot.ref,))
        if is_open:
            yield _EMPTY_ROW  # a long paste ends here before it reaches the next field

    @property
    def _table_cols(self) -> tuple[int, ...]:
        """Return the columns of the table."""
        return self.templates.table_cols

    def _width_from(self, col: int) -> float:
        """Return the width in characters from a column to the last one of the template's fields."""
        apart = {column.col for column in self.geometry.active_period_columns}
        apart |= self.geometry.hidden_cols(self.part.head.current)
        widths = self.geometry.widths.items()
        return sum(width for at, width in widths if at >= col and at not in apart)


def _without_refs(nodes: tuple[Node, ...]) -> list[tuple[object, ...]]:
    """Return all of a row's nodes but their refs."""
    return [node[1:] for node in nodes]
