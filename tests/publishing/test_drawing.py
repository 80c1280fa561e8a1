"""Charts and symbols are valid SVG with their numbers as text, whatever the texts contain."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise, permutations
from typing import Literal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltiltak.layout import metrics
from xltiltak.publishing.document import (
    SIGNS,
    Bar,
    BarPart,
    Bars,
    Chart,
    History,
    Series,
    StepLabel,
)
from xltiltak.publishing.drawing import (
    QUARTERS,
    SMALL,
    arrow,
    draw_bars,
    draw_chart,
    draw_history,
    place_labels,
    symbol,
)

SVG = "{http://www.w3.org/2000/svg}"
ENDS = (Decimal(1), Decimal(5))
MISSING = StepLabel("–", "ikke besvart", missing=True)
DATES = ("30.04.2020", "31.08.2020", "31.12.2020")
ANSWERS = st.lists(st.one_of(st.none(), st.decimals(1, 5, places=1)), min_size=3, max_size=3).map(
    tuple
)
COUNTS = st.lists(st.integers(0, 400), min_size=1, max_size=7).filter(any)


def lines(*series: Series) -> Chart:
    return Chart("Snitt", "Snittene i ord", DATES, series, ENDS)


def bars(*counts: int, labels: Literal["", "dates", "words"] = "") -> Bars:
    """Return one bar with these counts."""
    parts = (BarPart(StepLabel(str(n), f"Trinn {n}"), c) for n, c in enumerate(counts, 1) if c)
    return Bars((Bar("31.12.2020", tuple(parts)),), "Fordelingen i ord", labels)


def read(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own drawing


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in read(svg).iter(f"{SVG}text")]


@given(st.lists(st.tuples(st.text(max_size=60), ANSWERS), max_size=15), st.sampled_from([240, 720]))
def test_lines_stay_within_the_drawing_and_none_is_missing(
    series: list[tuple[str, tuple[Decimal | None, ...]]], width: int
) -> None:
    svg = read(draw_chart(lines(*(Series(name, values) for name, values in series)), "nb", width))
    height = float(svg.attrib["height"])
    dots = list(svg.iter(f"{SVG}circle"))
    assert len(dots) == sum(value is not None for _, values in series for value in values)
    assert all(0 <= float(node.attrib["y"]) <= height for node in svg.iter(f"{SVG}text"))


def test_the_total_is_thick_black_and_on_top() -> None:
    total = Series("Alle", tuple(map(Decimal, (2, 3, 4))), total=True)
    area = Series("Oppvekst", tuple(map(Decimal, (3, 3, 3))))
    svg = read(draw_chart(lines(total, area), "nb"))
    paths = [node.attrib for node in svg.iter(f"{SVG}path")]
    widths = {p["stroke"]: float(p["stroke-width"]) for p in paths if p["d"].count("L") == 2}
    assert [*widths][-1] == "#000000"
    assert widths.pop("#000000") > max(widths.values())


@pytest.mark.parametrize("total", [True, False])
def test_the_name_at_the_end_of_a_line_fits_also_in_bold(*, total: bool) -> None:
    """Bold letters are about 7 % wider."""
    series = Series("Alle områder i kommunen", (Decimal(3), Decimal(4), Decimal(4)), total=total)
    svg = read(draw_chart(lines(series), "nb"))
    name = next(n for n in svg.iter(f"{SVG}text") if (n.text or "").startswith("Alle"))
    size, wide = 12, 1.07 if total else 1.0
    right = float(name.attrib["x"]) + metrics.text_width(name.text or "", size) * wide
    assert right <= float(svg.attrib["width"])


@given(COUNTS, st.floats(60, 800))
def test_the_parts_of_a_bar_fill_it_and_each_shows_its_number(
    counts: list[int], width: float
) -> None:
    svg = read(draw_bars(bars(*counts), width, SMALL))
    parts = [node.attrib for node in svg.iter(f"{SVG}rect")]
    assert len(parts) == len([count for count in counts if count])
    assert sum(float(part["width"]) + 1 for part in parts) == pytest.approx(width - 1, abs=1)
    assert all(float(part["width"]) > 0 for part in parts)
    shown = [text.rpartition(" ")[2] for text in texts(draw_bars(bars(*counts), width, SMALL))]
    assert shown == [str(count) for count in counts if count]


@given(COUNTS, st.floats(480, 1000))
def test_words_above_a_bar_overlap_neither_each_other_nor_lines(
    counts: list[int], width: float
) -> None:
    placed = place_labels(bars(*counts).bars[0], width)
    for one, other in permutations(placed, 2):
        assert other.left >= 0
        assert other.left + other.width <= width + 0.1
        is_beside = other.left + other.width <= one.left + 0.1
        assert one.row != other.row or is_beside or one.left + one.width <= other.left + 0.1
        is_crossed = other.left <= one.point <= other.left + other.width
        assert not (one.has_line and one.row > other.row and is_crossed)


@given(COUNTS, st.floats(480, 1000))
def test_each_word_above_a_bar_is_right_above_its_part_or_has_a_line_to_it(
    counts: list[int], width: float
) -> None:
    bar = bars(*counts).bars[0]
    for label, part in zip(place_labels(bar, width), bar.parts, strict=True):
        assert label.step == part.step
        assert label.left <= label.point <= label.left + label.width
        assert label.has_line or (label.left == label.part and not label.row)


def test_a_part_shows_its_step_where_there_is_room() -> None:
    labels = texts(draw_bars(bars(40, 1, labels="dates"), 400, SMALL))
    assert "1: 40" in labels
    assert "1" in labels
    assert "31.12.2020" in labels


def test_what_is_not_answered_is_hatched_with_a_dashed_edge() -> None:
    missing = BarPart(StepLabel("–", "Ikke besvart", missing=True), 3)
    svg = read(draw_bars(Bars((Bar("nå", (missing,)),), "Tre"), 200, SMALL))
    assert "stroke-dasharray" in next(svg.iter(f"{SVG}rect")).attrib
    assert len(list(svg.iter(f"{SVG}path"))) == 1


def test_a_history_has_a_point_with_a_number_for_each_date() -> None:
    steps = (*(StepLabel(str(n), f"Trinn {n}") for n in (1, 2, 5)), MISSING)
    svg = draw_history(History(steps, (0, 1, 4, None), 4, "i ord"))
    assert texts(svg) == ["1", "2", "5"]
    centres = [float(node.attrib["cy"]) for node in read(svg).iter(f"{SVG}circle")]
    assert centres[0] > centres[1] > centres[2]
    assert len(centres) == 4
    assert read(svg).findtext(f"{SVG}title") == "i ord"


def test_a_line_ends_with_its_name_and_last_value_and_when_it_is_older() -> None:
    chart = lines(Series("Oppvekst", (Decimal("2.5"), Decimal("3.2"), None)))
    assert "Oppvekst 3,2 (31.08.2020)" in texts(draw_chart(chart, "nb"))
    chart = lines(Series("Oppvekst", (None, Decimal("2.5"), Decimal("3.2"))))
    assert "Oppvekst 3.2" in texts(draw_chart(chart, "en"))


def test_a_line_is_broken_where_nobody_answered() -> None:
    svg = read(draw_chart(lines(Series("Oppvekst", (Decimal(2), None, Decimal(3)))), "nb"))
    paths = [node.attrib for node in svg.iter(f"{SVG}path")]
    path = next(path["d"] for path in paths if path.get("fill") == "none")
    assert path.count("M") == 2
    assert "L" not in path


def test_the_dates_below_many_points_do_not_overlap() -> None:
    dates = tuple(f"28.{n:02}.2020" for n in range(1, 13))
    values = (Decimal(2),) * 12
    svg = read(draw_chart(Chart("Snitt", "i ord", dates, (Series("A", values),), ENDS), "nb"))
    found = [node for node in svg.iter(f"{SVG}text") if node.text in dates]
    for one, other in pairwise(found):
        size = float(one.attrib.get("font-size", 12))
        room = float(other.attrib["x"]) - float(one.attrib["x"])
        assert metrics.text_width(one.text or "", size) < room


def test_title_and_description_are_read_aloud() -> None:
    svg = read(draw_chart(lines(), "nb"))
    assert svg.attrib["role"] == "img"
    assert svg.findtext(f"{SVG}title") == "Snitt"
    assert svg.findtext(f"{SVG}desc") == "Snittene i ord"


@pytest.mark.parametrize("name", QUARTERS)
def test_a_symbol_is_a_shape_not_a_letter(name: str) -> None:
    svg = read(symbol(name, "#000000"))
    assert not list(svg.iter(f"{SVG}text"))
    assert svg.attrib["aria-hidden"] == "true"


def test_no_two_symbols_or_arrows_look_alike() -> None:
    drawings = [symbol(name, "#000000") for name in QUARTERS]
    drawings += [arrow(direction, "#000000") for direction in SIGNS]
    assert len(set(drawings)) == len(drawings)
    assert not symbol("*", "#000000")


@given(st.text(), st.floats(20, 400), st.floats(6, 20))
def test_wrapped_lines_keep_the_text_and_fit(text: str, width: float, points: float) -> None:
    wrapped = list(metrics.wrap_to_width(text, width, points))
    assert "".join("".join(wrapped).split()) == "".join(text.split())
    for line in wrapped:
        assert metrics.text_width(line, points) <= width + 0.01 or len(line) == 1
