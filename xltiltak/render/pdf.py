"""A document as PDF, set by Typst: PDF/UA-1 and PDF/A-2a in one file, for readers of any kind and for the archive."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from xltiltak.render import glyphs, paged
from xltiltak.render.document import Document, texts

_LAYOUT = Path(__file__).with_name("report.typ")
_MADE = datetime(1980, 1, 1, tzinfo=UTC)  # a file must name a time; this is the same in all that we write


def render(document: Document) -> bytes:
    """The file. Characters that no font has are shown as a box; `lacking` tells which."""
    style = document.style
    told: bytes = compiler(named=bool(style.font or style.heading_font)).compile(
        _LAYOUT.read_bytes(),
        format="pdf",
        sys_inputs={"document": json.dumps(paged.told(document), ensure_ascii=False)},
        pdf_standards=["ua-1", "a-2a"],
        timestamp=_MADE,
    )
    return told


def lacking(document: Document) -> Counter[str]:
    """The characters of a document that a page cannot show, and how many of each."""
    return glyphs.lacking(texts(document))


def picture(svg: str, ppi: float) -> bytes:
    """A drawing as PNG, in the fonts of the pages."""
    source = b'#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg), format: "svg")'
    png: bytes = compiler().compile(source, format="png", ppi=ppi, sys_inputs={"svg": glyphs.printable(svg)})
    return png


@cache
def compiler(*, named: bool = False) -> Any:
    """Typst with the fonts that travel with us; with those of the machine only where a style names one."""
    import typst

    fonts = typst.Fonts(include_system_fonts=named, include_embedded_fonts=False, font_paths=[str(glyphs.FOLDER)])
    return typst.Compiler(font_paths=fonts)
