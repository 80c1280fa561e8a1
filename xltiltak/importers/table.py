"""A report from a table with one row a measure, as coordinators keep it, and a head beside it.

Headings are known by the labels and aliases of the template; groups begin where their text changes. Nothing of the
table disappears: a column that is not understood stops the import and is named.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from xltiltak.errors import PlanError
from xltiltak.finding import About, Finding, Place, found
from xltiltak.geometry import Geometry
from xltiltak.importers.head import SourceArea, SourceHead, load_head
from xltiltak.kinds import LONGEST, Value
from xltiltak.marks import area_code
from xltiltak.repair import plain, without_controls, without_markup
from xltiltak.report import Area, Node, Report, Slot
from xltiltak.rules.figures import Printed, printed_figure_differs
from xltiltak.template import Level, Template
from xltiltak.workbook.columns import cell_name

_DAY = re.compile(r"[\s:]*(\d\d?)\.?\s?(\d\d)\.?\s?(\d{4}|\d\d)$")
_DELIMITERS = ";\t,"
_NEAR = 0.6  # how alike a heading must be to be named as what was meant

Opened = tuple[Node, tuple[str, ...]]  # a node, and the texts it was opened by


class Imported(NamedTuple):
    """A report read from a source, and what there is to tell about it."""

    report: Report
    findings: tuple[Finding, ...]


class Source(NamedTuple):
    """Where one field of a level stands in the table; `field` is empty for the name of a closed group."""

    col: int
    field: str = ""
    date: date | None = None


def import_table(table: Path, template: Template, head: Path | None = None) -> Imported:
    """The report of a .csv and of the head beside it. Raises PlanError."""
    rows = list(csv_rows(table))
    said = load_head(head or table.with_suffix(".toml"))
    if not rows[1:]:
        raise PlanError("empty_table", file=table.name)
    reader = _Reader(table.name, template, said, rows[0][1])
    for number, row in rows[1:]:
        reader.take(number, row)
    for area in said.areas:
        reader.ref_of(area.name)
    report = Report(template, said.head(), reader.in_order(), reader.values, reader.answering())
    printed = [Printed(reader.ref_of(p.area), p.area, p.count, p.averages) for p in said.published]
    return Imported(report, (*reader.findings, *printed_figure_differs(report, printed)))


def csv_rows(table: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table that have something in them, each with its number in a spreadsheet. Raises PlanError."""
    try:
        content = table.read_bytes()
    except OSError as error:
        raise PlanError("cannot_read", file=table.name, error=error.strerror) from error
    try:
        text = _decoded(content)
    except UnicodeDecodeError as error:
        raise PlanError("encoding", file=table.name) from error
    rows = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        yield from ((n, row) for n, row in enumerate(rows, 1) if any(cell.strip() for cell in row))
    except csv.Error as error:
        raise PlanError("not_a_table", file=table.name, line=rows.line_num, error=error) from error


