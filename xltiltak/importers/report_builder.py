"""From records to a report: each record opens the groups that it names, then adds its measure.

A value that does not fit its field is reported, and the rest is imported.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from xltiltak.importers.details_file import SourceArea, SourceDetails
from xltiltak.importers.labels import CONTACT, FieldColumn, RecordCells, find_group
from xltiltak.importers.source_lines import SourceCell
from xltiltak.importers.table_parts import SummaryLine, TableReading, combine_summaries
from xltiltak.layout.geometry import Geometry
from xltiltak.merging.consistency_rules import PrintedFigures, printed_figure_differs
from xltiltak.merging.registry import rule
from xltiltak.model.cell_values import ErrorValue
from xltiltak.model.errors import PlanError
from xltiltak.model.field_types import FieldType, Reading, Value
from xltiltak.model.finding import About, Finding, Place
from xltiltak.model.normalize import normalize, strip_markup
from xltiltak.model.readings import read, refusal, repair, severity_of_repair
from xltiltak.model.report import Area, Head, Node, Report, Slot
from xltiltak.model.row_keys import area_code
from xltiltak.model.summary import TOTAL, measure_nodes
from xltiltak.model.template import Level, Step, Template
from xltiltak.model.typed_text import strip_control_characters
from xltiltak.xlsx.excel_limits import CELL_TEXT, length_in_excel

# The sign before an item of a list, as Word and PDF give it.
_BULLET = re.compile(r"(?m)^[ \t]*[•▪●◦‣\uf0b7\uf0a7][ \t]+")
_COLUMN_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class ImportResult:
    """A report that was read from a source, with the findings about it.

    `tables` are the tables as they were understood. `places` has the place of each value.
    """

    report: Report
    findings: tuple[Finding, ...]
    tables: tuple[TableReading, ...] = ()
    places: Mapping[Slot, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenNode:
    """A node that records can still be added to, and the normalized texts that opened it."""

    node: Node
    key: tuple[str, ...]

    def repeats(self, key: tuple[str, ...]) -> bool:
        """Return True if these texts are those of this node, or some of them and blanks."""
        if self.key == key:
            return True
        pairs = list(zip(self.key, key, strict=False))
        some = any(text for _, text in pairs) and all(text in ("", own) for own, text in pairs)
        return len(self.key) == len(key) and some


@dataclass
class ReportBuilder:
    """Builds the tree of a report record by record.

    `file` is the source's name. `path` are the nodes of the last record, from the outermost level
    to the measure. `counts` has the number of nodes of each area. `refs` has the ref of each area
    by its normalized name, in order of first appearance; `areas` and `introductions` have the same
    keys. `source_labels` are the labels that the source gives its columns. `contacts` has the cells
    of leaders and addresses by the normalized name of the area ("" without areas) and the key of
    `Area`, each text once.
    """

    file: str
    template: Template
    details: SourceDetails
    head: Head
    nodes: list[Node] = field(default_factory=list)
    values: dict[Slot, Value] = field(default_factory=dict)
    places: dict[Slot, Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    path: list[OpenNode] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    refs: dict[str, str] = field(default_factory=dict)
    areas: dict[str, OpenNode] = field(default_factory=dict)
    introductions: dict[str, list[str]] = field(default_factory=dict)
    source_labels: dict[FieldColumn, str] = field(default_factory=dict)
    contacts: dict[tuple[str, str], dict[str, SourceCell]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._area_details = {normalize(area.name): area for area in self.details.areas}
        self._field_types = Geometry(self.template).field_types

    def add(self, record: RecordCells) -> None:
        """Add a record: the groups that are not open yet, then the measure.

        Raises PlanError for a record without area or with an unknown group.
        """
        open_nodes, self.path = self.path, []
        for level in self.template.levels:
            columns = self._columns_of(level, record)
            texts = [record[column].text for column in columns]
            if level.optional and not any(texts):
                continue
            key = tuple(map(normalize, texts))
            node = open_nodes.pop(0) if open_nodes else None
            is_open = node is not None and node.node.level == level.id and node.repeats(key)
            if node is None or not is_open or level is self.template.leaf:
                open_nodes.clear()
                if level is self.template.area_level:
                    node = self._area(level, columns, key, record)
                else:
                    node = OpenNode(self._new_node(level, columns, record), key)
            self.path.append(node)
        self._report_empty(record)
        area = self.template.area_level
        name = record[self._columns_of(area, record)[0]] if area else None
        self.add_contacts(name, record)

    def _report_empty(self, record: RecordCells) -> None:
        """Report a required field from the plan that a measure has no text for (I121)."""
        leaf = self.template.leaf.id
        texts = {column.field: cell.text for column, cell in record.items() if column.level == leaf}
        for each in self.template.fields_of(leaf):
            if each.required and each.role == "given" and not texts.get(each.id):
                own = [cell for column, cell in record.items() if column.level == leaf]
                place = next((cell.place for cell in own if cell.text), Place(self.file))
                value = " · ".join(cell.text for cell in own if cell.text)
                about = About("", *Slot(self.path[-1].node.ref, each.id, None), "")
                finding = Finding.create("I121", place, about, label=each.label_for(), value=value)
                self.findings.append(finding)

    def add_contacts(self, area: SourceCell | None, record: RecordCells) -> None:
        """Add the leaders and addresses of a record to an area, by the cell with its name."""
        name = normalize(area.text) if area else ""
        for column, cell in record.items():
            if column.level == CONTACT and cell.text:
                cells = self.contacts.setdefault((name, column.field), {})
                cells.setdefault(normalize(cell.text), cell)

    def add_introduction(self, area: str, text: str) -> None:
        """Add a paragraph to the introduction of an area, given by its normalized name."""
        self.introductions.setdefault(area, []).append(text)

    def details_of(self, area: str) -> SourceArea:
        """Return the details of an area, by its normalized name; empty ones if none are given."""
        return self._area_details.get(area, SourceArea(""))

    def report(self, dates: tuple[date, ...]) -> Report:
        """Return the report of all records. `dates` are its reporting dates.

        An area of the report details that the source lacks is reported (I111).
        """
        for area in self.details.areas:
            if self.template.area_level and normalize(area.name) not in self.refs:
                values = {"value": area.name, "there": ", ".join(self._area_names())}
                self.findings.append(Finding.create("I111", Place(self.file), **values))
        head = replace(self.head, dates=dates)
        report = Report(self.template, head, self._sorted_nodes(), self.values, self._areas())
        self.findings += self._derived_values_differ(report)
        self.findings += self._repeated_measures(report)
        return report

    @rule("L106")
    def _derived_values_differ(self, report: Report) -> Iterator[Finding]:
        """Yield the values that the source has of derived fields, where they say something else."""
        for slot, value in self.values.items():
            held = report.values.get(slot)
            if value != held and report.is_derived(slot):
                kind = self._field_types[report.by_ref[slot.ref].level, slot.field]
                shown, computed = (
                    "–" if one is None else kind.display(one, self.head.language)
                    for one in (value, held)
                )
                about = About("", *slot, report.describe_in_area(slot))
                place = self.places.get(slot, Place(self.file))
                yield Finding.create("L106", place, about, value=shown, held=computed)

    @rule("I122")
    def _repeated_measures(self, report: Report) -> Iterator[Finding]:
        """Yield I122 for measures that have all texts of the plan in common, once for a sheet."""
        fields = report.template.fields_of(report.template.leaf.id)
        keys = [f.id for f in fields if f.role == "given" and not f.per_checkpoint]
        first: dict[object, Place] = {}
        repeated: dict[str, list[tuple[Place, Place, str]]] = {}
        for node in measure_nodes(report):
            slots = [slot for key in keys if (slot := Slot(node.ref, key)) in self.values]
            texts = [str(self.values[slot]) for slot in slots]
            place = self.places[slots[0]] if slots else Place(self.file)
            earlier = first.setdefault((node.parent, *map(normalize, texts)), place)
            if texts and earlier is not place:
                found = (earlier, place, report.describe_node(node.ref))
                repeated.setdefault(place.sheet, []).append(found)
        for rows in repeated.values():
            earlier, place, _ = rows[0]
            where = " ".join(part for part in (earlier.sheet, earlier.cell) if part)
            value = "; ".join(name for *_, name in rows)
            yield Finding.create("I122", place, value=value, others=where)

    def ref_of(self, area: str) -> str:
        """Return the ref of an area by its name; that of the whole report if it has no areas.

        Raises PlanError if there is no such area.
        """
        if not self.template.area_level:
            return self.head.code
        if normalize(area) not in self.refs:
            there = ", ".join(self._area_names())
            raise PlanError("no_such_area", file=self.file, name=area, there=there)
        return self.refs[normalize(area)]

    def _area_names(self) -> list[str]:
        return [str(self.values.get(Slot(ref, "name"), ref)) for ref in self.refs.values()]

    def _areas(self) -> dict[str, Area]:
        """Return the areas by ref, with their introductions and the highest number of a ref."""
        if not self.template.area_level:
            code = self.head.code
            return {code: self._with_contacts("", Area(highest=self.counts[code]))}
        areas: dict[str, Area] = {}
        for name, ref in self.refs.items():
            area = self._with_contacts(name, self.details_of(name).to_area())
            intro = area.intro or "\n\n".join(self.introductions.get(name, ()))
            areas[ref] = replace(area, intro=intro, highest=self.counts[ref])
        for (name, _), cells in self.contacts.items():
            for cell in cells.values() if name not in self.refs else ():
                values = {"value": cell.text, "reason": "area_alone", "name": name}
                found = Finding.create("I101", cell.place, **values)
                self.findings.append(found.with_severity("warning"))
        return areas

    def _with_contacts(self, name: str, area: Area) -> Area:
        """Return an area with the leader and addresses that the source gives it.

        The report details come first. Of several leaders in one area none is taken (I116).
        """
        found: dict[str, Any] = {}
        for (of, key), cells in self.contacts.items():
            given: str = getattr(area, key)
            if of != name or set(cells) == {normalize(given)}:
                continue
            first = next(iter(cells.values()))
            if not given and len(cells) == 1:
                found[key] = first.text
                continue
            values = {
                "label": self.source_labels.get(FieldColumn(CONTACT, key), key),
                "value": ", ".join(f"«{cell.text}»" for cell in cells.values()),
                "reason": "leader_of_details" if given else "several_leaders",
                "given": given,
                "area": self.values.get(Slot(self.refs.get(name, ""), "name"), self.head.title),
            }
            self.findings.append(Finding.create("I116", first.place, **values))
        return replace(area, **found)

    def _sorted_nodes(self) -> tuple[Node, ...]:
        """Return the nodes by area, also if the source comes back to an earlier area."""
        if not self.template.area_level:
            return tuple(self.nodes)
        order = {ref: n for n, ref in enumerate(self.refs.values())}
        areas: dict[str, str] = {}
        for node in self.nodes:
            areas[node.ref] = areas[node.parent] if node.parent else node.ref
        return tuple(sorted(self.nodes, key=lambda node: order[areas[node.ref]]))

    def _columns_of(self, level: Level, record: RecordCells) -> list[FieldColumn]:
        """Return the columns of a record at a level, in the template's order, then by date."""
        order = ["", *(each.id for each in self.template.fields_of(level.id))]
        columns = [column for column in record if column.level == level.id]
        return sorted(columns, key=lambda c: (order.index(c.field), c.date or date.min))

    def _area(
        self, level: Level, columns: list[FieldColumn], key: tuple[str, ...], record: RecordCells
    ) -> OpenNode:
        """Return the area of a record; open it if it is new.

        Raises PlanError for an area without name, or if other texts stand beside a known name.
        """
        name = key[0] if key else ""
        if not name:
            raise PlanError("no_area_name", file=self.file, row=_row(record), label=level.label)
        if name not in self.areas:
            self.areas[name] = OpenNode(self._new_node(level, columns, record), key)
        if self.areas[name].key != key:
            title = record[columns[0]].text
            raise PlanError("area_twice", file=self.file, row=_row(record), name=title)
        return self.areas[name]

    def _new_node(self, level: Level, columns: list[FieldColumn], record: RecordCells) -> Node:
        """Add a node below the last one of the path, with its values."""
        text = record[columns[0]].text if columns else ""
        if level is self.template.area_level:
            ref = self.details_of(normalize(text)).code or area_code(text, self.refs.values())
            self.refs[normalize(text)] = ref
        else:
            area = self.path[0].node.ref if self.path else self.head.code
            self.counts[area] += 1
            ref = f"{area}-{self.counts[area]:03}"
        group = find_group(level, text)
        if level.groups and group is None:
            there = ", ".join(group.label for group in level.groups)
            named = {"name": text, "label": level.label, "there": there}
            raise PlanError("no_group", file=self.file, row=_row(record), **named)
        parent = self.path[-1].node.ref if self.path else None
        node = Node(ref, level.id, parent, group)
        self.nodes.append(node)
        units = {field.unit_from for field in self.template.fields_of(level.id)}
        for column in sorted(columns, key=lambda column: column.field not in units):
            if column.field:
                self._set_value(node, column, record[column])
        return node

    def _type_of(self, node: Node, column: FieldColumn) -> FieldType:
        """Return the type of a field, with the unit that was read in its row."""
        field_type = self._field_types[node.level, column.field]
        field = self.template.field_of(node.level, column.field)
        unit = self.values.get(Slot(node.ref, field.unit_from)) if field else None
        other = self.template.field_of(node.level, field.unit_from) if field else None
        if unit is None or other is None:
            return field_type
        return field_type.with_unit(
            self._field_types[node.level, other.id].display(unit, self.head.language)
        )

    def _set_value(self, node: Node, column: FieldColumn, cell: SourceCell) -> None:
        """Set a value of a node; report what is changed in it, or that it does not fit."""
        field_type = self._type_of(node, column)
        cell = _without_band(cell, field_type.bands)
        raw = cell.raw
        if isinstance(raw, str) and not isinstance(raw, ErrorValue):
            if (length := length_in_excel(raw)) > CELL_TEXT:
                where = " ".join(part for part in (cell.place.sheet, cell.place.cell) if part)
                raise PlanError("too_long", file=self.file, cell=where, length=length)
            raw = strip_markup(strip_control_characters(raw))
            raw = _BULLET.sub("", raw) if field_type.bullet else raw
        reading = read(field_type, [raw], self.head)
        if reading.outcome == "invalid":
            self._refuse(node, column, cell, reading)
            return
        slot = Slot(node.ref, column.field, column.date)
        if reading.value is not None:
            self.values[slot], self.places[slot] = reading.value, cell.place
        about = About("", *slot, self._title_of(node))
        self.findings += _removed(cell, about)
        note = repair(field_type, [raw], reading, self.head.language)
        if note and note["before"].strip() != str(reading.value):
            found = Finding.create("V107", cell.place, about, **note)
            self.findings.append(found.with_severity(severity_of_repair(note)))

    def _refuse(self, node: Node, column: FieldColumn, cell: SourceCell, reading: Reading) -> None:
        """Report a value that does not fit its field."""
        label = self.source_labels.get(column, column.field)
        field_type, language = self._type_of(node, column), self.head.language
        code, values = refusal(field_type, [cell.raw], reading, language)
        what = f"{self._title_of(node)} · {label}"
        about = About("", node.ref, column.field, column.date, what)
        self.findings.append(Finding.create(code, cell.place, about, **values))

    def _title_of(self, node: Node) -> str:
        """Return a node's level and number, after the name of its area."""
        number = self.values.get(Slot(node.ref, "no"), node.ref)
        title = f"{self.template.level(node.level).label} {number}"
        area_level = self.template.area_level
        if not area_level or node.level == area_level.id:
            return title
        area = self.path[0].node.ref
        return f"{self.values.get(Slot(area, 'name'), area)} · {title}"


