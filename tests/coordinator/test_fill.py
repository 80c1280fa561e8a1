"""What is written into a sheet that is open: every text stays itself, and a table stands in place of the one before."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
import xlwings
from hypothesis import example, given
from hypothesis import strategies as st

from tests.engine import OpenpyxlGrid, as_typed, running
from xltiltak.coordinator.fill import fill, show_all, typed
from xltiltak.coordinator.model import Link, Row

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
def test_every_text_stays_a_text_and_itself(text: str) -> None:
    assert as_typed(typed(text), text=False) == ("text", text)


@given(st.one_of(st.none(), st.integers(), st.floats(allow_nan=False), st.just("")))
def test_all_else_is_written_as_it_is(value: object) -> None:
    assert typed(value) == value


def filled(path: Path, *tables: list[Row]) -> list[list[object]]:
    """What stands in a sheet after these tables were filled in, each in place of the one before."""
    openpyxl.Workbook().save(path)
    grid = OpenpyxlGrid(path)
    with running(grid):
        sheet = xlwings.Book.caller().sheets[0]
        for rows in tables:
            fill(sheet, 3, rows, 3, MOST)
    return grid.read("Sheet", 1, 1, MOST + 4, 5)


CELLS = st.one_of(st.none(), st.integers(0, 99), TEXTS, st.builds(Link, TEXTS, TEXTS))
TABLES = st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=MOST)


@given(before=TABLES, after=TABLES)
def test_a_table_shows_its_rows_and_nothing_of_the_one_before(
    before: list[Row], after: list[Row], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("bok") / "b.xlsx"
    assert filled(path, before, after) == filled(path, after)


def test_a_link_is_a_formula_whose_quotes_are_doubled_and_stands_where_it_belongs(
    tmp_path: Path,
) -> None:
    rows: list[Row] = [
        ["a", 1, Link("C:\\x \"y\"#'Ark'!B2", 'B"2')],
        ["b", 2, "uten"],
        ["c", 3, Link("d", "e")],
    ]
    held = filled(tmp_path / "b.xlsx", rows)
    assert [line[1:4] for line in held[2:5]] == [
        ["a", 1, '=HYPERLINK("C:\\x ""y""#\'Ark\'!B2","B""2")'],
        ["b", 2, "uten"],
        ["c", 3, '=HYPERLINK("d","e")'],
    ]
    assert [line[0] for line in held] == [None] * (MOST + 4)


def test_rows_that_are_filtered_away_are_shown_first() -> None:
    shown: list[str] = []
    for filtered in (True, False):
        api = SimpleNamespace(FilterMode=filtered, ShowAllData=lambda: shown.append("all"))
        show_all(SimpleNamespace(api=api))
    assert shown == ["all"]


def test_a_program_without_filters_of_that_name_is_left_alone() -> None:
    show_all(SimpleNamespace(api=None))
    show_all(SimpleNamespace())
