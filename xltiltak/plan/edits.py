"""What the coordinator's edits of her workbook come to: new measures, areas and names, decisions, proposals taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from xltiltak.model.finding import Finding
from xltiltak.model.register import Proposal, Register
from xltiltak.model.report import BLANK_AREA, Area, Node, Report, Slot
from xltiltak.model.row_keys import area_code, codes_in_use
from xltiltak.model.template import Level
from xltiltak.plan.head_sheet import HeadSheet


class Edits(NamedTuple):
    """What stands beside the visible report.

    The register as it was written and what it was written from, the lists, the rows without a ref, and the keys of the
    proposals that are marked as accepted.
    """

    known: Register
    sent: Report
    lists: HeadSheet
    unnumbered: Mapping[str, Finding]
    accepted: frozenset[str]

    def register(self, visible: Report) -> Register:
        """The register that the visible report stands for."""
        report, told = _numbered(_with_areas(visible, self.lists), self.unnumbered)
        report = _named(report, self.sent, self.lists.names)
        decided = self.known.overridden_slots | _typed_over(self.known, self.sent, report)
        register = replace(
            self.known, report=report, overridden_slots=decided, rows_without_ref=told
        )
        return _accepting(register, self.accepted)


def _with_areas(report: Report, lists: HeadSheet) -> Report:
    """Areas that stand in the table of areas alone are new; their measures come when they have a sheet."""
    sent = report.template.area_level
    for name, area in lists.new if sent else ():
        ref = area_code(name, codes_in_use(report))
        nodes, values = (
            (*report.nodes, Node(ref, sent.id if sent else "")),
            {**report.values, Slot(ref, "name"): name},
        )
        report = replace(report, nodes=nodes, values=values, areas={**report.areas, ref: area})
    return report


def _numbered(
    report: Report, unnumbered: Mapping[str, Finding]
) -> tuple[Report, tuple[Finding, ...]]:
    """Rows without a ref get the next of their area, never one that was ever used."""
    area_of, areas, given = report.area_of, dict(report.areas), {}
    for ref in unnumbered:
        area = area_of[ref]
        number = _highest(report, area, areas, area_of) + 1
        areas[area] = replace(areas.get(area, BLANK_AREA), highest=number)
        given[ref] = f"{area}-{number:03}"
    nodes = tuple(
        n._replace(ref=given.get(n.ref, n.ref), parent=given.get(n.parent or "", n.parent))
        for n in report.nodes
    )
    values = {
        slot._replace(ref=given.get(slot.ref, slot.ref)): value
        for slot, value in report.values.items()
    }
    told = tuple(replace(finding, ref=given[ref]) for ref, finding in unnumbered.items())
    return replace(report, nodes=nodes, values=values, areas=areas), told


def _highest(
    report: Report, area: str, areas: Mapping[str, Area], area_of: Mapping[str, str]
) -> int:
    numbers = (n.ref.rpartition("-")[2] for n in report.nodes if area_of[n.ref] == area)
    return max(
        [areas.get(area, BLANK_AREA).highest, *(int(text) for text in numbers if text.isdecimal())]
    )


def _named(report: Report, sent: Report, names: Mapping[str, str]) -> Report:
    """An area may be renamed in its heading or in the table of areas: the one that differs from before is the edit."""
    values, level = dict(report.values), sent.template.area_level
    for ref, name in names.items() if level and sent.template.field_of(level.id, "name") else ():
        slot = Slot(ref, "name")
        if name and name != sent.area_name(ref) and values.get(slot) == sent.values.get(slot):
            values[slot] = name
    return replace(report, values=values)


def _typed_over(known: Register, sent: Report, report: Report) -> frozenset[Slot]:
    """The slots where the coordinator wrote something else than the last merge had."""
    touched = {
        claim.slot for r in known.returned_files for s in r.submissions for claim in s.changes
    }
    return frozenset(slot for slot in touched if sent.values.get(slot) != report.values.get(slot))


def _accepting(register: Register, keys: frozenset[str]) -> Register:
    """Accepted proposals become measures, below the row they stood under."""
    offered = {
        p.key: p for r in register.returned_files for s in r.submissions for p in s.proposals
    }
    for key in sorted(keys & offered.keys() - register.accepted):
        proposal = offered[key]
        register = replace(register, report=_with(register.report, proposal.area, proposal))
    return replace(register, accepted=register.accepted | (keys & offered.keys()))


def _with(report: Report, area: str, proposal: Proposal) -> Report:
    """The report with one measure more."""
    number = _highest(report, area, report.areas, report.area_of) + 1
    ref, leaf = f"{area}-{number:03}", report.template.leaf
    above = next((n for n in report.nodes if n.ref == proposal.after), None)
    parent = _parent(report, above, area, leaf)
    at = (
        next(
            (n for n, node in enumerate(report.nodes) if node.ref == proposal.after),
            len(report.nodes) - 1,
        )
        + 1
    )
    nodes = (*report.nodes[:at], Node(ref, leaf.id, parent), *report.nodes[at:])
    values = {
        **report.values,
        **{Slot(ref, name, day): value for name, day, value in proposal.values},
    }
    areas = {**report.areas, area: replace(report.areas.get(area, BLANK_AREA), highest=number)}
    return replace(report, nodes=nodes, values=values, areas=areas)


def _parent(report: Report, above: Node | None, area: str, leaf: Level) -> str | None:
    if above is None:
        return area if report.template.area_level else None
    return above.parent if above.level == leaf.id else above.ref
