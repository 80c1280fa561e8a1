"""Merge returned forms into the register: three values for each slot, one outcome.

The three values of a slot are

- *register*: its value before any return was merged; where the coordinator has typed another value
  since, that one (the slot is *overridden*);
- *sent*: what the form had when it was sent;
- *returned*: what the form has now.

A sheet only has changes for slots where *returned* differs from *sent*; a sheet whose record is not
proven to be ours, for slots where *returned* differs from the register. A sheet that was sent for
another reporting date than the open one has none (M104). Two changes of one slot *follow* each
other if the second form was sent later than the first, with the value that the first returned.
Below, a change is *based on the register* if its *sent* is the register's value, or if it follows a
change that is based on the register; a change that another one follows is out of date and is
dropped without a finding. So is a cleared step that a form asked for once more and that was left
empty: it is no answer.

Outcome for a slot that the leader may fill in (`Change.is_editable`), if it is open in the register
too. If the plan was changed since, so that it is not, M105 quotes what was returned; an answer that
was accepted before stays.

| changes based on the register                | value afterwards   | finding             |
|----------------------------------------------|--------------------|---------------------|
| none                                         | register           | –                   |
| all return one value                         | that value         | –                   |
| they return different values                 | register           | M102 error          |
| the same, but the form was then sent again,  | the one that the   | M109 note, quotes   |
| and all returns of the last sending agree    | last sending gave  | the earlier answers |
| the same, but a correction form came back,   | the one of the     | M109 warning,       |
| and it and what it corrects agree            | correction         | quotes the others   |
| any, and the slot is overridden              | register           | as the next table   |

| changes not based on the register            | finding                                  |
|----------------------------------------------|------------------------------------------|
| returned is the value afterwards             | – (both sides made the same change)      |
| returned is another value                    | M105 warning, quotes it                  |
| the slot is not in the register any more     | M105 error, quotes it                    |

Outcome for a locked slot: the register's value stays.

| returned                                     | finding, quotes the returned value       |
|----------------------------------------------|------------------------------------------|
| is the register's value                      | –                                        |
| differs, and the slot has no date            | L101 error                               |
| differs, the date is after the open one      | L103 warning                             |
| differs, and the measure is not in force now | L105 error                               |
| differs, any other date                      | L102 error                               |
| differs, but is what the form says it was    | M105 warning: the plan was changed since |
| sent with (only if that is not proven)       | then, or the form was                    |
| (each is a note if a correction form of the same sheet has come back, the file is not   |
| in the folder any more, or the slot is overridden)                                      |

The newest file does not win, and file names do not decide anything. Every file that was ever
returned is in the register, and all of them are merged again each time. So the order of files and
runs makes no difference, and merging a file twice changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from xltiltak.layout.geometry import geometry_of
from xltiltak.merging.collection import check_collection, is_other_round
from xltiltak.merging.consistency_rules import check_changes
from xltiltak.model.field_types import Value
from xltiltak.model.finding import About, Finding, Place, sort_findings
from xltiltak.model.language import quoted
from xltiltak.model.register import Change, Register, ReturnedFile, Source, Submission
from xltiltak.model.report import BLANK_AREA, Report, Slot
from xltiltak.model.values import ValueTableBuilder

_EMPTY_SLOT = "–"  # how an empty slot is quoted


class SourcedChange(NamedTuple):
    """A change, and the returned sheet that it comes from."""

    change: Change
    source: Source


def merge(
    register: Register, returned_files: Iterable[ReturnedFile], *, is_folder: bool = False
) -> Register:
    """Return the register with these files merged in, and the findings about all files so far.

    With `is_folder` they are all that is in a folder. Then the errors about earlier files that left
    it become notes, and stay so.
    """
    returned = list(returned_files)
    left_files = _left_files(register, returned, is_folder=is_folder)
    register = replace(register, left_files=left_files)
    files = _all_files(register, returned)
    opened_report = _with_date_of_forms(register, files)
    report = _with_times_sent(opened_report, files)
    current = report.head.current
    merger = Merger(report, replace(register, returned_files=files))
    remaining = merger.accept_unambiguous(
        [s for file in files for s in file.submissions if not is_other_round(s, current)]
    )
    derived = {slot for slot in remaining if report.is_derived(slot)}
    for slot in sorted(remaining, key=lambda slot: (*slot[:2], slot.date or date.max)):
        if slot not in derived:
            merger.resolve(slot, remaining[slot])
    merged_report = merger.merged_report()
    for slot in sorted(derived, key=lambda slot: (*slot[:2], slot.date or date.max)):
        merger.report_overwritten(slot, merged_report.values.get(slot), remaining[slot])
    merged = replace(
        register,
        report=merged_report,
        previous_values=merger.previous_values,
        returned_files=files,
        date_from_forms=register.date_from_forms or opened_report is not register.report,
    )
    conflicts = {Slot(f.ref, f.field, f.date) for f in merger.findings if f.code == "M102"}
    findings = [
        *merger.findings,
        *_findings_of_files(merged, merger.resolved_slots),
        *check_collection(merged, conflicts),
        *check_changes(merged),
    ]
    return replace(merged, findings=tuple(sort_findings(findings)))


def _all_files(
    register: Register, returned_files: Iterable[ReturnedFile]
) -> tuple[ReturnedFile, ...]:
    """Return the files of this run and of all earlier runs, each once, by name and content.

    A file that the register has already is kept as it was read then, unless it could not be opened
    (it has no SHA-256), an error of this program stopped the reading, or it was judged by other
    rows than now. The files that a correction form carries are added as files of their own.
    """
    fresh = [
        one
        for file in returned_files
        for one in (replace(file, corrected_files=()), *file.corrected_files)
    ]
    opened = {file.file for file in fresh if file.sha256}
    files: dict[tuple[str, str], ReturnedFile] = {}
    for file in (*fresh, *register.returned_files):
        key = file.file, file.sha256
        if (file.sha256 or file.file not in opened) and _is_preferred(file, files.get(key)):
            files[key] = file
    return tuple(_without_copies(files[key] for key in sorted(files)))


def _without_copies(files: Iterable[ReturnedFile]) -> Iterator[ReturnedFile]:
    """Yield the files; of those with one content, all but the first are told as the same file.

    So a form that came by e-mail and lies in the folder too is one form.
    """
    first: dict[str, str] = {}
    for file in files:
        other = first.setdefault(file.sha256, file.file) if file.submissions else file.file
        if other == file.file:
            yield file
        else:
            told = Finding.create("F005", Place(file.file), reason="same_file", other=other)
            yield replace(file, outcome="skipped", submissions=(), findings=(told,))


def _is_preferred(file: ReturnedFile, other: ReturnedFile | None) -> bool:
    """Return True if a record of a file is kept and not another one, which was read later."""
    if other is None:
        return True
    is_judged_alike = not other.judged_by or file.judged_by == other.judged_by
    return not file.must_be_read_again and (is_judged_alike or other.must_be_read_again)


def _left_files(
    register: Register, returned: Sequence[ReturnedFile], *, is_folder: bool
) -> frozenset[str]:
    """Return the SHA-256 of the earlier files that left the folder.

    If none of the earlier files is among the returned ones, the folder is another one, and those
    that had left before are kept.
    """
    present = {(file.file, file.sha256) for file in returned}
    earlier = {(file.file, file.sha256) for file in register.returned_files if file.sha256}
    corrected = {c for file in returned for s in file.submissions for c in s.corrects}
    here = {sha256 for _, sha256 in present} | corrected
    if not (is_folder and earlier & present):
        return register.left_files - here
    return frozenset({sha256 for _, sha256 in earlier} - here)


def _with_date_of_forms(register: Register, files: Iterable[ReturnedFile]) -> Report:
    """Return the report with the last date of the forms open, if the plan has no open date.

    The date is taken from all files again each time, so that the order of runs does not matter.
    """
    report = register.report
    if report.head.current and not register.date_from_forms:
        return report
    for day in sorted({s.round for file in files for s in file.submissions if s.round}):
        report = report.with_open_date(day)
    return report


def _with_times_sent(report: Report, files: Iterable[ReturnedFile]) -> Report:
    """Return the report with the number of sendings of each area, raised to what its forms say."""
    times_sent = {ref: area.sent for ref, area in report.areas.items()}
    for submission in (s for file in files for s in file.submissions):
        area = submission.area
        if area in report.area_refs and not is_other_round(submission, report.head.current):
            times_sent[area] = max(times_sent.get(area, 0), submission.source.sending)
    areas = {
        ref: replace(report.areas.get(ref, BLANK_AREA), sent=times)
        for ref, times in times_sent.items()
    }
    return report.with_same_nodes(areas=areas)


class Merger:
    """Merges the changes of one slot after the other into the values of a report.

    `values` begin as they were before any return. `previous_values` are those of the slots that the
    merge changes. `resolved_slots` are those that were answered without a conflict, or overridden
    by the coordinator: they need no follow-up.
    """

    def __init__(self, report: Report, register: Register) -> None:
        self.report = report
        self.overridden_slots = register.overridden_slots
        self.register = register
        self.corrected_sheets = register.corrected_sheets
        self.last_corrections = _last_corrections(register)
        self.values = ValueTableBuilder(report.value_table)
        for slot, value in register.previous_values.items():
            if slot not in register.overridden_slots:
                self.values[slot] = value
        self.previous_values: dict[Slot, Value | None] = {}
        self.resolved_slots: set[Slot] = set(register.overridden_slots)
        self.findings: list[Finding] = []
        self.level_of = {node.ref: node.level for node in report.nodes}
        self.closed_slots = _closed_slots(report)
        self.accepted_before = register.previous_values.keys()
        self.field_types = geometry_of(report.template).field_types
        sheets = (s for file in register.returned_files for s in file.submissions)
        self.gone = {r: name for s in sheets for r, name in s.gone if r not in report.by_ref}

    def merged_report(self) -> Report:
        """Return the report with the values merged so far."""
        return self.report.with_same_nodes(values=self.values.build())

    def accept_unambiguous(
        self, submissions: Sequence[Submission]
    ) -> dict[Slot, list[SourcedChange]]:
        """Accept the only change of a slot, if it is editable and its form was sent as it is now.

        Nearly all changes are such. Return the other ones by slot, for `resolve`.
        """
        counts = Counter(change.slot for s in submissions for change in s.changes)
        remaining: dict[Slot, list[SourcedChange]] = {
            slot: [] for slot, count in counts.items() if count > 1
        }
        ambiguous, current_value = {*remaining, *self.overridden_slots}, self.values.get
        closed = self.closed_slots
        for submission in submissions:
            for change in submission.changes:
                slot, sent, value, _, is_editable = change
                if (
                    is_editable
                    and slot not in ambiguous
                    and current_value(slot) == sent
                    and (not closed or not self._is_closed(slot))
                    and (sent is not None or self._is_in_report(slot))
                ):
                    self._accept(slot, sent, value)
                else:
                    sourced = SourcedChange(change, submission.source)
                    remaining.setdefault(slot, []).append(sourced)
        return remaining

    def report_overwritten(
        self, slot: Slot, value: Value | None, changes: Sequence[SourcedChange]
    ) -> None:
        """Report what stands in the place of a derived value, if it is another one."""
        for change, source in changes:
            if change.value != value:
                about, place = self._about(slot), Place(source.file, source.sheet, change.cell)
                texts = {"value": change.value, "held": value}
                shown = {key: self._display(slot, one) for key, one in texts.items()}
                found = Finding.create("L106", place, about, **shown)
                is_replaced = self.register.is_replaced(source.sha256, about.area)
                self.findings.append(found.with_severity("note") if is_replaced else found)

    def resolve(self, slot: Slot, changes: Sequence[SourcedChange]) -> None:
        """Apply the tables of the module's docstring to all changes of one slot."""
        changes = [one for one in changes if not one.change.is_left_empty]
        if self._is_in_report(slot):
            editable = [one for one in changes if one.change.is_editable]
            if self._is_closed(slot):
                self.findings += [self._closed(slot, one) for one in self._differing(editable)]
            else:
                self._resolve_editable(slot, editable)
            self._report_locked(slot, [one for one in changes if not one.change.is_editable])
        else:
            for one in changes:
                finding, sha256 = self._finding("M105", one), one.source.sha256
                is_replaced = self.register.is_replaced(sha256, finding.area)
                self.findings.append(finding.with_severity("note" if is_replaced else "error"))

    def _resolve_editable(self, slot: Slot, changes: Sequence[SourcedChange]) -> None:
        """Accept the value that the changes agree on; report conflicts and other values."""
        current = self.values.get(slot)
        based = [] if slot in self.overridden_slots else _based_on(current, changes)
        up_to_date = [one for one in based if not any(_follows(later, one) for later in based)]
        up_to_date = self._without_stale(slot, up_to_date)
        answers = list(dict.fromkeys(one.change.value for one in up_to_date))
        if agreed := _agreed_in_last_sending(up_to_date):
            earlier = [one for one in up_to_date if one not in agreed]
            self.findings.append(self._finding("M109", agreed[0], others=self._quote(earlier)))
            answers = [agreed[0].change.value]
        if len(answers) > 1:
            first, *others = up_to_date
            self.findings.append(self._finding("M102", first, others=self._quote(others)))
        elif answers:
            self._accept(slot, current, answers[0])
        self.findings += [
            self._finding("M105", one) for one in self._differing(changes) if one not in based
        ]

    def _without_stale(self, slot: Slot, changes: list[SourcedChange]) -> list[SourcedChange]:
        """Return the changes without stale copies: older forms beside a correction that came back.

        The leader has answered the correction after they saw what it corrects. A change that says
        otherwise in another form of an earlier sending is only quoted.
        """
        area = self.report.area_of.get(slot.ref, "")
        last = self.last_corrections.get(area, 0)
        stale = [
            one
            for one in changes
            if one.source.sending < last and (one.source.sha256, area) not in self.corrected_sheets
        ]
        valid = [one for one in changes if one not in stale]
        values = {one.change.value for one in valid}
        if len(values) != 1 or all(one.change.value in values for one in stale):
            return changes
        others = self._quote(one for one in stale if one.change.value not in values)
        finding = self._finding("M109", valid[0], others=others)
        self.findings.append(finding.with_severity("warning"))
        return valid

    def _accept(self, slot: Slot, current: Value | None, value: Value | None) -> None:
        """Set the value of a slot; `current` is the value that it has."""
        self.resolved_slots.add(slot)
        if value != current:
            self.previous_values[slot], self.values[slot] = current, value

    def _report_locked(self, slot: Slot, changes: Sequence[SourcedChange]) -> None:
        """Report the values of a locked slot that are not the register's."""
        current_date = self.report.head.current
        is_later = bool(slot.date and current_date and slot.date > current_date)
        code = "L103" if is_later else "L102" if slot.date else "L101"
        for one in self._differing(changes):
            is_as_sent = one.change.sent == one.change.value
            inactive = self._inactive(slot)
            if inactive and not is_as_sent:
                finding = self._finding("L105", one, **inactive)
            else:
                finding = self._finding("M105" if is_as_sent else code, one)
            is_replaced = self.register.is_replaced(one.source.sha256, finding.area)
            is_settled = is_replaced or slot in self.overridden_slots
            self.findings.append(finding.with_severity("note") if is_settled else finding)

    def _differing(self, changes: Iterable[SourcedChange]) -> Iterator[SourcedChange]:
        """Yield the changes to another value than the one that the slot has now."""
        return (one for one in changes if one.change.value != self.values.get(one.change.slot))

    def _closed(self, slot: Slot, sourced: SourcedChange) -> Finding:
        """Return the finding about an answer to a slot that the plan has closed since."""
        inactive = self._inactive(slot)
        if inactive:
            return self._finding("L105", sourced, **inactive).with_severity("warning")
        return self._finding("M105", sourced)

    def _inactive(self, slot: Slot) -> dict[str, object]:
        """Return why nobody is asked about a measure now; empty if that is not the reason."""
        node, current = self.report.by_ref[slot.ref], self.report.head.current
        field = self.report.template.field_of(node.level, slot.field)
        is_input = field is not None and field.role == "input" and slot.date in (None, current)
        if not is_input or current is None or node.is_active_on(current):
            return {}
        if node.last and node.last < current:
            return {"reason": "measure_ended", "until": node.last}
        return {"reason": "measure_not_begun", "since": node.first}

    def _is_closed(self, slot: Slot) -> bool:
        """Return True if the plan closes a slot, and no answer to it was accepted before."""
        return slot[:2] in self.closed_slots and slot not in self.accepted_before

    def _is_in_report(self, slot: Slot) -> bool:
        """Return True if the report has the node, and its level the field."""
        return (self.level_of.get(slot.ref, ""), slot.field) in self.field_types

    def _finding(self, code: str, sourced: SourcedChange, **values: object) -> Finding:
        """Return a finding at the cell of a change, with the returned and the current value."""
        change, source = sourced
        slot = change.slot
        return Finding.create(
            code,
            Place(source.file, source.sheet, change.cell),
            self._about(slot),
            value=self._display(slot, change.value),
            held=self._display(slot, self.values.get(slot)),
            **values,
        )

    def _about(self, slot: Slot) -> About:
        """Return what a finding about a slot is about; of a node that is gone, ref and name."""
        what = self.report.describe(slot)
        if slot.ref in self.gone:
            what = f"{slot.ref} ({self.gone[slot.ref]}){what.removeprefix(slot.ref)}"
        return About(self.report.area_of.get(slot.ref, ""), *slot, what)

    def _quote(self, changes: Iterable[SourcedChange]) -> str:
        """Return the returned values with file and cell: `«3» (a.xlsx, E13); «5» (b.xlsx, E13)`."""
        language = self.report.head.language
        return "; ".join(
            f"{quoted(self._display(change.slot, change.value), language)}"
            f" ({source.file}, {change.cell})"
            for change, source in changes
        )

    def _display(self, slot: Slot, value: Value | None) -> str:
        """Return a value as text. The slot need not be in the report."""
        field_type = self.field_types.get((self.level_of.get(slot.ref, ""), slot.field))
        if value is None or field_type is None or isinstance(value, str):
            return "\n".join(value) if isinstance(value, tuple) else str(value or _EMPTY_SLOT)
        return field_type.display(value, self.report.head.language)


