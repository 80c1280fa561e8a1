"""A report: its nodes, and the values of their slots.

A plan is a report in which the slots of the open date are empty.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from xltiltak.model.derived import derived_value, with_changes
from xltiltak.model.field_types import FieldType, Value, field_type_of
from xltiltak.model.normalize import normalize
from xltiltak.model.template import Field, Template
from xltiltak.model.values import FrameRow, Slot, SlotKey, ValueTable, build_value_table, data_frame
from xltiltak.model.visible_text import shortened

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["BLANK_AREA", "Area", "Entry", "Head", "Node", "Report", "Slot", "join_reports"]


class Entry(NamedTuple):
    """A slot with its value, as one row of the table that is published as .csv.

    `value` is the text that a reader sees, None for an empty slot. `number` is the value if it is a
    number, else None.
    """

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
    """A group or a measure.

    `parent` is the ref of the node above, None at the top. `group` is the id of a closed group of
    the template, None for all other nodes. The node is active at the dates from `first` to `last`;
    None means no limit.
    """

    ref: str
    level: str
    parent: str | None = None
    group: str | None = None
    first: date | None = None
    last: date | None = None

    def is_active_on(self, day: date | None) -> bool:
        """Return True if the node is reported on at this date. With None it always is."""
        return day is None or (
            (self.first is None or self.first <= day) and (self.last is None or day <= self.last)
        )


@dataclass(frozen=True, slots=True)
class Head:
    """The details of a report.

    `current` is the open reporting date, None if all are closed. `deadline` is the last day to
    answer. `periods` are the names of the periods that dates close, as "1. tertial".
    """

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
    periods: Mapping[date, str] = dataclasses.field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Area:
    """The details of an area: who is responsible, and the text above its measures.

    `highest` is the highest number that a ref of the area ever had. `sent` is how many times its
    form was sent for the open date. `language` is the leader's, empty for the report's.
    `predecessor` is the code of the area in the year before, empty if it is the same. `email` is
    the leader's address, `deputy_email` their deputy's.
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
_LONGEST_NAME = 40  # characters of the name of a node in a finding or list
# Cached properties of a report that only depend on its nodes, its template and its code.
_FROM_NODES = ("by_ref", "area_refs", "area_of")


