"""The edition as data, for those who count on: one long table as .csv, and all of it as .json."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

from xltiltak.model.field_types import field_type_of
from xltiltak.model.language import decimal_text
from xltiltak.model.report import Entry, Node, Slot
from xltiltak.model.summary import TOTAL
from xltiltak.publishing.public_view import PublicView

SCHEMA = 1
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute what begins so


def csv_of(edition: PublicView) -> bytes:
    """A row for each slot, as Excel reads it: semicolons, UTF-8 with its mark, no text that is taken for a formula."""
    target = StringIO()
    written = csv.writer(target, delimiter=";", lineterminator="\r\n")
    written.writerow(Entry._fields)
    entries = edition.report.entries(lambda field: field.audience == "all")
    written.writerows(_row(entry, edition.language) for entry in entries)
    return target.getvalue().encode("utf-8-sig")


def json_of(edition: PublicView) -> bytes:
    """The report, its areas with their figures, and its nodes with their values."""
    report = edition.report
    content = {
        "schema": SCHEMA,
        "report": _head(edition),
        "areas": [
            {"ref": ref, "name": report.area_name(ref), **_figures(edition, ref)}
            for ref in report.area_refs
        ],
        "total": _figures(edition, TOTAL),
        "nodes": [_node(edition, node) for node in report.nodes],
    }
    return (json.dumps(content, ensure_ascii=False, indent=2, default=str) + "\n").encode()


def _row(entry: Entry, language: str) -> Iterator[str]:
    """The cells of a row; a number has the decimal sign of the language."""
    for value in entry[:-1]:
        text = "" if value is None else str(value)
        yield f"'{text}" if text.startswith(_FORMULA) else text
    yield "" if entry.number is None else decimal_text(entry.number, language)


def _head(edition: PublicView) -> dict[str, Any]:
    head = edition.report.head
    return {
        "template": edition.report.template.id,
        "code": head.code,
        "organisation": head.organisation,
        "title": head.title,
        "year": head.year,
        "language": head.language,
        "dates": [str(day) for day in edition.days],
        "case_number": head.case_number,
        "intro": head.intro,
    }


def _figures(edition: PublicView, ref: str) -> dict[str, Any]:
    """Counts and means; a mean is a decimal text as it is printed, None where nobody answered."""
    known: dict[str, Any] = {"measures": edition.count(ref), "answered": edition.answered(ref)}
    if edition.ends:
        known["finished"] = edition.done(ref)
    if edition.asked and ref != TOTAL:
        known["submitted"] = ref not in edition.silent
    if edition.scored:
        known["means"] = {str(day): _text(edition.mean(ref, day)) for day in edition.days}
    return known


def _node(edition: PublicView, node: Node) -> dict[str, Any]:
    """A node with its values, by field; those with dates by date."""
    values: dict[str, Any] = {}
    for field in edition.fields(node.level):
        kind = field_type_of(field, edition.report.template)
        for day in edition.days if field.per_checkpoint else (None,):
            value = edition.report.values.get(Slot(node.ref, field.id, day))
            if value is not None:
                _put(values, field.id, day, kind.to_json(value))
    ends = {"first": _text(node.first), "last": _text(node.last)}
    known = {
        "ref": node.ref,
        "level": node.level,
        "parent": node.parent,
        "group": node.group,
        **ends,
    }
    return {**{name: value for name, value in known.items() if value is not None}, "values": values}


def _put(values: dict[str, Any], name: str, day: date | None, value: Any) -> None:
    if day is None:
        values[name] = value
    else:
        values.setdefault(name, {})[str(day)] = value


def _text(value: object) -> str | None:
    return None if value is None else str(value)