def _decoded(content: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with one, else what Windows wrote before: cp1252.

    Raises UnicodeDecodeError for what is none of them.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _delimiter(text: str) -> str:
    """The sign that parts the headings: the one that the first line has most of, outside quotes."""
    first = re.sub(r'"[^"]*"', "", text.lstrip("\r\n").split("\n", 1)[0])
    return max(_DELIMITERS, key=first.count)


class _Reader:
    """Grows the tree row by row; `path` is the node that is open at each level."""

    def __init__(self, file: str, template: Template, said: SourceHead, headings: list[str]) -> None:
        self.file, self.template, self.head = file, template, said.head()
        self.areas = {plain(area.name): area for area in said.areas}
        self.kinds = Geometry(template).kinds
        self.nodes: list[Node] = []
        self.values: dict[Slot, Value] = {}
        self.findings: list[Finding] = []
        self.path: list[Opened] = []
        self.counts: Counter[str] = Counter()
        self.refs: dict[str, str] = {}
        self.opened: dict[str, Opened] = {}
        self.headings = headings
        self.sources = _Headings(file, template, self.head.dates, headings).sources()

    def take(self, number: int, row: Sequence[str]) -> None:
        """One row: the groups it opens, then its measure."""
        if len(row) > len(self.headings) and any(cell.strip() for cell in row[len(self.headings) :]):
            raise PlanError("too_many_cells", file=self.file, row=number, count=len(row), columns=len(self.headings))
        cells = [*row, *[""] * (len(self.headings) - len(row))]
        depth = 0
        for level in self.template.levels:
            said = tuple(cells[s.col] for s in self.sources[level.id])
            if level.optional and not any(text.strip() for text in said):
                continue
            same = tuple(map(plain, said))
            known = depth < len(self.path) and self.path[depth][1] == same and self.path[depth][0].level == level.id
            if level is self.template.sent and not known:
                self.path = [self._area(level, said, same, number)]
            elif level is self.template.leaf or not known:
                self.path[depth:] = [(self._node(level, depth, said, number), same)]
            depth += 1

    def answering(self) -> dict[str, Area]:
        """Who answers for each area, and the highest number its refs have."""
        known: dict[str, Area] = {}
        for name, ref in self.refs.items():
            area = self.areas.get(name, SourceArea("")).answering()
            known[ref] = replace(area, highest=self.counts[ref])
        if not self.template.sent:
            known[self.head.code] = Area(highest=self.counts[self.head.code])
        return known

    def ref_of(self, name: str) -> str:
        """The ref of an area by its name; the whole report's where there are no areas. Raises PlanError."""
        if not self.template.sent:
            return self.head.code
        if plain(name) not in self.refs:
            there = ", ".join(str(self.values.get(Slot(ref, "name"), ref)) for ref in self.refs.values())
            raise PlanError("no_such_area", file=self.file, name=name, there=there)
        return self.refs[plain(name)]

    def in_order(self) -> tuple[Node, ...]:
        """The nodes, area after area, also where the table goes back to one."""
        if not self.template.sent:
            return tuple(self.nodes)
        order = {ref: n for n, ref in enumerate(self.refs.values())}
        areas: dict[str, str] = {}
        for node in self.nodes:
            areas[node.ref] = areas[node.parent] if node.parent else node.ref
        return tuple(sorted(self.nodes, key=lambda node: order[areas[node.ref]]))

    def _area(self, level: Level, said: tuple[str, ...], same: tuple[str, ...], number: int) -> Opened:
        """The area of a row, opened anew where an earlier row has it. Raises PlanError."""
        name = same[0] if same else ""
        if not name:
            raise PlanError("no_area_name", file=self.file, row=number, label=level.label)
        if name not in self.opened:
            self.opened[name] = (self._node(level, 0, said, number), same)
        if self.opened[name][1] != same:
            raise PlanError("area_twice", file=self.file, row=number, name=said[0])
        return self.opened[name]

    def _node(self, level: Level, depth: int, said: tuple[str, ...], number: int) -> Node:
        parent = self.path[depth - 1][0].ref if depth else None
        node = Node(self._ref(level, depth, said), level.id, parent, self._group(level, said, number))
        self.nodes.append(node)
        for source, text in zip(self.sources[level.id], said, strict=True):
            if source.field:
                self._set(node, source, text, number)
        return node

    def _group(self, level: Level, said: tuple[str, ...], number: int) -> str | None:
        if not level.groups:
            return None
        found_ = next((g.id for g in level.groups if plain(said[0]) in map(plain, (g.label, *g.aliases))), None)
        if found_ is None:
            there = ", ".join(g.label for g in level.groups)
            raise PlanError("no_group", file=self.file, row=number, name=said[0], label=level.label, there=there)
        return found_

    def _ref(self, level: Level, depth: int, said: tuple[str, ...]) -> str:
        if level is self.template.sent:
            name = plain(said[0]) if said else ""
            known = self.areas.get(name)
            code = known.code if known and known.code else area_code(said[0] if said else "", self.refs.values())
            self.refs[name] = code
            return code
        area = self.path[0][0].ref if depth else self.head.code
        self.counts[area] += 1
        return f"{area}-{self.counts[area]:03}"

    def _set(self, node: Node, source: Source, text: str, number: int) -> None:
        """A cell of the table; a text that cannot be the field's value is refused with its place."""
        slot = Slot(node.ref, source.field, source.date)
        kind, place = self.kinds[node.level, slot.field], Place(self.file, "", cell_name(number, source.col + 1))
        if len(text) > LONGEST:
            raise PlanError("too_long", file=self.file, cell=place.cell, length=len(text))
        clean = without_markup(without_controls(text))
        reading = kind.parse([clean])
        if reading.outcome == "invalid":
            label = self.headings[source.col]
            raise PlanError("cannot_be", file=self.file, cell=place.cell, label=label, value=text)
        if reading.value is not None:
            self.values[slot] = reading.value
        shown = "" if reading.value is None else kind.text(reading.value, self.head.language)
        about = About("", *slot, self._called(node))
        self.findings += _told(place, about, text, clean, (shown, "" if reading.value is None else str(reading.value)))

    def _called(self, node: Node) -> str:
        number = self.values.get(Slot(node.ref, "no"), node.ref)
        return f"{self.template.level(node.level).label} {number}"


def _told(place: Place, about: About, text: str, clean: str, shown: tuple[str, str]) -> Iterator[Finding]:
    """What was taken away from a cell, and what was read otherwise than it stands."""
    if without_markup(text) != text:
        yield found("V108", place, about, value=text)
    if lost := [sign for sign in text if not without_controls(sign)]:
        codes = ", ".join(sorted({f"U+{ord(sign):04X}" for sign in lost}))
        yield found("V110", place, about, count=len(lost), value=codes)
    if clean.strip() and "\n" not in shown[0] and clean.strip() not in map(str.strip, shown):
        yield found("V107", place, about, before=text, after=shown[0])


class _Headings:
    """Which column holds which field, by label and alias; what is left over or lacking is named."""

    def __init__(self, file: str, template: Template, dates: Sequence[date], headings: list[str]) -> None:
        self.file, self.template, self.dates, self.headings = file, template, dates, headings

    def sources(self) -> dict[str, list[Source]]:
        """For each level, its columns. Raises PlanError with every unknown and missing column."""
        found_ = {level.id: list(self._of(level)) for level in self.template.levels}
        used = {source.col for sources in found_.values() for source in sources}
        unknown = [h for col, h in enumerate(self.headings) if col not in used and h.strip()]
        missing = list(self._missing(found_))
        if twice := list(self._twice(found_)):
            raise PlanError("column_twice", file=self.file, columns=", ".join(twice))
        if unknown or missing:
            named = [f"«{heading}»{self._near(heading, self._known())}" for heading in unknown]
            lacking = [f"«{label}»{self._near(label, unknown)}" for label in missing]
            unknown_, missing_ = ", ".join(named) or "–", ", ".join(lacking) or "–"
            raise PlanError("columns", file=self.file, unknown=unknown_, missing=missing_)
        return found_

    def _twice(self, found_: Mapping[str, list[Source]]) -> Iterator[str]:
        """The headings of columns that hold the same field."""
        for sources in found_.values():
            held = Counter((source.field, source.date) for source in sources)
            yield from (f"«{self.headings[s.col]}»" for s in sources if held[s.field, s.date] > 1)

    def _of(self, level: Level) -> Iterator[Source]:
        plain_headings = [plain(h) for h in self.headings]
        if level.groups:
            yield from (Source(col) for col, h in enumerate(plain_headings) if h == plain(level.label))
        for field in self.template.fields_of(level.id):
            names = {plain(n) for n in (field.titled(), *field.aliases)}
            for col, heading in enumerate(plain_headings):
                if not field.per_checkpoint and heading in names:
                    yield Source(col, field.id)
                elif field.per_checkpoint and (day := self._day(heading, names)):
                    yield Source(col, field.id, day)

    def _day(self, heading: str, names: set[str]) -> date | None:
        """The reporting date of a heading such as "Status 30.04.2020" or "Status 300420"."""
        match = _DAY.search(heading)
        if match is None or heading[: match.start()].strip() not in names:
            return None
        year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
        try:
            day = date(year, int(match[2]), int(match[1]))
        except ValueError:
            return None
        return day if day in self.dates else None

    def _missing(self, found_: Mapping[str, list[Source]]) -> Iterator[str]:
        """The labels of fields that no report can be without, and of closed groups."""
        for level in self.template.levels:
            if level.optional and not found_[level.id]:
                continue
            fields = {source.field for source in found_[level.id]}
            if level.groups and not found_[level.id]:
                yield level.label
            for field in self.template.fields_of(level.id):
                if field.key and field.id not in fields:
                    yield field.titled()

    def _known(self) -> list[str]:
        fields = [f for f in self.template.fields if not f.per_checkpoint]
        dated = (f.label.format(date=day) for f in self.template.fields if f.per_checkpoint for day in self.dates)
        return [*(name for f in fields for name in (f.label, *f.aliases)), *dated]

    @staticmethod
    def _near(name: str, known: Sequence[str]) -> str:
        close = get_close_matches(name, known, 1, _NEAR)
        return f" (≈ «{close[0]}»)" if close else ""
