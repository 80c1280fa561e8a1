"""The mistakes that people make in returned forms, one function for each kind.

A function changes the form as a spreadsheet program would. The text that is typed comes from
`mistakes.toml`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_KEY_COLUMN, _FIRST_VISIBLE_COLUMN = 1, 2
_MESSAGE_ROW = "@message"  # the row key of the leader's message to the coordinator


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in one form.

    `kind` is a key of `MISTAKES`, `ref` the measure it happens to, and `typed` what is typed. For
    a mistake that covers several rows, `last` is the ref of the last one. `number_format` is the
    format that the spreadsheet program gives the cell.
    """

    kind: str
    ref: str = ""
    typed: Any = None
    last: str = ""
    number_format: str = ""


class Form:
    """A form opened for editing. The cells to fill in are those that are not locked."""

    def __init__(self, path: Path) -> None:
        from openpyxl import load_workbook

        self.book = load_workbook(path)
        self.sheet = self.book.worksheets[0]
        self.rows = {row[0].value: row for row in self.sheet.iter_rows() if row[0].value}

    def input_cells(self, row_key: str) -> list[Any]:
        """Return the cells of a row that are to be filled in."""
        return [cell for cell in self.rows[row_key] if not cell.protection.locked]

    def locked_cells(self, row_key: str) -> list[Any]:
        """Return the visible cells before the first input cell; the last is the previous status."""
        first = self.input_cells(row_key)[0].column
        return list(self.rows[row_key][_FIRST_VISIBLE_COLUMN - 1 : first - 1])

    def answer(self, row_key: str, answers: Sequence[object]) -> None:
        """Fill in a row, one answer for each input cell. None empties a cell."""
        for cell, value in zip(self.input_cells(row_key), answers, strict=True):
            cell.value = value

    def name(self, ref: str) -> Any:
        """Return the cell with the text of a measure."""
        return next(cell for cell in self.locked_cells(ref) if isinstance(cell.value, str))

    def status(self, ref: str) -> Any:
        """Return the cell of a measure's status."""
        return self.input_cells(ref)[0]

    def remark(self, ref: str) -> Any:
        """Return the cell of a measure's remark."""
        return self.input_cells(ref)[1]

    def unprotect(self) -> None:
        """Unprotect the sheet, as with Review > Unprotect Sheet; there is no password."""
        self.sheet.protection.sheet = False

    def to_bytes(self, saved_by: str, saved_at: datetime) -> bytes:
        """Return the file as that person saved it then.

        openpyxl would write the current time, so the parts are packed again with a fixed one:
        every demonstration gives the same bytes.
        """
        from openpyxl.writer.excel import ExcelWriter

        properties = self.book.properties
        properties.lastModifiedBy, properties.modified = saved_by, saved_at
        written, fixed = BytesIO(), BytesIO()
        ExcelWriter(self.book, ZipFile(written, "w")).save()
        with ZipFile(written) as parts, ZipFile(fixed, "w", ZIP_DEFLATED) as archive:
            for name in parts.namelist():
                part = ZipInfo(name, saved_at.timetuple()[:6])
                archive.writestr(part, parts.read(name), ZIP_DEFLATED)
        return fixed.getvalue()


def number_and_word(form: Form, mistake: Mistake) -> None:
    """Write the number of a step and its word. This can be read in one way only."""
    form.status(mistake.ref).value = mistake.typed


def word(form: Form, mistake: Mistake) -> None:
    """Write the word of a step instead of its number. This can be read in one way only."""
    form.status(mistake.ref).value = mistake.typed


def number_off_the_scale(form: Form, mistake: Mistake) -> None:
    """Write a number that is not on the scale, as a count that belongs in the remark."""
    form.status(mistake.ref).value = mistake.typed


def between_two_steps(form: Form, mistake: Mistake) -> None:
    """Write a status between two steps. The program must not choose one of them."""
    form.status(mistake.ref).value = mistake.typed


