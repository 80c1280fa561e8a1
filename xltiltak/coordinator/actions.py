"""Decide what each button of the coordinator's workbook does. Excel is not needed here.

`split` sends the forms out, `check` reads what has been returned, `merge` writes the appendix,
`report` writes it for readers, and `remind` drafts e-mails. `choose_plan` and `choose_folder`
follow the choice of a path. `buttons` calls these functions and shows their `ActionResult`.

Each action depends on the settings alone, and can be repeated: a form that exists is not written
again, and a merge continues from the appendix that exists. An action raises ExcelError if a setting
is missing or wrong; the pipelines that it calls raise their own errors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from pathlib import Path

from xltiltak import flows
from xltiltak.coordinator import model
from xltiltak.coordinator.model import Settings
from xltiltak.flows import Result
from xltiltak.intake.returned_file import Options
from xltiltak.mail.mail_drafts import address_missing
from xltiltak.merging.collection import area_findings
from xltiltak.model import files
from xltiltak.model.errors import ExcelError
from xltiltak.model.finding import sort_findings
from xltiltak.model.language import translate
from xltiltak.model.register import Register
from xltiltak.model.report import Head, Report
from xltiltak.model.summary import TOTAL, area_statistics, standings
from xltiltak.model.visible_text import visible
from xltiltak.plan.plan_changes import PlanChange, summary_text
from xltiltak.sheets.file_names import round_filename, sent_plan_path

_READER_FORMATS = (".html", ".docx", ".pdf", ".xlsx")
NEW_DATE = "new_date"  # the key of the error that `buttons` makes a question of
_LOCK_PREFIX = "~$"  # Excel creates a file with this prefix while a workbook is open


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What an action did, as the workbook shows it.

    `message_key` and `values` give the message (see `message`). `register` has the areas and the
    findings to show; None leaves the tables as they are. `settings` are the settings afterwards.
    `files` maps the name of each returned file to its path. `written` are the files written.
    `traces` are those of errors of this program that stopped the reading of a file. `plan_changes`
    are what the coordinator changed in the plan since it was written.
    """

    message_key: str
    values: Mapping[str, object]
    register: Register | None
    settings: Settings
    files: Mapping[str, Path] = field(default_factory=dict)
    written: tuple[Path, ...] = ()
    traces: tuple[str, ...] = ()
    plan_changes: tuple[PlanChange, ...] = ()

    def message(self, language: str) -> str:
        """Return what was done, what was changed in the plan, and how many files an error stopped.

        Those are errors of this program.
        """
        message = translate(f"coordinator.{self.message_key}", language, **self.values)
        if self.plan_changes:
            changes = summary_text(self.plan_changes, language)
            edited = translate("coordinator.plan_edited", language, changes=changes)
            message = f"{message} {edited}"
        if self.traces:
            unread = translate("coordinator.unread_files", language, count=len(self.traces))
            message = f"{unread} {message}"
        return message

    def details(self, language: str) -> str:
        """Return what only the log shows: each change of the plan, and the traces."""
        return "\n".join([*(c.sentence(language) for c in self.plan_changes), *self.traces])


def perform(
    name: str,
    settings: Settings,
    language: str,
    options: Options | None = None,
    *,
    new_date: bool = False,
) -> ActionResult:
    """Run the action of a button of the round, by its name. Raises ExcelError for any other.

    With `new_date` `split` may open a date that the plan does not have.
    """
    match name:
        case "split":
            return split(settings, language, new_date=new_date)
        case "check":
            return check(settings, language, options)
        case "merge":
            return merge(settings, language, options)
        case "report":
            return report(settings, language)
        case "remind":
            return remind(settings, language, options)
        case _:
            raise ExcelError("no_files_here")


