"""Cards whose hidden column somebody has deleted: their titles and labels say what stands where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count

from xltiltak.intake.columns import RECOVERED, ColumnMap
from xltiltak.layout.cards import GAP_KEY, OVERVIEW_KEY
from xltiltak.layout.geometry import CARD_VALUE_COL, LABEL_COL
from xltiltak.layout.sheet_layout import layout_sheet
from xltiltak.layout.sheet_rows import SheetRow
from xltiltak.model.normalize import CellValue, display, is_blank, normalize
from xltiltak.model.report import Report
from xltiltak.model.row_keys import parse_row_key
from xltiltak.xlsx.sheet_reader import Sheet

_MANY = 3  # labels that stand by no title of theirs, and the sheet was sorted
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
    if known_marks.orphans >= _MANY:
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
    scattered = refs if known_marks.orphans >= _MANY else ()
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
