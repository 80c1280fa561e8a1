"""Lines with counts and means, as people print them above, in or below a table: kept to be held against the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import NamedTuple

from xltiltak.importers.labels import Labels, named
from xltiltak.importers.source_lines import SourceCell, SourceLine
from xltiltak.importers.table_header import TableHeader
from xltiltak.merging.printed_figures import PrintedFigures, parse_figure
from xltiltak.model.language import LANGUAGES, translate


class SummaryLine(NamedTuple):
    """The figures of one line: the count, and a mean or a count of answers for each date. `total`: of all areas."""

    measures: str = ""
    means: Mapping[date, str] = {}
    answered: Mapping[date, str] = {}
    total: bool = False


@cache
def words(key: str) -> frozenset[str]:
    """What people of every language call a figure."""
    said = (translate(f"import.{key}", language) for language in LANGUAGES)
    return frozenset(named(word) for phrase in said for word in phrase.split("|"))


def summary_in(line: SourceLine, header: TableHeader, labels: Labels) -> SummaryLine | None:
    """The figures that a line of a table gives instead of a measure; None for any other line."""
    scored, leaf = labels.template.mean_field(), labels.template.leaf.id
    if scored is None:
        return None
    groups = {
        col for col, spots in header.columns.items() if all(spot.level != leaf for spot in spots)
    }
    own = {col: cell for col, cell in line.own().items() if col not in groups or heads_total(cell)}
    days = {
        col: s.date
        for col, spots in header.columns.items()
        for s in spots
        if s.field == scored.id and s.date
    }
    figures = {day: own[col].text for col, day in days.items() if col in own}
    rest = {col: cell for col, cell in own.items() if col not in days}
    said = [named(cell.text) for cell in rest.values() if parse_figure(cell.text) is None]
    counts = [cell.text for cell in rest.values() if parse_figure(cell.text) is not None]
    known = words("mean") | words("count") | words("answered") | words("total")
    if (
        not all(word in known for word in said)
        or len(counts) > 1
        or not (figures or (said and counts))
    ):
        return None
    if any(parse_figure(text) is None for text in figures.values()):
        return None
    return _summary(frozenset(said), counts, figures)


def _summary(
    said: frozenset[str], counts: list[str], figures: Mapping[date, str]
) -> SummaryLine | None:
    total = bool(said & words("total"))
    if said & words("answered"):
        return SummaryLine("", {}, figures, total)
    if said & words("count") and figures and not counts:  # the same count below each date
        return (
            SummaryLine(next(iter(figures.values())), {}, {}, total)
            if len({*figures.values()}) == 1
            else None
        )
    return SummaryLine(counts[0] if counts else "", figures, {}, total)


def together(
    ref: str, name: str, lines: Iterable[SummaryLine], days: Iterable[date]
) -> PrintedFigures:
    """All that is printed of one area."""
    held = list(lines)
    means = {day: text for line in held for day, text in line.means.items()}
    answered = {day: text for line in held for day, text in line.answered.items()}
    ordered = list(days)
    return PrintedFigures(
        ref,
        name,
        next((line.measures for line in held if line.measures), ""),
        tuple(means.get(day, "") for day in ordered) if means else (),
        tuple(answered.get(day, "") for day in ordered) if answered else (),
    )


def heads_scale(cell: SourceCell) -> bool:
    """Is it a word that stands above the steps of the scale?"""
    return named(cell.text) in words("scale")


def heads_total(cell: SourceCell) -> bool:
    """Is it what people call all areas together?"""
    return named(cell.text) in words("total")


def is_step(cells: Mapping[int, SourceCell], labels: Labels) -> bool:
    """Do these cells only name a step of a scale, as the table that explains it does?"""
    said = [named(cell.text) for cell in cells.values()]
    steps = {(named(str(s.value)), named(s.label)) for s in labels.steps}
    joined = {
        f"{value}{joint}{label}"
        for value, label in steps
        for joint in (" ", " - ", " – ", " = ", ": ", ". ")
    }
    return tuple(said) in steps or (bool(said) and all(text in joined for text in said))
