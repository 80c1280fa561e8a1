"""The reader's summary: what moved, what fell back, what stands still, what is finished, who has not answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from xltiltak.model.language import translate
from xltiltak.model.summary import TOTAL
from xltiltak.publishing.column_widths import WHOLE_ROWS, Wish, shares
from xltiltak.publishing.document import (
    Block,
    Content,
    Paragraphs,
    Section,
    Table,
    TableColumn,
    TableRow,
)
from xltiltak.publishing.movement import Move, Movement, movement
from xltiltak.publishing.public_view import PublicView

_MOST = 12  # measures in a list of the summary; the areas' own tables have them all


class _List(NamedTuple):
    """A list of measures that have done the same, under its heading."""

    title: str
    anchor: str
    moves: Sequence[Move]


def summary_section(edition: PublicView) -> Iterator[Section]:
    """How the measures have moved, by area, and the ones to read of by name; none without two dates to compare."""
    if not edition.scored or edition.before is None:
        return
    title, moved = translate("report.summary", edition.language), movement(edition)
    lists = tuple(_listed(edition, told) for told in _lists(edition, moved) if told.moves)
    yield Section(
        title, "summary", (_moved_table(edition, moved), *_nobody_fell(edition, moved)), lists
    )


def _nobody_fell(edition: PublicView, moved: Movement) -> Iterator[Block]:
    if not moved.down:
        yield Paragraphs((translate("report.none_down", edition.language),))


def _lists(edition: PublicView, moved: Movement) -> Iterator[_List]:
    """The measures to read of: all that fell, those that rose most, what came to an end, what stands still lowest."""
    date = edition.day(edition.before) if edition.before else ""
    rising = sorted(moved.up, key=lambda move: -move.by)
    standing = sorted(moved.standing, key=lambda move: move.now)
    yield _List(translate("report.fell", edition.language, date=date), "fell", moved.down)
    yield _List(
        translate("report.finished", edition.language, date=date), "finished", moved.new_done
    )
    yield _List(translate("report.rose", edition.language, date=date), "rose", rising)
    yield _List(translate("report.stands", edition.language), "stands", standing)


def _listed(edition: PublicView, told: _List) -> Section:
    """A list as a table; that it is not all of them is said above."""
    language, template = edition.language, edition.report.template
    dates = [edition.day(day) for day in (edition.before, edition.shown) if day]
    area = [(template.area_level.label, 0.22)] if template.area_level else []
    labels = [
        (template.leaf.label, 0.42 if area else 0.64),
        *area,
        *((date, 0.12) for date in dates),
    ]
    labels.append((translate("report.change", language), 0.12))
    columns = tuple(
        TableColumn(label, share, head=k == 0) for k, (label, share) in enumerate(labels)
    )
    rows = tuple(TableRow(_told(edition, move)) for move in told.moves[:_MOST])
    key = "report.part" if len(rows) < len(told.moves) else "report.table"
    counts = {"count": len(rows), "total": len(told.moves)}
    caption = translate(key, language, title=told.title, measure=template.leaf.label, **counts)
    table = Table(caption, translate("report.list_text", language), columns, rows)
    return Section(told.title, told.anchor, (table,))


def _told(edition: PublicView, move: Move) -> tuple[Content, ...]:
    """One measure of a list."""
    area = (edition.report.area_name(move.area),) if edition.report.template.area_level else ()
    values = [
        edition.mark(edition.steps, v) if edition.steps else edition.number(v)
        for v in (move.before, move.now)
    ]
    return (edition.called(move.node), *area, *values, edition.trend(move.by))


def _moved_table(edition: PublicView, moved: Movement) -> Table:
    """How many measures of each area moved up, fell back, stand still and are finished."""
    language, report = edition.language, edition.report
    keys = (
        "up_head",
        "down_head",
        "still_head",
        *(("done_head",) if edition.ends else ()),
        "unanswered_head",
    )
    labels = [translate(f"report.{key}", language) for key in keys]
    refs = report.area_refs
    rows = [TableRow((report.area_name(ref), *_counts(edition, moved, ref))) for ref in refs]
    if len(refs) > 1:
        total = translate("report.total", language)
        rows.append(TableRow((total, *_counts(edition, moved, TOTAL)), total=True))
    first = (
        report.template.area_level.label
        if report.template.area_level
        else report.template.leaf.label
    )
    wishes = [Wish(0.35, (first, *(str(row.cells[0]) for row in rows)))]
    wishes += [Wish(0.65 / len(labels), (label,)) for label in labels]
    name, *parts = shares(wishes, landscape=edition.landscape)
    numbers = (
        TableColumn(label, part, numeric=True) for label, part in zip(labels, parts, strict=True)
    )
    columns = (TableColumn(first, name, head=True), *numbers)
    date = edition.day(edition.before) if edition.before else ""
    caption = translate("report.moved_caption", language, date=date)
    whole = len(rows) <= WHOLE_ROWS
    return Table(
        caption, translate("report.moved_text", language), columns, tuple(rows), whole=whole
    )


def _counts(edition: PublicView, moved: Movement, ref: str) -> list[str]:
    """The figures of an area, or of all."""
    found = [
        sum(ref in (TOTAL, move.area) for move in moves)
        for moves in (moved.up, moved.down, moved.still)
    ]
    done = [edition.done(ref)] if edition.ends else []
    return [str(n) for n in (*found, *done, edition.count(ref) - edition.answered(ref))]
