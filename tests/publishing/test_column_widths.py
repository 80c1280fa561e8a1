"""Columns follow their relative widths, but no word is broken if there is room for all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltiltak.publishing.document import (
    LANDSCAPE_WIDTH,
    PORTRAIT_WIDTH,
    ColumnSpec,
    column_shares,
    longest_word,
)

WORDS = st.text("abcdefghijklmnopqrstuvwxyzæøåABC /-", max_size=40)
COLUMNS = st.lists(
    st.builds(ColumnSpec, st.floats(1, 60), st.tuples(WORDS, WORDS)), min_size=1, max_size=12
)


@given(columns=COLUMNS, landscape=st.booleans())
def test_columns_fill_the_width_and_no_word_is_broken_if_all_fit(
    *, columns: list[ColumnSpec], landscape: bool
) -> None:
    shares = column_shares(columns, landscape=landscape)
    width = LANDSCAPE_WIDTH if landscape else PORTRAIT_WIDTH
    needs = [longest_word(column.texts) for column in columns]
    assert sum(shares) == pytest.approx(1)
    if sum(needs) <= width:
        widths = (share * width for share in shares)
        assert all(got >= need - 0.001 for got, need in zip(widths, needs, strict=True))


def test_without_long_words_only_relative_widths_count() -> None:
    columns = [ColumnSpec(1, ("Nr",)), ColumnSpec(3, ("Tiltak",))]
    assert column_shares(columns, landscape=True) == (0.25, 0.75)


def test_words_end_where_a_line_may_break() -> None:
    assert longest_word(("Kostnad/finansiering",)) < longest_word(("Kostnadsfinansiering",))
    assert longest_word(("sosial- og helsetjeneste",)) == longest_word(("helsetjeneste",))
