"""Find what makes Excel refuse a workbook, repair it, or leave something out of it.

The rules are what is publicly known of Excel's limits and of what it repairs. The Open XML SDK
finds about a third of it. `problems` returns one sentence for each fault.
"""

from __future__ import annotations

import itertools
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import NamedTuple
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from defusedxml.ElementTree import fromstring

from tests import macro_rules

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
SHAPES = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
DAY_AND_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
# A sign after & in a page header that is no command: letters, + and - give fields and sizes.
UNKNOWN_COMMAND = re.compile(r"(?<!&)(?:&&)*&(?![&LCRPNDTZFAGSXYBIUEKO+\-\"\d])")
TAB = "customUI/customUI14.xml"
KINDS = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    ".xlam": "application/vnd.ms-excel.addin.macroEnabled.main+xml",
}
LIST_LENGTH = 255
TEXT_LENGTH = 32_767
FORMULA_LENGTH = 8_192
CELL = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]+)")
QUOTED = re.compile(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'')  # texts, and sheet names in references
SHEET_IN_FORMULA = re.compile(r"(?<![\w\]])([^\W\d][\w.]*)!")  # one without apostrophes
NAME = re.compile(r"(?:_xlnm\.)?[^\W\d][\w.\\]*|\\[\w.\\]*")
LIKE_A_CELL = re.compile(r"[A-Z]{1,3}[0-9]+|R[0-9]*C[0-9]*|[RC]", re.IGNORECASE)
# Functions that Excel got after 2007: a file writes them with a prefix.
NEW = re.compile(
    r"(?<![\w.])(IFNA|IFS|SWITCH|CONCAT|TEXTJOIN|MAXIFS|MINIFS|XLOOKUP|XMATCH|FILTER|SORT|SORTBY|"
    r"UNIQUE|SEQUENCE|LET|LAMBDA|ISFORMULA|FORMULATEXT|NUMBERVALUE|DAYS|SHEET|SHEETS|UNICHAR|"
    r"UNICODE|XOR|VSTACK|HSTACK|TOCOL|TOROW|STDEV\.[SP]|VAR\.[SP]|RANK\.EQ|PERCENTILE\.INC)\("
)
# The elements of a sheet, in the only order that Excel reads.
ORDER = [
    "sheetPr",
    "dimension",
    "sheetViews",
    "sheetFormatPr",
    "cols",
    "sheetData",
    "sheetProtection",
    "autoFilter",
    "mergeCells",
    "conditionalFormatting",
    "dataValidations",
    "hyperlinks",
    "printOptions",
    "pageMargins",
    "pageSetup",
    "headerFooter",
    "rowBreaks",
    "colBreaks",
    "ignoredErrors",
    "drawing",
    "legacyDrawing",
    "tableParts",
    "extLst",
]
WITH_FORMULA = (
    "expression", "cellIs", "containsText", "notContainsText", "beginsWith", "endsWith",
)  # fmt: skip
MESSAGES = {"promptTitle": 32, "errorTitle": 32, "prompt": 255, "error": 255}
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
BOOK_ORDER = [
    "fileVersion",
    "workbookPr",
    "workbookProtection",
    "bookViews",
    "sheets",
    "externalReferences",
    "definedNames",
    "calcPr",
]
STYLE_ORDER = ["font", "numFmt", "fill", "alignment", "border", "protection", "extLst"]
MOST_STYLES, MOST_FONTS, MOST_NUMBER_FORMATS = 65_490, 1_024, 250
PRINT_TITLES = re.compile(r"\$\d+:\$\d+$|\$[A-Z]+:\$[A-Z]+$")
# What scrolls, by what is frozen: (rows, columns).
ACTIVE_PANES = {
    (True, True): ("topRight", "bottomLeft", "bottomRight"),
    (True, False): ("bottomLeft",),
    (False, True): ("topRight",),
}

Texts = dict[tuple[int, int], str]  # (column, row) → the text of a cell


class Area(NamedTuple):
    """A range of cells: its first column and row, then its last ones."""

    left: int
    top: int
    right: int
    bottom: int

    def meets(self, other: Area) -> bool:
        """Return True if the two have a cell in common."""
        beside = self.right < other.left or other.right < self.left
        return not (beside or self.bottom < other.top or other.bottom < self.top)


@dataclass(frozen=True)
class Sheet:
    """One worksheet, and what a rule needs of its workbook."""

    part: str
    root: Element
    book: Book

    @cached_property
    def texts(self) -> Texts:
        """Return the texts of the cells."""
        return _texts(self.root, self.book.shared)

    def elements(self, name: str) -> Iterator[Element]:
        """Yield the elements of this name, at any depth."""
        return self.root.iter(MAIN + name)


