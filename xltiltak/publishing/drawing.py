"""Draw charts, bars and symbols as SVG, for the web page, Word and PDF. Lengths are in px.

Drawings carry their numbers as text, so that nothing depends on colour alone. The web page lays out
its own bars, which follow the width of the screen, and has the places of their labels from here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from html import escape
from itertools import accumulate
from itertools import count as count_from
from math import ceil, cos, floor, pi, sin

from xltiltak.layout import metrics
from xltiltak.model.colours import edge_of
from xltiltak.model.language import decimal_text, grouped_number, quantity_text
from xltiltak.publishing.document import Bar, BarPart, Bars, Chart, History, Series, StepLabel

QUARTERS = {"○": 0, "◔": 1, "◑": 2, "◕": 3, "●": 4}
"""The symbols that are drawn as circles, with the number of filled quarters."""
DEFAULT_WIDTH = 720  # of a chart
HISTORY_SIZE = (150.0, 44.0)  # width and height of the line of a history
UNANSWERED_EDGE = "#6B7682"
_INK, _GREY, _GRID = "#1B2430", "#4A5560", "#C9D1DA"
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_COLOURS = ("#4A5560", "#32709F", "#8A5F22", "#3F6F68", "#7A4FA3", "#A3260F", "#0C3464")
_DASHES = ("", "7 4", "2 3", "9 3 2 3")
_TOTAL_INK = "#000000"
_FONT_SIZE = 12.0
_SMALL = 10.0  # size of the numbers in a thin bar
_LINE_HEIGHT = 15.0
_MOST_TICKS = 10  # steps of an axis
_HATCH = 7.0  # between the lines of what is not answered
_BOLD = 1.07  # how much wider bold text is
_LEAST_PART = 11.0  # width of the narrowest part of a bar: one digit fits
_LINE_INSIDE, _LINE_GAP = 5.0, 2.0  # of the line from a word to its part: into it, and to words
_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Plot:
    """The area of a line chart: its edges, the values of its lines, the x of each category."""

    left: float
    right: float
    top: float
    bottom: float
    ticks: tuple[Decimal, ...]
    at: tuple[float, ...]

    def y(self, value: Decimal) -> float:
        """Return the y of a value."""
        low, high = self.ticks[0], self.ticks[-1]
        share = float((value - low) / (high - low))
        return self.bottom - share * (self.bottom - self.top)


def draw_chart(chart: Chart, language: str, width: int = DEFAULT_WIDTH) -> str:
    """Return a line chart as an SVG element; its numbers are written as in `language`."""
    parts, height = _line_chart(chart, language, float(width))
    description = f"<title>{_text(chart.title)}</title><desc>{_text(chart.description)}</desc>"
    return _svg(width, ceil(height), _group(parts), description)


@dataclass(frozen=True, slots=True)
class BarSizes:
    """The heights of the bars of a drawing, the gap between them, and the size of the numbers."""

    now: float
    before: float
    gap: float
    points: float


LARGE, MEDIUM, SMALL, TINY = (
    BarSizes(44, 20, 6, 16),
    BarSizes(30, 15, 4, 13),
    BarSizes(20, 12, 2, 11),
    BarSizes(14, 9, 1, 10),
)


def draw_bars(bars: Bars, width: float, sizes: BarSizes) -> str:
    """Return bars as an SVG element: the date of each if they have labels, and above all words."""
    has_dates = bars.labels != ""
    room = 84.0 if has_dates else 0.0
    parts, top = list[str](), 1.0
    if bars.labels == "words":
        placed = place_labels(bars.bars[0], width - room)
        rows = 1 + max((label.row for label in placed), default=0)
        top += rows * _LINE_HEIGHT + 3
        parts += _word_labels(placed, room, top)
    for n, bar in enumerate(bars.bars):
        height = sizes.before if n else sizes.now
        points = min(sizes.points, _SMALL) if n else sizes.points
        if has_dates:
            ink = _GREY if n else _INK
            middle = top + height / 2 + 4
            parts.append(_label(room - 8, middle, bar.label, anchor="end", ink=ink, bold=n == 0))
        parts += _bar(bar, (room, top, width - room - 1, height), points)
        top += height + sizes.gap
    description = f"<title>{_text(bars.text)}</title>"
    return _svg(width, ceil(top - sizes.gap + 1), _group(parts), description)


def part_widths(bar: Bar, width: float) -> list[float]:
    """Return the widths of the parts of a bar: by their counts, but none too narrow for a digit."""
    least = min(_LEAST_PART, width / max(1, len(bar.parts)))
    counts = [part.count for part in bar.parts]
    wide = [max(least, width * count / (sum(counts) or 1)) for count in counts]
    spare, extra = sum(wide) - width, sum(w - least for w in wide)
    return [w - spare * (w - least) / extra if extra else w for w in wide]


@dataclass(frozen=True, slots=True)
class PlacedLabel:
    """The word of a step above its part of a bar: its left edge, its width, and its row upwards.

    `part` is the left edge of the part. A label that is not right above it has a line to `point`.
    """

    step: StepLabel
    left: float
    width: float
    row: int
    part: float

    @property
    def point(self) -> float:
        """Return the place of the line, a little inside the part."""
        return self.part + _LINE_INSIDE

    @property
    def has_line(self) -> bool:
        """Return True if the label is in a higher row or to the left of its part."""
        return self.row > 0 or self.left < self.part


def place_labels(bar: Bar, width: float, points: float = _FONT_SIZE) -> list[PlacedLabel]:
    """Return where the words of the steps stand above a bar, in the order of the parts.

    No two overlap, and no line crosses a word, unless the bar is too narrow for the words. A label
    begins at its part, and those to the left of it are above it. Where it would leave the bar, or
    cover the line of such a one, it ends before the next part, and is above those to its left.
    """
    starts = [0.0, *accumulate(part_widths(bar, width))]
    labels = [
        PlacedLabel(part.step, start, _label_room(part.step, points), 0, start)
        for part, start in zip(bar.parts, starts, strict=False)
    ]
    moved = len(labels)  # the number of the first one that ends before the next part
    edge = width
    while any(label.left + label.width > edge for label in labels[:moved]):
        moved -= 1
        label = labels[moved]
        labels[moved] = replace(label, left=max(0.0, min(label.part, edge - label.width)))
        edge = labels[moved].point - _LINE_GAP
    placed: dict[int, PlacedLabel] = {}
    for n in (*reversed(range(moved)), *range(moved, len(labels))):
        placed[n] = replace(labels[n], row=_row_above(labels[n], placed.values()))
    return [placed[n] for n in range(len(labels))]


def _label_room(step: StepLabel, points: float) -> float:
    """Return the width of the word of a step, with the air beside it."""
    return metrics.text_width(bar_word(step), points) * _BOLD + 8


def _row_above(label: PlacedLabel, placed: Iterable[PlacedLabel]) -> int:
    """Return the lowest row that is above all labels that the label would overlap."""
    right = label.left + label.width
    below = (o.row for o in placed if o.left < right and label.left < o.left + o.width)
    return 1 + max(below, default=-1)


def bar_word(step: StepLabel) -> str:
    """Return number and word of a step as they stand beside a bar."""
    return step.word if step.missing else f"{step.value} {step.word}".strip()


def _word_labels(placed: Sequence[PlacedLabel], room: float, bottom: float) -> Iterator[str]:
    """Write the word of each step above the bar, with a line to its part if it is displaced."""
    for label in placed:
        x, y = room + label.left, bottom - 6 - label.row * _LINE_HEIGHT
        if label.has_line:
            line = f"M{room + label.point:.1f},{y + 3:.1f} V{bottom - 1:.1f}"
            yield f'<path d="{line}" stroke="{_GREY}"/>'
        yield _label(x, y, bar_word(label.step))


def shown_step(part: BarPart, width: float, points: float) -> str:
    """Return the number of a step where there is room for it beside the count, else ""."""
    if part.step.missing or not part.step.value:
        return ""
    needed = metrics.text_width(f"{part.step.value}: {part.count}", points) * _BOLD + 8
    return part.step.value if needed <= width else ""


def _bar(bar: Bar, box: tuple[float, float, float, float], points: float) -> Iterator[str]:
    """Draw a bar in its box (left, top, width, height), in each part its step and its count."""
    left, top, width, height = box
    for part, wide in zip(bar.parts, part_widths(bar, width), strict=True):
        step = part.step
        place = f'x="{left + 0.5:.1f}" y="{top:.1f}" width="{wide - 1:.1f}" height="{height:g}"'
        fill, ink = step.fill or "#FFFFFF", step.ink or _INK
        edge = (
            f'"{UNANSWERED_EDGE}" stroke-dasharray="3 2"' if step.missing else f'"{edge_of(fill)}"'
        )
        yield f'<rect {place} rx="1" fill="{fill}" stroke={edge}/>'
        if step.missing:
            yield from _hatching(left + 0.5, top, wide - 1, height)
        beside = shown_step(part, wide, points)
        text = f"{beside}: {part.count}" if beside else str(part.count)
        y = top + height / 2 + points * 0.36
        yield _label(left + wide / 2, y, text, anchor="middle", ink=ink, bold=True, size=points)
        left += wide


def draw_history(history: History) -> str:
    """Return the steps at more than a few dates as a line with a number in each point."""
    width, height = HISTORY_SIZE
    count, top = len(history.steps), max(history.top, 1)
    across = (width - 18) / max(1, count - 1)
    points = [
        (9 + across * n, height - 9 - (height - 18) * (level or 0) / top, step, level)
        for n, (step, level) in enumerate(zip(history.steps, history.levels, strict=True))
    ]
    parts = [
        f'<path d="M0,{y:.1f} H{width:g}" stroke="#E4E8EC"/>'
        for y in (height - 9 - (height - 18) * n / top for n in range(top + 1))
    ]
    line = [f"{x:.1f},{y:.1f}" for x, y, _, level in points if level is not None]
    if len(line) > 1:
        parts.append(
            f'<path d="M{" L".join(line)}" fill="none" stroke="{_GREY}" stroke-width="1.5"/>'
        )
    radius = min(7.5, across / 2 - 0.3) if count > 1 else 7.5
    for x, y, step, _ in points:
        parts += _point(x, y, step, radius)
    return _svg(width, height, _group(parts), f"<title>{_text(history.text)}</title>")


def _point(x: float, y: float, step: StepLabel, radius: float) -> Iterator[str]:
    """Draw a step of a history as a circle with its number."""
    place = f'cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"'
    if step.missing:
        yield f'<circle {place} fill="#FFFFFF" stroke="{UNANSWERED_EDGE}" stroke-dasharray="2 2"/>'
        return
    fill = step.fill or "#FFFFFF"
    yield f'<circle {place} fill="{fill}" stroke="{edge_of(fill)}"/>'
    size = min(9.0, radius * 1.5)
    ink = step.ink or _INK
    yield _label(x, y + size * 0.36, step.value, anchor="middle", ink=ink, bold=True, size=size)


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
    """Return the sign of a direction as an SVG element: ▲ ▼ ■, ● finished before, ○ unanswered."""
    ring = f'fill="none" stroke="{ink}" stroke-width="1.5"'
    shapes = {
        "up": f'<polygon points="6,1.5 11,10.5 1,10.5" fill="{ink}"/>',
        "down": f'<polygon points="6,10.5 11,1.5 1,1.5" fill="{ink}"/>',
        "finished": f'<circle cx="6" cy="6" r="4" fill="{ink}"/>',
        "unanswered": f'<circle cx="6" cy="6" r="3.5" {ring}/>',
    }
    square = f'<rect x="2" y="2" width="8" height="8" fill="{ink}"/>'
    return _svg(size, size, shapes.get(direction, square), box=12)


def _line_chart(chart: Chart, language: str, width: float) -> tuple[list[str], float]:
    """Draw a line for each series, with its name at the end instead of a legend.

    Return the elements and the height of the chart.
    """
    endings = [_ending(series, chart, language) for series in chart.series]
    sizes = [_FONT_SIZE * (_BOLD if series.total else 1) for series in chart.series]
    longest = max(map(metrics.text_width, endings, sizes), default=0)
    room = min(width * 0.38, longest + 2) + 22
    names = [
        list(metrics.wrap_to_width(ending, room - 22, size))
        for ending, size in zip(endings, sizes, strict=True)
    ]
    height = max(180.0, sum(_name_height(lines) for lines in names) + 20)
    plot = _plot(chart, width - room, height, language)
    parts = [*_grid(plot, chart.categories, language)]
    for n, series in sorted(enumerate(chart.series), key=lambda pair: pair[1].total):
        parts.extend(_line(plot, series, n))
    parts.extend(_line_names(plot, chart.series, names))
    return parts, height + _LINE_HEIGHT + 12


def _ending(series: Series, chart: Chart, language: str) -> str:
    """Return the name of a series with its last value, if it has one, and when it is older."""
    last, unit = _last(series), chart.unit
    if last is None:
        return series.name
    place, value = last
    number = quantity_text(value, unit, language) if unit else decimal_text(value, language)
    is_older = place < len(chart.categories) - 1
    return f"{series.name} {number}" + (f" ({chart.categories[place]})" if is_older else "")


def _last(series: Series) -> tuple[int, Decimal] | None:
    """Return the place and the last value of a series; None if it has none."""
    values = [(n, value) for n, value in enumerate(series.values) if value is not None]
    return values[-1] if values else None


def _name_height(lines: Sequence[str]) -> float:
    return len(lines) * _LINE_HEIGHT + 3


def _plot(chart: Chart, right: float, bottom: float, language: str) -> Plot:
    """Return the area of a chart, whose axis begins and ends at one of its lines."""
    values = [value for series in chart.series for value in series.values if value is not None]
    values = values or [Decimal(0)]
    low, high = chart.axis_range or (min(values), max(values))
    step = _tick_step(low, high)
    low, high = step * floor(low / step), step * ceil(high / step)
    high = high if high > low else low + step
    ticks = tuple(low + step * n for n in range(int((high - low) / step) + 1))
    left = max(34.0, 14 + max(_text_width(grouped_number(tick, language)) for tick in ticks))
    count = len(chart.categories)
    across = (right - left - 40) / max(1, count - 1)
    at = tuple(left + 32 + across * n for n in range(count)) if count > 1 else ((left + right) / 2,)
    return Plot(left, right, 10.0, bottom, ticks, at)


def _tick_step(low: Decimal, high: Decimal) -> Decimal:
    """Return the distance of the lines of an axis, at most about ten: 1, 2, 5, 10, 20, 50 …"""
    decades = (Decimal(10) ** n for n in count_from(0))
    steps = (decade * digit for decade in decades for digit in (1, 2, 5))
    return next(step for step in steps if (high - low) / step <= _MOST_TICKS)


def _grid(plot: Plot, categories: Sequence[str], language: str) -> Iterator[str]:
    """Draw the lines of the axis with their numbers, and the categories below."""
    for value in plot.ticks:
        y = plot.y(value)
        yield f'<path d="M{plot.left:g},{y:.1f} H{plot.right:g}" stroke="{_GRID}"/>'
        number = grouped_number(value, language)
        yield _label(plot.left - 8, y + 4, number, anchor="end", ink=_GREY)
    size = _category_size(plot, categories)
    for x, name in zip(plot.at, categories, strict=True):
        yield _label(x, plot.bottom + _LINE_HEIGHT + 4, name, anchor="middle", size=size)


def _category_size(plot: Plot, categories: Sequence[str]) -> float:
    """Return the size of the text below the axis; it is smaller where there are many categories."""
    widest = max(map(_text_width, categories), default=0) + 6
    room = plot.at[1] - plot.at[0] if len(plot.at) > 1 else widest
    return _FONT_SIZE * min(1.0, room / widest) if widest else _FONT_SIZE


def _line(plot: Plot, series: Series, n: int) -> Iterator[str]:
    """Draw a line with a dot at each value, and a gap where nobody answered."""
    ink, wide = _colour(series, n), 4 if series.total else 2
    dash = "" if series.total else _DASHES[n % len(_DASHES)]
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
        look = f'fill="none" stroke="{ink}" stroke-width="{wide}"{dashed}'
        yield f'<path d="{path.strip()}" {look}/>'
    for x, y in points:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{wide:g}" fill="{ink}"/>'


def _line_names(plot: Plot, series: Sequence[Series], names: Sequence[list[str]]) -> Iterator[str]:
    """Write the name of each line as near to its end as the other names allow."""
    ends = [_last(one) or (len(plot.at) - 1, plot.ticks[0]) for one in series]
    last = [value for _, value in ends]
    order = sorted(range(len(series)), key=lambda n: (-last[n], n))
    heights = [_name_height(lines) for lines in names]
    tops: list[float] = []
    for place, n in enumerate(order):
        preferred = plot.y(last[n]) - heights[n] / 2
        room_below = plot.bottom + 10 - sum(heights[m] for m in order[place:])
        end_of_previous = tops[-1] + heights[order[place - 1]] if tops else 0.0
        tops.append(max(end_of_previous, min(preferred, room_below)))
    for n, top in zip(order, tops, strict=True):
        ink = _colour(series[n], n)
        start = f"{plot.at[ends[n][0]]:.1f},{plot.y(last[n]):.1f}"
        end = f"{plot.right + 18:.1f},{top + _LINE_HEIGHT / 2 + 1:.1f}"
        yield f'<path d="M{start} L{end}" stroke="{ink}" stroke-width="0.75" fill="none"/>'
        for k, line in enumerate(names[n]):
            y = top + 12 + k * _LINE_HEIGHT
            yield _label(plot.right + 22, y, line, ink=ink, bold=series[n].total)


def _hatching(left: float, top: float, width: float, height: float) -> Iterator[str]:
    """Draw diagonal lines in a part of a bar."""
    lines = []
    for k in range(1, int((width + height) / _HATCH) + 1):
        x = k * _HATCH  # each line goes from (0, x) up to (x, 0)
        start, end = max(0.0, x - height), min(x, width)
        if start < end:
            lines.append(f"M{left + start:.1f},{top + x - start:.1f}")
            lines.append(f"L{left + end:.1f},{top + x - end:.1f}")
    if lines:
        yield f'<path d="{"".join(lines)}" stroke="{_GRID}" fill="none"/>'


def _colour(series: Series, n: int) -> str:
    """Return the colour of a line; that of the total is black."""
    return _TOTAL_INK if series.total else _COLOURS[n % len(_COLOURS)]


def _group(parts: Sequence[str]) -> str:
    return f'<g font-family="{_FONT}" font-size="{_FONT_SIZE:g}">{"".join(parts)}</g>'


def _text_width(text: str) -> float:
    return metrics.text_width(text, _FONT_SIZE)


def _label(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    ink: str = _INK,
    bold: bool = False,
    size: float = _FONT_SIZE,
) -> str:
    look = f' text-anchor="{anchor}"' + (' font-weight="bold"' if bold else "")
    look += f' font-size="{size:.3g}"' if size != _FONT_SIZE else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{ink}"{look}>{_text(text)}</text>' if text else ""


def _text(text: str) -> str:
    """Return a text as XML."""
    return escape(_NOT_IN_XML.sub("\ufffd", text), quote=False)


def _svg(width: float, height: float, content: str, description: str = "", box: float = 0) -> str:
    """Return a self-contained SVG element. Without a description it is decoration."""
    view = f'viewBox="0 0 {box or width:g} {box or height:g}" width="{width:g}" height="{height:g}"'
    role = 'role="img"' if description else 'aria-hidden="true"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {role} {view}>{description}{content}</svg>'
