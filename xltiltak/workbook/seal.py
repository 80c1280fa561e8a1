"""A mark by which an untouched workbook of ours is known without reading its sheets.

What is visible wins over the hidden snapshot; but where nobody has touched a part, the two say the same. The seal is a
hash over the checksums of all parts that can show anything, kept as a document property: whatever program saves the
file again writes other parts, and the seal no longer fits.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from xlsxwriter import Workbook
from xlsxwriter.packager import Packager

from xltiltak.workbook.package import Package
from xltiltak.workbook.rows import Texts

PROPERTY = "xltiltak"
_PART = "docProps/custom.xml"
_SEALED = ("xl/worksheets/", "xl/workbook.xml", "xl/sharedstrings.xml", "xl/styles.xml")
_VALUE = re.compile(rb'name="xltiltak"[^>]*>\s*<vt:lpwstr>([0-9a-f]{64})<')


_LEVEL = 4  # of zlib: a quarter of the usual time for a seventh more bytes
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of a zip's calendar: no clock in what we write


class SealedWorkbook(Workbook):  # type: ignore[misc]
    """An XlsxWriter workbook that seals itself when it is closed; then `pack` writes its parts."""

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(BytesIO(), options)
        self.str_table = Texts()
        self.parts: list[tuple[str, bytes]] = []

    def pack(self, target: BinaryIO) -> None:
        """Write the file. XlsxWriter's own packing leaves no choice of level, which costs as much as the rest."""
        with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
            for name, part in self.parts:
                entry = ZipInfo(name, _FIRST_DAY)
                entry.external_attr = 0o600 << 16
                archive.writestr(entry, part, ZIP_DEFLATED, _LEVEL)

    def _get_packager(self) -> Packager:
        return _SealingPackager()


class _SealingPackager(Packager):  # type: ignore[misc]
    """Writes the document properties when the parts they seal are there."""

    filenames: list[tuple[Any, str, bool]]

    def _create_package(self) -> list[Any]:
        """Hands the parts to the workbook, and nothing to XlsxWriter's own packing."""
        made = ((name, file.getvalue()) for file, name, _ in super()._create_package())
        self.workbook.parts = [(name, part if isinstance(part, bytes) else part.encode()) for name, part in made]
        return []

    def _write_shared_strings_file(self) -> None:
        if self.workbook.str_table:
            self._filename("xl/sharedStrings.xml").writelines(self.workbook.str_table.markup())

    def _write_custom_file(self) -> None:
        sums = {name: zlib.crc32(file.getvalue().encode()) for file, name, _ in self.filenames if _is_sealed(name)}
        kept = [p for p in self.workbook.custom_properties if p[0] != PROPERTY]
        self.workbook.custom_properties = [*kept, (PROPERTY, _seal(sums), "text")]
        super()._write_custom_file()


def prepare(workbook: Workbook) -> None:
    """Announce the property, which gets its value at the end."""
    workbook.set_custom_property(PROPERTY, "", "text")


def is_untouched(package: Package) -> bool:
    """Has nobody saved the workbook since we wrote it?"""
    if _PART not in package:
        return False
    said = _VALUE.search(package.read(_PART))
    sums = {name: checksum for name, checksum in package.checksums().items() if _is_sealed(name)}
    return said is not None and said[1].decode() == _seal(sums)


def _is_sealed(name: str) -> bool:
    return name.lower().startswith(_SEALED) and "/_rels/" not in name


def _seal(sums: Mapping[str, int]) -> str:
    text = "\n".join(f"{name.lower()} {sums[name]:08x}" for name in sorted(sums, key=str.lower))
    return hashlib.sha256(text.encode()).hexdigest()
