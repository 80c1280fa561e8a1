"""Our own lines on a returned area sheet: what we wrote that belongs to no slot."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property, lru_cache

from xltiltak.intake.columns import ColumnMap
from xltiltak.layout.cards import GAP_KEY, OVERVIEW_KEY
from xltiltak.layout.geometry import DONE_SYMBOL, TO_DO_SYMBOL
from xltiltak.layout.sheet_layout import layout_sheet
from xltiltak.layout.sheet_rows import SheetRow
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.model.normalize import CellValue
from xltiltak.model.report import Report


class Boilerplate:
    """What stood above the nodes of an area sheet when it was sent."""

    def __init__(self, columns: ColumnMap, sent: Report, area: str) -> None:
        self.columns, self.sent, self.area = columns, sent, area
        self.geometry = columns.geometry

    def contains(self, raw: CellValue) -> bool:
        """Is it one of our own texts on this sheet, of no slot?"""
        return raw in self.geometry.fixed_texts or raw in self._texts

    @cached_property
    def _texts(self) -> set[str]:
        """Our own texts above the nodes."""
        return {str(value) for line in self._opening for value in line.values if value is not None}

    @cached_property
    def _opening(self) -> list[SheetRow]:
        """The lines of ours above the nodes, as they were sent."""
        first = self.sent.nodes[:1] if self.sent.template.area_level else ()
        return list(layout_sheet(replace(self.sent, nodes=first), self.area))

    @cached_property
    def lines(self) -> dict[CellValue, set[int]]:
        """Our own lines by their marks, each with the columns now where formulas of ours stand."""
        lines: dict[CellValue, set[int]] = {GAP_KEY: set(), OVERVIEW_KEY: set()}
        for line in self._opening:
            live = (spot.col for spot in line.specs if spot.figure or spot.style == "filled")
            lines.setdefault(line.key, set()).update(
                map(self.columns.position_of.__getitem__, live)
            )
        return lines


_PIECES = re.compile(
    r"""(?P<text>"[^"]*")|(?:'(?:[^']|'')*'!|\w+!)?(?P<cell>\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?|\#REF!)|\s+"""
)
_LONGEST = 1_000  # letters of a formula that is remembered
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
    r'HYPERLINK\("#(?:[^"]|"")*"(?:&ROW\(R\))?,(?:R|LEFT\(R,\d+\)|"–")\)',
)


def is_ours(formula: str) -> bool:
    """Has it the shape of a formula of a form, whichever cells it is about?"""
    return (_has_shape if len(formula) <= _LONGEST else _has_shape.__wrapped__)(formula)


@lru_cache(maxsize=256)
def _has_shape(formula: str) -> bool:
    """Forms of one sending have the same formulas: each is looked at once."""
    return _known().fullmatch(_PIECES.sub(_bare, formula)) is not None


def _bare(piece: re.Match[str]) -> str:
    return piece["text"] or ("R" if piece["cell"] else "")


@lru_cache(maxsize=1)
def _known() -> re.Pattern[str]:
    """All shapes as one pattern; the words in them are those of any language."""
    said = {language: translate("sheet.filled", language, n="@") for language in LANGUAGES}
    filled = "|".join(re.escape(words).replace("@", r"\d+") for words in said.values())
    continued = "|".join(
        re.escape(translate("sheet.continued", language)) for language in LANGUAGES
    )
    counted = rf'{_COUNTED}(?:\+{_COUNTED})*&" (?:{filled})"'
    going_on = rf'(?:R(?:&" · "&R)*&"(?:, )?|")(?:{continued})"'
    return re.compile("|".join((*_SHAPES, counted, going_on)))
