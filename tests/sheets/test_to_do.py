"""Test that the appendix opens on what has to be decided, with numbers that follow the lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests import small
from tests.office import Office, missing
from tests.parts import demand
from tests.running import OPP, SENT, round_in
from xltiltak import flows

pytestmark = pytest.mark.usefixtures("bokmaal")
TABLE_HEAD = "Område"
FIRST_COUNT = 2  # the column of the errors, after the areas' names


@pytest.fixture
def appendix(tmp_path: Path) -> Path:
    """Return an appendix with two errors of one area and one of a file of no area."""
    folder = round_in(tmp_path)
    opp = folder / OPP
    opp.write_bytes(small.filled(opp.read_bytes(), {"OPP-001": 7, "OPP-002": "kanskje"}))
    (folder / "ut" / "Svar.xlsx").write_bytes(b"%PDF-1.7")
    flows.merge([folder / "ut"], folder / "vedlegg.xlsx", plan=folder / SENT)
    return folder / "vedlegg.xlsx"


def counts(sheet: Any) -> dict[str, list[int]]:
    """Return the three numbers beside each name in the table of areas."""
    top = next(row[0].row for row in sheet.iter_rows() if row[0].value == TABLE_HEAD)
    found = {}
    for row in sheet.iter_rows(min_row=top + 1, max_col=FIRST_COUNT + 2, values_only=True):
        if row[0] is None:
            break
        found[str(row[0])] = [int(number) for number in row[FIRST_COUNT - 1 :]]
    return found


def findings(book: Any, grade: str) -> list[str]:
    """Return the areas of the open findings of a grade, in the list of findings."""
    rows = book["Funn"].iter_rows(min_row=4, min_col=2, max_col=8, values_only=True)
    return [row[2] or "" for row in rows if row[0] == grade and not row[6]]


def test_the_first_sheet_counts_what_is_open_by_area(appendix: Path) -> None:
    book = openpyxl.load_workbook(appendix, data_only=True)
    found = counts(book.worksheets[0])
    total = found.pop("Alle områder")
    assert total == [sum(column) for column in zip(*found.values(), strict=True)]
    for number, grade in enumerate(("feil", "advarsel")):
        areas = findings(book, grade)
        assert total[number] == len(areas)
        assert found["Oppvekst"][number] == areas.count("Oppvekst")
        assert found["Fil uten område"][number] == sum(not area for area in areas)
    assert total[0] == 3
    assert found["Fil uten område"][0] == 1


def test_every_open_finding_is_listed_with_a_link_that_leads_to_a_cell(appendix: Path) -> None:
    book = openpyxl.load_workbook(appendix)
    sheet = book.worksheets[0]
    top = next(row[0].row for row in sheet.iter_rows() if row[0].value == "Dette må avgjøres")
    grades = [sheet.cell(row, 2).value for row in range(top + 2, sheet.max_row)]
    listed = [grade for grade in grades if grade in ("feil", "advarsel")]
    assert listed.count("feil") == len(findings(book, "feil")) == 3
    assert listed.count("advarsel") == len(findings(book, "advarsel"))
    assert listed == sorted(listed, key=("feil", "advarsel").index)
    links = [
        str(cell.hyperlink.location) for row in sheet.iter_rows() for cell in row if cell.hyperlink
    ]
    for link in links:
        name, address = link.rsplit("!", 1)
        assert book[name.strip("'")][address].row <= book[name.strip("'")].max_row
    assert sum("Funn" in link for link in links) >= 1
    assert book["Funn"].sheet_properties.tabColor is not None
    assert book["Funn"].auto_filter.ref


def test_without_anything_open_the_first_sheet_says_so(tmp_path: Path) -> None:
    folder = round_in(tmp_path)
    flows.merge([folder / "ut"], folder / "vedlegg.xlsx", plan=folder / SENT)
    path = folder / "vedlegg.xlsx"
    book = openpyxl.load_workbook(path)
    for row in range(4, book["Funn"].max_row + 1):
        book["Funn"].cell(row, 8).value = "sett på"
    book.save(path)
    flows.merge([folder / "ut"], path, plan=folder / SENT)
    sheet = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    texts = {cell.value for row in sheet.iter_rows() for cell in row}
    assert "Ingenting å avgjøre." in texts
    assert "Dette må avgjøres" not in texts
    assert counts(sheet)["Alle områder"] == [0, 0, 0]


def test_the_plan_has_no_such_list(tmp_path: Path) -> None:
    folder = round_in(tmp_path)
    for name in ("plan.xlsx", SENT):
        sheet = openpyxl.load_workbook(folder / name).worksheets[0]
        texts = {cell.value for row in sheet.iter_rows() for cell in row}
        assert not texts & {"Feil", "Ingenting å avgjøre.", "Dette må avgjøres"}


def test_the_file_of_a_finding_is_in_view_in_a_small_window(appendix: Path) -> None:
    sheet = openpyxl.load_workbook(appendix)["Funn"]
    labels = [cell.value for cell in sheet[3]]
    shown = list(sheet.column_dimensions.values())[: labels.index("Fil") + 1]
    # A window of 1,366 pixels without row numbers and scroll bar, as LibreOffice draws it.
    assert sum(8 * column.width for column in shown if not column.hidden) <= 1270


@pytest.mark.office
def test_what_is_written_in_the_list_is_no_longer_counted(appendix: Path) -> None:
    demand("LibreOffice over UNO", missing())
    office = Office()
    try:
        document = office.open(appendix)
        first = document.sheet_names[0]
        assert document.shown(first, "A3") == "3 feil"
        rows = openpyxl.load_workbook(appendix)["Funn"].iter_rows(min_row=4, max_col=2)
        row = next(cells[1].row for cells in rows if cells[1].value == "feil")
        document.put("Funn", f"H{row}", "Kari har sett på det")
        document.recalculate()
        assert document.shown(first, "A3") == "2 feil"
    finally:
        office.close()


def test_little_of_the_first_sheet_stays_when_scrolling(appendix: Path, tmp_path: Path) -> None:
    """With all that has to be decided above the table, half a window would be frozen at 200 %."""
    assert openpyxl.load_workbook(appendix).worksheets[0].freeze_panes is None
    plan = openpyxl.load_workbook(tmp_path / SENT).worksheets[0]
    assert plan.freeze_panes == f"A{next(r[0].row for r in plan if r[0].value == TABLE_HEAD) + 1}"
