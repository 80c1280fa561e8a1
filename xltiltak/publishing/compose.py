"""Compose the document of a public view: front, chapters and lists. All renderers use the result.

The first chapter, `movement_section`, says how the measures have moved since the previous date.
Start with `compose`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from xltiltak.model.amounts import ListedMention, list_mentions
from xltiltak.model.finding import Finding
from xltiltak.model.language import bcp47, grouped_number, translate
from xltiltak.model.report import Node
from xltiltak.model.summary import TOTAL, measure_nodes
from xltiltak.publishing.chapters import chapters
from xltiltak.publishing.document import (
    WHOLE_ROWS,
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
_MOST_LISTED = 12  # measures in a list; the tables of the areas have them all


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
    """Yield the number of measures, how many are answered and finished, and the mean of all."""
    language, total = view.language, view.count(TOTAL)
    yield view.report.template.leaf.label, str(total)
    if view.answer_fields:
        answered = translate("report.of", language, n=view.answered(TOTAL), total=total)
        yield translate("report.answered", language), answered
    if view.defines_done:
        done = translate("report.of", language, n=view.done(TOTAL), total=total)
        yield translate("report.done_head", language), done
    if view.scored and view.report_date:
        mean = view.mean(TOTAL, view.report_date)
        if mean is not None:
            change = mean_change(view, TOTAL)
            suffix = f" ({change.words})" if isinstance(change, Trend) else ""
            yield translate("report.mean", language), view.number_text(mean) + suffix


def progress_texts(view: PublicView) -> Iterator[str]:
    """Yield sentences: how the measures have moved, and which areas have not answered."""
    language = view.language
    if view.scored and view.previous_date:
        moved = movement(view)
        yield translate(
            "report.moved",
            language,
            date=view.date_text(view.previous_date),
            up=len(moved.up),
            down=len(moved.down),
            still=len(moved.still),
        )
    if view.unanswered_areas:
        names = ", ".join(map(view.report.area_name, view.unanswered_areas))
        yield translate("report.silent", language, areas=names)
    elif view.is_open:
        yield translate("report.all_submitted", language)


@dataclass(frozen=True, slots=True)
class Move:
    """A measure with its values at the previous date and at the report's date."""

    node: Node
    area: str
    before: int | Decimal
    now: int | Decimal

    @property
    def change(self) -> Decimal:
        """How far it moved; negative if it fell back."""
        return Decimal(self.now) - Decimal(self.before)


@dataclass(frozen=True, slots=True)
class Movement:
    """All measures with a value at both dates, by how they have moved.

    `still` are the unfinished ones with an unchanged value. `newly_done` reached a final step since
    the previous date. `standing` are those of `still` whose value is that of the last three dates.
    """

    up: tuple[Move, ...]
    down: tuple[Move, ...]
    still: tuple[Move, ...]
    newly_done: tuple[Move, ...]
    standing: tuple[Move, ...]


def movement(view: PublicView) -> Movement:
    """Return how the measures have moved. Finished measures are never in `still`."""
    moves, done = tuple(_moves(view)), view.report.finished_refs
    final = {step.value for step in view.steps if step.done}
    still = tuple(move for move in moves if not move.change and move.node.ref not in done)
    return Movement(
        up=tuple(move for move in moves if move.change > 0),
        down=tuple(move for move in moves if move.change < 0),
        still=still,
        newly_done=tuple(m for m in moves if m.now in final and m.before not in final),
        standing=tuple(move for move in still if _is_standing(view, move)),
    )


def _moves(view: PublicView) -> Iterator[Move]:
    """Yield each active measure with a value at both dates."""
    scored, area_of = view.scored, view.report.area_of
    if scored is None or view.previous_date is None:
        return
    for node in measure_nodes(view.report):
        before = view.value(node, scored, view.previous_date)
        now = view.value(node, scored, view.report_date)
        if not isinstance(before, int | Decimal) or not isinstance(now, int | Decimal):
            continue
        if node.is_active_on(view.report_date):
            yield Move(node, area_of[node.ref], before, now)


