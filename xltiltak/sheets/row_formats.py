"""Rows with the same cells: their blocks, and the XML pattern, heights and validations they share.

A workbook has thousands of rows but few kinds of them; `RowFormats` prepares each kind once. A
block has rows of one kind below each other; ranges of cells are validated or counted together. A
validation says what may be typed into a cell; with it comes how a step of a scale is shown there.
Rows and columns are counted from 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from xltiltak.layout import metrics
from xltiltak.layout.geometry import KEY_COL, LABEL_COL, Geometry, Purpose
from xltiltak.layout.sheet_rows import CellSpec, SheetRow
from xltiltak.model.cell_values import CellValue
from xltiltak.model.field_types import FieldType, help_text
from xltiltak.model.language import translate
from xltiltak.model.summary import mean_number_format
from xltiltak.model.template import Step
from xltiltak.sheets import style
from xltiltak.sheets.formula_parts import WILDCARDS, quoted
from xltiltak.sheets.own_cells import OWN_STYLE
from xltiltak.sheets.workbook import WorkbookWriter
from xltiltak.xlsx.excel_limits import (
    FORMULA_TEXT,
    LIST,
    MESSAGE,
    MESSAGE_TITLE,
    cut_lines,
    length_in_excel,
)
from xltiltak.xlsx.row_workbook import CellFormat, RowSheet
from xltiltak.xlsx.row_writer import RowPattern, range_name

Key = TypeVar("Key")
_EMPTY_ROW_HEIGHT = 5.0  # points
_USUAL_TEXTS = 250  # of a sheet, that are left from the last date
_FONT_SIZE, _POINTS = 10, 5.25  # of a cell's text; the width of a character of a column's width
_DEFAULT_WIDTH = 10.0  # characters, of a column without a width
_FORMULA_STYLES = {"filled", "jump", "sheets", "sheet_link", "sum"} | style.LIVE_STYLES
_LIMITS = {
    "error_title": MESSAGE_TITLE,
    "input_title": MESSAGE_TITLE,
    "error_message": MESSAGE,
    "input_message": MESSAGE,
}


# Blocks and ranges


class CellRange(NamedTuple):
    """Cells below and beside each other without a gap."""

    first: int
    last: int
    left: int
    right: int

    @property
    def name(self) -> str:
        """Return the range as formulas write it: `D14:E40`."""
        return range_name(self.first, self.left, self.last, self.right)

    @property
    def corners(self) -> tuple[int, int, int, int]:
        """Return the range as XlsxWriter takes it: first row and column, last ones, from 0."""
        return self.first - 1, self.left - 1, self.last - 1, self.right - 1


class RowBlock(NamedTuple):
    """Rows below each other with the same cells; `first` is the number of the first row."""

    first: int
    rows: Sequence[SheetRow]

    @property
    def last(self) -> int:
        """Return the number of the last row."""
        return self.first + len(self.rows) - 1

    @property
    def specs(self) -> tuple[CellSpec, ...]:
        """Return the cells of each row."""
        return self.rows[0].specs

    def range_of(self, col: int) -> CellRange:
        """Return the block's cells in one column."""
        return CellRange(self.first, self.last, col, col)


def split_into_blocks(rows: Sequence[SheetRow]) -> Iterator[RowBlock]:
    """Yield the rows in blocks; a row with cells but about no node is a block of its own."""
    first = 1
    for number, row in enumerate(rows, 1):
        is_alone = row.specs and not row.refs
        if is_alone or number == len(rows) or rows[number].specs is not row.specs:
            yield RowBlock(first, rows[first - 1 : number])
            first = number + 1


def append_run(runs: list[CellRange], cells: CellRange) -> None:
    """Add cells of one column below the others: extend the last range if there is no gap."""
    if runs and runs[-1].last == cells.first - 1 and runs[-1].left == cells.left:
        runs[-1] = runs[-1]._replace(last=cells.last)
    else:
        runs.append(cells)


