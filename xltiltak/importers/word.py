"""Read a Word document as lines: paragraphs with their rank as headings, and tables.

The markup is read directly, within the same bounds as every file that people send. So tracked
insertions, content controls and nested tables keep their text, and nothing in the document is run
or fetched.
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
_BESIDE_BODY = re.compile(r"word/(?:header|footer|footnotes|endnotes|comments)\d*\.xml")
_MAX_COLUMNS = 256  # of a table; no page could show more
_NOT_SHOWN = {"del", "moveFrom", "Fallback", "instrText", "rPr", "pPr", "tblPr", "sectPr"}
_WRAPPERS = ("sdt", "sdtContent", "ins", "customXml")  # elements around rows and cells
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_TITLE_STYLES = {"title": 1, "subtitle": 2}  # headings whose names do not say their rank


def word_pages(content: bytes, file: str, language: str) -> tuple[SourcePage, ...]:
    """Return a document as one page, with places in words of `language`.

    Text in headers, footers, notes and comments is reported. Raises WorkbookError.
    """
    package = Package(content, inside="word/")
    reader = _DocumentReader(file, language, _heading_ranks(package), _numbered_lists(package))
    body = _root(package, _DOCUMENT).find(f"{_W}body")
    if body is None:
        raise DamagedWorkbook("part", part=_DOCUMENT)
    try:
        lines = tuple(reader.lines(body))
    except RecursionError as error:  # nested deeper than anything a person makes
        raise DamagedWorkbook("markup", error=error) from error
    return (SourcePage(lines, findings=tuple(_text_beside_body(package, file))),)


@dataclass
class _DocumentReader:
    """Reads the paragraphs and tables of one document.

    `ranks` has the rank of each style that is a heading, `numbered_lists` the ids of the lists that
    count 1, 2, 3. The reader counts paragraphs and tables, for their places, and the items of
    lists.
    """

    file: str
    language: str
    ranks: Mapping[str, int]
    numbered_lists: frozenset[str]
    paragraphs: int = 0
    tables: int = 0
    items: dict[str, int] = field(default_factory=dict)

    def lines(self, parent: Element) -> Iterator[SourceLine]:
        """Yield every paragraph and table row below an element, in document order."""
        for child in _blocks(parent):
            if child.tag == f"{_W}p":
                self.paragraphs += 1
                where = translate("import.paragraph", self.language, number=self.paragraphs)
                cell = SourceCell(self._paragraph_text(child), Place(self.file, "", where))
                yield SourceLine({0: cell}, self._rank(child))
            else:
                self.tables += 1
                yield from self._table_lines(child, self.tables)

    def _table_lines(self, table: Element, number: int) -> Iterator[SourceLine]:
        """Yield the rows of a table; a cell that spans columns or rows is copied to all of them.

        A row that is one text across several columns is a heading of rank 1.
        """
        above: dict[int, SourceCell] = {}
        for row_number, row in enumerate(_rows(table), 1):
            cells: dict[int, SourceCell] = {}
            col = _number(row.find(f"{_W}trPr/{_W}gridBefore"))
            for element in _cells(row):
                where = translate(
                    "import.cell", self.language, table=number, row=row_number, column=col + 1
                )
                cell = self._cell(element, Place(self.file, "", where), above.get(col))
                span = max(1, _number(element.find(f"{_W}tcPr/{_W}gridSpan")))
                beside = replace(cell, copied="across")
                cells |= {col: cell, **dict.fromkeys(range(col + 1, col + span), beside)}
                col += span
                if col > _MAX_COLUMNS:
                    raise DamagedWorkbook("markup", error=f"{col} > {_MAX_COLUMNS}")
            above = {**above, **cells}
            texts = [cell for cell in cells.values() if cell.text and not cell.copied]
            spans_columns = any(cell.copied == "across" for cell in cells.values())
            rank = 1 if len(texts) == 1 and spans_columns else 0
            yield SourceLine(cells, rank, number, col, close=True)

    def _cell(self, element: Element, place: Place, above: SourceCell | None) -> SourceCell:
        """Return a cell of a table; if it is merged with the cell above, a copy of that."""
        merged = element.find(f"{_W}tcPr/{_W}vMerge")
        if merged is not None and merged.get(f"{_W}val", "continue") == "continue" and above:
            return replace(above, copied="down")
        return SourceCell("\n".join(self._texts(element)), place)

    def _texts(self, parent: Element) -> Iterator[str]:
        """Yield the paragraphs of a cell, and each row of a nested table as one text."""
        for child in _blocks(parent):
            if child.tag == f"{_W}p":
                if text := self._paragraph_text(child):
                    yield text
            else:
                for row in _rows(child):
                    texts = (" ".join(self._texts(cell)) for cell in _cells(row))
                    yield " – ".join(text for text in texts if text)

    def _paragraph_text(self, paragraph: Element) -> str:
        """Return the text of a paragraph; if it has none, its number in a numbered list."""
        text = _text(paragraph)
        list_id = _value(paragraph.find(f"{_W}pPr/{_W}numPr/{_W}numId")) or ""
        if list_id in self.numbered_lists:
            self.items[list_id] = self.items.get(list_id, 0) + 1
            return text or str(self.items[list_id])
        return text

    def _rank(self, paragraph: Element) -> int:
        """Return the rank of a heading, by its own outline level or its style; 0 for other text."""
        own = _outline_rank(paragraph.find(f"{_W}pPr/{_W}outlineLvl"))
        style = _value(paragraph.find(f"{_W}pPr/{_W}pStyle"))
        return own or (self.ranks.get(style, 0) if style else 0)


def _text_beside_body(package: Package, file: str) -> Iterator[Finding]:
    """Yield the texts of headers, footers, notes and comments, each once a part."""
    for name in package.names():
        if _BESIDE_BODY.fullmatch(name):
            texts = (_text(p).strip() for p in _root(package, name).iter(f"{_W}p"))
            place = Place(file, "", name.removeprefix("word/").removesuffix(".xml"))
            for text in filter(None, dict.fromkeys(texts)):
                yield Finding.create("I101", place, value=text, reason="outside")


def _blocks(parent: Element) -> Iterator[Element]:
    """Yield the paragraphs and tables of an element.

    Those within a content control or a tracked insertion are among them, but not those within a
    table.
    """
    for child in parent:
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child
        elif _name(child) not in _NOT_SHOWN:
            yield from _blocks(child)


def _rows(table: Element) -> Iterator[Element]:
    """Yield the rows of a table."""
    yield from _children(table, "tr")


def _cells(row: Element) -> Iterator[Element]:
    """Yield the cells of a row."""
    yield from _children(row, "tc")


def _children(parent: Element, name: str) -> Iterator[Element]:
    """Yield the children of this name, also those within content controls and insertions."""
    for child in parent:
        if _name(child) == name:
            yield child
        elif _name(child) in _WRAPPERS:
            yield from _children(child, name)


def _text(element: Element) -> str:
    """Return all text below an element that is shown, with tracked insertions."""
    parts: list[str] = []
    for child in element:
        name = _name(child)
        if name == "t":
            parts.append(child.text or "")
        elif name in _SIGNS:
            parts.append(_SIGNS[name])
        elif name not in _NOT_SHOWN:
            parts.append(_text(child))
    return "".join(parts)


def _heading_ranks(package: Package) -> dict[str, int]:
    """Return for each style its rank as a heading, 0 if it is none.

    Word stores the English name of a built-in style in every language.
    """
    if _STYLES not in package:
        return {}
    ranks: dict[str, int] = {}
    for style in _root(package, _STYLES).iter(f"{_W}style"):
        name = (_value(style.find(f"{_W}name")) or "").casefold()
        if heading := re.fullmatch(r"heading (\d)", name):
            rank = int(heading[1])
        else:
            outline = style.find(f"{_W}pPr/{_W}outlineLvl")
            rank = _TITLE_STYLES.get(name, 0) or _outline_rank(outline)
        ranks[style.get(f"{_W}styleId", "")] = rank
    return ranks


def _numbered_lists(package: Package) -> frozenset[str]:
    """Return the ids of the lists whose outermost items are numbered 1, 2, 3.

    People fill a column of numbers with such a list.
    """
    if _LISTS not in package:
        return frozenset()
    root = _root(package, _LISTS)
    formats = {
        definition.get(f"{_W}abstractNumId"): _value(definition.find(f"{_W}lvl/{_W}numFmt"))
        for definition in root.iter(f"{_W}abstractNum")
    }
    return frozenset(
        instance.get(f"{_W}numId", "")
        for instance in root.iter(f"{_W}num")
        if formats.get(_value(instance.find(f"{_W}abstractNumId"))) == "decimal"
    )


def _root(package: Package, name: str) -> Element:
    """Return the root element of a part, with names as in the transitional format.

    Raises DamagedWorkbook for markup that is not well formed or that declares a document type.
    """
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
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _value(element: Element | None) -> str | None:
    """Return the attribute `val`; None without it or without the element."""
    return None if element is None else element.get(f"{_W}val")


def _number(element: Element | None) -> int:
    """Return `val` as a number below 1,000; 0 for anything else."""
    value = _value(element) or ""
    return int(value) if value.isdecimal() and len(value) < 4 else 0


def _outline_rank(element: Element | None) -> int:
    """Return the rank of an outline level, which Word counts from 0; 0 for body text."""
    value = _value(element) or ""
    return int(value) + 1 if value.isdecimal() and int(value) < 9 else 0
