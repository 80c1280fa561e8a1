"""Test the three-way merge, each row of its tables (`merging.merge`), with edited workbooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import permutations
from pathlib import Path

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.forms import (
    KEY,
    At,
    book_of,
    first_sheet,
    forms_of,
    message_to,
    overtyped,
    places,
    put,
    retyped,
    rows_of,
    saved,
    sent_in,
    typed,
    with_broken_fingerprint,
)
from xltiltak import flows
from xltiltak.flows import open_round
from xltiltak.intake.returned_file import parse_return
from xltiltak.layout.guidance import MESSAGE_FIELD
from xltiltak.merging.collection import other_report, register_from_forms
from xltiltak.merging.merge import merge
from xltiltak.model.cell_values import PlainValue
from xltiltak.model.errors import PlanError
from xltiltak.model.field_types import Value
from xltiltak.model.finding import Finding
from xltiltak.model.register import Change, Register, ReturnedFile, Source, Submission
from xltiltak.model.report import Area, Head, Node, Report, Slot
from xltiltak.plan.plan_reader import read_appendix
from xltiltak.sheets.appendix import write_appendix
from xltiltak.sheets.forms import write_form
from xltiltak.templates import catalogue

APRIL, AUGUST, DECEMBER = date(2020, 4, 30), date(2020, 8, 31), date(2020, 12, 31)
TEMPLATE = catalogue.find("tiltaksstatus")
PLAN = """
| ref     | no | name                                  | April | remark      |
|---------|----|---------------------------------------|-------|-------------|
| SAM     |    | Samfunn                               |       |             |
| SAM-001 | 1  | Bygge ny skole på Nes                 | 2     | Tomt kjøpt  |
| SAM-002 | 2  | Rydde parken ved elva                 | 3     |             |
| SAM-003 | 3  | Ansette to vaktmestere                | 1     |             |
| OPP     |    | Oppvekst                              |       |             |
| OPP-001 | 1  | Kurs i svømming for alle femteklasser | 4     |             |
"""


def plan_of(table: str, *, current: date = AUGUST) -> Report:
    """Return the plan of a markdown table, with a date open and each form sent once."""
    nodes, values = [], dict[Slot, Value]()
    for line in table.strip().splitlines()[2:]:
        ref, no, name, april, remark = (cell.strip() for cell in line.strip("|").split("|"))
        area = ref.partition("-")[0]
        nodes.append(Node(ref, "area") if ref == area else Node(ref, "measure", area))
        texts = {Slot(ref, "name"): name, Slot(ref, "remark"): remark}
        numbers = {Slot(ref, "no"): no, Slot(ref, "status", APRIL): april}
        values |= {slot: text for slot, text in texts.items() if text}
        values |= {slot: int(text) for slot, text in numbers.items() if text}
    head = Head("TES", "Testby kommune", "Tiltak", 2020, "nb", (APRIL, AUGUST), current)
    counts = {ref: sum(n.parent == ref for n in nodes) for ref in ("SAM", "OPP")}
    return Report(
        TEMPLATE,
        head,
        tuple(nodes),
        values,
        {ref: Area(highest=n, sent=1) for ref, n in counts.items()},
    )


REPORT = plan_of(PLAN)
SAM, OPP = forms_of(REPORT).values()
ROWS = rows_of(first_sheet(SAM))
FIRST, SECOND, THIRD = "SAM-001", "SAM-002", "SAM-003"


def status(ref: str = FIRST, day: date = AUGUST) -> Slot:
    return Slot(ref, "status", day)


def remark(ref: str = FIRST) -> Slot:
    return Slot(ref, "remark")


def merged(*forms: bytes, into: Register | Report = REPORT) -> Register:
    """Return the register with these files merged in, named a.xlsx, b.xlsx …"""
    register = into if isinstance(into, Register) else Register(into)
    return merge(
        register, [parse_return(f"{chr(ord('a') + n)}.xlsx", form) for n, form in enumerate(forms)]
    )


def reread(register: Register) -> Register:
    """Return the register as it is read back from the coordinator's workbook."""
    return read_appendix(write_appendix(register))


def told(register: Register, code: str) -> list[Finding]:
    """Return the findings with one code."""
    return [finding for finding in register.findings if finding.code == code]


def errors(register: Register) -> set[str]:
    return {finding.code for finding in register.findings if finding.severity == "error"}


