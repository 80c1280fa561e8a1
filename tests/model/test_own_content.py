"""Own columns and sheets of two workbooks are united without losing a cell."""

from __future__ import annotations

from datetime import date

import pytest

from xltiltak.model.cell_values import CellValue, FormattedNumber
from xltiltak.model.own_content import (
    HEADING,
    OwnCell,
    OwnContent,
    OwnSheet,
    number_format,
    own_cell,
)


def test_what_only_the_other_workbook_has_is_added_and_ours_stands() -> None:
    ours = OwnContent({"A": ({HEADING: "Budsjett", "A-1": 1},)}, (OwnSheet("Notat", (("x",),)),))
    theirs = OwnContent(
        {"A": ({HEADING: "Budsjett", "A-1": 9, "A-2": 2}, {HEADING: "Frist", "A-1": "mai"})},
        (OwnSheet("Notat", (("y",),)), OwnSheet("Mer", (("z",),))),
    )
    united = ours.with_added(theirs)
    assert united.columns == {
        "A": ({HEADING: "Budsjett", "A-1": 1, "A-2": 2}, {HEADING: "Frist", "A-1": "mai"})
    }
    assert [(sheet.name, sheet.rows) for sheet in united.sheets] == [
        ("Notat", (("x",),)),
        ("Mer", (("z",),)),
    ]
    assert ours.with_added(ours) == ours


@pytest.mark.parametrize(
    ("value", "kept", "shown_as"),
    [
        ("Ring Siv", "Ring Siv", ""),
        (250, 250, ""),
        (True, "SANN", ""),
        (date(2020, 5, 4), date(2020, 5, 4), "dd.mm.yyyy"),
        (FormattedNumber(0.85, "percent", "85 %"), ..., "0%"),
        (FormattedNumber(0.855, "percent", "85,5 %"), ..., "0.0%"),
        (FormattedNumber(1250.5, "number", "1 250,50"), ..., "#,##0.00"),
        (FormattedNumber(1250, "other", "1 250 tkr"), "1 250 tkr", ""),
        (FormattedNumber(0.4375, "time", "10:30"), "10:30", ""),
        (None, None, None),
    ],
)
def test_a_cell_is_kept_as_it_was_seen(value: CellValue, kept: object, shown_as: object) -> None:
    cell: OwnCell | None = own_cell(value, "nb")
    assert cell == (value if kept is ... else kept)
    assert cell is None or number_format(cell, "nb") == shown_as
