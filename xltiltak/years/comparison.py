"""What differs between two appendices: nodes that came, went or moved, values and figures that changed.

Nodes are known as everywhere (design §5): by their refs, and where the texts have parted from them by their texts. The
list is what a correction after publication needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal, NamedTuple

from xltiltak.intake.row_matching import keys_by_unique_text
from xltiltak.layout.geometry import geometry_of
from xltiltak.model.field_types import Value
from xltiltak.model.language import decimal_text, translate
from xltiltak.model.report import Node, Report, Slot
from xltiltak.model.summary import TOTAL, AnswerCounts, area_statistics, decimals_of
from xltiltak.model.template import Field

Sort = Literal["head", "added", "retired", "moved", "changed", "figure"]
_HEAD = (
    "organisation",
    "title",
    "year",
    "language",
    "case_number",
    "intro",
)  # of a head, what its readers see


class ReportChange(NamedTuple):
    """One difference. `before` and `after` are empty where nothing stood.

    `what` is a slot or node in people's words; of the head its key in the catalogue, of a figure its date. `ref` is the
    newer report's, the older's for what was retired; `area` is its area's name.
    """

    sort: Sort
    what: str
    before: str
    after: str
    area: str = ""
    ref: str = ""
    field: str = ""
    date: date | None = None

    def kind_text(self, language: str) -> str:
        """What kind of change it is, in words."""
        return translate(f"compare.{self.sort}", language)

    def subject_text(self, language: str) -> str:
        """What differs, in words."""
        if self.sort == "head":
            return translate(f"book.{self.what}", language)
        return (
            translate("compare.figures", language, date=self.what)
            if self.sort == "figure"
            else self.what
        )


def compare(old: Report, new: Report) -> tuple[ReportChange, ...]:
    """Every change from the older report to the newer: the head's first, then node by node, the figures last."""
    return tuple(_Comparison(old, new).changes())


def paired(old: Report, new: Report) -> dict[str, str]:
    """The ref in the older report of every node of the newer one that was there, by the newer's ref.

    Three rounds, each over what is left: the same ref and text, the same text, the same ref (its text was edited). An
    area may have got a new code.
    """
    former = {ref: area.predecessor for ref, area in new.areas.items() if area.predecessor}
    found: dict[str, str] = {}
    for level in new.template.levels:
        was = {node.ref: _text(old, node) for node in old.nodes if node.level == level.id}
        now = {node.ref: _text(new, node) for node in new.nodes if node.level == level.id}
        same = {ref: mark for ref in now if was.get(mark := former.get(ref, ref)) == now[ref]}
        same |= _by_text(_without(now, same), _without(was, same.values()))
        taken = set(same.values())
        same |= {
            ref: mark
            for ref in now
            if ref not in same and (mark := former.get(ref, ref)) in was.keys() - taken
        }
        found |= same
    return found


def _by_text(now: Mapping[str, str], was: Mapping[str, str]) -> dict[str, str]:
    """Refs of one text, where it is nobody else's on either side."""
    refs = keys_by_unique_text(was)
    return {ref: refs[text] for text, ref in keys_by_unique_text(now).items() if text in refs}


def _without(texts: Mapping[str, str], refs: Iterable[str]) -> dict[str, str]:
    left = {*refs}
    return {ref: text for ref, text in texts.items() if text and ref not in left}


def _text(report: Report, node: Node) -> str:
    """What a node is known by."""
    fields = (f for f in report.template.fields_of(node.level) if f.is_identifying)
    return " ".join(str(report.values.get(Slot(node.ref, f.id), "")) for f in fields) or (
        node.group or ""
    )


