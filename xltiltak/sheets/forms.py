"""Write forms: the workbooks that leaders fill in, and correction forms for returns with errors.

Locked cells are white, open ones yellow; open cells are validated and grow with their text.

A correction form is a fresh form that keeps all that was right in the return. What is wrong or
missing is listed on its first sheet, marked in its cell and explained in a note. The form carries
the returns it corrects in its snapshot. So nothing of them is lost if only the correction form
comes back, and their errors are settled when it does. Read `write_forms` and `correction_form`
first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from xltiltak.intake.returned_file import read_again
from xltiltak.layout.geometry import Purpose
from xltiltak.model.carried import carried_steps, with_steps
from xltiltak.model.errors import XltiltakError
from xltiltak.model.field_types import Value
from xltiltak.model.finding import Finding
from xltiltak.model.language import translate
from xltiltak.model.normalize import normalize
from xltiltak.model.register import Correction, Register, ReturnedFile, Submission
from xltiltak.model.report import BLANK_AREA, Report, Slot, join_reports
from xltiltak.model.summary import AreaStatistics, area_statistics
from xltiltak.sheets.area_sheet import AreaSheetWriter, FormSheets
from xltiltak.sheets.file_names import round_filename
from xltiltak.sheets.lists import ListSheet
from xltiltak.sheets.row_formats import RowFormats
from xltiltak.sheets.workbook import WorkbookWriter, new_workbook, quoted_sheet_name
from xltiltak.snapshot.hidden_sheet import CORRECTION_LIST_KEY, form_rows
from xltiltak.snapshot.register_json import dump_correction

# Findings whose remedy for the leader differs from the coordinator's.
_OWN_REMEDY = (
    "S101",
    "S102",
    "S103",
    "S110",
    "S116",
    "S117",
    "L101",
    "L102",
    "L104",
    "L105",
    "L106",
    "M104",
    "F007",
)
_NOT_THE_LEADERS = ("M102",)  # two leaders disagree, and neither is wrong
_MISSING_ANSWER = "V102"
_WIDTHS = {"area": 24, "what": 36, "says": 60, "fix": 50}  # characters
_LINE_HEIGHT = 15  # points
_MOST_FILES = 10_000  # with one name


def write_form(
    part: Report,
    area: str,
    areas: Mapping[str, str],
    key: str = "",
    fresh: Collection[Slot] = (),
) -> bytes:
    """Return the form of one area. `areas` are the names of all areas of the round, by ref."""
    return write_forms({area: part}, areas, key=key, fresh=fresh)


def write_forms(
    parts: Mapping[str, Report],
    areas: Mapping[str, str],
    statistics: AreaStatistics | None = None,
    *,
    key: str = "",
    fresh: Collection[Slot] = (),
) -> bytes:
    """Return one form with a sheet for each of these areas.

    `statistics` are those of the areas, if they have been computed already. With the register's
    `key`, the form can be proven to be ours when it comes back. `fresh` are slots with texts of
    this date: they are not shown as left from the date before.
    """
    target, head = BytesIO(), next(iter(parts.values())).head
    with new_workbook(target, head) as book:
        write_area_sheets(book, parts, statistics, fresh)
        book.add_hidden_sheet(form_rows(join_reports(parts.values()), areas, key))
    return target.getvalue()


def write_area_sheets(
    book: WorkbookWriter,
    parts: Mapping[str, Report],
    statistics: AreaStatistics | None = None,
    fresh: Collection[Slot] = (),
) -> dict[str, AreaSheetWriter]:
    """Write a form's sheets into a workbook; return their writers, by area."""
    writers, formats = dict[str, AreaSheetWriter](), RowFormats(book)
    names = {area: part.area_name(area) for area, part in parts.items()}
    for area, stored in parts.items():
        name = book.sheet_name(names[area])
        part = with_steps(stored, carried_steps(stored))
        form = FormSheets(names, writers, fresh)
        writers[area] = AreaSheetWriter(formats, part, area, name, Purpose.FORM, form=form)
    for area, writer in writers.items():
        part = writer.part
        known = area_statistics(part) if part.carried or statistics is None else statistics
        writer.write({day: known[area, day] for day in part.head.dates if (area, day) in known})
    return writers


