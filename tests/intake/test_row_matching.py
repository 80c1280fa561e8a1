"""Which node a row is about: what came back as it was sent needs no search, and none would find otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltiltak.intake.row_matching import KeyedText, closest, match_rows

MARKS = st.sampled_from([f"SAM-{n:03}" for n in range(1, 9)])
TEXTS = st.sampled_from(["", "Ny skole", "Nye skoler", "ny  skole", "Skoleskyss"]) | st.text(
    max_size=8
)


@given(st.dictionaries(MARKS, TEXTS))
def test_rows_as_they_were_sent_agree_with_and_without_a_search(known: dict[str, str]) -> None:
    """A row more, which says nothing, is enough for all to be searched."""
    rows = [KeyedText(mark, text) for mark, text in known.items()]
    agreed = [(mark, "exact") for mark in known]
    assert match_rows(rows, known) == agreed
    assert match_rows([*rows, KeyedText(None, "")], known) == [*agreed, (None, "unknown")]


# How alike two texts must be: titles as people retype them

SCHOOL, PARK = "Bygge ny skole på Nes", "Rydde parken ved elva"
STAGES = {"SAM-001": "Ny skole på Nes, trinn 1", "SAM-002": "Ny skole på Nes, trinn 2"}


@pytest.mark.parametrize(
    ("text", "bond"),
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
def test_a_row_keeps_its_mark_while_its_text_is_nearly_the_one_that_was_sent(
    text: str, bond: str
) -> None:
    rows = [KeyedText("SAM-001", text), KeyedText("SAM-002", PARK)]
    assert match_rows(rows, {"SAM-001": SCHOOL, "SAM-002": PARK}) == [
        ("SAM-001", bond),
        ("SAM-002", "exact"),
    ]


@pytest.mark.parametrize(
    "text", ["Ny skole på Nes, trinn 3", "Ny skole på Nes, trinn", "Ny skole i Nes, trinn 1"]
)
def test_a_text_as_near_to_another_row_is_neither(text: str) -> None:
    """Two stages of one project differ in a digit: what is near to both says nothing."""
    assert (
        closest(text.casefold(), {mark: sent.casefold() for mark, sent in STAGES.items()}) is None
    )
    assert (
        match_rows([KeyedText("SAM-001", text), KeyedText("SAM-002", STAGES["SAM-002"])], STAGES)[
            0
        ].kind
        == "conflict"
    )


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        # The visible columns sorted, the marks left behind: each row is known by its text.
        ([("1", PARK), ("2", SCHOOL)], [("2", "moved"), ("1", "moved")]),
        # A text typed over another's: the row is nobody's, the other keeps its own.
        ([("1", PARK), ("2", PARK)], [("1", "conflict"), ("2", "exact")]),
        # The same mark twice, and the same text twice.
        ([("1", SCHOOL), ("1", SCHOOL)], [("1", "duplicate"), ("1", "duplicate")]),
        (
            [("1", SCHOOL), (None, SCHOOL), ("2", PARK)],
            [("1", "exact"), (None, "unknown"), ("2", "exact")],
        ),
        ([(None, SCHOOL), (None, SCHOOL)], [("1", "duplicate"), ("1", "duplicate")]),
        # A row without a mark is known by its text; one that nobody was sent is unknown.
        ([(None, SCHOOL), ("2", PARK)], [("1", "moved"), ("2", "exact")]),
        (
            [("1", SCHOOL), ("2", PARK), (None, "Ny lekeplass")],
            [("1", "exact"), ("2", "exact"), (None, "unknown")],
        ),
        (
            [("1", SCHOOL), ("2", PARK), ("9", "Ny lekeplass")],
            [("1", "exact"), ("2", "exact"), (None, "unknown")],
        ),
        # A new row nearly like one that was sent is new all the same: without its mark nothing speaks for it.
        (
            [("1", SCHOOL), ("2", PARK), (None, SCHOOL + "et")],
            [("1", "exact"), ("2", "exact"), (None, "unknown")],
        ),
        # An emptied text: the mark stands, unless the text stands in another row.
        ([("1", ""), ("2", PARK)], [("1", "similar"), ("2", "exact")]),
        ([("1", ""), ("2", SCHOOL)], [(None, "unknown"), ("1", "moved")]),
        # A mark beside a new text, where its own text stands in another row.
        (
            [("1", "Ny lekeplass"), (None, SCHOOL), ("2", PARK)],
            [(None, "unknown"), ("1", "moved"), ("2", "exact")],
        ),
    ],
)
def test_marks_and_texts_that_have_parted(
    rows: list[tuple[str | None, str]], found: list[tuple[str | None, str]]
) -> None:
    assert match_rows([KeyedText(*row) for row in rows], {"1": SCHOOL, "2": PARK}) == found


def test_a_row_sent_without_a_text_keeps_its_mark_unless_it_has_got_anothers_text() -> None:
    sent = {"1": "", "2": PARK}
    assert match_rows([KeyedText("1", "Ny lekeplass"), KeyedText("2", PARK)], sent) == [
        ("1", "exact"),
        ("2", "exact"),
    ]
    assert match_rows([KeyedText("1", PARK), KeyedText("2", "")], sent) == [
        ("2", "moved"),
        (None, "unknown"),
    ]


def test_a_text_that_two_rows_were_sent_with_says_nothing_without_a_mark() -> None:
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
