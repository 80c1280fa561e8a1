"""Read a plan or an appendix that somebody has edited back to a register.

The visible cells count, not the hidden snapshot, because the coordinator edits the plan in Excel:
- the parent of a node is the heading above it;
- a row without a row key is a new measure, a row that is gone is a deleted one;
- a value typed over one that a merge had written is a decision of the coordinator.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from xltiltak.intake.boilerplate import is_derived_formula
from xltiltak.intake.columns import ColumnMap, RowKeys, find_key_column, map_columns
from xltiltak.intake.form_reader import is_leader_form, refs_in_sheet
from xltiltak.intake.object_rules import own_page_texts
from xltiltak.intake.row_classifier import ListRow, NodeRow, OwnRow, RowClassifier, RowKind
from xltiltak.layout.geometry import (
    FIRST_DATE_FIELD,
    LABEL_COL,
    LAST_DATE_FIELD,
    Column,
    Geometry,
    Purpose,
    geometry_of,
)
from xltiltak.layout.guidance import is_guidance_key
from xltiltak.layout.sheet_rows import SUM_KEY, join_pieces
from xltiltak.merging.registry import rule
from xltiltak.model.cell_values import CellValue, display, is_blank
from xltiltak.model.errors import ForeignWorkbook, PlanError
from xltiltak.model.field_types import EMPTY, FieldType, Reading, Value
from xltiltak.model.finding import About, Finding, Place, Severity
from xltiltak.model.normalize import normalize
from xltiltak.model.own_content import OwnColumn, OwnContent
from xltiltak.model.readings import read, refusal, repair, severity_of_repair
from xltiltak.model.register import Register
from xltiltak.model.report import Node, Report, Slot, join_reports
from xltiltak.model.row_keys import area_code, find_form_code, form_code
from xltiltak.model.template import Level
from xltiltak.plan.continuation import with_edits_told
from xltiltak.plan.edits import NewArea, apply_edits, read_decisions, read_head
from xltiltak.plan.own_cells import (
    OwnCells,
    hidden_rows,
    is_note,
    is_our_list,
    note_below,
    other_tab,
    read_own_sheets,
)
from xltiltak.plan.plan_marks import marks_on_plan
from xltiltak.plan.sorted_rows import classify_rows
from xltiltak.snapshot.hidden_sheet import SHEET_NAME, parse_coordinators
from xltiltak.snapshot.register_json import load_register
from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.excel_limits import CELL_TEXT, length_in_excel
from xltiltak.xlsx.inventory import take_inventory
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.sheet_names import legal_sheet_name
from xltiltak.xlsx.sheet_reader import Sheet, read_sheets


class TypedOver(NamedTuple):
    """What stands in the place of a derived value: as a value, if it is one, and as it is seen."""

    value: Value | None
    shown: str
    place: Place


Cells = Mapping[int, CellValue]
"""The cells of a row by column, counted from 1."""


def read_edited(package: Package) -> Register:
    """Return the register in a plan or appendix, by its visible cells.

    Its findings are about cells that cannot be read. Raises WorkbookError, and PlanError for a
    form.
    """
    sheets = list(read_sheets(package))
    hidden = next((s for s in sheets if s.rows.get(1, {}).get(1) == SHEET_NAME), None)
    if hidden is None:
        raise ForeignWorkbook("hidden")
    _refuse_long_texts(sheet for sheet in sheets if sheet is not hidden)
    snapshot = parse_coordinators(hidden.rows)
    sent, head = snapshot.sent, snapshot.sent.head
    head_sheet = read_head(sheets, sent)
    plan = _PlanBuilder(
        sent,
        Geometry(sent.template, head.dates, head.language, Purpose.APPENDIX, snapshot.layout),
        head_sheet.new_areas,
    )
    for sheet in plan.copied_sheets_last([s for s in sheets if s is not hidden]):
        plan.add_sheet(sheet)
    own_sheets, own_findings = read_own_sheets(plan.own_sheets, sent.head.language)
    written = load_register(sent, snapshot.register_records)
    register = apply_edits(
        written,
        replace(plan.report(), head=head_sheet.head, areas=head_sheet.areas),
        head_sheet,
        plan.new_rows,
        read_decisions(sheets),
        OwnContent(plan.own_columns, tuple(own_sheets)),
    )
    of_register = *head_sheet.findings, *register.findings
    findings = *of_register, *plan.findings, *own_findings, *_marks(plan, package, sent)
    return replace(
        with_edits_told(written, register),
        findings=findings,
        embedded_forms=tuple(plan.embedded_forms),
        written=written,
    )


def _marks(plan: _PlanBuilder, package: Package, sent: Report) -> Iterator[Finding]:
    """Yield the findings about what stands on the area sheets besides values."""
    inventory, own_texts = take_inventory(package), own_page_texts(sent, *sent.areas)
    for sheet in (*plan.area_sheets, *plan.own_sheets):
        yield from marks_on_plan(sheet, inventory, sent.head.language, own_texts)


def _refuse_long_texts(sheets: Iterable[Sheet]) -> None:
    """Raise PlanError for a text that no cell of Excel holds; other programs keep longer ones."""
    for sheet in sheets:
        for number, cells in sheet.rows.items():
            for col, value in cells.items():
                if isinstance(value, str) and (length := length_in_excel(value)) > CELL_TEXT:
                    where = f"{sheet.name} {cell_name(number, col)}"
                    raise PlanError("too_long", file="", cell=where, length=length)


class _PlanBuilder:
    """The nodes and values on the area sheets, collected sheet by sheet.

    `sent` is the report in the snapshot. `new_areas` are the rows that were added to the table of
    areas, without those whose sheet was read. `new_rows` has the finding about each row without a
    ref, by its provisional ref ("?1"). `own_columns` are the coordinator's by area, `own_sheets`
    their sheets. `embedded_forms` has the refs on each leader's form that was
    moved into the workbook, by the name of the sheet.
    """

    def __init__(self, sent: Report, geometry: Geometry, new_areas: Iterable[NewArea]) -> None:
        self.sent, self.geometry = sent, geometry
        self.new_areas = {normalize(new.name): new for new in new_areas}
        self.nodes: list[Node] = []
        self.values: dict[Slot, Value] = {}
        self.level_of: dict[str, str] = {}
        self.new_rows: dict[str, Finding] = {}
        self.findings: list[Finding] = []
        self.typed_over: dict[Slot, TypedOver] = {}
        self.area_sheets: list[Sheet] = []
        self.own_sheets: list[Sheet] = []
        self._refs_on: dict[int, frozenset[str]] = {}
        self.own_columns: dict[str, tuple[OwnColumn, ...]] = {}
        self.read_refs: set[str] = set()
        self.embedded_forms: dict[str, set[str]] = {}
        self.sent_nodes = {node.ref: node for node in self.sent.nodes}
        refs = [node.ref for node in self.sent.nodes]
        self.ref_above_when_sent = dict(zip(refs[1:], refs, strict=False))
        self.classifier = RowClassifier(
            {node.ref: node.level for node in self.sent.nodes}, geometry.field_types
        )
        self.depth = {level.id: n for n, level in enumerate(self.sent.template.levels)}

    def report(self) -> Report:
        """Return the visible report; an area that is only on a leader's form is as it was sent."""
        area_of = self.sent.area_of
        refs_on_forms = {ref for refs in self.embedded_forms.values() for ref in refs}
        areas_on_forms = {area_of[ref] for ref in refs_on_forms if ref in area_of}
        replaced = areas_on_forms - {area_of.get(ref) for ref in self.read_refs}
        report = replace(self.sent, nodes=tuple(self.nodes), values=self.values)
        self.findings += _derived_values_differ(report, self.typed_over)
        return _insert_areas(report, self.sent, replaced) if replaced else report

    def copied_sheets_last(self, sheets: Sequence[Sheet]) -> list[Sheet]:
        """Return the sheets, those that were copied for a new area last.

        Excel puts a copy before its original. The copy is the one whose title is not that of the
        area that its row key names; of two with that title, the one with another tab.
        """
        titles = {id(sheet): self._title(sheet) for sheet in sheets}
        for sheet in sheets:
            self.refs_on(sheet)
        areas = [ref for ref, _ in titles.values()]
        on_one_sheet = {ref for ref in areas if areas.count(ref) == 1}

        def is_copy(sheet: Sheet) -> tuple[bool, bool]:
            ref, title = titles[id(sheet)]
            if not ref or ref in on_one_sheet:
                return False, False
            name = self.sent.area_name(ref)
            return name not in title, sheet.name != legal_sheet_name(name)

        return sorted(sheets, key=is_copy)

    def _title(self, sheet: Sheet) -> tuple[str, str]:
        """Return the area code in the row key of a sheet's title, and the text of the row."""
        key_column = find_key_column(sheet)
        if key_column is not None:
            for row in sheet.rows.values():
                if (key := row.get(key_column)) in self.sent.area_refs:
                    return str(key), " ".join(map(str, row.values()))
        return "", ""

    def add_sheet(self, sheet: Sheet) -> None:
        """Read one sheet, if it is an area sheet of the plan.

        A leader's form is only noted; sheets without row keys are the coordinator's own.
        """
        if is_leader_form(sheet):
            self.embedded_forms[sheet.name] = set(refs_in_sheet(sheet))
            return
        if not is_our_list(sheet) and (area := self._area_of(sheet)):
            columns = map_columns(sheet, self.geometry)
            self.area_sheets.append(sheet)
            _PlanSheetReader(self, sheet, columns, columns.read_row_keys(sheet), area).read()
        elif sheet.rows and not is_our_list(sheet):
            self.own_sheets.append(sheet)

    def _area_of(self, sheet: Sheet) -> str:
        """Return the code of the area that a sheet was written for; "" if it is no area sheet.

        The row keys say it, or without them the form code.
        """
        if refs := self.refs_on(sheet):
            return self.sent.area_of[min(refs, key=self._order.__getitem__)]
        codes = {form_code(self.sent, area): area for area in self.sent.area_refs}
        texts = chain.from_iterable(map(dict.values, sheet.rows.values()))
        found = (find_form_code(text) for text in texts if isinstance(text, str))
        return next((codes[code] for code in found if code in codes), "")

    @cached_property
    def _order(self) -> Mapping[str, int]:
        return {node.ref: n for n, node in enumerate(self.sent.nodes)}

    def refs_on(self, sheet: Sheet) -> frozenset[str]:
        """Return the refs of the nodes whose row keys are on a sheet."""
        if id(sheet) not in self._refs_on:
            col = find_key_column(sheet)
            keys = (row.get(col) for row in sheet.rows.values()) if col is not None else ()
            kinds = (self.classifier.classify(key) for key in keys)
            refs = frozenset(ref for k in kinds if isinstance(k, NodeRow) for ref in k.refs)
            self._refs_on[id(sheet)] = refs
        return self._refs_on[id(sheet)]

    def refs_elsewhere(self, sheet: Sheet) -> frozenset[str]:
        """Return the refs whose row keys are on other sheets than this one."""
        others = (refs for one, refs in self._refs_on.items() if one != id(sheet))
        return frozenset[str]().union(*others)

    @cached_property
    def parts(self) -> Mapping[str, Report]:
        """Return the report of each area as it was written."""
        return self.sent.parts()


