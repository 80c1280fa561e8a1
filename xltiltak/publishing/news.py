"""The first page: how the measures have moved, the areas, what fell, stands still and is finished.

All of it comes before the list of contents. `front` are the sentences and the bar of all measures,
`news` the sections below them. Falls and standstill are listed whole, good news only in part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from xltiltak.model.language import Count, translate
from xltiltak.model.summary import CATEGORIES, TOTAL, Category, MeasureState, final_values, rounded
from xltiltak.publishing.document import (
    Block,
    ColumnSpec,
    Lead,
    LeadPart,
    MeasureItem,
    MeasureList,
    Paragraphs,
    Section,
    Table,
    TableColumn,
    TableRow,
    Trend,
    column_shares,
)
from xltiltak.publishing.figures import area_facts, area_table, areas_title, bars, mean_change
from xltiltak.publishing.measures import (
    STANDSTILL,
    is_standing,
    measure_link,
    move,
    reason,
    value_label,
)
from xltiltak.publishing.public_view import PublicView

_MOST_LISTED = 5  # measures of an area in a list of good news that is cut
_LONG_LIST = 40  # measures; a longer list of good news is cut
_STRONG, _FALL = "\x01", "\x02"  # around a number of a sentence; no text of a cell has them
_NUMBER = re.compile(f"([{_STRONG}{_FALL}])(.*?)\\1")
_OTHER_CATEGORIES: tuple[tuple[str, Category], ...] = (  # only told if there are any
    ("moved_first", "first_answer"),
    ("moved_outside", "outside_scale"),
)


def front(view: PublicView) -> Iterator[Block]:
    """Yield what is below the title: what has happened in sentences, and a bar of all measures."""
    first, *others = _sentences(view)
    yield _lead(first, main=True)
    if others:
        yield Paragraphs(tuple(map(_plain, others)))
    yield from bars(view, TOTAL, "words")
    if shares := tuple(_share_sentences(view)):
        yield _lead(" ".join(shares))
    if not has_movement(view):
        yield area_facts(view, TOTAL)


def progress_texts(view: PublicView) -> Iterator[str]:
    """Yield sentences: how the measures have moved, and which areas have not answered."""
    yield from map(_plain, _sentences(view))


def has_movement(view: PublicView) -> bool:
    """Return True if there are two dates to compare, and answers at the last one."""
    return bool(view.scored and view.previous_date and view.has_answers)


def news(view: PublicView) -> Iterator[Section]:
    """Yield the table of areas, and the lists of the measures to read about."""
    language = view.language
    note = translate("report.areas_text", language, sum=translate("term.sum", language))
    texts = (Paragraphs((note,)),) if has_movement(view) else ()
    yield Section(areas_title(view), "summary", (area_table(view), *texts))
    yield from _overdue(view)
    if has_movement(view):
        yield from _falls(view)
        yield from _standstill(view)
        yield from _finished(view)


def area_lead(view: PublicView, ref: str) -> Lead:
    """Return the sentence above the chapter of an area."""
    standing = view.standings[ref]
    texts = [_movement(view, ref, "report.area_moved")]
    mean = view.mean(ref, view.report_date) if view.report_date else None
    if mean is not None:
        texts.append(_mean_sentence(view, ref, mean))
    if not standing.is_mostly_answered:
        texts.insert(0, _few_answered(view, ref))
    return _lead(" ".join(texts))


def _lead(text: str, *, main: bool = False) -> Lead:
    """Return a sentence with its marked numbers as parts of their own."""
    tones = {_STRONG: "strong", _FALL: "fall"}
    parts, end = [], 0
    for match in _NUMBER.finditer(text):
        parts.append(LeadPart(text[end : match.start()]))
        parts.append(LeadPart(match[2], tones[match[1]]))  # type: ignore[arg-type]
        end = match.end()
    return Lead((*(part for part in parts if part.text), LeadPart(text[end:])), main)


def _plain(text: str) -> str:
    return _NUMBER.sub(r"\2", text)


def _bold(text: str) -> str:
    return f"{_STRONG}{text}{_STRONG}"


def _strong(number: int) -> Count:
    return Count(number, _bold(str(number)))


def _sentences(view: PublicView) -> Iterator[str]:
    """Yield the sentences of the front with their numbers marked."""
    language, standing = view.language, view.standings[TOTAL]
    if not view.has_answers:
        yield _none_answered(view)
    elif view.scored and not standing.is_mostly_answered:
        yield _few_answered(view, TOTAL)
    elif not has_movement(view):
        yield _answered(view)
    if has_movement(view):
        yield _movement(view, TOTAL, "report.moved")
        if standing.newly_finished:
            up, finished = Count(standing.categories["up"]), Count(standing.newly_finished)
            yield translate("report.moved_finished", language, up=up, finished=finished)
    if late := len(view.report.overdue):
        yield translate("report.late_count", language, count=f"{_FALL}{late}{_FALL}")
    if refused := list(view.untaken_answers.values()).count("refused"):
        words = translate("report.refused", language)
        yield translate("report.refused_count", language, count=Count(refused), words=words)
    if view.unanswered_areas:
        names = ", ".join(map(view.report.area_name, view.unanswered_areas))
        yield translate("report.silent", language, areas=names)
    elif view.is_open and view.report.template.area_level:
        yield translate("report.all_submitted", language)


def _answered(view: PublicView) -> str:
    """Return how much is answered, or only how many measures there are."""
    standing = view.standings[TOTAL]
    if not view.answer_fields:
        return f"{view.report.template.leaf.label}: {_strong(standing.measures)}."
    total = _strong(standing.asked)
    return translate("report.answered", view.language, n=_strong(standing.answered), total=total)


def _few_answered(view: PublicView, ref: str) -> str:
    """Return how few of an area's measures are answered."""
    standing = view.standings[ref]
    answered = Count(standing.answered)
    return translate("report.few_answered", view.language, n=answered, total=standing.asked)


