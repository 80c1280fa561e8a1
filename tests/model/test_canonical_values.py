"""Test that a value has one form after reading, and that the hidden record gives no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import sampled
from tests.forms import book_of, forms_of, overtyped, saved, typed, with_broken_fingerprint
from tests.merging.test_merge import AUGUST, FIRST, REPORT, SECOND, status
from tests.model.test_field_types import RAWS, kind
from tests.tampering import record_of
from xltiltak.intake.returned_file import parse_return
from xltiltak.merging.merge import merge
from xltiltak.model.cell_values import CellValue
from xltiltak.model.errors import ForeignWorkbook
from xltiltak.model.field_types import KINDS
from xltiltak.model.register import Change, Register, ReturnedFile, Source, Submission
from xltiltak.model.report import Report, Slot
from xltiltak.model.row_keys import slot_key
from xltiltak.model.template import Field, Step
from xltiltak.plan.plan_reader import read_appendix
from xltiltak.sheets.appendix import write_appendix
from xltiltak.snapshot.hidden_sheet import SHEET_NAME, plain_json

NUMBERS = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(10**30), 10**30),
    st.sampled_from(["-0", "2,50", "400.0", "4E+2", "1e300", "1" * 40, 1e300, -0.0, 1e22, 5e-324]),
)


@pytest.mark.parametrize("name", KINDS)
@given(raw=st.one_of(RAWS, NUMBERS, st.datetimes()))
def test_a_parsed_value_comes_back_from_the_hidden_record_with_the_same_type_and_text(
    name: str, raw: CellValue
) -> None:
    tried = kind(name)
    value = tried.parse([raw], "nb").value
    if value is None:
        return
    found = tried.from_json(json.loads(plain_json(tried.to_json(value))))
    assert (found, type(found)) == (value, type(value))
    for language in ("nb", "en"):
        assert tried.display(found, language) == tried.display(value, language)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (-1_000_000.0, "-1000000"),
        (400, "400"),
        (400.0, "400"),
        ("400,00", "400"),
        ("4E+2", "400"),
        (2.50, "2,5"),
        ("2.50", "2,5"),
        (-0.0, "0"),
        ("-0,00", "0"),
        (0.1, "0,1"),
    ],
)
def test_a_number_of_a_decimal_field_has_one_text(raw: CellValue, text: str) -> None:
    value = kind("decimal").parse([raw], "nb").value
    assert (type(value), kind("decimal").display(value, "nb")) == (Decimal, text)


@pytest.mark.parametrize("name", ["integer", "scale", "decimal"])
@pytest.mark.parametrize("raw", ["1" * 29, "1e400", "1e1000000", "-1e999999999", "0," + "1" * 35])
def test_a_number_that_cannot_be_kept_exactly_is_no_number(name: str, raw: str) -> None:
    assert kind(name).parse([raw], "nb").outcome == "invalid"


# The law that order and batches make no difference, for the numbers that broke it


def _with_costs() -> Report:
    """Return the plan with a decimal field that leaders fill in."""
    cost = Field("cost", "Kostnad", "decimal", role="input")
    fields = (*REPORT.template.fields, cost)
    return replace(REPORT, template=replace(REPORT.template, fields=fields))


@pytest.mark.parametrize("rival", [-42_099.689, 12, -0.0])
def test_a_whole_number_in_a_decimal_field_is_quoted_alike_whatever_runs_the_files_come_in(
    rival: float,
) -> None:
    plan = _with_costs()
    form, slot = forms_of(plan)["SAM"], Slot(FIRST, "cost")
    answers: tuple[dict[Slot, str | float | date | None], ...]
    answers = ({slot: -1_000_000.0}, {slot: rival}, {slot: "400,0"})
    files = [parse_return(f"SAM {n}.xlsx", overtyped(form, raws)) for n, raws in enumerate(answers)]
    at_once = merge(Register(plan), files)
    assert "M102" in {finding.code for finding in at_once.findings}
    for order in permutations(files):
        register = merge(Register(plan), order[:1])
        for received in order[1:]:
            register = merge(
                read_appendix(with_broken_fingerprint(write_appendix(register))), [received]
            )
        assert register.findings == at_once.findings
        assert write_appendix(register) == write_appendix(at_once)


def test_lines_of_a_slot_the_report_no_longer_has_are_quoted_alike_after_the_record() -> None:
    claim = Change(Slot("BORTE", "gone"), None, ("En", "To"), "B7", is_editable=True)
    submission = Submission(Source("a.xlsx", "Samfunn", "0"), "SAM", AUGUST, (claim,))
    register = merge(Register(REPORT), [ReturnedFile("a.xlsx", "0", "read", (submission,))])
    later = merge(read_appendix(write_appendix(register)), [])
    assert later.findings == register.findings
    assert [f.values["value"] for f in register.findings if f.code == "M105"] == ["En\nTo"]


# The hidden record of a workbook that somebody has changed

STEPS: dict[str, tuple[Step, ...]] = {
    "scale": (Step(1, "En"), Step(2, "To")),
    "choice": (Step("a", "A"),),
}
RIGHT: dict[str, list[Any]] = {
    "text": ["ja"],
    "paragraphs": [["a", "b"]],
    "bullets": [["a"]],
    "integer": [3, -1],
    "decimal": ["2.5"],
    "percent": ["2.5"],
    "date": ["2020-12-31"],
    "scale": [1],
    "choice": ["a"],
}
OF_ANY_TYPE: list[Any] = [
    True,
    False,
    1,
    2.5,
    "ja",
    "2.5",
    "2020-12-31",
    "NaN",
    ["a"],
    [1],
    [None],
    [["a"]],
    {},
    {"a": 1},
]
FITTING: dict[str, list[Any]] = {
    "text": ["ja", "2.5", "2020-12-31", "NaN"],
    "paragraphs": [["a"]],
    "bullets": [["a"]],
    "integer": [1],
    "decimal": ["2.5"],
    "percent": ["2.5"],
    "date": ["2020-12-31"],
    "scale": [1],
    "choice": ["ja", "2.5", "2020-12-31", "NaN"],
}


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_loads_the_json_it_dumps_and_nothing_of_another_type(name: str) -> None:
    tried = KINDS[name](STEPS.get(name, ()))
    for right in RIGHT[name]:
        assert json.loads(plain_json(tried.to_json(tried.from_json(right)))) == right
    for value in OF_ANY_TYPE:
        if any(type(value) is type(fits) and value == fits for fits in FITTING[name]):
            tried.from_json(value)
        else:
            with pytest.raises((TypeError, ValueError)):
                tried.from_json(value)


def _forged(content: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """Return the workbook with the JSON of its hidden sheet changed."""
    book = book_of(content)
    sheet = book[SHEET_NAME]
    parts = {name: json.loads(text) for name, text in record_of(content).items()}
    change(parts)
    sheet.delete_rows(1, sheet.max_row)
    for name, part in parts.items():
        sheet.append([name, json.dumps(part)])
    return saved(book)


def _in_sent(field: str, value: Any) -> Callable[[dict[str, Any]], object]:
    """Change what the record says was sent in a slot of the first measure."""

    def change(parts: dict[str, Any]) -> None:
        keys = parts["sent"]["keys"]["measure"]
        block = next(block for block in parts["sent"]["blocks"] if FIRST in block[5])
        column = block[6 + next(n for n, key in enumerate(keys) if key.startswith(field))]
        column[block[5].index(FIRST)] = value

    return change


WRONG = [
    ("name", True),
    ("name", 7),
    ("name", 2.5),
    ("name", ["a"]),
    ("name", {}),
    ("status", True),
    ("status", "2"),
    ("status", 2.5),
    ("status", [2]),
    ("status", {"a": 1}),
    ("no", True),
    ("no", "1"),
    ("no", 1.5),
    ("no", []),
    ("remark", False),
    ("remark", 0),
]


@pytest.mark.parametrize(("field", "value"), sampled(WRONG))
def test_a_form_whose_record_holds_a_value_of_another_type_is_refused(
    field: str, value: Any
) -> None:
    form = forms_of(REPORT)["SAM"]
    assert parse_return("a.xlsx", _forged(form, lambda _: None)).outcome == "read"
    received = parse_return("a.xlsx", _forged(form, _in_sent(field, value)))
    assert [(f.code, f.severity) for f in received.findings[:1]] == [("F003", "error")]
    assert received.outcome == "refused"


@pytest.mark.parametrize(("field", "value"), sampled(WRONG))
def test_an_appendix_whose_record_holds_a_value_of_another_type_is_refused(
    field: str, value: Any
) -> None:
    content = write_appendix(Register(REPORT))
    read_appendix(_forged(content, lambda _: None))
    with pytest.raises(ForeignWorkbook):
        read_appendix(_forged(content, _in_sent(field, value)))


def _in_claim(part: int) -> Callable[[Any], Callable[[dict[str, Any]], object]]:
    """Change the sent value (4) or the value (5) of a claim about a status."""

    def changing(value: Any) -> Callable[[dict[str, Any]], object]:
        def change(parts: dict[str, Any]) -> None:
            claims = parts["ledger"]["received"][0]["sheets"][0]["claims"]
            claims["columns"][0][part][0] = value

        return change

    return changing


def _in_base(value: Any) -> Callable[[dict[str, Any]], object]:
    """Change what a slot held before the returns."""

    def change(parts: dict[str, Any]) -> None:
        parts["ledger"]["base"] = [[SECOND, slot_key(status(SECOND)), value]]

    return change


@pytest.mark.parametrize("value", [True, 2.5, ["a"], [2], {"a": 1}])
@pytest.mark.parametrize("changing", sampled([_in_claim(4), _in_claim(5), _in_base]))
def test_an_earlier_value_of_another_type_is_refused(
    changing: Callable[[Any], Callable[[dict[str, Any]], object]], value: Any
) -> None:
    """It would be quoted or written: a `true` made an appendix that openpyxl could not open."""
    form = typed(forms_of(REPORT)["SAM"], {status(): 4})
    content = write_appendix(merge(Register(REPORT), [parse_return("a.xlsx", form)]))
    read_appendix(_forged(content, changing(2)))
    with pytest.raises(ForeignWorkbook):
        read_appendix(_forged(content, changing(value)))


def test_a_time_of_day_is_no_part_of_a_day() -> None:
    found = kind("date").parse([datetime(2020, 12, 31, 13, 5)], "nb").value  # noqa: DTZ001 - cells have no zone
    assert (found, type(found)) == (date(2020, 12, 31), date)
