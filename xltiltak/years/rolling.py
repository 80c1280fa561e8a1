"""Next year's plan out of this year's appendix: refs live on, answers are cleared, the last status begins it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from xltiltak.model.errors import PlanError
from xltiltak.model.report import BLANK_AREA, Area, Head, Node, Report, Slot
from xltiltak.model.row_keys import codes_in_use, is_area_code

Finished = Literal["leave", "mark"]


@dataclass(frozen=True, slots=True)
class Year:
    """What the new year is: its reporting dates, what becomes of finished measures, and areas with a new code.

    `finished` leaves them behind, or marks them: they stay in the plan, with the old year's last date as their own, and
    are neither counted nor asked. `codes` gives the new code of an area by its old one. `title` is None where the old
    one is kept, with the year exchanged.
    """

    year: int
    dates: tuple[date, ...]
    finished: Finished = "leave"
    codes: Mapping[str, str] | None = None
    title: str | None = None


def roll(report: Report, year: Year) -> Report:
    """The plan of the next year. Raises PlanError for dates before the old ones' end, or codes that do not fit."""
    start = _start(report, year)
    gone = _left_behind(report) if year.finished == "leave" else frozenset[str]()
    codes = _codes(report, year)
    nodes = tuple(
        _node(node, report, start, codes) for node in report.nodes if node.ref not in gone
    )
    kept = {node.ref for node in report.nodes} - gone
    values = {
        slot._replace(ref=codes.get(slot.ref, slot.ref)): value
        for slot, value in report.values.items()
        if slot.ref in kept and _stays(report, slot, start)
    }
    areas = {
        codes.get(ref, ref): _area(report, ref, codes) for ref in (*report.area_refs, *report.areas)
    }
    return replace(
        report, head=_head(report.head, year, start), nodes=nodes, values=values, areas=areas
    )


def _start(report: Report, year: Year) -> date | None:
    """The last date that somebody answered, where the new year begins; None where nobody did, or nothing is dated."""
    answered = [slot.date for slot in report.values if slot.date]
    if not year.dates:
        raise PlanError("roll_no_dates")
    if answered and min(year.dates) <= max(answered):
        raise PlanError("roll_dates", first=f"{min(year.dates)}", last=f"{max(answered)}")
    return max(answered, default=None)


def _head(head: Head, year: Year, start: date | None) -> Head:
    title = head.title.replace(str(head.year), str(year.year)) if year.title is None else year.title
    dates = tuple(sorted({*year.dates, *([start] if start else [])}))
    new = {
        "year": year.year,
        "title": title,
        "dates": dates,
        "current": None,
        "deadline": None,
        "case_number": "",
    }
    return replace(head, **new)  # type: ignore[arg-type]


def _left_behind(report: Report) -> frozenset[str]:
    """The measures that are finished or were retired, and the groups that had no others."""
    last = max(report.head.dates, default=None)
    leaf = report.template.leaf.id
    retired = {
        n.ref
        for n in report.nodes
        if n.level == leaf and n.last and (last is None or n.last < last)
    }
    gone = report.finished_refs | retired
    holding: set[str | None] = set()
    empty: set[str] = set()
    below = {node.parent for node in report.nodes}
    for node in reversed(report.nodes):
        if node.ref in gone:
            continue
        if (
            node.level != leaf
            and node.ref in below
            and node.ref not in holding
            and not _lasting(node)
        ):
            empty.add(node.ref)
            continue
        holding.add(node.parent)
    return frozenset(gone | empty)


def _lasting(node: Node) -> bool:
    """Does a group stay without measures? Areas and closed groups do: there will be new ones."""
    return node.parent is None or node.group is not None


def _node(node: Node, report: Report, start: date | None, codes: Mapping[str, str]) -> Node:
    """A node under the areas' new codes; a finished measure that is still there counts no more."""
    parent = codes.get(node.parent, node.parent) if node.parent else None
    last = start if node.ref in report.finished_refs and node.last is None else node.last
    return node._replace(ref=codes.get(node.ref, node.ref), parent=parent, last=last)


def _stays(report: Report, slot: Slot, start: date | None) -> bool:
    """What was given stays; of the answers only the last status."""
    level = report.by_ref[slot.ref].level
    known = report.template.field_of(level, slot.field)
    return known is None or (slot.date == start if known.per_checkpoint else known.role == "given")


def _codes(report: Report, year: Year) -> Mapping[str, str]:
    """The new code of each area that gets one, which no other has."""
    codes = dict(year.codes or {})
    if unknown := [ref for ref in codes if ref not in report.area_refs]:
        raise PlanError("no_area", name=", ".join(unknown), there=", ".join(report.area_refs))
    free = {
        area.predecessor: ref for ref, area in report.areas.items()
    }  # a code of one's own may be had again
    taken = [
        code
        for ref, code in codes.items()
        if code in codes_in_use(report) and free.get(code) != ref
    ]
    taken += [code for code in codes.values() if [*codes.values()].count(code) > 1]
    if taken or not all(map(is_area_code, codes.values())):
        raise PlanError("roll_codes", codes=", ".join(sorted({*(taken or codes.values())})))
    return codes


def _area(report: Report, ref: str, codes: Mapping[str, str]) -> Area:
    """Who answers stays; nothing has been sent yet."""
    known = report.areas.get(ref, BLANK_AREA)
    before = ref if ref in codes else known.predecessor
    return replace(known, sent=0, predecessor=before)
