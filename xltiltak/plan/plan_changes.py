"""List what the coordinator changed in a plan or appendix since it was written.

`plan_changes` compares the register as it was written, from the hidden record, with the register
as it was read from the visible cells. It is a pure function: `split`, `merge` and the buttons show
its result, and a merge over an appendix can apply the edits of the plan slot by slot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Literal, NamedTuple, get_args

from xltiltak.layout.geometry import geometry_of
from xltiltak.layout.list_rows import AREA_COLUMNS
from xltiltak.model.cell_values import display
from xltiltak.model.field_types import Value
from xltiltak.model.language import day_text, translate
from xltiltak.model.own_content import HEADING, OwnContent, headings
from xltiltak.model.register import Register
from xltiltak.model.report import BLANK_AREA, Node, Report, Slot

EditKind = Literal[
    "details",
    "date_new",
    "date_removed",
    "area_removed",
    "area_new",
    "area_renamed",
    "area_details",
    "removed",
    "new",
    "retired",
    "resumed",
    "begins",
    "moved",
    "renamed",
    "changed",
    "reordered",
    "own_column",
    "own_sheet",
]
"""What the coordinator did, in the order in which the changes of an area are listed."""

_ORDER = {kind: n for n, kind in enumerate(get_args(EditKind))}
_DETAILS = ("title", "organisation", "year", "language", "deadline", "contact", "case_number")
_MOST_NAMED = 3  # changes of one kind that a summary names
_TEXT_DETAILS = (*_DETAILS, "intro", "current")


class PlanChange(NamedTuple):
    """One change of the coordinator.

    `area` and `area_name` are code and name of the area, "" for a change of the report's details.
    `ref` is that of the
    area or measure. `field` is the id of a field, or the name of a detail of the report or of an
    area; `date` the reporting date. `what` names the measure by number and title, with the label of
    the field. `before` and `after` are texts as a reader sees them, "" for nothing. `cell` is
    where a new measure was typed.
    """

    kind: EditKind
    area: str
    area_name: str
    what: str
    before: str = ""
    after: str = ""
    ref: str = ""
    field: str = ""
    date: date | None = None
    cell: str = ""

    @property
    def slot(self) -> Slot | None:
        """Return the slot whose value was changed; None for any other change."""
        is_value = self.kind in ("renamed", "changed", "area_renamed")
        return Slot(self.ref, self.field, self.date) if is_value else None

    def kind_text(self, language: str) -> str:
        """Return what the coordinator did, in this language."""
        return translate(f"plan_change.{self.kind}", language)

    def sentence(self, language: str) -> str:
        """Return the change on one line: "Skog · FJERNET · Tiltak 3 Telle elg"."""
        after = f"{self.after} ({self.cell})" if self.cell else self.after
        values = f"«{self.before}» → «{after}»"
        return " · ".join(
            filter(None, (self.area_name, self.kind_text(language), self.what, values))
        )


def plan_changes(written: Register | None, read: Register) -> tuple[PlanChange, ...]:
    """Return what changed between the register as written and the register as read.

    The changes of the report's details come first, then those of each area: its own details, then
    removed, new, retired, moved, renamed and otherwise changed measures, and own columns. Refs are
    the same in both registers, because the reader gives each row its ref back. `written` is
    `Register.written` of the register that was read; with None nothing was changed.
    """
    if written is None:
        return ()
    cells = {finding.ref: finding.place.cell for finding in read.rows_without_ref}
    comparison = _PlanComparison(written.shown_report, read.shown_report, cells)
    changes = (*comparison.area_changes(), *_new_own_content(written.own, read))
    return (*comparison.changed_details(), *sorted(changes, key=comparison.position))


def summary_text(changes: Sequence[PlanChange], language: str) -> str:
    """Return the changes as one short text: "FJERNET: Tiltak 3 Telle elg · Endret: 4"."""
    texts = []
    for kind in get_args(EditKind):
        alike = [change for change in changes if change.kind == kind]
        if alike:
            names = ", ".join(change.what for change in alike if change.what)
            is_short = kind != "changed" and len(alike) <= _MOST_NAMED
            texts.append(f"{alike[0].kind_text(language)}: {names if is_short else len(alike)}")
    return " · ".join(texts)


@dataclass(frozen=True)
class _PlanComparison:
    """The report of a workbook as it was written, and as it was read.

    `cells` says by ref where a measure without a ref was typed.
    """

    before: Report
    after: Report
    cells: Mapping[str, str]

    def position(self, change: PlanChange) -> tuple[int, int]:
        """Return where a change is listed: by area, removed areas last, then by its kind."""
        return self._area_order.get(change.area, len(self._area_order)), _ORDER[change.kind]

    @cached_property
    def _area_order(self) -> Mapping[str, int]:
        return {ref: n for n, ref in enumerate(self.after.area_refs)}

    @cached_property
    def language(self) -> str:
        """Return the language of the report."""
        return self.after.head.language

    def changed_details(self) -> Iterator[PlanChange]:
        """Yield the changed details of the report, and its reporting dates that came or went."""
        before, after = self.before.head, self.after.head
        for name in _TEXT_DETAILS:
            old, new = (self._text(getattr(head, name)) for head in (before, after))
            if old != new:
                yield PlanChange("details", "", "", self._label(name), old, new, field=name)
        for day in sorted({*after.dates} - {*before.dates}):
            yield PlanChange("date_new", "", "", self._label("date"), "", self._text(day), date=day)
        for day in sorted({*before.dates} - {*after.dates}):
            yield PlanChange(
                "date_removed", "", "", self._label("date"), self._text(day), "", date=day
            )

    def _text(self, value: object) -> str:
        """Return a value of the report's details as text; "" for None."""
        if isinstance(value, date):
            return day_text(value, self.language)
        return "" if value is None else str(value)

    def _label(self, name: str) -> str:
        """Return the label of a detail in the coordinator's workbook."""
        return translate(f"book.{name}", self.language)

    def area_changes(self) -> Iterator[PlanChange]:
        """Yield the changes of areas, of their measures, and of values."""
        for ref in self.after.area_refs:
            yield from self._changed_area(ref)
        yield from self._changed_nodes()
        yield from self._changed_values()
        yield from self._reordered()

    def _changed_area(self, ref: str) -> Iterator[PlanChange]:
        """Yield the changed details of an area: leader, address, introduction."""
        before, after = (report.areas.get(ref, BLANK_AREA) for report in (self.before, self.after))
        for name in AREA_COLUMNS:
            old, new = getattr(before, name), getattr(after, name)
            if old != new:
                label = self._label("area_language" if name == "language" else name)
                area_name = self.after.area_name(ref)
                yield PlanChange("area_details", ref, area_name, label, old, new, ref, name)

    def _changed_nodes(self) -> Iterator[PlanChange]:
        """Yield the nodes that are new, removed or moved, and the changed dates of measures."""
        for node in self.before.nodes:
            if node.ref not in self.after.by_ref:
                yield self._change(self.before, node, "removed", before=_name(self.before, node))
        for node in self.after.nodes:
            old = self.before.by_ref.get(node.ref)
            if old is None:
                yield self._change(self.after, node, "new", after=_name(self.after, node))
                continue
            yield from self._changed_period(old, node)
            if (old.parent, old.group) != (node.parent, node.group):
                above = (_above(self.before, old), _above(self.after, node))
                yield self._change(self.after, node, "moved", *above)

    def _changed_period(self, old: Node, node: Node) -> Iterator[PlanChange]:
        """Yield the changed first and last date of a measure."""
        if old.last != node.last:
            kind: EditKind = "retired" if node.last else "resumed"
            yield self._change(self.after, node, kind, self._text(old.last), self._text(node.last))
        if old.first != node.first:
            dates = self._text(old.first), self._text(node.first)
            yield self._change(self.after, node, "begins", *dates)

    def _change(
        self, report: Report, node: Node, kind: EditKind, before: str = "", after: str = ""
    ) -> PlanChange:
        """Return a change of a node; a node of the level of areas has kinds of its own."""
        area = report.area_of[node.ref]
        if area == node.ref and kind in ("removed", "new"):
            kind = "area_removed" if kind == "removed" else "area_new"
        what = report.describe_node(node.ref)
        change = PlanChange(kind, area, report.area_name(area), what, before, after, node.ref)
        return change._replace(cell=self.cells.get(node.ref, ""))

    def _changed_values(self) -> Iterator[PlanChange]:
        """Yield the changed values of nodes that are in both, in the order of the plan."""
        before, after = self.before.values, self.after.values
        changed = {slot for slot, value in after.items() if before.get(slot) != value}
        changed |= {slot for slot in before if slot not in after}
        changed = {s for s in changed if s.ref in self.before.by_ref and s.ref in self.after.by_ref}
        changed = {s for s in changed if not self.after.is_derived(s)}
        places = {ref: n for n, ref in enumerate(self.after.by_ref)} if changed else {}
        order = [field.id for field in self.after.template.fields]
        for slot in sorted(changed, key=lambda s: (places[s.ref], _rank(order, s), str(s.date))):
            yield self._changed_value(slot, before.get(slot), after.get(slot))

    def _changed_value(self, slot: Slot, old: Value | None, new: Value | None) -> PlanChange:
        """Return the change of one value; one that identifies its row is a new name."""
        node, area = self.after.by_ref[slot.ref], self.after.area_of[slot.ref]
        field = self.after.template.field_of(node.level, slot.field)
        kind: EditKind = "changed"
        if field and field.is_identifying and field.kind != "integer":
            kind = "area_renamed" if area == slot.ref else "renamed"
        label = field.named(slot.date) if field else slot.field
        what = self.before.describe_node(slot.ref)
        if kind == "changed":
            what = f"{what} · {label}"
        texts = self._display(node, slot, old), self._display(node, slot, new)
        change = PlanChange(kind, area, self.after.area_name(area), what, *texts)
        return change._replace(ref=slot.ref, field=slot.field, date=slot.date)

    def _display(self, node: Node, slot: Slot, value: Value | None) -> str:
        """Return a value as its reader sees it; "" for an empty slot."""
        kind = geometry_of(self.after.template).field_types.get((node.level, slot.field))
        return "" if value is None or kind is None else kind.display(value, self.language)

    def _reordered(self) -> Iterator[PlanChange]:
        """Yield one change for each area whose measures have another order."""
        in_both = {(n.ref, n.parent) for n in self.before.nodes}
        in_both &= {(n.ref, n.parent) for n in self.after.nodes}
        old, new = (_refs_by_area(report, in_both) for report in (self.before, self.after))
        for ref in self.after.area_refs:
            if old.get(ref) != new.get(ref):
                name = self.after.area_name(ref)
                yield PlanChange("reordered", ref, name, name, ref=ref)


