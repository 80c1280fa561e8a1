"""A workbook file as the parts inside it, opened as if an enemy had made it.

Every bound is checked before the bytes are there: sizes as declared before inflating, and as met while inflating.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from xltiltak.model.errors import (
    DamagedWorkbook,
    EncryptedWorkbook,
    NotAWorkbook,
    OverLimit,
    SkippedFile,
)

MIB = 1 << 20
_PIECE = 4 * MIB  # inflated at once
_LOCAL_HEADER = 30  # bytes before the name in a zip's local file header
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_STREAMS = {"Workbook": "xls", "WordDocument": "doc", "PowerPoint Document": "ppt"}
_BEGINNINGS = (
    (b"%PDF", "pdf"),
    (b"{\\rtf", "rtf"),
    (b"\xff\xd8", "picture"),
    (b"\x89PNG", "picture"),
    (b"GIF8", "picture"),
)
_INSIDE = (("word/", "docx"), ("ppt/", "pptx"), ("xl/workbook.bin", "xlsb"), ("content.xml", "ods"))
_ACTIVE = (
    "xl/vbaproject.bin",
    "xl/macrosheets/",
    "xl/externallinks/",
    "xl/embeddings/",
    "xl/activex/",
    "xl/connections.xml",
)


class Bounds(NamedTuple):
    """What a file may hold at most: bytes, entries, bytes inflated, tags of a part, rows and columns read."""

    file: int = 10 * MIB
    entries: int = 1_000
    entry: int = 32 * MIB
    total: int = 128 * MIB
    ratio: int = 100
    ratio_from: int = MIB
    sheets: int = 64
    tags: int = 600_000
    rows: int = 5_000
    columns: int = 64


RETURNED_BOUNDS = Bounds()
COORDINATOR_BOUNDS = Bounds(
    file=256 * MIB,
    entries=20_000,
    entry=512 * MIB,
    total=1024 * MIB,
    sheets=5_000,
    tags=100_000_000,
    rows=1_048_576,
    columns=256,
)


class Package:
    """The parts of a workbook, or with `inside` of another Office file, by the folder of its parts.

    Raises WorkbookError at the first thing that does not hold.
    """

    def __init__(self, content: bytes, bounds: Bounds = RETURNED_BOUNDS, inside: str = "") -> None:
        _within("file", len(content), bounds.file)
        self._content, self.bounds = content, bounds
        try:
            with ZipFile(BytesIO(content)) as archive:
                entries = archive.infolist()
        except (BadZipFile, ValueError, NotImplementedError) as error:
            raise _refusal(content) from error
        _check(entries, bounds)
        self._entries = {e.filename.lstrip("/").lower(): e for e in entries}
        if len(self._entries) != len(entries):
            raise DamagedWorkbook("names")
        if (other := self._other_kind()) and not (
            inside and any(n.startswith(inside) for n in self._entries)
        ):
            raise NotAWorkbook(other)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    def names(self) -> list[str]:
        """The names of all parts, in small letters."""
        return sorted(self._entries)

    @property
    def active_parts(self) -> list[str]:
        """The parts that could run, link or embed something; none of them is ever carried over."""
        return sorted(
            {prefix for name in self._entries for prefix in _ACTIVE if name.startswith(prefix)}
        )

    def checksums(self) -> dict[str, int]:
        """The checksum of every part, as the file's directory has it."""
        return {name: entry.CRC for name, entry in self._entries.items()}

    def read(self, name: str) -> bytes:
        """One part, inflated, its length and checksum proved."""
        entry = self._entries.get(name.lower())
        if entry is None:
            raise DamagedWorkbook("part", part=name)
        try:
            part = self._inflated(entry)
        except zlib.error as error:
            raise DamagedWorkbook("inflating", part=name) from error
        if len(part) != entry.file_size or zlib.crc32(part) != entry.CRC:
            raise DamagedWorkbook("checksum", part=name)
        return part

    def _inflated(self, entry: ZipInfo) -> bytes:
        # zipfile's own stream costs as much again as the inflating; its directory is what we need of it
        at = entry.header_offset
        names = self._content[at + 26 : at + _LOCAL_HEADER]
        start = (
            at
            + _LOCAL_HEADER
            + int.from_bytes(names[:2], "little")
            + int.from_bytes(names[2:], "little")
        )
        packed = self._content[start : start + entry.compress_size]
        is_stored = entry.compress_type == ZIP_STORED
        is_small = entry.file_size <= _PIECE
        part = (
            packed
            if is_stored
            else zlib.decompressobj(-15).decompress(packed, min(entry.file_size, _PIECE) + 1)
        )
        if (is_stored or is_small) and len(part) <= self.bounds.tags:
            return part  # it has no room for too many tags
        tags = part.count(b"<") if is_stored or is_small else self._weighed(packed, entry.file_size)
        _within(
            "tags", tags, self.bounds.tags
        )  # what a part takes to read goes by them, not by its bytes
        return part if is_stored or is_small else zlib.decompress(packed, -15, entry.file_size)

    def _weighed(self, packed: bytes, size: int) -> int:
        """How many tags a large part has, before it takes its room; not all of them where they are too many."""
        inflating, left, tags = zlib.decompressobj(-15), size + 1, 0
        while (
            left
            and tags <= self.bounds.tags
            and (piece := inflating.decompress(packed, min(left, _PIECE)))
        ):
            packed, left, tags = (
                inflating.unconsumed_tail,
                left - len(piece),
                tags + piece.count(b"<"),
            )
        if not left or (not inflating.eof and tags <= self.bounds.tags):
            raise zlib.error
        return tags

    def _other_kind(self) -> str:
        """What the file is instead of a spreadsheet; empty for one, and for a zip nobody knows."""
        found = next(
            (kind for part, kind in _INSIDE for name in self._entries if name.startswith(part)), ""
        )
        return found or ("" if "[content_types].xml" in self._entries else "archive")


def _check(entries: list[ZipInfo], bounds: Bounds) -> None:
    _within("entries", len(entries), bounds.entries)
    _within("total", sum(e.file_size for e in entries), bounds.total)
    for entry in entries:
        _within("entry", entry.file_size, bounds.entry)
        if entry.file_size > bounds.ratio_from:
            _within("ratio", entry.file_size // max(1, entry.compress_size), bounds.ratio)
        if entry.flag_bits & 1:
            raise EncryptedWorkbook
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise DamagedWorkbook("packing", part=entry.filename)


def _within(what: str, met: int, bound: int) -> None:
    if met > bound:
        raise OverLimit(what, met=met, bound=bound)


def _refusal(content: bytes) -> NotAWorkbook | EncryptedWorkbook | DamagedWorkbook | SkippedFile:
    """What a file is that is no zip, told by its first bytes and never by its name."""
    if not content.strip(b"\0"):
        return SkippedFile("empty")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if _ENCRYPTED in content:
            return EncryptedWorkbook()
        return NotAWorkbook(
            next(
                (kind for name, kind in _STREAMS.items() if name.encode("utf-16-le") in content),
                "ole",
            )
        )
    if content.startswith(b"PK"):
        return DamagedWorkbook("zip")
    return NotAWorkbook(next(_guesses(content)))


def _guesses(content: bytes) -> Iterator[str]:
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    yield from (kind for magic, kind in _BEGINNINGS if start.startswith(magic))
    if start[:1] == b"<":
        yield "html" if b"<html" in start.lower() or b"<!doctype html" in start.lower() else "xml"
    text = b"\0" not in start
    yield "text" if text else "unknown"
