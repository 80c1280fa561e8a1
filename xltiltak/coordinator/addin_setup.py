"""Install the ribbon add-in for this user, take it out again, and say where it is.

On Windows Excel itself adds the add-in to its list, which it then loads at every start. On a Mac
the user ticks it in Excel's own dialog. The startup folder of Excel is used only when asked for:
some security programs report each program that writes there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xltiltak.coordinator import addin, model
from xltiltak.model import files
from xltiltak.model.cell_values import display
from xltiltak.model.errors import ExcelError, WorkbookError
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.sheet_reader import read_sheets

_MAC_OFFICE = Path("Library/Group Containers/UBF8T346G9.Office/User Content.localized")
MAC_SCRIPT_NAME = "xltiltak.applescript"  # as the macro names it
_MAC_SCRIPT = Path("Library/Application Scripts/com.microsoft.Excel") / MAC_SCRIPT_NAME
# Excel waits for a script, and Python needs Excel: so the shell starts Python in the background.
MAC_SCRIPT_TEXT = """on XltiltakStart(pythonAndVerb)
    set text item delimiters to "|"
    set python to text item 1 of pythonAndVerb
    set verb to text item 2 of pythonAndVerb
    do shell script quoted form of python & " -m xltiltak ribbon " & quoted form of verb & \
" > /dev/null 2>&1 &"
end XltiltakStart
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """The system that Excel runs on: the name of its platform as in `sys`, and its variables."""

    platform: str
    environment: Mapping[str, str]
    home: Path

    @classmethod
    def current(cls) -> Machine:
        """Return the system that this program runs on."""
        return cls(sys.platform, os.environ, Path.home())

    def default_folder(self) -> Path | None:
        """Return the folder of the add-in; None where there is no Excel."""
        if self.platform == "win32":
            return Path(self.environment["LOCALAPPDATA"]) / "xltiltak"
        if self.platform == "darwin":
            return self.home / _MAC_OFFICE / "Add-Ins.localized"
        return None

    def startup_folder(self) -> Path | None:
        """Return the folder whose workbooks Excel opens at every start; None without Excel."""
        if self.platform == "win32":
            return Path(self.environment["APPDATA"]) / "Microsoft" / "Excel" / "XLSTART"
        if self.platform == "darwin":
            return self.home / _MAC_OFFICE / "Startup.localized" / "Excel"
        return None


@dataclass(frozen=True, slots=True)
class AddinFile:
    """An add-in that is installed: its file, and the version of this program that built it.

    `starts_with_excel` is true in the startup folder. `version` is empty if it cannot be read.
    """

    path: Path
    version: str
    starts_with_excel: bool


def install(
    language: str,
    folder: Path | None = None,
    *,
    startup: bool = False,
    machine: Machine | None = None,
) -> tuple[Path, bool]:
    """Write the add-in, let Excel load it, and return its path and whether Excel has loaded it.

    `folder` None is the usual one of the system. With `startup` it is written to the startup folder
    of Excel. Excel loads it at once on Windows only, and not from a folder that the user named.
    Raises ExcelError on a system without Excel if no folder is named.
    """
    machine = machine or Machine.current()
    usual = machine.startup_folder() if startup else machine.default_folder()
    target_folder = folder or usual
    if target_folder is None:
        raise ExcelError("addin_no_excel")
    path = target_folder / addin.FILE_NAME
    python = model.portable_python(sys.executable, machine.environment, machine.platform)
    on_mac = machine.platform == "darwin"
    content = addin.build_addin(language, "" if on_mac else python, python if on_mac else "")
    with suppress(ExcelError):  # it is not loaded, or Excel does not run
        _unload(machine)  # Excel keeps the file of a loaded add-in open
    files.write({path: content}, force=True)
    if on_mac:
        files.write({machine.home / _MAC_SCRIPT: MAC_SCRIPT_TEXT.encode()}, force=True)
    is_loaded = machine.platform == "win32" and folder is None and not startup
    if is_loaded:
        _load(path)
    return path, is_loaded


def uninstall(machine: Machine | None = None) -> tuple[Path, ...]:
    """Let Excel forget the add-in, delete its files, and return their paths.

    A copy in a folder that the user named is left alone.
    """
    machine = machine or Machine.current()
    with suppress(ExcelError):
        _unload(machine)
    removed = tuple(found.path for found in installed(machine))
    script = machine.home / _MAC_SCRIPT
    if machine.platform == "darwin" and script.is_file():
        removed += (script,)
    for path in removed:
        path.unlink()
    return removed


def installed(machine: Machine | None = None) -> Iterator[AddinFile]:
    """Yield the add-ins in the two usual folders."""
    machine = machine or Machine.current()
    places = ((machine.default_folder(), False), (machine.startup_folder(), True))
    for folder, starts_with_excel in places:
        if folder and (path := folder / addin.FILE_NAME).is_file():
            yield AddinFile(path, _version_of(path), starts_with_excel)


def is_loaded(machine: Machine | None = None) -> bool | None:
    """Return True if Excel has the add-in loaded now; None if no Excel runs that can say it."""
    if (machine or Machine.current()).platform != "win32":
        return None
    import xlwings

    with suppress(Exception):
        if app := xlwings.apps.active:
            return any(_is_ours(one) and bool(one.Installed) for one in app.api.AddIns)
    return None


def _version_of(path: Path) -> str:
    row, column = addin.VERSION_CELL
    with suppress(WorkbookError, OSError):
        for sheet in read_sheets(Package(files.read(path))):
            return display(sheet.rows[row][column]) if column in sheet.rows.get(row, {}) else ""
    return ""


def _load(path: Path) -> None:
    """Let Excel add the add-in to its list and load it. Raises ExcelError if it does not."""
    with _excel() as app:
        added = app.api.AddIns.Add(str(path), False)  # noqa: FBT003 - Excel's own argument
        added.Installed = True


def _unload(machine: Machine) -> None:
    """Let Excel unload the add-in, if it has it. Raises ExcelError if Excel does not answer."""
    if machine.platform != "win32":
        return
    with _excel() as app:
        for one in app.api.AddIns:
            if _is_ours(one):
                one.Installed = False


def _is_ours(listed: Any) -> bool:
    return str(listed.Name).casefold() == addin.FILE_NAME


@contextmanager
def _excel() -> Iterator[Any]:
    """Give an Excel with an open workbook: the running one, or one that is started and ended.

    Excel adds no add-in to its list while no workbook is open.
    Raises ExcelError for whatever Excel refuses.
    """
    import xlwings

    try:
        running = xlwings.apps.active
        app = running or xlwings.App(visible=False)
        try:
            empty = None if len(app.books) else app.books.add()
            yield app
            if empty is not None:
                empty.close()
        finally:
            if running is None:
                app.quit()
    except Exception as error:
        raise ExcelError("addin_refused", error=f"{type(error).__name__}: {error}") from error
