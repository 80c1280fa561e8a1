"""The ribbon add-in: what is in it, and how it is installed on a Windows and a Mac of a test."""

from __future__ import annotations

import re
import sys
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import pytest
from defusedxml.ElementTree import fromstring
from pyopenvba.cfb import CFB
from pyopenvba.vba import parse_vba_project

from tests.coordinator.test_doctor_windows import POLICY, SECURITY, USER, Registry, registry
from tests.coordinator.test_workbook_writer import builder, macros_in
from tests.office import Office
from tests.parts import Validator
from xltiltak import __version__
from xltiltak.cli import main as cli
from xltiltak.coordinator import addin, addin_setup, doctor, model
from xltiltak.coordinator.addin import VERBS, build_addin, ribbon_xml
from xltiltak.coordinator.addin_setup import Machine
from xltiltak.model.errors import ExcelError
from xltiltak.model.language import LANGUAGES
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.sheet_reader import read_sheets

__all__ = ["registry"]
NAMESPACE = "{http://schemas.microsoft.com/office/2009/07/customui}"
PYTHON = r"%LOCALAPPDATA%\Programs\Python\Python312\python.exe"
SOURCE = (model.shipped_folder("macros") / "XltiltakAddin.bas").read_text("utf-8")
# Of OfficeDev/office-fluent-ui-command-identifiers, Excel, Current Channel.
OFFICE_ICONS = {
    "ChartInsert", "FileSendAsAttachment", "ErrorChecking", "Consolidate", "FileSaveAsPdfOrXps",
    "ReviewNewComment", "FileNew", "AccessibilityChecker", "Help",
}  # fmt: skip
# The order and names of the attributes that customui14.xsd allows for a button, in part.
BUTTON_ATTRIBUTES = {"id", "label", "screentip", "supertip", "imageMso", "size", "onAction"}


def part(content: bytes, name: str) -> str:
    """Return the text of a part of a workbook."""
    with ZipFile(BytesIO(content)) as archive:
        return archive.read(name).decode()


def cells_of(content: bytes) -> list[Any]:
    """Return what the macro reads: B1 to B6 of the hidden sheet."""
    (sheet,) = read_sheets(Package(content))
    return [sheet.rows.get(row, {}).get(2, "") for row in range(1, 7)]


@pytest.mark.parametrize("project", [model.vba_project(), addin.addin_project()])
def test_every_project_is_what_ms_ovba_asks_of_a_writer(project: bytes) -> None:
    """[MS-OVBA] 2.3.4.1: the version 0xFFFF, no performance cache, sources from offset 0."""
    file = CFB.from_bytes(project)
    parsed = parse_vba_project(file)
    assert file.get_stream_in_storage("VBA", "_VBA_PROJECT") == b"\xcc\x61\xff\xff\x00\x01\x00"
    assert not [name for name in file.list_streams() if name.startswith("__SRP_")]
    assert {module.text_offset for module in parsed.modules} == {0}
    assert parsed.name == "xltiltak"
    listed = file.get_stream("PROJECT").decode("cp1252")
    assert 'Name="xltiltak"' in listed
    named = re.findall(r"^(?:Document|Module|Class)=(\w+)", listed, re.MULTILINE)
    assert named == [module.name for module in parsed.modules]


