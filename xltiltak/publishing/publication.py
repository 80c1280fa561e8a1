"""Publish an appendix: every format is rendered from the same public view; all files or none.

`prepare` reads the appendix, `publish` writes the files. The formats for analysts are rendered
here: one long table as .csv, and the whole report as .json.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any

from xltiltak.flows import findings_of, read_plan
from xltiltak.model import files
from xltiltak.model.errors import (
    ForeignWorkbook,
    OutputError,
    OverLimit,
    PlanError,
    WorkbookError,
)
from xltiltak.model.field_types import field_type_of
from xltiltak.model.finding import Finding, sort_findings
from xltiltak.model.language import decimal_text
from xltiltak.model.register import Register
from xltiltak.model.report import Entry, Node, Slot
from xltiltak.model.summary import TOTAL, change_object, decimals_of, measure_nodes
from xltiltak.model.visible_text import visible
from xltiltak.publishing.compose import DEFAULT_STYLE, compose
from xltiltak.publishing.document import SIGNS, Document, Style
from xltiltak.publishing.filters import measure_filters
from xltiltak.publishing.measures import measure_change
from xltiltak.publishing.news import progress_texts
from xltiltak.publishing.public_view import PublicView, public_view
from xltiltak.publishing.published_text import personal_data, unprintable, unwritable
from xltiltak.publishing.style import find_style
from xltiltak.xlsx.package import DEFAULT_BOUNDS, Package

SCHEMA = 1
LETTERHEAD_BOUNDS = DEFAULT_BOUNDS._replace(file=32 << 20)  # it may have large pictures
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute such a text


@dataclass(frozen=True)
class Publication:
    """What is published: the register, its public view, and the look.

    `round_findings` are the findings of the round, for a chapter of their own. `letterhead` is the
    content of a Word template, empty for none. `formats` are the suffixes of the requested files.
    `open_errors` are the errors in the appendix that nobody has settled.
    """

    register: Register
    view: PublicView
    round_findings: tuple[Finding, ...] = ()
    style: Style = DEFAULT_STYLE
    letterhead: bytes = b""
    formats: frozenset[str] = frozenset()
    open_errors: tuple[Finding, ...] = ()

    @cached_property
    def document(self) -> Document:
        """The document that web page, Word and PDF render."""
        return compose(self.view, self.round_findings, self.style)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings to show before publishing: of reading, `open_errors`, `rule_findings`."""
        of_reading = self.register.findings
        errors = (error for error in self.open_errors if error not in of_reading)
        return (*sort_findings([*of_reading, *errors]), *self.rule_findings)

    @cached_property
    def rule_findings(self) -> tuple[Finding, ...]:
        """Personal data, and characters that a requested format cannot show."""
        found = list(sort_findings(personal_data(self.view.report)))
        if ".pdf" in self.formats:
            found.extend(unprintable(self.document))
        if self.formats & {".html", ".docx"}:
            found.extend(unwritable(self.document))
        return tuple(found)


def prepare(
    appendix: Path,
    *,
    language: str = "",
    with_findings: bool = False,
    letterhead: Path | None = None,
    targets: Sequence[Path] = (),
) -> Publication:
    """Return what an appendix publishes to `targets`, with the findings to show before.

    An empty `language` means that of the report. Raises PlanError for a file that is no appendix,
    WorkbookError for one that cannot be read, StyleError for an invalid style.toml.
    """
    register = _read_appendix(appendix)
    report = register.report
    found = findings_of(appendix, register)
    findings: tuple[Finding, ...] = ()
    if with_findings:
        hidden = _internal_fields(register)
        levels = {node.ref: node.level for node in report.nodes}
        findings = tuple(f for f in found if (levels.get(f.ref), f.field) not in hidden)
    return Publication(
        register,
        public_view(register, language),
        findings,
        find_style(appendix, report.template.id),
        read_letterhead(letterhead) if letterhead else b"",
        frozenset(target.suffix.lower() for target in targets),
        tuple(finding for finding in found if finding.severity == "error"),
    )


