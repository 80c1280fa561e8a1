"""The shapes of everything in the hidden record, with bounds. `hidden_sheet` checks with them.

A bound is far above what any report needs, and low enough that no later step can be made to work
without end.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import ge
from typing import Any, get_args

from xltiltak.model.finding import CODES, SEVERITIES
from xltiltak.model.language import LANGUAGES
from xltiltak.model.register import FactKind
from xltiltak.model.report import Area, Head
from xltiltak.snapshot.json_shapes import (
    Shape,
    day,
    either,
    list_of,
    object_of,
    one_of,
    optional,
    refuse,
    row_of,
    table_of,
    text,
    truth,
    whole_number,
)

_MOST_NODES = 500_000
_MOST_KEYS = 2_000  # slots of a node
_MOST_AREAS = 20_000
_MOST_DATES = 200
_MOST_SENDINGS = 1_000
_MOST_FILES = 50_000
_MOST_RECORDS = 2_000_000  # of one sort in the register
_MOST_ITEMS = 20_000  # lines of a text, words of a step

_short, _long = text(10_000), text(100_000)
_any_text = text(10_000_000)
# Labels and signs stand in number formats and rules, where XML cannot hold every character.
_label = text(10_000, r"[^\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]*")
_ONE_LINE = r"[^\x00-\x1f\ufffe\uffff]*"
_name = text(100, r"\w[\w-]*")
# A ref is a part of row keys, in which | @ and / have a meaning.
_REF = r"[^\x00-\x20|@/][^\x00-\x1f|@/]{0,99}"
REFS = text(100 * _MOST_NODES, rf"(?:{_REF}(?:\n{_REF})*)?")  # one on each line
_words = list_of(_label, _MOST_ITEMS)
_id_of_step = either(whole_number(-(10**9), 10**9), int, _label)

_STEP = object_of(
    {"value": _id_of_step, "label": _label},
    {
        "aliases": _words,
        "fill": text(20),
        "ink": text(20),
        "symbol": text(20, _ONE_LINE),
        "done": truth,
        "counts": truth,
        "against": _words,
    },
)
_GROUP = object_of({"id": _name, "label": _label}, {"aliases": _words, "done": truth})
_LEVEL = object_of(
    {"id": _name, "label": _label},
    {"heading": _label, "optional": truth, "groups": list_of(_GROUP, 200)},
)
_operand = either(whole_number(-(10**9), 10**9), int, text(100))
_COMPARE = object_of(
    {"value": _name, "target": _operand},
    {"accept": _operand, "better": one_of(("high", "low"))},
)
_REQUIRED_WHEN = object_of(
    {"field": _name},
    {
        "values": list_of(_id_of_step, 500),
        "at_least": optional(whole_number(-(10**9), 10**9)),
    },
)
_FIELD = object_of(
    {"id": _name, "label": _label},
    {
        "kind": _name,
        "role": one_of(("given", "input")),
        "of": text(100),
        "scale": text(100),
        "per_checkpoint": truth,
        "required": truth,
        "key": truth,
        "width": whole_number(1, 255),
        "labels": table_of(_name, _label, 200),
        "aliases": _words,
        "only": list_of(_name, 200),
        "audience": one_of(("all", "internal")),
        "amounts": truth,
        "references": _words,
        "unit": text(100, _ONE_LINE),
        "carry_done": truth,
        "compute": list_of(_operand, 3, least=3),
        "compare": _COMPARE,
        "bands": text(100),
        "due": truth,
        "required_when": _REQUIRED_WHEN,
        "recipient": truth,
        "unit_from": text(100),
    },
)
_WHERE = object_of(
    {"field": _name},
    {
        "values": list_of(_id_of_step, 500),
        "at_least": optional(whole_number(-(10**9), 10**9)),
        "below": optional(whole_number(-(10**9), 10**9)),
        "day": one_of(("", "before", "after")),
    },
)
_SUMMARY = object_of(
    {"level": _name, "stat": one_of(("count", "answered", "mean", "distribution", "sum"))},
    {
        "field": text(100),
        "decimals": whole_number(0, 9),
        "where": _WHERE,
        "weight": text(100),
        "caption": text(1_000, _ONE_LINE),
    },
)
TEMPLATE = object_of(
    {
        "id": _name,
        "version": whole_number(0, 10**9),
        "language": one_of(LANGUAGES),
        "title": _label,
        "levels": list_of(_LEVEL, 12, least=1),
        "fields": list_of(_FIELD, 300),
    },
    {
        "description": _long,
        "layout": one_of(("rows", "cards")),
        "scales": table_of(text(100), list_of(_STEP, 500), 100),
        "summaries": list_of(_SUMMARY, 200),
    },
)
HEAD = object_of(
    {
        "code": _short,
        "organisation": _long,
        "title": _long,
        "year": whole_number(1, 9999),
        "language": _short,
        "dates": list_of(day, _MOST_DATES),
        "current": optional(day),
        "deadline": optional(day),
    },
    {
        "contact": _long,
        "case_number": _long,
        "intro": _long,
        "periods": table_of(_short, _short, _MOST_DATES),
    },
)
AREAS = table_of(_short, _any_text, _MOST_AREAS)  # their names
_AREA = object_of(
    {},
    {
        "leader": _long,
        "deputy": _long,
        "email": _long,
        "language": _short,
        "intro": _long,
        "highest": whole_number(0, 10**9),
        "sent": whole_number(0, _MOST_SENDINGS),
        "predecessor": _short,
        "deputy_email": _long,
    },
)
SENT = object_of(
    {
        "answering": table_of(_short, _AREA, _MOST_AREAS),
        "keys": table_of(_name, list_of(text(200), _MOST_KEYS), 12),
    },
    {
        "nodes": list_of(None, _MOST_NODES),
        "blocks": list_of(None, _MOST_NODES),
        "again": list_of(row_of(_any_text, _any_text), _MOST_RECORDS),
    },
)
NODES = list_of(None, _MOST_NODES)  # their refs


def _no_such_value(value: object, place: str) -> None:
    """Refuse every value."""
    refuse(value, place)


def _same_as_report(value: object, place: str) -> None:
    """Check that an object is empty: it stands for the value that the report has."""
    if value:
        refuse(value, place)


_VALUE = optional(
    either(
        _any_text,
        str,
        either(whole_number(), int, either(list_of(_any_text, _MOST_ITEMS), list, _no_such_value)),
    )
)
_FINDING = object_of(
    {"code": one_of(CODES), "place": row_of(_any_text, _any_text, _any_text)},
    {
        "area": _any_text,
        "ref": _any_text,
        "field": _any_text,
        "date": day,
        "what": _any_text,
        "values": table_of(_name, _any_text, 100),
        "severity": one_of(SEVERITIES),
    },
)
_RETURNED_VALUE = either(_same_as_report, dict, _VALUE)
_IS_EDITABLE = whole_number(0, 1)
_CHANGE = row_of(_any_text, _any_text, _VALUE, _RETURNED_VALUE, text(20), _IS_EDITABLE)
_COLUMNS = object_of(
    {
        "refs": list_of(_any_text, _MOST_RECORDS),
        "rows": list_of(whole_number(0, 10**9), _MOST_RECORDS),
        "columns": list_of(
            row_of(
                _any_text,
                _IS_EDITABLE,
                text(20),
                list_of(whole_number(0, _MOST_RECORDS), _MOST_RECORDS),
                list_of(_VALUE, _MOST_RECORDS),
                list_of(_RETURNED_VALUE, _MOST_RECORDS),
            ),
            _MOST_KEYS,
        ),
    },
    {},
)


def _changes(value: Any, place: str) -> None:
    """Check the changes of a sheet by column: each in a line that there is, no line twice."""
    _COLUMNS(value, place)
    if len(value["refs"]) != len(value["rows"]):
        refuse("rows", place)
    for key, _, _, lines, sents, values in value["columns"]:
        if not len(lines) == len(sents) == len(values) or any(map(ge, lines, lines[1:])):
            refuse(key, place)
        if lines and lines[-1] >= len(value["refs"]):
            refuse(key, place)


_PROPOSAL = row_of(
    _any_text,
    _any_text,
    list_of(row_of(_any_text, optional(day), _VALUE), _MOST_KEYS),
    text(20),
)
_SHEET = object_of(
    {
        "source": row_of(_any_text, _any_text, _any_text, whole_number(0, _MOST_SENDINGS), least=1),
        "area": _any_text,
        "round": optional(day),
        "claims": either(list_of(_CHANGE, _MOST_RECORDS), list, _changes),
        "findings": list_of(_FINDING, _MOST_RECORDS),
        "proposals": list_of(_PROPOSAL, _MOST_RECORDS),
    },
    {
        "mail": row_of(_any_text, _any_text),
        "by": _any_text,
        "mends": list_of(_any_text, _MOST_FILES),
        "covers": list_of(_any_text, _MOST_RECORDS),
        "gone": list_of(row_of(_any_text, _any_text), _MOST_RECORDS),
    },
)
_FILE: Shape = object_of(
    {
        "file": _any_text,
        "sha256": _any_text,
        "outcome": one_of(("read", "partly", "refused", "skipped")),
        "findings": list_of(_FINDING, _MOST_RECORDS),
        "sheets": list_of(_SHEET, _MOST_AREAS),
    },
    {"judged": text(100)},
)
_CELL = row_of(_any_text, _any_text, _short, _any_text, least=0)
_OWN_SHEET = row_of(
    _any_text, whole_number(0, 1), list_of(list_of(_CELL, _MOST_ITEMS), _MOST_RECORDS)
)
_OWN = object_of(
    {
        "columns": table_of(
            _any_text, list_of(table_of(_any_text, _CELL, _MOST_RECORDS), _MOST_KEYS), _MOST_AREAS
        ),
        "sheets": list_of(_OWN_SHEET, _MOST_KEYS),
    },
    {},
)
_FACT = (one_of(get_args(FactKind)), _any_text, _any_text)
_NODE = row_of(_short, optional(_short), optional(_short), optional(day), optional(day))
_DATES = list_of(day, _MOST_DATES)
_FACT_VALUES: Mapping[str, Shape] = {
    "value": _VALUE,
    "node": optional(_NODE),
    "order": list_of(_short, _MOST_NODES),
    "area": _long,
}
_NAMES = {"head": tuple(n for n in Head.__slots__ if n != "periods"), "area": Area.__slots__}
_DETAIL_VALUES: Mapping[str, Shape] = {
    "year": whole_number(1, 9999),
    "dates": _DATES,
    "current": optional(day),
    "deadline": optional(day),
}


def _fact_with_value(value: Any, place: str) -> None:
    """Check one fact of a plan, and its value by its kind."""
    list_of(None, 4, least=4)(value, place)
    *fact, said = value
    row_of(*_FACT)(fact, place)
    kind, _, name = fact
    if kind in _NAMES and name not in _NAMES[kind]:
        refuse(name, place)
    _FACT_VALUES.get(kind, _DETAIL_VALUES.get(name, _long))(said, place)


_PLAN = object_of(
    {
        "digest": text(100),
        "facts": list_of(_fact_with_value, _MOST_RECORDS),
        "disputed": list_of(row_of(*_FACT), _MOST_RECORDS),
        "findings": list_of(_FINDING, _MOST_RECORDS),
    },
    {},
)
_TEXTS = table_of(_any_text, _any_text, _MOST_RECORDS)
REGISTER = object_of(
    {},
    {
        "key": text(200),
        "base": list_of(row_of(_any_text, _any_text, _VALUE, least=2), _MOST_RECORDS),
        "unchanged": list_of(row_of(_any_text, _any_text), _MOST_RECORDS),
        "decided": list_of(row_of(_any_text, _any_text), _MOST_RECORDS),
        "accepted": either(list_of(_any_text, _MOST_RECORDS), list, _TEXTS),
        "refused": _TEXTS,
        "undecided": _TEXTS,
        "handled": _TEXTS,
        "left": list_of(text(100), _MOST_FILES),
        "derived": whole_number(0, 1),
        "plan": _PLAN,
        "told": text(100),
        "received": list_of(_FILE, _MOST_FILES),
        "own": _OWN,
    },
)
CORRECTION = object_of(
    {},
    {
        "carried": list_of(_FILE, _MOST_FILES),
        "mends": table_of(_short, list_of(_any_text, _MOST_FILES), _MOST_AREAS),
        "told": list_of(_any_text, _MOST_RECORDS),
    },
)
