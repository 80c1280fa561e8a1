"""Who has not answered, and what is missing in what has come back: a list, and a draft for each who owes something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from xltiltak.mail.mail_drafts import MailJob
from xltiltak.model.finding import Finding
from xltiltak.model.register import Register
from xltiltak.model.report import BLANK_AREA, Area, Report, Slot
from xltiltak.sheets.file_names import form_filename

State = Literal["waiting", "partly", "complete"]


class MissingAnswer(NamedTuple):
    """An open slot without an answer. `said` is what stands there and cannot be taken, empty where nothing does."""

    slot: Slot
    node: str
    field: str
    required: bool
    problem: str = ""

    @property
    def label(self) -> str:
        """Which slot it is, as findings say it."""
        return f"{self.node} · {self.field}"


class Reminder(NamedTuple):
    """What one area has answered, and what it lacks; `who` answers for it."""

    area: str
    name: str
    responsible: Area
    answered: bool
    missing: tuple[MissingAnswer, ...] = ()

    @property
    def state(self) -> State:
        """Is there an answer, and does it say all that is required?"""
        return "waiting" if not self.answered else "partly" if self.missing_required else "complete"

    @property
    def missing_required(self) -> tuple[MissingAnswer, ...]:
        """The answers that are asked for and missing."""
        return tuple(lack for lack in self.missing if lack.required)

    @property
    def missing_optional(self) -> Mapping[str, Sequence[str]]:
        """The other fields that are empty, by their label, each with the nodes where it is."""
        found: dict[str, list[str]] = {}
        for lack in (lack for lack in self.missing if not lack.required):
            found.setdefault(lack.field, []).append(lack.node)
        return found


def reminders(register: Register) -> Iterator[Reminder]:
    """Every area with what it lacks, in order; of one that has not answered nothing is listed."""
    report = register.report
    lacking: dict[str, list[MissingAnswer]] = {ref: [] for ref in report.area_refs}
    for lack in _lacking(register):
        lacking[report.area_of[lack.slot.ref]].append(lack)
    for ref, lacks in lacking.items():
        answered, who = ref in register.answered_areas, report.areas.get(ref, BLANK_AREA)
        yield Reminder(ref, report.area_name(ref), who, answered, tuple(lacks) if answered else ())


def _lacking(register: Register) -> Iterator[MissingAnswer]:
    """The open slots that hold nothing, and those where what was typed cannot be taken; what two say is not missing."""
    report = register.report
    told = {Slot(f.ref, f.field, f.date): f for f in register.findings if f.severity == "error"}
    for slot, known, node in report.slots(lambda known: known.role == "input"):
        if (
            not report.is_open(known, slot.date, node)
            or getattr(told.get(slot), "code", "") == "M102"
        ):
            continue
        wrong = told.get(slot)
        if slot not in report.values or wrong:
            said = wrong.message(_language(report, slot)) if wrong else ""
            node_, label = report.describe_node(slot.ref), known.label_for(slot.date)
            yield MissingAnswer(slot, node_, label, known.required or bool(wrong), said)


def _language(report: Report, slot: Slot) -> str:
    return report.areas.get(report.area_of[slot.ref], BLANK_AREA).language or report.head.language


def mail_job(register: Register, reminder: Reminder) -> MailJob:
    """What a leader is asked for, with the form as it was sent, or with what has been answered in it."""
    required = [
        f"{lack.label}: {lack.problem}" if lack.problem else lack.label
        for lack in reminder.missing_required
    ]
    blank = [f"{label}: {', '.join(nodes)}" for label, nodes in reminder.missing_optional.items()]
    form = (
        _again(register, reminder.area) if reminder.answered else _as_sent(register, reminder.area)
    )
    return MailJob(reminder.area, *form, reminder.answered, required, blank)


def _again(register: Register, area: str) -> tuple[str, bytes]:
    """The form with everything that has been answered in it, by its name."""
    from xltiltak.sheets.corrections import correction_filename, correction_form

    current = register.report.head.current
    returned = [
        r
        for r in register.returned_files
        if any(s.area == area and s.round == current for s in r.submissions)
    ]
    return correction_filename(register.report, [area]), correction_form(register, returned, [area])


def _as_sent(register: Register, area: str) -> tuple[str, bytes]:
    """The form as it went out, by its name."""
    from xltiltak.sheets.form import write_form

    report = register.report
    names = {ref: report.area_name(ref) for ref in report.area_refs}
    return form_filename(report, area), write_form(report.parts()[area], area, names)


def may_hide_answer(finding: Finding) -> bool:
    """Is it about a file or sheet that may hold the very answer somebody would be reminded of?"""
    return finding.severity == "error" and finding.code[0] in "FSM" and not finding.ref
