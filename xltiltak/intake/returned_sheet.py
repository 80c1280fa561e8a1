"""The records of a returned workbook: area sheets, changed slots, and all other content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from xltiltak.intake.row_matching import MatchKind
from xltiltak.intake.sheet_look import SheetLook
from xltiltak.layout.geometry import LAYOUT
from xltiltak.model.cell_values import CellValue, is_blank
from xltiltak.model.field_types import FieldType, Value
from xltiltak.model.register import Correction
from xltiltak.model.report import Node, Report, Slot
from xltiltak.model.template import Field
from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.sheet_objects import SheetObject
from xltiltak.xlsx.sheet_reader import Sheet

QUOTED_KINDS = frozenset(("comment", "text"))  # things that are quoted like the text of a cell


class CellChange(NamedTuple):
    """A slot whose cells differ from what was sent.

    `cells` are the row and column of each of its `cell_values`; `sent` is None for a slot that was
    sent empty. `formulas` are the formulas of those cells that have one, each with its cell.
    """

    slot: Slot
    field: Field
    field_type: FieldType
    node: Node
    sent: Value | None
    cell_values: tuple[CellValue, ...]
    cells: tuple[tuple[int, int], ...]
    formulas: tuple[tuple[tuple[int, int], str], ...] = ()

    @property
    def formulas_without_value(self) -> tuple[str, ...]:
        """Return the formulas that were saved without a value. A value can be the empty text."""
        values = dict(zip(self.cells, self.cell_values, strict=True))
        return tuple(formula for cell, formula in self.formulas if values[cell] is None)

    @property
    def first_cell(self) -> str:
        """Return the name of the first filled cell; of the first cell if all are empty."""
        if len(self.cells) == 1:
            return cell_name(*self.cells[0])
        filled = (
            cell
            for value, cell in zip(self.cell_values, self.cells, strict=True)
            if not is_blank(value)
        )
        return cell_name(*next(filled, self.cells[0]))


class UnexpectedCell(NamedTuple):
    """A filled cell that belongs to no slot."""

    cell: str
    value: CellValue


class CandidateCell(NamedTuple):
    """A filled cell in a column of the table, in a row whose node is uncertain.

    The slot has the field and date of the column; its ref is empty if no node is known.
    """

    field: Field
    cell: str
    slot: Slot
    field_type: FieldType
    value: CellValue


class UnmatchedRow(NamedTuple):
    """A row whose node is uncertain or unknown.

    `text` is the text that should identify it. `ref` is the node that its row key names, or whose
    row it repeats, and `sent_text` its text; both are empty if it has no key of ours. `ref_above`
    is the node of the row above it, empty if there is none. In a row with the match "conflict",
    `cells` are the answers only.
    """

    number: int
    match: MatchKind
    text: str
    ref: str
    sent_text: str
    ref_above: str
    cells: tuple[CandidateCell, ...]
    unexpected_cells: tuple[UnexpectedCell, ...]


class UntakenColumn(NamedTuple):
    """A column of answers that the form does not have, or whose date the report does not have.

    `missing` are the labels of the form's columns that it may have replaced; empty for a date that
    is unknown.
    """

    label: str
    missing: tuple[str, ...]
    cells: tuple[UnexpectedCell, ...]


@dataclass(slots=True)
class ReturnedAreaSheet:
    """One area sheet as it came back.

    `sent` is the area's part of the report as it was sent, with the steps that the form proposed
    (`carried`); `code` is the form code on the sheet.
    `conflicting_area` is the area that the rows belong to if the code names another one.
    `moved_refs` are nodes whose row key stood in another row, `displaced_refs` cards whose lines
    stand under labels of other fields, `missing_refs` nodes without a row. `reordered_ref` is the
    first node that stands above one it was sent below. `relabelled` has the label of each column
    that has another one now, what stands there, and its cell. `look` is what marks the cells.
    `claimed` is what the workbook says it was sent with, if the register knows it better. `layout`
    is the number of the sheet's layout, `names` are those of all areas in the same form, by ref.
    `recipients` are those whose rows were found, None if all of `sent` is one recipient's form.
    """

    name: str
    area: str
    sent: Report
    changes: list[CellChange] = field(default_factory=list)
    unmatched_rows: list[UnmatchedRow] = field(default_factory=list)
    unexpected_cells: list[UnexpectedCell] = field(default_factory=list)
    untaken_columns: list[UntakenColumn] = field(default_factory=list)
    missing_refs: list[str] = field(default_factory=list)
    missing_slots: list[Slot] = field(default_factory=list)
    moved_refs: list[str] = field(default_factory=list)
    displaced_refs: tuple[str, ...] = ()
    reordered_ref: str = ""
    relabelled: list[tuple[str, CellValue, str]] = field(default_factory=list)
    code: str = ""
    conflicting_area: str = ""
    message: UnexpectedCell | None = None
    filled_by: UnexpectedCell | None = None
    first_out_of_bounds: str = ""
    look: SheetLook = field(default_factory=lambda: SheetLook(Sheet("")))
    claimed: Report | None = None
    layout: int = LAYOUT
    names: Mapping[str, str] = field(default_factory=dict)
    carried: Mapping[Slot, Value] = field(default_factory=dict)
    recipients: frozenset[str] | None = None

    @property
    def covered_refs(self) -> tuple[str, ...]:
        """Return the refs of the nodes without children of a recipient's form; none of others.

        A form that shows no row of any recipient covers no node: its only ref is the empty text.
        """
        sent = self.sent
        if not sent.recipients:
            return ()
        covered = tuple(
            ref
            for ref in sent.end_refs
            if sent.area_of[ref] == self.area
            and (self.recipients is None or self.recipients & sent.recipients[ref])
        )
        return covered or ("",)


@dataclass(frozen=True, slots=True)
class ReturnedWorkbook:
    """A returned workbook.

    `area_names` are the names of all areas of the round, by code; empty if only the register knows
    what was sent. `other_sheets` has each cell of the sheets that are not ours, with the sheet's
    name; `unlocated_forms` are the names of those that are built like a form. `active_parts` names
    macros, links and embedded objects. `correction` is empty except in a correction form.
    `other_looks` are the looks of the sheets that are not ours, `objects` the things on no
    worksheet, each with the name of its sheet if it has one. With `is_proven` the hidden record is
    ours. It may be unusable, or carry earlier answers without being proven, even those of areas
    that are not in the form.
    """

    sent: Report
    area_names: Mapping[str, str]
    sheets: tuple[ReturnedAreaSheet, ...]
    other_sheets: tuple[tuple[str, UnexpectedCell], ...]
    unlocated_forms: tuple[str, ...]
    active_parts: tuple[str, ...]
    correction: Correction
    other_looks: tuple[SheetLook, ...] = ()
    objects: tuple[tuple[str, SheetObject], ...] = ()
    is_proven: bool = False
    has_unproven_answers: bool = False
    has_answers_of_others: bool = False
    has_unusable_record: bool = False


def filled_cells(sheet: Sheet, number: int) -> Iterator[tuple[int, CellValue]]:
    """Yield the columns and values of a row's filled cells.

    The value of a formula without a last value is the formula itself. One whose value is the empty
    text shows nothing.
    """
    for col, value in sheet.rows[number].items():
        if not is_blank(value):
            yield col, value
        elif value is None and (number, col) in sheet.formulas:
            yield col, "=" + sheet.formulas[number, col]


def all_content(look: SheetLook) -> Iterator[UnexpectedCell]:
    """Yield everything on a sheet that a person can see."""
    sheet = look.sheet
    for number in sheet.rows:
        for col, value in filled_cells(sheet, number):
            if (number, col) not in look.pictures:
                yield UnexpectedCell(cell_name(number, col), value)
    yield from content_outside_grid(look)


def content_outside_grid(look: SheetLook) -> Iterator[UnexpectedCell]:
    """Yield the first values outside the bounds that are read, then comments and text boxes.

    A second value of a cell, which no program shows, is among them.
    """
    for cell, value in (*look.sheet.out_of_bounds, *look.sheet.second_values):
        if not is_blank(value):
            yield UnexpectedCell(cell, value)
    for thing in look.objects:
        if thing.kind in QUOTED_KINDS:
            yield UnexpectedCell(thing.cell, thing.text)
