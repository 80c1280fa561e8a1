"""Odd files are read as other readers read them: edited, and written in every valid way."""

from __future__ import annotations

from random import Random

import pytest

from tests import small
from tests.damage import EDITS, Hand
from tests.examples import sampled
from tests.readers import assert_all_read_the_same, ours
from tests.unusual import ACTIVE, UNUSUAL
from xltiltak.layout.geometry import KEY_COL
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.sheet_reader import read_sheets

# After one of these the same numbers are other days, or a part is gone that openpyxl left out.
_NOT_ALIKE = ("days from 1904", "no shared texts")
# Struck words are left out of a value here, and openpyxl makes the address of a link a value.
_READ_OTHERWISE = ("strike_words", "strike_in_table", "link_cell")


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a form with an answer, as it is sent."""
    sent = small.forms(small.report(tmp_path_factory.mktemp("form")))["OPP"]
    return small.filled(sent, {"OPP-001": 4, "OPP-002": "3 Godt i gang"})


def edited(form: bytes, edit: str, seed: int) -> bytes:
    """Return the form after one edit."""
    return small.edited(form, lambda sheet: EDITS[edit](sheet, Hand(Random(seed))))


@pytest.mark.parametrize(
    ("edit", "seed"),
    sampled((edit, seed) for seed in range(8) for edit in EDITS if edit not in _READ_OTHERWISE),
)
def test_an_edited_form_is_read_as_others_read_it(form: bytes, edit: str, seed: int) -> None:
    assert_all_read_the_same(edited(form, edit, seed))


@pytest.mark.parametrize(
    ("name", "edit"),
    sampled((name, edit) for name in UNUSUAL | ACTIVE if name not in _NOT_ALIKE for edit in EDITS),
)
def test_the_way_a_file_is_written_changes_nothing(form: bytes, name: str, edit: str) -> None:
    content = edited(form, edit, 1)
    written = (UNUSUAL | ACTIVE)[name](content)
    assert ours(written) == ours(content)
    before, after = ([*read_sheets(Package(c))] for c in (content, written))
    for one, other in zip(before, after, strict=True):
        assert (one.formulas, one.merged, one.struck) == (
            other.formulas,
            other.merged,
            other.struck,
        )


def test_the_key_column_is_hidden(form: bytes) -> None:
    first, hidden = read_sheets(Package(form))
    assert (first.hidden_columns, first.is_hidden) == ([(KEY_COL, KEY_COL)], False)
    assert hidden.is_hidden
