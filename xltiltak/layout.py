"""The lines of an area sheet, from top to bottom, each with its mark and its cells.

The mark stands hidden in column A and says which slots the cells hold (`marks`); in which columns, `geometry` says.
So writing puts the lines down in order, and reading finds them again wherever rows and columns have gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

from xltiltak import language, metrics
from xltiltak.geometry import FIRST, LABELS, LAST, Column, Geometry
from xltiltak.kinds import Text, Value
from xltiltak.marks import form_code, mark_of
from xltiltak.repair import Raw
from xltiltak.report import NOBODY, Node, Report, Slot
from xltiltak.template import Field, Level

FEWEST_ROWS = 3  # an open list shows at least so many
_NOTE = 9  # points of a note's letters
MESSAGE = "message"  # the slot of the leader's own words to the coordinator, under the area's ref


class Figure(NamedTuple):
    """A number that the spreadsheet keeps up itself, over the cells of one field at one date; `step` for a share."""

    stat: Literal["count", "answered", "mean", "share"]
    field: str
    date: date | None
    step: int | str | None = None


class Cell(NamedTuple):
    """One cell to be written; `slot` is None for fixed text."""

    col: int
    style: str
    value: Raw = None
    slot: Slot | None = None
    kind: Text | None = None
    required: bool = False
    figure: Figure | None = None


class Line(NamedTuple):
    """One row of a sheet."""

    mark: str
    cells: tuple[Cell, ...] = ()


def place(report: Report, area: str, *, plan: bool = False) -> Iterator[Line]:
    """Every line of one area's sheet, of a part of a report: a form, or with `plan` a sheet of the appendix."""
    sheet = _Sheet.of(report, area, plan=plan)
    yield from sheet.opening()
    nodes = list(report.walk())
    if report.template.sent:
        (first, groups), *nodes = nodes
        yield sheet.row((first,), groups)
        yield from sheet.below(first, groups)
    yield from sheet.intro()
    yield from sheet.guidance()
    yield Line("")  # air above the table
    yield from sheet.table_head()
    yield from sheet.lines(nodes)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One area's lines in the making. `groups` are the closed groups that a node stands in."""

    geometry: Geometry
    part: Report
    area: str
    values: Mapping[Slot, Value]
    text: Text = field(default_factory=Text)

    @classmethod
    def of(cls, part: Report, area: str, *, plan: bool) -> _Sheet:
        """The sheet of a part, with the measures' own dates where they are shown."""
        geometry = Geometry(part.template, part.head.dates, part.head.language, plan)
        values = dict(part.values)
        for node in part.nodes if plan else ():
            own = ((FIRST, node.first), (LAST, node.last))
            values.update({Slot(node.ref, name): day for name, day in own if day})
        return cls(geometry, part, area, values)

    def word(self, key: str, **values: object) -> str:
        """A phrase of a sheet, in the language its readers have."""
        known = self.part.areas.get(self.area, NOBODY).language if not self.geometry.plan else ""
        return language.word(f"sheet.{key}", known or self.part.head.language, **values)

    def opening(self) -> Iterator[Line]:
        """The title."""
        yield Line("@title", (Cell(LABELS, "title", self.part.head.title),))

    def intro(self) -> Iterator[Line]:
        """What is said of the area in front, in as many lines as the sheet is wide; it is edited in the table of areas."""
        said = self.part.areas.get(self.area, NOBODY).intro
        own = {c.col for c in self.geometry.lifespan}
        width = sum(w for col, w in self.geometry.widths.items() if col not in own)
        for text in metrics.broken(said, width, points=_NOTE) if said else ():
            yield Line("@intro", (Cell(LABELS, "note", text),))

    def guidance(self) -> Iterator[Line]:
        """What stands between heading and table: for a leader what to do, for everybody the scale and the figures."""
        head = self.part.head
        code = f"{language.word('sheet.code', head.language)}: {form_code(self.part, self.area)}"
        yield Line("@code", (Cell(LABELS, "note", code),))
        if not self.geometry.plan:
            yield Line("@contact", (Cell(LABELS, "note", self._contact()),))
            yield Line("@filled", (Cell(LABELS, "filled"),))
        yield from self._scales()
        if not self.geometry.plan:
            yield self._message()
        yield from self._figures()

    def table_head(self) -> Iterator[Line]:
        """The labels above the table."""
        if self.geometry.table:
            yield Line("@head", tuple(Cell(c.col, "head", c.label) for c in self.geometry.table))

    def lines(self, nodes: list[tuple[Node, tuple[str, ...]]]) -> Iterator[Line]:
        """The rows of the nodes, each below what it stands in."""
        waiting: tuple[Node, ...] = ()
        shares = {level.id: self.geometry.shares_row(level) for level in self.part.template.levels}
        for node, groups in nodes:
            if waiting and node.parent != waiting[-1].ref:
                yield self.row(waiting, ())
                waiting = ()
            waiting = (*waiting, node)
            if not shares[node.level]:
                yield self.row(waiting, groups)
                waiting = ()
                yield from self.below(node, groups)
        if waiting:
            yield self.row(waiting, ())

    def row(self, nodes: tuple[Node, ...], groups: tuple[str, ...]) -> Line:
        """The row of a node, or of a node and the outer ones that waited for their first child."""
        cells = [cell for node in nodes for cell in (*self._heading(node), *self._slots(node, groups))]
        return Line("/".join(node.ref for node in nodes), tuple(cells))

    def below(self, node: Node, groups: tuple[str, ...]) -> Iterator[Line]:
        """The rows of the slots that do not stand in the node's own row."""
        for known in self.geometry.below(self.part.template.level(node.level)):
            for day in self.geometry.days(known) if known.applies(groups) else ():
                slot = Slot(node.ref, known.id, day)
                kind = self.geometry.kinds[node.level, known.id]
                cell = self._cell(self.geometry.values_col, slot, known, kind, node)
                label = Cell(self.geometry.labels_col, "label", known.titled(day, groups))
                least = int(self.geometry.plan and node.level == self.part.template.leaf.id)
                yield from _own_rows(label, cell, self.values.get(slot), least)

    def _heading(self, node: Node) -> Iterator[Cell]:
        """A heading without a slot: a fixed text, or the name of a closed group."""
        level = self.part.template.level(node.level)
        if level.heading and all(c.col != LABELS for c in self.geometry.columns[level.id]):
            yield Cell(LABELS, "heading", _heading_text(level, node))

    def _slots(self, node: Node, groups: tuple[str, ...]) -> Iterator[Cell]:
        titled = self.geometry.titled(self.part.template.level(node.level))
        for column in self.geometry.columns[node.level]:
            if not column.field.applies(groups):
                yield Cell(column.col, "none")
                continue
            slot = Slot(node.ref, column.field.id, column.date)
            cell = self._cell(column.col, slot, column.field, column.kind, node)
            style = "heading" if titled and cell.style == "given" else cell.style
            yield cell._replace(style=style, value=_packed(column, self.values.get(slot)))

    def _cell(self, col: int, slot: Slot, known: Field, kind: Text, node: Node) -> Cell:
        if not node.counts_at(slot.date):
            return Cell(col, "none", None, slot, kind)
        own = slot.field in (FIRST, LAST)
        style = "own" if own else "input" if self.part.is_open(known, slot.date, node) else "given"
        return Cell(col, style, None, slot, kind, known.required)

    def _contact(self) -> str:
        head = self.part.head
        known = [
            (head.deadline, "deadline", f"{head.deadline:%d.%m.%Y}" if head.deadline else ""),
            (head.contact, "ask", head.contact),
        ]
        said = [self.word(key, value=shown) for present, key, shown in known if present]
        return " · ".join([*said, self.word("help")])

    def _message(self) -> Line:
        """Room for the leader's own words; without a table there is one wide column for it."""
        label = Cell(self.geometry.labels_col, "asking", self.word("message"))
        cell = Cell(self.geometry.values_col, "input", None, Slot(self.area, MESSAGE), self.text)
        return Line("@message", (label, cell))

    def _scales(self) -> Iterator[Line]:
        template = self.part.template
        for scale in dict.fromkeys(f.scale for f in template.fields if f.kind == "scale"):
            steps = template.scales[scale]
            if self.geometry.plan and self.geometry.scored and self.geometry.scored[0].field.scale == scale:
                yield from self._distribution()
            else:
                legend = " · ".join(f"{s.value} {s.label}" for s in steps)
                yield Line("@scale", (Cell(LABELS, "note", f"{self.word('scale')}: {legend}"),))

    def _distribution(self) -> Iterator[Line]:
        """The scale as a table: each step, its word and how often it was answered at each date."""
        columns = self.geometry.scored
        names = (Cell(LABELS, "head", self.word("scale")), Cell(LABELS + 1, "head", self.word("meaning")))
        heads = (Cell(c.col, "head", f"{self.word('share')} {_day_in_label(c)}") for c in columns)
        yield Line("@scale", (*names, *heads))
        for step in columns[0].kind.steps:
            shares = (self._figure(c, Figure("share", c.field.id, c.date, step.value), "share") for c in columns)
            value = Cell(LABELS, "step", step.value, kind=columns[0].kind)
            yield Line(f"@step{step.value}", (value, Cell(LABELS + 1, "given", step.label), *shares))

    def _figures(self) -> Iterator[Line]:
        """How many measures there are and have answered, and the means, as the published page shows them."""
        columns = self.geometry.scored
        if not columns or columns[0].col < LABELS + 2:
            return
        answered = (self._figure(c, Figure("answered", c.field.id, c.date), "share") for c in columns)
        yield Line("@answered", (Cell(LABELS + 1, "total", self.word("answered")), *answered))
        last = columns[-1] if self.part.head.current is None else self._current(columns)
        count = self._figure(last, Figure("count", last.field.id, last.date), "count")._replace(col=LABELS)
        means = (self._figure(c, Figure("mean", c.field.id, c.date), "mean") for c in columns)
        yield Line("@mean", (count, Cell(LABELS + 1, "total", self.word("mean")), *means))

    def _current(self, columns: tuple[Column, ...]) -> Column:
        return next((c for c in columns if c.date == self.part.head.current), columns[-1])

    def _figure(self, column: Column, figure: Figure, style: str) -> Cell:
        return Cell(column.col, style, None, figure=figure)


