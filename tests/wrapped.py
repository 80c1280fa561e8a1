"""Wrap returned files as people send them: in e-mails, zips and folders, and in each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from tests.outlook import Msg
from tests.raw import zipped
from xltiltak.intake.returned_file import read_returns
from xltiltak.model import files
from xltiltak.model.register import ReturnedFile

SENDER, SENT_AT = "Kari Nord <kari@fjordby.example>", "Thu, 10 Dec 2020 08:30:00 +0100"
XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")

Wrap = Callable[[str, bytes], tuple[str, bytes]]
"""Takes the name and content of a file, and returns those of the wrapping with the file in it."""


def mail(
    attachments: Mapping[str, bytes],
    text: str = "Hei, her er skjemaet. Hilsen Kari",
    **headers: str,
) -> EmailMessage:
    """Return an e-mail with some files, as a leader sends it."""
    message = EmailMessage()
    sent = {"From": SENDER, "To": "post@fjordby.example", "Date": SENT_AT, "Subject": "SV: Skjema"}
    for name, value in {**sent, **headers}.items():
        message[name] = value
    message.set_content(text)
    for name, content in attachments.items():
        message.add_attachment(content, *XLSX, filename=name)
    return message


def in_mail(name: str, content: bytes) -> tuple[str, bytes]:
    """Attach the file to an e-mail, saved as .eml."""
    return "svar.eml", mail({name: content}).as_bytes()


def in_outlook_mail(name: str, content: bytes) -> tuple[str, bytes]:
    """Attach the file to an e-mail, saved by Outlook as .msg."""
    return "svar.msg", Msg(body="Her er det.", attachments={name: content}).content()


def in_forwarded_mail(name: str, content: bytes) -> tuple[str, bytes]:
    """Attach the file to an e-mail that is attached to another one."""
    outer = mail({}, Subject="VS: Skjema")
    outer.add_attachment(mail({name: content}))
    return "videresendt.eml", outer.as_bytes()


def in_forwarded_outlook_mail(name: str, content: bytes) -> tuple[str, bytes]:
    """Attach the file to an e-mail in an e-mail of Outlook."""
    inner = Msg(subject="Skjema", attachments={name: content})
    return "videresendt.msg", Msg(attachments={"Skjema.msg": inner}).content()


def in_zip(name: str, content: bytes) -> tuple[str, bytes]:
    """Put the file in a folder of a zip, as macOS does it."""
    return "svar.zip", zipped({f"Havn/{name}": content, f"__MACOSX/Havn/._{name}": b"\0"})


def repacked(name: str, content: bytes) -> tuple[str, bytes]:
    """Unpack the workbook, and pack it again with the folder around it."""
    with ZipFile(BytesIO(content)) as archive:
        parts = {f"mappe/{part}": archive.read(part) for part in archive.namelist()}
    return name, zipped(parts)


def in_zip_in_mail(name: str, content: bytes) -> tuple[str, bytes]:
    """Put the file in a zip, and attach it to an e-mail."""
    return in_mail(*in_zip(name, content))


def in_mail_in_zip(name: str, content: bytes) -> tuple[str, bytes]:
    """Attach the file to an e-mail, and put it in a zip."""
    return in_zip(*in_mail(name, content))


WRAPS: tuple[Wrap, ...] = (
    in_mail,
    in_outlook_mail,
    in_forwarded_mail,
    in_forwarded_outlook_mail,
    in_zip,
    repacked,
    in_zip_in_mail,
    in_mail_in_zip,
)


def read_folder(folder: Path) -> list[ReturnedFile]:
    """Return all that is read of a folder with returned files."""
    found = files.list_files([folder])
    return [file for _, file in read_returns(found)]


def read_one(folder: Path, name: str, content: bytes) -> list[ReturnedFile]:
    """Return all that is read of one file, written to a new folder in `folder`."""
    inside = folder / f"inn{len(list(folder.iterdir()))}"
    inside.mkdir()
    (inside / name).write_bytes(content)
    return read_folder(inside)
