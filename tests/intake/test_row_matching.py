"""Which node a row matches, by its row key and its text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltiltak.intake.row_matching import KeyedText, match_rows

ROW_KEYS = st.sampled_from([f"SAM-{n:03}" for n in range(1, 9)])
TEXTS = st.sampled_from(["", "Ny skole", "Nye skoler", "ny  skole", "Skoleskyss"]) | st.text(
    max_size=8
)


@given(st.dictionaries(ROW_KEYS, TEXTS))
def test_rows_as_sent_match_exactly_with_and_without_a_search(known: dict[str, str]) -> None:
    """One more row, without key and text, makes all rows be searched."""
    rows = [KeyedText(key, text) for key, text in known.items()]
    exact = [(key, "exact") for key in known]
    assert match_rows(rows, known) == exact
    assert match_rows([*rows, KeyedText(None, "")], known) == [*exact, (None, "unknown")]


# How similar two texts must be: titles as people retype them

SCHOOL, PARK = "Bygge ny skole på Nes", "Rydde parken ved elva"
STAGES = {"SAM-001": "Ny skole på Nes, trinn 1", "SAM-002": "Ny skole på Nes, trinn 2"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Bygge ny skole på Nes", "exact"),
        ("bygge  NY skole på Nes ", "exact"),
        ("Bygge ny skole på Næs", "similar"),
        ("Bygge nye skoler på Nes", "similar"),
        ("Bygge ny skole på Neset", "similar"),
        ("Bygge en ny barneskole på Nes", "conflict"),  # 84 % alike: another school
        ("Rive ny skole på Nes", "conflict"),  # 83 % alike, and the opposite
        ("Kurs i svømming", "conflict"),
    ],
)
def test_a_row_keeps_its_key_while_its_text_is_similar_to_the_sent_one(
    text: str, kind: str
) -> None:
    rows = [KeyedText("SAM-001", text), KeyedText("SAM-002", PARK)]
    assert match_rows(rows, {"SAM-001": SCHOOL, "SAM-002": PARK}) == [
        ("SAM-001", kind),
        ("SAM-002", "exact"),
    ]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        # Visible columns sorted, keys left behind: each row is identified by its text.
        ([("1", PARK), ("2", SCHOOL)], [("2", "moved"), ("1", "moved")]),
        # A text typed over another one: a conflict; the row with the same text keeps its key.
        ([("1", PARK), ("2", PARK)], [("1", "conflict"), ("2", "exact")]),
        # The same key twice, and the same text twice.
        ([("1", SCHOOL), ("1", SCHOOL)], [("1", "duplicate"), ("1", "duplicate")]),
        (
            [("1", SCHOOL), (None, SCHOOL), ("2", PARK)],
            [("1", "exact"), ("1", "repeated"), ("2", "exact")],
        ),
        ([(None, SCHOOL), (None, SCHOOL)], [("1", "duplicate"), ("1", "duplicate")]),
        # A row without a key is identified by its text; a text that was not sent is unknown.
        ([(None, SCHOOL), ("2", PARK)], [("1", "moved"), ("2", "exact")]),
        (
            [("1", SCHOOL), ("2", PARK), (None, "Ny lekeplass")],
            [("1", "exact"), ("2", "exact"), (None, "unknown")],
        ),
        (
            [("1", SCHOOL), ("2", PARK), ("9", "Ny lekeplass")],
            [("1", "exact"), ("2", "exact"), (None, "unknown")],
        ),
        # A row without a key is new, even if its text is similar to a sent one.
        (
            [("1", SCHOOL), ("2", PARK), (None, SCHOOL + "et")],
            [("1", "exact"), ("2", "exact"), (None, "unknown")],
        ),
        # An emptied text: the key decides, unless the text is in another row.
        ([("1", ""), ("2", PARK)], [("1", "similar"), ("2", "exact")]),
        ([("1", ""), ("2", SCHOOL)], [(None, "unknown"), ("1", "moved")]),
        # A key beside a new text, while its own text is in another row.
        (
            [("1", "Ny lekeplass"), (None, SCHOOL), ("2", PARK)],
            [(None, "unknown"), ("1", "moved"), ("2", "exact")],
        ),
    ],
)
def test_rows_whose_keys_and_texts_disagree(
    rows: list[tuple[str | None, str]], found: list[tuple[str | None, str]]
) -> None:
    assert match_rows([KeyedText(*row) for row in rows], {"1": SCHOOL, "2": PARK}) == found


def test_a_row_sent_without_text_keeps_its_key_unless_it_has_the_text_of_another() -> None:
    sent = {"1": "", "2": PARK}
    assert match_rows([KeyedText("1", "Ny lekeplass"), KeyedText("2", PARK)], sent) == [
        ("1", "exact"),
        ("2", "exact"),
    ]
    assert match_rows([KeyedText("1", PARK), KeyedText("2", "")], sent) == [
        ("2", "moved"),
        (None, "unknown"),
    ]


def test_a_text_that_two_rows_were_sent_with_decides_nothing_without_a_key() -> None:
    assert match_rows([KeyedText(None, SCHOOL)], {"1": SCHOOL, "2": SCHOOL}) == [(None, "unknown")]
    assert match_rows(
        [KeyedText("1", SCHOOL), KeyedText("2", "Kurs")], {"1": SCHOOL, "2": SCHOOL}
    ) == [
        ("1", "exact"),
        ("2", "conflict"),
    ]
    assert match_rows(
        [KeyedText("2", SCHOOL), KeyedText("1", SCHOOL)], {"1": SCHOOL, "2": SCHOOL}
    ) == [
        ("2", "exact"),
        ("1", "exact"),
    ]
