"""The published workbook: overview and area sheets, protected, without internal records."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from tests import small
from tests.sources import report_of
from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.model.summary import area_statistics
from xltiltak.sheets.appendix import write_appendix, write_published

RETURNED = frozenset({"OPP"})


@pytest.fixture
def report(tmp_path: Path) -> Report:
    return small.report(tmp_path)


@pytest.fixture
def content(report: Report) -> bytes:
    moved = {"OPP-001": "▲ opp 1", "TEK-001": "■ uendret"}
    return write_published(
        report, RETURNED, progress_texts=["Tre tiltak har gått fram."], changes=moved
    )


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(BytesIO(content)) as package:
        return {name: package.read(name).decode("utf-8") for name in package.namelist()}


def test_it_has_an_overview_and_a_sheet_for_each_area_only(content: bytes) -> None:
    book = openpyxl.load_workbook(BytesIO(content))
    assert book.sheetnames == ["Oversikt", "Oppvekst", "Teknikk"]
    assert {sheet.sheet_state for sheet in book} == {"visible"}


def test_no_cell_can_be_edited(content: bytes) -> None:
    book = openpyxl.load_workbook(BytesIO(content))
    assert all(sheet.protection.sheet for sheet in book)
    assert all(
        cell.protection.locked for sheet in book for row in sheet.iter_rows() for cell in row
    )
    assert not any(sheet.data_validations.dataValidation for sheet in book)


def test_there_are_no_internal_records(content: bytes) -> None:
    text = "\n".join(parts(content).values())
    for private in ("_xltiltak", "Skjema-ID", "Kilder", "Funn", "Forslag", "comments"):
        assert private not in text, private


def test_the_change_of_each_measure_is_in_its_row(content: bytes) -> None:
    rows = [*openpyxl.load_workbook(BytesIO(content))["Oppvekst"].iter_rows(values_only=True)]
    head = next(row for row in rows if "Tiltak" in row)
    col = head.index("Endring")  # beside the last date
    assert head[col - 1] == "Status 31.12.2020"
    shown = {row[2]: row[col] for row in rows}
    assert shown["Bygge ny barnehage på Øra"] == "▲ opp 1"


def test_the_overview_has_the_progress_and_who_has_answered(content: bytes) -> None:
    rows = list(openpyxl.load_workbook(BytesIO(content))["Oversikt"].iter_rows(values_only=True))
    assert any("Tre tiltak har gått fram." in row for row in rows)
    answered = {row[0]: word for row in rows for word in row if word in ("ja", "ikke levert")}
    assert answered == {"Oppvekst": "ja", "Teknikk": "ikke levert"}


def test_each_area_has_a_chart_with_a_description(content: bytes) -> None:
    drawings = [
        text
        for name, text in parts(content).items()
        if re.fullmatch(r"xl/drawings/drawing\d+\.xml", name)
    ]
    charts = [
        found for text in drawings for found in re.findall(r'<xdr:cNvPr [^>]*descr="([^"]+)"', text)
    ]
    assert len(charts) == 4  # two on the overview, one on each area's sheet
    assert all(any(area in text for text in charts) for area in ("Oppvekst", "Teknikk"))


def test_the_chart_of_an_area_stands_in_a_row_of_its_own_above_the_measures(content: bytes) -> None:
    sheet = openpyxl.load_workbook(BytesIO(content))["Oppvekst"]
    keys = [cell.value for cell in sheet["A"]]
    row = keys.index("@chart")
    assert keys.index("@head") < row < keys.index("OPP-001")
    assert sheet.print_area.startswith("'Oppvekst'!$B$1:")
    drawing = next(
        text
        for name, text in parts(content).items()
        if name.startswith("xl/drawings/drawing") and "Oppvekst" in text
    )
    assert re.findall(r"<xdr:row>(\d+)</xdr:row>", drawing) == [str(row)] * 2  # its first and last
    assert "editAs" not in drawing  # where a filter hides the row, the chart goes too


def test_the_figures_are_live_and_have_the_values_of_the_report(
    report: Report, content: bytes
) -> None:
    shown = openpyxl.load_workbook(BytesIO(content), data_only=True)["Oppvekst"]
    live = openpyxl.load_workbook(BytesIO(content))["Oppvekst"]
    row = next(r for r in range(1, shown.max_row) if shown.cell(r, 3).value == "Gjennomsnitt")
    statistics = area_statistics(report)
    for col, day in enumerate(report.head.dates, 4):
        assert str(live.cell(row, col).value).startswith("=IFERROR(ROUND(AVERAGE(")
        mean = statistics["OPP", day].mean()
        assert shown.cell(row, col).value == (None if mean is None else float(mean)) or mean is None


def test_a_step_shows_symbol_number_and_word(content: bytes) -> None:
    assert 'formatCode="&quot;● &quot;0&quot; Fullført&quot;"' in parts(content)["xl/styles.xml"]


def test_a_step_without_a_number_has_colour_and_symbol_only_for_readers() -> None:
    report = report_of("handlingsplan")
    public = parts(write_published(report, frozenset()))
    working = parts(write_appendix(Register(report)))
    rules = [
        text.count('<formula>"Gjennomført"</formula>')
        for name, text in public.items()
        if "worksheets/" in name
    ]
    assert sum(rules) == len(report.area_refs)
    assert 'formatCode="&quot;● &quot;@"' in public["xl/styles.xml"]
    assert "&quot;@" not in working["xl/styles.xml"]


def test_who_has_answered_is_shown_only_if_a_date_is_open(report: Report) -> None:
    for day, shown in ((None, False), (report.head.dates[-1], True)):
        content = write_published(replace(report, head=replace(report.head, current=day)), RETURNED)
        rows = openpyxl.load_workbook(BytesIO(content))["Oversikt"].iter_rows(values_only=True)
        assert any("Levert" in row for row in rows) == shown


def test_the_same_report_gives_the_same_bytes(report: Report) -> None:
    assert write_published(report, RETURNED) == write_published(report, RETURNED)


@pytest.mark.parametrize("public", [True, False])
def test_a_table_that_starts_with_statuses_has_no_cell_twice(
    report: Report, *, public: bool
) -> None:
    """One column before the statuses leaves no room for words, so the scale is one line."""
    template = replace(
        report.template, fields=tuple(f for f in report.template.fields if f.id != "no")
    )
    values = {slot: value for slot, value in report.values.items() if slot.field != "no"}
    bare = replace(report, template=template, values=values)
    content = write_published(bare, RETURNED) if public else write_appendix(Register(bare))
    for name, text in parts(content).items():
        cells = re.findall(r'<c r="([A-Z]+\d+)"', text) if name.startswith("xl/worksheets/") else []
        assert len(cells) == len({*cells}), name
