"""What a label means: a field of a level, at a reporting date if the field has one value a date.

All knowledge of labels comes from the template: its labels and aliases, in every language it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cached_property

from xltiltak.importers.source_lines import SourceCell
from xltiltak.model.normalize import CellValue, display, normalize
from xltiltak.model.template import Field, Level, Step, Template

_SHORT_DATE = re.compile(r"[\s:]*(?<!\d)(\d\d?)[./]?\s?(\d\d)[./]?\s?(\d{4}|\d\d)$")
_ISO_DATE = re.compile(r"[\s:]*(?<!\d)(\d{4})-(\d\d)-(\d\d)$")
# A line end within a date leaves a blank between its digits, as in "30042 0" …
_BLANK_IN_DATE = re.compile(r"(?<=\d)\s+(?=\d)")
# … and within a word a hyphen.
_HYPHEN_AT_LINE_END = re.compile(r"(?<=[a-zæøåäö])-\n(?=[a-zæøåäö])")
_SIMILARITY = 0.6  # the least similarity, of 1, of a label that is suggested for an unknown one


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """The meaning of a label: a field of a level, at a date if the field has one value a date.

    `field` is empty for the name of a closed group.
    """

    level: str
    field: str = ""
    date: date | None = None


# The cells of one row, card or heading, by what they mean.
RecordCells = dict[FieldColumn, SourceCell]


class Labels:
    """The labels of a template. `dates` are the reporting dates; if empty, every date is one."""

    def __init__(self, template: Template, dates: Sequence[date] = ()) -> None:
        self.template, self.dates = template, tuple(dates)

    def columns_of(self, label: CellValue) -> tuple[FieldColumn, ...]:
        """Return what a label means, at most once a level; empty if the label is unknown.

        A date without words is a reporting date of each field that has one value a date.
        """
        if isinstance(label, date):
            dated = self._dated_fields if self._is_reporting_date(label) else []
            return tuple(FieldColumn(level, field.id, label) for level, field in dated)
        text = "" if label is None else normalize_label(display(label))
        columns: dict[FieldColumn, None] = {}
        for level, field, names in self._names if text else ():
            if field is None or not field.per_checkpoint:
                if text in names:
                    columns[FieldColumn(level, field.id if field else "")] = None
            elif day := self._date_in(text, names):
                columns[FieldColumn(level, field.id, day)] = None
        return tuple(columns)

    def missing(self, columns: Iterable[FieldColumn]) -> Iterator[str]:
        """Yield the labels of the key fields and closed groups that these columns lack."""
        present = {(column.level, column.field) for column in columns}
        levels = {level for level, _ in present}
        for level in self.template.levels:
            if level.optional and level.id not in levels:
                continue
            if level.groups and level.id not in levels:
                yield level.label
            for field in self.template.fields_of(level.id):
                if field.key and (level.id, field.id) not in present:
                    yield field.label_for()

    def all_labels(self) -> list[str]:
        """Return every label and alias that a column can have, with the reporting dates."""
        undated = [field for field in self.template.fields if not field.per_checkpoint]
        dated = [field for field in self.template.fields if field.per_checkpoint]
        names = [name for field in undated for name in (field.label, *field.aliases)]
        return names + [field.label.format(date=day) for field in dated for day in self.dates]

    def title_of(self, column: FieldColumn) -> str:
        """Return the label that the template itself gives a column."""
        field = self.template.field_of(column.level, column.field)
        return field.label_for(column.date) if field else self.template.level(column.level).label

    @cached_property
    def measure_keys(self) -> frozenset[FieldColumn]:
        """Return the fields that identify a measure."""
        leaf = self.template.leaf.id
        return frozenset(FieldColumn(leaf, f.id) for f in self.template.fields_of(leaf) if f.key)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Return the steps of every scale."""
        return tuple(step for steps in self.template.scales.values() for step in steps)

    @cached_property
    def _dated_fields(self) -> list[tuple[str, Field]]:
        """Return the fields with one value a date, each with the id of its level."""
        return [
            (level.id, field)
            for level in self.template.levels
            for field in self.template.fields_of(level.id)
            if field.per_checkpoint
        ]

    @cached_property
    def _names(self) -> list[tuple[str, Field | None, set[str]]]:
        """Return each level's id, field (None for its closed groups) and normalized labels."""
        found: list[tuple[str, Field | None, set[str]]] = []
        for level in self.template.levels:
            if level.groups:
                found.append((level.id, None, {normalize_label(level.label)}))
            for field in self.template.fields_of(level.id):
                labels = (field.label_for(), *field.aliases, *field.labels.values())
                found.append((level.id, field, set(map(normalize_label, labels))))
        return found

    def _date_in(self, text: str, names: set[str]) -> date | None:
        """Return the reporting date of a label such as "Status 30.04.2020" or "Status 300420".

        The date may be left out if the report has only one, and the words if only one field has
        dates. Return None if the label means no field with these names.
        """
        if text in names and len(self.dates) == 1:
            return self.dates[0]
        for candidate in (text, _BLANK_IN_DATE.sub("", text)):
            day, words = _split_date(candidate)
            is_named = words in names or (not words and len(self._dated_fields) == 1)
            if day and is_named and self._is_reporting_date(day):
                return day
        return None

    def _is_reporting_date(self, day: date) -> bool:
        return not self.dates or day in self.dates


def normalize_label(text: str) -> str:
    """Return a label as it is compared: no final punctuation, words whole again at line ends."""
    return normalize(_HYPHEN_AT_LINE_END.sub("", text)).rstrip(" :.*")


def _split_date(text: str) -> tuple[date | None, str]:
    """Return the date at the end of a text and the words before it.

    Without a date, return None and the whole text.
    """
    if found := _ISO_DATE.search(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _SHORT_DATE.search(text):
        day, month, year = (int(part) for part in found.groups())
        year += 2000 if len(found[3]) == 2 else 0
    else:
        return None, text
    try:
        return date(year, month, day), text[: found.start()].strip()
    except ValueError:
        return None, text


def suggest_label(label: str, known: Sequence[str]) -> str:
    """Return the most similar known label as a hint in brackets; empty if none is similar."""
    close = get_close_matches(label, known, 1, _SIMILARITY)
    return f" (≈ «{close[0]}»)" if close else ""


def find_group(level: Level, text: str) -> str | None:
    """Return the id of the closed group that a text names; None if it names none."""
    label = normalize_label(text)
    for group in level.groups:
        if label in map(normalize_label, (group.label, *group.aliases)):
            return group.id
    return None
