"""The kinds of fields: how each reads, writes, displays and validates its values.

No other module asks which kind a field is; it calls the methods of the field's `FieldType`. None is
the value of an empty slot; the methods that take a value are not called with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar, Literal, NamedTuple

from xltiltak.model.cell_values import (
    CellValue,
    ErrorValue,
    FormattedNumber,
    PlainValue,
    display,
    is_blank,
)
from xltiltak.model.language import day_number_format, day_text, decimal_text, quantity_text
from xltiltak.model.normalize import parse_step
from xltiltak.model.template import Field, Step, Template
from xltiltak.model.typed_text import strip_invisible
from xltiltak.model.written_dates import date_readings
from xltiltak.model.written_numbers import (
    TOO_LARGE,
    agrees,
    exact_number,
    has_other_unit,
    number_readings,
    shows_all_digits,
    stored_number,
)

MAX_VISIBLE_LENGTH = 2_800  # characters that fit into a row of 409 points, the highest of Excel
SingleValue = str | int | Decimal | date
Value = SingleValue | tuple[str, ...]
ReadingOutcome = Literal["taken", "repaired", "invalid"]


class Reading(NamedTuple):
    """The value that the cells of a slot were read as.

    "repaired" means that the cells can only be read in one way, but do not have the usual form.
    "invalid" means that they cannot be read, or in several ways; then the value is None, and
    `alternatives` are what they may mean, as values or as they are shown. `reason` is the key of a
    phrase for the finding (`why.<reason>`). `before` is what a note quotes instead of what the cell
    shows.
    """

    value: Value | None
    outcome: ReadingOutcome = "taken"
    alternatives: tuple[SingleValue, ...] = ()
    reason: str = ""
    before: str = ""


EMPTY, INVALID = Reading(None), Reading(None, "invalid")


def is_plain_text(text: str) -> bool:
    """Return True if a text has no markup and no invisible characters, and is fully visible."""
    return text.isprintable() and "<" not in text and len(text) <= MAX_VISIBLE_LENGTH


class FieldType:
    """The base of all kinds. What a kind does not override is as for any text in one cell."""

    is_single_cell: ClassVar[bool] = True  # the value is the content of one cell, unchanged
    spare_rows: ClassVar[int] = 0  # empty rows below the value of an open slot, on a card
    error_code: ClassVar[str] = "V106"  # the finding for a cell that cannot be read
    number_format: str = "@"  # with "@" Excel does not change "1.2" to a date
    is_centred: ClassVar[bool] = False  # in the column of a table
    bullet: ClassVar[str] = ""  # printed before each item of a card
    # The number formats from 1,000 on: "=" of whole numbers, "<>" of others; none if the same.
    formats_from_1000: Mapping[str, str] = MappingProxyType({})
    words: Mapping[str, int] = MappingProxyType({})  # texts of a list that stand for a number
    json_types: frozenset[type] = frozenset({str})  # the types of a value in JSON

    def __init__(
        self, steps: Sequence[Step] = (), unit: str = "", bands: Sequence[Step] = ()
    ) -> None:
        self.steps, self.unit, self.bands = steps, unit, bands
        self.json_types = frozenset(type(step.value) for step in steps) or self.json_types

    def with_unit(self, unit: str) -> FieldType:
        """Return the type with this unit; only a number has one."""
        return self

    def parse(self, cells: Sequence[CellValue], language: str) -> Reading:
        """Return the value of a slot from its cells, in the order they are seen.

        Numbers and days are read as they are written in the language. More than one filled cell is
        invalid.
        """
        if len(cells) == 1:
            return EMPTY if is_blank(cells[0]) else self.parse_one(cells[0], language)
        filled = [c for c in cells if not is_blank(c)]
        if len(filled) == 1:
            return self.parse_one(filled[0], language)
        return INVALID if filled else EMPTY

    def parse_one(self, cell: CellValue, language: str) -> Reading:
        """Return the value of one cell that is not blank."""
        if type(cell) is str:
            return Reading(cell)
        if isinstance(cell, ErrorValue):
            return INVALID
        return _as_shown(cell, language)

    def is_canonical(self, cell: CellValue) -> bool:
        """Return True if the content of the one cell is its value, and no rule has a finding.

        This is a shortcut for most cells. If it is False, `parse` and the rules decide.
        """
        return (
            type(cell) is str and self.is_single_cell and is_plain_text(cell) and bool(cell.strip())
        )

    def number_format_in(self, language: str) -> str:
        """Return the number format of the kind's cells; for days it depends on the language."""
        return self.number_format

    def to_cells(self, value: Any) -> tuple[PlainValue, ...]:
        """Return the contents of the cells of a slot with this value."""
        return (value,)

    def validation(self) -> dict[str, Any]:
        """Return the validation of an open cell, as XlsxWriter takes it."""
        return {"validate": "length", "criteria": "<=", "value": MAX_VISIBLE_LENGTH}

    def numbered_steps(self) -> Sequence[Step]:
        """Return the steps whose number a cell shows with the label, and in their colour."""
        return ()

    def display(self, value: Any, language: str) -> str:
        """Return the value as a reader of this language sees it."""
        return str(value)

    def free_text(self, value: Any) -> tuple[str, ...]:
        """Return the texts that a value consists of; none for a number, a day or a choice."""
        return (value,)

    def from_free_text(self, texts: Sequence[str]) -> Any:
        """Return the value that consists of these texts, the inverse of `free_text`."""
        return "\n".join(texts)

    def to_json(self, value: Any) -> Any:
        """Return the value as JSON."""
        return value

    def from_json(self, value: Any) -> Any:
        """Return the value of its JSON. Raise TypeError or ValueError for other JSON."""
        if type(value) not in self.json_types:
            raise TypeError(f"{value!r:.60} is not a value of this field")
        return value


