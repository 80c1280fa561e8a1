"""What is written into a sheet that is open in Excel: texts that stay texts, links as formulas, a table for another."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from itertools import groupby
from typing import Any

from xltiltak.coordinator.model import Cell, Link, Row


def typed(value: Any) -> Any:
    """A value as Excel keeps it: every text stays one, also where it looks like a formula, a number or a day."""
    return f"'{value}" if isinstance(value, str) and value else value


def fill(sheet: Any, top: int, rows: Sequence[Row], columns: int, most: int) -> None:
    """The rows of a table from row `top` in place of those that were there, at most `most`; links are formulas."""
    show_all(sheet)
    sheet.range((top, 2), (top + most, columns + 1)).clear_contents()
    if not rows:
        return
    shown = [[cell.text if isinstance(cell, Link) else cell for cell in row] for row in rows]
    sheet.range((top, 2)).value = [[typed(cell) for cell in row] for row in shown]
    linked = {n for row in rows for n, cell in enumerate(row) if isinstance(cell, Link)}
    for n in sorted(linked):
        _write_links(sheet, top, n + 2, [row[n] for row in rows])
    sheet.range((top, 2), (top + len(rows) - 1, columns + 1)).rows.autofit()


def show_all(sheet: Any) -> None:
    """Rows that she has filtered away are shown: Excel does not write into them as it does into others."""
    with suppress(Exception):  # Excel's own object on Windows; elsewhere there is none of this name
        if sheet.api.FilterMode:
            sheet.api.ShowAllData()


def _write_links(sheet: Any, top: int, col: int, cells: Sequence[Cell]) -> None:
    """The links of a column as formulas, as many at once as stand together."""
    row = top
    for is_link, group in groupby(cells, lambda cell: isinstance(cell, Link)):
        run = list(group)
        if is_link:
            formulas = [[_formula(cell)] for cell in run if isinstance(cell, Link)]
            sheet.range((row, col), (row + len(run) - 1, col)).formula = formulas
        row += len(run)


def _formula(link: Link) -> str:
    target, text = (part.replace('"', '""') for part in link)
    return f'=HYPERLINK("{target}","{text}")'
