"""LibreOffice as a user would drive it: headless, with a profile of its own, over UNO.

Its settings are Norwegian, so that "3,5" is typed as a number and "1.2.2021" as a date, as at a leader's desk.
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

DEBIAN = "/usr/lib/python3/dist-packages"  # where a distribution puts `uno`, out of sight of virtual environments
START_SECONDS = 60
CLOSE_SECONDS = 10
RESULT_TEXT = 2  # com.sun.star.sheet.FormulaResult.STRING
LOCALE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>nb-NO</value></prop></item>
</oor:items>"""

# Macros run, as after *Enable content*, and a workbook's VBA is read as such.
MACROS = """<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Filter/Import/VBA">
<prop oor:name="Load" oor:op="fuse"><value>true</value></prop>
<prop oor:name="Executable" oor:op="fuse"><value>true</value></prop></item>
</oor:items>"""
ADDRESS = "XLTILTAK_OFFICE"  # the variable that says where the office is reached
ALWAYS_EXECUTE = 4  # com.sun.star.document.MacroExecMode

SheetKey = str | int
Content = str | float | None
_pipes = count(1)


def missing() -> str | None:
    """What LibreOffice over UNO lacks on this machine; None if it can start."""
    if not shutil.which("soffice"):
        return "LibreOffice (soffice)"
    if not (find_spec("uno") or Path(DEBIAN, "uno.py").exists()):
        return "python3-uno"
    return None


@dataclass(frozen=True, slots=True)
class Validation:
    """What a cell lets in, and what it says of it."""

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
    """A running LibreOffice; it is started anew where it was killed. With `macros`, those of its workbooks run.

    `address` is where another process reaches it.
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

    def open(self, path: Path) -> Document:
        """A workbook or text document, in a window: a hidden one would lose its frozen panes."""
        if self._process is None or self._process.poll() is not None:
            self._start()
        how = properties(MacroExecutionMode=ALWAYS_EXECUTE) if self._macros else ()
        model = self._service("Desktop").loadComponentFromURL(
            path.resolve().as_uri(), "_blank", 0, how
        )
        if model is None:
            raise ValueError(f"LibreOffice does not open {path.name}")
        return Document(self, model)

    @property
    def pid(self) -> int:
        """The process group of the running program."""
        assert self._process is not None, "never started"
        return self._process.pid

    def dispatch(self, frame: Any, command: str, **arguments: Any) -> None:
        """Give a command as a menu or the keyboard would: `.uno:EnterString` and its like."""
        helper = self._service("DispatchHelper")
        helper.executeDispatch(frame, f".uno:{command}", "", 0, properties(**arguments))

    def kill(self) -> None:
        """End the program at once, whatever it is doing; a call waiting for its answer then raises."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def close(self) -> None:
        """Ask the program to end, make sure that it has, and take its profile away."""
        if self._process is not None and self._process.poll() is None:
            with suppress(Exception):  # it may go before it has answered
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
        told = {**os.environ, ADDRESS: self.address}  # to what its macros start
        streams: dict[str, Any] = {"stdin": quiet, "stdout": quiet, "stderr": quiet}
        self._process = subprocess.Popen(command, **streams, env=told, start_new_session=True)
        self._context = self._connect()

    def _connect(self) -> Any:
        not_yet = uno().getClass("com.sun.star.connection.NoConnectException")
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                return resolved(self.address)
            except not_yet:
                time.sleep(0.1)  # the program says nothing when its pipe is there
        self.kill()
        raise TimeoutError(f"LibreOffice did not start within {START_SECONDS} s")

    def _service(self, name: str) -> Any:
        manager = self._context.ServiceManager
        return manager.createInstanceWithContext(f"com.sun.star.frame.{name}", self._context)


