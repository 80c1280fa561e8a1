"""Write a form: the workbook that a leader fills in.

Locked cells are white, open ones yellow; open cells are validated and grow with their text.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from xltiltak.layout.geometry import Purpose
from xltiltak.model.report import Report, join_reports
from xltiltak.model.summary import AreaStatistics, area_statistics
from xltiltak.sheets.area_sheet import AreaSheetWriter
from xltiltak.sheets.row_formats import RowFormats
from xltiltak.sheets.workbook import WorkbookWriter, new_workbook
from xltiltak.snapshot.hidden_sheet import snapshot_rows


def write_form(part: Report, area: str, areas: Mapping[str, str]) -> bytes:
    """Return the form of one area. `areas` are the names of all areas of the round, by ref."""
    return write_forms({area: part}, areas)


def write_forms(
    parts: Mapping[str, Report],
    areas: Mapping[str, str],
    statistics: AreaStatistics | None = None,
) -> bytes:
    """Return one form with a sheet for each of these areas.

    `statistics` are those of the areas, if they have been computed already.
    """
    target = BytesIO()
    with new_workbook(target, next(iter(parts.values())).head) as book:
        write_area_sheets(book, parts, statistics)
        book.add_hidden_sheet(snapshot_rows(join_reports(parts.values()), areas))
    return target.getvalue()


def write_area_sheets(
    book: WorkbookWriter, parts: Mapping[str, Report], statistics: AreaStatistics | None = None
) -> dict[str, AreaSheetWriter]:
    """Write a form's sheets into a workbook; return their writers, by area."""
    writers, formats = {}, RowFormats(book)
    for area, part in parts.items():
        name = book.sheet_name(part.area_name(area))
        writer = writers[area] = AreaSheetWriter(formats, part, area, name, Purpose.FORM)
        known = area_statistics(part) if statistics is None else statistics
        writer.write({day: known[area, day] for day in part.head.dates if (area, day) in known})
    return writers
