"""Test forms that go to those whom a field names: split, return, remind and merge them."""

from __future__ import annotations

import email
from email import policy
from pathlib import Path

import openpyxl
import pytest
from hypothesis import strategies as st

from tests.forms import open_slots, sent_in, typed, without_answers
from tests.reports import reports
from tests.rounds.test_laws import run_law, same, typeable, without_proposed_steps
from tests.tampering import record_of, with_record
from xltiltak import flows
from xltiltak.importers.import_flow import import_plan
from xltiltak.intake.returned_file import Options, parse_return
from xltiltak.merging.collection import register_from_forms
from xltiltak.merging.merge import merge
from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.sheets.forms import write_forms
from xltiltak.templates import catalogue

FOLDER = Path(__file__).parents[1] / "example_templates" / "saksliste"
ROWS = """Utvalg;Nr;Vedtak;Saksbehandler;E-post
Formannskapet;1;Bygge ny bru;Kari Nordmann;kari@fjordvik.example
Formannskapet;2;Selge tomt;Per Persen;
Formannskapet;3;Utrede havn;Kari Nordmann;
Kommunestyret;1;Ny skole;Per Persen;
Kommunestyret;2;Ny budsjettmodell;;
Kommunestyret;3;Kulturplan;kari nordmann ;
"""
HEAD = """organisation = "Fjordvik"
title = "Vedtak"
year = 2026
language = "nb"
periods = [2026-06-30]
areas = [{ name = "Formannskapet", leader = "Per Persen", email = "per@fjordvik.example" }]
"""
TEMPLATE = """language = "nb"
title = "Vedtak {year}"
levels = ["Utvalg", "Vedtak"]
fields = [
  "Nr",
  { label = "Saksbehandler", recipient = true },
  { label = "E-post", audience = "internal" },
  { label = "Svar {date:%d.%m.%Y}", choices = ["Nei", "Ja"], role = "input", required = true },
]
"""
KARI, PER = (f"{name} – 2026-06-30.xlsx" for name in ("Kari Nordmann", "Per Persen"))


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    """Return the folder of the forms of a plan with two recipients, beside the plan as sent."""
    (tmp_path / "vedtak").mkdir()
    (tmp_path / "vedtak" / catalogue.FILE).write_text(TEMPLATE, "utf-8")
    source = tmp_path / "vedtak.csv"
    source.write_text(ROWS, "utf-8")
    source.with_suffix(".toml").write_text(HEAD, "utf-8")
    import_plan(source, catalogue.load(tmp_path / "vedtak"), tmp_path / "plan.xlsx")
    day = flows.read_plan(tmp_path / "plan.xlsx").report.head.dates[0]
    flows.split(tmp_path / "plan.xlsx", tmp_path / "ut", day=day, mail=True)
    return tmp_path / "ut"


def sent_plan(sent: Path) -> Path:
    """Return the plan as it was sent."""
    return sent.parent / "plan sendt 2026-06-30.xlsx"


def refs_in(form: bytes) -> list[str]:
    """Return the refs of the measures in a form."""
    return [node.ref for node in sent_in(form).nodes if node.level == "vedtak"]


def answer(form: Path, target: Path, *, without_record: bool = False) -> Path:
    """Answer every open slot of a form with a choice; perhaps remove its hidden record."""
    report = sent_in(form.read_bytes())
    slots = dict.fromkeys(open_slots(report), "Ja")
    target.write_bytes(typed(form.read_bytes(), slots))
    if without_record:
        book = openpyxl.load_workbook(target)
        del book["_xltiltak"]
        book.save(target)
    return target


def type_below(form: Path, target: Path, below: int, col: int, text: str) -> None:
    """Type a text in the row of FOR-002, or in a row that is inserted below it."""
    book = openpyxl.load_workbook(form)
    sheet = book["Formannskapet"]
    row = next(n for n, cells in enumerate(sheet.iter_rows(), 1) if cells[0].value == "FOR-002")
    sheet.insert_rows(row + 1, below)
    sheet.cell(row + below, col, text)
    book.save(target)


def test_each_recipient_gets_one_form_and_letter_with_their_rows_of_all_areas(sent: Path) -> None:
    forms = {path.stem.split(" – ")[0]: path.read_bytes() for path in sent.glob("*.xlsx")}
    assert {name: refs_in(form) for name, form in forms.items()} == {
        "Kari Nordmann": ["FOR-001", "FOR-003", "KOM-003"],
        "Per Persen": ["FOR-002", "KOM-001"],
        "Kommunestyret": ["KOM-002"],
    }
    letters = {path.stem.split(" – ")[0]: path.read_bytes() for path in sent.glob("*.eml")}
    to = {k: email.message_from_bytes(v, policy=policy.default)["To"] for k, v in letters.items()}
    assert to == {
        "Kari Nordmann": "kari@fjordvik.example",  # in a row of hers
        "Per Persen": "per@fjordvik.example",  # of the leader with his name
        "Kommunestyret": None,
    }