# Correction forms


class Problem(NamedTuple):
    """One thing to correct in an area: what it is about, what is wrong, what to do.

    `slot` is None for a whole sheet.
    """

    area: str
    slot: Slot | None
    label: str
    message: str
    remedy: str


def correction_forms(
    register: Register, received: Iterable[tuple[Path, ReturnedFile]]
) -> tuple[dict[str, bytes], list[tuple[ReturnedFile, Exception]]]:
    """Return the forms to send back, by file name: one for each file that its leader can correct.

    Also return the files that an error of this program stopped; it does not stop the others.
    The reports that were sent are read from the files again, because they are not kept in memory;
    everything else comes from the merge. That includes sheets that only the register could
    identify.
    """
    forms: dict[str, bytes] = {}
    failed: list[tuple[ReturnedFile, Exception]] = []
    for path, file in received:
        wrong = {f.area for f in register.findings if _is_for_leader(f, file)}
        areas = [ref for ref in register.report.area_refs if ref in wrong]
        if not areas:
            continue
        name = correction_filename(register.report, areas, forms, _recipient_of(register, file))
        try:
            forms[name] = correction_form(register, [_complete(register, path, file)], areas)
        except XltiltakError:
            raise
        except Exception as error:  # noqa: BLE001 - the answers are written all the same
            failed.append((file, error))
    return forms, failed


def _recipient_of(register: Register, file: ReturnedFile) -> str:
    """Return who a returned form was sent to; "" if it was sent to the leader of its areas."""
    covered = (ref for submission in file.submissions for ref in submission.covers)
    names = (name for ref in covered for name in register.report.recipients.get(ref, ()))
    return next(names, "")


def _complete(register: Register, path: Path, file: ReturnedFile) -> ReturnedFile:
    """Return the file with the report that it was sent with, if that is proven."""
    if not file.sha256:
        return file
    whole = read_again(path, file, key=register.key)
    return replace(file, sent_report=whole.sent_report if whole.is_proven else None)


def correction_filename(
    report: Report, areas: Sequence[str], taken: Collection[str] = (), recipient: str = ""
) -> str:
    """Return the file name of a form to send back, numbered if it is taken. Raise OutputError."""
    word = translate("mend.file", report.head.language)
    numbered = (f"{word}{f' {n}' if n > 1 else ''}" for n in range(1, _MOST_FILES))
    names = (
        round_filename(report, *areas, addition=addition, recipient=recipient)
        for addition in numbered
    )
    return next(name for name in names if name not in taken)


def correction_form(
    register: Register, returned: Sequence[ReturnedFile], areas: Sequence[str]
) -> bytes:
    """Return one workbook for these areas, with the answers of these returns.

    All that is wrong in them or missing is listed and marked.
    """
    report = register.report
    language = report.areas.get(areas[0], BLANK_AREA).language or report.head.language
    problems = [p for area in areas for p in _problems(register, returned, area, language)]
    unanswered = register.asked_again.union(p.slot for p in problems if p.slot)
    parts = {area: _part_with_answers(register, returned, area, unanswered) for area in areas}
    problems = [p for p in problems if not p.slot or p.slot.ref in parts[p.area].by_ref]
    answers = (_answers(returned, area, report.head.current) for area in areas)
    fresh = register.fresh_slots.union(*answers)
    target, head = BytesIO(), next(iter(parts.values())).head
    with new_workbook(target, head) as book:
        problem_list = _create_list(book, language)
        sheets = write_area_sheets(book, parts, fresh=fresh)
        texts = {CORRECTION_LIST_KEY, *_write_opening(problem_list, problems, returned, language)}
        for problem in problems:
            area_name = parts[problem.area].area_name(problem.area)
            texts |= _write_problem(problem_list, problem, area_name, sheets[problem.area])
        for area, sheet in sheets.items():
            texts |= _mark_cells(sheet, [problem for problem in problems if problem.area == area])
        problem_list.sheet.protect("", {"format_columns": True, "format_rows": True})
        problem_list.sheet.activate()
        correction = _correction(returned, areas, texts)
        whole = join_reports(parts.values())
        names = {ref: report.area_name(ref) for ref in report.area_refs}
        record = dump_correction(whole, correction)
        book.add_hidden_sheet(form_rows(whole, names, register.key, record))
    return target.getvalue()