def read_letterhead(path: Path) -> bytes:
    """Return the content of a Word template, within the bounds of other files.

    Raises PlanError if it is no Word document, or larger than any letterhead.
    """
    content = files.read(path, LETTERHEAD_BOUNDS.file)
    try:
        Package(content, LETTERHEAD_BOUNDS, inside="word/")
    except OverLimit as error:
        values = {**error.values, "file": visible(path.name)}
        raise PlanError("large_letterhead", **values) from error
    except WorkbookError as error:
        raise PlanError("no_letterhead") from error
    return content


def _read_appendix(appendix: Path) -> Register:
    """Return the register of an appendix. Raises PlanError for a form or a foreign workbook."""
    try:
        return read_plan(appendix)
    except ForeignWorkbook as error:
        raise PlanError("no_appendix", file=visible(appendix.name)) from error
    except PlanError as error:
        if error.key == "plan_is_a_source" and isinstance(error.__cause__, ForeignWorkbook):
            raise PlanError("no_appendix", file=visible(appendix.name)) from error
        if error.key == "a_form":
            raise PlanError("form_for_appendix", file=visible(appendix.name)) from error
        raise


def _internal_fields(register: Register) -> set[tuple[str | None, str]]:
    """Return the internal fields, each as the ids of level and field."""
    template = register.report.template
    return {
        (level.id, field.id)
        for level in template.levels
        for field in template.fields_of(level.id)
        if field.audience != "all"
    }


def check_targets(targets: Sequence[Path], *, force: bool, sources: Iterable[Path] = ()) -> None:
    """Check that the files can be written, before any work is done.

    Raises OutputError for an unknown format, for an existing file without `force`, and for a file
    that is one of `sources`.
    """
    files.refuse_sources(targets, sources)
    for target in targets:
        suffix = target.suffix.lower()
        if suffix not in FORMATS:
            there = ", ".join(FORMATS)
            raise OutputError(
                "no_format", file=visible(target.name), suffix=target.suffix, there=there
            )
    files.refuse_existing(targets, force=force)


def publish(
    publication: Publication,
    targets: Sequence[Path],
    *,
    force: bool = False,
    on_file: Callable[[str], object] = str,
) -> tuple[Path, ...]:
    """Write the files, all or none; return their paths. Raises OutputError.

    `on_file` gets the name of each file before it is rendered.
    """
    check_targets(targets, force=force)
    contents: dict[Path, bytes] = {}
    for target in targets:
        on_file(target.name)
        contents[target] = FORMATS[target.suffix.lower()](publication)
    return files.write(contents, force=force)


def _html(publication: Publication) -> bytes:
    from xltiltak.publishing.html import render

    return render(publication.document, measure_filters(publication.view))


def _pdf(publication: Publication) -> bytes:
    from xltiltak.publishing.pdf import render

    return render(publication.document)


def _docx(publication: Publication) -> bytes:
    from xltiltak.publishing.docx import render

    return render(publication.document, publication.letterhead)


def _xlsx(publication: Publication) -> bytes:
    """Return the published workbook.

    The open date is that of the register: the workbook says which areas have answered.
    """
    from xltiltak.sheets.appendix import write_published

    view = publication.view
    current = publication.register.report.head.current
    head = replace(view.report.head, language=view.language, current=current)
    report = replace(view.report, head=head)
    changes = {node.ref: _change_text(view, node) for node in measure_nodes(report)}
    report = report.at_date(view.report_date)
    answered = frozenset(report.area_refs).difference(view.unanswered_areas)
    texts = tuple(progress_texts(view))
    return write_published(report, answered, progress_texts=texts, changes=changes)


def _change_text(view: PublicView, node: Node) -> str:
    """Return a measure's change as text, with a sign before its words."""
    change = measure_change(view, node)
    if isinstance(change, str):
        return change
    return f"{SIGNS.get(change.direction, '')} {change.words}".strip()


def _csv(publication: Publication) -> bytes:
    return render_csv(publication.view)


def _json(publication: Publication) -> bytes:
    return render_json(publication.view)


FORMATS: Mapping[str, Callable[[Publication], bytes]] = {
    ".html": _html,
    ".docx": _docx,
    ".pdf": _pdf,
    ".xlsx": _xlsx,
    ".csv": _csv,
    ".json": _json,
}
"""The function that renders each format, by the suffix of the file."""


