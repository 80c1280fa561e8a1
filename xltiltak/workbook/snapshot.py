"""The hidden sheet of a workbook: the template, the head and what was sent, so that it can be read on its own.

Few long cells instead of many short ones: it is read with every form, and nobody looks at it. In the coordinator's
workbook it also holds the register: what every return said, and what a slot held before.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import lru_cache
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
SCHEMA = 1
_WIDE = 100  # cells of a row
_CHUNK = 30_000  # characters; Excel's cell holds 32,767


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was sent: the part of the report, and all areas of the round with their names, in order.

    In the coordinator's workbook `ledger` holds the register's own records.
    """

    sent: Report
    areas: Mapping[str, str]
    ledger: Mapping[str, Any] = field(default_factory=dict)


def pack(part: Report, areas: Mapping[str, str], ledger: Mapping[str, Any] | None = None) -> Iterator[tuple[str, ...]]:
    """The rows of the hidden sheet: a name and the pieces of one text each."""
    known = {ref: asdict(area) for ref, area in part.areas.items()}
    yield (SHEET, str(SCHEMA))
    yield ("template", *_template(part.template))
    yield ("head", *_pieces(asdict(part.head)))
    yield from _rows("sent", {"areas": dict(areas), "answering": known, **_dumped(part)})
    if ledger is not None:
        yield from _rows(LEDGER, ledger)


def _dumped(part: Report) -> dict[str, Any]:
    """The nodes, each with its values in the order of its level's keys: the template's order, whatever came first."""
    kinds, by_ref = geometry_of(part.template).kinds, part.by_ref
    dumps = {key: None if type(kind).dump is Text.dump else kind.dump for key, kind in kinds.items()}
    held: dict[str, dict[tuple[str, date | None], Any]] = {node.ref: {} for node in part.nodes}
    used: dict[str, dict[tuple[str, date | None], None]] = {level.id: {} for level in part.template.levels}
    for (ref, name, day), value in part.values.items():
        level = by_ref[ref].level
        used[level][name, day] = None
        dump = dumps[level, name]
        held[ref][name, day] = dump(value) if dump else value
    order = {level: [f.id for f in part.template.fields_of(level)] for level in used}
    keys = {v: sorted(used[v], key=lambda key, v=v: (order[v].index(key[0]), str(key[1]))) for v in used}  # type: ignore[misc]
    nodes = [
        [n.ref, n.level, n.parent, n.group, n.first, n.last, [held[n.ref].get(key) for key in keys[n.level]]]
        for n in part.nodes
    ]
    return {"keys": {v: [key_of(Slot("", *key)) for key in found] for v, found in keys.items()}, "nodes": nodes}


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
        return Snapshot(report, sent["areas"], json.loads(texts.get(LEDGER, "{}")))
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
    for ref, level, parent, group, first, last, held in sent["nodes"]:
        nodes.append(Node(ref, level, parent, group, first and day_of(first), last and day_of(last)))
        for (name, day, load), value in zip(loaders[level], held, strict=True):
            if value is not None:
                values[Slot(ref, name, day)] = load(value) if load else value
    areas = {ref: Area(**known) for ref, known in sent["answering"].items()}
    return Report(template, head, tuple(nodes), values, areas)


def _loader(kind: Text) -> Callable[[Any], Any] | None:
    """What makes a value of its JSON; None where it is the value already."""
    return None if type(kind).load is Text.load else kind.load


def _rows(name: str, content: Any) -> Iterator[tuple[str, ...]]:
    """The rows of a text, as many as it needs: no sheet is endlessly wide."""
    pieces = list(_pieces(content))
    yield from ((name, *pieces[k : k + _WIDE]) for k in range(0, len(pieces), _WIDE))


_made: list[tuple[Template, tuple[str, ...]]] = []  # the last template and its pieces


def _template(template: Template) -> tuple[str, ...]:
    """Forms of one sending carry the same template: its pieces are made once."""
    if not _made or _made[0][0] is not template:
        _made[:] = [(template, tuple(_pieces(asdict(template))))]
    return _made[0][1]


def _pieces(content: Any) -> Iterator[str]:
    text = json.dumps(content, default=str, separators=(",", ":"))  # ASCII, no line ends: nothing an editor would mend
    text = text.replace("_x", "_\\u0078")  # nor anything like _x000D_, which some programs forget to write as it was
    yield from (text[i : i + _CHUNK] for i in range(0, len(text), _CHUNK))


@lru_cache(maxsize=16)
def _frame(template: str, head: str) -> tuple[Template, Mapping[tuple[str, str], Any], Head]:
    """Forms of one round carry the same template and head: they are built once."""
    found = json.loads(head)
    days = tuple(date.fromisoformat(day) for day in found["dates"])
    known = {"dates": days, "current": day_of(found["current"]), "deadline": day_of(found["deadline"])}
    built = build(json.loads(template))
    return built, geometry_of(built).kinds, Head(**{**found, **known})
