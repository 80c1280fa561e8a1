"""The three-way merge: register × sent × returned, one outcome a slot (design §6).

Never the newest wins, never a file name. All submissions ever taken in are judged together, each slot once; so order
and batches make no difference, and merging twice changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from xltiltak.layout.geometry import geometry_of
from xltiltak.merging.change_rules import check_changes
from xltiltak.merging.collection_rules import check_collection, other_round
from xltiltak.model.field_types import Value
from xltiltak.model.finding import About, Finding, Place, sort_findings
from xltiltak.model.language import quoted
from xltiltak.model.register import Change, Register, ReturnedFile, Source, Submission
from xltiltak.model.report import BLANK_AREA, Report, Slot
from xltiltak.model.values import ValueTableBuilder

SourcedChange = tuple[Change, Source]
_EMPTY = "–"  # an empty slot, quoted


def merge(register: Register, received: Iterable[ReturnedFile]) -> Register:
    """The register with these files taken in. Its findings are all there is to tell about every file so far."""
    files = _union(register, received)
    opened = _opened(register, files)
    report = _counted(opened, files)
    reducer = Merger(report, replace(register, returned_files=files))
    left = reducer.accept_unambiguous(_of_round(files, report.head.current))
    for slot, said in sorted(left.items(), key=_slot_key):
        reducer.resolve(slot, said)
    derived = register.date_from_forms or opened is not register.report
    merged = replace(
        register,
        report=reducer.report(),
        previous_values=reducer.base,
        returned_files=files,
        date_from_forms=derived,
    )
    told = [*reducer.findings, *_findings_of_files(merged, reducer.settled)]
    disputed = {Slot(f.ref, f.field, f.date) for f in reducer.findings if f.code == "M102"}
    told += [*check_collection(merged, disputed), *check_changes(merged)]
    return replace(merged, findings=tuple(sort_findings(told)))


def _union(register: Register, received: Iterable[ReturnedFile]) -> tuple[ReturnedFile, ...]:
    """Every file once, whatever run it came in, in an order that depends on nothing but the files."""
    came = [one for r in received for one in (replace(r, corrected_files=()), *r.corrected_files)]
    known = {(r.file, r.sha256): r for r in (*came, *register.returned_files)}
    return tuple(known[key] for key in sorted(known))


def _opened(register: Register, files: Iterable[ReturnedFile]) -> Report:
    """A date that is known only from the forms is opened: the last of theirs, whatever run they come in."""
    report = register.report
    if report.head.current and not register.date_from_forms:
        return report
    for day in sorted({s.round for r in files for s in r.submissions if s.round}):
        report = report.with_open_date(day)
    return report


def _counted(report: Report, files: Iterable[ReturnedFile]) -> Report:
    """How often each area's form went out, where the files know of more than the plan does."""
    sent = {ref: area.sent for ref, area in report.areas.items()}
    for submission in (s for r in files for s in r.submissions):
        if submission.area in report.area_refs and not other_round(submission, report.head.current):
            sent[submission.area] = max(sent.get(submission.area, 0), submission.source.sending)
    areas = {
        ref: replace(report.areas.get(ref, BLANK_AREA), sent=times) for ref, times in sent.items()
    }
    return report.with_same_nodes(areas=areas)


def _of_round(files: Iterable[ReturnedFile], current: date | None) -> list[Submission]:
    """The sheets that claim anything: one of another round claims nothing."""
    return [s for r in files for s in r.submissions if not other_round(s, current)]


def _slot_key(item: tuple[Slot, list[SourcedChange]]) -> tuple[str, str, date]:
    (ref, field, day), _ = item
    return ref, field, day or date.max


