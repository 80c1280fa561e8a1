"""The letters that go with forms: a text anybody can change, filled in, as a draft that Outlook and others open.

A letter's text is plain: its first line is the subject, the rest the body. In double braces stand the placeholders of
`PLACES`; `{% if %}` and `{% for %}` work as in Jinja, and nothing else does: whatever an area is called is only text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from xltiltak.model.errors import PlanError

PLACEHOLDERS = ("leader", "deputy", "organisation", "title", "date", "deadline", "contact", "areas")
AREA_PLACEHOLDERS = ("name", "file", "answered", "lacking", "blank")  # of each of the areas
_SHIPPED = Path(__file__).parent / "letter_texts"
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_BETWEEN = re.compile(r"[;,\s]+")
_SHEET = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


class Letter(NamedTuple):
    """A letter that is filled in."""

    subject: str
    body: str


class MailMessage(NamedTuple):
    """Who gets a letter, and the workbooks that go with it by their names."""

    to: Sequence[str]
    copy: Sequence[str]
    letter: Letter
    attached: Mapping[str, bytes]


def addresses(text: str) -> list[str]:
    """The e-mail addresses that somebody has written in a cell; none where one of them is no address."""
    said = [part.strip("<>") for part in _BETWEEN.split(text) if "@" in part]
    return said if all(_ADDRESS.fullmatch(part) for part in said) else []


def text_of(name: str, language: str, places: Sequence[Path] = ()) -> tuple[str, str]:
    """The text of a letter by its name, and where it stands: the first there is in these folders, else the shipped one.

    In a folder the one in the reader's language, as `remind.nn.txt`, comes before `remind.txt`.
    """
    for folder in places:
        for file in (folder / f"{name}.{language}.txt", folder / f"{name}.txt"):
            if file.is_file():
                return written_in(file)
    return written_in(_SHIPPED / f"{name}.{language}.txt")


def written_in(file: Path) -> tuple[str, str]:
    """The text of a file, and the file. Raises PlanError."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise PlanError("cannot_read", file=str(file), error=error.strerror or error) from error
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace"), str(file)
    try:
        return content.decode("utf-8-sig"), str(file)
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), str(file)  # as Notepad saved it for many years


def fill_letter(text: str, file: str, values: Mapping[str, Any]) -> Letter:
    """The letter of a text. Raises PlanError, which names file and line, for a placeholder nobody knows."""
    from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    made = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.globals.clear()
    try:
        first, _, rest = text.strip().partition("\n")
        subject, body = (made.from_string(part).render(values) for part in (first, f"\n{rest}"))
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        line = error.lineno if isinstance(error, TemplateSyntaxError) else "–"
        there = ", ".join((*PLACEHOLDERS, *(f"area.{name}" for name in AREA_PLACEHOLDERS)))
        raise PlanError("letter", file=file, line=line, error=error, there=there) from error
    body = re.sub(r"\n{3,}", "\n\n", body.strip())
    return Letter(" ".join(subject.split()), f"{body}\n")


def eml(draft: MailMessage) -> bytes:
    """The draft as a file that mail programs open to be sent: no sender, no date, and the same bytes each time."""
    from email.message import EmailMessage
    from email.policy import SMTP

    made = EmailMessage(SMTP)
    made["Subject"] = draft.letter.subject
    for header, people in (("To", draft.to), ("Cc", draft.copy)):
        if people:
            made[header] = ", ".join(people)
    made["X-Unsent"] = "1"
    made.set_content(draft.letter.body, cte="quoted-printable")
    for name, content in draft.attached.items():
        made.add_attachment(content, *_SHEET, filename=name)
    if draft.attached:
        made.set_boundary(_boundary(draft))
    return made.as_bytes()


def _boundary(draft: MailMessage) -> str:
    """What parts the pieces; it stands in none of them, for they are encoded without underscores."""
    seed = "\0".join((draft.letter.subject, draft.letter.body, *draft.attached))
    return f"=_{hashlib.sha256(seed.encode()).hexdigest()[:24]}"
