"""Read the rows of a returned area sheet: which node, slot or own row each one is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from xltiltak.intake.blocks import AnswerBlocks, BlockRow
from xltiltak.intake.boilerplate import Boilerplate, is_our_formula
from xltiltak.intake.columns import RECOVERED_COL, ColumnMap
from xltiltak.intake.returned_sheet import (
    CandidateCell,
    ReturnedAreaSheet,
    UnexpectedCell,
    UnmatchedRow,
    filled_cells,
)
from xltiltak.intake.row_matching import MatchKind, RowMatch, TableRows
from xltiltak.layout.sheet_rows import join_pieces, separator_before
from xltiltak.model.cell_values import CellValue, display, is_blank
from xltiltak.model.field_types import FieldType
from xltiltak.model.normalize import normalize
from xltiltak.model.report import Slot
from xltiltak.model.row_keys import RowKey, parse_row_key
from xltiltak.model.template import Field
from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.sheet_reader import Sheet

Row = dict[int, CellValue]  # values by column


class RowReader:
    """Reads the rows of one area sheet from top to bottom into a ReturnedAreaSheet.

    A slot can have rows of its own ("list rows"): `list_rows` has the value and the cell of each.
    `current_slot` is the slot of the row above, None outside a list. A run is a series of list rows
    of one slot; a row key that is in two runs makes its slot a repeated one.
    """

    def __init__(self, sheet: Sheet, columns: ColumnMap, found: ReturnedAreaSheet) -> None:
        self.sheet, self.columns, self.found = sheet, columns, found
        self.geometry, self.sent = columns.geometry, found.sent
        self.nodes, self.language = self.sent.by_ref, self.sent.head.language
        self.table_rows = TableRows(sheet, columns, self.sent)
        self.boilerplate = Boilerplate(columns, self.sent, found.area)
        self.blocks = AnswerBlocks(sheet, columns, found)
        self.list_rows: dict[Slot, list[tuple[CellValue, tuple[int, int]]]] = defaultdict(list)
        self.run = 0
        self.run_of_key: dict[CellValue, int] = {}
        self.repeated_slots: set[Slot] = set()
        self.seen_refs: list[str] = []
        self.current_slot: Slot | None = None

    def read(self) -> None:
        """Read every row, by its match or its row key; then add what was not found."""
        matches = self.table_rows.match_table_rows()
        for number, row in self.sheet.rows.items():
            if number in matches:
                self._read_table_row(number, row, matches[number])
                continue
            key = self._row_key(row)
            if key is None or not self._is_known(key):
                self._read_row_without_key(number, row)
            elif key.field:
                self._read_list_row(number, row, key)
            elif key.refs:
                self.current_slot = None
                self._read_node_row(number, row, list(key.refs))
            else:
                self._read_own_row(number, row)
        self.blocks.compare()
        self._compare_lists()
        self._find_missing()

    def _row_key(self, row: Row) -> RowKey | None:
        text = row.get(self.columns.key_column) if self.columns.key_column else None
        return parse_row_key(text) if isinstance(text, str) else None

    def _is_known(self, key: RowKey) -> bool:
        """Return True if a key names nodes of the sheet, and a field that they have."""
        if not all(ref in self.nodes for ref in key.refs):
            return False
        return (
            not key.field or (self.nodes[key.refs[0]].level, key.field) in self.geometry.field_types
        )

    # Rows of nodes

    def _read_table_row(self, number: int, row: Row, match: RowMatch) -> None:
        """Read a row of the table: the slots of its nodes, or an unmatched row."""
        self.current_slot = None
        key, kind = match
        if kind != "exact":
            self._check_key_column(number, row)
        if key and kind == "similar" and self._fits_other_node(row, key):
            kind = "conflict"
        if key is None or kind in ("duplicate", "conflict"):
            self._read_unmatched_row(number, kind, key)
            return
        refs = key.split("/")
        if kind == "moved":
            self.found.moved_refs.append(refs[-1])
        self._read_node_row(number, row, refs)

    def _fits_other_node(self, row: Row, key: str) -> bool:
        """Return True if most locked cells of a row without text differ from the key's node."""
        if self.table_rows.key_text(row).strip():
            return False
        refs = key.split("/")
        agree = differ = 0
        for answer in self.blocks.block_of(refs).columns:
            ref, column, value = refs[answer.node], answer.column, row.get(answer.col)
            is_open = self.sent.is_open(column.field, answer.date, self.nodes[ref])
            if not is_open and not is_blank(value):
                shown = column.extract_value(value, self.language)
                reading = column.field_type.parse((shown,), self.language)
                sent = self.sent.values.get(Slot(ref, answer.field, answer.date))
                if reading.value == sent:
                    agree += 1
                else:
                    differ += 1
        return differ > agree

    def _check_key_column(self, number: int, row: Row) -> None:
        """Report what somebody has written in the hidden column."""
        col = self.columns.key_column
        if row.get(col) in self.table_rows.sent_texts:
            return
        text = dict(filled_cells(self.sheet, number)).get(col)
        key = parse_row_key(text) if isinstance(text, str) else None
        is_ours = (
            key is not None
            and self._is_known(key)
            and (bool(key.refs) or text in self.boilerplate.formula_columns)
        )
        if text is not None and not is_ours:
            self.found.unexpected_cells.append(UnexpectedCell(cell_name(number, col), text))

    def _read_node_row(self, number: int, row: Row, refs: list[str]) -> None:
        """Add a row to the block of its nodes; other filled cells are unexpected."""
        self.seen_refs += refs
        block = self.blocks.block_of(refs)
        block.rows.append(BlockRow(number, row, refs))
        if not row.keys() <= block.taken:
            self._add_unexpected(number, row, block.taken)

    def _read_unmatched_row(self, number: int, match: MatchKind, key: str | None) -> None:
        columns = dict(self.columns.of_level[self.sent.template.leaf.id])
        cells, unexpected = [], []
        for col, value in filled_cells(self.sheet, number):
            if col == self.columns.key_column:
                continue
            name, column = cell_name(number, col), columns.get(col)
            if column:
                slot = Slot("", column.field.id, column.date)
                cells.append(CandidateCell(column.field, name, slot, column.field_type, value))
            else:
                unexpected.append(UnexpectedCell(name, value))
        ref = key.split("/")[-1] if key else ""
        above = self.seen_refs[-1] if self.seen_refs else ""
        self.found.unmatched_rows.append(
            UnmatchedRow(number, match, ref, above, tuple(cells), tuple(unexpected))
        )

    # Rows of lists

    def _read_list_row(self, number: int, row: Row, key: RowKey) -> None:
        """Read one row of a slot that has rows of its own."""
        slot, text = Slot(key.refs[0], key.field, key.date), row.get(self.columns.key_column)
        separator, col = separator_before(str(text)), self._value_column(slot)
        rows = self.list_rows[slot]
        if self.current_slot != slot:
            self.run += 1
        if self.run_of_key.setdefault(text, self.run) != self.run:
            self.repeated_slots.add(slot)
        if separator and self.current_slot == slot and rows:  # the row above goes on here
            value, cell = rows.pop()
            rows.append((join_pieces(value, separator, row.get(col), self.language), cell))
        else:
            rows.append((row.get(col), (number, col)))
        self.current_slot = slot
        self._add_unexpected(number, row, {col, self.columns.key_column})

    def _value_column(self, slot: Slot) -> int:
        """Return the column of the values of a slot with rows of its own."""
        level = self.nodes[slot.ref].level
        return self.columns.position_of[self.geometry.label_and_value_cols(level, slot.field)[1]]

    def _read_row_without_key(self, number: int, row: Row) -> None:
        """Read a row without a key of ours.

        Below a list it is one more item; otherwise its cells are unexpected.
        """
        columns, key_column = self.columns, self.columns.key_column
        filled = dict(filled_cells(self.sheet, number))
        if self.current_slot:
            col = self._value_column(self.current_slot)
        else:
            col = columns.position_of[self.geometry.value_col]
        taken = {key_column} if key_column not in filled else set()
        others = {key_column, columns.position_of[self.geometry.label_col]}
        if self.geometry.is_table:
            others = {*filled}
        if filled.keys() & others - {col}:
            self.current_slot = None  # not a list item
        if (
            self.current_slot
            and key_column == RECOVERED_COL
            and self._is_given_text(filled.get(col), self.current_slot)
        ):
            self.current_slot = None  # a locked text that has lost its label
        if self.current_slot and col in filled:
            self.current_slot = self._answer_below(number) or self.current_slot
            self.list_rows[self.current_slot].append((row[col], (number, col)))
            taken.add(col)
        self._add_unexpected(number, row, taken)

    def _is_given_text(self, value: CellValue, slot: Slot) -> bool:
        """Return True if the value below an open slot was sent locked in another slot."""
        field, _ = self._field_and_type(slot)
        if value is None or field is None:
            return False
        if not self.sent.is_open(field, slot.date, self.nodes[slot.ref]):
            return False
        return normalize(display(value)) in self._given_texts

    @cached_property
    def _given_texts(self) -> set[str]:
        """Return the lines of all texts that were sent locked."""
        texts: set[str] = set()
        for slot, value in self.sent.values.items():
            if slot.ref not in self.nodes:
                continue
            field, field_type = self._field_and_type(slot)
            if field and not self.sent.is_open(field, slot.date, self.nodes[slot.ref]):
                cells = field_type.to_cells(value)
                texts.update(normalize(cell) for cell in cells if isinstance(cell, str))
        return texts

    def _answer_below(self, number: int) -> Slot | None:
        """Return the open slot that begins below a row, if the list above the row is locked.

        What is typed between the two is meant for the open slot, unless it has the bullet of the
        list above. Otherwise return None.
        """
        below = next(
            (self.sheet.rows[n] for n in (number + 1, number + 2) if n in self.sheet.rows), {}
        )
        text = below.get(self.columns.key_column)
        key = parse_row_key(text) if isinstance(text, str) and text.endswith("|1") else None
        if self.current_slot is None or key is None or not key.field or not self._is_known(key):
            return None
        slot = Slot(key.refs[0], key.field, key.date)
        field_above, type_above = self._field_and_type(self.current_slot)
        field_below, type_below = self._field_and_type(slot)
        if not field_above or not field_below:
            return None
        has_bullet = (
            type_above.bullet != type_below.bullet
            and type_above.bullet in self.sheet.rows[number].values()
        )
        is_meant = field_above.role != "input" and field_below.role == "input"
        return slot if is_meant and not has_bullet else None

    def _field_and_type(self, slot: Slot) -> tuple[Field | None, FieldType]:
        """Return the field of a slot, None if the template has none, and its type."""
        level = self.nodes[slot.ref].level
        field = self.sent.template.field_of(level, slot.field)
        return field, self.geometry.field_types[level, slot.field]

    # Our own rows, and what people have written beside them

    def _read_own_row(self, number: int, row: Row) -> None:
        """Read a row of ours without slots: only what somebody has written there."""
        self.current_slot = None
        key, taken = row.get(self.columns.key_column), set[int]()
        if key in self.boilerplate.formula_columns:
            formulas = self.boilerplate.formula_columns[key]
            taken = {col for col in formulas if self._has_our_formula(number, col)}
            taken.add(self.columns.key_column)
        if key == "@message" and not self.found.message:
            taken.add(self._read_message(number))
        elif number == self.columns.label_row:
            taken |= self._read_labels(number)
        self._add_unexpected(number, row, taken)

    def _read_message(self, number: int) -> int:
        """Read the leader's message to the coordinator; return its column."""
        col = self.columns.position_of[self.geometry.value_col]
        value = dict(filled_cells(self.sheet, number)).get(col)
        if value is not None:
            self.found.message = UnexpectedCell(cell_name(number, col), value)
        return col

    def _read_labels(self, number: int) -> set[int]:
        """Read the labels that are others now; return their columns."""
        filled = dict(filled_cells(self.sheet, number))
        for label, col in self.columns.relabelled:
            if filled.get(col) != label:
                self.found.relabelled.append((label, filled.get(col), cell_name(number, col)))
        return {col for _, col in self.columns.relabelled}

    def _add_unexpected(self, number: int, row: Row, taken: set[int]) -> None:
        """Add the filled cells of a row that are neither taken nor ours."""
        if len(row) <= len(taken) and row.keys() <= taken:
            return
        # Beside slots, cards have formulas of ours; without row keys, any row may be ours.
        may_have_formulas = not self.geometry.is_table or not self.columns.key_column
        for col, value in filled_cells(self.sheet, number):
            if col in taken or self.boilerplate.contains(value):
                continue
            if may_have_formulas and self._has_our_formula(number, col):
                continue
            self.found.unexpected_cells.append(UnexpectedCell(cell_name(number, col), value))

    def _has_our_formula(self, number: int, col: int) -> bool:
        """Return True if a cell has one of the formulas that a form is sent with."""
        formula = self.sheet.formulas.get((number, col), "")
        return bool(formula) and is_our_formula(formula)

    # After the last row

    def _compare_lists(self) -> None:
        """Compare the slots that have rows of their own with what was sent."""
        for slot, rows in self.list_rows.items():
            field, field_type = self._field_and_type(slot)
            if field is None:
                continue
            if slot in self.repeated_slots:
                self._add_repeated_list(slot, field, field_type)
                continue
            values, cells = zip(*rows, strict=True)
            sent = self.sent.values.get(slot)
            expected = field_type.to_cells(sent) if sent is not None else ()
            is_same = tuple(value for value in values if not is_blank(value)) == expected
            if not is_same or not self.sheet.formulas.keys().isdisjoint(cells):
                self.blocks.compare_slot(slot, field, field_type, sent, values, cells)

    def _add_repeated_list(self, slot: Slot, field: Field, field_type: FieldType) -> None:
        """Add the rows of a slot that stands in two places: it is unclear which are meant."""
        rows = [cell for _, cell in self.list_rows[slot]]
        cells = tuple(
            CandidateCell(field, cell_name(number, col), slot, field_type, value)
            for number, col in rows
            if (value := dict(filled_cells(self.sheet, number)).get(col)) is not None
        )
        self.found.unmatched_rows.append(
            UnmatchedRow(rows[0][0], "duplicate", slot.ref, slot.ref, cells, ())
        )

    def _find_missing(self) -> None:
        """Add the slots and nodes that were sent and are not there, and the first moved row."""
        self.found.missing_slots = [
            slot for slot in self._sent_list_slots() if slot not in self.list_rows
        ]
        if self.seen_refs == [*self.nodes]:
            return  # all nodes, in the order they were sent in
        found = {*self.seen_refs, *(row.ref for row in self.found.unmatched_rows)}
        self.found.missing_refs = [ref for ref in self._identifiable_refs() if ref not in found]
        order = {ref: n for n, ref in enumerate(self.nodes)}
        for above, ref in zip(self.seen_refs, self.seen_refs[1:], strict=False):
            if order[ref] < order[above] and not self.found.moved_refs:
                self.found.reordered_ref = ref
                break

    def _sent_list_slots(self) -> Iterator[Slot]:
        """Yield the slots of the nodes on the sheet that have rows of their own and a value."""
        for level in self.sent.template.levels:
            refs = [ref for ref in self.seen_refs if self.nodes[ref].level == level.id]
            for field in self.geometry.fields_below_title(level):
                for ref in refs:
                    for day in self.geometry.dates_of(field):
                        slot = Slot(ref, field.id, day)
                        if slot in self.sent.values:
                            yield slot

    def _identifiable_refs(self) -> list[str]:
        """Return the nodes that would have been found if they were on the sheet.

        Without row keys, the groups of a table cannot be found.
        """
        if self.columns.key_column or not self.geometry.is_table:
            return [*self.nodes]
        in_table = {ref for key in self.table_rows.sent_texts for ref in key.split("/")}
        return [ref for ref in self.nodes if ref in in_table]
