"""Repair the row keys of cards, before their rows are read (`repair_row_keys`).

Three things happen to the hidden column of cards, and each has a function here:

- It was deleted: `recover_row_keys` finds the keys by titles, labels and texts.
- Whole cards changed places without it: `detect_swapped_cards` moves the keys after the titles.
- Single lines were moved or sorted without it: `drop_displaced_rows` removes the keys of lines
  that have another field's label. What stands in them is quoted, never taken.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple

from xltiltak.intake.columns import ColumnMap, RowKeys
from xltiltak.intake.row_matching import KeyedText, match_rows
from xltiltak.layout.geometry import CARD_VALUE_COL, LABEL_COL, LAYOUT
from xltiltak.layout.sheet_layout import layout_sheet
from xltiltak.layout.sheet_rows import GAP_KEY, OVERVIEW_KEY, SheetRow
from xltiltak.model.cell_values import CellValue, display, is_blank
from xltiltak.model.normalize import normalize
from xltiltak.model.report import Report, Slot
from xltiltak.model.row_keys import RowKey, parse_row_key
from xltiltak.model.template import Template
from xltiltak.xlsx.sheet_reader import Sheet

_ORPHANS_WHEN_SORTED = 3  # labels below a title of another card that show that rows were sorted
_WRONG_LABELS_ON_CARD = 2  # displaced lines after which no line of the card is trusted
_WRONG_LABELS_SHARE = 0.25  # share of displaced lines after which no line of the sheet is trusted
_LABEL, _VALUE = LABEL_COL - 1, CARD_VALUE_COL - 1  # positions without the key column

Refs = tuple[str, ...]


class KeyRepair(NamedTuple):
    """The row keys after a repair, the refs in the keys that changed, and those of lost cards.

    The lines of a lost card cannot be told apart; they keep no keys and are only quoted.
    """

    keys: RowKeys
    moved: Refs = ()
    lost: Refs = ()


def repair_row_keys(
    sheet: Sheet, columns: ColumnMap, keys: RowKeys, sent: Report, area: str
) -> KeyRepair:
    """Return the row keys of cards after all repairs; those of a table are right as they are."""
    if columns.geometry.is_table:
        return KeyRepair(keys)
    if columns.key_column is None:
        positions = columns.position_of
        cols = positions.get(LABEL_COL, _LABEL), positions.get(CARD_VALUE_COL, _VALUE)
        recovered = recover_row_keys(sheet, sent, area, *cols, columns.geometry.layout)
        displaced = drop_displaced_rows(sheet, columns, recovered.keys, sent)
        lost = (*displaced.lost, *recovered.lost)
        return KeyRepair(displaced.keys, recovered.moved, lost)
    swapped = detect_swapped_cards(sheet, columns, keys, sent)
    displaced = drop_displaced_rows(sheet, columns, swapped.keys, sent)
    return KeyRepair(displaced.keys, swapped.moved, displaced.lost)


def recover_row_keys(
    sheet: Sheet,
    sent: Report,
    area: str,
    label_col: int = _LABEL,
    value_col: int = _VALUE,
    layout: int = LAYOUT,
) -> KeyRepair:
    """Return the row keys of cards whose key column is gone, as far as titles and texts say them.

    `label_col` and `value_col` are the columns of the labels and the values now.
    If the lines are scattered, as after sorting, only the titles get keys.
    """
    recovery = _KeyRecovery(
        sheet, list(layout_sheet(sent, area, layout=layout)), label_col, value_col
    )
    keys = dict(recovery.find_keys())
    is_sorted = recovery.orphans >= _ORPHANS_WHEN_SORTED
    if is_sorted:
        keys = {number: GAP_KEY if "|" in key else key for number, key in keys.items()}
    if {"@title", "@code"}.isdisjoint(keys.values()):
        return KeyRepair({})
    parsed = (parse_row_key(key) for key in keys.values())
    refs = tuple(
        ref for key in parsed if key and not key.field for ref in key.refs if ref in sent.by_ref
    )
    return KeyRepair(keys, refs, refs if is_sorted else ())


class _KeyRecovery:
    """Finds the row keys of a sheet by its texts. Each key is given to one row at most.

    `titles` maps label and value of a title row to its keys, `labels` the key of a title to the
    labels below it, `items` the key of a labelled line to the unlabelled lines below that, by text.
    `orphans` counts labels that stand below a title they do not belong to.
    """

    def __init__(
        self, sheet: Sheet, sent_rows: Sequence[SheetRow], label_col: int, value_col: int
    ) -> None:
        self.sheet, self.label_col, self.value_col = sheet, label_col, value_col
        self.orphans = 0
        self.titles: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.labels: dict[str, dict[str, str]] = defaultdict(dict)
        self.items: dict[str, dict[str, str]] = defaultdict(dict)
        self.boilerplate: dict[str, str] = {}
        title = labelled = ""
        for row in sent_rows:
            if not row.key:
                continue
            label, value = (normalize(_sent_text(row, c)) for c in (LABEL_COL, CARD_VALUE_COL))
            key = parse_row_key(row.key)
            if key and key.field and label:
                self.labels[title][label] = labelled = row.key
            elif key and key.field and value:
                self.items[labelled][value] = row.key
            elif key and key.refs and not key.field and not row.key.startswith("@"):
                title = row.key
                self.titles[label, value].append(title)
            elif label:
                self.boilerplate[label] = row.key

    def find_keys(self) -> Iterator[tuple[int, str]]:
        """Yield the number and the key of each row that is recognised."""
        labels: dict[str, str] = {}  # of the current card, not found yet
        items: dict[str, dict[str, str]] = {}  # of the current card, not found yet
        current, numbers, is_copy = "", count(1_000), False
        for number, row in self.sheet.rows.items():
            cols = self.label_col, self.value_col
            label, value = (normalize(_text(row.get(col))) for col in cols)
            if (number, self.value_col) in self.sheet.formulas:
                yield number, OVERVIEW_KEY  # the overview on top repeats titles by formulas
            elif (number, self.label_col) in self.sheet.formulas:
                yield (
                    number,
                    f"{current.rpartition('|')[0]}|{next(numbers)}" if current else "@filled",
                )
            elif (label, value) in self.titles:
                keys = self.titles[label, value]
                is_copy = not keys
                labels, current = dict(self.labels[keys[0]]) if keys else {}, ""
                items = {first: dict(self.items[first]) for first in labels.values()}
                if keys:  # a copy of a card that was found already gets no keys
                    yield number, keys.pop(0)
            elif label in labels:
                current = labels.pop(label)
                yield number, current
            elif not label and (key := _take_item(items, current, value)):
                yield number, key
            elif any(label in of_title for of_title in self.labels.values()):
                self.orphans += not is_copy
                yield number, GAP_KEY
            elif label in self.boilerplate:
                yield number, self.boilerplate[label]


def _take_item(items: dict[str, dict[str, str]], current: str, value: str) -> str | None:
    """Return and remove the key of an unlabelled line with this text.

    The current list is searched first, then the card's others, whose label may have been deleted.
    """
    for of_list in (items.get(current, {}), *items.values()):
        if value in of_list:
            return of_list.pop(value)
    return None


def _sent_text(row: SheetRow, col: int) -> str:
    """Return the text of a row as it was sent, in one column; empty if there is none."""
    cells = zip(row.specs, row.values, strict=True)
    return next((_text(value) for spec, value in cells if spec.col == col), "")


def _text(value: CellValue) -> str:
    return "" if is_blank(value) else display(value)


def detect_swapped_cards(
    sheet: Sheet, columns: ColumnMap, keys: RowKeys, sent: Report
) -> KeyRepair:
    """Return the keys of the cards that stand in each place now.

    Cards are swapped only if the titles are a permutation of the sent ones, and more of the locked
    lines agree with the titles than with the keys. Otherwise the keys stay.
    """
    node_keys = dict(_node_keys(keys, sent))
    leaf = sent.template.leaf.id
    title_rows = {
        key.refs[0]: number
        for number, key in node_keys.items()
        if not key.field and len(key.refs) == 1 and sent.by_ref[key.refs[0]].level == leaf
    }
    titles = [
        KeyedText(ref, _title(sheet, number, columns, sent)) for ref, number in title_rows.items()
    ]
    sent_titles = {ref: _sent_title(ref, columns, sent) for ref in title_rows}
    matches = zip(title_rows, match_rows(titles, sent_titles), strict=True)
    moved = {ref: match.key for ref, match in matches if match.kind == "moved" and match.key}
    is_permutation = bool(moved) and {*moved} == {*moved.values()}
    if not is_permutation or not _titles_agree(sheet, columns, sent, node_keys, moved):
        return KeyRepair(keys)
    swapped = {
        number: str(keys[number]).replace(key.refs[0], moved[key.refs[0]], 1)
        for number, key in node_keys.items()
        if key.refs[0] in moved
    }
    return KeyRepair({**keys, **swapped}, tuple(moved.values()))


def _title(sheet: Sheet, number: int, columns: ColumnMap, sent: Report) -> str:
    """Return the title of a card as it stands in the sheet."""
    row = sheet.rows[number]
    values = [
        column.extract_value(row.get(col), sent.head.language)
        for col, column in columns.of_level[sent.template.leaf.id]
        if column.field.is_identifying
    ]
    return " ".join("" if value is None else display(value) for value in values)


def _sent_title(ref: str, columns: ColumnMap, sent: Report) -> str:
    """Return the title of a card as it was sent."""
    values = [
        sent.values.get(Slot(ref, column.field.id))
        for _, column in columns.of_level[sent.template.leaf.id]
        if column.field.is_identifying
    ]
    return " ".join("" if value is None else str(value) for value in values)


def _titles_agree(
    sheet: Sheet, columns: ColumnMap, sent: Report, keys: dict[int, RowKey], moved: dict[str, str]
) -> bool:
    """Return True if more lines have a text of the card in the title than of the one in the key."""
    by_key = by_title = 0
    column = columns.position_of[CARD_VALUE_COL]
    for number, key in keys.items():
        ref, value = key.refs[0], sheet.rows[number].get(column)
        if key.field and ref in moved and value is not None:
            text = normalize(display(value))
            by_key += text in _sent_lines(sent, ref, key)
            by_title += text in _sent_lines(sent, moved[ref], key)
    return by_title > by_key


def _sent_lines(sent: Report, ref: str, key: RowKey) -> set[str]:
    """Return the lines of the slot that a key names, on the card of `ref`."""
    value = sent.values.get(Slot(ref, key.field, key.date))
    return {normalize(text) for text in (value if isinstance(value, tuple) else (str(value),))}


def drop_displaced_rows(sheet: Sheet, columns: ColumnMap, keys: RowKeys, sent: Report) -> KeyRepair:
    """Return the keys without those of displaced lines, which have the label of another field.

    All lines of a card are dropped if it has several of these, and all lines of the sheet if it has
    many.
    """
    node_keys = dict(_node_keys(keys, sent))
    wrong = set(_rows_with_wrong_label(sheet, columns, node_keys, sent))
    if not wrong:
        return KeyRepair(keys)
    wrong_on_card = Counter(node_keys[number].refs[0] for number in wrong)
    wrong_slots = {node_keys[number] for number in wrong}
    slots = {key for key in node_keys.values() if key.field}
    is_sorted = len(wrong) > 1 and len(wrong) >= _WRONG_LABELS_SHARE * len(slots)
    dropped = [
        number
        for number, key in sorted(node_keys.items())
        if key.field
        and (is_sorted or key in wrong_slots or wrong_on_card[key.refs[0]] >= _WRONG_LABELS_ON_CARD)
    ]
    cards = tuple(dict.fromkeys(node_keys[number].refs[0] for number in dropped))
    return KeyRepair({**keys, **dict.fromkeys(dropped, GAP_KEY)}, lost=cards)


def _node_keys(keys: RowKeys, sent: Report) -> Iterator[tuple[int, RowKey]]:
    """Yield the rows whose key names a node that was sent."""
    for number, text in keys.items():
        key = parse_row_key(text) if isinstance(text, str) else None
        if key and key.refs and key.refs[0] in sent.by_ref:
            yield number, key


def _rows_with_wrong_label(
    sheet: Sheet, columns: ColumnMap, keys: dict[int, RowKey], sent: Report
) -> Iterator[int]:
    """Yield the rows that have the label of another field than their key says."""
    labels, column = _labels_by_field(sent.template), columns.position_of[LABEL_COL]
    all_labels = {label for of_field in labels.values() for label in of_field}
    for number, key in keys.items():
        value = sheet.rows[number].get(column)
        if not isinstance(value, str) or (number, column) in sheet.formulas:
            continue
        own = labels[sent.by_ref[key.refs[0]].level, key.field]
        label = normalize(value)
        if label in all_labels and label not in own:
            yield number


def _labels_by_field(template: Template) -> dict[tuple[str, str], set[str]]:
    """Return the labels that each field of each level may have."""
    labels: dict[tuple[str, str], set[str]] = defaultdict(set)
    for level in template.levels:
        for field in template.fields_of(level.id):
            labels[level.id, field.id] = {
                normalize(text) for text in (field.label_for(), *field.labels.values())
            }
    return labels
