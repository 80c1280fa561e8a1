"""Find the filled cells that a conditional format strikes out or hides.

Only a rule that compares the cell with constants is evaluated. Of any other rule nobody here knows
whether it holds, so it may.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from xltiltak.model.cell_values import CellValue, ErrorValue, FormattedNumber, display, is_blank
from xltiltak.xlsx.cell_styles import Cell, ConditionalLook, each_cell
from xltiltak.xlsx.parts import WorkbookParts

_Rows = Mapping[int, Mapping[int, CellValue]]
_COMPARISONS: Mapping[str, Callable[..., bool]] = {
    "equal": operator.eq,
    "notEqual": operator.ne,
    "greaterThan": operator.gt,
    "greaterThanOrEqual": operator.ge,
    "lessThan": operator.lt,
    "lessThanOrEqual": operator.le,
    "between": lambda value, low, high: low <= value <= high,
    "notBetween": lambda value, low, high: not low <= value <= high,
}
_TEXT_RULES: Mapping[str, Callable[[str, str], bool]] = {
    "containsText": operator.contains,
    "notContainsText": lambda text, words: words not in text,
    "beginsWith": str.startswith,
    "endsWith": str.endswith,
}
_TRUTHS = {"TRUE": True, "1": True, "FALSE": False, "0": False}


class ConditionalRule(NamedTuple):
    """A rule of a sheet: first and last row and column of its ranges, and what its cells get."""

    ranges: Sequence[tuple[int, int, int, int]]
    look: ConditionalLook
    attributes: Mapping[str, str]
    formulas: Sequence[str]

    def holds(self, value: CellValue) -> bool | None:
        """Return True if a filled cell gets the look of the rule; None if that is not known."""
        kind = self.attributes.get("type", "")
        if kind in ("containsBlanks", "notContainsBlanks"):
            return kind == "notContainsBlanks"
        if kind in ("containsErrors", "notContainsErrors"):
            return isinstance(value, ErrorValue) == (kind == "containsErrors")
        if kind == "expression":
            return _TRUTHS.get("".join(self.formulas).lstrip("=").upper())
        if kind in _TEXT_RULES and (words := self.attributes.get("text")):
            return _TEXT_RULES[kind](display(value).casefold(), words.casefold())
        compare = _COMPARISONS.get(self.attributes.get("operator", ""))
        constants = [_constant(formula) for formula in self.formulas]
        mine = _comparable(value)
        if kind != "cellIs" or not compare or any(type(c) is not type(mine) for c in constants):
            return None
        return compare(mine, *constants)


def hidden_by_rules(
    part: str, book: WorkbookParts, rules: Sequence[ConditionalRule], rows: _Rows
) -> tuple[set[Cell], set[Cell]]:
    """Return the filled cells that rules strike out, and those that they may strike out or hide.

    The part of the sheet is read again, for the styles of the cells.
    """
    struck, unclear, styles = set[Cell](), set[Cell](), book.styles.by_number

    def judge(cell: Cell, style_number: str | None) -> None:
        value = rows.get(cell[0], {}).get(cell[1])
        for rule in () if is_blank(value) else _rules_at(cell, rules):
            holds, look = rule.holds(value), rule.look
            style = styles.get(style_number, styles[None])
            hides = look.hides_texts if isinstance(value, str) else look.hides_numbers
            if holds and look.is_struck:
                struck.add(cell)
            elif holds is not False and (look.is_struck or hides or look.is_pale_on(style)):
                unclear.add(cell)

    each_cell(book.package.read(part), judge)
    return struck, unclear


def _rules_at(cell: Cell, rules: Sequence[ConditionalRule]) -> Iterator[ConditionalRule]:
    row, col = cell
    for rule in rules:
        if any(a <= row <= c and b <= col <= d for a, b, c, d in rule.ranges):
            yield rule


def _comparable(value: CellValue) -> float | str | None:
    """Return a value as rules compare it: a number or a text in small letters; None for others."""
    if isinstance(value, FormattedNumber):
        return float(value.number)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    is_text = isinstance(value, str) and not isinstance(value, ErrorValue)
    return str(value).casefold() if is_text else None


def _constant(formula: str) -> float | str | None:
    """Return the number or text that a formula is; None for any other formula."""
    formula = formula.strip().lstrip("=")
    if len(formula) > 1 and formula[0] == formula[-1] == '"' and '"' not in formula[1:-1]:
        return formula[1:-1].casefold()
    try:
        return float(formula)
    except ValueError:
        return None
