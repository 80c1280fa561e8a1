"""Turn returned files into their submissions and findings; no file can stop a batch.

`parse_return` is for the content of one file, `read_returns` for many files, in as many processes
as requested.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import cast

from xltiltak.intake.form_reader import RegisterForms, read_form, visible_texts
from xltiltak.intake.return_rules import (
    active_content,
    area_sheet_unclear,
    check_sheet,
    content_by_row,
    judge,
    proposals,
    record_not_believed,
    sheets_outside_form,
)
from xltiltak.intake.returned_sheet import CellChange, ReturnedAreaSheet, ReturnedWorkbook
from xltiltak.merging.collection import file_held, is_claim
from xltiltak.model import files
from xltiltak.model.cell_values import display, is_blank
from xltiltak.model.errors import DamagedWorkbook, PlanError, SkippedFile, WorkbookError
from xltiltak.model.field_types import Value
from xltiltak.model.finding import Finding, FindingFilter, Place
from xltiltak.model.register import (
    Change,
    Correction,
    Proposal,
    Register,
    ReturnedFile,
    Source,
    Submission,
)
from xltiltak.model.report import BLANK_AREA
from xltiltak.xlsx.package import DEFAULT_BOUNDS, LARGE_FILE_BOUNDS, Bounds, Package
from xltiltak.xlsx.parts import last_saved

_TABLE_SUFFIXES = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls")  # files that should hold answers
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

    With `register_forms`, sheets are also read that the workbook's own snapshot does not know.
    `key` is the register's, which proves a snapshot.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        if name.startswith(_LEFT_BEHIND):
            raise SkippedFile("left")
        workbook, saved_by, saved_at = _open_workbook(content, register_forms, bounds, key)
    except WorkbookError as error:
        return _refuse_file(name, sha256, error)
    submissions = []
    for sheet in workbook.sheets:
        sending = sheet.sent.areas.get(sheet.area, BLANK_AREA).sent
        source = Source(name, sheet.name, sha256, saved_by, saved_at, sending)
        submissions.append(_read_submission(sheet, source, workbook.correction))
    findings = (
        *record_not_believed(workbook),
        *active_content(workbook),
        *sheets_outside_form(workbook),
    )
    has_errors = any(f.severity == "error" for s in submissions for f in s.findings)
    return ReturnedFile(
        name,
        sha256,
        "partly" if has_errors else "read",
        tuple(submissions),
        tuple(finding.with_file(file=name) for finding in findings),
        workbook.sent,
        is_proven=workbook.is_proven,
        area_names=workbook.area_names,
        has_unidentified_sheets=bool(workbook.other_sheets),
        corrected_files=workbook.correction.corrected_files,
    )


def _open_workbook(
    content: bytes, register_forms: RegisterForms | None, bounds: Bounds, key: str
) -> tuple[ReturnedWorkbook, str, str]:
    """Return the workbook, who saved it last, and when. Raises WorkbookError, nothing else."""
    try:
        package = Package(content, bounds)
        return read_form(package, register_forms, key), *last_saved(package)
    except (
        ArithmeticError,
        LookupError,
        MemoryError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:  # a hostile file must not stop the batch
        raise DamagedWorkbook("markup", error=error) from error


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
        findings = list(area_sheet_unclear(sheet))
    else:
        findings = list(check_sheet(sheet))
        changes = tuple(_as_claimed(sheet, _judge_changes(sheet, findings)))
        proposed = tuple(proposals(sheet, source.file, source.sha256))
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
            change = _locked_change(cell_change)
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


def _as_claimed(sheet: ReturnedAreaSheet, changes: Iterable[Change]) -> Iterator[Change]:
    """Yield the changes as changes of what the workbook says it was sent with, if it does.

    They are then what differs from the register. Where the workbook has another value as sent than
    the register, either the plan was changed since or the record is wrong: the merge takes nothing
    and tells it (M105).
    """
    claimed = sheet.claimed
    for change in changes:
        if claimed and change.slot.ref in claimed.by_ref:
            yield change._replace(sent=claimed.values.get(change.slot))
        else:
            yield change


def _locked_change(cell_change: CellChange) -> Change | None:
    """Return the change of a locked slot; None if its cells mean what was sent."""
    reading = cell_change.field_type.parse(cell_change.cell_values)
    without_value = cell_change.formulas and any(map(is_blank, cell_change.cell_values))
    value: Value | None = reading.value
    if reading.outcome == "invalid" or without_value:
        texts = [display(raw) for raw in cell_change.cell_values if not is_blank(raw)]
        if without_value:
            texts += ["=" + formula for formula in cell_change.formulas]
        value = "\n".join(texts)
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
    key: str = "",
) -> list[tuple[Path, ReturnedFile]]:
    """Read the files among the paths and in folders, in order. Raises PlanError if there are none.

    With `keep_sent`, each result keeps the whole report that its form was sent with. It is needed
    only without a plan; a thousand of them would fill the memory. `key` is the register's.
    """
    found = files.list_files(paths)
    if not found:
        raise PlanError("nothing_found", paths=", ".join(map(str, paths)))
    with _parallel_map(jobs) as mapped:
        results = []
        for path, returned in zip(found, mapped(partial(read_return, key=key), found), strict=True):
            results.append((path, returned if keep_sent else _without_sent_nodes(returned)))
            if on_file_done:
                on_file_done(path)
    return results


def read_return(path: Path, key: str = "") -> ReturnedFile:
    """Read one returned file; a folder, or a file that cannot be opened, becomes a finding."""
    if path.is_dir():
        skipped = replace(refusal(SkippedFile("folder")), place=Place(path.name))
        return ReturnedFile(path.name, "", "skipped", findings=(skipped,))
    try:
        return parse_return(path.name, files.read(path), key=key)
    except PlanError as error:
        return ReturnedFile(path.name, "", "refused", findings=(file_held(path.name, error),))


def reread_with_register(
    register: Register, plan: Path | None, returned: Sequence[tuple[Path, ReturnedFile]]
) -> tuple[tuple[Path, ReturnedFile], ...]:
    """Re-read the files of which the register knows better than they do what was sent.

    These are files whose record is not proven to be ours, and sheets that were moved or copied out
    of the workbook they were sent in: leaders copy a sheet into another workbook; coordinators
    collect forms in their own. The register knows which area such a sheet belongs to, and what was
    sent in it. If forms were moved into the plan, it is added to the files.
    """
    sources = [(path, file, DEFAULT_BOUNDS) for path, file in returned]
    if plan and register.embedded_forms:
        own = ReturnedFile(plan.name, "", "skipped", has_unidentified_sheets=True)
        sources = [source for source in sources if source[0].resolve() != plan.resolve()]
        sources.append((plan, own, LARGE_FILE_BOUNDS))
    forms, key = RegisterForms(register, is_from_plan=plan is not None), register.key
    return tuple(
        (path, parse_return(path.name, files.read(path), forms, bounds, key=key))
        if file.has_unidentified_sheets or (plan and is_claim(file, register))
        else (path, file)
        for path, file, bounds in sources
    )


def refuse_unproven(path: Path, file: ReturnedFile, refusal: Finding) -> ReturnedFile:
    """Return a file of another template without answers, quoted as it looks.

    Its record is not proven to be ours, so what this says of the cells is not believed either.
    """
    texts = list(visible_texts(Package(files.read(path), DEFAULT_BOUNDS)))
    answers = {(s.source.sheet, change.cell) for s in file.submissions for change in s.changes}
    quoted = [f"{cell} {text}" for sheet, cell, text in texts if (sheet, cell) in answers]
    values = {**refusal.values, "value": "; ".join(quoted) or "–"}
    rows = (found.with_file(file=file.file) for found in content_by_row(texts))
    return replace(
        file,
        outcome="refused",
        submissions=(),
        findings=(replace(refusal, values=values), *rows),
        corrected_files=(),
    )


def _without_sent_nodes(returned: ReturnedFile) -> ReturnedFile:
    """Drop what was sent, except the head and the template that identify the report."""
    sent = returned.sent_report
    if sent is None:
        return returned
    return replace(returned, sent_report=replace(sent, nodes=(), values={}), area_names={})


@contextmanager
def _parallel_map(jobs: int) -> Iterator[Callable[..., Iterable[ReturnedFile]]]:
    """Provide a `map` that runs in so many processes and yields results in order."""
    if jobs == 1:
        yield map
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield partial(pool.map, chunksize=8)
