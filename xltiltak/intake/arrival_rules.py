"""Rules about what came back and is no form: wrappings, folders, links, texts, pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from xltiltak.intake.received_mail import ReceivedMail
from xltiltak.merging.registry import rule
from xltiltak.model.errors import DamagedWorkbook, NotAWorkbook, SkippedFile, WorkbookError
from xltiltak.model.file_kinds import is_half_download, kind_of, suffix_of
from xltiltak.model.finding import Finding, Place, Severity
from xltiltak.model.register import ReturnedFile

_ZIP = b"PK"
_NO_ANSWERS = ("card", "signature")  # kinds that come with e-mails and hold no answers
_TEXT_SUFFIXES = ("txt", "md", "log")
_BLOCK, _MAX_BLOCKS = 3_000, 40  # characters of a quote, and quotes of one file
_UNREAD_FOLDERS: dict[str, Severity] = {
    "hidden_folder": "note",
    "linked_folder": "warning",
    "deep_folder": "warning",
}


def what_it_is(error: WorkbookError, content: bytes, name: str) -> WorkbookError:
    """Return the error about a file that is no workbook, told better by its content and name."""
    if isinstance(error, NotAWorkbook) and not content.startswith(_ZIP):
        kind = kind_of(content, name)
        return SkippedFile(kind) if kind in _NO_ANSWERS else NotAWorkbook(kind)
    is_broken_off = isinstance(error, DamagedWorkbook) and error.key == "zip"
    if is_broken_off and is_half_download(name):
        return DamagedWorkbook("half_download")
    return error


def may_be_empty(name: str) -> bool:
    """Return True for a file that says nothing when it is empty, because people write such files.

    Any other empty file is an answer that a cloud drive has not fetched.
    """
    return name.startswith(".") or suffix_of(name) in _TEXT_SUFFIXES


def words_in(error: WorkbookError, content: bytes) -> str:
    """Return the words in a file that is not read, "" if it holds none that can be told."""
    from xltiltak.intake.mime_mail import read_mail
    from xltiltak.intake.plain_text import words_of

    if error.key == "mht":
        try:
            return read_mail(content).text
        except WorkbookError:
            return ""
    return words_of(error.key, content) if isinstance(error, NotAWorkbook) else ""


@rule("F011")
def words_beside_form(file: str, words: str, mail: ReceivedMail | None = None) -> Iterator[Finding]:
    """Quote the words of an e-mail, or of a file that is no form.

    The value `part` keeps the quotes of a long text in order.
    """
    from xltiltak.intake.plain_text import blocks

    reason = "words_of_mail" if mail else "words_of_file"
    sender, sent_at, subject = (mail.sender, mail.sent_at, mail.subject) if mail else ("", "", "")
    for number, quote in enumerate(blocks(words, _BLOCK, _MAX_BLOCKS)):
        yield Finding.create(
            "F011",
            Place(file),
            reason=reason,
            part=f"{number:02}",
            sender=sender or "–",
            sent=sent_at[:16].replace("T", " ") or "–",
            subject=subject or "–",
            value=quote,
        )


def is_only_notes(inside: Sequence[ReturnedFile]) -> bool:
    """Return True if a wrapping holds neither a form nor anything that is told as an error."""
    return not any(
        file.submissions or any(f.severity == "error" for f in file.findings) for file in inside
    )


def folder_severity(unread: str) -> Severity:
    """Return how bad it is that a folder is not read: it may hold answers."""
    return _UNREAD_FOLDERS.get(unread, "error")


def sent_by(returned: ReturnedFile, mail: ReceivedMail) -> ReturnedFile:
    """Return the file with the sender and the time of the e-mail in the sources of its sheets."""
    submissions = (
        replace(s, source=replace(s.source, sender=mail.sender, sent_at=mail.sent_at))
        for s in returned.submissions
    )
    return replace(returned, submissions=tuple(submissions))


def as_notes(returned: ReturnedFile) -> ReturnedFile:
    """Return a file with notes for findings: a picture that the text of an e-mail shows."""
    return replace(returned, findings=tuple(f.with_severity("note") for f in returned.findings))