def typed_in_appendix(register: Register, cells: dict[Slot, PlainValue]) -> Register:
    """Return the register of an appendix into which the coordinator typed."""
    content = write_appendix(register)
    book = book_of(content)
    for slot, raw in cells.items():
        sheet, at = _found_in(book.worksheets, slot, register.report)
        put(sheet, at, raw)
    return read_appendix(saved(book))


def _found_in(sheets: Sequence[Worksheet], slot: Slot, report: Report) -> tuple[Worksheet, At]:
    """Return sheet and cell of a slot: in the row with its key, below its label."""
    field = next(field for s, field, _ in report.slots() if s == slot)
    for sheet in sheets:
        rows = rows_of(sheet)
        if slot.ref in rows and "@head" in rows:
            labels = [
                sheet.cell(rows["@head"], col).value for col in range(1, sheet.max_column + 1)
            ]
            return sheet, At(rows[slot.ref], labels.index(field.named(slot.date)) + 1)
    raise LookupError(slot)


# An open slot


def test_a_valid_answer_is_taken() -> None:
    register = merged(typed(SAM, {status(): 4, remark(SECOND): "Godt i gang"}))
    assert (register.report.values[status()], register.report.values[remark(SECOND)]) == (
        4,
        "Godt i gang",
    )
    assert not errors(register)
    assert dict(register.previous_values) == {status(): None, remark(SECOND): None}


@pytest.mark.parametrize("raw", ["3 - Godt i gang", "3,0", " 3 ", "Godt i gang", "３", "3."])
def test_an_answer_with_one_reading_is_repaired_and_told_as_a_note(raw: str) -> None:
    register = merged(overtyped(SAM, {status(): raw}))
    assert register.report.values.get(status()) == 3
    (note,) = told(register, "V107")
    assert (note.severity, note.values["before"]) == ("note", raw)


def test_a_formula_without_a_last_value_is_an_error_and_nothing_is_taken() -> None:
    with retyped(SAM) as (sheet, target):
        at = places(sent_in(SAM))[status()][0]
        sheet.cell(at.row, at.col).value = "=1+2"  # openpyxl writes no last value
    register = merged(target.getvalue())
    assert status() not in register.report.values
    (finding,) = told(register, "V106")
    assert finding.severity == "error"
    assert "=1+2" in finding.values["value"]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (7, "V101"),
        (3.5, "V113"),  # the cell shows 4
        ("snart", "V101"),
        ("3 eller 4", "V101"),
        (date(2020, 5, 3), "V105"),
    ],
)
def test_an_invalid_answer_is_quoted_and_what_was_there_stays(
    raw: str | float | date, code: str
) -> None:
    register = merged(overtyped(SAM, {status(): raw}))
    assert status() not in register.report.values
    (finding,) = told(register, code)
    assert (finding.severity, finding.ref, finding.place.file) == ("error", FIRST, "a.xlsx")
    assert finding.values["value"]


def test_an_error_cell_is_never_a_blank() -> None:
    with retyped(SAM) as (sheet, target):
        at = places(sent_in(SAM))[status()][0]
        sheet.cell(at.row, at.col).value = "#DIV/0!"
    register = merged(target.getvalue())
    assert status() not in register.report.values
    assert [finding.severity for finding in told(register, "V106")] == ["error"]


def test_a_cleared_optional_slot_is_emptied_and_its_old_text_quoted() -> None:
    register = merged(typed(SAM, {remark(): None}))
    assert remark() not in register.report.values
    (note,) = told(register, "V111")
    assert (note.severity, note.values["value"]) == ("note", "Tomt kjøpt")


def test_a_cleared_required_slot_is_kept_with_a_warning() -> None:
    answered = replace(REPORT, values={**REPORT.values, status(): 4})
    register = merged(typed(forms_of(answered)["SAM"], {status(): None}), into=answered)
    assert register.report.values[status()] == 4
    assert [finding.severity for finding in told(register, "V111")] == ["warning"]


# A locked slot


def test_a_changed_given_text_is_quoted_and_the_register_stands() -> None:
    register = merged(typed(SAM, {Slot(FIRST, "name"): "Bygge ny skole på Næs", status(): 4}))
    assert register.report.values[Slot(FIRST, "name")] == "Bygge ny skole på Nes"
    assert register.report.values[status()] == 4
    (finding,) = told(register, "L101")
    assert (finding.values["value"], finding.values["held"]) == (
        "Bygge ny skole på Næs",
        "Bygge ny skole på Nes",
    )


