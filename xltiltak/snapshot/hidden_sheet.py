"""Write and read the rows of a workbook's hidden sheet.

Each row is a name followed by pieces of one JSON text. Few long cells are faster to read than many
short ones, and the sheet is read with every form. The coordinator's workbook has one more row with
the register, a correction form one with the files that it corrects. The last row of a form proves
that the coordinator wrote the others (`proof`). Rows of lists, to which cells of the workbook
refer, are no part of the record.

What is read is checked once, whole, with bounds, before anything believes it (`record_shapes`): a
record that we did not write like this raises ForeignWorkbook. Any other error is a fault of ours.

Nodes stand in blocks: those that follow each other at the same place of the report. A block has its
values by column, in the order of the keys of its level; the keys are written once for each level.
Version 1 of the sheet had the values by node, and is still read.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from itertools import groupby, islice, repeat
from operator import ge
from typing import Any

from xltiltak import __version__
from xltiltak.layout.geometry import FIRST_LAYOUT, LAYOUT, geometry_of
from xltiltak.model.cell_values import CellValue
from xltiltak.model.errors import OtherTemplate, PlanError
from xltiltak.model.field_types import FieldType
from xltiltak.model.report import Area, Head, Node, Report, Slot
from xltiltak.model.row_keys import slot_key
from xltiltak.model.template import Field, Template, build
from xltiltak.model.template_checks import reference_problems
from xltiltak.model.values import Positions, ValueRow, ValueTable
from xltiltak.snapshot import record_shapes
from xltiltak.snapshot.json_shapes import LARGEST, parse_day, parse_json, refuse
from xltiltak.snapshot.proof import is_proven, with_proof

SHEET_NAME = "_xltiltak"
LAYOUT_ROW = "layout"  # the row that the first layout does not have
REGISTER_ROW = "ledger"  # only the coordinator's workbook has this row
CORRECTION_ROW = "mended"  # only a correction form has this row
LIST_ROW = "list"
CORRECTION_LIST_KEY = "@mend"  # the row key of the list of problems in a correction form
SCHEMA = 2
_READABLE = ("1", str(SCHEMA))
_CELLS_IN_ROW = 16
_CELL_LENGTH = 30_000  # characters; an Excel cell holds 32,767
_SHOWN = 40  # characters of another format's name
_NODE_PARTS = 7  # of the record of a node in version 1
_BLOCK_PARTS = 6  # of a block, before its columns
DIGEST_LENGTH = 24  # characters; nobody gains from two rows with one digest
_BATCH = 32  # items of a list that are encoded together
_AREA_FIELDS = tuple(field.name for field in fields(Area))
_ENCODER = json.JSONEncoder(check_circular=False, default=str, separators=(",", ":"))
_ESCAPES = (("_x", "_\\u0078"), ("&", "\\u0026"), ("<", "\\u003c"), (">", "\\u003e"))
FieldTypes = Mapping[tuple[str, str], FieldType]  # by the level and the id of the field
Converter = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a workbook was sent with.

    `sent` is the part of the report that is in the workbook; `areas` maps all areas of the round to
    their names, in order. `register_records` is empty except in the coordinator's workbook,
    `correction_records` except in a correction form (see `register_json`). With `is_proven` the
    coordinator's key shows that we wrote the record. `layout` is the number of the layout of the
    workbook's sheets.
    """

    sent: Report
    areas: Mapping[str, str]
    register_records: Mapping[str, Any] = field(default_factory=dict)
    correction_records: Mapping[str, Any] = field(default_factory=dict)
    is_proven: bool = False
    layout: int = LAYOUT


def form_rows(
    part: Report,
    areas: Mapping[str, str],
    key: str,
    correction_records: Mapping[str, Any] | None = None,
) -> Iterator[Sequence[str]]:
    """Yield the rows of a form's hidden sheet, with the proof that the holder of the key wrote it.

    Each is a name and pieces of one text. Without a key there is no proof.
    """
    yield from with_proof(_form_rows(part, areas, correction_records), key)


def _form_rows(
    part: Report, areas: Mapping[str, str], correction_records: Mapping[str, Any] | None
) -> Iterator[Sequence[str]]:
    yield from _rows_of_sent(part, areas)
    if correction_records is not None:
        yield from _rows_of_text(CORRECTION_ROW, _json_pieces(correction_records))