class TextType(FieldType):
    """Any text, in one cell. Its line breaks are kept."""


class ParagraphsType(FieldType):
    """Paragraphs: one in each row of a card, one in each line of a single cell."""

    is_single_cell = False
    spare_rows = 2
    json_types = frozenset({list, tuple})

    def parse(self, cells: Sequence[CellValue], language: str) -> Reading:
        """Return every line of every cell as a paragraph of its own, without blank ones."""
        readings = [FieldType.parse_one(self, c, language) for c in cells if not is_blank(c)]
        lines = tuple(line for found in readings for line in _lines(str(found.value)))
        odd = [found for found in readings if found.outcome != "taken"]
        if not odd:
            return Reading(lines or None)
        if any(found.outcome == "invalid" for found in odd):
            return INVALID
        is_quoted = any(found.before for found in odd)
        before = "\n".join(found.before or str(found.value) for found in readings)
        reason = next((found.reason for found in odd if found.reason), "")
        return Reading(lines, "repaired", reason=reason, before=before if is_quoted else "")

    def to_cells(self, value: Any) -> tuple[PlainValue, ...]:
        """Return a cell for each paragraph."""
        return tuple(value)

    def display(self, value: Any, language: str) -> str:
        """Return a line for each paragraph."""
        return "\n".join(value)

    def free_text(self, value: Any) -> tuple[str, ...]:
        """Return the paragraphs."""
        return tuple(value)

    def from_free_text(self, texts: Sequence[str]) -> Any:
        """Return every line of the texts as a paragraph; None if there are none."""
        return tuple(line for text in texts for line in text.split("\n") if line) or None

    def from_json(self, value: Any) -> tuple[str, ...]:
        """Return the paragraphs of a JSON list. Raise TypeError if one is not a text."""
        return tuple(FieldType.from_json(FieldType(), line) for line in super().from_json(value))


class BulletsType(ParagraphsType):
    """The items of a list, read and written as paragraphs are."""

    bullet = "•"


