"""Lines of cards that stand under other marks than they were sent with: somebody has moved or sorted what can be seen.

Whole cards that changed places are known by their titles and by what is locked on them. Of single lines the labels
say it. A line whose label is another field's is nobody's, and so are all lines of a card that has two such,
and of a sheet that has many: what stands in them is quoted, never taken.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace

from xltiltak.intake.columns import ColumnMap
from xltiltak.intake.identity import KeyedText, match_rows
from xltiltak.layout.cards import GAP_KEY
from xltiltak.layout.geometry import CARD_VALUE_COL, LABEL_COL
from xltiltak.model.normalize import display, normalize
from xltiltak.model.report import Report, Slot
from xltiltak.model.row_keys import RowKey, parse_row_key
from xltiltak.model.template import Template
from xltiltak.xlsx.sheet_reader import Sheet

_MANY = 2  # labels of others, and none of a card's lines is believed
_SORTED = 0.25  # so many of a sheet's lines beside another label, and none is


def detect_swapped_cards(
    sheet: Sheet, columns: ColumnMap, sent: Report
) -> tuple[Sheet, tuple[str, ...]]:
    """The sheet with the marks of the cards that stand there now, and their refs; as it is where none has moved."""
    if columns.geometry.is_table or not columns.key_column:
        return sheet, ()
    lines = dict(_lines(sheet, columns, sent))
    titles = {
        mark.refs[0]: n for n, mark in lines.items() if not mark.field and _is_card(mark, sent)
    }
    said = {ref: _title(sheet, number, columns, sent) for ref, number in titles.items()}
    known = {ref: _sent_title(ref, columns, sent) for ref in titles}
    bonds = zip(
        titles, match_rows([KeyedText(ref, text) for ref, text in said.items()], known), strict=True
    )
    moved = {ref: bound.key for ref, bound in bonds if bound.kind == "rebound" and bound.key}
    if not moved or {*moved} != {*moved.values()} or not _agree(sheet, columns, sent, lines, moved):
        return sheet, ()
    rows = {
        n: {
            **row,
            columns.key_column: str(row[columns.key_column]).replace(
                lines[n].refs[0], moved[lines[n].refs[0]], 1
            ),
        }
        if n in lines and lines[n].refs[0] in moved
        else row
        for n, row in sheet.rows.items()
    }
    return replace(sheet, rows=rows), tuple(moved.values())


def _is_card(mark: RowKey, sent: Report) -> bool:
    return len(mark.refs) == 1 and sent.by_ref[mark.refs[0]].level == sent.template.leaf.id


def _title(sheet: Sheet, number: int, columns: ColumnMap, sent: Report) -> str:
    """What is read on the title of a card."""
    held = [
        (col, c) for col, c in columns.of_level[sent.template.leaf.id] if c.field.is_identifying
    ]
    raws = (column.extract_value(sheet.rows[number].get(col)) for col, column in held)
    return " ".join("" if raw is None else display(raw) for raw in raws)


def _sent_title(ref: str, columns: ColumnMap, sent: Report) -> str:
    """What was sent as the title of a card."""
    held = [c for _, c in columns.of_level[sent.template.leaf.id] if c.field.is_identifying]
    values = (sent.values.get(Slot(ref, column.field.id)) for column in held)
    return " ".join("" if value is None else str(value) for value in values)


def _agree(
    sheet: Sheet, columns: ColumnMap, sent: Report, lines: dict[int, RowKey], moved: dict[str, str]
) -> bool:
    """Does more of what is locked stand with the titles than with the marks?"""
    stays = goes = 0
    column = columns.position_of[CARD_VALUE_COL]
    for number, mark in lines.items():
        ref, raw = mark.refs[0], sheet.rows[number].get(column)
        if mark.field and ref in moved and raw is not None:
            stays += normalize(display(raw)) in _sent_lines(sent, ref, mark)
            goes += normalize(display(raw)) in _sent_lines(sent, moved[ref], mark)
    return goes > stays


def _sent_lines(sent: Report, ref: str, mark: RowKey) -> set[str]:
    value = sent.values.get(Slot(ref, mark.field, mark.date))
    return {normalize(text) for text in (value if isinstance(value, tuple) else (str(value),))}


def drop_displaced_rows(
    sheet: Sheet, columns: ColumnMap, sent: Report
) -> tuple[Sheet, tuple[str, ...]]:
    """The sheet without the marks of lines that stand elsewhere now, and the refs of their cards; as it is for rows."""
    if columns.geometry.is_table or not columns.key_column:
        return sheet, ()
    lines = dict(_lines(sheet, columns, sent))
    wrong = set(_wrong(sheet, columns, lines, sent))
    if not wrong:
        return sheet, ()
    cards = Counter(lines[number].refs[0] for number in wrong)
    slots = {lines[number] for number in wrong}
    is_sorted = len(wrong) > 1 and len(wrong) >= _SORTED * len(
        {mark for mark in lines.values() if mark.field}
    )
    gone = {
        number
        for number, mark in lines.items()
        if mark.field and (is_sorted or mark in slots or cards[mark.refs[0]] >= _MANY)
    }
    rows = {
        n: {**row, columns.key_column: GAP_KEY} if n in gone else row
        for n, row in sheet.rows.items()
    }
    return replace(sheet, rows=rows), tuple(
        dict.fromkeys(lines[number].refs[0] for number in sorted(gone))
    )


def _lines(sheet: Sheet, columns: ColumnMap, sent: Report) -> Iterator[tuple[int, RowKey]]:
    """The rows that are marked as some node's."""
    for number, row in sheet.rows.items():
        text = row.get(columns.key_column)
        mark = parse_row_key(text) if isinstance(text, str) else None
        if mark and mark.refs and mark.refs[0] in sent.by_ref:
            yield number, mark


def _wrong(
    sheet: Sheet, columns: ColumnMap, lines: dict[int, RowKey], sent: Report
) -> Iterator[int]:
    """The rows that have a label of some other field."""
    labels, column = _labels(sent.template), columns.position_of[LABEL_COL]
    known = {label for own in labels.values() for label in own}
    for number, mark in lines.items():
        raw = sheet.rows[number].get(column)
        said = (
            normalize(raw)
            if isinstance(raw, str) and (number, column) not in sheet.formulas
            else ""
        )
        if said in known and said not in labels[sent.by_ref[mark.refs[0]].level, mark.field]:
            yield number


def _labels(template: Template) -> dict[tuple[str, str], set[str]]:
    """The labels that a field of a level may have."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for level in template.levels:
        for field in template.fields_of(level.id):
            found[level.id, field.id] = {
                normalize(text) for text in (field.label_for(), *field.labels.values())
            }
    return found
