"""The hidden sheet of a workbook: the template, the head and what was sent, so that it can be read on its own.

Few long cells instead of many short ones: it is read with every form, and nobody looks at it. In the coordinator's
workbook it also holds the register: what every return said, and what a slot held before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from xltiltak.errors import ForeignWorkbook, OtherTemplate
from xltiltak.geometry import Geometry
from xltiltak.marks import key_of, slot_of
from xltiltak.repair import Raw
from xltiltak.report import Area, Head, Node, Report, Slot
from xltiltak.template import Template, build

SHEET = "_xltiltak"
SCHEMA = 1
_CHUNK = 30_000  # characters; Excel's cell holds 32,767


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was sent: the part of the report, all areas of the round with their names in order, and in the
    coordinator's workbook the register's own records."""

    sent: Report
    areas: Mapping[str, str]
    ledger: Mapping[str, Any] = field(default_factory=dict)


def pack(part: Report, areas: Mapping[str, str], ledger: Mapping[str, Any] | None = None) -> Iterator[tuple[str, ...]]:
    """The rows of the hidden sheet: a name and the pieces of one text each."""
    values: dict[str, dict[str, Any]] = {ref: {} for ref in (*(n.ref for n in part.nodes), *areas)}
    for slot, value in dump_values(part, part.values):
        values[slot.ref][key_of(slot)] = value
    nodes = [[n.ref, n.level, n.parent, n.group, n.first, n.last, values[n.ref]] for n in part.nodes]
    known = {ref: asdict(area) for ref, area in part.areas.items()}
    yield (SHEET, str(SCHEMA))
    yield ("template", *_pieces(asdict(part.template)))
    yield ("head", *_pieces(asdict(part.head)))
    yield ("sent", *_pieces({"areas": dict(areas), "nodes": nodes, "answering": known}))
    if ledger is not None:
        yield ("ledger", *_pieces(ledger))


def dump_values(report: Report, values: Mapping[Slot, Any]) -> Iterator[tuple[Slot, Any]]:
    """Values as JSON. A slot of a node that the report has no longer keeps its value as it is."""
    kinds = Geometry(report.template).kinds
    level = {node.ref: node.level for node in report.nodes}
    for slot, value in values.items():
        kind = kinds.get((level.get(slot.ref, ""), slot.field))
        yield slot, value if kind is None or value is None else kind.dump(value)


def unpack(rows: Mapping[int, Mapping[int, Raw]]) -> Snapshot:
    """What `pack` wrote. Raises ForeignWorkbook when it was tampered with, OtherTemplate when another version made it."""
    texts = {str(row.get(1)): "".join(str(row[c]) for c in sorted(row) if c > 1) for row in rows.values()}
    if texts.get(SHEET) != str(SCHEMA):
        raise OtherTemplate("schema", met=texts.get(SHEET), schema=SCHEMA)
    try:
        template, kinds, head = _frame(texts["template"], texts["head"])
        sent = json.loads(texts["sent"])
        report = _report(template, kinds, head, sent)
        return Snapshot(report, sent["areas"], json.loads(texts.get("ledger", "{}")))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ForeignWorkbook("snapshot", error=error) from error


def day_of(text: str | None) -> date | None:
    """A day of its JSON."""
    return date.fromisoformat(text) if text else None


def _report(template: Template, kinds: Mapping[tuple[str, str], Any], head: Head, sent: Mapping[str, Any]) -> Report:
    values, nodes = {}, []
    for ref, level, parent, group, first, last, known in sent["nodes"]:
        nodes.append(Node(ref, level, parent, group, day_of(first), day_of(last)))
        for key, value in known.items():
            slot = slot_of(ref, key)
            values[slot] = kinds[level, slot.field].load(value)
    areas = {ref: Area(**known) for ref, known in sent["answering"].items()}
    return Report(template, head, tuple(nodes), values, areas)


def _pieces(content: Any) -> Iterator[str]:
    text = json.dumps(content, default=str, separators=(",", ":"))  # ASCII, no line ends: nothing an editor would mend
    yield from (text[i : i + _CHUNK] for i in range(0, len(text), _CHUNK))


@lru_cache(maxsize=16)
def _frame(template: str, head: str) -> tuple[Template, Mapping[tuple[str, str], Any], Head]:
    """Forms of one round carry the same template and head: they are built once."""
    found = json.loads(head)
    days = tuple(date.fromisoformat(day) for day in found["dates"])
    known = {"dates": days, "current": day_of(found["current"]), "deadline": day_of(found["deadline"])}
    built = build(json.loads(template))
    return built, Geometry(built).kinds, Head(**{**found, **known})
