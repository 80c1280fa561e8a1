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
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.packager import Packager

from xltiltak.workbook.package import Package

PROPERTY = "xltiltak"
_PART = "docProps/custom.xml"
_SEALED = ("xl/worksheets/", "xl/workbook.xml", "xl/sharedstrings.xml", "xl/styles.xml")
_VALUE = re.compile(rb'name="xltiltak"[^>]*>\s*<vt:lpwstr>([0-9a-f]{64})<')


class SealedWorkbook(Workbook):  # type: ignore[misc]
    """An XlsxWriter workbook that seals itself when it is closed."""

    def _get_packager(self) -> Packager:
        return _SealingPackager()


class _SealingPackager(Packager):  # type: ignore[misc]
    """Writes the document properties when the parts they seal are there."""

    filenames: list[tuple[Any, str, bool]]

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
