"""Which node a row is about: what came back as it was sent needs no search, and none would find otherwise."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from xltiltak.intake.identity import KeyedText, match_rows

MARKS = st.sampled_from([f"SAM-{n:03}" for n in range(1, 9)])
TEXTS = st.sampled_from(["", "Ny skole", "Nye skoler", "ny  skole", "Skoleskyss"]) | st.text(
    max_size=8
)


@given(st.dictionaries(MARKS, TEXTS))
def test_rows_as_they_were_sent_agree_with_and_without_a_search(known: dict[str, str]) -> None:
    """A row more, which says nothing, is enough for all to be searched."""
    rows = [KeyedText(mark, text) for mark, text in known.items()]
    agreed = [(mark, "agrees") for mark in known]
    assert match_rows(rows, known) == agreed
    assert match_rows([*rows, KeyedText(None, "")], known) == [*agreed, (None, "unknown")]
