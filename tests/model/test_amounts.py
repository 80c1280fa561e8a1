"""Test that amounts and budget references are found in texts as people write them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources import small
from xltiltak.model.amounts import list_mentions, mentions
from xltiltak.model.register import Register
from xltiltak.model.report import Report, Slot
from xltiltak.sheets.appendix import write_appendix
from xltiltak.templates import catalogue

WORDS = ("Budsjettiltak", "pnr")


def values(text: str) -> list[Decimal | None]:
    """Return the values of the amounts in a text."""
    return [one.value for one in mentions(text, WORDS) if one.kind == "amount"]


@pytest.mark.parametrize(
    ("text", "kroner"),
    [
        ("Avsatt kr 45.000,- i budsjettet", 45_000),
        ("Tilskudd på 1,5 mill. fra staten", 1_500_000),
        ("1.5 mill kr", 1_500_000),
        ("kr. 12 500,50", "12500.50"),
        ("en andel på kr 50 000.- av driften", 50_000),
        ("kr 1000 000 samlet", 1_000_000),
        ("kr\u00a02\u202f450\u202f000", 2_450_000),
        ("kr50 000", 50_000),
        ("(200 000 hver)", 200_000),
        ("500 tkr", 500_000),
        ("Mkr 2,3", 2_300_000),
        ("2,3 mkr i år", 2_300_000),
        ("300 tusen kroner", 300_000),
        ("2 miljoner kronor", 2_000_000),
        ("45 000:- per år", 45_000),
        ("NOK 1 000", 1_000),
        ("3 milliarder kroner", 3_000_000_000),
        ("100 kr", 100),
        ("kr 2.500.000,00", 2_500_000),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, kroner: int | str) -> None:
    assert values(text) == [Decimal(kroner)]


@pytest.mark.parametrize(
    "text",
    [
        "I 2013 ble det 3 møter", "perioden 2010 2021", "250 til 300 + egeninnsats", "60% stilling",
        "1/3 del",
        "70 000 innbyggere", "5 mill. mennesker", "§ 12 500", "den 31.12.2013", "punkt 3.1.2",
        "300 tusen",
    ],
)  # fmt: skip
def test_other_numbers_are_no_amounts(text: str) -> None:
    assert values(text) == []


def test_a_reference_is_not_taken_for_an_amount() -> None:
    found = mentions("Budsjettiltak 32 kr 1 515 500 (budsjettiltak nr 13 pnr F230)", WORDS)
    assert [one.text for one in found] == [
        "Budsjettiltak 32",
        "kr 1 515 500",
        "budsjettiltak nr 13",
        "pnr F230",
    ]
    assert [one.kind for one in found] == ["reference", "amount", "reference", "reference"]
    assert mentions("Budsjettiltak 32") == ()


@given(
    st.integers(10_000, 10**9),
    st.sampled_from([" ", ".", "\u00a0"]),
    st.sampled_from(["kr {}", "{},-", "{} kroner"]),
)
def test_what_is_set_apart_in_thousands_is_read_whole(number: int, sign: str, frame: str) -> None:
    text = f"Det er {frame.format(f'{number:,}'.replace(',', sign))} til dette."
    assert values(text) == [Decimal(number)]


@given(st.text("kr 0123456789.,-:mil tusen%\u00a0\nBudsjettiltak", max_size=60))
def test_every_mention_stands_in_the_text_where_it_says_and_none_overlap(text: str) -> None:
    last = 0
    for one in mentions(text, WORDS):
        assert one.start >= last
        assert text[one.start :].startswith(one.text)
        assert one.text
        last = one.start + len(one.text)


def costly(text: str) -> Report:
    """Return a report whose first measure has this text in a field with listed amounts."""
    report = small(catalogue.find("handlingsplan"))
    slot = next(slot for slot, *_ in report.slots(lambda field: field.amounts))
    kept = {s: v for s, v in report.values.items() if s.field != slot.field}
    return replace(report, values={**kept, slot: tuple(text.split("\n"))})


def test_only_fields_that_the_template_names_are_searched() -> None:
    report = costly("Avsatt kr 10 000\nog 1,5 mill. i Budsjettiltak 7")
    assert [(one.mention.text, one.context) for one in list_mentions(report)] == [
        ("kr 10 000", "Avsatt kr 10 000"),
        ("1,5 mill.", "og 1,5 mill. i Budsjettiltak 7"),
        ("Budsjettiltak 7", "og 1,5 mill. i Budsjettiltak 7"),
    ]
    silent = replace(
        report.template,
        fields=tuple(replace(f, amounts=False, references=()) for f in report.template.fields),
    )
    assert list(list_mentions(replace(report, template=silent))) == []


def test_the_appendix_lists_them_with_a_link_and_no_sum() -> None:
    report = costly("Avsatt kr 10 000\nog 1,5 mill. i Budsjettiltak 7")
    sheet = openpyxl.load_workbook(BytesIO(write_appendix(Register(report))))["Beløp"]
    rows = [[cell.value for cell in row[1:]] for row in sheet.iter_rows(min_row=4)]
    assert [row[2:5] for row in rows] == [
        [None, "kr 10 000", 10_000],
        [None, "1,5 mill.", 1_500_000],
        ["Budsjettiltak 7", None, None],
    ]
    (slot, *_) = (one.slot for one in list_mentions(report))
    link = sheet["C4"].hyperlink
    area = openpyxl.load_workbook(BytesIO(write_appendix(Register(report))))[
        link.location.split("!")[0].strip("'")
    ]
    assert (
        area[link.location.split("!")[1]].value
        == "Avsatt kr 10 000\nog 1,5 mill. i Budsjettiltak 7"
    )
    assert slot == Slot(slot.ref, "cost")


def test_a_report_without_amounts_has_no_such_sheet() -> None:
    assert (
        "Beløp"
        not in openpyxl.load_workbook(
            BytesIO(write_appendix(Register(costly("Innenfor rammen"))))
        ).sheetnames
    )
