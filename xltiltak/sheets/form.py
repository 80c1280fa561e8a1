"""Write a form: what is given locked, what is open yellow, guarded and growing while one types."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from xltiltak.layout.geometry import Purpose
from xltiltak.model.report import Report, join_reports
from xltiltak.model.summary import AreaStatistics, area_statistics
from xltiltak.sheets.area_sheet import AreaSheetWriter
from xltiltak.sheets.workbook import WorkbookWriter, new_workbook
from xltiltak.snapshot.hidden_sheet import snapshot_rows


def write_form(part: Report, area: str, areas: Mapping[str, str]) -> bytes:
    """The workbook of one area, to be filled in. `areas` are all areas of the round with their names."""
    return write_forms({area: part}, areas)


def write_forms(
    parts: Mapping[str, Report], areas: Mapping[str, str], counted: AreaStatistics | None = None
) -> bytes:
    """The workbook of several areas, each with a sheet of its own. `counted` are their figures, if they are known."""
    target = BytesIO()
    with new_workbook(target, next(iter(parts.values())).head) as book:
        area_sheets(book, parts, counted)
        book.add_hidden_sheet(snapshot_rows(join_reports(parts.values()), areas))
    return target.getvalue()


def area_sheets(
    book: WorkbookWriter, parts: Mapping[str, Report], counted: AreaStatistics | None = None
) -> dict[str, AreaSheetWriter]:
    """The sheets of some areas, written into a workbook."""
    found = {}
    for area, part in parts.items():
        found[area] = AreaSheetWriter(
            book, part, area, book.sheet_name(part.area_name(area)), Purpose.FORM
        )
        known = area_statistics(part) if counted is None else counted
        found[area].write(
            {day: known[area, day] for day in part.head.dates if (area, day) in known}
        )
    return found
