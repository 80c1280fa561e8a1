"""Numbers are shown as a Nordic spreadsheet shows them, or kept with their format."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.office import Office
from xltiltak.model.cell_values import CellValue, ErrorValue, FormattedNumber, NumberClass, display
from xltiltak.xlsx.number_formats import BUILT_IN, parse_format
from xltiltak.xlsx.number_rendering import render, shown_value

# Number, format, and what a sheet shows for it.
SHOWN: list[tuple[float, str, str]] = [
    # whole numbers and decimals
    (3, "General", "3"),
    (-2.5, "General", "-2,5"),
    (4, "Standard", "4"),
    (4, "Standaard", "4"),
    (3, "0", "3"),
    (2.5, "0", "3"),
    (-2.5, "0", "-3"),
    (-0.2, "0", "0"),
    (3, "0.00", "3,00"),
    (2.345, "0.00", "2,35"),
    (0.5, ".00", ",50"),
    (2, "0.#", "2,"),
    (2.5, "0.#", "2,5"),
    (2.5, "0.0##", "2,5"),
    (2.3456, "0.0##", "2,346"),
    (0, "#", ""),
    (42, "0000", "0042"),
    (5, "00.0", "05,0"),
    (12345678, "000 00 000", "123 45 678"),
    (7, "??0", "7"),
    # thousands
    (1250000, "#,##0", "1 250 000"),
    (1250, "#,##0.00", "1 250,00"),
    (999, "#,##0", "999"),
    (5, "0,000", "0 005"),
    (1250000, "0,", "1250"),
    (1250000, '0.0,,"M"', "1,3M"),
    (1250000, '#,##0,"k"', "1 250k"),
    # percent
    (0.85, "0%", "85%"),
    (0.85, "0 %", "85 %"),
    (0.8525, "0.0 %", "85,3 %"),
    (0.005, "0%", "1%"),
    (-0.1, "0%", "-10%"),
    (85, '0" %"', "85 %"),
    (85, r"0\%", "85%"),
    # words, currencies and fillers
    (1250000, '#,##0 "tkr"', "1 250 000 tkr"),
    (1250.5, "#,##0.00 [$kr-414]", "1 250,50 kr"),
    (1250, "[$€-2] #,##0", "€ 1 250"),
    (1250, '_-* #,##0.00_-;-* #,##0.00_-;_-* "-"??_-;_-@_-', "1 250,00"),
    (0, '_-* #,##0.00_-;-* #,##0.00_-;_-* "-"??_-;_-@_-', "-"),
    (7, '"nr. "0', "nr. 7"),
    (7, 'General" stk"', "7 stk"),
    (3, '0" Godt i gang"', "3 Godt i gang"),
    (5, r"0\ \d", "5 d"),
    # sections, conditions and colours
    (-5, "0;[Red]-0", "-5"),
    (-5, "0;(0)", "(5)"),
    (-5, '0;"minus "0', "minus 5"),
    (0, '0;-0;"ingen"', "ingen"),
    (5, ";;;", ""),
    (0, "0;-0;;@", ""),
    (5, "[Blue]0", "5"),
    (5, '[>=1000]0,"k";0', "5"),
    (2000, '[>=1000]0,"k";0', "2k"),
    (1, '[=1]"ja";[=0]"nei";0', "ja"),
    (0, '[=1]"ja";[=0]"nei";0', "nei"),
    (7, '[=1]"ja";[=0]"nei";0', "7"),
    (-5, '[<0]"under";0', "under"),
    # truth values as LibreOffice writes them
    (1, '"TRUE";"TRUE";"FALSE"', "TRUE"),
    (0, '"TRUE";"TRUE";"FALSE"', "FALSE"),
    (1, "BOOLEAN", "TRUE"),
    # fractions
    (0.5, "# ?/?", "1/2"),
    (1.5, "# ?/?", "1 1/2"),
    (2, "# ?/?", "2"),
    (0, "# ?/?", "0"),
    (1.5, "?/?", "3/2"),
    (0.3125, "# ??/??", "5/16"),
    (0.75, "# ?/4", "3/4"),
    (0.5, "# ??/100", "50/100"),
    (0.999, "# ?/?", "1"),
    (-1.5, "# ?/?", "-1 1/2"),
    # scientific
    (2000, "0.00E+00", "2,00E+03"),
    (12345, "##0.0E+0", "12,3E+3"),
    (0.00012, "0.0E+00", "1,2E-04"),
    (0, "0.00E+00", "0,00E+00"),
    (9.999, "0.0E+0", "1,0E+1"),
    # days
    (44196, "dd.mm.yyyy", "31.12.2020"),
    (44196, "d.m.yy", "31.12.20"),
    (44196, "yyyy-mm-dd", "2020-12-31"),
    (44196, "m/d/yyyy", "12.31.2020"),
    (44196, "mmmm", "desember"),
    (44196, "mmm yy", "des 20"),
    (44196, "mmmmm", "D"),
    (44196, "[$-41D]mmmm", "december"),
    (44196, "[$-409]mmmm yyyy", "December 2020"),
    (44196, "[$-814]dddd", "torsdag"),
    (44194, "[$-814]dddd", "tysdag"),
    (44196, 'dddd d. mmmm yyyy" kl. "hh:mm', "torsdag 31. desember 2020 kl. 00:00"),
    (44196, "[$-F800]dddd, mmmm dd, yyyy", "31. desember 2020"),
    (0.4375, "[$-F400]h:mm:ss AM/PM", "10:30:00"),
    (0, "dd.mm.yyyy", "00.01.1900"),
    (-1, "dd.mm.yyyy", "########"),
    (1, "dd.mm.yyyy", "01.01.1900"),
    (60, "dd.mm.yyyy", "29.02.1900"),
    (60, "d/m-yy", "29.2-00"),
    # times
    (0.4375, "hh:mm", "10:30"),
    (0.4375, "h:mm:ss", "10:30:00"),
    (0.1277777777777778, "h:mm", "3:04"),
    (44196.5, "hh:mm", "12:00"),
    (0.5, "h:mm AM/PM", "12:00 PM"),
    (0, "h:mm AM/PM", "12:00 AM"),
    (0.875, "h A/P", "9 P"),
    (1.5, "[h]:mm", "36:00"),
    (1.5, "[mm]", "2160"),
    (0.000125, "mm:ss.0", "00:10,8"),
    (0.000125, "[s]", "11"),
    (44196.60416667, "dd.mm.yyyy hh:mm", "31.12.2020 14:30"),
    (44196.99999999, "dd.mm.yyyy hh:mm", "01.01.2021 00:00"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "code", "shown"), SHOWN)
def test_a_number_is_shown_by_its_format(number: float, code: str, shown: str) -> None:
    assert render(number, code) == shown


VALUES: list[tuple[float, str, CellValue]] = [
    (3, "0.00", 3),
    (1250000, "#,##0", 1250000),
    (-5, "0;[Red]-0", -5),
    (2.5, "0", FormattedNumber(2.5, "number", "3")),
    (42, "0000", FormattedNumber(42, "number", "0042")),
    (0.1 + 0.2, "0.0", 0.1 + 0.2),
    (1e-9, "General", 1e-9),
    (2, "# ?/?", 2),
    (0.5, "# ?/?", FormattedNumber(0.5, "fraction", "1/2")),
    (2000, "0.00E+00", FormattedNumber(2000, "scientific", "2,00E+03")),
    (1, "0%", FormattedNumber(1, "percent", "100%")),
    (85, '0" %"', FormattedNumber(85, "other", "85 %")),
    (1, '"TRUE";"TRUE";"FALSE"', FormattedNumber(1, "other", "TRUE")),
    (0, ";;;", ErrorValue("0")),
    (2.5, "#;", FormattedNumber(2.5, "number", "3")),
    (-2.5, "0;", ErrorValue("-2,5")),
    (0.4375, "hh:mm", FormattedNumber(0.4375, "time", "10:30")),
    (44196, "dd.mm.yyyy", date(2020, 12, 31)),
    (44196, "dd.mmm", date(2020, 12, 31)),
    (44196, "dd.mm.yyyy hh:mm", date(2020, 12, 31)),
    (44196.75, "dd.mm.yyyy", datetime(2020, 12, 31, 18)),  # noqa: DTZ001
    (44196.604166666, "dd.mm.yyyy", datetime(2020, 12, 31, 14, 30)),  # noqa: DTZ001
    (44196, "mmmm", FormattedNumber(44196, "date", "desember")),
    (44196, "yyyy", FormattedNumber(44196, "date", "2020")),
    (0.25, "dd.mm.yyyy", FormattedNumber(0.25, "date", "00.01.1900")),
    (3_000_000, "dd.mm.yyyy", ErrorValue("3000000")),
    (-0.25, "hh:mm", ErrorValue("-0,25")),
    (60, "dd.mm.yyyy", FormattedNumber(60, "date", "29.02.1900")),
    (59, "dd.mm.yyyy", date(1900, 2, 28)),
    (44196, '"Ferdig "dd.mm.yyyy', FormattedNumber(44196, "date", "Ferdig 31.12.2020")),
    (44196, "dddd d. mmmm yyyy", date(2020, 12, 31)),
    (44168, "mmmm d, yyyy", date(2020, 12, 3)),
    (44168, "yyyy-mm-dd", date(2020, 12, 3)),
    (44168, "mm/dd/yyyy", FormattedNumber(44168, "date", "12.03.2020")),
    (1e100, "0%", FormattedNumber(1e100, "percent", f"1{'0' * 102}%")),
]  # fmt: skip


@pytest.mark.parametrize(("number", "code", "value"), VALUES)
def test_a_number_shown_as_itself_stays_a_number(
    number: float, code: str, value: CellValue
) -> None:
    found = shown_value(number, code)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("number", "built_in", "shown"),
    [
        (0.85, 9, "85 %"),
        (0.855, 10, "85,50 %"),
        (0.4375, 20, "10:30"),
        (44196, 14, "31.12.2020"),
        (44196, 17, "des.20"),
        (44196.5, 22, "31.12.2020 12:00"),
        (1250.5, 44, "kr 1 250,50"),
        (-3, 40, "-3,00"),
        (36.5 / 24, 46, "36:30:00"),
    ],
)
def test_built_in_formats_show_what_nordic_programs_show(
    number: float, built_in: int, shown: str
) -> None:
    assert render(number, BUILT_IN[built_in]) == shown


def test_a_format_that_is_not_known_shows_the_number_and_the_format() -> None:
    assert render(44196, "ggge") == "44196 [ggge]"


def test_the_number_of_a_shown_day_counts_from_1900() -> None:
    shown = shown_value(44196 - 1462, "mmmm", from_1904=True)
    assert shown == FormattedNumber(44196, "date", "desember")
    assert shown_value(44196 - 1462, "dd.mm.yyyy", from_1904=True) == date(2020, 12, 31)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("General", "general"),
        ("@", "general"),
        ("[Red]General", "general"),
        ("[object Object]", "general"),
        ("", "general"),
        ("# ##0", "number"),
        ("0.0 %", "percent"),
        ("dd/mm/yyyy", "date"),
        ("mmm", "date"),
        ("mm:ss", "time"),
        ("h AM/PM", "time"),
        ("m/d/yy h:mm", "datetime"),
        ("# ?/?", "fraction"),
        ("0E+0", "scientific"),
        ('0" d"', "other"),
        ('"ja"', "other"),
    ],
)
def test_a_format_has_a_class(code: str, kind: NumberClass) -> None:
    assert parse_format(code).sections[0].kind == kind


# What our own workbooks use, with the values that we write into such cells.
WRITTEN = st.one_of(
    st.tuples(st.integers(-(10**9), 10**9), st.sampled_from(["0", "General", "@"])),
    st.tuples(st.floats(-1e12, 1e12), st.sampled_from(["General", "@"])),
    st.tuples(st.integers(-99, 99).map(lambda n: n / 10), st.just("0.0")),
    st.tuples(st.integers(-999, 999).map(lambda n: n / 100), st.just("0.00")),
    st.tuples(st.integers(1, 2_958_465), st.just("dd.mm.yyyy")),
)


@settings(max_examples=examples(800))
@given(WRITTEN)
def test_our_own_formats_show_what_we_write(written: tuple[float, str]) -> None:
    assert not isinstance(shown_value(*written), FormattedNumber)


_CHARACTERS = '0#?.,%/@;:-_*\\"[]$ yMmdhsEeAaPp+'
_TOKENS = ("[h]", "[>5]", "General", "E+", "AM/PM", *BUILT_IN.values())
PIECES = st.sampled_from([*_CHARACTERS, *_TOKENS])


@settings(max_examples=examples(2_000))
@given(
    st.lists(PIECES, max_size=12).map("".join),
    st.one_of(st.integers(-(10**308), 10**308), st.floats(allow_nan=False, allow_infinity=False)),
)
def test_any_format_shows_any_number(code: str, number: float) -> None:
    assert isinstance(display(shown_value(number, code)), str)


# What LibreOffice shows in its own way: a point without decimals, truth values in its language, and
# the name that some programs write for General, which it reads as letters of a date; its system
# shows days and times in another way.
_OWN_WAY = (
    "[$-F800]dddd, mmmm dd, yyyy",
    "[$-F400]h:mm:ss AM/PM",
    "0.#",
    "#",
    "BOOLEAN",
    '"TRUE";"TRUE";"FALSE"',
    "Standard",
    "Standaard",
)
_FIRST_OF_MARCH_1900 = 61  # before it, LibreOffice counts days in another way


def test_libreoffice_shows_the_same(office: Office, tmp_path: Path) -> None:
    target = BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet("Ark")
        for row, (number, code, _) in enumerate(SHOWN):
            sheet.write_number(row, 0, number, book.add_format({"num_format": code}))
    path = tmp_path / "format.xlsx"
    path.write_bytes(target.getvalue())
    with office.open(path) as document:
        theirs = [document.shown("Ark", f"A{row}") for row in range(1, len(SHOWN) + 1)]
    differences = [
        (number, code, shown, other)
        for (number, code, shown), other in zip(SHOWN, theirs, strict=True)
        if code not in _OWN_WAY
        and (code not in ("dd.mm.yyyy", "d/m-yy") or number >= _FIRST_OF_MARCH_1900)
        and _signs(shown) != _signs(other)
    ]
    assert not differences


def _signs(text: str) -> str:
    """Return a text without the signs that differ between languages."""
    return "".join(character for character in text if character not in " ,.\u00a0\u202f").lower()
