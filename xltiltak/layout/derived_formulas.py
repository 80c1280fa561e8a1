"""The formulas of derived fields: the same results as `model.derived`, live in a workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xltiltak.model.derived import decimals_of
from xltiltak.model.template import Compare, Field, Operand, Template

_OPERATIONS: Mapping[str, str] = {
    "plus": "{0}+{1}",
    "minus": "{0}-{1}",
    "times": "{0}*{1}",
    "percent_of": "100*{0}/{1}",
    "days_after": "{0}-{1}",
}
_ANY_CELL = "A1"
CellOf = Callable[[str], str | None]  # the cell of a field, None where there is none


def derived_formula(template: Template, level: str, field: Field, cell_of: CellOf) -> str | None:
    """Return the formula of a derived field, without "="; None if a cell that it needs is missing.

    A cell without a value gives an empty text, as do cells that hold no numbers.
    """
    cells = {o: cell_of(o) for o in field.operands if isinstance(o, str)}
    if field.compare:
        if cells.get(str(field.compare.accept), _ANY_CELL) is None:
            cells[str(field.compare.accept)] = '""'
        needed = field.compare.operands[:2]
    else:
        needed = field.operands
    if any(isinstance(o, str) and cells[o] is None for o in needed):
        return None
    blank = [f'{cells[o]}=""' for o in needed if isinstance(o, str)]

    def number(operand: Operand) -> str:
        return _number(template, level, operand, cells)

    if field.compare:
        result = _comparison(template, field, field.compare, number, cells)
    else:
        operation = _OPERATIONS[str(field.compute[1])].format(*map(number, field.operands))
        result = f"ROUND({operation},{decimals_of(field.compute[1])})"
    test = blank[0] if len(blank) == 1 else f"OR({','.join(blank)})"
    return f'IF({test},"",IFERROR({result},""))'


def _number(
    template: Template, level: str, operand: Operand, cells: Mapping[str, str | None]
) -> str:
    """Return an operand as a number; on a form a step may stand with its word: "3 Moderate"."""
    if not isinstance(operand, str):
        return str(operand) if operand >= 0 else f"({operand})"
    cell, field = cells[operand], template.field_of(level, operand)
    if field is None or field.kind != "scale":
        return str(cell)
    return f'IF(ISNUMBER({cell}),{cell},VALUE(LEFT({cell},FIND(" ",{cell})-1)))'


def _comparison(
    template: Template,
    field: Field,
    compare: Compare,
    number: Callable[[Operand], str],
    cells: Mapping[str, str | None],
) -> str:
    """Return the label of the step that a value has reached."""
    labels = ['"' + step.label.replace('"', '""') + '"' for step in template.scales[field.scale]]
    sign, text = (">=" if compare.better == "high" else "<="), labels[len(compare.operands) - 1]
    value = f"{number(compare.value)}+0"  # an error where a text stands
    for label, limit in reversed([*zip(labels, compare.operands[1:], strict=False)]):
        test = f"{value}{sign}{number(limit)}+0"
        if limit == compare.accept and isinstance(limit, str):
            test = f'IF({cells[limit]}="",FALSE,{test})'
        text = f"IF({test},{label},{text})"
    return text


def derived_samples(template: Template) -> frozenset[str]:
    """Return the formulas that a workbook of a template may have, each with some cell."""
    found = set[str]()
    for level in template.levels:
        for field in template.derived_fields_of(level.id):
            accept = field.compare.accept if field.compare else ""
            for missing in ("", str(accept)):
                cells = dict.fromkeys(map(str, field.operands), _ANY_CELL)
                cells.pop(missing, None)
                formula = derived_formula(template, level.id, field, cells.get)
                found.update([formula] if formula else [])
    return frozenset(found)
