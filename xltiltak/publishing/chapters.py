"""The chapters of a document: one for each area, with its groups and measures.

Groups are sections, measures are the rows of a table or cards. Start with `chapters`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from xltiltak.model.field_types import DateType, FieldType, IntegerType
from xltiltak.model.language import bcp47, day_text, short_day_text, translate
from xltiltak.model.report import BLANK_AREA, Node
from xltiltak.model.template import Field, Level
from xltiltak.publishing.document import (
    MOST_CHIPS,
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
    column_shares,
)
from xltiltak.publishing.figures import area_facts, bars, group_facts, scale_legend
from xltiltak.publishing.measures import history, measure_change
from xltiltak.publishing.news import area_lead, has_movement
from xltiltak.publishing.public_view import PublicView

_HISTORY_WIDTH, _CHANGE_WIDTH = 26, 17  # characters
_NUMBER_PADDING = 3  # characters beside the longest number or date
_STEP_PADDING = 8  # characters that the number and symbol of a step and the cell's padding need
_DAY = "00.00.0000"  # as wide as any day; a line could break after "/" or "-"
_AMOUNT = "000\u00a0000\u00a0"  # as wide as most amounts, before their unit
_WORDS_OF_CHANGE = ("same", "unanswered", "first_answer", "outside_scale", "finished_before")
_CHIP_EDGE = "00"  # as wide as the edges and the symbol of a chip
_REPEATED = ("no", "name")  # fields of a group that are repeated in each row of the group


def chapters(view: PublicView) -> Iterator[Section]:
    """Yield a chapter for each area; one with all measures if the template has no areas."""
    top = view.children.get(None, ())
    if view.report.template.area_level is None:
        title = view.report.template.leaf.label
        yield Section(title, "all", tuple(_measures(view, top)), chapter=True)
    else:
        for area in top:
            yield _chapter(view, area)


def _chapter(view: PublicView, area: Node) -> Section:
    """Return an area: what has happened, introduction, bars with the scale, all its measures."""
    section = _group_section(view, area, _heading(view, area))
    blocks = (*_chapter_head(view, area.ref), *section.blocks)
    spoken = view.report.areas.get(area.ref, BLANK_AREA).language
    language = bcp47(spoken) if spoken not in ("", view.report.head.language) else ""
    return replace(section, blocks=blocks, chapter=True, language=language)


def _chapter_head(view: PublicView, ref: str) -> Iterator[Block]:
    if has_movement(view):
        yield area_lead(view, ref)
        if ref in view.unanswered_areas:
            yield Paragraphs((translate("report.silent_area", view.language),))
    else:
        yield area_facts(view, ref)
    intro = view.report.areas.get(ref, BLANK_AREA).intro
    if intro:
        yield Paragraphs(tuple(line for line in intro.split("\n") if line.strip()))
    yield from bars(view, ref, "dates")
    if view.steps and view.has_history:
        yield scale_legend(view)


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
    """Yield label and content of a field at each of its dates; of the scored field in one row."""
    if not field.applies(view.groups[node.ref]):
        return
    if field is view.scored and view.days:
        if view.has_history:
            yield field.label_for(), history(view, node)
        if view.has_answers and (change := measure_change(view, node)):
            yield translate("term.change", view.language), change
        return
    for day in view.geometry.dates_of(field):
        content = view.answer(node, field, day)
        if content != "":
            yield view.named(node, field, day), content


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
    """A column of the table of measures: a field of one level, at one date.

    With `part`, it is the history of the scored field, or its change since the previous date.
    """

    level: str
    field: Field
    day: date | None
    part: Literal["", "history", "change"] = ""


def _measure_table(view: PublicView, nodes: Sequence[Node], title: str) -> Table:
    """Return the table of some measures, without columns that are empty in the whole report.

    Groups that have no heading are columns too. The scored field is one column with its steps at
    all dates, and one with the change.
    """
    rows = list(_node_rows(view, nodes, ()))
    columns = [column for column in _field_columns(view) if _has_content(view, column, rows)]
    table_columns, table_rows = _table_columns(view, columns), []
    for k, row in enumerate(rows):
        previous = rows[k - 1] if k else ()
        cells = tuple(_cell(view, column, row, previous) for column in columns)
        table_rows.append(TableRow(cells, view.anchor(row[-1].ref)))
    leaf, language = view.report.template.leaf.label, view.language
    ended = [row for row in rows if not row[-1].is_active_on(view.report_date)]
    count = len(rows) - len(ended)
    labels = ", ".join(column.label for column in table_columns)
    caption = translate("report.table", language, measure=leaf, title=title or leaf, count=count)
    if ended:
        caption = translate("report.ended_rows", language, caption=caption, count=len(ended))
    description = translate("report.table_text", language, columns=labels)
    is_quiet = has_movement(view) and not ended and " · " not in title
    return Table(
        caption, description, table_columns, tuple(table_rows), filters=True, quiet=is_quiet
    )


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
                if field is view.scored and view.days:
                    yield _FieldColumn(level.id, field, view.report_date, "history")
                    if view.previous_date:
                        yield _FieldColumn(level.id, field, view.report_date, "change")
                    continue
                for day in view.geometry.dates_of(field):
                    yield _FieldColumn(level.id, field, day)


def _has_content(view: PublicView, column: _FieldColumn, rows: Sequence[tuple[Node, ...]]) -> bool:
    """Return True if a column has something in any table of the report.

    So all tables have the same columns, without those of fields that no node of the table has. A
    plan without answers has neither the history nor the change.
    """
    days = view.days if column.part else (column.day,)
    if not any((column.level, column.field.id, day) in view.filled_columns for day in days):
        return False
    if column.part and not (view.has_answers if column.part == "change" else view.has_history):
        return False
    nodes = [node for row in rows for node in row if node.level == column.level]
    return not nodes or any(column.field.applies(view.groups[node.ref]) for node in nodes)


def _table_columns(view: PublicView, columns: Sequence[_FieldColumn]) -> tuple[TableColumn, ...]:
    """Return the columns with their shares of the width."""
    head = _head_column(columns)
    specs, found = [], []
    for column in columns:
        field_type = view.geometry.field_types[column.level, column.field.id]
        label, note = _labels(view, column)
        numeric = isinstance(field_type, IntegerType) and not field_type.steps
        longest = view.longest_numbers.get((column.level, column.field.id, column.day), "")
        unbroken = (label, note, longest, *_unbroken(view, column, field_type))
        specs.append(ColumnSpec(_width(view, column, longest), unbroken))
        found.append(TableColumn(label, 0, column is head, numeric and not column.part, note=note))
    shares = column_shares(specs, landscape=view.landscape)
    return tuple(replace(c, share=share) for c, share in zip(found, shares, strict=True))


def _unbroken(view: PublicView, column: _FieldColumn, field_type: FieldType) -> Sequence[str]:
    """Return texts that the cells of a column hold and that should not be broken."""
    if column.part == "change":
        words = [translate(f"term.{word}", view.language) for word in _WORDS_OF_CHANGE]
        return [*words, view.trend(Decimal(10)).words]
    if column.part == "history":
        return _step_words(field_type)
    day = (_DAY,) if isinstance(field_type, DateType) else ()
    amount = (f"{_AMOUNT}{field_type.unit}",) if field_type.unit and not field_type.bands else ()
    return (*day, *amount, *_step_words(field_type))


def _step_words(field_type: FieldType) -> list[str]:
    """Return the words of each step or band, with the room for the edges of its chip."""
    words = (word for step in (*field_type.steps, *field_type.bands) for word in step.label.split())
    return [f"{word}{_CHIP_EDGE}" for word in words]


def _labels(view: PublicView, column: _FieldColumn) -> tuple[str, str]:
    """Return the label of a column, and the dates below it if it is a history or a change."""
    if column.part == "change":
        since = view.date_text(view.previous_date) if view.previous_date else ""
        note = translate("report.since", view.language, date=since)
        return translate("term.change", view.language), note
    if column.part == "history":
        return column.field.label_for(), _date_row(view.days, view.language)
    return view.dated_label(column.field, column.day), ""


def _date_row(days: Sequence[date], language: str) -> str:
    """Return dates for the head of a narrow column: the year on the newest, and where it changes.

    Of more than four dates the first and the last are named.
    """
    if len(days) > MOST_CHIPS:
        return f"{day_text(days[0], language)} – {day_text(days[-1], language)}"
    later = [*days[1:], None]
    return " · ".join(
        (short_day_text if after and after.year == day.year else day_text)(day, language)
        for day, after in zip(days, later, strict=True)
    )


def _width(view: PublicView, column: _FieldColumn, longest: str) -> float:
    """Return the relative width of a column, in characters.

    A step's number, symbol and word are on one line, whatever width the template gives. A column of
    numbers or dates is no wider than the longest of them.
    """
    if column.part == "history":
        return _HISTORY_WIDTH
    if column.part == "change":
        return _CHANGE_WIDTH
    if longest:
        return float(min(column.field.width, len(longest) + _NUMBER_PADDING))
    field_type = view.geometry.field_types[column.level, column.field.id]
    steps = (*field_type.steps, *field_type.bands)
    step_widths = [len(step.label) + _STEP_PADDING for step in steps]
    return float(max([column.field.width, *step_widths]))


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
    if column.part == "history":
        return history(view, node)
    if column.part == "change":
        return measure_change(view, node)
    return view.answer(node, column.field, column.day)
