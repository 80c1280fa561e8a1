"""What stands between heading and table: for a leader what to do, for everybody the scale and the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from xltiltak.layout import cards
from xltiltak.layout.geometry import LABEL_COL, Column, Geometry
from xltiltak.layout.sheet_rows import CellSpec, FigureSpec, SheetRow, Stat, fixed
from xltiltak.model.field_types import FieldType
from xltiltak.model.language import translate
from xltiltak.model.normalize import CellValue
from xltiltak.model.report import BLANK_AREA, Report
from xltiltak.model.row_keys import form_code
from xltiltak.model.template import Field

MESSAGE_FIELD = (
    "message"  # the slot of the leader's own words to the coordinator, under the area's ref
)
_WORDS, _OWN = FieldType(), Field(MESSAGE_FIELD, "")


class Guidance:
    """The lines in the making, of one area's sheet."""

    def __init__(self, geometry: Geometry, part: Report, area: str) -> None:
        self.geometry, self.part, self.area = geometry, part, area

    def word(self, key: str, **values: object) -> str:
        """A phrase of the sheet, in the language its readers have."""
        return translate(f"sheet.{key}", self._language, **values)

    @cached_property
    def _language(self) -> str:
        known = (
            self.part.areas.get(self.area, BLANK_AREA).language if not self.geometry.plan else ""
        )
        return known or self.part.head.language

    def overview(self, titles: Iterable[SheetRow]) -> Iterator[SheetRow]:
        """A line for each card of a form, from their title lines."""
        yield from cards.overview(self.word("overview"), titles)

    def lines(self) -> Iterator[SheetRow]:
        """All of them."""
        head = self.part.head
        if not self.geometry.plan:
            yield fixed("@contact", (CellSpec(LABEL_COL, "plain", look="due"), self._contact()))
            yield fixed("@filled", (CellSpec(LABEL_COL, "filled"), None))
        if not self.geometry.public:
            code = f"{translate('sheet.code', head.language)}: {form_code(self.part, self.area)}"
            yield fixed("@code", (CellSpec(LABEL_COL, "note"), code))
        yield from self.alike("scales", self._scales)
        if not self.geometry.plan:
            yield SheetRow("")
            yield self._message()
        yield from self.alike("figures", self._figures)

    def alike(self, what: str, made: Callable[[], Iterable[SheetRow]]) -> tuple[SheetRow, ...]:
        """Lines that are the same on the sheets of all areas whose readers speak the same language: made once."""
        key = (what, self._language, self.part.head.current)
        if key not in self.geometry.shared_lines_cache:
            self.geometry.shared_lines_cache[key] = tuple(made())
        return self.geometry.shared_lines_cache[key]

    def _contact(self) -> str:
        head = self.part.head
        known = [
            (head.deadline, "deadline", f"{head.deadline:%d.%m.%Y}" if head.deadline else ""),
            (head.contact, "ask", head.contact),
        ]
        said = [self.word(key, value=shown) for present, key, shown in known if present]
        return " · ".join([*said, self.word("help")])

    def _message(self) -> SheetRow:
        """Room for the leader's own words; without a table there is one wide column for it."""
        if self.geometry.is_table:
            label = CellSpec(self.geometry.label_col, "asking"), self.word("message")
        else:  # to the left of it a card has no room to run into
            label = CellSpec(self.geometry.label_col, "label"), self.word("message_on_card")
        room = (CellSpec(self.geometry.value_col, "input", _WORDS, _OWN), None)
        return fixed("@message", label, room, refs=(self.area,))

    def _scales(self) -> Iterator[SheetRow]:
        template = self.part.template
        for scale in dict.fromkeys(f.scale for f in template.fields if f.kind == "scale"):
            steps = template.scales[scale]
            if (
                self.geometry.plan
                and self.geometry.has_figures
                and self.geometry.scored_columns[0].field.scale == scale
            ):
                yield from self._distribution()
            else:
                legend = " · ".join(f"{s.value} {s.label}" for s in steps)
                yield fixed(
                    "@scale", (CellSpec(LABEL_COL, "note"), f"{self.word('scale')}: {legend}")
                )

    def _distribution(self) -> Iterator[SheetRow]:
        """The scale as a table: each step, its word and how often it was answered at each date."""
        columns = self.geometry.scored_columns
        names = (
            (CellSpec(LABEL_COL, "head"), self.word("scale")),
            (CellSpec(LABEL_COL + 1, "head"), self.word("meaning")),
        )
        centred = "head_centred"
        heads = (
            (CellSpec(c.col, "head", look=centred), f"{self.word('share')} {_day_in_label(c)}")
            for c in columns
        )
        yield fixed("@scale", *names, *heads)
        for step in columns[0].field_type.steps:
            shares = (_figure(c, "share", step.value) for c in columns)
            value = (CellSpec(LABEL_COL, "step", columns[0].field_type), step.value)
            yield fixed(
                f"@step{step.value}", value, (CellSpec(LABEL_COL + 1, "given"), step.label), *shares
            )

    def _figures(self) -> Iterator[SheetRow]:
        """How many measures there are and have answered, and the means, as the published page shows them."""
        columns = self.geometry.scored_columns
        if not self.geometry.has_figures:
            return
        answered = (_figure(c, "answered") for c in columns)
        yield fixed(
            "@answered", (CellSpec(LABEL_COL + 1, "total"), self.word("answered")), *answered
        )
        count = _figure(self._current(columns), "count", col=LABEL_COL)
        means = (_figure(c, "mean") for c in columns)
        yield fixed("@mean", count, (CellSpec(LABEL_COL + 1, "total"), self.word("mean")), *means)

    def _current(self, columns: tuple[Column, ...]) -> Column:
        return next((c for c in columns if c.date == self.part.head.current), columns[-1])


def _figure(
    column: Column, stat: Stat, step: int | str | None = None, *, col: int = 0
) -> tuple[CellSpec, CellValue]:
    """A number over a column, in that column unless another is given."""
    figure = FigureSpec(stat, column.field.id, column.date, step)
    style = stat if stat in ("count", "mean") else "share"
    return CellSpec(col or column.col, style, figure=figure), None


def _day_in_label(column: Column) -> str:
    """The date as the column's own label writes it."""
    label = column.field.label
    return label[label.index("{") :].format(date=column.date) if column.date else ""
