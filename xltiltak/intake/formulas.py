"""Which formulas of a returned form are our own: what we write, wherever its cells have gone since.

Programs write a formula back with other spaces and anchors, and rows that came or went change its cells. So cells and
ranges are set aside, and what is left must be one of the few formulas that a form has.
"""

from __future__ import annotations

import re
from functools import lru_cache

from xltiltak.layout.geometry import DONE_SYMBOL, TO_DO_SYMBOL
from xltiltak.model.language import LANGUAGES, translate

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
