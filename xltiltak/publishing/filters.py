"""What readers of the web page can select measures by: questions, areas and steps.

Start with `measure_filters`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from xltiltak.model.language import translate
from xltiltak.model.report import Node
from xltiltak.model.template import Step
from xltiltak.publishing.measures import is_standing
from xltiltak.publishing.public_view import PublicView

OTHER_QUESTIONS = ("unanswered", "late", "ended", "standing", "newly_finished", "finished")
_OWN_WORDS = ("late", "ended", "standing", "newly_finished")  # the others are terms of the report


@dataclass(frozen=True, slots=True)
class Question:
    """A question about all measures, such as which ones fell.

    `key` names it, `label` is its text, and `count` is the number of measures that it selects.
    """

    key: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class MeasureTags:
    """What a measure is selected by.

    `area` is the anchor of its chapter and `step` its step at the report's date; each is empty for
    none. `answers` are the keys of the questions that select it.
    """

    area: str = ""
    step: str = ""
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filters:
    """How readers can select measures.

    `areas` are pairs of anchor and name, `steps` pairs of value and words. `tags` holds those of
    each row and card, by its anchor.
    """

    questions: tuple[Question, ...] = ()
    areas: tuple[tuple[str, str], ...] = ()
    steps: tuple[tuple[str, str], ...] = ()
    tags: Mapping[str, MeasureTags] = field(default_factory=dict)


NO_FILTERS = Filters()


def measure_filters(view: PublicView) -> Filters:
    """Return the questions, areas and steps of a report, and what each measure has of them."""
    has_areas = view.report.template.area_level is not None
    tags = {}
    for node in view.report.nodes:
        if _is_row(view, node):
            area = view.anchor(view.report.area_of[node.ref]) if has_areas else ""
            answers = tuple(_answers(view, node))
            tags[view.anchor(node.ref)] = MeasureTags(area, _step(view, node), answers)
    areas = [(view.anchor(ref), view.report.area_name(ref)) for ref in view.report.area_refs]
    return Filters(
        questions=tuple(_questions(view, tags)),
        areas=tuple(areas) if has_areas else (),
        steps=tuple(_steps(view, {tag.step for tag in tags.values()})),
        tags=tags,
    )


def _is_row(view: PublicView, node: Node) -> bool:
    """Return True for what is a row or a card: measures, and groups without any or a heading."""
    if node.level == view.report.template.leaf.id:
        return True
    level = view.report.template.level(node.level)
    return not view.children.get(node.ref) and not view.geometry.has_title_line(level)


def _questions(view: PublicView, tags: Mapping[str, MeasureTags]) -> Iterator[Question]:
    """Yield the categories, whose counts sum to all measures, then what overlaps with them.

    Questions with which nothing can be told apart are left out, except the categories.
    """
    counts = Counter(key for tag in tags.values() for key in tag.answers)
    categories = view.categories if _has_movement(view) else ()
    others = (key for key in OTHER_QUESTIONS if 0 < counts[key] < len(tags))
    for key in dict.fromkeys((*categories, *others)):
        label = translate(
            f"html.question.{key}" if key in _OWN_WORDS else f"term.{key}", view.language
        )
        yield Question(key, label, counts[key])


def _has_movement(view: PublicView) -> bool:
    """Return True if measures are compared with an earlier date."""
    return bool(view.scored and view.previous_date and view.has_answers)


def _answers(view: PublicView, node: Node) -> Iterator[str]:
    """Yield the keys of the questions that select a measure."""
    state = view.states.get(node.ref)
    if state is None:
        if not node.is_active_on(view.report_date):
            yield "ended"
        return
    if state.category:
        yield state.category
    elif state.is_asked and not state.is_answered:
        yield "unanswered"
    if node.ref in view.report.overdue:
        yield "late"
    if is_standing(view, state):
        yield "standing"
    if state.is_newly_finished:
        yield "newly_finished"
    if state.is_finished:
        yield "finished"


def _steps(view: PublicView, used: AbstractSet[str]) -> Iterator[tuple[str, str]]:
    """Yield the steps that measures are at, in the order of their scale: value and words."""
    labels = (view.step_label(scale, step.value) for scale in _scales(view) for step in scale)
    words = {label.value or label.word: f"{label.value} {label.word}".strip() for label in labels}
    yield from ((step, text) for step, text in words.items() if step in used)


def _scales(view: PublicView) -> Iterator[Sequence[Step]]:
    """Yield the steps of the field with a mean; without one those of all fields of measures."""
    leaf = view.report.template.leaf.id
    for one in (view.scored,) if view.scored else view.fields(leaf):
        yield view.geometry.field_types[leaf, one.id].steps


def _step(view: PublicView, node: Node) -> str:
    """Return the step of a measure at the report's date; empty without an answer.

    It is that of the field with a mean; without such a field that of the last one with steps.
    """
    step = ""
    if not node.is_active_on(view.report_date):
        return step
    is_measure = node.level == view.report.template.leaf.id
    for one in (view.scored,) if view.scored and is_measure else view.fields(node.level):
        day = view.report_date if one.per_checkpoint else None
        value = view.value(node, one, day) if one.applies(view.groups[node.ref]) else None
        steps = view.field_type(node, one).steps
        if value is not None and steps:
            label = view.step_label(steps, value)
            step = label.value or label.word
    return step