def render_csv(view: PublicView) -> bytes:
    """Return a row for each slot, as Excel reads it: semicolons, UTF-8 with a byte order mark.

    An apostrophe is put before texts that a spreadsheet would take for a formula. If the template
    has deadlines, the column `late` is 1 beside one that has passed unfinished, else 0.
    """
    target = StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    has_deadlines = any(field.due for field in view.report.template.fields)
    writer.writerow((*Entry._fields, "late") if has_deadlines else Entry._fields)
    late = frozenset(view.report.overdue.values())
    for entry in view.report.entries(lambda field: field.audience == "all"):
        is_late = Slot(entry.ref, entry.field, entry.date) in late
        cells = list(_csv_row(_marked_entry(view, entry), view.language))
        writer.writerow([*cells, str(int(is_late))] if has_deadlines else cells)
    return target.getvalue().encode("utf-8-sig")


def _marked_entry(view: PublicView, entry: Entry) -> Entry:
    """Return an entry whose text says if its step was carried on."""
    is_carried = Slot(entry.ref, entry.field, entry.date) in view.report.carried
    return entry._replace(value=view.carried_text(entry.value or "")) if is_carried else entry


def _csv_row(entry: Entry, language: str) -> Iterator[str]:
    """Yield the cells of a row. Numbers have the decimal sign of the language."""
    for value in entry[:-1]:
        text = "" if value is None else str(value)
        yield f"'{text}" if text.startswith(_FORMULA_STARTS) else text
    yield "" if entry.number is None else decimal_text(entry.number, language)


def render_json(view: PublicView) -> bytes:
    """Return the report, its areas with their figures, and its nodes with their values."""
    report, head = view.report, view.report.head
    content = {
        "schema": SCHEMA,
        "report": {
            "template": report.template.id,
            "code": head.code,
            "organisation": head.organisation,
            "title": head.title,
            "year": head.year,
            "language": head.language,
            "dates": [str(day) for day in view.days],
            "case_number": head.case_number,
            "intro": head.intro,
        },
        "areas": [
            {"ref": ref, "name": report.area_name(ref), **_figures(view, ref)}
            for ref in report.area_refs
        ],
        "total": _figures(view, TOTAL),
        "nodes": [_node(view, node) for node in report.nodes],
    }
    return (json.dumps(content, ensure_ascii=False, indent=2, default=str) + "\n").encode()


def _figures(view: PublicView, ref: str) -> dict[str, Any]:
    """Return counts and means. A mean is the text that is printed, None if nobody answered."""
    standing = view.standings[ref]
    figures: dict[str, Any] = {
        "measures": standing.measures,
        "asked": standing.asked,
        "answered": standing.answered,
    }
    if view.defines_done:
        figures["finished"] = standing.finished
    if any(field.due for field in view.report.template.fields):
        areas = [view.report.area_of[late] for late in view.report.overdue]
        figures["late"] = len(areas) if ref == TOTAL else areas.count(ref)
    if view.scored and view.previous_date:
        figures["change"] = change_object(standing, decimals_of(view.report))
    if view.is_open and ref != TOTAL:
        figures["submitted"] = ref not in view.unanswered_areas
    if view.scored:
        figures["means"] = {str(day): _text_or_none(view.mean(ref, day)) for day in view.days}
    return figures


def _node(view: PublicView, node: Node) -> dict[str, Any]:
    """Return a node with its values by field; values of fields with dates by date.

    Properties that are None are left out.
    """
    values: dict[str, Any] = {}
    for field in view.fields(node.level):
        field_type = field_type_of(field, view.report.template)
        for day in view.days if field.per_checkpoint else (None,):
            value = view.report.values.get(Slot(node.ref, field.id, day))
            if value is None:
                continue
            json_value = field_type.to_json(value)
            if day is None:
                values[field.id] = json_value
            else:
                values.setdefault(field.id, {})[str(day)] = json_value
    properties = {
        "ref": node.ref,
        "level": node.level,
        "parent": node.parent,
        "group": node.group,
        "first": _text_or_none(node.first),
        "last": _text_or_none(node.last),
    }
    present = {name: value for name, value in properties.items() if value is not None}
    fields = [f.id for f in view.fields(node.level)]
    carried = [f for f in fields if Slot(node.ref, f, view.report_date) in view.report.carried]
    late = view.report.overdue.get(node.ref)
    return {
        **present,
        "values": values,
        **({"carried": carried} if carried else {}),
        **({"late": late.field} if late else {}),
    }


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)
