"""How an area sheet looked to a person, besides the values of its cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from xltiltak.layout.geometry import FILLS
from xltiltak.model.report import Slot
from xltiltak.xlsx.sheet_objects import SheetObject
from xltiltak.xlsx.sheet_reader import Sheet, SheetRange

Cell = tuple[int, int]
_NO_FILLS = {fill.removeprefix("#") for fill in FILLS} | {"FFFFFF"}


@dataclass
class SheetLook:
    """A sheet with what stands on it and marks its cells.

    `pictures` are the cells that show a picture, with its description. `slots` are the slots of
    cells, as far as the sheet is an area's and some of its cells are marked.
    """

    sheet: Sheet
    objects: tuple[SheetObject, ...] = ()
    pictures: Mapping[Cell, str] = field(default_factory=dict)
    slots: Mapping[Cell, Slot] = field(default_factory=dict)

    @cached_property
    def coloured(self) -> dict[Cell, str]:
        """Return the colours of cells that have another fill than ours."""
        if _NO_FILLS.issuperset(self.sheet.fill_colours):
            return {}  # as in nearly all forms
        return {cell: fill for cell, fill in self.sheet.fills.items() if fill not in _NO_FILLS}

    @cached_property
    def covered(self) -> dict[Cell, SheetRange]:
        """Return the slots' cells that a merged range covers, each with the range.

        The first cell of a range is not covered. Ranges of a valid file do not overlap, so no more
        cells are looked at than the sheet has.
        """
        last_row = max((row for row, _ in self.slots), default=0)
        last_col = max((col for _, col in self.slots), default=0)
        room, found = last_row * last_col, dict[Cell, SheetRange]()
        for merged in self.sheet.merged:
            for row in range(merged.first_row, min(merged.last_row, last_row) + 1):
                for col in range(merged.first_col, min(merged.last_col, last_col) + 1):
                    if (row, col) in self.slots and (row, col) != merged[:2]:
                        found[row, col] = merged
                    room -= 1
            if room < 0:
                break
        return found

    @cached_property
    def marked(self) -> set[Cell]:
        """Return the cells whose value is not simply what it seems."""
        sheet = self.sheet
        return {*sheet.struck, *sheet.struck_cells, *self.covered, *self.pictures}

    def has_marks(self) -> bool:
        """Return True if the slots of cells have to be known."""
        sheet = self.sheet
        marks = (sheet.struck, sheet.struck_cells, sheet.pale_cells, sheet.merged)
        return any(marks) or bool(self.pictures or self.coloured)
