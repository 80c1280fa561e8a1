"""Compose the document of a public view: front, chapters and lists. All renderers use the result.

The first chapter, `movement_section`, says how the measures have moved since the previous date.
Start with `compose`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from textwrap import shorten

from xltiltak.model.amounts import ListedMention, list_mentions
from xltiltak.model.finding import Finding
from xltiltak.model.language import bcp47, grouped_number, translate
from xltiltak.model.summary import CATEGORIES, TOTAL, Category, MeasureState
from xltiltak.publishing.chapters import chapters, move_trend
from xltiltak.publishing.document import (
    WHOLE_ROWS,
    AnchorLink,
    Block,
    ColumnSpec,
    Content,
    Document,
    DocumentLabels,
    FactList,
    Paragraphs,
    Section,
    Style,
    Table,
    TableColumn,
    TableRow,
    Trend,
    column_shares,
)
from xltiltak.publishing.figures import figures_section, mean_change
from xltiltak.publishing.public_view import PublicView

DEFAULT_STYLE = Style()
_SHORT_INTRO = 700  # characters; a longer introduction is a chapter of its own
_AMOUNT_COLUMNS = (  # part of the labels' keys, and share of the width
    ("area", 0.2),
    ("where", 0.24),
    ("as_written", 0.16),
    ("kroner", 0.12),
    ("around", 0.28),
)
_FINDING_COLUMNS = (
    ("severity", 0.08),
    ("where", 0.24),
    ("says", 0.34),
    ("fix", 0.27),
    ("code", 0.07),
)
_STANDSTILL = 3  # dates with the same value
_MOST_LISTED = 5  # measures of an area in a list of good news
_LONGEST_REASON = 180  # characters
_TEXT_KINDS = ("text", "paragraphs", "bullets")
_OTHER_CATEGORIES: tuple[tuple[str, Category], ...] = (  # only told if there are any
    ("moved_first", "first_answer"),
    ("moved_outside", "outside_scale"),
)


def compose(
    view: PublicView, findings: Sequence[Finding] = (), style: Style = DEFAULT_STYLE
) -> Document:
    """Return the document of a public view.

    `findings` get a chapter of their own, which is meant for the coordinator.
    """
    view = replace(view, forced_landscape=style.landscape)
    head, language = view.report.head, view.language
    return Document(
        title=head.title,
        subtitle=" · ".join(_subtitle(view)),
        organisation=head.organisation,
        language=bcp47(head.language),
        labels=_labels(language),
        front=tuple(_front(view)),
        sections=tuple(_sections(view, findings)),
        landscape=view.landscape,
        label_language=language,
        style=style,
    )


def _subtitle(view: PublicView) -> Iterator[str]:
    """Yield the date of the report and its case number."""
    language, number = view.language, view.report.head.case_number
    if view.report_date:
        yield translate("report.subtitle", language, date=view.date_text(view.report_date))
    if number:
        yield f"{translate('report.case_number', language)} {number}"


def _labels(language: str) -> DocumentLabels:
    return DocumentLabels(
        contents=translate("report.contents", language),
        skip=translate("report.skip", language),
        page=translate("sheet.page", language, page="{page}", pages="{pages}"),
        figures=translate("report.figures_list", language),
        tables=translate("report.tables_list", language),
    )


def _front(view: PublicView) -> Iterator[Block]:
    """Yield what is below the title: a short introduction, key figures, and the progress."""
    intro = view.report.head.intro
    if intro and len(intro) <= _SHORT_INTRO:
        yield Paragraphs(_lines(intro))
    yield FactList(tuple(_key_figures(view)))
    if progress := tuple(progress_texts(view)):
        yield Paragraphs(progress)


def _sections(view: PublicView, findings: Sequence[Finding]) -> Iterator[Section]:
    """Yield the chapters in reading order."""
    yield from movement_section(view)
    yield from figures_section(view)
    intro = view.report.head.intro
    if len(intro) > _SHORT_INTRO:
        title = translate("report.intro", view.language)
        yield Section(title, "introduction", (Paragraphs(_lines(intro)),))
    yield from chapters(view)
    yield from _amounts_section(view)
    if findings:
        yield _findings_section(view, findings)


def _key_figures(view: PublicView) -> Iterator[tuple[str, str]]:
    """Yield the number of measures, how many are answered and finished, and the mean of all.

    All are of the report's date. Without answers there is only the number of measures.
    """
    language, standing = view.language, view.standings[TOTAL]
    yield view.report.template.leaf.label, str(standing.measures)
    if not view.has_answers:
        return
    if view.answer_fields:
        counts = {"n": standing.answered, "total": standing.asked}
        yield translate("term.answered", language), translate("term.of", language, **counts)
    if view.defines_done:
        counts = {"n": standing.finished, "total": standing.measures}
        yield translate("term.finished", language), translate("term.of", language, **counts)
    if view.scored and view.report_date:
        mean = view.mean(TOTAL, view.report_date)
        if mean is not None:
            yield translate("term.mean", language), view.number_text(mean) + _mean_suffix(view)


def _mean_suffix(view: PublicView) -> str:
    """Return how far the mean of all has moved, and over how many measures that is measured."""
    change, standing = mean_change(view, TOTAL), view.standings[TOTAL]
    if not isinstance(change, Trend):
        return ""
    counts = {"n": standing.compared, "total": standing.measures}
    return f" ({translate('report.compared', view.language, change=change.words, **counts)})"


def progress_texts(view: PublicView) -> Iterator[str]:
    """Yield sentences: how the measures have moved, and which areas have not answered."""
    language, standing = view.language, view.standings[TOTAL]
    counts = {"n": standing.answered, "total": standing.asked}
    if not view.has_answers:
        yield _none_answered(view)
    elif view.scored and not standing.is_mostly_answered:
        yield translate("report.few_answered", language, **counts)
    if view.scored and view.previous_date and view.has_answers:
        yield _movement_text(view)
        if standing.newly_finished:
            up, finished = standing.categories["up"], standing.newly_finished
            yield translate("report.moved_finished", language, up=up, finished=finished)
    if refused := list(view.untaken_answers.values()).count("refused"):
        words = translate("report.refused", language)
        yield translate("report.refused_count", language, count=refused, words=words)
    if view.unanswered_areas:
        names = ", ".join(map(view.report.area_name, view.unanswered_areas))
        yield translate("report.silent", language, areas=names)
    elif view.is_open:
        yield translate("report.all_submitted", language)


def _none_answered(view: PublicView) -> str:
    """Return the sentence of a report in which nothing is answered."""
    total = view.standings[TOTAL].asked
    if view.report_date is None:
        return translate("report.none_answered_undated", view.language, total=total)
    date = view.date_text(view.report_date)
    return translate("report.none_answered", view.language, total=total, date=date)


def _movement_text(view: PublicView) -> str:
    """Return how many measures are in each category; the numbers sum to all measures."""
    language, standing = view.language, view.standings[TOTAL]
    counts = {category: standing.categories.get(category, 0) for category in CATEGORIES}
    rest = [
        translate(f"report.{key}", language, count=counts[category])
        for key, category in _OTHER_CATEGORIES
        if counts[category]
    ]
    return translate(
        "report.moved",
        language,
        date=view.date_text(view.previous_date) if view.previous_date else "",
        up=counts["up"],
        down=counts["down"],
        still=counts["unchanged"],
        before=counts["finished_before"],
        unanswered=counts["unanswered"],
        rest="".join(f" {text}" for text in rest),
        total=standing.measures,
    )


def movement_section(view: PublicView) -> Iterator[Section]:
    """Yield the summary: a table by area, and lists of the measures to read about.

    Nothing is yielded without a scored field, two dates, and an answer at the last one.
    """
    if not view.scored or view.previous_date is None or not view.has_answers:
        return
    blocks: list[Block] = [_area_table(view)]
    if not view.standings[TOTAL].categories.get("down"):
        blocks.append(Paragraphs((translate("report.none_down", view.language),)))
    title = translate("report.summary", view.language)
    yield Section(title, "summary", tuple(blocks), tuple(_lists(view)))


def _lists(view: PublicView) -> Iterator[Section]:
    """Yield the measures that fell, were finished, rose, and have stood still longest.

    Falls and standstill are listed whole, good news only in part.
    """
    language, states = view.language, view.states.values()
    date = view.date_text(view.previous_date) if view.previous_date else ""
    fallen = [state for state in states if state.category == "down"]
    if fallen:
        title = translate("report.fell", language, date=date)
        yield Section(title, "fell", (_fall_table(view, title, fallen),))
    risen = [state for state in states if state.category == "up"]
    for key, moves in (
        ("finished", [state for state in risen if state.is_newly_finished]),
        ("rose", [state for state in risen if not state.is_newly_finished]),
    ):
        if moves:
            title = translate(f"report.{key}", language, date=date)
            yield Section(title, key, (_good_news_table(view, title, moves),))
    standing = [state for state in states if _is_standing(view, state)]
    if standing:
        title = translate("report.stands", language)
        rows = [TableRow(_move_cells(view, s)) for s in sorted(standing, key=_value_now)]
        yield Section(title, "stands", (_move_table(view, title, standing, rows),))


def _is_standing(view: PublicView, state: MeasureState) -> bool:
    """Return True if a measure has had the same value at each of the last three dates."""
    days = view.days[-_STANDSTILL:]
    if view.scored is None or len(days) < _STANDSTILL or state.category != "unchanged":
        return False
    return {view.value(state.node, view.scored, day) for day in days} == {state.now}


def _value_now(state: MeasureState) -> Decimal:
    return Decimal(state.now) if isinstance(state.now, int | Decimal) else Decimal(0)


def _fall_order(state: MeasureState) -> tuple[Decimal, Decimal]:
    """Return what falls are sorted by: the largest first, then from the highest step."""
    return -abs(state.change), -(_value_now(state) - state.change)


def _fall_table(view: PublicView, title: str, fallen: Sequence[MeasureState]) -> Table:
    """Return all measures that fell, the largest fall first, with the leader's own reason."""
    language, has_areas = view.language, view.report.template.area_level is not None
    widths = (0.26, 0.14, 0.11, 0.11, 0.08, 0.3) if has_areas else (0.34, 0.12, 0.12, 0.1, 0.32)
    labels = [*_move_labels(view), translate("report.reason", language)]
    columns = [
        TableColumn(label, width, head=n == 0)
        for n, (label, width) in enumerate(zip(labels, widths, strict=True))
    ]
    rows = tuple(
        TableRow((*_move_cells(view, state), _reason(view, state)))
        for state in sorted(fallen, key=_fall_order)
    )
    return Table(
        _list_caption(view, title, len(rows)),
        translate("report.fell_text", language),
        tuple(columns),
        rows,
    )


