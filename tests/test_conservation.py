"""Nothing a leader typed is lost, nothing is changed silently: forms after any edits, against what stands in them.

What a form says is worked out here once more, in the plainest way: by the text of a row and the label of a column.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from tests.damage import EDITS, HARMLESS, Hand, block, filled, head_of, lay, put
from tests.forms import first_sheet, forms_of, open_slots, retyped, rows_of, typed
from tests.sources import TEMPLATES, small
from xltiltak import catalogue
from xltiltak.geometry import geometry_of
from xltiltak.identity import Row, bind
from xltiltak.intake import receive
from xltiltak.kinds import Value
from xltiltak.merge import merge
from xltiltak.register import Received, Register
from xltiltak.report import Head, Node, Report, Slot
from xltiltak.template import Template
from xltiltak.workbook.home import Sendings

SEED = os.environ.get("XLTILTAK_SEED")
APRIL, AUGUST, DECEMBER = date(2020, 4, 30), date(2020, 8, 31), date(2020, 12, 31)
HEAD = Head("TES", "Testby kommune", "Status 2020", 2020, "nb", (APRIL, AUGUST, DECEMBER), AUGUST)


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


def _goal(n: int, name: str) -> tuple[str, str, None, dict[str, Value]]:
    held: dict[str, Value] = {"activities": (f"aktivitet {n} a", f"aktivitet {n} b"), "indicators": (f"tal {n}",)}
    return f"TES-00{n}", "goal", None, {"no": n, "name": name, **held}


GOALS = _plan("verksamhetsberattelse", _goal(1, "Trygg skola"), _goal(2, "Ren luft"), _goal(3, "Levande landsbygd"))
GOAL_ANSWERS: dict[Slot, Value] = {
    Slot("TES-001", "follow_up"): ("svar-1-a", "svar-1-b"),
    Slot("TES-002", "follow_up"): ("svar-2-a",),
}


def _activity(n: int, parent: int, form: str, gains: tuple[str, ...] = ()) -> tuple[str, str, str, dict[str, Value]]:
    held: dict[str, Value] = {"form": (form,), **({"gains": gains} if gains else {})}
    return f"TJE-{n:03}", "activity", f"TJE-{parent:03}", held


ACTIVITIES = _plan(
    "handlingsplan",
    ("TJE", "focus", None, {"name": "Tjenester", "intro": ("Om tjenestene", "Og mer om dem")}),
    ("TJE-001", "measure", "TJE", {"no": 1, "name": "Digital hjemmetjeneste"}),
    _activity(2, 1, "Innføre nettbrett", ("Færre turer",)),
    _activity(3, 1, "Kurse ansatte"),
    ("TJE-004", "measure", "TJE", {"no": 2, "name": "Innbyggerportal", "strategy": ("Åpenhet",)}),
    _activity(5, 4, "Velge leverandør"),
    _activity(6, 4, "Lage innhold", ("Mindre kø", "Fornøyde folk")),
)
ACTIVITY_ANSWERS: dict[Slot, Value] = {
    Slot("TJE-002", "remark"): ("svar-2-her", "svar-2-der"),
    Slot("TJE-003", "remark"): ("svar-3-her",),
    Slot("TJE-005", "remark"): ("svar-5-kost",),
    Slot("TJE-006", "remark"): ("svar-6-kost",),
}
ROUNDS = {
    "statuses": (STATUSES, STATUS_ANSWERS),
    "activities": (ACTIVITIES, ACTIVITY_ANSWERS),
    "goals": (GOALS, GOAL_ANSWERS),
}


def _round_of(template: Template) -> tuple[Report, dict[Slot, Value]]:
    """The first area of a small made-up report of a template, and an answer to everything that is asked in it."""
    whole = small(template)
    plain = {slot: value.replace("=", "") if isinstance(value, str) else value for slot, value in whole.values.items()}
    opened = replace(whole, values=plain).opened(max(whole.head.dates))
    part = next(iter(opened.parts().values()))
    asked = open_slots(part)
    values = {slot: value for slot, value in part.values.items() if slot not in asked}
    return replace(part, values=values), {slot: _answer(part.values[slot], n) for n, slot in enumerate(asked)}


def _answer(value: Value, n: int) -> Value:
    if isinstance(value, tuple):
        return tuple(f"svar-{n}-{k}-her" for k, _ in enumerate(value))
    return f"svar-{n}-her" if isinstance(value, str) and " " in value else value


SIXTH = catalogue.load(Path(__file__).parent / "templates" / "vedtaksoppfolging")
ROUNDS |= {known.id: _round_of(known) for known in (*map(catalogue.find, TEMPLATES), SIXTH)}
TABLES = tuple(name for name, (plan, _) in ROUNDS.items() if plan.template.layout == "rows")


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
        alone = receive("a.xlsx", self.content)
        return receive("a.xlsx", self.content, Sendings(Register(self.plan))) if alone.homeless else alone

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
    def marks(self) -> dict[int, str]:
        """The mark in each row that has one of a node's."""
        marked = ((row, str(raw)) for row, _, raw in self.cells)
        return {row: raw for row, raw in marked if raw.split("|")[0].split("/")[-1] in self.plan.by_ref}

    @cached_property
    def owners(self) -> dict[int, set[str]]:
        """The nodes whose texts stand in each row; on cards also those of the title above, and of the mark."""
        cards = self.plan.template.layout == "cards"
        names: dict[str, set[str]] = defaultdict(set)
        for slot, known, _ in self.plan.slots():
            if known.identifies and known.kind != "integer":
                names[_text(self.plan.values.get(slot))].add(slot.ref)
        found: dict[int, set[str]] = defaultdict(set)
        for row, _, raw in self.cells:
            found[row] |= names.get(raw, set()) if isinstance(raw, str) else set()
        labels = {k.titled(None) for k in self.plan.template.fields if k.identifies and k.kind != "integer"}
        labelled = {col for _, col, raw in self.cells if raw in labels}
        filled_ = {row for row, col, raw in self.cells if col in labelled and str(raw)[:1] != "="}
        above: set[str] = set()
        for row in sorted(found):
            mark = self.marks.get(row, "").split("|")[0].split("/")
            if cards:
                above = found[row] or above
                found[row] = above | {*mark}
            elif not found[row] and row not in filled_:
                found[row] = {*mark}  # no text is left to hold against its mark
        return found

    def column(self, slot: Slot) -> list[int]:
        """The columns below the label of a slot."""
        known = next(k for s, k, _ in self.plan.slots() if s == slot)
        return [col for _, col, raw in self.cells if raw == known.titled(slot.date)]

    def said(self, slot: Slot) -> Iterator[str]:
        """What stands in the rows of a node, below the slot's label where that is certain."""
        cols = self.column(slot) if self.plan.template.layout == "rows" else []
        for row, col, raw in self.cells:
            mark = self.marks.get(row, "").split("|")
            other = len(mark) == 3 and mark[1] != slot.field
            if slot.ref in self.owners.get(row, ()) and (len(cols) != 1 or col in cols) and not other:
                yield str(raw)