class Book:
    """The parts of a workbook."""

    def __init__(self, content: bytes) -> None:
        with ZipFile(BytesIO(content)) as archive:
            self.names = archive.namelist()
            self.entries = archive.infolist()
            texts = {n: archive.read(n) for n in self.names if _is_markup(n)}
            self.projects = [archive.read(n) for n in self.names if n.endswith("vbaProject.bin")]
        self.with_dtd = [name for name, text in texts.items() if b"<!DOCTYPE" in text[:2_000]]
        self.parts = {name: fromstring(text) for name, text in texts.items()}
        types = (e.get("ContentType", "") for e in self._part("[Content_Types].xml"))
        self.kind = next((kind for kind in types if kind in KINDS.values()), "")
        self.shared = [_text(item) for item in self._part("xl/sharedStrings.xml").iter(f"{MAIN}si")]
        self.styles = self._part("xl/styles.xml")
        self.root = self._part("xl/workbook.xml")
        self.sheet_names = [s.get("name", "") for s in self.root.iter(f"{MAIN}sheet")]
        self.sheets = [
            Sheet(name, root, self)
            for name, root in self.parts.items()
            if root.tag == f"{MAIN}worksheet"
        ]

    def _part(self, name: str) -> Element:
        return self.parts.get(name, Element("none"))

    def count(self, name: str) -> int:
        """Return the number of styles of one kind."""
        return len(self.styles.find(MAIN + name) or ())

    def relations(self, part: str) -> Iterator[Element]:
        """Yield the relations of a part."""
        folder, file = posixpath.split(part)
        root = self._part(posixpath.join(folder, "_rels", f"{file}.rels"))
        return root.iter(f"{RELATIONS}Relationship")


BOOK_RULES: list[Callable[[Book], Iterable[str]]] = []
SHEET_RULES: list[Callable[[Sheet], Iterable[str]]] = []


def of_book(rule: Callable[[Book], Iterable[str]]) -> Callable[[Book], Iterable[str]]:
    """Make a function a rule about workbooks."""
    BOOK_RULES.append(rule)
    return rule


def of_sheet(rule: Callable[[Sheet], Iterable[str]]) -> Callable[[Sheet], Iterable[str]]:
    """Make a function a rule about sheets."""
    SHEET_RULES.append(rule)
    return rule


def problems(content: bytes, suffix: str = "") -> list[str]:
    """Return every fault of a workbook, with part and place; empty if there is none.

    `suffix` is that of its file, which must say the same as its content; empty for any.
    """
    book = Book(content)
    found = [fault for rule in BOOK_RULES for fault in rule(book)]
    if KINDS.get(suffix, book.kind) != book.kind:
        found.append(f"[Content_Types].xml: a file {suffix} with {book.kind}")
    for sheet in book.sheets:
        found += [f"{sheet.part}: {fault}" for rule in SHEET_RULES for fault in rule(sheet)]
    return found


# The package


@of_book
def parts(book: Book) -> Iterator[str]:
    """Check that each part is there once, packed in a way that Excel knows, and has a type."""
    for name, count in Counter(name.lower() for name in book.names).items():
        if count > 1:
            yield f"{name}: the part is there {count} times"
    for entry in book.entries:
        if entry.compress_type not in (0, 8):
            yield f"{entry.filename}: unknown packing {entry.compress_type}"
        if entry.file_size == 0 or "\\" in entry.orig_filename or entry.filename.startswith("/"):
            yield f"{entry.orig_filename}: an empty part, or one with a wrong name"
    yield from (f"{name}: a document type in the part" for name in book.with_dtd)
    types = book.parts.get("[Content_Types].xml", Element("none"))
    own = [e.get("PartName", "") for e in types.iter(f"{TYPES}Override")]
    by_suffix = {e.get("Extension", "").lower() for e in types.iter(f"{TYPES}Default")}
    for name, count in Counter(own).items():
        if count > 1 or name.lstrip("/") not in book.names:
            yield f"[Content_Types].xml: a type for {name}, which is there twice or not at all"
    for name in book.names:
        has_type = f"/{name}" in own or name.rpartition(".")[2].lower() in by_suffix
        if not has_type and name != "[Content_Types].xml":
            yield f"{name}: the part has no type"


