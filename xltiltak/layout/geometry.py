"""Which column of an area sheet holds which slot.

Both the writer and the reader of a sheet take their columns from here, and from nowhere else.

- A node has either a title line of its own or cells in the table.
- In the layout "rows" the measures have cells in the table, and so have groups without a heading.
- In the layout "cards" every node has a title line.
- A field that fits neither the title line nor the table has rows of its own below the title.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from xltiltak.layout import metrics
from xltiltak.layout.derived_formulas import derived_samples
from xltiltak.model.cell_values import CellValue
from xltiltak.model.field_types import FieldType, field_type_of
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.model.template import Field, Level, Template

KEY_COL, LABEL_COL, BULLET_COL, CARD_VALUE_COL, TICK_COL = 1, 2, 3, 4, 5  # columns, counted from 1
CARD_WIDTHS = {LABEL_COL: 17.0, BULLET_COL: 2.6, CARD_VALUE_COL: 82.0, TICK_COL: 4.0}
# Fields that no template has: a measure's own dates (appendix), and its movement (published).
FIRST_DATE_FIELD, LAST_DATE_FIELD, CHANGE_FIELD = "@first", "@last", "@change"
DONE_SYMBOL, TO_DO_SYMBOL = "✓", "○"
# The fills of cells on a form: headings, bands, open cells, cells without a field, own texts; then
# the headings over locked and over open cells.
FILLS = ("#E6EDF5", "#F3F7FB", "#FFF8DC", "#EEF0F2", "#F7F8FA", "#0B2E59", "#F2C230")
# The numbers of the layouts: of version 0.1 and 0.2, and the present one, which alone is written.
FIRST_LAYOUT, LAYOUT = 1, 2
_TEXT_KINDS = ("text", "paragraphs", "bullets")
_WIDTH_OF_TEXTS = 45.0  # characters, at least, of a column in which texts of groups are written
_OWN_FIELD_WIDTH = 13  # characters, of the columns of the fields above
_STEP_PADDING = 3  # characters that a number with its word takes besides the text
_DIGITS = 9  # characters of a usual number, with its sign and the padding of the cell
_FILTER_BUTTON = 3  # characters that Excel's button takes in a heading
_MOST_GEOMETRIES = 32


class Purpose(Enum):
    """Whom a workbook is for."""

    FORM = "form"  # a leader, who fills in the open slots
    APPENDIX = "appendix"  # the coordinator: the plan or the appendix
    PUBLISHED = "published"  # everybody: the published appendix


class Column(NamedTuple):
    """The cell of one slot within its node's row.

    `col` is counted from 1. `pattern` is the text around the value, such as "Goal {}".
    """

    col: int
    field: Field
    field_type: FieldType
    date: date | None = None
    pattern: str = "{}"

    @property
    def is_plain(self) -> bool:
        """Return True if the cell holds the value itself: no text around it, no list in it."""
        return self.field_type.is_single_cell and self.pattern == "{}"

    @property
    def label(self) -> str:
        """Return the label above the column."""
        return self.field.label_for(self.date)

    def extract_value(self, cell: CellValue, language: str) -> CellValue:
        """Return the value without the pattern's text; a cell that does not fit it as it is."""
        if self.pattern == "{}":
            return cell
        before, after = self.pattern.split("{}")
        if not isinstance(cell, str) or not (cell.startswith(before) and cell.endswith(after)):
            return cell
        text = cell[len(before) : len(cell) - len(after)]
        value = self.field_type.parse([text], language).value
        return text if value is None else self.field_type.to_cells(value)[0]


