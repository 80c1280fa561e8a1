"""Read an area sheet in which nothing but answers has changed, as in nearly all forms.

The rows are laid out again as they were sent, and held against the rows of the sheet one by one.
An open cell that differs is a change. Anything else that differs leaves the whole sheet to the
readers of rows: a row, a locked cell, a label, a formula, a mark of a cell, an odd kind of value.
A locked number that its format shows with a unit is no difference while it means what was sent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import NamedTuple

from xltiltak.intake.boilerplate import is_derived_formula, is_our_formula
from xltiltak.intake.locked_cells import locked_change
from xltiltak.intake.returned_sheet import CellChange, ReturnedAreaSheet, UnexpectedCell
from xltiltak.intake.sheet_look import SheetLook
from xltiltak.layout.geometry import KEY_COL, geometry_of
from xltiltak.layout.guidance import FILLED_BY_KEY, MESSAGE_KEY
from xltiltak.layout.sheet_layout import layout_sheet
from xltiltak.layout.sheet_rows import CellSpec, SheetRow
from xltiltak.model.cell_values import CellValue, FormattedNumber, is_blank
from xltiltak.model.report import Slot
from xltiltak.xlsx.cell_names import cell_name

_USUAL_TYPES = frozenset(  # True is no number, an error no text
    (str, int, float, date, FormattedNumber, type(None))
)
_FORMULA_STYLES = frozenset(
    (
        *("filled", "jump", "sheets", "sheet_link", "sum"),
        *("tick", "toc", "toc_name", "toc_group"),
    )
)


class _RowShape(NamedTuple):
    """The columns of a row: that of its key and then its cells, the same as a set, and formulas."""

    columns: tuple[int, ...]
    taken: frozenset[int]
    formulas: frozenset[int]


def read_unmoved(look: SheetLook, found: ReturnedAreaSheet) -> bool:
    """Add the changes of an area sheet if only answers differ from what was sent.

    Return False otherwise; `found` is as it was then.
    """
    if found.conflicting_area:
        return False
    reader = _UnmovedReader(look, found)
    if _is_marked(look, reader.geometry.derived_formulas) or not reader.read():
        return False
    found.message = reader.own_texts.get(MESSAGE_KEY)
    found.filled_by = reader.own_texts.get(FILLED_BY_KEY)
    found.changes += reader.changes
    found.changes += reader.list_changes()
    return True


def _is_marked(look: SheetLook, derived: frozenset[str]) -> bool:
    """Return True if a cell may show something else than a usual value or a formula of ours."""
    sheet = look.sheet
    marks = (sheet.pale_cells, sheet.unseen, sheet.out_of_bounds)
    are_ours = all(
        is_our_formula(text) or is_derived_formula(text, derived)
        for text in sheet.formulas.values()
    )
    types = set(map(type, chain.from_iterable(map(dict.values, sheet.rows.values()))))
    return not (are_ours and types <= _USUAL_TYPES) or any(marks) or look.has_marks()


def _has_formula(spec: CellSpec) -> bool:
    """Return True for a cell that is written as a formula."""
    return spec.figure is not None or spec.style in _FORMULA_STYLES or spec.is_derived


class _UnmovedReader:
    """Holds the rows of one area sheet against the rows as they were sent.

    `changed_lists` are the slots with rows of their own, one of which differs.
    """

    def __init__(self, look: SheetLook, found: ReturnedAreaSheet) -> None:
        self.sent, self.sheet = found.sent, look.sheet
        self.lines = list(
            layout_sheet(found.sent, found.area, layout=found.layout, names=found.names)
        )
        self.changes: list[CellChange] = []
        self.changed_lists: set[Slot] = set()
        self.own_texts: dict[str, UnexpectedCell] = {}  # by the key of their row
        self.geometry = geometry_of(
            self.sent.template,
            self.sent.head.dates,
            self.sent.head.language,
            layout=found.layout,
        )
        self._shapes: dict[int, _RowShape] = {}  # by the identity of specs, which rows share
        self._formulas: dict[int, set[int]] = defaultdict(set)  # their columns by row
        for number, col in self.sheet.formulas:
            self._formulas[number].add(col)

    def read(self) -> bool:
        """Read all rows; return False if something else than an answer differs."""
        rows = self.sheet.rows
        for number, line in enumerate(self.lines, 1):
            row = rows.get(number, {})
            shape = self._shape_of(line.specs)
            key, *values = map(row.get, shape.columns)
            if key != (line.key or None) or self._has_other_cells(number, row, shape):
                return False
            if tuple(values) != line.values and not self._read_row(number, line, values):
                return False
        return max(rows, default=0) <= len(self.lines)

    def _shape_of(self, specs: tuple[CellSpec, ...]) -> _RowShape:
        if id(specs) not in self._shapes:
            columns = (KEY_COL, *(spec.col for spec in specs))
            formulas = frozenset(s.col for s in specs if _has_formula(s))
            self._shapes[id(specs)] = _RowShape(columns, frozenset(columns), formulas)
        return self._shapes[id(specs)]

    def _has_other_cells(self, number: int, row: Mapping[int, CellValue], shape: _RowShape) -> bool:
        """Return True if a row has a cell beside its own, or a value in place of a formula.

        On cards a label may be repeated at the top of a page, as a formula.
        """
        if row.keys() <= shape.taken and not shape.formulas and number not in self._formulas:
            return False  # nearly all rows
        formulas = self._formulas.get(number, set())
        others = row.keys() - shape.taken
        return (
            not formulas <= others | shape.formulas
            or not others <= formulas
            or (bool(others) and self.geometry.is_table)
            or not (row.keys() & shape.formulas) <= formulas
        )

    def _read_row(self, number: int, line: SheetRow, values: Sequence[CellValue]) -> bool:
        """Read a row cell by cell; return False if something else than an answer differs."""
        for spec, sent, value in zip(line.specs, line.values, values, strict=True):
            if value != sent and not self._read_cell(line, spec, (number, spec.col), value):
                return False
        return True

    def _read_cell(
        self, line: SheetRow, spec: CellSpec, cell: tuple[int, int], value: CellValue
    ) -> bool:
        """Read a cell that differs; return False if it is none that may differ."""
        is_locked = spec.style != "input"
        if is_locked and _has_formula(spec):
            return True
        if spec.field is None or not line.refs:
            return False
        slot = Slot(line.refs[spec.node_index], spec.field.id, spec.date)
        if is_locked:
            return isinstance(value, FormattedNumber) and self._means_as_sent(slot, cell, value)
        if line.key in (MESSAGE_KEY, FILLED_BY_KEY):
            if not is_blank(value):
                self.own_texts[line.key] = UnexpectedCell(cell_name(*cell), value)
        elif "|" in line.key:
            self.changed_lists.add(slot)
        else:
            self._read_answer(slot, cell, value)
        return True

    def _means_as_sent(self, slot: Slot, cell: tuple[int, int], value: CellValue) -> bool:
        """Return True if a locked cell is another way to show what was sent."""
        change = self._change(slot, (value,), (cell,))
        return change is not None and locked_change(change, self.sent.head) is None

    def _change(
        self, slot: Slot, values: tuple[CellValue, ...], cells: tuple[tuple[int, int], ...]
    ) -> CellChange | None:
        """Return what the cells of a slot hold; None for a field that the template has not."""
        node, sent = self.sent.by_ref[slot.ref], self.sent.values.get(slot)
        field = self.sent.template.field_of(node.level, slot.field)
        field_type = self.geometry.field_types[node.level, slot.field]
        if field is None:
            return None
        return CellChange(slot, field, field_type, node, sent, values, cells)

    def _read_answer(self, slot: Slot, cell: tuple[int, int], value: CellValue) -> None:
        """Read an open cell in the own row of a node."""
        node, sent = self.sent.by_ref[slot.ref], self.sent.values.get(slot)
        column = self.geometry.column_at[node.level, cell[1]]
        value = column.extract_value(value, self.sent.head.language)
        if is_blank(value) if sent is None else (value,) == column.field_type.to_cells(sent):
            return
        self.changes.append(
            CellChange(slot, column.field, column.field_type, node, sent, (value,), (cell,))
        )

    def list_changes(self) -> Iterator[CellChange]:
        """Yield the changes of slots with rows of their own, in the order of the sheet."""
        cells: dict[Slot, list[tuple[int, int]]] = defaultdict(list)
        for number, line in enumerate(self.lines if self.changed_lists else (), 1):
            for spec in line.specs if "|" in line.key else ():
                slot = line.slot_at(spec)
                if slot in self.changed_lists:
                    cells[slot].append((number, spec.col))
        for slot, places in cells.items():
            values = tuple([self.sheet.rows[row].get(col) for row, col in places])
            filled = tuple([value for value in values if not is_blank(value)])
            change, sent = self._change(slot, values, tuple(places)), self.sent.values.get(slot)
            if change and filled != (() if sent is None else change.field_type.to_cells(sent)):
                yield change
