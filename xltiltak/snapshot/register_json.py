"""Turn a register and the content of a correction form into JSON for the hidden sheet, and back.

Each `_dump_…` function stands above the `_load_…` function that reads what it wrote. Three
shorthands keep the sheet small:

- The changes of a sheet are written by column: the refs and rows once, then for each slot of a node
  the changes in its column.
- The value of a change is written as `{}` if the report has the same value now.
- A previous value is left out if the first change of its slot was sent with the same value. The
  slots with changes that have no previous value are listed instead.

Version 1 of the sheet had each change by itself, and listed all slots with a previous value. It is
still read.

The records are checked as a whole before they are read (`record_shapes`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import asdict, replace
from datetime import date
from hashlib import sha256
from itertools import chain
from math import isfinite
from typing import Any

from xltiltak import __version__
from xltiltak.layout.geometry import geometry_of
from xltiltak.model.cell_values import FormattedNumber
from xltiltak.model.field_types import Value
from xltiltak.model.finding import Finding, Place
from xltiltak.model.own_content import (
    NO_OWN_CONTENT,
    OwnCell,
    OwnColumn,
    OwnContent,
    OwnSheet,
)
from xltiltak.model.register import (
    Change,
    Correction,
    Fact,
    FactKind,
    FactValue,
    MergedPlan,
    Proposal,
    Register,
    ReturnedFile,
    Source,
    Submission,
)
from xltiltak.model.report import Node, Report, Slot
from xltiltak.model.row_keys import parse_slot_key, slot_key
from xltiltak.snapshot import record_shapes
from xltiltak.snapshot.hidden_sheet import (
    DIGEST_LENGTH,
    json_dumper,
    parse_iso_date,
    plain_json,
)
from xltiltak.snapshot.json_shapes import refuse

_LONGEST_ROW = 9  # digits; a sheet has about a million rows
_SAME_AS_REPORT: Mapping[str, Any] = {}  # written for a value; no field type writes an object


class ValueCodec:
    """Turns values of a report's slots into JSON and back.

    A slot that the report no longer has keeps its value unchanged.
    """

    def __init__(self, report: Report) -> None:
        self.field_types = geometry_of(report.template).field_types
        self.dumpers = {
            key: json_dumper(field_type) for key, field_type in self.field_types.items()
        }
        self.levels = {node.ref: node.level for node in report.nodes}
        self.leaf = report.template.leaf.id
        self.level_ids = {level.id for level in report.template.levels}
        self.current = report.values

    def with_nodes(self, nodes: Iterable[Node]) -> ValueCodec:
        """Return a codec that knows the levels of more nodes."""
        codec = copy(self)
        codec.levels = {**self.levels, **{node.ref: node.level for node in nodes}}
        return codec

    def dump(self, slot: Slot, value: Value | None) -> Any:
        """Return the JSON of a value."""
        if value is None or isinstance(value, str):
            return value
        dump = self.dumpers.get((self.levels.get(slot.ref, self.leaf), slot.field))
        return dump(value) if dump else value

    def load(self, slot: Slot, value: Any) -> Any:
        """Return the value of its JSON; a text that its field type cannot read is kept as text.

        Raises ForeignWorkbook for anything else that is no value.
        """
        if value is None:
            return None
        field_type = self.field_types.get((self.levels.get(slot.ref, self.leaf), slot.field))
        if field_type is None:
            return _load_untyped(value)
        try:
            loaded = field_type.from_json(value)
        except (ValueError, TypeError):
            if type(value) is not str:
                refuse(value, slot_key(slot))
            return value
        if isinstance(value, str) and field_type.to_json(loaded) != value:
            return value  # this type writes its values otherwise: it was stored as text
        return loaded


def _load_untyped(value: Any) -> Any:
    """Return a value whose field is unknown."""
    return tuple(value) if type(value) is list else value


def dump_register(register: Register) -> dict[str, Any]:
    """Return the records of a register without its report; `load_register` reads them."""
    codec = ValueCodec(register.report)
    return {
        **({"key": register.key} if register.key else {}),
        **_dump_previous_values(register, codec),
        "decided": sorted([slot.ref, slot_key(slot)] for slot in register.overridden_slots),
        "accepted": dict(sorted(register.accepted.items())),
        "refused": dict(sorted(register.refused.items())),
        **({"undecided": dict(sorted(register.undecided.items()))} if register.undecided else {}),
        "handled": dict(sorted(register.handled.items())),
        **({"left": sorted(register.left_files)} if register.left_files else {}),
        "derived": int(register.date_from_forms),
        **({"plan": _dump_plan(register.plan, codec)} if register.plan else {}),
        **({"told": digest_of_findings(register.findings)} if register.plan else {}),
        "received": (_dump_file(returned, codec) for returned in register.returned_files),
        **({"own": _dump_own(register.own)} if register.own != NO_OWN_CONTENT else {}),
    }


def load_register(report: Report, records: Mapping[str, Any]) -> Register:
    """Return the register of a report; without records, nothing has been returned yet.

    Raises ForeignWorkbook if the records were tampered with.
    """
    record_shapes.REGISTER(records, "register")
    codec = ValueCodec(report)
    returned = tuple(_load_file(record, codec) for record in records.get("received", ()))
    return Register(
        report,
        _load_previous_values(records, returned, codec),
        frozenset(_slot(ref, key) for ref, key in records.get("decided", ())),
        returned,
        _load_accepted(records.get("accepted", {})),
        records.get("refused", {}),
        records.get("undecided", {}),
        records.get("handled", {}),
        left_files=frozenset(records.get("left", ())),
        date_from_forms=bool(records.get("derived")),
        plan=_load_plan(records["plan"], codec) if "plan" in records else None,
        findings_digest=records.get("told", ""),
        key=records.get("key", ""),
        own=_load_own(records["own"]) if "own" in records else NO_OWN_CONTENT,
    )


def _dump_own(own: OwnContent) -> dict[str, Any]:
    """Return the coordinator's own columns and sheets; each cell is a list of texts."""
    return {
        "columns": {
            area: [{name: _dump_cell(cell) for name, cell in column.items()} for column in columns]
            for area, columns in own.columns.items()
        },
        "sheets": [
            [sheet.name, int(sheet.is_hidden), [[*map(_dump_cell, row)] for row in sheet.rows]]
            for sheet in own.sheets
        ],
    }