class Merger:
    """Settles slot after slot. `settled` are those that need nobody any more: answered, or decided upon."""

    def __init__(self, report: Report, register: Register) -> None:
        self.before, self.decided, self.mended = (
            report,
            register.overridden_slots,
            register.corrected_sheets,
        )
        self.levels = {node.ref: node.level for node in report.nodes}
        self.values = ValueTableBuilder(report.value_table)
        for slot, value in register.previous_values.items():
            if slot not in register.overridden_slots:
                self.values[slot] = value
        self.base: dict[Slot, Value | None] = {}
        self.settled: set[Slot] = set(register.overridden_slots)
        self.findings: list[Finding] = []
        self.kinds = geometry_of(report.template).field_types
        self.area_of = report.area_of

    def report(self) -> Report:
        """The report with every slot settled."""
        return self.before.with_same_nodes(values=self.values.done())

    def accept_unambiguous(
        self, submissions: Sequence[Submission]
    ) -> dict[Slot, list[SourcedChange]]:
        """Settles what is plain, as nearly all is: one claim, of an open slot that stands as it was sent. The rest."""
        said: dict[Slot, list[SourcedChange]] = {slot: [] for slot in _repeated(submissions)}
        odd, held = {*said, *self.decided}, self.values.get
        for submission in submissions:
            for claim in submission.changes:
                slot, sent, value, _, opened = claim
                if (
                    opened
                    and slot not in odd
                    and held(slot) == sent
                    and (sent is not None or self._is_known(slot))
                ):
                    self._accept(slot, sent, value)
                else:
                    said.setdefault(slot, []).append((claim, submission.source))
        return said

    def _is_known(self, slot: Slot) -> bool:
        return (self.levels.get(slot.ref, ""), slot.field) in self.kinds

    def resolve(self, slot: Slot, said: list[SourcedChange]) -> None:
        """The outcome of one slot."""
        if not self._is_known(slot):
            gone = [self._finding("M105", claim, source) for claim, source in said]
            self.findings += [
                finding.with_severity("error") for finding in gone
            ]  # no slot is left that could hold it
            return
        opened = [(claim, source) for claim, source in said if claim.is_editable]
        if opened:
            self._resolve_editable(slot, opened)
        if locked := [(claim, source) for claim, source in said if not claim.is_editable]:
            self.findings += self._report_locked(slot, locked)

    def _resolve_editable(self, slot: Slot, said: list[SourcedChange]) -> None:
        held = self.values.get(slot)
        chained = _chained(held, said) if slot not in self.decided else []
        last = [one for one in chained if not any(_follows(later, one) for later in chained)]
        values = _distinct(claim.value for claim, _ in last)
        if settling := _settling(last):
            disputed = [one for one in last if one not in settling]
            self.findings.append(self._finding("M109", *settling[0], others=self._quoted(disputed)))
            values = [settling[0][0].value]
        if len(values) > 1:
            self.findings += [self._finding("M102", *last[0], others=self._quoted(last[1:]))]
        elif values:
            self._accept(slot, held, values[0])
        strange = [
            one for one in said if one not in chained and one[0].value != self.values.get(slot)
        ]
        self.findings += [self._finding("M105", claim, source) for claim, source in strange]

    def _accept(self, slot: Slot, held: Value | None, value: Value | None) -> None:
        self.settled.add(slot)
        if value != held:
            self.base[slot], self.values[slot] = held, value

    def _report_locked(self, slot: Slot, said: list[SourcedChange]) -> Iterator[Finding]:
        """The register stands in a locked slot; a return that says otherwise is quoted."""
        current = self.before.head.current
        later = bool(slot.date and current and slot.date > current)
        code = "L103" if later else "L102" if slot.date else "L101"
        for claim, source in said:
            if claim.value != self.values.get(slot):
                told = self._finding(code, claim, source)
                yield (
                    told.with_severity("note")
                    if (source.sha256, told.area) in self.mended
                    else told
                )

    def _finding(self, code: str, claim: Change, source: Source, **more: object) -> Finding:
        slot = claim.slot
        said, held = self._text(slot, claim.value), self._text(slot, self.values.get(slot))
        about = About(self.area_of.get(slot.ref, ""), *slot, self.before.describe(slot))
        return Finding.create(
            code, Place(source.file, source.sheet, claim.cell), about, value=said, held=held, **more
        )

    def _quoted(self, said: list[SourcedChange]) -> str:
        language = self.before.head.language
        changes = ((quoted(self._text(c.slot, c.value), language), s.file, c.cell) for c, s in said)
        return "; ".join(f"{value} ({file}, {cell})" for value, file, cell in changes)

    def _text(self, slot: Slot, value: Value | None) -> str:
        kind = self.kinds.get((self.levels.get(slot.ref, ""), slot.field))
        if value is None or kind is None or isinstance(value, str):
            return "\n".join(value) if isinstance(value, tuple) else str(value or _EMPTY)
        return kind.display(value, self.before.head.language)


def _chained(held: Value | None, said: list[SourcedChange]) -> list[SourcedChange]:
    """The claims against what the register held, and those against an answer among them that was sent out again."""
    chained = [one for one in said if one[0].sent == held]
    while more := [
        one for one in said if one not in chained and any(_follows(one, other) for other in chained)
    ]:
        chained += more
    return chained


def _follows(later: SourcedChange, earlier: SourcedChange) -> bool:
    """Does a claim change the answer of an earlier one, which went out again with a later form?"""
    return later[0].sent == earlier[0].value and later[1].sending > earlier[1].sending


def _settling(said: list[SourcedChange]) -> list[SourcedChange]:
    """The claims of the last sending, where those of earlier ones quarrel: the form went out again to settle that.

    Empty where they do not agree either, or where the earlier ones do.
    """
    last = max((source.sending for _, source in said), default=0)
    newest = [one for one in said if one[1].sending == last]
    earlier = _distinct(claim.value for claim, source in said if source.sending < last)
    return (
        newest
        if len(earlier) > 1 and len(_distinct(claim.value for claim, _ in newest)) == 1
        else []
    )


def _repeated(submissions: Iterable[Submission]) -> set[Slot]:
    """The slots that are claimed more than once."""
    seen: set[Slot] = set()
    again: set[Slot] = set()
    for submission in submissions:
        slots = [claim.slot for claim in submission.changes]
        fresh = set(slots)
        again |= seen & fresh
        if len(fresh) < len(slots):
            again.update(slot for slot, times in Counter(slots).items() if times > 1)
        seen |= fresh
    return again


def _distinct(values: Iterable[Value | None]) -> list[Value | None]:
    found_: list[Value | None] = []
    for value in values:
        if value not in found_:
            found_.append(value)
    return found_


def _findings_of_files(register: Register, settled: set[Slot]) -> Iterator[Finding]:
    """What the files themselves gave; what is settled otherwise, or was put right by another form, is only quoted."""
    for received in register.returned_files:
        for finding in received.all_findings():
            slot = Slot(finding.ref, finding.field, finding.date)
            over = finding.code.startswith("V") and slot in settled
            over = finding.severity == "error" and (
                over or (received.sha256, finding.area) in register.corrected_sheets
            )
            yield finding.with_severity("note") if over else finding
