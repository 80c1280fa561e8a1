"""Read a returned form back: find the marks, walk the same columns, tell whose slot each changed cell is.

Nothing is judged here; what belongs to no slot is handed on with its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from xltiltak import language
from xltiltak.errors import ForeignWorkbook, SkippedFile
from xltiltak.geometry import geometry_of
from xltiltak.marks import form_code
from xltiltak.repair import Raw
from xltiltak.report import Report
from xltiltak.workbook.columns import OPENING, Columns
from xltiltak.workbook.package import Package
from xltiltak.workbook.returned import AreaSheet, Returned, strays_of
from xltiltak.workbook.sheets import Sheet, read_sheets
from xltiltak.workbook.snapshot import LEDGER, SHEET, unpack
from xltiltak.workbook.walk import Walk


def read_form(package: Package) -> Returned:
    """Every area sheet of a workbook. Raises WorkbookError."""
    sheets = list(read_sheets(package))
    hidden = next((s for s in sheets if s.rows.get(1, {}).get(1) == SHEET), None)
    if hidden is None:
        raise ForeignWorkbook("hidden")
    if any(row.get(1) == LEDGER for row in hidden.rows.values()):
        raise SkippedFile("own")
    snapshot = unpack(hidden.rows)
    parts = snapshot.sent.parts()
    forms = {sheet.name: _Form(sheet, snapshot.sent, parts) for sheet in sheets if sheet is not hidden}
    found = tuple(form.read() for form in forms.values() if form.area)
    if not found:
        raise ForeignWorkbook("areas")
    others = ((s.name, s) for s in sheets if s is not hidden and not forms[s.name].area)
    filled = tuple((name, stray) for name, sheet in others for stray in strays_of(sheet))
    return Returned(snapshot, found, filled, tuple(package.active))


class _Form:
    """One sheet that may be a form: where its marks and columns have gone, and what its slots hold."""

    def __init__(self, sheet: Sheet, sent: Report, parts: dict[str, Report]) -> None:
        self.sheet, self.whole, self.parts = sheet, sent, parts
        self.geometry = geometry_of(sent.template, sent.head.dates, sent.head.language)
        self.columns = Columns(sheet, self.geometry)

    @cached_property
    def area(self) -> str | None:
        """Whose sheet it is: by its visible code, without one by its marks; None when it is no form of this round."""
        return self.codes.get(self.shown_code) or self.marked or self._by_text()

    @cached_property
    def marked(self) -> str | None:
        """The area that most of the marks belong to; None when there are none of ours."""
        marks = {text for text in self._marks() if isinstance(text, str)}
        held = {ref: sum(n.ref in marks for n in part.nodes) for ref, part in self.parts.items()}
        best = max(held, key=lambda ref: held[ref], default=None)
        return best if best and held[best] else None

    @cached_property
    def codes(self) -> dict[str, str]:
        """The form code of every area of the workbook."""
        return {form_code(part, ref): ref for ref, part in self.parts.items()}

    @cached_property
    def shown_code(self) -> str:
        """The form code as it stands on the sheet, whosever it is; empty without one."""
        before = language.word("sheet.code", self.whole.head.language) + ": "
        rows = (row for number, row in self.sheet.rows.items() if number <= OPENING)
        texts = (text for row in rows for text in row.values() if isinstance(text, str))
        return next((text.removeprefix(before).strip() for text in texts if text.startswith(before)), "")

    def read(self) -> AreaSheet:
        """The sheet, cell by cell."""
        sent = self.parts[str(self.area)]
        found = AreaSheet(self.sheet.name, str(self.area), sent, code=self.shown_code, beyond=self.sheet.beyond or "")
        found.unclear = self.marked if self.marked not in (None, self.area) else ""
        Walk(self.sheet, self.columns, found).walk()
        return found

    def _by_text(self) -> str | None:
        """A sheet copied without its hidden column is known by the table's labels, in a book of one area."""
        return next(iter(self.parts)) if len(self.parts) == 1 and self.columns.head else None

    def _marks(self) -> Iterator[Raw]:
        col = self.columns.marks
        return (row[col] for row in self.sheet.rows.values() if col in row) if col else iter(())
