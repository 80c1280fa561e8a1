"""Parts of formulas that stay within the limits of Excel, for sheets of any size.

A formula names the rows that count as ranges. A large sheet has too many ranges for one formula;
then a *bridged* range goes on over the rows between them, such as headings, if they can hold
nothing that the formula would count. Rows that it counts by their keys are subtracted as a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from xltiltak.layout.sheet_rows import SheetRow
from xltiltak.xlsx.excel_limits import (
    FORMULA,
    FORMULA_ARGUMENTS,
    FORMULA_TEXT,
    cut,
    length_in_excel,
)

WILDCARDS = str.maketrans({"~": "~~", "*": "~*", "?": "~?"})  # of a criterion
_LONGEST_FORMULA = FORMULA - 192  # leaves room for a rounding or a text around it


def fits(formula: str) -> bool:
    """Return True if Excel accepts so long a formula."""
    return length_in_excel(formula) <= _LONGEST_FORMULA


def first_that_fits(variants: Iterable[str]) -> str:
    """Return the first formula that Excel accepts; "" if there is none."""
    return next((formula for formula in variants if formula and fits(formula)), "")


def total(terms: Iterable[str]) -> str:
    """Return the terms as a sum; 0 without terms."""
    return "+".join(terms) or "0"


def call(function: str, names: Sequence[str]) -> str:
    """Return a function of these ranges, as a sum of calls if they are many."""
    step = FORMULA_ARGUMENTS
    pieces = (names[at : at + step] for at in range(0, len(names), step))
    return total(f"{function}({','.join(piece)})" for piece in pieces)


def quoted(text: str) -> str:
    """Return a text within a formula, cut to what Excel accepts."""
    doubled = cut(text, FORMULA_TEXT).replace('"', '""')
    return f'"{doubled}"'


def quoted_in_pieces(text: str) -> str:
    """Return a text of any length as a formula."""
    size = FORMULA_TEXT // 2  # in UTF-16 units at least one for each character, at most two
    pieces = [text[at : at + size] for at in range(0, len(text), size)] or [""]
    return "&".join(map(quoted, pieces))


def lazily(*variants: Callable[[], str]) -> Iterator[str]:
    """Yield formulas, each made when it is needed: a bridged one takes time."""
    for variant in variants:
        yield variant()


def minus(count: str, number: int) -> str:
    """Return a count without a number of rows that it should not count."""
    return f"{count}-{number}" if number else count


def is_open(row: SheetRow, col: int) -> bool:
    """Return True if a leader may type into this column of a row."""
    return any(spec.col == col and spec.style == "input" for spec in row.specs)


def is_filled(row: SheetRow, col: int) -> bool:
    """Return True if a row has a value or a figure in this column."""
    return any(
        spec.col == col and (value is not None or spec.figure or spec.is_derived)
        for spec, value in zip(row.specs, row.values, strict=True)
    )


def may_be_filled(row: SheetRow, col: int) -> bool:
    """Return True if a row has a value or a figure in this column, or a field that may get one."""
    has_field = any(s.col == col and s.field and s.style != "none" for s in row.specs)
    return has_field or is_filled(row, col)


def bridged_runs(
    rows: Sequence[SheetRow], numbers: Iterable[int], stops: Callable[[SheetRow], bool]
) -> Iterator[tuple[int, int]]:
    """Yield row numbers as first and last of runs that go on over rows which do not stop them."""
    first = last = 0
    for number in sorted(numbers):
        if first and any(stops(rows[between - 1]) for between in range(last + 1, number)):
            yield first, last
            first = 0
        first, last = first or number, number
    if first:
        yield first, last


def others_between(
    rows: Sequence[SheetRow], numbers: Iterable[int], counts: Callable[[SheetRow], bool]
) -> int:
    """Return how many of the other rows between these a condition counts; `numbers` from 1."""
    own = set(numbers)
    between = range(min(own), max(own) + 1)
    return sum(number not in own and counts(rows[number - 1]) for number in between)
