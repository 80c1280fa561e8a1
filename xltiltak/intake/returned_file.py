"""Turn returned files into their submissions and findings; no file can stop a batch.

`parse_return` is for the content of one file, `read_returns` for many files, in as many processes
as requested.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from xltiltak.intake.form_reader import RegisterForms, cells_as_shown, read_form
from xltiltak.intake.mark_rules import judge_marks, struck_elsewhere
from xltiltak.intake.object_rules import objects_on_sheet, objects_outside_form
from xltiltak.intake.processes import read_in_processes
from xltiltak.intake.return_rules import (
    active_content,
    area_sheet_unclear,
    check_sheet,
    content_by_row,
    forms_not_taken,
    internal_error,
    judge,
    proposals,
    sheets_outside_form,
)
from xltiltak.intake.returned_sheet import CellChange, ReturnedAreaSheet
from xltiltak.merging.collection import file_held
from xltiltak.model import files
from xltiltak.model.errors import PlanError, SkippedFile, WorkbookError
from xltiltak.model.field_types import Value
from xltiltak.model.finding import Finding, FindingFilter, Place
from xltiltak.model.internal_errors import trace_of
from xltiltak.model.readings import quote, read
from xltiltak.model.register import (
    Change,
    Correction,
    Proposal,
    Register,
    ReturnedFile,
    Source,
    Submission,
)
from xltiltak.model.report import BLANK_AREA, Head
from xltiltak.model.visible_text import visible, visible_path
from xltiltak.snapshot.hidden_sheet import SHEET_NAME
from xltiltak.xlsx.package import DEFAULT_BOUNDS, LARGE_FILE_BOUNDS, Bounds, Package
from xltiltak.xlsx.parts import last_saved
from xltiltak.xlsx.plain_cells import plain_cells

_TABLE_SUFFIXES = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls")  # files that should hold answers
_LEFT_BEHIND = ("~$", ".~lock.", "._")  # lock files of Excel and LibreOffice, and macOS metadata
_UNIDENTIFIED = ("alone", "areas", "own", "snapshot")  # reasons that a register may resolve
ProgressCallback = Callable[[Path], None]  # called with each file when it has been read


def parse_return(
    name: str,
    content: bytes,
    register_forms: RegisterForms | None = None,
    bounds: Bounds = DEFAULT_BOUNDS,
) -> ReturnedFile:
    """Return what one file says. Whatever is wrong with it becomes a finding; nothing is raised.

    An error of this program becomes F010. With `register_forms`, sheets are also read that the
    workbook's own snapshot does not know.
    """
    try:
        return _parse(name, content, register_forms, bounds)
    except Exception as error:  # noqa: BLE001 - our own errors must not stop the batch
        return _unread_file(name, content, error, bounds)


def _parse(
    name: str, content: bytes, register_forms: RegisterForms | None, bounds: Bounds
) -> ReturnedFile:
    """Return what one file says. Raises nothing but errors of this program."""
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        if name.startswith(_LEFT_BEHIND):
            raise SkippedFile("left")
        if name.startswith(files.TEMPORARY):
            raise SkippedFile("unfinished")
        package = Package(content, bounds)
        workbook, (saved_by, saved_at) = read_form(package, register_forms), last_saved(package)
    except WorkbookError as error:
        return _refuse_file(name, sha256, error)
    submissions = []
    for sheet in workbook.sheets:
        sending = sheet.sent.areas.get(sheet.area, BLANK_AREA).sent
        source = Source(name, sheet.name, sha256, saved_by, saved_at, sending)
        submissions.append(_read_submission(sheet, source, workbook.correction))
    findings = (
        *active_content(workbook),
        *forms_not_taken(workbook),
        *sheets_outside_form(workbook),
        *objects_outside_form(workbook),
    )
    has_errors = any(f.severity == "error" for s in submissions for f in s.findings)
    return ReturnedFile(
        name,
        sha256,
        "partly" if has_errors else "read",
        tuple(submissions),
        tuple(finding.with_file(file=name) for finding in findings),
        workbook.sent,
        workbook.area_names,
        has_unidentified_sheets=bool(workbook.other_sheets),
        corrected_files=workbook.correction.corrected_files,
    )


def _unread_file(
    name: str, content: bytes, error: Exception, bounds: Bounds = DEFAULT_BOUNDS
) -> ReturnedFile:
    """Return a file that an error of this program stopped, with its cells quoted and the trace."""
    quoted = (found.with_file(file=name) for found in _quote_cells(content, bounds))
    return ReturnedFile(
        name,
        hashlib.sha256(content).hexdigest() if content else "",
        "refused",
        findings=(internal_error(name, error), *quoted),
        trace=trace_of(error),
    )


def _quote_cells(content: bytes, bounds: Bounds) -> Sequence[Finding]:
    """Return the cells of a file row by row: as shown, or else as stored, or else none.

    The error that stopped the file may stop this too.
    """
    for read_cells in (cells_as_shown, plain_cells):
        try:
            cells = list(read_cells(Package(content, bounds)))
            hidden = {sheet for sheet, cell, text in cells if (cell, text) == ("A1", SHEET_NAME)}
            return tuple(content_by_row(cell for cell in cells if cell[0] not in hidden))
        except Exception:  # noqa: BLE001, S112 - the first error is reported
            continue
    return ()


def _refuse_file(name: str, sha256: str, error: WorkbookError) -> ReturnedFile:
    """Return the file with the reason why it was not read, and its content as findings."""
    finding = refusal(error)
    if error.key == "text" and not name.lower().endswith(_TABLE_SUFFIXES):
        finding = finding.with_severity("note")  # a text file beside the returns: only listed
    return ReturnedFile(
        name,
        sha256,
        "skipped" if isinstance(error, SkippedFile) else "refused",
        findings=(
            replace(finding, place=Place(name)),
            *(found.with_file(file=name) for found in content_by_row(error.cell_texts)),
        ),
        has_unidentified_sheets=error.key in _UNIDENTIFIED,
    )


def refusal(error: WorkbookError) -> Finding:
    """Return the finding of a file that could not be read, without its place."""
    return Finding.create(error.code, **{**error.values, "reason": error.key})


def _read_submission(
    sheet: ReturnedAreaSheet, source: Source, correction: Correction
) -> Submission:
    """Return the changes, findings and proposals of one area sheet.

    A sheet whose code and rows name different areas has findings only.
    """
    round_, corrects = sheet.sent.head.current, correction.corrects.get(sheet.area, ())
    changes: tuple[Change, ...] = ()
    proposed: tuple[Proposal, ...] = ()
    if sheet.conflicting_area:
        findings = [*area_sheet_unclear(sheet), *struck_elsewhere(sheet)]
    else:
        findings = [*check_sheet(sheet), *judge_marks(sheet)]
        changes = tuple(_judge_changes(sheet, findings))
        proposed = tuple(proposals(sheet, source.file, source.sha256))
    findings += objects_on_sheet(sheet)
    placed = tuple(
        replace(finding.with_file(file=source.file), area=sheet.area) for finding in findings
    )
    return Submission(source, sheet.area, round_, changes, placed, proposed, corrects)


def _judge_changes(sheet: ReturnedAreaSheet, findings: list[Finding]) -> Iterator[Change]:
    """Yield the changes of a sheet; add what the rules find in them to `findings`.

    An open slot is judged here, a locked one when it is compared with the register.
    """
    is_open = sheet.sent.is_open
    for cell_change in sheet.changes:
        slot, field, field_type, node, sent, values, _, formulas = cell_change
        if not is_open(field, slot.date, node):
            change = _locked_change(cell_change, sheet.sent.head)
            if change:
                yield change
        elif len(values) == 1 and not formulas and field_type.is_canonical(values[0]):
            if values[0] != sent:  # nearly every answer takes this branch
                value = cast("Value", values[0])  # a canonical cell holds its value
                yield Change(slot, sent, value, cell_change.first_cell, is_editable=True)
        else:
            judgement = judge(cell_change, sheet.sent, sheet.name)
            findings += judgement.findings
            if not judgement.keeps_sent and judgement.value != sent:
                yield Change(slot, sent, judgement.value, cell_change.first_cell, is_editable=True)


def _locked_change(cell_change: CellChange, head: Head) -> Change | None:
    """Return the change of a locked slot; None if its cells mean what was sent."""
    values = cell_change.cell_values
    reading = read(cell_change.field_type, values, head, cell_change.sent)
    without_value = cell_change.formulas_without_value
    value: Value | None = reading.value
    if reading.outcome == "invalid" or without_value:
        shown = quote(values, head.language)
        value = "\n".join([*([shown] if shown else []), *("=" + f for f in without_value)])
    elif value == cell_change.sent:
        return None
    return Change(
        cell_change.slot, cell_change.sent, value, cell_change.first_cell, is_editable=False
    )


@dataclass(frozen=True, slots=True)
class Options:
    """How returned files are read and reported.

    `jobs` is the number of processes. With `corrections_folder`, a correction form is written there
    for each return with errors; `force` allows it to replace an earlier one. Findings that
    `finding_filter` does not select are kept in the register, but not reported.
    """

    jobs: int = 1
    on_file_done: ProgressCallback | None = None
    corrections_folder: Path | None = None
    force: bool = False
    finding_filter: FindingFilter = field(default_factory=FindingFilter)


DEFAULT_OPTIONS = Options()


def read_returns(
    paths: Sequence[Path],
    *,
    jobs: int = 1,
    on_file_done: ProgressCallback | None = None,
    keep_sent: bool,
) -> list[tuple[Path, ReturnedFile]]:
    """Read the files among the paths and in folders, in order. Raises PlanError if there are none.

    With `keep_sent`, each result keeps the whole report that its form was sent with. It is needed
    only without a plan; a thousand of them would fill the memory.
    """
    found = files.list_files(paths)
    if not found:
        raise PlanError("nothing_found", paths=", ".join(map(visible_path, paths)))
    results = []
    all_returned = read_in_processes(read_return, found, jobs, _lost_file)
    for path, returned in zip(found, all_returned, strict=True):
        results.append((path, returned if keep_sent else _without_sent_nodes(returned)))
        if on_file_done:
            on_file_done(path)
    return results


def read_return(path: Path) -> ReturnedFile:
    """Read one returned file; a folder, or a file that cannot be opened, becomes a finding."""
    name = visible(path.name)
    if files.is_folder(path):
        skipped = replace(refusal(SkippedFile("folder")), place=Place(name))
        return ReturnedFile(name, "", "skipped", findings=(skipped,))
    return _open(path)


def unread_return(path: Path, error: Exception) -> ReturnedFile:
    """Return a file that an error of this program stopped after it was read, with its cells."""
    try:
        content = files.read(path)
    except PlanError:
        content = b""
    return _unread_file(visible(path.name), content, error)


def _lost_file(path: Path, error: Exception) -> ReturnedFile:
    """Return a file that ended the process which read it; it is not opened again."""
    return _unread_file(visible(path.name), b"", error)


def _open(
    path: Path, register_forms: RegisterForms | None = None, bounds: Bounds = DEFAULT_BOUNDS
) -> ReturnedFile:
    """Return what a file says, or why it cannot be opened."""
    name = visible(path.name)
    try:
        return parse_return(name, files.read(path), register_forms, bounds)
    except PlanError as error:
        return ReturnedFile(name, "", "refused", findings=(file_held(name, error),))
    except Exception as error:  # noqa: BLE001 - also there is no memory for the file
        return _unread_file(name, b"", error)


def reread_relocated_sheets(
    register: Register, plan: Path | None, returned: Sequence[tuple[Path, ReturnedFile]]
) -> tuple[tuple[Path, ReturnedFile], ...]:
    """Re-read files whose sheets were moved or copied out of the workbook they were sent in.

    Leaders copy a sheet into another workbook; coordinators collect forms in their own. The
    register knows which area such a sheet belongs to, and what was sent in it. If forms were moved
    into the plan, it is added to the files.
    """
    sources = [(path, file, DEFAULT_BOUNDS) for path, file in returned]
    if plan and register.embedded_forms:
        own = ReturnedFile(visible(plan.name), "", "skipped", has_unidentified_sheets=True)
        sources = [source for source in sources if not files.is_same(source[0], plan)]
        sources.append((plan, own, LARGE_FILE_BOUNDS))
    register_forms = RegisterForms(register)
    return tuple(
        (path, _open(path, register_forms, bounds))
        if file.has_unidentified_sheets
        else (path, file)
        for path, file, bounds in sources
    )


def _without_sent_nodes(returned: ReturnedFile) -> ReturnedFile:
    """Drop what was sent, except the head and the template that identify the report."""
    sent = returned.sent_report
    if sent is None:
        return returned
    return replace(returned, sent_report=replace(sent, nodes=(), values={}), area_names={})
