"""Charts and symbols are SVG that says its numbers, whatever the texts hold."""

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
    return ET.fromstring(svg)  # noqa: S314 - what we drew ourselves


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in read(svg).iter(f"{SVG}text")]


@given(st.lists(st.tuples(st.text(max_size=60), ANSWERS), max_size=15), st.sampled_from([240, 720]))
def test_lines_stay_within_the_drawing_and_none_is_left_out(
    named: list[tuple[str, tuple[Decimal | None, ...]]], width: int
) -> None:
    drawn = read(draw_chart(lines(*(Series(name, values) for name, values in named)), "nb", width))
    tall = float(drawn.attrib["height"])
    assert sum(1 for node in drawn.iter(f"{SVG}g") if "transform" in node.attrib) == len(
        named
    ) + sum(value is not None for _, values in named for value in values)
    assert all(0 <= float(node.attrib["y"]) <= tall for node in drawn.iter(f"{SVG}text"))


@given(st.lists(st.tuples(st.text(max_size=30), COUNTS), max_size=7))
def test_the_parts_of_a_bar_are_as_wide_as_their_share(
    named: list[tuple[str, tuple[Decimal, ...]]],
) -> None:
    drawn = read(draw_chart(shares(*(Series(name, values) for name, values in named)), "nb"))
    parts = [node.attrib for node in drawn.iter(f"{SVG}rect") if node.attrib["height"] != "12"]
    for top in {part["y"] for part in parts}:
        bar = [part for part in parts if part["y"] == top]
        assert sum(float(part["width"]) for part in bar) == pytest.approx(
            float(read(draw_chart(shares(), "nb")).attrib["width"])
            - 11
            - max(map(_wide, DATES))
            - 2,
            abs=1,
        )
    assert len(parts) == sum(bool(value) for _, values in named for value in values)


def test_each_part_tells_its_number_and_its_name_where_it_fits() -> None:
    drawn = texts(
        draw_chart(shares(Series("Godt i gang", tuple(map(Decimal, (40, 1, 0)))), _rest(60)), "nb")
    )
    assert "Godt i gang: 40" in drawn
    assert "1" not in drawn  # no room for it; the table below has it
    assert {"Godt i gang", "Resten", *DATES} <= set(drawn)


def test_a_line_ends_with_its_name_and_last_value() -> None:
    drawn = lines(Series("Oppvekst", (Decimal("2.5"), Decimal("3.2"), None)))
    assert "Oppvekst 3,2" in texts(draw_chart(drawn, "nb"))
    assert "Oppvekst 3.2" in texts(draw_chart(drawn, "en"))


def test_a_line_is_broken_where_nobody_answered() -> None:
    drawn = read(draw_chart(lines(Series("Oppvekst", (Decimal(2), None, Decimal(3)))), "nb"))
    path = next(
        node.attrib["d"] for node in drawn.iter(f"{SVG}path") if node.attrib.get("fill") == "none"
    )
    assert path.count("M") == 2
    assert "L" not in path


def test_the_numbers_are_told_to_those_who_do_not_see_it() -> None:
    drawn = read(draw_chart(lines(), "nb"))
    assert drawn.attrib["role"] == "img"
    assert [drawn.findtext(f"{SVG}title"), drawn.findtext(f"{SVG}desc")] == [
        "Snitt",
        "Snittene i ord",
    ]


@pytest.mark.parametrize("name", QUARTERS)
def test_a_symbol_is_a_shape_and_no_letter(name: str) -> None:
    drawn = read(symbol(name, "#000000"))
    assert not list(drawn.iter(f"{SVG}text"))
    assert drawn.attrib["aria-hidden"] == "true"


def test_no_two_symbols_or_arrows_look_alike() -> None:
    drawn = [symbol(name, "#000000") for name in QUARTERS] + [
        arrow(way, "#000000") for way in ("up", "down", "same")
    ]
    assert len(set(drawn)) == len(drawn)
    assert not symbol("*", "#000000")


@given(st.text(), st.floats(20, 400), st.floats(6, 20))
def test_fitted_lines_hold_the_text_and_the_room(text: str, room: float, points: float) -> None:
    broken = list(metrics.wrap_to_width(text, room, points))
    assert "".join("".join(broken).split()) == "".join(text.split())
    assert all(metrics.text_width(line, points) <= room + 0.01 or len(line) == 1 for line in broken)


def _rest(count: int) -> Series:
    return Series("Resten", (Decimal(count), Decimal(count), Decimal(0)), "#F4F0DA", "#000000")


def _wide(text: str) -> float:
    return metrics.text_width(text, 12)
