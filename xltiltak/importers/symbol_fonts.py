"""Signs of the fonts that draw pictures for letters, such as Wingdings, as Unicode.

People tick boxes with them. A document stores the letter or its number; a reader sees the picture.
"""

from __future__ import annotations

_UNKNOWN = ("marlett", "mt extra", "bookshelf symbol 7", "segoe mdl2 assets", "monotype sorts")
_GREEK = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ"  # of the letters A to Z
_GREEK_SMALL = "αβχδεφγηιϕκλμνοπθρστυϖωξψζ"


def _row(first: int, signs: str) -> dict[int, str]:
    """Return the signs by their numbers, which follow each other; a space is an unknown sign."""
    return {number: sign for number, sign in enumerate(signs, first) if sign != " "}


_SIGNS = {
    "wingdings": {
        **_row(0x41, "✌👌👍👎☜☞☝☟ ☺😐☹💣☠"),
        **_row(0x6C, "●❍■□"),
        **_row(0x71, "❑❒⬧⧫◆❖⬥☒"),
        **_row(0x80, "⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿"),
        **_row(0x9E, "·•"),
        **_row(0xA1, "○"),
        **_row(0xA7, "▪☐"),
        **_row(0xAB, "★"),
        **_row(0xD8, "➢"),
        **_row(0xDF, "←→↑↓↖↗↙↘"),
        **_row(0xE8, "➔"),
        **_row(0xEF, "⇦⇨⇧⇩"),
        **_row(0xFB, "✗✓☒☑"),
    },
    "wingdings 2": {
        **_row(0x4F, "✗✓☒☑☒☒"),
        **_row(0x69, "⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿"),
        **_row(0x97, "••"),
        **_row(0xA2, "■☐"),
    },
    "wingdings 3": {**_row(0x66, "←→↑↓↖↗↙↘"), **_row(0x70, "▲▼△▽◄►")},
    "webdings": {0x61: "✓", 0x63: "☐", 0x67: "■", 0x6E: "●", 0x72: "✗"},
    "zapf dingbats": {
        **{number: chr(0x2701 + number - 0x21) for number in range(0x21, 0x7F)},
        0x25: "☎",
        0x2A: "☛",
        0x2B: "☞",
        0x48: "★",
        0x6C: "●",
        0x6E: "■",
        0x73: "▲",
        0x74: "▼",
        0x75: "◆",
        0x77: "◗",
    },
    **{name: dict[int, str]() for name in _UNKNOWN},
    "symbol": {
        **{number: chr(number) for number in range(0x20, 0x40)},
        **_row(0x41, _GREEK),
        **_row(0x61, _GREEK_SMALL),
        **_row(0xA2, "′≤⁄∞"),
        **_row(0xAB, "↔←↑→↓°±″≥×∝∂•÷≠≡≈…"),
        **_row(0xD6, "√"),
        **_row(0xDB, "⇔⇐⇑⇒⇓"),
    },
}
for _name in ("zapfdingbats", "itc zapf dingbats", "dingbats"):
    _SIGNS[_name] = _SIGNS["zapf dingbats"]
_PRIVATE = 0xF000  # where Word keeps the signs of such fonts
TICKS = frozenset("☐☑☒✓✗■□")


def is_symbol_font(font: str) -> bool:
    """Return True if a font, in lower case, draws pictures for letters."""
    return font in _SIGNS


def sign_of(font: str, number: int) -> str:
    """Return the sign that a font in lower case shows for a number; "" if it is not known."""
    return _SIGNS.get(font, {}).get(number - _PRIVATE if number >= _PRIVATE else number, "")
