"""Check that a coordinator's workbook is set up so that its buttons work, for `--doctor`.

`check_setup` gives a result for each check: the workbook, its macros, the Python that a click
starts, what Windows or macOS allows, and the settings.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path, PureWindowsPath

from xltiltak import __version__
from xltiltak.coordinator import addin, addin_setup, model
from xltiltak.coordinator.excel_policies import (
    addin_policies,
    are_macros_off,
    are_programs_blocked,
    are_trusted_locations_off,
    is_from_the_web,
    is_in_trusted_location,
)
from xltiltak.coordinator.model import Settings
from xltiltak.coordinator.workbook_reader import CoordinatorWorkbook, read_coordinator_workbook
from xltiltak.model import files
from xltiltak.model.errors import ExcelError, XltiltakError
from xltiltak.model.language import translate

_TIMEOUT = 60  # seconds for the Python of the workbook to answer
# pandas is the first to fail where the libraries of Python are not found (conda).
_PRINT_VERSIONS = (
    "import pandas, xltiltak, xlwings as x; print(xltiltak.__version__, x.__version__)"
)
# cmd.exe and xlwings cut, expand or swallow these signs in the command that a button starts.
_ODD_IN_NAME, _ODD_IN_FOLDER = "=%^!", "%^!"
_STORE_FOLDER = "windowsapps"  # of Python from Microsoft Store: other programs cannot start it
_CLOUD_FOLDER = re.compile(r"onedrive|sharepoint|CloudStorage", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check: whether it passed, and the key and values of its message."""

    passed: bool
    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def message(self, language: str) -> str:
        """Return what was found, and what to do if the check did not pass."""
        values = {
            name: value.message(language) if isinstance(value, XltiltakError) else value
            for name, value in self.values.items()
        }
        return translate(f"doctor.{self.key}", language, **values)


def _passed(key: str, /, **values: object) -> CheckResult:
    return CheckResult(passed=True, key=key, values=values)


def _failed(key: str, /, **values: object) -> CheckResult:
    return CheckResult(passed=False, key=key, values=values)


def check_setup(path: Path, platform: str = sys.platform) -> Iterator[CheckResult]:
    """Yield the result of each check; `platform` is that of `sys`.

    Raises PlanError, WorkbookError or ExcelError if the file is not a coordinator's workbook.
    """
    workbook = read_coordinator_workbook(files.read(path), path.name)
    if workbook.format == str(model.FORMAT):
        yield _passed("format_good", file=path.name, format=workbook.format)
    else:
        yield _failed("format_other", file=path.name, format=workbook.format)
    yield from _check_macros(workbook, path)
    if workbook.project:
        yield from _check_signs(path.resolve())
    yield from _check_python(workbook, platform)
    if platform == "win32" and workbook.project:
        yield from _check_windows(path)
    if platform == "darwin" and workbook.project:
        yield _check_mac_script()
    if _CLOUD_FOLDER.search(str(path.resolve())):
        yield _passed("cloud")
    yield _check_settings(workbook, path)


def _check_macros(workbook: CoordinatorWorkbook, path: Path) -> Iterator[CheckResult]:
    """Check that the macros are those of this program, and fit the installed xlwings."""
    if workbook.project is None:
        yield _passed("no_macros")
        return
    expected = model.XLWINGS_VERSION
    built_for = workbook.configuration.get(model.MACROS_FOR_XLWINGS, "–")
    if workbook.project == model.vba_project():
        yield _passed("macros_good")
    elif built_for == expected:
        yield _passed("macros_saved", wanted=expected)
    else:
        yield _failed("macros_other", file=path.name, met=built_for, wanted=expected)

    installed = version("xlwings")
    if installed == expected:
        yield _passed("xlwings_good", installed=installed, wanted=expected)
    else:
        yield _failed("xlwings_other", installed=installed, wanted=expected)


def _check_python(workbook: CoordinatorWorkbook, platform: str) -> Iterator[CheckResult]:
    """Check that the Python that a click starts exists and has the same versions as this one."""
    key = "INTERPRETER_MAC" if platform == "darwin" else "INTERPRETER_WIN"
    configured = workbook.configuration.get(key, "")
    python = shutil.which(os.path.expandvars(configured)) if configured else None
    if python is None:
        yield _failed("python_missing", path=configured or "–", row=key, now=sys.executable)
        return
    if platform == "win32":
        yield from check_windows_python(python)
    yield _check_versions(python)


