"""Read a Word document as lines: paragraphs with their rank as headings, and tables.

The markup is read directly, within the same bounds as every file that people send. So tracked
insertions, content controls and nested tables keep their text, and nothing in the document is run
or fetched. What a person sees and no line holds is a finding: `word_text` reads a paragraph,
`word_inventory` says which parts nobody read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import NamedTuple
from xml.etree.ElementTree import Element

from xltiltak.importers.shown_text import (
    NoteKind,
    ShownObject,
    ShownText,
    is_struck_row,
    note_finding,
    object_finding,
    row_findings,
)
from xltiltak.importers.source_lines import SourceCell, SourceLine, SourcePage
from xltiltak.importers.symbol_fonts import TICKS
from xltiltak.importers.taken_in import LinesAndFindings, TakenInPart, taken_in_lines
from xltiltak.importers.word_inventory import unread_parts
from xltiltak.importers.word_numbering import ListNumber, Numbering
from xltiltak.importers.word_parts import (
    W,
    WordPart,
    is_on,
    link_ids,
    local_name,
    number_of,
    part_links,
    value_of,
)
from xltiltak.importers.word_styles import (
    HIGHLIGHTS,
    PLAIN_TEXT,
    TextMarks,
    WordStyles,
    has_hidden_end,
)
from xltiltak.importers.word_text import ParagraphReader
from xltiltak.model.errors import DamagedWorkbook, OverLimit, WorkbookError
from xltiltak.model.finding import Finding, Place
from xltiltak.model.language import translate
from xltiltak.xlsx.package import MIB, Bounds, Package

_BOUNDS = Bounds(file=64 * MIB, entry=64 * MIB)  # documents hold pictures
_MAX_COLUMNS = 256  # of a table; no page could show more
_MOST_NESTED, _MOST_TAKEN_IN = 2, 50  # documents within each other, and files within one
_FLATTEST = 40  # twentieths of a point; a row of this height shows no letter
_NO_BLOCKS = {"del", "moveFrom", "rPr", "pPr", "tblPr", "sectPr", "sdtPr"}
_WRAPPERS = ("sdt", "sdtContent", "ins", "customXml")  # elements around rows and cells
_NOTE_KINDS: dict[str, NoteKind] = {
    "footnotes": "footnote",
    "endnotes": "endnote",
    "comments": "comment",
}
_PAGE_TEXTS = ("header", "footer")
_WHITE = ("FFFFFF", "auto", "background1", "")  # a fill that nobody sees


def word_pages(content: bytes, file: str, language: str) -> tuple[SourcePage, ...]:
    """Return a document as one page, with places in words of `language`.

    Text in headers, footers, notes and comments is reported. Raises WorkbookError.
    """
    lines, findings = _document_lines(content, file, language, 1)
    return (SourcePage(lines, findings=findings),)


def _document_lines(content: bytes, file: str, language: str, depth: int) -> LinesAndFindings:
    """Return the lines of a document and what is not in them. Raises WorkbookError."""
    document = WordDocument(Package(content, _BOUNDS, "word/"), file, language, depth)
    body = document.main.root.find(f"{W}body")
    if body is None:
        raise DamagedWorkbook("part", part=document.main.name)
    reader = PartReader(document, document.main)
    try:
        lines = tuple(reader.lines(body))
        document.findings += _contents(reader.contents)
        document.findings += _beside_body(document)
        document.findings += unread_parts(document.package, document.parts.values(), file)
    except RecursionError as error:  # nested deeper than anything a person makes
        raise DamagedWorkbook("markup", error=error) from error
    return lines, tuple(document.findings)


@dataclass
class WordDocument:
    """What the readers of a document's parts share.

    `depth` is 1, or more for a document within another. `parts` are those that are read, by name.
    `notes_told` are the notes, by kind and id, that were quoted; `taken_in` counts the files that
    the text takes in.
    """

    package: Package
    file: str
    language: str
    depth: int = 1
    findings: list[Finding] = field(default_factory=list)
    parts: dict[str, WordPart] = field(default_factory=dict)
    notes_told: set[tuple[str, str]] = field(default_factory=set)
    taken_in: int = 0

    def part(self, name: str) -> WordPart:
        """Return a part that is read."""
        return self.parts.setdefault(name, WordPart(self.package, name))

    def parts_of(self, *kinds: str) -> Iterator[tuple[str, WordPart]]:
        """Yield the parts of these kinds that the text refers to, each once, after its kind."""
        links = dict.fromkeys((link.kind, link.target) for link in self.main.links.values())
        for kind, target in links:
            if kind in kinds and target in self.package:
                yield kind, self.part(target)

    def _root_of(self, kind: str) -> Element | None:
        return next((part.root for _, part in self.parts_of(kind)), None)

    @cached_property
    def main(self) -> WordPart:
        """Return the part with the text itself."""
        links = part_links(self.package, "").values()
        named = (link.target for link in links if link.kind == "officeDocument")
        return self.part(next(named, "word/document.xml"))

    @cached_property
    def styles(self) -> WordStyles:
        """Return the styles."""
        return WordStyles(self._root_of("styles"))

    @cached_property
    def numbering(self) -> Numbering:
        """Return the lists."""
        return Numbering.of(self._root_of("numbering"))

    @cached_property
    def notes(self) -> dict[tuple[str, str], tuple[WordPart, Element]]:
        """Return the footnotes, endnotes and comments with their parts, by kind and id."""
        return {
            (kind, value_of(note, "id") or ""): (part, note)
            for kind, part in self.parts_of(*_NOTE_KINDS)
            for note in part.root
            if value_of(note, "type") in (None, "normal")
        }

    def take_note(self, key: tuple[str, str]) -> ShownText:
        """Return what a note shows, its text as a note; nothing for one that was taken before."""
        if key not in self.notes or key in self.notes_told:
            return ShownText()
        self.notes_told.add(key)
        part, note = self.notes[key]
        shown = PartReader(self, part).shown_in(note)
        if shown.text.strip():
            shown.notes.append((_NOTE_KINDS[key[0]], shown.text))
        shown.text = ""
        return shown


class CellLook(NamedTuple):
    """What a cell gives its text: the style of the table, the marks of the row, and a colour."""

    table_style: str = ""
    marks: TextMarks = PLAIN_TEXT
    fill: str = ""


_PLAIN_CELL = CellLook()
_IN_BOX = CellLook(fill="?")  # a shape often has a colour


@dataclass
class PartReader:
    """Reads the paragraphs and tables of one part; it counts them, for their places.

    `anchor` is the place of the paragraph that a text box hangs on, while that is read. `unended`
    is the text of paragraphs whose end is hidden, `contents` the table of contents.
    """

    document: WordDocument
    part: WordPart
    paragraphs: int = 0
    tables: int = 0
    anchor: Place | None = None
    unended: str = ""
    contents: list[tuple[Place, str]] = field(default_factory=list)

    def lines(self, parent: Element) -> Iterator[SourceLine]:
        """Yield every paragraph and table row below an element, in document order."""
        for child in _blocks(parent):
            if child.tag == f"{W}p":
                yield from self._paragraph_lines(child)
            elif child.tag == f"{W}tbl":
                self.tables += 1
                yield from self._table_lines(child, self.tables)
            else:
                yield from self._taken_in(child)

    def shown_in(self, parent: Element, look: CellLook = _PLAIN_CELL) -> ShownText:
        """Return what a cell or a note shows: a line for each paragraph and each row inside."""
        whole, unended = ShownText(), False
        for child in _blocks(parent):
            if child.tag == f"{W}p":
                shown, boxes = self._paragraph(child, look)
                for box in boxes:
                    shown.notes.append(("text_box", self._box_text(box, shown)))
                whole.add(shown, "" if unended else "\n")
                unended = has_hidden_end(child)
            elif child.tag == f"{W}tbl":
                whole.add(self._nested(child, look), "\n")
            else:
                texts = (line.text for line in self._taken_in(child))
                whole.add(ShownText("\n".join(filter(None, texts))), "\n")
        return whole

    def _box_text(self, box: Element, beside: ShownText) -> str:
        """Return the text of a text box in a cell; what does not stand goes to the cell's."""
        inside = self.shown_in(box, _IN_BOX)
        text, inside.text = inside.text, ""
        beside.add(inside, "\n")
        return text

    def _nested(self, table: Element, look: CellLook) -> ShownText:
        """Return a table in a cell, each row as one line."""
        whole = ShownText()
        for row in _children(table, "tr"):
            line = ShownText()
            for cell in _children(row, "tc"):
                marks = _marks_of(cell, _marks_of(row, look.marks))
                line.add(self.shown_in(cell, look._replace(marks=marks)), " – ")
            whole.add(line, "\n")
        return whole

    def _paragraph(
        self, paragraph: Element, look: CellLook = _PLAIN_CELL
    ) -> tuple[ShownText, list[Element]]:
        """Return what a paragraph shows, with its number in a list, and its text boxes."""
        styles = self.document.styles
        reader = ParagraphReader(
            self.part, styles, paragraph, look.table_style, look.marks, ground=look.fill
        )
        shown = reader.read()
        for key in reader.note_ids:
            shown.add(self.document.take_note(key), "\n")
        at = styles.list_level(paragraph)
        if at and not has_hidden_end(paragraph) and look.marks == PLAIN_TEXT:
            number = self.document.numbering.next_number(at, styles.style_ids(paragraph))
            _put_number(shown, number, is_heading=styles.heading_rank(paragraph) > 0)
        return shown, reader.boxes

    def _paragraph_lines(self, paragraph: Element) -> Iterator[SourceLine]:
        """Yield a paragraph outside tables, and then what its text boxes hold."""
        self.paragraphs += 1
        place = self.anchor or self._place("paragraph", number=self.paragraphs)
        shown, boxes = self._paragraph(paragraph, _IN_BOX if self.anchor else _PLAIN_CELL)
        self.document.findings += shown.findings(place, in_table=False)
        if has_hidden_end(paragraph):
            self.unended += shown.text
        elif self.document.styles.is_contents(paragraph):
            self.contents.append((place, shown.text))
        else:
            text, self.unended = self.unended + shown.text, ""
            cell = SourceCell(text, place, number=shown.number)
            styles = self.document.styles
            rank, is_caption = styles.heading_rank(paragraph), styles.is_caption(paragraph)
            yield SourceLine({0: cell}, rank, is_caption=is_caption)
        outer, self.anchor = self.anchor, place
        for box in boxes:
            yield from self.lines(box)
        self.anchor = outer

    def _table_lines(self, table: Element, number: int) -> Iterator[SourceLine]:
        """Yield the rows of a table; a cell that spans columns or rows is copied to all of them.

        A row that is one text across several columns is a heading of rank 1. A row that holds one
        table and nothing else is a frame around that table.
        """
        style = value_of(table.find(f"{W}tblPr/{W}tblStyle")) or ""
        above: dict[int, SourceCell] = {}
        for row_number, row in enumerate(_children(table, "tr"), 1):
            if (framed := _framed(row)) is not None:
                yield from self.lines(framed)
                continue
            look = CellLook(style, _marks_of(row))
            place = self._place("cell", table=number, row=row_number, column="{column}")
            cells, col = self._row(row, above, look, place)
            above = {**above, **cells}
            texts = [cell for cell in cells.values() if cell.text and not cell.copied]
            spans_columns = any(cell.copied == "across" for cell in cells.values())
            rank = 1 if len(texts) == 1 and spans_columns else 0
            yield SourceLine(cells, rank, number, col, close=True)

    def _row(
        self, row: Element, above: Mapping[int, SourceCell], look: CellLook, place: Place
    ) -> tuple[dict[int, SourceCell], int]:
        """Return the cells of a row, and how many columns they fill; report what does not stand."""
        cells: dict[int, SourceCell] = {}
        shown_cells: list[tuple[Place, ShownText]] = []
        col = number_of(row.find(f"{W}trPr/{W}gridBefore"))
        for element in _children(row, "tc"):
            at = place._replace(cell=place.cell.format(column=col + 1))
            fill = _fill_of(element)
            marks = _marks_of(element, look.marks)
            shown = self.shown_in(element, look._replace(marks=marks, fill=fill))
            shown_cells.append((at, shown))
            cell = SourceCell(shown.text, at, fill=fill or _pen_of(element))
            if _is_covered(element, "vMerge") and col in above:
                shown.notes += [("covered", shown.text)] if shown.text.strip() else []
                cell = replace(above[col], copied="down")
            elif _is_covered(element, "hMerge") and col - 1 in cells:
                cell = replace(cells[col - 1], copied="across")
            span = max(1, number_of(element.find(f"{W}tcPr/{W}gridSpan")))
            beside = replace(cell, copied="across")
            cells |= {col: cell, **dict.fromkeys(range(col + 1, col + span), beside)}
            col += span
            if col > _MAX_COLUMNS:
                raise DamagedWorkbook("markup", error=f"{col} > {_MAX_COLUMNS}")
        self.document.findings += row_findings(shown_cells)
        return ({} if is_struck_row(shown_cells) else cells), col

    def _taken_in(self, element: Element) -> Iterator[SourceLine]:
        """Yield the lines of a file that the document has taken in as a part of its text."""
        self.part.tell(element)
        links = [link for i in link_ids(element) if (link := self.part.links.get(i))]
        for link in links:
            name = link.target.rpartition("/")[2]
            place = Place(f"{self.document.file} › {name}")
            try:
                self.document.taken_in += 1
                if self.document.taken_in > _MOST_TAKEN_IN:
                    raise OverLimit("entries", met=self.document.taken_in, bound=_MOST_TAKEN_IN)
                content = self.document.package.read(link.target)
                part = TakenInPart(content, place.file, self.document.language)
                yield from self._lines_of(part)
            except WorkbookError:
                self._report_object(ShownObject("taken_in", name))

    def _lines_of(self, part: TakenInPart) -> Iterator[SourceLine]:
        """Yield the lines of a part that was taken in, with tables of their own."""
        depth = self.document.depth + 1
        if part.kind == "docx" and depth <= _MOST_NESTED:
            lines, findings = _document_lines(part.content, part.file, part.language, depth)
        else:
            lines, findings = taken_in_lines(part)
        self.document.findings += findings
        numbers = count(self.tables + 1)
        tables = {table: next(numbers) for table in dict.fromkeys(line.table for line in lines)}
        self.tables += len(tables)
        for line in lines:
            yield replace(line, table=tables[line.table] if line.table else 0)

    def _report_object(self, shown: ShownObject) -> None:
        place = self.anchor or self._place("paragraph", number=self.paragraphs)
        self.document.findings.append(object_finding(place, shown, in_table=True))

    def _place(self, kind: str, **numbers: object) -> Place:
        where = translate(f"import.{kind}", self.document.language, **numbers)
        return Place(self.document.file, "", where)


