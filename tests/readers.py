"""Read a workbook with our reader, openpyxl and calamine, as grids that can be compared."""

from __future__ import annotations

from datetime import datetime, time
from io import BytesIO
from typing import Any

import openpyxl
from python_calamine import CalamineWorkbook

from xltiltak.model.cell_values import CellValue, ErrorValue, FormattedNumber
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.sheet_reader import Sheet, read_sheets

Grid = dict[tuple[int, int], CellValue]


def sheets_of(content: bytes) -> list[Sheet]:
    """Return every sheet of a workbook."""
    return list(read_sheets(Package(content)))


def grid(content: bytes, n: int = 0) -> Grid:
    """Return the cells of a sheet that are not empty, by row and column."""
    rows = sheets_of(content)[n].rows
    return {(r, c): cell for r, row in rows.items() for c, cell in row.items() if cell is not None}


# Other readers of the same file. They differ from ours only in what the functions below even out:
# both give a time with every date, calamine gives every number as a float and no errors, and
# openpyxl leaves `_x000D_` as it is.


def by_openpyxl(content: bytes) -> list[Grid]:
    """Return the filled cells as openpyxl reads them, formulas by their last value."""
    opened = openpyxl.load_workbook(BytesIO(content), data_only=True)
    return [
        {
            (r, c): _day(value)
            for r, row in enumerate(page.iter_rows(values_only=True), 1)
            for c, value in enumerate(row, 1)
            if _filled(value)
        }
        for page in opened.worksheets
    ]


def by_calamine(content: bytes) -> list[Grid]:
    """Return the filled cells as calamine reads them."""
    opened = CalamineWorkbook.from_filelike(BytesIO(content))
    grids = []
    for name in opened.sheet_names:
        page = opened.get_sheet_by_name(name)
        first = page.start or (0, 0)
        rows = enumerate(page.to_python(skip_empty_area=True), first[0] + 1)
        grids.append(
            {
                (r, c): _day(v)
                for r, row in rows
                for c, v in enumerate(row, first[1] + 1)
                if _filled(v)
            }
        )
    return grids


def _filled(value: Any) -> bool:
    return value is not None and value != ""


def _day(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) and value.time() == time.min else value


def _stored(cell: CellValue) -> CellValue:
    return cell.number if isinstance(cell, FormattedNumber) else cell


def ours(content: bytes) -> list[Grid]:
    """Return the filled cells of each sheet as we read them."""
    return [
        {at: _stored(cell) for at, cell in grid(content, n).items() if _filled(cell)}
        for n, _ in enumerate(sheets_of(content))
    ]


def assert_all_read_the_same(content: bytes) -> None:
    """Assert that all three readers give the same cells."""
    mine = ours(content)
    assert mine == by_openpyxl(content)
    assert [
        {at: c for at, c in page.items() if not isinstance(c, ErrorValue)} for page in mine
    ] == by_calamine(content)
    assert any(len(page) > 20 for page in mine)
