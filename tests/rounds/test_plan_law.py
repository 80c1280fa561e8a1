"""Test the law of `tests.plan_law` with sequences of edits by the coordinator."""

from __future__ import annotations

import os

import pytest

from tests.examples import examples
from tests.plan_law import SORTS, sequence

FIRST = int(os.environ.get("XLTILTAK_SEED", "0"))


def check_law(kind: str, round_: str, count: int) -> None:
    """Check this number of sequences, the same in every run; XLTILTAK_SEED selects others."""
    numbers = range(FIRST * count, (FIRST + 1) * count)
    assert not [failure for n in numbers if (failure := sequence(kind, round_, n))]


@pytest.mark.parametrize(("kind", "round_"), SORTS)
def test_what_the_coordinator_types_is_kept_or_told(kind: str, round_: str) -> None:
    check_law(kind, round_, examples(16))


@pytest.mark.laws
@pytest.mark.parametrize(("kind", "round_"), SORTS)
def test_the_law_holds_for_two_thousand_sequences(kind: str, round_: str) -> None:
    check_law(kind, round_, 2_000 // len(SORTS) + 1)


def test_an_empty_row_below_a_list_whose_column_has_become_that_of_names_is_passed_over() -> None:
    """Labels were exchanged, a column was moved, the hidden one deleted: it was an error."""
    assert sequence("plan", "maaloppnaaelse", 4072) is None


def test_own_words_on_sorted_cards_stay_with_the_names_they_stand_beside() -> None:
    """The visible cells of cards were sorted: a key stood beside the title of another node."""
    assert sequence("plan", "programstatus", 19823) is None
    assert sequence("appendix", "goals", 14303) is None


def test_a_column_that_would_be_left_of_the_sheet_stops_nothing() -> None:
    """A label was copied to the left, the hidden column cleared: reading never ended."""
    assert sequence("appendix", "verksamhetsberattelse", 16342) is None
