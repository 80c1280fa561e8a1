"""Test how numbers are read that people write: one reading, several, or none."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltiltak.model.cell_values import CellValue, ErrorValue, FormattedNumber, NumberClass
from xltiltak.model.language import LANGUAGES
from xltiltak.model.written_numbers import (
    agrees,
    number_readings,
    parse_number,
    shows_all_digits,
    stored_number,
)

NORDIC = ("nb", "nn", "sv")


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        # plain
        (3, "3"),
        (3.0, "3"),
        (0.1 + 0.2, "0.3"),
        ("3", "3"),
        (" 3 ", "3"),
        ("３", "3"),
        ("3,0", "3"),
        ("3,", "3"),
        (",5", "0.5"),
        ("3.5", "3.5"),
        ("-2,25", "-2.25"),
        ("+5", "5"),
        ("1e3", "1000"),
        ("1,5E+03", "1500"),
        ("007", "7"),
        # thousands
        ("1 250,5", "1250.5"),
        ("1\u00a0250,5", "1250.5"),
        ("1\u202f250", "1250"),
        ("1\u2009250", "1250"),
        ("1 234 567", "1234567"),
        ("10 435", "10435"),
        ("71.739,00", "71739"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("1,234,567.5", "1234567.5"),
        ("1,250.50", "1250.5"),
        ("1 250.5", "1250.5"),
        ("0.250", "0.25"),
        ("0,250", "0.25"),
        ("1250,500", "1250.5"),
        ("1250.500", "1250.5"),
        ("1.2500", "1.25"),
        ("1.250", "1.25 1250"),
        ("-1.250", "-1.25 -1250"),
        ("123.456", "123.456 123456"),
        # signs
        ("−450", "-450"),
        ("–450", "-450"),
        ("- 450", "-450"),
        ("- 1 200", "-1200"),
        ("-0", "0"),
        # what cannot be seen, and the apostrophe that marks a text
        ("\u200b3", "3"),
        ("3\u00ad", "3"),
        ("\ufeff4\u200e", "4"),
        ("'4", "4"),
        ("’4", "4"),
        # amounts, and what has two readings
        ("1200 kr", "1200"),
        ("kr 1 200,50", "1200.5"),
        ("kr. -3", "-3"),
        ("1200,-", "1200"),
        ("1200 NOK", "1200"),
        ("88 %", "88 0.88"),
        ("88%", "88 0.88"),
        ("1,5 mill.", "1.5 1500000"),
        ("1,5 mill. kr", "1.5 1500000"),
        ("1 250 tkr", "1250 1250000"),
        ("0 %", "0"),
        # no numbers
        ("1_250", ""),
        ("1 2", ""),
        ("3 4", ""),
        ("3\n250", ""),
        ("12 34", ""),
        ("0 250", ""),
        ("1.2.2021", ""),
        ("1,234,5", ""),
        ("1.250.5", ""),
        ("1,25,5", ""),
        ("1.25,5", ""),
        ("3-4", ""),
        ("3²", ""),
        ("½", ""),
        ("1½", ""),
        ("③", ""),
        ("3 uker", ""),
        ("12 stk", ""),
        ("ca. 3", ""),
        ("tre", ""),
        ("kr", ""),
        ("%", ""),
        ("-", ""),
        (",", ""),
        ("e5", ""),
        ("nan", ""),
        ("NaN", ""),
        ("inf", ""),
        ("Infinity", ""),
        ("", ""),
        ("'", ""),
        # more than a spreadsheet keeps
        ("123456789012345", "123456789012345"),
        ("1234567890123456", ""),
        ("12345678901234567890123456789", ""),
        ("0,1234567890123456", ""),
        ("1e14", "100000000000000"),
        ("1e15", ""),
        ("1e30", ""),
        ("1e999999999", ""),
        (1e30, ""),
        (10**15, ""),
        (-(10**15), ""),
        (float("nan"), ""),
        (float("inf"), ""),
        # other cells
        (True, ""),
        (None, ""),
        (date(2021, 2, 1), ""),
        (ErrorValue("3"), ""),
    ],
)
def test_a_number_has_the_readings_that_people_give_it(typed: CellValue, numbers: str) -> None:
    for language in NORDIC:
        assert number_readings(typed, language) == tuple(map(Decimal, numbers.split()))


@pytest.mark.parametrize(
    ("typed", "nordic", "english"),
    [
        ("1,250", "1.25", None),
        ("-1,250", "-1.25", None),
        ("12,500", "12.5", None),
        ("1,25", "1.25", "1.25"),
        ("1,5", "1.5", "1.5"),
        ("0,250", "0.25", "0.25"),
        ("1250,500", "1250.5", "1250.5"),
        ("1.250", None, None),
    ],
)
def test_a_comma_before_three_digits_is_the_decimal_sign_except_in_english(
    typed: str, nordic: str | None, english: str | None
) -> None:
    for language in NORDIC:
        assert parse_number(typed, language) == (Decimal(nordic) if nordic else None)
    assert parse_number(typed, "en") == (Decimal(english) if english else None)
    if english is None:
        assert len(number_readings(typed, "en")) == 2


NUMBERS = st.decimals(-(10**6), 10**6, places=2)


@given(
    NUMBERS,
    st.sampled_from([" ", "\u00a0", "\u202f", "\u2009", ""]),
    st.sampled_from([",", "."]),
    st.sampled_from(["-", "−", "–", "- ", "− "]),
    st.sampled_from(LANGUAGES),
)
def test_every_number_is_read_as_it_is_written(
    number: Decimal, space: str, point: str, minus: str, language: str
) -> None:
    grouped = f"{abs(number):,.2f}".replace(",", space).replace(".", point)
    written = minus + grouped if number < 0 else grouped
    assert parse_number(written, language) == number


@given(st.text(st.sampled_from("0123456789.,'  -−+e%kr½²³\u200b\u00a0_\n"), max_size=40))
def test_no_text_is_more_than_one_number_silently(text: str) -> None:
    for language in LANGUAGES:
        readings = number_readings(text, language)
        assert len(set(readings)) == len(readings)
        for number in readings:
            assert abs(number) < 10**15
            assert parse_number(float(number), language) == number


@pytest.mark.parametrize("digits", ["1_0", " 1", "1,5", "NaN", "1e3", "", "-", "1" * 29 + ".5"])
def test_a_record_holds_plain_digits(digits: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        stored_number(digits)


def test_a_record_of_an_earlier_version_keeps_its_digits() -> None:
    assert stored_number("12345678901234567890.5") == Decimal("12345678901234567890.5")
    assert stored_number("1" + "0" * 300) == Decimal("1e300")


@pytest.mark.parametrize(
    ("number", "kind", "shown", "digits"),
    [
        (0.85, "percent", "85 %", "none"),
        (0, "percent", "0 %", "all"),
        (85, "other", "85 %", "all"),
        (1250, "other", "1 250 kr", "all"),
        (1250000, "other", "1 250 tkr", "none"),
        (1250000.5, "other", "1,250,000.50 kr", "all"),
        (1250000.5, "other", "kr 1 250 000,50", "all"),
        (3.14159, "number", "3,14", "some"),
        (3.4, "number", "3", "some"),
        (2.5, "number", "3", "some"),
        (-450, "other", "(450)", "all"),
        (-450, "other", "−450 kr", "all"),
        (-450, "other", "450", "none"),
        (42, "other", "0042", "all"),
        (2000, "scientific", "2,00E+03", "some"),
        (0.5, "fraction", "1/2", "some"),
        (0.5, "time", "12:00", "none"),
        (1, "other", "TRUE", "none"),
        (3, "other", "Godt i gang", "none"),
        (1e30, "other", "1 kr", "none"),
        (0.0000000000001, "number", "123 456 789 012 345", "none"),
    ],
)
def test_a_format_that_only_adds_words_or_rounds_shows_the_number(
    number: float, kind: NumberClass, shown: str, digits: str
) -> None:
    cell = FormattedNumber(number, kind, shown)
    assert agrees(cell) == (digits != "none")
    assert shows_all_digits(cell) == (digits == "all")