def _load_own(record: Mapping[str, Any]) -> OwnContent:
    columns = {area: tuple(map(_load_own_column, of)) for area, of in record["columns"].items()}
    sheets = (
        OwnSheet(name, tuple(tuple(map(_load_cell, row)) for row in rows), bool(is_hidden))
        for name, is_hidden, rows in record["sheets"]
    )
    return OwnContent(columns, tuple(sheets))


def _load_own_column(record: Mapping[str, list[str]]) -> OwnColumn:
    cells = {name: _load_cell(cell) for name, cell in record.items()}
    return {name: cell for name, cell in cells.items() if cell is not None}


def _dump_cell(cell: OwnCell | None) -> list[str]:
    """Return a cell as its kind and its value as text; an empty list for an empty cell."""
    if isinstance(cell, FormattedNumber):
        return [*_dump_cell(cell.number), cell.kind, cell.shown]
    kind = type(cell).__name__
    return [] if cell is None else [kind, cell.isoformat() if kind == "date" else str(cell)]  # type: ignore[union-attr]


def _load_cell(record: Sequence[str]) -> OwnCell | None:
    """Return the cell of its record. Raises ForeignWorkbook for one that we did not write."""
    if not record:
        return None
    if len(record) not in (2, 4):
        refuse(record, "register.own")
    kind, text, *shown = record
    if kind == "str":
        return text
    try:
        if kind == "date":
            return date.fromisoformat(text)
        number = int(text) if kind == "int" else float(text)
    except ValueError:
        refuse(text, "register.own")
    if not isfinite(number):
        refuse(text, "register.own")
    if not shown:
        return number
    return FormattedNumber(number, "percent" if shown[0] == "percent" else "number", shown[-1])


def _dump_plan(plan: MergedPlan, codec: ValueCodec) -> dict[str, Any]:
    with_plan = codec.with_nodes(node for node in plan.facts.values() if isinstance(node, Node))
    return {
        "digest": plan.digest,
        "facts": [
            [*_dump_fact(fact), _dump_fact_value(fact, value, with_plan)]
            for fact, value in sorted(plan.facts.items(), key=lambda one: _dump_fact(one[0]))
        ],
        "disputed": sorted(map(_dump_fact, plan.disputed)),
        "findings": [_dump_finding(finding) for finding in plan.findings],
    }


