"""What Windows and Office let a workbook with macros do, as far as the registry and the file itself tell."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path, PureWindowsPath
from typing import Any

_EXCEL = r"Software\Microsoft\Office\16.0\Excel\Security"
_POLICY = r"Software\Policies\Microsoft\Office\16.0\Excel\Security"
_RULES = (
    r"SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules",
    r"SOFTWARE\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules",
)
_CHILD_PROCESSES = "d4f940ab-401b-4efc-aadc-ad5f3c50688a"  # "Block all Office applications from creating child processes"
_BLOCKS = ("1", "6")  # block, and warn
_SIGNED_ONLY = 3  # of VBAWarnings; from here on an unsigned macro does not run
_MOST_LOCATIONS = 200


def from_the_web(path: Path) -> bool:
    """Does Windows remember that the file came from mail or the web? Its macros are blocked then."""
    try:
        with Path(f"{path}:Zone.Identifier").open(encoding="utf-8", errors="replace") as stream:
            return any(line.strip() in ("ZoneId=3", "ZoneId=4") for line in stream)
    except OSError:
        return False


def macros_are_off() -> bool:
    """Are macros that nobody has signed switched off for this user?"""
    user = _registry().HKEY_CURRENT_USER
    said = next(
        (v for key in (_POLICY, _EXCEL) if (v := _value(user, key, "VBAWarnings")) is not None),
        None,
    )
    return isinstance(said, int) and said >= _SIGNED_ONLY


def in_trusted_location(path: Path) -> bool:
    """Does the file lie in a folder whose macros run without being asked?"""
    user, folder = _registry().HKEY_CURRENT_USER, PureWindowsPath(path).parent
    for key in (_POLICY, _EXCEL):
        for n in range(_MOST_LOCATIONS):
            location = rf"{key}\Trusted Locations\Location{n}"
            said = _value(user, location, "Path")
            if said is None:
                continue
            known = PureWindowsPath(os.path.expandvars(str(said)))
            if folder == known or (
                _value(user, location, "AllowSubFolders") == 1 and folder.is_relative_to(known)
            ):
                return True
    return False


def programs_are_blocked() -> bool:
    """Does Defender keep Office from starting other programs, as a button must?"""
    machine = _registry().HKEY_LOCAL_MACHINE
    return any(str(_value(machine, key, _CHILD_PROCESSES)) in _BLOCKS for key in _RULES)


def _value(hive: Any, key: str, name: str) -> Any:
    """A value of the registry; None where there is none, or nobody may see it."""
    registry = _registry()
    try:
        with registry.OpenKey(hive, key) as opened:
            return registry.QueryValueEx(opened, name)[0]
    except OSError:
        return None


def _registry() -> Any:
    return import_module("winreg")
