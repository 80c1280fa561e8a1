"""The chapters of a document: one for each area, with its groups and measures.

Groups are sections, measures are the rows of a table or cards. Start with `chapters`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from xltiltak.model.field_types import IntegerType
from xltiltak.model.language import translate
from xltiltak.model.report import BLANK_AREA, Node
from xltiltak.model.summary import MeasureState
from xltiltak.model.template import Field, Level
from xltiltak.publishing.document import (
    Block,
    BulletList,
    CardBlock,
    ColumnSpec,
    Content,
    FactList,
    Paragraphs,
    Section,
    StepLabel,
    Table,
    TableColumn,
    TableRow,
    Trend,
    column_shares,
)
from xltiltak.publishing.figures import (
    area_facts,
    distribution_over_time,
    group_facts,
    scale_legend,
)
from xltiltak.publishing.public_view import PublicView

_CHANGE_WIDTH = 15  # characters of the column with the change
_STEP_PADDING = 8  # characters that the number and symbol of a step and the cell's padding need
_REPEATED = ("no", "name")  # fields of a group that are repeated in each row of the group


def chapters(view: PublicView) -> Iterator[Section]:
    """Yield a chapter for each area; one with all measures if the template has no areas."""
    top = view.children.get(None, ())
    if view.report.template.area_level is None:
        title = view.report.template.leaf.label
        yield Section(title, "all", tuple(_measures(view, top)), page=True)
    else:
        for area in top:
            yield _chapter(view, area)


def _chapter(view: PublicView, area: Node) -> Section:
    """Return an area: figures, introduction, scale, distribution, then all its measures."""
    blocks: list[Block] = [area_facts(view, area.ref)]
    intro = view.report.areas.get(area.ref, BLANK_AREA).intro
    if intro:
        blocks.append(Paragraphs(tuple(line for line in intro.split("\n") if line.strip())))
    if view.steps:
        blocks.append(scale_legend(view))
        blocks.extend(distribution_over_time(view, area.ref))
    section = _group_section(view, area, _heading(view, area))
    blocks.extend(section.blocks)
    return Section(section.title, section.anchor, tuple(blocks), section.sections, page=True)


def _group_section(
    view: PublicView, node: Node, title: str, ancestors: tuple[str, ...] = ()
) -> Section:
    """Return a group with its fields, its measures and the groups below it.

    `ancestors` are the titles of the sections around it; none for an area.
    """
    children = view.children.get(node.ref, ())
    groups = [child for child in children if _has_section(view, child)]
    measures = [child for child in children if child not in groups]
    path = (*ancestors, title)
    blocks: list[Block] = []
    if ancestors:  # an area has `area_facts` instead
        blocks.extend(group_facts(view, node.ref))
    blocks.extend(_group_fields(view, node, title))
    blocks.extend(_measures(view, measures, " · ".join(path)))
    titles = _numbered([_heading(view, group) for group in groups])
    sections = tuple(
        _group_section(view, group, group_title, path)
        for group, group_title in zip(groups, titles, strict=True)
    )
    return Section(title, view.anchor(node.ref), tuple(blocks), sections)


def _has_section(view: PublicView, node: Node) -> bool:
    """Return True for a group with a heading; other groups are cells of the measures' rows."""
    return view.geometry.has_title_line(_level(view, node)) and not _is_measure(view, node)


def _group_fields(view: PublicView, node: Node, title: str) -> Iterator[Block]:
    """Yield a group's own fields, except those in its heading.

    A long text that is the only filled field has no label if the heading begins with the label.
    """
    level = _level(view, node)
    fields = [field for field in view.fields(level.id) if not _in_heading(level, field)]
    contents = [(view.label(node, field), view.content(node, field)) for field in fields]
    filled = [(label, content) for label, content in contents if content != ""]
    match filled:
        case []:
            return
        case [(label, Paragraphs() | BulletList() as content)]:
            if not title.startswith(label):
                yield Paragraphs((f"{label}:",))
            yield content
        case _ if all(isinstance(content, str) for _, content in filled):
            yield FactList(tuple((label, str(content)) for label, content in filled))
        case _:
            yield CardBlock("", tuple(filled))