def merge_ranges(cells: Iterable[tuple[CellRange, Key]]) -> list[tuple[CellRange, Key]]:
    """Return the fewest ranges that cover these cells, sorted; a range has cells of one key only.

    The cells of each column come from top to bottom. They are joined with those below them first,
    then with those to their right.
    """
    columns: dict[tuple[int, Key], list[CellRange]] = defaultdict(list)
    for cell_range, key in cells:
        append_run(columns[cell_range.left, key], cell_range)
    runs = [(run, key) for (_, key), runs in columns.items() for run in runs]
    merged: list[tuple[CellRange, Key]] = []
    for run, key in sorted(runs, key=itemgetter(0)):
        if merged:
            before, before_key = merged[-1]
            is_beside = (before.first, before.last, before.right + 1) == run[:3]
            if is_beside and before_key == key:
                merged[-1] = (before._replace(right=run.right), key)
                continue
        merged.append((run, key))
    return merged


# Formats


class RowFormat:
    """One kind of row. With `hidden` the row is not shown."""

    def __init__(
        self,
        book: WorkbookWriter,
        geometry: Geometry,
        specs: tuple[CellSpec, ...],
        language: str,
        *,
        hidden: bool,
    ) -> None:
        self._book, self._geometry, self._hidden = book, geometry, hidden
        self._pattern: RowPattern | None = None
        self.specs = specs
        self.validations = validation_specs(book, specs, language, geometry)
        self.live = [
            (index, spec)
            for index, spec in enumerate(specs)
            if spec.figure or spec.style in _FORMULA_STYLES or spec.is_derived
        ]
        measured = [
            _measure(spec.cell_style, geometry.widths.get(spec.col, _DEFAULT_WIDTH))
            for spec in specs
        ]
        self._least = max((least for least, _, _ in measured), default=_EMPTY_ROW_HEIGHT)
        self._padding = max((p for _, p, _ in measured if p is not None), default=0.0)
        self._wrapped = [
            (index, measured[index][2])
            for index, spec in enumerate(specs)
            if _wraps(spec) and not spec.figure
        ]

    def height(self, values: Sequence[CellValue]) -> float:
        """Return the height in points of a row with these values."""
        heights = [self._least]
        for index, height_of in self._wrapped:
            text = values[index]
            if type(text) is str:
                heights.append(height_of(text))
        return min(metrics.TALLEST, self._padding + max(heights))

    def pattern_on(self, sheet: RowSheet) -> RowPattern:
        """Return the pattern of the row's XML, made by the first sheet that needs it.

        Rows that somebody may type in grow with their text.
        """
        if self._pattern is None:
            cells = [(KEY_COL, self._book.format("mark"))]
            cells += [(spec.col, self._cell_format(spec)) for spec in self.specs]
            is_open = any(spec.style in ("input", "new") for spec in self.specs)
            grows = is_open or not self._geometry.is_form
            self._pattern = sheet.row_pattern(cells, grows=grows, hidden=self._hidden)
        return self._pattern

    def _cell_format(self, spec: CellSpec) -> CellFormat:
        """Return the format of one cell."""
        if spec.style == OWN_STYLE:
            return self._book.format(OWN_STYLE, spec.look)
        number_format, centred = "", False
        if spec.field_type and spec.style in style.SLOT_STYLES:
            number_format = spec.field_type.number_format_in(self._geometry.language)
            centred = self._geometry.is_table and spec.field_type.is_centred
        elif spec.figure and spec.figure.stat == "mean":
            number_format = mean_number_format(self._geometry.template)
        return self._book.format(spec.cell_style, number_format, centred, _wraps(spec))


class RowFormats:
    """The row formats of one workbook."""

    def __init__(self, book: WorkbookWriter) -> None:
        self.book = book
        self._formats: dict[tuple[object, ...], RowFormat] = {}

    def format_of(
        self, geometry: Geometry, specs: tuple[CellSpec, ...], language: str, *, hidden: bool
    ) -> RowFormat:
        """Return the format of rows with these cells."""
        key = (geometry, specs, language, hidden)
        row_format = self._formats.get(key)
        if row_format is None:
            row_format = RowFormat(self.book, geometry, specs, language, hidden=hidden)
            self._formats[key] = row_format
        return row_format


