"""The names of colours of cells and steps, readable ink on a fill, and the edge around it."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Sequence
from functools import cache

from xltiltak.model.language import LANGUAGES, translate

LEAST_CONTRAST = 4.5  # of text against its background (WCAG 2.2, 1.4.3)
DARK, BLACK, WHITE = "#1B2430", "#000000", "#FFFFFF"
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_FILLS = {  # of the named colours; one of black and white is readable on each
    "red": "#C00000",
    "orange": "#F2A654",
    "yellow": "#FFD966",
    "green": "#2E7D32",
    "blue": "#1F5FA8",
    "purple": "#6A3D9A",
    "pink": "#F4B6C2",
    "brown": "#7B4A1E",
    "grey": "#D0D4D9",
    "black": BLACK,
    "white": WHITE,
}

_RAMP = ("#FBE0CC", "#E9BC82", "#79AAA3", "#32709F", "#0C3464")  # lightness falls from 1 to 5
_NEUTRAL = "#E4E8EC"
_HUES = (  # the end of each range of hues, in degrees
    (15, "red"),
    (42, "orange"),
    (70, "yellow"),
    (170, "green"),
    (255, "blue"),
    (290, "purple"),
    (345, "pink"),
    (360, "red"),
)
_WITHOUT_HUE = ("grey", "black", "other")
_MOST_HUE_AWAY, _LEAST_HUE_BETWEEN = 40, 10  # degrees
_GREYEST, _DARKEST = 0.12, 0.15  # saturation of grey, lightness of black
_LIGHTEST_EDGE, _MOST_SATURATED_EDGE = 0.415, 0.4
_LEAST_LIGHTNESS_OF_ORANGE = 0.4  # a darker one is brown
COLOUR_NAMES = (*dict.fromkeys(name for _, name in _HUES), "brown", "grey", "black", "other")


def colour_name(fill: str) -> str:
    """Return the key of a colour's name; "other" for one that only the program knows."""
    try:
        red, green, blue = (int(fill[at : at + 2], 16) / 255 for at in (0, 2, 4))
    except ValueError:
        return "other"
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    if lightness < _DARKEST:
        return "black"
    if saturation < _GREYEST:
        return "grey"
    name = next(name for end, name in _HUES if hue * 360 <= end)
    return "brown" if name == "orange" and lightness < _LEAST_LIGHTNESS_OF_ORANGE else name


def most_alike(fill: str, fills: Sequence[str]) -> str:
    """Return the one of `fills` that is the same colour to people as `fill`; "" if none is.

    All are "RRGGBB". It has the same name, or the nearest hue, and no other one nearly so.
    """
    name = colour_name(fill)
    same = {other for other in fills if other and (other == fill or colour_name(other) == name)}
    if fill in same or len(same) == 1:
        return fill if fill in same else same.pop()
    if name in _WITHOUT_HUE:
        return ""
    others = {other for other in fills if other and colour_name(other) not in _WITHOUT_HUE}
    away = sorted((_hue_distance(fill, other), other) for other in others)
    if not away or away[0][0] > _MOST_HUE_AWAY:
        return ""
    is_clear = len(away) == 1 or away[1][0] >= away[0][0] + _LEAST_HUE_BETWEEN
    return away[0][1] if is_clear else ""


def fills_of_steps(counts: Sequence[bool]) -> list[str]:
    """Return the fills of a scale that has none: lighter to darker, as grey print keeps the order.

    `counts` says of each step whether it is part of the order; the others are grey. A scale with
    more steps than there are fills stays white.
    """
    last = sum(counts) - 1
    if last >= len(_RAMP):
        return [""] * len(counts)
    ramp = iter(_RAMP[round(n * (len(_RAMP) - 1) / max(1, last))] for n in range(last + 1))
    return [next(ramp) if is_counted else _NEUTRAL for is_counted in counts]


def _hue_distance(first: str, second: str) -> float:
    """Return how far apart two hues are, in degrees of the circle of hues."""
    hues = [
        colorsys.rgb_to_hls(*(int(fill[at : at + 2], 16) / 255 for at in (0, 2, 4)))[0] * 360
        for fill in (first, second)
    ]
    apart = abs(hues[0] - hues[1])
    return min(apart, 360 - apart)


@cache
def edge_of(fill: str) -> str:
    """Return the colour of the edge around a fill, both "#RRGGBB"; darker than a pale fill."""
    red, green, blue = (int(fill[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    if lightness <= _LIGHTEST_EDGE:
        return fill.upper()
    parts = colorsys.hls_to_rgb(hue, _LIGHTEST_EDGE, min(saturation, _MOST_SATURATED_EDGE))
    return "#" + "".join(f"{round(part * 255):02X}" for part in parts)


def is_colour(text: str) -> bool:
    """Return True for a colour as #RRGGBB."""
    return bool(_COLOUR.fullmatch(text))


def named_colour(text: str) -> str:
    """Return the colour of a name in any language as #RRGGBB; another text unchanged."""
    return _named_fills().get(text.strip().casefold(), text)


@cache
def _named_fills() -> dict[str, str]:
    """Return the named colours by their names in all languages."""
    return {
        translate(f"colour.{key}", language): fill
        for language in LANGUAGES
        for key, fill in _FILLS.items()
    }


def ink_on(fill: str) -> str:
    """Return the dark of our own texts, white or black: the first that is easy to read on a fill.

    Black or white is, on every fill.
    """
    readable = (ink for ink in (DARK, WHITE) if contrast(ink, fill) >= LEAST_CONTRAST)
    return next(readable, BLACK)


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0 to 1 (WCAG 2.2)."""
    channels = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
