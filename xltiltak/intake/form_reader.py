"""Read a returned workbook: find its area sheets, and which slot each changed cell belongs to.

Nothing is judged here. A cell that belongs to no slot is returned with its place.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    all_content,
    content_outside_grid,
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

_NO_CORRECTION = Correction()


def read_form(package: Package, register_forms: RegisterForms | None = None) -> ReturnedWorkbook:
    """Return the area sheets of a workbook and all its other content. Raises WorkbookError.

    With `register_forms`, sheets are also recognised that were moved or copied out of the workbook
    they were sent in; otherwise only those that the workbook's own snapshot knows.
    """
    sheets = list(read_sheets(package))
    hidden = next((s for s in sheets if s.rows.get(1, {}).get(1) == SHEET_NAME), None)
    visible = [sheet for sheet in sheets if sheet is not hidden]
    if hidden and any(row.get(1) == REGISTER_ROW for row in hidden.rows.values()):
        # The coordinator's own workbook: only forms that were moved into it are read.
        forms = [sheet for sheet in visible if is_leader_form(sheet)]
        if register_forms is None or not forms:
            raise SkippedFile("own")
        return _read_sheets(forms, None, [register_forms], package)
    try:
        snapshot = _read_snapshot(hidden, register_forms)
        sources: list[SentForms] = [EmbeddedSnapshot(snapshot.sent)] if snapshot else []
        if register_forms:
            sources.append(register_forms)
        return _read_sheets(visible, snapshot, sources, package)
    except (ForeignWorkbook, OtherTemplate) as error:
        error.cell_texts = tuple(
            (sheet.name, found.cell, display(found.value))
            for sheet in visible
            for found in all_content(sheet, package)
        )
        raise


def _read_snapshot(hidden: Sheet | None, register_forms: RegisterForms | None) -> Snapshot | None:
    """Return the workbook's own snapshot; None if only the register can say what was sent.

    Raises ForeignWorkbook if there is no usable snapshot and no register either.
    """
    if hidden is None:
        if register_forms is None:
            raise ForeignWorkbook("alone")
        return None
    try:
        return parse_snapshot(hidden.rows)
    except ForeignWorkbook:
        if register_forms is None:
            raise
        return None


def _read_sheets(
    sheets: Sequence[Sheet],
    snapshot: Snapshot | None,
    sources: Sequence[SentForms],
    package: Package,
) -> ReturnedWorkbook:
    """Read the area sheets among some sheets; everything on the others is unexpected.

    Raises ForeignWorkbook if there is no area sheet.
    """
    correction = _NO_CORRECTION
    if snapshot and snapshot.correction_records:
        correction = load_correction(snapshot.sent, snapshot.correction_records)
    area_sheets: list[ReturnedAreaSheet] = []
    others: list[Sheet] = []
    for sheet in sheets:
        is_list = bool(correction.own_texts) and _is_correction_list(sheet)
        located = None if is_list else locate_sheet(sheet, sources)
        if located:
            area_sheets.append(_read_area_sheet(sheet, located, package))
        else:
            others.append(sheet)
    if not area_sheets:
        raise ForeignWorkbook("areas" if snapshot else "hidden")
    for area_sheet in area_sheets:
        area_sheet.unexpected_cells = _typed(area_sheet.unexpected_cells, correction)
    return ReturnedWorkbook(
        snapshot.sent if snapshot else area_sheets[0].sent,
        snapshot.areas if snapshot else {},
        tuple(area_sheets),
        tuple(
            (sheet.name, found)
            for sheet in others
            for found in _typed(list(all_content(sheet, package)), correction)
        ),
        tuple(package.active_parts),
        correction,
    )


def _is_correction_list(sheet: Sheet) -> bool:
    """Return True if it is the list of problems in a correction form."""
    return any(CORRECTION_LIST_KEY in row.values() for row in sheet.rows.values())


def _typed(cells: list[UnexpectedCell], correction: Correction) -> list[UnexpectedCell]:
    """Return the cells without those that we wrote ourselves in a correction form."""
    if not correction.own_texts:
        return cells
    return [found for found in cells if normalize(display(found.value)) not in correction.own_texts]


def _read_area_sheet(sheet: Sheet, located: LocatedSheet, package: Package) -> ReturnedAreaSheet:
    """Read one area sheet cell by cell, after the row keys of its cards were repaired."""
    sent, columns = located.sent, located.columns
    sheet, columns, recovered, scattered = recover_row_keys(sheet, columns, sent, located.area)
    sheet, swapped = detect_swapped_cards(sheet, columns, sent)
    sheet, displaced = drop_displaced_rows(sheet, columns, sent)
    found = ReturnedAreaSheet(
        sheet.name,
        located.area,
        sent,
        displaced_refs=(*displaced, *(ref for ref in scattered if ref in sent.by_ref)),
        code=located.code,
        conflicting_area=located.conflicting_area,
        first_out_of_bounds=sheet.first_out_of_bounds or "",
    )
    RowReader(sheet, columns, found).read()
    found.moved_refs += [ref for ref in (*swapped, *recovered) if ref in sent.by_ref]
    found.unexpected_cells += content_outside_grid(sheet, package)
    return found
