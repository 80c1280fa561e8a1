"""Write a form: what is given locked, what is open yellow, guarded and growing while one types."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from xltiltak.report import Report, joined
from xltiltak.summary import figures
from xltiltak.workbook.areasheet import AreaSheet
from xltiltak.workbook.book import new_book
from xltiltak.workbook.snapshot import pack


def write_form(part: Report, area: str, areas: Mapping[str, str]) -> bytes:
    """The workbook of one area, to be filled in. `areas` are all areas of the round with their names."""
    return write_forms({area: part}, areas)


def write_forms(parts: Mapping[str, Report], areas: Mapping[str, str]) -> bytes:
    """The workbook of several areas, each with a sheet of its own."""
    target = BytesIO()
    with new_book(target, next(iter(parts.values())).head) as book:
        for area, part in parts.items():
            sheet = AreaSheet(book, part, area, book.sheet_name(part.area_name(area)), plan=False)
            sheet.write({day: found for (ref, day), found in figures(part).items() if ref == area})
        book.hide(pack(joined(parts.values()), areas))
    return target.getvalue()
