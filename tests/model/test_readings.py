"""Test what is said of cells that were read, or that have two readings."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.merging.test_merge import REPORT
from tests.model.test_field_types import kind
from xltiltak.model.cell_values import CellValue, ErrorValue, FormattedNumber
from xltiltak.model.field_types import Reading, Value
from xltiltak.model.readings import read, refusal, repair

HEAD = REPORT.head  # of 2020, in Norwegian
SHIFTED = datetime(2020, 12, 30, 23)  # noqa: DTZ001 - cells have no zone
PERCENT = FormattedNumber(0.85, "percent", "85 %")


def said(name: str, *cells: CellValue, sent: Value | None = None) -> tuple[str, Any]:
    """Return the code and the texts of the finding about these cells; nothing if there is none."""
    reading = read(kind(name), cells, HEAD, sent)
    if reading.outcome == "invalid":
        code, values = refusal(kind(name), cells, reading, "nb")
        return code, " | ".join(values.get(key, "") for key in ("value", "first", "second"))
    note = repair(kind(name), cells, reading, "nb")
    return ("V107", f"{note['before']} | {note['after']}") if note else ("", "")


@pytest.mark.parametrize(
    ("name", "cell", "code", "texts"),
    [
        ("decimal", PERCENT, "V113", "85 % | 85 % | 0,85"),
        ("decimal", "88 %", "V113", "88 % | 88 | 0,88"),
        ("decimal", "1.250", "V113", "1.250 | 1,25 | 1250"),
        ("decimal", "1,250", "V107", "1,250 | 1,25"),
        ("decimal", "1 250", "V107", "1 250 | 1250"),
        ("decimal", "1,5", "", ""),
        ("decimal", 1.5, "", ""),
        ("decimal", FormattedNumber(85, "other", "85 kr"), "V107", "85 kr | 85"),
        ("decimal", "nan", "V103", "nan |  | "),
        ("decimal", ErrorValue("#N/A"), "V106", "#N/A |  | "),
        ("integer", "0,6", "V103", "0,6 |  | "),
        ("integer", "3", "", ""),
        ("scale", True, "V101", "SANN |  | "),
        ("scale", "3", "V107", "3 | 3 Fullført"),
        ("scale", date(2020, 4, 3), "V105", "03.04.2020 |  | "),
        ("scale", FormattedNumber(43924, "date", "3. april"), "V105", "3. april |  | "),
        ("scale", FormattedNumber(1, "other", "TRUE"), "V101", "TRUE |  | "),
        ("date", SHIFTED, "V113", "30.12.2020 23:00 | 30.12.2020 | 31.12.2020"),
        ("date", date(1905, 7, 12), "V113", "12.07.1905 | 12.07.1905 | 2020"),
        ("date", 2020, "V113", "2020 | 12.07.1905 | 2020"),
        ("date", "12.07.1905", "", ""),
        ("date", "31.12.2020", "", ""),
        ("date", "2020-12-31", "V107", "2020-12-31 | 31.12.2020"),
        ("date", datetime(2020, 12, 31, 18), "V107", "31.12.2020 18:00 | 31.12.2020"),  # noqa: DTZ001
        ("date", "31.2.2020", "V104", "31.2.2020 |  | "),
        ("text", 42, "", ""),
        ("text", 1.5, "", ""),
        ("text", PERCENT, "", ""),
        ("text", datetime(2020, 8, 31, 14, 30), "", ""),  # noqa: DTZ001
        ("text", FormattedNumber(42, "other", "0042"), "", ""),
        ("text", FormattedNumber(2000, "scientific", "2,00E+03"), "V107", "2000 | 2,00E+03"),
        ("text", FormattedNumber(3.14159, "number", "3,14"), "V107", "3,14159 | 3,14"),
        ("text", FormattedNumber(1.25e6, "other", "1 250 tkr"), "V107", "1250000 | 1 250 tkr"),
        ("text", True, "V107", "TRUE | SANN"),
        ("text", 123456789012345678, "V107", "1,23457E+17 | 123456789012345678"),
        ("text", 1.23456789012345677e17, "V107", "1,23457E+17 | 123456789012345680"),
        ("bullets", PERCENT, "", ""),
        ("bullets", True, "V107", "TRUE | SANN"),
    ],
)
def test_what_is_taken_otherwise_than_it_is_seen_is_told(
    name: str, cell: CellValue, code: str, texts: str
) -> None:
    assert said(name, cell) == (code, texts)


@pytest.mark.parametrize(
    ("name", "cell", "sent"),
    [
        ("decimal", PERCENT, Decimal("0.85")),
        ("date", SHIFTED, date(2020, 12, 31)),
        ("date", SHIFTED, date(2020, 12, 30)),
        ("date", date(1905, 7, 12), date(1905, 7, 12)),
    ],
)
def test_what_was_sent_is_no_second_reading(name: str, cell: CellValue, sent: Value) -> None:
    assert read(kind(name), [cell], HEAD, sent).value == sent


def test_a_text_that_somebody_has_typed_is_not_what_was_sent_by_chance() -> None:
    assert read(kind("decimal"), ["1.250"], HEAD, Decimal("1.25")).outcome == "invalid"


def test_a_list_tells_of_every_cell_that_shows_something_else() -> None:
    cells = ("En", FormattedNumber(2000, "scientific", "2,00E+03"))
    assert said("bullets", *cells) == ("V107", "En\n2000 | En\n2,00E+03")
    assert read(kind("bullets"), ["En", PERCENT], HEAD) == Reading(("En", "85 %"), "repaired")
