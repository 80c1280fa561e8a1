"""Test the laws of `tests.conservation` with sequences of edits, and each fault found so far."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.conservation import AUGUST, ROUNDS, STATUSES, Returned, answered, returned, sequence
from tests.damage import EDITS, Hand, head_of, put, read_block, write_block
from tests.examples import examples
from tests.forms import first_sheet, rows_of
from xltiltak.intake.row_matching import KeyedText, match_rows
from xltiltak.model.report import Slot

FIRST = int(os.environ.get("XLTILTAK_SEED", "0"))


def check_law(law: str, round_: str, count: int) -> None:
    """Check a law for this number of sequences of edits.

    They are the same in every run; the environment variable XLTILTAK_SEED selects others.
    """
    count = int(os.environ.get("XLTILTAK_SEQUENCES", count))
    numbers = range(FIRST * count, (FIRST + 1) * count)
    failures = [failure for number in numbers if (failure := sequence(law, round_, number))]
    assert not failures


@pytest.mark.parametrize("round_", ROUNDS)
def test_nothing_written_is_lost_and_nothing_changed_silently(round_: str) -> None:
    check_law("conserved", round_, examples(40))


@pytest.mark.parametrize("round_", ROUNDS)
def test_edits_that_keep_the_meaning_give_the_same_report(round_: str) -> None:
    check_law("unchanged", round_, examples(16))


@pytest.mark.laws
@pytest.mark.parametrize("round_", ROUNDS)
def test_the_laws_hold_for_two_thousand_sequences(round_: str) -> None:
    check_law("conserved", round_, 210)
    check_law("unchanged", round_, 50)


# One test for each answer that an earlier version lost or put in the wrong place


def after(round_: str, edit: Callable[[Worksheet], Any]) -> Returned:
    """Return an answered form after one edit, read and merged."""
    return returned(round_, [lambda sheet, _: edit(sheet)], Hand())


def at(round_: str, row_key: str) -> int:
    """Return the row with this row key in a form that was not edited."""
    return rows_of(first_sheet(answered(round_)))[row_key]


@pytest.mark.parametrize("col", range(1, 10))
@pytest.mark.parametrize(
    "row_key", ["@title", "@answered", "@message", "@head", "SAM-001", "SAM-005"]
)
def test_a_formula_without_a_last_value_is_quoted_in_any_cell(row_key: str, col: int) -> None:
    row = at("statuses", row_key)
    form = after(
        "statuses", lambda sheet: sheet.cell(row, col, f"=40+2&{sheet.cell(row, col).value or 1!r}")
    )
    assert "40+2" in form.quoted


def test_words_in_the_hidden_column_are_quoted() -> None:
    form = after("statuses", lambda sheet: put(sheet, at("statuses", "SAM-002"), 1, "Ring meg"))
    assert "Ring meg" in form.quoted
    assert form.merged.report.values[Slot("SAM-002", "remark")] == "svar-2-her"


def test_words_in_the_hidden_column_that_look_like_a_row_key_are_quoted() -> None:
    for text in ("@ring meg", "SAM-002|ring|meg", "SAM-099"):
        row = at("statuses", "SAM-002")
        assert text in after("statuses", lambda sheet, t=text, r=row: put(sheet, r, 1, t)).quoted  # type: ignore[misc]


def test_a_second_line_for_a_message_is_quoted_too() -> None:
    def edit(sheet: Worksheet) -> None:
        row = at("statuses", "@message")
        put(sheet, row, 7, "Takk")
        sheet.insert_rows(row + 1)
        put(sheet, row + 1, 1, "@message")
        put(sheet, row + 1, 7, "Hei")

    form = after("statuses", edit)
    assert "Takk" in form.quoted
    assert "Hei" in form.quoted


def test_columns_are_found_with_the_hidden_column_empty_and_a_label_changed() -> None:
    def edit(sheet: Worksheet) -> None:
        put(sheet, head_of(sheet), 7, "Våre ord")
        EDITS["clear_marks"](sheet, Hand())

    form = after("statuses", edit)
    assert form.merged.report.values[Slot("SAM-001", "remark")] == "svar-1-her"
    assert form.merged.report.values[Slot("SAM-001", "status", AUGUST)] == 2


def test_a_label_repeated_above_another_column_does_not_move_its_answers() -> None:
    form = after("statuses", lambda sheet: put(sheet, head_of(sheet), 4, "Oppdaterte merknader"))
    assert form.merged.report.values[Slot("SAM-001", "remark")] == "svar-1-her"


@pytest.mark.parametrize("col", range(2, 8))
def test_a_deleted_column_is_neither_read_from_its_neighbour_nor_emptied(col: int) -> None:
    plain = after("statuses", lambda _: None).merged.report.values
    values = after("statuses", lambda sheet: sheet.delete_cols(col)).merged.report.values
    assert {
        slot: v for slot, v in values.items() if plain.get(slot) != v
    }.items() <= STATUSES.values.items()
    assert not STATUSES.values.keys() - values.keys()


def test_a_card_without_its_row_key_is_no_answer_to_the_card_above() -> None:
    form = after("goals", lambda sheet: put(sheet, at("goals", "TES-002"), 1, None))
    assert form.merged.report.values[Slot("TES-001", "follow_up")] == ("svar-1-a", "svar-1-b")


def test_both_copies_of_a_card_are_quoted_and_neither_is_an_answer() -> None:
    def edit(sheet: Worksheet) -> None:
        rows = list(range(at("goals", "TES-001"), at("goals", "TES-002")))
        below = [sheet.max_row + 2 + n for n, _ in enumerate(rows)]
        write_block(sheet, below, range(1, 5), read_block(sheet, rows, range(1, 5)))
        put(sheet, below[4], 4, "en annen")

    form = after("goals", edit)
    assert Slot("TES-001", "follow_up") not in form.merged.report.values
    assert {"svar-1-a", "svar-1-b", "en annen"} <= set(
        form.quoted.replace(" · ", "\n").replace("Uppföljning ", "").split("\n")
    )
    assert "S103" in {finding.code for finding in form.merged.findings}


def test_a_list_with_a_line_outside_it_is_quoted_and_no_answer() -> None:
    def edit(sheet: Worksheet) -> None:
        put(sheet, at("goals", "TES-003") - 1, 1, "TES-001|follow_up|2")
        put(sheet, at("goals", "TES-003") - 1, 4, "et annet sted")

    form = after("goals", edit)
    assert Slot("TES-001", "follow_up") not in form.merged.report.values
    assert all(text in form.quoted for text in ("svar-1-a", "svar-1-b", "et annet sted"))


def test_a_formula_added_to_a_locked_list_is_quoted() -> None:
    def edit(sheet: Worksheet) -> None:
        sheet.insert_rows(at("goals", "TES-001|indicators|1") + 1)
        put(sheet, at("goals", "TES-001|indicators|1") + 1, 4, "=40+2")

    assert "=40+2" in after("goals", edit).quoted


def test_a_text_moved_to_a_row_without_a_name_keeps_its_answers() -> None:
    sent = {"A-1": "", "A-2": "Ren luft", "A-3": "Trygg skole"}
    moved = [KeyedText("A-1", "Ren luft"), KeyedText("A-2", ""), KeyedText("A-3", "Trygg skole")]
    assert ("A-1", "exact") not in match_rows(moved, sent)
    assert match_rows(moved, sent)[2] == ("A-3", "exact")
    assert match_rows([KeyedText("A-1", "Nytt navn")], sent) == [("A-1", "exact")]


def test_a_text_moved_to_another_row_is_matched_there_and_not_in_its_old_row() -> None:
    sent = {"A-1": "Ren luft", "A-2": "Trygg skole"}
    assert match_rows([KeyedText("A-1", "Trygg skole"), KeyedText("A-2", "")], sent) == [
        ("A-2", "moved"),
        (None, "unknown"),
    ]
    assert match_rows([KeyedText("A-1", "Trygg skole"), KeyedText("A-2", "Nytt navn")], sent)[
        0
    ] == (
        "A-2",
        "moved",
    )


def test_the_sent_items_of_a_list_are_no_answer_to_the_next_question_without_row_keys() -> None:
    form = after("verksamhetsberattelse", lambda sheet: sheet.delete_cols(1))
    assert dict(form.merged.report.values) == dict(
        after("verksamhetsberattelse", lambda _: None).merged.report.values
    )


def test_nothing_is_read_below_a_second_copy_of_a_title_without_its_row_key() -> None:
    def edit(sheet: Worksheet) -> None:
        rows, last = rows_of(sheet), sheet.max_row
        cells = read_block(sheet, [*range(rows["TES-001"], rows["TES-002"])], range(1, 5))
        write_block(sheet, [last + 2 + n for n, _ in enumerate(cells)], range(1, 5), cells)
        put(sheet, last + 2 + len(cells) - 3, 4, "en annen")
        sheet.delete_rows(rows["TES-003|follow_up|1"])
        sheet.delete_cols(1)

    form = after("goals", edit)
    assert "en annen" in form.quoted
    assert "en annen" not in str(form.merged.report.values)


def test_rows_sorted_among_the_lines_of_lists_are_matched_by_their_texts() -> None:
    def edit(sheet: Worksheet) -> None:
        first = head_of(sheet) + 1
        rows = list(range(first, sheet.max_row + 1))
        write_block(sheet, rows, range(2, 5), read_block(sheet, rows[::-1], range(2, 5)))

    plain, form = (after("maaloppnaaelse", edit) for edit in (lambda _: None, edit))
    results = [slot for slot in plain.answers if slot.field == "result"]
    assert results
    assert {slot: form.merged.report.values.get(slot) for slot in results} == {
        s: plain.answers[s] for s in results
    }
    assert "S107" in {finding.code for finding in form.merged.findings}


@pytest.mark.parametrize(
    "round_", ["statuses", "activities", "goals", "tiltaksstatus", "programstatus"]
)
def test_our_own_lines_are_not_quoted_when_their_row_keys_are_deleted(round_: str) -> None:
    form = after(round_, lambda sheet: sheet.delete_cols(1))
    assert not [f for f in form.merged.findings if f.code in ("S105", "S108")]


def test_an_item_whose_list_has_lost_its_label_is_no_answer_to_the_question_below() -> None:
    def edit(sheet: Worksheet) -> None:
        sheet.delete_rows(rows_of(sheet)["TES-002|indicators|1"])
        sheet.delete_cols(1)

    form, plain = (
        after("verksamhetsberattelse", edit),
        after("verksamhetsberattelse", lambda _: None),
    )
    assert {slot: form.merged.report.values.get(slot) for slot in plain.answers} == dict(
        plain.answers
    )


def test_an_item_copied_below_its_locked_list_is_no_answer_to_the_question_after_it() -> None:
    def edit(sheet: Worksheet) -> None:
        row = at("goals", "TES-001|indicators|1")
        write_block(sheet, [row + 1], range(2, 5), read_block(sheet, [row], range(2, 5)))

    form = after("goals", edit)
    assert form.merged.report.values[Slot("TES-001", "follow_up")] == ("svar-1-a", "svar-1-b")
    assert "tal 1" in form.quoted


def test_the_column_in_its_place_is_read_when_two_have_the_same_label() -> None:
    def edit(sheet: Worksheet) -> None:
        sheet.insert_cols(2)
        put(sheet, head_of(sheet), 2, "Oppdaterte merknader")
        put(sheet, head_of(sheet) + 1, 2, "en avskrift")

    form = after("statuses", edit)
    assert form.merged.report.values[Slot("SAM-001", "remark")] == "svar-1-her"
    assert "en avskrift" in form.quoted


@pytest.mark.parametrize(("status", "is_read"), [(2, True), (5, False)])
def test_a_row_without_its_name_is_matched_by_its_other_locked_cells(
    status: int, *, is_read: bool
) -> None:
    def edit(sheet: Worksheet) -> None:
        row = at("statuses", "SAM-001")
        write_block(sheet, [row], range(2, 5), [[None, None, status]])

    form = after("statuses", edit)
    assert (Slot("SAM-001", "status", AUGUST) in form.merged.report.values) == is_read
    assert is_read or "svar-1-her" in form.quoted


@pytest.mark.parametrize("number", [65756, 97798])
def test_a_card_without_row_keys_and_labels_is_no_answer_to_the_card_above(
    number: int,
) -> None:
    assert sequence("conserved", "goals", number) is None


def test_a_locked_line_that_was_copied_above_an_open_list_is_no_answer() -> None:
    """Its label was cleared, a line copied into its place, and the hidden column deleted."""
    assert sequence("conserved", "programstatus", 911143) is None