def _is_standing(view: PublicView, move: Move) -> bool:
    """Return True if a measure has had the same value at each of the last three dates."""
    days = view.days[-_STANDSTILL:]
    if view.scored is None or len(days) < _STANDSTILL:
        return False
    return {view.value(move.node, view.scored, day) for day in days} == {move.now}


def movement_section(view: PublicView) -> Iterator[Section]:
    """Yield the summary: a table by area, and lists of the measures to read about.

    Nothing is yielded without a scored field and two dates.
    """
    if not view.scored or view.previous_date is None:
        return
    moved = movement(view)
    blocks: list[Block] = [_area_table(view, moved)]
    if not moved.down:
        blocks.append(Paragraphs((translate("report.none_down", view.language),)))
    title = translate("report.summary", view.language)
    yield Section(title, "summary", tuple(blocks), tuple(_lists(view, moved)))


def _lists(view: PublicView, moved: Movement) -> Iterator[Section]:
    """Yield the measures that fell, were finished, rose most, and have stood still longest."""
    language = view.language
    date = view.date_text(view.previous_date) if view.previous_date else ""
    rising = sorted(moved.up, key=lambda move: -move.change)
    standing = sorted(moved.standing, key=lambda move: move.now)
    lists: list[tuple[str, str, Sequence[Move]]] = [
        (translate("report.fell", language, date=date), "fell", moved.down),
        (translate("report.finished", language, date=date), "finished", moved.newly_done),
        (translate("report.rose", language, date=date), "rose", rising),
        (translate("report.stands", language), "stands", standing),
    ]
    for title, anchor, moves in lists:
        if moves:
            yield Section(title, anchor, (_move_table(view, title, moves),))


def _move_table(view: PublicView, title: str, moves: Sequence[Move]) -> Table:
    """Return the first measures of a list; the caption says how many are left out."""
    language, template = view.language, view.report.template
    columns = [TableColumn(template.leaf.label, 0.42 if template.area_level else 0.64, head=True)]
    if template.area_level:
        columns.append(TableColumn(template.area_level.label, 0.22))
    dates = [day for day in (view.previous_date, view.report_date) if day]
    columns.extend(TableColumn(view.date_text(day), 0.12) for day in dates)
    columns.append(TableColumn(translate("report.change", language), 0.12))
    rows = tuple(TableRow(_move_cells(view, move)) for move in moves[:_MOST_LISTED])
    key = "report.part" if len(rows) < len(moves) else "report.table"
    counts = {"count": len(rows), "total": len(moves)}
    caption = translate(key, language, title=title, measure=template.leaf.label, **counts)
    return Table(caption, translate("report.list_text", language), tuple(columns), rows)


def _move_cells(view: PublicView, move: Move) -> tuple[Content, ...]:
    """Return the cells of a measure: name, area if any, both values, and the change."""
    area = (view.report.area_name(move.area),) if view.report.template.area_level else ()
    values = [
        view.step_label(view.steps, value) if view.steps else view.number_text(value)
        for value in (move.before, move.now)
    ]
    return (view.name(move.node), *area, *values, view.trend(move.change))


def _area_table(view: PublicView, moved: Movement) -> Table:
    """Return how many measures of each area rose, fell, stood still, are done or unanswered."""
    language, report = view.language, view.report
    done_key = ("done_head",) if view.defines_done else ()
    keys = ("up_head", "down_head", "still_head", *done_key, "unanswered_head")
    labels = [translate(f"report.{key}", language) for key in keys]
    rows = [
        TableRow((report.area_name(ref), *_counts(view, moved, ref))) for ref in report.area_refs
    ]
    if len(rows) > 1:
        total = translate("report.total", language)
        rows.append(TableRow((total, *_counts(view, moved, TOTAL)), total=True))
    name_label = (report.template.area_level or report.template.leaf).label
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


def _counts(view: PublicView, moved: Movement, ref: str) -> list[str]:
    """Return the numbers of an area, or of all areas (TOTAL)."""
    groups = (moved.up, moved.down, moved.still)
    counts = [sum(ref in (TOTAL, move.area) for move in moves) for moves in groups]
    if view.defines_done:
        counts.append(view.done(ref))
    counts.append(view.count(ref) - view.answered(ref))
    return [str(count) for count in counts]


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
