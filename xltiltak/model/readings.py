"""What a finding says of cells that were read as a value, or that no value was read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from xltiltak.model.cell_values import CellValue, ErrorValue, display, is_blank
from xltiltak.model.field_types import FieldType, Reading, SingleValue, Value
from xltiltak.model.finding import Severity
from xltiltak.model.language import decimal_text
from xltiltak.model.report import Head
from xltiltak.model.written_dates import moment_of, typed_year

_LAST_OF_1899, _FIRST_OF_MARCH_1900 = date(1899, 12, 31), 60
TWO_READINGS = "V113"  # the code of cells that may mean two things
_OTHER_UNIT = "other_unit"  # the reason of a number that was read with another unit beside it


def read(
    field_type: FieldType, cells: Sequence[CellValue], head: Head, sent: Value | None = None
) -> Reading:
    """Return what the cells of a slot mean in a report with these details.

    Of two readings of a number or a day that which was sent is meant: a program has only stored it
    in another form. A day far from the years of the report, whose number in the cell is a year near
    them, has two readings.
    """
    reading = field_type.parse(cells, head.language)
    is_text = any(isinstance(cell, str) for cell in cells)
    if is_text or reading.value == sent:
        return reading
    if sent in reading.alternatives:
        return Reading(sent, "repaired")
    day = reading.value
    if isinstance(day, date):
        year = typed_year(day, [head.year, *(other.year for other in head.dates)])
        if year is not None:
            return Reading(None, "invalid", (day, year), reason="year")
    return reading


def refusal(
    field_type: FieldType, cells: Sequence[CellValue], reading: Reading, language: str
) -> tuple[str, dict[str, str]]:
    """Return the code of a finding for cells that were not read, and its values.

    `value` quotes the cells; `typed` is what became a date, `first` and `second` are two readings.
    """
    filled = [cell for cell in cells if not is_blank(cell)]
    values = {"value": quote(filled, language), "allowed": _allowed(field_type)}
    if any(isinstance(cell, ErrorValue) for cell in filled):
        return "V106", values
    moment = moment_of(filled[0]) if not isinstance(filled[0], int | float) else None
    if moment and field_type.steps:
        return "V105", {**values, "typed": _typed_as(moment)}
    if reading.reason:
        values["reason"] = reading.reason
    if len(reading.alternatives) > 1:
        first, second = (_text_of(value, language) for value in reading.alternatives[:2])
        return TWO_READINGS, {**values, "first": first, "second": second}
    return field_type.error_code, values


def repair(
    field_type: FieldType, cells: Sequence[CellValue], reading: Reading, language: str
) -> dict[str, str]:
    """Return the values of a note about a value that was repaired; none if it is as it was seen."""
    if reading.outcome != "repaired":
        return {}
    before = reading.before or quote(cells, language)
    after = "" if reading.value is None else field_type.display(reading.value, language)
    if before.split() == after.split() or _digits(before, field_type) == _digits(after, field_type):
        return {}
    reason = {"reason": reading.reason} if reading.reason else {}
    return {"before": before, "after": after, **reason}


def severity_of_repair(values: Mapping[str, str]) -> Severity:
    """Return the severity of a repair with these values.

    A number with another unit beside it is a warning, because it may be wrong by any factor.
    """
    return "warning" if values.get("reason") == _OTHER_UNIT else "note"


def _digits(text: str, field_type: FieldType) -> str:
    """Return a number without spaces and the unit of its field; another text unchanged."""
    if not field_type.unit:
        return text
    return "".join(text.split()).removesuffix("".join(field_type.unit.split()))


def quote(cells: Sequence[CellValue], language: str) -> str:
    """Return what the filled cells show, a line for each."""
    return "\n".join(display(cell, language) for cell in cells if not is_blank(cell))


def _typed_as(day: date) -> str:
    """Return what somebody typed that became this day: a number in a cell for dates is in 1900."""
    number = day.toordinal() - _LAST_OF_1899.toordinal()
    return f"{number}" if number < _FIRST_OF_MARCH_1900 else f"{day.day}-{day.month}"


def _text_of(value: SingleValue, language: str) -> str:
    """Return one of two readings as a text."""
    if isinstance(value, Decimal):
        return decimal_text(value, language)
    return display(value, language)


def _allowed(field_type: FieldType) -> str:
    """Return what can be chosen: the numbers of a scale, the labels of a list."""
    steps = field_type.steps
    return ", ".join(str(s.value if isinstance(s.value, int) else s.label) for s in steps)
