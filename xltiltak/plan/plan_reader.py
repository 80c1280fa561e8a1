"""Read the coordinator's workbook back. What is visible wins over the hidden snapshot: she edits the plan in Excel.

Parents come from the order of headings, a row without a mark is a new measure, a row that is gone is gone. What she
typed over a value that a merge had written is her decision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from xltiltak.intake.columns import ColumnMap, cell_name
from xltiltak.intake.locate_sheet import is_leader_form, refs_in_sheet
from xltiltak.layout.geometry import FIRST_DATE_FIELD, LAST_DATE_FIELD, Column, Geometry, Purpose
from xltiltak.layout.sheet_rows import SUM_KEY
from xltiltak.layout.spanning_text import join_pieces, separator_before
from xltiltak.model.errors import ForeignWorkbook, PlanError, WorkbookError
from xltiltak.model.field_types import EMPTY, Value
from xltiltak.model.finding import About, Finding, Place
from xltiltak.model.normalize import CellValue, display, is_blank
from xltiltak.model.register import Register
from xltiltak.model.report import Node, Report, Slot, join_reports
from xltiltak.model.row_keys import RowKey, area_code, parse_row_key
from xltiltak.plan.edits import Edits
from xltiltak.plan.head_sheet import accepted, read_head
from xltiltak.snapshot.hidden_sheet import REGISTER_ROW, SHEET_NAME, Snapshot, parse_snapshot
from xltiltak.snapshot.register_json import load_register
from xltiltak.xlsx.fingerprint import is_unmodified
from xltiltak.xlsx.package import COORDINATOR_BOUNDS, Package
from xltiltak.xlsx.sheet_reader import Sheet, read_sheet, read_sheets


def read_appendix(content: bytes) -> Register:
    """The register of a plan or appendix. Its findings tell of cells that could not be read.

    Raises WorkbookError, PlanError for a form.
    """
    package = Package(content, COORDINATOR_BOUNDS)
    if is_unmodified(package) and (hidden := read_sheet(package, SHEET_NAME)):
        snapshot = _snapshot(hidden)  # what is visible is what the snapshot says
        return load_register(snapshot.sent, snapshot.register_records)
    sheets = list(read_sheets(package))
    hidden = next((s for s in sheets if s.rows.get(1, {}).get(1) == SHEET_NAME), None)
    if hidden is None:
        raise ForeignWorkbook("hidden")
    snapshot = _snapshot(hidden)
    sent = snapshot.sent
    head = read_head(sheets, sent)
    plan = _Plan(
        sent, Geometry(sent.template, sent.head.dates, sent.head.language, Purpose.APPENDIX)
    )
    for sheet in plan.in_order([s for s in sheets if s is not hidden]):
        plan.take(sheet)
    visible = replace(plan.report(), head=head.head, areas=head.areas)
    edits = Edits(
        load_register(sent, snapshot.register_records),
        sent,
        head,
        plan.unnumbered,
        accepted(sheets),
    )
    found_ = (*head.findings, *plan.findings)
    return replace(edits.register(visible), findings=found_, embedded_forms=tuple(plan.moved_in))


def _snapshot(hidden: Sheet) -> Snapshot:
    """What the hidden sheet holds. Raises PlanError for a form's, which has no records of a register."""
    snapshot = parse_snapshot(hidden.rows)
    if not snapshot.register_records:
        raise PlanError("a_form", file="")  # whoever opened it knows its name
    return snapshot


def is_appendix(content: bytes) -> bool:
    """Is it the coordinator's own workbook? A form's hidden sheet has no ledger."""
    hidden = _hidden(content)
    return hidden is not None and any(row.get(1) == REGISTER_ROW for row in hidden.rows.values())


def is_xltiltak_workbook(content: bytes) -> bool:
    """Is it a plan, appendix or form of ours?"""
    return _hidden(content) is not None


def _hidden(content: bytes) -> Sheet | None:
    try:
        return read_sheet(Package(content, COORDINATOR_BOUNDS), SHEET_NAME)
    except WorkbookError:
        return None


