"""Write a report as people write appendices by hand: in Word and Excel, in rows and on cards."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
from docx import Document
from docx.document import Document as Word
from docx.table import Table

from xltiltak.model.field_types import field_type_of
from xltiltak.model.report import Node, Report, Slot
from xltiltak.model.template import Field, Level


class PrintedColumn(NamedTuple):
    """A column of a handmade table: its label, and the field that it shows.

    `field` is None for a closed group.
    """

    label: str
    level: str
    field: Field | None = None
    date: date | None = None


def columns(report: Report, without: Sequence[str] = ()) -> list[PrintedColumn]:
    """Return every column of a report as one table, without the levels that headings show."""
    template, found = report.template, list[PrintedColumn]()
    for level in template.levels:
        if level.id in without:
            continue
        found += [PrintedColumn(level.label, level.id)] if level.groups else []
        for field in template.fields_of(level.id):
            days = report.head.dates if field.per_checkpoint else (None,)
            found += [PrintedColumn(field.label_for(day), level.id, field, day) for day in days]
    return found


def paths(report: Report) -> Iterator[dict[str, Node]]:
    """Yield every measure with its groups, by level."""
    for node in report.nodes:
        if node.level == report.template.leaf.id:
            path, above = {node.level: node}, node.parent
            while above:
                parent = report.by_ref[above]
                path[parent.level], above = parent, parent.parent
            yield path


def column_text(report: Report, path: dict[str, Node], column: PrintedColumn) -> str:
    """Return the text that a column shows for a measure."""
    node = path.get(column.level)
    if node is None:
        return ""
    if column.field is None:
        return next(
            g.label for g in report.template.level(column.level).groups if g.id == node.group
        )
    value = report.values.get(Slot(node.ref, column.field.id, column.date))
    return (
        "" if value is None else field_type_of(column.field, report.template).display(value, "nb")
    )


def cell_of(report: Report, path: dict[str, Node], column: PrintedColumn) -> Any:
    """Return the content of an Excel cell for it: a number as a number."""
    node = path.get(column.level)
    value = (
        report.values.get(Slot(node.ref, column.field.id, column.date))
        if node and column.field
        else None
    )
    return value if isinstance(value, int) else column_text(report, path, column)


def plain_status(report: Report, path: dict[str, Node], column: PrintedColumn) -> str:
    """Return a step of a scale as its number, as it is usually printed."""
    return str(cell_of(report, path, column))


def heading_of(report: Report, level: Level, node: Node) -> str:
    """Return the heading of a group in the form that its template gives."""
    name = next((g.label for g in level.groups if g.id == node.group), None)
    return level.heading.format(name=name or report.values.get(Slot(node.ref, "name"), ""))


# Word


def word_rows(
    report: Report, change: Callable[[list[PrintedColumn]], list[PrintedColumn]] = list
) -> Word:
    """Return a document with one table for each area, below its heading."""
    sent, document = report.template.area_level, Document()
    document.add_heading(report.head.title, 0)
    shown = change(columns(report, (sent.id,) if sent else ()))
    for ref in report.area_refs:
        if sent:
            document.add_heading(heading_of(report, sent, report.by_ref[ref]), 1)
        rows = [
            path
            for path in paths(report)
            if report.area_of[path[report.template.leaf.id].ref] == ref
        ]
        table = document.add_table(rows=0, cols=len(shown))
        _row(table, [column.label for column in shown])
        for path in rows:
            _row(table, [plain_status(report, path, column) for column in shown])
    return document


def word_cards(report: Report, *, titles: bool = True) -> Word:
    """Return a document with a table for each measure, below the headings of its groups."""
    template, document = report.template, Document()
    document.add_heading(report.head.title, 0)
    open_: dict[str, str] = {}
    for path in paths(report):
        for rank, level in enumerate(template.levels[:-1], 1):
            node = path.get(level.id)
            if node and open_.get(level.id) != node.ref:
                document.add_heading(heading_of(report, level, node), min(rank, 9))
                open_ = {
                    k: v for k, v in open_.items() if k in [v.id for v in template.levels[:rank]]
                }
                open_[level.id] = node.ref
        leaf = path[template.leaf.id]
        number = report.values.get(Slot(leaf.ref, "no"))
        if titles and number is not None:
            document.add_paragraph(template.leaf.heading.format(no=number))
        _card(document, report, path, titled=titles and number is not None)
    return document


def _card(document: Word, report: Report, path: dict[str, Node], *, titled: bool) -> None:
    leaf = report.template.leaf
    groups = [node.group for node in path.values() if node.group]
    table = document.add_table(rows=0, cols=2)
    for field in report.template.fields_of(leaf.id):
        if field.applies(groups) and not (titled and field.id == "no"):
            _row(
                table,
                [
                    field.label_for(None, groups),
                    column_text(report, path, PrintedColumn("", leaf.id, field)),
                ],
            )


def _row(table: Table, texts: Sequence[str]) -> None:
    for cell, text in zip(table.add_row().cells, texts, strict=True):  # type: ignore[no-untyped-call]
        lines = text.split("\n")
        cell.paragraphs[0].text = lines[0]
        for line in lines[1:]:
            cell.add_paragraph(line)


def saved_word(document: Word, path: Path) -> Path:
    """Save the document to a file."""
    document.save(str(path))
    return path


# Excel


def excel(
    pages: dict[str, list[list[Any]]], path: Path, edit: Callable[[Any], object] | None = None
) -> Path:
    """Write a workbook with these rows on its sheets; `edit` may change it before it is saved."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in pages.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            cell.data_type = "s"  # a text that begins with "=" is a text
    if edit:
        edit(book)
    target = BytesIO()
    book.save(target)
    path.write_bytes(target.getvalue())
    return path


