"""Write one area sheet into a workbook: of a form, the appendix or the published appendix.

Rows and columns are counted from 1, as in `layout`; XlsxWriter counts from 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from math import ceil
from typing import Any

from xltiltak.layout import metrics
from xltiltak.layout.derived_formulas import derived_formula
from xltiltak.layout.geometry import (
    DONE_SYMBOL,
    KEY_COL,
    LABEL_COL,
    TICK_COL,
    Purpose,
    geometry_of,
)
from xltiltak.layout.guidance import CHART_KEY
from xltiltak.layout.sheet_layout import layout_sheet
from xltiltak.layout.sheet_rows import CellSpec, FigureSpec, SheetRow
from xltiltak.model.carried import texts_left
from xltiltak.model.cell_values import PlainValue
from xltiltak.model.field_types import FieldType
from xltiltak.model.language import translate
from xltiltak.model.own_content import OwnColumn
from xltiltak.model.report import BLANK_AREA, Report, Slot
from xltiltak.model.summary import (
    AnswerCounts,
    counted_inputs,
    decimals_of,
    final_values,
    neutral_values,
)
from xltiltak.model.template import RequiredWhen, Step
from xltiltak.sheets import page_setup, style
from xltiltak.sheets.area_formulas import (
    CardFormulas,
    ConditionalInputs,
    CountedInputs,
    FigureFormulas,
    continues_slot,
    jump_formula,
    progress_formula,
    sheet_link,
    sheets_formula,
)
from xltiltak.sheets.fall_formats import add_fall_format
from xltiltak.sheets.formula_parts import quoted
from xltiltak.sheets.own_cells import OWN_WIDTH, with_own_cells
from xltiltak.sheets.row_formats import (
    CellRange,
    RowBlock,
    RowFormat,
    RowFormats,
    add_carried_formats,
    add_left_format,
    add_validation,
    has_word_list,
    holds_text,
    split_into_blocks,
)
from xltiltak.sheets.summary_formulas import SummaryFormulas, criterion
from xltiltak.sheets.workbook import quoted_sheet_name
from xltiltak.xlsx.cell_names import column_letters
from xltiltak.xlsx.row_workbook import RowSheet
from xltiltak.xlsx.row_writer import CellContent, Formula

_KEY_WIDTH = 12  # characters, of the hidden column
_NOTE_SIZE = {"x_scale": 2.5, "y_scale": 1.5, "font_name": "Arial", "font_size": 9, "author": ""}
_PIXELS_OF_POINT, _PIXELS_OF_CHARACTER, _WIDEST = 4 / 3, 7, 80.0
_CONTINUED = CellSpec(LABEL_COL, "continued")
_CHART_EDGE, _WIDEST_CHART = 4, 900  # pixels
_CHART_HEIGHT, _BAR_HEIGHT = 75.0, 24.0  # points: of title and legend, and of each bar


@dataclass(frozen=True, slots=True)
class FinishedSheet:
    """What other sheets need to know of a finished one: its name and the addresses of some cells.

    `totals` are the formulas that take its statistics to the overview; `movement` and `unanswered`
    are those of how its measures have moved, and of what is not answered at each date. `sums` are
    those of the sum and of the number of the answers at each date, if these are no steps.
    """

    name: str
    figures: Mapping[FigureSpec, str]
    totals: Sequence[str] = ()
    movement: Mapping[str, str] = field(default_factory=dict)
    unanswered: Mapping[date, str] = field(default_factory=dict)
    cells: Mapping[Slot, str] = field(default_factory=dict)
    sums: Mapping[date, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FormSheets:
    """The sheets of one form: the names of their areas and their writers, by ref.

    `fresh` are slots with texts of this date, which are not left from the date before.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    writers: Mapping[str, AreaSheetWriter] = field(default_factory=dict)
    fresh: Collection[Slot] = ()