@of_book
def relations(book: Book) -> Iterator[str]:
    """Check that each relation leads to a part that is there, or to a short enough address."""
    for name in (name for name in book.parts if name.endswith(".rels")):
        folder = posixpath.dirname(posixpath.dirname(name))
        source = posixpath.join(folder, posixpath.basename(name).removesuffix(".rels"))
        if source and source not in book.names:
            yield f"{name}: relations of {source}, which is not there"
        listed = list(book.parts[name].iter(f"{RELATIONS}Relationship"))
        for key, count in Counter(e.get("Id") for e in listed).items():
            if count > 1:
                yield f"{name}: two relations are called {key}"
        for element in listed:
            target = element.get("Target", "")
            if element.get("TargetMode") == "External":
                if _length(target) > 2_079:
                    yield f"{name}: an address of {_length(target)} characters"
            elif (
                posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                not in book.names
            ):
                yield f"{name}: {target} is not there"


# The workbook


@of_book
def sheet_names(book: Book) -> Iterator[str]:
    """Check that sheets have names that Excel accepts, each once."""
    for name in book.sheet_names:
        if not 0 < _length(name) <= 31 or not name.strip():
            yield f"a sheet name of {_length(name)} characters: {name}"
        if re.search(r"[\[\]:*?/\\\x00-\x1f]|^'|'$", name) or name.casefold() == "history":
            yield f"Excel refuses the sheet name {name}"
        if re.search(r"_x[0-9A-Fa-f]{4}_", name):
            yield f"Excel reads a character code in the sheet name {name}"
    for name, count in Counter(map(str.casefold, book.sheet_names)).items():
        if count > 1:
            yield f"{count} sheets are called {name}"


@of_book
def views(book: Book) -> Iterator[str]:
    """Check that one sheet is visible, and the active one is."""
    states = [s.get("state", "visible") for s in book.root.iter(f"{MAIN}sheet")]
    view = next(book.root.iter(f"{MAIN}workbookView"), Element("none"))
    for key in ("activeTab", "firstSheet"):
        number = int(view.get(key, "0"))
        if states and (number >= len(states) or states[number] != "visible"):
            yield f"the active sheet, number {number}, is hidden or not there"
    ids = Counter(s.get("sheetId") for s in book.root.iter(f"{MAIN}sheet"))
    yield from (f"{n} sheets have the number {key}" for key, n in ids.items() if n > 1)
    tags = [element.tag.removeprefix(MAIN) for element in book.root]
    places = [BOOK_ORDER.index(tag) for tag in tags if tag in BOOK_ORDER]
    if places != sorted(places):
        yield f"the elements of the workbook are not in order: {' '.join(tags)}"


@of_book
def selected_sheets(book: Book) -> Iterator[str]:
    """Check that one sheet is selected: what is typed goes into all that are."""
    selected = [
        sheet.part
        for sheet in book.sheets
        if any(view.get("tabSelected") == "1" for view in sheet.elements("sheetView"))
    ]
    if len(selected) > 1:
        yield f"{len(selected)} sheets are selected: {' '.join(selected)}"


@of_book
def defined_names(book: Book) -> Iterator[str]:
    """Check that a defined name is legal, is there once, and leads to a sheet that is there."""
    seen: Counter[tuple[str, str]] = Counter()
    for defined in book.root.iter(f"{MAIN}definedName"):
        name, text = defined.get("name", ""), defined.text or ""
        seen[name.casefold(), defined.get("localSheetId", "")] += 1
        if not NAME.fullmatch(name) or LIKE_A_CELL.fullmatch(name) or _length(name) > 255:
            yield f"xl/workbook.xml: '{name}' cannot be a defined name"
        if int(defined.get("localSheetId", "0")) >= len(book.sheet_names):
            yield f"xl/workbook.xml: '{name}' belongs to a sheet that is not there"
        yield from (f"xl/workbook.xml: {name}: {fault}" for fault in _faults(text, book))
        if name == "_xlnm.Print_Titles" and not all(
            PRINT_TITLES.search(part) for part in QUOTED.sub("", text).split(",")
        ):
            yield f"xl/workbook.xml: the rows to repeat are {text}"
    yield from (f"xl/workbook.xml: {k} is defined {n} times" for k, n in seen.items() if n > 1)


@of_book
def styles(book: Book) -> Iterator[str]:
    """Check that the styles are as many as they say, and that number formats are legal."""
    for element in book.styles:
        count = element.get("count")
        if count is not None and int(count) != len(element):
            kind = element.tag.removeprefix(MAIN)
            yield f"xl/styles.xml: {kind}: {count}, but there are {len(element)}"
    for element in book.styles.iter(f"{MAIN}numFmt"):
        code = element.get("formatCode", "")
        bare = re.sub(r'"[^"]*"|\\.|_.|\*.', "", code)
        if _length(code) > 255 or '"' in bare or bare.count(";") > 3:
            yield f"xl/styles.xml: Excel refuses the number format {code}"
    for fault in (*_faults_of_styles(book), *_faults_of_conditional_styles(book)):
        yield f"xl/styles.xml: {fault}"


