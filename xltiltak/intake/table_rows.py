"""Match the rows of one area sheet's table to nodes: their keys, texts and locked cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from xltiltak.intake.columns import ColumnMap, RowKeys
from xltiltak.intake.own_rows import Row
from xltiltak.intake.row_matching import Evidence, KeyedText, LockedCells, RowMatch, match_rows
from xltiltak.layout.geometry import Column
from xltiltak.layout.row_templates import ended_word
from xltiltak.layout.sheet_layout import group_nodes_by_row
from xltiltak.layout.sheet_rows import PROPOSAL_KEY
from xltiltak.model.cell_values import CellValue, FormattedNumber, display, is_blank
from xltiltak.model.field_types import Value
from xltiltak.model.normalize import normalize
from xltiltak.model.report import Node, Report, Slot
from xltiltak.model.row_keys import parse_row_key, shared_row_key
from xltiltak.xlsx.sheet_reader import Sheet


class TableRows:
    """The rows of one area sheet's table, as they were sent and as they are now.

    `claimed` is what the workbook itself says it was sent with, if `sent` is the register's word.
    """

    def __init__(
        self,
        sheet: Sheet,
        columns: ColumnMap,
        keys: RowKeys,
        sent: Report,
        claimed: Report | None = None,
    ) -> None:
        self.sheet, self.columns, self.keys, self.sent = sheet, columns, keys, sent
        self.claimed = claimed
        self.geometry = columns.geometry
        self.evidence = TableEvidence(sheet, columns, sent)

    def match(self) -> dict[int, RowMatch]:
        """Return the matches of the table's rows by row number."""
        rows, keys = self.sheet.rows, self.keys
        key_of_row = {number: str(key) for number, key in keys.items() if key in self.sent_texts}
        below_labels = {number for number in rows if self.columns.is_below_labels(number)}
        added = {
            number
            for number in below_labels - key_of_row.keys()
            if self._may_be_added(rows[number], keys.get(number))
        }
        numbers = [n for n in rows if n in added or n in key_of_row] if added else [*key_of_row]
        keyed = {n: KeyedText(key_of_row.get(n), self.key_text(rows[n])) for n in numbers}
        keyed |= self._rows_under_other_keys(keyed)
        numbers = [*keyed]
        evidence = Evidence(
            lambda position, key: self.evidence.in_row(numbers[position], key),
            self.evidence.as_sent,
        )
        texts = self.sent_texts | self._renamed_since(keyed.values())
        matches = match_rows([*keyed.values()], texts, evidence)
        return dict(zip(keyed, matches, strict=True))

    def _renamed_since(self, rows: Iterable[KeyedText]) -> dict[str, str]:
        """Return the texts of rows that are as the workbook says they were sent, by their keys.

        The coordinator has given their nodes other texts since. A text that a node has now is left
        out: the row may be that node's.
        """
        if self.claimed is None:
            return {}
        claimed, now = self._texts_in(self.claimed), set(self.sent_texts.values())
        return {
            row.key: row.text
            for row in rows
            if row.key and row.text == claimed.get(row.key) and row.text not in now
        }

    def _rows_under_other_keys(self, keyed: dict[int, KeyedText]) -> dict[int, KeyedText]:
        """Return rows of the table that stand under keys of lists and titles.

        Sorting the visible columns leaves those keys behind.
        """
        missing = set(self.sent_texts.values()) - {row.text for row in keyed.values()} - {""}
        if not missing or self.columns.label_row is None:
            return {}
        found: dict[int, KeyedText] = {}
        for number, row in self.sheet.rows.items():
            if self.columns.is_below_labels(number) and number not in keyed:
                text = self.key_text(row)
                if text in missing:
                    found[number] = KeyedText(None, text)
        return found

    def _may_be_added(self, row: Row, key: CellValue) -> bool:
        """Return True if the row may be one of the table that somebody added."""
        is_empty = all(is_blank(row.get(col)) for col, _ in self._key_text_columns)
        if is_empty or self.is_heading(row):
            return False
        parsed = parse_row_key(key) if isinstance(key, str) else None
        if parsed is None or key == PROPOSAL_KEY:
            return True
        is_ours = not parsed.refs or parsed.field or parsed.refs[0] in self.sent.by_ref
        return not is_ours

    def is_heading(self, row: Row) -> bool:
        """Return True if a row has labels where names should be, as in a table pasted below."""
        names = [row[col] for col, _ in self._key_text_columns if not is_blank(row.get(col))]
        return bool(names) and all(map(self.is_label, names)) and len(self.labels_in(row)) > 1

    def labels_in(self, row: Row) -> set[int]:
        """Return the columns in which a row repeats a label of the table."""
        return {col for col, value in row.items() if self.is_label(value)}

    def is_label(self, value: CellValue) -> bool:
        """Return True if a value is a label of the table, with or without its date."""
        return isinstance(value, str) and normalize(value) in self._labels

    @cached_property
    def _labels(self) -> set[str]:
        """Return the labels of the table's columns, with and without their dates."""
        labels = set[str]()
        for column in self.geometry.table_columns:
            field = column.field
            labels |= {field.label_for(), *field.labels.values(), *field.aliases}
            labels |= {*self.geometry.headings_of(column)}
        return set(map(normalize, labels))

    @cached_property
    def sent_texts(self) -> dict[str, str]:
        """Return the identifying text of each row of the table as it was sent, by its row key."""
        return self._texts_in(self.sent)

    def _texts_in(self, report: Report) -> dict[str, str]:
        """Return the identifying text of each row of a report's table, by its row key."""
        leaf = report.template.leaf.id
        return {
            shared_row_key(nodes): " ".join(
                [text for node in nodes for text in self._texts_of(node, report)]
            )
            for nodes in group_nodes_by_row(self.geometry, report.nodes)
            if nodes[-1].level == leaf
        }

    def _texts_of(self, node: Node, report: Report) -> Iterator[str]:
        """Yield the identifying texts of a node as their cells show them; a choice by its label."""
        for field in report.template.fields_of(node.level):
            if field.is_identifying:
                field_type = self.geometry.field_types[node.level, field.id]
                value = report.values.get(Slot(node.ref, field.id))
                yield "" if value is None else "\n".join(map(display, field_type.to_cells(value)))

    @cached_property
    def _key_text_columns(self) -> list[tuple[int, Column]]:
        """Return the columns of the identifying text, each with its position now."""
        return [
            (self.columns.position_of[column.col], column)
            for column in self.geometry.table_columns
            if column.field.is_identifying and column.col in self.columns.position_of
        ]

    def key_text(self, row: Row) -> str:
        """Return the identifying text of a row as it is now."""
        texts = [self._text_in(column, row.get(col)) for col, column in self._key_text_columns]
        return texts[0] if len(texts) == 1 else " ".join(texts).strip()

    def _text_in(self, column: Column, cell: CellValue) -> str:
        """Return the text of a cell as that of its value; a number may be shown with a unit."""
        if cell is None:
            return ""
        if isinstance(cell, FormattedNumber):
            field_type = column.field_type
            value = field_type.parse((cell,), self.sent.head.language).value
            if value is not None:
                return "\n".join(map(display, field_type.to_cells(value)))
        return display(cell)


