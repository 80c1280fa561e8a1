"""Find whole columns of answers in a table that the form does not have.

The form's own column was deleted, renamed and moved, or its date is none of the report. Such a
column is one error, not a note for each of its cells.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from xltiltak.intake.columns import ColumnMap
from xltiltak.intake.returned_sheet import (
    ReturnedAreaSheet,
    UnexpectedCell,
    UntakenColumn,
    filled_cells,
)
from xltiltak.layout.geometry import Column
from xltiltak.model.cell_values import CellValue, display, is_blank
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.model.normalize import normalize
from xltiltak.model.report import Report
from xltiltak.xlsx.cell_names import cell_name, column_letters
from xltiltak.xlsx.sheet_reader import Sheet

_DATE = re.compile(r"\{[^}]*\}")  # the place of the date in a field's label
_ANY_DATE = r"[\w ,./-]*\d[\w ,./-]*"


def move_untaken_columns(
    sheet: Sheet, columns: ColumnMap, numbers: Collection[int], found: ReturnedAreaSheet
) -> None:
    """Move the cells of such columns from the unexpected cells to `untaken_columns`.

    `numbers` are the rows of the table that were matched to a node.
    """
    unexpected = {one.cell for one in found.unexpected_cells}
    if not unexpected:
        return
    cells: dict[int, list[UnexpectedCell]] = {}
    for number in sorted(n for n in numbers if n > (columns.label_row or 0)):
        for col, value in filled_cells(sheet, number):
            if col == columns.key_column:
                continue
            if (name := cell_name(number, col)) in unexpected:
                cells.setdefault(col, []).append(UnexpectedCell(name, value))
    moved = set[str]()
    for col in sorted(cells):
        label = _label_in(sheet, columns, col)
        missing = _missing_inputs(sheet, columns, numbers, found.sent, cells[col])
        if _is_of_other_date(label, found.sent):
            missing = ()
        elif not missing:
            continue
        found.untaken_columns.append(UntakenColumn(label, missing, tuple(cells[col])))
        moved |= {one.cell for one in cells[col]} | {cell_name(columns.label_row or 0, col)}
    found.unexpected_cells = [one for one in found.unexpected_cells if one.cell not in moved]


def _label_in(sheet: Sheet, columns: ColumnMap, col: int) -> str:
    """Return the label of a column as it is now; its letters if it has none.

    A formula whose value the file does not have is itself the label.
    """
    row = columns.label_row or 0
    value, formula = sheet.rows.get(row, {}).get(col), sheet.formulas.get((row, col))
    if not is_blank(value):
        return display(value)
    return f"={formula}" if formula else column_letters(col)


def _is_of_other_date(label: str, sent: Report) -> bool:
    """Return True if a label is that of a dated input, at a date that the form does not have."""
    patterns = (
        _ANY_DATE.join(re.escape(normalize(words)) for words in _DATE.split(field.label))
        for field in sent.template.fields
        if field.role == "input" and field.per_checkpoint
    )
    headings = (translate("sheet.fill_in", language, date="{}") for language in LANGUAGES)
    others = (_ANY_DATE.join(map(normalize, heading.split("{}"))) for heading in headings)
    text = normalize(label)
    return any(re.fullmatch(pattern, text) for pattern in (*patterns, *others))


def _missing_inputs(
    sheet: Sheet,
    columns: ColumnMap,
    numbers: Collection[int],
    sent: Report,
    cells: Sequence[UnexpectedCell],
) -> tuple[str, ...]:
    """Return the labels of the form's inputs that a column may have replaced.

    These are the deleted ones, and the required ones without any answer that could have the values
    of the column.
    """
    missing = []
    for column in columns.geometry.table_columns:
        if column.field.role != "input" or column.date not in (None, sent.head.current):
            continue
        position = columns.position_of.get(column.col)
        if position is None or (
            column.field.required
            and all(is_blank(sheet.rows[number].get(position)) for number in numbers)
            and _can_have(column, [one.value for one in cells], sent.head.language)
        ):
            missing.append(columns.geometry.heading_of(column, sent.head.current))
    return tuple(missing)


def _can_have(column: Column, values: Sequence[CellValue], language: str) -> bool:
    """Return True if a column can have all these values."""
    readings = (column.field_type.parse((value,), language) for value in values)
    return all(reading.outcome != "invalid" for reading in readings)
