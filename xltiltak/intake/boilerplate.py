"""Recognise what xltiltak itself wrote on a returned form outside its slots: texts and formulas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property, lru_cache

from xltiltak.intake.columns import ColumnMap
from xltiltak.layout.geometry import DONE_SYMBOL, TO_DO_SYMBOL, Column
from xltiltak.layout.guidance import SHEETS_KEY
from xltiltak.layout.sheet_layout import layout_sheet
from xltiltak.layout.sheet_rows import GAP_KEY, OVERVIEW_KEY, SheetRow
from xltiltak.model.cell_values import CellValue
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.model.report import Report
from xltiltak.model.written_dates import with_days_alike

_LIVE = frozenset(("filled", "jump"))  # styles of cells with formulas besides the figures


class Boilerplate:
    """The rows of an area sheet without its nodes, as they were sent."""

    def __init__(self, columns: ColumnMap, sent: Report, area: str) -> None:
        self.columns, self.sent, self.area = columns, sent, area
        self.geometry = columns.geometry

    def contains(self, value: CellValue) -> bool:
        """Return True if a cell's value is one of our own texts on this sheet."""
        if value in self.geometry.fixed_texts or value in self._texts:
            return True
        return isinstance(value, str) and with_days_alike(value) in self._texts_with_days_alike

    def heading_of(self, column: Column) -> str:
        """Return the heading that a column was sent with."""
        return self._headings.get(column.col, column.label)

    @cached_property
    def _headings(self) -> Mapping[int, str]:
        head = next((row for row in self._rows if row.key == "@head"), SheetRow(""))
        return {spec.col: str(v) for spec, v in zip(head.specs, head.values, strict=True)}

    @cached_property
    def has_formulas(self) -> Mapping[str, bool]:
        """Return for the row key of each of our own rows whether it has formulas of ours.

        The live count stands beside the title or below it, as the columns leave room.
        """
        found = {GAP_KEY: False, OVERVIEW_KEY: False, "@filled": True, SHEETS_KEY: True}
        found[self._rows[0].key] = True
        for row in self._rows:
            is_live = any(spec.figure or spec.style in _LIVE for spec in row.specs)
            found[row.key] = found.get(row.key, False) or is_live
        return found

    @cached_property
    def _texts(self) -> set[str]:
        return {str(value) for row in self._rows for value in row.values if value is not None}

    @cached_property
    def _texts_with_days_alike(self) -> set[str]:
        return set(map(with_days_alike, self._texts))

    @cached_property
    def _rows(self) -> list[SheetRow]:
        """Lay out the sheet without its nodes, except the one that it is named after."""
        first = self.sent.nodes[:1] if self.sent.template.area_level else ()
        part = replace(self.sent, nodes=first)
        return list(layout_sheet(part, self.area, self.geometry.purpose, self.geometry.layout))


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
_OF_STEPS = rf"COUNTIF\(R,{_STEP}\)(?:\+COUNTIF\(R,{_STEP}\))*"
_CRITERION = r'(?:"(?:[^"]|"")*"|-?\d+)'
_LIST = r'\{(?:"[^"]*"|[-\d,;.])*\}'
_OF_WORDS = rf"SUMPRODUCT\(COUNTIF\(R,{_LIST}\)(?:,{_LIST})?\)"
_TERM = rf"[+-](?:{_OF_WORDS}|(?:{_STEP}\*)?\({_OF_STEPS}\))"
_ANSWERED = rf"COUNT\({_CELLS}\)(?:\+{_OF_WORDS})*"
_UNANSWERED = rf'COUNTIF\(R,"\?\*"\)(?:-\d+)?-(?:COUNT\(R\)|\({_ANSWERED}\))'
_QUOTIENT = rf"\(SUM\({_CELLS}\)(?:{_TERM})*\)/\(COUNT\({_CELLS}\)(?:{_TERM})*\)"
_MEAN = rf'IFERROR\(ROUND\((?:AVERAGE\({_CELLS}\)|{_QUOTIENT}),\d\),""\)'
_SHAPES = (
    rf'{_MEAN}|""',
    rf'IF\({_UNANSWERED}(?:\+{_UNANSWERED})*>0,"",{_MEAN}\)',
    rf"{_ANSWERED}|0",
    _OF_STEPS,
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


def is_derived_formula(formula: str, samples: frozenset[str]) -> bool:
    """Return True if a formula is one of some derived fields, for any cells."""
    return bool(samples) and without_cells(formula) in _shapes_of(samples)


@lru_cache(maxsize=8)
def _shapes_of(samples: frozenset[str]) -> frozenset[str]:
    return frozenset(map(without_cells, samples))


@lru_cache(maxsize=256)  # the forms of a sending have the same formulas
def _matches_shape(formula: str) -> bool:
    return _shapes().fullmatch(without_cells(formula)) is not None


def without_cells(formula: str) -> str:
    """Return a formula with `R` for each cell and range, and without spaces."""
    return _PIECES.sub(_without_cell, formula)


def _without_cell(piece: re.Match[str]) -> str:
    return piece["text"] or ("R" if piece["cell"] else "")


@lru_cache(maxsize=1)
def _shapes() -> re.Pattern[str]:
    """Return all shapes as one pattern; words in them may be of any language."""
    jumps = "|".join(re.escape(translate("sheet.proposals_link", name)) for name in LANGUAGES)
    jump = rf'HYPERLINK\("#(?:[^"]|"")*"&ROW\(R\),"(?:{jumps})"\)'
    filled_texts = [translate("sheet.filled", language, n="@") for language in LANGUAGES]
    filled = "|".join(re.escape(text).replace("@", r"\d+") for text in filled_texts)
    continued = "|".join(re.escape(translate("sheet.continued", name)) for name in LANGUAGES)
    several = "|".join(
        re.escape(translate("sheet.several", name, count="@")).replace("@", r"\d+")
        for name in LANGUAGES
    )
    number = r'VALUE\(LEFT\(R,FIND\(" ",R\)-1\)\)'
    sheets = rf'"(?:{several}) "&\({number}(?:\+{number})*\)&" (?:{filled})"'
    link = r'HYPERLINK\("#(?:[^"]|"")*","→ (?:[^"]|"")*: "&R\)'
    count = rf"{_COUNTED}(?:\+{_COUNTED})*"
    filled_now = rf"(?:{count}|MAX\(0,{count}-\d+\))"
    filled_line = rf'{filled_now}&" (?:{filled})"'
    of_required = "|".join(
        rf'" {re.escape(before)}"&\(\d+(?:\+COUNTIFS\(R,{_CRITERION}\))+\)&"{re.escape(after)}"'
        for before, after in (text.split("@") for text in filled_texts)
    )
    required_line = rf'{filled_now}(?:\+COUNTIFS\(R,{_CRITERION},R,"<>"\))+&(?:{of_required})'
    continued_label = rf'(?:R(?:&" · "&R)*&"(?:, )?|")(?:{continued})"'
    lines = (jump, sheets, link, filled_line, required_line, continued_label)
    return re.compile("|".join((*_SHAPES, *lines)))
