"""Forms that go back: of each return with errors a fresh one, with all that was right in it and the rest marked.

Such a form carries the record of the returns it puts right. So nothing of them is lost where it comes back without
them, and what was wrong with them is settled when it does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from xltiltak.intake.returned_file import parse_return
from xltiltak.model import files
from xltiltak.model.field_types import Value
from xltiltak.model.finding import Finding
from xltiltak.model.language import translate
from xltiltak.model.register import Correction, Register, ReturnedFile, Submission
from xltiltak.model.report import BLANK_AREA, Report, Slot
from xltiltak.sheets.correction_form import CorrectionIntro, Problem, write_correction_form

_OWN_FIX = (
    "S101",
    "S102",
    "S103",
    "S110",
    "L101",
    "L102",
    "M104",
    "F007",
)  # what the coordinator does is not what a leader does
_NOT_THEIRS = ("M102",)  # where two leaders disagree, neither is wrong


def correction_forms(
    register: Register, received: Iterable[tuple[Path, ReturnedFile]]
) -> dict[str, bytes]:
    """The forms to send back by their file names, one for each file with errors in what its leader can put right.

    What was sent is read anew: of so many files it was not kept. All else is as it was taken in, also of a sheet that
    only the register knows.
    """
    made: dict[str, bytes] = {}
    for path, file in received:
        wrong = [f for f in register.findings if _is_theirs(f, file)]
        areas = [ref for ref in register.report.area_refs if any(f.area == ref for f in wrong)]
        if areas:
            whole = (
                replace(file, sent_report=parse_return(path.name, files.read(path)).sent_report)
                if file.sha256
                else file
            )
            made[correction_filename(register.report, areas, made)] = correction_form(
                register, [whole], areas
            )
    return made


def correction_form(
    register: Register, returned: Sequence[ReturnedFile], areas: Sequence[str]
) -> bytes:
    """One workbook for these areas, with what these returns answered, and all that is wrong or missing marked."""
    report = register.report
    parts = {ref: _part(register, returned, ref) for ref in areas}
    names = {ref: report.area_name(ref) for ref in report.area_refs}
    carried = {
        (r.file, r.sha256): replace(r, corrected_files=())
        for one in returned
        for r in (*one.corrected_files, one)
    }
    mends = {
        ref: tuple(r.sha256 for r in returned if any(s.area == ref for s in r.submissions))
        for ref in areas
    }
    language = report.areas.get(areas[0], BLANK_AREA).language or report.head.language
    problems = [
        problem for ref in areas for problem in _problems(register, returned, ref, language)
    ]
    head = CorrectionIntro(tuple(r.file for r in returned), language)
    return write_correction_form(
        parts, names, problems, Correction(tuple(carried.values()), mends), head
    )


def correction_filename(report: Report, areas: Sequence[str], taken: Collection[str] = ()) -> str:
    """Its name, from codes alone, so that it is legal everywhere; numbered where two returns of an area get one."""
    stem = f"{areas[0]}-{report.head.current} {translate('mend.file', report.head.language)}"
    names = (f"{stem}{tail}.xlsx" for tail in ("", *(f" {n}" for n in range(2, 10_000))))
    return next(name for name in names if name not in taken)


def answers_of(
    returned: Iterable[ReturnedFile], area: str, day: object
) -> dict[Slot, Value | None]:
    """What some returns answered in an area's open slots, the later sending over the earlier."""
    submissions = [s for r in returned for s in _all(r) if s.area == area and s.round == day]
    later = sorted(submissions, key=lambda s: s.source.sending)
    return {claim.slot: claim.value for s in later for claim in s.changes if claim.is_editable}


def _all(received: ReturnedFile) -> Iterator[Submission]:
    yield from (s for r in (*received.corrected_files, received) for s in r.submissions)


def _part(register: Register, returned: Sequence[ReturnedFile], area: str) -> Report:
    """An area as it was sent, with the answers of these returns; it is a sending of its own."""
    report = register.report
    part = _sent(register, returned, area)
    values: dict[Slot, Value | None] = {
        **part.values,
        **answers_of(returned, area, report.head.current),
    }
    held = {
        slot: value
        for slot, value in values.items()
        if value is not None and slot.ref in part.by_ref
    }
    times = max(report.areas.get(area, BLANK_AREA).sent, part.areas.get(area, BLANK_AREA).sent) + 1
    who = replace(report.areas.get(area, BLANK_AREA), sent=times)
    return replace(part, values=held, areas={area: who})


def _sent(register: Register, returned: Sequence[ReturnedFile], area: str) -> Report:
    """What went out: as the return itself says it, where it is of this round, else as the register does."""
    day = register.report.head.current
    for sent in (
        r.sent_report
        for r in returned
        if r.sent_report and r.sent_report.nodes and r.sent_report.head.current == day
    ):
        if area in sent.area_refs:
            return sent.parts()[area]
    held = {**register.report.values, **register.previous_values}
    values = {slot: value for slot, value in held.items() if value is not None}
    return replace(register.report, values=values).parts()[area]


def _problems(
    register: Register, returned: Sequence[ReturnedFile], area: str, language: str
) -> Iterator[Problem]:
    """What is wrong in these returns, in their order, then the answers that nobody has given."""
    report, theirs = register.report, {r.file for r in returned}
    for finding in register.findings:
        wrong = (
            finding.severity == "error"
            and finding.place.file in theirs
            and finding.code not in _NOT_THEIRS
        )
        if finding.area == area and (wrong or finding.code == "V102"):
            yield _problem(report, finding, language)


def _problem(report: Report, finding: Finding, language: str) -> Problem:
    fix = (
        translate(f"mend.{finding.code}", language)
        if finding.code in _OWN_FIX
        else finding.fix(language)
    )
    fix = translate("mend.fill", language) if finding.code == "V102" else fix
    what = (
        report.describe_node(finding.ref) if finding.ref in report.by_ref else finding.place.sheet
    )
    slot = _slot(report, finding)
    label = report.describe(slot) if slot and finding.field else what
    return Problem(finding.area, slot, label, finding.message(language), fix)


def _slot(report: Report, finding: Finding) -> Slot | None:
    """Where a finding is marked: at its slot, of a whole row at the first slot that is open."""
    node = report.by_ref.get(finding.ref)
    if node is None or finding.field:
        return Slot(finding.ref, finding.field, finding.date) if node else None
    asked = (
        slot
        for slot, known, n in report.slots()
        if n is node and report.is_open(known, slot.date, n)
    )
    return next(asked, None)


def _is_theirs(finding: Finding, file: ReturnedFile) -> bool:
    """Is it an error in a file, of an area that it holds, which a leader can put right?"""
    here = (
        finding.severity == "error"
        and finding.place.file == file.file
        and finding.code not in _NOT_THEIRS
    )
    return here and any(s.area == finding.area for s in file.submissions)
