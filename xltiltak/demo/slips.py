"""What happens to a form on its way through an office: it is answered, and then people are people.

Every slip is a function of its own, told as what somebody did. It changes the form as a spreadsheet program would;
what it types stands in `slips.toml`.
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

_MARKS, _FIRST_SHOWN = 1, 2  # columns
_MESSAGE = "@message"


@dataclass(frozen=True, slots=True)
class Slip:
    """One slip: its name, the measure it happens to, and what is typed; `last` ends a block that begins with `ref`."""

    slip: str
    ref: str = ""
    typed: Any = None
    last: str = ""


class Form:
    """A form as a leader has it open. She knows the cells to fill in by their being unlocked."""

    def __init__(self, path: Path) -> None:
        from openpyxl import load_workbook

        self.book = load_workbook(path)
        self.sheet = self.book.worksheets[0]
        self.rows = {row[0].value: row for row in self.sheet.iter_rows() if row[0].value}

    def asked(self, mark: str) -> list[Any]:
        """The cells to fill in of a row."""
        return [cell for cell in self.rows[mark] if not cell.protection.locked]

    def given(self, mark: str) -> list[Any]:
        """The cells of a row that say what is known already; the last is the date before this one's."""
        first = self.asked(mark)[0].column
        return list(self.rows[mark][_FIRST_SHOWN - 1 : first - 1])

    def answer(self, mark: str, answers: Sequence[object]) -> None:
        """Fill in a row."""
        for cell, value in zip(self.asked(mark), answers, strict=True):
            cell.value = value

    def status(self, ref: str) -> Any:
        """The cell of a measure's status."""
        return self.asked(ref)[0]

    def remark(self, ref: str) -> Any:
        """The cell of a measure's remark."""
        return self.asked(ref)[1]

    def unprotect(self) -> None:
        """Review, Unprotect Sheet: there is no password."""
        self.sheet.protection.sheet = False

    def saved(self, by: str, at: datetime) -> bytes:
        """The file. The clock that openpyxl would write stands still, so that every demonstration is the same."""
        from openpyxl.writer.excel import ExcelWriter

        self.book.properties.lastModifiedBy, self.book.properties.modified = by, at
        running, still = BytesIO(), BytesIO()
        ExcelWriter(self.book, ZipFile(running, "w")).save()
        with ZipFile(running) as parts, ZipFile(still, "w", ZIP_DEFLATED) as archive:
            for name in parts.namelist():
                part = ZipInfo(name, at.timetuple()[:6])
                archive.writestr(part, parts.read(name), ZIP_DEFLATED)
        return still.getvalue()


def number_and_word(form: Form, slip: Slip) -> None:
    """She writes the number and, to be clear, the word as well. There is one reading."""
    form.status(slip.ref).value = slip.typed


def word(form: Form, slip: Slip) -> None:
    """He knows the words of the scale by heart and writes one instead of its number. There is one reading."""
    form.status(slip.ref).value = slip.typed


def number_off_the_scale(form: Form, slip: Slip) -> None:
    """Seven of the eight meetings were held on screens, and the seven ended up one column too far to the left."""
    form.status(slip.ref).value = slip.typed


def between_two_steps(form: Form, slip: Slip) -> None:
    """Half of the schools have it, so she puts the status between two steps. Nobody else may choose one for her."""
    form.status(slip.ref).value = slip.typed


def became_a_day(form: Form, slip: Slip) -> None:
    """He cannot decide between 1 and 2 and types "1-2", of which the spreadsheet makes the first of February."""
    cell = form.status(slip.ref)
    cell.value, cell.number_format = slip.typed, "d. mmm"


def past_rewritten(form: Form, slip: Slip) -> None:
    """The status has fallen, which looks bad. So the sheet is unprotected and August made as low as December."""
    form.unprotect()
    form.given(slip.ref)[-1].value = slip.typed


def text_rewritten(form: Form, slip: Slip) -> None:
    """The measure grew on the way, and its text is brought up to date where it stands instead of in the plan."""
    form.unprotect()
    _name(form, slip.ref).value = slip.typed


def measure_added(form: Form, slip: Slip) -> None:
    """Something new was begun in the autumn. She writes it below the last row, with a number of her own."""
    form.unprotect()
    row = form.sheet.max_row + 1
    for column, value in enumerate(slip.typed, _FIRST_SHOWN):
        if value != "":
            form.sheet.cell(row, column).value = value


def pasted_from_the_web(form: Form, slip: Slip) -> None:
    """The remark is copied out of the intranet, tags and all."""
    cell = form.remark(slip.ref)
    cell.value = "".join(
        f'<p class="MsoNormal">{escape(line, quote=False)}</p>' for line in cell.value.split("\n")
    )


def sorted_without_refs(form: Form, slip: Slip) -> None:
    """He wants what is finished on top, marks the rows he sees and sorts them. The hidden refs stay where they were."""
    form.unprotect()
    marks = list(form.rows)
    block = [
        form.rows[mark][_MARKS:]
        for mark in marks[marks.index(slip.ref) : marks.index(slip.last) + 1]
    ]
    status = form.status(slip.ref).column - _FIRST_SHOWN
    held = sorted(
        ([cell.value for cell in row] for row in block), key=lambda values: -values[status]
    )
    for row, values in zip(block, held, strict=True):
        for cell, value in zip(row, values, strict=True):
            cell.value = value


def note_beside(form: Form, slip: Slip) -> None:
    """There is more to say than the remark should hold, so it is said in the margin."""
    last = form.asked(slip.ref)[-1]
    form.sheet.cell(last.row, last.column + 1).value = slip.typed


def forgotten(form: Form, slip: Slip) -> None:
    """One row was to be asked about later, and later never came."""
    form.answer(slip.ref, [None] * len(form.asked(slip.ref)))


def other_view(form: Form, slip: Slip) -> None:
    """The measure is the other unit's. She has a share in it, sees it more brightly, and says so in her own copy."""
    form.status(slip.ref).value = slip.typed


def asked(form: Form, slip: Slip) -> None:
    """He has a question for the coordinator and puts it where the form has room for it."""
    form.answer(_MESSAGE, [slip.typed])


def printed(text: str) -> bytes:
    """A signed form was scanned, and as the folder wants workbooks, the PDF was renamed to one."""
    lines = [
        "%PDF-1.4",
        "1 0 obj << /Type /Catalog >> endobj",
        f"% {text}",
        "trailer << /Root 1 0 R >>",
        "%%EOF",
    ]
    return "\n".join(lines).encode()


def left_open(by: str) -> bytes:
    """The folder was copied while a form was still open, and the program's owner file came along."""
    return (
        bytes([len(by)])
        + by.ljust(54).encode()
        + bytes([len(by), 0])
        + by.ljust(54).encode("utf-16-le")
    )


SLIPS: dict[str, Callable[[Form, Slip], None]] = {
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


def _name(form: Form, ref: str) -> Any:
    """The cell of a measure's text."""
    return next(cell for cell in form.given(ref) if isinstance(cell.value, str))