def register_rows(
    report: Report, areas: Mapping[str, str], register_records: Mapping[str, Any]
) -> Iterator[Sequence[str]]:
    """Yield the rows of the hidden sheet of the coordinator's workbook."""
    yield from _rows_of_sent(report, areas)
    yield from _rows_of_text(REGISTER_ROW, _json_pieces(register_records))


def _rows_of_sent(part: Report, areas: Mapping[str, str]) -> Iterator[Sequence[str]]:
    """Yield the rows that every workbook has: what it was sent with."""
    answering = {
        ref: {name: getattr(area, name) for name in _AREA_FIELDS}
        for ref, area in part.areas.items()
    }
    yield (SHEET_NAME, str(SCHEMA))
    yield (LAYOUT_ROW, str(LAYOUT))
    yield ("template", *_template_cells(part.template))
    yield ("head", *_split_into_cells([_head_json(part.head)]))
    yield from _rows_of_text("areas", [_areas_json(tuple(areas.items()))])
    yield from _rows_of_text("sent", _json_pieces({"answering": answering, **dump_nodes(part)}))


def parse_snapshot(rows: Mapping[int, Mapping[int, CellValue]], key: str = "") -> Snapshot:
    """Read the rows of a hidden sheet, given by row and column number.

    `key` is the register's; without it nothing is proven. Raises OtherTemplate for another version
    of the sheet, ForeignWorkbook if it was tampered with.
    """
    pieces: dict[str, list[str]] = defaultdict(list)
    for row in rows.values():
        if row.get(1) != LIST_ROW:
            pieces[str(row.get(1))] += [str(row[col]) for col in sorted(row) if col > 1]
    texts = {name: "".join(of_name) for name, of_name in pieces.items()}
    if texts.get(SHEET_NAME) not in _READABLE:
        raise OtherTemplate("schema", met=texts.get(SHEET_NAME, "")[:_SHOWN], schema=SCHEMA)
    layout = texts.get(LAYOUT_ROW, str(FIRST_LAYOUT))
    if layout not in map(str, range(FIRST_LAYOUT, LAYOUT + 1)):
        raise OtherTemplate("schema", met=layout[:_SHOWN], schema=LAYOUT)
    proven = is_proven(texts, key)
    frame = _parse_frame(texts.get("template", ""), texts.get("head", ""))
    sent = parse_json(texts.pop("sent", ""), "sent", is_ours=proven)
    record_shapes.SENT(sent, "sent")
    report = load_nodes(frame, sent)
    areas = _parse_areas(texts.get("areas", ""))
    # The names of files that came back are in the register, whatever their characters.
    register = parse_json(texts.get(REGISTER_ROW, "{}"), REGISTER_ROW, is_ours=True)
    correction = parse_json(texts.get(CORRECTION_ROW, "{}"), CORRECTION_ROW, is_ours=proven)
    return Snapshot(report, areas, register, correction, proven, int(layout))


def parse_coordinators(rows: Mapping[int, Mapping[int, CellValue]]) -> Snapshot:
    """Return what a plan or an appendix has. Raises PlanError for a form: it has no register."""
    snapshot = parse_snapshot(rows)
    if not snapshot.register_records:
        raise PlanError("a_form", file="")  # the caller adds the file's name
    return snapshot


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
    content = asdict(head)
    periods = {str(day): name for day, name in content.pop("periods").items()}
    return plain_json({**content, **({"periods": periods} if periods else {})})


@lru_cache(maxsize=4)
def _areas_json(areas: tuple[tuple[str, str], ...]) -> str:
    return plain_json(dict(areas))


_LATER_KEYS = frozenset(
    (
        *("compute", "compare", "bands", "due", "required_when", "recipient", "unit_from"),
        *("where", "weight", "caption"),
    )
)  # of the parts of a template
_last_template: list[tuple[Template, tuple[str, ...]]] = []  # at most one; it has no hash


def _template_cells(template: Template) -> tuple[str, ...]:
    """Return the cells of the template; those of the latest template are kept."""
    if not _last_template or _last_template[0][0] is not template:
        text = plain_json(_without_unused(asdict(template.without_report())))
        _last_template[:] = [(template, tuple(_split_into_cells([text])))]
    return _last_template[0][1]