@rule("L106")
def _derived_values_differ(
    report: Report, typed_over: Mapping[Slot, TypedOver]
) -> Iterator[Finding]:
    """Report what was typed over derived values, where it says something else."""
    kinds = geometry_of(report.template).field_types
    for slot, (value, shown, place) in typed_over.items():
        held, node = report.values.get(slot), report.by_ref[slot.ref]
        if value is None or value != held:
            kind = kinds[node.level, slot.field]
            text = "–" if held is None else kind.display(held, report.head.language)
            about = About("", *slot, report.describe(slot))
            yield Finding.create("L106", place, about, value=shown, held=text)


def _insert_areas(report: Report, sent: Report, areas: Collection[str]) -> Report:
    """Return the report with these areas as they were sent, each in its place among the others."""
    parts, order = dict(sent.parts()), {ref: n for n, ref in enumerate(sent.area_refs)}
    parts |= {ref: part for ref, part in report.parts().items() if ref not in areas}
    refs = [ref for ref in report.area_refs if ref not in areas]
    for ref in sorted(areas, key=lambda ref: order[ref]):
        before = [n for n, other in enumerate(refs, 1) if order.get(other, len(order)) < order[ref]]
        refs.insert(max(before, default=0), ref)
    whole = join_reports(parts[ref] for ref in refs)
    return replace(report, nodes=whole.nodes, values=whole.values)


