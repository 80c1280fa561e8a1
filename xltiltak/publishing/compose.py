"""Compose the document of a public view: what is new, figures, chapters and lists.

All renderers use the result. What comes before the list of contents is in `news`, the areas are in
`chapters`. Start with `compose`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from xltiltak.model.amounts import ListedMention, list_mentions
from xltiltak.model.finding import Finding
from xltiltak.model.language import bcp47, grouped_number, translate
from xltiltak.publishing.chapters import chapters
from xltiltak.publishing.document import (
    Document,
    DocumentLabels,
    Paragraphs,
    Section,
    Style,
    Table,
    TableColumn,
    TableRow,
)
from xltiltak.publishing.figures import figures_section
from xltiltak.publishing.news import front, news
from xltiltak.publishing.public_view import PublicView

DEFAULT_STYLE = Style()
_AMOUNT_COLUMNS = (  # part of the labels' keys, and share of the width
    ("area", 0.2),
    ("where", 0.24),
    ("as_written", 0.16),
    ("kroner", 0.12),
    ("around", 0.28),
)
_REFERENCE_COLUMNS = (("area", 0.22), ("where", 0.28), ("as_written", 0.2), ("around", 0.3))
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
        front=tuple(front(view)),
        news=tuple(news(view)),
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
        on_page=translate("report.on_page", language, page="{page}"),
        continued=translate("report.continued", language, name="{name}"),
        figures=translate("report.figures_list", language),
        tables=translate("report.tables_list", language),
    )


def _sections(view: PublicView, findings: Sequence[Finding]) -> Iterator[Section]:
    """Yield what comes after the list of contents, in reading order."""
    if intro := view.report.head.intro:
        title = translate("report.intro", view.language)
        yield Section(title, "introduction", (Paragraphs(_lines(intro)),))
    yield from figures_section(view)
    yield from chapters(view)
    yield from _amounts_section(view)
    if findings:
        yield _findings_section(view, findings)


def _amounts_section(view: PublicView) -> Iterator[Section]:
    """Yield the amounts in the report's texts, then the references to a budget, in their order.

    Amounts are never summed. Nothing is yielded if there are none, or the template does not ask.
    """
    listed = list(list_mentions(view.report))
    amounts = [one for one in listed if one.mention.kind == "amount"]
    references = [one for one in listed if one.mention.kind == "reference"]
    if amounts:
        title = translate("book.amounts", view.language)
        yield _mention_section(view, title, "amounts", _AMOUNT_COLUMNS, amounts)
    if references:
        title = translate("report.references", view.language)
        yield _mention_section(view, title, "reference", _REFERENCE_COLUMNS, references)


def _mention_section(
    view: PublicView,
    title: str,
    key: str,
    shares: Sequence[tuple[str, float]],
    listed: Sequence[ListedMention],
) -> Section:
    """Return a table of amounts or of references."""
    language, names = view.language, [name for name, _ in shares]
    columns = tuple(
        TableColumn(
            translate(f"book.{name}", language),
            share,
            head=name == "where",
            numeric=name == "kroner",
        )
        for name, share in shares
    )
    cells = (_mention_cells(view, one) for one in listed)
    rows = tuple(TableRow(tuple(row[name] for name in names)) for row in cells)
    note = translate(f"report.{key}_note", language)
    table = Table(f"{title}: {len(rows)}", note, columns, rows, quiet=True)
    return Section(title, key, (Paragraphs((note,)), table), count=len(rows))


def _mention_cells(view: PublicView, listed: ListedMention) -> dict[str, str]:
    """Return area, node, text as written, value in kroner, and the words around it.

    A node without name and number is named by its parent.
    """
    report, ref, value = view.report, listed.slot.ref, listed.mention.value
    node = report.by_ref[ref]
    if view.name(node) == ref and node.parent:
        node = report.by_ref[node.parent]
    return {
        "area": report.area_name(report.area_of[ref]),
        "where": view.name(node),
        "as_written": listed.mention.text,
        "kroner": "" if value is None else grouped_number(value, view.language),
        "around": listed.context,
    }


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
    table = Table(f"{title}: {len(rows)}", description, columns, rows, quiet=True)
    return Section(title, "findings", (table,), count=len(rows))


def _lines(text: str) -> tuple[str, ...]:
    """Return the lines of a text that are not blank, stripped."""
    return tuple(line.strip() for line in text.split("\n") if line.strip())
