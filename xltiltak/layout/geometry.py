"""Which column of an area sheet holds what. Writing and reading both ask here, and nowhere else.

A node either has a title line of its own, or cells in the table. In rows the measures stand in the table, and so do
groups without a heading; in cards every node has a title line. What fits neither has rows of its own below the title.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from xltiltak.layout import metrics
from xltiltak.model.field_types import FieldType, field_type_of
from xltiltak.model.language import translate
from xltiltak.model.normalize import CellValue
from xltiltak.model.template import Field, Level, Template

KEY_COL, LABEL_COL, BULLET_COL, CARD_VALUE_COL, TICK_COL = 1, 2, 3, 4, 5  # columns, counted from 1
FIRST_DATE_FIELD, LAST_DATE_FIELD = (
    "@first",
    "@last",
)  # the slots of a node's own dates, in the coordinator's workbook
CHANGE_FIELD = "@change"  # the slot of how a measure has moved, in the published workbook
_SIGNS = 3  # characters that a number with its word needs besides
CARD_WIDTHS = {LABEL_COL: 17.0, BULLET_COL: 2.6, CARD_VALUE_COL: 82.0, TICK_COL: 4.0}
DONE_SYMBOL, TO_DO_SYMBOL = "✓", "○"


class Column(NamedTuple):
    """Where one slot of a node stands in its row; `pattern` is the text around the value, as in "Goal {}"."""

    col: int
    field: Field
    field_type: FieldType
    date: date | None = None
    pattern: str = "{}"

    @property
    def is_plain(self) -> bool:
        """Does the value stand in its cell just as it is?"""
        return self.field_type.is_single_cell and self.pattern == "{}"

    @property
    def label(self) -> str:
        """What stands above it in the table."""
        return self.field.label_for(self.date)

    def extract_value(self, cell: CellValue) -> CellValue:
        """The value's own part of what stands in the cell, as it would stand there alone."""
        before, after = self.pattern.split("{}")
        alone = not before and not after
        if (
            alone
            or not isinstance(cell, str)
            or not (cell.startswith(before) and cell.endswith(after))
        ):
            return cell
        text = cell[len(before) : len(cell) - len(after)]
        value = self.field_type.parse([text]).value
        return text if value is None else self.field_type.to_cells(value)[0]


