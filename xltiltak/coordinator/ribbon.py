"""Run a button of the ribbon on the active workbook: `xltiltak ribbon VERB --hwnd N`.

The active workbook is a plan, an appendix or the coordinator's workbook. `run_ribbon` finds the
coordinator's workbook of the plan (or makes one beside it), saves and closes what the action reads
or writes, runs the action as a click in that workbook would, and opens everything again. Each way
ends with a sentence that Excel shows. Nothing is read from the active workbook but whose it is: no
setting of a workbook that came by mail decides what is started.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xltiltak import flows
from xltiltak.coordinator import actions, help_page, model
from xltiltak.coordinator.buttons import ActionOutcome, run_action
from xltiltak.coordinator.dropped_files import run_on_files
from xltiltak.coordinator.live_workbook import LiveWorkbook, is_coordinator_workbook
from xltiltak.coordinator.model import Settings
from xltiltak.coordinator.workbook_writer import write_coordinator_workbook
from xltiltak.intake.returned_file import read_returns
from xltiltak.merging.collection import is_about_same
from xltiltak.model import files
from xltiltak.model.errors import ExcelError, XltiltakError
from xltiltak.model.internal_errors import trace_of, write_log
from xltiltak.model.language import LANGUAGES, preferred_language, translate
from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.model.visible_text import visible
from xltiltak.sheets.file_names import sent_plan_path

_AT_WORK = "xltiltak"  # how the status bar begins while an action runs
_YES = "yes"


@dataclass(frozen=True, slots=True)
class _Place:
    """A workbook that was closed: its path, and the sheet and cells that were chosen in it."""

    path: Path
    sheet: str
    cells: str


def run_ribbon(verb: str, hwnd: int | None = None, dropped: Sequence[Path] = ()) -> int:
    """Run a button in the Excel whose window has the number `hwnd`, and return the exit code.

    `verb` is one of `addin.VERBS`; `hwnd` None takes the Excel in front. On `dropped` files it runs
    without Excel. The code is 0 when the user was shown a sentence, a page or a workbook. Otherwise
    it is 1, and the sentence is on standard error.
    """
    if verb == "help":
        help_page.open_guide()
        return 0
    app, message, language = None, "", preferred_language()
    traces: tuple[str, ...] = ()
    try:
        if dropped:
            result = run_on_files(verb, dropped)
            message, traces = result.message(language), result.traces
        elif verb == "doctor":
            message = help_page.troubleshoot()
            app = _find_excel(hwnd)
        else:
            app = _find_excel(hwnd)
            message = _run_verb(verb, app)  # the traces of an action are in the sheet of the log
    except XltiltakError as error:
        message, traces = message or error.message(language), error.traces
    except Exception as error:  # noqa: BLE001 - no click is silent
        unexpected = ExcelError("unexpected", error=f"{type(error).__name__}: {error}")
        message, traces = unexpected.message(language), (trace_of(error),)
    if traces:
        message += "\n" + translate("error.log", language, path=write_log(traces) or "–")
    return 0 if not message or _show(app, message) else 1


def _show(app: Any, message: str) -> bool:
    """Show a sentence in Excel, or without it in a box of Windows. Return False if nobody saw it.

    Started from the Start menu, the program has neither Excel nor a terminal.
    """
    with suppress(Exception):
        if app is not None:
            app.alert(message, title="xltiltak")
            return True
        if sys.platform == "win32":
            ctypes.windll.user32.MessageBoxW(0, message, "xltiltak", 0)
            return True
    sys.stderr.write(message + "\n")
    return False


def _find_excel(hwnd: int | None) -> Any:
    """Return the Excel with this window; the one in front if `hwnd` is None, or only one runs.

    Raises ExcelError without one, or if several run and none says that the window is its own.
    """
    import xlwings

    try:
        apps = list(xlwings.apps)
        clicked = [app for app in apps if hwnd is not None and hwnd in _windows(app)]
        app = clicked[0] if clicked else xlwings.apps.active if apps else None
    except Exception as error:
        raise ExcelError("no_window") from error
    if app is None:
        raise ExcelError("no_window")
    if hwnd is not None and not clicked and len(apps) > 1:
        raise ExcelError("several_excels")
    return app


def _windows(app: Any) -> Iterator[int]:
    """Yield the numbers of an Excel's windows: the one that xlwings has found, and the active one.

    They differ where several workbooks are open in one Excel.
    """
    yield app.hwnd
    with suppress(Exception):  # the test engine and Excel on a Mac have no such number
        yield app.api.Hwnd


def _run_verb(verb: str, app: Any) -> str:
    """Run a button and return what to say; empty if a page or workbook was opened instead.

    Raises ExcelError while another button is at work.
    """
    if str(app.status_bar or "").startswith(_AT_WORK):
        raise ExcelError("at_work")
    if verb == "new":
        return help_page.new_plan(app)
    active = _active_path(app)
    desk = _find_desk(app, active)
    if verb == "desk":
        desk.activate()
        return ""
    live = LiveWorkbook(desk)
    settings = live.valid_settings()
    if not _same(Path(desk.fullname), active):
        settings = _settings_for(verb, settings, active)
    with _closed_books(app, _books_at_work(app, settings, live.language)):
        outcome = run_action(verb, desk, settings=settings)
    _show_written(verb, app, outcome)
    return outcome.message


def _active_path(app: Any) -> Path:
    """Return the path of the active workbook. Raises ExcelError if it has none on this machine."""
    from xlwings import XlwingsError

    _refuse_protected_view(app)
    if not len(app.books):
        raise ExcelError("no_plan_active")
    try:
        name = str(app.books.active.fullname)
    except XlwingsError as error:  # a web address that belongs to no folder
        raise ExcelError("cloud_book") from error
    except Exception as error:  # only hidden workbooks are open
        raise ExcelError("no_plan_active") from error
    if "://" in name:
        raise ExcelError("cloud_book")
    if "/" not in name and "\\" not in name:
        raise ExcelError("not_saved", file=name)
    return Path(name)


def _refuse_protected_view(app: Any) -> None:
    """Raise ExcelError if the workbook in front is in Protected View: it is not an open one."""
    name = ""
    with suppress(Exception):  # Excel on a Mac has no Protected View
        name = str(app.api.ActiveProtectedViewWindow.SourceName)
    if name:
        raise ExcelError("protected_view", file=visible(name))


def _find_desk(app: Any, active: Path) -> Any:
    """Return the coordinator's workbook of the active workbook, opened or made if it must be.

    It is the active workbook itself, an open one of the same report, one beside it, or a new one.
    Raises ExcelError if the active workbook is none of a coordinator's.
    """
    ours = [book for book in app.books if is_coordinator_workbook(book)]
    for book in ours:
        if _same(Path(book.fullname), active):
            return book
    report = _report_of(active)
    for book in ours:
        if _is_desk_of(LiveWorkbook(book).valid_settings(), report):
            return book
    front = app.books.active
    for path in _desk_paths(active):
        if path.exists():
            book = app.books.open(str(path))
            if _is_desk_of(LiveWorkbook(book).valid_settings(), report):
                front.activate()
                return book
            book.close()
        else:
            files.write({path: _new_desk(active, path.parent, report.head.language)})
            book = app.books.open(str(path))
            front.activate()
            return book
    raise ExcelError("no_desk", path=active.parent)


def _report_of(path: Path) -> Report:
    """Return the report in a plan or appendix. Raises ExcelError for any other workbook."""
    try:
        return flows.read_plan(path).report
    except XltiltakError as error:
        for _, returned in read_returns(files.list_files([path])):
            if sent := returned.sent_report:
                areas = ", ".join(sent.area_name(ref) for ref in sent.area_refs)
                raise ExcelError(
                    "form_active", file=visible(path.name), title=sent.head.title, areas=areas
                ) from error
        raise ExcelError("no_plan_active") from error


def _is_desk_of(settings: Settings, report: Report) -> bool:
    """Return True if the plan of these settings is of the report."""
    if settings.plan is None or not settings.plan.is_file():
        return False
    with suppress(XltiltakError):
        return is_about_same(flows.read_plan(settings.plan).report, report)
    return False


def _desk_paths(plan: Path) -> Iterator[Path]:
    """Yield where the coordinator's workbook of a plan may be: the usual name in each language.

    The last two are where a new one is made. The very last is for a second report in one folder.
    """
    usual = dict.fromkeys(_word("file_desk", language) for language in LANGUAGES)
    own = _word("file_desk", preferred_language())
    names = [name for name in usual if name != own]
    yield from (path for name in names if (path := plan.with_name(f"{name}.xlsx")).exists())
    yield plan.with_name(f"{own}.xlsx")
    yield plan.with_name(f"{own} {plan.stem}.xlsx")


def _new_desk(plan: Path, folder: Path, language: str) -> bytes:
    """Return a coordinator's workbook without macros, with the plan and what follows from it."""
    settings = actions.choose_plan(Settings(plan=plan, folder=folder), language).settings
    values = {
        name: model.setting_in_cell(getattr(settings, name), folder)
        for name in model.SETTINGS
        if name != "per"
    }
    return write_coordinator_workbook(language, values, {}, None)


