"""Find out who has not answered, and what is missing in the answers that came back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from xltiltak.mail.mail_drafts import MailJob
from xltiltak.model.finding import Finding
from xltiltak.model.recipients import responsible, scope_name
from xltiltak.model.register import Register
from xltiltak.model.report import BLANK_AREA, Area, Report, Slot
from xltiltak.sheets.file_names import round_filename

State = Literal["waiting", "partly", "complete"]


@dataclass(frozen=True, slots=True)
class MissingAnswer:
    """An open slot without a usable answer.

    `problem` is the message about what was typed there and could not be read; empty if the slot is
    empty.
    """

    slot: Slot
    node_label: str
    field_label: str
    required: bool
    problem: str = ""

    @property
    def label(self) -> str:
        """Return the name of the slot as in findings: "Tiltak 2 Ny kai · Status 31.12.2020"."""
        return f"{self.node_label} · {self.field_label}"


@dataclass(frozen=True, slots=True)
class Reminder:
    """What the leader of one area has answered, and what is missing.

    If the template names recipients, there is one for each of them in each area.

    `answered` is also true if the coordinator has closed the finding that nothing came.
    `responsible` has the names and addresses of the leader and the deputy. `missing` is empty if
    the area has not answered at all. Then `other_date` is the last other date that a form came back
    for, and `unread` are the files that came but could not be read.
    """

    area: str
    name: str
    responsible: Area
    answered: bool
    missing: tuple[MissingAnswer, ...] = ()
    other_date: date | None = None
    unread: tuple[str, ...] = ()
    recipient: str = ""

    @property
    def state(self) -> State:
        """Return "waiting" without an answer, "partly" if required answers are missing in it."""
        if not self.answered:
            return "waiting"
        return "partly" if self.missing_required else "complete"

    @property
    def missing_required(self) -> tuple[MissingAnswer, ...]:
        """Return the required answers that are missing."""
        return tuple(answer for answer in self.missing if answer.required)

    @property
    def missing_optional(self) -> Mapping[str, Sequence[str]]:
        """Return the names of the nodes where an optional field is empty, by the field's label."""
        nodes_of_field: dict[str, list[str]] = {}
        for answer in self.missing:
            if not answer.required:
                nodes_of_field.setdefault(answer.field_label, []).append(answer.node_label)
        return nodes_of_field


def reminders(register: Register) -> Iterator[Reminder]:
    """Yield a reminder for every form of every area, in the order of the report."""
    report = register.report
    forms = [(ref, name) for ref in report.area_refs for name in report.recipients_in(ref)]
    missing: dict[tuple[str, str], list[MissingAnswer]] = {form: [] for form in forms}
    given_up = {
        (f.area, f.values.get("recipient", ""))
        for f in register.findings
        if f.code == "M101" and f.handled
    }
    for answer in _missing_answers(register):
        area = report.area_of[answer.slot.ref]
        for name in report.recipients.get(answer.slot.ref, ("",)):
            missing.setdefault((area, name), []).append(answer)
    for (ref, recipient), answers in missing.items():
        came = recipient not in register.missing_recipients.get(ref, ())
        answered = came or (ref, recipient) in given_up
        yield Reminder(
            area=ref,
            name=scope_name(report, ref, recipient),
            responsible=responsible(report, ref, recipient),
            answered=answered,
            missing=tuple(answers) if came else (),
            other_date=None if answered else _other_date(register, ref, recipient),
            unread=() if answered else _unread_files(register, ref),
            recipient=recipient,
        )


def _other_date(register: Register, area: str, recipient: str) -> date | None:
    """Return the last date that such a form came back for; None if none came."""
    submissions = (s for file in register.returned_files for s in file.submissions)
    days = (s.round for s in submissions if s.area == area and register.is_of(s, recipient))
    return max(filter(None, days), default=None)


def _unread_files(register: Register, area: str) -> tuple[str, ...]:
    """Return the names of the files from which nothing could be taken for the area."""
    names = (
        finding.place.file
        for finding in register.findings
        if may_hide_answer(finding)
        and finding.code != "M104"  # it was read, for another date
        and (finding.area == area or (finding.code == "S101" and area in finding.values.values()))
    )
    return tuple(dict.fromkeys(filter(None, names)))