def sheet_per_area(
    report: Report, change: Callable[[list[PrintedColumn]], list[PrintedColumn]] = list
) -> dict[str, list[list[Any]]]:
    """Return a sheet for each area; only the tab has the area's name."""
    shown = change(columns(report, (report.template.levels[0].id,)))
    return {
        _tab(report.area_name(ref)): [_labels(shown), *_rows(report, shown, ref)]
        for ref in report.area_refs
    }


def _tab(name: str) -> str:
    """Return a name in the form that Excel accepts for a sheet."""
    return re.sub(r"[\[\]:*?/\\]", "-", name)[:31]


def one_with_headings(
    report: Report, change: Callable[[list[PrintedColumn]], list[PrintedColumn]] = list
) -> dict[str, list[list[Any]]]:
    """Return one sheet, with the heading of each area above its rows."""
    level = report.template.levels[0]
    shown, rows = change(columns(report, (level.id,))), list[list[Any]]()
    for ref in report.area_refs:
        rows += [
            [],
            [heading_of(report, level, report.by_ref[ref])],
            [],
            _labels(shown),
            *_rows(report, shown, ref),
        ]
    return {"Ark1": [[report.head.title], *rows]}


def one_with_column(
    report: Report, change: Callable[[list[PrintedColumn]], list[PrintedColumn]] = list
) -> dict[str, list[list[Any]]]:
    """Return one sheet, with the area in a column."""
    shown = change(columns(report))
    return {
        "Ark1": [
            _labels(shown),
            *(row for ref in report.area_refs for row in _rows(report, shown, ref)),
        ]
    }


def merged_with_dates(report: Report, path: Path) -> Path:
    """Write one sheet with merged cells.

    The title is merged across the table, and each area down over its rows. One label is merged
    across the dated columns; the cells below it are real dates.
    """
    shown = columns(report)
    dated = [n for n, column in enumerate(shown) if column.date]
    upper = [_upper(column, first=n == dated[0]) for n, column in enumerate(shown)]
    lower = [
        datetime.combine(column.date, datetime.min.time()) if column.date else ""
        for column in shown
    ]
    rows = [row for ref in report.area_refs for row in _rows(report, shown, ref)]

    def merge(book: Any) -> None:
        sheet = book.worksheets[0]
        sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(shown))
        sheet.merge_cells(
            start_row=2, end_row=2, start_column=dated[0] + 1, end_column=dated[-1] + 1
        )
        for n in range(len(shown)):
            if n not in dated:
                sheet.merge_cells(start_row=2, end_row=3, start_column=n + 1, end_column=n + 1)
        first = 4
        for ref in report.area_refs:
            last = first + len(_rows(report, shown, ref)) - 1
            for row in range(first + 1, last + 1):
                sheet.cell(row, 1).value = None
            sheet.merge_cells(start_row=first, end_row=last, start_column=1, end_column=1)
            first = last + 1

    return excel({"Ark1": [[report.head.title], upper, lower, *rows]}, path, merge)


def _upper(column: PrintedColumn, *, first: bool) -> str:
    """Return the text in the upper label row; of the dated columns, only the first has one."""
    if column.date is None or column.field is None:
        return column.label
    return column.field.label_for() if first else ""


def _labels(shown: Sequence[PrintedColumn]) -> list[Any]:
    return [column.label for column in shown]


def _rows(report: Report, shown: Sequence[PrintedColumn], ref: str) -> list[list[Any]]:
    leaf = report.template.leaf.id
    found = [path for path in paths(report) if report.area_of[path[leaf].ref] == ref]
    return [[cell_of(report, path, column) for column in shown] for path in found]
