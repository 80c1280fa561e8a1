"""Read a returned form back: find the sheets that are areas', walk their rows, tell whose slot each changed cell is.

Nothing is judged here; what belongs to no slot is handed on with its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from xltiltak.intake.card_row_keys import (
    detect_swapped_cards,
    drop_displaced_rows,
    recover_row_keys,
)
from xltiltak.intake.locate_sheet import (
    EmbeddedSnapshot,
    LocatedSheet,
    RegisterForms,
    SentForms,
    is_leader_form,
    locate_sheet,
)
from xltiltak.intake.returned_sheet import (
    ReturnedAreaSheet,
    ReturnedWorkbook,
    UnexpectedCell,
    beside_cells,
    unexpected_cells_of,
)
from xltiltak.intake.row_reader import RowReader
from xltiltak.model.errors import ForeignWorkbook, OtherTemplate, SkippedFile
from xltiltak.model.normalize import display, normalize
from xltiltak.model.register import Correction
from xltiltak.snapshot.hidden_sheet import (
    CORRECTION_LIST_KEY,
    REGISTER_ROW,
    SHEET_NAME,
    Snapshot,
    parse_snapshot,
)
from xltiltak.snapshot.register_json import load_correction
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.sheet_reader import Sheet, read_sheets


def read_form(package: Package, sendings: RegisterForms | None = None) -> ReturnedWorkbook:
    """Every area sheet of a workbook. Raises WorkbookError.

    A sheet that its workbook's own snapshot does not know was moved there from another: `sendings` know it.
    """
    sheets = list(read_sheets(package))
    hidden = next((s for s in sheets if s.rows.get(1, {}).get(1) == SHEET_NAME), None)
    if hidden and any(row.get(1) == REGISTER_ROW for row in hidden.rows.values()):
        return _moved_in(
            [s for s in sheets if s is not hidden and is_leader_form(s)], package, sendings
        )
    visible = [s for s in sheets if s is not hidden]
    try:
        snapshot = _snapshot(hidden, sendings)
        homes: list[SentForms] = [EmbeddedSnapshot(snapshot.sent)] if snapshot else []
        return _found(visible, snapshot, [*homes, *filter(None, [sendings])], package)
    except (ForeignWorkbook, OtherTemplate) as error:
        strays = ((s.name, stray) for s in visible for stray in unexpected_cells_of(s, package))
        error.cell_texts = tuple((name, stray.cell, display(stray.value)) for name, stray in strays)
        raise


def _snapshot(hidden: Sheet | None, sendings: RegisterForms | None) -> Snapshot | None:
    """What the workbook itself says was sent; None where only the sendings can say it."""
    if sendings is None:
        return parse_snapshot(hidden.rows) if hidden else _no_snapshot()
    try:
        return parse_snapshot(hidden.rows) if hidden else None
    except ForeignWorkbook:
        return None


def _no_snapshot() -> NoReturn:
    raise ForeignWorkbook("alone")


def _moved_in(
    forms: Sequence[Sheet], package: Package, sendings: RegisterForms | None
) -> ReturnedWorkbook:
    """The forms that were moved into the coordinator's own workbook."""
    if sendings is None or not forms:
        raise SkippedFile("own")
    return _found(forms, None, [sendings], package)


def _found(
    sheets: Sequence[Sheet], snapshot: Snapshot | None, homes: Sequence[SentForms], package: Package
) -> ReturnedWorkbook:
    """The area sheets among some sheets, and what the others hold."""
    mended = (
        load_correction(snapshot.sent, snapshot.correction_records)
        if snapshot and snapshot.correction_records
        else Correction()
    )
    placed = {
        s.name: None if mended.own_texts and _is_list(s) else locate_sheet(s, homes) for s in sheets
    }
    found = tuple(_read(sheet, home, package) for sheet in sheets if (home := placed[sheet.name]))
    if not found:
        raise ForeignWorkbook("areas" if snapshot else "hidden")
    strays = tuple(
        (s.name, stray)
        for s in sheets
        if not placed[s.name]
        for stray in unexpected_cells_of(s, package)
    )
    if mended.own_texts:
        strays = tuple((name, stray) for name, stray in strays if not _is_ours(stray, mended))
        for sheet in found:
            sheet.unexpected_cells = [
                stray for stray in sheet.unexpected_cells if not _is_ours(stray, mended)
            ]
    areas = snapshot.areas if snapshot else {}
    return ReturnedWorkbook(
        snapshot.sent if snapshot else found[0].sent,
        areas,
        found,
        strays,
        tuple(package.active_parts),
        mended,
    )


def _is_list(sheet: Sheet) -> bool:
    """Is it the list of what is to be put right?"""
    return any(CORRECTION_LIST_KEY in row.values() for row in sheet.rows.values())


def _is_ours(stray: UnexpectedCell, mended: Correction) -> bool:
    """Is it what we wrote on the list, or in a note on a cell?"""
    return normalize(display(stray.value)) in mended.own_texts


def _read(sheet: Sheet, home: LocatedSheet, package: Package) -> ReturnedAreaSheet:
    """The sheet, cell by cell."""
    found = ReturnedAreaSheet(
        sheet.name, home.area, home.sent, code=home.code, beyond=sheet.first_out_of_bounds or ""
    )
    found.unclear = home.unclear
    sheet, columns, refs, scattered = recover_row_keys(sheet, home.columns, home.sent, home.area)
    sheet, moved = detect_swapped_cards(sheet, columns, home.sent)
    sheet, displaced = drop_displaced_rows(sheet, columns, home.sent)
    found.displaced = (*displaced, *(ref for ref in scattered if ref in found.sent.by_ref))
    RowReader(sheet, columns, found).walk()
    found.moved_rows += [(ref, ref) for ref in (*moved, *refs) if ref in found.sent.by_ref]
    found.unexpected_cells += beside_cells(sheet, package)
    return found
