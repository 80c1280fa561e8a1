"""Return the words in a file that is not a form, so that a finding can quote them.

The words are quoted and nothing else: where they stand in a document does not matter here.
"""

from __future__ import annotations

import json
import plistlib
import re
from collections.abc import Callable, Iterator
from html import unescape
from xml.parsers.expat import ExpatError

from xltiltak.model.errors import WorkbookError
from xltiltak.model.files import decode_text
from xltiltak.snapshot.hidden_sheet import SHEET_NAME
from xltiltak.xlsx.markup import parse_xml
from xltiltak.xlsx.package import Package

_WHAT_BREAKS_IT = (
    *(WorkbookError, ArithmeticError, AttributeError, ExpatError, LookupError, MemoryError),
    *(RecursionError, TypeError, ValueError),
)
_MAX_TEXT = 4 << 20  # bytes of a text file that are read
_LINES = frozenset(
    (
        *("address", "blockquote", "br", "caption", "dd", "div", "dl", "dt", "hr", "li", "ol"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "p", "pre", "table", "tr", "ul"),
    )
)
_CELLS = frozenset(("td", "th"))
_UNSEEN_HTML = {"head", "script", "style", "template", "title"}
_UNSEEN_XML = ("delText", "instrText", "binary-data")
_ROW_OF_HTML = re.compile(r"<tr>((?:(?!<tr>).)*?)</tr>")
_LINES_OF_XML = ("p", "h", "br", "line-break", "cr")
_ROWS = ("tr", "table-row")
_CELLS_OF_XML = ("tc", "table-cell")
_WRAP = "; "  # between the cells of a row
# Kind of document, and the beginning of the names of the parts that hold its words.
_PARTS = {
    "docx": ("word/document", "word/footnotes", "word/endnotes", "word/comments", "word/header"),
    "pptx": ("ppt/slides/slide",),
    "ods": ("content.xml",),
    "odt": ("content.xml",),
    "odp": ("content.xml",),
}


def words_of(kind: str, content: bytes) -> str:
    """Return the words in a file of this kind of `model.file_kinds`; "" if they cannot be read."""
    read = _READERS.get(kind)
    try:
        return read(content).strip() if read else ""
    except _WHAT_BREAKS_IT:
        return ""


def text_of_html(markup: str) -> str:
    """Return the words of a web page, a line for each paragraph and for each row of a table."""
    import nh3

    clean = nh3.clean(
        markup[:_MAX_TEXT],
        tags=set(_LINES | _CELLS),
        clean_content_tags=_UNSEEN_HTML,
        attributes={},
    )
    one_line = " ".join(clean.split())
    rows = _ROW_OF_HTML.sub(_row_of_html, one_line)
    return _tidy(unescape(re.sub(r"<[^>]*>", "\n", rows)))


def _row_of_html(row: re.Match[str]) -> str:
    cells = re.sub(r"<(?!/t[dh]>)[^>]*>", " ", row[1])
    return "<tr>" + re.sub(r"\s*</t[dh]>", _WRAP, cells) + "</tr>"


def _tidy(text: str) -> str:
    """Return the text without empty lines and without white space around its lines."""
    lines = (" ".join(line.split()).strip(f" {_WRAP}") for line in text.split("\n"))
    return "\n".join(filter(None, lines))


def _text(content: bytes) -> str:
    return decode_text(content[:_MAX_TEXT], "", errors="replace").replace("\r\n", "\n")


def _link(content: bytes) -> str:
    """Return the address in a link file of Windows, macOS or Linux."""
    if content.startswith(b"bplist") or b"<plist" in content[:1000]:
        found = plistlib.loads(content[:_MAX_TEXT])
        return str(found.get("URL", "")) if isinstance(found, dict) else ""
    lines = _text(content).splitlines()
    addresses = (line for line in lines if line.lower().startswith(("url=", "exec=")))
    return "\n".join(line.partition("=")[2].strip() for line in addresses)


def _web_document(content: bytes) -> str:
    """Return the address of a document on the web, or all that the file says."""
    text = _text(content)
    found = json.loads(text)
    return str(found.get("url") or text) if isinstance(found, dict) else text


def _html(content: bytes) -> str:
    return text_of_html(_text(content))


def _document(kind: str) -> Callable[[bytes], str]:
    """Return the reader of the words of a kind of office document."""

    def read(content: bytes) -> str:
        """Return the words of all parts that hold some."""
        package = Package(content, inside=_PARTS[kind])
        names = [name for name in package.names() if name.startswith(_PARTS[kind])]
        texts = (_words_in_part(package.read(name)) for name in names if name.endswith(".xml"))
        return _tidy("\n".join(texts))

    return read


def _words_in_part(part: bytes) -> str:
    """Return the text of a part: a line for each paragraph or row of a table."""
    reader = _PartReader()
    parse_xml(part, reader.start, reader.end, reader.chars)
    return "".join(reader.pieces)


class _PartReader:
    """Collects the words of a part in `pieces`. Our own hidden sheet is left out."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._open_rows = 0
        self._unseen: list[str] = []  # the unseen elements that are open

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Note that a row or an unseen element begins."""
        bare = name.rpartition(":")[2]
        self._open_rows += bare in _ROWS
        is_hidden_sheet = bare == "table" and attributes.get("table:name") == SHEET_NAME
        if bare in _UNSEEN_XML or is_hidden_sheet:
            self._unseen.append(bare)

    def end(self, name: str) -> None:
        """End a cell or a line; a paragraph in a row does not end the line of the row."""
        bare = name.rpartition(":")[2]
        self._open_rows -= bare in _ROWS
        if self._unseen:
            if bare == self._unseen[-1]:
                self._unseen.pop()
        elif bare in _CELLS_OF_XML:
            if self.pieces and self.pieces[-1] == " ":  # the end of its last paragraph
                self.pieces.pop()
            self.pieces.append(_WRAP)
        elif bare in _LINES_OF_XML or bare in _ROWS:
            self.pieces.append(" " if self._open_rows else "\n")
        elif bare == "tab":
            self.pieces.append(" ")

    def chars(self, text: str) -> None:
        """Keep the text of a seen element. A line feed in the markup is no line feed."""
        if not self._unseen:
            self.pieces.append(text.replace("\n", " "))


def blocks(text: str, size: int, most: int) -> Iterator[str]:
    """Yield a text in blocks of about this size, cut at the ends of lines where there are some.

    After so many blocks, the last one says how many characters are left out.
    """
    for _ in range(most):
        if not text:
            return
        cut = len(text) if len(text) <= size else (text.rfind("\n", size // 2, size) + 1 or size)
        yield text[:cut].strip()
        text = text[cut:].lstrip("\n")
    if text:
        yield f"… ({len(text)})"


_READERS: dict[str, Callable[[bytes], str]] = {
    **dict.fromkeys(("text", "csv", "card"), _text),
    **{kind: _document(kind) for kind in _PARTS},
    "link": _link,
    "web_document": _web_document,
    "html": _html,
    "xml": _html,
}
