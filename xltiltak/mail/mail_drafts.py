"""Write one e-mail draft for each leader: the letter, with the forms of their areas attached.

A letter is a plain text file: the first line is the subject, the rest the body. `PLACEHOLDERS` in
double braces are replaced; `{% if %}` and `{% for %}` work as in Jinja. Nothing else of Jinja can
be used, and a value is never parsed as a template. Outlook and other mail programs open the draft.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from xltiltak.merging.registry import rule
from xltiltak.model import files
from xltiltak.model.errors import PlanError
from xltiltak.model.files import decode_text
from xltiltak.model.finding import ANYWHERE, About, Finding
from xltiltak.model.language import day_text
from xltiltak.model.normalize import normalize
from xltiltak.model.recipients import responsible, scope_name
from xltiltak.model.report import BLANK_AREA, Area, Report
from xltiltak.model.visible_text import visible, visible_path
from xltiltak.sheets.file_names import round_filename
from xltiltak.templates import catalogue

PLACEHOLDERS = (
    "leader",
    "deputy",
    "organisation",
    "title",
    "date",
    "deadline",
    "contact",
    "areas",
)
AREA_PLACEHOLDERS = (  # of each item of `areas`
    "name",
    "file",
    "answered",
    "other_date",
    "unread",
    "lacking",
    "blank",
)
_SHIPPED = Path(__file__).parent / "letter_texts"
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_SEPARATORS = re.compile(r"[;,\s]+")
_SEAL = b"X-Xltiltak"  # the header that proves a draft untouched
_XLSX_TYPE = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


@dataclass(frozen=True, slots=True)
class MailJob:
    """What a letter says about one area: the form to fill in, and what its leader has not answered.

    `missing_required` and `missing_optional` are lines of text, about required answers and about
    other empty fields. Both are empty if no form has come back (`is_answered` is False). Then
    `other_date` is the last other date that a form came back for, and `unread` are the names of
    files that came but could not be read. `recipient` is who the form goes to if not to the leader.
    """

    area: str
    filename: str
    form: bytes
    is_answered: bool = False
    missing_required: Sequence[str] = ()
    missing_optional: Sequence[str] = ()
    other_date: date | None = None
    unread: Sequence[str] = ()
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class MailFile:
    """A draft: its file name, the codes of the areas it is about, who it goes to, its content."""

    filename: str
    areas: tuple[str, ...]
    content: bytes
    recipient: str = ""


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
    return drafts, list(address_missing(report, [(job.area, job.recipient) for job in jobs]))


def drafts_by_leader(
    report: Report, jobs: Iterable[MailJob], source: LetterSource
) -> list[MailFile]:
    """Return one draft for each leader or recipient, with the forms of all their areas.

    A form that has several areas is attached once. The draft of a leader without an address has no
    receiver. Raises PlanError if the text of the letter has an error.
    """
    jobs_of_leader: dict[tuple[str, ...], list[MailJob]] = {}
    for job in jobs:
        key = leader_key(report, job.area, job.recipient)
        jobs_of_leader.setdefault(key, []).append(job)
    return [_draft(report, group, source) for group in jobs_of_leader.values()]


def leader_key(report: Report, area: str, recipient: str = "") -> tuple[str, ...]:
    """Return what identifies the leader of an area: their addresses, or else their name.

    An area without a leader is identified by itself, a recipient by their name.
    """
    if recipient:
        return ("recipient", normalize(recipient))
    leader = report.areas.get(area, BLANK_AREA)
    addresses = sorted(address.lower() for address in parse_addresses(leader.email))
    return tuple(addresses) or (normalize(leader.leader) or f"@{area}",)


@rule("M108")
def address_missing(report: Report, forms: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """Report the leaders and recipients without an e-mail address, or with one that is none.

    `forms` are the area and recipient of each form. A recipient is told once.
    """
    told = set[str]()
    for ref, recipient in forms:
        leader = responsible(report, ref, recipient)
        if not parse_addresses(leader.email) and not (recipient and recipient in told):
            told.add(recipient)
            about = About(area=ref, what=scope_name(report, ref, recipient))
            yield Finding.create(
                "M108", ANYWHERE, about, value=leader.email or "–", leader=leader.leader or "–"
            )


def _draft(report: Report, jobs: Sequence[MailJob], source: LetterSource) -> MailFile:
    """Return the draft about these areas of one leader, in the first language given for them."""
    refs, recipient = tuple(job.area for job in jobs), jobs[0].recipient
    areas = [responsible(report, ref, recipient) for ref in refs]
    language = next((area.language for area in areas if area.language), report.head.language)
    text, file = source.read(language)
    deputies = (address for area in areas for address in parse_addresses(area.deputy_email))
    message = MailMessage(
        to=parse_addresses(areas[0].email),
        cc=list(dict.fromkeys(deputies)),
        letter=fill_letter(text, file, _placeholder_values(report, areas[0], jobs, language)),
        attachments={job.filename: job.form for job in jobs},
        kind=source.name,
    )
    filename = round_filename(report, *refs, suffix=".eml", recipient=recipient)
    return MailFile(filename, refs, draft_file(message), recipient)


def _placeholder_values(
    report: Report, leader: Area, jobs: Sequence[MailJob], language: str
) -> Mapping[str, object]:
    """Return the values of `PLACEHOLDERS`.

    Dates are texts as the `language` of the letter writes them, empty if there is none.
    """
    head = report.head
    return {
        "leader": leader.leader,
        "deputy": leader.deputy,
        "organisation": head.organisation,
        "title": head.title,
        "date": _date_text(head.current, language),
        "deadline": _date_text(head.deadline, language),
        "contact": head.contact,
        "areas": [
            {
                "name": report.area_name(job.area),
                "file": job.filename,
                "answered": job.is_answered,
                "other_date": _date_text(job.other_date, language),
                "unread": ", ".join(job.unread),
                "lacking": list(job.missing_required),
                "blank": list(job.missing_optional),
            }
            for job in jobs
        ],
    }


def _date_text(day: date | None, language: str) -> str:
    return day_text(day, language) if day else ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter with its placeholders replaced: one line of subject, and a body of lines."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class MailMessage:
    """A letter with the addresses it goes to, and the workbooks attached to it by file name.

    `kind` is the name of its text: "split" or "remind".
    """

    to: Sequence[str]
    cc: Sequence[str]
    letter: Letter
    attachments: Mapping[str, bytes]
    kind: str = "split"


@dataclass(frozen=True, slots=True)
class LetterSource:
    """Where the text of a letter is found.

    With `file` only there; else by `name` in the first of the folders that has it, else in this
    package. In a folder NAME.LANGUAGE.txt, for example `remind.nn.txt`, comes before NAME.txt.
    """

    name: str
    folders: Sequence[Path] = ()
    file: Path | None = None

    def read(self, language: str) -> tuple[str, str]:
        """Return the text in a language, and the path of its file. Raises PlanError."""
        if self.file:
            return _read_text(self.file)
        for folder in self.folders:
            for file in (folder / f"{self.name}.{language}.txt", folder / f"{self.name}.txt"):
                if file.is_file():
                    return _read_text(file)
        return _read_text(_SHIPPED / f"{self.name}.{language}.txt")


def _read_text(file: Path) -> tuple[str, str]:
    """Return the text of a file in UTF-8, UTF-16 or Windows-1252, and the file's path."""
    content = files.read(file, files.LARGEST_SETTINGS)
    return decode_text(content, visible(file.name), errors="replace"), visible_path(file)


