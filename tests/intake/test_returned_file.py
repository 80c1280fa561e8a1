"""Which area a returned sheet belongs to, what was sent in it, and what is only quoted."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from dataclasses import replace
from itertools import permutations

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.forms import (
    At,
    book_of,
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
)
from tests.merging.test_merge import (
    APRIL,
    AUGUST,
    FIRST,
    OPP,
    REPORT,
    ROWS,
    SAM,
    SECOND,
    merged,
    remark,
    status,
    told,
    with_new_row,
)
from xltiltak.intake.form_reader import RegisterForms
from xltiltak.intake.processes import jobs_that_pay
from xltiltak.intake.returned_file import parse_return
from xltiltak.merging.collection import register_from_forms
from xltiltak.model.register import Register, ReturnedFile
from xltiltak.model.report import Area, Report, Slot
from xltiltak.model.row_keys import form_code
from xltiltak.snapshot.hidden_sheet import SHEET_NAME

# Without a plan: what the forms themselves say was sent


def _sent_again(report: Report, times: int) -> Report:
    """Return the report with each form sent so many times."""
    return replace(
        report, areas={ref: replace(area, sent=times) for ref, area in report.areas.items()}
    )


def _received(*forms: bytes) -> list[ReturnedFile]:
    return [parse_return(f"{n}.xlsx", form) for n, form in enumerate(forms)]


@pytest.mark.parametrize("text", ["Ny tomt", "Tomt solgt", "Utsatt", "Avlyst", "Ferdig regulert"])
def test_the_later_of_two_sendings_gives_the_values_of_the_register(text: str) -> None:
    """Neither names nor hashes of the files matter: with several texts, each order occurs."""
    later = replace(_sent_again(REPORT, 2), values={**REPORT.values, remark(): text})
    files = _received(SAM, forms_of(later)["SAM"])
    for order in permutations(files):
        report = register_from_forms(order).report
        assert (report.values[remark()], report.areas["SAM"].sent) == (text, 2)


def test_a_form_of_an_earlier_round_does_not_say_what_was_sent_in_this_one() -> None:
    april = replace(REPORT, head=replace(REPORT.head, current=APRIL))
    report = register_from_forms(_received(forms_of(april)["OPP"], SAM)).report
    assert report.head.current == AUGUST
    assert [node.ref for node in report.nodes if node.ref.startswith("OPP")] == ["OPP"]
    assert report.values[Slot("OPP", "name")] == "Oppvekst"


def test_a_form_of_another_template_version_does_not_say_what_was_sent() -> None:
    other = replace(REPORT, template=replace(REPORT.template, version=REPORT.template.version + 1))
    later = replace(_sent_again(other, 2))
    report = register_from_forms(_received(OPP, forms_of(later)["SAM"])).report
    assert [node.ref for node in report.nodes if node.ref.startswith("OPP")] == ["OPP"]


# A sheet that left its workbook: its code, then its texts


def _code(sending: int) -> str:
    return form_code(replace(REPORT, areas={"SAM": Area(sent=sending)}), "SAM")


@pytest.mark.parametrize("sending", range(5))
def test_form_codes_are_recognised_for_some_sendings_after_the_plans_last(sending: int) -> None:
    """The plan that was merged with may not be the one that was saved after sending."""
    found = RegisterForms(Register(REPORT)).by_code(_code(sending))
    assert found is not None
    assert (found[0], found[1].areas["SAM"].sent) == ("SAM", sending)


def test_the_code_of_another_report_or_sending_is_unknown() -> None:
    assert RegisterForms(Register(REPORT)).by_code(_code(50)) is None
    other = replace(REPORT, head=replace(REPORT.head, code="XXX"))
    assert RegisterForms(Register(REPORT)).by_code(form_code(other, "SAM")) is None


def test_a_first_sending_has_no_answers_and_a_later_one_has_them() -> None:
    register = merged(typed(SAM, {status(): 4}))
    known = [RegisterForms(register).by_code(_code(sending)) for sending in (1, 2)]
    assert [found[1].values.get(status()) if found else "unknown" for found in known] == [None, 4]


def _visible(form: bytes, *without: str) -> bytes:
    """Return a new workbook with a form's visible cells, without its code and these rows."""
    book = book_of(form)
    del book[SHEET_NAME]
    sheet = book.worksheets[0]
    for ref in without:
        sheet.delete_rows(rows_of(sheet)[ref])
    sheet.cell(rows_of(sheet)["@code"], 2).value = None
    sheet.cell(rows_of(sheet)["@title"], 2).value = "Vårt ark"
    sheet.delete_cols(1)
    return saved(book)


def _areas(content: bytes, plan: Report = REPORT) -> list[str]:
    received = parse_return("a.xlsx", content, RegisterForms(Register(plan)))
    return [submission.area for submission in received.submissions]


def test_a_sheet_without_code_and_row_keys_is_identified_by_half_of_its_measures() -> None:
    assert _areas(_visible(SAM)) == ["SAM"]
    assert _areas(_visible(SAM, SECOND)) == ["SAM"]
    assert _areas(_visible(SAM, FIRST, SECOND)) == []


