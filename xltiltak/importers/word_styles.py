"""What the styles of a Word document say: headings, hidden and struck-out text, and lists.

A style inherits from the one that it is based on. Word stores the English name of a built-in style
in every language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element

from xltiltak.importers.word_parts import W, is_on, local_name, value_of

_TITLE_STYLES = {"title": 1, "subtitle": 2}  # headings whose names do not say their rank
_CONTENTS = re.compile(r"toc (?:\d|heading)|table of figures")
_LONGEST_CHAIN = 20  # of styles; Word follows no more than ten
_TINIEST = 4  # half points; nobody reads smaller letters
HIGHLIGHTS = {  # the pens that Word has
    "yellow": "FFFF00",
    "green": "00FF00",
    "cyan": "00FFFF",
    "magenta": "FF00FF",
    "blue": "0000FF",
    "red": "FF0000",
    "darkBlue": "000080",
    "darkCyan": "008080",
    "darkGreen": "008000",
    "darkMagenta": "800080",
    "darkRed": "800000",
    "darkYellow": "808000",
    "darkGray": "808080",
    "lightGray": "C0C0C0",
    "black": "000000",
}
_HIDDEN, _STRUCK = ("vanish",), ("strike", "dstrike")


class TextMarks(NamedTuple):
    """How text is shown. `is_deleted` is True for a tracked deletion."""

    is_hidden: bool = False
    is_struck: bool = False
    is_deleted: bool = False


PLAIN_TEXT = TextMarks()


class ListLevel(NamedTuple):
    """A list and a level in it, counted from 0; the list "0" is none."""

    list_id: str
    level: int


class WordStyles:
    """The styles of a document. `root` is the root of their part, None without one."""

    def __init__(self, root: Element | None) -> None:
        self._styles = {} if root is None else {_id_of(s): s for s in root.iter(f"{W}style")}
        self._defaults = {
            value_of(style, "type"): style_id
            for style_id, style in self._styles.items()
            if value_of(style, "default") in ("1", "true", "on")
        }
        path = f"{W}docDefaults/{W}rPrDefault/{W}rPr"
        self._default_properties = None if root is None else root.find(path)

    def heading_rank(self, paragraph: Element) -> int:
        """Return the rank of a heading, by its own outline level or its style; 0 for other text."""
        own = _outline_rank(paragraph.find(f"{W}pPr/{W}outlineLvl"))
        return own or next(filter(None, map(_rank_of_style, self._of_paragraph(paragraph))), 0)

    def is_contents(self, paragraph: Element) -> bool:
        """Return True if a paragraph is a line of a table of contents or of its heading."""
        names = (value_of(style.find(f"{W}name")) or "" for style in self._of_paragraph(paragraph))
        return any(_CONTENTS.fullmatch(name.casefold()) for name in names)

    def is_caption(self, paragraph: Element) -> bool:
        """Return True if a paragraph is the caption of a table or picture."""
        names = (value_of(style.find(f"{W}name")) or "" for style in self._of_paragraph(paragraph))
        return "caption" in map(str.casefold, names)

    def list_level(self, paragraph: Element) -> ListLevel | None:
        """Return the list that a paragraph is an item of, by its own properties or its style."""
        own = paragraph.find(f"{W}pPr/{W}numPr")
        found = [own] if own is not None else []
        for style in self._of_paragraph(paragraph):
            found += style.findall(f"{W}pPr/{W}numPr")
        list_id = next((i for each in found if (i := value_of(each.find(f"{W}numId")))), None)
        level = next((i for each in found if (i := value_of(each.find(f"{W}ilvl")))), "0")
        if list_id is None or list_id == "0":
            return None
        is_level = len(level) == 1 and level in "012345678"
        return ListLevel(list_id, int(level) if is_level else 0)

    def style_ids(self, paragraph: Element) -> list[str]:
        """Return the ids of a paragraph's style and of those that it is based on."""
        return [_id_of(style) for style in self._of_paragraph(paragraph)]

    def marks(self, run: Element, paragraph: Element, table_style: str = "") -> TextMarks:
        """Return how the text of a run is shown: by its own properties, else by its styles."""
        own = run.find(f"{W}rPr")
        chains = [
            list(self._chain(value_of(None if own is None else own.find(f"{W}rStyle")))),
            list(self._of_paragraph(paragraph)),
            list(self._chain(table_style)),
        ]
        is_hidden, is_struck = (
            any(self._is_on(own, name, chains) for name in names) for names in (_HIDDEN, _STRUCK)
        )
        return TextMarks(is_hidden, is_struck)

    def font(self, run: Element, paragraph: Element) -> str:
        """Return the font of a run by its own properties, else by its styles, in lower case."""
        own = value_of(run.find(f"{W}rPr/{W}rStyle"))
        looks = (run, *self._chain(own), *self._of_paragraph(paragraph))
        return next(filter(None, map(font_of, looks)), "")

    def is_pale(
        self, run: Element, paragraph: Element, table_style: str = "", ground: str = ""
    ) -> bool:
        """Return True if a text can hardly be seen: tiny, without ink, or the colour behind it.

        `ground` is the colour of the cell or shape, "" for white.
        """
        own = value_of(run.find(f"{W}rPr/{W}rStyle"))
        chains = [*self._chain(own), *self._of_paragraph(paragraph)]
        looks = [look for each in (run, *chains) for look in each.findall(f"{W}rPr")]
        size = next((s for look in looks if (s := value_of(look.find(f"{W}sz")))), "")
        is_tiny = size.isdecimal() and len(size) < 4 and int(size) <= _TINIEST
        if is_tiny or any(local_name(e) == "noFill" for e in run.findall(f"{W}rPr/*/*")):
            return True
        found = (look.find(f"{W}color") for look in looks)
        colour = _text_colour(next((c for c in found if c is not None), None))
        grounds = [run, *chains, paragraph, *self._chain(table_style)]
        fills = [fill for each in grounds for fill in _fills(each)]
        behind = fills[0] if fills else ground
        return bool(colour) and (colour == behind or (_is_white(colour) and not behind))

    def _is_on(self, own: Element | None, name: str, chains: list[list[Element]]) -> bool:
        """Return True if a property is on: two styles that both set it cancel each other."""
        if own is not None and (found := own.find(f"{W}{name}")) is not None:
            return is_on(found)
        by_default = self._default_properties
        if by_default is not None and is_on(by_default.find(f"{W}{name}")):
            return True
        set_by = [next(_properties(chain, name), None) for chain in chains]
        return sum(map(is_on, set_by)) % 2 == 1

    def _of_paragraph(self, paragraph: Element) -> Iterator[Element]:
        style = value_of(paragraph.find(f"{W}pPr/{W}pStyle"))
        return self._chain(style or self._defaults.get("paragraph"))

    def _chain(self, style_id: str | None) -> Iterator[Element]:
        """Yield a style and those that it is based on."""
        for _ in range(_LONGEST_CHAIN):
            if style_id not in self._styles:
                return
            style = self._styles[style_id]
            yield style
            style_id = value_of(style.find(f"{W}basedOn"))


