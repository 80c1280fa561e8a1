"""What the coordinator keeps in the plan for themselves: columns and sheets of their own.

They come back in the coordinator's next workbook, and are in no form, letter or report.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from xltiltak.model.cell_values import CellValue, FormattedNumber, display
from xltiltak.model.language import day_number_format

OwnCell = str | int | float | date | FormattedNumber
OwnColumn = Mapping[str, OwnCell]
"""The cells of a column by row: by the ref of a measure or group, by the key of any other row."""

HEADING = "@head"  # the key of the row with the labels
_KEPT_FORMATS = ("number", "percent")  # other numbers are kept as the text that they show


class OwnSheet(NamedTuple):
    """A sheet of the coordinator's own: its name and the cells of its rows, from A1 on."""

    name: str
    rows: tuple[tuple[OwnCell | None, ...], ...]
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class OwnContent:
    """The sheets, and the columns from left to right by the code of the area they stand with."""

    columns: Mapping[str, tuple[OwnColumn, ...]] = field(default_factory=dict)
    sheets: tuple[OwnSheet, ...] = ()

    def with_added(self, other: OwnContent) -> OwnContent:
        """Return the content with the columns, cells and sheets that only `other` has."""
        columns = dict(self.columns)
        for area, theirs in other.columns.items():
            ours = [dict(column) for column in columns.get(area, ())]
            by_heading = dict(zip(headings(ours), ours, strict=True))
            for heading, column in zip(headings(theirs), theirs, strict=True):
                if heading not in by_heading:
                    ours.append(dict(column))
                for name, cell in column.items():
                    by_heading.get(heading, {}).setdefault(name, cell)
            columns[area] = tuple(ours)
        names = {sheet.name for sheet in self.sheets}
        added = (sheet for sheet in other.sheets if sheet.name not in names)
        return OwnContent(columns, (*self.sheets, *added))

    def with_refs(self, ref_of: Mapping[str, str]) -> OwnContent:
        """Return the content with other refs for some rows and areas."""
        columns = {
            ref_of.get(area, area): tuple(
                {ref_of.get(name, name): cell for name, cell in column.items()}
                for column in of_area
            )
            for area, of_area in self.columns.items()
        }
        return OwnContent(columns, self.sheets)

    def without_rows(self, names: Collection[str]) -> OwnContent:
        """Return the content without the cells of some rows."""
        columns = {
            area: tuple(
                {name: cell for name, cell in column.items() if name not in names}
                for column in of_area
            )
            for area, of_area in self.columns.items()
            if area not in names
        }
        return OwnContent(columns, self.sheets)

    def texts_of(self, row: str, language: str) -> list[str]:
        """Return the own cells of a row as they are shown, each after the heading of its column."""
        return [
            f"{column.get(HEADING, '–')}: {display(column[row], language)}"
            for of_area in self.columns.values()
            for column in of_area
            if row in column
        ]


NO_OWN_CONTENT = OwnContent()


def own_cell(value: CellValue, language: str) -> OwnCell | None:
    """Return a cell as it is kept: a number or a day, anything else as the text that it shows."""
    if isinstance(value, FormattedNumber):
        return value if value.kind in _KEPT_FORMATS else value.shown
    if isinstance(value, bool | datetime):
        return display(value, language)
    return None if value is None else value if not isinstance(value, str) else str(value)


def number_format(value: OwnCell, language: str) -> str:
    """Return the number format that shows a kept cell as it was shown, in a language."""
    if isinstance(value, FormattedNumber):
        digits = value.shown.rstrip("% \xa0\u202f")
        whole, _, decimals = digits.partition(",")
        code = "0" if whole.strip("-−").isdecimal() else "#,##0"
        code += "." + "0" * len(decimals) if decimals else ""
        return code + ("%" if value.kind == "percent" else "")
    return day_number_format(language) if isinstance(value, date) else ""


def headings(columns: Iterable[OwnColumn]) -> list[str]:
    """Return the heading of each column; "" for one without."""
    return [display(column.get(HEADING, "")) for column in columns]
