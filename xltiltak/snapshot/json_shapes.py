"""Check the types, lengths and numbers of JSON before anything believes it.

A shape is a function that takes a value and the place where it stands, and raises ForeignWorkbook
if the value is not of its kind. The functions below make shapes; a shape of a list or an object is
made of other shapes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NoReturn

from xltiltak.model.errors import ForeignWorkbook

Shape = Callable[[Any, str], object]

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_SHOWN = 40  # characters of a value in the message
_FIRST_DAY = date(1900, 1, 1)  # spreadsheets have none before
LARGEST = 10**300  # of a number; a spreadsheet stores no larger one than about 10**308


def refuse(value: object, place: str) -> NoReturn:
    """Raise ForeignWorkbook: the value at this place of the hidden record is impossible."""
    shown = repr(value)[:_SHOWN] if isinstance(value, str | int) else type(value).__name__
    raise ForeignWorkbook("snapshot", error=f"{place}: {shown}")


def parse_json(text: str, place: str, *, is_ours: bool = False) -> Any:
    """Return the JSON of a text without fractions, which no record has, and lone surrogates.

    Raises ForeignWorkbook for anything else, and for numbers and nesting without bounds. In a text
    that is ours, surrogates are not looked for.
    """
    try:
        content = _DECODER.decode(text)
        if not is_ours and _SURROGATE.search(
            text
        ):  # one of a pair is usual, and one alone cannot be written
            json.dumps(content, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise ForeignWorkbook("snapshot", error=f"{place}: {error!s:.{_SHOWN}}") from error
    return content


def _refuse_number(text: str) -> NoReturn:
    raise ValueError(text)


_DECODER = json.JSONDecoder(parse_float=_refuse_number, parse_constant=_refuse_number)


def text(most: int, pattern: str = "") -> Shape:
    """Return the shape of a text of at most so many characters that matches a pattern."""
    matches = re.compile(pattern, re.DOTALL).fullmatch if pattern else None

    def check(value: Any, place: str) -> None:
        """Refuse a value of another shape."""
        if type(value) is not str or len(value) > most or (matches and not matches(value)):
            refuse(value, place)

    return check


def whole_number(least: int = -LARGEST, most: int = LARGEST) -> Shape:
    """Return the shape of a whole number within bounds."""

    def check(value: Any, place: str) -> None:
        """Refuse a value of another shape."""
        if type(value) is not int or not least <= value <= most:
            refuse(value, place)

    return check


def truth(value: Any, place: str) -> None:
    """Check that a value is true or false."""
    if type(value) is not bool:
        refuse(value, place)


def one_of(allowed: Collection[str]) -> Shape:
    """Return the shape of one of some texts."""

    def check(value: Any, place: str) -> None:
        """Refuse a value of another shape."""
        if type(value) is not str or value not in allowed:
            refuse(value, place)

    return check


def day(value: Any, place: str) -> None:
    """Check that a value is a day as text, one that a spreadsheet can store."""
    parse_day(value, place)


def parse_day(value: Any, place: str) -> date:
    """Return the day of a text. Raises ForeignWorkbook for anything else."""
    found = _day(value) if type(value) is str else None
    return found or refuse(value, place)


@lru_cache(maxsize=1024)
def _day(value: str) -> date | None:
    try:
        found = date.fromisoformat(value)
    except ValueError:
        return None
    return found if found >= _FIRST_DAY and str(found) == value else None


def optional(shape: Shape) -> Shape:
    """Return the shape of a value that may be missing (null)."""

    def check(value: Any, place: str) -> None:
        """Refuse a value of another shape."""
        if value is not None:
            shape(value, place)

    return check


def either(shape: Shape, kind: type, other: Shape) -> Shape:
    """Return a shape for the values of one type, and another one for all others."""

    def check(value: Any, place: str) -> None:
        """Refuse a value of another shape."""
        (shape if type(value) is kind else other)(value, place)

    return check


def list_of(shape: Shape | None, most: int, least: int = 0) -> Shape:
    """Return the shape of a list of at most so many items; None leaves these to the caller."""

    def check(value: Any, place: str) -> None:
        """Refuse a value of another shape."""
        if type(value) is not list or not least <= len(value) <= most:
            refuse(value, place)
        if shape:
            for item in value:
                shape(item, place)

    return check


def row_of(*shapes: Shape, least: int | None = None) -> Shape:
    """Return the shape of a list with an item for each shape; the last ones may be left out."""
    fewest, most = len(shapes) if least is None else least, len(shapes)

    def check(value: Any, place: str) -> None:
        """Refuse a value of another shape."""
        if type(value) is not list or not fewest <= len(value) <= most:
            refuse(value, place)
        for item, shape in zip(value, shapes, strict=False):
            shape(item, place)

    return check


def table_of(name: Shape, shape: Shape, most: int) -> Shape:
    """Return the shape of an object with at most so many names of one shape."""

    def check(value: Any, place: str) -> None:
        """Refuse a value of another shape."""
        if type(value) is not dict or len(value) > most:
            refuse(value, place)
        for key, item in value.items():
            name(key, place)
            shape(item, place)

    return check


def object_of(needed: Mapping[str, Shape], others: Mapping[str, Shape]) -> Shape:
    """Return the shape of an object that has all `needed` names, and no names but these two."""
    shapes = {**needed, **others}

    def check(value: Any, place: str) -> None:
        """Refuse a value of another shape."""
        if type(value) is not dict or not needed.keys() <= value.keys() <= shapes.keys():
            refuse(value, place)
        for key, item in value.items():
            shapes[key](item, f"{place}.{key}")

    return check
