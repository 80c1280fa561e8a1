"""The lists that the coordinator edits: the head of the report, who answers for each area, accepted proposals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from xltiltak.repair import Raw, day_in, is_blank, number_in, shown
from xltiltak.report import NOBODY, Area, Head, Report
from xltiltak.workbook.lists import AREA_COLUMNS, HEAD_COLUMN, VALUE_COLUMN
from xltiltak.workbook.sheets import Sheet

_VALUE, _NAME = VALUE_COLUMN + 1, HEAD_COLUMN + 2  # columns as they are read, counted from 1
_ACCEPT, _LEADER = 2, _NAME + 1


class HeadSheet(NamedTuple):
    """The head, who answers for each area, and the areas' names, as they stand in the lists."""

    head: Head
    areas: Mapping[str, Area]
    names: Mapping[str, str]


def read_head(sheets: Iterable[Sheet], sent: Report) -> HeadSheet:
    """The head as it is visible; what stands nowhere any more is as it was."""
    rows = list(_marked(sheets))
    known: dict[str, Any] = {}
    dates = []
    for name, row in ((mark[5:], row) for mark, row in rows if mark.startswith("head|")):
        raw = row.get(_VALUE)
        if name == "date":
            dates += [day] if (day := day_in(raw)) else []
        else:
            known[name] = _value(name, raw, sent.head)
    if dates:
        known["dates"] = tuple(sorted(set(dates)))
    areas, names = _areas(rows, sent)
    return HeadSheet(replace(sent.head, **known), areas, names)


def accepted(sheets: Iterable[Sheet]) -> frozenset[str]:
    """The keys of the proposals that have something beside them in the column for accepting, other than a no."""
    rows = ((mark, row.get(_ACCEPT)) for mark, row in _marked(sheets) if mark.startswith("proposal|"))
    return frozenset(mark[9:] for mark, raw in rows if not is_blank(raw) and shown(raw).strip().casefold()[0] != "n")


def _marked(sheets: Iterable[Sheet]) -> Iterator[tuple[str, dict[int, Raw]]]:
    for sheet in sheets:
        for row in sheet.rows.values():
            if isinstance(mark := row.get(1), str) and mark.startswith(("head|", "area|", "proposal|")):
                yield mark, row


def _value(name: str, raw: Raw, head: Head) -> str | int | date | None:
    """One field of the head; a number or day that cannot be read stays what it was."""
    if name in ("current", "deadline"):
        return None if is_blank(raw) else day_in(raw) or getattr(head, name)
    if name == "year":
        number = number_in(raw)
        return head.year if number is None else int(number)
    return "" if is_blank(raw) else shown(raw)


def _areas(rows: list[tuple[str, dict[int, Raw]]], sent: Report) -> tuple[dict[str, Area], dict[str, str]]:
    areas, names = dict(sent.areas), {}
    for ref, row in ((mark[5:], row) for mark, row in rows if mark.startswith("area|") and mark[5:]):
        said: dict[str, Any] = {n: _value(n, row.get(_LEADER + k), sent.head) for k, n in enumerate(AREA_COLUMNS)}
        if any(said.values()) or ref in areas:
            areas[ref] = replace(areas.get(ref, NOBODY), **said)
        names[ref] = "" if is_blank(row.get(_NAME)) else shown(row[_NAME])
    return areas, names