def _reason(view: PublicView, state: MeasureState) -> str:
    """Return what the leader has written of a measure, cut at a word; a phrase for nothing."""
    leaf = view.report.template.leaf.id
    fields = [f for f in view.fields(leaf) if f.role == "input" and f.kind in _TEXT_KINDS]
    for field in sorted(fields, key=lambda field: field.id != "remark"):
        day = view.report_date if field.per_checkpoint else None
        text = " ".join(view.text(state.node, field, day).split())
        if text:
            return shorten(text, _LONGEST_REASON, placeholder=" …")
    return translate("report.no_reason", view.language)


def _good_news_table(view: PublicView, title: str, moves: Sequence[MeasureState]) -> Table:
    """Return the largest rises of each area; the heading of an area says how many are left out."""
    language, rows, shown = view.language, list[TableRow](), 0
    is_cut = max(Counter(state.area for state in moves).values()) > _MOST_LISTED
    for ref in view.report.area_refs:
        of_area = [state for state in moves if state.area == ref]
        listed = sorted(of_area, key=lambda state: -state.change)[:_MOST_LISTED]
        shown += len(listed)
        left = len(of_area) - len(listed)
        if is_cut and of_area:
            counts = {"area": view.report.area_name(ref), "count": len(listed), "left": left}
            key = "report.left_out" if left else "report.listed"
            rows.append(TableRow((translate(key, language, **counts),), heading=True))
        rows.extend(TableRow(_move_cells(view, state)) for state in listed)
    return _move_table(view, title, moves, rows, shown)


