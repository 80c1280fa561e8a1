"""What the lines of a sheet are made of: spots in columns, and the values that stand there."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple

from xltiltak.model.field_types import FieldType
from xltiltak.model.normalize import CellValue
from xltiltak.model.report import Slot
from xltiltak.model.template import Field

SUM_KEY = "@sum"  # the mark of the line that sums a group up; it is a formula
Stat = Literal["count", "answered", "mean", "share"]


class FigureSpec(NamedTuple):
    """A number that the spreadsheet keeps up itself, over the cells of one field at one date; `step` for a share."""

    stat: Stat
    field: str
    date: date | None
    step: int | str | None = None


class CellSpec(NamedTuple):
    """What stands in one column of a line: fixed text, a figure, or with `field` a slot of the line's `node`-th ref.

    Lines that are alike share their spots, so that whoever lays them out works out a look and a guard once.
    """

    col: int
    style: str
    kind: FieldType | None = None
    field: Field | None = None
    date: date | None = None
    node: int = 0
    figure: FigureSpec | None = None
    look: str = ""

    @property
    def drawn(self) -> str:
        """The style it is drawn in; `style` says what it is."""
        return self.look or self.style

    @property
    def required(self) -> bool:
        """Is an answer asked for here?"""
        return bool(self.field and self.field.required)


class Cell(NamedTuple):
    """One cell of a line; `slot` is None for fixed text."""

    col: int
    style: str
    value: CellValue
    slot: Slot | None
    kind: FieldType | None
    required: bool
    figure: FigureSpec | None


class SheetRow(NamedTuple):
    """One row of a sheet: its mark, what stands where, the values there, and the refs of the nodes it is about."""

    key: str
    specs: tuple[CellSpec, ...] = ()
    values: tuple[CellValue, ...] = ()
    refs: tuple[str, ...] = ()

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Its cells one by one."""
        return tuple(
            Cell(s.col, s.style, value, self.slot_at(s), s.kind, s.required, s.figure)
            for s, value in zip(self.specs, self.values, strict=True)
        )

    def slot_at(self, spot: CellSpec) -> Slot | None:
        """The slot that stands at one of its spots."""
        return Slot(self.refs[spot.node], spot.field.id, spot.date) if spot.field else None


def fixed(mark: str, *held: tuple[CellSpec, CellValue], refs: tuple[str, ...] = ()) -> SheetRow:
    """A line of our own. What says the same on every sheet shares its spots, as the rows of nodes do."""
    spots = tuple(spot for spot, _ in held)
    return SheetRow(
        mark, spots if refs else _shared(spots), tuple(value for _, value in held), refs
    )


@lru_cache(maxsize=1024)
def _shared(spots: tuple[CellSpec, ...]) -> tuple[CellSpec, ...]:
    return spots
