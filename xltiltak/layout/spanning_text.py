"""Rows that span a table: a group's heading on a band, and below it the group's own texts.

A text runs on over the empty cells to its right, so no cells are merged. A text wider than the
table is split into several rows. The last character of such a row's key says which character was
removed at the split: "+" a space, "^" a line break.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from xltiltak.layout import metrics
from xltiltak.layout.sheet_rows import CellSpec, SheetRow
from xltiltak.model.normalize import CellValue, display

_INDENT = 2.0  # characters
_SEPARATORS = {"+": " ", "^": "\n"}  # by the last character of a row key


def heading_band(specs: Sequence[CellSpec], columns: Iterable[int]) -> Iterator[CellSpec]:
    """Yield a heading's row from side to side of the table."""
    yield from (spec.with_look("over") for spec in specs)
    yield from _background(specs, columns, "under")


def spread_rows(
    rows: Iterable[SheetRow], columns: Sequence[int], width: float
) -> Iterator[SheetRow]:
    """Yield the rows of a group's locked text, split to `width` characters.

    Without `columns` there is no band behind the text.
    """
    look = "across" if columns else "along"
    for row in rows:
        *label_specs, spec = row.specs
        *labels, value = row.values
        if isinstance(value, str):
            pieces = list(_split_text(value, width - _INDENT))
        else:
            pieces = [("", value)]
        for number, (suffix, piece) in enumerate(pieces):
            is_last = number == len(pieces) - 1
            specs = [] if suffix else [label.with_look("aside") for label in label_specs]
            specs.append(spec.with_look(look if is_last else f"{look}_on"))
            specs += _background(specs, columns, "ground")
            values = [piece] if suffix else [*labels, piece]
            values += [None] * (len(specs) - len(values))
            yield SheetRow(row.key + suffix, tuple(specs), tuple(values), row.refs)


def summary_band(row: SheetRow, columns: Iterable[int]) -> SheetRow:
    """Return the row of a group's summary with a band behind it."""
    empty = list(_background(row.specs, columns, "ground"))
    specs = (*(spec.with_look("sum_on_band") for spec in row.specs), *empty)
    return row._replace(specs=specs, values=(*row.values, *[None] * len(empty)))


def separator_before(row_key: str) -> str:
    """Return the character removed before a row's text; "" for a row that begins a text."""
    return _SEPARATORS.get(row_key[-1:], "") if "|" in row_key else ""


def join_pieces(before: CellValue, separator: str, piece: CellValue) -> CellValue:
    """Return the text of two rows as it was before the split."""
    return separator.join("" if value is None else display(value) for value in (before, piece))


def _background(specs: Iterable[CellSpec], columns: Iterable[int], look: str) -> list[CellSpec]:
    """Return empty cells for the columns that have none."""
    taken = {spec.col for spec in specs}
    return [CellSpec(col, "plain", look=look) for col in columns if col not in taken]


def _split_text(text: str, width: float) -> Iterator[tuple[str, CellValue]]:
    """Yield pieces that fit the width, each with its suffix of the row key; None if empty."""
    for paragraph_number, paragraph in enumerate(text.split("\n")):
        for piece_number, piece in enumerate(metrics.split_paragraph(paragraph, width)):
            suffix = "+" if piece_number else "^" if paragraph_number else ""
            yield suffix, piece or None
