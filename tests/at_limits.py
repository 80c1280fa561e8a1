"""Reports at the limits of Excel: many measures, groups and areas, long names, hostile texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from xltiltak.model.report import Head, Node, Report, Slot
from xltiltak.model.template import Field, Level, Template
from xltiltak.templates import catalogue

DATES = tuple(date(2020, month, 28) for month in range(1, 13))
LONG = "Kultur, 'idrett' og 😀 \"frivillighet\" & <mer> "
HOSTILE = (
    "=1+1",
    "+47 55 55 55 55",
    "@SUM(A1)",
    "<r>fet</r>",
    "_x0041_",
    "😀" * 50,
    "a\nb",
    "  blank  ",
    "'sitert'",
    "{=A1}",
    'a"b',
    "]]>&amp;",
    "&L&G&P",
    "7",
    "1.2",
    "TRUE",
    "#REF!",
)


def many(
    template: Template,
    measures: int,
    *,
    areas: int = 1,
    in_group: int = 3,
    dates: tuple[date, ...] = DATES[:2],
    title: str = "Rapport",
) -> Report:
    """Return a report with so many measures, in groups of `in_group` at each level above them.

    Some measures have no answer, some only at the first date, and some are not in force at all
    dates. The texts are hostile.
    """
    nodes: list[Node] = []
    areas = areas if template.levels[1:] else measures
    for number in range(areas):
        area = Node(f"A{number + 1}", template.levels[0].id)
        nodes.append(area)
        share = measures // areas + (number < measures % areas)
        if template.levels[1:]:
            _fill(template, template.levels[1:], area, share, in_group, nodes)
    leaf = template.leaf.id
    for n, node in enumerate(nodes):
        if node.level == leaf and n % 11 == 5:
            nodes[n] = node._replace(first=dates[-1]) if n % 2 else node._replace(last=dates[0])
    head = Head("TES", "Testby & co", title, 2020, template.language, dates, None)
    bare = Report(template, head, tuple(nodes))
    return replace(bare, values=dict(_values(bare)))


def _fill(
    template: Template,
    levels: tuple[Level, ...],
    parent: Node,
    measures: int,
    in_group: int,
    nodes: list[Node],
) -> None:
    """Add the nodes below a group; `measures` are all of them below it."""
    level, *below = levels
    ref = parent.ref.split("-")[0]
    if not below:
        nodes += [
            Node(f"{ref}-{len(nodes) + n}", level.id, parent.ref) for n in range(1, measures + 1)
        ]
        return
    for n, at in enumerate(range(0, measures, in_group ** len(below))):
        group = level.groups[n % len(level.groups)].id if level.groups else None
        node = Node(f"{ref}-{len(nodes) + 1}", level.id, parent.ref, group)
        nodes.append(node)
        share = min(in_group ** len(below), measures - at)
        _fill(template, tuple(below), node, share, in_group, nodes)


def _values(report: Report) -> Iterator[tuple[Slot, Any]]:
    """Yield slots with values; of the answers, some are missing."""
    template = report.template
    for n, (slot, field, node) in enumerate(report.slots()):
        steps = [step.value for step in template.scales.get(field.scale, ())]
        is_missing = field.role == "input" and n % 7 == 3
        if is_missing:
            continue
        if steps:
            yield slot, steps[n % len(steps)]
        elif node.parent is None and field.kind == "text":
            yield slot, f"{LONG}{slot.ref}"
        elif field.kind in ("integer", "decimal"):
            yield slot, n % 100 if field.kind == "integer" else Decimal(n % 100) / 4
        elif field.kind == "date":
            yield slot, date(2020, 1, 1 + n % 28)
        elif field.kind in ("paragraphs", "bullets"):
            yield slot, (HOSTILE[n % len(HOSTILE)].strip().replace("\n", " "), "Ord")
        else:
            yield slot, HOSTILE[n % len(HOSTILE)].strip()


def grouped_rows() -> Template:
    """Return a table whose measures are in groups with a heading each, with a scored answer."""
    template = catalogue.find("tiltaksstatus")
    area, leaf = template.levels
    group = Level("group", "Gruppe", "{name}")
    fields = (*template.fields, Field("name", "Gruppe", of="group", key=True))
    return replace(template, levels=(area, group, leaf), fields=fields)
