"""Match the rows of a returned sheet to nodes, by their row keys and their texts.

A key alone is not trusted: if only the visible columns are sorted, every key is left on the wrong
row, and nobody sees it. So each row's text is compared with what was sent under its key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from operator import methodcaller
from typing import Literal, NamedTuple

from xltiltak.intake.columns import ColumnMap
from xltiltak.layout.sheet_layout import group_nodes_by_row
from xltiltak.model.cell_values import CellValue, display, is_blank
from xltiltak.model.field_types import FieldType, Value
from xltiltak.model.normalize import normalize
from xltiltak.model.report import Report
from xltiltak.model.row_keys import parse_row_key, shared_row_key
from xltiltak.xlsx.sheet_reader import Sheet

SIMILAR = 0.9  # texts at least this much alike may mean the same …
MARGIN = 0.1  # … if no other text is nearly as much alike

MatchKind = Literal["exact", "moved", "similar", "conflict", "duplicate", "unknown"]
"""How a row was matched.

- exact: key and text agree.
- moved: the text was sent under another key, or the row has no key.
- similar: the text was edited, or emptied.
- conflict: the key is known, the text is another one.
- duplicate: several rows match one node.
- unknown: the row matches no node.
"""


class KeyedText(NamedTuple):
    """A row as it is in a sheet: its row key, None without one, and its identifying text."""

    key: str | None
    text: str


class RowMatch(NamedTuple):
    """The row key of the node that a row matches, None if it matches none, and how it matches."""

    key: str | None
    kind: MatchKind


def match_rows(rows: Sequence[KeyedText], sent: Mapping[str, str]) -> list[RowMatch]:
    """Return the match of each row; `sent` maps the row keys to the texts that were sent."""
    if rows == [*sent.items()]:  # exactly as sent
        return [RowMatch(key, "exact") for key in sent]
    sent = {key: normalize(text) for key, text in sent.items()}
    texts = [normalize(row.text) for row in rows]
    exact = [_match_by_key(row, text, sent) for row, text in zip(rows, texts, strict=True)]
    matched = {match.key for match in exact if match}
    key_of = keys_by_unique_text(
        {key: text for key, text in sent.items() if text and key not in matched}
    )
    moved = {
        key_of[text]
        for text, match in zip(texts, exact, strict=True)
        if not match and text in key_of
    }
    unmatched = set(key_of.values()) - moved
    matches: list[RowMatch] = []
    for row, text, match in zip(rows, texts, exact, strict=True):
        if match:
            matches.append(match)
        elif key := key_of.get(text):
            matches.append(RowMatch(key, "moved"))
        else:
            matches.append(_match_by_similarity(row, text, sent, unmatched, moved))
    counts = Counter(match.key for match in matches if match.key)
    return [
        RowMatch(match.key, "duplicate") if match.key and counts[match.key] > 1 else match
        for match in matches
    ]


def _match_by_key(row: KeyedText, text: str, sent: Mapping[str, str]) -> RowMatch | None:
    """Match a row whose text is the one sent under its key.

    A row sent without a text may have got one since, if that is no other row's text.
    """
    sent_text = sent.get(row.key or "")
    got_text = sent_text == "" and text not in sent.values()
    return RowMatch(row.key, "exact") if got_text or sent_text == text else None


def _match_by_similarity(
    row: KeyedText, text: str, sent: Mapping[str, str], unmatched: set[str], moved: set[str]
) -> RowMatch:
    """Match a row whose key and text disagree, or that has no key.

    `unmatched` are keys whose text was found in no row, `moved` keys whose text was found in a row
    with another key.
    """
    if row.key is None or row.key not in sent or (not text and row.key in moved):
        return RowMatch(None, "unknown")
    if not text or closest(text, sent) == row.key:
        return RowMatch(row.key, "similar")
    return RowMatch(row.key, "conflict") if row.key in unmatched else RowMatch(None, "unknown")


def closest(text: str, sent: Mapping[str, str]) -> str | None:
    """Return the key of the most similar text; None if none is similar, or two are about equal."""
    ranked = sorted(
        ((_similarity(text, other), key) for key, other in sent.items() if other), reverse=True
    )
    if not ranked or ranked[0][0] < SIMILAR:
        return None
    if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < MARGIN:
        return None
    return ranked[0][1]


def _similarity(one: str, other: str) -> float:
    """Return how much alike two texts are, from 0 to 1; 0 if they are clearly not similar."""
    from difflib import SequenceMatcher  # most forms need no comparison

    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.real_quick_ratio() < SIMILAR - MARGIN or matcher.quick_ratio() < SIMILAR - MARGIN:
        return 0.0
    return matcher.ratio()


def keys_by_unique_text(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the keys by their texts, without texts that several keys have."""
    counts = Counter(texts.values())
    return {text: key for key, text in texts.items() if counts[text] == 1}


