"""Run the action of a button in the open workbook: from a click, or by `xltiltak excel`.

`run_action` is the way of each click, top to bottom: find the workbook, let `actions` decide and
act, show the result. `_act` connects the name of a button to its function in `actions`, after
`pick_file` or `pick_folder` for a button that picks a path. An error becomes a message in the sheet
and in a message box; its details go to the log.

This is the only module that imports xlwings, of which it uses the open source part only.
"""

from __future__ import annotations

import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xltiltak.coordinator import actions, model
from xltiltak.coordinator.actions import ActionResult
from xltiltak.coordinator.live_workbook import LiveWorkbook, is_coordinator_workbook
from xltiltak.coordinator.model import Settings
from xltiltak.model.errors import ExcelError, XltiltakError
from xltiltak.model.language import translate

_MAX_PATH_LENGTH = 120  # characters of a path in a message
_CHANGES_DASHBOARD = {"merge"}
_FILE_PICKER, _FOLDER_PICKER = 3, 4  # msoFileDialogFilePicker, msoFileDialogFolderPicker
_PICKED = -1  # what Show returns if the user did not cancel


@dataclass(frozen=True, slots=True)
class ActionOutcome:
    """How an action ended: the message that was shown, and its result; None if it failed.

    `traces` are those of errors of this program.
    """

    message: str
    result: ActionResult | None
    traces: tuple[str, ...] = ()


def split() -> None:
    """Send the forms out."""
    _run_clicked("split")


def check() -> None:
    """Check what has been returned."""
    _run_clicked("check")


def merge() -> None:
    """Write the appendix."""
    _run_clicked("merge")


def report() -> None:
    """Write the appendix for readers."""
    _run_clicked("report")


def remind() -> None:
    """Draft reminders."""
    _run_clicked("remind")


def choose_plan() -> None:
    """Pick the plan."""
    _run_clicked("choose_plan")


def choose_sent() -> None:
    """Pick the folder for the forms."""
    _run_clicked("choose_sent")


def choose_returned() -> None:
    """Pick the folder of the returned files."""
    _run_clicked("choose_returned")


def run_action(
    name: str, book: Any = None, *, settings: Settings | None = None, message_box: bool = False
) -> ActionOutcome:
    """Run the action of a button, and show its result in the workbook.

    `name` is the name of one of the functions above. `book` is the workbook as an xlwings Book;
    None for the coordinator's workbook among those that are open. `settings` are used in place of
    those in the workbook, and written to it with the result. With `message_box` an error is also
    shown in a message box. Raises ExcelError if there is no workbook to show it in.
    """
    workbook = _connect(book)
    with _busy(workbook.app):
        try:
            workbook.refuse_damage()
            if message_box:
                _refuse_other_macros(workbook)
            act = _act_or_ask if message_box or settings else _act
            result = act(name, workbook, settings)
            outcome = ActionOutcome(result.message(workbook.language), result, result.traces)
            workbook.show_result(result, with_dashboard=name in _CHANGES_DASHBOARD)
            workbook.show_message(name, outcome.message, result.details(workbook.language))
        except XltiltakError as error:
            outcome = _show_error(workbook, name, error, "\n".join(error.traces))
        except OSError as error:
            details = traceback.format_exc()
            outcome = _show_error(workbook, name, _system_error(error), details)
        except Exception as error:  # noqa: BLE001 - each error must reach the user as a message
            details = traceback.format_exc()
            outcome = _show_error(workbook, name, _unexpected_error(error), details)
    if message_box and outcome.result is None:
        _show_box(workbook.app, outcome.message)
    return outcome


def _act_or_ask(name: str, workbook: LiveWorkbook, settings: Settings | None) -> ActionResult:
    """Run the action of a button. Ask whether a date that the plan does not have is a new one."""
    try:
        return _act(name, workbook, settings)
    except ExcelError as error:
        if error.key != actions.NEW_DATE:
            raise
        question = translate("coordinator.ask_new_date", workbook.language, **error.values)
        if workbook.app.alert(question, title="xltiltak", buttons="ok_cancel") != "ok":
            raise
        return _act(name, workbook, settings, new_date=True)


def _act(
    name: str, workbook: LiveWorkbook, settings: Settings | None, *, new_date: bool = False
) -> ActionResult:
    """Run the action of a button with these settings; None for those in the workbook."""
    if name.startswith("choose_"):
        return _choose(name.removeprefix("choose_"), workbook)
    language = workbook.language
    settings = settings or workbook.settings()
    return actions.perform(name, settings, language, workbook.options(), new_date=new_date)


