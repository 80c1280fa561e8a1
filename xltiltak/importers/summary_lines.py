"""Printed counts, means and scale tables: lines in a table that are no measures.

The figures are kept and compared with the rows when the report is built.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Literal

from xltiltak.importers.labels import Labels, normalize_label
from xltiltak.importers.source_lines import SourceCell, SourceLine
from xltiltak.importers.table_header import TableHeader
from xltiltak.merging.consistency_rules import PrintedFigures, parse_figure
from xltiltak.model.language import LANGUAGES, translate

Figure = Literal["mean", "count", "answered", "total", "scale"]
_IN_SUMMARIES: tuple[Figure, ...] = ("mean", "count", "answered", "total")


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


def is_total_word(cell: SourceCell) -> bool:
    """Return True if a cell names all areas together, as "Totalt"."""
    return normalize_label(cell.text) in figure_words("total")


def is_scale_step(line: SourceLine, labels: Labels) -> bool:
    """Return True if a line only names steps of a scale, as a table that explains it does.

    A step has its value and label in two cells, or in one, as "3 - Godt i gang".
    """
    texts = [normalize_label(cell.text) for cell in line.own_cells().values()]
    steps = {
        (normalize_label(str(step.value)), normalize_label(step.label)) for step in labels.steps
    }
    if tuple(texts) in steps:
        return True
    separators = (" ", " - ", " – ", " = ", ": ", ". ")
    joined = {f"{value}{between}{label}" for value, label in steps for between in separators}
    return bool(texts) and all(text in joined for text in texts)
