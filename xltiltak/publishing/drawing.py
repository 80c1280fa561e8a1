"""Draw charts and symbols as SVG, for the web page, Word and PDF. Lengths are in px.

Charts carry their numbers as text, so that nothing depends on colour alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from math import ceil, cos, floor, pi, sin

from xltiltak.layout import metrics
from xltiltak.model.language import decimal_text
from xltiltak.publishing.document import Chart, Series

QUARTERS = {"○": 0, "◔": 1, "◑": 2, "◕": 3, "●": 4}
"""The symbols that are drawn as circles, with the number of filled quarters."""
DEFAULT_WIDTH = 720  # of a chart
_INK, _GREY, _GRID, _EDGE = "#1F2A37", "#5B6675", "#C9D1DA", "#333333"
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_COLOURS = ("#0B4A8F", "#A33B00", "#5B6675", "#2E7D6B", "#7A4FA3", "#8A6D1F")
_DASHES = ("", "7 4", "2 3", "9 3 2 3")
_MARKERS = (
    '<circle r="4.5"{}/>',
    '<rect x="-4" y="-4" width="8" height="8"{}/>',
    '<path d="M0,-5.5 5.5,0 0,5.5 -5.5,0Z"{}/>',
    '<path d="M0,-5 5,4 -5,4Z"{}/>',
    '<path d="M0,5 5,-4 -5,-4Z"{}/>',
    '<path d="M-5,-1.8H5V1.8H-5Z"{}/>',
)
_FONT_SIZE = 12.0
_LINE_HEIGHT = 15.0
_BAR_HEIGHT = 26.0
_BAR_GAP = 8.0
_HATCH = 7.0  # between the lines of what is not answered
_KEY_SIZE = 12.0  # of the squares of a legend
_BOLD = 1.07  # how much wider bold text is
_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Plot:
    """The area of a line chart: its edges, the values at bottom and top, the x of each category."""

    left: float
    right: float
    top: float
    bottom: float
    low: Decimal
    high: Decimal
    at: tuple[float, ...]

    def y(self, value: Decimal) -> float:
        """Return the y of a value."""
        share = float((value - self.low) / (self.high - self.low))
        return self.bottom - share * (self.bottom - self.top)


def draw_chart(chart: Chart, language: str, width: int = DEFAULT_WIDTH) -> str:
    """Return a chart as an SVG element; its numbers are written as in `language`."""
    if chart.kind == "lines":
        parts, height = _line_chart(chart, language, float(width))
    else:
        parts, height = _share_chart(chart, language, float(width))
    description = f"<title>{_text(chart.title)}</title><desc>{_text(chart.description)}</desc>"
    content = f'<g font-family="{_FONT}" font-size="{_FONT_SIZE:g}">{"".join(parts)}</g>'
    return _svg(width, ceil(height), content, description)


def symbol(name: str, ink: str, size: float = 12) -> str:
    """Return a circle with filled quarters as an SVG element; empty if not one of `QUARTERS`."""
    if name not in QUARTERS:
        return ""
    quarters, middle, radius = QUARTERS[name], size / 2, size / 2 - 1
    fill = ink if quarters == 4 else "none"
    shape = f'<circle cx="{middle:g}" cy="{middle:g}" r="{radius:g}" fill="{fill}" stroke="{ink}"/>'
    if 0 < quarters < 4:
        angle = quarters * pi / 2
        x, y = middle + radius * sin(angle), middle - radius * cos(angle)
        arc = f"A{radius:g},{radius:g} 0 {int(quarters > 2)} 1 {x:.2f},{y:.2f}"
        shape += f'<path d="M{middle:g},{middle:g} V{middle - radius:g} {arc} Z" fill="{ink}"/>'
    return _svg(size, size, shape)


def arrow(direction: str, ink: str, size: float = 12) -> str:
    """Return a triangle ("up", "down") or a bar (any other direction) as an SVG element."""
    triangles = {"up": "6,1.5 11,10.5 1,10.5", "down": "6,10.5 11,1.5 1,1.5"}
    points = triangles.get(direction, "1,4.5 11,4.5 11,7.5 1,7.5")
    return _svg(size, size, f'<polygon points="{points}" fill="{ink}"/>', box=12)


def _line_chart(chart: Chart, language: str, width: float) -> tuple[list[str], float]:
    """Draw a line for each series, with its name at the end instead of a legend.

    Return the elements and the height of the chart.
    """
    endings = [_ending(series, language) for series in chart.series]
    longest = max(map(_text_width, endings), default=0)
    room = min(width * 0.38, longest + 2) + 22
    names = [list(metrics.wrap_to_width(ending, room - 22, _FONT_SIZE)) for ending in endings]
    height = max(180.0, sum(_name_height(lines) for lines in names) + 20)
    plot = _plot(chart, width - room, height)
    parts = [*_grid(plot, chart.categories)]
    for n, series in enumerate(chart.series):
        parts.extend(_line(plot, series, n))
    parts.extend(_line_names(plot, chart.series, names))
    return parts, height + _LINE_HEIGHT + 12


def _ending(series: Series, language: str) -> str:
    """Return the name of a series with its last value, if it has one."""
    value = _last_value(series)
    return series.name if value is None else f"{series.name} {decimal_text(value, language)}"


def _last_value(series: Series) -> Decimal | None:
    return next((value for value in reversed(series.values) if value is not None), None)


def _name_height(lines: Sequence[str]) -> float:
    return len(lines) * _LINE_HEIGHT + 3


def _plot(chart: Chart, right: float, bottom: float) -> Plot:
    values = [value for series in chart.series for value in series.values if value is not None]
    values = values or [Decimal(0)]
    low, high = chart.axis_range or (Decimal(floor(min(values))), Decimal(ceil(max(values))))
    left, count = 34.0, len(chart.categories)
    step = (right - left - 64) / max(1, count - 1)
    at = tuple(left + 32 + step * n for n in range(count)) if count > 1 else ((left + right) / 2,)
    return Plot(left, right, 10.0, bottom, low, high if high > low else low + 1, at)


def _grid(plot: Plot, categories: Sequence[str]) -> Iterator[str]:
    """Draw lines at whole numbers, at most about ten, and the categories below."""
    low, high = floor(plot.low), ceil(plot.high)
    for value in range(low, high + 1, max(1, (high - low) // 10)):
        y = plot.y(Decimal(value))
        yield f'<path d="M{plot.left:g},{y:.1f} H{plot.right:g}" stroke="{_GRID}"/>'
        yield _label(plot.left - 8, y + 4, str(value), anchor="end", ink=_GREY)
    for x, name in zip(plot.at, categories, strict=True):
        yield _label(x, plot.bottom + _LINE_HEIGHT + 4, name, anchor="middle")


def _line(plot: Plot, series: Series, n: int) -> Iterator[str]:
    """Draw a line and its markers, with a gap where nobody answered."""
    ink = _colour(series, n)
    dash = _DASHES[n // len(_COLOURS) % len(_DASHES)]
    path, command = "", "M"
    points: list[tuple[float, float]] = []
    for x, value in zip(plot.at, series.values, strict=True):
        if value is None:
            command = "M"
            continue
        points.append((x, plot.y(value)))
        path += f"{command}{x:.1f},{plot.y(value):.1f} "
        command = "L"
    if path:
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        look = f'fill="none" stroke="{ink}" stroke-width="2"{dashed}'
        yield f'<path d="{path.strip()}" {look}/>'
    for x, y in points:
        yield _marker(x, y, ink, n)


def _marker(x: float, y: float, ink: str, n: int) -> str:
    """Draw the marker of a series: filled shapes for the first six, hollow for the next six."""
    fill = ink if n // len(_MARKERS) % 2 == 0 else "#FFFFFF"
    look = f' fill="{fill}" stroke="{ink}" stroke-width="1.5"'
    shape = _MARKERS[n % len(_MARKERS)].format(look)
    return f'<g transform="translate({x:.1f} {y:.1f})">{shape}</g>'


def _line_names(plot: Plot, series: Sequence[Series], names: Sequence[list[str]]) -> Iterator[str]:
    """Write the name of each line as near to its end as the other names allow."""
    last = [plot.low if (value := _last_value(one)) is None else value for one in series]
    order = sorted(range(len(series)), key=lambda n: (-last[n], n))
    heights = [_name_height(lines) for lines in names]
    tops: list[float] = []
    for place, n in enumerate(order):
        preferred = plot.y(last[n]) - heights[n] / 2
        room_below = plot.bottom + 10 - sum(heights[m] for m in order[place:])
        end_of_previous = tops[-1] + heights[order[place - 1]] if tops else 0.0
        tops.append(max(end_of_previous, min(preferred, room_below)))
    for n, top in zip(order, tops, strict=True):
        yield _marker(plot.right + 12, top + _LINE_HEIGHT / 2 + 1, _colour(series[n], n), n)
        for k, line in enumerate(names[n]):
            yield _label(plot.right + 22, top + 12 + k * _LINE_HEIGHT, line)


def _share_chart(chart: Chart, language: str, width: float) -> tuple[list[str], float]:
    """Draw a stacked bar for each category, with the number in each part.

    Return the elements and the height of the chart.
    """
    longest = max(map(_text_width, chart.categories), default=0)
    room = min(width * 0.35, longest + 2)
    top, parts = 1.0, []
    for n, name in enumerate(chart.categories):
        lines = list(metrics.wrap_to_width(name, room, _FONT_SIZE))
        height = max(_BAR_HEIGHT, len(lines) * _LINE_HEIGHT + 4)
        first = top + height / 2 + 4 - (len(lines) - 1) * _LINE_HEIGHT / 2
        for k, line in enumerate(lines):
            parts.append(_label(room, first + k * _LINE_HEIGHT, line, anchor="end"))
        parts += _bar(chart.series, n, (room + 10, top, width - room - 11, height), language)
        top += height + _BAR_GAP
    if chart.legend_above:
        return parts, top - _BAR_GAP + 2
    key, height = _key(chart.series, room + 10, top + 4, width)
    return [*parts, *key], height


def _bar(
    series: Sequence[Series], n: int, box: tuple[float, float, float, float], language: str
) -> Iterator[str]:
    """Draw the bar of category `n` in its box (left, top, width, height)."""
    left, top, width, height = box
    total = sum((one.values[n] or Decimal(0) for one in series), Decimal(0))
    if not total:
        look = f'stroke="{_GRID}" stroke-dasharray="2 4"'
        yield f'<path d="M{left:g},{top + height / 2:g} h{width:.1f}" {look}/>'
    for k, one in enumerate(series):
        if value := one.values[n]:
            part = float(value / total) * width
            place = f'x="{left:.1f}" y="{top:.1f}" width="{part:.1f}" height="{height:g}"'
            edge = f'"{_GREY}" stroke-dasharray="3 2"' if one.hatched else f'"{_EDGE}"'
            yield f'<rect {place} fill="{_colour(one, k)}" stroke={edge}/>'
            if one.hatched:
                yield _hatching(left, top, part, height)
            number = decimal_text(value, language)
            fitting = (
                text
                for text in (f"{one.name}: {number}", number)
                if _text_width(text) * _BOLD <= part - 6
            )
            x, y, text = left + part / 2, top + height / 2 + 4, next(fitting, "")
            yield _label(x, y, text, anchor="middle", ink=_ink_on(one), bold=True)
            left += part


def _hatching(left: float, top: float, width: float, height: float) -> str:
    """Draw diagonal lines in a part of a bar."""
    lines = []
    for k in range(1, int((width + height) / _HATCH) + 1):
        x = k * _HATCH  # each line goes from (0, x) up to (x, 0)
        start, end = max(0.0, x - height), min(x, width)
        if start < end:
            lines.append(f"M{left + start:.1f},{top + x - start:.1f}")
            lines.append(f"L{left + end:.1f},{top + x - end:.1f}")
    return f'<path d="{"".join(lines)}" stroke="{_GRID}" fill="none"/>'


def _key(
    series: Sequence[Series], left: float, top: float, width: float
) -> tuple[list[str], float]:
    """Draw the legend in as many rows as it needs. Return its elements and its lower edge."""
    parts, x = [], left
    for k, one in enumerate(series):
        room = _KEY_SIZE + 6 + _text_width(one.name) + 16
        if x > left and x + room - 16 > width:
            x, top = left, top + _LINE_HEIGHT + 4
        place = f'x="{x:.1f}" y="{top + 1:.1f}" width="{_KEY_SIZE:g}" height="{_KEY_SIZE:g}"'
        parts.append(f'<rect {place} fill="{_colour(one, k)}" stroke="{_EDGE}"/>')
        parts.append(_label(x + _KEY_SIZE + 6, top + 11, one.name))
        x += room
    return parts, top + _LINE_HEIGHT + 3


def _colour(series: Series, n: int) -> str:
    """Return the fill of a series, or one of our colours if it has none."""
    return series.fill or _COLOURS[n % len(_COLOURS)]


def _ink_on(series: Series) -> str:
    """Return the colour of text on a part of a bar; our own colours are dark."""
    return series.ink or ("#000000" if series.fill else "#FFFFFF")


def _text_width(text: str) -> float:
    return metrics.text_width(text, _FONT_SIZE)


def _label(
    x: float, y: float, text: str, *, anchor: str = "start", ink: str = _INK, bold: bool = False
) -> str:
    look = f' text-anchor="{anchor}"' + (' font-weight="bold"' if bold else "")
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{ink}"{look}>{_text(text)}</text>' if text else ""


def _text(text: str) -> str:
    """Return a text as XML."""
    return escape(_NOT_IN_XML.sub("\ufffd", text), quote=False)


def _svg(width: float, height: float, content: str, description: str = "", box: float = 0) -> str:
    """Return a self-contained SVG element. Without a description it is decoration."""
    view = f'viewBox="0 0 {box or width:g} {box or height:g}" width="{width:g}" height="{height:g}"'
    role = 'role="img"' if description else 'aria-hidden="true"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {role} {view}>{description}{content}</svg>'