def _last_corrections(register: Register) -> dict[str, int]:
    """Return the number of the last sending of a correction form that came back, by area."""
    last: dict[str, int] = {}
    for file in register.returned_files:
        for submission in file.submissions:
            if submission.corrects:
                sending = submission.source.sending
                last[submission.area] = max(last.get(submission.area, 0), sending)
    return last


def _closed_slots(report: Report) -> frozenset[tuple[str, str]]:
    """Return ref and field of the inputs that the plan closes for some nodes.

    The nodes are not active at the open date, or are in a closed group without the field.
    """
    template, current = report.template, report.head.current
    inputs = {
        level.id: [field for field in template.fields_of(level.id) if field.role == "input"]
        for level in template.levels
    }
    has_groups = any(field.only for fields in inputs.values() for field in fields)
    if not has_groups and not any(node.first or node.last for node in report.nodes):
        return frozenset()  # the usual case
    return frozenset(
        (node.ref, field.id)
        for node, groups in report.walk()
        for field in inputs[node.level]
        if not (field.applies(groups) and node.is_active_on(current))
    )


def _based_on(current: Value | None, changes: Sequence[SourcedChange]) -> list[SourcedChange]:
    """Return the changes that were made to the current value, and those that follow them."""
    based = [one for one in changes if one.change.sent == current]
    while more := [
        one
        for one in changes
        if one not in based and any(_follows(one, earlier) for earlier in based)
    ]:
        based += more
    return based


