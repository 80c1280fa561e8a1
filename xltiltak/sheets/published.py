"""Write the published appendix: overview and area sheets as the council reads them, nothing of how they came about."""

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
from xltiltak.sheets.appendix import by_area, of_amounts, place_in
from xltiltak.sheets.area_sheet import AreaSheetWriter
from xltiltak.sheets.charts import CHART_SIZE, ChartData, shares_chart, title_options
from xltiltak.sheets.overview import Overview
from xltiltak.sheets.workbook import WorkbookWriter, new_workbook


def write_published(
    report: Report,
    returned: frozenset[str],
    *,
    progress_texts: Sequence[str] = (),
    changes: Mapping[str, str] | None = None,
) -> bytes:
    """The whole workbook of a report that holds only what is for all.

    `returned` are the areas that have answered. `said` is what has happened since the date before, a sentence each;
    `changes` says it of each measure, by its ref.
    """
    target, known, moved = BytesIO(), area_statistics(report), changes or {}
    with new_workbook(target, report.head) as book:
        overview = Overview(book, report, returned, progress_texts, purpose=Purpose.PUBLISHED)
        sheets = {ref: _sheet(book, part, ref, moved) for ref, part in report.parts().items()}
        for ref, sheet in sheets.items():
            sheet.write({day: known[ref, day] for day in report.head.dates if (ref, day) in known})
            _chart(book, sheet)
        totals, linked = overview.totals, by_area(report, of_amounts(report))
        made = {
            ref: sheet.finish(totals.formulas(ref, sheet.sums, sheet.name), linked.get(ref, ()))
            for ref, sheet in sheets.items()
        }
        overview.write(made, known)
        lists.write_amounts(book, report, partial(place_in, report, made))
        overview.sheet.protect("")
    return target.getvalue()


def _sheet(
    book: WorkbookWriter, part: Report, ref: str, changes: Mapping[str, str]
) -> AreaSheetWriter:
    name = book.sheet_name(part.area_name(ref) if part.template.area_level else ref)
    moved = {
        Slot(node.ref, CHANGE_FIELD): changes[node.ref]
        for node in part.nodes
        if node.ref in changes
    }
    return AreaSheetWriter(
        book, replace(part, values={**part.values, **moved}), ref, name, Purpose.PUBLISHED
    )


def _chart(book: WorkbookWriter, sheet: AreaSheetWriter) -> None:
    """The distribution at each date, beside the table; its numbers stand in the table of the scale."""
    columns = sheet.geometry.scored_columns
    top = next((row for row, line in enumerate(sheet.lines) if line.key == "@scale"), None)
    if top is None or not sheet.geometry.has_figures or not columns[0].field_type.steps:
        return
    language, steps = sheet.part.head.language, columns[0].field_type.steps
    chart = shares_chart(
        book.workbook, ChartData(sheet.name, top, columns[0].col - 1, 1, len(columns)), steps
    )
    named = {"date": sheet.part.area_name(sheet.area)}
    chart.set_title(title_options(translate("book.distribution", language, **named)))
    text = translate("book.distribution_text", language)
    place = {"description": text, "object_position": 2, "y_scale": 0.75}
    sheet.sheet.insert_chart(
        0, max(sheet.geometry.widths), chart, {**place, "x_offset": CHART_SIZE["width"] // 20}
    )
