"""The flows of `compare` and `roll`, each from files to files, and the plan of the next year.

In the plan of the next year, which is made from this year's appendix, refs stay the same, answers
are removed, and the last status becomes the first of the new year.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal, NamedTuple

from xltiltak.flows import Result, read_plan
from xltiltak.model import files
from xltiltak.model.errors import PlanError
from xltiltak.model.language import translate
from xltiltak.model.register import Register
from xltiltak.model.report import BLANK_AREA, Area, Head, Node, Report, Slot
from xltiltak.model.row_keys import codes_in_use, is_area_code
from xltiltak.model.visible_text import visible
from xltiltak.snapshot.proof import with_key
from xltiltak.years.comparison import ReportChange, compare

Finished = Literal["leave", "mark"]


@dataclass(frozen=True, slots=True)
class ComparisonResult:
    """Two appendices, all changes from the older to the newer, and the files that were written."""

    old: Report
    new: Report
    changes: tuple[ReportChange, ...]
    written: tuple[Path, ...] = ()


class LeftBehind(NamedTuple):
    """A measure, a group or a proposal that is not in the plan of the next year.

    `area` is the name of the area. `ref` is empty for a proposal.
    """

    area: str
    what: str
    reason: Literal["finished", "retired", "emptied", "proposed"]
    ref: str = ""

    def reason_text(self, language: str) -> str:
        """Return why it is not in the plan, in this language."""
        return translate(f"cli.roll.why_{self.reason}", language)


@dataclass(frozen=True, slots=True)
class RollResult:
    """The plan of the next year, and everything that is not in it any more."""

    result: Result
    left_behind: tuple[LeftBehind, ...]


def compare_appendices(
    old: Path,
    new: Path,
    target: Path | None = None,
    *,
    every: bool = False,
    force: bool = False,
) -> ComparisonResult:
    """Return the changes between two appendices; write them as a workbook if a target is given.

    With `every` the workbook lists each new answer; else they are counted.

    Raise PlanError if the appendices are of different templates.
    """
    if target:
        files.refuse_sources([target], [old, new])
    before, after = read_plan(old).shown_report, read_plan(new).shown_report
    if before.template.id != after.template.id:
        names = {"old": visible(old.name), "new": visible(new.name)}
        raise PlanError("other_templates", **names, was=before.template.id, now=after.template.id)
    changes = compare(before, after)
    if target is None:
        return ComparisonResult(before, after, changes)
    from xltiltak.years.changes_sheet import write_changes

    written = files.write({target: write_changes(changes, after.head, every=every)}, force=force)
    return ComparisonResult(before, after, changes, written)


def roll_forward(appendix: Path, target: Path, year: Year, *, force: bool = False) -> RollResult:
    """Write the plan of the next year. The findings of the result are those of the appendix.

    Raise PlanError if a row of the appendix has no ref, or if the settings of the year do not fit.
    """
    from xltiltak.sheets.appendix import write_appendix

    files.refuse_sources([target], [appendix])
    register = read_plan(appendix)
    if register.rows_without_ref:
        rows = " ".join(f"{f.where()}: «{f.values['value']}»." for f in register.rows_without_ref)
        raise PlanError("unnumbered", rows=rows)
    after = roll(register.shown_report, year)
    kept = _refs_of(after, year)
    own = register.own.without_rows(register.report.by_ref.keys() - kept)
    rolled = with_key(Register(after, own=own.with_refs(year.codes or {})))
    left_behind = tuple(_left_behind(register, kept))
    written = files.write({target: write_appendix(rolled)}, force=force)
    return RollResult(Result(rolled, findings=register.findings, written=written), left_behind)


def _refs_of(after: Report, year: Year) -> frozenset[str]:
    """Return the refs in the new plan, with the old codes of its areas."""
    old_codes = {new: old for old, new in (year.codes or {}).items()}
    return frozenset(old_codes.get(node.ref, node.ref) for node in after.nodes)


def _left_behind(register: Register, kept: frozenset[str]) -> Iterator[LeftBehind]:
    """Yield the nodes that are not kept, then the proposals that nobody has decided."""
    from xltiltak.sheets.lists import proposed_values

    report = register.report
    for node in report.nodes:
        if node.ref not in kept:
            area = report.area_name(report.area_of[node.ref])
            is_measure = node.level == report.template.leaf.id
            ended = "finished" if node.ref in report.finished_refs else "retired"
            reason: Any = ended if is_measure else "emptied"
            own = register.own.texts_of(node.ref, report.head.language)
            what = " · ".join([report.describe_node(node.ref), *own])
            yield LeftBehind(area, what, reason, node.ref)
    decided = {*register.accepted, *register.refused}
    for proposal in (proposal for proposal in register.proposals if proposal.key not in decided):
        what = proposed_values(report, proposal).replace("\n", " · ")
        yield LeftBehind(report.area_name(proposal.area), what, "proposed")


@dataclass(frozen=True, slots=True)
class Year:
    """The settings of the new year.

    `dates` are its reporting dates. With `finished` "leave", finished measures are left out; with
    "mark" they stay in the plan with the last date of the old year as their last date, so that they
    are neither counted nor reported on. `codes` has the new codes of areas by the old ones. `title`
    None keeps the old title, with the new year in it.
    """

    year: int
    dates: tuple[date, ...]
    finished: Finished = "leave"
    codes: Mapping[str, str] | None = None
    title: str | None = None


def roll(report: Report, year: Year) -> Report:
    """Return the plan of the next year.

    Raise PlanError if a date is not after the last answer, or if the codes do not fit.
    """
    start = _start(report, year)
    left_out = _refs_to_leave_out(report) if year.finished == "leave" else frozenset[str]()
    codes = _checked_codes(report, year)
    values = {
        slot._replace(ref=codes.get(slot.ref, slot.ref)): value
        for slot, value in report.values.items()
        if slot.ref not in left_out and slot.ref in report.by_ref and _is_kept(report, slot, start)
    }
    return replace(
        report,
        carried=frozenset(),
        head=_new_head(report.head, year, start),
        nodes=tuple(
            _new_node(node, report, start, codes)
            for node in report.nodes
            if node.ref not in left_out
        ),
        values=values,
        areas={
            codes.get(ref, ref): _new_area(report, ref, codes)
            for ref in (*report.area_refs, *report.areas)
        },
    )


def _start(report: Report, year: Year) -> date | None:
    """Return the last date with a value, where the new year begins; None without dated values.

    Raise PlanError if the new year has no dates, or one that is not after it.
    """
    dates_with_value = [slot.date for slot in report.values if slot.date]
    if not year.dates:
        raise PlanError("roll_no_dates")
    if dates_with_value and min(year.dates) <= max(dates_with_value):
        first, last = min(year.dates), max(dates_with_value)
        raise PlanError("roll_dates", first=f"{first}", last=f"{last}")
    return max(dates_with_value, default=None)


def _new_head(head: Head, year: Year, start: date | None) -> Head:
    title = head.title.replace(str(head.year), str(year.year)) if year.title is None else year.title
    return replace(
        head,
        year=year.year,
        title=title,
        dates=tuple(sorted({*year.dates, *([start] if start else [])})),
        current=None,
        deadline=None,
        case_number="",
        periods={},
    )


def _refs_to_leave_out(report: Report) -> frozenset[str]:
    """Return the refs of measures that are finished or retired, and of groups left empty by that.

    Areas and closed groups stay without measures, because they will get new ones. So do groups that
    were empty before.
    """
    last = max(report.head.dates, default=None)
    leaf = report.template.leaf.id
    retired = {
        node.ref
        for node in report.nodes
        if node.level == leaf and node.last and (last is None or node.last < last)
    }
    left_out = set(report.finished_refs | retired)
    parents = {node.parent for node in report.nodes}
    parents_of_kept: set[str | None] = set()
    for node in reversed(report.nodes):  # children come before their parents
        is_fixed = node.level == leaf or node.parent is None or node.group is not None
        is_emptied = node.ref in parents and node.ref not in parents_of_kept
        if node.ref in left_out or (is_emptied and not is_fixed):
            left_out.add(node.ref)
        else:
            parents_of_kept.add(node.parent)
    return frozenset(left_out)


def _new_node(node: Node, report: Report, start: date | None, codes: Mapping[str, str]) -> Node:
    """Return the node with the new codes. A finished measure gets `start` as its last date."""
    parent = codes.get(node.parent, node.parent) if node.parent else None
    last = start if node.ref in report.finished_refs and node.last is None else node.last
    return node._replace(ref=codes.get(node.ref, node.ref), parent=parent, last=last)


def _is_kept(report: Report, slot: Slot, start: date | None) -> bool:
    """Return True for values that the plan gives, and of dated ones for those at `start`."""
    level = report.by_ref[slot.ref].level
    field = report.template.field_of(level, slot.field)
    if field is None:
        return True
    return slot.date == start if field.per_checkpoint else field.role == "given"


def _checked_codes(report: Report, year: Year) -> Mapping[str, str]:
    """Return the new codes of areas by the old ones.

    Raise PlanError for an unknown area, or for a code that is not valid or used by another area. An
    area may get a code again that it had before.
    """
    codes = dict(year.codes or {})
    if unknown := [ref for ref in codes if ref not in report.area_refs]:
        raise PlanError("no_area", name=", ".join(unknown), there=", ".join(report.area_refs))
    earlier_owner = {area.predecessor: ref for ref, area in report.areas.items()}
    used = codes_in_use(report)
    taken = [code for ref, code in codes.items() if code in used and earlier_owner.get(code) != ref]
    new_codes = list(codes.values())
    taken += [code for code in new_codes if new_codes.count(code) > 1]
    if taken or not all(map(is_area_code, new_codes)):
        raise PlanError("roll_codes", codes=", ".join(sorted({*(taken or new_codes)})))
    return codes


def _new_area(report: Report, ref: str, codes: Mapping[str, str]) -> Area:
    """Return the details of an area for the new year, in which nothing has been sent yet."""
    area = report.areas.get(ref, BLANK_AREA)
    return replace(area, sent=0, predecessor=ref if ref in codes else area.predecessor)
