"""What each button of the coordinator's workbook does, by what she has chosen in it: which plan, files and date.

`sending` has the first of them. A second click changes nothing: the appendix is merged on with what has come since.
Raises ExcelError with what is missing in her settings, else what the pipelines raise.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from xltiltak import flows
from xltiltak.coordinator import model
from xltiltak.coordinator.model import Settings
from xltiltak.flows import Result
from xltiltak.intake.batch import Options
from xltiltak.model import files
from xltiltak.model.errors import ExcelError
from xltiltak.model.finding import sort_findings
from xltiltak.model.language import translate
from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.model.summary import TOTAL, area_statistics, measure_nodes

_FOR_READERS = (".html", ".docx", ".pdf", ".xlsx")
_DRAFT = re.compile(
    r"[A-Z0-9+]+-\d{4}-\d\d-\d\d"
)  # how the name of a draft of ours begins; others are hers
_LOCK = "~$"  # what Excel puts before the name of a file while it has it open


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What a button did: what is said of it, the register to show (None: all is as it was), and her settings now.

    `files` are the returned files by their names; `written` what there is to open.
    """

    said: str
    values: Mapping[str, object]
    register: Register | None
    settings: Settings
    files: Mapping[str, Path] = field(default_factory=dict)
    written: tuple[Path, ...] = ()

    def sentence(self, language: str) -> str:
        """What is said of it."""
        return translate(f"coordinator.{self.said}", language, **self.values)


def choose_plan(settings: Settings, language: str) -> ActionResult:
    """The plan is chosen: its date and deadline become hers, and she gets folders where she has none."""
    plan = plan_of(settings)
    register = flows.read_plan(plan)
    head = register.report.head
    folder, day = settings.folder or plan.parent, head.current or _next_date(register.report)
    settings = replace(
        settings,
        sent=settings.sent or folder / word("folder_sent", language),
        returned=settings.returned or folder / word("folder_returned", language),
        day=day,
        deadline=head.deadline if day and head.deadline and head.deadline >= day else None,
    )
    values = {
        "areas": len(register.report.area_refs),
        "measures": sum(1 for _ in measure_nodes(register.report)),
    }
    return ActionResult("plan_chosen", values, register, settings)


def choose_folder(settings: Settings) -> ActionResult:
    """A folder is chosen; there is nothing more to do with it."""
    return ActionResult("folder_chosen", {}, None, settings)


def check(settings: Settings, language: str, options: Options | None = None) -> ActionResult:
    """What has come back, held against the plan or what is merged already; nothing is written."""
    known, folder = _known(_with_appendix(settings, language)), _returned(settings)
    done = flows.check([folder], plan=known, options=options or Options())
    return _told("checked", done, settings)


def merge(settings: Settings, language: str, options: Options | None = None) -> ActionResult:
    """The appendix of the plan, or of the appendix that is there, and of all that has come back."""
    settings = _with_appendix(settings, language)
    known, folder = _known(settings), _returned(settings)
    target = chosen(settings.appendix, "not_merged")
    if target.exists() and target.samefile(plan_of(settings)):
        raise ExcelError("appendix_is_plan", file=target.name)
    refuse_open([target])
    done = flows.merge([folder], target, plan=known, force=True, options=options or Options())
    return _told("merged", done, settings, file=target.name)


def report(settings: Settings, language: str) -> ActionResult:
    """The appendix as people read it, in every format for readers, beside it."""
    from xltiltak.publishing import publication

    settings = _with_appendix(settings, language) if settings.plan else settings
    appendix = chosen(settings.appendix, "not_merged")
    if not appendix.is_file():
        raise ExcelError("not_merged")
    known = flows.check([appendix])
    name = f"{word('file_report', language)} {known.register.report.head.current or ''}".strip()
    targets = [
        appendix.with_name(name + suffix)
        for suffix in publication.FORMATS
        if suffix in _FOR_READERS
    ]
    refuse_open(targets)
    made = publication.prepare(appendix, targets=targets)
    written = publication.publish(made, targets, force=True)
    done = replace(
        known,
        register=replace(
            known.register, findings=tuple(sort_findings([*known.findings, *made.rule_findings]))
        ),
        written=written,
    )
    return _told(
        "reported",
        done,
        settings,
        files=", ".join(path.name for path in written),
        privacy=len(made.rule_findings),
    )


