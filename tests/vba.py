"""Click a button of the ribbon: run the VBA of the add-in, and the command that it starts.

An interpreter runs the module as it is in the add-in, for Windows or a Mac. What it asks of the
system is answered here: `WScript.Shell` runs the command line in `sh`, and `AppleScriptTask` runs
what the installed script would.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from pyopenvba.interpreter import HostBridge, Interpreter, VBAObject, member, method
from pyopenvba.interpreter import _preprocess as directives
from pyopenvba.interpreter._runtime import UNRESOLVED
from pyopenvba.interpreter._values import error

from tests.macro_rules import sources_of
from xltiltak.coordinator import addin, addin_setup
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.sheet_reader import read_sheets

HWND = 4_711
FAILED = 70  # VBA's error number for "permission denied"


@dataclass
class Click:
    """What a click did: the commands that were run, their exit codes, and the message boxes."""

    commands: list[str] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


class _Control(VBAObject):
    """The button that was clicked."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    @member
    def ID(self) -> object:  # noqa: N802 - as Office names it
        return self._name


class _Cells(VBAObject):
    """The workbook of the add-in, its sheets, a sheet, and a cell: whatever VBA asks of it."""

    def __init__(self, cells: Mapping[str, str], address: str = "") -> None:
        super().__init__()
        self._cells, self._address = cells, address

    @method
    def Worksheets(self, number: Any) -> object:  # noqa: N802 - as Excel names it
        assert int(number) == 1
        return self

    @method
    def Range(self, address: str) -> object:  # noqa: N802 - as Excel names it
        return _Cells(self._cells, address)

    @member
    def Value(self) -> object:  # noqa: N802 - as Excel names it
        return self._cells[self._address]


class _Application(VBAObject):
    """Excel."""

    @member
    def Hwnd(self) -> object:  # noqa: N802 - as Excel names it
        return HWND


class _System(VBAObject):
    """`WScript.Shell` and `Scripting.FileSystemObject`."""

    def __init__(self, office: _Office) -> None:
        super().__init__()
        self._office = office

    @method
    def ExpandEnvironmentStrings(self, text: str) -> object:  # noqa: N802 - as Windows names it
        values = self._office.environment
        return re.sub("%([^%]+)%", lambda found: values.get(found[1], found[0]), text)

    @method
    def FileExists(self, path: str) -> object:  # noqa: N802 - as Windows names it
        return os.path.isfile(path)  # noqa: PTH113 - a path as VBA has it

    @method
    def Run(self, command: str, window: Any, wait: Any) -> object:  # noqa: N802 - as Windows names it
        assert (int(window), bool(wait)) == (0, True)  # hidden, and waits
        return self._office.run(command)


class _Office(HostBridge):
    """What Office and the system offer to the VBA of the add-in."""

    def __init__(
        self, cells: Mapping[str, str], environment: Mapping[str, str], *, may_start: bool
    ) -> None:
        self.cells, self.environment, self.may_start = cells, environment, may_start
        self.click = Click()

    def global_object(self, name: str) -> object:
        known = {"thisworkbook": _Cells(self.cells), "application": _Application()}
        return known.get(name.lower(), UNRESOLVED)

    def create(self, type_name_: str) -> object:
        known = ("wscript.shell", "scripting.filesystemobject")
        return _System(self) if type_name_.lower() in known else UNRESOLVED

    def has_global_member(self, name: str) -> bool:
        return name.lower() == "applescripttask"

    def call_global(self, name: str, args: list[Any], named: dict[str, object]) -> object:
        assert (name.lower(), named) == ("applescripttask", {})
        file, handler, text = args
        assert file == addin_setup.MAC_SCRIPT_NAME
        assert f"on {handler}(" in addin_setup.MAC_SCRIPT_TEXT
        return self.run(shell_command(*text.split("|")))

    def run(self, command: str) -> int:
        """Run a command in `sh` and return its exit code. Raises VBA's error if it may not."""
        if not self.may_start:
            raise error(FAILED, "Permission denied")
        code = subprocess.run(["/bin/sh", "-c", command], env=self.environment, check=False)
        self.click.commands.append(command)
        self.click.codes.append(code.returncode)
        return code.returncode


def shell_command(python: str, verb: str) -> str:
    """Return what `do shell script` of the installed AppleScript runs, in front and not behind."""
    text = addin_setup.MAC_SCRIPT_TEXT.replace("\\\n", "")
    (expression,) = re.findall(r"do shell script (.*)", text)
    values = {
        "quoted form of python": shlex.quote(python),
        "quoted form of verb": shlex.quote(verb),
    }
    parts = [part.strip() for part in expression.split(" & ")]
    command = "".join(part[1:-1] if part.startswith('"') else values[part] for part in parts)
    assert command.endswith(" > /dev/null 2>&1 &")
    return command.removesuffix(" > /dev/null 2>&1 &")


def click(
    content: bytes,
    verb: str,
    environment: Mapping[str, str],
    *,
    on_mac: bool = False,
    may_start: bool = True,
) -> Click:
    """Click a button of an add-in. With `may_start` false the system lets Office start nothing."""
    (sheet,) = read_sheets(Package(content))
    cells = {f"B{row}": str(values.get(2, "")) for row, values in sheet.rows.items()}
    office = _Office(cells, environment, may_start=may_start)
    vba = Interpreter(office)
    constants = {**directives.DEFAULT_CONSTANTS, "Mac": on_mac}
    with patch.object(directives, "DEFAULT_CONSTANTS", constants):
        for name, source in sources_of(addin.addin_project()).items():
            vba.add_module(source, name=name)
    vba.run("XltiltakAddin.XltiltakClick", [_Control(f"xltiltak{verb.capitalize()}")])
    office.click.messages = [str(text) for _, text, *_ in vba.dialogs]
    return office.click
