"""One returned file to what it says: its submissions, each claim with its cell, and everything there is to tell."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from xltiltak.intake.entry_rules import judge
from xltiltak.intake.form_reader import read_form
from xltiltak.intake.locate_sheet import RegisterForms
from xltiltak.intake.returned_sheet import CellChange, ReturnedAreaSheet, ReturnedWorkbook
from xltiltak.intake.sheet_rules import (
    active_content,
    area_sheet_unclear,
    check_sheet,
    proposals,
    row_by_row,
    sheets_outside_form,
)
from xltiltak.model.errors import DamagedWorkbook, SkippedFile, WorkbookError
from xltiltak.model.finding import Finding, Place
from xltiltak.model.normalize import display, is_blank
from xltiltak.model.register import (
    Change,
    Correction,
    FileOutcome,
    ReturnedFile,
    Source,
    Submission,
)
from xltiltak.model.report import BLANK_AREA
from xltiltak.xlsx.package import DEFAULT_BOUNDS, Bounds, Package
from xltiltak.xlsx.parts import last_saved

_TABLES = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls")  # names under which answers come as text
_HOMELESS = (
    "alone",
    "areas",
    "own",
    "snapshot",
)  # why a file was not read, where the register may know its sheets
_new = (
    tuple.__new__
)  # as the call of a NamedTuple, at a fifth of its cost: there are hundreds in a form
_LEFT_BEHIND = ("~$", ".~lock.", "._")  # owner files of Excel and LibreOffice, and what macOS adds


def parse_return(
    name: str,
    content: bytes,
    sendings: RegisterForms | None = None,
    bounds: Bounds = DEFAULT_BOUNDS,
) -> ReturnedFile:
    """What one file says. Whatever is wrong with it becomes a finding; nothing is raised.

    `sendings` know the sheets that came without the hidden one of their own workbook.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        if name.startswith(_LEFT_BEHIND):
            raise SkippedFile("left")
        returned, by, at = _opened(content, sendings, bounds)
    except WorkbookError as error:
        finding = _refused(name, error)
        outcome: FileOutcome = "skipped" if isinstance(error, SkippedFile) else "refused"
        held = tuple(f.with_file(file=name) for f in row_by_row(error.cell_texts))
        return ReturnedFile(
            name,
            sha256,
            outcome,
            findings=(finding, *held),
            has_unidentified_sheets=error.key in _HOMELESS,
        )
    submissions = tuple(
        _submission(
            sheet, Source(name, sheet.name, sha256, by, at, _sending(sheet)), returned.correction
        )
        for sheet in returned.sheets
    )
    partly = any(f.severity == "error" for s in submissions for f in s.findings)
    told = tuple(f.with_file(file=name) for f in _of_file(returned))
    outcome = "partly" if partly else "read"
    beside = (
        returned.sent,
        returned.areas,
        bool(returned.others),
        returned.correction.corrected_files,
    )
    return ReturnedFile(name, sha256, outcome, submissions, told, *beside)


def _opened(
    content: bytes, sendings: RegisterForms | None, bounds: Bounds
) -> tuple[ReturnedWorkbook, str, str]:
    """What came back, who saved it last and when. Raises WorkbookError, whatever a file has thought out."""
    try:
        package = Package(content, bounds)
        return read_form(package, sendings), *last_saved(package)
    except (
        ArithmeticError,
        LookupError,
        MemoryError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise DamagedWorkbook("markup", error=error) from error  # one file never stops a batch


def _refused(name: str, error: WorkbookError) -> Finding:
    """The finding of a file; a note that lies beside the returns is only listed."""
    finding = replace(refusal(error), place=Place(name))
    return (
        finding.with_severity("note")
        if error.key == "text" and not name.lower().endswith(_TABLES)
        else finding
    )


def refusal(error: WorkbookError) -> Finding:
    """The finding of a file that could not be read."""
    return Finding.create(error.code, **{**error.values, "reason": error.key})


def _sending(sheet: ReturnedAreaSheet) -> int:
    """Which time it was that this form went out."""
    return sheet.sent.areas.get(sheet.area, BLANK_AREA).sent


def _of_file(returned: ReturnedWorkbook) -> Iterator[Finding]:
    yield from active_content(returned)
    yield from sheets_outside_form(returned)


def _submission(sheet: ReturnedAreaSheet, source: Source, mended: Correction) -> Submission:
    """What one area sheet says."""
    round_, mends = sheet.sent.head.current, mended.corrects.get(sheet.area, ())
    if sheet.unclear:
        told = tuple(_at(f, source, sheet) for f in area_sheet_unclear(sheet))
        return Submission(source, sheet.area, round_, findings=told, corrects=mends)
    findings = list(check_sheet(sheet))
    claims = tuple(_claims(sheet, findings))
    offered = tuple(proposals(sheet, source.file, source.sha256))
    told = tuple(_at(f, source, sheet) for f in findings)
    return Submission(source, sheet.area, round_, claims, told, offered, mends)


def _at(finding: Finding, source: Source, sheet: ReturnedAreaSheet) -> Finding:
    return replace(finding.with_file(file=source.file), area=sheet.area)


def _claims(sheet: ReturnedAreaSheet, findings: list[Finding]) -> Iterator[Change]:
    """The claims of a sheet, and what is to be told about them.

    An open slot's is judged here, a locked one's when it is held against the register; what nearly everybody writes
    needs no judgement.
    """
    is_open = sheet.sent.is_open
    for entry in sheet.changes:
        slot, field, kind, node, sent, raws, _, formulas = entry
        if not is_open(field, slot.date, node):
            claim = _locked(entry)
        elif len(raws) == 1 and not formulas and kind.is_canonical(raws[0]):
            claim = (
                _new(Change, (slot, sent, raws[0], entry.first, True)) if raws[0] != sent else None
            )
        else:
            judgement = judge(entry, sheet.sent, sheet.name)
            findings += judgement.findings
            is_as_sent = judgement.kept or judgement.taken == sent
            claim = (
                None
                if is_as_sent
                else Change(slot, sent, judgement.taken, entry.first, is_editable=True)
            )
        if claim:
            yield claim


def _locked(entry: CellChange) -> Change | None:
    """What a locked slot is claimed to hold; None where it says what was sent."""
    reading = entry.field_type.parse(entry.cell_values)
    quoted = "\n".join(display(raw) for raw in entry.cell_values if not is_blank(raw))
    without_value = entry.formulas and any(is_blank(raw) for raw in entry.cell_values)
    unread = reading.outcome == "invalid" or without_value
    if reading.value == entry.sent and not unread:
        return None
    formulas = ["=" + formula for formula in entry.formulas] if without_value else []
    value = "\n".join(filter(None, [quoted, *formulas])) if unread else reading.value
    return Change(entry.slot, entry.sent, value, entry.first, is_editable=False)
