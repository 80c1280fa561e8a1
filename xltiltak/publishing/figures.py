"""Counts and means: the table of all areas, the charts, and the line of figures above each area.

Start with `figures_section`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from xltiltak.model.language import translate
from xltiltak.model.summary import TOTAL, decimals_of
from xltiltak.publishing.document import (
    WHOLE_ROWS,
    Block,
    Chart,
    ColumnSpec,
    Content,
    FactList,
    Legend,
    Paragraphs,
    Section,
    Series,
    Table,
    TableColumn,
    TableRow,
    column_shares,
)
from xltiltak.publishing.public_view import PublicView

_MOST_LINES = 8  # more lines in one chart cannot be distinguished
_MOST_BARS = 40
_NAME_WIDTH, _NUMBER_WIDTH = 30.0, 12.0  # relative widths of columns


def figures_section(view: PublicView) -> Iterator[Section]:
    """Yield the table of all areas, the method and charts; nothing for one area without means."""
    if not view.scored and len(view.report.area_refs) == 1:
        return
    blocks: list[Block] = [_area_table(view)]
    if view.scored:
        method = translate("report.method", view.language, decimals=decimals_of(view.report))
        blocks.append(Paragraphs((method,)))
        blocks.extend(_charts(view))
    yield Section(translate("report.figures", view.language), "figures", tuple(blocks))


def area_facts(view: PublicView, ref: str) -> FactList:
    """Return an area's figures for one line."""
    language = view.language
    items = [(view.report.template.leaf.label, str(view.count(ref)))]
    if view.answer_fields:
        items.append((translate("report.answered", language), str(view.answered(ref))))
    for day in view.days if view.scored else ():
        mean = view.mean(ref, day)
        if mean is not None:
            items.append((_mean_label(view, day), view.number_text(mean)))
    items.extend((label, text) for label, text in _other_counts(view, ref) if text != "0")
    if ref in view.unanswered_areas:
        note = translate("report.silent_area", language)
        items.append((translate("report.submitted", language), note))
    return FactList(tuple(items))


def group_facts(view: PublicView, ref: str) -> Iterator[FactList]:
    """Yield the template's summaries for a group within an area, at the report's date."""
    shown = [
        figure
        for figure in view.group_figures.get(ref, ())
        if figure.date in (None, view.report_date) and (figure.value or figure.stat == "count")
    ]
    if shown:
        yield FactList(tuple((figure.label, figure.text(view.language)) for figure in shown))


def distribution_over_time(view: PublicView, ref: str) -> Iterator[Chart]:
    """Yield how often each step was answered in an area, a bar for each date with answers."""
    if view.scored is None or not view.steps or not view.has_summary("distribution"):
        return
    days = [day for day in view.days if view.figures[ref, day].answered]
    if days:
        name = view.report.area_name(ref)
        title = translate("report.distribution", view.language, name=name)
        yield _distribution_chart(view, title, [(view.date_text(day), ref, day) for day in days])


def mean_change(view: PublicView, ref: str) -> Content:
    """Return the change of the mean since the previous date, of the numbers as printed.

    Empty if one of the two means is missing.
    """
    if view.previous_date is None or view.report_date is None:
        return ""
    before, now = view.mean(ref, view.previous_date), view.mean(ref, view.report_date)
    return "" if before is None or now is None else view.trend(now - before)


def _area_table(view: PublicView) -> Table:
    """Return a row for each area, and one for all areas."""
    language, report = view.language, view.report
    sent, leaf = report.template.area_level, report.template.leaf
    if sent is None:
        rows = [TableRow(_row(view, TOTAL, leaf.label))]
    else:
        rows = [TableRow(_row(view, ref, report.area_name(ref))) for ref in report.area_refs]
        if len(rows) > 1:
            total = translate("report.total", language)
            rows.append(TableRow(_row(view, TOTAL, total), total=True))
    name_label = (sent and sent.label) or leaf.label
    labels = [name_label, *(label for label, _ in _labelled_figures(view, TOTAL))]
    specs = [ColumnSpec(_NAME_WIDTH, (name_label, *(str(row.cells[0]) for row in rows)))]
    specs += [ColumnSpec(_NUMBER_WIDTH, (label,)) for label in labels[1:]]
    shares = column_shares(specs, landscape=view.landscape)
    first, *others = map(TableColumn, labels, shares)
    columns = (replace(first, head=True), *(replace(column, numeric=True) for column in others))
    caption = "report.figures_caption" if view.scored else "report.counts_caption"
    return Table(
        translate(caption, language),
        translate("report.figures_text", language),
        columns,
        tuple(rows),
        whole=len(rows) <= WHOLE_ROWS,
    )


def _row(view: PublicView, ref: str, name: str) -> tuple[Content, ...]:
    return (name, *(content for _, content in _labelled_figures(view, ref)))


