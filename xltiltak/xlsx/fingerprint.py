"""Recognise a workbook that was not saved since it was written, without reading its sheets.

The fingerprint is a hash of the checksums of all parts that can show anything, kept as a document
property. Any program that saves the file writes other parts, so the fingerprint is then wrong. In
an unmodified workbook the visible cells and the hidden snapshot say the same.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from xltiltak.xlsx.package import Package

PROPERTY = "xltiltak"
_PART = "docProps/custom.xml"
_COVERED = ("xl/worksheets/", "xl/workbook.xml", "xl/sharedstrings.xml", "xl/styles.xml")
_VALUE = re.compile(rb'name="xltiltak"[^>]*>\s*<vt:lpwstr>([0-9a-f]{64})<')


def is_unmodified(package: Package) -> bool:
    """Return True if no program has saved the workbook since it was written."""
    if _PART not in package:
        return False
    stored = _VALUE.search(package.read(_PART))
    covered = {name: crc for name, crc in package.checksums().items() if is_covered(name)}
    return stored is not None and stored[1].decode() == fingerprint(covered)


def is_covered(name: str) -> bool:
    """Return True if the fingerprint depends on a part, because it can show something."""
    return name.lower().startswith(_COVERED) and "/_rels/" not in name


def fingerprint(checksums: Mapping[str, int]) -> str:
    """Return the fingerprint of parts with these CRC-32 checksums, by their names."""
    lines = [f"{name.lower()} {checksums[name]:08x}" for name in sorted(checksums, key=str.lower)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
