"""Test numbers whose unit stands in another field of their row: import, form, plan, reports."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from xltiltak import flows
from xltiltak.importers.import_flow import import_plan, import_source
from xltiltak.model.report import Slot
from xltiltak.publishing.public_view import public_view
from xltiltak.publishing.publication import render_csv
from xltiltak.templates import catalogue

FIELDS: list[dict[str, Any]] = [
    {"id": "maal", "label": "Mål", "kind": "decimal", "unit_from": "enhet"},
    {"id": "enhet", "label": "Enhet"},
    {"id": "res", "label": "Resultat", "kind": "decimal", "unit_from": "enhet", "role": "input"},
]
DATA = {"language": "nb", "title": "Prøve", "levels": ["Område", "Indikator"]}
ROWS = "Område;Indikator;Mål;Enhet\nVei;Sykkelvei;12,5 km;km\nVei;Vedlikehold;1 250;kr per innb.\n"
HEAD = 'organisation = "K"\ntitle = "T"\nyear = 2020\nlanguage = "nb"\nperiods = [2020-08-31]\n'
FIRST, SECOND = "VEI-001", "VEI-002"
TARGETS = [Decimal("12.5"), 1250]


def test_the_unit_in_a_row_is_read_after_its_number_and_shown_after_it(tmp_path: Path) -> None:
    template, problems = catalogue.validate_file({**DATA, "fields": FIELDS}, "prove")
    assert template, problems
    (tmp_path / "t.csv").write_text(ROWS, "utf-8")
    (tmp_path / "t.toml").write_text(HEAD, "utf-8")
    imported = import_source(tmp_path / "t.csv", template)
    assert not imported.findings
    assert [imported.report.values[Slot(ref, "maal")] for ref in (FIRST, SECOND)] == TARGETS
    import_plan(tmp_path / "t.csv", template, tmp_path / "plan.xlsx")
    day = imported.report.head.dates[0]
    form, sent = flows.split(tmp_path / "plan.xlsx", tmp_path / "ut", day=day).written
    book = openpyxl.load_workbook(form)
    sheet = book.worksheets[0]
    for ref, text in ((FIRST, "13 km"), (SECOND, "1 300 kr per innb.")):
        row = next(n for n, cells in enumerate(sheet.iter_rows(), 1) if cells[0].value == ref)
        sheet.cell(row, 5, text)
    book.save(form)
    merged = flows.merge([form], tmp_path / "v.xlsx", plan=sent)
    assert not [f for f in merged.findings if f.severity != "note"]
    values = flows.read_plan(tmp_path / "v.xlsx").report.values
    assert [values[Slot(ref, "res")] for ref in (FIRST, SECOND)] == [13, 1300]
    rows = render_csv(public_view(merged.register)).decode("utf-8-sig").splitlines()
    shown = [row.split(";")[-2:] for row in rows if ";res;" in row]
    assert shown == [["13\xa0km", "13"], ["1\xa0300\xa0kr per innb.", "1300"]]


def test_a_number_with_another_unit_than_its_row_is_taken_with_a_warning(tmp_path: Path) -> None:
    template, _ = catalogue.validate_file({**DATA, "fields": FIELDS}, "prove")
    assert template
    (tmp_path / "t.csv").write_text(ROWS, "utf-8")
    (tmp_path / "t.toml").write_text(HEAD, "utf-8")
    import_plan(tmp_path / "t.csv", template, tmp_path / "plan.xlsx")
    day = flows.read_plan(tmp_path / "plan.xlsx").report.head.dates[0]
    form, sent = flows.split(tmp_path / "plan.xlsx", tmp_path / "ut", day=day).written
    book = openpyxl.load_workbook(form)
    sheet = book.worksheets[0]
    for row in sheet.iter_rows():
        if row[0].value in (FIRST, SECOND):
            row[4].value = "9 000 kr"
    book.save(form)
    merged = flows.merge([form], tmp_path / "v.xlsx", plan=sent)
    assert [(f.code, f.ref, f.severity) for f in merged.findings] == [
        ("V107", FIRST, "warning"),
        ("V107", SECOND, "note"),
    ]
    assert "«9\xa0000\xa0km». Det står en annen enhet" in merged.findings[0].message("nb")


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ({"kind": "decimal", "unit_from": "x"}, "fields.c"),
        ({"kind": "decimal", "unit_from": "maal"}, "fields.c"),
        ({"kind": "percent", "unit_from": "enhet"}, "fields.c"),
        ({"kind": "decimal", "unit_from": "enhet", "unit": "kr"}, "fields.c"),
    ],
)
def test_what_cannot_be_a_unit_in_the_row_is_told(field: dict[str, Any], key: str) -> None:
    fields = [*FIELDS, {"id": "c", "label": "C", **field}]
    _, problems = catalogue.validate_file({**DATA, "fields": fields}, "prove")
    assert [where for where, _ in problems] == [key]
    for language in ("nb", "nn", "sv", "en"):
        assert "unit" in "".join(problem.message(language) for _, problem in problems)


def test_numbers_of_several_units_are_not_summed() -> None:
    summaries = [{"stat": "sum", "field": "maal"}]
    data = {**DATA, "fields": FIELDS, "summaries": summaries}
    _, problems = catalogue.validate_file(data, "prove")
    assert [where for where, _ in problems] == ["summaries.0.field"]


def test_thousands_are_set_apart_in_cells_by_conditional_formats(tmp_path: Path) -> None:
    """No number format alone does so and shows just the decimals that there are."""
    fields = [
        "Nr",
        {"label": "Budsjett", "kind": "decimal", "unit": "kr"},
        {"label": "Brukt", "kind": "decimal", "unit": "kr", "role": "input"},
    ]
    template, problems = catalogue.validate_file({**DATA, "fields": fields}, "prove")
    assert template, problems
    rows = "Område;Indikator;Nr;Budsjett\nVei;Sykkelvei;1;9000,5\nVei;Bru;2;9000\n"
    (tmp_path / "t.csv").write_text(rows, "utf-8")
    (tmp_path / "t.toml").write_text(HEAD, "utf-8")
    import_plan(tmp_path / "t.csv", template, tmp_path / "plan.xlsx")
    day = flows.read_plan(tmp_path / "plan.xlsx").report.head.dates[0]
    for path in flows.split(tmp_path / "plan.xlsx", tmp_path / "ut", day=day).written:
        sheet = next(s for s in openpyxl.load_workbook(path) if s.title == "Vei")
        shown = {
            rule.dxf.numFmt.formatCode: rule.formula[0]
            for cells in sheet.conditional_formatting
            for rule in cells.rules
            if rule.dxf.numFmt
        }
        assert [*shown] == ['#,##0" kr"', '#,##0.0########" kr"']
        whole, other = shown.values()
        assert "=ROUND(" in whole
        assert "<>ROUND(" in other