@dataclass(frozen=True)
class Geometry:
    """The columns of a template's sheets, with these reporting dates.

    The coordinator's own workbook (`plan`) has two more than a form: the first and last date of a measure. The
    published one (`public`, a `plan` too) has one instead: how a measure has moved.
    """

    template: Template
    dates: tuple[date, ...] = ()
    language: str = "en"
    plan: bool = False
    public: bool = False

    @cached_property
    def columns(self) -> dict[str, tuple[Column, ...]]:
        """For each level, the slots that stand in its nodes' rows."""
        start, found = LABEL_COL, {}
        for level in self.template.levels:
            found[level.id] = tuple(
                self._title(level) if self.has_title_line(level) else self._across(level, start)
            )
            start += 0 if self.has_title_line(level) else len(found[level.id])
        found[self.template.leaf.id] += self.active_period_columns
        return found

    @cached_property
    def active_period_columns(self) -> tuple[Column, ...]:
        """What a workbook says of a measure itself, right of all else: its dates, or its change; none in a form."""
        if not self.plan or (self.public and len(self.scored_columns) < 2):
            return ()
        start, wanted = (
            max(self._widths) + 1,
            ((CHANGE_FIELD, "text"),)
            if self.public
            else ((FIRST_DATE_FIELD, "date"), (LAST_DATE_FIELD, "date")),
        )
        fields = (
            Field(i, translate(f"sheet.{i[1:]}", self.language), kind=kind, width=13)
            for i, kind in wanted
        )
        return tuple(
            Column(start + k, f, field_type_of(f, self.template)) for k, f in enumerate(fields)
        )

    @cached_property
    def table_columns(self) -> tuple[Column, ...]:
        """The columns with a label above them, from left to right; in cards the lifespan alone."""
        return (*self._across_all, *self.active_period_columns)

    @cached_property
    def _across_all(self) -> tuple[Column, ...]:
        start = LABEL_COL
        found: list[Column] = []
        for level in self.template.levels:
            if not self.has_title_line(level):
                found += self._across(level, start)
                start = LABEL_COL + len(found)
        return tuple(found)

    @property
    def is_table(self) -> bool:
        """Do the measures stand in rows of one table, not on cards?"""
        return bool(self._across_all)

    @cached_property
    def _widths(self) -> dict[int, float]:
        """In the coordinator's workbook nothing is ticked off."""
        cards = {
            col: width for col, width in CARD_WIDTHS.items() if col != TICK_COL or not self.plan
        }
        return {c.col: float(c.field.width) for c in self._across_all} or cards

    @cached_property
    def widths(self) -> dict[int, float]:
        """Column widths in characters."""
        words = {c.col: self._widest_word(c) for c in self.scored_columns} if self.public else {}
        return (
            self._widths | words | {c.col: float(c.field.width) for c in self.active_period_columns}
        )

    def _widest_word(self, column: Column) -> float:
        """A number that shows its word cannot be broken into lines: its column is as wide as the longest."""
        words = (
            len(f"{step.symbol} {step.value} {step.label}") for step in column.field_type.steps
        )
        return max(float(column.field.width), *(float(word + _SIGNS) for word in words))

    @cached_property
    def value_col(self) -> int:
        """The column of what is asked for in rows of its own: the widest that leaves room for a label before it."""
        later = [col for col in self._widths if col > LABEL_COL]
        return max(later or self._widths, key=lambda col: self._widths[col])

    @cached_property
    def scored_columns(self) -> tuple[Column, ...]:
        """The columns that are summed up by a mean, one a date; none where the template asks for no means."""
        field = self.template.mean_field()
        return tuple(c for c in self._across_all if field and c.field is field)

    @property
    def has_figures(self) -> bool:
        """Do counts and means stand over the table? They need two columns for their words."""
        return bool(self.scored_columns) and self.scored_columns[0].col >= LABEL_COL + 2

    @property
    def label_col(self) -> int:
        """The column of their labels."""
        return max(LABEL_COL, self.value_col - 1) if self.is_table else LABEL_COL

    def label_and_value_cols(self, level: str, field: str) -> tuple[int, int]:
        """The columns of the label and of the value of a field that has rows of its own."""
        return self._own_cols.get((level, field), (self.label_col, self.value_col))

    @cached_property
    def _own_cols(self) -> dict[tuple[str, str], tuple[int, int]]:
        """In a table what is given of a group runs on over all columns; what is asked for has a frame in one."""
        told = (
            (v, f)
            for v in self.template.levels
            for f in self.fields_below_title(v)
            if f.role == "given" and self.is_table
        )
        return {(v.id, f.id): (LABEL_COL, self._beside_label(v, f)) for v, f in told}

    def _beside_label(self, level: Level, field: Field) -> int:
        """The first column that leaves room for a field's label; a label that is the heading is not repeated."""
        titles = {
            field.label_for(day, [group])
            for day in self.dates_of(field)
            for group in ("", *field.labels)
        }
        if titles == {level.heading} or len(self._widths) == 1:
            return LABEL_COL
        columns, room = sorted(self._widths), 0.0
        for col, after in pairwise(columns):
            room += self._widths[col]
            if all(metrics.line_count(title, room, bold=True) == 1 for title in titles):
                return after
        return columns[-1]

    @cached_property
    def field_types(self) -> dict[tuple[str, str], FieldType]:
        """The kind of each field, by level and id."""
        of = ((v.id, f) for v in self.template.levels for f in self.template.fields_of(v.id))
        return {(level, f.id): field_type_of(f, self.template) for level, f in of}

    @cached_property
    def fixed_texts(self) -> frozenset[str]:
        """Every text of ours that can stand beside a slot: labels, headings without a value, and the signs of cards."""
        fields, levels = self.template.fields, self.template.levels
        labels = {
            f.label_for(day, [group])
            for f in fields
            for day in self.dates_of(f)
            for group in ("", *f.labels)
        }
        headings = {v.heading.format(name=g.label) for v in levels for g in v.groups}
        return frozenset(labels | headings | self._plain() | self.card_symbols)

    def _plain(self) -> set[str]:
        return {v.heading for v in self.template.levels if "{" not in v.heading}

    @cached_property
    def frames(self) -> dict[tuple[object, ...], Any]:
        """What `layout` has found out, such as what stands where in rows, for all sheets with this geometry."""
        return {}

    @cached_property
    def shared_lines_cache(self) -> dict[tuple[object, ...], tuple[Any, ...]]:
        """The lines between heading and table that all sheets with this geometry have alike; `guidance` makes them."""
        return {}

    @cached_property
    def card_symbols(self) -> set[str]:
        """What stands beside the values on cards."""
        return (
            set()
            if self.is_table
            else {
                DONE_SYMBOL,
                TO_DO_SYMBOL,
                *(kind.bullet for kind in self.field_types.values() if kind.bullet),
            }
        )

    def fields_below_title(self, level: Level) -> tuple[Field, ...]:
        """The fields of a level that have rows of their own, below its nodes' title."""
        return self._below[level.id]

    @cached_property
    def _below(self) -> dict[str, tuple[Field, ...]]:
        in_row = {level: {c.field.id for c in columns} for level, columns in self.columns.items()}
        return {
            v: tuple(f for f in self.template.fields_of(v) if f.id not in taken)
            for v, taken in in_row.items()
        }

    def dates_of(self, field: Field) -> tuple[date | None, ...]:
        """The dates a field is asked for."""
        return self.dates if field.per_checkpoint else (None,)

    def has_title_line(self, level: Level) -> bool:
        """Do nodes of this level have a title line, not just cells in the table?"""
        return self.template.layout == "cards" or (
            level is not self.template.leaf and bool(level.heading)
        )

    def shares_child_row(self, level: Level) -> bool:
        """Does a node of this level stand in the row of its first child?"""
        return level is not self.template.leaf and not self.has_title_line(level)

    def _across(self, level: Level, start: int) -> Iterator[Column]:
        slots = [(f, day) for f in self.template.fields_of(level.id) for day in self.dates_of(f)]
        for col, (field, day) in enumerate(slots, start):
            yield Column(col, field, field_type_of(field, self.template), day)

    def _title(self, level: Level) -> Iterator[Column]:
        """What its heading shows, and on a card the name beside it."""
        for field in self.template.fields_of(level.id):
            shown = "{" + field.id + "}"
            if shown in level.heading:
                yield Column(
                    LABEL_COL,
                    field,
                    field_type_of(field, self.template),
                    None,
                    level.heading.replace(shown, "{}"),
                )
            elif field.id == "name" and self.template.layout == "cards":
                yield Column(CARD_VALUE_COL, field, field_type_of(field, self.template))


_KNOWN: dict[tuple[object, ...], Geometry] = {}
_MOST_KNOWN = 32


def geometry_of(
    template: Template,
    dates: tuple[date, ...] = (),
    language: str = "en",
    plan: bool = False,  # noqa: FBT001, FBT002 - as Geometry
    public: bool = False,  # noqa: FBT001, FBT002 - as Geometry
) -> Geometry:
    """The geometry of every sheet with this very template and these dates: worked out once for a whole round."""
    key = (id(template), dates, language, plan, public)
    known = _KNOWN.get(key)
    if known is None or known.template is not template:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        known = _KNOWN[key] = Geometry(template, dates, language, plan, public)
    return known