def _faults_of_styles(book: Book) -> Iterator[str]:
    """Yield the styles that name what is not there, and the lists that are too long."""
    sizes = {
        "fontId": "fonts",
        "fillId": "fills",
        "borderId": "borders",
        "xfId": "cellStyleXfs",
    }
    formats = [e.get("numFmtId") for e in book.styles.iterfind(f"{MAIN}numFmts/{MAIN}numFmt")]
    for style in book.styles.iterfind(f"{MAIN}cellXfs/{MAIN}xf"):
        for key, kind in sizes.items():
            if int(style.get(key, "0")) >= max(1, book.count(kind)):
                yield f"{key} {style.get(key)} is not there"
        number = style.get("numFmtId", "0")
        if int(number) >= 164 and number not in formats:
            yield f"number format {number} is not there"
    if len(set(formats)) < len(formats):
        yield "two number formats have one number"
    most = {"cellXfs": MOST_STYLES, "fonts": MOST_FONTS, "numFmts": MOST_NUMBER_FORMATS}
    yield from (f"{book.count(k)} {k}" for k, limit in most.items() if book.count(k) > limit)


def _faults_of_conditional_styles(book: Book) -> Iterator[str]:
    """Yield the faults of the styles of conditional formats, and of colours."""
    for style in book.styles.iter(f"{MAIN}dxf"):
        places = [STYLE_ORDER.index(child.tag.removeprefix(MAIN)) for child in style]
        if places != sorted(places):
            yield "the parts of a conditional style are not in order"
        if any(child.get("numFmtId") is None for child in style.iter(f"{MAIN}numFmt")):
            yield "the number format of a conditional style has no number"
    for colour in (e.get("rgb") for e in book.styles.iter() if e.get("rgb") is not None):
        if not re.fullmatch("[0-9A-Fa-f]{8}", colour or ""):
            yield f"{colour} is no colour"


@of_book
def names_of_tables(book: Book) -> Iterator[str]:
    """Check that a table has a number and a name of its own, which no defined name has."""
    found = [part for part in book.parts.values() if part.tag == f"{MAIN}table"]
    names = [table.get("displayName", "").casefold() for table in found]
    names += [
        e.get("name", "").casefold()
        for e in book.root.iter(f"{MAIN}definedName")
        if e.get("localSheetId") is None
    ]
    ids = [table.get("id") for table in found]
    if len(set(names)) < len(names) or len(set(ids)) < len(ids):
        yield "two tables or defined names have one name or number"


@of_book
def charts(book: Book) -> Iterator[str]:
    """Check that what a chart shows is on a sheet that is there."""
    for name, part in book.parts.items():
        for formula in part.iter(f"{DRAWN}f"):
            yield from (f"{name}: {fault}" for fault in _faults(formula.text or "", book))


@of_book
def drawings(book: Book) -> Iterator[str]:
    """Check that shapes have numbers of their own, and that a chart defines its axes."""
    for name, part in book.parts.items():
        shapes = Counter(e.get("id") for e in part.iter(f"{SHAPES}cNvPr"))
        yield from (f"{name}: {n} shapes have the number {k}" for k, n in shapes.items() if n > 1)
        axes = {axis.get("val") for axis in part.iter(f"{DRAWN}axId")}
        kinds = (f"{DRAWN}{kind}" for kind in ("catAx", "valAx", "dateAx", "serAx"))
        defined = {e.get("val") for kind in kinds for axis in part.iter(kind) for e in axis[:1]}
        yield from (f"{name}: the axis {axis} is not defined" for axis in axes - defined)


@of_book
def notes(book: Book) -> Iterator[str]:
    """Check that a cell has one note of a known author, no longer than Excel holds."""
    for name, part in book.parts.items():
        found = list(part.iter(f"{MAIN}comment"))
        authors = len(list(part.iter(f"{MAIN}author")))
        for ref, n in Counter(note.get("ref") for note in found).items():
            if n > 1:
                yield f"{name}: {ref} has {n} notes"
        for note in found:
            text = "".join(piece.text or "" for piece in note.iter(f"{MAIN}t"))
            if int(note.get("authorId", "0")) >= authors or _length(text) > TEXT_LENGTH:
                yield f"{name}: the note of {note.get('ref')} is too long or of nobody"


