"""Read the lists that the coordinator edits: details of the report, areas, accepted proposals.

Each row has a key in column A: `head|FIELD`, `area|CODE`, `columns|NAMES` (above the areas) or
`proposal|KEY`. So a row is found wherever it was moved to. All columns are counted from 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from xltiltak.model.finding import Finding, Place
from xltiltak.model.normalize import CellValue, display, is_blank, parse_date, parse_number
from xltiltak.model.report import BLANK_AREA, Area, Head, Report
from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.sheet_reader import Sheet

AREA_COLUMNS = ("leader", "deputy", "email", "deputy_email", "language", "intro", "predecessor")
_DEFAULT_AREA_COLUMNS = ("leader", "deputy", "email", "language", "intro", "predecessor")
_VALUE = 3  # of a detail of the report
_AREA_NAME = 3
_FIRST_AREA_COLUMN = 4
_ACCEPTED = 2
_KINDS = ("head", "columns", "area", "proposal")


@dataclass(frozen=True, slots=True)
class HeadSheet:
    """The lists as they were read.

    `areas` and `area_names` are by area code. `new_areas` have no code yet: name and leader.
    `findings` are about cells that could not be read.
    """

    head: Head
    areas: Mapping[str, Area]
    area_names: Mapping[str, str]
    new_areas: tuple[tuple[str, Area], ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _KeyedRow:
    """A row of a list: the two parts of its key, its cells by column, its sheet and row number."""

    kind: str
    name: str
    cells: Mapping[int, CellValue]
    sheet: str
    number: int

    def text(self, column: int) -> str:
        """Return the text of a cell, empty for a blank one."""
        value = self.cells.get(column)
        return "" if is_blank(value) else display(value)

    @property
    def value_place(self) -> Place:
        """Return the place of the value, for a finding."""
        return Place("", self.sheet, cell_name(self.number, _VALUE))


def read_head(sheets: Iterable[Sheet], sent: Report) -> HeadSheet:
    """Return the lists in a workbook that was written from `sent`.

    A detail without a row, or that cannot be read, keeps its value in `sent`. A finding reports
    what cannot be read.
    """
    rows = list(_keyed_rows(sheets))
    findings: list[Finding] = []
    details: dict[str, Any] = {}
    dates: set[date] = set()
    for row in rows:
        if row.kind == "head" and row.name == "date":
            if day := _read_date(row, None, findings):
                dates.add(day)
        elif row.kind == "head":
            details[row.name] = _read_detail(row, sent.head, findings)
    if dates:
        details["dates"] = tuple(sorted(dates))
    areas, area_names, new_areas = _read_areas(rows, sent)
    head = replace(sent.head, **details)
    return HeadSheet(head, areas, area_names, tuple(new_areas), tuple(findings))


def read_accepted_proposals(sheets: Iterable[Sheet]) -> frozenset[str]:
    """Return the keys of the proposals that the coordinator has accepted.

    A proposal is accepted by any text in the column for it, except one that begins with "n" (no).
    """
    return frozenset(
        row.name
        for row in _keyed_rows(sheets)
        if row.kind == "proposal"
        and (text := row.text(_ACCEPTED))
        and text.strip().casefold()[0] != "n"
    )


def _keyed_rows(sheets: Iterable[Sheet]) -> Iterator[_KeyedRow]:
    for sheet in sheets:
        for number, cells in sheet.rows.items():
            kind, bar, name = str(cells.get(1) or "").partition("|")
            if bar and kind in _KINDS:
                yield _KeyedRow(kind, name, cells, sheet.name, number)


def _read_detail(row: _KeyedRow, head: Head, findings: list[Finding]) -> str | int | date | None:
    """Return one detail of the report; that of `head` and a finding if it cannot be read."""
    if row.name in ("current", "deadline"):
        return _read_date(row, getattr(head, row.name), findings)
    if row.name != "year":
        return row.text(_VALUE)
    value = row.cells.get(_VALUE)
    year = parse_number(value)
    if year is None:
        text = "" if value is None else display(value)
        findings.append(Finding.create("V103", row.value_place, value=text))
        return head.year
    return int(year)


def _read_date(row: _KeyedRow, previous: date | None, findings: list[Finding]) -> date | None:
    """Return a date, None for a blank cell; `previous` and a finding if it cannot be read."""
    value = row.cells.get(_VALUE)
    if is_blank(value):
        return None
    day = parse_date(value)
    if day is None:
        findings.append(Finding.create("V104", row.value_place, value=display(value)))
    return day or previous


def _read_areas(
    rows: Sequence[_KeyedRow], sent: Report
) -> tuple[dict[str, Area], dict[str, str], list[tuple[str, Area]]]:
    """Return the areas and the area names by code, and the areas without a code."""
    areas, names = dict(sent.areas), dict[str, str]()
    new_areas: list[tuple[str, Area]] = []
    columns = _area_columns(rows)
    for row in rows:
        if row.kind != "area":
            continue
        texts = {field: row.text(column) for column, field in columns}
        name = row.text(_AREA_NAME)
        if row.name:
            names[row.name] = name
            if any(texts.values()) or row.name in areas:
                area = areas.get(row.name, BLANK_AREA)
                areas[row.name] = replace(area, **texts)  # type: ignore[arg-type]
        elif name:
            new_areas.append((name, Area(**texts)))  # type: ignore[arg-type]
    return areas, names, new_areas


def _area_columns(rows: Iterable[_KeyedRow]) -> list[tuple[int, str]]:
    """Return column and field of the columns of the table of areas, without unknown fields."""
    fields: Sequence[str] = _DEFAULT_AREA_COLUMNS
    for row in rows:
        if row.kind == "columns":
            fields = row.name.split(",")
            break
    numbered = enumerate(fields, _FIRST_AREA_COLUMN)
    return [(column, field) for column, field in numbered if field in AREA_COLUMNS]
