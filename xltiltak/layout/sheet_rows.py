"""The rows of an area sheet as data: one specification a cell, and the values of the cells."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from xltiltak.model.field_types import FieldType
from xltiltak.model.normalize import CellValue
from xltiltak.model.report import Slot
from xltiltak.model.template import Field

SUM_KEY = "@sum"  # the row key of the line with a group's summary, which is a formula
Stat = Literal["count", "answered", "mean", "share"]


@dataclass(frozen=True, slots=True)
class FigureSpec:
    """A live formula over the cells of one field at one date; `step` is the one a share counts."""

    stat: Stat
    field: str
    date: date | None
    step: int | str | None = None


@dataclass(frozen=True, slots=True)
class CellSpec:
    """One cell of a row: fixed text, a figure, or with `field` a slot.

    `style` says what the cell is for ("input", "given", "label" …); `look` is the cell style that
    it is drawn in, if that is another one. A slot belongs to the node `refs[node_index]` of its
    row. Rows that are alike share one tuple of specifications, so that the writer prepares their
    formats and validations once.
    """

    col: int
    style: str
    field_type: FieldType | None = dataclasses.field(default=None, hash=False)
    field: Field | None = dataclasses.field(default=None, hash=False)
    date: date | None = None
    node_index: int = 0
    figure: FigureSpec | None = None
    look: str = ""

    @property
    def cell_style(self) -> str:
        """Return the name of the cell style that the cell is drawn in."""
        return self.look or self.style

    @property
    def is_required(self) -> bool:
        """Return True if the cell belongs to a field that has to be answered."""
        return bool(self.field and self.field.required)

    def with_look(self, look: str) -> CellSpec:
        """Return the same cell drawn in another cell style."""
        return CellSpec(
            self.col,
            self.style,
            self.field_type,
            self.field,
            self.date,
            self.node_index,
            self.figure,
            look,
        )


SpecAndValue = tuple[CellSpec, CellValue]


class SheetRow(NamedTuple):
    """One row: its row key, its cells, their values, and the refs of the nodes it is about.

    A row without cells is empty; its key may be empty too.
    """

    key: str
    specs: tuple[CellSpec, ...] = ()
    values: tuple[CellValue, ...] = ()
    refs: tuple[str, ...] = ()

    def slot_at(self, spec: CellSpec) -> Slot | None:
        """Return the slot in one of the row's cells; None for a cell without a field."""
        if spec.field is None:
            return None
        return Slot(self.refs[spec.node_index], spec.field.id, spec.date)


def make_row(key: str, *cells: SpecAndValue, refs: tuple[str, ...] = ()) -> SheetRow:
    """Return a row of these cells, each with its value."""
    specs = tuple(spec for spec, _ in cells)
    return SheetRow(key, specs, tuple(value for _, value in cells), refs)
