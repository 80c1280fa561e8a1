"""The opening rows of an area sheet in the first layout, which version 0.1 wrote.

Such sheets are read, and no longer written. Everything but answers stood above the table.
"""

from __future__ import annotations

from collections.abc import Iterator

from xltiltak.layout.geometry import LABEL_COL, Column, Geometry
from xltiltak.layout.guidance import MESSAGE_FIELD, figure_cell
from xltiltak.layout.sheet_rows import (
    CellSpec,
    SheetRow,
    SpecAndValue,
    make_row,
)
from xltiltak.model.field_types import FieldType
from xltiltak.model.language import translate
from xltiltak.model.report import BLANK_AREA, Report
from xltiltak.model.row_keys import form_code
from xltiltak.model.template import Field

_MESSAGE_TYPE, _MESSAGE = FieldType(), Field(MESSAGE_FIELD, "")


class FirstGuidance:
    """The opening rows of one area's sheet in the first layout."""

    def __init__(self, geometry: Geometry, part: Report, area: str) -> None:
        self.geometry, self.part, self.area = geometry, part, area
        own_language = part.areas.get(area, BLANK_AREA).language if geometry.is_form else ""
        self.language = own_language or part.head.language

    def opening_rows(self) -> Iterator[SheetRow]:
        """Yield all of them, from the contact to the figures."""
        is_form = self.geometry.is_form
        if is_form:
            yield make_row("@contact", (CellSpec(LABEL_COL, "plain", look="due"), self._contact()))
            yield make_row("@filled", (CellSpec(LABEL_COL, "filled"), None))
        label = translate("sheet.code", self.part.head.language)
        code = f"{label}: {form_code(self.part, self.area)}"
        yield make_row("@code", (CellSpec(LABEL_COL, "note"), code))
        yield from self._scale_rows()
        if is_form:
            yield SheetRow("")
            yield self._message_row()
        yield from self._figure_rows()

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
            texts.append(self._text("deadline", value=head.deadline))
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
            shares = [figure_cell(column, "share", step.value) for column in columns]
            yield make_row(f"@step{step.value}", value, label, *shares)

    def _figure_rows(self) -> Iterator[SheetRow]:
        """Yield how many measures there are and have an answer, and the means."""
        columns = self.geometry.scored_columns
        if not self.geometry.has_figures:
            return
        answered = [figure_cell(column, "answered") for column in columns]
        label = CellSpec(LABEL_COL + 1, "total"), self._term("answered")
        yield make_row("@answered", label, *answered)
        current = next((c for c in columns if c.date == self.part.report_date), columns[-1])
        count = figure_cell(current, "count", col=LABEL_COL)
        label = CellSpec(LABEL_COL + 1, "total"), self._term("mean")
        yield make_row("@mean", count, label, *[figure_cell(column, "mean") for column in columns])


def _date_in_label(column: Column) -> str:
    """Return the date as the column's own label writes it."""
    label = column.field.label
    return column.field.filled(label[label.index("{") :], column.date) if column.date else ""
