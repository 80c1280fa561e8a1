"""A slot, and what the slots of a report hold, kept node by node."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from xltiltak.kinds import Value

Key = tuple[str, date | None]  # a slot's field and date: what it is called within its node
Places = dict[Key, int]  # where in a row each key has its value, in order, from 1 on
Row = tuple[Any, ...]  # the places of its level, then the values; None is an empty slot

_NO_PLACES: Places = {}
_NO_ROW: Row = (_NO_PLACES,)


class Slot(NamedTuple):
    """One field of one node at one reporting date; `date` is None where the field has no dates."""

    ref: str
    field: str
    date: date | None = None


class NodeValues(Mapping[Slot, Value]):
    """The values of a report, a row for each node; nodes of one level share their places.

    Of hundreds of thousands of slots none needs an object of its own, nor a place in one large dictionary.
    """

    __slots__ = ("rows",)

    def __init__(self, rows: Mapping[str, Row]) -> None:
        self.rows = rows

    def get(self, slot: Slot, default: Any = None) -> Any:
        ref, field, day = slot
        row = self.rows.get(ref, _NO_ROW)
        place = row[0].get((field, day))
        value = row[place] if place else None
        return default if value is None else value

    def __getitem__(self, slot: Slot) -> Value:
        value: Value | None = self.get(slot)
        if value is None:
            raise KeyError(slot)
        return value

    def __contains__(self, slot: object) -> bool:
        return isinstance(slot, tuple) and self.get(slot) is not None  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Slot]:
        return (slot for slot, _ in self.items())

    def __len__(self) -> int:
        return sum(len(row) - 1 - row.count(None) for row in self.rows.values())

    def items(self) -> ItemsView[Slot, Value]:
        return _Items(self)

    def of(self, refs: Iterable[str]) -> dict[Slot, Value]:
        """What these nodes hold, slot by slot."""
        found, new = {}, tuple.__new__  # what Slot() calls, without the call: there are hundreds in every area
        for ref in refs:
            row = self.rows.get(ref, _NO_ROW)
            for (field, day), value in zip(row[0], row[1:], strict=True):
                if value is not None:
                    found[new(Slot, (ref, field, day))] = value
        return found

    def changed(self, changes: Mapping[Slot, Value | None]) -> NodeValues:
        """The same with these slots otherwise."""
        of_node: dict[str, dict[Key, Value | None]] = {}
        wider: dict[int, Places] = {}  # the places of the rows that have changes, by the identity of what they were
        for (ref, field, day), value in changes.items():
            key, row = (field, day), self.rows.get(ref, _NO_ROW)
            of_node.setdefault(ref, {})[key] = value
            places = wider.setdefault(id(row[0]), dict(row[0]))
            places.setdefault(key, len(places) + 1)
        rows = {ref: _widened(row, wider.get(id(row[0]))) for ref, row in self.rows.items()}
        for ref, values in of_node.items():
            row = rows.get(ref) or _widened(_NO_ROW, wider[id(_NO_PLACES)])
            held = list(row)
            for key, value in values.items():
                held[row[0][key]] = value
            rows[ref] = tuple(held)
        return NodeValues(rows)


class _Items(ItemsView[Slot, Value]):
    """The slots that hold something, each with its value, node by node."""

    _mapping: NodeValues

    def __iter__(self) -> Iterator[tuple[Slot, Value]]:
        for ref in self._mapping.rows:
            yield from self._mapping.of([ref]).items()


def _widened(row: Row, places: Places | None) -> Row:
    """A row with room for all these keys."""
    return (
        row if places is None or len(places) < len(row) else (places, *row[1:], *[None] * (len(places) - len(row) + 1))
    )


def by_node(level_of: Mapping[str, str], values: Mapping[Slot, Value]) -> NodeValues:
    """The values node by node; `level_of` are the levels of the nodes."""
    if isinstance(values, NodeValues):
        return values
    places: dict[str, Places] = {level: {} for level in level_of.values()}
    held: dict[str, dict[Key, Value]] = {ref: {} for ref in level_of}
    for (ref, field, day), value in values.items():
        key = (field, day)
        held.setdefault(ref, {})[key] = value
        of_level = places.setdefault(level_of.get(ref, ""), {})
        of_level.setdefault(key, len(of_level) + 1)
    known = {ref: places[level_of.get(ref, "")] for ref in held}
    return NodeValues({ref: (known[ref], *map(of.get, known[ref])) for ref, of in held.items()})
