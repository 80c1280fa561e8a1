"""Test that the content of a cell is parsed only if it has one meaning."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xltiltak.model.cell_values import CellValue, ErrorValue, FormattedNumber, display, is_blank
from xltiltak.model.normalize import (
    normalize,
    normalize_all,
    parse_step,
    strip_markup,
)
from xltiltak.model.template import Step

STEPS = (
    Step(1, "Ikke påbegynt"),
    Step(2, "Såvidt startet", aliases=("Startet",)),
    Step(3, "Godt i gang"),
    Step(5, "Fullført", aliases=("Ferdig",)),
)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("Fullført", 5),
        ("FULLFØRT", 5),
        (" godt  i gang ", 3),
        ("3 - Godt i gang", 3),
        ("3 – Godt i gang", 3),
        ("3: Godt i gang", 3),
        ("3. Godt i gang", 3),
        ("3 (Godt i gang)", 3),
        ("3 Godt i gang", 3),
        ("Ferdig", 5),
        ("５ Ｆｕｌｌｆøｒｔ", 5),
        ("'Fullført", 5),
        ("Full\u00adført\u200b", 5),
        ("Fullfo\u0308rt", None),
        ("2 - Godt i gang", None),
        ("Godt i gang 3", None),
        ("Godt", None),
        ("i gang", None),
        ("Fullført?", None),
        ("Fullfort", 5),
        ("fullfoert", 5),
        ("ikke paabegynt", 1),
        ("1 - ikke pabegynt", 1),
        ("Fulført", 5),
        ("Fullførrt", 5),
        ("Godt igang", 3),
        ("Startt", None),  # a word of seven letters may be another word
        ("Ferdg", None),
        ("3 - Godt igang", 3),
        ("Ufullført", None),
        ("Fullføres", None),
        ("Ikke fullført", None),
        ("3 eller 4", None),
        ("3/4", None),
        ("", None),
        ("5", None),
        (5, None),
        (None, None),
        (ErrorValue("#N/A"), None),
    ],
)
def test_a_step_is_known_by_its_word_alone_or_after_its_own_number(
    typed: CellValue, value: int | None
) -> None:
    step = parse_step(STEPS, typed)
    assert (step.value if step else None) == value


def test_a_word_of_two_steps_is_neither() -> None:
    assert parse_step((*STEPS, Step(4, "Snart", aliases=("Ferdig",))), "Ferdig") is None


@given(st.text(max_size=12))
def test_a_text_never_names_two_steps(text: str) -> None:
    step = parse_step(STEPS, text)
    assert step is None or parse_step([s for s in STEPS if s is not step], text) is None


@pytest.mark.parametrize("blank", [None, "", " ", "\t\n", "\xa0", "\u3000"])
def test_what_cannot_be_seen_is_blank(blank: CellValue) -> None:
    assert is_blank(blank)


@pytest.mark.parametrize("cell", [0, 0.0, False, "-", ".", ErrorValue("#N/A"), date(2020, 1, 1)])
def test_all_that_can_be_seen_is_no_blank(cell: CellValue) -> None:
    assert not is_blank(cell)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (3, "3"),
        (3.0, "3"),
        (3.1, "3,1"),
        (0.1 + 0.2, "0,3"),
        (-0.0, "0"),
        (1.23456789012345677e17, "123456789012345680"),
        (True, "SANN"),
        (datetime(2020, 8, 31, 14, 30), "31.08.2020 14:30"),  # noqa: DTZ001
        (datetime(2020, 8, 31, 14, 30, 5), "31.08.2020 14:30:05"),  # noqa: DTZ001
        (FormattedNumber(0.85, "percent", "85 %"), "85 %"),
        (date(2021, 2, 1), "01.02.2021"),
        (ErrorValue("#N/A"), "#N/A"),
    ],
)
def test_a_cell_is_quoted_as_people_see_it(cell: CellValue, text: str) -> None:
    assert display(cell, "nb") == text


@pytest.mark.parametrize(
    ("language", "text"),
    [("nb", "USANN 1,5"), ("nn", "USANN 1,5"), ("sv", "FALSKT 1,5"), ("en", "FALSE 1.5")],
)
def test_a_quote_is_in_the_language_of_the_report(language: str, text: str) -> None:
    cells: tuple[CellValue, ...] = (False, 1.5)
    assert " ".join(display(cell, language) for cell in cells) == text


def test_the_same_text_is_the_same_whatever_its_form() -> None:
    assert (
        normalize("  Bygge\n NY  ｂarnehage ")
        == normalize("bygge ny barnehage")
        == "bygge ny barnehage"
    )


@given(st.lists(st.text() | st.text(st.sampled_from("e\u0301 \n\u00a0Åﬁß\u0345\u1100\u1161Σ\0"))))
@example(["a\0", "b"])
def test_many_texts_are_reduced_as_each_alone(texts: list[str]) -> None:
    assert normalize_all(texts) == [normalize(text) for text in texts]


@pytest.mark.parametrize(
    ("pasted", "text"),
    [
        ("<p>A</p><p>B</p>", "A\nB"),
        ("<p>A</p>\n\n <p>B</p>", "A\nB"),
        ("A<br>B<BR />C", "A\nB\nC"),
        ("<ol><li>En</li><li>To</li></ol>", "En\nTo"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<h2>Mål</h2>Tekst", "Mål\nTekst"),
        ("<b>fet</b> og <i>kursiv</i>", "fet og kursiv"),
        ("<a href='http://x'>lenke</a>", "lenke"),
        ("<p>5 &lt; 6 &amp; 7&nbsp;&gt; 3</p>", "5 < 6 & 7 > 3"),
        ("<p>5 < 6 og a<b uten slutt</p>", "5 < 6 og a<b uten slutt"),
        ("<style>p{}</style><p>A</p>", "A"),
        ("<p>Se <tiltak 3> og <x@y.no></p>", "Se <tiltak 3> og <x@y.no>"),
        ("<p>A<o:p></o:p></p><!-- skjult --><hr>", "A"),
        ("<p>A</p><script>x()</script>B", "A\nB"),
        ("<p>A</p><style>resten er ikke borte", "A\n<style>resten er ikke borte"),
        ("<p>Etter <!-- uten slutt</p><p>B</p>", "Etter <!-- uten slutt\nB"),
        ("<span style='color:red'>R</span>", "R"),
    ],
)
def test_pasted_html_becomes_the_paragraphs_it_shows(pasted: str, text: str) -> None:
    assert strip_markup(pasted) == text


@pytest.mark.parametrize(
    "text",
    [
        "a < b",
        "<tiltak>",
        "x &amp; y",
        " <  > ",
        "3<4 og 5>4",
        "<3 barnehagen",
        "<pause>",
        "<e-post@x.no>",
        "linje\n  innrykk  \n",
    ],
)
def test_text_without_html_is_kept_to_the_letter(text: str) -> None:
    kept = strip_markup(text)
    assert kept == text


@given(st.text(st.characters(exclude_characters="<"), max_size=60))
def test_text_without_a_tag_is_never_touched(text: str) -> None:
    assert strip_markup(text) == text


@given(
    st.lists(
        st.text(st.sampled_from("abc æøå.<>&1"), min_size=1, max_size=9), min_size=1, max_size=4
    )
)
def test_no_word_between_tags_is_lost(texts: list[str]) -> None:
    words = [
        " ".join(t.replace("<", " ").replace(">", " ").replace("&", " ").split()) for t in texts
    ]
    kept = strip_markup("".join(f"<p>{word}</p>" for word in words))
    assert kept.split("\n") == [word for word in words if word] or not any(words)
