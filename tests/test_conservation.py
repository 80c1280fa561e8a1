"""Nothing a leader typed is lost, nothing is changed silently: forms after any edits, against what stands in them.

What a form says is worked out here once more, in the plainest way: by the text of a row and the label of a column.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.damage import EDITS, HARMLESS, Edit, Hand, filled
from tests.forms import forms_of, retyped, typed
from xltiltak import catalogue
from xltiltak.intake import receive
from xltiltak.kinds import Value
from xltiltak.merge import merge
from xltiltak.register import Received, Register
from xltiltak.report import Head, Node, Report, Slot

EXAMPLES = int(os.environ.get("XLTILTAK_SEQUENCES", "200"))
SEED = os.environ.get("XLTILTAK_SEED")
APRIL, AUGUST, DECEMBER = date(2020, 4, 30), date(2020, 8, 31), date(2020, 12, 31)
HEAD = Head("TES", "Testby kommune", "Tiltak", 2020, "nb", (APRIL, AUGUST, DECEMBER), AUGUST)


def _plan(template: str, *rows: tuple[str, str, str | None, dict[str, Value]]) -> Report:
    """A plan of nodes, each with its ref, level, parent and values; `field@1` is a value at the first date."""
    nodes = tuple(Node(ref, level, parent) for ref, level, parent, _ in rows)
    values = {}
    for ref, _, _, held in rows:
        for key, value in held.items():
            name, _, n = key.partition("@")
            values[Slot(ref, name, HEAD.dates[int(n) - 1] if n else None)] = value
    return Report(catalogue.find(template), HEAD, nodes, values)


def _measure(n: int, name: str, status: int, remark: str = "") -> tuple[str, str, str, dict[str, Value]]:
    held: dict[str, Value] = {"no": n, "name": name, "status@1": status}
    return f"SAM-{n:03}", "measure", "SAM", held | ({"remark": remark} if remark else {})


STATUSES = _plan(
    "tiltaksstatus",
    ("SAM", "area", None, {"name": "Samfunn"}),
    _measure(1, "Bygge ny skole på Nes", 2, "Tomten er kjøpt"),
    _measure(2, "Rydde parken ved elva", 3),
    _measure(3, "Ansette to vaktmestere", 1, "Lyst ut i mars"),
    _measure(4, "Kurs i svømming", 4),
    _measure(5, "Merke turstiene", 5, "Ferdig i mai"),
)
STATUS_ANSWERS: dict[Slot, Value] = {
    **{Slot(f"SAM-00{n}", "status", AUGUST): 1 + n % 5 for n in (1, 2, 3, 5)},
    **{Slot(f"SAM-00{n}", "remark"): f"svar-{n}-her" for n in (1, 2, 4)},
}


@dataclass
class Returned:
    """An edited form beside the report it was made of."""

    plan: Report
    answers: Mapping[Slot, Value]
    content: bytes
    written: list[str]
    cells: list[tuple[int, int, Any]]

    @cached_property
    def received(self) -> Received:
        return receive("a.xlsx", self.content)

    @cached_property
    def merged(self) -> Register:
        return merge(Register(self.plan), [self.received])

    @cached_property
    def quoted(self) -> str:
        told = (value for finding in self.merged.findings for value in finding.values.values())
        return "\n".join(told)

    @cached_property
    def proposed(self) -> str:
        given = (p for s in self.received.submissions for p in s.proposals)
        return "\n".join(str(value) for p in given for _, _, value in p.values)

    @cached_property
    def owners(self) -> dict[int, set[str]]:
        """The nodes whose texts stand in each row."""
        names = {v: s.ref for s, v in self.plan.values.items() if s.field == "name"}
        found: dict[int, set[str]] = defaultdict(set)
        for row, _, raw in self.cells:
            found[row] |= {names[raw]} if raw in names else set()
        labelled = {col for _, col, raw in self.cells if raw == self.plan.template.leaf.label}
        unnamed = set(found) - {row for row, col, _ in self.cells if col in labelled}
        for row, _, raw in self.cells:
            if row in unnamed and not found[row] and raw in self.plan.by_ref:
                found[row] = {raw}  # no text is left to hold against its mark
        return found

    def column(self, slot: Slot) -> list[int]:
        """The columns below the label of a slot."""
        known = next(k for s, k, _ in self.plan.slots() if s == slot)
        return [col for _, col, raw in self.cells if raw == known.titled(slot.date)]

    def said(self, slot: Slot) -> Iterator[Any]:
        """What stands in the rows of a node, below the slot's label where that is certain."""
        cols = self.column(slot)
        for row, col, raw in self.cells:
            if slot.ref in self.owners.get(row, ()) and (len(cols) != 1 or col in cols):
                yield raw


