"""Personal data in texts to be published is found, and masked when it is quoted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources import demo
from xltiltak.model.report import Area, Slot
from xltiltak.model.summary import measure_nodes
from xltiltak.publishing.published_text import (
    _FIRST_WEIGHTS,
    _SECOND_WEIGHTS,
    _control_digit,
    find_personal_data,
    masked,
    personal_data,
)


def reasons(text: str) -> list[str]:
    return [found.reason for found in find_personal_data(text)]


def norwegian(day: int, month: int, number: int) -> str | None:
    """Return a number with right control digits; None if there is none.

    The month is 80 too high, as in synthetic numbers, so that it belongs to no person.
    """
    digits = f"{day:02}{month + 80:02}{number:05}"
    first = _control_digit(digits, _FIRST_WEIGHTS)
    second = _control_digit(digits + first, _SECOND_WEIGHTS) if len(first) == 1 else ""
    return digits + first + second if len(second) == 1 else None


@given(st.integers(1, 28), st.integers(1, 12), st.integers(0, 99_999), st.integers(0, 10))
def test_a_norwegian_number_is_recognised_by_its_control_digits(
    day: int, month: int, number: int, at: int
) -> None:
    digits = norwegian(day, month, number)
    if digits is None:
        return
    assert "personal_number" in reasons(f"Se {digits}.")
    assert "personal_number" in reasons(f"{digits[:6]} {digits[6:]}")
    wrong = digits[:at] + str((int(digits[at]) + 1) % 10) + digits[at + 1 :]
    assert "personal_number" not in [
        f.reason for f in find_personal_data(wrong) if f.end - f.start == len(wrong)
    ]


@pytest.mark.parametrize("text", ["811228-9874", "19811228-9874", "8112289874"])
def test_a_swedish_number_is_recognised_by_its_control_digit(text: str) -> None:
    assert reasons(f"Enligt {text}.") == ["personal_number"]  # the example of Skatteverket
    assert reasons(text[:-1] + "5") == []


@pytest.mark.parametrize("text", ["kari.nordmann@example.com", "a+b@post.example.no"])
def test_an_email_address_is_found(text: str) -> None:
    assert reasons(f"Skriv til {text}, eller ring.") == ["email_address"]


@pytest.mark.parametrize(
    "text",
    [
        "22 33 44 55",
        "912 34 567",
        "+47 22 33 44 55",
        "+46 70-123 45 67",
        "070-123 45 67",
        "tlf. 22334455",
    ],
)
def test_a_phone_number_is_found(text: str) -> None:
    assert reasons(f"Ta kontakt på {text} før fredag.") == ["phone_number"]


@pytest.mark.parametrize(
    "text",
    [
        "kr 45 000 000", "kr 1 250 000,-", "31.12.2020", "2010 2021", "2019-2020", "sak 2016/2821",
        "12 34", "20/01234", "1.1 1.2 1.3", "200 000 000", "Budsjettiltak 31-34", "12345678",
        "2 500 000 og 3 500 000", "16 17 18", "2020-12-31", "kl. 10.30-12.00", "@kommunen", "a@b",
    ],
)  # fmt: skip
def test_amounts_dates_and_case_numbers_are_not_reported(text: str) -> None:
    assert reasons(text) == []


@given(st.text(max_size=60))
def test_masking_changes_only_personal_data(text: str) -> None:
    assert "kari@example.com" not in masked(f"{text} kari@example.com")
    assert (masked(text) == text) == (not find_personal_data(text))


def test_every_text_of_the_report_is_checked() -> None:
    report = demo()
    ref = next(iter(measure_nodes(report))).ref
    head = replace(report.head, intro="Spør kari@example.com")
    values = {**report.values, Slot(ref, "remark"): "Ring 22 33 44 55"}
    areas = {report.area_refs[0]: Area(intro="Skriv til ola@example.com")}
    found = list(personal_data(replace(report, head=head, values=values, areas=areas)))
    assert [f.values["reason"] for f in found] == ["email_address", "email_address", "phone_number"]
    assert (found[-1].ref, found[-1].field) == (ref, "remark")
    assert all("•" in f.message("nb") for f in found)
    assert not any(text in f.sentence("nb") for f in found for text in ("kari@", "ola@", "33 44"))
    assert not list(personal_data(demo()))


@pytest.mark.parametrize("text", ["x" * 32_000, "a@" * 16_000, "a@b." * 8_000, "+47 " * 8_000])
def test_a_long_text_is_searched_for_personal_data(text: str) -> None:
    *_, last = find_personal_data(f"{text} ola@proveby.example")  # minutes in square time
    assert (last.reason, last.start) == ("email_address", len(text) + 1)