def test_the_forms_come_back_into_the_order_of_the_document(sent: Path, tmp_path: Path) -> None:
    (tmp_path / "inn").mkdir()
    returned = [answer(form, tmp_path / "inn" / form.name) for form in sent.glob("*.xlsx")]
    for plan in (sent_plan(sent), None):
        done = flows.merge(returned, tmp_path / f"{plan is None}.xlsx", plan=plan)
        assert [node.ref for node in done.register.report.nodes if "-" in node.ref] == [
            *(f"FOR-00{n}" for n in (1, 2, 3)),
            *(f"KOM-00{n}" for n in (1, 2, 3)),
        ]
        assert {f.code for f in done.findings} <= {"F012"}
        answers = [v for slot, v in done.register.report.values.items() if slot.date]
        assert answers == ["Ja"] * 6
    again = flows.read_plan(tmp_path / "False.xlsx")
    assert again.complete_areas == {"FOR", "KOM"}


def test_what_is_missing_is_told_of_each_recipient(sent: Path, tmp_path: Path) -> None:
    (tmp_path / "inn").mkdir()
    answer(sent / KARI, tmp_path / "inn" / "svar.xlsx")
    done = flows.remind(sent_plan(sent), [tmp_path / "inn"], tmp_path / "purr")
    assert [(r.name, r.state) for r in done.reminders] == [
        ("Formannskapet – Kari Nordmann", "complete"),
        ("Formannskapet – Per Persen", "waiting"),
        ("Kommunestyret – Per Persen", "waiting"),
        ("Kommunestyret", "waiting"),
        ("Kommunestyret – Kari Nordmann", "complete"),
    ]
    checked = flows.merge([tmp_path / "inn"], tmp_path / "v.xlsx", plan=sent_plan(sent))
    assert {(f.code, f.what) for f in checked.findings} == {
        ("M101", "Formannskapet – Per Persen"),
        ("M101", "Kommunestyret – Per Persen"),
        ("M101", "Kommunestyret"),
    }
    letter = (tmp_path / "purr" / PER).with_suffix(".eml").read_bytes()
    (part,) = email.message_from_bytes(letter, policy=policy.default).iter_attachments()
    form = part.get_payload(decode=True)
    assert isinstance(form, bytes)
    assert refs_in(form) == ["FOR-002", "KOM-001"]


def test_a_form_without_its_record_is_still_that_of_its_recipient(
    sent: Path, tmp_path: Path
) -> None:
    (tmp_path / "inn").mkdir()
    answer(sent / KARI, tmp_path / "inn" / "svar.xlsx", without_record=True)
    done = flows.merge([tmp_path / "inn"], tmp_path / "v.xlsx", plan=sent_plan(sent))
    assert not [f for f in done.findings if f.code in ("S102", "V102")]
    assert {f.what for f in done.findings if f.code == "M101"} == {
        "Formannskapet – Per Persen",
        "Kommunestyret – Per Persen",
        "Kommunestyret",
    }


def without_rows(form: Path, target: Path, *refs: str, record: bytes = b"") -> Path:
    """Remove the rows of these measures from a form; perhaps put in the record of another form."""
    book = openpyxl.load_workbook(form)
    for sheet in book:
        for row in range(sheet.max_row, 0, -1):
            if sheet.title != "_xltiltak" and sheet.cell(row, 1).value in refs:
                sheet.delete_rows(row)
    book.save(target)
    if record:
        target.write_bytes(with_record(target.read_bytes(), record_of(record)))
    return target


def told(sent: Path, form: Path) -> set[tuple[str, str]]:
    """Return code and subject of what a check of one form with the plan tells."""
    return {(f.code, f.what) for f in flows.check([form], plan=sent_plan(sent)).findings}


OF_OTHERS = {
    ("M101", "Formannskapet – Per Persen"),
    ("M101", "Kommunestyret – Per Persen"),
    ("M101", "Kommunestyret"),
}


def test_a_record_that_is_not_proven_does_not_return_the_forms_of_others(
    sent: Path, tmp_path: Path
) -> None:
    """It claims that the form was sent with the rows of all recipients."""
    report = flows.read_plan(sent_plan(sent)).report
    names = {ref: report.area_name(ref) for ref in report.area_refs}
    record = write_forms(report.parts(), names)
    answered = answer(sent / KARI, tmp_path / "a.xlsx")
    forged = without_rows(answered, tmp_path / "svar.xlsx", record=record)
    assert told(sent, forged) >= OF_OTHERS


