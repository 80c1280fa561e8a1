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
from importlib import import_module
from importlib.metadata import version
from pathlib import Path, PureWindowsPath
from typing import Any

from xltiltak import __version__
from xltiltak.coordinator import model
from xltiltak.coordinator.model import Settings
from xltiltak.coordinator.workbook_reader import CoordinatorWorkbook, read_coordinator_workbook
from xltiltak.model import files
from xltiltak.model.errors import ExcelError, XltiltakError
from xltiltak.model.language import translate

_TIMEOUT = 60  # seconds for the Python of the workbook to answer
_PRINT_VERSIONS = "import xltiltak, xlwings; print(xltiltak.__version__, xlwings.__version__)"
_CLOUD_FOLDER = re.compile(r"onedrive|sharepoint|CloudStorage", re.IGNORECASE)
_EXCEL_SECURITY = r"Software\Microsoft\Office\16.0\Excel\Security"
_EXCEL_POLICY = r"Software\Policies\Microsoft\Office\16.0\Excel\Security"
_DEFENDER_RULES = (
    r"SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules",
    r"SOFTWARE\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules",
)
# The rule "Block all Office applications from creating child processes", and its values for block
# and warn.
_CHILD_PROCESS_RULE = "d4f940ab-401b-4efc-aadc-ad5f3c50688a"
_BLOCKING = ("1", "6")
_SIGNED_ONLY = 3  # of VBAWarnings: from this value on, an unsigned macro does not run
_MAX_TRUSTED_LOCATIONS = 200
_FROM_THE_WEB = ("ZoneId=3", "ZoneId=4")


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
        yield _failed("python_empty", path=Path(python))
        return
    here = [__version__, version("xlwings")]
    values = {
        "path": Path(python),
        "met": " + xlwings ".join(found),
        "here": " + xlwings ".join(here),
    }
    yield _passed("python_good", **values) if found == here else _failed("python_other", **values)


def _check_windows(path: Path) -> Iterator[CheckResult]:
    """Check that Windows and Office let the macros of the file run and start Python."""
    folder = path.resolve().parent
    is_trusted = is_in_trusted_location(path.resolve())
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


def is_from_the_web(path: Path) -> bool:
    """Return True if Windows has marked the file as received by e-mail or from the web.

    Excel blocks the macros of such a file.
    """
    try:
        with Path(f"{path}:Zone.Identifier").open(encoding="utf-8", errors="replace") as stream:
            return any(line.strip() in _FROM_THE_WEB for line in stream)
    except OSError:
        return False


def are_macros_off() -> bool:
    """Return True if unsigned macros do not run for this user. A policy overrides their choice."""
    user = _winreg().HKEY_CURRENT_USER
    setting = _registry_value(user, _EXCEL_POLICY, "VBAWarnings")
    if setting is None:
        setting = _registry_value(user, _EXCEL_SECURITY, "VBAWarnings")
    return isinstance(setting, int) and setting >= _SIGNED_ONLY


def is_in_trusted_location(path: Path) -> bool:
    """Return True if the file is in a folder whose macros run without a question."""
    user, folder = _winreg().HKEY_CURRENT_USER, PureWindowsPath(path).parent
    for key in (_EXCEL_POLICY, _EXCEL_SECURITY):
        for n in range(_MAX_TRUSTED_LOCATIONS):  # the numbers may have gaps
            location = rf"{key}\Trusted Locations\Location{n}"
            value = _registry_value(user, location, "Path")
            if value is None:
                continue
            trusted = PureWindowsPath(os.path.expandvars(str(value)))
            with_subfolders = _registry_value(user, location, "AllowSubFolders") == 1
            if folder == trusted or (with_subfolders and folder.is_relative_to(trusted)):
                return True
    return False


def are_programs_blocked() -> bool:
    """Return True if Defender stops Office from starting other programs, as each button does."""
    machine = _winreg().HKEY_LOCAL_MACHINE
    values = [_registry_value(machine, key, _CHILD_PROCESS_RULE) for key in _DEFENDER_RULES]
    return any(str(value) in _BLOCKING for value in values)


def _registry_value(hive: Any, key: str, name: str) -> Any:
    """Return a value of the Windows registry; None if it does not exist or cannot be read."""
    winreg = _winreg()
    try:
        with winreg.OpenKey(hive, key) as opened:
            return winreg.QueryValueEx(opened, name)[0]
    except OSError:
        return None


def _winreg() -> Any:
    """Return the module for the registry, which exists on Windows only."""
    return import_module("winreg")
