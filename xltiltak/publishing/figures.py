"""Counts and means: the table of all areas, the charts, and the line of figures above each area.

Start with `figures_section`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from xltiltak.model.language import translate
from xltiltak.model.summary import LEAST_ANSWERED, TOTAL, decimals_of
from xltiltak.publishing.document import (
    UNANSWERED_FILL,
    UNANSWERED_INK,
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
    StepLabel,
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
        if view.has_answers:
            blocks.append(Paragraphs((method_text(view),)))
        blocks.extend(_charts(view))
    yield Section(translate("report.figures", view.language), "figures", tuple(blocks))


def method_text(view: PublicView) -> str:
    """Return how means and changes are calculated."""
    decimals = decimals_of(view.report)
    return translate("term.method", view.language, decimals=decimals, percent=LEAST_ANSWERED)


def area_facts(view: PublicView, ref: str) -> FactList:
    """Return an area's figures for one line."""
    language, standing = view.language, view.standings[ref]
    items = [(view.report.template.leaf.label, str(standing.measures))]
    if view.answer_fields and view.has_answers:
        items.append((translate("term.answered", language), answered_text(view, ref)))
    for day in view.days if view.scored else ():
        mean = view.mean(ref, day)
        if mean is not None:
            items.append((_mean_label(view, day), view.number_text(mean)))
    items.extend((label, text) for label, text in _other_counts(view, ref) if text != "0")
    if ref in view.unanswered_areas:
        note = translate("report.silent_area", language)
        items.append((translate("term.submitted", language), note))
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


def answered_text(view: PublicView, ref: str) -> str:
    """Return how many measures are answered; "2 of 3" where not all of them are to be answered."""
    standing = view.standings[ref]
    if all(one.asked == one.measures for one in view.standings.values()):
        return str(standing.answered)
    return translate("term.of", view.language, n=standing.answered, total=standing.asked)


def mean_change(view: PublicView, ref: str) -> Content:
    """Return the change of the mean over the measures that are answered at both dates.

    Where too few are answered, it is how many; empty if nothing can be compared.
    """
    standing = view.standings[ref]
    change = standing.mean_change(decimals_of(view.report))
    if view.previous_date is None or change is None:
        return ""
    if standing.is_mostly_answered:
        return view.trend(change)
    counts = {"n": standing.answered, "total": standing.asked}
    return translate("term.few_answered", view.language, **counts)


def _area_table(view: PublicView) -> Table:
    """Return a row for each area, and one for all areas."""
    language, report = view.language, view.report
    has_areas, leaf = report.template.area_level is not None, report.template.leaf
    if not has_areas:
        rows = [TableRow(_row(view, TOTAL, leaf.label))]
    else:
        rows = [TableRow(_row(view, ref, report.area_name(ref))) for ref in report.area_refs]
        if len(rows) > 1:
            total = translate("term.total", language)
            rows.append(TableRow(_row(view, TOTAL, total), total=True))
    name_label = translate("book.area", language) if has_areas else leaf.label
    labels = [name_label, *(label for label, _ in _labelled_figures(view, TOTAL))]
    specs = [ColumnSpec(_NAME_WIDTH, (name_label, *(str(row.cells[0]) for row in rows)))]
    specs += [ColumnSpec(_NUMBER_WIDTH, (label,)) for label in labels[1:]]
    shares = column_shares(specs, landscape=view.landscape)
    first, *others = map(TableColumn, labels, shares)
    columns = (replace(first, head=True), *(replace(column, numeric=True) for column in others))
    has_means = view.scored and view.has_answers
    caption = "report.figures_caption" if has_means else "report.counts_caption"
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
    """Yield the figures of an area, or of all areas (TOTAL), each with its label.

    The mean is that of the report's date only: an earlier one beside the change would mislead, for
    the change is measured over fewer measures. Without answers there are no figures of them.
    """
    language, leaf = view.language, view.report.template.leaf.label
    standing = view.standings[ref]
    yield translate("report.measures", language, measure=leaf), str(standing.measures)
    if view.answer_fields and view.has_answers:
        yield translate("term.answered", language), answered_text(view, ref)
    if view.scored and view.report_date and view.has_answers:
        day = view.report_date
        yield _mean_label(view, day), _number_or_nobody(view, view.mean(ref, day))
        if view.previous_date:
            yield translate("term.change", language), mean_change(view, ref)
            yield translate("report.compared_head", language), str(standing.compared)
    yield from _other_counts(view, ref)
    if view.is_open:
        yield translate("term.submitted", language), _submitted(view, ref)


