"""Turn the nodes of a report and their values into JSON for the hidden sheet, and back.

The values of a node are a list in the order of its level's keys; the keys are written once for each
level.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from xltiltak.layout.geometry import geometry_of
from xltiltak.model.field_types import FieldType
from xltiltak.model.report import Area, Head, Node, Report, Slot
from xltiltak.model.row_keys import parse_slot_key, slot_key
from xltiltak.model.template import Template
from xltiltak.model.values import Positions, ValueRow, ValueTable, value_getter

FieldTypes = Mapping[tuple[str, str], FieldType]  # by the level and the id of the field
Converter = Callable[[Any], Any]


def parse_iso_date(text: str | None) -> date | None:
    """Return the date that was written as text; None for no text."""
    return date.fromisoformat(text) if text else None


def json_dumper(field_type: FieldType) -> Converter | None:
    """Return what makes JSON of a value; None if values of this type are JSON already."""
    return None if type(field_type).to_json is FieldType.to_json else field_type.to_json


def _json_loader(field_type: FieldType) -> Converter | None:
    """Return what makes a value of its JSON; None if the JSON is the value already."""
    return None if type(field_type).from_json is FieldType.from_json else field_type.from_json


def dump_nodes(part: Report) -> dict[str, Any]:
    """Return the keys of each level and an iterator over the nodes with their values.

    Keys stand in the order of the template, so that the same report gives the same bytes.
    """
    used = {level.id: _used_positions(part, level.id) for level in part.template.levels}
    keys = {
        level: [slot_key(Slot("", *key)) for key in positions] for level, positions in used.items()
    }
    return {"keys": keys, "nodes": _node_records(part, used)}


def _used_positions(part: Report, level: str) -> Positions:
    """Return the keys that any node of a level has a value for, with their positions in a row."""
    rows = [part.value_table.rows[node.ref] for node in part.nodes if node.level == level]
    unused = {position: key for key, position in rows[0][0].items()} if rows else {}
    used: Positions = {}
    for row in rows:
        if not unused:
            break
        for position in [position for position in unused if row[position] is not None]:
            used[unused.pop(position)] = position
    order = [field.id for field in part.template.fields_of(level)]
    in_order = sorted(used, key=lambda key: (order.index(key[0]), str(key[1])))
    return {key: used[key] for key in in_order}


def _node_records(part: Report, used: Mapping[str, Positions]) -> Iterator[list[Any]]:
    """Yield one list for each node: its six properties, then its values."""
    field_types, rows = geometry_of(part.template).field_types, part.value_table.rows
    dump = {
        level: _row_dumper(
            [
                (position, json_dumper(field_types[level, field]))
                for (field, _), position in positions.items()
            ]
        )
        for level, positions in used.items()
    }
    for node in part.nodes:
        yield [
            node.ref,
            node.level,
            node.parent,
            node.group,
            node.first,
            node.last,
            dump[node.level](rows[node.ref]),
        ]


def _row_dumper(
    columns: list[tuple[int, Converter | None]],
) -> Callable[[ValueRow], Sequence[Any]]:
    """Return what makes JSON of the values at these positions of a row."""
    if all(dump is None for _, dump in columns):  # the usual case, and much faster
        return value_getter([position for position, _ in columns])
    return lambda row: [
        value if dump is None or value is None else dump(value)
        for value, dump in ((row[position], dump) for position, dump in columns)
    ]


def load_nodes(
    template: Template, field_types: FieldTypes, head: Head, sent: Mapping[str, Any]
) -> Report:
    """Return the report that `dump_nodes` wrote.

    Raises ValueError, LookupError or TypeError if the JSON was tampered with.
    """
    levels = {level: _LevelReader(level, keys, field_types) for level, keys in sent["keys"].items()}
    nodes, rows = [], dict[str, ValueRow]()
    parent: str | None = None
    for ref, level_id, parent_ref, group, first, last, values in sent["nodes"]:
        level = levels[level_id]
        if parent_ref != parent:  # siblings share the text of their parent's ref, to save memory
            parent = parent_ref
        dates = parse_iso_date(first), parse_iso_date(last)
        nodes.append(Node(ref, level.id, parent, group, *dates))
        rows[ref] = level.read_row(values)
        if len(rows[ref]) != len(level.positions) + 1:  # a key stands twice
            raise ValueError(ref)
    areas = {ref: Area(**fields) for ref, fields in sent["answering"].items()}
    return Report(template, head, tuple(nodes), ValueTable(rows), areas)


class _LevelReader:
    """Reads the values of the nodes of one level."""

    def __init__(self, level: str, keys: Sequence[str], field_types: FieldTypes) -> None:
        slots = [parse_slot_key("", key) for key in keys]
        types = [field_types[level, slot.field] for slot in slots]
        self.id = level
        self.positions: Positions = {(s.field, s.date): n for n, s in enumerate(slots, 1)}
        self.loaders = [_json_loader(field_type) for field_type in types]
        self.needs_loading = any(self.loaders)
        self.allowed = [{*field_type.json_types, type(None)} for field_type in types]
        self.checked: set[tuple[type, ...]] = set()

    def read_row(self, values: Sequence[Any]) -> ValueRow:
        """Return the row of a node's JSON values.

        Raises TypeError for a value of another type than its field's, ValueError for another number
        of values. Most rows have the same types: each combination is checked once.
        """
        types = tuple(map(type, values))
        if types not in self.checked:
            for value, allowed in zip(values, self.allowed, strict=True):
                if type(value) not in allowed:
                    raise TypeError(f"{value!r:.60} is not a value of its field")
            self.checked.add(types)
        if self.needs_loading:
            values = [
                load(value) if load and value is not None else value
                for load, value in zip(self.loaders, values, strict=True)
            ]
        return (self.positions, *values)
