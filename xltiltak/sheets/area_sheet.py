"""Write one area sheet into a workbook: a form's, or one of the appendix.

Rows and columns are counted from 1, as in `layout`; XlsxWriter counts from 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache, partial
from types import MappingProxyType
from typing import NamedTuple

from xlsxwriter.format import Format

from xltiltak.layout import metrics
from xltiltak.layout.geometry import (
    DONE_SYMBOL,
    KEY_COL,
    LABEL_COL,
    TICK_COL,
    Purpose,
    geometry_of,
)
from xltiltak.layout.sheet_layout import layout_sheet
from xltiltak.layout.sheet_rows import CellSpec, FigureSpec, SheetRow
from xltiltak.model.language import translate
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import AnswerCounts, decimals_of
from xltiltak.sheets import card_cells, page_setup, style
from xltiltak.sheets.summary_formulas import SummaryFormulas
from xltiltak.sheets.validation import RowBlock, add_validation, blocks_of
from xltiltak.sheets.workbook import WorkbookWriter
from xltiltak.xlsx.row_writer import (
    CellContent,
    Formula,
    RowPattern,
    RowSheet,
    column_letters,
    range_name,
)

_ALLOWED = {
    "format_cells": True, "format_rows": True, "format_columns": True, "insert_rows": True, "autofilter": True,
}  # fmt: skip
_GUARD_ROW = 5.0  # points
_A4 = 9
_CARD_SCALE = 85  # percent: five columns on A4 also where a program draws them wider; pages are broken by hand
_FONT = '&9&"Arial,Regular"'  # the size first: a text that begins with a digit would go on with it
_CARD_PAGE = 840.0  # points of lines on a page of A4 at that scale, less a little
_LIVE = {"filled", "sum", *card_cells.LIVE}
_MOST_FROZEN = (
    260.0  # points of the lines that stay when one scrolls; more would fill a small screen
)
_MOST_ARGUMENTS = 200  # ranges in one formula; Excel takes 255


class Run(NamedTuple):
    """Cells of one column below each other without a gap."""

    first: int
    last: int
    col: int

    @property
    def range(self) -> str:
        """`D14:D40`."""
        return range_name(self.first, self.col, self.last, self.col)


Asked = tuple[
    RowBlock, list[tuple[int, int]]
]  # lines that ask for something: in which spots, and their columns
Counted = tuple[
    list[str], int, int
]  # the pieces of a count as formulas, how many are filled now, and of how many


class FinishedSheet(NamedTuple):
    """What is still asked of a sheet that is finished: its name, where its figures and some slots stand.

    `totals` are the formulas that take its other figures to the overview.
    """

    name: str
    figures: Mapping[FigureSpec, str]
    totals: Sequence[str] = ()
    cells: Mapping[Slot, str] = MappingProxyType({})


class AreaSheetWriter:
    """One area sheet in the making; `figures` tells afterwards where each figure stands."""

    def __init__(
        self,
        book: WorkbookWriter,
        part: Report,
        area: str,
        name: str,
        purpose: Purpose,
    ) -> None:
        self.book, self.part, self.area, self.name = book, part, area, name
        self.geometry = geometry_of(
            part.template, part.head.dates, part.head.language, purpose
        )
        self.lines = list(layout_sheet(part, area, purpose))
        self.blocks = list(blocks_of(self.lines))
        self.breaks: list[int] = []
        self.sheet: RowSheet = book.workbook.add_worksheet(name, RowSheet)
        self.heights = list(self._heights())
        if not self.geometry.is_table:
            self._in_pages()
        self.ranges = self._ranges()
        self.figures: dict[FigureSpec, str] = {}

    def _in_pages(self) -> None:
        """Where pages begin; what goes on there from the page before says whose it is."""
        self.breaks = list(card_cells.breaks(self.lines, self.heights, _CARD_PAGE))
        for row in (row for row in self.breaks if card_cells.goes_on(self.lines[row - 1])):
            label = self._live_cards.of_before(row)
            self.lines[row - 1] = card_cells.with_label(self.lines[row - 1])
            least = metrics.row_height(
                str(label.value), self.geometry.widths[LABEL_COL], points=style.POINTS["continued"]
            )
            self.heights[row - 1] = max(self.heights[row - 1], least)
        self.blocks = list(blocks_of(self.lines))

    @cached_property
    def _live_cards(self) -> card_cells.LiveCells:
        return card_cells.LiveCells(
            self.lines, self.name, translate("sheet.continued", self._language())
        )

    @cached_property
    def sums(self) -> SummaryFormulas:
        """What is summed up below the headings."""
        return SummaryFormulas(self.part, self.lines, self.geometry)

    @cached_property
    def _rows_about(self) -> dict[str, list[int]]:
        """The rows that are about each node."""
        found: dict[str, list[int]] = defaultdict(list)
        for row, line in enumerate(self.lines, 1):
            for ref in line.refs:
                found[ref].append(row)
        return found

    def cell_of(self, slot: Slot) -> str | None:
        """The cell of a slot, of one with several rows the first; None when it has none here."""
        for row in self._rows_about.get(slot.ref, ()):
            line = self.lines[row - 1]
            for spot in line.specs:
                if spot.field and spot.date == slot.date and line.slot_at(spot) == slot:
                    return f"{column_letters(spot.col)}{row}"
        return None

    def write(self, figures: dict[date, AnswerCounts]) -> None:
        """Columns, lines, guards, paper. `figures` are the area's own, for the values shown before Excel computes."""
        self.sheet.set_column(KEY_COL - 1, KEY_COL - 1, 12, None, {"hidden": True})
        typed = {
            c.col
            for c in self.geometry.table_columns
            if c.field_type.number_format == "@" and not self.geometry.is_form
        }
        for col, width in self.geometry.widths.items():
            look = (
                self.book.format("plain", "@") if col in typed else None
            )  # a new row's "1.2" is no date
            self.sheet.set_column(col - 1, col - 1, width, look)
        for block in self.blocks:
            self._block(block, figures)
        add_validation(
            self.book, self.sheet, self.blocks, self._language(), self.geometry.purpose
        )
        self._paper()

    def finish(self, totals: Sequence[str], wanted: Iterable[Slot] = ()) -> FinishedSheet:
        """The sheet finished; where the wanted slots stand, as far as they do."""
        self.book.finish(self.sheet)
        cells = ((slot, self.cell_of(slot)) for slot in wanted)
        return FinishedSheet(
            self.name, self.figures, totals, {slot: cell for slot, cell in cells if cell}
        )

    def note(self, slot: Slot, text: str) -> None:
        """Words on the cell of a slot, shown when somebody points at it."""
        if self.cell_of(slot) is None:
            return
        size = {"x_scale": 2.5, "y_scale": 1.5, "font_name": "Arial", "font_size": 9, "author": ""}
        self.sheet.write_comment(self.cell_of(slot), text, size)

    def mark(self, slot: Slot) -> None:
        """A slot that is to be filled in: a frame and colour that go when something stands there."""
        cell = self.cell_of(slot)
        rule = {"type": "formula", "criteria": f"=ISBLANK({cell})", "format": self.book.wrong()}
        self.sheet.conditional_format(cell, rule)

    def _block(self, block: RowBlock, figures: dict[date, AnswerCounts]) -> None:
        """Lines that look alike."""
        hidden = not self.geometry.is_form and self.lines[block.first - 1].key == "@code"
        made = partial(self._frame, block.spots, hidden=hidden)
        frame = self.book.kept(block.spots, f"frame {hidden}", made)
        live = [
            (n, spot) for n, spot in enumerate(block.spots) if spot.figure or spot.style in _LIVE
        ]
        for row, line in enumerate(self._lines_of(block), block.first):
            values: Sequence[CellContent] = line.values
            if live:
                known = {n: self._live(row, spot, figures) for n, spot in live}
                values = [known.get(n, value) for n, value in enumerate(values)]
            self.sheet.put_row(row, frame, (line.key or None, *values), self.heights[row - 1])

    def _frame(self, spots: Sequence[CellSpec], *, hidden: bool) -> RowPattern:
        """What such lines are made from."""
        looks = [
            (KEY_COL, self.book.format("mark")),
            *((spot.col, self._look(spot)) for spot in spots),
        ]
        grows = not self.geometry.is_form or any(spot.style == "input" for spot in spots)
        return self.sheet.row_pattern(looks, grows=grows, hidden=hidden)

    def _lines_of(self, block: RowBlock) -> Sequence[SheetRow]:
        return self.lines[block.first - 1 : block.last]

    def _look(self, spot: CellSpec) -> Format:
        number_format = spot.field_type.number_format if spot.field_type and spot.style in style.SLOTS else ""
        in_table = self.geometry.is_table and spot.style in style.SLOTS
        centred = in_table and bool(spot.field_type and spot.field_type.is_centred)
        return self.book.format(spot.cell_style, number_format, centred, self._wraps(spot))

    def _live(self, row: int, spot: CellSpec, figures: dict[date, AnswerCounts]) -> Formula | None:
        if spot.style in card_cells.LIVE:
            return self._live_cards.formula(row, spot)
        if spot.style == "sum":
            return self.sums.line(self.lines[row - 1].refs[0])
        return self._figure(row, spot, spot.figure, figures) if spot.figure else self._progress()

    def _figure(
        self, row: int, spot: CellSpec, figure: FigureSpec, figures: dict[date, AnswerCounts]
    ) -> Formula:
        """A live formula over the cells of one field at one date, with the value it will have."""
        known = figures.get(figure.date, AnswerCounts()) if figure.date else AnswerCounts()
        self.figures[figure] = f"${column_letters(spot.col)}${row}"
        return Formula(self._formula(figure), self._shown(figure, known))

    def _shown(self, figure: FigureSpec, known: AnswerCounts) -> str | float:
        """What a figure's formula gives."""
        if figure.stat == "share":
            return known.distribution.get(figure.step, 0) if figure.step is not None else 0
        if figure.stat == "mean":
            mean = known.mean(decimals_of(self.part))
            return "" if mean is None else float(mean)
        return known.count if figure.stat == "count" else known.answered

    def _formula(self, figure: FigureSpec) -> str:
        runs = self.ranges.get((figure.field, figure.date), [])[:_MOST_ARGUMENTS]
        if not runs:
            return '""' if figure.stat == "mean" else "0"
        ranges = [run.range for run in runs]
        if figure.stat == "mean":
            return f'IFERROR(ROUND(AVERAGE({",".join(ranges)}),{decimals_of(self.part)}),"")'
        if figure.stat == "answered":
            return f"COUNT({','.join(ranges)})"
        if figure.stat == "share":
            return "+".join(f"COUNTIF({r},{figure.step})" for r in ranges)
        return "+".join(f'COUNTIF({run._replace(col=KEY_COL).range},"?*")' for run in runs)

    def _ranges(self) -> dict[tuple[str, date | None], list[Run]]:
        """For each field and date, the cells that count, as runs."""
        found: dict[tuple[str, date | None], list[Run]] = defaultdict(list)
        for block in self.blocks:
            for spot in block.spots:
                if spot.field and spot.style != "none":
                    _go_on(found[spot.field.id, spot.date], Run(block.first, block.last, spot.col))
        return found

    def _progress(self) -> Formula:
        """How many required slots are filled, kept up by Excel."""
        found = (
            (block, [(n, s.col) for n, s in enumerate(block.spots) if _is_asked(s)])
            for block in self.blocks
        )
        asked = [(block, cells) for block, cells in found if cells]
        several = any(
            map(card_cells.goes_on, (line for block, _ in asked for line in self._lines_of(block)))
        )
        counted, done, of = self._in_rows(asked) if several else self._in_cells(asked)
        words = translate("sheet.filled", self._language(), n=of)
        return Formula(f'{"+".join(counted) or "0"}&" {words}"', f"{done} {words}")

    def _in_cells(self, asked: Iterable[Asked]) -> Counted:
        """Where each slot is a cell: ranges below each other."""
        held: dict[int, list[Run]] = defaultdict(list)
        done = of = 0
        for block, cells in asked:
            lines = self._lines_of(block)
            of += len(lines) * len(cells)
            for n, col in cells:
                done += sum([line.values[n] is not None for line in lines])
                _go_on(held[col], Run(block.first, block.last, col))
        return [f"COUNTA({run.range})" for runs in held.values() for run in runs], done, of

    def _in_rows(self, asked: Iterable[Asked]) -> Counted:
        """Where slots have several rows: each is filled or not."""
        rows: dict[Slot | None, list[tuple[Run, bool]]] = defaultdict(list)
        for block, cells in asked:
            for row, line in enumerate(self._lines_of(block), block.first):
                for n, col in cells:
                    rows[line.slot_at(block.spots[n])].append(
                        (Run(row, row, col), line.values[n] is not None)
                    )
        ranges = (of[0][0]._replace(last=of[-1][0].last).range for of in rows.values())
        done = sum(any(held for _, held in of) for of in rows.values())
        return [f"(COUNTA({cells})>0)" for cells in ranges], done, len(rows)

    def _language(self) -> str:
        known = self.part.areas.get(self.area)
        return (known.language if known and self.geometry.is_form else "") or self.part.head.language

    def _paper(self) -> None:
        sheet, language, head = self.sheet, self._language(), self.part.head
        table = next((n for n, line in enumerate(self.lines, 1) if line.key == "@head"), None)
        stays = table or (3 if self.geometry.is_table else 1)
        if sum(self.heights[:stays]) <= _MOST_FROZEN:
            sheet.freeze_panes(stays, 0)
        if self.geometry.is_table and table:
            sheet.set_landscape()
            sheet.repeat_rows(table - 1)
            sheet.autofilter(
                table - 1, KEY_COL - 1, len(self.lines) - 1, max(self.geometry.widths) - 1
            )
        apart = (
            set() if self.geometry.is_published else {c.col for c in self.geometry.active_period_columns}
        )
        own = max(col for col in self.geometry.widths if col not in apart)
        sheet.print_area(0, LABEL_COL - 1, len(self.lines) - 1, own - 1)
        sheet.set_paper(_A4)
        sheet.set_margins(left=0.5, right=0.5, top=0.75, bottom=0.7)
        self._pages(table, own)
        sheet.hide_gridlines(2)
        name = self.part.area_name(self.area)
        sheet.set_header(f"&L{_FONT}{_in_margin(head.title)}&R{_FONT}{_in_margin(name)}")
        pages = translate("sheet.page", language, page="&P", pages="&N")
        sheet.set_footer(f"&L{_FONT}{_in_margin(head.organisation)}&R{_FONT}{pages}")
        if self.geometry.is_form or self.geometry.is_published:
            sheet.protect("", _ALLOWED)

    def _pages(self, table: int | None, last: int) -> None:
        """How large it is printed and where pages end; `table` is the row of labels, `last` the last column printed."""
        sheet = self.sheet
        if not self.geometry.is_table:
            sheet.set_print_scale(_CARD_SCALE)
            sheet.set_h_pagebreaks([row - 1 for row in self.breaks])
            self._ticks()
        elif table and page_setup.has_bands(spot for block in self.blocks for spot in block.spots):
            scale = page_setup.scale_of(
                width for col, width in self.geometry.widths.items() if col <= last
            )
            sheet.set_print_scale(scale)
            sheet.set_h_pagebreaks(
                [row - 1 for row in page_setup.breaks(self.lines, self.heights, table, scale)]
            )
        else:
            sheet.fit_to_pages(1, 0)

    def _heights(self) -> Iterator[float]:
        """The height of every line, in points."""
        for block in self.blocks:
            made = partial(self._measures, block.spots)
            least, air, wrapped = self.book.kept(block.spots, "measures", made)
            for line in self._lines_of(block):
                values = line.values
                yield air + max(
                    [
                        least,
                        *[measured(v) for n, measured in wrapped if type(v := values[n]) is str],
                    ]
                )

    def _ticks(self) -> None:
        """What is done is green."""
        if self.geometry.is_form:
            done = {
                "type": "cell",
                "criteria": "==",
                "value": f'"{DONE_SYMBOL}"',
                "format": self.book.done(),
            }
            self.sheet.conditional_format(0, TICK_COL - 1, len(self.lines) - 1, TICK_COL - 1, done)

    def _measures(
        self, spots: Sequence[CellSpec]
    ) -> tuple[float, float, list[tuple[int, metrics.Measure]]]:
        """The least height of a line of these spots, what is added to it, and what measures those that wrap."""
        known = [_measured(spot.cell_style, self.geometry.widths.get(spot.col, 10.0)) for spot in spots]
        least = max((low for low, _, _ in known), default=_GUARD_ROW)
        air = max((more for _, more, _ in known if more is not None), default=0.0)
        wrapped = [n for n, spot in enumerate(spots) if self._wraps(spot) and not spot.figure]
        return least, air, [(n, known[n][2]) for n in wrapped]

    def _wraps(self, spot: CellSpec) -> bool:
        named = spot.style == "heading" and spot.col != LABEL_COL
        return named or not {spot.style, spot.cell_style} & style.NO_WRAP


@lru_cache(maxsize=256)
def _measured(drawn: str, width: float) -> tuple[float, float | None, metrics.Measure]:
    """The height of an empty cell drawn so, what is added to its row, and what measures a text in so wide a one."""
    points, room = (
        style.POINTS.get(drawn, style.USUAL),
        width - style.INDENT * (drawn in style.INDENTED),
    )
    return (
        metrics.row_height("", 1, points=points),
        style.AIR.get(drawn),
        metrics.row_height_function(room, points, drawn in style.BOLD),
    )


def _is_asked(spot: CellSpec) -> bool:
    """Must it be filled in?"""
    return spot.style == "input" and spot.is_required


def _go_on(runs: list[Run], run: Run) -> None:
    """One run more, or the last one longer where it follows below."""
    if runs and runs[-1].last == run.first - 1 and runs[-1].col == run.col:
        runs[-1] = runs[-1]._replace(last=run.last)
    else:
        runs.append(run)


def _in_margin(text: str, most: int = 100) -> str:
    """A text for a page's header or footer, where & begins a command."""
    cut = text[:most].replace("&", "&&").replace("\n", " ")[:most]
    return cut[:-1] if cut.endswith("&") and (len(cut) - len(cut.rstrip("&"))) % 2 else cut