def remind(settings: Settings, language: str, options: Options | None = None) -> ActionResult:
    """Drafts to all who owe something, in a folder that holds these and no older ones."""
    settings = _with_appendix(settings, language)
    known, holds = (
        _known(settings),
        settings.returned and settings.returned.is_dir() and any(settings.returned.iterdir()),
    )
    back = [_returned(settings)] if holds else []
    folder = (settings.returned or known).with_name(word("folder_reminders", language))
    done = flows.remind(known, back, folder, force=True, options=options or Options())
    for old in folder.glob("*.eml") if folder.is_dir() else ():
        if old not in done.result.written and _DRAFT.match(old.name):
            old.unlink()
    states = Counter(reminder.state for reminder in done.reminders)
    values = {
        "waiting": states["waiting"],
        "partly": states["partly"],
        "count": len(done.result.written),
    }
    said = "reminded" if done.result.written else "nobody_owes"
    return _told(said, done.result, settings, folder=folder, **values)


def _told(said: str, done: Result, settings: Settings, **values: object) -> ActionResult:
    register = done.register
    refs = register.report.area_refs
    back = len(register.answered_areas.intersection(refs))
    known = {"returned": back, "areas": len(refs), **model.counts(done.findings), **values}
    paths = {path.name: path for path, _ in done.returned_files}
    return ActionResult(said, known, register, settings, paths, done.written)


def chosen(path: Path | None, key: str) -> Path:
    """What she has chosen. Raises ExcelError with this key where that is nothing."""
    if path is None:
        raise ExcelError(key)
    return path


def plan_of(settings: Settings) -> Path:
    """Her plan. Raises ExcelError where none is chosen, or it is not there."""
    plan = chosen(settings.plan, "no_plan")
    if not plan.is_file():
        raise ExcelError("plan_missing", path=plan)
    return plan


def _returned(settings: Settings) -> Path:
    """The folder of what came back. Raises ExcelError where it is not there, empty, or that of something else."""
    folder = chosen(settings.returned, "no_returned_folder")
    if settings.sent and folder.resolve() == settings.sent.resolve():
        raise ExcelError("same_folder", path=folder)
    for book in (settings.plan, settings.appendix):
        if book and book.resolve().parent == folder.resolve():
            raise ExcelError("among_answers", file=book.name, path=folder)
    if not folder.is_dir():
        raise ExcelError("not_a_folder" if folder.is_file() else "folder_missing", path=folder)
    if not files.list_files([folder]):
        raise ExcelError("folder_empty", path=folder)
    return folder


def _known(settings: Settings) -> Path:
    """What returned files are held against: the appendix where there is one of this date, else the plan."""
    plan, appendix = plan_of(settings), settings.appendix
    if appendix is None or not appendix.exists():
        return plan
    day = flows.read_plan(appendix).report.head.current
    if settings.day and day != settings.day:
        told = f"{day:%d.%m.%Y}" if day else "–"
        raise ExcelError(
            "other_appendix", file=appendix.name, date=told, wanted=f"{settings.day:%d.%m.%Y}"
        )
    return appendix


def _with_appendix(settings: Settings, language: str) -> Settings:
    """Her settings with a name for the appendix: what was merged under it before is then merged on with."""
    if settings.appendix:
        return settings
    return replace(settings, appendix=appendix_for(settings, plan_of(settings), language))


def appendix_for(settings: Settings, known: Path, language: str) -> Path:
    """Where the appendix is put that she has given no name: beside the plan, named for its date."""
    day = settings.day or flows.read_plan(known).report.head.current
    return known.with_name(f"{word('file_appendix', language)} {day or ''}".strip() + ".xlsx")


def refuse_open(targets: Iterable[Path]) -> None:
    """Raises ExcelError for a file that somebody has open in Excel, on this machine or another."""
    for target in targets:
        lock = target.with_name(f"{_LOCK}{target.name}")
        if target.exists() and lock.exists():
            raise ExcelError("open_elsewhere", file=target.name, lock=lock.name)


def _next_date(report: Report) -> date | None:
    """The first reporting date that nobody has answered; the last where the template counts no answers."""
    known = area_statistics(report)
    return next((d for d in report.head.dates if not (known and known[TOTAL, d].answered)), None)


def word(key: str, language: str) -> str:
    """A phrase of her workbook."""
    return translate(f"coordinator.{key}", language)
