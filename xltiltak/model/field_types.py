"""The kinds of fields: how each reads, writes, displays and validates its values.

No other module asks which kind a field is; it calls the methods of the field's `FieldType`. None is
the value of an empty slot; the methods that take a value are not called with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Literal, NamedTuple

from xltiltak.model.cell_values import CellValue, ErrorValue, PlainValue, display, is_blank
from xltiltak.model.language import decimal_text
from xltiltak.model.normalize import parse_date, parse_number, parse_step
from xltiltak.model.template import Field, Step, Template

MAX_CELL_LENGTH = 32_767  # characters that a cell of Excel can store
MAX_VISIBLE_LENGTH = 2_800  # characters that fit into a row of 409 points, the highest of Excel
Value = str | int | Decimal | date | tuple[str, ...]
ReadingOutcome = Literal["taken", "repaired", "invalid"]


class Reading(NamedTuple):
    """The value that the cells of a slot were read as.

    "repaired" means that the cells can only be read in one way, but do not have the usual form.
    "invalid" means that they cannot be read, or in several ways; then the value is None.
    """

    value: Value | None
    outcome: ReadingOutcome = "taken"


EMPTY, INVALID = Reading(None), Reading(None, "invalid")


def is_plain_text(text: str) -> bool:
    """Return True if a text has no markup and no invisible characters, and is fully visible."""
    return text.isprintable() and "<" not in text and len(text) <= MAX_VISIBLE_LENGTH


class FieldType:
    """The base of all kinds. What a kind does not override is as for any text in one cell."""

    is_single_cell: ClassVar[bool] = True  # the value is the content of one cell, unchanged
    spare_rows: ClassVar[int] = 0  # empty rows below the value of an open slot, on a card
    error_code: ClassVar[str] = "V106"  # the finding for a cell that cannot be read
    number_format: ClassVar[str] = "@"  # with "@" Excel does not change "1.2" to a date
    is_centred: ClassVar[bool] = False  # in the column of a table
    bullet: ClassVar[str] = ""  # printed before each item of a card
    json_types: frozenset[type] = frozenset({str})  # the types of a value in JSON

    def __init__(self, steps: Sequence[Step] = ()) -> None:
        self.steps = steps
        self.json_types = frozenset(type(step.value) for step in steps) or self.json_types

    def parse(self, cells: Sequence[CellValue]) -> Reading:
        """Return the value of a slot from its cells, in the order they are seen.

        More than one filled cell is invalid.
        """
        if len(cells) == 1:
            return EMPTY if is_blank(cells[0]) else self.parse_one(cells[0])
        filled = [c for c in cells if not is_blank(c)]
        return self.parse_one(filled[0]) if len(filled) == 1 else INVALID if filled else EMPTY

    def parse_one(self, cell: CellValue) -> Reading:
        """Return the value of one cell that is not blank."""
        if type(cell) is str:
            return Reading(cell)
        if isinstance(cell, ErrorValue | bool):
            return INVALID
        return Reading(display(cell), "repaired")

    def is_canonical(self, cell: CellValue) -> bool:
        """Return True if the content of the one cell is its value, and no rule has a finding.

        This is a shortcut for most cells. If it is False, `parse` and the rules decide.
        """
        return (
            type(cell) is str and self.is_single_cell and is_plain_text(cell) and bool(cell.strip())
        )

    def to_cells(self, value: Any) -> tuple[PlainValue, ...]:
        """Return the contents of the cells of a slot with this value."""
        return (value,)

    def validation(self) -> dict[str, Any]:
        """Return the validation of an open cell, as XlsxWriter takes it."""
        return {"validate": "length", "criteria": "<=", "value": MAX_VISIBLE_LENGTH}

    def coloured_steps(self) -> Sequence[Step]:
        """Return the steps whose number a cell shows with the label and in a colour."""
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

    def parse(self, cells: Sequence[CellValue]) -> Reading:
        """Return every line of every cell as a paragraph of its own, without blank ones."""
        outcome: ReadingOutcome = "taken"
        lines: list[str] = []
        for cell in cells:
            if not is_blank(cell):
                text, outcome_of_cell = FieldType.parse_one(self, cell)
                outcome = outcome_of_cell if outcome_of_cell != "taken" else outcome
                lines += [line.strip() for line in str(text).split("\n") if line.strip()]
        return INVALID if outcome == "invalid" else Reading(tuple(lines) or None, outcome)

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
    """A whole number."""

    error_code = "V103"
    number_format = "0"
    is_centred = True
    json_types = frozenset({int})

    def free_text(self, value: Any) -> tuple[str, ...]:
        """Return nothing: a number has no free text."""
        return ()

    def parse_one(self, cell: CellValue) -> Reading:
        """Return a whole number. One that is spelled as text, as "3,0", is repaired."""
        if type(cell) is int or (type(cell) is float and cell.is_integer()):
            return Reading(int(cell))
        number = parse_number(cell)
        if number is None or number != number.to_integral_value():
            return INVALID
        return Reading(int(number), "repaired")

    def is_canonical(self, cell: CellValue) -> bool:
        """Return True for a number without decimals."""
        return type(cell) is int and self.is_single_cell

    def validation(self) -> dict[str, Any]:
        """Return the validation that takes whole numbers."""
        return {"validate": "integer", "criteria": "between", "minimum": -(10**9), "maximum": 10**9}


class DecimalType(IntegerType):
    """A number with decimals, exact."""

    is_single_cell = False
    number_format = "General"
    is_centred = False
    json_types = frozenset({str})

    def parse_one(self, cell: CellValue) -> Reading:
        """Return a number. One that is spelled as text is repaired."""
        number = parse_number(cell)
        if number is None:
            return INVALID
        return Reading(number, "taken" if type(cell) in (int, float) else "repaired")

    def to_cells(self, value: Any) -> tuple[PlainValue, ...]:
        """Return the number as a float, as a spreadsheet stores it."""
        return (float(value),)

    def display(self, value: Any, language: str) -> str:
        """Return the number with the decimal sign of the language."""
        return decimal_text(value, language)

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
        number = parse_number(super().from_json(value))
        if number is None:
            raise ValueError(f"{value!r:.60} is not a number")
        return number


class ScaleType(IntegerType):
    """A step of a scale, by its number. A label is repaired to the number."""

    error_code = "V101"

    def __init__(self, steps: Sequence[Step] = ()) -> None:
        super().__init__(steps)
        self._values = {step.value for step in steps}

    def parse_one(self, cell: CellValue) -> Reading:
        """Return the number of a step, from its number or its label; other numbers are invalid."""
        if type(cell) is int and cell in self._values:
            return Reading(cell)
        reading = IntegerType.parse_one(self, cell)
        if reading.outcome == "invalid":
            step = parse_step(self.steps, cell)
            return Reading(step.value, "repaired") if step else INVALID
        return reading if reading.value in self._values else INVALID

    def is_canonical(self, cell: CellValue) -> bool:
        """Return True for the number of a step."""
        return type(cell) is int and cell in self._values

    def validation(self) -> dict[str, Any]:
        """Return a list of the numbers, and a message with number and label of each."""
        legend = "\n".join(f"{s.value} {s.label}" for s in self.steps)
        return {
            "validate": "list",
            "source": [s.value for s in self.steps],
            "input_message": legend[:255],  # Excel takes no more
        }

    def display(self, value: Any, language: str) -> str:
        """Return the number and the label."""
        return " ".join([str(value), *(s.label for s in self.steps if s.value == value)])

    def coloured_steps(self) -> Sequence[Step]:
        """Return the steps that have a colour."""
        return [s for s in self.steps if s.fill]


class ChoiceType(FieldType):
    """One step of a list, written and displayed as its label."""

    is_single_cell = False
    error_code = "V101"
    number_format = "General"

    def free_text(self, value: Any) -> tuple[str, ...]:
        """Return nothing: the labels are the template's."""
        return ()

    def parse_one(self, cell: CellValue) -> Reading:
        """Return the step with this label. An alias, or a label with a typo, is repaired."""
        exact = next((s for s in self.steps if s.label == cell), None)
        step = exact or parse_step(self.steps, cell)
        return Reading(step.value, "taken" if exact else "repaired") if step else INVALID

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

    def free_text(self, value: Any) -> tuple[str, ...]:
        """Return nothing: a day has no free text."""
        return ()

    def parse_one(self, cell: CellValue) -> Reading:
        """Return a day. One typed as text, as 31.12.2020 or 2020-12-31, is repaired."""
        day = parse_date(cell)
        return Reading(day, "taken" if isinstance(cell, date) else "repaired") if day else INVALID

    def is_canonical(self, cell: CellValue) -> bool:
        """Return False: a day is always parsed, because a cell may have a time of day too."""
        return False

    def display(self, value: Any, language: str) -> str:
        """Return the day as 31.12.2020."""
        return f"{value:%d.%m.%Y}"

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


KINDS: dict[str, type[FieldType]] = {
    "text": TextType,
    "paragraphs": ParagraphsType,
    "bullets": BulletsType,
    "choice": ChoiceType,
    "scale": ScaleType,
    "integer": IntegerType,
    "decimal": DecimalType,
    "date": DateType,
}
KINDS_WITH_STEPS = {"scale", "choice"}


def field_type_of(field: Field, template: Template) -> FieldType:
    """Return the type of a field, with the steps of its scale."""
    return KINDS[field.kind](template.scales.get(field.scale, ()))
