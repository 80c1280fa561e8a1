"""Test edits of an answer with several rows: nothing is lost or changed silently."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from openpyxl.worksheet.worksheet import Worksheet

from tests.conservation import GOALS, Returned
from tests.damage import non_empty_cells, put, read_block, write_block
from tests.forms import forms_of, retyped
from tests.rounds.test_conservation import after, at
from xltiltak.intake.returned_file import parse_return
from xltiltak.merging.merge import merge
from xltiltak.model.field_types import Value
from xltiltak.model.register import Register
from xltiltak.model.report import Slot

SLOT = Slot("TES-001", "follow_up")
FIRST, SECOND, THIRD = (f"TES-001|follow_up|{n}" for n in (1, 2, 3))
VALUES = 4  # the column of the values
BOTH = ("svar-1-a", "svar-1-b")


def row(mark: str) -> int:
    """Where a mark stands in the form."""
    return at("goals", mark)


def edited(edit: Callable[[Worksheet], object]) -> Returned:
    """Return what is read from a form with two paragraphs in its first answer, edited so."""
    return after("goals", edit)


def value(form: Returned) -> Value | None:
    """Return the answer as it was read."""
    return form.merged.report.values.get(SLOT)


def codes(form: Returned) -> set[str]:
    """Return the findings about the form."""
    return {finding.code for finding in form.merged.findings} - {"M101", "M102"}


def inserted(before: int, text: str) -> Callable[[Worksheet], None]:
    """Insert a row before another, with a text and without a row key."""

    def edit(sheet: Worksheet) -> None:
        sheet.insert_rows(before)
        put(sheet, before, VALUES, text)

    return edit


def moved(source: int, target: int) -> Callable[[Worksheet], None]:
    """Cut a whole row and insert it before another."""

    def edit(sheet: Worksheet) -> None:
        cells = [cell.value for cell in sheet[source]]
        sheet.delete_rows(source)
        sheet.insert_rows(target)
        for col, raw in enumerate(cells, 1):
            put(sheet, target, col, raw)

    return edit


def emptied(*marks: str) -> Callable[[Worksheet], None]:
    """Rows taken out."""

    def edit(sheet: Worksheet) -> None:
        for number in sorted(map(row, marks), reverse=True):
            sheet.delete_rows(number)

    return edit


def test_an_untouched_answer_is_what_was_typed() -> None:
    assert value(edited(lambda _: None)) == BOTH


def test_a_row_put_in_between_belongs_to_the_answer_above() -> None:
    assert value(edited(inserted(row(SECOND), "midt i"))) == ("svar-1-a", "midt i", "svar-1-b")


def test_a_row_put_in_before_the_first_belongs_to_the_answer_below() -> None:
    form = edited(inserted(row(FIRST), "aller først"))
    assert value(form) == ("aller først", *BOTH)
    assert (
        form.merged.report.values[Slot("TES-001", "indicators")]
        == GOALS.values[Slot("TES-001", "indicators")]
    )


def test_text_in_the_line_of_air_below_joins_the_answer_above() -> None:
    guard = next(n for n in range(row(THIRD), row(THIRD) + 5) if n not in _marked())
    form = edited(lambda sheet: put(sheet, guard, VALUES, "i luften"))
    assert value(form) == (*BOTH, "i luften")


def _marked() -> set[int]:
    form = edited(lambda _: None)
    return {number for number, col, _ in form.cells if col == 1}


def test_blank_rows_between_mean_nothing() -> None:
    def edit(sheet: Worksheet) -> None:
        put(sheet, row(THIRD), VALUES, "svar-1-b")
        put(sheet, row(SECOND), VALUES, None)

    assert value(edited(edit)) == BOTH


def test_all_pasted_into_one_cell_is_the_same_answer() -> None:
    def edit(sheet: Worksheet) -> None:
        put(sheet, row(FIRST), VALUES, "svar-1-a\n\nsvar-1-b")
        put(sheet, row(SECOND), VALUES, None)

    assert value(edited(edit)) == BOTH


def test_a_copied_row_is_one_more_where_it_is_seen() -> None:
    def edit(sheet: Worksheet) -> None:
        cells = [cell.value for cell in sheet[row(FIRST)]]
        sheet.insert_rows(row(SECOND))
        for col, raw in enumerate(cells, 1):
            put(sheet, row(SECOND), col, raw)
        put(sheet, row(SECOND), VALUES, "en til")

    assert value(edited(edit)) == ("svar-1-a", "en til", "svar-1-b")


def test_rows_that_changed_places_are_read_as_they_are_seen() -> None:
    assert value(edited(moved(row(SECOND), row(FIRST)))) == ("svar-1-b", "svar-1-a")


def test_a_row_that_is_gone_makes_the_answer_shorter() -> None:
    assert value(edited(emptied(SECOND))) == ("svar-1-a",)


def test_an_answer_whose_rows_are_all_gone_is_missed_and_not_emptied() -> None:
    sent = replace(GOALS, values={**GOALS.values, SLOT: ("fra før",)})
    with retyped(forms_of(sent)[sent.area_refs[0]]) as (sheet, target):
        rows = [
            n
            for n, col, raw in non_empty_cells(sheet)
            if col == 1 and str(raw).startswith("TES-001|follow_up|")
        ]
        for number in sorted(rows, reverse=True):
            sheet.delete_rows(number)
    merged = merge(Register(sent), [parse_return("a.xlsx", target.getvalue())])
    assert merged.report.values[SLOT] == ("fra før",)
    assert [(f.ref, f.field, f.values["value"]) for f in merged.findings if f.code == "S109"] == [
        (*SLOT[:2], "fra før")
    ]


def test_locked_rows_that_are_all_gone_are_told() -> None:
    form = edited(emptied("TES-001|activities|1", "TES-001|activities|2"))
    assert [(f.ref, f.field) for f in form.merged.findings if f.code == "S109"] == [
        ("TES-001", "activities")
    ]
    assert value(form) == BOTH


def test_without_the_hidden_column_titles_and_labels_tell_the_answers() -> None:
    form = edited(lambda sheet: sheet.delete_cols(1))
    assert value(form) == BOTH
    assert form.merged.report.values == edited(lambda _: None).merged.report.values
    assert codes(form) == {"S107", "V102"}


def test_without_the_hidden_column_cards_in_another_order_keep_their_answers() -> None:
    def edit(sheet: Worksheet) -> None:
        first, second, after_both = row("TES-001"), row("TES-002"), row("TES-003")
        cells = [[cell.value for cell in line] for line in sheet.iter_rows(first, after_both - 1)]
        turned = [*cells[second - first :], *cells[: second - first]]
        for number, line in enumerate(turned, first):
            for col, raw in enumerate(line, 1):
                put(sheet, number, col, raw)
        sheet.delete_cols(1)

    values = edited(edit).merged.report.values
    assert (values[SLOT], values[Slot("TES-002", "follow_up")]) == (BOTH, ("svar-2-a",))


def test_of_a_sheet_whose_visible_lines_were_sorted_nothing_is_taken_and_all_is_quoted() -> None:
    def edit(sheet: Worksheet) -> None:
        rows = list(range(row("TES-001"), sheet.max_row + 1))
        cells = read_block(sheet, rows, range(2, 5))
        write_block(sheet, rows, range(2, 5), sorted(cells, key=lambda cells: str(cells[0] or "~")))

    form = edited(edit)
    assert not [
        claim for s in form.received.submissions for claim in s.changes if claim.is_editable
    ]
    assert all(text in form.quoted for text in ("svar-1-a", "svar-1-b", "svar-2-a"))
    assert {f.ref for f in form.merged.findings if f.code == "S110"} == {
        "TES-001",
        "TES-002",
        "TES-003",
    }


def test_a_line_beside_the_label_of_another_is_nobodys_and_the_rest_of_its_card_is_read() -> None:
    def edit(sheet: Worksheet) -> None:
        put(sheet, row("TES-001|indicators|1"), 2, sheet.cell(row("TES-001|activities|1"), 2).value)

    form = edited(edit)
    assert value(form) == BOTH
    assert [f.ref for f in form.merged.findings if f.code == "S110"] == ["TES-001"]
    assert "tal 1" in form.quoted


def test_whole_cards_whose_visible_cells_changed_places_are_known_by_title_and_text() -> None:
    def edit(sheet: Worksheet) -> None:
        first, second = row("TES-001"), row("TES-002")
        height = min(second - first, row("TES-003") - second) - 1  # the air below stays
        here, there = range(first, first + height), range(second, second + height)
        cells = [read_block(sheet, [*rows], range(2, 6)) for rows in (there, here)]
        write_block(sheet, [*here, *there], range(2, 6), [*cells[0], *cells[1]])

    form = edited(edit)
    assert dict(form.merged.report.values) == dict(edited(lambda _: None).merged.report.values)
    assert "S107" in codes(form)
    assert not codes(form) & {"L101", "S106", "S110"}


def test_titles_alone_that_changed_places_move_no_answer() -> None:
    def edit(sheet: Worksheet) -> None:
        rows = [row("TES-001"), row("TES-002")]
        write_block(sheet, rows, range(2, 6), read_block(sheet, rows[::-1], range(2, 6)))

    form = edited(edit)
    assert value(form) == BOTH
    assert "L101" in codes(form)


def test_a_sorted_sheet_without_its_hidden_column_is_told_and_quoted() -> None:
    def edit(sheet: Worksheet) -> None:
        rows = list(range(row("TES-001"), sheet.max_row + 1))
        cells = read_block(sheet, rows, range(2, 5))
        write_block(sheet, rows, range(2, 5), sorted(cells, key=lambda cells: str(cells[0] or "~")))
        sheet.delete_cols(1)

    form = edited(edit)
    assert not [
        claim for s in form.received.submissions for claim in s.changes if claim.is_editable
    ]
    assert all(text in form.quoted for text in ("svar-1-a", "svar-1-b", "svar-2-a"))
    assert {f.ref for f in form.merged.findings if f.code == "S110"} == {
        "TES-001",
        "TES-002",
        "TES-003",
    }