def test_a_rewritten_text_leaves_its_row_to_nobody_and_quotes_it() -> None:
    register = merged(typed(SAM, {Slot(FIRST, "name"): "Noe helt annet", status(): 4}))
    assert register.report.values[Slot(FIRST, "name")] == "Bygge ny skole på Nes"
    assert status() not in register.report.values
    (finding,) = told(register, "L101")
    assert "Noe helt annet" in finding.values["value"]


def test_a_changed_earlier_date_is_quoted_and_the_register_stands() -> None:
    register = merged(typed(SAM, {status(day=APRIL): 5}))
    assert register.report.values[status(day=APRIL)] == 2
    (finding,) = told(register, "L102")
    assert (finding.severity, finding.date) == ("error", APRIL)


# The register changed after sending


def test_the_register_stands_where_the_coordinator_changed_it_after_sending() -> None:
    changed = replace(REPORT, values={**REPORT.values, remark(): "Tomt solgt"})
    register = merged(typed(SAM, {remark(): "Tomt ryddet"}), into=changed)
    assert register.report.values[remark()] == "Tomt solgt"
    (finding,) = told(register, "M105")
    assert (finding.severity, finding.values["value"]) == ("warning", "Tomt ryddet")


def test_both_sides_may_change_a_slot_to_the_same() -> None:
    changed = replace(REPORT, values={**REPORT.values, remark(): "Tomt solgt"})
    register = merged(typed(SAM, {remark(): "Tomt solgt"}), into=changed)
    assert register.report.values[remark()] == "Tomt solgt"
    assert not told(register, "M105")


# Two returns for one area


def test_two_half_filled_forms_unite() -> None:
    register = merged(
        typed(SAM, {status(FIRST): 3}), typed(SAM, {status(SECOND): 4, status(THIRD): 5})
    )
    assert [register.report.values[status(ref)] for ref in (FIRST, SECOND, THIRD)] == [3, 4, 5]
    assert not errors(register)
    assert [finding.severity for finding in told(register, "M103")] == ["note"]


def test_two_returns_that_quarrel_leave_the_register_as_it_was() -> None:
    register = merged(
        typed(SAM, {status(): 3, status(SECOND): 4}), typed(SAM, {status(): 5, status(SECOND): 4})
    )
    assert status() not in register.report.values
    assert register.report.values[status(SECOND)] == 4
    (finding,) = told(register, "M102")
    assert (finding.severity, finding.ref) == ("error", FIRST)
    assert "5" in finding.values["value"] + finding.values["others"]


def test_a_decision_typed_into_the_appendix_ends_the_matter_for_good() -> None:
    quarrel = [typed(SAM, {status(): 3}), typed(SAM, {status(): 5})]
    decided = typed_in_appendix(merged(*quarrel), {status(): 4})
    for register in (
        merged(*quarrel, into=decided),
        merged(*quarrel, into=reread(merged(*quarrel, into=decided))),
    ):
        assert register.report.values[status()] == 4
        assert "M102" not in errors(register)
        assert status() in register.overridden_slots


def test_merging_twice_or_in_two_runs_is_the_same() -> None:
    one, other = typed(SAM, {status(): 3}), typed(OPP, {status("OPP-001"): 5})
    both = merge(Register(REPORT), [parse_return("a.xlsx", one), parse_return("b.xlsx", other)])
    first = merge(Register(REPORT), [parse_return("a.xlsx", one)])
    second = merge(reread(first), [parse_return("b.xlsx", other), parse_return("a.xlsx", one)])
    assert write_appendix(second) == write_appendix(both)


# The same round, sent again


def resent(register: Register) -> tuple[Register, bytes]:
    """Split an appendix again for the same date; return its register and the first area's form."""
    sent = reread(open_round(reread(register), None))
    return sent, forms_of(sent.report)["SAM"]


def test_a_later_answer_to_a_value_that_was_sent_out_again_supersedes_it() -> None:
    sent, form = resent(merged(typed(SAM, {status(): 3})))
    register = merge(sent, [parse_return("later.xlsx", typed(form, {status(): 4}))])
    assert register.report.values[status()] == 4
    assert not told(register, "M105")
    assert not errors(register)


def test_an_answer_can_be_taken_back_in_a_later_form() -> None:
    sent, form = resent(merged(typed(SAM, {remark(SECOND): "Ryddet"})))
    register = merge(sent, [parse_return("later.xlsx", typed(form, {remark(SECOND): None}))])
    assert remark(SECOND) not in register.report.values