def _check_signs(path: Path) -> Iterator[CheckResult]:
    """Check that no sign of the path changes the command that a button starts."""
    odd = [sign for sign in _ODD_IN_NAME if sign in path.name]
    odd += [sign for sign in _ODD_IN_FOLDER if sign in str(path.parent) and sign not in odd]
    if odd:
        yield _failed("odd_signs", file=path.name, signs=" ".join(odd))


def check_windows_python(python: str) -> Iterator[CheckResult]:
    """Check that Excel on Windows can start this Python, and that Python finds its libraries."""
    folder = PureWindowsPath(python).parent
    if _STORE_FOLDER in [part.casefold() for part in folder.parts]:
        yield _failed("store_python", path=python)
    if (Path(python).parent / "conda-meta").is_dir():
        yield _failed("conda", path=python)
    try:
        python.encode("cp1252")
    except UnicodeEncodeError as error:
        yield _failed("odd_letters", path=python, letters=python[error.start : error.end])


def _check_versions(python: str) -> CheckResult:
    """Check that a Python has this version of the program, and can load its libraries."""
    try:
        process = subprocess.run(  # noqa: S603 - the Python that the coordinator has configured
            [python, "-c", _PRINT_VERSIONS],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
        found = process.stdout.split()
    except (OSError, subprocess.TimeoutExpired):
        found = []
    if len(found) != 2:
        return _failed("python_empty", path=Path(python))
    here = [__version__, version("xlwings")]
    values = {
        "path": Path(python),
        "met": " + xlwings ".join(found),
        "here": " + xlwings ".join(here),
    }
    return _passed("python_good", **values) if found == here else _failed("python_other", **values)


def check_addin(machine: addin_setup.Machine | None = None) -> Iterator[CheckResult]:
    """Yield the result of each check of the ribbon add-in, for *Feilsøk* and `addin status`."""
    machine = machine or addin_setup.Machine.current()
    yield _check_versions(sys.executable)
    if machine.platform == "win32":
        yield from check_windows_python(sys.executable)
    found = list(addin_setup.installed(machine))
    if not found:
        yield _failed("addin_missing")
    for one in found:
        key = "addin_good" if one.version == __version__ else "addin_other"
        result = _passed if one.version == __version__ else _failed
        yield result(key, path=one.path, met=one.version or "–", here=__version__)
        if machine.platform == "win32" and is_from_the_web(one.path):
            yield _failed("from_the_web", file=one.path.name)
    if len(found) > 1:
        yield _failed("addin_twice")
    if machine.platform == "win32":
        yield from _check_addin_on_windows(machine)


def _check_addin_on_windows(machine: addin_setup.Machine) -> Iterator[CheckResult]:
    """Check that Windows and Office let Excel load the add-in, and the add-in start Python."""
    loaded = addin_setup.is_loaded(machine)
    if loaded is not None:
        yield _passed("addin_loaded") if loaded else _failed("addin_not_loaded")
    for policy in addin_policies(addin.FILE_NAME):
        yield _failed("addin_policy", policy=policy)
    if are_macros_off():
        yield _failed("addin_macros_off")
    if are_trusted_locations_off():
        yield _passed("locations_off")
    if are_programs_blocked():
        yield _failed("programs_blocked")


def _check_windows(path: Path) -> Iterator[CheckResult]:
    """Check that Windows and Office let the macros of the file run and start Python."""
    folder = path.resolve().parent
    is_trusted = not are_trusted_locations_off() and is_in_trusted_location(path.resolve())
    if is_from_the_web(path):
        yield _failed("from_the_web", file=path.name)
    if is_trusted:
        yield _passed("trusted")
    elif are_macros_off():
        yield _failed("macros_off", folder=folder)
    else:
        yield _passed("not_trusted")
    if are_programs_blocked():
        yield _failed("programs_blocked")


def _check_mac_script() -> CheckResult:
    """Check that the AppleScript of xlwings is installed, which Excel on a Mac needs."""
    name = f"xlwings-{model.XLWINGS_VERSION}.applescript"
    script = Path.home() / "Library/Application Scripts/com.microsoft.Excel" / name
    return _passed("script_good") if script.is_file() else _failed("script_missing")


def _check_settings(workbook: CoordinatorWorkbook, path: Path) -> CheckResult:
    """Check that the settings can be read, and that the plan exists."""
    try:
        settings = Settings.read(workbook.settings, path.resolve().parent)
    except XltiltakError as error:
        return _failed("settings_bad", error=error)
    if settings.plan is None:
        return _passed("no_plan")
    if not settings.plan.is_file():
        return _failed("settings_bad", error=ExcelError("plan_missing", path=settings.plan))
    return _passed("plan_good", file=settings.plan.name)