@dataclass(frozen=True, eq=False)
class Geometry:
    """The columns of all area sheets with one template, these reporting dates and one purpose.

    An appendix has two columns more than a form: the first and last date of a measure. A published
    appendix has one instead: how the measure has moved between the last two dates. `layout` is the
    number of the layout.
    """

    template: Template
    dates: tuple[date, ...] = ()
    language: str = "en"
    purpose: Purpose = Purpose.FORM
    layout: int = LAYOUT

    @property
    def is_form(self) -> bool:
        """Return True for the sheets that a leader fills in."""
        return self.purpose is Purpose.FORM

    @property
    def is_published(self) -> bool:
        """Return True for the sheets that everybody may read."""
        return self.purpose is Purpose.PUBLISHED

    @property
    def is_table(self) -> bool:
        """Return True if the measures are rows of one table, False if they are cards."""
        return bool(self._table_slots)

    # Columns of slots

    @cached_property
    def columns(self) -> dict[str, tuple[Column, ...]]:
        """Return for each level the columns of the slots in its nodes' own row."""
        leaf = self.template.leaf.id
        columns = self._slots[leaf] + self.active_period_columns
        return self._slots | {leaf: tuple(sorted(columns, key=lambda column: column.col))}

    @cached_property
    def column_at(self) -> dict[tuple[str, int], Column]:
        """Return the columns of slots by level and position."""
        return {(level, c.col): c for level, columns in self.columns.items() for c in columns}

    @cached_property
    def table_columns(self) -> tuple[Column, ...]:
        """Return the columns with a label above them, left to right.

        In cards these are the columns of the active period only.
        """
        columns = self._table_slots + self.active_period_columns
        return tuple(sorted(columns, key=lambda column: column.col))

    @cached_property
    def scored_columns(self) -> tuple[Column, ...]:
        """Return the columns that a mean is taken of, one a date; none without such a summary."""
        field = self.template.mean_field()
        return tuple(c for c in self._table_slots if field and c.field is field)

    @cached_property
    def active_period_columns(self) -> tuple[Column, ...]:
        """Return the columns of the measure's own dates, right of all others, or of its movement.

        That stands beside the last date. A form has none, and neither has a published appendix with
        fewer than two dates to compare.
        """
        if self.is_form or (self.is_published and len(self.scored_columns) < 2):
            return ()
        start = max(self._slot_widths) + 1
        if self.is_published:
            kinds = {CHANGE_FIELD: ("text", "term.change")}
            start = self.scored_columns[-1].col + 1
        else:
            kinds = {
                FIRST_DATE_FIELD: ("date", "sheet.first"),
                LAST_DATE_FIELD: ("date", "sheet.last"),
            }
        columns = []
        for col, (name, (kind, key)) in enumerate(kinds.items(), start):
            label = translate(key, self.language)
            field = Field(name, label, kind=kind, width=_OWN_FIELD_WIDTH)
            columns.append(Column(col, field, field_type_of(field, self.template)))
        return tuple(columns)

    @cached_property
    def _slots(self) -> dict[str, tuple[Column, ...]]:
        """Return the columns of the template's own fields, for each level."""
        found, col = {}, LABEL_COL
        for level in self.template.levels:
            if self.has_title_line(level):
                found[level.id] = self._title_slots(level)
            else:
                found[level.id] = self._row_slots(level, col)
                col = max((column.col + 1 for column in found[level.id]), default=col)
        return found

    @cached_property
    def _table_slots(self) -> tuple[Column, ...]:
        """Return the columns of the template's own fields in the table."""
        levels = [level for level in self.template.levels if not self.has_title_line(level)]
        return tuple(column for level in levels for column in self._slots[level.id])

    def _row_slots(self, level: Level, start: int) -> tuple[Column, ...]:
        """Return a column for each field and date of a level, from the column `start` on.

        In a published workbook the column after a mean's last date is left to the movement.
        """
        columns, col, scored = list[Column](), start, self.template.mean_field()
        for field in self.template.fields_of(level.id):
            for day in self.dates_of(field):
                columns.append(Column(col, field, field_type_of(field, self.template), day))
                col += 1
            if self.is_published and field is scored and len(self.dates_of(field)) > 1:
                col += 1
        return tuple(columns)

    def _title_slots(self, level: Level) -> tuple[Column, ...]:
        """Return the columns of a title line: the field in the heading, on a card also the name."""
        found = []
        for field in self.template.fields_of(level.id):
            kind, placeholder = field_type_of(field, self.template), "{" + field.id + "}"
            if placeholder in level.heading:
                pattern = level.heading.replace(placeholder, "{}")
                found.append(Column(LABEL_COL, field, kind, None, pattern))
            elif field.id == "name" and self.template.layout == "cards":
                found.append(Column(CARD_VALUE_COL, field, kind))
        return tuple(found)

    def hidden_cols(self, open_date: date | None) -> frozenset[int]:
        """Return the columns that a form hides: those of dates after the open one."""
        if not self.is_form or open_date is None or self.layout == FIRST_LAYOUT:
            return frozenset()
        return frozenset(c.col for c in self._table_slots if c.date and c.date > open_date)

    # Headings

    def heading_of(self, column: Column, open_date: date | None = None) -> str:
        """Return the heading above a column; `open_date` is the open date of a form.

        A heading over open cells does not begin with a digit: LibreOffice would complete a digit
        that is typed below it to the heading.
        """
        if self.layout == FIRST_LAYOUT:
            return column.label
        return self._heading(column, open_date)

    def _heading(self, column: Column, open_date: date | None) -> str:
        """Return the heading of a column in the present layout."""
        is_open = self.is_form and column.field.role == "input"
        if is_open and column.date and column.date == open_date and self._is_only_answer(column):
            if column.field.shows_period:
                return translate("sheet.fill_in_named", self.language, label=column.label)
            date_text = column.field.written(column.date)
            return translate("sheet.fill_in", self.language, date=date_text)
        heading = self._dated_heading(column)
        if is_open and heading[:1].isdigit():
            return translate("sheet.fill_in_named", self.language, label=heading)
        return heading

    def headings_of(self, column: Column) -> tuple[str, ...]:
        """Return every heading that a column has in any of our workbooks, the latest first."""
        return self._all_headings.get(column.col, (column.label,))

    @cached_property
    def _all_headings(self) -> Mapping[int, tuple[str, ...]]:
        """Return every heading of each column of the table, by its position."""
        found = {}
        for column in self.table_columns:
            ways = [column._replace(field=way) for way in _written_in_all_ways(column.field)]
            headings = [heading for way in ways for heading in self._headings_of(way)]
            found[column.col] = tuple(dict.fromkeys(headings))
        return found

    def _headings_of(self, column: Column) -> list[str]:
        """Return every heading of a column with days as the language of its field writes them."""
        headings = [self._heading(column, day) for day in (column.date, None)]
        return [
            *headings,
            self._dated_heading(column),
            column.field.named(column.date),
            column.label,
        ]

    def _is_only_answer(self, column: Column) -> bool:
        """Return True if the measures have one column for answers at a date."""
        dated = [c for c in self._table_slots if c.date and c.field.role == "input"]
        return [c.col for c in dated if c.date == column.date] == [column.col]

    def _dated_heading(self, column: Column) -> str:
        """Return a column's label with its date: without the year where the column is narrow.

        The newest date always has its year.
        """
        day, named = column.date, column.field.named(column.date)
        if day is None or day == max(self.dates):
            return named
        button = 0 if self.is_form else _FILTER_BUTTON
        room = column.field.width - button
        is_alone = [d.month * 31 + d.day for d in self.dates].count(day.month * 31 + day.day) == 1
        written = column.field.written(day)
        if is_alone and metrics.line_count(written, room, bold=True) > 1:
            return named.replace(written, column.field.written(day, is_short=True))
        return named

    # Widths

    @cached_property
    def widths(self) -> dict[int, float]:
        """Return the width of each column in characters; texts of groups have room."""
        widths = dict(self._slot_widths)
        if self.is_table and any(map(self._has_texts, self.template.levels)):
            widths[self.value_col] = max(_WIDTH_OF_TEXTS, widths[self.value_col])
        if self.is_published:
            widths |= {c.col: _width_of_steps(c) for c in self.scored_columns}
        return widths | {c.col: float(c.field.width) for c in self.active_period_columns}

    def _has_texts(self, level: Level) -> bool:
        """Return True if texts are written in rows of their own below the titles of a level."""
        fields = self.fields_below_title(level)
        return any(field.role == "input" and field.kind in _TEXT_KINDS for field in fields)

    @cached_property
    def _slot_widths(self) -> dict[int, float]:
        """Return the widths without the active period; only a form has a column of ticks."""
        if self.is_table:
            return {c.col: _width_with_bands(c) for c in self._table_slots}
        return {col: width for col, width in CARD_WIDTHS.items() if col != TICK_COL or self.is_form}

    # Fields with rows of their own

    def fields_below_title(self, level: Level) -> tuple[Field, ...]:
        """Return the fields of a level that have rows of their own, below its nodes' title."""
        return self._fields_below[level.id]

    @cached_property
    def _fields_below(self) -> dict[str, tuple[Field, ...]]:
        """Return the fields of each level without a column."""
        found = {}
        for level_id, columns in self.columns.items():
            in_row = {c.field.id for c in columns}
            fields = self.template.fields_of(level_id)
            found[level_id] = tuple(f for f in fields if f.id not in in_row)
        return found

    @cached_property
    def value_col(self) -> int:
        """Return the column of an input with rows of its own.

        It is the widest one that leaves room for a label to its left.
        """
        widths = self._slot_widths
        right_of_label = [col for col in widths if col > LABEL_COL]
        return max(right_of_label or widths, key=widths.__getitem__)

    @property
    def label_col(self) -> int:
        """Return the column of the labels of such inputs."""
        return max(LABEL_COL, self.value_col - 1) if self.is_table else LABEL_COL

    def label_and_value_cols(self, level_id: str, field_id: str) -> tuple[int, int]:
        """Return the columns of the label and the value of a field with rows of its own."""
        return self._spanning_cols.get((level_id, field_id), (self.label_col, self.value_col))

    @cached_property
    def _spanning_cols(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Return the columns of locked texts, which run on over all columns of a table."""
        if not self.is_table:
            return {}
        return {
            (level.id, field.id): (LABEL_COL, self._col_beside_label(level, field))
            for level in self.template.levels
            for field in self.fields_below_title(level)
            if field.role == "given"
        }

    def _col_beside_label(self, level: Level, field: Field) -> int:
        """Return the first column that leaves room for a field's label.

        A label that is also the level's heading is not repeated and takes no room.
        """
        labels = self._labels_of(field)
        columns = sorted(self._slot_widths)
        if labels == {level.heading} or len(columns) == 1:
            return LABEL_COL
        room = 0.0
        for col, next_col in pairwise(columns):
            room += self._slot_widths[col]
            if all(metrics.line_count(label, room, bold=True) == 1 for label in labels):
                return next_col
        return columns[-1]

    # Facts about fields, levels and texts

    @cached_property
    def field_types(self) -> dict[tuple[str, str], FieldType]:
        """Return the type of each field, by level and field id."""
        return {
            (level.id, field.id): field_type_of(field, self.template)
            for level in self.template.levels
            for field in self.template.fields_of(level.id)
        }

    @cached_property
    def derived_formulas(self) -> frozenset[str]:
        """Return the formulas of derived fields, each with some cell."""
        return derived_samples(self.template)

    def dates_of(self, field: Field) -> tuple[date | None, ...]:
        """Return the dates that a field is reported at; (None,) for a field without dates."""
        return self.dates if field.per_checkpoint else (None,)

    def has_title_line(self, level: Level) -> bool:
        """Return True if nodes of this level have a title line, not only cells in the table."""
        if self.template.layout == "cards":
            return True
        return level is not self.template.leaf and bool(level.heading)

    def shares_child_row(self, level: Level) -> bool:
        """Return True if a node of this level is written in the row of its first child."""
        return level is not self.template.leaf and not self.has_title_line(level)

    @property
    def has_figures(self) -> bool:
        """Return True if counts and means stand above the table; their labels need two columns."""
        return bool(self.scored_columns) and self.scored_columns[0].col >= LABEL_COL + 2

    @cached_property
    def fixed_texts(self) -> frozenset[str]:
        """Return every text of ours that can stand beside a slot.

        These are labels, headings without a value, and the symbols of cards.
        """
        texts = set(self.card_symbols)
        for column in self.table_columns:
            texts |= {*self.headings_of(column)}
        for field in self.template.fields:
            texts |= self._labels_of(field)
        for level in self.template.levels:
            texts |= {level.heading.format(name=group.label) for group in level.groups}
            if "{" not in level.heading:
                texts.add(level.heading)
        return frozenset(texts)

    @cached_property
    def card_symbols(self) -> set[str]:
        """Return the symbols beside the values on cards; none in a table."""
        if self.is_table:
            return set()
        return {DONE_SYMBOL, TO_DO_SYMBOL} | {t.bullet for t in self.field_types.values()} - {""}

    def _labels_of(self, field: Field) -> set[str]:
        """Return every label that a field has, at all its dates and in all closed groups."""
        groups = ("", *field.labels)
        return {
            way.label_for(day, [group])
            for way in _written_in_all_ways(field)
            for day in self.dates_of(field)
            for group in groups
        }


def _written_in_all_ways(field: Field) -> Iterator[Field]:
    """Yield a field with days in its labels as its report writes them, then as any language does.

    Earlier versions wrote them as in Norwegian, or as in Swedish, whatever the language was.
    """
    yield field
    if field.per_checkpoint:
        yield from map(field.in_language, LANGUAGES)


def _width_with_bands(column: Column) -> float:
    """Return the width at which a number is shown with the label of its band."""
    labels = [len(f"{column.field.unit} {s.label}") for s in column.field_type.bands]
    return float(max([column.field.width, *(_DIGITS + length for length in labels)]))


def _width_of_steps(column: Column) -> float:
    """Return the width at which every step of a scale is shown on one line.

    A cell that shows a number with its word by a number format cannot be wrapped.
    """
    texts = [f"{s.symbol} {s.value} {s.label}" for s in column.field_type.steps]
    return max([float(column.field.width), *(float(len(t) + _STEP_PADDING) for t in texts)])


_recent_geometries: list[Geometry] = []  # the latest last; all areas of a round share one


def geometry_of(
    template: Template,
    dates: tuple[date, ...] = (),
    language: str = "en",
    purpose: Purpose = Purpose.FORM,
    layout: int = LAYOUT,
) -> Geometry:
    """Return the geometry for this template object; the same one as long as it is in use."""
    for geometry in _recent_geometries:
        if geometry.template is template and (
            geometry.dates == dates
            and geometry.language == language
            and geometry.purpose is purpose
            and geometry.layout == layout
        ):
            return geometry
    geometry = Geometry(template, dates, language, purpose, layout)
    _recent_geometries.append(geometry)
    del _recent_geometries[:-_MOST_GEOMETRIES]
    return geometry