def _follows(later: SourcedChange, earlier: SourcedChange) -> bool:
    """Return True if `later` was typed over the answer of `earlier`, in a form that was sent later.

    Then the earlier answer is out of date.
    """
    return (
        later.change.sent == earlier.change.value and later.source.sending > earlier.source.sending
    )


def _agreed_in_last_sending(changes: Sequence[SourcedChange]) -> list[SourcedChange]:
    """Return the changes of the last sending, if they settle a conflict between earlier answers.

    They do if the earlier answers differ and all answers to the last sending are the same. If not,
    the list is empty.
    """
    last = max((one.source.sending for one in changes), default=0)
    newest = [one for one in changes if one.source.sending == last]
    earlier_answers = {one.change.value for one in changes if one.source.sending < last}
    newest_answers = {one.change.value for one in newest}
    return newest if len(earlier_answers) > 1 and len(newest_answers) == 1 else []


def _findings_of_files(register: Register, resolved_slots: set[Slot]) -> Iterator[Finding]:
    """Yield the findings made while reading the files.

    An error is lowered to a note if its slot was resolved by another answer or by the coordinator,
    if a correction form of the same sheet has come back, and if its file left the folder. V102 is
    left out, unless it is a note: the rules over all files repeat it for slots that are still
    empty.
    """
    accepted = {p.content for p in register.proposals if p.key in register.accepted}
    refused = {p.content for p in register.proposals if p.key in register.refused}
    for file in register.returned_files:
        for finding in (*file.findings, *_findings_of_sheets(file, accepted, refused)):
            if finding.code == "V102" and finding.severity != "note":
                continue
            slot = Slot(finding.ref, finding.field, finding.date)
            is_resolved = slot in resolved_slots or _is_decided(finding, register)
            is_replaced = register.is_replaced(file.sha256, finding.area)
            if finding.severity == "error" and (is_resolved or is_replaced):
                yield finding.with_severity("note")
            else:
                yield finding