@of_book
def macros(book: Book) -> Iterator[str]:
    """Yield the faults of the VBA project and the ribbon tab, and what stands against the type."""
    if ("macroEnabled" in book.kind) != bool(book.projects):
        yield f"[Content_Types].xml: {book.kind} with {len(book.projects)} VBA projects"
    started = {
        shape.get("macro", "").removeprefix("[0]!")
        for part in book.parts.values()
        for shape in part.iter(f"{SHAPES}sp")
    } - {""}
    if started and not book.projects:
        yield f"{' '.join(sorted(started))}: macros without a VBA project"
    names = [e.get("codeName") for e in book.root.iter(f"{MAIN}workbookPr")]
    names += [e.get("codeName") for sheet in book.sheets for e in sheet.elements("sheetPr")]
    for project in book.projects:
        for fault in macro_rules.faults_of_project(project, set(names), started):
            yield f"xl/vbaProject.bin: {fault}"
    tab = book.parts.get(TAB)
    if tab is not None:
        sources = [macro_rules.sources_of(project) for project in book.projects]
        relation = [e.get("Type") for e in book.relations("") if e.get("Target") == TAB]
        if relation != [macro_rules.UI_RELATION]:
            yield f"_rels/.rels: {TAB} is a part of {relation}"
        yield from (f"{TAB}: {f}" for f in macro_rules.faults_of_tab(tab, (sources or [{}])[0]))


@of_book
def properties(book: Book) -> Iterator[str]:
    """Check the days of the file's properties, and how long its texts are."""
    for element in book.parts.get("docProps/core.xml", Element("none")).iter():
        text, tag = element.text or "", element.tag.rpartition("}")[2]
        if tag in ("created", "modified") and not DAY_AND_TIME.fullmatch(text):
            yield f"docProps/core.xml: {text} is no day"
        if _length(text) > TEXT_LENGTH:
            yield f"docProps/core.xml: {tag} has {_length(text)} characters"


# Sheets


@of_sheet
def order(sheet: Sheet) -> Iterator[str]:
    """Check that the elements of a sheet stand in their order."""
    tags = [e.tag.removeprefix(MAIN) for e in sheet.root if e.tag.startswith(MAIN)]
    places = [ORDER.index(tag) for tag in tags if tag in ORDER]
    if places != sorted(places):
        yield f"the elements are not in order: {' '.join(tags)}"


@of_sheet
def rows(sheet: Sheet) -> Iterator[str]:
    """Check that rows and cells come in order, each once, with possible heights and styles."""
    last_row, most = 0, max(1, sheet.book.count("cellXfs"))
    seen = Counter(cell.get("r") for cell in sheet.elements("c"))
    yield from (f"{ref}: the cell stands {n} times" for ref, n in seen.items() if n > 1)
    for row in sheet.elements("row"):
        number, last_column = int(row.get("r", last_row + 1)), 0
        if not last_row < number <= LAST_ROW:
            yield f"row {number} comes after row {last_row}"
        if float(row.get("ht", "15")) > 409.5 or int(row.get("s", "0")) >= most:
            yield f"row {number} is {row.get('ht')} points high, or has no style"
        last_row = number
        for cell in row:
            column, at = _place(cell.get("r", ""))
            if at != number or not last_column < column <= LAST_COLUMN:
                yield f"{cell.get('r')}: the cell is not in its place"
            if int(cell.get("s", "0")) >= most:
                yield f"{cell.get('r')}: style {cell.get('s')} is not there"
            last_column = column


@of_sheet
def values(sheet: Sheet) -> Iterator[str]:
    """Check that a cell holds a number, a shared text that is there, or a text of its own."""
    for cell in sheet.elements("c"):
        kind, value, ref = cell.get("t", "n"), cell.findtext(f"{MAIN}v"), cell.get("r")
        if kind == "n" and value is not None and not _is_number(value):
            yield f"{ref}: '{value}' is no number (the text of a formula needs t=\"str\")"
        if kind == "s" and not 0 <= int(value or -1) < len(sheet.book.shared):
            yield f"{ref}: the shared text {value} is not there"
        if kind == "b" and value not in ("0", "1"):
            yield f"{ref}: '{value}' is no truth value"
        formula = cell.find(f"{MAIN}f")
        if formula is not None and not formula.text and formula.get("t") != "shared":
            yield f"{ref}: an empty formula"
    for (column, row), text in sheet.texts.items():
        if _length(text) > TEXT_LENGTH:
            length = _length(text)
            yield f"R{row}C{column}: a text of {length} characters, Excel holds {TEXT_LENGTH}"


@of_sheet
def columns(sheet: Sheet) -> Iterator[str]:
    """Check that columns come in order and are at most 255 characters wide."""
    last, most = 0, max(1, sheet.book.count("cellXfs"))
    for column in sheet.elements("col"):
        first, end = int(column.get("min", "0")), int(column.get("max", "0"))
        if not last < first <= end <= LAST_COLUMN or float(column.get("width", "8")) > 255:
            yield f"columns {first} to {end} overlap, or are too wide"
        if int(column.get("style", "0")) >= most:
            yield f"columns {first} to {end}: style {column.get('style')} is not there"
        last = end


