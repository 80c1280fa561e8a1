"""Is a coordinator's workbook set up so that its buttons work? Line by line, what is in order and what to do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from xltiltak import __version__
from xltiltak.coordinator import macros, model, trust
from xltiltak.coordinator.model import Settings
from xltiltak.coordinator.workbook_reader import CoordinatorWorkbook, read_coordinator_workbook
from xltiltak.model import files
from xltiltak.model.errors import ExcelError, XltiltakError
from xltiltak.model.language import translate

_SECONDS = 60
_ASK = "import xltiltak, xlwings; print(xltiltak.__version__, xlwings.__version__)"
_CLOUD = re.compile(r"onedrive|sharepoint|CloudStorage", re.IGNORECASE)


class CheckResult(NamedTuple):
    """One thing that was looked at: is it in order, and what is said of it."""

    passed: bool
    key: str
    values: Mapping[str, object] = {}

    def message(self, language: str) -> str:
        """The sentence, and where it is not in order what to do."""
        told = {
            k: v.message(language) if isinstance(v, XltiltakError) else v
            for k, v in self.values.items()
        }
        return translate(f"doctor.{self.key}", language, **told)


def _good(key: str, /, **values: object) -> CheckResult:
    return CheckResult(True, key, values)  # noqa: FBT003 - as the name of this function says


def _bad(key: str, /, **values: object) -> CheckResult:
    return CheckResult(False, key, values)  # noqa: FBT003 - as above


def check_setup(path: Path, platform: str = sys.platform) -> Iterator[CheckResult]:
    """All there is to say. Raises PlanError, WorkbookError or ExcelError where this is no coordinator's workbook."""
    held = read_coordinator_workbook(files.read(path), path.name)
    known = held.format == str(model.FORMAT)
    yield CheckResult(
        known,
        "format_good" if known else "format_other",
        {"file": path.name, "format": held.format},
    )
    yield from _macros(held, path)
    yield from _python(held, platform)
    if platform == "win32" and held.project:
        yield from _windows(path)
    if platform == "darwin" and held.project:
        yield from _mac()
    if _CLOUD.search(str(path.resolve())):
        yield _good("cloud")
    yield from _settings(held, path)


def _macros(held: CoordinatorWorkbook, path: Path) -> Iterator[CheckResult]:
    installed = version("xlwings")
    if held.project is None:
        yield _good("no_macros")
        return
    made_for = held.configuration.get(model.MACROS_FOR_XLWINGS, "–")
    if held.project == macros.project():
        yield _good("macros_good")
    elif made_for == macros.XLWINGS_VERSION:
        yield _good("macros_saved", wanted=macros.XLWINGS_VERSION)
    else:
        yield _bad("macros_other", file=path.name, met=made_for, wanted=macros.XLWINGS_VERSION)
    fits = installed == macros.XLWINGS_VERSION
    values = {"installed": installed, "wanted": macros.XLWINGS_VERSION}
    yield CheckResult(fits, "xlwings_good" if fits else "xlwings_other", values)


def _python(held: CoordinatorWorkbook, platform: str) -> Iterator[CheckResult]:
    """The interpreter that a click starts, and what is installed in it."""
    key = "INTERPRETER_MAC" if platform == "darwin" else "INTERPRETER_WIN"
    named = held.configuration.get(key, "")
    python = _found(os.path.expandvars(named))
    if python is None:
        yield _bad("python_missing", path=named or "–", row=key, now=sys.executable)
        return
    try:
        done = subprocess.run(
            [python, "-c", _ASK], capture_output=True, text=True, timeout=_SECONDS, check=False
        )  # noqa: S603 - her own Python
        said = done.stdout.split()
    except (OSError, subprocess.TimeoutExpired):
        said = []
    if len(said) != 2:
        yield _bad("python_empty", path=python)
        return
    same = said == [__version__, version("xlwings")]
    values = {
        "path": python,
        "met": " + xlwings ".join(said),
        "here": f"{__version__} + xlwings {version('xlwings')}",
    }
    yield CheckResult(same, "python_good" if same else "python_other", values)


def _found(named: str) -> Path | None:
    """The program of this path, or of this name where programs are looked for."""
    known = shutil.which(named) if named else None
    return Path(known) if known else None


def _windows(path: Path) -> Iterator[CheckResult]:
    trusted = trust.in_trusted_location(path.resolve())
    if trust.from_the_web(path):
        yield _bad("from_the_web", file=path.name)
    if trusted:
        yield _good("trusted")
    elif trust.macros_are_off():
        yield _bad("macros_off", folder=path.resolve().parent)
    else:
        yield _good("not_trusted")
    if trust.programs_are_blocked():
        yield _bad("programs_blocked")


def _mac() -> Iterator[CheckResult]:
    script = f"Library/Application Scripts/com.microsoft.Excel/xlwings-{macros.XLWINGS_VERSION}.applescript"
    there = (Path.home() / script).is_file()
    yield CheckResult(there, "script_good" if there else "script_missing")


def _settings(held: CoordinatorWorkbook, path: Path) -> Iterator[CheckResult]:
    try:
        settings = Settings.read(held.settings, path.resolve().parent)
        if settings.plan is None:
            yield _good("no_plan")
        elif not settings.plan.is_file():
            raise ExcelError("plan_missing", path=settings.plan)
        else:
            yield _good("plan_good", file=settings.plan.name)
    except XltiltakError as error:
        yield _bad("settings_bad", error=error)
