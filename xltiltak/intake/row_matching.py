"""Which node a row is about, when marks and texts may have parted.

A mark alone is not believed: sorting only the visible columns leaves every mark on the wrong row, silently. So each
row's text is held against what was sent under its mark (design §5).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from operator import methodcaller
from typing import Literal, NamedTuple

from xltiltak.intake.columns import ColumnMap
from xltiltak.layout.sheet_layout import group_nodes_by_row
from xltiltak.model.field_types import FieldType, Value
from xltiltak.model.normalize import CellValue, display, is_blank, normalize
from xltiltak.model.report import Report
from xltiltak.model.row_keys import parse_row_key, shared_row_key
from xltiltak.xlsx.sheet_reader import Sheet

SIMILAR, MARGIN = (
    0.9,
    0.1,
)  # how alike two texts are that mean the same, and how much more than any other two
MatchKind = Literal["agrees", "rebound", "close", "unrelated", "duplicate", "unknown"]


class KeyedText(NamedTuple):
    """A row as it stands in a sheet: its mark, None without one, and the text people know it by."""

    key: str | None
    text: str


class RowMatch(NamedTuple):
    """The mark that a row is taken to have, None where it has none, and how that was found."""

    key: str | None
    kind: MatchKind


def match_rows(rows: Sequence[KeyedText], known: Mapping[str, str]) -> list[RowMatch]:
    """For each row the node it is about, by the marks and texts that were sent (`known`)."""
    if rows == [*known.items()]:
        return [
            tuple.__new__(RowMatch, (mark, "agrees")) for mark in known
        ]  # as it was sent, to the letter
    known = {mark: normalize(text) for mark, text in known.items()}
    texts = [normalize(row.text) for row in rows]
    bounds = [_by_mark(row, text, known) for row, text in zip(rows, texts, strict=True)]
    held = {bound.key for bound in bounds if bound and bound.kind == "agrees"}
    by_text = keys_by_unique_text(
        {mark: text for mark, text in known.items() if text and mark not in held}
    )
    found: list[RowMatch] = []
    sought_by = {
        by_text[text]
        for text, bound in zip(texts, bounds, strict=True)
        if not bound and text in by_text
    }
    free = set(by_text.values()) - sought_by
    for row, text, bound in zip(rows, texts, bounds, strict=True):
        other = by_text.get(text)
        sought = RowMatch(other, "rebound") if other else None
        found.append(bound or sought or _doubtful(row, text, known, free, sought_by))
    return _without_doubles(found)


def _by_mark(row: KeyedText, text: str, known: Mapping[str, str]) -> RowMatch | None:
    """The row's own mark where its text agrees, or where there is no text to hold against it."""
    sent = known.get(row.key or "")
    unnamed = sent == "" and text not in known.values()  # then it may have got its text since
    return RowMatch(row.key, "agrees") if unnamed or sent == text else None


def _doubtful(
    row: KeyedText, text: str, known: Mapping[str, str], free: set[str], elsewhere: set[str]
) -> RowMatch:
    """A known mark beside another text, or no mark at all; the texts of some marks stand elsewhere."""
    if row.key is None or row.key not in known or (not text and row.key in elsewhere):
        return RowMatch(None, "unknown")
    if not text or closest(text, known) == row.key:
        return RowMatch(row.key, "close")
    return RowMatch(row.key, "unrelated") if row.key in free else RowMatch(None, "unknown")


def closest(text: str, known: Mapping[str, str]) -> str | None:
    """The one mark whose text is close to this, closer than any other; None when there is no such one."""
    ranked = sorted(
        ((_alike(text, sent), mark) for mark, sent in known.items() if sent), reverse=True
    )[:2]
    if (
        not ranked
        or ranked[0][0] < SIMILAR
        or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < MARGIN)
    ):
        return None
    return ranked[0][1]


def _alike(one: str, other: str) -> float:
    from difflib import SequenceMatcher  # where every row has its mark, nobody asks

    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.real_quick_ratio() < SIMILAR - MARGIN or matcher.quick_ratio() < SIMILAR - MARGIN:
        return 0.0
    return matcher.ratio()


def keys_by_unique_text(known: Mapping[str, str]) -> dict[str, str]:
    """Marks by their text, where it is nobody else's."""
    counts = Counter(known.values())
    return {text: mark for mark, text in known.items() if counts[text] == 1}


def _without_doubles(found: list[RowMatch]) -> list[RowMatch]:
    """Two rows that would be the same node are neither."""
    taken = Counter(bound.key for bound in found if bound.key)
    return [RowMatch(b.key, "duplicate") if b.key and taken[b.key] > 1 else b for b in found]


