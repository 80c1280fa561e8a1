"""Test fields that follow from others through a whole round: import, plan, form, merge, reports."""

from __future__ import annotations

import json
import re
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from xltiltak import flows
from xltiltak.importers.import_flow import import_plan, import_source
from xltiltak.model.report import Slot
from xltiltak.publishing.public_view import public_view
from xltiltak.publishing.publication import FORMATS, Publication
from xltiltak.templates import catalogue

TEMPLATE = catalogue.load(catalogue.shipped() / "internkontroll")
ROWS = """Verksamhet;Nr;Risk;Sannolikhet;Konsekvens;Riskvärde;Frist
Park;1;Fel i fakturor;2;3;6;2020-12-31
Park;2;Stöld;4;4;9;
"""
HEAD = 'organisation = "K"\ntitle = "T"\nyear = 2020\nlanguage = "sv"\nperiods = [2020-08-31]\n'
RISK, OTHER = Slot("PAR-001", "risk"), Slot("PAR-002", "risk")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """Return the plan of a table in which one risk is not what it is computed to."""
    source = tmp_path / "risker.csv"
    source.write_text(ROWS, "utf-8")
    source.with_suffix(".toml").write_text(HEAD, "utf-8")
    import_plan(source, TEMPLATE, tmp_path / "plan.xlsx")
    return tmp_path / "plan.xlsx"


def row_of(sheet: Worksheet, ref: str) -> int:
    """Return the number of the row of a measure."""
    return next(row[0].row for row in sheet.iter_rows() if row[0].value == ref)


def typed(path: Path, sheet: int, values: dict[tuple[str, int], int]) -> Path:
    """Type values into a workbook, by the ref of the row and the column."""
    book = openpyxl.load_workbook(path)
    for (ref, col), value in values.items():
        book.worksheets[sheet].cell(row_of(book.worksheets[sheet], ref), col, value)
    book.save(path)
    return path


def test_an_imported_value_that_is_not_what_is_computed_is_told(plan: Path) -> None:
    imported = import_source(plan.parent / "risker.csv", TEMPLATE)
    told = [f for f in imported.findings if f.code == "L106"]
    assert [(f.place.cell, f.values["value"], f.values["held"]) for f in told] == [
        ("F3", "9 Hög", "16 Hög")
    ]
    assert flows.read_plan(plan).report.values[OTHER] == 16


def test_a_form_follows_its_answers_and_what_is_typed_over_is_told(plan: Path) -> None:
    split = flows.split(plan, plan.parent / "ut", day=flows.read_plan(plan).report.head.dates[0])
    form, sent = split.written[0], split.written[-1]
    typed(form, 0, {("PAR-001", 5): 4, ("PAR-002", 6): 99})
    merged = flows.merge([form], plan.parent / "v.xlsx", plan=sent)
    assert merged.register.report.values[RISK] == 8
    assert [
        (f.ref, f.values["value"], f.values["held"]) for f in merged.findings if f.code == "L106"
    ] == [("PAR-002", "99 Hög", "16 Hög")]
    again = flows.read_plan(plan.parent / "v.xlsx").report
    assert again == merged.register.report


def test_a_form_counts_an_answer_that_is_required_now(plan: Path) -> None:
    """Risk 1 is 6, risk 2 is 16: one of the two actions is required."""
    day = flows.read_plan(plan).report.head.dates[0]
    form = flows.split(plan, plan.parent / "ut", day=day).written[0]
    sheet = openpyxl.load_workbook(form).worksheets[0]
    count = sheet["D1"].value
    first, last = row_of(sheet, "PAR-001"), row_of(sheet, "PAR-002")
    risks, actions = f"F{first}:F{last}", f"J{first}:J{last}"
    assert f'COUNTIFS({risks},">=9",{actions},"<>")&" av "&(' in count
    assert f'+COUNTIFS({risks},">=9"))&" ifyllda"' in count
    assert openpyxl.load_workbook(form, data_only=True).worksheets[0]["D1"].value == (
        "4 av 7 ifyllda"
    )


def test_an_action_is_required_where_the_risk_is_high(plan: Path) -> None:
    split = flows.split(plan, plan.parent / "ut", day=flows.read_plan(plan).report.head.dates[0])
    form, sent = split.written[0], split.written[-1]
    rules = openpyxl.load_workbook(form).worksheets[0].conditional_formatting
    row = row_of(openpyxl.load_workbook(form).worksheets[0], "PAR-001")
    criteria = [rule.formula[0] for cells in rules for rule in cells.rules if rule.formula]
    assert f"AND(ISBLANK(J{row}),OR(AND(ISNUMBER(F{row}),F{row}>=9)))" in criteria
    merged = flows.merge([form], plan.parent / "v.xlsx", plan=sent)
    told = [(f.ref, f.field) for f in merged.findings if f.code == "V102" and f.field != "resultat"]
    assert told == [("PAR-002", "åtgärd")]
    view = public_view(merged.register)
    field = TEMPLATE.field_of("risk", "åtgärd")
    assert field
    answers = [view.answer(view.report.by_ref[f"PAR-00{n}"], field) for n in (1, 2)]
    assert answers == ["", "inte besvarat"]


def test_what_the_coordinator_types_over_is_told_and_what_it_follows_from_decides(
    plan: Path,
) -> None:
    typed(plan, 1, {("PAR-001", 4): 1, ("PAR-002", 6): 12})
    register = flows.read_plan(plan)
    assert [(f.ref, f.values["value"]) for f in register.findings if f.code == "L106"] == [
        ("PAR-002", "12")
    ]
    assert (register.report.values[RISK], register.report.values[OTHER]) == (3, 16)


def test_every_report_has_the_same_result(plan: Path) -> None:
    register = flows.read_plan(plan)
    publication = Publication(register, public_view(register), formats=frozenset(FORMATS))
    made = {suffix: FORMATS[suffix](publication) for suffix in (".json", ".csv", ".html", ".xlsx")}
    nodes = {node["ref"]: node["values"] for node in json.loads(made[".json"])["nodes"]}
    assert nodes["PAR-002"]["risk"] == 16
    assert "16 Hög" in made[".csv"].decode("utf-8-sig")
    words = " ".join(re.sub(r"<[^>]+>", " ", made[".html"].decode()).split())
    assert "16 Hög" in words
    sheet = openpyxl.load_workbook(BytesIO(made[".xlsx"])).worksheets[1]
    formula = sheet.cell(row_of(sheet, "PAR-002"), 6).value
    assert str(formula).startswith("=IF(OR(")
