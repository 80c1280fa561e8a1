"""Formulas over the answers on an area sheet: counts, means, shares, and a form's progress."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from xltiltak.layout.geometry import KEY_COL
from xltiltak.layout.sheet_rows import CellSpec, FigureSpec
from xltiltak.model.language import translate
from xltiltak.model.report import Slot
from xltiltak.model.summary import AnswerCounts
from xltiltak.sheets.card_formulas import continues_slot
from xltiltak.sheets.cell_ranges import CellRange, RowBlock, append_run
from xltiltak.xlsx.row_writer import Formula

_MOST_ARGUMENTS = 200  # ranges in one formula; Excel takes 255


class FigureFormulas:
    """The formulas of one sheet's figures; `decimals` are those of its means."""

    def __init__(self, blocks: Sequence[RowBlock], decimals: int) -> None:
        self.decimals = decimals
        self._ranges: dict[tuple[str, date | None], list[CellRange]] = defaultdict(list)
        for block in blocks:
            for spec in block.specs:
                if spec.field and spec.style != "none":
                    ranges = self._ranges[spec.field.id, spec.date]
                    append_run(ranges, block.range_of(spec.col))

    def formula(self, figure: FigureSpec, counts: AnswerCounts) -> Formula:
        """Return the formula of a figure, with its value now; `counts` are those at its date."""
        return Formula(self._text(figure), self._value(figure, counts))

    def _value(self, figure: FigureSpec, counts: AnswerCounts) -> str | float:
        """Return the figure of these counts; "" for a mean without answers."""
        if figure.stat == "share":
            return counts.distribution.get(figure.step, 0) if figure.step is not None else 0
        if figure.stat == "mean":
            mean = counts.mean(self.decimals)
            return "" if mean is None else float(mean)
        return counts.count if figure.stat == "count" else counts.answered

    def _text(self, figure: FigureSpec) -> str:
        """Return the formula without its "="."""
        ranges = self._ranges.get((figure.field, figure.date), [])[:_MOST_ARGUMENTS]
        names = [cells.name for cells in ranges]
        if not ranges:
            return '""' if figure.stat == "mean" else "0"
        if figure.stat == "mean":
            return f'IFERROR(ROUND(AVERAGE({",".join(names)}),{self.decimals}),"")'
        if figure.stat == "answered":
            return f"COUNT({','.join(names)})"
        if figure.stat == "share":
            return "+".join(f"COUNTIF({name},{figure.step})" for name in names)
        keys = [cells._replace(left=KEY_COL, right=KEY_COL).name for cells in ranges]
        return "+".join(f'COUNTIF({name},"?*")' for name in keys)


def progress_formula(blocks: Sequence[RowBlock], language: str) -> Formula:
    """Return how many required inputs of a form are filled in: "3 of 12"."""
    blocks_with_inputs = []
    for block in blocks:
        inputs = [(n, spec) for n, spec in enumerate(block.specs) if _must_be_filled(spec)]
        if inputs:
            blocks_with_inputs.append((block, inputs))
    has_long_slots = any(
        continues_slot(row) for block, _ in blocks_with_inputs for row in block.rows
    )
    count = _count_slots if has_long_slots else _count_cells
    terms, filled, total = count(blocks_with_inputs)
    text = translate("sheet.filled", language, n=total)
    return Formula(f'{"+".join(terms) or "0"}&" {text}"', f"{filled} {text}")


Inputs = Sequence[tuple[RowBlock, list[tuple[int, CellSpec]]]]  # with their place in the row


def _count_cells(blocks: Inputs) -> tuple[list[str], int, int]:
    """Return the terms of a count, its value and its maximum, where each slot is one cell."""
    columns: dict[int, list[CellRange]] = defaultdict(list)
    filled = total = 0
    for block, inputs in blocks:
        total += len(block.rows) * len(inputs)
        for index, spec in inputs:
            filled += sum([row.values[index] is not None for row in block.rows])
            append_run(columns[spec.col], block.range_of(spec.col))
    terms = [f"COUNTA({cells.name})" for ranges in columns.values() for cells in ranges]
    return terms, filled, total


def _count_slots(blocks: Inputs) -> tuple[list[str], int, int]:
    """Return the same where slots have several rows: a slot counts once."""
    ranges: dict[Slot | None, CellRange] = {}
    filled: set[Slot | None] = set()
    for block, inputs in blocks:
        for number, row in enumerate(block.rows, block.first):
            for index, spec in inputs:
                slot = row.slot_at(spec)
                first = ranges.get(slot, CellRange(number, number, spec.col, spec.col))
                ranges[slot] = first._replace(last=number)
                if row.values[index] is not None:
                    filled.add(slot)
    terms = [f"(COUNTA({cells.name})>0)" for cells in ranges.values()]
    return terms, len(filled), len(ranges)


def _must_be_filled(spec: CellSpec) -> bool:
    """Return True for an input that is required."""
    return spec.style == "input" and spec.is_required
