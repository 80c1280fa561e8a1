"""Give the rows of a plan back their nodes if only the visible columns of a table were sorted.

The hidden row keys stay behind then, and each stands beside the text of another measure. A text
that the coordinator has edited is no reason: a row keeps its key unless its text was written in
another row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from xltiltak.intake.columns import ColumnMap, RowKeys
from xltiltak.intake.row_classifier import NodeRow, RowClassifier, RowKind
from xltiltak.intake.row_matching import RowMatch
from xltiltak.intake.table_rows import TableRows
from xltiltak.model.report import Report
from xltiltak.xlsx.sheet_reader import Sheet


def classify_rows(
    sheet: Sheet, columns: ColumnMap, keys: RowKeys, classifier: RowClassifier, sent: Report
) -> tuple[dict[int, RowKind], list[str]]:
    """Return what each row of an area sheet is, and the refs of the nodes known by their texts.

    `sent` is the report as the workbook was written from it.
    """
    kinds = {number: classifier.classify(keys.get(number)) for number in sheet.rows}
    if not columns.geometry.is_table:
        return kinds, []
    refs = [ref for kind in kinds.values() if isinstance(kind, NodeRow) for ref in kind.refs]
    nodes = tuple(sent.by_ref[ref] for ref in dict.fromkeys(refs))
    rows = TableRows(sheet, columns, keys, replace(sent, nodes=nodes, values=sent.value_table))
    matches = rows.match()
    moved = {n: match.key for n, match in matches.items() if match.kind == "moved" and match.key}
    if not moved or not _are_sorted(rows, keys, moved):
        return kinds, []
    kinds |= {number: NodeRow(tuple(key.split("/"))) for number, key in moved.items()}
    kinds |= dict.fromkeys(_new_rows(matches, keys, {*moved.values()}), None)
    return kinds, [key.split("/")[-1] for key in moved.values()]


def _are_sorted(rows: TableRows, keys: RowKeys, moved: Mapping[int, str]) -> bool:
    """Return True if the other cells of the moved rows agree with their texts, not their keys.

    Otherwise the coordinator has given measures the names of others.
    """
    by_text = by_key = 0
    for number, key in moved.items():
        cells = rows.evidence.in_row(number, key)
        by_text += len(cells & rows.evidence.as_sent(key))
        own = keys.get(number)
        if own in rows.sent_texts:
            by_key += len(cells & rows.evidence.as_sent(str(own)))
    return by_text >= by_key


def _new_rows(matches: Mapping[int, RowMatch], keys: RowKeys, moved: set[str]) -> list[int]:
    """Return the rows whose text is new, under a key whose node was found in another row."""
    return [
        number
        for number, match in matches.items()
        if match.kind in ("unknown", "repeated") and keys.get(number) in moved
    ]
