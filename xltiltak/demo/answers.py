"""Make up what leaders answer, for any template: sensible values of each kind, always the same.

What a field is compared with or subtracted from says how large its number is; otherwise its last
value does. A scale rises from date to date. Some texts are left out. A forgetful
leader leaves out a required answer too, so that a round shows what that looks like.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from xltiltak.layout.geometry import geometry_of
from xltiltak.model.carried import carried_steps
from xltiltak.model.field_types import FieldType, Value
from xltiltak.model.language import translate
from xltiltak.model.report import Node, Report, Slot
from xltiltak.model.template import Field, Step

_NUMBERS = ("integer", "decimal", "percent")
_SHARES = tuple(map(Decimal, ("0.97", "1.02", "0.91", "1", "0.84", "0.99", "1.06")))  # of a target
_GROWTH = tuple(map(Decimal, ("1.3", "1.45", "1.2", "1.5")))  # since the date before
_HUNDRED, _TENTH = Decimal(100), Decimal("0.1")


@dataclass(slots=True)
class _Answers:
    """The values of a report with those made up so far; `n` counts the slots."""

    report: Report
    types: Mapping[tuple[str, str], FieldType]
    values: dict[Slot, Value]
    n: int = 0
    finished: set[str] = field(default_factory=set)  # refs of nodes with a step that is done


def answers(report: Report, *, forgetful: bool = False) -> dict[Slot, Value]:
    """Return a value for the open slots of a report that have none, but for some texts.

    With `forgetful` the last required slot is left empty.
    """
    template, head = report.template, report.head
    types = geometry_of(template, head.dates, template.language).field_types
    made = _Answers(report, types, dict(report.values))
    opened = [(s, f, n) for s, f, n in report.slots() if report.is_open(f, s.date, n)]
    for made.n, (slot, asked, node) in enumerate(opened):
        if slot not in made.values and (value := _answer(made, slot, asked, node)) is not None:
            made.values[slot] = value
    left = {*report.values, *carried_steps(report)}  # the steps that the form proposes
    given = [(slot, asked) for slot, asked, _ in opened if slot not in left]
    required = [slot for slot, asked in given if asked.required]
    forgotten = required[-1:] if forgetful else []
    return {s: made.values[s] for s, _ in given if s in made.values and s not in forgotten}


def _answer(made: _Answers, slot: Slot, asked: Field, node: Node) -> Value | None:
    """Return what a leader answers in one slot; None for nothing."""
    field_type = made.types[node.level, asked.id]
    if field_type.steps:
        step = _step(made, slot, field_type.steps)
        if step.done:
            made.finished.add(slot.ref)
        return step.value
    if asked.kind in _NUMBERS:
        return _number(made, slot, asked, node)
    if asked.kind == "date":
        return _day(made, slot, asked)
    return _text(made, slot, asked)


def _step(made: _Answers, slot: Slot, steps: Sequence[Step]) -> Step:
    """Return a step: of numbers not below the last one, of choices the one whose turn it is."""
    earlier = _earlier(made, slot)
    last = next((n for n, step in enumerate(steps) if step.value == earlier), None)
    if last is not None and steps[last].done:
        return steps[last]
    if isinstance(steps[0].value, str):
        return steps[(made.n * 3 + made.n // 7) % len(steps)]
    begin = made.n % len(steps) if last is None else last
    return steps[min(begin + (made.n % 3 > 0), len(steps) - 1)]


def _number(made: _Answers, slot: Slot, asked: Field, node: Node) -> int | Decimal:
    """Return a number near what it is measured against, or near the last one."""
    target, earlier = _target(made, slot, asked, node), _earlier(made, slot)
    share = _SHARES[made.n % len(_SHARES)]
    if target is not None:
        number = target * share
    elif isinstance(earlier, int | Decimal):
        number = Decimal(earlier) * _GROWTH[made.n % len(_GROWTH)]
    else:
        number = Decimal(40 + made.n * 7 % 60) if asked.kind == "percent" else 5 + made.n * share
    if asked.kind == "integer":
        return int(number)
    if asked.kind == "percent":
        return min(number, _HUNDRED).quantize(_TENTH).normalize() + 0
    return number.quantize(_TENTH) if abs(number) < _HUNDRED else Decimal(round(number / 10) * 10)


def _target(made: _Answers, slot: Slot, asked: Field, node: Node) -> Decimal | None:
    """Return the number that a derived field holds an answer against; None without one."""
    for derived in made.report.template.derived_fields_of(node.level):
        operator = derived.compute[1] if derived.compute else "compared"
        if asked.id not in derived.operands or operator in ("plus", "times", "days_after"):
            continue
        other = next((each for each in derived.operands if each != asked.id), None)
        held = made.values.get(Slot(slot.ref, other)) if isinstance(other, str) else other
        if isinstance(held, int | Decimal):
            return Decimal(held)
    return None


def _day(made: _Answers, slot: Slot, asked: Field) -> date | None:
    """Return a day near the node's deadline; None while the node is known to be unfinished."""
    knows_finished = any(
        step.done for steps in made.report.template.scales.values() for step in steps
    )
    if knows_finished and slot.ref not in made.finished and not asked.required:
        return None
    due = next((f.id for f in made.report.template.fields if f.due), "")
    deadline = made.values.get(Slot(slot.ref, due))
    near = deadline if isinstance(deadline, date) else made.report.head.dates[-1]
    return near + timedelta(days=made.n % 5 * 4 - 12)


def _text(made: _Answers, slot: Slot, asked: Field) -> Value | None:
    """Return a text that fits the state of the node; None where leaders write nothing."""
    if not (asked.required or asked.required_when or made.n % 3):
        return None
    state = "finished" if slot.ref in made.finished else "under_way"
    phrases = translate(f"demo.{state}", made.report.template.language).split("|")
    chosen = tuple(phrases[(made.n // 2 + k) % len(phrases)] for k in range(2))
    return chosen if asked.kind in ("paragraphs", "bullets") else chosen[0]


def _earlier(made: _Answers, slot: Slot) -> Value | None:
    """Return the last value of a dated slot before its date; None without one."""
    days: Iterator[date] = (
        d for d in reversed(made.report.head.dates) if slot.date and d < slot.date
    )
    values = (made.values.get(slot._replace(date=day)) for day in days)
    return next((value for value in values if value is not None), None)