@of_sheet
def formulas(sheet: Sheet) -> Iterator[str]:
    """Yield the faults of formulas in cells, validations and conditional formats."""
    for tag in ("f", "formula", "formula1", "formula2"):
        for formula in sheet.elements(tag):
            is_list = tag == "formula1" and (formula.text or "").startswith('"')
            if not is_list:
                yield from _faults(formula.text or "", sheet.book)


@of_sheet
def validations(sheet: Sheet) -> Iterator[str]:
    """Check the length of lists, messages and titles; no cell may have two validations."""
    areas: list[Area] = []
    for rule in sheet.elements("dataValidation"):
        ref = rule.get("sqref", "")
        areas += map(_area, ref.split())
        choices = (rule.findtext(f"{MAIN}formula1") or "").strip()
        length = _length(choices) - 2  # without the quotation marks
        if rule.get("type") == "list" and choices.startswith('"') and length > LIST_LENGTH:
            yield f"{ref}: a list of {length} characters, Excel holds {LIST_LENGTH}"
        if choices.startswith('"') and '"' in choices[1:-1].replace('""', ""):
            yield f"{ref}: a list with a quote that ends it"
        yield from (f"{ref}: {fault}" for fault in _missing_formulas(rule))
        for key, most in MESSAGES.items():
            length = _length(_unescaped(rule.get(key, "")))
            if length > most:
                yield f"{ref}: {key} has {length} characters, Excel holds {most}"
    if any(one.meets(other) for one, other in _near(areas)):
        yield "two validations have a cell in common"


def _missing_formulas(rule: Element) -> Iterator[str]:
    """Yield what a validation must have: the list, the limit, or both limits."""
    kind, operator = rule.get("type", "none"), rule.get("operator", "between")
    first, second = (rule.findtext(f"{MAIN}formula{n}") for n in (1, 2))
    if kind != "none" and not first:
        yield f"a validation of kind {kind} without formula"
    is_between = kind not in ("none", "list", "custom") and operator in ("between", "notBetween")
    if is_between and not second:
        yield "a validation between two limits with one limit"
    for formula in (first, second):
        if formula and not formula.startswith('"') and _length(formula) > LIST_LENGTH:
            yield f"a formula of {_length(formula)} characters in a validation"


@of_sheet
def conditional_formats(sheet: Sheet) -> Iterator[str]:
    """Check that a conditional format has cells, a rule and a style that is there."""
    for element in sheet.elements("conditionalFormatting"):
        if not list(map(_area, element.get("sqref", "").split())) or not len(element):
            yield "a conditional format without cells or rules"
        for rule in element.iter(f"{MAIN}cfRule"):
            style = rule.get("dxfId")
            if style is not None and int(style) >= sheet.book.count("dxfs"):
                yield f"{element.get('sqref')}: the style {style} of a format is not there"
            if int(rule.get("priority", "0")) < 1:
                yield f"{element.get('sqref')}: a conditional format without priority"
            formulas = len(rule.findall(f"{MAIN}formula"))
            if formulas > 3 or (rule.get("type") in WITH_FORMULA and not formulas):
                yield f"{element.get('sqref')}: a conditional format without formula"
            if rule.get("type") == "cellIs" and not rule.get("operator"):
                yield f"{element.get('sqref')}: a conditional format without comparison"


@of_sheet
def merges(sheet: Sheet) -> Iterator[str]:
    """Check that merged cells are more than one, and do not overlap."""
    areas = [_area(merge.get("ref", "")) for merge in sheet.elements("mergeCell")]
    if any(area[:2] == area[2:] for area in areas):
        yield "a merge of one cell"
    if any(one.meets(other) for one, other in _near(areas)):
        yield "two merges overlap"


@of_sheet
def counts(sheet: Sheet) -> Iterator[str]:
    """Check that lists within a sheet are as long as they say."""
    for tag in ("mergeCells", "dataValidations", "rowBreaks", "colBreaks", "tableParts"):
        for element in sheet.elements(tag):
            if not len(element) or int(element.get("count", len(element))) != len(element):
                yield f"{tag}: {element.get('count')}, but there are {len(element)}"
            if tag.endswith("Breaks") and len(element) > 1_023:
                yield f"{len(element)} page breaks"