class TableRows:
    """The rows of one area sheet's table, as they were sent and as they stand now."""

    def __init__(self, sheet: Sheet, columns: ColumnMap, sent: Report) -> None:
        self.sheet, self.columns, self.sent = sheet, columns, sent
        self.geometry = columns.geometry

    def match_table_rows(self) -> dict[int, RowMatch]:
        """For each row of the table, the mark it is taken to have."""
        if not self.geometry.is_table:
            return {}
        known, marks, held = self.marks, self.columns.key_column, self.sheet.rows
        texts = (
            dict(zip(held, map(methodcaller("get", marks), held.values()), strict=True))
            if marks
            else {}
        )
        marked = {n: str(text) for n, text in texts.items() if text in known}
        typed = {
            n for n in self._below_head() - marked.keys() if self._is_typed(held[n], texts.get(n))
        }
        found = [n for n in held if n in typed or n in marked] if typed else [*marked]
        said = self._key_texts([held[n] for n in found])
        rows = {n: KeyedText(marked.get(n), text) for n, text in zip(found, said, strict=True)}
        rows |= self._strayed(rows)
        return dict(zip(rows, match_rows([*rows.values()], known), strict=True))

    def _below_head(self) -> set[int]:
        """The rows that could be the table's; none where it has no head."""
        head = self.columns.label_row
        return {n for n in self.sheet.rows if n > head > 0}

    def _strayed(self, rows: dict[int, KeyedText]) -> dict[int, KeyedText]:
        """Rows of the table that stand under the marks of lists and titles, which sorting has left behind."""
        sought = set(self.marks.values()) - {row.text for row in rows.values()} - {""}
        if not sought or not self.columns.label_row:
            return {}
        below = {
            n: row
            for n, row in self.sheet.rows.items()
            if n > self.columns.label_row and n not in rows
        }
        texts = {n: self.key_text(row) for n, row in below.items()}
        return {n: KeyedText(None, text) for n, text in texts.items() if text in sought}

    def _is_typed(self, row: dict[int, CellValue], mark: CellValue) -> bool:
        """Could it be a row of the table that we did not write?"""
        return any(not is_blank(row.get(col)) for col in self._key_columns) and not self._ours(mark)

    def _ours(self, text: CellValue) -> bool:
        """Is it the mark of a line that is no row of the table?"""
        mark = parse_row_key(text) if isinstance(text, str) else None
        return mark is not None and (
            not mark.refs or bool(mark.field) or mark.refs[0] in self.sent.by_ref
        )

    @cached_property
    def marks(self) -> dict[str, str]:
        """The rows of the table as they were sent: their marks and the texts people know them by."""
        leaf, said = self.sent.template.leaf.id, self._sent_texts()
        rows = [
            nodes
            for nodes in group_nodes_by_row(self.geometry, self.sent.nodes)
            if nodes[-1].level == leaf
        ]
        return {
            shared_row_key(nodes): " ".join([text for n in nodes for text in said.get(n.ref, ())])
            for nodes in rows
        }

    def _sent_texts(self) -> dict[str, tuple[str, ...]]:
        """The texts that people know each node by, a level at a time."""
        found: dict[str, tuple[str, ...]] = {}
        for level in self.sent.template.levels:
            keys = [f.id for f in self.sent.template.fields_of(level.id) if f.is_identifying]
            refs = [node.ref for node in self.sent.nodes if node.level == level.id]
            held = zip(
                *self.sent.value_table.select(refs, [(key, None) for key in keys]), strict=True
            )
            kinds = [self.geometry.field_types[level.id, key] for key in keys]
            said = [
                self._shown(kind, values) for kind, values in zip(kinds, held, strict=False)
            ]  # none without nodes
            found.update(zip(refs, zip(*said, strict=True), strict=False))
        return found

    def _shown(self, kind: FieldType, values: tuple[Value | None, ...]) -> list[str]:
        """Values as they stand in their cells; a choice stands there by its label."""
        return [
            v
            if type(v) is str and kind.is_single_cell
            else ""
            if v is None
            else "\n".join(map(display, kind.to_cells(v)))
            for v in values
        ]

    @cached_property
    def _key_columns(self) -> list[int]:
        return [
            self.columns.position_of[c.col]
            for c in self.geometry.table_columns
            if c.field.is_identifying
        ]

    def key_text(self, row: dict[int, CellValue]) -> str:
        """The text a row is known by, as it stands there now."""
        return self._key_texts([row])[0]

    def _key_texts(self, rows: list[dict[int, CellValue]]) -> list[str]:
        """The texts that some rows are known by."""
        held = [[*map(methodcaller("get", col), rows)] for col in self._key_columns]
        said = [
            [r if type(r) is str else "" if r is None else display(r) for r in raws]
            for raws in held
        ]
        return (
            said[0]
            if len(said) == 1
            else [" ".join(texts) for texts in zip(*said, strict=True)] or [""] * len(rows)
        )
