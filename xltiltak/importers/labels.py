"""What labels and headings mean: fields of a level, and the group that the records below belong to.

A label means a field of a level, at a reporting date if the field has one value a date. All
knowledge of labels comes from the template: its labels and aliases, in every language it has. The
headings above a table or card say which area, group or goal the records below them belong to.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from datetime import date, datetime
from functools import cache, cached_property
from itertools import islice
from types import MappingProxyType
from typing import TypeGuard

from xltiltak.importers.periods import period_end
from xltiltak.importers.source_lines import SourceCell, SourceLine
from xltiltak.model.cell_values import CellValue, display
from xltiltak.model.language import LANGUAGES, day_number_format, short_day_text, translate
from xltiltak.model.normalize import normalize
from xltiltak.model.template import Field, Level, Step, Template

_SHORT_DATE = re.compile(r"[\s:]*(?<!\d)(\d\d?)[./]?\s?(\d\d)[./]?\s?(\d{4}|\d\d)$")
_ISO_DATE = re.compile(r"[\s:]*(?<!\d)(\d{4})-(\d\d)-(\d\d)$")
_DAY_AND_MONTH = re.compile(  # "30.04", "30/04", "04-30", or with a year, as our languages write it
    r"(?P<d>\d\d)(?P<sign>[./])(?P<m>\d\d)(?:(?P=sign)(?P<y>\d{4}))?"
    r"|(?:(?P<year>\d{4})-)?(?P<month>\d\d)-(?P<day>\d\d)"
)
# A line end within a date leaves a blank between its digits, as in "30042 0" …
_BLANK_IN_DATE = re.compile(r"(?<=\d)\s+(?=\d)")
# … and within a word a hyphen.
_HYPHEN_AT_LINE_END = re.compile(r"(?<=[a-zæøåäö])-\n(?=[a-zæøåäö])")
_LEAST_LIKENESS = 75  # of 100, of a label that is suggested for an unknown one
_LEAST_TAKEN_LIKENESS = 85  # of 100, of a label that is taken for a known one
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")  # a date or year as a template writes it in a label
_LAST_MONTH = 12
_LONGEST_DATE = 14  # characters of a date without words, with blanks and brackets
_MAX_DATES = 12  # without words in one row; a report has no more dates
_SHORTEST_LIKE = 4  # letters; a shorter label is like too many words
CONTACT = ""  # the level of columns that fill the table of areas
_CONTACT_FIELDS = ("leader", "deputy", "email", "deputy_email")
_NO_NAMES: Mapping[str, str] = MappingProxyType({})
_LAST_BRACKETS = re.compile(r"\s*\([^()]*\)$")
_IN_BRACKETS = re.compile(r"\(([^()]*)\)$")
_DATE_SIGNS = {"%d": r"(?P<day>\d\d?)", "%m": r"(?P<month>\d\d?)"}
_DATE_SIGNS |= {"%Y": r"(?P<year>\d{4})", "%y": r"(?P<year>\d\d)"}


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """The meaning of a label: a field of a level, at a date if the field has one value a date.

    `field` is empty for the name of a closed group. `level` is empty for somebody who answers for
    an area: `field` is then a key of `Area`, as "leader".
    """

    level: str
    field: str = ""
    date: date | None = None


# The cells of one row, card or heading, by what they mean.
RecordCells = dict[FieldColumn, SourceCell]


class Labels:
    """The labels of a template. `dates` are the reporting dates; if empty, every date is one.

    `renamed` has the label that the user says an unknown heading stands for. With `lenient` a row
    is a header as soon as one of its labels identifies a measure.
    """

    def __init__(
        self,
        template: Template,
        dates: Sequence[date] = (),
        renamed: Mapping[str, str] = _NO_NAMES,
        *,
        lenient: bool = False,
    ) -> None:
        self.template, self.dates, self.lenient = template, tuple(dates), lenient
        self.renamed = {normalize_label(name): label for name, label in renamed.items()}
        self._found: dict[str, tuple[FieldColumn, ...]] = {}  # a source repeats many texts

    def columns_of_heading(self, label: CellValue) -> tuple[FieldColumn, ...]:
        """Return what the heading of a column means: also a column of leaders or addresses."""
        if found := self.columns_of(label):
            return found
        text = self._renamed_text(label)
        fields = (field for field in _CONTACT_FIELDS if text in contact_words(field))
        return tuple(FieldColumn(CONTACT, field) for field in fields)[:1]

    def columns_of(self, label: CellValue) -> tuple[FieldColumn, ...]:
        """Return what a label means, at most once a level; empty if the label is unknown.

        A date without words is a reporting date of each field that has one value a date.
        """
        if not isinstance(label, str):
            return self._columns_of(label)
        if label not in self._found:
            self._found[label] = self._columns_of(label)
        return self._found[label]

    def _columns_of(self, label: CellValue) -> tuple[FieldColumn, ...]:
        text = self._renamed_text(label)
        if is_date(label) and text == normalize_label(display(label)):
            dated = self._dated_fields if self._is_reporting_date(label) else []
            return tuple(FieldColumn(level, field.id, label) for level, field in dated)
        columns: dict[FieldColumn, None] = {}
        for level, field, names in self._names if text else ():
            if field is None or not field.per_checkpoint:
                if text in names:
                    columns[FieldColumn(level, field.id if field else "")] = None
            elif day := self._date_in(text, names) or self._date_as_written(text, field):
                columns[FieldColumn(level, field.id, day)] = None
        return tuple(columns)

    def columns_of_history(self, label: CellValue) -> tuple[FieldColumn, ...]:
        """Return the field at each of its dates, for the heading of a column that holds them all.

        Our own reports have such a column: the dates stand on the second line of its heading.
        """
        words, _, written = label.partition("\n") if isinstance(label, str) else ("", "", "")
        days, text = _dates_in_row(written), normalize_label(words)
        if not days:
            return ()
        return tuple(
            FieldColumn(level, field.id, day)
            for level, field, names in self._names
            if field and field.per_checkpoint and text in names
            for day in days
        )

    def lacks_date(self, label: CellValue) -> bool:
        """Return True if a heading names a field with one value a date, but gives no date."""
        text = self._renamed_text(label)
        dated = (names for _, field, names in self._names if field and field.per_checkpoint)
        return not self.columns_of(label) and any(text in names for names in dated)

    def dates_in(self, cells: Iterable[SourceCell]) -> Iterator[date]:
        """Yield the reporting dates that stand in these cells after the label of a field."""
        for cell in cells:
            if isinstance(cell.raw, str) and split_date(normalize_label(cell.text))[1]:
                yield from (column.date for column in self.columns_of(cell.raw) if column.date)

    def days_before(self, newest: date, cells: Iterable[SourceCell]) -> Iterator[date]:
        """Yield the dates of labels without a year, such as "Status 30.04": the last ones so far.

        Our own sheets leave the year out in narrow columns, except that of the newest date.
        """
        for cell in cells:
            words, _, written = self._renamed_text(cell.raw).rpartition(" ")
            found = _DAY_AND_MONTH.fullmatch(written)
            dated = (names for _, field, names in self._names if field and field.per_checkpoint)
            if found is None or _year_of(found) or not any(words in names for names in dated):
                continue
            days = (_day_or_none(year, found) for year in (newest.year, newest.year - 1))
            yield from islice((day for day in days if day and day < newest), 1)

    def _renamed_text(self, label: CellValue) -> str:
        """Return a label as it is compared, or the one that the user says it stands for."""
        shown = "" if label is None else _PLACEHOLDER.sub("", display(label))
        text = normalize_label(shown)
        return normalize_label(self.renamed.get(text, text))

    def columns_alike(self, label: CellValue) -> tuple[FieldColumn, ...]:
        """Return what an unknown label means if it is a known one but for a few letters.

        Figures are no letters to be left out, and the label must be like that of one field only.
        What stands in brackets behind it is left out: "Amount (1,000 kr)".
        """
        day, words = split_date(self._renamed_text(label))
        words = words if day else _LAST_BRACKETS.sub("", self._renamed_text(label))
        likeness: dict[FieldColumn, float] = {}
        is_long = len(words) >= _SHORTEST_LIKE
        for level, field, names in self._names:
            if field and field.per_checkpoint == (day is not None):
                same = [
                    n for n in names if n == words or (is_long and _figures(n) == _figures(words))
                ]
                alike = (_likeness(words, name) for name in same)
                column = FieldColumn(level, field.id, day)
                likeness[column] = max(alike, default=0)
        found = [column for column, ratio in likeness.items() if ratio >= _LEAST_TAKEN_LIKENESS]
        is_reporting_date = day is None or self._is_reporting_date(day)
        return tuple(found) if len(found) == 1 and is_reporting_date else ()

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
        names = [name for field in undated for name in (field.label_for(), *field.aliases)]
        names += [field.label_for(day) for field in dated for day in self.dates]
        return names if self.dates else names + [_with_date_signs(field) for field in dated]

    def has_date(self, label: str) -> bool:
        """Return True for a label of a field with one value a date, with a date or without."""
        dated = (field for _, field in self._dated_fields)
        is_pattern = any(label == _with_date_signs(field) for field in dated)
        has_day = any(column.date for column in self.columns_of(label))
        return is_pattern or has_day or self.lacks_date(label)

    def suggestion(self, heading: str) -> str:
        """Return the label that an unknown heading may stand for; empty if there is none.

        It is a label of nearly the same words, or one of a field that other people call so. It is
        only suggested, never taken.
        """
        known = self.all_labels()
        return similar_label(heading, known) or self._usual_names.get(normalize_label(heading), "")

    @cached_property
    def _usual_names(self) -> dict[str, str]:
        """Return for words that people use in headings the label that they may stand for."""
        leaf, area = self.template.leaf.id, self.template.area_level
        of_leaf = self.template.fields_of(leaf)
        areas = self.template.fields_of(area.id) if area else ()
        number = self.template.field_of(leaf, "no")
        fields = {
            "number": [number] if number else [],
            "area": [field for field in areas if field.key],
            "measure": [field for field in of_leaf if field.key],
            "remark": [f for f in of_leaf if f.role == "input" and not f.scale and not f.key],
        }
        leader = self.title_of(FieldColumn(CONTACT, "leader"))
        return dict.fromkeys(usual_words("leader"), leader) | {
            word: found[0].label_for()
            for of, found in fields.items()
            for word in usual_words(of)
            if found and not found[0].per_checkpoint
        }

    def dated_labels(self, day: date) -> list[str]:
        """Return the labels of the fields with one value a date, at this date."""
        return [field.label_for(day) for _, field in self._dated_fields]

    def wanted(self) -> list[str]:
        """Return the label of each column that a table can have, with the known dates."""
        titles: dict[str, None] = {}
        for level in self.template.levels:
            if level.groups:
                titles[level.label] = None
            for field in self.template.fields_of(level.id):
                days = self.dates if field.per_checkpoint else ()
                shown = [field.label_for(day) for day in days] or [_with_date_signs(field)]
                titles |= dict.fromkeys(shown)
        return list(titles)

    def title_of(self, column: FieldColumn) -> str:
        """Return the label that the template itself gives a column."""
        if column.level == CONTACT:
            return translate(f"book.{column.field}", self.template.language)
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
        """Return each level's id, field (None for its closed groups) and normalized labels.

        The name of an area may also be called "Area", as in our own workbooks, in any language.
        """
        found: list[tuple[str, Field | None, set[str]]] = []
        for level in self.template.levels:
            if level.groups:
                found.append((level.id, None, {normalize_label(level.label)}))
            for field in self.template.fields_of(level.id):
                labels = (field.label_for(), *field.aliases, *field.labels.values())
                found.append((level.id, field, set(map(normalize_label, labels))))
        taken = set[str]().union(*(names for _, _, names in found))
        words = {normalize_label(translate("book.area", language)) for language in LANGUAGES}
        area = self.template.area_level.id if self.template.area_level else None
        for level_id, named, names in found:
            if level_id == area and named and named.key:
                names.update(words - taken)
        return found

    def _date_in(self, text: str, names: set[str]) -> date | None:
        """Return the reporting date of a label such as "Status 30.04.2020" or "Status 300420".

        The date may be left out if the report has only one, and the words if only one field has
        dates, as in the head of a form; the year may, in a narrow column of ours. Return None if
        the label means no field with these names.
        """
        if text in names and len(self.dates) == 1:
            return self.dates[0]
        for candidate in (text, _BLANK_IN_DATE.sub("", text)):
            day, words = split_date(candidate)
            if day is None or not self._is_reporting_date(day):
                continue
            is_named = words in names or _without_date_words(words) in names
            is_alone = not words or words in _fill_in_words()
            if is_named or (is_alone and len(self._dated_fields) == 1):
                return day
        words, _, end = text.rpartition(" ")
        days = [d for d in self.dates if end in {short_day_text(d, name) for name in LANGUAGES}]
        is_named = len(days) == 1 and words in names
        return days[0] if is_named else None

    def _date_as_written(self, text: str, field: Field) -> date | None:
        """Return the reporting date of a label that is written as the template writes it."""
        for label in (field.label, *field.labels.values(), *field.aliases):
            if "{date" not in label and "{period" not in label:
                continue
            for day in self.dates:
                if text == normalize_label(field.filled(label, day)):
                    return day
            day_found = None if self.dates else _read_back(label, text)
            if day_found := day_found or self._named_day(label, text):
                return day_found
        return None

    def _named_day(self, label: str, text: str) -> date | None:
        """Return the reporting date of a label whose period has the name that people give it."""
        name = _period_in(label, text)
        years = {day.year for day in self.dates} or {0}
        days = (period_end(name, year) for year in sorted(years) if name)
        return next((day for day in days if day and self._is_reporting_date(day)), None)

    def period_names(self, cells: Iterable[SourceCell], year: int) -> Iterator[tuple[date, str]]:
        """Yield the dates of the periods named in these headings, each with its name as written.

        `year` is that of a name without one.
        """
        for cell in cells:
            text = self._renamed_text(cell.raw)
            for _, field in self._dated_fields:
                for label in (field.label, *field.labels.values(), *field.aliases):
                    name = _period_in(label, text)
                    if name and (day := period_end(name, year)):
                        at = cell.text.casefold().rfind(name)
                        yield day, cell.text[at : at + len(name)] if at >= 0 else name

    def _is_reporting_date(self, day: date) -> bool:
        return not self.dates or day in self.dates


def is_date(label: CellValue) -> TypeGuard[date]:
    """Return True for a day; one with a time of day is none."""
    return isinstance(label, date) and not isinstance(label, datetime)


def is_only_date(label: CellValue) -> bool:
    """Return True if a label is a date without words."""
    if isinstance(label, str) and len(label) <= _LONGEST_DATE:
        return not split_date(normalize_label(label))[1]
    return is_date(label)


def is_calendar(cells: Iterable[SourceCell]) -> bool:
    """Return True if so many dates without words stand in a row that they are a calendar."""
    return sum(is_only_date(cell.raw) for cell in cells) > _MAX_DATES


@cache
def usual_words(of: str) -> frozenset[str]:
    """Return what people call an "area", "leader", "measure", "number" or "remark" in headings."""
    phrases = (translate(f"import.like_{of}", language).split("|") for language in LANGUAGES)
    return frozenset(normalize_label(word) for words in phrases for word in words)


@cache
def contact_words(field: str) -> frozenset[str]:
    """Return the headings of a column of leaders or addresses in all languages, normalized."""
    ours = {translate(f"book.{field}", language) for language in LANGUAGES}
    theirs = (translate(f"import.{field}", language).split("|") for language in LANGUAGES)
    return frozenset(map(normalize_label, ours.union(*theirs)))


def _with_date_signs(field: Field) -> str:
    """Return the label of a field, with letters where it has a date: "Status DDMMYY"."""
    signs = {"%d": "DD", "%m": "MM", "%Y": "YYYY", "%y": "YY"}
    usual = day_number_format(field.language_of_days).upper()
    pattern = re.sub(r"\{date:?([^}]*)\}", lambda found: found[1] or usual, field.label)
    for sign, letters in signs.items():
        pattern = pattern.replace(sign, letters)
    return pattern


@cache
def _pattern_of(label: str) -> re.Pattern[str] | None:
    """Return the pattern of a label with a date; None if that has no year, or a day alone."""
    parts = re.split(r"\{date:([^}]*)\}", label)
    if len(parts) != len(("before", "date", "after")):
        return None
    written = re.escape(parts[1])
    for sign, group in _DATE_SIGNS.items():
        written = written.replace(re.escape(sign), group, 1)
    day, month, year = (f"(?P<{part}>" in written for part in ("day", "month", "year"))
    if not year or (day and not month):
        return None
    before, after = (re.escape(normalize(part)) for part in (parts[0], parts[2]))
    return re.compile(rf"{before}\s*{written}\s*{after}")


def _period_in(label: str, text: str) -> str:
    """Return what stands in a text where a label has the name of a period; "" if it differs."""
    before, placeholder, after = label.partition("{period}")
    before, after = normalize_label(before), normalize_label(after)
    is_alike = placeholder and text.startswith(before) and text.endswith(after)
    return text[len(before) : len(text) - len(after)].strip() if is_alike else ""


def _read_back(label: str, text: str) -> date | None:
    """Return the date in a text that is written as a label of the template writes dates.

    Of a year or a month it is the last day.
    """
    pattern = _pattern_of(label)
    found = pattern.fullmatch(text) if pattern else None
    if found is None:
        return None
    parts = {name: int(text) for name, text in found.groupdict().items()}
    year = parts["year"] + (2000 if len(found["year"]) == 2 else 0)
    month = parts.get("month", _LAST_MONTH)
    try:
        return date(year, month, parts.get("day") or monthrange(year, month)[1])
    except ValueError:
        return None


def _figures(text: str) -> str:
    """Return the digits of a text."""
    return "".join(sign for sign in text if sign.isdigit())


def _likeness(one: str, other: str) -> float:
    """Return how alike two labels are, from 0 to 100."""
    if one == other:
        return 100
    from rapidfuzz import fuzz  # few sources have a heading that needs it

    return fuzz.ratio(one, other)


def _day_or_none(year: int, found: re.Match[str]) -> date | None:
    """Return the day and month that were found, in a year; None if it has no such day."""
    try:
        return date(year, int(found["m"] or found["month"]), int(found["d"] or found["day"]))
    except ValueError:
        return None


def _year_of(found: re.Match[str]) -> str:
    """Return the year that was found; "" if it is left out."""
    return found["y"] or found["year"] or ""


def _dates_in_row(text: str) -> list[date]:
    """Return dates between dots; a year that is left out is that of the date behind it."""
    days: list[date] = []
    year = 0
    for part in reversed(text.split("·")):
        found = _DAY_AND_MONTH.fullmatch(part.strip())
        if found is None:
            return []
        year = int(_year_of(found) or year)
        day = _day_or_none(year, found)
        if day is None:
            return []
        days.insert(0, day)
    return days if len(days) > 1 else []


def normalize_label(text: str) -> str:
    """Return a label as it is compared: no final punctuation, words whole again at line ends."""
    return normalize(_HYPHEN_AT_LINE_END.sub("", text)).rstrip(" :.*")


def _without_date_words(words: str) -> str:
    """Return the words before a date without those that lead to it, as in "Status per"."""
    leading = next((word for word in _date_words() if words.endswith(f" {word}")), "")
    return words.removesuffix(leading).strip()


@cache
def _fill_in_words() -> frozenset[str]:
    """Return the words before the date in the heading over the answers of a form."""
    headings = (translate("sheet.fill_in", language, date="") for language in LANGUAGES)
    return frozenset(map(normalize_label, headings))


@cache
def _date_words() -> tuple[str, ...]:
    """Return the words that people write before a date, in all languages, the longest first."""
    phrases = (translate("import.date_words", language).split("|") for language in LANGUAGES)
    return tuple(sorted({word for words in phrases for word in words}, key=len, reverse=True))


def split_date(text: str) -> tuple[date | None, str]:
    """Return the date at the end of a text and the words before it.

    The date may be in brackets. Without a date, return None and the whole text.
    """
    text = _IN_BRACKETS.sub(r"\1", text)
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


def similar_label(label: str, known: Iterable[str]) -> str:
    """Return the known label that is most similar to another; empty if none is similar.

    Labels are similar if few letters differ, or if one has all words of the other.
    """
    from rapidfuzz import fuzz  # most sources have no unknown heading

    likeness: dict[str, float] = {}
    for name in known:
        pair = normalize_label(label), normalize_label(name)
        if min(map(len, pair)) >= _SHORTEST_LIKE:
            likeness[name] = max(fuzz.ratio(*pair), fuzz.token_set_ratio(*pair) - 1)
    best = max(likeness, key=likeness.__getitem__, default="")
    return best if best and likeness[best] >= _LEAST_LIKENESS else ""


def find_group(level: Level, text: str) -> str | None:
    """Return the id of the closed group that a text names; None if it names none."""
    label = normalize_label(text)
    for group in level.groups:
        if label in map(normalize_label, (group.label, *group.aliases)):
            return group.id
    return None


@dataclass
class HeadingStack:
    """The headings that are open at a line, by level.

    `area_names` are the normalized names of the areas in the report details. `default_area` names
    the area of records that no heading and no column gives an area: that of the sheet, or the only
    area of the report details; None if there is neither.
    """

    labels: Labels
    area_names: frozenset[str]
    default_area: SourceCell | None = None
    open_headings: dict[str, RecordCells] = dataclass_field(default_factory=dict)

    def start_page(self, default_area: SourceCell | None) -> None:
        """Close all headings; headings do not reach over the end of a page."""
        self.open_headings = {}
        self.default_area = default_area

    def cells(self) -> RecordCells:
        """Return the cells of all open headings."""
        return {
            column: cell for cells in self.open_headings.values() for column, cell in cells.items()
        }

    def open(self, level: Level, cells: RecordCells) -> None:
        """Open a heading of a level and close the earlier ones of this and of inner levels."""
        levels = self.labels.template.levels
        outer = [outer.id for outer in levels[: levels.index(level)]]
        kept = {name: cells for name, cells in self.open_headings.items() if name in outer}
        self.open_headings = {**kept, level.id: cells}

    def open_area(self, cell: SourceCell) -> None:
        """Open an area by a cell that holds its name and nothing else."""
        if level := self.labels.template.area_level:
            self.open(level, {FieldColumn(level.id, "name"): cell})

    def add_details(self, level: Level, cells: RecordCells) -> None:
        """Add labelled texts to the open heading of a level.

        If both have a field that identifies a group, the texts open another heading.
        """
        opened = self.open_headings.get(level.id, {})
        fields = self.labels.template.fields_of(level.id)
        keys = {FieldColumn(level.id, each.id) for each in fields if each.key}
        is_other = not keys.isdisjoint(cells) and not keys.isdisjoint(opened)
        self.open(level, cells if is_other else {**opened, **cells})

    def with_area(self, record: RecordCells) -> RecordCells:
        """Return a record with the default area, unless it names an area itself."""
        level = self.labels.template.area_level
        if level is None or self.default_area is None:
            return record
        column = FieldColumn(level.id, "name")
        if column in record and record[column].text:
            return record
        return {**record, column: self.default_area}

    def area_name(self, row: RecordCells | None = None) -> str:
        """Return the name of the area that a row is in, or that is open; empty if there is none."""
        level = self.labels.template.area_level
        if level is None:
            return ""
        filled = {column: cell for column, cell in (row or {}).items() if cell.text}
        cells = self.with_area({**self.cells(), **filled})
        cell = cells.get(FieldColumn(level.id, "name"))
        return cell.text if cell else ""

    def read(self, line: SourceLine) -> tuple[Level, RecordCells] | None:
        """Return the level that a line is a heading of, with its cells; None for other lines.

        The title of a card is a heading of the measure's level. A line is a heading if it names a
        closed group, if it is written as the template writes a heading, or if it is the name of an
        area in the report details. Word may write the words of the heading as the number of a list.
        The name of a measure may stand behind the words of its heading, or in the cell beside them.
        """
        title, cell = self._card_title(line), line.only_cell
        if title or cell is None or not cell.text:
            return (self.labels.template.leaf, title) if title else None
        for level in self.labels.template.levels:
            if find_group(level, cell.text):
                return level, {FieldColumn(level.id): cell}
            for pattern, field_id in self._patterns.get(level.id, ()):
                if found := pattern.fullmatch(cell.text):
                    return level, _shown_in(found, level, field_id, cell)
                if field_id and (found := pattern.fullmatch(cell.number.rstrip(".: "))):
                    number = replace(cell, raw=found["value"].strip())
                    return level, {
                        FieldColumn(level.id, field_id): number,
                        **self._name(level, cell),
                    }
        area_level = self.labels.template.area_level
        if area_level and normalize(cell.text) in self.area_names:
            return area_level, {FieldColumn(area_level.id, "name"): cell}
        return None

    def _card_title(self, line: SourceLine) -> RecordCells:
        """Return number and name of a card whose title has both; empty for any other line.

        The name of a card without number stands behind the label of its level.
        """
        leaf, own = self.labels.template.leaf, list(line.own_cells().values())
        has_name = self.labels.template.field_of(leaf.id, "name") is not None
        is_title = line.rank > 0 and len(own) == 1
        if not has_name or "{no}" not in leaf.heading or not (is_title or len(own) == 2):
            return {}
        no, name = FieldColumn(leaf.id, "no"), FieldColumn(leaf.id, "name")
        patterns = [pattern for pattern, field_id in self._patterns[leaf.id] if field_id == "no"]
        words = own[0].text.split()
        for end in range(1, len(words)) if is_title else [len(words)]:
            rest = " ".join(words[end:])
            for found in filter(None, (p.fullmatch(" ".join(words[:end])) for p in patterns)):
                number = replace(own[0], raw=found["value"])
                return {no: number, name: replace(own[0], raw=rest) if is_title else own[1]}
        label, _, rest = own[0].text.partition(f"{leaf.label} ")
        is_number = any(pattern.fullmatch(own[0].text) for pattern in patterns)
        named = is_title and rest and not label and not is_number
        return {name: replace(own[0], raw=rest)} if named else {}

    def text_below(self, level: Level, heading: str) -> FieldColumn | None:
        """Return the field of a group whose text stands below its heading without a label.

        It is the field whose label the heading begins with.
        """
        for each in self.labels.template.fields_of(level.id):
            is_named = normalize_label(heading).startswith(normalize_label(each.label_for()))
            if is_named and each.id != "name" and f"{{{each.id}}}" not in level.heading:
                return FieldColumn(level.id, each.id)
        return None

    def _name(self, level: Level, cell: SourceCell) -> RecordCells:
        """Return the text of a heading as the name of a level, if that has names."""
        has_name = self.labels.template.field_of(level.id, "name") is not None
        return {FieldColumn(level.id, "name"): cell} if has_name else {}

    def any_names_area(self, lines: Iterable[SourceLine]) -> bool:
        """Return True if one of these lines is a heading of an area."""
        area_level = self.labels.template.area_level
        return any(found[0] is area_level for line in lines if (found := self.read(line)))

    @cached_property
    def _patterns(self) -> dict[str, list[tuple[re.Pattern[str], str]]]:
        """Return for each level the patterns of its headings, each with the field it shows."""
        template = self.labels.template
        return {
            level.id: list(
                _heading_patterns(
                    level,
                    has_name=level is not template.leaf
                    and template.field_of(level.id, "name") is not None,
                )
            )
            for level in template.levels
        }


def _shown_in(found: re.Match[str], level: Level, field_id: str, cell: SourceCell) -> RecordCells:
    """Return what a heading shows: the field in its pattern, and a name behind that."""
    parts = {"name": "name", "value": field_id}
    return {
        FieldColumn(level.id, parts[part]): replace(cell, raw=text.strip())
        for part, text in found.groupdict().items()
        if text and parts[part]
    }


def _heading_patterns(level: Level, *, has_name: bool) -> Iterator[tuple[re.Pattern[str], str]]:
    """Yield the ways to write a heading of a level, each with the field that it shows.

    A heading is written as in the template, if that has words besides the field, or as the level's
    label, a colon and the name, if the level has a name. A heading of words alone shows no field
    (""); a number behind it tells it from the others.
    """
    shown = re.search(r"\{(\w+)\}", level.heading)
    if level.heading and not shown:
        yield re.compile(rf"(?is){re.escape(level.heading.strip())}(?:\s+\d+)?"), ""
    if shown and not is_bare_heading(level):
        before, after = (re.escape(part.strip()) for part in level.heading.split(shown[0]))
        value = r"\d+" if shown[1] == "no" else ".+"
        space = r"\s+" if before else ""
        yield re.compile(rf"(?is){before}{space}(?P<value>{value}?)\s*{after}"), shown[1]
    if has_name:
        yield re.compile(rf"(?is){re.escape(level.label)}\s*:\s*(?P<value>.+)"), "name"


def is_bare_heading(level: Level) -> bool:
    """Return True if headings of a level are a field's value without further words."""
    return not re.sub(r"\{\w+\}", "", level.heading).strip(" :.")
