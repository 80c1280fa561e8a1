"""Write the list of changes between two appendices: a workbook of one sheet, to go with a correction."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from xltiltak.model.language import translate
from xltiltak.model.report import Head
from xltiltak.sheets.lists import ListSheet
from xltiltak.sheets.workbook import new_workbook
from xltiltak.years.comparison import ReportChange

_WIDTHS = {"sort": 16, "area": 28, "what": 40, "before": 50, "after": 50, "ref": 12}  # characters
_MOST = 32_000  # characters of a text in a cell


def write_changes(changes: Sequence[ReportChange], head: Head) -> bytes:
    """The workbook; `head` is the newer report's."""
    target, language = BytesIO(), head.language
    with new_workbook(target, head) as book:
        title = translate("compare.title", language)
        table = ListSheet(
            book,
            title,
            [(translate(f"compare.{name}", language), w) for name, w in _WIDTHS.items()],
        )
        table.add_title(f"{title}: {head.title}")
        table.add_note(translate("compare.count", language, count=len(changes)))
        table.add_header()
        for change in changes:
            cells = [
                change.kind_text(language),
                change.area,
                change.subject_text(language),
                change.before,
                change.after,
            ]
            table.add_row([*(text[:_MOST] for text in cells), change.ref], ["given"] * len(_WIDTHS))
    return target.getvalue()
