"""What a column of an unknown table holds: its dates, its kind, its words and their colours.

Columns whose labels differ only in a date are one column with a value at each date. A kind is
proposed only if every value of the column can be read as it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any

from xltiltak.importers.labels import is_date, normalize_label, split_date, usual_words
from xltiltak.importers.periods import period_end
from xltiltak.importers.source_lines import SourceCell
from xltiltak.importers.workbook_looks import ColumnLook
from xltiltak.model.cell_values import CellValue
from xltiltak.model.colours import is_colour, named_colour
from xltiltak.model.field_types import KINDS
from xltiltak.model.language import LANGUAGES, preferred_language, translate
from xltiltak.model.normalize import normalize
from xltiltak.templates.short_form import is_number_word

_WRITTEN_DATES = (  # how a date stands at the end of a label, and the pattern that writes it
    (re.compile(r"\d{4}-\d\d-\d\d"), "%Y-%m-%d"),
    (re.compile(r"\d\d\.\d\d\.\d{4}"), "%d.%m.%Y"),
    (re.compile(r"\d\d/\d\d/\d{4}"), "%d/%m/%Y"),
    (re.compile(r"\d\d\.\d\d\.\d\d"), "%d.%m.%y"),
    (re.compile(r"\d{6}"), "%d%m%y"),
)
_YEARLY = re.compile(r"(?P<words>.*?\s?)(?P<year>(?:19|20)\d\d)")
_ANY_YEAR = 2000
_BRACES = str.maketrans("{}", "()")
_WITH_UNIT = re.compile(r"[-−–+]?[\d\s.,]*\d\s?(?P<unit>[^\W\d_]{1,12}\.?)")
_STEP_TEXT = re.compile(r"(?P<value>\d{1,2})\s*[-–:.)]?\s+(?P<label>\D.*)")
_BULLET = re.compile(r"(?m)^\s*[•▪●◦‣–-]\s+")
_MOST_CHOICES, _LONGEST_CHOICE = 9, 40  # words, characters
_LEAST_USED = 2  # cells for each word of a choice, on average
_LEAST_STEPS = 2
_LEAST_COLOURED = 0.6  # of the cells with a word
_WIDTHS = {"integer": 8, "percent": 10, "decimal": 12, "date": 13, "choice": 16, "scale": 16}
_LEAST_WIDTH, _LEAST_TYPED, _MOST_WIDTH = 12, 30, 60


@dataclass
class ProposedColumn:
    """A column, or those of one label at several dates.

    `label` has the date as a template writes it. `columns` are the columns of the source, `cells`
    the filled cells below them, `days` the date of each column.
    """

    label: str
    columns: list[int]
    days: list[date] = field(default_factory=list)
    cells: list[SourceCell] = field(default_factory=list)
    look: ColumnLook = field(default_factory=ColumnLook)

    @property
    def words(self) -> str:
        """Return the label without its date, as labels are compared."""
        return normalize_label(re.sub(r"\{[^}]*\}", "", self.label))

    @property
    def texts(self) -> list[str]:
        """Return the texts of the filled cells."""
        return [cell.text for cell in self.cells]

    @property
    def is_unit(self) -> bool:
        """Return True if the texts are units of numbers in other columns: "%", "mill. kr"."""
        units = {word for one in self.texts for word in normalize(one).replace(".", " ").split()}
        return bool(units) and units <= _unit_words()

    def is_called(self, of: str) -> bool:
        """Return True if the label has one of the words that people use for this, or begins so."""
        words = usual_words(of)
        return self.words in words or any(self.words.startswith(f"{word} ") for word in words)


def proposed_columns(
    labels: Mapping[int, SourceCell],
    rows: Sequence[Mapping[int, SourceCell]],
    looks: Mapping[int, ColumnLook],
) -> list[ProposedColumn]:
    """Return the columns of a table, those of one label at several dates as one."""
    found: dict[str, ProposedColumn] = {}
    yearly = _words_with_years(labels)
    for col, cell in labels.items():
        label, day = _label_of(cell.raw, yearly)
        column = found.setdefault(normalize_label(label), ProposedColumn(label, []))
        column.columns.append(col)
        column.days += [day] if day else []
        column.cells += [row[col] for row in rows if col in row and row[col].text]
        column.look = looks.get(col, column.look)
    return list(found.values())


def _words_with_years(labels: Mapping[int, SourceCell]) -> set[str]:
    """Return the words, normalized, that stand before several years: "Result 2022", "… 2023"."""
    found = [each for cell in labels.values() if (each := _YEARLY.fullmatch(_text_of(cell.raw)))]
    counts = Counter(normalize(each["words"]) for each in found)
    return {words for words, count in counts.items() if count > 1}


def _text_of(raw: CellValue) -> str:
    """Return a label without blanks and signs around it."""
    return " ".join(str(raw).split()).translate(_BRACES).strip(" :*")


def _label_of(raw: CellValue, yearly: Collection[str]) -> tuple[str, date | None]:
    """Return a label as a template writes it, and the date in it.

    After one of the words `yearly`, a year stands for its last day.
    """
    if is_date(raw):
        return f"{_answers()} {{date}}", raw
    text = _text_of(raw)
    if (year := _YEARLY.fullmatch(text)) and normalize(year["words"]) in yearly:
        words = year["words"].strip() or _answers()
        return f"{words} {{date:%Y}}", date(int(year["year"]), 12, 31)
    day, _ = split_date(normalize(text))
    for pattern, written in _WRITTEN_DATES if day else ():
        found = list(pattern.finditer(text))
        if found and found[-1].end() == len(text):
            words = text[: found[-1].start()].strip() or _answers()
            return f"{words} {{date:{written}}}", day
    return text, None


def _answers() -> str:
    """Return the label of answers whose heading is a date alone."""
    return translate("import.answers", preferred_language())


def is_number_column(column: ProposedColumn) -> bool:
    """Return True for the numbers of the measures: each once, and mostly one after another."""
    if column.days or not column.cells:
        return False
    if column.is_called("number") or is_number_word(column.label):
        return True
    numbers = [int(text.rstrip(".")) for text in column.texts if text.rstrip(".").isdecimal()]
    steps = sum(b == a + 1 for a, b in pairwise(numbers))
    return len(numbers) == len(column.cells) > 2 and steps * 2 > len(numbers)


def is_input_column(column: ProposedColumn) -> bool:
    """Return True if people fill in a column: it has dates, a list, an open cell or such a name.

    The name of a quarter or a third of a year is one too: "Q1", "2. tertial", "Kv 3 2024".
    """
    is_named = any(word in column.words.split() for word in input_words())
    is_named = is_named or period_end(column.words, _ANY_YEAR) is not None
    return bool(column.days or column.look.listed or column.look.is_open or is_named)


@cache
def _unit_words() -> frozenset[str]:
    """Return the words and signs of which units consist, in all languages, normalized."""
    texts = (translate("import.unit_words", language).split("|") for language in LANGUAGES)
    return frozenset(normalize(word) for words in texts for word in words)


@cache
def input_words() -> frozenset[str]:
    """Return words in the labels of what is filled in, in all languages."""
    texts = (translate("import.like_input", language).split("|") for language in LANGUAGES)
    return usual_words("remark").union(*texts)


@cache
def _done_words() -> frozenset[str]:
    """Return the words for what is finished, in all languages, normalized."""
    texts = (translate("import.done_words", language).split("|") for language in LANGUAGES)
    return frozenset(normalize(word) for words in texts for word in words)


def kind_of(
    column: ProposedColumn, legend: Mapping[str, str], language: str, *, is_input: bool
) -> dict[str, Any]:
    """Return the keys of a field that say what a column holds; none for a text.

    `legend` has the words of a scale that the source explains, by value. With `steps` the field has
    a scale or choices.
    """
    texts = column.texts
    for kind, steps in (("scale", _scale(column, legend)), ("choice", _choices(column))):
        if is_input and steps:
            return {"kind": kind, "steps": steps}
    found = [_WITH_UNIT.fullmatch(text) for text in texts]
    units = {each["unit"] if each else "" for each in found}
    unit = units.pop() if len(units) == 1 else ""
    if texts and all(text.endswith("%") for text in texts) and _holds(column, "percent", language):
        return {"kind": "percent"}
    if unit and _holds(column, "decimal", language, unit):
        return {"kind": "decimal", "unit": unit}
    for kind in ("integer", "decimal", "date"):
        if texts and _holds(column, kind, language):
            return {"kind": kind}
    if any("\n" in text for text in texts):
        bulleted = sum(_BULLET.search(text) is not None for text in texts)
        return {"kind": "bullets" if bulleted * 2 > len(texts) else "paragraphs"}
    return {}


def _holds(column: ProposedColumn, kind: str, language: str, unit: str = "") -> bool:
    """Return True if every cell of a column is read as a value of this kind, in one way."""
    field_type = KINDS[kind]((), unit)
    readings = (field_type.parse([cell.raw], language) for cell in column.cells)
    return all(reading.outcome != "invalid" for reading in readings)


def _scale(column: ProposedColumn, legend: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the steps of a column of numbers with words, in their cells or in the legend."""
    labels = dict(legend)
    for text in {*column.texts, *column.look.listed}:
        if found := _STEP_TEXT.fullmatch(text):
            labels[found["value"]] = found["label"].strip()
        elif not text.isdecimal():
            return []
    used = {_value_of(text) for text in column.texts}
    if len(labels) < _LEAST_STEPS or not used <= set(labels):
        return []
    fills = {_value_of(text): fill for text, fill in fills_of(column).items()}
    return [
        {"value": int(value), "label": label, **_looks_of_step(label, fills.get(value, ""))}
        for value, label in sorted(labels.items(), key=lambda pair: int(pair[0]))
    ]


