"""Read what the sheets of a workbook share: names and parts, shared texts, and styles of dates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import chain

from xltiltak.model.errors import DamagedWorkbook, NotAWorkbook
from xltiltak.xlsx.markup import (
    XML_DECLARATION,
    element_attributes,
    is_valid_text,
    parse_xml,
    unescape,
)
from xltiltak.xlsx.package import Package

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Around a shared text without formats:
_BEGIN, _END = b"<si><t>", b"</t></si>"
_BEGIN_WITH_SPACES = b'<si><t xml:space="preserve">'
_BETWEEN = (_END + _BEGIN).decode()
_LITERALS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')  # quoted, in brackets or escaped
_FIRST_OF_MARCH_1900 = 61  # the number of the first date that all programs agree on
# Numbers of the built-in number formats that show a date:
_DATE_FORMATS = {f"{n}" for n in (14, 15, 16, 17, 22, *range(27, 37), *range(50, 59))}


@dataclass(frozen=True)
class WorkbookParts:
    """What the sheets of a workbook share.

    `sheets` are the names of the worksheets with their parts. `texts_part` is the part of the
    shared texts, None without any. `date_styles` are the numbers of the cell styles that show a
    number as a date. `epoch` is the date of the number 0.
    """

    package: Package
    sheets: tuple[tuple[str, str], ...]
    texts_part: str | None
    date_styles: frozenset[str]
    epoch: date

    def date_of(self, number: int) -> date:
        """Return the date of a number. Excel counts a 29 February 1900, which did not exist."""
        early = number < _FIRST_OF_MARCH_1900 and self.epoch.year < 1900
        return self.epoch + timedelta(days=number + early)

    @cached_property
    def texts(self) -> list[str]:
        """Return the shared texts, read on first use."""
        return _shared_texts(self.package.read(self.texts_part)) if self.texts_part else []

    @cached_property
    def texts_by_number(self) -> dict[str, str]:
        """Return the shared texts by their numbers as programs write them in cells."""
        first, texts = numbers_below_1000(), self.texts
        return dict(zip(chain(first, map(str, range(len(first), len(texts)))), texts, strict=False))


@lru_cache(maxsize=1)
def numbers_below_1000() -> Mapping[str, int]:
    """Return the numbers 0 to 999 by how programs write them."""
    return {str(n): n for n in range(1_000)}


def read_workbook_parts(package: Package) -> WorkbookParts:
    """Return what the sheets of a workbook share. Raises WorkbookError."""
    main = _first(relationships(package, ""), "/officeDocument")
    if main is None:
        raise NotAWorkbook("office")
    entries, linked = (
        element_attributes(package.read(main), "sheet", "workbookPr"),
        relationships(package, main),
    )
    texts, styles = _first(linked, "/sharedStrings"), _first(linked, "/styles")
    counts_from_1904 = any(entry.get("date1904") in ("1", "true") for entry in entries)
    return WorkbookParts(
        package=package,
        sheets=tuple(_sheets(entries, linked)),
        texts_part=texts,
        date_styles=_date_styles(package.read(styles)) if styles else frozenset(),
        epoch=date(1904, 1, 1) if counts_from_1904 else date(1899, 12, 30),
    )


def last_saved(package: Package) -> tuple[str, str]:
    """Return who saved a file last and when, as the file says; "" if it does not say."""
    values = {"lastModifiedBy": "", "modified": ""}
    open_elements: list[str] = []

    def chars(text: str) -> None:
        """Collect the text of a property."""
        if open_elements and open_elements[-1] in values:
            values[open_elements[-1]] += text

    if "docProps/core.xml" in package:
        part = package.read("docProps/core.xml")
        parse_xml(
            part,
            lambda name, _: open_elements.append(name.rpartition(":")[2]),
            lambda _: open_elements.pop(),
            chars,
        )
    return values["lastModifiedBy"], values["modified"]


def decode_escapes(text: str) -> str:
    """Return the text with escapes like _x000D_ replaced, and line feeds as line ends."""
    if "_x" in text:
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
        # two escapes can be the surrogates of one character
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def has_relationships(package: Package, part: str) -> bool:
    """Return True if a part refers to others."""
    return relationships_part(part) in package


def relationships(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Return the relationships of a part: type and target part, by id."""
    folder = part.rpartition("/")[0]
    return _parse_relationships(package.read(relationships_part(part)), folder)


def relationships_part(part: str) -> str:
    """Return the name of the part with the relationships of a part; "" is the root."""
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels".lstrip("/")


