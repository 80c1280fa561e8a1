"""Continue an appendix: what was decided in it stands, and later edits of the plan are taken in.

Three reports are compared, fact by fact: the plan as it was when the appendix was last merged, the
plan as it is now, and the appendix without the answers that were merged into it. What was changed
in one of the last two is taken. Where both were changed, the appendix stands and M110 says so.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal

from xltiltak.layout.geometry import geometry_of
from xltiltak.layout.list_rows import AREA_COLUMNS
from xltiltak.merging.registry import rule
from xltiltak.model.finding import ANYWHERE, NOTHING, About, Finding
from xltiltak.model.language import day_text, translate
from xltiltak.model.register import Fact, FactValue, MergedPlan, Register
from xltiltak.model.report import BLANK_AREA, Head, Node, Report, Slot
from xltiltak.model.values import EMPTY_ROW, ValueTableBuilder

Facts = Mapping[Fact, FactValue]
Outcome = Literal["taken", "disputed", "same"]
_ORDER = Fact("order")
_DETAILS = tuple(field.name for field in dataclasses.fields(Head))
_LABELS = {"language": "area_language"}  # of details of an area that a report has too
_NO_VALUE = "–"  # how an empty value is quoted


def continue_appendix(
    appendix: Register, plan: Register, file: str = "", digest: str = "", *, only_new: bool = False
) -> Register:
    """Return the appendix with what was edited in the plan since.

    `file` and `digest` are those of the plan's file. With `only_new` only new nodes are taken: a
    plan that is made of forms lacks the areas whose forms are not there this time.
    """
    own, theirs = without_answers(appendix), without_answers(plan)
    theirs = _with_date_of(own, theirs)
    comparison = Comparison(own, theirs, appendix)
    taken, disputed = comparison.outcome(only_new=only_new)
    report = _with_counts(with_facts(own, taken), theirs)
    facts = changed_facts(report, theirs)
    earlier = appendix.plan or MergedPlan()
    merged_plan = MergedPlan(
        digest if facts != earlier.facts or taken or not earlier.digest else earlier.digest,
        facts,
        _still_disputed((*earlier.disputed, *disputed), facts),
        (*(f for f in earlier.findings if f.place.file not in ("", file)), *plan.findings),
    )
    return replace(
        _united(appendix, plan),
        report=report,
        previous_values={slot: report.values.get(slot) for slot in appendix.previous_values},
        plan=merged_plan,
    )


def begin_appendix(plan: Register, digest: str = "") -> Register:
    """Return the register of a first merge: the plan, with what a later merge has to know of it."""
    earlier = plan.plan.findings if plan.plan else ()
    return replace(plan, plan=MergedPlan(digest, findings=(*earlier, *plan.findings)))


def with_findings_kept(appendix: Register) -> Register:
    """Return an appendix whose plan has the findings about its own cells too.

    The appendix is written anew with the values that could be read. A later merge repeats the
    findings about the others.
    """
    if appendix.plan is None or not appendix.findings:
        return appendix
    findings = (*appendix.plan.findings, *appendix.findings)
    return replace(appendix, plan=replace(appendix.plan, findings=findings))


def with_edits_told(written: Register, edited: Register) -> Register:
    """Return an appendix that its coordinator has edited, with the plan told apart from it again.

    `written` is the appendix as it was written. What was disputed is decided where it was edited
    since, and a finding about a cell is settled where another value was typed.
    """
    if written.plan is None:
        return edited
    before, after = without_answers(written), without_answers(edited)
    edits = changed_facts(before, after)
    if not edits:
        return replace(edited, plan=written.plan)
    facts = changed_facts(after, with_facts(before, written.plan.facts))
    disputed = _still_disputed((f for f in written.plan.disputed if f not in edits), facts)
    findings = tuple(
        finding
        for finding in written.plan.findings
        if Fact("value", finding.ref, finding.field, finding.date) not in edits
    )
    plan = replace(written.plan, facts=facts, disputed=disputed, findings=findings)
    return replace(edited, plan=plan)


def without_answers(register: Register) -> Report:
    """Return the report as it was before answers were merged into it, with what was decided."""
    report = register.report
    values = ValueTableBuilder(report.value_table)
    for slot, value in register.previous_values.items():
        if slot not in register.overridden_slots and slot.ref in report.by_ref:
            values[slot] = value
    return report.with_same_nodes(values=values.build())


def changed_facts(old: Report, new: Report) -> dict[Fact, FactValue]:
    """Return what `new` says where `old` says something else; None for what it does not have."""
    facts: dict[Fact, FactValue] = {}
    for name in _DETAILS:
        if getattr(old.head, name) != (value := getattr(new.head, name)):
            facts[Fact("head", "", name)] = value
    for ref in {**old.areas, **new.areas}:
        before, after = old.areas.get(ref, BLANK_AREA), new.areas.get(ref, BLANK_AREA)
        for name in AREA_COLUMNS:
            if getattr(before, name) != (value := getattr(after, name)):
                facts[Fact("area", ref, name)] = value
    for ref in {**old.by_ref, **new.by_ref}:
        if old.by_ref.get(ref) != (node := new.by_ref.get(ref)):
            facts[Fact("node", ref)] = node
        facts.update(_changed_values(old, new, ref))
    if [*old.by_ref] != [*new.by_ref]:
        facts[_ORDER] = tuple(new.by_ref)
    return facts


def _changed_values(old: Report, new: Report, ref: str) -> Iterator[tuple[Fact, FactValue]]:
    """Yield the values of a node that differ. Rows are compared first: few differ."""
    rows = [report.value_table.rows.get(ref, EMPTY_ROW) for report in (old, new)]
    if rows[0] != rows[1]:
        before, after = (report.value_table.items_of([ref]) for report in (old, new))
        for slot in {**before, **after}:
            if before.get(slot) != after.get(slot) and not new.is_derived(slot):
                yield Fact("value", *slot), after.get(slot)


def with_facts(report: Report, facts: Facts) -> Report:
    """Return the report with other facts."""
    if not facts:
        return report
    nodes, areas = dict(report.by_ref), dict(report.areas)
    details: dict[str, FactValue] = {}
    values: dict[Slot, FactValue] = dict(report.values.items())
    for fact, value in facts.items():
        if fact.kind == "value":
            values[Slot(*fact[1:])] = value
        elif fact.kind == "head":
            details[fact.name] = value
        elif fact.kind == "area":
            area = areas.get(fact.ref, BLANK_AREA)
            areas[fact.ref] = replace(area, **{fact.name: value})  # type: ignore[arg-type]
        elif fact.kind == "node" and isinstance(value, Node):
            nodes[fact.ref] = value
        elif fact.kind == "node":
            nodes.pop(fact.ref, None)
    return replace(
        report,
        head=replace(report.head, **details),  # type: ignore[arg-type]
        nodes=_in_tree_order(nodes, _refs(facts.get(_ORDER)) or [*report.by_ref]),
        values={
            slot: value  # type: ignore[misc]
            for slot, value in values.items()
            if value is not None and slot.ref in nodes
        },
        areas=areas,
    )


def _refs(order: FactValue) -> list[str]:
    """Return the refs of a fact about the order of nodes."""
    return [str(ref) for ref in order] if isinstance(order, tuple) else []


def _in_tree_order(nodes: Mapping[str, Node], order: Sequence[str]) -> tuple[Node, ...]:
    """Return the nodes so that each stands below its parent, and else in this order."""
    position = {ref: n for n, ref in enumerate(order)}
    children: dict[str | None, list[Node]] = defaultdict(list)
    for node in sorted(nodes.values(), key=lambda node: position.get(node.ref, len(order))):
        children[node.parent].append(node)

    def below(parent: str | None) -> Iterator[Node]:
        for node in children[parent]:
            yield node
            yield from below(node.ref)

    return tuple(below(None))


def _with_date_of(own: Report, theirs: Report) -> Report:
    """Return the plan with the date of the appendix open, if it has no open date itself."""
    if theirs.head.current is None and own.head.current:
        return theirs.with_open_date(own.head.current)
    return theirs


def _with_counts(report: Report, theirs: Report) -> Report:
    """Return the report with the highest number and the sendings of both; nobody edits these."""
    areas = {}
    for ref, area in report.areas.items():
        other = theirs.areas.get(ref, BLANK_AREA)
        highest, sent = max(area.highest, other.highest), max(area.sent, other.sent)
        areas[ref] = replace(area, highest=highest, sent=sent)
    return report.with_same_nodes(areas=areas)


def _united(appendix: Register, plan: Register) -> Register:
    """Return the appendix with what was received and decided in a plan that is one itself."""
    known = {(file.file, file.sha256) for file in appendix.returned_files}
    others = (file for file in plan.returned_files if (file.file, file.sha256) not in known)
    return replace(
        appendix,
        overridden_slots=appendix.overridden_slots | plan.overridden_slots,
        returned_files=(*appendix.returned_files, *others),
        accepted={**plan.accepted, **appendix.accepted},
        refused={**plan.refused, **appendix.refused},
        undecided={**plan.undecided, **appendix.undecided},
        handled={**plan.handled, **appendix.handled},
        key=appendix.key or plan.key,
        own=appendix.own.with_added(plan.own),
    )


def _still_disputed(disputed: Iterable[Fact], facts: Facts) -> frozenset[Fact]:
    """Return the facts about which the plan and the appendix still say different things."""
    refs = {fact.ref for fact in facts if fact.kind in ("node", "value")}
    return frozenset(
        fact for fact in disputed if fact in facts or (fact.kind == "node" and fact.ref in refs)
    )


class Comparison:
    """Compares the plan (`theirs`) with the appendix (`own`) and the plan of the last merge.

    `before` is the plan of the last merge. An appendix of an earlier version does not tell: then
    the plan adds what is new in it, and what else differs is disputed.
    """

    def __init__(self, own: Report, theirs: Report, appendix: Register) -> None:
        self.own, self.theirs = own, theirs
        self.is_known = appendix.plan is not None
        self.before = with_facts(own, appendix.plan.facts) if appendix.plan else own
        self.edits = changed_facts(self.before, theirs)
        self.decided = changed_facts(self.before, own)
        self.overridden = appendix.overridden_slots

    def outcome(self, *, only_new: bool) -> tuple[dict[Fact, FactValue], set[Fact]]:
        """Return the facts that the plan changes in the appendix, and those that are disputed."""
        taken: dict[Fact, FactValue] = {}
        disputed: set[Fact] = set()
        present = set(self.own.by_ref)
        for whole, facts in self._grouped():
            outcome = self._outcome(whole, facts, present)
            if only_new and not self._is_new(whole):
                continue
            if outcome == "taken":
                taken |= facts
                if whole.kind == "node":
                    (present.add if whole.ref in self.theirs.by_ref else present.discard)(whole.ref)
            elif outcome == "disputed":
                disputed.add(whole)
        if order := self._order(taken):
            taken[_ORDER] = order
        return taken, disputed

    def _grouped(self) -> list[tuple[Fact, dict[Fact, FactValue]]]:
        """Return the edits of the plan; those of a node that is not in all reports are one.

        New nodes come after their parents, nodes that are gone before these.
        """
        groups: dict[Fact, dict[Fact, FactValue]] = defaultdict(dict)
        everywhere = self.own.by_ref.keys() & self.theirs.by_ref.keys() & self.before.by_ref.keys()
        for fact, value in self.edits.items():
            is_part = fact.kind in ("node", "value") and fact.ref not in everywhere
            if fact != _ORDER:
                groups[Fact("node", fact.ref) if is_part else fact][fact] = value
        new = {ref: n for n, ref in enumerate(self.theirs.by_ref)}
        gone = {ref: -n for n, ref in enumerate(self.before.by_ref, 1)}
        return sorted(groups.items(), key=lambda one: new.get(one[0].ref, gone.get(one[0].ref, 0)))

    def _is_new(self, fact: Fact) -> bool:
        """Return True if the fact is a node that the plan did not have."""
        return fact.kind == "node" and fact.ref not in self.before.by_ref

    def _outcome(self, whole: Fact, facts: Facts, present: set[str]) -> Outcome:
        """Return whether an edit is taken. `present` are the refs in the appendix so far."""
        if self._is_new(whole):
            return self._outcome_of_new(whole.ref, facts, present)
        if whole.kind == "node" and whole.ref not in self.theirs.by_ref:
            return self._outcome_of_gone(whole.ref, present)
        if whole.kind == "node" and whole.ref not in self.own.by_ref:
            return "disputed"
        if not self.is_known:
            return "same" if Slot(*whole[1:]) in self.overridden else "disputed"
        if whole not in self.decided:
            return "taken"
        return "same" if self.decided[whole] == facts[whole] else "disputed"

    def _outcome_of_new(self, ref: str, facts: Facts, present: set[str]) -> Outcome:
        """Return whether a node that is new in the plan is taken."""
        if ref in self.own.by_ref:
            is_same = all(self.decided.get(fact) == value for fact, value in facts.items())
            return "same" if is_same else "disputed"
        parent = self.theirs.by_ref[ref].parent
        return "taken" if parent is None or parent in present else "disputed"

    def _outcome_of_gone(self, ref: str, present: set[str]) -> Outcome:
        """Return whether a node that is gone from the plan is taken out of the appendix too."""
        if ref not in self.own.by_ref or not self.is_known:
            return "same"
        is_decided = any(fact.ref == ref for fact in self.decided)
        has_children = any(n.parent == ref and n.ref in present for n in self.own.nodes)
        return "disputed" if is_decided or has_children else "taken"

    def _order(self, taken: Facts) -> tuple[str, ...]:
        """Return the refs in their new order; empty if it does not change."""
        before, own, theirs = ([*report.by_ref] for report in (self.before, self.own, self.theirs))
        is_moved = self.is_known and not _agree(before, theirs) and _agree(before, own)
        first, second = (theirs, own) if is_moved else (own, theirs)
        has_new = any(fact.kind == "node" and fact.ref not in self.own.by_ref for fact in taken)
        return tuple(_interleaved(first, second)) if is_moved or has_new else ()


def _agree(one: Sequence[str], other: Sequence[str]) -> bool:
    """Return True if the refs that both have stand in one order."""
    both = {*one} & {*other}
    return [ref for ref in one if ref in both] == [ref for ref in other if ref in both]


def _interleaved(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """Return the refs of `first`, and each other one of `second` after the one it follows there."""
    known, following, above = set(first), defaultdict[str, list[str]](list), ""
    for ref in second:
        if ref in known:
            above = ref
        else:
            following[above].append(ref)
    return [*following[""], *(one for ref in first for one in (ref, *following[ref]))]


# Findings


@rule("M110")
def disputes(register: Register) -> Iterator[Finding]:
    """Yield M110 for everything that was changed in the plan and, otherwise, in the appendix."""
    if register.plan is None or not register.plan.disputed:
        return
    own = without_answers(register)
    theirs = with_facts(own, register.plan.facts)
    for fact in sorted(register.plan.disputed, key=str):
        about = _about(own if fact.ref in own.by_ref else theirs, fact)
        if fact.kind != "node" or (fact.ref in own.by_ref and fact.ref in theirs.by_ref):
            is_new = fact.kind == "node" and own.by_ref[fact.ref] == theirs.by_ref[fact.ref]
            kind = "other_row" if is_new else "differs"
        else:
            kind = "lacks" if fact.ref in own.by_ref else "has"
        finding = Finding.create(
            "M110",
            ANYWHERE,
            about,
            reason=f"plan_{kind}",
            value=_shown(theirs, fact),
            held=_shown(own, fact),
        )
        yield finding.with_severity("error") if kind == "other_row" else finding


def _about(report: Report, fact: Fact) -> About:
    """Return what a finding about a fact is about, named for a reader."""
    area, language = report.area_of.get(fact.ref, fact.ref), report.head.language
    if fact.kind == "value":
        slot = Slot(*fact[1:])
        return About(area, *slot, report.describe_in_area(slot))
    if fact.kind == "node":
        return About(area, fact.ref, what=report.describe_node_in_area(fact.ref))
    if fact.kind == "area":
        label = translate(f"book.{_LABELS.get(fact.name, fact.name)}", language)
        return About(area, what=f"{report.area_name(fact.ref)} · {label}")
    key = "date" if fact.name == "dates" else fact.name
    return About(what=translate(f"book.{key}", language)) if key else NOTHING


def _shown(report: Report, fact: Fact) -> str:
    """Return what a report says of a fact, as text."""
    value: object = None
    if fact.kind == "value":
        return _shown_value(report, Slot(*fact[1:]))
    if fact.kind == "node":
        return _shown_node(report, fact.ref)
    if fact.kind == "area":
        value = getattr(report.areas.get(fact.ref, BLANK_AREA), fact.name)
    elif fact.kind == "head":
        value = getattr(report.head, fact.name)
    days, language = value if isinstance(value, tuple) else (value,), report.head.language
    return ", ".join(
        day_text(day, language) if isinstance(day, date) else str(day or _NO_VALUE) for day in days
    )


def _shown_value(report: Report, slot: Slot) -> str:
    node, value = report.by_ref.get(slot.ref), report.values.get(slot)
    field_types = geometry_of(report.template).field_types
    field_type = field_types.get((node.level, slot.field)) if node else None
    if value is None or field_type is None:
        return str(_NO_VALUE if value is None else value)
    return field_type.display(value, report.head.language)


def _shown_node(report: Report, ref: str) -> str:
    """Return the name of a node, where it stands, and from when to when it counts."""
    node = report.by_ref.get(ref)
    if node is None:
        return _NO_VALUE
    parent = report.describe_node(node.parent) if node.parent else ""
    first, last = (day_text(d, report.head.language) if d else "" for d in (node.first, node.last))
    days = f"{first}–{last}" if first or last else ""
    name = str(report.values.get(Slot(ref, "name"), ref))
    return " · ".join(filter(None, (name, parent, days)))


@rule("M111")
def decisions_dropped(dropped: Register, now: Register) -> Iterator[Finding]:
    """Yield M111 for every decision in an overwritten appendix that the new one does not have."""
    for fact, kind in _decisions(dropped):
        value = _shown(dropped.report, fact)
        if fact.kind != "order" and value != _shown(now.report, fact):
            about = _about(dropped.report, fact)
            yield Finding.create("M111", ANYWHERE, about, reason=f"drop_{kind}", value=value)
    for proposal in dropped.proposals:
        if proposal.key in dropped.refused and proposal.key not in now.refused:
            words = " · ".join(text for *_, text in proposal.values if isinstance(text, str))
            about = About(proposal.area)
            yield Finding.create("M111", ANYWHERE, about, reason="drop_refused", value=words)
        elif proposal.key in dropped.undecided and proposal.key not in now.undecided:
            value = dropped.undecided[proposal.key]
            about = About(proposal.area)
            yield Finding.create("M111", ANYWHERE, about, reason="drop_undecided", value=value)
    for fingerprint, text in dropped.handled.items():
        if fingerprint not in now.handled:
            yield Finding.create("M111", ANYWHERE, NOTHING, reason="drop_handled", value=text)
    contents = {file.sha256 for file in now.returned_files}
    for file in dropped.returned_files:
        if file.submissions and file.sha256 not in contents:
            about = About(file.submissions[0].area)
            yield Finding.create("M111", ANYWHERE, about, reason="drop_file", value=file.file)


def _decisions(register: Register) -> Iterator[tuple[Fact, str]]:
    """Yield what the coordinator has decided in an appendix, with the phrase that says so."""
    for slot in sorted(register.overridden_slots, key=str):
        yield Fact("value", *slot), "value"
    if register.plan is None:
        return
    own = without_answers(register)
    before = with_facts(own, register.plan.facts)
    for fact in changed_facts(before, own):
        is_of_new_node = fact.kind == "value" and fact.ref not in before.by_ref
        if Slot(*fact[1:]) not in register.overridden_slots and not is_of_new_node:
            yield fact, "node" if fact.kind == "node" else "value"