def _without_unused(part: Any) -> Any:
    """Return a part of a template without the keys of later versions that it does not use.

    So a workbook of a template without them is the same, and older versions can read it.
    """
    if isinstance(part, dict):
        kept = ((key, value) for key, value in part.items() if value or key not in _LATER_KEYS)
        return {key: _without_unused(value) for key, value in kept}
    return [*map(_without_unused, part)] if isinstance(part, tuple) else part


@lru_cache(maxsize=16)
def _parse_areas(text: str) -> Mapping[str, str]:
    areas: dict[str, str] = parse_json(text, "areas")
    record_shapes.AREAS(areas, "areas")
    return areas


@dataclass(frozen=True)
class RecordFrame:
    """The template and the report's details in a record, and what its nodes are read with."""

    template: Template
    head: Head
    field_types: FieldTypes
    depths: Mapping[str, int]  # of the levels; the outermost is 0
    _slots: dict[tuple[str, str], Slot] = field(default_factory=dict)

    def slot_of(self, level: str, key: str) -> Slot:
        """Return the slot of a key, without a ref. Raises ForeignWorkbook if no node has it."""
        if (level, key) not in self._slots:
            name, at, day = key.partition("@")
            known = self.template.field_of(level, name)
            if known is None or bool(at) != known.per_checkpoint:
                refuse(key, "sent.keys")
            slot = Slot("", name, parse_day(day, "sent.keys") if at else None)
            self._slots[level, key] = slot
        return self._slots[level, key]


@lru_cache(maxsize=16)
def _parse_frame(template: str, head: str) -> RecordFrame:
    """Build the template and the report's details from their JSON."""
    built = _parse_template(template)
    values = parse_json(head, "head")
    record_shapes.HEAD(values, "head")
    days = [date.fromisoformat(day) for day in values["dates"]]
    if days != sorted(set(days)):
        refuse("dates", "head")
    dates = {
        "dates": tuple(days),
        "current": parse_iso_date(values["current"]),
        "deadline": parse_iso_date(values["deadline"]),
        "periods": {
            parse_day(day, "head.periods"): name for day, name in values.get("periods", {}).items()
        },
    }
    depths = {level.id: depth for depth, level in enumerate(built.levels)}
    field_types = geometry_of(built).field_types
    return RecordFrame(built, Head(**{**values, **dates}), field_types, depths)


@lru_cache(maxsize=16)
def _parse_template(text: str) -> Template:
    content = parse_json(text, "template")
    record_shapes.TEMPLATE(content, "template")
    template = build(content)
    for key, _ in reference_problems(template):
        refuse(key, "template")
    return template


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
    """Return the keys of each level and an iterator over the blocks of nodes with their values.

    Keys stand in the order of the template, so that the same report gives the same bytes. With
    them come the slots that are asked again, if there are any.
    """
    again = sorted([s.ref, slot_key(s)] for s in part.asked_again if s.ref in part.by_ref)
    used = {level.id: _used_positions(part, level.id) for level in part.template.levels}
    keys = {
        level: [slot_key(Slot("", *key)) for key in positions] for level, positions in used.items()
    }
    nodes = {"keys": keys, "blocks": _node_blocks(part, used)}
    return {**nodes, "again": again} if again else nodes


def _is_given(field: Field) -> bool:
    """Return True for what the plan gives: what follows from answers changes with them."""
    return field.role == "given" and not field.is_derived


def digest_of_rows(report: Report, current: date | None) -> str:
    """Return a digest of what returned files are judged by: version, template, dates and rows.

    The rows have what was given, and the answers of other dates than `current`.
    """
    head, answers = report.head, {}
    for level in report.template.levels:
        given = [field.id for field in report.template.fields_of(level.id) if _is_given(field)]
        answers[level.id] = {
            (field, day): position
            for (field, day), position in _used_positions(report, level.id).items()
            if field in given or day not in (None, current)
        }
    pieces = _json_pieces(
        {
            "judge": [__version__, *_template_cells(report.template)],
            "head": [head.code, head.title, head.year, head.dates, current],
            "keys": [[level, *map(str, keys)] for level, keys in answers.items()],
            "blocks": _node_blocks(report, answers),
        }
    )
    digest = sha256()
    for piece in pieces:
        digest.update(piece.encode())
    return digest.hexdigest()[:DIGEST_LENGTH]


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


