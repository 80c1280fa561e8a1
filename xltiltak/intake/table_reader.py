"""Read the rows of a table: each row of a measure is matched to its node by key and text."""

from __future__ import annotations

from collections.abc import Sequence

from xltiltak.intake.columns import ColumnMap, RowKeys
from xltiltak.intake.own_rows import Row
from xltiltak.intake.returned_sheet import (
    CandidateCell,
    ReturnedAreaSheet,
    UnexpectedCell,
    UnmatchedRow,
    filled_cells,
)
from xltiltak.intake.row_classifier import OwnRow
from xltiltak.intake.row_matching import MatchKind, RowMatch
from xltiltak.intake.row_reader import RowReader
from xltiltak.intake.table_rows import TableRows
from xltiltak.intake.untaken_columns import move_untaken_columns
from xltiltak.model.report import Slot
from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.sheet_reader import Sheet


class TableReader(RowReader):
    """Reads the rows of a table, by their matches; other rows by their row keys."""

    def __init__(
        self, sheet: Sheet, columns: ColumnMap, keys: RowKeys, found: ReturnedAreaSheet
    ) -> None:
        super().__init__(sheet, columns, keys, found)
        self.table_rows = TableRows(sheet, columns, keys, self.sent, found.claimed)
        self.matches = self.table_rows.match()

    def read_row(self, number: int, row: Row) -> None:
        """Read one row by its match, or else by its row key."""
        match = self.matches.get(number)
        if match:
            self._read_matched_row(number, row, match)
        elif self.keys.get(number) is None and self.table_rows.is_heading(row):
            self.lists.current = None
            self.own_rows.add_unexpected(number, row, self.table_rows.labels_in(row))
        else:
            super().read_row(number, row)

    def identifiable_refs(self) -> list[str]:
        """Return the nodes that would have been found if they were on the sheet.

        Without row keys, groups with a title line of their own cannot be found.
        """
        if self.keys:
            return super().identifiable_refs()
        in_table = {ref for key in self.table_rows.sent_texts for ref in key.split("/")}
        return [ref for ref in self.nodes if ref in in_table]

    def _read_matched_row(self, number: int, row: Row, match: RowMatch) -> None:
        """Read a row of the table: the slots of its nodes, or a row that is not taken."""
        self.lists.current = None
        key, kind = match
        if kind != "exact":
            self._check_key_column(number)
        if key and kind in ("exact", "moved", "similar"):
            refs = key.split("/")
            if kind == "moved":
                self.found.moved_refs.append(refs[-1])
            self.read_node_row(number, row, refs)
        elif key and kind == "conflict":
            self._read_renamed_row(number, row, key)
        else:
            self._read_unmatched_row(number, kind, key)

    def _check_key_column(self, number: int) -> None:
        """Report what somebody has written in the hidden column."""
        col, key = self.columns.key_column, self.keys.get(number)
        if col is None or key in self.table_rows.sent_texts:
            return
        text = dict(filled_cells(self.sheet, number)).get(col)
        kind = self.classifier.classify(text)
        is_ours = (
            text in self.own_rows.boilerplate.has_formulas
            if isinstance(kind, OwnRow)
            else kind is not None
        )
        if text is not None and not is_ours:
            self.found.unexpected_cells.append(UnexpectedCell(cell_name(number, col), text))

    def _read_renamed_row(self, number: int, row: Row, key: str) -> None:
        """Read a row with another text: its locked cells are compared, no answer is taken."""
        refs, answers = key.split("/"), []
        block, filled = self.blocks.block_of(refs), dict(filled_cells(self.sheet, number))
        for answer in block.columns:
            ref, field = refs[answer.node], answer.column.field
            slot, cell = Slot(ref, answer.field, answer.date), (number, answer.col)
            field_type, sent = answer.column.field_type, self.sent.values.get(slot)
            value = self.blocks.value_in(row.get(answer.col), answer, ref)
            values = (answer.column.extract_value(value, self.sent.head.language),)
            if not self.sent.is_open(field, answer.date, self.nodes[ref]):
                self.blocks.compare_slot(slot, field, field_type, sent, values, (cell,))
            elif answer.col in filled and not self.blocks.is_as_sent(
                field_type, sent, values, (cell,)
            ):
                value = filled[answer.col]
                answers.append(CandidateCell(field, cell_name(*cell), slot, field_type, value))
        self._add_unmatched(number, "conflict", key, answers)
        self.own_rows.add_unexpected(number, row, block.taken)

    def _read_unmatched_row(self, number: int, kind: MatchKind, key: str | None) -> None:
        """Read a row that is none of the nodes, or not the only row of one."""
        columns = dict(self.columns.of_level[self.sent.template.leaf.id])
        cells: list[CandidateCell] = []
        unexpected: list[UnexpectedCell] = []
        for col, value in filled_cells(self.sheet, number):
            name, column = cell_name(number, col), columns.get(col)
            if column:
                slot = Slot("", column.field.id, column.date)
                cells.append(CandidateCell(column.field, name, slot, column.field_type, value))
            elif col != self.columns.key_column:
                unexpected.append(UnexpectedCell(name, value))
        self._add_unmatched(number, kind, key, cells, unexpected)

    def _add_unmatched(
        self,
        number: int,
        kind: MatchKind,
        key: str | None,
        cells: Sequence[CandidateCell],
        unexpected: Sequence[UnexpectedCell] = (),
    ) -> None:
        """Add a row that is not taken; `key` is the row key of the node that it seems to be."""
        self.found.unmatched_rows.append(
            UnmatchedRow(
                number,
                kind,
                self.table_rows.key_text(self.sheet.rows[number]).strip(),
                key.split("/")[-1] if key else "",
                self.table_rows.sent_texts[key].strip() if key else "",
                self.seen_refs[-1] if self.seen_refs else "",
                tuple(cells),
                tuple(unexpected),
            )
        )

    def finish(self) -> None:
        """Compare all slots, and add what is missing and the columns that were not taken."""
        super().finish()
        numbers = {row.number for block in self.blocks.blocks.values() for row in block.rows}
        move_untaken_columns(self.sheet, self.columns, numbers, self.found)
