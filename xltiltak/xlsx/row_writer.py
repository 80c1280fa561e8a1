"""Write the XML of rows and of shared texts.

A row is written at once, from one pattern for all rows with the same columns, styles and types of
values. `row_workbook` puts the rows into their sheets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import NamedTuple

from xltiltak.xlsx.cell_names import column_letters
from xltiltak.xlsx.excel_limits import CELL_TEXT, FORMULA, check_length

_EPOCH = date(1899, 12, 30).toordinal()
# Bytes of texts that perhaps need escapes. The last two begin lone surrogates and noncharacters.
_ESCAPED_BYTES = b"&<>" + bytes({*range(32)} - {*b"\t\n"}) + b"\xed\xef"
_ESCAPED = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9a-fA-F]{4}_)")
_BATCH = 256  # texts that are written together
_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


class Formula(NamedTuple):
    """A formula with the value that is shown until a program computes it."""

    text: str
    value: str | float


CellContent = str | int | float | date | Formula | None


class RowPattern(dict[tuple[type, ...], str]):
    """The XML of rows with the same columns and styles: %-patterns by the types of the values.

    In a pattern `#` is the row number. Its %-fields are the row's height, then each value that is
    not None. `cells` are the columns of the cells and the numbers of their styles.
    """

    def __init__(self, cells: Sequence[tuple[int, int]], *, grows: bool, hidden: bool) -> None:
        super().__init__()
        self.columns = [col for col, _ in cells]
        self._cells = [f'<c r="{column_letters(col)}#" s="{style}"' for col, style in cells]
        self._attributes = ' hidden="1"' * hidden + ' customHeight="1"' * (not grows)

    def __missing__(self, types: tuple[type, ...]) -> str:
        cells = "".join(
            cell + _content_pattern(kind) for cell, kind in zip(self._cells, types, strict=True)
        )
        self[types] = pattern = f'<row r="#"%s{self._attributes}>{cells}</row>'
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
        check_length(text, CELL_TEXT, "text")
        self[text] = number = len(self)
        return number

    def markup(self) -> Iterator[bytes]:
        """Yield the XML of the part of the shared texts, in pieces."""
        head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        yield f'{head}<sst xmlns="{_NAMESPACE}" uniqueCount="{len(self)}">'.encode()
        texts = iter(self)
        while batch := list(islice(texts, _BATCH)):
            yield (_plain_items(batch) or "".join(map(_item, batch))).encode()
        yield b"</sst>"


def _plain_items(texts: list[str]) -> str:
    """Return the XML of texts that need no escapes; "" if one of them does."""
    joined = "\0".join(texts)
    if not _is_plain(joined.replace("\0", "")) or [*map(str.strip, texts)] != joined.split("\0"):
        return ""
    return f"<si><t>{joined.replace(chr(0), '</t></si><si><t>')}</t></si>"


def _item(text: str) -> str:
    """Return the XML of a shared text."""
    space = "" if text.strip() == text else ' xml:space="preserve"'
    return f"<si><t{space}>{text if _is_plain(text) else escape(with_codes(text))}</t></si>"


def content_markup(content: CellContent) -> str:
    """Return the XML of a cell after its style: True, a formula, a date or a decimal number."""
    if isinstance(content, bool):
        return f' t="b"><v>{content:d}</v></c>'
    if isinstance(content, Formula):
        check_length(content.text, FORMULA, "formula")
        kind = ' t="str"' if isinstance(content.value, str) else ""
        return f"{kind}><f>{escape(content.text)}</f><v>{escape(str(content.value))}</v></c>"
    number = content.toordinal() - _EPOCH if isinstance(content, date) else content
    return f"><v>{number!r}</v></c>"


def inline_row(row: int, texts: Sequence[str]) -> str:
    """Return the XML of a row of inline texts, which need no escapes."""
    before, after = ' t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"
    return _row(row, (f"{before}{text}{after}" for text in texts))


def list_row(row: int, values: Sequence[str | int], texts: SharedStrings) -> str:
    """Return the XML of a row of numbers and of shared texts."""
    contents = (
        f' t="s"><v>{texts[v]}</v></c>' if isinstance(v, str) else f"><v>{v}</v></c>"
        for v in values
    )
    return _row(row, contents)


def _row(row: int, contents: Iterable[str]) -> str:
    """Return the XML of a row of cells without a style; each content is the rest of its XML."""
    cells = (f'<c r="{column_letters(n)}{row}"{content}' for n, content in enumerate(contents, 1))
    return f'<row r="{row}">{"".join(cells)}</row>'


def range_name(first: int, left: int, last: int, right: int) -> str:
    """Return a range as "D14:E40", a single cell as "D14"; rows and columns count from 1."""
    start, end = f"{column_letters(left)}{first}", f"{column_letters(right)}{last}"
    return start if start == end else f"{start}:{end}"


def escape(text: str) -> str:
    """Return a text with "&", "<" and ">" escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def with_codes(text: str) -> str:
    """Return a text with what XML cannot have as Excel writes it: _x0007_."""
    return _ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def _is_plain(text: str) -> bool:
    """Return True if a text needs no escapes. `bytes.translate` is ten times as fast as `re`."""
    content = text.encode("utf-8", "surrogatepass")
    return len(content.translate(None, _ESCAPED_BYTES)) == len(content) and "_x" not in text