class IntegerType(FieldType):
    """A whole number. One with a unit is shown with it, and with its thousands set apart."""

    error_code = "V103"
    number_format = "0"
    is_centred = True
    json_types = frozenset({int})
    other_units: ClassVar[tuple[str, ...]] = ()  # that mean the same as the field's own

    def __init__(
        self, steps: Sequence[Step] = (), unit: str = "", bands: Sequence[Step] = ()
    ) -> None:
        super().__init__(steps, unit, bands)
        if unit:
            digits = "#,##0" if self.number_format == "0" else self.number_format
            self.number_format = f'{digits}" {unit}"'

    def with_unit(self, unit: str) -> FieldType:
        """Return the type with this unit."""
        return type(self)(self.steps, unit, self.bands)

    def band_of(self, value: Any) -> Step | None:
        """Return the band that a number is in; None below the first one."""
        reached = [step for step in self.bands if value >= step.value]
        return reached[-1] if reached else None

    def display(self, value: Any, language: str) -> str:
        """Return the number and the label of its band; with unit and separators if it has one."""
        band = self.band_of(value)
        return self.number_text(value, language) + (f" {band.label}" if band else "")

    def number_text(self, value: Any, language: str) -> str:
        """Return the number; with its unit and separators if it has one."""
        if not self.unit:
            return decimal_text(value, language)
        return quantity_text(Decimal(value).normalize(), self.unit, language)

    def free_text(self, value: Any) -> tuple[str, ...]:
        """Return nothing: a number has no free text."""
        return ()

    def parse_one(self, cell: CellValue, language: str) -> Reading:
        """Return the number. One that is typed as text is repaired if it has one reading."""
        if isinstance(cell, FormattedNumber):
            return self._with_reason(self._parse_formatted(cell, language), cell)
        if type(cell) is str and not strip_invisible(cell).strip():
            return EMPTY
        numbers = self._readings(cell, language)
        if len(numbers) == 1:
            outcome: ReadingOutcome = "taken" if type(cell) is not str else "repaired"
            return self._with_reason(self._reading_of(numbers[0], outcome), cell)
        return Reading(None, "invalid", numbers)

    def _with_reason(self, reading: Reading, cell: CellValue) -> Reading:
        """Return the reading of a repaired number, with a reason if its unit is not the field's."""
        text = cell.shown if isinstance(cell, FormattedNumber) and cell.kind == "other" else cell
        left = self._without_unit(self._without_band(text)) if isinstance(text, str) else ""
        is_other = isinstance(left, str) and has_other_unit(left, self.unit)
        if reading.outcome == "repaired" and self.unit and is_other:
            return reading._replace(reason="other_unit")
        return reading

    def _readings(self, cell: PlainValue, language: str) -> tuple[Decimal, ...]:
        """Return the numbers that a cell may mean, without the field's own words after them."""
        return number_readings(self._without_unit(self._without_band(cell)), language)

    def _without_band(self, cell: PlainValue) -> PlainValue:
        """Return a text without the label of a band at its end; another cell as it is."""
        if not isinstance(cell, str) or not self.bands:
            return cell
        text = " ".join(strip_invisible(cell).split())
        labels = (step.label for step in self.bands if text.endswith(f" {step.label}"))
        return text.removesuffix(next(labels, "")).rstrip()

    def _without_unit(self, cell: PlainValue) -> PlainValue:
        """Return a text without the field's unit at its end; another cell as it is."""
        if not isinstance(cell, str) or not self.unit:
            return cell
        text = strip_invisible(cell).strip()
        words = (self.unit, *self.other_units)
        found = next((word for word in words if text.casefold().endswith(word.casefold())), "")
        return text.removesuffix(text[len(text) - len(found) :]).rstrip() if found else text

    def _parse_formatted(self, cell: FormattedNumber, language: str) -> Reading:
        """Return the stored number if it is the one that is shown; else there are two readings."""
        number = exact_number(cell.number)
        if number is None:
            return INVALID
        is_own = bool(self.unit) and cell.shown.endswith(self.unit) and shows_all_digits(cell)
        reading = self._reading_of(number, "taken" if is_own else "repaired")
        if agrees(cell) and reading.outcome != "invalid":
            return reading
        return Reading(None, "invalid", (cell.shown, number))

    def _reading_of(self, number: Decimal, outcome: ReadingOutcome) -> Reading:
        """Return the reading of a number: whole numbers only."""
        if number != number.to_integral_value():
            return Reading(None, "invalid", reason="whole")
        return Reading(int(number), outcome)

    def is_canonical(self, cell: CellValue) -> bool:
        """Return True for a number without decimals that a spreadsheet keeps."""
        return type(cell) is int and self.is_single_cell and -TOO_LARGE < cell < TOO_LARGE

    def validation(self) -> dict[str, Any]:
        """Return the validation that takes whole numbers."""
        return {"validate": "integer", "criteria": "between", "minimum": -(10**9), "maximum": 10**9}


