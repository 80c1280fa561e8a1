"""Write .msg files as Outlook does: an OLE file with a stream for each property of an e-mail."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_FREE, _END, _FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_NONE = 0xFFFFFFFF  # no entry of the directory
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)

Tree = Mapping[str, Any]
"""The streams (bytes) and folders (trees) of an OLE file by their names."""


def ole_file(tree: Tree) -> bytes:
    """Return an OLE file (version 3) with these streams and folders."""
    writer = _OleWriter()
    writer.add("Root Entry", 5)
    writer.fill(0, tree)
    return writer.content()


@dataclass
class _Entry:
    """An entry of the directory: 1 a folder, 2 a stream, 5 the root."""

    name: str
    kind: int
    data: bytes = b""
    left: int = _NONE
    right: int = _NONE
    child: int = _NONE


@dataclass
class _OleWriter:
    entries: list[_Entry] = field(default_factory=list)

    def add(self, name: str, kind: int, data: bytes = b"") -> int:
        """Add an entry, and return its number."""
        self.entries.append(_Entry(name, kind, data))
        return len(self.entries) - 1

    def fill(self, parent: int, tree: Tree) -> None:
        """Add what is in a folder, as a binary tree of entries."""
        numbers = []
        for name in sorted(tree, key=lambda name: (len(name), name.upper())):
            inside = tree[name]
            is_stream = isinstance(inside, bytes)
            number = self.add(name, 2 if is_stream else 1, inside if is_stream else b"")
            numbers.append(number)
            if not is_stream:
                self.fill(number, inside)
        self.entries[parent].child = self._balanced(numbers)

    def _balanced(self, numbers: Sequence[int]) -> int:
        if not numbers:
            return _NONE
        middle = len(numbers) // 2
        entry = self.entries[numbers[middle]]
        entry.left = self._balanced(numbers[:middle])
        entry.right = self._balanced(numbers[middle + 1 :])
        return numbers[middle]

    def content(self) -> bytes:
        """Return the file: header, FAT, directory, short streams, their FAT, long streams."""
        mini, starts = b"", {}
        mini_fat: list[int] = []
        for number, entry in enumerate(self.entries):
            if entry.kind == 2 and 0 < len(entry.data) < _CUTOFF:
                starts[number] = len(mini_fat)
                mini_fat += _chain(len(mini_fat), _count(len(entry.data), _MINI))
                mini += _padded(entry.data, _MINI)
        long_streams = {n: e.data for n, e in enumerate(self.entries) if len(e.data) >= _CUTOFF}
        sizes = [len(self.entries) * 128, len(mini), len(mini_fat) * 4]
        sizes += [len(data) for data in long_streams.values()]
        counts = [_count(size, _SECTOR) for size in sizes]
        fat_sectors = 1
        while fat_sectors * 128 < sum(counts) + fat_sectors:
            fat_sectors += 1
        fat, firsts = [_FAT_SECTOR] * fat_sectors, []
        for count in counts:
            firsts.append(len(fat) if count else _END)
            fat += _chain(len(fat), count)
        starts |= dict(zip(long_streams, firsts[3:], strict=True))
        directory = b"".join(
            self._packed(n, starts.get(n, _END), firsts[1], len(mini))
            for n in range(len(self.entries))
        )
        body = [directory, mini, struct.pack(f"<{len(mini_fat)}I", *mini_fat)]
        sectors = b"".join(_padded(data, _SECTOR) for data in (*body, *long_streams.values()))
        table = struct.pack(f"<{len(fat)}I", *fat).ljust(fat_sectors * _SECTOR, b"\xff")
        header = _header(fat_sectors, firsts[0], firsts[2] if mini_fat else _END, counts[2])
        return header + table + sectors

    def _packed(self, number: int, start: int, mini_start: int, mini_size: int) -> bytes:
        entry = self.entries[number]
        name = entry.name.encode("utf-16-le")
        size = len(entry.data)
        if entry.kind == 5:
            start, size = mini_start, mini_size
        return struct.pack(
            "<64sHBBIII16sIQQIQ",
            name,
            len(name) + 2,
            entry.kind,
            1,
            entry.left,
            entry.right,
            entry.child,
            b"",
            0,
            0,
            0,
            start if entry.kind != 1 else 0,
            size,
        )


def _header(fat_sectors: int, directory: int, mini_fat: int, mini_fat_sectors: int) -> bytes:
    numbers = list(range(fat_sectors)) + [_FREE] * (109 - fat_sectors)
    return struct.pack(
        "<8s16sHHHHH6sIIIIIIIII109I",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"",
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        b"",
        0,
        fat_sectors,
        directory,
        0,
        _CUTOFF,
        mini_fat,
        mini_fat_sectors,
        _END,
        0,
        *numbers,
    )[:512]


def _count(size: int, sector: int) -> int:
    return -(-size // sector)


def _chain(first: int, count: int) -> list[int]:
    return [*range(first + 1, first + count), _END] if count else []


def _padded(data: bytes, sector: int) -> bytes:
    return data.ljust(_count(len(data), sector) * sector, b"\0")


@dataclass(frozen=True)
class Msg:
    """An e-mail to write as .msg. An attached e-mail is a `Msg` too."""

    subject: str = "SV: Skjema"
    sender: str = "Kari Nord"
    address: str = "kari@fjordby.example"
    sent: datetime = datetime(2020, 12, 10, 8, 30, tzinfo=UTC)
    body: str = ""
    html: bytes = b""
    attachments: Mapping[str, bytes | Msg] = field(default_factory=dict)
    hidden: Sequence[str] = ()  # attachments that only the text shows, such as a logo

    def tree(self, header: int = 32) -> dict[str, Any]:
        """Return the properties as streams; `header` bytes stand before those of fixed length."""
        found: dict[str, Any] = {
            _stream("0037"): self.subject.encode("utf-16-le"),
            _stream("0C1A"): self.sender.encode("utf-16-le"),
            _stream("5D01"): self.address.encode("utf-16-le"),
            "__properties_version1.0": _fixed(header, [(0x0039, 0x0040, _ticks(self.sent))]),
        }
        if self.body:
            found[_stream("1000")] = self.body.encode("utf-16-le")
        if self.html:
            found[_stream("1013", "0102")] = self.html
        for n, (name, content) in enumerate(self.attachments.items()):
            found[f"__attach_version1.0_#{n:08X}"] = self._attachment(name, content)
        return found

    def _attachment(self, name: str, content: bytes | Msg) -> dict[str, Any]:
        data: tuple[str, Any] = (_stream("3701", "0102"), content)
        if isinstance(content, Msg):
            data = (_stream("3701", "000D"), content.tree(24))
        fixed = [(0x7FFE, 0x000B, 1)] if name in self.hidden else []
        return {
            _stream("3707"): name.encode("utf-16-le"),
            "__properties_version1.0": _fixed(8, fixed),
            data[0]: data[1],
        }

    def content(self) -> bytes:
        """Return the .msg file."""
        return ole_file({"__nameid_version1.0": {"__substg1.0_00020102": b"\0"}, **self.tree()})


def _stream(number: str, kind: str = "001F") -> str:
    return f"__substg1.0_{number}{kind}"


def _fixed(header: int, properties: Sequence[tuple[int, int, int]]) -> bytes:
    rows = (struct.pack("<HHIQ", kind, number, 6, value) for number, kind, value in properties)
    return bytes(header) + b"".join(rows)


def _ticks(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * 10