@of_sheet
def panes(sheet: Sheet) -> Iterator[str]:
    """Check the size of what is shown, and that what scrolls begins beside what is frozen."""
    for view in sheet.elements("sheetView"):
        if not 10 <= int(view.get("zoomScale", "100")) <= 400:
            yield f"shown at {view.get('zoomScale')} %"
    for pane in sheet.elements("pane"):
        column, row = _place(pane.get("topLeftCell", "A1"))
        frozen_rows, frozen_columns = (float(pane.get(key, "0")) for key in ("ySplit", "xSplit"))
        if row <= frozen_rows or column <= frozen_columns:
            yield f"{pane.get('topLeftCell')} is within the frozen rows or columns"
        possible = ACTIVE_PANES.get((frozen_rows > 0, frozen_columns > 0), ())
        chosen = [e.get("pane") for e in sheet.elements("selection") if e.get("pane")]
        if not possible or pane.get("activePane") != possible[-1] or set(chosen) - set(possible):
            yield f"the pane {pane.get('activePane')} is active, or cells of one not there"
        if not (frozen_rows.is_integer() and frozen_columns.is_integer()):
            yield "a part of a row or column is frozen"


@of_sheet
def margins(sheet: Sheet) -> Iterator[str]:
    """Check the scale of the paper, and the length of page headers with their commands."""
    for element in next(sheet.elements("headerFooter"), Element("none")):
        text = element.text or ""
        if _length(text) > 255:
            yield f"a header or footer of {_length(text)} characters"
        if found := UNKNOWN_COMMAND.search(text):
            yield f"the command {found[0]} of a header or footer"
    for element in sheet.elements("pageSetup"):
        if not 10 <= int(element.get("scale", "100")) <= 400:
            yield f"printed at {element.get('scale')} %"


@of_sheet
def references(sheet: Sheet) -> Iterator[str]:
    """Check that drawings, notes, tables and links lead to what is there."""
    known = {relation.get("Id") for relation in sheet.book.relations(sheet.part)}
    for element in sheet.root.iter():
        if element.get(LINK) is not None and element.get(LINK) not in known:
            yield f"{element.tag}: the relation {element.get(LINK)} is not there"
    for link in sheet.elements("hyperlink"):
        target, tip = link.get("location", ""), link.get("tooltip", "")
        if _length(target) > 2_079 or _length(tip) > 255:
            yield f"{link.get('ref')}: a link or its help is too long"
        yield from _unknown_sheets(target, sheet.book)
    for ref, n in Counter(link.get("ref") for link in sheet.elements("hyperlink")).items():
        if n > 1:
            yield f"{ref}: the cell has {n} links"
    kinds = [relation.get("Type", "") for relation in sheet.book.relations(sheet.part)]
    has_notes = any(kind.endswith("/comments") for kind in kinds)
    if has_notes and sheet.root.find(f"{MAIN}legacyDrawing") is None:
        yield "notes without their boxes"


@of_sheet
def tables(sheet: Sheet) -> Iterator[str]:
    """Yield the faults of the tables on a sheet."""
    spans = [_area(e.get("ref", "")) for e in sheet.elements("mergeCell")]
    spans += [_area(e.get("ref", "")) for e in sheet.root.findall(f"{MAIN}autoFilter")]
    for table in _tables(sheet.part, sheet.book.parts):
        yield from _table(table, sheet.texts)
        if any(_area(table.get("ref", "")).meets(span) for span in spans):
            yield f"table {table.get('name')}: merged cells or a filter of the sheet in it"


# Formulas


def _faults(formula: str, book: Book) -> Iterator[str]:
    """Yield the faults of a formula."""
    if not formula:
        return
    bare = QUOTED.sub("", formula)
    if _length(formula) > FORMULA_LENGTH:
        yield f"a formula of {_length(formula)} characters, Excel holds {FORMULA_LENGTH}"
    if not _balanced(formula):
        yield f"unbalanced formula: {formula}"
    if formula.startswith("="):
        yield f"the formula begins with =: {formula}"
    for text in (piece[1:-1] for piece in QUOTED.findall(formula) if piece[0] == '"'):
        length = _length(text.replace('""', '"'))
        if length > 255:
            yield f"a text of {length} characters in a formula, Excel holds 255"
    if ";" in re.sub(r"\{[^}]*\}", "", bare):
        yield f"a semicolon in a formula: {formula}"
    if found := NEW.search(bare):
        yield f"{found[1]} needs the prefix _xlfn.: {formula}"
    depth, arguments = _depth_and_arguments(bare)
    if depth > 64 or arguments > 255:
        yield f"a formula {depth} levels deep, with {arguments} arguments"
    yield from _unknown_sheets(formula, book)


def _unknown_sheets(formula: str, book: Book) -> Iterator[str]:
    """Yield the sheets that a formula names and that are not there."""
    known = {name.casefold() for name in book.sheet_names}
    quoted = [
        piece[1:-1].replace("''", "'") for piece in QUOTED.findall(formula) if piece[0] == "'"
    ]
    for name in (*quoted, *SHEET_IN_FORMULA.findall(QUOTED.sub("", formula))):
        if name.casefold() not in known:
            yield f"the sheet {name} of a formula is not there"


