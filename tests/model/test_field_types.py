"""Test every kind of field: reading, writing, and that reading is the inverse of writing."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltiltak.model.cell_values import CellValue, ErrorValue
from xltiltak.model.field_types import EMPTY, INVALID, KINDS, KINDS_WITH_STEPS, FieldType, Reading
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
LINE = LINES.map(lambda text: " ".join(text.split())).filter(bool)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip),
    "paragraphs": st.lists(LINE, min_size=1, max_size=4).map(tuple),
    "bullets": st.lists(LINE, min_size=1, max_size=4).map(tuple),
    "integer": st.integers(-(10**9), 10**9),
    "decimal": st.decimals(-1000, 1000, places=3),
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
        reading = asked.parse([raw])
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
    assert kind(name).parse(kind(name).to_cells(value)) == Reading(value)


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
        reading = kind(name).parse([kind(name).display(value, spoken)])
        assert reading.value == value or name == "text"
        assert reading.outcome != "invalid"


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("blank", [None, "", "  ", "\n"])
def test_a_blank_cell_is_an_empty_value(name: str, blank: CellValue) -> None:
    assert kind(name).parse([blank]) == EMPTY
    assert kind(name).parse([blank, None]) == EMPTY


@pytest.mark.parametrize("name", KINDS)
def test_an_error_cell_is_no_value_and_never_blank(name: str) -> None:
    assert kind(name).parse([ErrorValue("#DIV/0!")]) == INVALID
    assert kind(name).parse(["", ErrorValue("#N/A")]).outcome == "invalid"


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
        ("decimal", "2.500,5", None, "invalid"),
        ("decimal", float("1e300"), Decimal("1e300"), "taken"),
        ("choice", "Pågår", "ongoing", "taken"),
        ("choice", "pågår ", "ongoing", "repaired"),
        ("choice", "Ferdig", "done", "repaired"),
        ("choice", "ongoing", None, "invalid"),
        ("choice", 1, None, "invalid"),
        ("date", "1.2.2021", date(2021, 2, 1), "repaired"),
        ("date", 44228, date(2021, 2, 1), "repaired"),
        ("date", "ultimo 2019", None, "invalid"),
        ("date", True, None, "invalid"),
        ("text", 3, "3", "repaired"),
        ("text", 1.5, "1.5", "repaired"),
        ("text", date(2021, 2, 1), "01.02.2021", "repaired"),
        ("text", True, None, "invalid"),
        ("text", " til  bokstaven \n", " til  bokstaven \n", "taken"),
        ("bullets", "En\n\n To \n", ("En", "To"), "taken"),
        ("bullets", 3, ("3",), "repaired"),
        ("paragraphs", True, None, "invalid"),
    ],
)
def test_a_cell_is_taken_repaired_or_refused(
    name: str, typed: CellValue, value: Any, outcome: str
) -> None:
    reading = kind(name).parse([typed])
    assert (reading.value, reading.outcome) == (value, outcome)
    assert type(reading.value) is type(value)


def test_one_value_in_two_cells_is_no_value() -> None:
    assert kind("scale").parse([2, 3]) == INVALID
    assert kind("text").parse(["a", "b"]) == INVALID
    assert kind("text").parse([None, "b", ""]) == Reading("b")


def test_items_of_several_cells_are_one_list() -> None:
    assert kind("bullets").parse(["a", None, "b\nc"]) == Reading(("a", "b", "c"))


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
    assert kind(name).parse(cells).outcome == outcome


@given(
    st.integers(-5, 12)
    | st.floats(-5, 12)
    | st.text(st.sampled_from("0123456789,.- IiFf gangullført"), max_size=9)
)
def test_a_step_is_always_one_of_the_scale(typed: CellValue) -> None:
    reading = kind("scale").parse([typed])
    assert reading.value in {None, 1, 2, 3}
    assert (reading.value is None) == (reading in (INVALID, EMPTY))


@pytest.mark.parametrize("name", KINDS)
def test_excel_guards_with_the_values_that_are_taken(name: str) -> None:
    rule = kind(name).validation()
    if name in KINDS_WITH_STEPS:
        assert rule is not None
        assert all(kind(name).parse([choice]).outcome == "taken" for choice in rule["source"])
        assert len(",".join(map(str, rule["source"]))) <= 255
    elif rule is not None:
        assert rule["validate"] in ("integer", "decimal", "date", "length")


@pytest.mark.parametrize("name", KINDS)
def test_text_stays_text_and_numbers_stay_numbers_in_excel(name: str) -> None:
    texts = {"text", "paragraphs", "bullets"}
    assert (kind(name).number_format == "@") == (name in texts)


def test_only_coloured_steps_are_shown_by_colour() -> None:
    assert [step.value for step in kind("scale").coloured_steps()] == [1, 2]
    assert list(kind("choice").coloured_steps()) == []
