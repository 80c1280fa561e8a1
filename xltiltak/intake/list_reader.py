"""Read the slots that have rows of their own: texts and lists on cards and below headings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from xltiltak.intake.blocks import AnswerBlocks
from xltiltak.intake.columns import ColumnMap, RowKeys
from xltiltak.intake.own_rows import Row
from xltiltak.intake.returned_sheet import (
    CandidateCell,
    ReturnedAreaSheet,
    UnexpectedCell,
    UnmatchedRow,
    UntakenColumn,
    filled_cells,
)
from xltiltak.intake.row_classifier import ListRow, RowClassifier
from xltiltak.layout.sheet_rows import join_pieces
from xltiltak.model.cell_values import CellValue, display, is_blank
from xltiltak.model.field_types import FieldType
from xltiltak.model.normalize import normalize
from xltiltak.model.report import Slot
from xltiltak.model.template import Field
from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.sheet_reader import Sheet


class ListReader:
    """Reads the rows of lists of one area sheet into a ReturnedAreaSheet.

    `rows` has the value and the cell of each row of a slot. `current` is the slot of the row above,
    None outside a list. A run is a series of rows of one slot; a row key that is in two runs makes
    its slot a repeated one.
    """

    def __init__(
        self,
        sheet: Sheet,
        columns: ColumnMap,
        keys: RowKeys,
        classifier: RowClassifier,
        found: ReturnedAreaSheet,
    ) -> None:
        self.sheet, self.columns, self.keys, self.found = sheet, columns, keys, found
        self.sent, self.nodes = found.sent, found.sent.by_ref
        self.language = self.sent.head.language
        self.classifier = classifier
        self.rows: dict[Slot, list[tuple[CellValue, tuple[int, int]]]] = defaultdict(list)
        self.current: Slot | None = None
        self.run = 0
        self.run_of_key: dict[str, int] = {}
        self.repeated_slots: set[Slot] = set()

    def read(self, number: int, row: Row, kind: ListRow) -> int:
        """Read one row of a slot; return the column of its value."""
        slot, col = kind.slot, self._value_column(kind.slot)
        rows = self.rows[slot]
        if self.current != slot:
            self.run += 1
        if self.run_of_key.setdefault(kind.key, self.run) != self.run:
            self.repeated_slots.add(slot)
        if kind.separator and self.current == slot and rows:  # the row above goes on here
            value, cell = rows.pop()
            rows.append((join_pieces(value, kind.separator, row.get(col), self.language), cell))
        else:
            rows.append((row.get(col), (number, col)))
        self.current = slot
        return col

    def read_item(self, number: int, row: Row, others: set[int]) -> int | None:
        """Read a row without a key as one more item of the list above it; return its column.

        It is no item if there is no list above, if one of the columns `others` is filled too, or if
        it is a locked text that has lost its label. Then return None.
        """
        filled = dict(filled_cells(self.sheet, number))
        if self.current is None:
            return None
        col = self._value_column(self.current)
        if filled.keys() & (others - {col}) or self._is_given_text(filled.get(col), self.current):
            self.current = None
            return None
        if col not in filled:
            return None
        below = self._answer_below(number)
        if below is not None and not self._is_given_text(row[col], below):
            self.current = below
        self.rows[self.current].append((row[col], (number, col)))
        return col

    def _value_column(self, slot: Slot) -> int:
        """Return the column of a slot's values; where it was sent if that column was deleted."""
        level = self.nodes[slot.ref].level
        sent_in = self.columns.geometry.label_and_value_cols(level, slot.field)[1]
        return self.columns.position_of.get(sent_in, sent_in)

    def _is_given_text(self, value: CellValue, slot: Slot) -> bool:
        """Return True if the value beside an open slot was sent locked in another slot.

        Row keys that were recovered from texts leave out a line that has lost its label.
        """
        if value is None or self.columns.key_column is not None or not self.keys:
            return False
        field, _ = self._field_and_type(slot)
        if field is None or not self.sent.is_open(field, slot.date, self.nodes[slot.ref]):
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
        below = next((n for n in (number + 1, number + 2) if n in self.sheet.rows), 0)
        kind = self.classifier.classify(self.keys.get(below))
        if self.current is None or not isinstance(kind, ListRow) or not kind.is_first:
            return None
        field_above, type_above = self._field_and_type(self.current)
        field_below, type_below = self._field_and_type(kind.slot)
        if not field_above or not field_below:
            return None
        has_bullet = (
            type_above.bullet != type_below.bullet
            and type_above.bullet in self.sheet.rows[number].values()
        )
        is_meant = field_above.role != "input" and field_below.role == "input"
        return kind.slot if is_meant and not has_bullet else None

    def _field_and_type(self, slot: Slot) -> tuple[Field | None, FieldType]:
        """Return the field of a slot, None if the template has none, and its type."""
        level = self.nodes[slot.ref].level
        field = self.sent.template.field_of(level, slot.field)
        return field, self.columns.geometry.field_types[level, slot.field]

    # After the last row

    def compare(self, blocks: AnswerBlocks) -> None:
        """Compare the slots with what was sent; a slot that stands in two places is not taken."""
        for slot, rows in self.rows.items():
            field, field_type = self._field_and_type(slot)
            if field is None:
                continue
            if slot in self.repeated_slots:
                self._add_repeated(slot, field, field_type)
                continue
            if field.role == "input" and slot.date not in self.columns.geometry.dates_of(field):
                self._add_untaken(field.label_for(slot.date), rows)
                continue
            values, cells = zip(*rows, strict=True)
            sent = self.sent.values.get(slot)
            expected = field_type.to_cells(sent) if sent is not None else ()
            is_same = tuple(value for value in values if not is_blank(value)) == expected
            if not is_same or not self.sheet.formulas.keys().isdisjoint(cells):
                blocks.compare_slot(slot, field, field_type, sent, values, cells)

    def _add_repeated(self, slot: Slot, field: Field, field_type: FieldType) -> None:
        """Add the rows of a slot that stands in two places: it is unclear which are meant."""
        rows = [cell for _, cell in self.rows[slot]]
        cells = tuple(
            CandidateCell(field, cell_name(number, col), slot, field_type, value)
            for number, col in rows
            if (value := dict(filled_cells(self.sheet, number)).get(col)) is not None
        )
        self.found.unmatched_rows.append(
            UnmatchedRow(rows[0][0], "duplicate", "", slot.ref, "", slot.ref, cells, ())
        )

    def _add_untaken(self, label: str, rows: Sequence[tuple[CellValue, tuple[int, int]]]) -> None:
        """Add answers at a date that the report does not have; all with one label are a column."""
        columns = self.found.untaken_columns
        same = [column for column in columns if column.label == label]
        cells = [cell for column in same for cell in column.cells]
        for _, (number, col) in rows:
            value = dict(filled_cells(self.sheet, number)).get(col)
            if value is not None:
                cells.append(UnexpectedCell(cell_name(number, col), value))
        columns[:] = [column for column in columns if column not in same]
        if cells:
            columns.append(UntakenColumn(label, (), tuple(cells)))

    def missing_slots(self, refs: list[str]) -> list[Slot]:
        """Return the slots of these nodes that were sent with a value and have no rows."""
        return [slot for slot in self._sent_slots(refs) if slot not in self.rows]

    def _sent_slots(self, refs: list[str]) -> Iterator[Slot]:
        """Yield the slots of these nodes that have rows of their own and a value."""
        geometry = self.columns.geometry
        for level in self.sent.template.levels:
            of_level = [ref for ref in refs if self.nodes[ref].level == level.id]
            for field in geometry.fields_below_title(level):
                for ref in of_level:
                    for day in geometry.dates_of(field):
                        slot = Slot(ref, field.id, day)
                        if slot in self.sent.values:
                            yield slot