def test_a_sheet_whose_measures_fit_two_areas_belongs_to_neither() -> None:
    names = {Slot("OPP-001", "name"): REPORT.values[Slot(FIRST, "name")]}
    refs = {"SAM-002", "SAM-003"}
    nodes = tuple(node for node in REPORT.nodes if node.ref not in refs)
    values = {
        slot: value for slot, value in {**REPORT.values, **names}.items() if slot.ref not in refs
    }
    plan = replace(REPORT, nodes=nodes, values=values)
    assert _areas(_visible(forms_of(plan)["SAM"]), plan) == []


# What is only quoted


def _values(register: Register, code: str) -> str:
    return "\n".join(finding.values["value"] for finding in told(register, code))


def test_a_sheet_with_the_code_of_one_area_and_the_rows_of_another_is_only_quoted() -> None:
    form = with_new_row(
        typed(SAM, {status(SECOND): 4, remark(SECOND): "Godt i gang", message_to(SAM): "Ring meg"})
    )
    with retyped(form) as (sheet, target):
        other = sheet.parent
        assert other is not None
        code = (
            book_of(OPP).worksheets[0].cell(rows_of(book_of(OPP).worksheets[0])["@code"], 2).value
        )
        sheet.cell(rows_of(sheet)["@code"], 2).value = code
        sheet.cell(ROWS[FIRST], 12).value = "ved siden av"
    content = target.getvalue()
    received = parse_return("a.xlsx", content, RegisterForms(Register(REPORT)))
    assert [f.code for f in received.all_findings() if f.severity == "error"][:1] == ["S101"]
    (finding,) = (f for f in received.all_findings() if f.code == "S101")
    for text in ("Godt i gang", "Ring meg", "Ny lekeplass", "Alle vil ha den", "ved siden av"):
        assert text in finding.values["value"], text
    assert not [claim for submission in received.submissions for claim in submission.changes]


def test_a_formula_without_a_value_in_a_locked_cell_is_quoted() -> None:
    with retyped(SAM) as (sheet, target):
        at = places(sent_in(SAM))[status(day=APRIL)][0]
        sheet.cell(at.row, at.col).value = "=1+1"  # openpyxl writes no last value
    register = merged(target.getvalue())
    assert register.report.values[status(day=APRIL)] == 2
    assert "=1+1" in _values(register, "L102")


def test_a_row_that_is_there_twice_is_not_proposed_as_a_new_measure() -> None:
    with retyped(typed(SAM, {status(FIRST): 3})) as (sheet, target):
        last = sheet.max_row + 1
        for col in range(1, sheet.max_column + 1):
            put(sheet, At(last, col), sheet.cell(ROWS[FIRST], col).value)
    received = parse_return("a.xlsx", target.getvalue())
    assert not [
        proposal for submission in received.submissions for proposal in submission.proposals
    ]
    assert "S103" in {finding.code for finding in received.all_findings()}


def _beside(sheet: Worksheet, texts: Iterable[str]) -> None:
    for n, text in enumerate(texts):
        sheet.cell(n + 1, 1).value = text


@pytest.mark.parametrize(
    ("texts", "count", "rest"),
    [
        ([f"notat {n}" for n in range(5_003)], 5_001, "… (3)"),
        (["x" * 30_000] * 20, 18, "… (3)"),
        (["notat"] * 3, 3, ""),
    ],
)
def test_what_is_beyond_the_limit_of_quotes_is_counted(
    texts: list[str], count: int, rest: str
) -> None:
    book = book_of(SAM)
    _beside(book.create_sheet("Notater"), texts)
    found = [f for f in parse_return("a.xlsx", saved(book)).all_findings() if f.code == "S108"]
    assert len(found) == count
    assert not rest or found[-1].values["value"] == rest


def test_a_sent_value_typed_in_another_way_is_no_change() -> None:
    received = parse_return(
        "a.xlsx", overtyped(SAM, {status(day=APRIL): "2", remark(): "Tomt kjøpt"})
    )
    assert not [claim for submission in received.submissions for claim in submission.changes]


@pytest.mark.parametrize(
    ("count", "processors", "jobs"),
    [(0, 8, 1), (199, 8, 1), (200, 1, 1), (200, 2, 2), (1_000, 64, 4), (200, None, 1)],
)
def test_many_files_are_read_in_several_processes(
    monkeypatch: pytest.MonkeyPatch, count: int, processors: int | None, jobs: int
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: processors)
    assert jobs_that_pay(count) == jobs


def test_the_register_is_unpacked_in_another_process_only_if_a_file_needs_it() -> None:
    forms = RegisterForms(Register(REPORT))
    sent = pickle.loads(pickle.dumps(forms))  # noqa: S301 - our own
    assert "register" not in vars(sent)
    assert sent.report.nodes == forms.report.nodes
    assert "register" in vars(sent)
