"""A document as PDF, set by Typst: PDF/UA-1 and PDF/A-2a in one file, for readers of any kind and for the archive."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from xltiltak.publishing import glyphs, paged
from xltiltak.publishing.document import Document, texts

_LAYOUT = Path(__file__).with_name("report.typ")
_STANDARDS = ["ua-1", "a-2a"]
_FINE = 400  # of an inch, for a logo of 16 mm
_MADE = datetime(
    1980, 1, 1, tzinfo=UTC
)  # a file must name a time; this is the same in all that we write


def render(document: Document) -> bytes:
    """The file. Characters that no font has are shown as a box; `lacking` tells which."""
    style = document.style
    told: bytes = compiler(named=bool(style.font or style.heading_font)).compile(
        _LAYOUT.read_bytes(),
        format="pdf",
        sys_inputs={"document": json.dumps(paged.told(document), ensure_ascii=False)},
        pdf_standards=_STANDARDS,
        timestamp=_MADE,
    )
    return told


def lacking(document: Document) -> Counter[str]:
    """The characters of a document that a page cannot show, and how many of each."""
    return glyphs.lacking(texts(document))


def picture(svg: str, ppi: float) -> bytes:
    """A drawing as PNG, in the fonts of the pages."""
    source = b'#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg), format: "svg")'
    png: bytes = compiler().compile(
        source, format="png", ppi=ppi, sys_inputs={"svg": glyphs.printable(svg)}
    )
    return png


def shows(logo: bytes) -> bool:
    """Can a page show this picture?"""
    import typst

    try:
        _standing(logo, format="pdf", pdf_standards=_STANDARDS, timestamp=_MADE)
    except typst.TypstError:
        return False
    return True


def raster(logo: bytes) -> bytes:
    """A picture of any kind as PNG, fine enough for a letterhead."""
    return _standing(logo, format="png", ppi=_FINE)


def _standing(logo: bytes, **how: Any) -> bytes:
    """A page with a logo of its usual height, and nothing else."""
    source = b"""#set page(width: auto, height: auto, margin: 0pt)
#set document(title: "Logo")
#image(bytes(json(bytes(sys.inputs.logo))), height: 16mm, alt: "Logo")"""
    made: bytes = compiler().compile(source, sys_inputs={"logo": json.dumps([*logo])}, **how)
    return made


@cache
def compiler(*, named: bool = False) -> Any:
    """Typst with the fonts that travel with us; with those of the machine only where a style names one."""
    import typst

    fonts = typst.Fonts(
        include_system_fonts=named, include_embedded_fonts=False, font_paths=[str(glyphs.FOLDER)]
    )
    return typst.Compiler(font_paths=fonts)
