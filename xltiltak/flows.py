"""Run one command each: split, check, merge, remind.

Every function reads from top to bottom as the steps of its command: read files, compute on a
`Register` (the coordinator's side of a merge), write files. Other pipelines have their own modules:
`importers.import_flow`, `years.year_flows` and `publishing.publication`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from xltiltak.intake.known_files import KnownFiles
from xltiltak.intake.return_rules import internal_error
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
    area_empty,
    area_findings,
    area_name_twice,
    foreign_answers,
    is_same_report,
    other_report,
    ref_missing_in_plan,
    register_from_forms,
)
from xltiltak.merging.merge import merge as merge_returns
from xltiltak.merging.registry import rule
from xltiltak.model import files
from xltiltak.model.carried import with_steps
from xltiltak.model.errors import (
    NothingReturned,
    OutputError,
    PlanError,
    UnknownDate,
    WorkbookError,
    XltiltakError,
)
from xltiltak.model.files import SEPARATOR, FoundFile
from xltiltak.model.finding import ANYWHERE, About, Finding, Place, sort_findings
from xltiltak.model.internal_errors import named_internal_errors, trace_of
from xltiltak.model.language import translate
from xltiltak.model.register import Register, ReturnedFile
from xltiltak.model.report import BLANK_AREA, Area, Report
from xltiltak.model.summary import area_statistics
from xltiltak.model.visible_text import visible, visible_path
from xltiltak.plan.continuation import (
    begin_appendix,
    continue_appendix,
    decisions_dropped,
    disputes,
    with_findings_kept,
    without_answers,
)
from xltiltak.plan.plan_changes import PlanChange, plan_changes
from xltiltak.sheets.file_names import round_filename, sent_plan_path
from xltiltak.snapshot.hidden_sheet import digest_of_rows
from xltiltak.snapshot.proof import with_key
from xltiltak.snapshot.register_json import digest_of_findings

if TYPE_CHECKING:
    from xltiltak.mail.mail_drafts import MailJob
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

    `drafts` has the path of the draft about each area that lacks something; empty if no drafts
    were requested.
    """

    result: Result
    reminders: tuple[Reminder, ...]
    drafts: Mapping[str, Path]


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
    has all areas of a leader. With `mail` an e-mail draft is written for each leader; a path is
    the file with its text. `on_file` gets the name of each form when it is begun. Raises PlanError,
    WorkbookError or OutputError.

    Forms and letters of an earlier sending in `folder` that are wrong now are removed if nobody has
    changed them; all others are told.
    """
    from xltiltak.mail.earlier_files import leftovers, remove, set_aside
    from xltiltak.mail.mail_drafts import MailJob, first_drafts

    edited = read_plan(plan)
    _refuse_areas(edited.report.with_open_date(day) if day else edited.report)
    refuse_unknown_date(edited.report, day, new_date=new_date)
    register = open_round(edited, day, areas, deadline)
    read = Result(
        register, findings=register.findings, plan_changes=plan_changes(edited.written, edited)
    )
    if dry_run:
        return read
    register = _with_key(register, sent_plan_path(plan, register.report))
    report = register.report
    chosen = [ref for ref in report.area_refs if not areas or ref in areas]
    grouped = group_areas_by_form(report, chosen, per_leader=per_leader)
    filenames = {refs: round_filename(report, *refs) for refs in grouped}
    forms, sent_plan = _build_forms_and_sent_plan(register, filenames, on_file)
    jobs = [MailJob(ref, filenames[refs], forms[refs]) for refs in grouped for ref in refs]
    drafts, draft_findings = first_drafts(plan, report, jobs, mail=mail)
    outputs: Outputs = {
        **{folder / filenames[refs]: forms[refs] for refs in grouped},
        **{folder / draft.filename: draft.content for draft in drafts},
    }
    files.refuse_sources(outputs, [plan])
    outputs[sent_plan_path(plan, report)] = sent_plan  # last: where it is, all forms are
    files.refuse_existing(outputs, force=force)
    superseded, found = leftovers(folder, report, outputs, chosen)
    outputs, kept = set_aside(outputs, report.head.language, plan)
    written = files.write(outputs, force=force)
    remove(superseded)
    findings = sort_findings([*register.findings, *draft_findings, *found, *kept])
    return replace(read, register=register, findings=tuple(findings), written=written)


def refuse_unknown_date(report: Report, day: date | None, *, new_date: bool) -> None:
    """Raise UnknownDate for a date that the plan does not have, unless `new_date`.

    A plan without any dates gets its first one so.
    """
    dates = report.head.dates
    if day and dates and day not in dates and not new_date:
        known = ", ".join(f"{known:%d.%m.%Y}" for known in dates)
        raise UnknownDate("unknown_date", date=f"{day:%d.%m.%Y}", dates=known)


def _refuse_areas(report: Report) -> None:
    """Raise PlanError for two areas of one name, and for a plan with nothing to answer."""
    names = [f"{f.values['value']} ({f.values['codes']})" for f in area_name_twice(report)]
    if names:
        raise PlanError("areas_alike", names="; ".join(names))
    empty = list(area_empty(report))
    if len(empty) == len(report.area_refs):
        raise PlanError("no_measures", date=empty[0].values["date"] if empty else "–")


def check(
    paths: Sequence[Path], *, plan: Path | None = None, options: Options = DEFAULT_OPTIONS
) -> Result:
    """Read returned files, or a plan or an appendix, and return their answers and findings.

    A plan may be among `paths` or given as `plan`; None without one: then the forms say what was
    sent. Only correction forms are written, if the options ask for them. Raises PlanError if there
    is nothing to read, or more than one plan.
    """
    found = _found_files(paths)
    plans = [] if plan else _plans_among(found)
    if len(plans) > 1:
        raise PlanError("several_plans", files=", ".join(visible(path.name) for path in plans))
    plan = plans[0] if plans else plan
    is_folder = any(map(files.is_folder, paths))
    return _check_files(plan, _without_plan(found, plan), options, is_folder=is_folder)


def merge(
    paths: Sequence[Path],
    target: Path,
    *,
    plan: Path | None = None,
    strict: bool = False,
    force: bool = False,
    fresh: bool = False,
    options: Options = DEFAULT_OPTIONS,
) -> Result:
    """Write the appendix that the plan and the returned files give to `target`.

    An appendix that is there already, of the same report and date, is continued: what was decided
    in it stands. With `fresh` it is begun again, and with `force` another file is overwritten;
    findings list the decisions that are dropped so. `plan` may also be an earlier appendix; without
    one the appendix at `target` is the plan, or else the forms say what was sent. With `strict` the
    appendix is not written if there are errors. Raises PlanError, WorkbookError or OutputError.
    """
    sources = _sources_of_merge(target, plan, force=force, fresh=fresh)
    read_already = [path for path in (plan, sources.appendix and target) if path]
    found = [
        file
        for file in _found_files(paths)
        if not any(files.is_same(file.path, path) for path in read_already)
        and options.is_whole(file.path)
    ]
    is_folder = any(map(files.is_folder, paths))
    result = _merge_files(sources, found, options, is_folder=is_folder)
    if not all(options.is_whole(file.path) for file in found):
        return result
    try:
        return _write_appendix(result, target, sources, options, strict=strict, force=force)
    except (XltiltakError, OSError):
        raise
    except Exception:  # noqa: BLE001 - perhaps one file stops it, and the others go on
        from xltiltak.sheets.appendix import write_appendix

        result = _merge_files(sources, found, options, write_appendix, is_folder=is_folder)
        return _write_appendix(result, target, sources, options, strict=strict, force=force)


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


def _sources_of_merge(target: Path, plan: Path | None, *, force: bool, fresh: bool) -> Sources:
    """Read the plan, and the appendix at `target` if there is one.

    Raises OutputError if `target` is something else, unless `force` is given.
    """
    is_there = files.exists(target)
    files.refuse_existing([target], force=is_there)
    earlier = _earlier_appendix(target, force=force) if is_there else None
    if plan is None or files.is_same(plan, target):
        if plan and fresh:
            raise OutputError("fresh_needs_plan", file=visible(target.name))
        if plan and not (earlier and (force or not _is_plan_only(earlier))):
            raise OutputError("plan_in_the_way", file=visible(target.name))
        register = earlier if plan and earlier and _is_plan_only(earlier) else None
        digest = ""
    else:
        content = files.read(plan)
        digest = sha256(content).hexdigest()
        is_unchanged = earlier and earlier.plan and earlier.plan.digest == digest and not fresh
        register = None if is_unchanged else _refuse_unsent(_parse_plan(plan, content))
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


def _is_plan_only(register: Register) -> bool:
    """Return True for a plan that nothing was merged into yet."""
    return register.plan is None and not register.returned_files


def _refusal(earlier: Register, plan: Register | None, target: Path | None) -> OutputError | None:
    """Return why an appendix cannot be continued with a plan; None if it can."""
    file = visible(target.name) if target else ""
    if _is_plan_only(earlier):
        return OutputError("plan_in_the_way", file=file)
    if plan is None:
        return None
    if not is_same_report(earlier.report, plan.report):
        head = earlier.report.head
        return OutputError("other_report", file=file, title=head.title, year=head.year)
    days = earlier.report.head.current, plan.report.head.current
    if None not in days and days[0] != days[1]:
        date, wanted = (f"{day:%d.%m.%Y}" for day in days)
        return OutputError("other_date", file=file, date=date, wanted=wanted)
    return None


def _write_appendix(
    result: Result,
    target: Path,
    sources: Sources,
    options: Options,
    *,
    strict: bool,
    force: bool,
) -> Result:
    """Write the appendix of a merge, unless `strict` forbids it, and the forms to send back."""
    for path, file in result.returned_files:
        if file.submissions and files.is_same(path, target):
            raise OutputError("is_an_answer", file=visible(target.name))
    result = replace(result, register=_with_key(result.register, target))
    findings = _selected_findings(result, options)
    outputs: Outputs = {}
    is_unchanged = _is_as_written(result.register, sources.appendix)
    is_forbidden = strict and any(finding.severity == "error" for finding in findings)
    if not is_unchanged and not is_forbidden:
        from xltiltak.sheets.appendix import write_appendix

        outputs[target] = write_appendix(result.register)
    forms, kept, errors = _correction_forms(result, options)
    files.refuse_existing(forms, force=force)
    is_agreed = bool(sources.appendix or sources.dropped)  # to write over the file at `target`
    written = files.write(outputs | forms, force=force or is_agreed)
    findings = (*findings, *kept)
    result = replace(result, findings=findings, written=written, is_unchanged=is_unchanged)
    return result.with_internal_errors(errors)


def _is_as_written(register: Register, appendix: Register | None) -> bool:
    """Return True if an appendix has all this already, and nobody has edited it."""
    if appendix is None or appendix.written:
        return False
    digest = digest_of_findings(register.findings)
    as_read = replace(
        appendix, findings=register.findings, findings_digest=register.findings_digest
    )
    return digest == appendix.findings_digest and as_read == register


def _with_key(register: Register, target: Path) -> Register:
    """Return the register with a key: its own, or that of an earlier output to `target`.

    A plan of an earlier version has none. Forms that were sent with the earlier output stay proven.
    """
    if not register.key and target.exists():
        try:
            earlier = read_plan(target)
        except (PlanError, WorkbookError):  # it is something else, and written over by order
            return with_key(register)
        if is_same_report(earlier.report, register.report):
            register = replace(register, key=earlier.key)
    return with_key(register)


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
    from xltiltak.mail.earlier_files import old_reminders, remove, set_aside
    from xltiltak.mail.mail_drafts import address_missing, drafts_by_leader, letter_source
    from xltiltak.mail.reminders import may_hide_answer, reminders

    found = _without_plan(files.list_files(returned), plan)
    is_folder = any(map(files.is_folder, returned))
    result = _check_files(plan, found, options, is_folder=is_folder)
    register, report = result.register, result.register.report
    if report.head.current is None:
        raise PlanError("not_sent", file=visible(plan.name))
    all_reminders = tuple(reminders(register))
    lacking = [reminder for reminder in all_reminders if reminder.state != "complete"]
    findings = [finding for finding in result.findings if may_hide_answer(finding)]
    findings += address_missing(report, [reminder.area for reminder in lacking])
    contents: Outputs = {}
    superseded: list[Path] = []
    path_of_area: dict[str, Path] = {}
    errors: list[tuple[Exception, Finding]] = []
    if folder:
        jobs, errors = _mail_jobs(register, lacking, on_file)
        for draft in drafts_by_leader(report, jobs, letter_source("remind", plan, report, text)):
            contents[folder / draft.filename] = draft.content
            path_of_area |= dict.fromkeys(draft.areas, folder / draft.filename)
        files.refuse_sources(contents, [plan, *(file.path for file in found)])
        files.refuse_existing(contents, force=force)
        superseded, told = old_reminders(folder, report, contents)
        contents, kept = set_aside(contents, report.head.language)
        findings += [*told, *kept]
    written = files.write(contents, force=force)
    remove(superseded)
    findings = sort_findings(findings)
    result = replace(result, findings=tuple(findings), written=written).with_internal_errors(errors)
    return ReminderResult(result, all_reminders, path_of_area)


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


def read_plan(path: Path) -> Register:
    """Return the register in a plan or appendix, with the file's name in its findings.

    Raises WorkbookError with the file's name, and PlanError if the file does not exist or is empty.
    """
    return _parse_plan(path, files.read(path))


def _parse_plan(path: Path, content: bytes) -> Register:
    """Return the register in the content of a plan or appendix, as `read_plan` does."""
    from xltiltak.plan.plan_reader import read_appendix

    name = visible(path.name)
    try:
        with named_internal_errors(name):
            register = read_appendix(content)
    except (WorkbookError, PlanError) as error:
        if error.key == "empty":
            raise PlanError("empty_plan", file=name) from error
        error.values["file"] = name
        raise
    return replace(
        register,
        findings=tuple(f.with_file(file=name) for f in register.findings),
        rows_without_ref=tuple(f.with_file(file=name) for f in register.rows_without_ref),
    )


def open_round(
    register: Register, day: date | None, areas: Sequence[str] = (), deadline: date | None = None
) -> Register:
    """Return the register with the date `day` open and the sendings of each area counted.

    `day` is None to continue the date that is open. Opening another date starts a new round: the
    answers of the old one become part of the report. `areas` are those that are sent, empty for
    all. Raises PlanError for an unknown area, and if there is no date.
    """
    report = register.report
    if unknown := [ref for ref in areas if ref not in report.area_refs]:
        raise PlanError("no_area", name=", ".join(unknown), there=", ".join(report.area_refs))
    day = day or report.head.current
    if day is None:
        raise PlanError("no_date", dates=", ".join(f"{d}" for d in report.head.dates))
    is_new_date = day != report.head.current
    all_areas: dict[str, Area] = dict(report.areas)
    for ref in report.area_refs:
        area = report.areas.get(ref, BLANK_AREA)
        sent_before = 0 if is_new_date else area.sent
        all_areas[ref] = replace(area, sent=sent_before + (not areas or ref in areas))
    opened = (register.shown_report if is_new_date else report).with_open_date(day)
    told = deadline_not_sent(register, day, deadline)
    head = replace(opened.head, deadline=None if told else deadline or opened.head.deadline)
    opened = replace(opened, head=head, areas=all_areas)
    findings = (*register.findings, *area_findings(opened), *told)
    if is_new_date:
        accepted, own = register.accepted, register.own
        return Register(opened, accepted=accepted, findings=findings, key=register.key, own=own)
    return replace(
        register,
        report=opened,
        rows_without_ref=(),
        date_from_forms=False,
        written=None,
        findings=findings,
    )


@rule("M124")
def deadline_not_sent(register: Register, day: date, deadline: date | None) -> list[Finding]:
    """Return the finding about a deadline that cannot be right for this date; none if it can.

    It is before the reporting date, or it was sent with another date and nobody has changed it
    since. `deadline` is the one that was asked for; None for that of the plan.
    """
    held, now = register.report.head, deadline or register.report.head.deadline
    sent = (register.written or register).report.head
    if now is None:
        return []
    about, value = About(what=translate("book.deadline", held.language)), f"{now:%d.%m.%Y}"
    if now < day:
        values = {"value": value, "reason": "deadline_before", "date": f"{day:%d.%m.%Y}"}
        return [Finding.create("M124", ANYWHERE, about, **values)]
    if not deadline and sent.current not in (None, day) and now == sent.deadline:
        values = {"value": value, "reason": "deadline_used", "round": f"{sent.current:%d.%m.%Y}"}
        return [Finding.create("M124", ANYWHERE, about, **values)]
    return []


def group_areas_by_form(
    report: Report, refs: Iterable[str], *, per_leader: bool
) -> list[tuple[str, ...]]:
    """Return the area codes of each form: one code, or with `per_leader` all areas of a leader."""
    from xltiltak.mail.mail_drafts import leader_key

    if not per_leader:
        return [(ref,) for ref in refs]
    areas_of_leader: dict[tuple[str, ...], list[str]] = {}
    for ref in refs:
        areas_of_leader.setdefault(leader_key(report, ref), []).append(ref)
    return [tuple(group) for group in areas_of_leader.values()]


def _found_files(paths: Sequence[Path]) -> list[FoundFile]:
    """Return the files among the paths and in folders. Raises PlanError if there are none."""
    found = files.list_files(paths)
    if not found:
        raise PlanError("nothing_found", paths=", ".join(map(visible_path, paths)))
    return found


def _plans_among(found: Iterable[FoundFile]) -> list[Path]:
    """Return the plans and appendices among some files.

    Those in a folder within a folder are left out: they are copies that somebody keeps.
    """
    return [file.path for file in found if SEPARATOR not in file.name and _is_plan(file.path)]


def _is_plan(path: Path) -> bool:
    """Return True for a plan or appendix. A file that cannot be read is told when it is read."""
    from xltiltak.plan.plan_reader import is_appendix

    try:
        return not files.is_folder(path) and is_appendix(files.read(path))
    except Exception:  # noqa: BLE001 - nor may an error of this program stop the other files
        return False


def _without_plan(found: Iterable[FoundFile], plan: Path | None) -> list[FoundFile]:
    """Return the files that may be returned forms: all but the plan itself."""
    return [file for file in found if plan is None or not files.is_same(file.path, plan)]


def _check_files(
    plan: Path | None, found: Sequence[FoundFile], options: Options, *, is_folder: bool
) -> Result:
    """Merge the files into the plan, and write nothing but correction forms."""
    sources = _read_sources(plan, is_sent=bool(found))
    result = _merge_files(sources, found, options, is_folder=is_folder)
    with _traces_kept(result.returned_files):
        forms, kept, errors = _correction_forms(result, options)
        written = files.write(forms, force=options.force)
    findings = _selected_findings(result, options)
    result = replace(result, findings=(*findings, *kept), written=written)
    return result.with_internal_errors(errors)


@contextmanager
def _traces_kept(returned: Sequence[tuple[Path, ReturnedFile]]) -> Iterator[None]:
    """Add the traces of files that an error of this program stopped to an error in the block."""
    try:
        yield
    except XltiltakError as error:
        error.traces += tuple(file.trace for _, file in returned if file.trace)
        raise


def _merge_files(
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
    with _traces_kept(returned):
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
    findings = tuple(sort_findings(_marked_handled(merged, findings)))
    merged = replace(merged, findings=findings, written=None)
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
    return (*merged.findings, *of_plan, *disputes(merged), *ref_missing_in_plan(merged))


def _marked_handled(register: Register, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the findings; those that the coordinator has closed as notes with what they wrote."""
    handled = register.handled
    for finding in findings:
        text = handled.get(finding.fingerprint) if handled else None
        yield finding.as_handled(text) if text else finding


