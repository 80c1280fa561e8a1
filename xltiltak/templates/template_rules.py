"""What the author of a template should hear although it can be used: what prints badly, or says less than it seems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from xltiltak.layout.geometry import Column, Geometry
from xltiltak.merging.registry import rule
from xltiltak.model.field_types import KINDS_WITH_STEPS
from xltiltak.model.finding import About, Finding, Place
from xltiltak.model.normalize import normalize
from xltiltak.model.template import Field, Step, Template

LONGEST_LIST = 255  # characters Excel takes of the choices of a cell, commas too
WIDEST = 200  # characters; a table this wide is printed across A4 with letters of 7.5 points
_DATES = (
    date(2020, 4, 30),
    date(2020, 8, 31),
    date(2020, 12, 31),
)  # as often as is usual in a year
_SAMPLES: tuple[Any, ...] = (
    7,
    "Ord og 7",
    Decimal("7.5"),
    _DATES[0],
    ("Ord og 7",),
)  # one of every type of value


def check_template_rules(template: Template, file: str, folder: str) -> Iterator[Finding]:
    """Everything there is to tell of a template that can be used; `file` and `folder` are what they are called."""
    place = Place(file)
    yield from unused_scale(template, place)
    yield from list_too_long(template, place)
    yield from comma_in_choice(template, place)
    yield from steps_alike(template, place)
    yield from table_too_wide(template, place)
    yield from heading_unreadable(template, place)
    yield from folder_named_otherwise(template, place, folder)


@rule("T101")
def unused_scale(template: Template, place: Place) -> Iterator[Finding]:
    """No field asks for this scale: it is left over, or a field was meant to."""
    used = {field.scale for field in template.fields}
    for name in template.scales.keys() - used:
        yield Finding.create("T101", place, About(what=f"scales.{name}"), value=name)


@rule("T102")
def list_too_long(template: Template, place: Place) -> Iterator[Finding]:
    """The choices together are longer than Excel takes, and the cell gets no list to choose from."""
    for field, said in _choices(template).items():
        length = len(",".join(said))
        if length > LONGEST_LIST:
            yield Finding.create(
                "T102", place, About(what=f"fields.{field}"), length=length, limit=LONGEST_LIST
            )


@rule("T103")
def comma_in_choice(template: Template, place: Place) -> Iterator[Finding]:
    """Excel parts its list at every comma: half a choice stands in it, and the whole one is refused."""
    for field, said in _choices(template).items():
        for text in (text for text in said if "," in text):
            yield Finding.create("T103", place, About(what=f"fields.{field}"), value=text)


@rule("T104")
def steps_alike(template: Template, place: Place) -> Iterator[Finding]:
    """Two steps of a scale have a value, a label or an alias in common: what somebody writes could be either."""
    for name, steps in template.scales.items():
        for n, step in enumerate(steps):
            for other in steps[n + 1 :]:
                if both := sorted(_words(step) & _words(other)):
                    about = About(what=f"scales.{name}")
                    yield Finding.create(
                        "T104",
                        place,
                        about,
                        value=step.label,
                        other=other.label,
                        both=", ".join(both),
                    )


@rule("T105")
def table_too_wide(template: Template, place: Place) -> Iterator[Finding]:
    """With three reporting dates the columns are wider than a page shows in letters one can read."""
    geometry = Geometry(template, _DATES)
    width = sum(geometry.widths.values()) if geometry.is_table else 0
    if width > WIDEST:
        yield Finding.create(
            "T105", place, About(what="fields.*.width"), width=f"{width:.0f}", limit=WIDEST
        )


@rule("T106")
def heading_unreadable(template: Template, place: Place) -> Iterator[Finding]:
    """What a heading shows cannot be told from the words around it, so a heading that is edited is not understood."""
    columns = Geometry(template, _DATES).columns
    for level in template.levels:
        about = About(what=f"levels.{level.id}.heading")
        for column in (c for c in columns[level.id] if c.pattern != "{}"):
            if not _reads_back(column):
                yield Finding.create("T106", place, about, value=level.heading)
        labels = [normalize(group.label) for group in level.groups]
        for label in sorted({label for label in labels if labels.count(label) > 1}):
            yield Finding.create("T106", place, about, value=label)


@rule("T107")
def folder_named_otherwise(template: Template, place: Place, folder: str) -> Iterator[Finding]:
    """A template is found by its folder's name and listed by its id; where they differ, one of them is not found."""
    if template.id != folder:
        yield Finding.create("T107", place, About(what="id"), value=template.id, folder=folder)


def _choices(template: Template) -> Mapping[str, list[str]]:
    """What each field with a list in its cells lets one choose."""
    stepped = [field for field in template.fields if field.kind in KINDS_WITH_STEPS]
    return {field.id: _offered(field, template) for field in stepped}


def _offered(field: Field, template: Template) -> list[str]:
    kinds = Geometry(template).field_types
    return [
        str(text) for text in kinds[field.of or template.leaf.id, field.id].validation()["source"]
    ]


def _words(step: Step) -> set[str]:
    return {normalize(str(word)) for word in (step.value, step.label, *step.aliases)}


def _reads_back(column: Column) -> bool:
    """Does a value come back from its heading? Any value its kind can hold will do, for they are packed alike."""
    for value in (*(step.value for step in column.field_type.steps), *_SAMPLES):
        if column.field_type.parse(cells := _cells(column, value)).value == value:
            shown = column.pattern.format(*cells)
            return bool(column.field_type.parse([column.extract_value(shown)]).value == value)
    return False


def _cells(column: Column, value: Any) -> tuple[Any, ...]:
    try:
        return column.field_type.to_cells(value)
    except (TypeError, ValueError):  # no value of this kind
        return ()
