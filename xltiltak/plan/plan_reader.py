"""Read the coordinator's workbook (a plan or an appendix) back to a register.

As long as nobody has edited it, its hidden sheet says all; otherwise `edited_plan` reads the cells.
"""

from __future__ import annotations

from xltiltak.model.errors import WorkbookError
from xltiltak.model.register import Register
from xltiltak.snapshot.hidden_sheet import REGISTER_ROW, SHEET_NAME, parse_coordinators
from xltiltak.snapshot.register_json import load_register
from xltiltak.xlsx.fingerprint import is_unmodified
from xltiltak.xlsx.package import LARGE_FILE_BOUNDS, Package
from xltiltak.xlsx.sheet_reader import Sheet, read_sheet


def read_appendix(content: bytes) -> Register:
    """Return the register in a plan or appendix. Its findings are about cells that cannot be read.

    Raises WorkbookError, and PlanError for a form.
    """
    package = Package(content, LARGE_FILE_BOUNDS)
    if is_unmodified(package) and (hidden := read_sheet(package, SHEET_NAME)):
        snapshot = parse_coordinators(hidden.rows)  # the visible cells say the same
        return load_register(snapshot.sent, snapshot.register_records)
    from xltiltak.plan.edited_plan import read_edited

    return read_edited(package)


def is_appendix(content: bytes) -> bool:
    """Return True if a file is a plan or an appendix: its hidden sheet has a register."""
    hidden = _read_hidden_sheet(content)
    return hidden is not None and any(row.get(1) == REGISTER_ROW for row in hidden.rows.values())


def is_xltiltak_workbook(content: bytes) -> bool:
    """Return True if a file is a plan, an appendix or a form."""
    return _read_hidden_sheet(content) is not None


def _read_hidden_sheet(content: bytes) -> Sheet | None:
    """Return the hidden sheet of a file; None if it has none or is not a workbook."""
    try:
        return read_sheet(Package(content, LARGE_FILE_BOUNDS), SHEET_NAME)
    except WorkbookError:
        return None