def _missing_answers(register: Register) -> Iterator[MissingAnswer]:
    """Yield the open slots that are empty, and those where an error kept the answer out.

    A slot that two leaders have answered differently (M102) is not missing, nor is one that the
    coordinator has decided, or has closed a finding about.
    """
    report = register.report
    closed = {Slot(f.ref, f.field, f.date) for f in register.findings if f.handled}
    settled = closed | register.overridden_slots
    errors = {Slot(f.ref, f.field, f.date): f for f in register.findings if f.severity == "error"}
    for slot, field, node in report.slots(lambda field: field.role == "input"):
        error = errors.get(slot)
        if not report.is_open(field, slot.date, node) or (error and error.code == "M102"):
            continue
        if slot in settled or slot in register.carried_steps or Slot(slot.ref, "", None) in closed:
            continue
        if error or slot not in report.values:
            yield MissingAnswer(
                slot,
                report.describe_node(slot.ref),
                field.named(slot.date),
                required=report.requires(field, slot) or error is not None,
                problem=error.message(_language_of_leader(report, slot)) if error else "",
            )


def _language_of_leader(report: Report, slot: Slot) -> str:
    area = report.areas.get(report.area_of[slot.ref], BLANK_AREA)
    return area.language or report.head.language


def mail_job(register: Register, reminder: Reminder) -> MailJob:
    """Return what the letter says about one area, with the form to attach.

    It is the form as it was sent, or if the area has answered, one with the answers in it.
    """
    build_form = _form_with_answers if reminder.answered else _form_as_sent
    filename, form = build_form(register, reminder.area, reminder.recipient)
    return MailJob(
        reminder.area,
        filename,
        form,
        is_answered=reminder.answered,
        other_date=reminder.other_date,
        unread=reminder.unread,
        recipient=reminder.recipient,
        missing_required=[
            f"{answer.label}: {answer.problem}" if answer.problem else answer.label
            for answer in reminder.missing_required
        ],
        missing_optional=[
            f"{field}: {'; '.join(nodes)}" for field, nodes in reminder.missing_optional.items()
        ],
    )


def _form_with_answers(register: Register, area: str, recipient: str) -> tuple[str, bytes]:
    """Return the file name and content of a correction form of one area, or of a recipient."""
    from xltiltak.sheets.forms import correction_filename, correction_form

    report, areas = register.report, _areas_of_form(register, area, recipient)
    returned = [
        file
        for file in register.returned_files
        if any(
            s.area in areas and s.round == report.head.current and register.is_of(s, recipient)
            for s in file.submissions
        )
    ]
    name = correction_filename(report, areas, recipient=recipient)
    return name, correction_form(register, returned, areas)


def _form_as_sent(register: Register, area: str, recipient: str) -> tuple[str, bytes]:
    """Return the file name and content of the form of an area or recipient, as `split` wrote it."""
    from xltiltak.sheets.forms import write_forms

    report, areas = register.report, _areas_of_form(register, area, recipient)
    names, parts = {ref: report.area_name(ref) for ref in report.area_refs}, report.parts()
    of_form = {ref: parts[ref].for_recipient(recipient) for ref in areas}
    form = write_forms(of_form, names, key=register.key, fresh=register.fresh_slots)
    return round_filename(report, *areas, recipient=recipient), form


def _areas_of_form(register: Register, area: str, recipient: str) -> list[str]:
    """Return the areas of a form: the area itself, or those that a recipient has answered alike.

    They are those that the recipient has answered if this is one of them, else the others.
    """
    if not recipient:
        return [area]
    report, missing = register.report, register.missing_recipients
    of_recipient = [ref for ref in report.area_refs if recipient in report.recipients_in(ref)]
    is_missing = recipient in missing.get(area, ())
    return [ref for ref in of_recipient if (recipient in missing.get(ref, ())) == is_missing]


def may_hide_answer(finding: Finding) -> bool:
    """Return True if a file or sheet could not be read that may hold a missing answer."""
    return finding.severity == "error" and finding.code[0] in "FSM" and not finding.ref