def parse_addresses(text: str) -> list[str]:
    """Return the e-mail addresses in a cell's text; empty if one of them is not an address.

    A name before an address, as in "Kari <kari@example.com>", is ignored.
    """
    parts = [part.strip("<>") for part in _SEPARATORS.split(text) if "@" in part]
    return parts if all(_ADDRESS.fullmatch(part) for part in parts) else []


def fill_letter(text: str, file: str, values: Mapping[str, Any]) -> Letter:
    """Return the letter with its placeholders replaced by `values`.

    Raises PlanError for an unknown placeholder or another error in the text; it names `file` and
    the line.
    """
    from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.clear()
    first_line, _, rest = text.strip().partition("\n")
    try:
        subject = environment.from_string(first_line).render(values)
        # with a newline in front, so that the line number of an error is that of the file
        body = environment.from_string(f"\n{rest}").render(values)
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        line = error.lineno if isinstance(error, TemplateSyntaxError) else "–"
        allowed = ", ".join((*PLACEHOLDERS, *(f"area.{name}" for name in AREA_PLACEHOLDERS)))
        raise PlanError("letter", file=file, line=line, error=error, there=allowed) from error
    body = re.sub(r"\n{3,}", "\n\n", body.strip())
    return Letter(" ".join(subject.split()), f"{body}\n")


def draft_file(message: MailMessage) -> bytes:
    """Return the message as the content of an .eml file, which mail programs open as a draft.

    It has no sender and no date, so that the same message always gives the same bytes. A header has
    the SHA-256 of all the rest.
    """
    from email.message import EmailMessage
    from email.policy import SMTP

    draft = EmailMessage(SMTP)
    draft["Subject"] = message.letter.subject
    if message.to:
        draft["To"] = ", ".join(message.to)
    if message.cc:
        draft["Cc"] = ", ".join(message.cc)
    draft["X-Unsent"] = "1"  # Outlook then opens it for editing
    draft.set_content(message.letter.body, cte="quoted-printable")
    for name, content in message.attachments.items():
        draft.add_attachment(content, *_XLSX_TYPE, filename=name)
    if message.attachments:
        draft.set_boundary(_boundary(message))
    rest = draft.as_bytes()
    return b"%b: %b %b\r\n%b" % (_SEAL, message.kind.encode(), _digest(rest), rest)


def kind_of_draft(content: bytes) -> str:
    """Return the name of the text of a draft that nobody has changed since it was written.

    Return an empty text for a draft that was changed, and for any other file.
    """
    first, _, rest = content.partition(b"\r\n")
    name, _, value = first.partition(b": ")
    kind, _, digest = value.partition(b" ")
    return kind.decode("ascii", "replace") if name == _SEAL and digest == _digest(rest) else ""


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _boundary(message: MailMessage) -> str:
    """Return a separator of MIME parts that depends only on the message.

    No part can contain it: their encodings have no "=_".
    """
    seed = "\0".join((message.letter.subject, message.letter.body, *message.attachments))
    return f"=_{hashlib.sha256(seed.encode()).hexdigest()[:24]}"
