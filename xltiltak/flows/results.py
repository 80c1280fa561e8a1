"""What a pipeline gives back: the register, the findings, and the files that were written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from xltiltak.intake.returned_file import Options
from xltiltak.model.errors import XltiltakError
from xltiltak.model.finding import Finding, sort_findings
from xltiltak.model.internal_errors import trace_of
from xltiltak.model.register import Register, ReturnedFile
from xltiltak.plan.plan_changes import PlanChange

if TYPE_CHECKING:
    from xltiltak.mail.reminders import Reminder


Outputs = dict[Path, bytes]  # what is written
Returned = tuple[tuple[Path, ReturnedFile], ...]  # each file with its path as given


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a pipeline.

    `returned_files` are the files that were read, each with its path as given. `written` are the
    paths of the files that were written, in the order in which they were written; with
    `is_unchanged` an appendix was not, because it would be the same. `other_traces`
    are those of errors of this program after the files were read. `plan_changes` are what the
    coordinator changed in the plan since it was written.
    """

    register: Register
    returned_files: tuple[tuple[Path, ReturnedFile], ...] = ()
    findings: tuple[Finding, ...] = ()
    written: tuple[Path, ...] = ()
    other_traces: tuple[str, ...] = ()
    plan_changes: tuple[PlanChange, ...] = ()
    is_unchanged: bool = False

    @property
    def traces(self) -> tuple[str, ...]:
        """The trace of each error of this program that stopped one file or one letter (F010)."""
        return *(file.trace for _, file in self.returned_files if file.trace), *self.other_traces

    def with_internal_errors(self, errors: Iterable[tuple[Exception, Finding]]) -> Result:
        """Return the result with more errors of this program, each with its finding."""
        known = tuple(errors)
        findings = tuple(sort_findings([*self.findings, *(finding for _, finding in known)]))
        traces = *self.other_traces, *(trace_of(error) for error, _ in known)
        return replace(self, findings=findings, other_traces=traces)

    @property
    def without_plan(self) -> Finding | None:
        """Return the finding that says whose word was taken, if there was no plan to decide."""
        return next((f for f in self.register.findings if f.code == "F012"), None)


@dataclass(frozen=True, slots=True)
class ReminderResult:
    """The result of `remind`: a reminder for every area, in the order of the report.

    `drafts` has the path of the draft about each area and recipient that lacks something; empty if
    no drafts were requested.
    """

    result: Result
    reminders: tuple[Reminder, ...]
    drafts: Mapping[tuple[str, str], Path]


@contextmanager
def traces_kept(returned: Sequence[tuple[Path, ReturnedFile]]) -> Iterator[None]:
    """Add the traces of files that an error of this program stopped to an error in the block."""
    try:
        yield
    except XltiltakError as error:
        error.traces += tuple(file.trace for _, file in returned if file.trace)
        raise


def selected_findings(result: Result, options: Options) -> tuple[Finding, ...]:
    """Return the findings of a result that the options select."""
    return tuple(filter(options.finding_filter.selects, result.findings))
