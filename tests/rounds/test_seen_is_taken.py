"""Type cells with number formats, formulas and odd signs into forms and plans; see what comes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from tests.forms import At, book_of, forms_of, places, saved, sent_in, with_broken_fingerprint
from tests.merging.test_merge import FIRST, REPORT, remark, status
from tests.raw import zipped
from xltiltak.intake.returned_file import parse_return
from xltiltak.merging.merge import merge
from xltiltak.model.finding import Finding
from xltiltak.model.register import Register, ReturnedFile
from xltiltak.model.report import Report, Slot
from xltiltak.model.template import Field
from xltiltak.plan.plan_reader import read_appendix
from xltiltak.sheets.appendix import write_appendix

RESULT, DUE = Slot(FIRST, "result"), Slot(FIRST, "due")
SLOTS = {"status": status(), "remark": remark(), "result": RESULT, "due": DUE}
EVENING = datetime(2020, 12, 30, 23)  # noqa: DTZ001 - cells have no zone


def with_numbers() -> Report:
    """Return the plan with a decimal field and a date that leaders fill in."""
    fields = (
        Field("result", "Utfall", "decimal", role="input"),
        Field("due", "Frist", "date", role="input"),
    )
    template = replace(REPORT.template, fields=(*REPORT.template.fields, *fields))
    return replace(REPORT, template=template)


PLAN = with_numbers()
FORM = forms_of(PLAN)["SAM"]


def returned(name: str, value: Any, number_format: str) -> ReturnedFile:
    """Return the form with one cell typed into it, shown in a number format."""
    at = places(sent_in(FORM))[SLOTS[name]][0]
    book = book_of(FORM)
    cell = book.worksheets[0].cell(at.row, at.col)
    cell.value = value
    cell.number_format = number_format
    return parse_return("a.xlsx", saved(book))


LOCKED: list[tuple[str, Any, str, str]] = [
    # label, value, number format, what is told
    ("Tiltak", "{title}", "@", ""),
    ("Tiltak", " {title}\u200b ", "@", ""),
    ("Tiltak", "{title}", '"ikke "@', "L101 error"),
    ("Tiltak", "{title}", ";;;", "L101 error"),
    ("Tiltak", "{title} ikke", "@", "L101 error"),
    ("Status 30.04.2020", 2, "0", ""),
    ("Status 30.04.2020", 2, '"ikke "0', "L102 error"),
    ("Status 30.04.2020", 2, ";;;", "L102 error"),
    ("Status 30.04.2020", 0.03, "0%", "L102 error"),
]


@pytest.mark.parametrize(("label", "value", "number_format", "finding"), LOCKED)
def test_a_locked_cell_that_shows_something_else_is_told(
    label: str, value: Any, number_format: str, finding: str
) -> None:
    book = book_of(FORM)
    sheet = book.worksheets[0]
    cell = sheet.cell(*_cell_of(sheet, label))
    sent = cell.value
    cell.value = value.format(title=sent) if isinstance(value, str) else value
    cell.number_format = number_format
    register = merge(Register(PLAN), [parse_return("a.xlsx", saved(book))])
    locked = [f for f in register.findings if f.code.startswith("L")]
    assert [f"{f.code} {f.severity}" for f in locked] == ([finding] if finding else [])


def told(findings: Any) -> list[tuple[str, str]]:
    """Return the codes and severities of findings about values."""
    return [(f.code, f.severity) for f in findings if f.code.startswith("V")]


CELLS: list[tuple[str, Any, str, Any, str]] = [
    # field, value, number format, what is taken, what is told
    ("result", 0.85, "0%", None, "V113 error"),
    ("result", 85, '0" %"', "85", "V107 note"),
    ("result", 1250000, '# ##0," tkr"', None, "V113 error"),
    ("result", 1250.5, "#,##0.00", "1250.5", ""),
    ("result", 3.14159, "0.00", "3.14159", "V107 note"),
    ("result", 0.5, "hh:mm", None, "V113 error"),
    ("result", "1\u00a0250,5", "@", "1250.5", "V107 note"),
    ("result", "1.250", "@", None, "V113 error"),
    ("result", "1" * 29, "@", None, "V103 error"),
    ("result", 1e30, "General", None, "V103 error"),
    ("status", 3, "0", "3", ""),
    ("status", 3.4, "0", None, "V113 error"),
    ("status", 0.03, "0%", None, "V101 error"),
    ("status", True, "General", None, "V101 error"),
    ("status", "3\u200b", "@", "3", "V107 note"),
    ("status", "'4", "@", "4", "V107 note"),
    ("status", 1e30, "General", None, "V101 error"),
    ("remark", 0.75, "0%", None, ""),
    ("remark", 42, "0000", "0042", ""),
    ("remark", True, "General", "SANN", "V107 note"),
    ("remark", 2000, "0.00E+00", None, "V107 note"),
    ("remark", datetime(2020, 8, 31, 14, 30), "dd.mm.yyyy hh:mm", "31.08.2020 14:30", ""),  # noqa: DTZ001
    ("remark", "Skrevet\u2028gjenstår", "@", "Skrevet\ngjenstår", ""),
    ("remark", "Ferdig\x85snart", "@", "Ferdig\nsnart", ""),
    ("due", date(2020, 12, 31), "dd.mm.yyyy", "2020-12-31", ""),
    ("due", datetime(2020, 12, 31, 18), "dd.mm.yyyy", "2020-12-31", "V107 note"),  # noqa: DTZ001
    ("due", EVENING, "dd.mm.yyyy", None, "V113 error"),
    ("due", 2020, "dd.mm.yyyy", None, "V113 error"),
    ("due", date(2020, 12, 3), "mm/dd/yyyy", "2020-12-03", "V107 note"),
    ("due", date(2020, 12, 3), "mmm d, yyyy", "2020-12-03", ""),
    ("remark", date(2020, 12, 3), "mm/dd/yyyy", "12.03.2020", ""),
    ("due", "31/12-2020", "@", "2020-12-31", "V107 note"),
    ("due", "12/31/2020", "@", None, "V104 error"),
    ("due", 60, "dd.mm.yyyy", None, "V104 error"),
    ("due", 0.6, "dd.mm.yyyy", None, "V104 error"),
    ("due", EVENING, '"før "dd.mm.yyyy', None, "V113 error"),
    ("due", date(2020, 12, 31), '"den "d mmmm yyyy', "2020-12-31", "V107 note"),
    ("remark", date(2020, 12, 31), '"Ferdig "dd.mm.yyyy', "Ferdig 31.12.2020", ""),
    ("remark", 1e100, "General", "1E+100", ""),
    ("remark", -1.5e-7, "General", "-1,5E-07", ""),
    ("remark", "foreløpig", '"ikke "@', "ikke foreløpig", ""),
    ("remark", "skjult", ";;;", None, "V106 error"),
    ("remark", "skjult", "0;-0;0;", None, "V106 error"),
    ("remark", 0, "0;-0;;@", None, "V106 error"),
    ("remark", -0.25, "hh:mm", None, "V106 error"),
    ("remark", "\u200b", "@", None, "V111 note"),
    ("result", 5, ";;;", None, "V106 error"),
    ("result", 0.5, "d-mmm", None, "V113 error"),
    ("status", 4, ";;;@", None, "V106 error"),
    ("status", 3, "dd.mm.yyyy", None, "V105 error"),
]


@pytest.mark.parametrize(("name", "value", "number_format", "taken", "finding"), CELLS)
def test_a_cell_of_a_form_is_taken_as_it_is_seen_or_told(
    name: str, value: Any, number_format: str, taken: str | None, finding: str
) -> None:
    (submission,) = returned(name, value, number_format).submissions
    values = {change.slot: str(change.value) for change in submission.changes}
    assert [" ".join(said) for said in told(submission.findings)] == ([finding] if finding else [])
    if taken is not None or "error" in finding:
        assert values.get(SLOTS[name]) == taken


@pytest.mark.parametrize(
    ("value", "number_format", "finding"),
    [
        (2020, "dd.mm.yyyy", "V113 error"),
        (EVENING, "dd.mm.yyyy", "V113 error"),
        ("31. desember 2020", "@", "V107 note"),
        (date(2020, 12, 31), "dd.mm.yyyy", ""),
    ],
)
def test_a_cell_of_the_plan_is_read_by_the_same_rules(
    value: Any, number_format: str, finding: str
) -> None:
    book = book_of(write_appendix(Register(PLAN)))
    sheet = next(sheet for sheet in book.worksheets if sheet.title == "Samfunn")
    at = _cell_of(sheet, "Frist")
    cell = sheet.cell(at.row, at.col)
    cell.value, cell.number_format = value, number_format
    register = read_appendix(with_broken_fingerprint(saved(book)))
    assert [" ".join(said) for said in told(register.findings)] == ([finding] if finding else [])


def _cell_of(sheet: Any, label: str) -> At:
    """Return the cell of the first measure in the column of a label."""
    row = next(r for r in range(1, 60) if sheet.cell(r, 1).value == FIRST)
    col = next(
        col
        for above in range(1, row)
        for col in range(1, 20)
        if sheet.cell(above, col).value == label
    )
    return At(row, col)


def with_formula(slot: Slot, value: str) -> tuple[Finding, ...]:
    """Return the findings about a form with a formula in a slot, and this XML of its value."""
    at = places(sent_in(FORM))[slot][0]
    book = book_of(FORM)
    book.worksheets[0].cell(at.row, at.col).value = "=ROW()"
    parts: dict[str, str | bytes] = {}
    with ZipFile(BytesIO(saved(book))) as archive:
        for name in archive.namelist():
            kind = b' t="str"' if value else b""
            cell = rb"<c\1" + kind + rb"><f>ROW()</f>" + value.encode() + b"</c>"
            parts[name] = re.sub(rb"<c([^>]*)><f>ROW\(\)</f>.*?</c>", cell, archive.read(name))
    return parse_return("a.xlsx", zipped(parts)).submissions[0].findings


@pytest.mark.parametrize(
    ("name", "value", "finding"),
    [
        ("status", "<v></v>", "V106 note"),
        ("remark", "<v></v>", "V111 note V106 note"),
        ("remark", "<v>OK</v>", "V106 warning"),
        ("status", "<v>3</v>", "V106 warning V107 note"),
        ("status", "", "V106 error"),
        ("remark", "", "V106 error"),
    ],
)
def test_a_formula_that_shows_nothing_is_an_empty_answer(
    name: str, value: str, finding: str
) -> None:
    said = told(with_formula(SLOTS[name], value))
    assert " ".join(" ".join(pair) for pair in said) == finding
