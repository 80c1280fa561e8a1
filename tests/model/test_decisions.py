"""The words that accept or refuse a proposal, on both sides of the limit."""

import pytest

from xltiltak.model.decisions import decision_of

YES = ["ja", "Ja!", " JA ", "j", "x", "X", "ok", "OK.", "yes", "y", "✓", "Godtatt", "godkjent"]
YES += ["godteke", "godkjend", "godkänd", "accepteras", "Approved"]
NO = ["nei", "Nei.", "n", "N", "no", "nej", "NEJ!", "avvist", "Avslått", "avböjs", "rejected"]
NO += [
    "nei, dekkes av tiltak 3",
    "nei: for dyrt",
    "Nei – uaktuelt",
    "nei - i 2022",
    "nej (för dyrt)",
]
NO += [
    "no, too expensive",
    "ikke godtatt",
    "ikkje godkjent",
    "inte godkänt",
    "not approved",
    "nei takk",
]
NEITHER = [
    "kanskje",
    "ja?",
    "nei?",
    "ja, men først i 2022",
    "ja/nei",
    "ja eller nei",
    "jaha",
    "nja",
]
NEITHER += ["n/a", "neste år", "notert", "no tek vi det", "må avklares", "?", "-", "1", "spør Kari"]
NEITHER += [
    "nei, ja",
    "nei nei, dette er bra",
    "okse",
    "xx",
    "ny vurdering",
    "ikke ja",
    "nesten ok",
]


@pytest.mark.parametrize("text", YES)
def test_a_clear_yes(text: str) -> None:
    assert decision_of(text) == "yes"


@pytest.mark.parametrize("text", NO)
def test_a_clear_no(text: str) -> None:
    assert decision_of(text) == "no"


@pytest.mark.parametrize("text", NEITHER)
def test_neither(text: str) -> None:
    assert decision_of(text) is None
