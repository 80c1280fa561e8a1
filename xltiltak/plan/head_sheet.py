"""The lists that the coordinator edits: the head of the report, who answers for each area, accepted proposals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from xltiltak.model.finding import Finding, Place
from xltiltak.model.normalize import CellValue, display, is_blank, parse_date, parse_number
from xltiltak.model.report import BLANK_AREA, Area, Head, Report
from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.sheet_reader import Sheet

AREA_COLUMNS = ("leader", "deputy", "email", "deputy_email", "language", "intro", "predecessor")
FIRST_AREA_COLUMNS = (
    "leader",
    "deputy",
    "email",
    "language",
    "intro",
    "predecessor",
)  # where labels name none
HEAD_COLUMN, VALUE_COLUMN = 1, 2  # as they are written, counted from 0
_VALUE, _NAME = VALUE_COLUMN + 1, HEAD_COLUMN + 2  # columns as they are read, counted from 1
_ACCEPT, _LEADER = 2, _NAME + 1


class HeadSheet(NamedTuple):
    """What stands in the lists: the head, who answers for each area, and the areas' names.

    `new` are areas that have no code yet, with who answers for them; `findings` tell of what could not be read.
    """

    head: Head
    areas: Mapping[str, Area]
    names: Mapping[str, str]
    new: tuple[tuple[str, Area], ...] = ()
    findings: tuple[Finding, ...] = ()


class _Row(NamedTuple):
    """A row of the lists: its mark's own part, its cells, and where it stands."""

    name: str
    cells: dict[int, CellValue]
    sheet: str
    number: int


def read_head(sheets: Iterable[Sheet], sent: Report) -> HeadSheet:
    """The head as it is visible; what stands nowhere any more is as it was, and so is what cannot be read."""
    rows, told = list(_marked(sheets)), list[Finding]()
    known: dict[str, Any] = {}
    dates = []
    for row in (row for mark, row in rows if mark == "head"):
        if row.name == "date":
            dates += [day] if (day := _day(row, None, told)) else []
        else:
            known[row.name] = _value(row, sent.head, told)
    if dates:
        known["dates"] = tuple(sorted(set(dates)))
    areas, names, new = _areas(rows, sent)
    return HeadSheet(replace(sent.head, **known), areas, names, tuple(new), tuple(told))


def accepted(sheets: Iterable[Sheet]) -> frozenset[str]:
    """The keys of the proposals that have something beside them in the column for accepting, other than a no."""
    rows = (
        (row.name, row.cells.get(_ACCEPT)) for mark, row in _marked(sheets) if mark == "proposal"
    )
    return frozenset(
        key for key, raw in rows if not is_blank(raw) and display(raw).strip().casefold()[0] != "n"
    )


def _marked(sheets: Iterable[Sheet]) -> Iterator[tuple[str, _Row]]:
    for sheet in sheets:
        for number, row in sheet.rows.items():
            kind, bar, name = str(row.get(1) or "").partition("|")
            if bar and kind in ("head", "columns", "area", "proposal"):
                yield kind, _Row(name, row, sheet.name, number)


def _value(row: _Row, head: Head, told: list[Finding]) -> str | int | date | None:
    """One field of the head."""
    raw = row.cells.get(_VALUE)
    if row.name in ("current", "deadline"):
        return _day(row, getattr(head, row.name), told)
    if row.name == "year":
        number = parse_number(raw)
        if number is None:
            told.append(
                Finding.create("V103", _place(row), value="" if raw is None else display(raw))
            )
        return head.year if number is None else int(number)
    return _text(raw)


def _day(row: _Row, before: date | None, told: list[Finding]) -> date | None:
    """A day of the head; one that cannot be read stays what it was, and is told."""
    raw = row.cells.get(_VALUE)
    if is_blank(raw):
        return None
    day = parse_date(raw)
    if day is None:
        told.append(Finding.create("V104", _place(row), value=display(raw)))
    return day or before


def _place(row: _Row) -> Place:
    return Place("", row.sheet, cell_name(row.number, _VALUE))


def _text(raw: CellValue) -> str:
    return "" if is_blank(raw) else display(raw)


def _columns(rows: list[tuple[str, _Row]]) -> list[str]:
    """What stands in the columns of the table of areas, as its labels' mark says; an unknown name is nobody's."""
    named = next(
        (row.name.split(",") for mark, row in rows if mark == "columns"), FIRST_AREA_COLUMNS
    )
    return [name if name in AREA_COLUMNS else "" for name in named]


def _areas(
    rows: list[tuple[str, _Row]], sent: Report
) -> tuple[dict[str, Area], dict[str, str], list[tuple[str, Area]]]:
    """Who answers for each area, the areas' names, and the areas that have no code yet."""
    areas, names, new = dict(sent.areas), dict[str, str](), list[tuple[str, Area]]()
    columns = _columns(rows)
    for row in (row for mark, row in rows if mark == "area"):
        said = {name: _text(row.cells.get(_LEADER + k)) for k, name in enumerate(columns) if name}
        name = _text(row.cells.get(_NAME))
        if row.name:
            names[row.name] = name
            if any(said.values()) or row.name in areas:
                areas[row.name] = replace(areas.get(row.name, BLANK_AREA), **said)  # type: ignore[arg-type]
        elif name:
            new.append((name, Area(**said)))  # type: ignore[arg-type]
    return areas, names, new
