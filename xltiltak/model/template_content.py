"""Compare the content of two templates: what decides how an answer is read.

Content is levels, fields (kind, role, scale, dates, required), the values, labels and aliases of
steps and closed groups, and the layout: a table is read in another way than cards. Other looks,
headings, widths and explanations are not content.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from xltiltak.model.language import quoted, translate
from xltiltak.model.template import Template

_MOST_TOLD, _LONGEST_TOLD = 10, 60  # differences in one message; characters of a name in it
_MOST_RECENT = 8
_FIELD_KEYS = (
    "kind",
    "role",
    "scale",
    "per_checkpoint",
    "required",
    "only",
    "unit",
    "unit_from",
    "carry_done",
    "compute",
    "compare",
    "bands",
    "required_when",
)
Keys = Mapping[str, object]  # what a part has under the keys of a template file


class TemplatePlace(NamedTuple):
    """A part of a template, and the ids that lead to it.

    The kinds are "template", "level", "group", "field" and "step".
    """

    kind: str
    owner: str
    id: str


class PartContent(NamedTuple):
    """The name of a part for people, and its content."""

    name: str
    keys: Keys


Content = Mapping[TemplatePlace, PartContent]
_recent: list[tuple[Template, Content]] = []  # a list, because a template has no hash


def has_same_content(one: Template, other: Template) -> bool:
    """Return True if every answer means the same in both templates."""
    return one is other or _keys_of(one) == _keys_of(other)


def _keys_of(template: Template) -> Mapping[TemplatePlace, Keys]:
    return {place: part.keys for place, part in content_of(template).items()}


def content_of(template: Template) -> Content:
    """Return the content of every part. That of the latest templates is kept."""
    for known, content in _recent:
        if known is template:
            return content
    content = dict(_parts(template))
    _recent.append((template, content))
    del _recent[:-_MOST_RECENT]
    return content


def _parts(template: Template) -> Iterator[tuple[TemplatePlace, PartContent]]:
    keys: Keys = {"layout": template.layout}
    yield TemplatePlace("template", "", ""), PartContent(template.id, keys)
    for n, level in enumerate(template.levels, 1):
        keys = {"levels": n, "optional": level.optional}
        yield TemplatePlace("level", "", level.id), PartContent(level.label, keys)
        for group in level.groups:
            keys = {"label": group.label, "aliases": group.aliases}
            yield TemplatePlace("group", level.id, group.id), PartContent(group.label, keys)
    for field in template.fields:
        place = TemplatePlace("field", field.of or template.leaf.id, field.id)
        yield (
            place,
            PartContent(field.label_for(), {key: getattr(field, key) for key in _FIELD_KEYS}),
        )
    for name, steps in template.scales.items():
        for step in steps:
            keys = {"label": step.label, "aliases": step.aliases}
            yield (
                TemplatePlace("step", name, repr(step.value)),
                PartContent(f"{step.value} {step.label}", keys),
            )


def describe_differences(form: Template, plan: Template, language: str) -> str:
    """Return in words what differs: each part, with what the form and the plan have of it."""
    told = list(_differences(content_of(form), content_of(plan), language))
    rest = [f"… ({len(told) - _MOST_TOLD})"] if len(told) > _MOST_TOLD else []
    return "; ".join([*told[:_MOST_TOLD], *rest])


def _differences(form: Content, plan: Content, language: str) -> Iterator[str]:
    for place in dict.fromkeys((*form, *plan)):
        found = plan.get(place) or form[place]
        name = quoted(found.name[:_LONGEST_TOLD], language)
        part = translate(f"template_content.{place.kind}", language, name=name)
        if place not in plan or place not in form:
            key = "only_form" if place in form else "only_plan"
            yield translate(f"template_content.{key}", language, part=part)
            continue
        of_form, of_plan = form[place].keys, plan[place].keys
        for key in of_form:
            if of_form[key] != of_plan[key]:
                yield translate(
                    "template_content.differs",
                    language,
                    part=part,
                    name=key,
                    form=_shown(of_form[key]),
                    plan=_shown(of_plan[key]),
                )


def _shown(value: object) -> str:
    """Return a value as in a template file, or – if it is empty."""
    text = ", ".join(value) if isinstance(value, tuple) else str(value)
    return (text.lower() if isinstance(value, bool) else text)[:_LONGEST_TOLD] or "–"
