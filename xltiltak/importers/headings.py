"""The headings above a table or card: which area, group or goal what follows belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from xltiltak.importers.labels import FieldColumn, Labels, group_of
from xltiltak.importers.source_lines import SourceCell, SourceLine
from xltiltak.model.normalize import normalize
from xltiltak.model.template import Level

Cells = dict[FieldColumn, SourceCell]


@dataclass
class HeadingStack:
    """What the headings so far say, level by level. `names` are the areas that the head lists."""

    labels: Labels
    names: frozenset[str]
    said: dict[str, Cells] = field(default_factory=dict)

    def cells(self) -> Cells:
        """All of it, for the next record."""
        return {spot: cell for cells in self.said.values() for spot, cell in cells.items()}

    def open(self, level: Level, cells: Cells) -> None:
        """A heading was met: what stood below an earlier one of its level no longer holds."""
        kept: dict[str, Cells] = {}
        for known in self.labels.template.levels:
            if known is level:
                break
            kept |= {known.id: self.said[known.id]} if known.id in self.said else {}
        self.said = {**kept, level.id: cells}

    def area(self, cell: SourceCell) -> None:
        """The area by a text that is its name and nothing else."""
        if level := self.labels.template.area_level:
            self.open(level, {FieldColumn(level.id, "name"): cell})

    def read(self, line: SourceLine) -> tuple[Level, Cells] | None:
        """The level that a line is a heading of, with what it says; the measure's too. None for any other line."""
        cell = line.alone
        if cell is None or not cell.text:
            return None
        for level in self.labels.template.levels:
            if group_of(level, cell.text):
                return level, {FieldColumn(level.id): cell}
            if (value := self._value(level, cell.text)) is not None:
                name, text = value
                return level, {FieldColumn(level.id, name): cell._replace(raw=text)}
        sent = self.labels.template.area_level
        if sent and normalize(cell.text) in self.names:
            return sent, {FieldColumn(sent.id, "name"): cell}
        return None

    def any_in(self, lines: Iterable[SourceLine]) -> bool:
        """Does a heading among these lines say in so many words which area it is of?"""
        sent = self.labels.template.area_level
        return any(found[0] is sent for found in map(self.read, lines) if found)

    def _value(self, level: Level, text: str) -> tuple[str, str] | None:
        """The field that a heading shows, and what it shows; only where the heading has words of its own."""
        for pattern, name in self._patterns.get(level.id, ()):
            if found := pattern.fullmatch(text):
                return name, found["value"].strip()
        return None

    @cached_property
    def _patterns(self) -> dict[str, list[tuple[re.Pattern[str], str]]]:
        template = self.labels.template
        named_ = {level.id for level in template.levels[:-1] if template.field_of(level.id, "name")}
        return {
            level.id: list(_patterns(level, labelled=level.id in named_))
            for level in template.levels
        }


def _patterns(level: Level, *, labelled: bool) -> Iterator[tuple[re.Pattern[str], str]]:
    """The ways a heading of a level is written: as the template says, or its label, a colon and the name."""
    shown = re.search(r"\{(\w+)\}", level.heading)
    if shown and level.heading.replace(shown[0], "").strip(" :."):
        before, after = (re.escape(part.strip()) for part in level.heading.split(shown[0]))
        value = r"\d+" if shown[1] == "no" else ".+"
        yield re.compile(rf"(?is){before}\s+(?P<value>{value}?)\s*{after}"), shown[1]
    if labelled:
        yield re.compile(rf"(?is){re.escape(level.label)}\s*:\s*(?P<value>.+)"), "name"


def bare(level: Level | None) -> bool:
    """Is a heading of this level its name and nothing else?"""
    return level is not None and not re.sub(r"\{\w+\}", "", level.heading).strip(" :.")
