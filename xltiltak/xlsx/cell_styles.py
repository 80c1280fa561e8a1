"""Read the styles of cells: number format, strike-through and fill.

Only what changes the meaning of a cell is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

from xltiltak.model.cell_values import ErrorValue
from xltiltak.model.colours import contrast
from xltiltak.xlsx.cell_names import cell_place
from xltiltak.xlsx.markup import parse_xml
from xltiltak.xlsx.number_formats import (
    BUILT_IN,
    GENERAL,
    FormatSection,
    shows_whole_numbers,
    text_section,
)
from xltiltak.xlsx.number_rendering import shown_value
from xltiltak.xlsx.rich_text import is_on

T = TypeVar("T")
Cell = tuple[int, int]
_HEX = re.compile("[0-9A-F]{6}")
_THEME = ("lt1", "dk1", "lt2", "dk2", *(f"accent{n}" for n in range(1, 7)), "hlink", "folHlink")
_FIRST_INDEXED = "000000 FFFFFF FF0000 00FF00 0000FF FFFF00 FF00FF 00FFFF"
_INDEXED = (  # the colours of old workbooks; the first eight occur twice
    f"{_FIRST_INDEXED} {_FIRST_INDEXED} "
    "800000 008000 000080 808000 800080 008080 C0C0C0 808080 9999FF 993366 FFFFCC CCFFFF 660066 "
    "FF8080 0066CC CCCCFF 000080 FF00FF FFFF00 00FFFF 800080 800000 008080 0000FF 00CCFF CCFFFF "
    "CCFFCC FFFF99 99CCFF FF99CC CC99FF FFCC99 3366FF 33CCCC 99CC00 FFCC00 FF9900 FF6600 666699 "
    "969696 003366 339966 003300 333300 993300 993366 333399 333333"
).split()
_NO_COLOUR = ("FFFFFF", "lt1")
_GREY = "D9D9D9"
_WHITE, _WHITE_INDEXES = "FFFFFF", ("1", "9")
_TINY, _TINIEST = "tiny", 2  # points; nobody reads smaller letters
_BLACK = "000000"
_KNOWN = {"lt1": _WHITE, "dk1": _BLACK}  # theme colours that nearly all workbooks share
_LEAST_SEEN = 1.25  # contrast: white on yellow is 1.1, light grey on white 1.4


class CellStyle(NamedTuple):
    """What a style says: the code of its number format, and the colour of its fill, "" for none.

    `ink` is the colour of its letters, "" if they are black; "tiny" if nobody can read them.
    """

    number_format: str = GENERAL
    is_struck: bool = False
    fill: str = ""
    ink: str = ""

    @property
    def is_pale(self) -> bool:
        """True if its letters can hardly be seen: tiny, or nearly in the colour behind them."""
        return hardly_seen(self.ink, self.fill)


class ConditionalLook(NamedTuple):
    """What a conditional format changes in a cell; "" where it leaves the cell's own."""

    number_format: str = ""
    is_struck: bool = False
    fill: str = ""
    ink: str = ""

    @property
    def hides_numbers(self) -> bool:
        """True if its number format shows nothing of a number."""
        return bool(self.number_format) and isinstance(
            shown_value(1, self.number_format), ErrorValue
        )

    @property
    def hides_texts(self) -> bool:
        """True if its number format shows nothing of a text."""
        section = text_section(self.number_format) if self.number_format else None
        return section is not None and all(token.kind != "text" for token in section.tokens)

    def is_pale_on(self, style: CellStyle) -> bool:
        """Return True if it makes the letters of a cell with this style hard to see."""
        is_changed = bool(self.ink or self.fill) and not style.is_pale
        return is_changed and hardly_seen(self.ink or style.ink, self.fill or style.fill)


def hardly_seen(ink: str, fill: str) -> bool:
    """Return True if letters can hardly be seen: tiny, or nearly in the colour behind them."""
    ink, fill = _KNOWN.get(ink, ink or _BLACK), _KNOWN.get(fill, fill or _WHITE)
    if ink in (_TINY, fill):
        return True
    is_known = _HEX.fullmatch(ink) and _HEX.fullmatch(fill)
    return bool(is_known) and contrast(f"#{ink}", f"#{fill}") < _LEAST_SEEN


class CellStyles:
    """The styles of cells by their numbers as cells write them; None stands for the first.

    `as_they_are` are those that show small whole numbers as they are, `struck` those that strike
    out, `pale` those whose letters can hardly be seen, and `fills` has the colour of those with a
    fill. `text_sections` has those that show texts otherwise than they are. `special` are those
    that strike out, are pale, or show texts otherwise. `hiding` are the conditional formats, by
    their numbers, that can strike out or hide what is in a cell of some style.
    """

    def __init__(
        self, styles: Sequence[CellStyle], conditional: Sequence[ConditionalLook] = ()
    ) -> None:
        named: dict[str | None, CellStyle] = {str(n): style for n, style in enumerate(styles)}
        named[None] = styles[0] if styles else CellStyle()
        self.by_number: Mapping[str | None, CellStyle] = named
        self.hiding = {
            str(n): look
            for n, look in enumerate(conditional)
            if look.is_struck
            or look.hides_numbers
            or look.hides_texts
            or any(look.is_pale_on(style) for style in set(named.values()))
        }
        self.formats: Mapping[str | None, str] = {n: s.number_format for n, s in named.items()}
        self.as_they_are = frozenset(
            n for n, style in named.items() if shows_whole_numbers(style.number_format)
        )
        self.struck = frozenset(n for n, style in named.items() if style.is_struck)
        self.pale = frozenset(n for n, style in named.items() if style.is_pale)
        sections = {n: text_section(style.number_format) for n, style in named.items()}
        self.text_sections: Mapping[str | None, FormatSection] = {
            n: section for n, section in sections.items() if section
        }
        self.special = self.struck | self.pale | self.text_sections.keys()
        self.fills = {n: style.fill for n, style in named.items() if style.fill}


