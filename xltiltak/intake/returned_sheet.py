"""What came back: the area sheets of a returned workbook, each changed slot with its cells, and what is nobody's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from xltiltak.intake.row_matching import MatchKind
from xltiltak.model.field_types import FieldType, Value
from xltiltak.model.normalize import CellValue, is_blank
from xltiltak.model.register import Correction
from xltiltak.model.report import Node, Report, Slot
from xltiltak.model.template import Field
from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.notes import read_notes
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.sheet_reader import Sheet

_NOTHING = Correction()


class CellChange(NamedTuple):
    """A slot whose cells differ from what was sent: what stands there, where (row and column), and what was sent.

    `formulas` are the formulas of cells that have one; `first` is the cell that stands for all of them.
    """

    slot: Slot
    field: Field
    field_type: FieldType
    node: Node
    sent: Value | None
    cell_values: tuple[CellValue, ...]
    cells: tuple[tuple[int, int], ...]
    formulas: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        """The first cell that holds something, else the first."""
        if len(self.cells) == 1:
            return cell_name(*self.cells[0])
        filled = (
            at for raw, at in zip(self.cell_values, self.cells, strict=True) if not is_blank(raw)
        )
        return cell_name(*next(filled, self.cells[0]))


class UnexpectedCell(NamedTuple):
    """A cell that holds something and is part of no slot."""

    cell: str
    value: CellValue


class UnmatchedRow(NamedTuple):
    """A row that is no node's, or not surely: the filled cells of the table by column, and others as strays.

    `ref` is the node its mark names; empty where it has no mark of ours. `after` is the node above it.
    """

    number: int
    match: MatchKind
    ref: str
    after: str
    cells: tuple[tuple[Field, str, Slot, FieldType, CellValue], ...]
    unexpected_cells: tuple[UnexpectedCell, ...]


@dataclass(slots=True)
class ReturnedAreaSheet:
    """One area sheet as it came back, beside what was sent (`sent`, the area's part of the report).

    `unclear` is the area its rows belong to, where that is another than its code says.
    """

    name: str
    area: str
    sent: Report
    changes: list[CellChange] = field(default_factory=list)
    unmatched_rows: list[UnmatchedRow] = field(default_factory=list)
    unexpected_cells: list[UnexpectedCell] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    missing_slots: list[Slot] = field(default_factory=list)
    moved_rows: list[tuple[str, str]] = field(default_factory=list)
    relabelled: list[tuple[str, CellValue, str]] = field(default_factory=list)
    displaced: tuple[str, ...] = ()
    reordered: str = ""
    code: str = ""
    unclear: str = ""
    message: UnexpectedCell | None = None
    beyond: str = ""


class ReturnedWorkbook(NamedTuple):
    """A returned workbook: its area sheets, what was sent in it with all areas of the round and their names.

    `others` are sheets that are none of ours but hold something: the sheet's name, and each thing;
    `mended` is what it was made to put right.
    """

    sent: Report
    areas: Mapping[str, str]
    sheets: tuple[ReturnedAreaSheet, ...]
    others: tuple[tuple[str, UnexpectedCell], ...]
    active: tuple[str, ...]
    correction: Correction = _NOTHING


def unexpected_cells_of(sheet: Sheet, package: Package) -> Iterator[UnexpectedCell]:
    """Everything a sheet holds, and what is said beside its cells."""
    for number in sheet.rows:
        yield from (
            UnexpectedCell(cell_name(number, col), raw) for col, raw in filled(sheet, number)
        )
    yield from beside_cells(sheet, package)


def beside_cells(sheet: Sheet, package: Package) -> Iterator[UnexpectedCell]:
    """What stands further out than is read, as much of it as is kept, and the notes."""
    yield from (UnexpectedCell(cell, raw) for cell, raw in sheet.out_of_bounds if not is_blank(raw))
    yield from (UnexpectedCell(note.cell, note.text) for note in read_notes(package, sheet.part))


def filled(sheet: Sheet, number: int) -> Iterator[tuple[int, CellValue]]:
    """What can be seen or was typed in a row, by column; a formula without a last value as the formula."""
    for col, raw in sheet.rows[number].items():
        if not is_blank(raw):
            yield col, raw
        elif (number, col) in sheet.formulas:
            yield col, "=" + sheet.formulas[number, col]