def _node_blocks(part: Report, used: Mapping[str, Positions]) -> Iterator[list[Any]]:
    """Yield one list for each block: what its nodes have in common, their refs, then the columns.

    They have level, parent, group, first and last date in common.
    """
    field_types, all_rows = geometry_of(part.template).field_types, part.value_table.rows
    columns = {
        level: [(position, json_dumper(field_types[level, key[0]])) for key, position in of.items()]
        for level, of in used.items()
    }
    for common, nodes in groupby(part.nodes, key=lambda node: node[1:]):
        refs = [node.ref for node in nodes]
        rows = [all_rows[ref] for ref in refs]
        level: str = common[0]
        dumped = [_dump_column(rows, position, dump) for position, dump in columns[level]]
        yield [*common, refs, *dumped]


def _dump_column(rows: Iterable[ValueRow], position: int, dump: Converter | None) -> list[Any]:
    """Return the JSON of the values at one position of all rows."""
    if dump is None:
        return [row[position] for row in rows]
    return [None if row[position] is None else dump(row[position]) for row in rows]


def load_nodes(frame: RecordFrame, sent: Mapping[str, Any]) -> Report:
    """Return the report that `dump_nodes` wrote. Raises ForeignWorkbook for impossible nodes.

    Everything is checked column by column, which is much faster than node by node.
    """
    readers: dict[str, _LevelReader] = {}
    for name, keys in sent["keys"].items():
        if name not in frame.depths:
            refuse(name, "sent.keys")
        readers[name] = _LevelReader(frame, name, keys)
    if ("blocks" in sent) == ("nodes" in sent):
        refuse("nodes", "sent")
    if "blocks" in sent:
        columns, values = _columns_of_blocks(sent["blocks"], readers)
    else:
        columns, values = _columns_of_nodes(sent["nodes"], readers)
    refs, levels, parents, groups, firsts, lasts = columns
    _check_places(frame.template, readers, columns)
    days = {day: parse_day(day, "sent.nodes") if day else None for day in {*firsts, *lasts}}
    same = dict(zip((*refs, *readers), (*refs, *readers), strict=True))  # texts shared, for memory
    nodes = map(
        Node,
        refs,
        map(same.get, levels),
        map(same.get, parents),
        groups,
        map(days.get, firsts),
        map(days.get, lasts),
    )
    rows: dict[str, ValueRow] = dict.fromkeys(refs, ())
    for name, reader in readers.items():
        of_level = [ref for ref, level in zip(refs, levels, strict=True) if level == name]
        rows.update(zip(of_level, reader.read_rows(values[name], len(of_level)), strict=True))
    areas = {ref: Area(**fields) for ref, fields in sent["answering"].items()}
    level_of = dict(zip(refs, levels, strict=True))
    again = frozenset(
        frame.slot_of(level_of[ref], key)._replace(ref=ref)
        for ref, key in sent.get("again", ())
        if ref in level_of
    )
    return Report(frame.template, frame.head, tuple(nodes), ValueTable(rows), areas, again)


def _columns_of_blocks(
    blocks: Sequence[Any], readers: Mapping[str, _LevelReader]
) -> tuple[Sequence[Sequence[Any]], Mapping[str, Sequence[Sequence[Any]]]]:
    """Return the refs of all nodes, then their levels, parents, groups and days; and the values.

    The values are the columns of each level. Raises ForeignWorkbook for other columns.
    """
    heads: list[list[Any]] = [[] for _ in range(_BLOCK_PARTS)]
    values: dict[str, list[list[Any]]] = {
        name: [[] for _ in reader.types] for name, reader in readers.items()
    }
    for block in blocks:
        if type(block) is not list or len(block) < _BLOCK_PARTS:
            refuse(block, "sent.blocks")
        *common, refs = block[:_BLOCK_PARTS]
        of_block = block[_BLOCK_PARTS:]
        if type(refs) is not list or type(common[0]) is not str or common[0] not in values:
            refuse(common[0], "sent.blocks")
        of_level = values[common[0]]
        if len(of_level) != len(of_block) or any(
            type(column) is not list or len(column) != len(refs) for column in of_block
        ):
            refuse(common[0], "sent.blocks")
        heads[0] += refs
        for head, value in zip(heads[1:], common, strict=True):
            head.extend([value] * len(refs))
        for column, more in zip(of_level, of_block, strict=True):
            column.extend(more)
    record_shapes.NODES(heads[0], "sent.blocks")
    _check_heads(heads)
    return heads, values


