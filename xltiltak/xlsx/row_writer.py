"""Write worksheets row by row.

XlsxWriter keeps an object for each cell and writes the XML of each cell on its own. Our sheets are
long and simple, so the XML of a whole row is built at once. XlsxWriter does everything else.

Some private names of XlsxWriter are used (`str_table`, `_get_xf_index`, `_write_rows`).
`tests/xlsx/test_row_writer.py` compares the output with that of XlsxWriter itself, to notice when a
new version changes it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from io import StringIO
from itertools import islice
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from xltiltak.xlsx.cell_names import column_letters
from xltiltak.xlsx.packing import Packer
from xltiltak.xlsx.plain_sheet import PlainSheet

_EPOCH = date(1899, 12, 30).toordinal()
_ESCAPED_BYTES = b"&<>" + bytes({*range(32)} - {*b"\t\n"})  # not allowed in XML as they are
_YES = '"1"'
_BATCH = 256  # texts or rows that are written together


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula with the value that is shown until a program computes it."""

    text: str
    value: str | float


CellContent = str | int | float | date | Formula | None


class RowPattern(dict[tuple[type, ...], str]):
    """The XML of rows with the same columns and formats: %-patterns by the types of the values.

    In a pattern `#` is the row number. Its %-fields are the height of the row, then each value that
    is not None. `cells` are the parts of each cell before and after the row number, and its column.
    """

    def __init__(self, cells: Sequence[tuple[str, str, int]], *, grows: bool, hidden: bool) -> None:
        super().__init__()
        self.cells = cells
        self.attributes = " hidden=" + _YES if hidden else ""
        self.attributes += "" if grows else " customHeight=" + _YES

    def __missing__(self, types: tuple[type, ...]) -> str:
        cells = "".join(
            f"{address}#{style}{_content_pattern(kind)}"
            for (address, style, _), kind in zip(self.cells, types, strict=True)
        )
        self[types] = pattern = f'<row r="#" ht="%g"{self.attributes}>{cells}</row>'
        return pattern


def _content_pattern(kind: type) -> str:
    """Return the pattern of a cell after its style.

    Its %-field is the number of a shared text, an integer, or for other types the whole XML.
    """
    if kind is type(None):
        return "/>"
    if issubclass(kind, str):
        return ' t="s"><v>%d</v></c>'
    return "><v>%d</v></c>" if kind is int else "%s"


class SharedStrings(dict[str, int]):
    """The shared texts of a workbook with their numbers; a new text gets the next number."""

    def __missing__(self, text: str) -> int:
        self[text] = number = len(self)
        return number

    @property
    def count(self) -> int:
        """Return the number of texts; XlsxWriter reads it to decide about the part."""
        return len(self)

    def markup(self) -> Iterator[str]:
        """Yield the XML of the part of the shared texts, in pieces."""
        head = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        yield '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        yield f'<sst xmlns="{head}" uniqueCount="{len(self)}">'
        texts = iter(self)
        while batch := list(islice(texts, _BATCH)):
            yield _plain_items(batch) or "".join(map(_item, batch))
        yield "</sst>"

    def _get_shared_string_index(self, text: str) -> int:
        return self[text]

    def _sort_string_data(self) -> None:
        self._ordered = list(self)

    def _get_shared_string(self, number: int) -> str:
        return self._ordered[number]


def _plain_items(texts: list[str]) -> str:
    """Return the XML of texts that need no escapes; "" if one of them does."""
    joined = "\0".join(texts)
    if not _is_plain(joined.replace("\0", "")) or [*map(str.strip, texts)] != joined.split("\0"):
        return ""
    return f"<si><t>{joined.replace(chr(0), '</t></si><si><t>')}</t></si>"


def _item(text: str) -> str:
    """Return the XML of a shared text."""
    space = "" if text.strip() == text else ' xml:space="preserve"'
    return f"<si><t{space}>{_escaped(text)}</t></si>"