def choose_plan(settings: Settings, language: str) -> ActionResult:
    """Set the date, the deadline and missing folders to those that fit the chosen plan.

    The date is that of the plan as sent, or else the first one without answers.
    """
    plan = _existing_plan(settings)
    register = flows.read_plan(plan)
    report, head = register.report, register.report.head
    folder = settings.folder or plan.parent
    day = head.current or _first_date_without_answers(report)
    is_deadline_valid = day and head.deadline and head.deadline >= day
    settings = replace(
        settings,
        sent=settings.sent or folder / _word("folder_sent", language),
        returned=settings.returned or folder / _word("folder_returned", language),
        day=day,
        deadline=head.deadline if is_deadline_valid else None,
    )
    values = {"areas": len(report.area_refs), "measures": standings(report)[TOTAL].measures}
    register = replace(register, findings=(*register.findings, *area_findings(report)))
    return ActionResult("plan_chosen", values, register, settings)


def choose_folder(settings: Settings) -> ActionResult:
    """Return the settings with the chosen folder; nothing else follows from it."""
    return ActionResult("folder_chosen", {}, None, settings)


def split(settings: Settings, language: str, *, new_date: bool = False) -> ActionResult:
    """Write the forms that are not in the folder yet, with drafts of e-mails.

    A date after all those of the plan needs `new_date`, which the button asks for.
    For a new date the plan is written again "as sent", and becomes the plan of the settings. If the
    plan is already the one as sent, only forms that were deleted are written again.
    """
    plan = _existing_plan(settings)
    folder = _required(settings.sent, "no_sent_folder")
    if folder.is_file():
        raise ExcelError("not_a_folder", path=folder)
    register = flows.read_plan(plan)
    day = _requested_date(settings, register.report.head, new_date=new_date)
    is_sent_plan = day == register.report.head.current
    report = register.report.with_open_date(day)
    sent_plan = sent_plan_path(plan, report)

    forms = flows.form_scopes(report, report.area_refs, per_leader=settings.per == "leader")
    existing = [
        form.areas
        for form in forms
        if (folder / round_filename(report, *form.areas, recipient=form.recipient)).exists()
    ]
    missing = [form.areas for form in forms if form.areas not in existing]
    if is_sent_plan and not missing:
        return _split_result("already_sent", register, settings, folder)
    if not is_sent_plan and sent_plan.exists():
        raise ExcelError("sent_before", file=visible(sent_plan.name), date=day)
    if not is_sent_plan and existing:
        areas = ", ".join(map(report.area_name, dict.fromkeys(chain(*existing))))
        raise ExcelError("forms_there", areas=areas, path=folder, date=day)
    _refuse_open_files([sent_plan])

    result = flows.split(
        plan,
        folder,
        day=day,
        areas=tuple(chain(*missing)) if is_sent_plan else (),
        deadline=settings.deadline,
        per_leader=settings.per == "leader",
        mail=True,
        force=is_sent_plan,
        new_date=new_date,
    )
    settings = _settings_after_split(settings, result.register.report.head, sent_plan, language)
    told = [finding for finding in result.findings if finding.code != "M108"]
    register = replace(flows.read_plan(sent_plan), findings=tuple(told))
    sent = _split_result("sent_out", register, settings, folder, count=len(missing))
    return replace(sent, written=result.written, plan_changes=result.plan_changes)


def check(settings: Settings, language: str, options: Options | None = None) -> ActionResult:
    """Check what has been returned against the plan, or the appendix if there is one.

    Nothing is written.
    """
    plan = _plan_to_continue(_with_appendix(settings, language))
    folder = _folder_with_returns(settings)
    result = flows.check([folder], plan=plan, options=options or Options())
    return _action_result("checked", result, settings)


def merge(settings: Settings, language: str, options: Options | None = None) -> ActionResult:
    """Write the appendix from what has been returned, the plan, and the appendix so far."""
    settings = _with_appendix(settings, language)
    _plan_to_continue(settings)
    plan, folder = _existing_plan(settings), _folder_with_returns(settings)
    target = _required(settings.appendix, "not_merged")
    if target.exists() and target.samefile(plan):
        raise ExcelError("appendix_is_plan", file=visible(target.name))
    _refuse_open_files([target])
    result = flows.merge([folder], target, plan=plan, options=options or Options())
    key = "unchanged" if result.is_unchanged else "merged"
    return _action_result(key, result, settings, file=visible(target.name))


