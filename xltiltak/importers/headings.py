"""The headings above a table or card: which area, group or goal the records below belong to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from xltiltak.importers.labels import FieldColumn, Labels, RecordCells, find_group
from xltiltak.importers.source_lines import SourceCell, SourceLine
from xltiltak.model.normalize import normalize
from xltiltak.model.template import Level


@dataclass
class HeadingStack:
    """The headings that are open at a line, by level.

    `area_names` are the normalized names of the areas in the report details. `default_area` names
    the area of records that no heading and no column gives an area: that of the sheet, or the only
    area of the report details; None if there is neither.
    """

    labels: Labels
    area_names: frozenset[str]
    default_area: SourceCell | None = None
    open_headings: dict[str, RecordCells] = field(default_factory=dict)

    def start_page(self, default_area: SourceCell | None) -> None:
        """Close all headings; headings do not reach over the end of a page."""
        self.open_headings = {}
        self.default_area = default_area

    def cells(self) -> RecordCells:
        """Return the cells of all open headings."""
        return {
            column: cell for cells in self.open_headings.values() for column, cell in cells.items()
        }

    def open(self, level: Level, cells: RecordCells) -> None:
        """Open a heading of a level and close the earlier ones of this and of inner levels."""
        levels = self.labels.template.levels
        outer = [outer.id for outer in levels[: levels.index(level)]]
        kept = {name: cells for name, cells in self.open_headings.items() if name in outer}
        self.open_headings = {**kept, level.id: cells}

    def open_area(self, cell: SourceCell) -> None:
        """Open an area by a cell that holds its name and nothing else."""
        if level := self.labels.template.area_level:
            self.open(level, {FieldColumn(level.id, "name"): cell})

    def add_details(self, level: Level, cells: RecordCells) -> None:
        """Add labelled texts to the open heading of a level.

        If both have a field that identifies a group, the texts open another heading.
        """
        opened = self.open_headings.get(level.id, {})
        fields = self.labels.template.fields_of(level.id)
        keys = {FieldColumn(level.id, each.id) for each in fields if each.key}
        is_other = not keys.isdisjoint(cells) and not keys.isdisjoint(opened)
        self.open(level, cells if is_other else {**opened, **cells})

    def with_area(self, record: RecordCells) -> RecordCells:
        """Return a record with the default area, unless it names an area itself."""
        level = self.labels.template.area_level
        if level is None or self.default_area is None:
            return record
        column = FieldColumn(level.id, "name")
        if column in record and record[column].text:
            return record
        return {**record, column: self.default_area}

    def area_name(self, row: RecordCells | None = None) -> str:
        """Return the name of the area that a row is in, or that is open; empty if there is none."""
        level = self.labels.template.area_level
        if level is None:
            return ""
        filled = {column: cell for column, cell in (row or {}).items() if cell.text}
        cells = self.with_area({**self.cells(), **filled})
        cell = cells.get(FieldColumn(level.id, "name"))
        return cell.text if cell else ""

    def read(self, line: SourceLine) -> tuple[Level, RecordCells] | None:
        """Return the level that a line is a heading of, with its cells; None for other lines.

        The title of a card is a heading of the measure's level. A line is a heading if it names a
        closed group, if it is written as the template writes a heading, or if it is the name of an
        area in the report details.
        """
        cell = line.only_cell
        if cell is None or not cell.text:
            return None
        for level in self.labels.template.levels:
            if find_group(level, cell.text):
                return level, {FieldColumn(level.id): cell}
            for pattern, field_id in self._patterns.get(level.id, ()):
                if found := pattern.fullmatch(cell.text):
                    value = replace(cell, raw=found["value"].strip())
                    return level, {FieldColumn(level.id, field_id): value}
        area_level = self.labels.template.area_level
        if area_level and normalize(cell.text) in self.area_names:
            return area_level, {FieldColumn(area_level.id, "name"): cell}
        return None

    def any_names_area(self, lines: Iterable[SourceLine]) -> bool:
        """Return True if one of these lines is a heading of an area."""
        area_level = self.labels.template.area_level
        return any(found[0] is area_level for line in lines if (found := self.read(line)))

    @cached_property
    def _patterns(self) -> dict[str, list[tuple[re.Pattern[str], str]]]:
        """Return for each level the patterns of its headings, each with the field it shows."""
        template = self.labels.template
        return {
            level.id: list(
                _heading_patterns(
                    level,
                    has_name=level is not template.leaf
                    and template.field_of(level.id, "name") is not None,
                )
            )
            for level in template.levels
        }


def _heading_patterns(level: Level, *, has_name: bool) -> Iterator[tuple[re.Pattern[str], str]]:
    """Yield the ways to write a heading of a level, each with the field that it shows.

    A heading is written as in the template, if that has words besides the field, or as the level's
    label, a colon and the name, if the level has a name.
    """
    shown = re.search(r"\{(\w+)\}", level.heading)
    if shown and not is_bare_heading(level):
        before, after = (re.escape(part.strip()) for part in level.heading.split(shown[0]))
        value = r"\d+" if shown[1] == "no" else ".+"
        yield re.compile(rf"(?is){before}\s+(?P<value>{value}?)\s*{after}"), shown[1]
    if has_name:
        yield re.compile(rf"(?is){re.escape(level.label)}\s*:\s*(?P<value>.+)"), "name"


def is_bare_heading(level: Level) -> bool:
    """Return True if headings of a level are a field's value without further words."""
    return not re.sub(r"\{\w+\}", "", level.heading).strip(" :.")