def _wraps(spec: CellSpec) -> bool:
    """Return True if a long text is broken into lines within the cell."""
    if spec.style == "heading" and spec.col != LABEL_COL:  # the name on a card
        return True
    return not {spec.style, spec.cell_style} & style.NO_WRAP


@lru_cache(maxsize=256)
def _measure(cell_style: str, width: float) -> tuple[float, float | None, metrics.Measure]:
    """Return a cell style's height when empty, its padding, and its height by text; in points."""
    points = style.POINTS.get(cell_style, style.DEFAULT_POINTS)
    room = width - style.INDENT * (cell_style in style.INDENTED)
    is_bold = cell_style in style.BOLD
    return (
        metrics.row_height("", 1, points=points),
        style.PADDING.get(cell_style),
        metrics.row_height_function(room, points, is_bold),
    )


# Validations


@dataclass(frozen=True, slots=True)
class InputRule:
    """What a cell accepts. Cells with equal rules get one validation together.

    `validation` is as XlsxWriter takes it, empty if anything may be typed; `text` is the same as a
    text. With `keeps_text`, Excel does not warn about numbers stored as text.
    """

    style: str
    field: str
    text: str
    keeps_text: bool
    validation: Mapping[str, Any] = dataclass_field(compare=False)


class Band(NamedTuple):
    """Numbers from `least` on, and below `end` if there is a higher band.

    With `whole`, they are only those from 1,000 on that are whole ("=") or not ("<>").
    """

    least: int | None = None
    end: int | None = None
    whole: str = ""

    def criteria(self, cell: str) -> str:
        """Return the formula that is true for a cell with such a number."""
        tests = [f"ISNUMBER({cell})"]
        tests += [] if self.least is None else [f"{cell}>={self.least}"]
        tests += [] if self.end is None else [f"{cell}<{self.end}"]
        if self.whole:
            tests += [f"ABS({cell})>=1000", f"{cell}{self.whole}ROUND({cell},0)"]
        return f"=AND({','.join(tests)})"


ShownValue = int | str | Band


class StepFormats(NamedTuple):
    """How the values of a field are shown: for each value or band a conditional format."""

    field: str
    formats: tuple[tuple[ShownValue, CellFormat], ...]


class ValidationSpec(NamedTuple):
    """The rule and the step formats of the cells in one column of a block."""

    col: int
    rule: InputRule
    steps: StepFormats


def validation_specs(
    book: WorkbookWriter, specs: Iterable[CellSpec], language: str, geometry: Geometry
) -> tuple[ValidationSpec, ...]:
    """Return the rules of these cells, without those that hold no value of a field type.

    In a form the inputs accept what fits their field, in the coordinator's workbook all cells but
    headings do. In the published one nothing is validated, and a step shows its symbol too.
    """
    purpose = geometry.purpose
    is_published = purpose is Purpose.PUBLISHED
    found = []
    for spec in specs:
        field_type, field = spec.field_type, spec.field.id if spec.field else ""
        if field_type is None or spec.style == "none":
            continue
        is_input = spec.style in ("input", "new")
        may_be_typed = is_input or (purpose is Purpose.APPENDIX and spec.style != "heading")
        validation: Mapping[str, Any] = {}
        if field and may_be_typed and not spec.is_derived:
            validation = _validation(book, field_type, language, is_input=is_input)
        keeps_text = bool(field) and field_type.number_format == "@"
        steps = _step_formats(
            book,
            field_type,
            geometry.widths.get(spec.col, 0.0),
            has_field=bool(field),
            is_published=is_published,
        )
        steps += _word_formats(book, field_type) if is_input and has_word_list(field_type) else ()
        rule = InputRule(spec.style, field, repr(validation), keeps_text, validation)
        found.append(ValidationSpec(spec.col, rule, StepFormats(field, steps)))
    return tuple(found)


