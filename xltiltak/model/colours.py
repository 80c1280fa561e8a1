"""Colours: the names of those that people give cells, and the edges around fills."""

from __future__ import annotations

import colorsys
from functools import lru_cache

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


@lru_cache(maxsize=256)
def edge_of(fill: str) -> str:
    """Return the colour of the edge around a fill, both "#RRGGBB"; darker than a pale fill."""
    red, green, blue = (int(fill[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    if lightness <= _LIGHTEST_EDGE:
        return fill.upper()
    parts = colorsys.hls_to_rgb(hue, _LIGHTEST_EDGE, min(saturation, _MOST_SATURATED_EDGE))
    return "#" + "".join(f"{round(part * 255):02X}" for part in parts)
