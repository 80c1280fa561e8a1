"""Send out: write a form for each area, the letters, and the plan as it was sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

from xltiltak.flows.plan_files import read_plan, with_key_of_earlier
from xltiltak.flows.results import Outputs, Result
from xltiltak.flows.rounds import form_scopes, open_round, refuse_areas, refuse_unknown_date
from xltiltak.model import files
from xltiltak.model.carried import with_steps
from xltiltak.model.finding import Finding, sort_findings
from xltiltak.model.recipients import FormScope
from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.model.summary import area_statistics
from xltiltak.plan.plan_changes import plan_changes
from xltiltak.sheets.file_names import round_filename, sent_plan_path


def split(  # noqa: PLR0913 - each is a choice of the coordinator
    plan: Path,
    folder: Path,
    *,
    day: date | None = None,
    areas: Sequence[str] = (),
    deadline: date | None = None,
    per_leader: bool = False,
    mail: bool | Path = False,
    force: bool = False,
    new_date: bool = False,
    dry_run: bool = False,
    on_file: Callable[[str], object] = str,
) -> Result:
    """Write a form for each area to `folder`, and beside the plan the plan as it was sent.

    `day` is the reporting date to open; None continues the one that is open. One that the plan does
    not have needs `new_date`. With `dry_run` nothing is written. `areas` are the codes
    of the areas to send, empty for all. `deadline` replaces the plan's. With `per_leader` one form
    has all areas of a leader. If the template names recipients, each gets one form. With `mail` an
    e-mail draft is written for each leader; a path is the file with its text. `on_file` gets the
    name of each form when it is begun. Raises PlanError, WorkbookError or OutputError.

    Forms and letters of an earlier sending in `folder` that are wrong now are removed if nobody has
    changed them; all others are told.
    """
    from xltiltak.mail.mail_drafts import MailJob, first_drafts

    opened = _open_plan(plan, day, areas, deadline, new_date=new_date)
    register, report = opened.register, opened.register.report
    chosen = [ref for ref in report.area_refs if not areas or ref in areas]
    scopes = form_scopes(report, chosen, per_leader=per_leader)
    filenames = {one: round_filename(report, *one.areas, recipient=one.recipient) for one in scopes}
    if dry_run:
        forms, sent_plan = dict.fromkeys(scopes, b""), b""
    else:
        register = with_key_of_earlier(register, sent_plan_path(plan, report))
        forms, sent_plan = _build_forms_and_sent_plan(register, filenames, on_file)
    jobs = [
        MailJob(ref, filenames[scope], forms[scope], recipient=scope.recipient)
        for scope in scopes
        for ref in scope.areas
    ]
    drafts, draft_findings = first_drafts(plan, report, jobs, mail=mail)
    outputs: Outputs = {
        **{folder / filenames[scope]: forms[scope] for scope in scopes},
        **{folder / draft.filename: draft.content for draft in drafts},
    }
    files.refuse_sources(outputs, [plan])
    outputs[sent_plan_path(plan, report)] = sent_plan  # last: where it is, all forms are
    sending = _Sending(folder, report, chosen)
    written, told = _write_sending(outputs, plan, sending, force=force, dry_run=dry_run)
    findings = sort_findings([*register.findings, *draft_findings, *told])
    return replace(opened, register=register, findings=tuple(findings), written=written)


def _open_plan(
    plan: Path, day: date | None, areas: Sequence[str], deadline: date | None, *, new_date: bool
) -> Result:
    """Return the plan with the round opened, and what was edited in it since it was written."""
    edited = read_plan(plan)
    refuse_areas(edited.report.with_open_date(day) if day else edited.report)
    refuse_unknown_date(edited.report, day, new_date=new_date)
    register = open_round(edited, day, areas, deadline)
    changes = plan_changes(edited.written, edited)
    return Result(register, findings=register.findings, plan_changes=changes)


class _Sending(NamedTuple):
    """Where a sending goes, and which areas are sent."""

    folder: Path
    report: Report
    areas: Collection[str]


def _write_sending(
    outputs: Outputs, plan: Path, sending: _Sending, *, force: bool, dry_run: bool
) -> tuple[tuple[Path, ...], list[Finding]]:
    """Write the files of a sending, and remove what an earlier one left that is wrong now.

    Return the paths of the written files, and the findings about files that were there. With
    `dry_run` nothing is written or removed.
    """
    from xltiltak.mail.earlier_files import as_planned, leftovers, remove, set_aside

    if not dry_run:
        files.refuse_existing(outputs, force=force)
    superseded, left = leftovers(sending.folder, sending.report, outputs, sending.areas)
    outputs, kept = set_aside(outputs, sending.report.head.language, plan)
    if dry_run:
        return (), as_planned([*left, *kept])
    written = files.write(outputs, force=force)
    remove(superseded)
    return written, [*left, *kept]


def _build_forms_and_sent_plan(
    register: Register, filenames: Mapping[FormScope, str], on_file: Callable[[str], object]
) -> tuple[dict[FormScope, bytes], bytes]:
    """Return the workbook of each form, and the plan as sent.

    All are built in one pass over the areas: a form is built just before the plan's sheet of its
    last area. So the heights of the texts of an area are computed once for both, and few areas are
    in memory at a time.
    """
    from xltiltak.sheets.appendix import write_appendix
    from xltiltak.sheets.forms import write_forms

    report, carried, fresh = register.report, register.carried_steps, register.fresh_slots
    area_names = {ref: report.area_name(ref) for ref in report.area_refs}
    statistics = None if report.recipients else area_statistics(report)
    forms: dict[FormScope, bytes] = {}
    parts: dict[FormScope, dict[str, Report]] = {scope: {} for scope in filenames}
    scopes_of_area: dict[str, list[FormScope]] = {ref: [] for ref in report.area_refs}
    for scope in filenames:
        for ref in scope.areas:
            scopes_of_area[ref].append(scope)

    def build_forms() -> Iterator[tuple[str, Report]]:
        for ref, part in report.iter_parts():
            for scope in scopes_of_area[ref]:
                of_scope = part.for_recipient(scope.recipient)
                parts[scope][ref] = replace(of_scope, asked_again=register.asked_again)
                if ref == scope.areas[-1]:
                    on_file(filenames[scope])
                    forms[scope] = write_forms(
                        parts.pop(scope), area_names, statistics, key=register.key, fresh=fresh
                    )
            of_part = {slot: step for slot, step in carried.items() if slot.ref in part.by_ref}
            yield ref, with_steps(part, of_part)

    sent_plan = write_appendix(register, build_forms())
    return forms, sent_plan
