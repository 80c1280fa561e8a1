"""The register's own records as JSON for the hidden sheet, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from operator import itemgetter
from typing import Any

from xltiltak.layout.geometry import geometry_of
from xltiltak.model.errors import ForeignWorkbook
from xltiltak.model.field_types import Value
from xltiltak.model.finding import Finding, Place
from xltiltak.model.register import (
    Change,
    Correction,
    Proposal,
    Register,
    ReturnedFile,
    Source,
    Submission,
)
from xltiltak.model.report import Report, Slot
from xltiltak.model.row_keys import parse_slot_key, slot_key
from xltiltak.model.values import SlotKey
from xltiltak.snapshot.values_json import day_of, dumper

_TAKEN: dict[str, Any] = {}  # a claim that says what the report says: no kind dumps a value so


class _Keys(dict[SlotKey, str]):
    """What slots are called within their nodes: a few names for all of a report."""

    def __missing__(self, key: SlotKey) -> str:
        self[key] = name = slot_key(Slot("", *key))
        return name


class Values:
    """Values of a report's slots to JSON and back. A slot the report no longer has keeps its value as it is."""

    def __init__(self, report: Report) -> None:
        self.kinds = geometry_of(report.template).field_types
        self.dumpers = {of: dumper(kind) for of, kind in self.kinds.items()}
        self.keys = _Keys()
        self.levels = {node.ref: node.level for node in report.nodes}
        self.leaf = report.template.leaf.id
        self.current = report.values

    def dump(self, slot: Slot, value: Value | None) -> Any:
        """A value as JSON."""
        if value is None or isinstance(value, str):
            return value
        dump = self.dumpers.get((self.levels.get(slot.ref, self.leaf), slot.field))
        return dump(value) if dump else value

    def load(self, slot: Slot, value: Any) -> Any:
        """Return the value of its JSON; a text that its kind cannot read is kept as a text.

        Raises ValueError or TypeError for what is neither.
        """
        if value is None:
            return None
        kind = self.kinds.get((self.levels.get(slot.ref, self.leaf), slot.field))
        if kind is None:
            return _of_no_kind(value)
        try:
            loaded = kind.from_json(value)
        except (ValueError, TypeError):
            if type(value) is not str:
                raise
            return value
        return value if isinstance(value, str) and kind.to_json(loaded) != value else loaded


def _of_no_kind(value: Any) -> Any:
    """Return a value whose kind is not known. Raises TypeError where it is no value of any kind."""
    if type(value) is list and all(type(line) is str for line in value):
        return tuple(value)
    if type(value) not in (str, int):
        raise TypeError(f"{value!r:.60} is not a value")
    return value


