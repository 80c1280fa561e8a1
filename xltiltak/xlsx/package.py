"""Open a workbook file that may be hostile, and read the parts inside it.

Bounds are checked before memory is used: declared sizes first, real sizes while inflating.
"""

from __future__ import annotations

import zlib
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
from xltiltak.model.file_kinds import kind_of, kind_of_zip

MIB = 1 << 20
_CHUNK = 4 * MIB  # inflated at a time
_LOCAL_HEADER = 30  # bytes of a zip's local file header before the name
_ACTIVE_PREFIXES = (
    "xl/vbaproject.bin",
    "xl/macrosheets/",
    "xl/externallinks/",
    "xl/embeddings/",
    "xl/activex/",
    "xl/connections.xml",
)


class Bounds(NamedTuple):
    """The largest values that are accepted or read.

    `file` is bytes of the file, `entries` their number. `entry` and `total` are inflated bytes, of
    one entry and of all. `ratio` is inflated bytes to one packed byte, checked for entries above
    `ratio_from` bytes. `tags` is the number of "<" in a part. `rows` and `columns` are those that
    are read of a sheet; cells outside are only quoted.
    """

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


DEFAULT_BOUNDS = Bounds()
LARGE_FILE_BOUNDS = Bounds(
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
    """The parts of a workbook file.

    `inside` is how the names of parts begin in another kind of Office file that is accepted too,
    for example "word/". Raises WorkbookError if the file is not a workbook or outside the bounds.
    """

    def __init__(
        self, content: bytes, bounds: Bounds = DEFAULT_BOUNDS, inside: str | tuple[str, ...] = ""
    ) -> None:
        _check_bound("file", len(content), bounds.file)
        self._content, self.bounds = content, bounds
        try:
            with ZipFile(BytesIO(content)) as archive:
                entries = archive.infolist()
        except (BadZipFile, ValueError, NotImplementedError) as error:
            raise _refusal(content) from error
        _check_entries(entries, bounds)
        self._entries = {_part_name(entry): entry for entry in entries}
        self._relationships: dict[str, bytes] = {}  # parts that several readers need
        if len(self._entries) != len(entries):
            raise DamagedWorkbook("names")
        is_accepted = inside and any(name.startswith(inside) for name in self._entries)
        if (other := kind_of_zip(self._entries, content)) and not is_accepted:
            raise NotAWorkbook(other)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    def names(self) -> list[str]:
        """Return the names of all parts in lower case, sorted."""
        return sorted(self._entries)

    @property
    def active_parts(self) -> list[str]:
        """Return the prefixes of parts that can run, link or embed something. They are not read."""
        return sorted(
            prefix
            for prefix in _ACTIVE_PREFIXES
            if any(name.startswith(prefix) for name in self._entries)
        )

    def checksums(self) -> dict[str, int]:
        """Return the CRC-32 of every part, from the file's directory."""
        return {name: entry.CRC for name, entry in self._entries.items()}

    def read(self, name: str) -> bytes:
        """Return one part. Raises DamagedWorkbook if its length or checksum is wrong."""
        key = name.lower()
        if key in self._relationships:
            return self._relationships[key]
        entry = self._entries.get(key)
        if entry is None:
            raise DamagedWorkbook("part", part=name)
        try:
            part = self._inflate(entry)
        except zlib.error as error:
            raise DamagedWorkbook("inflating", part=name) from error
        if len(part) != entry.file_size or zlib.crc32(part) != entry.CRC:
            raise DamagedWorkbook("checksum", part=name)
        if key.endswith(".rels"):
            self._relationships[key] = part
        return part

    def _inflate(self, entry: ZipInfo) -> bytes:
        """Return the bytes of an entry. Raises OverLimit before a part with too many tags is whole.

        The time to parse a part depends on its tags, not its bytes. `ZipFile.open` is not used: it
        takes twice the time.
        """
        header = entry.header_offset
        lengths = self._content[header + 26 : header + _LOCAL_HEADER]  # of name and extra field
        start = header + _LOCAL_HEADER
        start += int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
        packed = self._content[start : start + entry.compress_size]
        is_stored = entry.compress_type == ZIP_STORED
        is_small = entry.file_size <= _CHUNK
        if not is_stored and not is_small:
            _check_bound("tags", self._count_tags(packed, entry.file_size), self.bounds.tags)
            return zlib.decompress(packed, -15, entry.file_size)
        part = packed
        if not is_stored:
            part = zlib.decompressobj(-15).decompress(packed, entry.file_size + 1)
        if len(part) > self.bounds.tags:  # a shorter part cannot have too many
            _check_bound("tags", part.count(b"<"), self.bounds.tags)
        return part

    def _count_tags(self, packed: bytes, size: int) -> int:
        """Return the number of tags in a large part, counted chunk by chunk.

        Counting stops above the bound. Raises zlib.error if the part is not `size` bytes long.
        """
        inflating, remaining, tags = zlib.decompressobj(-15), size + 1, 0
        while remaining and tags <= self.bounds.tags:
            chunk = inflating.decompress(packed, min(remaining, _CHUNK))
            if not chunk:
                break
            packed, remaining = inflating.unconsumed_tail, remaining - len(chunk)
            tags += chunk.count(b"<")
        if not remaining or (not inflating.eof and tags <= self.bounds.tags):
            raise zlib.error
        return tags


def _part_name(entry: ZipInfo) -> str:
    """Return the name of a part; some programs write backslashes, and Excel reads them."""
    return entry.filename.replace("\\", "/").lstrip("/").lower()


def _check_entries(entries: list[ZipInfo], bounds: Bounds) -> None:
    """Raise WorkbookError if an entry is too large, encrypted or packed in another way."""
    _check_bound("entries", len(entries), bounds.entries)
    _check_bound("total", sum(e.file_size for e in entries), bounds.total)
    for entry in entries:
        _check_bound("entry", entry.file_size, bounds.entry)
        if entry.file_size > bounds.ratio_from:
            _check_bound("ratio", entry.file_size // max(1, entry.compress_size), bounds.ratio)
        if entry.flag_bits & 1:
            raise EncryptedWorkbook
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise DamagedWorkbook("packing", part=entry.filename)


def _check_bound(name: str, value: int, bound: int) -> None:
    if value > bound:
        raise OverLimit(name, met=value, bound=bound)


def _refusal(content: bytes) -> NotAWorkbook | EncryptedWorkbook | DamagedWorkbook | SkippedFile:
    """Return the error about a file that is not a zip, by its content and not by its name."""
    if not content.strip(b"\0"):
        return SkippedFile("empty")
    if content.startswith(b"PK"):
        return DamagedWorkbook("zip")
    kind = kind_of(content)
    return EncryptedWorkbook() if kind == "encrypted" else NotAWorkbook(kind)
