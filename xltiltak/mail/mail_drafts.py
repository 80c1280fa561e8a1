"""A draft for each leader, with the forms of her areas: the first letter of a round, and reminders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from xltiltak.mail.letters import (
    Letter,
    MailMessage,
    addresses,
    eml,
    fill_letter,
    text_of,
    written_in,
)
from xltiltak.merging.registry import rule
from xltiltak.model.finding import ANYWHERE, About, Finding
from xltiltak.model.report import BLANK_AREA, Area, Report
from xltiltak.templates import catalogue


class MailJob(NamedTuple):
    """What a leader is asked for in one area: its form, and of what has come back already what is missing.

    `lacking` are the answers that are required, `blank` the other fields that are empty.
    """

    area: str
    file: str
    form: bytes
    answered: bool = False
    lacking: Sequence[str] = ()
    blank: Sequence[str] = ()


class MailFile(NamedTuple):
    """A draft: what its file is called, the areas it is about, and its content."""

    file: str
    areas: tuple[str, ...]
    content: bytes


class LetterSource(NamedTuple):
    """Where a letter's text is found: by its name in folders, or with `file` there and nowhere else."""

    name: str
    folders: Sequence[Path] = ()
    file: Path | None = None

    def read(self, language: str) -> tuple[str, str]:
        """The text, and where it stands. Raises PlanError."""
        return written_in(self.file) if self.file else text_of(self.name, language, self.folders)


def letter_source(name: str, plan: Path, report: Report, file: Path | None = None) -> LetterSource:
    """The text of a letter: the file that is named, else beside the plan, in the template's folder, or shipped."""
    template = catalogue.folders(plan.parent).get(report.template.id)
    return LetterSource(name, [plan.parent, *([template] if template else [])], file)


def first_drafts(
    plan: Path, report: Report, errands: Sequence[MailJob], wanted: Path | Literal[True, False]
) -> tuple[Sequence[MailFile], Sequence[Finding]]:
    """The drafts that forms go out with, if `wanted`, and whose address nobody knows; a path is the text's own."""
    if wanted is False:
        return [], []
    text = letter_source("split", plan, report, None if wanted is True else wanted)
    return drafts_by_leader(report, errands, text), list(
        address_missing(report, [errand.area for errand in errands])
    )


def drafts_by_leader(report: Report, errands: Iterable[MailJob], text: LetterSource) -> list[MailFile]:
    """A draft for each leader, in her language. Raises PlanError for a text with a fault."""
    return [_post(report, together, text) for together in _by_leader(report, errands)]


@rule("M108")
def address_missing(report: Report, areas: Iterable[str]) -> Iterator[Finding]:
    """Nobody has written an e-mail address for who answers for an area, or what is written is none."""
    for ref in areas:
        who = report.areas.get(ref, BLANK_AREA)
        if not addresses(who.email):
            about = About(area=ref, what=report.area_name(ref))
            yield Finding.create(
                "M108", ANYWHERE, about, value=who.email or "–", leader=who.leader or "–"
            )


def _by_leader(report: Report, errands: Iterable[MailJob]) -> Iterator[Sequence[MailJob]]:
    """The errands of each leader, known by her address; without one every form is somebody's own."""
    found_: dict[tuple[str, ...], list[MailJob]] = {}
    for errand in errands:
        who = report.areas.get(errand.area, BLANK_AREA)
        to = sorted(address.lower() for address in addresses(who.email))
        key = (*to, who.language, "") if to else (errand.file,)
        found_.setdefault(key, []).append(errand)
    yield from found_.values()


def _post(report: Report, errands: Sequence[MailJob], text: LetterSource) -> MailFile:
    """One leader's draft, named after the form of her first area."""
    who = report.areas.get(errands[0].area, BLANK_AREA)
    attached = {errand.file: errand.form for errand in errands}
    draft = MailMessage(
        addresses(who.email),
        addresses(who.deputy_email),
        _letter(report, who, errands, text),
        attached,
    )
    more = f"+{len(errands) - 1}" if len(errands) > 1 else ""
    return MailFile(
        f"{Path(errands[0].file).stem}{more}.eml",
        tuple(errand.area for errand in errands),
        eml(draft),
    )


def _letter(report: Report, who: Area, errands: Sequence[MailJob], text: LetterSource) -> Letter:
    """The text with what is known of the report, the leader and her areas."""
    said, file = text.read(who.language or report.head.language)
    known = {
        "leader": who.leader,
        "deputy": who.deputy,
        "areas": [_area(report, errand) for errand in errands],
    }
    return fill_letter(said, file, {**_head(report), **known})


def _head(report: Report) -> Mapping[str, str]:
    head = report.head
    days = {"date": head.current, "deadline": head.deadline}
    shown = {name: f"{day:%d.%m.%Y}" if day else "" for name, day in days.items()}
    return {
        "organisation": head.organisation,
        "title": head.title,
        "contact": head.contact,
        **shown,
    }


def _area(report: Report, errand: MailJob) -> Mapping[str, object]:
    return {
        "name": report.area_name(errand.area),
        "file": errand.file,
        "answered": errand.answered,
        "lacking": list(errand.lacking),
        "blank": list(errand.blank),
    }
