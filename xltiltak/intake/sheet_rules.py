"""Report what happened to a returned area sheet as a whole: rows, columns and other content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from xltiltak.intake.returned_sheet import ReturnedAreaSheet, ReturnedWorkbook
from xltiltak.layout.geometry import geometry_of
from xltiltak.merging.registry import rule
from xltiltak.model.finding import About, Finding, Place
from xltiltak.model.normalize import display
from xltiltak.model.register import Proposal
from xltiltak.model.report import Slot

_MAX_QUOTES, _MAX_QUOTED_TEXT = 5_000, 500_000  # findings and characters quoted from one source
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CODE_OF_MATCH = {"duplicate": "S103", "conflict": "L101"}  # any other unmatched row is S104


def check_sheet(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Yield all findings about a sheet, except those about its answers."""
    yield from measure_missing(sheet)
    yield from slot_missing(sheet)
    yield from lines_displaced(sheet)
    yield from unmatched_rows(sheet)
    yield from label_changed(sheet)
    yield from rows_reordered(sheet)
    yield from refs_detached(sheet)
    yield from content_outside_form(sheet)
    yield from beyond_the_bounds(sheet)
    yield from message(sheet)


@rule("S101")
def area_sheet_unclear(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report a sheet whose form code and rows name different areas. It is quoted, not taken."""
    if not sheet.conflicting_area:
        return
    texts = [
        f"{change.first_cell} {display(value)}"
        for change in sheet.changes
        for value in change.cell_values
        if value is not None
    ]
    texts += [f"{c.first_cell} ={formula}" for c in sheet.changes for formula in c.formulas]
    texts += [
        f"{cell.cell} {display(cell.value)}" for row in sheet.unmatched_rows for cell in row.cells
    ]
    others = [cell for row in sheet.unmatched_rows for cell in row.unexpected_cells]
    others += sheet.unexpected_cells
    if sheet.message:
        others.append(sheet.message)
    texts += [f"{found.cell} {display(found.value)}" for found in others]
    yield Finding.create(
        "S101",
        Place("", sheet.name),
        code=sheet.code,
        area=sheet.area,
        other=sheet.conflicting_area,
        value="; ".join(texts),
    )


@rule("S102")
def measure_missing(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report a node that was sent and has no row any more. Its values in the register stay."""
    for ref in sheet.missing_refs:
        about = About(ref=ref, what=sheet.sent.describe_node(ref))
        yield Finding.create("S102", Place("", sheet.name), about, value=ref)


@rule("S109")
def slot_missing(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report a text that has no rows any more, although its card is there. The text stays."""
    sent = sheet.sent
    for slot in sheet.missing_slots:
        about = About(ref=slot.ref, field=slot.field, date=slot.date, what=sent.describe(slot))
        field_type = geometry_of(sent.template).field_types[sent.by_ref[slot.ref].level, slot.field]
        value = field_type.display(sent.values[slot], sent.head.language)
        yield Finding.create("S109", Place("", sheet.name), about, value=value)


@rule("S110")
def lines_displaced(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report a card whose lines stand under labels of other fields. They are quoted, not taken."""
    for ref in sheet.displaced_refs:
        about = About(ref=ref, what=sheet.sent.describe_node(ref))
        yield Finding.create("S110", Place("", sheet.name), about)


@rule("S103", "S104", "L101")
def unmatched_rows(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report rows whose node is uncertain.

    The row key is there twice, or stands beside another text, or the row was added.
    """
    for row in sheet.unmatched_rows:
        texts = [f"{c.field.label_for(c.slot.date)} {display(c.value)}" for c in row.cells]
        texts += [f"{found.cell} {display(found.value)}" for found in row.unexpected_cells]
        values = {"value": " · ".join(texts)}
        what = ""
        if row.ref:
            what = sheet.sent.describe_node(row.ref)
            values["held"] = str(sheet.sent.values.get(Slot(row.ref, "name"), row.ref))
        yield Finding.create(
            _CODE_OF_MATCH.get(row.match, "S104"),
            Place("", sheet.name, row.cells[0].cell if row.cells else f"B{row.number}"),
            About(ref=row.ref, what=what),
            **values,
        )


@rule("S105")
def label_changed(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report a column with another label. It is read by its position."""
    for label, now, cell in sheet.relabelled:
        value = "–" if now is None else display(now)
        yield Finding.create("S105", Place("", sheet.name, cell), value=value, label=label)


@rule("S106")
def rows_reordered(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report rows in another order than they were sent in. Each is read by its row key."""
    if sheet.reordered_ref:
        about = About(what=sheet.sent.describe_node(sheet.reordered_ref))
        yield Finding.create("S106", Place("", sheet.name), about)


@rule("S107")
def refs_detached(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report rows that were identified by their texts, as after sorting only visible columns."""
    if sheet.moved_refs:
        rows = ", ".join(sheet.sent.describe_node(ref) for ref in sheet.moved_refs)
        count = len(sheet.moved_refs)
        yield Finding.create("S107", Place("", sheet.name), count=count, value=rows)


@rule("S108")
def content_outside_form(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report filled cells of an area sheet that belong to no field."""
    yield from _quote(
        (Place("", sheet.name, found.cell), display(found.value))
        for found in sheet.unexpected_cells
    )


@rule("S108")
def sheets_outside_form(workbook: ReturnedWorkbook) -> Iterator[Finding]:
    """Report the content of sheets that are not ours."""
    yield from content_by_row(
        (sheet, found.cell, display(found.value)) for sheet, found in workbook.other_sheets
    )


@rule("S108")
def content_by_row(cells: Iterable[tuple[str, str, str]]) -> Iterator[Finding]:
    """Report the content of sheets that are not read, one finding for each row.

    `cells` are the sheet, the name and the text of each cell.
    """
    yield from _quote(_join_rows(cells))


def _join_rows(cells: Iterable[tuple[str, str, str]]) -> Iterator[tuple[Place, str]]:
    """Yield the place and the joined texts of each row."""
    for (sheet, _), in_row in groupby(cells, key=lambda cell: (cell[0], cell[1].lstrip(_LETTERS))):
        texts = [(name, text) for _, name, text in in_row]
        first, last = texts[0][0], texts[-1][0]
        if len(texts) == 1:
            joined = texts[0][1]
        else:
            joined = "; ".join(f"{name} {text}" for name, text in texts)
        yield Place("", sheet, first if first == last else f"{first}:{last}"), joined


def _quote(texts: Iterable[tuple[Place, str]]) -> Iterator[Finding]:
    """Yield one finding for each text, up to a limit, and then one with the number of the rest.

    A file can be made to hold more than anybody reads.
    """
    room, rest = _MAX_QUOTED_TEXT, 0
    for n, (place, text) in enumerate(texts):
        if n < _MAX_QUOTES and room >= 0:
            room -= len(text)
            yield Finding.create("S108", place, value=text)
        else:
            rest += 1
    if rest:
        yield Finding.create("S108", Place(), value=f"… ({rest})")


@rule("F007")
def beyond_the_bounds(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report a value outside the rows and columns that are read."""
    cell = sheet.first_out_of_bounds
    if cell:
        yield Finding.create("F007", Place("", sheet.name, cell), reason="beyond", cell=cell)


@rule("F008")
def active_content(workbook: ReturnedWorkbook) -> Iterator[Finding]:
    """Report macros, links and embedded objects. None of them is carried over."""
    if workbook.active_parts:
        yield Finding.create("F008", value=", ".join(workbook.active_parts))


@rule("M107")
def message(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report a leader's message to the coordinator."""
    if sheet.message:
        place = Place("", sheet.name, sheet.message.cell)
        yield Finding.create("M107", place, value=display(sheet.message.value))


def proposals(sheet: ReturnedAreaSheet, file: str, sha256: str) -> Iterator[Proposal]:
    """Yield the rows that may be new measures, with the values that can be read in them."""
    for row in sheet.unmatched_rows:
        read = [(c.slot, c.field_type.parse((c.value,)).value) for c in row.cells]
        values = tuple((s.field, s.date, value) for s, value in read if value is not None)
        if row.match != "duplicate" and values:
            key = f"{sha256[:12]}-{sheet.area}-{row.number}"
            yield Proposal(key, sheet.area, row.ref_above, values, file, row.cells[0].cell)
