"""Write one area sheet into a workbook: a form's, or one of the appendix. Rows and columns are counted from 1, as in
`layout`; XlsxWriter counts from 0."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from xltiltak import language, metrics
from xltiltak.geometry import LABELS, MARKS, Geometry
from xltiltak.layout import Cell, Figure, Line, place
from xltiltak.report import Report, Slot
from xltiltak.summary import Figures, decimals_of
from xltiltak.workbook import style
from xltiltak.workbook.book import Book

_ALLOWED = {
    "format_cells": True, "format_rows": True, "format_columns": True, "insert_rows": True, "autofilter": True,
}  # fmt: skip
_GUARD_ROW = 5.0  # points
_LONGEST_MESSAGE, _LONGEST_TITLE = 255, 32  # characters Excel shows of a validation
_A4 = 9
_MOST_ARGUMENTS = 200  # ranges in one formula; Excel takes 255


class Run(NamedTuple):
    """Cells of one column below each other without a gap."""

    first: int
    last: int
    col: int

    @property
    def range(self) -> str:
        """`D14:D40`."""
        return str(xl_range(self.first - 1, self.col - 1, self.last - 1, self.col - 1))


class GrowingSheet(Worksheet):  # type: ignore[misc]
    """A worksheet whose rows can have a height and still grow: XlsxWriter fixes every height it writes."""

    growing: set[int]

    def _xml_start_tag_unencoded(self, tag: str, attributes: Iterable[tuple[str, Any]] = ()) -> None:
        if tag == "row":
            attributes = list(attributes)
            if attributes[0][1] - 1 in self.growing:
                attributes = [pair for pair in attributes if pair[0] != "customHeight"]
        super()._xml_start_tag_unencoded(tag, attributes)


class AreaSheet:
    """One area sheet in the making; `rows` tells afterwards where each figure and slot of it stands."""

    def __init__(self, book: Book, part: Report, area: str, name: str, *, plan: bool) -> None:
        self.book, self.part, self.area, self.plan, self.name = book, part, area, plan, name
        self.geometry = Geometry(part.template, part.head.dates, part.head.language, plan)
        self.lines = list(place(part, area, plan=plan))
        self.sheet = book.workbook.add_worksheet(name, GrowingSheet)
        self.sheet.growing = set()
        self.ranges = self._ranges()
        self.slots: dict[Slot, str] = {}
        self.figures: dict[Figure, str] = {}

    def write(self, figures: dict[date, Figures]) -> None:
        """Columns, lines, guards, paper. `figures` are the area's own, for the values shown before Excel computes."""
        self.sheet.set_column(MARKS - 1, MARKS - 1, 12, None, {"hidden": True})
        for col, width in self.geometry.widths.items():
            self.sheet.set_column(col - 1, col - 1, width)
        for row, line in enumerate(self.lines, 1):
            self._line(row, line, figures)
        for run, cell in self._runs():
            self._guard(run, cell)
        self._paper()

    def _line(self, row: int, line: Line, figures: dict[date, Figures]) -> None:
        if line.mark:
            self.sheet.write_string(row - 1, MARKS - 1, line.mark, self.book.format("mark"))
        grows, height = False, 0.0
        for cell in line.cells:
            self._cell(row, cell, figures)
            grows = grows or cell.style == "input" or self.plan
            height = max(height, self._height(cell))
        if grows:
            self.sheet.growing.add(row - 1)
        hidden = {"hidden": True} if self.plan and line.mark == "@code" else {}
        self.sheet.set_row(row - 1, height or _GUARD_ROW, None, hidden)

    def _cell(self, row: int, cell: Cell, figures: dict[date, Figures]) -> None:
        look = self._look(cell)
        at, value = (row - 1, cell.col - 1), cell.value
        if cell.slot:
            self.slots[cell.slot] = xl_rowcol_to_cell(*at)
        if cell.figure:
            self._figure(at, cell.figure, look, figures)
        elif cell.style == "filled":
            self._progress(at, look)
        elif value is None:
            self.sheet.write_blank(*at, None, look)
        elif isinstance(value, str):
            self.sheet.write_string(*at, value, look)  # a text that begins with "=" stays text
        elif isinstance(value, date):
            self.sheet.write_datetime(*at, value, look)
        else:
            self.sheet.write_number(*at, value, look)

    def _look(self, cell: Cell) -> Format:
        number_format = cell.kind.number_format if cell.kind and cell.style in style.SLOTS else ""
        centred = bool(cell.kind and cell.kind.steps_shown())
        return self.book.format(cell.style, number_format, centred, self._wraps(cell))

    def _figure(self, at: tuple[int, int], figure: Figure, look: Format, figures: dict[date, Figures]) -> None:
        """A live formula over the cells of one field at one date, with the value it will have."""
        known = figures.get(figure.date, Figures()) if figure.date else Figures()
        decimals = decimals_of(self.part)
        mean = known.mean(decimals)
        shown: dict[str, Any] = {
            "count": known.count, "answered": known.answered, "mean": "" if mean is None else float(mean),
            "share": known.distribution.get(figure.step, 0) if figure.step is not None else 0,
        }  # fmt: skip
        formula = self._formula(figure, decimals)
        self.figures[figure] = xl_rowcol_to_cell(*at, row_abs=True, col_abs=True)
        self.sheet.write_formula(*at, formula, look, shown[figure.stat])

    def _formula(self, figure: Figure, decimals: int) -> str:
        runs = self.ranges.get((figure.field, figure.date), [])[:_MOST_ARGUMENTS]
        if not runs:
            return '=""' if figure.stat == "mean" else "=0"
        ranges = [run.range for run in runs]
        if figure.stat == "mean":
            return f'=IFERROR(ROUND(AVERAGE({",".join(ranges)}),{decimals}),"")'
        if figure.stat == "answered":
            return f"=COUNT({','.join(ranges)})"
        if figure.stat == "share":
            return "=" + "+".join(f"COUNTIF({r},{figure.step})" for r in ranges)
        return "=" + "+".join(f'COUNTIF({run._replace(col=MARKS).range},"?*")' for run in runs)

    def _ranges(self) -> dict[tuple[str, date | None], list[Run]]:
        """For each field and date, the cells that count, as runs."""
        found: dict[tuple[str, date | None], list[Run]] = defaultdict(list)
        for row, line in enumerate(self.lines, 1):
            for cell in line.cells:
                if cell.slot and cell.style != "none":
                    runs = found[cell.slot.field, cell.slot.date]
                    if runs and runs[-1].last == row - 1 and runs[-1].col == cell.col:
                        runs[-1] = runs[-1]._replace(last=row)
                    else:
                        runs.append(Run(row, row, cell.col))
        return found

    def _runs(self) -> Iterator[tuple[Run, Cell]]:
        """Cells of the same field and style below each other, as one range for a guard."""
        open_run: dict[tuple[int, str, str], tuple[Run, Cell]] = {}
        for row, line in enumerate(self.lines, 1):
            for cell in line.cells:
                if cell.kind is None or cell.style == "none":
                    continue
                key = (cell.col, cell.style, cell.slot.field if cell.slot else "")
                run, first = open_run.get(key, (Run(row, row, cell.col), cell))
                if row > run.last + 1:
                    yield run, first
                    run, first = Run(row, row, cell.col), cell
                open_run[key] = (run._replace(last=row), first)
        yield from open_run.values()

    def _guard(self, run: Run, cell: Cell) -> None:
        """What may be typed, and how a step shows its word while the cell stays a number."""
        assert cell.kind
        at = (run.first - 1, run.col - 1, run.last - 1, run.col - 1)
        rule = cell.kind.validation() if cell.slot else None
        if rule and (cell.style == "input" or (self.plan and cell.style != "heading")):
            self.sheet.data_validation(*at, {**rule, **self._messages(cell, rule)})
        if cell.slot and cell.kind.number_format == "@":
            self.sheet.ignore_errors({"number_stored_as_text": run.range})
        for shown in cell.kind.steps_shown():
            look = self.book.step(shown, word=cell.slot is not None)
            self.sheet.conditional_format(*at, {"type": "cell", "criteria": "==", "value": shown.value, "format": look})

    def _messages(self, cell: Cell, rule: dict[str, Any]) -> dict[str, str]:
        """What Excel says before and after somebody types, in the reader's language."""
        spoken = self._spoken()
        allowed = ", ".join(str(v) for v in rule["source"]) if "source" in rule else str(rule.get("value", ""))
        kind = rule["validate"]
        message = language.word(f"validation.{kind}", spoken, allowed=allowed)
        prompt = "\n".join(f"{s.value} {s.label}" for s in cell.kind.steps_shown()) if cell.kind else ""
        said = {"error_title": language.word("validation.title", spoken)[:_LONGEST_TITLE]}
        said |= {"error_message": message[:_LONGEST_MESSAGE], "error_type": "stop"}
        if kind == "list" and cell.style == "input":
            said["input_title"] = language.word("validation.choose", spoken)[:_LONGEST_TITLE]
            said["input_message"] = (prompt or allowed)[:_LONGEST_MESSAGE]
        return said

    def _progress(self, at: tuple[int, int], look: Format) -> None:
        """How many required slots are filled, kept up by Excel."""
        rows: dict[Slot, list[tuple[int, Cell]]] = defaultdict(list)
        for row, line in enumerate(self.lines, 1):
            for cell in line.cells:
                if cell.slot and cell.required and cell.style == "input":
                    rows[cell.slot].append((row, cell))
        counted = "+".join(self._counted(list(rows.values()))) or "0"
        done = sum(any(cell.value is not None for _, cell in cells) for cells in rows.values())
        words = language.word("sheet.filled", self._spoken(), n=len(rows))
        self.sheet.write_formula(*at, f'={counted}&" {words}"', look, f"{done} {words}")

    def _counted(self, slots: list[list[tuple[int, Cell]]]) -> Iterator[str]:
        """The pieces of the count: single cells as ranges, a slot of several rows as one that is filled or not."""
        if any(len(cells) > 1 for cells in slots):
            yield from (f"(COUNTA({Run(c[0][0], c[-1][0], c[0][1].col).range})>0)" for c in slots)
            return
        held: dict[int, list[Run]] = defaultdict(list)
        for ((row, cell),) in slots:
            runs = held[cell.col]
            if runs and runs[-1].last == row - 1:
                runs[-1] = runs[-1]._replace(last=row)
            else:
                runs.append(Run(row, row, cell.col))
        yield from (f"COUNTA({run.range})" for runs in held.values() for run in runs)

    def _spoken(self) -> str:
        known = self.part.areas.get(self.area)
        return (known.language if known and not self.plan else "") or self.part.head.language

    def _paper(self) -> None:
        sheet, spoken, head = self.sheet, self._spoken(), self.part.head
        table = next((n for n, line in enumerate(self.lines, 1) if line.mark == "@head"), None)
        sheet.freeze_panes(table or 3, 0)
        if self.geometry.is_table and table:
            sheet.set_landscape()
            sheet.repeat_rows(table - 1)
            sheet.autofilter(table - 1, MARKS - 1, len(self.lines) - 1, max(self.geometry.widths) - 1)
        own = max(col for col in self.geometry.widths if col not in {c.col for c in self.geometry.lifespan})
        sheet.print_area(0, LABELS - 1, len(self.lines) - 1, own - 1)
        sheet.set_paper(_A4)
        sheet.set_margins(left=0.5, right=0.5, top=0.75, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)
        name = self.part.area_name(self.area)
        sheet.set_header(f"&L&9{_in_margin(head.title)}&R&9{_in_margin(name)}")
        pages = language.word("sheet.page", spoken, page="&P", pages="&N")
        sheet.set_footer(f"&L&9{_in_margin(head.organisation)}&R&9{pages}")
        if not self.plan:
            sheet.protect("", _ALLOWED)

    def _height(self, cell: Cell) -> float:
        points = style.POINTS.get(cell.style, 10)
        if not self._wraps(cell) or not isinstance(cell.value, str):
            return metrics.height("", 1, points=points)
        bold = cell.style in style.BOLD
        return metrics.height(cell.value, self.geometry.widths.get(cell.col, 10.0), points=points, bold=bold)

    def _wraps(self, cell: Cell) -> bool:
        return cell.style not in style.NO_WRAP or (cell.style == "heading" and cell.col != LABELS)


def _in_margin(text: str, most: int = 100) -> str:
    """A text for a page's header or footer, where & begins a command."""
    return text[:most].replace("&", "&&").replace("\n", " ")


