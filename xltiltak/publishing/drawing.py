"""Charts and symbols as SVG, for the web page as for print. Charts carry their numbers; no colour speaks alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from html import escape
from math import ceil, cos, floor, pi, sin
from typing import NamedTuple

from xltiltak.layout import metrics
from xltiltak.model.language import decimal_text
from xltiltak.publishing.document import Chart, Series

QUARTERS = {"○": 0, "◔": 1, "◑": 2, "◕": 3, "●": 4}
"""How many quarters of a symbol are full."""
INK, GREY, LINE, EDGE = "#1F2A37", "#5B6675", "#C9D1DA", "#333333"
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
WIDTH = 720  # px, where nobody asks for another
_COLOURS = ("#0B4A8F", "#A33B00", "#5B6675", "#2E7D6B", "#7A4FA3", "#8A6D1F")
_DASHES = ("", "7 4", "2 3", "9 3 2 3")
_SIZE, _LINE, _BAR, _GAP, _KEY = (
    12.0,
    15.0,
    26.0,
    8.0,
    12.0,
)  # px: letters, their lines, bars, air, a legend's square
_UNPRINTABLE = re.compile(
    "[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)  # XML has no place for them


class Plot(NamedTuple):
    """Where lines are drawn: its edges in px, the values at its foot and head, and the x of each category."""

    left: float
    right: float
    top: float
    bottom: float
    low: Decimal
    high: Decimal
    at: tuple[float, ...]

    def y(self, value: Decimal) -> float:
        """How far down a value stands."""
        return self.bottom - float((value - self.low) / (self.high - self.low)) * (
            self.bottom - self.top
        )


def draw(chart: Chart, language: str, width: int = WIDTH) -> str:
    """A chart as an SVG element so many px wide, its numbers written as in the language."""
    parts, height = (_lines if chart.kind == "lines" else _shares)(chart, language, float(width))
    told = f"<title>{_text(chart.title)}</title><desc>{_text(chart.description)}</desc>"
    return _svg(
        width,
        ceil(height),
        f'<g font-family="{FONT}" font-size="{_SIZE:g}">{"".join(parts)}</g>',
        told,
    )


def symbol(name: str, ink: str, size: float = 12) -> str:
    """A circle, a quarter to wholly full, as an SVG element; empty for a symbol that is not one of `QUARTERS`."""
    if name not in QUARTERS:
        return ""
    full, middle, radius = QUARTERS[name], size / 2, size / 2 - 1
    ring = f'<circle cx="{middle:g}" cy="{middle:g}" r="{radius:g}" fill="{ink if full == 4 else "none"}" stroke="{ink}"/>'
    return _svg(size, size, ring + (_slice(middle, radius, full, ink) if 0 < full < 4 else ""))


def arrow(direction: str, ink: str, size: float = 12) -> str:
    """A triangle up or down, or a bar for what stays the same, as an SVG element."""
    points = {"up": "6,1.5 11,10.5 1,10.5", "down": "6,10.5 11,1.5 1,1.5"}.get(
        direction, "1,4.5 11,4.5 11,7.5 1,7.5"
    )
    return _svg(size, size, f'<polygon points="{points}" fill="{ink}"/>', box=12)


def _slice(middle: float, radius: float, quarters: int, ink: str) -> str:
    angle = quarters * pi / 2
    x, y = middle + radius * sin(angle), middle - radius * cos(angle)
    arc = f"A{radius:g},{radius:g} 0 {int(quarters > 2)} 1 {x:.2f},{y:.2f}"
    return f'<path d="M{middle:g},{middle:g} V{middle - radius:g} {arc} Z" fill="{ink}"/>'


def _lines(chart: Chart, language: str, width: float) -> tuple[list[str], float]:
    """A line for each series, named at its end, so that no legend has to be looked up."""
    room = (
        min(width * 0.38, max((_wide(_ending(s, language)) for s in chart.series), default=0) + 2)
        + 22
    )
    names = [
        list(metrics.wrap_to_width(_ending(series, language), room - 22, _SIZE))
        for series in chart.series
    ]
    height = max(180.0, sum(len(lines) * _LINE + 3 for lines in names) + 20)
    plot = _plot(chart, width - room, height)
    parts = [*_grid(plot, chart.categories)]
    for n, series in enumerate(chart.series):
        parts.extend(_line(plot, series, n))
    return [*parts, *_endings(plot, chart.series, names)], height + _LINE + 12


def _plot(chart: Chart, right: float, bottom: float) -> Plot:
    values = [value for series in chart.series for value in series.values if value is not None] or [
        Decimal(0)
    ]
    low, high = chart.reach or (Decimal(floor(min(values))), Decimal(ceil(max(values))))
    left, count = 34.0, len(chart.categories)
    step = (right - left - 64) / max(1, count - 1)
    at = tuple(left + 32 + step * n for n in range(count)) if count > 1 else ((left + right) / 2,)
    return Plot(left, right, 10.0, bottom, low, high if high > low else low + 1, at)


def _grid(plot: Plot, categories: Sequence[str]) -> Iterator[str]:
    """Lines across at whole numbers, at most about ten of them, and the categories below."""
    low, high = floor(plot.low), ceil(plot.high)
    for value in range(low, high + 1, max(1, (high - low) // 10)):
        y = plot.y(Decimal(value))
        yield f'<path d="M{plot.left:g},{y:.1f} H{plot.right:g}" stroke="{LINE}"/>'
        yield _label(plot.left - 8, y + 4, str(value), anchor="end", ink=GREY)
    for x, name in zip(plot.at, categories, strict=True):
        yield _label(x, plot.bottom + _LINE + 4, name, anchor="middle")


def _line(plot: Plot, series: Series, n: int) -> Iterator[str]:
    """One line and its markers; it is broken where nobody answered."""
    points = [
        None if v is None else (x, plot.y(v)) for x, v in zip(plot.at, series.values, strict=True)
    ]
    ink, dash = (
        series.fill or _COLOURS[n % len(_COLOURS)],
        _DASHES[n // len(_COLOURS) % len(_DASHES)],
    )
    path, pen = "", "M"
    for point in points:
        path, pen = (path + f"{pen}{point[0]:.1f},{point[1]:.1f} ", "L") if point else (path, "M")
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    yield (
        f'<path d="{path.strip()}" fill="none" stroke="{ink}" stroke-width="2"{dashed}/>'
        if path
        else ""
    )
    for point in filter(None, points):
        yield _marker(*point, ink, n)


def _marker(x: float, y: float, ink: str, n: int) -> str:
    """A shape for each of six series in turn, hollow for the next six."""
    shapes = (
        '<circle r="4.5"{}/>', '<rect x="-4" y="-4" width="8" height="8"{}/>',
        '<path d="M0,-5.5 5.5,0 0,5.5 -5.5,0Z"{}/>', '<path d="M0,-5 5,4 -5,4Z"{}/>', '<path d="M0,5 5,-4 -5,-4Z"{}/>',
        '<path d="M-5,-1.8H5V1.8H-5Z"{}/>',
    )  # fmt: skip
    fill = ink if n // len(shapes) % 2 == 0 else "#FFFFFF"
    shape = shapes[n % len(shapes)].format(f' fill="{fill}" stroke="{ink}" stroke-width="1.5"')
    return f'<g transform="translate({x:.1f} {y:.1f})">{shape}</g>'


def _endings(plot: Plot, series: Sequence[Series], names: Sequence[list[str]]) -> Iterator[str]:
    """The name of each line with its last value, as near its end as the others leave room."""
    last = [next((v for v in reversed(s.values) if v is not None), plot.low) for s in series]
    order = sorted(range(len(series)), key=lambda n: (-last[n], n))
    tall = {n: len(names[n]) * _LINE + 3 for n in order}
    tops: list[float] = []
    for place, n in enumerate(
        order
    ):  # none above the one before, and room left for those that follow
        wish, below = plot.y(last[n]) - tall[n] / 2, sum(tall[m] for m in order[place:])
        free = tops[-1] + tall[order[place - 1]] if tops else 0.0
        tops.append(max(free, min(wish, plot.bottom + 10 - below)))
    for n, top in zip(order, tops, strict=True):
        yield _marker(
            plot.right + 12, top + _LINE / 2 + 1, series[n].fill or _COLOURS[n % len(_COLOURS)], n
        )
        for down, line in enumerate(names[n]):
            yield _label(plot.right + 22, top + 12 + down * _LINE, line)


def _ending(series: Series, language: str) -> str:
    value = next((v for v in reversed(series.values) if v is not None), None)
    return series.name if value is None else f"{series.name} {decimal_text(value, language)}"


def _shares(chart: Chart, language: str, width: float) -> tuple[list[str], float]:
    """A bar for each category, its parts as wide as their share, with the number in each."""
    room = min(width * 0.35, max((_wide(name) for name in chart.categories), default=0) + 2)
    top, parts = 1.0, []
    for n, name in enumerate(chart.categories):
        lines = list(metrics.wrap_to_width(name, room, _SIZE))
        tall = max(_BAR, len(lines) * _LINE + 4)
        first = top + tall / 2 + 4 - (len(lines) - 1) * _LINE / 2
        parts += [
            _label(room, first + k * _LINE, line, anchor="end") for k, line in enumerate(lines)
        ]
        parts += _bar(chart.series, n, (room + 10, top, width - room - 11, tall), language)
        top += tall + _GAP
    if chart.keyed:
        return parts, top - _GAP + 2
    key, height = _key(chart.series, room + 10, top + 4, width)
    return [*parts, *key], height


def _bar(
    series: Sequence[Series], n: int, box: tuple[float, float, float, float], language: str
) -> Iterator[str]:
    """One bar in its box (left, top, width, height)."""
    left, top, width, tall = box
    total = sum((s.values[n] or Decimal(0) for s in series), Decimal(0))
    if not total:
        yield f'<path d="M{left:g},{top + tall / 2:g} h{width:.1f}" stroke="{LINE}" stroke-dasharray="2 4"/>'
    for k, part in enumerate(series):
        if value := part.values[n]:
            wide, fill = float(value / total) * width, part.fill or _COLOURS[k % len(_COLOURS)]
            place = f'x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{tall:g}"'
            yield f'<rect {place} fill="{fill}" stroke="{EDGE}"/>'
            number = decimal_text(value, language)
            fits = next(
                (t for t in (f"{part.name}: {number}", number) if _wide(t) * 1.07 <= wide - 6), ""
            )
            yield _label(
                left + wide / 2, top + tall / 2 + 4, fits, anchor="middle", ink=_on(part), bold=True
            )
            left += wide


def _key(
    series: Sequence[Series], left: float, top: float, width: float
) -> tuple[list[str], float]:
    """What each colour stands for, in as many rows as it takes, and where it ends."""
    parts, x = [], left
    for k, part in enumerate(series):
        wide = _KEY + 6 + _wide(part.name) + 16
        if x > left and x + wide - 16 > width:
            x, top = left, top + _LINE + 4
        square = f'x="{x:.1f}" y="{top + 1:.1f}" width="{_KEY:g}" height="{_KEY:g}"'
        parts.append(
            f'<rect {square} fill="{part.fill or _COLOURS[k % len(_COLOURS)]}" stroke="{EDGE}"/>'
        )
        parts.append(_label(x + _KEY + 6, top + 11, part.name))
        x += wide
    return parts, top + _LINE + 3


def _on(part: Series) -> str:
    """The colour of letters on a part of a bar: our own colours are dark."""
    return part.ink or ("#000000" if part.fill else "#FFFFFF")


def _wide(text: str) -> float:
    return metrics.text_width(text, _SIZE)


def _label(
    x: float, y: float, text: str, *, anchor: str = "start", ink: str = INK, bold: bool = False
) -> str:
    look = f' text-anchor="{anchor}"' + (' font-weight="bold"' if bold else "")
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{ink}"{look}>{_text(text)}</text>' if text else ""


def _text(text: str) -> str:
    return escape(_UNPRINTABLE.sub("\ufffd", text), quote=False)


def _svg(width: float, height: float, drawn: str, told: str = "", box: float = 0) -> str:
    """An element that needs nothing from outside; without a title it is decoration."""
    view = f'viewBox="0 0 {box or width:g} {box or height:g}" width="{width:g}" height="{height:g}"'
    role = 'role="img"' if told else 'aria-hidden="true"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {role} {view}>{told}{drawn}</svg>'
