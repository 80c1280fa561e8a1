"""Rows, columns and sheets of answers that are not taken: each is told as an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.conservation import GOALS, ROUNDS, answered
from tests.forms import At, book_of, forms_of, retyped, rows_of, saved, typed
from tests.forms import put as type_in
from tests.merging.test_merge import (
    APRIL,
    AUGUST,
    FIRST,
    REPORT,
    SAM,
    SECOND,
    THIRD,
    merged,
    remark,
    status,
    told,
)
from tests.raw import zipped
from xltiltak.intake.form_reader import RegisterForms
from xltiltak.intake.returned_file import parse_return
from xltiltak.layout.geometry import geometry_of
from xltiltak.merging.merge import merge
from xltiltak.model.field_types import Value
from xltiltak.model.finding import Finding
from xltiltak.model.register import Register
from xltiltak.model.report import Report, Slot
from xltiltak.model.template import Field

NO, NAME, SPRING, STATUS, REMARK = 2, 3, 4, 5, 6
BESIDE = 12  # a column right of the table
EVERY = {status(FIRST): 3, status(SECOND): 4, status(THIRD): 5}


def after(edit: Callable[[Worksheet], object], answers: Mapping[Slot, Value | None]) -> Register:
    """Return the state after the form came back with these answers and an edit."""
    with retyped(typed(SAM, answers)) as (sheet, target):
        edit(sheet)
    return merged(target.getvalue())


def errors_of(register: Register, code: str) -> list[Finding]:
    """Return the errors with this code."""
    return [finding for finding in told(register, code) if finding.severity == "error"]


# A row whose name is another one


def renamed(*, number: Any = 1, spring: Any = 2) -> Callable[[Worksheet], None]:
    """Return an edit that rewrites the locked cells of the first measure."""

    def edit(sheet: Worksheet) -> None:
        row = rows_of(sheet)[FIRST]
        for col, raw in ((NAME, "Bygge svømmehall"), (NO, number), (SPRING, spring)):
            type_in(sheet, At(row, col), raw)

    return edit


def test_each_changed_locked_field_of_a_renamed_row_is_told_with_both_texts() -> None:
    register = after(renamed(number=12, spring=4), {})
    quoted = {(f.field, f.values["value"], f.values["held"]) for f in told(register, "L101")}
    assert quoted == {
        ("name", "Bygge svømmehall", "Bygge ny skole på Nes"),
        ("no", "12", "1"),
    }
    assert [(f.date, f.values["value"][0]) for f in told(register, "L102")] == [(APRIL, "4")]
    assert not told(register, "L104")  # there was no answer


def test_each_answer_in_a_renamed_row_is_told_with_both_names_and_none_is_taken() -> None:
    register = after(renamed(), {status(): 5, remark(): "Helt ferdig"})
    assert status() not in register.report.values
    found = {(f.ref, f.field, f.date, f.values["value"]) for f in errors_of(register, "L104")}
    assert found == {(FIRST, "status", AUGUST, "5"), (FIRST, "remark", None, "Helt ferdig")}
    names = {(f.values["name"], f.values["held"]) for f in told(register, "L104")}
    assert names == {("Bygge svømmehall", "Bygge ny skole på Nes")}


def test_a_renamed_row_is_no_proposal() -> None:
    """A "yes" would make a second measure beside the one whose row it is."""
    with retyped(typed(SAM, {status(): 5})) as (sheet, target):
        renamed()(sheet)
    (submission,) = parse_return("a.xlsx", target.getvalue()).submissions
    assert not submission.proposals
    assert "S104" not in {finding.code for finding in submission.findings}


def test_what_stands_beside_a_renamed_row_is_quoted() -> None:
    def edit(sheet: Worksheet) -> None:
        renamed()(sheet)
        type_in(sheet, At(rows_of(sheet)[FIRST], BESIDE), "Ring meg")

    assert [f.values["value"] for f in told(after(edit, {}), "S108")] == ["Ring meg"]


def test_the_answer_of_another_form_makes_an_answer_beside_another_name_a_note() -> None:
    with retyped(typed(SAM, {status(): 5})) as (sheet, target):
        renamed()(sheet)
    register = merged(target.getvalue(), typed(SAM, {status(): 4}))
    assert register.report.values[status()] == 4
    assert [finding.severity for finding in told(register, "L104")] == ["note"]
    assert [finding.severity for finding in told(register, "L101")] == ["error"]


# Rows about measures that have a row already


def pasted(*rows: tuple[Any, ...], gap: int = 3) -> Callable[[Worksheet], None]:
    """Return an edit that pastes rows below the form, from the number on."""

    def edit(sheet: Worksheet) -> None:
        first = sheet.max_row + gap
        for n, row in enumerate(rows):
            for col, raw in enumerate(row, NO):
                type_in(sheet, At(first + n, col), raw)

    return edit


HEAD = ("Nr", "Tiltak", "Status 30.04.2020", "Status")
PARK, GUARDS = (2, "Rydde parken ved elva", 3, 4), (3, "Ansette to vaktmestere", 1, 5)


@pytest.mark.parametrize(
    ("rows", "count"),
    [((HEAD, PARK), 1), ((PARK, GUARDS), 2), ((HEAD, PARK, HEAD, GUARDS), 2)],
)
def test_a_table_pasted_below_the_form_is_one_error(rows: tuple[Any, ...], count: int) -> None:
    register = after(pasted(*rows), {})
    (finding,) = errors_of(register, "S116")
    assert finding.values["count"] == str(count)
    assert all(row[1] in finding.values["value"] for row in rows if row is not HEAD)
    assert not told(register, "S104") + told(register, "S108")
    assert status(SECOND) not in register.report.values


def test_a_pasted_table_without_answers_is_a_note() -> None:
    register = after(pasted(PARK[:3]), {})
    assert [finding.severity for finding in told(register, "S116")] == ["note"]


def test_a_new_measure_in_a_pasted_table_is_proposed() -> None:
    register = after(pasted(HEAD, PARK, (4, "Male benkene", None, 2)), {})
    assert len(told(register, "S116")) == 1
    (proposed,) = told(register, "S104")
    assert "Male benkene" in proposed.values["value"]


def test_labels_alone_below_the_form_are_nothing() -> None:
    register = after(pasted(HEAD), EVERY)
    assert not [f for f in register.findings if f.code[0] == "S"]


@pytest.mark.parametrize("raw", ["Vår kommentar", "=1+1"])
def test_what_else_stands_among_repeated_labels_is_quoted(raw: str) -> None:
    def edit(sheet: Worksheet) -> None:
        pasted(HEAD)(sheet)
        sheet.cell(sheet.max_row, REMARK).value = raw

    register = after(edit, EVERY)
    assert [f.values["value"] for f in told(register, "S108")] == [raw]
    assert not told(register, "S104")


# Columns


def moved_column(label: Any, *, to: int = BESIDE) -> Callable[[Worksheet], None]:
    """Return an edit that moves the answers to another column, below this label."""

    def edit(sheet: Worksheet) -> None:
        rows = rows_of(sheet)
        for ref in (FIRST, SECOND, THIRD):
            type_in(sheet, At(rows[ref], to), sheet.cell(rows[ref], STATUS).value)
            type_in(sheet, At(rows[ref], STATUS), None)
        type_in(sheet, At(rows["@head"], to), label)

    return edit


def deleted_after(edit: Callable[[Worksheet], None], col: int) -> Callable[[Worksheet], None]:
    """Return an edit that deletes a column in the end."""

    def both(sheet: Worksheet) -> None:
        edit(sheet)
        sheet.delete_cols(col)

    return both


@pytest.mark.parametrize(
    ("edit", "label", "reason"),
    [
        (moved_column("Status 310821"), "Status 310821", "other_date"),
        (moved_column("STATUS  31.08.2021"), "STATUS  31.08.2021", "other_date"),
        (moved_column("Nå"), "Nå", "column_lost"),
        (moved_column(None), "L", "column_lost"),
        (moved_column("=1+3"), "=1+3", "column_lost"),
        (deleted_after(moved_column("Nå"), STATUS), "Nå", "column_lost"),
        (deleted_after(moved_column("Nå", to=8), STATUS), "Nå", "column_lost"),
    ],
)
def test_a_column_of_answers_that_the_form_does_not_have_is_one_error(
    edit: Callable[[Worksheet], None], label: str, reason: str
) -> None:
    register = after(edit, EVERY)
    assert not [slot for slot in EVERY if slot in register.report.values]
    (finding,) = errors_of(register, "S117")
    assert (finding.values["label"], finding.values["reason"]) == (label, reason)
    assert finding.values["count"] == "3"
    assert [text[-1] for text in finding.values["value"].split("; ")] == ["3", "4", "5"]
    missing = "" if reason == "other_date" else "Fyll ut per 31.08.2020"
    assert finding.values.get("missing", "") == missing
    assert not told(register, "S108")


@pytest.mark.parametrize(
    ("label", "raw", "answers"),
    [
        ("Vår egen kolonne", 4, EVERY),  # the form's own column has answers
        ("Vår egen kolonne", 4, {status(): 3}),
        ("Merknad fra oss", "Husk: ring Siv", {}),  # no value of the column that is empty
        ("Statusmøte", 4, EVERY),
    ],
)
def test_a_column_of_the_leaders_own_is_quoted_cell_by_cell(
    label: str, raw: Any, answers: Mapping[Slot, Value | None]
) -> None:
    def edit(sheet: Worksheet) -> None:
        rows = rows_of(sheet)
        type_in(sheet, At(rows["@head"], BESIDE), label)
        type_in(sheet, At(rows[FIRST], BESIDE), raw)

    register = after(edit, answers)
    assert not told(register, "S117")
    assert [f.values["value"] for f in told(register, "S108")] == [label, str(raw)]


def test_what_stands_beside_the_title_is_no_column_of_answers() -> None:
    register = after(lambda sheet: type_in(sheet, At(rows_of(sheet)["SAM"], BESIDE), 4), {})
    assert not told(register, "S117")
    assert [f.values["value"] for f in told(register, "S108")] == ["4"]


def test_a_number_that_names_a_measure_is_known_with_its_unit() -> None:
    amount = Field("cost", "Pris", kind="integer", key=True, unit="kroner per innbygger")
    template = replace(REPORT.template, fields=(*REPORT.template.fields, amount))
    costs: dict[Slot, Value] = {Slot(ref, "cost"): 1_250 for ref in (FIRST, SECOND)}
    plan = replace(REPORT, template=template, values={**REPORT.values, **costs})
    read = parse_return("svar.xlsx", typed(forms_of(plan)["SAM"], {status(FIRST): 3}))
    assert [submission.changes[0].value for submission in read.submissions] == [3]
    assert not read.all_findings()


def test_a_whole_column_at_a_date_that_is_not_open_is_an_error() -> None:
    plan = replace(REPORT, head=replace(REPORT.head, current=APRIL))
    plan = replace(plan, values={s: v for s, v in plan.values.items() if s.date is None})
    form = forms_of(plan)["SAM"]
    with retyped(form) as (sheet, target):
        for ref, raw in ((FIRST, 3), (SECOND, 4), (THIRD, None)):
            type_in(sheet, At(rows_of(sheet)[ref], STATUS), raw)
    register = merged(target.getvalue(), into=plan)
    (finding,) = errors_of(register, "S117")
    assert (finding.values["reason"], finding.values["count"]) == ("later_date", "2")
    with retyped(form) as (sheet, target):
        type_in(sheet, At(rows_of(sheet)[FIRST], STATUS), 3)
    assert not told(merged(target.getvalue(), into=plan), "S117")


def without_date(plan: Report) -> Report:
    """Return a report before its open date was added to it."""
    dates = tuple(day for day in plan.head.dates if day != plan.head.current)
    return replace(
        plan,
        head=replace(plan.head, dates=dates, current=None),
        values={slot: v for slot, v in plan.values.items() if slot.date != plan.head.current},
    )


def alone(form: bytes) -> bytes:
    """Return the visible sheet of a form in a new workbook."""
    old, new = book_of(form).worksheets[0], openpyxl.Workbook()
    for number, row in enumerate(old.iter_rows(values_only=True), 1):
        for col, raw in enumerate(row, 1):
            new.worksheets[0].cell(number, col).value = raw
    return saved(new)


def merged_into(plan: Report, form: bytes) -> Register:
    """Merge a form without its hidden sheet into a plan."""
    register = Register(plan)
    return merge(register, [parse_return("a.xlsx", form, RegisterForms(register))])


def test_a_copied_sheet_and_the_plan_before_it_was_sent_give_one_error() -> None:
    register = merged_into(without_date(REPORT), alone(typed(SAM, EVERY)))
    (finding,) = errors_of(register, "S117")
    assert (finding.values["label"], finding.values["count"]) == ("Fyll ut per 31.08.2020", "3")
    assert "sendt" in finding.message("nb")
    assert not [f for f in told(register, "S108") if f.values["value"] in "345"]


def test_the_rows_of_cards_at_a_date_that_the_plan_does_not_have_are_one_error() -> None:
    dated = Field(
        "state", "Läge {date:%d%m%y}", "text", of="goal", role="input", per_checkpoint=True
    )
    template = replace(GOALS.template, fields=(*GOALS.template.fields, dated))
    plan = replace(GOALS, template=template)
    answers: Mapping[Slot, Value | None] = {
        Slot(f"TES-00{n}", "state", AUGUST): f"läge {n}" for n in (1, 2)
    }
    form = alone(typed(forms_of(plan)[plan.area_refs[0]], answers))
    register = merged_into(without_date(plan), form)
    (finding,) = errors_of(register, "S117")
    assert (finding.values["label"], finding.values["count"]) == ("Läge 310820", "2")
    assert "läge 1" in finding.values["value"]
    assert not told(register, "L102") + told(register, "L103")


DATED = [
    name for name, (_, answers) in ROUNDS.items() if any(slot.date is not None for slot in answers)
]


@pytest.mark.parametrize("name", DATED)
def test_of_every_template_each_dated_column_is_one_error_before_the_plan_was_sent(
    name: str,
) -> None:
    """Undated answers of the same form are taken."""
    plan, answers = ROUNDS[name]
    labels = {f"Fyll ut per {slot.date:%d.%m.%Y}" for slot in answers if slot.date}
    register = merged_into(without_date(plan), alone(answered(name)))
    assert {finding.values["label"] for finding in errors_of(register, "S117")} == labels
    quoted = " ".join(finding.values["value"] for finding in errors_of(register, "S117"))
    for slot, value in answers.items():
        if slot.date:
            kind = geometry_of(plan.template).field_types[plan.by_ref[slot.ref].level, slot.field]
            assert all(str(cell) in quoted for cell in kind.to_cells(value))
        else:
            assert register.report.values[slot] == value


# Sheets


def with_copy(edit: Callable[[Worksheet], object]) -> Register:
    """Return the state after a copy of the form's sheet was added to the form, and edited."""
    book = book_of(typed(SAM, {status(): 4}))
    copy = book.copy_worksheet(book.worksheets[0])
    copy.title = "Kopi"
    edit(copy)
    return merged(saved(book))


