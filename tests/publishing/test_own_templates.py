"""Reports of templates that somebody has written from scratch, with only the keys they must."""

from __future__ import annotations

import re
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import TypeVar

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.small import forms, own_report
from xltiltak.layout.metrics import text_width
from xltiltak.model.colours import contrast
from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.publishing.compose import compose
from xltiltak.publishing.document import Bars, Chart, Document, StepLabel, Table, children
from xltiltak.publishing.html import render
from xltiltak.publishing.public_view import public_view
from xltiltak.sheets.appendix import write_appendix

T = TypeVar("T")

STEPS = """title = "Plan {year}"
language = "nb"
levels = ["Sektor", "Tiltak"]
fields = ["Nr", { id = "name", label = "Tiltak", key = true },
  { id = "grad", label = "Grad {date:%d.%m.%Y}", role = "input", scale = ["Ikke startet", "I gang",
    { label = "Ferdig", done = true }, { label = "Ikke aktuelt", counts = false }] }]
summaries = ["count", { stat = "mean", field = "grad" }]
"""
PERCENT = """title = "Actions {year}"
language = "en"
levels = ["Action"]
fields = ["No", { id = "name", label = "Action", key = true },
  { id = "progress", label = "Progress {date:%d.%m.%Y}", kind = "percent", role = "input" }]
summaries = ["count", { stat = "mean", field = "progress" }]
"""
ROWS = ("Sektor", "Nr", "Tiltak", "Grad 30.06.2026", "Grad 31.12.2026")


def document_of(report: Report) -> Document:
    return compose(public_view(Register(report)))


def parts(part: object, kind: type[T]) -> list[T]:
    """Return all parts of a kind in a part, in order."""
    if isinstance(part, kind):
        return [part]
    return [] if isinstance(part, str) else [p for c in children(part) for p in parts(c, kind)]


def seen(report: Report) -> str:
    """Return the texts of the web page, without the filter and its script."""
    page = render(compose(public_view(Register(report)))).decode()
    text = re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(style|script).*?</\1>", "", page))
    return re.sub(r"\s+", " ", text)


@pytest.fixture
def stepped(tmp_path: Path) -> Report:
    """Return a report whose scale has no colours, and one step outside the order."""
    rows = [("Skole", str(n), f"Tiltak {n}", *steps) for n, steps in enumerate(("12", "23", "44"))]
    return own_report(tmp_path, STEPS, ROWS, *rows)


def test_a_scale_without_colours_gets_some_that_grey_print_keeps_apart(stepped: Report) -> None:
    bars = parts(document_of(stepped), Bars)[0]
    fills = [part.step.fill for bar in bars.bars for part in bar.parts if not part.step.missing]
    assert all(fills)
    lightness = [contrast(fill, "#000000") for fill in fills[:2]]
    assert lightness[1] > 1.5 * lightness[0], "the lower step is the lighter one"


def test_a_step_that_does_not_count_stands_behind_the_others(stepped: Report) -> None:
    for bars in parts(document_of(stepped), Bars):
        assert [part.step.value for part in bars.bars[0].parts] == ["3", "2", "4"]


def test_means_have_the_same_decimals_in_reports_and_workbooks(tmp_path: Path) -> None:
    template = STEPS.replace('field = "grad" }]', 'field = "grad", decimals = 2 }]')
    rows = [("Skole", str(n), f"Tiltak {n}", "1", step) for n, step in enumerate("122")]
    report = own_report(tmp_path, template, ROWS, *rows)
    assert "Gjennomsnittet er 1,67" in seen(report)
    book = openpyxl.load_workbook(BytesIO(write_appendix(Register(report))))
    formats = [
        cell.number_format
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and "ROUND(" in cell.value and '"")' in cell.value
    ]
    assert formats
    assert not [shown for shown in formats if "0.00" not in shown]


