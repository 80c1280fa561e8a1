"""What a field can hold. Nowhere else does the program ask which kind a field is.

A kind turns cells into a value, a value into cells, and says how Excel should guard them. None is an empty value.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Literal, NamedTuple

from xltiltak.model.language import decimal_text
from xltiltak.model.normalize import (
    CellValue,
    ErrorValue,
    display,
    is_blank,
    parse_date,
    parse_number,
    parse_step,
)
from xltiltak.model.template import Field, Step, Template

MAX_CELL_LENGTH = 32_767  # characters that a cell of Excel holds
MAX_VISIBLE_LENGTH = 2_800  # characters that a row of 409 points, Excel's tallest, can show
Value = str | int | Decimal | date | tuple[str, ...]
ReadingOutcome = Literal["taken", "repaired", "invalid"]


class Reading(NamedTuple):
    """What the cells of a slot say. `repaired` means: one reading only, but not as it stood there."""

    value: Value | None
    outcome: ReadingOutcome = "taken"


EMPTY, INVALID = Reading(None), Reading(None, "invalid")


def is_plain_text(text: str) -> bool:
    """Is it what most people write: no markup, nothing that cannot be seen, not too long?"""
    return text.isprintable() and "<" not in text and len(text) <= MAX_VISIBLE_LENGTH


class FieldType:
    """Any text, in one cell; its line breaks are kept. The other kinds begin from it."""

    is_single_cell: ClassVar[bool] = True  # a value is what stands in its one cell
    spare_rows: ClassVar[int] = 0  # empty rows to write in, when the slot is open
    error_code: ClassVar[str] = "V106"  # the finding when nothing can be made of the cell
    number_format: ClassVar[str] = "@"  # Excel leaves what is typed alone: 1.2 stays 1.2
    is_centred: ClassVar[bool] = False  # in a table's narrow column
    bullet: ClassVar[str] = ""  # the sign before each item, on a card
    json_types: frozenset[type] = frozenset(
        {str}
    )  # of what `to_json` gives, and of what JSON makes of it

    def __init__(self, steps: Sequence[Step] = ()) -> None:
        self.steps = steps
        self.json_types = frozenset(type(step.value) for step in steps) or self.json_types

    def parse(self, cells: Sequence[CellValue]) -> Reading:
        """The value of a slot, from its cells in the order they are seen."""
        if len(cells) == 1:
            return EMPTY if is_blank(cells[0]) else self.parse_one(cells[0])
        filled = [c for c in cells if not is_blank(c)]
        return self.parse_one(filled[0]) if len(filled) == 1 else INVALID if filled else EMPTY

    def parse_one(self, cell: CellValue) -> Reading:
        """The value of the one cell that is filled."""
        if type(cell) is str:
            return Reading(cell)
        return (
            INVALID if isinstance(cell, ErrorValue | bool) else Reading(display(cell), "repaired")
        )

    def is_canonical(self, cell: CellValue) -> bool:
        """Is what stands in the one cell its value, and nothing to tell about it? If not, `parse` and the rules say."""
        return (
            type(cell) is str and self.is_single_cell and is_plain_text(cell) and bool(cell.strip())
        )

    def to_cells(self, value: Any) -> tuple[CellValue, ...]:
        """What stands in the cells of a slot with this value."""
        return (value,)

    def validation(self) -> dict[str, Any]:
        """How Excel guards an open cell."""
        return {"validate": "length", "criteria": "<=", "value": MAX_VISIBLE_LENGTH}

    def coloured_steps(self) -> Sequence[Step]:
        """The steps whose number Excel shows with word and colour."""
        return ()

    def display(self, value: Any, language: str) -> str:
        """The value as people read it, in their language."""
        return str(value)

    def free_text(self, value: Any) -> tuple[str, ...]:
        """The pieces of free text that a value is made of; none where it is a number, a day or a choice."""
        return (value,)

    def from_free_text(self, texts: Sequence[str]) -> Any:
        """The value of such pieces."""
        return "\n".join(texts)

    def to_json(self, value: Any) -> Any:
        """The value as JSON."""
        return value

    def from_json(self, value: Any) -> Any:
        """Return the value of its JSON. Raises TypeError or ValueError for what `to_json` never gives."""
        if type(value) not in self.json_types:
            raise TypeError(f"{value!r:.60} is not a value of this field")
        return value


class ParagraphsType(FieldType):
    """Paragraphs or list items: one a row in cards, one a line in a single cell."""

    is_single_cell = False
    spare_rows = 2
    json_types = frozenset({list, tuple})

    def parse(self, cells: Sequence[CellValue]) -> Reading:
        """Every line of every cell is a paragraph or item of its own; blank ones are left out."""
        outcome: ReadingOutcome = "taken"
        lines: list[str] = []
        for cell in cells:
            if is_blank(cell):
                continue
            text, outcome_here = FieldType.parse_one(self, cell)
            outcome = outcome_here if outcome_here != "taken" else outcome
            lines += [line.strip() for line in str(text).split("\n") if line.strip()]
        return INVALID if outcome == "invalid" else Reading(tuple(lines) or None, outcome)

    def to_cells(self, value: Any) -> tuple[CellValue, ...]:
        """One cell a paragraph or item."""
        return tuple(value)

    def display(self, value: Any, language: str) -> str:
        """A paragraph or item a line."""
        return "\n".join(value)

    def free_text(self, value: Any) -> tuple[str, ...]:
        """The paragraphs or items."""
        return tuple(value)

    def from_free_text(self, texts: Sequence[str]) -> Any:
        """The paragraphs or items anew, each line one; None where nothing is left."""
        return tuple(line for text in texts for line in text.split("\n") if line) or None

    def from_json(self, value: Any) -> tuple[str, ...]:
        """Return the lines of a JSON list. Raises TypeError where it holds anything but texts."""
        return tuple(FieldType.from_json(FieldType(), line) for line in super().from_json(value))


class BulletsType(ParagraphsType):
    """Items of a list."""

    bullet = "•"


class IntegerType(FieldType):
    """A whole number."""

    error_code = "V103"
    number_format = "0"
    is_centred = True
    json_types = frozenset({int})

    def free_text(self, value: Any) -> tuple[str, ...]:
        """Nothing: a number holds no free text."""
        return ()

    def parse_one(self, cell: CellValue) -> Reading:
        """A whole number, also with blanks, a comma and noughts, or spelt in other digits: that is repaired."""
        if type(cell) is int or (type(cell) is float and cell.is_integer()):
            return Reading(int(cell))
        number = parse_number(cell)
        if number is None or number != number.to_integral_value():
            return INVALID
        return Reading(int(number), "repaired")

    def is_canonical(self, cell: CellValue) -> bool:
        """A number without decimals."""
        return type(cell) is int and self.is_single_cell

    def validation(self) -> dict[str, Any]:
        """Whole numbers only."""
        return {"validate": "integer", "criteria": "between", "minimum": -(10**9), "maximum": 10**9}


class DecimalType(IntegerType):
    """A number with a decimal sign, exact."""

    is_single_cell = False
    number_format = "General"
    is_centred = False
    json_types = frozenset({str})

    def parse_one(self, cell: CellValue) -> Reading:
        """A number; one typed as text is repaired."""
        number = parse_number(cell)
        return (
            INVALID
            if number is None
            else Reading(number, "taken" if type(cell) in (int, float) else "repaired")
        )

    def to_cells(self, value: Any) -> tuple[CellValue, ...]:
        """The number as a spreadsheet holds it."""
        return (float(value),)

    def display(self, value: Any, language: str) -> str:
        """With the decimal sign of the language."""
        return decimal_text(value, language)

    def validation(self) -> dict[str, Any]:
        """Numbers only."""
        return {
            "validate": "decimal",
            "criteria": "between",
            "minimum": -(10**12),
            "maximum": 10**12,
        }

    def to_json(self, value: Any) -> str:
        """Its digits, without noughts at the end."""
        return (
            f"{(value + 0).normalize():f}"  # 2.50 and 2.5 are one number, and give the same bytes
        )

    def from_json(self, value: Any) -> Decimal:
        """Return the number of its digits, in the form that `parse` gives."""
        number = parse_number(super().from_json(value))
        if number is None:
            raise ValueError(f"{value!r:.60} is not a number")
        return number


class ScaleType(IntegerType):
    """A step of a scale, by its number; its word is repaired to the number."""

    error_code = "V101"

    def __init__(self, steps: Sequence[Step] = ()) -> None:
        super().__init__(steps)
        self._values = {step.value for step in steps}

    def parse_one(self, cell: CellValue) -> Reading:
        """A step by its number, or by its word; a number that is no step's is invalid."""
        if type(cell) is int and cell in self._values:
            return Reading(cell)
        reading = IntegerType.parse_one(self, cell)
        if reading.outcome == "invalid":
            step = parse_step(self.steps, cell)
            return Reading(step.value, "repaired") if step else INVALID
        return reading if reading.value in self._values else INVALID

    def is_canonical(self, cell: CellValue) -> bool:
        """The number of a step."""
        return type(cell) is int and cell in self._values

    def validation(self) -> dict[str, Any]:
        """A list of the numbers, with the words beside it."""
        legend = "\n".join(f"{s.value} {s.label}" for s in self.steps)
        return {
            "validate": "list",
            "source": [s.value for s in self.steps],
            "input_message": legend[:255],
        }

    def display(self, value: Any, language: str) -> str:
        """Its number and its word."""
        return " ".join([str(value), *(s.label for s in self.steps if s.value == value)])

    def coloured_steps(self) -> Sequence[Step]:
        """The steps that have a colour."""
        return [s for s in self.steps if s.fill]