class RowSheet(PlainSheet):
    """A worksheet whose rows are written from top to bottom. Rows and columns count from 1."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[str] = []
        self._last_pattern: RowPattern | None = None
        self._validation_markup: list[str] = []
        self._format_markup: list[str] = []
        self.ignore_write_string = True  # the text of a link is in its row already

    def row_pattern(
        self, formats: Sequence[tuple[int, Format]], *, grows: bool = True, hidden: bool = False
    ) -> RowPattern:
        """Return the pattern of rows with these columns and formats.

        With `grows` Excel changes the height of a row when somebody types.
        """
        cells: list[tuple[str, str, int]] = []
        for col, cell_format in formats:
            style = cell_format._get_xf_index()  # noqa: SLF001 - of the same library
            cells.append((f'<c r="{column_letters(col)}', f'" s="{style}"', col))
        return RowPattern(cells, grows=grows, hidden=hidden)

    def put_row(
        self, row: int, pattern: RowPattern, values: Sequence[CellContent], height: float
    ) -> None:
        """Write one row below the others; `values` are in the order of the pattern's cells."""
        if pattern is self._last_pattern:
            self.dim_rowmax = row - 1
        elif pattern.cells:
            self._last_pattern = pattern
            self._check_dimensions(row - 1, pattern.cells[0][2] - 1)
            self._check_dimensions(row - 1, pattern.cells[-1][2] - 1)
        number_of, markup, row_markup = self.str_table, self._markup, pattern[(*map(type, values),)]
        fields = [
            number_of[v] if isinstance(v, str) else v if type(v) is int else markup(v)
            for v in values
            if v is not None
        ]
        self._rows.append(row_markup.replace("#", str(row)) % (height, *fields))

    def add_validation_markup(self, cells: str, validation: tuple[str, str]) -> None:
        """Add a data validation to a range, with the XML from `validation_markup`."""
        self._validation_markup.append(cells.join(validation))

    def add_value_formats(self, cells: str, steps: Iterable[tuple[int | str, Format]]) -> None:
        """Add a conditional format to a range: each of these values gets its format."""
        rules = ""
        for value, cell_format in steps:
            style = cell_format._get_dxf_index()  # noqa: SLF001 - of the same library
            attributes = f'type="cellIs" dxfId="{style}" priority="{self.dxf_priority}"'
            formula = f"<formula>{_escape_markup(str(value))}</formula>"
            rules += f'<cfRule {attributes} operator="equal">{formula}</cfRule>'
            self.dxf_priority += 1
        if rules:
            self._format_markup.append(
                f'<conditionalFormatting sqref="{cells}">{rules}</conditionalFormatting>'
            )

    def _write_conditional_formats(self) -> None:
        self.fh.write("".join(self._format_markup))
        super()._write_conditional_formats()

    def _write_data_validations(self) -> None:
        if not self._validation_markup:
            super()._write_data_validations()
            return
        count, markup = len(self._validation_markup), "".join(self._validation_markup)
        self.fh.write(f'<dataValidations count="{count}">{markup}</dataValidations>')

    def free_buffers(self) -> None:
        """Free the memory that is not needed after the sheet was compressed."""
        self._validation_markup, self._format_markup, self._last_pattern = [], [], None
        self.col_info.clear()
        self.filter_cells.clear()

    def add_link(self, row: int, col: int, target: str) -> None:
        """Make a written cell a link, for example to `internal:'Sheet2'!D14`."""
        self.write_url(row - 1, col - 1, target)

    def _markup(self, content: CellContent) -> str:
        """Return the XML of a cell after its style: a formula, a date or a decimal number."""
        if isinstance(content, Formula):
            kind = ' t="str"' if isinstance(content.value, str) and content.value else ""
            formula, value = _escape_markup(content.text), _escape_markup(str(content.value))
            return f"{kind}><f>{formula}</f><v>{value}</v></c>"
        number = content.toordinal() - _EPOCH if isinstance(content, date) else content
        return f"><v>{number!r}</v></c>"

    def _write_rows(self) -> None:
        rows = iter(self._rows)
        while batch := list(islice(rows, _BATCH)):
            self.fh.write("".join(batch))
        self._rows.clear()  # to free memory


class TextSheet(PlainSheet):
    """A worksheet of long texts that nobody looks at, as inline texts (not shared ones).

    The caller gives texts that need no escapes in XML. Rows are taken from the iterable while the
    sheet is compressed, so that they are never in memory together.
    """

    def set_rows(self, rows: Iterable[Sequence[str]], shared: Collection[str] = ()) -> None:
        """Set all rows; those whose first text is in `shared` are the same on many such sheets."""
        self._texts, self._shared = rows, shared
        self._check_dimensions(0, 0)

    def _write_rows(self) -> None:
        shared: list[tuple[int, Sequence[str]]] = []
        for row, texts in enumerate(self._texts, 1):
            if texts[0] in self._shared:
                shared.append((row, texts))
            else:
                self._write_shared(shared)
                self.fh.write(_text_row(row, texts))
        self._write_shared(shared)

    def _write_shared(self, rows: list[tuple[int, Sequence[str]]]) -> None:
        """Write rows that other sheets have too, and forget them. Rows at the start are cached."""
        if rows:
            self.fh.write(_text_rows(tuple(rows)))
            rows.clear()
            if isinstance(self.fh, Packer):
                self.fh.cache_prefix()


@lru_cache(maxsize=4)
def _text_rows(rows: tuple[tuple[int, Sequence[str]], ...]) -> str:
    return "".join(_text_row(row, texts) for row, texts in rows)


def _text_row(row: int, texts: Sequence[str]) -> str:
    before, after = ' t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"
    cells = (
        f'<c r="{column_letters(col)}{row}"{before}{text}{after}'
        for col, text in enumerate(texts, 1)
    )
    return f'<row r="{row}">{"".join(cells)}</row>'


def validation_markup(rule: dict[str, Any]) -> tuple[str, str]:
    """Return the XML of a data validation before and after its range; ("", "") if there is none.

    XlsxWriter writes none for a rule that allows any value without a message.
    """
    sheet, markup = Worksheet(), StringIO()
    sheet.data_validation(0, 0, 0, 0, rule)
    sheet._set_filehandle(markup)  # noqa: SLF001 - of the same library
    for validation in sheet.validations:
        sheet._write_data_validation(validation)  # noqa: SLF001
    before, _, after = markup.getvalue().partition('sqref="A1"')
    return (f'{before}sqref="', f'"{after}') if after else ("", "")


def range_name(first: int, left: int, last: int, right: int) -> str:
    """Return a range as "D14:E40", a single cell as "D14"; rows and columns count from 1."""
    start, end = f"{column_letters(left)}{first}", f"{column_letters(right)}{last}"
    return start if start == end else f"{start}:{end}"


def _escaped(text: str) -> str:
    """Return a text as XML; characters that XML cannot have are escaped like _x0007_."""
    if _is_plain(text):
        return text
    return _escape_markup(RowSheet._escape_control_characters(text))  # noqa: SLF001


def _escape_markup(text: str) -> str:
    """Return a text with "&", "<" and ">" escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _is_plain(text: str) -> bool:
    """Return True if a text needs no escapes. `bytes.translate` is ten times as fast as `re`."""
    content = text.encode("utf-8", "surrogatepass")
    return len(content.translate(None, _ESCAPED_BYTES)) == len(content) and "_x" not in text
