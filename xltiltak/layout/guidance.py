"""The rows between a sheet's heading and its table or cards.

A leader reads there what to do; everybody reads the scale, and in an appendix the figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xltiltak.layout.geometry import LABEL_COL, Column, Geometry
from xltiltak.layout.sheet_rows import (
    CellSpec,
    FigureSpec,
    SheetRow,
    SpecAndValue,
    Stat,
    card_overview_rows,
    make_row,
)
from xltiltak.model.field_types import FieldType
from xltiltak.model.language import translate
from xltiltak.model.report import BLANK_AREA, Report
from xltiltak.model.row_keys import form_code
from xltiltak.model.template import Field

MESSAGE_FIELD = "message"  # the slot of the leader's message to the coordinator, at the area's ref
_MESSAGE_TYPE, _MESSAGE = FieldType(), Field(MESSAGE_FIELD, "")


class Guidance:
    """The opening rows of one area's sheet."""

    def __init__(self, geometry: Geometry, part: Report, area: str) -> None:
        self.geometry, self.part, self.area = geometry, part, area
        own_language = part.areas.get(area, BLANK_AREA).language if geometry.is_form else ""
        self.language = own_language or part.head.language

    def opening_rows(self) -> Iterator[SheetRow]:
        """Yield all of them, from the contact to the figures."""
        is_form, is_published = self.geometry.is_form, self.geometry.is_published
        if is_form:
            yield make_row("@contact", (CellSpec(LABEL_COL, "plain", look="due"), self._contact()))
            yield make_row("@filled", (CellSpec(LABEL_COL, "filled"), None))
        if not is_published:
            label = translate("sheet.code", self.part.head.language)
            code = f"{label}: {form_code(self.part, self.area)}"
            yield make_row("@code", (CellSpec(LABEL_COL, "note"), code))
        yield from self._scale_rows()
        if is_form:
            yield SheetRow("")
            yield self._message_row()
        yield from self._figure_rows()

    def overview_rows(self, titles: Iterable[SheetRow]) -> Iterator[SheetRow]:
        """Yield the overview of a form's cards; `titles` are the title rows of the cards."""
        yield from card_overview_rows(self._text("overview"), titles)

    def _term(self, key: str) -> str:
        """Return a word that all outputs share."""
        return translate(f"term.{key}", self.language)

    def _text(self, key: str, **values: object) -> str:
        """Return a phrase of the sheet in its readers' language."""
        return translate(f"sheet.{key}", self.language, **values)

    def _contact(self) -> str:
        """Return the deadline, whom to ask, and where to find help, as far as they are given."""
        head, texts = self.part.head, []
        if head.deadline:
            texts.append(self._text("deadline", value=f"{head.deadline:%d.%m.%Y}"))
        if head.contact:
            texts.append(self._text("ask", value=head.contact))
        return " · ".join([*texts, self._text("help")])

    def _message_row(self) -> SheetRow:
        """Return the row for the leader's own message."""
        label_col, value_col = self.geometry.label_col, self.geometry.value_col
        if self.geometry.is_table:
            label = CellSpec(label_col, "asking"), self._text("message")
        else:  # short: on a card the label cannot run over to the left
            label = CellSpec(label_col, "label"), self._text("message_on_card")
        message = CellSpec(value_col, "input", _MESSAGE_TYPE, _MESSAGE), None
        return make_row("@message", label, message, refs=(self.area,))

    def _scale_rows(self) -> Iterator[SheetRow]:
        """Yield each scale of the template: as a line, or as a table with its distribution."""
        template = self.part.template
        columns = self.geometry.scored_columns
        for scale in dict.fromkeys(f.scale for f in template.fields if f.kind == "scale"):
            has_figures = not self.geometry.is_form and self.geometry.has_figures
            if has_figures and columns[0].field.scale == scale:
                yield from self._distribution_rows(columns)
            else:
                legend = " · ".join(f"{s.value} {s.label}" for s in template.scales[scale])
                text = f"{self._text('scale')}: {legend}"
                yield make_row("@scale", (CellSpec(LABEL_COL, "note"), text))

    def _distribution_rows(self, columns: tuple[Column, ...]) -> Iterator[SheetRow]:
        """Yield a table of the scale: each step, its label, its number of answers by date."""
        heads: list[SpecAndValue] = [
            (CellSpec(LABEL_COL, "head"), self._text("scale")),
            (CellSpec(LABEL_COL + 1, "head"), self._text("meaning")),
        ]
        for column in columns:
            text = f"{self._text('share')} {_date_in_label(column)}"
            heads.append((CellSpec(column.col, "head", look="head_centred"), text))
        yield make_row("@scale", *heads)
        for step in columns[0].field_type.steps:
            value = CellSpec(LABEL_COL, "step", columns[0].field_type), step.value
            label = CellSpec(LABEL_COL + 1, "given"), step.label
            shares = [_figure(column, "share", step.value) for column in columns]
            yield make_row(f"@step{step.value}", value, label, *shares)
        if self.geometry.is_published:
            label = CellSpec(LABEL_COL + 1, "given"), self._term("unanswered")
            unanswered = [_figure(column, "unanswered") for column in columns]
            yield make_row("@unanswered", label, *unanswered)

    def _figure_rows(self) -> Iterator[SheetRow]:
        """Yield how many measures there are and have an answer, and the means."""
        columns = self.geometry.scored_columns
        if not self.geometry.has_figures:
            return
        answered = [_figure(column, "answered") for column in columns]
        label = CellSpec(LABEL_COL + 1, "total"), self._term("answered")
        yield make_row("@answered", label, *answered)
        current = next((c for c in columns if c.date == self.part.report_date), columns[-1])
        count = _figure(current, "count", col=LABEL_COL)
        label = CellSpec(LABEL_COL + 1, "total"), self._term("mean")
        yield make_row("@mean", count, label, *[_figure(column, "mean") for column in columns])


def _figure(
    column: Column, stat: Stat, step: int | str | None = None, *, col: int = 0
) -> SpecAndValue:
    """Return the cell of a figure of a column; it is in that column unless `col` is given."""
    style = stat if stat in ("count", "mean") else "share"
    figure = FigureSpec(stat, column.field.id, column.date, step)
    return CellSpec(col or column.col, style, figure=figure), None


def _date_in_label(column: Column) -> str:
    """Return the date as the column's own label writes it."""
    label = column.field.label
    return label[label.index("{") :].format(date=column.date) if column.date else ""
