"""Write the same workbook in every valid way, by name.

`UNUSUAL` must be read like the original; `ACTIVE` has content that could run, which only gives a
finding.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO, RawIOBase
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from tests.raw import MAIN, STRICT

Parts = dict[str, bytes]
_OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_OFFICE = b"http://purl.oclc.org/ooxml/officeDocument/relationships"
_MARKUP = ("xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/worksheets/")
_DDE = (
    f'<externalLink xmlns="{MAIN}"><ddeLink ddeService="cmd" ddeTopic="/c calc">'
    '<ddeItems><ddeItem name="A1"/></ddeItems></ddeLink></externalLink>'
)


def parts_in(content: bytes) -> Parts:
    """Return the parts of a workbook."""
    with ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Parts, packing: int = ZIP_DEFLATED) -> bytes:
    """Return a zip of these parts."""
    target = BytesIO()
    with ZipFile(target, "w", packing) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()


class _Stream(RawIOBase):
    """An output that cannot seek, as of a program that sends a file while it writes it."""

    def __init__(self) -> None:
        self.content = b""

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self.content += bytes(piece)
        return len(piece)


def streamed(content: bytes) -> bytes:
    """Return a zip with the sizes and checksums after its entries."""
    target = _Stream()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, part in parts_in(content).items():
            archive.writestr(name, part)
    return target.content


def rewritten(change: Callable[[bytes], bytes], *names: str) -> Callable[[bytes], bytes]:
    """Return a change of the parts whose names begin with one of these names."""

    def change_parts(content: bytes) -> bytes:
        parts = parts_in(content)
        return packed(
            {name: change(part) if name.startswith(names) else part for name, part in parts.items()}
        )

    return change_parts


def besides(name: str, part: bytes = b"x") -> Callable[[bytes], bytes]:
    """Return a change that adds a part."""
    return lambda content: packed({**parts_in(content), name: part})


def prefixed(part: bytes) -> bytes:
    """Return the same XML with a prefix at every element of the main namespace."""
    text = part.decode().replace(f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}"')
    return re.sub(r"<(/?)(?![?!])(?![a-z0-9]+:)", r"<\1x:", text).encode()


def in_utf_16(part: bytes) -> bytes:
    """Return the same XML in UTF-16."""
    return part.decode().replace("UTF-8", "UTF-16").encode("utf-16")


def strict(part: bytes) -> bytes:
    """Return the same XML with the names of the strict standard."""
    return part.replace(MAIN.encode(), STRICT.encode()).replace(_OFFICE, _STRICT_OFFICE)


def rich(part: bytes) -> bytes:
    """Return the texts as rich text, each with a phonetic guide."""
    run = rb"<si><r><rPr><b/></rPr>\1</r><rPh sb='0' eb='1'><t>uttale</t></rPh></si>"
    return re.sub(rb"<si>(<t[ >].*?</t>)</si>", run, part, flags=re.DOTALL)


def without_shared_texts(content: bytes) -> bytes:
    """Return the workbook with every text in its own cell."""
    parts = parts_in(content)
    texts: list[bytes] = re.findall(
        rb"<si>(.*?)</si>", parts.pop("xl/sharedStrings.xml"), re.DOTALL
    )

    def inline(cell: re.Match[bytes]) -> bytes:
        return (
            b"<c"
            + cell[1]
            + b't="inlineStr"'
            + cell[2]
            + b"><is>"
            + texts[int(cell[3])]
            + b"</is></c>"
        )

    cells = re.compile(rb'<c([^>]*)t="s"([^>]*)><v>(\d+)</v></c>')
    return packed(
        {
            name: cells.sub(inline, part) if "worksheets/" in name else part
            for name, part in parts.items()
        }
    )


def since_1904(part: bytes) -> bytes:
    """Return the workbook part with dates counted from 1904."""
    assert b"<workbookPr" in part
    return part.replace(b"<workbookPr", b'<workbookPr date1904="1"')


UNUSUAL: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda content: content,
    "not compressed": lambda content: packed(parts_in(content), ZIP_STORED),
    "sent as it was made": streamed,
    "bytes before and after": lambda content: b"MZ" * 40 + content + b"\0" * 40,
    "strict": rewritten(strict, ""),
    "prefixed": rewritten(prefixed, *_MARKUP),
    "in UTF-16": rewritten(in_utf_16, *_MARKUP),
    "with a byte order mark": rewritten(lambda part: b"\xef\xbb\xbf" + part, *_MARKUP),
    "rich text": rewritten(rich, "xl/sharedStrings.xml"),
    "no shared texts": without_shared_texts,
    "days from 1904": rewritten(since_1904, "xl/workbook.xml"),
    "names in capitals": lambda content: packed(
        {name.upper(): part for name, part in parts_in(content).items()}
    ),
    "a part of its own in UTF-16": besides("customXml/item1.xml", "<a/>".encode("utf-16")),
    "a sensitivity label": besides("docMetadata/LabelInfo.xml", b"<labels/>"),
}
ACTIVE: dict[str, Callable[[bytes], bytes]] = {
    "macros": besides("xl/vbaProject.bin"),
    "macros as they were written in 1992": besides("xl/macrosheets/sheet1.xml", b"<x/>"),
    "DDE": besides("xl/externalLinks/externalLink1.xml", _DDE.encode()),
    "a link to another workbook": besides("xl/externalLinks/externalLink1.xml", b"<externalLink/>"),
    "an embedded document": besides("xl/embeddings/oleObject1.bin"),
    "a button of Windows": besides("xl/activeX/activeX1.xml", b"<x/>"),
    "a connection to a database": besides("xl/connections.xml", b"<connections/>"),
}
