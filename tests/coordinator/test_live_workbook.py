"""Fill a sheet that is open: each text stays a text, and a table replaces the one of before."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
import xlwings
from hypothesis import example, given
from hypothesis import strategies as st

from tests.engine import OpenpyxlGrid, entered_value, running
from xltiltak.coordinator.live_workbook import as_text, fill_table, show_filtered_rows
from xltiltak.coordinator.model import Link, TableRow

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1)
MOST = 6


@given(TEXTS)
@example("=1+1")
@example("'=1")
@example("31.12.2020")
@example("TRUE")
@example(" 12,5")
@example("+47 22 33 44 55")
@example("#N/A")
def test_a_text_stays_as_it_is(text: str) -> None:
    assert entered_value(as_text(text), text=False) == ("text", text)


@given(st.one_of(st.none(), st.integers(), st.floats(allow_nan=False), st.just("")))
def test_other_values_are_not_changed(value: object) -> None:
    assert as_text(value) == value


def filled(path: Path, *tables: list[TableRow]) -> list[list[object]]:
    """Fill these tables into a sheet, each in place of the one before; return its cells."""
    openpyxl.Workbook().save(path)
    grid = OpenpyxlGrid(path)
    with running(grid):
        sheet = xlwings.Book.caller().sheets[0]
        for rows in tables:
            fill_table(sheet, 3, rows, 3, MOST)
    return grid.read("Sheet", 1, 1, MOST + 4, 5)


CELLS = st.one_of(st.none(), st.integers(0, 99), TEXTS, st.builds(Link, TEXTS, TEXTS))
TABLES = st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=MOST)


@given(before=TABLES, after=TABLES)
def test_nothing_is_left_of_the_table_before(
    before: list[TableRow], after: list[TableRow], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("bok") / "b.xlsx"
    assert filled(path, before, after) == filled(path, after)


def test_a_link_is_a_formula_with_doubled_quotes_in_its_cell(
    tmp_path: Path,
) -> None:
    rows: list[TableRow] = [
        ["a", 1, Link("C:\\x \"y\"#'Ark'!B2", 'B"2')],
        ["b", 2, "uten"],
        ["c", 3, Link("d", "e")],
    ]
    cells = filled(tmp_path / "b.xlsx", rows)
    assert [line[1:4] for line in cells[2:5]] == [
        ["a", 1, '=HYPERLINK("C:\\x ""y""#\'Ark\'!B2","B""2")'],
        ["b", 2, "uten"],
        ["c", 3, '=HYPERLINK("d","e")'],
    ]
    assert [line[0] for line in cells] == [None] * (MOST + 4)


def test_filtered_rows_are_shown_first() -> None:
    shown: list[str] = []
    for filtered in (True, False):
        api = SimpleNamespace(FilterMode=filtered, ShowAllData=lambda: shown.append("all"))
        show_filtered_rows(SimpleNamespace(api=api))
    assert shown == ["all"]


def test_a_program_without_filters_is_ignored() -> None:
    show_filtered_rows(SimpleNamespace(api=None))
    show_filtered_rows(SimpleNamespace())