def _properties(chain: list[Element], name: str) -> Iterator[Element]:
    """Yield the property of this name of each style that has it."""
    for style in chain:
        yield from style.findall(f"{W}rPr/{W}{name}")


def _text_colour(element: Element | None) -> str:
    """Return the colour of a text as RRGGBB; "" for the usual one."""
    colour = (value_of(element) or "").upper()
    if colour in ("", "AUTO"):
        is_background = value_of(element, "themeColor") in ("background1", "light1")
        return "FFFFFF" if is_background else ""
    return colour


def _fills(ground: Element) -> Iterator[str]:
    """Yield the colours that a style, a paragraph or a run has behind its text, but not white."""
    for mark in ground.iter(f"{W}highlight"):
        yield HIGHLIGHTS.get(value_of(mark) or "", "?")
    for shading in ground.iter(f"{W}shd"):
        fill = (value_of(shading, "fill") or "auto").upper()
        if fill != "AUTO" and not _is_white(fill):
            yield fill


def _is_white(colour: str) -> bool:
    """Return True if a colour cannot be told from white."""
    return re.fullmatch(r"(?:F[0-9A-F]){3}", colour) is not None


def _id_of(style: Element) -> str:
    return value_of(style, "styleId") or ""


def _rank_of_style(style: Element) -> int:
    """Return the rank of a style as a heading, 0 if it is none."""
    name = (value_of(style.find(f"{W}name")) or "").casefold()
    if heading := re.fullmatch(r"heading (\d)", name):
        return int(heading[1])
    return _TITLE_STYLES.get(name, 0) or _outline_rank(style.find(f"{W}pPr/{W}outlineLvl"))


def _outline_rank(element: Element | None) -> int:
    """Return the rank of an outline level, which Word counts from 0; 0 for body text."""
    value = value_of(element) or ""
    return int(value) + 1 if len(value) == 1 and value in "012345678" else 0


def font_of(run: Element) -> str:
    """Return the font of a run if it names one itself, in lower case."""
    fonts = run.find(f"{W}rPr/{W}rFonts")
    names = (value_of(fonts, name) for name in ("ascii", "hAnsi", "cs"))
    return next(filter(None, names), "").casefold()


def has_hidden_end(paragraph: Element) -> bool:
    """Return True if the end of a paragraph is hidden or deleted: the next one goes on with it."""
    mark = paragraph.find(f"{W}pPr/{W}rPr")
    if mark is None:
        return False
    return is_on(mark.find(f"{W}vanish")) or any(local_name(m) == "del" for m in mark)
