"""A table that is no terminal's: as rich lays it out, letter for letter."""

from __future__ import annotations

import io
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from xltiltak import console
from xltiltak.piped import _ONE_WIDE, _RULED, Column, drawn, room

letters = st.sampled_from("abcæøå ,.–«»\u00a0…\n")
texts = st.text(letters, max_size=60) | st.text(st.sampled_from(sorted(_ONE_WIDE)), max_size=20)
columns_ = st.lists(st.builds(Column, texts, st.booleans(), st.booleans()), min_size=1, max_size=5)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Column], list[tuple[str, ...]]]:
    """Columns, and rows of as many texts."""
    columns = draw(columns_)
    return columns, draw(st.lists(st.tuples(*(texts for _ in columns)), max_size=4))


def by_rich(columns: list[Column], rows: list[tuple[str, ...]], page: int) -> str:
    """The same table by rich, into a file."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(
            Text(column.label), justify="right" if column.right else "left", no_wrap=column.whole
        )
    for row in rows:
        table.add_row(*map(Text, row))
    said = io.StringIO()
    Console(highlight=False, width=page, file=said, force_terminal=False).print(table)
    return said.getvalue()


@given(tables(), st.integers(10, 130))
@example(
    ([Column("a"), Column("b", right=True)], [("ord " * 9, "tall  "), ("lang" * 9, "\n\n")]), 30
)
@example(([Column("a\nb"), Column("c", whole=True)], [("x " * 30, "y" * 9), ("", "")]), 24)
def test_a_table_is_laid_out_as_by_rich(
    table: tuple[list[Column], list[tuple[str, ...]]], page: int
) -> None:
    plain = drawn(*table, page)
    assert plain is None or plain == by_rich(*table, page)


def test_what_has_room_and_ordinary_letters_is_drawn() -> None:
    assert drawn(
        [Column("Område"), Column("Snitt", right=True)], [("Skole – «ute»", "3,5")], 40
    ) == (
        "                       \n"
        " Område          Snitt \n"
        " ───────────────────── \n"
        " Skole – «ute»     3,5 \n"
        "                       \n"
    )


@pytest.mark.parametrize("text", ["表", "e\u0301", "a\tb", "\x1b[1m", "😀", "\r", "\u00ad"])
def test_what_is_not_as_wide_as_a_letter_is_left_to_rich(text: str) -> None:
    assert drawn([Column("a")], [(text,)], 40) is None


def test_columns_without_room_are_left_to_rich() -> None:
    assert drawn([Column("aaaa", whole=True), Column("bbbb", whole=True)], [], 8) is None


@pytest.mark.parametrize(
    ("columns", "page"), [("", 110), ("80", 110), ("60", 60), ("200", 200), ("x", 110)]
)
def test_a_page_is_as_wide_as_is_said(
    columns: str, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in _RULED:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    assert room() == page == console.console().width


def test_a_terminal_is_left_to_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert room() is None
