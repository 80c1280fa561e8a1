"""The rules about a returned sheet: its rows, columns and other content, and each answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import NamedTuple

from xltiltak.intake.returned_sheet import (
    CellChange,
    ReturnedAreaSheet,
    ReturnedWorkbook,
    UnexpectedCell,
    UnmatchedRow,
    UntakenColumn,
)
from xltiltak.layout.geometry import geometry_of
from xltiltak.merging.registry import rule
from xltiltak.model.cell_values import CellValue, ErrorValue, display, is_blank
from xltiltak.model.field_types import (
    EMPTY,
    INVALID,
    MAX_VISIBLE_LENGTH,
    Reading,
    Value,
    is_plain_text,
)
from xltiltak.model.finding import About, Finding, Place, Severity
from xltiltak.model.normalize import strip_markup
from xltiltak.model.readings import quote, read, refusal, repair, severity_of_repair
from xltiltak.model.register import Proposal
from xltiltak.model.report import Report, Slot
from xltiltak.model.typed_text import strip_control_characters
from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.excel_limits import CELL_TEXT, length_in_excel

_MAX_QUOTES, _MAX_QUOTED_TEXT = 5_000, 500_000  # findings and characters quoted from one source
_COLUMN_SHARE = 0.5  # share of the nodes with an answer that makes it a whole column
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def check_sheet(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Yield all findings about a sheet, except those about its answers."""
    yield from measure_missing(sheet)
    yield from slot_missing(sheet)
    yield from lines_displaced(sheet)
    yield from unmatched_rows(sheet)
    yield from answers_beside_other_name(sheet)
    yield from measures_repeated(sheet)
    yield from columns_not_taken(sheet)
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
    language = sheet.sent.head.language
    texts = [
        f"{change.first_cell} {display(value, language)}"
        for change in sheet.changes
        for value in change.cell_values
        if value is not None
    ]
    texts += [
        f"{cell_name(*cell)} ={formula}" for c in sheet.changes for cell, formula in c.formulas
    ]
    texts += [
        f"{cell.cell} {display(cell.value, language)}"
        for row in sheet.unmatched_rows
        for cell in row.cells
    ]
    others = [cell for row in sheet.unmatched_rows for cell in row.unexpected_cells]
    others += [cell for column in sheet.untaken_columns for cell in column.cells]
    others += sheet.unexpected_cells
    if sheet.message:
        others.append(sheet.message)
    texts += [f"{found.cell} {display(found.value, language)}" for found in others]
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


