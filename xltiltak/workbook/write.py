"""Write a form: what is given locked, what is open yellow, guarded and growing while one types."""

from __future__ import annotations

from io import BytesIO

from xltiltak.report import Report
from xltiltak.summary import figures
from xltiltak.workbook.areasheet import AreaSheet
from xltiltak.workbook.book import new_book
from xltiltak.workbook.snapshot import pack


def write_form(part: Report, area: str, areas: dict[str, str]) -> bytes:
    """The workbook of one area, to be filled in. `areas` are all areas of the round with their names."""
    target = BytesIO()
    with new_book(target, part.head) as book:
        sheet = AreaSheet(book, part, area, book.sheet_name(part.area_name(area)), plan=False)
        sheet.write({day: found for (ref, day), found in figures(part).items() if ref == area})
        book.hide(pack(part, areas))
    return target.getvalue()