class AreaSheetWriter:
    """One area sheet. Create it, then call `write`, `note`, `highlight`, and last `finish`.

    The cells of steps that were carried on say so.
    """

    def __init__(
        self,
        formats: RowFormats,
        part: Report,
        area: str,
        name: str,
        purpose: Purpose,
        own: Sequence[OwnColumn] = (),
        form: FormSheets | None = None,
    ) -> None:
        self._form = form or FormSheets()
        self.book, self.part, self.area, self.name = formats.book, part, area, name
        head, own_language = part.head, part.areas.get(area, BLANK_AREA).language
        self.geometry = geometry_of(part.template, head.dates, head.language, purpose)
        self.language = (own_language if self.geometry.is_form else "") or head.language
        self.sheet = self.book.workbook.add_worksheet(name, RowSheet)
        self.figures: dict[FigureSpec, str] = {}  # the address of each figure, once it is written
        self._row_formats = formats
        self._hidden_cols = self.geometry.hidden_cols(head.current)
        self._own_cols = range(
            max(self.geometry.widths) + 1, max(self.geometry.widths) + 1 + len(own)
        )
        rows = [*layout_sheet(part, area, purpose, names=self._form.names)]
        self.rows = with_own_cells(rows, own, self._own_cols, self.language)
        self._blocks = self._split_into_blocks()
        self._heights = [
            self.chart_height if row.key == CHART_KEY else row_format.height(row.values)
            for block, row_format in self._blocks
            for row in block.rows
        ]
        self._card_breaks: list[int] = []
        if not self.geometry.is_table:
            self._break_into_pages()

    def _split_into_blocks(self) -> list[tuple[RowBlock, RowFormat]]:
        """Return the rows in blocks, each with its format."""
        found = []
        for block in split_into_blocks(self.rows):
            hidden = block.rows[0].key == "@code" and not self.geometry.is_form
            row_format = self._row_formats.format_of(
                self.geometry, block.specs, self.language, hidden=hidden
            )
            found.append((block, row_format))
        return found

    def _break_into_pages(self) -> None:
        """Find the rows that begin a page; label those that go on with a slot."""
        self._card_breaks = list(page_setup.card_page_breaks(self.rows, self._heights))
        for number in self._card_breaks:
            row = self.rows[number - 1]
            if continues_slot(row):
                specs, values = (_CONTINUED, *row.specs), (None, *row.values)
                self.rows[number - 1] = row._replace(specs=specs, values=values)
                label, points = self._cards.continued_label(number), style.POINTS["continued"]
                width = self.geometry.widths[LABEL_COL]
                least = metrics.row_height(str(label.value), width, points=points)
                self._heights[number - 1] = max(self._heights[number - 1], least)
        self._blocks = self._split_into_blocks()

    @property
    def chart_height(self) -> float:
        """The height in points of the row for the chart, which has a bar for each date."""
        bars = len(self.geometry.scored_columns)
        return min(metrics.TALLEST, _CHART_HEIGHT + _BAR_HEIGHT * bars)

    def insert_chart(self, chart: Any, description: str) -> None:
        """Put a chart into its row, where it is printed too; it goes where a filter hides the row.

        The rows down to it are told to XlsxWriter, which computes the place of the chart from them.
        """
        number = next(n for n, row in enumerate(self.rows, 1) if row.key == CHART_KEY)
        for row, height in enumerate(self._heights[:number]):
            self.sheet.set_row(row, height)
        width = sum(self._widths.values()) * _PIXELS_OF_CHARACTER - 2 * _CHART_EDGE
        height = self.chart_height * _PIXELS_OF_POINT - 2 * _CHART_EDGE
        chart.set_size({"width": min(_WIDEST_CHART, width), "height": height})
        place = {"object_position": 1, "x_offset": _CHART_EDGE, "y_offset": _CHART_EDGE}
        options = {"description": description, **place}
        self.sheet.insert_chart(number - 1, LABEL_COL - 1, chart, options)

    # Formulas

    @cached_property
    def summaries(self) -> SummaryFormulas:
        """Return the formulas of the groups' statistics."""
        return SummaryFormulas(self.part, self.rows, self.geometry)

    @cached_property
    def _cards(self) -> CardFormulas:
        """Return the formulas of a sheet of cards."""
        continued = translate("sheet.continued", self.language)
        return CardFormulas(self.rows, self.name, continued, counted_inputs(self.part.template))

    @cached_property
    def _figure_formulas(self) -> FigureFormulas:
        """Return the formulas of the figures above a table."""
        template = self.part.template
        values = neutral_values(template, template.mean_field())
        neutral = sorted(value for value in values if isinstance(value, int))
        blocks = [block for block, _ in self._blocks]
        open_date = self.part.head.current if self.geometry.is_form else None
        scored = self.geometry.scored_columns[0].field_type if self.geometry.has_figures else None
        words = scored.words if scored and self.geometry.is_form and has_word_list(scored) else {}
        return FigureFormulas(blocks, decimals_of(self.part), neutral, open_date, words)

    def _formula(
        self, number: int, spec: CellSpec, counts: Mapping[date, AnswerCounts]
    ) -> CellContent:
        """Return the formula of a cell in row `number`."""
        if spec.is_derived:
            return self._derived(self.rows[number - 1], spec)
        if spec.style in style.LIVE_STYLES:
            return self._cards.formula(number, spec)
        if spec.style == "sum":
            return self.summaries.line(self.rows[number - 1].refs[0])
        if spec.figure is None:
            return self._guiding_formula(number, spec)
        self.figures[spec.figure] = f"${column_letters(spec.col)}${number}"
        at_date = counts.get(spec.figure.date) if spec.figure.date else None
        return self._figure_formulas.formula(spec.figure, at_date or AnswerCounts())

    def _derived(self, row: SheetRow, spec: CellSpec) -> CellContent:
        """Return the formula of a derived field with its value now; the value if it has none."""
        slot, field = row.slot_at(spec), spec.field
        if slot is None or field is None or spec.field_type is None:
            return None
        node, value = self.part.by_ref[slot.ref], self.part.values.get(slot)
        cells = () if value is None else spec.field_type.to_cells(value)
        shown = cells[0] if cells else None

        def cell_of(name: str) -> str | None:
            operand = self.part.template.field_of(node.level, name)
            is_dated = operand is not None and operand.per_checkpoint
            return self.cell_of(Slot(slot.ref, name, slot.date if is_dated else None))

        text = derived_formula(self.part.template, node.level, field, cell_of)
        if text is None or isinstance(shown, date):
            return shown
        return Formula(text, "" if shown is None else shown)

    def _guiding_formula(self, number: int, spec: CellSpec) -> Formula:
        """Return the formula of a cell that shows a leader what is left, or leads to a place."""
        if spec.style == "jump":
            text = translate("sheet.proposals_link", self.language)
            return jump_formula(self.rows, self.name, text)
        if spec.style == "sheets":
            words = translate("sheet.several", self.language, count=len(self._form.names))
            return sheets_formula(self._counts(), words, self.language)
        if spec.style == "sheet_link":
            ref = self.rows[number - 1].refs[spec.node_index]
            sheet, cell, count = self._counts()[ref]
            return sheet_link(self._form.names[ref], sheet, cell, str(count.value))
        return self._progress

    @cached_property
    def _progress(self) -> Formula:
        """Return the formula of how many required inputs are filled in."""
        blocks = [block for block, _ in self._blocks]
        counted = counted_inputs(self.part.template)
        conditional = [*self._conditional_inputs(blocks, counted)]
        carried = self._counted_carried
        return progress_formula(blocks, self.language, counted, carried, conditional)

    def _conditional_inputs(
        self, blocks: Sequence[RowBlock], counted: CountedInputs
    ) -> Iterator[ConditionalInputs]:
        """Yield the inputs that are required because of what another cell in their row says.

        A slot of several rows, and one whose other cell is in another row, is not counted.
        """
        for block in blocks:
            has_long_slots = any(continues_slot(row) for row in block.rows)
            for index, spec in enumerate(() if has_long_slots else block.specs):
                field = spec.field if spec.style == "input" else None
                is_counted = field is not None and (field.of, field.id) in counted
                when = field.required_when if field and not is_counted else None
                other = _spec_beside(block, spec, when.field) if when else None
                if not (field and when and other and other.field_type):
                    continue
                slots = [(row.slot_at(spec), row.values[index]) for row in block.rows]
                filled = [v is not None for s, v in slots if s and self.part.requires(field, s)]
                cells, beside = block.range_of(spec.col), block.range_of(other.col)
                if criteria := _criteria_of(when, other.field_type):
                    yield ConditionalInputs(cells, beside, criteria, len(filled), sum(filled))

    def _counts(self) -> dict[str, tuple[str, str, Formula]]:
        """Return for each sheet of the form its name, and the cell and formula of its count."""
        return {
            ref: (writer.name, writer._count_cell, writer._progress)  # noqa: SLF001 - of this class
            for ref, writer in self._form.writers.items()
        }

    @cached_property
    def _count_cell(self) -> str:
        """Return the address of the live count."""
        return next(
            f"{column_letters(spec.col)}{number}"
            for number, row in enumerate(self.rows, 1)
            for spec in row.specs
            if spec.style == "filled"
        )

    # Writing

    def write(self, counts: Mapping[date, AnswerCounts]) -> None:
        """Write columns, rows, validations and page set-up.

        `counts` are the area's own, by date, for the values shown until Excel calculates.
        """
        self._set_columns()
        for block, row_format in self._blocks:
            self._write_block(block, row_format, counts)
        if self.part.carried:  # first: of several formats that fit a cell, Excel takes this one
            words = translate("term.carried", self.language)
            add_carried_formats(self.book, self.sheet, self._carried_cells(), words)
        texts = self._texts_left()
        if self.geometry.is_form:  # before that of texts that are left, for the same reason
            add_fall_format(self.book, self.sheet, self.part, self.rows, texts)
        if texts:
            add_left_format(self.book, self.sheet, [block for block, _ in self._blocks], texts)
        add_validation(self.sheet, [(block, fmt.validations) for block, fmt in self._blocks])
        self._mark_late()
        self._mark_required()
        has_headings = any(page_setup.has_heading(block.specs) for block, _ in self._blocks)
        printed = page_setup.PrintedRows(
            self.rows,
            self._heights,
            self._card_breaks,
            has_headings,
            self._widths,
            self._hidden_cols,
        )
        page_setup.set_up_page(self.sheet, self.geometry, printed)
        area_name = self.part.area_name(self.area)
        page_setup.set_header_and_footer(self.sheet, self.part.head, area_name, self.language)
        if self.geometry.is_form and not self.geometry.is_table:
            self._colour_ticks()

    def _set_columns(self) -> None:
        """Set the widths; where the coordinator adds rows, columns of text have a text format."""
        self.sheet.set_column(KEY_COL - 1, KEY_COL - 1, _KEY_WIDTH, None, {"hidden": True})
        text_cols: set[int] = set()
        if not self.geometry.is_form:  # else "1.2" in a new row would become a date
            columns = self.geometry.table_columns
            text_cols = {c.col for c in columns if c.field_type.number_format == "@"}
        for col, width in self._widths.items():
            text_format = self.book.format("plain", "@") if col in text_cols else None
            options = {"hidden": True} if col in self._hidden_cols else None
            self.sheet.set_column(col - 1, col - 1, width, text_format, options)
        if self._own_cols:
            first, last = self._own_cols[0] - 1, self._own_cols[-1] - 1
            self.sheet.set_column(first, last, OWN_WIDTH)

    def _write_block(
        self, block: RowBlock, row_format: RowFormat, counts: Mapping[date, AnswerCounts]
    ) -> None:
        """Write rows with the same cells."""
        pattern = row_format.pattern_on(self.sheet)
        for number, row in enumerate(block.rows, block.first):
            values: Sequence[CellContent] = row.values
            if row_format.live:
                formulas = {n: self._formula(number, spec, counts) for n, spec in row_format.live}
                values = [formulas.get(n, value) for n, value in enumerate(row.values)]
            height = self._heights[number - 1]
            self.sheet.put_row(number, pattern, (row.key or None, *values), height)

    @property
    def _counted_carried(self) -> int:
        """Return how many of the steps that were carried on are in fields that are counted."""
        template, nodes = self.part.template, self.part.by_ref
        counted = counted_inputs(template)
        slots = [slot for slot in self.part.carried if slot.ref in nodes]
        fields = [template.field_of(nodes[slot.ref].level, slot.field) for slot in slots]
        return sum((field.of, field.id) in counted for field in fields if field)

    @cached_property
    def _widths(self) -> Mapping[int, float]:
        """Return the width of each column in characters, with room for steps carried on."""
        widths, words = dict(self.geometry.widths), translate("term.carried", self.language)
        for cells, step in self._carried_cells() if self.geometry.is_table else ():
            text = f"{step.value} {step.label} · {words}"
            widths[cells.left] = max(widths[cells.left], _width_of(text))
        return widths

    def _carried_cells(self) -> Iterator[tuple[CellRange, Step]]:
        """Yield the cells of the steps that were carried on."""
        for number, row in enumerate(self.rows, 1):
            for spec in row.specs:
                slot = row.slot_at(spec)
                if slot and slot in self.part.carried and spec.field_type:
                    cell = CellRange(number, number, spec.col, spec.col)
                    value = self.part.values[slot]
                    yield cell, next(s for s in spec.field_type.steps if s.value == value)

    def _mark_late(self) -> None:
        """Show deadlines that have passed in red, as long as no cell says that all is finished."""
        day = self.part.report_date
        for slot in self.part.overdue.values():
            cell = self.cell_of(slot)
            if cell is None or day is None:
                continue
            tests = [f"ISNUMBER({cell})", f"{cell}<DATE({day.year},{day.month},{day.day})"]
            tests += [f"{at}<>{shown}" for at, shown in self._finishing_cells(slot.ref, day)]
            rule = {"type": "formula", "criteria": f"=AND({','.join(tests)})"}
            self.sheet.conditional_format(cell, {**rule, "format": self.book.late_format()})

    def _finishing_cells(self, ref: str, day: date) -> Iterator[tuple[str, str]]:
        """Yield the cells that can say that a measure is finished, and what they hold then."""
        template = self.part.template
        for one in template.fields_of(template.leaf.id):
            at = self.cell_of(Slot(ref, one.id, day if one.per_checkpoint else None))
            kind = self.geometry.field_types[template.leaf.id, one.id]
            done = final_values(template, one) if at else frozenset()
            cells = [kind.to_cells(value)[0] for value in sorted(done, key=str)]
            cells += [word for word, value in kind.words.items() if value in done]
            for cell in cells:
                yield str(at), quoted(cell) if isinstance(cell, str) else str(cell)

    def _mark_required(self) -> None:
        """Show empty cells that have to be filled in because of what another cell says."""
        template = self.part.template
        asked = [one for one in template.fields if one.required_when]
        for slot, one, node in self.part.slots(lambda f: f in asked) if asked else ():
            cell, when = self.cell_of(slot), one.required_when
            other = template.field_of(node.level, when.field) if when else None
            is_open = self.geometry.is_form and self.part.is_open(one, slot.date, node)
            if not is_open or cell is None or other is None or when is None:
                continue
            at = self.cell_of(Slot(slot.ref, other.id, slot.date if other.per_checkpoint else None))
            kind = self.geometry.field_types[node.level, other.id]
            if at and (tests := _tests_of(when, at, kind)):
                criteria = f"=AND(ISBLANK({cell}),OR({','.join(tests)}))"
                look = self.book.missing_format()
                rule = {"type": "formula", "criteria": criteria, "format": look}
                self.sheet.conditional_format(cell, rule)

    def _texts_left(self) -> Collection[str]:
        """Return what is in the cells of a form with a text that is left from the last date."""
        left = (
            {*texts_left(self.part)}.difference(self._form.fresh) if self.geometry.is_form else ()
        )
        texts = (
            value
            for row in self.rows
            for spec, value in zip(row.specs, row.values, strict=True)
            if left and isinstance(value, str) and holds_text(spec) and row.slot_at(spec) in left
        )
        return dict.fromkeys(texts).keys()

    def _colour_ticks(self) -> None:
        """Show the ticks of what is filled in in green."""
        rule = {"type": "cell", "criteria": "==", "value": f'"{DONE_SYMBOL}"'}
        rule_with_format = {**rule, "format": self.book.done_format()}
        col, last = TICK_COL - 1, len(self.rows) - 1
        self.sheet.conditional_format(0, col, last, col, rule_with_format)

    # Slots

    @cached_property
    def _rows_by_ref(self) -> dict[str, list[tuple[int, SheetRow]]]:
        """Return the numbered rows about each node."""
        found: dict[str, list[tuple[int, SheetRow]]] = defaultdict(list)
        for number, row in enumerate(self.rows, 1):
            for ref in row.refs:
                found[ref].append((number, row))
        return found

    def cell_of(self, slot: Slot) -> str | None:
        """Return the address of a slot's first cell; None if it has none on this sheet."""
        for number, row in self._rows_by_ref.get(slot.ref, ()):
            for spec in row.specs:
                if spec.field and spec.date == slot.date and row.slot_at(spec) == slot:
                    return f"{column_letters(spec.col)}{number}"
        return None

    def note(self, slot: Slot, text: str) -> None:
        """Add a note to a slot's cell, if it is on this sheet."""
        cell = self.cell_of(slot)
        if cell is not None:
            self.sheet.write_comment(cell, text, dict(_NOTE_SIZE))

    def highlight(self, slot: Slot) -> None:
        """Mark a slot that has to be filled in, as long as its cell is empty."""
        cell = self.cell_of(slot)
        look = self.book.missing_format()
        rule = {"type": "formula", "criteria": f"=ISBLANK({cell})", "format": look}
        self.sheet.conditional_format(cell, rule)

    def finish(self, totals: Sequence[str], slots: Iterable[Slot] = ()) -> FinishedSheet:
        """Finish the rows of the sheet. Return what other sheets need.

        `slots` are those whose cells are needed; slots that are not on the sheet are left out.
        """
        self.sheet.finish()
        cells = {slot: cell for slot in slots if (cell := self.cell_of(slot))}
        scored = self.geometry.scored_columns if self.geometry.is_table else ()
        name = quoted_sheet_name(self.name)
        unanswered = {
            column.date: self._figure_formulas.unanswered(column.field.id, column.date, name)
            for column in scored
            if column.date
        }
        movement = self._movement_formulas() if scored else {}
        sums = {
            column.date: self._figure_formulas.sum_and_count(column.field.id, column.date, name)
            for column in scored
            if column.date and not column.field_type.steps
        }
        return FinishedSheet(self.name, self.figures, totals, movement, unanswered, cells, sums)

    def _movement_formulas(self) -> dict[str, str]:
        """Return the formulas of how the measures have moved since the date before.

        There are none where the field is not asked of all measures: they have no cell.
        """
        before, now = self.part.previous_date, self.part.report_date
        scored = self.geometry.scored_columns[0].field
        if not before or not now or scored.only:
            return {}
        final = sorted(final_values(self.part.template, scored), key=str)
        name = quoted_sheet_name(self.name)
        return self._figure_formulas.movement(scored.id, (before, now), final, name)