def test_the_answer_to_a_form_that_went_out_again_settles_a_quarrel() -> None:
    quarrel = {"a.xlsx": typed(SAM, {status(): 3}), "b.xlsx": typed(SAM, {status(): 5})}
    files = [parse_return(name, form) for name, form in quarrel.items()]
    sent, form = resent(merge(Register(REPORT), files))
    register = merge(sent, [parse_return("later.xlsx", typed(form, {status(): 2}))])
    assert register.report.values[status()] == 2
    assert not errors(register)
    (finding,) = told(register, "M109")
    assert all(text in finding.values["others"] for text in ("3 ", "5 ", "a.xlsx", "b.xlsx"))
    assert write_appendix(merge(reread(register), files)) == write_appendix(register)


def test_a_quarrel_about_the_form_that_went_out_again_is_one() -> None:
    sent, form = resent(merged(typed(SAM, {status(): 3}), typed(SAM, {status(): 5})))
    register = merge(sent, [parse_return(f"{n}.xlsx", typed(form, {status(): n})) for n in (1, 2)])
    assert status() not in register.report.values
    assert "M102" in errors(register)


def test_a_form_sent_again_has_another_code_even_where_the_plan_was_not_the_one_sent() -> None:
    unsent = replace(
        REPORT, areas={ref: replace(area, sent=0) for ref, area in REPORT.areas.items()}
    )
    sent, form = resent(merged(typed(SAM, {status(): 3}), into=unsent))
    assert sent.report.areas["SAM"].sent == 2
    assert parse_return("x.xlsx", form).submissions[0].source.sending == 2


def test_an_older_form_that_says_otherwise_than_the_later_answer_is_a_quarrel() -> None:
    sent, form = resent(merged(typed(SAM, {status(): 3})))
    late = [
        parse_return("later.xlsx", typed(form, {status(): 4})),
        parse_return("old.xlsx", typed(SAM, {status(): 2})),
    ]
    for order in (late, late[::-1]):
        register = merge(sent, order)
        assert status() not in register.report.values
        assert "M102" in errors(register)


def _answer(
    value: Value | None,
    sent: Value | None = None,
    *,
    sending: int = 1,
    file: str = "a.xlsx",
    sha256: str = "0",
) -> ReturnedFile:
    """Return a file as it was read, with this status of the first measure."""
    claim = Change(status(), sent, value, "E13", is_editable=True)
    source = Source(file, "Samfunn", sha256, sending=sending)
    return ReturnedFile(file, sha256, "read", (Submission(source, "SAM", AUGUST, (claim,)),))


@pytest.mark.parametrize(
    ("first", "second", "value"),
    [(1, 2, 4), (2, 3, 4), (1, 1, 3), (2, 2, 3), (2, 1, 3)],
)
def test_only_a_later_sending_can_change_an_answer(first: int, second: int, value: int) -> None:
    """Both forms begin with 3: one was answered so, the other says that it was sent with it."""
    files = [_answer(3, sending=first), _answer(4, 3, sending=second, file="b.xlsx", sha256="1")]
    for order in (files, files[::-1]):
        register = merge(Register(REPORT), order)
        assert register.report.values[status()] == value
        assert bool(told(register, "M105")) == (value == 3)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_answers_to_one_sending_after_another_are_followed_to_the_last(
    order: tuple[int, ...],
) -> None:
    """Each form was sent with the answer to the form before."""
    files = [
        _answer(3, sending=1),
        _answer(4, 3, sending=2, file="b.xlsx", sha256="1"),
        _answer(5, 4, sending=3, file="c.xlsx", sha256="2"),
    ]
    register = merge(Register(REPORT), [files[n] for n in order])
    assert register.report.values[status()] == 5
    assert not told(register, "M105") + told(register, "M102")


def test_a_later_answer_that_was_sent_without_the_earlier_one_is_a_quarrel() -> None:
    """Only a form sent after a conflict settles it; here the leader never saw the other answer."""
    register = merge(
        Register(REPORT), [_answer(3), _answer(4, sending=2, file="b.xlsx", sha256="1")]
    )
    assert status() not in register.report.values
    assert "M102" in errors(register)
    assert not told(register, "M109")


def _correcting(file: ReturnedFile, *corrected: str) -> ReturnedFile:
    """Return a file as a correction form of the files with these hashes."""
    (submission,) = file.submissions
    changes = tuple(change for change in submission.changes if change.value != change.sent)
    corrects = replace(submission, changes=changes, corrects=corrected)
    return replace(file, submissions=(corrects,))


