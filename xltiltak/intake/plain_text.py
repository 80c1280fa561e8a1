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
_MAX_TEXT = 1 << 20  # bytes or characters of a file that are read
_LINES = frozenset(
    (
        *("address", "blockquote", "br", "caption", "dd", "div", "dl", "dt", "hr", "li", "ol"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "p", "pre", "table", "tr", "ul"),
    )
)
_TAG = re.compile(r"<(/?[A-Za-z][A-Za-z0-9]*|[!?])")
_UNSEEN_HTML = ("head", "script", "style", "template", "title")
_ENDS = {tag: re.compile(f"</{tag}", re.IGNORECASE) for tag in _UNSEEN_HTML}
_WINDOWS_PATH = re.compile(r"(?:[A-Za-z]:|\\\\[\w.-]+)\\[\w .,()\\-]{3,200}")
_UNSEEN_XML = ("delText", "instrText", "binary-data")
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
    """Return the words of a web page, a line for each paragraph and for each row of a table.

    The time grows with the length alone, whatever stands in the page.
    """
    pieces: list[str] = []
    in_row = has_cell = False
    for tag, text in _html_tokens(markup[:_MAX_TEXT]):
        if text:
            pieces.append(unescape(text).replace("\n", " "))
        elif tag in ("tr", "/tr", "/table"):
            in_row, has_cell = tag == "tr", False
            pieces.append("\n")
        elif tag in ("td", "th") and in_row:
            pieces.append(_WRAP if has_cell else "")
            has_cell = True
        elif tag.lstrip("/") in _LINES:
            pieces.append(" " if in_row else "\n")
    return _tidy("".join(pieces))


def _html_tokens(markup: str) -> Iterator[tuple[str, str]]:
    """Yield each tag by its name ("p", "/p"), and each text between tags."""
    at = 0
    while (start := markup.find("<", at)) >= 0:
        yield "", markup[at:start]
        name = _TAG.match(markup, start)
        opens = "<!--" if markup.startswith("<!--", start) else "<"
        if opens == "<" and not name:  # a sign in a text: 4 < 5
            yield "", "<"
            at = start + 1
            continue
        tag = name[1].lower() if name else ""
        closes = _ENDS[tag].search(markup, start) if tag in _ENDS else None
        end = closes.start() if closes else markup.find("-->" if opens == "<!--" else ">", start)
        if end < 0 or (tag in _ENDS and not closes):
            return  # nobody sees what stands in a tag that does not end
        yield tag, ""
        at = end if closes else end + (3 if opens == "<!--" else 1)
    yield "", markup[at:]


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


def _shortcut(content: bytes) -> str:
    """Return the paths that a shortcut of Windows names."""
    texts = (content.decode("cp1252", "replace"), content.decode("utf-16-le", "replace"))
    found = dict.fromkeys(match for text in texts for match in _WINDOWS_PATH.findall(text))
    return "\n".join(found)


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
    "shortcut": _shortcut,
    "web_document": _web_document,
    "html": _html,
    "xml": _html,
}
