"""Asking for a file or a folder in the way of the machine: Excel's own dialog on Windows, the system's on a Mac."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from xltiltak.model.errors import ExcelError

_FILE, _FOLDER = 3, 4  # msoFileDialogFilePicker, msoFileDialogFolderPicker
_CHOSEN = -1


def file(excel: Any, title: str) -> Path | None:
    """A file; None where she gives up. `excel` is Excel's own object.

    Raises ExcelError where there is no dialog, or what is picked lies on the web.
    """
    return _ask(excel, title, _FILE, "file")


def folder(excel: Any, title: str) -> Path | None:
    """A folder, otherwise as `file`."""
    return _ask(excel, title, _FOLDER, "folder")


def _ask(excel: Any, title: str, kind: int, noun: str) -> Path | None:
    if sys.platform == "darwin":
        return _on_mac(title, noun)
    try:
        dialog = excel.FileDialog(kind)
    except Exception as error:
        raise ExcelError("no_dialog") from error
    dialog.Title = title
    dialog.AllowMultiSelect = False
    if dialog.Show() != _CHOSEN:
        return None
    picked = str(dialog.SelectedItems(1))
    if "://" in picked:
        raise ExcelError("cloud_path", path=picked)
    return Path(picked)


def _on_mac(title: str, noun: str) -> Path | None:
    """By AppleScript; the title is handed over as an argument, so that no sign in it can be taken for script."""
    script = [
        "on run argv",
        f"POSIX path of (choose {noun} with prompt (item 1 of argv))",
        "end run",
    ]
    lines = [word for line in script for word in ("-e", line)]
    command = ["/usr/bin/env", "osascript", *lines, title]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)  # noqa: S603 - the system's own
    said = done.stdout.strip()
    return Path(said) if done.returncode == 0 and said else None