FIRST_RETURN = _answer(3)
STALE_COPY = _answer(2, file="kopi.xlsx", sha256="2")


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize(
    ("correction", "value"),
    [
        (_answer(4, 3, sending=2, file="rettes.xlsx", sha256="1"), 4),
        (_answer(3, 3, sending=2, file="rettes.xlsx", sha256="1"), 3),  # left as it was
        (_answer(None, 3, sending=2, file="rettes.xlsx", sha256="1"), None),
    ],
)
def test_a_stale_first_copy_leaves_what_was_accepted_after_a_correction(
    correction: ReturnedFile, value: Value | None, order: tuple[int, ...]
) -> None:
    """Three returns in any order, in one run and in three."""
    files = [FIRST_RETURN, _correcting(correction, "0"), STALE_COPY]
    together = merge(Register(REPORT), [files[n] for n in order])
    one_by_one = Register(REPORT)
    for n in order:
        one_by_one = reread(merge(one_by_one, [files[n]]))
    for register in (together, merge(one_by_one, [])):
        assert register.report.values.get(status()) == value
        assert not told(register, "M102")
        (finding,) = told(register, "M109")
        assert (finding.severity, "kopi.xlsx" in finding.values["others"]) == ("warning", True)


@pytest.mark.parametrize(
    ("other", "is_conflict"),
    [
        (replace(STALE_COPY, file="b.xlsx"), False),
        (_answer(3, file="b.xlsx", sha256="2"), False),  # it says the same
        (_answer(2, sending=2, file="b.xlsx", sha256="2"), True),  # as late as the correction
        (_answer(2, sending=3, file="b.xlsx", sha256="2"), True),
    ],
)
def test_only_an_earlier_sending_than_the_correction_is_stale(
    other: ReturnedFile, *, is_conflict: bool
) -> None:
    correction = _correcting(_answer(3, 3, sending=2, file="rettes.xlsx", sha256="1"), "0")
    register = merge(Register(REPORT), [FIRST_RETURN, correction, other])
    assert ("M102" in errors(register)) == is_conflict
    assert (register.report.values.get(status()) == 3) != is_conflict


def test_two_corrected_forms_that_disagree_are_a_conflict() -> None:
    correction = _correcting(_answer(3, 3, sending=2, file="rettes.xlsx", sha256="1"), "0", "2")
    register = merge(Register(REPORT), [FIRST_RETURN, correction, STALE_COPY])
    assert "M102" in errors(register)


def test_a_sheet_that_says_two_things_of_one_slot_is_a_quarrel() -> None:
    one = _answer(3)
    (submission,) = one.submissions
    both = replace(
        submission,
        changes=(*submission.changes, submission.changes[0]._replace(value=4, cell="E19")),
    )
    register = merge(Register(REPORT), [replace(one, submissions=(both,))])
    assert status() not in register.report.values
    assert "M102" in errors(register)


def test_an_answer_that_is_not_chained_is_told_only_where_it_says_otherwise() -> None:
    """It was sent with a value that is out of date, but returned with the current one."""
    files = [
        _answer(3),
        _answer(3, 5, file="b.xlsx", sha256="1"),
        _answer(2, 5, file="c.xlsx", sha256="2"),
    ]
    register = merge(Register(REPORT), files)
    assert register.report.values[status()] == 3
    assert [finding.place.file for finding in told(register, "M105")] == ["c.xlsx"]


def test_what_the_coordinator_decided_is_not_changed_by_a_form_that_was_sent_with_it() -> None:
    register = typed_in_appendix(
        merged(typed(SAM, {status(): 3}), typed(SAM, {status(): 4})), {status(): 5}
    )
    later = merge(register, [_answer(2, 5, sending=2)])
    assert later.report.values[status()] == 5
    assert "2 Såvidt startet" in [finding.values["value"] for finding in told(later, "M105")]


def test_a_quarrelled_slot_is_not_told_as_unanswered_too() -> None:
    one = merged(typed(SAM, {status(): 3}), typed(SAM, {status(): 4}))
    assert {finding.ref for finding in told(one, "V102")} == {SECOND, THIRD}


def test_a_file_that_was_taken_in_keeps_its_first_reading() -> None:
    """Another register, or a later version of the program, could read the file otherwise."""
    register = merge(Register(REPORT), [_answer(3)])
    later = merge(reread(register), [_answer(5)])
    assert later.report.values[status()] == 3
    assert write_appendix(later) == write_appendix(register)


