"""Render a public view as data: one long table as .csv, and the whole report as .json."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

from xltiltak.model.field_types import field_type_of
from xltiltak.model.language import decimal_text
from xltiltak.model.report import Entry, Node, Slot
from xltiltak.model.summary import TOTAL
from xltiltak.publishing.public_view import PublicView

SCHEMA = 1
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute such a text


def render_csv(view: PublicView) -> bytes:
    """Return a row for each slot, as Excel reads it: semicolons, UTF-8 with a byte order mark.

    An apostrophe is put before texts that a spreadsheet would take for a formula.
    """
    target = StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(Entry._fields)
    entries = view.report.entries(lambda field: field.audience == "all")
    writer.writerows(_csv_row(entry, view.language) for entry in entries)
    return target.getvalue().encode("utf-8-sig")


def _csv_row(entry: Entry, language: str) -> Iterator[str]:
    """Yield the cells of a row. Numbers have the decimal sign of the language."""
    for value in entry[:-1]:
        text = "" if value is None else str(value)
        yield f"'{text}" if text.startswith(_FORMULA_STARTS) else text
    yield "" if entry.number is None else decimal_text(entry.number, language)


def render_json(view: PublicView) -> bytes:
    """Return the report, its areas with their figures, and its nodes with their values."""
    report, head = view.report, view.report.head
    content = {
        "schema": SCHEMA,
        "report": {
            "template": report.template.id,
            "code": head.code,
            "organisation": head.organisation,
            "title": head.title,
            "year": head.year,
            "language": head.language,
            "dates": [str(day) for day in view.days],
            "case_number": head.case_number,
            "intro": head.intro,
        },
        "areas": [
            {"ref": ref, "name": report.area_name(ref), **_figures(view, ref)}
            for ref in report.area_refs
        ],
        "total": _figures(view, TOTAL),
        "nodes": [_node(view, node) for node in report.nodes],
    }
    return (json.dumps(content, ensure_ascii=False, indent=2, default=str) + "\n").encode()


def _figures(view: PublicView, ref: str) -> dict[str, Any]:
    """Return counts and means. A mean is the text that is printed, None if nobody answered."""
    figures: dict[str, Any] = {"measures": view.count(ref), "answered": view.answered(ref)}
    if view.defines_done:
        figures["finished"] = view.done(ref)
    if view.is_open and ref != TOTAL:
        figures["submitted"] = ref not in view.unanswered_areas
    if view.scored:
        figures["means"] = {str(day): _text_or_none(view.mean(ref, day)) for day in view.days}
    return figures


def _node(view: PublicView, node: Node) -> dict[str, Any]:
    """Return a node with its values by field; values of fields with dates by date.

    Properties that are None are left out.
    """
    values: dict[str, Any] = {}
    for field in view.fields(node.level):
        field_type = field_type_of(field, view.report.template)
        for day in view.days if field.per_checkpoint else (None,):
            value = view.report.values.get(Slot(node.ref, field.id, day))
            if value is None:
                continue
            json_value = field_type.to_json(value)
            if day is None:
                values[field.id] = json_value
            else:
                values.setdefault(field.id, {})[str(day)] = json_value
    properties = {
        "ref": node.ref,
        "level": node.level,
        "parent": node.parent,
        "group": node.group,
        "first": _text_or_none(node.first),
        "last": _text_or_none(node.last),
    }
    present = {name: value for name, value in properties.items() if value is not None}
    return {**present, "values": values}


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)
