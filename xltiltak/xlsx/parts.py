"""The parts of a workbook that its sheets lean on: where they are, their shared texts, which styles show days."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import chain

from xltiltak.model.errors import DamagedWorkbook, NotAWorkbook
from xltiltak.xlsx.markup import UTF_8, element_attributes, is_sound, parse_xml, unescaped
from xltiltak.xlsx.package import Package

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BEGIN, _END, _SPACED = (
    b"<si><t>",
    b"</t></si>",
    b'<si><t xml:space="preserve">',
)  # around a plain text
_BETWEEN = (_END + _BEGIN).decode()
_NOT_DAYS = re.compile(
    r'"[^"]*"|\[[^\]]*\]|\\.'
)  # quoted, coloured and escaped pieces of a number format
_FIRST_OF_MARCH_1900 = 61  # the number of the first day that all programs agree on
_DAY_FORMATS = {
    f"{n}" for n in (14, 15, 16, 17, 22, *range(27, 37), *range(50, 59))
}  # built-in number formats that show a day


@dataclass(frozen=True)
class WorkbookParts:
    """What every sheet needs to be read: texts, day styles and the day numbers count from."""

    package: Package
    sheets: tuple[tuple[str, str], ...]  # name, part
    shared: str | None  # the part of the shared texts
    day_styles: frozenset[str]
    epoch: date

    def day(self, number: int) -> date:
        """The day of a number. Excel counts a 29 February 1900 that never was."""
        early = number < _FIRST_OF_MARCH_1900 and self.epoch.year < 1900
        return self.epoch + timedelta(days=number + early)

    @cached_property
    def texts(self) -> list[str]:
        """The shared texts, read when the first cell asks for one."""
        return _shared_texts(self.package.read(self.shared)) if self.shared else []

    @cached_property
    def texts_by_number(self) -> dict[str, str]:
        """The same by their numbers as programs write them."""
        first, texts = small_numbers(), self.texts
        return dict(zip(chain(first, map(str, range(len(first), len(texts)))), texts, strict=False))


@lru_cache(maxsize=1)
def small_numbers() -> Mapping[str, int]:
    """The numbers of most shared texts and most answers, by how programs write them."""
    return {str(n): n for n in range(1_000)}


def read_workbook_parts(package: Package) -> WorkbookParts:
    """The workbook of a package. Raises WorkbookError."""
    main = _first(links(package, ""), "/officeDocument")
    if main is None:
        raise NotAWorkbook("office")
    entries, linked = (
        element_attributes(package.read(main), "sheet", "workbookPr"),
        links(package, main),
    )
    texts, styles = _first(linked, "/sharedStrings"), _first(linked, "/styles")
    return WorkbookParts(
        package=package,
        sheets=tuple(_sheets(entries, linked)),
        shared=texts,
        day_styles=_day_styles(package.read(styles)) if styles else frozenset(),
        epoch=date(1904, 1, 1)
        if any(e.get("date1904") in ("1", "true") for e in entries)
        else date(1899, 12, 30),
    )


def last_saved(package: Package) -> tuple[str, str]:
    """Who saved the file last and when, by its own word; empty where it does not say."""
    said = {"lastModifiedBy": "", "modified": ""}
    inside: list[str] = []

    def chars(text: str) -> None:
        """The words of a property, in pieces."""
        if inside and inside[-1] in said:
            said[inside[-1]] += text

    if "docProps/core.xml" in package:
        part = package.read("docProps/core.xml")
        parse_xml(
            part,
            lambda name, _: inside.append(name.rpartition(":")[2]),
            lambda _: inside.pop() and None,
            chars,
        )
    return said["lastModifiedBy"], said["modified"]


def decode_escapes(text: str) -> str:
    """Text with _x000D_ and the like undone, and its line ends as line feeds."""
    if "_x" in text:
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
        text = text.encode("utf-16", "surrogatepass").decode(
            "utf-16", "replace"
        )  # a letter may come as two halves
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def has_links(package: Package, part: str) -> bool:
    """Does a part lean on others?"""
    return _links_part(part) in package


def links(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """The relationships of a part: id to type and target."""
    return _relationships(package.read(_links_part(part)), part.rpartition("/")[0])


def _links_part(part: str) -> str:
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels".lstrip("/")


@lru_cache(maxsize=64)
def _relationships(part: bytes, folder: str) -> dict[str, tuple[str, str]]:
    """Forms of one sending are alike here too."""
    return {
        e.get("Id", ""): (e.get("Type", ""), _resolved(folder, e.get("Target", "")))
        for e in element_attributes(part, "Relationship")
    }


def _first(linked: dict[str, tuple[str, str]], kind: str) -> str | None:
    """A type's last word is the same in both dialects of the format."""
    return next((target for found, target in linked.values() if found.endswith(kind)), None)