def test_the_shipped_project_is_built_from_the_source() -> None:
    assert builder().addin_project() == addin.addin_project()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_addin_has_the_macro_that_its_buttons_call(language: str) -> None:
    content = build_addin(language, PYTHON, "")
    assert content == build_addin(language, PYTHON, "")
    sources = dict(macros_in(content))
    assert sources["XltiltakAddin.bas"].replace("\r\n", "\n").strip() == SOURCE.strip()
    tab = fromstring(part(content, "customUI/customUI14.xml"))
    buttons = list(tab.iter(f"{NAMESPACE}button"))
    assert [button.get("id") for button in buttons] == [f"xltiltak{v.capitalize()}" for v in VERBS]
    assert {button.get("onAction") for button in buttons} == {"XltiltakAddin.XltiltakClick"}
    assert "Public Sub XltiltakClick(control As IRibbonControl)" in SOURCE
    assert dict(re.findall(r'Case "(\w+)": StartPython "(\w+)"', SOURCE)) == {
        f"xltiltak{verb.capitalize()}": verb for verb in VERBS
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tab_keeps_the_rules_of_its_schema(language: str) -> None:
    root = fromstring(ribbon_xml(language))
    assert root.tag == f"{NAMESPACE}customUI"
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(set(ids)) == len(ids)
    for button in root.iter(f"{NAMESPACE}button"):
        assert set(button.keys()) == BUTTON_ATTRIBUTES
        assert button.get("imageMso") in OFFICE_ICONS
        assert button.get("size") in {"large", "normal"}
        assert 0 < len(button.get("label", "")) <= 1024
        assert 0 < len(button.get("supertip", "")) <= 1024
    for attribute in ("getLabel", "getEnabled", "onLoad"):
        assert attribute not in ribbon_xml(language)


def test_the_tab_is_in_the_language_of_the_installation() -> None:
    assert 'label="Konsolidera"' in ribbon_xml("sv")
    assert 'label="Consolidate"' in ribbon_xml("en")


def test_excel_finds_the_tab_and_the_kind_of_file() -> None:
    content = build_addin("nb", PYTHON, "")
    relationships = part(content, "_rels/.rels")
    assert "office/2007/relationships/ui/extensibility" in relationships
    assert 'Target="customUI/customUI14.xml"' in relationships
    assert "ms-excel.addin.macroEnabled.main+xml" in part(content, "[Content_Types].xml")
    assert "sheet.macroEnabled" not in part(content, "[Content_Types].xml")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_macro_finds_python_and_its_sentences(language: str) -> None:
    values = cells_of(build_addin(language, PYTHON, "/py"))
    assert values[:2] == [PYTHON, "/py"]
    assert all(isinstance(value, str) and len(value) > 20 for value in values[2:5])
    assert values[5] == __version__
    assert set(re.findall(r'Setting\("(B\d)"\)', SOURCE)) == {"B1", "B2", "B3", "B4", "B5"}


def test_no_name_or_path_of_a_workbook_is_in_a_command() -> None:
    code = [line for line in SOURCE.splitlines() if not line.strip().startswith("'")]
    text = "\n".join(code)
    for word in ("ActiveWorkbook", ".Name", ".FullName", ".Path", "ActiveSheet", "Selection"):
        assert word not in text
    assert "xlwings" not in text
    assert text.count("ThisWorkbook") == 1


@pytest.mark.validator
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_addin_is_valid(language: str, validator: Validator, tmp_path: Path) -> None:
    path = tmp_path / "xltiltak.xlam"
    path.write_bytes(build_addin(language, PYTHON, ""))
    assert not validator(path)


@pytest.mark.office
def test_another_program_opens_the_addin(office: Office, tmp_path: Path) -> None:
    """LibreOffice has no add-ins of Excel's kind: it is told to take it for a workbook."""
    path = tmp_path / "xltiltak.xlam"
    path.write_bytes(build_addin("nb", PYTHON, ""))
    with office.open(path, FilterName="Calc MS Excel 2007 VBA XML") as document:
        libraries = document.model.BasicLibraries
        (library,) = {*libraries.ElementNames} - {"Standard"} or {"Standard"}
        modules = libraries.getByName(library)
        code = "\n".join(modules.getByName(name) for name in modules.ElementNames)
        shown = [document.value(0, f"B{row}") or "" for row in range(1, 7)]
    assert "xltiltak ribbon" in code
    assert shown == cells_of(path.read_bytes())


class ExcelWithAddins:
    """What `addin_setup` uses of Excel: the list of add-ins. It is empty and has no workbook."""

    def __init__(self) -> None:
        self.books: list[Any] = []
        self.listed: list[Any] = []
        self.calls: list[str] = []
        self.api = SimpleNamespace(AddIns=self)

    def __iter__(self) -> Any:
        return iter(self.listed)

    def Add(self, path: str, copy: bool) -> Any:  # noqa: N802, FBT001 - as Excel names it
        assert copy is False
        self.calls.append("add")
        added = SimpleNamespace(Name=Path(path).name, Installed=False)
        self.listed.append(added)
        return added

    def quit(self) -> None:
        self.calls.append("quit")


@pytest.fixture
def windows(tmp_path: Path) -> Machine:
    """Return a Windows whose folders are in the folder of the test."""
    folders = {"LOCALAPPDATA": str(tmp_path / "Local"), "APPDATA": str(tmp_path / "Roaming")}
    return Machine("win32", folders, tmp_path)


@pytest.fixture
def excel(monkeypatch: pytest.MonkeyPatch) -> ExcelWithAddins:
    """Start a stand-in for Excel when the program asks for one."""
    app = ExcelWithAddins()

    class Books(list[Any]):
        def add(self) -> Any:
            return SimpleNamespace(close=lambda: app.calls.append("close"))

    app.books = Books()
    monkeypatch.setattr("xlwings.apps", SimpleNamespace(active=None))
    monkeypatch.setattr("xlwings.App", lambda visible: app)  # noqa: ARG005 - as xlwings calls it
    return app


def test_on_windows_excel_itself_adds_it(
    windows: Machine, excel: ExcelWithAddins, tmp_path: Path
) -> None:
    path, loaded = addin_setup.install("nb", machine=windows)
    assert path == tmp_path / "Local" / "xltiltak" / "xltiltak.xlam"
    assert loaded
    assert [(one.Name, one.Installed) for one in excel.listed] == [("xltiltak.xlam", True)]
    assert excel.calls[-3:] == ["add", "close", "quit"]
    assert not (tmp_path / "Roaming").exists()
    (found,) = addin_setup.installed(windows)
    assert (found.path, found.version, found.starts_with_excel) == (path, __version__, False)


def test_it_is_installed_again_over_itself_and_taken_out(
    windows: Machine, excel: ExcelWithAddins
) -> None:
    addin_setup.install("nb", machine=windows)
    path, _ = addin_setup.install("sv", machine=windows)
    assert 'label="Skicka ut"' in part(path.read_bytes(), "customUI/customUI14.xml")
    assert addin_setup.uninstall(windows) == (path,)
    assert not path.exists()
    assert not any(one.Installed for one in excel.listed)
    assert addin_setup.uninstall(windows) == ()


@pytest.mark.usefixtures("excel")
def test_the_startup_folder_is_used_when_asked_for(windows: Machine, tmp_path: Path) -> None:
    path, loaded = addin_setup.install("nb", startup=True, machine=windows)
    assert path == tmp_path / "Roaming" / "Microsoft" / "Excel" / "XLSTART" / "xltiltak.xlam"
    assert not loaded
    assert [one.starts_with_excel for one in addin_setup.installed(windows)] == [True]


def test_on_a_mac_there_is_a_script_that_starts_python(tmp_path: Path) -> None:
    machine = Machine("darwin", {}, tmp_path)
    path, loaded = addin_setup.install("nb", machine=machine)
    assert not loaded
    script = tmp_path / "Library/Application Scripts/com.microsoft.Excel/xltiltak.applescript"
    text = script.read_text("utf-8")
    assert "on XltiltakStart(pythonAndVerb)" in text
    assert 'quoted form of python & " -m xltiltak ribbon "' in text
    assert cells_of(path.read_bytes())[:2] == ["", sys.executable]
    assert set(addin_setup.uninstall(machine)) == {path, script}


def test_without_excel_a_folder_must_be_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")
    monkeypatch.setattr(sys, "platform", "linux")
    assert cli.run(["addin", "install"]) == 3
    assert "--to" in capsys.readouterr().err
    assert cli.run(["addin", "install", "--lang", "en", "--to", str(tmp_path / "ny mappe")]) == 0
    assert (tmp_path / "ny mappe" / "xltiltak.xlam").is_file()
    assert cli.run(["addin", "status"]) == 1
    assert cli.run(["addin", "uninstall"]) == 0


@pytest.mark.usefixtures("excel")
def test_excel_that_refuses_is_a_sentence(
    windows: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ExcelWithAddins, "Add", lambda *_: 1 / 0)
    with pytest.raises(ExcelError) as caught:
        addin_setup.install("nb", machine=windows)
    assert caught.value.key == "addin_refused"


POLICIES = {
    "RequireAddinSig": (USER, POLICY, "RequireAddinSig", 1),
    "DisableAllAddins": (USER, POLICY, "DisableAllAddins", 1),
    "AddinList": (USER, POLICY.replace("Security", r"Resiliency\AddinList"), "xltiltak.xlam", "0"),
    "RestrictToList": (USER, POLICY.replace("Security", "Resiliency"), "RestrictToList", 1),
}


@pytest.mark.usefixtures("excel")
@pytest.mark.parametrize("policy", POLICIES)
def test_troubleshooting_names_the_policy(
    policy: str, windows: Machine, registry: Registry
) -> None:
    addin_setup.install("nb", machine=windows)
    assert not [check for check in doctor.check_addin(windows) if check.key == "addin_policy"]
    *place, value = POLICIES[policy]
    registry[tuple(place)] = value  # type: ignore[index]
    failed = [check for check in doctor.check_addin(windows) if check.key == "addin_policy"]
    assert [check.values["policy"] for check in failed] == [policy]


@pytest.mark.usefixtures("excel")
def test_troubleshooting_sees_macros_that_are_off_and_an_older_addin(
    windows: Machine, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addin, "__version__", "0.0.1")
    addin_setup.install("nb", machine=windows)
    registry[USER, SECURITY, "VBAWarnings"] = 4
    failed = {check.key for check in doctor.check_addin(windows) if not check.passed}
    assert failed == {"addin_other", "addin_macros_off"}


def folder_with_conda(folder: Path) -> str:
    """Return a Python of conda."""
    (folder / "conda-meta").mkdir()
    return str(folder / "python.exe")


@pytest.mark.parametrize(
    ("python", "key"),
    [
        (r"C:\Users\Kari\AppData\Local\Microsoft\WindowsApps\python.exe", "store_python"),
        (r"C:\Users\Čáppa\python.exe", "odd_letters"),
        (r"C:\Users\Åse Bø\python.exe", None),
        ("conda", "conda"),
    ],
)
def test_a_python_that_excel_cannot_start_is_told(
    python: str, key: str | None, tmp_path: Path
) -> None:
    python = folder_with_conda(tmp_path) if python == "conda" else python
    assert [check.key for check in doctor.check_windows_python(python)] == [key] * bool(key)