def test_percentages_say_so_and_change_by_percentage_points(tmp_path: Path) -> None:
    headings = ("No", "Action", "Progress 30.06.2026", "Progress 31.12.2026")
    rows = (("1", "Build", "60 %", "40 %"), ("2", "Paint", "80 %", "80 %"))
    report = own_report(tmp_path, PERCENT, headings, *rows, language="en")
    text = seen(report)
    assert "down 20 percentage points" in text
    assert "1 has fallen back" in text
    steps = {step.value for step in parts(document_of(report), StepLabel)}
    assert {"60%", "40%"} <= steps
    (chart,) = parts(document_of(report), Chart)
    assert chart.axis_range == (Decimal(0), Decimal(100)), "the axis is whole"


def test_a_report_without_areas_does_not_speak_of_areas(tmp_path: Path) -> None:
    headings = ("No", "Action", "Progress 30.06.2026", "Progress 31.12.2026")
    report = own_report(tmp_path, PERCENT, headings, ("1", "Build", "60 %", "40 %"), language="en")
    document = document_of(report)
    titles = [section.title for section in (*document.news, *document.sections)]
    tables = parts(document, Table)
    cells = [cell for table in tables for row in table.rows for cell in row.cells]
    texts = [text for text in (*titles, *cells) if isinstance(text, str)]
    assert texts
    assert not [text for text in texts if "area" in text.lower()]


def test_a_plan_without_answers_has_no_columns_of_dashes(tmp_path: Path) -> None:
    report = own_report(tmp_path, STEPS, ROWS, ("Skole", "1", "Bygge", "", ""))
    (section,) = [section for section in document_of(report).sections if section.chapter]
    (found,) = parts(section, Table)
    assert [column.label for column in found.columns] == ["Nr", "Tiltak"]
    assert "0 av 1 er besvart" in seen(report)


def form_of(report: Report) -> Worksheet:
    """Return the sheet of the form of the first area at the last date."""
    form = next(iter(forms(report.with_open_date(report.head.dates[-1])).values()))
    return openpyxl.load_workbook(BytesIO(form)).worksheets[0]


def test_a_form_counts_its_answers_if_no_field_is_required(tmp_path: Path) -> None:
    rows = [("Skole", str(n), f"Tiltak {n}", "1", "", "") for n in range(3)]
    remark = ', { label = "Merknad", role = "input" }]'
    template = STEPS.replace("] }]\n", "] }" + remark + "\n")
    sheet = form_of(own_report(tmp_path, template, (*ROWS, "Merknad"), *rows))
    formulas = [str(c.value) for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    assert [formula for formula in formulas if "av 3 fylt ut" in formula]


def test_no_step_is_shown_without_its_word_or_wider_than_its_column(tmp_path: Path) -> None:
    long = "Ferdig for alle praktiske formål og godkjent av alle"
    template = STEPS.replace("Ferdig", long).replace("scale =", "width = 14, scale =")
    report = own_report(tmp_path, template, ROWS, ("Skole", "1", "Bygge", "3", ""))
    sheet = form_of(report)
    shown = {
        rule.dxf.numFmt.formatCode.replace('"', "")
        for rules in sheet.conditional_formatting
        for rule in rules.rules
        if rule.dxf and rule.dxf.numFmt and rule.formula[0].isdigit()
    }
    assert {text.split(" ", 1)[1].rstrip("…").split()[0] for text in shown} == {
        "Ikke",
        "I",
        "Ferdig",
    }
    assert not [text for text in shown if text_width(text, 10) > 14 * 5.25]


def test_nothing_is_said_of_no_more_unchanged_measures(tmp_path: Path) -> None:
    headings = ("Sektor", "Nr", "Tiltak", *(f"Grad 0{n}.05.2026" for n in (1, 2, 3)))
    periods = "2026-05-01, 2026-05-02, 2026-05-03"
    rows = (("Skole", "1", "Bygge", *"111"), ("Skole", "2", "Male", *"123"))
    shown = seen(own_report(tmp_path, STEPS, headings, *rows, periods=periods))
    assert "tre ganger på rad" in shown
    assert "til er uendret" not in shown
