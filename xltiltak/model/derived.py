"""The values that follow from others: what a template computes and compares.

A report has them at all times (`model.report`). Where a value that one follows from is missing,
it is missing too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from xltiltak.model.field_types import Value
from xltiltak.model.template import Compare, Field, Operand, Template
from xltiltak.model.values import Slot, ValueTable, ValueTableBuilder
from xltiltak.model.written_numbers import TOO_LARGE, stored_number

_DECIMALS, _DECIMALS_OF_PERCENT = 6, 1
_HUNDRED = Decimal(100)
_OPERATIONS: Mapping[str, Callable[[Any, Any], Decimal]] = {
    "plus": lambda a, b: a + b,
    "minus": lambda a, b: a - b,
    "times": lambda a, b: a * b,
    "percent_of": lambda a, b: a * _HUNDRED / b,
    "days_after": lambda a, b: Decimal((a - b).days),
}
OPERATORS = tuple(_OPERATIONS)


def decimals_of(operator: Operand) -> int:
    """Return how many decimals the result of an operator is rounded to."""
    return _DECIMALS_OF_PERCENT if operator == "percent_of" else _DECIMALS


def with_changes(
    values: Mapping[Slot, Value], changed: Mapping[Slot, Value | None]
) -> Mapping[Slot, Value]:
    """Return values of which some have changed; None is an empty slot."""
    if isinstance(values, ValueTable):
        builder = ValueTableBuilder(values)
        for slot, value in changed.items():
            builder[slot] = value
        return builder.build()
    both: dict[Slot, Value | None] = {**values, **changed}
    return {slot: value for slot, value in both.items() if value is not None}


def derived_value(
    template: Template, level: str, slot: Slot, read: Callable[[Slot], Value | None]
) -> Value | None:
    """Return the value of a derived slot; `read` gives the other values of its node."""
    field = template.field_of(level, slot.field)
    if field is None:
        return None
    values = [_operand(template, level, slot, operand, read) for operand in field.operands]
    if field.compare:
        steps, place = template.scales[field.scale], _place(field.compare, values)
        return None if place is None else steps[place].value
    return None if None in values else _computed(field, values)


def _operand(
    template: Template,
    level: str,
    slot: Slot,
    operand: Operand,
    read: Callable[[Slot], Value | None],
) -> Value | None:
    """Return a number, or the value of a field at the date of a slot."""
    if not isinstance(operand, str):
        return operand
    field = template.field_of(level, operand)
    return read(Slot(slot.ref, operand, slot.date if field and field.per_checkpoint else None))


def _computed(field: Field, values: list[Any]) -> Value | None:
    """Return the result of a field's operator; None where there is none, or too large a one."""
    operator = str(field.compute[1])
    first, second = (Decimal(v) if isinstance(v, int) else v for v in values)
    if operator == "percent_of" and not second:
        return None
    unit = Decimal(1).scaleb(-decimals_of(operator))
    result = _OPERATIONS[operator](first, second)
    if abs(result) >= TOO_LARGE:
        return None
    number = stored_number(f"{result.quantize(unit, ROUND_HALF_UP):f}")
    return int(number) if field.kind == "integer" else number


def _place(compare: Compare, values: list[Any]) -> int | None:
    """Return the place of the step that a value has reached, from 0; None without a target."""
    value, *limits = values
    if value is None or limits[0] is None:
        return None
    for place, limit in enumerate(limits):
        if limit is not None and (value >= limit if compare.better == "high" else value <= limit):
            return place
    return len(limits)
