"""Test the check of VBA projects and ribbon tabs: break a good add-in in each way."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import ZipFile

import pytest
from pyopenvba.cfb import CFB
from pyopenvba.vba import compress, parse_vba_project, write_back_modules

from tests.excel_rules import TAB, problems
from tests.test_excel_rules import edited
from xltiltak.coordinator import addin, model
from xltiltak.coordinator.workbook_writer import write_coordinator_workbook

TYPES, RELATIONS, BOOK = "[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"
BUTTON = '<button id="xltiltakSplit"'
SCHEMA_2006 = "office/2006/01/customui"


@pytest.fixture(scope="module")
def good() -> bytes:
    """Build an add-in without faults."""
    return addin.build_addin("nb", "python", "")


def with_project(content: bytes, project: bytes) -> bytes:
    """Return a workbook with another VBA project."""
    target = BytesIO()
    with ZipFile(BytesIO(content)) as source, ZipFile(target, "w") as copy:
        for name in source.namelist():
            copy.writestr(name, project if name.endswith(".bin") else source.read(name))
    return target.getvalue()


def with_source(content: bytes, old: str, new: str) -> bytes:
    """Return an add-in in whose module a text is replaced."""
    file = CFB.from_bytes(addin.addin_project())
    project = parse_vba_project(file)
    (module,) = (m for m in project.modules if m.name == "XltiltakAddin")
    assert old in module.source
    module.source, module.dirty = module.source.replace(old, new, 1), True
    write_back_modules(file, project)
    return with_project(content, bytes(file.to_bytes()))


def test_the_workbooks_with_macros_have_no_problems(good: bytes) -> None:
    assert problems(good, ".xlam") == []
    buttons = write_coordinator_workbook("nb", {}, {}, model.vba_project())
    assert problems(buttons, ".xlsm") == []
    assert problems(write_coordinator_workbook("nb", {}, {}, None), ".xlsx") == []


@pytest.mark.parametrize(
    ("part", "old", "new", "problem"),
    [
        (TAB, "2009/07", "2006/01", "the root is"),
        (TAB, "<ribbon>", "<band/><ribbon>", "is not known"),
        (TAB, "<tabs>", "<tabs/><tabs>", "two elements tabs"),
        (TAB, "<ribbon>", "<ribbon><qat/>", "is not known"),
        (TAB, "<separator ", "<tab/><separator ", "the elements within it are"),
        (TAB, 'id="xltiltakLine"', 'id="xltiltakTab"', "2 elements are called xltiltakTab"),
        (TAB, BUTTON, '<button id="1 a"', "the name is not allowed"),
        (TAB, BUTTON, f'{BUTTON} idMso="Copy"', "one of id, idQ and idMso"),
        (TAB, BUTTON, f'{BUTTON} colour="red"', "the attribute colour is not allowed"),
        (
            TAB,
            BUTTON,
            f'{BUTTON} getLabel="XltiltakAddin.XltiltakClick"',
            "both label and getLabel",
        ),
        (TAB, BUTTON, f'{BUTTON} getEnabled="XltiltakAddin.Is"', "there is no procedure"),
        (TAB, 'size="large"', 'size="huge"', "the size huge"),
        (TAB, 'imageMso="FileNew"', 'imageMso="HelpLive"', "Office has no icon HelpLive"),
        (TAB, '"TabReview"', '"TabRevue"', "Office has no tab TabRevue"),
        (TAB, 'keytip="TI"', 'keytip="TILT"', "keytip has 4 characters"),
        (TAB, 'label="Send ut"', 'label=""', "label has 0 characters"),
        (TAB, 'label="Send ut"', f'label="{"S" * 1025}"', "label has 1025 characters"),
        (TAB, ".XltiltakClick", ".XltiltakKlikk", "there is no procedure"),
        (TAB, "<customUI ", '<customUI onLoad="XltiltakAddin.XltiltakClick" ', "onLoad: "),
        (RELATIONS, "office/2007/rel", "office/2006/rel", "customUI14.xml is a part of"),
        (TYPES, "addin.macroEnabled.main", "template.main", "a file .xlam with"),
        (BOOK, 'codeName="ThisWorkbook"', 'codeName="Bok"', "modules of ['Sheet1'"),
    ],
)
def test_each_fault_of_a_tab_is_found(
    good: bytes, part: str, old: str, new: str, problem: str
) -> None:
    found = problems(edited_with_macros(good, part, old, new), ".xlam")
    assert any(problem in line for line in found), found


def edited_with_macros(content: bytes, part: str, old: str, new: str) -> bytes:
    """Return a workbook with macros in which a text of one part is replaced."""
    with ZipFile(BytesIO(content)) as archive:
        (project,) = (archive.read(n) for n in archive.namelist() if n.endswith(".bin"))
    return with_project(edited(with_project(content, b"-"), part, old, new), project)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("control As IRibbonControl", "control As Object", "takes (control As Object)"),
        ("Public Sub XltiltakClick", "Private Sub XltiltakClick", "there is no procedure"),
        ("Option Explicit", "' " + "x" * 1_030, "a line of more than 1023 characters"),
        ("Option Explicit\r\n", "Option Explicit\n", "ends without a carriage return"),
        ('VB_Name = "XltiltakAddin"', 'VB_Name = "Annet"', "a wrong name"),
    ],
)
def test_each_fault_of_a_module_is_found(good: bytes, old: str, new: str, problem: str) -> None:
    found = problems(with_source(good, old, new), ".xlam")
    assert any(problem in line for line in found), found


@pytest.mark.parametrize(
    ("stream", "content", "problem"),
    [
        ("_VBA_PROJECT", b"\xcc\x61\xb5\x00\x00\x01\x00", "a version of VBA"),
        ("_VBA_PROJECT", b"\xcc\x61\xff\xff\x00\x01\x00" + bytes(9), "a version of VBA"),
    ],
)
def test_each_fault_of_a_project_is_found(
    good: bytes, stream: str, content: bytes, problem: str
) -> None:
    file = CFB.from_bytes(addin.addin_project())
    file.write_stream_in_storage("VBA", stream, content)
    found = problems(with_project(good, bytes(file.to_bytes())), ".xlam")
    assert any(problem in line for line in found), found


def test_compiled_code_before_a_source_is_found(good: bytes) -> None:
    file = CFB.from_bytes(addin.addin_project())
    project = parse_vba_project(file)
    source = file.get_stream_in_storage("VBA", "XltiltakAddin")
    file.write_stream_in_storage("VBA", "XltiltakAddin", bytes(16) + source)
    directory = project_directory(file)
    file.write_stream_in_storage("VBA", "dir", directory)
    assert project.modules
    found = problems(with_project(good, bytes(file.to_bytes())), ".xlam")
    assert any("compiled code before the source" in line for line in found), found


def project_directory(file: CFB) -> bytes:
    """Return the stream `dir` with an offset of 16 for the last module."""
    from pyopenvba.vba import decompress

    plain = decompress(file.get_stream_in_storage("VBA", "dir"))
    offset = b"\x31\x00\x04\x00\x00\x00"  # [MS-OVBA] 2.3.4.2.3.2.5
    at = plain.rindex(offset) + len(offset)
    return bytes(compress(plain[:at] + (16).to_bytes(4, "little") + plain[at + 4 :]))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[0]!XltiltakSplit", "[0]!XltiltakSplitt", "the macro XltiltakSplitt is not there"),
        ("xl/vbaProject.bin", "xl/annet.bin", "macros without a VBA project"),
    ],
)
def test_each_fault_of_a_button_is_found(old: str, new: str, problem: str) -> None:
    good = write_coordinator_workbook("nb", {}, {}, model.vba_project())
    target = BytesIO()
    with ZipFile(BytesIO(good)) as source, ZipFile(target, "w") as copy:
        for name in source.namelist():
            part = source.read(name)
            copy.writestr(
                name.replace(old, new), re.sub(re.escape(old).encode(), new.encode(), part)
            )
    found = problems(target.getvalue())
    assert any(problem in line for line in found), found