def _load_plan(record: Mapping[str, Any], codec: ValueCodec) -> MergedPlan:
    nodes = [
        _load_node(ref, value, codec) for kind, ref, _, value in record["facts"] if kind == "node"
    ]
    with_plan = codec.with_nodes(node for node in nodes if node)
    facts = {
        fact: _load_fact_value(fact, value, with_plan)
        for *parts, value in record["facts"]
        for fact in [_load_fact(*parts)]
    }
    return MergedPlan(
        record["digest"],
        facts,
        frozenset(_load_fact(*parts) for parts in record["disputed"]),
        tuple(_load_finding(finding) for finding in record["findings"]),
    )


def _dump_fact(fact: Fact) -> list[str]:
    """Return kind, ref and the name of the field or detail; with the date of a slot."""
    name = slot_key(Slot(*fact[1:])) if fact.kind == "value" else fact.name
    return [fact.kind, fact.ref, name]


def _load_fact(kind: FactKind, ref: str, name: str) -> Fact:
    return Fact(kind, *_slot(ref, name)) if kind == "value" else Fact(kind, ref, name)


def _dump_fact_value(fact: Fact, value: FactValue, codec: ValueCodec) -> Any:
    if isinstance(value, Node):
        return value[1:]
    return codec.dump(Slot(*fact[1:]), value) if fact.kind == "value" else value  # type: ignore[arg-type]


def _load_fact_value(fact: Fact, value: Any, codec: ValueCodec) -> FactValue:
    if fact.kind == "value":
        loaded: FactValue = codec.load(Slot(*fact[1:]), value)
        return loaded
    if fact.kind == "node":
        return _load_node(fact.ref, value, codec)
    if fact.kind == "order":
        return tuple(value)
    if fact.name == "dates":
        return tuple(map(date.fromisoformat, value))
    return parse_iso_date(value) if fact.name in ("current", "deadline") else value


def _load_node(ref: str, value: Any, codec: ValueCodec) -> Node | None:
    """Return a node, None for one that the plan does not have."""
    if value is None:
        return None
    level, parent, group, first, last = value
    if level not in codec.level_ids:
        refuse(level, "register.plan")
    return Node(ref, level, parent, group, parse_iso_date(first), parse_iso_date(last))


def _load_accepted(record: Mapping[str, str] | list[str]) -> Mapping[str, str]:
    """Return the accepted proposals; version 1 had their keys only."""
    return dict.fromkeys(record, "") if isinstance(record, list) else record


def dump_correction(report: Report, correction: Correction) -> dict[str, Any]:
    """Return the records of a correction form; `load_correction` reads them."""
    codec = ValueCodec(report)
    return {
        "carried": [_dump_file(returned, codec) for returned in correction.corrected_files],
        "mends": {area: list(hashes) for area, hashes in correction.corrects.items()},
        "told": sorted(correction.own_texts),
    }


def load_correction(report: Report, records: Mapping[str, Any]) -> Correction:
    """Return what a correction form corrects; without records, nothing.

    Raises ForeignWorkbook if the records were tampered with.
    """
    record_shapes.CORRECTION(records, "correction")
    codec = ValueCodec(report)
    carried = (_load_file(record, codec) for record in records.get("carried", ()))
    return Correction(
        tuple(replace(file, judged_by="") for file in carried),
        {area: tuple(hashes) for area, hashes in records.get("mends", {}).items()},
        frozenset(records.get("told", ())),
    )


def _slot(ref: str, key: str) -> Slot:
    """Return the slot of a key. Raises ForeignWorkbook for one with an impossible date."""
    try:
        return parse_slot_key(ref, key)
    except ValueError:
        refuse(key, "register")


