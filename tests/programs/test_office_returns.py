"""What the intake makes of forms that people have rearranged in LibreOffice and saved there."""

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
    """What one area was sent, its form, and the plan as it was sent."""
    plan, forms = sent_out(plan_before(demo(), DAY), DAY, tmp_path_factory.mktemp("returns"))
    return flows.read_plan(plan).report.parts()[AREA], forms[AREA], plan


@pytest.fixture
def filled(office: Office, sent: Sent) -> Iterator[Document]:
    """The form with every answer in it, unprotected, open in LibreOffice."""
    part, form, _ = sent
    with office.open(form) as document:
        for slot, at in open_cells(part, AREA).items():
            if slot in said():
                document.put(0, at, said()[slot])
        document.unprotect(0)
        yield document


def said() -> dict[Slot, Any]:
    """What the leader of the area answers."""
    return answers(demo().parts()[AREA], DAY)


def back(document: Document, folder: Path) -> ReturnedFile:
    """What the saved form says to us."""
    path = document.save(folder / "Svar.xlsx")
    return parse_return(path.name, path.read_bytes())


def claimed(received: ReturnedFile) -> dict[Slot, Any]:
    """What is claimed of open slots."""
    return {c.slot: c.value for s in received.submissions for c in s.changes if c.is_editable}


def told(received: ReturnedFile) -> list[tuple[str, str]]:
    """The findings, by code and cell."""
    return [(f.code, f.place.cell) for f in received.all_findings()]


def table_rows(part: Report) -> tuple[int, int]:
    """The first and last row of the measures."""
    rows = [
        int(at.strip("ABCDEFG"))
        for at, line, _ in cells(part, AREA)
        if line.key.startswith(f"{AREA}-")
    ]
    return min(rows), max(rows)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_form_that_libreoffice_only_saved_says_nothing_new(
    office: Office, tmp_path: Path, template: str
) -> None:
    report = report_of(template)
    sent, forms = sent_out(report, max(report.head.dates), tmp_path)
    saved = []
    for area, form in forms.items():
        with office.open(form) as document:
            saved.append(document.save(tmp_path / f"{area}.xlsx"))
        received = parse_return(form.name, saved[-1].read_bytes())
        assert (received.outcome, claimed(received), told(received)) == ("read", {}, []), area
    merged = flows.merge(saved, tmp_path / "Vedlegg.xlsx", plan=sent).register.report
    before = flows.read_plan(sent).report
    assert (merged.nodes, merged.values) == (before.nodes, before.values)


def test_answers_saved_by_libreoffice_are_read(filled: Document, tmp_path: Path) -> None:
    received = back(filled, tmp_path)
    assert (claimed(received), told(received)) == (said(), [])


def test_rows_sorted_with_their_marks_are_read(
    filled: Document, sent: Sent, tmp_path: Path
) -> None:
    first, last = table_rows(sent[0])
    sort(filled, f"A{first}:G{last}", 2)
    received = back(filled, tmp_path)
    assert claimed(received) == said()
    assert [code for code, _ in told(received)] == ["S106"]


def test_rows_sorted_without_their_marks_are_bound_by_text(
    filled: Document, sent: Sent, tmp_path: Path
) -> None:
    first, last = table_rows(sent[0])
    before = [filled.value(0, f"C{row}") for row in range(first, last + 1)]
    sort(filled, f"B{first}:G{last}", 1)
    assert [filled.value(0, f"C{row}") for row in range(first, last + 1)] == sorted(
        map(str, before), reverse=True
    )
    received = back(filled, tmp_path)
    assert claimed(received) == said()
    assert {code for code, _ in told(received)} == {"S107"}


def test_an_inserted_row_is_offered_and_nothing_else_moves(
    filled: Document, sent: Sent, tmp_path: Path
) -> None:
    first, _ = table_rows(sent[0])
    filled.sheet(0).Rows.insertByIndex(first, 2)  # one is left empty
    filled.put(0, f"C{first + 2}", "Et tiltak som manglet")
    filled.put(0, f"F{first + 2}", 3)
    received = back(filled, tmp_path)
    assert claimed(received) == said()
    ((proposal,),) = [s.proposals for s in received.submissions]
    assert {(field, value) for field, _, value in proposal.values} == {
        ("name", "Et tiltak som manglet"),
        ("status", 3),
    }
    assert proposal.after == f"{AREA}-001"


def test_a_deleted_row_is_missed_and_nothing_else_moves(
    filled: Document, sent: Sent, tmp_path: Path
) -> None:
    first, _ = table_rows(sent[0])
    filled.sheet(0).Rows.removeByIndex(first, 1)  # the second measure's
    received = back(filled, tmp_path)
    assert claimed(received) == {
        slot: value for slot, value in said().items() if slot.ref != f"{AREA}-002"
    }
    assert [f.ref for f in received.all_findings()] == [f"{AREA}-002"]


@pytest.mark.parametrize("column", [0, 1, 2, 4])
def test_an_inserted_column_moves_nothing(filled: Document, tmp_path: Path, column: int) -> None:
    filled.sheet(0).Columns.insertByIndex(column, 1)
    received = back(filled, tmp_path)
    assert (claimed(received), told(received)) == (said(), [])


def test_a_column_of_ones_own_is_quoted(filled: Document, sent: Sent, tmp_path: Path) -> None:
    first, _ = table_rows(sent[0])
    filled.sheet(0).Columns.insertByIndex(3, 1)
    filled.put(0, f"D{first}", "Ansvarlig: Kari")
    received = back(filled, tmp_path)
    assert claimed(received) == said()
    assert [(f.place.cell, f.values["value"]) for f in received.all_findings()] == [
        (f"D{first}", "Ansvarlig: Kari")
    ]


def test_without_the_marks_the_texts_tell_the_rows(filled: Document, tmp_path: Path) -> None:
    filled.sheet(0).Columns.removeByIndex(0, 1)
    assert claimed(back(filled, tmp_path)) == said()


def test_a_renamed_sheet_is_known_by_its_code(filled: Document, tmp_path: Path) -> None:
    filled.sheet(0).setName("Mitt ark & 'notater'")
    received = back(filled, tmp_path)
    assert (claimed(received), told(received)) == (said(), [])


def test_a_second_copy_of_the_sheet_unites_with_the_first(
    filled: Document, sent: Sent, tmp_path: Path
) -> None:
    filled.model.Sheets.copyByName(filled.sheet_names[0], "Kopi", 1)
    path = filled.save(tmp_path / "Svar.xlsx")
    result = flows.merge([path], tmp_path / "Vedlegg.xlsx", plan=sent[2])
    assert not errors(result.findings)
    assert answers(result.register.report.parts()[AREA], DAY) == said()


def test_a_sheet_alone_in_another_book_is_told_of(filled: Document, tmp_path: Path) -> None:
    filled.model.Sheets.removeByName(
        SHEET_NAME
    )  # what a sheet loses that is moved to another workbook
    received = back(filled, tmp_path)
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