def _value_of(text: str) -> str:
    found = _STEP_TEXT.fullmatch(text)
    return found["value"] if found else text


def _choices(column: ProposedColumn) -> list[dict[str, Any]]:
    """Return the words of a column of choices: those of its list, and all others that it has.

    Without a list they are choices if there are few and each is used several times on average, or
    if most are names of colours.
    """
    spelled: dict[str, Counter[str]] = {}
    for text in column.texts:
        spelled.setdefault(normalize(text), Counter())[text] += 1
    words = {normalize(word): word for word in column.look.listed}
    words |= {
        key: counts.most_common(1)[0][0] for key, counts in spelled.items() if key not in words
    }
    is_short = all(len(word) <= _LONGEST_CHOICE and "\n" not in word for word in words.values())
    has_words = any(any(sign.isalpha() for sign in word) for word in words.values())
    has_figures = any(sign.isdigit() for word in words.values() for sign in word)
    are_few = not has_figures and (
        len(words) <= _MOST_CHOICES and len(column.cells) >= _LEAST_USED * len(words)
    )
    colours = sum(named_colour(word) != word for word in words.values())
    are_choices = column.look.listed or are_few or colours > max(1, len(words) // 2)
    if not (has_words and is_short and len(words) > 1 and are_choices):
        return []
    fills = fills_of(column)
    return [
        {"label": word, **_looks_of_step(word, fills.get(key, named_colour(word)))}
        for key, word in words.items()
    ]


def _looks_of_step(label: str, fill: str) -> dict[str, Any]:
    """Return the keys of a step with this label: its colour, and whether it means finished."""
    done = {"done": True} if normalize(label) in _done_words() else {}
    return {**({"fill": fill} if is_colour(fill) else {}), **done}


def fills_of(column: ProposedColumn) -> dict[str, str]:
    """Return the colour of the cells with each text (normalized), as #RRGGBB.

    It is the one of a rule of the sheet, or that of most cells with this text if these differ.
    """
    counts: dict[str, Counter[str]] = {}
    for cell in column.cells:
        counts.setdefault(normalize(cell.text), Counter())[cell.fill] += 1
    fills = dict(column.look.fills)
    for text, found in counts.items():
        fill, count = found.most_common(1)[0]
        if fill and count >= _LEAST_COLOURED * found.total():
            fills.setdefault(text, f"#{fill}")
    return fills if len(set(fills.values())) > 1 else {}


def width_of(column: ProposedColumn, kind: str, *, is_input: bool = False) -> int:
    """Return the width of a column in characters: that of the source, or by its texts."""
    if column.look.width:
        return min(max(column.look.width, _LEAST_WIDTH // 2), _MOST_WIDTH)
    longest = max((len(line) for text in column.texts for line in text.split("\n")), default=0)
    least = _LEAST_TYPED if is_input else _LEAST_WIDTH
    return _WIDTHS.get(kind) or min(max(longest, least), _MOST_WIDTH)
