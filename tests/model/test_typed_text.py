"""Test what is done with signs that cannot be seen."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltiltak.model.finding import Finding
from xltiltak.model.typed_text import (
    as_typed,
    name_invisible,
    strip_control_characters,
    strip_invisible,
)

REMOVED = "\x00\x07\x1f\x7f\u202a\u202e\u2066\u2069"
LINE_ENDS = "\x0b\x0c\x1c\x85\u2028\u2029"


@given(st.text(st.sampled_from("ab \n\tæ" + REMOVED + LINE_ENDS), max_size=20))
def test_only_what_cannot_be_seen_is_removed_and_a_line_end_stays_one(text: str) -> None:
    kept = "".join("\n" if c in LINE_ENDS else c for c in text if c not in REMOVED)
    assert strip_control_characters(text) == kept


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("3", "3"),
        ("3\u200b", "3⟨U+200B⟩"),
        ("\u200e3", "⟨U+200E⟩3"),
        ("full\u00adført", "full⟨U+00AD⟩ført"),
        ("\ufeff4", "⟨U+FEFF⟩4"),
        ("a\x07b", "a⟨U+0007⟩b"),
        ("3\u200d", "3⟨U+200D⟩"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("to\nlinjer\tog 1\u00a0000", "to\nlinjer\tog 1\u00a0000"),
        ("«85 %»", "«85 %»"),
    ],
)
def test_a_sign_that_cannot_be_seen_is_named_in_a_quote(text: str, named: str) -> None:
    assert name_invisible(text) == named
    assert Finding.create("S108", value=text).values["value"] == named


@given(st.text(max_size=30))
def test_a_named_text_shows_all_its_signs(text: str) -> None:
    named = name_invisible(text)
    assert strip_invisible(named.replace("\u200d", "").replace("\u200c", "")) == named.replace(
        "\u200d", ""
    ).replace("\u200c", "")
    assert name_invisible(named) == named


@given(
    st.sampled_from(
        [sign for sign in map(chr, range(0x110000)) if unicodedata.category(sign) == "Cf"]
    )
)
def test_every_format_character_of_unicode_is_invisible_or_visible_by_name(sign: str) -> None:
    is_seen_with_others = "ARABIC" in unicodedata.name(sign, "") or ord(sign) > 0x110BC
    assert not strip_invisible(sign) or is_seen_with_others


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("'4", "4"),
        ("’4", "4"),
        (" ' 4", "4"),
        ("''4", "'4"),
        ("4'", "4'"),
        ("\u200b 4 \u200b", "4"),
        ("４", "4"),
        ("4²", "4²"),
        ("½", "½"),
        ("", ""),
        ("'", ""),
    ],
)
def test_a_number_is_read_without_what_only_marks_it(text: str, typed: str) -> None:
    assert as_typed(text) == typed
