"""From one appendix to the next: what changed between two, and the plan of the next year."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from xltiltak.flows import Result, read_plan
from xltiltak.model import files
from xltiltak.model.errors import PlanError
from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.model.summary import measure_nodes
from xltiltak.years.comparison import ReportChange, compare
from xltiltak.years.rolling import Year, roll


class Compared(NamedTuple):
    """Two appendices, every change from the older to the newer, and the files that were written."""

    old: Report
    new: Report
    changes: tuple[ReportChange, ...]
    written: tuple[Path, ...] = ()


class Rolled(NamedTuple):
    """The next year's plan, and the measures that were left behind, in people's words."""

    result: Result
    left_behind: tuple[str, ...]


def compare_appendices(
    old: Path, new: Path, target: Path | None = None, *, force: bool = False
) -> Compared:
    """Every change between two appendices; as a workbook too where a target is given.

    Raises PlanError when they are not of one template.
    """
    before, after = read_plan(old).report, read_plan(new).report
    if before.template.id != after.template.id:
        names = {"old": old.name, "new": new.name}
        raise PlanError("other_templates", **names, was=before.template.id, now=after.template.id)
    found = compare(before, after)
    if target is None:
        return Compared(before, after, found)
    from xltiltak.years.changes_sheet import write_changes

    written = files.write({target: write_changes(found, after.head)}, force=force)
    return Compared(before, after, found, written)


def roll_forward(appendix: Path, target: Path, year: Year, *, force: bool = False) -> Rolled:
    """Next year's plan. What is unreadable in the appendix is told, as everywhere."""
    from xltiltak.sheets.appendix import write_appendix

    register = read_plan(appendix)
    if register.rows_without_ref:
        told = " ".join(f"{f.where()}: «{f.values['value']}»." for f in register.rows_without_ref)
        raise PlanError("unnumbered", rows=told)
    before, after = register.report, roll(register.report, year)
    kept = {node.ref for node in after.nodes}
    gone = (node.ref for node in measure_nodes(before) if node.ref not in kept)
    left = tuple(before.describe_node_in_area(ref) for ref in gone)
    written = files.write({target: write_appendix(Register(after))}, force=force)
    return Rolled(Result(Register(after), findings=register.findings, written=written), left)