def _put_number(shown: ShownText, number: ListNumber, *, is_heading: bool) -> None:
    """Put the number of a list before a text as Word shows it.

    Alone in its paragraph it is the text, without the dot: people fill a column of numbers so. The
    number of a heading is kept beside it. Of the signs only those count that tick something.
    """
    text = shown.text
    if number.is_bullet:
        if number.text in TICKS:
            shown.text = f"{number.text} {text}".strip()
    elif number.text and text.strip():
        shown.number = number.text if is_heading else ""
        shown.text = text if is_heading else f"{number.text} {text}"
    elif number.text and not is_heading and not shown.struck:
        shown.text, shown.is_number = number.text.rstrip(".):"), True


def _beside_body(document: WordDocument) -> Iterator[Finding]:
    """Yield the texts of headers and footers, each once, and the notes that hang nowhere."""
    told: set[tuple[str, str]] = set()
    numbers = {kind: count(1) for kind in _PAGE_TEXTS}
    for kind, part in document.parts_of(*_PAGE_TEXTS):
        where = translate(f"import.{kind}", document.language, number=next(numbers[kind]))
        place = Place(document.file, "", where)
        shown = PartReader(document, part).shown_in(part.root)
        for text in filter(str.strip, shown.text.split("\n")):
            if (kind, text.strip()) not in told:
                yield note_finding(place, "page_text", text)
            told.add((kind, text.strip()))
        yield from replace(shown, text="").findings(place, in_table=False)
    for key in document.notes:
        yield from document.take_note(key).findings(Place(document.file), in_table=False)


