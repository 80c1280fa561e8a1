"""Where the columns of a table are after people have moved, renamed and deleted some."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.merging.test_merge import REPORT
from xltiltak.intake.columns import ColumnMap, find_key_column, map_columns
from xltiltak.layout.geometry import geometry_of
from xltiltak.model.cell_values import CellValue
from xltiltak.xlsx.sheet_reader import Sheet

GEOMETRY = geometry_of(REPORT.template, REPORT.head.dates, "nb")
KEY = "@head"
NO, NAME, APRIL, AUGUST, REMARK = (
    "Nr",
    "Tiltak",
    "Status 30.04.2020",
    "Status 31.08.2020",
    "Oppdaterte merknader",
)
AS_SENT = (KEY, NO, NAME, APRIL, AUGUST, REMARK)
Cells = tuple[CellValue, ...]


def table(labels: Cells, *rows: Cells) -> Sheet:
    """Return a sheet with a label row in row 12 and rows below; all columns have content."""
    filled = rows or (tuple(f"tekst {n}" for n in range(len(labels))),)
    lines = {12: labels, **dict(enumerate(filled, 13))}
    return Sheet(
        "Samfunn",
        rows={
            number: {col: value for col, value in enumerate(line, 1) if value is not None}
            for number, line in lines.items()
        },
    )


def positions(found: ColumnMap) -> list[int | None]:
    """Return where each column of the form is now, from left to right."""
    return [found.position_of.get(column.col) for column in GEOMETRY.table_columns]


def test_the_columns_of_the_examples_are_those_of_the_form() -> None:
    assert (KEY, *(GEOMETRY.heading_of(column) for column in GEOMETRY.table_columns)) == AS_SENT


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (AS_SENT, [2, 3, 4, 5, 6]),
        # Moved, inserted, written in another way.
        ((KEY, NO, NAME, AUGUST, APRIL, REMARK), [2, 3, 5, 4, 6]),
        ((KEY, NO, "Vår", NAME, APRIL, AUGUST, REMARK), [2, 4, 5, 6, 7]),
        ((KEY, " nr", "TILTAK", APRIL, AUGUST, "oppdaterte  merknader"), [2, 3, 4, 5, 6]),
        # Renamed: by the neighbours.
        ((KEY, NO, NAME, APRIL, "Nå", REMARK), [2, 3, 4, 5, 6]),
        ((KEY, "Vår", NO, NAME, APRIL, "Nå", REMARK), [3, 4, 5, 6, 7]),
        # Deleted: no position at all.
        ((KEY, NO, NAME, APRIL, REMARK), [2, 3, 4, None, 5]),
        ((KEY, NO, APRIL, AUGUST, REMARK), [2, None, 3, 4, 5]),
        # Without the key column.
        ((NO, NAME, APRIL, AUGUST, REMARK), [1, 2, 3, 4, 5]),
        ((None, NO, NAME, APRIL, AUGUST, REMARK), [2, 3, 4, 5, 6]),
        # One label twice: the one in its own place, or else none of them.
        ((KEY, NO, NAME, APRIL, AUGUST, REMARK, AUGUST), [2, 3, 4, 5, 6]),
    ],
)
def test_each_column_is_found_by_its_label_or_its_neighbours(
    labels: Cells, expected: list[int | None]
) -> None:
    found = map_columns(table(labels), GEOMETRY)
    assert positions(found) == expected
    assert found.label_row == 12
    assert found.key_column == (1 if labels[0] == KEY else None)
    columns = [col for col, _ in found.of_level["measure"]]
    assert columns == [col for col in expected if col is not None]


@pytest.mark.parametrize(
    ("labels", "relabelled"),
    [
        (AS_SENT, []),
        ((KEY, NO, NAME, APRIL, "Nå", REMARK), [(AUGUST, 5)]),
        ((KEY, NO, NAME, APRIL, None, REMARK), [(AUGUST, 5)]),
        ((KEY, NO, NAME, APRIL, REMARK), [(AUGUST, None)]),
    ],
)
def test_columns_without_their_label_are_named_with_their_place(
    labels: Cells, relabelled: list[tuple[str, int | None]]
) -> None:
    found = map_columns(table(labels), GEOMETRY)
    names = [(GEOMETRY.heading_of(column), position) for column, position in found.relabelled]
    assert names == relabelled


@pytest.mark.parametrize(
    ("labels", "is_found"),
    [
        ((NO, NAME, APRIL, "Nå", "Ord"), True),  # half of the labels and more
        ((NO, "Hva", APRIL, "Nå", "Ord"), False),
    ],
)
def test_without_row_keys_half_of_the_labels_make_a_row_the_label_row(
    labels: Cells, *, is_found: bool
) -> None:
    found = map_columns(table(labels), GEOMETRY)
    assert (found.label_row is not None) == is_found
    assert found.is_below_labels(13) == is_found
    assert not found.is_below_labels(12)
    assert not found.read_row_keys(table(labels))


def test_row_keys_are_those_of_the_key_column_wherever_it_is() -> None:
    sheet = table((None, KEY, NO, NAME), (None, "SAM-001", 1, "Skole"), (None, None, 2, "Park"))
    assert find_key_column(sheet) == 2
    keys = map_columns(sheet, GEOMETRY).read_row_keys(sheet)
    assert keys == {12: KEY, 13: "SAM-001", 14: None}


def test_two_fields_with_one_heading_are_taken_from_left_to_right() -> None:
    """Templates write dates in many ways, headings in one."""
    fields = [
        replace(field, per_checkpoint=True, label=f"Når {{date:{pattern}}}")
        for field, pattern in zip(REPORT.template.fields[-2:], ("%d%m%y", "%Y"), strict=True)
    ]
    template = replace(REPORT.template, fields=(*REPORT.template.fields[:-2], *fields))
    geometry = geometry_of(template, REPORT.head.dates[:2], "nb")
    headings = [geometry.heading_of(column) for column in geometry.table_columns]
    assert headings[-4:] == ["Når 30.04.2020", "Når 31.08.2020"] * 2
    found = map_columns(table((KEY, *headings)), geometry)
    assert found.position_of == {col: col for col in range(1, len(headings) + 2)}


def test_no_column_is_left_of_the_sheet() -> None:
    found = map_columns(table((APRIL, AUGUST, REMARK)), GEOMETRY)
    assert min(found.position_of.values()) == 0