class DecimalType(IntegerType):
    """A number with decimals, exact."""

    is_single_cell = False
    number_format = "General"
    is_centred = False
    json_types = frozenset({str})

    def __init__(
        self, steps: Sequence[Step] = (), unit: str = "", bands: Sequence[Step] = ()
    ) -> None:
        super().__init__(steps, unit, bands)
        if unit:  # no format sets thousands apart and shows just the decimals that there are
            formats = {"=": f'#,##0" {unit}"', "<>": f'#,##0.0########" {unit}"'}
            self.formats_from_1000 = MappingProxyType(formats)

    def _reading_of(self, number: Decimal, outcome: ReadingOutcome) -> Reading:
        """Return the reading of any number."""
        return Reading(number, outcome)

    def to_cells(self, value: Any) -> tuple[PlainValue, ...]:
        """Return the number as a float, as a spreadsheet stores it."""
        return (float(value),)

    def validation(self) -> dict[str, Any]:
        """Return the validation that takes numbers."""
        limit = 10**12
        rule = {"validate": "decimal", "criteria": "between"}
        return {**rule, "minimum": -limit, "maximum": limit}

    def to_json(self, value: Any) -> str:
        """Return the digits without zeros at the end: 2.50 and 2.5 give the same bytes."""
        return f"{(value + 0).normalize():f}"

    def from_json(self, value: Any) -> Decimal:
        """Return the number of these digits, as `parse` gives it."""
        return stored_number(super().from_json(value))


class PercentType(DecimalType):
    """A percentage, stored as 88 for 88 %. A share such as 0.88 has two readings."""

    other_units = ("prosent", "procent", "percent", "per cent", "pst.", "pst")

    def __init__(
        self, steps: Sequence[Step] = (), unit: str = "", bands: Sequence[Step] = ()
    ) -> None:
        super().__init__(steps, unit or "%", bands)

    def parse_one(self, cell: CellValue, language: str) -> Reading:
        """Return the percentage. A number below 1 without a percent sign may be a share."""
        reading = super().parse_one(cell, language)
        number = reading.value
        if not isinstance(number, Decimal) or not 0 < abs(number) < 1 or self._is_marked(cell):
            return reading
        return Reading(None, "invalid", (number, number * 100), reason="share")

    def _is_marked(self, cell: CellValue) -> bool:
        """Return True for a cell that shows the percent sign, or a word for it."""
        text = cell.shown if isinstance(cell, FormattedNumber) else cell
        return isinstance(text, str) and self._without_unit(text) != strip_invisible(text).strip()

    def _parse_formatted(self, cell: FormattedNumber, language: str) -> Reading:
        """Return the percentage that is shown: also that of a share in a format such as 0 %."""
        share = exact_number(cell.number)
        if cell.kind != "percent" or share is None:
            return super()._parse_formatted(cell, language)
        number = stored_number(f"{share * 100:f}")
        shown = number_readings(self._without_unit(cell.shown), language)
        return Reading(number, "taken" if number in shown else "repaired")


