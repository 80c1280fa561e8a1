"""Write the coordinator's own columns and sheets into their next workbook."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from xltiltak.layout import metrics
from xltiltak.layout.sheet_rows import CellSpec, SheetRow
from xltiltak.model.cell_values import FormattedNumber, display
from xltiltak.model.own_content import HEADING, OwnCell, OwnColumn, OwnSheet, number_format
from xltiltak.sheets.workbook import WorkbookWriter
from xltiltak.xlsx.row_workbook import RowSheet
from xltiltak.xlsx.row_writer import CellContent

OWN_STYLE, OWN_WIDTH = "kept", 20.0  # the width in characters
Specs = tuple[CellSpec, ...]


def with_own_cells(
    rows: list[SheetRow], columns: Sequence[OwnColumn], cols: Sequence[int], language: str
) -> list[SheetRow]:
    """Return the rows of an area sheet with the own columns, which stand right of ours in `cols`.

    A cell goes to the row that it is kept by. If that row is gone, it goes to the row of its
    measure, or to the top row. Days are shown as the language of the sheet writes them.
    """
    if not columns:
        return rows
    names = [_name(row) for row in rows]
    cells = [_placed(column, names, language) for column in columns]
    formats = [_common_format(column, language) for column in columns]
    shared: dict[tuple[int, tuple[str, ...], bool], Specs] = {}
    found = []
    for number, (row, name) in enumerate(zip(rows, names, strict=True)):
        own = [of_column.get(number) for of_column in cells]
        if all(cell is None for cell in own) and not row.refs:
            found.append(row)
            continue
        looks = tuple(
            common if cell is None else number_format(cell, language)
            for cell, common in zip(own, formats, strict=True)
        )
        key = (id(row.specs), looks, name == HEADING)
        if key not in shared:
            shared[key] = (*row.specs, *_specs(cols, looks, is_heading=name == HEADING))
        values = (*row.values, *(_content(cell) for cell in own))
        found.append(row._replace(specs=shared[key], values=values))
    return found


def _name(row: SheetRow) -> str:
    """Return what own cells of a row are kept by: the ref of its measure or group, or its key."""
    return row.refs[-1] if row.refs and "|" not in row.key and row.key[:1] != "@" else row.key


def _placed(column: OwnColumn, names: Sequence[str], language: str) -> dict[int, OwnCell]:
    """Return the cells of a column by the position of their row."""
    positions: dict[str, int] = {}
    for number, name in enumerate(names):
        positions.setdefault(name, number)
    placed: dict[int, list[OwnCell]] = defaultdict(list)
    for name, cell in column.items():
        places = (name, name.partition("|")[0])
        number = next((positions[place] for place in places if place in positions), 0)
        placed[number].append(cell)
    return {
        number: cells[0] if len(cells) == 1 else "\n".join(display(c, language) for c in cells)
        for number, cells in placed.items()
    }


def _common_format(column: OwnColumn, language: str) -> str:
    """Return the number format of a column's cells if it is the same for all, else ""."""
    formats = {number_format(cell, language) for name, cell in column.items() if name != HEADING}
    return formats.pop() if len(formats) == 1 else ""


def _specs(cols: Sequence[int], looks: Sequence[str], *, is_heading: bool) -> Iterable[CellSpec]:
    """Return the cells of own columns."""
    for col, look in zip(cols, looks, strict=True):
        yield CellSpec(col, "head") if is_heading else CellSpec(col, OWN_STYLE, look=look)


def _content(cell: OwnCell | None) -> str | int | float | None:
    return cell.number if isinstance(cell, FormattedNumber) else cell  # type: ignore[return-value]


def write_own_sheets(book: WorkbookWriter, sheets: Iterable[OwnSheet], language: str) -> None:
    """Write the coordinator's own sheets behind ours, with days as a language writes them."""
    for own in sheets:
        sheet = book.workbook.add_worksheet(book.sheet_name(own.name), RowSheet)
        height = metrics.row_height("", 1)
        for number, row in enumerate(own.rows, 1):
            cells = {col: cell for col, cell in enumerate(row, 1) if cell is not None}
            if cells:
                formats = [
                    (col, book.format(OWN_STYLE, number_format(cell, language)))
                    for col, cell in cells.items()
                ]
                values: list[CellContent] = [_content(cell) for cell in cells.values()]
                sheet.put_row(number, sheet.row_pattern(formats), values, height)
        if own.is_hidden:
            sheet.hide()
        sheet.finish()
