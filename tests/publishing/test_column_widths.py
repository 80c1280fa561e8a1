"""Columns are as wide as wished for, but words stand whole where there is room for all of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltiltak.publishing.column_widths import (
    LANDSCAPE_WIDTH,
    PORTRAIT_WIDTH,
    ColumnSpec,
    column_shares,
    longest_word,
)

WORDS = st.text("abcdefghijklmnopqrstuvwxyzæøåABC /-", max_size=40)
WISHES = st.lists(
    st.builds(ColumnSpec, st.floats(1, 60), st.tuples(WORDS, WORDS)), min_size=1, max_size=12
)


@given(WISHES, st.booleans())
def test_they_take_the_whole_width_and_no_word_is_divided_where_all_fit(
    wishes: list[ColumnSpec], landscape: bool
) -> None:
    found, across = (
        column_shares(wishes, landscape=landscape),
        LANDSCAPE_WIDTH if landscape else PORTRAIT_WIDTH,
    )
    needs = [longest_word(wish.texts) for wish in wishes]
    assert sum(found) == pytest.approx(1)
    if sum(needs) <= across:
        assert all(part * across >= need - 0.001 for part, need in zip(found, needs, strict=True))


def test_without_long_words_they_are_as_wished_for() -> None:
    assert column_shares([ColumnSpec(1, ("Nr",)), ColumnSpec(3, ("Tiltak",))], landscape=True) == (
        0.25,
        0.75,
    )


def test_a_word_ends_where_a_line_may() -> None:
    assert longest_word(("Kostnad/finansiering",)) < longest_word(("Kostnadsfinansiering",))
    assert longest_word(("sosial- og helsetjeneste",)) == longest_word(("helsetjeneste",))