def _correction(
    returned: Sequence[ReturnedFile], areas: Sequence[str], texts: Iterable[str]
) -> Correction:
    """Return what the form carries: the returns it corrects, by area their hashes, our texts.

    A return that is itself a correction form passes on the returns that it carried.
    """
    carried = {
        (file.file, file.sha256): replace(file, corrected_files=())
        for one in returned
        for file in (*one.corrected_files, one)
    }
    hashes = {
        area: tuple(r.sha256 for r in returned if any(s.area == area for s in r.submissions))
        for area in areas
    }
    return Correction(
        corrected_files=tuple(carried.values()),
        corrects=hashes,
        own_texts=frozenset(map(normalize, texts)),
    )


# The report in a correction form


def _part_with_answers(
    register: Register, returned: Sequence[ReturnedFile], area: str, unanswered: frozenset[Slot]
) -> Report:
    """Return an area as it was sent, with the answers of these returns; it is sent once more.

    No finished step is carried on into the slots that are `unanswered`.
    """
    report = register.report
    part = _sent_part(register, returned, area)
    answers = _answers(returned, area, report.head.current)
    values = {
        slot: value
        for slot, value in {**part.values, **answers}.items()
        if value is not None and slot.ref in part.by_ref
    }
    details = report.areas.get(area, BLANK_AREA)
    sent = max(details.sent, part.areas.get(area, BLANK_AREA).sent) + 1
    part = replace(part, values=values, areas={area: replace(details, sent=sent)})
    again = carried_steps(part).keys() & unanswered
    return replace(part, asked_again=part.asked_again | again)


def _sent_part(register: Register, returned: Sequence[ReturnedFile], area: str) -> Report:
    """Return an area as it was sent.

    If a return of this round has the area in its snapshot, and this is proven to be ours, that is
    used, otherwise the register's values before the merge.
    """
    current = register.report.head.current
    for file in returned:
        sent = file.sent_report
        if sent and sent.nodes and sent.head.current == current and area in sent.area_refs:
            return sent.parts()[area]
    values = {**register.report.values, **register.previous_values}
    filled = {slot: value for slot, value in values.items() if value is not None}
    part = replace(register.report, values=filled).parts()[area]
    recipients = {_recipient_of(register, file) for file in returned}
    return part.for_recipient(recipients.pop()) if len(recipients) == 1 else part


def _answers(returned: Iterable[ReturnedFile], area: str, day: object) -> dict[Slot, Value | None]:
    """Return the answers in an area's open slots; a later sending overrides earlier ones."""
    submissions: list[Submission] = []
    for one in returned:
        for file in (*one.corrected_files, one):
            submissions += [s for s in file.submissions if s.area == area and s.round == day]
    submissions.sort(key=lambda submission: submission.source.sending)
    return {
        change.slot: change.value
        for submission in submissions
        for change in submission.changes
        if change.is_editable
    }


# Problems


def _problems(
    register: Register, returned: Sequence[ReturnedFile], area: str, language: str
) -> Iterator[Problem]:
    """Yield the errors in these returns and the missing answers, in the findings' order."""
    names, report = {file.file for file in returned}, register.report
    findings = [
        finding
        for finding in register.findings
        if finding.area == area
        and (_is_error_in(finding, names) or finding.code == _MISSING_ANSWER)
    ]
    are_of_rows = any(finding.ref and not finding.field for finding in findings)
    first_open = _first_open_slots(report) if are_of_rows else {}
    for finding in findings:
        yield _problem(report, finding, language, first_open)


