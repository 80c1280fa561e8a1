"""Read an e-mail saved by Outlook as .msg: an OLE file with a stream for each property.

A property is known by its number and type (MS-OXMSG, MS-OXPROPS). Attached files and e-mails are
folders in the OLE file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

from xltiltak.intake.plain_text import text_of_html
from xltiltak.intake.received_mail import Attachment, ReceivedMail
from xltiltak.model.errors import NotAWorkbook, OverLimit
from xltiltak.model.files import decode_text

if TYPE_CHECKING:
    from olefile import OleFileIO

_SUBJECT, _BODY, _HTML, _RTF = "0037", "1000", "1013", "1009"
_SENDER_NAME, _SENDER_ADDRESS, _SENDER_SMTP = ("0C1A", "0042"), ("0C1F", "0065"), ("5D01", "5D02")
_DATA, _LONG_NAME, _SHORT_NAME, _SHOWN_NAME = "3701", "3707", "3704", "3001"
_ADDRESS_ON_THE_WEB = ("370D", "3708")
_SENT, _RECEIVED, _FLAGS, _HIDDEN = 0x0039, 0x0E06, 0x0E07, 0x7FFE  # of fixed length
_UNSENT = 8  # of the flags
_TIME, _NUMBER, _BOOLEAN, _MESSAGE = 0x0040, 0x0003, 0x000B, "000D"
_UNICODE, _ANSI, _BINARY = "001F", "001E", "0102"
_ATTACHMENT = "__attach_version1.0_"
_FIXED = "__properties_version1.0"
_HEADER_SIZE, _HEADER_OF_INNER, _HEADER_OF_ATTACHMENT = 32, 24, 8  # bytes before fixed properties
_LARGEST = 64 << 20  # bytes of one property
_MAX_ATTACHMENTS = 1_000
_MAX_DEPTH = 5  # e-mails attached to each other
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_WHAT_BREAKS_IT = (
    *(ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RecursionError),
    *(TypeError, ValueError),
)


def read_outlook_mail(content: bytes) -> ReceivedMail:
    """Return the e-mail in a .msg file. Raises WorkbookError."""
    import olefile

    try:
        with olefile.OleFileIO(BytesIO(content)) as ole:
            paths = ole.listdir(streams=True, storages=True)
            return _Folder(ole, paths, ()).mail()
    except _WHAT_BREAKS_IT as error:
        raise NotAWorkbook("msg") from error


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder of an OLE file: `prefix` are the names of it and of the folders around it."""

    ole: OleFileIO
    paths: Sequence[Sequence[str]]
    prefix: tuple[str, ...]

    def mail(self) -> ReceivedMail:
        """Return the e-mail whose properties are in this folder."""
        depth = len(self.prefix) // 2
        if depth > _MAX_DEPTH:
            raise OverLimit("depth", met=depth, bound=_MAX_DEPTH)
        attached = [name for name in self.names() if name.startswith(_ATTACHMENT)]
        if len(attached) > _MAX_ATTACHMENTS:
            raise OverLimit("attachments", met=len(attached), bound=_MAX_ATTACHMENTS)
        fixed = self.fixed_properties()
        attachments = [self.inner(name).attachment(n) for n, name in enumerate(attached, 1)]
        return ReceivedMail(
            self.sender(),
            _moment(fixed.get((_SENT, _TIME)) or fixed.get((_RECEIVED, _TIME)) or 0),
            self.text(_SUBJECT),
            self.words(),
            (*attachments, *self.words_in_rtf()),
            is_draft=bool(fixed.get((_FLAGS, _NUMBER), 0) & _UNSENT),
        )

    def attachment(self, number: int) -> Attachment:
        """Return the file or e-mail whose properties are in this folder."""
        name = self.text(_LONG_NAME, _SHORT_NAME, _SHOWN_NAME).replace("\\", "/").split("/")[-1]
        name = name.strip() or f"{number}"
        is_inline = bool(self.fixed_properties().get((_HIDDEN, _BOOLEAN), 0) & 1)
        inner = f"__substg1.0_{_DATA}{_MESSAGE}"
        if inner in self.names():
            folder = self.inner(inner)
            if _FIXED in folder.names():
                return Attachment(f"{name.removesuffix('.msg')}.msg", folder.mail())
            return Attachment(f"{name}.ole", b"\xd0\xcf\x11\xe0", is_inline=is_inline)
        if (address := self.text(*_ADDRESS_ON_THE_WEB)) and not self.stream(_DATA, _BINARY):
            return Attachment(f"{name}.url", f"[InternetShortcut]\nURL={address}\n".encode())
        return Attachment(name, self.stream(_DATA, _BINARY), is_inline=is_inline)

    def names(self) -> list[str]:
        """Return the names of what is directly in the folder."""
        depth = len(self.prefix)
        return [
            path[depth]
            for path in self.paths
            if len(path) == depth + 1 and tuple(path[:depth]) == self.prefix
        ]

    def inner(self, name: str) -> _Folder:
        """Return a folder in this one, with the paths below it alone."""
        prefix = (*self.prefix, name)
        inside = [path for path in self.paths if tuple(path[: len(prefix)]) == prefix]
        return _Folder(self.ole, inside, prefix)

    def sender(self) -> str:
        """Return who sent the e-mail: "Kari Nord <kari@example.com>"."""
        name, address = self.text(*_SENDER_NAME), self.text(*_SENDER_SMTP, *_SENDER_ADDRESS)
        if "@" not in address or address == name:  # Exchange has addresses of its own
            return name or address
        return f"{name} <{address}>" if name else address

    def words(self) -> str:
        """Return the text of the e-mail; it is nearly always there as plain text."""
        plain = self.text(_BODY).strip()
        page = self.stream(_HTML, _BINARY)
        return plain or text_of_html(decode_text(page, "", errors="replace"))

    def words_in_rtf(self) -> Iterator[Attachment]:
        """Yield the text of the e-mail as a file that is not read, if it is there as RTF only."""
        if not self.words() and (packed := self.stream(_RTF, _BINARY)):
            yield Attachment("mail.rtf", packed)

    def text(self, *numbers: str) -> str:
        """Return the first of these properties that has a text."""
        for number in numbers:
            unicode, ansi = self.stream(number, _UNICODE), self.stream(number, _ANSI)
            found = unicode.decode("utf-16-le", "replace") or ansi.decode("cp1252", "replace")
            if found := found.rstrip("\0"):
                return found.replace("\r\n", "\n")
        return ""

    def stream(self, number: str, kind: str) -> bytes:
        """Return the bytes of a property; empty if it is not there. Raises OverLimit."""
        path = [*self.prefix, f"__substg1.0_{number}{kind}"]
        if not self.ole.exists(path):
            return b""
        size = self.ole.get_size(path)
        if size > _LARGEST:
            raise OverLimit("file", met=size, bound=_LARGEST)
        return bytes(self.ole.openstream(path).read())

    def fixed_properties(self) -> dict[tuple[int, int], int]:
        """Return the properties of fixed length, by number and type."""
        path = [*self.prefix, _FIXED]
        content = self.ole.openstream(path).read() if self.ole.exists(path) else b""
        first = _HEADER_SIZE
        if self.prefix:
            is_attachment = self.prefix[-1].startswith(_ATTACHMENT)
            first = _HEADER_OF_ATTACHMENT if is_attachment else _HEADER_OF_INNER
        entries = (content[at : at + 16] for at in range(first, len(content) - 15, 16))
        return {
            (
                int.from_bytes(entry[2:4], "little"),
                int.from_bytes(entry[:2], "little"),
            ): int.from_bytes(entry[8:], "little")
            for entry in entries
        }


def _moment(ticks: int) -> str:
    """Return a moment in ISO format from tenths of microseconds since 1601; "" for none."""
    return (_EPOCH + timedelta(microseconds=ticks // 10)).isoformat() if ticks else ""
