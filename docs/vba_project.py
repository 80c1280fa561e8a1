"""Build the VBA projects that ship with the program.

`python docs/vba_project.py` writes two files from the sources in `macros/`:

- `vbaProject.bin`, of the coordinator's workbook: `XltiltakButtons.bas` and the standalone modules
  of the installed xlwings;
- `addinProject.bin`, of the ribbon add-in: `XltiltakAddin.bas` alone.

The files are shipped and not built on the user's machine: an IT department can then inspect, allow
or sign the same bytes once for all, and users do not need a library that writes VBA.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import xlsxwriter
import xlwings
from pyopenvba import ExcelFile, VBAModuleKind
from pyopenvba.cfb import CFB
from pyopenvba.vba import (
    compress,
    parse_vba_project,
    serialize_dir_stream,
    write_back_modules,
)

from xltiltak.coordinator.addin import SHEET as ADDIN_SHEET
from xltiltak.coordinator.model import SHEETS

MACROS = Path(__file__).parents[1] / "macros"
BUTTONS, ADDIN = MACROS / "vbaProject.bin", MACROS / "addinProject.bin"
STANDALONE = Path(xlwings.__file__).parent / "quickstart_standalone.xlsm"
CLASSES = {"Dictionary"}
PROJECT_NAME = "xltiltak"  # two loaded projects must not have one name
PLAIN, WITH_MACROS = (
    b"openxmlformats-officedocument.spreadsheetml.sheet.main",
    b"ms-excel.sheet.macroEnabled.main",
)
# [MS-OVBA] 2.3.4.1: a writer gives the version 0xFFFF and no performance cache, so that every Excel
# compiles the sources and none trusts a cache of another version.
VERSION_STREAM = b"\xcc\x61\xff\xff\x00\x01\x00"
# [MS-OVBA] 2.3.4.2.1.6: the record of the project's name in the stream `dir` is id, size, name.
NAME_RECORD = b"\x04\x00"


def modules_of_xlwings() -> dict[str, str]:
    """Return the source of the modules that `RunPython` needs, by name, as Excel saved them."""
    with ExcelFile(STANDALONE) as book:
        return {name: book.get_module(name) for name in ("xlwings", "Dictionary")}


def module_of_ours(name: str) -> dict[str, str]:
    """Return the source of one of our own modules, by its name."""
    return {name: (MACROS / f"{name}.bas").read_text("utf-8")}


def buttons_project() -> bytes:
    """Return the VBA project of the coordinator's workbook."""
    return project({**modules_of_xlwings(), **module_of_ours("XltiltakButtons")}, SHEETS)


def addin_project() -> bytes:
    """Return the VBA project of the ribbon add-in."""
    return project(module_of_ours("XltiltakAddin"), [ADDIN_SHEET])


def project(modules: Mapping[str, str], sheets: Sequence[str]) -> bytes:
    """Return the VBA project of a workbook with these sheets and modules."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsm"
        path.write_bytes(_without_macros(sheets))
        with ExcelFile(path) as book:
            built = book.add_vba_project()
            for name, source in modules.items():
                kind = VBAModuleKind.other if name in CLASSES else VBAModuleKind.standard
                built.add_module(name, "\r\n".join(source.splitlines()) + "\r\n", kind=kind)
            book.save()
        with ZipFile(path) as archive:
            return conforming(archive.read("xl/vbaProject.bin"))


def conforming(content: bytes) -> bytes:
    """Return a VBA project as [MS-OVBA] asks of a writer: sources only, and with our name.

    The library keeps the version and compiled code of the Excel that made its own empty project.
    """
    file = CFB.from_bytes(content)
    parsed = parse_vba_project(file)
    for module in parsed.modules:
        module.dirty = bool(module.source)  # its stream becomes the source alone
    write_back_modules(file, parsed)
    old, new = _name_record(parsed.name), _name_record(PROJECT_NAME)
    directory = compress(serialize_dir_stream(parsed).replace(old, new, 1))
    file.write_stream_in_storage("VBA", "dir", directory)
    file.write_stream_in_storage("VBA", "_VBA_PROJECT", VERSION_STREAM)
    listed = file.get_stream("PROJECT")
    file.write_stream(
        "PROJECT", re.sub(rb'Name="[^"]*"', f'Name="{PROJECT_NAME}"'.encode(), listed)
    )
    return bytes(file.to_bytes())


def _name_record(name: str) -> bytes:
    """Return the record of the project's name in the stream `dir`."""
    return NAME_RECORD + len(name).to_bytes(4, "little") + name.encode("ascii")


def _without_macros(sheets: Sequence[str]) -> bytes:
    """Return a workbook with these sheets and the content type of one with macros."""
    plain, marked = BytesIO(), BytesIO()
    with xlsxwriter.Workbook(plain, {"in_memory": True}) as book:
        for name in sheets:
            book.add_worksheet(name)
    with ZipFile(plain) as source, ZipFile(marked, "w") as target:
        for entry in source.infolist():
            target.writestr(entry, source.read(entry).replace(PLAIN, WITH_MACROS))
    return marked.getvalue()


if __name__ == "__main__":
    BUTTONS.write_bytes(buttons_project())
    ADDIN.write_bytes(addin_project())
