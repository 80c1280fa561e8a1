"""What happened to a returned area sheet as a whole: rows and columns that went, came, moved or were written beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from xltiltak.intake.returned_sheet import ReturnedAreaSheet, ReturnedWorkbook
from xltiltak.layout.geometry import geometry_of
from xltiltak.merging.registry import rule
from xltiltak.model.finding import About, Finding, Place
from xltiltak.model.normalize import display
from xltiltak.model.register import Proposal
from xltiltak.model.report import Report, Slot

_MOST_ROWS, _MOST_TEXT = 5_000, 500_000  # rows and characters that are quoted of what is nobody's
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def check_sheet(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Everything there is to tell of a sheet besides its entries."""
    yield from measure_missing(sheet)
    yield from slot_missing(sheet)
    yield from lines_displaced(sheet)
    yield from rows_nobody_has(sheet)
    yield from label_changed(sheet)
    yield from rows_reordered(sheet)
    yield from refs_detached(sheet)
    yield from content_outside_form(sheet)
    yield from beyond_the_bounds(sheet)
    yield from message(sheet)


@rule("S101")
def area_sheet_unclear(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """The form code says one area and the rows another: nothing of the sheet is taken, everything is quoted."""
    if sheet.unclear:
        held = [
            f"{e.first} {display(raw)}"
            for e in sheet.changes
            for raw in e.cell_values
            if raw is not None
        ]
        held += [f"{e.first} ={formula}" for e in sheet.changes for formula in e.formulas]
        held += [
            f"{cell} {display(raw)}"
            for row in sheet.unmatched_rows
            for _, cell, _, _, raw in row.cells
        ]
        others = [
            *(s for row in sheet.unmatched_rows for s in row.unexpected_cells),
            *sheet.unexpected_cells,
            *filter(None, [sheet.message]),
        ]
        held += [f"{stray.cell} {display(stray.value)}" for stray in others]
        place = Place("", sheet.name)
        yield Finding.create(
            "S101",
            place,
            code=sheet.code,
            area=sheet.area,
            other=sheet.unclear,
            value="; ".join(held),
        )


@rule("S102")
def measure_missing(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """A node that was sent has no row any more. What the register knows of it stands."""
    for ref in sheet.missing:
        yield Finding.create(
            "S102",
            Place("", sheet.name),
            About(ref=ref, what=sheet.sent.describe_node(ref)),
            value=ref,
        )


@rule("S109")
def slot_missing(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """All rows of a text that was sent are gone, while the rest of its card is there. The text stands."""
    sent = sheet.sent
    for slot in sheet.missing_slots:
        about = About(ref=slot.ref, field=slot.field, date=slot.date, what=sent.describe(slot))
        kind = geometry_of(sent.template).field_types[sent.by_ref[slot.ref].level, slot.field]
        yield Finding.create(
            "S109",
            Place("", sheet.name),
            about,
            value=kind.display(sent.values[slot], sent.head.language),
        )


@rule("S110")
def lines_displaced(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """The lines of a card stand under labels of others, as after sorting: nothing of it is taken, all is quoted."""
    for ref in sheet.displaced:
        yield Finding.create(
            "S110", Place("", sheet.name), About(ref=ref, what=sheet.sent.describe_node(ref))
        )


@rule("S103", "S104", "L101")
def rows_nobody_has(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Rows whose node is not certain: the same ref twice, a ref beside a strange text, or a row that was added."""
    codes = {"duplicate": "S103", "unrelated": "L101"}
    for row in sheet.unmatched_rows:
        held = [
            f"{field.label_for(slot.date)} {display(raw)}" for field, _, slot, _, raw in row.cells
        ]
        held += [f"{stray.cell} {display(stray.value)}" for stray in row.unexpected_cells]
        cell = row.cells[0][1] if row.cells else f"B{row.number}"
        what = sheet.sent.describe_node(row.ref) if row.ref else ""
        given = {"held": _given(sheet.sent, row.ref)} if row.ref else {}
        code = codes.get(row.match, "S104")
        yield Finding.create(
            code,
            Place("", sheet.name, cell),
            About(ref=row.ref, what=what),
            value=" · ".join(held),
            **given,
        )


def _given(sent: Report, ref: str) -> str:
    return str(sent.values.get(Slot(ref, "name"), ref))


@rule("S105")
def label_changed(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Somebody has written another label above a column; it is read by its place."""
    for label, now, cell in sheet.relabelled:
        yield Finding.create(
            "S105",
            Place("", sheet.name, cell),
            value="–" if now is None else display(now),
            label=label,
        )


@rule("S106")
def rows_reordered(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """The rows stand in another order than they were sent in; each is read by its ref."""
    if sheet.reordered:
        yield Finding.create(
            "S106", Place("", sheet.name), About(what=sheet.sent.describe_node(sheet.reordered))
        )


@rule("S107")
def refs_detached(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """The visible columns were sorted without the hidden one; the rows are known by their texts."""
    if sheet.moved_rows:
        rows = ", ".join(sheet.sent.describe_node(ref) for ref, _ in sheet.moved_rows)
        yield Finding.create("S107", Place("", sheet.name), count=len(sheet.moved_rows), value=rows)


@rule("S108")
def content_outside_form(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Something stands in a cell that belongs to no field."""
    told = (
        (Place("", sheet.name, stray.cell), display(stray.value))
        for stray in sheet.unexpected_cells
    )
    yield from _quoted(told)


@rule("S108")
def sheets_outside_form(returned: ReturnedWorkbook) -> Iterator[Finding]:
    """A sheet that is none of ours holds something."""
    yield from row_by_row(
        (name, stray.cell, display(stray.value)) for name, stray in returned.others
    )


@rule("S108")
def row_by_row(held: Iterable[tuple[str, str, str]]) -> Iterator[Finding]:
    """What stands on sheets that nothing is taken from: sheet, cell and text, quoted a row at a time."""
    yield from _quoted(_rows(held))


def _rows(held: Iterable[tuple[str, str, str]]) -> Iterator[tuple[Place, str]]:
    """The cells of each row together."""
    for (sheet, _), found_ in groupby(held, key=lambda one: (one[0], one[1].lstrip(_LETTERS))):
        cells = list(found_)
        first, last = cells[0][1], cells[-1][1]
        said = (
            cells[0][2]
            if len(cells) == 1
            else "; ".join(f"{cell} {text}" for _, cell, text in cells)
        )
        yield Place("", sheet, first if first == last else f"{first}:{last}"), said


def _quoted(told: Iterable[tuple[Place, str]]) -> Iterator[Finding]:
    """Each thing in a finding, but not more than anybody reads: of a file made to be large the rest is counted."""
    room, rest = _MOST_TEXT, 0
    for n, (place, said) in enumerate(told):
        if n < _MOST_ROWS and room >= 0:
            room -= len(said)
            yield Finding.create("S108", place, value=said)
        else:
            rest += 1
    if rest:
        yield Finding.create("S108", Place(), value=f"… ({rest})")


@rule("F007")
def beyond_the_bounds(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """A value stands further out than is read."""
    if sheet.beyond:
        yield Finding.create(
            "F007", Place("", sheet.name, sheet.beyond), reason="beyond", cell=sheet.beyond
        )


@rule("F008")
def active_content(returned: ReturnedWorkbook) -> Iterator[Finding]:
    """The file holds macros, links or embedded things; none of it is carried over."""
    if returned.active:
        yield Finding.create("F008", value=", ".join(returned.active))


@rule("M107")
def message(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """A leader has written to the coordinator."""
    if sheet.message:
        yield Finding.create(
            "M107", Place("", sheet.name, sheet.message.cell), value=display(sheet.message.value)
        )


def proposals(sheet: ReturnedAreaSheet, file: str, sha256: str) -> Iterator[Proposal]:
    """The rows that could be new measures, with what can be read of their fields."""
    for row in sheet.unmatched_rows:
        values = [
            (f.id, slot.date, kind.parse((raw,)).value) for f, _, slot, kind, raw in row.cells
        ]
        held = tuple((name, day, value) for name, day, value in values if value is not None)
        if row.match != "duplicate" and held:
            cell = row.cells[0][1]
            yield Proposal(
                f"{sha256[:12]}-{sheet.area}-{row.number}", sheet.area, row.after, held, file, cell
            )
