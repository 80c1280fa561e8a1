"""Write the changes between two appendices as a workbook with one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from xltiltak.model.language import translate
from xltiltak.model.report import Head
from xltiltak.sheets.lists import ListSheet
from xltiltak.sheets.workbook import new_workbook
from xltiltak.years.comparison import ReportChange, counts_text, grouped

# In characters. The names are keys of the catalogue.
_WIDTHS = {"sort": 16, "area": 28, "what": 40, "before": 50, "after": 50, "ref": 12}
_MAX_LENGTH = 32_000  # characters of a text in a cell


def write_changes(changes: Sequence[ReportChange], head: Head, *, every: bool) -> bytes:
    """Return the workbook. `head` has the details of the newer report.

    With `every` each new answer has its row; else they are counted.
    """
    target, language = BytesIO(), head.language
    with new_workbook(target, head) as book:
        title = translate("compare.title", language)
        columns = [(translate(f"compare.{name}", language), w) for name, w in _WIDTHS.items()]
        sheet = ListSheet(book, title, columns)
        sheet.add_title(f"{title}: {head.title}")
        sheet.add_note(counts_text(changes, language))
        sheet.add_header()
        for change in grouped(changes, every=every):
            cells = [
                change.kind_text(language),
                change.area,
                change.subject_text(language),
                change.before,
                change.after,
            ]
            row = [*(text[:_MAX_LENGTH] for text in cells), change.ref]
            sheet.add_row(row, ["given"] * len(_WIDTHS))
    return target.getvalue()
