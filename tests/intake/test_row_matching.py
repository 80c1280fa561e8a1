"""Which node a row matches, by its row key and its text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from types import MappingProxyType
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltiltak.intake.row_matching import Evidence, KeyedText, RowMatcher, match_rows

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


# The three passes: each looks only at rows and nodes that the earlier ones have left

BERG = "Pusse opp lekeplassen ved Berg skole med nye apparater"
DAL = "Pusse opp lekeplassen ved Dal skole med nye apparater"
ONE, OTHER = BERG.replace("apparater", "aparater"), DAL.replace("apparater", "aparater")
SWIM = "Kurs i svømming"
Cells = Mapping[str, int]  # number and earlier statuses, by their columns
NO_CELLS: Cells = MappingProxyType({})


class Sent(NamedTuple):
    """A node as it was sent: its key, its text and its locked cells."""

    key: str
    text: str
    cells: Cells = NO_CELLS


class Row(NamedTuple):
    """A row as it came back."""

    key: str | None
    text: str
    cells: Cells = NO_CELLS


def evidence_of(rows: Sequence[Row], sent: Sequence[Sent]) -> Evidence:
    """Return the evidence of made-up locked cells."""
    cells = {node.key: node.cells for node in sent}
    return Evidence(
        lambda position, _: {(ord(col), value) for col, value in rows[position].cells.items()},
        lambda key: {(ord(col), value) for col, value in cells[key].items()},
    )


def matcher(rows: Sequence[Row], sent: Sequence[Sent]) -> RowMatcher:
    """Return the matcher of these rows before its first pass."""
    return RowMatcher(
        [KeyedText(row.key, row.text) for row in rows],
        {node.key: node.text for node in sent},
        evidence_of(rows, sent),
    )


def matched(rows: Sequence[Row], sent: Sequence[Sent]) -> list[tuple[str | None, str]]:
    """Return the key and the kind of each row's match."""
    return [
        (match.key, match.kind)
        for match in match_rows(
            [KeyedText(row.key, row.text) for row in rows],
            {node.key: node.text for node in sent},
            evidence_of(rows, sent),
        )
    ]


@pytest.mark.parametrize(
    ("rows", "taken"),
    [
        ([Row("1", BERG), Row("2", DAL)], {0: "1", 1: "2"}),
        ([Row("1", "  BERG skole ".join(BERG.split("Berg skole")))], {0: "1"}),
        ([Row("1", DAL), Row("2", BERG)], {}),
        ([Row(None, BERG)], {}),
        ([Row("1", ONE)], {}),
        ([Row("3", "Et navn som aldri ble sendt")], {0: "3"}),  # it was sent without a text
        ([Row("3", BERG)], {}),
    ],
)
def test_the_first_pass_takes_rows_whose_key_and_text_agree(
    rows: list[Row], taken: dict[int, str]
) -> None:
    matches = matcher(rows, [Sent("1", BERG), Sent("2", DAL), Sent("3", "")]).by_key_and_text()
    assert {position: match.key for position, match in matches.items()} == taken


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ({"n": 1, "a": 2}, "exact"),
        ({"n": 7, "a": 2}, "exact"),  # an edited number: no twin fits better
        ({}, "exact"),
        ({"n": 2, "a": 4}, "conflict"),  # all that is locked says that it is the other one
        ({"n": 2, "a": 2}, "exact"),  # undecided: the key counts
    ],
)
def test_of_measures_with_one_text_the_locked_cells_must_not_contradict_the_key(
    cells: Cells, kind: str
) -> None:
    sent = [Sent("1", SWIM, {"n": 1, "a": 2}), Sent("2", SWIM, {"n": 2, "a": 4})]
    assert matched([Row("1", SWIM, cells)], sent) == [("1", kind)]


def test_rows_with_one_text_that_were_sorted_without_their_keys_are_not_taken() -> None:
    cells: list[Cells] = [{"n": 1, "a": 2}, {"n": 2, "a": 4}]
    sent = [Sent("1", SWIM, cells[0]), Sent("2", SWIM, cells[1])]
    assert matched([Row("1", SWIM, cells[1]), Row("2", SWIM, cells[0])], sent) == [
        ("1", "conflict"),
        ("2", "conflict"),
    ]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([Row("1", DAL), Row("2", BERG)], [("2", "moved"), ("1", "moved")]),
        ([Row(None, DAL)], [("2", "moved")]),
        ([Row("9", DAL)], [("2", "moved")]),
        # The node is no longer left: the first pass took it.
        ([Row("1", DAL), Row("2", DAL)], [("1", "conflict"), ("2", "exact")]),
        ([Row(None, DAL), Row("2", DAL)], [("2", "repeated"), ("2", "exact")]),
        # Two rows with the text of one node.
        ([Row(None, DAL), Row(None, DAL)], [("2", "duplicate"), ("2", "duplicate")]),
        # A text of two nodes that are left.
        ([Row(None, SWIM)], [(None, "unknown")]),
        # … of which the first pass has taken one.
        ([Row("3", SWIM), Row(None, SWIM)], [("3", "exact"), ("4", "moved")]),
    ],
)
def test_the_second_pass_takes_rows_with_the_text_of_exactly_one_node_that_is_left(
    rows: list[Row], found: list[tuple[str | None, str]]
) -> None:
    assert (
        matched(rows, [Sent("1", BERG), Sent("2", DAL), Sent("3", SWIM), Sent("4", SWIM)]) == found
    )