class ScaleType(IntegerType):
    """A step of a scale, by its number or an alias. A label is repaired to the number.

    The list of a form has number and label of each step: a cell holds "3 Godt i gang" or 3.
    """

    error_code = "V101"

    def __init__(
        self, steps: Sequence[Step] = (), unit: str = "", bands: Sequence[Step] = ()
    ) -> None:
        super().__init__(steps, unit, bands)
        self._values = {step.value for step in steps}
        numbered = [(step.value, step.label) for step in steps if isinstance(step.value, int)]
        self.words = {f"{value} {label}": value for value, label in numbered}

    def parse_one(self, cell: CellValue, language: str) -> Reading:
        """Return the number of a step, from its number or its label; other numbers are invalid."""
        if type(cell) is int and cell in self._values:
            return Reading(cell)
        if type(cell) is str and cell in self.words:
            return Reading(self.words[cell])
        if isinstance(cell, FormattedNumber):
            return self._parse_formatted(cell, language)
        reading = IntegerType.parse_one(self, cell, language)
        if reading == EMPTY or reading.value in self._values:
            return reading
        step = parse_step(self.steps, cell)
        if step is None:
            return INVALID
        return Reading(step.value, "taken" if _is_alias(cell, step) else "repaired")

    def _parse_formatted(self, cell: FormattedNumber, language: str) -> Reading:
        """Return the step that is shown, if it is the stored one; else there are two readings."""
        number = exact_number(cell.number)
        shown = self.parse_one(cell.shown, language).value
        if number in self._values and (shown == number or agrees(cell)):
            return Reading(int(cell.number), "repaired")
        if number is None or shown is None:
            return INVALID
        return Reading(None, "invalid", (cell.shown, number))

    def is_canonical(self, cell: CellValue) -> bool:
        """Return True for the number of a step."""
        return type(cell) is int and cell in self._values

    def validation(self) -> dict[str, Any]:
        """Return a list of the numbers, and a message with number and label of each."""
        legend = "\n".join(f"{s.value} {s.label}" for s in self.steps)
        source = [s.value for s in self.steps]
        return {"validate": "list", "source": source, "input_message": legend}

    def display(self, value: Any, language: str) -> str:
        """Return the number and the label."""
        return " ".join([str(value), *(s.label for s in self.steps if s.value == value)])

    def numbered_steps(self) -> Sequence[Step]:
        """Return all steps: no number stands without its word."""
        return self.steps


class ChoiceType(FieldType):
    """One step of a list, written and displayed as its label."""

    is_single_cell = False
    error_code = "V101"
    number_format = "General"

    def free_text(self, value: Any) -> tuple[str, ...]:
        """Return nothing: the labels are the template's."""
        return ()

    def parse_one(self, cell: CellValue, language: str) -> Reading:
        """Return the step with this label or alias. A label with a typo is repaired."""
        if isinstance(cell, ErrorValue):
            return INVALID
        shown = display(cell, language)
        exact = next((s for s in self.steps if s.label == shown), None)
        step = exact or parse_step(self.steps, shown)
        if step is None:
            return INVALID if strip_invisible(shown).strip() else EMPTY
        return Reading(step.value, "taken" if exact or _is_alias(shown, step) else "repaired")

    def to_cells(self, value: Any) -> tuple[PlainValue, ...]:
        """Return the label; no cell if the scale does not have the value any more."""
        return tuple(s.label for s in self.steps if s.value == value)

    def display(self, value: Any, language: str) -> str:
        """Return the label; the value if the scale does not have it any more."""
        return next((s.label for s in self.steps if s.value == value), str(value))

    def validation(self) -> dict[str, Any]:
        """Return a list of the labels."""
        return {"validate": "list", "source": [s.label for s in self.steps]}