@pytest.mark.parametrize(
    ("planned", "returned", "count"), [(3, 1, 3), (1, 3, 3), (2, 2, 2), (0, 1, 1)]
)
def test_an_older_form_does_not_lower_the_count_of_sendings(
    planned: int, returned: int, count: int
) -> None:
    areas = {ref: replace(area, sent=planned) for ref, area in REPORT.areas.items()}
    register = merge(Register(replace(REPORT, areas=areas)), [_answer(3, sending=returned)])
    assert register.report.areas["SAM"].sent == count
    assert register.report.areas["OPP"].sent == planned


# Rows


def test_a_deleted_row_keeps_what_the_register_knows_and_is_told() -> None:
    with retyped(typed(SAM, {status(FIRST): 3, status(THIRD): 5})) as (sheet, target):
        sheet.delete_rows(ROWS[SECOND])
    register = merged(target.getvalue())
    assert register.report.nodes == REPORT.nodes
    assert [register.report.values.get(status(ref)) for ref in (FIRST, SECOND, THIRD)] == [
        3,
        None,
        5,
    ]
    assert [(finding.ref, finding.severity) for finding in told(register, "S102")] == [
        (SECOND, "error")
    ]


def test_a_row_that_stands_twice_is_nobodys_and_quoted() -> None:
    filled = typed(SAM, {status(FIRST): 3, status(SECOND): 4})
    with retyped(filled) as (sheet, target):
        row, last = ROWS[FIRST], sheet.max_row + 1
        for col in range(1, sheet.max_column + 1):
            put(sheet, At(last, col), sheet.cell(row, col).value)
    register = merged(target.getvalue())
    assert status(FIRST) not in register.report.values
    assert register.report.values[status(SECOND)] == 4
    assert {finding.severity for finding in told(register, "S103")} == {"error"}


def test_an_unknown_ref_is_a_row_that_was_added() -> None:
    register = merged(with_new_row(SAM, mark="SAM-099"))
    assert register.report.nodes == REPORT.nodes
    assert [finding.severity for finding in told(register, "S104")] == ["warning"]


def with_new_row(form: bytes, mark: str | None = None) -> bytes:
    """Return the form with a new row below its last one."""
    with retyped(form) as (sheet, target):
        row, where = sheet.max_row + 1, places(sent_in(form))
        for slot, raw in (
            (Slot(FIRST, "name"), "Ny lekeplass"),
            (status(), 2),
            (remark(), "Alle vil ha den"),
        ):
            put(sheet, At(row, where[slot][0].col), raw)
        sheet.cell(row, 1).value = mark
    return target.getvalue()


def test_an_added_row_is_proposed_and_accepted_becomes_a_measure_with_the_next_ref() -> None:
    register = merged(with_new_row(SAM))
    (finding,) = told(register, "S104")
    assert finding.severity == "warning"
    book = book_of(write_appendix(register))
    accept = [
        row
        for s in book.worksheets
        for row in s.iter_rows()
        if str(row[0].value).startswith("proposal|")
    ]
    assert len(accept) == 1
    accept[0][1].value = "ja"
    accepted = read_appendix(saved(book))
    for restored in (
        accepted,
        merged(into=reread(accepted)),
        merged(with_new_row(SAM), into=reread(accepted)),
    ):
        assert [node.ref for node in restored.report.nodes if node.parent == "SAM"][-1] == "SAM-004"
        assert restored.report.values[Slot("SAM-004", "name")] == "Ny lekeplass"
        assert restored.report.values[status("SAM-004")] == 2
        assert restored.report.areas["SAM"].highest == 4


@pytest.mark.parametrize(
    ("written", "count"), [("ja", 1), (True, 1), (False, 0), ("nei", 0), (None, 0)]
)
def test_a_tick_accepts_a_proposal_and_an_empty_box_does_not(
    written: PlainValue, count: int
) -> None:
    book = book_of(write_appendix(merged(with_new_row(SAM))))
    (row,) = (
        row
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        if str(row[0].value).startswith("proposal|")
    )
    row[1].value = written
    accepted = read_appendix(with_broken_fingerprint(saved(book)))
    assert len(accepted.report.nodes) == len(REPORT.nodes) + count


