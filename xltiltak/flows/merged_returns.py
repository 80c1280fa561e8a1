"""Read returned files and merge them into a register; one bad file does not stop the others.

Read `merge_files` first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from xltiltak.flows.plan_files import is_plan_only
from xltiltak.flows.results import Result, Returned, traces_kept
from xltiltak.flows.sources import Sources
from xltiltak.intake.known_files import KnownFiles
from xltiltak.intake.returned_file import (
    DEFAULT_OPTIONS,
    Options,
    read_forms_in_plan,
    read_returns,
    refuse_unproven,
    reread_with_register,
    unread_return,
)
from xltiltak.merging.collection import (
    area_findings,
    foreign_answers,
    other_report,
    proposal_undecided,
    ref_missing_in_plan,
)
from xltiltak.merging.merge import merge as merge_returns
from xltiltak.model.errors import NothingReturned, XltiltakError
from xltiltak.model.files import FoundFile
from xltiltak.model.finding import Finding, sort_findings
from xltiltak.model.register import Register, ReturnedFile
from xltiltak.plan.continuation import decisions_dropped, disputes
from xltiltak.snapshot.hidden_sheet import digest_of_rows


def merge_files(
    sources: Sources,
    found: Sequence[FoundFile],
    options: Options,
    build: Callable[[Register], object] | None = None,
    *,
    is_folder: bool,
) -> Result:
    """Read the files and merge them into the plan or appendix, or into what the forms say was sent.

    With `is_folder` the files are all that is in a folder. The findings include those about the
    plan itself. A file that an error of this program stops in the merge, or in what `build` does
    with the result, is left out of it (F010).
    """
    register, changes = sources.register()
    by_forms = sources.needs_forms
    answered = register
    if register and sources.plan and sources.appendix:  # a later sending had the earlier answers
        answered = merge_returns(register, ())
    returned = read_returns(
        found,
        jobs=options.jobs,
        on_file_done=options.on_file_done,
        register=None if by_forms else answered,
        known=_known_files(register, options) if register and not by_forms else None,
    )
    with traces_kept(returned):
        if by_forms:
            sources = sources.with_forms(tuple(returned))
            register, changes = sources.register()
        if register is None:
            raise NothingReturned
        if by_forms:
            returned = reread_with_register(register, returned)
        returned += _forms_in_sources(sources, register)
        again = tuple(returned)
        merge_some = partial(_merge_returned, register, has_plan=not by_forms, is_folder=is_folder)
        merged, again = _merge_guarded(merge_some, again, build)
    of_areas = [] if by_forms else area_findings(register.report)
    findings = (*_all_findings(merged), *of_areas)
    handled = _with_present_keys(merged.handled, findings)
    findings = tuple(sort_findings(_marked_handled(handled, findings)))
    merged = replace(merged, findings=findings, handled=handled, written=None)
    dropped = decisions_dropped(sources.dropped, merged) if sources.dropped else ()
    told = tuple(sort_findings([*findings, *dropped]))
    return Result(merged, again, told, plan_changes=changes)


def _known_files(register: Register, options: Options) -> KnownFiles:
    """Return the files that need not be read; none if they are needed for correction forms."""
    report = register.report
    current = None if register.date_from_forms else report.head.current
    is_fixing = options.corrections_folder is not None
    return KnownFiles(() if is_fixing else register.returned_files, digest_of_rows(report, current))


def _all_findings(merged: Register) -> tuple[Finding, ...]:
    """Return the findings of a merge, and those about its plan."""
    of_plan = merged.plan.findings if merged.plan else ()
    of_merge = *merged.findings, *ref_missing_in_plan(merged), *proposal_undecided(merged)
    return (*of_merge, *of_plan, *disputes(merged))


def _with_present_keys(
    handled: Mapping[str, str], findings: Iterable[Finding]
) -> Mapping[str, str]:
    """Return the texts of handled findings, each by the fingerprint that its finding has now."""
    if not handled:
        return handled
    present = {finding.earlier_fingerprint: finding.fingerprint for finding in findings}
    return {present.get(key, key): text for key, text in handled.items()}


def _marked_handled(handled: Mapping[str, str], findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the findings; those that the coordinator has closed as notes with what they wrote."""
    for finding in findings:
        text = handled.get(finding.fingerprint) if handled else None
        yield finding.as_handled(text) if text else finding


def findings_of(plan: Path, register: Register) -> tuple[Finding, ...]:
    """Return the findings about a plan or an appendix, as its last merge gave them."""
    sources = Sources(register, plan)
    if not is_plan_only(register):
        sources = Sources(appendix=register, appendix_path=plan)
    return merge_files(sources, (), DEFAULT_OPTIONS, is_folder=False).findings


def _forms_in_sources(sources: Sources, register: Register) -> Returned:
    """Return the forms that coordinators have collected in the plan or in the appendix."""
    sides = (sources.plan_path, sources.plan), (sources.appendix_path, sources.appendix)
    return tuple(
        (path, read_forms_in_plan(path, replace(register, embedded_forms=side.embedded_forms)))
        for path, side in sides
        if path and side and side.embedded_forms
    )


def _merge_guarded(
    merge_some: Callable[[Returned], Register],
    returned: Returned,
    build: Callable[[Register], object] | None = None,
) -> tuple[Register, Returned]:
    """Merge the files; those that an error of this program stops are merged as unread (F010)."""

    def attempt(some: Returned) -> Register:
        merged = merge_some(some)
        if build:
            build(merged)
        return merged

    try:
        return attempt(returned), returned
    except XltiltakError:
        raise
    except Exception:  # noqa: BLE001 - the files that do not cause it go on
        attempt(())  # an error that no file causes is not told of a file
        mergeable = _mergeable(attempt, (), returned)
        return attempt(mergeable), mergeable


def _mergeable(attempt: Callable[[Returned], object], before: Returned, some: Returned) -> Returned:
    """Return some files that come after others, those as unread (F010) that stop the attempt.

    Halving finds a few among many soon, also one that stops it only together with another one.
    """
    try:
        attempt((*before, *some))
    except Exception as error:  # noqa: BLE001 - the other files go on
        if len(some) == 1:
            ((path, file),) = some
            return ((path, unread_return(path, file, error)),)
        half = len(some) // 2
        first = _mergeable(attempt, before, some[:half])
        return (*first, *_mergeable(attempt, (*before, *first), some[half:]))
    return some


def _merge_returned(
    register: Register, returned: Returned, *, has_plan: bool, is_folder: bool
) -> Register:
    """Merge the answers that the files may give: without a plan, only those about their areas."""
    of_report = (_refuse_other_report(path, file, register) for path, file in returned)
    if not has_plan:
        of_report = (foreign_answers(file, register.report) for file in of_report)
    return merge_returns(register, of_report, is_folder=is_folder)


def _refuse_other_report(path: Path, file: ReturnedFile, register: Register) -> ReturnedFile:
    """Return the file, or if it belongs to another report the file without answers.

    The findings about the answers of a refused file become notes: nobody has to act on them. A form
    that is not proven to be ours is quoted whole: what it says was sent may hide its answers.
    """
    refusal = tuple(other_report(file, register))
    if not refusal:
        return file
    if not file.is_proven:
        return refuse_unproven(path, file, *refusal)
    notes = (finding.with_severity("note") for finding in file.all_findings())
    return replace(
        file, outcome="refused", submissions=(), findings=(*refusal, *notes), corrected_files=()
    )
