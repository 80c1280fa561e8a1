"""Counts and means: bars of steps, the table of all areas, means over time, facts of a group.

The first page has `area_table`; `figures_section` has the means at every date and the method.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache, partial

from xltiltak.model.language import Count, translate
from xltiltak.model.summary import LEAST_ANSWERED, TOTAL, Category, decimals_of
from xltiltak.model.template import Step
from xltiltak.publishing.document import (
    WHOLE_ROWS,
    AnchorLink,
    Bar,
    BarLabels,
    BarPart,
    Bars,
    Block,
    Chart,
    ColumnSpec,
    Content,
    Direction,
    FactList,
    Figure,
    Legend,
    Paragraphs,
    Section,
    Series,
    StepLabel,
    Table,
    TableColumn,
    TableRow,
    Trend,
    column_shares,
)
from xltiltak.publishing.public_view import PublicView

_MOST_LINES = 8  # more lines in one chart cannot be distinguished
_NAME_WIDTH, _BARS_WIDTH, _NUMBER_WIDTH, _MEAN_WIDTH = 24.0, 34.0, 8.0, 18.0  # relative widths
_DATE_WIDTH = 10.0
_AIR = "0000"  # as wide as the gap between a column of numbers and the next one
_OUTSIDE = ("#E4E8EC", "#1B2430")  # fill and ink of measures that the scale does not apply to
SIGN_OF: Mapping[Category, Direction] = {
    "up": "up",
    "down": "down",
    "unchanged": "same",
    "finished_before": "finished",
    "unanswered": "unanswered",
}


def unanswered_label(view: PublicView) -> StepLabel:
    """Return what stands for a measure without an answer in bars and legends."""
    return StepLabel("–", translate("term.unanswered", view.language), missing=True)


def scale_legend(view: PublicView) -> Legend:
    """Return the steps of the scale, the highest first as in the bars, and what is not answered."""
    steps = (label for _, label in _highest_first(view))
    title = translate("report.scale", view.language)
    return Legend(title, (*steps, unanswered_label(view)))


def bars(view: PublicView, ref: str, labels: BarLabels = "") -> Iterator[Bars]:
    """Yield the measures of an area, or of all areas (TOTAL), by step: now, above the date before.

    Nothing is yielded without steps or answers.
    """
    if not view.steps or not view.has_answers or view.report_date is None:
        return
    days = [day for day in (view.report_date, view.previous_date) if day]
    shown = [_bar(view, ref, day) for day in days]
    found = tuple(bar for bar in shown if bar.parts)
    text = "; ".join(f"{bar.label}: {_in_words(bar)}" for bar in found)
    if found:
        yield Bars(found, f"{text}.", labels)


def _bar(view: PublicView, ref: str, day: date) -> Bar:
    """Return all measures at a date: each step, the highest first, then those without one."""
    figures = view.figures[ref, day]
    outside = view.outside_scale.get((ref, day), 0)
    word = translate("term.outside_scale", view.language)
    labels = [
        *((label, figures.distribution.get(step.value, 0)) for step, label in _highest_first(view)),
        (StepLabel("", word, fill=_OUTSIDE[0], ink=_OUTSIDE[1]), outside),
        (unanswered_label(view), figures.count - figures.answered - outside),
    ]
    parts = tuple(BarPart(label, count) for label, count in labels if count > 0)
    return Bar(view.date_text(day), parts)


def _highest_first(view: PublicView) -> list[tuple[Step, StepLabel]]:
    """Return the steps with their labels, the highest first; those that do not count come last."""
    pairs = [*reversed([*zip(view.steps, view.step_labels(view.steps), strict=True)])]
    return sorted(pairs, key=lambda pair: not pair[0].counts)


def _in_words(bar: Bar) -> str:
    """Return the parts of a bar in words, as "5 Fullført: 20, ikke besvart: 1"."""
    names = (
        part.step.word if part.step.missing else f"{part.step.value} {part.step.word}".strip()
        for part in bar.parts
    )
    return ", ".join(f"{name}: {part.count}" for name, part in zip(names, bar.parts, strict=True))


def areas_title(view: PublicView) -> str:
    """Return the title of the table of areas; another one if the template has no areas."""
    key = "report.areas" if view.report.template.area_level else "report.whole"
    return translate(key, view.language)


def area_table(view: PublicView) -> Table:
    """Return a row for each area, and one for all: bars, how the measures have moved, the mean.

    Without a scored field the columns are the counts that the template asks for.
    """
    columns = list(_area_columns(view))
    refs = [*view.report.area_refs] if view.report.template.area_level else []
    total = TableRow(tuple(cells(TOTAL) for _, _, cells in columns), total=bool(refs))
    rows = [TableRow(tuple(cells(ref) for _, _, cells in columns)) for ref in refs]
    if len(refs) != 1:
        rows.append(total)
    specs = [
        ColumnSpec(width, (column.label, *_unbroken(column, (row.cells[n] for row in rows))))
        for n, (column, width, _) in enumerate(columns)
    ]
    shares = column_shares(specs, landscape=view.landscape)
    title = areas_title(view)
    return Table(
        title,
        translate("report.figures_text", view.language),
        tuple(
            replace(column, share=share)
            for (column, _, _), share in zip(columns, shares, strict=True)
        ),
        tuple(rows),
        whole=len(rows) <= WHOLE_ROWS,
        quiet=True,
    )


_Column = tuple[TableColumn, float, Callable[[str], Content]]  # its relative width, and its cells


def _area_columns(view: PublicView) -> Iterator[_Column]:
    """Yield the columns of the table of areas, each with the function from a ref to its cell."""
    language = view.language
    leaf = view.report.template.leaf.label
    name = TableColumn(_name_label(view), 0, head=True)
    yield name, _NAME_WIDTH, lambda ref: _name_cell(view, ref)
    if view.has_answers and view.steps:
        key = "spread" if view.previous_date else "scale"
        column = TableColumn(translate(f"report.{key}", language), 0)
        yield column, _BARS_WIDTH, lambda ref: next(bars(view, ref), "")
    if view.scored and view.has_answers:
        yield from _scored_columns(view)
    else:
        yield _number(translate("report.measures", language, measure=leaf), measure_count(view))
        if view.answer_fields and view.has_answers:
            label = translate("term.answered", language)
            yield _number(label, lambda ref: answered_text(view, ref))
        counts = cache(lambda ref: tuple(_other_counts(view, ref)))
        for n, (label, _) in enumerate(counts(TOTAL)):
            yield _number(label, partial(_nth_text, counts, n))
    if view.is_open and view.report.template.area_level:
        submitted = TableColumn(translate("term.submitted", language), 0)
        yield submitted, _NUMBER_WIDTH, lambda ref: _submitted(view, ref)


def _nth_text(counts: Callable[[str], Sequence[tuple[str, str]]], n: int, ref: str) -> str:
    return counts(ref)[n][1]


def _number(label: str, cells: Callable[[str], Content], sign: Direction = "") -> _Column:
    return TableColumn(label, 0, numeric=True, sign=sign), _NUMBER_WIDTH, cells


def _scored_columns(view: PublicView) -> Iterator[_Column]:
    """Yield how many measures are in each category, their sum, and the mean with its change."""
    language, standings = view.language, view.standings
    if view.previous_date:
        for category in view.categories:
            label = translate(f"term.{category}", language)
            yield _number(label, _category_count(view, category), SIGN_OF.get(category, ""))
    else:
        label = translate("term.answered", language)
        yield _number(label, lambda ref: str(standings[ref].answered))
        label = translate("term.unanswered", language)
        missing = _category_count(view, "unanswered")
        yield _number(label, missing, "unanswered")
    yield _number(translate("term.sum", language), measure_count(view))
    key = "report.mean_change" if view.previous_date else "term.mean"
    column = TableColumn(translate(key, language), 0)
    yield column, _MEAN_WIDTH, lambda ref: _mean_cell(view, ref)


def measure_count(view: PublicView) -> Callable[[str], Content]:
    """Return the function from the ref of an area to the number of its measures."""
    return lambda ref: str(view.standings[ref].measures)


def _category_count(view: PublicView, category: Category) -> Callable[[str], Content]:
    return lambda ref: str(view.standings[ref].categories.get(category, 0))


def _name_cell(view: PublicView, ref: str) -> Content:
    """Return the name of an area as a link to its chapter.

    With a scored field the number of measures stands below it, else in a column of its own.
    """
    count = f"{view.report.template.leaf.label} {view.standings[ref].measures}"
    if not view.scored or not view.has_answers:
        count = ""
    if ref == TOTAL:
        return _total_name(view)
    return AnchorLink(view.report.area_name(ref), view.anchor(ref), count)


def _unbroken(column: TableColumn, cells: Iterable[Content]) -> tuple[str, ...]:
    """Return the texts of a column; those beside numbers have some air before them."""
    texts = (cell.text if isinstance(cell, AnchorLink) else cell for cell in cells)
    found = tuple(text for text in texts if isinstance(text, str))
    if column.head or column.numeric:
        return found
    return tuple(f"{_AIR}{word}" for text in (column.label, *found) for word in text.split())


def _mean_cell(view: PublicView, ref: str) -> Content:
    """Return the mean of an area, its change, and over how many measures that is measured.

    An earlier mean beside the change would mislead: it is measured over other measures.
    """
    language, standing = view.language, view.standings[ref]
    mean = view.mean(ref, view.report_date) if view.report_date else None
    value = translate("report.nobody", language) if mean is None else view.scored_text(mean)
    change = mean_change(view, ref)
    if not isinstance(change, Trend):
        return Figure(value, "", str(change), f"({change})" if change else "")
    if standing.compared == standing.measures:
        return Figure(value, change.words, translate("report.all_compared", language))
    note = translate("report.n_compared", language, n=standing.compared)
    short = translate("report.of_n", language, n=standing.compared)
    return Figure(value, change.words, note, short)


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


def figures_section(view: PublicView) -> Iterator[Section]:
    """Yield the means of all areas at every date with their chart, and the method.

    Nothing is yielded without means.
    """
    if not view.scored or not view.has_answers:
        return
    blocks: list[Block] = []
    if len(view.days) > 1:
        blocks.extend((_mean_chart(view), _mean_table(view)))
    if any(True for _ in _other_counts(view, TOTAL)):
        blocks.append(_count_table(view))
    blocks.append(Paragraphs((method_text(view),)))
    key = "report.figures" if view.report.template.area_level else "report.figures_of_whole"
    yield Section(translate(key, view.language), "figures", tuple(blocks))


def method_text(view: PublicView) -> str:
    """Return how means and changes are calculated."""
    language = view.language
    sentences = [translate("term.method", language, decimals=Count(decimals_of(view.report)))]
    if view.report.template.area_level:
        sentences.append(translate("term.method_areas", language))
    sentences.append(translate("term.method_change", language, percent=LEAST_ANSWERED))
    return " ".join(sentences)


def _named_refs(view: PublicView) -> list[tuple[str, str]]:
    """Return the name and ref of each area, and of all areas unless there is only one."""
    refs = view.report.area_refs if view.report.template.area_level else ()
    names = [(view.report.area_name(ref), ref) for ref in refs]
    if len(names) != 1:
        names.append((_total_name(view), TOTAL))
    return names


def _total_name(view: PublicView) -> str:
    """Return what all measures together are called."""
    key = "term.total" if view.report.template.area_level else "html.all"
    return translate(key, view.language)


def _name_label(view: PublicView) -> str:
    """Return the label above the names of the areas, or above that of all measures."""
    template = view.report.template
    return translate("book.area", view.language) if template.area_level else template.leaf.label


def _mean_chart(view: PublicView) -> Chart:
    """Return a line for each area and one for all areas; with many areas only the latter."""
    names = _named_refs(view)
    shown = names if len(names) <= _MOST_LINES else names[-1:]
    days = tuple(map(view.date_text, view.days))
    series, descriptions = [], []
    for name, ref in shown:
        values = tuple(view.mean(ref, day) for day in view.days)
        series.append(Series(name, values, total=ref == TOTAL))
        numbers = [_number_or_nobody(view, value) for value in values]
        pairs = (f"{day} {number}" for day, number in zip(days, numbers, strict=True))
        descriptions.append(f"{name}: {', '.join(pairs)}")
    return Chart(
        translate("report.means", view.language),
        f"{'; '.join(descriptions)}.",
        days,
        tuple(series),
        _axis_range(view),
        view.unit,
    )


def _axis_range(view: PublicView) -> tuple[Decimal, Decimal] | None:
    """Return the ends of the scale, or 0 and 100 %; None for other numbers."""
    steps = [Decimal(s.value) for s in view.steps if s.counts and isinstance(s.value, int)]
    if steps:
        return min(steps), max(steps)
    means = [mean for ref in view.standings for day in view.days if (mean := view.mean(ref, day))]
    whole = Decimal(0), Decimal(100)
    is_share = view.unit == "%" and all(whole[0] <= mean <= whole[1] for mean in means)
    return whole if is_share else None


def _mean_table(view: PublicView) -> Table:
    """Return the mean of each area at every date; a change never stands beside these means."""
    labels = [translate("term.mean_at", view.language, date=view.date_text(d)) for d in view.days]
    if len(labels) > 2:
        labels = [view.date_text(day) for day in view.days]

    def cells(ref: str) -> list[str]:
        return [_number_or_nobody(view, view.mean(ref, day)) for day in view.days]

    return _number_table(view, translate("report.means", view.language), labels, cells)


def _count_table(view: PublicView) -> Table:
    """Return the measures in each closed group of each area, and counts of other fields."""
    labels = [label for label, _ in _other_counts(view, TOTAL)]

    def cells(ref: str) -> list[str]:
        return [text for _, text in _other_counts(view, ref)]

    return _number_table(view, translate("report.counts_caption", view.language), labels, cells)


def _number_table(
    view: PublicView, caption: str, labels: Sequence[str], cells: Callable[[str], Sequence[str]]
) -> Table:
    """Return a row of numbers for each area, and one for all."""
    names = _named_refs(view)
    rows = [TableRow((name, *cells(ref)), total=not ref and len(names) > 1) for name, ref in names]
    name_label = _name_label(view)
    specs = [ColumnSpec(_NAME_WIDTH, (name_label, *(name for name, _ in names)))]
    specs += [ColumnSpec(_DATE_WIDTH, (label,)) for label in labels]
    first, *others = column_shares(specs, landscape=view.landscape)
    columns = [TableColumn(name_label, first, head=True)]
    for label, share in zip(labels, others, strict=True):
        columns.append(TableColumn(label, share, numeric=True))
    whole = len(rows) <= WHOLE_ROWS
    text = translate("report.figures_text", view.language)
    return Table(caption, text, tuple(columns), tuple(rows), whole=whole)


def _number_or_nobody(view: PublicView, value: Decimal | None) -> str:
    """Return a mean as readers write it; a word if nobody answered."""
    return translate("report.nobody", view.language) if value is None else view.scored_text(value)


def area_facts(view: PublicView, ref: str) -> FactList:
    """Return the figures of an area, or of all areas (TOTAL), for one line."""
    language, standing = view.language, view.standings[ref]
    items = [(view.report.template.leaf.label, str(standing.measures))]
    if view.answer_fields and view.has_answers:
        items.append((translate("term.answered", language), answered_text(view, ref)))
    if view.defines_done and view.has_answers:
        counts = {"n": standing.finished, "total": standing.measures}
        items.append(
            (translate("term.finished", language), translate("term.of", language, **counts))
        )
    mean = view.mean(ref, view.report_date) if view.scored and view.report_date else None
    if mean is not None:
        items.append((translate("term.mean", language), view.scored_text(mean)))
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
        yield FactList(tuple((figure.label, view.figure_text(figure)) for figure in shown))


def answered_text(view: PublicView, ref: str) -> str:
    """Return how many measures are answered; "2 of 3" where not all of them are to be answered."""
    standing = view.standings[ref]
    if all(one.asked == one.measures for one in view.standings.values()):
        return str(standing.answered)
    return translate("term.of", view.language, n=standing.answered, total=standing.asked)


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
    scored = (view.report.template.leaf.id, view.scored.id) if view.scored else None
    for figure in view.group_figures.get(ref, ()) if view.has_answers else ():
        asked, is_now = figure.statistic, figure.date in (None, view.report_date)
        is_counted = (
            figure.stat in ("share", "missing", "sum") and (asked.level, asked.name) != scored
        )
        if is_now and (is_counted or not asked.is_plain):
            yield figure.label, view.figure_text(figure)
