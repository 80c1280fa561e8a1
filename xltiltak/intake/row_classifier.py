"""Say what a row of an area sheet is by its row key. Forms, plans and appendices share this."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from xltiltak.layout.sheet_rows import separator_before
from xltiltak.model.cell_values import CellValue
from xltiltak.model.report import Slot
from xltiltak.model.row_keys import parse_row_key


class NodeRow(NamedTuple):
    """The row of one node, or of several nodes that share it, outermost first."""

    refs: tuple[str, ...]


class ListRow(NamedTuple):
    """A row of a slot that has rows of its own: an item, or with `separator` the rest of one.

    `key` is the row key itself, which tells the rows of a slot apart.
    """

    slot: Slot
    separator: str
    key: str

    @property
    def is_first(self) -> bool:
        """Return True for the first row of the slot."""
        return self.key.endswith("|1")


class OwnRow(NamedTuple):
    """A row that xltiltak wrote and that has no slots: a heading, a sum, an empty line."""

    key: str


RowKind = NodeRow | ListRow | OwnRow | None
"""What a row is; None for a row without a key of this report."""


class RowClassifier:
    """Classifies rows by their row keys.

    `level_of` has the level of each node that a key may name, `fields` the level and the id of
    each field that may have rows of its own.
    """

    def __init__(self, level_of: Mapping[str, str], fields: Collection[tuple[str, str]]) -> None:
        self.level_of, self.fields = level_of, fields

    def classify(self, key: CellValue) -> RowKind:
        """Return what the row with this key is."""
        parsed = parse_row_key(key) if isinstance(key, str) else None
        if parsed is None or not isinstance(key, str):
            return None
        if not parsed.refs:
            return OwnRow(key)
        if not all(ref in self.level_of for ref in parsed.refs):
            return None
        if not parsed.field:
            return NodeRow(parsed.refs)
        if (self.level_of[parsed.refs[0]], parsed.field) not in self.fields:
            return None
        slot = Slot(parsed.refs[0], parsed.field, parsed.date)
        return ListRow(slot, separator_before(key), key)