@contextmanager
def _refusing() -> Iterator[None]:
    """Raise ForeignWorkbook for records that were tampered with."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ForeignWorkbook("snapshot", error=error) from error


def dump_register(register: Register) -> dict[str, Any]:
    """What the hidden sheet keeps of a register besides its report."""
    values = Values(register.report)
    return {
        "base": _base(register, values),
        "decided": sorted([s.ref, slot_key(s)] for s in register.overridden_slots),
        "accepted": sorted(register.accepted),
        "derived": int(register.date_from_forms),
        "received": (_received(received, values) for received in register.returned_files),
    }


def load_register(report: Report, ledger: Mapping[str, Any]) -> Register:
    """Return the register of its records; an empty ledger is a plan that nothing has returned to.

    Raises ForeignWorkbook where they were tampered with.
    """
    with _refusing():
        return _register(report, ledger)


def _register(report: Report, ledger: Mapping[str, Any]) -> Register:
    values = Values(report)
    received = tuple(_load_received(known, values) for known in ledger.get("received", ()))
    decided = frozenset(parse_slot_key(ref, key) for ref, key in ledger.get("decided", ()))
    base, sent = {}, _first_sent(received)
    for ref, key, *value in ledger.get("base", ()):
        slot = parse_slot_key(ref, key)
        base[slot] = values.load(slot, value[0]) if value else sent[slot]
    accepted, derived = frozenset(ledger.get("accepted", ())), bool(ledger.get("derived"))
    return Register(report, base, decided, received, accepted, date_from_forms=derived)


def _first_sent(received: Iterable[ReturnedFile]) -> dict[Slot, Value | None]:
    """What the first claim of each slot says was sent: nearly always what the slot held before."""
    claims = (claim for r in received for s in r.submissions for claim in s.changes)
    found: dict[Slot, Value | None] = {}
    for claim in claims:
        found.setdefault(claim.slot, claim.sent)
    return found


def _base(register: Register, values: Values) -> Iterator[list[Any]]:
    """What each slot held before, by ref, then by key; left out where its first claim says the same."""
    base, sent, keys = register.previous_values, _first_sent(register.returned_files), values.keys
    for slot in sorted(sorted(base, key=lambda slot: keys[slot[1:]]), key=itemgetter(0)):
        value, named = base[slot], [slot[0], keys[slot[1:]]]
        yield named if sent.get(slot, _TAKEN) == value else [*named, values.dump(slot, value)]


def dump_correction(report: Report, mended: Correction) -> dict[str, Any]:
    """What the hidden sheet keeps of the files that a form puts right."""
    values = Values(report)
    carried = [_received(received, values) for received in mended.corrected_files]
    return {
        "carried": carried,
        "mends": {area: list(of) for area, of in mended.corrects.items()},
        "told": sorted(mended.own_texts),
    }


def load_correction(report: Report, known: Mapping[str, Any]) -> Correction:
    """Return what a form puts right; any other form puts nothing right.

    Raises ForeignWorkbook where its records were tampered with.
    """
    with _refusing():
        values = Values(report)
        carried = tuple(_load_received(received, values) for received in known.get("carried", ()))
        mends = {area: tuple(of) for area, of in known.get("mends", {}).items()}
        return Correction(carried, mends, frozenset(known.get("told", ())))


def _received(received: ReturnedFile, values: Values) -> dict[str, Any]:
    return {
        "file": received.file,
        "sha256": received.sha256,
        "outcome": received.outcome,
        "findings": [_finding(f) for f in received.findings],
        "sheets": [_submission(s, values) for s in received.submissions],
    }


def _submission(submission: Submission, values: Values) -> dict[str, Any]:
    source = submission.source
    proposals = [_proposal(proposal, values) for proposal in submission.proposals]
    return {
        "source": [source.sheet, source.saved_by, source.saved_at, source.sending],
        "area": submission.area,
        "round": submission.round,
        "claims": [*_claims(submission.changes, values)],
        "findings": [_finding(f) for f in submission.findings],
        "proposals": proposals,
        **({"mends": list(submission.corrects)} if submission.corrects else {}),
    }


def _claims(claims: Iterable[Change], values: Values) -> Iterator[list[Any]]:
    current, dump, keys = values.current.get, values.dump, values.keys
    for slot, sent, value, cell, opened in claims:
        was = sent if sent is None or type(sent) is str else dump(slot, sent)
        taken = value is not None and value == current(slot)
        yield [
            slot[0],
            keys[slot[1:]],
            was,
            _TAKEN if taken else dump(slot, value),
            cell,
            int(opened),
        ]


def _proposal(proposal: Proposal, values: Values) -> list[Any]:
    held = [
        [field, day, values.dump(Slot("", field, day), value)]
        for field, day, value in proposal.values
    ]
    return [proposal.key, proposal.after, held, proposal.cell]


def _finding(finding: Finding) -> dict[str, Any]:
    known = {name: value for name, value in asdict(finding).items() if value}
    return {**known, "place": list(finding.place)}


def _load_finding(known: Mapping[str, Any]) -> Finding:
    return Finding(**{**known, "place": Place(*known["place"]), "date": day_of(known.get("date"))})


def _load_received(known: Mapping[str, Any], values: Values) -> ReturnedFile:
    file, sha256 = known["file"], known["sha256"]
    submissions = tuple(_load_submission(file, sha256, sheet, values) for sheet in known["sheets"])
    findings = tuple(_load_finding(f) for f in known["findings"])
    return ReturnedFile(file, sha256, known["outcome"], submissions, findings)


def _load_submission(
    file: str, sha256: str, known: Mapping[str, Any], values: Values
) -> Submission:
    sheet, *saved = known["source"]
    proposals = tuple(_load_proposals(file, known, values))
    claims = tuple(_load_claims(known["claims"], values))
    findings = tuple(_load_finding(f) for f in known["findings"])
    source = Source(file, sheet, sha256, *saved)
    mends = tuple(known.get("mends", ()))
    return Submission(
        source, known["area"], day_of(known["round"]), claims, findings, proposals, mends
    )


def _load_claims(claims: list[list[Any]], values: Values) -> Iterator[Change]:
    for ref, key, sent, value, cell, opened in claims:
        slot = parse_slot_key(ref, key)
        claimed = values.current.get(slot) if value == _TAKEN else values.load(slot, value)
        yield Change(slot, values.load(slot, sent), claimed, cell, bool(opened))


def _load_proposals(file: str, known: Mapping[str, Any], values: Values) -> Iterator[Proposal]:
    for key, after, held, cell in known["proposals"]:
        loaded = tuple(_load_value(field, day, value, values) for field, day, value in held)
        yield Proposal(key, known["area"], after, loaded, file, cell)


def _load_value(
    field: str, day: str | None, value: Any, values: Values
) -> tuple[str, date | None, Any]:
    return field, day_of(day), values.load(Slot("", field, day_of(day)), value)
