"""The pipelines, each readable from top to bottom: files in, a register between, files out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from xltiltak.intake.batch import DEFAULT_OPTIONS, Options, ProgressCallback, read_returns
from xltiltak.intake.relocated import reread_relocated_sheets
from xltiltak.merging.collection_rules import other_report, ref_missing_in_plan
from xltiltak.merging.merge import merge as merged
from xltiltak.merging.register_from_forms import register_from_forms
from xltiltak.model import files
from xltiltak.model.errors import OutputError, PlanError, WorkbookError
from xltiltak.model.finding import Finding, sort_findings
from xltiltak.model.normalize import normalize
from xltiltak.model.register import Register, ReturnedFile
from xltiltak.model.report import BLANK_AREA, Report
from xltiltak.model.summary import area_statistics
from xltiltak.sheets.file_names import form_filename, sent_plan_path

if TYPE_CHECKING:
    from xltiltak.mail.reminders import Reminder


class Result(NamedTuple):
    """What a pipeline gives: the register, every file it read with its path as given, and the files it wrote."""

    register: Register
    returned_files: tuple[tuple[Path, ReturnedFile], ...] = ()
    findings: tuple[Finding, ...] = ()
    written: tuple[Path, ...] = ()


class ReminderResult(NamedTuple):
    """What was found and written: every area in order, and for those who owe something the path of their draft."""

    result: Result
    reminders: tuple[Reminder, ...]
    drafts: Mapping[str, Path]


def split(  # noqa: PLR0913 - each is a choice of hers
    plan: Path,
    folder: Path,
    *,
    day: date | None = None,
    areas: Sequence[str] = (),
    deadline: date | None = None,
    per_leader: bool = False,
    mail: bool | Path = False,
    force: bool = False,
) -> Result:
    """A form for every area, or for every leader with all of hers, and beside the plan the plan as it was sent.

    `deadline` stands instead of the plan's own. With `mail` a draft for every leader too, with its own text where a
    file is named.
    """
    from xltiltak.mail.mail_drafts import MailJob, first_letters
    from xltiltak.sheets.appendix import appendix_chunks

    register = open_round(read_plan(plan), day, areas, deadline)
    report, names = (
        register.report,
        {ref: register.report.area_name(ref) for ref in register.report.area_refs},
    )
    chosen = [ref for ref in names if not areas or ref in areas]
    forms = dict.fromkeys(group_areas_by_form(report, chosen, per_leader=per_leader), b"")
    sent = appendix_chunks(register, _with_forms(forms, report, names))
    made = {folder / form_filename(report, *refs): form for refs, form in forms.items()}
    errands = [
        MailJob(ref, form_filename(report, *refs), form)
        for refs, form in forms.items()
        for ref in refs
    ]
    letters, told = first_letters(plan, report, errands, mail)
    made |= {folder / letter.file: letter.content for letter in letters}
    written = files.write({**made, sent_plan_path(plan, report): sent}, force=force)
    return Result(
        register, findings=tuple(sort_findings([*register.findings, *told])), written=written
    )


def _with_forms(
    forms: dict[tuple[str, ...], bytes], report: Report, names: Mapping[str, str]
) -> Iterator[tuple[str, Report]]:
    """The areas' parts one by one, each form written beside the plan's sheet: its texts are measured once for both."""
    from xltiltak.sheets.form import write_forms

    form_of, held = {ref: refs for refs in forms for ref in refs}, dict[str, Report]()
    statistics = area_statistics(report)
    for area, part in report.iter_parts():
        if refs := form_of.get(area):
            held[area] = part
        if refs and area == refs[-1]:
            forms[refs] = write_forms({ref: held.pop(ref) for ref in refs}, names, statistics)
        yield area, part


def check(
    paths: Sequence[Path], *, plan: Path | None = None, options: Options = DEFAULT_OPTIONS
) -> Result:
    """What returned files say, and what there is to tell about them; nothing is written but forms to put right."""
    plans, returned = split_plans_and_returns(
        paths, jobs=options.jobs, on_file_done=options.on_file_done
    )
    if len(plans) > 1 or (plans and plan):
        raise PlanError("several_plans", files=", ".join(path.name for path in plans))
    if not plans and not returned:
        raise PlanError("nothing_found", paths=", ".join(map(str, paths)))
    known = next(iter(plans), plan)
    register = read_plan(known) if known and not returned else _register(known, returned)
    done = _taken(register, known, returned)
    written = files.write(_correction_forms(done, options), force=options.force)
    return done._replace(findings=_counting(done, options), written=written)


def merge(
    paths: Sequence[Path],
    target: Path,
    *,
    plan: Path | None = None,
    strict: bool = False,
    force: bool = False,
    options: Options = DEFAULT_OPTIONS,
) -> Result:
    """The appendix that the plan and the returned files make up. With `strict`, errors keep it from being written."""
    from xltiltak.sheets.appendix import appendix_chunks

    files.refuse_existing([target], force=force)
    done = _collected(paths, plan, options)
    if any(
        received.submissions and path.resolve() == target.resolve()
        for path, received in done.returned_files
    ):
        raise OutputError("is_an_answer", file=target.name)
    taken = done.register
    counting = _counting(done, options)
    blocked = strict and any(f.severity == "error" for f in counting)
    made = {} if blocked else {target: appendix_chunks(taken)}
    return done._replace(
        findings=counting,
        written=files.write({**made, **_correction_forms(done, options)}, force=force),
    )


def remind(
    plan: Path,
    returned: Sequence[Path] = (),
    folder: Path | None = None,
    *,
    text: Path | None = None,
    force: bool = False,
    options: Options | None = None,
) -> ReminderResult:
    """Who owes what, by the plan as it was sent and what has come back; the drafts are written to `folder`, if any.

    Raises PlanError when no date is open, or the letter's text has a fault.
    """
    from xltiltak.mail.mail_drafts import address_missing, drafts, text_for
    from xltiltak.mail.reminders import mail_job, may_hide_answer, reminders

    came = [path for path in files.list_files(returned) if not _is_same(path, plan)]
    done = check([plan, *came], options=options or Options())
    report = done.register.report
    if report.head.current is None:
        raise PlanError("not_sent", file=plan.name)
    known = tuple(reminders(done.register))
    owing = [reminder for reminder in known if reminder.state != "complete"]
    errands = [mail_job(done.register, reminder) for reminder in owing] if folder else []
    posts = {
        Path(folder or "") / p.file: p
        for p in drafts(report, errands, text_for("remind", plan, report, text))
    }
    written = files.write({path: post.content for path, post in posts.items()}, force=force)
    told = sort_findings(
        [*filter(may_hide_answer, done.findings), *address_missing(report, [r.area for r in owing])]
    )
    of_area = {area: path for path, post in posts.items() for area in post.areas}
    return ReminderResult(done._replace(findings=tuple(told), written=written), known, of_area)


def split_plans_and_returns(
    paths: Sequence[Path], *, jobs: int = 1, on_file_done: ProgressCallback | None = None
) -> tuple[list[Path], list[tuple[Path, ReturnedFile]]]:
    """Plans and appendices among the paths, and everything else as returned files."""
    from xltiltak.plan.plan_reader import is_appendix

    found = files.list_files(paths)
    plans = [path for path in found if path.is_file() and is_appendix(files.read(path))]
    rest = [path for path in found if path not in plans]
    return plans, read_returns(
        rest, jobs=jobs, on_file_done=on_file_done, keep_sent=not plans
    ) if rest else []


def _counting(done: Result, options: Options) -> tuple[Finding, ...]:
    """The findings that are asked for."""
    return tuple(filter(options.finding_filter.selects, done.findings))


def _correction_forms(done: Result, options: Options) -> dict[Path, bytes]:
    """The forms that go back, where they are asked for."""
    if options.corrections_folder is None:
        return {}
    from xltiltak.sheets.corrections import correction_forms

    return {
        options.corrections_folder / name: form
        for name, form in correction_forms(done.register, done.returned_files).items()
    }


def read_plan(path: Path) -> Register:
    """The register of a plan or appendix. Raises WorkbookError with the file's name, PlanError when it is not there."""
    from xltiltak.plan.plan_reader import read_appendix

    content = files.read(path)
    try:
        register = read_appendix(content)
    except (WorkbookError, PlanError) as error:
        if error.key == "empty":
            raise PlanError("empty_plan", file=path.name) from error
        error.values["file"] = path.name
        raise
    told = tuple(f.with_file(file=path.name) for f in register.findings)
    unnumbered = tuple(f.with_file(file=path.name) for f in register.rows_without_ref)
    return replace(register, findings=told, rows_without_ref=unnumbered)


