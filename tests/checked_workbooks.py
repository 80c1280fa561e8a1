"""Check the workbooks that a test writes: is each one that Excel opens without repairing it?

Workbooks are met where the program saves them. The add-in and the coordinator's workbook, which are
not written row by row, are met where it writes them to a disk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO
from unittest.mock import patch

from tests.excel_rules import problems
from xltiltak.model import files
from xltiltak.xlsx.row_workbook import RowWorkbook

ALWAYS, EVERY = 3, 40  # of a sample: the first few, then every so many
WITH_MACROS = {".xlsm", ".xlam"}  # the demonstration also writes files .xlsx that are none
_good: set[bytes] = set()  # the same input gives the same bytes in many tests


@contextmanager
def checked_workbooks(is_sample: bool) -> Iterator[list[str]]:  # noqa: FBT001 - one question
    """Give a list to which the faults are added of the workbooks that are written in the block."""
    checks = _Checks(is_sample)
    with (
        patch.object(RowWorkbook, "save", checks.save),
        patch.object(files, "write", checks.write),
    ):
        yield checks.faults


class _Checks:
    """The functions that write workbooks, with a check after each."""

    def __init__(self, is_sample: bool) -> None:  # noqa: FBT001 - as above
        self.faults: list[str] = []
        self._is_sample, self._number = is_sample, 0
        self._write = files.write
        save = RowWorkbook.save

        def save_and_check(book: RowWorkbook, target: BinaryIO) -> None:
            save(book, target)
            target.seek(0)
            self._check("", target.read())

        self.save = save_and_check

    def write(self, contents: Mapping[Path, bytes], **options: Any) -> tuple[Path, ...]:
        """Write files as the program does, and check the workbooks among them."""
        for path, content in contents.items():
            if path.suffix in WITH_MACROS:
                self._check(path.suffix, content)
        return self._write(contents, **options)

    def _check(self, suffix: str, content: bytes) -> None:
        digest = sha256(content).digest() + suffix.encode()
        if digest in _good:
            return
        self._number += 1
        if self._is_sample and self._number > ALWAYS and self._number % EVERY:
            return
        faults = problems(content, suffix)
        self.faults += faults
        if not faults:
            _good.add(digest)