def lost(form: Returned) -> Iterator[str]:
    """What somebody wrote that stands in the saved form, and nowhere else."""
    words = [*form.written, *(str(v) for v in form.answers.values() if isinstance(v, str))]
    held = [(row, col, str(raw)) for row, col, raw in form.cells]
    values = [(slot.ref, str(value)) for slot, value in form.merged.report.values.items()]
    for word in words:
        for row, col, raw in held:
            beside = form.owners.get(row, set())
            taken = any(word in value and ref in beside for ref, value in values)
            if word in raw and not taken and word not in form.quoted and word not in form.proposed:
                yield f"{word} in {row},{col}"


def strange(form: Returned) -> Iterator[str]:
    """A slot that has another value than it was sent with, which is not what stands in its row."""
    told = {Slot(f.ref, f.field, f.date) for f in form.merged.findings if f.code == "V111"}
    before, after = form.plan.values, form.merged.report.values
    for slot in sorted({*before, *after}, key=str):
        sent, now = before.get(slot), after.get(slot)
        if sent == now:
            continue
        if now is None:
            if slot not in told:
                yield f"{slot}: {sent} -> None silently"
        elif not any(_says(raw, now) for raw in form.said(slot)):
            yield f"{slot}: {sent} -> {now}"


def _says(raw: Any, value: Value) -> bool:
    text = str(raw)
    return text == str(value) or (text, value) in {("4 - Snart ferdig", 4), ("Fullført", 5)}


def returned(plan: Report, answers: Mapping[Slot, Value], edits: list[Edit], hand: Hand) -> Returned:
    with retyped(_answered(plan, answers)) as (sheet, target):
        for edit in edits:
            edit(sheet, hand)
        cells = list(filled(sheet))
    return Returned(plan, answers, target.getvalue(), hand.written, cells)


_KNOWN: dict[int, bytes] = {}


def _answered(plan: Report, answers: Mapping[Slot, Value]) -> bytes:
    if id(plan) not in _KNOWN:
        _KNOWN[id(plan)] = typed(forms_of(plan)[plan.area_refs[0]], answers)
    return _KNOWN[id(plan)]


def _run(law: Callable[[list[str], st.DataObject], None], names: list[str]) -> None:
    @settings(
        max_examples=EXAMPLES,
        derandomize=SEED is None,
        database=None,
        deadline=None,
        phases=(Phase.generate,) if SEED is None else (Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(st.sampled_from(names), min_size=1, max_size=4), st.data())
    def held(chosen: list[str], data: st.DataObject) -> None:
        law(chosen, data)

    (seed(int(SEED))(held) if SEED else held)()


def test_nothing_written_is_lost_and_nothing_changed_silently() -> None:
    def law(chosen: list[str], data: st.DataObject) -> None:
        form = returned(STATUSES, STATUS_ANSWERS, [EDITS[name] for name in chosen], Hand(data.draw))
        if form.received.outcome == "refused":
            assert form.received.findings[0].severity == "error"
            return
        assert not list(lost(form)), chosen
        assert not list(strange(form)), chosen

    _run(law, sorted(EDITS))


def test_what_keeps_the_meaning_gives_the_same_report() -> None:
    whole = returned(STATUSES, STATUS_ANSWERS, [], Hand(lambda _: None)).merged.report

    def law(chosen: list[str], data: st.DataObject) -> None:
        form = returned(STATUSES, STATUS_ANSWERS, [HARMLESS[name] for name in chosen], Hand(data.draw))
        assert form.merged.report.values == whole.values, chosen
        assert form.merged.report.nodes == whole.nodes

    _run(law, sorted(HARMLESS))