def open_round(
    register: Register, day: date | None, areas: Sequence[str] = (), deadline: date | None = None
) -> Register:
    """The register with a date open and each area's sending counted. Raises PlanError for an area that is not there."""
    report = register.report
    if unknown := [ref for ref in areas if ref not in report.area_refs]:
        raise PlanError("no_area", name=", ".join(unknown), there=", ".join(report.area_refs))
    day = day or report.head.current
    if day is None:
        raise PlanError("no_date", dates=", ".join(f"{d}" for d in report.head.dates))
    anew = day != report.head.current
    opened = report.with_open_date(day)
    counted = {
        ref: _sent_again(report, ref, anew=anew, chosen=not areas or ref in areas)
        for ref in report.area_refs
    }
    head = replace(opened.head, deadline=deadline or opened.head.deadline)
    sent = replace(opened, head=head, areas={**report.areas, **counted})
    if anew:
        return Register(sent, accepted=register.accepted, findings=register.findings)
    return replace(register, report=sent, rows_without_ref=(), date_from_forms=False)


def _sent_again(report: Report, ref: str, *, anew: bool, chosen: bool) -> Any:
    area = report.areas.get(ref, BLANK_AREA)
    return replace(area, sent=(0 if anew else area.sent) + int(chosen))


def group_areas_by_form(
    report: Report, refs: Iterable[str], *, per_leader: bool
) -> list[tuple[str, ...]]:
    """The areas of each form: one, or all that a leader answers for, by her address or name.

    An area that nobody answers for stands alone.
    """
    if not per_leader:
        return [(ref,) for ref in refs]
    found: dict[str, list[str]] = {}
    for ref in refs:
        known = report.areas.get(ref, BLANK_AREA)
        found.setdefault(normalize(known.email or known.leader) or f"@{ref}", []).append(ref)
    return [tuple(together) for together in found.values()]