def _none_answered(view: PublicView) -> str:
    """Return the sentence of a report in which nothing is answered."""
    total = view.standings[TOTAL].asked
    if view.report_date is None:
        return translate("report.none_answered_undated", view.language, total=total)
    date = view.date_text(view.report_date)
    return translate("report.none_answered", view.language, total=total, date=date)


def _movement(view: PublicView, ref: str, key: str) -> str:
    """Return how many measures are in each category; the numbers sum to all measures."""
    language, standing = view.language, view.standings[ref]
    counts = {category: standing.categories.get(category, 0) for category in CATEGORIES}
    rest = [
        translate(f"report.{name}", language, count=_strong(counts[category]))
        for name, category in _OTHER_CATEGORIES
        if counts[category]
    ]
    down = counts["down"]
    return translate(
        key,
        language,
        date=view.date_text(view.previous_date) if view.previous_date else "",
        up=_strong(counts["up"]),
        down=Count(down, f"{_FALL}{down}{_FALL}") if down else _strong(down),
        still=_strong(counts["unchanged"]),
        before=_strong(counts["finished_before"]),
        unanswered=_strong(counts["unanswered"]),
        rest="".join(f" {text}" for text in rest),
        total=_strong(standing.measures),
    )


def _share_sentences(view: PublicView) -> Iterator[str]:
    """Yield which part of the measures is finished, now and before, and the mean of all."""
    if not view.scored or not view.has_answers or view.report_date is None:
        return
    language, standing = view.language, view.standings[TOTAL]
    counts = {"finished": standing.finished, "total": standing.measures}
    if view.defines_done and standing.measures:
        counts["percent"] = _percent(standing.finished, standing.measures)
        numbers = {**counts, "finished": _strong(standing.finished)}
        if before := _finished_before(view):
            yield translate("report.finished_share", language, **numbers, **before)
        else:
            yield translate("report.finished_now", language, **numbers)
    mean = view.mean(TOTAL, view.report_date)
    if mean is not None:
        yield _mean_sentence(view, TOTAL, mean)


def _finished_before(view: PublicView) -> dict[str, str]:
    """Return how many were finished at the date before; nothing where that cannot be compared."""
    day, scored = view.previous_date, view.scored
    if day is None or scored is None or scored.only:
        return {}
    figures = view.figures[TOTAL, day]
    final = final_values(view.report.template, scored)
    count = sum(n for value, n in figures.distribution.items() if value in final)
    if not figures.answered:
        return {}
    return {
        "before": str(count),
        "total_before": str(figures.count),
        "percent_before": str(_percent(count, figures.count)),
        "date": view.date_text(day),
    }


def _percent(part: int, whole: int) -> int:
    return int(rounded(Decimal(100 * part) / whole, 0))


def _mean_sentence(view: PublicView, ref: str, mean: Decimal) -> str:
    """Return the mean, and its change over the measures that are answered both times."""
    language, number, change = view.language, view.scored_text(mean), mean_change(view, ref)
    if not isinstance(change, Trend):
        return translate("report.mean_now", language, mean=_bold(number))
    compared = Count(view.standings[ref].compared)
    values = {"mean": _bold(number), "change": change.words, "n": compared}
    return translate("report.mean_moved", language, **values)


def _falls(view: PublicView) -> Iterator[Section]:
    """Yield all measures that fell, the largest fall first, with the leader's own reason."""
    language = view.language
    fallen = [state for state in view.states.values() if state.category == "down"]
    title = translate("report.fell", language)
    if not fallen:
        nothing = Paragraphs((translate("report.none_down", language),))
        yield Section(title, "fell", (nothing,), sign="down", count=0)
        return
    dates = " → ".join(view.date_text(d) for d in (view.previous_date, view.report_date) if d)
    columns = _columns_with_reason(view, dates)
    rows = tuple(
        TableRow((move(view, state), measure_link(view, state.node), reason(view, state)))
        for state in sorted(fallen, key=_fall_order)
    )
    text = translate("report.fell_text", language, date=_previous_date(view))
    blocks = (Paragraphs((text,)), Table(title, text, columns, rows, quiet=True))
    yield Section(title, "fell", blocks, sign="down", count=len(fallen))


