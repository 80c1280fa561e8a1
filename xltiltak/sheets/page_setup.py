"""Paper: scale, page breaks, headers and footers of an area sheet, and what stays when scrolling.

Cards are printed at a fixed scale and stay whole where they can. In a table no page ends with a
heading. Excel obeys page breaks only at a fixed scale: fitted to the page's width, it would ignore
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from xltiltak.layout.geometry import KEY_COL, LABEL_COL, Geometry
from xltiltak.layout.sheet_rows import GAP_KEY, OVERVIEW_KEY, SUM_KEY, CellSpec, SheetRow
from xltiltak.model.language import translate
from xltiltak.model.report import Head
from xltiltak.sheets.workbook import A4
from xltiltak.xlsx.excel_limits import MARGIN_TEXT, cut
from xltiltak.xlsx.row_workbook import RowSheet

_PAGE_WIDTH, _PAGE_HEIGHT = 770.0, 487.0  # points within the margins of A4 landscape, less a little
_WIDENING = 1.06  # some programs draw columns wider by this factor
_LEAST_SCALE = 40  # percent; smaller letters are not legible
_CARD_SCALE = 85  # percent: five columns on A4 also where a program draws them wider
_CARD_PAGE_HEIGHT = 840.0  # points of rows on a page of A4 at that scale, less a little
_LARGE_CARD, _LEAST_ROOM = 0.55, 0.3  # of a page: a card that may be split, the room it needs first
_FEWEST_ROWS = 2  # of a slot that stay together with its label
MOST_FROZEN = 90.0  # points (120 pixels) of the rows that stay when scrolling
_FONT = '&9&"Arial,Regular"'  # the size first: a text that begins with a digit would go on with it
# Two texts, with their fonts and page numbers, are one header or footer.
_LONGEST_MARGIN_TEXT = (MARGIN_TEXT - 55) // 2
_ALLOWED_WHEN_PROTECTED = {
    "format_cells": True,
    "format_rows": True,
    "format_columns": True,
    "insert_rows": True,
    "autofilter": True,
}


class PrintedRows(NamedTuple):
    """The rows of a sheet to be printed.

    `heights` are in points, `card_breaks` are the numbers of the rows that begin a page of cards.
    `has_headings` is True if there are headings between the rows of a table. `widths` are those of
    the columns, in characters; `hidden_cols` are not shown.
    """

    rows: Sequence[SheetRow]
    heights: Sequence[float]
    card_breaks: Sequence[int]
    has_headings: bool
    widths: Mapping[int, float]
    hidden_cols: frozenset[int] = frozenset()

    @property
    def table_head(self) -> int | None:
        """Return the number of the row with the table's labels; None without a table."""
        return next((n for n, row in enumerate(self.rows, 1) if row.key == "@head"), None)

    @property
    def status_row(self) -> int:
        """Return the number of the last row with the title or the live count, without a table."""
        top = enumerate(self.rows[:3], 1)
        return max(n for n, row in top if n == 1 or row.key in ("@filled", "@due"))

    @property
    def last_node_row(self) -> int:
        """Return the number of the last row of a node; 0 without nodes."""
        of_nodes = (n for n, row in enumerate(self.rows, 1) if row.refs and not _is_own_row(row))
        return max(of_nodes, default=0)

    @property
    def first_cell(self) -> tuple[int, int] | None:
        """Return the cell to begin with: the first open one that is empty, or else of a node.

        What a leader may write about the whole sheet is not meant. None for a sheet without nodes.
        """
        cells = [
            (number, spec, value)
            for number, row in enumerate(self.rows, 1)
            if row.refs and number > 1 and not _is_own_row(row)
            for spec, value in zip(row.specs, row.values, strict=True)
        ]
        is_open = [cell for cell in cells if cell[1].style == "input"]
        to_do = [cell for cell in is_open if cell[2] is None]
        found = next(iter([*to_do[:1], *is_open[:1], *cells[:1]]), None)
        return (found[0], found[1].col) if found else None


def set_up_page(sheet: RowSheet, geometry: Geometry, printed: PrintedRows) -> None:
    """Set paper, scale, page breaks, frozen rows and filter; a form is also protected."""
    head, row_count = printed.table_head, len(printed.rows)
    frozen = head or printed.status_row
    if sum(printed.heights[:frozen]) <= MOST_FROZEN:
        sheet.freeze_panes(frozen, 0)
    if first := printed.first_cell:
        sheet.set_selection(first[0] - 1, first[1] - 1, first[0] - 1, first[1] - 1)
    if geometry.is_table and head:
        sheet.set_landscape()
        sheet.repeat_rows(head - 1)
        if not geometry.is_form:
            last = max(printed.last_node_row, head + 1)
            sheet.autofilter(head - 1, KEY_COL - 1, last - 1, max(geometry.widths) - 1)
    unprinted = {*printed.hidden_cols}
    if not geometry.is_published:
        unprinted |= {c.col for c in geometry.active_period_columns}
    widths = {col: width for col, width in printed.widths.items() if col not in unprinted}
    sheet.print_area(0, LABEL_COL - 1, row_count - 1, max(widths) - 1)
    sheet.set_paper(A4)
    sheet.set_margins(left=0.5, right=0.5, top=0.75, bottom=0.7)
    if not geometry.is_table:
        sheet.set_print_scale(_CARD_SCALE)
        sheet.set_h_pagebreaks([number - 1 for number in printed.card_breaks])
    elif head and printed.has_headings:
        scale = table_scale(widths.values())
        breaks = table_page_breaks(printed.rows, printed.heights, head, scale)
        sheet.set_print_scale(scale)
        sheet.set_h_pagebreaks([number - 1 for number in breaks])
    else:
        sheet.fit_to_pages(1, 0)
    sheet.hide_gridlines(2)
    if geometry.is_form or geometry.is_published:
        sheet.protect("", _ALLOWED_WHEN_PROTECTED)


