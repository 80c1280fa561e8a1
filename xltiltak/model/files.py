"""Read, list and write files. A file is written completely or not at all.

What the system refuses is told as PlanError (what is read) or OutputError (what is written): a
name that is too long, a folder in place of a file, a full disk. Only regular files are opened: a
pipe or a device could keep the program waiting for ever.
"""

from __future__ import annotations

import codecs
import errno
import os
import re
import stat
import tempfile
import time
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from xltiltak.model.errors import OutputError, PlanError
from xltiltak.model.file_kinds import FOLDERS_OF_DOCUMENTS, suffix_of
from xltiltak.model.visible_text import visible, visible_path

MIB = 1 << 20
LARGEST = 256 * MIB  # bytes; a larger file is not read
LARGEST_SETTINGS = MIB  # bytes of a file that a person writes: a template, a letter, a style
_WHY = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "disk_full"),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), "may_not_write"),
    **dict.fromkeys((errno.ENOTDIR, errno.EEXIST), "file_in_the_way"),
    errno.ENAMETOOLONG: "name_too_long",
}
_WHY_ON_WINDOWS = {123: "bad_name", 206: "name_too_long"}  # numbers of Windows' own errors
# A name with a character that no name can have raises ValueError, a link to itself RuntimeError.
_REFUSALS = (OSError, ValueError, RuntimeError)
_SYSTEM_FILES = {
    *(".ds_store", ".localized", "icon\r", "__macosx"),
    *("thumbs.db", "ehthumbs.db", "desktop.ini", ".directory", ".dropbox"),
}
_SYSTEM_FOLDERS = {"$recycle.bin", "system volume information", "@eadir", "lost+found"}
SEPARATOR = " › "  # between the name of a file and the names of what it stands in
PACKAGE_MARK = "[Content_Types].xml"  # a folder with this file is an unpacked workbook
DEEPEST = 10  # folders in each other that are read
_LONGEST_SHOWN = 120  # characters of a name in a message about names that are too long
TEMPORARY = ".xltiltak-"  # how the names of unfinished files begin
_TEMPORARY_NAME = re.compile(r"\.xltiltak-(?:([0-9a-f]{8})-(\d+)-)?[a-z0-9_]{8}\.\w+")
_STALE = 3_600  # seconds after which an unfinished file is left behind, whoever wrote it


def read(path: Path, largest: int = 0) -> bytes:
    """Return the content of a file of at most `largest` bytes, LARGEST if it is 0.

    Raise PlanError if it is missing, too large, not readable, or not a regular file.
    """
    largest = largest or LARGEST
    with _while_reading(path):
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise PlanError("is_folder", path=visible_path(path))
        if not stat.S_ISREG(status.st_mode):
            raise PlanError("special_file", file=visible(path.name))
        size = status.st_size
        if size <= largest:
            with path.open("rb") as file:
                content = file.read(size + 1)
                while size < len(content) <= largest:  # it has grown, or its size is not known
                    size = len(content)
                    content += file.read(MIB)
            size = len(content)
    if size > largest:
        raise PlanError("too_large", file=visible(path.name), size=size, limit=largest)
    return content


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a .toml file in the encodings of `decode_text`.

    Raise PlanError if it cannot be read, ValueError for what is not TOML.
    """
    import tomllib

    text = decode_text(read(path, LARGEST_SETTINGS), visible(path.name))
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("too many brackets inside each other") from error


def exists(path: Path) -> bool:
    """Return True if a path exists, also as a link to nothing. Raise OutputError for a bad name."""
    with _while_writing(path):
        try:
            path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True


def is_folder(path: Path) -> bool:
    """Return True if a path is a folder; False if it cannot be looked at."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_same(one: Path, other: Path) -> bool:
    """Return True if two paths lead to one file, also by links or in other letters."""
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def working_folder() -> Path | None:
    """Return the folder that the program was started in; None if it was deleted since."""
    try:
        return Path.cwd()
    except OSError:
        return None


