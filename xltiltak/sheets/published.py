"""Write the published appendix: overview and area sheets without anything about their making."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from io import BytesIO

from xltiltak.layout.geometry import CHANGE_FIELD, Purpose
from xltiltak.model.language import translate
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import area_statistics
from xltiltak.sheets import lists
from xltiltak.sheets.appendix import link_to_slot, slots_by_area, slots_with_amounts
from xltiltak.sheets.area_sheet import AreaSheetWriter
from xltiltak.sheets.charts import CHART_SIZE, ChartData, shares_chart, title_options
from xltiltak.sheets.overview import Overview
from xltiltak.sheets.row_formats import RowFormats
from xltiltak.sheets.workbook import WorkbookWriter, new_workbook


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
        sheets = _area_sheets(book, report, changes or {})
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


def _area_sheets(
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
        sheets[area] = AreaSheetWriter(formats, with_movements, area, name, Purpose.PUBLISHED)
    return sheets


def _add_chart(book: WorkbookWriter, sheet: AreaSheetWriter) -> None:
    """Draw the distribution at each date beside the table, from the table of the scale."""
    columns = sheet.geometry.scored_columns
    top = next((row for row, line in enumerate(sheet.rows) if line.key == "@scale"), None)
    if top is None or not sheet.geometry.has_figures or not columns[0].field_type.steps:
        return
    language, steps = sheet.part.head.language, columns[0].field_type.steps
    data = ChartData(sheet.name, top, columns[0].col - 1, 1, len(columns))
    chart = shares_chart(book.workbook, data, steps)
    area_name = sheet.part.area_name(sheet.area)
    chart.set_title(title_options(translate("book.distribution", language, date=area_name)))
    placement = {
        "description": translate("book.distribution_text", language),
        "object_position": 2,
        "y_scale": 0.75,
        "x_offset": CHART_SIZE["width"] // 20,
    }
    sheet.sheet.insert_chart(0, max(sheet.geometry.widths), chart, placement)