class _Comparison:
    """Two reports side by side; `was` gives the older ref of every node that is in both."""

    def __init__(self, old: Report, new: Report) -> None:
        self.old, self.new, self.was = old, new, paired(old, new)
        self.language = new.head.language
        self.kinds = {
            **geometry_of(old.template).field_types,
            **geometry_of(new.template).field_types,
        }

    def changes(self) -> Iterator[ReportChange]:
        """All differences."""
        yield from self._of_head()
        for node in self.new.nodes:
            yield from self._of_node(node)
        kept = set(self.was.values())
        for node in (node for node in self.old.nodes if node.ref not in kept):
            yield self._about(
                self.old, node, ReportChange("retired", "", self._named(self.old, node), "")
            )
        yield from self._of_figures()

    def _of_head(self) -> Iterator[ReportChange]:
        """What the readers see of the head, and the reporting dates."""
        for name in _HEAD:
            before, after = getattr(self.old.head, name), getattr(self.new.head, name)
            if before != after:
                yield ReportChange("head", name, str(before), str(after), field=name)
        before, after = (
            ", ".join(f"{day:%d.%m.%Y}" for day in r.head.dates) for r in (self.old, self.new)
        )
        if before != after:
            yield ReportChange("head", "date", before, after, field="dates")

    def _of_node(self, node: Node) -> Iterator[ReportChange]:
        before = self.old.by_ref.get(self.was.get(node.ref, ""))
        if before is None:
            yield self._about(
                self.new, node, ReportChange("added", "", "", self._named(self.new, node))
            )
            return
        if node.last and node.last != before.last:
            named = self._named(self.old, before)
            yield self._about(
                self.new,
                node,
                ReportChange("retired", "", named, f"{node.last:%d.%m.%Y}", date=node.last),
            )
        if node.group != before.group or self.was.get(node.parent or "") != before.parent:
            places = (self._place(self.old, before), self._place(self.new, node))
            yield self._about(self.new, node, ReportChange("moved", "", *places))
        yield from self._of_values(node, before)

    def _of_values(self, node: Node, before: Node) -> Iterator[ReportChange]:
        """The slots of a node that is in both, in the order of the template."""
        days = sorted({*self.old.head.dates, *self.new.head.dates})
        for known in self._fields(node.level):
            for day in days if known.per_checkpoint else (None,):
                slot, was = (
                    Slot(node.ref, known.id, day),
                    self.old.values.get(Slot(before.ref, known.id, day)),
                )
                now = self.new.values.get(slot)
                if was != now:
                    texts = (self._said(slot, was), self._said(slot, now))
                    change = ReportChange(
                        "changed", self.new.describe(slot), *texts, field=known.id, date=day
                    )
                    yield self._about(self.new, node, change)

    def _fields(self, level: str) -> Iterator[Field]:
        """The fields of a level in either template: another version may lack one."""
        known = {
            f.id: f for report in (self.old, self.new) for f in report.template.fields_of(level)
        }
        order = [f.id for report in (self.new, self.old) for f in report.template.fields_of(level)]
        return (known[name] for name in dict.fromkeys(order))

    def _of_figures(self) -> Iterator[ReportChange]:
        """The counts and means that came out otherwise."""
        was, now = area_statistics(self.old), area_statistics(self.new)
        for (ref, day), known in now.items():
            if (before := was.get((self.was.get(ref, ref), day))) is None:
                continue
            was_shown, shown = self._figure(before), self._figure(known)
            if was_shown != shown:
                area = self.new.area_name(ref) if ref != TOTAL else ""
                yield ReportChange(
                    "figure", f"{day:%d.%m.%Y}", was_shown, shown, area, ref, date=day
                )

    def _figure(self, known: AnswerCounts) -> str:
        """How a count and a mean are printed together: "27 · 2,6"."""
        mean = known.mean(decimals_of(self.new))
        return f"{known.count} · {'–' if mean is None else decimal_text(mean, self.language)}"

    def _said(self, slot: Slot, value: Value | None) -> str:
        level = self.new.by_ref[slot.ref].level
        return "" if value is None else self.kinds[level, slot.field].display(value, self.language)

    def _about(self, report: Report, node: Node, change: ReportChange) -> ReportChange:
        """The change with what it is about."""
        area = report.area_name(report.area_of[node.ref])
        return change._replace(
            what=change.what or report.describe_node(node.ref), area=area, ref=node.ref
        )

    def _named(self, report: Report, node: Node) -> str:
        return _text(report, node) or report.describe_node(node.ref)

    def _place(self, report: Report, node: Node) -> str:
        """The groups a node stands in, outermost first."""
        path: list[str] = []
        above = report.by_ref.get(node.parent or "")
        while above:
            path.append(report.describe_node(above.ref))
            above = report.by_ref.get(above.parent or "")
        return " · ".join(reversed(path))
