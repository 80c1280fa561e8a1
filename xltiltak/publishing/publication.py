"""From an appendix to what people read: every format set from the same edition, all files or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from xltiltak.flows import check, read_plan
from xltiltak.model import files
from xltiltak.model.errors import ForeignWorkbook, OutputError, PlanError
from xltiltak.model.finding import Finding, sort_findings
from xltiltak.model.register import Register
from xltiltak.model.summary import measure_nodes
from xltiltak.publishing.compose import PLAIN, document_of, said
from xltiltak.publishing.document import Content, Document, Style, Trend
from xltiltak.publishing.public_view import PublicView, public_view
from xltiltak.publishing.publication_rules import personal_data, unprintable, unwritable
from xltiltak.publishing.style import find_style

_SIGNS = {"up": "▲", "down": "▼", "same": "■"}


@dataclass(frozen=True)
class Publication:
    """What is to be published: the register it comes from, what of it is for all, and how it looks.

    `told` are the findings of the round, for a chapter of their own. `letterhead` is a Word template, empty for our
    own. `formats` are the endings of the files that are asked for.
    """

    register: Register
    view: PublicView
    told: tuple[Finding, ...] = ()
    style: Style = PLAIN
    letterhead: bytes = b""
    formats: frozenset[str] = frozenset()

    @cached_property
    def document(self) -> Document:
        """The document that web page, Word and PDF set."""
        return document_of(self.view, self.told, self.style)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What there is to tell before it is published: cells that could not be read, and what `unfit` tells."""
        return (*sort_findings(self.register.findings), *self.rule_findings)

    @cached_property
    def rule_findings(self) -> tuple[Finding, ...]:
        """What may not be for all to read, or cannot be shown in the formats that are asked for."""
        found = list(sort_findings(personal_data(self.view.report)))
        if ".pdf" in self.formats:
            found.extend(unprintable(self.document))
        if self.formats & {".html", ".docx"}:
            found.extend(unwritable(self.document))
        return tuple(found)


def _html(publication: Publication) -> bytes:
    from xltiltak.publishing.html import render

    return render(publication.document)


def _pdf(publication: Publication) -> bytes:
    from xltiltak.publishing.pdf import render

    return render(publication.document)


def _docx(publication: Publication) -> bytes:
    from xltiltak.publishing.docx import render

    return render(publication.document, publication.letterhead)


def _xlsx(publication: Publication) -> bytes:
    from xltiltak.publishing.rows import change
    from xltiltak.sheets.published import write_published

    edition = publication.view
    asked = (
        publication.register.report.head.current
    )  # it says whether the areas are told to have answered
    report = replace(
        edition.report, head=replace(edition.report.head, language=edition.language, current=asked)
    )
    changes = {node.ref: _worded(change(edition, node)) for node in measure_nodes(report)}
    returned = frozenset(report.area_refs).difference(edition.silent)
    return write_published(report, returned, progress_texts=tuple(said(edition)), changes=changes)


def _worded(moved: Content) -> str:
    """A change as a cell holds it, with a sign before its word."""
    return f"{_SIGNS[moved.direction]} {moved.words}" if isinstance(moved, Trend) else str(moved)


def _csv(publication: Publication) -> bytes:
    from xltiltak.publishing.data import csv_of

    return csv_of(publication.view)


def _json(publication: Publication) -> bytes:
    from xltiltak.publishing.data import json_of

    return json_of(publication.view)


FORMATS: Mapping[str, Callable[[Publication], bytes]] = {
    ".html": _html,
    ".docx": _docx,
    ".pdf": _pdf,
    ".xlsx": _xlsx,
    ".csv": _csv,
    ".json": _json,
}
"""How each format is made, by the ending of a file's name."""


def prepare(
    appendix: Path,
    *,
    language: str = "",
    with_findings: bool = False,
    letterhead: Path | None = None,
    targets: Sequence[Path] = (),
) -> Publication:
    """What is to be published of an appendix, and what there is to tell before it is; `targets` are its files.

    Raises PlanError, WorkbookError, TemplateError for a style.toml that cannot be used.
    """
    register = _read(appendix)
    edition = public_view(register, language)
    style = find_style(appendix, register.report.template.id)
    told = _for_readers(register, check([appendix]).findings) if with_findings else ()
    head = files.read(letterhead) if letterhead else b""
    return Publication(
        register, edition, told, style, head, frozenset(target.suffix.lower() for target in targets)
    )


def _read(appendix: Path) -> Register:
    """The register of an appendix. Raises PlanError for a form, and for a workbook that holds none."""
    try:
        return read_plan(appendix)
    except ForeignWorkbook as error:
        raise PlanError("no_appendix", file=appendix.name) from error
    except PlanError as error:
        if error.key == "a_form":
            raise PlanError("form_for_appendix", file=appendix.name) from error
        raise


def check_targets(targets: Sequence[Path], *, force: bool, sources: Iterable[Path] = ()) -> None:
    """Raises OutputError for a format that there is not, a file that would be overwritten, and one that is a source."""
    read = {source.resolve() for source in sources}
    for target in targets:
        if target.resolve() in read:
            raise OutputError("own_source", file=target.name)
        if target.suffix.lower() not in FORMATS:
            raise OutputError(
                "no_format", file=target.name, suffix=target.suffix, there=", ".join(FORMATS)
            )
    files.refuse_existing(targets, force=force)


def publish(
    publication: Publication, targets: Sequence[Path], *, force: bool = False
) -> tuple[Path, ...]:
    """Write the files, all or none. Raises OutputError."""
    check_targets(targets, force=force)
    return files.write(
        {target: FORMATS[target.suffix.lower()](publication) for target in targets}, force=force
    )


def _for_readers(register: Register, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings but for those about fields for internal use."""
    report = register.report
    levels = {node.ref: node.level for node in report.nodes}
    hidden = {
        (level.id, f.id)
        for level in report.template.levels
        for f in report.template.fields_of(level.id)
        if f.audience != "all"
    }
    return tuple(f for f in findings if (levels.get(f.ref), f.field) not in hidden)
