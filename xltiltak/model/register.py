"""The records of a merge: what was read from returned files, and the register.

The register is the coordinator's side: the report with everything that was merged into it. It keeps
all submissions that ever came back, and each merge starts from all of them. So the same files give
the same register, in any order and in any number of runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal, NamedTuple

from xltiltak.model.carried import carried_steps, with_steps
from xltiltak.model.field_types import Value
from xltiltak.model.finding import Finding
from xltiltak.model.own_content import NO_OWN_CONTENT, OwnContent
from xltiltak.model.report import Node, Report, Slot

FileOutcome = Literal["read", "partly", "refused", "skipped"]


@dataclass(frozen=True, slots=True)
class Source:
    """The area sheet that values come from.

    `saved_by` and `saved_at` are from the properties of the file. `sending` is the number of the
    sending: how many times the form of the area had been sent for its date. `sender` and `sent_at`
    are those of the e-mail that the file came with. `filled_by` is who the sheet says has filled it
    in.
    """

    file: str
    sheet: str
    sha256: str
    saved_by: str = ""
    saved_at: str = ""
    sending: int = 0
    sender: str = ""
    sent_at: str = ""
    filled_by: str = ""


class Change(NamedTuple):
    """A slot whose value in a returned sheet differs from the value that was sent.

    None is an empty slot. If both values are None, a step that was carried on was cleared
    (`model.carried`). `cell` is the address of its cell, empty if the form asked for the cleared
    step once more and got no answer. `is_editable` is true if the leader could fill in the slot.
    """

    slot: Slot
    sent: Value | None
    value: Value | None
    cell: str
    is_editable: bool

    @property
    def is_left_empty(self) -> bool:
        """True if the form asked for a cleared step once more, and got no answer."""
        return self.value is None and not self.cell


class Proposal(NamedTuple):
    """A row that a leader added to a form: a new measure, which the coordinator can accept.

    `after` is the ref of the row above it. `values` are field, date and value of its slots.
    """

    key: str
    area: str
    after: str
    values: tuple[tuple[str, date | None, Value], ...]
    file: str
    cell: str

    @property
    def content(self) -> tuple[str, tuple[tuple[str, date | None, Value], ...]]:
        """Return what is the same if the row comes again in another file."""
        return self.area, self.values


@dataclass(frozen=True, slots=True)
class Submission:
    """What was read from one returned area sheet.

    `round` is the date that was open when the form was sent, None if there was none. `corrects` are
    the SHA-256 of the files whose sheets of this area the form was sent to correct. `covers` are
    the refs of the nodes without children in a recipient's form; empty for that of a whole area,
    and one empty ref for a form that shows nobody's rows. `gone` are ref and name of the answered
    nodes that the plan does not have any more.
    """

    source: Source
    area: str
    round: date | None = None
    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    corrects: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    gone: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnedFile:
    """What was read from one returned file.

    `judged_by` is a digest of the template, dates and rows that the file was judged by; empty if it
    was not read from the disk with a plan.

    The last five fields are not kept in the register: `sent_report` is the report in the hidden
    record of the file, None without one; with `is_proven` the register's key shows that we wrote
    that record; `area_names` has the names of all areas of its round by ref; with
    `has_unidentified_sheets` the file has a sheet without a hidden record, which may still be
    identified from the plan; `corrected_files` are the files that a correction form carries, as
    they were read; `trace` is that of an error of this program which stopped the reading, empty
    without one.
    """

    file: str
    sha256: str
    outcome: FileOutcome
    submissions: tuple[Submission, ...] = ()
    findings: tuple[Finding, ...] = ()
    judged_by: str = ""
    sent_report: Report | None = field(default=None, compare=False)
    is_proven: bool = field(default=False, compare=False)
    area_names: Mapping[str, str] = field(default_factory=dict, compare=False)
    has_unidentified_sheets: bool = field(default=False, compare=False)
    corrected_files: tuple[ReturnedFile, ...] = field(default=(), compare=False)
    trace: str = field(default="", compare=False)

    @property
    def must_be_read_again(self) -> bool:
        """Return True if the record is not the last word on the file.

        An error of this program stopped the reading, or another file had the same content.
        """
        return any(
            finding.code == "F010" or finding.values.get("reason") == "same_file"
            for finding in self.findings
        )

    def all_findings(self) -> tuple[Finding, ...]:
        """Return the findings about the file and about its sheets."""
        return (*self.findings, *(f for s in self.submissions for f in s.findings))


FactKind = Literal["value", "node", "head", "area", "order"]


class Fact(NamedTuple):
    """One thing that a plan says, and that its coordinator can change.

    It is the value of a slot, a node, a detail of the report or of an area, or the order of the
    nodes. `name` is the field or the detail; what a kind does not need is empty.
    """

    kind: FactKind
    ref: str = ""
    name: str = ""
    date: date | None = None


FactValue = Value | Node | tuple[date, ...] | None


@dataclass(frozen=True, slots=True)
class MergedPlan:
    """The plan that an appendix was last merged from, as far as the appendix says otherwise.

    `digest` is the SHA-256 of its file, empty if the forms stood in for a plan. `facts` are what
    the plan says where the appendix, without the answers, says something else. `disputed` are those
    that were changed in both. `findings` are about the plan and the appendix as they were read.
    """

    digest: str = ""
    facts: Mapping[Fact, FactValue] = field(default_factory=dict)
    disputed: frozenset[Fact] = frozenset()
    findings: tuple[Finding, ...] = ()


class Correction(NamedTuple):
    """The data inside a correction form.

    `corrected_files` are the returned files that it replaces, as they were read. `corrects` are
    their SHA-256 by area. `own_texts` are the texts that we wrote into the form to explain it.
    """

    corrected_files: tuple[ReturnedFile, ...] = ()
    corrects: Mapping[str, tuple[str, ...]] = {}
    own_texts: frozenset[str] = frozenset()


Untaken = Literal["refused", "disputed"]
"""Why an answer was not taken: it is not valid, or several answers differ."""


@dataclass(frozen=True)
class Register:
    """The report as the coordinator has it, and everything that was merged into it.

    - `previous_values`: the values before a merge changed them, of the changed slots.
    - `overridden_slots`: slots whose value the coordinator has typed over a merged value.
    - `returned_files`: all files that ever came back.
    - `accepted`: the proposals that the coordinator has accepted: the ref of each measure, by the
      key of the proposal; "" if it is not known.
    - `refused`: the proposals that they have refused: what they wrote, by the key of the proposal.
    - `undecided`: what they wrote beside a proposal that is neither yes nor no, by its key.
    - `handled`: the findings that they have closed: what they wrote, by fingerprint.
    - `rows_without_ref`: a finding for each row of the plan that was given a ref while reading.
    - `findings`: about the plan and all returned files.
    - `embedded_forms`: names of sheets that were moved from forms into the coordinator's workbook.
    - `left_files`: the SHA-256 of earlier files that left the folder.
    - `date_from_forms`: true if the open date is not in the plan, but was taken from the forms.
    - `own`: the columns and sheets that the coordinator has added to their workbook.
    - `plan`: the plan of the last merge; None before the first.
    - `findings_digest`: of the findings that stand in the workbook; empty before the first merge.
    - `written`: the register as its workbook was written, if the coordinator has edited it since;
      None otherwise. It is not kept.
    - `key`: proves that the coordinator wrote a form's hidden record; empty if the plan has none
      yet. It is in no form, no published file and no log.
    """

    report: Report
    previous_values: Mapping[Slot, Value | None] = field(default_factory=dict)
    overridden_slots: frozenset[Slot] = frozenset()
    returned_files: tuple[ReturnedFile, ...] = ()
    accepted: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    undecided: Mapping[str, str] = field(default_factory=dict)
    handled: Mapping[str, str] = field(default_factory=dict)
    rows_without_ref: tuple[Finding, ...] = ()
    findings: tuple[Finding, ...] = ()
    embedded_forms: tuple[str, ...] = ()
    left_files: frozenset[str] = frozenset()
    date_from_forms: bool = False
    plan: MergedPlan | None = None
    findings_digest: str = ""
    key: str = field(default="", repr=False)
    own: OwnContent = NO_OWN_CONTENT
    written: Register | None = field(default=None, repr=False, compare=False)

    @cached_property
    def corrected_sheets(self) -> frozenset[tuple[str, str]]:
        """Return SHA-256 and area of the returned sheets that a correction form has replaced."""
        return frozenset(
            (sha256, s.area)
            for file in self.returned_files
            for s in file.submissions
            for sha256 in s.corrects
        )

    def is_replaced(self, sha256: str, area: str) -> bool:
        """Return True if a correction form has replaced a sheet, or its file left the folder."""
        return sha256 in self.left_files or (sha256, area) in self.corrected_sheets

    @cached_property
    def proposals(self) -> tuple[Proposal, ...]:
        """Return all proposals in the order of their files.

        A proposal that came again in another file is left out if it was decided upon.
        """
        found = [p for file in self.returned_files for s in file.submissions for p in s.proposals]
        decided = {p.content for p in found if p.key in self.accepted or p.key in self.refused}
        return tuple(
            p
            for p in found
            if p.key in self.accepted or p.key in self.refused or p.content not in decided
        )

    @cached_property
    def answered_areas(self) -> frozenset[str]:
        """Return the refs of the areas that have returned a form for the open date."""
        current = self.report.head.current
        return frozenset(
            s.area for file in self.returned_files for s in file.submissions if s.round == current
        )

    @cached_property
    def returned_refs(self) -> frozenset[str]:
        """Return the refs of the nodes whose form has come back for the open date."""
        area_of, by_ref = self.report.area_of, self.report.by_ref
        whole = {area for area, covers in self._returned_parts if not covers}
        found = {ref for ref, area in area_of.items() if area in whole}
        found.update(ref for _, covers in self._returned_parts for ref in covers if ref in by_ref)
        above = {by_ref[ref].parent for ref in found}
        while above - found - {None}:
            found.update(ref for ref in above if ref)
            above = {by_ref[ref].parent for ref in above if ref}
        return frozenset(found)

    @cached_property
    def _returned_parts(self) -> frozenset[tuple[str, tuple[str, ...]]]:
        """Return area and covered refs of the returned sheets of the open date."""
        current = self.report.head.current
        return frozenset(
            (submission.area, submission.covers)
            for file in self.returned_files
            for submission in file.submissions
            if submission.round == current
        )

    @cached_property
    def missing_recipients(self) -> Mapping[str, tuple[str, ...]]:
        """Return those whose form has not come back for the open date, by area; "" is its leader.

        An area of which all forms came is not there.
        """
        report = self.report
        whole = {area for area, covers in self._returned_parts if not covers}
        came = {
            (area, name)
            for area, covers in self._returned_parts
            for ref in covers
            for name in report.recipients.get(ref, ())
        }
        found = {
            area: tuple(name for name in report.recipients_in(area) if (area, name) not in came)
            for area in report.area_refs
            if area not in whole
        }
        return {area: names for area, names in found.items() if names}

    def is_of(self, submission: Submission, recipient: str) -> bool:
        """Return True if a returned sheet is of the form of a recipient, or of a whole area."""
        recipients = self.report.recipients
        return not submission.covers or any(
            recipient in recipients.get(ref, ()) for ref in submission.covers
        )

    @property
    def complete_areas(self) -> frozenset[str]:
        """Return the areas of which every form has come back for the open date."""
        return self.answered_areas.difference(self.missing_recipients)

    @cached_property
    def untaken_answers(self) -> Mapping[Slot, Untaken]:
        """Return the open slots with an answer that was not taken, and why.

        A slot that was answered otherwise, that a correction form has replaced, or that the
        coordinator has typed over, is not among them.
        """
        current = self.report.head.current
        sheets = [
            submission
            for file in self.returned_files
            for submission in file.submissions
            if submission.round == current
            and (file.sha256, submission.area) not in self.corrected_sheets
        ]
        answers: dict[Slot, set[Value | None]] = {}
        for change in (change for sheet in sheets for change in sheet.changes):
            if change.is_editable:
                answers.setdefault(change.slot, set()).add(change.value)
        found: dict[Slot, Untaken] = {
            slot: "disputed" for slot, values in answers.items() if len(values) > 1
        }
        for finding in (finding for sheet in sheets for finding in sheet.findings):
            if finding.severity == "error":
                found[Slot(finding.ref, finding.field, finding.date)] = "refused"
        return {
            slot: why
            for slot, why in found.items()
            if slot not in self.overridden_slots
            and self._is_open(slot)
            and not self._is_answered_with(slot, answers.get(slot, ()))
        }

    def _is_answered_with(self, slot: Slot, answers: Collection[Value | None]) -> bool:
        """Return True if the value of a slot is one of these answers."""
        value = self.report.values.get(slot)
        return value in answers and (value is not None or len(answers) == 1)

    def _is_open(self, slot: Slot) -> bool:
        """Return True if the slot of an answer is in the report and open at its date."""
        node = self.report.by_ref.get(slot.ref)
        field = self.report.template.field_of(node.level, slot.field) if node else None
        return bool(node and field and self.report.is_open(field, slot.date, node))

    @property
    def fresh_slots(self) -> frozenset[Slot]:
        """Return the slots whose value is of the open date: somebody has answered or decided it."""
        return self.overridden_slots | self.previous_values.keys()

    @cached_property
    def asked_again(self) -> frozenset[Slot]:
        """Return the slots from which a step that was carried on was cleared, by whomever."""
        current = self.report.head.current
        cleared = {
            change.slot
            for file in self.returned_files
            for sheet in file.submissions
            if sheet.round == current
            for change in sheet.changes
            if change.is_editable and change.sent is None and change.value is None
        }
        emptied = cleared | self.overridden_slots
        return self.report.asked_again.union(carried_steps(self.report).keys() & emptied)

    @cached_property
    def carried_steps(self) -> Mapping[Slot, Value]:
        """Return the finished steps that were carried on to the open date, and left so.

        They are those of areas that have answered. There are none in a row that was not in the form
        any more, for an answer that was not taken, and in a slot that was cleared.
        """
        if not self.answered_areas:
            return {}
        lost = {f.ref for f in self._sheet_errors if f.ref and not f.field}
        asked = self.asked_again | self.untaken_answers.keys()
        returned = self.returned_refs
        return {
            slot: value
            for slot, value in carried_steps(self.report).items()
            if slot.ref in returned and slot.ref not in lost and slot not in asked
        }

    @property
    def _sheet_errors(self) -> Iterator[Finding]:
        """Yield the errors about returned sheets of the open date that nothing has replaced."""
        current = self.report.head.current
        for file in self.returned_files:
            for sheet in file.submissions:
                if sheet.round == current and not self.is_replaced(file.sha256, sheet.area):
                    yield from (found for found in sheet.findings if found.severity == "error")

    @cached_property
    def shown_report(self) -> Report:
        """Return the report with the steps that were carried on, as the appendix shows it."""
        return with_steps(self.report, self.carried_steps)

    @cached_property
    def valid_report(self) -> Report:
        """Return the shown report without older values where an answer was not taken.

        These are the values that are counted and published: an old value is no answer.
        """
        shown = self.shown_report
        if shown.values.keys().isdisjoint(self.untaken_answers):
            return shown
        values = {s: v for s, v in shown.values.items() if s not in self.untaken_answers}
        return shown.with_same_nodes(values=values)