class _PlanSheetReader:
    """Reads one area sheet into a plan, row by row.

    `path` are the nodes that later rows may be below, outermost first. `list_cells` are the cells
    of the slots with rows of their own; `list_slot` is the slot of the last such row, and its texts
    are in column `list_column`. `copies` has the provisional ref of the last copy of a title line.
    `rows_read` has of each row its number, what its own cells are kept by, and the columns read.
    """

    def __init__(
        self, plan: _PlanBuilder, sheet: Sheet, columns: ColumnMap, keys: RowKeys, area: str
    ) -> None:
        self.plan, self.sheet, self.columns, self.keys, self.area = plan, sheet, columns, keys, area
        self.template, self.language = plan.sent.template, plan.sent.head.language
        self.path: list[Node] = []
        self.list_cells: dict[Slot, list[CellValue]] = {}
        self.list_slot: Slot | None = None
        self.list_column = 0
        self.copies: dict[str, str] = {}
        self.is_duplicate = False  # a second sheet of an area, which is not read
        self.rows_read: list[tuple[int, str, Collection[int]]] = []

    def read(self) -> None:
        """Read every row, by its row key; where the keys do not follow the rows by its text."""
        found = classify_rows(
            self.sheet,
            self.columns,
            self.keys,
            self.plan.classifier,
            self.plan.sent,
            self.area,
            self.plan.refs_elsewhere(self.sheet),
        )
        kinds = found.kinds
        if found.moved:
            self._report_sorted(found.moved)
        if not any(isinstance(kind, NodeRow) and self.area in kind.refs for kind in kinds.values()):
            self._keep_area()
        for number, row in self.sheet.rows.items():
            if self.is_duplicate:
                break
            self.rows_read.append((number, *self._read_row(number, row, kinds[number])))
        self._store_lists()
        if not self.is_duplicate:
            self._keep_lost_cards(found.lost)
            self._store_own(kinds, is_doubtful=bool(found.lost))

    def _keep_area(self) -> None:
        """Keep the area of a sheet whose title row is gone, as it was sent, and say so."""
        area = self.plan.sent_nodes.get(self.area)
        if area is None or self.template.area_level is None:
            return
        self.path.append(area)
        if area.ref not in self.plan.read_refs:
            self.plan.nodes.append(area)
            self.plan.level_of.setdefault(area.ref, area.level)
            self.plan.read_refs.add(area.ref)
            values = self.plan.sent.values.items()
            self.plan.values.update((s, value) for s, value in values if s.ref == area.ref)
        name = self.plan.sent.area_name(area.ref)
        about = About(area.ref, area.ref, what=self.plan.sent.describe_node(area.ref))
        place = Place("", self.sheet.name)
        self.plan.findings.append(Finding.create("S120", place, about, value=name))

    def _keep_lost_cards(self, refs: Sequence[str]) -> None:
        """Keep the values of cards whose lines cannot be told apart, and say so."""
        sent = self.plan.sent
        for slot, value in sent.values.items() if refs else ():
            if slot.ref in refs and slot.ref in self.plan.read_refs:
                self.plan.values.setdefault(slot, value)
        for ref in refs:
            about = About(self.area, ref, what=sent.describe_node(ref))
            self.plan.findings.append(Finding.create("S110", Place("", self.sheet.name), about))

    def _read_row(self, number: int, row: Cells, kind: RowKind) -> tuple[str, Collection[int]]:
        """Read one row. Return what its own cells are kept by, and the columns that were read."""
        if isinstance(kind, ListRow) and kind.slot.ref in self.plan.read_refs:
            return kind.key, self._read_list_row(number, row, kind)
        if isinstance(kind, NodeRow):
            return self._read_node_row(number, row, kind.refs)
        if kind is None and self.list_slot and self._continues_list(row):
            self.list_cells[self.list_slot].append(row[self.list_column])
            return "", {self.list_column}
        is_guidance = isinstance(kind, OwnRow) and is_guidance_key(kind.key)
        if self.columns.is_below_labels(number) and not (is_guidance or isinstance(kind, ListRow)):
            typed = self._without_formulas(number, row) if kind == OwnRow(SUM_KEY) else row
            return self._read_new_row(number, typed)
        return (kind.key if isinstance(kind, OwnRow) else ""), ()

    @property
    def _area(self) -> str:
        """Return the code of the area that the sheet was read as."""
        has_areas = self.template.area_level is not None
        return self.path[0].ref if has_areas and self.path else self.plan.sent.head.code

    def _store_own(self, kinds: Mapping[int, RowKind], *, is_doubtful: bool) -> None:
        """Store the own columns, and the findings about what is not kept of the sheet.

        If lines of cards cannot be told apart, the own cells of a node are kept only in a row that
        still shows its name.
        """
        own = OwnCells(self.sheet, self.columns, lambda: self.plan.parts[self.area])
        for number, name, columns in self.rows_read:
            row = self.sheet.rows[number]
            kept_by = "" if is_doubtful and not self._shows_name(name, row) else name
            own.add_row(number, row, kinds[number], kept_by, columns)
        if own_columns := own.own_columns():
            self.plan.own_columns[self._area] = own_columns
        self.plan.findings += own.findings()
        title = str(self.plan.values.get(Slot(self._area, "name"), self._area))
        self.plan.findings += other_tab(self.sheet, title)
        rows = {number for number, kind in kinds.items() if isinstance(kind, NodeRow)}
        self.plan.findings += hidden_rows(self.sheet, rows)

    def _shows_name(self, ref: str, row: Cells) -> bool:
        """Return False if a row has the key of a node, but not all that names it as written."""
        sent = self.plan.sent
        if ref not in self.plan.sent_nodes:
            return True
        fields = self.template.fields_of(self.plan.sent_nodes[ref].level)
        slots = [Slot(ref, field.id) for field in fields if field.is_identifying]
        names = [str(sent.values[slot]) for slot in slots if slot in sent.values]
        shown = " ".join(display(row[col]) for col in row if col != self.columns.key_column)
        return all(name in shown for name in names)

    def _report_sorted(self, refs: Sequence[str]) -> None:
        """Add one finding about the rows that were known by their texts."""
        rows = "; ".join(self.plan.sent.describe_node(ref) for ref in refs)
        place = Place("", self.sheet.name)
        self.plan.findings.append(Finding.create("S107", place, count=len(refs), value=rows))

    def _without_formulas(self, number: int, row: Cells) -> Cells:
        """Return the cells of the line that sums up a group, if it was typed over: a new measure.

        Return no cells for the line as it was written.
        """
        typed = {col: cell for col, cell in row.items() if (number, col) not in self.sheet.formulas}
        return typed if len(typed) > 1 else {}

    def _read_list_row(self, number: int, row: Cells, kind: ListRow) -> Collection[int]:
        """Read a row of a slot with rows of its own: an item, or the rest of a text.

        Return the column of its value.
        """
        previous_slot, ref = self.list_slot, kind.slot.ref
        self.list_slot = kind.slot._replace(ref=self.copies.get(ref, ref))
        level = self.plan.sent_nodes[ref].level
        _, value_column = self.plan.geometry.label_and_value_cols(level, kind.slot.field)
        self.list_column = self.columns.position_of.get(value_column, value_column)
        cell, column = self._list_cell(row)
        field = self.template.field_of(level, kind.slot.field)
        if field and field.is_derived:
            kind_of = self.plan.geometry.field_types[level, field.id]
            self._read_derived(self.list_slot, kind_of, cell, (number, column))
            self.list_slot = None
            return {column}
        cells = self.list_cells.setdefault(self.list_slot, [])
        if kind.separator and cells and previous_slot == self.list_slot:
            cells[-1] = join_pieces(cells[-1], kind.separator, cell, self.language)
        else:
            cells.append(cell)
        return {column}

    def _list_cell(self, row: Cells) -> tuple[CellValue, int]:
        """Return value and column of a list row; below a table it may be in any later column."""
        value = row.get(self.list_column)
        if not self.plan.geometry.is_table or not is_blank(value):
            return value, self.list_column
        columns = sorted(self.columns.position_of[c.col] for c in self._table_columns())
        later = [column for column in columns if column > self.list_column]
        filled = (column for column in later if not is_blank(row.get(column)))
        column = next(filled, self.list_column)
        return row.get(column), column

    def _table_columns(self) -> list[Column]:
        """Return the columns of the table that are still there."""
        columns = self.plan.geometry.table_columns
        return [column for column in columns if column.col in self.columns.position_of]

    def _continues_list(self, row: Cells) -> bool:
        """Return True if only the value column is filled, and no names of measures are in it."""
        symbols = self.plan.geometry.card_symbols
        filled = {col for col, cell in row.items() if not is_blank(cell) and cell not in symbols}
        name_columns = {
            self.columns.position_of[column.col]
            for column in self._table_columns()
            if column.field.is_identifying
        }
        is_alone = filled - {self.columns.key_column} == {self.list_column}
        return is_alone and self.list_column not in name_columns

    def _read_node_row(
        self, number: int, row: Cells, refs: Sequence[str]
    ) -> tuple[str, Collection[int]]:
        """Read the row of nodes that were sent; a second row with the same key is a copy.

        Return the ref that its own cells are kept by, and the columns that were read.
        """
        self.list_slot = None
        nodes = [self.plan.sent_nodes[ref] for ref in refs]
        read = {col for node in nodes for col, _ in self.columns.of_level[node.level]}
        if refs[-1] in self.plan.read_refs:
            return self._read_copied_row(number, row, nodes[-1]), read
        for node in nodes:
            if node.ref not in self.plan.read_refs:
                self._add_node(node, number, row)
        return refs[-1], read

    def _read_copied_row(self, number: int, row: Cells, original: Node) -> str:
        """Read a copy of a row as a new node. Return its provisional ref, "" if it was not read.

        The rows below a copied title line that were copied with it belong to the new node.
        """
        level = self.template.level(original.level)
        if level is self.template.area_level and not self.path:
            self._read_copied_sheet(number, row, original)
            return ""
        if self.plan.geometry.has_title_line(level) and level is not self.template.area_level:
            new = Node("", level.id, None, original.group)
            self.copies[original.ref] = self._add_new_node(new, number, row)
            return self.copies[original.ref]
        return self._read_new_row(number, row)[0]

    def _read_copied_sheet(self, number: int, row: Cells, original: Node) -> None:
        """Read the title of a copied sheet: with a new name it is a new area.

        The name is in its title, or its tab is called as a new row in the table of areas. With the
        name of an area that has a sheet it is not read, but quoted in a finding.
        """
        columns = self.columns.of_level[original.level]
        names = (
            display(column.extract_value(row.get(col), self.language), self.language)
            for col, column in columns
            if column.field.id == "name"
        )
        name, new_areas = next(names, ""), self.plan.new_areas
        ref_by_name = {
            normalize(str(self.plan.values.get(Slot(node.ref, "name")))): node.ref
            for node in self.plan.nodes
            if node.parent is None
        }
        if normalize(name) in ref_by_name and normalize(self.sheet.name) in new_areas:
            name = new_areas[normalize(self.sheet.name)].name
        if name and normalize(name) not in ref_by_name:
            taken = {*ref_by_name.values(), *self.plan.sent.area_refs}
            new = new_areas.pop(normalize(name), None)
            ref = new.ref(taken) if new else area_code(name, taken)
            self._add_node(Node(ref, original.level), number, row)
            self.plan.values[Slot(ref, "name")] = name
            return
        self.is_duplicate = True
        title_col = next((col for col, column in columns if column.field.id == "name"), 2)
        place, about = Place("", self.sheet.name), About(area=original.ref, what=name)
        value = " · ".join(self._visible_texts())
        cell = cell_name(number, self.columns.position_of.get(title_col, title_col))
        values = {"reason": "sheet_copied", "value": value, "title": cell}
        self.plan.findings.append(Finding.create("S103", place, about, **values))

    def _visible_texts(self) -> list[str]:
        """Return the texts of the sheet, without row keys and without our own lines."""
        return [
            display(cell, self.language)
            for number, row in self.sheet.rows.items()
            if not str(self.keys.get(number)).startswith("@")
            for col, cell in row.items()
            if col != self.columns.key_column and not is_blank(cell)
        ]

    def _read_new_row(self, number: int, row: Cells) -> tuple[str, Collection[int]]:
        """Read a row that the coordinator typed: a measure, and the nodes that share its row.

        A note is only quoted. Return the provisional ref of the measure, "" if there is none, and
        the columns that were read.
        """
        self.list_slot = None
        if not self.plan.geometry.is_table and self._has_label(row):
            return "", ()  # a line of a card without its key; its text is quoted
        levels = [level for level in self.template.levels if self._is_in_row(level)]
        filled = {level.id: self._filled_columns(level, row) for level in levels}
        read = {col: row[col] for columns in filled.values() for col in columns}
        if read and self._is_note(number, read, levels):
            self.plan.findings += note_below(self.sheet, number, read, self.language)
            return "", read
        ref = ""
        for level_id, columns in filled.items():
            if columns:
                ref = self._add_new_node(Node("", level_id), number, row)
        return ref, read

    def _is_in_row(self, level: Level) -> bool:
        """Return True if nodes of a level have cells in the row of a measure."""
        return level is self.template.leaf or self.plan.geometry.shares_child_row(level)

    def _filled_columns(self, level: Level, row: Cells) -> list[int]:
        """Return the columns of a level that are filled in a row."""
        return [col for col, _ in self.columns.of_level[level.id] if not is_blank(row.get(col))]

    def _has_label(self, row: Cells) -> bool:
        """Return True if a row of cards begins with the label of a field."""
        label = row.get(self.columns.position_of.get(LABEL_COL, LABEL_COL))
        return not is_blank(label) and label in self.plan.geometry.fixed_texts

    def _is_note(self, number: int, filled: Cells, levels: Sequence[Level]) -> bool:
        """Return True if a row without a key is a note, by its filled cells."""
        if self.keys.get(number) is not None:
            return False
        names = set[int]()
        for level in levels:
            columns = self.columns.of_level[level.id]
            named = {c for c, column in columns if column.field.is_identifying}
            numbers = {c for c, column in columns if column.field.kind == "integer"}
            names |= named - numbers or {c for c, _ in columns}  # without names, any text is one
        return is_note(filled, names)

    def _add_new_node(self, node: Node, number: int, row: Cells) -> str:
        """Add a node without a ref, and the finding about it. Return its provisional ref."""
        key_texts = (
            display(row[col], self.language)
            for col, column in self.columns.of_level[node.level]
            if column.field.key and not is_blank(row.get(col))
        )
        all_texts = (
            display(cell, self.language)
            for col, cell in row.items()
            if col != self.columns.key_column and not is_blank(cell)
        )
        text = next(chain(key_texts, all_texts), "")
        ref = f"?{len(self.plan.new_rows) + 1}"
        place = Place("", self.sheet.name, f"B{number}")
        self.plan.new_rows[ref] = Finding.create("M106", place, value=text)
        self._add_node(node._replace(ref=ref), number, row)
        return ref

    def _add_node(self, node: Node, number: int, row: Cells) -> None:
        """Add a node below the heading it is under, with the values of its row."""
        parent = self._find_parent(node)
        dates = self._store_values(node, number, row)
        first = dates.get(FIRST_DATE_FIELD)
        last = dates.get(LAST_DATE_FIELD)
        node = node._replace(parent=parent, first=first, last=last)
        self.path.append(node)
        self.plan.nodes.append(node)
        self.plan.level_of.setdefault(node.ref, node.level)
        self.plan.read_refs.add(node.ref)

    def _find_parent(self, node: Node) -> str | None:
        """Return the ref of the heading above a node; None for an area.

        If the row above is the one that was above when the plan was sent, the parent is the one it
        had then: below an optional group the order alone can be ambiguous.
        """
        depth = self.plan.depth[node.level]
        ref_above = self.plan.nodes[-1].ref if self.plan.nodes else None
        self.path = [n for n in self.path if self.plan.depth[n.level] < depth]
        refs = [n.ref for n in self.path]
        if node.parent in refs and self.plan.ref_above_when_sent.get(node.ref) == ref_above:
            self.path = self.path[: refs.index(node.parent) + 1]
        return self.path[-1].ref if self.path else None

    def _store_values(self, node: Node, number: int, row: Cells) -> dict[str, date]:
        """Store the values in a node's row. Return the first and last date of a measure, by field.

        Other nodes have no such dates.
        """
        dates: dict[str, date] = {}
        for col, column in self.columns.of_level[node.level]:
            cell = row.get(col)
            if column.pattern != "{}":
                cell = column.extract_value(cell, self.language)
            slot = Slot(node.ref, column.field.id, column.date)
            if column.field.is_derived:
                self._read_derived(slot, column.field_type, cell, (number, col))
                continue
            value = self._read_value(slot, column, cell, (number, col))
            if column.field.id in (FIRST_DATE_FIELD, LAST_DATE_FIELD):
                if isinstance(value, date) and node.level == self.template.leaf.id:
                    dates[column.field.id] = value
            elif value is not None:
                self.plan.values[slot] = value
        return dates

    def _read_derived(
        self, slot: Slot, field_type: FieldType, cell: CellValue, position: tuple[int, int]
    ) -> None:
        """Note what stands in the place of a formula of ours; it is told if it says otherwise."""
        formula, ours = self.sheet.formulas.get(position), self.plan.geometry.derived_formulas
        if formula is not None and not is_derived_formula(formula, ours) and is_blank(cell):
            cell = f"={formula}"
        elif is_blank(cell) or (formula is not None and is_derived_formula(formula, ours)):
            return
        reading = read(field_type, (cell,), self.plan.sent.head)
        shown = display(cell, self.language)
        place = Place("", self.sheet.name, cell_name(*position))
        self.plan.typed_over[slot] = TypedOver(reading.value, shown, place)

    def _read_value(
        self, slot: Slot, column: Column, cell: CellValue, position: tuple[int, int]
    ) -> Value | None:
        """Return the value of a cell, None if it is empty.

        If it cannot be read, or is a formula without a value, the value as sent is returned and a
        finding added.
        """
        sent = self.plan.sent.values.get(slot)
        reading = EMPTY
        field_type = self.plan.sent.type_in_row(column.field_type, column.field, slot.ref)
        if cell is not None:
            reading = read(field_type, (cell,), self.plan.sent.head, sent)
        formula = self.sheet.formulas.get(position)
        is_lost = reading.outcome == "invalid" or (formula is not None and cell is None)
        place = Place("", self.sheet.name, cell_name(*position))
        heading = self.plan.geometry.heading_of(column)
        about = About("", *slot, f"{self.sheet.name} · {heading}")  # a plan has many sheets
        if formula:
            severity: Severity = "error" if is_lost else "note" if is_blank(cell) else "warning"
            finding = Finding.create("V106", place, about, value=f"={formula}")
            self.plan.findings.append(finding.with_severity(severity))
        else:
            self._tell(field_type, (cell,), reading, place, about)
        return sent if is_lost else reading.value

    def _tell(
        self,
        field_type: FieldType,
        cells: Sequence[CellValue],
        reading: Reading,
        place: Place,
        about: About,
    ) -> None:
        """Add the finding about cells that were not read, or the note about a repaired value."""
        if reading.outcome == "invalid":
            code, values = refusal(field_type, cells, reading, self.language)
            self.plan.findings.append(Finding.create(code, place, about, **values))
        elif note := repair(field_type, cells, reading, self.language):
            found = Finding.create("V107", place, about, **note)
            self.plan.findings.append(found.with_severity(severity_of_repair(note)))

    def _store_lists(self) -> None:
        """Store the values of the slots with rows of their own; as sent if they cannot be read."""
        for slot, cells in self.list_cells.items():
            field_type = self.plan.geometry.field_types.get(
                (self.plan.level_of[slot.ref], slot.field)
            )
            if field_type is None:
                continue
            field = self.template.field_of(self.plan.level_of[slot.ref], slot.field)
            if field:
                field_type = self.plan.sent.type_in_row(field_type, field, slot.ref)
            sent = self.plan.sent.values.get(slot)
            reading = read(field_type, cells, self.plan.sent.head, sent)
            place, about = Place("", self.sheet.name), About("", *slot, self.sheet.name)
            self._tell(field_type, cells, reading, place, about)
            value = sent if reading.outcome == "invalid" else reading.value
            if value is not None:
                self.plan.values[slot] = value
