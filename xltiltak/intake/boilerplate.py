"""Recognise what xltiltak itself wrote on a returned form outside its slots: texts and formulas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property, lru_cache

from xltiltak.intake.columns import ColumnMap
from xltiltak.layout.geometry import DONE_SYMBOL, TO_DO_SYMBOL
from xltiltak.layout.sheet_layout import layout_sheet
from xltiltak.layout.sheet_rows import GAP_KEY, OVERVIEW_KEY, SheetRow
from xltiltak.model.cell_values import CellValue
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.model.report import Report


class Boilerplate:
    """The rows above the nodes of an area sheet, as they were sent."""

    def __init__(self, columns: ColumnMap, sent: Report, area: str) -> None:
        self.columns, self.sent, self.area = columns, sent, area
        self.geometry = columns.geometry

    def contains(self, value: CellValue) -> bool:
        """Return True if a cell's value is one of our own texts on this sheet."""
        return value in self.geometry.fixed_texts or value in self._texts

    @cached_property
    def formula_columns(self) -> Mapping[str, set[int]]:
        """Map the row key of each of our own rows to the columns that have our formulas now."""
        columns: dict[str, set[int]] = {GAP_KEY: set(), OVERVIEW_KEY: set()}
        for row in self._rows:
            columns.setdefault(row.key, set()).update(
                spec.col for spec in row.specs if spec.figure or spec.style == "filled"
            )
        position_of = self.columns.position_of
        return {
            key: {position_of[col] for col in of_row if col in position_of}
            for key, of_row in columns.items()
        }

    @cached_property
    def _texts(self) -> set[str]:
        return {str(value) for row in self._rows for value in row.values if value is not None}

    @cached_property
    def _rows(self) -> list[SheetRow]:
        """Lay out the sheet without its nodes, except the one that it is named after."""
        first = self.sent.nodes[:1] if self.sent.template.area_level else ()
        return list(layout_sheet(replace(self.sent, nodes=first), self.area, self.geometry.purpose))


# Programs write a formula back with other spaces and anchors, and inserted rows change its cells.
# So cells and ranges become `R`, and the rest must be one of the few formulas that a form has.

_PIECES = re.compile(
    r"""
    (?P<text>"[^"]*")
    | (?:'(?:[^']|'')*'!|\w+!)?  # a sheet
      (?P<cell>\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?|\#REF!)
    | \s+
    """,
    re.VERBOSE,
)
_MAX_REMEMBERED = 1_000  # characters of a formula whose result is kept
_CELLS = "R(?:,R)*"
_STEP = r"-?\d{1,3}"
_COUNTED = r"(?:COUNTA\(R\)|\(COUNTA\(R\)>0\)|0)"
_FILLED = r"COUNTA\(R\)>0"
_SHAPES = (
    rf'IFERROR\(ROUND\(AVERAGE\({_CELLS}\),\d\),""\)|""',
    rf"COUNT\({_CELLS}\)|0",
    rf"COUNTIF\(R,{_STEP}\)(?:\+COUNTIF\(R,{_STEP}\))*",
    r'COUNTIF\(R,"\?\*"\)(?:\+COUNTIF\(R,"\?\*"\))*',
    r'IF\(R="","–",R\)',
    rf'IF\((?:{_FILLED}|AND\({_FILLED}(?:,{_FILLED})*\)),"{DONE_SYMBOL}","{TO_DO_SYMBOL}"\)',
    r'HYPERLINK\("#(?:[^"]|"")*"(?:&ROW\(R\))?,(?:R|LEFT\(R,\d+\)(?:&"…")?|"–")\)',
)


def is_our_formula(formula: str) -> bool:
    """Return True if a formula has the shape of one that a form is sent with, for any cells."""
    if len(formula) > _MAX_REMEMBERED:
        return _matches_shape.__wrapped__(formula)
    return _matches_shape(formula)


@lru_cache(maxsize=256)  # the forms of a sending have the same formulas
def _matches_shape(formula: str) -> bool:
    return _shapes().fullmatch(_PIECES.sub(_without_cell, formula)) is not None


def _without_cell(piece: re.Match[str]) -> str:
    return piece["text"] or ("R" if piece["cell"] else "")


@lru_cache(maxsize=1)
def _shapes() -> re.Pattern[str]:
    """Return all shapes as one pattern; words in them may be of any language."""
    filled_texts = [translate("sheet.filled", language, n="@") for language in LANGUAGES]
    filled = "|".join(re.escape(text).replace("@", r"\d+") for text in filled_texts)
    continued = "|".join(re.escape(translate("sheet.continued", name)) for name in LANGUAGES)
    filled_line = rf'{_COUNTED}(?:\+{_COUNTED})*&" (?:{filled})"'
    continued_label = rf'(?:R(?:&" · "&R)*&"(?:, )?|")(?:{continued})"'
    return re.compile("|".join((*_SHAPES, filled_line, continued_label)))
