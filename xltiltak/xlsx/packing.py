"""Compress the parts of a workbook one by one, and write the zip file at the end.

`ZipFile` of the standard library would keep every part in memory until the end, and compress a part
that is the same in a thousand workbooks a thousand times.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, BinaryIO, NamedTuple

_LEVEL = 2  # of zlib: half the time of the default, an eighth more bytes
_RAW = -15  # tells zlib to write no header, as a zip requires
_CHUNK = 1 << 18  # characters that are compressed together
# Values of a zip's headers:
_MODIFIED = (0, 0x21)  # time and date: 1 January 1980, so that the bytes do not depend on a clock
_DEFLATED, _ASCII_NAME, _VERSION = 8, 0, 20
_MADE_BY, _MODE = 3 << 8 | _VERSION, 0o600 << 16  # Unix; only the owner may read and write
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_CENTRAL_HEADER = struct.Struct("<4s6H3L5H2L")
_END_RECORD = struct.Struct("<4s4H2LH")


class PackedPart(NamedTuple):
    """A compressed part: its CRC-32, its length before compression, and its bytes in the file."""

    checksum: int
    length: int
    packed: bytes


class ByteChunks(list[bytes]):
    """An unwritten file as byte chunks, to avoid a second copy in memory."""

    def write(self, content: bytes) -> None:
        """Add a chunk."""
        self.append(content)


class Packer:
    """A file object that compresses what is written, so that a part is never whole in memory."""

    def __init__(self) -> None:
        self._pending: list[str] = []
        self._pending_length = self._length = self._checksum = 0
        self._chunks: list[bytes] = []

    @cached_property
    def _zlib(self) -> Any:
        """Return the compressor; built late, because `cache_prefix` may replace it."""
        return zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)

    def write(self, text: str) -> None:
        """Add markup."""
        self._pending.append(text)
        self._pending_length += len(text)
        if self._pending_length > _CHUNK:
            self._pack()

    def part(self) -> PackedPart:
        """Return the part of all that was written."""
        self._pack()
        self._chunks.append(self._zlib.flush())
        # free the chunks: a finished sheet keeps a reference to its packer
        packed, self._chunks = b"".join(self._chunks), []
        return PackedPart(self._checksum, self._length, packed)

    def _pack(self) -> None:
        content = "".join(self._pending).encode()
        self._pending.clear()
        self._pending_length, self._length = 0, self._length + len(content)
        self._checksum = zlib.crc32(content, self._checksum)
        self._chunks.append(self._zlib.compress(content))

    def cache_prefix(self) -> None:
        """Use the cached compressor state after what was written so far.

        For a prefix that many parts share: it is compressed only once.
        """
        if not self._length:
            prefix = _compressed_prefix("".join(self._pending))
            self._pending.clear()
            self._pending_length, self._length, self._checksum = 0, prefix.length, prefix.checksum
            self._zlib, self._chunks = prefix.zlib.copy(), [prefix.packed]


@dataclass(frozen=True, slots=True)
class _Prefix:
    """The compressed prefix of parts, with the compressor in its state after it."""

    zlib: Any
    checksum: int
    length: int
    packed: bytes


@lru_cache(maxsize=4)
def _compressed_prefix(markup: str) -> _Prefix:
    content, compressor = markup.encode(), zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
    return _Prefix(compressor, zlib.crc32(content), len(content), compressor.compress(content))


@lru_cache(maxsize=64)
def pack(content: bytes) -> PackedPart:
    """Return a small part. Cached: many are the same in every workbook of a run."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
    packed = compressor.compress(content) + compressor.flush()
    return PackedPart(zlib.crc32(content), len(content), packed)


def write_archive(target: BinaryIO | ByteChunks, parts: Iterable[tuple[str, PackedPart]]) -> None:
    """Write a zip file of these parts, in order. Their names are ASCII."""
    entries: list[bytes] = []
    offset = 0
    for name, (checksum, length, packed) in parts:
        raw_name = name.encode("ascii")
        sizes = (checksum, len(packed), length, len(raw_name), 0)
        common = (_VERSION, _ASCII_NAME, _DEFLATED, *_MODIFIED, *sizes)
        entry = _CENTRAL_HEADER.pack(b"PK\x01\x02", _MADE_BY, *common, 0, 0, 0, _MODE, offset)
        entries.append(entry + raw_name)
        target.write(_LOCAL_HEADER.pack(b"PK\x03\x04", *common) + raw_name)
        target.write(packed)
        offset += _LOCAL_HEADER.size + len(raw_name) + len(packed)
    directory, count = b"".join(entries), len(entries)
    end = _END_RECORD.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), offset, 0)
    target.write(directory + end)