def _move_table(
    view: PublicView,
    title: str,
    moves: Sequence[MeasureState],
    rows: Sequence[TableRow],
    shown: int | None = None,
) -> Table:
    """Return a list of measures; the caption says how many of them are left out."""
    language, has_areas = view.language, view.report.template.area_level is not None
    widths = (0.42, 0.22, 0.12, 0.12, 0.12) if has_areas else (0.64, 0.12, 0.12, 0.12)
    columns = [
        TableColumn(label, width, head=n == 0)
        for n, (label, width) in enumerate(zip(_move_labels(view), widths, strict=True))
    ]
    return Table(
        _list_caption(view, title, len(moves), shown),
        translate("report.list_text", language),
        tuple(columns),
        tuple(rows),
    )


def _list_caption(view: PublicView, title: str, total: int, shown: int | None = None) -> str:
    measure, language = view.report.template.leaf.label, view.language
    if shown is None or shown == total:
        return translate("report.table", language, title=title, measure=measure, count=total)
    counts = {"count": shown, "total": total, "left": total - shown}
    return translate("report.part", language, title=title, measure=measure, **counts)


def _move_labels(view: PublicView) -> Iterator[str]:
    """Yield the labels of a list: measure, area if any, both dates, and the change."""
    yield view.report.template.leaf.label
    if view.report.template.area_level:
        yield translate("book.area", view.language)
    yield from (view.date_text(day) for day in (view.previous_date, view.report_date) if day)
    yield translate("term.change", view.language)