class _Plan:
    """The nodes and values that stand on the area sheets, grown sheet by sheet."""

    def __init__(self, sent: Report, geometry: Geometry) -> None:
        self.sent, self.geometry = sent, geometry
        self.nodes: list[Node] = []
        self.values: dict[Slot, Value] = {}
        self.unnumbered: dict[str, Finding] = {}
        self.findings: list[Finding] = []
        self.seen: set[str] = set()
        self.moved_in: dict[str, set[str]] = {}
        self.known = {node.ref: node for node in self.sent.nodes}
        refs = [node.ref for node in self.sent.nodes]
        self.sent_above = dict(zip(refs[1:], refs, strict=False))
        self.depth = {level.id: n for n, level in enumerate(self.sent.template.levels)}

    def report(self) -> Report:
        """What is visible; an area that only a form in her workbook shows stays as it was sent."""
        held, area_of = {ref for refs in self.moved_in.values() for ref in refs}, self.sent.area_of
        hidden = {area_of[ref] for ref in held if ref in area_of} - {
            area_of.get(ref) for ref in self.seen
        }
        report = replace(self.sent, nodes=tuple(self.nodes), values=self.values)
        return _with_areas(report, self.sent, hidden) if hidden else report

    def in_order(self, sheets: Iterable[Sheet]) -> list[Sheet]:
        """The sheets, those that were copied to become another area last: Excel puts a copy before its original."""
        titles = {id(sheet): self._title(sheet) for sheet in sheets}
        areas = [ref for ref, _ in titles.values()]
        alone = {ref for ref in areas if areas.count(ref) == 1}
        return sorted(sheets, key=lambda sheet: self._is_copy(*titles[id(sheet)], alone=alone))

    def _title(self, sheet: Sheet) -> tuple[str, str]:
        """The area that a sheet's heading is marked as, and all that stands in its row."""
        marks = ColumnMap(sheet, self.geometry).key_column
        rows = (
            row for row in sheet.rows.values() if marks and row.get(marks) in self.sent.area_refs
        )
        row = next(rows, {marks: ""})
        return str(row.get(marks)), " ".join(map(str, row.values()))

    def _is_copy(self, ref: str, title: str, *, alone: set[str]) -> bool:
        return bool(ref) and ref not in alone and self.sent.area_name(ref) not in title

    def take(self, sheet: Sheet) -> None:
        """One sheet; one without our marks is none of ours, a leader's form no part of the plan."""
        if is_leader_form(sheet):
            self.moved_in[sheet.name] = set(refs_in_sheet(sheet))
            return
        columns = ColumnMap(sheet, self.geometry)
        if columns.key_column and any(
            row.get(columns.key_column) == "@code" for row in sheet.rows.values()
        ):
            _SheetOfPlan(self, sheet, columns).walk()


def _with_areas(report: Report, sent: Report, areas: Collection[str]) -> Report:
    """The report with these areas as they were sent, each where it stood among the others."""
    parts, order = (
        {**sent.parts(), **_others(report, areas)},
        {ref: n for n, ref in enumerate(sent.area_refs)},
    )
    refs = [ref for ref in report.area_refs if ref not in areas]
    for ref in sorted(areas, key=lambda ref: order[ref]):
        before = [n for n, other in enumerate(refs, 1) if order.get(other, len(order)) < order[ref]]
        refs.insert(max(before, default=0), ref)
    whole = join_reports(parts[ref] for ref in refs)
    return replace(report, nodes=whole.nodes, values=whole.values)


def _others(report: Report, areas: Collection[str]) -> dict[str, Report]:
    return {ref: part for ref, part in report.parts().items() if ref not in areas}