class TableEvidence:
    """The locked cells beside the identifying texts of a table, which speak for or against a match.

    A cell is (column as sent, value).
    """

    def __init__(self, sheet: Sheet, columns: ColumnMap, sent: Report) -> None:
        self.sheet, self.columns, self.sent = sheet, columns, sent
        self.sent_cells: dict[str, LockedCells] = {}

    def in_row(self, number: int, key: str) -> LockedCells:
        """Return the filled locked cells of a row, read as cells of the node of `key`."""
        row, geometry = self.sheet.rows[number], self.columns.geometry
        return frozenset(
            (column.col, _value_in(column, row[col], self.sent.head.language))
            for ref, col, column in self._locked_columns(key)
            if not is_blank(row.get(col))
            and row[col] != ended_word(geometry, self.sent, self.sent.by_ref[ref], column)
        )

    def as_sent(self, key: str) -> LockedCells:
        """Return the locked cells that a node was sent with."""
        if key not in self.sent_cells:
            values = (
                (column.col, self.sent.values.get(Slot(ref, column.field.id, column.date)))
                for ref, _, column in self._locked_columns(key)
            )
            self.sent_cells[key] = frozenset((c, value) for c, value in values if value is not None)
        return self.sent_cells[key]

    def _locked_columns(self, key: str) -> Iterator[tuple[str, int, Column]]:
        """Yield ref, position and column of each locked cell of a row, without the texts."""
        for ref in key.split("/"):
            node, groups = self._nodes[ref]
            for col, column in self.columns.of_level[node.level]:
                field = column.field
                if field.is_identifying or field.is_derived or not field.applies(groups):
                    continue
                if not self.sent.is_open(field, column.date, node):
                    yield ref, col, column

    @cached_property
    def _nodes(self) -> dict[str, tuple[Node, tuple[str, ...]]]:
        """Return each node and its closed groups, by ref."""
        return {node.ref: (node, groups) for node, groups in self.sent.walk()}


def _value_in(column: Column, cell: CellValue, language: str) -> Value:
    """Return the value in a cell; what it shows if it has none."""
    reading = column.field_type.parse((column.extract_value(cell, language),), language)
    return display(cell, language) if reading.value is None else reading.value
