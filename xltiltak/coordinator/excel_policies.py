"""Read what Windows and Office allow: macros, add-ins, and programs that Excel starts.

All of it is in the registry. A value that cannot be read forbids nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path, PureWindowsPath
from typing import Any

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
_EXCEL_RESILIENCY = r"Software\Policies\Microsoft\Office\16.0\Excel\Resiliency"


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


def addin_policies(addin: str) -> Iterator[str]:
    """Yield the names of the policies that keep Excel from loading an add-in without a signature.

    `addin` is the name of its file. They are policies of Office, for the user or the machine.
    """
    winreg = _winreg()
    for hive in (winreg.HKEY_CURRENT_USER, winreg.HKEY_LOCAL_MACHINE):
        for name in ("RequireAddinSig", "DisableAllAddins"):
            if _registry_value(hive, _EXCEL_POLICY, name) == 1:
                yield name
        listed = _registry_value(hive, rf"{_EXCEL_RESILIENCY}\AddinList", addin)
        if str(listed) == "0":  # 0 never loads, 1 always, 2 lets the user decide
            yield "AddinList"
        elif listed is None and _registry_value(hive, _EXCEL_RESILIENCY, "RestrictToList") == 1:
            yield "RestrictToList"


def are_trusted_locations_off() -> bool:
    """Return True if a policy or the user has turned trusted locations off."""
    user = _winreg().HKEY_CURRENT_USER
    keys = [rf"{key}\Trusted Locations" for key in (_EXCEL_POLICY, _EXCEL_SECURITY)]
    return any(_registry_value(user, key, "AllLocationsDisabled") == 1 for key in keys)