def finish_import(
    builder: ReportBuilder,
    dates: tuple[date, ...],
    findings: Sequence[Finding] = (),
    tables: tuple[TableReading, ...] = (),
    summaries: Mapping[str, Sequence[SummaryLine]] | None = None,
) -> ImportResult:
    """Return the report of all records and compare the printed figures with its rows.

    `summaries` has the summary lines of the source by area name, "" for the whole report. The
    report details may give figures too; figures that both give are compared once. Raises PlanError.
    """
    report = builder.report(dates)
    printed = [
        combine_summaries(builder.ref_of(area) if area else TOTAL, area, lines, dates)
        for area, lines in (summaries or {}).items()
        if not area or normalize(area) in builder.refs
    ]
    printed += [
        PrintedFigures(builder.ref_of(given.area), given.area, given.count, given.averages)
        for given in builder.details.published
    ]
    unique: dict[tuple[object, ...], PrintedFigures] = {}
    for figures in printed:
        key = (figures.ref, figures.count, figures.means)
        unique[key] = unique.pop(key, figures)
    wrong = printed_figure_differs(report, unique.values())
    all_findings = (*findings, *builder.findings, *wrong)
    return ImportResult(report, all_findings, tables, builder.places)


def _row(record: RecordCells) -> str:
    """Return the row number of a record's first cell."""
    cell = next((cell.place.cell for cell in record.values()), "")
    return cell.lstrip(_COLUMN_LETTERS)


def _without_band(cell: SourceCell, bands: Sequence[Step]) -> SourceCell:
    """Return a number without the symbol and word of its band, which our reports show beside it."""
    text = " ".join(cell.text.split())
    for band in bands if isinstance(cell.raw, str) else ():
        number = text.removesuffix(band.label).removeprefix(band.symbol).strip()
        if text.endswith(band.label) and number:
            return replace(cell, raw=number)
    return cell


def _removed(cell: SourceCell, about: About) -> Iterator[Finding]:
    """Yield what was removed from a cell's text: pasted markup and control characters."""
    if isinstance(cell.raw, str):
        if strip_markup(cell.raw) != cell.raw:
            yield Finding.create("V108", cell.place, about, value=cell.raw)
        if lost := [sign for sign in cell.raw if not strip_control_characters(sign)]:
            codes = ", ".join(sorted({f"U+{ord(sign):04X}" for sign in lost}))
            yield Finding.create("V110", cell.place, about, count=len(lost), value=codes)
