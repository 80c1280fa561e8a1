"""Read the coordinator's workbook from its file: the settings, and how it is set up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xltiltak.coordinator import model
from xltiltak.model.cell_values import CellValue, display
from xltiltak.model.errors import ExcelError
from xltiltak.xlsx.package import LARGE_FILE_BOUNDS, Package
from xltiltak.xlsx.sheet_reader import Sheet, read_sheets

_VBA_PROJECT = "xl/vbaProject.bin"
_MARKER_COLUMN, _VALUE_COLUMN = 1, 3  # counted from 1


@dataclass(frozen=True, slots=True)
class CoordinatorWorkbook:
    """A coordinator's workbook as it was read from a file.

    `settings` are the filled cells of the settings by the names in `model.SETTINGS`, and
    `configuration` is what RunPython reads. `project` is the VBA project; None without macros.
    """

    format: str
    language: str
    settings: Mapping[str, CellValue]
    configuration: Mapping[str, str]
    project: bytes | None


def read_coordinator_workbook(content: bytes, file: str) -> CoordinatorWorkbook:
    """Return what the workbook contains; `file` is its name for messages.

    Raises WorkbookError for a file that cannot be read, and ExcelError for another workbook.
    """
    package = Package(content, LARGE_FILE_BOUNDS)
    sheets = list(read_sheets(package))
    control = next((sheet for sheet in sheets if _marker(sheet).startswith("@control|")), None)
    if control is None:
        raise ExcelError("foreign_book", file=file)
    _, format_, language = _marker(control).split("|")

    values = {
        str(row.get(_MARKER_COLUMN) or "").removeprefix("@"): row.get(_VALUE_COLUMN)
        for row in control.rows.values()
    }
    settings = {name: values[name] for name in model.SETTINGS if values.get(name) is not None}
    configuration = {
        display(row[1]): display(row[2]) if row.get(2) else ""
        for sheet in sheets
        if sheet.name == model.CONFIGURATION
        for row in sheet.rows.values()
        if row.get(1)
    }
    project = package.read(_VBA_PROJECT) if _VBA_PROJECT in package else None
    return CoordinatorWorkbook(format_, language, settings, configuration, project)


def _marker(sheet: Sheet) -> str:
    """Return the marker of a sheet, "@name|format|language"; empty if it has none."""
    marker = str(sheet.rows.get(1, {}).get(_MARKER_COLUMN) or "")
    return marker if marker.count("|") == 2 else ""