def _mean_label(view: PublicView, day: date) -> str:
    return translate("term.mean_at", view.language, date=view.date_text(day))


def _number_or_nobody(view: PublicView, value: Decimal | None) -> str:
    """Return a mean as readers write it; a word if nobody answered."""
    return translate("report.nobody", view.language) if value is None else view.number_text(value)


def _submitted(view: PublicView, ref: str) -> str:
    """Return whether an area has answered; for TOTAL how many areas have."""
    areas, unanswered = view.report.area_refs, view.unanswered_areas
    if ref == TOTAL:
        answered = len(areas) - len(unanswered)
        return translate("term.of", view.language, n=answered, total=len(areas))
    return translate("term.no" if ref in unanswered else "term.yes", view.language)


def _other_counts(view: PublicView, ref: str) -> Iterator[tuple[str, str]]:
    """Yield the measures in each closed group, and counts of fields other than the scored one."""
    for level in view.report.template.levels:
        for group in level.groups:
            areas = [s.area for s in view.states.values() if group.id in view.groups[s.node.ref]]
            yield group.label, str(len(areas) if ref == TOTAL else areas.count(ref))
    for figure in view.group_figures.get(ref, ()) if view.has_answers else ():
        if figure.stat in ("share", "missing") and figure.statistic.field is not view.scored:
            yield figure.label, figure.text(view.language)


def _charts(view: PublicView) -> Iterator[Block]:
    """Yield the means over time, and the distribution at the report's date with its legend."""
    language, refs = view.language, view.report.area_refs
    day = max((day for day in view.days if view.figures[TOTAL, day].answered), default=None)
    if day is None:
        return
    if len(view.days) > 1:
        yield _mean_chart(view)
    if view.steps and view.has_summary("distribution") and len(refs) <= _MOST_BARS:
        yield scale_legend(view)
        bars = [(view.report.area_name(ref), ref, day) for ref in refs]
        if len(refs) > 1:
            bars.append((translate("term.total", language), TOTAL, day))
        title = translate("report.distribution_at", language, date=view.date_text(day))
        yield _distribution_chart(view, title, bars)


def _mean_chart(view: PublicView) -> Chart:
    """Return a line for each area and one for all areas; with many areas only the latter."""
    refs = view.report.area_refs if len(view.report.area_refs) <= _MOST_LINES else ()
    names = [(view.report.area_name(ref), ref) for ref in refs]
    if len(refs) != 1:
        names.append((translate("term.total", view.language), TOTAL))
    days = tuple(map(view.date_text, view.days))
    series, descriptions = [], []
    for name, ref in names:
        values = tuple(view.mean(ref, day) for day in view.days)
        series.append(Series(name, values))
        numbers = [_number_or_nobody(view, value) for value in values]
        pairs = (f"{day} {number}" for day, number in zip(days, numbers, strict=True))
        descriptions.append(f"{name}: {', '.join(pairs)}")
    counted = [step.value for step in view.steps if step.counts]
    step_values = [Decimal(value) for value in counted if isinstance(value, int)]
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
    unanswered = translate("term.unanswered", view.language)
    counts, descriptions = [], []
    for bar_name, ref, day in bars:
        figures = view.figures[ref, day]
        row = [figures.distribution.get(step.value, 0) for step in view.steps]
        row.append(figures.count - figures.answered)
        counts.append(row)
        named = zip((*names, unanswered), row, strict=True)
        parts = (f"{name}: {count}" for name, count in named if count)
        descriptions.append(f"{bar_name}: {', '.join(parts)}")
    numbers = [tuple(map(Decimal, column)) for column in zip(*counts, strict=True)]
    series = [
        Series(name, values, step.fill, step.ink)
        for name, values, step in zip(names, numbers, view.steps, strict=False)
    ]
    series.append(Series(unanswered, numbers[-1], UNANSWERED_FILL, UNANSWERED_INK, hatched=True))
    return Chart(
        "shares",
        title,
        f"{'; '.join(descriptions)}.",
        tuple(name for name, _, _ in bars),
        tuple(series),
        legend_above=all(step.fill for step in view.steps),
    )


def scale_legend(view: PublicView) -> Legend:
    """Return the steps of the scale, and the colour of what is not answered."""
    unanswered = translate("term.unanswered", view.language)
    label = StepLabel("", unanswered, "", UNANSWERED_FILL, UNANSWERED_INK)
    steps = view.step_labels(view.steps)
    return Legend(translate("report.scale", view.language), (*steps, label))
