"""Compare two appendices: nodes that were added, removed or moved; values and figures that changed.

The list of changes is what a correction after publication needs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal, NamedTuple, get_args

from xltiltak.intake.row_matching import keys_by_unique_text
from xltiltak.layout.geometry import geometry_of
from xltiltak.model.field_types import FieldType, Value
from xltiltak.model.language import day_text, decimal_text, translate
from xltiltak.model.report import Node, Report, Slot
from xltiltak.model.summary import TOTAL, AnswerCounts, area_statistics, decimals_of
from xltiltak.model.template import Field

ChangeKind = Literal["head", "added", "retired", "moved", "text", "changed", "answered", "figure"]
"""The kinds of changes, in the order of their groups. "answered": an empty slot got an answer."""
_KINDS_OF_TEXT = ("text", "paragraphs", "bullets")
# The details of a report that its readers see.
_DETAILS = ("organisation", "title", "year", "language", "case_number", "intro")


class ReportChange(NamedTuple):
    """One difference between two reports.

    `what` names the slot or node for a reader; for a detail of the report it is the key of its
    label in the catalogue, for a figure the date. `before` and `after` are texts, empty for
    nothing. `area` is the name of the area. `ref` is the newer report's, of a removed node the
    older one's.
    """

    sort: ChangeKind
    what: str
    before: str
    after: str
    area: str = ""
    ref: str = ""
    field: str = ""
    date: date | None = None

    def kind_text(self, language: str) -> str:
        """Return the kind of the change, in this language."""
        return translate(f"compare.{self.sort}", language)

    def subject_text(self, language: str) -> str:
        """Return what has changed, in this language."""
        if self.sort == "head":
            return translate(f"book.{self.what}", language)
        if self.sort == "figure":
            return translate("compare.figures", language, date=self.what)
        return self.what


def grouped(changes: Iterable[ReportChange], *, every: bool) -> list[ReportChange]:
    """Return the changes by kind. Unless `every`, new answers are only counted, by area and field.

    A line that counts them has the number in `after`, and no ref.
    """
    found = list(changes)
    listed = [change for change in found if every or change.sort != "answered"]
    counts: dict[ReportChange, int] = {}
    for change in found[:0] if every else found:
        if change.sort == "answered":
            label = change.what.rpartition(" · ")[2]
            line = change._replace(what=label, before="", after="", ref="")
            counts[line] = counts.get(line, 0) + 1
    listed += [line._replace(after=str(count)) for line, count in counts.items()]
    order = get_args(ChangeKind)
    return sorted(listed, key=lambda change: order.index(change.sort))


def counts_text(changes: Iterable[ReportChange], language: str) -> str:
    """Return how many changes there are, of all kinds and of each."""
    counts = Counter(change.sort for change in changes)
    texts = [translate("compare.count", language, count=counts.total())]
    kinds = (kind for kind in get_args(ChangeKind) if counts[kind])
    texts += [f"{translate(f'compare.{kind}', language)}: {counts[kind]}" for kind in kinds]
    return " · ".join(texts)


def compare(old: Report, new: Report) -> tuple[ReportChange, ...]:
    """Return all changes from the older report to the newer one.

    First those of the details, then those of the nodes in the newer report's order, then the nodes
    that were removed, then the figures.
    """
    comparison = _Comparison(old, new, match_nodes(old, new))
    return (
        *comparison.changed_details(),
        *(change for node in new.nodes for change in comparison.changes_of_node(node)),
        *comparison.removed_nodes(),
        *comparison.changed_figures(),
    )


def _kind_of_change(field: Field, old_value: Value | None) -> ChangeKind:
    if field.role == "input" and old_value is None:
        return "answered"
    return "text" if field.kind in _KINDS_OF_TEXT else "changed"


def match_nodes(old: Report, new: Report) -> dict[str, str]:
    """Return the ref in the older report of every node of the newer one that was in it.

    Nodes are matched as everywhere, in three passes over what is left: same ref and
    same text, same text, same ref. An area may have got another code.
    """
    predecessors = {ref: area.predecessor for ref, area in new.areas.items() if area.predecessor}
    found: dict[str, str] = {}
    for level in new.template.levels:
        old_texts = {n.ref: _identifying_text(old, n) for n in old.nodes if n.level == level.id}
        new_texts = {n.ref: _identifying_text(new, n) for n in new.nodes if n.level == level.id}
        old_refs = {ref: predecessors.get(ref, ref) for ref in new_texts}
        matched = {
            ref: old_ref
            for ref, old_ref in old_refs.items()
            if old_texts.get(old_ref) == new_texts[ref]
        }
        matched |= _match_by_text(
            _without(new_texts, matched), _without(old_texts, matched.values())
        )
        unmatched = old_texts.keys() - set(matched.values())
        matched |= {
            ref: old_ref
            for ref, old_ref in old_refs.items()
            if ref not in matched and old_ref in unmatched
        }
        found |= matched
    return found


def _match_by_text(new_texts: Mapping[str, str], old_texts: Mapping[str, str]) -> dict[str, str]:
    """Return the older ref by the newer one, for texts that one node has in each report."""
    old_refs = keys_by_unique_text(old_texts)
    new_refs = keys_by_unique_text(new_texts)
    return {ref: old_refs[text] for text, ref in new_refs.items() if text in old_refs}


def _without(texts: Mapping[str, str], refs: Iterable[str]) -> dict[str, str]:
    """Return the texts that are not empty, without those of these refs."""
    excluded = {*refs}
    return {ref: text for ref, text in texts.items() if text and ref not in excluded}


def _identifying_text(report: Report, node: Node) -> str:
    """Return the text that identifies a node; the id of its closed group if it has none."""
    fields = (f for f in report.template.fields_of(node.level) if f.is_identifying)
    text = " ".join(str(report.values.get(Slot(node.ref, f.id), "")) for f in fields)
    return text or (node.group or "")


@dataclass(frozen=True)
class _Comparison:
    """Two reports. `old_refs` has the older ref of every node that is in both."""

    old: Report
    new: Report
    old_refs: Mapping[str, str]

    @cached_property
    def field_types(self) -> Mapping[tuple[str, str], FieldType]:
        """Return the type of every field in either template, by level and id."""
        geometries = geometry_of(self.old.template), geometry_of(self.new.template)
        return {**geometries[0].field_types, **geometries[1].field_types}

    def changed_details(self) -> Iterator[ReportChange]:
        """Yield the changed details of the report that readers see, and its reporting dates."""
        for name in _DETAILS:
            before, after = getattr(self.old.head, name), getattr(self.new.head, name)
            if before != after:
                yield ReportChange("head", name, str(before), str(after), field=name)
        before, after = (
            ", ".join(day_text(day, self.new.head.language) for day in report.head.dates)
            for report in (self.old, self.new)
        )
        if before != after:
            yield ReportChange("head", "date", before, after, field="dates")

    def changes_of_node(self, node: Node) -> Iterator[ReportChange]:
        """Yield the changes of a node of the newer report."""
        before = self.old.by_ref.get(self.old_refs.get(node.ref, ""))
        if before is None:
            yield self._change("added", node, after=self._name(self.new, node))
            return
        if node.last and node.last != before.last:
            name, last = self._name(self.old, before), day_text(node.last, self.new.head.language)
            yield self._change("retired", node, before=name, after=last)._replace(date=node.last)
        if node.group != before.group or self.old_refs.get(node.parent or "") != before.parent:
            old_path, new_path = self._path(self.old, before), self._path(self.new, node)
            yield self._change("moved", node, before=old_path, after=new_path)
        yield from self._changed_values(node, before)

    def _changed_values(self, node: Node, before: Node) -> Iterator[ReportChange]:
        """Yield the changed values of a node that is in both, in the order of the template."""
        days = sorted({*self.old.head.dates, *self.new.head.dates})
        for field in self._fields(node.level):
            for day in days if field.per_checkpoint else (None,):
                slot = Slot(node.ref, field.id, day)
                old_value = self.old.values.get(Slot(before.ref, field.id, day))
                new_value = self.new.values.get(slot)
                if old_value != new_value:
                    change = self._change(
                        _kind_of_change(field, old_value),
                        node,
                        before=self._display(slot, old_value),
                        after=self._display(slot, new_value),
                    )
                    what = self.new.describe(slot)
                    yield change._replace(what=what, field=field.id, date=day)

    def _fields(self, level: str) -> Iterable[Field]:
        """Return the fields of a level in either template; another version may lack one."""
        new_fields = self.new.template.fields_of(level)
        old_fields = self.old.template.fields_of(level)
        new_ids = {field.id for field in new_fields}
        return (*new_fields, *(field for field in old_fields if field.id not in new_ids))

    def removed_nodes(self) -> Iterator[ReportChange]:
        """Yield the nodes of the older report that are not in the newer one."""
        kept = set(self.old_refs.values())
        for node in self.old.nodes:
            if node.ref not in kept:
                change = ReportChange("retired", "", self._name(self.old, node), "")
                yield self._with_node(change, self.old, node)

    def changed_figures(self) -> Iterator[ReportChange]:
        """Yield the counts and means of areas, and of the whole, that are printed otherwise."""
        old_statistics, new_statistics = area_statistics(self.old), area_statistics(self.new)
        for (ref, day), counts in new_statistics.items():
            old_counts = old_statistics.get((self.old_refs.get(ref, ref), day))
            if old_counts is not None:
                before, after = self._figure_text(old_counts), self._figure_text(counts)
                if before != after:
                    area = self.new.area_name(ref) if ref != TOTAL else ""
                    what = day_text(day, self.new.head.language)
                    yield ReportChange("figure", what, before, after, area, ref, date=day)

    def _figure_text(self, counts: AnswerCounts) -> str:
        """Return count and mean as one text: "27 · 2,6"."""
        mean = counts.mean(decimals_of(self.new))
        text = "–" if mean is None else decimal_text(mean, self.new.head.language)
        return f"{counts.count} · {text}"

    def _display(self, slot: Slot, value: Value | None) -> str:
        """Return a value as its reader sees it; empty for an empty slot."""
        if value is None:
            return ""
        level = self.new.by_ref[slot.ref].level
        return self.field_types[level, slot.field].display(value, self.new.head.language)

    def _change(
        self, kind: ChangeKind, node: Node, *, before: str = "", after: str = ""
    ) -> ReportChange:
        """Return a change of a node of the newer report."""
        return self._with_node(ReportChange(kind, "", before, after), self.new, node)

    def _with_node(self, change: ReportChange, report: Report, node: Node) -> ReportChange:
        """Return the change with name, area and ref of a node."""
        area = report.area_name(report.area_of[node.ref])
        return change._replace(what=report.describe_node(node.ref), area=area, ref=node.ref)

    def _name(self, report: Report, node: Node) -> str:
        return _identifying_text(report, node) or report.describe_node(node.ref)

    def _path(self, report: Report, node: Node) -> str:
        """Return the names of the groups around a node, outermost first."""
        names: list[str] = []
        parent = report.by_ref.get(node.parent or "")
        while parent:
            names.append(report.describe_node(parent.ref))
            parent = report.by_ref.get(parent.parent or "")
        return " · ".join(reversed(names))
