"""Page breaks: cards stay whole where they fit, and no page of a table ends with a heading."""

from __future__ import annotations

from xltiltak.layout.sheet_rows import CellSpec, SheetRow
from xltiltak.sheets import page_setup


def card(ref: str, rows: int) -> list[SheetRow]:
    """Return a card with one slot of so many rows."""
    title = SheetRow(ref, (CellSpec(2, "heading", look="band"),), (ref,), (ref,))
    return [
        title,
        *(SheetRow(f"{ref}|text|{k}", refs=(ref,)) for k in range(1, rows + 1)),
        SheetRow("@gap"),
    ]


def card_breaks(*sizes: int, page: float) -> list[int]:
    """Return the rows that begin a page; cards have so many rows, each of them 1 point high."""
    rows = [
        SheetRow("@title"),
        *(row for n, count in enumerate(sizes) for row in card(f"X-{n}", count)),
    ]
    return list(page_setup.card_page_breaks(rows, [1.0] * len(rows), page))


def test_a_card_moves_whole_where_it_fits() -> None:
    assert card_breaks(3, 3, page=10.0) == [7]
    assert card_breaks(3, 3, page=11.0) == []


def test_a_large_card_begins_where_there_is_room_and_leaves_no_row_alone() -> None:
    assert card_breaks(2, 12, page=10.0) == [11]
    assert card_breaks(2, 5, page=11.0) == [10]
    assert card_breaks(17, page=20.0) == []
    assert card_breaks(18, page=20.0) == [19]


def table_breaks(*sizes: int, page: float) -> list[int]:
    """Return the rows that begin a page.

    Groups have so many rows below a heading, and each row is 1 point high.
    """
    heading = CellSpec(2, "heading", look="over")
    rows = [SheetRow("@head")]
    for n, size in enumerate(sizes):
        rows += [
            SheetRow(f"G-{n}", (heading,), ("Mål",), (f"G-{n}",)),
            SheetRow(f"G-{n}|goals|1", refs=(f"G-{n}",)),
        ]
        rows += [SheetRow(f"T-{n}-{k}", refs=(f"T-{n}-{k}",)) for k in range(size)]
    scale = int(100 * 487 / page)
    return list(page_setup.table_page_breaks(rows, [1.0] * len(rows), 1, scale))


def test_a_heading_goes_to_the_next_page_with_its_text_where_no_row_follows_it() -> None:
    assert table_breaks(3, 3, page=7.99) == [7]
    assert table_breaks(3, 3, page=8.99) == [7]
    assert table_breaks(3, 3, page=9.1) == []


def test_excel_breaks_pages_between_rows_without_a_heading() -> None:
    assert table_breaks(30, page=10.1) == []


def test_a_table_is_printed_as_large_as_the_paper_allows() -> None:
    assert page_setup.table_scale([60.0]) == 100
    assert page_setup.table_scale([100.0, 60.0]) < page_setup.table_scale([100.0, 50.0]) < 100
