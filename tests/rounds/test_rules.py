"""Test that every code of a finding has a case that raises it, and a similar one that does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples import sampled
from tests.pairs import PAIRS
from xltiltak.model.finding import CODES

pytestmark = [
    pytest.mark.usefixtures("bokmaal"),
    pytest.mark.filterwarnings("ignore:Duplicate name"),
]


def test_every_code_has_its_pair() -> None:
    assert list(PAIRS) == list(CODES)


@pytest.mark.parametrize("code", sampled(PAIRS))
def test_a_code_is_raised_by_its_case_and_not_by_a_similar_one(code: str, tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    assert code in {finding.code for finding in PAIRS[code].raises(folders[0])}
    assert code not in {finding.code for finding in PAIRS[code].near(folders[1])}