def _spec_beside(block: RowBlock, spec: CellSpec, field: str) -> CellSpec | None:
    """Return the cell of another field of the same node and date in a row; None without one."""
    others = (
        other
        for other in block.specs
        if other.field and other.field.id == field and other.node_index == spec.node_index
    )
    return next((other for other in others if other.date in (None, spec.date)), None)


def _tests_of(when: RequiredWhen, cell: str, kind: FieldType) -> list[str]:
    """Return the tests of what a cell says that makes another answer required."""
    if when.at_least is not None and not kind.steps:
        return [f"AND(ISNUMBER({cell}),{cell}>={when.at_least})"]
    shown = _requiring_values(when, kind)
    return [f"{cell}={quoted(s) if isinstance(s, str) else s}" for s in shown]


def _criteria_of(when: RequiredWhen, kind: FieldType) -> list[str]:
    """Return the criteria of COUNTIFS for cells that make another answer required.

    SUMPRODUCT would take the tests, but Gnumeric does not apply ISNUMBER to each cell of a range.
    """
    if when.at_least is not None and not kind.steps:
        return [quoted(f">={when.at_least}")]
    return [criterion(shown) for shown in _requiring_values(when, kind)]


def _requiring_values(when: RequiredWhen, kind: FieldType) -> list[PlainValue]:
    """Return the contents of a cell with steps that make another answer required."""
    least = when.at_least
    values = {s.value for s in kind.steps if isinstance(s.value, int) and s.value >= (least or 0)}
    wanted = when.values if least is None else values
    shown = [kind.to_cells(value)[0] for value in sorted(wanted, key=str)]
    return [*shown, *(word for word, value in kind.words.items() if value in wanted)]


def _width_of(text: str) -> float:
    """Return the width in characters of a column in which a text has one line, with its padding."""
    pixels = metrics.text_width(text, style.DEFAULT_POINTS) * _PIXELS_OF_POINT
    return min(_WIDEST, ceil(pixels / _PIXELS_OF_CHARACTER) + 2.0)
