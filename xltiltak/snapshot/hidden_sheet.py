"""The hidden sheet of a workbook: the template, the head and what was sent, so that it can be read on its own.

Few long cells instead of many short ones: it is read with every form, and nobody looks at it. In the coordinator's
workbook it also holds the register: what every return said, and what a slot held before.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any

from xltiltak.layout.geometry import geometry_of
from xltiltak.model.errors import ForeignWorkbook, OtherTemplate
from xltiltak.model.normalize import CellValue
from xltiltak.model.report import Area, Head, Report
from xltiltak.model.template import Template, build
from xltiltak.snapshot.values_json import Kinds, day_of, dump_nodes, load_nodes

SHEET_NAME = "_xltiltak"
REGISTER_ROW = "ledger"  # the row that only the coordinator's workbook has
CORRECTION_ROW = "mended"  # and that of a form which puts others right
CORRECTION_LIST_KEY = "@mend"  # the mark of the list in such a form
SHARED_ROWS = (
    SHEET_NAME,
    "template",
    "head",
    "areas",
)  # the rows that all forms of a sending begin with
SCHEMA = 1
_WIDE = 16  # cells of a row
_OF_AREA = tuple(field.name for field in fields(Area))
_BATCH = 32  # items of a list that are made at once
_ENCODER = json.JSONEncoder(check_circular=False, default=str, separators=(",", ":"))
_SPELT = (("_x", "_\\u0078"), ("&", "\\u0026"), ("<", "\\u003c"), (">", "\\u003e"))
_CHUNK = 30_000  # characters; Excel's cell holds 32,767


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was sent: the part of the report, and all areas of the round with their names, in order.

    In the coordinator's workbook `ledger` holds the register's own records, in a form that puts others right `mended`
    those of these.
    """

    sent: Report
    areas: Mapping[str, str]
    register_records: Mapping[str, Any] = field(default_factory=dict)
    correction_records: Mapping[str, Any] = field(default_factory=dict)


def snapshot_rows(
    part: Report,
    areas: Mapping[str, str],
    register_records: Mapping[str, Any] | None = None,
    correction_records: Mapping[str, Any] | None = None,
) -> Iterator[Sequence[str]]:
    """The rows of the hidden sheet: a name and the pieces of one text each."""
    known = {
        ref: {name: getattr(area, name) for name in _OF_AREA} for ref, area in part.areas.items()
    }
    yield (SHEET_NAME, str(SCHEMA))
    yield ("template", *_template(part.template))
    yield ("head", *_pieces([_head(part.head)]))
    yield from _rows("areas", [_names(tuple(areas.items()))])
    yield from _rows("sent", _listed({"answering": known, **dump_nodes(part)}))
    if register_records is not None:
        yield from _rows(REGISTER_ROW, _listed(register_records))
    if correction_records is not None:
        yield from _rows(CORRECTION_ROW, _listed(correction_records))


def parse_snapshot(rows: Mapping[int, Mapping[int, CellValue]]) -> Snapshot:
    """What `pack` wrote. Raises ForeignWorkbook when tampered with, OtherTemplate when another version made it."""
    pieces: dict[str, list[str]] = defaultdict(list)
    for row in rows.values():
        pieces[str(row.get(1))] += [str(row[c]) for c in sorted(row) if c > 1]
    texts = {name: "".join(of) for name, of in pieces.items()}
    if texts.get(SHEET_NAME) != str(SCHEMA):
        raise OtherTemplate("schema", met=texts.get(SHEET_NAME), schema=SCHEMA)
    try:
        template, kinds, head = _frame(texts["template"], texts["head"])
        report = load_nodes(template, kinds, head, json.loads(texts.pop("sent")))
        records = (json.loads(texts.get(name, "{}")) for name in (REGISTER_ROW, CORRECTION_ROW))
        return Snapshot(report, _areas(texts["areas"]), *records)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ForeignWorkbook("snapshot", error=error) from error


@lru_cache(maxsize=16)
def _areas(text: str) -> Mapping[str, str]:
    """All areas of the round with their names, which every form of it carries: read once."""
    return dict(json.loads(text))


@lru_cache(maxsize=4)
def _head(head: Head) -> str:
    return plain_json(asdict(head))


@lru_cache(maxsize=4)
def _names(areas: tuple[tuple[str, str], ...]) -> str:
    """The way back, made once for all forms of a sending."""
    return plain_json(dict(areas))


def _rows(name: str, texts: Iterable[str]) -> Iterator[Sequence[str]]:
    """The rows of a text, as many as it needs: no sheet is endlessly wide."""
    pieces = _pieces(texts)
    while row := list(islice(pieces, _WIDE)):
        yield (name, *row)


_made: list[tuple[Template, tuple[str, ...]]] = []  # the last template and its pieces


def _template(template: Template) -> tuple[str, ...]:
    """Forms of one sending carry the same template: its pieces are made once."""
    if not _made or _made[0][0] is not template:
        _made[:] = [(template, tuple(_pieces([plain_json(asdict(template))])))]
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
                yield before + plain_json(items)[1:-1]
                before = ","
            yield "[]" if before == "[" else "]"
        else:
            yield plain_json(value)
    yield "}"


def plain_json(content: Any) -> str:
    """ASCII without line ends, without markup, and without what looks like _x000D_: nothing that is ever mended."""
    text = _ENCODER.encode(content)
    for sign, spelt in _SPELT:
        if sign in text:  # to look is cheaper than to replace nothing
            text = text.replace(sign, spelt)
    return text


@lru_cache(maxsize=16)
def _frame(template: str, head: str) -> tuple[Template, Kinds, Head]:
    """Forms of one round carry the same template and head: they are built once."""
    found = json.loads(head)
    days = tuple(date.fromisoformat(day) for day in found["dates"])
    known = {
        "dates": days,
        "current": day_of(found["current"]),
        "deadline": day_of(found["deadline"]),
    }
    built = build(json.loads(template))
    return built, geometry_of(built).field_types, Head(**{**found, **known})