def _columns_of_nodes(
    nodes: Sequence[Any], readers: Mapping[str, _LevelReader]
) -> tuple[Sequence[Sequence[Any]], Mapping[str, Sequence[Sequence[Any]]]]:
    """Return the same as `_columns_of_blocks` of the nodes in version 1 of the sheet."""
    if not set(map(type, nodes)) <= {list} or not set(map(len, nodes)) <= {_NODE_PARTS}:
        refuse(nodes, "sent.nodes")
    *heads, rows = list(zip(*nodes, strict=True)) or [()] * _NODE_PARTS
    _check_heads(heads)
    values: dict[str, list[Any]] = {}
    for name, reader in readers.items():
        of_level = [row for row, level in zip(rows, heads[1], strict=True) if level == name]
        if not set(map(type, of_level)) <= {list}:
            refuse(of_level, "sent.nodes")
        if not set(map(len, of_level)) <= {len(reader.types)}:
            refuse(of_level, "sent.nodes")
        values[name] = list(zip(*of_level, strict=True)) or [() for _ in reader.types]
    return heads, values


def _check_heads(heads: Iterable[Sequence[Any]]) -> None:
    """Check that all of a node but its values are texts. Raises ForeignWorkbook."""
    for column in heads:
        if not set(map(type, column)) <= {str, type(None)}:
            refuse(column, "sent.nodes")


def _check_places(
    template: Template, readers: Mapping[str, _LevelReader], columns: Sequence[Sequence[Any]]
) -> None:
    """Raise ForeignWorkbook if a node cannot be where it is: below that node, in that group.

    Only the outermost nodes have no parent. Every parent is of a level further out, and stands
    before its children.
    """
    refs, levels, parents, groups = columns[:4]
    if None in refs or len(set(refs)) != len(refs) or not set(levels) <= readers.keys():
        refuse("refs", "sent.nodes")
    record_shapes.REFS("\n".join(refs), "sent.nodes")
    place = dict(zip(refs, range(len(refs)), strict=True))
    above = [-1 if parent is None else place.get(parent, len(refs)) for parent in parents]
    if any(map(ge, above, range(len(refs)))):
        refuse("parents", "sent.nodes")
    outer = [None if n < 0 else levels[n] for n in above]
    for level, level_above in set(zip(levels, outer, strict=True)):
        depth, depth_above = readers[level].depth, readers[level_above].depth if level_above else -1
        if depth_above >= depth or (depth > 0) == (level_above is None):
            refuse(level, "sent.nodes")
    for level, group in set(zip(levels, groups, strict=True)):
        known = template.level(level).groups
        if (known or group) and group not in [one.id for one in known]:
            refuse(group, "sent.nodes")


class _LevelReader:
    """Reads the values of the nodes of one level. Its depth is 0 if it is the outermost."""

    def __init__(self, frame: RecordFrame, level: str, keys: Sequence[str]) -> None:
        self.id, self.depth = level, frame.depths[level]
        slots = [frame.slot_of(level, key) for key in keys]
        self.positions: Positions = {(s.field, s.date): n for n, s in enumerate(slots, 1)}
        if len(self.positions) != len(slots):  # a key stands twice
            refuse(level, "sent.keys")
        self.types = [frame.field_types[level, slot.field] for slot in slots]

    def read_rows(self, columns: Sequence[Sequence[Any]], count: int) -> Iterable[ValueRow]:
        """Return the row of each node, given the columns of JSON values of so many nodes.

        Raises ForeignWorkbook for any others.
        """
        typed = zip(columns, self.types, strict=True)
        read = [_read_column(column, field_type) for column, field_type in typed]
        return zip(repeat(self.positions, count), *read, strict=True)


def _read_column(column: Sequence[Any], field_type: FieldType) -> Sequence[Any]:
    """Return the values of the JSON of one field. Raises ForeignWorkbook for any other JSON."""
    if not set(map(type, column)) <= {*field_type.json_types, type(None)}:
        refuse(column, "sent.nodes")
    if int in field_type.json_types:
        for value in set(column):
            if type(value) is int and not -LARGEST < value < LARGEST:
                refuse(value, "sent.nodes")
    load = _json_loader(field_type)
    if load is None:
        return column
    try:
        loaded = [None if value is None else load(value) for value in column]
    except (ValueError, TypeError):  # the field type cannot read the JSON
        refuse(column, "sent.nodes")
    for value in loaded:
        if isinstance(value, Decimal) and not -LARGEST < value < LARGEST:
            refuse(column, "sent.nodes")
    return loaded