NUMBERED = [Sent("1", BERG, {"n": 1, "a": 2, "b": 3}), Sent("2", DAL, {"n": 2, "a": 2, "b": 3})]
SAME: Cells = {"a": 2, "b": 3}


@pytest.mark.parametrize(
    ("rows", "kinds"),
    [
        # One corrected letter in each of two measures worded alike: the numbers decide.
        ([Row("1", ONE, {"n": 1, **SAME}), Row("2", OTHER, {"n": 2, **SAME})], ["similar"] * 2),
        # The same, sorted without the hidden column: the numbers are those of the other.
        ([Row("1", OTHER, {"n": 2, **SAME}), Row("2", ONE, {"n": 1, **SAME})], ["conflict"] * 2),
        # Without numbers both are as likely: none is taken.
        ([Row("1", ONE, SAME), Row("2", OTHER, SAME)], ["conflict"] * 2),
        ([Row("1", ONE), Row("2", OTHER)], ["conflict"] * 2),
        # A new number: the earlier statuses are those of both.
        (
            [Row("1", ONE, {"n": 7, **SAME}), Row("2", OTHER, {"n": 2, **SAME})],
            ["conflict", "similar"],
        ),
        # The other measure has its own row: it is no rival.
        ([Row("1", ONE), Row("2", DAL)], ["similar", "exact"]),
        ([Row("1", ONE, {"n": 7, **SAME}), Row("2", DAL)], ["similar", "exact"]),
        # … but its text, typed over this one, is no edit.
        ([Row("1", DAL, {"n": 1, **SAME}), Row("2", DAL)], ["conflict", "exact"]),
        # More locked cells contradict than agree, the text counted in.
        ([Row("1", ONE, {"n": 7, "a": 5, "b": 3}), Row("2", DAL)], ["similar", "exact"]),
        ([Row("1", ONE, {"n": 7, "a": 5, "b": 4}), Row("2", DAL)], ["conflict", "exact"]),
        # An emptied text needs more than an edited one.
        ([Row("1", "", {"n": 1, "a": 2}), Row("2", DAL)], ["similar", "exact"]),
        ([Row("1", "", {"n": 7, "a": 2}), Row("2", DAL)], ["similar", "exact"]),
        ([Row("1", "", {"n": 7, "a": 5}), Row("2", DAL)], ["conflict", "exact"]),
        ([Row("1", "", {"n": 7}), Row("2", DAL)], ["conflict", "exact"]),
        ([Row("1", ONE, {"n": 7}), Row("2", DAL)], ["similar", "exact"]),
    ],
)
def test_the_third_pass_takes_edited_texts_if_the_locked_cells_leave_no_doubt(
    rows: list[Row], kinds: list[str]
) -> None:
    assert [kind for _, kind in matched(rows, NUMBERED)] == kinds


def test_a_row_copied_and_renamed_is_new_if_the_original_is_still_there() -> None:
    """Excel copies the hidden column too."""
    rows = [Row("1", ONE), Row("1", "Bygge sykkelstativ ved Berg skole"), Row("2", DAL)]
    assert matched(rows, NUMBERED) == [("1", "similar"), (None, "unknown"), ("2", "exact")]


@pytest.mark.parametrize("count", [1_000, 5_000])
@pytest.mark.parametrize("has_numbers", [True, False])
def test_many_edited_texts_that_are_alike_are_matched(count: int, *, has_numbers: bool) -> None:
    """Find and replace in a form of measures that differ in one number each."""
    name = "Gjennomføre tiltak for barn og unge, delprosjekt {} av mange, med skole og helse"
    cells: list[Cells] = [{"n": n, "a": 2} if has_numbers else {"a": 2} for n in range(count)]
    sent = [Sent(str(n), name.format(n), cells[n]) for n in range(count)]
    rows = [Row(str(n), name.format(n) + " (endret)", cells[n]) for n in range(count)]
    found = matched(rows, sent)
    assert {kind for _, kind in found} == ({"similar"} if has_numbers else {"conflict"})


def test_very_long_texts_are_compared_up_to_a_bound() -> None:
    """Beyond a bound no more texts are compared, and the rows that are left are not taken."""
    random = Random(1)
    texts = ["".join(random.choices("abcdefghij ", k=2_800)) for _ in range(300)]
    sent = [Sent(str(n), text) for n, text in enumerate(texts)]
    found = matched([Row(str(n), text + "x") for n, text in enumerate(texts)], sent)
    assert (found[0], found[-1]) == (("0", "similar"), ("299", "conflict"))


# How similar two texts must be: titles as people retype them

SCHOOL, PARK = "Bygge ny skole på Nes", "Rydde parken ved elva"


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