def resolved(path: Path) -> Path:
    """Return the absolute path. Raise PlanError if the working folder was deleted."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise PlanError("no_working_folder", path=visible_path(path)) from error


def system_error(error: OSError) -> PlanError:
    """Return an error of the system that was not expected, as a sentence with its path."""
    path = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
    reason = error.strerror or str(error)
    return PlanError("system", path=_shortened(path) or "–", error=visible(reason))


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

    Left out are files that operating systems write, and files that a killed run of this program
    left unfinished. A folder that is not read is in the list too. A folder that is an unpacked
    workbook is one file. Raise PlanError for a missing path.
    """
    found: dict[Path, FoundFile] = {}
    for path in paths:
        with _while_reading(path):
            if path.is_dir():
                inside = list(_files_in(path, ()))
            elif path.exists():
                inside = [FoundFile(path, visible(path.name))]
            else:
                raise PlanError("not_there", path=visible_path(path))
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
        if not _is_of_a_person(path.name):
            continue
        names = (*above, visible(path.name))
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


def _is_of_a_person(name: str) -> bool:
    return not is_system_file(name) and not name.lower().startswith(TEMPORARY)


def refuse_existing(targets: Iterable[Path], *, force: bool) -> None:
    """Raise OutputError if a target exists and `force` is not given, or can never be written.

    That is a link to nothing, a pipe or device, a name that is too long, and the same file twice.
    A target may be a folder, for files below it.
    """
    targets = list(targets)
    existing = [target for target in targets if exists(target)]
    if existing and not force:
        raise OutputError("exists", files=", ".join(visible(target.name) for target in existing))
    for target in existing:
        if not is_folder(target):
            _real_target(target)
    _refuse_twins(targets)


def refuse_sources(targets: Iterable[Path], sources: Iterable[Path]) -> None:
    """Raise OutputError if a target is a file that is read, also by another name or a link."""
    read_files = list(sources)
    for target in targets:
        if any(is_same(target, source) for source in read_files):
            raise OutputError("own_source", file=visible(target.name))


def write(contents: Mapping[Path, bytes], *, force: bool = False) -> tuple[Path, ...]:
    """Write all files or none, and return their paths.

    Each file is first written to a temporary file in the same folder. When all are complete, they
    get their names, in the order given. Existing files are only overwritten with `force`; a link
    is followed. Temporary files that a killed run left in these folders are deleted. If a target
    is open in another program (Windows), the new file stays in the same folder under another name.
    Raise OutputError, which names such files, after all other files are written.
    """
    refuse_existing(contents, force=force)
    real_targets = {target: _real_target(target) for target in contents}
    for folder in {real_target.parent for real_target in real_targets.values()}:
        _delete_left_behind(folder)
    temporary_files: dict[Path, Path] = {}
    try:
        for target, real_target in real_targets.items():
            with _while_writing(target):
                temporary_files[target] = _write_temporary(real_target, contents[target])
    except BaseException:  # also when the user interrupts
        for temporary in temporary_files.values():
            temporary.unlink(missing_ok=True)
        raise
    fallbacks = {
        target: fallback
        for target, temporary in temporary_files.items()
        if (fallback := _rename(temporary, real_targets[target]))
    }
    if fallbacks:
        locked = ", ".join(visible(path.name) for path in fallbacks)
        beside = ", ".join(visible(path.name) for path in fallbacks.values())
        raise OutputError("held_open", file=locked, beside=beside)
    return tuple(contents)


def _refuse_twins(targets: Iterable[Path]) -> None:
    """Raise OutputError if two targets are one file where the case of letters does not count."""
    seen: dict[str, Path] = {}
    for target in targets:
        with _while_writing(target):
            path = target.parent.resolve() / target.name
        name = unicodedata.normalize("NFC", str(path)).casefold()
        if other := seen.get(name):
            raise OutputError("twins", files=f"{visible(other.name)}, {visible(target.name)}")
        seen[name] = target


