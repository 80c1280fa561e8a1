"""Test that a form shows, while it is filled in, which falls have no reason (C101)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest
from openpyxl.formula.translate import Translator

from tests.forms import saved
from tests.office import Office, missing
from tests.parts import demand
from tests.sources import demo
from xltiltak.demo.template_trial import try_template
from xltiltak.intake.returned_file import parse_return
from xltiltak.merging.merge import merge
from xltiltak.model import files
from xltiltak.model.language import translate
from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.sheets.forms import write_form
from xltiltak.sheets.style import UNEXPLAINED
from xltiltak.templates import catalogue

DAY, AREA = date(2020, 12, 31), "OPP"
STATUS_COL, REMARK_COL, FREE_COL = 6, 7, 30


def plan() -> Report:
    """Return an area of the demonstration with its last date open and empty."""
    report = demo().with_open_date(DAY).parts()[AREA]
    return replace(report, values={s: v for s, v in report.values.items() if s.date != DAY})


def form(report: Report) -> Any:
    """Return the form of that area as openpyxl reads it."""
    return openpyxl.load_workbook(BytesIO(write_form(report, AREA, {AREA: "Oppvekst"})))


def rules_of(sheet: Any) -> dict[str, str]:
    """Return for each cell that may turn orange the formula that decides it."""
    found = {}
    for cells in sheet.conditional_formatting:
        for rule in cells.rules:
            if rule.dxf and rule.dxf.fill and rule.dxf.fill.bgColor.rgb == f"FF{UNEXPLAINED[1:]}":
                first = str(cells.sqref).split(":")[0]
                formula = Translator(f"={rule.formula[0]}", first)
                for row in sheet[str(cells.sqref)] if ":" in str(cells.sqref) else ():
                    for cell in row:
                        found[cell.coordinate] = formula.translate_formula(cell.coordinate)
                found.setdefault(first, f"={rule.formula[0]}")
    return found


def fill_in(sheet: Any, refs: set[str]) -> dict[str, int]:
    """Fill in statuses and remarks at random; return the row of each measure."""
    chance = Random(19)
    rows = {row[0].value: row[0].row for row in sheet.iter_rows() if row[0].value in refs}
    words = ("1 Ikke påbegynt", "2 Såvidt startet", "3 Godt i gang", 1, 2, 3, 4, 5, None)
    for row in rows.values():
        sheet.cell(row, STATUS_COL).value = chance.choice(words)
        if chance.random() < 0.5:
            sheet.cell(row, REMARK_COL).value = chance.choice((None, f"Utsatt til {row}"))
    return rows


@pytest.mark.office
def test_a_remark_is_orange_as_long_as_the_finding_would_be_told(tmp_path: Path) -> None:
    demand("LibreOffice over UNO", missing())
    report = plan()
    book = form(report)
    rows = fill_in(book.worksheets[0], {node.ref for node in report.nodes})
    content = saved(book)
    merged = merge(Register(report), [parse_return("svar.xlsx", content)])
    unexplained = {finding.ref for finding in merged.findings if finding.code == "C101"}
    for cell, formula in rules_of(book.worksheets[0]).items():
        row = book.worksheets[0][cell].row
        book.worksheets[0].cell(row, FREE_COL).value = formula.replace("=", "=1*", 1)
    (tmp_path / "svar.xlsx").write_bytes(saved(book))
    office = Office()
    try:
        document = office.open(tmp_path / "svar.xlsx")
        shown = {ref for ref, row in rows.items() if document.value(0, f"AD{row}") == 1}
    finally:
        office.close()
    assert shown == unexplained
    assert 5 < len(unexplained) < len(rows) - 5


def test_the_instructions_say_what_orange_means_where_a_status_can_fall() -> None:
    report = demo()
    texts = {}
    for day in report.head.dates[:2]:
        sheet = form(report.with_open_date(day).parts()[AREA]).worksheets[0]
        written = (cell.value for row in sheet.iter_rows() for cell in row[1:] if cell.value)
        texts[day] = " ".join(map(str, written))
        assert bool(rules_of(sheet)) == (day != report.head.dates[0])
    says = translate("sheet.fall", "nb")
    assert [says in text for text in texts.values()] == [False, True]


def test_a_form_of_a_report_without_areas_has_the_rule_too() -> None:
    data = files.read_toml(catalogue.folders()["tiltaksstatus"] / catalogue.FILE)
    data["levels"] = data["levels"][:1]
    alone, problems = catalogue.validate_file(data, "tiltaksstatus")
    assert alone is not None
    assert alone.explained_field()
    assert problems == try_template(alone, ()) == []
