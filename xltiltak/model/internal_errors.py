"""Handle errors of this program itself: name the file, keep the trace, write it to a log.

A trace is for the developers. It travels as text, also from other processes, and is written to a
log file only: no path of the user's machine gets into a workbook or into the result of a command.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from xltiltak.model.errors import InternalError, XltiltakError

_MOST_LOGS = 20  # files in the log folder; the oldest are deleted
_MOST_CHARACTERS = 500_000  # of a log
_MOST_FRAMES = 100  # of a trace, the last ones
_LOG_NAME = "xltiltak-*.log"


@contextmanager
def named_internal_errors(file: str) -> Iterator[None]:
    """Turn each unexpected error in the block into an InternalError about this file.

    An error of the operating system is not one of this program.
    """
    try:
        yield
    except (XltiltakError, OSError):
        raise
    except Exception as error:
        raise internal_error_of(error, file) from error


def internal_error_of(error: BaseException, file: str = "") -> InternalError:
    """Return an unexpected error as one of this program, about a file if its name is given."""
    name = type(error).__name__
    found = InternalError("internal_in_file" if file else "internal", error=name, file=file)
    found.traces = (trace_of(error),)
    return found


def trace_of(error: BaseException) -> str:
    """Return the trace of an error as text; only its type if there is no memory for more."""
    import traceback

    try:
        return "".join(traceback.format_exception(error, limit=-_MOST_FRAMES))
    except Exception:  # noqa: BLE001 - the texts of an error can raise anything
        return type(error).__name__


def write_log(traces: Iterable[str]) -> Path | None:
    """Write the traces to a new log file, and return its path; None if no folder takes it.

    The log is in the folder of the user's logs, or else among the temporary files. Only the last
    logs are kept.
    """
    text = "\n".join([f"xltiltak · Python {sys.version} · {sys.platform}", *traces])
    for folder in (_log_folder, tempfile.gettempdir):
        with suppress(OSError, RuntimeError):  # no home, no permission, no space
            return _write_in(Path(folder()), text[:_MOST_CHARACTERS])
    return None


def _write_in(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for old in sorted(folder.glob(_LOG_NAME))[: 1 - _MOST_LOGS]:
        with suppress(OSError):
            old.unlink()
    begin, end = _LOG_NAME.split("*")
    begin += time.strftime("%Y%m%d-%H%M%S-")
    handle, name = tempfile.mkstemp(prefix=begin, suffix=end, dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return Path(name)


def _log_folder() -> Path:
    """Return the folder of the user's logs by the convention of the system."""
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "xltiltak" / "Logs"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Logs" / "xltiltak"
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "xltiltak"
