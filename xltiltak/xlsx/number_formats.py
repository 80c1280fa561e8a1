"""Parse the code of a number format, such as `#,##0.00" kr";[Red]-0`, into sections of tokens.

`number_rendering` writes numbers by them. `BUILT_IN` are the codes of the formats that a workbook
only names by a number, as Nordic programs show them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, NamedTuple, cast

from xltiltak.model.cell_values import NumberClass

TokenKind = Literal[
    "literal",
    "general",
    "digit",
    "point",
    "comma",
    "percent",
    "exponent",
    "slash",
    "text",
    "date",  # a run of y, m, d, h or s; minutes are a run of n
    "elapsed",  # a run of h, n or s, counted beyond its usual end: [h]
    "seconds_part",
    "half",  # AM/PM
    "truth",
    "unknown",
]

GENERAL = "General"
BUILT_IN: Mapping[int, str] = {
    0: GENERAL,
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: '"kr" #,##0;"kr" -#,##0',
    6: '"kr" #,##0;[Red]"kr" -#,##0',
    7: '"kr" #,##0.00;"kr" -#,##0.00',
    8: '"kr" #,##0.00;[Red]"kr" -#,##0.00',
    9: "0 %",
    10: "0.00 %",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "dd.mm.yyyy",
    15: "dd.mmm.yy",
    16: "dd.mmm",
    17: "mmm.yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "dd.mm.yyyy hh:mm",
    **dict.fromkeys((*range(27, 32), 36, *range(50, 55), 57, 58), "dd.mm.yyyy"),  # East Asian ones
    **dict.fromkeys((32, 34, 55), "hh:mm"),
    **dict.fromkeys((33, 35, 56), "hh:mm:ss"),
    37: "#,##0;-#,##0",
    38: "#,##0;[Red]-#,##0",
    39: "#,##0.00;-#,##0.00",
    40: "#,##0.00;[Red]-#,##0.00",
    41: '_-* #,##0_-;-* #,##0_-;_-* "-"_-;_-@_-',
    42: '_-"kr" * #,##0_-;-"kr" * #,##0_-;_-"kr" * "-"_-;_-@_-',
    43: '_-* #,##0.00_-;-* #,##0.00_-;_-* "-"??_-;_-@_-',
    44: '_-"kr" * #,##0.00_-;-"kr" * #,##0.00_-;_-"kr" * "-"??_-;_-@_-',
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
    49: "@",
}
_TOKEN = re.compile(
    r"""
    (?P<section>;)
    | "(?P<quoted>[^"]*)"?
    | \\(?P<escaped>.)
    | _(?P<width>.)
    | \*(?P<fill>.)
    | \[(?P<elapsed>h+|m+|s+)\]
    | \[(?P<condition>(?:<=|>=|<>|[<>=])\s*-?[0-9.]+)\]
    | \[\$(?P<currency>[^\]-]*)(?:-(?P<locale>[^\]]*))?\]
    | (?P<bracket>\[[^\]]*\]?)
    | (?P<general>general|standaard|standard|estándar|estandar|geral|yleinen)
    | (?P<truth>boolean)
    | (?P<half>am/pm|a/p)
    | (?P<exponent>e[+-])
    | (?:(?<=s)|(?<=s\]))(?P<seconds_part>\.0+)
    | (?P<date>y+|m+|d+|h+|s+)
    | (?P<unknown>[egb]+)
    | (?P<digit>[0\#?])
    | (?P<point>\.)
    | (?P<comma>,)
    | (?P<percent>%)
    | (?P<slash>/)
    | (?P<text>@)
    | (?P<literal>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_WHOLE_NUMBERS = ("0", "0.0", "0.00", "#,##0", "#,##0.00")
_CONDITION = re.compile(r"([<>=]+)\s*(-?[0-9.]+)")
# "Locales" that stand for the long day and the time as the system shows them:
_OF_SYSTEM = {
    **dict.fromkeys(("f800", "x-sysdate"), "d. mmmm yyyy"),
    **dict.fromkeys(("f400", "x-systime"), "hh:mm:ss"),
}
_LANGUAGES = {0x14: "nb", 0x1D: "sv", 0x09: "en"}  # by the low bits of a Windows locale
_NYNORSK = 0x814
_NO_WORDS = frozenset(" -+()0123456789\u00a0\u202f")  # characters that add no words to a number


class Token(NamedTuple):
    """A piece of a number format; `text` is in lower case, except of a literal."""

    kind: TokenKind
    text: str


class FormatSection(NamedTuple):
    """One section of a number format: how some of the numbers are shown.

    `condition` is an operator and a limit, as in `[>=1000]`; None without one. `language` is ""
    if the section does not say one.
    """

    tokens: tuple[Token, ...]
    kind: NumberClass
    condition: tuple[str, float] | None = None
    language: str = ""


class NumberFormat(NamedTuple):
    """The code of a number format, and its sections for numbers: one to three."""

    code: str
    sections: tuple[FormatSection, ...]

    @property
    def is_plain(self) -> bool:
        """Return True if every number is shown as it is."""
        return len(self.sections) == 1 and self.sections[0].kind == "general"


def shows_whole_numbers(code: str) -> bool:
    """Return True if every whole number below 1000 is surely shown as it is."""
    return code in _WHOLE_NUMBERS or parse_format(code).is_plain


@lru_cache(maxsize=1024)
def parse_format(code: str) -> NumberFormat:
    """Return the sections of a number format. A code without any token is General."""
    pieces = _pieces(code)
    sections = [_section(piece) for piece in pieces[:3]]
    if len(sections) > 1 and any(token.kind == "text" for token in sections[-1].tokens):
        sections.pop()  # the section for texts
    is_empty = len(pieces) == 1 and not sections[0].tokens
    general = FormatSection((Token("general", ""),), "general")
    return NumberFormat(code, (general,) if is_empty else tuple(sections))


def text_section(code: str) -> FormatSection | None:
    """Return the section that shows texts; None if it shows them as they are."""
    pieces = _pieces(code)
    section = _section(pieces[:4][-1])
    kinds = [token.kind for token in section.tokens]
    is_for_texts = len(pieces) > 3 or "text" in kinds
    if not is_for_texts or not {"text", "literal"}.issuperset(kinds):
        return None
    words = "".join(token.text for token in section.tokens if token.kind == "literal")
    return None if kinds.count("text") == 1 and not words.strip() else section


def _pieces(code: str) -> list[list[re.Match[str]]]:
    """Return the matches of a code, section by section."""
    pieces: list[list[re.Match[str]]] = [[]]
    for found in _TOKEN.finditer(code):
        if found.lastgroup == "section":
            pieces.append([])
        else:
            pieces[-1].append(found)
    return pieces


def _section(found: list[re.Match[str]]) -> FormatSection:
    condition, language = None, ""
    tokens: list[Token] = []
    for match in found:
        if match["condition"]:
            parts = _CONDITION.fullmatch(match["condition"])
            condition = (parts[1], float(parts[2])) if parts else None
        elif match["locale"]:
            if system := _OF_SYSTEM.get(match["locale"].lower()):
                return parse_format(system).sections[0]
            language = _language(match["locale"])
        if token := _token(match):
            tokens.append(token)
    tokens = _with_minutes(tokens)
    return FormatSection(tuple(tokens), _kind(tokens), condition, language)


def _token(match: re.Match[str]) -> Token | None:
    """Return the token of a match; None for colours, conditions, and characters that fill."""
    kind = match.lastgroup or ""
    if kind in ("quoted", "escaped", "literal", "currency"):
        return Token("literal", match[kind])
    if kind == "locale":
        return Token("literal", match["currency"]) if match["currency"] else None
    if kind == "width":
        return Token("literal", " ")
    if kind in ("condition", "bracket", "fill"):
        return None
    return Token(cast("TokenKind", kind), match[kind].lower())  # the groups have these names


def _language(locale: str) -> str:
    """Return the language of a locale such as `414` or `nb-NO`, "" for another one."""
    try:
        number = int(locale, 16)
    except ValueError:
        return locale[:2].lower() if locale[:2].lower() in ("nb", "nn", "sv", "en") else ""
    return "nn" if number & 0xFFFF == _NYNORSK else _LANGUAGES.get(number & 0x3FF, "")


def _with_minutes(tokens: list[Token]) -> list[Token]:
    """Return the tokens with each `m` after hours or before seconds as `n`, minutes."""
    found = list(tokens)
    times = [n for n, token in enumerate(found) if token.kind in ("date", "elapsed")]
    for place, n in enumerate(times):
        kind, text = found[n]
        before = found[times[place - 1]].text[0] if place else ""
        after = found[times[place + 1]].text[0] if place + 1 < len(times) else ""
        is_minutes = kind == "elapsed" or (len(text) < 3 and (before == "h" or after == "s"))
        if text[0] == "m" and is_minutes:
            found[n] = Token(kind, "n" * len(text))
    return found


def _kind(tokens: list[Token]) -> NumberClass:
    """Return what a section makes of a number."""
    kinds = {token.kind for token in tokens}
    letters = {token.text[0] for token in tokens if token.kind in ("date", "elapsed")}
    if letters or "half" in kinds:
        has_day, has_time = letters & set("ymd"), letters & set("hns") or "half" in kinds
        return "datetime" if has_day and has_time else "date" if has_day else "time"
    has_words = any(set(t.text) - _NO_WORDS for t in tokens if t.kind == "literal")
    if has_words or not kinds & {"digit", "general", "text"}:
        return "percent" if "percent" in kinds and not has_words else "other"
    if "percent" in kinds:
        return "percent"
    if "exponent" in kinds:
        return "scientific"
    if "slash" in kinds:
        return "fraction"
    return "number" if "digit" in kinds else "general"
