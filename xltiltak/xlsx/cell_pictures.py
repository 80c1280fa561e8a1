"""Find the cells that show a picture, or another value for which older programs have no type.

A program without such values shows an error in the cell (`vm` in its markup), or the formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from xltiltak.model.cell_values import ErrorValue
from xltiltak.xlsx.markup import element_attributes, parse_xml
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.sheet_reader import Sheet

_PICTURE_FORMULA = re.compile(r'^=?(?:_xlfn\.)?(DISPIMG|IMAGE)\(\s*"([^"]*)"', re.IGNORECASE)
_CELL = re.compile(r"([A-Z]{1,3})(\d+)")
_RICH_VALUES = ("xl/richdata/rdrichvalue.xml", "xl/richdata/rdrichvaluestructure.xml")
_METADATA = "xl/metadata.xml"
_RICH_FOLDER = "xl/richdata/"
_WPS_PICTURES = "xl/cellimages.xml"
_ERROR = "_error"  # the type of errors that older programs do not know, such as #SPILL!
Cell = tuple[int, int]


class _RichValue(NamedTuple):
    """A value of a type of its own, with the text that is shown or describes it."""

    type: str
    text: str


def pictures_in_cells(package: Package, sheet: Sheet) -> dict[Cell, str]:
    """Return the row and column of each cell with a picture, and what describes the picture."""
    found = dict(_by_formula(package, sheet))
    if any(name.startswith(_RICH_FOLDER) for name in package.names()):
        found |= dict(_by_metadata(package, sheet))
    return found


def _by_formula(package: Package, sheet: Sheet) -> Iterator[tuple[Cell, str]]:
    """Yield the cells whose formula shows a picture, and its description or address."""
    for cell, formula in sheet.formulas.items():
        if match := _PICTURE_FORMULA.match(formula):
            is_address = match[1].upper() == "IMAGE"
            yield cell, match[2] if is_address else _wps_descriptions(package).get(match[2], "")


def _wps_descriptions(package: Package) -> dict[str, str]:
    """Return the alternative texts of the pictures in cells that WPS Office writes, by name."""
    if _WPS_PICTURES not in package:
        return {}
    found: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        """Collect a picture's name and description."""
        if name.endswith("cNvPr") and attributes.get("descr"):
            found[attributes.get("name", "")] = attributes["descr"]

    parse_xml(package.read(_WPS_PICTURES), start)
    return found


def _by_metadata(package: Package, sheet: Sheet) -> Iterator[tuple[Cell, str]]:
    """Yield the cells with an error that stands for a rich value; real errors are left out."""
    values = _values_by_index(package)
    for attributes in element_attributes(package.read(sheet.part), "c"):
        match = _CELL.fullmatch(attributes.get("r", ""))
        if match is None or "vm" not in attributes or attributes.get("t") != "e":
            continue
        cell = int(match[2]), _column(match[1])
        value = values.get(_number(attributes, "vm"), _RichValue("", ""))
        if value.type != _ERROR and isinstance(
            sheet.rows.get(cell[0], {}).get(cell[1]), ErrorValue
        ):
            yield cell, value.text


def _number(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _values_by_index(package: Package) -> dict[int, _RichValue]:
    """Return the rich values by the number that cells have in `vm`, counted from 1."""
    if _METADATA not in package or not all(name in package for name in _RICH_VALUES):
        return {}
    values = _rich_values(package)
    in_values = False
    records: list[int] = []  # for each `vm`, the number of a block
    blocks: list[int] = []  # for each block, the number of a rich value

    def start(name: str, attributes: dict[str, str]) -> None:
        """Collect the numbers that lead from a cell to its value."""
        nonlocal in_values
        bare = name.rpartition(":")[2]
        in_values = in_values or bare == "valueMetadata"
        if bare == "rc" and in_values:
            records.append(_number(attributes, "v"))
        elif bare == "rvb":
            blocks.append(_number(attributes, "i"))

    parse_xml(package.read(_METADATA), start)
    numbers = (blocks[n] if n < len(blocks) else n for n in records)
    return {at: values[n] for at, n in enumerate(numbers, 1) if n < len(values)}


def _rich_values(package: Package) -> list[_RichValue]:
    """Return all rich values of a workbook."""
    types = _types(package.read(_RICH_VALUES[1]))
    found: list[_RichValue] = []
    texts: list[str] = []
    kind, keys = "", list[str]()

    def start(name: str, attributes: dict[str, str]) -> None:
        """Begin a value."""
        nonlocal kind, keys
        if name == "rv":
            number = _number(attributes, "s")
            kind, keys = types[number] if number < len(types) else ("", [])
            texts.clear()
        elif name == "v":
            texts.append("")

    def chars(text: str) -> None:
        """Collect the text of a value's field."""
        if texts:
            texts[-1] += text

    def end(name: str) -> None:
        """Add a value."""
        if name == "rv":
            by_key = dict(zip(keys, texts, strict=False))
            text = by_key.get("Text") or by_key.get("_DisplayString", "")
            found.append(_RichValue(kind, text.strip()))

    parse_xml(package.read(_RICH_VALUES[0]), start, end, chars)
    return found


def _types(part: bytes) -> list[tuple[str, list[str]]]:
    """Return the types of rich values: the name and the keys of each."""
    found: list[tuple[str, list[str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        """Collect a type, or a key of the last one."""
        if name == "s":
            found.append((attributes.get("t", ""), []))
        elif name == "k" and found:
            found[-1][1].append(attributes.get("n", ""))

    parse_xml(part, start)
    return found
