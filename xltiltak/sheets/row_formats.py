"""What rows with the same cells have in common: their XML pattern, heights and validations.

A workbook has thousands of rows but few kinds of them; `RowFormats` prepares each kind once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from xlsxwriter.format import Format

from xltiltak.layout import metrics
from xltiltak.layout.geometry import KEY_COL, LABEL_COL, Geometry
from xltiltak.layout.sheet_rows import CellSpec
from xltiltak.model.normalize import CellValue
from xltiltak.sheets import card_formulas, style
from xltiltak.sheets.validation import validation_specs
from xltiltak.sheets.workbook import WorkbookWriter
from xltiltak.xlsx.row_writer import RowPattern, RowSheet

_EMPTY_ROW_HEIGHT = 5.0  # points
_DEFAULT_WIDTH = 10.0  # characters, of a column without a width
_LIVE_STYLES = {"filled", "sum"} | card_formulas.LIVE_STYLES


class RowFormat:
    """One kind of row. With `hidden` the row is not shown."""

    def __init__(
        self,
        book: WorkbookWriter,
        geometry: Geometry,
        specs: tuple[CellSpec, ...],
        language: str,
        *,
        hidden: bool,
    ) -> None:
        self._book, self._geometry, self._hidden = book, geometry, hidden
        self._pattern: RowPattern | None = None
        self.specs = specs
        self.validations = validation_specs(book, specs, language, geometry.purpose)
        self.live = [
            (index, spec)
            for index, spec in enumerate(specs)
            if spec.figure or spec.style in _LIVE_STYLES
        ]
        measured = [
            _measure(spec.cell_style, geometry.widths.get(spec.col, _DEFAULT_WIDTH))
            for spec in specs
        ]
        self._least = max((least for least, _, _ in measured), default=_EMPTY_ROW_HEIGHT)
        self._padding = max((p for _, p, _ in measured if p is not None), default=0.0)
        self._wrapped = [
            (index, measured[index][2])
            for index, spec in enumerate(specs)
            if _wraps(spec) and not spec.figure
        ]

    def height(self, values: Sequence[CellValue]) -> float:
        """Return the height in points of a row with these values."""
        heights = [self._least]
        for index, height_of in self._wrapped:
            text = values[index]
            if type(text) is str:
                heights.append(height_of(text))
        return self._padding + max(heights)

    def pattern_on(self, sheet: RowSheet) -> RowPattern:
        """Return the pattern of the row's XML, made by the first sheet that needs it.

        Rows that somebody may type in grow with their text.
        """
        if self._pattern is None:
            cells = [(KEY_COL, self._book.format("mark"))]
            cells += [(spec.col, self._cell_format(spec)) for spec in self.specs]
            is_input = any(spec.style == "input" for spec in self.specs)
            grows = is_input or not self._geometry.is_form
            self._pattern = sheet.row_pattern(cells, grows=grows, hidden=self._hidden)
        return self._pattern

    def _cell_format(self, spec: CellSpec) -> Format:
        """Return the format of one cell."""
        number_format, centred = "", False
        if spec.field_type and spec.style in style.SLOT_STYLES:
            number_format = spec.field_type.number_format
            centred = self._geometry.is_table and spec.field_type.is_centred
        return self._book.format(spec.cell_style, number_format, centred, _wraps(spec))


class RowFormats:
    """The row formats of one workbook."""

    def __init__(self, book: WorkbookWriter) -> None:
        self.book = book
        self._formats: dict[tuple[object, ...], RowFormat] = {}

    def format_of(
        self, geometry: Geometry, specs: tuple[CellSpec, ...], language: str, *, hidden: bool
    ) -> RowFormat:
        """Return the format of rows with these cells."""
        key = (geometry, specs, language, hidden)
        row_format = self._formats.get(key)
        if row_format is None:
            row_format = RowFormat(self.book, geometry, specs, language, hidden=hidden)
            self._formats[key] = row_format
        return row_format


def _wraps(spec: CellSpec) -> bool:
    """Return True if a long text is broken into lines within the cell."""
    if spec.style == "heading" and spec.col != LABEL_COL:  # the name on a card
        return True
    return not {spec.style, spec.cell_style} & style.NO_WRAP


@lru_cache(maxsize=256)
def _measure(cell_style: str, width: float) -> tuple[float, float | None, metrics.Measure]:
    """Return a cell style's height when empty, its padding, and its height by text; in points."""
    points = style.POINTS.get(cell_style, style.DEFAULT_POINTS)
    room = width - style.INDENT * (cell_style in style.INDENTED)
    is_bold = cell_style in style.BOLD
    return (
        metrics.row_height("", 1, points=points),
        style.PADDING.get(cell_style),
        metrics.row_height_function(room, points, is_bold),
    )
