"""Read the texts of cells in the simplest way, to quote a file that the usual reader fails on.

It shares as little as possible with the usual reader: a fault there must not hide what people have
typed. Numbers are quoted as they are stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from xltiltak.model.errors import WorkbookError
from xltiltak.xlsx.markup import element_attributes, parse_xml
from xltiltak.xlsx.package import Package

CellText = tuple[str, str, str]
"""The name of a sheet, the address of a cell, and its text."""

_SHEET_PART = re.compile(r"xl/(worksheets/[^/]+\.xml)")
_MAIN, _LINKS, _TEXTS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"


def plain_cells(package: Package) -> Iterator[CellText]:
    """Yield the filled cells of every sheet that can be parsed, in the usual folder of sheets."""
    texts, names = _shared_texts(package), _sheet_names(package)
    for part in package.names():
        if found := _SHEET_PART.fullmatch(part):
            try:
                cells = _cells(package.read(part), texts)
            except (WorkbookError, ValueError, LookupError):
                continue  # the other sheets can still be quoted
            yield from ((names.get(found[1], found[1]), *cell) for cell in cells)


def _cells(part: bytes, texts: list[str]) -> list[tuple[str, str]]:
    """Return address and text of the filled cells of a sheet."""
    cells: list[tuple[str, str]] = []
    open_elements: list[str] = []
    attributes: dict[str, str] = {}
    pieces: list[str] = []

    def start(name: str, own: dict[str, str]) -> None:
        """Begin a cell."""
        open_elements.append(name)
        if name == "c":
            attributes.clear()
            attributes.update(own)
            pieces.clear()

    def end(name: str) -> None:
        """Add a cell when its element ends."""
        open_elements.pop()
        text = "".join(pieces)
        if name == "c" and text:
            text = texts[int(text)] if attributes.get("t") == "s" else text
            cells.append((attributes.get("r", ""), text))

    def chars(text: str) -> None:
        """Collect the value of a cell."""
        if open_elements[-1] in ("v", "t"):
            pieces.append(text)

    parse_xml(part, start, end, chars)
    return cells


def _shared_texts(package: Package) -> list[str]:
    """Return the shared texts; none if they cannot be read."""
    texts: list[str] = []
    open_elements: list[str] = []

    def start(name: str, _: dict[str, str]) -> None:
        """Begin a text."""
        open_elements.append(name)
        if name == "si":
            texts.append("")

    def chars(text: str) -> None:
        """Add to the last text; phonetic text is added too."""
        if open_elements[-1] == "t" and texts:
            texts[-1] += text

    if _TEXTS in package:
        parse_xml(package.read(_TEXTS), start, lambda _: open_elements.pop(), chars)
    return texts


def _sheet_names(package: Package) -> Mapping[str, str]:
    """Return the names of the sheets by their parts, without the folder; none if unknown."""
    if _MAIN not in package or _LINKS not in package:
        return {}
    parts = {
        link.get("Id", ""): link.get("Target", "").removeprefix("/xl/").lower()
        for link in element_attributes(package.read(_LINKS), "Relationship")
    }
    sheets = element_attributes(package.read(_MAIN), "sheet")
    return {parts.get(sheet.get("r:id", ""), ""): sheet.get("name", "") for sheet in sheets}