def _columns_with_reason(view: PublicView, first: str) -> tuple[TableColumn, ...]:
    """Return the columns of a table of measures with the leader's own words about each."""
    specs = (ColumnSpec(25, ("00.00.0000",)), ColumnSpec(36, ()), ColumnSpec(39, ()))
    shares = column_shares(specs, landscape=view.landscape)
    return (
        TableColumn(first, shares[0]),
        TableColumn(view.report.template.leaf.label, shares[1], head=True),
        TableColumn(translate("report.reason", view.language), shares[2]),
    )


def _overdue(view: PublicView) -> Iterator[Section]:
    """Yield all measures whose deadline has passed, the earliest first, with the leader's words."""
    language, report = view.language, view.report
    if not report.overdue or view.report_date is None:
        return
    fields = {f.id: f for f in report.template.fields_of(report.template.leaf.id)}
    late = sorted(report.overdue.values(), key=lambda slot: str(report.values[slot]))
    rows = []
    for slot in late:
        node, state = report.by_ref[slot.ref], view.states[slot.ref]
        day = view.text(node, fields[slot.field], slot.date)
        rows.append(TableRow((day, measure_link(view, node), reason(view, state))))
    title = translate("report.late", language)
    text = translate("report.late_text", language, date=view.date_text(view.report_date))
    label = next(fields[slot.field].label_for(slot.date) for slot in late)
    table = Table(title, text, _columns_with_reason(view, label), tuple(rows), quiet=True)
    yield Section(title, "late", (Paragraphs((text,)), table), sign="down", count=len(late))


def _fall_order(state: MeasureState) -> tuple[Decimal, Decimal]:
    """Return what falls are sorted by: the largest first, then from the highest step."""
    now = Decimal(state.now) if isinstance(state.now, int | Decimal) else Decimal(0)
    return -abs(state.change), -(now - state.change)


def _standstill(view: PublicView) -> Iterator[Section]:
    """Yield the measures that stand still for the third date, by step, the lowest first."""
    language = view.language
    unchanged = view.standings[TOTAL].categories.get("unchanged", 0)
    standing = [state for state in view.states.values() if is_standing(view, state)]
    if not standing:
        return
    values = sorted({state.now for state in standing}, key=_as_number)
    lists = tuple(_standing_list(view, [s for s in standing if s.now == value]) for value in values)
    more, date = unchanged - len(standing), _previous_date(view)
    text = translate("report.stands_text", language)
    if more:
        text += " " + translate("report.stands_more", language, more=Count(more), date=date)
    title = translate("report.stands", language)
    blocks: tuple[Block, ...] = (Paragraphs((text,)), *lists)
    yield Section(title, "stands", blocks, sign="same", count=len(standing))


def _as_number(value: object) -> Decimal:
    return Decimal(value) if isinstance(value, int | Decimal) else Decimal(0)


def _standing_list(view: PublicView, standing: Sequence[MeasureState]) -> MeasureList:
    """Return the measures that stand still on one step."""
    label = value_label(view, standing[0].now)
    name = (label.word or label.value) if label else ""
    title = translate("report.stands_step", view.language, step=name)
    items = tuple(MeasureItem(measure_link(view, state.node)) for state in standing)
    return MeasureList(title, len(items), items, (label,) * STANDSTILL if label else ())


def _finished(view: PublicView) -> Iterator[Section]:
    """Yield the measures that were finished since the date before, by area."""
    language, total = view.language, view.standings[TOTAL]
    finished = [state for state in view.states.values() if state.is_newly_finished]
    if not finished:
        return
    by_area = {ref: [s for s in finished if s.area == ref] for ref in view.report.area_refs}
    is_cut = len(finished) > _LONG_LIST
    lists = (
        _finished_list(view, ref, states, is_cut=is_cut)
        for ref, states in by_area.items()
        if states
    )
    text = translate(
        "report.finished_text",
        language,
        date=_previous_date(view),
        before=Count(total.finished - total.newly_finished),
        finished=Count(total.finished),
        total=total.measures,
    )
    title = translate("report.finished", language)
    blocks: tuple[Block, ...] = (Paragraphs((text,)), *lists)
    yield Section(title, "finished", blocks, sign="finished", count=len(finished))


def _finished_list(
    view: PublicView, ref: str, finished: Sequence[MeasureState], *, is_cut: bool
) -> MeasureList:
    """Return the finished measures of an area; of a long list the largest changes."""
    shown = sorted(finished, key=lambda s: -s.change)[:_MOST_LISTED] if is_cut else finished
    items = tuple(
        MeasureItem(measure_link(view, state.node, with_area=False), move(view, state))
        for state in shown
    )
    has_areas = view.report.template.area_level is not None
    name = view.report.area_name(ref) if has_areas else view.report.template.leaf.label
    left = len(finished) - len(shown)
    text = translate("report.left", view.language, left=Count(left)) if left else ""
    return MeasureList(name, len(finished), items, left=text)


def _previous_date(view: PublicView) -> str:
    return view.date_text(view.previous_date) if view.previous_date else ""
