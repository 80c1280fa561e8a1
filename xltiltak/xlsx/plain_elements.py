"""Take plain rows and plain shared texts out of a part, before expat parses the rest.

Nearly all rows of a sheet hold nothing but numbers and the numbers of shared texts, and nearly all
shared texts are in one format. expat would call Python five times for each such cell. Here one
exact pattern takes the whole element. Anything else goes to expat, in its order: what is written in
another way, and all that stands around the elements. The patterns allow less than XML does, so that
what they match is well formed and means the same to both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

from xltiltak.model.errors import DamagedWorkbook
from xltiltak.xlsx.markup import EndHandler, StartHandler, TextHandler, parse_xml

T = TypeVar("T")

_CELL = (
    r'<c r="([A-Z]{1,3}[1-9][0-9]{0,6})"(?: s="([0-9]{1,5})")?(?: t="([ns])")?'
    r"(?:/>|>(?:<v>([0-9]+)</v>)?</c>)"
)
_cells = re.compile(_CELL).findall
_NAME = "[A-Za-z][A-Za-z0-9]*"
_SPACE = r"[ \t\r\n]*"
_ROW = re.compile(
    rf'((?:{_NAME}(?::{_NAME})?="[A-Za-z0-9.:+-]*"(?: |(?=[/>])))*)'
    rf"(?:/>|>((?:{re.sub(r'[(](?![?])', '(?:', _CELL)})*)</row>){_SPACE}"
)
_attributes = re.compile(r'([^ =]+)="([^"]*)"').findall
_TEXT = re.compile(
    rf'<t(?: xml:space="preserve")?>([^<>&\x00-\x08\x0b-\x1f\ufffe\uffff]*)</t></si>{_SPACE}'
)
# Only there is a tag a tag, and only so is a character its bytes.
_UTF_8 = re.compile(
    rb"""(?:<\?xml\ version=["']1\.0["'](?:\ encoding=["'](?i:utf-8)["'])?
    (?:\ standalone=["'](?:yes|no)["'])?\ ?\?>)?\s*<\w""",
    re.VERBOSE,
)


class _Elements(NamedTuple):
    """How the elements begin, how their parent does, and how both end."""

    start: str
    parent: str
    end: str
    parent_end: str

    def is_whole(self, element: str) -> bool:
        """Return True if what follows the start of an element ends with it, once."""
        is_nested = self.start[:-1] in element or element.count(self.end) > 1
        return element.rstrip(" \t\r\n").endswith(self.end) and not is_nested


ROWS = _Elements("<row ", "<sheetData>", "</row>", "</sheetData>")
TEXTS = _Elements("<si>", "<sst ", "</si>", "</sst>")


class PlainRow(NamedTuple):
    """The attributes of a row, and its cells: address, style, type and number, "" for none."""

    attributes: dict[str, str]
    cells: list[tuple[str, str, str, str]]


def plain_row(row: str) -> PlainRow | None:
    """Return the row with this text after `<row `; None if it is not plain."""
    found = _ROW.fullmatch(row)
    if found is None:
        return None
    pairs = _attributes(found[1])
    attributes = dict(pairs)
    if len(attributes) != len(pairs):
        return None
    return PlainRow(attributes, _cells(found[2] or ""))


def plain_text(element: str) -> str | None:
    """Return the shared text in what follows `<si>`; None if it is not plain."""
    found = _TEXT.fullmatch(element)
    return found[1] if found else None


def parse_rest(  # noqa: PLR0913 - the handlers of expat
    part: bytes,
    elements: _Elements,
    read: Callable[[str], T | None],
    take: Callable[[T], object],
    start: StartHandler,
    end: EndHandler,
    chars: TextHandler,
    *,
    root: str,
) -> None:
    """Let `take` have the plain elements, and expat parse the rest with these handlers.

    `read` gets what follows the start of an element, and returns None for one that is not plain.
    All are called in the order of the part. Raises DamagedWorkbook as `parse_xml` does.
    """
    try:
        parse_xml(without_plain(part, elements, read, take), start, end, chars, root)
    except DamagedWorkbook as error:
        if error.key == "markup":
            parse_xml(part, None)  # its error says where in the part it is
        raise


def without_plain(
    part: bytes, elements: _Elements, read: Callable[[str], T | None], take: Callable[[T], object]
) -> bytes | Iterator[str]:
    """Return the part without the plain elements, piece by piece.

    `take` gets these, each when all that stands before it has been asked for.
    """
    if b"<!" in part or part.rfind(b"<?") > 0 or not _UTF_8.match(part):
        return part
    try:
        text = part.decode()
    except UnicodeDecodeError:
        return part
    before, *found = text.split(elements.start)
    if not found or not before[before.rfind("<") :].startswith(elements.parent):
        return part
    return _pieces(before, found, elements, read, take)


def _pieces(
    before: str,
    found: list[str],
    elements: _Elements,
    read: Callable[[str], T | None],
    take: Callable[[T], object],
) -> Iterator[str]:
    """Yield all that is not taken. Nothing is taken within an element that has no end."""
    yield before
    found[-1], end, after = found[-1].rpartition(elements.parent_end)
    is_between = True
    for element in found:
        plain = read(element) if is_between else None
        if plain is not None:
            take(plain)
            continue
        yield elements.start + element
        is_between = is_between and elements.is_whole(element)
    yield end + after
