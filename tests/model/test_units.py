"""Test percentages and numbers with units: how they are read, shown and noted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from xltiltak.model.cell_values import CellValue, FormattedNumber
from xltiltak.model.field_types import DecimalType, FieldType, IntegerType, PercentType
from xltiltak.model.readings import refusal, repair, severity_of_repair
from xltiltak.xlsx.number_rendering import render, shown_value

PERCENT, WHOLE, AMOUNT = PercentType(), IntegerType((), "kr"), DecimalType((), "tkr")


@pytest.mark.parametrize(
    ("field_type", "cell", "value", "is_noted"),
    [
        (PERCENT, "88 %", "88", False),
        (PERCENT, "88", "88", False),
        (PERCENT, "88%", "88", False),
        (PERCENT, "5,5 prosent", "5.5", True),
        (PERCENT, "0,5 %", "0.5", False),
        (PERCENT, "−2,5 %", "-2.5", True),
        (PERCENT, 72.0, "72", False),
        (PERCENT, 0, "0", False),
        (PERCENT, FormattedNumber(0.72, "percent", "72 %"), "72", False),
        (PERCENT, FormattedNumber(0.915, "percent", "91,5 %"), "91.5", False),
        (PERCENT, FormattedNumber(0.915, "percent", "92 %"), "91.5", True),
        (PERCENT, FormattedNumber(0.005, "percent", "0,5 %"), "0.5", False),
        (WHOLE, "10 435", "10435", False),
        (WHOLE, "10\u202f435 kr", "10435", False),
        (WHOLE, "-1 200 kr", "-1200", False),
        (WHOLE, FormattedNumber(85, "other", "85 %"), "85", True),
        (AMOUNT, "250 tkr", "250", False),
        (AMOUNT, "71.739,00", "71739", True),
        (AMOUNT, FormattedNumber(250.0, "other", "250 kr"), "250", True),
    ],
)
def test_a_number_is_read_as_people_write_it(
    field_type: FieldType, cell: CellValue, value: str, *, is_noted: bool
) -> None:
    reading = field_type.parse([cell], "nb")
    assert reading.value == Decimal(value)
    assert bool(repair(field_type, [cell], reading, "nb")) == is_noted


@pytest.mark.parametrize(
    ("field_type", "cell", "code"),
    [
        (PERCENT, "0,88", "V113"),
        (PERCENT, 0.88, "V113"),
        (PERCENT, -0.058, "V113"),
        (PERCENT, "mye %", "V103"),
        (AMOUNT, "1,5 mill.", "V113"),
        (AMOUNT, "1.250", "V113"),
        (WHOLE, "0,6", "V103"),
        (WHOLE, "12 epler", "V103"),
    ],
)
def test_what_may_mean_two_numbers_is_refused(
    field_type: FieldType, cell: CellValue, code: str
) -> None:
    reading = field_type.parse([cell], "nb")
    assert reading.value is None
    assert refusal(field_type, [cell], reading, "nb")[0] == code


@pytest.mark.parametrize(
    "number", ["0", "0.01", "0.5", "-0.25", "88", "91.55", "1234567.125", "-3"]
)
@pytest.mark.parametrize("field_type", [PERCENT, AMOUNT])
def test_a_number_comes_back_from_its_own_cell_without_a_note(
    field_type: DecimalType, number: str
) -> None:
    value = Decimal(number)
    (cell,) = field_type.to_cells(value)
    shown = shown_value(float(str(cell)), field_type.number_format)
    reading = field_type.parse([shown], "nb")
    assert (reading.value, reading.outcome) == (value, "taken")


@pytest.mark.parametrize(
    ("field_type", "value", "language", "shown"),
    [
        (PERCENT, Decimal(88), "nb", "88\u00a0%"),
        (PERCENT, Decimal("91.5"), "sv", "91,5\u00a0%"),
        (PERCENT, Decimal("91.5"), "en", "91.5%"),
        (WHOLE, 1234567, "nb", "1\u00a0234\u00a0567\u00a0kr"),
        (AMOUNT, Decimal("1250.50"), "en", "1,250.5\u00a0tkr"),
        (IntegerType(), 2026, "nb", "2026"),
        (DecimalType(), Decimal("1250.5"), "nb", "1250,5"),
    ],
)
def test_a_number_is_shown_with_its_unit(
    field_type: FieldType, value: Any, language: str, shown: str
) -> None:
    assert field_type.display(value, language) == shown


@pytest.mark.parametrize(
    ("unit", "cell", "severity"),
    [
        ("m²", "9 000 kr", "warning"),
        ("m²", "kr 9 000", "warning"),
        ("m²", FormattedNumber(9000, "other", "9 000 km"), "warning"),
        ("m2", FormattedNumber(9000, "other", "9 000 m²"), "note"),
        ("m²", FormattedNumber(9000, "other", "9 000 m³"), "warning"),
        ("€", "9 000 kr", "warning"),
        ("%", "5 kr", "warning"),
        ("mill. kr", "9 kr", "warning"),
        ("tkr", "250 kr", "warning"),
        ("kr per innb.", "9 000 kr", "note"),
        ("kroner", "9 000 NOK", "note"),
        ("kr", "NOK2 000", "note"),
        ("", "9 000 kr", "note"),
    ],
)
def test_a_number_with_another_unit_beside_it_is_a_warning(
    unit: str, cell: CellValue, severity: str
) -> None:
    field_type = DecimalType((), unit)
    note = repair(field_type, [cell], field_type.parse([cell], "nb"), "nb")
    assert note
    assert severity_of_repair(note) == severity


@pytest.mark.parametrize(
    "number", ["12", "0.5", "999.25", "1000", "-9000", "9000.5", "1234567.125"]
)
def test_cells_show_a_number_with_its_unit_as_the_reports_do(number: str) -> None:
    value = Decimal(number)
    is_large, sign = abs(value) >= 1000, "=" if value == int(value) else "<>"
    shown = AMOUNT.formats_from_1000[sign] if is_large else AMOUNT.number_format
    assert render(float(value), shown).split() == AMOUNT.display(value, "nb").split()
