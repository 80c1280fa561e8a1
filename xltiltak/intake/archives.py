"""Unpack a zip of returned files, within bounds. Nothing is ever written to the disk.

A workbook is a zip itself. When it was unpacked and packed again with the folder around it, Excel
does not open it any more: such a folder is put together to a workbook again.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from xltiltak.model.errors import DamagedWorkbook, EncryptedWorkbook, OverLimit, WorkbookError
from xltiltak.model.file_kinds import kind_of_zip
from xltiltak.model.files import PACKAGE_MARK, SEPARATOR, is_system_file

MIB = 1 << 20
_MAX_ENTRIES = 2_000
_LARGEST_ENTRY = 64 * MIB
_MAX_RATIO, _RATIO_FROM = 200, MIB  # unpacked bytes to one packed byte, of entries above the size
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_ZIP_STARTS = (b"PK\3\4", b"PK\5\6")
_MAC_COPY = "__macosx/"
_MARK = PACKAGE_MARK.lower()
_FIRST_NAME = slice(30, 30 + len(PACKAGE_MARK))  # where the name of the first entry stands


class Unpacked(NamedTuple):
    """A file in a zip: its name with its folders, and its content or why it cannot be read."""

    name: str
    content: bytes = b""
    error: WorkbookError | None = None


def is_archive(content: bytes) -> bool:
    """Return True for a zip of other files. A workbook, and a damaged zip, is none."""
    is_zip = content.startswith(_ZIP_STARTS)
    if not is_zip or content[_FIRST_NAME].lower() == _MARK.encode():
        return False
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = {_plain_name(entry).lower().lstrip("/") for entry in archive.infolist()}
    except (BadZipFile, ValueError, NotImplementedError, OSError):
        return False
    return kind_of_zip(names, content) == "archive"


def unpack(content: bytes) -> Iterator[Unpacked]:
    """Yield the files in a zip, one after the other. Raises OverLimit for too many."""
    with ZipFile(BytesIO(content)) as archive:
        entries = archive.infolist()
        if len(entries) > _MAX_ENTRIES:
            raise OverLimit("entries", met=len(entries), bound=_MAX_ENTRIES)
        named = [(_plain_name(entry), entry) for entry in entries]
        named = [(name, entry) for name, entry in named if not _is_folder_or_system_file(name)]
        folders = [name[: -len(_MARK)] for name, _ in named if name.lower().endswith(f"/{_MARK}")]
        for folder in folders:
            parts = {n[len(folder) :]: entry for n, entry in named if n.startswith(folder)}
            yield _workbook(archive, folder, parts)
        for name, entry in named:
            if not name.startswith(tuple(folders)):
                yield _unpacked(archive, name, entry)


def pack_folder(folder: Path) -> bytes:
    """Return the workbook whose parts lie in a folder: it was unpacked. Raises WorkbookError."""
    parts: dict[str, bytes] = {}
    total = 0
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not is_system_file(path.name):
            total += path.stat().st_size
            if len(parts) >= _MAX_ENTRIES or total > _LARGEST_ENTRY:
                raise OverLimit("file", met=total, bound=_LARGEST_ENTRY)
            parts[path.relative_to(folder).as_posix()] = path.read_bytes()
    return _packed(parts)


def shown_name(name: str) -> str:
    """Return the name of a file in a zip as findings show it: "Havn › HAV.xlsx"."""
    return SEPARATOR.join(filter(None, name.split("/"))) or "–"


def _plain_name(entry: ZipInfo) -> str:
    """Return the name of an entry with "/" between its folders.

    Old programs of Windows write names in a code page of DOS and do not say so.
    """
    name = entry.filename
    if not entry.flag_bits & 0x800:
        raw = name.encode("cp437", "replace")
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            name = raw.decode("cp850")
    return name.replace("\\", "/")


def _is_folder_or_system_file(name: str) -> bool:
    is_of_mac = name.lower().startswith(_MAC_COPY)
    return is_of_mac or name.endswith("/") or is_system_file(name.rpartition("/")[2])


def _workbook(archive: ZipFile, folder: str, parts: dict[str, ZipInfo]) -> Unpacked:
    """Return the parts in a folder of a zip as one workbook."""
    name = folder.rstrip("/")
    try:
        _check_sizes(parts.values())
        return Unpacked(name, _packed({n: _content(archive, e) for n, e in parts.items()}))
    except WorkbookError as error:
        return Unpacked(name, error=error)


def _unpacked(archive: ZipFile, name: str, entry: ZipInfo) -> Unpacked:
    try:
        return Unpacked(name, _content(archive, entry))
    except WorkbookError as error:
        return Unpacked(name, error=error)


def _content(archive: ZipFile, entry: ZipInfo) -> bytes:
    """Return the content of an entry. Raises WorkbookError."""
    if entry.flag_bits & 1:
        raise EncryptedWorkbook
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise DamagedWorkbook("packing", part=entry.filename)
    _check_sizes([entry])
    try:
        with archive.open(entry) as file:
            content = file.read(entry.file_size + 1)
    except (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise DamagedWorkbook("inflating", part=entry.filename) from error
    if len(content) != entry.file_size:
        raise DamagedWorkbook("checksum", part=entry.filename)
    return content


def _check_sizes(entries: Collection[ZipInfo]) -> None:
    """Raise OverLimit if entries are too large, or packed too tightly to be honest."""
    for entry in entries:
        ratio = entry.file_size // max(1, entry.compress_size)
        if entry.file_size > _RATIO_FROM and ratio > _MAX_RATIO:
            raise OverLimit("ratio", met=ratio, bound=_MAX_RATIO)
    total = sum(entry.file_size for entry in entries)
    if total > _LARGEST_ENTRY:
        raise OverLimit("entry", met=total, bound=_LARGEST_ENTRY)


def _packed(parts: dict[str, bytes]) -> bytes:
    """Return a zip of these parts; the same parts give the same bytes."""
    target = BytesIO()
    with ZipFile(target, "w", ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(ZipInfo(name, _FIRST_DAY), part)
    return target.getvalue()