def test_rows_sorted_without_their_hidden_column_are_known_by_their_texts() -> None:
    with retyped(typed(SAM, {status(FIRST): 3, status(SECOND): 4, status(THIRD): 5})) as (
        sheet,
        target,
    ):
        rows = [ROWS[ref] for ref in (FIRST, SECOND, THIRD)]
        contents = [[cell.value for cell in sheet[row][1:]] for row in rows]
        for row, values in zip(rows, contents[::-1], strict=True):
            for col, raw in enumerate(values, 2):
                put(sheet, At(row, col), raw)
    register = merged(target.getvalue())
    assert [register.report.values[status(ref)] for ref in (FIRST, SECOND, THIRD)] == [3, 4, 5]
    assert [finding.severity for finding in told(register, "S107")] == ["warning"]
    assert not told(register, "S106")  # that they stand in another order is said already


def test_rows_moved_with_their_hidden_column_are_read_by_their_refs() -> None:
    with retyped(typed(SAM, {status(FIRST): 3, status(THIRD): 5})) as (sheet, target):
        rows = [ROWS[ref] for ref in (FIRST, SECOND, THIRD)]
        contents = [[cell.value for cell in sheet[row]] for row in rows]
        for row, values in zip(rows, contents[::-1], strict=True):
            for col, raw in enumerate(values, 1):
                put(sheet, At(row, col), raw)
    register = merged(target.getvalue())
    assert [register.report.values.get(status(ref)) for ref in (FIRST, SECOND, THIRD)] == [
        3,
        None,
        5,
    ]
    assert [finding.severity for finding in told(register, "S106")] == ["note"]


# What stands elsewhere


def test_a_value_beside_the_table_is_quoted() -> None:
    with retyped(SAM) as (sheet, target):
        sheet.cell(ROWS[FIRST], sheet.max_column + 2).value = "Ring meg"
    (note,) = told(merged(target.getvalue()), "S108")
    assert (note.severity, note.values["value"]) == ("note", "Ring meg")


def test_a_sheet_that_was_added_is_quoted() -> None:
    book = book_of(SAM)
    book.create_sheet("Notater")["C4"] = "Husk møtet"
    (note,) = told(merged(saved(book)), "S108")
    assert note.place.sheet == "Notater"
    assert "Husk møtet" in note.values["value"]


def test_the_leaders_message_is_passed_on() -> None:
    register = merged(typed(SAM, {message_to(SAM): "Takk for fristen"}))
    assert message_to(SAM) == Slot("SAM", MESSAGE_FIELD)
    assert [finding.values["value"] for finding in told(register, "M107")] == ["Takk for fristen"]


# Files


def test_an_area_that_nobody_returned_keeps_its_values_and_is_told() -> None:
    register = merged(typed(SAM, {status(): 3}))
    (finding,) = told(register, "M101")
    assert (finding.area, finding.severity) == ("OPP", "warning")
    assert register.answered_areas == {"SAM"}
    assert register.report.values[status("OPP-001", APRIL)] == 4


@pytest.mark.parametrize("current", [APRIL, DECEMBER])
def test_a_form_of_another_round_gives_nothing_and_is_quoted(current: date) -> None:
    other = forms_of(REPORT.with_open_date(current))["SAM"]
    register = merged(typed(other, {status(day=current): 5}))
    assert dict(register.report.values) == dict(REPORT.values)
    (finding,) = told(register, "M104")
    assert finding.severity == "error"
    assert "5" in finding.values["value"]


def test_a_form_of_another_report_is_refused() -> None:
    other = replace(REPORT, head=replace(REPORT.head, code="AND", title="Et annet sted"))
    received = parse_return("a.xlsx", typed(forms_of(other)["SAM"], {status(): 5}))
    assert [finding.code for finding in other_report(received, Register(REPORT))] == ["F004"]


def test_without_a_plan_the_forms_own_snapshots_make_the_register() -> None:
    files = [parse_return("a.xlsx", typed(SAM, {status(): 3}))]
    register = merge(register_from_forms(files), files)
    assert register.report.values[status()] == 3
    assert [node.ref for node in register.report.nodes] == ["SAM", FIRST, SECOND, THIRD, "OPP"]
    assert [finding.area for finding in told(register, "M101")] == ["OPP"]


def test_without_a_plan_and_without_forms_there_is_nothing_to_merge() -> None:
    with pytest.raises(PlanError):
        register_from_forms([parse_return("a.xlsx", b"%PDF-1.7")])


# Rounds that come together


