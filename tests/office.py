"""Drive LibreOffice as a user would: without a window, with its own profile, over UNO.

Its locale is Norwegian, as on a leader's computer: "3,5" is typed as a number and "1.2.2021" as a
date.
"""

from __future__ import annotations

import builtins
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Self

# A distribution installs `uno` here, where a virtual environment does not find it.
DEBIAN = "/usr/lib/python3/dist-packages"
START_SECONDS = 60
CLOSE_SECONDS = 10
RESULT_TEXT = 2  # com.sun.star.sheet.FormulaResult.STRING
LOCALE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>nb-NO</value></prop></item>
</oor:items>"""

# Run macros as after *Enable content*, and load the VBA of a workbook as executable code.
MACROS = """<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Filter/Import/VBA">
<prop oor:name="Load" oor:op="fuse"><value>true</value></prop>
<prop oor:name="Executable" oor:op="fuse"><value>true</value></prop></item>
</oor:items>"""
ADDRESS = "XLTILTAK_OFFICE"  # the environment variable with the address of the running office
ALWAYS_EXECUTE = 4  # com.sun.star.document.MacroExecMode

SheetKey = str | int
Content = str | float | None
_pipes = count(1)


def missing() -> str | None:
    """Return what is missing on this machine for LibreOffice over UNO; None if it can start."""
    if not shutil.which("soffice"):
        return "LibreOffice (soffice)"
    if not (find_spec("uno") or Path(DEBIAN, "uno.py").exists()):
        return "python3-uno"
    return None


@dataclass(frozen=True, slots=True)
class Validation:
    """The validation rule of a cell, with its messages."""

    type: str  # LIST, WHOLE, DECIMAL, DATE, TEXT_LEN, CUSTOM
    formula1: str  # of a list: "1";"2", or a range
    formula2: str
    operator: str
    shows_list: bool
    ignores_blank: bool
    prompt_title: str
    prompt: str
    error_title: str
    error: str
    error_style: str  # STOP, WARNING, INFO


class Office:
    """A running LibreOffice; it is started again if it was killed.

    With `macros`, it runs the macros of the workbooks that it opens. Another process reaches it at
    `address`.
    """

    def __init__(self, *, macros: bool = False) -> None:
        self.address, self._macros = "", macros
        self._profile = Path(tempfile.mkdtemp(prefix="xltiltak-office-"))
        (self._profile / "user").mkdir()
        (self._profile / "user" / "registrymodifications.xcu").write_text(
            LOCALE.replace("</oor:items>", MACROS) if macros else LOCALE, encoding="utf-8"
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._context: Any = None
        self._start()

    def open(self, path: Path, **options: str) -> Document:
        """Open a workbook or text document; `options` are those of the program, as FilterName.

        It has a window, because a hidden document would lose its frozen panes.
        """
        if self._process is None or self._process.poll() is not None:
            self._start()
        how = properties(MacroExecutionMode=ALWAYS_EXECUTE) if self._macros else ()
        how += properties(**options)
        model = self._service("Desktop").loadComponentFromURL(
            path.resolve().as_uri(), "_blank", 0, how
        )
        if model is None:
            raise ValueError(f"LibreOffice does not open {path.name}")
        return Document(self, model)

    @property
    def pid(self) -> int:
        """Return the process group of the running program."""
        assert self._process is not None, "never started"
        return self._process.pid

    def dispatch(self, frame: Any, command: str, **arguments: Any) -> None:
        """Run a command as a menu or the keyboard would, e.g. `.uno:EnterString`."""
        helper = self._service("DispatchHelper")
        helper.executeDispatch(frame, f".uno:{command}", "", 0, properties(**arguments))

    def kill(self) -> None:
        """Kill the program at once; a call that waits for its answer then raises."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def close(self) -> None:
        """End the program, kill it if it does not end, and delete its profile."""
        if self._process is not None and self._process.poll() is None:
            with suppress(Exception):  # it may end before it answers
                self._service("Desktop").terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(CLOSE_SECONDS)
        self.kill()
        shutil.rmtree(self._profile, ignore_errors=True)

    def _start(self) -> None:
        pipe = f"xltiltak-{os.getpid()}-{next(_pipes)}"
        command = [
            "soffice",
            "--headless",
            "--norestore",
            "--nologo",
            "--nodefault",
            "--nofirststartwizard",
        ]
        command += [
            f"-env:UserInstallation={self._profile.as_uri()}",
            f"--accept=pipe,name={pipe};urp;",
        ]
        quiet = subprocess.DEVNULL
        self.address = f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"
        environment = {**os.environ, ADDRESS: self.address}  # for programs that its macros start
        streams: dict[str, Any] = {"stdin": quiet, "stdout": quiet, "stderr": quiet}
        self._process = subprocess.Popen(
            command, **streams, env=environment, start_new_session=True
        )
        self._context = self._connect()

    def _connect(self) -> Any:
        not_yet = uno().getClass("com.sun.star.connection.NoConnectException")
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                return connect(self.address)
            except not_yet:
                time.sleep(0.1)  # the program does not report that its pipe is ready
        self.kill()
        raise TimeoutError(f"LibreOffice did not start within {START_SECONDS} s")

    def _service(self, name: str) -> Any:
        manager = self._context.ServiceManager
        return manager.createInstanceWithContext(f"com.sun.star.frame.{name}", self._context)