def set_header_and_footer(sheet: RowSheet, head: Head, area_name: str, language: str) -> None:
    """Print the report's title and the area on top, organisation and page number at the bottom."""
    title, organisation = _margin_text(head.title), _margin_text(head.organisation)
    sheet.set_header(f"&L{_FONT}{title}&R{_FONT}{_margin_text(area_name)}")
    pages = translate("sheet.page", language, page="&P", pages="&N")
    sheet.set_footer(f"&L{_FONT}{organisation}&R{_FONT}{pages}")


def _margin_text(text: str) -> str:
    """Return a text for a header or footer, where "&" begins a command and has to be doubled."""
    doubled = text[:_LONGEST_MARGIN_TEXT].count("&")
    return cut(text.replace("\n", " "), _LONGEST_MARGIN_TEXT - doubled).replace("&", "&&")


# Tables


def table_scale(widths: Iterable[float]) -> int:
    """Return the percent at which columns of these widths, in characters, fit on one page."""
    points = sum(int(width * 7 + 5) * 0.75 for width in widths) * _WIDENING
    return max(_LEAST_SCALE, min(100, int(100 * _PAGE_WIDTH / points)))


def table_page_breaks(
    rows: Sequence[SheetRow], heights: Sequence[float], head: int, scale: int
) -> Iterator[int]:
    """Yield the headings that have to begin a page, because no row would follow them on this one.

    `head` is the row that is repeated on each page. All other pages end where Excel ends them.
    """
    page, used = _PAGE_HEIGHT * 100 / scale, 0.0
    for first, last in _headings_with_first_row(rows):
        size = sum(heights[first - 1 : last])
        if used + size > page:
            if last > first:
                yield first
            used = heights[head - 1]
        used += size


def _headings_with_first_row(rows: Sequence[SheetRow]) -> Iterator[tuple[int, int]]:
    """Yield what stays together, as first and last row number.

    A heading stays with everything down to the first node below it; other rows stand alone.
    """
    first = 0
    for number, row in enumerate(rows, 1):
        if not first and has_heading(row.specs):
            first = number
        elif not first:
            yield number, number
        elif _is_title(row) and not has_heading(row.specs):
            yield first, number
            first = 0
    if first:
        yield first, len(rows)


# Cards


def card_page_breaks(
    rows: Sequence[SheetRow], heights: Sequence[float], page: float = _CARD_PAGE_HEIGHT
) -> Iterator[int]:
    """Yield the rows that begin a page; `page` is its height in points.

    A card stays whole where it fits. A large one may begin where there is room, and is split.
    """
    used = 0.0
    for first, last in _cards(rows):
        start, size, room = first, sum(heights[first - 1 : last]), page - used
        is_small = size <= _LARGE_CARD * page
        if size > room and used and (is_small or room < _LEAST_ROOM * page):
            yield first
            used = 0.0
        while size > page - used and start < last:
            start = _split_card(rows, heights, (start, last), page - used)
            yield start
            used, size = 0.0, sum(heights[start - 1 : last])
        used += size


def _cards(rows: Sequence[SheetRow]) -> Iterator[tuple[int, int]]:
    """Yield what stays together, as first and last row number: the opening, and each card.

    The headings above a card belong to it.
    """
    first, is_whole = 1, False
    for number, row in enumerate(rows, 1):
        if _is_title(row) and is_whole:
            yield first, number - 1
            first, is_whole = number, False
        is_opening = _is_own_row(row) and row.key not in (GAP_KEY, SUM_KEY)
        is_whole = is_whole or is_opening or _has_look(row.specs, "band")
    yield first, len(rows)


def _split_card(
    rows: Sequence[SheetRow], heights: Sequence[float], card: tuple[int, int], room: float
) -> int:
    """Return the row that begins the next page: the last that may; at least one row stays."""
    first, last = card
    used, best, fits = heights[first - 1], 0, first + 1
    for number in range(first + 1, last + 1):
        if used > room:
            break
        fits = number
        if _may_begin_page(rows, number):
            best = number
        used += heights[number - 1]
    return best or fits


def _may_begin_page(rows: Sequence[SheetRow], number: int) -> bool:
    """Return True if a page may begin with this row.

    It must not separate a title or label from its text, leave one row of a slot alone, or begin
    with an empty row.
    """
    key, key_above = rows[number - 1].key, rows[number - 2].key
    slot_key, _, number_in_slot = key.rpartition("|")
    if not slot_key:
        return key == OVERVIEW_KEY == key_above
    if number_in_slot == "1":
        return "|" in key_above or not key_above
    goes_on = number < len(rows) and rows[number].key.rpartition("|")[0] == slot_key
    return int(number_in_slot) > _FEWEST_ROWS and goes_on


# Kinds of rows


def _is_own_row(row: SheetRow) -> bool:
    """Return True for a row of ours without slots, such as a label or the scale."""
    return row.key.startswith("@")


def _is_title(row: SheetRow) -> bool:
    """Return True for the own row of nodes: not a row of one slot below it, nor one of ours."""
    return bool(row.refs) and "|" not in row.key and not _is_own_row(row)


def has_heading(specs: Iterable[CellSpec]) -> bool:
    """Return True if these are the cells of a heading between the rows of a table."""
    return _has_look(specs, "over")


def _has_look(specs: Iterable[CellSpec], look: str) -> bool:
    """Return True if one of the cells is drawn so."""
    return any(spec.look == look for spec in specs)
