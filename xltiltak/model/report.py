"""A report: its nodes, and what is known of them. A plan is a report whose current date is empty."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from xltiltak.model.field_types import Value, field_type_of
from xltiltak.model.template import Field, Template
from xltiltak.model.values import Slot, ValueTable, build_value_table

if TYPE_CHECKING:
    from pandas import DataFrame

    from xltiltak.model.frame import FrameRow

__all__ = ["BLANK_AREA", "Area", "Entry", "Head", "Node", "Report", "Slot", "join_reports"]


class Entry(NamedTuple):
    """A slot and what it holds, as a row of one long table; `value` as people read it, `number` where it is one."""

    area: str
    area_name: str
    ref: str
    level: str
    name: str | None
    field: str
    label: str
    date: date | None
    value: str | None
    number: int | Decimal | None


class Node(NamedTuple):
    """A group or a measure. `parent` is None at the top, `group` names the closed group it stands for.

    It counts at the dates from `first` to `last`; None means that there is no such end.
    """

    ref: str
    level: str
    parent: str | None = None
    group: str | None = None
    first: date | None = None
    last: date | None = None

    def is_active_on(self, day: date | None) -> bool:
        """Is it reported on at this date? A field without dates asks with None, and always is."""
        return day is None or (
            (self.first is None or self.first <= day) and (self.last is None or day <= self.last)
        )


@dataclass(frozen=True, slots=True)
class Head:
    """What a report is. `current` is the date that is open, None when all are closed; `deadline` is for answers."""

    code: str
    organisation: str
    title: str
    year: int
    language: str
    dates: tuple[date, ...] = ()
    current: date | None = None
    deadline: date | None = None
    contact: str = ""
    case_number: str = ""
    intro: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """What is known of an area besides its measures: who answers for it, and what is said of it in front.

    `highest` is the highest number a ref of it ever had, `sent` how often its form went out for the current date;
    `language` is the leader's, the report's when empty; `predecessor` is the code it had before, empty for none.
    `email` is the leader's, `deputy_email` her deputy's.
    """

    leader: str = ""
    deputy: str = ""
    email: str = ""
    language: str = ""
    intro: str = ""
    highest: int = 0
    sent: int = 0
    predecessor: str = ""
    deputy_email: str = ""


BLANK_AREA = Area()
_OF_NODES = (
    "by_ref",
    "area_refs",
    "area_of",
)  # what a report works out from its nodes alone, and its own code


@dataclass(frozen=True)
class Report:
    """All nodes in the order they are printed, and the values of their slots; an empty slot has none.

    Without `__slots__`, so that what follows from the nodes is worked out once. `areas` says who answers for each
    area sheet, by its ref.
    """

    template: Template
    head: Head
    nodes: tuple[Node, ...]
    values: Mapping[Slot, Value] = field(default_factory=dict)
    areas: Mapping[str, Area] = field(default_factory=dict)

    @cached_property
    def by_ref(self) -> Mapping[str, Node]:
        """Every node by its ref."""
        return {node.ref: node for node in self.nodes}

    @cached_property
    def area_refs(self) -> tuple[str, ...]:
        """The refs of the nodes that get a sheet; without such a level the report is one area, by its own code."""
        sent = self.template.area_level
        return tuple(n.ref for n in self.nodes if n.level == sent.id) if sent else (self.head.code,)

    def area_name(self, ref: str) -> str:
        """How an area is called; the report's title where it is the only one."""
        return (
            str(self.values.get(Slot(ref, "name"), ref))
            if self.template.area_level
            else self.head.title
        )

    def parts(self) -> dict[str, Report]:
        """What each area's sheet is about, in order."""
        return dict(self.iter_parts())

    def iter_parts(self) -> Iterator[tuple[str, Report]]:
        """The same one after the other, each made when it is asked for."""
        if self.template.area_level is None:
            yield self.head.code, self
            return
        area_of = self.area_of
        if set(area_of.values()) == set(self.area_refs) == {*self.areas} and len(self.areas) == 1:
            yield self.area_refs[0], self  # a form's own report is its area's part already
            return
        nodes: dict[str, list[Node]] = {ref: [] for ref in self.area_refs}
        for node in self.nodes:
            nodes[area_of[node.ref]].append(node)
        values_of = self._values_of()
        for ref, of_area in nodes.items():
            areas = {ref: self.areas[ref]} if ref in self.areas else {}
            yield (
                ref,
                replace(self, nodes=tuple(of_area), values=values_of(ref, of_area), areas=areas),
            )

    def _values_of(self) -> Callable[[str, Iterable[Node]], Mapping[Slot, Value]]:
        """What gives the values of an area with these nodes."""
        if isinstance(self.values, ValueTable):
            known = self.values
            return lambda _, nodes: (
                known.subset(refs := [node.ref for node in nodes]) or known.items_of(refs)
            )
        found: dict[str, dict[Slot, Value]] = {ref: {} for ref in self.area_refs}
        for slot, value in self.values.items():
            found[self.area_of[slot.ref]][slot] = value
        return lambda area, _: found.pop(area)

    @cached_property
    def value_table(self) -> ValueTable:
        """The values, node by node."""
        if isinstance(self.values, ValueTable):
            return self.values
        return build_value_table({node.ref: node.level for node in self.nodes}, self.values)

    def with_same_nodes(self, **parts: Any) -> Report:
        """The same report with other parts, but not other nodes: what follows from these is not worked out anew."""
        made = replace(self, **parts)
        vars(made).update({name: vars(self)[name] for name in _OF_NODES if name in vars(self)})
        return made

    @cached_property
    def area_of(self) -> Mapping[str, str]:
        """The area of every node."""
        found: dict[str, str] = {}
        has_areas = self.template.area_level is not None
        for node in self.nodes:
            above = node.parent if has_areas else self.head.code
            found[node.ref] = found.get(above, above) if above else node.ref
        return found

    @cached_property
    def finished_refs(self) -> frozenset[str]:
        """The measures that are finished: their last answer on a scale says so, or a closed group above them."""
        ending = {
            group.id for level in self.template.levels for group in level.groups if group.done
        }
        asked = [f for f in self.template.fields_of(self.template.leaf.id) if f.scale]
        leaves = (
            (node, groups) for node, groups in self.walk() if node.level == self.template.leaf.id
        )
        return frozenset(
            node.ref
            for node, groups in leaves
            if not ending.isdisjoint(groups)
            or any(self._is_done(node.ref, known) for known in asked)
        )

    def _is_done(self, ref: str, known: Field) -> bool:
        days = reversed(self.head.dates) if known.per_checkpoint else (None,)
        last = next(
            (v for day in days if (v := self.values.get(Slot(ref, known.id, day))) is not None),
            None,
        )
        return any(
            step.done for step in self.template.scales.get(known.scale, ()) if step.value == last
        )

    def with_open_date(self, day: date) -> Report:
        """The same report with one date open for answers."""
        dates = tuple(sorted({*self.head.dates, day}))
        return self.with_same_nodes(head=replace(self.head, dates=dates, current=day))

    def is_open(self, field: Field, day: date | None, node: Node) -> bool:
        """The whole lock rule of forms; what is retired is not asked for any more."""
        current = self.head.current
        return field.role == "input" and day in (None, current) and node.is_active_on(current)

    def walk(self) -> Iterator[tuple[Node, tuple[str, ...]]]:
        """Every node with the closed groups it stands in, outermost first."""
        within: dict[str | None, tuple[str, ...]] = {None: ()}
        for node in self.nodes:
            groups = within.get(node.parent, ())
            within[node.ref] = groups + ((node.group,) if node.group else ())
            yield node, within[node.ref]

    def slots(
        self, wanted: Callable[[Field], bool] | None = None
    ) -> Iterator[tuple[Slot, Field, Node]]:
        """Every slot there is of the wanted fields (None: of all), filled or not, in the order it is printed."""
        fields = {
            level.id: tuple(filter(wanted, self.template.fields_of(level.id)))
            for level in self.template.levels
        }
        for node, groups in self.walk():
            for known in fields[node.level]:
                if known.applies(groups):
                    for day in self.head.dates if known.per_checkpoint else (None,):
                        yield Slot(node.ref, known.id, day), known, node

    def empty_inputs(self, wanted: Callable[[Field], bool]) -> Iterator[tuple[Slot, Node]]:
        """The open slots of the wanted fields that hold nothing, in the order they are printed."""
        asked = self._open_keys(wanted)
        lacks: set[str] = set()
        for level, keys in asked.items():
            refs = [node.ref for node in self.nodes if node.level == level] if keys else []
            lacks.update(
                ref
                for ref, held in zip(refs, self.value_table.select(refs, [*keys]), strict=True)
                if None in held
            )
        for node, groups in self.walk() if lacks else ():
            for (name, day), known in asked[node.level].items() if node.ref in lacks else ():
                slot = Slot(node.ref, name, day)
                if (
                    known.applies(groups)
                    and self.is_open(known, day, node)
                    and slot not in self.values
                ):
                    yield slot, node

    def _open_keys(
        self, wanted: Callable[[Field], bool]
    ) -> dict[str, dict[tuple[str, date | None], Field]]:
        """For each level the wanted fields that are asked for now, with the date they are asked for."""
        now = [day for day in self.head.dates if day == self.head.current]
        asked = {
            level.id: filter(wanted, self.template.fields_of(level.id))
            for level in self.template.levels
        }
        return {
            level: {
                (f.id, day): f
                for f in of
                if f.role == "input"
                for day in (now if f.per_checkpoint else (None,))
            }
            for level, of in asked.items()
        }

    def to_frame(self) -> DataFrame:
        """Return one row per slot that counts at its date, with typed columns; `docs/api.md` lists them.

        An answer is in `number`, `day` or `step`, by its kind, and in `text` as it is shown to a reader. All four are
        missing (`isna()`) where the slot is empty. `date` is missing for a field without reporting dates.
        """
        from xltiltak.model.frame import data_frame

        template = self.template
        inner = [level.id for level in template.levels if level is not template.area_level]
        levels = {level: template.field_of(level, "no") is not None for level in inner}
        scales = [[step.label for step in steps] for steps in template.scales.values()]
        return data_frame(self._frame_rows(), levels, scales)

    def _frame_rows(self) -> Iterator[FrameRow]:
        """Yield every slot that counts at its date."""
        from xltiltak.model.frame import FrameRow

        kinds = {
            (level.id, f.id): field_type_of(f, self.template)
            for level in self.template.levels
            for f in self.template.fields_of(level.id)
        }
        numbers: dict[str | None, dict[str, int | str | None]] = {None: {}}
        names: dict[str | None, dict[str, str | None]] = {None: {}}
        for node in self.nodes:
            number, name = (self.values.get(Slot(node.ref, field)) for field in ("no", "name"))
            group = self.template.level(node.level).group(node.group)
            number = number if isinstance(number, int | None) else str(number)
            name = str(name) if name is not None else group.label if group else None
            numbers[node.ref] = {**numbers.get(node.parent, {}), node.level: number}
            names[node.ref] = {**names.get(node.parent, {}), node.level: name}
        for slot, known, node in self.slots():
            if not node.is_active_on(slot.date):
                continue
            area, kind, value = (
                self.area_of[node.ref],
                kinds[node.level, known.id],
                self.values.get(slot),
            )
            yield FrameRow(
                area,
                self.area_name(area),
                node.ref,
                node.level,
                numbers[node.ref],
                names[node.ref],
                known.id,
                known.label_for(slot.date),
                slot.date,
                known.kind,
                known.role,
                value,
                None if value is None else kind.display(value, self.head.language),
                next((step.label for step in kind.steps if step.value == value), None),
            )

    def entries(self, wanted: Callable[[Field], bool] | None = None) -> Iterator[Entry]:
        """Every slot of the wanted fields (None: of all) that counts at its date, with all that says which it is."""
        language = self.head.language
        for slot, known, node in self.slots(wanted):
            if node.is_active_on(slot.date):
                value = self.values.get(slot)
                area = self.area_of[node.ref]
                name = self.values.get(Slot(node.ref, "name"))
                yield Entry(
                    area,
                    self.area_name(area),
                    node.ref,
                    node.level,
                    None if name is None else str(name),
                    known.id,
                    known.label_for(slot.date),
                    slot.date,
                    None
                    if value is None
                    else field_type_of(known, self.template).display(value, language),
                    value if isinstance(value, int | Decimal) else None,
                )

    def describe(self, slot: Slot) -> str:
        """Which slot it is, in people's words: "Tiltak 12 · Status 311220"."""
        node = self.by_ref.get(slot.ref)
        known = self.template.field_of(node.level, slot.field) if node else None
        return f"{self.describe_node(slot.ref)} · {known.label_for(slot.date) if known else slot.field}"

    def describe_in_area(self, slot: Slot) -> str:
        """The same with its area, for a reader who has no file before her."""
        return self._in_area(slot.ref, self.describe(slot))

    def describe_node_in_area(self, ref: str) -> str:
        """Which node it is, with its area."""
        return self._in_area(ref, self.describe_node(ref))

    def _in_area(self, ref: str, said: str) -> str:
        area = self.area_name(self.area_of.get(ref, ref)) if self.template.area_level else ""
        return " · ".join(part for part in (area, said) if part)

    def describe_node(self, ref: str) -> str:
        """Which node it is: its level and number, without one its name, without one its ref."""
        node = self.by_ref.get(ref)
        if node is None:
            return ref
        level = self.template.level(node.level)
        known = (self.values.get(Slot(ref, name)) for name in ("no", "name"))
        group = level.group(node.group)
        called = next(
            (str(value) for value in known if value is not None), group.label if group else ref
        )
        return f"{level.label} {_short(called)}"


def join_reports(parts: Iterable[Report]) -> Report:
    """One report of the parts of several areas, in their order."""
    first, *others = parts
    for part in others:
        values, areas = {**first.values, **part.values}, {**first.areas, **part.areas}
        first = replace(first, nodes=(*first.nodes, *part.nodes), values=values, areas=areas)
    return first


def _short(text: str, most: int = 40) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
