"""Write the appendix: the coordinator's workbook, and the published one.

The coordinator's is the plan while no date is open. The published one has overview and area sheets
without anything about their making.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from io import BytesIO

from xltiltak.layout.geometry import CHANGE_FIELD, Purpose
from xltiltak.model.amounts import list_mentions
from xltiltak.model.language import translate
from xltiltak.model.register import Register
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import AreaStatistics, area_statistics, coloured_steps
from xltiltak.sheets import lists
from xltiltak.sheets.area_sheet import AreaSheetWriter, FinishedSheet
from xltiltak.sheets.charts import ChartData, shares_chart, title_options
from xltiltak.sheets.overview import Overview
from xltiltak.sheets.own_cells import write_own_sheets
from xltiltak.sheets.row_formats import RowFormats
from xltiltak.sheets.summary_formulas import SummaryColumns
from xltiltak.sheets.to_do import ToDo, ToDoWriter
from xltiltak.sheets.workbook import WorkbookWriter, new_workbook, quoted_sheet_name
from xltiltak.snapshot.hidden_sheet import register_rows
from xltiltak.snapshot.register_json import dump_register
from xltiltak.xlsx.excel_limits import cut

_MOST_NOTES = 300  # on cells; each is a drawing of its own
_LONGEST_NOTE = 1_000  # characters


def write_appendix(register: Register, parts: Iterable[tuple[str, Report]] | None = None) -> bytes:
    """Return the whole workbook.

    Its sheets are the overview, one for each area, amounts, findings, proposals, sources, the
    report details, the coordinator's own, and the hidden snapshot. `parts` yields the parts of the
    shown report by area. A caller that also writes the forms passes a generator that writes each
    form when its part is taken.
    """
    target, report, to_do = BytesIO(), register.shown_report, ToDo(register)
    with new_workbook(target, report.head) as book:
        overview = Overview(book, report, register.complete_areas, to_do=to_do)
        statistics = area_statistics(report)
        parts = parts or report.iter_parts()
        sheets = _write_area_sheets(book, register, parts, statistics, overview.totals)
        link_to = partial(link_to_slot, report, sheets)
        lists.write_amounts(book, report, link_to)
        findings = lists.write_findings(book, register, link_to)
        proposals = lists.write_proposals(book, register)
        places = {"error": findings, "warning": findings, "proposal": proposals}
        overview.write(sheets, statistics, ToDoWriter(book, overview.sheet, to_do, places, link_to))
        lists.write_sources(book, register, link_to)
        lists.write_head(book, report)
        write_own_sheets(book, register.own.sheets, report.head.language)
        names = {ref: report.area_name(ref) for ref in report.area_refs}
        book.add_hidden_sheet(register_rows(register.report, names, dump_register(register)))
    return target.getvalue()


def _write_area_sheets(
    book: WorkbookWriter,
    register: Register,
    parts: Iterable[tuple[str, Report]],
    statistics: AreaStatistics,
    totals: SummaryColumns,
) -> dict[str, FinishedSheet]:
    """Write each area's sheet and pack it before the next is begun; return what others need."""
    report, formats = register.report, RowFormats(book)
    notes, linked_slots = _notes_by_area(register), _linked_slots(register)
    finished = {}
    for area, part in parts:
        title = report.area_name(area) if report.template.area_level else area
        own, name = register.own.columns.get(area, ()), book.sheet_name(title)
        sheet = AreaSheetWriter(formats, part, area, name, Purpose.APPENDIX, own)
        days = [day for day in report.head.dates if (area, day) in statistics]
        sheet.write({day: statistics[area, day] for day in days})
        for slot, sentences in notes.get(area, {}).items():
            sheet.note(slot, cut("\n".join(sentences), _LONGEST_NOTE))
        formulas = totals.formulas(area, sheet.summaries, sheet.name)
        finished[area] = sheet.finish(formulas, linked_slots.get(area, ()))
    return finished


def _notes_by_area(register: Register) -> dict[str, dict[Slot, list[str]]]:
    """Return for each area the errors and warnings about its slots, as notes on their cells."""
    report, count = register.report, 0
    notes: dict[str, dict[Slot, list[str]]] = defaultdict(dict)
    for finding in register.findings:
        if finding.severity == "note":
            continue
        slot = Slot(finding.ref, finding.field, finding.date)
        of_area = notes[report.area_of.get(slot.ref, "")]
        count += slot not in of_area
        if count <= _MOST_NOTES or slot in of_area:
            of_area.setdefault(slot, []).append(finding.sentence(report.head.language))
    return notes