@lru_cache(maxsize=64)
def _parse_relationships(part: bytes, folder: str) -> dict[str, tuple[str, str]]:
    """Return the relationships in a part. Cached: many workbooks have the same ones."""
    return {
        e.get("Id", ""): (e.get("Type", ""), _resolve(folder, e.get("Target", "")))
        for e in element_attributes(part, "Relationship")
    }


def _first(linked: dict[str, tuple[str, str]], kind: str) -> str | None:
    """Return the target of the first relationship whose type ends with `kind`, or None.

    Types of the strict and the transitional format end alike.
    """
    return next((target for found, target in linked.values() if found.endswith(kind)), None)


def _sheets(
    entries: list[dict[str, str]], linked: dict[str, tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """Yield name and part of each worksheet; chart sheets have no cells and are left out."""
    for entry in entries:
        if "name" in entry:
            link = next((value for key, value in entry.items() if key.endswith(":id")), "")
            if link not in linked:
                raise DamagedWorkbook("part", part=entry["name"])
            kind, target = linked[link]
            if kind.endswith("/worksheet"):
                yield entry["name"], target


def _plain_texts(part: bytes) -> list[str] | None:
    """Return the shared texts if each is one text without formats; None if that is not certain.

    It is certain if two texts have nothing but their tags between them, if no text has a "<" and
    each is valid, and if expat accepts what is before the first text (two tags) and after the last
    (one tag).
    """
    part = part.replace(_BEGIN_WITH_SPACES, _BEGIN)
    start, end = part.find(_BEGIN), part.rfind(_END)
    if (
        not part.startswith(XML_DECLARATION)
        or not 0 < start < end
        or part.count(b"<", 0, start) + part.count(b"<", end) != 5
    ):
        return None
    content = part[start + len(_BEGIN) : end]
    try:
        texts = content.decode().split(_BETWEEN)
        if "<" in "".join(texts) or not is_valid_text(content):
            return None
        parse_xml(part[:start] + part[end + len(_END) :], None, root="sst")
    except (DamagedWorkbook, UnicodeDecodeError):
        return None  # the caller then uses expat, which says what is wrong and where
    if b"&" in content or b"_x" in content:
        return [decode_escapes(unescape(text)) for text in texts]
    return texts


def _shared_texts(part: bytes) -> list[str]:
    """Return the shared texts; nearly always none has formats, and they can be split fast."""
    texts = _plain_texts(part)
    return _rich_texts(part) if texts is None else texts


def _rich_texts(part: bytes) -> list[str]:
    """Return the shared texts, parsed with expat: runs are joined, phonetic text is left out."""
    texts: list[str] = []
    pieces: list[str] = []
    inside: set[str] = set()

    def end(name: str) -> None:
        """Add a text when its element ends."""
        inside.discard(name)
        if name == "si":
            texts.append(decode_escapes("".join(pieces)))
            pieces.clear()

    def chars(text: str) -> None:
        """Collect text that is not phonetic (`rPh`)."""
        if "t" in inside and "rPh" not in inside:
            pieces.append(text)

    parse_xml(part, lambda name, _: inside.add(name), end, chars, root="sst")
    return texts


@lru_cache(maxsize=64)
def _date_styles(part: bytes) -> frozenset[str]:
    """Return the numbers of the cell styles that show a number as a date.

    Cached: many workbooks have the same styles.
    """
    formats: dict[str, str] = {}
    format_of_style: list[str] = []
    open_elements: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        """Collect the number formats, and the format of each cell style."""
        open_elements.append(name)
        # conditional formats have number formats too, with numbers of their own
        if name == "numFmt" and "numFmts" in open_elements:
            formats[attributes["numFmtId"]] = _LITERALS.sub(
                "", attributes.get("formatCode", "").lower()
            )
        elif name == "xf" and "cellXfs" in open_elements:
            format_of_style.append(attributes.get("numFmtId", "0"))

    parse_xml(part, start, lambda _: open_elements.pop(), root="styleSheet")
    own = {number for number, code in formats.items() if "d" in code or "y" in code}
    date_formats = own | _DATE_FORMATS
    return frozenset(str(n) for n, number in enumerate(format_of_style) if number in date_formats)


def _resolve(folder: str, target: str) -> str:
    """Return the name of the part that a relationship refers to; ".." above the root is ignored."""
    steps = [] if target.startswith("/") else [s for s in folder.split("/") if s]
    for step in target.replace("\\", "/").split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)
