"""What is shown of one measure: its history, its change, its link, the leader's reason.

Lists on the first page and the tables of the chapters use the same functions, so that they say the
same of a measure.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from textwrap import shorten

from xltiltak.model.field_types import Value
from xltiltak.model.language import translate
from xltiltak.model.report import Node, Slot
from xltiltak.model.summary import MeasureState
from xltiltak.publishing.document import (
    AnchorLink,
    Direction,
    Excerpt,
    History,
    Move,
    StepLabel,
    Trend,
    uncapitalised,
)
from xltiltak.publishing.public_view import PublicView

STANDSTILL = 3  # dates with the same value
_LONGEST_REASON = 180  # characters
_TEXT_KINDS = ("text", "paragraphs", "bullets")


def history(view: PublicView, node: Node) -> History | str:
    """Return the steps of a measure at each date at which it is in force; "" for none."""
    scored = view.scored
    days = [day for day in view.days if node.is_active_on(day)]
    if scored is None or not days or not scored.applies(view.groups[node.ref]):
        return ""
    heights: dict[Value, int] = {
        s.value: n for n, s in enumerate(step for step in view.steps if step.counts)
    }
    values = [view.value(node, scored, day) for day in days]
    steps = tuple(
        view.marked(label, Slot(node.ref, scored.id, day))
        if (label := value_label(view, value))
        else StepLabel("–", _no_answer(view, node, day), missing=True)
        for day, value in zip(days, values, strict=True)
    )
    levels = tuple(None if value is None else heights.get(value) for value in values)
    parts = (
        f"{view.date_text(day)}: {step.word if step.missing else step_name(step)}"
        for day, step in zip(days, steps, strict=True)
    )
    return History(steps, levels, max(len(heights) - 1, 0), ", ".join(parts))


def _no_answer(view: PublicView, node: Node, day: date | None) -> str:
    """Return why a measure has no answer at a date."""
    untaken = view.untaken_answers.get(Slot(node.ref, view.scored.id if view.scored else "", day))
    key = {"refused": "refused", None: "unanswered"}.get(untaken, "disputed")
    return translate(f"report.{key}", view.language)


def value_label(view: PublicView, value: Value | None) -> StepLabel | None:
    """Return a value of the scored field as a step; a plain number has no word."""
    if view.steps and value is not None:
        return view.step_label(view.steps, value)
    return StepLabel(view.scored_text(value), "") if isinstance(value, int | Decimal) else None


def step_name(step: StepLabel) -> str:
    """Return number and word of a step, as "3 Godt i gang"."""
    return f"{step.value} {step.word}".strip()


def measure_change(view: PublicView, node: Node) -> Trend | str:
    """Return how a measure has moved since the previous date; "" for none to compare."""
    if view.scored is None or view.previous_date is None:
        return ""
    if not node.is_active_on(view.report_date):
        return Trend("", translate("report.retired", view.language))
    state = view.states.get(node.ref)
    return trend_of(view, state) if state else ""


def trend_of(view: PublicView, state: MeasureState) -> Trend:
    """Return how a measure has moved, with the sign of its category."""
    match state.category:
        case "up" | "down" | "unchanged":
            return _moved(view, state)
        case "finished_before":
            word = translate("term.finished_before", view.language)
            return Trend("finished", uncapitalised(word), by=Decimal(0))
        case "unanswered":
            return Trend("unanswered", _no_answer(view, state.node, view.report_date))
        case "first_answer":
            return _first_answer(view, state)
        case _:
            return Trend("", uncapitalised(translate("term.outside_scale", view.language)))


def _moved(view: PublicView, state: MeasureState) -> Trend:
    """Return the change of a measure that is answered at both dates."""
    language, note = view.language, ""
    if state.category == "unchanged":
        times = times_unchanged(view, state)
        if times >= STANDSTILL:
            note = translate("report.in_row", language, n=times)
        return Trend("same", translate("term.same", language), note, Decimal(0))
    if state.is_newly_finished:
        note = translate("report.newly_finished", language)
    direction: Direction = "up" if state.category == "up" else "down"
    return Trend(direction, view.trend(state.change).words, note, state.change)


def _first_answer(view: PublicView, state: MeasureState) -> Trend:
    """Return the change since the last date with an answer, which it names; "ny" for none."""
    for day in reversed(view.days[:-1]):
        before = view.value(state.node, view.scored, day) if view.scored else None
        if isinstance(before, int | Decimal) and isinstance(state.now, int | Decimal):
            since = translate("report.since", view.language, date=view.date_text(day))
            change = Decimal(state.now) - Decimal(before)
            return Trend("", view.trend(change).words, since, change)
    is_new = view.previous_date and not state.node.is_active_on(view.previous_date)
    key = "report.new" if is_new else "term.first_answer"
    return Trend("", uncapitalised(translate(key, view.language)))


def times_unchanged(view: PublicView, state: MeasureState) -> int:
    """Return at how many of the last dates in a row a measure has had the value it has now."""
    count = 0
    for day in reversed(view.days):
        if view.scored is None or view.value(state.node, view.scored, day) != state.now:
            break
        count += 1
    return count


def is_standing(view: PublicView, state: MeasureState) -> bool:
    """Return True if a measure has had the same value at each of the last three dates."""
    return state.category == "unchanged" and times_unchanged(view, state) >= STANDSTILL


def move(view: PublicView, state: MeasureState) -> Move:
    """Return from which value to which a measure has moved."""
    nothing = StepLabel("–", "", missing=True)
    before, now = (value_label(view, value) or nothing for value in (state.before, state.now))
    return Move(before, now, trend_of(view, state))


def measure_link(view: PublicView, node: Node, *, with_area: bool = True) -> AnchorLink:
    """Return the name of a measure as a link to it; the note names its area and its number."""
    fields = {field.id: field for field in view.fields(node.level)}
    notes = []
    if with_area and view.report.template.area_level:
        notes.append(view.report.area_name(view.report.area_of[node.ref]))
    if "no" in fields and (number := view.text(node, fields["no"])):
        notes.append(translate("report.no_of", view.language, n=number))
    note = " · ".join(notes)
    return AnchorLink(view.name(node), view.anchor(node.ref), note, paged=True)


def reason(view: PublicView, state: MeasureState) -> Excerpt:
    """Return what the leader has written of a measure, cut at a word; a phrase for nothing."""
    leaf, language = view.report.template.leaf.id, view.language
    fields = [f for f in view.fields(leaf) if f.role == "input" and f.kind in _TEXT_KINDS]
    for field in sorted(fields, key=lambda field: field.id != "remark"):
        day = view.report_date if field.per_checkpoint else None
        text = " ".join(view.text(state.node, field, day).split())
        if len(text) > _LONGEST_REASON:
            more = translate("report.more", language)
            cut = shorten(text, _LONGEST_REASON, placeholder=" …")
            return Excerpt(cut, view.anchor(state.node.ref), more)
        if text:
            return Excerpt(text)
    return Excerpt(translate("report.no_reason", language))
