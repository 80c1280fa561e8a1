"""Say what a locked cell of a returned form holds, if a person sees another thing than was sent."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from xltiltak.intake.returned_sheet import CellChange
from xltiltak.model.cell_values import CellValue, ErrorValue, FormattedNumber
from xltiltak.model.field_types import ChoiceType, Reading, Value
from xltiltak.model.readings import quote, read, repair
from xltiltak.model.register import Change
from xltiltak.model.report import Head
from xltiltak.model.typed_text import strip_invisible


def locked_change(cell_change: CellChange, head: Head) -> Change | None:
    """Return the change of a locked slot; None if its cells mean what was sent."""
    values = cell_change.cell_values
    reading = read(cell_change.field_type, values, head, cell_change.sent)
    without_value = cell_change.formulas_without_value
    value: Value | None = reading.value
    if _is_unseen(cell_change, head.language):
        value = None
    elif reading.outcome == "invalid" or without_value:
        shown = quote(values, head.language)
        value = "\n".join([*([shown] if shown else []), *("=" + f for f in without_value)])
    elif reading.outcome != "taken" and _has_words_added(values):
        value = quote(values, head.language)
    elif value == cell_change.sent or _is_seen_as_sent(cell_change, head.language):
        return None
    elif _is_shown_otherwise(cell_change, reading, head.language):
        value = quote(values, head.language)
    return Change(
        cell_change.slot, cell_change.sent, value, cell_change.first_cell, is_editable=False
    )


def _is_unseen(cell_change: CellChange, language: str) -> bool:
    """Return True if what was sent stands in the cells, and a number format shows nothing of it."""
    values, sent = cell_change.cell_values, cell_change.sent
    if sent is None or not any(isinstance(cell, ErrorValue) for cell in values):
        return False
    as_sent = cell_change.field_type.display(sent, language)
    return _seen_words(quote(values, language)) == _seen_words(as_sent)


def _has_words_added(values: Sequence[CellValue]) -> bool:
    """Return True if a number format adds words to a number, as in "not 3", or another unit."""
    return any(isinstance(cell, FormattedNumber) and cell.kind == "other" for cell in values)


def _is_seen_as_sent(cell_change: CellChange, language: str) -> bool:
    """Return True if only white space and signs that show nothing differ from a text as sent."""
    sent = cell_change.sent
    if not isinstance(sent, str | tuple) or isinstance(cell_change.field_type, ChoiceType):
        return False
    as_sent = cell_change.field_type.display(sent, language)
    return _seen_words(quote(cell_change.cell_values, language)) == _seen_words(as_sent)


def _seen_words(text: str) -> list[str]:
    return strip_invisible(unicodedata.normalize("NFC", text)).split()


def _is_shown_otherwise(cell_change: CellChange, reading: Reading, language: str) -> bool:
    """Return True if a number, a day or a truth value shows more than the value that was read."""
    cells = cell_change.cell_values
    is_text = any(isinstance(cell, str) for cell in cells)
    return not is_text and bool(repair(cell_change.field_type, cells, reading, language))
