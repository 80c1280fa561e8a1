"""Read the sheets of a workbook: the values of their cells, and what changes their meaning.

Every program's files are read in one way, with expat. Its handlers meet each element at any depth,
so nothing that stands in unknown markup is passed over. Rows that hold nothing but numbers, in the
shape in which nearly all programs write them, are taken without it (`plain_elements`).

An error cell gives an ErrorValue, never a blank. A formula gives its last computed value. A value
outside the bounds is kept to be quoted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from typing import NamedTuple

from xltiltak.model.cell_values import CellValue, ErrorValue, display, is_blank
from xltiltak.model.errors import DamagedWorkbook, OverLimit
from xltiltak.xlsx.cell_content import cell_value, stored_number
from xltiltak.xlsx.cell_names import cell_name, cell_place, column_letters, column_number
from xltiltak.xlsx.cell_styles import ConditionalLook, each_cell
from xltiltak.xlsx.conditional_formats import ConditionalRule, hidden_by_rules
from xltiltak.xlsx.number_rendering import shown_text
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.parts import (
    WorkbookParts,
    has_relationships,
    part_relationships,
    read_workbook_parts,
)
from xltiltak.xlsx.plain_elements import ROWS, PlainRow, parse_rest, plain_row
from xltiltak.xlsx.rich_text import (
    Run,
    RunCollector,
    decode_escapes,
    numbers_below_1000,
    split_struck,
    text_of,
)
from xltiltak.xlsx.theme import theme_colours

_MOST_OUT_OF_BOUNDS = 200  # values that are kept to be quoted
_MOST_ARRAYS = 1_000  # array formulas that are told of each cell that they fill
_MOST_RULE_RANGES = 1_000  # of conditional formats that can strike out or hide a value
_TRUE, _FALSE = ("1", "true"), ("0", "false")
_NO_NUMBERS = ";;"  # a number format that shows texts only
_PAGE_TEXTS = {
    f"{page}{place}" for page in ("odd", "even", "first") for place in ("Header", "Footer")
}
_FLAT = re.compile(r"0(?:\.[0-4]\d*)?")
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})(?::\$?([A-Z]{1,3})\$?([1-9]\d{0,6}))?")

Attributes = dict[str, str]


StartRow = Callable[[Attributes], None]
EndCell = Callable[
    [str | None, str | None, str | None, str | None, str | None, Attributes], None
]  # address, style, type, text, formula and its attributes


class SheetRange(NamedTuple):
    """A range of merged or linked cells; rows and columns are counted from 1, all inclusive."""

    first_row: int
    first_col: int
    last_row: int
    last_col: int


class CellLink(NamedTuple):
    """The link of a cell or a range: `target` is a web address, a file or a place in the book."""

    cells: SheetRange
    target: str


@dataclass(slots=True)
class Sheet:
    """One sheet: its cells by row and column, and its formulas by position; both counted from 1.

    `part` is the name of its part. `first_out_of_bounds` is the address of the first value outside
    the bounds, None without one; `out_of_bounds` are the first 200 of them with their addresses.
    `struck` are the words of a cell that are struck out: they are left out of the value in `rows`,
    unless the whole cell is struck out; then the value stays and its cell is in `struck_cells`.
    `pale_cells` have letters that can hardly be seen, or that a conditional format may strike out
    or hide. `unseen` are the values that a number format such as `;;;` hides: in `rows` they are
    errors, so that nobody takes them.
    `merged` are its merged ranges, `links` the links of cells. `fills` has the colour of cells with
    a fill, as RRGGBB or the name of a colour that the theme lacks; `fill_colours` are those that
    any cell of the workbook may have. `second_values` are texts that no program shows, because
    their cell has another value too, each with the address of the cell. `page_texts` are the
    headers and footers of the printed pages as name ("oddHeader") and text, with its codes (`&L`,
    `&P`). `prompts` are the messages that Excel shows beside a chosen cell, with the address of the
    first cell, "" if that is unknown. `hidden_columns` are ranges, each as its first and last
    column.
    """

    name: str
    part: str = ""
    rows: dict[int, dict[int, CellValue]] = field(default_factory=dict)
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    first_out_of_bounds: str | None = None
    out_of_bounds: list[tuple[str, CellValue]] = field(default_factory=list)
    struck: dict[tuple[int, int], str] = field(default_factory=dict)
    struck_cells: set[tuple[int, int]] = field(default_factory=set)
    pale_cells: set[tuple[int, int]] = field(default_factory=set)
    unseen: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[SheetRange] = field(default_factory=list)
    links: list[CellLink] = field(default_factory=list)
    fills: Mapping[tuple[int, int], str] = field(default_factory=dict)
    fill_colours: frozenset[str] = frozenset()
    page_texts: list[tuple[str, str]] = field(default_factory=list)
    second_values: list[tuple[str, str]] = field(default_factory=list)
    prompts: list[tuple[str, str]] = field(default_factory=list)
    is_hidden: bool = False
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)


def read_sheets(package: Package) -> Iterator[Sheet]:
    """Yield every sheet of a workbook, hidden ones too. Raises WorkbookError."""
    bounds = package.bounds
    book = read_workbook_parts(package)
    if len(book.sheets) > bounds.sheets:
        raise OverLimit("sheets", bound=bounds.sheets, met=len(book.sheets))
    for name, part in book.sheets:
        yield _read(name, part, book)


def read_sheet(package: Package, sheet_name: str) -> Sheet | None:
    """Return only the sheet of that name; None if there is none. Raises WorkbookError."""
    book = read_workbook_parts(package)
    return next((_read(name, part, book) for name, part in book.sheets if name == sheet_name), None)


def _read(name: str, part: str, book: WorkbookParts) -> Sheet:
    fills = CellFills(part, book)
    colours, is_hidden = frozenset(book.styles.fills.values()), name in book.hidden_sheets
    sheet = Sheet(name, part, fills=fills, fill_colours=colours, is_hidden=is_hidden)
    builder = _SheetBuilder(sheet, book)
    _parse_cells(book.package.read(part), builder)
    builder.finish()
    return sheet


def _usual_texts(book: WorkbookParts) -> dict[str, str]:
    """Return the shared texts in one format, by number."""
    texts = book.texts
    return (
        {n: text for n, text in texts.by_number.items() if n not in texts.runs}
        if texts.runs
        else texts.by_number
    )


def _parse_cells(content: bytes, builder: _SheetBuilder) -> None:  # noqa: C901 - two handlers
    """Parse the part of a sheet.

    Closures handle the elements: methods of an object would take longer, and they are called
    thousands of times for a form. Each text is what stands between the two tags of its element.
    Rows that hold nothing but numbers and shared texts are not left to expat.
    """
    starts, ends, pieces, runs = builder.starts, builder.ends, builder.pieces, builder.runs
    start_row, end_cell = _cell_handlers(content, builder)
    attributes = formula_attributes = dict[str, str]()
    text: str | None = None  # of <t> elements
    stored: str | None = None  # of the <v> element
    formula: str | None = None

    def start(name: str, given: Attributes) -> None:
        """Handle the start of an element."""
        nonlocal attributes, text, stored, formula, formula_attributes
        if name == "c":
            attributes, text, stored, formula = given, None, None, None
        elif name == "v" or name == "t":  # noqa: PLR1714 - faster
            pieces.clear()
        elif name == "row":
            start_row(given)
        elif name == "f":
            pieces.clear()
            formula_attributes = given
        elif name in starts:
            starts[name](given)

    def end(name: str) -> None:
        """Handle the end of an element."""
        nonlocal text, stored, formula
        if name == "v":
            stored = (stored or "") + "".join(pieces)
        elif name == "t" and not runs.in_phonetic:
            text = (text or "") + "".join(pieces)
        elif name == "c":
            get = attributes.get
            if stored is not None and text is not None:
                stored = builder.shown_of_two(get("r"), get("t"), text, stored)
            shown = text if stored is None else stored
            end_cell(get("r"), get("s"), get("t"), shown, formula, formula_attributes)
        elif name == "f":
            formula = (formula or "") + "".join(pieces)
        elif name in ends:
            ends[name](text or "")

    def add_row(row: PlainRow) -> None:
        """Add a row that expat does not parse."""
        start_row(row.attributes)
        for cell, style, kind, number in row.cells:
            end_cell(cell, style or None, kind or None, number or None, None, {})

    parse_rest(content, ROWS, plain_row, add_row, start, end, pieces.append, root="worksheet")


def _cell_handlers(content: bytes, builder: _SheetBuilder) -> tuple[StartRow, EndCell]:
    """Return what handles the start of a row and the end of a cell.

    The usual cells are put into their row: shared texts, small numbers shown as they are, and texts
    in one format, in cells without a formula. The builder adds all other cells.
    """
    book, rows, runs = builder.book, builder.sheet.rows, builder.runs
    texts = _usual_texts(book) if b't="s"' in content else {}
    numbers, special = numbers_below_1000(), book.styles.special
    as_they_are, bounds = book.styles.as_they_are, book.package.bounds
    columns = _columns(bounds.columns)
    row, col, row_text = 0, 0, ""
    here: dict[str, int] = {}  # the columns whose cells are read in this row
    cells: dict[int, CellValue] = {}

    def start_row(given: Attributes) -> None:
        """Begin a row."""
        nonlocal row, col, row_text, here, cells
        row, col = builder.next_row(row, given), 0
        row_text, cells = str(row), rows[row]
        here = columns if row <= bounds.rows else {}

    def end_cell(
        name: str | None,
        style: str | None,
        kind: str | None,
        text: str | None,
        formula: str | None,
        of_formula: Attributes,
    ) -> None:
        """Put a usual cell into its row; hand any other to the builder."""
        nonlocal col
        value: CellValue = None
        if text and formula is None and style not in special:
            if kind == "s":
                value = texts.get(text)
            elif kind is None or kind == "n":
                value = numbers.get(text) if style in as_they_are else None
            elif kind == "inlineStr" and not runs.found:
                value = decode_escapes(text)
        at = here.get(name.removesuffix(row_text)) if name else None
        col = at or builder.column_of(name, row, col)
        if value is not None and at and at not in cells:
            cells[at] = value
        elif text is not None or formula is not None:
            builder.add(WrittenCell(row, col, name, style, kind, text, formula, of_formula))

    return start_row, end_cell


@lru_cache(maxsize=8)
def _columns(last: int) -> dict[str, int]:
    """Return the numbers of the first columns by their letters."""
    return {column_letters(number): number for number in range(1, last + 1)}


class CellFills(Mapping[tuple[int, int], str]):
    """The colours of the cells of a sheet that have a fill, also of empty ones.

    They are read from the file again when they are first asked for: nearly all forms come back with
    the colours that they were sent with, and nobody asks.
    """

    def __init__(self, part: str, book: WorkbookParts) -> None:
        self._part, self._book = part, book

    @cached_property
    def _colours(self) -> dict[tuple[int, int], str]:
        found: dict[tuple[int, int], str] = {}
        fills = self._book.styles.fills
        in_theme = theme_colours(self._book.package) if fills else {}

        def note(cell: tuple[int, int], style: str | None) -> None:
            if colour := fills.get(style):
                found[cell] = in_theme.get(colour, colour)

        if fills:
            each_cell(self._book.package.read(self._part), note)
        return found

    def __getitem__(self, cell: tuple[int, int]) -> str:
        return self._colours[cell]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._colours)

    def __len__(self) -> int:
        return len(self._colours)


class WrittenCell(NamedTuple):
    """A cell as it is written: its address, the number of its style, its type and so on."""

    row: int
    col: int
    written_name: str | None
    style: str | None
    kind: str | None
    text: str | None
    formula: str | None
    formula_attributes: Attributes

    @property
    def name(self) -> str:
        """The address of the cell, as it is written if it is."""
        return self.written_name or cell_name(self.row, self.col)


class _SheetBuilder:
    """Adds to a sheet what is not a usual cell: other cells, and what stands around the cells.

    `starts` and `ends` are handlers by the name of the element; those of ends get the text of the
    cell so far. `pieces` are the text of the element that is open.
    """

    def __init__(self, sheet: Sheet, book: WorkbookParts) -> None:
        self.sheet, self.book = sheet, book
        self.pieces, self.runs = list[str](), RunCollector()
        self.has_data = False  # True after the start of <sheetData>
        self._shared: dict[str, tuple[int, int, str]] = {}  # the first of each shared formula
        self._arrays: list[tuple[SheetRange, str]] = []
        self._rules: list[ConditionalRule] = []  # those that can strike out or hide a value
        self._rule_ranges: list[SheetRange] = []
        self._rule_ranges_left = _MOST_RULE_RANGES
        self._rule: Attributes = {}
        self._rule_look: ConditionalLook | None = None  # None if it neither strikes out nor hides
        self._rule_formulas: list[str] = []
        self.starts: dict[str, Callable[[Attributes], None]] = {
            "sheetData": self._start_data,
            "mergeCell": self._add_merged,
            "hyperlink": self._add_link,
            "dataValidation": self._add_prompt,
            "conditionalFormatting": self._start_rules,
            "cfRule": self._start_rule,
            "iconSet": self._start_signs,
            "dataBar": self._start_signs,
            "formula": self._start_page_text,
            "col": self._add_columns,
            **dict.fromkeys(_PAGE_TEXTS, self._start_page_text),
            **self.runs.starts,
        }
        self.ends: dict[str, Callable[[str], None]] = {
            **{name: partial(self._add_page_text, name) for name in _PAGE_TEXTS},
            "formula": self._add_rule_formula,
            "cfRule": self._add_rule,
            **self.runs.ends,
        }

    def _start_data(self, _: Attributes) -> None:
        self.has_data = True

    # Cells

    def next_row(self, above: int, attributes: Attributes) -> int:
        """Add the next row, and return its number. Raises DamagedWorkbook if it is not below."""
        number = int(attributes.get("r", above + 1))
        if number <= above:
            raise DamagedWorkbook("row", row=number, sheet=self.sheet.name)
        self.sheet.rows[number] = {}
        if attributes.get("hidden") in _TRUE or _is_flat(attributes.get("ht")):
            self.sheet.hidden_rows.append(number)
        return number

    def column_of(self, name: str | None, row: int, before: int) -> int:
        """Return the column of a cell in a row: that of its address, without one the next.

        Raises DamagedWorkbook if the address is in another row.
        """
        found, column = cell_place(name) if name else (row, before + 1)
        if found != row or not row:
            raise DamagedWorkbook("row", row=name or row, sheet=self.sheet.name)
        return column

    def add(self, cell: WrittenCell) -> None:
        """Add any cell."""
        row, col, _, _, kind, text, formula, _ = cell
        value = cell_value(kind, cell.style, text, self.book)
        runs = self.runs.take()
        if kind == "s" and text:
            runs = self.book.texts.runs.get(text.strip(), ())
        elif sum(len(run.text) for run in runs) != len(text or ""):
            runs = ()  # of a text between cells
        elif any(run.level for run in runs):
            value = text_of(runs)
        bounds = self.book.package.bounds
        if formula is None and (value is None or value == ""):
            return
        if col > bounds.columns or row > bounds.rows:
            self._add_out_of_bounds(cell, value)
            return
        cells = self.sheet.rows[row]
        if col in cells:
            value = ErrorValue(f"{display(cells[col])} / {display(value)}")
        cells[col] = self._as_shown(cell, self._standing(cell, value, runs))
        if formula is not None:
            self.sheet.formulas[row, col] = self._whole_formula(cell, formula)

    def shown_of_two(self, name: str | None, kind: str | None, text: str, stored: str) -> str:
        """Return what a cell with a text of its own and a stored value shows; note the other.

        Excel shows the text if the type of the cell says so, and else the value.
        """
        shown, other = (text, stored) if kind == "inlineStr" else (stored, text)
        if kind != "inlineStr":
            self.runs.take()
        if not is_blank(other) and other != shown:
            self.sheet.second_values.append((name or "", decode_escapes(other)))
        return shown

    def _add_out_of_bounds(self, cell: WrittenCell, value: CellValue) -> None:
        self.sheet.first_out_of_bounds = self.sheet.first_out_of_bounds or cell.name
        if len(self.sheet.out_of_bounds) < _MOST_OUT_OF_BOUNDS:
            content = f"={cell.formula}" if value is None else value
            self.sheet.out_of_bounds.append((cell.name, content))

    def _standing(self, cell: WrittenCell, value: CellValue, runs: Sequence[Run]) -> CellValue:
        """Return the value without struck words, and keep these."""
        place = cell.row, cell.col
        is_struck = cell.style in self.book.styles.struck
        if not runs:
            if is_struck and not is_blank(value):
                self.sheet.struck[place] = display(value)
                self.sheet.struck_cells.add(place)
            return value
        standing, struck = split_struck(runs, in_struck_cell=is_struck)
        if struck:
            self.sheet.struck[place] = struck
        if struck and not standing:
            self.sheet.struck_cells.add(place)
        return standing if struck and standing else value

    def _as_shown(self, cell: WrittenCell, value: CellValue) -> CellValue:
        """Return a text as its number format shows it; note what a format does not show."""
        place = cell.row, cell.col
        if cell.style in self.book.styles.pale:
            self.sheet.pale_cells.add(place)
        shown, section = value, self.book.styles.text_sections.get(cell.style)
        if section and type(value) is str:
            shown = shown_text(value, section)
        is_number = stored_number((cell.text or "").strip()) is not None
        if isinstance(shown, ErrorValue) and (type(value) is str or is_number):
            self.sheet.unseen[place] = str(value)
        return shown

    def _whole_formula(self, cell: WrittenCell, formula: str) -> str:
        """Return the formula of a cell; one that several cells share is written out."""
        get = cell.formula_attributes.get
        kind = get("t")
        if kind == "shared" and formula:
            self._shared[get("si", "")] = cell.row, cell.col, formula
        elif kind == "shared" and get("si", "") in self._shared:
            from xltiltak.xlsx.shared_formulas import shifted

            row, col, formula = self._shared[get("si", "")]
            return shifted(formula, cell.row - row, cell.col - col)
        elif kind == "shared" and not formula:
            return "…"  # the cell that had it was deleted
        elif kind == "dataTable":
            return f"TABLE({get('r1', '')},{get('r2', '')})"
        elif kind == "array" and (cells := range_of(get("ref", ""))):
            self._arrays.append((cells, formula))
        return formula

    # Around the cells

    def _add_columns(self, attributes: Attributes) -> None:
        first, last = attributes.get("min", ""), attributes.get("max", "")
        is_hidden = attributes.get("hidden") in _TRUE or _is_flat(attributes.get("width"))
        if is_hidden and first.isdecimal() and last.isdecimal():
            last_read = self.book.package.bounds.columns
            self.sheet.hidden_columns.append((int(first), min(int(last), last_read)))

    def _add_merged(self, attributes: Attributes) -> None:
        cells = range_of(attributes.get("ref", ""))
        if cells and cells[:2] != cells[2:]:
            self.sheet.merged.append(cells)

    def _add_link(self, attributes: Attributes) -> None:
        cells = range_of(attributes.get("ref", ""))
        link = next((value for key, value in attributes.items() if key.endswith(":id")), "")
        target = self._targets.get(link, "")
        if place := attributes.get("location", ""):
            target += f"#{place}"
        if cells and target:
            self.sheet.links.append(CellLink(cells, target))

    def _add_prompt(self, attributes: Attributes) -> None:
        texts = [attributes.get("promptTitle", ""), attributes.get("prompt", "")]
        if attributes.get("showInputMessage") in _TRUE and any(texts):
            cell = re.split("[ :]", attributes.get("sqref", ""))[0]
            self.sheet.prompts.append((cell, decode_escapes("\n".join(filter(None, texts)))))

    def _start_rules(self, attributes: Attributes) -> None:
        found = map(range_of, attributes.get("sqref", "").split())
        self._rule_ranges = [cells for cells in found if cells]

    def _start_rule(self, attributes: Attributes) -> None:
        self._rule, self._rule_formulas = attributes, []
        self._rule_look = self.book.styles.hiding.get(attributes.get("dxfId", ""))

    def _start_signs(self, attributes: Attributes) -> None:
        """Note that a rule shows an icon or a bar instead of the number."""
        if attributes.get("showValue") in _FALSE:
            self._rule_look = ConditionalLook(number_format=_NO_NUMBERS)

    def _add_rule_formula(self, _: str) -> None:
        self._rule_formulas.append("".join(self.pieces))

    def _add_rule(self, _: str) -> None:
        ranges = self._rule_ranges[: self._rule_ranges_left]
        if (look := self._rule_look) and ranges:
            self._rule_ranges_left -= len(ranges)
            self._rules.append(ConditionalRule(ranges, look, self._rule, self._rule_formulas))

    def _apply_rules(self) -> None:
        """Note the cells that conditional formats strike out or may hide."""
        sheet = self.sheet
        struck, pale = hidden_by_rules(sheet.part, self.book, self._rules, sheet.rows)
        for row, col in struck - sheet.struck_cells:
            sheet.struck_cells.add((row, col))
            sheet.struck[row, col] = display(sheet.rows[row][col])
        sheet.pale_cells |= pale

    @cached_property
    def _targets(self) -> dict[str, str]:
        """The targets of the links of the sheet by id, as they are written."""
        package, part = self.book.package, self.sheet.part
        if not has_relationships(package, part):
            return {}
        return {i: to.target for i, to in part_relationships(package, part).items()}

    def _start_page_text(self, _: Attributes) -> None:
        self.pieces.clear()

    def _add_page_text(self, name: str, _: str) -> None:
        if text := "".join(self.pieces):
            self.sheet.page_texts.append((name, decode_escapes(text)))

    def finish(self) -> None:
        """Complete the sheet after its last element."""
        if not self.has_data:
            raise DamagedWorkbook("part", part=f"{self.sheet.name}: sheetData")
        self.sheet.rows = {number: cells for number, cells in self.sheet.rows.items() if cells}
        if self._rules:
            self._apply_rules()
        for cells, formula in self._arrays[:_MOST_ARRAYS]:
            for row in range(cells.first_row, cells.last_row + 1):
                for col in self.sheet.rows.get(row, ()):
                    if cells.first_col <= col <= cells.last_col:
                        self.sheet.formulas.setdefault((row, col), formula)


def _is_flat(size: str | None) -> bool:
    """Return True if a height in points or a width in letters is too small to show a letter."""
    return size is not None and size[:1] == "0" and bool(_FLAT.fullmatch(size))


def range_of(text: str) -> SheetRange | None:
    """Return the range of `A1:B3` or `A1`; None if the text is no range."""
    ends = _RANGE.fullmatch(text)
    if ends is None:
        return None
    row, col = int(ends[2]), column_number(ends[1])
    last = (int(ends[4]), column_number(ends[3])) if ends[3] else (row, col)
    return SheetRange(row, col, *last)
