"""Write the coordinator's workbook: the appendix, which is the plan while its current date is empty."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from xltiltak.layout.geometry import Purpose
from xltiltak.model.amounts import list_mentions
from xltiltak.model.register import Register
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import AreaStatistics, area_statistics
from xltiltak.sheets import lists
from xltiltak.sheets.area_sheet import AreaSheetWriter, FinishedSheet
from xltiltak.sheets.overview import Overview
from xltiltak.sheets.totals import TotalFormulas
from xltiltak.sheets.workbook import WorkbookWriter, new_workbook
from xltiltak.snapshot.hidden_sheet import snapshot_rows
from xltiltak.snapshot.register_json import dump_register
from xltiltak.xlsx.packing import ByteChunks

_MOST_NOTES = 300  # on cells; each is a drawing of its own
_LONGEST_NOTE = 1_000  # characters


def write_appendix(register: Register) -> bytes:
    """The whole workbook: overview, an area sheet each, findings, proposals, sources, the head, and the snapshot."""
    return b"".join(appendix_chunks(register))


def appendix_chunks(
    register: Register, parts: Iterable[tuple[str, Report]] | None = None
) -> list[bytes]:
    """The same as it was made, piece by piece: a large one need not be there twice to be written.

    Who does something else with each area's part, as writing its form, gives the parts one by one.
    """
    target, report = ByteChunks(), register.report
    with new_workbook(target, report.head) as book:
        overview = Overview(book, report, register.answered_areas)
        all_figures = area_statistics(report)
        sheets = _area_sheets(
            book, register, parts or report.iter_parts(), all_figures, overview.totals
        )
        overview.write(sheets, all_figures)
        place = partial(place_in, report, sheets)
        lists.write_amounts(book, report, place)
        lists.write_findings(book, register, place)
        lists.write_proposals(book, register)
        lists.write_sources(book, register, place)
        lists.write_head(book, report)
        names = {ref: report.area_name(ref) for ref in report.area_refs}
        book.add_hidden_sheet(snapshot_rows(report, names, dump_register(register)))
    return target


def _area_sheets(
    book: WorkbookWriter,
    register: Register,
    parts: Iterable[tuple[str, Report]],
    figures: AreaStatistics,
    totals: TotalFormulas,
) -> dict[str, FinishedSheet]:
    """Every area's sheet, each finished before the next is begun; what others must know of them."""
    report, doubts, linked = register.report, _doubts(register), _linked(register)
    made = {}
    for ref, part in parts:
        sheet = AreaSheetWriter(book, part, ref, _name(book, register, ref), Purpose.APPENDIX)
        sheet.write({day: figures[ref, day] for day in report.head.dates if (ref, day) in figures})
        for slot, sentences in doubts.get(ref, {}).items():
            sheet.note(slot, "\n".join(sentences)[:_LONGEST_NOTE])
        made[ref] = sheet.finish(totals.formulas(ref, sheet.sums, sheet.name), linked.get(ref, ()))
    return made


def _doubts(register: Register) -> dict[str, dict[Slot, list[str]]]:
    """For each area what errors and warnings say of its slots: notes on their cells, seen where the figure stands."""
    report, count = register.report, 0
    said: dict[str, dict[Slot, list[str]]] = defaultdict(dict)
    for finding in (f for f in register.findings if f.severity != "note"):
        slot = Slot(finding.ref, finding.field, finding.date)
        of_area = said[report.area_of.get(slot.ref, "")]
        count += slot not in of_area
        if count <= _MOST_NOTES or slot in of_area:
            of_area.setdefault(slot, []).append(finding.sentence(report.head.language))
    return said


def _linked(register: Register) -> dict[str, set[Slot]]:
    """For each area the slots that the lists lead to."""
    of_findings = (Slot(f.ref, f.field, f.date) for f in register.findings)
    return by_area(
        register.report, (*of_findings, *register.overridden_slots, *of_amounts(register.report))
    )


def of_amounts(report: Report) -> Iterator[Slot]:
    """The slots whose texts hold amounts."""
    return (slot for slot, _, _ in list_mentions(report))


def by_area(report: Report, slots: Iterable[Slot]) -> dict[str, set[Slot]]:
    """The slots of each area."""
    found: dict[str, set[Slot]] = defaultdict(set)
    for slot in slots:
        found[report.area_of.get(slot.ref, "")].add(slot)
    return found


def place_in(report: Report, sheets: Mapping[str, FinishedSheet], slot: Slot) -> str:
    """Where a slot stands in this workbook, as a link."""
    sheet = sheets.get(report.area_of.get(slot.ref, ""))
    cell = sheet.cells.get(slot) if sheet else None
    return f"internal:{lists.quoted(sheet.name)}!{cell}" if sheet and cell else ""


def _name(book: WorkbookWriter, register: Register, ref: str) -> str:
    return book.sheet_name(
        register.report.area_name(ref) if register.report.template.area_level else ref
    )
