"""Row keys of cards that are found again after the hidden column was deleted."""

from __future__ import annotations

from dataclasses import replace

from tests.conservation import GOALS
from tests.forms import forms_of
from xltiltak.intake.card_row_keys import recover_row_keys
from xltiltak.layout.sheet_rows import GAP_KEY
from xltiltak.model.report import Report, Slot
from xltiltak.model.row_keys import RowKey, parse_row_key
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.sheet_reader import Sheet, read_sheets

LONG_ITEMS = tuple(f"{n} " + "Ord om arbeidet. " * 150 for n in range(4))
PLAN = replace(GOALS, values={**GOALS.values, Slot("TES-001", "activities"): LONG_ITEMS})


def form_sheet(plan: Report) -> Sheet:
    """Return the sheet of a form as it is read, with the last values of its formulas."""
    return next(iter(read_sheets(Package(forms_of(plan)[plan.area_refs[0]]))))


def without_key_column(sheet: Sheet) -> Sheet:
    """Return the sheet after somebody has deleted the first column."""
    return replace(
        sheet,
        rows={
            number: {col - 1: value for col, value in row.items() if col > 1}
            for number, row in sheet.rows.items()
        },
        formulas={(n, col - 1): formula for (n, col), formula in sheet.formulas.items()},
    )


def meaning(key: object) -> RowKey | None:
    """Return the nodes and the slot that a key names, whichever row of the slot it is."""
    parsed = parse_row_key(str(key)) if key else None
    return parsed if parsed and parsed.refs else None


def test_every_row_of_a_card_is_found_again_by_its_texts() -> None:
    """A text that goes on at the top of a page has a label that is a formula with a last value."""
    sheet = form_sheet(PLAN)
    continued = [n for (n, col), text in sheet.formulas.items() if col == 2 and "forts." in text]
    assert continued
    assert all("forts." in str(sheet.rows[number][2]) for number in continued)
    sent = {number: row.get(1) for number, row in sheet.rows.items()}
    recovered = recover_row_keys(without_key_column(sheet), PLAN, "TES")
    found = {number: meaning(key) for number, key in recovered.keys.items() if key != GAP_KEY}
    filled = [
        n for n, row in sheet.rows.items() if any(v is not None for c, v in row.items() if c > 1)
    ]
    expected = {n: meaning(sent[n]) for n in filled if meaning(sent[n])}
    assert {n: key for n, key in found.items() if key} == expected
    assert recovered.moved == ("TES-001", "TES-002", "TES-003")
    assert not recovered.lost


def test_a_sheet_of_another_kind_has_no_keys() -> None:
    sheet = replace(form_sheet(PLAN), rows={1: {1: "Notater"}, 2: {1: "Aktiviteter"}}, formulas={})
    assert not recover_row_keys(sheet, PLAN, "TES").keys
