"""Merge again whenever returned files arrive, until somebody stops the program.

A folder is looked at every second. That works on network shares and in synchronized folders, where
systems report no changes. A file counts as whole when it is as it was a second ago, can be opened
and, if it is a zip file as workbooks are, has its end. One that does not get whole is merged after
a while, so that a finding says what is wrong with it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from xltiltak.model.errors import PlanError
from xltiltak.model.files import is_same, list_files

PAUSE = 1.0  # seconds
_PATIENCE = 60  # pauses for which a file without an end may stay as it is
_ZIPPED = (".xlsx", ".xlsm", ".xltx", ".docx", ".zip")
_UNFINISHED = (".crdownload", ".part", ".partial", ".download", ".tmp")
_LOCKS = ("~$", ".~lock.")
_END = b"PK\x05\x06"  # of a zip file; a comment of 64 KiB may follow
_LONGEST_END = (1 << 16) + 22


class Stamp(NamedTuple):
    """The size of a file, and when it was changed."""

    size: int
    changed: int


class Arrivals:
    """The files in some folders, those that are whole, and what changed since the last merge."""

    def __init__(self, paths: Sequence[Path], ignored: Sequence[Path] = ()) -> None:
        self.paths, self.ignored = paths, ignored
        self.seen: dict[Path, tuple[Stamp, int]] = {}  # with the number of pauses without a change
        self.whole: dict[Path, Stamp] = {}
        self.merged: dict[Path, Stamp] = {}

    def look(self) -> None:
        """Look at the folders once."""
        before, self.seen = self.seen, {}
        for path in self._paths_of_files():
            if stamp := _stamp(path):
                known, pauses = before.get(path, (None, 0))
                self.seen[path] = stamp, pauses + 1 if known == stamp else 0
        self.whole = {
            path: stamp for path, (stamp, pauses) in self.seen.items() if _is_whole(path, pauses)
        }

    def is_whole(self, path: Path) -> bool:
        """Return True if a file was whole at the last look and is still the same."""
        return path in self.whole and _stamp(path) == self.whole[path]

    def news(self) -> list[Path]:
        """Return the files that came, were changed or left since the last merge.

        There are none while a file that was merged before is being written again.
        """
        if any(path in self.seen and path not in self.whole for path in self.merged):
            return []
        changed = [path for path, stamp in self.whole.items() if self.merged.get(path) != stamp]
        return [*changed, *(path for path in self.merged if path not in self.whole)]

    def _paths_of_files(self) -> list[Path]:
        """Return the files that may be answers; none if a folder is not there for the moment."""
        try:
            found = [file.path for file in list_files(self.paths) if not file.unread]
        except PlanError:
            return []
        return [
            path
            for path in found
            if not path.name.startswith(_LOCKS)
            and not any(path.name == own.name and is_same(path, own) for own in self.ignored)
        ]


def _stamp(path: Path) -> Stamp | None:
    """Return the stamp of a file; None if it is gone."""
    try:
        status = path.stat()
    except OSError:
        return None
    return Stamp(status.st_size, status.st_mtime_ns)


def _is_whole(path: Path, pauses: int) -> bool:
    """Return True if a file is whole, given for how many pauses it has not changed."""
    if pauses >= _PATIENCE:
        return True
    suffix = path.suffix.lower()
    if not pauses or suffix in _UNFINISHED:
        return False
    try:
        with path.open("rb") as file:
            if suffix not in _ZIPPED:
                return True
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _LONGEST_END))
            return _END in file.read()
    except OSError:  # another program holds it
        return False


def watch(arrivals: Arrivals, merge: Callable[[Sequence[Path]], int], code: int = 0) -> int:
    """Merge whenever there is something new, until interrupted.

    `merge` is given the new files and returns its exit code. Return that of the last merge.
    """
    try:
        while True:
            arrivals.look()
            if arrivals.whole and (news := arrivals.news()):
                whole = dict(arrivals.whole)
                code = merge(news)
                arrivals.merged = whole
            time.sleep(PAUSE)
    except KeyboardInterrupt:
        return code