def _move_cells(view: PublicView, state: MeasureState) -> tuple[Content, ...]:
    """Return the cells of a measure: name, area if any, both values, and the change."""
    area = (view.report.area_name(state.area),) if view.report.template.area_level else ()
    values = [
        view.step_label(view.steps, value) if view.steps else view.number_text(value)
        for value in (state.before, state.now)
        if value is not None
    ]
    name = AnchorLink(view.name(state.node), view.anchor(state.node.ref))
    return (name, *area, *values, move_trend(view, state))


def _area_table(view: PublicView) -> Table:
    """Return how many measures of each area are in each category, and their sum."""
    language, report = view.language, view.report
    labels = [translate(f"term.{key}", language) for key in (*view.categories, "sum")]
    rows = [TableRow((report.area_name(ref), *_counts(view, ref))) for ref in report.area_refs]
    if len(rows) > 1:
        total = translate("term.total", language)
        rows.append(TableRow((total, *_counts(view, TOTAL)), total=True))
    has_areas = report.template.area_level is not None
    name_label = translate("book.area", language) if has_areas else report.template.leaf.label
    names = (name_label, *(str(row.cells[0]) for row in rows))
    number_width = 0.65 / len(labels)
    specs = [ColumnSpec(0.35, names), *(ColumnSpec(number_width, (label,)) for label in labels)]
    name_share, *shares = column_shares(specs, landscape=view.landscape)
    columns = [TableColumn(name_label, name_share, head=True)]
    for label, share in zip(labels, shares, strict=True):
        columns.append(TableColumn(label, share, numeric=True))
    date = view.date_text(view.previous_date) if view.previous_date else ""
    return Table(
        translate("report.moved_caption", language, date=date),
        translate("report.moved_text", language),
        tuple(columns),
        tuple(rows),
        whole=len(rows) <= WHOLE_ROWS,
    )


def _counts(view: PublicView, ref: str) -> list[str]:
    """Return the numbers of an area, or of all areas (TOTAL), and their sum."""
    standing = view.standings[ref]
    counts = [standing.categories.get(category, 0) for category in view.categories]
    return [*map(str, counts), str(standing.measures)]


def _amounts_section(view: PublicView) -> Iterator[Section]:
    """Yield the amounts and budget references in the report's texts, in their order.

    They are never summed. Nothing is yielded if there are none, or the template does not ask.
    """
    rows = tuple(TableRow(_amount_cells(view, listed)) for listed in list_mentions(view.report))
    if not rows:
        return
    language = view.language
    columns = tuple(
        TableColumn(
            translate(f"book.{key}", language), share, head=key == "where", numeric=key == "kroner"
        )
        for key, share in _AMOUNT_COLUMNS
    )
    title, note = translate("book.amounts", language), translate("book.amounts_note", language)
    blocks = (Paragraphs((note,)), Table(f"{title}: {len(rows)}", note, columns, rows))
    yield Section(title, "amounts", blocks, page=True)


def _amount_cells(view: PublicView, listed: ListedMention) -> tuple[str, ...]:
    """Return area, node, text as written, value in kroner, and the words around it.

    A node without name and number is named by its parent.
    """
    report, ref, value = view.report, listed.slot.ref, listed.mention.value
    kroner = "" if value is None else grouped_number(value, view.language)
    node = report.by_ref[ref]
    if view.name(node) == ref and node.parent:
        node = report.by_ref[node.parent]
    area = report.area_name(report.area_of[ref])
    return (area, view.name(node), listed.mention.text, kroner, listed.context)


def _findings_section(view: PublicView, findings: Sequence[Finding]) -> Section:
    """Return all findings, in the words of the command line."""
    language = view.language
    columns = tuple(
        TableColumn(translate(f"book.{key}", language), share, head=key == "where")
        for key, share in _FINDING_COLUMNS
    )
    rows = tuple(
        TableRow(
            (
                translate(f"book.{finding.severity}", language),
                finding.where(),
                finding.message(language),
                finding.fix(language),
                finding.code,
            )
        )
        for finding in findings
    )
    title = translate("book.findings", language)
    description = translate("report.findings_text", language)
    table = Table(f"{title}: {len(rows)}", description, columns, rows)
    return Section(title, "findings", (table,), page=True)


def _lines(text: str) -> tuple[str, ...]:
    """Return the lines of a text that are not blank, stripped."""
    return tuple(line.strip() for line in text.split("\n") if line.strip())
