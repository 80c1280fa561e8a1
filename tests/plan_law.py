"""Check the law of the coordinator's workbook: what they type is kept under its measure, or told.

The coordinator edits a plan or an appendix at random, and merges again. What stands in the workbook
is computed here a second time, in the simplest way: by the text of a row and the label of a column.

    python -m tests.plan_law --sequences 20000
"""

from __future__ import annotations

import argparse
import pickle
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cache, cached_property
from itertools import groupby, product
from random import Random
from string import ascii_uppercase
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.utils.datetime import from_excel
from openpyxl.worksheet.dimensions import RowDimension
from openpyxl.worksheet.worksheet import Worksheet

from tests.conservation import ROUNDS, Failure, answered, still_there
from tests.damage import EDITS, Edit, Hand, non_empty_cells, put
from tests.forms import book_of, rows_of, saved
from xltiltak.intake.form_reader import RegisterForms
from xltiltak.intake.returned_file import parse_return
from xltiltak.layout.geometry import Purpose, geometry_of
from xltiltak.merging.merge import merge
from xltiltak.model.cell_values import display
from xltiltak.model.register import Register
from xltiltak.plan.plan_changes import plan_changes
from xltiltak.plan.plan_reader import read_appendix
from xltiltak.sheets.appendix import write_appendix

KINDS = ("plan", "appendix")
# Edits of forms alone: a second workbook, words on tabs, and things that openpyxl does not save.
_NOT_OF_PLANS = ("move_sheet", "copy_range", "add_thing", "name_sheet")


def own_column(sheet: Worksheet, hand: Hand) -> None:
    """Add a column right of all others, with a heading and a value in some rows."""
    col = sheet.max_column + int(hand.choose([1, 2]))
    for row in range(1, sheet.max_row + 1):
        if sheet.cell(row, 1).value and hand.choose([True, False]):
            put(sheet, row, col, hand.text())


def own_sheet(sheet: Worksheet, hand: Hand) -> None:
    """Add a sheet with some texts."""
    if sheet.parent:
        notes = sheet.parent.create_sheet(f"Mine notater {len(sheet.parent.sheetnames)}")
        for _ in range(3):
            put(notes, int(hand.choose(range(1, 9))), int(hand.choose(range(1, 5))), hand.text())


def hide_row(sheet: Worksheet, hand: Hand) -> None:
    """Hide a row."""
    row = hand.row(sheet, 0)
    sheet.row_dimensions[row] = RowDimension(sheet, index=row, hidden=True)


def note_below(sheet: Worksheet, hand: Hand) -> None:
    """Write a note some rows below everything."""
    put(sheet, sheet.max_row + int(hand.choose([1, 2, 5])), hand.col(sheet, 0), hand.text())


def new_measure(sheet: Worksheet, hand: Hand) -> None:
    """Type a new row below the last one, with a text in each of the first columns."""
    row = sheet.max_row + 1
    for col in (3, 4):
        put(sheet, row, col, hand.text())


OWN_EDITS: dict[str, Edit] = {
    edit.__name__: edit for edit in (own_column, own_sheet, hide_row, note_below, new_measure)
}
PLAN_EDITS = {name: edit for name, edit in EDITS.items() if name not in _NOT_OF_PLANS} | OWN_EDITS


@cache
def register_of(kind: str, round_: str) -> Register:
    """Return the register of a plan, or of an appendix with the answers of its first area."""
    report, _ = ROUNDS[round_]
    if kind == "plan":
        return Register(replace(report, head=replace(report.head, current=None)))
    form = parse_return("a.xlsx", answered(round_), RegisterForms(Register(report)))
    return merge(Register(report), [form])


@cache
def _opened(kind: str, round_: str) -> bytes:
    return pickle.dumps(book_of(write_appendix(register_of(kind, round_))))


@cache
def own_lines(kind: str, round_: str) -> frozenset[str]:
    """Return the texts in the rows of the first area sheet that are of no measure or group."""
    book: Workbook = pickle.loads(_opened(kind, round_))  # noqa: S301 - our own
    sheet = next(one for one in book.worksheets if "@code" in rows_of(one))
    rows = ([str(c.value) for c in row if c.value] for row in sheet.iter_rows())
    return frozenset(text for row in rows if row and row[0][0] == "@" for text in row)


