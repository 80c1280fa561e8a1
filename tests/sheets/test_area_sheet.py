"""The XML of an area sheet, in a form and in the appendix."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from io import BytesIO
from xml.etree.ElementTree import Element
from zipfile import ZipFile

import openpyxl
import pytest
from defusedxml.ElementTree import fromstring
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange

from tests.excel_rules import MAIN
from tests.sources import (
    SCORED,
    TEMPLATES,
    cells,
    demo,
    open_cells,
    plan_before,
    report_of,
    small,
)
from xltiltak.intake.returned_file import parse_return
from xltiltak.model.register import Register
from xltiltak.model.report import Area, Report
from xltiltak.sheets.appendix import write_appendix
from xltiltak.sheets.forms import write_form
from xltiltak.templates import catalogue

DAY = date(2020, 12, 31)
AREA = "HEL"
WORDS = "1 Ikke påbegynt,2 Såvidt startet,3 Godt i gang,4 Snart ferdig,5 Fullført"


@cache
def form() -> tuple[Report, bytes]:
    """Return the part of the demonstration's smallest area, and its form."""
    report = demo().with_open_date(DAY)
    part = report.parts()[AREA]
    return part, write_form(part, AREA, {ref: report.area_name(ref) for ref in report.area_refs})


def sheet_of(content: bytes, number: int = 1) -> Element:
    """Return the XML of a sheet; sheets are counted from 1."""
    with ZipFile(BytesIO(content)) as archive:
        return fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))


def the(element: Element, path: str) -> Element:
    """Return the one element at a path of names without a namespace."""
    found = element.find("/".join(f"{MAIN}{name}" for name in path.split("/")))
    assert found is not None, path
    return found


def addresses(span: CellRange) -> set[str]:
    """Return the address of every cell of a range."""
    return {f"{get_column_letter(col)}{row}" for row, col in span.cells}


def row_number(part: Report, area: str, key: str) -> int:
    """Return the number of the row with this row key."""
    return next(
        int("".join(filter(str.isdigit, at)))
        for at, line, _ in cells(part, area)
        if line.key == key
    )


def test_labels_stay_in_view_when_scrolling() -> None:
    part, content = form()
    pane = the(sheet_of(content), "sheetViews/sheetView/pane")
    assert (pane.get("state"), pane.get("xSplit")) == ("frozen", None)
    assert pane.get("ySplit") == str(row_number(part, AREA, "@head"))


@pytest.mark.parametrize("template", TEMPLATES)
def test_little_stays_when_scrolling_and_no_introduction(template: str) -> None:
    report = report_of(template)
    if report.head.dates:
        report = report.with_open_date(max(report.head.dates))
    for area, part in report.parts().items():
        details = replace(part.areas.get(area, Area()), intro="Et langt avsnitt. " * 200)
        for content in (
            write_form(replace(part, areas={area: details}), area, {area: "Helse"}),
            write_appendix(Register(report)),
        ):
            for number in range(1, len(load(content).worksheets) + 1):
                assert frozen_points(sheet_of(content, number)) * 96 / 72 <= 120


def load(content: bytes) -> Workbook:
    """Return a workbook as openpyxl reads it."""
    return openpyxl.load_workbook(BytesIO(content))


def frozen_points(sheet: Element) -> float:
    """Return the height of the frozen rows of a sheet."""
    pane = sheet.find(f"{MAIN}sheetViews/{MAIN}sheetView/{MAIN}pane")
    rows = 0 if pane is None else int(pane.get("ySplit", "0"))
    heights = {int(row.get("r", "0")): row.get("ht", "15") for row in sheet.iter(f"{MAIN}row")}
    return sum(float(heights.get(number, "15")) for number in range(1, rows + 1))


def test_the_filter_of_the_coordinator_includes_the_hidden_row_keys_and_only_measures() -> None:
    part, _ = form()
    sheet = sheet_of(write_appendix(Register(part)), 2)
    rows = {row[0].value: row[0].row for row in load(write_appendix(Register(part))).worksheets[1]}
    last = rows[part.nodes[-1].ref]
    assert the(sheet, "autoFilter").get("ref") == f"A{rows['@head']}:I{last}"
    column = next(sheet.iter(f"{MAIN}col"))
    assert (column.get("min"), column.get("max"), column.get("hidden")) == ("1", "1", "1")


def test_rows_with_inputs_have_a_height_and_can_grow() -> None:
    part, content = form()
    typed = {at.strip("ABCDEFG") for at in may_be_typed(part)}
    rows = {row.get("r"): row for row in sheet_of(content).iter(f"{MAIN}row")}
    assert all(float(row.get("ht", "0")) > 0 for row in rows.values())
    assert {r for r, row in rows.items() if row.get("customHeight") is None} == typed
    heights = {float(rows[r].get("ht", "0")) for r in typed}
    assert max(heights) > 100 > min(heights)


def may_be_typed(part: Report) -> set[str]:
    """Return the open cells of the form: of the slots, and for proposals."""
    return {at for at, _, cell in cells(part, AREA) if cell.style in ("input", "new")}


