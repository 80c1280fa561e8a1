"""Find out what each area lacks, and write a reminder to each leader who lacks something."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from xltiltak.flows.check_flow import check_files
from xltiltak.flows.plan_files import without_plan
from xltiltak.flows.results import Outputs, ReminderResult
from xltiltak.intake.return_rules import internal_error
from xltiltak.intake.returned_file import DEFAULT_OPTIONS, Options
from xltiltak.model import files
from xltiltak.model.errors import PlanError, XltiltakError
from xltiltak.model.finding import ANYWHERE, Finding, sort_findings
from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.model.visible_text import visible

if TYPE_CHECKING:
    from xltiltak.mail.mail_drafts import MailJob
    from xltiltak.mail.reminders import Reminder


def remind(
    plan: Path,
    returned: Sequence[Path] = (),
    folder: Path | None = None,
    *,
    text: Path | None = None,
    force: bool = False,
    options: Options = DEFAULT_OPTIONS,
    on_file: Callable[[str], object] = str,
) -> ReminderResult:
    """Return what each area lacks, and write an e-mail draft to each leader who lacks something.

    `plan` is the plan as it was sent, or an appendix. The drafts are written to `folder`; None
    writes no drafts. Untouched reminders that nobody needs any more are removed there. `text` is
    the file with the text of the letter, None for the usual one.
    Raises PlanError if no date is open or the text has an error.
    """
    from xltiltak.mail.mail_drafts import address_missing, drafts_by_leader, letter_source
    from xltiltak.mail.reminders import may_hide_answer, reminders

    found = without_plan(files.list_files(returned), plan)
    is_folder = any(map(files.is_folder, returned))
    result = check_files(plan, found, options, is_folder=is_folder)
    register, report = result.register, result.register.report
    if report.head.current is None:
        raise PlanError("not_sent", file=visible(plan.name))
    all_reminders = tuple(reminders(register))
    lacking = [reminder for reminder in all_reminders if reminder.state != "complete"]
    findings = [finding for finding in result.findings if may_hide_answer(finding)]
    findings += address_missing(report, [(one.area, one.recipient) for one in lacking])
    written: tuple[Path, ...] = ()
    path_of_form: dict[tuple[str, str], Path] = {}
    errors: list[tuple[Exception, Finding]] = []
    if folder:
        jobs, errors = _mail_jobs(register, lacking, on_file)
        drafts = drafts_by_leader(report, jobs, letter_source("remind", plan, report, text))
        contents = {folder / draft.filename: draft.content for draft in drafts}
        path_of_form = {
            (area, draft.recipient): folder / draft.filename
            for draft in drafts
            for area in draft.areas
        }
        files.refuse_sources(contents, [plan, *(file.path for file in found)])
        written, told = _write_drafts(contents, folder, report, force=force)
        findings += told
    result = replace(result, findings=tuple(sort_findings(findings)), written=written)
    return ReminderResult(result.with_internal_errors(errors), all_reminders, path_of_form)


def _write_drafts(
    contents: Outputs, folder: Path, report: Report, *, force: bool
) -> tuple[tuple[Path, ...], list[Finding]]:
    """Write drafts to a folder, and remove untouched reminders that nobody needs any more.

    Return the paths of the written files, and the findings about files that were there.
    """
    from xltiltak.mail.earlier_files import old_reminders, remove, set_aside

    files.refuse_existing(contents, force=force)
    superseded, removed = old_reminders(folder, report, contents)
    contents, kept = set_aside(contents, report.head.language)
    written = files.write(contents, force=force)
    remove(superseded)
    return written, [*removed, *kept]


def _mail_jobs(
    register: Register, lacking: Iterable[Reminder], on_file: Callable[[str], object]
) -> tuple[list[MailJob], list[tuple[Exception, Finding]]]:
    """Return what to send about each area, and the errors of this program that stopped some."""
    from xltiltak.mail.reminders import mail_job

    jobs: list[MailJob] = []
    errors: list[tuple[Exception, Finding]] = []
    for reminder in lacking:
        on_file(reminder.name)
        try:
            jobs.append(mail_job(register, reminder))
        except XltiltakError:
            raise
        except Exception as error:  # noqa: BLE001 - the other leaders get their letter
            found = internal_error(
                ANYWHERE, error=error, reason="internal_reminder", area=reminder.area
            )
            errors.append((error, found))
    return jobs, errors