class Document:
    """A workbook that is open in LibreOffice.

    `model` is the UNO document, for everything that has no method here.
    """

    def __init__(self, office: Office, model: Any) -> None:
        self.model = model
        self._office = office

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
            return
        with suppress(Exception):  # an error of closing must not hide the first error
            self.close()

    @property
    def sheet_names(self) -> list[str]:
        """Return the names of all sheets in order, including hidden ones."""
        return list(self.model.Sheets.ElementNames)

    def sheet(self, key: SheetKey) -> Any:
        """Return the UNO sheet with this name, or at this position (from 0)."""
        sheets = self.model.Sheets
        return sheets.getByIndex(key) if isinstance(key, int) else sheets.getByName(key)

    def cell(self, sheet: SheetKey, address: str) -> Any:
        """Return the UNO cell at an address such as "F15"."""
        return self.sheet(sheet).getCellRangeByName(address).getCellByPosition(0, 0)

    def type(self, sheet: SheetKey, address: str, text: str) -> bool:
        """Type into a cell as a user does, so that protection applies.

        Return True if the cell changed. Validation does not stop it, because LibreOffice shows no
        question without a window.
        """
        cell = self.cell(sheet, address)
        before = cell.Formula
        self.select(sheet, address)
        self.dispatch("EnterString", StringName=text)
        return bool(cell.Formula != before)

    def select(self, sheet: SheetKey, address: str) -> None:
        """Go to a cell or select a range, as the commands of `dispatch` need it."""
        self.model.CurrentController.setActiveSheet(self.sheet(sheet))
        self.dispatch("GoToCell", ToPoint=address)

    def dispatch(self, command: str, **arguments: Any) -> None:
        """Run a command on the selection: "Copy", "Paste", "DeleteRows"."""
        self._office.dispatch(self.model.CurrentController.Frame, command, **arguments)

    def put(self, sheet: SheetKey, address: str, value: Content) -> None:
        """Set a cell without the user interface.

        A text stays a text, also "=1+1"; None clears the cell.
        """
        cell = self.cell(sheet, address)
        if isinstance(value, str):
            cell.setString(value)
        elif value is None:
            cell.setFormula("")
        else:
            cell.setValue(value)

    def put_formula(self, sheet: SheetKey, address: str, formula: str) -> None:
        """Set a formula without the user interface.

        It is in English with semicolons: "=SUM(A1;B1)".
        """
        self.cell(sheet, address).setFormula(formula)

    def value(self, sheet: SheetKey, address: str) -> Content:
        """Return the value of a cell, or the result of its formula.

        It is a number (a date is its serial number) or a text (also for an error: "#DIV/0!"). It
        is None if the cell is empty.
        """
        cell = self.cell(sheet, address)
        kind = cell.Type.value
        if kind == "EMPTY":
            return None
        if (
            kind == "TEXT"
            or cell.getError()
            or (kind == "FORMULA" and cell.FormulaResultType2 == RESULT_TEXT)
        ):
            return str(cell.String)
        return float(cell.Value)

    def shown(self, sheet: SheetKey, address: str) -> str:
        """Return the text that a cell shows in its number format."""
        return str(self.cell(sheet, address).String)

    def formula(self, sheet: SheetKey, address: str) -> str | None:
        """Return the formula of a cell, in English with semicolons; None if it has none."""
        cell = self.cell(sheet, address)
        return str(cell.Formula) if cell.Type.value == "FORMULA" else None

    def is_protected(self, sheet: SheetKey) -> bool:
        """Return True if the sheet is protected."""
        return bool(self.sheet(sheet).isProtected())

    def is_locked(self, sheet: SheetKey, address: str) -> bool:
        """Return True if the cell is locked; this has no effect on an unprotected sheet."""
        return bool(self.cell(sheet, address).CellProtection.IsLocked)

    def unprotect(self, sheet: SheetKey, password: str = "") -> None:
        """Remove the protection of the sheet."""
        self.sheet(sheet).unprotect(password)

    def validation(self, sheet: SheetKey, address: str) -> Validation | None:
        """Return the rule and the message of a cell; None if it has neither."""
        rule = self.cell(sheet, address).Validation
        if rule.Type.value == "ANY" and not rule.InputMessage:
            return None
        return Validation(
            type=rule.Type.value,
            formula1=rule.getFormula1(),
            formula2=rule.getFormula2(),
            operator=rule.getOperator().value,
            shows_list=bool(rule.ShowList),
            ignores_blank=rule.IgnoreBlankCells,
            prompt_title=rule.InputTitle,
            prompt=rule.InputMessage,
            error_title=rule.ErrorTitle,
            error=rule.ErrorMessage,
            error_style=rule.ErrorAlertStyle.value,
        )

    def recalculate(self) -> None:
        """Compute every formula; before this, the values are those of the file."""
        self.model.calculateAll()

    def save(self, path: Path) -> Path:
        """Save the workbook as .xlsx, or the text as .docx."""
        return self._store(path, "MS Word 2007 XML" if self._is_text else "Calc MS Excel 2007 XML")

    def pdf(self, path: Path) -> Path:
        """Print everything to a PDF."""
        return self._store(path, "writer_pdf_Export" if self._is_text else "calc_pdf_Export")

    @property
    def _is_text(self) -> bool:
        return bool(self.model.supportsService("com.sun.star.text.TextDocument"))

    def click(self, sheet: SheetKey, shape: str) -> None:
        """Click a shape: run the script that is assigned to it."""
        page = self.sheet(sheet).DrawPage
        clicked = next(s for s in map(page.getByIndex, range(page.Count)) if s.Name == shape)
        script = next(p.Value for p in clicked.Events.getByName("OnClick") if p.Name == "Script")
        self.model.getScriptProvider().getScript(script).invoke((), (), ())

    def close(self) -> None:
        """Close the document without saving."""
        self.model.close(True)  # noqa: FBT003 - UNO takes no names

    def _store(self, path: Path, form: str) -> Path:
        self.model.storeToURL(path.resolve().as_uri(), properties(FilterName=form, Overwrite=True))
        return path


def connect(address: str) -> Any:
    """Return the UNO context of a running LibreOffice, of this process or another."""
    local = uno().getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext(
        "com.sun.star.bridge.UnoUrlResolver", local
    )
    return resolver.resolve(address)


def properties(**values: Any) -> tuple[Any, ...]:
    """Return named arguments in the form that UNO expects."""
    return tuple(
        uno().createUnoStruct("com.sun.star.beans.PropertyValue", n, 0, v, 0)
        for n, v in values.items()
    )


@cache
def uno() -> ModuleType:
    """Return the UNO bridge.

    Importing it replaces Python's `import` function; the original is restored here.
    """
    importing, path = builtins.__import__, list(sys.path)
    sys.path.append(DEBIAN)
    try:
        import uno as bridge
    finally:
        builtins.__import__ = importing
        sys.path[:] = path
    return bridge  # type: ignore[no-any-return]