def only_labels(sheet: Worksheet) -> None:
    """Leave the labels and a table that is none of the plan."""
    rows = rows_of(sheet)
    for row in sheet.iter_rows():
        for cell in row:
            if cell.row != rows["@head"]:
                cell.value = None
    sheet.delete_cols(1)
    sheet.cell(rows["@head"] + 1, 2).value = "Et tiltak"


def test_a_sheet_like_a_form_whose_area_is_unknown_is_an_error() -> None:
    register = with_copy(only_labels)
    (finding,) = errors_of(register, "S118")
    assert finding.place.sheet == "Kopi"
    assert "Et tiltak" in " ".join(f.values["value"] for f in told(register, "S108"))


def test_a_sheet_of_notes_is_no_form() -> None:
    def notes(sheet: Worksheet) -> None:
        sheet.delete_rows(1, sheet.max_row)
        sheet["B2"] = "Tiltak vi bør snakke om"

    assert not told(with_copy(notes), "S118")


def test_a_second_value_of_an_answer_is_quoted_and_the_one_that_is_shown_is_taken() -> None:
    with ZipFile(BytesIO(typed(SAM, {remark(): "Tomt byttet"}))) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    sheet, text = parts["xl/worksheets/sheet1.xml"], b"<is><t>Tomt byttet</t></is>"
    assert sheet.count(text) == 1
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(text, text + b"<v>Stoppet</v>")
    register = merged(zipped(parts))
    assert register.report.values[remark()] == "Tomt byttet"
    assert [f.values["value"] for f in told(register, "S108")] == ["Stoppet"]
