"""Compose the document of a public view: front, chapters and lists. All renderers use the result.

Start with `compose`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from xltiltak.model.amounts import ListedMention, list_mentions
from xltiltak.model.finding import Finding
from xltiltak.model.language import bcp47, grouped_number, translate
from xltiltak.model.summary import TOTAL
from xltiltak.publishing.chapters import chapters
from xltiltak.publishing.document import (
    Block,
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
)
from xltiltak.publishing.figures import figures_section, mean_change
from xltiltak.publishing.movement import movement, movement_section
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
