"""What lives on a sheet of cards: its ticks, the overview on top, and where its pages end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from xltiltak.intake.columns import cell_name
from xltiltak.layout.cards import GAP_KEY, OVERVIEW_KEY
from xltiltak.layout.geometry import CARD_VALUE_COL, DONE_SYMBOL, LABEL_COL, TO_DO_SYMBOL
from xltiltak.layout.sheet_rows import SUM_KEY, CellSpec, SheetRow
from xltiltak.model.report import Slot
from xltiltak.sheets.validation import CellRange
from xltiltak.xlsx.row_writer import Formula

LIVE = {"tick", "toc", "toc_name", "continued"}  # the styles of cells that are formulas
_LONGEST_NAME = 250  # characters of a name in a formula; Excel takes 255
_LARGE, _ENOUGH = 0.55, 0.3  # of a page: a card that may be split, and the room it needs to begin
_FEWEST = 2  # rows of a slot that stay together with its label
_CONTINUED = CellSpec(LABEL_COL, "continued")


class RequestedCell(NamedTuple):
    """An open slot: its cells, and what is known of it."""

    span: CellRange
    required: bool
    done: bool


class LiveCells:
    """The formulas of a sheet of cards, each with the value it has now."""

    def __init__(self, lines: Sequence[SheetRow], sheet: str, continued: str) -> None:
        self.lines, self.continued = lines, continued
        self.sheet = sheet.replace("'", "''").replace('"', '""')
        self.titles = {line.key: row for row, line in enumerate(lines, 1) if line.refs}
        self.asked: dict[str, dict[Slot, RequestedCell]] = defaultdict(dict)
        for row, line in enumerate(lines, 1):
            for spot, value in zip(line.specs, line.values, strict=True):
                slot = line.slot_at(spot)
                if slot and spot.style == "input":
                    self._ask(slot, row, spot, filled=value is not None)

    def formula(self, row: int, spot: CellSpec) -> Formula | None:
        """What stands in such a cell."""
        line = self.lines[row - 1]
        if spot.style == "continued":
            return self.of_before(row)
        if spot.style == "tick":
            return self._tick(line)
        title = self.titles[line.refs[0]]
        return self._name(title) if spot.style == "toc_name" else self._copy(title)

    def _ask(self, slot: Slot, row: int, spot: CellSpec, *, filled: bool) -> None:
        held = self.asked[slot.ref]
        span, _, done = held.get(slot, (CellRange(row, row, spot.col, spot.col), False, False))
        held[slot] = RequestedCell(span._replace(last=row), spot.is_required, done or filled)

    def _tick(self, line: SheetRow) -> Formula | None:
        """Is the slot of this row filled? In the overview: is every required one of the card?"""
        slots = self.asked[line.refs[0]]
        if line.key == OVERVIEW_KEY:
            asked = [one for one in slots.values() if one.required]
        else:
            asked = [slots[slot] for spot in line.specs if (slot := line.slot_at(spot))]
        if not asked:
            return None
        filled = [f"COUNTA({one.span.range})>0" for one in asked]
        test = filled[0] if len(filled) == 1 else f"AND({','.join(filled)})"
        return Formula(
            f'IF({test},"{DONE_SYMBOL}","{TO_DO_SYMBOL}")',
            DONE_SYMBOL if all(one.done for one in asked) else TO_DO_SYMBOL,
        )

    def _copy(self, title: int) -> Formula:
        at = cell_name(title, LABEL_COL)
        return Formula(f'IF({at}="","–",{at})', self._text(title, LABEL_COL) or "–")

    def _name(self, title: int) -> Formula:
        """A link to the card, by its name; it follows when rows are put in or taken out above."""
        at, name = cell_name(title, CARD_VALUE_COL), self._text(title, CARD_VALUE_COL)
        to = f"\"#'{self.sheet}'!{at.rstrip('0123456789')}\"&ROW({at})"
        shown = at if len(name) <= _LONGEST_NAME else f"LEFT({at},{_LONGEST_NAME})"
        shown, name = (shown, name[:_LONGEST_NAME]) if name else ('"–"', "–")
        return Formula(f"HYPERLINK({to},{shown})", name)

    def of_before(self, row: int) -> Formula:
        """Whose rows go on at the top of a page."""
        line = self.lines[row - 1]
        rows = (self.titles[line.refs[0]], self.titles[f"{line.key.rpartition('|')[0]}|1"])
        named = [
            (cell_name(r, LABEL_COL), text) for r in rows if (text := self._text(r, LABEL_COL))
        ]
        tail = f"{', ' if named else ''}{self.continued}"
        joined = '&" · "&'.join(at for at, _ in named)
        formula = f'{joined}&"{tail}"' if named else f'"{tail}"'
        return Formula(formula, " · ".join(text for _, text in named) + tail)

    def _text(self, row: int, col: int) -> str:
        line = self.lines[row - 1]
        return next(
            (str(v) for s, v in zip(line.specs, line.values, strict=True) if s.col == col and v), ""
        )


def goes_on(line: SheetRow) -> bool:
    """Is it a row of a slot that began before?"""
    return "|" in line.key and not line.key.endswith("|1")


def with_label(line: SheetRow) -> SheetRow:
    """A row that begins a page, with room for whose it is."""
    return line._replace(specs=(_CONTINUED, *line.specs), values=(None, *line.values))


def breaks(lines: Sequence[SheetRow], heights: Sequence[float], page: float) -> Iterator[int]:
    """The rows that begin a page: a card stays whole where it fits, a large one may begin where there is room."""
    used = 0.0
    for first, last in _units(lines):
        size = sum(heights[first - 1 : last])
        if size > page - used and used and (size <= _LARGE * page or page - used < _ENOUGH * page):
            yield first
            used = 0.0
        start = first
        while size > page - used and start < last:
            start = _split(lines, heights, (start, last), page - used)
            yield start
            used, size = 0.0, sum(heights[start - 1 : last])
        used += size


def _units(lines: Sequence[SheetRow]) -> Iterator[tuple[int, int]]:
    """What stays together, as first and last row: what stands on top, and each card with the headings above it."""
    first, whole = 1, False
    for row, line in enumerate(lines, 1):
        opens = bool(line.refs) and "|" not in line.key and not line.key.startswith("@")
        if opens and whole:
            yield first, row - 1
            first, whole = row, False
        own = line.key.startswith("@") and line.key not in (GAP_KEY, SUM_KEY)
        whole = whole or own or any(spot.look == "band" for spot in line.specs)
    yield first, len(lines)


def _split(
    lines: Sequence[SheetRow], heights: Sequence[float], rows: tuple[int, int], room: float
) -> int:
    """The row of a unit that begins the next page, the last one that may; at least one row stays."""
    first, last = rows
    used, best, fits = heights[first - 1], 0, first + 1
    for row in range(first + 1, last + 1):
        if used > room:
            break
        fits, best = row, row if _may_begin(lines, row) else best
        used += heights[row - 1]
    return best or fits


def _may_begin(lines: Sequence[SheetRow], row: int) -> bool:
    """May a page begin here? Not between a title or a label and what it is about, nor with an empty line."""
    mark, before = lines[row - 1].key, lines[row - 2].key
    ref, _, number = mark.rpartition("|")
    if not ref:
        return mark == OVERVIEW_KEY == before
    goes_on = (
        row < len(lines) and lines[row].key.rpartition("|")[0] == ref
    )  # none is left alone overleaf
    return (int(number) > _FEWEST and goes_on) or (number == "1" and ("|" in before or not before))