def _register(plan: Path | None, returned: Sequence[tuple[Path, ReturnedFile]]) -> Register:
    """The coordinator's side. Raises PlanError when the plan has rows that were never sent."""
    if plan is None:
        return register_from_forms([received for _, received in returned])
    register = read_plan(plan)
    if register.rows_without_ref:
        told = " ".join(f"{f.where()}: «{f.values['value']}»." for f in register.rows_without_ref)
        raise PlanError("unnumbered", rows=told)
    return register


def _accepted(
    register: Register, returned: Iterable[tuple[Path, ReturnedFile]]
) -> Iterator[ReturnedFile]:
    """The files that are about this report; another's are told of and give nothing."""
    for _, received in returned:
        told = tuple(other_report(received, register))
        held = (finding.with_severity("note") for finding in received.all_findings())
        refused = replace(
            received, outcome="refused", submissions=(), findings=(*told, *held), corrected_files=()
        )
        yield refused if told else received


def _collected(paths: Sequence[Path], plan: Path | None, options: Options) -> Result:
    """The register of the plan, which is read before the forms fill the memory, with the forms taken in."""
    known = _register(plan, ()) if plan else None
    returned = read_returns(
        paths, jobs=options.jobs, on_file_done=options.on_file_done, keep_sent=known is None
    )
    return _taken(known or _register(None, returned), plan, returned)


def _taken(
    register: Register, plan: Path | None, returned: Sequence[tuple[Path, ReturnedFile]]
) -> Result:
    """The register with the returned files taken in; what is unreadable in the plan itself is told with the rest."""
    returned = reread_relocated_sheets(register, plan, returned)
    merged_ = merged(register, _accepted(register, returned))
    told = tuple(
        sort_findings([*merged_.findings, *register.findings, *ref_missing_in_plan(register)])
    )
    return Result(replace(merged_, findings=told), returned, told)


def _is_same(path: Path, plan: Path) -> bool:
    return path.exists() and plan.exists() and path.samefile(plan)
