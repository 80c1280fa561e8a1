"""The hidden sheet of a workbook: the template, the head and what was sent, so that it can be read on its own.

Few long cells instead of many short ones: it is read with every form, and nobody looks at it. In the coordinator's
workbook it also holds the register: what every return said, and what a slot held before.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any

from xltiltak.errors import ForeignWorkbook, OtherTemplate
from xltiltak.geometry import geometry_of
from xltiltak.kinds import Text
from xltiltak.marks import key_of, slot_of
from xltiltak.repair import Raw
from xltiltak.report import Area, Head, Node, Report, Slot
from xltiltak.template import Template, build

SHEET = "_xltiltak"
LEDGER = "ledger"  # the row that only the coordinator's workbook has
MENDED = "mended"  # and that of a form which puts others right
LIST = "@mend"  # the mark of the list in such a form
SCHEMA = 1
_WIDE = 16  # cells of a row
_OF_AREA = tuple(field.name for field in fields(Area))
_BATCH = 128  # items of a list that are made at once
_CHUNK = 30_000  # characters; Excel's cell holds 32,767


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was sent: the part of the report, and all areas of the round with their names, in order.

    In the coordinator's workbook `ledger` holds the register's own records, in a form that puts others right `mended`
    those of these.
    """

    sent: Report
    areas: Mapping[str, str]
    ledger: Mapping[str, Any] = field(default_factory=dict)
    mended: Mapping[str, Any] = field(default_factory=dict)


def pack(
    part: Report,
    areas: Mapping[str, str],
    ledger: Mapping[str, Any] | None = None,
    mended: Mapping[str, Any] | None = None,
) -> Iterator[Sequence[str]]:
    """The rows of the hidden sheet: a name and the pieces of one text each."""
    known = {ref: {name: getattr(area, name) for name in _OF_AREA} for ref, area in part.areas.items()}
    yield (SHEET, str(SCHEMA))
    yield ("template", *_template(part.template))
    yield ("head", *_pieces([_head(part.head)]))
    yield from _rows("areas", [_names(tuple(areas.items()))])
    yield from _rows("sent", _listed({"answering": known, **_dumped(part)}))
    if ledger is not None:
        yield from _rows(LEDGER, _listed(ledger))
    if mended is not None:
        yield from _rows(MENDED, _listed(mended))


def _dumped(part: Report) -> dict[str, Any]:
    """The nodes, each with its values in the order of its level's keys: the template's order, whatever came first."""
    level_of, fields_of = {node.ref: node.level for node in part.nodes}, part.template.fields_of
    used: dict[str, set[tuple[str, date | None]]] = defaultdict(set)
    for ref, name, day in part.values:
        used[level_of[ref]].add((name, day))
    order = {level.id: [f.id for f in fields_of(level.id)] for level in part.template.levels}
    found = {v: sorted(used[v], key=lambda key, v=v: (order[v].index(key[0]), str(key[1]))) for v in order}  # type: ignore[misc]
    keys = {level: [key_of(Slot("", *key)) for key in of] for level, of in found.items()}
    return {"keys": keys, "nodes": _nodes(part, found)}


def _nodes(part: Report, keys: Mapping[str, list[tuple[str, date | None]]]) -> Iterator[list[Any]]:
    kinds, get = geometry_of(part.template).kinds, part.values.get
    dumps = {level: [(name, day, _dumper(kinds[level, name])) for name, day in found] for level, found in keys.items()}
    for node in part.nodes:
        held = ((get((node.ref, name, day)), dump) for name, day, dump in dumps[node.level])  # type: ignore[call-overload]
        values = [value if dump is None or value is None else dump(value) for value, dump in held]
        yield [node.ref, node.level, node.parent, node.group, node.first, node.last, values]


def _dumper(kind: Text) -> Callable[[Any], Any] | None:
    """What makes JSON of a value; None where it is JSON already."""
    return None if type(kind).dump is Text.dump else kind.dump


