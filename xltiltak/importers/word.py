"""A Word document as lines: paragraphs with their rank as headings, and tables with their merged cells.

Read from its markup, behind the bounds of every file that people send: so tracked insertions, content controls and
nested tables keep their text, and nothing in the document is ever run or fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from xml.etree.ElementTree import Element

from xltiltak.importers.source_lines import SourceCell, SourceLine, SourcePage
from xltiltak.model.errors import DamagedWorkbook
from xltiltak.model.finding import Finding, Place
from xltiltak.model.language import translate
from xltiltak.xlsx.package import Package

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_DOCUMENT, _STYLES, _LISTS = "word/document.xml", "word/styles.xml", "word/numbering.xml"
_ASIDE = re.compile(r"word/(?:header|footer|footnotes|endnotes|comments)\d*\.xml")
_COLUMNS = 256  # of a table, more than a page could show
_GONE = {"del", "moveFrom", "Fallback", "instrText", "rPr", "pPr", "tblPr", "sectPr"}
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_NAMES = {"title": 1, "subtitle": 2}  # styles that are headings without saying so


def word_pages(content: bytes, file: str, language: str) -> tuple[SourcePage, ...]:
    """The one page of a document; what stands in headers, footers and notes is told. Raises WorkbookError."""
    package = Package(content, inside="word/")
    reader = _Reader(file, language, _ranks(package), _decimal_lists(package))
    body = _root(package, _DOCUMENT).find(f"{_W}body")
    if body is None:
        raise DamagedWorkbook("part", part=_DOCUMENT)
    try:
        lines = tuple(reader.lines(body))
    except RecursionError as error:  # nested deeper than anything a person makes
        raise DamagedWorkbook("markup", error=error) from error
    return (SourcePage(lines, findings=tuple(reader.aside(package))),)


@dataclass
class _Reader:
    """Walks one document; counts its paragraphs and tables, for their places, and the numbers of its lists."""

    file: str
    language: str
    ranks: Mapping[str, int]
    decimal: frozenset[str]
    paragraphs: int = 0
    tables: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def lines(self, parent: Element) -> Iterator[SourceLine]:
        """Every paragraph and row below an element, in the order of the document."""
        for child in _blocks(parent):
            if child.tag == f"{_W}p":
                self.paragraphs += 1
                place = Place(
                    self.file,
                    "",
                    translate("import.paragraph", self.language, number=self.paragraphs),
                )
                yield SourceLine({0: SourceCell(self._paragraph(child), place)}, self._rank(child))
            else:
                self.tables += 1
                yield from self._table(child, self.tables)

    def aside(self, package: Package) -> Iterator[Finding]:
        """What stands in headers, footers, notes and comments."""
        for name in package.names():
            if _ASIDE.fullmatch(name):
                texts = (_text(p).strip() for p in _root(package, name).iter(f"{_W}p"))
                place = Place(self.file, "", name.removeprefix("word/").removesuffix(".xml"))
                yield from (
                    Finding.create("I101", place, value=text, reason="outside")
                    for text in dict.fromkeys(texts)
                    if text
                )

    def _table(self, table: Element, number: int) -> Iterator[SourceLine]:
        above: dict[int, SourceCell] = {}
        for n, row in enumerate(_rows(table), 1):
            cells: dict[int, SourceCell] = {}
            col = _number(row.find(f"{_W}trPr/{_W}gridBefore"))
            for made in _cells(row):
                address = translate(
                    "import.cell", self.language, table=number, row=n, column=col + 1
                )
                cell = self._cell(made, Place(self.file, "", address), above.get(col))
                span = max(1, _number(made.find(f"{_W}tcPr/{_W}gridSpan")))
                cells |= {
                    col + k: cell if not k else replace(cell, copied="across") for k in range(span)
                }
                col += span
                if col > _COLUMNS:
                    raise DamagedWorkbook("markup", error=f"{col} > {_COLUMNS}")
            above = {**above, **cells}
            rank = (
                1
                if len([c for c in cells.values() if not c.copied and c.text]) == 1
                and len(cells) > 1
                else 0
            )
            spans = rank and any(cell.copied == "across" for cell in cells.values())
            yield SourceLine(cells, int(bool(spans)), number, col, close=True)

    def _cell(self, made: Element, place: Place, above: SourceCell | None) -> SourceCell:
        merged = made.find(f"{_W}tcPr/{_W}vMerge")
        if merged is not None and merged.get(f"{_W}val", "continue") == "continue" and above:
            return replace(above, copied="down")
        return SourceCell("\n".join(self._texts(made)), place)

    def _texts(self, parent: Element) -> Iterator[str]:
        """The paragraphs of a cell; of a table within it a line a row."""
        for child in _blocks(parent):
            if child.tag == f"{_W}p":
                if text := self._paragraph(child):
                    yield text
            else:
                for row in _rows(child):
                    texts = (" ".join(self._texts(cell)) for cell in _cells(row))
                    yield " – ".join(text for text in texts if text)

    def _paragraph(self, paragraph: Element) -> str:
        """Its text; of one that only has the number of a list, that number."""
        text, listed = _text(paragraph), paragraph.find(f"{_W}pPr/{_W}numPr/{_W}numId")
        number = listed.get(f"{_W}val", "") if listed is not None else ""
        if number in self.decimal:
            self.counts[number] = self.counts.get(number, 0) + 1
            return text or str(self.counts[number])
        return text

    def _rank(self, paragraph: Element) -> int:
        own = paragraph.find(f"{_W}pPr/{_W}outlineLvl")
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        return _level(own) or (
            self.ranks.get(style.get(f"{_W}val", ""), 0) if style is not None else 0
        )


def _blocks(parent: Element) -> Iterator[Element]:
    """The paragraphs and tables right below an element, also those within a content control or an insertion."""
    for child in parent:
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child
        elif _name(child) not in _GONE:
            yield from _blocks(child)


def _rows(table: Element) -> Iterator[Element]:
    yield from _within(table, "tr", ("sdt", "sdtContent", "ins", "customXml"))


def _cells(row: Element) -> Iterator[Element]:
    yield from _within(row, "tc", ("sdt", "sdtContent", "ins", "customXml"))


def _within(parent: Element, wanted: str, through: tuple[str, ...]) -> Iterator[Element]:
    for child in parent:
        if _name(child) == wanted:
            yield child
        elif _name(child) in through:
            yield from _within(child, wanted, through)


def _text(element: Element) -> str:
    """All text below an element that is shown, tracked insertions too."""
    parts: list[str] = []
    for child in element:
        name = _name(child)
        if name == "t":
            parts.append(child.text or "")
        elif name in _SIGNS:
            parts.append(_SIGNS[name])
        elif name not in _GONE:
            parts.append(_text(child))
    return "".join(parts)


def _ranks(package: Package) -> dict[str, int]:
    """For each style that is a heading, its rank; also where the style is called otherwise in its own language."""
    if _STYLES not in package:
        return {}
    found_: dict[str, int] = {}
    for style in _root(package, _STYLES).iter(f"{_W}style"):
        name = (_value(style.find(f"{_W}name")) or "").casefold()
        heading = re.fullmatch(r"heading (\d)", name)
        rank = (
            int(heading[1])
            if heading
            else _NAMES.get(name, 0) or _level(style.find(f"{_W}pPr/{_W}outlineLvl"))
        )
        found_[style.get(f"{_W}styleId", "")] = rank
    return found_


def _decimal_lists(package: Package) -> frozenset[str]:
    """The lists whose outermost items are numbered 1, 2, 3: by them Word fills a column of numbers."""
    if _LISTS not in package:
        return frozenset()
    root = _root(package, _LISTS)
    known = root.iter(f"{_W}abstractNum")
    formats = {
        made.get(f"{_W}abstractNumId"): _value(made.find(f"{_W}lvl/{_W}numFmt")) for made in known
    }
    return frozenset(
        made.get(f"{_W}numId", "")
        for made in root.iter(f"{_W}num")
        if formats.get(_value(made.find(f"{_W}abstractNumId"))) == "decimal"
    )


def _root(package: Package, name: str) -> Element:
    """One part as its markup. Raises DamagedWorkbook, also for a document type of its own."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    content = package.read(name).replace(_STRICT[1:-1].encode(), _W[1:-1].encode())
    try:
        root: Any = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise DamagedWorkbook("dtd") from error
    except (ParseError, ValueError) as error:
        raise DamagedWorkbook("markup", error=error) from error
    return root  # type: ignore[no-any-return]


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _value(element: Element | None) -> str | None:
    return None if element is None else element.get(f"{_W}val")


def _number(element: Element | None) -> int:
    said = _value(element) or ""
    return int(said) if said.isdecimal() and len(said) < 4 else 0


def _level(element: Element | None) -> int:
    said = _value(element) or ""
    return int(said) + 1 if said.isdecimal() and int(said) < 9 else 0