class _SheetOfPlan:
    """One area sheet on its way into a plan; `path` are the nodes that are open, outermost first."""

    def __init__(self, plan: _Plan, sheet: Sheet, columns: ColumnMap) -> None:
        self.plan, self.sheet, self.columns = plan, sheet, columns
        self.template = plan.sent.template
        self.path: list[Node] = []
        self.lists: dict[Slot, list[CellValue]] = {}
        self.copies: dict[str, str] = {}  # for a title line that was copied, the last copy
        self.last: Slot | None = None
        self.last_col = 0  # where the rows of that slot have their texts
        self.doubled = False  # is it the sheet of an area that has one?

    def walk(self) -> None:
        """Every row, by its mark."""
        for number, row in self.sheet.rows.items():
            if self.doubled:
                break
            mark = self._mark(row)
            if row.get(self.columns.key_column) == SUM_KEY:
                self._summed_up(number, row)
            elif mark and mark.field and mark.refs[0] in self.plan.seen:
                self._listed(row, mark)
            elif mark and mark.refs and not mark.field and mark.refs[0] in self.plan.known:
                self._marked(number, row, mark)
            elif mark is None and self.last and self._continues(row):
                self.lists[self.last].append(row[self.last_col])
            elif (mark is None or not mark.refs) and number > self.columns.label_row > 0:
                self._unmarked(number, row)
        self._take_lists()

    def _listed(self, row: Mapping[int, CellValue], mark: RowKey) -> None:
        """A row of a slot that has rows of its own: one more item, or the rest of a text that was broken."""
        before, self.last = (
            self.last,
            Slot(self.copies.get(mark.refs[0], mark.refs[0]), mark.field, mark.date),
        )
        joint, self.last_col = (
            separator_before(str(row.get(self.columns.key_column))),
            self._own_col(mark),
        )
        held, raw = self.lists.setdefault(self.last, []), self._told(row)
        if joint and held and before == self.last:
            held[-1] = join_pieces(held[-1], joint, raw)
        else:
            held.append(raw)

    def _told(self, row: Mapping[int, CellValue]) -> CellValue:
        """What stands in a slot's row; across a table it may be typed in any column."""
        raw = row.get(self.last_col)
        if self.plan.geometry.is_table and is_blank(raw):
            table = sorted(
                self.columns.position_of[c.col] for c in self.plan.geometry.table_columns
            )
            beside = (row.get(col) for col in table if col > self.last_col)
            return next((cell for cell in beside if not is_blank(cell)), raw)
        return raw

    def _own_col(self, mark: RowKey) -> int:
        level = self.plan.known[mark.refs[0]].level
        return self.columns.position_of[
            self.plan.geometry.label_and_value_cols(level, mark.field)[1]
        ]

    def _summed_up(self, number: int, row: dict[int, CellValue]) -> None:
        """The line that sums a group up; one that was copied and typed over is a new measure."""
        self.last = None
        typed = {col: raw for col, raw in row.items() if (number, col) not in self.sheet.formulas}
        if len(typed) > 1 and number > self.columns.label_row > 0:
            self._unmarked(number, typed)

    def _continues(self, row: Mapping[int, CellValue]) -> bool:
        """Is only the column of values filled, as in one more row of a list? Not where measures have their names."""
        signs = self.plan.geometry.card_symbols
        filled = {col for col, raw in row.items() if not is_blank(raw) and raw not in signs}
        names = {
            self.columns.position_of[c.col]
            for c in self.plan.geometry.table_columns
            if c.field.is_identifying
        }
        return filled - {self.columns.key_column} == {self.last_col} - names

    def _mark(self, row: Mapping[int, CellValue]) -> RowKey | None:
        text = row.get(self.columns.key_column)
        return parse_row_key(text) if isinstance(text, str) else None

    def _marked(self, number: int, row: dict[int, CellValue], mark: RowKey) -> None:
        """The row of nodes that were known; a second row of the same mark is a copy, and so a new one."""
        self.last = None
        if mark.refs[-1] in self.plan.seen:
            self._copied(number, row, self.plan.known[mark.refs[-1]])
            return
        for ref in mark.refs:
            if ref in self.plan.known and ref not in self.plan.seen:
                self._node(self.plan.known[ref], number, row)

    def _copied(self, number: int, row: dict[int, CellValue], original: Node) -> None:
        """A title line that was copied opens a new node; the rows that were copied with it are that one's."""
        level = self.template.level(original.level)
        if level is self.template.area_level and not self.path:
            self._copied_area(number, row, original)
        elif self.plan.geometry.has_title_line(level) and level is not self.template.area_level:
            self.copies[original.ref] = self._new(
                Node("", level.id, None, original.group), number, row
            )
        else:
            self._unmarked(number, row)

    def _copied_area(self, number: int, row: dict[int, CellValue], original: Node) -> None:
        """A sheet that was copied is a new area by another name; by the same one it is nobody's, and quoted."""
        columns = self.columns.of_level[original.level]
        name = next(
            (display(c.extract_value(row.get(col))) for col, c in columns if c.field.id == "name"),
            "",
        )
        known = {
            str(self.plan.values.get(Slot(n.ref, "name"))): n.ref
            for n in self.plan.nodes
            if n.parent is None
        }
        if not name or name in known:
            lines = (
                line
                for line in self.sheet.rows.values()
                if not str(line.get(self.columns.key_column)).startswith("@")
            )
            cells = (
                cell
                for line in lines
                for cell in line.items()
                if cell[0] != self.columns.key_column
            )
            held = (display(raw) for _, raw in cells if not is_blank(raw))
            place, about = Place("", self.sheet.name), About(area=original.ref, what=name)
            self.plan.findings.append(Finding.create("S103", place, about, value=" · ".join(held)))
            self.doubled = True
        else:
            taken = {*known.values(), *self.plan.sent.area_refs}
            self._node(Node(area_code(name, taken), original.level), number, row)

    def _unmarked(self, number: int, row: dict[int, CellValue]) -> None:
        """A row that the coordinator typed: a new measure and what shares its row, where their fields are filled."""
        self.last = None
        for level in self.template.levels:
            columns = self.columns.of_level[level.id]
            shown = level is self.template.leaf or self.plan.geometry.shares_child_row(level)
            if shown and any(not is_blank(row.get(col)) for col, _ in columns):
                self._new(Node("", level.id), number, row)

    def _text(self, row: Mapping[int, CellValue]) -> str:
        return next(
            (
                display(raw)
                for col, raw in row.items()
                if col != self.columns.key_column and not is_blank(raw)
            ),
            "",
        )

    def _new(self, node: Node, number: int, row: dict[int, CellValue]) -> str:
        """A node without a ref; the one it has until it is given its own."""
        filled = [
            (display(row[col]), c.field)
            for col, c in self.columns.of_level[node.level]
            if not is_blank(row.get(col))
        ]
        named = next((text for text, known in filled if known.key), self._text(row))
        ref = f"?{len(self.plan.unnumbered) + 1}"
        self.plan.unnumbered[ref] = Finding.create(
            "M106", Place("", self.sheet.name, f"B{number}"), value=named
        )
        self._node(node._replace(ref=ref), number, row)
        return ref

    def _node(self, node: Node, number: int, row: dict[int, CellValue]) -> None:
        """A node below the headings it stands under, with the values of its row."""
        parent = self._parent(node)
        values = self._values(node, number, row)
        first, last = (
            values.pop(FIRST_DATE_FIELD, node.first),
            values.pop(LAST_DATE_FIELD, node.last),
        )
        grown = node._replace(
            parent=parent, first=self._end(node, first), last=self._end(node, last)
        )
        self.path.append(grown)
        self.plan.nodes.append(grown)
        self.plan.seen.add(node.ref)

    def _parent(self, node: Node) -> str | None:
        """The heading above it; a row that follows the same row as when it was sent stands where it was sent.

        Behind an optional group the order alone leaves a doubt.
        """
        depth, above = (
            self.plan.depth[node.level],
            self.plan.nodes[-1].ref if self.plan.nodes else None,
        )
        self.path = [n for n in self.path if self.plan.depth[n.level] < depth]
        refs = [n.ref for n in self.path]
        if node.parent in refs and self.plan.sent_above.get(node.ref) == above:
            self.path = self.path[: refs.index(node.parent) + 1]
        return self.path[-1].ref if self.path else None

    def _end(self, node: Node, day: Any) -> date | None:
        """A measure's first or last date; groups have none."""
        return day if isinstance(day, date) and node.level == self.template.leaf.id else None

    def _values(self, node: Node, number: int, row: dict[int, CellValue]) -> dict[str, Any]:
        """Takes the values of a node's row into the plan; gives its own dates."""
        own: dict[str, Any] = {FIRST_DATE_FIELD: None, LAST_DATE_FIELD: None}
        for col, column in self.columns.of_level[node.level]:
            raw = column.extract_value(row.get(col)) if column.pattern != "{}" else row.get(col)
            slot = Slot(node.ref, column.field.id, column.date)
            value = self._value(slot, column, raw, (number, col))
            if column.field.id in own:
                own[column.field.id] = value
            elif value is not None:
                self.plan.values[slot] = value
        return own

    def _value(
        self, slot: Slot, column: Column, raw: CellValue, at: tuple[int, int]
    ) -> Value | None:
        """What stands in a cell; an unreadable one is told, and the snapshot's value kept."""
        reading = EMPTY if raw is None else column.field_type.parse((raw,))
        place = Place("", self.sheet.name, cell_name(*at))
        about = About("", *slot, f"{self.sheet.name} · {column.label}")  # a plan has many sheets
        if formula := self.sheet.formulas.get(at):
            told = Finding.create("V106", place, about, value=f"={formula}")
            self.plan.findings.append(told.with_severity("error" if raw is None else "warning"))
        elif reading.outcome == "invalid":
            allowed = ", ".join(str(step.value) for step in column.field_type.steps)
            self.plan.findings.append(
                Finding.create(
                    column.field_type.error_code, place, about, value=display(raw), allowed=allowed
                )
            )
        kept = reading.outcome == "invalid" or (formula and raw is None)
        return self.plan.sent.values.get(slot) if kept else reading.value

    def _take_lists(self) -> None:
        for slot, raws in self.lists.items():
            level = next(n.level for n in self.plan.nodes if n.ref == slot.ref)
            kind = self.plan.geometry.field_types.get((level, slot.field))
            reading = kind.parse(raws) if kind else EMPTY
            value = reading.value
            if kind and reading.outcome == "invalid":
                value = self.plan.sent.values.get(slot)
                said = " · ".join(display(raw) for raw in raws if not is_blank(raw))
                about = About("", *slot, self.sheet.name)
                self.plan.findings.append(
                    Finding.create(kind.error_code, Place("", self.sheet.name), about, value=said)
                )
            if value is not None:
                self.plan.values[slot] = value
