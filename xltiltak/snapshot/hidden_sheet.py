"""Write and read the rows of a workbook's hidden sheet.

Each row is a name followed by pieces of one JSON text. Few long cells are faster to read than many
short ones, and the sheet is read with every form. The coordinator's workbook has one more row with
the register, a correction form one with the files that it corrects.
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
from xltiltak.snapshot.values_json import FieldTypes, dump_nodes, load_nodes, parse_iso_date

SHEET_NAME = "_xltiltak"
REGISTER_ROW = "ledger"  # only the coordinator's workbook has this row
CORRECTION_ROW = "mended"  # only a correction form has this row
CORRECTION_LIST_KEY = "@mend"  # the row key of the list of problems in a correction form
SHARED_ROWS = (SHEET_NAME, "template", "head", "areas")  # the same in all forms of a sending
SCHEMA = 1
_CELLS_IN_ROW = 16
_CELL_LENGTH = 30_000  # characters; an Excel cell holds 32,767
_BATCH = 32  # items of a list that are encoded together
_AREA_FIELDS = tuple(field.name for field in fields(Area))
_ENCODER = json.JSONEncoder(check_circular=False, default=str, separators=(",", ":"))
_ESCAPES = (("_x", "_\\u0078"), ("&", "\\u0026"), ("<", "\\u003c"), (">", "\\u003e"))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a workbook was sent with.

    `sent` is the part of the report that is in the workbook; `areas` maps all areas of the round to
    their names, in order. `register_records` is empty except in the coordinator's workbook,
    `correction_records` except in a correction form (see `register_json`).
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
    """Yield the rows of the hidden sheet, each a name and pieces of one text."""
    answering = {
        ref: {name: getattr(area, name) for name in _AREA_FIELDS}
        for ref, area in part.areas.items()
    }
    yield (SHEET_NAME, str(SCHEMA))
    yield ("template", *_template_cells(part.template))
    yield ("head", *_split_into_cells([_head_json(part.head)]))
    yield from _rows_of_text("areas", [_areas_json(tuple(areas.items()))])
    yield from _rows_of_text("sent", _json_pieces({"answering": answering, **dump_nodes(part)}))
    if register_records is not None:
        yield from _rows_of_text(REGISTER_ROW, _json_pieces(register_records))
    if correction_records is not None:
        yield from _rows_of_text(CORRECTION_ROW, _json_pieces(correction_records))


def parse_snapshot(rows: Mapping[int, Mapping[int, CellValue]]) -> Snapshot:
    """Read the rows that `snapshot_rows` wrote, given by row and column number.

    Raises OtherTemplate for another version of the sheet, ForeignWorkbook if it was tampered with.
    """
    pieces: dict[str, list[str]] = defaultdict(list)
    for row in rows.values():
        pieces[str(row.get(1))] += [str(row[col]) for col in sorted(row) if col > 1]
    texts = {name: "".join(of_name) for name, of_name in pieces.items()}
    if texts.get(SHEET_NAME) != str(SCHEMA):
        raise OtherTemplate("schema", met=texts.get(SHEET_NAME), schema=SCHEMA)
    try:
        template, field_types, head = _parse_frame(texts["template"], texts["head"])
        report = load_nodes(template, field_types, head, json.loads(texts.pop("sent")))
        records = (json.loads(texts.get(name, "{}")) for name in (REGISTER_ROW, CORRECTION_ROW))
        return Snapshot(report, _parse_areas(texts["areas"]), *records)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ForeignWorkbook("snapshot", error=error) from error


def plain_json(content: Any) -> str:
    """Return JSON that survives every spreadsheet program unchanged.

    It is ASCII without line breaks, XML markup, or anything that looks like an escape of Excel
    (`_x000D_`), so no program has a reason to re-encode it.
    """
    text = _ENCODER.encode(content)
    for sign, escaped in _ESCAPES:
        if sign in text:  # a search is faster than a replacement that finds nothing
            text = text.replace(sign, escaped)
    return text


# All forms of a round share the template, the report's details and the list of areas. They are
# encoded and decoded once for all forms.


@lru_cache(maxsize=4)
def _head_json(head: Head) -> str:
    return plain_json(asdict(head))


@lru_cache(maxsize=4)
def _areas_json(areas: tuple[tuple[str, str], ...]) -> str:
    return plain_json(dict(areas))


_last_template: list[tuple[Template, tuple[str, ...]]] = []  # at most one; it has no hash


def _template_cells(template: Template) -> tuple[str, ...]:
    """Return the cells of the template; those of the latest template are kept."""
    if not _last_template or _last_template[0][0] is not template:
        _last_template[:] = [(template, tuple(_split_into_cells([plain_json(asdict(template))])))]
    return _last_template[0][1]


@lru_cache(maxsize=16)
def _parse_areas(text: str) -> Mapping[str, str]:
    return dict(json.loads(text))


@lru_cache(maxsize=16)
def _parse_frame(template: str, head: str) -> tuple[Template, FieldTypes, Head]:
    """Build the template and the report's details from their JSON."""
    values = json.loads(head)
    dates = {
        "dates": tuple(date.fromisoformat(day) for day in values["dates"]),
        "current": parse_iso_date(values["current"]),
        "deadline": parse_iso_date(values["deadline"]),
    }
    built = build(json.loads(template))
    return built, geometry_of(built).field_types, Head(**{**values, **dates})


def _rows_of_text(name: str, texts: Iterable[str]) -> Iterator[Sequence[str]]:
    """Yield as many rows as the joined texts need; the width of a row is bounded."""
    cells = _split_into_cells(texts)
    while row := list(islice(cells, _CELLS_IN_ROW)):
        yield (name, *row)


def _split_into_cells(texts: Iterable[str]) -> Iterator[str]:
    """Join the texts and cut them to the length of a cell."""
    rest = ""
    for text in texts:
        rest += text
        while len(rest) > _CELL_LENGTH:
            yield rest[:_CELL_LENGTH]
            rest = rest[_CELL_LENGTH:]
    yield rest


def _json_pieces(content: Mapping[str, Any]) -> Iterator[str]:
    """Yield a JSON object in pieces, so that long lists are never in memory as a whole.

    A value that is an iterator becomes a list; `_BATCH` of its items are encoded at a time.
    """
    opening = "{"
    for name, value in content.items():
        yield f'{opening}"{name}":'
        opening = ","
        if isinstance(value, Iterator):
            before = "["
            while items := list(islice(value, _BATCH)):
                yield before + plain_json(items)[1:-1]  # without the brackets of the batch
                before = ","
            yield "[]" if before == "[" else "]"
        else:
            yield plain_json(value)
    yield "}"
