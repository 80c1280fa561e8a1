"""A report to the document that every renderer sets, by what its template says and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from xltiltak.model.finding import Finding
from xltiltak.model.language import bcp47, translate
from xltiltak.model.register import Register
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
from xltiltak.publishing.money import amounts_section
from xltiltak.publishing.movement import movement
from xltiltak.publishing.overview import summary_section
from xltiltak.publishing.public_view import PublicView, public_view

PLAIN = Style()  # how a report looks where nobody says otherwise
_SHORT_INTRO = 700  # characters; a longer one is a chapter of its own


def compose(
    register: Register, language: str = "", findings: Sequence[Finding] = (), style: Style = PLAIN
) -> Document:
    """The document of a report, with its fixed words in a language (empty: the report's own).

    Findings are for the coordinator; they are told where some are given.
    """
    return document_of(public_view(register, language), findings, style)


def document_of(
    edition: PublicView, findings: Sequence[Finding] = (), style: Style = PLAIN
) -> Document:
    """The document of an edition."""
    edition = replace(edition, lying=style.landscape)
    head, language_ = edition.report.head, edition.language
    return Document(
        title=head.title,
        subtitle=" · ".join(_subtitle(edition)),
        organisation=head.organisation,
        language=bcp47(head.language),
        words=_words(language_),
        front=tuple(_front(edition)),
        sections=tuple(_sections(edition, findings)),
        landscape=edition.landscape,
        label_language=language_,
        style=style,
    )


def _subtitle(edition: PublicView) -> Iterator[str]:
    """The date it is about, and the case it is part of."""
    language, number = edition.language, edition.report.head.case_number
    if edition.shown:
        yield translate("report.subtitle", language, date=edition.day(edition.shown))
    if number:
        yield f"{translate('report.case_number', language)} {number}"


def _words(language: str) -> DocumentLabels:
    return DocumentLabels(
        contents=translate("report.contents", language),
        skip=translate("report.skip", language),
        page=translate("sheet.page", language, page="{page}", pages="{pages}"),
        figures=translate("report.figures_list", language),
        tables=translate("report.tables_list", language),
    )


def _sections(edition: PublicView, findings: Sequence[Finding]) -> Iterator[Section]:
    """The chapters in the order they are read: what has happened, the figures, the introduction, the areas."""
    yield from summary_section(edition)
    yield from figures_section(edition)
    intro = _lines(edition.report.head.intro)
    if len(edition.report.head.intro) > _SHORT_INTRO:
        yield Section(
            translate("report.intro", edition.language), "introduction", (Paragraphs(intro),)
        )
    yield from chapters(edition)
    yield from amounts_section(edition)
    if findings:
        yield _findings(edition, findings)


def _front(edition: PublicView) -> Iterator[Block]:
    """What stands below the title: a short introduction, and what has happened, in a few lines."""
    head = edition.report.head
    if head.intro and len(head.intro) <= _SHORT_INTRO:
        yield Paragraphs(_lines(head.intro))
    yield FactList(tuple(_key_figures(edition)))
    if told := tuple(said(edition)):
        yield Paragraphs(told)


def _key_figures(edition: PublicView) -> Iterator[tuple[str, str]]:
    """How many, how many of them answered and finished, and the mean of all."""
    language, total = edition.language, edition.count(TOTAL)
    yield edition.report.template.leaf.label, str(total)
    if edition.asked_for:
        answered = translate("report.of", language, n=edition.answered(TOTAL), total=total)
        yield translate("report.answered", language), answered
    if edition.ends:
        yield (
            translate("report.done_head", language),
            translate("report.of", language, n=edition.done(TOTAL), total=total),
        )
    if (
        edition.scored
        and edition.shown
        and (mean := edition.mean(TOTAL, edition.shown)) is not None
    ):
        change = mean_change(edition, TOTAL)
        moved = f" ({change.words})" if isinstance(change, Trend) else ""
        yield translate("report.mean", language), edition.number(mean) + moved


def said(edition: PublicView) -> Iterator[str]:
    """What has happened, a sentence each."""
    language = edition.language
    if edition.scored and edition.before:
        moved = movement(edition)
        counts = {"up": len(moved.up), "down": len(moved.down), "still": len(moved.still)}
        yield translate("report.moved", language, date=edition.day(edition.before), **counts)
    if edition.silent:
        names = ", ".join(map(edition.report.area_name, edition.silent))
        yield translate("report.silent", language, areas=names)
    elif edition.asked:
        yield translate("report.all_submitted", language)


def _findings(edition: PublicView, findings: Sequence[Finding]) -> Section:
    """All findings, as the command line lists them."""
    language = edition.language
    labels = [(translate(f"book.{key}", language), share) for key, share in _FINDING_COLUMNS]
    rows = tuple(
        TableRow(
            (
                translate(f"book.{f.severity}", language),
                f.where(),
                f.message(language),
                f.fix(language),
                f.code,
            )
        )
        for f in findings
    )
    columns = tuple(
        TableColumn(label, share, head=k == 1) for k, (label, share) in enumerate(labels)
    )
    title = translate("book.findings", language)
    table = Table(
        f"{title}: {len(rows)}", translate("report.findings_text", language), columns, rows
    )
    return Section(title, "findings", (table,), page=True)


_FINDING_COLUMNS = (
    ("severity", 0.08),
    ("where", 0.24),
    ("says", 0.34),
    ("fix", 0.27),
    ("code", 0.07),
)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split("\n") if line.strip())
