"""The file of a workbook: parts packed one by one, as soon as each is made, and put into a zip at the end.

The standard library's `ZipFile` would need every part whole until the end, and packs what is the same in a thousand
forms a thousand times.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import Any, BinaryIO, NamedTuple

_LEVEL = 2  # of zlib: half of the usual time, for an eighth more bytes
_RAW = -15  # zlib's word for a stream without a header of its own, as a zip has them
_AT_ONCE = 1 << 18  # characters
_MADE_ON = (0, 0x21)  # time and day, the first of a zip's calendar: no clock in what we write
_DEFLATED, _ASCII, _NEEDS = (
    8,
    0,
    20,
)  # how it is packed, how names are spelt, and the version that unpacks it
_MADE_BY, _MODE = 3 << 8 | _NEEDS, 0o600 << 16  # Unix, a file of its owner
_LOCAL, _ENTRY, _END = (
    struct.Struct("<4s5H3L2H"),
    struct.Struct("<4s6H3L5H2L"),
    struct.Struct("<4s4H2LH"),
)


class PackedPart(NamedTuple):
    """A part as it lies in the file: its checksum, its length before packing, and its packed bytes."""

    checksum: int
    length: int
    packed: bytes


class ByteChunks(list[bytes]):
    """A file that is not written yet, as the pieces it was made of; none of them is there twice."""

    def write(self, content: bytes) -> None:
        """Some more of it."""
        self.append(content)


class Packer:
    """Packs a part while it is written: the file that its markup goes to, never whole in memory."""

    def __init__(self) -> None:
        self._held: list[str] = []
        self._size = self._length = self._checksum = 0
        self._packed: list[bytes] = []

    @cached_property
    def _zlib(self) -> Any:
        """Not made for who goes on from another's beginning."""
        return zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)

    def write(self, text: str) -> None:
        """Some more markup."""
        self._held.append(text)
        self._size += len(text)
        if self._size > _AT_ONCE:
            self._pack()

    def part(self) -> PackedPart:
        """All that was written."""
        self._pack()
        self._packed.append(self._zlib.flush())
        packed, self._packed = b"".join(self._packed), []  # a finished sheet still knows its packer
        return PackedPart(self._checksum, self._length, packed)

    def _pack(self) -> None:
        content = "".join(self._held).encode()
        self._held.clear()
        self._size, self._length = 0, self._length + len(content)
        self._checksum = zlib.crc32(content, self._checksum)
        self._packed.append(self._zlib.compress(content))

    def begun(self) -> None:
        """What was written so far begins many parts: it is packed once, and each of them goes on from there."""
        if not self._length:
            known = _begun("".join(self._held))
            self._held.clear()
            self._size, self._length, self._checksum = 0, known.length, known.checksum
            self._zlib, self._packed = known.zlib.copy(), [known.packed]


class _Beginning(NamedTuple):
    """The beginning of parts, and the packer that knows it."""

    zlib: Any
    checksum: int
    length: int
    packed: bytes


@lru_cache(maxsize=4)
def _begun(markup: str) -> _Beginning:
    content, packer = markup.encode(), zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
    return _Beginning(packer, zlib.crc32(content), len(content), packer.compress(content))


@lru_cache(maxsize=64)
def pack(content: bytes) -> PackedPart:
    """A small part, packed; many are the same in every workbook of a run."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
    return PackedPart(zlib.crc32(content), len(content), packer.compress(content) + packer.flush())


def write_archive(target: BinaryIO | ByteChunks, parts: Iterable[tuple[str, PackedPart]]) -> None:
    """The zip of these parts, in order. Their names are ASCII."""
    directory, at = [], 0
    for name, (checksum, length, packed) in parts:
        named = name.encode("ascii")
        said = (_NEEDS, _ASCII, _DEFLATED, *_MADE_ON, checksum, len(packed), length, len(named), 0)
        directory.append(_ENTRY.pack(b"PK\x01\x02", _MADE_BY, *said, 0, 0, 0, _MODE, at) + named)
        target.write(_LOCAL.pack(b"PK\x03\x04", *said) + named)
        target.write(packed)
        at += _LOCAL.size + len(named) + len(packed)
    listed, count = b"".join(directory), len(directory)
    target.write(listed + _END.pack(b"PK\x05\x06", 0, 0, count, count, len(listed), at, 0))
