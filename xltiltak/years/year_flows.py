"""The flows of `compare` and `roll`, each from files to files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xltiltak.flows import Result, read_plan
from xltiltak.model import files
from xltiltak.model.errors import PlanError
from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.model.summary import measure_nodes
from xltiltak.years.comparison import ReportChange, compare
from xltiltak.years.rolling import Year, roll


@dataclass(frozen=True, slots=True)
class ComparisonResult:
    """Two appendices, all changes from the older to the newer, and the files that were written."""

    old: Report
    new: Report
    changes: tuple[ReportChange, ...]
    written: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class RollResult:
    """The plan of the next year, and the names of the measures that are not in it any more."""

    result: Result
    left_behind: tuple[str, ...]


def compare_appendices(
    old: Path, new: Path, target: Path | None = None, *, force: bool = False
) -> ComparisonResult:
    """Return the changes between two appendices; write them as a workbook if a target is given.

    Raise PlanError if the appendices are of different templates.
    """
    before, after = read_plan(old).report, read_plan(new).report
    if before.template.id != after.template.id:
        names = {"old": old.name, "new": new.name}
        raise PlanError("other_templates", **names, was=before.template.id, now=after.template.id)
    changes = compare(before, after)
    if target is None:
        return ComparisonResult(before, after, changes)
    from xltiltak.years.changes_sheet import write_changes

    written = files.write({target: write_changes(changes, after.head)}, force=force)
    return ComparisonResult(before, after, changes, written)


def roll_forward(appendix: Path, target: Path, year: Year, *, force: bool = False) -> RollResult:
    """Write the plan of the next year. The findings of the result are those of the appendix.

    Raise PlanError if a row of the appendix has no ref, or if the settings of the year do not fit.
    """
    from xltiltak.sheets.appendix import write_appendix

    register = read_plan(appendix)
    if register.rows_without_ref:
        rows = " ".join(f"{f.where()}: «{f.values['value']}»." for f in register.rows_without_ref)
        raise PlanError("unnumbered", rows=rows)
    before, after = register.report, roll(register.report, year)
    left_out = (node.ref for node in measure_nodes(before) if node.ref not in after.by_ref)
    names = tuple(before.describe_node_in_area(ref) for ref in left_out)
    written = files.write({target: write_appendix(Register(after))}, force=force)
    return RollResult(Result(Register(after), findings=register.findings, written=written), names)
