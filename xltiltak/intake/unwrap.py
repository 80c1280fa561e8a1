"""Take a returned file out of its wrapping: the forms in an e-mail, a zip, or both in each other.

`unwrap` yields every file inside, and after them the wrapping itself. What it yields is told or
read, never dropped. The names say where a file was: "mail.eml › HAV.xlsx".
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from xltiltak.intake.archives import is_archive, pack_folder, shown_name, unpack
from xltiltak.intake.received_mail import Attachment, ReceivedMail
from xltiltak.model import files
from xltiltak.model.errors import OverLimit, WorkbookError
from xltiltak.model.file_kinds import kind_of
from xltiltak.model.files import SEPARATOR, base_name
from xltiltak.xlsx.fingerprint import is_unmodified
from xltiltak.xlsx.package import Package

MIB = 1 << 20
_MAX_DEPTH = 5  # wrappings in each other
_LARGEST = 64 * MIB  # bytes of a wrapping that is opened
_LONGEST_NAME = 120  # characters of the name of a file in a wrapping
_OLE = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK"
_NO_MAIL = ReceivedMail()


class WrappedFile(NamedTuple):
    """A file to read. `mail` is the e-mail that it came with. With `error` it cannot be read."""

    name: str
    content: bytes = b""
    mail: ReceivedMail = _NO_MAIL
    is_inline: bool = False
    error: WorkbookError | None = None


class Wrapping(NamedTuple):
    """An opened wrapping. `if_alone` is the reason that is told if it holds no form.

    Its files were yielded before it, but not those of a draft with forms as they were sent. With
    `error` it was not opened to the end.
    """

    name: str
    content: bytes
    if_alone: str = ""
    mail: ReceivedMail = _NO_MAIL
    words: str = ""
    is_unsent_draft: bool = False
    error: WorkbookError | None = None


def content_on_disk(path: Path) -> bytes:
    """Return the content of a file, or the workbook whose parts lie in a folder.

    Raises PlanError, and WorkbookError for a folder that is none.
    """
    return pack_folder(path) if path.is_dir() else files.read(path)


def find_wrapped(path: Path, sha256: str) -> WrappedFile:
    """Return the file with this SHA-256 among those in a file on the disk.

    It is the file on the disk itself if none has it: then that was changed in the meantime.
    """
    content = content_on_disk(path)
    itself = WrappedFile(path.name, content)
    if hashlib.sha256(content).hexdigest() == sha256:
        return itself
    inside = (piece for piece in unwrap(path.name, content) if isinstance(piece, WrappedFile))
    return next((f for f in inside if hashlib.sha256(f.content).hexdigest() == sha256), itself)


def is_as_written(content: bytes) -> bool:
    """Return True for a workbook that nobody has saved since we wrote it."""
    try:
        return is_unmodified(Package(content))
    except WorkbookError:
        return False


def unwrap(name: str, content: bytes) -> Iterator[WrappedFile | Wrapping]:
    """Yield the files in a wrapping and the wrapping, or the file itself if it is none."""
    yield from _Unwrapper().open(WrappedFile(name, content), 0)


@dataclass
class _Unwrapper:
    """Opens wrappings in each other. `files` and `size` are what was unpacked so far."""

    files: int = 0
    size: int = 0
    bounds: tuple[int, int] = field(default=(2_000, 128 * MIB))

    def open(self, file: WrappedFile, depth: int) -> Iterator[WrappedFile | Wrapping]:
        """Yield the files inside, then the wrapping; or the file itself."""
        opener = None if file.error else _opener(file)
        if opener is None:
            yield file
            return
        try:
            self._check(file, depth)
            yield from opener(self, file, depth)
        except WorkbookError as error:
            yield Wrapping(file.name, file.content, error=error)

    def _check(self, file: WrappedFile, depth: int) -> None:
        """Raise OverLimit if the wrapping is too large, or too deep in others."""
        if depth >= _MAX_DEPTH:
            raise OverLimit("depth", met=depth + 1, bound=_MAX_DEPTH)
        if len(file.content) > _LARGEST:
            raise OverLimit("file", met=len(file.content), bound=_LARGEST)

    def _count(self, content: bytes) -> None:
        """Count a file that was unpacked. Raises OverLimit for too many, or too many bytes."""
        self.files, self.size = self.files + 1, self.size + len(content)
        for name, met, bound in zip(
            ("entries", "total"), (self.files, self.size), self.bounds, strict=True
        ):
            if met > bound:
                raise OverLimit(name, met=met, bound=bound)

    def open_archive(self, file: WrappedFile, depth: int) -> Iterator[WrappedFile | Wrapping]:
        """Yield the files in a zip, then the zip."""
        for inner in unpack(file.content):
            self._count(inner.content)
            name = f"{file.name}{SEPARATOR}{_printable(shown_name(inner.name))}"
            wrapped = WrappedFile(name, inner.content, file.mail, error=inner.error)
            yield from self.open(wrapped, depth + 1)
        yield Wrapping(file.name, file.content, "archive_alone")

    def open_mail(self, file: WrappedFile, depth: int) -> Iterator[WrappedFile | Wrapping]:
        """Yield the files in an e-mail, then the e-mail."""
        from xltiltak.intake.mime_mail import read_mail
        from xltiltak.intake.outlook_mail import read_outlook_mail

        read = read_outlook_mail if file.content.startswith(_OLE) else read_mail
        yield from self._files_of_mail(file, read(file.content), depth)

    def _files_of_mail(
        self, file: WrappedFile, mail: ReceivedMail, depth: int
    ) -> Iterator[WrappedFile | Wrapping]:
        is_ours = _is_our_draft(mail)
        for attachment in () if is_ours else mail.attachments:
            name = f"{file.name}{SEPARATOR}{_printable(attachment.name)}"
            content = attachment.content
            source = replace(mail, attachments=())
            if isinstance(content, ReceivedMail):
                yield from self._files_of_mail(WrappedFile(name), content, depth + 1)
            else:
                self._count(content)
                inner = WrappedFile(name, content, source, attachment.is_inline)
                yield from self.open(inner, depth + 1)
        words = "" if is_ours else mail.text
        yield Wrapping(file.name, file.content, "mail_alone", mail, words, is_ours)


_Opener = Callable[[_Unwrapper, WrappedFile, int], Iterator[WrappedFile | Wrapping]]


def _opener(file: WrappedFile) -> _Opener | None:
    """Return what opens a wrapping; None for a file that is none."""
    if file.content.startswith(_ZIP):
        return _Unwrapper.open_archive if is_archive(file.content) else None
    kind = kind_of(file.content, base_name(file.name))
    return _Unwrapper.open_mail if kind in ("mail", "msg") else None


def _is_our_draft(mail: ReceivedMail) -> bool:
    """Return True for a draft whose attachments are forms as we wrote them, and nothing else."""
    is_draft = mail.is_draft and bool(mail.attachments)
    return is_draft and all(map(_is_form_as_sent, mail.attachments))


def _is_form_as_sent(attachment: Attachment) -> bool:
    content = attachment.content
    return isinstance(content, bytes) and is_as_written(content)


def _printable(name: str) -> str:
    """Return a name without characters that cannot be seen, and not longer than people read."""
    shown = "".join(c if c.isprintable() else "\ufffd" for c in name)
    if len(shown) <= _LONGEST_NAME:
        return shown
    return f"{shown[: _LONGEST_NAME // 2]}…{shown[-_LONGEST_NAME // 2 :]}"