def _depth_and_arguments(bare: str) -> tuple[int, int]:
    """Return how deep brackets are nested, and the most arguments of a function."""
    open_calls, deepest, most = [0], 0, 0
    for sign in bare:
        if sign == "(":
            open_calls.append(1)
            deepest = max(deepest, len(open_calls) - 1)
        elif sign == "," and len(open_calls) > 1:
            open_calls[-1] += 1
        elif sign == ")" and len(open_calls) > 1:
            most = max(most, open_calls.pop())
    return deepest, most


# Helpers


def _is_markup(name: str) -> bool:
    return name.endswith((".xml", ".rels"))


def _table(table: Element, texts: Texts) -> Iterator[str]:
    name, span = table.get("name"), table.get("ref", "")
    headings = [column.get("name", "") for column in table.iter(f"{MAIN}tableColumn")]
    repeated = [h for h, n in Counter(h.casefold() for h in headings).items() if n > 1]
    yield from (f"table {name}: two columns are called '{heading}'" for heading in repeated)
    (left, top), (right, _) = _corners(span)
    width, count = right - left + 1, len(headings)
    if width != count:
        yield f"table {name}: {span} is {width} columns wide, its columns are {count}"
    if table.get("headerRowCount", "1") == "0":
        return
    for column, heading in enumerate(headings, left):
        shown = texts.get((column, top), "")
        if shown != _unescaped(heading):
            yield f"table {name}: the column '{heading}' has '{shown}' in its heading cell"


def _tables(sheet: str, parts: dict[str, Element]) -> list[Element]:
    """Return the tables on a sheet, found by its relations."""
    folder, file = posixpath.split(sheet)
    relations = parts.get(f"{folder}/_rels/{file}.rels", Element("none")).iter(
        f"{RELATIONS}Relationship"
    )
    targets = [
        relation.get("Target", "")
        for relation in relations
        if relation.get("Type", "").endswith("/table")
    ]
    return [
        parts[posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")]
        for target in targets
    ]


def _texts(sheet: Element, shared: list[str]) -> Texts:
    """Return the texts of a sheet, shared or in the cell."""
    texts: Texts = {}
    for cell in sheet.iter(f"{MAIN}c"):
        value, kind = cell.findtext(f"{MAIN}v") or "", cell.get("t")
        if kind == "s":
            texts[_place(cell.get("r", ""))] = (
                shared[int(value)] if int(value) < len(shared) else ""
            )
        elif kind in ("str", "inlineStr"):
            texts[_place(cell.get("r", ""))] = _unescaped(value) if kind == "str" else _text(cell)
    return texts


def _text(item: Element) -> str:
    """Return the text of a string, without the phonetic guide of Japanese texts."""
    runs = [
        *item.findall(f"{MAIN}t"),
        *item.findall(f"{MAIN}r/{MAIN}t"),
        *item.findall(f"{MAIN}is//{MAIN}t"),
    ]
    return _unescaped("".join(run.text or "" for run in runs))


def _unescaped(text: str) -> str:
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


def _balanced(formula: str) -> bool:
    """Return True if brackets, braces and quotation marks close in order."""
    bare, expected = QUOTED.sub("", formula), []
    for sign in bare:
        if sign in "({[":
            expected.append({"(": ")", "{": "}", "[": "]"}[sign])
        elif sign in ")}]" and (not expected or expected.pop() != sign):
            return False
    return not expected and '"' not in bare


def _joined(folder: str, target: str) -> str:
    """Return the name of the part that a relation leads to."""
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < float("inf")
    except ValueError:
        return False


def _area(span: str) -> Area:
    """Return a range such as "D14:E40". Raises ValueError for any other text."""
    return Area(*itertools.chain(*_corners(span)))


def _near(areas: list[Area], most: int = 40) -> Iterator[tuple[Area, Area]]:
    """Yield pairs of ranges that begin near each other."""
    found = sorted(areas, key=lambda area: (area.top, area.left))
    for number, area in enumerate(found):
        yield from ((area, other) for other in found[number + 1 : number + most])


def _corners(span: str) -> tuple[tuple[int, int], tuple[int, int]]:
    first, _, last = span.partition(":")
    return _place(first), _place(last or first)


def _place(address: str) -> tuple[int, int]:
    """Return column and row of an address such as "F15", counted from 1.

    Raises ValueError for any other text.
    """
    found = CELL.fullmatch(address)
    if found is None:
        raise ValueError(f"no cell address: '{address}'")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return column, int(found[2])


def _length(text: str) -> int:
    """Return the length as Excel counts it: two for a character outside the basic plane."""
    return len(text.encode("utf-16-le")) // 2