def _heading_text(level: Level, node: Node) -> str:
    group = level.group(node.group)
    return level.heading.format(name=group.label if group else "")


def _day_in_label(column: Column) -> str:
    """The date as the column's own label writes it."""
    label = column.field.label
    return label[label.index("{") :].format(date=column.date) if column.date else ""


def _own_rows(label: Cell, cell: Cell, value: Value | None, least: int) -> Iterator[Line]:
    """One row an item, and where the slot is open empty ones to write in; a given slot without value has `least`."""
    assert cell.kind and cell.slot
    cells = cell.kind.cells(value) if value is not None else ()
    spare, opened = cell.kind.spare, cell.style == "input"
    count = max(len(cells) + spare, FEWEST_ROWS if spare else 1) if opened else max(len(cells), least)
    for k in range(count):
        held = cell._replace(value=cells[k] if k < len(cells) else None)
        yield Line(mark_of(cell.slot, k + 1), (label, held) if k == 0 else (held,))
    if opened and spare:
        yield Line("")  # a long paste stops here before it reaches the next field


def _packed(column: Column, value: Value | None) -> Raw:
    """A value in a single cell: list items on a line each, the heading's words around it."""
    cells = column.kind.cells(value) if value is not None else ()
    if len(cells) > 1:
        return "\n".join(map(str, cells))
    if not cells or column.pattern == "{}":
        return cells[0] if cells else None
    return column.pattern.format(cells[0])