def _measures(view: PublicView, nodes: Sequence[Node], title: str = "") -> Iterator[Block]:
    """Yield the measures of a group: one table, or a card for each measure."""
    if not nodes:
        return
    if view.geometry.is_table:
        yield _measure_table(view, nodes, title)
    else:
        for node in nodes:
            yield _card(view, node)


def _card(view: PublicView, node: Node) -> CardBlock:
    """Return a measure as a card. Steps without dates are beside its title."""
    level = _level(view, node)
    name_in_title = level.id in view.short_name_levels
    fields = [
        field
        for field in view.fields(level.id)
        if not _in_heading(level, field) and not (name_in_title and field.id == "name")
    ]
    steps: list[StepLabel] = []
    rows: list[tuple[str, Content]] = []
    for field in fields:
        if field.scale and not field.per_checkpoint and field.applies(view.groups[node.ref]):
            content = view.content(node, field)
            if isinstance(content, StepLabel):
                steps.append(content)
        else:
            rows.extend(_card_rows(view, node, field))
    return CardBlock(_heading(view, node), tuple(rows), tuple(steps), view.anchor(node.ref))


def _card_rows(view: PublicView, node: Node, field: Field) -> Iterator[tuple[str, Content]]:
    """Yield label and content of a field at each of its dates."""
    if not field.applies(view.groups[node.ref]):
        return
    for day in view.geometry.dates_of(field):
        content = view.answer(node, field, day)
        if content != "":
            yield view.label(node, field, day), content


def _heading(view: PublicView, node: Node) -> str:
    """Return the heading of a node, by the pattern of its level.

    A pattern without any value is replaced by the level's label. A measure's name is appended if
    the pattern lacks it and all names of the level are short.
    """
    level = _level(view, node)
    group = level.group(node.group)
    values = {field.id: view.text(node, field) for field in view.fields(level.id)}
    if group:
        values["name"] = group.label
    names = set(re.findall(r"\{(\w+)", level.heading))
    if not level.heading or (names and not any(values.get(name) for name in names)):
        heading = level.label
    else:
        heading = level.heading.format_map({name: values.get(name, "") for name in names})
    short_name = level.id in view.short_name_levels and values.get("name")
    if _is_measure(view, node) and "name" not in names and short_name:
        heading = f"{heading} {short_name}"
    return " ".join(heading.split())


def _numbered(titles: list[str]) -> list[str]:
    """Return the titles; numbered if all of several titles are the same."""
    same = len(titles) > 1 and len(set(titles)) == 1
    return [f"{title} {k}" for k, title in enumerate(titles, 1)] if same else titles


def _level(view: PublicView, node: Node) -> Level:
    return view.report.template.level(node.level)


def _is_measure(view: PublicView, node: Node) -> bool:
    return node.level == view.report.template.leaf.id


def _in_heading(level: Level, field: Field) -> bool:
    return f"{{{field.id}}}" in level.heading


@dataclass(frozen=True, slots=True)
class _FieldColumn:
    """A column of the table of measures: a field of one level, at one date."""

    level: str
    field: Field
    day: date | None


def _measure_table(view: PublicView, nodes: Sequence[Node], title: str) -> Table:
    """Return the table of some measures, without columns that are empty in the whole report.

    Groups that have no heading are columns too. The change is shown after the last date of the
    scored field.
    """
    rows = list(_node_rows(view, nodes, ()))
    columns = [column for column in _field_columns(view) if _has_content(view, column, rows)]
    change_at = None
    if view.scored is not None and view.previous_date is not None:
        scored = [k for k, column in enumerate(columns) if column.field is view.scored]
        change_at = scored[-1] + 1 if scored else None
    table_columns = _table_columns(view, columns, change_at)
    table_rows = []
    for k, row in enumerate(rows):
        previous = rows[k - 1] if k else ()
        cells = [_cell(view, column, row, previous) for column in columns]
        if change_at is not None:
            cells.insert(change_at, measure_change(view, row[-1]))
        table_rows.append(TableRow(tuple(cells), anchor=view.anchor(row[-1].ref)))
    leaf, language = view.report.template.leaf.label, view.language
    ended = [row for row in rows if not row[-1].is_active_on(view.report_date)]
    count = len(rows) - len(ended)
    labels = ", ".join(column.label for column in table_columns)
    caption = translate("report.table", language, measure=leaf, title=title or leaf, count=count)
    if ended:
        caption = translate("report.ended_rows", language, caption=caption, count=len(ended))
    description = translate("report.table_text", language, columns=labels)
    return Table(caption, description, table_columns, tuple(table_rows), filters=True)


