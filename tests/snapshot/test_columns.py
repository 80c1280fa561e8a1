"""Test that the changes of a sheet keep their order and values in columns, and that these agree."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import small as rounds
from tests.sources import small
from xltiltak.model.errors import ForeignWorkbook
from xltiltak.model.register import Change, Register, ReturnedFile, Source, Submission
from xltiltak.model.report import Report
from xltiltak.snapshot.hidden_sheet import parse_snapshot, register_rows
from xltiltak.snapshot.register_json import dump_register, load_register

REPORT = small(rounds.TEMPLATE)
SLOTS = [slot for slot, _, _ in REPORT.slots()]
CELLS = st.one_of(
    st.builds("{}{}".format, st.sampled_from("ABZ"), st.integers(1, 12)),
    st.sampled_from(["", "A", "7", "A0", "A01", "A1B2", "AA1234567890", "A١"]),
)
VALUES = st.one_of(st.none(), st.just("En tekst"))
CHANGES = st.lists(
    st.builds(Change, st.sampled_from(SLOTS), VALUES, VALUES, CELLS, st.booleans()), max_size=12
)


def register_of(changes: list[Change], report: Report = REPORT) -> Register:
    """Return a register with one file of these changes."""
    sheet = Submission(Source("a.xlsx", "Ark", "0"), report.area_refs[0], changes=tuple(changes))
    previous = {change.slot: change.sent for change in changes[::2]}
    return Register(
        report, previous, returned_files=(ReturnedFile("a.xlsx", "0", "read", (sheet,)),)
    )


def records_of(register: Register) -> dict[str, Any]:
    """Return the records of a register as they are read."""
    rows = register_rows(register.report, {}, dump_register(register))
    cells = {n: dict(enumerate(row, 1)) for n, row in enumerate(rows, 1)}
    return dict(parse_snapshot(cells).register_records)


@given(CHANGES)
def test_changes_in_columns_are_read_as_they_were(changes: list[Change]) -> None:
    register = register_of(changes)
    loaded = load_register(REPORT, records_of(register))
    assert loaded.returned_files == register.returned_files
    assert loaded.previous_values == register.previous_values
    assert records_of(loaded) == records_of(register)


BROKEN: dict[str, Callable[[dict[str, Any]], object]] = {
    "a row less": lambda claims: claims["rows"].pop(),
    "a value less": lambda claims: claims["columns"][0][5].pop(),
    "a line less": lambda claims: claims["columns"][0][3].pop(),
    "no such line": lambda claims: claims["columns"][0].__setitem__(3, [0, 2]),
    "a line before the first": lambda claims: claims["columns"][0].__setitem__(3, [-1, 1]),
    "a line twice": lambda claims: claims["columns"][0].__setitem__(3, [1, 1]),
    "no such day": lambda claims: claims["columns"][0].__setitem__(0, "status@2020-13-01"),
    "a fraction": lambda claims: claims["columns"][0][4].__setitem__(0, 1.5),
    "no columns": lambda claims: claims.pop("columns"),
    "something else": lambda claims: claims.update(more=1),
}


@pytest.mark.parametrize("name", BROKEN)
def test_columns_that_do_not_agree_are_refused(name: str) -> None:
    pair = enumerate([slot for slot in SLOTS if slot.field == SLOTS[0].field][:2], 1)
    changes = [Change(slot, None, "x", f"B{n}", is_editable=True) for n, slot in pair]
    records = json.loads(json.dumps(records_of(register_of(changes))))
    load_register(REPORT, records)
    BROKEN[name](records["received"][0]["sheets"][0]["claims"])
    with pytest.raises(ForeignWorkbook):
        load_register(REPORT, records)
