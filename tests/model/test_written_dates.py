"""Test how days are read that people write, and those that a program has shifted."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltiltak.model.cell_values import CellValue, ErrorValue, FormattedNumber, display
from xltiltak.model.language import LANGUAGES
from xltiltak.model.written_dates import date_readings, parse_date, typed_year

FIRST, LAST = date(2021, 2, 1), date(2020, 12, 31)


def moment(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a time in December 2020, as a cell holds it: without a zone."""
    return datetime(2020, 12, day, hour, minute)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        (FIRST, FIRST),
        ("2021-02-01", FIRST),
        ("1.2.2021", FIRST),
        ("01.02.2021", FIRST),
        (" 01.02.2021 ", FIRST),
        ("1. 2. 2021", FIRST),
        ("'01.02.2021", FIRST),
        ("01.02.2021\u200b", FIRST),
        ("1. februar 2021", FIRST),
        ("1 februari 2021", FIRST),
        ("1. feb. 2021", FIRST),
        ("1 Feb 2021", FIRST),
        ("1st February 2021", FIRST),
        ("February 1, 2021", FIRST),
        ("31. desember 2020", LAST),
        ("31. DESEMBER  2020", LAST),
        ("31 december 2020", LAST),
        ("31.desember 2020", LAST),
        ("31/12-2020", LAST),
        ("31/12 - 2020", LAST),
        ("1/2-2021", FIRST),
        ("31/12/2020", LAST),
        ("31-12-2020", LAST),
        ("01/02/2021", FIRST),
        ("1-2-2021", FIRST),
        (44228, FIRST),
        (44228.75, FIRST),
        (moment(31, 18), LAST),
        (moment(31, 21, 59), LAST),
        (FormattedNumber(44228, "date", "februar"), FIRST),
        (FormattedNumber(44228.5, "datetime", "1/2 12:00"), FIRST),
        (FormattedNumber(44228, "percent", "4422800 %"), None),
        (FormattedNumber(0.5, "time", "12:00"), None),
        ("44228", None),
        ("31.2.2021", None),
        ("31.122020", None),
        ("12/31/2020", None),
        ("2020/12/31", None),
        ("31.12", None),
        ("31/12", None),
        ("desember 2020", None),
        ("31. foo 2020", None),
        ("31.12.98", None),
        ("31.12.2020 18:00", LAST),
        ("31.12.2020, 18:00:59", LAST),
        ("2020-12-31T18:00:00.000Z", LAST),
        ("31.12.2020 kl. 14.30", LAST),
        ("31. desember 2020 kl 14:30", LAST),
        ("31.12.2020 25:00", None),
        ("18:00", None),
        ("31. 12.20 18", None),
        ("ultimo 2019", None),
        ("aug./sept. 2017", None),
        ("1²2.2020", None),
        (0, None),
        (-1, None),
        (3_000_000, None),
        (1e300, None),
        (float("nan"), None),
        (True, None),
        ("", None),
        (None, None),
        (ErrorValue("#VALUE!"), None),
    ],
)
def test_a_day_is_read_only_where_nothing_is_guessed(typed: CellValue, day: date | None) -> None:
    for language in LANGUAGES:
        assert parse_date(typed, language) == day


@pytest.mark.parametrize("typed", ["31.12.20", "31. 12. 20", "31/12-20", "31/12/20"])
def test_a_short_year_comes_last_except_in_swedish(typed: str) -> None:
    assert parse_date(typed, "nb") == parse_date(typed, "nn") == parse_date(typed, "en") == LAST
    assert parse_date(typed, "sv") is None


@pytest.mark.parametrize(
    ("cell", "days"),
    [
        (moment(30, 23), (date(2020, 12, 30), LAST)),
        ("30.12.2020 23:00", (date(2020, 12, 30), LAST)),
        ("2020-12-30T22:00:00Z", (date(2020, 12, 30), LAST)),
        (moment(30, 22), (date(2020, 12, 30), LAST)),
        (44195 + 23 / 24, (date(2020, 12, 30), LAST)),
        (datetime(9999, 12, 31, 23), (date.max,)),  # noqa: DTZ001
    ],
)
def test_two_days_that_may_be_meant_are_both_returned(
    cell: CellValue, days: tuple[date, ...]
) -> None:
    assert date_readings(cell, "nb") == days


@given(st.dates(date(1900, 3, 1), date(9999, 12, 31)))
def test_every_day_is_read_as_it_is_shown(day: date) -> None:
    for language in LANGUAGES:
        for written in (display(day), day.isoformat(), f"{day.day}/{day.month}-{day.year:04}"):
            assert parse_date(written, language) == day


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(1905, 7, 12), 2020),
        (date(1905, 7, 13), 2021),
        (date(1905, 5, 22), None),  # 1969
        (date(1905, 5, 23), 1970),
        (date(1905, 8, 31), 2070),
        (date(1905, 9, 1), None),
        (date(2020, 12, 31), None),
        (date(1920, 12, 31), None),
    ],
)
def test_a_year_that_was_typed_into_a_cell_for_dates_is_found(day: date, year: int | None) -> None:
    assert typed_year(day, [2020]) == year
    assert typed_year(day, []) is None
