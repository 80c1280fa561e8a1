"""Rows of a returned sheet whose row key, text and locked cells disagree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.conservation import (
    ACTIVITIES,
    ACTIVITY_ANSWERS,
    AUGUST,
    GOAL_ANSWERS,
    GOALS,
    Returned,
    returned,
)
from tests.damage import Hand, head_of, put, read_block, write_block
from tests.forms import At, forms_of, retyped, rows_of, typed
from tests.forms import put as type_in
from tests.merging.test_merge import APRIL, FIRST, REPORT, ROWS, SAM, merged, remark, status, told
from xltiltak.intake.returned_file import parse_return
from xltiltak.merging.merge import merge
from xltiltak.model.field_types import Value
from xltiltak.model.register import Register
from xltiltak.model.report import Slot
from xltiltak.model.template import Field

NO, NAME, SPRING = 2, 3, 4  # the columns of a measure's number, its name and the status in April


@pytest.mark.parametrize(
    ("number", "april", "is_taken"),
    [
        (1, 2, True),  # both as they were sent
        (1, 5, True),  # as many locked cells agree as disagree
        (7, 2, True),
        (7, 5, False),  # nothing locked is the row's own any more
    ],
)
def test_a_row_without_its_name_is_taken_unless_most_locked_cells_disagree(
    number: int, april: int, *, is_taken: bool
) -> None:
    row = ROWS[FIRST]
    with retyped(typed(SAM, {status(): 4})) as (sheet, target):
        for col, raw in ((NO, number), (NAME, None), (SPRING, april)):
            type_in(sheet, At(row, col), raw)
    register = merged(target.getvalue())
    assert (register.report.values.get(status()) == 4) == is_taken
    assert register.report.values[status(day=APRIL)] == 2
    quoted = " ".join(str(finding.values.get("value", "")) for finding in register.findings)
    assert is_taken or "4" in quoted


@pytest.mark.parametrize(
    ("number", "april", "is_taken"),
    [
        (1, 2, True),
        (7, None, True),  # the number differs, the similar name agrees
        (7, 2, True),
        (7, 5, False),
    ],
)
def test_only_locked_cells_beside_the_name_say_whether_an_edited_name_is_the_rows_own(
    number: int, april: int | None, *, is_taken: bool
) -> None:
    """The answers that were typed say nothing about which measure it is."""
    row = ROWS[FIRST]
    with retyped(typed(SAM, {status(): 4, remark(): "Tomten er ryddet"})) as (sheet, target):
        for col, raw in ((NO, number), (NAME, "Bygge ny skule på Nes"), (SPRING, april)):
            type_in(sheet, At(row, col), raw)
    register = merged(target.getvalue())
    assert (register.report.values.get(status()) == 4) == is_taken
    assert bool(told(register, "L104")) != is_taken


def _inserted(sheet: Worksheet, row: int, cells: dict[int, Any]) -> None:
    """Insert a new row with these cells."""
    sheet.insert_rows(row)
    for col, raw in cells.items():
        put(sheet, row, col, raw)


SECOND_LINE = "TES-001|follow_up|2"


def test_a_line_copied_within_its_list_with_its_key_is_one_more_item() -> None:
    def edit(sheet: Worksheet, _: Hand) -> None:
        _inserted(sheet, rows_of(sheet)[SECOND_LINE] + 1, {1: SECOND_LINE, 4: "svar-1-c"})

    form = returned("goals", [edit], Hand())
    assert form.merged.report.values[Slot("TES-001", "follow_up")] == (
        "svar-1-a",
        "svar-1-b",
        "svar-1-c",
    )
    assert not told(form.merged, "S103")


def test_a_list_whose_line_is_in_two_places_is_not_taken() -> None:
    def edit(sheet: Worksheet, _: Hand) -> None:
        _inserted(sheet, rows_of(sheet)["TES-003"] + 1, {1: SECOND_LINE, 4: "svar-1-c"})

    form = returned("goals", [edit], Hand())
    assert Slot("TES-001", "follow_up") not in form.merged.report.values
    (finding,) = told(form.merged, "S103")
    assert all(text in finding.values["value"] for text in ("svar-1-a", "svar-1-b", "svar-1-c"))
    assert (
        form.merged.report.values[Slot("TES-002", "follow_up")]
        == GOAL_ANSWERS[Slot("TES-002", "follow_up")]
    )


# Cards: which lines are taken if labels, titles and row keys disagree

Edit = Callable[[Worksheet], None]
ASKED = {slot.ref: slot for slot in GOAL_ANSWERS}
FIRST_CARD, SECOND_CARD, THIRD_CARD = "TES-001", "TES-002", "TES-003"
LABEL, VALUE = 2, 4


def _line(ref: str, field: str, n: int = 1) -> str:
    return f"{ref}|{field}|{n}"


def _labelled(label: str, *refs: str) -> Edit:
    """Put another label beside the indicators of these cards."""

    def edit(sheet: Worksheet) -> None:
        for ref in refs:
            put(sheet, rows_of(sheet)[_line(ref, "indicators")], LABEL, label)

    return edit


def _added(*labels: str) -> Edit:
    """Insert lines below the first card, each with a label that the card has already."""

    def edit(sheet: Worksheet) -> None:
        row = rows_of(sheet)[_line(FIRST_CARD, "follow_up", 3)] + 1
        sheet.insert_rows(row, len(labels))
        for n, label in enumerate(labels):
            put(sheet, row + n, LABEL, label)
            put(sheet, row + n, VALUE, f"tillegg-{n}")

    return edit


def _titled(ref: str, title: str) -> Edit:
    return lambda sheet: put(sheet, rows_of(sheet)[ref], VALUE, title)


def _copied_below(sheet: Worksheet) -> None:
    """Copy the first card below all others."""
    rows, last = rows_of(sheet), sheet.max_row
    held = read_block(sheet, [*range(rows[FIRST_CARD], rows[SECOND_CARD])], range(1, 5))
    write_block(sheet, [last + 2 + n for n, _ in enumerate(held)], range(1, 5), held)


def _swapped(first: int, last: int) -> Edit:
    """Swap the first two cards, from one column to another."""

    def edit(sheet: Worksheet) -> None:
        rows, cols = rows_of(sheet), range(first, last + 1)
        one = [*range(rows[FIRST_CARD], rows[SECOND_CARD])]
        other = [*range(rows[SECOND_CARD], rows[THIRD_CARD])]
        held = read_block(sheet, one, cols), read_block(sheet, other, cols)
        write_block(sheet, other, cols, held[0])
        write_block(sheet, one, cols, held[1])

    return edit


def _labels_swapped(sheet: Worksheet) -> None:
    """Swap the labels of two lists of the first card."""
    one, other = (
        rows_of(sheet)[_line(FIRST_CARD, field)] for field in ("activities", "indicators")
    )
    labels = read_block(sheet, [one, other], range(LABEL, LABEL + 1))
    write_block(sheet, [other, one], range(LABEL, LABEL + 1), labels)


BOTH = {FIRST_CARD, SECOND_CARD}


@pytest.mark.parametrize(
    ("edit", "has_keys", "taken", "displaced"),
    [
        # A label of another field beside one line: that line is not taken.
        (_labelled("Uppföljning", FIRST_CARD), True, BOTH, {FIRST_CARD}),
        (_labelled("Uppföljning", FIRST_CARD, SECOND_CARD), True, BOTH, {FIRST_CARD, SECOND_CARD}),
        # Two such lines: no line of the card is taken.
        (_labels_swapped, True, {SECOND_CARD}, {FIRST_CARD}),
        # Beside three of nine lines: the sheet was sorted, and no line is taken.
        (_labelled("Uppföljning", *ASKED, THIRD_CARD), True, set(), {*ASKED, THIRD_CARD}),
        # A label of no field decides nothing.
        (_labelled("Våre tal", FIRST_CARD, SECOND_CARD, THIRD_CARD), True, BOTH, set()),
        # Without the hidden column: labels below a title of another card.
        (_added("Uppföljning"), False, BOTH, set()),
        (_added("Uppföljning", "Aktiviteter"), False, BOTH, set()),
        (_added("Uppföljning", "Aktiviteter", "Indikatorer"), False, set(), {*ASKED, THIRD_CARD}),
        (_titled(SECOND_CARD, "Noe helt annet"), False, set(), {FIRST_CARD, THIRD_CARD}),
        # A copy of a card is not taken; the others are read.
        (_copied_below, False, BOTH, set()),
        # A line without its label is identified by what was sent in it.
        (_labelled("", FIRST_CARD), False, BOTH, set()),
        # Cards swapped, with and without the hidden column.
        (_swapped(LABEL, VALUE), True, BOTH, set()),
        (_swapped(1, VALUE), True, BOTH, set()),
        (_swapped(LABEL, VALUE), False, BOTH, set()),
    ],
)
def test_lines_of_cards_are_taken_if_labels_titles_and_row_keys_agree(
    edit: Edit, taken: set[str], displaced: set[str], *, has_keys: bool
) -> None:
    def edited(sheet: Worksheet, _: Hand) -> None:
        edit(sheet)
        if not has_keys:
            sheet.delete_cols(1)

    form = returned("goals", [edited], Hand())
    values = form.merged.report.values
    assert {ref for ref, slot in ASKED.items() if slot in values} == taken
    assert all(values[ASKED[ref]] == GOAL_ANSWERS[ASKED[ref]] for ref in taken)
    assert {finding.ref for finding in told(form.merged, "S110")} == displaced
    for slot in (ASKED[ref] for ref in ASKED.keys() - taken):
        answer = GOAL_ANSWERS[slot]
        assert isinstance(answer, tuple)
        assert all(line in form.quoted for line in answer)


def _titles_swapped(sheet: Worksheet) -> None:
    """Swap the title rows of the first two cards, without their lines."""
    rows, cols = rows_of(sheet), range(LABEL, VALUE + 1)
    held = read_block(sheet, [rows[FIRST_CARD], rows[SECOND_CARD]], cols)
    write_block(sheet, [rows[SECOND_CARD], rows[FIRST_CARD]], cols, held)


def test_swapped_titles_alone_do_not_move_the_cards() -> None:
    """The locked lines still agree with the row keys: the titles were overwritten."""
    form = returned("goals", [lambda sheet, _: _titles_swapped(sheet)], Hand())
    assert {slot: form.merged.report.values.get(slot) for slot in GOAL_ANSWERS} == GOAL_ANSWERS
    quoted = {(finding.ref, finding.values["value"]) for finding in told(form.merged, "L101")}
    assert {(FIRST_CARD, "Ren luft"), (SECOND_CARD, "Trygg skola")} <= quoted


def test_titles_do_not_move_cards_that_were_sent_without_anything_else() -> None:
    """No locked line supports either the row keys or the titles."""
    fields = {"activities", "indicators"}
    plan = replace(
        GOALS, values={slot: v for slot, v in GOALS.values.items() if slot.field not in fields}
    )
    form = typed(forms_of(plan)[plan.area_refs[0]], GOAL_ANSWERS)
    with retyped(form) as (sheet, target):
        _titles_swapped(sheet)
    register = merge(Register(plan), [parse_return("a.xlsx", target.getvalue())])
    assert {slot: register.report.values.get(slot) for slot in GOAL_ANSWERS} == GOAL_ANSWERS


def test_a_card_pasted_over_another_leaves_the_first_its_own_answer() -> None:
    """Cards are swapped only if each is in the place of another; here one is there twice."""

    def edit(sheet: Worksheet, _: Hand) -> None:
        rows, cols = rows_of(sheet), range(LABEL, VALUE + 1)
        one = [*range(rows[FIRST_CARD], rows[SECOND_CARD])]
        write_block(
            sheet, [*range(rows[SECOND_CARD], rows[THIRD_CARD])], cols, read_block(sheet, one, cols)
        )
        put(sheet, rows[FIRST_CARD], VALUE, "Noe nytt")

    form = returned("goals", [edit], Hand())
    assert form.merged.report.values[ASKED[FIRST_CARD]] == GOAL_ANSWERS[ASKED[FIRST_CARD]]
    assert not told(form.merged, "S103")
    assert (SECOND_CARD, "Trygg skola") in {
        (f.ref, f.values["value"]) for f in told(form.merged, "L101")
    }


def test_an_item_copied_to_another_list_is_quoted_and_its_own_list_stays() -> None:
    def edit(sheet: Worksheet, _: Hand) -> None:
        put(sheet, rows_of(sheet)[_line(FIRST_CARD, "follow_up", 3)], VALUE, "aktivitet 1 b")
        sheet.delete_cols(1)

    form = returned("goals", [edit], Hand())
    assert {slot: form.merged.report.values.get(slot) for slot in GOAL_ANSWERS} == GOAL_ANSWERS
    assert [f.values["value"] for f in told(form.merged, "S108")] == ["aktivitet 1 b"]
    assert not told(form.merged, "S103")


def test_an_item_below_a_line_that_has_lost_its_label_stays_in_its_list() -> None:
    def edit(sheet: Worksheet, _: Hand) -> None:
        put(sheet, rows_of(sheet)[_line(FIRST_CARD, "activities")], LABEL, None)
        sheet.delete_cols(1)

    form = returned("goals", [edit], Hand())
    assert {slot: form.merged.report.values.get(slot) for slot in GOAL_ANSWERS} == GOAL_ANSWERS
    assert [f.values["value"] for f in told(form.merged, "L101")] == ["aktivitet 1 b"]
    assert [f.values["value"] for f in told(form.merged, "S108")] == ["aktivitet 1 a"]


# Tables


def test_the_name_of_a_measure_beside_a_list_is_not_a_row_of_the_table() -> None:
    name = "6 Ord med æøå, «sitat» & <merke>"
    plain = returned("maaloppnaaelse", [], Hand())
    edited = returned(
        "maaloppnaaelse",
        [lambda sheet, _: put(sheet, rows_of(sheet)["A1B-002|goals|2"], 3, name)],
        Hand(),
    )
    assert dict(edited.merged.report.values) == dict(plain.merged.report.values)
    assert [f.values["value"] for f in told(edited.merged, "S108")] == [name]
    assert not told(edited.merged, "S104") + told(edited.merged, "S109")


def test_without_the_labels_of_a_table_a_text_above_it_is_no_new_row() -> None:
    def edit(sheet: Worksheet, _: Hand) -> None:
        row = rows_of(sheet)["@head"]
        put(sheet, row - 1, 3, "Ny lekeplass")
        sheet.delete_rows(row)

    form = returned("statuses", [edit], Hand())
    assert dict(form.merged.report.values) == dict(
        returned("statuses", [], Hand()).merged.report.values
    )
    assert [f.values["value"] for f in told(form.merged, "S108")] == ["Ny lekeplass"]
    assert not form.proposed


def test_rows_that_differ_in_one_digit_are_each_read_as_their_own() -> None:
    """Each of these rows is identified by two texts: a measure and its first activity."""
    names = {Slot(f"TJE-{n:03}", "name"): f"Nettbrett, trinn {k}" for k, n in ((1, 1), (2, 4))}
    forms = {Slot(f"TJE-{n:03}", "form"): ("Kurse ansatte",) for n in (2, 5)}
    plan = replace(ACTIVITIES, values={**ACTIVITIES.values, **names, **forms})
    form = typed(forms_of(plan)[plan.area_refs[0]], ACTIVITY_ANSWERS)
    register = merge(Register(plan), [parse_return("a.xlsx", form)])
    assert {slot: register.report.values.get(slot) for slot in ACTIVITY_ANSWERS} == ACTIVITY_ANSWERS
    assert not [f for f in register.findings if f.code[0] in "LS"]


# Columns

ANSWERED = returned("statuses", [], Hand()).merged.report.values
TABLE_APRIL, TABLE_AUGUST, TABLE_REMARK = 4, 5, 7


def _columns(edit: Edit, round_: str = "statuses") -> Returned:
    return returned(round_, [lambda sheet, _: edit(sheet)], Hand())


def test_a_column_inserted_between_labels_and_answers_of_cards_loses_no_answer() -> None:
    form = _columns(lambda sheet: sheet.insert_cols(VALUE), "goals")
    assert {slot: form.merged.report.values.get(slot) for slot in GOAL_ANSWERS} == GOAL_ANSWERS
    assert not [f for f in form.merged.findings if f.code[0] in "LSV" and f.severity == "error"]


@pytest.mark.parametrize(("renamed", "is_known"), [(2, True), (4, False)])
def test_a_table_without_row_keys_is_recognised_by_half_of_its_labels(
    renamed: int, *, is_known: bool
) -> None:
    def edit(sheet: Worksheet) -> None:
        for n in range(renamed):
            put(sheet, head_of(sheet), TABLE_REMARK - n, f"Kolonne {n}")
        sheet.delete_cols(1)

    form = _columns(edit)
    assert (form.merged.report.values.get(Slot("SAM-001", "status", AUGUST)) == 2) == is_known
    missing = {finding.ref for finding in told(form.merged, "S102")}
    assert missing == (set() if is_known else {f"SAM-00{n}" for n in range(1, 6)})
    assert is_known or all(f"svar-{n}-her" in form.quoted for n in (1, 2, 4))


def test_a_deleted_column_is_not_read_from_a_neighbour_without_label() -> None:
    def edit(sheet: Worksheet) -> None:
        for col in (TABLE_APRIL, TABLE_AUGUST):
            put(sheet, head_of(sheet), col, None)
        sheet.delete_cols(TABLE_AUGUST)

    values = _columns(edit).merged.report.values
    assert not [slot for slot in values if slot.field == "status" and slot.date == AUGUST]


def test_a_column_is_recognised_by_an_alias_of_its_label() -> None:
    def edit(sheet: Worksheet) -> None:
        put(sheet, head_of(sheet), TABLE_REMARK, "Merknader")
        sheet.insert_cols(TABLE_REMARK)

    form = _columns(edit)
    assert dict(form.merged.report.values) == dict(ANSWERED)
    assert not told(form.merged, "S105")


def test_two_columns_with_one_label_are_read_by_place_if_one_label_is_gone() -> None:
    label = "Oppdaterte merknader"
    fields = (*REPORT.template.fields, Field("extra", label, "text", role="input"))
    plan = replace(REPORT, template=replace(REPORT.template, fields=fields))
    answers: dict[Slot, Value | None] = {remark(): "den første", Slot(FIRST, "extra"): "den andre"}
    with retyped(typed(forms_of(plan)["SAM"], answers)) as (sheet, target):
        head = head_of(sheet)
        assert [cell.value for cell in sheet[head]].count(label) == 2
        put(
            sheet,
            head,
            next(cell.column for cell in sheet[head] if cell.value == label),
            "Våre ord",
        )
    register = merge(Register(plan), [parse_return("a.xlsx", target.getvalue())])
    assert {slot: register.report.values.get(slot) for slot in answers} == answers
