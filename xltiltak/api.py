"""The functions and result of `import xltiltak`; `docs/api.md` shows them at work.

Paths are `str` or `os.PathLike[str]`. What cannot be done raises `XltiltakError`, whose text is a
sentence in the user's language. An argument of a wrong type raises TypeError. What is wrong in
people's answers raises nothing: it is a `Finding` of the result.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from xltiltak import flows
from xltiltak.intake import returned_file
from xltiltak.merging.merge import merge as merge_returns
from xltiltak.model.errors import NothingReturned, OutputError, PlanError, XltiltakError
from xltiltak.model.files import read as read_file
from xltiltak.model.finding import Finding
from xltiltak.model.language import LANGUAGES, preferred_language, translate
from xltiltak.model.register import FileOutcome, Register
from xltiltak.model.report import Report
from xltiltak.model.visible_text import visible
from xltiltak.plan.plan_changes import PlanChange

if TYPE_CHECKING:
    from xltiltak.publishing.publication import Publication

__all__ = [
    "Finding",
    "Report",
    "RunResult",
    "XltiltakError",
    "check",
    "merge",
    "publish",
    "read",
    "split",
]

StrPath = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a function has computed and written.

    `report` has the answers of all files that were read. `findings` are sorted, errors first.
    `written` are the files that were written, in the order they were given. `returned` are the
    codes of the areas that have answered the open date. `files` are the returned files, each with
    "read", "partly" (it has errors), "refused" or "skipped". `plan_changes` are what the
    coordinator changed in the plan since it was written.
    """

    report: Report
    findings: tuple[Finding, ...] = ()
    written: tuple[Path, ...] = ()
    returned: frozenset[str] = frozenset()
    files: Mapping[Path, FileOutcome] = field(default_factory=dict)
    plan_changes: tuple[PlanChange, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that are errors: they must be put right before the appendix is."""
        return tuple(finding for finding in self.findings if finding.severity == "error")


def read(path: StrPath) -> Report:
    """Return the report in a plan, an appendix, or a form.

    The report of a form has the areas of that form alone, with the answers that a merge would take
    from it: cells that cannot be read keep what was sent, and so do locked cells. `check` tells
    which cells those are. Raises XltiltakError for a file that is none of these.
    """
    file = _path(path)
    try:
        return flows.read_plan(file).shown_report
    except PlanError as error:
        if error.key != "a_form":
            raise
    form = returned_file.parse_return(visible(file.name), read_file(file))
    _log_traces((form.trace,) if form.trace else ())
    if form.sent_report is None:
        raise NothingReturned(form.all_findings())
    return merge_returns(Register(form.sent_report), [form]).shown_report


def split(  # noqa: PLR0913 - each is a choice of the caller
    plan: StrPath,
    folder: StrPath,
    *,
    date: dt.date | None = None,
    areas: str | Iterable[str] = (),
    deadline: dt.date | None = None,
    per_leader: bool = False,
    mail: bool | StrPath = False,
    force: bool = False,
    new_date: bool = False,
    dry_run: bool = False,
) -> RunResult:
    """Write a form for each area to `folder`, and the plan as it was sent beside the plan.

    `date` is the reporting date to answer; None continues the one that is open. One that the plan
    does not have needs `new_date`. With `dry_run` nothing is written. `areas` are the
    codes of the areas to send, empty for all. `deadline` replaces the plan's. With `per_leader` one
    form has all areas of a leader. With `mail` a draft of an e-mail is written for each leader; a
    path is a file with your own text for it. Existing files are overwritten only with `force`.
    Raises XltiltakError.
    """
    return _result(
        flows.split(
            _path(plan),
            _path(folder),
            day=_day(date, "date"),
            areas=_texts(areas),
            deadline=_day(deadline, "deadline"),
            per_leader=per_leader,
            mail=mail if isinstance(mail, bool) else _path(mail),
            force=force,
            new_date=new_date,
            dry_run=dry_run,
        )
    )


def check(
    paths: StrPath | Iterable[StrPath], *, plan: StrPath | None = None, jobs: int = 1
) -> RunResult:
    """Read returned forms, or a plan or appendix; return their report and findings. Write nothing.

    `paths` are files, and folders of files. `plan` is the plan as it was sent; None takes what the
    forms say of it. `jobs` is the number of processes that read. Raises XltiltakError if there is
    nothing to read.
    """
    return _result(
        flows.check(_paths(paths), plan=_path_or_none(plan), options=returned_file.Options(jobs))
    )


def merge(
    paths: StrPath | Iterable[StrPath],
    target: StrPath,
    *,
    plan: StrPath | None = None,
    strict: bool = False,
    force: bool = False,
    fresh: bool = False,
    jobs: int = 1,
) -> RunResult:
    """Write the appendix that the returned forms and the plan make up to `target`.

    `paths`, `plan` and `jobs` are those of `check`; `plan` may also be an earlier appendix. An
    appendix of the same report and date at `target` is continued: what was decided in it stands.
    With `fresh` it is begun again from the plan. Any other file is overwritten only with `force`.
    With `strict` nothing is written if there are errors: then `written` is empty. So it is if the
    appendix has all of it already. Raises XltiltakError.
    """
    options = returned_file.Options(jobs)
    plan_file = _path_or_none(plan)
    return _result(
        flows.merge(
            _paths(paths),
            _path(target),
            plan=plan_file,
            strict=strict,
            force=force,
            fresh=fresh,
            options=options,
        )
    )


def publish(
    report: Report | StrPath,
    *targets: StrPath,
    language: str | None = None,
    with_findings: bool = False,
    letterhead: StrPath | None = None,
    strict: bool = False,
    force: bool = False,
) -> RunResult:
    """Write a report for its readers, in the format of each target's suffix.

    The suffixes are .html, .docx, .pdf, .xlsx, .csv and .json.

    `report` is an appendix file, or a Report. Fields for internal use are left out of all formats.
    `language` is that of fixed words and numbers ("nb", "nn", "sv", "en"), None for the report's
    own. `letterhead` is a Word template for .docx. With `strict` nothing is written if there is any
    finding. All targets are written, or none; existing ones only with `force`.

    A Report does not say who has returned a form, so no area is marked as missing, and
    `with_findings` (a chapter with the findings) needs a file. `style.toml` is looked for beside
    the appendix; for a Report, beside the first target. Raises XltiltakError, TypeError without a
    target, ValueError for an unknown language.
    """
    if not targets:
        raise TypeError(
            "publish() needs at least one file to write, for example publish(report, 'report.html')"
        )
    if language is not None and language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, not {language!r}")
    from xltiltak.publishing import publication

    outputs, word_template = _paths(targets), _path_or_none(letterhead)
    sources = [_path(report)] if not isinstance(report, Report) else []
    sources += [word_template] if word_template else []
    publication.check_targets(outputs, force=force, sources=sources)
    if word_template and not any(path.suffix.lower() == ".docx" for path in outputs):
        raise OutputError("no_docx")
    if isinstance(report, Report):
        if with_findings:
            raise TypeError(
                "publish() needs the appendix as a file, not a Report, for with_findings"
            )
        prepared = _publication(report, language or "", word_template, outputs)
    else:
        prepared = publication.prepare(
            sources[0],
            language=language or "",
            with_findings=with_findings,
            letterhead=word_template,
            targets=outputs,
        )
    blocked = strict and bool(prepared.findings)
    written = () if blocked else publication.publish(prepared, outputs, force=force)
    return _result(flows.Result(prepared.register, findings=prepared.findings, written=written))


def _publication(
    report: Report, language: str, letterhead: Path | None, targets: Sequence[Path]
) -> Publication:
    """Return the publication of a report in memory; it has no areas that are marked as missing."""
    from xltiltak.publishing.public_view import public_view
    from xltiltak.publishing.publication import Publication, read_letterhead
    from xltiltak.publishing.style import find_style

    register = Register(report)
    return Publication(
        register,
        replace(public_view(register, language), unanswered_areas=()),
        style=find_style(targets[0], report.template.id),
        letterhead=read_letterhead(letterhead) if letterhead else b"",
        formats=frozenset(target.suffix.lower() for target in targets),
    )


def _result(done: flows.Result) -> RunResult:
    """Return what a pipeline gives, without the register's own records."""
    _log_traces(done.traces)
    outcomes = {path: received.outcome for path, received in done.returned_files}
    return RunResult(
        done.register.shown_report,
        done.findings,
        done.written,
        done.register.complete_areas,
        outcomes,
        done.plan_changes,
    )


def _log_traces(traces: Sequence[str]) -> None:
    """Write errors of this package to a log file, and its path to the logger `xltiltak`."""
    if traces:
        from xltiltak.model.internal_errors import write_log

        log = write_log(traces)
        language = preferred_language()
        told = translate("error.log" if log else "error.no_log", language, path=log)
        logging.getLogger("xltiltak").error(told)


def _path(value: StrPath) -> Path:
    """Return a Path. Raises TypeError for anything that is no path, and for bytes."""
    return Path(os.fspath(value))


def _path_or_none(value: StrPath | None) -> Path | None:
    return None if value is None else _path(value)


def _paths(values: StrPath | Iterable[StrPath]) -> list[Path]:
    """Return one path or several as a list. Raises PlanError for an empty one."""
    if isinstance(values, str | os.PathLike):
        return [_path(values)]
    paths = [_path(value) for value in values]
    if not paths:
        raise PlanError("nothing_found", paths="[]")
    return paths


def _texts(values: str | Iterable[str]) -> tuple[str, ...]:
    """Return one text or several as a tuple."""
    return (values,) if isinstance(values, str) else tuple(values)


def _day(value: dt.date | None, name: str) -> dt.date | None:
    """Return a date without a time. Raises TypeError for anything else than a date or None."""
    if isinstance(value, dt.datetime):
        return value.date()
    if value is None or isinstance(value, dt.date):
        return value
    raise TypeError(f"{name} must be a datetime.date, not {type(value).__name__}")
