"""The names of colours that people give cells."""

from __future__ import annotations

import colorsys

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