def lost(form: Returned) -> Iterator[str]:
    """What somebody wrote that stands in the saved form, and nowhere else."""
    answers = [line for value in form.answers.values() for line in _text(value).split("\n")]
    words = [*form.written, *(line for line in answers if len(line) > 1)]
    held = [(row, col, str(raw)) for row, col, raw in form.cells]
    values = [(slot.ref, _text(value)) for slot, value in form.merged.report.values.items()]
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
        elif not _says(list(form.said(slot)), _shown(form.plan, slot, now)):
            yield f"{slot}: {sent} -> {now}"


def _says(cells: list[str], shown: set[str]) -> bool:
    lines = {line.strip() for text in cells for line in text.split("\n")} | set(cells)
    days = {line.removesuffix(" 00:00:00") for line in lines}
    worded = {"4": "4 - Snart ferdig", "5": "Fullført"}
    return all({text, worded.get(text, text)} & (lines | days) for text in shown)


def _shown(plan: Report, slot: Slot, value: Value) -> set[str]:
    """What stands in the cells of a value."""
    kind = geometry_of(plan.template).kinds[plan.by_ref[slot.ref].level, slot.field]
    return set(map(str, kind.cells(value)))


def _text(value: Value | None) -> str:
    return "\n".join(value) if isinstance(value, tuple) else "–" if value is None else str(value)


def returned(
    plan: Report, answers: Mapping[Slot, Value], edits: Sequence[Callable[[Worksheet, Hand], object]], hand: Hand
) -> Returned:
    with retyped(_answered(plan, answers)) as (sheet, target):
        for edit in edits:
            edit(sheet, hand)
        cells = [*filled(sheet), *_comments(sheet)]
    return Returned(plan, answers, target.getvalue(), hand.written, cells)


