"""Judge what a leader typed into one open slot: the value to take, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

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


@dataclass(frozen=True, slots=True)
class Judgement:
    """The value to take from an answer, None for an emptied slot.

    With `keeps_sent`, the value that was sent stays instead.
    """

    value: Value | None
    keeps_sent: bool
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnedAnswer:
    """An answer that the rules look at: its cells, and what these mean (`reading`)."""

    change: CellChange
    reading: Reading
    sent: Report
    sheet: str

    def finding(self, code: str, **values: object) -> Finding:
        """Return a finding at the answer's cell; it quotes the cells unless `value` is given."""
        about = About("", *self.change.slot, self.sent.describe(self.change.slot))
        place = Place("", self.sheet, self.change.first_cell)
        return Finding.create(code, place, about, **{"value": self.quoted(), **values})

    def quoted(self) -> str:
        """Return what stands in the cells, as a person would have typed it."""
        return "\n".join(display(raw) for raw in self.change.cell_values if not is_blank(raw))

    def display(self, value: Value | None) -> str:
        """Return a value of this field as a person reads it; empty for None."""
        if value is None:
            return ""
        return self.change.field_type.display(value, self.sent.head.language)


def judge(change: CellChange, sent: Report, sheet: str) -> Judgement:
    """Return what to take from an open slot, and the findings about it.

    A canonical answer (`FieldType.is_canonical`) needs no judgement: it is taken as it is.
    """
    if change.formulas and all(is_blank(raw) for raw in change.cell_values):
        answer = ReturnedAnswer(change, INVALID, sent, sheet)
        return Judgement(None, keeps_sent=True, findings=tuple(formula_or_error(answer)))
    reading = change.field_type.parse(change.cell_values)
    answer = ReturnedAnswer(change, reading, sent, sheet)
    if reading == Reading(change.sent) and not change.formulas:
        return Judgement(change.sent, keeps_sent=True)
    if reading.outcome == "invalid":
        findings = (*unreadable(answer), *formula_or_error(answer))
        return Judgement(None, keeps_sent=True, findings=findings)
    if reading == EMPTY:
        if change.sent is None:
            return Judgement(None, keeps_sent=True)
        return Judgement(None, change.field.required, tuple(input_cleared(answer)))
    value, findings = _clean_texts(answer)
    return Judgement(
        value,
        keeps_sent=False,
        findings=(*findings, *formula_or_error(answer), *repaired_value(answer)),
    )


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


@rule("V101", "V103", "V104", "V105")
def unreadable(answer: ReturnedAnswer) -> Iterator[Finding]:
    """Report cells that hold no value of their field, not even after an unambiguous repair."""
    filled = [raw for raw in answer.change.cell_values if not is_blank(raw)]
    if any(isinstance(raw, ErrorValue) for raw in filled):
        return
    steps = answer.change.field_type.steps
    allowed = ", ".join(str(s.value if isinstance(s.value, int) else s.label) for s in steps)
    day = filled[0]
    if isinstance(day, date) and steps:
        yield answer.finding("V105", allowed=allowed, typed=f"{day.day}-{day.month}")
    else:
        yield answer.finding(answer.change.field_type.error_code, allowed=allowed)


@rule("V106")
def formula_or_error(answer: ReturnedAnswer) -> Iterator[Finding]:
    """Report a formula or an error cell.

    The last value of a formula is taken. A formula without a value, and an error, are not.
    """
    formulas = answer.change.formulas
    if formulas:
        found = answer.finding("V106", value="; ".join("=" + formula for formula in formulas))
        is_lost = answer.reading.outcome == "invalid"
        yield found.with_severity("error" if is_lost else "warning")
    elif any(isinstance(raw, ErrorValue) for raw in answer.change.cell_values):
        yield answer.finding("V106")


@rule("V107")
def repaired_value(answer: ReturnedAnswer) -> Iterator[Finding]:
    """Report a value that was repaired, because it can be read in one way only."""
    if answer.reading.outcome == "repaired":
        value = answer.display(answer.reading.value)
        yield answer.finding("V107", before=answer.quoted(), after=value)


@rule("V108")
def markup_in_text(answer: ReturnedAnswer, text: str) -> Iterator[Finding]:
    """Report HTML that was pasted with a text."""
    if strip_markup(text) != text:
        yield answer.finding("V108", value=text)


@rule("V109")
def text_too_long(answer: ReturnedAnswer, text: str) -> Iterator[Finding]:
    """Report a text that no row of a workbook can show as a whole."""
    if len(text) > MAX_VISIBLE_LENGTH:
        found = answer.finding(
            "V109", value=text[:60] + " …", length=len(text), limit=MAX_VISIBLE_LENGTH
        )
        yield found.with_severity("error" if len(text) > MAX_CELL_LENGTH else "warning")


@rule("V110")
def control_characters(answer: ReturnedAnswer, text: str) -> Iterator[Finding]:
    """Report invisible characters that were pasted with a text."""
    count = len(text) - len(strip_control_characters(text))
    if count:
        codes = sorted({f"U+{ord(c):04X}" for c in text if not strip_control_characters(c)})
        yield answer.finding("V110", count=count, value=", ".join(codes))


@rule("V111")
def input_cleared(answer: ReturnedAnswer) -> Iterator[Finding]:
    """Report an open slot that was sent with a value and is empty now."""
    found = answer.finding("V111", value=answer.display(answer.change.sent))
    yield found.with_severity("warning" if answer.change.field.required else "note")
