"""Files in and out: found, read, and written whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from xltiltak.model.errors import OutputError, PlanError

LARGEST = 256 << 20  # bytes of a file that is read at all
_WHY = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "disk_full"),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), "may_not_write"),
}
_OF_THE_SYSTEM = {".ds_store", "thumbs.db", "desktop.ini", ".localized"}


def read(path: Path) -> bytes:
    """A file's content. Raises PlanError when it is not there or cannot be opened."""
    try:
        if path.stat().st_size > LARGEST:
            raise PlanError("too_large", file=path.name, size=path.stat().st_size)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise PlanError("not_there", path=str(path)) from error
    except OSError as error:
        raise PlanError("cannot_read", file=str(path), error=error.strerror or error) from error


def list_files(paths: Sequence[Path]) -> list[Path]:
    """The files of the paths, and of folders everything directly in them, sorted. Raises PlanError.

    A folder within a folder is listed, not opened: what is in it may be what was sent. Files of the system itself are
    passed over.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found.update(
                {
                    file: None
                    for file in sorted(path.iterdir())
                    if file.name.lower() not in _OF_THE_SYSTEM
                }
            )
        elif path.exists():
            found[path] = None
        else:
            raise PlanError("not_there", path=str(path))
    return list(found)


def refuse_existing(targets: Iterable[Path], *, force: bool) -> None:
    """Raises OutputError for a file that would be overwritten."""
    if not force and (there := [target.name for target in targets if target.exists()]):
        raise OutputError("exists", files=", ".join(there))


def write(contents: Mapping[Path, bytes | list[bytes]], *, force: bool = False) -> tuple[Path, ...]:
    """Write files, whole or in pieces, all or none: each through a temporary one beside it, renamed when all are there.

    Nothing existing is touched without `force`. Raises OutputError; where another program holds a file open, its old
    content stands and the new one lies beside it under another name, which the error tells; all others are written.
    """
    refuse_existing(contents, force=force)
    staged: dict[Path, Path] = {}
    try:
        for target, content in contents.items():
            staged[target] = _staged(target, content)
    except OutputError:
        for temporary in staged.values():
            temporary.unlink(missing_ok=True)
        raise
    held = {
        target: beside for target, new in staged.items() if (beside := _put_in_place(new, target))
    }
    if held:
        told = {"file": held, "beside": held.values()}
        raise OutputError(
            "held_open", **{name: ", ".join(p.name for p in paths) for name, paths in told.items()}
        )
    return tuple(contents)


def _staged(target: Path, content: bytes | list[bytes]) -> Path:
    """The content in a temporary file beside its target."""
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
        _umask_permissions(name)
    except OSError as error:
        if temporary:
            temporary.unlink(missing_ok=True)
        key = _WHY.get(error.errno or 0, "cannot_write")
        raise OutputError(key, file=str(target), error=error.strerror or error) from error
    return temporary


def _umask_permissions(name: str) -> None:
    """A temporary file is private; the finished one is like any other of the user's."""
    mask = os.umask(0)
    os.umask(mask)
    Path(name).chmod(0o666 & ~mask)


def _put_in_place(temporary: Path, target: Path) -> Path | None:
    """Give a finished file its name; where it lies instead if the old one is open in another program (Windows)."""
    try:
        temporary.replace(target)
    except OSError:
        beside = next(
            p
            for p in (target.with_stem(f"{target.stem} ({n})") for n in range(2, 1000))
            if not p.exists()
        )
        temporary.replace(beside)
        return beside
    return None