def _comments(sheet: Worksheet) -> Iterator[tuple[int, int, str]]:
    """The comments, by row and column."""
    cells = (cell for row in sheet.iter_rows() for cell in row if cell.comment)
    yield from ((cell.row or 0, cell.column or 0, cell.comment.text) for cell in cells if cell.comment)


_KNOWN: dict[int, bytes] = {}


def _answered(plan: Report, answers: Mapping[Slot, Value]) -> bytes:
    if id(plan) not in _KNOWN:
        _KNOWN[id(plan)] = typed(forms_of(plan)[plan.area_refs[0]], answers)
    return _KNOWN[id(plan)]


def _run(law: Callable[[list[str], st.DataObject], None], names: Iterable[str], examples: int) -> None:
    """A law over sequences of edits: the same ones every time, or with a seed others, and as many as are asked for."""

    @settings(
        max_examples=int(os.environ.get("XLTILTAK_SEQUENCES", examples)),
        derandomize=SEED is None,
        database=None,
        deadline=None,
        phases=(Phase.generate,),  # a failure is told as it was drawn: making it smaller takes minutes
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(st.sampled_from(sorted(names)), min_size=1, max_size=4), st.data())
    def held(chosen: list[str], data: st.DataObject) -> None:
        law(chosen, data)

    (seed(int(SEED))(held) if SEED else held)()


def conserved(round_: str, examples: int) -> None:
    """Nothing written is lost, nothing is changed silently, whatever is done to a form."""

    def law(chosen: list[str], data: st.DataObject) -> None:
        form = returned(*ROUNDS[round_], [EDITS[name] for name in chosen], Hand(data.draw))
        if form.received.outcome == "refused":
            assert form.received.findings[0].severity == "error"
        assert not list(lost(form)), chosen
        assert not list(strange(form)), chosen

    # On cards nobody can tell sorted lines from lines that were typed over.
    _run(law, EDITS if round_ in TABLES else EDITS.keys() - {"sort_visible"}, examples)


def unchanged(round_: str, examples: int) -> None:
    """What keeps the meaning of a form gives the same report."""
    whole = returned(*ROUNDS[round_], [], Hand(lambda _: None)).merged.report

    def law(chosen: list[str], data: st.DataObject) -> None:
        form = returned(*ROUNDS[round_], [HARMLESS[name] for name in chosen], Hand(data.draw))
        assert form.merged.report.values == whole.values, chosen
        assert form.merged.report.nodes == whole.nodes

    # On cards the order of lines is what a list says.
    _run(law, HARMLESS if round_ in TABLES else HARMLESS.keys() - {"sort_rows"}, examples)


@pytest.mark.parametrize("round_", ROUNDS)
def test_nothing_written_is_lost_and_nothing_changed_silently(round_: str) -> None:
    conserved(round_, 25)


@pytest.mark.parametrize("round_", ROUNDS)
def test_what_keeps_the_meaning_gives_the_same_report(round_: str) -> None:
    unchanged(round_, 10)


@pytest.mark.laws
@pytest.mark.parametrize("round_", ROUNDS)
def test_the_laws_hold_for_two_thousand_sequences(round_: str) -> None:
    conserved(round_, 210)
    unchanged(round_, 50)


# One for each thing that was once lost or taken wrongly


def after(round_: str, edit: Callable[[Worksheet], Any]) -> Returned:
    """A form after one edit."""
    return returned(*ROUNDS[round_], [lambda sheet, _: edit(sheet)], Hand(lambda _: None))


def at(round_: str, mark: str) -> int:
    """The row of a mark in a form nobody has edited."""
    return rows_of(first_sheet(_answered(*ROUNDS[round_])))[mark]


@pytest.mark.parametrize("col", range(1, 10))
@pytest.mark.parametrize("mark", ["@title", "@answered", "@message", "@head", "SAM-001", "SAM-005"])
def test_a_formula_without_a_last_value_is_quoted_wherever_it_stands(mark: str, col: int) -> None:
    row = at("statuses", mark)
    form = after("statuses", lambda sheet: sheet.cell(row, col, f"=40+2&{sheet.cell(row, col).value or 1!r}"))
    assert "40+2" in form.quoted


def test_words_in_the_hidden_column_are_quoted() -> None:
    form = after("statuses", lambda sheet: put(sheet, at("statuses", "SAM-002"), 1, "Ring meg"))
    assert "Ring meg" in form.quoted
    assert form.merged.report.values[Slot("SAM-002", "remark")] == "svar-2-her"


