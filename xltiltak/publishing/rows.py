"""Measures as rows of a table, with the groups that stand in their rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from xltiltak.model.field_types import IntegerType
from xltiltak.model.language import translate
from xltiltak.model.report import Node
from xltiltak.model.template import Field
from xltiltak.publishing.column_widths import Wish, shares
from xltiltak.publishing.document import Content, Table, TableColumn, TableRow
from xltiltak.publishing.public_view import PublicView

_CHANGE_WIDTH = 15  # characters
_SIGNS = 8  # characters that a number, a sign and the room around them take
_NAMES = ("no", "name")  # what a row is known by; repeated where a group goes on over several


class _Cell(NamedTuple):
    """What one column of the table shows: a field of one level, at one date."""

    level: str
    field: Field
    day: date | None


def table_of(edition: PublicView, nodes: Sequence[Node], title: str) -> Table:
    """The table of some measures; a column that none of them has anything in is left out."""
    rows = list(_chains(edition, nodes, ()))
    cells = [cell for cell in _cells(edition) if any(_holds(edition, cell, row) for row in rows)]
    changes = edition.scored is not None and edition.before is not None
    columns = _columns(edition, cells, changes=changes)
    made = tuple(
        _row(edition, cells, rows[k - 1] if k else (), row, changes=changes)
        for k, row in enumerate(rows)
    )
    leaf = edition.report.template.leaf.label
    caption = translate(
        "report.table", edition.language, measure=leaf, title=title or leaf, count=len(rows)
    )
    said = translate(
        "report.table_text", edition.language, columns=", ".join(c.label for c in columns)
    )
    return Table(caption, said, columns, made, filters=True)


def _chains(
    edition: PublicView, nodes: Sequence[Node], above: tuple[Node, ...]
) -> Iterator[tuple[Node, ...]]:
    """The rows, each as its nodes from the outermost group that stands in it to the measure."""
    for node in nodes:
        inside = edition.below.get(node.ref, ())
        if inside:
            yield from _chains(edition, inside, (*above, node))
        else:
            yield (*above, node)


def _cells(edition: PublicView) -> Iterator[_Cell]:
    for level in edition.report.template.levels:
        if not edition.geometry.has_title_line(level):
            for field in edition.fields(level.id):
                yield from (_Cell(level.id, field, day) for day in edition.geometry.dates_of(field))


def _holds(edition: PublicView, cell: _Cell, row: tuple[Node, ...]) -> bool:
    """Has a row something in a column, or should it have?"""
    node = next((n for n in row if n.level == cell.level), None)
    return node is not None and edition.answer(node, cell.field, cell.day) != ""


def _columns(
    edition: PublicView, cells: Sequence[_Cell], *, changes: bool
) -> tuple[TableColumn, ...]:
    """The columns with their share of the width; the change stands after the last date of what is scored."""
    head = _head(cells)
    widths = [_width(edition, cell) for cell in cells]
    labels = [
        (cell.field.label_for(cell.day), cell is head, _is_number(edition, cell)) for cell in cells
    ]
    if changes and (at := _after_scores(edition, cells)):
        widths.insert(at, _CHANGE_WIDTH)
        labels.insert(at, (translate("report.change", edition.language), False, False))
    wishes = [Wish(width, (label,)) for width, (label, _, _) in zip(widths, labels, strict=True)]
    parts = shares(wishes, landscape=edition.landscape)
    return tuple(
        TableColumn(*told[:1], part, *told[1:]) for told, part in zip(labels, parts, strict=True)
    )


def _width(edition: PublicView, cell: _Cell) -> float:
    """The width its template gives it, but a step's number, sign and word stand on one line."""
    kind = edition.geometry.field_types[cell.level, cell.field.id]
    return float(max([cell.field.width, *(len(step.label) + _SIGNS for step in kind.steps)]))


def _head(cells: Sequence[_Cell]) -> _Cell | None:
    """The column that names the row: the innermost name, else the first that tells measures apart, else the first."""
    names = [cell for cell in cells if cell.field.id == "name"]
    keys = [cell for cell in cells if cell.field.is_identifying]
    return next(iter([*reversed(names), *keys, *cells]), None)


def _is_number(edition: PublicView, cell: _Cell) -> bool:
    kind = edition.geometry.field_types[cell.level, cell.field.id]
    return isinstance(kind, IntegerType) and not kind.steps


def _after_scores(edition: PublicView, cells: Sequence[_Cell]) -> int:
    """The place of the change among the columns; 0 where none of them is scored."""
    return max((k for k, cell in enumerate(cells, 1) if cell.field is edition.scored), default=0)


def _row(
    edition: PublicView,
    cells: Sequence[_Cell],
    above: tuple[Node, ...],
    row: tuple[Node, ...],
    *,
    changes: bool,
) -> TableRow:
    """One row; what a group tells stands in its first row alone, but for its name."""
    known = {node.level: node for node in row}
    shown = [_content(edition, cell, known.get(cell.level), above) for cell in cells]
    if changes and (at := _after_scores(edition, cells)):
        shown.insert(at, change(edition, row[-1]))
    return TableRow(tuple(shown), anchor=edition.anchor(row[-1].ref))


def _content(
    edition: PublicView, cell: _Cell, node: Node | None, above: tuple[Node, ...]
) -> Content:
    if node is None or (node in above and cell.field.id not in _NAMES):
        return ""
    return edition.answer(node, cell.field, cell.day)


def change(edition: PublicView, node: Node) -> Content:
    """How far a measure has moved since the date before; what is retired or new says so."""
    scored, before, shown = edition.scored, edition.before, edition.shown
    if scored is None or before is None or node.level != edition.report.template.leaf.id:
        return ""
    if not node.is_active_on(shown):
        return translate("report.retired", edition.language)
    if not node.is_active_on(before):
        return translate("report.new", edition.language)
    values = [edition.value(node, scored, day) for day in (before, shown)]
    if not all(isinstance(value, int | Decimal) for value in values):
        return ""
    return edition.trend(Decimal(str(values[1])) - Decimal(str(values[0])))