def _findings_of_sheets(
    file: ReturnedFile, accepted: Collection[object], refused: Collection[object]
) -> Iterator[Finding]:
    """Yield the findings about the sheets of a file.

    A new row (S104) is told no more once it was accepted, and is a note once it was refused: then
    the content of its proposal is in one of these.
    """
    for submission in file.submissions:
        content_at = {proposal.cell: proposal.content for proposal in submission.proposals}
        for finding in submission.findings:
            content = content_at.get(finding.place.cell) if finding.code == "S104" else None
            if content is None:
                yield finding
            elif content not in accepted:
                yield finding.with_severity("note") if content in refused else finding


def _is_decided(finding: Finding, register: Register) -> bool:
    """Return True if the coordinator has filled in the measure that a whole row is told of."""
    if not finding.ref or finding.field:
        return False
    report, node = register.report, register.report.by_ref.get(finding.ref)
    has_decision = any(slot.ref == finding.ref for slot in register.overridden_slots)
    if node is None or not has_decision:
        return False
    required = (f for f in report.template.fields_of(node.level) if f.required)
    days = (report.head.current,)
    return all(
        Slot(finding.ref, f.id, day) in report.values
        for f in required
        for day in (days if f.per_checkpoint else (None,))
        if report.is_open(f, day, node)
    )