class ChoiceType(FieldType):
    """One of a list, shown by its label."""

    is_single_cell = False
    error_code = "V101"
    number_format = "General"

    def free_text(self, value: Any) -> tuple[str, ...]:
        """Nothing: the words are the template's."""
        return ()

    def parse_one(self, cell: CellValue) -> Reading:
        """The step with this label; one named otherwise, by an alias or with a slip, is repaired."""
        exact = next((s for s in self.steps if s.label == cell), None)
        step = exact or parse_step(self.steps, cell)
        return Reading(step.value, "taken" if exact else "repaired") if step else INVALID

    def to_cells(self, value: Any) -> tuple[CellValue, ...]:
        """Its label; nothing for a value that the scale no longer has."""
        return tuple(s.label for s in self.steps if s.value == value)

    def display(self, value: Any, language: str) -> str:
        """Its label; the value itself where the scale no longer has it."""
        return next((s.label for s in self.steps if s.value == value), str(value))

    def validation(self) -> dict[str, Any]:
        """A list of the labels."""
        return {"validate": "list", "source": [s.label for s in self.steps]}


class DateType(FieldType):
    """A calendar day. Text such as "ultimo 2019" is no day: such a field is of kind text."""

    error_code = "V104"
    number_format = "dd.mm.yyyy"
    is_centred = True

    def free_text(self, value: Any) -> tuple[str, ...]:
        """Nothing: a day holds no free text."""
        return ()

    def parse_one(self, cell: CellValue) -> Reading:
        """A day; one typed as text, as 31.12.2020 or 2020-12-31, is repaired."""
        day = parse_date(cell)
        return Reading(day, "taken" if isinstance(cell, date) else "repaired") if day else INVALID

    def is_canonical(self, cell: CellValue) -> bool:
        """A day is parsed, whichever way it is written."""
        return False

    def display(self, value: Any, language: str) -> str:
        """As 31.12.2020."""
        return f"{value:%d.%m.%Y}"

    def validation(self) -> dict[str, Any]:
        """Days from March 1900: before, spreadsheets count one that never was."""
        return {"validate": "date", "criteria": ">", "value": date(1900, 3, 1)}

    def to_json(self, value: Any) -> str:
        """As 2020-12-31."""
        return str(value)

    def from_json(self, value: Any) -> date:
        """The day of 2020-12-31."""
        return date.fromisoformat(super().from_json(value))


_TEXTS = {
    "text": FieldType,
    "paragraphs": ParagraphsType,
    "bullets": BulletsType,
    "choice": ChoiceType,
}
KINDS: dict[str, type[FieldType]] = {
    **_TEXTS,
    "scale": ScaleType,
    "integer": IntegerType,
    "decimal": DecimalType,
    "date": DateType,
}
STEPPED = {"scale", "choice"}


def field_type_of(field: Field, template: Template) -> FieldType:
    """The kind of a field, with the steps it chooses among."""
    return KINDS[field.kind](template.scales.get(field.scale, ()))
