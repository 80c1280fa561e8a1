"""Charts and symbols are valid SVG with their numbers as text, whatever the texts contain."""

from __future__ import annotations

from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltiltak.layout import metrics
from xltiltak.publishing.document import Chart, Series
from xltiltak.publishing.drawing import QUARTERS, arrow, draw_chart, symbol

SVG = "{http://www.w3.org/2000/svg}"
ENDS = (Decimal(1), Decimal(5))
DATES = ("30.04.2020", "31.08.2020", "31.12.2020")
ANSWERS = st.lists(st.one_of(st.none(), st.decimals(1, 5, places=1)), min_size=3, max_size=3).map(
    tuple
)
COUNTS = st.lists(st.integers(0, 40).map(Decimal), min_size=3, max_size=3).map(tuple)


def lines(*series: Series) -> Chart:
    return Chart("lines", "Snitt", "Snittene i ord", DATES, series, ENDS)


def shares(*series: Series) -> Chart:
    return Chart("shares", "Fordeling", "Fordelingen i ord", DATES, series)


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
    markers = [node for node in svg.iter(f"{SVG}g") if "transform" in node.attrib]
    answers = sum(value is not None for _, values in series for value in values)
    assert len(markers) == answers + len(series)  # each line's name has a marker too
    assert all(0 <= float(node.attrib["y"]) <= height for node in svg.iter(f"{SVG}text"))


@given(st.lists(st.tuples(st.text(max_size=30), COUNTS), max_size=7))
def test_the_parts_of_a_bar_are_as_wide_as_their_share(
    series: list[tuple[str, tuple[Decimal, ...]]],
) -> None:
    svg = read(draw_chart(shares(*(Series(name, values) for name, values in series)), "nb"))
    parts = [node.attrib for node in svg.iter(f"{SVG}rect") if node.attrib["height"] != "12"]
    width = float(svg.attrib["width"]) - 11 - max(map(_text_width, DATES)) - 2
    for top in {part["y"] for part in parts}:
        bar = [part for part in parts if part["y"] == top]
        assert sum(float(part["width"]) for part in bar) == pytest.approx(width, abs=1)
    assert len(parts) == sum(bool(value) for _, values in series for value in values)


def test_each_part_shows_its_number_and_if_it_fits_its_name() -> None:
    chart = shares(Series("Godt i gang", tuple(map(Decimal, (40, 1, 0)))), _rest(60))
    labels = texts(draw_chart(chart, "nb"))
    assert "Godt i gang: 40" in labels
    assert "1" not in labels  # no room; the table below the chart has it
    assert {"Godt i gang", "Resten", *DATES} <= set(labels)


def test_a_line_ends_with_its_name_and_last_value() -> None:
    chart = lines(Series("Oppvekst", (Decimal("2.5"), Decimal("3.2"), None)))
    assert "Oppvekst 3,2" in texts(draw_chart(chart, "nb"))
    assert "Oppvekst 3.2" in texts(draw_chart(chart, "en"))


def test_a_line_is_broken_where_nobody_answered() -> None:
    svg = read(draw_chart(lines(Series("Oppvekst", (Decimal(2), None, Decimal(3)))), "nb"))
    paths = [node.attrib for node in svg.iter(f"{SVG}path")]
    path = next(path["d"] for path in paths if path.get("fill") == "none")
    assert path.count("M") == 2
    assert "L" not in path


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
    drawings += [arrow(direction, "#000000") for direction in ("up", "down", "same")]
    assert len(set(drawings)) == len(drawings)
    assert not symbol("*", "#000000")


@given(st.text(), st.floats(20, 400), st.floats(6, 20))
def test_wrapped_lines_keep_the_text_and_fit(text: str, width: float, points: float) -> None:
    wrapped = list(metrics.wrap_to_width(text, width, points))
    assert "".join("".join(wrapped).split()) == "".join(text.split())
    for line in wrapped:
        assert metrics.text_width(line, points) <= width + 0.01 or len(line) == 1


def _rest(count: int) -> Series:
    return Series("Resten", (Decimal(count), Decimal(count), Decimal(0)), "#F4F0DA", "#000000")


def _text_width(text: str) -> float:
    return metrics.text_width(text, 12)