@dataclass(frozen=True)
class Report:
    """All nodes of a report in the order they are printed, and the values of their slots.

    An empty slot is not in `values`. `areas` has the details of the areas by ref. `asked_again` are
    slots of a form into which no finished step is carried on: somebody has cleared it. `carried`
    are the slots whose value is such a step; these are never stored. What follows from other values
    (`Field.is_derived`) is always as they say. The class has no `__slots__`, because cached
    properties need a `__dict__`.
    """

    template: Template
    head: Head
    nodes: tuple[Node, ...]
    values: Mapping[Slot, Value] = dataclasses.field(default_factory=dict)
    areas: Mapping[str, Area] = dataclasses.field(default_factory=dict)
    asked_again: frozenset[Slot] = frozenset()
    carried: frozenset[Slot] = frozenset()

    def __post_init__(self) -> None:
        template = self.template.for_report(self.head.year, self.head.periods, self.head.language)
        if template is not self.template:
            object.__setattr__(self, "template", template)
        changed = self._changed_derived_values()
        if changed:
            object.__setattr__(self, "values", with_changes(self.values, changed))

    def _changed_derived_values(self) -> Mapping[Slot, Value | None]:
        """Return the derived slots that are not as they follow from the other values."""
        fields = {v.id: self.template.derived_fields_of(v.id) for v in self.template.levels}
        if not any(fields.values()):
            return {}
        found = dict[Slot, Value | None]()

        def read(slot: Slot) -> Value | None:
            return found[slot] if slot in found else self.values.get(slot)

        for node, groups in self.walk():
            for field in fields[node.level]:
                for day in self.head.dates if field.per_checkpoint else (None,):
                    slot = Slot(node.ref, field.id, day)
                    is_there = field.applies(groups) and node.is_active_on(day)
                    value = derived_value(self.template, node.level, slot, read)
                    found[slot] = value if is_there else None
        return {slot: value for slot, value in found.items() if self.values.get(slot) != value}

    @cached_property
    def by_ref(self) -> Mapping[str, Node]:
        """Return every node by its ref."""
        return {node.ref: node for node in self.nodes}

    @cached_property
    def area_refs(self) -> tuple[str, ...]:
        """Return the refs of the areas, in order; without a level of areas, the report's code."""
        level = self.template.area_level
        if level is None:
            return (self.head.code,)
        return tuple(node.ref for node in self.nodes if node.level == level.id)

    @cached_property
    def area_of(self) -> Mapping[str, str]:
        """Return the ref of the area of every node, by the node's ref."""
        found: dict[str, str] = {}
        has_areas = self.template.area_level is not None
        for node in self.nodes:
            above = node.parent if has_areas else self.head.code
            found[node.ref] = found.get(above, above) if above else node.ref
        return found

    @cached_property
    def value_table(self) -> ValueTable:
        """Return the values as a table with a row for each node."""
        if isinstance(self.values, ValueTable):
            return self.values
        return build_value_table({node.ref: node.level for node in self.nodes}, self.values)

    @cached_property
    def report_date(self) -> date | None:
        """Return the date of the report: the open one, else the last answered, else the last."""
        dates = self.head.dates
        if self.head.current:
            return self.head.current
        answered = {slot.date for slot in self.values if slot.date}.intersection(dates)
        return max(answered, default=max(dates, default=None))

    @property
    def previous_date(self) -> date | None:
        """Return the date since which changes are counted; None at the first date."""
        last = self.report_date
        return max((day for day in self.head.dates if last and day < last), default=None)

    def at_date(self, day: date | None) -> Report:
        """Return the same report with this report date, whatever is answered in it."""
        changed = self.with_same_nodes()
        vars(changed)["report_date"] = day
        return changed

    @cached_property
    def finished_refs(self) -> frozenset[str]:
        """Return the refs of the finished measures.

        A measure is finished if its last value on a scale is a step that says so, or if it is in a
        closed group that says so.
        """
        template, leaf = self.template, self.template.leaf.id
        finished_groups = {g.id for level in template.levels for g in level.groups if g.done}
        fields = [f for f in template.fields_of(leaf) if f.scale]
        return frozenset(
            node.ref
            for node, groups in self.walk()
            if node.level == leaf
            and (
                not finished_groups.isdisjoint(groups)
                or any(self._has_finishing_value(node.ref, f) for f in fields)
            )
        )

    @cached_property
    def overdue(self) -> Mapping[str, Slot]:
        """Return the slot with the earliest deadline that has passed, by the ref of the measure.

        They are the measures in force that are not finished, and deadlines before the report's
        date. Before the first answer of a closed report nothing is late yet.
        """
        leaf, today = self.template.leaf.id, self.report_date
        fields = [field for field in self.template.fields_of(leaf) if field.due]
        if not fields or today is None or not self._has_begun:
            return {}
        found: dict[str, Slot] = {}
        for node, groups in self.walk():
            if (
                node.level == leaf
                and node.is_active_on(today)
                and node.ref not in self.finished_refs
            ):
                slots = (
                    Slot(node.ref, f.id, today if f.per_checkpoint else None)
                    for f in fields
                    if f.applies(groups)
                )
                passed = [
                    (day, slot)
                    for slot in slots
                    if isinstance(day := self.values.get(slot), date) and day < today
                ]
                if passed:
                    found[node.ref] = min(passed)[1]
        return found

    @property
    def _has_begun(self) -> bool:
        """Return True if a date is open, or answered; fields without dates do not say when."""
        dated = any(field.per_checkpoint for field in self.template.fields)
        return bool(self.head.current) or not dated or any(slot.date for slot in self.values)

    def _has_finishing_value(self, ref: str, field: Field) -> bool:
        """Return True if the last value of a field is a step that means "finished"."""
        days = reversed(self.head.dates) if field.per_checkpoint else (None,)
        values = (self.values.get(Slot(ref, field.id, day)) for day in days)
        last = next((value for value in values if value is not None), None)
        steps = self.template.scales.get(field.scale, ())
        return any(step.done for step in steps if step.value == last)

    @cached_property
    def recipients(self) -> Mapping[str, frozenset[str]]:
        """Return the names of those whose forms have a node, by its ref; "" is its area's leader.

        A node below one with a recipient has that recipient, one above has those of all below it.
        Nothing is returned if the template has no field that names recipients.
        """
        field = self.template.recipient_field
        if field is None:
            return {}
        level, display = field.of or self.template.leaf.id, field_type_of(field, self.template)
        spellings, inherited = {"": ""}, dict[str | None, str]()
        for node in self.nodes:
            inherited[node.ref] = inherited.get(node.parent, "")
            if node.level == level:
                value = self.values.get(Slot(node.ref, field.id))
                name = "" if value is None else display.display(value, self.head.language).strip()
                inherited[node.ref] = spellings.setdefault(normalize(name), name)
        found: dict[str, set[str]] = {node.ref: set() for node in self.nodes}
        for node in reversed(self.nodes):
            found[node.ref] = found[node.ref] or {inherited[node.ref]}
            if node.parent:
                found[node.parent] |= found[node.ref]
        return {ref: frozenset(names) for ref, names in found.items()}

    def recipients_in(self, area: str) -> tuple[str, ...]:
        """Return the names of those who have something to answer in an area now, in order.

        If nobody has, they are those of its retired measures; "" is the leader.
        """
        return self._recipients_of_areas.get(area) or ("",)

    @cached_property
    def _recipients_of_areas(self) -> Mapping[str, tuple[str, ...]]:
        """Return the recipients of the nodes without children, by area: of active ones, if any."""
        active, retired = dict[str, dict[str, None]](), dict[str, dict[str, None]]()
        for ref in self.end_refs if self.recipients else ():
            names = active if self.by_ref[ref].is_active_on(self.head.current) else retired
            names.setdefault(self.area_of[ref], {}).update(dict.fromkeys(self.recipients[ref]))
        return {area: tuple(names) for area, names in {**retired, **active}.items()}

    @property
    def end_refs(self) -> tuple[str, ...]:
        """Return the refs of the nodes without children."""
        above = {node.parent for node in self.nodes}
        return tuple(node.ref for node in self.nodes if node.ref not in above)

    def for_recipient(self, name: str) -> Report:
        """Return the report with the nodes of one recipient only; "" is for the leaders."""
        if not self.recipients:
            return self
        wanted = normalize(name)
        nodes = tuple(
            node for node in self.nodes if wanted in map(normalize, self.recipients[node.ref])
        )
        return self.with_nodes(nodes)

    def with_nodes(self, nodes: tuple[Node, ...]) -> Report:
        """Return the report with some of its nodes, and of the same date."""
        values = self.value_table.items_of(node.ref for node in nodes)
        part = replace(self, nodes=nodes, values=values)
        vars(part)["report_date"] = self.report_date
        return part

    def area_name(self, ref: str) -> str:
        """Return the name of an area; the report's title if it has no level of areas."""
        if self.template.area_level is None:
            return self.head.title
        return str(self.values.get(Slot(ref, "name"), ref))

    def with_same_nodes(self, **parts: Any) -> Report:
        """Return a copy with other values, head or areas. What was cached for the nodes is kept."""
        changed = replace(self, **parts)
        vars(changed).update({name: vars(self)[name] for name in _FROM_NODES if name in vars(self)})
        return changed

    def with_open_date(self, day: date) -> Report:
        """Return a copy in which this date is open for answers; all values are part of it."""
        head = replace(self.head, dates=tuple(sorted({*self.head.dates, day})), current=day)
        return self.with_same_nodes(head=head, carried=frozenset())

    def parts(self) -> dict[str, Report]:
        """Return a report of its own for each area, by the area's ref."""
        return dict(self.iter_parts())

    def iter_parts(self) -> Iterator[tuple[str, Report]]:
        """Yield the areas one by one, each with its report, to save memory."""
        if self.template.area_level is None:
            yield self.head.code, self
            return
        area_of = self.area_of
        if set(area_of.values()) == set(self.area_refs) == {*self.areas} and len(self.areas) == 1:
            yield self.area_refs[0], self  # the report of a form is the part of its area already
            return
        day = self.report_date
        nodes: dict[str, list[Node]] = {ref: [] for ref in self.area_refs}
        for node in self.nodes:
            nodes[area_of[node.ref]].append(node)
        values_of = self._values_of_area()
        for ref, of_area in nodes.items():
            areas = {ref: self.areas[ref]} if ref in self.areas else {}
            values = values_of(ref, of_area)
            part = replace(self, nodes=tuple(of_area), values=values, areas=areas)
            vars(part)["report_date"] = day  # what the area has answered does not change it
            yield ref, part

    def _values_of_area(self) -> Callable[[str, Iterable[Node]], Mapping[Slot, Value]]:
        """Return a function that gives the values of an area, from its ref and its nodes."""
        if isinstance(self.values, ValueTable):
            table = self.values
            return lambda _, nodes: (
                table.subset(refs := [node.ref for node in nodes]) or table.items_of(refs)
            )
        found: dict[str, dict[Slot, Value]] = {ref: {} for ref in self.area_refs}
        for slot, value in self.values.items():
            found[self.area_of[slot.ref]][slot] = value
        return lambda area, _: found.pop(area)

    def walk(self) -> Iterator[tuple[Node, tuple[str, ...]]]:
        """Yield every node with the ids of the closed groups around it, outermost first."""
        groups_of: dict[str | None, tuple[str, ...]] = {None: ()}
        for node in self.nodes:
            groups = groups_of.get(node.parent, ())
            groups_of[node.ref] = groups + ((node.group,) if node.group else ())
            yield node, groups_of[node.ref]

    def slots(
        self, include: Callable[[Field], bool] | None = None
    ) -> Iterator[tuple[Slot, Field, Node]]:
        """Yield every slot of the fields for which `include` is true, in the order of printing.

        Empty slots are included. None includes all fields.
        """
        fields = {
            level.id: tuple(filter(include, self.template.fields_of(level.id)))
            for level in self.template.levels
        }
        for node, groups in self.walk():
            for field in fields[node.level]:
                if field.applies(groups):
                    for day in self.head.dates if field.per_checkpoint else (None,):
                        yield Slot(node.ref, field.id, day), field, node

    def is_open(self, field: Field, day: date | None, node: Node) -> bool:
        """Return True if the slot is editable in a form.

        A node that is not active at the open date has no open slots.
        """
        current = self.head.current
        return field.role == "input" and day in (None, current) and node.is_active_on(current)

    def is_derived(self, slot: Slot) -> bool:
        """Return True if the value of a slot follows from others."""
        node = self.by_ref.get(slot.ref)
        field = self.template.field_of(node.level, slot.field) if node else None
        return field is not None and field.is_derived

    def type_in_row(self, field_type: FieldType, field: Field, ref: str) -> FieldType:
        """Return the type of a field, with the unit that stands in another field of the node."""
        node = self.by_ref.get(ref) if field.unit_from else None
        other = self.template.field_of(node.level, field.unit_from) if node else None
        value = self.values.get(Slot(ref, field.unit_from))
        if other is None or value is None:
            return field_type
        unit = field_type_of(other, self.template).display(value, self.head.language)
        return field_type.with_unit(" ".join(unit.split()))

    def requires(self, field: Field, slot: Slot) -> bool:
        """Return True if a slot of a field has to be answered, by the other values of its node."""
        when = field.required_when
        if field.required or when is None:
            return field.required
        other = self.template.field_of(self.by_ref[slot.ref].level, when.field)
        day = slot.date if other and other.per_checkpoint else None
        value = self.values.get(Slot(slot.ref, when.field, day))
        if when.at_least is None:
            return value in when.values
        return isinstance(value, int | Decimal) and value >= when.at_least

    def empty_inputs(self, include: Callable[[Field], bool]) -> Iterator[tuple[Slot, Node]]:
        """Yield the open slots without a value of the fields for which `include` is true.

        They are in the order of printing. Whole rows of values are searched first, because most
        nodes have no empty slot.
        """
        fields = {level.id: self._input_fields(level.id, include) for level in self.template.levels}
        incomplete: set[str] = set()
        for level, field_of in fields.items():
            refs = [node.ref for node in self.nodes if node.level == level] if field_of else []
            rows = self.value_table.select(refs, [*field_of])
            incomplete.update(ref for ref, row in zip(refs, rows, strict=True) if None in row)
        if not incomplete:
            return
        for node, groups in self.walk():
            if node.ref in incomplete:
                for (name, day), field in fields[node.level].items():
                    slot = Slot(node.ref, name, day)
                    is_open = field.applies(groups) and self.is_open(field, day, node)
                    if is_open and slot not in self.values:
                        yield slot, node

    def _input_fields(self, level: str, include: Callable[[Field], bool]) -> dict[SlotKey, Field]:
        """Return the input fields of a level by id and date: None, or the date that is open."""
        open_dates = [day for day in self.head.dates if day == self.head.current]
        return {
            (field.id, day): field
            for field in self.template.fields_of(level)
            if field.role == "input" and include(field)
            for day in (open_dates if field.per_checkpoint else (None,))
        }

    def to_frame(self) -> DataFrame:
        """Return a table with a row for each slot that counts at its date; see `docs/api.md`.

        An answer is in `number`, `day` or `step`, by its kind, and in `text` as it is shown to a
        reader. All four are missing (`isna()`) where the slot is empty. `date` is missing for a
        field without reporting dates.
        """
        template = self.template
        inner = [level.id for level in template.levels if level is not template.area_level]
        levels = {level: template.field_of(level, "no") is not None for level in inner}
        scales = [[step.label for step in steps] for steps in template.scales.values()]
        return data_frame(self._frame_rows(), levels, scales)

    def _frame_rows(self) -> Iterator[FrameRow]:
        """Yield a row for every slot that counts at its date."""
        field_types = {
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
        for slot, field, node in self.slots():
            if node.is_active_on(slot.date):
                area, value = self.area_of[node.ref], self.values.get(slot)
                field_type = field_types[node.level, field.id]
                field_type = self.type_in_row(field_type, field, node.ref)
                yield FrameRow(
                    area,
                    self.area_name(area),
                    node.ref,
                    node.level,
                    numbers[node.ref],
                    names[node.ref],
                    field.id,
                    field.label_for(slot.date),
                    slot.date,
                    field.kind,
                    field.role,
                    value,
                    None if value is None else field_type.display(value, self.head.language),
                    next((s.label for s in field_type.steps if s.value == value), None),
                )

    def entries(self, include: Callable[[Field], bool] | None = None) -> Iterator[Entry]:
        """Yield an entry for each slot that counts at its date, of the fields that `include` takes.

        None includes all fields.
        """
        for slot, field, node in self.slots(include):
            if node.is_active_on(slot.date):
                value, name = self.values.get(slot), self.values.get(Slot(node.ref, "name"))
                area, field_type = self.area_of[node.ref], field_type_of(field, self.template)
                field_type = self.type_in_row(field_type, field, node.ref)
                yield Entry(
                    area,
                    self.area_name(area),
                    node.ref,
                    node.level,
                    None if name is None else str(name),
                    field.id,
                    field.label_for(slot.date),
                    slot.date,
                    None if value is None else field_type.display(value, self.head.language),
                    value if isinstance(value, int | Decimal) else None,
                )

    def describe(self, slot: Slot) -> str:
        """Return the name of a slot for a reader: "Tiltak 12 Ny kai · Status 31.12.2020"."""
        node = self.by_ref.get(slot.ref)
        of_any_level = (field for field in self.template.fields if field.id == slot.field)
        field = self.template.field_of(node.level, slot.field) if node else next(of_any_level, None)
        label = field.named(slot.date) if field else slot.field
        return f"{self.describe_node(slot.ref)} · {label}"

    def describe_in_area(self, slot: Slot) -> str:
        """Return the name of a slot with its area: "Havn · Tiltak 2 Ny kai · Status 31.12.2020"."""
        return self._in_area(slot.ref, self.describe(slot))

    def describe_node_in_area(self, ref: str) -> str:
        """Return the name of a node with its area: "Samfunn · Tiltak 12 Ny kai"."""
        return self._in_area(ref, self.describe_node(ref))

    def _in_area(self, ref: str, text: str) -> str:
        area = self.area_name(self.area_of.get(ref, ref)) if self.template.area_level else ""
        return " · ".join(part for part in (area, text) if part)

    def describe_node(self, ref: str) -> str:
        """Return a node's level, number and name: "Tiltak 12 Ny kai". Without both its ref."""
        node = self.by_ref.get(ref)
        if node is None:
            return ref
        level = self.template.level(node.level)
        group = level.group(node.group)
        values = (self.values.get(Slot(ref, name)) for name in ("no", "name"))
        fallback = group.label if group else ref
        names = [shortened(str(value), _LONGEST_NAME) for value in values if value is not None]
        return " ".join([level.label, *(names or [shortened(fallback, _LONGEST_NAME)])])


def join_reports(parts: Iterable[Report]) -> Report:
    """Return one report of the parts of several areas, in their order."""
    first, *others = parts
    for part in others:
        values, areas = {**first.values, **part.values}, {**first.areas, **part.areas}
        first = replace(first, nodes=(*first.nodes, *part.nodes), values=values, areas=areas)
    return first