@rule("S103", "S104")
def unmatched_rows(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report rows whose node is uncertain: the row is there twice, or it was added."""
    for row in sheet.unmatched_rows:
        if row.match in ("duplicate", "unknown"):
            is_double = row.match == "duplicate"
            why = {"reason": "rows_alike"} if is_double else {}
            yield Finding.create(
                "S103" if is_double else "S104",
                Place("", sheet.name, _first_cell(row)),
                About(ref=row.ref, what=sheet.sent.describe_node(row.ref) if row.ref else ""),
                value=_quote_row(row, sheet.sent.head.language),
                **why,
            )


@rule("L104")
def answers_beside_other_name(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report each answer in a row that has another name than its node. None of them is taken.

    The changed name itself is a changed locked slot, which the merge reports.
    """
    language = sheet.sent.head.language
    for row in sheet.unmatched_rows:
        if row.match != "conflict":
            continue
        for cell in row.cells:
            yield Finding.create(
                "L104",
                Place("", sheet.name, cell.cell),
                About("", *cell.slot, sheet.sent.describe(cell.slot)),
                value=display(cell.value, language),
                name=row.text or "–",
                held=row.sent_text or row.ref,
            )


@rule("S116")
def measures_repeated(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report rows about measures that have a row already, as in a table pasted below the form.

    They are one finding, which is a note if there is no answer in them.
    """
    rows = [row for row in sheet.unmatched_rows if row.match == "repeated"]
    if rows:
        place = Place("", sheet.name, _first_cell(rows[0]))
        value = "; ".join(_quote_row(row, sheet.sent.head.language) for row in rows)
        finding = Finding.create("S116", place, count=len(rows), value=value)
        answers = (
            cell
            for row in rows
            for cell in row.cells
            if cell.field.role == "input" and cell.slot.date in (None, sheet.sent.head.current)
        )
        has_answers = any(answers)
        yield finding if has_answers else finding.with_severity("note")


def _first_cell(row: UnmatchedRow) -> str:
    return row.cells[0].cell if row.cells else f"B{row.number}"


def _quote_row(row: UnmatchedRow, language: str) -> str:
    """Return all cells of a row, each after its label or its name."""
    texts = [f"{c.field.named(c.slot.date)} {display(c.value, language)}" for c in row.cells]
    return " · ".join([*texts, *_quote_cells(row.unexpected_cells, language)])


def _quote_cells(cells: Iterable[UnexpectedCell], language: str) -> list[str]:
    """Return the cells as they were seen, each after its name."""
    return [f"{found.cell} {display(found.value, language)}" for found in cells]


@rule("S117")
def columns_not_taken(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report a whole column of answers that was not taken, as one error."""
    for column in sheet.untaken_columns:
        if column.missing:
            missing = ", ".join(column.missing)
            yield _column_finding(sheet, column, reason="column_lost", missing=missing)
        else:
            yield _column_finding(sheet, column, reason="other_date")
    for column in _columns_of_later_dates(sheet):
        yield _column_finding(sheet, column, reason="later_date")


def _column_finding(sheet: ReturnedAreaSheet, column: UntakenColumn, **values: str) -> Finding:
    return Finding.create(
        "S117",
        Place("", sheet.name, column.cells[0].cell),
        label=column.label,
        count=len(column.cells),
        value="; ".join(_quote_cells(column.cells, sheet.sent.head.language)),
        **values,
    )


def _columns_of_later_dates(sheet: ReturnedAreaSheet) -> Iterator[UntakenColumn]:
    """Yield the columns of dates after the open one that most nodes have an answer in.

    Somebody has filled in the wrong column. Single answers are reported by the merge (L103).
    """
    current, nodes = sheet.sent.head.current, Counter(node.level for node in sheet.sent.nodes)
    found: dict[tuple[str, str], list[UnexpectedCell]] = {}
    for change in sheet.changes:
        day, value = change.slot.date, change.cell_values[0]
        is_later = day is not None and current is not None and day > current
        if not is_later or change.field.role != "input" or is_blank(value):
            continue
        reading = read(change.field_type, change.cell_values, sheet.sent.head, change.sent)
        if reading.value != change.sent or reading.outcome == "invalid":
            key = (change.node.level, change.field.label_for(day))
            found.setdefault(key, []).append(UnexpectedCell(change.first_cell, value))
    for (level, label), cells in found.items():
        if len(cells) > 1 and len(cells) >= _COLUMN_SHARE * nodes[level]:
            yield UntakenColumn(label, (), tuple(cells))


@rule("S105")
def label_changed(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report a column with another label. It is read by its position."""
    for label, now, cell in sheet.relabelled:
        value = "–" if now is None else display(now, sheet.sent.head.language)
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
        rows = "; ".join(sheet.sent.describe_node(ref) for ref in sheet.moved_refs)
        count = len(sheet.moved_refs)
        yield Finding.create("S107", Place("", sheet.name), count=count, value=rows)


@rule("S108")
def content_outside_form(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report filled cells of an area sheet that belong to no field."""
    yield from _quote(
        (Place("", sheet.name, found.cell), display(found.value, sheet.sent.head.language))
        for found in sheet.unexpected_cells
    )


@rule("S108")
def sheets_outside_form(workbook: ReturnedWorkbook) -> Iterator[Finding]:
    """Report the content of sheets that are not ours."""
    yield from content_by_row(
        (sheet, found.cell, display(found.value, workbook.sent.head.language))
        for sheet, found in workbook.other_sheets
    )


@rule("S118")
def forms_not_taken(workbook: ReturnedWorkbook) -> Iterator[Finding]:
    """Report a sheet that is built like a form, but whose area is not known."""
    for name in workbook.unlocated_forms:
        count = sum(sheet == name for sheet, _ in workbook.other_sheets)
        yield Finding.create("S118", Place("", name), count=count)


@rule("F010")
def internal_error(place: Place, *, error: Exception, reason: str, area: str = "") -> Finding:
    """Return the finding about something that an error of this program stopped: only its type.

    The text of an error may name a path of this machine.
    """
    return Finding.create("F010", place, About(area), error=type(error).__name__, reason=reason)


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


@rule("F013")
def record_not_believed(workbook: ReturnedWorkbook) -> Iterator[Finding]:
    """Report a hidden record that is not believed. What is visible is read as of any form."""
    if workbook.has_unusable_record:
        yield Finding.create("F013", reason="unusable").with_severity("error")
    if workbook.has_unproven_answers:
        found = Finding.create("F013", reason="carried")  # a form of 0.1.0 has no proof either
        yield found.with_severity("error") if workbook.has_answers_of_others else found


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
        value = display(sheet.message.value, sheet.sent.head.language)
        yield Finding.create("M107", place, value=value)


def _recipient(sent: Report) -> tuple[tuple[str, date | None, Value], ...]:
    """Return who proposes: the field and name of a form's only recipient; nothing otherwise."""
    field, leaf = sent.template.recipient_field, sent.template.leaf.id
    if field is None or (field.of or leaf) != leaf:
        return ()
    values = {
        sent.values.get(Slot(node.ref, field.id)) for node in sent.nodes if node.level == leaf
    }
    name = values.pop() if len(values) == 1 else None
    return () if name is None else ((field.id, None, name),)


def proposals(sheet: ReturnedAreaSheet, file: str, sha256: str) -> Iterator[Proposal]:
    """Yield the rows that may be new measures, with the values that can be read in them."""
    struck = {cell_name(*cell) for cell in sheet.look.sheet.struck_cells}
    recipient = _recipient(sheet.sent)
    for row in sheet.unmatched_rows:
        head = sheet.sent.head
        standing = [cell for cell in row.cells if cell.cell not in struck]
        readings = [(c.slot, read(c.field_type, (c.value,), head).value) for c in standing]
        values = tuple((s.field, s.date, value) for s, value in readings if value is not None)
        if row.match == "unknown" and values:
            fields = {field for field, *_ in values}
            values += tuple(one for one in recipient if one[0] not in fields)
            key = f"{sha256[:12]}-{sheet.area}-{row.number}"
            yield Proposal(key, sheet.area, row.ref_above, values, file, row.cells[0].cell)


class Judgement(NamedTuple):
    """The value to take from an answer, None for an emptied slot.

    With `keeps_sent`, the value that was sent stays instead.
    """

    value: Value | None
    keeps_sent: bool
    findings: tuple[Finding, ...] = ()


class ReturnedAnswer(NamedTuple):
    """An answer that the rules look at: its cells, and what these mean (`reading`)."""

    change: CellChange
    reading: Reading
    sent: Report
    sheet: str

    @property
    def language(self) -> str:
        """Return the language of the report."""
        return self.sent.head.language

    def finding(self, code: str, cell: str = "", /, **values: object) -> Finding:
        """Return a finding at the answer's first filled cell, unless a cell is given.

        It quotes the cells unless `value` is given.
        """
        about = About("", *self.change.slot, self.sent.describe(self.change.slot))
        place = Place("", self.sheet, cell or self.change.first_cell)
        return Finding.create(code, place, about, **{"value": self.quoted(), **values})

    def quoted(self) -> str:
        """Return what stands in the cells, as a person saw it."""
        return quote(self.change.cell_values, self.language)

    def display(self, value: Value | None) -> str:
        """Return a value of this field as a person reads it; empty for None."""
        if value is None:
            return ""
        return self.change.field_type.display(value, self.language)


def judge(change: CellChange, sent: Report, sheet: str, *, is_carried: bool = False) -> Judgement:
    """Return what to take from an open slot, and the findings about it.

    With `is_carried` the form proposed the value that was sent: to clear it is an answer.
    A canonical answer (`FieldType.is_canonical`) needs no judgement: it is taken as it is.
    """
    if change.formulas_without_value and all(is_blank(raw) for raw in change.cell_values):
        reading = INVALID
    else:
        reading = read(change.field_type, change.cell_values, sent.head, change.sent)
    answer = ReturnedAnswer(change, reading, sent, sheet)
    if reading == Reading(change.sent) and not change.formulas:
        return Judgement(change.sent, keeps_sent=True)
    about_formulas = tuple(formula_or_error(answer))
    if reading.outcome == "invalid":
        findings = (*unreadable(answer), *about_formulas)
        return Judgement(None, keeps_sent=True, findings=findings)
    if reading == EMPTY and is_carried:
        findings = (*carried_step_cleared(answer), *about_formulas)
        return Judgement(None, keeps_sent=False, findings=findings)
    if reading == EMPTY:
        cleared = () if change.sent is None else tuple(input_cleared(answer))
        keeps_sent = change.sent is None or change.field.required
        return Judgement(None, keeps_sent, (*cleared, *about_formulas))
    value, findings = _clean_texts(answer)
    findings = (*findings, *about_formulas, *repaired_value(answer))
    texts = change.field_type.free_text(value)
    if any(length_in_excel(text) > CELL_TEXT for text in texts):
        return Judgement(None, keeps_sent=True, findings=findings)
    return Judgement(value, keeps_sent=False, findings=findings)


def _clean_texts(answer: ReturnedAnswer) -> tuple[Value | None, tuple[Finding, ...]]:
    """Return the value without pasted markup and control characters, and the findings about them.

    Values that are not free text are returned unchanged.
    """
    field_type, value = answer.change.field_type, answer.reading.value
    texts = field_type.free_text(value)
    if not texts:
        return value, ()
    findings: list[Finding] = []
    cleaned: list[str] = []
    for text in texts:
        if not is_plain_text(text):
            findings += control_characters(answer, text)
            findings += markup_in_text(answer, text)
            findings += text_too_long(answer, text)
        is_clean = text.isprintable() and "<" not in text
        cleaned.append(text if is_clean else strip_markup(strip_control_characters(text)))
    return field_type.from_free_text(cleaned), tuple(findings)


@rule("V101", "V103", "V104", "V105", "V113")
def unreadable(answer: ReturnedAnswer) -> Iterator[Finding]:
    """Report cells that hold no value of their field, or that may mean two things."""
    change = answer.change
    is_error = any(isinstance(raw, ErrorValue) for raw in change.cell_values)
    if is_error or all(is_blank(raw) for raw in change.cell_values):
        return  # an error cell or a formula without a value is V106
    cells, reading = change.cell_values, answer.reading
    code, values = refusal(change.field_type, cells, reading, answer.language)
    yield answer.finding(code, **values)


@rule("V106")
def formula_or_error(answer: ReturnedAnswer) -> Iterator[Finding]:
    """Report each formula, or an error cell.

    The last value of a formula is taken; the empty text is an empty answer. A formula without a
    value, and an error, are not taken. What stands beside them in a lost answer is quoted.
    """
    change = answer.change
    values = dict(zip(change.cells, change.cell_values, strict=True))
    is_lost = answer.reading.outcome == "invalid" and any(change.formulas_without_value)
    beside = [answer.quoted()] if is_lost and answer.quoted() else []
    for cell, formula in change.formulas:
        value = "; ".join([f"={formula}", *beside])
        found = answer.finding("V106", cell_name(*cell), value=value)
        beside = []
        yield found.with_severity(_severity_of_formula(answer.reading, values[cell]))
    if not change.formulas and any(isinstance(raw, ErrorValue) for raw in change.cell_values):
        yield answer.finding("V106")


def _severity_of_formula(reading: Reading, value: CellValue) -> Severity:
    """Return how much is lost: the answer; perhaps one item; nothing, if the value is no text."""
    if reading.outcome == "invalid":
        return "error"
    return "warning" if value is None or not is_blank(value) else "note"


@rule("V107")
def repaired_value(answer: ReturnedAnswer) -> Iterator[Finding]:
    """Report a value that was repaired, because it can be read in one way only."""
    change = answer.change
    note = repair(change.field_type, change.cell_values, answer.reading, answer.language)
    if note:
        yield answer.finding("V107", **note).with_severity(severity_of_repair(note))


def shown_otherwise(change: CellChange, sent: Report, sheet: str) -> Iterator[Finding]:
    """Report a locked cell that holds what was sent, but shows it in another form (V107)."""
    reading = read(change.field_type, change.cell_values, sent.head, change.sent)
    yield from repaired_value(ReturnedAnswer(change, reading, sent, sheet))


@rule("V108")
def markup_in_text(answer: ReturnedAnswer, text: str) -> Iterator[Finding]:
    """Report HTML that was pasted with a text."""
    if strip_markup(text) != text:
        yield answer.finding("V108", value=text)


@rule("V109")
def text_too_long(answer: ReturnedAnswer, text: str) -> Iterator[Finding]:
    """Report a text that no row of a workbook can show as a whole, or no cell can hold.

    Other programs than Excel keep longer texts than a cell of Excel; those are not taken.
    """
    if len(text) > MAX_VISIBLE_LENGTH:
        found = answer.finding(
            "V109", value=text[:60] + " …", length=len(text), limit=MAX_VISIBLE_LENGTH
        )
        yield found.with_severity("error" if length_in_excel(text) > CELL_TEXT else "warning")


@rule("V110")
def control_characters(answer: ReturnedAnswer, text: str) -> Iterator[Finding]:
    """Report invisible characters that were pasted with a text."""
    count = len(text) - len(strip_control_characters(text))
    if count:
        codes = sorted({f"U+{ord(c):04X}" for c in text if not strip_control_characters(c)})
        yield answer.finding("V110", count=count, value=", ".join(codes))


@rule("V102", "V111")
def carried_step_cleared(answer: ReturnedAnswer) -> Iterator[Finding]:
    """Report that a step which the form proposed was cleared: the slot is not answered any more."""
    step = answer.display(answer.change.sent)
    if answer.change.field.required:
        yield answer.finding("V102", reason="carried_cleared", before=step)
    else:
        yield answer.finding("V111", value=step).with_severity("note")


@rule("V111")
def input_cleared(answer: ReturnedAnswer) -> Iterator[Finding]:
    """Report an open slot that was sent with a value and is empty now."""
    found = answer.finding("V111", value=answer.display(answer.change.sent))
    yield found.with_severity("warning" if answer.change.field.required else "note")
