"""The nodes of a report with their values as JSON for the hidden sheet, and the way back.

A node's values stand in the order of its level's keys, which are told once.
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
from xltiltak.model.values import Positions, SlotKey, ValueRow, ValueTable, value_getter

Kinds = Mapping[tuple[str, str], FieldType]  # of each field, by its level and id
Loader = Callable[[Any], Any]
_new = (
    tuple.__new__
)  # what the call of a NamedTuple comes to, at a fifth of its cost: there are hundreds in a form


def day_of(text: str | None) -> date | None:
    """A day of its JSON."""
    return date.fromisoformat(text) if text else None


def dump_nodes(part: Report) -> dict[str, Any]:
    """The nodes, each with its values in the order of its level's keys: the template's order, whatever came first."""
    found = {level.id: _used(part, level.id) for level in part.template.levels}
    keys = {level: [slot_key(Slot("", *key)) for key in used] for level, used in found.items()}
    return {"keys": keys, "nodes": _nodes(part, found)}


def _used(part: Report, level: str) -> Positions:
    """Where in the rows of a level's nodes the keys are that any of them has a value for, in the template's order."""
    rows = (part.value_table.rows[node.ref] for node in part.nodes if node.level == level)
    places: Positions = {}
    left: dict[int, SlotKey] = {}  # what no row has had yet
    for n, row in enumerate(rows):
        if not n:
            left = {place: key for key, place in row[0].items()}
        if not left:
            break
        for place in [place for place in left if row[place] is not None]:
            places[left.pop(place)] = place
    order = [known.id for known in part.template.fields_of(level)]
    return {
        key: places[key]
        for key in sorted(places, key=lambda key: (order.index(key[0]), str(key[1])))
    }


def _nodes(part: Report, found: Mapping[str, Positions]) -> Iterator[list[Any]]:
    kinds, rows = geometry_of(part.template).field_types, part.value_table.rows
    held = {
        level: _held([(place, dumper(kinds[level, name])) for (name, _), place in used.items()])
        for level, used in found.items()
    }
    for node in part.nodes:
        yield [
            node.ref,
            node.level,
            node.parent,
            node.group,
            node.first,
            node.last,
            held[node.level](rows[node.ref]),
        ]


def _held(
    wanted: list[tuple[int, Callable[[Any], Any] | None]],
) -> Callable[[ValueRow], Sequence[Any]]:
    """What gives the values of a row at these places as JSON has them."""
    if all(dump is None for _, dump in wanted):
        return value_getter([place for place, _ in wanted])  # as nearly always
    return lambda row: [
        value if dump is None or value is None else dump(value)
        for value, dump in ((row[place], dump) for place, dump in wanted)
    ]


def dumper(kind: FieldType) -> Callable[[Any], Any] | None:
    """What makes JSON of a value; None where it is JSON already."""
    return None if type(kind).to_json is FieldType.to_json else kind.to_json


def load_nodes(template: Template, kinds: Kinds, head: Head, sent: Mapping[str, Any]) -> Report:
    """The report of the JSON, its values node by node: rows nearly as they stand there.

    Raises ValueError, LookupError or TypeError where it was tampered with.
    """
    loaders = _loaders(kinds, sent["keys"])
    # `level` is the key of `loaders`, so that all nodes of a level share one text.
    levels = {
        level: (level, *_places(of), _Types(kinds, level, of)) for level, of in loaders.items()
    }
    nodes, rows, above = [], dict[str, ValueRow](), None
    for ref, named, parent, group, first, last, held in sent["nodes"]:
        level, places, loads, types = levels[named]
        types.check(held)
        above = above if parent == above else parent
        nodes.append(
            _new(Node, (ref, level, above, group, first and day_of(first), last and day_of(last)))
        )
        row = rows[ref] = (places, *(_loaded(loads, held) if loads else held))
        if len(row) != len(places) + 1:
            raise ValueError(ref)
    return Report(template, head, tuple(nodes), ValueTable(rows), _answering(sent))


class _Types:
    """The types that the JSON values of a level's rows may have. Most rows are alike: each pattern is checked once."""

    def __init__(
        self, kinds: Kinds, level: str, of: Sequence[tuple[str, date | None, Loader | None]]
    ) -> None:
        self.allowed = [{*kinds[level, name].json_types, type(None)} for name, _, _ in of]
        self.checked: set[tuple[type, ...]] = set()

    def check(self, held: Sequence[Any]) -> None:
        """Raise TypeError where a value is of another type than its field's, ValueError for another number of them."""
        found = tuple(map(type, held))
        if found in self.checked:
            return
        for value, allowed in zip(held, self.allowed, strict=True):
            if type(value) not in allowed:
                raise TypeError(f"{value!r:.60} is not a value of its field")
        self.checked.add(found)


def _places(
    of: Sequence[tuple[str, date | None, Loader | None]],
) -> tuple[Positions, list[Loader | None]]:
    """Where a level's rows have their values, and what makes each of its JSON; nothing where all are values already."""
    loads = [load for _, _, load in of]
    return {(name, day): n for n, (name, day, _) in enumerate(of, 1)}, loads if any(loads) else []


def _loaded(loads: Sequence[Loader | None], held: Sequence[Any]) -> list[Any]:
    return [
        load(value) if load and value is not None else value
        for load, value in zip(loads, held, strict=True)
    ]


def _loaders(
    kinds: Kinds, keys: Mapping[str, list[str]]
) -> dict[str, list[tuple[str, date | None, Loader | None]]]:
    """For each level the fields and dates of its values, and what makes each of its JSON."""
    slots = {level: [parse_slot_key("", key) for key in of] for level, of in keys.items()}
    return {
        level: [(s.field, s.date, _loader(kinds[level, s.field])) for s in of]
        for level, of in slots.items()
    }


def _answering(sent: Mapping[str, Any]) -> dict[str, Area]:
    return {ref: Area(**known) for ref, known in sent["answering"].items()}


def _loader(kind: FieldType) -> Callable[[Any], Any] | None:
    """What makes a value of its JSON; None where it is the value already."""
    return None if type(kind).from_json is FieldType.from_json else kind.from_json
