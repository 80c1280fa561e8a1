"""What the coordinator types on a list outside its fields is told, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests import small
from tests.forms import rows_of
from tests.running import OPP, SENT, answer, round_in
from xltiltak import flows

pytestmark = pytest.mark.usefixtures("bokmaal")
Edit = Callable[[Any], object]
OLDER = sorted((Path(__file__).parents[1] / "older").glob("*/*.xlsx"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a round with an appendix that has findings, proposals and sources."""
    round_in(tmp_path)
    answer(tmp_path, "OPP-001", "4 - nesten")
    answer(tmp_path, "TEK-001", 2)

    def add_row(book: Any) -> None:
        sheet = book.worksheets[0]
        row = rows_of(sheet)["OPP-003"] + 1
        sheet.cell(row, small.cell_of(sheet, "OPP-003", small.NAME).column).value = "Ny brygge"

    edited(tmp_path / OPP, add_row)
    merged(tmp_path)
    return tmp_path


def edited(path: Path, edit: Edit) -> None:
    """Edit a workbook with openpyxl."""
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)


def merged(folder: Path) -> flows.Result:
    """Merge the forms into the appendix of the folder."""
    return flows.merge([folder / "ut"], folder / "vedlegg.xlsx", plan=folder / SENT)


def told(folder: Path, edit: Edit) -> list[tuple[str, str]]:
    """Edit the appendix; return sheet and text of what the next merge does not keep."""
    edited(folder / "vedlegg.xlsx", edit)
    found = [finding for finding in merged(folder).findings if finding.code == "S119"]
    return [(finding.place.sheet, finding.values["value"]) for finding in found]


def put(sheet: str, cell: str, value: object) -> Edit:
    """Return the edit that types a value into a cell."""

    def edit(book: Any) -> None:
        book[sheet][cell] = value

    return edit


def into_row(sheet: str, key: str, column: int, value: object) -> Edit:
    """Return the edit that types into the row whose key begins so."""

    def edit(book: Any) -> None:
        rows = rows_of(book[sheet])
        row = next(n for name, n in rows.items() if name.startswith(key))
        book[sheet].cell(row, column).value = value

    return edit


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (put("Oversikt", "A1", "Vår egen tittel"), ("Oversikt", "A1 «Vår egen tittel»")),
        (put("Oversikt", "N4", "Husk møtet"), ("Oversikt", "N4 «Husk møtet»")),
        (put("Oversikt", "B5", 99), ("Oversikt", "B5 «99»")),
        (put("Oversikt", "N5", "=B5*2"), ("Oversikt", "N5 «=B5*2»")),
        (put("Oversikt", "A60", "En merknad nederst"), ("Oversikt", "A60 «En merknad nederst»")),
        (put("Funn", "M3", "Ansvarlig"), ("Funn", "M3 «Ansvarlig»")),
        (into_row("Funn", "finding|", 13, "Kari"), ("Funn", "M4 «Kari»")),
        (put("Funn", "B40", "Purret alle"), ("Funn", "B40 «Purret alle»")),
        (put("Forslag", "E3", "Hva vi mener"), ("Forslag", "E3 «Hva vi mener»")),
        (into_row("Forslag", "proposal|", 9, "Se sak 14"), ("Forslag", "I4 «Se sak 14»")),
        (put("Kilder", "C4", "ringte"), ("Kilder", "C4 «ringte»")),
        (
            put("Kilder", "B30", "Svar på telefon: Teknikk"),
            ("Kilder", "B30 «Svar på telefon: Teknikk»"),
        ),
        (into_row("Rapporten", "head|title", 2, "Navn"), ("Rapporten", "B2 «Navn»")),
        (into_row("Rapporten", "head|title", 5, "ikke endre"), ("Rapporten", "E2 «ikke endre»")),
        (put("Rapporten", "B60", "Avtalt med Siv"), ("Rapporten", "B60 «Avtalt med Siv»")),
    ],
)
def test_what_is_typed_outside_the_fields_is_told(
    edit: Edit, expected: tuple[str, str], folder: Path
) -> None:
    assert told(folder, edit) == [expected]


def test_a_finding_that_is_typed_over_is_quoted_whole(folder: Path) -> None:
    ((sheet, text),) = told(folder, into_row("Funn", "finding|", 6, "Kari ordner dette"))
    assert sheet == "Funn"
    assert "F4 «Kari ordner dette»" in text


def test_what_is_typed_beside_what_is_to_be_decided_on_the_overview_is_told(folder: Path) -> None:
    def handle_there(book: Any) -> None:
        sheet = book["Oversikt"]
        cell = next(c for row in sheet.iter_rows() for c in row if c.value == "Behandlet")
        sheet.cell(cell.row + 1, cell.column).value = "Ringt Kari"

    ((sheet, text),) = told(folder, handle_there)
    assert sheet == "Oversikt"
    assert "«Ringt Kari»" in text


def test_a_code_of_an_area_that_is_typed_over_is_told(folder: Path) -> None:
    assert told(folder, into_row("Rapporten", "area|TEK", 2, "TK"))[0][0] == "Rapporten"


@pytest.mark.parametrize(
    "edit",
    [
        lambda _: None,
        into_row("Funn", "finding|", 8, "Ringt Kari"),
        into_row("Forslag", "proposal|", 2, "ja"),
        into_row("Rapporten", "head|contact", 3, "Kari Fjell"),
        into_row("Rapporten", "area|TEK", 4, "Per Berg"),
        lambda book: book["Oversikt"].insert_rows(1, 2),
        lambda book: book["Kilder"].insert_rows(4),
        lambda book: book["Kilder"].insert_cols(2),
        lambda book: book["Funn"].delete_rows(4),
    ],
)
def test_fields_and_moved_rows_are_no_typed_text(edit: Edit, folder: Path) -> None:
    assert told(folder, edit) == []


def test_a_new_row_of_the_table_of_areas_is_no_typed_text(folder: Path) -> None:
    def new_area(book: Any) -> None:
        table = book["Rapporten"]
        row = rows_of(table)["area|"]
        table.cell(row, 2).value, table.cell(row, 3).value = "HAV", "Havn"

    assert told(folder, new_area) == []


@pytest.mark.parametrize("path", OLDER, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_words_of_an_earlier_version_are_no_typed_text(path: Path, tmp_path: Path) -> None:
    if path.stem not in ("plan", "sent", "appendix"):
        return
    saved = tmp_path / "plan.xlsx"
    saved.write_bytes(path.read_bytes())
    edited(saved, lambda _: None)
    lists = {"Oversikt", "Funn", "Forslag", "Kilder", "Rapporten", "Beløp i tekstene"}
    found = flows.read_plan(saved).findings
    assert not [f for f in found if f.code == "S119" and f.place.sheet in lists]