def findings_of(plan: Path, register: Register) -> tuple[Finding, ...]:
    """Return the findings about a plan or an appendix, as its last merge gave them."""
    sources = Sources(register, plan)
    if not _is_plan_only(register):
        sources = Sources(appendix=register, appendix_path=plan)
    return _merge_files(sources, (), DEFAULT_OPTIONS, is_folder=False).findings


def _forms_in_sources(sources: Sources, register: Register) -> Returned:
    """Return the forms that coordinators have collected in the plan or in the appendix."""
    sides = (sources.plan_path, sources.plan), (sources.appendix_path, sources.appendix)
    return tuple(
        (path, read_forms_in_plan(path, replace(register, embedded_forms=side.embedded_forms)))
        for path, side in sides
        if path and side and side.embedded_forms
    )


def _read_sources(plan: Path | None, *, is_sent: bool) -> Sources:
    """Return a plan to read files against. With `is_sent` it must have no rows without a ref."""
    if plan is None:
        return Sources(needs_forms=True)
    register = read_plan(plan)
    if not _is_plan_only(register):
        return Sources(appendix=register, appendix_path=plan)
    return Sources(_refuse_unsent(register) if is_sent else register, plan)


def _refuse_unsent(register: Register) -> Register:
    """Return the register. Raises PlanError if the plan has rows that were never sent."""
    if register.rows_without_ref:
        rows = [f"{row.where()}: «{row.values['value']}»." for row in register.rows_without_ref]
        raise PlanError("unnumbered", rows=" ".join(rows))
    return register


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


