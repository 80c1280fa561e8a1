"""Records to a report: each row or card of a source opens the groups it names, then its measure.

A `strict` source is a table that somebody keeps for this: what does not fit stops the import. Of any other source
what does not fit is told, and the rest is taken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from xltiltak.importers.details_file import SourceArea, SourceHead
from xltiltak.importers.labels import FieldColumn, group_of
from xltiltak.importers.source_lines import SourceCell
from xltiltak.importers.summary_lines import SummaryLine, together
from xltiltak.importers.table_header import TableReading
from xltiltak.layout.geometry import Geometry
from xltiltak.merging.printed_figures import PrintedFigures, printed_figure_differs
from xltiltak.model.errors import PlanError
from xltiltak.model.field_types import MAX_CELL_LENGTH, FieldType, Value
from xltiltak.model.finding import About, Finding, Place
from xltiltak.model.normalize import (
    CellValue,
    ErrorValue,
    display,
    is_blank,
    normalize,
    strip_control_characters,
    strip_markup,
)
from xltiltak.model.report import Area, Head, Node, Report, Slot
from xltiltak.model.row_keys import area_code
from xltiltak.model.summary import TOTAL
from xltiltak.model.template import Level, Template

_BULLET = re.compile(
    r"(?m)^[ \t]*[•▪●◦‣\uf0b7\uf0a7][ \t]+"
)  # the sign before an item, as Word and PDF give it

Opened = tuple[Node, tuple[str, ...]]  # a node, and the texts it was opened by
Record = Mapping[
    FieldColumn, SourceCell
]  # what one row or card says, with what the headings above it say


@dataclass
class ReportBuilder:
    """Grows the tree record by record; `path` is the node that is open at each level."""

    file: str
    template: Template
    said: SourceHead
    head: Head
    strict: bool = False
    nodes: list[Node] = field(default_factory=list)
    values: dict[Slot, Value] = field(default_factory=dict)
    places: dict[Slot, Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    path: list[Opened] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    refs: dict[str, str] = field(default_factory=dict)
    opened: dict[str, Opened] = field(default_factory=dict)
    intros: dict[str, list[str]] = field(default_factory=dict)
    labels: dict[FieldColumn, str] = field(default_factory=dict)  # how the source calls its columns

    def __post_init__(self) -> None:
        self.areas = {normalize(area.name): area for area in self.said.areas}
        self.kinds = Geometry(self.template).field_types
        spots = {
            level.id: [f.id for f in self.template.fields_of(level.id)]
            for level in self.template.levels
        }
        self._order = {
            (level, name): n
            for level, names in spots.items()
            for n, name in enumerate(["", *names])
        }

    def take(self, record: Record) -> None:
        """One row or card: the groups it opens, then its measure. Raises PlanError where the source is strict."""
        depth = 0
        for level in self.template.levels:
            spots = sorted((s for s in record if s.level == level.id), key=self._rank)
            said = tuple(record[spot].text for spot in spots)
            if level.optional and not any(said):
                continue
            same = tuple(map(normalize, said))
            known = (
                depth < len(self.path)
                and self.path[depth][1] == same
                and self.path[depth][0].level == level.id
            )
            if level is self.template.area_level and not known:
                self.path = [self._area(level, spots, same, record)]
            elif level is self.template.leaf or not known:
                self.path[depth:] = [(self._node(level, depth, spots, record), same)]
            depth += 1

    def report(self, dates: tuple[date, ...]) -> Report:
        """All that has been taken, and the areas that the head knows besides."""
        for area in self.said.areas:
            if self.strict or not self.template.area_level or normalize(area.name) in self.refs:
                self.ref_of(area.name)
            else:
                told = {"value": area.name, "there": ", ".join(self._area_names())}
                self.findings.append(Finding.create("I111", Place(self.file), **told))
        return Report(
            self.template,
            replace(self.head, dates=dates),
            self._in_order(),
            self.values,
            self._answering(),
        )

    def ref_of(self, name: str) -> str:
        """The ref of an area by its name; the whole report's where there are no areas. Raises PlanError."""
        if not self.template.area_level:
            return self.head.code
        if normalize(name) not in self.refs:
            raise PlanError(
                "no_such_area", file=self.file, name=name, there=", ".join(self._area_names())
            )
        return self.refs[normalize(name)]

    def _area_names(self) -> list[str]:
        return [str(self.values.get(Slot(ref, "name"), ref)) for ref in self.refs.values()]

    def _rank(self, spot: FieldColumn) -> tuple[int, date]:
        return self._order[spot.level, spot.field], spot.date or date.min

    def _answering(self) -> dict[str, Area]:
        """Who answers for each area, and the highest number its refs have."""
        known: dict[str, Area] = {}
        for name, ref in self.refs.items():
            area = self.areas.get(name, SourceArea("")).answering()
            intro = area.intro or "\n\n".join(self.intros.get(name, ()))
            known[ref] = replace(area, intro=intro, highest=self.counts[ref])
        if not self.template.area_level:
            known[self.head.code] = Area(highest=self.counts[self.head.code])
        return known

    def _in_order(self) -> tuple[Node, ...]:
        """The nodes, area after area, also where the source goes back to one."""
        if not self.template.area_level:
            return tuple(self.nodes)
        order = {ref: n for n, ref in enumerate(self.refs.values())}
        areas: dict[str, str] = {}
        for node in self.nodes:
            areas[node.ref] = areas[node.parent] if node.parent else node.ref
        return tuple(sorted(self.nodes, key=lambda node: order[areas[node.ref]]))

    def _area(
        self, level: Level, spots: list[FieldColumn], same: tuple[str, ...], record: Record
    ) -> Opened:
        """The area of a record, opened anew where an earlier one has it. Raises PlanError."""
        name = same[0] if same else ""
        if not name:
            raise PlanError("no_area_name", file=self.file, row=_row(record), label=level.label)
        if name not in self.opened:
            self.opened[name] = (self._node(level, 0, spots, record), same)
        if self.opened[name][1] != same:
            raise PlanError(
                "area_twice", file=self.file, row=_row(record), name=record[spots[0]].text
            )
        return self.opened[name]

    def _node(self, level: Level, depth: int, spots: list[FieldColumn], record: Record) -> Node:
        said = record[spots[0]] if spots else SourceCell(None, Place())
        parent = self.path[depth - 1][0].ref if depth else None
        node = Node(
            self._ref(level, depth, said.text), level.id, parent, self._group(level, said, record)
        )
        self.nodes.append(node)
        for spot in spots:
            if spot.field:
                self._set(node, spot, record[spot])
        return node

    def _group(self, level: Level, said: SourceCell, record: Record) -> str | None:
        if not level.groups:
            return None
        group = group_of(level, said.text)
        if group is None:
            there = ", ".join(g.label for g in level.groups)
            named = {"name": said.text, "label": level.label, "there": there}
            raise PlanError("no_group", file=self.file, row=_row(record), **named)
        return group

    def _ref(self, level: Level, depth: int, name: str) -> str:
        if level is self.template.area_level:
            known = self.areas.get(normalize(name))
            code = known.code if known and known.code else area_code(name, self.refs.values())
            self.refs[normalize(name)] = code
            return code
        area = self.path[0][0].ref if depth else self.head.code
        self.counts[area] += 1
        return f"{area}-{self.counts[area]:03}"

    def _set(self, node: Node, spot: FieldColumn, cell: SourceCell) -> None:
        """A cell of the source; what cannot be the field's value is refused with its place."""
        slot, kind = Slot(node.ref, spot.field, spot.date), self.kinds[node.level, spot.field]
        raw = cell.raw
        if isinstance(raw, str) and not isinstance(raw, ErrorValue):
            if len(raw) > MAX_CELL_LENGTH:
                where = " ".join(part for part in (cell.place.sheet, cell.place.cell) if part)
                raise PlanError("too_long", file=self.file, cell=where, length=len(raw))
            raw = strip_markup(strip_control_characters(raw))
            raw = _BULLET.sub("", raw) if kind.bullet and not self.strict else raw
        reading = kind.parse([raw])
        if reading.outcome == "invalid":
            self._refuse(node, spot, cell, kind)
        if reading.value is not None:
            self.values[slot], self.places[slot] = reading.value, cell.place
        after = "" if reading.value is None else kind.display(reading.value, self.head.language)
        alike = ("" if reading.value is None else str(reading.value), after)
        about = About("", *slot, self._called(node))
        self.findings += _told(cell, about, raw, alike) if reading.outcome != "invalid" else ()

    def _refuse(self, node: Node, spot: FieldColumn, cell: SourceCell, kind: FieldType) -> None:
        """A value that can be none of its field. Raises PlanError where the source is strict."""
        label = self.labels.get(spot, spot.field)
        if self.strict:
            raise PlanError(
                "cannot_be", file=self.file, cell=cell.place.cell, label=label, value=cell.text
            )
        about = About("", node.ref, spot.field, spot.date, f"{self._called(node)} · {label}")
        allowed = ", ".join(
            str(s.value if isinstance(s.value, int) else s.label) for s in kind.steps
        )
        if kind.steps and isinstance(cell.raw, date):
            typed = f"{cell.raw.day}-{cell.raw.month}"
            self.findings.append(
                Finding.create(
                    "V105", cell.place, about, value=cell.text, allowed=allowed, typed=typed
                )
            )
            return
        code = "V106" if isinstance(cell.raw, ErrorValue) else kind.error_code
        self.findings.append(
            Finding.create(code, cell.place, about, value=cell.text, allowed=allowed)
        )

    def _called(self, node: Node) -> str:
        number = self.values.get(Slot(node.ref, "no"), node.ref)
        called = f"{self.template.level(node.level).label} {number}"
        if self.strict or not self.template.area_level or node.level == self.template.area_level.id:
            return called
        area = self.path[0][0].ref
        return f"{self.values.get(Slot(area, 'name'), area)} · {called}"