class Document:
    """A workbook that is open in LibreOffice. `model` is the UNO document, for what has no word here."""

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
        with suppress(Exception):  # a dead office must not hide what killed it
            self.close()

    @property
    def sheet_names(self) -> list[str]:
        """The names of all sheets, hidden ones too, in order."""
        return list(self.model.Sheets.ElementNames)

    def sheet(self, key: SheetKey) -> Any:
        """The UNO sheet of a name, or of a place counted from 0."""
        sheets = self.model.Sheets
        return sheets.getByIndex(key) if isinstance(key, int) else sheets.getByName(key)

    def cell(self, sheet: SheetKey, address: str) -> Any:
        """The UNO cell at "F15"."""
        return self.sheet(sheet).getCellRangeByName(address).getCellByPosition(0, 0)

    def type(self, sheet: SheetKey, address: str, text: str) -> bool:
        """Type into a cell as a user does, so that protection holds; whether the cell changed.

        Validation does not stop it: headless, nobody answers its question.
        """
        cell = self.cell(sheet, address)
        before = cell.Formula
        self.select(sheet, address)
        self.dispatch("EnterString", StringName=text)
        return bool(cell.Formula != before)

    def select(self, sheet: SheetKey, address: str) -> None:
        """Go to a cell or mark a range, as the commands of `dispatch` need it."""
        self.model.CurrentController.setActiveSheet(self.sheet(sheet))
        self.dispatch("GoToCell", ToPoint=address)

    def dispatch(self, command: str, **arguments: Any) -> None:
        """Give a command on what is selected: "Copy", "Paste", "DeleteRows"."""
        self._office.dispatch(self.model.CurrentController.Frame, command, **arguments)

    def put(self, sheet: SheetKey, address: str, value: Content) -> None:
        """Set a cell past the user interface; a text stays text, also "=1+1"; None clears."""
        cell = self.cell(sheet, address)
        if isinstance(value, str):
            cell.setString(value)
        elif value is None:
            cell.setFormula("")
        else:
            cell.setValue(value)

    def put_formula(self, sheet: SheetKey, address: str, formula: str) -> None:
        """Set a formula past the user interface, in English with semicolons: "=SUM(A1;B1)"."""
        self.cell(sheet, address).setFormula(formula)

    def value(self, sheet: SheetKey, address: str) -> Content:
        """What a cell holds or its formula gives: a number (a date is its serial number), text, None if empty.

        An error is its text: "#DIV/0!".
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
        """The text a cell shows, by its number format."""
        return str(self.cell(sheet, address).String)

    def formula(self, sheet: SheetKey, address: str) -> str | None:
        """The formula of a cell, in English with semicolons; None if it holds none."""
        cell = self.cell(sheet, address)
        return str(cell.Formula) if cell.Type.value == "FORMULA" else None

    def is_protected(self, sheet: SheetKey) -> bool:
        """Whether the sheet is protected."""
        return bool(self.sheet(sheet).isProtected())

    def is_locked(self, sheet: SheetKey, address: str) -> bool:
        """Whether the cell is locked, which means something where the sheet is protected."""
        return bool(self.cell(sheet, address).CellProtection.IsLocked)

    def unprotect(self, sheet: SheetKey, password: str = "") -> None:
        """Take the sheet's protection off."""
        self.sheet(sheet).unprotect(password)

    def validation(self, sheet: SheetKey, address: str) -> Validation | None:
        """The rule for what the cell lets in; None if it lets in all and says nothing."""
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
        """Compute every formula anew; until then a value is the one the file carried."""
        self.model.calculateAll()

    def save(self, path: Path) -> Path:
        """Write the workbook as .xlsx, or the text as .docx, as *Save as* would."""
        return self._store(path, "MS Word 2007 XML" if self._is_text else "Calc MS Excel 2007 XML")

    def pdf(self, path: Path) -> Path:
        """Print all of it to a PDF."""
        return self._store(path, "writer_pdf_Export" if self._is_text else "calc_pdf_Export")

    @property
    def _is_text(self) -> bool:
        return bool(self.model.supportsService("com.sun.star.text.TextDocument"))

    def click(self, sheet: SheetKey, shape: str) -> None:
        """Click a shape: run the script that it carries."""
        page = self.sheet(sheet).DrawPage
        clicked = next(s for s in map(page.getByIndex, range(page.Count)) if s.Name == shape)
        script = next(p.Value for p in clicked.Events.getByName("OnClick") if p.Name == "Script")
        self.model.getScriptProvider().getScript(script).invoke((), (), ())

    def close(self) -> None:
        """Close it without saving."""
        self.model.close(True)  # noqa: FBT003 - UNO takes no names

    def _store(self, path: Path, form: str) -> Path:
        self.model.storeToURL(path.resolve().as_uri(), properties(FilterName=form, Overwrite=True))
        return path


def resolved(address: str) -> Any:
    """The context of a LibreOffice that is running, in this process or another."""
    local = uno().getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext(
        "com.sun.star.bridge.UnoUrlResolver", local
    )
    return resolver.resolve(address)


def properties(**values: Any) -> tuple[Any, ...]:
    """UNO's way of naming arguments."""
    return tuple(
        uno().createUnoStruct("com.sun.star.beans.PropertyValue", n, 0, v, 0)
        for n, v in values.items()
    )


@cache
def uno() -> ModuleType:
    """The UNO bridge. Importing it puts its own function in place of Python's `import`; that is undone here."""
    importing, path = builtins.__import__, list(sys.path)
    sys.path.append(DEBIAN)
    try:
        import uno as bridge
    finally:
        builtins.__import__ = importing
        sys.path[:] = path
    return bridge  # type: ignore[no-any-return]