def _settings_for(verb: str, settings: Settings, active: Path) -> Settings:
    """Return the settings with the active workbook in the place that the button means.

    The plan that was sent is not replaced by the one that it was sent from.
    """
    known = [path for path in (settings.plan, settings.appendix) if path]
    if any(_same(path, active) for path in known):
        return settings
    report = flows.read_plan(active).report
    if verb == "report":
        return replace(settings, appendix=active)
    if settings.plan and _was_sent_from(settings.plan, active):
        return settings
    if verb == "split":
        return replace(settings, plan=active, day=None, deadline=None)
    if report.head.current:
        return replace(settings, plan=active, appendix=None, day=report.head.current)
    return settings


def _was_sent_from(sent: Path, plan: Path) -> bool:
    """Return True if the name of the plan as sent is one that this plan gives."""
    with suppress(XltiltakError):
        return sent == sent_plan_path(plan, flows.read_plan(sent).report)
    return False


def _books_at_work(app: Any, settings: Settings, language: str) -> list[Any]:
    """Return the open workbooks that an action with these settings may read or write."""
    paths = [path for path in (settings.plan, settings.appendix) if path]
    if settings.plan and settings.day and settings.plan.is_file():
        report = flows.read_plan(settings.plan).report.with_open_date(settings.day)
        paths.append(sent_plan_path(settings.plan, report))
    if settings.appendix:
        paths += actions.report_targets(settings.appendix, settings.day, language)
    names = {path.name.casefold() for path in paths}
    return [book for book in app.books if str(book.name).casefold() in names]