@dataclass
class EditedPlan:
    """An edited plan or appendix, as it was written and as it is merged again.

    `written` are the texts that the edits typed, `cells` the filled cells of all sheets that
    somebody may have edited: sheet, row, column, value.
    """

    kind: str
    round_: str
    before: Register
    content: bytes
    written: list[str]
    beside: list[str]
    cells: list[tuple[str, int, int, Any]]

    @cached_property
    def read(self) -> Register:
        """Return the register as the package reads it."""
        return read_appendix(self.content)

    @cached_property
    def after(self) -> Register:
        """Return the register after the following merge."""
        return merge(self.read, [])

    @cached_property
    def told(self) -> str:
        """Return all that the findings and the list of changes say, as one text."""
        found = (*self.after.findings, *self.read.findings, *self.read.rows_without_ref)
        values = (value for finding in found for value in finding.values.values())
        changes = plan_changes(self.read.written, self.read)
        listed = (text for c in changes for text in (c.what, c.before, c.after))
        return "\n".join((*values, *(f.place.sheet for f in found), *listed))

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Return the ref of each measure by its title, of titles that one measure has."""
        report = self.before.report
        leaf = report.template.leaf.id
        texts = [
            (str(value), slot.ref)
            for slot, value in report.values.items()
            if slot.field == "name" and report.by_ref[slot.ref].level == leaf
        ]
        counts = Counter(text for text, _ in texts)
        return {text: ref for text, ref in texts if counts[text] == 1}

    @cached_property
    def new_rows(self) -> set[tuple[str, int]]:
        """Return the rows that are told as new measures."""
        places = [finding.place for finding in self.read.rows_without_ref]
        return {(place.sheet, int(place.cell.lstrip(ascii_uppercase))) for place in places}

    @cached_property
    def owners(self) -> dict[tuple[str, int], str]:
        """Return the ref of the measure whose title stands in a row, and in no other row.

        On cards all rows below it belong to it, down to the next title, label of a group or gap.
        """
        found: dict[tuple[str, int], str] = {}
        rows = Counter(str(raw) for _, _, _, raw in self.cells)
        for sheet, row, _, raw in self.cells:
            if raw in self.names and rows[str(raw)] == 1:
                found[sheet, row] = self.names[str(raw)] if (sheet, row) not in found else ""
        return found if self.before.report.template.layout == "rows" else self._with_cards(found)

    def key_ref(self, sheet: str, row: int) -> str:
        """Return the ref in the key of a line of a card; "" for any other row.

        A line that was moved with its key below another title still belongs to its measure.
        """
        keys = (raw for one, at, _, raw in self.cells if (one, at) == (sheet, row))
        refs = (str(raw).partition("|")[0] for raw in keys if str(raw).count("|") > 1)
        return next((ref for ref in refs if ref in self.before.report.by_ref), "")

    def _with_cards(self, titles: Mapping[tuple[str, int], str]) -> dict[tuple[str, int], str]:
        """Return the rows of each card by the rows of their titles.

        Where a finding says that the lines are no longer below their titles, these rows alone.
        """
        if any(finding.code == "S110" for finding in self.read.findings):
            return dict(titles)
        report = self.before.report
        others = {str(v) for slot, v in report.values.items() if slot.field == "name"}
        others |= own_lines(self.kind, self.round_)
        found: dict[tuple[str, int], str] = {}
        above, ref = ("", 0), ""
        for key, group in groupby(self.cells, lambda cell: cell[:2]):
            texts = {str(raw) for *_, raw in group}
            is_below = (key[0], key[1] - 1) == above
            is_other = any(other in text for text in texts for other in others)
            if key in titles:
                ref = titles[key]
            elif not is_below or is_other or not texts.isdisjoint(report.by_ref):
                ref = ""  # below a gap, or the line of a group
            found[key], above = ref, key
        return found

    def texts_of(self, ref: str) -> str:
        """Return the values and own cells of a measure as one text; of all for ""."""
        register = self.after
        values = (
            (slot.ref, "\n".join(value) if isinstance(value, tuple) else _shown(value))
            for slot, value in register.report.values.items()
        )
        own = (
            (name.partition("|")[0], display(cell))
            for columns in register.own.columns.values()
            for column in columns
            for name, cell in column.items()
        )
        return "\n".join(text for one, text in (*values, *own) if not ref or one == ref)

    @cached_property
    def kept(self) -> str:
        """Return all texts of the register, as one text."""
        report = self.after.report
        sheets = (
            display(cell)
            for own in self.after.own.sheets
            for row in own.rows
            for cell in row
            if cell is not None
        )
        dates = (display(d) for node in report.nodes for d in (node.first, node.last) if d)
        return "\n".join((self.texts_of(""), *sheets, *dates))


def _shown(value: Any) -> str:
    """Return a value of a report as its cell shows it."""
    return display(float(value) if isinstance(value, Decimal) else value)


def _readings(word: str) -> Iterator[str]:
    """Yield a word as it may be kept or told: a number also as the day that a program makes of it.

    A column of days shows it so, and a large number with its thousands apart.
    """
    yield word
    if word.isdecimal():
        yield f"{from_excel(int(word)):%d.%m.%Y}"
        yield f"{int(word):,}".replace(",", "\N{NO-BREAK SPACE}")


def lost_words(plan: EditedPlan) -> Iterator[str]:
    """Yield each typed word that is in the workbook, and neither kept nor told."""
    for word in plan.written:
        for sheet, row, col, raw in plan.cells:
            if word not in str(raw) or any(text in plan.told for text in _readings(word)):
                continue
            ref = plan.owners.get((sheet, row), "")
            is_new = (sheet, row) in plan.new_rows  # and told as such, whatever it stands below
            if is_new or ref not in plan.after.report.by_ref:  # or its sheet is kept as their own
                ref = ""
            refs = [ref, plan.key_ref(sheet, row)] if ref else []
            kept = "\n".join(map(plan.texts_of, filter(None, refs))) or plan.kept
            if not any(text in kept for text in _readings(word)):
                yield f"{word} in {sheet} {row},{col} {ref}"
    yield from (f"{words} beside the cells" for words in plan.beside if words not in plan.told)


def moved_values(plan: EditedPlan) -> Iterator[str]:
    """Yield each value beside the title of a measure that the measure has not, untold."""
    report = plan.before.report
    if report.template.layout != "rows":
        return
    geometry = geometry_of(
        report.template, report.head.dates, report.head.language, Purpose.APPENDIX
    )
    columns = {c.label: c for c in geometry.columns[report.template.leaf.id] if c.is_plain}
    for sheet in {one for one, _, _, _ in plan.cells}:
        rows = [(row, col, raw) for one, row, col, raw in plan.cells if one == sheet]
        labels = {col: raw for _, col, raw in rows if raw in columns}
        if Counter(labels.values()) != Counter(columns.keys()):
            continue  # a label was changed, or is there twice
        head = max(row for row, _, raw in rows if raw in columns)
        for row, col, raw in rows:
            if row <= head:
                continue
            ref, label = plan.owners.get((sheet, row)), labels.get(col)
            if not ref or label is None or raw == label or str(raw)[:1] in "=#":
                continue
            if ref not in plan.after.report.by_ref:  # it is listed as removed
                continue
            slot = (ref, columns[label].field.id, columns[label].date)
            value = plan.after.report.values.get(slot)  # type: ignore[call-overload]
            shown = _shown(value) if value is not None else ""
            was = report.values.get(slot)  # type: ignore[call-overload]
            is_date = columns[label].field.id.startswith("@")
            readings = (
                {*_readings(display(raw)), f"{raw:.0%}".replace("%", " %")}
                if (isinstance(raw, int | float))
                else {display(raw)}
            )
            if is_date or shown in readings or any(text in plan.told for text in readings):
                continue
            if str(raw).split(" ")[0] == shown or shown == str(was) == display(raw):
                continue
            yield f"{slot}: {raw!r} stands in {sheet} {row},{col}, the register has {shown!r}"


def _plain(raw: Any) -> Any:
    """Return the content of a cell as text, a whole number as such."""
    if isinstance(raw, CellRichText):
        return "".join(str(run) for run in raw if not isinstance(run, TextBlock)).strip()
    return f"{raw:%d.%m.%Y}" if isinstance(raw, datetime) else raw


def edited_plan(
    kind: str, round_: str, edits: Iterable[Callable[[Worksheet, Hand], object]], hand: Hand
) -> EditedPlan:
    """Return the plan or appendix of a round, saved after some edits of its first area sheet."""
    book: Workbook = pickle.loads(_opened(kind, round_))  # noqa: S301 - our own
    sheet = next(one for one in book.worksheets if "@code" in rows_of(one))
    listed = {one.title for one in book.worksheets if one is not sheet}
    for edit in edits:
        edit(sheet, hand)
    cells = [
        (one.title, row, col, _plain(raw))
        for one in book.worksheets
        if one.title not in listed and one.sheet_state == "visible"
        for row, col, raw in non_empty_cells(one)
    ]
    content = saved(book)
    beside = [*still_there(content, hand.beside)] if hand.beside else []
    before = register_of(kind, round_)
    return EditedPlan(kind, round_, before, content, hand.written, beside, cells)


def sequence(kind: str, round_: str, number: int) -> Failure | None:
    """Check the law after one to four random edits; return None if it holds."""
    hand = Hand(Random(f"{kind} {round_} {number}"))
    names = sorted(PLAN_EDITS)
    chosen = tuple(hand.choose(names) for _ in range(hand.choose(range(1, 5))))
    plan = edited_plan(kind, round_, [PLAN_EDITS[name] for name in chosen], hand)
    message = "; ".join((*lost_words(plan), *moved_values(plan)))
    return Failure(kind, round_, number, chosen, message) if message else None


def _checked(number: int) -> Failure | None:
    """Check one sequence, always the same for a number; any error is a failure."""
    kind, round_ = SORTS[number % len(SORTS)]
    try:
        return sequence(kind, round_, number)
    except Exception:  # noqa: BLE001 - whatever stops one sequence stops no other
        trace = traceback.format_exc(limit=-3).replace("\n", " ")
        return Failure(kind, round_, number, (), trace)


SORTS = (*product(KINDS, ROUNDS),)


def main() -> int:
    """Check as many sequences as asked for; return 1 if one failed, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.plan_law")
    parser.add_argument("--sequences", type=int, default=1_000, metavar="N", help="how many")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the number of the first")
    chosen, began, failed = parser.parse_args(), time.monotonic(), 0
    for number in range(chosen.first, chosen.first + chosen.sequences):
        if failure := _checked(number):
            failed += 1
            sys.stdout.write(" ".join(map(str, failure)) + "\n")
            sys.stdout.flush()
    seconds = time.monotonic() - began
    sys.stdout.write(f"{chosen.sequences} sequences, {failed} failed, {seconds:.0f} s\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
