"""What a label means: which field of which level, at which date, as far as the template knows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from typing import NamedTuple

from xltiltak.model.normalize import CellValue, display, normalize
from xltiltak.model.template import Field, Level, Step, Template

_DAY = re.compile(r"[\s:]*(?<!\d)(\d\d?)[./]?\s?(\d\d)[./]?\s?(\d{4}|\d\d)$")
_ISO = re.compile(r"[\s:]*(?<!\d)(\d{4})-(\d\d)-(\d\d)$")
_DIGITS = re.compile(r"(?<=\d)\s+(?=\d)")  # a heading that was broken within its date: "30042 0"
_BROKEN = re.compile(r"(?<=[a-zæøåäö])-\n(?=[a-zæøåäö])")  # … or within a word
_NEAR = 0.6  # how alike a heading must be to be named as what was meant


class FieldColumn(NamedTuple):
    """Where a value belongs: a field of a level, at a date; `field` is empty for the name of a closed group."""

    level: str
    field: str = ""
    date: date | None = None


class Labels:
    """The labels of a template. Without `dates` every reporting date is one."""

    def __init__(self, template: Template, dates: Sequence[date] = ()) -> None:
        self.template, self.dates = template, tuple(dates)

    def of(self, raw: CellValue) -> tuple[FieldColumn, ...]:
        """What a label stands for, level by level; nothing where nobody knows it. A day alone is a reporting date."""
        if isinstance(raw, date):
            return tuple(FieldColumn(v, f.id, raw) for v, f in self._dated if self._is_ours(raw))
        text = named(display(raw)) if raw is not None else ""
        return tuple(dict.fromkeys(self._spots(text))) if text else ()

    def missing(self, spots: Iterable[FieldColumn]) -> Iterator[str]:
        """The labels of fields that no report can be without, and of closed groups."""
        held = {(spot.level, spot.field) for spot in spots}
        there = {level for level, _ in held}
        for level in self.template.levels:
            if level.optional and level.id not in there:
                continue
            if level.groups and level.id not in there:
                yield level.label
            for field in self.template.fields_of(level.id):
                if field.key and (level.id, field.id) not in held:
                    yield field.label_for()

    def known(self) -> list[str]:
        """Every label that could stand above a column."""
        fields = [f for f in self.template.fields if not f.per_checkpoint]
        dated = (
            f.label.format(date=day)
            for f in self.template.fields
            if f.per_checkpoint
            for day in self.dates
        )
        return [*(name for f in fields for name in (f.label, *f.aliases)), *dated]

    def title_of(self, spot: FieldColumn) -> str:
        """How the program calls a spot."""
        field = self.template.field_of(spot.level, spot.field)
        return field.label_for(spot.date) if field else self.template.level(spot.level).label

    @cached_property
    def leaf_keys(self) -> frozenset[FieldColumn]:
        """The fields that tell one measure from another."""
        leaf = self.template.leaf.id
        return frozenset(FieldColumn(leaf, f.id) for f in self.template.fields_of(leaf) if f.key)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps of every scale."""
        return tuple(step for steps in self.template.scales.values() for step in steps)

    @cached_property
    def _dated(self) -> list[tuple[str, Field]]:
        return [
            (v.id, f)
            for v in self.template.levels
            for f in self.template.fields_of(v.id)
            if f.per_checkpoint
        ]

    @cached_property
    def _names(self) -> list[tuple[str, Field | None, set[str]]]:
        found: list[tuple[str, Field | None, set[str]]] = []
        for level in self.template.levels:
            found += [(level.id, None, {named(level.label)})] if level.groups else []
            found += [(level.id, f, set(_names(f))) for f in self.template.fields_of(level.id)]
        return found

    def _spots(self, text: str) -> Iterator[FieldColumn]:
        for level, field, names in self._names:
            if field is None:
                yield from [FieldColumn(level)] if text in names else []
            elif not field.per_checkpoint:
                yield from [FieldColumn(level, field.id)] if text in names else []
            elif day := self._day(text, names, alone=len(self._dated) == 1):
                yield FieldColumn(level, field.id, day)

    def _day(self, text: str, names: set[str], *, alone: bool) -> date | None:
        """The reporting date of a heading such as "Status 30.04.2020", "Status 300420", "Status 30042 0".

        Where a report has one date only, the heading need not say it.
        """
        if text in names and len(self.dates) == 1:
            return self.dates[0]
        for said in (text, _DIGITS.sub("", text)):
            day, before = day_at_end(said)
            if day and self._is_ours(day) and (before in names or (alone and not before)):
                return day
        return None

    def _is_ours(self, day: date) -> bool:
        return not self.dates or day in self.dates


def named(text: str) -> str:
    """A label as it is compared: without the signs people put behind it, and whole where a line end broke it."""
    return normalize(_BROKEN.sub("", text)).rstrip(" :.*")


def day_at_end(text: str) -> tuple[date | None, str]:
    """The day that a text ends with, and what stands before it; None where there is none."""
    if found := _ISO.search(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DAY.search(text):
        day, month, year = (int(part) for part in found.groups())
        year += 2000 if len(found[3]) == 2 else 0
    else:
        return None, text
    try:
        return date(year, month, day), text[: found.start()].strip()
    except ValueError:
        return None, text


def near(name: str, known: Sequence[str]) -> str:
    """The label that was probably meant, in brackets; empty where none is alike."""
    close = get_close_matches(name, known, 1, _NEAR)
    return f" (≈ «{close[0]}»)" if close else ""


def group_of(level: Level, text: str) -> str | None:
    """The closed group that a text names."""
    said = named(text)
    return next((g.id for g in level.groups if said in map(named, (g.label, *g.aliases))), None)


def _names(field: Field) -> Iterator[str]:
    yield from (named(name) for name in (field.label_for(), *field.aliases, *field.labels.values()))