def _real_target(target: Path) -> Path:
    """Return the file that a target leads to: a link is followed, never replaced by a file.

    Raise OutputError for a link to nothing, a folder, and anything else that is no regular file.
    """
    with _while_writing(target):
        real_target = target.resolve(strict=True) if target.is_symlink() else target
        if real_target.is_dir():
            raise OutputError("folder_in_the_way", file=visible_path(target))
        if real_target.exists() and not real_target.is_file():
            raise OutputError("special_target", file=visible_path(target))
        return real_target


def _write_temporary(target: Path, content: bytes) -> Path:
    """Write the content to a temporary file in the target's folder, and return its path."""
    target.parent.mkdir(parents=True, exist_ok=True)
    prefix = f"{TEMPORARY}{_machine()}-{os.getpid()}-"
    handle, name = tempfile.mkstemp(prefix=prefix, suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _set_default_permissions(temporary)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
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


def _delete_left_behind(folder: Path) -> None:
    """Delete the temporary files of runs that were killed. What cannot be deleted stays."""
    with suppress(OSError):
        for path in folder.iterdir():
            if (named := _TEMPORARY_NAME.fullmatch(path.name)) and _is_stale(path, *named.groups()):
                path.unlink(missing_ok=True)


def _is_stale(path: Path, machine: str | None, process: str | None) -> bool:
    """Return True if the process that wrote a temporary file has ended, or an hour has passed.

    Windows cannot be asked about a process without the risk of ending it.
    """
    if time.time() - path.stat().st_mtime > _STALE:
        return True
    if os.name == "nt" or not process or machine != _machine():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):  # it is another user's, or no number of a process
        return False
    return False


@lru_cache(maxsize=1)
def _machine() -> str:
    """Return eight digits for this machine: on a shared drive, others have the same process ids."""
    import zlib

    name = os.environ.get("COMPUTERNAME", "") if os.name == "nt" else os.uname().nodename
    return f"{zlib.crc32(name.encode('utf-8', 'replace')):08x}"


@contextmanager
def _while_reading(path: Path) -> Iterator[None]:
    """Raise PlanError for each error of the system in the block."""
    try:
        yield
    except _REFUSALS as error:
        raise PlanError(_key_of(error, path, "cannot_read"), **_values_of(error, path)) from error


@contextmanager
def _while_writing(path: Path) -> Iterator[None]:
    """Raise OutputError for each error of the system in the block."""
    try:
        yield
    except _REFUSALS as error:
        key = _key_of(error, path, "cannot_write")
        raise OutputError(key, **_values_of(error, path)) from error


def _values_of(error: Exception, path: Path) -> dict[str, str]:
    """Return the values of the sentence about an error of the system."""
    shown = _shortened(os.fspath(path))
    return {"file": shown, "path": shown, "error": getattr(error, "strerror", "") or str(error)}


def _key_of(error: Exception, path: Path, key: str) -> str:
    """Return the key of the sentence about an error; `key` is that of others than these."""
    if not isinstance(error, OSError):
        return "bad_name" if isinstance(error, ValueError) else "dangling_link"
    if known := _WHY_ON_WINDOWS.get(getattr(error, "winerror", None) or 0):
        return known
    if isinstance(error, FileNotFoundError):
        return _key_of_missing(path, key)
    is_about_name = error.errno == errno.ENAMETOOLONG
    return _WHY.get(error.errno or 0, key) if is_about_name or key == "cannot_write" else key


def _key_of_missing(path: Path, key: str) -> str:
    """Return why a path does not exist; on writing it is a folder that does not."""
    if working_folder() is None and not path.is_absolute():
        return "no_working_folder"
    if path.is_symlink():
        return "dangling_link"
    return "not_there" if key == "cannot_read" else key


def _shortened(name: str) -> str:
    """Return a name as it is shown, cut if it is very long."""
    shown = visible(name)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]} …"
