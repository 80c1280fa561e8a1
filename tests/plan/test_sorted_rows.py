"""A plan or appendix whose visible columns were sorted: the hidden row keys stay behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from tests.forms import typed
from tests.merging.test_merge import FIRST, REPORT, SAM, SECOND, THIRD, merged, remark, status
from xltiltak.model.field_types import Value
from xltiltak.model.register import Register
from xltiltak.model.report import Report, Slot
from xltiltak.plan.plan_reader import read_appendix
from xltiltak.sheets.appendix import write_appendix

KEY, NO, NAME = 1, 2, 3
LAST_COLUMN = 9
ANSWERED = merged(typed(SAM, {status(FIRST): 3, status(SECOND): 4, remark(THIRD): "Lyst ut"}))


def edited(register: Register, edit: Callable[[Any], object]) -> Register:
    """Return the register read from its workbook after an edit of the first area's sheet."""
    book = openpyxl.load_workbook(BytesIO(write_appendix(register)))
    edit(book["Samfunn"])
    target = BytesIO()
    book.save(target)
    return read_appendix(target.getvalue())


def rows_in(sheet: Any, *refs: str) -> list[int]:
    """Return the rows of these refs."""
    numbers = {cell.value: cell.row for cell in sheet["A"]}
    return [numbers[ref] for ref in refs]


def reorder(sheet: Any, refs: Sequence[str], first_column: int = NO) -> None:
    """Put the rows of these refs, from a column on, in the places of the sheet's three measures."""
    numbers = rows_in(sheet, *refs)
    cells = [[cell.value for cell in sheet[number][first_column - 1 :]] for number in numbers]
    for number, values in zip(rows_in(sheet, FIRST, SECOND, THIRD), cells, strict=True):
        for col, value in enumerate(values, first_column):
            sheet.cell(number, col).value = value


def values_of(report: Report) -> dict[Slot, Value]:
    return dict(report.values)


@pytest.mark.parametrize(
    "refs", [(SECOND, FIRST, THIRD), (THIRD, SECOND, FIRST), (SECOND, THIRD, FIRST)]
)
@pytest.mark.parametrize("register", [Register(REPORT), ANSWERED], ids=["plan", "appendix"])
def test_a_sorted_table_keeps_each_ref_with_its_text_and_is_one_finding(
    register: Register, refs: Sequence[str]
) -> None:
    read = edited(register, lambda sheet: reorder(sheet, refs))
    assert values_of(read.report) == values_of(register.report)
    assert [n.ref for n in read.report.nodes if n.parent == "SAM"] == [*refs]
    assert not read.overridden_slots
    assert not read.rows_without_ref
    (finding,) = read.findings
    moved = sum(a != b for a, b in zip(refs, (FIRST, SECOND, THIRD), strict=True))
    assert (finding.code, finding.place.sheet, finding.values["count"]) == (
        "S107",
        "Samfunn",
        str(moved),
    )


def test_rows_moved_with_their_keys_are_no_finding() -> None:
    read = edited(ANSWERED, lambda sheet: reorder(sheet, (THIRD, SECOND, FIRST), KEY))
    assert values_of(read.report) == values_of(ANSWERED.report)
    assert not read.findings


def test_measures_that_have_changed_names_keep_their_refs() -> None:
    """Number and statuses stay with the keys: the coordinator has swapped two names."""

    def edit(sheet: Any) -> None:
        one, other = rows_in(sheet, FIRST, SECOND)
        names = sheet.cell(other, NAME).value, sheet.cell(one, NAME).value
        sheet.cell(one, NAME).value, sheet.cell(other, NAME).value = names

    read = edited(ANSWERED, edit)
    assert not read.findings
    assert read.report.values[Slot(FIRST, "name")] == REPORT.values[Slot(SECOND, "name")]
    assert read.report.values[status(FIRST)] == 3


def test_a_renamed_measure_keeps_its_ref() -> None:
    def edit(sheet: Any) -> None:
        sheet.cell(rows_in(sheet, FIRST)[0], NAME).value = "Noe helt annet"

    read = edited(ANSWERED, edit)
    assert not read.findings
    assert read.report.values[Slot(FIRST, "name")] == "Noe helt annet"
    assert read.report.values[status(FIRST)] == 3


def test_a_new_row_that_was_sorted_in_is_new_and_the_others_keep_their_refs() -> None:
    """The coordinator adds a row below, and sorts the visible columns of all four rows."""

    def edit(sheet: Any) -> None:
        numbers = rows_in(sheet, FIRST, SECOND, THIRD)
        below = numbers[-1] + 1
        sheet.insert_rows(below)
        rows = [[cell.value for cell in sheet[number][1:LAST_COLUMN]] for number in numbers]
        new = [9, "Aller først i alfabetet", *[None] * (LAST_COLUMN - 3)]
        for number, values in zip((*numbers, below), (new, *rows), strict=True):
            for col, value in enumerate(values, NO):
                sheet.cell(number, col).value = value

    read = edited(ANSWERED, edit)
    new = [ref for ref in read.report.by_ref if ref not in ANSWERED.report.by_ref]
    assert [read.report.values[Slot(ref, "name")] for ref in new] == ["Aller først i alfabetet"]
    assert {s: v for s, v in read.report.values.items() if s.ref not in new} == values_of(
        ANSWERED.report
    )
    assert [finding.code for finding in read.findings] == ["S107"]


def test_without_a_number_the_text_alone_decides() -> None:
    slots = [slot for slot in REPORT.values if slot.field == "name"]
    plan = replace(REPORT, values={slot: REPORT.values[slot] for slot in slots})
    read = edited(Register(plan), lambda sheet: reorder(sheet, (SECOND, FIRST, THIRD)))
    assert values_of(read.report) == values_of(plan)


def test_a_row_with_a_key_of_another_plan_is_a_new_measure() -> None:
    """Such a row was left out silently."""

    def edit(sheet: Any) -> None:
        row = rows_in(sheet, THIRD)[0] + 1
        sheet.insert_rows(row)
        sheet.cell(row, KEY).value, sheet.cell(row, NAME).value = "XYZ-001", "Fra en annen plan"

    read = edited(ANSWERED, edit)
    assert "Fra en annen plan" in read.report.values.values()
    assert [finding.code for finding in read.rows_without_ref] == ["M106"]
