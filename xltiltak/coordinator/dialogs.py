"""Let the user pick a file or a folder, in Excel's own dialog or in that of a Mac."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from xltiltak.model.errors import ExcelError

_FILE_PICKER, _FOLDER_PICKER = 3, 4  # msoFileDialogFilePicker, msoFileDialogFolderPicker
_PICKED = -1  # what Show returns if the user did not cancel


def pick_file(excel: Any, title: str) -> Path | None:
    """Return the file that the user picks; None if they cancel.

    `excel` is the COM object of Excel, which a Mac does not need. Raises ExcelError if there is no
    dialog, or if the file is on the web.
    """
    return _pick(excel, title, _FILE_PICKER, "file")


def pick_folder(excel: Any, title: str) -> Path | None:
    """Return the folder that the user picks; otherwise as `pick_file`."""
    return _pick(excel, title, _FOLDER_PICKER, "folder")


def _pick(excel: Any, title: str, dialog_type: int, noun: str) -> Path | None:
    if sys.platform == "darwin":
        return _pick_on_mac(title, noun)
    try:
        dialog = excel.FileDialog(dialog_type)
    except Exception as error:
        raise ExcelError("no_dialog") from error
    dialog.Title = title
    dialog.AllowMultiSelect = False
    if dialog.Show() != _PICKED:
        return None
    path = str(dialog.SelectedItems(1))
    if "://" in path:
        raise ExcelError("cloud_path", path=path)
    return Path(path)


def _pick_on_mac(title: str, noun: str) -> Path | None:
    """Show the dialog by AppleScript.

    The title is an argument of the script and not part of it, so that it cannot run as code.
    """
    script = [
        "on run argv",
        f"POSIX path of (choose {noun} with prompt (item 1 of argv))",
        "end run",
    ]
    options = [argument for line in script for argument in ("-e", line)]
    command = ["/usr/bin/env", "osascript", *options, title]
    process = subprocess.run(  # noqa: S603 - a program of the system, without a shell
        command, capture_output=True, encoding="utf-8", check=False
    )
    path = process.stdout.strip()
    return Path(path) if process.returncode == 0 and path else None
