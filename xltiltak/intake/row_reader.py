"""Read the rows of a returned area sheet: the slots, and everything else that stands there.

Cards are read by `CardReader`, a table by `TableReader` (table_reader.py). Both ask `RowClassifier`
what a row is, and leave the rows of lists to `ListReader` and our own rows to `OwnRowReader`.
"""

from __future__ import annotations

from xltiltak.intake.blocks import AnswerBlocks, BlockRow
from xltiltak.intake.columns import ColumnMap, RowKeys
from xltiltak.intake.list_reader import ListReader
from xltiltak.intake.own_rows import OwnRowReader, Row
from xltiltak.intake.returned_sheet import ReturnedAreaSheet, filled_cells
from xltiltak.intake.row_classifier import ListRow, NodeRow, OwnRow, RowClassifier
from xltiltak.layout.geometry import LABEL_COL
from xltiltak.xlsx.sheet_reader import Sheet


class RowReader:
    """Reads the rows of one area sheet, from top to bottom, into a ReturnedAreaSheet.

    `seen_refs` are the nodes that have a row, in the order of the sheet.
    """

    def __init__(
        self, sheet: Sheet, columns: ColumnMap, keys: RowKeys, found: ReturnedAreaSheet
    ) -> None:
        self.sheet, self.columns, self.keys, self.found = sheet, columns, keys, found
        self.sent, self.nodes = found.sent, found.sent.by_ref
        self.classifier = RowClassifier(
            {ref: node.level for ref, node in self.nodes.items()}, columns.geometry.field_types
        )
        self.blocks = AnswerBlocks(sheet, columns, found)
        self.lists = ListReader(sheet, columns, keys, self.classifier, found)
        self.own_rows = OwnRowReader(sheet, columns, found)
        self.seen_refs: list[str] = []

    def read(self) -> None:
        """Read every row; then add what was not found."""
        for number, row in self.sheet.rows.items():
            self.read_row(number, row)
        self.finish()

    def read_row(self, number: int, row: Row) -> None:
        """Read one row by its row key."""
        kind = self.classifier.classify(self.keys.get(number))
        if kind is None:
            self._read_row_without_key(number, row)
        elif isinstance(kind, ListRow):
            self.own_rows.add_unexpected(
                number, row, {self.lists.read(number, row, kind), *self.key_columns()}
            )
        elif isinstance(kind, NodeRow):
            self.read_node_row(number, row, [*kind.refs])
        elif isinstance(kind, OwnRow):
            self.lists.current = None
            self.own_rows.read(number, row, kind.key)

    def finish(self) -> None:
        """Compare all slots with what was sent, and add the missing nodes and slots."""
        self.blocks.compare()
        self.lists.compare(self.blocks)
        self.found.missing_slots = self.lists.missing_slots(self.seen_refs)
        if self.seen_refs != [*self.nodes]:  # not all nodes, or in another order
            self._find_missing_nodes()

    def key_columns(self) -> set[int]:
        """Return the key column as a set, which is empty if the column is gone."""
        return set() if self.columns.key_column is None else {self.columns.key_column}

    def read_node_row(self, number: int, row: Row, refs: list[str]) -> None:
        """Add a row to the block of its nodes; other filled cells are unexpected."""
        self.lists.current = None
        self.seen_refs += refs
        block = self.blocks.block_of(refs)
        block.rows.append(BlockRow(number, row, refs))
        if not row.keys() <= block.taken:
            self.own_rows.add_unexpected(number, row, block.taken)

    def _read_row_without_key(self, number: int, row: Row) -> None:
        """Read a row without a key of ours.

        Below a list it is one more item; otherwise its cells are unexpected.
        """
        filled = {col for col, _ in filled_cells(self.sheet, number)}
        col = self.lists.read_item(number, row, self.columns_of_no_item(filled))
        taken = {col} if col is not None else set[int]()
        self.own_rows.add_unexpected(number, row, taken | (self.key_columns() - filled))

    def columns_of_no_item(self, filled: set[int]) -> set[int]:
        """Return the filled columns that show that a row is no item of the list above it."""
        return filled

    def _find_missing_nodes(self) -> None:
        """Add the nodes without a row, and the first that stands above one it was sent below."""
        found = {*self.seen_refs, *(row.ref for row in self.found.unmatched_rows)}
        self.found.missing_refs = [ref for ref in self.identifiable_refs() if ref not in found]
        if self.found.moved_refs:
            return  # rows that were known by their texts stand in another order anyway
        order = {ref: n for n, ref in enumerate(self.nodes)}
        for above, ref in zip(self.seen_refs, self.seen_refs[1:], strict=False):
            if order[ref] < order[above]:
                self.found.reordered_ref = ref
                break

    def identifiable_refs(self) -> list[str]:
        """Return the nodes that would have been found if they were on the sheet."""
        return [*self.nodes]


class CardReader(RowReader):
    """Reads the rows of cards: each has a key that says which node or slot it is of."""

    def columns_of_no_item(self, filled: set[int]) -> set[int]:
        """Return the columns of keys and labels: an item of a list has no label."""
        labels = {self.columns.position_of[LABEL_COL]}
        return (filled & labels) | self.key_columns()
