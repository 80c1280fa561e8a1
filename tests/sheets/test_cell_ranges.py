"""Ranges of cells: few of them, and together exactly the cells they were made of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from xltiltak.sheets.row_formats import CellRange, merge_ranges

ROWS, COLUMNS = 6, 4
GRIDS = st.lists(
    st.lists(st.sampled_from(["", "a", "b"]), min_size=COLUMNS, max_size=COLUMNS),
    min_size=1,
    max_size=ROWS,
)


def cells(grid: list[list[str]]) -> list[tuple[CellRange, str]]:
    """Return the cells of a grid with their keys, row by row; those without a key are left out."""
    return [
        (CellRange(row, row, col, col), key)
        for row, keys in enumerate(grid, 1)
        for col, key in enumerate(keys, 1)
        if key
    ]


@given(GRIDS)
def test_ranges_cover_each_cell_once_under_its_key(grid: list[list[str]]) -> None:
    covered = [
        (CellRange(row, row, col, col), key)
        for span, key in merge_ranges(cells(grid))
        for row in range(span.first, span.last + 1)
        for col in range(span.left, span.right + 1)
    ]
    assert sorted(covered) == sorted(cells(grid))


def test_cells_are_joined_downwards_first_and_then_to_the_right() -> None:
    assert merge_ranges(cells([["a", "a", "b"], ["a", "a", ""], ["", "a", "a"]])) == [
        (CellRange(1, 1, 3, 3), "b"),
        (CellRange(1, 2, 1, 1), "a"),
        (CellRange(1, 3, 2, 2), "a"),
        (CellRange(3, 3, 3, 3), "a"),
    ]
    assert merge_ranges(cells([["a", "a"], ["a", "a"]])) == [(CellRange(1, 2, 1, 2), "a")]