@pytest.mark.parametrize("gone", [(), ("FOR-003",)])
def test_a_right_record_without_a_proof_tells_the_same_as_a_proven_one(
    gone: tuple[str, ...], sent: Path, tmp_path: Path
) -> None:
    report = flows.read_plan(sent_plan(sent)).report
    parts, names = report.parts(), {ref: report.area_name(ref) for ref in report.area_refs}
    record = write_forms({r: p.for_recipient("Kari Nordmann") for r, p in parts.items()}, names)
    answered = answer(sent / KARI, tmp_path / "a.xlsx")
    proven = without_rows(answered, tmp_path / "svar.xlsx", *gone)
    expected = told(sent, proven)
    assert expected >= OF_OTHERS
    assert ("M101", "Formannskapet – Kari Nordmann") not in expected
    assert told(sent, without_rows(answered, proven, *gone, record=record)) == expected


def test_a_form_without_any_row_does_not_return_the_forms_of_others(
    sent: Path, tmp_path: Path
) -> None:
    rows = refs_in((sent / KARI).read_bytes())
    proven = told(sent, without_rows(sent / KARI, tmp_path / "p.xlsx", *rows))
    assert proven >= OF_OTHERS
    assert {code for code, _ in proven} >= {"S102", "V102"}
    bare = answer(sent / KARI, tmp_path / "a.xlsx", without_record=True)
    nobody = told(sent, without_rows(bare, tmp_path / "n.xlsx", *rows))
    assert nobody >= OF_OTHERS | {("M101", "Formannskapet – Kari Nordmann")}


def test_a_form_with_an_error_goes_back_with_the_rows_of_its_recipient(
    sent: Path, tmp_path: Path
) -> None:
    (tmp_path / "inn").mkdir()
    type_below(sent / PER, tmp_path / "inn" / "p.xlsx", 0, 6, "Kanskje")
    options = Options(corrections_folder=tmp_path / "tilbake")
    flows.merge([tmp_path / "inn"], tmp_path / "v.xlsx", plan=sent_plan(sent), options=options)
    (form,) = (tmp_path / "tilbake").iterdir()
    assert form.name == "Per Persen – 2026-06-30 rettes.xlsx"
    assert refs_in(form.read_bytes()) == ["FOR-002"]


def test_a_new_measure_is_of_the_recipient_who_proposed_it(sent: Path, tmp_path: Path) -> None:
    type_below(sent / PER, tmp_path / "p.xlsx", 1, 3, "Leie ut tomt")
    done = flows.merge([tmp_path / "p.xlsx"], tmp_path / "v.xlsx", plan=sent_plan(sent))
    (proposal,) = done.register.proposals
    assert {name: value for name, _, value in proposal.values} == {
        "name": "Leie ut tomt",
        "saksbehandler": "Per Persen",
    }


def test_answers_of_all_recipients_are_those_of_the_report() -> None:
    def law(drawn: Report, _: st.DataObject | None) -> None:
        report = without_proposed_steps(typeable(drawn))
        plan = without_answers(report)
        forms = [
            form_of(plan, area, name) for area in plan.area_refs for name in names_in(plan, area)
        ]
        files = [parse_return(f"{n}.xlsx", answered(form, report)) for n, form in enumerate(forms)]
        merged = merge(Register(plan), files)
        assert same(merged.report, report)
        assert not [f for f in merged.findings if f.severity == "error"]
        assert not merged.missing_recipients
        unplanned = merge(register_from_forms(files), files).report
        assert dict(unplanned.values) == dict(report.values)

    run_law(law, reports(catalogue.load(FOLDER), opened=True), 5)


def names_in(report: Report, area: str) -> set[str]:
    """Return all recipients of an area, also of what is not active."""
    return {
        n for ref in report.end_refs if report.area_of[ref] == area for n in report.recipients[ref]
    }


def form_of(report: Report, area: str, name: str) -> bytes:
    """Return the form of a recipient of an area."""
    names = {ref: report.area_name(ref) for ref in report.area_refs}
    return write_forms({area: report.parts()[area].for_recipient(name)}, names)


def answered(form: bytes, report: Report) -> bytes:
    """Return the form with the answers of this report."""
    slots = [slot for slot in open_slots(sent_in(form)) if slot in report.values]
    return typed(form, {slot: report.values[slot] for slot in slots})