def _row(record: Record) -> str:
    """The row of a record, as its places have it."""
    cell = next((cell.place.cell for cell in record.values()), "")
    return cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def _told(
    cell: SourceCell, about: About, clean: CellValue, alike: tuple[str, str]
) -> Iterator[Finding]:
    """What was taken away from a cell, and what was read otherwise than it stands."""
    text = cell.raw
    if isinstance(text, str):
        if strip_markup(text) != text:
            yield Finding.create("V108", cell.place, about, value=text)
        if lost := [sign for sign in text if not strip_control_characters(sign)]:
            codes = ", ".join(sorted({f"U+{ord(sign):04X}" for sign in lost}))
            yield Finding.create("V110", cell.place, about, count=len(lost), value=codes)
    said = "" if is_blank(clean) else display(clean).strip()
    if said and "\n" not in alike[1] and said not in map(str.strip, alike):
        yield Finding.create("V107", cell.place, about, before=display(text), after=alike[1])


class ImportResult(NamedTuple):
    """A report read from a source, and what there is to tell about it.

    `tables` say how its tables were understood, `places` where each value stands.
    """

    report: Report
    findings: tuple[Finding, ...]
    tables: tuple[TableReading, ...] = ()
    places: Mapping[Slot, Place] = {}


def concluded(
    grower: ReportBuilder,
    dates: tuple[date, ...],
    findings: Sequence[Finding] = (),
    tables: tuple[TableReading, ...] = (),
    figures: Mapping[str, Sequence[SummaryLine]] | None = None,
) -> ImportResult:
    """The report of all that has been taken, its printed figures held against its rows. Raises PlanError."""
    report = grower.report(dates)
    lines_of = {
        area: lines
        for area, lines in (figures or {}).items()
        if not area or normalize(area) in grower.refs
    }
    in_source = [
        together(grower.ref_of(area) if area else TOTAL, area, lines, dates)
        for area, lines in lines_of.items()
    ]
    in_head = [
        PrintedFigures(grower.ref_of(p.area), p.area, p.count, p.averages)
        for p in grower.said.published
    ]
    told = printed_figure_differs(report, _once([*in_source, *in_head]))
    return ImportResult(report, (*findings, *grower.findings, *told), tables, grower.places)


def _once(printed: Iterable[PrintedFigures]) -> list[PrintedFigures]:
    """Figures that both the source and its head give are held against the rows once."""
    return list({(p.ref, p.count, p.means): p for p in reversed(list(printed))}.values())[::-1]
