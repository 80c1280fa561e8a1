"""The rules about templates that are valid, but may not do what was intended (T101–T108)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

from xltiltak.layout.geometry import Column, Geometry
from xltiltak.merging.registry import rule
from xltiltak.model.field_types import KINDS_WITH_STEPS, FieldType, help_text
from xltiltak.model.finding import About, Finding, Place
from xltiltak.model.normalize import normalize
from xltiltak.model.template import Step, Template
from xltiltak.xlsx.excel_limits import MESSAGE, length_in_excel

WIDEST = 200  # characters; so wide a table is printed on A4, across, with letters of 7.5 points
_DATES = (date(2020, 4, 30), date(2020, 8, 31), date(2020, 12, 31))  # the usual ones of a year
# A value of every type.
_SAMPLES: tuple[Any, ...] = (7, "Ord og 7", Decimal("7.5"), _DATES[0], ("Ord og 7",))


def check_template_rules(template: Template, file: str, folder: str) -> Iterator[Finding]:
    """Yield the findings about a template. `file` and `folder` are names."""
    place = Place(file)
    yield from unused_scale(template, place)
    yield from steps_alike(template, place)
    yield from table_too_wide(template, place)
    yield from heading_unreadable(template, place)
    yield from folder_named_otherwise(template, place, folder)
    yield from help_is_cut(template, place)


@rule("T101")
def unused_scale(template: Template, place: Place) -> Iterator[Finding]:
    """Yield T101 for every scale that no field uses."""
    used = {name for field in template.fields for name in (field.scale, field.bands)}
    for name in template.scales.keys() - used:
        yield Finding.create("T101", place, About(what=f"scales.{name}"), value=name)


@rule("T104")
def steps_alike(template: Template, place: Place) -> Iterator[Finding]:
    """Yield T104 for two steps with a common value, label or alias, which can mean either."""
    for name, steps in template.scales.items():
        about = About(what=f"scales.{name}")
        for step, other in combinations(steps, 2):
            if common := sorted(_words(step) & _words(other)):
                yield Finding.create(
                    "T104",
                    place,
                    about,
                    value=step.label,
                    other=other.label,
                    both=", ".join(common),
                )


@rule("T105")
def table_too_wide(template: Template, place: Place) -> Iterator[Finding]:
    """Yield T105 if the table, with three reporting dates, is too wide for a readable print."""
    geometry = Geometry(template, _DATES)
    width = sum(geometry.widths.values()) if geometry.is_table else 0
    if width > WIDEST:
        about = About(what="fields.*.width")
        yield Finding.create("T105", place, about, width=f"{width:.0f}", limit=WIDEST)


@rule("T106")
def heading_unreadable(template: Template, place: Place) -> Iterator[Finding]:
    """Yield T106 for every heading whose value cannot be read back from its text.

    Then a heading that somebody has edited is not understood. The same goes for closed groups with
    equal labels.
    """
    columns = Geometry(template, _DATES).columns
    for level in template.levels:
        about = About(what=f"levels.{level.id}.heading")
        for column in (c for c in columns[level.id] if c.pattern != "{}"):
            if not _reads_back(column, template.language):
                yield Finding.create("T106", place, about, value=level.heading)
        labels = [normalize(group.label) for group in level.groups]
        for label in sorted({label for label in labels if labels.count(label) > 1}):
            yield Finding.create("T106", place, about, value=label)


@rule("T107")
def folder_named_otherwise(template: Template, place: Place, folder: str) -> Iterator[Finding]:
    """Yield T107 if the folder is not called as the template's id: only one of them is found."""
    if template.id != folder:
        yield Finding.create("T107", place, About(what="id"), value=template.id, folder=folder)


@rule("T108")
def help_is_cut(template: Template, place: Place) -> Iterator[Finding]:
    """Yield T108 for every field whose help is longer than Excel shows: its labels are cut."""
    for field, field_type in _fields_with_steps(template).items():
        length = length_in_excel(help_text(field_type))
        if length > MESSAGE:
            about = About(what=f"fields.{field}")
            yield Finding.create("T108", place, about, length=length, limit=MESSAGE)


def _fields_with_steps(template: Template) -> Mapping[str, FieldType]:
    """Return the type of every field with a list in its cells, by the field's id."""
    field_types = Geometry(template).field_types
    return {
        field.id: field_types[field.of or template.leaf.id, field.id]
        for field in template.fields
        if field.kind in KINDS_WITH_STEPS
    }


def _words(step: Step) -> set[str]:
    """Return everything that can be typed for a step, normalized."""
    return {normalize(str(word)) for word in (step.value, step.label, *step.aliases)}


def _reads_back(column: Column, language: str) -> bool:
    """Return True if a value of the column can be read back from its heading.

    One value is enough, because all values of a field are written in the same way.
    """
    for value in (*(step.value for step in column.field_type.steps), *_SAMPLES):
        if column.field_type.parse(cells := _cells(column, value), language).value == value:
            found = column.extract_value(column.pattern.format(*cells), language)
            return bool(column.field_type.parse([found], language).value == value)
    return False


def _cells(column: Column, value: Any) -> tuple[Any, ...]:
    """Return the cells of a value; none if it is not a value of the column's field."""
    try:
        return column.field_type.to_cells(value)
    except (TypeError, ValueError):
        return ()
