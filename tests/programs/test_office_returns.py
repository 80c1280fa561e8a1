"""Test the intake of forms that were rearranged and saved in LibreOffice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.office import Document, Office, uno
from tests.sources import (
    TEMPLATES,
    answers,
    cells,
    demo,
    errors,
    open_cells,
    plan_before,
    report_of,
    sent_out,
)
from xltiltak import flows
from xltiltak.intake.returned_file import parse_return
from xltiltak.model.register import ReturnedFile
from xltiltak.model.report import Report, Slot
from xltiltak.snapshot.hidden_sheet import SHEET_NAME

DAY = date(2020, 12, 31)
AREA = "HEL"

Sent = tuple[Report, Path, Path]


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Sent:
    """Return the part that one area was sent, its form, and the plan as sent."""
    plan, forms = sent_out(plan_before(demo(), DAY), DAY, tmp_path_factory.mktemp("returns"))
    return flows.read_plan(plan).report.parts()[AREA], forms[AREA], plan


@pytest.fixture
def filled(office: Office, sent: Sent) -> Iterator[Document]:
    """Open the form in LibreOffice, with every answer and without protection."""
    part, form, _ = sent
    with office.open(form) as document:
        for slot, at in open_cells(part, AREA).items():
            if slot in expected_answers():
                document.put(0, at, expected_answers()[slot])
        document.unprotect(0)
        yield document


def expected_answers() -> dict[Slot, Any]:
    """Return the answers of the area's leader."""
    return answers(demo().parts()[AREA], DAY)


def save_and_read(document: Document, folder: Path) -> ReturnedFile:
    """Save the form and return it as the intake reads it."""
    path = document.save(folder / "Svar.xlsx")
    return parse_return(path.name, path.read_bytes())


def changes(received: ReturnedFile) -> dict[Slot, Any]:
    """Return the changes of open slots."""
    return {c.slot: c.value for s in received.submissions for c in s.changes if c.is_editable}


def codes_and_cells(received: ReturnedFile) -> list[tuple[str, str]]:
    """Return code and cell of each finding."""
    return [(f.code, f.place.cell) for f in received.all_findings()]


def table_rows(part: Report) -> tuple[int, int]:
    """Return the first and the last row of the measures."""
    rows = [
        int(at.strip("ABCDEFG"))
        for at, line, _ in cells(part, AREA)
        if line.key.startswith(f"{AREA}-")
    ]
    return min(rows), max(rows)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_form_only_opened_and_saved_has_no_changes(
    office: Office, tmp_path: Path, template: str
) -> None:
    report = report_of(template)
    sent, forms = sent_out(report, max(report.head.dates), tmp_path)
    saved = []
    for area, form in forms.items():
        with office.open(form) as document:
            saved.append(document.save(tmp_path / f"{area}.xlsx"))
        received = parse_return(form.name, saved[-1].read_bytes())
        assert (received.outcome, changes(received), codes_and_cells(received)) == (
            "read",
            {},
            [],
        ), area
    merged = flows.merge(saved, tmp_path / "Vedlegg.xlsx", plan=sent).register.report
    before = flows.read_plan(sent).report
    assert (merged.nodes, merged.values) == (before.nodes, before.values)


def test_answers_saved_by_libreoffice_are_read(filled: Document, tmp_path: Path) -> None:
    received = save_and_read(filled, tmp_path)
    assert (changes(received), codes_and_cells(received)) == (expected_answers(), [])


def test_rows_sorted_with_their_row_keys_are_read(
    filled: Document, sent: Sent, tmp_path: Path
) -> None:
    first, last = table_rows(sent[0])
    sort(filled, f"A{first}:G{last}", 2)
    received = save_and_read(filled, tmp_path)
    assert changes(received) == expected_answers()
    assert [code for code, _ in codes_and_cells(received)] == ["S106"]


def test_rows_sorted_without_their_row_keys_are_matched_by_text(
    filled: Document, sent: Sent, tmp_path: Path
) -> None:
    first, last = table_rows(sent[0])
    before = [filled.value(0, f"C{row}") for row in range(first, last + 1)]
    sort(filled, f"B{first}:G{last}", 1)
    assert [filled.value(0, f"C{row}") for row in range(first, last + 1)] == sorted(
        map(str, before), reverse=True
    )
    received = save_and_read(filled, tmp_path)
    assert changes(received) == expected_answers()
    assert {code for code, _ in codes_and_cells(received)} == {"S107"}


