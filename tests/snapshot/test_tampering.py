"""Test that no changed hidden record is believed (`tests.tampering`)."""

from __future__ import annotations

import pytest

from tests.tampering import KINDS, NAMES, round_of, tampering


@pytest.mark.parametrize("name", NAMES)
def test_the_forms_that_are_changed_have_answers_to_lose(name: str) -> None:
    assert round_of(name).told
    assert set(round_of(name).forms) == set(KINDS)


@pytest.mark.parametrize("number", range(24))
def test_a_changed_record_changes_nothing_and_loses_nothing(number: int) -> None:
    assert tampering(number) is None


@pytest.mark.laws
@pytest.mark.parametrize("first", range(100, 2_100, 100))
def test_two_thousand_changed_records_change_nothing_and_lose_nothing(first: int) -> None:
    assert not [failed for n in range(first, first + 100) if (failed := tampering(n))]