@lru_cache(maxsize=64)
def cell_styles(part: bytes) -> CellStyles:
    """Return the styles of a part. Cached: many workbooks have the same styles."""
    collector = _StyleCollector()
    parse_xml(part, collector.start, collector.end, root="styleSheet")
    styles = [collector.style(xf) for xf in collector.cell_formats]
    return CellStyles(styles, collector.conditional)


def each_cell(sheet: bytes, handle: Callable[[Cell, str | None], None]) -> None:
    """Call a function with the place of each cell of a sheet's part and the number of its style.

    A cell without an address is right of the one before it, as programs read it.
    """
    row, col = 0, 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, col
        if name == "row":
            row, col = int(attributes.get("r", row + 1)), 0
        elif name == "c":
            col = cell_place(attributes["r"])[1] if "r" in attributes else col + 1
            handle((row, col), attributes.get("s"))

    parse_xml(sheet, start)


class _StyleCollector:
    """Collects fonts, fills, number formats and the formats of cells while expat parses a part."""

    def __init__(self) -> None:
        self.open_elements: list[str] = []
        self.codes: dict[str, str] = {}
        self.struck: list[bool] = []  # by number of the font
        self.inks: list[str] = []  # colours of letters by number of the font; "tiny" for such
        self.colours: list[str] = []  # by number of the fill
        self.cell_formats: list[dict[str, str]] = []
        self.conditional: list[ConditionalLook] = []
        self._has_pattern = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element.

        Conditional formats have fonts, fills and number formats too: only the lists count.
        """
        parents = self.open_elements
        if "dxfs" in parents:
            self._start_in_conditional(name, attributes)
        elif name == "numFmt" and "numFmts" in parents:
            self.codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "font" and parents[-1:] == ["fonts"]:
            self.struck.append(False)
            self.inks.append("")
        elif "fonts" in parents and self.inks and name in ("color", "sz"):
            self.inks[-1] = _ink(name, attributes) or self.inks[-1]
        elif name == "strike" and "fonts" in parents and self.struck:
            self.struck[-1] = is_on(attributes)
        elif "fills" in parents:
            self._start_in_fills(name, attributes)
        elif name == "xf" and "cellXfs" in parents:
            self.cell_formats.append(attributes)
        parents.append(name)

    def _start_in_conditional(self, name: str, attributes: dict[str, str]) -> None:
        """Take what a conditional format says; its fill is the background, not the pattern."""
        if name == "dxf":
            self.conditional.append(ConditionalLook())
            return
        look = self.conditional[-1] if self.conditional else ConditionalLook()
        if name == "numFmt":
            look = look._replace(number_format=attributes.get("formatCode", ""))
        elif name == "strike":
            look = look._replace(is_struck=is_on(attributes))
        elif name == "bgColor":
            look = look._replace(fill=_colour(attributes) or _WHITE)
        elif name in ("color", "sz") and "font" in self.open_elements:
            look = look._replace(ink=_TINY if look.ink == _TINY else _ink(name, attributes))
        self.conditional[-1:] = [look]

    def _start_in_fills(self, name: str, attributes: dict[str, str]) -> None:
        if name == "fill":
            self.colours.append("")
        elif name == "patternFill":
            self._has_pattern = attributes.get("patternType", "none") != "none"
        elif name == "gradientFill":
            self._has_pattern = True
        elif name in ("fgColor", "color") and self._has_pattern and self.colours:
            self.colours[-1] = self.colours[-1] or _colour(attributes)

    def end(self, _: str) -> None:
        """Handle the end of an element."""
        self.open_elements.pop()

    def style(self, attributes: dict[str, str]) -> CellStyle:
        """Return the style of an `xf` element."""
        number = attributes.get("numFmtId", "0")
        built_in = BUILT_IN.get(int(number), GENERAL) if number.isdecimal() else GENERAL
        font = attributes.get("fontId", "0")
        fill = _item(self.colours, attributes.get("fillId", "0"), default="")
        ink = _item(self.inks, font, default="")
        return CellStyle(
            self.codes.get(number, built_in),
            _item(self.struck, font, default=False),
            fill,
            ink,
        )


def _ink(name: str, attributes: dict[str, str]) -> str:
    """Return the colour of letters as fills name theirs, white too; `_TINY` for a tiny size."""
    if name == "sz":
        size = attributes.get("val", "").partition(".")[0]
        return _TINY if size.isdecimal() and int(size) <= _TINIEST else ""
    if "indexed" in attributes and attributes["indexed"] not in _WHITE_INDEXES:
        return _colour(attributes)
    is_known = {"rgb", "theme", "indexed"} & attributes.keys()
    return (_colour(attributes) or _WHITE) if is_known else ""


def _item(items: Sequence[T], number: str, *, default: T) -> T:
    """Return the item with a number, or the default if there is none."""
    return items[int(number)] if number.isdecimal() and int(number) < len(items) else default


def _colour(attributes: dict[str, str]) -> str:
    """Return a colour as RRGGBB, or the name of a theme colour; "" for none and white."""
    colour = attributes.get("rgb", "")[-6:].upper()
    if number := attributes.get("theme", ""):
        colour = _item(_THEME, number, default="")
        if colour == "lt1" and attributes.get("tint", "").startswith("-"):
            return _GREY  # white made darker
    elif number := attributes.get("indexed", ""):
        colour = _item(_INDEXED, number, default="")
    return "" if colour in _NO_COLOUR else colour
