"""Read, list and write files. A file is written completely or not at all."""

from __future__ import annotations

import codecs
import errno
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from xltiltak.model.errors import OutputError, PlanError
from xltiltak.model.file_kinds import FOLDERS_OF_DOCUMENTS, suffix_of

LARGEST = 256 << 20  # bytes; a larger file is not read
_WHY = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "disk_full"),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), "may_not_write"),
}
_SYSTEM_FILES = {
    *(".ds_store", ".localized", "icon\r", "__macosx"),
    *("thumbs.db", "ehthumbs.db", "desktop.ini", ".directory", ".dropbox"),
}
_SYSTEM_FOLDERS = {"$recycle.bin", "system volume information", "@eadir", "lost+found"}
SEPARATOR = " › "  # between the name of a file and the names of what it stands in
PACKAGE_MARK = "[Content_Types].xml"  # a folder with this file is an unpacked workbook
DEEPEST = 10  # folders in each other that are read


def read(path: Path) -> bytes:
    """Return the content of a file. Raise PlanError if it is missing, too large or not readable."""
    try:
        if path.stat().st_size > LARGEST:
            raise PlanError("too_large", file=path.name, size=path.stat().st_size)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise PlanError("not_there", path=str(path)) from error
    except OSError as error:
        raise PlanError("cannot_read", file=str(path), error=error.strerror or error) from error


def decode_text(content: bytes, file: str, *, errors: str = "strict") -> str:
    """Return the text of a file: UTF-8, UTF-16 with a byte order mark, or else Windows-1252.

    Windows-1252 is the encoding of older versions of Notepad and Excel. `errors` is that of
    `bytes.decode`: with "strict", raise PlanError with the file's name if it is none of the three;
    with "replace", put a replacement character in place of bytes that cannot be decoded.
    """
    try:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return content.decode("utf-16", errors)
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return content.decode("cp1252", errors)
    except UnicodeDecodeError as error:
        raise PlanError("encoding", file=file) from error


class FoundFile(NamedTuple):
    """A file among the returned ones, and the name it is shown with: "Havn › HAV.xlsx".

    `unread` says why a folder is not read, as a key of the texts under `why`; "" for a file.
    """

    path: Path
    name: str
    unread: str = ""


def list_files(paths: Sequence[Path]) -> list[FoundFile]:
    """Return the given files, and the files in the given folders and in folders in these, sorted.

    Files that operating systems write are left out. A folder that is not read is in the list too.
    A folder that is an unpacked workbook is one file. Raise PlanError for a missing path.
    """
    found: dict[Path, FoundFile] = {}
    for path in paths:
        if path.is_dir():
            inside = _files_in(path, ())
        elif path.exists():
            inside = iter([FoundFile(path, path.name)])
        else:
            raise PlanError("not_there", path=str(path))
        for file in inside:
            found.setdefault(file.path, file)
    return list(found.values())


def is_system_file(name: str) -> bool:
    """Return True for a file or folder that an operating system writes beside people's files."""
    return name.lower() in _SYSTEM_FILES


def base_name(name: str) -> str:
    """Return the name of a file without what it stands in: "HAV.xlsx" of "Havn › HAV.xlsx"."""
    return name.rpartition(SEPARATOR)[2]


def _files_in(folder: Path, above: tuple[str, ...]) -> Iterator[FoundFile]:
    """Yield the files in a folder. `above` are the names of it and of the folders around it."""
    for path in sorted(folder.iterdir()):
        if is_system_file(path.name):
            continue
        names = (*above, path.name)
        shown = SEPARATOR.join(names)
        if not path.is_dir():
            yield FoundFile(path, shown)
        elif unread := _why_unread(path, len(names)):
            yield FoundFile(path, shown, unread)
        elif (path / PACKAGE_MARK).is_file():
            yield FoundFile(path, shown)
        else:
            yield from _files_in(path, names)


def _why_unread(folder: Path, depth: int) -> str:
    """Return why a folder is not read; "" if it is read."""
    if folder.name.startswith(".") or folder.name.lower() in _SYSTEM_FOLDERS:
        return "hidden_folder"
    if folder.is_symlink():  # it may lead back, or out to the whole disk
        return "linked_folder"
    if depth > DEEPEST:
        return "deep_folder"
    if suffix_of(folder.name) in FOLDERS_OF_DOCUMENTS:
        return "iwork"
    return "" if os.access(folder, os.R_OK | os.X_OK) else "locked_folder"


def refuse_existing(targets: Iterable[Path], *, force: bool) -> None:
    """Raise OutputError if a target exists, unless `force` is given."""
    if not force and (existing := [target.name for target in targets if target.exists()]):
        raise OutputError("exists", files=", ".join(existing))


def write(contents: Mapping[Path, bytes | list[bytes]], *, force: bool = False) -> tuple[Path, ...]:
    """Write all files or none, and return their paths. A content may be a list of chunks.

    Each file is first written to a temporary file in the same folder. When all are complete, they
    get their names. Existing files are only overwritten with `force`. If a target is open in
    another program (Windows), the new file stays in the same folder under another name. Raise
    OutputError, which names such files, after all other files are written.
    """
    refuse_existing(contents, force=force)
    temporary_files: dict[Path, Path] = {}
    try:
        for target, content in contents.items():
            temporary_files[target] = _write_temporary(target, content)
    except OutputError:
        for temporary in temporary_files.values():
            temporary.unlink(missing_ok=True)
        raise
    fallbacks = {
        target: fallback
        for target, temporary in temporary_files.items()
        if (fallback := _rename(temporary, target))
    }
    if fallbacks:
        locked = ", ".join(path.name for path in fallbacks)
        beside = ", ".join(path.name for path in fallbacks.values())
        raise OutputError("held_open", file=locked, beside=beside)
    return tuple(contents)


def _write_temporary(target: Path, content: bytes | list[bytes]) -> Path:
    """Write the content to a temporary file in the target's folder, and return its path."""
    temporary = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        handle, name = tempfile.mkstemp(
            prefix=".xltiltak-", suffix=target.suffix, dir=target.parent
        )
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.writelines([content] if isinstance(content, bytes) else content)
            file.flush()
            os.fsync(file.fileno())
        _set_default_permissions(temporary)
    except OSError as error:
        if temporary:
            temporary.unlink(missing_ok=True)
        key = _WHY.get(error.errno or 0, "cannot_write")
        raise OutputError(key, file=str(target), error=error.strerror or error) from error
    return temporary


def _set_default_permissions(path: Path) -> None:
    """Give a file the permissions of any new file; a temporary file is private."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)


def _rename(temporary: Path, target: Path) -> Path | None:
    """Rename a temporary file to its target.

    Return None, or the other name that it got because the target is locked (Windows).
    """
    try:
        temporary.replace(target)
    except OSError:
        candidates = (target.with_stem(f"{target.stem} ({n})") for n in range(2, 1000))
        fallback = next(path for path in candidates if not path.exists())
        temporary.replace(fallback)
        return fallback
    return None
