"""The list of a cell: every step of every scale can be chosen, however long its words are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet.datavalidation import DataValidation

from tests.forms import KEY, book_of, open_slots, places, saved
from tests.sources import report_of
from xltiltak.intake.returned_file import parse_return
from xltiltak.layout.geometry import geometry_of
from xltiltak.merging.merge import merge
from xltiltak.model.field_types import FieldType, ScaleType, Value
from xltiltak.model.register import Register
from xltiltak.model.report import Report, Slot
from xltiltak.model.template import Step, Template
from xltiltak.sheets.appendix import write_appendix
from xltiltak.sheets.forms import write_form

LISTED = (
    "tiltaksstatus",
    "handlingsplan",
    "programstatus",
)  # rows with a scale, cards with choices
WORDS = {
    "short": "{label}",
    "long": "{label}, men arbeidet er ikke kommet så langt som det var tenkt da planen ble vedtatt",
    "with commas": "{label}, altså",
    "with signs": '{label} <b> & "så"',
    "longer than a formula": "{label} " + "svært " * 60,
}


def renamed(template: Template, words: str) -> Template:
    """Return the template with these words as the labels of all steps."""

    def label(step: Step) -> Step:
        return replace(step, label=" ".join(words.format(label=step.label).split()))

    scales = {name: tuple(map(label, steps)) for name, steps in template.scales.items()}
    return replace(template, scales=scales)


def report_with(template: str, words: str) -> Report:
    """Return the report of a template whose steps have other words, with its last date open."""
    report = report_of(template)
    report = replace(report, template=renamed(report.template, WORDS[words]))
    return report.with_open_date(report.head.dates[-1]) if report.head.dates else report


def lists(book: Workbook) -> Iterator[DataValidation]:
    """Yield the lists of all cells."""
    for sheet in book.worksheets:
        yield from (r for r in sheet.data_validations.dataValidation if r.type == "list")


def choices(book: Workbook, rule: DataValidation) -> list[Any]:
    """Return what a list offers, as spreadsheet programs find it."""
    source = rule.formula1 or ""
    if source.startswith('"'):
        listed = source.strip('"')
        assert len(listed.encode("utf-16-le")) <= 510
        return [int(text) if text.isdigit() else text for text in listed.split(",")]
    sheet, _, cells = source.rpartition("!")
    left, first, right, last = range_boundaries(cells)
    assert first == last
    return [
        found.value
        for row in book[sheet.strip("'")].iter_rows(first, last, left, right)
        for found in row
    ]


def wanted(field_type: FieldType, *, is_form: bool) -> list[object]:
    """Return what the list of a field should offer: in a form the words of a scale too."""
    if not isinstance(field_type, ScaleType):
        return [step.label for step in field_type.steps]
    has_words = is_form and max(map(len, field_type.words)) < 250  # a formula has to count them
    return [*(field_type.words if has_words else ()), *(step.value for step in field_type.steps)]


def asked(part: Report) -> Iterator[tuple[Slot, FieldType]]:
    """Yield the open slots with steps of a part, and their types."""
    types = geometry_of(part.template).field_types
    for slot in open_slots(part):
        field_type = types[part.by_ref[slot.ref].level, slot.field]
        if field_type.steps:
            yield slot, field_type


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("template", LISTED)
def test_every_step_can_be_chosen_in_a_form_and_is_read(template: str, words: str) -> None:
    report = report_with(template, words)
    area = next(ref for ref, part in report.parts().items() if any(asked(part)))
    part = report.parts()[area]
    book = book_of(write_form(part, area, {area: report.area_name(area)}, KEY))
    chosen: dict[Slot, Value] = {}
    for slot, field_type in asked(part):
        at = places(part)[slot][0]
        cell = book.worksheets[0].cell(at.row, at.col)
        (rule,) = (rule for rule in lists(book) if cell.coordinate in rule.sqref)
        offered = choices(book, rule)
        assert offered == wanted(field_type, is_form=True)
        number = len(chosen) % len(field_type.steps)
        cell.value = offered[number]
        chosen[slot] = field_type.steps[number].value
    read = parse_return("svar.xlsx", saved(book), key=KEY)
    assert read.is_proven
    assert not list(read.all_findings())
    values = merge(Register(report, key=KEY), [read]).report.values
    assert {slot: values[slot] for slot in chosen} == chosen


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("template", LISTED)
def test_every_step_can_be_chosen_in_an_appendix(template: str, words: str) -> None:
    report = report_with(template, words)
    book = book_of(write_appendix(Register(report)))
    types = [t for t in geometry_of(report.template).field_types.values() if t.steps]
    offered = [choices(book, rule) for rule in lists(book)]
    for field_type in types:
        assert wanted(field_type, is_form=False) in offered