def add_validation(
    sheet: RowSheet, blocks: Iterable[tuple[RowBlock, Sequence[ValidationSpec]]]
) -> None:
    """Add the validations and the step formats of all blocks to their sheet, in few ranges."""
    rules: list[tuple[CellRange, InputRule]] = []
    steps: list[tuple[CellRange, StepFormats]] = []
    for block, specs in blocks:
        rules += [(block.range_of(spec.col), spec.rule) for spec in specs]
        steps += [(block.range_of(spec.col), spec.steps) for spec in specs]
    text_ranges = []
    for cells, rule in merge_ranges(rules):
        if rule.validation:
            sheet.data_validation(*cells.corners, rule.validation)
        if rule.keeps_text:
            text_ranges.append(cells.name)
    if text_ranges:
        sheet.ignore_errors({"number_stored_as_text": " ".join(text_ranges)})
    for cells, step_formats in merge_ranges(steps):
        for value, cell_format in step_formats.formats:
            shown: dict[str, Any] = {"type": "cell", "criteria": "==", "value": value}
            if isinstance(value, Band):
                first = range_name(cells.first, cells.left, cells.first, cells.left)
                shown = {"type": "formula", "criteria": value.criteria(first)}
            sheet.conditional_format(*cells.corners, {**shown, "format": cell_format})


def add_carried_formats(
    book: WorkbookWriter, sheet: RowSheet, cells: Iterable[tuple[CellRange, Step]], words: str
) -> None:
    """Show steps that were carried on in grey, with some words after them.

    A cell that gets another step is shown as the others are.
    """
    for block, step in merge_ranges(cells):
        if isinstance(step.value, int):
            values = [step.value, quoted(f"{step.value} {step.label}")]
        else:
            values = [quoted(step.label)]
        look = book.carried_format(step, words)
        for value in values:
            shown = {"type": "cell", "criteria": "==", "value": value, "format": look}
            sheet.conditional_format(*block.corners, {**shown, "stop_if_true": True})


def add_left_format(
    book: WorkbookWriter, sheet: RowSheet, blocks: Iterable[RowBlock], texts: Iterable[str]
) -> None:
    """Show these texts in grey italics where they are in open cells without a date.

    Forms with few texts have the same formula, so that they are laid out once.
    """
    cols = ((block, spec.col) for block in blocks for spec in block.specs if holds_text(spec))
    for cells, _ in merge_ranges((block.range_of(col), "") for block, col in cols):
        cell = range_name(cells.first, cells.left, cells.first, cells.left)
        criteria = f"={left_test(book, texts, cell)}"
        shown = {"type": "formula", "criteria": criteria, "format": book.left_format()}
        sheet.conditional_format(*cells.corners, shown)


def left_test(book: WorkbookWriter, texts: Iterable[str], cell: str) -> str:
    """Return the formula that is true if a cell has one of these texts.

    They are on the hidden sheet. Excel refers to another sheet in a conditional format only by a
    text.
    """
    place = quoted(book.hidden_cells(texts, at_least=_USUAL_TEXTS))
    return f"SUMPRODUCT(--(INDIRECT({place})={cell}))>0"


def holds_text(spec: CellSpec) -> bool:
    """Return True for an open cell of a text without a date."""
    is_answer = spec.style == "input" and spec.field is not None and spec.field.role == "input"
    return is_answer and spec.date is None and not (spec.field_type and spec.field_type.steps)