def test_an_inserted_row_becomes_a_proposal_and_nothing_else_changes(
    filled: Document, sent: Sent, tmp_path: Path
) -> None:
    first, _ = table_rows(sent[0])
    filled.sheet(0).Rows.insertByIndex(first, 2)  # one is left empty
    filled.put(0, f"C{first + 2}", "Et tiltak som manglet")
    filled.put(0, f"F{first + 2}", 3)
    received = save_and_read(filled, tmp_path)
    assert changes(received) == expected_answers()
    ((proposal,),) = [s.proposals for s in received.submissions]
    assert {(field, value) for field, _, value in proposal.values} == {
        ("name", "Et tiltak som manglet"),
        ("status", 3),
    }
    assert proposal.after == f"{AREA}-001"


def test_a_deleted_row_is_reported_and_nothing_else_changes(
    filled: Document, sent: Sent, tmp_path: Path
) -> None:
    first, _ = table_rows(sent[0])
    filled.sheet(0).Rows.removeByIndex(first, 1)  # the second measure's
    received = save_and_read(filled, tmp_path)
    assert changes(received) == {
        slot: value for slot, value in expected_answers().items() if slot.ref != f"{AREA}-002"
    }
    assert [f.ref for f in received.all_findings()] == [f"{AREA}-002"]


@pytest.mark.parametrize("column", [0, 1, 2, 4])
def test_an_inserted_column_changes_nothing(filled: Document, tmp_path: Path, column: int) -> None:
    filled.sheet(0).Columns.insertByIndex(column, 1)
    received = save_and_read(filled, tmp_path)
    assert (changes(received), codes_and_cells(received)) == (expected_answers(), [])


def test_the_text_in_an_added_column_is_quoted(
    filled: Document, sent: Sent, tmp_path: Path
) -> None:
    first, _ = table_rows(sent[0])
    filled.sheet(0).Columns.insertByIndex(3, 1)
    filled.put(0, f"D{first}", "Ansvarlig: Kari")
    received = save_and_read(filled, tmp_path)
    assert changes(received) == expected_answers()
    assert [(f.place.cell, f.values["value"]) for f in received.all_findings()] == [
        (f"D{first}", "Ansvarlig: Kari")
    ]


def test_without_row_keys_the_rows_are_matched_by_text(filled: Document, tmp_path: Path) -> None:
    filled.sheet(0).Columns.removeByIndex(0, 1)
    assert changes(save_and_read(filled, tmp_path)) == expected_answers()


def test_a_renamed_sheet_is_recognised_by_its_code(filled: Document, tmp_path: Path) -> None:
    filled.sheet(0).setName("Mitt ark & 'notater'")
    received = save_and_read(filled, tmp_path)
    assert (changes(received), codes_and_cells(received)) == (expected_answers(), [])


def test_a_second_copy_of_the_sheet_is_merged_with_the_first(
    filled: Document, sent: Sent, tmp_path: Path
) -> None:
    filled.model.Sheets.copyByName(filled.sheet_names[0], "Kopi", 1)
    path = filled.save(tmp_path / "Svar.xlsx")
    result = flows.merge([path], tmp_path / "Vedlegg.xlsx", plan=sent[2])
    assert not errors(result.findings)
    assert answers(result.register.report.parts()[AREA], DAY) == expected_answers()


def test_a_sheet_without_its_workbook_is_reported(filled: Document, tmp_path: Path) -> None:
    # A sheet that is moved to another workbook loses the hidden record.
    filled.model.Sheets.removeByName(SHEET_NAME)
    received = save_and_read(filled, tmp_path)
    assert received.outcome == "refused"
    assert [f.code for f in received.all_findings() if f.severity == "error"] == ["F003"]
    assert any(
        "Skjema-ID" in f.values["value"] for f in received.all_findings() if f.code == "S108"
    )


def sort(document: Document, area: str, column: int) -> None:
    """Sort rows by a column, counted from 0, the last first."""
    bridge = uno()
    field = bridge.createUnoStruct("com.sun.star.table.TableSortField")
    field.Field, field.IsAscending = column, False
    fields = bridge.createUnoStruct("com.sun.star.beans.PropertyValue")
    fields.Name = "SortFields"
    fields.Value = bridge.Any("[]com.sun.star.table.TableSortField", (field,))
    header = bridge.createUnoStruct("com.sun.star.beans.PropertyValue")
    header.Name, header.Value = "ContainsHeader", False
    target = document.sheet(0).getCellRangeByName(area)
    bridge.invoke(
        target, "sort", (bridge.Any("[]com.sun.star.beans.PropertyValue", (fields, header)),)
    )
