"""Build the VBA project of the coordinator's workbook.

`python docs/vba_project.py` writes `macros/vbaProject.bin` from `macros/*.bas` and the standalone
modules of the installed xlwings. The file is shipped and not built on the user's machine: an IT
department can then inspect, allow or sign the same bytes once for all, and users do not need a
library that writes VBA.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import xlsxwriter
import xlwings
from pyopenvba import ExcelFile, VBAModuleKind

from xltiltak.coordinator.model import SHEETS

MACROS = Path(__file__).parents[1] / "macros"
BUILT = MACROS / "vbaProject.bin"
STANDALONE = Path(xlwings.__file__).parent / "quickstart_standalone.xlsm"
CLASSES = {"Dictionary"}
PLAIN, WITH_MACROS = (
    b"openxmlformats-officedocument.spreadsheetml.sheet.main",
    b"ms-excel.sheet.macroEnabled.main",
)


def modules_of_xlwings() -> dict[str, str]:
    """Return the source of the modules that `RunPython` needs, by name, as Excel saved them."""
    with ExcelFile(STANDALONE) as book:
        return {name: book.get_module(name) for name in ("xlwings", "Dictionary")}


def modules_of_ours() -> dict[str, str]:
    """Return the source of our own modules, by name."""
    return {path.stem: path.read_text("utf-8") for path in sorted(MACROS.glob("*.bas"))}


def project(modules: Mapping[str, str]) -> bytes:
    """Return the VBA project of a workbook with our sheets and these modules."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsm"
        path.write_bytes(_without_macros())
        with ExcelFile(path) as book:
            built = book.add_vba_project()
            for name, source in modules.items():
                kind = VBAModuleKind.other if name in CLASSES else VBAModuleKind.standard
                built.add_module(name, "\r\n".join(source.splitlines()) + "\r\n", kind=kind)
            book.save()
        with ZipFile(path) as archive:
            return archive.read("xl/vbaProject.bin")


def _without_macros() -> bytes:
    """Return a workbook with the coordinator's sheets and the content type of one with macros."""
    plain, marked = BytesIO(), BytesIO()
    with xlsxwriter.Workbook(plain, {"in_memory": True}) as book:
        for name in SHEETS:
            book.add_worksheet(name)
    with ZipFile(plain) as source, ZipFile(marked, "w") as target:
        for entry in source.infolist():
            target.writestr(entry, source.read(entry).replace(PLAIN, WITH_MACROS))
    return marked.getvalue()


if __name__ == "__main__":
    BUILT.write_bytes(project({**modules_of_xlwings(), **modules_of_ours()}))
