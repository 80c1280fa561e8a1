"""Write workbooks with the public methods of XlsxWriter, and the rows of long sheets ourselves.

XlsxWriter writes a *skeleton*: all parts, with the sheets' columns, validations, conditional
formats, links, notes, charts, protection and page set-up, but without rows. While the parts are
copied into the final file, our rows replace the empty `<sheetData>` of their sheet.

- Calls are recorded. A `RowSheet` has the public methods of XlsxWriter's `Worksheet`; they are
  called when the workbook is saved. Sheets with equal calls share one skeleton, and so do workbooks
  of one such sheet: a thousand equal forms cost one. Headers are recorded without their text.
- Styles. XlsxWriter numbers formats in the order in which it meets them. The first sheet gets one
  blank cell in each style (the *probe row*), so the numbers are known before. They are read back;
  if XlsxWriter has taken two of our styles for one, the cells are numbered anew.
- Shared texts. One text is written by XlsxWriter, so that the part is there; ours replaces it.
  (Some previews and search indexes do not show inline texts.)
- The same content gives the same bytes: `ZipFile.open` dates all parts 1 January 1980.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from io import BytesIO
from itertools import islice
from typing import Any, BinaryIO, NamedTuple, TypeVar
from zipfile import ZIP_DEFLATED, ZipFile

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from xltiltak.xlsx.excel_limits import (
    NUMBER_FORMAT,
    RefusedByExcel,
    check_length,
    refusals_raised,
)
from xltiltak.xlsx.fingerprint import PROPERTY, fingerprint, is_covered
from xltiltak.xlsx.recorded_calls import RecordedCalls
from xltiltak.xlsx.row_writer import (
    CellContent,
    Formula,
    RowPattern,
    SharedStrings,
    content_markup,
    escape,
    inline_row,
    list_row,
    range_name,
    with_codes,
)
from xltiltak.xlsx.sheet_names import is_legal_sheet_name

_LEVEL = 3  # of zlib: less time than the default 6, for a sixth more bytes
_MOST_SKELETONS = 32  # kept for workbooks that are like an earlier one
# Excel calculates a workbook anew when it is opened if the workbook says so, or if an older Excel
# calculated it, and then asks whether to save. The number is that of Excel 2019.
_CALCULATION, _AS_GIVEN = re.compile(rb"<calcPr [^>]*/>"), b'<calcPr calcId="191029"/>'
_HEADER = "\ue000header\ue000"  # stands for the text of a header in a skeleton
_NAME = "\ue001 %d"  # stands for the name of a sheet in a skeleton of several workbooks
_NO_FINGERPRINT = "0" * 64  # until the checksums of the other parts are known
_CUSTOM, _STRINGS = "docProps/custom.xml", "xl/sharedStrings.xml"
_CHANGED = {_CUSTOM, _STRINGS, "xl/workbook.xml", "docProps/app.xml"}  # and the sheets
_SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
_ROWS = re.compile(
    rb'<dimension ref="[^"]*"/>(.*?)(?:<sheetData/>|<sheetData>.*</sheetData>)', re.DOTALL
)
_PROBED = re.compile(rb'<c r="[A-Z]+1"(?: s="(\d+)")?/>')
_STYLED = re.compile(rb'(<c r="[A-Z]+[0-9]+" s=")([0-9]+)')
# A defined name: its attributes and its sheet; then the number of the sheet; then the cells.
_DEFINED = re.compile(rb'( localSheetId="(\d+)"[^>]*>[^<]*!)([^<!]*)')
_NAMED = re.compile(b"('?)" + _NAME.replace("%d", r"(\d+)").encode())


class CellFormat:
    """How cells look, as XlsxWriter takes it. `number` counts the formats of a workbook.

    XlsxWriter makes its own format of it when the workbook is saved.
    """

    def __init__(self, number: int, properties: Mapping[str, Any]) -> None:
        self.number, self.properties = number, dict(properties)

    def __repr__(self) -> str:
        return f"CellFormat({self.number})"


class RowSheet:
    """A worksheet whose rows are written from top to bottom; they and their columns count from 1.

    It has the public methods of XlsxWriter's `Worksheet` too, whose rows and columns count from 0.
    They are called when the workbook is saved, and return nothing.
    """

    def __init__(self, book: RowWorkbook, name: str) -> None:
        self.book, self.name = book, name
        self.header = ""
        self.calls = RecordedCalls()
        self._rows: list[str] = []
        self._markup = b""
        self._first_row = self._last_row = 0
        self._columns: list[int] = []  # the first and the last of each pattern
        self._last_pattern: RowPattern | None = None

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Return a function that records a call of a method of XlsxWriter's worksheet."""
        if name.startswith("_") or not hasattr(Worksheet, name):
            raise AttributeError(name)
        return partial(self.calls.add, name)

    def get_name(self) -> str:
        """Return the name of the sheet."""
        return self.name

    def set_column(
        self,
        first: int,
        last: int,
        width: float,
        cell_format: CellFormat | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        """Set the width of columns as XlsxWriter does, and the format of their empty cells."""
        if cell_format:
            self.book.style_number(cell_format)  # columns come before cells
        self.calls.add("set_column", first, last, width, cell_format, options)

    def set_header(self, text: str) -> None:
        """Set the header of printed pages. Sheets with different headers can share a skeleton."""
        self.header = text
        self.calls.add("set_header", _HEADER)

    def row_pattern(
        self,
        formats: Sequence[tuple[int, CellFormat]],
        *,
        grows: bool = True,
        hidden: bool = False,
    ) -> RowPattern:
        """Return the pattern of rows with these columns and formats.

        With `grows` Excel changes the height of a row when somebody types.
        """
        cells = [(col, self.book.style_number(cell_format)) for col, cell_format in formats]
        return RowPattern(cells, grows=grows, hidden=hidden)

    def put_row(
        self, row: int, pattern: RowPattern, values: Sequence[CellContent], height: float = 0.0
    ) -> None:
        """Write one row below the others; `values` are in the order of the pattern's cells.

        With height 0 (points), a program makes the row as high as its content.
        """
        if pattern is not self._last_pattern:
            self._last_pattern = pattern
            self._first_row = self._first_row or row
            self._columns += pattern.columns[:1] + pattern.columns[-1:]
        self._last_row, texts = row, self.book.texts
        fields = [
            texts[v] if isinstance(v, str) else v if type(v) is int else content_markup(v)
            for v in values
            if v is not None
        ]
        height_markup = f' ht="{height:g}"' if height else ""
        row_markup = pattern[(*map(type, values),)].replace("#", str(row))
        self._rows.append(row_markup % (height_markup, *fields))

    def add_link(self, row: int, col: int, target: str) -> None:
        """Make a written cell a link, for example to `internal:'Sheet2'!D14`."""
        self.calls.add("write_url", row - 1, col - 1, target, self.book.any_format)

    def finish(self) -> None:
        """Free memory when all rows are written; calls can still be recorded."""
        if self._rows:
            self._markup, self._rows = "".join(self._rows).encode(), []

    def rows(self) -> Iterable[bytes]:
        """Return the XML of all rows, in pieces."""
        return [self._markup]

    def dimension(self) -> bytes:
        """Return the XML of the range that has cells."""
        columns = self._columns or [1]
        name = range_name(self._first_row or 1, min(columns), self._last_row or 1, max(columns))
        return f'<dimension ref="{name}"/>'.encode()


class CellSheet(RowSheet):
    """A worksheet that is written cell by cell in any order; rows and columns count from 0.

    If it has charts, XlsxWriter gets the values too: its charts keep a copy of what they show.
    """

    def __init__(self, book: RowWorkbook, name: str) -> None:
        super().__init__(book, name)
        self._cells: dict[int, dict[int, tuple[CellFormat, CellContent]]] = {}
        self._heights: dict[int, float] = {}

    def write_string(self, row: int, col: int, text: str, cell_format: CellFormat) -> None:
        """Write a text."""
        self._write(row, col, text, cell_format)

    def write_number(self, row: int, col: int, number: float, cell_format: CellFormat) -> None:
        """Write a number."""
        self._write(row, col, number, cell_format)

    def write_formula(
        self, row: int, col: int, formula: str, cell_format: CellFormat, value: str | float = 0
    ) -> None:
        """Write a formula with its value now."""
        self._write(row, col, Formula(formula.removeprefix("="), value), cell_format)

    def write_url(
        self, row: int, col: int, target: str, cell_format: CellFormat, text: str
    ) -> None:
        """Write a link that shows a text."""
        self._write(row, col, text, cell_format)
        self.calls.add("write_url", row, col, target, cell_format, text)

    def set_row(self, row: int, height: float) -> None:
        """Set the height of a row, in points."""
        self._heights[row] = height

    def _write(self, row: int, col: int, content: CellContent, cell_format: CellFormat) -> None:
        self._cells.setdefault(row, {})[col] = cell_format, content

    def finish(self) -> None:
        if self.calls.has("insert_chart"):
            self._record_cells()
        patterns: dict[tuple[object, ...], RowPattern] = {}
        for row in sorted(self._cells):
            cells, height = sorted(self._cells[row].items()), self._heights.get(row, 0.0)
            formats = [(col + 1, cell_format) for col, (cell_format, _) in cells]
            key = (bool(height), *formats)
            if key not in patterns:
                patterns[key] = self.row_pattern(formats, grows=not height)
            self.put_row(row + 1, patterns[key], [content for _, (_, content) in cells], height)
        self._cells.clear()
        super().finish()

    def _record_cells(self) -> None:
        """Record calls that write what the cells show, for the charts."""
        for row, cells in self._cells.items():
            for col, (_, content) in cells.items():
                shown = content.value if isinstance(content, Formula) else content
                if isinstance(shown, str):
                    self.calls.add("write_string", row, col, shown)
                elif shown is not None:
                    self.calls.add("write", row, col, shown)


class TextSheet(RowSheet):
    """A worksheet of long texts that nobody looks at, as inline texts (not shared ones).

    The caller gives texts that need no escapes in XML. Rows are taken from `texts` while the file
    is written, so that they are never in memory together. Below the first one are the rows of
    `lists`, to which other sheets refer; their texts are among the shared ones of the workbook.
    """

    texts: Iterable[Sequence[str]] = ()
    lists: Iterable[Sequence[str | int]] = ()
    _lists: Sequence[str] = ()

    def finish(self) -> None:
        """Write the lists: their texts have to be known before the shared texts are written."""
        self._lists = [list_row(n, row, self.book.texts) for n, row in enumerate(self.lists, 2)]

    def rows(self) -> Iterator[bytes]:
        texts = iter(self.texts)
        for first in islice(texts, 1):
            yield inline_row(1, first).encode()
        yield "".join(self._lists).encode()
        for number, row in enumerate(texts, 2 + len(self._lists)):
            yield inline_row(number, row).encode()


Sheet = TypeVar("Sheet", bound=RowSheet)


class _Skeleton(NamedTuple):
    """What XlsxWriter has written.

    `archive` is a zip file of the parts that stay as they are. `parts` are the others, by name.
    `sheets` are the parts of the sheets, each before its dimension, between it and the rows, and
    after them. `styles` are XlsxWriter's numbers of our styles, by ours; they are empty if the
    numbers are the same. With `is_shared` the names of the sheets are stand-ins.
    """

    archive: bytes
    parts: Mapping[str, bytes]
    sheets: Sequence[tuple[bytes, bytes, bytes]]
    styles: Mapping[bytes, bytes]
    is_shared: bool


_SKELETONS: OrderedDict[tuple[str, ...], _Skeleton] = OrderedDict()


class RowWorkbook:
    """A workbook of sheets that are written row by row, with a fingerprint.

    `options` are those of XlsxWriter's `Workbook`, `properties` those of its `set_properties`.
    Excel shows the values that are given with formulas, until somebody changes a cell.
    """

    def __init__(self, options: Mapping[str, Any], properties: Mapping[str, Any]) -> None:
        self.options = {**options, "in_memory": True}
        self.properties = dict(properties)
        self.texts = SharedStrings()
        self.sheets: list[RowSheet] = []
        self._file = BytesIO()
        self._workbook: Workbook | None = None
        self._formats: dict[tuple[tuple[str, Any], ...], CellFormat] = {}
        self._names: set[str] = set()  # of the sheets, in small letters
        self._style_numbers: dict[CellFormat, int] = {}
        self._formats_of_xlsxwriter: dict[CellFormat, Format] = {}

    @property
    def workbook(self) -> Workbook:
        """Return XlsxWriter's workbook, for charts, macros and defined names."""
        if self._workbook is None:
            self._workbook = Workbook(self._file, self.options)
        return self._workbook

    def add_chart(self, options: Mapping[str, Any]) -> Any:
        """Return a new chart of XlsxWriter."""
        return self.workbook.add_chart(dict(options))

    def add_format(self, properties: Mapping[str, Any]) -> CellFormat:
        """Return the format with these properties; equal ones are the same format."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            check_length(properties.get("num_format", ""), NUMBER_FORMAT, "number format")
            self._formats[key] = CellFormat(len(self._formats), properties)
        return self._formats[key]

    def add_worksheet(self, name: str, kind: type[Sheet]) -> Sheet:
        """Return a new sheet of one of the kinds above. Excel has to accept its name."""
        if not is_legal_sheet_name(name) or name.casefold() in self._names:
            raise RefusedByExcel(f"sheet name {name!r}")
        self._names.add(name.casefold())
        sheet = kind(self, name)
        self.sheets.append(sheet)
        return sheet

    def style_number(self, cell_format: CellFormat) -> int:
        """Return the number of a format in the XML of cells; a new one gets the next number."""
        return self._style_numbers.setdefault(cell_format, len(self._style_numbers) + 1)

    @property
    def any_format(self) -> CellFormat:
        """Return a format that is used already, for a cell that is not kept."""
        return next(iter(self._style_numbers))

    def for_xlsxwriter(self, argument: Any) -> Any:
        """Return an argument of a recorded call with XlsxWriter's own formats."""
        if isinstance(argument, CellFormat):
            return self._format_of_xlsxwriter(argument)
        if isinstance(argument, dict) and isinstance(argument.get("format"), CellFormat):
            return {**argument, "format": self._format_of_xlsxwriter(argument["format"])}
        return argument

    def _format_of_xlsxwriter(self, cell_format: CellFormat) -> Format:
        made = self._formats_of_xlsxwriter
        if cell_format not in made:
            made[cell_format] = self.workbook.add_format(cell_format.properties)
        return made[cell_format]

    def save(self, target: BinaryIO) -> None:
        """Write the file to `target`, which must be open for reading too.

        The fingerprint comes last: it covers all parts that show anything.
        """
        for sheet in self.sheets:
            sheet.finish()
        with refusals_raised():
            skeleton = self._skeleton()
        target.write(skeleton.archive)
        with ZipFile(target, "a", ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
            for name in skeleton.parts:
                if name != _CUSTOM:
                    _write_part(archive, name, self._content(name, skeleton))
            checksums = {entry.filename: entry.CRC for entry in archive.infolist()}
            covered = {name: checksums[name] for name in checksums if is_covered(name)}
            custom = skeleton.parts[_CUSTOM].decode()
            custom = custom.replace(_NO_FINGERPRINT, fingerprint(covered))
            _write_part(archive, _CUSTOM, [custom.encode()])

    def _skeleton(self) -> _Skeleton:
        """Return what XlsxWriter writes, now or earlier for a workbook that differs in its rows.

        XlsxWriter sorts the names that the sheets define, so only one may define any.
        """
        shapes = [sheet.calls.shape for sheet in self.sheets]
        named = sum(sheet.calls.define_names for sheet in self.sheets)
        if self._workbook or not all(shapes) or named > 1:
            return self._written(shapes, is_shared=False)
        styles = [(self._style_numbers.get(f), f.properties) for f in self._formats.values()]
        key = (*shapes, repr((styles, self.options, self.properties)))
        if key not in _SKELETONS:
            _SKELETONS[key] = self._written(shapes, is_shared=True)
            if len(_SKELETONS) > _MOST_SKELETONS:
                _SKELETONS.popitem(last=False)
        return _SKELETONS[key]

    def _written(self, shapes: Sequence[str], *, is_shared: bool) -> _Skeleton:
        """Let XlsxWriter write the workbook."""
        workbook = self.workbook
        workbook.set_properties(self.properties)
        workbook.set_custom_property(PROPERTY, _NO_FINGERPRINT, "text")
        # The first sheet of each shape stands for all. The very first is active, unlike the others.
        first_of: dict[str, int] = {}
        likes = [
            first_of.setdefault(shape or f"{number}", number) if number else 0
            for number, shape in enumerate(shapes)
        ]
        for number, sheet in enumerate(self.sheets):
            worksheet = workbook.add_worksheet(_NAME % number if is_shared else sheet.name)
            only_workbook = likes[number] != number
            sheet.calls.replay(worksheet, self.for_xlsxwriter, only_workbook=only_workbook)
            if not number:
                self._write_probe(worksheet)
        workbook.close()
        kept, parts = _separated(self._file, {_part_of_sheet(number) for number in likes})
        divided = {number: _divided(parts[_part_of_sheet(number)]) for number in {*likes}}
        sheets, styles = [divided[n] for n in likes], self._changed_styles(parts[_part_of_sheet(0)])
        return _Skeleton(kept, parts, sheets, styles, is_shared)

    def _write_probe(self, worksheet: Worksheet) -> None:
        """Write a cell in each style, and a text, so that the part of the texts is there."""
        for col, cell_format in enumerate(self._style_numbers):
            worksheet.write_blank(0, col, None, self._format_of_xlsxwriter(cell_format))
        worksheet.write_string(1, 0, " ")

    def _changed_styles(self, first_sheet: bytes) -> dict[bytes, bytes]:
        """Return XlsxWriter's numbers of the styles, by ours; none if they are the same."""
        expected = [b"%d" % number for number in self._style_numbers.values()]
        found = [number or b"0" for number in _PROBED.findall(first_sheet)[: len(expected)]]
        return {} if found == expected else dict(zip(expected, found, strict=True))

    def _content(self, name: str, skeleton: _Skeleton) -> Iterable[bytes]:
        """Return the final content of a part, in pieces."""
        if name == _STRINGS:
            return self.texts.markup()
        if found := _SHEET.fullmatch(name):
            number = int(found[1]) - 1
            return self._sheet_content(self.sheets[number], skeleton, skeleton.sheets[number])
        content = _DEFINED.sub(self._defined, skeleton.parts[name])
        content = _CALCULATION.sub(_AS_GIVEN, content)
        return [_NAMED.sub(self._sheet_name, content) if skeleton.is_shared else content]

    def _sheet_content(
        self, sheet: RowSheet, skeleton: _Skeleton, parts: tuple[bytes, bytes, bytes]
    ) -> Iterator[bytes]:
        """Yield the part of a sheet with its rows."""
        before, between, after = parts
        between, after = map(sheet.calls.with_own_rows, (between, after))
        head = (before, sheet.dimension(), between, b"<sheetData>")
        yield b"".join(head)
        for piece in sheet.rows():
            yield (
                _STYLED.sub(partial(_restyled, skeleton.styles), piece)
                if skeleton.styles
                else piece
            )
        header = escape(with_codes(sheet.header)).encode()
        yield b"</sheetData>" + after.replace(_HEADER.encode(), header)

    def _defined(self, found: re.Match[bytes]) -> bytes:
        """Return the text of a defined name with the rows of its sheet."""
        return found[1] + self.sheets[int(found[2])].calls.with_own_rows(found[3])

    def _sheet_name(self, found: re.Match[bytes]) -> bytes:
        """Return the name of a sheet; in references, where it is in quotes, "'" is doubled."""
        quote, number = found.groups()
        name = escape(self.sheets[int(number)].name).replace('"', "&quot;").encode()
        return quote + (name.replace(b"'", b"''") if quote else name)


def _restyled(styles: Mapping[bytes, bytes], cell: re.Match[bytes]) -> bytes:
    """Return the beginning of a cell with XlsxWriter's number of its style."""
    return cell[1] + styles[cell[2]]


def _part_of_sheet(number: int) -> str:
    """Return the name of the part of a sheet; the first has number 0."""
    return f"xl/worksheets/sheet{number + 1}.xml"


def _separated(file: BytesIO, needed: Collection[str]) -> tuple[bytes, dict[str, bytes]]:
    """Return an archive of the parts that stay as they are, and the others by name.

    Of the parts of sheets the content is read if it is needed.
    """
    kept, changed = BytesIO(), dict[str, bytes]()
    with ZipFile(file) as source, ZipFile(kept, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name in source.namelist():
            if _SHEET.fullmatch(name):
                changed[name] = source.read(name) if name in needed else b""
            elif name in _CHANGED:
                changed[name] = source.read(name)
            else:
                _write_part(archive, name, [source.read(name)])
    return kept.getvalue(), changed


def _divided(sheet: bytes) -> tuple[bytes, bytes, bytes]:
    """Return the part of a sheet before its dimension, between it and the rows, and after them."""
    before, between, after = _ROWS.split(sheet, maxsplit=1)
    return before, between, after


def _write_part(archive: ZipFile, name: str, pieces: Iterable[bytes]) -> None:
    with archive.open(name, "w") as part:
        for piece in pieces:
            part.write(piece)
