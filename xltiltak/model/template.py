"""A report format as data: its levels, fields and scales, and how they stand together.

Only nouns and their plain questions. Loading and checking what people write is `catalogue`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Literal

Role = Literal["given", "input"]
Layout = Literal["rows", "cards"]
Stat = Literal["count", "answered", "mean", "distribution"]
Language = Literal["nb", "nn", "sv", "en"]


class TemplatePart:
    """Base of every part: a misspelt key in a template file is a problem, never ignored."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Step(TemplatePart):
    """One step of a scale, or one choice of a list. `done` says that what has come so far is finished.

    `against` are words of a remark that contradict it.
    """

    value: int | str
    label: str
    aliases: tuple[str, ...] = ()
    fill: str = ""
    ink: str = ""
    symbol: str = ""
    done: bool = False
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group(TemplatePart):
    """One group of a closed level: the template says which there are. `done` says that all in it is finished."""

    id: str
    label: str
    aliases: tuple[str, ...] = ()
    done: bool = False


@dataclass(frozen=True, slots=True)
class Level(TemplatePart):
    """One kind of node. Levels stand outermost first; the last one is the measure.

    `heading` is how its nodes are titled; a level without one stands in the row of its first child.
    """

    id: str
    label: str
    heading: str = ""
    optional: bool = False
    groups: tuple[Group, ...] = ()

    def group(self, group_id: str | None) -> Group | None:
        """The closed group of that id; None at an open level."""
        return next((g for g in self.groups if g.id == group_id), None)


@dataclass(frozen=True, slots=True)
class Field(TemplatePart):
    """One thing known of the nodes of one level.

    `of` is its level, the measure when empty; `only` names the closed groups that have it, all when empty. With
    `amounts` the amounts of money in its text are listed, and with `references` the numbers after these words.
    """

    id: str
    label: str
    kind: str = "text"
    role: Role = "given"
    of: str = ""
    scale: str = ""
    per_checkpoint: bool = False
    required: bool = False
    key: bool = False
    width: int = 20
    labels: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    audience: Literal["all", "internal"] = "all"
    amounts: bool = False
    references: tuple[str, ...] = ()

    @property
    def is_identifying(self) -> bool:
        """Is it part of the text that a row is known by? What leaders are asked for changes, and tells nothing."""
        return self.key and self.role == "given" and not self.per_checkpoint

    def label_for(self, day: date | None = None, groups: Iterable[str] = ()) -> str:
        """Its label, for a reporting date and within these closed groups."""
        label = next((self.labels[g] for g in groups if g in self.labels), self.label)
        return label.format(date=day) if day else label.split("{")[0].strip()

    def applies(self, groups: Iterable[str]) -> bool:
        """Do nodes within these closed groups have it?"""
        return not self.only or not set(self.only).isdisjoint(groups)


@dataclass(frozen=True, slots=True)
class Summary(TemplatePart):
    """A figure for each node of a level, and for the whole report."""

    level: str
    stat: Stat
    field: str = ""
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Template(TemplatePart):
    """Everything xltiltak knows of a report format."""

    id: str
    version: int
    language: Language
    title: str
    levels: tuple[Level, ...]
    fields: tuple[Field, ...]
    description: str = ""
    layout: Layout = "rows"
    scales: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    summaries: tuple[Summary, ...] = ()

    @property
    def leaf(self) -> Level:
        """The measure: the innermost level."""
        return self.levels[-1]

    @property
    def area_level(self) -> Level | None:
        """The level whose nodes get a sheet each; None when the report itself is the one area."""
        return self.levels[0] if len(self.levels) > 1 else None

    def level(self, level_id: str) -> Level:
        """The level of that id."""
        return next(level for level in self.levels if level.id == level_id)

    def fields_of(self, level_id: str) -> tuple[Field, ...]:
        """The fields of one level, in order."""
        return tuple(f for f in self.fields if (f.of or self.leaf.id) == level_id)

    def field_of(self, level_id: str, field_id: str) -> Field | None:
        """The field of that level and id; None when there is none."""
        return next((f for f in self.fields_of(level_id) if f.id == field_id), None)

    def counted_level_and_field(self, summary: Summary) -> tuple[str, Field | None]:
        """The level whose nodes a summary counts, and the field it looks at: the innermost of that id at or below it.

        None for the field where there is none; then the measures are counted.
        """
        inside = self.levels[[level.id for level in self.levels].index(summary.level) :]
        held = ((level.id, self.field_of(level.id, summary.field)) for level in reversed(inside))
        return next(((level, known) for level, known in held if known), (self.leaf.id, None))

    def mean_field(self) -> Field | None:
        """The field of the measure that is summed up by a mean, at every date; None when no summary asks for one."""
        means = [s.field for s in self.summaries if s.stat == "mean"]
        return next(
            (f for f in self.fields_of(self.leaf.id) if f.id in means and f.per_checkpoint), None
        )


def build(data: Mapping[str, Any]) -> Template:
    """The template of data that was checked when it was first loaded.

    Forms carry their template; reading a few of them must not pay for the import that checks it.
    """

    def parts(kind: type[Any], items: Iterable[Mapping[str, Any]]) -> tuple[Any, ...]:
        """Each item as one of a kind, its lists as tuples."""
        return tuple(
            kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in i.items()}) for i in items
        )

    levels = (
        {**level, "groups": parts(Group, level.get("groups", ()))} for level in data["levels"]
    )
    nested = {
        "levels": parts(Level, levels),
        "fields": parts(Field, data["fields"]),
        "scales": {name: parts(Step, steps) for name, steps in data.get("scales", {}).items()},
        "summaries": parts(Summary, data.get("summaries", ())),
    }
    return Template(**{**data, **nested})
