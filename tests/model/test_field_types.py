"""Test every kind of field: reading, writing, and that reading is the inverse of writing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltiltak.model.cell_values import (
    CellValue,
    ErrorValue,
    FormattedNumber,
    NumberClass,
    is_blank,
)
from xltiltak.model.field_types import EMPTY, INVALID, KINDS, KINDS_WITH_STEPS, FieldType, Reading
from xltiltak.model.language import LANGUAGES
from xltiltak.model.template import Step

SCALE = (
    Step(1, "Ikke påbegynt", fill="#A33B00"),
    Step(2, "I gang", fill="#F2B276"),
    Step(3, "Fullført"),
)
CHOICES = (Step("ongoing", "Pågår"), Step("done", "Avsluttet", aliases=("Ferdig",)))
STEPS: dict[str, tuple[Step, ...]] = {"scale": SCALE, "choice": CHOICES}
LINES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")),
    min_size=1,
    max_size=20,
)


def is_seen(text: str) -> bool:
    """Return True if a person sees something of a text."""
    return not is_blank(text)


LINE = LINES.map(lambda text: " ".join(text.split())).filter(is_seen)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(st.characters(codec="utf-8"), min_size=1).filter(is_seen),
    "paragraphs": st.lists(LINE, min_size=1, max_size=4).map(tuple),
    "bullets": st.lists(LINE, min_size=1, max_size=4).map(tuple),
    "integer": st.integers(-(10**9), 10**9),
    "decimal": st.decimals(-1000, 1000, places=3),
    "percent": st.decimals(1, 1000, places=3),  # below 1 the cell must show the percent sign
    "date": st.integers(1, 60_000).map(lambda n: date(1900, 3, 1) + timedelta(n)),
    "scale": st.sampled_from([step.value for step in SCALE]),
    "choice": st.sampled_from([step.value for step in CHOICES]),
}


def kind(name: str) -> FieldType:
    """Return the type of a kind, with its steps."""
    return KINDS[name](STEPS.get(name, ()))


TEXTS = st.sampled_from(
    ["1", "Fullført", "Pågår", " ", "<b>x</b>", "a\x07", "x" * 2_801, ErrorValue("#N/A")]
)
NUMBERS = st.one_of(st.integers(-3, 5), st.floats(-2, 4), st.booleans())
RAWS = st.one_of(st.text(max_size=8), TEXTS, NUMBERS, st.dates(), st.none())


@given(st.sampled_from(sorted(KINDS)), RAWS)
def test_what_is_plain_is_its_value_and_there_is_nothing_to_tell(name: str, raw: CellValue) -> None:
    asked = kind(name)
    if asked.is_canonical(raw):
        reading = asked.parse([raw], "nb")
        assert (reading, type(reading.value)) == (Reading(raw), type(raw))  # type: ignore[arg-type]
        assert all(
            text.isprintable() and "<" not in text and len(text) <= 2_800
            for text in asked.free_text(raw)
        )


def test_what_most_people_write_is_plain() -> None:
    assert [
        kind(name).is_canonical(raw)
        for name, raw in (("text", "Ja, 2021."), ("scale", 3), ("integer", 12))
    ] == [True] * 3


def test_every_kind_is_tried_here() -> None:
    assert set(VALUES) == set(KINDS)
    assert set(STEPS) == KINDS_WITH_STEPS


@pytest.mark.parametrize("name", KINDS)
@given(data=st.data())
def test_a_value_comes_back_from_its_cells_as_it_was(name: str, data: st.DataObject) -> None:
    value = data.draw(VALUES[name])
    assert kind(name).parse(kind(name).to_cells(value), "nb") == Reading(value)


@pytest.mark.parametrize("name", KINDS)
@given(data=st.data())
def test_a_value_comes_back_from_json_as_it_was(name: str, data: st.DataObject) -> None:
    value = data.draw(VALUES[name])
    found = kind(name).from_json(kind(name).to_json(value))
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("name", KINDS)
@given(data=st.data())
def test_what_a_value_is_shown_as_is_read_back(name: str, data: st.DataObject) -> None:
    value = data.draw(VALUES[name])
    for spoken in ("nb", "en"):
        reading = kind(name).parse([kind(name).display(value, spoken)], spoken)
        assert reading.value == value or name == "text" or len(reading.alternatives) == 2
        assert reading.outcome != "invalid" or (name in ("decimal", "percent") and spoken == "en")


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("blank", [None, "", "  ", "\n"])
def test_a_blank_cell_is_an_empty_value(name: str, blank: CellValue) -> None:
    assert kind(name).parse([blank], "nb") == EMPTY
    assert kind(name).parse([blank, None], "nb") == EMPTY


@pytest.mark.parametrize("name", KINDS)
def test_an_error_cell_is_no_value_and_never_blank(name: str) -> None:
    assert kind(name).parse([ErrorValue("#DIV/0!")], "nb") == INVALID
    assert kind(name).parse(["", ErrorValue("#N/A")], "nb").outcome == "invalid"


@pytest.mark.parametrize(
    ("name", "typed", "value", "outcome"),
    [
        ("scale", 3, 3, "taken"),
        ("scale", 3.0, 3, "taken"),
        ("scale", "3", 3, "repaired"),
        ("scale", "3,0", 3, "repaired"),
        ("scale", "３", 3, "repaired"),
        ("scale", "Fullført", 3, "repaired"),
        ("scale", "3 - Fullført", 3, "repaired"),
        ("scale", 7, None, "invalid"),
        ("scale", 0, None, "invalid"),
        ("scale", 3.5, None, "invalid"),
        ("scale", "3,5", None, "invalid"),
        ("scale", "1 eller 2", None, "invalid"),
        ("scale", "2 - Fullført", None, "invalid"),
        ("scale", True, None, "invalid"),
        ("scale", date(2020, 1, 3), None, "invalid"),
        ("integer", "12", 12, "repaired"),
        ("integer", "12,5", None, "invalid"),
        ("integer", 12.5, None, "invalid"),
        ("integer", "tolv", None, "invalid"),
        ("integer", False, None, "invalid"),
        ("decimal", 2.5, Decimal("2.5"), "taken"),
        ("decimal", "2,5", Decimal("2.5"), "repaired"),
        ("decimal", "2.500,5", Decimal("2500.5"), "repaired"),
        ("decimal", "1,250", Decimal("1.25"), "repaired"),
        ("decimal", "1.250", None, "invalid"),
        ("decimal", 1e14, Decimal("1e14"), "taken"),
        ("decimal", 1e15, None, "invalid"),
        ("decimal", float("1e300"), None, "invalid"),
        ("decimal", "88 %", None, "invalid"),
        ("integer", "1.250", None, "invalid"),
        ("integer", 10**15, None, "invalid"),
        ("integer", "\u200b", None, "taken"),
        ("scale", "\u200b3", 3, "repaired"),
        ("scale", "'3", 3, "repaired"),
        ("scale", "3\u00ad", 3, "repaired"),
        ("scale", "\u200b", None, "taken"),
        ("choice", "På\u00adgår", "ongoing", "repaired"),
        ("choice", "\u200b", None, "taken"),
        ("choice", "Pågår", "ongoing", "taken"),
        ("choice", "pågår ", "ongoing", "repaired"),
        ("choice", "Ferdig", "done", "taken"),
        ("choice", "ongoing", None, "invalid"),
        ("choice", 1, None, "invalid"),
        ("date", "1.2.2021", date(2021, 2, 1), "repaired"),
        ("date", 44228, date(2021, 2, 1), "repaired"),
        ("date", "ultimo 2019", None, "invalid"),
        ("date", True, None, "invalid"),
        ("text", 3, "3", "repaired"),
        ("text", 1.5, "1,5", "repaired"),
        ("text", date(2021, 2, 1), "01.02.2021", "repaired"),
        ("text", True, "SANN", "repaired"),
        ("text", datetime(2020, 8, 31, 14, 30), "31.08.2020 14:30", "repaired"),  # noqa: DTZ001
        ("date", datetime(2020, 8, 31, 18), date(2020, 8, 31), "repaired"),  # noqa: DTZ001
        ("date", datetime(2020, 8, 30, 22), None, "invalid"),  # noqa: DTZ001
        ("date", "31/12-2020", date(2020, 12, 31), "repaired"),
        ("date", "01/02/2020", date(2020, 2, 1), "repaired"),
        ("date", "12/31/2020", None, "invalid"),
        ("text", " til  bokstaven \n", " til  bokstaven \n", "taken"),
        ("bullets", "En\n\n To \n", ("En", "To"), "taken"),
        ("bullets", 3, ("3",), "repaired"),
        ("paragraphs", True, ("SANN",), "repaired"),
    ],
)
def test_a_cell_is_taken_repaired_or_refused(
    name: str, typed: CellValue, value: Any, outcome: str
) -> None:
    reading = kind(name).parse([typed], "nb")
    assert (reading.value, reading.outcome) == (value, outcome)
    assert type(reading.value) is type(value)


def test_one_value_in_two_cells_is_no_value() -> None:
    assert kind("scale").parse([2, 3], "nb") == INVALID
    assert kind("text").parse(["a", "b"], "nb") == INVALID
    assert kind("text").parse([None, "b", ""], "nb") == Reading("b")


def test_items_of_several_cells_are_one_list() -> None:
    assert kind("bullets").parse(["a", None, "b\nc"], "nb") == Reading(("a", "b", "c"))


@pytest.mark.parametrize("name", ["bullets", "paragraphs"])
@pytest.mark.parametrize(
    ("cells", "outcome"),
    [
        (["a", "b"], "taken"),
        ([3, "b"], "repaired"),
        (["a", 3], "repaired"),
        ([3, "b", "c"], "repaired"),
        ([ErrorValue("#N/A"), "b"], "invalid"),
        (["a", ErrorValue("#N/A")], "invalid"),
    ],
)
def test_one_odd_cell_of_a_list_is_told_wherever_it_stands(
    name: str, cells: list[CellValue], outcome: str
) -> None:
    assert kind(name).parse(cells, "nb").outcome == outcome


@pytest.mark.parametrize(
    ("name", "number", "form", "shown", "value", "told"),
    [
        ("decimal", 0.85, "percent", "85 %", None, "85 % | 0.85"),
        ("decimal", 85, "other", "85 %", Decimal(85), ""),
        ("decimal", 1250000, "other", "1 250 tkr", None, "1 250 tkr | 1250000"),
        ("decimal", 3.14159, "number", "3,14", Decimal("3.14159"), ""),
        ("decimal", 0.5, "fraction", "1/2", Decimal("0.5"), ""),
        ("decimal", 2000, "scientific", "2,00E+03", Decimal(2000), ""),
        ("decimal", 13 / 24, "time", "13:00", None, "13:00 | 0.541666666666667"),
        ("decimal", 1, "other", "TRUE", None, "TRUE | 1"),
        ("integer", 42, "other", "0042", 42, ""),
        ("integer", 3.4, "number", "3", None, "3 | 3.4"),
        ("integer", 0.85, "percent", "85 %", None, "85 % | 0.85"),
        ("scale", 3, "other", "3 av 3", None, ""),
        ("scale", 3, "other", "Trinn 3", 3, ""),
        ("scale", 3, "other", "Fullført", 3, ""),
        ("scale", 3, "other", "I gang", None, "I gang | 3"),
        ("scale", 2.6, "number", "3", None, "3 | 2.6"),
        ("scale", 1, "other", "TRUE", None, ""),
        ("scale", 0.1277, "time", "3:04", None, ""),
        ("scale", 0.03, "percent", "3 %", None, ""),
        ("date", 44166, "date", "desember", date(2020, 12, 1), ""),
        ("date", 0.5, "time", "12:00", None, ""),
        ("date", 20.2, "percent", "2020 %", None, ""),
        ("choice", 1, "other", "Pågår", "ongoing", ""),
        ("choice", 1, "other", "TRUE", None, ""),
        ("text", 0.75, "percent", "75 %", "75 %", ""),
        ("text", 42, "other", "0042", "0042", ""),
        ("bullets", 0.75, "percent", "75 %", ("75 %",), ""),
    ],
)
def test_a_number_is_taken_only_where_it_is_the_one_that_is_shown(
    name: str, number: float, form: NumberClass, shown: str, value: Any, told: str
) -> None:
    reading = kind(name).parse([FormattedNumber(number, form, shown)], "nb")
    assert (reading.value, " | ".join(map(str, reading.alternatives))) == (value, told)
    assert reading.outcome == (
        "invalid" if value is None else "repaired" if name != "choice" else "taken"
    )


HOSTILE = "0123456789.,'’ -−–+eE%krm/:_jandesmbJFR²½٣\u200b\u00ad\u00a0\ufeff\n\x0b\u2028\ud7ff😀<&"


@given(st.sampled_from(sorted(KINDS)), st.text(st.sampled_from(HOSTILE), max_size=40))
def test_no_text_stops_the_reading(name: str, text: str) -> None:
    for language in LANGUAGES:
        reading = kind(name).parse([text], language)
        assert (reading.value is None) == (reading.outcome == "invalid" or reading == EMPTY)
        if reading.value is not None:
            assert kind(name).from_json(kind(name).to_json(reading.value)) == reading.value


@given(
    st.sampled_from(sorted(KINDS)),
    st.integers() | st.floats(),
    st.sampled_from(["number", "percent", "date", "datetime", "time", "fraction", "other"]),
    st.text(st.sampled_from(HOSTILE), max_size=12),
)
def test_no_number_format_stops_the_reading(
    name: str, number: float, form: NumberClass, shown: str
) -> None:
    reading = kind(name).parse([FormattedNumber(number, form, shown)], "nb")
    assert (reading.value is None) == (reading.outcome == "invalid" or reading == EMPTY)


@given(
    st.integers(-5, 12)
    | st.floats(-5, 12)
    | st.text(st.sampled_from("0123456789,.- IiFf gangullført"), max_size=9)
)
def test_a_step_is_always_one_of_the_scale(typed: CellValue) -> None:
    reading = kind("scale").parse([typed], "nb")
    assert reading.value in {None, 1, 2, 3}
    assert (reading.value is None) == (reading in (INVALID, EMPTY))


@pytest.mark.parametrize("name", KINDS)
def test_excel_guards_with_the_values_that_are_taken(name: str) -> None:
    rule = kind(name).validation()
    if name in KINDS_WITH_STEPS:
        assert rule is not None
        assert all(kind(name).parse([choice], "nb").outcome == "taken" for choice in rule["source"])
        assert len(",".join(map(str, rule["source"]))) <= 255
    elif rule is not None:
        assert rule["validate"] in ("integer", "decimal", "date", "length")


@pytest.mark.parametrize("name", KINDS)
def test_text_stays_text_and_numbers_stay_numbers_in_excel(name: str) -> None:
    texts = {"text", "paragraphs", "bullets"}
    assert (kind(name).number_format == "@") == (name in texts)


def test_only_steps_with_numbers_are_shown_with_their_words() -> None:
    assert list(kind("scale").numbered_steps()) == list(SCALE)
    assert list(kind("choice").numbered_steps()) == []
