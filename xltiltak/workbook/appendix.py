"""Write the coordinator's workbook: the appendix, which is the plan while its current date is empty."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from io import BytesIO

from xltiltak.register import Register
from xltiltak.report import Report, Slot
from xltiltak.summary import figures
from xltiltak.workbook import lists
from xltiltak.workbook.areasheet import AreaSheet
from xltiltak.workbook.book import Book, new_book
from xltiltak.workbook.ledger import dump_register
from xltiltak.workbook.overview import Overview
from xltiltak.workbook.snapshot import pack

_MOST_NOTES = 300  # on cells; each is a drawing of its own
_LONGEST_NOTE = 1_000  # characters


def write_appendix(register: Register) -> bytes:
    """The whole workbook: overview, an area sheet each, findings, proposals, sources, the head, and the snapshot."""
    target, report = BytesIO(), register.report
    with new_book(target, report.head) as book:
        overview = Overview(book, report, register.returned)
        parts, all_figures = report.parts(), figures(report)
        sheets = {ref: AreaSheet(book, part, ref, _name(book, register, ref), plan=True) for ref, part in parts.items()}
        for ref, sheet in sheets.items():
            sheet.write({day: all_figures[ref, day] for day in report.head.dates if (ref, day) in all_figures})
        _mark_doubts(sheets, register)
        overview.write(sheets, all_figures)
        place = partial(place_in, report, sheets)
        lists.write_amounts(book, report, place)
        lists.write_findings(book, register, place)
        lists.write_proposals(book, register)
        lists.write_sources(book, register, place)
        lists.write_head(book, report)
        names = {ref: report.area_name(ref) for ref in report.area_refs}
        book.hide(pack(report, names, dump_register(register)))
    return target.getvalue()


def _mark_doubts(sheets: Mapping[str, AreaSheet], register: Register) -> None:
    """A note on each cell that an error or a warning is about, so that it is seen where the figure stands."""
    report = register.report
    said: dict[tuple[str, Slot], list[str]] = {}
    for finding in (f for f in register.findings if f.severity != "note"):
        slot = Slot(finding.ref, finding.field, finding.date)
        area = report.area_of.get(slot.ref, "")
        if area in sheets and sheets[area].cell_of(slot):
            said.setdefault((area, slot), []).append(finding.sentence(report.head.language))
    for (area, slot), sentences in list(said.items())[:_MOST_NOTES]:
        sheets[area].note(slot, "\n".join(sentences)[:_LONGEST_NOTE])


def place_in(report: Report, sheets: Mapping[str, AreaSheet], slot: Slot) -> str:
    """Where a slot stands in this workbook, as a link."""
    sheet = sheets.get(report.area_of.get(slot.ref, ""))
    cell = sheet.cell_of(slot) if sheet else None
    return f"internal:{lists.quoted(sheet.name)}!{cell}" if sheet and cell else ""


def _name(book: Book, register: Register, ref: str) -> str:
    return book.sheet_name(register.report.area_name(ref) if register.report.template.sent else ref)