class TableRows:
    """The rows of one area sheet's table, as they were sent and as they are now."""

    def __init__(self, sheet: Sheet, columns: ColumnMap, sent: Report) -> None:
        self.sheet, self.columns, self.sent = sheet, columns, sent
        self.geometry = columns.geometry

    def match_table_rows(self) -> dict[int, RowMatch]:
        """Return the matches of the table's rows by row number; none on cards."""
        if not self.geometry.is_table:
            return {}
        rows, key_column = self.sheet.rows, self.columns.key_column
        keys: dict[int, CellValue] = {}
        if key_column:
            keys = dict(zip(rows, map(methodcaller("get", key_column), rows.values()), strict=True))
        key_of_row = {number: str(key) for number, key in keys.items() if key in self.sent_texts}
        below_labels = {number for number in rows if number > self.columns.label_row > 0}
        added = {
            number
            for number in below_labels - key_of_row.keys()
            if self._may_be_added(rows[number], keys.get(number))
        }
        numbers = [n for n in rows if n in added or n in key_of_row] if added else [*key_of_row]
        texts = self._key_texts([rows[number] for number in numbers])
        keyed = {
            n: KeyedText(key_of_row.get(n), text) for n, text in zip(numbers, texts, strict=True)
        }
        keyed |= self._rows_under_other_keys(keyed)
        return dict(zip(keyed, match_rows([*keyed.values()], self.sent_texts), strict=True))

    def _rows_under_other_keys(self, keyed: dict[int, KeyedText]) -> dict[int, KeyedText]:
        """Return rows of the table that stand under keys of lists and titles.

        Sorting the visible columns leaves those keys behind.
        """
        missing = set(self.sent_texts.values()) - {row.text for row in keyed.values()} - {""}
        if not missing or not self.columns.label_row:
            return {}
        found: dict[int, KeyedText] = {}
        for number, row in self.sheet.rows.items():
            if number > self.columns.label_row and number not in keyed:
                text = self.key_text(row)
                if text in missing:
                    found[number] = KeyedText(None, text)
        return found

    def _may_be_added(self, row: dict[int, CellValue], key: CellValue) -> bool:
        """Return True if the row may be one of the table that somebody added."""
        if all(is_blank(row.get(col)) for col in self._key_text_columns):
            return False
        parsed = parse_row_key(key) if isinstance(key, str) else None
        if parsed is None:
            return True
        is_ours = not parsed.refs or parsed.field or parsed.refs[0] in self.sent.by_ref
        return not is_ours

    @cached_property
    def sent_texts(self) -> dict[str, str]:
        """Return the identifying text of each row of the table as it was sent, by its row key."""
        leaf, texts = self.sent.template.leaf.id, self._sent_texts_by_ref()
        return {
            shared_row_key(nodes): " ".join(
                [text for node in nodes for text in texts.get(node.ref, ())]
            )
            for nodes in group_nodes_by_row(self.geometry, self.sent.nodes)
            if nodes[-1].level == leaf
        }

    def _sent_texts_by_ref(self) -> dict[str, tuple[str, ...]]:
        """Return the identifying texts of each node, level by level."""
        found: dict[str, tuple[str, ...]] = {}
        for level in self.sent.template.levels:
            keys = [f.id for f in self.sent.template.fields_of(level.id) if f.is_identifying]
            refs = [node.ref for node in self.sent.nodes if node.level == level.id]
            selected = self.sent.value_table.select(refs, [(key, None) for key in keys])
            # Without nodes there are no columns of values: these zips are not strict.
            by_field = zip(keys, zip(*selected, strict=True), strict=False)
            texts = [
                self._cell_texts(self.geometry.field_types[level.id, key], values)
                for key, values in by_field
            ]
            found.update(zip(refs, zip(*texts, strict=True), strict=False))
        return found

    def _cell_texts(self, field_type: FieldType, values: Sequence[Value | None]) -> list[str]:
        """Return the texts of values as their cells show them; a choice by its label."""
        return [
            value
            if type(value) is str and field_type.is_single_cell
            else ""
            if value is None
            else "\n".join(map(display, field_type.to_cells(value)))
            for value in values
        ]

    @cached_property
    def _key_text_columns(self) -> list[int]:
        """Return the columns of the identifying text, as they are now."""
        return [
            self.columns.position_of[column.col]
            for column in self.geometry.table_columns
            if column.field.is_identifying
        ]

    def key_text(self, row: dict[int, CellValue]) -> str:
        """Return the identifying text of a row as it is now."""
        return self._key_texts([row])[0]

    def _key_texts(self, rows: list[dict[int, CellValue]]) -> list[str]:
        """Return the identifying texts of several rows; the values are taken column by column."""
        columns = [
            [
                value if type(value) is str else "" if value is None else display(value)
                for value in map(methodcaller("get", col), rows)
            ]
            for col in self._key_text_columns
        ]
        if len(columns) == 1:
            return columns[0]
        return [" ".join(texts) for texts in zip(*columns, strict=True)] or [""] * len(rows)
