"""Area sheets that left the workbook they were sent in: read again, with the register's help.

Leaders move a sheet to a book of their own or copy it as a range; the coordinator gathers sheets in her own workbook.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xltiltak.intake.locate_sheet import RegisterForms
from xltiltak.intake.returned_file import parse_return
from xltiltak.model import files
from xltiltak.model.register import Register, ReturnedFile
from xltiltak.xlsx.package import DEFAULT_BOUNDS, LARGE_FILE_BOUNDS


def reread_relocated_sheets(
    register: Register, plan: Path | None, returned: Sequence[tuple[Path, ReturnedFile]]
) -> tuple[tuple[Path, ReturnedFile], ...]:
    """The files, and the plan where forms were moved into it, with the sheets that only the register knows."""
    moved = plan if plan and register.embedded_forms else None
    beside = [
        (path, received)
        for path, received in returned
        if not moved or path.resolve() != moved.resolve()
    ]
    if moved:
        beside.append(
            (moved, ReturnedFile(moved.name, "", "skipped", has_unidentified_sheets=True))
        )
    sendings = RegisterForms(register)
    return tuple(
        (path, _again(path, sendings, own=path == moved) if r.has_unidentified_sheets else r)
        for path, r in beside
    )


def _again(path: Path, sendings: RegisterForms, *, own: bool) -> ReturnedFile:
    """A file whose own snapshot does not know all its sheets, read with the register's help."""
    return parse_return(
        path.name, files.read(path), sendings, LARGE_FILE_BOUNDS if own else DEFAULT_BOUNDS
    )
