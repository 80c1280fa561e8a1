"""Rows of a plan or appendix of any template, whose hidden row keys are gone or on other rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.damage import head_of, put, read_block, table_rows, write_block
from tests.forms import book_of, rows_of, saved
from tests.plan.test_sorted_rows import ANSWERED, NAME, rows_in
from tests.plan.test_sorted_rows import edited as edited_table
from tests.sources import TEMPLATES, small
from xltiltak.model.register import Register
from xltiltak.model.report import Slot
from xltiltak.plan.plan_changes import plan_changes
from xltiltak.plan.plan_reader import read_appendix
from xltiltak.sheets.appendix import write_appendix
from xltiltak.templates import catalogue


def area_sheets(book: object) -> Iterator[Worksheet]:
    """Yield the area sheets of a plan."""
    for sheet in book:  # type: ignore[attr-defined]
        if "@code" in rows_of(sheet):
            yield sheet


def written(template: str, *, is_open: bool) -> Register:
    """Return a plan, or with `is_open` an appendix, of a template."""
    report = small(catalogue.find(template))
    values = {
        slot: value.replace("=", "") if isinstance(value, str) else value  # no formulas
        for slot, value in report.values.items()
    }
    report = replace(report, values=values)
    return Register(report.with_open_date(max(report.head.dates)) if is_open else report)


def edited(register: Register, edit: Callable[[Worksheet], object]) -> Register:
    """Return the register of its workbook after an edit of the first area sheet."""
    book = book_of(write_appendix(register))
    edit(next(area_sheets(book)))
    return read_appendix(saved(book))


def _clear(sheet: Worksheet) -> None:
    for row in range(1, sheet.max_row + 1):
        sheet.cell(row, 1).value = None


@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize("edit", [_clear, lambda sheet: sheet.delete_cols(1)])
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_sheet_without_its_hidden_column_is_the_same_sheet(
    template: str, edit: Callable[[Worksheet], object], *, is_open: bool
) -> None:
    register = written(template, is_open=is_open)
    read = edited(register, edit)
    assert read.report.nodes == register.report.nodes
    assert read.report.values == register.report.values
    assert [f.code for f in read.findings] == ["S107"]
    assert plan_changes(read.written, read) == ()


def _sort_visible(sheet: Worksheet) -> None:
    """Put the visible columns of all rows below the labels in another order."""
    rows, cols = table_rows(sheet), range(2, sheet.max_column + 1)
    mixed = Random(7).sample(rows, len(rows))
    write_block(sheet, rows, cols, read_block(sheet, mixed, cols))


TABLES = [name for name in TEMPLATES if catalogue.find(name).layout == "rows"]


@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize("template", TABLES)
def test_a_table_whose_visible_columns_were_sorted_keeps_each_value_with_its_text(
    template: str, *, is_open: bool
) -> None:
    register = written(template, is_open=is_open)
    read = edited(register, _sort_visible)
    leaf = register.report.template.leaf.id
    for slot, value in register.report.values.items():
        if register.report.by_ref[slot.ref].level == leaf:
            assert read.report.values.get(slot) == value
    assert [f.code for f in read.findings].count("S107") == 1
    assert not read.overridden_slots


CARDS = [name for name in TEMPLATES if catalogue.find(name).layout == "cards"]


@pytest.mark.parametrize("template", CARDS)
def test_cards_whose_visible_columns_changed_places_keep_their_values(template: str) -> None:
    register = written(template, is_open=True)
    report = register.report
    leaves = [n.ref for n in report.nodes if n.level == report.template.leaf.id]
    one, other = leaves[:2]

    def swap(sheet: Worksheet) -> None:
        rows, cols = rows_of(sheet), range(2, sheet.max_column + 1)
        first, second = (
            [r for key, r in rows.items() if key.split("|")[0] == ref] for ref in (one, other)
        )
        if len(first) == len(second):
            cells = read_block(sheet, first, cols), read_block(sheet, second, cols)
            write_block(sheet, first, cols, cells[1])
            write_block(sheet, second, cols, cells[0])

    read = edited(register, swap)
    assert read.report.values == report.values


def test_a_row_that_was_deleted_and_retyped_is_the_same_measure() -> None:
    def edit(sheet: Worksheet) -> None:
        (row,) = rows_in(sheet, "SAM-002")
        values = read_block(sheet, [row], range(2, 10))
        sheet.delete_rows(row)
        write_block(sheet, [sheet.max_row + 1], range(2, 10), values)

    read = edited_table(ANSWERED, edit)
    assert read.report.values == ANSWERED.report.values
    assert not read.rows_without_ref
    assert [f.code for f in read.findings] == ["S107"]


def test_rows_that_were_sorted_after_a_name_was_corrected_keep_their_refs() -> None:
    def edit(sheet: Worksheet) -> None:
        numbers = rows_in(sheet, "SAM-001", "SAM-002", "SAM-003")
        name = sheet.cell(numbers[1], NAME).value
        put(sheet, numbers[1], NAME, f"{name} nå")
        cells = read_block(sheet, [numbers[n] for n in (2, 0, 1)], range(2, 10))
        write_block(sheet, numbers, range(2, 10), cells)

    read = edited_table(ANSWERED, edit)
    kept = {s: v for s, v in ANSWERED.report.values.items() if s != Slot("SAM-002", "name")}
    assert {s: v for s, v in read.report.values.items() if s != Slot("SAM-002", "name")} == kept
    assert str(read.report.values[Slot("SAM-002", "name")]).endswith(" nå")
    assert [c.kind for c in plan_changes(read.written, read)] == ["renamed", "reordered"]


def test_a_row_pasted_over_another_is_told() -> None:
    """The text of one measure stands in two rows, that of the other is gone."""

    def edit(sheet: Worksheet) -> None:
        one, other = rows_in(sheet, "SAM-001", "SAM-002")
        write_block(sheet, [other], range(2, 10), read_block(sheet, [one], range(2, 10)))

    read = edited_table(ANSWERED, edit)
    name = ANSWERED.report.values[Slot("SAM-001", "name")]
    assert read.report.values[Slot("SAM-001", "name")] == name
    changes = plan_changes(read.written, read)
    assert {(c.kind, c.ref) for c in changes} >= {("renamed", "SAM-002")}


def test_the_labels_of_the_table_are_found_below_the_head_row() -> None:
    sheet = next(area_sheets(book_of(write_appendix(ANSWERED))))
    assert head_of(sheet) == rows_of(sheet)["@head"]
