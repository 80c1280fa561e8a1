"""Decide what returned files are merged into: a plan, an appendix to continue, or both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from xltiltak.flows.plan_files import is_plan_only, parse_plan, read_plan, refuse_unsent
from xltiltak.flows.results import Returned
from xltiltak.merging.collection import is_same_report, register_from_forms
from xltiltak.model import files
from xltiltak.model.errors import NothingReturned, OutputError, PlanError, WorkbookError
from xltiltak.model.register import Register
from xltiltak.model.visible_text import visible
from xltiltak.plan.continuation import (
    begin_appendix,
    continue_appendix,
    with_findings_kept,
    without_answers,
)
from xltiltak.plan.plan_changes import PlanChange, plan_changes


@dataclass(frozen=True)
class Sources:
    """What returned files are merged into: a plan, and perhaps an appendix to continue.

    `plan` is None if none was given, and if it is as it was at the last merge. `digest` is that of
    its file. `dropped` is an appendix that is begun again or overwritten, `may_drop` allows that.
    With `needs_forms` the forms say what was sent, because nobody has given a plan.
    """

    plan: Register | None = None
    plan_path: Path | None = None
    digest: str = ""
    appendix: Register | None = None
    appendix_path: Path | None = None
    dropped: Register | None = None
    may_drop: bool = False
    needs_forms: bool = False

    def with_forms(self, returned: Returned) -> Sources:
        """Return the sources with the plan that the forms give; the appendix may have it all."""
        try:
            plan = register_from_forms([file for _, file in returned])
        except NothingReturned:
            if self.appendix is None:
                raise
            return self
        sources = replace(self, plan=plan)
        refusal = _refusal(self.appendix, plan, self.appendix_path) if self.appendix else None
        if refusal and not self.may_drop:
            raise refusal
        return replace(sources, appendix=None, dropped=self.appendix) if refusal else sources

    def register(self) -> tuple[Register | None, tuple[PlanChange, ...]]:
        """Return the register to merge into, and what was edited since it was written."""
        if self.appendix is None:
            if self.plan is None:
                return None, ()
            changes = plan_changes(self.plan.written, self.plan)
            return begin_appendix(self.plan, self.digest), changes
        register = with_findings_kept(self.appendix)
        if self.plan is None and self.appendix.written is None:
            return register, ()
        if self.plan:
            file = visible(self.plan_path.name) if self.plan_path else ""
            only_new = not self.digest
            register = continue_appendix(register, self.plan, file, self.digest, only_new=only_new)
        before = self.appendix.written or self.appendix
        changes = plan_changes(_answers_left_out(before), _answers_left_out(register))
        return replace(register, rows_without_ref=()), changes


def _answers_left_out(register: Register) -> Register:
    """Return a register as it was before answers were merged into it."""
    return replace(register, report=without_answers(register), previous_values={})


def read_sources(plan: Path | None, *, is_sent: bool) -> Sources:
    """Return a plan to read files against. With `is_sent` it must have no rows without a ref."""
    if plan is None:
        return Sources(needs_forms=True)
    register = read_plan(plan)
    if not is_plan_only(register):
        return Sources(appendix=register, appendix_path=plan)
    return Sources(refuse_unsent(register) if is_sent else register, plan)


def sources_of_merge(target: Path, plan: Path | None, *, force: bool, fresh: bool) -> Sources:
    """Read the plan, and the appendix at `target` if there is one.

    Raises OutputError if `target` is something else, unless `force` is given.
    """
    is_there = files.exists(target)
    files.refuse_existing([target], force=is_there)
    earlier = _earlier_appendix(target, force=force) if is_there else None
    if plan is None or files.is_same(plan, target):
        if plan and fresh:
            raise OutputError("fresh_needs_plan", file=visible(target.name))
        if plan and not (earlier and (force or not is_plan_only(earlier))):
            raise OutputError("plan_in_the_way", file=visible(target.name))
        register = earlier if plan and earlier and is_plan_only(earlier) else None
        digest = ""
    else:
        content = files.read(plan)
        digest = sha256(content).hexdigest()
        is_unchanged = earlier and earlier.plan and earlier.plan.digest == digest and not fresh
        register = None if is_unchanged else refuse_unsent(parse_plan(plan, content))
    sources = Sources(register, plan, digest, may_drop=force, needs_forms=plan is None)
    if earlier is None:
        return sources
    refusal = _refusal(earlier, register, target)
    if refusal and not force:
        raise refusal
    if fresh or refusal:
        return replace(sources, dropped=earlier)
    is_of_forms = plan is None and earlier.plan is not None and not earlier.plan.digest
    return replace(sources, appendix=earlier, appendix_path=target, needs_forms=is_of_forms)


def _earlier_appendix(target: Path, *, force: bool) -> Register | None:
    """Return the appendix or plan at `target`. Raises OutputError for another, without `force`."""
    try:
        return read_plan(target)
    except (PlanError, WorkbookError) as error:
        if force:
            return None
        raise OutputError("not_an_appendix", file=visible(target.name)) from error


def _refusal(earlier: Register, plan: Register | None, target: Path | None) -> OutputError | None:
    """Return why an appendix cannot be continued with a plan; None if it can."""
    file = visible(target.name) if target else ""
    if is_plan_only(earlier):
        return OutputError("plan_in_the_way", file=file)
    if plan is None:
        return None
    if not is_same_report(earlier.report, plan.report):
        head = earlier.report.head
        return OutputError("other_report", file=file, title=head.title, year=head.year)
    days = earlier.report.head.current, plan.report.head.current
    if None not in days and days[0] != days[1]:
        return OutputError("other_date", file=file, date=days[0], wanted=days[1])
    return None