def _dump_previous_values(register: Register, codec: ValueCodec) -> dict[str, Any]:
    """Return the previous values that their first changes do not tell, each list sorted.

    `base` has ref, key and value; `unchanged` has ref and key of slots with changes that have none.
    """
    previous, sent = register.previous_values, _first_sent(register.returned_files)
    own = [slot for slot, value in previous.items() if slot not in sent or sent[slot] != value]
    without = [slot for slot in sent if slot not in previous]
    base = ([slot.ref, slot_key(slot), codec.dump(slot, previous[slot])] for slot in own)
    return {
        "base": sorted(base),
        "unchanged": sorted([slot.ref, slot_key(slot)] for slot in without),
    }


def _load_previous_values(
    records: Mapping[str, Any], returned: Iterable[ReturnedFile], codec: ValueCodec
) -> dict[Slot, Value | None]:
    sent = _first_sent(returned)
    previous: dict[Slot, Value | None] = {}
    if "unchanged" in records:
        without = {_slot(ref, key) for ref, key in records["unchanged"]}
        previous = {slot: value for slot, value in sent.items() if slot not in without}
    for ref, key, *value in records.get("base", ()):
        slot = _slot(ref, key)
        if not value and slot not in sent:
            refuse(key, "register.base")
        previous[slot] = codec.load(slot, value[0]) if value else sent[slot]
    return previous


def _first_sent(returned: Iterable[ReturnedFile]) -> dict[Slot, Value | None]:
    """Return the value that the first change of each slot was sent with.

    It is nearly always the value before the merge.
    """
    sent: dict[Slot, Value | None] = {}
    for file in returned:
        for submission in file.submissions:
            for change in submission.changes:
                sent.setdefault(change.slot, change.sent)
    return sent


def _dump_file(returned: ReturnedFile, codec: ValueCodec) -> dict[str, Any]:
    return {
        "file": returned.file,
        "sha256": returned.sha256,
        "outcome": returned.outcome,
        **({"judged": returned.judged_by} if returned.judged_by else {}),
        "findings": [_dump_finding(finding) for finding in returned.findings],
        "sheets": [_dump_submission(submission, codec) for submission in returned.submissions],
    }


def _load_file(record: Mapping[str, Any], codec: ValueCodec) -> ReturnedFile:
    file, sha256 = record["file"], record["sha256"]
    submissions = tuple(_load_submission(file, sha256, sheet, codec) for sheet in record["sheets"])
    findings = tuple(_load_finding(finding) for finding in record["findings"])
    judged_by = record.get("judged", "")
    return ReturnedFile(file, sha256, record["outcome"], submissions, findings, judged_by)


def _dump_submission(submission: Submission, codec: ValueCodec) -> dict[str, Any]:
    source = submission.source
    record: dict[str, Any] = {
        "source": [source.sheet, source.saved_by, source.saved_at, source.sending],
        "area": submission.area,
        "round": submission.round,
        "claims": _dump_changes(submission.changes, codec),
        "findings": [_dump_finding(finding) for finding in submission.findings],
        "proposals": [_dump_proposal(proposal, codec) for proposal in submission.proposals],
    }
    if submission.corrects:
        record["mends"] = list(submission.corrects)
    if submission.covers:
        record["covers"] = list(submission.covers)
    if submission.gone:
        record["gone"] = [list(names) for names in submission.gone]
    if source.sender or source.sent_at:
        record["mail"] = [source.sender, source.sent_at]
    if source.filled_by:
        record["by"] = source.filled_by
    return record


def _load_submission(
    file: str, sha256: str, record: Mapping[str, Any], codec: ValueCodec
) -> Submission:
    sheet, *saved = record["source"]
    area = record["area"]
    source = Source(file, sheet, sha256, *saved, *record.get("mail", ()))
    return Submission(
        replace(source, filled_by=record.get("by", "")),
        area,
        parse_iso_date(record["round"]),
        tuple(_load_changes(record["claims"], codec)),
        tuple(_load_finding(finding) for finding in record["findings"]),
        tuple(_load_proposal(file, area, proposal, codec) for proposal in record["proposals"]),
        tuple(record.get("mends", ())),
        tuple(record.get("covers", ())),
        tuple((ref, name) for ref, name in record.get("gone", ())),
    )


