"""Turn returned files into their submissions and findings; no file can stop a batch.

`parse_return` is for the content of one file, `read_returns` for many files, in as many processes
as requested.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import cast

from xltiltak.intake.arrival_rules import (
    as_notes,
    folder_severity,
    is_only_notes,
    may_be_empty,
    sent_by,
    what_it_is,
    words_beside_form,
    words_in,
)
from xltiltak.intake.form_reader import RegisterForms, cells_as_shown, read_form
from xltiltak.intake.known_files import KnownFiles
from xltiltak.intake.locked_cells import locked_change
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
    record_not_believed,
    sheets_outside_form,
    shown_otherwise,
)
from xltiltak.intake.returned_sheet import ReturnedAreaSheet, ReturnedWorkbook
from xltiltak.intake.unwrap import (
    WrappedFile,
    Wrapping,
    content_on_disk,
    find_wrapped,
    is_as_written,
    unwrap,
)
from xltiltak.merging.collection import file_held
from xltiltak.model import files
from xltiltak.model.cell_values import display
from xltiltak.model.errors import NotAWorkbook, PlanError, SkippedFile, WorkbookError
from xltiltak.model.field_types import Value
from xltiltak.model.files import SEPARATOR, FoundFile, base_name
from xltiltak.model.finding import Finding, FindingFilter, Place
from xltiltak.model.internal_errors import trace_of
from xltiltak.model.register import (
    Change,
    Correction,
    FileOutcome,
    Proposal,
    Register,
    ReturnedFile,
    Source,
    Submission,
)
from xltiltak.model.report import BLANK_AREA
from xltiltak.model.visible_text import visible
from xltiltak.snapshot.hidden_sheet import SHEET_NAME
from xltiltak.xlsx.package import DEFAULT_BOUNDS, LARGE_FILE_BOUNDS, Bounds, Package
from xltiltak.xlsx.parts import last_saved
from xltiltak.xlsx.plain_cells import plain_cells

_LEFT_BEHIND = ("~$", ".~lock.", "._")  # lock files of Excel and LibreOffice, and macOS metadata
_UNIDENTIFIED = ("alone", "areas", "own", "snapshot")  # reasons that a register may resolve
ProgressCallback = Callable[[Path], None]  # called with each file when it has been read


def parse_return(
    name: str,
    content: bytes,
    register_forms: RegisterForms | None = None,
    bounds: Bounds = DEFAULT_BOUNDS,
    *,
    key: str = "",
) -> ReturnedFile:
    """Return what one file says. Whatever is wrong with it becomes a finding; nothing is raised.

    An error of this program becomes F010. With `register_forms`, sheets are also read that the
    workbook's own snapshot does not know. `key` is the register's, which proves a snapshot.
    """
    try:
        return _parse(name, content, register_forms, bounds, key)
    except Exception as error:  # noqa: BLE001 - our own errors must not stop the batch
        return _unread_file(name, content, error, bounds)


def _parse(
    name: str, content: bytes, register_forms: RegisterForms | None, bounds: Bounds, key: str
) -> ReturnedFile:
    """Return what one file says. Raises nothing but errors of this program."""
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        if base_name(name).startswith(_LEFT_BEHIND):
            raise SkippedFile("left")
        if name.startswith(files.TEMPORARY):
            raise SkippedFile("unfinished")
        package = Package(content, bounds)
        workbook = read_form(package, register_forms, key)
        saved_by, saved_at = last_saved(package)
    except WorkbookError as error:
        return _refuse_file(name, content, error)
    submissions = []
    for sheet in workbook.sheets:
        sending = sheet.sent.areas.get(sheet.area, BLANK_AREA).sent
        by = sheet.filled_by.value if sheet.filled_by else ""
        filled_by = display(by, sheet.sent.head.language)
        source = Source(name, sheet.name, sha256, saved_by, saved_at, sending, filled_by=filled_by)
        submission = _read_submission(sheet, source, workbook.correction)
        gone = _gone_nodes(submission, sheet, register_forms) if register_forms else ()
        submissions.append(replace(submission, gone=gone) if gone else submission)
    has_errors = any(f.severity == "error" for s in submissions for f in s.findings)
    return ReturnedFile(
        name,
        sha256,
        "partly" if has_errors else "read",
        tuple(submissions),
        tuple(finding.with_file(file=name) for finding in _findings_of_workbook(workbook)),
        sent_report=workbook.sent,
        is_proven=workbook.is_proven,
        area_names=workbook.area_names,
        has_unidentified_sheets=bool(workbook.other_sheets),
        corrected_files=workbook.correction.corrected_files,
    )


def _findings_of_workbook(workbook: ReturnedWorkbook) -> Iterator[Finding]:
    """Yield what is found in a workbook apart from its answers."""
    yield from record_not_believed(workbook)
    yield from active_content(workbook)
    yield from forms_not_taken(workbook)
    yield from sheets_outside_form(workbook)
    yield from objects_outside_form(workbook)


def _unread_file(
    name: str, content: bytes, error: Exception, bounds: Bounds = DEFAULT_BOUNDS
) -> ReturnedFile:
    """Return a file that an error of this program stopped, with its cells quoted and the trace."""
    quoted = (found.with_file(file=name) for found in _quote_cells(content, bounds))
    return ReturnedFile(
        name,
        hashlib.sha256(content).hexdigest() if content else "",
        "refused",
        findings=(internal_error(Place(name), error=error, reason="internal_read"), *quoted),
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


def _refuse_file(name: str, content: bytes, error: WorkbookError) -> ReturnedFile:
    """Return the file with the reason why it was not read, and its content as findings."""
    error = what_it_is(error, content, base_name(name))
    finding = refusal(error)
    if error.key == "empty" and not may_be_empty(base_name(name)):
        finding = finding.with_severity("error")  # a cloud drive has not fetched it
    return ReturnedFile(
        name,
        hashlib.sha256(content).hexdigest(),
        "skipped" if isinstance(error, SkippedFile) else "refused",
        findings=(
            replace(finding, place=Place(name)),
            *(found.with_file(file=name) for found in content_by_row(error.cell_texts)),
            *words_beside_form(name, words_in(error, content)),
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
        changes = tuple(_as_claimed(sheet, _judge_changes(sheet, findings)))
        proposed = tuple(proposals(sheet, source.file, source.sha256))
    findings += objects_on_sheet(sheet)
    placed = tuple(
        replace(finding.with_file(file=source.file), area=sheet.area) for finding in findings
    )
    covers = sheet.covered_refs
    return Submission(source, sheet.area, round_, changes, placed, proposed, corrects, covers)


def _gone_nodes(
    submission: Submission, sheet: ReturnedAreaSheet, register_forms: RegisterForms
) -> tuple[tuple[str, str], ...]:
    """Return ref and name of the answered nodes that the register does not have any more."""
    gone = {change.slot.ref for change in submission.changes} - register_forms.refs
    return tuple((ref, sheet.sent.describe_node(ref)) for ref in sorted(gone))


def _judge_changes(sheet: ReturnedAreaSheet, findings: list[Finding]) -> Iterator[Change]:
    """Yield the changes of a sheet; add what the rules find in them to `findings`.

    An open slot is judged here, a locked one when it is compared with the register.
    """
    is_open = sheet.sent.is_open
    for cell_change in sheet.changes:
        slot, field, field_type, node, sent, values, _, formulas = cell_change
        stored = None if slot in sheet.carried else sent
        if not is_open(field, slot.date, node):
            change = locked_change(cell_change, sheet.sent.head)
            if change:
                yield change
            else:
                findings += shown_otherwise(cell_change, sheet.sent, sheet.name)
        elif len(values) == 1 and not formulas and field_type.is_canonical(values[0]):
            if values[0] != sent:  # nearly every answer takes this branch
                value = cast("Value", values[0])  # a canonical cell holds its value
                yield Change(slot, stored, value, cell_change.first_cell, is_editable=True)
        else:
            is_carried = slot in sheet.carried
            judgement = judge(cell_change, sheet.sent, sheet.name, is_carried=is_carried)
            findings += judgement.findings
            if not judgement.keeps_sent and judgement.value != sent:
                answer = judgement.value
                yield Change(slot, stored, answer, cell_change.first_cell, is_editable=True)
    for slot in sorted(sheet.sent.asked_again - {change.slot for change in sheet.changes}):
        yield Change(slot, None, None, "", is_editable=True)  # left empty once more


def _as_claimed(sheet: ReturnedAreaSheet, changes: Iterable[Change]) -> Iterable[Change]:
    """Return the changes as changes of what the workbook says it was sent with, if it does.

    They are then what differs from the register. Where the workbook has another value as sent than
    the register, either the plan was changed since or the record is wrong: the merge takes nothing
    and tells it (M105).
    """
    claimed = sheet.claimed
    if claimed is None:
        return changes
    return (
        change._replace(sent=claimed.values.get(change.slot))
        if change.slot.ref in claimed.by_ref
        else change
        for change in changes
    )


@dataclass(frozen=True, slots=True)
class Options:
    """How returned files are read and reported.

    `jobs` is the number of processes; 0 means as many as pay. With `corrections_folder`, a
    correction form is written there for each return with errors; `force` allows it to replace an
    earlier one. Findings that `finding_filter` does not select are kept in the register, but not
    reported. Files for which `is_whole` is false are left out of a merge; if one of the others
    changes before the appendix is written, nothing is written.
    """

    jobs: int = 1
    on_file_done: ProgressCallback | None = None
    corrections_folder: Path | None = None
    force: bool = False
    finding_filter: FindingFilter = field(default_factory=FindingFilter)
    is_whole: Callable[[Path], bool] = lambda _: True


DEFAULT_OPTIONS = Options()


def read_returns(
    found: Sequence[FoundFile],
    *,
    jobs: int = 1,
    on_file_done: ProgressCallback | None = None,
    register: Register | None = None,
    known: KnownFiles | None = None,
) -> list[tuple[Path, ReturnedFile]]:
    """Read these files and the files in them, in order. A path is that of the file on the disk.

    `register` is that of the plan. Without one, each result keeps the whole report that its form
    was sent with; a thousand of them would fill the memory. Files that are `known` are not read.
    """
    results: list[tuple[Path, ReturnedFile]] = []
    forms, key = (RegisterForms(register), register.key) if register else (None, "")
    judged_by = known.judged_by if known else ""
    read = partial(read_return, register_forms=forms, key=key, judged_by=judged_by)
    known_results = {file: known.find(file) for file in found} if known else {}
    unknown = [file for file in found if known_results.get(file) is None]
    all_returned = read_in_processes(read, unknown, jobs, _lost_file)
    for file in found:
        inside = known_results.get(file) or next(all_returned)
        results += [(file.path, returned) for returned in inside]
        if on_file_done:
            on_file_done(file.path)
    return results


def read_return(
    found: FoundFile,
    register_forms: RegisterForms | None = None,
    key: str = "",
    judged_by: str = "",
) -> tuple[ReturnedFile, ...]:
    """Read one returned file: the forms in a wrapping, then the wrapping itself.

    A folder that is not read, and a file that cannot be opened, become findings. `judged_by` is
    kept in the results.
    """
    try:
        returned = tuple(_read_found(found, register_forms, key))
        if register_forms is None:
            return returned
        return tuple(_without_sent_nodes(one, judged_by) for one in returned)
    except Exception as error:  # noqa: BLE001 - also there is no memory for the file
        return (_unread_file(found.name, b"", error),)


def unread_return(path: Path, file: ReturnedFile, error: Exception) -> ReturnedFile:
    """Return a file that an error of this program stopped after it was read, with its cells."""
    try:
        content = find_wrapped(path, file.sha256).content
    except (PlanError, WorkbookError):
        content = b""
    return _unread_file(file.file, content, error)


def _lost_file(found: FoundFile, error: Exception) -> tuple[ReturnedFile, ...]:
    """Return a file that ended the process which read it; it is not opened again."""
    return (_unread_file(found.name, b"", error),)


def _read_found(
    found: FoundFile, register_forms: RegisterForms | None, key: str
) -> Iterator[ReturnedFile]:
    """Yield the forms in a file, and the wrapping itself."""
    path, name, unread = found
    if unread:
        yield _unread_folder(name, unread)
        return
    try:
        content = content_on_disk(path)
    except PlanError as error:
        yield ReturnedFile(name, "", "refused", findings=(file_held(name, error),))
        return
    except WorkbookError as error:
        yield _refuse_file(name, b"", error)
        return
    if SEPARATOR in name and _is_own_correction(content, key):
        yield _refuse_file(name, content, SkippedFile("own_correction"))
        return
    results: list[ReturnedFile] = []
    for piece in unwrap(name, content):
        if isinstance(piece, Wrapping):
            inside = [r for r in results if r.file.startswith(f"{piece.name}{SEPARATOR}")]
            results.append(_read_wrapping(piece, inside))
        else:
            results.append(_read_wrapped(piece, register_forms, key=key))
        yield results[-1]


def _is_own_correction(content: bytes, key: str) -> bool:
    """Return True for a correction form as we wrote it.

    In a folder within the folder it is one that has not been sent: read as an answer, it would
    settle the errors that it is about.
    """
    is_ours = is_as_written(content)
    return is_ours and any(s.corrects for s in parse_return("", content, key=key).submissions)


def _unread_folder(name: str, unread: str) -> ReturnedFile:
    """Return a folder that is not read, with the reason."""
    if unread == "locked_folder":
        locked = PlanError("cannot_read", file=name, error=os.strerror(errno.EACCES))
        return ReturnedFile(name, "", "refused", findings=(file_held(name, locked),))
    error = NotAWorkbook("iwork") if unread == "iwork" else SkippedFile(unread)
    finding = refusal(error).with_severity(folder_severity(unread))
    return ReturnedFile(name, "", "skipped", findings=(replace(finding, place=Place(name)),))


def _read_wrapping(wrapping: Wrapping, inside: Sequence[ReturnedFile]) -> ReturnedFile:
    """Return a wrapping as a file of its own: the words in it, and what is wrong with it.

    `inside` are the files in it.
    """
    name, error = wrapping.name, wrapping.error
    if wrapping.is_unsent_draft:
        error = SkippedFile("draft")
    elif error is None and is_only_notes(inside):
        error = NotAWorkbook(wrapping.if_alone)
    refused = [replace(refusal(error), place=Place(name))] if error else []
    outcome: FileOutcome = "refused" if error else "read"
    return ReturnedFile(
        name,
        hashlib.sha256(wrapping.content).hexdigest(),
        "skipped" if wrapping.is_unsent_draft else outcome,
        findings=(*refused, *words_beside_form(name, wrapping.words, wrapping.mail)),
    )


def _read_wrapped(
    file: WrappedFile,
    register_forms: RegisterForms | None = None,
    bounds: Bounds = DEFAULT_BOUNDS,
    *,
    key: str,
) -> ReturnedFile:
    """Read a file that may have come in a wrapping."""
    if file.error:
        return _refuse_file(file.name, file.content, file.error)
    returned = parse_return(file.name, file.content, register_forms, bounds, key=key)
    if file.mail.sender or file.mail.sent_at:
        returned = sent_by(returned, file.mail)
    return as_notes(returned) if file.is_inline else returned


def reread_with_register(
    register: Register, returned: Sequence[tuple[Path, ReturnedFile]]
) -> list[tuple[Path, ReturnedFile]]:
    """Re-read the files with sheets that only a register made of all the forms can identify.

    Leaders move or copy a sheet into another workbook. The register knows which area such a sheet
    belongs to, and what was sent in it.
    """
    forms = RegisterForms(register, is_from_plan=False)
    return [
        (path, read_again(path, file, forms) if file.has_unidentified_sheets else file)
        for path, file in returned
    ]


def read_forms_in_plan(plan: Path, register: Register) -> ReturnedFile:
    """Read the forms that were moved into the plan: coordinators collect them there."""
    file = ReturnedFile(visible(plan.name), "", "skipped")
    return read_again(plan, file, RegisterForms(register), LARGE_FILE_BOUNDS, key=register.key)


def read_again(
    path: Path,
    file: ReturnedFile,
    register_forms: RegisterForms | None = None,
    bounds: Bounds = DEFAULT_BOUNDS,
    *,
    key: str = "",
) -> ReturnedFile:
    """Read a file again that was read from the file on the disk, or from inside of it."""
    try:
        wrapped = find_wrapped(path, file.sha256)._replace(name=file.file)
        return _read_wrapped(wrapped, register_forms, bounds, key=key)
    except PlanError as error:
        return ReturnedFile(file.file, "", "refused", findings=(file_held(file.file, error),))
    except Exception as error:  # noqa: BLE001 - the other files go on
        return _unread_file(file.file, b"", error)


def refuse_unproven(path: Path, file: ReturnedFile, refusal: Finding) -> ReturnedFile:
    """Return a file of another template without answers, quoted as it looks.

    Its record is not proven to be ours, so what this says of the cells is not believed either.
    """
    texts = _texts_read_again(path, file)
    answers = {(s.source.sheet, change.cell) for s in file.submissions for change in s.changes}
    quoted = [f"{cell} {text}" for sheet, cell, text in texts if (sheet, cell) in answers]
    values = {**refusal.values, "value": "; ".join(quoted) or refusal.values["value"]}
    rows = (found.with_file(file=file.file) for found in content_by_row(texts))
    return replace(
        file,
        outcome="refused",
        submissions=(),
        findings=(replace(refusal, values=values), *rows),
        corrected_files=(),
    )


def _texts_read_again(path: Path, file: ReturnedFile) -> Sequence[tuple[str, str, str]]:
    """Return sheet, cell and text of all that is shown; nothing if the file was changed since."""
    try:
        content = find_wrapped(path, file.sha256).content
        if hashlib.sha256(content).hexdigest() == file.sha256:
            return list(cells_as_shown(Package(content, DEFAULT_BOUNDS)))
    except (PlanError, WorkbookError):
        pass
    return ()


def _without_sent_nodes(returned: ReturnedFile, judged_by: str) -> ReturnedFile:
    """Drop what was sent, except the head and the template that identify the report.

    Keep what the file was judged by.
    """
    sent = returned.sent_report and replace(returned.sent_report, nodes=(), values={})
    return replace(returned, judged_by=judged_by, sent_report=sent, area_names={})