def _linked_slots(register: Register) -> dict[str, set[Slot]]:
    """Return for each area the slots that the lists link to."""
    report = register.report
    of_findings = (Slot(f.ref, f.field, f.date) for f in register.findings)
    slots = (*of_findings, *register.overridden_slots, *slots_with_amounts(report))
    return slots_by_area(report, slots)


def slots_with_amounts(report: Report) -> Iterator[Slot]:
    """Yield the slots whose texts hold amounts of money."""
    return (slot for slot, _, _ in list_mentions(report))


def slots_by_area(report: Report, slots: Iterable[Slot]) -> dict[str, set[Slot]]:
    """Return the slots of each area; those of no area under ""."""
    found: dict[str, set[Slot]] = defaultdict(set)
    for slot in slots:
        found[report.area_of.get(slot.ref, "")].add(slot)
    return found


def link_to_slot(report: Report, sheets: Mapping[str, FinishedSheet], slot: Slot) -> str:
    """Return a link to a slot's cell in this workbook; "" if it has none."""
    sheet = sheets.get(report.area_of.get(slot.ref, ""))
    cell = sheet.cells.get(slot) if sheet else None
    return f"internal:{quoted_sheet_name(sheet.name)}!{cell}" if sheet and cell else ""


# The published appendix


def write_published(
    report: Report,
    returned: frozenset[str],
    *,
    progress_texts: Sequence[str] = (),
    changes: Mapping[str, str] | None = None,
) -> bytes:
    """Return the workbook of a report that holds only what everybody may read.

    `returned` are the areas that have answered. `progress_texts` are sentences on what has
    happened since the date before; `changes` says it of each measure, by its ref.
    """
    target, statistics = BytesIO(), area_statistics(report)
    with new_workbook(target, report.head) as book:
        overview = Overview(book, report, returned, progress_texts, purpose=Purpose.PUBLISHED)
        sheets = _published_sheets(book, report, changes or {})
        for area, sheet in sheets.items():
            days = [day for day in report.head.dates if (area, day) in statistics]
            sheet.write({day: statistics[area, day] for day in days})
            _add_chart(book, sheet)
        totals, linked_slots = overview.totals, slots_by_area(report, slots_with_amounts(report))
        finished = {}
        for area, sheet in sheets.items():
            formulas = totals.formulas(area, sheet.summaries, sheet.name)
            finished[area] = sheet.finish(formulas, linked_slots.get(area, ()))
        overview.write(finished, statistics)
        lists.write_amounts(book, report, partial(link_to_slot, report, finished))
        overview.sheet.protect("")
    return target.getvalue()


def _published_sheets(
    book: WorkbookWriter, report: Report, changes: Mapping[str, str]
) -> dict[str, AreaSheetWriter]:
    """Create a sheet for each area, with the movement of its measures as a field."""
    sheets, formats = {}, RowFormats(book)
    for area, part in report.parts().items():
        name = book.sheet_name(part.area_name(area) if part.template.area_level else area)
        movements = {
            Slot(node.ref, CHANGE_FIELD): changes[node.ref]
            for node in part.nodes
            if node.ref in changes
        }
        with_movements = replace(part, values={**part.values, **movements})
        with_movements = with_movements.at_date(part.report_date)
        sheets[area] = AreaSheetWriter(formats, with_movements, area, name, Purpose.PUBLISHED)
    return sheets


def _add_chart(book: WorkbookWriter, sheet: AreaSheetWriter) -> None:
    """Draw the distribution at each date above the measures, from the table of the scale."""
    columns = sheet.geometry.scored_columns
    top = next((row for row, line in enumerate(sheet.rows) if line.key == "@scale"), None)
    if top is None or not sheet.geometry.has_figures or not columns[0].field_type.steps:
        return
    language, steps = sheet.part.head.language, coloured_steps(columns[0].field_type.steps)
    data = ChartData(sheet.name, top, columns[0].col - 1, 1, len(columns))
    chart = shares_chart(book.workbook, data, steps)
    area = sheet.part.area_name(sheet.area)
    chart.set_title(title_options(translate("book.distribution", language, date=area)))
    sheet.insert_chart(chart, translate("book.area_distribution_text", language, area=area))