class DateType(FieldType):
    """A calendar day. A text such as "ultimo 2019" is not a day; use the kind "text" for such."""

    error_code = "V104"
    number_format = "dd.mm.yyyy"
    is_centred = True

    def number_format_in(self, language: str) -> str:
        """Return the number format that shows a day as it is written in a language."""
        return day_number_format(language)

    def free_text(self, value: Any) -> tuple[str, ...]:
        """Return nothing: a day has no free text."""
        return ()

    def parse_one(self, cell: CellValue, language: str) -> Reading:
        """Return a day. One typed as text, or with a time of day, is repaired."""
        if type(cell) is str and not strip_invisible(cell).strip():
            return EMPTY
        days = date_readings(cell, language)
        if len(days) == 1:
            return Reading(days[0], "taken" if type(cell) is date else "repaired")
        return Reading(None, "invalid", days, reason="midnight") if days else INVALID

    def is_canonical(self, cell: CellValue) -> bool:
        """Return False: a day is always parsed, because a cell may have a time of day too."""
        return False

    def display(self, value: Any, language: str) -> str:
        """Return the day as it is written in a language, in Norwegian 31.12.2020."""
        return day_text(value, language)

    def validation(self) -> dict[str, Any]:
        """Return the validation that takes days from March 1900.

        Spreadsheets have a 29 February 1900, which never was.
        """
        return {"validate": "date", "criteria": ">", "value": date(1900, 3, 1)}

    def to_json(self, value: Any) -> str:
        """Return the day as 2020-12-31."""
        return str(value)

    def from_json(self, value: Any) -> date:
        """Return the day of 2020-12-31."""
        return date.fromisoformat(super().from_json(value))


def _is_alias(cell: CellValue, step: Step) -> bool:
    """Return True for a text that the template declares as another word for a step."""
    return isinstance(cell, str) and cell.strip().casefold() in map(str.casefold, step.aliases)


def _lines(text: str) -> list[str]:
    """Return the lines of a text that are not blank, without the white space around each."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def _as_shown(cell: CellValue, language: str) -> Reading:
    """Return what a number, a day or a truth value shows, as a text.

    If it stores something that it does not show, a note says so.
    """
    read = Reading(display(cell, language), "repaired")
    if isinstance(cell, bool):
        return read._replace(before=display(cell, "en"), reason="truth")
    if isinstance(cell, FormattedNumber):
        hides_digits = cell.kind in ("general", "number", "scientific", "other")
        if hides_digits and not shows_all_digits(cell):
            return read._replace(before=display(cell.number, language))
    elif isinstance(cell, int | float) and abs(cell) >= TOO_LARGE:
        return read._replace(before=decimal_text(f"{cell:.6G}", language), reason="digits")
    return read


KINDS: dict[str, type[FieldType]] = {
    "text": TextType,
    "paragraphs": ParagraphsType,
    "bullets": BulletsType,
    "choice": ChoiceType,
    "scale": ScaleType,
    "integer": IntegerType,
    "decimal": DecimalType,
    "percent": PercentType,
    "date": DateType,
}
KINDS_WITH_STEPS = {"scale", "choice"}
NUMBER_KINDS = {"integer", "decimal", "percent"}


def field_type_of(field: Field, template: Template) -> FieldType:
    """Return the type of a field, with the steps of its scale and its unit."""
    scales = template.scales
    return KINDS[field.kind](scales.get(field.scale, ()), field.unit, scales.get(field.bands, ()))


def help_text(field_type: FieldType) -> str:
    """Return what Excel shows beside a cell with a list: the steps, or else the choices."""
    steps = "\n".join(f"{step.value} {step.label}" for step in field_type.numbered_steps())
    return steps or ", ".join(str(value) for value in field_type.validation()["source"])
