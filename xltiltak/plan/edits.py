"""Turn what the coordinator edited in their workbook into a register.

Edits are: new measures, new and renamed areas, values typed over those of the last merge, and
accepted proposals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from xltiltak.model.finding import Finding
from xltiltak.model.register import Proposal, Register
from xltiltak.model.report import BLANK_AREA, Area, Node, Report, Slot
from xltiltak.model.row_keys import area_code, codes_in_use
from xltiltak.plan.head_sheet import HeadSheet


def apply_edits(
    register: Register,
    visible: Report,
    head_sheet: HeadSheet,
    new_rows: Mapping[str, Finding],
    accepted: frozenset[str],
) -> Register:
    """Return the register as the coordinator edited it.

    `register` is the one the workbook was written from, `visible` the report in its area sheets.
    `new_rows` are the rows without a ref, each by the provisional ref that it has in `visible`.
    `accepted` are the keys of accepted proposals.
    """
    before = register.report
    report = _add_new_areas(visible, head_sheet)
    report, rows_without_ref = _number_new_rows(report, new_rows)
    report = _rename_areas(report, before, head_sheet.area_names)
    overridden = register.overridden_slots | _overridden_slots(register, report)
    edited = replace(
        register, report=report, overridden_slots=overridden, rows_without_ref=rows_without_ref
    )
    return _accept_proposals(edited, accepted)


def _add_new_areas(report: Report, head_sheet: HeadSheet) -> Report:
    """Return the report with the areas that are only in the table of areas; they have no measures.

    A template without areas has none to add.
    """
    level = report.template.area_level
    if level is None:
        return report
    for name, area in head_sheet.new_areas:
        ref = area_code(name, codes_in_use(report))
        report = replace(
            report,
            nodes=(*report.nodes, Node(ref, level.id)),
            values={**report.values, Slot(ref, "name"): name},
            areas={**report.areas, ref: area},
        )
    return report


def _number_new_rows(
    report: Report, new_rows: Mapping[str, Finding]
) -> tuple[Report, tuple[Finding, ...]]:
    """Return the report with final refs for the new rows, and their findings with these refs.

    Each gets the next number of its area, never one that was used before.
    """
    areas, ref_of = dict(report.areas), dict[str, str]()
    for provisional in new_rows:
        area = report.area_of[provisional]
        number = _next_number(report, area, areas)
        areas[area] = replace(areas.get(area, BLANK_AREA), highest=number)
        ref_of[provisional] = f"{area}-{number:03}"
    nodes = tuple(
        node._replace(
            ref=ref_of.get(node.ref, node.ref), parent=ref_of.get(node.parent or "", node.parent)
        )
        for node in report.nodes
    )
    values = {
        slot._replace(ref=ref_of.get(slot.ref, slot.ref)): value
        for slot, value in report.values.items()
    }
    findings = tuple(replace(finding, ref=ref_of[ref]) for ref, finding in new_rows.items())
    return replace(report, nodes=nodes, values=values, areas=areas), findings


def _next_number(report: Report, area: str, areas: Mapping[str, Area]) -> int:
    """Return the number after the highest that a ref of the area has or ever had."""
    area_of = report.area_of
    numbers = [areas.get(area, BLANK_AREA).highest]
    for node in report.nodes:
        number = node.ref.rpartition("-")[2]
        if area_of[node.ref] == area and number.isdecimal():
            numbers.append(int(number))
    return max(numbers) + 1


def _rename_areas(report: Report, before: Report, area_names: Mapping[str, str]) -> Report:
    """Return the report with the names in the table of areas.

    An area may be renamed in its heading or in the table: the name that differs from the one
    before is the edit, and that in the heading counts if both do.
    """
    level = before.template.area_level
    if level is None or not before.template.field_of(level.id, "name"):
        return report
    values = dict(report.values)
    for ref, name in area_names.items():
        slot = Slot(ref, "name")
        in_heading = values.get(slot) != before.values.get(slot)
        if name and name != before.area_name(ref) and not in_heading:
            values[slot] = name
    return replace(report, values=values)


def _overridden_slots(register: Register, report: Report) -> frozenset[Slot]:
    """Return the slots of earlier answers whose value the coordinator changed after the merge."""
    before = register.report
    answered = {
        change.slot
        for file in register.returned_files
        for submission in file.submissions
        for change in submission.changes
    }
    return frozenset(
        slot for slot in answered if before.values.get(slot) != report.values.get(slot)
    )


def _accept_proposals(register: Register, keys: frozenset[str]) -> Register:
    """Return the register with the proposals of these keys added to the report as measures."""
    proposals = {
        proposal.key: proposal
        for file in register.returned_files
        for submission in file.submissions
        for proposal in submission.proposals
    }
    report = register.report
    for key in sorted(keys & proposals.keys() - register.accepted):
        report = _add_measure(report, proposals[key])
    return replace(register, report=report, accepted=register.accepted | (keys & proposals.keys()))


def _add_measure(report: Report, proposal: Proposal) -> Report:
    """Return the report with a proposal as a measure below the row it was typed under.

    Without that row it comes last.
    """
    area, leaf = proposal.area, report.template.leaf
    number = _next_number(report, area, report.areas)
    ref = f"{area}-{number:03}"
    refs = [node.ref for node in report.nodes]
    if proposal.after in refs:
        position = refs.index(proposal.after) + 1
        above = report.nodes[position - 1]
        parent = above.parent if above.level == leaf.id else above.ref
    else:
        position = len(refs)
        parent = area if report.template.area_level else None
    nodes = (*report.nodes[:position], Node(ref, leaf.id, parent), *report.nodes[position:])
    values = {
        **report.values,
        **{Slot(ref, field, day): value for field, day, value in proposal.values},
    }
    edited_area = replace(report.areas.get(area, BLANK_AREA), highest=number)
    return replace(report, nodes=nodes, values=values, areas={**report.areas, area: edited_area})