def test_two_rounds_at_once_are_as_one_after_the_other() -> None:
    closed = replace(REPORT, head=replace(REPORT.head, current=None, dates=(APRIL,)))
    forms = {day: forms_of(REPORT.with_open_date(day))["SAM"] for day in (AUGUST, DECEMBER)}
    files = {
        day: parse_return(f"{day}.xlsx", typed(form, {status(FIRST, day): 3}))
        for day, form in forms.items()
    }
    both = merge(Register(closed), files.values())
    for order in ((AUGUST, DECEMBER), (DECEMBER, AUGUST)):
        register = Register(closed)
        for day in order:
            register = reread(merge(register, [files[day]]))
        assert write_appendix(merge(register, [])) == write_appendix(both)
    assert both.report.values[status(FIRST, DECEMBER)] == 3
    assert [f.place.file for f in told(both, "M104")] == [f"{AUGUST}.xlsx"]


def test_a_date_that_the_coordinator_has_opened_is_not_moved_by_a_form() -> None:
    late = forms_of(REPORT.with_open_date(DECEMBER))["SAM"]
    register = merged(typed(late, {status(FIRST, DECEMBER): 3}))
    assert register.report.head.current == AUGUST
    assert "M104" in errors(register)


# The plan was edited while the forms were out


def test_a_measure_that_moved_to_another_area_takes_its_answer_along() -> None:
    nodes = [node for node in REPORT.nodes if node.ref != SECOND]
    after = replace(REPORT, nodes=(*nodes, Node(SECOND, "measure", "OPP")))
    register = merged(
        typed(SAM, {status(SECOND): 4}), typed(OPP, {status("OPP-001"): 5}), into=after
    )
    assert register.report.values[status(SECOND)] == 4
    assert register.report.area_of[SECOND] == "OPP"
    assert not errors(register)


def test_an_answer_about_a_measure_that_was_taken_out_is_quoted() -> None:
    gone = {slot: value for slot, value in REPORT.values.items() if slot.ref != SECOND}
    after = replace(REPORT, nodes=tuple(n for n in REPORT.nodes if n.ref != SECOND), values=gone)
    register = merged(typed(SAM, {status(SECOND): 4, remark(FIRST): "Tomt ryddet"}), into=after)
    assert register.report.values[remark(FIRST)] == "Tomt ryddet"
    assert [(f.severity, f.ref, f.values["value"]) for f in told(register, "M105")] == [
        ("error", SECOND, "4")
    ]


def test_a_measure_that_was_taken_out_is_told_by_its_last_name(tmp_path: Path) -> None:
    gone = {slot: value for slot, value in REPORT.values.items() if slot.ref != SECOND}
    after = replace(REPORT, nodes=tuple(n for n in REPORT.nodes if n.ref != SECOND), values=gone)
    (tmp_path / "plan.xlsx").write_bytes(write_appendix(Register(after, key=KEY)))
    names = {ref: REPORT.area_name(ref) for ref in REPORT.area_refs}
    form = write_form(REPORT.parts()["SAM"], "SAM", names, KEY)
    (tmp_path / "sam.xlsx").write_bytes(typed(form, {status(SECOND): 4}))
    described = []
    for _ in range(2):  # the second merge has only the appendix to know the name from
        done = flows.merge(
            [tmp_path / "sam.xlsx"], tmp_path / "v.xlsx", plan=tmp_path / "plan.xlsx"
        )
        described += [f.what for f in done.findings if f.code == "M105"]
    assert described == ["SAM-002 (Tiltak 2 Rydde parken ved elva) · Status 31.08.2020"] * 2


def test_a_text_the_coordinator_has_changed_since_is_no_quarrel_with_the_leader() -> None:
    after = replace(REPORT, values={**REPORT.values, Slot(FIRST, "name"): "Bygge ny skole"})
    register = merged(typed(SAM, {status(): 4}), into=after)
    assert register.report.values[Slot(FIRST, "name")] == "Bygge ny skole"
    assert register.report.values[status()] == 4
    assert not errors(register)


def test_an_older_round_among_the_returns_gives_nothing_and_is_quoted() -> None:
    older = forms_of(plan_of(PLAN, current=APRIL))["SAM"]
    register = merged(typed(SAM, {status(): 4}), typed(older, {status(FIRST, APRIL): 5}))
    assert (register.report.values[status()], register.report.values[status(FIRST, APRIL)]) == (
        4,
        2,
    )
    (finding,) = told(register, "M104")
    assert "5" in finding.values["value"]
