"""The list of amounts and budget references that stand in the texts of a report; never a sum."""

from __future__ import annotations

from collections.abc import Iterator

from xltiltak.model.amounts import ListedMention, list_mentions
from xltiltak.model.language import grouped_number, translate
from xltiltak.publishing.document import Paragraphs, Section, Table, TableColumn, TableRow
from xltiltak.publishing.public_view import PublicView

_COLUMNS = (
    ("area", 0.2),
    ("where", 0.24),
    ("as_written", 0.16),
    ("kroner", 0.12),
    ("around", 0.28),
)


def amounts_section(edition: PublicView) -> Iterator[Section]:
    """A row for each amount and reference, in the order they stand; nothing where the template lists none."""
    rows = tuple(TableRow(_cells(edition, one)) for one in list_mentions(edition.report))
    if not rows:
        return
    language = edition.language
    labels = [(translate(f"book.{key}", language), share) for key, share in _COLUMNS]
    columns = tuple(
        TableColumn(label, share, head=key == "where", numeric=key == "kroner")
        for (key, _), (label, share) in zip(_COLUMNS, labels, strict=True)
    )
    title, note = translate("book.amounts", language), translate("book.amounts_note", language)
    blocks = (Paragraphs((note,)), Table(f"{title}: {len(rows)}", note, columns, rows))
    yield Section(title, "amounts", blocks, page=True)


def _cells(edition: PublicView, one: ListedMention) -> tuple[str, ...]:
    """Where it stands, how it is written, what that is in kroner, and the words around it."""
    ref, value = one.slot.ref, one.mention.value
    kroner = "" if value is None else grouped_number(value, edition.language)
    area = edition.report.area_name(edition.report.area_of[ref])
    node = edition.report.by_ref[ref]
    if edition.called(node) == ref and node.parent:
        node = edition.report.by_ref[
            node.parent
        ]  # what has neither name nor number is known by what it stands in
    return (area, edition.called(node), one.mention.text, kroner, one.context)
