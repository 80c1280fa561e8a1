"""What is to be told of a round as a whole: who has not answered, who has twice, what is still open."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from xltiltak.merging.register_from_forms import is_about_same, is_same_report
from xltiltak.merging.registry import rule
from xltiltak.model.errors import PlanError
from xltiltak.model.files import LARGEST
from xltiltak.model.finding import ANYWHERE, About, Finding, Place
from xltiltak.model.register import Register, ReturnedFile, Submission
from xltiltak.model.report import Slot


def check_collection(register: Register, disputed: Collection[Slot] = ()) -> Iterator[Finding]:
    """Every finding about the round; nobody asks again for a slot that is `disputed`."""
    if not register.returned_files:
        return
    yield from area_missing(register)
    yield from area_twice_united(register)
    yield from mixed_rounds(register)
    yield from required_input_missing(register, disputed)


def is_other_round(submission: Submission, current: date | None) -> bool:
    """Was the sheet sent for another date than the one that is open now?"""
    return submission.round != current


@rule("M101")
def area_missing(register: Register) -> Iterator[Finding]:
    """Nobody has returned this area; its values are the register's."""
    for ref in register.report.area_refs:
        if ref not in register.answered_areas:
            yield Finding.create(
                "M101", ANYWHERE, About(area=ref, what=register.report.area_name(ref))
            )


@rule("M102", "M103", "M109")
def area_twice_united(register: Register) -> Iterator[Finding]:
    """Two sheets came back for one area: they are united slot by slot.

    Where both say different, the merge tells it (M102), and where a form that went out again has settled that (M109).
    """
    current = register.report.head.current
    returned: dict[str, list[Submission]] = {ref: [] for ref in register.report.area_refs}
    for submission in (s for r in register.returned_files for s in r.submissions):
        mended = (submission.source.sha256, submission.area) in register.corrected_sheets
        if submission.area in returned and submission.round == current and not mended:
            returned[submission.area].append(submission)
    for ref, sheets in returned.items():
        if len(sheets) > 1:
            files = ", ".join(dict.fromkeys(s.source.file for s in sheets))
            about = About(area=ref, what=register.report.area_name(ref))
            yield Finding.create("M103", Place(sheets[0].source.file), about, value=files)


@rule("M104")
def mixed_rounds(register: Register) -> Iterator[Finding]:
    """A sheet was sent for another date: nothing of it is taken, what it claims is quoted."""
    for submission in (s for r in register.returned_files for s in r.submissions):
        if is_other_round(submission, register.report.head.current):
            place = Place(submission.source.file, submission.source.sheet)
            round_, current = (
                f"{day:%d.%m.%Y}" if day else "–"
                for day in (submission.round, register.report.head.current)
            )
            told = Finding.create(
                "M104",
                place,
                About(submission.area),
                round=round_,
                current=current,
                value=_claims(submission),
            )
            mended = (submission.source.sha256, submission.area) in register.corrected_sheets
            yield told.with_severity("note") if mended else told


@rule("V102")
def required_input_missing(
    register: Register, disputed: Collection[Slot] = ()
) -> Iterator[Finding]:
    """An area has answered, but not this."""
    report, area_of = register.report, register.report.area_of
    broken = {
        Slot(f.ref, f.field, f.date)
        for r in register.returned_files
        for f in r.all_findings()
        if f.severity == "error" and (r.sha256, f.area) not in register.corrected_sheets
    }
    for slot, node in report.empty_inputs(lambda known: known.required):
        if (
            slot not in broken
            and slot not in disputed
            and area_of[node.ref] in register.answered_areas
        ):
            yield Finding.create(
                "V102", ANYWHERE, About(area_of[node.ref], *slot, report.describe_in_area(slot))
            )


@rule("F004")
def other_report(received: ReturnedFile, register: Register) -> Iterator[Finding]:
    """A form of another report, year, template or version of it; nothing of it is taken."""
    sent, template = received.sent_report, register.report.template
    if sent is None or is_same_report(sent, register.report):
        return
    place, told = (
        Place(received.file),
        "; ".join(filter(None, map(_claims, received.submissions))) or "–",
    )
    if is_about_same(sent, register.report):
        met, version = sent.template.version, template.version
        yield Finding.create(
            "F004",
            place,
            reason="version",
            template=template.id,
            met=met,
            version=version,
            value=told,
        )
    else:
        made = f"{sent.head.title} ({sent.head.organisation}, {sent.head.year}, {sent.template.id})"
        yield Finding.create("F004", place, reason="another", made=made, value=told)


@rule("F009", "F007")
def file_held(file: str, error: PlanError) -> Finding:
    """A file that lies there but cannot be opened: another program holds it, or the cloud has not fetched it yet."""
    if error.key == "too_large":
        return Finding.create(
            "F007", Place(file), reason="file", met=error.values["size"], bound=LARGEST
        )
    return Finding.create("F009", Place(file), error=error.values.get("error", ""))


@rule("M106")
def ref_missing_in_plan(register: Register) -> tuple[Finding, ...]:
    """A row of the plan has no ref: it was never sent, so returns cannot be held against it."""
    return register.rows_without_ref


def _claims(submission: Submission) -> str:
    """What a sheet that is not taken says, each value with its cell."""
    return "; ".join(
        f"{claim.cell} {claim.value}" for claim in submission.changes if claim.value is not None
    )
