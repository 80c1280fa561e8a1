"""Fill in and change forms as leaders do: openpyxl types into the cells that the layout gives."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from xltiltak.intake.returned_file import parse_return, read_return
from xltiltak.layout.geometry import Geometry
from xltiltak.layout.guidance import FILLED_BY_FIELD, MESSAGE_FIELD
from xltiltak.layout.sheet_layout import NO_NAMES, layout_sheet
from xltiltak.model.carried import carried_steps, with_steps
from xltiltak.model.field_types import ScaleType, Value
from xltiltak.model.files import FoundFile
from xltiltak.model.register import ReturnedFile
from xltiltak.model.report import Report, Slot
from xltiltak.sheets.forms import write_form

KEY = "a key for tests"  # of every plan that the tests make with the commands


def rows_of(sheet: Worksheet) -> dict[str, int]:
    """Return the row of every row key of a sheet."""
    return {str(row[0].value): n for n, row in enumerate(sheet.iter_rows(max_col=1), 1)}


def saved(book: Workbook) -> bytes:
    """Return a workbook as bytes."""
    target = BytesIO()
    book.save(target)
    return target.getvalue()


class At(NamedTuple):
    """The row and column of a cell, counted from 1."""

    row: int
    col: int


def forms_of(report: Report) -> dict[str, bytes]:
    """Return the form of every area."""
    names = {ref: report.area_name(ref) for ref in report.area_refs}
    return {ref: write_form(part, ref, names) for ref, part in report.parts().items()}


def received_from(path: Path) -> ReturnedFile:
    """Return what a returned file that is no wrapping says."""
    (received,) = read_return(FoundFile(path, path.name))
    return received


def sent_in(form: bytes) -> Report:
    """Return the part of the report that a form was created from, read from its snapshot."""
    sent = parse_return("form.xlsx", form).sent_report
    assert sent is not None
    return sent


def places(part: Report, names: Mapping[str, str] = NO_NAMES) -> dict[Slot, list[At]]:
    """Return the cells of every slot of a form, and of the leader's message.

    `names` are those of all areas in the same form, which its first sheet lists.
    """
    found: dict[Slot, list[At]] = defaultdict(list)
    shown = with_steps(part, carried_steps(part))
    for row, line in enumerate(layout_sheet(shown, part.area_refs[0], names=names), 1):
        for spec in line.specs:
            if slot := line.slot_at(spec):
                found[slot].append(At(row, spec.col))
    return dict(found)


def open_slots(report: Report) -> list[Slot]:
    """Return the slots that a leader can fill in."""
    return [slot for slot, field, node in report.slots() if report.is_open(field, slot.date, node)]


def without_answers(report: Report) -> Report:
    """Return the report with every open slot empty."""
    opened = set(open_slots(report))
    return replace(
        report, values={slot: value for slot, value in report.values.items() if slot not in opened}
    )


def message_to(form: bytes) -> Slot:
    """Return the slot of the leader's message."""
    return Slot(sent_in(form).area_refs[0], MESSAGE_FIELD)


def filled_by_of(form: bytes) -> Slot:
    """Return the slot of who filled in the form."""
    return Slot(sent_in(form).area_refs[0], FILLED_BY_FIELD)


@contextmanager
def retyped(form: bytes) -> Iterator[tuple[Worksheet, BytesIO]]:
    """Open the sheet of a form for editing.

    The workbook is saved to the yielded target when the block ends.
    """
    target = BytesIO()
    book = load_workbook(BytesIO(form))
    yield book.worksheets[0], target
    book.save(target)


def with_broken_fingerprint(content: bytes) -> bytes:
    """Return an appendix with a broken fingerprint, so that every visible cell is read."""
    target = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(target, "w") as new:
        for entry in old.infolist():
            part = old.read(entry)
            broken = re.sub(rb"(<vt:lpwstr>)[^<]*", rb"\1broken", part)
            new.writestr(entry, broken if entry.filename == "docProps/custom.xml" else part)
    return target.getvalue()


def first_sheet(form: bytes) -> Worksheet:
    """Return the first sheet of a form."""
    return book_of(form).worksheets[0]


def book_of(content: bytes) -> Workbook:
    """Open a workbook with openpyxl."""
    return load_workbook(BytesIO(content))


def put(sheet: Worksheet, at: At, raw: Any) -> None:
    """Type into a cell; a text stays a text, whatever it begins with."""
    cell = sheet.cell(at.row, at.col)
    cell.value = float(raw) if isinstance(raw, Decimal) else raw
    if isinstance(raw, str):
        cell.data_type = "s"


def typed(
    form: bytes, answers: Mapping[Slot, Value | None], listed: Collection[Slot] = ()
) -> bytes:
    """Return the form with these values typed into it as a leader would.

    In a form of several areas, each value goes to the sheet of its area. In the slots `listed` the
    steps of a scale are chosen from the list: "3 Godt i gang".
    """
    book = load_workbook(BytesIO(form))
    for n, at, raw in keystrokes(form, answers, listed):
        put(book.worksheets[n], at, raw)
    return saved(book)


def keystrokes(
    form: bytes, answers: Mapping[Slot, Value | None], listed: Collection[Slot] = ()
) -> Iterator[tuple[int, At, Any]]:
    """Yield what is to be typed for these answers: number of the sheet, cell, content."""
    whole = sent_in(form)
    kinds = Geometry(whole.template).field_types
    names = {ref: whole.area_name(ref) for ref in whole.area_refs}
    for n, part in enumerate(whole.parts().values()):
        where, levels = places(part, names), {node.ref: node.level for node in part.nodes}
        for slot, value in answers.items():
            if slot in where:
                kind = kinds.get((levels.get(slot.ref, ""), slot.field))
                cells = () if value is None else kind.to_cells(value) if kind else (value,)
                if slot in listed and isinstance(kind, ScaleType) and value is not None:
                    cells = (kind.display(value, "nb"),)
                yield from ((n, at, raw) for at, raw in _spread(where[slot], cells))


def overtyped(form: bytes, raws: Mapping[Slot, str | float | date | None]) -> bytes:
    """Return the form with this content in the first cell of each slot, valid or not."""
    where = places(sent_in(form))
    with retyped(form) as (sheet, target):
        for slot, raw in raws.items():
            put(sheet, where[slot][0], raw)
    return target.getvalue()


def _spread(rows: list[At], cells: Iterable[Any]) -> Iterator[tuple[At, Any]]:
    """Yield a cell and a content for each row of a slot.

    If there are more items than rows, the last row gets the rest, one line each.
    """
    items = list(cells)
    if len(items) > len(rows):
        items[len(rows) - 1 :] = ["\n".join(map(str, items[len(rows) - 1 :]))]
    yield from zip(rows, [*items, *[None] * (len(rows) - len(items))], strict=True)