def _dump_changes(changes: Iterable[Change], codec: ValueCodec) -> dict[str, Any]:
    """Return the changes by column, so that `_load_changes` gives them back in their order.

    A line is a ref and the number of a row, in which the columns follow each other from the left.
    """
    current, dump = codec.current.get, codec.dump
    placed = []
    for change in changes:
        name, row = _column_and_row(change.cell)
        head = (len(name), name, slot_key(change.slot), int(change.is_editable))
        placed.append((change, head, row))
    heads = sorted({head for _, head, _ in placed})
    order = {head: n for n, head in enumerate(heads)}
    columns: list[list[list[Any]]] = [[[], [], []] for _ in order]
    refs, rows, last = [], [], ("", -1, 0)
    for change, head, row in placed:
        slot, sent, value, _, _ = change
        column = order[head]
        if last[:2] != (slot.ref, row) or last[2] >= column:
            refs.append(slot.ref)
            rows.append(row)
        last = (slot.ref, row, column)
        is_current = value is not None and value == current(slot)
        lines, sents, values = columns[column]
        lines.append(len(refs) - 1)
        sents.append(dump(slot, sent))
        values.append(_SAME_AS_REPORT if is_current else dump(slot, value))
    return {
        "refs": refs,
        "rows": rows,
        "columns": [
            [key, is_editable, name, *column]
            for (_, name, key, is_editable), column in zip(heads, columns, strict=True)
        ],
    }


def _column_and_row(cell: str) -> tuple[str, int]:
    """Return the letters and the number of an address; of any other text itself, and 0."""
    name = cell.rstrip("0123456789")
    row = cell[len(name) :]
    return (name, int(row)) if row and row[0] != "0" and len(row) < _LONGEST_ROW else (cell, 0)


def _load_changes(record: Any, codec: ValueCodec) -> Iterator[Change]:
    if type(record) is list:
        return _load_single_changes(record, codec)
    by_line: list[list[Change]] = [[] for _ in record["refs"]]
    for key, is_editable, name, lines, sents, values in record["columns"]:
        _, field, day = _slot("", key)
        for line, sent, value in zip(lines, sents, values, strict=True):
            slot = Slot(record["refs"][line], field, day)
            row = record["rows"][line]
            cell = f"{name}{row}" if row else name
            by_line[line].append(_load_change(slot, sent, value, cell, is_editable, codec))
    return chain.from_iterable(by_line)


def _load_single_changes(records: Iterable[list[Any]], codec: ValueCodec) -> Iterator[Change]:
    """Yield the changes of version 1."""
    for ref, key, sent, value, cell, is_editable in records:
        yield _load_change(_slot(ref, key), sent, value, cell, is_editable, codec)


def _load_change(
    slot: Slot, sent: Any, value: Any, cell: str, is_editable: int, codec: ValueCodec
) -> Change:
    is_current = value == _SAME_AS_REPORT
    loaded = codec.current.get(slot) if is_current else codec.load(slot, value)
    return Change(slot, codec.load(slot, sent), loaded, cell, bool(is_editable))


def _dump_proposal(proposal: Proposal, codec: ValueCodec) -> list[Any]:
    values = [
        [field, day, codec.dump(Slot("", field, day), value)]
        for field, day, value in proposal.values
    ]
    return [proposal.key, proposal.after, values, proposal.cell]


def _load_proposal(file: str, area: str, record: list[Any], codec: ValueCodec) -> Proposal:
    key, after, values, cell = record
    slots = [(Slot("", field, parse_iso_date(day)), value) for field, day, value in values]
    loaded = tuple((slot.field, slot.date, codec.load(slot, value)) for slot, value in slots)
    return Proposal(key, area, after, loaded, file, cell)


def digest_of_findings(findings: Iterable[Finding]) -> str:
    """Return a digest of findings, as this version of the program tells them."""
    told = plain_json([__version__, *map(_dump_finding, findings)])
    return sha256(told.encode()).hexdigest()[:DIGEST_LENGTH]


def _dump_finding(finding: Finding) -> dict[str, Any]:
    """Return what is kept of a finding. The findings that are kept have no days."""
    record = {name: value for name, value in asdict(finding).items() if value and name != "days"}
    return {**record, "place": list(finding.place)}


def _load_finding(record: Mapping[str, Any]) -> Finding:
    place, day = Place(*record["place"]), parse_iso_date(record.get("date"))
    return Finding(**{**record, "place": place, "date": day})
