"""A round of reporting as the tests play it: a report to begin with, the plan it came from, and the forms sent out.

The real documents are read where they lie beside the checkout (or where XLTILTAK_REAL says); elsewhere the
demonstration's stands for the one with statuses, and small made-up reports for the others.
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
from xltiltak.importers.table import import_table
from xltiltak.intake.columns import cell_name
from xltiltak.layout.geometry import Purpose
from xltiltak.layout.sheet_layout import layout_sheet
from xltiltak.layout.sheet_rows import FigureSpec, SheetRow
from xltiltak.model.finding import Finding
from xltiltak.model.normalize import CellValue
from xltiltak.model.register import Register
from xltiltak.model.report import Area, Head, Node, Report, Slot
from xltiltak.model.template import Field, Level, Template
from xltiltak.sheets.appendix import write_appendix
from xltiltak.templates import catalogue

ROOT = Path(__file__).parents[1]
REAL = Path(os.environ.get("XLTILTAK_REAL") or ROOT.parent / "shared" / "real")
DEMO = ROOT / "xltiltak" / "demo" / "nb" / "plan.csv"
SCORED = "tiltaksstatus"  # the template with statuses and means
TEMPLATES = tuple(sorted(catalogue.folders()))


@cache
def report_of(template: str) -> Report:
    """A whole report of a shipped template: the real document, the demonstration's, or a small made-up one."""
    known = catalogue.find(template)
    real = next(REAL.glob(f"*_{template}.csv"), None) if REAL.is_dir() else None
    source = real or (DEMO if template == SCORED else None)
    return answered(import_table(source, known).report) if source else small(known)


def answered(report: Report) -> Report:
    """The same with answers of our own to what its source says nothing of at all."""
    held = {(report.by_ref[slot.ref].level, slot.field) for slot in report.values}
    silent = (
        (s, f, n)
        for n, (s, f, node) in enumerate(report.slots(_is_input))
        if (node.level, f.id) not in held
    )
    return replace(
        report, values={**report.values, **{s: _value(f, report.template, n) for s, f, n in silent}}
    )


def _is_input(known: Field) -> bool:
    return known.role == "input"


def demo() -> Report:
    """The demonstration's report."""
    return import_table(DEMO, catalogue.find(SCORED)).report


def plan_before(report: Report, day: date) -> Report:
    """The plan as it stood before a date: neither the date nor any answer without one."""
    dates = tuple(d for d in report.head.dates if d < day)
    answers = {
        slot
        for slot, field, _ in report.slots()
        if field.role == "input" and slot.date in (None, day)
    }
    kept = {slot: value for slot, value in report.values.items() if slot not in answers}
    return replace(report, head=replace(report.head, dates=dates, current=None), values=kept)


def answers(report: Report, day: date) -> dict[Slot, Any]:
    """What is to be filled in at a date."""
    asked = {
        slot
        for slot, field, _ in report.slots()
        if field.role == "input" and slot.date in (None, day)
    }
    return {slot: value for slot, value in report.values.items() if slot in asked}


def sent_out(report: Report, day: date, folder: Path) -> tuple[Path, dict[str, Path]]:
    """The forms of a date, by area, and the plan as it was sent; the plan is written first."""
    plan = folder / "Plan.xlsx"
    plan.write_bytes(write_appendix(Register(report)))
    *forms, sent = flows.split(plan, folder / "ut", day=day).written
    return sent, dict(zip(report.area_refs, forms, strict=True))


class SheetCell(NamedTuple):
    """One cell of an area sheet; `slot` is None for fixed text."""

    col: int
    style: str
    value: CellValue
    slot: Slot | None
    figure: FigureSpec | None


def cells(
    part: Report, area: str, *, plan: bool = False
) -> Iterator[tuple[str, SheetRow, SheetCell]]:
    """Yield every cell of an area sheet as it was sent: its address, its row and itself."""
    purpose = Purpose.APPENDIX if plan else Purpose.FORM
    for number, row in enumerate(layout_sheet(part, area, purpose), 1):
        for spec, value in zip(row.specs, row.values, strict=True):
            cell = SheetCell(spec.col, spec.style, value, row.slot_at(spec), spec.figure)
            yield cell_name(number, spec.col), row, cell


def open_cells(part: Report, area: str) -> dict[Slot, str]:
    """Where each open slot of a form stands, by its first cell."""
    found: dict[Slot, str] = {}
    for address, _, cell in cells(part, area):
        if cell.slot and cell.style == "input":
            found.setdefault(cell.slot, address)
    return found


def errors(findings: tuple[Finding, ...]) -> list[str]:
    """The findings that are errors, as they are told."""
    return [f"{f.code} {f.where()} {f.message('nb')}" for f in findings if f.severity == "error"]


def small(
    template: Template, dates: tuple[date, ...] = (date(2020, 4, 30), date(2020, 12, 31))
) -> Report:
    """A made-up report: two nodes in each, every field filled, the first measure retired after the first date."""
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
    made: dict[str, Any] = {"integer": n, "decimal": Decimal(n) / 4, "date": date(2020, 1, 1)}
    made |= dict.fromkeys(
        ("paragraphs", "bullets"), (f"- punkt {n}", ("og et avsnitt til " * 9).strip())
    )
    return steps[n % len(steps)] if steps else made.get(field.kind, text)
