"""Lines of cards that stand under other marks than they were sent with: somebody has moved or sorted what can be seen.

Whole cards that changed places are known by their titles and by what is locked on them. Of single lines the labels
say it. A line whose label is another field's is nobody's, and so are all lines of a card that has two such,
and of a sheet that has many: what stands in them is quoted, never taken.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count

from xltiltak.intake.columns import RECOVERED, ColumnMap
from xltiltak.intake.row_matching import KeyedText, match_rows
from xltiltak.layout.cards import GAP_KEY, OVERVIEW_KEY
from xltiltak.layout.geometry import CARD_VALUE_COL, LABEL_COL
from xltiltak.layout.sheet_layout import layout_sheet
from xltiltak.layout.sheet_rows import SheetRow
from xltiltak.model.normalize import CellValue, display, is_blank, normalize
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


_SCATTERED = 3  # labels that stand by no title of theirs, and the sheet was sorted
_LABEL, _VALUE = (
    LABEL_COL - 1,
    CARD_VALUE_COL - 1,
)  # where they stand without the column before them
Title = tuple[str, str]  # what stands in the two columns


Refs = tuple[str, ...]


def recover_row_keys(
    sheet: Sheet, columns: ColumnMap, sent: Report, area: str
) -> tuple[Sheet, ColumnMap, Refs, Refs]:
    """The sheet with its marks, as far as they can be told, and the refs they name; as it is where they are there.

    Where labels stand by no title, as after sorting, nothing but the titles is told; their refs come last.
    """
    if columns.key_column or columns.geometry.is_table:
        return sheet, columns, (), ()
    known_marks = _Marks(sheet, list(layout_sheet(sent, area)))
    marks = dict(known_marks.found())
    if known_marks.orphans >= _SCATTERED:
        marks = {number: GAP_KEY if "|" in mark else mark for number, mark in marks.items()}
    rows = {n: {**row, RECOVERED: marks[n]} if n in marks else row for n, row in sheet.rows.items()}
    if {"@title", "@code"}.isdisjoint(marks.values()):
        return sheet, columns, (), ()
    known = replace(sheet, rows=rows)
    refs = tuple(
        ref
        for text in marks.values()
        if (mark := parse_row_key(text)) and not mark.field
        for ref in mark.refs
    )
    scattered = refs if known_marks.orphans >= _SCATTERED else ()
    return known, ColumnMap(known, columns.geometry), refs, scattered


class _Marks:
    """The marks of a sheet's rows; each title is found once, and its labels below it."""

    def __init__(self, sheet: Sheet, lines: Sequence[SheetRow]) -> None:
        self.sheet, self.own = sheet, dict[str, str]()
        self.titles: dict[Title, list[str]] = defaultdict(list)
        self.labels: dict[str, dict[str, str]] = defaultdict(dict)
        self.orphans = 0
        self.items: dict[str, dict[str, str]] = defaultdict(dict)
        title = first = ""
        for line in filter(lambda line: line.key, lines):
            label, value = (normalize(_text(line, col)) for col in (LABEL_COL, CARD_VALUE_COL))
            mark = parse_row_key(line.key)
            if mark and mark.field and label:
                self.labels[title][label] = first = line.key
            elif mark and mark.field and value:
                self.items[first][value] = line.key
            elif mark and mark.refs and not mark.field and not line.key.startswith("@"):
                title = line.key
                self.titles[label, value].append(title)
            elif label and line.key:
                self.own[label] = line.key

    def found(self) -> Iterator[tuple[int, str]]:
        """The rows with their marks. What is repeated on top by formulas is ours as well."""
        open_labels, items = dict[str, str](), dict[str, dict[str, str]]()
        slot, more, is_copy = "", count(1_000), False
        for number, row in self.sheet.rows.items():
            label, value = (normalize(_said(row.get(col))) for col in (_LABEL, _VALUE))
            if (number, _VALUE) in self.sheet.formulas:
                yield number, OVERVIEW_KEY
            elif (number, _LABEL) in self.sheet.formulas:
                yield number, f"{slot.rpartition('|')[0]}|{next(more)}" if slot else "@filled"
            elif (label, value) in self.titles:
                marks = self.titles[label, value]
                is_copy = not marks
                open_labels, slot = dict(self.labels[marks[0]]) if marks else {}, ""
                items = {first: dict(self.items[first]) for first in open_labels.values()}
                if marks:  # else it stands here once more: what follows is nobody's
                    yield number, marks.pop(0)
            elif label in open_labels:
                slot = open_labels.pop(label)
                yield number, slot
            elif not label and (mark := _item(items, slot, value)):
                yield number, mark
            elif any(label in of_title for of_title in self.labels.values()):
                self.orphans += not is_copy
                yield number, GAP_KEY
            elif label in self.own:
                yield number, self.own[label]


def _item(items: dict[str, dict[str, str]], slot: str, value: str) -> str | None:
    """The mark of a line that was sent without a label: of the list it stands in, else of one whose label is gone."""
    own = [items.get(slot, {}), *items.values()]
    return next((held.pop(value) for held in own if value in held), None)


def _text(line: SheetRow, col: int) -> str:
    return next(
        (_said(v) for spot, v in zip(line.specs, line.values, strict=True) if spot.col == col), ""
    )


def _said(raw: CellValue) -> str:
    return "" if is_blank(raw) else display(raw)
