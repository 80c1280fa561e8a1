"""Slots, and the values of a report as tables.

`ValueTable` stores the values: one row for each node. `data_frame` builds the pandas table: one row
for each slot, every column with a type of its own. `Report.to_frame` is the public function for it;
`docs/api.md` documents the columns.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, ItemsView, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from xltiltak.model.field_types import Value

if TYPE_CHECKING:
    from pandas import CategoricalDtype, DataFrame, Series

SlotKey = tuple[str, date | None]  # field and date: which slot of a node
Positions = dict[SlotKey, int]  # where a row has the value of each key; 1 is the first
# The positions, then the values; None is an empty slot. The nodes of a level share one `Positions`.
ValueRow = tuple[Any, ...]

_NO_POSITIONS: Positions = {}
EMPTY_ROW: ValueRow = (_NO_POSITIONS,)
_TEXT, _NUMBER, _WHOLE_NUMBER, _DAY = "str", "Float64", "Int64", "datetime64[us]"


class Slot(NamedTuple):
    """One field of one node at one reporting date; `date` is None for a field without dates."""

    ref: str
    field: str
    date: date | None = None


class ValueTable(Mapping[Slot, Value]):
    """The values of a report by slot, stored in one tuple for each node.

    A report can have hundreds of thousands of slots. Tuples take less memory than a dictionary with
    a key for each slot, and reading a whole row is faster. Empty slots are not in the mapping.
    """

    __slots__ = ("rows",)

    def __init__(self, rows: Mapping[str, ValueRow]) -> None:
        self.rows = rows

    def get(self, slot: Slot, default: Any = None) -> Any:
        ref, field, day = slot
        row = self.rows.get(ref, EMPTY_ROW)
        position = row[0].get((field, day))
        value = row[position] if position else None
        return default if value is None else value

    def __getitem__(self, slot: Slot) -> Value:
        value: Value | None = self.get(slot)
        if value is None:
            raise KeyError(slot)
        return value

    def __contains__(self, slot: object) -> bool:
        return isinstance(slot, tuple) and self.get(slot) is not None  # type: ignore[arg-type]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ValueTable) and self.rows == other.rows:
            return True  # much faster, and usual; the same values can also be in other positions
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]

    def __iter__(self) -> Iterator[Slot]:
        return (slot for slot, _ in self.items())

    def __len__(self) -> int:
        return sum(len(row) - 1 - row.count(None) for row in self.rows.values())

    def items(self) -> ItemsView[Slot, Value]:
        return _TableItems(self)

    def items_of(self, refs: Iterable[str]) -> dict[Slot, Value]:
        """Return the values of these nodes by slot."""
        found: dict[Slot, Value] = {}
        for ref in refs:
            row = self.rows.get(ref, EMPTY_ROW)
            for (field, day), value in zip(row[0], row[1:], strict=True):
                if value is not None:
                    found[Slot(ref, field, day)] = value
        return found

    def select(
        self, refs: Iterable[str], keys: Sequence[SlotKey]
    ) -> Iterator[Sequence[Value | None]]:
        """Yield for each of these nodes its values of these keys, None for an empty slot."""
        positions, getter = None, value_getter([])
        for ref in refs:
            row = self.rows.get(ref, EMPTY_ROW)
            if row[0] is not positions:  # usually once: the nodes of a level share their positions
                positions = row[0]
                getter = value_getter([positions.get(key) for key in keys])
            yield getter(row)

    def subset(self, refs: Collection[str]) -> ValueTable | None:
        """Return the table of these nodes, or None if one of them has no row."""
        rows = self.rows
        if not all(map(rows.__contains__, refs)):
            return None
        return ValueTable({ref: rows[ref] for ref in refs})


class ValueTableBuilder:
    """Changes values of a table; `build` returns the new table. The old one stays as it is.

    A row is copied when its first value is changed. Such a row may be shorter than its positions:
    values of keys that were added later are None.
    """

    def __init__(self, values: ValueTable) -> None:
        self._old_rows = values.rows
        self._new_rows: dict[str, list[Any]] = {}
        # The positions of changed rows, by the identity of the positions that they are copied from.
        self._positions: dict[int, Positions] = {}

    def get(self, slot: Slot) -> Value | None:
        """Return the value of a slot with the changes so far; None for an empty slot."""
        ref, field, day = slot
        row = self._new_rows.get(ref) or self._old_rows.get(ref, EMPTY_ROW)
        position = row[0].get((field, day), 0)
        value: Value | None = row[position] if 0 < position < len(row) else None
        return value

    def __setitem__(self, slot: Slot, value: Value | None) -> None:
        ref, field, day = slot
        row = self._new_rows.get(ref) or self._copy_row(ref)
        positions = row[0]
        key = (field, day)
        position = positions.get(key) or positions.setdefault(key, len(positions) + 1)
        if position >= len(row):
            row += [None] * (position - len(row) + 1)
        row[position] = value

    def _copy_row(self, ref: str) -> list[Any]:
        old, *values = self._old_rows.get(ref, EMPTY_ROW)
        positions = self._positions.get(id(old)) or self._positions.setdefault(id(old), {**old})
        row = self._new_rows[ref] = [positions, *values]
        return row

    def build(self) -> ValueTable:
        """Return the table with all changes. The nodes of a level share their positions again."""
        rows = {
            ref: _padded(self._new_rows.get(ref, row), self._positions.get(id(row[0])))
            for ref, row in self._old_rows.items()
        }
        for ref, row in self._new_rows.items():
            if ref not in self._old_rows:
                rows[ref] = _padded(row, row[0])
        return ValueTable(rows)


class _TableItems(ItemsView[Slot, Value]):
    """The slots that have a value, each with its value, node by node."""

    _mapping: ValueTable

    def __iter__(self) -> Iterator[tuple[Slot, Value]]:
        for ref in self._mapping.rows:
            yield from self._mapping.items_of([ref]).items()


def _padded(row: Sequence[Any], positions: Positions | None) -> ValueRow:
    """Return the row with these positions and a value for each of them; as it is if None."""
    if positions is None:
        return tuple(row)
    return (positions, *row[1:], *[None] * (len(positions) - len(row) + 1))


def value_getter(
    positions: Sequence[int | None],
) -> Callable[[ValueRow], Sequence[Value | None]]:
    """Return a function that reads the values at these positions from a row.

    For the position None it gives None, by reading item -1 of a row with a None at the end.
    """
    items = [position or -1 for position in positions]
    if not items:
        return lambda _: ()
    if len(items) == 1:  # `itemgetter` of one item would return the value, not a sequence
        return itemgetter(slice(items[0], items[0] + 1)) if items[0] > 0 else lambda _: (None,)
    get: Callable[[ValueRow], Sequence[Value | None]] = itemgetter(*items)
    return (lambda row: get((*row, None))) if -1 in items else get


def build_value_table(level_of: Mapping[str, str], values: Mapping[Slot, Value]) -> ValueTable:
    """Return the table of these values. `level_of` has the level of every node by its ref.

    Values of a node that is not in `level_of` are kept too.
    """
    positions_of: dict[str, Positions] = {level: {} for level in level_of.values()}
    values_of: dict[str, dict[SlotKey, Value]] = {ref: {} for ref in level_of}
    for (ref, field, day), value in values.items():
        key = (field, day)
        values_of.setdefault(ref, {})[key] = value
        positions = positions_of.setdefault(level_of.get(ref, ""), {})
        positions.setdefault(key, len(positions) + 1)
    rows = {}
    for ref, of_node in values_of.items():
        positions = positions_of[level_of.get(ref, "")]
        rows[ref] = (positions, *map(of_node.get, positions))
    return ValueTable(rows)


class FrameRow(NamedTuple):
    """One slot. `numbers` and `names` are those of the node and of the groups around it, by level.

    `value` is None for an empty slot. `text` is the value as a reader sees it. `step` is the label
    of the step or choice, None for a field without steps.
    """

    area: str
    area_name: str
    ref: str
    level: str
    numbers: Mapping[str, int | str | None]
    names: Mapping[str, str | None]
    field: str
    label: str
    date: date | None
    kind: str
    role: str
    value: object
    text: str | None
    step: str | None


def data_frame(
    rows: Iterable[FrameRow], levels: Mapping[str, bool], scales: Iterable[Sequence[str]]
) -> DataFrame:
    """Return the table of these rows.

    `levels` are the levels that get columns of their own; true means that its nodes have a number.
    `scales` are the labels of every scale, lowest first.
    """
    from pandas import DataFrame, Series

    listed = list(rows)

    def texts(name: str) -> Series:
        return Series([getattr(row, name) for row in listed], dtype=_TEXT)

    columns = {name: texts(name) for name in ("area", "area_name", "ref", "level")}
    for level, has_numbers in levels.items():
        if has_numbers:
            columns[f"{level}.no"] = _numbers([row.numbers.get(level) for row in listed])
        columns[f"{level}.name"] = Series([row.names.get(level) for row in listed], dtype=_TEXT)
    columns |= {name: texts(name) for name in ("field", "label")}
    columns["date"] = Series([row.date for row in listed], dtype=_DAY)
    columns |= {name: texts(name) for name in ("kind", "role")}
    values = [row.value for row in listed]
    numbers = [float(value) if isinstance(value, int | Decimal) else None for value in values]
    columns["number"] = Series(numbers, dtype=_NUMBER)
    columns["day"] = Series(
        [value if isinstance(value, date) else None for value in values], dtype=_DAY
    )
    columns["step"] = Series([row.step for row in listed], dtype=_step_type(scales))
    columns["text"] = texts("text")
    return DataFrame(columns)


def _numbers(values: Sequence[int | str | None]) -> Series:
    """Return the numbers of one level as whole numbers; as text if one of them has letters."""
    from pandas import Series

    if any(isinstance(value, str) for value in values):
        return Series([None if value is None else str(value) for value in values], dtype=_TEXT)
    return Series(values, dtype=_WHOLE_NUMBER)


def _step_type(scales: Iterable[Sequence[str]]) -> CategoricalDtype:
    """Return a category of all labels, lowest first.

    It is not ordered if two scales have the same labels in another order.
    """
    from pandas import CategoricalDtype

    labels_of = [list(dict.fromkeys(labels)) for labels in scales]
    all_labels = dict.fromkeys(label for labels in labels_of for label in labels)
    rank = {label: n for n, label in enumerate(all_labels)}
    agree = all(labels == sorted(labels, key=rank.__getitem__) for labels in labels_of)
    return CategoricalDtype([*all_labels], ordered=agree)