def _selected_findings(result: Result, options: Options) -> tuple[Finding, ...]:
    return tuple(filter(options.finding_filter.selects, result.findings))


def _correction_forms(
    result: Result, options: Options
) -> tuple[Outputs, list[Finding], list[tuple[Exception, Finding]]]:
    """Return the forms to send back by their paths; empty if the options name no folder.

    Also return the findings about changed files in their way, and the errors of this program that
    stopped some of them.
    """
    if options.corrections_folder is None:
        return {}, [], []
    from xltiltak.mail.earlier_files import set_aside
    from xltiltak.sheets.forms import correction_forms

    forms, failed = correction_forms(result.register, result.returned_files)
    contents: Outputs = {options.corrections_folder / name: form for name, form in forms.items()}
    read = [path for path, file in result.returned_files if file.outcome != "skipped"]
    files.refuse_sources(contents, read)
    contents, kept = set_aside(contents, result.register.report.head.language)
    return (
        contents,
        kept,
        [
            (error, internal_error(Place(file.file), error=error, reason="internal_return"))
            for file, error in failed
        ],
    )


def _build_forms_and_sent_plan(
    register: Register, filenames: Mapping[tuple[str, ...], str], on_file: Callable[[str], object]
) -> tuple[dict[tuple[str, ...], bytes], bytes]:
    """Return the workbook of each form by its areas, and the plan as sent.

    All are built in one pass over the areas: a form is built just before the plan's sheet of its
    last area. So the heights of the texts of an area are computed once for both, and few areas are
    in memory at a time.
    """
    from xltiltak.sheets.appendix import write_appendix
    from xltiltak.sheets.forms import write_forms

    report, carried = register.report, register.carried_steps
    area_names = {ref: report.area_name(ref) for ref in report.area_refs}
    statistics = area_statistics(report)
    form_of_area = {ref: refs for refs in filenames for ref in refs}
    forms: dict[tuple[str, ...], bytes] = {}

    def build_forms() -> Iterator[tuple[str, Report]]:
        parts: dict[str, Report] = {}
        for ref, part in report.iter_parts():
            refs = form_of_area.get(ref)
            if refs:
                parts[ref] = replace(part, asked_again=register.asked_again)
                if ref == refs[-1]:
                    on_file(filenames[refs])
                    parts_of_form = {area: parts.pop(area) for area in refs}
                    forms[refs] = write_forms(
                        parts_of_form, area_names, statistics, key=register.key
                    )
            of_part = {slot: step for slot, step in carried.items() if slot.ref in part.by_ref}
            yield ref, with_steps(part, of_part)

    sent_plan = write_appendix(register, build_forms())
    return forms, sent_plan