def _step_formats(
    book: WorkbookWriter,
    field_type: FieldType,
    width: float,
    *,
    has_field: bool,
    is_published: bool,
) -> tuple[tuple[ShownValue, CellFormat], ...]:
    """Return the formats of a scale's numbers, of a number's bands, or of steps that are words.

    `width` is that of the column, in characters.
    """
    with_symbol = is_published and has_field
    numbers = [
        (
            step.value,
            book.step_format(_fitting(step, width), word=has_field, symbol=with_symbol),
        )
        for step in field_type.numbered_steps()
    ]
    if numbers:
        return tuple(numbers)
    ends = [*(int(step.value) for step in field_type.bands[1:]), None]
    grouped = field_type.formats_from_1000
    large = [] if field_type.bands else [*grouped.items()]
    plain = [(Band(whole=whole), book.number_format(shown)) for whole, shown in large]
    bands = [
        (
            Band(int(step.value), end, whole),
            book.band_format(step, number_format, symbol=with_symbol),
        )
        for step, end in zip(field_type.bands, ends, strict=False)
        for whole, number_format in (*grouped.items(), ("", field_type.number_format))
    ]
    words = [
        (quoted(step.label), book.choice_format(step, symbol=with_symbol))
        for step in field_type.steps
        if step.fill and isinstance(step.value, str)
        if length_in_excel(step.label) <= FORMULA_TEXT
    ]
    return (*bands, *plain, *words)


def _fitting(step: Step, width: float) -> Step:
    """Return a step with as much of its label as a column of this width shows beside the number.

    A number that its format makes wider than the column is shown as ###.
    """
    label, most = step.label, len(step.label)
    while label and metrics.text_width(f"{step.value} {label}", _FONT_SIZE) > width * _POINTS:
        most -= 1
        label = f"{step.label[:most].rstrip()}…" if most else ""
    return replace(step, label=label)


def _word_formats(
    book: WorkbookWriter, field_type: FieldType
) -> tuple[tuple[ShownValue, CellFormat], ...]:
    """Return the formats of a scale's numbers with their labels, as the list of a form has them."""
    return tuple(
        (quoted(f"{step.value} {step.label}"), book.step_format(step, word=True))
        for step in field_type.numbered_steps()
    )


def _validation(
    book: WorkbookWriter, field_type: FieldType, language: str, *, is_input: bool
) -> dict[str, Any]:
    """Return a validation as XlsxWriter takes it; {} if anything may be typed.

    Messages are cut (T108). Excel splits a list at its commas, ends it at a quote, and takes none
    that is too long; such a list stands in cells.
    """
    rule = field_type.validation()
    if not rule:
        return {}
    rule |= _messages(field_type, rule, language, is_input=is_input)
    if is_input and has_word_list(field_type):
        rule["source"] = [*field_type.words, *rule["source"]]
    listed = list(map(str, rule.get("source", ())))
    is_split = any({*choice} & {",", '"'} for choice in listed)
    if is_split or length_in_excel(",".join(listed)) > LIST:
        rule["source"] = f"={book.hidden_cells(rule['source'])}"
    return rule | {key: cut_lines(rule[key], most) for key, most in _LIMITS.items() if key in rule}


def has_word_list(field_type: FieldType) -> bool:
    """Return True if the list of a form has words beside the numbers: "3 Godt i gang", 3.

    The live figures count the words, and a text in a formula cannot be longer.
    """
    counted = [f"={word.translate(WILDCARDS)}" for word in field_type.words]
    return bool(counted) and all(length_in_excel(text) <= FORMULA_TEXT for text in counted)


def _messages(
    field_type: FieldType, rule: dict[str, Any], language: str, *, is_input: bool
) -> dict[str, str]:
    """Return what Excel shows before and after somebody types, in the reader's language."""
    allowed = str(rule.get("value", ""))
    if "source" in rule:
        allowed = ", ".join(str(value) for value in rule["source"])
    message = translate(f"validation.{rule['validate']}", language, allowed=allowed)
    texts = {
        "error_title": translate("validation.title", language),
        "error_message": message,
        "error_type": "stop",
    }
    if rule["validate"] == "list" and is_input:
        texts["input_title"] = translate("validation.choose", language)
        texts["input_message"] = help_text(field_type)
    return texts
