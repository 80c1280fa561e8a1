"""Our own lines on a returned area sheet: what we wrote that belongs to no slot."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from xltiltak.intake.columns import ColumnMap
from xltiltak.layout.cards import GAP_KEY, OVERVIEW_KEY
from xltiltak.layout.sheet_layout import layout_sheet
from xltiltak.layout.sheet_rows import SheetRow
from xltiltak.model.normalize import CellValue
from xltiltak.model.report import Report


class Boilerplate:
    """What stood above the nodes of an area sheet when it was sent."""

    def __init__(self, columns: ColumnMap, sent: Report, area: str) -> None:
        self.columns, self.sent, self.area = columns, sent, area
        self.geometry = columns.geometry

    def contains(self, raw: CellValue) -> bool:
        """Is it one of our own texts on this sheet, of no slot?"""
        return raw in self.geometry.fixed_texts or raw in self._texts

    @cached_property
    def _texts(self) -> set[str]:
        """Our own texts above the nodes."""
        return {str(value) for line in self._opening for value in line.values if value is not None}

    @cached_property
    def _opening(self) -> list[SheetRow]:
        """The lines of ours above the nodes, as they were sent."""
        first = self.sent.nodes[:1] if self.sent.template.area_level else ()
        return list(layout_sheet(replace(self.sent, nodes=first), self.area))

    @cached_property
    def lines(self) -> dict[CellValue, set[int]]:
        """Our own lines by their marks, each with the columns now where formulas of ours stand."""
        lines: dict[CellValue, set[int]] = {GAP_KEY: set(), OVERVIEW_KEY: set()}
        for line in self._opening:
            live = (spot.col for spot in line.specs if spot.figure or spot.style == "filled")
            lines.setdefault(line.key, set()).update(
                map(self.columns.position_of.__getitem__, live)
            )
        return lines
