"""Build workbooks part by part, so that a test can write what no program would write."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"


def zipped(parts: Mapping[str, str | bytes] | Iterable[tuple[str, str | bytes]]) -> bytes:
    """Return a zip of these parts."""
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items() if isinstance(parts, Mapping) else parts:
            archive.writestr(name, content)
    return target.getvalue()


def parts_of(
    rows: str = "",
    *,
    texts: str | None = None,
    styles: str | None = None,
    workbook: str = "",
    sheets: int = 1,
    strict: bool = False,
) -> dict[str, str | bytes]:
    """Return the parts of a workbook whose first sheet has these rows."""
    main, office = (STRICT, _STRICT_OFFICE) if strict else (MAIN, _OFFICE)
    kinds = {"rId900": "sharedStrings", "rId901": "styles"}
    contents = {"rId900": texts, "rId901": styles}
    entries = "".join(
        f'<sheet name="Ark {n}" sheetId="{n}" r:id="rId{n}"/>' for n in range(1, sheets + 1)
    )
    links = [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in range(1, sheets + 1)]
    links += [(i, kind, f"{kind}.xml") for i, kind in kinds.items() if contents[i] is not None]
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": _links(office, [("rId1", "officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": (
            f'<workbook xmlns="{main}" xmlns:r="{office}">{workbook}'
            f"<sheets>{entries}</sheets></workbook>"
        ),
        "xl/_rels/workbook.xml.rels": _links(office, links),
        **{
            f"xl/worksheets/sheet{n}.xml": sheet(rows if n == 1 else "", main)
            for n in range(1, sheets + 1)
        },
        **(
            {"xl/sharedStrings.xml": f'<sst xmlns="{main}">{texts}</sst>'}
            if texts is not None
            else {}
        ),
        **(
            {"xl/styles.xml": f'<styleSheet xmlns="{main}">{styles}</styleSheet>'}
            if styles is not None
            else {}
        ),
    }


def sheet(rows: str, main: str = MAIN) -> str:
    """Return the part of a sheet with these rows."""
    return f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'


def _links(office: str, links: Iterable[tuple[str, str, str]]) -> str:
    relationships = "".join(
        f'<Relationship Id="{i}" Type="{office}/{kind}" Target="{to}"/>' for i, kind, to in links
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{relationships}</Relationships>'


def ole(*streams: str) -> bytes:
    """Return the beginning of an OLE file whose directory names these streams."""
    names = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in streams)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + names + bytes(512)


ENCRYPTED = ole("Root Entry", "EncryptionInfo", "EncryptedPackage")
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def with_stated_size(content: bytes, size: int) -> bytes:
    """Return the zip with `size` as the size of its last part in the directory."""
    at = content.rindex(b"PK\1\2")
    return content[: at + 24] + struct.pack("<I", size) + content[at + 28 :]