def unpack(rows: Mapping[int, Mapping[int, Raw]]) -> Snapshot:
    """What `pack` wrote. Raises ForeignWorkbook when tampered with, OtherTemplate when another version made it."""
    pieces: dict[str, list[str]] = defaultdict(list)
    for row in rows.values():
        pieces[str(row.get(1))] += [str(row[c]) for c in sorted(row) if c > 1]
    texts = {name: "".join(of) for name, of in pieces.items()}
    if texts.get(SHEET) != str(SCHEMA):
        raise OtherTemplate("schema", met=texts.get(SHEET), schema=SCHEMA)
    try:
        template, kinds, head = _frame(texts["template"], texts["head"])
        sent = json.loads(texts["sent"])
        report = _report(template, kinds, head, sent)
        records = (json.loads(texts.get(name, "{}")) for name in (LEDGER, MENDED))
        return Snapshot(report, _areas(texts["areas"]), *records)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ForeignWorkbook("snapshot", error=error) from error


def day_of(text: str | None) -> date | None:
    """A day of its JSON."""
    return date.fromisoformat(text) if text else None


def _report(template: Template, kinds: Mapping[tuple[str, str], Any], head: Head, sent: Mapping[str, Any]) -> Report:
    loaders = {
        level: [
            (slot.field, slot.date, _loader(kinds[level, slot.field])) for slot in (slot_of("", key) for key in keys)
        ]
        for level, keys in sent["keys"].items()
    }
    values, nodes = {}, []
    new = tuple.__new__  # what Slot() calls, without the call: there are hundreds in every form
    for ref, level, parent, group, first, last, held in sent["nodes"]:
        nodes.append(Node(ref, level, parent, group, first and day_of(first), last and day_of(last)))
        for (name, day, load), value in zip(loaders[level], held, strict=True):
            if value is not None:
                values[new(Slot, (ref, name, day))] = load(value) if load else value
    areas = {ref: Area(**known) for ref, known in sent["answering"].items()}
    return Report(template, head, tuple(nodes), values, areas)


def _loader(kind: Text) -> Callable[[Any], Any] | None:
    """What makes a value of its JSON; None where it is the value already."""
    return None if type(kind).load is Text.load else kind.load


@lru_cache(maxsize=16)
def _areas(text: str) -> Mapping[str, str]:
    """All areas of the round with their names, which every form of it carries: read once."""
    return dict(json.loads(text))


@lru_cache(maxsize=4)
def _head(head: Head) -> str:
    return _json(asdict(head))


@lru_cache(maxsize=4)
def _names(areas: tuple[tuple[str, str], ...]) -> str:
    """The way back, made once for all forms of a sending."""
    return _json(dict(areas))


def _rows(name: str, texts: Iterable[str]) -> Iterator[Sequence[str]]:
    """The rows of a text, as many as it needs: no sheet is endlessly wide."""
    pieces = _pieces(texts)
    while row := list(islice(pieces, _WIDE)):
        yield (name, *row)


_made: list[tuple[Template, tuple[str, ...]]] = []  # the last template and its pieces


def _template(template: Template) -> tuple[str, ...]:
    """Forms of one sending carry the same template: its pieces are made once."""
    if not _made or _made[0][0] is not template:
        _made[:] = [(template, tuple(_pieces([_json(asdict(template))])))]
    return _made[0][1]


def _pieces(texts: Iterable[str]) -> Iterator[str]:
    """The texts joined, and cut to what a cell holds."""
    held = ""
    for text in texts:
        held += text
        while len(held) > _CHUNK:
            yield held[:_CHUNK]
            held = held[_CHUNK:]
    yield held


def _listed(content: Mapping[str, Any]) -> Iterator[str]:
    """A JSON object bit by bit; what comes from an iterator becomes a list that is never there whole."""
    for n, (name, value) in enumerate(content.items()):
        yield f'{"," if n else "{"}"{name}":'
        if isinstance(value, Iterator):
            before = "["
            while items := list(islice(value, _BATCH)):
                yield before + _json(items)[1:-1]
                before = ","
            yield "[]" if before == "[" else "]"
        else:
            yield _json(value)
    yield "}"


def _json(content: Any) -> str:
    """ASCII without line ends, without markup, and without what looks like _x000D_: nothing that is ever mended."""
    text = json.dumps(content, default=str, separators=(",", ":")).replace("_x", "_\\u0078")
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


@lru_cache(maxsize=16)
def _frame(template: str, head: str) -> tuple[Template, Mapping[tuple[str, str], Any], Head]:
    """Forms of one round carry the same template and head: they are built once."""
    found = json.loads(head)
    days = tuple(date.fromisoformat(day) for day in found["dates"])
    known = {"dates": days, "current": day_of(found["current"]), "deadline": day_of(found["deadline"])}
    built = build(json.loads(template))
    return built, geometry_of(built).kinds, Head(**{**found, **known})