def report(settings: Settings, language: str) -> ActionResult:
    """Write the appendix for readers, in every format, to files beside it."""
    from xltiltak.publishing import publication

    settings = _with_appendix(settings, language) if settings.plan else settings
    appendix = _required(settings.appendix, "not_merged")
    if not appendix.is_file():
        raise ExcelError("not_merged")
    checked = flows.check([appendix])
    targets = report_targets(appendix, checked.register.report.head.current, language)
    _refuse_open_files(targets)

    prepared = publication.prepare(appendix, targets=targets)
    written = publication.publish(prepared, targets, force=True)
    findings = tuple(sort_findings([*checked.findings, *prepared.rule_findings]))
    register = replace(checked.register, findings=findings)
    result = replace(checked, register=register, written=written)
    names = ", ".join(visible(path.name) for path in written)
    privacy = len(prepared.rule_findings)
    return _action_result("reported", result, settings, files=names, privacy=privacy)


def report_targets(appendix: Path, day: date | None, language: str) -> list[Path]:
    """Return the paths of the report of an appendix for readers, one for each format."""
    from xltiltak.publishing import publication

    name = f"{_word('file_report', language)} {day or ''}".strip()
    formats = [suffix for suffix in publication.FORMATS if suffix in _READER_FORMATS]
    return [appendix.with_name(name + suffix) for suffix in formats]


def remind(settings: Settings, language: str, options: Options | None = None) -> ActionResult:
    """Write an e-mail draft to each leader who has not answered everything.

    Drafts of earlier reminders that are no longer needed are deleted, if nobody has changed them.
    """
    settings = _with_appendix(settings, language)
    plan = _plan_to_continue(settings)
    returned = settings.returned
    has_returns = returned and returned.is_dir() and any(returned.iterdir())
    paths = [_folder_with_returns(settings)] if has_returns else []
    folder = (returned or plan).with_name(_word("folder_reminders", language))

    reminded = flows.remind(plan, paths, folder, force=True, options=options or Options())
    written = reminded.result.written
    states = Counter(reminder.state for reminder in reminded.reminders)
    values = {"waiting": states["waiting"], "partly": states["partly"], "count": len(written)}
    key = "reminded" if written else "nobody_owes"
    return _action_result(key, reminded.result, settings, folder=folder, **values)


def _split_result(
    message_key: str, register: Register, settings: Settings, folder: Path, **values: object
) -> ActionResult:
    """Return the result of `split`, with a finding for each form without an e-mail address."""
    report = register.report
    forms = [(ref, name) for ref in report.area_refs for name in report.recipients_in(ref)]
    findings = [*register.findings, *address_missing(report, forms)]
    register = replace(register, findings=tuple(sort_findings(findings)))
    values = {"date": report.head.current, "folder": folder, **values}
    return ActionResult(message_key, values, register, settings)


def _action_result(
    message_key: str, result: Result, settings: Settings, **values: object
) -> ActionResult:
    """Return the result of an action that has read returned files."""
    register = result.register
    refs = register.report.area_refs
    answered = len(register.complete_areas.intersection(refs))
    numbers = {"returned": answered, "areas": len(refs), **model.counts(result.findings)}
    paths = {file.file: path for path, file in result.returned_files}
    values = {**numbers, **values}
    changes = result.plan_changes
    return ActionResult(
        message_key, values, register, settings, paths, result.written, result.traces, changes
    )


def _settings_after_split(
    settings: Settings, head: Head, sent_plan: Path, language: str
) -> Settings:
    """Return the settings for the rest of the round: the plan as sent, its date and deadline.

    A new date gets a folder without returned files, and an appendix that does not exist yet. The
    folder for returned files is created.
    """
    is_new_date = settings.plan != sent_plan
    name = _word("folder_returned", language)
    returned = settings.returned or _required(settings.sent, "no_sent_folder").with_name(name)
    if is_new_date and returned.is_dir() and files.list_files([returned]):
        returned = returned.with_name(f"{name} {head.current}")
    returned.mkdir(parents=True, exist_ok=True)

    settings = replace(
        settings, plan=sent_plan, returned=returned, day=head.current, deadline=head.deadline
    )
    appendix = settings.appendix
    if appendix is None or (is_new_date and appendix.exists()):
        appendix = _default_appendix(settings, sent_plan, language)
    return replace(settings, appendix=appendix)


