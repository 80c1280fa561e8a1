"""The numbers that Word puts before the items of a list, as it counts them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.etree.ElementTree import Element

from xltiltak.importers.symbol_fonts import is_symbol_font, sign_of
from xltiltak.importers.word_parts import W, is_on, value_of
from xltiltak.importers.word_styles import ListLevel, font_of

_LEVELS = 9
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l")),
    *((40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_LARGEST_ROMAN = 3_999
_PLACEHOLDER = re.compile(r"%([1-9])")


class ListNumber(NamedTuple):
    """What stands before an item of a list: a number such as "2.1", or a sign."""

    text: str
    is_bullet: bool = False


@dataclass(frozen=True, slots=True)
class NumberLevel:
    """How one level of a list counts: `text` has %1 for the number of the first level.

    `restart` is the level, counted from 1, that starts it anew: any outer one for None, never for
    0. `style` is the paragraph style that belongs to it.
    """

    start: int = 1
    form: str = "decimal"
    text: str = ""
    restart: int | None = None
    is_legal: bool = False
    is_hidden: bool = False
    font: str = ""
    style: str = ""


@dataclass(frozen=True, slots=True)
class NumberedList:
    """One list: the definition that it shares its numbers with, its levels, and its own starts."""

    definition: str
    levels: Mapping[int, NumberLevel]
    starts: Mapping[int, int]


@dataclass
class Numbering:
    """The lists of a document by id, and how far each definition has counted."""

    lists: Mapping[str, NumberedList]
    counters: dict[str, list[int | None]] = field(default_factory=dict)
    started: set[ListLevel] = field(default_factory=set)

    @classmethod
    def of(cls, root: Element | None) -> Numbering:
        """Return the lists in the part of the lists; None without one."""
        if root is None:
            return cls({})
        definitions = {value_of(d, "abstractNumId"): d for d in root.iter(f"{W}abstractNum")}
        by_style = {value_of(d.find(f"{W}styleLink")): d for d in definitions.values()}
        lists: dict[str, NumberedList] = {}
        for each in root.iter(f"{W}num"):
            name = value_of(each.find(f"{W}abstractNumId"))
            definition = definitions.get(name)
            if definition is None:
                continue
            link = value_of(definition.find(f"{W}numStyleLink"))
            levels = _levels(by_style.get(link, definition) if link else definition)
            lists[value_of(each, "numId") or ""] = _numbered_list(name or "", levels, each)
        return cls(lists)

    def next_number(self, at: ListLevel, style_ids: list[str]) -> ListNumber:
        """Count one more item of a list and return its number; empty for an unknown list."""
        numbered = self.lists.get(at.list_id)
        if numbered is None:
            return ListNumber("")
        levels = numbered.levels.items()
        by_style = [n for n, level in levels if n < _LEVELS and level.style in style_ids]
        depth = by_style[0] if by_style and at.level == 0 else at.level
        level = numbered.levels.get(depth, NumberLevel())
        counted = self.counters.setdefault(numbered.definition, [None] * _LEVELS)
        self._count(counted, numbered, ListLevel(at.list_id, depth), level)
        if level.is_hidden or level.form == "none":
            return ListNumber("")
        if level.form == "bullet":
            return ListNumber(_bullet(level), is_bullet=True)
        return ListNumber(_written(level, numbered, counted))

    def _count(
        self, counted: list[int | None], numbered: NumberedList, at: ListLevel, level: NumberLevel
    ) -> None:
        """Count one item at a level, and start the levels below it anew."""
        before = counted[at.level]
        if at.level in numbered.starts and at not in self.started:
            counted[at.level] = numbered.starts[at.level]
        else:
            counted[at.level] = level.start if before is None else before + 1
        self.started.add(at)
        for deeper in range(at.level + 1, _LEVELS):
            restart = numbered.levels.get(deeper, NumberLevel()).restart
            if restart is None or at.level + 1 <= restart:
                counted[deeper] = None


def _numbered_list(definition: str, levels: dict[int, NumberLevel], each: Element) -> NumberedList:
    """Return a list with the levels of its definition and what it sets itself."""
    starts: dict[int, int] = {}
    for override in each.findall(f"{W}lvlOverride"):
        at = _integer(value_of(override, "ilvl"), 0)
        if (own := override.find(f"{W}lvl")) is not None:
            levels = {**levels, at: _level(own)}
        if (start := override.find(f"{W}startOverride")) is not None:
            starts[at] = _integer(value_of(start), 1)
    return NumberedList(definition, levels, starts)


def _levels(definition: Element) -> dict[int, NumberLevel]:
    found = definition.findall(f"{W}lvl")
    return {_integer(value_of(level, "ilvl"), 0): _level(level) for level in found}


def _level(level: Element) -> NumberLevel:
    """Return how a level counts, from its element."""
    restart = value_of(level.find(f"{W}lvlRestart"))
    return NumberLevel(
        _integer(value_of(level.find(f"{W}start")), 1),
        value_of(level.find(f"{W}numFmt")) or "decimal",
        value_of(level.find(f"{W}lvlText")) or "",
        None if restart is None else _integer(restart, 0),
        is_on(level.find(f"{W}isLgl")),
        is_on(level.find(f"{W}rPr/{W}vanish")),
        font_of(level),
        value_of(level.find(f"{W}pStyle")) or "",
    )


def _written(level: NumberLevel, numbered: NumberedList, counted: list[int | None]) -> str:
    """Return the text of a number, with the numbers of the outer levels that it shows."""

    def number(found: re.Match[str]) -> str:
        depth = int(found[1]) - 1
        shown = numbered.levels.get(depth, NumberLevel())
        value = counted[depth]
        form = "decimal" if level.is_legal else shown.form
        return _FORMS.get(form, str)(shown.start if value is None else value)

    return _PLACEHOLDER.sub(number, level.text)


def _bullet(level: NumberLevel) -> str:
    """Return the sign before the items of a list."""
    if not is_symbol_font(level.font) or len(level.text) != 1:
        return level.text
    return sign_of(level.font, ord(level.text))


def _roman(number: int) -> str:
    """Return a number in Roman figures; those that have none as it is."""
    if not 0 < number <= _LARGEST_ROMAN:
        return str(number)
    text = ""
    for value, figure in _ROMAN:
        count, number = divmod(number, value)
        text += figure * count
    return text


def _letters(number: int) -> str:
    """Return a number as Word letters it: a to z, then aa, bb."""
    if not 0 < number <= _LARGEST_ROMAN:
        return str(number)
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


_FORMS: dict[str, Callable[[int], str]] = {
    "decimalZero": lambda number: f"{number:02}",
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
    "lowerLetter": _letters,
    "upperLetter": lambda number: _letters(number).upper(),
    "ordinal": lambda number: f"{number}.",
}


def _integer(text: str | None, otherwise: int) -> int:
    """Return a text as a number of up to six digits, else another number."""
    is_number = text is not None and text.isdecimal() and len(text) <= 6
    return int(text) if is_number and text else otherwise
