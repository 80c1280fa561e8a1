"""Write one e-mail draft for each leader, with the forms of their areas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xltiltak.mail.letters import (
    LetterSource,
    MailMessage,
    draft_file,
    fill_letter,
    parse_addresses,
)
from xltiltak.merging.registry import rule
from xltiltak.model.finding import ANYWHERE, About, Finding
from xltiltak.model.report import BLANK_AREA, Area, Report
from xltiltak.templates import catalogue


@dataclass(frozen=True, slots=True)
class MailJob:
    """What a letter says about one area: the form to fill in, and what its leader has not answered.

    `missing_required` and `missing_optional` are lines of text, about required answers and about
    other empty fields. Both are empty if no form has come back (`is_answered` is False).
    """

    area: str
    filename: str
    form: bytes
    is_answered: bool = False
    missing_required: Sequence[str] = ()
    missing_optional: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class MailFile:
    """A draft: its file name, the codes of the areas it is about, and its content."""

    filename: str
    areas: tuple[str, ...]
    content: bytes


def letter_source(name: str, plan: Path, report: Report, file: Path | None = None) -> LetterSource:
    """Return where the letter `name` is found: in `file`, or beside the plan, or with the template.

    `file` is None to search the folders of the plan and of its template.
    """
    template_folder = catalogue.folders(plan.parent).get(report.template.id)
    folders = [plan.parent, template_folder] if template_folder else [plan.parent]
    return LetterSource(name, folders, file)


def first_drafts(
    plan: Path, report: Report, jobs: Sequence[MailJob], *, mail: bool | Path
) -> tuple[Sequence[MailFile], Sequence[Finding]]:
    """Return the drafts that the forms go out with, and a finding for each missing address.

    `mail` is False for neither, True for drafts with the usual text, or the file with the text.
    Raises PlanError if the text has an error.
    """
    if mail is False:
        return [], []
    source = letter_source("split", plan, report, mail if isinstance(mail, Path) else None)
    drafts = drafts_by_leader(report, jobs, source)
    return drafts, list(address_missing(report, [job.area for job in jobs]))


def drafts_by_leader(
    report: Report, jobs: Iterable[MailJob], source: LetterSource
) -> list[MailFile]:
    """Return one draft for each leader, in their language, with the forms of all their areas.

    Leaders are told apart by e-mail addresses and language. An area without an address gets a draft
    of its own without receiver. Raises PlanError if the text of the letter has an error.
    """
    jobs_of_leader: dict[tuple[str, ...], list[MailJob]] = {}
    for job in jobs:
        leader = report.areas.get(job.area, BLANK_AREA)
        addresses = sorted(address.lower() for address in parse_addresses(leader.email))
        key = (*addresses, leader.language, "") if addresses else (job.filename,)
        jobs_of_leader.setdefault(key, []).append(job)
    return [_draft(report, group, source) for group in jobs_of_leader.values()]


@rule("M108")
def address_missing(report: Report, areas: Iterable[str]) -> Iterator[Finding]:
    """Report the areas whose leader has no e-mail address, or one that is not an address."""
    for ref in areas:
        leader = report.areas.get(ref, BLANK_AREA)
        if not parse_addresses(leader.email):
            about = About(area=ref, what=report.area_name(ref))
            yield Finding.create(
                "M108", ANYWHERE, about, value=leader.email or "–", leader=leader.leader or "–"
            )


def _draft(report: Report, jobs: Sequence[MailJob], source: LetterSource) -> MailFile:
    """Return the draft about these areas of one leader, named after the form of the first."""
    leader = report.areas.get(jobs[0].area, BLANK_AREA)
    text, file = source.read(leader.language or report.head.language)
    message = MailMessage(
        to=parse_addresses(leader.email),
        cc=parse_addresses(leader.deputy_email),
        letter=fill_letter(text, file, _placeholder_values(report, leader, jobs)),
        attachments={job.filename: job.form for job in jobs},
    )
    more = f"+{len(jobs) - 1}" if len(jobs) > 1 else ""
    return MailFile(
        filename=f"{Path(jobs[0].filename).stem}{more}.eml",
        areas=tuple(job.area for job in jobs),
        content=draft_file(message),
    )


def _placeholder_values(
    report: Report, leader: Area, jobs: Sequence[MailJob]
) -> Mapping[str, object]:
    """Return the values of `letters.PLACEHOLDERS`; dates are texts, empty if there is none."""
    head = report.head
    return {
        "leader": leader.leader,
        "deputy": leader.deputy,
        "organisation": head.organisation,
        "title": head.title,
        "date": f"{head.current:%d.%m.%Y}" if head.current else "",
        "deadline": f"{head.deadline:%d.%m.%Y}" if head.deadline else "",
        "contact": head.contact,
        "areas": [
            {
                "name": report.area_name(job.area),
                "file": job.filename,
                "answered": job.is_answered,
                "lacking": list(job.missing_required),
                "blank": list(job.missing_optional),
            }
            for job in jobs
        ],
    }