def _labelled_figures(view: PublicView, ref: str) -> Iterator[tuple[str, Content]]:
    """Yield the figures of an area, or of all areas (TOTAL), each with its label."""
    language, leaf = view.language, view.report.template.leaf.label
    yield translate("report.measures", language, measure=leaf), str(view.count(ref))
    if view.answer_fields:
        yield translate("report.answered", language), str(view.answered(ref))
    if view.scored:
        for day in view.days:
            yield _mean_label(view, day), _number_or_nobody(view, view.mean(ref, day))
        if view.previous_date:
            yield translate("report.change", language), mean_change(view, ref)
    yield from _other_counts(view, ref)
    if view.is_open:
        yield translate("report.submitted", language), _submitted(view, ref)


def _mean_label(view: PublicView, day: date) -> str:
    return f"{translate('report.mean', view.language)} {view.date_text(day)}"


def _number_or_nobody(view: PublicView, value: Decimal | None) -> str:
    """Return a mean as readers write it; a word if nobody answered."""
    return translate("report.nobody", view.language) if value is None else view.number_text(value)


def _submitted(view: PublicView, ref: str) -> str:
    """Return whether an area has answered; for TOTAL how many areas have."""
    areas, unanswered = view.report.area_refs, view.unanswered_areas
    if ref == TOTAL:
        answered = len(areas) - len(unanswered)
        return translate("report.of", view.language, n=answered, total=len(areas))
    return translate("report.no" if ref in unanswered else "report.yes", view.language)


def _other_counts(view: PublicView, ref: str) -> Iterator[tuple[str, str]]:
    """Yield the measures in each closed group, and counts of fields other than the scored one."""
    for level in view.report.template.levels:
        for group in level.groups:
            measures = view.active_measures[ref]
            count = sum(group.id in view.groups[node.ref] for node in measures)
            yield group.label, str(count)
    for figure in view.group_figures.get(ref, ()):
        if figure.stat in ("share", "missing") and figure.statistic.field is not view.scored:
            yield figure.label, figure.text(view.language)


def _charts(view: PublicView) -> Iterator[Block]:
    """Yield the means over time, and the distribution at the report's date with its legend."""
    language, refs, day = view.language, view.report.area_refs, view.report_date
    if day is None or not view.figures[TOTAL, day].count:
        return
    if len(view.days) > 1:
        yield _mean_chart(view)
    if view.steps and view.has_summary("distribution") and len(refs) <= _MOST_BARS:
        yield Legend(translate("report.scale", language), view.step_labels(view.steps))
        bars = [(view.report.area_name(ref), ref, day) for ref in refs]
        if len(refs) > 1:
            bars.append((translate("report.total", language), TOTAL, day))
        title = translate("report.distribution_at", language, date=view.date_text(day))
        yield _distribution_chart(view, title, bars)


def _mean_chart(view: PublicView) -> Chart:
    """Return a line for each area and one for all areas; with many areas only the latter."""
    refs = view.report.area_refs if len(view.report.area_refs) <= _MOST_LINES else ()
    names = [(view.report.area_name(ref), ref) for ref in refs]
    if len(refs) != 1:
        names.append((translate("report.total", view.language), TOTAL))
    days = tuple(map(view.date_text, view.days))
    series, descriptions = [], []
    for name, ref in names:
        values = tuple(view.mean(ref, day) for day in view.days)
        series.append(Series(name, values))
        numbers = [_number_or_nobody(view, value) for value in values]
        pairs = (f"{day} {number}" for day, number in zip(days, numbers, strict=True))
        descriptions.append(f"{name}: {', '.join(pairs)}")
    step_values = [Decimal(step.value) for step in view.steps if isinstance(step.value, int)]
    return Chart(
        "lines",
        translate("report.means", view.language),
        f"{'; '.join(descriptions)}.",
        days,
        tuple(series),
        (min(step_values), max(step_values)) if step_values else None,
    )


def _distribution_chart(
    view: PublicView, title: str, bars: Sequence[tuple[str, str, date]]
) -> Chart:
    """Return a bar for each name, area and date: how often each step was answered."""
    names = [f"{step.value} {step.label}" for step in view.steps]
    counts, descriptions = [], []
    for bar_name, ref, day in bars:
        distribution = view.figures[ref, day].distribution
        row = [distribution.get(step.value, 0) for step in view.steps]
        counts.append(row)
        parts = (f"{name}: {count}" for name, count in zip(names, row, strict=True) if count)
        descriptions.append(f"{bar_name}: {', '.join(parts)}")
    series = tuple(
        Series(name, tuple(Decimal(row[k]) for row in counts), step.fill, step.ink)
        for k, (name, step) in enumerate(zip(names, view.steps, strict=True))
    )
    return Chart(
        "shares",
        title,
        f"{'; '.join(descriptions)}.",
        tuple(name for name, _, _ in bars),
        series,
        legend_above=all(step.fill for step in view.steps),
    )
