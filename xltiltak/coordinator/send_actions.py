"""The button that sends the forms out, by what she has chosen: to whom, for which date, and what she goes on with.

A second click changes nothing: forms that are there are not written again. Raises ExcelError with what is missing in
her settings, else what the pipelines raise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path

from xltiltak import flows
from xltiltak.coordinator.actions import (
    ActionResult,
    appendix_for,
    chosen,
    plan_of,
    refuse_open,
    word,
)
from xltiltak.coordinator.model import Settings
from xltiltak.flows import Result
from xltiltak.mail.mail_drafts import address_missing
from xltiltak.model import files
from xltiltak.model.errors import ExcelError
from xltiltak.model.finding import sort_findings
from xltiltak.model.register import Register
from xltiltak.model.report import Head, Report
from xltiltak.sheets.file_names import form_filename, sent_plan_path

Form = tuple[str, ...]  # the areas of one


def split(settings: Settings, language: str) -> ActionResult:
    """The forms that are not in the folder yet. From then on the plan is the plan as it was sent."""
    plan, folder = plan_of(settings), _folder(settings)
    register = flows.read_plan(plan)
    day = _day(settings, register.report.head)
    opened, again = register.report.with_open_date(day), day == register.report.head.current
    lacking, there = _forms(opened, folder, per_leader=settings.per == "leader")
    sent = sent_plan_path(plan, opened)
    if again and not lacking:
        return _sent("already_sent", register, settings, folder)
    if not again:
        _refuse_sent_before(sent, chain(*there), folder, day)
    refuse_open([sent])
    areas = tuple(chain(*lacking)) if again else ()
    done = _written(plan, folder, replace(settings, day=day), areas, anew=not again)
    settings = _after_sending(settings, done, sent, folder, language)
    made = _sent("sent_out", flows.read_plan(sent), settings, folder, count=len(lacking))
    return replace(made, written=done.written)


def _folder(settings: Settings) -> Path:
    folder = chosen(settings.sent, "no_sent_folder")
    if folder.is_file():
        raise ExcelError("not_a_folder", path=folder)
    return folder


def _day(settings: Settings, head: Head) -> date:
    """The date that is asked for. Raises ExcelError without one, and for one that lies before those of the plan."""
    day, dates = (
        settings.day or head.current,
        ", ".join(f"{known:%d.%m.%Y}" for known in head.dates),
    )
    if day is None:
        raise ExcelError("no_date", dates=dates)
    if head.dates and day not in head.dates and day < max(head.dates):
        raise ExcelError("no_such_date", date=f"{day:%d.%m.%Y}", dates=dates)
    return day


def _forms(report: Report, folder: Path, *, per_leader: bool) -> tuple[list[Form], list[Form]]:
    """The forms that are not in the folder, and those that are."""
    forms = flows.group_areas_by_form(report, report.area_refs, per_leader=per_leader)
    there = [refs for refs in forms if (folder / form_filename(report, *refs)).exists()]
    return [refs for refs in forms if refs not in there], there


def _written(
    plan: Path, folder: Path, settings: Settings, areas: Sequence[str], *, anew: bool
) -> Result:
    """Forms and drafts; of a date that is out already only those of some areas."""
    return flows.split(
        plan,
        folder,
        day=settings.day,
        areas=areas,
        deadline=settings.deadline,
        per_leader=settings.per == "leader",
        mail=True,
        force=not anew,
    )


def _sent(
    said: str, register: Register, settings: Settings, folder: Path, **values: object
) -> ActionResult:
    """What is out, with the areas that nobody's address is known for."""
    head, told = register.report.head, address_missing(register.report, register.report.area_refs)
    register = replace(register, findings=tuple(sort_findings([*register.findings, *told])))
    return ActionResult(
        said, {"date": f"{head.current:%d.%m.%Y}", "folder": folder, **values}, register, settings
    )


def _after_sending(
    settings: Settings, done: Result, sent: Path, folder: Path, language: str
) -> Settings:
    """What she goes on with: the plan as sent; for a new date an empty folder for answers and a new appendix."""
    head, anew = done.register.report.head, settings.plan != sent
    returned = settings.returned or folder.with_name(word("folder_returned", language))
    if anew and returned.is_dir() and files.list_files([returned]):
        returned = returned.with_name(f"{word('folder_returned', language)} {head.current}")
    returned.mkdir(parents=True, exist_ok=True)
    settings = replace(
        settings, plan=sent, returned=returned, day=head.current, deadline=head.deadline
    )
    kept = (
        settings.appendix
        if settings.appendix and not (anew and settings.appendix.exists())
        else None
    )
    return replace(settings, appendix=kept or appendix_for(settings, sent, language))


def _refuse_sent_before(sent: Path, there: Iterable[str], folder: Path, day: date) -> None:
    """Raises ExcelError where the plan was sent for this date already, or the folder has forms of it."""
    if sent.exists():
        raise ExcelError("sent_before", file=sent.name, date=f"{day:%d.%m.%Y}")
    if known := list(there):
        raise ExcelError("forms_there", areas=", ".join(known), path=folder, date=f"{day:%d.%m.%Y}")
