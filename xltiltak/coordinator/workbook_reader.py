"""The coordinator's workbook read back as a file: what it is set up for, and what she has chosen in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xltiltak.coordinator import model
from xltiltak.model.errors import ExcelError
from xltiltak.model.normalize import CellValue, display
from xltiltak.xlsx.package import LARGE_FILE_BOUNDS, Package
from xltiltak.xlsx.sheet_reader import Sheet, read_sheets

_PROJECT = "xl/vbaProject.bin"
_VALUE = 3  # the column of values, counted from 1


@dataclass(frozen=True, slots=True)
class CoordinatorWorkbook:
    """What a coordinator's workbook holds; `project` is its VBA project, None without macros."""

    format: str
    language: str
    settings: Mapping[str, CellValue]
    configuration: Mapping[str, str]
    project: bytes | None


def read_coordinator_workbook(content: bytes, file: str) -> CoordinatorWorkbook:
    """What the workbook holds. Raises WorkbookError, ExcelError for a workbook that is none of these."""
    package = Package(content, LARGE_FILE_BOUNDS)
    sheets = list(read_sheets(package))
    control = next((sheet for sheet in sheets if _mark(sheet).startswith("@control|")), None)
    if control is None:
        raise ExcelError("foreign_book", file=file)
    _, format_, language = _mark(control).split("|")
    marked = {
        str(row.get(1) or "").removeprefix("@"): row.get(_VALUE) for row in control.rows.values()
    }
    settings = {name: marked[name] for name in model.SETTINGS if marked.get(name) is not None}
    known = next((sheet for sheet in sheets if sheet.name == model.CONFIGURATION), Sheet(""))
    configuration = {
        display(row[1]): display(row[2]) if row.get(2) else ""
        for row in known.rows.values()
        if row.get(1)
    }
    project = package.read(_PROJECT) if _PROJECT in package else None
    return CoordinatorWorkbook(format_, language, settings, configuration, project)


def _mark(sheet: Sheet) -> str:
    mark = str(sheet.rows.get(1, {}).get(1) or "")
    return mark if mark.count("|") == 2 else ""