def _contents(lines: list[tuple[Place, str]]) -> Iterator[Finding]:
    """Yield a finding that quotes the table of contents: it only repeats headings."""
    texts = [" ".join(text.split()) for _, text in lines if text.strip()]
    if texts:
        yield note_finding(lines[0][0], "contents", " · ".join(texts))


def _framed(row: Element) -> Element | None:
    """Return the cell of a row that holds a table and stands alone in the row; else None."""
    cells = list(_children(row, "tc"))
    with_tables = [cell for cell in cells if any(b.tag == f"{W}tbl" for b in _blocks(cell))]
    filled = [cell for cell in cells if any((t.text or "").strip() for t in cell.iter(f"{W}t"))]
    return with_tables[0] if with_tables and filled == with_tables[:1] else None


def _marks_of(element: Element, outer: TextMarks = PLAIN_TEXT) -> TextMarks:
    """Return the marks that a row or a cell gives its text, besides those of what it stands in."""
    height = element.find(f"{W}trPr/{W}trHeight")
    is_flat = value_of(height, "hRule") == "exact" and 0 < number_of(height) <= _FLATTEST
    is_hidden, *is_deleted = (
        is_on(element.find(f"{W}{of}/{W}{name}"))
        for of, name in (("trPr", "hidden"), ("trPr", "del"), ("tcPr", "cellDel"))
    )
    return outer._replace(
        is_hidden=outer.is_hidden or is_hidden or is_flat,
        is_deleted=outer.is_deleted or any(is_deleted),
    )