def _problem(
    report: Report, finding: Finding, language: str, first_open: Mapping[str, Slot]
) -> Problem:
    """Return a finding as its leader reads it."""
    if finding.code == _MISSING_ANSWER:
        remedy = translate("mend.fill", language)
    elif finding.code in _OWN_REMEDY:
        remedy = translate(f"mend.{finding.code}", language)
    else:
        remedy = finding.fix(language)
    slot = _marked_slot(report, finding, first_open)
    if slot and finding.field:
        label = report.describe(slot)
    elif finding.ref in report.by_ref:
        label = report.describe_node(finding.ref)
    else:
        label = finding.place.sheet
    return Problem(finding.area, slot, label, finding.message(language), remedy)


def _marked_slot(report: Report, finding: Finding, first_open: Mapping[str, Slot]) -> Slot | None:
    """Return the slot that is marked: the finding's own, or the first open one of its row."""
    if finding.ref not in report.by_ref:
        return None
    if finding.field:
        return Slot(finding.ref, finding.field, finding.date)
    return first_open.get(finding.ref)


def _first_open_slots(report: Report) -> Mapping[str, Slot]:
    """Return the first open slot of every node that has one."""
    slots: dict[str, Slot] = {}
    for slot, field, node in report.slots(lambda field: field.role == "input"):
        if report.is_open(field, slot.date, node):
            slots.setdefault(node.ref, slot)
    return slots


def _is_for_leader(finding: Finding, file: ReturnedFile) -> bool:
    """Return True for an error in a file that its leader can correct, in an area of the file."""
    is_error = _is_error_in(finding, {file.file})
    return is_error and any(s.area == finding.area for s in file.submissions)


def _is_error_in(finding: Finding, names: Collection[str]) -> bool:
    """Return True for an error in one of these files that a leader can correct."""
    is_error = finding.severity == "error" and finding.code not in _NOT_THE_LEADERS
    return is_error and finding.place.file in names


# Sheets


def _create_list(book: WorkbookWriter, language: str) -> ListSheet:
    """Create the list of problems, the first sheet."""
    columns = [(_text(key, language), float(width)) for key, width in _WIDTHS.items()]
    return ListSheet(book, _text("sheet", language), columns)


def _write_opening(
    problem_list: ListSheet,
    problems: Sequence[Problem],
    returned: Sequence[ReturnedFile],
    language: str,
) -> list[str]:
    """Write the list's title, help and labels; return all these texts."""
    title = _text("title", language, count=len(problems))
    names = ", ".join(file.file for file in returned)
    lines = [_text("help", language), _text("returned", language, files=names)]
    problem_list.add_title(title)
    for line in lines:
        problem_list.add_row([line], ["plain"], key=CORRECTION_LIST_KEY, height=_LINE_HEIGHT)
    problem_list.add_header()
    return [title, *lines, *(label for label, _ in problem_list.columns)]


def _write_problem(
    problem_list: ListSheet, problem: Problem, area_name: str, sheet: AreaSheetWriter
) -> set[str]:
    """Write one problem with a link to its cell; return its texts."""
    texts = [area_name, problem.label, problem.message, problem.remedy]
    cell = sheet.cell_of(problem.slot) if problem.slot else "A1"
    looks = ["given", "link" if cell else "given", "given", "given"]
    problem_list.add_row(texts, looks, key=CORRECTION_LIST_KEY)
    if cell:
        problem_list.link_last_row(3, f"internal:{quoted_sheet_name(sheet.name)}!{cell}")
    return set(texts)


def _mark_cells(sheet: AreaSheetWriter, problems: Iterable[Problem]) -> set[str]:
    """Add a note to each problem's cell and mark it until it is filled in; return the notes."""
    notes: dict[Slot, list[str]] = {}
    for problem in problems:
        if problem.slot and sheet.cell_of(problem.slot):
            notes.setdefault(problem.slot, []).append(f"{problem.message} {problem.remedy}")
    texts = {slot: "\n".join(sentences) for slot, sentences in notes.items()}
    for slot, text in texts.items():
        sheet.note(slot, text)
        sheet.highlight(slot)
    return set(texts.values())


def _text(key: str, language: str, **values: object) -> str:
    """Return a phrase of correction forms."""
    return translate(f"mend.{key}", language, **values)
