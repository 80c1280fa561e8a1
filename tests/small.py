"""Provide a small made-up round: the coordinator's table, the forms, and what leaders type."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl

from xltiltak.importers.import_flow import import_source
from xltiltak.model.report import Report
from xltiltak.model.template import Template
from xltiltak.sheets.forms import write_form
from xltiltak.templates import catalogue

TEMPLATE: Template = catalogue.load(catalogue.shipped() / "tiltaksstatus")
DATES = (date(2020, 4, 30), date(2020, 8, 31), date(2020, 12, 31))
LAST = DATES[-1]

HEADINGS = (
    "Kommunalområde",
    "Nr",
    "Tiltak",
    "Status 30.04.2020",
    "Status 31.08.2020",
    "Status 31.12.2020",
    "Oppdaterte merknader",
)
ROWS: tuple[tuple[str, ...], ...] = (
    ("Oppvekst", "1", "Bygge ny barnehage på Øra", "1", "2", "", "Tomten er kjøpt."),
    ("Oppvekst", "2", "Leseløft i småskolen", "2", "3", "", ""),
    ("Oppvekst", "3", "Kurs i førstehjelp", "5", "5", "", "Holdt i mars."),
    ("Teknikk", "1", "Ny pumpestasjon", "1", "1", "", "Venter på anbud."),
    ("Teknikk", "2", "Skilting av turstier", "", "2", "", ""),
)
HEAD = """organisation = "Prøveby kommune"
title = "Gjennomføring av tiltak 2020"
year = 2020
language = "nb"
periods = [2020-04-30, 2020-08-31, 2020-12-31]
"""
STATUS, REMARK, NAME = "Status 31.12.2020", "Oppdaterte merknader", "Tiltak"
_STATUS = re.compile(r"Status (\d\d)\.?(\d\d)\.?(?:20)?(\d\d)")


def table(
    rows: Iterable[Sequence[str]] = ROWS,
    headings: Sequence[str] = HEADINGS,
    delimiter: str = ";",
) -> str:
    """Return the table as text, as a spreadsheet program would save it."""
    target = StringIO()
    csv.writer(target, delimiter=delimiter, lineterminator="\r\n").writerows([headings, *rows])
    return target.getvalue()


def source(
    folder: Path, content: str | bytes = "", head: str = HEAD, name: str = "tiltak.csv"
) -> Path:
    """Write a table, and its head in a file beside it.

    `content` is a text, which is written as UTF-8 with a byte order mark, or bytes.
    """
    path = folder / name
    text = content or table()
    path.write_bytes(text.encode("utf-8-sig") if isinstance(text, str) else text)
    path.with_suffix(".toml").write_text(head, "utf-8")
    return path


def report(folder: Path, rows: Iterable[Sequence[str]] = ROWS) -> Report:
    """Return the report of some rows, with its last date open."""
    return import_source(source(folder, table(rows)), TEMPLATE).report.with_open_date(LAST)


def own_report(
    folder: Path,
    template: str,
    headings: Sequence[str],
    *rows: Sequence[str],
    language: str = "nb",
    periods: str = "2026-06-30, 2026-12-31",
) -> Report:
    """Return the report of some rows and of a template that is given as TOML."""
    home = folder / "mal"
    home.mkdir()
    (home / catalogue.FILE).write_text(template, "utf-8")
    head = HEAD.replace('"nb"', f'"{language}"').replace("2020", "2026")
    head = re.sub(r"periods = .*", f"periods = [{periods}]", head)
    path = source(folder, table(rows, headings), head)
    return import_source(path, catalogue.load(home)).report


def forms(sent: Report) -> dict[str, bytes]:
    """Return the form of each area."""
    names = {ref: sent.area_name(ref) for ref in sent.area_refs}
    return {ref: write_form(part, ref, names) for ref, part in sent.parts().items()}


def edited(form: bytes, edit: Callable[[Any], object]) -> bytes:
    """Return the form after an edit of its first sheet, saved by openpyxl."""
    book = openpyxl.load_workbook(BytesIO(form))
    edit(book.worksheets[0])
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def headings(heading: str) -> tuple[str, ...]:
    """Return a heading as plans, forms and older forms write it."""
    if found := _STATUS.fullmatch(heading):
        day, month, year = found.groups()
        written = f"{day}.{month}.20{year}"
        narrow = f"Status {day}.{month}"
        return f"Status {written}", f"Fyll ut per {written}", f"Status {day}{month}{year}", narrow
    return (heading,)


def cell_of(sheet: Any, ref: str, heading: str) -> Any:
    """Return the cell of a measure below a heading, found by its row and the heading."""
    head = next(row for row in sheet.iter_rows() if row[0].value == "@head")
    written = headings(heading)
    column = next(cell.column for cell in head if cell.value in written)
    row = next(row[0].row for row in sheet.iter_rows() if row[0].value == ref)
    return sheet.cell(row, column)


def filled(form: bytes, answers: dict[str, Any], heading: str = STATUS) -> bytes:
    """Return the form with these values typed below a heading, by ref."""

    def edit(sheet: Any) -> None:
        for ref, typed in answers.items():
            cell_of(sheet, ref, heading).value = typed

    return edited(form, edit)
