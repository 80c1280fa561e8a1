"""Build the VBA project of the coordinator's workbook from `macros/*.bas` and the standalone modules of xlwings.

`python docs/vba_project.py` writes `macros/vbaProject.bin`, with the xlwings that is installed. It is shipped, and not
built on the user's machine: the same bytes everywhere can be looked through, allowed or signed once, and nobody who
only uses the program needs a library that writes VBA.
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
    """What `RunPython` needs, as Excel itself saved it."""
    with ExcelFile(STANDALONE) as book:
        return {name: book.get_module(name) for name in ("xlwings", "Dictionary")}


def modules_of_ours() -> dict[str, str]:
    """Our sources."""
    return {path.stem: path.read_text("utf-8") for path in sorted(MACROS.glob("*.bas"))}


def project(modules: Mapping[str, str]) -> bytes:
    """The project of a workbook with our sheets and these modules."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsm"
        path.write_bytes(_without_macros())
        with ExcelFile(path) as book:
            made = book.add_vba_project()
            for name, source in modules.items():
                kind = VBAModuleKind.other if name in CLASSES else VBAModuleKind.standard
                made.add_module(name, "\r\n".join(source.splitlines()) + "\r\n", kind=kind)
            book.save()
        with ZipFile(path) as archive:
            return archive.read("xl/vbaProject.bin")


def _without_macros() -> bytes:
    """A workbook with as many sheets as the coordinator's, that says it has macros."""
    plain, said = BytesIO(), BytesIO()
    with xlsxwriter.Workbook(plain, {"in_memory": True}) as book:
        for name in SHEETS:
            book.add_worksheet(name)
    with ZipFile(plain) as source, ZipFile(said, "w") as target:
        for entry in source.infolist():
            target.writestr(entry, source.read(entry).replace(PLAIN, WITH_MACROS))
    return said.getvalue()


if __name__ == "__main__":
    BUILT.write_bytes(project({**modules_of_xlwings(), **modules_of_ours()}))