@contextmanager
def _closed_books(app: Any, books: Sequence[Any]) -> Iterator[None]:
    """Save and close workbooks, and open them again as they were, whatever happens in between.

    Raises ExcelError if the user does not want one to be saved, or Excel does not save it.
    """
    unsaved = [book for book in books if not _is_saved(book)]
    if unsaved:
        names = ", ".join(visible(str(book.name)) for book in unsaved)
        question = _word("save_first", preferred_language(), files=names)
        if app.alert(question, title="xltiltak", buttons="yes_no") != _YES:
            raise ExcelError("not_saved_first", files=names)
    for book in unsaved:
        try:
            _save(book)
        except Exception as error:
            raise ExcelError("cannot_save", file=visible(str(book.name))) from error
    active = app.books.active.name
    places = [_place_of(book) for book in books]
    for book in books:
        book.close()
    try:
        yield
    finally:
        for place in places:
            _reopen(app, place)
        with suppress(Exception):
            app.books[active].activate()


def _save(book: Any) -> None:
    """Save a workbook where it is. Excel would ask for another name for one that is read-only."""
    is_read_only = False
    with suppress(Exception):  # Windows and Mac have other names for it
        is_read_only = bool(book.api.ReadOnly)
    with suppress(Exception):
        is_read_only = bool(book.api.read_only.get())
    if is_read_only:
        raise PermissionError(book.name)
    book.save()


def _is_saved(book: Any) -> bool:
    """Return True if a workbook has no unsaved changes. Windows and Mac have other names for it."""
    with suppress(Exception):
        return bool(book.api.Saved)
    with suppress(Exception):
        return bool(book.api.saved.get())
    return False


def _place_of(book: Any) -> _Place:
    book.activate()
    cells = ""
    with suppress(Exception):  # a chart may be selected
        cells = str(book.selection.address)
    return _Place(Path(book.fullname), str(book.sheets.active.name), cells)


def _reopen(app: Any, place: _Place) -> None:
    """Open a workbook at its place, if it still exists and has its sheet."""
    with suppress(Exception):
        book = app.books.open(str(place.path))
        sheet = book.sheets[place.sheet]
        sheet.activate()
        sheet.range(place.cells).select()


def _show_written(verb: str, app: Any, outcome: ActionOutcome) -> None:
    """Open what an action has made: the appendix at its findings, or the folder of the forms."""
    if outcome.result is None:
        return
    settings, written = outcome.result.settings, outcome.result.written
    with suppress(Exception):  # the message says where it is
        if verb == "merge" and settings.appendix in written and outcome.result.register:
            _open_at_findings(app, settings.appendix, outcome.result.register)
        elif verb == "split" and written and settings.sent:
            open_folder(settings.sent)


def _open_at_findings(app: Any, appendix: Path, register: Register) -> None:
    """Open the appendix at its sheet of findings."""
    names = [book.name for book in app.books]
    book = app.books[appendix.name] if appendix.name in names else app.books.open(str(appendix))
    book.sheets[translate("book.findings", register.report.head.language)].activate()
    book.activate()


def open_folder(path: Path) -> None:
    """Open a folder, or a page, in the program that the system has for it."""
    if sys.platform == "win32":
        os.startfile(path)  # noqa: S606 - a path of ours, not of a workbook
    elif sys.platform == "darwin":
        subprocess.run(["/usr/bin/open", str(path)], check=False)  # noqa: S603 - no shell


def _same(one: Path, other: Path) -> bool:
    """Return True if both are one file."""
    with suppress(OSError):
        return one.samefile(other)
    return one == other


def _word(key: str, language: str, **values: object) -> str:
    return translate(f"coordinator.{key}", language, **values)
