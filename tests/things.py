"""Put things on the sheet of a saved form that openpyxl cannot write: boxes, pictures, controls."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import NamedTuple
from zipfile import ZipFile

from tests.raw import zipped

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMES = (
    'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel"'
)
_DRAWN = (
    f"<xdr:wsDr {_NAMES}><xdr:twoCellAnchor><xdr:from><xdr:col>2</xdr:col><xdr:row>3</xdr:row>"
    "</xdr:from>{}</xdr:twoCellAnchor></xdr:wsDr>"
)
_RELS = "xl/worksheets/_rels/sheet1.xml.rels"
_EMPTY = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    "</Relationships>"
)
_BOX = "<xdr:sp><xdr:txBody><a:p><a:t>{}</a:t></a:p></xdr:txBody></xdr:sp>"
_TICK = (
    "<v:shape id='s1'><v:textbox><div>{}</div></v:textbox>"
    "<x:ClientData ObjectType='Checkbox'/></v:shape>"
)
# For each kind, the type of its relationship and its part, with a place for the words.
THINGS: dict[str, tuple[str, str]] = {
    "box": ("drawing", _DRAWN.format(_BOX)),
    "group": ("drawing", _DRAWN.format(f"<xdr:grpSp>{_BOX}</xdr:grpSp>")),
    "picture": ("drawing", _DRAWN.format('<xdr:pic><xdr:cNvPr descr="{}"/></xdr:pic>')),
    "tick": ("vmlDrawing", f"<xml {_NAMES}>{_TICK}</xml>"),
    "chart": ("chart", f"<chart {_NAMES}><title><a:t>{{}}</a:t></title></chart>"),
    "unknown": ("{}", "<x/>"),
}


class Thing(NamedTuple):
    """A thing of a kind of `THINGS`, with words that must be quoted."""

    kind: str
    words: str


def with_things(content: bytes, things: Iterable[Thing]) -> bytes:
    """Return a workbook with these things on its first sheet."""
    with ZipFile(BytesIO(content)) as old:
        parts: dict[str, str | bytes] = {name: old.read(name) for name in old.namelist()}
    links, new = "", dict[str, str]()
    for n, (kind, words) in enumerate(things):
        relationship, part = (text.replace("{}", words) for text in THINGS[kind])
        name = f"x/{words if kind == 'unknown' else n}.xml"
        new[f"xl/{name}"] = part
        links += f'<Relationship Id="t{n}" Type="{_OFFICE}/{relationship}" Target="/xl/{name}"/>'
    rels = parts.get(_RELS, _EMPTY)
    text = rels.decode() if isinstance(rels, bytes) else rels
    return zipped(parts | new | {_RELS: _with_links(text, links)})


def _with_links(rels: str, links: str) -> str:
    return rels.replace("</Relationships>", f"{links}</Relationships>")
