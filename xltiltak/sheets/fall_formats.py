"""Show in a form that a status has fallen and no remark says why, as C101 tells it later.

A conditional format does it while the leader types, without macros: the remark's cell turns orange.
The instructions say what it means.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from xltiltak.layout.sheet_rows import SheetRow
from xltiltak.model.field_types import field_type_of
from xltiltak.model.report import Report
from xltiltak.model.summary import neutral_values
from xltiltak.sheets.formula_parts import quoted
from xltiltak.sheets.row_formats import CellRange, holds_text, left_test, merge_ranges
from xltiltak.sheets.workbook import WorkbookWriter
from xltiltak.xlsx.cell_names import column_letters
from xltiltak.xlsx.row_workbook import RowSheet


class _Cell(NamedTuple):
    row: int
    col: int


class _Measure(NamedTuple):
    """The cells of a measure: of its status at the last date and now, and of all its remarks."""

    before: list[_Cell]
    now: list[_Cell]
    remarks: list[_Cell]


def add_fall_format(
    book: WorkbookWriter,
    sheet: RowSheet,
    part: Report,
    rows: Sequence[SheetRow],
    texts: Collection[str],
) -> None:
    """Show the remarks of a measure in orange if its status has fallen, until one of them is new.

    `texts` are those that are left from the last date.
    """
    scored = part.template.explained_field()
    if scored is None or part.previous_date is None:
        return
    neutral = sorted(v for v in neutral_values(part.template, scored) if isinstance(v, int))
    words = field_type_of(scored, part.template).words
    not_fallen = [quoted(word) for word, value in words.items() if value in neutral]
    not_fallen += map(str, neutral)
    shapes = []
    for measure in _measures(part, scored.id, rows).values():
        for cell in measure.remarks if measure.before and measure.now else ():
            place = CellRange(cell.row, cell.row, cell.col, cell.col)
            others = ((at.row - cell.row, at.col) for cells in measure for at in cells)
            shapes.append((place, tuple(others)))
    for block, shape in merge_ranges(sorted(shapes)):
        before, now, *remarks = (
            f"${column_letters(col)}{block.first + down}" for down, col in shape
        )
        step = f'VALUE(LEFT({now},FIND(" ",{now}&" ")-1))'  # a cell may hold "3 Godt i gang"
        tests = [f'{now}<>""', f"IFERROR({step},{before})<{before}"]
        tests += [f"{now}<>{value}" for value in not_fallen]
        tests += [f"OR(ISBLANK({cell}),{left_test(book, texts, cell)})" for cell in remarks]
        rule = {"type": "formula", "criteria": f"=AND({','.join(tests)})"}
        sheet.conditional_format(*block.corners, {**rule, "format": book.unexplained_format()})


def _measures(part: Report, scored: str, rows: Sequence[SheetRow]) -> dict[str, _Measure]:
    """Return the cells of each measure by its ref; without a status that can fall, or remarks."""
    template, found = part.template, dict[str, _Measure]()
    remarks = {field.id for field in template.remark_fields()}
    neutral = neutral_values(template, template.field_of(template.leaf.id, scored))
    for number, row in enumerate(rows, 1):
        for spec in row.specs:
            slot = row.slot_at(spec)
            node = part.by_ref.get(slot.ref) if slot else None  # a sheet has slots of its own
            if slot is None or node is None or node.level != template.leaf.id:
                continue
            measure = found.setdefault(slot.ref, _Measure([], [], []))
            cell = _Cell(number, spec.col)
            if slot.field in remarks and holds_text(spec):
                measure.remarks.append(cell)
            elif slot.field == scored and slot.date == part.report_date and spec.style == "input":
                measure.now.append(cell)
            elif slot.field == scored and slot.date == part.previous_date:
                value = part.values.get(slot)
                measure.before.extend([cell] * (isinstance(value, int) and value not in neutral))
    return found
