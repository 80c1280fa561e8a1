"""The pandas table of a report: one row for each slot, every column with a type of its own.

`Report.to_frame` is the public function; `docs/api.md` documents the columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pandas import CategoricalDtype, DataFrame, Series

_TEXT, _NUMBER, _WHOLE_NUMBER, _DAY = "str", "Float64", "Int64", "datetime64[us]"


class FrameRow(NamedTuple):
    """One slot. `numbers` and `names` are those of the node and of the groups around it, by level.

    `value` is None for an empty slot. `text` is the value as a reader sees it. `step` is the label
    of the step or choice, None for a field without steps.
    """

    area: str
    area_name: str
    ref: str
    level: str
    numbers: Mapping[str, int | str | None]
    names: Mapping[str, str | None]
    field: str
    label: str
    date: date | None
    kind: str
    role: str
    value: object
    text: str | None
    step: str | None


def data_frame(
    rows: Iterable[FrameRow], levels: Mapping[str, bool], scales: Iterable[Sequence[str]]
) -> DataFrame:
    """Return the table of these rows.

    `levels` are the levels that get columns of their own; true means that its nodes have a number.
    `scales` are the labels of every scale, lowest first.
    """
    from pandas import DataFrame, Series

    listed = list(rows)

    def texts(name: str) -> Series:
        return Series([getattr(row, name) for row in listed], dtype=_TEXT)

    columns = {name: texts(name) for name in ("area", "area_name", "ref", "level")}
    for level, has_numbers in levels.items():
        if has_numbers:
            columns[f"{level}.no"] = _numbers([row.numbers.get(level) for row in listed])
        columns[f"{level}.name"] = Series([row.names.get(level) for row in listed], dtype=_TEXT)
    columns |= {name: texts(name) for name in ("field", "label")}
    columns["date"] = Series([row.date for row in listed], dtype=_DAY)
    columns |= {name: texts(name) for name in ("kind", "role")}
    values = [row.value for row in listed]
    numbers = [float(value) if isinstance(value, int | Decimal) else None for value in values]
    columns["number"] = Series(numbers, dtype=_NUMBER)
    columns["day"] = Series(
        [value if isinstance(value, date) else None for value in values], dtype=_DAY
    )
    columns["step"] = Series([row.step for row in listed], dtype=_step_type(scales))
    columns["text"] = texts("text")
    return DataFrame(columns)


def _numbers(values: Sequence[int | str | None]) -> Series:
    """Return the numbers of one level as whole numbers; as text if one of them has letters."""
    from pandas import Series

    if any(isinstance(value, str) for value in values):
        return Series([None if value is None else str(value) for value in values], dtype=_TEXT)
    return Series(values, dtype=_WHOLE_NUMBER)


def _step_type(scales: Iterable[Sequence[str]]) -> CategoricalDtype:
    """Return a category of all labels, lowest first.

    It is not ordered if two scales have the same labels in another order.
    """
    from pandas import CategoricalDtype

    labels_of = [list(dict.fromkeys(labels)) for labels in scales]
    all_labels = dict.fromkeys(label for labels in labels_of for label in labels)
    rank = {label: n for n, label in enumerate(all_labels)}
    agree = all(labels == sorted(labels, key=rank.__getitem__) for labels in labels_of)
    return CategoricalDtype([*all_labels], ordered=agree)