def test_a_status_shows_number_and_word_and_stays_a_number() -> None:
    part, content = form()
    book = openpyxl.load_workbook(BytesIO(content))
    sheet = book.worksheets[0]
    formats = [
        (rule.operator, *rule.formula, rule.dxf.numFmt.formatCode, rule.dxf.fill.bgColor.rgb)
        for ranges in sheet.conditional_formatting
        for rule in ranges.rules
        if rule.type == "cellIs"
    ]
    steps = part.template.scales["progress"]
    looks = {s: (f'0" {s.label}"', f"FF{s.fill[1:]}") for s in steps}
    numbers = {("equal", str(s.value), *look) for s, look in looks.items()}
    words = {("equal", f'"{s.value} {s.label}"', *look) for s, look in looks.items()}
    assert numbers | words == set(formats)
    covered = {
        at
        for ranges in sheet.conditional_formatting
        if any(rule.type == "cellIs" for rule in ranges.rules)
        for span in ranges.cells.ranges
        for at in addresses(span)
    }
    statuses = {at for at, _, c in cells(part, AREA) if c.slot and c.slot.field == "status"}
    proposed = {at for at, line, _ in cells(part, AREA) if line.key == "@new" and at[0] == "F"}
    assert statuses | proposed == covered
    assert {type(sheet[at].value) for at in statuses} == {int}


def test_every_open_cell_is_validated_and_no_other() -> None:
    part, content = form()
    sheet = openpyxl.load_workbook(BytesIO(content)).worksheets[0]
    rules = sheet.data_validations.dataValidation
    validated = {at: rule for rule in rules for span in rule.sqref.ranges for at in addresses(span)}
    opened = open_cells(part, AREA)
    assert set(validated) == may_be_typed(part)
    for slot, at in opened.items():
        rule = validated[at]
        assert (rule.errorStyle or "stop", rule.showErrorMessage, rule.allowBlank) == (
            "stop",
            True,
            True,
        )
        if slot.field == "status":
            assert (rule.type, rule.formula1, rule.showInputMessage) == (
                "list",
                f'"{WORDS},1,2,3,4,5"',
                True,
            )
        else:
            assert (rule.type, rule.operator, rule.formula1) == (
                "textLength",
                "lessThanOrEqual",
                "2800",
            )


def test_texts_that_begin_with_an_equals_sign_stay_texts() -> None:
    report = small(catalogue.find(SCORED)).with_open_date(DAY)
    for area, part in report.parts().items():
        sheet = sheet_of(write_form(part, area, {area: area}))
        formulas = [c for c in sheet.iter(f"{MAIN}c") if c.find(f"{MAIN}f") is not None]
        figures = [
            at for at, _, c in cells(part, area) if c.figure or c.style in ("filled", "jump")
        ]
        assert {c.get("r") for c in formulas} == set(figures)
        assert all(c.findtext(f"{MAIN}v") is not None for c in formulas)


def test_a_name_that_begins_with_a_digit_does_not_change_the_headers_size() -> None:
    report = small(catalogue.find(SCORED)).with_open_date(DAY)
    area, part = next(iter(report.parts().items()))
    header = the(sheet_of(write_form(part, area, {})), "headerFooter/oddHeader").text or ""
    assert '&9&"Arial,Regular"1 Rapport && <prøve>' in header


@pytest.mark.parametrize("template", TEMPLATES)
def test_an_unmodified_form_has_no_changes_and_no_findings(template: str) -> None:
    report = small(catalogue.find(template)).with_open_date(DAY)
    for area, part in report.parts().items():
        received = parse_return(f"{area}.xlsx", write_form(part, area, {area: area}))
        assert [s.changes for s in received.submissions] == [()]
        assert received.all_findings() == ()


@pytest.mark.parametrize("template", TEMPLATES)
def test_same_report_gives_the_same_bytes(template: str) -> None:
    report = small(catalogue.find(template)).with_open_date(DAY)
    names = {ref: report.area_name(ref) for ref in report.area_refs}
    for area, part in report.parts().items():
        assert write_form(part, area, names) == write_form(part, area, names)
    assert write_appendix(Register(report)) == write_appendix(Register(report))


def test_the_appendix_shows_the_own_dates_of_measures_beside_the_printed_page() -> None:
    report = small(catalogue.find(SCORED))
    book = openpyxl.load_workbook(BytesIO(write_appendix(Register(report))))
    sheet = book.worksheets[1]
    labels = [
        cell.value for cell in next(row for row in sheet.iter_rows() if row[0].value == "@head")
    ]
    assert labels[-2:] == ["Første dato", "Siste dato"]
    printed = sheet.print_area.replace("$", "").split("!")[-1]
    assert printed.endswith(tuple(f"{chr(64 + len(labels) - 2)}{n}" for n in range(1, 60)))


def test_charts_end_with_the_last_date_that_has_answers() -> None:
    with_open_date = plan_before(demo(), DAY).with_open_date(DAY)
    for report, columns in ((with_open_date, "$D$6:$E$6"), (demo(), "$D$6:$F$6")):
        with ZipFile(BytesIO(write_appendix(Register(report)))) as archive:
            lines, bars = (archive.read(f"xl/charts/chart{n}.xml").decode("utf-8") for n in (1, 2))
        assert columns in lines
        assert ("31.12.20" in bars) == (report is not with_open_date)
