"""Provide the reports for a round in a test: a complete report, its plan, and the forms.

The real documents are read from the folder beside the checkout, or from XLTILTAK_REAL. Without
them, the demonstration replaces the report with statuses, and small made-up reports the others.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from xltiltak import flows
from xltiltak.importers.import_flow import import_source
from xltiltak.layout.geometry import Purpose
from xltiltak.layout.sheet_layout import layout_sheet
from xltiltak.layout.sheet_rows import FigureSpec, SheetRow
from xltiltak.model.cell_values import CellValue
from xltiltak.model.finding import Finding
from xltiltak.model.register import Register
from xltiltak.model.report import Area, Head, Node, Report, Slot
from xltiltak.model.template import Field, Level, Template
from xltiltak.sheets.appendix import write_appendix
from xltiltak.templates import catalogue
from xltiltak.xlsx.cell_names import cell_name

ROOT = Path(__file__).parents[1]
REAL = Path(os.environ.get("XLTILTAK_REAL") or ROOT.parent / "shared" / "real")
DEMO = ROOT / "xltiltak" / "demo" / "nb" / "plan.csv"
SCORED = "tiltaksstatus"  # the template with statuses and means
SHIPPED = tuple(sorted(catalogue.folders()))
# What takes seconds for each template (real programs, whole rounds) is tried with these, which have
# different shapes: tables of few and of many levels, cards, one area. The others have no other.
TEMPLATES = (
    "handlingsplan",
    "maaloppnaaelse",
    "programstatus",
    "tiltaksstatus",
    "verksamhetsberattelse",
)


@cache
def report_of(template: str) -> Report:
    """Return a complete report of a shipped template.

    It is the real document if there is one, else the demonstration or a small made-up report.
    """
    found = catalogue.find(template)
    real = next(REAL.glob(f"*_{template}.csv"), None) if REAL.is_dir() else None
    source = real or (DEMO if template == SCORED else None)
    return with_missing_answers(import_source(source, found).report) if source else small(found)


def with_missing_answers(report: Report) -> Report:
    """Return the report with made-up answers for fields that have no value in its source."""
    with_values = {(report.by_ref[slot.ref].level, slot.field) for slot in report.values}
    empty = (
        (s, f, n)
        for n, (s, f, node) in enumerate(report.slots(_is_input))
        if (node.level, f.id) not in with_values
    )
    return replace(
        report, values={**report.values, **{s: _value(f, report.template, n) for s, f, n in empty}}
    )


def _is_input(field: Field) -> bool:
    return field.role == "input"


def demo() -> Report:
    """Return the demonstration's report."""
    return import_source(DEMO, catalogue.find(SCORED)).report


def plan_before(report: Report, day: date) -> Report:
    """Return the plan before a date: without that date, and without undated answers."""
    dates = tuple(d for d in report.head.dates if d < day)
    answers = {
        slot
        for slot, field, _ in report.slots()
        if field.role == "input" and slot.date in (None, day)
    }
    values = {slot: value for slot, value in report.values.items() if slot not in answers}
    return replace(report, head=replace(report.head, dates=dates, current=None), values=values)


def answers(report: Report, day: date) -> dict[Slot, Any]:
    """Return the values to fill in at a date."""
    slots = {
        slot
        for slot, field, _ in report.slots()
        if field.role == "input" and slot.date in (None, day)
    }
    return {slot: value for slot, value in report.values.items() if slot in slots}


def sent_out(report: Report, day: date, folder: Path) -> tuple[Path, dict[str, Path]]:
    """Write the plan and split it; return the plan as sent, and the forms by area."""
    plan = folder / "Plan.xlsx"
    plan.write_bytes(write_appendix(Register(report)))
    *forms, sent = flows.split(plan, folder / "ut", day=day, new_date=True).written
    return sent, dict(zip(report.area_refs, forms, strict=True))


class SheetCell(NamedTuple):
    """A cell of an area sheet; `slot` is None for fixed text."""

    col: int
    style: str
    value: CellValue
    slot: Slot | None
    figure: FigureSpec | None


def cells(
    part: Report, area: str, *, plan: bool = False
) -> Iterator[tuple[str, SheetRow, SheetCell]]:
    """Yield every cell of an area sheet as it was sent: its address, its row and the cell."""
    purpose = Purpose.APPENDIX if plan else Purpose.FORM
    for number, row in enumerate(layout_sheet(part, area, purpose), 1):
        for spec, value in zip(row.specs, row.values, strict=True):
            cell = SheetCell(spec.col, spec.style, value, row.slot_at(spec), spec.figure)
            yield cell_name(number, spec.col), row, cell


def open_cells(part: Report, area: str) -> dict[Slot, str]:
    """Return the address of the first cell of each open slot of a form."""
    found: dict[Slot, str] = {}
    for address, _, cell in cells(part, area):
        if cell.slot and cell.style == "input":
            found.setdefault(cell.slot, address)
    return found


def errors(findings: tuple[Finding, ...]) -> list[str]:
    """Return the findings that are errors, as text."""
    return [f"{f.code} {f.where()} {f.message('nb')}" for f in findings if f.severity == "error"]


def small(
    template: Template, dates: tuple[date, ...] = (date(2020, 4, 30), date(2020, 12, 31))
) -> Report:
    """Return a made-up report with two nodes in each node, and a value in every field.

    The first measure is not active after the first date.
    """
    nodes: list[Node] = []
    _grow(template, template.levels, None, nodes)
    if len(dates) > 1:
        first = next(n for n, node in enumerate(nodes) if node.level == template.leaf.id)
        nodes[first] = nodes[first]._replace(last=dates[0])
    head = Head(
        "TES",
        "Testby",
        "1 Rapport & <prøve>",
        2020,
        template.language,
        dates,
        None,
        date(2021, 1, 15),
    )
    bare = Report(template, head, tuple(nodes))
    values = {slot: _value(field, template, n) for n, (slot, field, _) in enumerate(bare.slots())}
    areas = {
        ref: Area("Kari Nordmann", intro="Om området.\nOg litt til.") for ref in bare.area_refs
    }
    return replace(bare, values=values, areas=areas)


def _grow(
    template: Template, levels: tuple[Level, ...], parent: str | None, nodes: list[Node]
) -> None:
    level, *below = levels
    for k in range(2):
        area = level is template.area_level
        ref = f"A{k + 1}B" if area else f"{(parent or 'TES').split('-')[0]}-{len(nodes) + 1:03}"
        nodes.append(Node(ref, level.id, parent, level.groups[k].id if level.groups else None))
        if below:
            _grow(template, tuple(below), ref, nodes)


def _value(field: Field, template: Template, n: int) -> Any:
    steps = [step.value for step in template.scales.get(field.scale, ())]
    text = f"={n} Ord med æøå, «sitat» & <merke>"
    by_kind: dict[str, Any] = {"integer": n, "date": date(2020, 1, 1)}
    by_kind |= dict.fromkeys(("decimal", "percent"), Decimal(n) / 4)
    by_kind |= dict.fromkeys(
        ("paragraphs", "bullets"), (f"- punkt {n}", ("og et avsnitt til " * 9).strip())
    )
    return steps[n % len(steps)] if steps else by_kind.get(field.kind, text)
