"""Both sides of a merge: what returned files say, and the register, which is the coordinator's side.

A register remembers every submission it has taken in. So merging is a union of submissions and then one judgement a
slot: the same files give the same register, in whatever order and in however many runs they come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal, NamedTuple

from xltiltak.model.field_types import Value
from xltiltak.model.finding import Finding
from xltiltak.model.report import Report, Slot

FileOutcome = Literal["read", "partly", "refused", "skipped"]


class Source(NamedTuple):
    """The area sheet that values came from; `saved_by` and `saved_at` are what the file says of itself.

    `sending` says which time it was that the area's form went out for its date.
    """

    file: str
    sheet: str
    sha256: str
    saved_by: str = ""
    saved_at: str = ""
    sending: int = 0


class Change(NamedTuple):
    """A slot that a returned sheet says otherwise than it was sent; None is an empty slot, `opened` one to fill in."""

    slot: Slot
    sent: Value | None
    value: Value | None
    cell: str
    is_editable: bool


class Proposal(NamedTuple):
    """A row that a leader added: a measure the coordinator can accept. `after` is the ref it stood below."""

    key: str
    area: str
    after: str
    values: tuple[tuple[str, date | None, Value], ...]
    file: str
    cell: str


class Submission(NamedTuple):
    """What one returned area sheet says: its claims against what was sent, and all there is to tell about it.

    `round` is the date that was open when it was sent, None when there was none. `mends` are the files (by their
    SHA-256) that this form was sent back to put right: what was wrong there has been told to its leader.
    """

    source: Source
    area: str
    round: date | None = None
    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    corrects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnedFile:
    """One returned file.

    `sent` is what its own snapshot says, None where it has none; `areas` are all areas of its round with their names.
    Of a `homeless` one a sheet is not read that the register may know. `carried` are the files that it was made to put
    right, as they were read. None of the four is kept in the register.
    """

    file: str
    sha256: str
    outcome: FileOutcome
    submissions: tuple[Submission, ...] = ()
    findings: tuple[Finding, ...] = ()
    sent_report: Report | None = field(default=None, compare=False)
    area_names: Mapping[str, str] = field(default_factory=dict, compare=False)
    has_unidentified_sheets: bool = field(default=False, compare=False)
    corrected_files: tuple[ReturnedFile, ...] = field(default=(), compare=False)

    def all_findings(self) -> tuple[Finding, ...]:
        """What is to be told of the file and of its sheets."""
        return (*self.findings, *(f for s in self.submissions for f in s.findings))


class Correction(NamedTuple):
    """What a form says that was made to put others right: these as they were read, by area their SHA-256, our words."""

    corrected_files: tuple[ReturnedFile, ...] = ()
    corrects: Mapping[str, tuple[str, ...]] = {}
    own_texts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Register:
    """The report as the coordinator has it, and how it came about.

    `base` is what a slot held before returns changed it; `decided` are the slots she has settled by typing; `accepted`
    the proposals she has taken; `unnumbered` the places of rows that had no ref and were given one while reading;
    `moved_in` the forms that lie in her own workbook; `derived` says that the open date is known from forms only.
    """

    report: Report
    previous_values: Mapping[Slot, Value | None] = field(default_factory=dict)
    overridden_slots: frozenset[Slot] = frozenset()
    returned_files: tuple[ReturnedFile, ...] = ()
    accepted: frozenset[str] = frozenset()
    rows_without_ref: tuple[Finding, ...] = ()
    findings: tuple[Finding, ...] = ()
    embedded_forms: tuple[str, ...] = ()
    date_from_forms: bool = False

    @cached_property
    def corrected_sheets(self) -> frozenset[tuple[str, str]]:
        """The files and areas that a later form put right; what was wrong with them needs nobody any more."""
        return frozenset(
            (sha256, s.area)
            for r in self.returned_files
            for s in r.submissions
            for sha256 in s.corrects
        )

    @cached_property
    def answered_areas(self) -> frozenset[str]:
        """The areas that have answered the date that is open."""
        current = self.report.head.current
        return frozenset(
            s.area for r in self.returned_files for s in r.submissions if s.round == current
        )