def _choose(setting: str, workbook: LiveWorkbook) -> ActionResult:
    """Let the user pick the path of a setting. Raises ExcelError if they cancel."""
    settings = workbook.valid_settings()
    pick = pick_file if setting == "plan" else pick_folder
    path = pick(workbook.app.api, workbook.word(f"set_{setting}"))
    if path is None:
        raise ExcelError("nothing_chosen")
    if setting == "plan":
        return actions.choose_plan(replace(settings, plan=path), workbook.language)
    if setting == "sent":
        return actions.choose_folder(replace(settings, sent=path))
    return actions.choose_folder(replace(settings, returned=path))


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


def _run_clicked(name: str) -> None:
    """Run the action in the workbook whose button was clicked.

    Raises SystemExit with a message if it can be shown neither in the workbook nor in a message
    box: the macro shows the last output of Python.
    """
    import xlwings

    try:
        book = xlwings.Book.caller()
    except Exception as error:
        raise SystemExit(str(ExcelError("no_caller"))) from error
    try:
        run_action(name, book, message_box=True)
    except XltiltakError as error:
        _show_box(book.app, str(error))


def _connect(book: Any) -> LiveWorkbook:
    """Return the coordinator's workbook. Raises ExcelError for any error of Excel."""
    book = book or _find_open_workbook()
    try:
        return LiveWorkbook(book)
    except XltiltakError:
        raise
    except Exception as error:
        raise _unexpected_error(error) from error


def _find_open_workbook() -> Any:
    """Return the coordinator's workbook among the open ones, the active one first.

    Raises ExcelError if Excel is not running, or the workbook is not open.
    """
    import xlwings

    try:
        apps = list(xlwings.apps)
        books = [book for app in apps if len(app.books) for book in (app.books.active, *app.books)]
    except Exception as error:
        raise ExcelError("no_excel") from error
    if not apps:
        raise ExcelError("no_excel")
    for book in books:
        if is_coordinator_workbook(book):
            return book
    if protected := [name for app in apps for name in _files_in_protected_view(app)]:
        raise ExcelError("protected_view", file=", ".join(protected))
    raise ExcelError("no_book")


def _files_in_protected_view(app: Any) -> list[str]:
    """Return the files in Protected View, which are not among the open workbooks.

    Excel on a Mac has no Protected View.
    """
    with suppress(Exception):
        return [str(window.SourceName) for window in app.api.ProtectedViewWindows]
    return []


def _refuse_other_macros(workbook: LiveWorkbook) -> None:
    """Raise ExcelError if the macros were built for another xlwings than the installed one."""
    import xlwings

    built_for = workbook.configuration().get(model.MACROS_FOR_XLWINGS, model.XLWINGS_VERSION)
    installed = xlwings.__version__
    if built_for != installed:
        raise ExcelError(
            "other_macros", file=workbook.book.name, met=built_for, installed=installed
        )


@contextmanager
def _busy(app: Any) -> Iterator[None]:
    """Show in the status bar that the program works; afterwards Excel has its status bar back."""
    _set_display(app, status="xltiltak …", screen_updating=False)
    try:
        yield
    finally:
        _set_display(app, status=False, screen_updating=True)


def _set_display(app: Any, *, status: str | bool, screen_updating: bool) -> None:
    """Set the status bar (False: as Excel has it) and screen updating.

    Excel refuses this while it is busy, which must not stop an action.
    """
    with suppress(Exception):
        app.status_bar = status
    with suppress(Exception):
        app.screen_updating = screen_updating


def _show_error(
    workbook: LiveWorkbook, name: str, error: XltiltakError, details: str = ""
) -> ActionOutcome:
    message = error.message(workbook.language)
    with suppress(Exception):  # the sheet may be the cause of the error
        workbook.show_message(name, message, details, failed=True)
    return ActionOutcome(message, None, error.traces)


def _show_box(app: Any, message: str) -> None:
    """Show a message box. Raises SystemExit with the message if Excel does not show it."""
    try:
        app.alert(message, title="xltiltak", mode="critical")
    except Exception as error:
        raise SystemExit(message) from error


def _system_error(error: OSError) -> ExcelError:
    """Return an error of the operating system as a message with the path."""
    path = str(error.filename or "–")
    if len(path) > _MAX_PATH_LENGTH:
        path = f"{path[:_MAX_PATH_LENGTH]} …"
    return ExcelError("system", error=error.strerror or error, path=path)


def _unexpected_error(error: Exception) -> ExcelError:
    return ExcelError("unexpected", error=f"{type(error).__name__}: {error}")
