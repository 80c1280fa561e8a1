"""Read what the sheets of a workbook share: names and parts, shared texts, and styles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from xltiltak.model.errors import DamagedWorkbook, NotAWorkbook
from xltiltak.xlsx.cell_styles import CellStyles, cell_styles
from xltiltak.xlsx.markup import element_attributes, parse_xml
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.rich_text import SharedTexts, shared_texts


class Relationship(NamedTuple):
    """A relationship of a part: its type, the part it refers to, and its target as written."""

    kind: str
    part: str
    target: str
    is_external: bool = False


@dataclass(frozen=True)
class WorkbookParts:
    """What the sheets of a workbook share.

    `sheets` are the names of the worksheets with their parts, `hidden_sheets` the names of those
    that are not shown. `texts_part` and `styles_part` are None if there is no such part.
    """

    package: Package
    sheets: tuple[tuple[str, str], ...]
    hidden_sheets: frozenset[str]
    texts_part: str | None
    styles_part: str | None
    counts_from_1904: bool

    @cached_property
    def texts(self) -> SharedTexts:
        """Return the shared texts, read on first use."""
        return shared_texts(self.package.read(self.texts_part)) if self.texts_part else _NO_TEXTS

    @cached_property
    def styles(self) -> CellStyles:
        """Return the styles of cells."""
        return cell_styles(self.package.read(self.styles_part)) if self.styles_part else _NO_STYLES


_NO_TEXTS, _NO_STYLES = SharedTexts(), CellStyles([])


def read_workbook_parts(package: Package) -> WorkbookParts:
    """Return what the sheets of a workbook share. Raises WorkbookError."""
    main = _first(relationships(package, ""), "/officeDocument")
    if main is None:
        raise NotAWorkbook("office")
    entries, linked = (
        element_attributes(package.read(main), "sheet", "workbookPr"),
        relationships(package, main),
    )
    hidden = (e.get("name", "") for e in entries if e.get("state", "visible") != "visible")
    return WorkbookParts(
        package=package,
        sheets=tuple(_sheets(entries, linked)),
        hidden_sheets=frozenset(hidden),
        texts_part=_first(linked, "/sharedStrings"),
        styles_part=_first(linked, "/styles"),
        counts_from_1904=any(entry.get("date1904") in ("1", "true") for entry in entries),
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


def has_relationships(package: Package, part: str) -> bool:
    """Return True if a part refers to others."""
    return _relationships_part(part) in package


def relationships(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Return the relationships of a part: type and target part, by id."""
    return {i: (one.kind, one.part) for i, one in part_relationships(package, part).items()}


def part_relationships(package: Package, part: str) -> dict[str, Relationship]:
    """Return the relationships of a part by id, with their targets as they are written."""
    folder = part.rpartition("/")[0]
    return _parse_relationships(package.read(_relationships_part(part)), folder)


def _relationships_part(part: str) -> str:
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels".lstrip("/")


@lru_cache(maxsize=64)
def _parse_relationships(part: bytes, folder: str) -> dict[str, Relationship]:
    """Return the relationships in a part. Cached: many workbooks have the same ones."""
    found: dict[str, Relationship] = {}
    for entry in element_attributes(part, "Relationship"):
        target = entry.get("Target", "")
        is_external = entry.get("TargetMode") == "External"
        part_name = _resolve(folder, target)
        related = Relationship(entry.get("Type", ""), part_name, target, is_external)
        found[entry.get("Id", "")] = related
    return found


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


def _resolve(folder: str, target: str) -> str:
    """Return the name of the part that a relationship refers to; ".." above the root is ignored."""
    steps = [] if target.startswith("/") else [s for s in folder.split("/") if s]
    for step in target.replace("\\", "/").split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)
