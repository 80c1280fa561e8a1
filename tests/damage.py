"""Edit forms as people do before they send them back, each edit at a random place of one sheet.

An edit gets a `Hand`, which chooses places and gives new content: a text or number that occurs
nowhere else in the form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, TypeVar

from openpyxl.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from tests.things import THINGS, Thing

T = TypeVar("T")
Block = list[list[Any]]
ERRORS = ("#DIV/0!", "#N/A", "#REF!", "#NAME?")
FORMATS = ("General", "0.00", "@", "#,##0", '0" kr"')
PERCENT, MOMENT = "0%", "dd.mm.yyyy hh:mm"


@dataclass
class Hand:
    """The person who edits: chooses places at random and writes unique content (in `written`).

    Words that stand in no cell are in `beside`; `things` are put on the sheet when it is saved.
    """

    chance: Random = field(default_factory=lambda: Random(0))
    written: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)

    def choose(self, choices: list[T] | range) -> Any:
        """Choose one of these."""
        return self.chance.choice(choices)

    def text(self) -> str:
        """Return a text that occurs nowhere else."""
        self.written.append(f"nytt-{len(self.written):02}-ord")
        return self.written[-1]

    def words_beside(self) -> str:
        """Return a text that occurs nowhere else and stands in no cell."""
        self.beside.append(f"utenfor-{self.chance.randrange(10**6):06}-celle")
        return self.beside[-1]

    def number(self) -> int:
        """Return a number that occurs nowhere else and is not a step of a scale."""
        self.written.append(f"9173{len(self.written):02}")
        return int(self.written[-1])

    def row(self, sheet: Worksheet, beyond: int = 3) -> int:
        """Choose any row, or one of the `beyond` rows below the last."""
        return int(self.choose(range(1, sheet.max_row + 1 + beyond)))

    def col(self, sheet: Worksheet, beyond: int = 2) -> int:
        """Choose any visible column, or one of the `beyond` columns right of the last."""
        return int(self.choose(range(2, sheet.max_column + 1 + beyond)))

    def cell(self, sheet: Worksheet) -> tuple[int, int]:
        """Choose any cell."""
        return self.row(sheet), self.col(sheet)


Edit = Callable[[Worksheet, Hand], None]


def put(sheet: Worksheet, row: int, col: int, raw: Any) -> None:
    """Type into a cell; do nothing inside merged cells, where Excel has no cell."""
    cell = sheet.cell(row, col)
    if isinstance(cell, Cell):
        cell.value = raw


def read_block(sheet: Worksheet, rows: list[int], cols: range) -> Block:
    """Return the values of some cells, row by row."""
    return [[sheet.cell(row, col).value for col in cols] for row in rows]


def write_block(sheet: Worksheet, rows: list[int], cols: range, values: Block) -> None:
    """Write these values into cells, row by row."""
    for row, row_values in zip(rows, values, strict=True):
        for col, raw in zip(cols, row_values, strict=True):
            put(sheet, row, col, raw)


def head_of(sheet: Worksheet) -> int:
    """Return the row of the column labels by its row key; the first row if there is none."""
    return next((row for row, _, raw in non_empty_cells(sheet) if raw == "@head"), 1)


def table_rows(sheet: Worksheet) -> list[int]:
    """Return the rows below the labels."""
    return list(range(head_of(sheet) + 1, sheet.max_row + 1))


def type_text(sheet: Worksheet, hand: Hand) -> None:
    """Type a text into any cell."""
    put(sheet, *hand.cell(sheet), hand.text())


def type_number(sheet: Worksheet, hand: Hand) -> None:
    """Type a number into any cell."""
    put(sheet, *hand.cell(sheet), hand.number())


def type_number_as_text(sheet: Worksheet, hand: Hand) -> None:
    """Type a number that is stored as text."""
    put(sheet, *hand.cell(sheet), str(hand.number()))


def type_percent(sheet: Worksheet, hand: Hand) -> None:
    """Type a number into a cell that shows it as a percentage."""
    row, col = hand.cell(sheet)
    number = hand.number()
    put(sheet, row, col, number / 100 if number % 100 else number // 100)
    sheet.cell(row, col).number_format = PERCENT


def type_moment(sheet: Worksheet, hand: Hand) -> None:
    """Type a day with a time."""
    row, col = hand.cell(sheet)
    put(sheet, row, col, datetime(2020, 3, int(hand.choose(range(1, 29))), 14, 30))  # noqa: DTZ001
    sheet.cell(row, col).number_format = MOMENT


def type_formula(sheet: Worksheet, hand: Hand) -> None:
    """Type a formula; openpyxl saves it without a result."""
    put(sheet, *hand.cell(sheet), f"=1+{hand.number()}")


def type_error(sheet: Worksheet, hand: Hand) -> None:
    """Set a cell to an error value."""
    put(sheet, *hand.cell(sheet), hand.choose(list(ERRORS)))


def type_in_hidden_column(sheet: Worksheet, hand: Hand) -> None:
    """Type into the column of the row keys, which somebody has unhidden."""
    put(sheet, hand.row(sheet), 1, hand.text())


def type_in_table(sheet: Worksheet, hand: Hand) -> None:
    """Type into a cell of the table, locked or not."""
    put(sheet, int(hand.choose(table_rows(sheet))), hand.col(sheet, 0), hand.text())


def answer_in_words(sheet: Worksheet, hand: Hand) -> None:
    """Type a step of the scale as text."""
    put(
        sheet,
        int(hand.choose(table_rows(sheet))),
        hand.col(sheet, 0),
        hand.choose(["3", "4 - Snart ferdig", "Fullført"]),
    )


def write_above(sheet: Worksheet, hand: Hand) -> None:
    """Insert rows of text above everything."""
    count = int(hand.choose([1, 2, 3]))
    sheet.insert_rows(1, count)
    for row in range(1, count + 1):
        put(sheet, row, hand.col(sheet), hand.text())


def write_below(sheet: Worksheet, hand: Hand) -> None:
    """Fill a row with text below everything."""
    row = sheet.max_row + int(hand.choose([1, 2, 4]))
    for col in range(2, sheet.max_column + 1):
        put(sheet, row, col, hand.text())


def clear(sheet: Worksheet, hand: Hand) -> None:
    """Clear a cell."""
    put(sheet, *hand.cell(sheet), None)


def clear_row(sheet: Worksheet, hand: Hand) -> None:
    """Clear the visible cells of a row."""
    row = hand.row(sheet, 0)
    for col in range(2, sheet.max_column + 1):
        put(sheet, row, col, None)


def paste(sheet: Worksheet, hand: Hand) -> None:
    """Paste a block of texts over any cells."""
    row, col = hand.cell(sheet)
    height, width = int(hand.choose([1, 2, 3])), int(hand.choose([1, 2, 3]))
    write_block(
        sheet,
        list(range(row, row + height)),
        range(col, col + width),
        [[hand.text() for _ in range(width)] for _ in range(height)],
    )


def copy_row(sheet: Worksheet, hand: Hand) -> None:
    """Copy a row over another, with its row key."""
    _copy(sheet, hand.row(sheet, 0), hand.row(sheet), 1)


def copy_visible_row(sheet: Worksheet, hand: Hand) -> None:
    """Copy the visible cells of a row over another."""
    _copy(sheet, hand.row(sheet, 0), hand.row(sheet), 2)


def insert_copy(sheet: Worksheet, hand: Hand) -> None:
    """Insert a copy of a row, with its row key."""
    row, to = hand.row(sheet, 0), hand.row(sheet, 1)
    values = read_block(sheet, [row], range(1, sheet.max_column + 1))
    sheet.insert_rows(to)
    write_block(sheet, [to], range(1, len(values[0]) + 1), values)


def _copy(sheet: Worksheet, row: int, to: int, first: int) -> None:
    cols = range(first, sheet.max_column + 1)
    write_block(sheet, [to], cols, read_block(sheet, [row], cols))


def sort_rows(sheet: Worksheet, hand: Hand) -> None:
    """Put the rows of the table in another order, with their row keys."""
    _sort(sheet, hand, 1)


def sort_visible(sheet: Worksheet, hand: Hand) -> None:
    """Put the rows of the table in another order, but not the hidden column."""
    _sort(sheet, hand, 2)


def _sort(sheet: Worksheet, hand: Hand, first: int) -> None:
    rows, cols = table_rows(sheet), range(first, sheet.max_column + 1)
    write_block(sheet, rows, cols, read_block(sheet, hand.chance.sample(rows, len(rows)), cols))


def insert_row(sheet: Worksheet, hand: Hand) -> None:
    """Insert an empty row."""
    sheet.insert_rows(hand.row(sheet))


def insert_column(sheet: Worksheet, hand: Hand) -> None:
    """Insert an empty column, right of the row keys."""
    sheet.insert_cols(hand.col(sheet))


def insert_first_column(sheet: Worksheet, _: Hand) -> None:
    """Insert an empty column left of everything."""
    sheet.insert_cols(1)


def delete_row(sheet: Worksheet, hand: Hand) -> None:
    """Delete a row."""
    sheet.delete_rows(hand.row(sheet, 0))


def delete_column(sheet: Worksheet, hand: Hand) -> None:
    """Delete a visible column."""
    sheet.delete_cols(hand.col(sheet, 0))


def delete_marks(sheet: Worksheet, _: Hand) -> None:
    """Delete the hidden column."""
    sheet.delete_cols(1)


def clear_marks(sheet: Worksheet, _: Hand) -> None:
    """Clear the hidden column."""
    for row in range(1, sheet.max_row + 1):
        put(sheet, row, 1, None)


def clear_some_marks(sheet: Worksheet, hand: Hand) -> None:
    """Clear some cells of the hidden column."""
    first = hand.row(sheet, 0)
    for row in range(first, first + int(hand.choose([1, 2, 5]))):
        put(sheet, row, 1, None)


def move_row(sheet: Worksheet, hand: Hand) -> None:
    """Cut a row and insert it elsewhere, with its row key."""
    row, cols = hand.row(sheet, 0), range(1, sheet.max_column + 1)
    values = read_block(sheet, [row], cols)
    sheet.delete_rows(row)
    to = hand.row(sheet, 0)
    sheet.insert_rows(to)
    write_block(sheet, [to], cols, values)


def move_column(sheet: Worksheet, hand: Hand) -> None:
    """Cut a visible column and insert it elsewhere."""
    rows, col = list(range(1, sheet.max_row + 1)), hand.col(sheet, 0)
    values = read_block(sheet, rows, range(col, col + 1))
    sheet.delete_cols(col)
    to = hand.col(sheet, 1)
    sheet.insert_cols(to)
    write_block(sheet, rows, range(to, to + 1), values)


def copy_column(sheet: Worksheet, hand: Hand) -> None:
    """Insert a copy of a visible column."""
    rows, col, to = list(range(1, sheet.max_row + 1)), hand.col(sheet, 0), hand.col(sheet)
    values = read_block(sheet, rows, range(col, col + 1))
    sheet.insert_cols(to)
    write_block(sheet, rows, range(to, to + 1), values)


def rename_header(sheet: Worksheet, hand: Hand) -> None:
    """Change the label of a column."""
    put(sheet, head_of(sheet), hand.col(sheet, 0), hand.text())


def exchange_header(sheet: Worksheet, hand: Hand) -> None:
    """Replace the label of one column by that of another."""
    head = head_of(sheet)
    put(sheet, head, hand.col(sheet, 0), sheet.cell(head, hand.col(sheet, 0)).value)


def rename_sheet(sheet: Worksheet, hand: Hand) -> None:
    """Rename the sheet."""
    hand.beside = [words for words in hand.beside if words != sheet.title]
    sheet.title = hand.choose(["Ark1", "Ny versjon (2)", "_"])


def merge_cells(sheet: Worksheet, hand: Hand) -> None:
    """Merge some cells; only the first keeps its content."""
    row, col = hand.row(sheet, 0), hand.col(sheet, 0)
    sheet.merge_cells(
        None, row, col, row + int(hand.choose([0, 1])), col + int(hand.choose([1, 2]))
    )


def change_format(sheet: Worksheet, hand: Hand) -> None:
    """Change a number format."""
    sheet.cell(*hand.cell(sheet)).number_format = hand.choose(list(FORMATS))


def comment(sheet: Worksheet, hand: Hand) -> None:
    """Add a comment to a cell."""
    cell = sheet.cell(*hand.cell(sheet))
    if isinstance(cell, Cell):
        cell.comment = Comment(hand.text(), "Kari")


def strike_cell(sheet: Worksheet, hand: Hand) -> None:
    """Strike out a cell of the table."""
    cell = sheet.cell(int(hand.choose(table_rows(sheet))), hand.col(sheet, 0))
    if isinstance(cell, Cell):
        cell.font = Font(strike=True)


def strike_words(sheet: Worksheet, hand: Hand) -> None:
    """Type a text of which the first word is struck out."""
    struck = TextBlock(InlineFont(strike=True), hand.text())
    put(sheet, *hand.cell(sheet), CellRichText(struck, " ", hand.text()))


def strike_in_table(sheet: Worksheet, hand: Hand) -> None:
    """Type a text of which the last word is struck out into a cell of the table."""
    struck = TextBlock(InlineFont(strike=True), hand.text())
    row, col = int(hand.choose(table_rows(sheet))), hand.col(sheet, 0)
    put(sheet, row, col, CellRichText(hand.text(), " ", struck))


def link_cell(sheet: Worksheet, hand: Hand) -> None:
    """Give a cell a link."""
    cell = sheet.cell(*hand.cell(sheet))
    if isinstance(cell, Cell):
        text = cell.value
        cell.hyperlink = f"https://example.org/{hand.words_beside()}"
        cell.value = text
        cell.font = Font(underline="single")  # openpyxl saves no link of a cell without looks


def print_words(sheet: Worksheet, hand: Hand) -> None:
    """Print words above or below the pages."""
    place: Any = hand.choose([sheet.oddHeader, sheet.oddFooter])
    hand.choose([place.left, place.center, place.right]).text = hand.words_beside()


def name_sheet(sheet: Worksheet, hand: Hand) -> None:
    """Write words on the tab of the sheet."""
    hand.beside = [words for words in hand.beside if words != sheet.title]
    sheet.title = hand.words_beside()


def add_chart(sheet: Worksheet, hand: Hand) -> None:
    """Put a chart with a title on the sheet."""
    chart = BarChart()
    chart.title = hand.words_beside()
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3))
    sheet.add_chart(chart, "F2")


def add_thing(_: Worksheet, hand: Hand) -> None:
    """Put something on the sheet that is not a cell."""
    hand.things.append(Thing(hand.choose([*THINGS]), hand.words_beside()))


def move_sheet(sheet: Worksheet, _: Hand) -> None:
    """Move the sheet to a workbook of its own, without the hidden sheet."""
    book = sheet.parent
    if book:
        for other in book.worksheets[1:]:
            book.remove(other)


def copy_range(sheet: Worksheet, hand: Hand) -> None:
    """Paste the cells of the sheet into an empty workbook, not always at A1.

    Styles and protection are lost.
    """
    move_sheet(sheet, hand)
    rename_sheet(sheet, hand)
    sheet.protection.sheet = False
    for merged in [*sheet.merged_cells.ranges]:
        with suppress(KeyError):  # its cells do not exist after a deletion of columns
            sheet.unmerge_cells(str(merged))
    sheet.insert_rows(1, int(hand.choose([1, 3])))
    sheet.insert_cols(1, int(hand.choose([1, 2])))


def non_empty_cells(sheet: Worksheet) -> Iterator[tuple[int, int, Any]]:
    """Yield row, column and value of every non-empty cell."""
    for row in sheet.iter_rows():
        yield from (
            (cell.row, cell.column, cell.value) for cell in row if cell.value not in (None, "")
        )


# Edits that do not change the meaning of a form.
HARMLESS: dict[str, Edit] = {
    edit.__name__: edit
    for edit in (
        rename_sheet,
        insert_row,
        insert_column,
        insert_first_column,
        sort_rows,
        change_format,
        move_sheet,
        copy_range,
    )
}
EDITS: dict[str, Edit] = HARMLESS | {
    edit.__name__: edit
    for edit in (
        type_text, type_number, type_number_as_text, type_percent, type_moment,
        type_formula, type_error,
        type_in_hidden_column, type_in_table, answer_in_words, write_above, write_below, clear,
        clear_row, paste, copy_row, copy_visible_row, insert_copy, sort_visible, delete_row,
        delete_column, delete_marks, clear_marks, clear_some_marks, move_row, move_column,
        copy_column, rename_header, exchange_header, merge_cells, comment, strike_cell,
        strike_words, strike_in_table, link_cell, print_words, name_sheet, add_chart, add_thing,
    )
}  # fmt: skip
