"""The lines of a table that are no measures: its header, printed figures, and steps of the scale.

The header is the row, or two rows, of labels that say what each column holds. The printed figures
are kept and compared with the rows when the report is built.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Literal, NamedTuple

from xltiltak.importers.labels import (
    CONTACT,
    FieldColumn,
    Labels,
    is_calendar,
    is_only_date,
    normalize_label,
)
from xltiltak.importers.source_lines import SourceCell, SourceLine
from xltiltak.merging.consistency_rules import PrintedFigures, parse_figure
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.model.normalize import normalize

_YEAR = re.compile(r"(?:19|20)\d\d")
_BRACKETED = re.compile(r"\([^()]{1,30}\)|\[[^\[\]]{1,30}\]")
_AMOUNT = re.compile(r"(?:kr\.? )?[-–−+]?\d[\d\s.,]*(?:\s?%|\s\w{1,9}\.?)?")  # with its unit
_BEFORE_STEPS = re.compile(r"^[^\d:]{1,30}:\s+(?=\d)")  # "Scale: 1 = …"
_BETWEEN_STEPS = re.compile(r"\s*[,;·|/\n]\s*(?=\d{1,2}(?:\s*[-–=:.)·]|\s+\D))")
_MIN_LABELS = 2  # a header has at least so many known labels
_LONGEST_LABEL = 60  # characters
Figure = Literal["mean", "count", "answered", "total", "scale"]
_IN_SUMMARIES: tuple[Figure, ...] = ("mean", "count", "answered", "total")


class TableReading(NamedTuple):
    """How one table of a source was understood, for the user to confirm.

    `where` is the place of its header. `columns` has for each column the label in the source and
    the template's label of the field it was read as, "" if unknown.
    """

    where: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TableHeader:
    """What the columns of a table hold, by column counted from 0.

    `columns` are those with a known label. `unknown` are those whose label is not in the template.
    `names` are the labels as the source has them. `computed` are columns that repeat what other
    columns say; they are not read. `alike` are those whose label is a known one but for a few
    letters. `table` and `width` are those of the line with the labels.
    """

    columns: Mapping[int, tuple[FieldColumn, ...]]
    unknown: Mapping[int, SourceCell]
    names: Mapping[int, str]
    table: int
    width: int
    computed: frozenset[int] = frozenset()
    alike: Mapping[int, SourceCell] = field(default_factory=dict)

    def field_columns(self) -> list[FieldColumn]:
        """Return everything that some column holds."""
        return [column for columns in self.columns.values() for column in columns]

    def labels_in_source(self) -> dict[FieldColumn, str]:
        """Return for each field the label that the source gives it."""
        return {
            column: self.names[col] for col, columns in self.columns.items() for column in columns
        }

    def has_contacts_only(self, labels: Labels) -> bool:
        """Return True for a table of areas with their leaders or addresses, and no measures."""
        area, found = labels.template.area_level, self.field_columns()
        levels = {column.level for column in found}
        return area is not None and levels == {area.id, CONTACT}

    def duplicate_names(self) -> list[str]:
        """Return the labels of columns that hold the same field as another column."""
        counts = Counter(self.field_columns())
        return [
            self.names[col]
            for col, columns in self.columns.items()
            if any(counts[column] > 1 for column in columns)
        ]

    def without_duplicates(self) -> TableHeader:
        """Return the header without the columns that hold the same field as another column.

        Which of them is meant is not guessed.
        """
        counts = Counter(self.field_columns())
        unique = {
            col: columns
            for col, columns in self.columns.items()
            if all(counts[column] == 1 for column in columns)
        }
        return replace(self, columns=unique)

    def is_repeated_by(self, line: SourceLine) -> bool:
        """Return True if a row only repeats labels, each in its own column."""
        own = line.own_cells()
        return bool(own) and all(
            normalize_label(cell.text) == normalize_label(self.names.get(col, ""))
            for col, cell in own.items()
        )

    def read(self, line: SourceLine) -> Iterator[tuple[FieldColumn, SourceCell]]:
        """Yield the fields of a row with their cells.

        A merged cell counts in the rows below its first one, but not in the columns beside it.
        """
        for col, columns in self.columns.items():
            cell = line.cells.get(col)
            if cell and cell.copied != "across":
                cells = _values_of(cell, columns) if self.is_history(col) else [cell] * len(columns)
                yield from zip(columns, cells, strict=bool(cells))

    def is_history(self, col: int) -> bool:
        """Return True if a column holds the values of a field at all of its dates."""
        first, *others = self.columns.get(col, ())[:2] or (None,)
        return any(first and first.field == other.field for other in others)

    def unread_cells(self, line: SourceLine) -> Iterator[tuple[int, SourceCell]]:
        """Yield the cells of a row that stand in no known column, each with its column."""
        for col, cell in line.own_cells().items():
            is_read = col in self.columns or col in self.computed
            if not is_read or (self.is_history(col) and not _values_of(cell, self.columns[col])):
                yield col, cell

    def reading(self, where: str, labels: Labels) -> TableReading:
        """Return how the header was understood; `where` is its place."""
        columns = []
        for col, name in sorted(self.names.items()):
            titles = (labels.title_of(column) for column in self.columns.get(col, ()))
            columns.append((name, ", ".join(titles)))
        return TableReading(where, tuple(columns))


def _values_of(cell: SourceCell, columns: Sequence[FieldColumn]) -> list[SourceCell]:
    """Return the value at each date in a cell such as "3 → 4", of which a dash is none.

    Return an empty list if it does not have one for each date.
    """
    parts = [part.strip() for part in cell.text.split("\n")[0].split("→")]
    if len(parts) != len(columns):
        return []
    return [replace(cell, raw=None if part.startswith("–") else part) for part in parts]


def header_in(
    line: SourceLine, labels: Labels, above: SourceLine | None = None
) -> TableHeader | None:
    """Return the header that a line is; None for any other line.

    `above` is the line before it. If it is in the same table and both rows together name more
    fields than each of them alone, the header is made of both.
    """
    own = {col: cell for col, cell in line.cells.items() if not cell.copied}
    single = _header(line, own, labels)
    if above is None or above.table != line.table:
        return single
    double = _header(line, _join_label_rows(above, line, labels), labels)
    if double is None:
        return single
    upper = _header(above, {col: c for col, c in above.cells.items() if not c.copied}, labels)
    known = [len(header.field_columns()) for header in (single, upper) if header]
    return double if len(double.field_columns()) > max(known, default=0) else single


def header_of_first_row(line: SourceLine, labels: Labels) -> TableHeader:
    """Return the header that the first row of a table is, even if no label is known."""
    cells = {col: cell for col, cell in line.cells.items() if cell.text}
    meanings = {
        col: labels.columns_of_heading(cell.raw) or labels.columns_of_history(cell.raw)
        for col, cell in cells.items()
    }
    if is_calendar(cells.values()):
        meanings |= {col: () for col, cell in cells.items() if is_only_date(cell.raw)}
    columns = {col: found for col, found in meanings.items() if found}
    alike = _columns_alike(cells, columns, labels)
    columns |= alike
    unknown = {col: cell for col, cell in cells.items() if col not in columns}
    names = {col: cell.text for col, cell in cells.items()}
    header = TableHeader(columns, unknown, names, line.table, line.width)
    return replace(header, alike={col: cells[col] for col in alike})


def _columns_alike(
    cells: Mapping[int, SourceCell],
    known: Mapping[int, tuple[FieldColumn, ...]],
    labels: Labels,
) -> dict[int, tuple[FieldColumn, ...]]:
    """Return the columns whose label is like that of a field that no other column has.

    Only a row that has a known label can have others that are like one.
    """
    others = [cell for col, cell in cells.items() if col not in known]
    if not known or not others or not looks_like_labels(cells.values()):
        return {}
    found = {
        col: labels.columns_alike(cell.raw)
        for col, cell in cells.items()
        if col not in known and isinstance(cell.raw, str)
    }
    counts = Counter(column for columns in (*known.values(), *found.values()) for column in columns)
    return {
        col: columns
        for col, columns in found.items()
        if columns and all(counts[column] == 1 for column in columns)
    }


def _header(
    line: SourceLine, cells: Mapping[int, SourceCell], labels: Labels
) -> TableHeader | None:
    """Return the header with these cells as labels; None if they do not look like one.

    A header has two known labels or more, one of them of a field that identifies a measure, and
    more known labels than unknown ones. With lenient labels the one that identifies a measure is
    enough, if it stands alone or all cells of the row look like labels.
    """
    header = header_of_first_row(replace(line, cells=cells), labels)
    computed = frozenset(
        col
        for col, cell in cells.items()
        if normalize_label(cell.text.split("\n")[0]) in _computed_labels()
    )
    unknown = {col: cell for col, cell in header.unknown.items() if col not in computed}
    others = [cell for cell in unknown.values() if not is_only_date(cell.raw)]
    enough = len(header.columns) >= _MIN_LABELS and len(header.columns) > len(others)
    if labels.lenient and line.table:
        enough = enough or len(header.names) == 1 or looks_like_labels(cells.values())
    names_measures = not labels.measure_keys.isdisjoint(header.field_columns())
    if not enough or not (names_measures or header.has_contacts_only(labels)):
        return None
    return replace(header, unknown=unknown, computed=computed)


def looks_like_labels(cells: Iterable[SourceCell]) -> bool:
    """Return True if these cells may be a row of labels: several short texts, and few figures."""
    texts = [cell.text for cell in cells if cell.text and not is_only_date(cell.raw)]
    short = all(len(text) <= _LONGEST_LABEL and "\n" not in text for text in texts)
    words = [text for text in texts if any(sign.isalpha() for sign in text)]
    return short and len(texts) >= _MIN_LABELS and 2 * len(words) > len(texts)


@cache
def _computed_labels() -> frozenset[str]:
    """Return the label of the change since the last date, in each language.

    An appendix computes that column from two others.
    """
    return frozenset(normalize_label(translate("term.change", language)) for language in LANGUAGES)


def _join_label_rows(above: SourceLine, line: SourceLine, labels: Labels) -> dict[int, SourceCell]:
    """Return two rows of labels as one: "Status" above three dates becomes three labels.

    A label in one of the two rows only is taken as it is, and one of the lower row that is known
    alone, below a title of several columns.
    """
    joined: dict[int, SourceCell] = {}
    for col in sorted({*above.cells, *line.cells}):
        upper, lower = above.cells.get(col), line.cells.get(col)
        if upper is None or not upper.text or (lower and lower.copied == "down"):
            joined[col] = lower or SourceCell(None, above.place)
        elif lower is None or not lower.text:
            if upper.copied != "across":
                joined[col] = upper
        else:
            both = SourceCell(f"{upper.text} {lower.text}", lower.place)
            is_title = labels.columns_of(lower.raw) and not labels.columns_of(both.raw)
            joined[col] = lower if is_title else both
    return joined


_FIGURES_BETWEEN = re.compile(r"\s+[·|•]\s+")
_UNIT = r"(?:\s*%|\s+[^\W\d]{1,12}\.?)?"
_NAMED_FIGURE = re.compile(
    rf"(?P<name>[^:]+):\s*(?P<figure>[-−–]?[\d\s.,]*\d)(?:\s+\w+\s+\d+)?{_UNIT}"
)


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """The figures of one line, as printed; empty where the line does not give them.

    `measures` is the count of measures. `means` and `answered` have a mean and a count of answers
    for each date. `total` is True for figures of the whole report.
    """

    measures: str = ""
    means: Mapping[date, str] = field(default_factory=dict)
    answered: Mapping[date, str] = field(default_factory=dict)
    total: bool = False


@cache
def figure_words(figure: Figure) -> frozenset[str]:
    """Return the words for a figure in all languages, normalized."""
    phrases = (translate(f"import.{figure}", language) for language in LANGUAGES)
    return frozenset(normalize_label(word) for phrase in phrases for word in phrase.split("|"))


def summary_in(line: SourceLine, header: TableHeader, labels: Labels) -> SummaryLine | None:
    """Return the figures in a line of a table; None for a line that is not a summary.

    A summary line has numbers in the columns of the mean field, at most one other number, which is
    a count, and no words but those that name figures. Its columns of groups may hold anything: the
    area that the figures are of stands there.
    """
    mean_field, leaf = labels.template.mean_field(), labels.template.leaf.id
    if mean_field is None:
        return None
    figures: dict[date, str] = {}
    words: set[str] = set()
    counts: list[str] = []
    for col, cell in line.own_cells().items():
        columns = header.columns.get(col, ())
        is_group = bool(columns) and all(column.level != leaf for column in columns)
        if is_group and not is_total_word(cell):
            continue
        days = [column.date for column in columns if column.field == mean_field.id and column.date]
        if days:
            figures[days[-1]] = cell.text
        elif parse_figure(cell.text) is None:
            words.add(normalize_label(cell.text))
        else:
            counts.append(cell.text)
    known_words = {word for figure in _IN_SUMMARIES for word in figure_words(figure)}
    if not words <= known_words or len(counts) > 1 or not (figures or (words and counts)):
        return None
    if any(parse_figure(text) is None for text in figures.values()):
        return None
    return _summary(words, counts, figures)


def figures_in_paragraph(line: SourceLine, labels: Labels) -> SummaryLine | None:
    """Return the figures in a text such as "Tiltak: 4 · Besvart: 4"; None for another line.

    Each figure stands after its name. One of the names is the label of the measures; if there are
    several figures, it may be another word for a figure, also at its end: "Budget, sum: 5".
    """
    cell = line.only_cell
    if cell is None:
        return None
    parts = [_NAMED_FIGURE.fullmatch(part) for part in _FIGURES_BETWEEN.split(cell.text)]
    named = {normalize_label(part["name"]): part["figure"].strip() for part in parts if part}
    counts = {normalize_label(labels.template.leaf.label), *figure_words("count")}
    known_words = {word for figure in _IN_SUMMARIES for word in figure_words(figure)}
    words = counts if len(parts) < 2 else counts | known_words
    names = {*named, *(name.rpartition(", ")[2] for name in named)}
    if not all(parts) or words.isdisjoint(names):
        return None
    return SummaryLine(next((named[word] for word in counts if word in named), ""))


def _summary(
    words: set[str], counts: Sequence[str], figures: Mapping[date, str]
) -> SummaryLine | None:
    """Return the summary that these words and numbers give; None if its counts differ."""
    total = not words.isdisjoint(figure_words("total"))
    if not words.isdisjoint(figure_words("answered")):
        return SummaryLine(answered=figures, total=total)
    if not words.isdisjoint(figure_words("count")) and figures and not counts:
        # The count of measures is repeated below each date.
        same = set(figures.values())
        return SummaryLine(measures=same.pop(), total=total) if len(same) == 1 else None
    return SummaryLine(counts[0] if counts else "", means=figures, total=total)


def combine_summaries(
    ref: str, name: str, lines: Iterable[SummaryLine], days: Sequence[date]
) -> PrintedFigures:
    """Return all figures printed of one area; of two for one date the later line counts."""
    lines = list(lines)
    means = {day: text for line in lines for day, text in line.means.items()}
    answered = {day: text for line in lines for day, text in line.answered.items()}
    return PrintedFigures(
        ref,
        name,
        next((line.measures for line in lines if line.measures), ""),
        tuple(means.get(day, "") for day in days) if means else (),
        tuple(answered.get(day, "") for day in days) if answered else (),
    )


def is_scale_word(cell: SourceCell) -> bool:
    """Return True if a cell is a title of a scale table, as "Skala"."""
    return normalize_label(cell.text) in figure_words("scale")


def is_total_word(cell: SourceCell, groups: Collection[str] = ()) -> bool:
    """Return True if a cell names all areas together, as "Totalt", or all of a group or year.

    `groups` are the normalized names of groups, which may stand behind the word.
    """
    text = normalize_label(cell.text)
    words = figure_words("total")
    if text in words:
        return True
    rests = [text.removeprefix(word).strip(" :") for word in words if text.startswith(f"{word} ")]
    return any(_YEAR.fullmatch(rest) or rest in words or rest in groups for rest in rests)


def is_total_row(line: SourceLine, groups: Collection[str] = ()) -> bool:
    """Return True if a row has a word for all measures together, figures, and nothing else."""
    own = line.own_cells().values()
    cells = [cell for cell in own if not _AMOUNT.fullmatch(cell.text)]
    names = [cell for cell in cells if is_total_word(cell, groups)]
    others = [cell for cell in cells if cell not in names and normalize(cell.text) not in groups]
    return line.only_cell is None and bool(names) and not others


def is_below_labels(line: SourceLine, header: TableHeader) -> bool:
    """Return True if a row right below the labels only adds to them.

    It has nothing but texts in brackets, as "(tkr)", or the numbers or letters of the columns.
    """
    texts = [cell.text.strip(".)") for cell in line.own_cells().values()]
    count = len(header.names)
    numbers = [str(n) for n in range(1, count + 1)]
    letters = [chr(ord("a") + n) for n in range(min(count, 26))]
    if len(texts) >= _MIN_LABELS and [t.casefold() for t in texts] in (numbers, letters):
        return True
    return bool(texts) and all(_BRACKETED.fullmatch(c.text) for c in line.own_cells().values())


def _is_around_steps(texts: Sequence[str]) -> bool:
    """Return True for the head of our own table of a scale, and its row of what is not answered."""
    first, *others = texts or [""]
    if first in figure_words("scale") and others:
        heads = tuple(_words_of("sheet.meaning") | _words_of("sheet.share"))
        return all(text.startswith(heads) for text in others)
    is_unanswered = first in _words_of("term.unanswered")
    return is_unanswered and bool(others) and all(text.isdigit() for text in others)


@cache
def _words_of(key: str) -> frozenset[str]:
    """Return a phrase of ours in all languages, normalized."""
    return frozenset(normalize_label(translate(key, language)) for language in LANGUAGES)


def is_scale_step(line: SourceLine, labels: Labels) -> bool:
    """Return True if a line only names steps of a scale, as a table that explains it does.

    A step has its value and label in two cells, or in one, as "3 - Godt i gang". Our own table has
    numbers of answers beside them. A line may list all steps behind each other (`listed_steps`).
    """
    texts = [normalize_label(cell.text) for cell in line.own_cells().values()]
    steps = {
        (normalize_label(str(step.value)), normalize_label(step.label)) for step in labels.steps
    }
    if tuple(texts[:2]) in steps and all(text.isdigit() for text in texts[2:]):
        return True
    if _is_around_steps(texts):
        return True
    separators = (" ", " - ", " – ", " = ", "=", ": ", ". ", ") ")
    joined = {f"{value}{between}{label}" for value, label in steps for between in separators}
    if len(texts) == 1:
        texts = listed_steps(texts[0])
    return bool(texts) and all(text in joined for text in texts)


def listed_steps(text: str) -> list[str]:
    """Return the steps that a text lists, as "Scale: 1 = not begun, 2 = begun"; else the text."""
    return _BETWEEN_STEPS.split(_BEFORE_STEPS.sub("", text))
