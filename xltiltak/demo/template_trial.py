"""Try a template: build everything that is ever made of it, in memory, and read it back.

The trial report has two areas, a few measures in every closed group, two reporting dates, and a
value of the right kind in every slot. `try_template` takes it through a whole round: plan, forms,
answers, appendix, reports.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from xltiltak.importers.labels import FieldColumn, Labels
from xltiltak.intake.returned_file import parse_return
from xltiltak.layout.geometry import geometry_of
from xltiltak.merging.merge import merge
from xltiltak.model import files
from xltiltak.model.errors import TemplateProblem
from xltiltak.model.field_types import FieldType, Value
from xltiltak.model.register import Register
from xltiltak.model.report import Area, Head, Node, Report
from xltiltak.model.template import Template
from xltiltak.model.template_checks import Problem
from xltiltak.model.visible_text import shortened, visible
from xltiltak.plan.plan_reader import read_appendix
from xltiltak.publishing.public_view import public_view
from xltiltak.publishing.publication import FORMATS, Publication
from xltiltak.sheets.appendix import write_appendix
from xltiltak.sheets.forms import write_area_sheets
from xltiltak.sheets.workbook import new_workbook
from xltiltak.snapshot.hidden_sheet import form_rows
from xltiltak.templates import catalogue
from xltiltak.templates.template_tools import TemplateCheck, check_template

_DATES = (date(2020, 4, 30), date(2021, 12, 15))  # day, month and year differ
_AREAS, _MEASURES = 2, 3  # measures in each group
_LONGEST_ERROR = 200  # characters
_STOPPED = {"plan": "trial_plan", "form": "trial_form", "appendix": "trial_appendix"}


def check_and_try(name: str) -> TemplateCheck:
    """Return the problems and findings of a template by its name, its folder or its file.

    Only what has no other problem is tried. Raise TemplateError if there is no such template.
    """
    folder = catalogue.folder_of(name, files.working_folder())
    checked = check_template(folder)
    if checked.template is None:
        return checked
    file = f"{visible(folder.name)}/{catalogue.FILE}"
    problems = tuple((file, *problem) for problem in try_template(checked.template))
    return replace(checked, template=None, problems=problems) if problems else checked


def try_template(template: Template, formats: Collection[str] = tuple(FORMATS)) -> list[Problem]:
    """Return what goes wrong with a template when everything is built of it.

    `formats` are the suffixes of the reports to build. The template has no other problem.
    """
    problems, step = list(_label_problems(template)), "plan"
    try:
        for step, found in _steps(trial_report(template), formats):  # noqa: B007 - told below
            problems += found
    except Exception as error:  # noqa: BLE001 - the author hears of it before anybody else does
        key = _STOPPED.get(step, "trial_report")
        problem = TemplateProblem(key, format=step, error=shortened(repr(error), _LONGEST_ERROR))
        problems.append(("-", problem))
    return list(dict(problems).items())


def _steps(report: Report, formats: Collection[str]) -> Iterator[tuple[str, list[Problem]]]:
    """Yield each step of a round before it is made, then with the values that it loses."""
    asked = {slot for slot, field, node in report.slots() if report.is_open(field, slot.date, node)}
    given = {slot: value for slot, value in report.values.items() if slot not in asked}
    sent = report.with_same_nodes(values=given)
    yield "plan", []
    yield "plan", _lost(sent, read_appendix(write_appendix(Register(sent))).report)
    yield "form", []
    returned = [
        parse_return(f"{ref}.xlsx", _filled_form(part, sent.parts()[ref], ref))
        for ref, part in report.iter_parts()
    ]
    merged = merge(Register(sent), returned)
    yield "form", _lost(report, merged.report)
    yield "appendix", []
    yield "appendix", _lost(report, read_appendix(write_appendix(merged)).report)
    publication = Publication(merged, public_view(merged), formats=frozenset(formats))
    for suffix in formats:
        yield suffix, []
        FORMATS[suffix](publication)


def _filled_form(part: Report, sent: Report, area: str) -> bytes:
    """Return the form of an area as it comes back: sent empty, and filled in with all values."""
    target = BytesIO()
    with new_workbook(target, sent.head) as book:
        write_area_sheets(book, {area: part})
        book.add_hidden_sheet(form_rows(sent, {area: sent.area_name(area)}, ""))
    return target.getvalue()


def _lost(expected: Report, read: Report) -> list[Problem]:
    """Return the fields with a value that did not come back."""
    problems = []
    for slot, value in expected.values.items():
        if read.values.get(slot) != value:
            values = {"value": str(value), "read": str(read.values.get(slot))}
            problems.append((f"fields.{slot.field}", TemplateProblem("trial_lost", **values)))
    return problems


def _label_problems(template: Template) -> Iterator[Problem]:
    """Yield the labels with dates that an import does not know again in a table."""
    labels = Labels(template, _DATES)
    for field in template.fields:
        level = field.of or template.leaf.id
        for day in _DATES if field.per_checkpoint else ():
            if FieldColumn(level, field.id, day) not in labels.columns_of(field.label_for(day)):
                values = {"label": field.label_for(day), "date": day}
                yield f"fields.{field.id}.label", TemplateProblem("label_not_read", **values)


def trial_report(template: Template) -> Report:
    """Return a report with a value in every slot; its second date is open."""
    head = Head("TRY", "Prøve", "Prøve", _DATES[0].year, template.language, _DATES, _DATES[-1])
    nodes = tuple(_nodes(template))
    bare = Report(template, head, nodes)
    areas = {ref: Area(highest=len(nodes)) for ref in bare.area_refs}
    field_types = geometry_of(template, _DATES, template.language).field_types
    values = {
        slot: value
        for n, (slot, field, node) in enumerate(bare.slots())
        if (value := sample(field_types[node.level, field.id], n, template.language)) is not None
    }
    return Report(template, head, nodes, values, areas)


def _nodes(template: Template, depth: int = 0, parent: str | None = None) -> Iterator[Node]:
    """Yield the nodes below a node, in all closed groups."""
    level = template.levels[depth]
    count = _MEASURES if level is template.leaf else _AREAS if depth == 0 else 1
    for n, group in enumerate([group.id for group in level.groups] or [None] * count, 1):
        ref = f"{parent}-{n:03}" if parent else f"T{n}"
        yield Node(ref, level.id, parent, group)
        if level is not template.leaf:
            yield from _nodes(template, depth + 1, ref)


def sample(field_type: FieldType, n: int, language: str) -> Value | None:
    """Return the nth value of a kind; None if no sample is one."""
    if field_type.steps:
        return field_type.steps[n % len(field_type.steps)].value
    texts = f"Ord og {n}", "Flere ord"
    samples = (n, texts[0], n + Decimal("1.5"), _DATES[0] + timedelta(days=n), texts)
    return next((value for value in samples if _is_value(field_type, value, language)), None)


def _is_value(field_type: FieldType, value: Any, language: str) -> bool:
    """Return True if a value comes back from the cells of its kind."""
    try:
        cells = field_type.to_cells(value)
        return field_type.parse(cells, language).value == value and bool(field_type.to_json(value))
    except (AttributeError, TypeError, ValueError):
        return False