def _new_own_content(written: OwnContent, read: Register) -> Iterator[PlanChange]:
    """Yield the own columns and sheets that are new: the next workbook has them too."""
    report, language = read.report, read.report.head.language
    for area, columns in read.own.columns.items():
        before = headings(written.columns.get(area, ()))
        for heading, column in zip(headings(columns), columns, strict=True):
            if heading not in before:
                cells = (cell for name, cell in column.items() if name != HEADING)
                values = "; ".join(display(cell, language) for cell in islice(cells, _MOST_NAMED))
                area_name = report.area_name(area)
                yield PlanChange("own_column", area, area_name, heading or "–", "", values, area)
    known = {sheet.name for sheet in written.sheets}
    for sheet in read.own.sheets:
        if sheet.name not in known:
            cells = (cell for row in sheet.rows for cell in row if cell is not None)
            values = "; ".join(display(cell, language) for cell in islice(cells, _MOST_NAMED))
            yield PlanChange("own_sheet", "", "", sheet.name, "", values)


def _rank(order: list[str], slot: Slot) -> int:
    """Return the place of a slot's field in the template."""
    return order.index(slot.field) if slot.field in order else len(order)


def _refs_by_area(report: Report, among: set[tuple[str, str | None]]) -> dict[str, list[str]]:
    """Return the refs of each area's nodes that are among these, in their order."""
    refs: dict[str, list[str]] = defaultdict(list)
    for node in report.nodes:
        if (node.ref, node.parent) in among:
            refs[report.area_of[node.ref]].append(node.ref)
    return refs


def _name(report: Report, node: Node) -> str:
    """Return the title of a node; that of its closed group, or "" if it has none."""
    group = report.template.level(node.level).group(node.group)
    name = report.values.get(Slot(node.ref, "name"))
    return str(name or "") or (group.label if group else "")


def _above(report: Report, node: Node) -> str:
    """Return the name of the heading that a node is below."""
    return report.describe_node(node.parent) if node.parent else ""