def _required(path: Path | None, key: str) -> Path:
    """Return the path of a setting. Raises ExcelError with this key if it is not set."""
    if path is None:
        raise ExcelError(key)
    return path


def _existing_plan(settings: Settings) -> Path:
    """Return the path of the plan. Raises ExcelError if none is set, or the file is missing."""
    plan = _required(settings.plan, "no_plan")
    if not plan.is_file():
        raise ExcelError("plan_missing", path=plan)
    return plan


def _plan_to_continue(settings: Settings) -> Path:
    """Return the file that returned forms are merged into: the appendix if it exists, or the plan.

    Raises ExcelError if the appendix is of another date than the one of the settings.
    """
    plan, appendix = _existing_plan(settings), settings.appendix
    if appendix is None or not appendix.exists():
        return plan
    day = flows.read_plan(appendix).report.head.current
    if settings.day and day != settings.day:
        file = visible(appendix.name)
        raise ExcelError("other_appendix", file=file, date=day or "–", wanted=settings.day)
    return appendix


def _with_appendix(settings: Settings, language: str) -> Settings:
    """Return the settings with the default path of the appendix, if none is set."""
    if settings.appendix:
        return settings
    appendix = _default_appendix(settings, _existing_plan(settings), language)
    return replace(settings, appendix=appendix)


def _default_appendix(settings: Settings, plan: Path, language: str) -> Path:
    """Return the path of an appendix beside the plan, with its date in the name.

    The same date gives the same path, so that a later merge finds the appendix of an earlier one.
    """
    day = settings.day or flows.read_plan(plan).report.head.current
    return plan.with_name(f"{_word('file_appendix', language)} {day or ''}".strip() + ".xlsx")


def _folder_with_returns(settings: Settings) -> Path:
    """Return the folder of returned files.

    Raises ExcelError if it is not set, missing or empty, or if it also has other files of ours.
    """
    folder = _required(settings.returned, "no_returned_folder")
    if settings.sent and folder.resolve() == settings.sent.resolve():
        raise ExcelError("same_folder", path=folder)
    for workbook in (settings.plan, settings.appendix):
        if workbook and workbook.resolve().parent == folder.resolve():
            raise ExcelError("among_answers", file=visible(workbook.name), path=folder)
    if not folder.is_dir():
        raise ExcelError("not_a_folder" if folder.is_file() else "folder_missing", path=folder)
    if not files.list_files([folder]):
        raise ExcelError("folder_empty", path=folder)
    return folder


def _requested_date(settings: Settings, head: Head, *, new_date: bool) -> date:
    """Return the date to send forms for.

    Raises ExcelError if there is none, or if it is an earlier date that the plan does not have. A
    later one needs `new_date`.
    """
    day = settings.day or head.current
    if day is None:
        raise ExcelError("no_date", dates=head.dates)
    if head.dates and day not in head.dates and day < max(head.dates):
        raise ExcelError("no_such_date", date=day, dates=head.dates)
    if head.dates and day not in head.dates and not new_date:
        raise ExcelError(NEW_DATE, date=day, dates=head.dates)
    return day


def _first_date_without_answers(report: Report) -> date | None:
    """Return the first reporting date that has no answers; None if all have some.

    Without a mean in the template answers are not counted, and the first date is returned.
    """
    statistics = area_statistics(report)
    for day in report.head.dates:
        if not (statistics and statistics[TOTAL, day].answered):
            return day
    return None


def _refuse_open_files(targets: Iterable[Path]) -> None:
    """Raise ExcelError if a file is open in Excel, on this machine or another."""
    for target in targets:
        lock = target.with_name(f"{_LOCK_PREFIX}{target.name}")
        if target.exists() and lock.exists():
            raise ExcelError("open_elsewhere", file=visible(target.name), lock=lock.name)


def _word(key: str, language: str) -> str:
    return translate(f"coordinator.{key}", language)
