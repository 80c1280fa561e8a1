"""What a leader typed into one open slot: whether it can be taken, and what is to be told about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from xltiltak.intake.returned_sheet import CellChange
from xltiltak.merging.registry import rule
from xltiltak.model.field_types import (
    EMPTY,
    INVALID,
    MAX_CELL_LENGTH,
    MAX_VISIBLE_LENGTH,
    Reading,
    Value,
    is_plain_text,
)
from xltiltak.model.finding import About, Finding, Place
from xltiltak.model.normalize import (
    ErrorValue,
    display,
    is_blank,
    strip_control_characters,
    strip_markup,
)
from xltiltak.model.report import Report


class Judgement(NamedTuple):
    """What becomes of an entry: `taken` is its value, None when emptied; with `kept`, what was sent stands."""

    taken: Value | None
    kept: bool
    findings: tuple[Finding, ...]


class Case(NamedTuple):
    """An entry on its way through the rules: the reading of its cells, and how to tell of it."""

    entry: CellChange
    reading: Reading
    sent: Report
    sheet: str

    def tell(self, code: str, **values: object) -> Finding:
        """A finding at the entry's cell, with what stands there and what it is about."""
        about = About("", *self.entry.slot, self.sent.describe(self.entry.slot))
        return Finding.create(
            code,
            Place("", self.sheet, self.entry.first),
            about,
            **{"value": self.quoted(), **values},
        )

    def quoted(self) -> str:
        """What stands in the cells, as a person would have typed it."""
        return "\n".join(display(raw) for raw in self.entry.cell_values if not is_blank(raw))

    def text(self, value: Value | None) -> str:
        """A value of this field in people's words."""
        return (
            self.entry.field_type.display(value, self.sent.head.language)
            if value is not None
            else ""
        )


def judge(entry: CellChange, sent: Report, sheet: str) -> Judgement:
    """What becomes of an open slot's entry; a plain one (`Text.is_plain`) is taken as it stands, with no judgement."""
    if entry.formulas and all(is_blank(raw) for raw in entry.cell_values):
        case = Case(entry, INVALID, sent, sheet)
        return Judgement(None, kept=True, findings=tuple(formula_or_error(case)))
    reading = entry.field_type.parse(entry.cell_values)
    case = Case(entry, reading, sent, sheet)
    if case.reading == Reading(entry.sent) and not entry.formulas:
        return Judgement(entry.sent, kept=True, findings=())
    if case.reading.outcome == "invalid":
        return Judgement(None, kept=True, findings=(*unreadable(case), *formula_or_error(case)))
    if case.reading == EMPTY:
        return _emptied(case)
    value, told = _cleaned(case)
    return Judgement(
        value, kept=False, findings=(*told, *formula_or_error(case), *repaired_value(case))
    )


def _emptied(case: Case) -> Judgement:
    kept = case.entry.sent is None or case.entry.field.required
    return Judgement(None, kept, tuple(input_cleared(case)) if case.entry.sent is not None else ())


def _cleaned(case: Case) -> tuple[Value | None, tuple[Finding, ...]]:
    """The value without what was pasted along with it."""
    kind, value = case.entry.field_type, case.reading.value
    texts = kind.free_text(value)
    told = tuple(finding for text in texts for finding in _told(case, text))
    return kind.from_free_text([_cleaned_text(text) for text in texts]) if texts else value, told


def _cleaned_text(text: str) -> str:
    return (
        text
        if text.isprintable() and "<" not in text
        else strip_markup(strip_control_characters(text))
    )


def _told(case: Case, text: str) -> Iterator[Finding]:
    if is_plain_text(text):
        return
    yield from control_characters(case, text)
    yield from markup_in_text(case, text)
    yield from text_too_long(case, text)


@rule("V101", "V103", "V104", "V105")
def unreadable(case: Case) -> Iterator[Finding]:
    """What stands in the cell is no value of its field, and nothing it could mean is the only reading."""
    filled = [raw for raw in case.entry.cell_values if not is_blank(raw)]
    if any(isinstance(raw, ErrorValue) for raw in filled):
        return
    steps = case.entry.field_type.steps
    allowed = ", ".join(str(s.value if isinstance(s.value, int) else s.label) for s in steps)
    day = filled[0]
    if isinstance(day, date) and steps:
        yield case.tell("V105", allowed=allowed, typed=f"{day.day}-{day.month}")
    else:
        yield case.tell(case.entry.field_type.error_code, allowed=allowed)


@rule("V106")
def formula_or_error(case: Case) -> Iterator[Finding]:
    """A formula's last value is taken as what it shows and told; a formula without value and an error cell are not."""
    if case.entry.formulas:
        lost = case.reading.outcome == "invalid"
        formula = "; ".join("=" + f for f in case.entry.formulas)
        yield case.tell("V106", value=formula).with_severity("error" if lost else "warning")
    elif any(isinstance(raw, ErrorValue) for raw in case.entry.cell_values):
        yield case.tell("V106")


@rule("V107")
def repaired_value(case: Case) -> Iterator[Finding]:
    """What was typed has one reading only, though not as it stands."""
    if case.reading.outcome == "repaired":
        yield case.tell("V107", before=case.quoted(), after=case.text(case.reading.value))


@rule("V108")
def markup_in_text(case: Case, text: str) -> Iterator[Finding]:
    """HTML was pasted along with the text."""
    if strip_markup(text) != text:
        yield case.tell("V108", value=text)


@rule("V109")
def text_too_long(case: Case, text: str) -> Iterator[Finding]:
    """A text that no row of a workbook can show whole."""
    if len(text) > MAX_VISIBLE_LENGTH:
        told = case.tell("V109", value=text[:60] + " …", length=len(text), limit=MAX_VISIBLE_LENGTH)
        yield told.with_severity("error" if len(text) > MAX_CELL_LENGTH else "warning")


@rule("V110")
def control_characters(case: Case, text: str) -> Iterator[Finding]:
    """Characters that cannot be seen came with a paste."""
    lost = len(text) - len(strip_control_characters(text))
    if lost:
        codes = sorted({f"U+{ord(c):04X}" for c in text if not strip_control_characters(c)})
        yield case.tell("V110", count=lost, value=", ".join(codes))


@rule("V111")
def input_cleared(case: Case) -> Iterator[Finding]:
    """An open slot that held something is empty now."""
    told = case.tell("V111", value=case.text(case.entry.sent))
    yield told.with_severity("warning" if case.entry.field.required else "note")
