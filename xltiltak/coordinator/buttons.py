"""What the buttons of the coordinator's workbook call, and `xltiltak excel` without them. The only home of xlwings.

A button's function reads her settings, lets `coordinating` do the work, and shows what came of it. What goes wrong is a
sentence in the sheet and in a message box; the log has the rest. Only the open source part of xlwings is used.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from xltiltak.coordinator import actions, dialogs, macros, model, send_actions
from xltiltak.coordinator.actions import ActionResult
from xltiltak.coordinator.live_workbook import LiveWorkbook, is_ours
from xltiltak.model.errors import ExcelError, XltiltakError


def split() -> None:
    """The button that sends the forms out."""
    _from_button("split")


def check() -> None:
    """The button that checks what has come back."""
    _from_button("check")


def merge() -> None:
    """The button that makes the appendix."""
    _from_button("merge")


def report() -> None:
    """The button that makes the report for publication."""
    _from_button("report")


def remind() -> None:
    """The button that drafts reminders."""
    _from_button("remind")


def choose_plan() -> None:
    """The button beside the plan."""
    _from_button("choose_plan")


def choose_sent() -> None:
    """The button beside the folder of what is sent."""
    _from_button("choose_sent")


def choose_returned() -> None:
    """The button beside the folder of what comes back."""
    _from_button("choose_returned")


class ActionOutcome(NamedTuple):
    """How a button ended: the sentence about it, what it did (None where it did not), and its language."""

    message: str
    result: ActionResult | None
    language: str


def run_action(name: str, book: Any = None, *, box: bool = False) -> ActionOutcome:
    """Do what a button does, in this book or in the coordinator's workbook that is open. Raises ExcelError without one.

    What goes wrong is shown in the sheet, and with `box` in a message box.
    """
    opened = _opened(book)
    with _busy(opened.app):
        try:
            opened.make_ready()
            if box:
                _refuse_other_macros(opened)
            done = _ACTIONS[name](opened)
            outcome = ActionOutcome(done.sentence(opened.language), done, opened.language)
            opened.show(done, board=name in _NEW_FIGURES)
            opened.tell(name, outcome.message)
        except XltiltakError as error:
            outcome = _failed(opened, name, error)
        except OSError as error:
            outcome = _failed(opened, name, _of_the_system(error), traceback.format_exc())
        except Exception as error:  # noqa: BLE001 - whatever it is, she gets a sentence and the log the rest
            outcome = _failed(opened, name, _unexpected(error), traceback.format_exc())
    if box and outcome.result is None:
        _show_box(opened.app, outcome.message)
    return outcome


def _from_button(name: str) -> None:
    """In the book whose button was clicked. Whatever is in the way is told.

    Raises SystemExit with a sentence where there is no book to tell it in: the macro shows what Python said last.
    """
    import xlwings

    try:
        book = xlwings.Book.caller()
    except Exception as error:
        raise SystemExit(str(ExcelError("no_caller"))) from error
    try:
        run_action(name, book, box=True)
    except XltiltakError as error:
        _show_box(book.app, str(error))


def _show_box(app: Any, said: str) -> None:
    """A message box. Raises SystemExit with the sentence where Excel shows none, for the macro to show."""
    try:
        app.alert(said, title="xltiltak", mode="critical")
    except Exception as error:
        raise SystemExit(said) from error


def _opened(book: Any) -> LiveWorkbook:
    """The coordinator's workbook. Raises ExcelError, whatever it is that Excel answers."""
    book = book or _open_book()
    try:
        return LiveWorkbook(book)
    except XltiltakError:
        raise
    except Exception as error:
        raise _unexpected(error) from error


def _refuse_other_macros(opened: LiveWorkbook) -> None:
    """Raises ExcelError where the workbook's macros are those of another xlwings than is installed."""
    import xlwings

    made_for = opened.configuration().get(model.MACROS_FOR_XLWINGS, macros.XLWINGS_VERSION)
    if made_for != xlwings.__version__:
        raise ExcelError(
            "other_macros", file=opened.book.name, met=made_for, installed=xlwings.__version__
        )


