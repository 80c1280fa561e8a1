"""A mark by which an untouched workbook of ours is known without reading its sheets.

What is visible wins over the hidden snapshot; but where nobody has touched a part, the two say the same. The seal is a
hash over the checksums of all parts that can show anything, kept as a document property: whatever program saves the
file again writes other parts, and the seal no longer fits.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from xltiltak.xlsx.package import Package

PROPERTY = "xltiltak"
_PART = "docProps/custom.xml"
_SEALED = ("xl/worksheets/", "xl/workbook.xml", "xl/sharedstrings.xml", "xl/styles.xml")
_VALUE = re.compile(rb'name="xltiltak"[^>]*>\s*<vt:lpwstr>([0-9a-f]{64})<')


def is_unmodified(package: Package) -> bool:
    """Has nobody saved the workbook since we wrote it?"""
    if _PART not in package:
        return False
    said = _VALUE.search(package.read(_PART))
    sums = {
        name: checksum for name, checksum in package.checksums().items() if has_fingerprint(name)
    }
    return said is not None and said[1].decode() == fingerprint(sums)


def has_fingerprint(name: str) -> bool:
    """Can a part show anything?"""
    return name.lower().startswith(_SEALED) and "/_rels/" not in name


def fingerprint(sums: Mapping[str, int]) -> str:
    """The seal of parts with these checksums, by their names."""
    text = "\n".join(f"{name.lower()} {sums[name]:08x}" for name in sorted(sums, key=str.lower))
    return hashlib.sha256(text.encode()).hexdigest()