def _node_rows(
    view: PublicView, nodes: Sequence[Node], ancestors: tuple[Node, ...]
) -> Iterator[tuple[Node, ...]]:
    """Yield the rows, each as its nodes: the groups without a heading, then the measure."""
    for node in nodes:
        children = view.children.get(node.ref, ())
        if children:
            yield from _node_rows(view, children, (*ancestors, node))
        else:
            yield (*ancestors, node)


def _field_columns(view: PublicView) -> Iterator[_FieldColumn]:
    """Yield all columns that the template can have."""
    for level in view.report.template.levels:
        if not view.geometry.has_title_line(level):
            for field in view.fields(level.id):
                for day in view.geometry.dates_of(field):
                    yield _FieldColumn(level.id, field, day)


def _has_content(view: PublicView, column: _FieldColumn, rows: Sequence[tuple[Node, ...]]) -> bool:
    """Return True if a column has something in any table of the report.

    So all tables have the same columns, without those of fields that no node of the table has.
    """
    if (column.level, column.field.id, column.day) not in view.filled_columns:
        return False
    nodes = [node for row in rows for node in row if node.level == column.level]
    return not nodes or any(column.field.applies(view.groups[node.ref]) for node in nodes)


def _table_columns(
    view: PublicView, columns: Sequence[_FieldColumn], change_at: int | None
) -> tuple[TableColumn, ...]:
    """Return the columns with their shares of the width, including that of the change."""
    head = _head_column(columns)
    specs, attributes = [], []
    for column in columns:
        field_type = view.geometry.field_types[column.level, column.field.id]
        step_widths = [len(step.label) + _STEP_PADDING for step in field_type.steps]
        label = column.field.label_for(column.day)
        # A step's number, symbol and word are on one line, whatever width the template gives.
        specs.append(ColumnSpec(float(max([column.field.width, *step_widths])), (label,)))
        numeric = isinstance(field_type, IntegerType) and not field_type.steps
        attributes.append((label, column is head, numeric))
    if change_at is not None:
        label = translate("term.change", view.language)
        specs.insert(change_at, ColumnSpec(_CHANGE_WIDTH, (label,)))
        attributes.insert(change_at, (label, False, False))
    shares = column_shares(specs, landscape=view.landscape)
    return tuple(
        TableColumn(label, share, head=is_head, numeric=numeric)
        for (label, is_head, numeric), share in zip(attributes, shares, strict=True)
    )


def _head_column(columns: Sequence[_FieldColumn]) -> _FieldColumn | None:
    """Return the column with the headings of the rows.

    It is the innermost name, else the first field that identifies measures, else the first column.
    """
    names = [column for column in columns if column.field.id == "name"]
    keys = [column for column in columns if column.field.is_identifying]
    return next(iter([*reversed(names), *keys, *columns]), None)


def _cell(
    view: PublicView, column: _FieldColumn, row: tuple[Node, ...], previous: tuple[Node, ...]
) -> Content:
    """Return a cell. The fields of a group are only in its first row, except its name."""
    node = next((node for node in reversed(row) if node.level == column.level), None)
    if node is None or (node in previous and column.field.id not in _REPEATED):
        return ""
    return view.answer(node, column.field, column.day)


def measure_change(view: PublicView, node: Node) -> Content:
    """Return how a measure's value has changed since the previous date.

    A word for a measure that is new or has ended; empty if one of the two values is missing.
    """
    scored, before, now = view.scored, view.previous_date, view.report_date
    if scored is None or before is None or node.level != view.report.template.leaf.id:
        return ""
    if not node.is_active_on(now):
        return translate("report.retired", view.language)
    if not node.is_active_on(before):
        return translate("report.new", view.language)
    state = view.states[node.ref]
    return move_trend(view, state) if state.is_compared else ""


def move_trend(view: PublicView, state: MeasureState) -> Trend:
    """Return how a measure has moved, with an arrow that says what it is counted as."""
    words = view.trend(state.change)
    if state.category in ("up", "down"):
        return Trend(state.category, words.words)
    return words