def _is_covered(cell: Element, name: str) -> bool:
    """Return True if a cell belongs to a merged one that began above it or beside it."""
    merged = cell.find(f"{W}tcPr/{W}{name}")
    return merged is not None and (value_of(merged) or "continue") == "continue"


def _fill_of(cell: Element) -> str:
    """Return the colour of a cell, or of its first paragraph; "" for white or none."""
    for path in (f"{W}tcPr/{W}shd", f"{W}p/{W}pPr/{W}shd"):
        shading = cell.find(path)
        pattern = value_of(shading) or ""
        colours = [value_of(shading, name) or "" for name in ("fill", "themeFill", "color")]
        if pattern in ("clear", "nil", ""):
            colours.pop()  # the colour of a pattern that is not there
        elif pattern == "solid":
            colours.reverse()
        seen = [c for c in colours if c not in _WHITE and c.upper() not in _WHITE]
        if seen and pattern != "nil":
            return seen[0].upper() if len(seen[0]) == 6 else seen[0]
    return ""


def _pen_of(cell: Element) -> str:
    """Return the colour that a pen gave the text or the spaces of a cell."""
    pens = (value_of(pen) or "" for pen in cell.iterfind(f".//{W}r/{W}rPr/{W}highlight"))
    return next((HIGHLIGHTS[pen] for pen in pens if pen in HIGHLIGHTS), "")


def _blocks(parent: Element) -> Iterator[Element]:
    """Yield the paragraphs, tables and taken-in files of an element.

    Those within a content control or a tracked insertion are among them, but not those within a
    table.
    """
    for child in parent:
        if child.tag in (f"{W}p", f"{W}tbl", f"{W}altChunk"):
            yield child
        elif local_name(child) not in _NO_BLOCKS:
            yield from _blocks(child)


def _children(parent: Element, name: str) -> Iterator[Element]:
    """Yield the children of this name, also those within content controls and insertions."""
    for child in parent:
        if local_name(child) == name:
            yield child
        elif local_name(child) in _WRAPPERS:
            yield from _children(child, name)
