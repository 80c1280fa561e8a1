"""A slot, and what the slots of a report hold, kept node by node."""

from __future__ import annotations

from collections.abc import Callable, Collection, ItemsView, Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple

from xltiltak.model.field_types import Value

SlotKey = tuple[str, date | None]  # a slot's field and date: what it is called within its node
Positions = dict[SlotKey, int]  # where in a row each key has its value, in order, from 1 on
ValueRow = tuple[Any, ...]  # the places of its level, then the values; None is an empty slot

_NO_PLACES: Positions = {}
EMPTY_ROW: ValueRow = (_NO_PLACES,)


class Slot(NamedTuple):
    """One field of one node at one reporting date; `date` is None where the field has no dates."""

    ref: str
    field: str
    date: date | None = None


class ValueTable(Mapping[Slot, Value]):
    """The values of a report, a row for each node; nodes of one level share their places.

    Of hundreds of thousands of slots none needs an object of its own, nor a place in one large dictionary.
    """

    __slots__ = ("rows",)

    def __init__(self, rows: Mapping[str, ValueRow]) -> None:
        self.rows = rows

    def get(self, slot: Slot, default: Any = None) -> Any:
        ref, field, day = slot
        row = self.rows.get(ref, EMPTY_ROW)
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
        found, new = (
            {},
            tuple.__new__,
        )  # what Slot() calls, without the call: there are hundreds in every area
        for ref in refs:
            row = self.rows.get(ref, EMPTY_ROW)
            for (field, day), value in zip(row[0], row[1:], strict=True):
                if value is not None:
                    found[new(Slot, (ref, field, day))] = value
        return found

    def select(
        self, refs: Iterable[str], keys: Sequence[SlotKey]
    ) -> Iterator[Sequence[Value | None]]:
        """What each of these nodes holds under these keys."""
        rows = [self.rows.get(ref, EMPTY_ROW) for ref in refs]
        places = {id(row[0]): row[0] for row in rows}  # by the identity of a level's places
        picks = {
            level: value_getter([known.get(key) for key in keys]) for level, known in places.items()
        }
        if len(picks) == 1:
            return map(picks.popitem()[1], rows)
        return (picks[id(row[0])](row) for row in rows)

    def subset(self, refs: Collection[str]) -> ValueTable | None:
        """The rows of these nodes; None where one has no row."""
        rows = self.rows
        return (
            ValueTable({ref: rows[ref] for ref in refs})
            if all(map(rows.__contains__, refs))
            else None
        )

    def changed(self, changes: Mapping[Slot, Value | None]) -> ValueTable:
        """The same with these slots otherwise."""
        draft = ValueTableBuilder(self)
        for slot, value in changes.items():
            draft[slot] = value
        return draft.done()


class ValueTableBuilder:
    """Values that are being changed; a node's row is copied at its first change."""

    def __init__(self, values: ValueTable) -> None:
        self._before = values.rows
        self._rows: dict[str, list[Any]] = {}
        self._places: dict[
            int, Positions
        ] = {}  # of the rows that have changes, by the identity of what they were

    def get(self, slot: Slot) -> Value | None:
        """What a slot holds now."""
        ref, field, day = slot
        row = self._rows.get(ref) or self._before.get(ref, EMPTY_ROW)
        place = row[0].get((field, day), 0)
        value: Value | None = row[place] if 0 < place < len(row) else None
        return value

    def __setitem__(self, slot: Slot, value: Value | None) -> None:
        ref, field, day = slot
        row = self._rows.get(ref) or self._begun(ref)
        places = row[0]
        place = places.get((field, day)) or places.setdefault((field, day), len(places) + 1)
        if place >= len(row):
            row += [None] * (place - len(row) + 1)
        row[place] = value

    def _begun(self, ref: str) -> list[Any]:
        before, *values = self._before.get(ref, EMPTY_ROW)
        places = self._places.get(id(before)) or self._places.setdefault(id(before), {**before})
        row = self._rows[ref] = [places, *values]
        return row

    def done(self) -> ValueTable:
        """The values as they are now; nodes of one level share their places again."""
        known, fresh = self._places, self._rows
        rows = {
            ref: _widened(fresh.get(ref, row), known.get(id(row[0])))
            for ref, row in self._before.items()
        }
        new = {ref: _widened(row, row[0]) for ref, row in fresh.items() if ref not in rows}
        return ValueTable({**rows, **new} if new else rows)


class _Items(ItemsView[Slot, Value]):
    """The slots that hold something, each with its value, node by node."""

    _mapping: ValueTable

    def __iter__(self) -> Iterator[tuple[Slot, Value]]:
        for ref in self._mapping.rows:
            yield from self._mapping.of([ref]).items()


def _widened(row: Sequence[Any], places: Positions | None) -> ValueRow:
    """A row with room for all these keys."""
    if places is None:
        return tuple(row)
    return (places, *row[1:], *[None] * (len(places) - len(row) + 1))


def value_getter(places: Sequence[int | None]) -> Callable[[ValueRow], Sequence[Value | None]]:
    """What takes the values at these places out of a row; where there is no place, there is no value."""
    known = [
        place or -1 for place in places
    ]  # behind the values nothing is put, where one is asked for
    if len(known) == 1:
        return itemgetter(slice(known[0], known[0] + 1)) if known[0] > 0 else lambda _: (None,)
    get: Callable[[ValueRow], Sequence[Value | None]] = (
        itemgetter(*known) if known else lambda _: ()
    )
    return (lambda row: get((*row, None))) if -1 in known else get


def build_value_table(level_of: Mapping[str, str], values: Mapping[Slot, Value]) -> ValueTable:
    """The values node by node; `level_of` are the levels of the nodes."""
    places: dict[str, Positions] = {level: {} for level in level_of.values()}
    held: dict[str, dict[SlotKey, Value]] = {ref: {} for ref in level_of}
    for (ref, field, day), value in values.items():
        key = (field, day)
        held.setdefault(ref, {})[key] = value
        of_level = places.setdefault(level_of.get(ref, ""), {})
        of_level.setdefault(key, len(of_level) + 1)
    known = {ref: places[level_of.get(ref, "")] for ref in held}
    return ValueTable({ref: (known[ref], *map(of.get, known[ref])) for ref, of in held.items()})
