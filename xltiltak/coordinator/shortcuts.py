"""Put the buttons into the Start menu of Windows, and take them out again.

They are for organisations that block macros, or programs that Office starts: a shortcut is started
by the user and not by Excel. It does what the button of the ribbon does, on the workbook that is
open in Excel, or on the files that are dropped on it.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path, PureWindowsPath
from typing import Any

from xltiltak.coordinator.addin import ROUND_BUTTONS
from xltiltak.coordinator.addin_setup import Machine
from xltiltak.model.errors import ExcelError
from xltiltak.model.language import LANGUAGES, translate

VERBS = tuple(verb for verb in ROUND_BUTTONS if verb != "desk")
_START_MENU = Path("Microsoft/Windows/Start Menu/Programs/xltiltak")


def create_shortcuts(language: str, machine: Machine | None = None) -> list[Path]:
    """Write a shortcut for each button of the round, and return their paths.

    Those in other languages are removed. Raises ExcelError where there is no Start menu.
    """
    machine = machine or Machine.current()
    folder = _folder(machine)
    remove_shortcuts(machine)
    folder.mkdir(parents=True, exist_ok=True)
    shell: Any = import_module("win32com.client").Dispatch("WScript.Shell")
    paths = [folder / name for name in _names(language)]
    for verb, path in zip(VERBS, paths, strict=True):
        shortcut = shell.CreateShortcut(str(path))
        shortcut.TargetPath = _python_without_console()
        shortcut.Arguments = f"-m xltiltak ribbon {verb}"
        shortcut.Description = translate(f"addin.does_{verb}", language)
        shortcut.Save()
    return paths


def remove_shortcuts(machine: Machine | None = None) -> list[Path]:
    """Delete the shortcuts, and return their paths. Anything else in the folder stays."""
    folder = _folder(machine or Machine.current())
    ours = dict.fromkeys(name for language in LANGUAGES for name in _names(language))
    removed = [path for name in ours if (path := folder / name).is_file()]
    for path in removed:
        path.unlink()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    return removed


def _folder(machine: Machine) -> Path:
    if machine.platform != "win32":
        raise ExcelError("no_start_menu")
    return Path(machine.environment["APPDATA"]) / _START_MENU


def _names(language: str) -> list[str]:
    return [f"{translate(f'addin.button_{verb}', language)} (xltiltak).lnk" for verb in VERBS]


def _python_without_console() -> str:
    """Return the Python that opens no black window, beside the one that runs this."""
    return str(PureWindowsPath(sys.executable).with_name("pythonw.exe"))
