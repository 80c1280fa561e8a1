"""Test each report format: import a table, fill in the forms in LibreOffice, compare the report."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.office import Document, Office
from tests.sources import REAL, TEMPLATES, answers, cells, errors, plan_before, report_of, sent_out
from xltiltak import flows
from xltiltak.importers.import_flow import import_source
from xltiltak.model.field_types import field_type_of
from xltiltak.model.report import Node, Report, Slot
from xltiltak.model.template import Field
from xltiltak.templates import catalogue

_DAY = re.compile(r"\d{2}\.\d{2}\.\d{4}")
_TAG = re.compile(r"<[^<>]*>")


def table(template: str) -> Path | None:
    """Return the path of a real document's table, or None if it is absent."""
    return next(REAL.glob(f"*_{template}.csv"), None) if REAL.is_dir() else None


def slot_words(report: Report, slot: Slot, field: Field) -> list[str]:
    """Return the words in the cells of a slot."""
    value = report.values.get(slot)
    return (
        []
        if value is None
        else " ".join(map(str, field_type_of(field, report.template).to_cells(value))).split()
    )


def matching_fields(report: Report, heading: str) -> Iterator[tuple[str, Field, date | None]]:
    """Yield level, field and date of each field whose label is in a column heading.

    This is independent of the importer's own way to find them.
    """
    day = _DAY.search(heading)
    label = _DAY.sub("", heading).strip()
    for level in report.template.levels:
        for field in report.template.fields_of(level.id):
            if label in (field.label_for(), *field.aliases):
                yield level.id, field, datetime.strptime(day[0], "%d.%m.%Y").date() if day else None  # noqa: DTZ007


def above(report: Report, node: Node) -> Mapping[str, Node]:
    """Return a measure and its groups by level."""
    found = {node.level: node}
    while node.parent:
        node = report.by_ref[node.parent]
        found[node.level] = node
    return found


def words_of(report: Report, nodes: Mapping[str, Node], heading: str) -> list[str]:
    """Return the words that a report has of a measure for a column heading of the source."""
    for level, field, day in matching_fields(report, heading):
        if level in nodes:
            return slot_words(report, Slot(nodes[level].ref, field.id, day), field)
    groups = (
        level.group(nodes[level.id].group) for level in report.template.levels if level.id in nodes
    )
    return next(
        (
            group.label.split()
            for group in groups
            if group and _is_level(report, heading, group.label)
        ),
        [],
    )


def _is_level(report: Report, heading: str, label: str) -> bool:
    return any(
        level.label == heading and label in {g.label for g in level.groups}
        for level in report.template.levels
    )


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_row_and_every_word_of_the_source_is_in_the_report(template: str) -> None:
    source = table(template)
    if source is None:
        pytest.skip("the real documents are not at hand")
    report = import_source(source, catalogue.find(template)).report
    with source.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    measures = [node for node in report.nodes if node.level == report.template.leaf.id]
    assert len(measures) == len(rows) > 10
    for node, row in zip(measures, rows, strict=True):
        nodes = above(report, node)
        for heading, text in row.items():
            assert words_of(report, nodes, heading) == _TAG.sub(" ", text).split(), (
                node.ref,
                heading,
            )


def rows_of(part: Report, area: str) -> dict[Slot, list[str]]:
    """Return the cells of every open slot of a form, from top to bottom."""
    found: dict[Slot, list[str]] = {}
    for at, _, cell in cells(part, area):
        if cell.slot and cell.style == "input":
            found.setdefault(cell.slot, []).append(at)
    return found


def fill(document: Document, report: Report, part: Report, area: str) -> int:
    """Type a source's answers into a form, and return the number of filled slots.

    Each item of a list has a row; the last row also has all items that are left.
    """
    where, filled = rows_of(part, area), 0
    for slot, field, node in report.slots():
        if slot not in where or slot not in report.values:
            continue
        kind = part.template.field_of(node.level, field.id)
        texts = list(
            map(str, field_type_of(kind or field, part.template).to_cells(report.values[slot]))
        )
        at = where[slot]
        typed = [*texts[: len(at) - 1], "\n".join(texts[len(at) - 1 :])]
        for cell, text in zip(at, filter(None, typed), strict=False):
            assert not document.is_locked(0, cell)
            document.put(0, cell, text) if field.kind != "scale" else document.type(0, cell, text)
        filled += 1
    return filled


@pytest.mark.parametrize("template", TEMPLATES)
def test_forms_filled_in_with_libreoffice_give_the_report_of_the_source(
    office: Office, tmp_path: Path, template: str
) -> None:
    source = report_of(template)
    day = max(source.head.dates)
    sent, forms = sent_out(plan_before(source, day), day, tmp_path)
    plan, returned, filled = flows.read_plan(sent).report, [], 0
    assert not answers(plan, day)
    for area, form in forms.items():
        with office.open(form) as document:
            filled += fill(document, source, plan.parts()[area], area)
            returned.append(document.save(tmp_path / f"{area} svar.xlsx"))

    result = flows.merge(returned, tmp_path / "Vedlegg.xlsx", plan=sent)

    assert errors(result.findings) == []
    # A step that a form proposes and the leader leaves as it is, is not stored: it is carried on.
    merged = flows.read_plan(tmp_path / "Vedlegg.xlsx").shown_report
    assert filled == len(answers(source, day)) > 0
    assert merged.nodes == source.nodes
    assert _differing(merged, source) == {}


def _differing(merged: Report, source: Report) -> dict[Slot, tuple[Any, Any]]:
    slots = merged.values.keys() | source.values.keys()
    pairs = ((slot, merged.values.get(slot), source.values.get(slot)) for slot in slots)
    return {slot: (now, was) for slot, now, was in pairs if now != was}
