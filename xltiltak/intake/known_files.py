"""Find returned files that a register has already, exactly as they would be read now.

Coordinators merge after each mail. A file whose name and content are known, and which was judged by
the same rows, is not read again: its record in the register says the same.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable

from xltiltak.intake.unwrap import content_on_disk
from xltiltak.model.errors import PlanError, WorkbookError
from xltiltak.model.files import SEPARATOR, FoundFile
from xltiltak.model.register import ReturnedFile


class KnownFiles:
    """The files of a register, by name and content. `judged_by` is what files are judged by now."""

    def __init__(self, files: Iterable[ReturnedFile], judged_by: str) -> None:
        self.judged_by = judged_by
        self._by_content = {(file.file, file.sha256): file for file in files}
        self._versions = Counter(name for name, _ in self._by_content)
        self._inside: dict[str, list[ReturnedFile]] = defaultdict(list)
        for file in self._by_content.values():
            names = file.file.split(SEPARATOR)
            for depth in range(1, len(names)):
                self._inside[SEPARATOR.join(names[:depth])].append(file)

    def find(self, found: FoundFile) -> tuple[ReturnedFile, ...] | None:
        """Return what was read from a file: the forms in a wrapping, then the wrapping itself.

        None if it must be read: it is new or changed, or it is not known which forms were in it.
        """
        inside = self._inside.get(found.name, [])
        versions = self._versions[found.name]
        if found.unread or not versions or (inside and versions > 1):
            return None
        try:
            sha256 = hashlib.sha256(content_on_disk(found.path)).hexdigest()
        except (PlanError, WorkbookError):
            return None
        file = self._by_content.get((found.name, sha256))
        if file is None or not all(self._is_current(one) for one in (*inside, file)):
            return None
        return (*inside, file)

    def _is_current(self, file: ReturnedFile) -> bool:
        return file.judged_by == self.judged_by and not file.must_be_read_again