def _sheets(
    entries: list[dict[str, str]], linked: dict[str, tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    for entry in entries:
        if "name" in entry:
            link = next((value for key, value in entry.items() if key.endswith(":id")), "")
            if link not in linked:
                raise DamagedWorkbook("part", part=entry["name"])
            kind, target = linked[link]
            if kind.endswith("/worksheet"):  # a sheet that is all chart holds no cell
                yield entry["name"], target


def _plain_texts(part: bytes) -> list[str] | None:
    """The shared texts where each is one plain text; None where that cannot be proved.

    Proof: nothing but their tags stands between two of them, none has a "<", and each is sound; two tags stand before
    them all and one after, which expat finds well formed.
    """
    part = part.replace(_SPACED, _BEGIN)
    start, end = part.find(_BEGIN), part.rfind(_END)
    if (
        not part.startswith(UTF_8)
        or not 0 < start < end
        or part.count(b"<", 0, start) + part.count(b"<", end) != 5
    ):
        return None
    held = part[start + len(_BEGIN) : end]
    try:
        texts = held.decode().split(_BETWEEN)
        if "<" in "".join(texts) or not is_sound(held):
            return None
        parse_xml(part[:start] + part[end + len(_END) :], None, root="sst")
    except (DamagedWorkbook, UnicodeDecodeError):
        return None  # expat tells what is wrong, and where
    return (
        [decode_escapes(unescaped(text)) for text in texts]
        if b"&" in held or b"_x" in held
        else texts
    )


def _shared_texts(part: bytes) -> list[str]:
    """The texts of the workbook. Nearly always each is plain, and then they are told from what stands between them."""
    plain = _plain_texts(part)
    return _rich_texts(part) if plain is None else plain


def _rich_texts(part: bytes) -> list[str]:
    """The texts as expat finds them: runs of rich text joined, without how they are pronounced (rPh)."""
    texts: list[str] = []
    pieces: list[str] = []
    inside: set[str] = set()

    def end(name: str) -> None:
        """A text is whole when its element ends."""
        inside.discard(name)
        if name == "si":
            texts.append(decode_escapes("".join(pieces)))
            pieces.clear()

    def chars(text: str) -> None:
        """Its words, without those that say how they are read aloud."""
        if "t" in inside and "rPh" not in inside:
            pieces.append(text)

    parse_xml(part, lambda name, _: inside.add(name), end, chars, root="sst")
    return texts


@lru_cache(maxsize=64)
def _day_styles(part: bytes) -> frozenset[str]:
    """The cell styles that show a number as a day. Forms of one sending share them, so this is worked out once."""
    formats: dict[str, str] = {}
    used: list[str] = []
    inside: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        """Takes number formats, and which the cells use."""
        inside.append(name)
        if name == "numFmt" and "numFmts" in inside:  # conditional formats number theirs anew
            formats[attributes["numFmtId"]] = _NOT_DAYS.sub(
                "", attributes.get("formatCode", "").lower()
            )
        elif name == "xf" and "cellXfs" in inside:
            used.append(attributes.get("numFmtId", "0"))

    parse_xml(part, start, lambda _: inside.pop(), root="styleSheet")
    days = {number for number, code in formats.items() if "d" in code or "y" in code} | _DAY_FORMATS
    return frozenset(str(n) for n, number in enumerate(used) if number in days)


def _resolved(folder: str, target: str) -> str:
    """A link's target as the name of a part; one that leads out of the file finds none."""
    steps = [] if target.startswith("/") else [s for s in folder.split("/") if s]
    for step in target.replace("\\", "/").split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)
