"""Lines of cards that stand under other marks than they were sent with: somebody has sorted what can be seen.

The labels say it. A line whose label is another field's is nobody's, and so are all lines of a card that has two such,
and of a sheet that has many: what stands in them is quoted, never taken.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace

from xltiltak.cards import GAP
from xltiltak.geometry import LABELS
from xltiltak.marks import Mark, read_mark
from xltiltak.repair import plain
from xltiltak.report import Report
from xltiltak.template import Template
from xltiltak.workbook.columns import Columns
from xltiltak.workbook.sheets import Sheet

_MANY = 2  # labels of others, and none of a card's lines is believed
_SORTED = 0.25  # so many of a sheet's lines beside another label, and none is


def in_place(sheet: Sheet, columns: Columns, sent: Report) -> tuple[Sheet, tuple[str, ...]]:
    """The sheet without the marks of lines that stand elsewhere now, and the refs of their cards; as it is for rows."""
    if columns.geometry.is_table or not columns.marks:
        return sheet, ()
    lines = dict(_lines(sheet, columns, sent))
    wrong = set(_wrong(sheet, columns, lines, sent))
    if not wrong:
        return sheet, ()
    cards = Counter(lines[number].refs[0] for number in wrong)
    slots = {lines[number] for number in wrong}
    is_sorted = len(wrong) > 1 and len(wrong) >= _SORTED * len({mark for mark in lines.values() if mark.field})
    gone = {
        number
        for number, mark in lines.items()
        if mark.field and (is_sorted or mark in slots or cards[mark.refs[0]] >= _MANY)
    }
    rows = {n: {**row, columns.marks: GAP} if n in gone else row for n, row in sheet.rows.items()}
    return replace(sheet, rows=rows), tuple(dict.fromkeys(lines[number].refs[0] for number in sorted(gone)))


def _lines(sheet: Sheet, columns: Columns, sent: Report) -> Iterator[tuple[int, Mark]]:
    """The rows that are marked as some node's."""
    for number, row in sheet.rows.items():
        text = row.get(columns.marks)
        mark = read_mark(text) if isinstance(text, str) else None
        if mark and mark.refs and mark.refs[0] in sent.by_ref:
            yield number, mark


def _wrong(sheet: Sheet, columns: Columns, lines: dict[int, Mark], sent: Report) -> Iterator[int]:
    """The rows that have a label of some other field."""
    labels, column = _labels(sent.template), columns.now[LABELS]
    known = {label for own in labels.values() for label in own}
    for number, mark in lines.items():
        raw = sheet.rows[number].get(column)
        said = plain(raw) if isinstance(raw, str) and (number, column) not in sheet.formulas else ""
        if said in known and said not in labels[sent.by_ref[mark.refs[0]].level, mark.field]:
            yield number


def _labels(template: Template) -> dict[tuple[str, str], set[str]]:
    """The labels that a field of a level may have."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for level in template.levels:
        for field in template.fields_of(level.id):
            found[level.id, field.id] = {plain(text) for text in (field.titled(), *field.labels.values())}
    return found