def became_a_day(form: Form, mistake: Mistake) -> None:
    """Type "1-2" because the answer is 1 or 2; the spreadsheet program turns it into a date."""
    cell = form.status(mistake.ref)
    cell.value, cell.number_format = mistake.typed, mistake.number_format


def past_rewritten(form: Form, mistake: Mistake) -> None:
    """Unprotect the sheet and lower the previous status to hide that the status has fallen."""
    form.unprotect()
    form.locked_cells(mistake.ref)[-1].value = mistake.typed


def text_rewritten(form: Form, mistake: Mistake) -> None:
    """Unprotect the sheet and change the text of a measure, which should be changed in the plan."""
    form.unprotect()
    form.name(mistake.ref).value = mistake.typed


def measure_added(form: Form, mistake: Mistake) -> None:
    """Write a new measure below the last row, with a number of its own."""
    form.unprotect()
    row = form.sheet.max_row + 1
    for column, value in enumerate(mistake.typed, _FIRST_VISIBLE_COLUMN):
        if value != "":
            form.sheet.cell(row, column).value = value


def pasted_from_the_web(form: Form, mistake: Mistake) -> None:
    """Paste the remark from a web page, with its tags."""
    cell = form.remark(mistake.ref)
    paragraphs = (escape(line, quote=False) for line in cell.value.split("\n"))
    cell.value = "".join(f'<p class="MsoNormal">{text}</p>' for text in paragraphs)


def sorted_without_refs(form: Form, mistake: Mistake) -> None:
    """Sort the visible columns of some rows by status. The hidden row keys stay where they were."""
    form.unprotect()
    keys = list(form.rows)
    block_keys = keys[keys.index(mistake.ref) : keys.index(mistake.last) + 1]
    block = [form.rows[key][_KEY_COLUMN:] for key in block_keys]
    status = form.status(mistake.ref).column - _FIRST_VISIBLE_COLUMN
    rows = [[cell.value for cell in row] for row in block]
    rows.sort(key=lambda values: -values[status])
    for row, values in zip(block, rows, strict=True):
        for cell, value in zip(row, values, strict=True):
            cell.value = value


def note_beside(form: Form, mistake: Mistake) -> None:
    """Write a note in the margin, to the right of the last column."""
    last = form.input_cells(mistake.ref)[-1]
    form.sheet.cell(last.row, last.column + 1).value = mistake.typed


def forgotten(form: Form, mistake: Mistake) -> None:
    """Leave the row of a measure empty."""
    form.answer(mistake.ref, [None] * len(form.input_cells(mistake.ref)))


def other_view(form: Form, mistake: Mistake) -> None:
    """Answer for a measure that another leader has answered, with another status."""
    form.status(mistake.ref).value = mistake.typed


def asked(form: Form, mistake: Mistake) -> None:
    """Write a question to the coordinator in the field for messages."""
    form.answer(_MESSAGE_ROW, [mistake.typed])


MISTAKES: dict[str, Callable[[Form, Mistake], None]] = {
    function.__name__: function
    for function in (
        number_and_word,
        word,
        number_off_the_scale,
        between_two_steps,
        became_a_day,
        past_rewritten,
        text_rewritten,
        measure_added,
        pasted_from_the_web,
        sorted_without_refs,
        note_beside,
        forgotten,
        other_view,
        asked,
    )
}


def printed(text: str) -> bytes:
    """Return a PDF, as when a signed form was scanned and the file renamed to .xlsx."""
    objects = ("1 0 obj << /Type /Catalog >> endobj", f"% {text}", "trailer << /Root 1 0 R >>")
    return "\n".join(["%PDF-1.4", *objects, "%%EOF"]).encode()


def left_open(user: str) -> bytes:
    """Return the owner file that Excel leaves beside a workbook that a user has open."""
    length = bytes([len(user)])
    return length + user.ljust(54).encode() + length + b"\0" + user.ljust(54).encode("utf-16-le")
