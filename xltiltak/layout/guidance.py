"""What stands on an area sheet besides its measures, in the present layout.

Above the table stand only the title, on a form with the live count and the deadline, and the
table's head: these stay when the sheet is scrolled. On a form the instructions are below the head.
In the coordinator's workbook everything else is below the table, so that nothing comes between the
head and the measures when these are filtered or sorted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from xltiltak.layout import metrics
from xltiltak.layout.geometry import LABEL_COL, Column, Geometry
from xltiltak.layout.sheet_rows import (
    PROPOSAL_KEY,
    CellSpec,
    FigureSpec,
    SheetRow,
    SpecAndValue,
    Stat,
    card_overview_rows,
    make_row,
)
from xltiltak.model.carried import may_have_texts_left
from xltiltak.model.field_types import FieldType
from xltiltak.model.language import day_text, translate
from xltiltak.model.report import BLANK_AREA, Report
from xltiltak.model.row_keys import form_code
from xltiltak.model.template import Field

# The slots of what a leader may write about the whole sheet, at the area's ref.
MESSAGE_FIELD, FILLED_BY_FIELD = "message", "filled_by"
MESSAGE_KEY, FILLED_BY_KEY, CHART_KEY = "@message", "@by", "@chart"
SHEETS_KEY = "@sheets"  # of the list of the sheets in the same form
_LONGEST_LINK = 150  # characters of the name of a sheet in a link
_LONGEST_PLACE = 80  # characters of where to send a form, if that is no address
_PROPOSALS = 3  # rows for proposals
_KEYS = frozenset(
    (
        *(
            "@title",
            "@filled",
            "@due",
            "@contact",
            "@code",
            "@scale",
            "@intro",
            MESSAGE_KEY,
            FILLED_BY_KEY,
        ),
        *("@count", "@answered", "@mean", "@unanswered"),
    )
)
_TEXT = FieldType()
_TITLES = ("heading", "title")  # styles
_FIGURES: Mapping[str, Stat] = {"@answered": "answered", "@mean": "mean"}  # by the key of the row
Columns = tuple[tuple[int, float], ...]
"""Columns from left to right, each with its width in characters."""
_TITLE_POINTS, _TEXT_POINTS, _NOTE_POINTS = 14, 10, 9  # sizes of letters
# The looks of headings that run on over the cells to their right, from the largest letters on.
_SMALLER = {"outer": 12, "inner": 11, "small_heading": 9}
HEADING_POINTS: Mapping[str, float] = {"outermost": 14, **_SMALLER}
_TITLE_POINTS_OF = {"sheet_title": 14, **_SMALLER}
_LONGEST_COUNT = 888  # the widest number of measures that is measured
_ADDRESS = re.compile(r"[^\s,;<>()]+@[^\s,;<>()]+\.\w+")


class Guidance:
    """The rows of one area's sheet besides those of its nodes."""

    def __init__(self, geometry: Geometry, part: Report, area: str) -> None:
        self.geometry, self.part, self.area = geometry, part, area
        self.names: Mapping[str, str] = {}  # of all areas in the same form, by ref
        own_language = part.areas.get(area, BLANK_AREA).language if geometry.is_form else ""
        self.language = own_language or part.head.language

    # Above the table

    def title_rows(self, title: SheetRow) -> Iterator[SheetRow]:
        """Yield the title; on a form with the live count and the deadline, if there is room.

        Otherwise these stand in a row of their own.
        """
        width = sum(width for _, width in self._visible_columns)
        specs = tuple(
            s.with_look(fitting_look(str(v), width, _TITLE_POINTS_OF)) if s.style in _TITLES else s
            for s, v in zip(title.specs, title.values, strict=True)
        )
        title = title._replace(specs=specs)
        if not self.geometry.is_form:
            yield title
            return
        count, due = CellSpec(LABEL_COL, "filled"), CellSpec(LABEL_COL, "due")
        is_alone = self.geometry.is_table and len(specs) == 1
        beside = self._columns_beside(str(title.values[0])) if is_alone else ()
        if beside:
            count_col, due_col = beside
            specs = (*specs, replace(count, col=count_col), replace(due, col=due_col))
            yield title._replace(specs=specs, values=(*title.values, None, self._due()))
            return
        yield title
        below = self._columns_beside("")
        if below:
            yield make_row("@filled", (count, None), (replace(due, col=below[1]), self._due()))
        else:
            yield make_row("@filled", (count, None))
            yield from self._lines("@due", due, self._due())

    def _columns_beside(self, title: str) -> tuple[int, int] | tuple[()]:
        """Return the columns of the count and the deadline, right of a title; () without room."""
        columns = self._visible_columns
        of_count = columns_after(title, columns, _TITLE_POINTS) if title else columns
        most = f"{_LONGEST_COUNT} {self._text('filled', n=_LONGEST_COUNT)}"
        of_due = columns_after(most, of_count, _TEXT_POINTS)
        room = sum(width for _, width in of_due)
        fits = bool(of_due) and metrics.line_count(self._due(), room) == 1
        return (of_count[0][0], of_due[0][0]) if fits else ()

    def _lines(self, key: str, spec: CellSpec, text: str, points: float = 10) -> Iterator[SheetRow]:
        """Yield a text in lines as wide as the sheet."""
        width = sum(width for _, width in self._visible_columns)
        for line in metrics.wrap_text(text, width, points=points):
            yield make_row(key, (spec, line))

    @cached_property
    def _visible_columns(self) -> Columns:
        hidden = self.geometry.hidden_cols(self.part.head.current)
        return tuple(sorted((c, w) for c, w in self.geometry.widths.items() if c not in hidden))

    def _due(self) -> str:
        """Return the deadline and where to send the form, as far as they are given.

        A long contact without an address is not repeated: it is among the instructions.
        """
        head, texts = self.part.head, []
        if head.deadline:
            texts.append(self._text("deadline", value=head.deadline) + ".")
        address = _ADDRESS.search(head.contact)
        if address:
            texts.append(self._text("send_to", value=address[0]))
        elif 0 < len(head.contact) <= _LONGEST_PLACE:
            texts.append(self._text("send_to", value=head.contact))
        else:
            texts.append(self._text("send_back"))
        return " ".join(texts)

    # Below the head of a form

    def sheet_rows(self) -> Iterator[SheetRow]:
        """Yield the list of the sheets of a form, on the first of several: the count and links.

        All cells are formulas. They stand beside each other as far as there is room.
        """
        if len(self.names) < 2 or next(iter(self.names)) != self.area:
            return
        total = " ".join([self.several_sheets(), self._text("filled", n=_LONGEST_COUNT)])
        cells = [(CellSpec(LABEL_COL, "sheets"), f"{_LONGEST_COUNT} {total}")]
        of_sheet = self._text("filled", n=_LONGEST_COUNT)
        for number, name in enumerate(self.names.values()):
            if number:
                text = f"{link_to_sheet(name)}{_LONGEST_COUNT} {of_sheet}"
                cells.append((CellSpec(LABEL_COL, "sheet_link", node_index=number), text))
        refs, row = tuple(self.names), list[SpecAndValue]()
        columns = free = self._visible_columns
        for spec, text in cells:
            if row and (not free or not _fits(text, free)):
                yield make_row(SHEETS_KEY, *row, refs=refs)
                row, free = [], columns
            row.append((replace(spec, col=free[0][0]), None))
            free = columns_after(text, free, _TEXT_POINTS)
        yield make_row(SHEETS_KEY, *row, refs=refs)

    def several_sheets(self) -> str:
        """Return the words before the count over all sheets of a form."""
        return self._text("several", count=len(self.names))

    def instruction_rows(self) -> Iterator[SheetRow]:
        """Yield what a leader reads before they begin, and what they may write about the sheet."""
        if not self.geometry.is_form:
            return
        for text in self._help_texts():
            yield from self._lines("@contact", CellSpec(LABEL_COL, "due"), text)
        yield from self._scale_rows()
        if self.geometry.is_table:
            yield make_row("@propose", (CellSpec(LABEL_COL, "jump"), None))
        yield self._code_row()
        yield from self._own_text_rows(MESSAGE_KEY, MESSAGE_FIELD, "message")
        yield from self._own_text_rows(FILLED_BY_KEY, FILLED_BY_FIELD, "filled_by")

    def _help_texts(self) -> Iterator[str]:
        """Yield what to fill in and what the colours mean, and whom to ask if given."""
        texts = [self._text("help")]
        if may_have_texts_left(self.part):
            texts.append(self._text("left"))
        if self.part.template.explained_field() and self.part.previous_date:
            texts.append(self._text("fall"))
        contact = self.part.head.contact
        asked = [self._text("ask", value=contact)] if contact else []
        line = " · ".join([" ".join(texts), *asked])
        yield from [line] if _fits(line, self._visible_columns) else [" ".join(texts), *asked]

    def _own_text_rows(self, key: str, field_id: str, word: str) -> Iterator[SheetRow]:
        """Yield the row for a text of the leader's own about the whole sheet.

        Its label is to the left of it, or above where the columns there are too narrow.
        """
        value_col = self.geometry.value_col
        value = CellSpec(value_col, "input", _TEXT, Field(field_id, "")), None
        if not self.geometry.is_table:  # short: on a card the label cannot run over to the left
            label = CellSpec(self.geometry.label_col, "label"), self._text(f"{word}_on_card")
            yield make_row(key, label, value, refs=(self.area,))
            return
        text = self._text(word)
        beside = tuple((col, width) for col, width in self._visible_columns if col < value_col)
        if _fits(text, beside):
            label = CellSpec(beside[-1][0], "asking"), text
            yield make_row(key, label, value, refs=(self.area,))
        else:
            yield make_row("@contact", (CellSpec(LABEL_COL, "due"), text))
            yield make_row(key, value, refs=(self.area,))

    def overview_rows(self, titles: Iterable[SheetRow]) -> Iterator[SheetRow]:
        """Yield the overview of a form's cards; `titles` are the title rows of the cards."""
        yield from card_overview_rows(self._text("overview"), titles)

    def chart_rows(self) -> Iterator[SheetRow]:
        """Yield the room for the chart of the distribution, on a published sheet."""
        geometry = self.geometry
        if (
            geometry.is_published
            and geometry.has_figures
            and geometry.scored_columns[0].field_type.steps
        ):
            yield make_row(CHART_KEY, (CellSpec(LABEL_COL, "plain"), None))

    # Below the table

    def proposal_rows(self) -> Iterator[SheetRow]:
        """Yield the rows in which a leader may propose measures, below what they are for."""
        yield make_row("@proposals", (CellSpec(LABEL_COL, "heading"), self._text("proposals")))
        yield from self._lines(
            "@proposals", CellSpec(LABEL_COL, "due"), self._text("proposals_help")
        )
        specs = tuple(self._proposal_cell(column) for column in self.geometry.table_columns)
        for _ in range(_PROPOSALS):
            yield SheetRow(PROPOSAL_KEY, specs, (None,) * len(specs))

    def _proposal_cell(self, column: Column) -> CellSpec:
        """Return the cell of a proposal: open for what may be known of a new measure."""
        leaf = self.geometry.columns[self.part.template.leaf.id]
        is_open = column in leaf and column.date in (None, self.part.head.current)
        if not is_open or column.field.is_derived:
            return CellSpec(column.col, "none")
        field = column.field
        return CellSpec(column.col, "new", column.field_type, field, column.date, look="input")

    # Below the table, or above the cards

    def report_rows(self) -> Iterator[SheetRow]:
        """Yield the title of the report, and except on a form the code and the scale."""
        if self.part.template.area_level:
            yield make_row("@title", (CellSpec(LABEL_COL, "note"), self.part.head.title))
        if not self.geometry.is_form:
            if not self.geometry.is_published:
                yield self._code_row()
            yield from self._scale_rows()

    def _code_row(self) -> SheetRow:
        """Return the row with the form code."""
        label = translate("sheet.code", self.part.head.language)
        text = f"{label}: {form_code(self.part, self.area)}"
        return make_row("@code", (CellSpec(LABEL_COL, "note"), text))

    def _scale_rows(self) -> Iterator[SheetRow]:
        """Yield each scale of the template: as a line, or as a table with its distribution."""
        template = self.part.template
        columns = self.geometry.scored_columns
        scales = dict.fromkeys(f.scale for f in template.fields if f.kind == "scale")
        for scale in scales:
            has_figures = not self.geometry.is_form and self.geometry.has_figures
            if has_figures and columns[0].field.scale == scale:
                yield from self._distribution_rows(columns)
            else:
                legend = " · ".join(f"{s.value} {s.label}" for s in template.scales[scale])
                several = self.geometry.is_form and len(scales) > 1
                text = f"{self._fields_of(scale) if several else self._text('scale')}: {legend}"
                yield from self._lines("@scale", CellSpec(LABEL_COL, "note"), text, _NOTE_POINTS)

    def _fields_of(self, scale: str) -> str:
        """Return the labels of the fields with a scale, where a form explains several."""
        fields = (field for field in self.part.template.fields if field.scale == scale)
        return ", ".join(dict.fromkeys(field.label_for() for field in fields))

    def _distribution_rows(self, columns: Sequence[Column]) -> Iterator[SheetRow]:
        """Yield a table of the scale: each step, its label, its number of answers by date."""
        heads: list[SpecAndValue] = [
            (CellSpec(LABEL_COL, "head"), self._text("scale")),
            (CellSpec(LABEL_COL + 1, "head"), self._text("meaning")),
        ]
        for column in columns:
            day = day_text(column.date, self.language) if column.date else ""
            text = f"{self._text('share')} {day}"
            heads.append((CellSpec(column.col, "head", look="head_centred"), text))
        yield make_row("@scale", *heads)
        for step in columns[0].field_type.steps:
            value = CellSpec(LABEL_COL, "step", columns[0].field_type), step.value
            label = CellSpec(LABEL_COL + 1, "given"), step.label
            shares = [figure_cell(column, "share", step.value) for column in columns]
            yield make_row(f"@step{step.value}", value, label, *shares)
        if self.geometry.is_published:
            label = CellSpec(LABEL_COL + 1, "given"), self._term("unanswered")
            unanswered = [figure_cell(column, "unanswered") for column in columns]
            yield make_row("@unanswered", label, *unanswered)

    def figure_rows(self) -> Iterator[SheetRow]:
        """Yield how many measures there are and have an answer, and the means."""
        columns = self.geometry.scored_columns
        if not self.geometry.has_figures:
            return
        label_col = columns[0].col - 1
        current = next((c for c in columns if c.date == self.part.report_date), columns[-1])
        count = figure_cell(current, "count", col=columns[0].col)
        yield make_row("@count", (CellSpec(label_col, "sum_label"), self._text("measures")), count)
        hidden = self.geometry.hidden_cols(self.part.head.current)
        shown = [column for column in columns if column.col not in hidden]
        for key, stat in _FIGURES.items():
            label = CellSpec(label_col, "sum_label"), self._term(stat)
            yield make_row(key, label, *[figure_cell(column, stat) for column in shown])

    def _term(self, key: str) -> str:
        """Return a word that all outputs share."""
        return translate(f"term.{key}", self.language)

    def _text(self, key: str, **values: object) -> str:
        """Return a phrase of the sheet in its readers' language."""
        return translate(f"sheet.{key}", self.language, **values)