def _of_the_system(error: OSError) -> ExcelError:
    told = str(error.filename or "–")
    path = told if len(told) <= _MOST_OF_PATH else f"{told[:_MOST_OF_PATH]} …"
    return ExcelError("system", error=error.strerror or error, path=path)


def _unexpected(error: Exception) -> ExcelError:
    return ExcelError("unexpected", error=f"{type(error).__name__}: {error}")


def _failed(opened: LiveWorkbook, name: str, error: XltiltakError, more: str = "") -> ActionOutcome:
    said = error.message(opened.language)
    with suppress(Exception):  # the sheet itself may be what is in the way
        opened.tell(name, said, more, failed=True)
    return ActionOutcome(said, None, opened.language)


@contextmanager
def _busy(app: Any) -> Iterator[None]:
    """The status bar says that something is going on; afterwards it is Excel's own again."""
    _look(app, "xltiltak …", drawn=False)
    try:
        yield
    finally:
        _look(app, False, drawn=True)  # noqa: FBT003 - by which Excel has its status bar back


def _look(app: Any, status: Any, *, drawn: bool) -> None:
    """What she sees while it works; nothing that is worth stopping for where Excel is busy."""
    with suppress(Exception):
        app.status_bar = status
    with suppress(Exception):
        app.screen_updating = drawn


def _open_book() -> Any:
    """The coordinator's workbook among all that are open, the active one first. Raises ExcelError."""
    import xlwings

    try:
        apps = list(xlwings.apps)
        books = [book for app in apps if len(app.books) for book in (app.books.active, *app.books)]
    except Exception as error:
        raise ExcelError("no_excel") from error
    if not apps:
        raise ExcelError("no_excel")
    found = next(filter(is_ours, books), None)
    if found is not None:
        return found
    if shielded := [name for app in apps for name in _in_protected_view(app)]:
        raise ExcelError("protected_view", file=", ".join(shielded))
    raise ExcelError("no_book")


def _in_protected_view(app: Any) -> list[str]:
    """The files that stand in Protected View, which are no open workbooks; Excel on a Mac has none."""
    with suppress(Exception):
        return [str(window.SourceName) for window in app.api.ProtectedViewWindows]
    return []


def _split(opened: LiveWorkbook) -> ActionResult:
    return send_actions.split(opened.settings(), opened.language)


def _check(opened: LiveWorkbook) -> ActionResult:
    return actions.check(opened.settings(), opened.language, opened.options())


def _merge(opened: LiveWorkbook) -> ActionResult:
    return actions.merge(opened.settings(), opened.language, opened.options())


def _report(opened: LiveWorkbook) -> ActionResult:
    return actions.report(opened.settings(), opened.language)


def _remind(opened: LiveWorkbook) -> ActionResult:
    return actions.remind(opened.settings(), opened.language, opened.options())


def _choose(name: str, opened: LiveWorkbook) -> ActionResult:
    """Ask for a path; a plan is looked into at once. Raises ExcelError where nothing is chosen."""
    settings = opened.settled()
    picked = (dialogs.file if name == "plan" else dialogs.folder)(
        opened.app.api, opened.word(f"set_{name}")
    )
    if picked is None:
        raise ExcelError("nothing_chosen")
    if name == "plan":
        return actions.choose_plan(replace(settings, plan=picked), opened.language)
    chosen = (
        replace(settings, sent=picked) if name == "sent" else replace(settings, returned=picked)
    )
    return actions.choose_folder(chosen)


_ACTIONS: Mapping[str, Callable[[LiveWorkbook], ActionResult]] = {
    "split": _split,
    "check": _check,
    "merge": _merge,
    "report": _report,
    "remind": _remind,
    "choose_plan": partial(_choose, "plan"),
    "choose_sent": partial(_choose, "sent"),
    "choose_returned": partial(_choose, "returned"),
}
_MOST_OF_PATH = 120  # characters
_NEW_FIGURES = {"merge"}  # the buttons after which the dashboard is another