def test_words_in_the_hidden_column_that_look_like_a_mark_are_quoted() -> None:
    for text in ("@ring meg", "SAM-002|ring|meg", "SAM-099"):
        assert text in after("statuses", lambda sheet, t=text: put(sheet, at("statuses", "SAM-002"), 1, t)).quoted  # type: ignore[misc]


def test_a_second_line_for_a_message_is_quoted_too() -> None:
    def edit(sheet: Worksheet) -> None:
        row = at("statuses", "@message")
        put(sheet, row, 7, "Takk")
        sheet.insert_rows(row + 1)
        put(sheet, row + 1, 1, "@message")
        put(sheet, row + 1, 7, "Hei")

    form = after("statuses", edit)
    assert "Takk" in form.quoted
    assert "Hei" in form.quoted


def test_the_hidden_column_emptied_and_a_label_changed_leave_each_column_its_own() -> None:
    def edit(sheet: Worksheet) -> None:
        put(sheet, head_of(sheet), 7, "Våre ord")
        EDITS["clear_marks"](sheet, Hand(lambda _: None))

    form = after("statuses", edit)
    assert form.merged.report.values[Slot("SAM-001", "remark")] == "svar-1-her"
    assert form.merged.report.values[Slot("SAM-001", "status", AUGUST)] == 2


def test_the_label_of_a_column_above_another_does_not_move_it() -> None:
    form = after("statuses", lambda sheet: put(sheet, head_of(sheet), 4, "Oppdaterte merknader"))
    assert form.merged.report.values[Slot("SAM-001", "remark")] == "svar-1-her"


@pytest.mark.parametrize("col", range(2, 8))
def test_a_column_that_is_gone_is_not_read_from_its_neighbour_nor_emptied(col: int) -> None:
    plain = after("statuses", lambda _: None).merged.report.values
    values = after("statuses", lambda sheet: sheet.delete_cols(col)).merged.report.values
    assert {slot: v for slot, v in values.items() if plain.get(slot) != v}.items() <= STATUSES.values.items()
    assert not STATUSES.values.keys() - values.keys()


def test_a_card_without_its_mark_is_no_answer_to_the_card_above() -> None:
    form = after("goals", lambda sheet: put(sheet, at("goals", "TES-002"), 1, None))
    assert form.merged.report.values[Slot("TES-001", "follow_up")] == ("svar-1-a", "svar-1-b")


def test_a_card_that_stands_twice_is_nobodys_and_quoted() -> None:
    def edit(sheet: Worksheet) -> None:
        rows = list(range(at("goals", "TES-001"), at("goals", "TES-002")))
        below = [sheet.max_row + 2 + n for n, _ in enumerate(rows)]
        lay(sheet, below, range(1, 5), block(sheet, rows, range(1, 5)))
        put(sheet, below[4], 4, "en annen")

    form = after("goals", edit)
    assert Slot("TES-001", "follow_up") not in form.merged.report.values
    assert {"svar-1-a", "svar-1-b", "en annen"} <= set(
        form.quoted.replace(" · ", "\n").replace("Uppföljning ", "").split("\n")
    )
    assert "S103" in {finding.code for finding in form.merged.findings}


def test_a_line_copied_out_of_its_list_makes_the_list_nobodys() -> None:
    def edit(sheet: Worksheet) -> None:
        put(sheet, at("goals", "TES-003") - 1, 1, "TES-001|follow_up|2")
        put(sheet, at("goals", "TES-003") - 1, 4, "et annet sted")

    form = after("goals", edit)
    assert Slot("TES-001", "follow_up") not in form.merged.report.values
    assert all(text in form.quoted for text in ("svar-1-a", "svar-1-b", "et annet sted"))


def test_a_formula_added_to_a_locked_list_is_quoted() -> None:
    def edit(sheet: Worksheet) -> None:
        sheet.insert_rows(at("goals", "TES-001|indicators|1") + 1)
        put(sheet, at("goals", "TES-001|indicators|1") + 1, 4, "=40+2")

    assert "=40+2" in after("goals", edit).quoted


def test_a_text_that_moved_to_a_nameless_row_takes_its_answers_along() -> None:
    known = {"A-1": "", "A-2": "Ren luft", "A-3": "Trygg skole"}
    moved = [Row("A-1", "Ren luft"), Row("A-2", ""), Row("A-3", "Trygg skole")]
    assert ("A-1", "agrees") not in bind(moved, known)
    assert bind(moved, known)[2] == ("A-3", "agrees")
    assert bind([Row("A-1", "Nytt navn")], known) == [("A-1", "agrees")]