def is_guidance_key(key: str) -> bool:
    """Return True for the key of a row that says something of the sheet as a whole."""
    return key in _KEYS or key.startswith("@step")


def link_to_sheet(name: str) -> str:
    """Return the text of a link to another sheet of a form, up to its count."""
    return f"→ {name[:_LONGEST_LINK]}: "


def _fits(text: str, columns: Columns) -> bool:
    """Return True if a text takes one line in these columns together."""
    width = sum(width for _, width in columns)
    return bool(columns) and metrics.line_count(text, width, bold=True) == 1


def fitting_look(text: str, width: float, looks: Mapping[str, float]) -> str:
    """Return the first look in which a bold text takes one line of this width, else the last.

    `looks` are the sizes of letters in points, the largest first.
    """
    fitting = (
        look
        for look, points in looks.items()
        if metrics.line_count(text, width, points=points, bold=True) == 1
    )
    return next(fitting, list(looks)[-1])


def columns_after(text: str, columns: Columns, points: float) -> Columns:
    """Return the columns right of those that a bold text of this size needs; () if all."""
    for number in range(1, len(columns)):
        width = sum(w for _, w in columns[:number])
        if metrics.line_count(text, width, points=points, bold=True) == 1:
            return columns[number:]
    return ()


def figure_cell(
    column: Column, stat: Stat, step: int | str | None = None, *, col: int = 0
) -> SpecAndValue:
    """Return the cell of a figure of a column; it is in that column unless `col` is given."""
    style = stat if stat in ("count", "mean") else "share"
    figure = FigureSpec(stat, column.field.id, column.date, step)
    return CellSpec(col or column.col, style, figure=figure), None
