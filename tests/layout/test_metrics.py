"""Lines and heights from font metrics are never too few for the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltiltak.layout.metrics import (
    LINE,
    TALLEST,
    line_count,
    row_height,
    text_width,
    wrap_text,
    wrap_to_width,
)

TEXT = st.text(st.sampled_from("abcdef ghi jklmnæøå WM,.-–1\n"), max_size=200)
WIDTH = st.integers(4, 90)


@given(TEXT, TEXT, WIDTH)
def test_more_text_never_takes_fewer_lines(text: str, more: str, width: int) -> None:
    assert line_count(text + more, width) >= line_count(text, width)


@given(TEXT, WIDTH)
def test_a_wider_column_never_takes_more_lines(text: str, width: int) -> None:
    assert line_count(text, width + 20) <= line_count(text, width)


@given(TEXT, WIDTH)
def test_larger_and_bolder_letters_never_take_fewer_lines(text: str, width: int) -> None:
    assert line_count(text, width, points=14) >= line_count(text, width)
    assert line_count(text, width, bold=True) >= line_count(text, width)


@given(TEXT, WIDTH)
def test_every_line_break_begins_a_line(text: str, width: int) -> None:
    assert line_count(text, width) >= text.count("\n") + 1


@given(TEXT, WIDTH)
def test_a_row_is_as_high_as_its_lines_up_to_what_excel_allows(text: str, width: int) -> None:
    assert row_height(text, width) >= min(TALLEST, LINE * line_count(text, width))
    assert row_height(text, width) <= TALLEST


@given(st.text(st.sampled_from("abc de fgh æøå WM"), max_size=200), st.integers(20, 90))
def test_each_broken_line_fits_its_row(text: str, width: int) -> None:
    assert all(line_count(line, width) == 1 for line in wrap_text(text, width))


@given(st.text(st.sampled_from("ab -–c"), max_size=80), WIDTH)
def test_breaking_keeps_every_letter(text: str, width: int) -> None:
    assert "".join("".join(wrap_text(text, width)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "width", "count"),
    [
        ("", 10, 1),
        ("kort", 10, 1),
        ("en\nto\ntre", 10, 3),
        ("W" * 30, 10, 5),
        ("i" * 30, 10, 2),
        ("x" * 200, 10, 20),
    ],
)
def test_lines_are_near_what_excel_shows(text: str, width: int, count: int) -> None:
    assert count <= line_count(text, width) <= count + 2


def test_a_drawn_text_of_one_long_word_is_wrapped() -> None:
    word = "å" * 200_000  # in square time it would take minutes
    lines = list(wrap_to_width(word, 100, 10))
    assert "".join(lines) == word
    assert all(text_width(line, 10) <= 100 for line in lines)
    assert list(wrap_to_width("abc", 1, 10)) == ["a", "b", "c"]


def test_an_empty_cell_is_one_line_high() -> None:
    assert row_height("", 10) == row_height("x", 10)
