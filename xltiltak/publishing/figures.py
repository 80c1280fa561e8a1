"""Counts and means as readers see them: the table of all areas, the charts, and the line above each area."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from xltiltak.model.language import translate
from xltiltak.model.summary import TOTAL, decimals_of
from xltiltak.publishing.column_widths import WHOLE_ROWS, Wish, shares
from xltiltak.publishing.document import (
    Block,
    Chart,
    Content,
    FactList,
    Legend,
    Paragraphs,
    Section,
    Series,
    Table,
    TableColumn,
    TableRow,
)
from xltiltak.publishing.public_view import PublicView

_MOST_LINES = 8  # more lines in one chart cannot be told apart
_MOST_BARS = 40
_NAME_WIDTH, _WIDTH = 30.0, 12.0  # characters


def figures_section(edition: PublicView) -> Iterator[Section]:
    """The table of all areas, how it was worked out, and charts where there are means; none for a single area."""
    if not edition.scored and len(edition.report.area_refs) == 1:
        return
    blocks: list[Block] = [_table(edition)]
    if edition.scored:
        decimals = decimals_of(edition.report)
        blocks.append(
            Paragraphs((translate("report.method", edition.language, decimals=decimals),))
        )
        blocks.extend(_charts(edition))
    yield Section(translate("report.figures", edition.language), "figures", tuple(blocks))


def area_facts(edition: PublicView, ref: str) -> FactList:
    """An area's figures on one line."""
    language, leaf = edition.language, edition.report.template.leaf
    items = [(leaf.label, str(edition.count(ref)))]
    if edition.asked_for:
        items.append((translate("report.answered", language), str(edition.answered(ref))))
    if edition.scored and edition.days:
        means = [(day, edition.mean(ref, day)) for day in edition.days]
        label = translate("report.mean", language)
        items += [
            (f"{label} {edition.day(day)}", edition.number(mean))
            for day, mean in means
            if mean is not None
        ]
    items += [(label, text) for label, text in _spread(edition, ref) if text != "0"]
    if ref in edition.silent:
        items.append(
            (translate("report.submitted", language), translate("report.silent_area", language))
        )
    return FactList(tuple(items))


def distribution_over_time(edition: PublicView, ref: str) -> Iterator[Chart]:
    """How often each step was answered in an area, a bar for each date."""
    scored, days = (
        edition.scored,
        [day for day in edition.days if edition.figures[ref, day].answered],
    )
    if scored is None or not edition.steps or not days or not edition.wants("distribution"):
        return
    title = translate("report.distribution", edition.language, name=edition.report.area_name(ref))
    bars = [(edition.day(day), ref, day) for day in days]
    yield _shares(edition, title, bars)


def _table(edition: PublicView) -> Table:
    """A row for each area, and one for all."""
    language, report = edition.language, edition.report
    sent = report.template.area_level
    refs = list(report.area_refs)
    rows = [TableRow(_row(edition, ref, report.area_name(ref))) for ref in refs]
    if sent is None:
        refs, rows = [], [TableRow(_row(edition, TOTAL, report.template.leaf.label))]
    elif len(refs) > 1:
        rows.append(TableRow(_row(edition, TOTAL, translate("report.total", language)), total=True))
    labels = [sent.label if sent else "", *(label for label, _ in _cells(edition, TOTAL))]
    labels[0] = labels[0] or report.template.leaf.label
    wishes = [Wish(_NAME_WIDTH, (labels[0], *(str(row.cells[0]) for row in rows)))]
    wishes += [Wish(_WIDTH, (label,)) for label in labels[1:]]
    parts = shares(wishes, landscape=edition.landscape)
    first, *others = map(TableColumn, labels, parts)
    columns = (replace(first, head=True), *(replace(column, numeric=True) for column in others))
    caption = translate(
        "report.figures_caption" if edition.scored else "report.counts_caption", language
    )
    whole = len(rows) <= WHOLE_ROWS
    return Table(
        caption, translate("report.figures_text", language), columns, tuple(rows), whole=whole
    )


def _row(edition: PublicView, ref: str, name: str) -> tuple[Content, ...]:
    return (name, *(content for _, content in _cells(edition, ref)))


def _cells(edition: PublicView, ref: str) -> Iterator[tuple[str, Content]]:
    """The figures of an area, or of all, each with its label."""
    language = edition.language
    yield (
        translate("report.measures", language, measure=edition.report.template.leaf.label),
        str(edition.count(ref)),
    )
    if edition.asked_for:
        yield translate("report.answered", language), str(edition.answered(ref))
    if edition.scored:
        for day in edition.days:
            mean = edition.mean(ref, day)
            label = f"{translate('report.mean', language)} {edition.day(day)}"
            yield (
                label,
                translate("report.nobody", language) if mean is None else edition.number(mean),
            )
        if edition.before:
            yield translate("report.change", language), mean_change(edition, ref)
    yield from _spread(edition, ref)
    if edition.asked:
        yield translate("report.submitted", language), _submitted(edition, ref)


def mean_change(edition: PublicView, ref: str) -> Content:
    """How far the mean has moved since the date before, of the numbers as they are printed."""
    if edition.before is None or edition.shown is None:
        return ""
    before, now = edition.mean(ref, edition.before), edition.mean(ref, edition.shown)
    return "" if before is None or now is None else edition.trend(now - before)


def _submitted(edition: PublicView, ref: str) -> str:
    refs = edition.report.area_refs
    if ref == TOTAL:
        return translate(
            "report.of", edition.language, n=len(refs) - len(edition.silent), total=len(refs)
        )
    return translate("report.no" if ref in edition.silent else "report.yes", edition.language)


def _spread(edition: PublicView, ref: str) -> Iterator[tuple[str, str]]:
    """How many measures stand in each closed group, and what the summaries count of other fields than the scored."""
    for level in edition.report.template.levels:
        for group in level.groups:
            yield (
                group.label,
                str(sum(group.id in edition.groups[node.ref] for node in edition.counted[ref])),
            )
    for fact in edition.facts.get(ref, ()):
        if fact.stat in ("share", "missing") and fact.statistic.field is not edition.scored:
            yield fact.label, fact.text(edition.language)


def group_facts(edition: PublicView, ref: str) -> Iterator[FactList]:
    """What the template's summaries give for a group within an area, at the date it is about."""
    shown = [
        f
        for f in edition.facts.get(ref, ())
        if f.date in (None, edition.shown) and (f.value or f.stat == "count")
    ]
    if shown:
        yield FactList(tuple((fact.label, fact.text(edition.language)) for fact in shown))


def _charts(edition: PublicView) -> Iterator[Block]:
    """The means over time, and the distribution at the date it is about."""
    language, refs = edition.language, edition.report.area_refs
    if not edition.days or not edition.figures[TOTAL, edition.days[-1]].count:
        return
    if len(edition.days) > 1:
        yield _means(edition)
    if (
        edition.steps
        and edition.wants("distribution")
        and edition.shown
        and len(refs) <= _MOST_BARS
    ):
        yield Legend(translate("report.scale", language), edition.marks(edition.steps))
        named = [(edition.report.area_name(ref), ref, edition.shown) for ref in refs]
        total = (
            [(translate("report.total", language), TOTAL, edition.shown)] if len(refs) > 1 else []
        )
        title = translate("report.distribution_at", language, date=edition.day(edition.shown))
        yield _shares(edition, title, [*named, *total])


def _means(edition: PublicView) -> Chart:
    """A line for each area, and one for all; with many areas that one alone."""
    refs = edition.report.area_refs
    shown = [ref for ref in refs if len(refs) <= _MOST_LINES]
    named = [(edition.report.area_name(ref), ref) for ref in shown]
    if len(shown) != 1:
        named.append((translate("report.total", edition.language), TOTAL))
    series = tuple(_line(edition, name, ref) for name, ref in named)
    days = tuple(map(edition.day, edition.days))
    said = "; ".join(f"{s.name}: {_in_words(edition, days, s)}" for s in series)
    values = [Decimal(step.value) for step in edition.steps if isinstance(step.value, int)]
    reach = (min(values), max(values)) if values else None
    return Chart(
        "lines", translate("report.means", edition.language), f"{said}.", days, series, reach
    )


def _line(edition: PublicView, name: str, ref: str) -> Series:
    values = tuple(edition.mean(ref, day) for day in edition.days)
    return Series(name, values)


def _in_words(edition: PublicView, days: tuple[str, ...], line: Series) -> str:
    """The numbers of a line, each with its date."""
    nobody = translate("report.nobody", edition.language)
    told = [nobody if value is None else edition.number(value) for value in line.values]
    return ", ".join(map(" ".join, zip(days, told, strict=True)))


def _shares(edition: PublicView, title: str, bars: list[tuple[str, str, date]]) -> Chart:
    """A bar for each name, area and date: how often each step was answered there."""
    counts = [
        [edition.figures[ref, day].distribution.get(s.value, 0) for s in edition.steps]
        for _, ref, day in bars
    ]
    series = tuple(
        Series(
            f"{step.value} {step.label}",
            tuple(Decimal(row[k]) for row in counts),
            step.fill,
            step.ink,
        )
        for k, step in enumerate(edition.steps)
    )
    said = "; ".join(
        f"{name}: " + ", ".join(f"{s.name}: {row[k]}" for k, s in enumerate(series) if row[k])
        for (name, _, _), row in zip(bars, counts, strict=True)
    )
    keyed = all(step.fill for step in edition.steps)
    return Chart(
        "shares", title, f"{said}.", tuple(name for name, _, _ in bars), series, keyed=keyed
    )
